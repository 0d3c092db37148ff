/* SPDX-License-Identifier: ISC */
/* Whole negotiations in every group of Diffie-Hellman, in both phases. */
#include <stdio.h>

#include "crypto/alg.h"
#include "pair.h"
#include "suite.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const uint16_t ids[] = {
	1, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 31
};

/* Phase 1 in one group, PFS in another. */
static struct pair *
pair_of(const struct alg_group *p1, const struct alg_group *pfs)
{
	char conf[800];

	(void)snprintf(conf, sizeof(conf),
	    "remote anonymous { exchange_mode main; proposal {\n"
	    "  encryption_algorithm aes 128; hash_algorithm sha256;\n"
	    "  authentication_method pre_shared_key; dh_group %s; } }\n"
	    "sainfo anonymous { pfs_group %u; encryption_algorithm aes 128;\n"
	    "  authentication_algorithm hmac_sha256;\n"
	    "  compression_algorithm deflate; }\n", p1->word, pfs->id);
	return pair_new(conf, conf, 1000);
}

START_TEST(all_groups)
{
	for (unsigned i = 0; i < COUNT(ids); i++) {
		const struct alg_group *p1 = alg_group(ids[i]);
		const struct alg_group *pfs = alg_group(
		    ids[(i + 1) % COUNT(ids)]);
		struct pair *pair = pair_of(p1, pfs);

		pair_connect(pair);
		ck_assert_msg(counts_of(&pair->a).children == 1 &&
		    counts_of(&pair->b).children == 1, "%s, then %s",
		    p1->word, pfs->word);
		pair_free(pair);
	}
}
END_TEST

/* The third and the fourth message carry the values; all bytes are theirs. */
static void
damage(struct pair *pair, unsigned nth, size_t at)
{
	struct ipsec_selector s = pair_selector(&pair->a);
	struct datagram *d;

	pair_transport(pair);
	node_acquire(&pair->a, &s, 1);
	pair_run_some(pair, nth);
	ck_assert_uint_eq(pair->nsent, nth + 1);
	d = &pair->sent[nth];
	/* Behind the header, the first payload is KE. */
	ck_assert_uint_gt(d->bytes.n, 28 + 4 + at);
	d->bytes.p[28 + 4 + at] ^= 0x40;
	pair_run(pair);
}

/* A value that is not on the curve ends it for both, without a child. */
START_TEST(not_on_the_curve)
{
	static const uint16_t curves[] = { 19, 20, 21 };

	for (unsigned i = 0; i < COUNT(curves) * 2; i++) {
		const struct alg_group *g = alg_group(curves[i / 2]);
		struct pair *pair = pair_of(g, g);

		damage(pair, 2 + i % 2, 10);
		ck_assert_uint_eq(counts_of(&pair->a).children, 0);
		ck_assert_uint_eq(counts_of(&pair->b).children, 0);
		ck_assert(pair_said(pair, "invalid key exchange data"));
		pair_free(pair);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { all_groups, not_on_the_curve };

	return suite_main("groups", tests, COUNT(tests));
}
