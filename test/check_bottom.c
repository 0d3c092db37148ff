/* SPDX-License-Identifier: ISC */
/*
 * The project's bottom: view, buf and addr.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/buf.h"
#include "libipsec/view.h"
#include "test/suite.h"

START_TEST(view_reads_in_order)
{
	const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7,
	    8, 9, 10, 11, 12, 13, 14, 15, 0xaa, 0xbb };
	struct view v = view_of(bytes, sizeof(bytes));
	uint8_t	two[2];

	ck_assert_uint_eq(view_u8(&v), 1);
	ck_assert_uint_eq(view_u16(&v), 0x0203);
	ck_assert_uint_eq(view_u32(&v), 0x04050607);
	ck_assert_uint_eq(view_u64(&v), 0x08090a0b0c0d0e0fULL);
	ck_assert(!view_end(&v));
	view_bytes(&v, two, 2);
	ck_assert_uint_eq(two[1], 0xbb);
	ck_assert(view_end(&v));
}
END_TEST

START_TEST(view_short_read_sticks)
{
	const uint8_t bytes[] = { 1, 2, 3 };
	struct view v = view_of(bytes, sizeof(bytes)), part;
	uint8_t	two[2] = { 9, 9 };

	ck_assert_uint_eq(view_u32(&v), 0);
	ck_assert(v.bad);
	ck_assert_uint_eq(view_u8(&v), 0);
	part = view_take(&v, 0);
	ck_assert(part.bad);
	view_bytes(&v, two, 2);
	ck_assert_uint_eq(two[0] + two[1], 0);
	ck_assert(!view_end(&v));
}
END_TEST

START_TEST(view_compares)
{
	struct view none = view_of(NULL, 0);

	ck_assert(view_equal(view_text("ab"), view_text("ab")));
	ck_assert(!view_equal(view_text("ab"), view_text("ac")));
	ck_assert(!view_equal(view_text("ab"), view_text("a")));
	ck_assert(view_equal(none, view_text("")));
	ck_assert_uint_eq(view_take(&none, 0).n, 0);
	ck_assert(view_end(&none));
}
END_TEST

START_TEST(buf_writes_big_endian)
{
	const uint8_t want[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	    14, 15, 'a', 'b', 0, 0 };
	struct buf b;

	buf_init(&b, 100);
	buf_u8(&b, 1);
	buf_u16(&b, 0x0203);
	buf_u32(&b, 0x04050607);
	buf_u64(&b, 0x08090a0b0c0d0e0fULL);
	buf_add(&b, view_text("ab"));
	buf_zero(&b, 2);
	ck_assert(buf_ok(&b));
	ck_assert(view_equal(buf_view(&b), view_of(want, sizeof(want))));
	ck_assert_uint_eq(buf_from(&b, 15).n, 4);
	ck_assert_uint_eq(buf_from(&b, 99).n, 0);
	ck_assert(!buf_from(&b, 99).bad);
	buf_fini(&b);
	ck_assert_ptr_null(b.p);
	ck_assert_uint_eq(b.max, 100);
}
END_TEST

START_TEST(buf_overflow_sticks)
{
	struct buf b;

	buf_init(&b, 3);
	buf_u16(&b, 1);
	buf_u16(&b, 2);
	ck_assert(!buf_ok(&b));
	buf_u8(&b, 3);
	ck_assert_uint_eq(b.n, 2);
	ck_assert_ptr_null(buf_room(&b, 1));
	ck_assert(buf_view(&b).bad);
	ck_assert_uint_eq(buf_view(&b).n, 0);
	buf_reset(&b);
	ck_assert(buf_ok(&b));
	buf_put(&b, "xyz", 3);
	ck_assert(buf_ok(&b));
	buf_put(&b, "", 0);
	ck_assert(buf_ok(&b));
	buf_put(&b, "", (size_t)-1);
	ck_assert(!buf_ok(&b));
	buf_fini(&b);
}
END_TEST

START_TEST(buf_grows_to_its_maximum)
{
	struct buf b;

	buf_init(&b, 1000);
	for (unsigned int i = 0; i < 1000; i++)
		buf_u8(&b, (uint8_t)i);
	ck_assert(buf_ok(&b));
	ck_assert_uint_le(b.cap, 1000);
	for (unsigned int i = 0; i < 1000; i++)
		ck_assert_uint_eq(b.p[i], (uint8_t)i);
	buf_u8(&b, 0);
	ck_assert(!buf_ok(&b));
	buf_fini(&b);
}
END_TEST

START_TEST(buf_patches)
{
	struct buf b;

	buf_init(&b, 64);
	buf_zero(&b, 7);
	buf_patch8(&b, 0, 0x11);
	buf_patch16(&b, 1, 0x2233);
	buf_patch32(&b, 3, 0x44556677);
	ck_assert(view_equal(buf_view(&b),
	    view_of("\x11\x22\x33\x44\x55\x66\x77", 7)));
	buf_patch(&b, 5, view_text("ab"));
	ck_assert_mem_eq(b.p, "\x11\x22\x33\x44\x55" "ab", 7);
	buf_patch(&b, 7, view_of(NULL, 0));
	ck_assert(buf_ok(&b));
	buf_patch(&b, 6, view_text("cd"));
	ck_assert(!buf_ok(&b));
	buf_reset(&b);
	buf_patch(&b, 0, (struct view){ .bad = true });
	ck_assert(!buf_ok(&b));
	buf_reset(&b);
	buf_zero(&b, 7);
	buf_patch32(&b, 4, 0);
	ck_assert(!buf_ok(&b));
	buf_reset(&b);
	buf_u8(&b, 1);
	buf_patch16(&b, 9, 0);
	ck_assert(!buf_ok(&b));
	buf_fini(&b);
}
END_TEST

START_TEST(buf_cuts_and_wipes)
{
	struct buf b;

	buf_init(&b, 64);
	buf_add(&b, view_text("secret"));
	buf_cut(&b, 9);
	ck_assert_uint_eq(b.n, 6);
	buf_cut(&b, 2);
	ck_assert(view_equal(buf_view(&b), view_text("se")));
	ck_assert_mem_eq(b.p, "se\0\0\0\0", 6);
	buf_reset(&b);
	ck_assert_mem_eq(b.p, "\0\0", 2);
	buf_fini(&b);
}
END_TEST

START_TEST(buf_set_replaces)
{
	struct buf b;
	struct view tail;

	buf_init(&b, 100);
	buf_set(&b, view_text("abcdef"));
	tail = buf_from(&b, 4);
	buf_set(&b, tail);
	ck_assert(view_equal(buf_view(&b), view_text("ef")));
	ck_assert_mem_eq(b.p + 2, "\0\0\0\0", 4);
	buf_u8(&b, 'g');
	buf_add(&b, (struct view){ .bad = true });
	ck_assert(!buf_ok(&b));
	buf_set(&b, view_text("new"));
	ck_assert(buf_ok(&b));
	ck_assert(view_equal(buf_view(&b), view_text("new")));
	buf_set(&b, (struct view){ .bad = true });
	ck_assert(!buf_ok(&b));
	buf_fini(&b);
}
END_TEST

START_TEST(buf_room_is_filled_by_the_caller)
{
	struct buf b;
	uint8_t	*p;

	buf_init(&b, 8);
	p = buf_room(&b, 4);
	ck_assert_ptr_nonnull(p);
	memcpy(p, "four", 4);
	ck_assert(view_equal(buf_view(&b), view_text("four")));
	ck_assert_ptr_null(buf_room(&b, 5));
	ck_assert(!buf_ok(&b));
	buf_fini(&b);
}
END_TEST

/* TEXT must parse and print as WANT. */
static void
parses_as(const char *text, const char *want)
{
	struct ipsec_addr a;
	char	out[ADDR_TEXT];

	ck_assert_msg(addr_parse(&a, text), "%s is refused", text);
	ck_assert_str_eq(addr_print(&a, out), want);
}

