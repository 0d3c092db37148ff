/* SPDX-License-Identifier: ISC */
/* The frame of messages, attributes, vendor IDs, names, text. */
#include <check.h>

#include "test/bytes.h"
#include "test/suite.h"
#include "wire/attr.h"
#include "wire/dn.h"
#include "wire/msg.h"
#include "wire/names.h"
#include "wire/text.h"
#include "wire/vid.h"

#define COOKIES	"0123456789abcdef fedcba9876543210"
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static enum err
header_err(const char *text)
{
	struct bytes b = hex(text);
	struct msg_header h;

	return msg_header_get(bytes_view(&b), &h);
}

START_TEST(header_fields)
{
	struct bytes b = hex(COOKIES "01 10 02 01 aabbccdd 0000001d ff");
	struct msg_header h;

	ck_assert_int_eq(msg_header_get(bytes_view(&b), &h), OK);
	ck_assert_mem_eq(h.icookie, b.p, 8);
	ck_assert_mem_eq(h.rcookie, b.p + 8, 8);
	ck_assert_uint_eq(h.next, ISAKMP_SA);
	ck_assert_uint_eq(h.version, ISAKMP_VERSION);
	ck_assert_uint_eq(h.etype, ISAKMP_ETYPE_MAIN);
	ck_assert_uint_eq(h.flags, ISAKMP_FLAG_ENCRYPTED);
	ck_assert_uint_eq(h.msgid, 0xaabbccdd);
	ck_assert_uint_eq(h.length, 29);
	/* What is behind the length is somebody else's. */
	bytes_hex(&b, "0102");
	ck_assert_int_eq(msg_header_get(bytes_view(&b), &h), OK);
	ck_assert_uint_eq(h.length, 29);
}
END_TEST

START_TEST(header_errors)
{
	ck_assert_int_eq(header_err(COOKIES "00100200 00000000 0000001c"), OK);
	ck_assert_int_eq(header_err(COOKIES "00100200 00000000 0000001d"),
	    E_SHORT);
	ck_assert_int_eq(header_err(COOKIES "00100200 00000000 ffffffff"),
	    E_SHORT);
	ck_assert_int_eq(header_err(COOKIES "00100200 00000000 0000001b"),
	    E_LENGTH);
	ck_assert_int_eq(header_err(COOKIES "00100200 00000000 00000000"),
	    E_LENGTH);
	ck_assert_int_eq(header_err(COOKIES "00200200 00000000 0000001c"),
	    E_MAJOR);
	ck_assert_int_eq(header_err(COOKIES "00000200 00000000 0000001c"),
	    E_MAJOR);
	ck_assert_int_eq(header_err(COOKIES "00110200 00000000 0000001c"),
	    E_MINOR);
	ck_assert_int_eq(header_err(""), E_SHORT);
}
END_TEST

static bool
header_refuses(struct view v)
{
	struct msg_header h;

	return msg_header_get(v, &h) == E_SHORT;
}

START_TEST(header_prefixes)
{
	struct bytes b = hex(COOKIES "01 10 02 00 00000000 00000020 00000004");

	each_prefix(bytes_view(&b), header_refuses);
}
END_TEST

/* Three payloads: VID with three bytes, empty HASH, NONCE with two. */
#define CHAIN	"08000007 616263 0a000004 00000006 6465"

static enum err
parse(struct msg *m, uint8_t first, const struct bytes *b, bool padded)
{
	struct msg_header h = { .next = first };

	return msg_parse(m, &h, bytes_view(b), padded);
}

static enum err
parse_err(uint8_t first, const char *text, bool padded)
{
	struct bytes b = hex(text);
	struct msg m;

	return parse(&m, first, &b, padded);
}

START_TEST(chain_payloads)
{
	struct bytes b = hex(CHAIN);
	struct msg m;

	ck_assert_int_eq(parse(&m, ISAKMP_VID, &b, false), OK);
	ck_assert_uint_eq(m.n, 3);
	ck_assert_uint_eq(m.mask, MSG_BIT(ISAKMP_VID) | MSG_BIT(ISAKMP_HASH) |
	    MSG_BIT(ISAKMP_NONCE));
	ck_assert_uint_eq(m.p[0].body.n, 3);
	ck_assert_mem_eq(m.p[0].body.p, "abc", 3);
	ck_assert_uint_eq(m.p[0].raw.n, 7);
	ck_assert_ptr_eq(m.p[0].raw.p, b.p);
	ck_assert_uint_eq(m.p[1].type, ISAKMP_HASH);
	ck_assert_uint_eq(m.p[1].body.n, 0);
	ck_assert_mem_eq(m.p[2].body.p, "de", 2);
	ck_assert(view_equal(m.chain, bytes_view(&b)));
	ck_assert_uint_eq(m.h.next, ISAKMP_VID);
}
END_TEST

