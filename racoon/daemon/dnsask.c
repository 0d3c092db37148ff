/* SPDX-License-Identifier: ISC */
/*
 * Worker threads are here: nothing is shared, nothing is logged.  Sockets are
 * connected, so that only the server's own datagrams arrive; each question has
 * a new port and a new number (RFC 5452).
 */
#include "daemon/dnsask.h"

#include <errno.h>
#include <poll.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "wire/dns.h"

#define EACH_MS		2000
#define ALL_MS		6000
#define ROUNDS		2	/* a datagram may be lost */
#define QUERY_MAX	512	/* bytes, more than any has */

/* One question and what came of it. */
struct talk {
	struct view	 query;
	uint8_t		*answer;	/* DNSASK_ANSWER bytes */
	size_t		 n;
	uint64_t	 end;		/* ms: when there is no more time */
	unsigned	 each_ms;	/* of which one step takes this much */
};

static uint64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* When a step that begins now has to be over. */
static uint64_t
end_of_step(const struct talk *t)
{
	uint64_t end = now_ms() + t->each_ms;

	return end < t->end ? end : t->end;
}

/* Until the socket is ready; false: not before END. */
static bool
ready(int fd, short events, uint64_t end)
{
	struct pollfd p = { .fd = fd, .events = events };
	uint64_t now;
	int n;

	do {
		now = now_ms();
		if (now >= end)
			return false;
		n = poll(&p, 1, (int)(end - now));
	} while (n == 0 || (n == -1 && errno == EINTR));
	return n > 0;
}

static bool
would_wait(ssize_t n)
{
	return n == -1 && (errno == EAGAIN || errno == EINTR);
}

static socklen_t
length_of(const struct sockaddr *sa)
{
	return sa->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
	    sizeof(struct sockaddr_in);
}

/*
 * UDP
 */

static enum dns_reply
listen_for(int fd, struct talk *t, uint64_t end)
{
	enum dns_reply r = DNS_OTHER;
	ssize_t n;

	while (r == DNS_OTHER && ready(fd, POLLIN, end)) {
		n = recv(fd, t->answer, DNSASK_ANSWER, 0);
		if (n == -1 && !would_wait(n))
			return DNS_OTHER;	/* nobody is there */
		if (n <= 0)
			continue;
		t->n = (size_t)n;
		r = dns_reply(t->query, view_of(t->answer, t->n));
	}
	return r;
}

static enum dns_reply
by_udp(const struct sockaddr *server, struct talk *t)
{
	uint64_t end = end_of_step(t);
	enum dns_reply r = DNS_OTHER;
	int fd;

	fd = socket(server->sa_family, SOCK_DGRAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	if (fd == -1)
		return DNS_OTHER;
	if (connect(fd, server, length_of(server)) == 0 &&
	    send(fd, t->query.p, t->query.n, 0) == (ssize_t)t->query.n)
		r = listen_for(fd, t, end);
	(void)close(fd);
	return r;
}

/*
 * TCP: RFC 1035 4.2.2, a length before each message
 */

static bool
send_all(int fd, struct view v, uint64_t end)
{
	ssize_t n;

	while (v.n > 0) {
		if (!ready(fd, POLLOUT, end))
			return false;
		n = send(fd, v.p, v.n, MSG_NOSIGNAL);
		if (n == -1 && !would_wait(n))
			return false;
		if (n > 0)
			(void)view_take(&v, (size_t)n);
	}
	return true;
}

static bool
recv_all(int fd, uint8_t *p, size_t len, uint64_t end)
{
	ssize_t n;

	while (len > 0) {
		if (!ready(fd, POLLIN, end))
			return false;
		n = recv(fd, p, len, 0);
		if (n == 0 || (n == -1 && !would_wait(n)))
			return false;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return true;
}

static bool
exchange(int fd, struct talk *t)
{
	uint64_t end = end_of_step(t);
	uint8_t len[2];
	struct buf b;
	bool sent;

	buf_init(&b, QUERY_MAX + 2);
	buf_u16(&b, (uint16_t)t->query.n);
	buf_add(&b, t->query);
	sent = buf_ok(&b) && send_all(fd, buf_view(&b), end);
	buf_fini(&b);
	if (!sent || !recv_all(fd, len, sizeof(len), end))
		return false;
	t->n = (size_t)(len[0] << 8 | len[1]);
	return t->n <= DNSASK_ANSWER && recv_all(fd, t->answer, t->n, end);
}

static enum dns_reply
by_tcp(const struct sockaddr *server, struct talk *t)
{
	enum dns_reply r = DNS_OTHER;
	int fd;

	fd = socket(server->sa_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	if (fd == -1)
		return DNS_OTHER;
	if ((connect(fd, server, length_of(server)) == 0 ||
	    errno == EINPROGRESS) && exchange(fd, t))
		r = dns_reply(t->query, view_of(t->answer, t->n));
	(void)close(fd);
	return r;
}

/*
 * All of them
 */

/* Did it find out, be it that there is nothing? */
static bool
found_out(struct view msg)
{
	struct dns_answer a;

	return dns_get(msg, &a) == OK && (a.rcode == DNS_NO_ERROR ||
	    a.rcode == DNS_NO_NAME);
}

/* False: it does not answer. */
static bool
ask_one(const struct sockaddr *server, struct talk *t)
{
	enum dns_reply r = by_udp(server, t);

	if (r == DNS_CUT)
		r = by_tcp(server, t);
	return r == DNS_WHOLE;
}

static bool
ask_all(const struct dnsask *a, struct talk *t, struct buf *out)
{
	bool answered = false;

	for (unsigned i = 0; i < a->nservers && now_ms() < t->end; i++) {
		if (!ask_one(&a->server[i].sa, t))
			continue;
		buf_set(out, view_of(t->answer, t->n));
		answered = true;
		if (found_out(buf_view(out)))
			break;
	}
	return answered && buf_ok(out);
}

bool
dnsask(const struct dnsask *a, const char *name, struct buf *out)
{
	struct talk t = { .end = now_ms() + a->all_ms,
	    .each_ms = a->each_ms };
	bool answered = false;
	struct buf query;
	uint16_t id;

	buf_init(&query, QUERY_MAX);
	t.answer = xcalloc(1, DNSASK_ANSWER);
	for (unsigned i = 0; i < ROUNDS && !answered; i++) {
		if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
			break;
		buf_reset(&query);
		dns_put_query(&query, id, name);
		t.query = buf_view(&query);
		if (!buf_ok(&query))
			break;
		answered = ask_all(a, &t, out);
	}
	free(t.answer);
	buf_fini(&query);
	return answered;
}

bool
dnsask_system(struct dnsask *a)
{
	struct __res_state state;

	*a = (struct dnsask){ .each_ms = EACH_MS, .all_ms = ALL_MS };
	memset(&state, 0, sizeof(state));
	if (res_ninit(&state) != 0)
		return false;
	a->trusted = state.options & RES_TRUSTAD;
	for (int i = 0; i < state.nscount && a->nservers < DNSASK_SERVERS;
	    i++) {
		const struct sockaddr_in6 *in6 = state._u._ext.nsaddrs[i];

		if (state.nsaddr_list[i].sin_family == AF_INET)
			a->server[a->nservers++].in = state.nsaddr_list[i];
		else if (in6 != NULL && in6->sin6_family == AF_INET6)
			a->server[a->nservers++].in6 = *in6;
	}
	res_nclose(&state);
	return true;
}
