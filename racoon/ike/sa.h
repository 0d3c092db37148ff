/* SPDX-License-Identifier: ISC */
/*
 * An IKE SA (RFC 2408's ISAKMP SA): identity, keys, what the peer can do; and
 * the peer, an address with which we have such SAs, wants and children.
 */
#ifndef RACOON_IKE_SA_H
#define RACOON_IKE_SA_H

#include "crypto/alg.h"
#include "ike/backoff.h"
#include "ike/dpd.h"
#include "ike/engine.h"
#include "ike/keys.h"
#include "ike/msgid.h"
#include "ike/spilist.h"
#include "libipsec/addr.h"
#include "wire/isakmp.h"
#include "wire/vid.h"

struct auth;
struct exchange;
struct flow;
struct frag_set;

#define SA_KNOWN_MS	500u	/* what is up here so long, the peer has heard of:
				   unless a message was lost */

enum sa_state {
	SA_NEGOTIATING,
	SA_READY,
	SA_DYING		/* a better one exists: no new exchanges of ours */
};

struct sa_cookies {
	uint8_t		i[ISAKMP_COOKIE_LEN], r[ISAKMP_COOKIE_LEN];
};

/* How a responder knows a repeated first message. */
struct sa_first {
	uint8_t		i[ISAKMP_COOKIE_LEN];
	struct ipsec_addr remote;
};

/* What was agreed upon in phase 1. */
struct sa_suite {
	const struct alg_cipher *cipher;
	const struct alg_hash *hash;
	const struct alg_group *group;
	const struct auth *auth;
	uint16_t	key_bits;
	uint32_t	life_secs;	/* 0: for ever */
};

struct sa {
	struct ike	*ike;
	uint64_t	 serial;
	const struct conf *conf;	/* the snapshot it was born with */
	const struct remote *remote_conf;
	enum sa_state	 state;
	bool		 initiator;
	uint8_t		 etype;		/* of the phase 1 that made it */
	uint8_t		 allowance;	/* see struct flow */
	bool		 authentic;	/* the peer proved who it is */
	bool		 complained;	/* about an unreadable message */
	struct sa_cookies cookies;
	struct sa_first	 first;		/* responder only */
	struct ipsec_addr local, remote;
	struct ipsec_addr seen_local, seen_remote; /* of the last datagram */
	struct sa_suite	 suite;
	struct keys	 keys;
	uint8_t		 iv[BLOCK_LEN_MAX]; /* last block of phase 1 */
	struct buf	 peer_id;	/* body of the peer's ID payload */
	struct buf	 own_id;	/* of ours; empty: not said yet, or by the
					   racoon before */
	struct buf	 peer_cert;	/* DER; empty: none was used */
	uint32_t	 vids;		/* bits of enum vid that came */
	bool		 frag_peer;	/* takes IKE fragments */
	struct frag_set	*frags;		/* messages on their way, see frag.h */
	enum vid	 natt;		/* the variant in use, VID_UNKNOWN: none */
	bool		 nat_local, nat_remote; /* who is behind a NAT */
	uint64_t	 began, ready;	/* ms */
	uint64_t	 heard;		/* ms: the last that proved itself */
	bool		 doubted;	/* dying because the peer is silent */
	uint64_t	 bytes_in, bytes_out; /* while not authentic */
	struct msgids	 quick_ids;	/* of every quick mode, ours too */
	struct msgids	 info_ids;	/* of informational messages, lately */
	uint32_t	 dpd_seen;	/* the peer's highest R-U-THERE */
	struct dpd	 dpd;		/* ours */
	struct spilist_asked lists;	/* SPIs compared, see spilist.h */
	struct timer	 timer;		/* what `when_due' is for */
	struct timer	 keepalive;
	struct exchange	*exchanges;	/* list */
	unsigned int	 nexchanges;
	struct peer	*peer;
	struct sa	*prev, *next;	/* in the peer's list, newest first */
	UT_hash_handle	 hh, hh_first;
};

struct child;
struct want;

