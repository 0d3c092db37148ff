/* SPDX-License-Identifier: ISC */
/*
 * The IKEv1 engine (RFC 2407, 2408, 2409): a value without sockets, clock or
 * globals.  The host calls in with datagrams, kernel events, finished jobs and
 * the time; the engine asks the world through struct ike_ops and the kernel
 * through struct ipsec.  Not thread-safe; jobs may run on any thread.
 *
 * An op must not call back into the engine: a host that runs jobs inline
 * queues them first.
 */
#ifndef RACOON_IKE_IKE_H
#define RACOON_IKE_IKE_H

#include <time.h>

#include "base/err.h"
#include "conf/conf.h"
#include "crypto/crypto.h"
#include "libipsec/buf.h"
#include "libipsec/ipsec.h"
#include "libipsec/view.h"

struct cert;
struct gss_ops;
struct ike;
struct job;
struct key;
struct plainrsa;
struct trust;

enum ike_event_type {
	IKE_EVENT_PHASE1_UP,
	IKE_EVENT_PHASE1_DOWN,
	IKE_EVENT_PHASE1_DEAD,		/* the peer does not answer */
	IKE_EVENT_PHASE1_FAILED,	/* never came up; err says why */
	IKE_EVENT_CHILD_UP,		/* both SAs of a pair installed */
	IKE_EVENT_CHILD_DOWN,
	IKE_EVENT_CHILD_FAILED
};

/* What happened, flat: for hooks, admin, metrics. */
struct ike_event {
	enum ike_event_type type;
	enum err	err;
	bool		initiator;
	struct ipsec_addr local, remote; /* IKE addresses with ports */
	uint8_t		icookie[8], rcookie[8];
	uint8_t		proto, mode;	/* child */
	uint32_t	spi_in, spi_out; /* child */
	uint32_t	ms;		/* up, failed: what the negotiation
					   took; down: how long it lived */
	/* Of phase 1; both are the engine's, for the time of the call. */
	const struct remote *conf;	/* NULL: no block was chosen */
	const char	*peer_id;	/* as in the log; NULL: not known */
	uint8_t		etype;		/* ISAKMP_ETYPE_... */
	bool		was_up;
	bool		alone;		/* down: without a successor, though
					   there should be one */
};

/*
 * Asks the world for the certificates under the DNS name NAME.  Run on any
 * thread, may take seconds, touches nothing but its arguments.  OUT has room
 * for IKE_FOUND; the caller owns the *n that are there, at least one on OK.
 * E_CERT: none that can be believed; WHY says what to do about it.
 */
#define IKE_FOUND	8
#define IKE_WHY		160
typedef enum err ike_find_certs(const struct crypto *, const char *name,
    struct cert **out, unsigned *n, char why[IKE_WHY]);

/*
 * What a remote block's certificate_type, peers_certfile and ca_type say, read
 * from the files; what is not there is NULL.  Borrowed until the op is called
 * again; jobs take references.
 */
struct ike_creds {
	const struct key	*key;		/* ours, for `cert' */
	const struct cert	*cert;
	const struct cert	*const *above;	/* authorities between it and
						   one the peer trusts, sent
						   with it: LIMIT_CERTS with
						   it at most, of together
						   LIMIT_CERT_BYTES */
	unsigned		 nabove;
	const struct plainrsa	*own_keys;	/* ours without a certificate */
	const struct cert	*const *peers;	/* the peer's: one of these */
	unsigned		 npeers;
	const struct plainrsa	*peers_keys;	/* likewise */
	ike_find_certs		*find;		/* the peer's may be in the DNS;
						   NULL: not looked for there */
	const struct trust	*trust;		/* authorities */
	time_t			 now;		/* for their validity */
};

