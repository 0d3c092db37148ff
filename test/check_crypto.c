/* SPDX-License-Identifier: ISC */
/* Tables, digests, HMAC and CBC against published vectors. */
#include <check.h>
#include <stdlib.h>

#include "crypto/alg.h"
#include "crypto/cipher.h"
#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "wire/isakmp.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static void
put_hex(struct buf *out, const char *hex)
{
	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
		const char digits[] = { hex[0], hex[1], '\0' };

		buf_u8(out, (uint8_t)strtoul(digits, NULL, 16));
	}
}

static void
want_hex(struct view got, const char *hex)
{
	struct buf want;

	buf_init(&want, 4096);
	put_hex(&want, hex);
	ck_assert_uint_eq(got.n, want.n);
	ck_assert_mem_eq(got.p, want.p, want.n);
	buf_fini(&want);
}

static struct crypto *
must_new(void)
{
	struct crypto *c = crypto_new();

	ck_assert_ptr_nonnull(c);
	return c;
}

/* ---- the tables ---- */

START_TEST(words_and_numbers)
{
	ck_assert_uint_eq(alg_cipher_word("rijndael")->id, P1_CIPHER_AES);
	ck_assert_str_eq(alg_cipher(P1_CIPHER_AES)->word, "aes");
	ck_assert_ptr_null(alg_cipher_word("idea"));
	ck_assert_ptr_null(alg_cipher(0));
	ck_assert_str_eq(alg_hash(P1_HASH_SHA256)->word, "sha256");
	ck_assert_uint_eq(alg_hash_word("sha2_512")->id, P1_HASH_SHA512);
	ck_assert_ptr_null(alg_hash_word("hmac_md5"));
	ck_assert_ptr_null(alg_hash(3));
	ck_assert_uint_eq(alg_group_word("modp3072")->id, 15);
	ck_assert_ptr_null(alg_group(3));
	ck_assert_ptr_null(alg_group_word("ec2n155"));
	ck_assert_str_eq(alg_esp(ESP_NULL)->word, "null_enc");
	ck_assert_uint_eq(alg_esp_word("null")->id, ESP_NULL);
	ck_assert_uint_eq(alg_esp_word("twofish")->id, 253);
	ck_assert_ptr_null(alg_esp_word("rc4"));
	ck_assert_str_eq(alg_auth(P2_AUTH_SHA256)->word, "hmac_sha256");
	ck_assert_uint_eq(alg_auth_word("hmac_sha2_384")->ah, AH_SHA384);
	ck_assert_str_eq(alg_auth(0)->word, "non_auth");
	ck_assert_ptr_null(alg_auth_word("kpdk"));
	ck_assert_str_eq(alg_comp(IPCOMP_DEFLATE)->word, "deflate");
	ck_assert_uint_eq(alg_comp_word("lzs")->id, 3);
	ck_assert_ptr_null(alg_comp_word("gzip"));
	ck_assert(alg_cipher_word("des")->weak);
	ck_assert(alg_hash_word("md5")->weak);
	ck_assert(alg_group(2)->weak);
	ck_assert(!alg_group(15)->weak);
}
END_TEST

START_TEST(key_lengths)
{
	static const struct {
		const char	*word;
		unsigned	 bits;
		bool		 good;
	} row[] = {
		{ "aes", 128, true }, { "aes", 192, true },
		{ "aes", 256, true }, { "aes", 160, false },
		{ "aes", 0, false }, { "aes", 320, false },
		{ "3des", 192, true }, { "3des", 168, false },
		{ "des", 64, true }, { "des", 56, false },
		{ "blowfish", 40, true }, { "blowfish", 448, true },
		{ "blowfish", 44, false }, { "blowfish", 456, false },
		{ "cast128", 128, true }, { "cast128", 136, false },
	};

	for (unsigned i = 0; i < COUNT(row); i++) {
		ck_assert_msg(alg_cipher_bits(alg_cipher_word(row[i].word),
		    row[i].bits) == row[i].good, "%s %u", row[i].word,
		    row[i].bits);
	}
}
END_TEST

/* ---- crypto.c ---- */

