/* SPDX-License-Identifier: ISC */
/* Keys out of files and numbers, and signatures with them. */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "crypto/sign.h"
#include "test/bytes.h"
#include "test/pki.h"
#include "test/suite.h"
#include "wire/isakmp.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static struct crypto *
must_new(void)
{
	struct crypto *c = crypto_new();

	ck_assert_ptr_nonnull(c);
	return c;
}

static struct key *
must_read(const struct crypto *c, const EVP_PKEY *pkey, const char *format)
{
	struct key *k = NULL;
	const char *why = "";
	struct buf file;

	buf_init(&file, KEY_FILE_MAX);
	pki_put_key(&file, pkey, format);
	ck_assert_msg(key_read(c, buf_view(&file), &k, &why) == OK, "%s", why);
	buf_fini(&file);
	return k;
}

static void
must_refuse(const struct crypto *c, struct view file, const char *reason)
{
	struct key *k = NULL;
	const char *why = "";

	ck_assert_int_eq(key_read(c, file, &k, &why), E_CONFIG);
	ck_assert_msg(strstr(why, reason) != NULL, "%s", why);
	ck_assert_ptr_null(k);
}

/* ---- files ---- */

START_TEST(formats)
{
	static const struct {
		const char	*kind;
		enum key_kind	 is;
		unsigned	 bits;
	} row[] = {
		{ "RSA:1024", KEY_RSA, 1024 }, { "RSA:1030", KEY_RSA, 1030 },
		{ "P-256", KEY_EC256, 256 }, { "P-384", KEY_EC384, 384 },
		{ "P-521", KEY_EC521, 521 },
	};
	static const char *const format[] = { "PEM", "PEM-OLD", "DER" };
	struct crypto *c = must_new();

	for (unsigned i = 0; i < COUNT(row); i++) {
		EVP_PKEY *pkey = pki_key(row[i].kind);
		struct key *first = must_read(c, pkey, "PEM");

		for (unsigned j = 0; j < COUNT(format); j++) {
			struct key *k = must_read(c, pkey, format[j]);

			ck_assert_uint_eq(key_kind(k), row[i].is);
			ck_assert_uint_eq(key_bits(k), row[i].bits);
			ck_assert(key_private(k));
			ck_assert(key_equal(first, k));
			key_unref(k);
		}
		key_unref(first);
		EVP_PKEY_free(pkey);
	}
	crypto_free(c);
}
END_TEST

/* A file with everything in it, as "cat cert.pem key.pem" makes it. */
START_TEST(after_other_things)
{
	struct crypto *c = must_new();
	EVP_PKEY *pkey = pki_key("P-256"), *other = pki_key("P-256");
	X509 *ca = pki_ca("a", pkey);
	struct key *k, *same, *different;
	const char *why = "";
	struct buf file;

	buf_init(&file, KEY_FILE_MAX);
	buf_add(&file, view_text("some words\n-----BEGIN EC PARAMETERS-----\n"
	    "BggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"));
	pki_put_cert(&file, ca, true);
	pki_put_key(&file, pkey, "PEM-OLD");
	ck_assert_int_eq(key_read(c, buf_view(&file), &k, &why), OK);
	same = must_read(c, pkey, "PEM");
	different = must_read(c, other, "PEM");
	ck_assert(key_equal(k, same));
	ck_assert(!key_equal(k, different));
	key_unref(k);
	key_unref(same);
	key_unref(different);
	buf_reset(&file);
	pki_put_cert(&file, ca, true);
	must_refuse(c, buf_view(&file), "holds no private key");
	buf_fini(&file);
	X509_free(ca);
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(other);
	crypto_free(c);
}
END_TEST

static void
refuse_kind(const struct crypto *c, const char *kind, const char *reason)
{
	EVP_PKEY *pkey = pki_key(kind);
	struct buf file;

	buf_init(&file, KEY_FILE_MAX);
	pki_put_key(&file, pkey, "PEM");
	must_refuse(c, buf_view(&file), reason);
	buf_fini(&file);
	EVP_PKEY_free(pkey);
}

