/* SPDX-License-Identifier: ISC */
/* Identities, notifications, deletes, nonces, NAT-OA, lifetimes. */
#include <check.h>
#include <sys/socket.h>

#include "libipsec/addr.h"
#include "test/bytes.h"
#include "test/suite.h"
#include "wire/isakmp.h"
#include "wire/payload.h"
#include "wire/spilist.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define COOKIES		"0123456789abcdef fedcba9876543210"
#define V6_A		"20010db8000000000000000000000001"
#define V6_B		"20010db80000000000000000000000ff"
#define V6_NET		"20010db8000000000000000000000000"
#define V6_MASK64	"ffffffffffffffff0000000000000000"

static enum err
id_err(const char *text)
{
	struct bytes b = hex(text);
	struct id_payload id;

	return id_get(bytes_view(&b), &id);
}

START_TEST(id_fields)
{
	struct bytes b = hex("02 11 01f4 67772e6578616d706c65");
	struct id_payload id;
	struct buf out;

	ck_assert_int_eq(id_get(bytes_view(&b), &id), OK);
	ck_assert_uint_eq(id.type, ID_FQDN);
	ck_assert_uint_eq(id.proto, 17);
	ck_assert_uint_eq(id.port, 500);
	ck_assert_uint_eq(id.data.n, 10);
	ck_assert_mem_eq(id.data.p, "gw.example", 10);
	buf_init(&out, 100);
	id_put(&out, &id);
	ck_assert(view_equal(buf_view(&out), bytes_view(&b)));
	buf_fini(&out);
}
END_TEST

/* Which lengths of data each type of identity may have. */
START_TEST(id_lengths)
{
	static const struct {
		uint8_t type;
		size_t min, max;
	} rows[] = {
		{ ID_IPV4, 4, 4 }, { ID_IPV6, 16, 16 },
		{ ID_IPV4_SUBNET, 8, 8 }, { ID_IPV6_SUBNET, 32, 32 },
		{ ID_IPV4_RANGE, 8, 8 }, { ID_IPV6_RANGE, 32, 32 },
		{ ID_FQDN, 1, ID_DATA_MAX }, { ID_USER_FQDN, 1, ID_DATA_MAX },
		{ ID_DER_ASN1_DN, 1, ID_DATA_MAX },
		{ ID_DER_ASN1_GN, 1, ID_DATA_MAX },
		{ ID_KEY_ID, 1, ID_DATA_MAX },
		/* no such types */
		{ 0, 1, 0 }, { 12, 1, 0 }, { 255, 1, 0 },
	};
	uint8_t bytes[4 + ID_DATA_MAX + 2] = { 0 };
	struct id_payload id;
	size_t i, n;
	bool ok;

	for (i = 0; i < COUNT(rows); i++) {
		bytes[0] = rows[i].type;
		for (n = 0; n <= ID_DATA_MAX + 2; n++) {
			ok = n >= rows[i].min && n <= rows[i].max;
			ck_assert_msg(id_get(view_of(bytes, 4 + n), &id) ==
			    (ok ? OK : E_ID), "type %u, %zu bytes",
			    rows[i].type, n);
		}
	}
	ck_assert_int_eq(id_err(""), E_PAYLOAD);
	ck_assert_int_eq(id_err("01 00 00"), E_PAYLOAD);
}
END_TEST

static bool
id_refuses(struct view v)
{
	struct id_payload id;
	struct id_net net;

	return id_get(v, &id) != OK && id_net_get(&id, &net) != OK;
}

START_TEST(id_prefixes)
{
	static const char *const rows[] = {
		"01 00 0000 c0000201", "04 00 0000 0a000000 ff000000",
		"05 00 0000" V6_A, "06 00 0000" V6_NET V6_MASK64,
		"08 00 0000" V6_A V6_B,
	};
	struct bytes b;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		b = hex(rows[i]);
		each_prefix(bytes_view(&b), id_refuses);
	}
}
END_TEST

