/* SPDX-License-Identifier: ISC */
#include "daemon/traffic.h"

#include <stddef.h>
#include <unistd.h>

#include "daemon/procnet.h"

void
traffic_open(struct traffic *t, const struct asroot *root)
{
	t->ip = procnet_open(root, MON_PROC_SNMP);
	t->ip6 = procnet_open(root, MON_PROC_SNMP6);
}

void
traffic_close(struct traffic *t)
{
	if (t->ip != -1)
		(void)close(t->ip);
	if (t->ip6 != -1)
		(void)close(t->ip6);
	t->ip = t->ip6 = -1;
}

uint64_t
traffic_count(const struct traffic *t)
{
	static const char *const ip[] = { "InReceives", "OutRequests", NULL };
	static const char *const ip6[] = { "Ip6InReceives", "Ip6OutRequests",
	    NULL };

	/* without the one file, the other one says half of it */
	if (t->ip == -1)
		return 0;
	return procnet_count(t->ip, ip) + procnet_count(t->ip6, ip6);
}
