/* SPDX-License-Identifier: ISC */
/* Diffie-Hellman against plain arithmetic, improper values, many threads. */
#include <check.h>
#include <openssl/bn.h>
#include <pthread.h>
#include <stdlib.h>

#include "crypto/dh.h"
#include "crypto/hash.h"
#include "crypto/jacobi.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const uint16_t group_ids[] = { 1, 2, 5, 14, 15, 16, 17, 18 };

static struct crypto *
must_new(void)
{
	struct crypto *c = crypto_new();

	ck_assert_ptr_nonnull(c);
	return c;
}

/* The primes from the library, the rest of the arithmetic without dh.c. */
static BIGNUM *
prime(uint16_t id)
{
	static BIGNUM *(*const make[])(BIGNUM *) = {
		BN_get_rfc2409_prime_768, BN_get_rfc2409_prime_1024,
		BN_get_rfc3526_prime_1536, BN_get_rfc3526_prime_2048,
		BN_get_rfc3526_prime_3072, BN_get_rfc3526_prime_4096,
		BN_get_rfc3526_prime_6144, BN_get_rfc3526_prime_8192
	};

	for (unsigned i = 0; i < COUNT(group_ids); i++) {
		if (group_ids[i] == id)
			return make[i](NULL);
	}
	ck_abort_msg("no prime for group %u", id);
	return NULL;
}

/* base^exponent mod p, as the group's length of bytes. */
static void
power(const BIGNUM *p, struct view base, struct view exponent, struct buf *out)
{
	BN_CTX *bn = BN_CTX_new();
	BIGNUM *b = BN_bin2bn(base.p, (int)base.n, NULL);
	BIGNUM *e = BN_bin2bn(exponent.p, (int)exponent.n, NULL);
	BIGNUM *r = BN_new();
	uint8_t *room = buf_room(out, (size_t)BN_num_bytes(p));

	ck_assert_ptr_nonnull(room);
	ck_assert_int_eq(BN_mod_exp(r, b, e, p, bn), 1);
	ck_assert_int_gt(BN_bn2binpad(r, room, BN_num_bytes(p)), 0);
	BN_free(b);
	BN_free(e);
	BN_free(r);
	BN_CTX_free(bn);
}

struct party {
	struct buf	priv, pub, shared;
};

static void
party_init(struct party *p)
{
	buf_init(&p->priv, GROUP_LEN_MAX);
	buf_init(&p->pub, GROUP_LEN_MAX);
	buf_init(&p->shared, GROUP_LEN_MAX);
}

static void
party_fini(struct party *p)
{
	buf_fini(&p->priv);
	buf_fini(&p->pub);
	buf_fini(&p->shared);
}

/* Two parties agree, on what plain arithmetic says. */
START_TEST(dh_agrees)
{
	const struct alg_group *g = alg_group(group_ids[_i]);
	struct crypto *c = must_new();
	BIGNUM *p = prime(g->id);
	struct party a, b;
	struct buf want;

	party_init(&a);
	party_init(&b);
	buf_init(&want, GROUP_LEN_MAX);
	ck_assert_int_eq(BN_num_bits(p), g->bits);
	ck_assert_uint_eq(g->len * 8u, g->bits);
	ck_assert_uint_ge(g->exponent, 224);

	ck_assert_int_eq(dh_new(c, g, &a.priv, &a.pub), OK);
	ck_assert_int_eq(dh_new(c, g, &b.priv, &b.pub), OK);
	ck_assert_uint_eq(a.priv.n, (g->exponent + 7u) / 8);
	/* Exactly that many bits: see new_exponent(). */
	ck_assert_uint_eq((unsigned)a.priv.p[0] >> (g->exponent - 1) % 8, 1);
	ck_assert_uint_eq(a.pub.n, g->len);
	ck_assert(!view_equal(buf_view(&a.priv), buf_view(&b.priv)));
	power(p, view_of("\2", 1), buf_view(&a.priv), &want);
	ck_assert(view_equal(buf_view(&a.pub), buf_view(&want)));

	ck_assert_int_eq(dh_share(c, g, buf_view(&a.priv), buf_view(&b.pub),
	    &a.shared), OK);
	ck_assert_int_eq(dh_share(c, g, buf_view(&b.priv), buf_view(&a.pub),
	    &b.shared), OK);
	ck_assert(view_equal(buf_view(&a.shared), buf_view(&b.shared)));
	buf_reset(&want);
	power(p, buf_view(&b.pub), buf_view(&a.priv), &want);
	ck_assert(view_equal(buf_view(&a.shared), buf_view(&want)));

	party_fini(&a);
	party_fini(&b);
	buf_fini(&want);
	BN_free(p);
	crypto_free(c);
}
END_TEST

