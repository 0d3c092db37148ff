/* SPDX-License-Identifier: ISC */
/*
 * What the engine tells operators, and what they have it do: values in, values
 * out, for racoonctl(8).  Text is made of it elsewhere.
 */
#ifndef RACOON_IKE_REPORT_H
#define RACOON_IKE_REPORT_H

#include "ike/ike.h"
#include "wire/payload.h"

/* An IKE SA.  The numbers of the states are those of ipsec-tools. */
enum ike_p1_state {
	IKE_P1_START = 1,
	IKE_P1_SENT = 3,
	IKE_P1_UP = 9,
	IKE_P1_DYING = 10
};

struct ike_p1_report {
	uint64_t	serial;		/* names it */
	uint8_t		icookie[8], rcookie[8];
	enum ike_p1_state state;
	struct ipsec_addr local, remote; /* with ports */
	bool		initiator, natt;
	uint8_t		etype;
	char		own_id[ID_TEXT], peer_id[ID_TEXT]; /* "": not known */
	bool		agreed;		/* on: */
	uint16_t	cipher, hash, method, group, key_bits;
	uint32_t	life_secs;
	bool		dpd;		/* is on */
	bool		dpd_possible;	/* and the peer can, too */
	unsigned int	dpd_fails;
	const struct remote *conf;	/* the engine's; NULL: none chosen yet */
	uint64_t	since;		/* ms: when begun, or up */
	unsigned int	children;	/* pairs with its peer */
};
void		 ike_each_p1(const struct ike *,
		    bool (*fn)(void *, const struct ike_p1_report *), void *);

/* A pair of SAs, or one that is negotiated. */
enum ike_p2_state {
	IKE_P2_SENT = 5,
	IKE_P2_COMMIT = 7,
	IKE_P2_UP = 9,
	IKE_P2_EXPIRED = 10		/* has a successor */
};

struct ike_p2_report {
	enum ike_p2_state state;
	uint32_t	msgid;		/* 0: of the racoon before */
	bool		bound;		/* to this IKE SA: */
	uint8_t		icookie[8], rcookie[8];
	struct ipsec_addr local, remote; /* IKE addresses with ports */
	struct ipsec_addr src, dst;	/* of the SAs */
	struct ipsec_selector sel;	/* outbound */
	struct ipsec_mark mark;
	bool		natt;
	uint8_t		proto, mode;	/* of the first one of a bundle */
	uint8_t		comp;		/* IPComp is in it */
	uint32_t	spi_in, spi_out; /* 0: not known yet */
	uint32_t	reqid_in, reqid_out;
	uint16_t	pfs_group, p1_group; /* 0: none, or not known */
	uint32_t	life_secs;
	uint64_t	since;		/* ms */
};
void		 ike_each_p2(const struct ike *,
		    bool (*fn)(void *, const struct ike_p2_report *), void *);

/* A peer: everything with one address. */
struct ike_peer_report {
	struct ipsec_addr remote;	/* port: of the newest IKE SA, or 0 */
	char		id[ID_TEXT];	/* "": not known */
	enum ike_p1_state state;	/* of the best IKE SA */
	bool		has_sa, silent;	/* silent: it does not answer, */
	uint64_t	until;		/* and ms: when it is tried again */
	uint64_t	since;		/* ms: of that IKE SA */
	unsigned int	sas, pairs, wants;
};
void		 ike_each_peer(const struct ike *,
		    bool (*fn)(void *, const struct ike_peer_report *),
		    void *);

/* What went wrong last with an address. */
#define IKE_PROBLEM	600
struct ike_problem {
	struct ipsec_addr remote;	/* port 0 */
	uint64_t	when;		/* ms */
	bool		solved;		/* a pair has come up since */
	char		text[IKE_PROBLEM]; /* as in the log */
};
/* False: nothing. */
bool		 ike_problem_of(const struct ike *, const struct ipsec_addr *,
		    struct ike_problem *);
void		 ike_each_problem(const struct ike *,
		    bool (*fn)(void *, const struct ike_problem *), void *);

