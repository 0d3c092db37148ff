/* SPDX-License-Identifier: ISC */
/*
 * Children: what we know of the IPsec SAs that we installed.  Names only
 * (protocols, SPIs, addresses, reqids): their state is the kernel's.  A child
 * may outlive its IKE SA (RFC 2409 5.5) when another one takes over.
 */
#ifndef RACOON_IKE_CHILD_H
#define RACOON_IKE_CHILD_H

#include "ike/counters.h"
#include "ike/live.h"
#include "ike/propose.h"

struct child;
struct genpol;

/* How the kernel names one SA; the key of the engine's table. */
struct child_key {
	struct ipsec_addr dst;		/* port 0 */
	uint32_t	spi;
	uint32_t	proto;		/* enum ipsec_proto */
};

struct child_name {
	struct child_key key;
	struct child	*child;
	bool		 inbound;
	bool		 installed;	/* in the kernel, and in the table */
	bool		 seen;		/* in a dump */
	bool		 dying;		/* there, past a soft limit */
	uint64_t	 counted;	/* there: bytes and packets */
	UT_hash_handle	 hh;
};

struct child {
	struct ike	*ike;
	uint64_t	 serial;
	bool		 initiator;
	bool		 up;		/* both directions are installed */
	bool		 rekeying;	/* a want for its successor exists, or
					   has been satisfied */
	unsigned int	 retries;	/* of wants that failed */
	bool		 superseded;
	bool		 adopted;	/* of a racoon before this one: whose it
					   is, an IKE SA will show */
	uint64_t	 unwanted;	/* ms: since when no policy wants it,
					   as far as is known; 0: one does */
	bool		 half;		/* one of its SAs is missing */
	bool		 asked;		/* for an IKE SA, to tell of its end */
	struct ipsec_addr local, remote; /* IKE addresses with ports */
	struct buf	 peer_id;	/* body of the peer's ID in phase 1 */
	struct ipsec_addr src, dst;	/* of the SAs: local, remote end */
	struct ipsec_selector sel;	/* outbound */
	bool		 narrow;	/* the policy is for more than that */
	struct ipsec_mark mark;
	uint32_t	 if_id;
	bool		 natt;		/* ESP goes in UDP */
	struct ipsec_addr oa;		/* the peer's original one, or none */
	uint32_t	 seq;
	uint32_t	 life_secs;
	uint32_t	 msgid;		/* of its quick mode; 0: adopted */
	uint16_t	 pfs_group;	/* 0: none, or adopted */
	uint16_t	 p1_group;	/* of its IKE SA; 0: adopted */
	uint64_t	 sa_serial;	/* that IKE SA */
	uint64_t	 created;	/* ms */
	unsigned int	 n;		/* protocols */
	struct child_name in[IPSEC_TMPL_MAX], out[IPSEC_TMPL_MAX];
	uint8_t		 mode[IPSEC_TMPL_MAX];
	uint32_t	 reqid_in[IPSEC_TMPL_MAX], reqid_out[IPSEC_TMPL_MAX];
	struct genpol	*genpol;	/* policies made for it, or NULL */
	struct child_later *later;	/* the outbound half, about to come */
	uint64_t	 began;		/* ms: its negotiation */
	uint64_t	 sa_began;	/* ms: that of its IKE SA; 0: adopted */
	struct counters	 counters;
	struct live	 live;
	struct timer	 timer;		/* for `later', the removal of a
					   superseded one, another try to
					   renew it */
	struct peer	*peer;
	struct child	*prev, *next;	/* in the peer's list */
	UT_hash_handle	 hh;		/* by serial */
};

/* Keys of one protocol: both directions, encryption then authentication. */
struct child_keys {
	struct buf	in[IPSEC_TMPL_MAX], out[IPSEC_TMPL_MAX];
};

/* How many bytes of KEYMAT a protocol needs; E_NOPROPOSAL: not known. */
enum err	 child_keylen(const struct agreed *, size_t *) MUST_CHECK;
/*
 * Reserves inbound SPIs for every template of PLAN; on failure none is left.
 * The kernel's reason was logged.
 */
enum err	 child_getspi(struct sa *, const struct plan *, uint32_t seq,
		    uint32_t *spi) MUST_CHECK;
/* Gives reserved SPIs back. */
void		 child_putspi(struct sa *, const struct plan *,
		    const uint32_t *spi);
/* A record for what was agreed upon; nothing is installed yet. */
struct child	*child_new(struct sa *, const struct plan *,
		    const struct agreement *, uint32_t seq);
