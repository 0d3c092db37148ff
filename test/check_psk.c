/* SPDX-License-Identifier: ISC */
/* Keys of psk.txt. */
#include "conf/psk.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "suite.h"

static const char psk_text[] =
    "# 10.0.0.1 commented\n"
    "10.0.0.1\t \tkey one \r\n"
    " 10.0.0.2 indented\n"
    "10.0.0.3\n"
    "10.0.0.3  \n"
    "10.0.0.3 # no comment\n"
    "10.0.0.1 second\n"
    "hex 0x00 0aF f\n"
    "gap 0x00 0aFf\t01\n"
    "odd 0x000\n"
    "crlf 0x00\r\n"
    "none 0x\n"
    "bad 0xzz\n"
    "10.0.0.4 0xzz\n"
    "10.0.0.4 good\n"
    "CaSe a\n"
    "* any\n"
    "10.0.0.5 hidden";

/* Both ways to look must say the same. */
static void
looks_up(const char *ident, enum err expected, struct view key,
    unsigned int where)
{
	struct psk_index *x = psk_index_new(view_text(psk_text));
	struct view id = view_text(ident);
	unsigned int line = 0, indexed = 0;
	struct buf b;

	buf_init(&b, PSK_MAX);
	ck_assert_int_eq(psk_find(view_text(psk_text), id, &b, &line),
	    expected);
	ck_assert(view_equal(buf_view(&b), key));
	ck_assert_uint_eq(line, where);
	ck_assert_int_eq(psk_index_find(x, id, &b, &indexed), expected);
	ck_assert(view_equal(buf_view(&b), key));
	ck_assert_uint_eq(indexed, where);
	buf_fini(&b);
	psk_index_free(x);
}

static void
finds(const char *ident, const char *key, size_t n, unsigned int where)
{
	looks_up(ident, OK, view_of(key, n), where);
}

static void
fails(const char *ident, enum err expected, unsigned int where)
{
	looks_up(ident, expected, view_of("", 0), where);
}

START_TEST(test_psk)
{
	finds("10.0.0.1", "key one \r", 9, 2);
	finds("10.0.0.2", "any", 3, 17);
	finds("10.0.0.3", "# no comment", 12, 6);
	finds("gap", "\x00\x0a\xff\x01", 4, 9);
	finds("CaSe", "a", 1, 16);
	finds("case", "any", 3, 17);
	finds("10.0.0.5", "any", 3, 17);
	finds("*", "any", 3, 17);
	finds("", "any", 3, 17);
	fails("hex", E_FILE, 8);
	fails("odd", E_FILE, 10);
	fails("crlf", E_FILE, 11);
	fails("none", E_FILE, 12);
	fails("bad", E_FILE, 13);
	fails("10.0.0.4", E_FILE, 14);
}
END_TEST

/* 50,000 lines: each is found, and finding all takes no square of them. */
START_TEST(test_psk_index)
{
	const unsigned int n = 50000;
	size_t size = n * 32, at = 0;
	char *text = xcalloc(1, size), id[32], key[32];
	struct psk_index *x;
	unsigned int line;
	struct buf b;

	for (unsigned int i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, size - at,
		    "10.%u.%u.%u k%u\n", i >> 16, i >> 8 & 255, i & 255, i);
	buf_init(&b, PSK_MAX);
	x = psk_index_new(view_of(text, at));
	for (unsigned int i = 0; i < n; i++) {
		(void)snprintf(id, sizeof(id), "10.%u.%u.%u", i >> 16,
		    i >> 8 & 255, i & 255);
		(void)snprintf(key, sizeof(key), "k%u", i);
		ck_assert_int_eq(psk_index_find(x, view_text(id), &b, &line),
		    OK);
		ck_assert(view_equal(buf_view(&b), view_text(key)));
		ck_assert_uint_eq(line, i + 1);
	}
	ck_assert_int_eq(psk_index_find(x, view_text("10.1"), &b, NULL),
	    E_NOPSK);
	psk_index_free(x);
	psk_index_free(NULL);
	x = psk_index_new(view_text(""));
	ck_assert_int_eq(psk_index_find(x, view_text(""), &b, NULL), E_NOPSK);
	psk_index_free(x);
	buf_fini(&b);
	free(text);
}
END_TEST

START_TEST(test_psk_limits)
{
	char text[3000];
	struct buf b;

	buf_init(&b, 4);
	ck_assert_int_eq(psk_find(view_text("a 12345\n"), view_text("a"), &b,
	    NULL), E_LIMIT);
	ck_assert_int_eq(psk_find(view_text("a 1234"), view_text("a"), &b,
	    NULL), OK);
	ck_assert_int_eq(psk_find(view_text("a 1234"), view_text("b"), &b,
	    NULL), E_NOPSK);
	ck_assert_int_eq(psk_find(view_text(""), view_text("b"), &b, NULL),
	    E_NOPSK);
	/* an empty identifier is nobody's */
	ck_assert_int_eq(psk_find(view_text(" key\n"), view_text(""), &b,
	    NULL), E_NOPSK);
	buf_fini(&b);
	/* 1023 bytes are a line; the rest is the next one */
	memset(text, 'x', sizeof(text));
	memcpy(text, "a ", 2);
	memcpy(text + 1023, "b 1\n", 4);
	buf_init(&b, PSK_MAX);
	ck_assert_int_eq(psk_find(view_of(text, 1030), view_text("b"), &b,
	    NULL), OK);
	ck_assert(view_equal(buf_view(&b), view_text("1")));
	ck_assert_int_eq(psk_find(view_of(text, 1030), view_text("a"), &b,
	    NULL), OK);
	ck_assert_uint_eq(b.n, 1021);
	buf_fini(&b);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		test_psk, test_psk_index, test_psk_limits,
	};

	return suite_main("psk", tests, sizeof(tests) / sizeof(tests[0]));
}
