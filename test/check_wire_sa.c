/* SPDX-License-Identifier: ISC */
/* The SA payload: RFC 2408 3.4-3.6, RFC 2407 4.5, RFC 2409 appendix A. */
#include <check.h>
#include <stdio.h>

#include "test/bytes.h"
#include "test/suite.h"
#include "wire/isakmp.h"
#include "wire/sa.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

#define SITUATION	"00000001 00000001"
/* Life type, duration (TLV), cipher, key length, method, hash, group. */
#define P1_ATTRS	"800b0001 000c0004 00015180 80010007 800e0080" \
			"80030001 80020004 8004000f"
#define P1_TRANSFORM	"00000028 01010000" P1_ATTRS
#define P1_PROPOSAL	"00000030 01010001" P1_TRANSFORM
/* Life type, duration, mode, key length, authentication, group. */
#define P2_ATTRS	"80010001 80027080 80040002 80060100 80050005 8003000f"
#define P2_TRANSFORM	"00000020 010c0000" P2_ATTRS
#define P2_PROPOSAL	"0000002c 01030401 c0ffee01" P2_TRANSFORM

static struct sa_payload *
sa_new(void)
{
	struct sa_payload *sa = calloc(1, sizeof(*sa));

	ck_assert_ptr_nonnull(sa);
	return sa;
}

static enum err
sa_err(const char *text)
{
	struct sa_payload *sa = sa_new();
	struct bytes b = hex(text);
	enum err err = sa_get(bytes_view(&b), sa);

	free(sa);
	return err;
}

START_TEST(phase1)
{
	struct bytes b = hex(SITUATION P1_PROPOSAL);
	struct sa_payload *sa = sa_new();
	const struct transform *t = &sa->transform[0];

	ck_assert_int_eq(sa_get(bytes_view(&b), sa), OK);
	ck_assert_uint_eq(sa->doi, IPSEC_DOI);
	ck_assert_uint_eq(sa->situation, SIT_IDENTITY_ONLY);
	ck_assert_uint_eq(sa->nproposal, 1);
	ck_assert_uint_eq(sa->ntransform, 1);
	ck_assert_uint_eq(sa->proposal[0].number, 1);
	ck_assert_uint_eq(sa->proposal[0].proto, PROTO_ISAKMP);
	ck_assert_uint_eq(sa->proposal[0].spi_len, 0);
	ck_assert_uint_eq(sa->proposal[0].first, 0);
	ck_assert_uint_eq(sa->proposal[0].n, 1);
	ck_assert_uint_eq(t->number, 1);
	ck_assert_uint_eq(t->id, TRANSFORM_KEY_IKE);
	ck_assert_uint_eq(t->unknown, 0);
	ck_assert_uint_eq(t->cipher, P1_CIPHER_AES);
	ck_assert_uint_eq(t->key_bits, 128);
	ck_assert_uint_eq(t->hash, P1_HASH_SHA256);
	ck_assert_uint_eq(t->method, P1_METHOD_PSK);
	ck_assert_uint_eq(t->group, 15);
	ck_assert_uint_eq(t->prf, 0);
	ck_assert_uint_eq(t->life_secs, 86400);
	ck_assert_uint_eq(t->life_kbytes, 0);
	ck_assert_uint_eq(t->raw.n, 0x28);
	ck_assert_ptr_eq(t->raw.p, b.p + 16);
	free(sa);
}
END_TEST

START_TEST(phase2)
{
	struct bytes b = hex(SITUATION P2_PROPOSAL);
	struct sa_payload *sa = sa_new();
	const struct transform *t = &sa->transform[0];

	ck_assert_int_eq(sa_get(bytes_view(&b), sa), OK);
	ck_assert_uint_eq(sa->proposal[0].proto, PROTO_IPSEC_ESP);
	ck_assert_uint_eq(sa->proposal[0].spi_len, 4);
	ck_assert_mem_eq(sa->proposal[0].spi, b.p + 16, 4);
	ck_assert_uint_eq(t->id, ESP_AES);
	ck_assert_uint_eq(t->unknown, 0);
	ck_assert_uint_eq(t->mode, P2_MODE_TRANSPORT);
	ck_assert_uint_eq(t->auth, P2_AUTH_SHA256);
	ck_assert_uint_eq(t->group, 15);
	ck_assert_uint_eq(t->key_bits, 256);
	ck_assert_uint_eq(t->life_secs, 28800);
	ck_assert_uint_eq(t->cipher, 0);
	free(sa);
}
END_TEST

