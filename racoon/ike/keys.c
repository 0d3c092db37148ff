/* SPDX-License-Identifier: ISC */
/* The key material, IVs and hashes of RFC 2409 5 and appendix B. */
#include "ike/keys.h"

#include <assert.h>

#include "crypto/hash.h"

#define PARTS(a)	(sizeof(a) / sizeof((a)[0]))
#define KEYMAT_MAX	512	/* no SA needs half of it */

/* prf() whose result replaces what OUT had. */
static enum err
prf(const struct crypto *c, const struct alg_hash *hash, struct view key,
    const struct view *part, unsigned nparts, struct buf *out)
{
	buf_reset(out);
	return hash_prf(c, hash, key, part, nparts, out);
}

void
keys_init(struct keys *k)
{
	buf_init(&k->skeyid, HASH_LEN_MAX);
	buf_init(&k->d, HASH_LEN_MAX);
	buf_init(&k->a, HASH_LEN_MAX);
	buf_init(&k->e, HASH_LEN_MAX);
	buf_init(&k->cipher, CIPHER_KEY_MAX);
}

void
keys_fini(struct keys *k)
{
	buf_fini(&k->skeyid);
	buf_fini(&k->d);
	buf_fini(&k->a);
	buf_fini(&k->e);
	buf_fini(&k->cipher);
}

enum err
keys_skeyid_psk(const struct crypto *c, const struct alg_hash *hash,
    struct view psk, struct view ni, struct view nr, struct buf *skeyid)
{
	const struct view part[] = { ni, nr };

	return prf(c, hash, psk, part, PARTS(part), skeyid);
}

enum err
keys_skeyid_sig(const struct crypto *c, const struct alg_hash *hash,
    struct view ni, struct view nr, struct view gxy, struct buf *skeyid)
{
	struct buf nonces;
	enum err r;

	buf_init(&nonces, ni.n + nr.n);
	buf_add(&nonces, ni);
	buf_add(&nonces, nr);
	r = buf_ok(&nonces) ?
	    prf(c, hash, buf_view(&nonces), &gxy, 1, skeyid) : E_LIMIT;
	buf_fini(&nonces);
	return r;
}

/*
 * Appendix B: SKEYID_e as far as it goes, or when it is too short the chain
 * K1 = prf(SKEYID_e, 0), K2 = prf(SKEYID_e, K1), ... instead of it.
 */
static enum err
cipher_key(const struct crypto *c, const struct alg_hash *hash, struct view e,
    size_t len, struct buf *out)
{
	const uint8_t zero = 0;
	struct view last = view_of(&zero, 1);
	struct buf chain;
	enum err r = OK;

	if (len <= e.n) {
		buf_set(out, view_of(e.p, len));
		return buf_ok(out) ? OK : E_LIMIT;
	}
	buf_init(&chain, len + HASH_LEN_MAX);
	while (r == OK && chain.n < len) {
		r = hash_prf(c, hash, e, &last, 1, &chain);
		if (r == OK)
			last = buf_from(&chain, chain.n - hash->len);
	}
	if (r == OK) {
		buf_set(out, view_of(chain.p, len));
		r = buf_ok(out) ? OK : E_LIMIT;
	}
	buf_fini(&chain);
	return r;
}

/* RFC 2409 5: each of the three is made from the one before. */
enum err
keys_derive(const struct crypto *c, const struct alg_hash *hash,
    struct view gxy, struct view cookies, unsigned key_bits, struct keys *k)
{
	struct buf *const step[] = { &k->d, &k->a, &k->e };
	struct view before = view_of(NULL, 0);
	enum err r;

	assert(cookies.n == (size_t)2 * ISAKMP_COOKIE_LEN);
	if (key_bits == 0 || key_bits % 8 != 0 ||
	    key_bits / 8 > CIPHER_KEY_MAX)
		return E_LENGTH;
	for (uint8_t i = 0; i < PARTS(step); i++) {
		const struct view part[] = {
			before, gxy, cookies, view_of(&i, 1)
		};

		r = prf(c, hash, buf_view(&k->skeyid), part, PARTS(part),
		    step[i]);
		if (r != OK)
			return r;
		before = buf_view(step[i]);
	}
	return cipher_key(c, hash, buf_view(&k->e), key_bits / 8, &k->cipher);
}

