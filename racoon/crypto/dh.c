/* SPDX-License-Identifier: ISC */
/*
 * Diffie-Hellman in the MODP groups of RFC 2409 6 and RFC 3526 with the
 * library's numbers (BN) instead of its EVP_PKEY.
 *
 * Why: all primes here are safe, p = 2q + 1.  An element y of 2..p-2 has the
 * order q exactly when it is a quadratic residue, which a Jacobi symbol tells
 * at once.  EVP's own check of the peer's value raises it to the power q, at
 * modp3072 six times the cost of the agreement.  EVP can leave that out, but
 * has no cheaper one, knows no groups 1 and 2, and makes a key at the price of
 * an agreement where a table does it for a third.  doc/BENCHMARKS.md has the
 * figures.
 */
#include "crypto/dh.h"

#include <openssl/rand.h>

#include "base/mem.h"
#include "crypto/jacobi.h"
#include "crypto/lib.h"

static const struct {
	uint16_t	 id;
	BIGNUM		*(*prime)(BIGNUM *);
} rows[LIB_GROUPS] = {
	{ 1, BN_get_rfc2409_prime_768 },
	{ 2, BN_get_rfc2409_prime_1024 },
	{ 5, BN_get_rfc3526_prime_1536 },
	{ 14, BN_get_rfc3526_prime_2048 },
	{ 15, BN_get_rfc3526_prime_3072 },
	{ 16, BN_get_rfc3526_prime_4096 },
	{ 17, BN_get_rfc3526_prime_6144 },
	{ 18, BN_get_rfc3526_prime_8192 },
};

static bool
group_setup(struct lib_group *g, unsigned nth, BN_CTX *bn)
{
	const struct alg_group *alg = alg_group(rows[nth].id);

	g->exponent = alg->exponent;
	g->len = alg->len;
	g->p = rows[nth].prime(NULL);
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
dh_setup(struct crypto *c)
{
	BN_CTX *bn = BN_CTX_new_ex(c->lib);
	bool good = bn != NULL;

	c->lazy = xcalloc(1, sizeof(*c->lazy));
	for (unsigned i = 0; i < LIB_GROUPS; i++)
		atomic_init(&c->lazy->comb[i], NULL);
	for (unsigned i = 0; good && i < LIB_GROUPS; i++)
		good = group_setup(&c->group[i], i, bn);
	BN_CTX_free(bn);
	return good;
}

void
dh_done(struct crypto *c)
{
	for (unsigned i = 0; i < LIB_GROUPS; i++) {
		BN_free(c->group[i].p);
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
		if (rows[i].id == alg->id)
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

static enum err
new_key(const struct crypto *c, const struct lib_group *g, BN_CTX *bn,
    struct buf *priv, struct buf *pub)
{
	const struct comb *powers = comb(c, g, bn);
	size_t before = priv->n;
	BIGNUM *y = BN_CTX_get(bn);
	uint8_t *x;
	enum err r;

	if (powers == NULL || y == NULL)
		return lib_failed();
	x = buf_room(priv, exponent_len(g));
	if (x == NULL)
		return E_LIMIT;
	if (new_exponent(c, g, x) &&
	    comb_power(powers, g, buf_from(priv, before), y, bn))
		r = put(y, g->len, pub);
	else
		r = lib_failed();
	if (r != OK)
		buf_cut(priv, before);
	return r;
}

enum err
dh_new(const struct crypto *c, const struct alg_group *alg, struct buf *priv,
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

/* RFC 2631 2.1.5 asks for this: 2..p-2 and in the subgroup of order q. */
static bool
proper(const struct lib_group *g, const BIGNUM *y, struct view wire)
{
	/* 0 has the symbol 0. */
	return !BN_is_one(y) && BN_cmp(y, g->last) <= 0 &&
	    jacobi(wire, view_of(g->wire, g->len)) == 1;
}

static enum err
share(const struct lib_group *g, BN_CTX *bn, struct view priv,
    struct view peer, struct buf *shared)
{
	BIGNUM *x = BN_CTX_get(bn), *y = BN_CTX_get(bn), *z = BN_CTX_get(bn);

	if (z == NULL || BN_bin2bn(priv.p, (int)priv.n, x) == NULL ||
	    BN_bin2bn(peer.p, (int)peer.n, y) == NULL)
		return lib_failed();
	if (!proper(g, y, peer))
		return E_KE;
	if (BN_mod_exp_mont_consttime(z, y, x, g->p, bn, g->mont) != 1)
		return lib_failed();
	return put(z, peer.n, shared);
}

enum err
dh_share(const struct crypto *c, const struct alg_group *alg, struct view priv,
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
