/* SPDX-License-Identifier: ISC */
/*
 * What the kernel counts of the children's SAs, as of the last look: when
 * bytes came, when some went.  One dump serves all children.
 */
#ifndef RACOON_IKE_COUNTERS_H
#define RACOON_IKE_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

struct child;
struct ike;
struct sa;

struct counters {
	uint64_t	 in, out;	/* sums over the protocols */
	uint64_t	 in_at, out_at;	/* ms: last seen to have moved; 0: never */
};

/* Looks, unless that was done just now or nothing can have moved.  False: the
 * kernel did not answer. */
bool		 counters_read(struct ike *);
/* When ESP or AH of the SA's peer was last seen, as of the last look, or 0. */
uint64_t	 counters_heard(const struct sa *);

#endif
