/* SPDX-License-Identifier: ISC */
/*
 * A kernel's IPsec in a value: SAD, SPD, events and the path of packets, with
 * the semantics of Linux XFRM as far as a key daemon can see them.  Speaks
 * struct ipsec_ops through handles, as processes do through sockets.
 */
#ifndef TEST_SIM_KERNEL_H
#define TEST_SIM_KERNEL_H

#include "libipsec/ipsec.h"

struct kernel;

/* One transformation of a packet, the innermost first. */
struct kernel_layer {
	uint8_t		proto, mode;
	uint32_t	spi, seq;
	uint64_t	seal;		/* digest of algorithms and keys */
	struct ipsec_addr src, dst;	/* tunnel: the packet's own addresses */
};

/* Which policies a packet is for: its firewall mark, the XFRM interface. */
struct kernel_scope {
	uint32_t	mark, if_id;
};

/* What goes over the network; without layers it is clear text. */
struct kernel_packet {
	struct ipsec_selector flow;	/* the innermost addresses and ports */
	struct ipsec_addr src, dst;	/* outermost; with ports if UDP */
	struct kernel_scope scope;	/* within a host */
	bool		udp;		/* ESP in UDP */
	size_t		bytes;
	size_t		owner;		/* the simulation's own marks */
	uint64_t	mark;
	unsigned int	nlayer;
	struct kernel_layer layer[IPSEC_TMPL_MAX];
};

/* What became of a packet. */
enum kernel_verdict {
	KERNEL_OK,		/* out: protected; in: delivered */
	KERNEL_CLEAR,		/* passed without protection */
	KERNEL_WAIT,		/* out: no SA (yet); maybe an ACQUIRE went out */
	KERNEL_BLOCKED,		/* a discard policy */
	KERNEL_LIMIT,		/* the SA has just hit a hard limit */
	KERNEL_NO_STATE,	/* in: nobody knows this SPI */
	KERNEL_BAD_KEY,		/* in: integrity check failed */
	KERNEL_REPLAY,		/* in: seen before */
	KERNEL_MISMATCH,	/* in: encapsulation or selector of the SA */
	KERNEL_POLICY,		/* in: not as the policy wants it */
	KERNEL_VERDICTS
};

const char	*kernel_verdict_name(enum kernel_verdict);

/* A kernel at time NOW (ms); SEED decides about SPIs. */
struct kernel	*kernel_new(uint64_t seed, uint64_t now);
void		 kernel_free(struct kernel *);
/* Adds a local address: others are forwarded to. */
void		 kernel_address(struct kernel *, const struct ipsec_addr *);
/*
 * Sets the wall clock; time goes on.  SAs live longer by what it is set back,
 * as in Linux, whose timers look at the wall clock when they fire.
 */
void		 kernel_set_clock(struct kernel *, int64_t ms);
/* Loses an SA and tells nobody; remembers the last few of them. */
void		 kernel_lose_sa(struct kernel *, const struct ipsec_sa_id *);
void		 kernel_forget_lost(struct kernel *);
bool		 kernel_has_lost(const struct kernel *,
		    const struct ipsec_sa_id *);
/* FN is called when an event waits or something is due sooner than before. */
void		 kernel_on_change(struct kernel *, void (*fn)(void *),
		    void *ctx);
/* A handle as a process has it: own listening, own event queue. */
struct ipsec	*kernel_open(struct kernel *);

/* Packets from this (outer) address get a mark as they arrive. */
void		 kernel_mark_from(struct kernel *, const struct ipsec_addr *,
		    uint32_t mark);
/* Is there such an SA, whatever its mark? */
bool		 kernel_has_sa(const struct kernel *,
		    const struct ipsec_sa_id *);

/* Life of larval SAs in seconds; 30 at first. */
void		 kernel_set_acq_expires(struct kernel *, uint32_t);
/* Events a handle holds before it loses some; 1000 at first. */
void		 kernel_set_queue(struct kernel *, size_t max);
/* Any SA with this algorithm is refused with ERR and REASON (borrowed). */
void		 kernel_refuse(struct kernel *, enum ipsec_alg_class,
		    uint16_t id, int err, const char *reason);
/* The NTH call (from 1) of sa_set from now on fails with -ENOBUFS. */
void		 kernel_fail_sa_set(struct kernel *, unsigned int nth);

/* Loses every SA to DST without an event, as nobody ever should. */
void		 kernel_lose(struct kernel *, const struct ipsec_addr *dst);
/* Nobody hears of anything, not even that events were lost. */
void		 kernel_mute(struct kernel *, bool);

/* A time on the wall, as SAs have it, and the present one. */
uint64_t	 kernel_seconds(uint64_t ms);
uint64_t	 kernel_stamp(const struct kernel *);
/* Moves time and lets SAs and policies expire. */
void		 kernel_tick(struct kernel *, uint64_t now);
/* Nothing expires before; UINT64_MAX: ever. */
uint64_t	 kernel_next(struct kernel *);
/* Events that wait on any handle. */
size_t		 kernel_pending(const struct kernel *);
/* Larval SAs, and all SAs. */
size_t		 kernel_larvals(const struct kernel *);
size_t		 kernel_sas(const struct kernel *);
/* Packets that came or went since it was new; dumps of its SAD for handles that
 * listen to events, too. */
uint64_t	 kernel_packets(const struct kernel *);
unsigned int	 kernel_dumps(const struct kernel *);
/* The most pairs that there are for one selector, if any have come since the
 * last call.  Outbound SAs are counted: an inbound one may be half of a pair that
 * is negotiated. */
unsigned int	 kernel_crowd(struct kernel *);

/* Sends a packet of FLOW: policy, SAs, layers.  OUT is valid on OK, CLEAR. */
enum kernel_verdict kernel_output(struct kernel *,
		    const struct ipsec_selector *flow, size_t bytes,
		    struct kernel_packet *out);
enum kernel_verdict kernel_output_in(struct kernel *,
		    const struct kernel_scope *,
		    const struct ipsec_selector *flow, size_t bytes,
		    struct kernel_packet *out);
enum kernel_verdict kernel_input(struct kernel *,
		    const struct kernel_packet *);

#endif
