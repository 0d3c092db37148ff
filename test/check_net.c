/* SPDX-License-Identifier: ISC */
/* The IKE sockets: addresses, markers, policies, trouble. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/net.h"
#include "monitor/here.h"
#include "libipsec/addr.h"
#include "test/daemon_tools.h"
#include "test/own_network.h"

static struct ipsec_addr
address(const char *text, uint16_t port)
{
	struct ipsec_addr a;

	ck_assert(addr_parse(&a, text));
	a.port = port;
	return a;
}

#define INBOX	400

struct inbox {
	struct event_base *base;
	struct net	*net;
	unsigned int	 n, want;
	struct ipsec_addr local[INBOX], remote[INBOX];
	uint8_t		 first[INBOX];
	size_t		 length[INBOX];
};

static void
got(void *ctx, const struct ipsec_addr *local, const struct ipsec_addr *remote,
    struct view v)
{
	struct inbox *in = ctx;

	ck_assert_uint_lt(in->n, INBOX);
	in->local[in->n] = *local;
	in->remote[in->n] = *remote;
	in->length[in->n] = v.n;
	in->first[in->n] = v.n > 0 ? v.p[0] : 0;
	in->n++;
}

static bool
full(void *ctx)
{
	const struct inbox *in = ctx;

	return in->n >= in->want;
}

static void
receive(struct inbox *in, unsigned int want)
{
	in->want = want;
	turn(in->base, full, in);
	ck_assert_uint_eq(in->n, want);
}

/* A short while in which nothing more may come. */
static void
receive_nothing(struct inbox *in)
{
	unsigned int before = in->n;

	for (int i = 0; i < 30; i++) {
		(void)event_base_loop(in->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	}
	ck_assert_uint_eq(in->n, before);
}

static struct inbox *
inbox_new(void)
{
	struct inbox *in = xcalloc(1, sizeof(*in));

	in->base = event_base_new();
	ck_assert_ptr_nonnull(in->base);
	in->net = net_new(in->base, &here_plain, got, in);
	return in;
}

static void
inbox_free(struct inbox *in)
{
	net_free(in->net);
	event_base_free(in->base);
	free(in);
}

static enum err
listen_on(struct inbox *in, const struct conf_listen *on, size_t n,
    bool strict)
{
	const struct net_plan plan = { .on = on, .n = n, .strict = strict };

	return net_listen(in->net, &plan);
}

/* A plain socket as the peer; ADDR's port is filled in. */
static int
peer(struct ipsec_addr *addr)
{
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(addr, &ss);
	int fd = socket(addr->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, n), 0);
	n = sizeof(ss);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&ss, &n), 0);
	ck_assert(addr_from_sockaddr(addr, (struct sockaddr *)&ss));
	return fd;
}

static void
say(int fd, const struct ipsec_addr *to, const void *p, size_t n)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(to, &ss);

	ck_assert_int_eq(sendto(fd, p, n, 0, (struct sockaddr *)&ss, len),
	    (ssize_t)n);
}

static size_t
hear(int fd, struct ipsec_addr *from, void *p, size_t size)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	ssize_t n;

	ck_assert_int_eq(poll(&pfd, 1, 3000), 1);
	n = recvfrom(fd, p, size, 0, (struct sockaddr *)&ss, &len);
	ck_assert_int_ge(n, 0);
	ck_assert(addr_from_sockaddr(from, (struct sockaddr *)&ss));
	return (size_t)n;
}

/* Where IN's IKE (or NAT-T) socket for TEXT is. */
static struct ipsec_addr
where(struct inbox *in, const char *text, bool natt)
{
	struct ipsec_addr hint = address(text, 0), out;

	if (natt)
		ck_assert(net_natt(in->net, &hint, &out));
	else
		ck_assert(net_local(in->net, &hint, &hint, &out));
	ck_assert(addr_equal(&hint, &out));
	ck_assert_uint_ne(out.port, 0);
	return out;
}

/* A port that is free for the moment. */
static uint16_t
free_port(const char *text)
{
	struct ipsec_addr a = address(text, 0);

	(void)close(peer(&a));
	return a.port;
}

