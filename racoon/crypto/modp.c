/* SPDX-License-Identifier: ISC */
/*
 * Diffie-Hellman in the MODP groups of RFC 2409 6, RFC 3526 and RFC 5114 with
 * the library's numbers (BN) instead of its EVP_PKEY.
 *
 * Why: but for RFC 5114 all primes are safe, p = 2q + 1.  An element y of 2..p-2 has the
 * order q exactly when it is a quadratic residue, which a Jacobi symbol tells
 * at once.  EVP's own check of the peer's value raises it to the power q, at
 * modp3072 six times the cost of the agreement.  EVP can leave that out, but
 * has no cheaper one, knows no groups 1 and 2, and makes a key at the price of
 * an agreement where a table does it for a third.  doc/BENCHMARKS.md has the
 * figures.
 *
 * The groups of RFC 5114 have a generator of their own and a small subgroup,
 * so there the power q of the peer's value has to be 1.
 */
#include <openssl/core_names.h>
#include <openssl/rand.h>

#include "base/mem.h"
#include "crypto/jacobi.h"
#include "crypto/lib.h"

static const struct row {
	uint16_t	 id;
	BIGNUM		*(*prime)(BIGNUM *);	/* a safe one */
	const char	*name;		/* else the library's of the group */
} rows[LIB_GROUPS] = {
	{ 1, BN_get_rfc2409_prime_768, NULL },
	{ 2, BN_get_rfc2409_prime_1024, NULL },
	{ 5, BN_get_rfc3526_prime_1536, NULL },
	{ 14, BN_get_rfc3526_prime_2048, NULL },
	{ 15, BN_get_rfc3526_prime_3072, NULL },
	{ 16, BN_get_rfc3526_prime_4096, NULL },
	{ 17, BN_get_rfc3526_prime_6144, NULL },
	{ 18, BN_get_rfc3526_prime_8192, NULL },
	{ 22, NULL, "dh_1024_160" },
	{ 23, NULL, "dh_2048_224" },
	{ 24, NULL, "dh_2048_256" },
};

/* Prime, generator and order of a group of RFC 5114. */
static void
fetch(const struct crypto *c, struct lib_group *g, const char *name)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(c->lib, "DHX", NULL);
	char copy[16];
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM params[2];

	(void)strncpy(copy, name, sizeof(copy) - 1);
	copy[sizeof(copy) - 1] = '\0';
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, copy, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEY_PARAMETERS,
	    params) == 1 &&
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_FFC_Q, &g->q) == 1 &&
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_FFC_G, &g->g) == 1)
		(void)EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_FFC_P,
		    &g->p);
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
}

static bool
group_setup(const struct crypto *c, struct lib_group *g, const struct row *row,
    BN_CTX *bn)
{
	const struct alg_group *alg = alg_group(row->id);

	g->exponent = alg->exponent;
	g->len = alg->len;
	if (row->prime != NULL)
		g->p = row->prime(NULL);
	else {
		fetch(c, g, row->name);
		/* A library without them: the group is not there. */
		if (g->p == NULL)
			return true;
	}
	g->mont = BN_MONT_CTX_new();
	g->wire = xcalloc(1, g->len);
	if (g->p == NULL || g->mont == NULL)
		return false;
	g->last = BN_dup(g->p);
	return g->last != NULL && BN_sub_word(g->last, 2) == 1 &&
	    BN_bn2binpad(g->p, g->wire, (int)g->len) == (int)g->len &&
	    BN_MONT_CTX_set(g->mont, g->p, bn) == 1;
}

bool
modp_setup(struct crypto *c)
{
	BN_CTX *bn = BN_CTX_new_ex(c->lib);
	bool good = bn != NULL;

	c->lazy = xcalloc(1, sizeof(*c->lazy));
	for (unsigned i = 0; i < LIB_GROUPS; i++)
		atomic_init(&c->lazy->comb[i], NULL);
	for (unsigned i = 0; good && i < LIB_GROUPS; i++)
		good = group_setup(c, &c->group[i], &rows[i], bn);
	BN_CTX_free(bn);
	return good;
}

void
modp_done(struct crypto *c)
{
	for (unsigned i = 0; i < LIB_GROUPS; i++) {
		BN_free(c->group[i].p);
		BN_free(c->group[i].q);
		BN_free(c->group[i].g);
		BN_free(c->group[i].last);
		BN_MONT_CTX_free(c->group[i].mont);
		free(c->group[i].wire);
		if (c->lazy != NULL)
			comb_free(atomic_load(&c->lazy->comb[i]));
	}
	free(c->lazy);
}

static const struct lib_group *
find(const struct crypto *c, const struct alg_group *alg)
{
	for (unsigned i = 0; i < LIB_GROUPS; i++) {
		if (rows[i].id == alg->id && c->group[i].p != NULL)
			return &c->group[i];
	}
	return NULL;
}

/* Several threads may come here with the same group for the first time. */
static const struct comb *
comb(const struct crypto *c, const struct lib_group *g, BN_CTX *bn)
{
	_Atomic(struct comb *) *slot = &c->lazy->comb[g - c->group];
	struct comb *there = atomic_load(slot), *made;

	if (there != NULL)
		return there;
	made = comb_new(g, bn);
	if (made == NULL || atomic_compare_exchange_strong(slot, &there, made))
		return made;
	comb_free(made);
	return there;
}

static size_t
exponent_len(const struct lib_group *g)
{
	return (g->exponent + 7) / 8;
}

