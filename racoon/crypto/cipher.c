/* SPDX-License-Identifier: ISC */
/* CBC without padding, from ciphers that were fetched once. */
#include "crypto/cipher.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <limits.h>

#include "crypto/lib.h"
#include "wire/isakmp.h"

static const struct {
	uint16_t	 id;
	uint16_t	 bits;		/* 0: every length has the same name */
	const char	*name;		/* of the library */
} rows[LIB_CIPHERS] = {
	{ P1_CIPHER_DES, 0, "DES-CBC" },
	{ P1_CIPHER_BLOWFISH, 0, "BF-CBC" },
	{ P1_CIPHER_3DES, 0, "DES-EDE3-CBC" },
	{ P1_CIPHER_CAST, 0, "CAST5-CBC" },
	{ P1_CIPHER_AES, 128, "AES-128-CBC" },
	{ P1_CIPHER_AES, 192, "AES-192-CBC" },
	{ P1_CIPHER_AES, 256, "AES-256-CBC" },
	{ P1_CIPHER_CAMELLIA, 128, "CAMELLIA-128-CBC" },
	{ P1_CIPHER_CAMELLIA, 192, "CAMELLIA-192-CBC" },
	{ P1_CIPHER_CAMELLIA, 256, "CAMELLIA-256-CBC" },
};

void
cipher_setup(struct crypto *c)
{
	for (unsigned i = 0; i < LIB_CIPHERS; i++)
		c->cipher[i] = EVP_CIPHER_fetch(c->lib, rows[i].name, NULL);
}

void
cipher_done(struct crypto *c)
{
	for (unsigned i = 0; i < LIB_CIPHERS; i++)
		EVP_CIPHER_free(c->cipher[i]);
}

static const EVP_CIPHER *
find(const struct crypto *c, const struct alg_cipher *alg, size_t bits)
{
	for (unsigned i = 0; i < LIB_CIPHERS; i++) {
		if (rows[i].id == alg->id &&
		    (rows[i].bits == 0 || rows[i].bits == bits))
			return c->cipher[i];
	}
	return NULL;
}

bool
cipher_usable(const struct crypto *c, const struct alg_cipher *alg)
{
	return find(c, alg, alg->key_default) != NULL;
}

/* Key length first: with it, the context takes the key as long as it is. */
static bool
start(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher, struct view key,
    const uint8_t *iv, int enc)
{
	size_t keylen = key.n;
	unsigned padding = 0;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_PADDING, &padding),
		OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_KEYLEN, &keylen),
		OSSL_PARAM_construct_end()
	};

	return EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, enc, params) == 1 &&
	    EVP_CipherInit_ex2(ctx, NULL, key.p, iv, enc, NULL) == 1;
}

static bool
run(EVP_CIPHER_CTX *ctx, struct view in, uint8_t *out)
{
	int n = 0, rest = 0;

	return EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.n) == 1 &&
	    EVP_CipherFinal_ex(ctx, out + n, &rest) == 1 &&
	    (size_t)n + (size_t)rest == in.n;
}

struct args {
	const struct alg_cipher *alg;
	struct view	 key;
	const uint8_t	*iv;
	struct view	 in;
};

static enum err
apply(const struct crypto *c, const struct args *a, int enc, struct buf *out)
{
	size_t before = out->n;
	const EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *ctx;
	uint8_t *room;
	bool good;

	if (a->in.bad || a->in.n % a->alg->block != 0 || a->in.n > INT_MAX)
		return E_LENGTH;
	if (a->key.bad || a->key.n > CIPHER_KEY_MAX ||
	    !alg_cipher_bits(a->alg, (unsigned)a->key.n * 8))
		return E_LENGTH;
	cipher = find(c, a->alg, a->key.n * 8);
	if (cipher == NULL)
		return lib_failed();
	if (a->in.n == 0)
		return buf_ok(out) ? OK : E_LIMIT;
	room = buf_room(out, a->in.n);
	if (room == NULL)
		return E_LIMIT;
	ctx = EVP_CIPHER_CTX_new();
	good = ctx != NULL && start(ctx, cipher, a->key, a->iv, enc) &&
	    run(ctx, a->in, room);
	EVP_CIPHER_CTX_free(ctx);	/* wipes the key */
	if (good)
		return OK;
	buf_cut(out, before);
	return lib_failed();
}

enum err
cipher_seal(const struct crypto *c, const struct alg_cipher *alg,
    struct view key, const uint8_t *iv, struct view in, struct buf *out)
{
	const struct args a = { .alg = alg, .key = key, .iv = iv, .in = in };

	return apply(c, &a, 1, out);
}

enum err
cipher_open(const struct crypto *c, const struct alg_cipher *alg,
    struct view key, const uint8_t *iv, struct view in, struct buf *out)
{
	const struct args a = { .alg = alg, .key = key, .iv = iv, .in = in };

	return apply(c, &a, 0, out);
}