/*
 * What dh.c builds on: p is 7 modulo 8, so the generator 2 and all its powers
 * are quadratic residues; (p - 1) / 2 is odd and -1 is none.
 */
START_TEST(dh_residues)
{
	BIGNUM *p = prime(group_ids[_i]), *n = BN_new();
	BN_CTX *bn = BN_CTX_new();

	ck_assert_uint_eq(BN_mod_word(p, 8), 7);
	ck_assert_int_eq(BN_set_word(n, 2), 1);
	ck_assert_int_eq(BN_kronecker(n, p, bn), 1);
	ck_assert_int_eq(BN_sub(n, p, BN_value_one()), 1);
	ck_assert_int_eq(BN_kronecker(n, p, bn), -1);
	BN_free(p);
	BN_free(n);
	BN_CTX_free(bn);
}
END_TEST

static int
jacobi_of(const BIGNUM *a, const BIGNUM *n, int len)
{
	uint8_t wire_a[GROUP_LEN_MAX], wire_n[GROUP_LEN_MAX];

	ck_assert_int_eq(BN_bn2binpad(a, wire_a, len), len);
	ck_assert_int_eq(BN_bn2binpad(n, wire_n, len), len);
	return jacobi(view_of(wire_a, (size_t)len),
	    view_of(wire_n, (size_t)len));
}

/* The symbol of many numbers modulo the prime, large and small ones. */
START_TEST(jacobi_of_primes)
{
	BIGNUM *p = prime(group_ids[_i]), *a = BN_new();
	BN_CTX *bn = BN_CTX_new();
	int len = BN_num_bytes(p);

	for (int i = 0; i < 200; i++) {
		if (i < 100)
			ck_assert_int_eq(BN_rand_range(a, p), 1);
		else	/* down to one bit, near 0 and near p */
			ck_assert_int_eq(BN_rand(a, 1 + i * 7 % (8 * len - 1),
			    BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY), 1);
		if (i >= 150)
			ck_assert_int_eq(BN_sub(a, p, a), 1);
		ck_assert_int_eq(jacobi_of(a, p, len), BN_kronecker(a, p, bn));
	}
	BN_free(p);
	BN_free(a);
	BN_CTX_free(bn);
}
END_TEST

/* Odd moduli that need be no primes, so 0 occurs; nearly equal numbers. */
START_TEST(jacobi_of_any)
{
	static const int lens[] = { 8, 12, 16, 40 };
	BIGNUM *a = BN_new(), *n = BN_new();
	BN_CTX *bn = BN_CTX_new();
	unsigned seen[3] = { 0 };

	for (int i = 0; i < 20000; i++) {
		int len = lens[i % 4], symbol;

		ck_assert_int_eq(BN_rand(n, 1 + i % (8 * len),
		    BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ODD), 1);
		ck_assert_int_eq(BN_rand(a, 1 + i * 5 % (8 * len),
		    BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY), 1);
		if (i % 3 == 0 && BN_cmp(a, n) < 0)
			ck_assert_int_eq(BN_sub(a, n, a), 1);
		symbol = BN_kronecker(a, n, bn);
		ck_assert_int_eq(jacobi_of(a, n, len), symbol);
		seen[symbol + 1]++;
	}
	ck_assert(seen[0] > 1000 && seen[1] > 1000 && seen[2] > 1000);
	BN_free(a);
	BN_free(n);
	BN_CTX_free(bn);
}
END_TEST

static enum err
share_number(const struct crypto *c, const struct alg_group *g,
    const struct party *own, const BIGNUM *peer)
{
	struct buf value, shared;
	enum err r;
	uint8_t *room;

	buf_init(&value, GROUP_LEN_MAX);
	buf_init(&shared, GROUP_LEN_MAX);
	room = buf_room(&value, g->len);
	ck_assert_ptr_nonnull(room);
	ck_assert_int_eq(BN_bn2binpad(peer, room, g->len), g->len);
	r = dh_share(c, g, buf_view(&own->priv), buf_view(&value), &shared);
	ck_assert_uint_eq(shared.n, r == OK ? g->len : 0);
	buf_fini(&value);
	buf_fini(&shared);
	return r;
}

