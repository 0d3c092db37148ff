/* SPDX-License-Identifier: ISC */
/* Identities: our own in phase 1, selectors and ID payloads in phase 2. */
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "ike/ident.h"
#include "pair.h"
#include "suite.h"

/*
 * Phase 1
 */

/* The body of our ID for a `my_identifier' line. */
static void
own(const char *line, const char *local, struct buf *body)
{
	char text[1000];
	struct conf *conf;
	struct ipsec_addr addr = addr_of(local, 4500);

	snprintf(text, sizeof(text), "remote anonymous { exchange_mode main;"
	    "%s proposal { encryption_algorithm aes; hash_algorithm sha1;"
	    "authentication_method pre_shared_key; dh_group 2; } }\n", line);
	conf = conf_of(text);
	buf_init(body, LIMIT_ID);
	buf_set(body, view_text("what was here before"));
	ident_own(conf->remote[0], &addr, body);
	ck_assert(buf_ok(body));
	conf_unref(conf);
}

START_TEST(own_identity)
{
	static const struct {
		const char	*line, *local, *bytes;
		size_t		 n;
	} row[] = {
		/* an address is one of UDP port 500: RFC 2407 4.6.2 */
		{ "", "192.0.2.1", "\1\x11\1\xf4\xc0\0\2\1", 8 },
		{ "my_identifier address;", "192.0.2.1",
		    "\1\x11\1\xf4\xc0\0\2\1", 8 },
		{ "my_identifier address 10.1.2.3;", "192.0.2.1",
		    "\1\x11\1\xf4\x0a\1\2\3", 8 },
		{ "", "2001:db8::1", "\5\x11\1\xf4\x20\1\x0d\xb8"
		    "\0\0\0\0\0\0\0\0\0\0\0\1", 20 },
		{ "my_identifier fqdn \"a.example\";", "192.0.2.1",
		    "\2\0\0\0a.example", 13 },
	};
	struct buf body;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		own(row[i].line, row[i].local, &body);
		ck_assert_uint_eq(body.n, row[i].n);
		ck_assert_mem_eq(body.p, row[i].bytes, row[i].n);
		buf_fini(&body);
	}
}
END_TEST

/*
 * Phase 2: one side
 */

struct side {
	const char	*addr;
	uint16_t	 port;
	uint8_t		 prefix, proto;
	const char	*bytes;
	size_t		 n;
};

#define V6 "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0"
#define ONES "\xff\xff\xff\xff\xff\xff\xff\xff"
#define ZEROS "\0\0\0\0\0\0\0\0"

static const struct side sides[] = {
	{ "192.0.2.1", 0, 32, 0, "\1\0\0\0\xc0\0\2\1", 8 },
	{ "192.0.2.1", 80, 32, 6, "\1\6\0\x50\xc0\0\2\1", 8 },
	{ "192.0.2.0", 0, 24, 0, "\4\0\0\0\xc0\0\2\0\xff\xff\xff\0", 12 },
	{ "192.0.2.77", 0, 24, 0, "\4\0\0\0\xc0\0\2\0\xff\xff\xff\0", 12 },
	{ "10.0.0.0", 53, 9, 17, "\4\x11\0\x35\x0a\0\0\0\xff\x80\0\0", 12 },
	{ "0.0.0.0", 0, 0, 0, "\4\0\0\0\0\0\0\0\0\0\0\0", 12 },
	{ "2001:db8::7", 0, 128, 0, "\5\0\0\0" V6 "\7", 20 },
	{ "2001:db8::", 65535, 65, 6, "\6\6\xff\xff" V6 "\0" ONES "\x80"
	    "\0\0\0\0\0\0\0", 36 },
	{ "::", 0, 0, 0, "\6\0\0\0" ZEROS ZEROS ZEROS ZEROS, 36 },
};
#define NSIDES	(sizeof(sides) / sizeof(sides[0]))

START_TEST(put_side)
{
	for (size_t i = 0; i < NSIDES; i++) {
		const struct side *s = &sides[i];
		struct ipsec_addr addr = addr_of(s->addr, s->port);
		struct buf body;

		buf_init(&body, LIMIT_ID);
		ident_put(&body, &addr, s->prefix, s->proto);
		ck_assert_uint_eq(body.n, s->n);
		ck_assert_mem_eq(body.p, s->bytes, s->n);
		buf_fini(&body);
	}
}
END_TEST

static struct id_payload
payload(const char *bytes, size_t n)
{
	struct id_payload id;

	ck_assert_int_eq(id_get(view_of(bytes, n), &id), OK);
	return id;
}

/* Every pair of sides: a selector if family and protocol agree. */
START_TEST(both_sides)
{
	for (size_t i = 0; i < NSIDES * NSIDES; i++) {
		const struct side *a = &sides[i / NSIDES];
		const struct side *b = &sides[i % NSIDES];
		struct id_payload from = payload(a->bytes, a->n);
		struct id_payload to = payload(b->bytes, b->n);
		struct ipsec_addr src = addr_of(a->addr, a->port);
		struct ipsec_addr dst = addr_of(b->addr, b->port);
		struct ipsec_selector sel;
		enum err r = ident_selector(&from, &to, &sel);

		if (a->proto != b->proto || src.family != dst.family) {
			ck_assert_int_eq(r, E_ID);
			continue;
		}
		ck_assert_int_eq(r, OK);
		addr_mask(&src, a->prefix);
		addr_mask(&dst, b->prefix);
		ck_assert(addr_equal_port(&sel.src, &src));
		ck_assert(addr_equal_port(&sel.dst, &dst));
		ck_assert_uint_eq(sel.src_prefix, a->prefix);
		ck_assert_uint_eq(sel.dst_prefix, b->prefix);
		ck_assert_uint_eq(sel.proto, a->proto);
		ck_assert_int_eq(sel.ifindex, 0);
	}
}
END_TEST