START_TEST(id_networks)
{
	static const struct {
		const char *id, *first, *last;
		uint8_t prefix;
		bool is_range;
	} rows[] = {
		{ "01000000 c0000201", "192.0.2.1", "192.0.2.1", 32, false },
		{ "05000000" V6_A, "2001:db8::1", "2001:db8::1", 128, false },
		{ "04000000 0a000000 ffffff00", "10.0.0.0", "10.0.0.255", 24,
		    false },
		{ "04000000 0a0000ff fffffff8", "10.0.0.248", "10.0.0.255",
		    29, false },
		{ "04000000 0a000001 ffffffff", "10.0.0.1", "10.0.0.1", 32,
		    false },
		{ "04000000 00000000 00000000", "0.0.0.0", "255.255.255.255",
		    0, false },
		{ "04000000 0a000000 80000000", "0.0.0.0", "127.255.255.255",
		    1, false },
		{ "06000000" V6_A V6_MASK64, "2001:db8::",
		    "2001:db8::ffff:ffff:ffff:ffff", 64, false },
		{ "07000000 0a000005 0a000009", "10.0.0.5", "10.0.0.9", 0,
		    true },
		{ "07000000 0a000005 0a000005", "10.0.0.5", "10.0.0.5", 0,
		    true },
		{ "08000000" V6_A V6_B, "2001:db8::1", "2001:db8::ff", 0,
		    true },
	};
	char text[ADDR_TEXT];
	struct id_payload id;
	struct id_net net;
	struct bytes b;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		b = hex(rows[i].id);
		ck_assert_int_eq(id_get(bytes_view(&b), &id), OK);
		ck_assert_msg(id_net_get(&id, &net) == OK, "%s", rows[i].id);
		ck_assert_str_eq(addr_print(&net.first, text), rows[i].first);
		ck_assert_str_eq(addr_print(&net.last, text), rows[i].last);
		ck_assert_uint_eq(net.prefix, rows[i].prefix);
		ck_assert_int_eq(net.is_range, rows[i].is_range);
	}
}
END_TEST

START_TEST(id_no_networks)
{
	static const char *const rows[] = {
		/* masks with holes */
		"04000000 0a000000 ff00ff00", "04000000 0a000000 00ffffff",
		"04000000 0a000000 fffffffd", "04000000 0a000000 fe010000",
		"04000000 0a000000 ffff0001", "04000000 0a000000 7fffffff",
		"06000000" V6_NET "ffffffffffffffff0000000000000001",
		/* the first behind the last */
		"07000000 0a000009 0a000005", "08000000" V6_B V6_A,
		/* no addresses at all */
		"02000000 61626364", "03000000 61626364",
		"09000000 61626364", "0a000000 61626364",
		"0b000000 61626364",
	};
	struct id_payload id;
	struct id_net net;
	struct bytes b;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		b = hex(rows[i]);
		ck_assert_int_eq(id_get(bytes_view(&b), &id), OK);
		ck_assert_msg(id_net_get(&id, &net) == E_ID, "%s", rows[i]);
	}
}
END_TEST

#define DN_GW "3022 310b 3009 0603 550406 1302 4445"			\
	"3113 3011 0603 550403 0c0a 67772c 206578616d706c"

