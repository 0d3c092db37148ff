/* SPDX-License-Identifier: ISC */
/*
 * Dead peer detection, RFC 3706: asks a peer that was not heard for a while
 * whether it is there, and takes everything down that we have with one that is
 * not.  It never makes SAs: one negotiation later brings the peer back.
 */
#ifndef RACOON_IKE_DPD_H
#define RACOON_IKE_DPD_H

#include "base/timer.h"

struct notify_payload;
struct sa;

struct dpd {				/* in struct sa */
	struct timer	 timer;
	uint32_t	 number;	/* of our last question */
	uint32_t	 answered;	/* the highest number that was answered */
	unsigned int	 tries;		/* questions without an answer */
	uint64_t	 asked;		/* ms: the first of these */
	bool		 doubts;	/* asked on behalf of ike/live.h */
	bool		 dead;
};

/* The SA is up: peers are asked as racoon.conf(5) dpd_delay says. */
void		 dpd_start(struct sa *);
/* Can the peer be asked?  It said so, and `dpd' is on. */
bool		 dpd_possible(const struct sa *);
/* Asks at once on behalf of liveness, unless that is going on; with the answer
 * up->sa_answered() is called. */
void		 dpd_probe(struct sa *);
/* R-U-THERE-ACK came. */
void		 dpd_answer(struct sa *, const struct notify_payload *);

#endif
