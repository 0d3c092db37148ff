/* SPDX-License-Identifier: ISC */
/*
 * The body of an SA payload.  What was understood is written again twice, as
 * it came and from the fields, and must then read the same.
 */
#include <assert.h>
#include <stdlib.h>

#include "test/fuzz/fuzz.h"
#include "wire/sa.h"

/* Everything but where it came from. */
static void
same_transform(const struct transform *a, const struct transform *b)
{
	assert(memcmp(a, b, offsetof(struct transform, raw)) == 0);
	assert(view_equal(a->gss_id, b->gss_id));
}

static void
same_proposal(const struct proposal *a, const struct proposal *b)
{
	assert(a->number == b->number && a->proto == b->proto);
	assert(a->first == b->first && a->n == b->n);
	assert(a->spi_len == b->spi_len);
	assert(memcmp(a->spi, b->spi, sizeof(a->spi)) == 0);
}

/* A transform that we do not understand cannot be written from its fields. */
static void
check_again(const struct sa_payload *sa, bool raw)
{
	struct sa_payload *again = calloc(1, sizeof(*again));
	unsigned int i;
	struct buf b;

	assert(again != NULL);
	buf_init(&b, 1 << 20);
	sa_put(&b, sa);
	assert(buf_ok(&b));
	assert(sa_get(buf_view(&b), again) == OK);
	assert(again->nproposal == sa->nproposal);
	assert(again->ntransform == sa->ntransform);
	for (i = 0; i < sa->nproposal; i++)
		same_proposal(&sa->proposal[i], &again->proposal[i]);
	for (i = 0; i < sa->ntransform; i++)
		if (raw || !sa->transform[i].unknown)
			same_transform(&sa->transform[i],
			    &again->transform[i]);
	buf_fini(&b);
	free(again);
}

static void
check_text(uint8_t proto, const struct transform *t)
{
	char text[200], tiny[8];
	size_t i;

	sa_transform_print(proto, t, text, sizeof(text));
	assert(strlen(text) > 5 && strlen(text) < sizeof(text));
	for (i = 0; text[i] != '\0'; i++)
		assert(text[i] >= 0x20 && text[i] <= 0x7e);
	sa_transform_print(proto, t, tiny, sizeof(tiny));
	assert(strlen(tiny) < sizeof(tiny));
}

/* What is read as UTF-16LE is written as the same bytes. */
static void
check_gss_id(struct view id, bool wide)
{
	struct buf text;
	size_t i;

	buf_init(&text, 300);
	if (sa_gss_id(id, wide, &text) == OK) {
		assert(text.n == (wide ? id.n / 2 : id.n) && text.n <= 300);
		for (i = 0; i < text.n; i++)
			assert(text.p[i] == id.p[wide ? 2 * i : i]);
	}
	buf_fini(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sa_payload *sa = malloc(sizeof(*sa));
	const struct proposal *p;
	unsigned int i, j;

	assert(sa != NULL);
	if (sa_get(view_of(data, n), sa) == OK) {
		for (i = 0; i < sa->nproposal; i++) {
			p = &sa->proposal[i];
			for (j = 0; j < p->n; j++)
				check_text(p->proto,
				    &sa->transform[p->first + j]);
		}
		for (i = 0; i < sa->ntransform; i++) {
			check_gss_id(sa->transform[i].gss_id, false);
			check_gss_id(sa->transform[i].gss_id, true);
		}
		check_again(sa, true);
		for (i = 0; i < sa->ntransform; i++)
			sa->transform[i].raw.n = 0;
		check_again(sa, false);
	}
	free(sa);
	return 0;
}