/* A /32 as a subnet is the same selector as the address. */
START_TEST(subnet_of_one)
{
	struct id_payload host = payload("\1\0\0\0\xc0\0\2\1", 8);
	struct id_payload net = payload("\4\0\0\0\xc0\0\2\1\xff\xff\xff\xff",
	    12);
	struct ipsec_selector a, b;

	ck_assert_int_eq(ident_selector(&host, &net, &a), OK);
	ck_assert_int_eq(ident_selector(&net, &host, &b), OK);
	ck_assert(selector_equal(&a, &b));
	ck_assert_uint_eq(a.src_prefix, 32);
	ck_assert_uint_eq(a.dst_prefix, 32);
}
END_TEST

START_TEST(refused)
{
	static const struct {
		const char	*bytes;
		size_t		 n;
	} row[] = {
		{ "\7\0\0\0\xc0\0\2\0\xc0\0\2\xff", 12 },	/* ranges */
		{ "\7\0\0\0\xc0\0\2\1\xc0\0\2\1", 12 },
		{ "\10\0\0\0" V6 "\1" V6 "\7", 36 },
		{ "\4\0\0\0\xc0\0\2\0\xff\0\xff\0", 12 },	/* holes */
		{ "\2\0\0\0a.example", 13 },
		{ "\13\0\0\0key", 7 },
	};
	struct id_payload good = payload("\1\0\0\0\xc0\0\2\1", 8);
	struct ipsec_selector sel;

	ck_assert_int_eq(ident_selector(&good, &good, &sel), OK);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct id_payload bad = payload(row[i].bytes, row[i].n);

		ck_assert_int_eq(ident_selector(&bad, &good, &sel), E_ID);
		ck_assert_int_eq(ident_selector(&good, &bad, &sel), E_ID);
	}
}
END_TEST

/*
 * The other side's view
 */

START_TEST(mirror)
{
	struct ipsec_selector sel = selector_of("10.1.0.0", 16, "10.9.1.0",
	    24), back, again;

	sel.proto = IPPROTO_TCP;
	sel.src.port = 1000;
	sel.dst.port = 80;
	sel.ifindex = 3;
	ident_mirror(&sel, &back);
	ck_assert(addr_equal_port(&back.src, &sel.dst));
	ck_assert(addr_equal_port(&back.dst, &sel.src));
	ck_assert_uint_eq(back.src_prefix, 24);
	ck_assert_uint_eq(back.dst_prefix, 16);
	ck_assert_uint_eq(back.proto, IPPROTO_TCP);
	ck_assert_int_eq(back.ifindex, 3);
	ident_mirror(&back, &again);
	ck_assert(selector_equal(&again, &sel));
}
END_TEST

/* ICMP: type and code are of the packet, not of an end. */
START_TEST(mirror_icmp)
{
	static const uint8_t protos[] = { IPPROTO_ICMP, IPPROTO_ICMPV6 };
	struct ipsec_selector sel = selector_of("10.1.0.0", 16, "10.9.1.0",
	    24), back;

	sel.src.port = 8;
	sel.dst.port = 1;
	for (size_t i = 0; i < 2; i++) {
		sel.proto = protos[i];
		ident_mirror(&sel, &back);
		ck_assert(addr_equal(&back.src, &sel.dst));
		ck_assert(addr_equal(&back.dst, &sel.src));
		ck_assert_uint_eq(back.src.port, 8);
		ck_assert_uint_eq(back.dst.port, 1);
	}
}
END_TEST

/* Both engines find their own policy, whatever the selector is. */
static void
negotiated(struct ipsec_selector sel)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_tmpl tmpl = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TUNNEL,
	    .src = addr_of("192.0.2.1", 0), .dst = addr_of("192.0.2.2", 0) };
	struct ipsec_selector back;
	struct ipsec_addr end = tmpl.src;

	node_policy(&pair->a, &sel, &tmpl);
	tmpl.src = tmpl.dst;
	tmpl.dst = end;
	ident_mirror(&sel, &back);
	node_policy(&pair->b, &back, &tmpl);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	pair_free(pair);
}

START_TEST(through_engines)
{
	struct ipsec_selector sel = selector_of("10.1.0.0", 16, "10.9.1.0",
	    24);

	negotiated(sel);
	sel.proto = IPPROTO_UDP;
	sel.dst.port = 53;
	negotiated(sel);
	sel.proto = IPPROTO_ICMP;
	sel.src.port = 8;
	sel.dst.port = 0;
	negotiated(sel);
	sel = selector_of("2001:db8:1::", 48, "2001:db8:9::5", 128);
	negotiated(sel);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		own_identity, put_side, both_sides, subnet_of_one, refused,
		mirror, mirror_icmp, through_engines,
	};

	return suite_main("ident", tests, sizeof(tests) / sizeof(tests[0]));
}