/* The first BLOCK bytes of the hash of two things. */
static enum err
first_iv(const struct crypto *c, const struct alg_hash *hash,
    const struct view part[2], unsigned block, uint8_t *iv)
{
	struct buf sum;
	enum err r;

	assert(block <= BLOCK_LEN_MAX && block <= hash->len);
	buf_init(&sum, HASH_LEN_MAX);
	r = hash_digest(c, hash, part, 2, &sum);
	if (r == OK)
		memcpy(iv, sum.p, block);
	buf_fini(&sum);
	return r;
}

enum err
keys_iv_phase1(const struct crypto *c, const struct alg_hash *hash,
    struct view gxi, struct view gxr, unsigned block, uint8_t *iv)
{
	const struct view part[] = { gxi, gxr };

	return first_iv(c, hash, part, block, iv);
}

/* A message id as it is on the wire. */
struct msgid {
	uint8_t	bytes[4];
};

static struct msgid
wire_msgid(uint32_t id)
{
	return (struct msgid){ { (uint8_t)(id >> 24), (uint8_t)(id >> 16),
	    (uint8_t)(id >> 8), (uint8_t)id } };
}

enum err
keys_iv_phase2(const struct crypto *c, const struct alg_hash *hash,
    const uint8_t *last, uint32_t msgid, unsigned block, uint8_t *iv)
{
	const struct msgid m = wire_msgid(msgid);
	const struct view part[] = {
		view_of(last, block), view_of(m.bytes, sizeof(m.bytes))
	};

	return first_iv(c, hash, part, block, iv);
}

enum err
keys_hash_auth(const struct crypto *c, const struct alg_hash *hash,
    struct view skeyid, const struct keys_auth_in *in, struct buf *out)
{
	const struct view part[] = {
		in->gx_own, in->gx_other, in->cky_own, in->cky_other,
		in->sa, in->id, in->gss_id, in->gss_token
	};

	return prf(c, hash, skeyid, part, PARTS(part), out);
}

enum err
keys_hash_1(const struct crypto *c, const struct alg_hash *hash,
    struct view skeyid_a, const struct keys_hash_in *in, struct buf *out)
{
	const struct msgid m = wire_msgid(in->msgid);
	const struct view part[] = {
		view_of(m.bytes, sizeof(m.bytes)), in->rest
	};

	return prf(c, hash, skeyid_a, part, PARTS(part), out);
}

enum err
keys_hash_2(const struct crypto *c, const struct alg_hash *hash,
    struct view skeyid_a, const struct keys_hash_in *in, struct buf *out)
{
	const struct msgid m = wire_msgid(in->msgid);
	const struct view part[] = {
		view_of(m.bytes, sizeof(m.bytes)), in->ni, in->rest
	};

	return prf(c, hash, skeyid_a, part, PARTS(part), out);
}

enum err
keys_hash_3(const struct crypto *c, const struct alg_hash *hash,
    struct view skeyid_a, const struct keys_hash_in *in, struct buf *out)
{
	const struct msgid m = wire_msgid(in->msgid);
	const uint8_t zero = 0;
	const struct view part[] = {
		view_of(&zero, 1), view_of(m.bytes, sizeof(m.bytes)), in->ni,
		in->nr
	};

	return prf(c, hash, skeyid_a, part, PARTS(part), out);
}

/* K1 = prf(SKEYID_d, seed), Kn = prf(SKEYID_d, K(n-1) | seed): RFC 2409 5.5. */
enum err
keys_keymat(const struct crypto *c, const struct alg_hash *hash,
    const struct keys_keymat_in *in, size_t len, struct buf *out)
{
	struct view part[] = {
		view_of(NULL, 0), in->gxy, view_of(&in->proto, 1),
		view_of(in->spi, sizeof(in->spi)), in->ni, in->nr
	};
	struct buf chain;
	enum err r = OK;

	if (len > KEYMAT_MAX)
		return E_LENGTH;
	buf_init(&chain, KEYMAT_MAX + HASH_LEN_MAX);
	while (r == OK && chain.n < len) {
		r = hash_prf(c, hash, in->skeyid_d, part, PARTS(part), &chain);
		if (r == OK)
			part[0] = buf_from(&chain, chain.n - hash->len);
	}
	if (r == OK) {
		buf_set(out, view_of(chain.p, len));
		r = buf_ok(out) ? OK : E_LIMIT;
	}
	buf_fini(&chain);
	return r;
}