/* ESP and IPComp (2 bytes of SPI) as one proposal, AH as another. */
#define AND_BODY SITUATION						\
	"0200002c 01030401 c0ffee01" P2_TRANSFORM			\
	"02000016 01040201 1234 0000000c 01020000 80040002"		\
	"00000038 02020402 c0ffee02"					\
	"03000010 01050000 80040001 80050005"				\
	"0000001c 02030000 80040001 80050002 80010002 00020004 00400000"

START_TEST(several_proposals)
{
	struct bytes b = hex(AND_BODY);
	struct sa_payload *sa = sa_new();

	ck_assert_int_eq(sa_get(bytes_view(&b), sa), OK);
	ck_assert_uint_eq(sa->nproposal, 3);
	ck_assert_uint_eq(sa->ntransform, 4);
	ck_assert_uint_eq(sa->proposal[0].number, 1);
	ck_assert_uint_eq(sa->proposal[1].number, 1);
	ck_assert_uint_eq(sa->proposal[1].proto, PROTO_IPCOMP);
	ck_assert_uint_eq(sa->proposal[1].spi_len, 2);
	ck_assert_mem_eq(sa->proposal[1].spi, "\x12\x34\0\0", 4);
	ck_assert_uint_eq(sa->proposal[1].first, 1);
	ck_assert_uint_eq(sa->transform[1].id, IPCOMP_DEFLATE);
	ck_assert_uint_eq(sa->proposal[2].number, 2);
	ck_assert_uint_eq(sa->proposal[2].first, 2);
	ck_assert_uint_eq(sa->proposal[2].n, 2);
	ck_assert_uint_eq(sa->transform[3].number, 2);
	ck_assert_uint_eq(sa->transform[3].auth, P2_AUTH_SHA1);
	ck_assert_uint_eq(sa->transform[3].life_secs, 0);
	ck_assert_uint_eq(sa->transform[3].life_kbytes, 0x400000);
	free(sa);
}
END_TEST

/* A proposal with one transform of these attributes, for either phase. */
static enum err
attrs_get(uint8_t proto, const char *attrs, struct transform *t)
{
	struct bytes b = hex(SITUATION "00000000 01000001"), a = hex(attrs);
	struct sa_payload *sa = sa_new();
	enum err err;

	b.p[8 + 5] = proto;
	if (proto != PROTO_ISAKMP) {
		b.p[8 + 6] = 4;
		bytes_hex(&b, "00000100");
	}
	bytes_hex(&b, "00000000 01010000");
	memcpy(b.p + b.n, a.p, a.n);
	b.n += a.n;
	b.p[11] = (uint8_t)(b.n - 8);
	b.p[b.n - a.n - 5] = (uint8_t)(a.n + 8);
	ck_assert_uint_lt(b.n, 255);
	err = sa_get(bytes_view(&b), sa);
	*t = sa->transform[0];
	free(sa);
	return err;
}

START_TEST(life_times)
{
	static const struct {
		const char *attrs;
		enum err err;
		uint32_t secs, kbytes;
		bool unknown;
	} rows[] = {
		{ "", OK, 0, 0, false },
		{ "80010001 80020e10", OK, 3600, 0, false },
		{ "80010002 80020e10", OK, 0, 3600, false },
		{ "80010001 80020e10 80010002 00020004 00465000", OK,
		    3600, 4608000, false },
		{ "80010001 00020008 0000000000015180", OK, 86400, 0, false },
		{ "80010001 00020008 0100000000000000", OK, UINT32_MAX, 0,
		    false },
		{ "80010001 00020001 3c", OK, 60, 0, false },
		{ "00010002 0001 80020e10", OK, 3600, 0, false },
		/* another attribute in between is strange, but clear */
		{ "80010001 80040001 80020e10", OK, 3600, 0, false },
		/* unknown type of life; the same type twice */
		{ "80010003 80020e10", OK, 0, 0, true },
		{ "80010000 80020e10", OK, 0, 0, true },
		{ "80010001 80020e10 80010001 80020e11", OK, 3601, 0, true },
		/* not in pairs */
		{ "80020e10", E_ATTRIBUTE, 0, 0, false },
		{ "80010001", E_ATTRIBUTE, 0, 0, false },
		{ "80010001 80010002 80020e10", E_ATTRIBUTE, 0, 0, false },
		{ "80010001 80020e10 80020e10", E_ATTRIBUTE, 0, 0, false },
		/* no byte, or more than eight */
		{ "80010001 00020000", E_ATTRIBUTE, 0, 0, false },
		{ "80010001 00020009 000000000000000001", E_ATTRIBUTE, 0, 0,
		    false },
		/* lying lengths */
		{ "80010001 00020005 00000001", E_ATTRIBUTE, 0, 0, false },
		{ "80010001 0002ffff 00000001", E_ATTRIBUTE, 0, 0, false },
		{ "800100", E_ATTRIBUTE, 0, 0, false },
		{ "80", E_ATTRIBUTE, 0, 0, false },
	};
	struct transform t;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(attrs_get(PROTO_IPSEC_ESP, rows[i].attrs, &t) ==
		    rows[i].err, "%s", rows[i].attrs);
		if (rows[i].err != OK)
			continue;
		ck_assert_msg(t.life_secs == rows[i].secs &&
		    t.life_kbytes == rows[i].kbytes, "%s", rows[i].attrs);
		ck_assert_msg(t.unknown == rows[i].unknown, "%s",
		    rows[i].attrs);
	}
}
END_TEST