START_TEST(addr_parses)
{
	parses_as("192.0.2.1", "192.0.2.1");
	parses_as("127.1", "127.0.0.1");
	parses_as("2001:db8:0::1", "2001:db8::1");
	parses_as("::", "::");
	parses_as("fe80::1%lo", "fe80::1%lo");
	parses_as("fe80::1%1", "fe80::1%lo");
	parses_as("fe80::1%99999", "fe80::1%99999");
	parses_as("::ffff:10.0.0.1", "::ffff:10.0.0.1");
}
END_TEST

START_TEST(addr_refuses)
{
	static const char *const wrong[] = { "", "256.1.1.1", "1.2.3.4.5",
	    "localhost", "1.2.3.4 ", " 1.2.3.4", "fe80::1%nosuchif", "::1::",
	    "10.0.0.0/8", "1.2.3.4[500]", "12345::", "%lo" };
	struct ipsec_addr a, zero;

	memset(&zero, 0, sizeof(zero));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memset(&a, 0xff, sizeof(a));
		ck_assert_msg(!addr_parse(&a, wrong[i]), "%s", wrong[i]);
		ck_assert_mem_eq(&a, &zero, sizeof(a));
	}
	ck_assert(!addr_parse(&a, NULL));
}
END_TEST

START_TEST(addr_converts)
{
	struct ipsec_addr a, b;
	struct sockaddr_storage ss;
	struct sockaddr other = { .sa_family = AF_UNIX };

	ck_assert(addr_parse(&a, "fe80::7%1"));
	a.port = 500;
	ck_assert_uint_eq(addr_to_sockaddr(&a, &ss),
	    sizeof(struct sockaddr_in6));
	ck_assert(addr_from_sockaddr(&b, (struct sockaddr *)&ss));
	ck_assert_mem_eq(&a, &b, sizeof(a));
	ck_assert(addr_parse(&a, "10.1.2.3"));
	a.port = 4500;
	ck_assert_uint_eq(addr_to_sockaddr(&a, &ss),
	    sizeof(struct sockaddr_in));
	ck_assert(addr_from_sockaddr(&b, (struct sockaddr *)&ss));
	ck_assert_mem_eq(&a, &b, sizeof(a));
	ck_assert(!addr_from_sockaddr(&b, &other));
	ck_assert(!addr_from_sockaddr(&b, NULL));
	ck_assert_uint_eq(addr_to_sockaddr(&b, &ss), 0);
	ck_assert(addr_from_bytes(&b, AF_INET, view_of("\x0a\1\2\3", 4)));
	ck_assert(addr_equal(&a, &b));
	ck_assert(!addr_from_bytes(&b, AF_INET, view_of("\x0a\1\2", 3)));
	ck_assert(!addr_from_bytes(&b, AF_INET6, view_of("\x0a\1\2\3", 4)));
	ck_assert(!addr_from_bytes(&b, AF_UNIX, view_of("", 0)));
	ck_assert_uint_eq(b.family, 0);
}
END_TEST

