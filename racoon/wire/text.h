/* SPDX-License-Identifier: ISC */
/*
 * Text for the log that grows in a fixed array, from numbers of ours and
 * bytes of a peer.  Always terminated; what does not fit is left out.
 */
#ifndef RACOON_WIRE_TEXT_H
#define RACOON_WIRE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "libipsec/view.h"

struct text {
	char		*p;
	size_t		 n;		/* characters so far */
	size_t		 size;		/* of the array */
	bool		 full;		/* something was left out */
};

/* Empty text in the array OUT of SIZE bytes; SIZE may be 0. */
void		 text_init(struct text *, char *out, size_t size);
void		 text_add(struct text *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
/*
 * Appends bytes of a peer: printable ASCII as it is, but a backslash before
 * those in ESCAPE and before a backslash; all else as \xNN.
 */
void		 text_add_bytes(struct text *, struct view, const char *escape);
void		 text_add_hex(struct text *, struct view);
/* Takes back what was added since the copy BEFORE was made. */
void		 text_back(struct text *, const struct text *before);
/* Ends the text with "..." if something was left out. */
void		 text_end(struct text *);

#endif
