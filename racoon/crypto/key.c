/* SPDX-License-Identifier: ISC */
/*
 * Keys out of files and numbers.  Whatever they come from, each passes through
 * key_wrap(), which alone decides what is good enough.
 */
#include "crypto/key.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <limits.h>

#include "base/mem.h"
#include "crypto/lib.h"
#include "crypto/sign.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const struct curve {
	const char	*name;		/* of the library */
	enum key_kind	 kind;
} curves[] = {
	{ "prime256v1", KEY_EC256 },
	{ "P-256", KEY_EC256 },
	{ "secp384r1", KEY_EC384 },
	{ "P-384", KEY_EC384 },
	{ "secp521r1", KEY_EC521 },
	{ "P-521", KEY_EC521 },
};

/* E_CONFIG, for the reason that is given. */
static enum err
refuse(const char **why, const char *reason)
{
	lib_forget();
	*why = reason;
	return E_CONFIG;
}

/* The curve's name in this build's spelling; NULL when it has none. */
static const struct curve *
curve_of(const EVP_PKEY *pkey)
{
	char name[32];

	if (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME,
	    name, sizeof(name), NULL) != 1)
		return NULL;
	for (size_t i = 0; i < COUNT(curves); i++) {
		if (strcmp(curves[i].name, name) == 0)
			return &curves[i];
	}
	return NULL;
}

/*
 * With the exponent 1 a signature is the padded hash, which everybody can
 * write; an even exponent or modulus is no RSA.
 */
static const char *
rsa_fault(const EVP_PKEY *pkey)
{
	int bits = EVP_PKEY_get_bits(pkey);
	BIGNUM *n = NULL, *e = NULL;
	const char *fault = NULL;

	if (bits < KEY_RSA_BITS_MIN)
		fault = "has an RSA key of less than 1024 bits, which can be "
		    "broken; make a longer one";
	else if (bits > KEY_RSA_BITS_MAX)
		fault = "has an RSA key of more than 16384 bits";
	else if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
		fault = "has an RSA key without modulus or public exponent";
	else if (!BN_is_odd(n))
		fault = "has an RSA key with an even modulus";
	else if (!BN_is_odd(e) || BN_is_one(e) || BN_is_negative(e))
		fault = "has an RSA key whose public exponent is even or 1";
	else if (BN_cmp(e, n) >= 0)
		fault = "has an RSA key whose public exponent is longer than "
		    "the modulus";
	BN_free(n);
	BN_free(e);
	return fault;
}

/* A private key must be the other half of its public one. */
static bool
pair_works(const struct crypto *c, const struct key *k)
{
	static const uint8_t hash[32] = { 0x69, 0x6b, 0x65 };
	struct buf sig;
	bool good;

	buf_init(&sig, SIGN_LEN_MAX);
	good = sign_make(c, k, sign_method(k->kind), view_of(hash,
	    sizeof(hash)), &sig) == OK && sign_check(c, k,
	    sign_method(k->kind), view_of(hash, sizeof(hash)),
	    buf_view(&sig)) == OK;
	buf_fini(&sig);
	return good;
}

static enum err
judge(const struct crypto *c, struct key *k, const char **why)
{
	const struct curve *curve;
	const char *fault;

	if (EVP_PKEY_is_a(k->pkey, "RSA")) {
		fault = rsa_fault(k->pkey);
		if (fault != NULL)
			return refuse(why, fault);
		k->kind = KEY_RSA;
	} else if (EVP_PKEY_is_a(k->pkey, "EC")) {
		curve = curve_of(k->pkey);
		if (curve == NULL)
			return refuse(why, "has a key on a curve that IKE has "
			    "no method for; use P-256, P-384 or P-521");
		k->kind = curve->kind;
	} else
		return refuse(why, "has a key that is neither RSA nor ECDSA");
	if (k->secret && !pair_works(c, k))
		return refuse(why, "has a private key that does not belong to "
		    "its public key");
	return OK;
}

enum err
key_wrap(const struct crypto *c, EVP_PKEY *pkey, bool secret,
    struct key **out, const char **why)
{
	struct key *k = xcalloc(1, sizeof(*k));
	enum err r;

	atomic_init(&k->refs, 1);
	k->pkey = pkey;
	k->secret = secret;
	r = judge(c, k, why);
	if (r == OK)
		*out = k;
	else
		key_unref(k);
	return r;
}

