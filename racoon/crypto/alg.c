/* SPDX-License-Identifier: ISC */
/*
 * The algorithms of IKE as tables.  An alias comes after the row with the
 * usual word, so that a look-up by number finds the usual word.
 */
#include "crypto/alg.h"

#include <string.h>

#include "wire/isakmp.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const struct alg_cipher ciphers[] = {
	/* id, word, block, default, min, max, step, fixed, weak */
	{ P1_CIPHER_DES, "des", 8, 64, 64, 64, 8, true, true },
	{ P1_CIPHER_BLOWFISH, "blowfish", 8, 128, 40, 448, 8, false, false },
	{ P1_CIPHER_3DES, "3des", 8, 192, 192, 192, 8, true, false },
	{ P1_CIPHER_CAST, "cast128", 8, 128, 40, 128, 8, false, false },
	{ P1_CIPHER_AES, "aes", 16, 128, 128, 256, 64, false, false },
	{ P1_CIPHER_AES, "rijndael", 16, 128, 128, 256, 64, false, false },
	{ P1_CIPHER_CAMELLIA, "camellia", 16, 128, 128, 256, 64, false, false },
};

static const struct alg_hash hashes[] = {
	{ P1_HASH_MD5, "md5", 16, true },
	{ P1_HASH_SHA1, "sha1", 20, false },
	{ P1_HASH_SHA256, "sha256", 32, false },
	{ P1_HASH_SHA256, "sha2_256", 32, false },
	{ P1_HASH_SHA384, "sha384", 48, false },
	{ P1_HASH_SHA384, "sha2_384", 48, false },
	{ P1_HASH_SHA512, "sha512", 64, false },
	{ P1_HASH_SHA512, "sha2_512", 64, false },
};

/*
 * RFC 2409 6.1, 6.2 and RFC 3526.  An exponent has twice the group's strength,
 * by the first estimate in RFC 3526 8 (110 to 190 bits for groups 14 to 18),
 * rounded up to whole words of 64 bits, and never less than 256 bits.
 *
 * Curves: a value is both coordinates (RFC 5903 7) or one (RFC 8031 3.1).  In
 * the small subgroups of RFC 5114 an exponent is as long as their order;
 * RFC 8247 2.4 is against all three.
 */
static const struct alg_group groups[] = {
	/* id, word, bits, len, exponent, weak, kind */
	{ 1, "modp768", 768, 96, 256, true, GROUP_MODP },
	{ 2, "modp1024", 1024, 128, 256, true, GROUP_MODP },
	{ 5, "modp1536", 1536, 192, 256, false, GROUP_MODP },
	{ 14, "modp2048", 2048, 256, 256, false, GROUP_MODP },
	{ 15, "modp3072", 3072, 384, 320, false, GROUP_MODP },
	{ 16, "modp4096", 4096, 512, 320, false, GROUP_MODP },
	{ 17, "modp6144", 6144, 768, 384, false, GROUP_MODP },
	{ 18, "modp8192", 8192, 1024, 384, false, GROUP_MODP },
	{ 19, "ecp256", 256, 64, 256, false, GROUP_ECP },
	{ 20, "ecp384", 384, 96, 384, false, GROUP_ECP },
	{ 21, "ecp521", 521, 132, 521, false, GROUP_ECP },
	{ 22, "modp1024s160", 1024, 128, 160, true, GROUP_MODP },
	{ 23, "modp2048s224", 2048, 256, 224, true, GROUP_MODP },
	{ 24, "modp2048s256", 2048, 256, 256, true, GROUP_MODP },
	{ 31, "curve25519", 255, 32, 256, false, GROUP_X25519 },
	{ 31, "x25519", 255, 32, 256, false, GROUP_X25519 },
};

/*
 * Transform numbers: RFC 2407 4.4.4 and the registry at IANA.  Salts: RFC 3686
 * 5.1, RFC 4309 7.1, RFC 4106 8.1, RFC 4543 5.3.  ChaCha20 (RFC 7634) has a
 * number in IKEv2 only.
 */
