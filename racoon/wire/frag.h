/* SPDX-License-Identifier: ISC */
/*
 * The fragment payload of IKEv1, an extension of Cisco's: one piece of a whole
 * message, header included, behind a header of its own.
 */
#ifndef RACOON_WIRE_FRAG_H
#define RACOON_WIRE_FRAG_H

#include "base/err.h"
#include "libipsec/buf.h"
#include "libipsec/view.h"

struct fragment {
	uint16_t	id;		/* of the message, as the sender likes */
	uint8_t		index;		/* from 1 */
	bool		last;
	struct view	data;		/* never empty */
};

/* Wants the body without the generic header.  E_PAYLOAD: cut short, index 0,
 * or nothing in it. */
enum err	 fragment_get(struct view body, struct fragment *) MUST_CHECK;
void		 fragment_put(struct buf *, const struct fragment *);

#endif
