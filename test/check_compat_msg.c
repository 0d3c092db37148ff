/* SPDX-License-Identifier: ISC */
/*
 * The messages that the historical interface sends, through a pair of
 * sockets: their lengths are those of golden/libipsec/calls.txt, their bytes
 * are written by hand from RFC 2367 and <linux/pfkeyv2.h>.  And what it makes
 * of messages that come.
 */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libipsec/libpfkey.h"
#include "test/bytes.h"
#include "test/suite.h"

extern int	 __ipsec_errcode;

static int near_end, far_end;	/* of the pair of sockets */
static struct sockaddr_in a, b;
static struct sockaddr_in6 six;

#define A	((struct sockaddr *)&a)
#define B	((struct sockaddr *)&b)
#define SIX	((struct sockaddr *)&six)

static void
setup(void)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	near_end = pair[0];
	far_end = pair[1];
	a.sin_family = b.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(0x0a000001);
	b.sin_addr.s_addr = htonl(0x0a000002);
	six.sin6_family = AF_INET6;
	six.sin6_addr.s6_addr[15] = 1;
}

static void
teardown(void)
{
	close(near_end);
	close(far_end);
}

/* What the two ends of an SA look like, and of one with IPv6. */
#define ENDS	"0300 0500 ff20 0000 0200 0000 0a000001 0000000000000000" \
		"0300 0600 ff20 0000 0200 0000 0a000002 0000000000000000"
#define ENDS6	"0500 0500 ff80 0000 0a00 0000 00000000 0000000000000000" \
		"0000000000000001 00000000 00000000" \
		"0500 0600 ff80 0000 0a00 0000 00000000 0000000000000000" \
		"0000000000000001 00000000 00000000"
/* Hard limits of 0, as policies have them. */
#define HARD0	"0400 0300 00000000 0000000000000000 0000000000000000" \
		"0000000000000000"

/* R bytes were sent: a head of these fields, our process, and BODY. */
static void
sent(int r, const char *head, const char *body)
{
	struct bytes got = { .n = 0 }, want = hex(head);
	struct sadb_msg m;
	ssize_t n;

	ck_assert_msg(r > 0, "%d: %s", r, ipsec_strerror());
	ck_assert_int_eq(__ipsec_errcode, 0);
	n = recv(far_end, got.p, sizeof(got.p), 0);
	ck_assert_int_eq(n, r);
	ck_assert_uint_eq(want.n, 12);
	memcpy(&m, got.p, sizeof(m));
	ck_assert_uint_eq(m.sadb_msg_pid, (uint32_t)getpid());
	bytes_hex(&want, "00000000");
	memcpy(want.p + 12, got.p + 12, 4);
	bytes_hex(&want, body);
	ck_assert_int_eq((int)want.n, n);
	for (size_t i = 0; i < want.n; i++)
		ck_assert_msg(got.p[i] == want.p[i],
		    "byte %zu is %02x, not %02x", i, got.p[i], want.p[i]);
}

/* Nothing was sent, for this reason. */
static void
refused(int r, int code)
{
	char c;

	ck_assert_int_eq(r, -1);
	ck_assert_int_eq(__ipsec_errcode, code);
	ck_assert_int_eq(recv(far_end, &c, 1, MSG_DONTWAIT), -1);
}

START_TEST(bare)
{
	int s = near_end;

	sent(pfkey_send_register(s, 3), "02070003 0200 0000 00000000", "");
	sent(pfkey_send_flush(s, 0), "02090000 0200 0000 00000000", "");
	sent(pfkey_send_dump(s, 9), "020a0009 0200 0000 00000000", "");
	sent(pfkey_send_promisc_toggle(s, 7), "020b0001 0200 0000 00000000",
	    "");
	sent(pfkey_send_promisc_toggle(s, 0), "020b0000 0200 0000 00000000",
	    "");
	sent(pfkey_send_spdflush(s), "02130000 0200 0000 00000000", "");
	sent(pfkey_send_spddump(s), "02120000 0200 0000 00000000", "");
	refused(pfkey_send_register(s, 5), 2);
	refused(pfkey_send_flush(s, 1), 10);
	refused(pfkey_send_dump(s, 4), 10);
}
END_TEST

