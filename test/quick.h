/* SPDX-License-Identifier: ISC */
/* What the tests of quick mode and of children share. */
#ifndef TEST_QUICK_H
#define TEST_QUICK_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "pair.h"

/* A configuration with these lines of remote and sainfo. */
static inline const char *
conf_with(char out[2000], const char *remote, const char *sainfo)
{
	snprintf(out, 2000, "remote anonymous { exchange_mode main;\n"
	    "nat_traversal off; %s\n"
	    "proposal { encryption_algorithm aes; hash_algorithm sha1;\n"
	    "authentication_method pre_shared_key; dh_group modp768; } }\n"
	    "sainfo anonymous { encryption_algorithm aes;\n"
	    "authentication_algorithm hmac_sha1;\n"
	    "compression_algorithm deflate; %s }\n", remote, sainfo);
	return out;
}

static inline struct pair *
pair_with(const char *remote, const char *a, const char *b)
{
	char one[2000], two[2000];

	return pair_new(conf_with(one, remote, a), conf_with(two, remote, b),
	    1000);
}

/* Tries to get SAs from A to B with pair_transport(); true: both have. */
static inline bool
gets_child(struct pair *pair)
{
	struct ipsec_selector sel = pair_selector(&pair->a);

	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
	ck_assert_uint_eq(counts_of(&pair->a).children,
	    counts_of(&pair->b).children);
	ck_assert_uint_eq(kernel_larvals(pair->a.kernel), 0);
	ck_assert_uint_eq(kernel_larvals(pair->b.kernel), 0);
	ck_assert_uint_eq(kernel_sas(pair->a.kernel),
	    2 * counts_of(&pair->a).children);
	return counts_of(&pair->a).children == 1;
}

static inline int
keep_sa(void *ctx, const struct ipsec_sa *sa)
{
	struct ipsec_sa *out = ctx;

	*out = *sa;
	return 1;
}

static inline struct ipsec_sa
sa_towards(const struct node *node, const struct ipsec_addr *dst)
{
	struct ipsec_filter filter = { .dst = *dst };
	struct ipsec_sa sa;

	filter.dst.port = 0;
	ck_assert_int_eq(ipsec_sa_dump(node->handle, &filter, keep_sa, &sa),
	    1);
	return sa;
}

static inline void
kernel_says(struct node *node, enum ipsec_event_type type,
    const struct ipsec_sa *sa, bool hard)
{
	struct ipsec_event ev = { .type = type, .hard = hard, .sa = *sa };

	ike_kernel(node->ike, &ev);
}

#endif