START_TEST(comparing)
{
	static const uint8_t a[] = "abcd", b[] = "abce";
	struct view bad = { .p = a, .n = 4, .bad = true };

	ck_assert(crypto_equal(view_of(a, 4), view_of("abcd", 4)));
	ck_assert(!crypto_equal(view_of(a, 4), view_of(b, 4)));
	ck_assert(!crypto_equal(view_of(a, 4), view_of(a, 3)));
	ck_assert(crypto_equal(view_of(a, 3), view_of(b, 3)));
	ck_assert(crypto_equal(view_of(NULL, 0), view_of(a, 0)));
	ck_assert(!crypto_equal(bad, view_of(a, 4)));
}
END_TEST

START_TEST(random_and_wiping)
{
	struct crypto *c = must_new();
	uint8_t a[32] = { 0 }, b[32] = { 0 }, zero[32] = { 0 };

	ck_assert_int_eq(crypto_random(c, a, sizeof(a)), OK);
	ck_assert_int_eq(crypto_random(c, b, sizeof(b)), OK);
	ck_assert_mem_ne(a, b, sizeof(a));
	ck_assert_mem_ne(a, zero, sizeof(a));
	crypto_wipe(a, sizeof(a));
	ck_assert_mem_eq(a, zero, sizeof(a));
	ck_assert_int_eq(crypto_random(c, NULL, 0), OK);
	ck_assert_int_eq(strncmp(crypto_version(), "OpenSSL ", 8), 0);
	crypto_free(c);
	crypto_free(NULL);
}
END_TEST

/* ---- hash.c ---- */

/* Keys and data are a text, or one byte many times, as in the RFCs. */
struct bytes {
	const char	*text;
	unsigned	 n;		/* 0: the text itself */
};

#define TEXT(s)		{ s, 0 }
#define TIMES(n, s)	{ s, n }
#define LONG_KEY	"Test Using Larger Than Block-Size Key - Hash Key First"
#define LONG_1		"Test Using Larger Than Block-Size Key and Larger " \
			"Than One Block-Size Data"
#define LONG_2		"This is a test using a larger than block-size key " \
			"and a larger than block-size data. The key needs to " \
			"be hashed before being used by the HMAC algorithm."
#define COUNTED		"\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22" \
			"\23\24\25\26\27\30\31"

