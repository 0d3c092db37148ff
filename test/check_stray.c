/* SPDX-License-Identifier: ISC */
/* ESP and AH that the kernel cannot read: packets, filters. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/stray.h"
#include "monitor/here.h"
#include "libipsec/addr.h"
#include "test/daemon_tools.h"
#include "test/own_network.h"

#define V4(len, proto)	0x45, 0, 0, (len), 0, 0, 0, 0, 64, (proto), 0, 0, \
			    192, 0, 2, 1, 192, 0, 2, 2
#define SPI		0x12, 0x34, 0x56, 0x78
#define UDP(port)	0x11, 0x94, (port) >> 8, (port) & 255, 0, 24, 0, 0

struct vector {
	uint16_t	 family;
	uint8_t		 proto;
	size_t		 n;
	uint8_t		 bytes[64];
	bool		 good;
};

static const struct vector vectors[] = {
	{ AF_INET, IPPROTO_ESP, 28, { V4(28, 50), SPI, 0, 0, 0, 1 }, true },
	{ AF_INET, IPPROTO_ESP, 24, { V4(24, 50), SPI }, true },
	{ AF_INET, IPPROTO_ESP, 23, { V4(23, 50), SPI }, false },
	/* a header with an option */
	{ AF_INET, IPPROTO_ESP, 28, { 0x46, 0, 0, 28, 0, 0, 0, 0, 64, 50, 0,
	    0, 192, 0, 2, 1, 192, 0, 2, 2, 1, 1, 1, 1, SPI }, true },
	{ AF_INET, IPPROTO_ESP, 24, { V4(24, 50), 0, 0, 0, 255 }, false },
	{ AF_INET, IPPROTO_ESP, 24, { V4(24, 50), 0, 0, 0, 0 }, false },
	{ AF_INET, IPPROTO_AH, 32, { V4(32, 51), 4, 4, 0, 0, SPI, 0, 0, 0, 1 },
	    true },
	{ AF_INET, IPPROTO_AH, 27, { V4(27, 51), 4, 4, 0, 0, 1, 2, 3 },
	    false },
	{ AF_INET, IPPROTO_UDP, 32, { V4(32, 17), UDP(4500), SPI }, true },
	{ AF_INET, IPPROTO_UDP, 32, { V4(32, 17), UDP(4501), SPI }, true },
	{ AF_INET, IPPROTO_UDP, 32, { V4(32, 17), UDP(500), SPI }, false },
	/* IKE has a marker there, a keepalive is a single byte */
	{ AF_INET, IPPROTO_UDP, 32, { V4(32, 17), UDP(4500), 0, 0, 0, 0 },
	    false },
	{ AF_INET, IPPROTO_UDP, 29, { V4(29, 17), UDP(4500), 0xff }, false },
	{ AF_INET6, IPPROTO_ESP, 8, { SPI, 0, 0, 0, 1 }, true },
	{ AF_INET6, IPPROTO_ESP, 3, { 1, 2, 3 }, false },
	{ AF_INET6, IPPROTO_AH, 8, { 4, 4, 0, 0, SPI }, true },
	{ AF_INET6, IPPROTO_UDP, 12, { UDP(4500), SPI }, true },
	{ AF_INET6, IPPROTO_UDP, 12, { UDP(53), SPI }, false },
};
#define VECTORS	(sizeof(vectors) / sizeof(vectors[0]))

static struct stray_kind
kind_of(const struct vector *v)
{
	return (struct stray_kind){ .family = v->family, .proto = v->proto,
	    .port = { 4500, 4501 }, .nports = 2 };
}

START_TEST(test_packets)
{
	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vectors[i];
		struct stray_kind kind = kind_of(v);
		struct ike_stray s = { .spi = 0 };
		char text[ADDR_TEXT];

		ck_assert_msg(stray_parse(&kind, view_of(v->bytes, v->n),
		    &s) == v->good, "vector %zu", i);
		if (!v->good)
			continue;
		ck_assert_uint_eq(s.spi, 0x12345678);
		ck_assert_uint_eq(s.proto, v->proto == IPPROTO_AH ?
		    IPSEC_PROTO_AH : IPSEC_PROTO_ESP);
		ck_assert_uint_eq(s.src.port, v->proto == IPPROTO_UDP ?
		    4500 : 0);
		if (v->family == AF_INET)
			ck_assert_str_eq(addr_print(&s.src, text),
			    "192.0.2.1");
	}
}
END_TEST