START_TEST(addr_compares)
{
	struct ipsec_addr a, b, none = { 0 };

	ck_assert(addr_parse(&a, "fe80::7%1"));
	ck_assert(addr_parse(&b, "fe80::7"));
	ck_assert(addr_equal(&a, &b));
	b.scope = 2;
	ck_assert(!addr_equal(&a, &b));
	ck_assert(addr_parse(&a, "10.0.0.1"));
	ck_assert(addr_parse(&b, "10.0.0.1"));
	b.port = 1;
	ck_assert(addr_equal(&a, &b));
	ck_assert(!addr_equal_port(&a, &b));
	b.bytes[3] = 2;
	ck_assert(!addr_equal(&a, &b));
	ck_assert(!addr_equal(&a, &none));
	ck_assert(addr_equal(&none, &none));
	ck_assert(addr_is_any(&none));
	ck_assert(!addr_is_any(&a));
	ck_assert(addr_parse(&a, "::"));
	ck_assert(addr_is_any(&a));
	ck_assert_uint_eq(addr_bits(&a), 128);
	ck_assert_uint_eq(addr_bits(&b), 32);
	ck_assert_uint_eq(addr_bits(&none), 0);
}
END_TEST

START_TEST(addr_knows_multicast)
{
	static const struct {
		const char *text;
		bool	 multicast;
	} row[] = { { "224.0.0.1", true }, { "239.255.255.255", true },
	    { "223.1.1.1", false }, { "240.0.0.1", false },
	    { "ff02::1", true }, { "fe80::1", false } };
	struct ipsec_addr a;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert(addr_parse(&a, row[i].text));
		ck_assert_msg(addr_is_multicast(&a) == row[i].multicast,
		    "%s", row[i].text);
	}
}
END_TEST

START_TEST(addr_prefixes)
{
	static const struct {
		const char *addr, *net;
		uint8_t	 prefix;
		bool	 in;
	} row[] = {
		{ "10.1.2.3", "10.1.0.0", 16, true },
		{ "10.2.2.3", "10.1.0.0", 16, false },
		{ "10.1.2.3", "10.1.2.2", 31, true },
		{ "10.1.2.4", "10.1.2.2", 31, false },
		{ "10.1.2.3", "10.1.2.3", 32, true },
		{ "10.1.2.3", "10.1.2.3", 33, false },
		{ "10.1.2.3", "0.0.0.0", 0, true },
		{ "::1", "0.0.0.0", 0, false },
		{ "2001:db8:1::1", "2001:db8::", 47, true },
		{ "2001:db8:2::1", "2001:db8::", 47, false },
		{ "2001:db8::1", "2001:db8::1", 128, true },
	};
	struct ipsec_addr a, net;
	char	out[ADDR_TEXT];

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert(addr_parse(&a, row[i].addr));
		ck_assert(addr_parse(&net, row[i].net));
		ck_assert_msg(addr_in(&a, &net, row[i].prefix) == row[i].in,
		    "%s in %s", row[i].addr, row[i].net);
	}
	memset(&net, 0, sizeof(net));
	ck_assert(!addr_in(&net, &net, 0));
	ck_assert(addr_parse(&a, "10.255.255.255"));
	addr_mask(&a, 32);
	ck_assert_str_eq(addr_print(&a, out), "10.255.255.255");
	addr_mask(&a, 9);
	ck_assert_str_eq(addr_print(&a, out), "10.128.0.0");
	addr_mask(&a, 8);
	ck_assert_str_eq(addr_print(&a, out), "10.0.0.0");
	addr_mask(&a, 0);
	ck_assert(addr_is_any(&a));
	addr_mask(&a, 200);
	ck_assert(addr_parse(&a, "2001:db8:ffff::1"));
	addr_mask(&a, 33);
	ck_assert_str_eq(addr_print(&a, out), "2001:db8:8000::");
}
END_TEST