START_TEST(chain_padding)
{
	struct bytes b = hex(CHAIN "00000000 000003");
	struct msg m;

	ck_assert_int_eq(parse(&m, ISAKMP_VID, &b, false), E_LENGTH);
	ck_assert_int_eq(parse(&m, ISAKMP_VID, &b, true), OK);
	ck_assert_uint_eq(m.n, 3);
	ck_assert_uint_eq(m.chain.n, 17);
	ck_assert_uint_eq(msg_after(&m, &m.p[2]).n, 0);
}
END_TEST

START_TEST(chain_aligned)
{
	struct bytes b = hex(CHAIN "000000");
	struct msg m;

	ck_assert_int_eq(parse(&m, ISAKMP_VID, &b, false), OK);
	ck_assert_uint_eq(m.n, 3);
	ck_assert_uint_eq(m.chain.n, 17);
	ck_assert_uint_eq(msg_after(&m, &m.p[2]).n, 0);
	ck_assert_int_eq(parse_err(ISAKMP_VID, CHAIN "00", false), OK);
	ck_assert_int_eq(parse_err(ISAKMP_VID, CHAIN "01", false), E_LENGTH);
	ck_assert_int_eq(parse_err(ISAKMP_VID, CHAIN "000001", false),
	    E_LENGTH);
	ck_assert_int_eq(parse_err(ISAKMP_VID, CHAIN "00000000", false),
	    E_LENGTH);
}
END_TEST

START_TEST(chain_empty)
{
	ck_assert_int_eq(parse_err(ISAKMP_NONE, "", false), OK);
	ck_assert_int_eq(parse_err(ISAKMP_NONE, "00", false), E_LENGTH);
	ck_assert_int_eq(parse_err(ISAKMP_NONE, "0000000000", true), OK);
}
END_TEST

START_TEST(chain_errors)
{
	/* no generic header; lengths of 0 and 3; one byte too long */
	ck_assert_int_eq(parse_err(ISAKMP_VID, "", false), E_LENGTH);
	ck_assert_int_eq(parse_err(ISAKMP_VID, "000000", false), E_LENGTH);
	ck_assert_int_eq(parse_err(ISAKMP_VID, "00000000", false), E_LENGTH);
	ck_assert_int_eq(parse_err(ISAKMP_VID, "00000003", true), E_LENGTH);
	ck_assert_int_eq(parse_err(ISAKMP_VID, "00000006 61", true), E_LENGTH);
	ck_assert_int_eq(parse_err(ISAKMP_VID, "0000ffff 61", true), E_LENGTH);
	/* a payload is announced that is not there */
	ck_assert_int_eq(parse_err(ISAKMP_VID, "0d000005 61", false), E_LENGTH);
	/* the reserved byte says nothing */
	ck_assert_int_eq(parse_err(ISAKMP_VID, "00ff0005 61", false), OK);
}
END_TEST

START_TEST(chain_reserved_types)
{
	unsigned int type;
	bool ok;

	for (type = 1; type < 256; type++) {
		ok = type <= 16 || type == 20 || type == 21 || type >= 128;
		ck_assert_msg(parse_err((uint8_t)type, "00000005 61", false) ==
		    (ok ? OK : E_PAYLOAD_TYPE), "type %u", type);
	}
	/* ... and further down the chain */
	ck_assert_int_eq(parse_err(ISAKMP_VID, "11000004 00000004", false),
	    E_PAYLOAD_TYPE);
}
END_TEST