static const struct alg_esp esps[] = {
	/* id, word, default, min, max, step, fixed, weak, salt, aead */
	{ 1, "des_iv64", 64, 64, 64, 8, true, true, 0, false },
	{ 2, "des", 64, 64, 64, 8, true, true, 0, false },
	{ ESP_3DES, "3des", 192, 192, 192, 8, true, false, 0, false },
	{ 6, "cast128", 128, 40, 128, 8, false, false, 0, false },
	{ 7, "blowfish", 128, 40, 448, 8, false, false, 0, false },
	{ 9, "des_iv32", 64, 64, 64, 8, true, true, 0, false },
	{ ESP_NULL, "null_enc", 0, 0, 0, 8, true, false, 0, false },
	{ ESP_NULL, "null", 0, 0, 0, 8, true, false, 0, false },
	{ ESP_AES, "aes", 128, 128, 256, 64, false, false, 0, false },
	{ ESP_AES, "rijndael", 128, 128, 256, 64, false, false, 0, false },
	{ 13, "aes_ctr", 128, 128, 256, 64, false, false, 4, false },
	{ 14, "aes_ccm_8", 128, 128, 256, 64, false, false, 3, true },
	{ 15, "aes_ccm_12", 128, 128, 256, 64, false, false, 3, true },
	{ 16, "aes_ccm_16", 128, 128, 256, 64, false, false, 3, true },
	{ 18, "aes_gcm_8", 128, 128, 256, 64, false, false, 4, true },
	{ 19, "aes_gcm_12", 128, 128, 256, 64, false, false, 4, true },
	{ 20, "aes_gcm_16", 128, 128, 256, 64, false, false, 4, true },
	{ 22, "camellia", 128, 128, 256, 64, false, false, 0, false },
	{ 23, "aes_gmac", 128, 128, 256, 64, false, false, 4, true },
	{ 253, "twofish", 128, 40, 256, 8, false, false, 0, false },
};

static const struct alg_auth auths[] = {
	{ P2_AUTH_MD5, AH_MD5, "hmac_md5", 16, true, 0 },
	{ P2_AUTH_SHA1, AH_SHA, "hmac_sha1", 20, false, 0 },
	{ P2_AUTH_SHA256, AH_SHA256, "hmac_sha256", 32, false, 0 },
	{ P2_AUTH_SHA256, AH_SHA256, "hmac_sha2_256", 32, false, 0 },
	/* what racoon got from Linux through PF_KEY, against RFC 4868 */
	{ P2_AUTH_SHA256, AH_SHA256, "hmac_sha256_96", 32, false, 96 },
	{ P2_AUTH_SHA384, AH_SHA384, "hmac_sha384", 48, false, 0 },
	{ P2_AUTH_SHA384, AH_SHA384, "hmac_sha2_384", 48, false, 0 },
	{ P2_AUTH_SHA512, AH_SHA512, "hmac_sha512", 64, false, 0 },
	{ P2_AUTH_SHA512, AH_SHA512, "hmac_sha2_512", 64, false, 0 },
	{ P2_AUTH_NONE, 0, "non_auth", 0, false, 0 },
};

static const struct alg_comp comps[] = {
	{ 1, "oui" },
	{ IPCOMP_DEFLATE, "deflate" },
	{ 3, "lzs" },
};

/* The two look-ups of a table; the rows of all have `id` and `word`. */
#define LOOKUPS(name, rows)						\
const struct name *							\
name(uint16_t id)							\
{									\
	for (size_t i = 0; i < COUNT(rows); i++) {			\
		if (rows[i].id == id)					\
			return &rows[i];				\
	}								\
	return NULL;							\
}									\
									\
const struct name *							\
name##_word(const char *word)						\
{									\
	for (size_t i = 0; i < COUNT(rows); i++) {			\
		if (strcmp(rows[i].word, word) == 0)			\
			return &rows[i];				\
	}								\
	return NULL;							\
}

LOOKUPS(alg_cipher, ciphers)
LOOKUPS(alg_hash, hashes)
LOOKUPS(alg_group, groups)
LOOKUPS(alg_esp, esps)
LOOKUPS(alg_auth, auths)
LOOKUPS(alg_comp, comps)

bool
alg_cipher_bits(const struct alg_cipher *alg, unsigned bits)
{
	return bits >= alg->key_min && bits <= alg->key_max &&
	    (bits - alg->key_min) % alg->key_step == 0;
}

bool
alg_esp_auth(const struct alg_esp *alg, uint16_t auth)
{
	if (alg->aead)
		return auth == P2_AUTH_NONE;
	/* RFC 3686 7: who changes a bit of it changes that bit of the text. */
	return alg->salt == 0 || auth != P2_AUTH_NONE;
}