START_TEST(unusable)
{
	struct crypto *c = must_new();
	EVP_PKEY *pkey = pki_key("P-256");
	BIO *bio = BIO_new(BIO_s_mem());
	struct buf zeros;
	char *p;
	long n;

	refuse_kind(c, "RSA:1022", "less than 1024 bits");
	refuse_kind(c, "secp256k1", "a curve that IKE has no method for");
	refuse_kind(c, "P-224", "a curve that IKE has no method for");
	refuse_kind(c, "ED25519", "neither RSA nor ECDSA");
	must_refuse(c, view_of("", 0), "is empty");
	must_refuse(c, view_text("hello"), "holds no private key");
	ck_assert_int_eq(PEM_write_bio_PKCS8PrivateKey(bio, pkey,
	    EVP_aes_128_cbc(), "secret", 6, NULL, NULL), 1);
	n = BIO_get_mem_data(bio, &p);
	must_refuse(c, view_of(p, (size_t)n), "is encrypted");
	buf_init(&zeros, KEY_FILE_MAX + 1);
	buf_zero(&zeros, KEY_FILE_MAX + 1);
	must_refuse(c, buf_view(&zeros), "too long");
	buf_fini(&zeros);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	crypto_free(c);
}
END_TEST

/* Every byte of a key's file changed: an error, or a key that works. */
START_TEST(damaged)
{
	struct crypto *c = must_new();
	EVP_PKEY *pkey = pki_key("P-256");
	struct buf file;
	unsigned good = 0;

	buf_init(&file, KEY_FILE_MAX);
	pki_put_key(&file, pkey, "DER");
	for (size_t i = 0; i < file.n; i++) {
		struct key *k = NULL;
		const char *why = NULL;

		file.p[i] ^= 0x41;
		if (key_read(c, buf_view(&file), &k, &why) == OK)
			good++;
		else
			ck_assert_ptr_nonnull(why);
		key_unref(k);
		file.p[i] ^= 0x41;
	}
	ck_assert_uint_lt(good, file.n / 4);
	buf_fini(&file);
	EVP_PKEY_free(pkey);
	crypto_free(c);
}
END_TEST

/* ---- numbers ---- */

struct numbers {
	struct buf	 part[8];
	struct key_rsa	 rsa;
};

static void
numbers_take(struct numbers *b, const EVP_PKEY *pkey)
{
	static const char *const name[8] = {
		OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E,
		OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1,
		OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
		OSSL_PKEY_PARAM_RSA_EXPONENT2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1
	};
	struct view *to[8] = { &b->rsa.n, &b->rsa.e, &b->rsa.d, &b->rsa.p,
		&b->rsa.q, &b->rsa.dp, &b->rsa.dq, &b->rsa.qinv };

	for (unsigned i = 0; i < 8; i++) {
		BIGNUM *n = NULL;
		size_t len;

		ck_assert_int_eq(EVP_PKEY_get_bn_param(pkey, name[i], &n), 1);
		len = (size_t)BN_num_bytes(n);
		buf_init(&b->part[i], 4096);
		BN_bn2bin(n, buf_room(&b->part[i], len));
		*to[i] = buf_view(&b->part[i]);
		BN_free(n);
	}
}

static void
numbers_done(struct numbers *b)
{
	for (unsigned i = 0; i < 8; i++)
		buf_fini(&b->part[i]);
}

static void
numbers_refused(const struct crypto *c, const struct key_rsa *rsa,
    const char *reason)
{
	struct key *k = NULL;
	const char *why = "";

	ck_assert_int_eq(key_from_rsa(c, rsa, &k, &why), E_CONFIG);
	ck_assert_msg(strstr(why, reason) != NULL, "%s", why);
	ck_assert_ptr_null(k);
}

START_TEST(from_numbers)
{
	struct crypto *c = must_new();
	EVP_PKEY *pkey = pki_key("RSA:1024");
	struct key *file = must_read(c, pkey, "PEM"), *k;
	const char *why = "";
	struct numbers b;
	struct key_rsa rsa;

	numbers_take(&b, pkey);
	ck_assert_int_eq(key_from_rsa(c, &b.rsa, &k, &why), OK);
	ck_assert(key_private(k) && key_equal(k, file));
	key_unref(k);
	rsa = (struct key_rsa){ .n = b.rsa.n, .e = b.rsa.e, .d = b.rsa.d };
	ck_assert_int_eq(key_from_rsa(c, &rsa, &k, &why), OK);
	ck_assert(key_private(k) && key_equal(k, file));
	key_unref(k);
	rsa = (struct key_rsa){ .n = b.rsa.n, .e = b.rsa.e };
	ck_assert_int_eq(key_from_rsa(c, &rsa, &k, &why), OK);
	ck_assert(!key_private(k) && key_equal(k, file));
	key_unref(k);
	key_unref(file);
	numbers_done(&b);
	EVP_PKEY_free(pkey);
	crypto_free(c);
}
END_TEST