START_TEST(named)
{
	int s = near_end;

	sent(pfkey_send_get(s, 3, 0, A, B, htonl(0x5555)),
	    "02050003 0a00 0000 00000000",
	    "0200 0100 00005555 00000000 00000000" ENDS);
	sent(pfkey_send_delete(s, 2, 1, A, B, htonl(1)),
	    "02040002 0a00 0000 00000000",
	    "0200 0100 00000001 00000000 00000000" ENDS);
	sent(pfkey_send_delete_all(s, 3, 0, SIX, SIX),
	    "02040003 0c00 0000 00000000", ENDS6);
	refused(pfkey_send_get(s, 3, 0, A, NULL, 1), 2);
	refused(pfkey_send_get(s, 3, 0, A, SIX, 1), 24);
	refused(pfkey_send_get(s, 259, 0, A, B, 1), 10);
	a.sin_family = b.sin_family = AF_UNIX;
	refused(pfkey_send_get(s, 3, 0, A, B, 1), 15);
}
END_TEST

START_TEST(getspi)
{
	int s = near_end;

	sent(pfkey_send_getspi(s, 3, 1, A, B, 0x1000, 0x1fff, 7, 42),
	    "02010003 0c00 0000 2a000000",
	    "0200 1300 01000000 00000000 07000000" ENDS
	    "0200 1000 00100000 ff1f0000 00000000");
	sent(pfkey_send_getspi(s, 3, 1, A, B, 0, 0, 7, 42),
	    "02010003 0a00 0000 2a000000",
	    "0200 1300 01000000 00000000 07000000" ENDS);
	sent(pfkey_send_getspi_nat(s, 3, 2, A, B, 2, 4500, 4501, 0,
	    0xffffffff, 0, 1), "02010003 0d00 0000 01000000",
	    "0200 1300 02000000 00000000 00000000" ENDS
	    "0100 1400 02000000 0100 1500 1194 0000 0100 1600 1195 0000");
	refused(pfkey_send_getspi(s, 3, 1, A, B, 10, 20, 7, 42), 18);
	refused(pfkey_send_getspi(s, 3, 1, A, B, 300, 299, 7, 42), 18);
	refused(pfkey_send_getspi(s, 3, 256, A, B, 0, 0, 7, 42), 8);
	/* A port without a type. */
	refused(pfkey_send_getspi_nat(s, 3, 2, A, B, 0, 4500, 0, 0, 0, 0, 1),
	    2);
}
END_TEST