/* Nobody is there to be asked for a passphrase. */
static int
no_passphrase(char *out, int size, int writing, void *asked)
{
	(void)out;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static EVP_PKEY *
decode(const struct crypto *c, struct view file, bool *asked)
{
	BIO *bio = BIO_new_mem_buf(file.p, (int)file.n);
	const unsigned char *p = file.p;
	EVP_PKEY *pkey = NULL;

	if (bio != NULL)
		pkey = PEM_read_bio_PrivateKey_ex(bio, NULL, no_passphrase,
		    asked, c->lib, NULL);
	if (pkey == NULL && !*asked)
		pkey = d2i_AutoPrivateKey_ex(NULL, &p, (long)file.n, c->lib,
		    NULL);
	BIO_free(bio);
	return pkey;
}

enum err
key_read(const struct crypto *c, struct view file, struct key **out,
    const char **why)
{
	bool asked = false;
	EVP_PKEY *pkey;

	if (file.bad || file.n == 0)
		return refuse(why, "is empty");
	if (file.n > KEY_FILE_MAX)
		return refuse(why, "is too long for a private key");
	pkey = decode(c, file, &asked);
	lib_forget();
	if (pkey == NULL && asked)
		return refuse(why, "is encrypted; racoon cannot ask for the "
		    "passphrase: remove it with \"openssl pkey\"");
	if (pkey == NULL)
		return refuse(why, "holds no private key in PEM or DER");
	return key_wrap(c, pkey, true, out, why);
}

/* ---- out of numbers ---- */

#define RSA_PARTS	8

struct numbers {
	BIGNUM	*part[RSA_PARTS];	/* NULL: absent */
};

enum { N, E, D, P, Q, DP, DQ, QINV };

static const char *const param_names[RSA_PARTS] = {
	[N] = OSSL_PKEY_PARAM_RSA_N,
	[E] = OSSL_PKEY_PARAM_RSA_E,
	[D] = OSSL_PKEY_PARAM_RSA_D,
	[P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
	[Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
	[DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
	[DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
	[QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

static bool
numbers_set(struct numbers *b, const struct key_rsa *rsa)
{
	const struct view part[RSA_PARTS] = {
		[N] = rsa->n, [E] = rsa->e, [D] = rsa->d,
		[P] = rsa->p, [Q] = rsa->q,
		[DP] = rsa->dp, [DQ] = rsa->dq, [QINV] = rsa->qinv,
	};

	for (unsigned i = 0; i < RSA_PARTS; i++) {
		if (part[i].bad || part[i].n > KEY_RSA_BITS_MAX / 8)
			return false;
		if (part[i].n == 0)
			continue;
		/* A private part stays out of the library's fast paths. */
		b->part[i] = i < D ? BN_new() : BN_secure_new();
		if (b->part[i] == NULL || BN_bin2bn(part[i].p, (int)part[i].n,
		    b->part[i]) == NULL)
			return false;
		if (i >= D)
			BN_set_flags(b->part[i], BN_FLG_CONSTTIME);
	}
	return b->part[N] != NULL && b->part[E] != NULL;
}

static void
numbers_done(struct numbers *b)
{
	for (unsigned i = 0; i < RSA_PARTS; i++)
		BN_clear_free(b->part[i]);
}

/* Does X leave the remainder REST modulo M - 1? */
static bool
leaves(const BIGNUM *x, const BIGNUM *m, const BIGNUM *rest, BN_CTX *bn)
{
	BIGNUM *less = BN_CTX_get(bn), *left = BN_CTX_get(bn);

	return left != NULL && BN_sub(less, m, BN_value_one()) == 1 &&
	    !BN_is_zero(less) && BN_mod(left, x, less, bn) == 1 &&
	    BN_cmp(left, rest) == 0;
}

/*
 * The library would not mind a wrong part: it notices a wrong result and takes
 * the slow way.  An administrator had better know that the file is damaged.
 */
static bool
parts_agree(const struct numbers *b, BN_CTX *bn)
{
	BIGNUM *x;
	bool good;

	for (unsigned i = P; i <= QINV; i++) {
		if (b->part[i] == NULL || BN_is_zero(b->part[i]))
			return false;
	}
	BN_CTX_start(bn);
	x = BN_CTX_get(bn);
	good = x != NULL && BN_mul(x, b->part[P], b->part[Q], bn) == 1 &&
	    BN_cmp(x, b->part[N]) == 0 &&
	    leaves(b->part[D], b->part[P], b->part[DP], bn) &&
	    leaves(b->part[D], b->part[Q], b->part[DQ], bn) &&
	    BN_mod_mul(x, b->part[QINV], b->part[Q], b->part[P], bn) == 1 &&
	    BN_is_one(x);
	BN_CTX_end(bn);
	return good;
}

static bool
crt_absent(const struct numbers *b)
{
	for (unsigned i = P; i <= QINV; i++) {
		if (b->part[i] != NULL)
			return false;
	}
	return true;
}

static EVP_PKEY *
import(const struct crypto *c, const struct numbers *b)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(c->lib, "RSA", NULL);
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;
	bool good = ctx != NULL && bld != NULL;

	for (unsigned i = 0; good && i < RSA_PARTS; i++) {
		if (b->part[i] != NULL)
			good = OSSL_PARAM_BLD_push_BN(bld, param_names[i],
			    b->part[i]) == 1;
	}
	if (good)
		params = OSSL_PARAM_BLD_to_param(bld);
	if (params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, b->part[D] != NULL ?
	    EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	OSSL_PARAM_free(params);	/* wipes what is secure */
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static EVP_PKEY *
checked(const struct crypto *c, const struct numbers *b, const char **why)
{
	BN_CTX *bn = BN_CTX_secure_new_ex(c->lib);
	EVP_PKEY *pkey = NULL;

	if (bn != NULL && (crt_absent(b) ||
	    (b->part[D] != NULL && parts_agree(b, bn))))
		pkey = import(c, b);
	if (pkey == NULL)
		(void)refuse(why, "has an RSA key whose parts do not belong "
		    "together");
	BN_CTX_free(bn);
	return pkey;
}

enum err
key_from_rsa(const struct crypto *c, const struct key_rsa *rsa,
    struct key **out, const char **why)
{
	struct numbers b = { { NULL } };
	EVP_PKEY *pkey = NULL;
	bool secret;

	if (numbers_set(&b, rsa))
		pkey = checked(c, &b, why);
	else
		(void)refuse(why, "has an RSA key without modulus or public "
		    "exponent, or with more than 16384 bits");
	secret = b.part[D] != NULL;
	numbers_done(&b);
	if (pkey == NULL)
		return E_CONFIG;
	return key_wrap(c, pkey, secret, out, why);
}

/* ---- new ones ---- */

static EVP_PKEY *
generate(const struct crypto *c, unsigned bits, const BIGNUM *e)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(c->lib, "RSA", NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits) != 1 ||
	    EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, (BIGNUM *)e) != 1 ||
	    EVP_PKEY_generate(ctx, &pkey) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

enum err
key_new_rsa(const struct crypto *c, unsigned bits, uint64_t e,
    struct key **out, const char **why)
{
	BIGNUM *exponent = BN_new();
	EVP_PKEY *pkey = NULL;

	/* For an even exponent the library would look for primes for ever. */
	if (bits < KEY_RSA_BITS_MIN || bits > KEY_RSA_BITS_MAX)
		*why = "must have 1024 to 16384 bits";
	else if (e < 3 || e % 2 == 0)
		*why = "must have an odd public exponent of at least 3";
	else {
		*why = "cannot be made: the crypto library failed";
		if (exponent != NULL && BN_set_word(exponent, e) == 1)
			pkey = generate(c, bits, exponent);
	}
	BN_free(exponent);
	lib_forget();
	return pkey == NULL ? E_CONFIG : key_wrap(c, pkey, true, out, why);
}

/* ---- what one can ask ---- */

enum err
key_number(const struct key *k, unsigned which, struct buf *out)
{
	BIGNUM *n = NULL;
	uint8_t *room = NULL;
	int len;

	if (k->kind != KEY_RSA || EVP_PKEY_get_bn_param(k->pkey,
	    param_names[which], &n) != 1)
		return lib_failed();
	len = BN_num_bytes(n);
	if (len > 0)
		room = buf_room(out, (size_t)len);
	if (room != NULL)
		BN_bn2bin(n, room);
	BN_clear_free(n);
	return room == NULL ? E_LIMIT : OK;
}

struct key *
key_ref(const struct key *k)
{
	struct key *same = (struct key *)k;

	atomic_fetch_add(&same->refs, 1);
	return same;
}

void
key_unref(const struct key *k)
{
	struct key *same = (struct key *)k;

	if (same == NULL || atomic_fetch_sub(&same->refs, 1) > 1)
		return;
	EVP_PKEY_free(same->pkey);	/* wipes it */
	xfreezero(same, sizeof(*same));
}

enum key_kind
key_kind(const struct key *k)
{
	return k->kind;
}

bool
key_private(const struct key *k)
{
	return k->secret;
}

unsigned
key_bits(const struct key *k)
{
	return (unsigned)EVP_PKEY_get_bits(k->pkey);
}

bool
key_equal(const struct key *a, const struct key *b)
{
	bool same = EVP_PKEY_eq(a->pkey, b->pkey) == 1;

	lib_forget();
	return same;
}