/* What the engine waits for. */
struct ike_timer_report {
	uint64_t	serial, set, when;	/* ms */
};
void		 ike_each_timer(const struct ike *,
		    bool (*fn)(void *, const struct ike_timer_report *),
		    void *);

/* The time that all these are of: the last ike_tick(). */
uint64_t	 ike_now(const struct ike *);

/*
 * The certificate (DER, borrowed) by which the peer of the newest IKE SA
 * between two addresses proved itself; empty: it was something else.
 * E_COOKIE: there is no such IKE SA.
 */
enum err	 ike_peer_cert(const struct ike *,
		    const struct ipsec_addr *local,
		    const struct ipsec_addr *remote, struct view *) MUST_CHECK;

/* What Wireshark needs to decrypt IKE: a secret. */
struct ike_key_report {
	uint8_t		icookie[8];
	struct view	key;		/* of the cipher, borrowed */
};
void		 ike_each_key(const struct ike *,
		    bool (*fn)(void *, const struct ike_key_report *), void *);

/*
 * What racoonctl(8) has it do.
 */

/*
 * An IKE SA with REMOTE (port 0: as the block says), from LOCAL.  NAME: of the
 * remote block, NULL: the one that fits.  OK: it is on its way;
 * E_DUPLICATE: it is there already.  E_NOREMOTE, E_PASSIVE; E_SYSTEM: no socket
 * to talk to it from; E_CONFIG: it failed at once.  What is not one of the first
 * two was logged.
 */
enum err	 ike_establish_sa(struct ike *, const char *name,
		    const struct ipsec_addr *local,
		    const struct ipsec_addr *remote) MUST_CHECK;
/*
 * The pair that the kernel's outbound policy for SEL wants; SEL is then what
 * will be negotiated, and LOCAL and REMOTE between whom.  E_NOPOLICY;
 * E_DUPLICATE: it is there already.
 */
enum err	 ike_establish_pair(struct ike *, struct ipsec_selector *sel,
		    struct ipsec_addr *local, struct ipsec_addr *remote)
		    MUST_CHECK;
/* How it stands between the two: is it up, or on its way? */
enum ike_progress { IKE_NOTHING, IKE_COMING, IKE_THERE };
enum ike_progress ike_progress_sa(const struct ike *,
		    const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);
enum ike_progress ike_progress_pair(const struct ike *,
		    const struct ipsec_selector *,
		    const struct ipsec_addr *remote);
/* Everything with REMOTE goes, whoever we are there; the peer is told.  How
 * many IKE SAs there were. */
unsigned int	 ike_delete_all(struct ike *, const struct ipsec_addr *remote);

/*
 * What would happen to a packet.  The policies are those of the kernel for
 * outgoing packets that a packet to the address may match, best first.
 */
#define IKE_WHY_POLICIES	4
struct ike_why_policy {
	struct ipsec_policy policy;
	bool		applies;	/* to packets of SRC */
	struct ipsec_addr local, remote; /* of the IKE SA; family 0: none */
	enum err	remote_err;	/* OK, E_NOREMOTE, E_PASSIVE */
	bool		ambiguous;
	const struct remote *conf;	/* the engine's, NULL: none */
	enum err	sainfo_err;
	const struct sainfo *sainfo;	/* likewise */
	enum ike_progress sa, pair;
	uint64_t	sa_since;	/* ms, if it is there */
	uint32_t	spi_in, spi_out; /* if the pair is there */
	uint64_t	waits;		/* ms: phase 1 is not begun before; 0 */
	bool		has_problem;
	struct ike_problem problem;
};
struct ike_why {
	unsigned int	n, more;	/* policies told, and not told */
	struct ike_why_policy p[IKE_WHY_POLICIES];
};
/* SRC: family 0, not known.  E_KERNEL: the kernel could not be asked. */
enum err	 ike_why(struct ike *, const struct ipsec_addr *src,
		    const struct ipsec_addr *dst, struct ike_why *) MUST_CHECK;

#endif
