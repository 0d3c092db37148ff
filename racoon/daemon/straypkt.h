/* SPDX-License-Identifier: ISC */
/*
 * The pure half of stray.h: what a packet says, which packets are wanted.  No
 * state, no system calls.
 */
#ifndef RACOON_DAEMON_STRAYPKT_H
#define RACOON_DAEMON_STRAYPKT_H

#include <linux/filter.h>

#include "ike/ike.h"

#define STRAY_PORTS	8	/* UDP ports on which ESP may come */
#define STRAY_NAMES	512	/* SPIs left out of a filter */
#define STRAY_SNAP	128	/* bytes of a packet: 60 of IP, 8 of UDP ... */
#define STRAY_CODE	(2 * STRAY_NAMES + 2 * STRAY_PORTS + 16)

/* What one raw socket gets. */
struct stray_kind {
	uint16_t	family;
	uint8_t		proto;		/* ESP, AH or UDP */
	uint16_t	port[STRAY_PORTS]; /* UDP: those on which ESP comes */
	unsigned int	nports;
};

/*
 * Reads a packet: from the IP header on for IPv4, from behind it for IPv6,
 * whose addresses are in *STRAY already (ports 0).  False: none of interest.
 */
bool		 stray_parse(const struct stray_kind *, struct view packet,
		    struct ike_stray *);
/*
 * The socket filter that lets the same packets pass, those of N SPIs (at most
 * STRAY_NAMES) left out.  Returns its length.
 */
unsigned short	 stray_filter(const struct stray_kind *, const uint32_t *spi,
		    size_t n, struct sock_filter code[STRAY_CODE]);

#endif
