/* SPDX-License-Identifier: ISC */
/*
 * The simulator: any number of IKE engines with fake kernels, one virtual
 * clock, a network that loses, doubles, delays and partitions.  A seed decides
 * about everything, so a failing run can be repeated exactly.
 *
 * A scenario makes hosts, gives them configuration and policies, starts them,
 * sends packets and lets time pass.  Checks run by themselves after every
 * event, and all of them in sim_check().
 */
#ifndef TEST_SIM_SIM_H
#define TEST_SIM_SIM_H

#include "base/log.h"
#include "ike/ike.h"
#include "ike/limit.h"
#include "test/sim/queue.h"
#include "test/sim/rng.h"

#define SIM_HOST_ADDRESSES	4
#define SIM_PEER_BUCKETS	64
#define SIM_WATCHES		8
#define SIM_SECOND		1000u	/* in virtual time */
#define SIM_MINUTE		(60 * SIM_SECOND)
#define SIM_HOUR		(60 * SIM_MINUTE)

struct sim;
struct sim_host;
struct sim_nat;

/* The network's manners; permille and milliseconds. */
struct sim_net {
	uint32_t	loss, dup, reorder;
	uint32_t	delay, jitter;
	uint32_t	reorder_by;	/* a reordered datagram's extra delay */
};

/* A stream of packets from one host and what became of them. */
struct sim_flow {
	struct sim_host	*from;
	size_t		 index;		/* in sim->flow */
	bool		 has_pair;	/* looked for in sim->pair */
	size_t		 pair;		/* there; SIZE_MAX: none */
	struct ipsec_selector sel;
	struct kernel_scope scope;	/* at `from` */
	size_t		 bytes;
	bool		 may_clear;	/* clear text is no failure */
	uint64_t	 every, until;	/* a running stream: sim_flow_run() */
	unsigned int	 sent, delivered;
	unsigned int	 out[KERNEL_VERDICTS], in[KERNEL_VERDICTS];
	uint64_t	 mark;		/* goes with every packet */
	/* A packet with that mark was delivered; may send others. */
	void		(*arrived)(struct sim_flow *, uint64_t mark);
	void		*ctx;
};

/* Two hosts whose traffic must be protected. */
struct sim_pair {
	struct sim_host	*a, *b;
	struct ipsec_selector sel;	/* a to b */
	struct ipsec_tmpl tmpl[IPSEC_TMPL_MAX];	/* a's outbound */
	unsigned int	 ntmpl;
	struct kernel_scope scope;	/* of a's policies */
	bool		 used;		/* somebody sent something */
};

/* A processor, of one host or of several, that does one job after the other. */
struct sim_cpu {
	uint64_t	 free;		/* when it has done all there is */
};

/* Another party's bytes to and from a host, before it is known. */
struct sim_peer;

struct sim_host {
	struct sim	*sim;
	unsigned int	 index;
	char		 name[16];
	struct ipsec_addr addr[SIM_HOST_ADDRESSES];	/* ports 0 */
	unsigned int	 naddr;
	struct sim_nat	*nat;		/* NULL: not behind a NAT box */
	bool		 unplugged;
	uint8_t		*cut;		/* by index: what cannot reach them */
	size_t		 ncut;
	uint64_t	 due;		/* as sim->ready knows it */
	size_t		 slot;		/* there */
	bool		 touched;	/* due may be wrong */
	struct kernel	*kernel;
	struct ipsec	*admin;		/* setkey's handle */
	struct ipsec	*ipsec;		/* the engine's; NULL: it is down */
	struct crypto	*crypto;
	struct conf	*conf;
	char		*psk;		/* text of a psk.txt */
	struct ike_creds creds;		/* references of its own */
	struct cert	*chain[LIMIT_CERTS]; /* creds.cert and what is above */
	const char	*certified;	/* the only remote block that has key
					   and certificate; NULL: all have */
	struct ike	*ike;
	struct buf	 handover;	/* from one life to the next */
	unsigned int	 life;		/* counts starts */
	bool		 drifted;	/* the engine cannot know what its
					   kernel has */
	uint32_t	 job_delay;	/* ms */
	struct sim_cpu	*cpu;		/* NULL: any number of jobs at once */
	uint64_t	 stalled;	/* the engine does nothing before */
	uint64_t	 frozen;	/* nor does anything else */
	uint64_t	 events_at;	/* when kernel events are read; 0: none */
	struct sim_peer	*peers[SIM_PEER_BUCKETS];
	size_t		 unchecked;	/* events until the records are read */
	struct sim_strays *strays;	/* NULL: none came yet */
	struct ipsec_policy *policy;	/* as loaded: sim_policy_reload() */
	size_t		 npolicy;
	size_t		 npairs;	/* templates of its pairs */
	unsigned int	 seen[IKE_EVENT_CHILD_NO_PHASE1 + 1]; /* ike_event */
	unsigned int	 lost_sas;	/* IKE SAs that left no heir */
	struct ike_event last_event;
	uint64_t	 dgrams_in, dgrams_out, bytes_in, bytes_out;
};

