/* SPDX-License-Identifier: ISC */
/* Digests and HMAC from algorithms that were fetched once. */
#include "crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/lib.h"
#include "wire/isakmp.h"

static const struct {
	uint16_t	 id;
	const char	*name;		/* of the library */
} rows[LIB_HASHES] = {
	{ P1_HASH_MD5, "MD5" },
	{ P1_HASH_SHA1, "SHA1" },
	{ P1_HASH_SHA256, "SHA2-256" },
	{ P1_HASH_SHA384, "SHA2-384" },
	{ P1_HASH_SHA512, "SHA2-512" },
};

/* A keyless HMAC: a copy of it costs less than asking for the digest again. */
static EVP_MAC_CTX *
hmac_new(EVP_MAC *mac, const char *digest)
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	char name[16];
	OSSL_PARAM params[2];

	(void)strncpy(name, digest, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
	    name, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (ctx != NULL && EVP_MAC_CTX_set_params(ctx, params) == 1)
		return ctx;
	EVP_MAC_CTX_free(ctx);
	return NULL;
}

/* MD5 may be missing (a library built without it); the others may not. */
bool
hash_setup(struct crypto *c)
{
	EVP_MAC *mac = EVP_MAC_fetch(c->lib, "HMAC", NULL);
	bool good = mac != NULL;

	for (unsigned i = 0; good && i < LIB_HASHES; i++) {
		c->hash[i].md = EVP_MD_fetch(c->lib, rows[i].name, NULL);
		if (c->hash[i].md != NULL)
			c->hash[i].hmac = hmac_new(mac, rows[i].name);
		if (c->hash[i].hmac == NULL && rows[i].id != P1_HASH_MD5)
			good = false;
	}
	EVP_MAC_free(mac);	/* the contexts hold on to it */
	return good;
}

void
hash_done(struct crypto *c)
{
	for (unsigned i = 0; i < LIB_HASHES; i++) {
		EVP_MAC_CTX_free(c->hash[i].hmac);
		EVP_MD_free(c->hash[i].md);
	}
}

static const struct lib_hash *
find(const struct crypto *c, const struct alg_hash *alg)
{
	for (unsigned i = 0; i < LIB_HASHES; i++) {
		if (rows[i].id == alg->id && c->hash[i].hmac != NULL)
			return &c->hash[i];
	}
	return NULL;
}

/* Wipes the result, which is on the caller's stack, after it was copied. */
static enum err
hand_over(uint8_t *result, size_t n, struct buf *out)
{
	buf_put(out, result, n);
	crypto_wipe(result, n);
	return buf_ok(out) ? OK : E_LIMIT;
}

static bool
digest(const EVP_MD *md, const struct view *part, unsigned nparts,
    uint8_t *result)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx != NULL && EVP_DigestInit_ex2(ctx, md, NULL) == 1;

	for (unsigned i = 0; good && i < nparts; i++) {
		good = !part[i].bad && (part[i].n == 0 ||
		    EVP_DigestUpdate(ctx, part[i].p, part[i].n) == 1);
	}
	if (good)
		good = EVP_DigestFinal_ex(ctx, result, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

enum err
hash_digest(const struct crypto *c, const struct alg_hash *alg,
    const struct view *part, unsigned nparts, struct buf *out)
{
	const struct lib_hash *h = find(c, alg);
	uint8_t result[EVP_MAX_MD_SIZE];

	if (h == NULL || !digest(h->md, part, nparts, result))
		return lib_failed();
	return hand_over(result, alg->len, out);
}

static bool
hmac(EVP_MAC_CTX *ctx, struct view key, const struct view *part,
    unsigned nparts, uint8_t *result)
{
	/* The library takes NULL as "the key of before". */
	const uint8_t *k = key.n == 0 ? (const uint8_t *)"" : key.p;
	size_t n;

	if (ctx == NULL || key.bad || EVP_MAC_init(ctx, k, key.n, NULL) != 1)
		return false;
	for (unsigned i = 0; i < nparts; i++) {
		if (part[i].bad || (part[i].n > 0 &&
		    EVP_MAC_update(ctx, part[i].p, part[i].n) != 1))
			return false;
	}
	return EVP_MAC_final(ctx, result, &n, EVP_MAX_MD_SIZE) == 1;
}

enum err
hash_prf(const struct crypto *c, const struct alg_hash *alg, struct view key,
    const struct view *part, unsigned nparts, struct buf *out)
{
	const struct lib_hash *h = find(c, alg);
	uint8_t result[EVP_MAX_MD_SIZE];
	EVP_MAC_CTX *ctx;
	bool good;

	if (h == NULL)
		return lib_failed();
	ctx = EVP_MAC_CTX_dup(h->hmac);
	good = hmac(ctx, key, part, nparts, result);
	EVP_MAC_CTX_free(ctx);		/* wipes the key */
	if (!good)
		return lib_failed();
	return hand_over(result, alg->len, out);
}
