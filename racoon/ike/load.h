/* SPDX-License-Identifier: ISC */
/*
 * How much there is to compute, and what may yet begin.
 *
 * A negotiation that waits longer for our processor than its peer waits for us
 * was in vain, and begins again: when very many start at once on a slow one,
 * none ever ends.  So what has begun is finished, and what would begin is put
 * off while more is to be done than fits into a moment: its peer repeats it,
 * which costs nothing.
 */
#ifndef RACOON_IKE_LOAD_H
#define RACOON_IKE_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "ike/limit.h"

struct ike;
struct job;

struct load {
	unsigned int	jobs;		/* out; not those that wait for others */
	uint32_t	each;		/* us that one takes, once `known' */
	bool		known;
	uint64_t	mark;		/* ms: until when `busy' is counted */
	uint32_t	busy, done;	/* ms, jobs: since `each' was taken */
	struct bucket	 admitted;
};

/* A job goes out; it is back. */
void		 load_out(struct ike *, const struct job *);
void		 load_back(struct ike *, const struct job *);
/* ms that one more job would wait for its result, about. */
uint64_t	 load_wait(const struct ike *);
/* Has a negotiation between these addresses to wait that was not worked for
 * yet?  UNDER_SA: of phase 2, the work for phase 1 is done. */
bool		 load_defers(struct ike *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote, bool under_sa);
/* When what we would begin is tried again: about when there is room, and not
 * all of it at the same time. */
uint64_t	 load_again(struct ike *);
/* It is; may one more be now?  What was let in shows as work when the peer has
 * answered, so there is a limit to the rate of it, too. */
bool		 load_admits(struct ike *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);

#endif