START_TEST(unknown_attributes)
{
	static const struct {
		uint8_t proto;
		const char *attrs;
		bool unknown;
	} rows[] = {
		{ PROTO_ISAKMP, "80010007 800d0001", false },
		{ PROTO_ISAKMP, "80050001", true },	/* group type */
		{ PROTO_ISAKMP, "0006 0004 01020304", true }, /* a prime */
		{ PROTO_ISAKMP, "00010002 0007", true }, /* not basic */
		{ PROTO_ISAKMP, "80010007 80010005", true }, /* twice */
		{ PROTO_ISAKMP, "c0000001", true },	/* private use */
		{ PROTO_IPSEC_ESP, "80040001 80050002", false },
		{ PROTO_IPSEC_ESP, "80040003", false },
		{ PROTO_IPSEC_ESP, "8004f004", false },
		{ PROTO_IPSEC_ESP, "80040005", true },
		{ PROTO_IPSEC_ESP, "8004f005", true },
		{ PROTO_IPSEC_ESP, "800b0001", false },	/* ESN */
		{ PROTO_IPSEC_ESP, "800b0002", true },
		{ PROTO_IPSEC_ESP, "80070010", true },	/* key rounds */
		{ PROTO_IPCOMP, "80080010", true },	/* dictionary size */
	};
	struct transform t;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(attrs_get(rows[i].proto, rows[i].attrs, &t),
		    OK);
		ck_assert_msg(t.unknown == rows[i].unknown, "%s",
		    rows[i].attrs);
	}
}
END_TEST

START_TEST(phase1_other_transform)
{
	struct bytes b = hex(SITUATION P1_PROPOSAL);
	struct sa_payload *sa = sa_new();

	b.p[21] = 2;			/* not KEY_IKE */
	ck_assert_int_eq(sa_get(bytes_view(&b), sa), OK);
	ck_assert_uint_eq(sa->transform[0].unknown, 1);
	free(sa);
}
END_TEST

/* draft-ietf-ipsec-isakmp-gss-auth: 16384, variable, with method 65001.  One
 * transform with these attributes behind the usual ones. */
static struct sa_payload *
gss_read(struct bytes *b, const char *method, const char *attr)
{
	char text[400];
	size_t n = strlen(attr) / 2 + 24;
	struct sa_payload *sa = sa_new();

	snprintf(text, sizeof(text), SITUATION "0000%04zx 01010001 "
	    "0000%04zx 01010000 80010007 8003%s 80020004 8004000f %s",
	    n + 8, n, method, attr);
	*b = hex(text);
	ck_assert_int_eq(sa_get(bytes_view(b), sa), OK);
	return sa;
}

START_TEST(gss_id)
{
	static const struct {
		const char *method, *attr;
		bool unknown;
	} rows[] = {
		{ "fde9", "40000004696b652f", false },
		{ "0001", "40000004696b652f", true },
		/* basic, empty, twice */
		{ "fde9", "c0000004", true },
		{ "fde9", "40000000", true },
		{ "fde9", "40000001614000000161", true },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bytes b;
		struct sa_payload *sa = gss_read(&b, rows[i].method,
		    rows[i].attr);

		ck_assert_msg(sa->transform[0].unknown == rows[i].unknown,
		    "%zu", i);
		if (i == 0)
			ck_assert(view_equal(sa->transform[0].gss_id,
			    view_text("ike/")));
		free(sa);
	}
}
END_TEST