START_TEST(chain_normal_types)
{
	static const struct {
		uint8_t wire, normal;
	} rows[] = {
		{ ISAKMP_NATD_OLD, ISAKMP_NATD },
		{ ISAKMP_NATD_DRAFT, ISAKMP_NATD },
		{ ISAKMP_NATD, ISAKMP_NATD },
		{ ISAKMP_NATOA_OLD, ISAKMP_NATOA },
		{ ISAKMP_NATOA_DRAFT, ISAKMP_NATOA },
		{ ISAKMP_NATOA, ISAKMP_NATOA },
		{ ISAKMP_FRAG, 22 },
		{ ISAKMP_ATTR, ISAKMP_ATTR },
	};
	struct bytes b = hex("00000005 61");
	struct msg m;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(parse(&m, rows[i].wire, &b, false), OK);
		ck_assert_uint_eq(m.p[0].type, rows[i].normal);
		ck_assert_uint_eq(m.p[0].wire_type, rows[i].wire);
		ck_assert_uint_eq(m.mask, MSG_BIT(rows[i].normal));
	}
	ck_assert_int_eq(parse(&m, ISAKMP_FRAG, &b, false), OK);
	ck_assert_uint_eq(m.mask, MSG_BIT_FRAG);
	/* private ones are kept, without a bit */
	ck_assert_int_eq(parse(&m, 128, &b, false), OK);
	ck_assert_uint_eq(m.p[0].type, 128);
	ck_assert_uint_eq(m.mask, 0);
	ck_assert_int_eq(parse(&m, 255, &b, false), OK);
	ck_assert_uint_eq(m.mask, 0);
}
END_TEST

START_TEST(chain_limit)
{
	struct bytes b = { .n = 0 };
	struct msg m;
	int i;

	for (i = 1; i < MSG_PAYLOADS_MAX; i++)
		bytes_hex(&b, "0d000004");
	bytes_hex(&b, "00000004");
	ck_assert_int_eq(parse(&m, ISAKMP_VID, &b, false), OK);
	ck_assert_uint_eq(m.n, MSG_PAYLOADS_MAX);
	b.n -= 4;
	bytes_hex(&b, "0d000004 00000004");
	ck_assert_int_eq(parse(&m, ISAKMP_VID, &b, false), E_LIMIT);
}
END_TEST

static bool
chain_refuses(struct view v)
{
	struct msg_header h = { .next = ISAKMP_VID };
	struct msg m;

	return msg_parse(&m, &h, v, false) == E_LENGTH &&
	    msg_parse(&m, &h, v, true) == E_LENGTH;
}

START_TEST(chain_prefixes)
{
	struct bytes b = hex(CHAIN);

	each_prefix(bytes_view(&b), chain_refuses);
}
END_TEST

START_TEST(chain_search)
{
	/* VID, NONCE, VID, draft NAT-D, NAT-D */
	struct bytes b = hex("0a000005 01 0d000004 82000005 02 14000005 03"
	    "00000005 04");
	const struct msg_payload *p;
	struct msg m;

	ck_assert_int_eq(parse(&m, ISAKMP_VID, &b, false), OK);
	p = msg_find(&m, ISAKMP_VID);
	ck_assert_ptr_eq(p, &m.p[0]);
	ck_assert_uint_eq(msg_after(&m, p).n, b.n - 5);
	ck_assert_ptr_eq(msg_after(&m, p).p, b.p + 5);
	p = msg_next(&m, p);
	ck_assert_ptr_eq(p, &m.p[2]);
	ck_assert_ptr_null(msg_next(&m, p));
	p = msg_find(&m, ISAKMP_NATD);
	ck_assert_ptr_eq(p, &m.p[3]);
	ck_assert_ptr_eq(msg_next(&m, p), &m.p[4]);
	ck_assert_ptr_null(msg_find(&m, ISAKMP_SA));
}
END_TEST

START_TEST(out_message)
{
	struct bytes want = hex(COOKIES "0a 10 20 01 11223344 0000002a"
	    "05000006 6162 00000008 01000000");
	struct msg_header h = { .version = 0x10, .etype = 32, .flags = 1,
	    .msgid = 0x11223344, .next = 99, .length = 99 };
	struct msg_out out;
	struct buf b;

	memcpy(h.icookie, want.p, 8);
	memcpy(h.rcookie, want.p + 8, 8);
	buf_init(&b, 1000);
	msg_begin(&out, &b, &h);
	msg_put(&out, ISAKMP_NONCE, view_text("ab"));
	msg_open(&out, ISAKMP_ID);
	buf_u8(&b, 1);
	buf_zero(&b, 3);
	msg_close(&out);
	ck_assert(msg_end(&out));
	ck_assert_uint_eq(b.n, want.n);
	ck_assert_mem_eq(b.p, want.p, want.n);
	buf_fini(&b);
}
END_TEST