START_TEST(id_text)
{
	static const struct {
		const char *id, *text;
	} rows[] = {
		{ "01000000 c0000201", "192.0.2.1" },
		{ "05000000" V6_A, "2001:db8::1" },
		{ "04000000 0a000000 ffffff00", "10.0.0.0/24" },
		{ "06000000" V6_NET V6_MASK64, "2001:db8::/64" },
		{ "07000000 0a000005 0a000009", "10.0.0.5-10.0.0.9" },
		{ "02000000 67772e6578616d706c65", "gw.example" },
		{ "03000000 6a6f6540676d", "joe@gm" },
		{ "02000000 610a1b5b7f00e9225c", "a\\x0a\\x1b[\\x7f\\x00\\xe9"
		    "\"\\\\" },
		{ "0b000000 0001fe61", "0001fe61" },
		{ "0a000000 820161", "820161" },
		{ "09000000" DN_GW, "C=DE, CN=gw\\, exampl" },
		{ "09000000 3003310161", "3003310161" },
		/* what id_get() or id_net_get() refuses */
		{ "04000000 0a000000 ff00ff00", "0a000000ff00ff00" },
		{ "01000000 c000", "c000" },
		{ "63000000 6162", "6162" },
		{ "02000000", "" },
	};
	struct id_payload id;
	char text[ID_TEXT];
	struct bytes b;
	enum err err;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		b = hex(rows[i].id);
		err = id_get(bytes_view(&b), &id);
		ck_assert(err == OK || err == E_ID);
		ck_assert_str_eq(id_print(&id, text), rows[i].text);
	}
}
END_TEST

START_TEST(id_text_length)
{
	uint8_t data[ID_DATA_MAX];
	struct id_payload id = { .data = { .p = data } };
	char text[ID_TEXT];
	uint8_t types[] = { ID_FQDN, ID_USER_FQDN, ID_KEY_ID, ID_DER_ASN1_DN };
	size_t i;

	memset(data, 'a', sizeof(data));
	for (i = 0; i < COUNT(types); i++) {
		id.type = types[i];
		id.data.n = sizeof(data);
		ck_assert_uint_lt(strlen(id_print(&id, text)), ID_TEXT);
		ck_assert_str_eq(text + strlen(text) - 4,
		    types[i] == ID_FQDN || types[i] == ID_USER_FQDN ?
		    "a..." : "1...");
	}
	id.type = ID_FQDN;
	id.data.n = ID_TEXT - 1;
	ck_assert_uint_eq(strlen(id_print(&id, text)), ID_TEXT - 1);
	ck_assert_ptr_null(strchr(text, '.'));
}
END_TEST

START_TEST(notify_fields)
{
	struct bytes b = hex("00000001 01 10 8d28" COOKIES "00001001");
	struct notify_payload n;
	struct buf out;

	ck_assert_int_eq(notify_get(bytes_view(&b), &n), OK);
	ck_assert_uint_eq(n.doi, IPSEC_DOI);
	ck_assert_uint_eq(n.proto, PROTO_ISAKMP);
	ck_assert_uint_eq(n.type, N_DPD);
	ck_assert_uint_eq(n.spi.n, 16);
	ck_assert_ptr_eq(n.spi.p, b.p + 8);
	ck_assert_uint_eq(n.data.n, 4);
	buf_init(&out, 100);
	notify_put(&out, &n);
	ck_assert(view_equal(buf_view(&out), bytes_view(&b)));
	buf_fini(&out);
}
END_TEST

/*
 * Lists of SPIs
 */

#define LIST_HEAD	"01 01 0002 0000002a"
#define LIST_ONE	"03 01 0000 00001000 00002000"
#define LIST_TWO	"02 02 0000 ffffffff 00000100"

START_TEST(spilist_fields)
{
	struct bytes b = hex(LIST_HEAD LIST_ONE LIST_TWO);
	struct view v = bytes_view(&b);
	struct spilist list;
	struct buf out;

	ck_assert_int_eq(spilist_get(v, &list), OK);
	ck_assert(list.whole);
	ck_assert_uint_eq(list.number, 42);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_uint_eq(list.pair[0].proto, PROTO_IPSEC_ESP);
	ck_assert_uint_eq(list.pair[0].state, SPILIST_UP);
	ck_assert_uint_eq(list.pair[0].mine, 0x1000);
	ck_assert_uint_eq(list.pair[0].yours, 0x2000);
	ck_assert_uint_eq(list.pair[1].state, SPILIST_COMING);
	ck_assert_uint_eq(list.pair[1].mine, 0xffffffff);
	buf_init(&out, SPILIST_BYTES);
	spilist_put(&out, &list);
	ck_assert(view_equal(buf_view(&out), v));
	buf_fini(&out);
	for (size_t n = 0; n < b.n; n++)
		ck_assert_int_eq(spilist_get(view_of(b.p, n), &list),
		    E_PAYLOAD);
}
END_TEST

