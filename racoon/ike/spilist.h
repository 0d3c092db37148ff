/* SPDX-License-Identifier: ISC */
/*
 * Between two of ours, which say so by a vendor ID: each tells the other which
 * pairs of SAs it has, under the IKE SA.  What one of them lacks goes on the
 * other side, too, so that the kernel asks for a new pair.
 */
#ifndef RACOON_IKE_SPILIST_H
#define RACOON_IKE_SPILIST_H

#include "ike/limit.h"

struct notify_payload;
struct sa;

struct spilist_asked {			/* in struct sa */
	uint32_t	 number;	/* of our last question */
	uint32_t	 seen;		/* the highest of the peer's */
	unsigned int	 tries;		/* questions without an answer */
	uint64_t	 asked;		/* ms: the first of them */
	uint64_t	 back;		/* ms: asked since a question of the
					   peer differed; 0: answered */
	struct bucket	 answers;
};

/* Does the peer know these lists?  And are they wanted here: `liveness'? */
bool		 spilist_possible(const struct sa *);
/* Asks, once more if the last question is open; with the answer
 * up->sa_agrees() is called. */
void		 spilist_ask(struct sa *);
/* A notification SPI-LIST, or the ANSWER to one. */
void		 spilist_got(struct sa *, const struct notify_payload *,
		    bool answer);

#endif