/* What the socket is for is sure in the kernel, so no filter asks for it. */
START_TEST(test_other_packets)
{
	static const uint8_t tcp[] = { V4(28, 6), SPI, 0, 0, 0, 1 };
	static const uint8_t short_header[] = { 0x44, 0, 0, 28, 0, 0, 0, 0, 64,
	    50, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, SPI };
	static const uint8_t version[] = { 0x65, 0, 0, 28, 0, 0, 0, 0, 64, 50,
	    0, 0, 192, 0, 2, 1, 192, 0, 2, 2, SPI };
	struct stray_kind kind = { .family = AF_INET, .proto = IPPROTO_ESP };
	struct ike_stray s = { .spi = 0 };

	ck_assert(!stray_parse(&kind, view_of(tcp, sizeof(tcp)), &s));
	ck_assert(!stray_parse(&kind, view_of(short_header,
	    sizeof(short_header)), &s));
	ck_assert(!stray_parse(&kind, view_of(version, sizeof(version)), &s));
}
END_TEST

/* Does a packet come through the filter? */
static bool
passes(const struct vector *v, const uint32_t *spi, size_t n)
{
	struct stray_kind kind = kind_of(v);
	struct sock_filter code[STRAY_CODE];
	struct sock_fprog program = { .filter = code };
	uint8_t got[STRAY_SNAP];
	int pair[2];
	ssize_t r;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	program.len = stray_filter(&kind, spi, n, code);
	ck_assert_int_le(program.len, STRAY_CODE);
	ck_assert_int_eq(setsockopt(pair[0], SOL_SOCKET, SO_ATTACH_FILTER,
	    &program, sizeof(program)), 0);
	ck_assert_int_eq(send(pair[1], v->bytes, v->n, 0), (ssize_t)v->n);
	r = recv(pair[0], got, sizeof(got), MSG_DONTWAIT);
	(void)close(pair[0]);
	(void)close(pair[1]);
	return r > 0;
}

START_TEST(test_filter)
{
	static const uint32_t others[] = { 0x12345677, 0x78563412 };
	static const uint32_t it[] = { 0x78563412, 0x12345678, 9 };
	static uint32_t many[STRAY_NAMES + 5];

	for (size_t i = 0; i < STRAY_NAMES; i++)
		many[i] = 0x20000000u + (uint32_t)i;
	many[STRAY_NAMES] = 0x12345678;		/* one too many */
	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vectors[i];

		ck_assert_msg(passes(v, NULL, 0) == v->good, "vector %zu", i);
		ck_assert(passes(v, others, 2) == v->good);
		ck_assert_msg(!passes(v, it, 3), "vector %zu: its SPI was "
		    "left out", i);
		ck_assert(passes(v, many, STRAY_NAMES + 5) == v->good);
	}
}
END_TEST

/* ---- live, in a network of its own ---- */

struct finds {
	struct ike_stray s[40];
	size_t		 n, calls;
};

static void
found(void *ctx, const struct ike_stray *s, size_t n)
{
	struct finds *f = ctx;

	f->calls++;
	for (size_t i = 0; i < n && f->n < 40; i++)
		f->s[f->n++] = s[i];
}

static void
send_esp(uint32_t spi)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct {
		struct iphdr	 ip;
		uint32_t	 esp[6];
	} packet = { .ip = { .version = 4, .ihl = 5, .ttl = 64,
	    .protocol = IPPROTO_ESP }, .esp = { htonl(spi), htonl(1) } };
	/* one for ESP would take its own packet, and the counter rest */
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	ck_assert_int_ne(fd, -1);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	packet.ip.saddr = packet.ip.daddr = to.sin_addr.s_addr;
	packet.ip.tot_len = htons(sizeof(packet));
	ck_assert_int_eq(sendto(fd, &packet, sizeof(packet), 0,
	    (struct sockaddr *)&to, sizeof(to)), sizeof(packet));
	(void)close(fd);
}

struct scene {
	struct event_base *base;
	struct stray	*stray;
	struct finds	 f;
	unsigned int	 left;		/* turns until another packet */
};

static bool
until_found(void *ctx)
{
	struct scene *s = ctx;

	if (s->left-- == 0) {
		send_esp(0xabcd0001);
		s->left = 50;
	}
	return s->f.n > 0;
}

static bool
until_opened(void *ctx)
{
	struct scene *s = ctx;

	return stray_stats(s->stray)->opened > 0;
}

