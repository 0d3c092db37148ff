/* SPDX-License-Identifier: ISC */
/*
 * PF_KEY messages in the debug form: those in golden/libipsec/messages.txt,
 * bytes and text as the historical setkey -xH printed them, and kinds that
 * are not there.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pfkeyv2.h>

#include "libipsec/pfkey_print.h"
#include "test/bytes.h"
#include "test/suite.h"

#define GOLDEN		TESTDATA "/golden/libipsec/messages.txt"
#define RECORD		16384

/* What PRINT makes of V; to be freed. */
static char *
printed(void (*print)(FILE *, struct view), struct view v)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	ck_assert_ptr_nonnull(f);
	print(f, v);
	ck_assert_int_eq(fclose(f), 0);
	return text;
}

static void
prints(struct view v, const char *want)
{
	char *got = printed(pfkey_print_msg, v);

	ck_assert_str_eq(got, want);
	free(got);
}

/* One record: lines "00000000: 02 07 ...", then the text. */
static void
check_record(const char *record)
{
	struct bytes b = { .n = 0 };
	const char *line = record, *end;
	char hex_of[64], *dump;

	while (strlen(line) > 10 && memcmp(line + 8, ": ", 2) == 0) {
		end = strchr(line, '\n');
		ck_assert_ptr_nonnull(end);
		snprintf(hex_of, sizeof(hex_of), "%.*s",
		    (int)(end - line - 11), line + 10);
		bytes_hex(&b, hex_of);
		line = end + 1;
	}
	ck_assert_uint_ge(b.n, sizeof(struct sadb_msg));
	prints(bytes_view(&b), line);
	dump = printed(pfkey_print_dump, bytes_view(&b));
	ck_assert_uint_eq(strlen(dump), (size_t)(line - record));
	ck_assert_mem_eq(dump, record, strlen(dump));
	free(dump);
}

START_TEST(golden)
{
	FILE *f = fopen(GOLDEN, "r");
	char line[200], record[RECORD] = "";
	unsigned int n = 0;

	ck_assert_msg(f != NULL, "%s", GOLDEN);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] != '\n') {
			ck_assert_uint_lt(strlen(record) + strlen(line),
			    RECORD);
			memcpy(record + strlen(record), line,
			    strlen(line) + 1);
			continue;
		}
		check_record(record);
		record[0] = '\0';
		n++;
	}
	if (record[0] != '\0')
		check_record(record);
	ck_assert_uint_ge(n, 18);
	fclose(f);
}
END_TEST

/* A message whose body is HEX; the numbers are little-endian hosts'. */
static struct bytes
message(const char *body)
{
	struct sadb_msg m = { .sadb_msg_version = PF_KEY_V2,
	    .sadb_msg_type = SADB_ADD, .sadb_msg_pid = 7 };
	struct bytes b = { .n = sizeof(m) };

	bytes_hex(&b, body);
	m.sadb_msg_len = (uint16_t)(b.n / 8);
	memcpy(b.p, &m, sizeof(m));
	return b;
}

#define ONE_EXT	"sadb_msg{ version=2 type=3 errno=0 satype=0\n"

