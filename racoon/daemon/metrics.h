/* SPDX-License-Identifier: ISC */
/*
 * What racoon counts about itself, and how that is written for monitoring.
 * Label values are words of ours, names of remote blocks, and the kernel's
 * names of its counters; never a peer's address or identity, so that no peer
 * can make the number of series grow.
 */
#ifndef RACOON_DAEMON_METRICS_H
#define RACOON_DAEMON_METRICS_H

#include "monitor/hook.h"
#include "daemon/net.h"
#include "daemon/xfrmstat.h"
#include "ike/ike.h"

#define METRICS_TEXT_MAX	(512 * 1024)	/* bytes */
#define METRICS_CERTS		64	/* certificates told of */
#define METRICS_NAME		80	/* bytes of a block's name */

/* Content types of the two forms. */
#define METRICS_OPEN	"application/openmetrics-text; version=1.0.0; " \
			    "charset=utf-8"
#define METRICS_PLAIN	"text/plain; version=0.0.4; charset=utf-8"

enum metrics_sa_state {
	METRICS_NEGOTIATING, METRICS_READY, METRICS_DYING, METRICS_SA_STATES
};

#define METRICS_PROTOS		3	/* ESP, AH, IPComp */
#define METRICS_KERNEL_STATES	4	/* as enum ipsec_state */

/* How things are at one moment; gathered by somebody else. */
struct metrics_facts {
	struct ike_stats ike;
	struct ike_counts held;
	size_t		ike_sas[2][METRICS_SA_STATES];	/* [initiator] */
	bool		has_sas;	/* the kernel could be asked */
	size_t		sas[METRICS_PROTOS][METRICS_KERNEL_STATES];
	struct net_stats net;
	struct hooks_counts hooks;
	struct xfrmstat	xfrm;
	size_t		ncerts;
	struct {
		char	remote[METRICS_NAME];
		size_t	nth;		/* the block's place in the file */
		int64_t	left;		/* seconds; negative: expired */
	} cert[METRICS_CERTS];
	const char	*version, *crypto, *backend;
	double		started;	/* seconds since the epoch */
	double		cpu;		/* seconds used */
	uint64_t	memory;		/* resident bytes; 0: not known */
};

struct metrics;

struct metrics	*metrics_new(void);
void		 metrics_free(struct metrics *);
/* These happened. */
void		 metrics_event(struct metrics *, const struct ike_event *);
void		 metrics_kernel(struct metrics *, enum ipsec_event_type);
void		 metrics_reload(struct metrics *, bool good);
/*
 * Appends all of it: OpenMetrics 1.0 text with OPEN, else the older text
 * format of Prometheus 0.0.4.
 */
void		 metrics_put(const struct metrics *,
		    const struct metrics_facts *, bool open, struct buf *);

#endif