static void
check_exchange(struct inbox *in, const char *own, const char *other)
{
	struct ipsec_addr local = where(in, own, false);
	struct ipsec_addr remote = address(other, 0), from;
	int fd = peer(&remote);
	char answer[10];

	say(fd, &local, "hello", 5);
	receive(in, in->n + 1);
	ck_assert(addr_equal_port(&in->local[in->n - 1], &local));
	ck_assert(addr_equal_port(&in->remote[in->n - 1], &remote));
	ck_assert_uint_eq(in->length[in->n - 1], 5);
	net_send(in->net, &local, &remote, view_of("world!", 6));
	ck_assert_uint_eq(hear(fd, &from, answer, sizeof(answer)), 6);
	ck_assert_mem_eq(answer, "world!", 6);
	ck_assert(addr_equal_port(&from, &local));
	(void)close(fd);
}

START_TEST(net_uses_listed_addresses)
{
	struct inbox *in = inbox_new();
	struct conf_listen on[2] = {
		{ .addr = address("127.0.0.1", 0) },
		{ .addr = address("127.0.0.2", 0) },
	};
	struct ipsec_addr a = address("127.0.0.3", 0), none = { .family = 0 };
	struct ipsec_addr out, six = address("::1", 0);

	ck_assert_int_eq(listen_on(in, on, 2, true), OK);
	check_exchange(in, "127.0.0.1", "127.0.0.9");
	check_exchange(in, "127.0.0.2", "127.0.0.9");
	ck_assert_uint_eq(net_stats(in->net)->received, 2);
	ck_assert_uint_eq(net_stats(in->net)->sent, 2);
	/* Only an address that was asked for is insisted on. */
	ck_assert(!net_local(in->net, &a, &a, &out));
	ck_assert(net_local(in->net, &none, &a, &out));
	ck_assert(addr_equal(&out, &on[0].addr));
	ck_assert(!net_local(in->net, &none, &six, &out));
	ck_assert(!net_natt(in->net, &a, &out));
	inbox_free(in);
}
END_TEST

/* On a wildcard socket each datagram tells where it was sent to. */
START_TEST(net_knows_the_destination)
{
	struct inbox *in = inbox_new();
	const struct net_plan plan = {
		.port = free_port("127.0.0.1"),
		.natt_port = free_port("127.0.0.1"),
	};
	struct ipsec_addr none = { .family = 0 }, out;
	struct ipsec_addr remote = address("127.0.0.77", 0);

	if (net_listen(in->net, &plan) != OK) {
		inbox_free(in);
		SKIP("wildcard sockets cannot be opened here");
	}
	check_exchange(in, "127.0.0.5", "127.0.0.9");
	check_exchange(in, "127.0.0.6", "127.0.0.9");
	/* Without a hint the kernel's choice: loopback's own address. */
	ck_assert(net_local(in->net, &none, &remote, &out));
	ck_assert_uint_eq(out.port, plan.port);
	ck_assert_uint_eq(addr_bytes(&out).p[0], 127);
	ck_assert(net_natt(in->net, &out, &out));
	ck_assert_uint_eq(out.port, plan.natt_port);
	inbox_free(in);
}
END_TEST

START_TEST(net_speaks_ipv6)
{
	struct inbox *in = inbox_new();
	struct conf_listen on = { .addr = address("::1", 0) };
	struct ipsec_addr none = { .family = 0 }, out;

	if (listen_on(in, &on, 1, true) != OK) {
		inbox_free(in);
		SKIP("this host has no ::1");
	}
	check_exchange(in, "::1", "::1");
	ck_assert(net_local(in->net, &none, &on.addr, &out));
	ck_assert(addr_equal(&out, &on.addr));
	inbox_free(in);
}
END_TEST

static struct inbox *
natt_inbox(void)
{
	struct inbox *in = inbox_new();
	struct conf_listen on = {
		.addr = address("127.0.0.2", 0), .natt = true,
	};

	if (listen_on(in, &on, 1, true) == OK)
		return in;
	inbox_free(in);
	return NULL;
}

