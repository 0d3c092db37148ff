/* SPDX-License-Identifier: ISC */
/*
 * The algorithms of ESP, AH and IPComp, one row each.  Numbers are those of
 * PF_KEY on Linux, where they exist; IKE's are from RFC 2407 4.4 and 4.5 and
 * IANA's ISAKMP registry.  Of rows with the same number the first one is the
 * algorithm's own, the others give it further names.
 *
 * Key lengths of counter modes contain the salt (RFC 3686, 4106, 4309, 4543,
 * 7634).
 */
#include <stddef.h>
#include <string.h>

#include "libipsec/ipsec.h"

#define ENC(id, ike, min, max, step, name, kernel) \
	{ id, IPSEC_ALG_ENC, ike, min, max, step, 0, name, kernel }
#define AUTH(id, ike, key, icv, name, kernel) \
	{ id, IPSEC_ALG_AUTH, ike, key, key, 8, icv, name, kernel }
#define AEAD(id, ike, min, max, icv, name, kernel) \
	{ id, IPSEC_ALG_AEAD, ike, min, max, 64, icv, name, kernel }
#define COMP(id, ike, name, kernel) \
	{ id, IPSEC_ALG_COMP, ike, 0, 0, 8, 0, name, kernel }

static const struct ipsec_alg ipsec_algs[] = {
	ENC(2, 2, 64, 64, 8, "des-cbc", "cbc(des)"),
	ENC(3, 3, 192, 192, 8, "3des-cbc", "cbc(des3_ede)"),
	ENC(6, 6, 40, 128, 8, "cast128-cbc", "cbc(cast5)"),
	ENC(7, 7, 40, 448, 8, "blowfish-cbc", "cbc(blowfish)"),
	ENC(11, 11, 0, 0, 8, "null", "ecb(cipher_null)"),
	ENC(12, 12, 128, 256, 64, "aes-cbc", "cbc(aes)"),
	ENC(13, 13, 160, 288, 64, "aes-ctr", "rfc3686(ctr(aes))"),
	ENC(22, 22, 128, 256, 64, "camellia-cbc", "cbc(camellia)"),
	/* No words of setkey: it prints the numbers. */
	ENC(24, 0, 128, 128, 8, "24", "cbc(sm4)"),
	ENC(252, 0, 128, 256, 64, "252", "cbc(serpent)"),
	ENC(253, 0, 128, 256, 64, "twofish-cbc", "cbc(twofish)"),
	ENC(12, 12, 128, 256, 64, "rijndael-cbc", "cbc(aes)"),
	ENC(11, 11, 0, 0, 8, "simple", "ecb(cipher_null)"),
	ENC(2, 0, 64, 64, 8, "des-deriv", "cbc(des)"),
	ENC(2, 0, 64, 64, 8, "des-32iv", "cbc(des)"),

	AUTH(2, 1, 128, 96, "hmac-md5", "hmac(md5)"),
	AUTH(3, 2, 160, 96, "hmac-sha1", "hmac(sha1)"),
	/* RFC 4868; the kernel's own PF_KEY truncates this one to 96 bits. */
	AUTH(5, 5, 256, 128, "hmac-sha256", "hmac(sha256)"),
	AUTH(6, 6, 384, 192, "hmac-sha384", "hmac(sha384)"),
	AUTH(7, 7, 512, 256, "hmac-sha512", "hmac(sha512)"),
	AUTH(8, 8, 160, 96, "hmac-ripemd160", "hmac(rmd160)"),
	AUTH(9, 9, 128, 96, "aes-xcbc-mac", "xcbc(aes)"),
	AUTH(10, 0, 256, 256, "10", "hmac(sm3)"),
	AUTH(251, 0, 0, 0, "null", "digest_null"),
	/* Linux never had these two. */
	AUTH(249, 0, 128, 0, "keyed-md5", NULL),
	AUTH(250, 0, 160, 0, "keyed-sha1", NULL),
	AUTH(5, 5, 256, 128, "hmac-sha2-256", "hmac(sha256)"),
	AUTH(6, 6, 384, 192, "hmac-sha2-384", "hmac(sha384)"),
	AUTH(7, 7, 512, 256, "hmac-sha2-512", "hmac(sha512)"),

	AEAD(14, 14, 152, 280, 64, "aes-ccm-8", "rfc4309(ccm(aes))"),
	AEAD(15, 15, 152, 280, 96, "aes-ccm-12", "rfc4309(ccm(aes))"),
	AEAD(16, 16, 152, 280, 128, "aes-ccm-16", "rfc4309(ccm(aes))"),
	AEAD(18, 18, 160, 288, 64, "aes-gcm-8", "rfc4106(gcm(aes))"),
	AEAD(19, 19, 160, 288, 96, "aes-gcm-12", "rfc4106(gcm(aes))"),
	AEAD(20, 20, 160, 288, 128, "aes-gcm-16", "rfc4106(gcm(aes))"),
	AEAD(23, 23, 160, 288, 128, "aes-gmac", "rfc4543(gcm(aes))"),
	AEAD(1000, 0, 288, 288, 128, "chacha20-poly1305",
	    "rfc7539esp(chacha20,poly1305)"),

	/* Nor these: it has deflate. */
	COMP(1, 1, "oui", NULL),
	COMP(2, 2, "deflate", "deflate"),
	COMP(3, 3, "lzs", NULL),
};

const struct ipsec_alg *
ipsec_alg_nth(unsigned int n)
{
	if (n >= sizeof(ipsec_algs) / sizeof(ipsec_algs[0]))
		return NULL;
	return &ipsec_algs[n];
}

const struct ipsec_alg *
ipsec_alg_by_id(enum ipsec_alg_class class, uint16_t id)
{
	const struct ipsec_alg *a;

	for (unsigned int n = 0; (a = ipsec_alg_nth(n)) != NULL; n++)
		if (a->class == class && a->id == id)
			return a;
	return NULL;
}

const struct ipsec_alg *
ipsec_alg_by_name(enum ipsec_alg_class class, const char *name)
{
	const struct ipsec_alg *a;

	for (unsigned int n = 0; (a = ipsec_alg_nth(n)) != NULL; n++)
		if (a->class == class && strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

const struct ipsec_alg *
ipsec_alg_by_ike(enum ipsec_alg_class class, uint16_t ike_id)
{
	const struct ipsec_alg *a;

	if (ike_id == 0)
		return NULL;
	for (unsigned int n = 0; (a = ipsec_alg_nth(n)) != NULL; n++)
		if (a->class == class && a->ike_id == ike_id)
			return a;
	return NULL;
}

const struct ipsec_alg *
ipsec_alg_by_kernel(enum ipsec_alg_class class, const char *name,
    uint16_t icv_bits)
{
	const struct ipsec_alg *a;

	for (unsigned int n = 0; (a = ipsec_alg_nth(n)) != NULL; n++) {
		if (a->class != class || a->kernel == NULL ||
		    strcmp(a->kernel, name) != 0)
			continue;
		/* Of the AEADs there is a row for each ICV. */
		if (class != IPSEC_ALG_AEAD || a->icv_bits == icv_bits)
			return a;
	}
	return NULL;
}