/* Looks at (and may change) a datagram about to travel; false: drops it. */
typedef bool	 sim_tap(void *ctx, struct sim *, struct dgram *);

struct sim_watch {
	const char	*text;
	unsigned int	 count;
};

struct sim {
	uint64_t	 seed, now;
	uint64_t	 steps, steps_here;	/* events; at this instant */
	struct rng	 rng;
	struct crypto	*crypto;	/* borrowed */
	struct sim_net	 net;
	struct queue	 queue;
	struct sim_host	**host;
	size_t		 nhost;
	struct sim_host	**ready;	/* heap of hosts, the next one first */
	struct sim_host	**touched;
	size_t		 ntouched;
	struct sim_place *places;	/* hosts by address */
	size_t		 nplace, places_max;
	unsigned int	 most_pairs;	/* for one selector; 0: any number */
	bool		 more_pairs;	/* more are counted, but no failure */
	unsigned int	 crowds;	/* so often */
	struct sim_flow	**flow;
	size_t		 nflow;
	struct sim_pair	*pair;
	size_t		 npair;
	struct sim_nat	*nats;
	sim_tap		*tap;
	void		*tap_ctx;
	void		(*step)(struct sim *, void *);	/* after every event */
	void		*step_ctx;
	struct sim_watch watch[SIM_WATCHES];
	unsigned int	 time_ups;	/* negotiations that timed out */
	const char	*at;		/* whose turn it is, for the log */
	bool		 verbose;
	unsigned int	 allowance;	/* so many times their bytes may go
					   to strangers; 0: 1 */
	bool		 blind;		/* nobody looks for packets under
					   unknown SPIs */
	bool		 drift;		/* kernels lose SAs in silence: records
					   may name what is not there */
	size_t		 spare_sas;	/* IKE SAs beside those of pairs */
	unsigned int	 failures;
	char		 failure[256];	/* the first one */
	uint64_t	 dgrams, lost, forged;
	uint64_t	 trace;		/* digest of all that was sent */
};

/* Borrows CRYPTO.  VERBOSE: log lines go to standard error. */
struct sim	*sim_new(uint64_t seed, struct crypto *, bool verbose);
void		 sim_free(struct sim *);