static struct pfkey_send_sa_args
esp(void)
{
	static char key[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	struct pfkey_send_sa_args g = {
		.so = near_end, .satype = 3, .mode = 2, .src = A, .dst = B,
		.spi = htonl(0x5555), .reqid = 9, .wsize = 4, .keymat = key,
		.e_type = 12, .e_keylen = 16, .a_type = 3, .a_keylen = 20,
		.flags = 0x40, .l_alloc = 1000, .l_bytes = 100000000,
		.l_addtime = 1000, .l_usetime = 10, .seq = 5,
	};

	return g;
}

#define ESP_SA	"0200 0100 00005555 0400030c 40000000" \
		"0200 1300 02000000 00000000 09000000"
#define KEYS	"0300 0900 8000 0000 3031323334353637 3839616263646566" \
		"0400 0800 a000 0000 6768696a6b6c6d6e 6f70717273747576" \
		"7778797a 00000000"
#define LIMITS	"0400 0300 e8030000 00e1f50500000000 e803000000000000" \
		"0a00000000000000" \
		"0400 0400 20030000 00b4c40400000000 2003000000000000" \
		"0800000000000000"

START_TEST(add)
{
	struct pfkey_send_sa_args g = esp();

	sent(pfkey_send_add2(&g), "02030003 1b00 0000 05000000",
	    ESP_SA ENDS KEYS LIMITS);
	ck_assert_uint_eq(g.type, 3);
	sent(pfkey_send_update2(&g), "02020003 1b00 0000 05000000",
	    ESP_SA ENDS KEYS LIMITS);
	ck_assert_uint_eq(g.type, 2);
	g.l_natt_type = 2;
	g.l_natt_sport = 4500;
	g.l_natt_dport = 4501;
	g.l_natt_oa = A;
	g.ctxstr = (char[]){ "label" };
	g.ctxstrlen = 6;
	g.ctxdoi = 1;
	g.ctxalg = 2;
	sent(pfkey_send_add2(&g), "02030003 2300 0000 05000000",
	    ESP_SA ENDS KEYS LIMITS
	    "0100 1400 02000000 0100 1500 1194 0000 0100 1600 1195 0000"
	    "0300 1700 ff20 0000 0200 0000 0a000001 0000000000000000"
	    "0200 1800 02 01 0600 6c6162656c00 0000");
}
END_TEST

START_TEST(add_refused)
{
	static const struct {
		unsigned int satype, e_type, a_type, natt;
		int code;
	} cases[] = {
		{ 3, 0, 3, 0, 20 }, { 2, 12, 3, 0, 13 }, { 2, 0, 0, 0, 20 },
		{ 9, 0, 0, 0, 13 }, { 9, 2, 3, 0, 20 }, { 1, 12, 3, 0, 10 },
		{ 2, 0, 3, 2, 20 }, { 3, 256, 3, 0, 13 }, { 3, 12, 259, 0, 13 },
	};
	struct pfkey_send_sa_args g;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		g = esp();
		g.satype = cases[i].satype;
		g.e_type = cases[i].e_type;
		g.a_type = cases[i].a_type;
		g.l_natt_type = (uint8_t)cases[i].natt;
		refused(pfkey_send_add2(&g), cases[i].code);
	}
	g = esp();
	g.e_keylen = 8192;
	refused(pfkey_send_add2(&g), 14);
	g = esp();
	g.keymat = NULL;
	refused(pfkey_send_add2(&g), 2);
	refused(pfkey_send_add2(NULL), 2);
}
END_TEST

/* The older calls have 64 bits for limits, and lose none of them. */
START_TEST(add_old)
{
	struct pfkey_send_sa_args g = esp();
	int s = near_end;

	sent(pfkey_send_add(s, 3, 2, A, B, g.spi, 9, 4, g.keymat, 12, 16, 3,
	    20, 0x40, 1000, 100000000, 1000, 10, 5),
	    "02030003 1b00 0000 05000000", ESP_SA ENDS KEYS LIMITS);
	sent(pfkey_send_update(s, 3, 2, A, B, g.spi, 9, 4, g.keymat, 12, 16,
	    3, 20, 0x40, 1000, 100000000, 1000, 10, 5),
	    "02020003 1b00 0000 05000000", ESP_SA ENDS KEYS LIMITS);
	sent(pfkey_send_add_nat(s, 3, 2, A, B, g.spi, 9, 400, g.keymat, 12,
	    16, 0, 0, 0, 0, 0x1000000000000000, 0, 0, 0, 2, 4500, 4501, NULL,
	    0), "02030003 1a00 0000 00000000",
	    "0200 0100 00005555 ff00000c 00000000"
	    "0200 1300 02000000 00000000 09000000" ENDS
	    "0300 0900 8000 0000 3031323334353637 3839616263646566"
	    "0400 0300 00000000 0000000000000010 0000000000000000"
	    "0000000000000000"
	    "0400 0400 00000000 cccccccccccccc0c 0000000000000000"
	    "0000000000000000"
	    "0100 1400 02000000 0100 1500 1194 0000 0100 1600 1195 0000");
	sent(pfkey_send_update_nat(s, 9, 1, A, B, g.spi, 0, 0, NULL, 2, 0, 0,
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0),
	    "02020009 1400 0000 00000000",
	    "0200 0100 00005555 00000002 00000000"
	    "0200 1300 01000000 00000000 00000000" ENDS HARD0
	    "0400 0400 00000000 0000000000000000 0000000000000000"
	    "0000000000000000");
}
END_TEST