START_TEST(addr_prints)
{
	struct ipsec_addr a = { 0 };
	char	out[ADDR_TEXT];

	ck_assert_str_eq(addr_print(&a, out), "-");
	ck_assert_str_eq(addr_print_port(&a, out), "-[0]");
	ck_assert(addr_parse(&a, "192.0.2.1"));
	a.port = 500;
	ck_assert_str_eq(addr_print_port(&a, out), "192.0.2.1[500]");
	ck_assert(addr_parse(&a,
	    "fe80:1111:2222:3333:4444:5555:255.255.255.255%4294967295"));
	a.port = 65535;
	ck_assert_str_eq(addr_print_port(&a, out), "fe80:1111:2222:3333:"
	    "4444:5555:ffff:ffff%4294967295[65535]");
}
END_TEST

START_TEST(selector_prints)
{
	struct ipsec_selector s = { 0 };
	char	out[SELECTOR_TEXT];

	ck_assert_str_eq(selector_print(&s, out),
	    "any[any] -> any[any] proto any");
	ck_assert(addr_parse(&s.src, "10.0.0.0"));
	ck_assert(addr_parse(&s.dst, "10.0.1.0"));
	s.src_prefix = s.dst_prefix = 24;
	s.dst.port = 80;
	s.proto = 6;
	ck_assert_str_eq(selector_print(&s, out),
	    "10.0.0.0/24[any] -> 10.0.1.0/24[80] proto 6");
	ck_assert(addr_parse(&s.src,
	    "fe80:1111:2222:3333:4444:5555:6666:7777%4294967295"));
	s.dst = s.src;
	s.src_prefix = s.dst_prefix = 128;
	s.src.port = s.dst.port = 65535;
	ck_assert_str_eq(selector_print(&s, out),
	    "fe80:1111:2222:3333:4444:5555:6666:7777%4294967295/128[65535]"
	    " -> "
	    "fe80:1111:2222:3333:4444:5555:6666:7777%4294967295/128[65535]"
	    " proto 6");
}
END_TEST

START_TEST(selector_compares)
{
	struct ipsec_selector a = { 0 }, b;

	ck_assert(addr_parse(&a.src, "10.0.0.0"));
	ck_assert(addr_parse(&a.dst, "10.0.1.0"));
	a.src_prefix = 24;
	b = a;
	ck_assert(selector_equal(&a, &b));
	b.proto = 6;
	ck_assert(!selector_equal(&a, &b));
	b = a;
	b.dst.port = 1;
	ck_assert(!selector_equal(&a, &b));
	b = a;
	b.src_prefix = 25;
	ck_assert(!selector_equal(&a, &b));
	b = a;
	b.dst_prefix = 1;
	ck_assert(!selector_equal(&a, &b));
	b = a;
	b.ifindex = 1;
	ck_assert(!selector_equal(&a, &b));
	b = a;
	b.src.bytes[0] = 11;
	ck_assert(!selector_equal(&a, &b));
}
END_TEST

int
main(void)
{
	const struct suite_row row[] = {
		{ "view", view_reads_in_order },
		{ "view", view_short_read_sticks },
		{ "view", view_compares },
		{ "buf", buf_writes_big_endian },
		{ "buf", buf_overflow_sticks },
		{ "buf", buf_grows_to_its_maximum },
		{ "buf", buf_patches },
		{ "buf", buf_cuts_and_wipes },
		{ "buf", buf_set_replaces },
		{ "buf", buf_room_is_filled_by_the_caller },
		{ "addr", addr_parses },
		{ "addr", addr_refuses },
		{ "addr", addr_converts },
		{ "addr", addr_compares },
		{ "addr", addr_knows_multicast },
		{ "addr", addr_prefixes },
		{ "addr", addr_prints },
		{ "selector", selector_prints },
		{ "selector", selector_compares },
	};

	return suite_rows("bottom", row, sizeof(row) / sizeof(row[0]));
}