START_TEST(net_strips_the_marker)
{
	static const uint8_t ike[] = { 0, 0, 0, 0, 'a', 'b', 'c' };
	static const uint8_t empty[] = { 0, 0, 0, 0 };
	static const uint8_t odd[] = { 1, 2 };
	static const uint8_t esp[] = { 0, 0, 1, 0, 0, 0, 0, 1 };
	static const uint8_t alive = 0xff;
	struct inbox *in = natt_inbox();
	struct ipsec_addr local, remote = address("127.0.0.9", 0);
	int fd;

	if (in == NULL)
		SKIP("this kernel has no UDP encapsulation");
	local = where(in, "127.0.0.2", true);
	fd = peer(&remote);
	say(fd, &local, ike, sizeof(ike));
	receive(in, 1);
	ck_assert_uint_eq(in->length[0], 3);
	ck_assert_uint_eq(in->first[0], 'a');
	ck_assert(addr_equal_port(&in->local[0], &local));
	say(fd, &local, &alive, 1);
	say(fd, &local, odd, sizeof(odd));
	say(fd, &local, esp, sizeof(esp));
	receive_nothing(in);
	ck_assert_uint_ge(net_stats(in->net)->dropped, 1);
	say(fd, &local, empty, sizeof(empty));
	receive(in, 2);
	ck_assert_uint_eq(in->length[1], 0);
	/* Not an IKE socket for a first message. */
	ck_assert(!net_local(in->net, &local, &remote, &local));
	(void)close(fd);
	inbox_free(in);
}
END_TEST

START_TEST(net_puts_the_marker)
{
	static const uint8_t alive = 0xff;
	struct inbox *in = natt_inbox();
	struct ipsec_addr local, from, remote = address("127.0.0.9", 0);
	uint8_t got_bytes[20];
	int fd;

	if (in == NULL)
		SKIP("this kernel has no UDP encapsulation");
	local = where(in, "127.0.0.2", true);
	fd = peer(&remote);
	net_send(in->net, &local, &remote, view_of("abc", 3));
	ck_assert_uint_eq(hear(fd, &from, got_bytes, sizeof(got_bytes)), 7);
	ck_assert_mem_eq(got_bytes, "\0\0\0\0abc", 7);
	ck_assert(addr_equal_port(&from, &local));
	net_send(in->net, &local, &remote, view_of(&alive, 1));
	ck_assert_uint_eq(hear(fd, &from, got_bytes, sizeof(got_bytes)), 1);
	ck_assert_uint_eq(got_bytes[0], 0xff);
	(void)close(fd);
	inbox_free(in);
}
END_TEST

/* One noisy socket must not keep the other one waiting. */
START_TEST(net_is_fair)
{
	struct inbox *in = inbox_new();
	struct conf_listen on[2] = {
		{ .addr = address("127.0.0.1", 0) },
		{ .addr = address("127.0.0.2", 0) },
	};
	struct ipsec_addr noisy, quiet, remote = address("127.0.0.9", 0);
	unsigned int at = INBOX;
	int fd;

	ck_assert_int_eq(listen_on(in, on, 2, true), OK);
	noisy = where(in, "127.0.0.1", false);
	quiet = where(in, "127.0.0.2", false);
	fd = peer(&remote);
	for (int i = 0; i < 100; i++)
		say(fd, &noisy, "n", 1);
	say(fd, &quiet, "q", 1);
	receive(in, 101);
	for (unsigned int i = 0; i < in->n; i++)
		if (in->first[i] == 'q')
			at = i;
	ck_assert_uint_le(at, 32);
	(void)close(fd);
	inbox_free(in);
}
END_TEST

START_TEST(net_takes_any_length)
{
	struct inbox *in = inbox_new();
	struct conf_listen on = { .addr = address("127.0.0.1", 0) };
	struct ipsec_addr local, remote = address("127.0.0.9", 0);
	char *big = xcalloc(1, 65507);
	int fd = peer(&remote);

	ck_assert_int_eq(listen_on(in, &on, 1, true), OK);
	local = where(in, "127.0.0.1", false);
	say(fd, &local, big, 65507);
	say(fd, &local, big, 0);
	receive(in, 2);
	ck_assert_uint_eq(in->length[0], 65507);
	ck_assert_uint_eq(in->length[1], 0);
	(void)close(fd);
	free(big);
	inbox_free(in);
}
END_TEST

