/* SPDX-License-Identifier: ISC */
/*
 * Diffie-Hellman on curves, by the library's keys.  Between the two steps of a
 * negotiation our private key is bytes, as all secrets of the engine are.
 */
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "crypto/lib.h"

#define COORDINATE_MAX	66		/* P-521 */
#define POINT_MAX	(1 + 2 * COORDINATE_MAX)
#define UNCOMPRESSED	4		/* SEC 1 2.3.3 */

static const struct {
	uint16_t	 id;
	char		 name[8];	/* of the library */
} curves[] = {
	{ 19, "P-256" }, { 20, "P-384" }, { 21, "P-521" },
};

/* NULL: not a curve of RFC 5903. */
static const char *
curve_name(const struct alg_group *alg)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		if (curves[i].id == alg->id)
			return curves[i].name;
	}
	return NULL;
}

static size_t
secret_len(const struct alg_group *alg)
{
	return (alg->exponent + 7u) / 8;
}

/* ---- RFC 5903 ---- */

/* Whatever of a key is in PARAMS, on the curve; NULL: it is not on it. */
static EVP_PKEY *
ec_import(const struct crypto *c, const OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(c->lib, "EC", NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR,
	    (OSSL_PARAM *)params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static OSSL_PARAM
param_curve(const struct alg_group *alg)
{
	return OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
	    (char *)curve_name(alg), 0);
}

/* A public key from two coordinates; NULL: no point of the curve. */
static EVP_PKEY *
ec_public(const struct crypto *c, const struct alg_group *alg,
    struct view wire)
{
	uint8_t point[POINT_MAX] = { UNCOMPRESSED };
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *ctx;
	OSSL_PARAM params[3];

	if (wire.n > POINT_MAX - 1)
		return NULL;
	memcpy(point + 1, wire.p, wire.n);
	params[0] = param_curve(alg);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
	    point, wire.n + 1);
	params[2] = OSSL_PARAM_construct_end();
	pkey = ec_import(c, params);
	if (pkey == NULL)
		return NULL;
	/* Cofactor 1: who is on the curve has its order. */
	ctx = EVP_PKEY_CTX_new_from_pkey(c->lib, pkey, NULL);
	if (ctx == NULL || EVP_PKEY_public_check_quick(ctx) != 1) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* A private key; PRIV is in the computer's order of bytes and is wiped. */
static EVP_PKEY *
ec_private(const struct crypto *c, const struct alg_group *alg,
    struct view priv)
{
	BIGNUM *x = BN_secure_new();
	uint8_t native[COORDINATE_MAX];
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM params[3];

	if (x != NULL && priv.n <= sizeof(native) &&
	    BN_bin2bn(priv.p, (int)priv.n, x) != NULL &&
	    BN_bn2nativepad(x, native, (int)priv.n) == (int)priv.n) {
		params[0] = param_curve(alg);
		params[1] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY,
		    native, priv.n);
		params[2] = OSSL_PARAM_construct_end();
		pkey = ec_import(c, params);
	}
	BN_clear_free(x);
	crypto_wipe(native, sizeof(native));
	return pkey;
}

static EVP_PKEY *
ec_generate(const struct crypto *c, const struct alg_group *alg)
{
	return EVP_PKEY_Q_keygen(c->lib, NULL, "EC", curve_name(alg));
}

static bool
ec_put_private(const EVP_PKEY *pkey, size_t len, struct buf *out)
{
	uint8_t *room = buf_room(out, len);
	BIGNUM *x = NULL;
	bool good;

	good = room != NULL && EVP_PKEY_get_bn_param(pkey,
	    OSSL_PKEY_PARAM_PRIV_KEY, &x) == 1 &&
	    BN_bn2binpad(x, room, (int)len) == (int)len;
	BN_clear_free(x);
	return good;
}

static bool
ec_put_public(const EVP_PKEY *pkey, size_t len, struct buf *out)
{
	uint8_t point[POINT_MAX];
	size_t n = 0;

	if (EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY,
	    point, sizeof(point), &n) != 1 || n != len + 1 ||
	    point[0] != UNCOMPRESSED)
		return false;
	buf_put(out, point + 1, len);
	return buf_ok(out);
}