START_TEST(spilist_errors)
{
	static const char *const texts[] = {
		"02 01 0001 00000001" LIST_ONE,		/* version */
		"01 01 0000 00000001" LIST_ONE,		/* too long */
		"01 01 0003 00000001" LIST_ONE LIST_TWO,
		"01 01 0001 00000001 01 01 0000 00001000 00002000",
		"01 01 0001 00000001 05 01 0000 00001000 00002000",
		"01 01 0001 00000001 03 03 0000 00001000 00002000",
		"01 01 0061 00000001",
	};
	struct spilist list = { .n = SPILIST_MAX };
	struct bytes b;
	struct buf out;

	for (size_t i = 0; i < COUNT(texts); i++) {
		b = hex(texts[i]);
		ck_assert_int_eq(spilist_get(bytes_view(&b), &list),
		    E_PAYLOAD);
	}
	/* as many as there may be, and one more */
	list = (struct spilist){ .n = SPILIST_MAX };
	for (unsigned i = 0; i < SPILIST_MAX; i++)
		list.pair[i].proto = PROTO_IPSEC_ESP;
	buf_init(&out, SPILIST_BYTES + 12);
	spilist_put(&out, &list);
	ck_assert_uint_eq(out.n, SPILIST_BYTES);
	ck_assert_int_eq(spilist_get(buf_view(&out), &list), OK);
	buf_patch8(&out, 3, SPILIST_MAX + 1);
	buf_zero(&out, 12);
	ck_assert_int_eq(spilist_get(buf_view(&out), &list), E_PAYLOAD);
	buf_fini(&out);
}
END_TEST

START_TEST(notify_errors)
{
	static const struct {
		const char *text;
		enum err err;
	} rows[] = {
		{ "00000001 01 00 000e", OK },
		{ "00000000 01 00 000e", OK },
		{ "00000001 00 00 000e", OK },
		{ "00000002 01 00 000e", E_DOI },
		{ "00000001 05 00 000e", E_PROTOCOL },
		{ "00000001 01 01 000e", E_PAYLOAD },
		{ "00000001 01 ff 000e 01", E_PAYLOAD },
		{ "00000001 01 00 00", E_PAYLOAD },
		{ "", E_PAYLOAD },
	};
	struct notify_payload n;
	struct bytes b;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		b = hex(rows[i].text);
		ck_assert_msg(notify_get(bytes_view(&b), &n) == rows[i].err,
		    "%s", rows[i].text);
	}
}
END_TEST

static bool
notify_refuses(struct view v)
{
	struct notify_payload n;

	return notify_get(v, &n) == E_PAYLOAD;
}

START_TEST(notify_prefixes)
{
	struct bytes b = hex("00000001 03 04 6000 c0ffee01");

	each_prefix(bytes_view(&b), notify_refuses);
}
END_TEST

START_TEST(notify_long_spi)
{
	static const uint8_t zero[256];
	struct notify_payload n = { .spi = { .p = zero, .n = 255 } };
	struct buf out;

	buf_init(&out, 1000);
	notify_put(&out, &n);
	ck_assert(buf_ok(&out));
	buf_reset(&out);
	n.spi.n = 256;
	notify_put(&out, &n);
	ck_assert(!buf_ok(&out));
	buf_fini(&out);
}
END_TEST

