/* SPDX-License-Identifier: ISC */
/*
 * Asking a resolver: one that behaves in every way but well, on the loopback
 * interface, and how long it is waited for.
 */
#include "daemon/dnsask.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "test/suite.h"
#include "wire/dns.h"

enum way {
	ANSWERS, SILENT, OTHER_NUMBER_FIRST, LOST_ONCE, SERVFAIL, NO_NAME,
	CUT, CUT_THEN_SILENT, CUT_THEN_CLOSED, CUT_THEN_HALF, CUT_THEN_LONG,
	CUT_THEN_OTHER
};

struct fake {
	struct sockaddr_in at;
	int		 udp, tcp, stop[2];
	enum way	 way;
	unsigned	 asked, called;	/* by UDP, by TCP */
	pthread_t	 thread;
};

#define EACH	400	/* ms */
#define ALL	1500
#define LONG	4000	/* bytes of an answer by TCP */

/* The question as an answer; by TCP it is a long one. */
static size_t
answer_to(const struct fake *f, uint8_t *p, size_t n)
{
	p[2] |= 0x80;
	if (f->way == SERVFAIL)
		p[3] |= DNS_SERVFAIL;
	if (f->way == NO_NAME)
		p[3] |= DNS_NO_NAME;
	return n;
}

static void
by_udp(struct fake *f)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	uint8_t p[512];
	ssize_t got = recvfrom(f->udp, p, sizeof(p), 0,
	    (struct sockaddr *)&from, &len);
	size_t n;

	f->asked++;
	if (got <= 0 || f->way == SILENT || (f->way == LOST_ONCE &&
	    f->asked == 1))
		return;
	n = answer_to(f, p, (size_t)got);
	if (f->way >= CUT)
		p[2] |= 2;
	if (f->way == OTHER_NUMBER_FIRST) {
		p[0] ^= 1;
		(void)sendto(f->udp, p, n, 0, (struct sockaddr *)&from, len);
		p[0] ^= 1;
	}
	(void)sendto(f->udp, p, n, 0, (struct sockaddr *)&from, len);
}

/* Returns the connection if it is to stay as it is. */
static int
by_tcp(struct fake *f)
{
	int fd = accept(f->tcp, NULL, NULL);
	uint8_t p[2 + LONG] = { 0 };
	ssize_t got;
	size_t n = LONG;

	f->called++;
	got = f->way == CUT_THEN_CLOSED ? 0 : recv(fd, p, 512, 0);
	if (got > 2) {
		(void)answer_to(f, p + 2, (size_t)got - 2);
		p[2] ^= f->way == CUT_THEN_OTHER;
		p[0] = f->way == CUT_THEN_LONG ? 0xff : LONG >> 8;
		p[1] = LONG & 0xff;
		if (f->way == CUT_THEN_HALF)
			n /= 2;
		if (f->way != CUT_THEN_SILENT)
			(void)send(fd, p, n + 2, MSG_NOSIGNAL);
		/* more than there is room for */
		for (size_t i = 0; f->way == CUT_THEN_LONG && i <
		    DNSASK_ANSWER; i += LONG)
			(void)send(fd, p, LONG, MSG_NOSIGNAL);
		if (f->way != CUT)
			return fd;
	}
	close(fd);
	return -1;
}

static void *
serve(void *arg)
{
	struct fake *f = arg;
	struct pollfd p[] = {
		{ .fd = f->stop[0], .events = POLLIN },
		{ .fd = f->udp, .events = POLLIN },
		{ .fd = f->tcp, .events = POLLIN },
	};
	int kept[8], n = 0;

	while (poll(p, 3, -1) > 0 && p[0].revents == 0) {
		if (p[1].revents)
			by_udp(f);
		if (p[2].revents && n < 8) {
			kept[n] = by_tcp(f);
			n += kept[n] != -1;
		}
	}
	while (n > 0)
		close(kept[--n]);
	return NULL;
}

/* UDP and TCP at one port. */
static void
fake_new(struct fake *f, enum way way)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t len = sizeof(f->at);

	*f = (struct fake){ .way = way };
	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	f->tcp = socket(AF_INET, SOCK_STREAM, 0);
	f->udp = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(f->tcp, (struct sockaddr *)&any, sizeof(any)),
	    0);
	ck_assert_int_eq(listen(f->tcp, 8), 0);
	ck_assert_int_eq(getsockname(f->tcp, (struct sockaddr *)&f->at, &len),
	    0);
	ck_assert_int_eq(bind(f->udp, (struct sockaddr *)&f->at, len), 0);
	ck_assert_int_eq(pipe(f->stop), 0);
	ck_assert_int_eq(pthread_create(&f->thread, NULL, serve, f), 0);
}

