/* SPDX-License-Identifier: ISC */
/*
 * Has this host had anything to do with IP lately?  When it has not, no SA's
 * counters have moved either, and nobody needs to look at them.
 */
#ifndef RACOON_DAEMON_TRAFFIC_H
#define RACOON_DAEMON_TRAFFIC_H

#include <stdint.h>

#include "monitor/asroot.h"

struct traffic {
	int	ip, ip6;		/* files; -1: not there */
};

/* Opens what there is. */
void		 traffic_open(struct traffic *, const struct asroot *);
void		 traffic_close(struct traffic *);
/*
 * Packets that came and went, of both families; what is forwarded came.  ESP
 * that goes out is counted as it leaves.  0: not known.
 */
uint64_t	 traffic_count(const struct traffic *);

#endif