#define SELECTOR	"0300 0500 0618 0000 0200 0000 0a000001 " \
			"0000000000000000" \
			"0300 0600 0620 0000 0200 0000 0a000002 " \
			"0000000000000000"
#define POLICY	"0400 1200 0200 0200 00000000 00000080" \
		"1000 3200 0102 0000 00000000 00000000"

START_TEST(spd)
{
	char *p = ipsec_set_policy("out ipsec esp/transport//require", 0);
	int s = near_end, n = ipsec_get_policylen(p);

	sent(pfkey_send_spdadd(s, A, 24, B, 32, 6, p, n, 5),
	    "020e0000 1000 0000 05000000", SELECTOR HARD0 POLICY);
	sent(pfkey_send_spdupdate(s, A, 24, B, 32, 6, p, n, 5),
	    "020d0000 1000 0000 05000000", SELECTOR HARD0 POLICY);
	sent(pfkey_send_spdadd2(s, A, 24, B, 32, 6, 0x100000001, 50, p, n, 5),
	    "020e0000 1000 0000 05000000", SELECTOR
	    "0400 0300 00000000 0000000000000000 0100000001000000"
	    "3200000000000000" POLICY);
	sent(pfkey_send_spdupdate2(s, A, 24, B, 32, 6, 1, 2, p, n, 5),
	    "020d0000 1000 0000 05000000", SELECTOR
	    "0400 0300 00000000 0000000000000000 0100000000000000"
	    "0200000000000000" POLICY);
	sent(pfkey_send_spddelete(s, A, 24, B, 32, 6, p, 16, 5),
	    "020f0000 0e00 0000 05000000", SELECTOR HARD0
	    "0400 1200 0200 0200 00000000 00000080");
	sent(pfkey_send_spdsetidx(s, A, 24, B, 32, 6, p, 16, 5),
	    "02140000 0e00 0000 05000000", SELECTOR HARD0
	    "0400 1200 0200 0200 00000000 00000080");
	sent(pfkey_send_spddelete2(s, 0x12345678),
	    "02160000 0400 0000 00000000",
	    "0200 1200 0000 0000 78563412 00000000");
	sent(pfkey_send_spdget(s, 1), "02100000 0400 0000 00000000",
	    "0200 1200 0000 0000 01000000 00000000");
	sent(pfkey_send_migrate(s, A, B, A, 24, B, 32, 6, p, n, 5),
	    "02180000 1100 0000 05000000",
	    "0500 1900 00000000 0200 0000 0a000001 0000000000000000"
	    "0200 0000 0a000002 0000000000000000" SELECTOR POLICY);
	refused(pfkey_send_spddelete(s, A, 24, B, 32, 6, p, n, 5), 2);
	refused(pfkey_send_spdsetidx(s, A, 24, B, 32, 6, p, n, 5), 2);
	refused(pfkey_send_spdadd(s, A, 33, B, 32, 6, p, n, 5), 16);
	refused(pfkey_send_spdadd(s, SIX, 0, SIX, 129, 6, p, n, 5), 16);
	refused(pfkey_send_spdadd(s, A, 0, B, 0, 256, p, n, 5), 7);
	refused(pfkey_send_spdadd(s, A, 0, B, 0, 6, NULL, n, 5), 2);
	refused(pfkey_send_spdadd(s, A, 0, B, 0, 6, p, 15, 5), 2);
	refused(pfkey_send_migrate(s, NULL, B, A, 0, B, 0, 6, p, n, 5), 2);
	free(p);
}
END_TEST

