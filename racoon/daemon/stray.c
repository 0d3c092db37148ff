/* SPDX-License-Identifier: ISC */
/*
 * Counters, and raw sockets while they move.
 *
 * An open raw socket has the kernel copy each packet of its protocol, which is
 * cheap but not nothing: hence none is open while all is well.  Sockets of
 * IKE do not see encapsulated ESP, raw ones for UDP do.
 *
 * They are read ten times a second, and what is there by then is all that is
 * looked at.  A filter that leaves out what was seen is for hosts with more
 * packets than that.  It is a program that the kernel allocates, and frees in
 * the work queue that also hands on what it has decrypted: replaced with each
 * packet that cost more than all the rest of a mesh.
 */
#include "daemon/stray.h"

#include <event2/event.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/procnet.h"
#include "libipsec/addr.h"
#include "monitor/sock.h"

#define TICK_MS		500
#define WINDOW		10	/* ticks that are looked at after a movement */
#define ROUND		2	/* ticks until an SPI may pass again */
#define POLL_MS		100
#define PORTION		64	/* read from a socket each time */
#define LET_GO		1024	/* the rest that is thrown away, at most */
#define FILES		3	/* enum mon_proc, from 0 */
#define KINDS		6

struct stray_sock {
	struct stray	*stray;
	struct stray_kind kind;
	int		 fd;		/* -1: closed */
	bool		 narrow;	/* its filter leaves out names ... */
	bool		 busy;		/* ... and there was more all the same */
};

struct stray {
	stray_fn	*fn;
	void		*ctx;
	struct event_base *base;
	const struct asroot *root;
	struct event	*tick, *poll;
	bool		 on, open;
	bool		 complained;	/* about sockets */
	int		 file[FILES];
	uint64_t	 counted;
	unsigned int	 window, round;	/* ticks left */
	struct stray_sock sock[KINDS];
	uint32_t	 name[STRAY_NAMES]; /* SPIs of this round */
	size_t		 nnames;
	struct ike_stray found[IKE_STRAYS_MAX];
	size_t		 nfound;
	struct stray_stats stats;
};

/* ---- counters ---- */

/*
 * As long as no SA for ESP has been added since the machine was started, the
 * kernel does not even know the protocol: it counts that, or finds that a
 * policy wants other protection, which happens with clear text too.
 */
static const char *const counters[] = {
	"XfrmInNoStates", "XfrmInTmplMismatch", "Ip6InUnknownProtos",
	"InUnknownProtos", NULL
};

static void
open_files(struct stray *s)
{
	for (int i = 0; i < FILES; i++)
		if (s->file[i] == -1)
			s->file[i] = procnet_open(s->root, (enum mon_proc)i);
	if (s->file[0] == -1)
		log_msg(LOG_L_WARNING, "/proc/net/xfrm_stat cannot be read: "
		    "packets under SPIs that are not here will hardly be "
		    "noticed (CONFIG_XFRM_STATISTICS and /proc are needed)");
}

static uint64_t
count(const struct stray *s)
{
	uint64_t sum = 0;

	for (int i = 0; i < FILES; i++)
		sum += procnet_count(s->file[i], counters);
	return sum;
}

/* ---- sockets ---- */

/* Without names what the socket is for says enough, but for UDP. */
static void
set_filter(struct stray_sock *sock, bool narrow)
{
	const struct stray *s = sock->stray;
	struct sock_filter code[STRAY_CODE];
	struct sock_fprog program = { .filter = code };

	program.len = stray_filter(&sock->kind, s->name,
	    narrow ? s->nnames : 0, code);
	sock->narrow = narrow;
	sock->busy = false;
	sock->stray->stats.filters++;
	(void)setsockopt(sock->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
	    sizeof(program));
}

/* A round begins: what was left out may pass again. */
static void
open_filters(struct stray *s)
{
	for (int i = 0; i < KINDS; i++)
		if (s->sock[i].fd != -1 && s->sock[i].narrow)
			set_filter(&s->sock[i], false);
}

/* What has come to be known since passes no more, either. */
static void
narrow_filters(struct stray *s)
{
	for (int i = 0; i < KINDS; i++)
		if (s->sock[i].fd != -1 && s->sock[i].busy)
			set_filter(&s->sock[i], true);
}

static void
close_sock(struct stray_sock *sock)
{
	if (sock->fd != -1)
		(void)close(sock->fd);
	sock->fd = -1;
}

static void
close_all(struct stray *s)
{
	for (int i = 0; i < KINDS; i++)
		close_sock(&s->sock[i]);
	if (s->open)
		(void)event_del(s->poll);
	s->open = false;
}

/* ---- packets ---- */

static bool
is_known(const struct stray *s, uint32_t spi)
{
	for (size_t i = 0; i < s->nnames; i++)
		if (s->name[i] == spi)
			return true;
	return false;
}

static void
note(struct stray *s, const struct ike_stray *stray)
{
	if (is_known(s, stray->spi) || s->nnames == STRAY_NAMES ||
	    s->nfound == IKE_STRAYS_MAX)
		return;
	s->name[s->nnames++] = stray->spi;
	s->found[s->nfound++] = *stray;
}

/* False: there is none. */
static bool
drop(struct stray_sock *sock)
{
	uint8_t byte;

	return recv(sock->fd, &byte, sizeof(byte), MSG_DONTWAIT) != -1;
}