START_TEST(from_wrong_numbers)
{
	static const uint8_t one[] = { 1 }, two[] = { 2 }, none[] = { 0, 0 };
	struct crypto *c = must_new();
	EVP_PKEY *pkey = pki_key("RSA:1024");
	struct numbers b;
	struct key_rsa rsa;
	struct buf longer;

	numbers_take(&b, pkey);
	rsa = (struct key_rsa){ .n = b.rsa.n };
	numbers_refused(c, &rsa, "without modulus or public exponent");
	rsa.e = view_of(one, 1);
	numbers_refused(c, &rsa, "even or 1");
	rsa.e = view_of(two, 1);
	numbers_refused(c, &rsa, "even or 1");
	rsa.e = view_of(none, 2);
	numbers_refused(c, &rsa, "even or 1");
	rsa.e = b.rsa.n;
	numbers_refused(c, &rsa, "longer than the modulus");
	rsa = (struct key_rsa){ .n = b.rsa.p, .e = b.rsa.e };
	numbers_refused(c, &rsa, "less than 1024 bits");
	b.part[0].p[b.part[0].n - 1] ^= 1;
	rsa = (struct key_rsa){ .n = b.rsa.n, .e = b.rsa.e };
	numbers_refused(c, &rsa, "even modulus");
	b.part[0].p[b.part[0].n - 1] ^= 1;
	/* Any of the private numbers wrong, or one of them missing. */
	for (unsigned i = 2; i < 8; i++) {
		b.part[i].p[b.part[i].n - 1] ^= 2;
		numbers_refused(c, &b.rsa, "belong to");
		b.part[i].p[b.part[i].n - 1] ^= 2;
	}
	rsa = b.rsa;
	rsa.qinv = view_of(NULL, 0);
	numbers_refused(c, &rsa, "belong together");
	rsa = b.rsa;
	rsa.d = view_of(NULL, 0);
	numbers_refused(c, &rsa, "belong together");
	buf_init(&longer, 4096);
	buf_zero(&longer, SIGN_LEN_MAX + 1);
	rsa.n = buf_view(&longer);
	numbers_refused(c, &rsa, "more than 16384 bits");
	buf_fini(&longer);
	numbers_done(&b);
	EVP_PKEY_free(pkey);
	crypto_free(c);
}
END_TEST

/* ---- signatures ---- */

START_TEST(methods)
{
	ck_assert_uint_eq(sign_method(KEY_RSA), 3);
	ck_assert_uint_eq(sign_method(KEY_EC256), 9);
	ck_assert_uint_eq(sign_method(KEY_EC384), 10);
	ck_assert_uint_eq(sign_method(KEY_EC521), 11);
	ck_assert(sign_fits(KEY_RSA, P1_METHOD_RSA));
	ck_assert(!sign_fits(KEY_RSA, P1_METHOD_ECDSA256));
	ck_assert(!sign_fits(KEY_EC256, P1_METHOD_ECDSA384));
	ck_assert(!sign_fits(KEY_RSA, P1_METHOD_PSK));
	ck_assert(!sign_fits(KEY_RSA, P1_METHOD_DSS));
	ck_assert_ptr_null(sign_hash(P1_METHOD_RSA));
	ck_assert_uint_eq(sign_hash(P1_METHOD_ECDSA256)->id, P1_HASH_SHA256);
	ck_assert_uint_eq(sign_hash(P1_METHOD_ECDSA384)->id, P1_HASH_SHA384);
	ck_assert_uint_eq(sign_hash(P1_METHOD_ECDSA521)->id, P1_HASH_SHA512);
}
END_TEST

static void
try_kind(const struct crypto *c, const char *kind, size_t len)
{
	EVP_PKEY *pkey = pki_key(kind), *stranger = pki_key(kind);
	struct key *k = must_read(c, pkey, "PEM");
	struct key *other = must_read(c, stranger, "PEM");
	uint16_t method = sign_method(key_kind(k));
	uint8_t hash[64];
	struct buf sig;
	struct view s;

	for (unsigned i = 0; i < sizeof(hash); i++)
		hash[i] = (uint8_t)(0x80 + i);
	buf_init(&sig, SIGN_LEN_MAX + 8);
	buf_u64(&sig, 7);
	for (size_t n = 16; n <= sizeof(hash); n += 4) {
		struct view h = view_of(hash, n);

		buf_cut(&sig, 8);
		ck_assert_int_eq(sign_make(c, k, method, h, &sig), OK);
		s = buf_from(&sig, 8);
		ck_assert_uint_eq(s.n, len);
		ck_assert_int_eq(sign_check(c, k, method, h, s), OK);
		ck_assert_int_eq(sign_check(c, other, method, h, s),
		    E_SIGNATURE);
		hash[0] ^= 0x80;
		ck_assert_int_eq(sign_check(c, k, method, h, s), E_SIGNATURE);
		hash[0] ^= 0x80;
		s.n--;
		ck_assert_int_eq(sign_check(c, k, method, h, s), E_SIGNATURE);
		s.p++;
		ck_assert_int_eq(sign_check(c, k, method, h, s), E_SIGNATURE);
	}
	for (size_t i = 8; i < sig.n; i++) {
		sig.p[i] ^= 0x10;
		ck_assert_int_eq(sign_check(c, k, method, view_of(hash,
		    sizeof(hash)), buf_from(&sig, 8)), E_SIGNATURE);
		sig.p[i] ^= 0x10;
	}
	buf_fini(&sig);
	key_unref(k);
	key_unref(other);
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(stranger);
}

