/* SPDX-License-Identifier: ISC */
/*
 * --wrap=NAME of the linker: calls of NAME arrive at __wrap_NAME, and
 * __real_NAME is the library's own.  Calls from within the library carry a
 * real struct crypto and pass through.
 */
#include "test/sim/seeded.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/cert.h"
#include "crypto/cipher.h"
#include "crypto/dh.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "test/sim/rng.h"

#define SEEDED_MAGIC	0x5eed5eed5eed5eedu	/* never a pointer */

struct seeded {
	uint64_t	 magic;
	struct crypto	*real;
	struct rng	 rng;
	bool		 cheap;		/* seeded_cheap_dh() */
};

enum err	 __real_crypto_random(struct crypto *, void *, size_t);
enum err	 __wrap_crypto_random(struct crypto *, void *, size_t);
enum err	 __real_hash_digest(const struct crypto *,
		    const struct alg_hash *, const struct view *, unsigned,
		    struct buf *);
enum err	 __wrap_hash_digest(const struct crypto *,
		    const struct alg_hash *, const struct view *, unsigned,
		    struct buf *);
enum err	 __real_hash_prf(const struct crypto *, const struct alg_hash *,
		    struct view, const struct view *, unsigned, struct buf *);
enum err	 __wrap_hash_prf(const struct crypto *, const struct alg_hash *,
		    struct view, const struct view *, unsigned, struct buf *);
enum err	 __real_cipher_seal(const struct crypto *,
		    const struct alg_cipher *, struct view, const uint8_t *,
		    struct view, struct buf *);
enum err	 __wrap_cipher_seal(const struct crypto *,
		    const struct alg_cipher *, struct view, const uint8_t *,
		    struct view, struct buf *);
enum err	 __real_cipher_open(const struct crypto *,
		    const struct alg_cipher *, struct view, const uint8_t *,
		    struct view, struct buf *);
enum err	 __wrap_cipher_open(const struct crypto *,
		    const struct alg_cipher *, struct view, const uint8_t *,
		    struct view, struct buf *);
bool		 __real_cipher_usable(const struct crypto *,
		    const struct alg_cipher *);
bool		 __wrap_cipher_usable(const struct crypto *,
		    const struct alg_cipher *);
enum err	 __real_sign_make(const struct crypto *, const struct key *,
		    uint16_t, struct view, struct buf *);
enum err	 __wrap_sign_make(const struct crypto *, const struct key *,
		    uint16_t, struct view, struct buf *);
enum err	 __real_sign_check(const struct crypto *, const struct key *,
		    uint16_t, struct view, struct view);
enum err	 __wrap_sign_check(const struct crypto *, const struct key *,
		    uint16_t, struct view, struct view);
enum err	 __real_cert_get(const struct crypto *, struct view,
		    struct cert **);
enum err	 __wrap_cert_get(const struct crypto *, struct view,
		    struct cert **);
enum err	 __real_cert_get_pkcs7(const struct crypto *, struct view,
		    struct cert **, unsigned *);
enum err	 __wrap_cert_get_pkcs7(const struct crypto *, struct view,
		    struct cert **, unsigned *);
enum err	 __real_dh_new(const struct crypto *, const struct alg_group *,
		    struct buf *, struct buf *);
enum err	 __wrap_dh_new(const struct crypto *, const struct alg_group *,
		    struct buf *, struct buf *);
enum err	 __real_dh_share(const struct crypto *,
		    const struct alg_group *, struct view, struct view,
		    struct buf *);
enum err	 __wrap_dh_share(const struct crypto *,
		    const struct alg_group *, struct view, struct view,
		    struct buf *);

/* NULL for a real struct crypto, whose first member is a pointer. */
static struct seeded *
seeded_of(const struct crypto *c)
{
	uint64_t magic;

	memcpy(&magic, (const void *)c, sizeof(magic));
	return magic == SEEDED_MAGIC ? (struct seeded *)(uintptr_t)c : NULL;
}

static const struct crypto *
real_of(const struct crypto *c)
{
	const struct seeded *s = seeded_of(c);

	return s != NULL ? s->real : c;
}

struct crypto *
seeded_new(struct crypto *real, uint64_t seed)
{
	struct seeded *s = xcalloc(1, sizeof(*s));

	s->magic = SEEDED_MAGIC;
	s->real = real;
	rng_init(&s->rng, seed);
	return (struct crypto *)(void *)s;
}

void
seeded_free(struct crypto *c)
{
	if (c != NULL)
		xfreezero(seeded_of(c), sizeof(struct seeded));
}

static void
fill(struct rng *r, uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(rng_next(r) >> 56);
}

enum err
__wrap_crypto_random(struct crypto *c, void *p, size_t n)
{
	struct seeded *s = seeded_of(c);

	if (s == NULL)
		return __real_crypto_random(c, p, n);
	fill(&s->rng, p, n);
	return OK;
}