START_TEST(delete_fields)
{
	struct bytes b = hex("00000001 03 04 0002 c0ffee01 c0ffee02");
	struct delete_payload d;
	struct buf out;

	ck_assert_int_eq(delete_get(bytes_view(&b), &d), OK);
	ck_assert_uint_eq(d.doi, IPSEC_DOI);
	ck_assert_uint_eq(d.proto, PROTO_IPSEC_ESP);
	ck_assert_uint_eq(d.spi_len, 4);
	ck_assert_uint_eq(d.n, 2);
	ck_assert_uint_eq(d.spis.n, 8);
	ck_assert_ptr_eq(d.spis.p, b.p + 8);
	buf_init(&out, 100);
	delete_put(&out, &d);
	ck_assert(view_equal(buf_view(&out), bytes_view(&b)));
	buf_fini(&out);
}
END_TEST

START_TEST(delete_errors)
{
	static const struct {
		const char *text;
		enum err err;
	} rows[] = {
		{ "00000001 01 10 0001" COOKIES, OK },
		{ "00000000 01 10 0001" COOKIES, OK },
		{ "00000001 02 04 0001 c0ffee01", OK },
		{ "00000001 04 02 0001 1234", OK },
		{ "00000001 04 04 0001 00001234", OK },
		{ "00000002 03 04 0001 c0ffee01", E_DOI },
		{ "00000001 00 04 0001 c0ffee01", E_PROTOCOL },
		{ "00000001 05 04 0001 c0ffee01", E_PROTOCOL },
		{ "00000001 01 04 0001 c0ffee01", E_SPI },
		{ "00000001 03 02 0001 1234", E_SPI },
		{ "00000001 03 00 0001", E_SPI },
		{ "00000001 04 03 0001 001234", E_SPI },
		{ "00000001 03 04 0000", E_PAYLOAD },
		{ "00000001 03 04 0002 c0ffee01", E_PAYLOAD },
		{ "00000001 03 04 ffff c0ffee01", E_PAYLOAD },
		{ "00000001 03 04 0001 c0ffee01 00", E_PAYLOAD },
		{ "", E_PAYLOAD },
	};
	struct delete_payload d;
	struct bytes b;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		b = hex(rows[i].text);
		ck_assert_msg(delete_get(bytes_view(&b), &d) == rows[i].err,
		    "%s", rows[i].text);
	}
}
END_TEST

static bool
delete_refuses(struct view v)
{
	struct delete_payload d;

	return delete_get(v, &d) == E_PAYLOAD;
}

START_TEST(delete_prefixes)
{
	struct bytes b = hex("00000001 03 04 0002 c0ffee01 c0ffee02");

	each_prefix(bytes_view(&b), delete_refuses);
}
END_TEST

/* RFC 2408 3.9: the encoding, then everything else; a request may name no
 * authority. */
START_TEST(certificates)
{
	static const uint8_t bytes[] = { CERT_X509, 0x30, 0x01, 0x02 };
	struct cert_payload c;
	struct buf b;

	ck_assert_int_eq(cert_payload_get(view_of(bytes, 0), &c), E_PAYLOAD);
	ck_assert_int_eq(cert_payload_get(view_of(bytes, 1), &c), OK);
	ck_assert_uint_eq(c.encoding, CERT_X509);
	ck_assert_uint_eq(c.data.n, 0);
	ck_assert_int_eq(cert_payload_get(view_of(bytes, 4), &c), OK);
	ck_assert(view_equal(c.data, view_of(bytes + 1, 3)));
	buf_init(&b, 16);
	cert_payload_put(&b, &c);
	ck_assert(view_equal(buf_view(&b), view_of(bytes, 4)));
	buf_fini(&b);
}
END_TEST

START_TEST(nonce_lengths)
{
	static const uint8_t bytes[NONCE_MAX + 1];
	struct view nonce;
	size_t n;

	for (n = 0; n <= NONCE_MAX + 1; n++) {
		ck_assert_int_eq(nonce_get(view_of(bytes, n), &nonce),
		    n >= NONCE_MIN && n <= NONCE_MAX ? OK : E_NONCE);
		ck_assert_uint_eq(nonce.n, n);
	}
}
END_TEST

static bool
natoa_refuses(struct view v)
{
	struct ipsec_addr addr;

	return natoa_get(v, &addr) == E_PAYLOAD;
}