START_TEST(net_reports_trouble)
{
	struct inbox *in = inbox_new();
	struct ipsec_addr taken = address("127.0.0.1", 0), out;
	int fd = peer(&taken);
	struct conf_listen on[2] = {
		{ .addr = address("127.0.0.2", 0) }, { .addr = taken },
	};
	struct lines l = { .n = 0 };

	log_to(catch_line, &l);
	/* Whoever asks again is told again. */
	for (unsigned int i = 1; i <= 2; i++) {
		ck_assert_int_eq(listen_on(in, on, 2, false), E_SYSTEM);
		ck_assert_uint_eq(l.n, i);
		ck_assert_ptr_nonnull(strstr(l.text, "another IKE daemon"));
	}
	ck_assert(!net_local(in->net, &on[0].addr, &taken, &out));
	(void)close(fd);
	ck_assert_int_eq(listen_on(in, on, 2, false), OK);
	check_exchange(in, "127.0.0.1", "127.0.0.9");
	check_exchange(in, "127.0.0.2", "127.0.0.9");
	inbox_free(in);
}
END_TEST

/* A plan that fails changes nothing, even where it had to close something. */
START_TEST(net_keeps_what_runs)
{
	struct inbox *in = inbox_new();
	struct ipsec_addr taken = address("127.0.0.9", 0);
	int fd = peer(&taken);
	const uint16_t port = free_port("127.0.0.1");
	const struct conf_listen one = { .addr = address("127.0.0.1", port) };
	const struct conf_listen bad[2] = {
		{ .addr = address("0.0.0.0", port) }, { .addr = taken },
	};
	struct lines l = { .n = 0 };

	log_to(catch_line, &l);
	ck_assert_int_eq(listen_on(in, &one, 1, true), OK);
	ck_assert_int_eq(listen_on(in, &bad[1], 1, true), E_SYSTEM);
	check_exchange(in, "127.0.0.1", "127.0.0.9");
	ck_assert_int_eq(listen_on(in, bad, 2, true), E_SYSTEM);
	ck_assert_uint_eq(l.n, 2);
	check_exchange(in, "127.0.0.1", "127.0.0.9");
	/* From one address to all on the same port, and back. */
	ck_assert_int_eq(listen_on(in, bad, 1, true), OK);
	check_exchange(in, "127.0.0.3", "127.0.0.9");
	ck_assert_int_eq(listen_on(in, &one, 1, true), OK);
	check_exchange(in, "127.0.0.1", "127.0.0.9");
	ck_assert_uint_eq(l.n, 2);
	(void)close(fd);
	inbox_free(in);
}
END_TEST

/* A socket for all addresses does not make every address one of ours. */
START_TEST(net_knows_its_addresses)
{
	struct inbox *in = inbox_new();
	const struct conf_listen on = {
		.addr = address("0.0.0.0", free_port("127.0.0.1")),
	};
	struct ipsec_addr foreign = address("192.0.2.123", 0), out;
	struct ipsec_addr remote = address("127.0.0.9", 0);
	struct lines l = { .n = 0 };

	log_to(catch_line, &l);
	ck_assert_int_eq(listen_on(in, &on, 1, true), OK);
	ck_assert(!net_local(in->net, &foreign, &remote, &out));
	ck_assert_uint_eq(l.n, 1);
	ck_assert_ptr_nonnull(strstr(l.text,
	    "192.0.2.123 is not an address of this host"));
	ck_assert(net_local(in->net, &remote, &remote, &out));
	ck_assert_uint_eq(out.port, on.addr.port);
	ck_assert_uint_eq(l.n, 1);
	inbox_free(in);
}
END_TEST