/* One packet; false: there is none. */
static bool
take(struct stray_sock *sock)
{
	_Alignas(struct cmsghdr) char control[
	    CMSG_SPACE(sizeof(struct in6_pktinfo)) +
	    CMSG_SPACE(sizeof(struct in_pktinfo))];
	uint8_t bytes[STRAY_SNAP];
	struct sockaddr_storage from;
	struct iovec iov = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct ike_stray stray = { .spi = 0 };
	ssize_t n = recvmsg(sock->fd, &msg, MSG_DONTWAIT);

	if (n == -1)
		return false;
	sock->stray->stats.packets++;
	if (sock->kind.family == AF_INET6 && (!addr_from_sockaddr(&stray.src,
	    (const struct sockaddr *)&from) ||
	    !sock_destination(&msg, &stray.dst)))
		return true;
	stray.src.port = 0;		/* it is the protocol, for raw ones */
	if (stray_parse(&sock->kind, view_of(bytes, (size_t)n), &stray))
		note(sock->stray, &stray);
	return true;
}

/*
 * When there is more than one wants to look at, what is known by now passes no
 * more, and what has queued up is let go: it would be old by the next time.
 */
static void
read_sock(struct stray_sock *sock)
{
	unsigned int n = 0;

	while (n < PORTION && take(sock))
		n++;
	if (n < PORTION)
		return;
	for (n = 0; n < LET_GO && drop(sock); n++)
		continue;
	if (sock->narrow)
		sock->busy = true;
	else
		set_filter(sock, true);
}

static void
on_poll(evutil_socket_t fd, short what, void *ctx)
{
	struct stray *s = ctx;
	size_t n;

	(void)fd;
	(void)what;
	for (int i = 0; i < KINDS; i++)
		if (s->sock[i].fd != -1)
			read_sock(&s->sock[i]);
	n = s->nfound;
	s->nfound = 0;
	if (n > 0)
		s->fn(s->ctx, s->found, n);
}

/* ---- the window ---- */

static void
open_sock(struct stray *s, struct stray_sock *sock)
{
	sock->fd = s->root->ops->raw(s->root->ctx, sock->kind.family,
	    sock->kind.proto);
	sock->narrow = sock->busy = false;
	if (sock->fd >= 0) {
		if (sock->kind.proto == IPPROTO_UDP)
			set_filter(sock, false);
		return;
	}
	if (sock->fd != -EAFNOSUPPORT && !s->complained) {
		s->complained = true;
		log_msg(LOG_L_WARNING, "cannot look for packets under SPIs "
		    "that are not here: raw socket: %s (CAP_NET_RAW is "
		    "needed, or `repair_unknown_spi off;')",
		    strerror(-sock->fd));
	}
	sock->fd = -1;
}

static void
open_all(struct stray *s)
{
	static const struct timeval every = { .tv_usec = POLL_MS * 1000 };

	s->open = true;
	(void)event_add(s->poll, &every);
	s->stats.opened++;
	for (int i = 0; i < KINDS; i++)
		if (s->sock[i].kind.proto != IPPROTO_UDP ||
		    s->sock[i].kind.nports > 0)
			open_sock(s, &s->sock[i]);
}

static void
on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct stray *s = ctx;
	uint64_t counted = count(s);

	(void)fd;
	(void)what;
	if (counted != s->counted)
		s->window = WINDOW;
	else if (s->window > 0)
		s->window--;
	s->counted = counted;
	if (s->window == 0) {
		close_all(s);
		return;
	}
	if (!s->open || --s->round == 0) {
		s->round = ROUND;
		s->nnames = 0;
		open_filters(s);
	} else {
		narrow_filters(s);
	}
	if (!s->open)
		open_all(s);
}

void
stray_watch(struct stray *s, bool on, const uint16_t *port, unsigned int n)
{
	static const struct timeval every = { .tv_usec = TICK_MS * 1000 };

	close_all(s);
	s->window = 0;
	for (int i = 0; i < KINDS; i++) {
		struct stray_kind *kind = &s->sock[i].kind;

		kind->nports = n < STRAY_PORTS ? n : STRAY_PORTS;
		if (kind->nports > 0)
			memcpy(kind->port, port,
			    kind->nports * sizeof(*port));
	}
	if (on == s->on)
		return;
	s->on = on;
	if (!on) {
		(void)event_del(s->tick);
		return;
	}
	open_files(s);
	/* What was counted before racoon was there is worth a look, too. */
	s->counted = 0;
	(void)event_add(s->tick, &every);
}

/* ---- life ---- */

struct stray *
stray_new(struct event_base *base, const struct asroot *root, stray_fn *fn,
    void *ctx)
{
	static const uint8_t proto[] = { IPPROTO_ESP, IPPROTO_AH,
	    IPPROTO_UDP };
	struct stray *s = xcalloc(1, sizeof(*s));

	s->fn = fn;
	s->ctx = ctx;
	s->base = base;
	s->root = root;
	for (int i = 0; i < FILES; i++)
		s->file[i] = -1;
	for (int i = 0; i < KINDS; i++)
		s->sock[i] = (struct stray_sock){ .stray = s, .fd = -1,
		    .kind = { .family = i % 2 == 0 ? AF_INET : AF_INET6,
		    .proto = proto[i / 2] } };
	s->tick = event_new(base, -1, EV_PERSIST, on_tick, s);
	s->poll = event_new(base, -1, EV_PERSIST, on_poll, s);
	if (s->tick != NULL && s->poll != NULL)
		return s;
	log_msg(LOG_L_ERROR, "cannot set a timer");
	stray_free(s);
	return NULL;
}

void
stray_free(struct stray *s)
{
	if (s == NULL)
		return;
	close_all(s);
	for (int i = 0; i < FILES; i++)
		if (s->file[i] != -1)
			(void)close(s->file[i]);
	if (s->tick != NULL)
		event_free(s->tick);
	if (s->poll != NULL)
		event_free(s->poll);
	free(s);
}

const struct stray_stats *
stray_stats(const struct stray *s)
{
	return &s->stats;
}
