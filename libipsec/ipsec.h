/* SPDX-License-Identifier: ISC */
/*
 * The kernel's IPsec: security associations (SAD), policies (SPD), events.
 *
 * All structures are flat: no pointers, nothing to free; they can be copied,
 * compared and printed.  All calls are synchronous: a command returns after
 * the kernel has answered.  They return 0 or a negative errno; ipsec_error()
 * then has the reason in words, the kernel's own if it gave one.
 * A handle may be used by one thread at a time.
 *
 * Numbers are in host byte order, SPIs and ports too.  Times are seconds,
 * points in time are seconds since the epoch.  RFC 4301 has the terms.
 */
#ifndef IPSEC_H
#define IPSEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IPSEC_TMPL_MAX		6	/* templates of one policy */
#define IPSEC_KEY_MAX		128	/* bytes of a key */
#define IPSEC_CTX_MAX		256	/* bytes of a security context */
#define IPSEC_NAME_MAX		64	/* an algorithm's name and its end */
#define IPSEC_REPLAY_MAX	4096	/* packets of a replay window */

enum ipsec_proto {
	IPSEC_PROTO_ANY = 0,		/* in filters and flushes */
	IPSEC_PROTO_ESP = 50,
	IPSEC_PROTO_AH = 51,
	IPSEC_PROTO_IPCOMP = 108
};

enum ipsec_mode {			/* numbered as PF_KEY does */
	IPSEC_MODE_ANY = 0,		/* set: the same as transport */
	IPSEC_MODE_TRANSPORT = 1,
	IPSEC_MODE_TUNNEL = 2,
	IPSEC_MODE_BEET = 3
};

enum ipsec_dir {
	IPSEC_DIR_NONE = 0,
	IPSEC_DIR_IN = 1,
	IPSEC_DIR_OUT = 2,
	IPSEC_DIR_FWD = 3,
	IPSEC_DIR_SOCKET_IN = 4,	/* per-socket policies, dumps only */
	IPSEC_DIR_SOCKET_OUT = 5
};

enum ipsec_action {
	IPSEC_ACTION_DISCARD = 0,
	IPSEC_ACTION_NONE = 1,		/* pass in the clear */
	IPSEC_ACTION_IPSEC = 2		/* apply the templates */
};

enum ipsec_alg_class {
	IPSEC_ALG_ENC,			/* ESP encryption */
	IPSEC_ALG_AUTH,			/* ESP or AH integrity */
	IPSEC_ALG_AEAD,			/* both in one */
	IPSEC_ALG_COMP			/* IPComp */
};

enum ipsec_state {
	IPSEC_STATE_LARVAL,		/* an SPI without keys, or an ACQUIRE */
	IPSEC_STATE_MATURE,
	IPSEC_STATE_DYING,		/* past a soft limit, as far as is known */
	IPSEC_STATE_DEAD
};

/* ipsec_sa.flags */
#define IPSEC_SA_NOECN		0x01u
#define IPSEC_SA_DECAP_DSCP	0x02u
#define IPSEC_SA_NOPMTUDISC	0x04u
#define IPSEC_SA_WILDRECV	0x08u
#define IPSEC_SA_ICMP		0x10u
#define IPSEC_SA_AF_UNSPEC	0x20u	/* tunnel: any inner family; PF_KEY
					   has just one: sel.src.family, or
					   without it that of the ends */
#define IPSEC_SA_ALIGN4		0x40u	/* AH over IPv4: a header of a multiple
					   of 4 octets (RFC 4302 2.6), not 8 */
#define IPSEC_SA_ESN		0x80u

/* An address; family 0: none.  Has no padding: may be hashed as bytes. */
struct ipsec_addr {
	uint16_t	family;		/* AF_INET, AF_INET6 or 0 */
	uint16_t	port;		/* 0: any */
	uint32_t	scope;		/* interface index of a link-local one */
	uint8_t		bytes[16];	/* network order; IPv4: the first four */
};

/* What traffic: RFC 4301, 4.4.1.1.  All zero: everything. */
struct ipsec_selector {
	struct ipsec_addr src, dst;	/* with ports; ICMP: type, code;
					   GRE: high and low half of the key */
	uint8_t		src_prefix, dst_prefix;
	uint8_t		proto;		/* 0: any */
	uint8_t		zero;
	int32_t		ifindex;	/* 0: any */
};

/* Limits; 0: none. */
struct ipsec_lifetime {
	uint64_t	bytes, packets;
	uint64_t	add;		/* seconds since the SA was added */
	uint64_t	use;		/* seconds since its first use */
};

/* So far. */
struct ipsec_usage {
	uint64_t	bytes, packets;
	uint64_t	add;		/* when added */
	uint64_t	use;		/* policy: last used; SA: first used */
};

