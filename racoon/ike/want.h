/* SPDX-License-Identifier: ISC */
/*
 * Everything that wants a child: the kernel's ACQUIRE, a soft limit.  A want
 * waits for an IKE SA, then for its quick mode; the same want is never queued
 * twice.
 */
#ifndef RACOON_IKE_WANT_H
#define RACOON_IKE_WANT_H

#include "ike/propose.h"

struct child;

enum want_state {
	WANT_WAITING,			/* for an IKE SA */
	WANT_RUNNING			/* its quick mode runs */
};

struct want {
	struct ike	*ike;
	uint64_t	 serial;
	enum want_state	 state;
	struct plan	 plan;
	uint32_t	 seq;		/* the kernel's, 0: none */
	struct ipsec_addr local, remote; /* IKE addresses, ports */
	bool		 any_port;	/* remote: whatever port the SA has */
	uint64_t	 child;		/* serial of the child it replaces */
	uint64_t	 began;
	uint64_t	 exchange;	/* serial, while running */
	struct timer	 timer;		/* how long it waits for phase 1, */
	bool		 deferred;	/* or until it is tried again */
	struct peer	*peer;
	struct want	*prev, *next;	/* in the peer's list */
	UT_hash_handle	 hh;
};

/*
 * The peer of a plan: the far tunnel end, else where the packet goes, which
 * is what LOCAL and REMOTE say before.  Ports are 0 then.
 */
void		 want_peer(const struct plan *, struct ipsec_addr *local,
		    struct ipsec_addr *remote);
/* The kernel asks for SAs. */
void		 want_acquire(struct ike *, const struct ipsec_event *);
/* A policy of this plan has lost its SAs with REMOTE, which uses them yet.
 * Ports of 0: whatever port an IKE SA has, or a remote block says. */
void		 want_missing(struct ike *, const struct plan *,
		    const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);
/* A child's time is running out: negotiate its successor. */
void		 want_rekey(struct ike *, struct child *);
/* The wants that waited for this SA can run. */
void		 want_sa_ready(struct sa *);
/* SA is going: its waiting wants fail, unless another one serves them. */
void		 want_sa_gone(struct sa *, enum err);
/* Phase 1 with this peer may begin again. */
void		 want_peer_due(struct peer *);
/* One more in the table, waiting; NULL: there are too many. */
struct want	*want_new(struct ike *, const struct plan *, uint32_t seq,
		    const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);
struct want	*want_find(struct ike *, uint64_t serial);
/* The want for this traffic with this peer, or NULL. */
struct want	*want_same(struct ike *, const struct plan *,
		    const struct ipsec_addr *remote);
/* There is too much to compute: it is tried again a moment later. */
void		 want_defer(struct want *);
/* Satisfied, or no longer of interest. */
void		 want_done(struct want *);
/* Given up: a child that it was to replace tries again. */
void		 want_failed(struct want *);
/* What it was for is given up: the kernel may ask again with the next packet. */
void		 want_forget_acquire(const struct want *);
/* Larval SAs in the kernel whose ACQUIRE was lost. */
void		 want_resync(struct ike *);
void		 want_free_all(struct ike *);

/* The plan for an outbound policy; E_NOPOLICY: nothing to negotiate. */
enum err	 plan_of_policy(struct ike *, const struct ipsec_policy *,
		    struct plan *) MUST_CHECK;
/* Which of several policies with one selector: RFC 4301 knows nothing of it,
 * Linux has interfaces and marks. */
struct plan_scope {
	struct ipsec_mark mark;
	uint32_t	if_id;
};

/* Does a policy's selector cover all of S? */
bool		 plan_covers(const struct ipsec_selector *policy,
		    const struct ipsec_selector *s);
/* Is the policy of a plan one that a remote block is for? */
bool		 plan_in_scope(const struct remote *, const struct plan *);
/* plan_of_selector() with the scope of a remote block. */
enum err	 plan_for_remote(struct ike *, const struct remote *,
		    const struct ipsec_selector *, struct plan *) MUST_CHECK;
/* The plan for a selector (outbound), asked from the kernel. */
enum err	 plan_of_selector(struct ike *, const struct ipsec_selector *,
		    const struct plan_scope *, struct plan *) MUST_CHECK;

#endif