START_TEST(sign_and_check)
{
	struct crypto *c = must_new();

	try_kind(c, "RSA:1024", 128);
	try_kind(c, "RSA:1029", 129);
	try_kind(c, "P-256", 64);
	try_kind(c, "P-384", 96);
	try_kind(c, "P-521", 132);
	crypto_free(c);
}
END_TEST

/* RFC 2409 5.1: nothing but 00 01 FF...FF 00 and the hash; no DigestInfo. */
START_TEST(rsa_block)
{
	struct crypto *c = must_new();
	EVP_PKEY *pkey = pki_key("RSA:1024");
	struct key *k = must_read(c, pkey, "PEM");
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	uint8_t hash[20], block[128];
	size_t n = sizeof(block);
	struct buf sig;

	memset(hash, 0x5a, sizeof(hash));
	buf_init(&sig, SIGN_LEN_MAX);
	ck_assert_int_eq(sign_make(c, k, P1_METHOD_RSA, view_of(hash, 20),
	    &sig), OK);
	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_encrypt(ctx, block, &n, sig.p, sig.n), 1);
	ck_assert_uint_eq(n, 128);
	ck_assert(block[0] == 0 && block[1] == 1 && block[107] == 0);
	for (unsigned i = 2; i < 107; i++)
		ck_assert_uint_eq(block[i], 0xff);
	ck_assert_mem_eq(block + 108, hash, 20);
	buf_fini(&sig);
	EVP_PKEY_CTX_free(ctx);
	key_unref(k);
	EVP_PKEY_free(pkey);
	crypto_free(c);
}
END_TEST

/* What the private key would never sign: each raised with it by hand. */
START_TEST(rsa_forged_blocks)
{
	static const uint8_t der[] = { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05,
		0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14 };
	struct crypto *c = must_new();
	EVP_PKEY *pkey = pki_key("RSA:1024");
	struct key *k = must_read(c, pkey, "PEM");
	uint8_t hash[20], block[128], sig[128];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);

	memset(hash, 0x5a, sizeof(hash));
	ck_assert_int_eq(EVP_PKEY_decrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	for (unsigned kind = 0; kind < 7; kind++) {
		size_t n = sizeof(sig);

		memset(block, 0xff, sizeof(block));
		block[0] = 0;
		block[1] = 1;
		block[107] = 0;
		memcpy(block + 108, hash, 20);
		if (kind == 1)		/* block type 2 */
			block[1] = 2;
		if (kind == 2)		/* other padding */
			block[50] = 0xfe;
		if (kind == 3) {	/* the hash early, garbage behind it */
			block[10] = 0;
			memcpy(block + 11, hash, 20);
			memset(block + 31, 0, 97);
		}
		if (kind == 4) {	/* with a DigestInfo */
			block[92] = 0;
			memcpy(block + 93, der, sizeof(der));
		}
		if (kind == 5)		/* one byte more than the hash */
			block[106] = 0;
		if (kind == 6)		/* without an end of the padding */
			block[107] = 0xff;
		ck_assert_int_eq(EVP_PKEY_decrypt(ctx, sig, &n, block,
		    sizeof(block)), 1);
		ck_assert_int_eq(sign_check(c, k, P1_METHOD_RSA,
		    view_of(hash, 20), view_of(sig, 128)),
		    kind == 0 ? OK : E_SIGNATURE);
	}
	EVP_PKEY_CTX_free(ctx);
	key_unref(k);
	EVP_PKEY_free(pkey);
	crypto_free(c);
}
END_TEST

