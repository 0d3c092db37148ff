/* SPDX-License-Identifier: ISC */
/*
 * psk.txt.  The first line is the identifier that is looked for, the rest is
 * the file.  What is found has a line and a bound, and the index finds the
 * same.
 */
#include <assert.h>

#include "conf/psk.h"
#include "test/fuzz/fuzz.h"

static void
count(void *ctx, unsigned int line, const char *text)
{
	unsigned int *n = ctx;

	assert(line > 0 && text[0] != '\0');
	++*n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct view text = view_of(data, n), id;
	const uint8_t *nl = n == 0 ? NULL : memchr(data, '\n', n);
	unsigned int line = 0, indexed = 0, faults = 0;
	struct psk_index *x;
	struct buf key, other;
	enum err r;

	id = view_take(&text, nl == NULL ? n : (size_t)(nl - data));
	buf_init(&key, PSK_MAX);
	r = psk_find(text, id, &key, &line);
	assert((r == OK) == (key.n > 0) && key.n <= PSK_MAX);
	assert(r == OK || r == E_FILE || r == E_NOPSK);
	assert((r == E_NOPSK) == (line == 0));
	buf_init(&other, PSK_MAX);
	x = psk_index_new(text);
	assert(psk_index_find(x, id, &other, &indexed) == r);
	assert(indexed == line);
	assert(view_equal(buf_view(&key), buf_view(&other)));
	psk_check(text, count, &faults);
	assert(faults <= 20);
	psk_index_free(x);
	buf_fini(&other);
	buf_fini(&key);
	return 0;
}