/* SAs that are in the kernel already. */
struct child_found {
	struct ipsec_addr local, remote; /* IKE addresses; port 0: any */
	struct ipsec_addr src, dst;
	bool		 initiator, natt, narrow;
	struct ipsec_addr oa;
	struct ipsec_selector sel;
	struct ipsec_mark mark;
	uint32_t	 if_id, seq, life_secs;
	uint64_t	 created;	/* ms */
	unsigned int	 n;
	uint8_t		 proto[IPSEC_TMPL_MAX], mode[IPSEC_TMPL_MAX];
	uint32_t	 spi_in[IPSEC_TMPL_MAX], spi_out[IPSEC_TMPL_MAX];
					/* 0: that half is missing */
	uint32_t	 reqid_in[IPSEC_TMPL_MAX], reqid_out[IPSEC_TMPL_MAX];
};
/* A record for them, up. */
struct child	*child_found_new(struct ike *, const struct child_found *);
/* It is wanted: of two for the same traffic, one goes after a while. */
void		 child_adopted(struct child *);
/* No policy wants it: it goes, and the peer is told. */
void		 child_unwanted(struct child *);
/* Its successor is negotiated MS from now. */
void		 child_age_in(struct child *, uint64_t ms);
/* What is with the peer of SA and was nobody's yet is that peer's. */
void		 child_identify(struct sa *);
/* Installs one direction; on failure the whole child must be dropped. */
enum err	 child_install(struct child *, const struct agreement *,
		    const struct child_keys *, bool inbound) MUST_CHECK;
/*
 * The same for the outbound direction of a child that replaces another one,
 * a moment later: peers install their inbound SA only when our last message
 * has reached them, and the old pair serves until then.  Then the child is up.
 */
void		 child_install_later(struct child *, const struct agreement *,
		    const struct child_keys *);
/* The moment has come; false: the kernel refused, the child is gone. */
bool		 child_install_now(struct child *);
/* The peer says so itself: CONNECTED (RFC 2408 3.1). */
void		 child_connected(struct ike *, uint64_t serial);
void		 child_later_free(struct child *);
/* Both directions are in place: log, event, older ones for the same traffic
 * are superseded. */
void		 child_up(struct child *);
/* Forgets the child; the kernel keeps its SAs. */
void		 child_forget(struct child *);
/* Removes the SAs from the kernel and forgets the child. */
void		 child_drop(struct child *, enum err why);
/* The same after telling the peer, if there is a way to. */
void		 child_delete(struct child *, enum err why);

/* The child with this SA in the kernel, or NULL; *INBOUND tells which one. */
struct child	*child_find(struct ike *, const struct ipsec_addr *dst,
		    uint8_t proto, uint32_t spi, bool *inbound);
/* The same as it is in the table. */
struct child_name *child_name_find(struct ike *, const struct ipsec_addr *dst,
		    uint8_t proto, uint32_t spi);
struct child	*child_by_serial(struct ike *, uint64_t serial);
/* Where the SAs of a plan start and end: local, then remote. */
void		 child_ends(const struct sa *, const struct plan *,
		    struct ipsec_addr *src, struct ipsec_addr *dst);
void		 child_name_set(struct child_name *, struct child *,
		    const struct ipsec_addr *dst, uint8_t proto, uint32_t spi);
/* Enters a child into the tables of the engine and its peer. */
void		 child_begin(struct child *);
/* Of two for the same traffic one goes after a while. */
void		 child_supersede(struct child *);
/* Enters a name into the table / takes it out. */
void		 child_name_add(struct ike *, struct child_name *);
/* Kernel events. */
void		 child_expired(struct ike *, const struct ipsec_event *);
void		 child_removed(struct ike *, const struct ipsec_event *);
void		 child_flushed(struct ike *, uint8_t proto);
/* ESP shows that the peer's NAT box gave it another port or address. */
void		 child_moved(struct ike *, const struct ipsec_event *);
/* IKE has followed the peer from OLD: its children follow, or go. */
void		 child_sa_moved(struct sa *, const struct ipsec_addr *old);
/* Is the child with the peer of this SA?  See sa_same_peer(). */
bool		 child_is_with(const struct child *, const struct sa *);
/* Compares with what the kernel has, and says how many differences were
 * repaired. */
unsigned int	 child_resync(struct ike *);
/* The same for one child, by asking for its own SAs only. */
void		 child_verify(struct child *);
/* Its two halves: one dump, which fills the names; what is not there goes. */
bool		 child_look(struct ike *);
unsigned int	 child_reconcile(struct ike *);
/* The peer deleted its inbound SA (DELETE): the SPI is our outbound one's.
 * False: none of ours. */
bool		 child_deleted_by_peer(struct sa *, uint8_t proto,
		    uint32_t spi);
/* All children with the peer of SA go, and it is told. */
void		 child_delete_all(struct sa *);
/* A successor is negotiated now, unless one is. */
void		 child_renew(struct child *);
/* A log line about the pair, between WHAT and MORE. */
void		 child_note(const struct child *, const char *what,
		    const char *more);
/* One about each of its SAs. */
void		 child_note_all(const struct child *, const char *what,
		    const char *more);
/* PROTO_IPSEC_... of an enum ipsec_proto. */
uint8_t		 child_wire_proto(uint32_t proto);
/* There is no successor yet: another try in a while. */
void		 child_retry(struct child *);
/* All children with the peer of SA get successors: it may have lost them. */
void		 child_renew_all(struct sa *);
/* Is there a pair with the peer of SA, or with its address while it has not
 * said who it is? */
bool		 child_any_up(const struct sa *);
/* INITIAL-CONTACT: the peer lost everything older than SA. */
void		 child_drop_older(struct sa *);

#endif
