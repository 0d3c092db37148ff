/* SPDX-License-Identifier: ISC */
/*
 * Peers that do not answer: when the next phase 1 may begin.  Requests of the
 * kernel wait until then, and are served at once when the peer is heard.
 */
#ifndef RACOON_IKE_BACKOFF_H
#define RACOON_IKE_BACKOFF_H

#include "base/timer.h"
#include "libipsec/ipsec.h"

struct ike;
struct peer;

/* The pair that a dead peer is wanted back for, in names. */
struct wanted {
	bool		 on;
	bool		 tried;		/* under an IKE SA that was up */
	bool		 any_port;	/* remote: whatever port the SA has */
	struct ipsec_selector sel;	/* outbound */
	struct ipsec_mark mark;
	uint32_t	 if_id;
	struct ipsec_addr local, remote; /* IKE addresses with ports */
};

struct backoff {
	uint64_t	 until;		/* ms: no phase 1 of ours before */
	unsigned int	 fails;		/* in a row */
	struct wanted	 wanted;
	struct timer	 timer;
};

void		 backoff_init(struct peer *);
/* May phase 1 with the peer not begin yet? */
bool		 backoff_waits(const struct peer *);
/* Phase 1 that we began got no answer: the next one waits, twice as long as
 * the last time, at most a minute, give or take a quarter. */
void		 backoff_failed(struct peer *);
/* The peer was found dead: a moment's pause, another one at each host. */
void		 backoff_begin(struct peer *);
/* The peer proved that it is there: nothing waits any more. */
void		 backoff_heard(struct peer *);
/* Has the record of the peer to be kept? */
bool		 backoff_keeps(const struct peer *);
/* The operator may have mended what made peers silent: forgets all. */
void		 backoff_reset(struct ike *);

#endif