struct ipsec_mark {
	uint32_t	value, mask;
};

enum ipsec_offload_kind {
	IPSEC_OFFLOAD_NONE = 0,
	IPSEC_OFFLOAD_CRYPTO = 1,	/* the arithmetic; SAs only */
	IPSEC_OFFLOAD_PACKET = 2	/* everything (Linux 6.2) */
};

/* Work that a network device does for the kernel. */
struct ipsec_offload {
	int32_t		ifindex;
	uint8_t		kind;		/* enum ipsec_offload_kind */
	uint8_t		dir;		/* enum ipsec_dir; SAs only */
	uint8_t		zero[2];
};

struct ipsec_context {			/* a security label */
	uint8_t		doi, alg;
	uint16_t	length;		/* 0: no label */
	char		text[IPSEC_CTX_MAX];
};

/*
 * An algorithm with its key.  `id` is one of ipsec_algs[] (struct
 * ipsec_alg.id); 0 with a name: known to the kernel only; 0 without: none.
 */
struct ipsec_key {
	uint16_t	id;
	uint16_t	key_bits;
	uint16_t	icv_bits;	/* 0: the algorithm's usual length */
	uint16_t	present;	/* 1 when there is such an algorithm */
	char		name[IPSEC_NAME_MAX]; /* the kernel's name; "" with id */
	uint8_t		key[IPSEC_KEY_MAX];
};

/* Names an SA: RFC 4301, 4.1 (destination, protocol, SPI). */
struct ipsec_sa_id {
	struct ipsec_addr dst;
	uint32_t	spi;
	uint8_t		proto;		/* enum ipsec_proto */
	uint8_t		zero[3];
	struct ipsec_mark mark;
};

/* UDP encapsulation of ESP: RFC 3948.  type 0: none. */
struct ipsec_encap {
	uint16_t	type;		/* 2: UDP_ENCAP_ESPINUDP */
	uint16_t	sport, dport;
	uint16_t	zero;
	struct ipsec_addr oa;		/* original address, NAT-OA */
};

struct ipsec_sa {
	struct ipsec_sa_id id;
	struct ipsec_addr src;
	uint8_t		mode;		/* enum ipsec_mode */
	uint8_t		state;		/* enum ipsec_state; not for setting */
	uint8_t		dir;		/* enum ipsec_dir if known (Linux 6.10) */
	uint8_t		has_sel;	/* sel counts */
	uint32_t	flags;		/* IPSEC_SA_... */
	uint32_t	reqid;
	uint32_t	seq;		/* ACQUIRE's; both SAs of a pair share it */
	uint32_t	replay;		/* window in packets */
	uint32_t	if_id;
	struct ipsec_mark output_mark;
	struct ipsec_offload offload;
	struct ipsec_selector sel;
	struct ipsec_key enc, auth, aead, comp;
	struct ipsec_encap encap;
	struct ipsec_lifetime soft, hard;
	struct ipsec_usage current;
	uint64_t	last_use;	/* 0: never or not known; dumps only */
	struct ipsec_context ctx;
};

/* One step of protection that a policy asks for. */
struct ipsec_tmpl {
	uint8_t		proto;		/* enum ipsec_proto */
	uint8_t		mode;		/* enum ipsec_mode */
	uint8_t		optional;	/* level "use" */
	uint8_t		zero;
	uint32_t	reqid;		/* 0: any SA with reqid 0; PF_KEY: the
					   kernel replaces one above 16383 by
					   another that no policy has */
	struct ipsec_addr src, dst;	/* tunnel ends; none in transport mode */
};

struct ipsec_policy {
	struct ipsec_selector sel;
	uint8_t		dir;		/* enum ipsec_dir */
	uint8_t		action;		/* enum ipsec_action */
	uint8_t		ntmpl;
	uint8_t		sub;		/* 1: a sub policy, dumps only */
	uint32_t	priority;	/* smaller matches first */
	uint32_t	index;		/* the kernel's number; set: 0 */
	uint32_t	if_id;
	struct ipsec_mark mark;
	struct ipsec_offload offload;	/* packets only */
	struct ipsec_tmpl tmpl[IPSEC_TMPL_MAX];
	struct ipsec_lifetime hard;	/* only add and use */
	struct ipsec_usage current;	/* only add and use */
	struct ipsec_context ctx;
};