START_TEST(net_survives_refusal)
{
	struct inbox *in = inbox_new();
	struct conf_listen on = { .addr = address("127.0.0.1", 0) };
	struct ipsec_addr local, nobody = address("127.0.0.1", 0);
	struct ipsec_addr nowhere = address("127.0.0.3", 9);
	struct lines l = { .n = 0 };

	ck_assert_int_eq(listen_on(in, &on, 1, true), OK);
	log_to(catch_line, &l);
	local = where(in, "127.0.0.1", false);
	nobody.port = free_port("127.0.0.1");
	for (int i = 0; i < 5; i++)
		net_send(in->net, &local, &nobody, view_of("x", 1));
	receive_nothing(in);
	ck_assert_uint_eq(net_stats(in->net)->sent, 5);
	ck_assert_uint_eq(l.n, 0);
	/* No socket: one line, however often and whatever else is sent. */
	for (int i = 0; i < 5; i++) {
		net_send(in->net, &nowhere, &nobody, view_of("x", 1));
		net_send(in->net, &local, &nobody, view_of("x", 1));
	}
	ck_assert_uint_eq(net_stats(in->net)->unsent, 5);
	ck_assert_uint_eq(l.n, 1);
	check_exchange(in, "127.0.0.1", "127.0.0.9");
	inbox_free(in);
}
END_TEST

START_TEST(net_follows_a_new_plan)
{
	struct inbox *in = inbox_new();
	struct conf_listen on[2] = {
		{ .addr = address("127.0.0.1", 0) },
		{ .addr = address("127.0.0.2", 0) },
	};
	struct ipsec_addr before, a = address("127.0.0.1", 0);

	ck_assert_int_eq(listen_on(in, on, 2, true), OK);
	before = where(in, "127.0.0.2", false);
	ck_assert_int_eq(listen_on(in, &on[1], 1, true), OK);
	ck_assert(!net_local(in->net, &a, &a, &a));
	/* The one that stays is the same socket. */
	ck_assert_uint_eq(where(in, "127.0.0.2", false).port, before.port);
	check_exchange(in, "127.0.0.2", "127.0.0.9");
	inbox_free(in);
}
END_TEST

static void
add_address(const char *text)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct ifreq ifr = { .ifr_flags = 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(ifr.ifr_name, "lo:1", 5);
	ck_assert_int_eq(inet_pton(AF_INET, text, &sin.sin_addr), 1);
	memcpy(&ifr.ifr_addr, &sin, sizeof(sin));
	ck_assert_int_eq(ioctl(fd, SIOCSIFADDR, &ifr), 0);
	(void)close(fd);
}

static bool
has_address(void *ctx)
{
	struct inbox *in = ctx;
	struct ipsec_addr a = address("192.0.2.99", 0);

	return net_local(in->net, &a, &a, &a);
}

START_TEST(net_binds_addresses_that_appear)
{
	struct inbox *in;
	struct conf_listen on[2] = {
		{ .addr = address("127.0.0.1", 500) },
		{ .addr = address("192.0.2.99", 500) },
	};
	struct lines l = { .n = 0 };

	if (!own_network())
		SKIP("needs root or user namespaces");
	in = inbox_new();
	log_to(catch_line, &l);
	ck_assert_int_eq(listen_on(in, on, 2, true), E_SYSTEM);
	ck_assert_ptr_nonnull(strstr(l.text, "no such address"));
	l.n = 0;
	ck_assert_int_eq(listen_on(in, on, 2, false), OK);
	ck_assert_uint_eq(l.n, 0);
	ck_assert(!has_address(in));
	add_address("192.0.2.99");
	turn(in->base, has_address, in);
	ck_assert(has_address(in));
	check_exchange(in, "192.0.2.99", "127.0.0.1");
	inbox_free(in);
}
END_TEST

/* By default Linux applies no policies to the loopback interface. */
static bool
obey_policies(const char *name)
{
	char path[80];
	bool good;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/lo/%s",
	    name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	good = write(fd, "0\n", 2) == 2;
	(void)close(fd);
	return good;
}