START_TEST(out_overflow)
{
	struct msg_header h = { .version = 0x10 };
	struct msg_out out;
	struct buf b;
	size_t max;

	/* no maximum below the size is enough, that size is */
	for (max = 0; max <= ISAKMP_HEADER_LEN + 6 + 5; max++) {
		buf_init(&b, max);
		msg_begin(&out, &b, &h);
		msg_put(&out, ISAKMP_NONCE, view_text("ab"));
		msg_open(&out, ISAKMP_VID);
		buf_u8(&b, 1);
		msg_close(&out);
		ck_assert_int_eq(msg_end(&out),
		    max == ISAKMP_HEADER_LEN + 6 + 5);
		buf_fini(&b);
	}
}
END_TEST

START_TEST(out_long_payload)
{
	struct msg_header h = { .version = 0x10 };
	struct msg_out out;
	struct buf b;

	buf_init(&b, 1 << 20);
	msg_begin(&out, &b, &h);
	msg_open(&out, ISAKMP_VID);
	buf_zero(&b, UINT16_MAX - 4);
	msg_close(&out);
	ck_assert(msg_end(&out));
	buf_reset(&b);
	msg_begin(&out, &b, &h);
	msg_open(&out, ISAKMP_VID);
	buf_zero(&b, UINT16_MAX - 3);
	msg_close(&out);
	ck_assert(!msg_end(&out));
	buf_fini(&b);
}
END_TEST

static enum err
number(const char *text, uint32_t *n)
{
	struct bytes b = hex(text);
	struct view v = bytes_view(&b);
	struct attr a;
	enum err err;

	if ((err = attr_get(&v, &a)) != OK)
		return err;
	ck_assert(view_end(&v));
	return attr_number(&a, n);
}

START_TEST(attr_numbers)
{
	static const struct {
		const char *text;
		enum err err;
		uint32_t n;
	} rows[] = {
		{ "800c 7080", OK, 28800 },
		{ "000c 0001 07", OK, 7 },
		{ "000c 0004 00015180", OK, 86400 },
		{ "000c 0008 00000000 00015180", OK, 86400 },
		{ "000c 0008 00000000 ffffffff", OK, UINT32_MAX },
		{ "000c 0005 01 00000000", OK, UINT32_MAX },
		{ "000c 0008 ffffffff ffffffff", OK, UINT32_MAX },
		{ "000c 0000", E_ATTRIBUTE, 0 },
		{ "000c 0009 00 00000000 00000001", E_ATTRIBUTE, 0 },
		{ "000c 0004 000151", E_ATTRIBUTE, 0 },
		{ "000c ffff 000151", E_ATTRIBUTE, 0 },
		{ "800c 70", E_ATTRIBUTE, 0 },
		{ "80", E_ATTRIBUTE, 0 },
	};
	uint32_t n;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		n = 0;
		ck_assert_msg(number(rows[i].text, &n) == rows[i].err, "%s",
		    rows[i].text);
		ck_assert_msg(n == rows[i].n, "%s", rows[i].text);
	}
}
END_TEST

START_TEST(attr_forms)
{
	struct bytes want = hex("8002 ffff 0002 0004 00010000 8001 0003");
	struct buf b;

	buf_init(&b, 100);
	attr_put_number(&b, 2, 0xffff);
	attr_put_number(&b, 2, 0x10000);
	attr_put_basic(&b, 1, 3);
	ck_assert(view_equal(buf_view(&b), bytes_view(&want)));
	buf_fini(&b);
}
END_TEST

START_TEST(vid_rows)
{
	enum vid id;
	struct view v;

	for (id = VID_UNKNOWN + 1; id < VID_COUNT; id++) {
		v = vid_bytes(id);
		ck_assert_uint_ge(v.n, 8);
		ck_assert_int_eq(vid_match(v), id);
		ck_assert_str_ne(vid_name(id), "unknown");
		v.n = 7;
		ck_assert_int_eq(vid_match(v), VID_UNKNOWN);
	}
	ck_assert_uint_eq(vid_bytes(VID_UNKNOWN).n, 0);
	ck_assert_uint_eq(vid_bytes(VID_COUNT).n, 0);
	ck_assert_str_eq(vid_name(VID_UNKNOWN), "unknown");
	ck_assert_int_eq(vid_match(view_of(NULL, 0)), VID_UNKNOWN);
}
END_TEST