/* An address that we talk to (port 0).  Lives while anything hangs on it. */
struct peer {
	struct ike	*ike;
	struct ipsec_addr addr;
	struct sa	*sas;
	unsigned int	 nsas;
	struct child	*children;
	unsigned int	 nchildren;
	struct want	*wants;
	struct backoff	 backoff;	/* it did not answer */
	bool		 contacted;	/* we sent it INITIAL-CONTACT, or must
					   not: its SAs with us are good */
	uint64_t	 called;	/* ms: an IKE SA was begun because it
					   used one that we do not have */
	UT_hash_handle	 hh;
};

/* NAT-T is in use: UDP encapsulation is needed. */
bool		 sa_behind_nat(const struct sa *);

/* Do both SAs lead to the same peer?  Many may share a NAT's address, so it is
 * the address and the identity of phase 1.  It knows each of our addresses as a
 * peer of its own, so that counts, too. */
bool		 sa_same_peer(const struct sa *, const struct sa *);
/* The peer's record, made when there is none. */
struct peer	*peer_get(struct ike *, const struct ipsec_addr *);
struct peer	*peer_find(struct ike *, const struct ipsec_addr *);
/* Forgets a peer with which nothing is going on any more. */
void		 peer_release(struct ike *, struct peer *);

/* A new SA with a random cookie of ours; CONF_REMOTE may be NULL yet. */
struct sa	*sa_new(struct ike *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote, bool initiator,
		    const uint8_t *icookie);
/* Frees the SA and its exchanges; tells nobody. */
void		 sa_free(struct sa *);
/* By both cookies; also an initiator's SA that has no responder cookie yet. */
struct sa	*sa_find(struct ike *, const struct sa_cookies *);
struct sa	*sa_find_first(struct ike *, const uint8_t *icookie,
		    const struct ipsec_addr *remote);
/* The peer of a responder's SA proved itself: it is half-open no more. */
void		 sa_authentic(struct sa *);
/* Takes over the responder's cookie from the first answer. */
void		 sa_set_rcookie(struct sa *, const uint8_t *rcookie);
/* The newest ready SA between the two addresses; LOCAL's family may be 0. */
struct sa	*sa_ready_with(struct ike *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);
/* One under negotiation that is worth waiting for. */
struct sa	*sa_coming_with(struct ike *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);
/*
 * Follows a peer behind a NAT to where its last datagram came from, which was
 * authentic and no replay.
 */
void		 sa_follow(struct sa *);
/* Talks to REMOTE from LOCAL from now on. */
void		 sa_move(struct sa *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);
/* The peer has not answered what was said SINCE: unless it has said something
 * else under this SA, that serves nothing new and gets a successor. */
void		 sa_doubt(struct sa *, uint64_t since);
/* Something came that proved itself: the end of all doubt. */
void		 sa_heard(struct sa *);
/* The peer, a responder, says how long the SA lives: less than was agreed. */
void		 sa_shorten(struct sa *, uint32_t secs);
/* An SA that was handed over: names it, and starts its clocks where they
 * were. */
void		 sa_set_cookies(struct sa *, const struct sa_cookies *);
void		 sa_resume(struct sa *, bool dying);
/* Gives up whatever exchanges run under it. */
void		 sa_drop_exchanges(struct sa *);
/* Phase 1 is done: starts the clocks of life time, re-key and keepalive. */
void		 sa_ready(struct sa *);
/* Ends an SA: event, log; TELL sends a DELETE.  Its children stay. */
void		 sa_end(struct sa *, enum err why, bool tell);
/* Ends the peer's other SAs that were up before SA's negotiation began; SA
 * serves again if one of them was to outlive it. */
void		 sa_end_older(struct sa *);
/*
 * One more quick mode with this id.  False: the SA has had as many as it may,
 * LIMIT_QUICK_IDS.  A successor is asked for before it comes to that.
 */
bool		 sa_quick_id_add(struct sa *, uint32_t msgid);
/* Tells the host what happened to the SA. */
void		 sa_event(const struct sa *, enum ike_event_type, enum err);

#endif
