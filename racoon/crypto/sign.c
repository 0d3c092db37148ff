/* SPDX-License-Identifier: ISC */
/*
 * The library's signatures without a digest: RSA then pads what it is given as
 * block type 1 of PKCS #1 1.5, and ECDSA takes it for the digest.
 */
#include "crypto/sign.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "crypto/lib.h"
#include "wire/isakmp.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define EC_LEN_MAX	66	/* bytes of a coordinate of P-521 */
#define EC_DER_MAX	(2 * EC_LEN_MAX + 16)

static const struct row {
	uint16_t	 method;
	enum key_kind	 kind;
	uint16_t	 hash;		/* RFC 4754 3; 0: what is negotiated */
	uint8_t		 len;		/* of each half, RFC 4754 7 */
} rows[] = {
	{ P1_METHOD_RSA, KEY_RSA, 0, 0 },
	{ P1_METHOD_ECDSA256, KEY_EC256, P1_HASH_SHA256, 32 },
	{ P1_METHOD_ECDSA384, KEY_EC384, P1_HASH_SHA384, 48 },
	{ P1_METHOD_ECDSA521, KEY_EC521, P1_HASH_SHA512, 66 },
};

static const struct row *
find(uint16_t method)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].method == method)
			return &rows[i];
	}
	return NULL;
}

bool
sign_fits(enum key_kind kind, uint16_t method)
{
	const struct row *row = find(method);

	return row != NULL && row->kind == kind;
}

uint16_t
sign_method(enum key_kind kind)
{
	switch (kind) {
	case KEY_RSA:
		return P1_METHOD_RSA;
	case KEY_EC256:
		return P1_METHOD_ECDSA256;
	case KEY_EC384:
		return P1_METHOD_ECDSA384;
	case KEY_EC521:
		return P1_METHOD_ECDSA521;
	}
	return 0;
}

const struct alg_hash *
sign_hash(uint16_t method)
{
	const struct row *row = find(method);

	return row == NULL || row->hash == 0 ? NULL : alg_hash(row->hash);
}

/* SEQUENCE { SEQUENCE { OID ... */
static bool
is_digest_info(struct view v)
{
	return v.n > 4 && v.p[0] == 0x30 && v.p[1] == v.n - 2 &&
	    v.p[2] == 0x30 && v.p[4] == 0x06;
}

bool
sign_may_be(uint16_t method, struct view hash)
{
	static const uint16_t ids[] = { P1_HASH_MD5, P1_HASH_SHA1,
		P1_HASH_SHA256, P1_HASH_SHA384, P1_HASH_SHA512 };
	const struct alg_hash *only = sign_hash(method);

	if (find(method) == NULL || hash.bad || is_digest_info(hash))
		return false;
	if (only != NULL)
		return hash.n == only->len;
	for (size_t i = 0; i < COUNT(ids); i++)
		if (hash.n == alg_hash(ids[i])->len)
			return true;
	return false;
}

static bool
padded(EVP_PKEY_CTX *ctx, const struct row *row)
{
	return row->kind != KEY_RSA ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
}

static bool
sign(EVP_PKEY_CTX *ctx, const struct row *row, struct view hash, uint8_t *out,
    size_t *n)
{
	return EVP_PKEY_sign_init(ctx) == 1 && padded(ctx, row) &&
	    EVP_PKEY_sign(ctx, out, n, hash.p, hash.n) == 1;
}

/* The library's SEQUENCE of two numbers as two halves of equal length. */
static bool
split(const uint8_t *der, size_t n, size_t half, struct buf *sig)
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)n);
	uint8_t *room = buf_room(sig, 2 * half);
	int len = (int)half;
	bool good;

	good = pair != NULL && room != NULL &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(pair), room, len) == len &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(pair), room + half, len) == len;
	ECDSA_SIG_free(pair);
	return good;
}

static enum err
sign_rsa(EVP_PKEY_CTX *ctx, const struct row *row, struct view hash,
    struct buf *sig)
{
	size_t n = (size_t)EVP_PKEY_get_size(EVP_PKEY_CTX_get0_pkey(ctx));
	uint8_t *room = buf_room(sig, n);

	if (room == NULL)
		return E_LIMIT;
	return sign(ctx, row, hash, room, &n) ? OK : lib_failed();
}

static enum err
sign_ec(EVP_PKEY_CTX *ctx, const struct row *row, struct view hash,
    struct buf *sig)
{
	uint8_t der[EC_DER_MAX];
	size_t n = sizeof(der);

	if (!sign(ctx, row, hash, der, &n) || !split(der, n, row->len, sig))
		return buf_ok(sig) ? lib_failed() : E_LIMIT;
	return OK;
}

enum err
sign_make(const struct crypto *c, const struct key *k, uint16_t method,
    struct view hash, struct buf *sig)
{
	const struct row *row = find(method);
	size_t before = sig->n;
	EVP_PKEY_CTX *ctx;
	enum err r;

	if (row == NULL || row->kind != k->kind || !k->secret || hash.bad ||
	    hash.n == 0)
		return lib_failed();
	if (k->signer.sign != NULL)
		return key_ask(k, method, hash, sig);
	ctx = EVP_PKEY_CTX_new_from_pkey(c->lib, k->pkey, NULL);
	if (ctx == NULL)
		return lib_failed();
	r = (row->kind == KEY_RSA ? sign_rsa : sign_ec)(ctx, row, hash, sig);
	EVP_PKEY_CTX_free(ctx);
	if (r != OK)
		buf_cut(sig, before);
	return r;
}

static bool
check(const struct crypto *c, const struct key *k, const struct row *row,
    struct view hash, struct view sig)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(c->lib, k->pkey, NULL);
	bool good;

	good = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
	    padded(ctx, row) &&
	    EVP_PKEY_verify(ctx, sig.p, sig.n, hash.p, hash.n) == 1;
	EVP_PKEY_CTX_free(ctx);
	return good;
}

/* The two halves as the library wants them; 0: failed. */
static size_t
join(struct view sig, size_t half, uint8_t der[EC_DER_MAX])
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(sig.p, (int)half, NULL);
	BIGNUM *s = BN_bin2bn(sig.p + half, (int)half, NULL);
	unsigned char *to = der;
	int n = 0;

	if (pair == NULL || r == NULL || s == NULL ||
	    ECDSA_SIG_set0(pair, r, s) != 1) {
		BN_free(r);
		BN_free(s);
	} else if (i2d_ECDSA_SIG(pair, NULL) <= EC_DER_MAX)
		n = i2d_ECDSA_SIG(pair, &to);
	ECDSA_SIG_free(pair);
	return n > 0 ? (size_t)n : 0;
}

enum err
sign_check(const struct crypto *c, const struct key *k, uint16_t method,
    struct view hash, struct view sig)
{
	const struct row *row = find(method);
	uint8_t der[EC_DER_MAX];
	bool good = false;
	size_t n;

	if (row == NULL || row->kind != k->kind || hash.bad || hash.n == 0 ||
	    sig.bad)
		return E_SIGNATURE;
	if (row->kind == KEY_RSA) {
		/* RFC 8017 8.2.2 step 1: just as long as the modulus. */
		good = sig.n == (size_t)EVP_PKEY_get_size(k->pkey) &&
		    check(c, k, row, hash, sig);
	} else if (sig.n == 2u * row->len) {
		n = join(sig, row->len, der);
		good = n > 0 && check(c, k, row, hash, view_of(der, n));
	}
	lib_forget();
	return good ? OK : E_SIGNATURE;
}