/* Written wide and narrow, and read back. */
START_TEST(gss_id_put)
{
	for (uint8_t wide = 0; wide < 2; wide++) {
		struct sa_payload out = { .doi = IPSEC_DOI,
			.situation = SIT_IDENTITY_ONLY, .nproposal = 1,
			.ntransform = 1,
			.proposal = { { .number = 1, .proto = PROTO_ISAKMP,
			    .n = 1 } },
			.transform = { { .number = 1,
			    .id = TRANSFORM_KEY_IKE, .method = P1_METHOD_GSS,
			    .gss_id = view_text("ike/ab"),
			    .gss_wide = wide } } };
		struct sa_payload *in = sa_new();
		struct buf b, text;

		buf_init(&b, 200);
		buf_init(&text, 20);
		sa_put(&b, &out);
		ck_assert_int_eq(sa_get(buf_view(&b), in), OK);
		ck_assert_uint_eq(in->transform[0].unknown, 0);
		ck_assert_uint_eq(in->transform[0].gss_id.n, wide ? 12 : 6);
		ck_assert_int_eq(sa_gss_id(in->transform[0].gss_id, wide,
		    &text), OK);
		ck_assert(view_equal(buf_view(&text),
		    view_text("ike/ab")));
		buf_fini(&text);
		buf_fini(&b);
		free(in);
	}
}
END_TEST

START_TEST(gss_id_text)
{
	static const struct {
		const char *bytes;
		bool wide;
		enum err err;
	} rows[] = {
		{ "6100", true, OK },
		{ "61", false, OK },
		{ "", true, E_ATTRIBUTE },
		{ "610062", true, E_ATTRIBUTE },	/* half a unit */
		{ "6101", true, E_ATTRIBUTE },		/* not Latin-1 */
		{ "0a00", true, E_ATTRIBUTE },
		{ "6100", false, E_ATTRIBUTE },
		{ "7f", false, E_ATTRIBUTE },
		{ "e4", false, E_ATTRIBUTE },
		{ "e400", true, E_ATTRIBUTE },
		{ "6161616161", false, E_ATTRIBUTE },	/* too long */
	};
	struct buf text;

	buf_init(&text, 4);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bytes b = hex(rows[i].bytes);

		ck_assert_int_eq(sa_gss_id(bytes_view(&b), rows[i].wide,
		    &text), rows[i].err);
	}
	buf_fini(&text);
}
END_TEST

START_TEST(reserved_ignored)
{
	ck_assert_int_eq(sa_err(SITUATION "00ff0030 01010001"
	    "00ff0028 0101ffff" P1_ATTRS), OK);
}
END_TEST

START_TEST(spi_sizes)
{
	static const struct {
		uint8_t proto, max;
		const char *ok;		/* a digit for each size: 1 is good */
	} rows[] = {
		{ PROTO_ISAKMP, 17, "111111111111111110" },
		{ PROTO_IPSEC_AH, 8, "000010000" },
		{ PROTO_IPSEC_ESP, 8, "000010000" },
		{ PROTO_IPCOMP, 8, "001010000" },
	};
	struct sa_payload *sa = sa_new();
	struct bytes b;
	uint8_t n;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		for (n = 0; n <= rows[i].max; n++) {
			b = hex(SITUATION "00000000 01000001");
			b.p[11] = (uint8_t)(8 + n + 8);
			b.p[13] = rows[i].proto;
			b.p[14] = n;
			memset(b.p + b.n, 0x5a, n);
			b.n += n;
			bytes_hex(&b, "00000008 01010000");
			ck_assert_msg(sa_get(bytes_view(&b), sa) ==
			    (rows[i].ok[n] == '1' ? OK : E_SPI),
			    "proto %u, %u bytes", rows[i].proto, n);
		}
	}
	free(sa);
}
END_TEST