/* ---- RFC 7748 ---- */

static EVP_PKEY *
x_generate(const struct crypto *c)
{
	return EVP_PKEY_Q_keygen(c->lib, NULL, "X25519");
}

static bool
x_put_private(const EVP_PKEY *pkey, size_t len, struct buf *out)
{
	uint8_t *room = buf_room(out, len);
	size_t n = len;

	return room != NULL && EVP_PKEY_get_raw_private_key(pkey, room,
	    &n) == 1 && n == len;
}

static bool
x_put_public(const EVP_PKEY *pkey, size_t len, struct buf *out)
{
	uint8_t *room = buf_room(out, len);
	size_t n = len;

	return room != NULL && EVP_PKEY_get_raw_public_key(pkey, room,
	    &n) == 1 && n == len;
}

/* ---- both ---- */

static EVP_PKEY *
own_key(const struct crypto *c, const struct alg_group *alg, struct view priv)
{
	if (alg->kind == GROUP_X25519)
		return EVP_PKEY_new_raw_private_key_ex(c->lib, "X25519", NULL,
		    priv.p, priv.n);
	return ec_private(c, alg, priv);
}

static EVP_PKEY *
peer_key(const struct crypto *c, const struct alg_group *alg,
    struct view peer)
{
	if (alg->kind == GROUP_X25519)
		return EVP_PKEY_new_raw_public_key_ex(c->lib, "X25519", NULL,
		    peer.p, peer.n);
	return ec_public(c, alg, peer);
}

enum err
curve_new(const struct crypto *c, const struct alg_group *alg,
    struct buf *priv, struct buf *pub)
{
	bool x25519 = alg->kind == GROUP_X25519;
	size_t before = priv->n, len = secret_len(alg);
	EVP_PKEY *pkey;
	bool good;

	if (!x25519 && curve_name(alg) == NULL)
		return lib_failed();
	pkey = x25519 ? x_generate(c) : ec_generate(c, alg);
	good = pkey != NULL && (x25519 ?
	    x_put_private(pkey, len, priv) && x_put_public(pkey, alg->len, pub)
	    : ec_put_private(pkey, len, priv) &&
	    ec_put_public(pkey, alg->len, pub));
	EVP_PKEY_free(pkey);
	if (good)
		return OK;
	buf_cut(priv, before);
	return buf_ok(priv) && buf_ok(pub) ? lib_failed() : E_LIMIT;
}

/* The library refuses a secret of X25519 that is 0. */
static bool
derive(const struct crypto *c, EVP_PKEY *own, EVP_PKEY *peer, uint8_t *out,
    size_t len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(c->lib, own, NULL);
	size_t n = len;
	bool good;

	good = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) == 1 &&
	    EVP_PKEY_derive(ctx, out, &n) == 1 && n == len;
	EVP_PKEY_CTX_free(ctx);
	return good;
}

static enum err
share(const struct crypto *c, const struct alg_group *alg, EVP_PKEY *own,
    EVP_PKEY *peer, struct buf *shared)
{
	size_t len = alg->kind == GROUP_ECP ? alg->len / 2u : alg->len;
	size_t before = shared->n;
	uint8_t *room;

	if (own == NULL)
		return lib_failed();
	room = buf_room(shared, len);
	if (room == NULL)
		return E_LIMIT;
	if (peer != NULL && derive(c, own, peer, room, len))
		return OK;
	buf_cut(shared, before);
	lib_forget();
	return E_KE;
}

enum err
curve_share(const struct crypto *c, const struct alg_group *alg,
    struct view priv, struct view peer, struct buf *shared)
{
	EVP_PKEY *own, *theirs;
	enum err r;

	if (priv.bad || priv.n != secret_len(alg) ||
	    (alg->kind == GROUP_ECP && curve_name(alg) == NULL))
		return lib_failed();
	if (peer.bad || peer.n != alg->len)
		return E_KE;
	own = own_key(c, alg, priv);
	theirs = peer_key(c, alg, peer);
	r = share(c, alg, own, theirs, shared);
	EVP_PKEY_free(own);		/* wipes it */
	EVP_PKEY_free(theirs);
	return r;
}