/* By hand: 0, 1, p - 1, p, p + 1, 2^bits - 1 and residues or not. */
START_TEST(dh_refuses_values)
{
	const struct alg_group *g = alg_group(group_ids[_i]);
	struct crypto *c = must_new();
	BIGNUM *p = prime(g->id), *n = BN_new();
	BN_CTX *bn = BN_CTX_new();
	unsigned residues = 0;
	struct party own;

	party_init(&own);
	ck_assert_int_eq(dh_new(c, g, &own.priv, &own.pub), OK);
	BN_zero(n);
	ck_assert_int_eq(share_number(c, g, &own, n), E_KE);
	ck_assert_int_eq(share_number(c, g, &own, BN_value_one()), E_KE);
	ck_assert_int_eq(share_number(c, g, &own, p), E_KE);
	ck_assert_int_eq(BN_sub(n, p, BN_value_one()), 1);
	ck_assert_int_eq(share_number(c, g, &own, n), E_KE);
	ck_assert_int_eq(BN_add(n, p, BN_value_one()), 1);
	ck_assert_int_eq(share_number(c, g, &own, n), E_KE);
	ck_assert_int_eq(BN_add_word(n, 3), 1);	/* p + 4: 4 is a residue */
	ck_assert_int_eq(share_number(c, g, &own, n), E_KE);
	BN_zero(n);
	ck_assert_int_eq(BN_set_bit(n, g->bits), 1);
	ck_assert_int_eq(BN_sub_word(n, 1), 1);
	ck_assert_int_eq(share_number(c, g, &own, n), E_KE);
	/* p - 2 = -2 is none; so are some of the small numbers. */
	ck_assert_int_eq(BN_copy(n, p) != NULL && BN_sub_word(n, 2), 1);
	ck_assert_int_eq(share_number(c, g, &own, n), E_KE);
	for (BN_ULONG w = 2; w < 34; w++) {
		ck_assert_int_eq(BN_set_word(n, w), 1);
		if (BN_kronecker(n, p, bn) == 1) {
			residues++;
			ck_assert_int_eq(share_number(c, g, &own, n), OK);
		} else {
			ck_assert_int_eq(share_number(c, g, &own, n), E_KE);
		}
	}
	ck_assert_uint_gt(residues, 5);
	ck_assert_uint_lt(residues, 32);
	party_fini(&own);
	BN_free(p);
	BN_free(n);
	BN_CTX_free(bn);
	crypto_free(c);
}
END_TEST

START_TEST(dh_refuses_lengths)
{
	const struct alg_group *g = alg_group(group_ids[_i]);
	struct crypto *c = must_new();
	struct view bad = { .p = NULL, .n = 0, .bad = true };
	struct view empty = { .p = NULL, .n = 0, .bad = false };
	struct party own;
	struct buf longer;

	party_init(&own);
	buf_init(&longer, GROUP_LEN_MAX + 1);
	ck_assert_int_eq(dh_new(c, g, &own.priv, &own.pub), OK);
	buf_u8(&longer, 0);
	buf_add(&longer, buf_view(&own.pub));
	ck_assert_int_eq(dh_share(c, g, buf_view(&own.priv),
	    buf_view(&longer), &own.shared), E_KE);
	ck_assert_int_eq(dh_share(c, g, buf_view(&own.priv),
	    view_of(own.pub.p, own.pub.n - 1), &own.shared), E_KE);
	ck_assert_int_eq(dh_share(c, g, buf_view(&own.priv), empty,
	    &own.shared), E_KE);
	ck_assert_int_eq(dh_share(c, g, buf_view(&own.priv), bad,
	    &own.shared), E_KE);
	/* Our own exponent is never of another length. */
	ck_assert_int_eq(dh_share(c, g, empty, buf_view(&own.pub),
	    &own.shared), E_CRYPTO);
	ck_assert_int_eq(dh_share(c, g, buf_view(&own.pub),
	    buf_view(&own.pub), &own.shared), E_CRYPTO);
	ck_assert_uint_eq(own.shared.n, 0);
	party_fini(&own);
	buf_fini(&longer);
	crypto_free(c);
}
END_TEST