static const struct {
	const char *text;
	enum err err;
} wrong[] = {
	{ "", E_PROPOSAL },
	{ SITUATION, E_PROPOSAL },
	{ "00000000 00000001" P1_PROPOSAL, E_DOI },
	{ "00000002 00000001" P1_PROPOSAL, E_DOI },
	{ "00000001 00000000" P1_PROPOSAL, E_SITUATION },
	{ "00000001 00000002" P1_PROPOSAL, E_SITUATION },
	{ SITUATION "00000030 01000001" P1_TRANSFORM, E_PROTOCOL },
	{ SITUATION "00000030 01050001" P1_TRANSFORM, E_PROTOCOL },
	/* `next' of the proposal: more than there is, less, odd */
	{ SITUATION "02000030 01010001" P1_TRANSFORM, E_PROPOSAL },
	{ SITUATION P1_PROPOSAL P1_PROPOSAL, E_PROPOSAL },
	{ SITUATION "03000030 01010001" P1_TRANSFORM, E_PROPOSAL },
	{ SITUATION "01000030 01010001" P1_TRANSFORM P1_PROPOSAL,
	    E_PROPOSAL },
	/* ... and of the transform */
	{ SITUATION "00000030 01010001 03000028 01010000" P1_ATTRS,
	    E_PROPOSAL },
	{ SITUATION "00000030 01010001 02000028 01010000" P1_ATTRS,
	    E_PROPOSAL },
	{ SITUATION "00000058 01010002" P1_TRANSFORM P1_TRANSFORM,
	    E_PROPOSAL },
	/* counts of transforms: none, too few, too many */
	{ SITUATION "00000030 01010000" P1_TRANSFORM, E_PROPOSAL },
	{ SITUATION "00000030 01010002" P1_TRANSFORM, E_PROPOSAL },
	{ SITUATION "00000008 01010000", E_PROPOSAL },
	{ SITUATION "00000058 01010001 03000028 01010000" P1_ATTRS
	    P1_TRANSFORM, E_PROPOSAL },
	/* lengths of the proposal */
	{ SITUATION "00000031 01010001" P1_TRANSFORM, E_PROPOSAL },
	{ SITUATION "0000002f 01010001" P1_TRANSFORM, E_PROPOSAL },
	{ SITUATION "00000000 01010001" P1_TRANSFORM, E_PROPOSAL },
	{ SITUATION "00000003 01010001" P1_TRANSFORM, E_PROPOSAL },
	{ SITUATION "00000007 01010001" P1_TRANSFORM, E_PROPOSAL },
	{ SITUATION "0000ffff 01010001" P1_TRANSFORM, E_PROPOSAL },
	/* lengths of the transform */
	{ SITUATION "00000030 01010001 00000029 01010000" P1_ATTRS,
	    E_PROPOSAL },
	{ SITUATION "00000030 01010001 00000000 01010000" P1_ATTRS,
	    E_PROPOSAL },
	{ SITUATION "00000030 01010001 00000007 01010000" P1_ATTRS,
	    E_PROPOSAL },
	{ SITUATION "0000000f 01010001 00000007 010100", E_PROPOSAL },
	{ SITUATION "0000000b 01010001 000000", E_PROPOSAL },
	/* an SPI longer than the proposal */
	{ SITUATION "0000000a 01030401 0102", E_PROPOSAL },
	/* bytes behind the last proposal */
	{ SITUATION P1_PROPOSAL "00", E_PROPOSAL },
};

START_TEST(errors)
{
	size_t i;

	ck_assert_int_eq(sa_err(SITUATION P1_PROPOSAL), OK);
	for (i = 0; i < COUNT(wrong); i++)
		ck_assert_msg(sa_err(wrong[i].text) == wrong[i].err,
		    "row %zu: %s", i, wrong[i].text);
}
END_TEST

static bool
refuses(struct view v)
{
	struct sa_payload *sa = sa_new();
	enum err err = sa_get(v, sa);

	free(sa);
	return err == E_PROPOSAL || err == E_ATTRIBUTE;
}

START_TEST(prefixes)
{
	struct bytes b = hex(SITUATION P1_PROPOSAL);

	each_prefix(bytes_view(&b), refuses);
	b = hex(AND_BODY);
	each_prefix(bytes_view(&b), refuses);
}
END_TEST

static void
add_proposal(struct bytes *b, bool last, unsigned int transforms)
{
	size_t at = b->n;
	unsigned int i;

	bytes_hex(b, last ? "00000000 01010000" : "02000000 01010000");
	b->p[at + 7] = (uint8_t)transforms;
	for (i = 1; i <= transforms; i++)
		bytes_hex(b, i < transforms ? "03000008 01010000" :
		    "00000008 01010000");
	b->p[at + 2] = (uint8_t)((b->n - at) >> 8);
	b->p[at + 3] = (uint8_t)(b->n - at);
}

