/* SPDX-License-Identifier: ISC */
/*
 * Text that grows in somebody's memory.  Tables are long: this is many times
 * faster than stdio's formats.
 */
#ifndef LIBIPSEC_TEXT_H
#define LIBIPSEC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "libipsec/ipsec.h"

struct text {
	char	*p;
	size_t	 n, size;
	bool	 bad;			/* something did not fit */
};

/* In the SIZE bytes at P, of which the last one stays free for an end. */
static inline struct text
text_in(char *p, size_t size)
{
	return (struct text){ .p = p, .size = size };
}

static inline void
text_bytes(struct text *t, const char *p, size_t n)
{
	if (n >= t->size - t->n) {
		t->bad = true;
		return;
	}
	memcpy(t->p + t->n, p, n);
	t->n += n;
}

static inline void
text_put(struct text *t, const char *s)
{
	text_bytes(t, s, strlen(s));
}

static inline void
text_char(struct text *t, char c)
{
	text_bytes(t, &c, 1);
}

void	 text_number(struct text *, uint64_t);
/* "0x" and eight digits */
void	 text_hex(struct text *, uint32_t);
/* Without a zone; "-" for no address. */
void	 text_addr(struct text *, const struct ipsec_addr *);

#endif
