/* SPDX-License-Identifier: ISC */
/*
 * The list of IKE sockets, and what goes through them.  A socket that has
 * much to say is read in portions, so that the others and the kernel's events
 * get their turn.
 */
#include "daemon/net.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/ifaces.h"
#include "monitor/sock.h"
#include "daemon/unsent.h"
#include "libipsec/addr.h"

#define PORTION		16		/* datagrams read at once */
#define DATAGRAM_MAX	65536		/* UDP has no longer ones */
#define MARKER_BYTES	4		/* RFC 3948 2.2 */
#define KEEPALIVE	0xff		/* RFC 3948 2.3 */

struct net_sock {
	struct net	*net;
	struct conf_listen want;
	struct ipsec_addr addr;		/* bound to */
	int		 fd;		/* -1: not open */
	int		 complained;	/* errno that was logged */
	bool		 reported;	/* that it is open */
	struct event	*ev;
};

/* What recvmsg() says about a datagram besides its bytes. */
struct slot {
	struct sockaddr_storage from;
	struct iovec	iov;
	_Alignas(struct cmsghdr) char control[
	    CMSG_SPACE(sizeof(struct in6_pktinfo)) +
	    CMSG_SPACE(sizeof(struct in_pktinfo))];
};

struct net {
	struct event_base *base;
	const struct asroot *root;
	net_fn		*fn;
	void		*ctx;
	struct net_sock	**sock;
	size_t		 n;
	bool		 strict, automatic;
	struct ifaces	*ifaces;
	struct net_stats stats;
	struct unsent	 unsent;	/* what was said about it */
	struct mmsghdr	 msg[PORTION];
	struct slot	 slot[PORTION];
	/*
	 * Shared by all sockets.  A datagram touches no more pages than it
	 * has, so this takes 64 KiB of memory, though any length fits.
	 */
	uint8_t		*area;
};

/* ---- receive ---- */

/* Takes the marker off; false: not for IKE (RFC 3948 2.2, 2.3). */
static bool
unwrap(struct net *net, struct view *v)
{
	if (v->n == 1 && v->p[0] == KEEPALIVE) {
		net->stats.keepalives++;
		return false;
	}
	if (view_u32(v) != 0 || v->bad) {
		net->stats.dropped++;
		return false;
	}
	return true;
}

static void
take(struct net_sock *s, struct mmsghdr *m, const struct slot *slot)
{
	struct net *net = s->net;
	struct view v = view_of(slot->iov.iov_base, m->msg_len);
	struct ipsec_addr local, remote;

	if ((m->msg_hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
	    !addr_from_sockaddr(&remote,
	    (const struct sockaddr *)&slot->from) || remote.port == 0 ||
	    !sock_destination(&m->msg_hdr, &local)) {
		net->stats.dropped++;
		return;
	}
	local.port = s->addr.port;
	if (s->want.natt && !unwrap(net, &v))
		return;
	net->stats.received++;
	net->fn(net->ctx, &local, &remote, v);
}

static void
prepare(struct net *net)
{
	for (size_t i = 0; i < PORTION; i++) {
		struct slot *slot = &net->slot[i];

		slot->iov = (struct iovec){
			.iov_base = net->area + i * DATAGRAM_MAX,
			.iov_len = DATAGRAM_MAX,
		};
		net->msg[i].msg_hdr = (struct msghdr){
			.msg_name = &slot->from,
			.msg_namelen = sizeof(slot->from),
			.msg_iov = &slot->iov,
			.msg_iovlen = 1,
			.msg_control = slot->control,
			.msg_controllen = sizeof(slot->control),
		};
	}
}

static void
readable(evutil_socket_t fd, short what, void *ctx)
{
	struct net_sock *s = ctx;
	struct net *net = s->net;
	int n;

	(void)what;
	prepare(net);
	n = recvmmsg(fd, net->msg, PORTION, MSG_DONTWAIT, NULL);
	/* An error is a stale ICMP one or none at all: it is gone now. */
	for (int i = 0; i < n; i++)
		take(s, &net->msg[i], &net->slot[i]);
}

/* ---- send ---- */

static bool
serves(const struct net_sock *s, const struct ipsec_addr *local)
{
	return s->fd != -1 && s->addr.family == local->family &&
	    (addr_is_any(&s->addr) || addr_equal(&s->addr, local));
}

static const struct net_sock *
find_port(const struct net *net, const struct ipsec_addr *local)
{
	for (size_t i = 0; i < net->n; i++) {
		const struct net_sock *s = net->sock[i];

		if (s->addr.port == local->port && serves(s, local))
			return s;
	}
	return NULL;
}

static const struct net_sock *
find_kind(const struct net *net, const struct ipsec_addr *local, bool natt)
{
	for (size_t i = 0; i < net->n; i++) {
		const struct net_sock *s = net->sock[i];

		if (s->want.natt == natt && serves(s, local))
			return s;
	}
	return NULL;
}

static void
put_control(struct msghdr *msg, int level, int type, const void *p, size_t n)
{
	struct cmsghdr *c = msg->msg_control;

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), p, n);
	msg->msg_controllen = CMSG_SPACE(n);
}