/* All traffic between the two addresses needs an SA that there never is. */
static bool
block(const char *one, const char *other)
{
	struct ipsec_policy p = {
		.sel = { .src = address(one, 0), .dst = address(other, 0),
		    .src_prefix = 32, .dst_prefix = 32 },
		.action = IPSEC_ACTION_IPSEC, .ntmpl = 1,
		.tmpl = { { .proto = IPSEC_PROTO_ESP,
		    .mode = IPSEC_MODE_TRANSPORT } },
	};
	struct ipsec *ipsec;
	bool good;

	if (ipsec_open(&ipsec, "xfrm") < 0)
		return false;
	p.dir = IPSEC_DIR_OUT;
	good = ipsec_policy_set(ipsec, &p, false) == 0;
	p.dir = IPSEC_DIR_IN;
	good = good && ipsec_policy_set(ipsec, &p, false) == 0;
	ipsec_close(ipsec);
	return good;
}

/* IKE passes where IPsec policies stop everything else. */
START_TEST(net_is_exempt_from_policies)
{
	struct inbox *a, *b;
	struct conf_listen on_a = { .addr = address("127.0.0.1", 500) };
	struct conf_listen on_b = { .addr = address("127.0.0.9", 500) };
	struct ipsec_addr plain = address("127.0.0.1", 0), none = { 0 }, out;
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(&on_b.addr, &ss);
	int fd;

	if (!own_network())
		SKIP("needs root or user namespaces");
	if (!obey_policies("disable_xfrm") ||
	    !obey_policies("disable_policy") ||
	    !block("127.0.0.1", "127.0.0.9") ||
	    !block("127.0.0.9", "127.0.0.1"))
		SKIP("IPsec policies cannot be set here");
	a = inbox_new();
	b = inbox_new();
	ck_assert_int_eq(listen_on(a, &on_a, 1, true), OK);
	ck_assert_int_eq(listen_on(b, &on_b, 1, true), OK);
	fd = peer(&plain);
	(void)sendto(fd, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&ss, n);
	receive_nothing(b);
	net_send(a->net, &on_a.addr, &on_b.addr, view_of("hello", 5));
	receive(b, 1);
	net_send(b->net, &on_b.addr, &on_a.addr, view_of("world", 5));
	receive(a, 1);
	ck_assert(net_local(a->net, &none, &on_b.addr, &out));
	(void)close(fd);
	inbox_free(a);
	inbox_free(b);
}
END_TEST

/* All that the wildcard sockets may have queued while the loop was busy. */
START_TEST(net_holds_a_storm)
{
	const struct net_plan plan = { .port = 500, .natt_port = 4500 };
	struct inbox *in;
	struct ipsec_addr local, remote = address("127.0.0.9", 0);
	char message[600] = "m";
	int fd;

	if (geteuid() != 0)
		SKIP("needs root for the large receive buffer");
	if (!own_network())
		SKIP("needs a network namespace");
	in = inbox_new();
	ck_assert_int_eq(net_listen(in->net, &plan), OK);
	local = where(in, "127.0.0.1", false);
	fd = peer(&remote);
	for (int round = 0; round < 3; round++) {
		in->n = 0;
		for (int i = 0; i < INBOX; i++)
			say(fd, &local, message, sizeof(message));
		receive(in, INBOX);
	}
	ck_assert_uint_eq(net_stats(in->net)->received, 3 * INBOX);
	(void)close(fd);
	inbox_free(in);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("net");

	tcase_add_test(t, net_uses_listed_addresses);
	tcase_add_test(t, net_knows_the_destination);
	tcase_add_test(t, net_speaks_ipv6);
	tcase_add_test(t, net_strips_the_marker);
	tcase_add_test(t, net_puts_the_marker);
	tcase_add_test(t, net_is_fair);
	tcase_add_test(t, net_takes_any_length);
	tcase_add_test(t, net_reports_trouble);
	tcase_add_test(t, net_keeps_what_runs);
	tcase_add_test(t, net_knows_its_addresses);
	tcase_add_test(t, net_survives_refusal);
	tcase_add_test(t, net_follows_a_new_plan);
	tcase_add_test(t, net_binds_addresses_that_appear);
	tcase_add_test(t, net_is_exempt_from_policies);
	tcase_add_test(t, net_holds_a_storm);
	return run_case("net", t);
}
