/* SPDX-License-Identifier: ISC */
/*
 * The pre-shared key file as text: rules in doc/COMPATIBILITY.md and
 * racoon.conf(5).  Pure; who reads the file checks owner and mode first.
 */
#ifndef RACOON_CONF_PSK_H
#define RACOON_CONF_PSK_H

#include "base/err.h"
#include "libipsec/buf.h"
#include "libipsec/view.h"

#define PSK_MAX		1024		/* bytes of a key */

/*
 * The key of the first line in TEXT whose identifier is ID (or "*").
 * KEY is overwritten.  E_NOPSK: no such line (an empty ID never has one);
 * E_FILE: the line's hex key is malformed; E_LIMIT: KEY is too small (*line
 * tells which).  LINE may be NULL.
 */
enum err	 psk_find(struct view text, struct view id, struct buf *key,
		    unsigned int *line) MUST_CHECK;

/*
 * The same for many look-ups in one text: where each identifier's first line
 * is.  TEXT must stay as and where it is.
 */
struct psk_index;
struct psk_index *psk_index_new(struct view text);
void		 psk_index_free(struct psk_index *);	/* NULL is allowed */
enum err	 psk_index_find(const struct psk_index *, struct view id,
		    struct buf *key, unsigned int *line) MUST_CHECK;

/*
 * Tells of the first 20 lines that are most likely not meant as they are:
 * nobody matches them, they have no key, or the key has a blank at its end.
 * Never what the key is.
 */
typedef void	 psk_teller(void *ctx, unsigned int line, const char *text);
void		 psk_check(struct view text, psk_teller *, void *ctx);

#endif