static void
fake_free(struct fake *f)
{
	ck_assert_int_eq(write(f->stop[1], "", 1), 1);
	ck_assert_int_eq(pthread_join(f->thread, NULL), 0);
	close(f->udp);
	close(f->tcp);
	close(f->stop[0]);
	close(f->stop[1]);
}

static unsigned
ms_now(void)
{
	struct timespec t;

	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (unsigned)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

/* Asks both servers (SECOND may be NULL); never longer than it may take. */
static bool
ask(const struct fake *first, const struct fake *second, struct buf *out)
{
	struct dnsask a = { .nservers = 1, .each_ms = EACH, .all_ms = ALL };
	unsigned begin = ms_now(), took;
	bool good;

	a.server[0].in = first->at;
	if (second != NULL) {
		a.nservers = 2;
		a.server[1].in = second->at;
	}
	buf_init(out, DNSASK_ANSWER);
	good = dnsask(&a, "gw.example.", out);
	took = ms_now() - begin;
	/* a slow machine may take some more */
	ck_assert_msg(took < ALL + 1000, "%u ms", took);
	return good;
}

/* One server of that kind; the answer's length, 0: there is none. */
static size_t
ask_way(enum way way, unsigned asked, unsigned called)
{
	struct fake f;
	struct buf out;
	size_t n;

	fake_new(&f, way);
	n = ask(&f, NULL, &out) ? out.n : 0;
	fake_free(&f);
	ck_assert_uint_eq(f.asked, asked);
	ck_assert_uint_eq(f.called, called);
	buf_fini(&out);
	return n;
}

#define SHORT	(12 + 12 + 4 + 11)

START_TEST(by_datagram)
{
	ck_assert_uint_eq(ask_way(ANSWERS, 1, 0), SHORT);
	ck_assert_uint_eq(ask_way(OTHER_NUMBER_FIRST, 1, 0), SHORT);
	ck_assert_uint_eq(ask_way(LOST_ONCE, 2, 0), SHORT);
	ck_assert_uint_eq(ask_way(NO_NAME, 1, 0), SHORT);
	ck_assert_uint_eq(ask_way(SERVFAIL, 1, 0), SHORT);
	ck_assert_uint_eq(ask_way(SILENT, 2, 0), 0);
}
END_TEST

START_TEST(by_connection)
{
	ck_assert_uint_eq(ask_way(CUT, 1, 1), LONG);
	ck_assert_uint_eq(ask_way(CUT_THEN_CLOSED, 2, 2), 0);
	ck_assert_uint_eq(ask_way(CUT_THEN_LONG, 2, 2), 0);
	ck_assert_uint_eq(ask_way(CUT_THEN_OTHER, 2, 2), 0);
}
END_TEST

/* Whoever takes a connection and says nothing more is not waited for. */
START_TEST(stalled)
{
	ck_assert_uint_eq(ask_way(CUT_THEN_SILENT, 2, 2), 0);
	ck_assert_uint_eq(ask_way(CUT_THEN_HALF, 2, 2), 0);
}
END_TEST

/* The second is asked when the first has nothing to say. */
START_TEST(two_servers)
{
	static const enum way bad[] = { SILENT, SERVFAIL, CUT_THEN_SILENT };
	struct fake first, second;
	struct buf out;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fake_new(&first, bad[i]);
		fake_new(&second, ANSWERS);
		ck_assert(ask(&first, &second, &out));
		ck_assert_uint_eq(out.p[3] & 15, 0);
		buf_fini(&out);
		fake_free(&first);
		fake_free(&second);
		ck_assert_uint_eq(second.asked, 1);
	}
	/* or does not exist; an answer of the first is enough */
	fake_new(&second, ANSWERS);
	ck_assert(ask(&first, &second, &out));
	buf_fini(&out);
	ck_assert(ask(&second, &first, &out));
	buf_fini(&out);
	fake_free(&second);
	ck_assert_uint_eq(second.asked, 2);
	/* what the first tells is kept if the second tells nothing */
	fake_new(&first, SERVFAIL);
	ck_assert(ask(&first, &second, &out));
	ck_assert_uint_eq(out.p[3] & 15, DNS_SERVFAIL);
	buf_fini(&out);
	fake_free(&first);
}
END_TEST

START_TEST(nobody)
{
	struct fake gone;
	struct dnsask none = { .each_ms = EACH, .all_ms = ALL };
	struct buf out;

	fake_new(&gone, ANSWERS);
	fake_free(&gone);
	ck_assert(!ask(&gone, NULL, &out));
	ck_assert(!dnsask(&none, "gw.example.", &out));
	ck_assert_uint_eq(out.n, 0);
	buf_fini(&out);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		by_datagram, by_connection, stalled, two_servers, nobody,
	};

	return suite_main("dnsask", tests, sizeof(tests) / sizeof(tests[0]));
}