START_TEST(receive)
{
	struct sadb_msg *m;
	struct bytes two = hex("02070003 0200 0000 00000000 01000000"),
	    longer = hex("02070003 0200 0000 00000000 01000000 00"),
	    cut = hex("02070003 0300 0000 00000000 01000000"),
	    zero = hex("02070003 0000 0000 00000000 01000000");

	send(far_end, two.p, 8, 0);
	ck_assert_ptr_null(pfkey_recv(near_end));
	ck_assert_int_eq(__ipsec_errcode, 30);
	send(far_end, longer.p, longer.n, 0);
	ck_assert_ptr_null(pfkey_recv(near_end));
	ck_assert_int_eq(__ipsec_errcode, 26);
	send(far_end, cut.p, cut.n, 0);
	ck_assert_ptr_null(pfkey_recv(near_end));
	ck_assert_str_eq(ipsec_strerror(), "Message has a wrong length");
	send(far_end, zero.p, zero.n, 0);
	ck_assert_ptr_null(pfkey_recv(near_end));
	/* None of them is in the way of the next one. */
	send(far_end, two.p, two.n, 0);
	m = pfkey_recv(near_end);
	ck_assert_ptr_nonnull(m);
	ck_assert_mem_eq(m, two.p, 16);
	ck_assert_int_eq(pfkey_send(near_end, m, 16), 16);
	free(m);
}
END_TEST

/* A reply to REGISTER with AES for ESP, or with an error. */
static void
reply(int pid, uint8_t error)
{
	struct bytes r = hex("02070003 0400 0000 00000000 00000000"
	    "0200 0f00 00000000 0c08 8000 0001 0000");
	uint32_t who = (uint32_t)pid;

	r.p[2] = error;
	memcpy(r.p + 12, &who, sizeof(who));
	send(far_end, r.p, r.n, 0);
}

START_TEST(registering)
{
	/* Not ours first. */
	reply(getpid() + 1, EPERM);
	reply(getpid(), 0);
	ck_assert_int_eq(pfkey_recv_register(near_end), 0);
	ck_assert_int_eq(ipsec_check_keylen(15, 12, 192), 0);
	/* A second time is no error and forgets nothing. */
	ck_assert_int_gt(pfkey_send_register(near_end, 3), 0);
	reply(getpid(), EEXIST);
	ck_assert_int_eq(pfkey_recv_register(near_end), 0);
	ck_assert_int_eq(ipsec_check_keylen(15, 12, 192), 0);
	reply(getpid(), EPERM);
	ck_assert_int_eq(pfkey_recv_register(near_end), -1);
	ck_assert_str_eq(ipsec_strerror(), strerror(EPERM));
}
END_TEST

/* Bodies of messages and what pfkey_align() says to them. */
static const struct {
	const char	*body;
	int		 code;
} bodies[] = {
	{ "", 0 },
	{ "0200 0100 00005555 00000000 00000000" ENDS, 0 },
	{ "0100 1800 00000000", 0 },
	{ "0200 0100 00005555 00000000 00000000"
	    "0200 0100 00005555 00000000 00000000", 12 },	/* twice */
	{ "0100 1100 00000000", 12 },			/* 17 */
	{ "0500 1a00 00000000 0000000000000000 0000000000000000"
	    "0000000000000000 0000000000000000", 12 },	/* 26 */
	{ "0100 1b00 00000000", 12 },
	{ "0100 ffff 00000000", 12 },
	{ "0100 0000 00000000", 12 },
	{ "0000 0100 00000000", 3 },
	{ "0200 0100 00000000", 3 },
	{ "0100 0100 00000000", 3 },			/* too short an SA */
};

/* A message in memory of its own length. */
static struct sadb_msg *
message(const char *head, const char *body)
{
	struct bytes m = hex(head);
	struct sadb_msg *copy;

	bytes_hex(&m, body);
	copy = malloc(m.n);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, m.p, m.n);
	copy->sadb_msg_len = (uint16_t)(m.n / 8);
	return copy;
}