enum ipsec_event_type {
	IPSEC_EVENT_ACQUIRE,		/* policy, flow, sa.id/src/seq: wanted */
	IPSEC_EVENT_EXPIRE,		/* sa; `hard` tells which limit */
	IPSEC_EVENT_POLICY_EXPIRE,	/* policy; `hard` */
	IPSEC_EVENT_MAPPING,		/* sa.id, sa.reqid, from, to: NAT moved */
	IPSEC_EVENT_SA_NEW,		/* sa */
	IPSEC_EVENT_SA_DELETE,		/* sa.id, sa.reqid where known */
	IPSEC_EVENT_SA_FLUSH,		/* sa.id.proto, 0: all */
	IPSEC_EVENT_POLICY_NEW,		/* policy */
	IPSEC_EVENT_POLICY_DELETE,	/* policy */
	IPSEC_EVENT_POLICY_FLUSH,
	IPSEC_EVENT_RESYNC		/* events were lost: dump and compare */
};

struct ipsec_event {
	enum ipsec_event_type type;
	bool		hard;
	struct ipsec_selector flow;	/* ACQUIRE: the packet's own addresses */
	struct ipsec_addr from, to;	/* MAPPING: old and new peer */
	struct ipsec_sa	sa;
	struct ipsec_policy policy;
};

/* What to listen to: ipsec_listen(). */
#define IPSEC_LISTEN_ACQUIRE	0x01u
#define IPSEC_LISTEN_EXPIRE	0x02u	/* SAs and policies */
#define IPSEC_LISTEN_MAPPING	0x04u
#define IPSEC_LISTEN_SA		0x08u
#define IPSEC_LISTEN_POLICY	0x10u

/* Which SAs or policies to dump; zero fields do not restrict. */
struct ipsec_filter {
	uint8_t		proto;		/* SAs only */
	uint8_t		dir;		/* policies only */
	uint8_t		stream;		/* policies only: see ipsec_policy_dump */
	uint8_t		zero;
	uint32_t	reqid;		/* SAs only */
	struct ipsec_addr src, dst;	/* SAs: exact */
};

enum ipsec_what { IPSEC_FLUSH_SA, IPSEC_FLUSH_POLICY };

/* One command of a batch. */
enum ipsec_op {
	IPSEC_OP_SA_ADD,		/* sa; fails if there is one */
	IPSEC_OP_SA_UPDATE,		/* sa; completes a larval one */
	IPSEC_OP_SA_DELETE,		/* sa.id */
	IPSEC_OP_POLICY_ADD,		/* policy; fails if there is one */
	IPSEC_OP_POLICY_UPDATE,		/* policy; replaces or adds */
	IPSEC_OP_POLICY_DELETE,		/* policy: selector, dir, ctx, mark */
	IPSEC_OP_SA_FLUSH,		/* sa.id.proto */
	IPSEC_OP_POLICY_FLUSH
};

struct ipsec_command {
	enum ipsec_op	op;
	struct ipsec_sa	sa;
	struct ipsec_policy policy;
};

/* One row of the algorithm table. */
struct ipsec_alg {
	uint16_t	id;		/* PF_KEY number, own ones from 1000 */
#ifndef __cplusplus
	uint8_t		class;		/* enum ipsec_alg_class */
#else
	uint8_t		cls;		/* the same: C++ has taken the word */
#endif
	uint8_t		ike_id;		/* RFC 2407 4.4 transform or 4.5
					   authentication number; 0: none */
	uint16_t	key_min, key_max, key_step; /* bits */
	uint16_t	icv_bits;	/* usual ICV; AEAD: this row's */
	const char	*name;		/* as setkey prints and reads it */
	const char	*kernel;	/* XFRM crypto name; NULL: none */
};

struct ipsec;				/* a handle */

typedef int	 ipsec_sa_fn(void *ctx, const struct ipsec_sa *);
typedef int	 ipsec_policy_fn(void *ctx, const struct ipsec_policy *);
typedef void	 ipsec_event_fn(void *ctx, const struct ipsec_event *);
/* Fills in the next command; false: no more. */
typedef bool	 ipsec_next_fn(void *ctx, struct ipsec_command *);
/* Result of the NTH command (from 0): 0 or -errno; reason as ipsec_error(). */
typedef void	 ipsec_result_fn(void *ctx, size_t nth, int err,
		    const char *reason);

/*
 * Opens the kernel's IPsec.  BACKEND: "xfrm" or "pfkey", or NULL for the
 * environment variable IPSEC_BACKEND, else the first one that this kernel
 * has.  -EINVAL: there is no back end of that name; -EPROTONOSUPPORT: the
 * kernel has none.
 *
 * What PF_KEY cannot express is refused with -EOPNOTSUPP.  Its events lack the
 * packet's own addresses when the policy is for a tunnel, and there are none
 * of policies that expire.
 */
int		 ipsec_open(struct ipsec **, const char *backend);
/* NULL is allowed. */
void		 ipsec_close(struct ipsec *);
/* "xfrm", "pfkey" or another back end's name. */
const char	*ipsec_backend(const struct ipsec *);
/*
 * Why the last call failed: the kernel's words or what was being done, only
 * without either those of the errno; "" if it did not.  Valid until the next
 * call.
 */