START_TEST(natoa)
{
	static const struct {
		const char *payload, *addr;
	} rows[] = {
		{ "01000000 c6336407", "198.51.100.7" },
		{ "05000000" V6_A, "2001:db8::1" },
	};
	char text[ADDR_TEXT];
	struct ipsec_addr addr;
	struct bytes b;
	struct buf out;
	size_t i;

	buf_init(&out, 100);
	for (i = 0; i < COUNT(rows); i++) {
		b = hex(rows[i].payload);
		ck_assert_int_eq(natoa_get(bytes_view(&b), &addr), OK);
		ck_assert_str_eq(addr_print(&addr, text), rows[i].addr);
		buf_reset(&out);
		natoa_put(&out, &addr);
		ck_assert(view_equal(buf_view(&out), bytes_view(&b)));
		each_prefix(bytes_view(&b), natoa_refuses);
	}
	buf_fini(&out);
}
END_TEST

START_TEST(natoa_errors)
{
	static const char *const rows[] = {
		"01000000 c633640700", "05000000 c6336407", ("01000000" V6_A),
		"04000000 c6336407 ffffffff", "02000000 61626364", "",
	};
	struct ipsec_addr addr;
	struct bytes b;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		b = hex(rows[i]);
		ck_assert_msg(natoa_get(bytes_view(&b), &addr) == E_PAYLOAD,
		    "%s", rows[i]);
	}
	b = hex("01ffffff c6336407");	/* reserved bytes */
	ck_assert_int_eq(natoa_get(bytes_view(&b), &addr), OK);
}
END_TEST

START_TEST(lifetimes)
{
	static const struct {
		const char *text;
		enum err err;
		uint32_t secs, kbytes;
	} rows[] = {
		{ "80010001 80020e10", OK, 3600, 0 },
		{ "80010002 00020004 00465000 80010001 00020004 00015180",
		    OK, 86400, 4608000 },
		{ "800b0001 000c0004 00015180", OK, 86400, 0 },
		{ "80040001 80010001 80020e10", OK, 3600, 0 },
		{ "", E_ATTRIBUTE, 0, 0 },
		{ "80040001", E_ATTRIBUTE, 0, 0 },
		{ "80010001", E_ATTRIBUTE, 0, 0 },
		{ "80020e10", E_ATTRIBUTE, 0, 0 },
		{ "80010001 00020004 0001", E_ATTRIBUTE, 0, 0 },
	};
	uint32_t secs, kbytes;
	struct bytes b;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		b = hex(rows[i].text);
		ck_assert_msg(lifetime_get(bytes_view(&b), &secs, &kbytes) ==
		    rows[i].err, "%s", rows[i].text);
		if (rows[i].err != OK)
			continue;
		ck_assert_uint_eq(secs, rows[i].secs);
		ck_assert_uint_eq(kbytes, rows[i].kbytes);
	}
}
END_TEST

static bool
lifetime_refuses(struct view v)
{
	uint32_t secs, kbytes;

	return lifetime_get(v, &secs, &kbytes) == E_ATTRIBUTE;
}

START_TEST(lifetime_written)
{
	struct bytes b = hex("80010001 00020004 00015180");
	struct buf out;

	buf_init(&out, 100);
	lifetime_put(&out, 86400);
	ck_assert(view_equal(buf_view(&out), bytes_view(&b)));
	buf_fini(&out);
	each_prefix(bytes_view(&b), lifetime_refuses);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		id_fields, id_lengths, id_prefixes, id_networks,
		id_no_networks, id_text, id_text_length,
		notify_fields, notify_errors, notify_prefixes,
		notify_long_spi, spilist_fields, spilist_errors,
		delete_fields, delete_errors, delete_prefixes,
		certificates, nonce_lengths, natoa, natoa_errors, lifetimes,
		lifetime_written,
	};

	return suite_main("wire_payload", tests, COUNT(tests));
}