static enum err
counts_err(unsigned int proposals, unsigned int transforms)
{
	struct sa_payload *sa = sa_new();
	struct bytes b = hex(SITUATION);
	enum err err;

	for (; proposals > 1; proposals--)
		add_proposal(&b, false, 1);
	add_proposal(&b, true, transforms);
	err = sa_get(bytes_view(&b), sa);
	free(sa);
	return err;
}

START_TEST(limits)
{
	ck_assert_int_eq(counts_err(SA_PROPOSALS_MAX, 1), OK);
	ck_assert_int_eq(counts_err(SA_PROPOSALS_MAX + 1, 1), E_LIMIT);
	ck_assert_int_eq(counts_err(1, SA_TRANSFORMS_MAX), OK);
	ck_assert_int_eq(counts_err(2, SA_TRANSFORMS_MAX), E_LIMIT);
	ck_assert_int_eq(counts_err(2, SA_TRANSFORMS_MAX - 1), OK);
}
END_TEST

static void
put_is(const struct sa_payload *sa, const char *want)
{
	struct bytes b = hex(want);
	struct buf out;

	buf_init(&out, BYTES_MAX);
	sa_put(&out, sa);
	ck_assert(buf_ok(&out));
	ck_assert_uint_eq(out.n, b.n);
	ck_assert_mem_eq(out.p, b.p, b.n);
	buf_fini(&out);
}

START_TEST(put_fields)
{
	struct sa_payload *sa = sa_new();

	sa->doi = IPSEC_DOI;
	sa->situation = SIT_IDENTITY_ONLY;
	sa->nproposal = sa->ntransform = 1;
	sa->proposal[0] = (struct proposal){ .number = 1,
	    .proto = PROTO_ISAKMP, .n = 1 };
	sa->transform[0] = (struct transform){ .number = 1,
	    .id = TRANSFORM_KEY_IKE, .cipher = P1_CIPHER_AES,
	    .key_bits = 128, .hash = P1_HASH_SHA256, .method = P1_METHOD_PSK,
	    .group = 15, .life_secs = 86400 };
	put_is(sa, SITUATION P1_PROPOSAL);
	sa->proposal[0] = (struct proposal){ .number = 1,
	    .proto = PROTO_IPSEC_ESP, .n = 1, .spi_len = 4,
	    .spi = { 0xc0, 0xff, 0xee, 0x01 } };
	sa->transform[0] = (struct transform){ .number = 1, .id = ESP_AES,
	    .mode = P2_MODE_TRANSPORT, .auth = P2_AUTH_SHA256, .group = 15,
	    .key_bits = 256, .life_secs = 28800 };
	put_is(sa, SITUATION P2_PROPOSAL);
	free(sa);
}
END_TEST

START_TEST(put_both_lives)
{
	struct sa_payload *sa = sa_new();

	sa->doi = IPSEC_DOI;
	sa->situation = SIT_IDENTITY_ONLY;
	sa->nproposal = 1;
	sa->ntransform = 2;
	sa->proposal[0] = (struct proposal){ .number = 1,
	    .proto = PROTO_IPSEC_AH, .n = 2, .spi_len = 4,
	    .spi = { 0, 0, 1, 0 } };
	sa->transform[0] = (struct transform){ .number = 1, .id = AH_SHA256,
	    .mode = P2_MODE_TUNNEL, .auth = P2_AUTH_SHA256,
	    .life_secs = 65536, .life_kbytes = 65535 };
	sa->transform[1] = (struct transform){ .number = 2, .id = AH_SHA,
	    .mode = P2_MODE_TUNNEL, .auth = P2_AUTH_SHA1 };
	put_is(sa, SITUATION "00000040 01020402 00000100"
	    "03000024 01050000 80010001 00020004 00010000 80010002 8002ffff"
	    "80040001 80050005"
	    "00000010 02030000 80040001 80050002");
	free(sa);
}
END_TEST