START_TEST(dh_other_errors)
{
	const struct alg_group unknown = { .id = 3, .bits = 768, .len = 96,
	    .exponent = 256 };
	const struct alg_group *g = alg_group(1);
	struct crypto *c = must_new();
	struct party own;
	struct buf small;

	party_init(&own);
	buf_init(&small, 95);
	ck_assert_int_eq(dh_new(c, &unknown, &own.priv, &own.pub), E_CRYPTO);
	ck_assert_uint_eq(own.priv.n, 0);
	ck_assert_int_eq(dh_new(c, g, &own.priv, &small), E_LIMIT);
	buf_reset(&own.priv);
	ck_assert_int_eq(dh_new(c, g, &own.priv, &own.pub), OK);
	buf_reset(&small);
	ck_assert_int_eq(dh_share(c, g, buf_view(&own.priv),
	    buf_view(&own.pub), &small), E_LIMIT);
	ck_assert_int_eq(dh_share(c, &unknown, buf_view(&own.priv),
	    buf_view(&own.pub), &own.shared), E_CRYPTO);
	party_fini(&own);
	buf_fini(&small);
	crypto_free(c);
}
END_TEST

/* One crypto for many threads, all groups at once. */
#define THREADS		4
#define ROUNDS		3

static void *
agree_often(void *ctx)
{
	const struct crypto *c = ctx;

	for (unsigned i = 0; i < ROUNDS * 5; i++) {
		const struct alg_group *g = alg_group(group_ids[i % 5]);
		struct party a, b;

		party_init(&a);
		party_init(&b);
		if (dh_new(c, g, &a.priv, &a.pub) != OK ||
		    dh_new(c, g, &b.priv, &b.pub) != OK ||
		    dh_share(c, g, buf_view(&a.priv), buf_view(&b.pub),
		    &a.shared) != OK ||
		    dh_share(c, g, buf_view(&b.priv), buf_view(&a.pub),
		    &b.shared) != OK ||
		    !view_equal(buf_view(&a.shared), buf_view(&b.shared)))
			c = NULL;
		party_fini(&a);
		party_fini(&b);
		if (c == NULL)
			return NULL;
	}
	return ctx;
}

/* The prf too, since its template is shared. */
static void *
hash_often(void *ctx)
{
	const struct crypto *c = ctx;
	const struct view data = view_text("Hi There");
	struct buf first, mac;
	bool good = true;

	buf_init(&first, HASH_LEN_MAX);
	buf_init(&mac, HASH_LEN_MAX);
	for (unsigned i = 0; i < 2000 && good; i++) {
		struct buf *out = i == 0 ? &first : &mac;

		buf_reset(out);
		good = hash_prf(c, alg_hash(4), data, &data, 1, out) == OK &&
		    (i == 0 || view_equal(buf_view(&first), buf_view(&mac)));
	}
	buf_fini(&first);
	buf_fini(&mac);
	return good ? ctx : NULL;
}

START_TEST(threads)
{
	struct crypto *c = must_new();
	pthread_t id[2 * THREADS];

	for (unsigned i = 0; i < COUNT(id); i++) {
		ck_assert_int_eq(pthread_create(&id[i], NULL,
		    i < THREADS ? agree_often : hash_often, c), 0);
	}
	for (unsigned i = 0; i < COUNT(id); i++) {
		void *result;

		ck_assert_int_eq(pthread_join(id[i], &result), 0);
		ck_assert_ptr_eq(result, c);
	}
	crypto_free(c);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("dh");
	TCase *t = tcase_create("dh");
	SRunner *r;
	int failed, groups = (int)COUNT(group_ids);

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, dh_agrees, 0, groups);
	tcase_add_loop_test(t, dh_residues, 0, groups);
	tcase_add_loop_test(t, jacobi_of_primes, 0, groups);
	tcase_add_test(t, jacobi_of_any);
	tcase_add_loop_test(t, dh_refuses_values, 0, groups);
	tcase_add_loop_test(t, dh_refuses_lengths, 0, groups);
	tcase_add_test(t, dh_other_errors);
	tcase_add_test(t, threads);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