static const struct {
	uint16_t	 hash;
	struct bytes	 key, data;
	const char	*mac;
} hmacs[] = {
	/* RFC 2202 2 */
	{ 1, TIMES(16, "\x0b"), TEXT("Hi There"),
	    "9294727a3638bb1c13f48ef8158bfc9d" },
	{ 1, TEXT("Jefe"), TEXT("what do ya want for nothing?"),
	    "750c783e6ab0b503eaa86e310a5db738" },
	{ 1, TIMES(16, "\xaa"), TIMES(50, "\xdd"),
	    "56be34521d144c88dbb8c733f0e8b3f6" },
	{ 1, TEXT(COUNTED), TIMES(50, "\xcd"),
	    "697eaf0aca3a3aea3a75164746ffaa79" },
	{ 1, TIMES(80, "\xaa"), TEXT(LONG_KEY),
	    "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd" },
	{ 1, TIMES(80, "\xaa"), TEXT(LONG_1),
	    "6f630fad67cda0ee1fb1f562db3aa53e" },
	/* RFC 2202 3 */
	{ 2, TIMES(20, "\x0b"), TEXT("Hi There"),
	    "b617318655057264e28bc0b6fb378c8ef146be00" },
	{ 2, TEXT("Jefe"), TEXT("what do ya want for nothing?"),
	    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
	{ 2, TIMES(20, "\xaa"), TIMES(50, "\xdd"),
	    "125d7342b9ac11cd91a39af48aa17b4f63f175d3" },
	{ 2, TEXT(COUNTED), TIMES(50, "\xcd"),
	    "4c9007f4026250c6bc8414f9bf50c86c2d7235da" },
	{ 2, TIMES(80, "\xaa"), TEXT(LONG_KEY),
	    "aa4ae5e15272d00e95705637ce8a3b55ed402112" },
	{ 2, TIMES(80, "\xaa"), TEXT(LONG_1),
	    "e8e99d0f45237d786d6bbaa7965c7808bbff1a91" },
	/* RFC 4231 4.2, 4.3, 4.5, 4.7 and 4.8 */
	{ 4, TIMES(20, "\x0b"), TEXT("Hi There"),
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ 4, TEXT("Jefe"), TEXT("what do ya want for nothing?"),
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ 4, TEXT(COUNTED), TIMES(50, "\xcd"),
	    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
	{ 4, TIMES(131, "\xaa"), TEXT(LONG_KEY),
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
	{ 4, TIMES(131, "\xaa"), TEXT(LONG_2),
	    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
	{ 5, TIMES(20, "\x0b"), TEXT("Hi There"),
	    "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec6"
	    "82aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6" },
	{ 5, TIMES(131, "\xaa"), TEXT(LONG_KEY),
	    "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f"
	    "3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952" },
	{ 5, TIMES(131, "\xaa"), TEXT(LONG_2),
	    "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9a"
	    "dccebb82461e99c5a678cc31e799176d3860e6110c46523e" },
	{ 6, TIMES(20, "\x0b"), TEXT("Hi There"),
	    "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
	    "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
	{ 6, TIMES(131, "\xaa"), TEXT(LONG_KEY),
	    "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
	    "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598" },
	{ 6, TIMES(131, "\xaa"), TEXT(LONG_2),
	    "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
	    "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58" },
	/* An empty key and no data: Python's hmac.new(b'', b'', 'sha256') */
	{ 4, TEXT(""), TEXT(""),
	    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
};

static void
put_bytes(struct buf *out, struct bytes b)
{
	buf_reset(out);
	if (b.n == 0)
		buf_put(out, b.text, strlen(b.text));
	for (unsigned i = 0; i < b.n; i++)
		buf_put(out, b.text, 1);
}

START_TEST(hmac_vectors)
{
	struct crypto *c = must_new();
	struct buf key, data, mac;

	buf_init(&key, 256);
	buf_init(&data, 256);
	buf_init(&mac, HASH_LEN_MAX + 1);
	for (unsigned i = 0; i < COUNT(hmacs); i++) {
		const struct alg_hash *alg = alg_hash(hmacs[i].hash);
		struct view part[3];

		put_bytes(&key, hmacs[i].key);
		put_bytes(&data, hmacs[i].data);
		part[0] = view_of(data.p, data.n / 3);
		part[1] = view_of(NULL, 0);
		part[2] = buf_from(&data, data.n / 3);
		buf_reset(&mac);
		buf_u8(&mac, 0x5a);	/* it must be appended */
		ck_assert_int_eq(hash_prf(c, alg, buf_view(&key), part, 3,
		    &mac), OK);
		ck_assert_uint_eq(mac.p[0], 0x5a);
		want_hex(buf_from(&mac, 1), hmacs[i].mac);
	}
	buf_fini(&key);
	buf_fini(&data);
	buf_fini(&mac);
	crypto_free(c);
}
END_TEST

/* "abc": RFC 1321 A.5 and FIPS 180-2, appendices A to D */
START_TEST(digest_vectors)
{
	static const struct {
		uint16_t	 hash;
		const char	*sum;
	} row[] = {
		{ 1, "900150983cd24fb0d6963f7d28e17f72" },
		{ 2, "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ 4, "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad" },
		{ 5, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
		    "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
		{ 6, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b"
		    "55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9a"
		    "c94fa54ca49f" },
	};
	const struct view part[] = { view_text("ab"), view_text(""),
	    view_text("c") };
	struct crypto *c = must_new();
	struct buf out;

	buf_init(&out, HASH_LEN_MAX);
	for (unsigned i = 0; i < COUNT(row); i++) {
		buf_reset(&out);
		ck_assert_int_eq(hash_digest(c, alg_hash(row[i].hash), part, 3,
		    &out), OK);
		want_hex(buf_view(&out), row[i].sum);
	}
	buf_fini(&out);
	crypto_free(c);
}
END_TEST

START_TEST(hash_refuses)
{
	const struct alg_hash unknown = { .id = 99, .word = "x", .len = 20 };
	const struct alg_hash *sha1 = alg_hash(P1_HASH_SHA1);
	const struct view good = view_text("data");
	const struct view bad = { .p = NULL, .n = 0, .bad = true };
	struct crypto *c = must_new();
	struct buf out, small;

	buf_init(&out, 64);
	buf_init(&small, 19);
	ck_assert_int_eq(hash_digest(c, &unknown, &good, 1, &out), E_CRYPTO);
	ck_assert_int_eq(hash_prf(c, &unknown, good, &good, 1, &out), E_CRYPTO);
	ck_assert_int_eq(hash_digest(c, sha1, &bad, 1, &out), E_CRYPTO);
	ck_assert_int_eq(hash_prf(c, sha1, good, &bad, 1, &out), E_CRYPTO);
	ck_assert_int_eq(hash_prf(c, sha1, bad, &good, 1, &out), E_CRYPTO);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_int_eq(hash_digest(c, sha1, &good, 1, &small), E_LIMIT);
	buf_fini(&out);
	buf_fini(&small);
	crypto_free(c);
}
END_TEST

/* ---- cipher.c ---- */

#define CAMELLIA	"0123456789abcdeffedcba9876543210"
#define ZERO		"00000000000000000000000000000000"

static const struct {
	const char	*word, *key, *iv, *plain, *sealed;
} cbcs[] = {
	/* RFC 3602 4, cases 1, 2 and 4 */
	{ "aes", "06a9214036b8a15b512e03d534120006",
	    "3dafba429d9eb430b422da802c9fac41",
	    "53696e676c6520626c6f636b206d7367",
	    "e353779c1079aeb82708942dbe77181a" },
	{ "aes", "c286696d887c9aa0611bbb3e2025a45a",
	    "562e17996d093d28ddb3ba695a2e6f58",
	    "000102030405060708090a0b0c0d0e0f"
	    "101112131415161718191a1b1c1d1e1f",
	    "d296cd94c2cccf8a3a863028b5e1dc0a"
	    "7586602d253cfff91b8266bea6d61ab1" },
	{ "aes", "56e47a38c5598974bc46903dba290349",
	    "8ce82eefbea0da3c44699ed7db51b7d9",
	    "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
	    "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf",
	    "c30e32ffedc0774e6aff6af0869f71aa0f3af07a9a31a9c684db207eb0ef8e4e"
	    "35907aa632c3ffdf868bb7b29d3d46ad83ce9f9a102ee99d49a53e87f4c3da55" },
	/* NIST SP 800-38A F.2.3 and F.2.5 */
	{ "aes", "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
	    "000102030405060708090a0b0c0d0e0f",
	    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
	    "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a" },
	{ "aes",
	    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
	    "000102030405060708090a0b0c0d0e0f",
	    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
	    "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d" },
	/* NIST SP 800-67 B.1, its second block chained by hand through the IV */
	{ "3des", "0123456789abcdef23456789abcdef01456789abcdef0123", ZERO,
	    "5468652071756663", "a826fd8ce53b855f" },
	{ "3des", "0123456789abcdef23456789abcdef01456789abcdef0123", ZERO,
	    "5468652071756663" "c3069ffe8a4ceb7f",
	    "a826fd8ce53b855f" "cce21c8112256fe6" },
	/* FIPS 81, table C1 */
	{ "des", "0123456789abcdef", "1234567890abcdef",
	    "4e6f77206973207468652074696d6520666f7220616c6c20",
	    "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6" },
	/* Schneier's vectors for Blowfish in CBC */
	{ "blowfish", "0123456789abcdeff0e1d2c3b4a59687", "fedcba9876543210",
	    "37363534333231204e6f77206973207468652074696d6520666f722000000000",
	    "6b77b4d63006dee605b156e27403979358deb9e7154616d959f1652bd5ff92cc" },
	/* RFC 2144 B.1 */
	{ "cast128", "0123456712345678234567893456789a", ZERO,
	    "0123456789abcdef", "238b4fe5847e44b2" },
	{ "cast128", "01234567123456782345", ZERO,
	    "0123456789abcdef", "eb6a711a2c02271b" },
	{ "cast128", "0123456712", ZERO,
	    "0123456789abcdef", "7ac816d16e9b302e" },
	/* RFC 3713 A */
	{ "camellia", CAMELLIA, ZERO, CAMELLIA,
	    "67673138549669730857065648eabe43" },
	{ "camellia", CAMELLIA "0011223344556677", ZERO, CAMELLIA,
	    "b4993401b3e996f84ee5cee7d79b09b9" },
	{ "camellia", CAMELLIA "00112233445566778899aabbccddeeff", ZERO,
	    CAMELLIA, "9acc237dff16d76c20ef7c919e3a7509" },
};

START_TEST(cipher_vectors)
{
	struct crypto *c = must_new();
	struct buf key, iv, plain, sealed, open;

	buf_init(&key, 64);
	buf_init(&iv, 16);
	buf_init(&plain, 64);
	buf_init(&sealed, 65);
	buf_init(&open, 65);
	put_hex(&key, cbcs[_i].key);
	put_hex(&iv, cbcs[_i].iv);
	put_hex(&plain, cbcs[_i].plain);
	buf_u8(&sealed, 0x5a);		/* it must be appended */
	if (cipher_usable(c, alg_cipher_word(cbcs[_i].word))) {
		const struct alg_cipher *alg = alg_cipher_word(cbcs[_i].word);

		ck_assert_int_eq(cipher_seal(c, alg, buf_view(&key), iv.p,
		    buf_view(&plain), &sealed), OK);
		want_hex(buf_from(&sealed, 1), cbcs[_i].sealed);
		ck_assert_int_eq(cipher_open(c, alg, buf_view(&key), iv.p,
		    buf_from(&sealed, 1), &open), OK);
		want_hex(buf_view(&open), cbcs[_i].plain);
		want_hex(buf_view(&iv), cbcs[_i].iv);
	}
	buf_fini(&key);
	buf_fini(&iv);
	buf_fini(&plain);
	buf_fini(&sealed);
	buf_fini(&open);
	crypto_free(c);
}
END_TEST

/* What every installation has; the old ones depend on the legacy provider. */
START_TEST(usable)
{
	const struct alg_cipher unknown = { .id = 99, .key_default = 128 };
	struct crypto *c = must_new();

	ck_assert(cipher_usable(c, alg_cipher_word("aes")));
	ck_assert(cipher_usable(c, alg_cipher_word("3des")));
	ck_assert(!cipher_usable(c, &unknown));
	crypto_free(c);
}
END_TEST

START_TEST(cipher_refuses)
{
	static const uint8_t zero[64];
	const struct alg_cipher *aes = alg_cipher_word("aes");
	const struct alg_cipher unknown = { .id = 99, .block = 16,
	    .key_min = 128, .key_max = 128, .key_step = 8 };
	const struct view key = view_of(zero, 16), in = view_of(zero, 32);
	const struct view bad = { .p = zero, .n = 32, .bad = true };
	struct crypto *c = must_new();
	struct buf out, small;

	buf_init(&out, 64);
	buf_init(&small, 31);
	ck_assert_int_eq(cipher_seal(c, aes, key, zero, view_of(zero, 31),
	    &out), E_LENGTH);
	ck_assert_int_eq(cipher_open(c, aes, key, zero, view_of(zero, 1),
	    &out), E_LENGTH);
	ck_assert_int_eq(cipher_open(c, aes, key, zero, bad, &out), E_LENGTH);
	ck_assert_int_eq(cipher_seal(c, aes, view_of(zero, 17), zero, in,
	    &out), E_LENGTH);
	ck_assert_int_eq(cipher_seal(c, aes, view_of(zero, 0), zero, in,
	    &out), E_LENGTH);
	ck_assert_int_eq(cipher_seal(c, &unknown, key, zero, in, &out),
	    E_CRYPTO);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_int_eq(cipher_seal(c, aes, key, zero, in, &small), E_LIMIT);
	ck_assert_int_eq(cipher_seal(c, aes, key, zero, view_of(zero, 0),
	    &out), OK);
	ck_assert_uint_eq(out.n, 0);
	buf_fini(&out);
	buf_fini(&small);
	crypto_free(c);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("crypto");
	TCase *t = tcase_create("crypto");
	SRunner *r;
	int failed;

	tcase_add_test(t, words_and_numbers);
	tcase_add_test(t, key_lengths);
	tcase_add_test(t, comparing);
	tcase_add_test(t, random_and_wiping);
	tcase_add_test(t, hmac_vectors);
	tcase_add_test(t, digest_vectors);
	tcase_add_test(t, hash_refuses);
	tcase_add_loop_test(t, cipher_vectors, 0, (int)COUNT(cbcs));
	tcase_add_test(t, usable);
	tcase_add_test(t, cipher_refuses);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
