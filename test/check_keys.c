/* SPDX-License-Identifier: ISC */
/*
 * Key material, IVs and hashes against values computed beforehand with
 * Python's hmac and hashlib straight from RFC 2409's formulas.  The inputs:
 * fill(seed, n) has the bytes seed + 7 * i (mod 256) for i = 0..n-1.
 */
#include <check.h>
#include <stdlib.h>

#include "crypto/hash.h"
#include "ike/keys.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define MSGID		0x01020304u

enum { SKEYID_PSK, SKEYID_SIG, D, A, E, CIPHER, IV1, IV2, AUTH, H1, H2, H3,
	KEYMAT, KEYMAT_PFS, RESULTS };

/*
 * Cipher keys shorter than SKEYID_e, and longer (appendix B); KEYMAT of one
 * block and of several.
 */
static const struct {
	const char	*hash;
	unsigned	 key_bits;
	size_t		 keymat;
	const char	*want[RESULTS];
} rows[] = {
	{ "md5", 192, 36, {
		"a822b9ac91f85a22536e2365513eff1a",
		"6ae390d5470e26d00dd8446702a392a9",
		"a8ef2b4c041c907353426bb7fe9df163",
		"17fda71929a0ae26821fa2c6cc9c3a5f",
		"5e7b6091e24c9f57200fc432bf6930e8",
		"c68c8a7beaac8af3ac6946dd92f2ac92ee7d5f92c1576e30",
		"5b7cdd63887f2c050bbe01600d82ba4b",
		"00521b076067eed08091c87e58a62476",
		"d769a88e0b377e72631ad8c88ec4533b",
		"d36d010da6d768a625682dc907b09ddb",
		"5932864d2bc6d2a4edb54b9a1ca4b751",
		"f4627b2957ecd9c90c31c168b1ec438f",
		"11859e7e566a5cd9a184bf8eb2a4c61dd8dbbdf01d218b8d0c0c5c89"
		    "be0c6089a72021ce",
		"457646d444783a198c1286ed3aa77099ee45d97fc1641354057ff895"
		    "65aea6b16f91995e",
	} },
	{ "sha1", 256, 52, {
		"92e7fe99fab45fc6c31cde5a74487f84b36b0394",
		"404e578772e8f53039b9cd8f4328f250d3286c69",
		"0a29f8e3daa4dc16699b0fde45de539588666e10",
		"d36c98030277f4b74646b097f3a05b1e101cf50b",
		"53e7128b5891b7cba9960eaf754f94db7cc432cd",
		"7078d6b686af69ede4a5904ecfbc1eda5f9ee22f2f4f3b3c8770d26c"
		    "66942dba",
		"567d3abccd806a08eeeddba8eb99129a",
		"c000dbec06d75665d5da21ce9d5ce567",
		"6adfc8ebb24b2240ddbc4b713e3f9e80807d1426",
		"37499e49fc2e02fd49107268b06056c4a859e712",
		"fa2aba99dd39abf71cc2ae692c81d00782cbe159",
		"880d711bf518fef62bdbe2bc8b83e56b88f53ad1",
		"9cd61c7b350552f7de125dabbde17380de7ef88fbdeb9c104fbeecce"
		    "138d9ea4cabf79ab5f0cb2132f4f2df163322806df36eac9",
		"0c42c49a6a946259b598aa23914dc436b710da23d4124f7241ddf6e4"
		    "16e2d90a4651380f596da854c2a8daef799812bbe3266b0b",
	} },
	{ "sha256", 128, 48, {
		"1b03ebee6749395bd0ecc640ccc6b8297091dd31906fb86b87bb0fa6"
		    "d890eaf2",
		"8b94e9b4a1eca60cf3b74f16de62040dd3fa97f82875e265873a356a"
		    "7f4ad647",
		"82463fbfec99c2e4feb596b09c454b717c2c191ca05d42bf159438c1"
		    "c6506d60",
		"20656e15a81f8e1caba8136fec8e6498f8d3bb021b1ee7d69063e983"
		    "391bfd11",
		"10ec111582c910757d01baf26a97a3c138700932506b3ae3d9654356"
		    "acbce0d1",
		"10ec111582c910757d01baf26a97a3c1",
		"8fecc13ce41d9319c760aea3ecf4ce21",
		"6101d8e7dbae1252df0e00263989c679",
		"efab4b9fc80473027b9b4286fc450c5a7f2afb56b7007116ae6f5176"
		    "e478c632",
		"d3c18ce4957cc4aebf86ec25abd6b8b4bde802ac1c9cd3a1b8bec4b0"
		    "c61f59dc",
		"f0ea86408cbccad76e085ac6acd086bace737eab5582b1cf166757ee"
		    "fec48642",
		"d768c8a2feab0ab1b3a4cee4735b12fd0edd608b4d4c43df8041d63e"
		    "64d3529e",
		"5d4ced1c39d42fb217f61ef352acf3c7367f0b77ef075ef018e5c112"
		    "c56f00b7f064d90c9fc82da74f0d8afc5c4a1ca8",
		"ca06601cc892f62969130240eb0e77cdc779832a9ad2531fd0ae8a91"
		    "71a22ef97f5ccb8f96dcf0c493444eb3739852ec",
	} },
	{ "sha384", 256, 80, {
		"ad527af0552257e1454b69e88eb54f7587673b230561d73ff92e6e0e"
		    "f6cede1b8862035e9a820f56ba49869ea131f4e2",
		"c249972af5fb461ec52af3a314a33856e9d84a9f78f7cbe98b59a92f"
		    "3a5a175e12d851e5d38be1df3c01416774babc9b",
		"369f805b6d078b8638a3201161a527dcaff91bc0c25fbac08f2cebcf"
		    "a3a9b253929d266ec04d25a23563f976a7ee2783",
		"a42cb8a10a28a7a9d09b687a4d23b2f1ecb2c0a0abb941aa29b7870b"
		    "eeacda494e7355b080dcaca6ce3c0ca233305b99",
		"6fca13e0d1314eb33951085659fac80172e356b302de49685d48eef3"
		    "5bc1b36ca99b9304f98a399beccb195b34f42c2f",
		"6fca13e0d1314eb33951085659fac80172e356b302de49685d48eef3"
		    "5bc1b36c",
		"9703168daedf1de6b4ab5acf74363222",
		"3d834c8d0b98e6005b269be097e9a8c0",
		"d61b208981d940ded1437234cce0547d0929958b3bf6055b3e76193b"
		    "b1824b13d2b6f737382d09d6576b25bed09da588",
		"480ab9c155f6bd82356430af511011e52e019a0a084924ae446798a1"
		    "1cb28e53308da83e587928a6e44a6419c7250195",
		"ee39e7f4c62d23ea36ecedb7a4beaafb4d38463975015bcd501c51f2"
		    "e4d5b103df063bdc2ff0d657a2d9be4163d40f7f",
		"a9ed28e0ba2d7d5b291cb10cd5205a2b535a7919219c5a3a4b1ad739"
		    "b2d538f8bd2507a72d05674838a330b278fdd491",
		"9d827eca3eb39f58687ebac7a849cf046b66a4ac4ce2355feff9153e"
		    "dec03be7e77b960e78c82a956b8fc9c08e9649b1f42ebbfc74c6220f"
		    "ea21c4f82e84b3600582725425585c6ce2a55afeacd4c06c",
		"b7ce07a2086f6592632e2f69f553be871099e7d95dc81ad9c20125d6"
		    "51b90225c160371ffe9babc0f19de86969000444fe0d0876895eb340"
		    "78b8b80fbcebaaaa60061ce0d411aba3ab260fe26b6f2420",
	} },
	{ "sha512", 448, 96, {
		"8abafca0e972204fd51fb020c853ea6f07d5421453f6b24de8ee8642"
		    "086d62d121a8a2cf1cdb98d5b6c8213b8dd8ea84b916eb092fd2886d"
		    "b007221266c2a2f6",
		"37bfc8d6b91a785d938512389346e4a47860ffb1244ef739664db118"
		    "c93c4b49e940fc26e7080b6679b89fcf9b967c55f63c74f78ab980fa"
		    "e5c3cb6016378d05",
		"a6c3247235228cb86205d65e782c15245bca7dfbd01701b9be5d24cd"
		    "1bcf0c13c8369ac3aa5422de4efdb45c7c959cf30cd7e3069cab83e0"
		    "e1384b3ed17bbdbe",
		"925b5eac8ec89449d4c226ec4b82e3eff24b814f50546ad2b819b01e"
		    "2f68bbc2758c49a62e29c795aac4083245a7f86cdd403aea5f8ad2b8"
		    "a494b607ffae6da8",
		"1a08022567426e89324e5cd486508652e294a6dc449753cd3c2f4db9"
		    "1501255d536ccb09bde3ff2bc859f802c9f7169a554afbc805a68d87"
		    "963283d2ea8d70e9",
		"1a08022567426e89324e5cd486508652e294a6dc449753cd3c2f4db9"
		    "1501255d536ccb09bde3ff2bc859f802c9f7169a554afbc805a68d87",
		"88bc305486c5c5bac836e5316e2da025",
		"cfe139880b7943922f0a7a908fb703c2",
		"174c2dcdf16d7830954624a77c81bebdef5647d7ee6a6e7637217102"
		    "3c3c76ef15e6455d0a64e0957dca1575b9eca1eaa2581a8ba71591fe"
		    "203e196bb8cd62f4",
		"37b7e01f22fa94570a32d1dcd2c871c0cdfd13ea20e1fe8987f0bb69"
		    "a24040ae8e6f88246cba17e29f755c2856a3fe222fff8ffb0fab9c6f"
		    "9350572904604fb5",
		"bc7b55c0eed7624bb883b3b8bfa46c980f7c8f6295761456f9219990"
		    "9b72ff8179ee9e441b0354f82280cdf5707dccd6eefc4aaa89c0dc35"
		    "245ff1646a11f396",
		"42f96118064f2c62d6b47da62eee6d4ce75fd4f053a9dbfd50407c8f"
		    "96fd3032054aa623ec4c77feffeed73ac1b95aae55e434d9fdfa7cf2"
		    "6bcf0e1b65ca8e77",
		"1d28c1ac08d0ec53ab25d0dca37afd2701f9c334bcba1ed44428444f"
		    "ac18b8a691a75c57685de3cc62f11b4972dcd71d88fc59374d8ea544"
		    "dc8f1bf803ccaaa871968b94cdaf9a95372755e8fda5be0eb84ca0ed"
		    "a38bd703b30d69098ef7f4ad",
		"e6e3a6a14d14f1cb397a90e50dfdb1e6a255b648bd86914d5bc25198"
		    "da7a9e77b8597f553c6bd4862beb1f1ff6528a82da8a94b2c8a8a9b1"
		    "b5e9efcecb4bdde558f1a21f25142c576b2715dbde5174580407f224"
		    "95fb675a9dd4513368efd152",
	} },
};

