/* SPDX-License-Identifier: ISC */
/*
 * Reads scripts into memory.
 */
#include "setkey/source.h"

#include <errno.h>

#define CHUNK	(64u << 10)

int
source_read(FILE *f, struct buf *out)
{
	size_t before, n;
	uint8_t *p;

	do {
		before = out->n;
		if ((p = buf_room(out, CHUNK)) == NULL)
			return -EFBIG;
		n = fread(p, 1, CHUNK, f);
		if (n < CHUNK && ferror(f))
			return errno == 0 ? -EIO : -errno;
		buf_cut(out, before + n);
	} while (n == CHUNK || !feof(f));
	return 0;
}