/* Texts whose MD5 a vendor ID is were checked with md5sum. */
START_TEST(vid_known_bytes)
{
	static const struct {
		const char *text;
		enum vid id;
	} rows[] = {
		{ "4a131c81070358455c5728f20e95452f", VID_NATT_RFC },
		{ "cd60464335df21f87cfdb2fc68b6a448", VID_NATT_02 },
		{ "90cb80913ebb696e086381b5ec427b1f", VID_NATT_02N },
		{ "7d9419a65310ca6f2c179d9215529d56", VID_NATT_03 },
		{ "4485152d18b6bbcd0be8a8469579ddcc", VID_NATT_00 },
		{ "8f8d83826d246b6fc7a8a6a428c11de8", VID_NATT_08 },
		{ "afcad71368a1f1c96b8696fc77570100", VID_DPD },
		{ "afcad71368a1f1c96b8696fc775701", VID_UNKNOWN },
		{ "09002689dfd6b712", VID_XAUTH },
		{ "09002689dfd6b71280a224dec33b81e5", VID_XAUTH },
		{ "09002689dfd6b7", VID_UNKNOWN },
		{ "12f5f28c457168a9702d9fe274cc0100", VID_UNITY },
		{ "a4407bc75e2d56b7f9f68ffff4d8bc43", VID_SPILIST },
		{ "4048b7d56ebce88525e7de7f00d6c2d3", VID_FRAG },
		{ "4048b7d56ebce88525e7de7f00d6c2d3c0000000", VID_FRAG },
		{ "4a131c81070358455c5728f20e95452f00", VID_NATT_RFC },
		{ "4a131c81070358455c5728f20e95452e", VID_UNKNOWN },
		{ "882fe56d6fd20dbc2251613b2ebe5beb", VID_STRONGSWAN },
		{ "", VID_UNKNOWN },
	};
	struct bytes b;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		b = hex(rows[i].text);
		ck_assert_msg(vid_match(bytes_view(&b)) == rows[i].id, "%s",
		    rows[i].text);
	}
}
END_TEST

START_TEST(vid_frag_capability)
{
	struct bytes want = hex("4048b7d56ebce88525e7de7f00d6c2d3 80000000");

	ck_assert(view_equal(vid_bytes(VID_FRAG), bytes_view(&want)));
	ck_assert_uint_eq(vid_bytes(VID_DPD).n, 16);
	ck_assert_uint_eq(vid_bytes(VID_XAUTH).n, 8);
}
END_TEST

START_TEST(name_words)
{
	ck_assert_str_eq(name_payload(ISAKMP_SA), "SA");
	ck_assert_str_eq(name_payload(22), "FRAG");
	ck_assert_str_eq(name_payload(ISAKMP_FRAG), "FRAG");
	ck_assert_str_eq(name_payload(99), "?");
	ck_assert_str_eq(name_etype(ISAKMP_ETYPE_MAIN), "main");
	ck_assert_str_eq(name_etype(ISAKMP_ETYPE_QUICK), "quick");
	ck_assert_str_eq(name_etype(0), "?");
	ck_assert_str_eq(name_notify(N_NO_PROPOSAL_CHOSEN),
	    "NO-PROPOSAL-CHOSEN");
	ck_assert_str_eq(name_notify(N_DPD_ACK), "R-U-THERE-ACK");
	ck_assert_str_eq(name_notify(N_SPI_LIST), "SPI-LIST");
	ck_assert_str_eq(name_notify(31), "?");
	ck_assert_str_eq(name_proto(PROTO_IPSEC_ESP), "ESP");
	ck_assert_str_eq(name_proto(5), "?");
	ck_assert_str_eq(name_idtype(ID_IPV4), "IPv4_address");
	ck_assert_str_eq(name_idtype(12), "?");
	ck_assert_str_eq(name_p1_cipher(P1_CIPHER_AES), "AES");
	ck_assert_str_eq(name_p1_hash(P1_HASH_SHA512), "SHA512");
	ck_assert_str_eq(name_p1_method(P1_METHOD_PSK), "PSK");
	ck_assert_str_eq(name_p1_method(65001), "XAuth-PSK-I");
	ck_assert_str_eq(name_group(15), "MODP3072");
	ck_assert_str_eq(name_group(0), "?");
	ck_assert_str_eq(name_esp(ESP_AES), "AES");
	ck_assert_str_eq(name_ipcomp(IPCOMP_DEFLATE), "Deflate");
	ck_assert_str_eq(name_auth(P2_AUTH_SHA256), "HMAC-SHA256");
	ck_assert_str_eq(name_auth(P2_AUTH_NONE), "none");
	ck_assert_str_eq(name_mode(P2_MODE_UDP_TUNNEL_DRAFT),
	    "UDP-tunnel-draft");
}
END_TEST