struct inputs {
	struct crypto	*c;
	struct buf	 ni, nr, gxy, gxi, gxr, cookies, sa, id, spi, rest,
			 last;
};

static void
fill(struct buf *b, unsigned seed, unsigned n)
{
	buf_init(b, n);
	for (unsigned i = 0; i < n; i++)
		buf_u8(b, (uint8_t)(seed + 7 * i));
}

static void
inputs_init(struct inputs *in)
{
	in->c = crypto_new();
	ck_assert_ptr_nonnull(in->c);
	fill(&in->ni, 0x11, 16);
	fill(&in->nr, 0x22, 20);
	fill(&in->gxy, 0x33, 128);
	fill(&in->gxi, 0x44, 128);
	fill(&in->gxr, 0x55, 128);
	buf_init(&in->cookies, 16);
	for (unsigned i = 0; i < 8; i++)
		buf_u8(&in->cookies, (uint8_t)(0x66 + 7 * i));
	for (unsigned i = 0; i < 8; i++)
		buf_u8(&in->cookies, (uint8_t)(0x77 + 7 * i));
	fill(&in->sa, 0x88, 52);
	fill(&in->id, 0x99, 8);
	fill(&in->spi, 0xaa, 4);
	fill(&in->rest, 0xbb, 60);
	fill(&in->last, 0xcc, 16);
}

