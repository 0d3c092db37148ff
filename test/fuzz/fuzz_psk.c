/* SPDX-License-Identifier: ISC */
/*
 * psk.txt.  The first line is the identifier that is looked for, the rest is
 * the file.  What is found has a line and a bound.
 */
#include <assert.h>

#include "conf/psk.h"
#include "test/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct view text = view_of(data, n), id;
	const uint8_t *nl = n == 0 ? NULL : memchr(data, '\n', n);
	unsigned int line = 0;
	struct buf key;
	enum err r;

	id = view_take(&text, nl == NULL ? n : (size_t)(nl - data));
	buf_init(&key, PSK_MAX);
	r = psk_find(text, id, &key, &line);
	assert((r == OK) == (key.n > 0) && key.n <= PSK_MAX);
	assert(r == OK || r == E_FILE || r == E_NOPSK);
	assert((r == E_NOPSK) == (line == 0));
	buf_fini(&key);
	return 0;
}
