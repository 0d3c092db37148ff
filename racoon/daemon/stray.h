/* SPDX-License-Identifier: ISC */
/*
 * Looks for ESP and AH that the kernel cannot read for want of an SA.  Linux
 * has no event for that, just counters.  They are read now and then, which is
 * all as long as they rest; when they move, raw sockets are open for a few
 * seconds, and a packet of each SPI is looked at once a second.
 */
#ifndef RACOON_DAEMON_STRAY_H
#define RACOON_DAEMON_STRAY_H

#include "daemon/straypkt.h"
#include "monitor/asroot.h"

struct event_base;
struct stray;

/* Some packets, at most IKE_STRAYS_MAX; good ones may be among them. */
typedef void	 stray_fn(void *ctx, const struct ike_stray *, size_t n);

/* Looks for nothing yet.  NULL (logged): there is no timer. */
struct stray	*stray_new(struct event_base *, const struct asroot *,
		    stray_fn *, void *ctx);
/* NULL is allowed. */
void		 stray_free(struct stray *);
/*
 * Looks from now on, or no longer.  ESP may come in UDP on N ports, at most
 * STRAY_PORTS.  What a kernel or a container does not allow is logged once.
 */
void		 stray_watch(struct stray *, bool on, const uint16_t *port,
		    unsigned int n);

struct stray_stats {
	uint64_t	opened;		/* how often something was looked for */
	uint64_t	packets;	/* read meanwhile */
	uint64_t	filters;	/* how often the kernel got another */
};
const struct stray_stats *stray_stats(const struct stray *);

#endif