static void
inputs_fini(struct inputs *in)
{
	crypto_free(in->c);
	buf_fini(&in->ni);
	buf_fini(&in->nr);
	buf_fini(&in->gxy);
	buf_fini(&in->gxi);
	buf_fini(&in->gxr);
	buf_fini(&in->cookies);
	buf_fini(&in->sa);
	buf_fini(&in->id);
	buf_fini(&in->spi);
	buf_fini(&in->rest);
	buf_fini(&in->last);
}

/* Compares with the hex digits; N limits how many bytes of them count. */
static void
want(struct view got, int row, int which, size_t n)
{
	const char *hex = rows[row].want[which];

	if (n > strlen(hex) / 2)
		n = strlen(hex) / 2;
	ck_assert_msg(got.n == n, "%s result %d: %zu bytes", rows[row].hash,
	    which, got.n);
	for (size_t i = 0; i < n; i++) {
		const char digits[] = { hex[2 * i], hex[2 * i + 1], '\0' };

		ck_assert_msg(got.p[i] == strtoul(digits, NULL, 16),
		    "%s result %d, byte %zu", rows[row].hash, which, i);
	}
}

START_TEST(skeyids_and_cipher_key)
{
	const struct alg_hash *hash = alg_hash_word(rows[_i].hash);
	struct inputs in;
	struct keys k;
	struct buf sig;

	inputs_init(&in);
	keys_init(&k);
	buf_init(&sig, HASH_LEN_MAX);
	ck_assert_int_eq(keys_skeyid_psk(in.c, hash,
	    view_text("what a secret"), buf_view(&in.ni), buf_view(&in.nr),
	    &k.skeyid), OK);
	want(buf_view(&k.skeyid), _i, SKEYID_PSK, SIZE_MAX);
	ck_assert_int_eq(keys_skeyid_sig(in.c, hash, buf_view(&in.ni),
	    buf_view(&in.nr), buf_view(&in.gxy), &sig), OK);
	want(buf_view(&sig), _i, SKEYID_SIG, SIZE_MAX);
	/* Twice: results replace what was there. */
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(keys_derive(in.c, hash, buf_view(&in.gxy),
		    buf_view(&in.cookies), rows[_i].key_bits, &k), OK);
		want(buf_view(&k.d), _i, D, SIZE_MAX);
		want(buf_view(&k.a), _i, A, SIZE_MAX);
		want(buf_view(&k.e), _i, E, SIZE_MAX);
		want(buf_view(&k.cipher), _i, CIPHER, SIZE_MAX);
	}
	buf_fini(&sig);
	keys_fini(&k);
	inputs_fini(&in);
}
END_TEST