START_TEST(test_live)
{
	static const uint16_t port[] = { 4500 };
	struct scene s = { .left = 600 };	/* the first tick is over */
	char text[ADDR_TEXT];

	if (!own_network())
		SKIP("no network namespace of its own");
	s.base = event_base_new();
	s.stray = stray_new(s.base, &here_plain, found, &s.f);
	ck_assert_ptr_nonnull(s.stray);
	stray_watch(s.stray, true, port, 1);
	turn(s.base, until_found, &s);
	if (stray_stats(s.stray)->opened == 0) {
		stray_free(s.stray);
		event_base_free(s.base);
		SKIP("this kernel counts no packets under unknown SPIs");
	}
	ck_assert_uint_eq(s.f.s[0].spi, 0xabcd0001);
	ck_assert_uint_eq(s.f.s[0].proto, IPSEC_PROTO_ESP);
	ck_assert_str_eq(addr_print_port(&s.f.s[0].src, text),
	    "127.0.0.1[0]");
	ck_assert_str_eq(addr_print_port(&s.f.s[0].dst, text),
	    "127.0.0.1[0]");
	stray_watch(s.stray, false, NULL, 0);
	s.f.n = 0;
	send_esp(0xabcd0002);
	for (int i = 0; i < 700; i++) {
		(void)event_base_loop(s.base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	}
	ck_assert_uint_eq(s.f.n, 0);
	stray_free(s.stray);
	event_base_free(s.base);
}
END_TEST

/* LOAD packets a millisecond under one SPI and some under another one; 0: one
 * now and then. */
static double
under_load(struct scene *s, unsigned int load, unsigned int ms)
{
	struct timespec t[2];

	s->f.n = 0;
	clock_gettime(CLOCK_MONOTONIC, &t[0]);
	for (unsigned int i = 0; i < ms; i++) {
		for (unsigned int k = 0; k < load; k++)
			send_esp(0xabcd0001);
		if (i % (ms / 8) == 0)
			send_esp(0xabcd0002);
		(void)event_base_loop(s->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	}
	clock_gettime(CLOCK_MONOTONIC, &t[1]);
	return (double)(t[1].tv_sec - t[0].tv_sec) +
	    (double)(t[1].tv_nsec - t[0].tv_nsec) / 1e9;
}

static bool
was_found(const struct scene *s, uint32_t spi)
{
	for (size_t i = 0; i < s->f.n; i++)
		if (s->f.s[i].spi == spi)
			return true;
	return false;
}

/*
 * What a filter costs is paid where there is so much that not all can be read;
 * what is rare is seen there, too, and little else.
 */
START_TEST(test_load)
{
	static const uint16_t port[] = { 4500 };
	struct scene s = { .left = 600 };
	struct stray_stats before;
	double secs;

	if (!own_network())
		SKIP("no network namespace of its own");
	s.base = event_base_new();
	s.stray = stray_new(s.base, &here_plain, found, &s.f);
	stray_watch(s.stray, true, port, 1);
	turn(s.base, until_found, &s);
	if (stray_stats(s.stray)->opened == 0) {
		stray_free(s.stray);
		event_base_free(s.base);
		SKIP("this kernel counts no packets under unknown SPIs");
	}
	(void)under_load(&s, 0, 800);
	ck_assert_uint_eq(stray_stats(s.stray)->filters, 2);	/* of UDP */
	before = *stray_stats(s.stray);
	secs = under_load(&s, 20, 1200);
	ck_assert(was_found(&s, 0xabcd0002));
	ck_assert_uint_gt(stray_stats(s.stray)->filters, before.filters);
	ck_assert_double_le((double)(stray_stats(s.stray)->filters -
	    before.filters), 4 * secs + 4);
	ck_assert_double_lt((double)(stray_stats(s.stray)->packets -
	    before.packets), 300 * secs);
	stray_free(s.stray);
	event_base_free(s.base);
}
END_TEST

/* Nothing is open, and nothing is read, as long as all is well. */
START_TEST(test_rest)
{
	struct scene s = { .left = 0 };

	if (!own_network())
		SKIP("no network namespace of its own");
	s.base = event_base_new();
	s.stray = stray_new(s.base, &here_plain, found, &s.f);
	stray_watch(s.stray, true, NULL, 0);
	for (int i = 0; i < 1200 && !until_opened(&s); i++) {
		(void)event_base_loop(s.base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	}
	ck_assert_uint_eq(stray_stats(s.stray)->opened, 0);
	stray_free(s.stray);
	event_base_free(s.base);
	stray_free(NULL);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("stray");

	tcase_add_test(t, test_packets);
	tcase_add_test(t, test_other_packets);
	tcase_add_test(t, test_filter);
	tcase_add_test(t, test_live);
	tcase_add_test(t, test_load);
	tcase_add_test(t, test_rest);
	return run_case("stray", t);
}