START_TEST(ec_extremes)
{
	struct crypto *c = must_new();
	EVP_PKEY *pkey = pki_key("P-256");
	struct key *k = must_read(c, pkey, "PEM");
	uint8_t hash[32] = { 1 }, sig[64];

	memset(sig, 0, sizeof(sig));
	ck_assert_int_eq(sign_check(c, k, P1_METHOD_ECDSA256,
	    view_of(hash, 32), view_of(sig, 64)), E_SIGNATURE);
	memset(sig, 0xff, sizeof(sig));
	ck_assert_int_eq(sign_check(c, k, P1_METHOD_ECDSA256,
	    view_of(hash, 32), view_of(sig, 64)), E_SIGNATURE);
	ck_assert_int_eq(sign_check(c, k, P1_METHOD_ECDSA384,
	    view_of(hash, 32), view_of(sig, 64)), E_SIGNATURE);
	ck_assert_int_eq(sign_check(c, k, P1_METHOD_RSA,
	    view_of(hash, 32), view_of(sig, 64)), E_SIGNATURE);
	ck_assert_int_eq(sign_check(c, k, P1_METHOD_ECDSA256,
	    view_of(hash, 0), view_of(sig, 64)), E_SIGNATURE);
	ck_assert_int_eq(sign_check(c, k, P1_METHOD_ECDSA256,
	    view_of(hash, 32), view_of(sig, 0)), E_SIGNATURE);
	key_unref(k);
	EVP_PKEY_free(pkey);
	crypto_free(c);
}
END_TEST

START_TEST(signing_wants_a_private_key)
{
	struct crypto *c = must_new();
	EVP_PKEY *pkey = pki_key("RSA:1024");
	struct numbers b;
	struct key_rsa rsa;
	struct key *k;
	const char *why;
	struct buf sig;

	numbers_take(&b, pkey);
	rsa = (struct key_rsa){ .n = b.rsa.n, .e = b.rsa.e };
	ck_assert_int_eq(key_from_rsa(c, &rsa, &k, &why), OK);
	buf_init(&sig, SIGN_LEN_MAX);
	ck_assert_int_eq(sign_make(c, k, P1_METHOD_RSA, view_text("hash"),
	    &sig), E_CRYPTO);
	ck_assert_uint_eq(sig.n, 0);
	key_unref(k);
	ck_assert_int_eq(key_from_rsa(c, &b.rsa, &k, &why), OK);
	ck_assert_int_eq(sign_make(c, k, P1_METHOD_ECDSA256,
	    view_text("hash"), &sig), E_CRYPTO);
	ck_assert_int_eq(sign_make(c, k, P1_METHOD_RSA, view_of(b.rsa.n.p,
	    128), &sig), E_CRYPTO);
	ck_assert_uint_eq(sig.n, 0);
	buf_fini(&sig);
	buf_init(&sig, 127);
	ck_assert_int_eq(sign_make(c, k, P1_METHOD_RSA, view_text("hash"),
	    &sig), E_LIMIT);
	buf_fini(&sig);
	key_unref(k);
	numbers_done(&b);
	EVP_PKEY_free(pkey);
	crypto_free(c);
}
END_TEST

/* RFC 4754 8.1: the message "abc" on P-256. */
START_TEST(rfc4754_vector)
{
	static const char private_der[] =
	    "30770201010420"
	    "dc51d3866a15bacde33d96f992fca99da7e6ef0934e7097559c27f1614c88a7f"
	    "a00a06082a8648ce3d030107a14403420004"
	    "2442a5cc0ecd015fa3ca31dc8e2bbc70bf42d60cbca20085e0822cb04235e970"
	    "6fc98bd7e50211a4a27102fa3549df79ebcb4bf246b80945cddfe7d509bbfd7d";
	static const char rs[] =
	    "cb28e0999b9c7715fd0a80d8e47a77079716cbbf917dd72e97566ea1c066957c"
	    "86fa3bb4e26cad5bf90b7f81899256ce7594bb1ea0c89212748bff3b3d5b0315";
	struct crypto *c = must_new();
	uint8_t hash[32];
	struct key *k;
	const char *why = "";
	struct bytes der = hex(private_der), sig = hex(rs);

	SHA256((const unsigned char *)"abc", 3, hash);
	ck_assert_msg(key_read(c, bytes_view(&der), &k, &why) == OK, "%s", why);
	ck_assert_int_eq(sign_check(c, k, P1_METHOD_ECDSA256,
	    view_of(hash, 32), bytes_view(&sig)), OK);
	key_unref(k);
	crypto_free(c);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		formats, after_other_things, unusable, damaged,
		from_numbers, from_wrong_numbers,
		methods, sign_and_check, rsa_block, rsa_forged_blocks,
		ec_extremes, signing_wants_a_private_key, rfc4754_vector,
	};

	return suite_main("sign", tests, COUNT(tests));
}