START_TEST(first_ivs)
{
	const struct alg_hash *hash = alg_hash_word(rows[_i].hash);
	uint8_t iv[BLOCK_LEN_MAX + 1] = { 0 };
	struct inputs in;

	inputs_init(&in);
	iv[16] = 0x5a;
	ck_assert_int_eq(keys_iv_phase1(in.c, hash, buf_view(&in.gxi),
	    buf_view(&in.gxr), 16, iv), OK);
	want(view_of(iv, 16), _i, IV1, 16);
	ck_assert_int_eq(keys_iv_phase2(in.c, hash, in.last.p, MSGID, 16, iv),
	    OK);
	want(view_of(iv, 16), _i, IV2, 16);
	ck_assert_uint_eq(iv[16], 0x5a);
	iv[8] = 0x5a;
	ck_assert_int_eq(keys_iv_phase1(in.c, hash, buf_view(&in.gxi),
	    buf_view(&in.gxr), 8, iv), OK);
	want(view_of(iv, 8), _i, IV1, 8);
	ck_assert_uint_eq(iv[8], 0x5a);
	inputs_fini(&in);
}
END_TEST

/* SKEYID and its family, made by hand from the expected values. */
static void
known(struct buf *b, int row, int which)
{
	const char *hex = rows[row].want[which];

	buf_init(b, HASH_LEN_MAX);
	for (; *hex != '\0'; hex += 2) {
		const char digits[] = { hex[0], hex[1], '\0' };

		buf_u8(b, (uint8_t)strtoul(digits, NULL, 16));
	}
}