static const struct {
	const char	*body, *text;
} kinds[] = {
	{ "0500 0500 1180 0000"
	    "0a00 01f4 0000 0000 20010db8 00000000 00000000 00000001 02000000"
	    "00000000",
	    "  len=7 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=5 type=5 }\n"
	    "sadb_address{ proto=17 prefixlen=128 reserved=0x0000 }\n"
	    "sockaddr{ len=28 family=10 port=500\n"
	    "  flowinfo=0x00000000, scope_id=0x00000002\n"
	    " 20010db8 00000000 00000000 00000001  }\n" },
	{ "0100 1400 02000000 0100 1500 1194 0000",
	    "  len=4 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=1 type=20 }\n"
	    "sadb_x_nat_t_type{ type=2 }\n"
	    "sadb_ext{ len=1 type=21 }\n"
	    "sadb_x_nat_t_port{ port=4500 }\n" },
	{ "0300 0a00 0200 0000 0500000000000000 61621b6300000000"
	    "0200 0b00 0000 0000 0000000000000000",
	    "  len=7 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=3 type=10 }\n"
	    "sadb_ident_src{ type=2 id=5\n  str=\"ab?c\" }\n"
	    "sadb_ext{ len=2 type=11 }\n"
	    "sadb_ident_dst{ type=0 id=0 }\n" },
	{ "0500 1900 00000000 0200 0000 0a000001 0000000000000000"
	    "0200 0000 0a000002 0000000000000000",
	    "  len=7 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=5 type=25 }\n"
	    "sadb_x_kmaddress{ reserved=0x00000000 }\n"
	    "sockaddr{ len=16 family=2 port=0\n 0a000001  }\n"
	    "sockaddr{ len=16 family=2 port=0\n 0a000002  }\n" },
	{ "0100 1800 01010000 0200 1000 00010000 ff010000 00000000",
	    "  len=5 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=1 type=24 }\n"
	    "kdebug_sadb: invalid ext_type 24 was passed.\n"
	    "sadb_ext{ len=2 type=16 }\n" },
	{ "0400 0300 05000000 0000000001000000 0100000000000000"
	    "0200000000000000",
	    "  len=6 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=4 type=3 }\n"
	    "sadb_lifetime{ alloc=5, bytes=4294967296\n"
	    "  addtime=1, usetime=2 }\n" },
	{ "0a00 0d00 20000000 0303 0100 a000 a000 c000 c000 00000000"
	    "01000000 02000000 0300000000000000 0400000000000000"
	    "0500000000000000 0600000000000000 0700000000000000"
	    "0800000000000000",
	    "  len=12 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=10 type=13 }\n"
	    "sadb_prop{ replay=32\n"
	    "sadb_comb{ auth=3 encrypt=3 flags=0x0001 reserved=0x00000000\n"
	    "  auth_minbits=160 auth_maxbits=160 encrypt_minbits=192 "
	    "encrypt_maxbits=192\n"
	    "  soft_alloc=1 hard_alloc=2 soft_bytes=3 hard_bytes=4\n"
	    "  soft_addtime=5 hard_addtime=6 soft_usetime=7 hard_usetime=8 }"
	    "\n}\n" },
	/* More bits than the extension has bytes. */
	{ "0200 0800 ffff 0000 0102030405060708",
	    "  len=4 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=2 type=8 }\n"
	    "sadb_key{ bits=65535 reserved=0\n  key= 01020304 05060708 }\n" },
	/* Lengths that lie. */
	{ "0000 0100 00000000",
	    "  len=3 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=0 type=1 }\n"
	    "kdebug_sadb: invalid ext_len 0 was passed.\n" },
	{ "0300 0100 00000000",
	    "  len=3 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=3 type=1 }\n"
	    "kdebug_sadb: invalid ext_len 3 was passed.\n" },
	{ "0100 0100 00000000",
	    "  len=3 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=1 type=1 }\n"
	    "kdebug_sadb: invalid ext_len 1 was passed.\n" },
	{ "0100 ffff 00000000",
	    "  len=3 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=1 type=65535 }\n"
	    "kdebug_sadb: invalid ext_type 65535 was passed.\n" },
	/* A request that is longer than the policy. */
	{ "0400 1200 0200 0200 00000000 00000080"
	    "3000 3200 0102 0000 00000000 00000000",
	    "  len=6 reserved=0 seq=0 pid=7\n"
	    "sadb_ext{ len=4 type=18 }\n"
	    "sadb_x_policy{ type=2 dir=2 id=0 priority=2147483648 }\n" },
};

START_TEST(every_kind)
{
	char want[2000];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct bytes b = message(kinds[i].body);

		snprintf(want, sizeof(want), ONE_EXT "%s", kinds[i].text);
		prints(bytes_view(&b), want);
	}
}
END_TEST

/* Memory of just that size: the address sanitizer watches the end. */
static bool
survives(struct view v)
{
	char *text = printed(pfkey_print_msg, v);
	bool said = strstr(text, "cut short") != NULL ||
	    strstr(text, "too short") != NULL;

	free(text);
	return said;
}

START_TEST(cut_short)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct bytes b = message(kinds[i].body);

		each_prefix(bytes_view(&b), survives);
	}
}
END_TEST

START_TEST(hex_dump)
{
	uint8_t p[70];
	char *text;

	for (size_t i = 0; i < sizeof(p); i++)
		p[i] = (uint8_t)i;
	text = printed(pfkey_print_hex, view_of(p, 34));
	ck_assert_str_eq(text, " 00010203 04050607 08090a0b 0c0d0e0f"
	    " 10111213 14151617 18191a1b 1c1d1e1f\n 2021");
	free(text);
	text = printed(pfkey_print_hex, view_of(p, 0));
	ck_assert_str_eq(text, "");
	free(text);
	text = printed(pfkey_print_dump, view_of(p, 17));
	ck_assert_str_eq(text, "00000000: 00 01 02 03 04 05 06 07 08 09 0a 0b "
	    "0c 0d 0e 0f \n00000010: 10 \n");
	free(text);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { golden, every_kind, cut_short,
	    hex_dump };

	return suite_main("pfkey_print", tests,
	    sizeof(tests) / sizeof(tests[0]));
}