const char	*ipsec_error(const struct ipsec *);

/*
 * Reserves an SPI between MIN and MAX for SA (dst, src, proto, mode, reqid,
 * seq, mark, if_id, dir count); the kernel keeps it as a larval SA for
 * net.core.xfrm_acq_expires seconds.  -ENOENT: none is free.
 */
int		 ipsec_getspi(struct ipsec *, const struct ipsec_sa *,
		    uint32_t min, uint32_t max, uint32_t *spi);
/* Adds an SA (-EEXIST if there is one), or with UPDATE completes or changes. */
int		 ipsec_sa_set(struct ipsec *, const struct ipsec_sa *,
		    bool update);
/* -ESRCH: there is none (also of a deletion). */
int		 ipsec_sa_get(struct ipsec *, const struct ipsec_sa_id *,
		    struct ipsec_sa *);
int		 ipsec_sa_delete(struct ipsec *, const struct ipsec_sa_id *);
/*
 * Calls FN for every SA, newest first; FN's nonzero result ends the dump and
 * is returned.  A dump that the kernel reports as inconsistent or cut short
 * is repeated before FN sees any of it, so FN never sees half a table; after
 * several tries the call fails with -EINTR.  An SA or policy that cannot be
 * understood ends it with -EPROTO.  FN may use the handle.
 */
int		 ipsec_sa_dump(struct ipsec *, const struct ipsec_filter *,
		    ipsec_sa_fn *, void *ctx);
int		 ipsec_policy_set(struct ipsec *, const struct ipsec_policy *,
		    bool update);
/* By selector, dir, mark, if_id and ctx, or by index if that is not 0. */
int		 ipsec_policy_get(struct ipsec *, const struct ipsec_policy *,
		    struct ipsec_policy *);
int		 ipsec_policy_delete(struct ipsec *,
		    const struct ipsec_policy *);
/*
 * As ipsec_sa_dump().  With `stream` a back end may hand on each policy as it
 * arrives, without memory for all of them: FN may not use the handle, and
 * -EAGAIN says that the kernel's table has changed meanwhile, so that what FN
 * saw has to be forgotten and the dump repeated.
 */
int		 ipsec_policy_dump(struct ipsec *, const struct ipsec_filter *,
		    ipsec_policy_fn *, void *ctx);
/* PROTO restricts a flush of SAs; 0: all.  Socket policies stay. */
int		 ipsec_flush(struct ipsec *, enum ipsec_what, uint8_t proto);
/*
 * Sends many commands in few system calls.  Every command is tried; FN (may
 * be NULL) hears of each result in order.  Returns the number of failed ones,
 * or a negative errno when the kernel could not be talked to.  NEXT and FN
 * may not use the handle.
 */
int		 ipsec_batch(struct ipsec *, ipsec_next_fn *, ipsec_result_fn *,
		    void *ctx);

/*
 * Can the back end express this algorithm, with this ICV?  0, or -EOPNOTSUPP.
 * The key itself is not looked at, and whether the kernel has the algorithm
 * shows when an SA is set.
 */
int		 ipsec_can(struct ipsec *, enum ipsec_alg_class,
		    const struct ipsec_key *);

/* Starts listening (IPSEC_LISTEN_...); needed once, before ipsec_events(). */
int		 ipsec_listen(struct ipsec *, unsigned int what);
/* The descriptor to poll for reading, or -1. */
int		 ipsec_event_fd(const struct ipsec *);
/*
 * Hands every event that has arrived to FN without blocking.  Lost events
 * (a full socket buffer) and unreadable ones show up as one
 * IPSEC_EVENT_RESYNC, after those that did arrive.  FN may use the handle.
 */
int		 ipsec_events(struct ipsec *, ipsec_event_fn *, void *ctx);

/* Rows of the table; NULL when there is none (or at its end). */
const struct ipsec_alg *ipsec_alg_by_id(enum ipsec_alg_class, uint16_t id);
const struct ipsec_alg *ipsec_alg_by_name(enum ipsec_alg_class,
		    const char *name);
/* By the number of RFC 2407 (transform of ESP/IPCOMP, authentication). */
const struct ipsec_alg *ipsec_alg_by_ike(enum ipsec_alg_class,
		    uint16_t ike_id);
const struct ipsec_alg *ipsec_alg_by_kernel(enum ipsec_alg_class,
		    const char *name, uint16_t icv_bits);
const struct ipsec_alg *ipsec_alg_nth(unsigned int n);

#ifdef __cplusplus
}
#endif

#endif