/* What the engine asks of the world.  All are called with the host's ctx. */
struct ike_ops {
	/*
	 * Sends a datagram from LOCAL to REMOTE (with ports).  The host puts
	 * the non-ESP marker of RFC 3948 in front when the socket of LOCAL is
	 * a NAT-T socket (IKE on port 4500, or `isakmp_natt').  A single byte
	 * is a keepalive (RFC 3948 2.3) and goes out as it is.
	 */
	void	(*send)(void *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote, struct view);
	/* Takes a job; hands it to ike_job_done() later, never at once. */
	void	(*submit)(void *, struct job *);
	/* Finds the pre-shared key of ID as of now: E_NOPSK, E_FILE, E_LIMIT. */
	enum err (*psk)(void *, struct view id, struct buf *key);
	void	(*event)(void *, const struct ike_event *);
	/*
	 * The local NAT-T address that belongs to LOCAL: same address, the
	 * port the host listens on for NAT-T.  False: there is none.
	 */
	bool	(*natt)(void *, const struct ipsec_addr *local,
		    struct ipsec_addr *out);
	/*
	 * The local IKE address (with port) to talk to REMOTE from; HINT is
	 * the local address if the kernel named one (family 0: none).  False:
	 * no IKE socket on such an address; the host has logged why.
	 */
	bool	(*local)(void *, const struct ipsec_addr *hint,
		    const struct ipsec_addr *remote, struct ipsec_addr *out);
	/* The certificates and keys of a remote block, of any snapshot that
	   an SA still has.  NULL as an op: there are none. */
	void	(*creds)(void *, const struct remote *, struct ike_creds *out);
	/* Who does GSS-API (gss.h); NULL, or NULL as an op: nobody. */
	const struct gss_ops *(*gss)(void *);
	/* A number that is another one whenever IP packets have come or gone;
	   0, or NULL as an op: not known. */
	uint64_t (*traffic)(void *);
};

/*
 * A new engine at time NOW (milliseconds, monotonic).  Borrows ops, ctx, the
 * kernel handle and crypto until ike_free(); takes its own reference of conf.
 */
struct ike	*ike_new(const struct ike_ops *, void *ctx, struct ipsec *,
		    struct crypto *, const struct conf *, uint64_t now);
/*
 * Orderly end that leaves the IPsec SAs to the next racoon and tells the peers
 * nothing; what is half done is given up.  Afterwards only ike_save() and
 * ike_free() may be called.
 */
void		 ike_leave(struct ike *);
/*
 * Everything that the next racoon needs to go on without a negotiation: the
 * IKE SAs with their keys, so OUT is a secret.  OUT is bad if it is too small.
 */
void		 ike_save(const struct ike *, struct buf *out);
/*
 * Takes that over, before ike_adopt(): SAs whose remote block is gone are
 * left out.  The bytes must be of this boot of this host.  E_PAYLOAD,
 * E_LENGTH, E_LIMIT: not sound, or of another version; nothing was taken.
 */
enum err	 ike_restore(struct ike *, struct view) MUST_CHECK;
/*
 * Takes over the SAs that a racoon before this one left in the kernel.  Once,
 * before any other input.  Needs no answer of a peer: they carry traffic, and
 * are renewed when it is time.  WALL is the time as the kernel's SAs have it,
 * seconds since the epoch.
 */
void		 ike_adopt(struct ike *, uint64_t wall);
/* Frees everything at once: nothing is sent, SAs stay; only SPIs that were
 * reserved for unfinished negotiations are given back. */
void		 ike_free(struct ike *);
/*
 * Orderly end: deletes the SAs that this engine made, telling the peers.
 * Afterwards only ike_free() may be called.
 */
void		 ike_stop(struct ike *);

/* Moves time forward and runs what is due; call before any other input. */
void		 ike_tick(struct ike *, uint64_t now);
/* When to call ike_tick() at the latest; UINT64_MAX: no need. */
uint64_t	 ike_next(const struct ike *);
/* A datagram, without a non-ESP marker; LOCAL is where it arrived. */
void		 ike_datagram(struct ike *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote, struct view);
void		 ike_kernel(struct ike *, const struct ipsec_event *);
/* Takes the job back. */
void		 ike_job_done(struct ike *, struct job *);
/* Takes its own reference; running SAs keep the configuration they have. */
void		 ike_reload(struct ike *, const struct conf *);

/*
 * ESP or AH that this host could not read for want of an SA (Linux counts
 * them as XfrmInNoStates).  Ports are those of UDP, if it came in that, else 0.
 */
struct ike_stray {
	struct ipsec_addr src, dst;
	uint8_t		proto;		/* IPSEC_PROTO_ESP or _AH */
	uint32_t	spi;
};
/*
 * At most IKE_STRAYS_MAX of those that came lately, the same one not twice.
 * Asks the kernel what is true of them: good ones may be among them.  Does
 * nothing when racoon.conf(5) repair_unknown_spi is off.
 */