START_TEST(align)
{
	caddr_t mhp[SADB_EXT_MAX + 1];
	struct sadb_msg *m;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		m = message("02030003 0000 0000 00000000 00000000",
		    bodies[i].body);
		ck_assert_int_eq(pfkey_align(m, mhp),
		    bodies[i].code == 0 ? 0 : -1);
		ck_assert_msg(__ipsec_errcode == bodies[i].code, "%zu: %d", i,
		    __ipsec_errcode);
		ck_assert_ptr_eq(mhp[0], (caddr_t)m);
		free(m);
	}
	m = message("02030003 0000 0000 00000000 00000000", bodies[1].body);
	ck_assert_int_eq(pfkey_align(m, mhp), 0);
	ck_assert_ptr_eq(mhp[SADB_EXT_SA], (caddr_t)m + 16);
	ck_assert_ptr_eq(mhp[SADB_EXT_ADDRESS_DST], (caddr_t)m + 56);
	ck_assert_ptr_null(mhp[SADB_EXT_MAX]);
	m->sadb_msg_len = 1;
	ck_assert_int_eq(pfkey_align(m, mhp), -1);
	ck_assert_int_eq(pfkey_align(m, NULL), -1);
	ck_assert_int_eq(pfkey_align(NULL, mhp), -1);
	ck_assert_int_eq(__ipsec_errcode, 2);
	free(m);
}
END_TEST

static const struct {
	const char	*head, *body;
	int		 code;
} checks[] = {
	{ "02030003", ENDS, 0 }, { "02030003", ENDS6, 0 },
	{ "02030002", "", 0 }, { "02030009", "", 0 }, { "020a0000", "", 0 },
	{ "03030003", "", 4 },		/* version */
	{ "02180000", "", 0 }, { "02190000", "", 11 },	/* type */
	{ "02030001", "", 10 }, { "020b0001", "", 0 },	/* PROMISC */
	{ "02030004", "", 10 }, { "0203000a", "", 10 },
	{ "02130004", "", 0 },		/* SPDFLUSH */
	{ "02030005", "", 1 }, { "02030008", "", 1 },
	{ "02030003", "0300 0500 ff20 0000 0200 0000 0a000001 "
	    "0000000000000000"
	    "0300 0600 0620 0000 0200 0000 0a000002 0000000000000000", 23 },
	{ "02030003", "0300 0500 ff20 0000 0200 0000 0a000001 "
	    "0000000000000000"
	    "0300 0600 ff20 0000 0a00 0000 0a000002 0000000000000000", 24 },
	{ "02030003", "0300 0500 ff20 0000 0100 0000 0a000001 "
	    "0000000000000000"
	    "0300 0600 ff20 0000 0100 0000 0a000002 0000000000000000", 15 },
	/* IPv6 in the room of IPv4, and no room at all. */
	{ "02030003", "0300 0500 ff20 0000 0a00 0000 0a000001 "
	    "0000000000000000"
	    "0300 0600 ff20 0000 0a00 0000 0a000002 0000000000000000", 3 },
	{ "02030003", "0100 0500 ff20 0000 0100 0600 ff20 0000", 3 },
};

START_TEST(plausible)
{
	caddr_t mhp[SADB_EXT_MAX + 1];
	char head[80];
	struct sadb_msg *m;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		snprintf(head, sizeof(head), "%s 0000 0000 00000000 00000000",
		    checks[i].head);
		m = message(head, checks[i].body);
		ck_assert_int_eq(pfkey_align(m, mhp), 0);
		ck_assert_int_eq(pfkey_check(mhp),
		    checks[i].code == 0 ? 0 : -1);
		ck_assert_msg(__ipsec_errcode == checks[i].code, "%zu: %d", i,
		    __ipsec_errcode);
		free(m);
	}
	ck_assert_int_eq(pfkey_check(NULL), -1);
	ck_assert_int_eq(__ipsec_errcode, 2);
}
END_TEST

int
main(void)
{
	const TTest *tests[] = { bare, named, getspi, add, add_refused, add_old,
	    spd, receive, registering, align, plausible };
	Suite *suite = suite_create("compat_msg");
	TCase *tcase = tcase_create("messages");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