/* Appends N as LEN bytes; what was added is taken back on failure. */
static enum err
put(const BIGNUM *n, size_t len, struct buf *out)
{
	uint8_t *room = buf_room(out, len);

	if (room == NULL)
		return E_LIMIT;
	if (BN_bn2binpad(n, room, (int)len) == (int)len)
		return OK;
	buf_cut(out, out->n - len);
	return lib_failed();
}

/*
 * The exponent's top bit is set, so that its length is no secret that the
 * time of a computation could tell; it costs one bit of more than enough.
 */
static bool
new_exponent(const struct crypto *c, const struct lib_group *g, uint8_t *x)
{
	size_t len = exponent_len(g);
	unsigned top = (g->exponent - 1) % 8;

	if (RAND_priv_bytes_ex(c->lib, x, len, 0) != 1)
		return false;
	x[0] = (uint8_t)((x[0] & ((1u << top) - 1)) | 1u << top);
	return true;
}

/* Y = 2^X. */
static bool
power_of_two(const struct crypto *c, const struct lib_group *g, struct view x,
    BIGNUM *y, BN_CTX *bn)
{
	const struct comb *powers = comb(c, g, bn);

	return powers != NULL && comb_power(powers, g, x, y, bn);
}

/*
 * Y = the generator to the power X.  As long as the order q, X can be no
 * multiple of it but q itself.
 */
static bool
power_of_generator(const struct lib_group *g, struct view x, BIGNUM *y,
    BN_CTX *bn)
{
	BIGNUM *n = BN_CTX_get(bn);

	return n != NULL && BN_bin2bn(x.p, (int)x.n, n) != NULL &&
	    BN_mod_exp_mont_consttime(y, g->g, n, g->p, bn, g->mont) == 1 &&
	    !BN_is_one(y);
}

static enum err
new_key(const struct crypto *c, const struct lib_group *g, BN_CTX *bn,
    struct buf *priv, struct buf *pub)
{
	size_t before = priv->n;
	BIGNUM *y = BN_CTX_get(bn);
	uint8_t *x = NULL;
	enum err r;

	if (y == NULL)
		return lib_failed();
	x = buf_room(priv, exponent_len(g));
	if (x == NULL)
		return E_LIMIT;
	if (new_exponent(c, g, x) && (g->q == NULL ?
	    power_of_two(c, g, buf_from(priv, before), y, bn) :
	    power_of_generator(g, buf_from(priv, before), y, bn)))
		r = put(y, g->len, pub);
	else
		r = lib_failed();
	if (r != OK)
		buf_cut(priv, before);
	return r;
}

enum err
modp_new(const struct crypto *c, const struct alg_group *alg, struct buf *priv,
    struct buf *pub)
{
	const struct lib_group *g = find(c, alg);
	BN_CTX *bn = BN_CTX_new_ex(c->lib);
	enum err r;

	if (g == NULL || bn == NULL) {
		BN_CTX_free(bn);
		return lib_failed();
	}
	BN_CTX_start(bn);
	r = new_key(c, g, bn, priv, pub);
	BN_CTX_end(bn);
	BN_CTX_free(bn);	/* wipes its numbers */
	return r;
}

/* Is Y, a peer's value, of the order q?  Neither is secret. */
static bool
of_order(const struct lib_group *g, const BIGNUM *y, BN_CTX *bn)
{
	BIGNUM *z = BN_CTX_get(bn);

	return z != NULL && !BN_is_zero(y) &&
	    BN_mod_exp_mont(z, y, g->q, g->p, bn, g->mont) == 1 &&
	    BN_is_one(z);
}

/* RFC 2631 2.1.5 asks for this: 2..p-2 and in the subgroup of order q. */
static bool
proper(const struct lib_group *g, const BIGNUM *y, struct view wire,
    BN_CTX *bn)
{
	if (BN_is_one(y) || BN_cmp(y, g->last) > 0)
		return false;
	if (g->q != NULL)
		return of_order(g, y, bn);
	/* 0 has the symbol 0. */
	return jacobi(wire, view_of(g->wire, g->len)) == 1;
}

static enum err
share(const struct lib_group *g, BN_CTX *bn, struct view priv,
    struct view peer, struct buf *shared)
{
	BIGNUM *x = BN_CTX_get(bn), *y = BN_CTX_get(bn), *z = BN_CTX_get(bn);

	if (z == NULL || BN_bin2bn(priv.p, (int)priv.n, x) == NULL ||
	    BN_bin2bn(peer.p, (int)peer.n, y) == NULL)
		return lib_failed();
	if (!proper(g, y, peer, bn))
		return E_KE;
	if (BN_mod_exp_mont_consttime(z, y, x, g->p, bn, g->mont) != 1)
		return lib_failed();
	return put(z, peer.n, shared);
}

enum err
modp_share(const struct crypto *c, const struct alg_group *alg, struct view priv,
    struct view peer, struct buf *shared)
{
	const struct lib_group *g = find(c, alg);
	BN_CTX *bn;
	enum err r;

	if (g == NULL || priv.bad || priv.n != exponent_len(g))
		return lib_failed();
	if (peer.bad || peer.n != g->len)
		return E_KE;
	bn = BN_CTX_new_ex(c->lib);
	if (bn == NULL)
		return lib_failed();
	BN_CTX_start(bn);
	r = share(g, bn, priv, peer, shared);
	BN_CTX_end(bn);
	BN_CTX_free(bn);	/* wipes its numbers */
	return r;
}