#define IKE_STRAYS_MAX	64
void		 ike_strays(struct ike *, const struct ike_stray *, size_t n);

/*
 * What operators ask for; peers are told.  All pairs with this protocol (0:
 * all), and whatever else the kernel has of it; all IKE SAs; all of both
 * between two addresses, whatever their ports are.
 */
void		 ike_flush_children(struct ike *, uint8_t proto);
void		 ike_flush_sas(struct ike *);
void		 ike_delete_between(struct ike *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);

/*
 * Counters since ike_new().  Each row is a metric, racoon_NAME_total, with
 * these words as its help.
 */
#define IKE_STATS(STAT)							\
	STAT(datagrams_in, "datagrams received")			\
	STAT(datagrams_out, "datagrams sent")				\
	STAT(bytes_in, "bytes received")				\
	STAT(bytes_out, "bytes sent")					\
	STAT(dropped, "datagrams dropped as invalid or unwanted")	\
	STAT(duplicates, "repeated datagrams")				\
	STAT(resent, "messages sent again")				\
	STAT(acquires, "requests from the kernel")			\
	STAT(phase1_started, "phase 1 negotiations started")		\
	STAT(phase1_up, "phase 1 negotiations that succeeded")		\
	STAT(phase1_failed, "phase 1 negotiations that failed")		\
	STAT(phase2_started, "phase 2 negotiations started")		\
	STAT(phase2_up, "phase 2 negotiations that succeeded")		\
	STAT(phase2_failed, "phase 2 negotiations that failed")		\
	STAT(kernel_errors, "commands that the kernel refused")		\
	STAT(dpd_sent, "questions of dead peer detection sent")		\
	STAT(dpd_answered, "questions that were answered")		\
	STAT(dpd_dead, "peers found dead")				\
	STAT(liveness_suspected, "pairs into which bytes went and none came")\
	STAT(liveness_asked, "lists of SPIs that were asked for")	\
	STAT(liveness_repaired, "silent pairs renegotiated or taken away") \
	STAT(stray_seen, "packets under an SPI that the kernel does not "\
	    "have")							\
	STAT(stray_repairs, "repairs begun for such packets")		\
	STAT(stray_refused, "repairs put off by the limits of their rate") \
	STAT(resyncs, "times that events of the kernel were lost")	\
	STAT(reconciled, "differences to the kernel that were repaired") \
	STAT(handed_over, "IKE SAs taken over from the racoon before")	\
	STAT(adopted, "pairs of IPsec SAs taken over at the start")	\
	STAT(adopted_halves, "halves of pairs found at the start")	\
	STAT(adopted_not, "pairs found at the start that no policy wants") \
	STAT(called, "IKE SAs begun for peers that used a lost one")

struct ike_stats {
#define IKE_STAT(name, help) uint64_t name;
	IKE_STATS(IKE_STAT)
#undef IKE_STAT
};

void		 ike_stats(const struct ike *, struct ike_stats *);

/* For tests and status: what the engine holds. */
struct ike_counts {
	size_t	sas, ready, exchanges, children, wants, timers;
	size_t	frags;			/* messages that come in pieces */
	size_t	genpols;		/* selectors with generated policies */
};
void		 ike_counts(const struct ike *, struct ike_counts *);

/* One IKE SA, or one protocol of a child, flat; FN's false ends the walk. */
struct ike_sa_info {
	struct ipsec_addr local, remote;
	uint8_t		icookie[8], rcookie[8];
	bool		initiator, ready, dying;
	bool		natt;		/* ports floated */
	uint8_t		etype;
	uint64_t	since;		/* ms: when created or ready */
	unsigned int	children;	/* pairs with its peer */
};
struct ike_child_info {
	struct ipsec_addr local, remote; /* of the SAs */
	uint8_t		proto, mode;
	uint32_t	spi_in, spi_out, reqid;	/* spi_out 0: gone before
					   the rest, which is replaced */
	bool		initiator;
	struct ipsec_selector sel;	/* outbound direction */
};
void		 ike_each_sa(const struct ike *,
		    bool (*fn)(void *, const struct ike_sa_info *), void *);
void		 ike_each_child(const struct ike *,
		    bool (*fn)(void *, const struct ike_child_info *), void *);

#endif
