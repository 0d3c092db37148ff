/* SPDX-License-Identifier: ISC */
/*
 * One UDP socket for IKE: its options, and what the kernel would choose as
 * source address.  Who reads and writes it: net.c.
 */
#ifndef RACOON_MONITOR_SOCK_H
#define RACOON_MONITOR_SOCK_H

#include <stdbool.h>
#include <sys/socket.h>

#include "libipsec/ipsec.h"

/*
 * Opens a nonblocking UDP socket on ADDR (port 0: any, filled in) that tells
 * where each datagram was sent to and that no IPsec policy applies to.  NATT:
 * the kernel takes ESP out of UDP here (RFC 3948).  -errno on failure.
 */
int	 sock_open(struct ipsec_addr *, bool natt);
/*
 * Opens a nonblocking raw socket that no IPsec policy applies to, so that it
 * gets a copy of every packet of PROTO that reaches this host.  For IPv6 it
 * tells where each was sent to.  -errno on failure.
 */
int	 sock_open_raw(uint16_t family, int proto);
/* A nonblocking TCP socket that listens at ADDR; -errno on failure. */
int	 sock_open_tcp(const struct ipsec_addr *);
/* That place, without a port; false: not a unicast address. */
bool	 sock_destination(struct msghdr *, struct ipsec_addr *);
/* The address from which this host would talk to REMOTE; port 0. */
bool	 sock_source(const struct ipsec_addr *remote, struct ipsec_addr *out);
/* Does this host have the address?  True also when that cannot be told. */
bool	 sock_is_local(const struct ipsec_addr *);

#endif