/* Whatever an error tells a peer must have a name for our own log, too. */
START_TEST(name_every_error)
{
	enum err err;

	for (err = OK; err < ERR_COUNT; err++)
		if (err_notify(err) != 0)
			ck_assert_str_ne(name_notify(err_notify(err)), "?");
	ck_assert_str_eq(err_name(E_NOPSK), "E_NOPSK");
	ck_assert_str_eq(err_text(E_NOPSK),
	    "no pre-shared key for this peer");
	ck_assert_uint_eq(err_notify(E_NOPSK), 24);
	ck_assert_str_eq(err_name(ERR_COUNT), "?");
	ck_assert_uint_eq(err_notify(ERR_COUNT), 0);
}
END_TEST

START_TEST(text_bounds)
{
	char out[8];
	struct text t;

	text_init(&t, out, sizeof(out));
	text_add_bytes(&t, view_text("a\n,\\"), ",");
	ck_assert_str_eq(out, "a\\x0a\\,");
	ck_assert(t.full);		/* the last two did not fit */
	text_end(&t);
	ck_assert_str_eq(out, "a\\x0...");
	text_init(&t, out, sizeof(out));
	text_add(&t, "%s", "1234567");
	ck_assert(!t.full);
	text_end(&t);
	ck_assert_str_eq(out, "1234567");
	text_add_hex(&t, view_text("x"));
	text_end(&t);
	ck_assert_str_eq(out, "1234...");
	text_init(&t, NULL, 0);
	text_add(&t, "x");
	text_end(&t);
	ck_assert_uint_eq(t.n, 0);
}
END_TEST

static const char *
dn_text(const char *der, char *out, size_t size)
{
	struct bytes b = hex(der);
	struct text t;

	text_init(&t, out, size);
	return dn_print(bytes_view(&b), &t) ? out : NULL;
}

#define DN_C	"310b 3009 0603 550406 1302 4445"
#define DN_CN	"310d 300b 0603 550403 0c04 612c0a62"

START_TEST(dn_words)
{
	char out[200];

	ck_assert_str_eq(dn_text("300d" DN_C, out, sizeof(out)), "C=DE");
	ck_assert_str_eq(dn_text("301c" DN_C DN_CN, out, sizeof(out)),
	    "C=DE, CN=a\\,\\x0ab");
	/* the long form of the length; two pairs in a set; own types */
	ck_assert_str_eq(dn_text("30810d" DN_C, out, sizeof(out)), "C=DE");
	ck_assert_str_eq(dn_text("3017 3115"
	    "3009 0603 550403 0c02 6162 3008 0603 55040a 0c01 63",
	    out, sizeof(out)), "CN=ab+O=c");
	ck_assert_str_eq(dn_text("300e 310c 300a 0605 2a0388377f 0c01 78",
	    out, sizeof(out)), "OID.1.2.3.1079.127=x");
	ck_assert_str_eq(dn_text("300d 310b 3009 0604 883703ff 0c01 78",
	    out, sizeof(out)), "OID.0x883703ff=x");
	ck_assert_str_eq(dn_text("3010 310e 300c 0607 2affffffffff7f 0c01 78",
	    out, sizeof(out)), "OID.0x2affffffffff7f=x");
	ck_assert_str_eq(dn_text("3000", out, sizeof(out)), "");
}
END_TEST

START_TEST(dn_errors)
{
	static const char *const rows[] = {
		"", "30", "300e" DN_C, "300c" DN_C, "300d" DN_C "00",
		"310d" DN_C, "300d 300b 3009 0603 550406 1302 4445",
		"300d 310b 3109 0603 550406 1302 4445",
		"300d 310b 3009 0503 550406 1302 4445",
		"300d 310b 3009 0603 550406 1301 4445",
		"3080" DN_C "0000", "30850000000000", "3084ffffffff",
		"301c" DN_C "310d 300b 0603 550403 0c05 612c0a62",
	};
	char out[200];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(dn_text(rows[i], out, sizeof(out)) == NULL, "%s",
		    rows[i]);
		ck_assert_str_eq(out, "");
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		header_fields, header_errors, header_prefixes,
		chain_payloads, chain_padding, chain_aligned, chain_empty,
		chain_errors,
		chain_reserved_types, chain_normal_types, chain_limit,
		chain_prefixes, chain_search,
		out_message, out_overflow, out_long_payload,
		attr_numbers, attr_forms,
		vid_rows, vid_known_bytes, vid_frag_capability,
		name_words, name_every_error,
		text_bounds, dn_words, dn_errors,
	};

	return suite_main("wire", tests, COUNT(tests));
}
