/* SPDX-License-Identifier: ISC */
/*
 * The engine's inside: what every file of this directory shares.  One struct
 * holds all state; nothing is global.
 */
#ifndef RACOON_IKE_ENGINE_H
#define RACOON_IKE_ENGINE_H

#include <uthash.h>

#include "base/timer.h"
#include "ike/ike.h"
#include "ike/limit.h"

struct child;
struct child_name;
struct exchange;
struct peer;
struct sa;
struct strays;
struct want;

/*
 * What lower files tell upper ones, so that calls within the engine otherwise
 * go one way: sa, exchange < info < child < quick, phase1 < want_run.
 */
struct ike_up {
	void	(*sa_up)(struct sa *);		/* wants can be served */
	void	(*sa_gone)(struct sa *, enum err);
	void	(*sa_ageing)(struct sa *);	/* time for a successor */
	/* The peer is not at OLD any more. */
	void	(*sa_moved)(struct sa *, const struct ipsec_addr *old);
	void	(*child_ageing)(struct ike *, struct child *);
	/* Phase 1 with the peer may begin again: its wants can run. */
	void	(*peer_due)(struct peer *);
	/* The peer that was asked for dpd_probe() is there. */
	void	(*sa_answered)(struct sa *);
	/* So is the one that was asked by spilist_ask(), which has what we have. */
	void	(*sa_agrees)(struct sa *);
	void	(*child_up)(struct child *);
	/* An IKE SA is needed, for nothing but to tell the peer something. */
	void	(*peer_called)(struct ike *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);
};

struct ike {
	const struct ike_up *up;
	const struct ike_ops *ops;
	void		*ctx;
	struct ipsec	*kernel;
	struct crypto	*crypto;
	const struct conf *conf;	/* the current one */
	uint64_t	 now;		/* ms, as of the last ike_tick() */
	uint64_t	 serial;		/* the last one given out */
	struct timers	 timers;
	struct ike_stats stats;
	bool		 stopping;

	struct sa	*by_cookies;	/* both cookies */
	struct sa	*by_first;	/* half-open responders, by initiator's
					   cookie and address, oldest first */
	struct peer	*peers;		/* by address */
	struct exchange	*exchanges;	/* by serial, for jobs */
	struct child	*children;	/* by serial */
	struct child_name *names;	/* by destination, protocol, SPI */
	struct want	*wants;		/* by serial, in order of arrival */
	struct frags	*frags;		/* messages in pieces */
	struct strays	*strays;	/* senders under unknown SPIs */
	struct genpol	*genpols;	/* generated policies, by selector */
	uint32_t	 gen_reqid;	/* the last one of level unique */
	uint64_t	 counted;	/* ms: the last counters_read(), */
	uint64_t	 traffic;	/* and ike_ops.traffic before it */
	struct timer	 poll;		/* the next of live.c */
	struct complaints complained;	/* log lines about strangers, */
	struct bucket	 complaints;	/* and how many a second */
	struct bucket	 notices;	/* answers to strangers */
	struct bucket	 calls;		/* of peers that use a lost IKE SA */
	uint64_t	 epoch;		/* ms: what `now' 0 was on the wall, at
					   the start */
	struct timer	 reconciling;	/* comparing with the kernel */
	struct timer	 adopting;	/* another look at what was found */
};

/* The next serial number; they are never used again. */
uint64_t	 ike_serial(struct ike *);
/* A random number of 0..n-1. */
uint32_t	 ike_random(struct ike *, uint32_t n);
/*
 * May a line about a stranger be logged now?  WHAT (an enum err, mostly) is
 * said of the same address once a minute.
 */
bool		 ike_may_complain(struct ike *, const struct ipsec_addr *,
		    unsigned int what);

#endif
