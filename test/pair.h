/* SPDX-License-Identifier: ISC */
/*
 * Two engines, two fake kernels and all datagrams that were ever sent, for
 * tests that want to see or to change what goes between them.  Time moves and
 * jobs run only when a test says so.  No simulator: see sim/ for that.
 */
#ifndef TEST_PAIR_H
#define TEST_PAIR_H

#include <check.h>

#include "conf/conf.h"
#include "ike/engine.h"
#include "ike/job.h"
#include "libipsec/addr.h"
#include "libipsec/ipsec.h"
#include "sim/kernel.h"
#include "wire/msg.h"

#define PAIR_DATAGRAMS	2048
#define PAIR_LINES	1024
#define PAIR_EVENTS	7

struct datagram {
	struct ipsec_addr from, to;
	struct buf	bytes;
};

struct node {
	struct pair	*pair;
	struct ipsec_addr addr;		/* port 500 */
	const char	*psk;		/* NULL: it has none */
	const char	*psk_id;	/* whose key that is; NULL: anybody's */
	bool		 natt;		/* there is a NAT-T socket */
	struct ike_creds creds;		/* of every remote block, but */
	struct ike_creds other_creds;	/* of this one, */
	const char	*other;		/* if it is named */
	const struct gss_ops *gss;	/* NULL: no GSS-API */
	struct conf	*conf;
	struct kernel	*kernel;
	struct ipsec	*handle;
	struct ike	*ike;
	struct job	*jobs;		/* submitted, not run */
	unsigned int	 njobs;		/* ever submitted */
	unsigned int	 event[PAIR_EVENTS];
	struct ike_event last;
	char		 last_id[256];	/* its peer_id, "": none */
};

struct pair {
	struct crypto	*crypto;
	uint64_t	 now;
	struct node	 a, b;		/* 192.0.2.1, 192.0.2.2 */
	struct ipsec_addr nat;		/* A is seen so; family 0: no NAT.  Its
					   port stands for 500, the next one
					   for 4500 */
	struct datagram	*sent;		/* in the order of sending */
	size_t		 nsent;
	size_t		 next;		/* not delivered from here on */
	char		*line[PAIR_LINES];
	size_t		 nlines;
};

/* A configuration that both sides accept; transport or tunnel. */
extern const char pair_conf[];

/* A snapshot of a text; the test fails when it has errors. */
struct conf	*conf_of(const char *text);
struct ipsec_addr addr_of(const char *text, uint16_t port);

/* Engines at time START; NULL as a text: pair_conf. */
struct pair	*pair_new(const char *a, const char *b, uint64_t start);
void		 pair_free(struct pair *);
/* "transport" policies between the two addresses, on both sides. */
void		 pair_transport(struct pair *);
/* One pair of policies: out from SRC to DST over TMPL, and its mirror. */
void		 node_policy(struct node *, const struct ipsec_selector *,
		    const struct ipsec_tmpl *);
/* The same over N templates. */
void		 node_policies(struct node *, const struct ipsec_selector *,
		    const struct ipsec_tmpl *, uint8_t n);
/* The kernel asks for the SAs of an outbound selector; SEQ is its number. */
void		 node_acquire(struct node *, const struct ipsec_selector *,
		    uint32_t seq);
/* Between the two addresses, any traffic. */
struct ipsec_selector pair_selector(const struct node *from);
struct ipsec_selector selector_of(const char *src, uint8_t src_prefix,
		    const char *dst, uint8_t dst_prefix);

/* A new engine that knows nothing; the kernel has what it had. */
void		 node_restart(struct node *);
/* Runs the jobs of a node. */
void		 node_work(struct node *);
/* Hands over the datagram; true when there was one. */
bool		 pair_deliver(struct pair *);
/* The same datagram again, also from elsewhere. */
void		 pair_inject(struct pair *, struct node *to,
		    const struct ipsec_addr *from, struct view);
/* Jobs and datagrams until nothing is left; COUNT datagrams at most. */
void		 pair_run(struct pair *);
void		 pair_run_some(struct pair *, unsigned int count);
/* Moves time on both sides, running what is due on its way. */
void		 pair_tick(struct pair *, uint64_t ms);
/* The policies of pair_transport(), and the kernel of A asks. */
void		 pair_begin(struct pair *);
/* The header of message I of those sent, and all of it if it is plain. */
struct msg_header pair_header(const struct pair *, size_t i);
void		 pair_parse(const struct pair *, size_t i, struct msg *);
/* Phase 1 and 2 from A to B with pair_transport(). */
void		 pair_connect(struct pair *);

/* Has a line with this text been logged? */
bool		 pair_said(const struct pair *, const char *text);
struct ike_counts counts_of(const struct node *);
struct ike_stats stats_of(const struct node *);
/* Bytes and datagrams that FROM has sent since datagram number SINCE. */
size_t		 bytes_from(const struct pair *, const struct node *from,
		    size_t since);
unsigned int	 datagrams_from(const struct pair *, const struct node *from,
		    size_t since);
struct sa	*node_sa(const struct node *);

#endif
