/* SPDX-License-Identifier: ISC */
/* Bytes of messages from hex text, for tests that build them by hand. */
#ifndef TEST_BYTES_H
#define TEST_BYTES_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/view.h"

#define BYTES_MAX	4096

struct bytes {
	size_t	n;
	uint8_t	p[BYTES_MAX];
};

/* Appends "0a0b 0c"; blanks are left out. */
static inline void
bytes_hex(struct bytes *b, const char *text)
{
	char pair[3] = "", *end;

	for (; *text != '\0'; text++) {
		if (*text == ' ')
			continue;
		pair[0] = *text++;
		pair[1] = *text;
		ck_assert_uint_lt(b->n, BYTES_MAX);
		b->p[b->n++] = (uint8_t)strtoul(pair, &end, 16);
		ck_assert_ptr_eq(end, pair + 2);
	}
}

static inline struct bytes
hex(const char *text)
{
	struct bytes b = { .n = 0 };

	bytes_hex(&b, text);
	return b;
}

static inline struct view
bytes_view(const struct bytes *b)
{
	return view_of(b->p, b->n);
}

/*
 * Hands every true prefix of V, in memory of just that size, to REFUSES,
 * which is to return false if it took one.
 */
static inline void
each_prefix(struct view v, bool (*refuses)(struct view))
{
	uint8_t *copy;
	size_t n;

	for (n = 0; n < v.n; n++) {
		copy = malloc(n > 0 ? n : 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, v.p, n);
		ck_assert_msg(refuses(view_of(copy, n)),
		    "the first %zu of %zu bytes were taken", n, v.n);
		free(copy);
	}
}

#endif
