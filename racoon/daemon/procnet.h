/* SPDX-License-Identifier: ISC */
/*
 * Counters in the files of /proc/net: of the network namespace in which a file
 * was opened, and readable without privileges.
 */
#ifndef RACOON_DAEMON_PROCNET_H
#define RACOON_DAEMON_PROCNET_H

#include <stdint.h>

#include "libipsec/view.h"
#include "monitor/asroot.h"

/* Opens xfrm_stat, snmp or snmp6; -1: there is none. */
int		 procnet_open(const struct asroot *, enum mon_proc);
/* The sum of the counters of the file that are among NAMES, which a NULL ends;
 * 0 as well if FD is -1. */
uint64_t	 procnet_count(int fd, const char *const *names);
/* The same of TEXT, in any of their formats. */
uint64_t	 procnet_sum(struct view text, const char *const *names);

#endif