START_TEST(hashes)
{
	const struct alg_hash *hash = alg_hash_word(rows[_i].hash);
	struct buf skeyid, a, out;
	struct inputs in;
	struct keys_auth_in auth;
	struct keys_hash_in quick;

	inputs_init(&in);
	known(&skeyid, _i, SKEYID_PSK);
	known(&a, _i, A);
	buf_init(&out, HASH_LEN_MAX);
	auth = (struct keys_auth_in){
		.gx_own = buf_view(&in.gxi), .gx_other = buf_view(&in.gxr),
		.cky_own = view_of(in.cookies.p, 8),
		.cky_other = buf_from(&in.cookies, 8),
		.sa = buf_view(&in.sa), .id = buf_view(&in.id)
	};
	ck_assert_int_eq(keys_hash_auth(in.c, hash, buf_view(&skeyid), &auth,
	    &out), OK);
	want(buf_view(&out), _i, AUTH, SIZE_MAX);
	/* what GSS-API adds goes behind the identity, in this order */
	auth.gss_token = auth.id;
	auth.id = view_take(&auth.gss_token, 2);
	auth.gss_id = view_take(&auth.gss_token, 3);
	ck_assert_uint_gt(auth.gss_token.n, 0);
	ck_assert_int_eq(keys_hash_auth(in.c, hash, buf_view(&skeyid), &auth,
	    &out), OK);
	want(buf_view(&out), _i, AUTH, SIZE_MAX);
	quick = (struct keys_hash_in){
		.msgid = MSGID, .ni = buf_view(&in.ni),
		.nr = buf_view(&in.nr), .rest = buf_view(&in.rest)
	};
	ck_assert_int_eq(keys_hash_1(in.c, hash, buf_view(&a), &quick, &out),
	    OK);
	want(buf_view(&out), _i, H1, SIZE_MAX);
	ck_assert_int_eq(keys_hash_2(in.c, hash, buf_view(&a), &quick, &out),
	    OK);
	want(buf_view(&out), _i, H2, SIZE_MAX);
	ck_assert_int_eq(keys_hash_3(in.c, hash, buf_view(&a), &quick, &out),
	    OK);
	want(buf_view(&out), _i, H3, SIZE_MAX);
	buf_fini(&skeyid);
	buf_fini(&a);
	buf_fini(&out);
	inputs_fini(&in);
}
END_TEST

START_TEST(keymat)
{
	const struct alg_hash *hash = alg_hash_word(rows[_i].hash);
	struct buf d, out;
	struct inputs in;
	struct keys_keymat_in of;

	inputs_init(&in);
	known(&d, _i, D);
	buf_init(&out, rows[_i].keymat);
	of = (struct keys_keymat_in){
		.skeyid_d = buf_view(&d), .proto = PROTO_IPSEC_ESP,
		.ni = buf_view(&in.ni), .nr = buf_view(&in.nr)
	};
	memcpy(of.spi, in.spi.p, sizeof(of.spi));
	ck_assert_int_eq(keys_keymat(in.c, hash, &of, rows[_i].keymat, &out),
	    OK);
	want(buf_view(&out), _i, KEYMAT, SIZE_MAX);
	of.gxy = buf_view(&in.gxy);
	ck_assert_int_eq(keys_keymat(in.c, hash, &of, rows[_i].keymat, &out),
	    OK);
	want(buf_view(&out), _i, KEYMAT_PFS, SIZE_MAX);
	/* A shorter one is its beginning; none at all is none. */
	ck_assert_int_eq(keys_keymat(in.c, hash, &of, 17, &out), OK);
	want(buf_view(&out), _i, KEYMAT_PFS, 17);
	ck_assert_int_eq(keys_keymat(in.c, hash, &of, 0, &out), OK);
	ck_assert_uint_eq(out.n, 0);
	buf_fini(&d);
	buf_fini(&out);
	inputs_fini(&in);
}
END_TEST