enum err
__wrap_hash_digest(const struct crypto *c, const struct alg_hash *alg,
    const struct view *part, unsigned nparts, struct buf *out)
{
	return __real_hash_digest(real_of(c), alg, part, nparts, out);
}

enum err
__wrap_hash_prf(const struct crypto *c, const struct alg_hash *alg,
    struct view key, const struct view *part, unsigned nparts,
    struct buf *out)
{
	return __real_hash_prf(real_of(c), alg, key, part, nparts, out);
}

enum err
__wrap_cipher_seal(const struct crypto *c, const struct alg_cipher *alg,
    struct view key, const uint8_t *iv, struct view in, struct buf *out)
{
	return __real_cipher_seal(real_of(c), alg, key, iv, in, out);
}

enum err
__wrap_cipher_open(const struct crypto *c, const struct alg_cipher *alg,
    struct view key, const uint8_t *iv, struct view in, struct buf *out)
{
	return __real_cipher_open(real_of(c), alg, key, iv, in, out);
}

bool
__wrap_cipher_usable(const struct crypto *c, const struct alg_cipher *alg)
{
	return __real_cipher_usable(real_of(c), alg);
}

void
seeded_cheap_dh(struct crypto *c)
{
	seeded_of(c)->cheap = true;
}

#define CHEAP_PRIME	0x7fffffffu	/* and 7 makes all its numbers */
#define CHEAP_BASE	7

static uint64_t
power(uint64_t base, uint64_t x)
{
	uint64_t y = 1, b = base;

	for (; x > 0; x >>= 1) {
		if ((x & 1) != 0)
			y = y * b % CHEAP_PRIME;
		b = b * b % CHEAP_PRIME;
	}
	return y;
}

/* V in front, then what follows from it: all of the group's length. */
static void
stretch(uint64_t v, const struct alg_group *g, struct buf *out)
{
	uint8_t bytes[GROUP_LEN_MAX];
	struct rng r;

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(v >> (56 - 8 * i));
	rng_init(&r, v);
	fill(&r, bytes + 8, g->len - 8u);
	buf_set(out, view_of(bytes, g->len));
}

static uint64_t
first_word(struct view in)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | in.p[i];
	return v;
}

static enum err
cheap_share(const struct alg_group *g, struct view priv, struct view peer,
    struct buf *shared)
{
	uint64_t v = peer.n == g->len ? first_word(peer) : 0;

	stretch(v, g, shared);
	if (v < 2 || v >= CHEAP_PRIME - 1 || !view_equal(buf_view(shared), peer)) {
		buf_reset(shared);
		return E_KE;
	}
	stretch(power(v, first_word(priv)), g, shared);
	return OK;
}

static bool
is_cheap(const struct seeded *s, const struct alg_group *g)
{
	return s != NULL && s->cheap && g->kind == GROUP_MODP;
}

/* All groups have generator 2, so 2^x is what we would share with 2. */
enum err
__wrap_dh_new(const struct crypto *c, const struct alg_group *g,
    struct buf *priv, struct buf *pub)
{
	struct seeded *s = seeded_of(c);
	uint8_t two[GROUP_LEN_MAX] = { 0 };
	uint8_t x[GROUP_LEN_MAX];
	size_t n = (g->exponent + 7u) / 8;

	if (s == NULL)
		return __real_dh_new(c, g, priv, pub);
	fill(&s->rng, x, n);
	x[0] |= 0x80;
	two[g->len - 1] = 2;
	buf_set(priv, view_of(x, n));
	buf_reset(pub);
	if (is_cheap(s, g)) {
		stretch(power(CHEAP_BASE, first_word(buf_view(priv))), g, pub);
		return OK;
	}
	return __real_dh_share(s->real, g, buf_view(priv),
	    view_of(two, g->len), pub);
}

enum err
__wrap_dh_share(const struct crypto *c, const struct alg_group *g,
    struct view priv, struct view peer, struct buf *shared)
{
	if (is_cheap(seeded_of(c), g))
		return cheap_share(g, priv, peer, shared);
	return __real_dh_share(real_of(c), g, priv, peer, shared);
}

/* With RSA the same bytes have the same signature always. */
enum err
__wrap_sign_make(const struct crypto *c, const struct key *key,
    uint16_t method, struct view hash, struct buf *sig)
{
	return __real_sign_make(real_of(c), key, method, hash, sig);
}

enum err
__wrap_sign_check(const struct crypto *c, const struct key *key,
    uint16_t method, struct view hash, struct view sig)
{
	return __real_sign_check(real_of(c), key, method, hash, sig);
}

enum err
__wrap_cert_get(const struct crypto *c, struct view der, struct cert **out)
{
	return __real_cert_get(real_of(c), der, out);
}

enum err
__wrap_cert_get_pkcs7(const struct crypto *c, struct view der,
    struct cert **out, unsigned *n)
{
	return __real_cert_get_pkcs7(real_of(c), der, out, n);
}
