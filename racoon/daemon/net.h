/* SPDX-License-Identifier: ISC */
/*
 * The UDP sockets of IKE.  A datagram comes with the address that it was sent
 * to, and an answer leaves from that very address.  The non-ESP marker and
 * the keepalives of RFC 3948 stay in here.
 */
#ifndef RACOON_DAEMON_NET_H
#define RACOON_DAEMON_NET_H

#include "base/err.h"
#include "conf/conf.h"
#include "libipsec/ipsec.h"
#include "libipsec/view.h"
#include "monitor/asroot.h"

#define NET_PORT	500	/* RFC 2408 2.5.1 */
#define NET_NATT_PORT	4500	/* RFC 3947 4 */

struct event_base;
struct net;

/* Takes one datagram; must not call net_listen() or net_free(). */
typedef void	 net_fn(void *ctx, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote, struct view);

/* Where to listen. */
struct net_plan {
	const struct conf_listen *on;	/* just these... */
	size_t		n;		/* ...or, with 0, all addresses on: */
	uint16_t	port, natt_port;
	bool		strict;		/* an address must be there at once */
};

struct net_stats {
	uint64_t	received, sent;	/* datagrams handed on, and sent */
	uint64_t	dropped;	/* truncated, no marker, no address */
	uint64_t	keepalives;
	uint64_t	unsent;		/* the kernel did not take them */
};

/* Borrows the two. */
struct net	*net_new(struct event_base *, const struct asroot *, net_fn *,
		    void *ctx);
void		 net_free(struct net *);
/*
 * Makes the open sockets those of the plan: keeps, opens, closes.  E_SYSTEM
 * (logged): some cannot be opened, and those of the plan before stay.
 * Addresses that do not exist yet are bound once they appear, unless strict.
 */
enum err	 net_listen(struct net *, const struct net_plan *) MUST_CHECK;
/*
 * Sends from LOCAL (with port) to REMOTE; puts the marker in front on a NAT-T
 * socket, except for a keepalive, which is the byte 0xff alone.  Failure is
 * counted and (within bounds) logged: IKE sends again.
 */
void		 net_send(struct net *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote, struct view);
/* These two: struct ike_ops in ike.h. */
bool		 net_natt(const struct net *, const struct ipsec_addr *local,
		    struct ipsec_addr *out);
bool		 net_local(const struct net *, const struct ipsec_addr *hint,
		    const struct ipsec_addr *remote, struct ipsec_addr *out);
/* The NAT-T ports, each once, at most MAX: how many there are. */
unsigned int	 net_natt_ports(const struct net *, uint16_t *port,
		    unsigned int max);
const struct net_stats *net_stats(const struct net *);

#endif
