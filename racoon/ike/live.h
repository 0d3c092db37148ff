/* SPDX-License-Identifier: ISC */
/*
 * Liveness of pairs: outbound bytes move, inbound ones do not.  Then the peer
 * is asked, and the pair renegotiated: see racoon.conf(5) liveness.
 */
#ifndef RACOON_IKE_LIVE_H
#define RACOON_IKE_LIVE_H

#include <stdbool.h>
#include <stdint.h>

struct child;
struct ike;
struct remote;
struct sa;
struct sainfo;

struct live {				/* in struct child */
	uint64_t	 limit;		/* ms of silence; 0: not watched */
	uint64_t	 up;		/* ms: when the pair came up */
	uint64_t	 since;		/* ms: bytes go out and none come since
					   then; 0: all is well */
	unsigned int	 moves;		/* looks since then that saw bytes go */
	uint64_t	 waits;		/* ms: until then for the answer to
					   dpd_probe(); 0: not */
	bool		 broken;	/* given up: its successor takes over
					   without delay */
	uint64_t	 next;		/* ms: nothing is done about it before */
	uint64_t	 repaired;	/* ms: it, or what it replaces, was; or 0 */
	uint32_t	 gap;		/* ms: between repairs that are no help */
	uint32_t	 pause;		/* ms: between lists that say all is well */
};

void		 live_init(struct ike *);
void		 live_stop(struct ike *);
/* Watches the child as the remote and sainfo block say; the latter may be
 * NULL. */
void		 live_set(struct child *, const struct remote *,
		    const struct sainfo *);
/* It is up: the first of them starts the clock. */
void		 live_up(struct child *);
/* The peer answered dpd_probe(): what has been silent is renegotiated. */
void		 live_answered(struct sa *);
/* The peer's list and ours are the same now. */
void		 live_agrees(struct sa *);

#endif