/* The second of two, with attributes in an order of its own, comes back. */
START_TEST(put_raw)
{
#define ODD_ATTRS "80020004 80010007 80030001 c0000007 8004000f"
#define THREE SITUATION "0000005b 01010303 010203"			\
	"0300000c 01010000 80010005"					\
	"030f001c 07010ff0" ODD_ATTRS "00000028 03010000" P1_ATTRS
	struct bytes b = hex(THREE);
	struct sa_payload *sa = sa_new();

	ck_assert_int_eq(sa_get(bytes_view(&b), sa), OK);
	put_is(sa, THREE);
	sa->proposal[0].first = 1;
	sa->proposal[0].n = 1;
	put_is(sa, SITUATION "00000027 01010301 010203"
	    "000f001c 07010ff0" ODD_ATTRS);
	free(sa);
}
END_TEST

START_TEST(put_several)
{
	struct bytes b = hex(AND_BODY);
	struct sa_payload *sa = sa_new();

	ck_assert_int_eq(sa_get(bytes_view(&b), sa), OK);
	put_is(sa, AND_BODY);
	free(sa);
}
END_TEST

START_TEST(put_overflow)
{
	struct bytes b = hex(AND_BODY);
	struct sa_payload *sa = sa_new();
	struct buf out;
	size_t max;

	ck_assert_int_eq(sa_get(bytes_view(&b), sa), OK);
	for (max = 0; max <= b.n; max++) {
		buf_init(&out, max);
		sa_put(&out, sa);
		ck_assert_int_eq(buf_ok(&out), max == b.n);
		buf_fini(&out);
	}
	free(sa);
}
END_TEST

/* 255 transforms of this size do not fit the length field. */
START_TEST(put_too_long)
{
	static const uint8_t zero[300];
	struct sa_payload *sa = sa_new();
	struct buf out;
	int i;

	sa->nproposal = 1;
	sa->ntransform = sa->proposal[0].n = SA_TRANSFORMS_MAX;
	for (i = 0; i < SA_TRANSFORMS_MAX; i++)
		sa->transform[i].raw = view_of(zero, sizeof(zero));
	buf_init(&out, 1 << 20);
	sa_put(&out, sa);
	ck_assert(!buf_ok(&out));
	buf_fini(&out);
	free(sa);
}
END_TEST

static const char *
print(uint8_t proto, const struct transform *t, char *out, size_t len)
{
	return sa_transform_print(proto, t, out, len);
}

START_TEST(text)
{
	struct transform t = { .cipher = P1_CIPHER_AES, .key_bits = 256,
	    .hash = P1_HASH_SHA256, .method = P1_METHOD_PSK, .group = 15,
	    .life_secs = 86400 };
	char out[128], tiny[10];

	ck_assert_str_eq(print(PROTO_ISAKMP, &t, out, sizeof(out)),
	    "AES-256/SHA256/PSK/MODP3072/86400s");
	ck_assert_str_eq(print(PROTO_ISAKMP, &t, tiny, sizeof(tiny)),
	    "AES-25...");
	t.cipher = 99;
	t.key_bits = 0;
	t.unknown = 1;
	ck_assert_str_eq(print(PROTO_ISAKMP, &t, out, sizeof(out)),
	    "#99/SHA256/PSK/MODP3072/86400s/with unknown attributes");
	t = (struct transform){ .id = ESP_AES, .key_bits = 128,
	    .auth = P2_AUTH_SHA256, .mode = P2_MODE_TRANSPORT,
	    .life_secs = 28800, .life_kbytes = 1000 };
	ck_assert_str_eq(print(PROTO_IPSEC_ESP, &t, out, sizeof(out)),
	    "ESP AES-128/HMAC-SHA256/transport/28800s/1000kB");
	t.group = 14;
	t.esn = 1;
	t.mode = 0;
	ck_assert_str_eq(print(PROTO_IPSEC_AH, &t, out, sizeof(out)),
	    "AH HMAC-SHA256/ESN/MODP2048/28800s/1000kB");
	t = (struct transform){ .id = IPCOMP_DEFLATE,
	    .mode = P2_MODE_TUNNEL };
	ck_assert_str_eq(print(PROTO_IPCOMP, &t, out, sizeof(out)),
	    "IPCOMP Deflate/tunnel");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		phase1, phase2, several_proposals, life_times,
		unknown_attributes, phase1_other_transform, reserved_ignored,
		gss_id, gss_id_put, gss_id_text,
		spi_sizes, errors, prefixes, limits,
		put_fields, put_both_lives, put_raw, put_several,
		put_overflow, put_too_long, text,
	};

	return suite_main("wire_sa", tests, COUNT(tests));
}