/* Makes the datagram leave from LOCAL. */
static void
put_source(struct msghdr *msg, const struct ipsec_addr *local)
{
	struct view bytes = addr_bytes(local);
	struct in_pktinfo v4 = { .ipi_ifindex = 0 };
	struct in6_pktinfo v6 = { .ipi6_ifindex = local->scope };

	if (local->family == AF_INET) {
		view_bytes(&bytes, &v4.ipi_spec_dst, sizeof(v4.ipi_spec_dst));
		put_control(msg, IPPROTO_IP, IP_PKTINFO, &v4, sizeof(v4));
	} else {
		view_bytes(&bytes, &v6.ipi6_addr, sizeof(v6.ipi6_addr));
		put_control(msg, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof(v6));
	}
}

static int
transmit(const struct net_sock *s, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view v)
{
	static const uint8_t marker[MARKER_BYTES] = { 0 };
	_Alignas(struct cmsghdr) char control[
	    CMSG_SPACE(sizeof(struct in6_pktinfo))] = { 0 };
	const bool bare = v.n == 1 && v.p[0] == KEEPALIVE;
	struct sockaddr_storage to;
	struct iovec iov[2] = {
		{ .iov_base = (void *)(uintptr_t)marker,
		    .iov_len = s->want.natt && !bare ? MARKER_BYTES : 0 },
		{ .iov_base = (void *)(uintptr_t)v.p, .iov_len = v.n },
	};
	struct msghdr msg = {
		.msg_name = &to,
		.msg_namelen = addr_to_sockaddr(remote, &to),
		.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = control,
	};

	put_source(&msg, local);
	/* The first try may report an old ICMP error instead of sending. */
	for (int try = 0; try < 2; try++) {
		if (sendmsg(s->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != ECONNREFUSED && errno != EINTR)
			break;
	}
	return errno;
}

static uint64_t
now_ms(void)
{
	struct timespec ts;

	/* Cannot fail for this clock. */
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void
complain(struct net *net, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, int err)
{
	char name[ADDR_TEXT], more[60] = "";
	uint64_t missed = 0;
	bool tell = unsent_tell(&net->unsent, err, remote, now_ms(), &missed);

	net->stats.unsent++;
	if (missed > 0)
		(void)snprintf(more, sizeof(more),
		    " (and %" PRIu64 " failures not logged)", missed);
	log_peer(tell ? LOG_L_WARNING : LOG_L_DEBUG, remote,
	    "cannot send from %s: %s%s", addr_print_port(local, name),
	    err == EADDRNOTAVAIL ? "no IKE socket on this address" :
	    strerror(err), more);
}

void
net_send(struct net *net, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view v)
{
	const struct net_sock *s = find_port(net, local);
	int err;

	err = s == NULL ? EADDRNOTAVAIL : transmit(s, local, remote, v);
	if (err != 0) {
		complain(net, local, remote, err);
		return;
	}
	net->stats.sent++;
}

unsigned int
net_natt_ports(const struct net *net, uint16_t *port, unsigned int max)
{
	unsigned int n = 0, j;

	for (size_t i = 0; i < net->n && n < max; i++) {
		const struct net_sock *s = net->sock[i];

		for (j = 0; j < n && port[j] != s->addr.port; j++)
			continue;
		if (s->want.natt && j == n)
			port[n++] = s->addr.port;
	}
	return n;
}

bool
net_natt(const struct net *net, const struct ipsec_addr *local,
    struct ipsec_addr *out)
{
	const struct net_sock *s = find_kind(net, local, true);

	if (s == NULL)
		return false;
	*out = *local;
	out->port = s->addr.port;
	return true;
}

/* Any listed address that can reach REMOTE as far as its kind tells. */
static const struct net_sock *
find_listed(const struct net *net, const struct ipsec_addr *remote)
{
	for (size_t i = 0; i < net->n; i++) {
		const struct net_sock *s = net->sock[i];

		if (s->fd != -1 && !s->want.natt && !addr_is_any(&s->addr) &&
		    s->addr.family == remote->family &&
		    s->addr.scope == remote->scope)
			return s;
	}
	return NULL;
}

/*
 * What the kernel would choose is not what counts if racoon.conf lists other
 * addresses: then the first of these.
 */
static bool
choose_local(const struct net *net, const struct ipsec_addr *remote,
    struct ipsec_addr *out)
{
	const struct net_sock *s;
	struct ipsec_addr local;

	if (net->root->ops->source(net->root->ctx, remote, &local) &&
	    (s = find_kind(net, &local, false)) != NULL) {
		*out = local;
		out->port = s->addr.port;
		return true;
	}
	s = find_listed(net, remote);
	if (s != NULL)
		*out = s->addr;
	return s != NULL;
}

/* Why there is no socket for HINT; always false. */
static bool
no_local(const struct ipsec_addr *hint, const struct ipsec_addr *remote)
{
	char name[ADDR_TEXT];

	if (hint->family == 0 || addr_is_any(hint))
		log_peer(LOG_L_ERROR, remote, "no IKE socket can reach this "
		    "peer; see `listen' in racoon.conf");
	else if (sock_is_local(hint))
		log_peer(LOG_L_ERROR, remote, "no IKE socket on %s; see "
		    "`listen' in racoon.conf", addr_print(hint, name));
	else
		log_peer(LOG_L_ERROR, remote, "%s is not an address of this "
		    "host: correct the policy for this peer",
		    addr_print(hint, name));
	return false;
}

/* A wildcard socket takes any source, though it may not be this host's. */
static bool
can_send_from(const struct net_sock *s, const struct ipsec_addr *local)
{
	return !addr_is_any(&s->addr) || sock_is_local(local);
}

bool
net_local(const struct net *net, const struct ipsec_addr *hint,
    const struct ipsec_addr *remote, struct ipsec_addr *out)
{
	const struct net_sock *s;
	struct ipsec_addr local = *hint;

	if (hint->family == 0 || addr_is_any(hint))
		return choose_local(net, remote, out) ||
		    no_local(hint, remote);
	s = find_kind(net, hint, false);
	if (s == NULL || !can_send_from(s, hint))
		return no_local(hint, remote);
	local.port = s->addr.port;
	*out = local;
	return true;
}

/* ---- open and close ---- */

static void
sock_close(struct net_sock *s)
{
	char name[ADDR_TEXT];

	if (s->ev != NULL)
		event_free(s->ev);
	s->ev = NULL;
	if (s->fd == -1)
		return;
	log_msg(LOG_L_DEBUG, "%s closed (fd=%d)",
	    addr_print_port(&s->addr, name), s->fd);
	(void)close(s->fd);
	s->fd = -1;
	s->reported = false;
}

static void
sock_free(struct net_sock *s)
{
	sock_close(s);
	free(s);
}

static void
report_open(struct net_sock *s)
{
	char name[ADDR_TEXT];

	if (s->fd == -1 || s->reported)
		return;
	s->reported = true;
	(void)addr_print_port(&s->addr, name);
	if (s->want.natt)
		log_msg(LOG_L_INFO, "%s used for NAT-T", name);
	log_msg(LOG_L_INFO, "%s used as isakmp port (fd=%d)", name, s->fd);
}

static const char *
remedy(int err)
{
	switch (err) {
	case EADDRINUSE:
		return ": another IKE daemon has it, stop that one "
		    "(`ss -ulpn' shows which)";
	case EACCES:
	case EPERM:
		return ": run racoon as root or with CAP_NET_BIND_SERVICE";
	case EADDRNOTAVAIL:
		return ": this host has no such address";
	case ENOPROTOOPT:
		return ": this kernel has no IPsec for it";
	}
	return "";
}

/* Says once why S is not open; true when it may stay so for now. */
static bool
may_wait(struct net_sock *s, int err)
{
	const bool missing = err == EADDRNOTAVAIL || err == ENODEV;
	const bool first = err != s->complained;
	char name[ADDR_TEXT];

	s->complained = err;
	(void)addr_print_port(&s->want.addr, name);
	if (s->net->automatic && err == EAFNOSUPPORT) {
		if (first)
			log_msg(LOG_L_DEBUG, "%s not used: %s", name,
			    strerror(err));
		return true;
	}
	if (!s->net->automatic && !s->net->strict && missing) {
		if (first)
			log_msg(LOG_L_NOTIFY, "%s does not exist yet: "
			    "it will be used once it appears", name);
		return true;
	}
	if (first)
		log_msg(LOG_L_ERROR, "cannot listen on %s: %s%s", name,
		    strerror(err), remedy(err));
	return false;
}

/* True when S is open, or may wait. */
static bool
try_open(struct net_sock *s)
{
	struct net *net = s->net;
	int fd;

	s->addr = s->want.addr;
	fd = net->root->ops->bind(net->root->ctx, &s->addr, s->want.natt);
	if (fd < 0)
		return may_wait(s, -fd);
	s->ev = event_new(net->base, fd, EV_READ | EV_PERSIST, readable, s);
	if (s->ev == NULL || event_add(s->ev, NULL) == -1) {
		if (s->ev != NULL)
			event_free(s->ev);
		s->ev = NULL;
		(void)close(fd);
		return may_wait(s, EIO);
	}
	s->fd = fd;
	s->complained = 0;
	return true;
}

/* The sockets of a plan; those that are open already are the running ones. */
struct list {
	struct net_sock	**sock;
	size_t		 n;
};

static bool
open_missing(const struct list *l)
{
	bool good = true;

	for (size_t i = 0; i < l->n; i++)
		if (l->sock[i]->fd == -1 && !try_open(l->sock[i]))
			good = false;
	return good;
}

static void
open_and_report(struct net *net)
{
	const struct list l = { net->sock, net->n };

	(void)open_missing(&l);
	for (size_t i = 0; i < net->n; i++)
		report_open(net->sock[i]);
}

static void
addresses_changed(void *ctx)
{
	log_msg(LOG_L_DEBUG, "an address of this host came or went");
	open_and_report(ctx);
}

static bool
is_in(const struct list *l, const struct net_sock *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->sock[i] == s)
			return true;
	return false;
}

static struct net_sock *
find_same(const struct net *net, const struct conf_listen *want)
{
	for (size_t i = 0; i < net->n; i++)
		if (net->sock[i]->want.natt == want->natt &&
		    addr_equal_port(&net->sock[i]->want.addr, &want->addr))
			return net->sock[i];
	return NULL;
}

/* Adds the socket that is there, or one to be opened. */
static void
add_want(struct net *net, struct list *l, const struct conf_listen *want)
{
	struct net_sock *s = find_same(net, want);

	for (size_t i = 0; i < l->n; i++)
		if (addr_equal_port(&l->sock[i]->want.addr, &want->addr))
			return;
	if (s == NULL) {
		s = xcalloc(1, sizeof(*s));
		s->net = net;
		s->want = *want;
		s->fd = -1;
	}
	/* Who asks again wants to hear again what is wrong. */
	s->complained = 0;
	l->sock[l->n++] = s;
}

static struct list
list_of(struct net *net, const struct conf_listen *want, size_t n)
{
	struct list l = { xcalloc(n, sizeof(struct net_sock *)), 0 };

	for (size_t i = 0; i < n; i++)
		add_want(net, &l, &want[i]);
	return l;
}

/* Wildcard sockets for both families and ports. */
static struct list
list_all(struct net *net, const struct net_plan *plan)
{
	static const uint16_t family[] = { AF_INET, AF_INET6 };
	struct conf_listen want[4] = { { .natt = false } };

	for (size_t i = 0; i < 4; i++) {
		want[i].natt = i % 2 == 1;
		want[i].addr.family = family[i / 2];
		want[i].addr.port = want[i].natt ? plan->natt_port :
		    plan->port;
	}
	return list_of(net, want, 4);
}

static struct list
list_given(struct net *net, const struct net_plan *plan)
{
	struct conf_listen *want = xcalloc(plan->n, sizeof(*want));
	struct list l;

	for (size_t i = 0; i < plan->n; i++) {
		want[i] = plan->on[i];
		if (want[i].addr.port == NET_NATT_PORT)
			want[i].natt = true;
	}
	l = list_of(net, want, plan->n);
	free(want);
	return l;
}

static bool
in_the_way(const struct net_sock *s, const struct net_sock *wanted)
{
	const struct ipsec_addr *a = &s->addr, *b = &wanted->want.addr;

	return s->fd != -1 && wanted->fd == -1 && a->family == b->family &&
	    a->port == b->port &&
	    (addr_is_any(a) || addr_is_any(b) || addr_equal(a, b));
}

/* Closes what the plan does without if it holds a port that the plan needs. */
static void
make_way(struct net *net, const struct list *wanted)
{
	for (size_t i = 0; i < net->n; i++)
		for (size_t k = 0; k < wanted->n; k++)
			if (in_the_way(net->sock[i], wanted->sock[k]) &&
			    !is_in(wanted, net->sock[i]))
				sock_close(net->sock[i]);
}

/* Frees the sockets that only L has. */
static void
drop(const struct net *net, struct list *l)
{
	const struct list kept = { net->sock, net->n };

	for (size_t i = 0; i < l->n; i++)
		if (!is_in(&kept, l->sock[i]))
			sock_free(l->sock[i]);
	free(l->sock);
}

static void
watch(struct net *net)
{
	const bool needed = !net->automatic && !net->strict;

	if (needed && net->ifaces == NULL)
		net->ifaces = ifaces_new(net->base, addresses_changed, net);
	if (!needed) {
		ifaces_free(net->ifaces);
		net->ifaces = NULL;
	}
}

/* How addresses that are missing are seen. */
static void
set_mode(struct net *net, bool automatic, bool strict)
{
	net->automatic = automatic;
	net->strict = strict;
	watch(net);
}

enum err
net_listen(struct net *net, const struct net_plan *plan)
{
	const bool automatic = net->automatic, strict = net->strict;
	struct list old = { net->sock, net->n };
	struct list l = plan->n == 0 ? list_all(net, plan) :
	    list_given(net, plan);
	bool good;

	/* Watch first: no address can slip in between. */
	set_mode(net, plan->n == 0, plan->strict);
	make_way(net, &l);
	good = open_missing(&l);
	if (good) {
		net->sock = l.sock;
		net->n = l.n;
		drop(net, &old);
	} else {
		drop(net, &l);
		set_mode(net, automatic, strict);
	}
	open_and_report(net);
	return good ? OK : E_SYSTEM;
}

struct net *
net_new(struct event_base *base, const struct asroot *root, net_fn *fn,
    void *ctx)
{
	struct net *net = xcalloc(1, sizeof(*net));

	net->base = base;
	net->root = root;
	net->fn = fn;
	net->ctx = ctx;
	/* Not zeroed: see there. */
	net->area = xreallocarray(NULL, PORTION, DATAGRAM_MAX);
	return net;
}

void
net_free(struct net *net)
{
	if (net == NULL)
		return;
	ifaces_free(net->ifaces);
	for (size_t i = 0; i < net->n; i++)
		sock_free(net->sock[i]);
	free(net->sock);
	free(net->area);
	free(net);
}

const struct net_stats *
net_stats(const struct net *net)
{
	return &net->stats;
}