/* 512 bytes, all of them part of one chain. */
START_TEST(long_keymat)
{
	const struct alg_hash *hash = alg_hash_word("sha256");
	struct buf all, out;
	struct inputs in;
	struct keys_keymat_in of;

	inputs_init(&in);
	buf_init(&all, 512);
	buf_init(&out, 512);
	of = (struct keys_keymat_in){
		.skeyid_d = view_text("d"), .proto = PROTO_IPSEC_AH,
		.ni = buf_view(&in.ni), .nr = buf_view(&in.nr)
	};
	ck_assert_int_eq(keys_keymat(in.c, hash, &of, 512, &all), OK);
	ck_assert_uint_eq(all.n, 512);
	for (size_t at = 32; at < 512; at += 32) {
		const uint8_t proto = PROTO_IPSEC_AH;
		const struct view part[] = {
			view_of(all.p + at - 32, 32), view_of(&proto, 1),
			view_of(of.spi, 4), of.ni, of.nr
		};

		buf_reset(&out);
		ck_assert_int_eq(hash_prf(in.c, hash, of.skeyid_d, part,
		    COUNT(part), &out), OK);
		ck_assert_mem_eq(out.p, all.p + at, 32);
	}
	buf_fini(&all);
	buf_fini(&out);
	inputs_fini(&in);
}
END_TEST

START_TEST(refusals)
{
	const struct alg_hash *hash = alg_hash_word("sha256");
	const struct alg_hash unknown = { .id = 99, .word = "x", .len = 32 };
	static const unsigned wrong_bits[] = { 0, 129, 456, 4096 };
	struct inputs in;
	struct keys k;
	struct keys_keymat_in of = { .proto = PROTO_IPSEC_ESP };
	struct buf small, out;
	uint8_t iv[BLOCK_LEN_MAX];

	inputs_init(&in);
	keys_init(&k);
	buf_init(&small, 15);
	buf_init(&out, 1024);
	ck_assert_int_eq(keys_skeyid_psk(in.c, hash, view_text(""),
	    buf_view(&in.ni), buf_view(&in.nr), &k.skeyid), OK);
	for (unsigned i = 0; i < COUNT(wrong_bits); i++) {
		ck_assert_int_eq(keys_derive(in.c, hash, buf_view(&in.gxy),
		    buf_view(&in.cookies), wrong_bits[i], &k), E_LENGTH);
	}
	ck_assert_int_eq(keys_derive(in.c, &unknown, buf_view(&in.gxy),
	    buf_view(&in.cookies), 128, &k), E_CRYPTO);
	ck_assert_int_eq(keys_keymat(in.c, hash, &of, 513, &out), E_LENGTH);
	ck_assert_int_eq(keys_keymat(in.c, hash, &of, 16, &small), E_LIMIT);
	ck_assert_int_eq(keys_keymat(in.c, &unknown, &of, 16, &out), E_CRYPTO);
	ck_assert_int_eq(keys_iv_phase1(in.c, &unknown, buf_view(&in.gxi),
	    buf_view(&in.gxr), 16, iv), E_CRYPTO);
	ck_assert_int_eq(keys_skeyid_sig(in.c, hash, buf_view(&in.ni),
	    buf_view(&in.nr), buf_view(&in.gxy), &small), E_LIMIT);
	keys_fini(&k);
	buf_fini(&small);
	buf_fini(&out);
	inputs_fini(&in);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("keys");
	TCase *t = tcase_create("keys");
	SRunner *r;
	int failed, n = (int)COUNT(rows);

	tcase_add_loop_test(t, skeyids_and_cipher_key, 0, n);
	tcase_add_loop_test(t, first_ivs, 0, n);
	tcase_add_loop_test(t, hashes, 0, n);
	tcase_add_loop_test(t, keymat, 0, n);
	tcase_add_test(t, long_keymat);
	tcase_add_test(t, refusals);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