/* Notes a failure; the first one is kept for the report. */
void		 sim_fail(struct sim *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
void		 sim_print_failure(const struct sim *);
/* Fails the run with TEXT unless GOOD. */
bool		 sim_expect(struct sim *, bool good, const char *text);
/* Counts log lines that contain TEXT (borrowed) from now on. */
struct sim_watch *sim_watch(struct sim *, const char *text);

/* host.c */
/* A host that is still down, with one address. */
struct sim_host	*sim_host(struct sim *, const char *name, const char *addr);
void		 sim_host_address(struct sim_host *, const char *addr);
/* racoon.conf and psk.txt; an engine that runs is told. */
bool		 sim_conf(struct sim_host *, const char *text);
void		 sim_psk(struct sim_host *, const char *text);
/* Certificates, ours first; its key and the authority's certificate, in PEM. */
void		 sim_certs(struct sim_host *, const char *cert,
		    const char *key, const char *ca);
void		 sim_certs_free(struct sim_host *);
void		 sim_start(struct sim_host *);
/* The engine vanishes; its kernel stays, or is empty as after a boot. */
void		 sim_crash(struct sim_host *, bool keep_kernel);
/* An orderly end that leaves the SAs, and what the next start takes over. */
void		 sim_leave(struct sim_host *);
/* An orderly end. */
void		 sim_stop(struct sim_host *);
struct sim_host	*sim_host_of(struct sim *, const struct ipsec_addr *);
/* The engine waits for something (a disk, a processor): what comes in waits
 * too, its kernel goes on. */
void		 sim_stall(struct sim_host *, uint64_t ms);
/* The host is suspended: what comes in is lost, then time leaps. */
void		 sim_freeze(struct sim_host *, uint64_t ms);
/* What is due there may have changed. */
void		 sim_touch(struct sim_host *);
void		 sim_touch_all(struct sim *);
/* Inputs of an engine; nothing happens while it is down. */
void		 sim_host_datagram(struct sim_host *, const struct dgram *);
void		 sim_host_job(struct sim_host *, struct job *, unsigned life);
/* What is due now at this host: its kernel, its events, its engine. */
void		 sim_host_run(struct sim_host *);
void		 sim_host_strays(struct sim_host *, const struct ike_stray *,
		    size_t n);
uint64_t	 sim_host_next(struct sim_host *);
void		 sim_host_free(struct sim_host *);
struct ike_counts sim_counts(const struct sim_host *);
struct ike_stats sim_stats(const struct sim_host *);

/* setup.c */
/* "192.0.2.1", "10.0.0.0/8", "192.0.2.1[80]", both ends. */
struct ipsec_selector sim_sel(const char *src, const char *dst,
		    uint8_t proto);
/*
 * "esp/transport//require" and the like, separated by blanks, as in
 * setkey's language: PROTO/MODE/SRC-DST/LEVEL with use or require.
 */
unsigned int	 sim_tmpl(const char *text, struct ipsec_tmpl *);
/* Loads policies for SEL between A and B into both kernels. */
void		 sim_protect(struct sim_host *a, struct sim_host *b,
		    const struct ipsec_selector *sel, const char *tmpl);
/* The same when NAT makes the two sides see different addresses. */
struct sim_view {
	struct ipsec_selector sel;	/* a to b */
	const char	*tmpl;		/* a's outbound */
};
void		 sim_protect_seen(struct sim_host *a, struct sim_host *b,
		    const struct sim_view *at_a, const struct sim_view *at_b);
/* As sim_protect(), but A's policies are for packets with this mark, or this
 * interface; what comes from B gets the mark. */
void		 sim_protect_scoped(struct sim_host *a, struct sim_host *b,
		    const struct ipsec_selector *sel, const char *tmpl,
		    struct kernel_scope);
/* As sim_protect(), all traffic between the hosts' first addresses. */
void		 sim_protect_all(struct sim_host *a, struct sim_host *b,
		    const char *tmpl);
void		 sim_policy(struct sim_host *, const struct ipsec_policy *);
void		 sim_policy_flush(struct sim_host *);
/* Loads again all policies that were ever loaded. */
void		 sim_policy_reload(struct sim_host *);

/* traffic.c */
struct sim_flow	*sim_flow(struct sim_host *from,
		    const struct ipsec_selector *);
/* Between the first addresses of two hosts, protocol 17 with ports. */
struct sim_flow	*sim_flow_between(struct sim_host *, struct sim_host *);
enum kernel_verdict sim_flow_send(struct sim_flow *);
/* One packet every so many ms until then, from now on. */
void		 sim_flow_run(struct sim_flow *, uint64_t every,
		    uint64_t until);
/* A packet that arrives. */
void		 sim_packet_in(struct sim *, struct sim_host *,
		    const struct kernel_packet *);
/* Packets of FLOW until one arrives, one every second; ms taken, or 0. */
uint64_t	 sim_flow_until_up(struct sim_flow *, uint64_t limit);

/* stray.c */
/* The kernel has had a packet, with this verdict; the host may see it too. */
void		 sim_stray_packet(struct sim_host *,
		    const struct kernel_packet *, enum kernel_verdict);
void		 sim_stray_start(struct sim_host *);
void		 sim_strays_free(struct sim_host *);

/* network.c */
/* Puts a datagram on the wire; takes it. */
void		 sim_send(struct sim *, struct dgram *);
/* As if it came from the network: no loss, no delay; takes it. */
void		 sim_inject(struct sim *, struct dgram *);
/* It has arrived; takes it. */
void		 sim_arrive(struct sim *, struct dgram *);
/* Nothing passes between A and B (one direction each call). */
void		 sim_cut(struct sim_host *from, struct sim_host *to, bool cut);
/* A NAT box with this public address. */
struct sim_nat	*sim_nat(struct sim *, const char *addr);
/* The box forgets its mappings: the next datagrams get new ports. */
void		 sim_nat_forget(struct sim_nat *);
const struct ipsec_addr *sim_nat_address(const struct sim_nat *);
void		 sim_network_free(struct sim *);

/* run.c */
/* Calls FN once at that time. */
void		 sim_at(struct sim *, uint64_t when,
		    void (*fn)(struct sim *, void *), void *ctx);
/* The same for an FN that touches hosts only by functions of this header: it
 * spares asking all hosts afterwards what they have to do. */
void		 sim_at_own(struct sim *, uint64_t when,
		    void (*fn)(struct sim *, void *), void *ctx);
/* One event, if it is due by LIMIT; false: nothing to do before. */
bool		 sim_step(struct sim *, uint64_t limit);
/* Lets MS milliseconds pass. */
void		 sim_run(struct sim *, uint64_t ms);
/* Until DONE says so; false: it did not within MS. */
bool		 sim_run_until(struct sim *, bool (*done)(struct sim *, void *),
		    void *ctx, uint64_t ms);
/* Until no engine has anything under way; 40 seconds and at most MS. */
void		 sim_settle(struct sim *, uint64_t ms);

/* checker.c */
/* Bytes between an engine and REMOTE, for the amplification check. */
void		 sim_peer_count(struct sim_host *, const struct ipsec_addr *,
		    size_t in, size_t out);
/* REMOTE has proved who it is, or it was we who began. */
void		 sim_peer_known(struct sim_host *, const struct ipsec_addr *);
void		 sim_peers_free(struct sim_host *);
/* The cheap invariants, for the host that has just done something. */
void		 sim_check_host(struct sim_host *);
/* Has it more than one IKE SA with somebody? */
bool		 sim_has_twins(struct sim_host *);
/* Everything, at rest: see the functions. */
void		 sim_check(struct sim *);
/* SAs of a host that match; the state counts only if `mature'. */
struct sim_count {
	struct ipsec_addr src, dst;	/* family 0: any */
	uint8_t		proto;
	bool		mature;
};
unsigned int	 sim_count_sas(struct sim_host *, const struct sim_count *);

#endif
