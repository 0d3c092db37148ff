/* SPDX-License-Identifier: ISC */
/*
 * Quick mode between two engines, and the life of its children: groups, life
 * times, bundles, refusals, the kernel's events, the end.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ike/child.h"
#include "ike/quick_state.h"
#include "ike/sa.h"
#include "pair.h"
#include "suite.h"

/* A configuration with these lines of remote and sainfo. */
static const char *
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

static struct pair *
pair_with(const char *remote, const char *a, const char *b)
{
	char one[2000], two[2000];

	return pair_new(conf_with(one, remote, a), conf_with(two, remote, b),
	    1000);
}

/* Tries to get SAs from A to B with pair_transport(); true: both have. */
static bool
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

static int
keep_sa(void *ctx, const struct ipsec_sa *sa)
{
	struct ipsec_sa *out = ctx;

	*out = *sa;
	return 1;
}

static struct ipsec_sa
sa_towards(const struct node *node, const struct ipsec_addr *dst)
{
	struct ipsec_filter filter = { .dst = *dst };
	struct ipsec_sa sa;

	filter.dst.port = 0;
	ck_assert_int_eq(ipsec_sa_dump(node->handle, &filter, keep_sa, &sa),
	    1);
	return sa;
}

/* Both kernels have the same keys for the SA from one to the other. */
static void
assert_same_keys(const struct pair *pair)
{
	const struct ipsec_addr *end[] = { &pair->a.addr, &pair->b.addr };

	for (int i = 0; i < 2; i++) {
		struct ipsec_sa a = sa_towards(&pair->a, end[i]);
		struct ipsec_sa b = sa_towards(&pair->b, end[i]);

		ck_assert_uint_eq(a.id.spi, b.id.spi);
		ck_assert_uint_eq(a.enc.id, b.enc.id);
		ck_assert_uint_eq(a.enc.key_bits, 128);
		ck_assert_mem_eq(a.enc.key, b.enc.key, 16);
		ck_assert_mem_eq(a.auth.key, b.auth.key, 20);
	}
}

/*
 * Groups and life times
 */

static void
has_width(const char *word, uint16_t bits)
{
	struct pair *pair;
	char conf[2000];

	snprintf(conf, sizeof(conf), "remote anonymous { exchange_mode main;\n"
	    "proposal { encryption_algorithm aes; hash_algorithm sha1;\n"
	    "authentication_method pre_shared_key; dh_group modp768; } }\n"
	    "sainfo anonymous { encryption_algorithm aes;\n"
	    "authentication_algorithm %s;\n"
	    "compression_algorithm deflate; }\n", word);
	pair = pair_new(conf, conf, 1000);
	ck_assert(gets_child(pair));
	ck_assert_uint_eq(sa_towards(&pair->a, &pair->a.addr).auth.icv_bits,
	    bits);
	ck_assert_uint_eq(sa_towards(&pair->b, &pair->a.addr).auth.icv_bits,
	    bits);
	pair_free(pair);
}

/* The width of the check value follows from the sainfo's word alone. */
START_TEST(sha256_widths)
{
	has_width("hmac_sha256", 128);
	has_width("hmac_sha256_96", 96);
}
END_TEST

START_TEST(without_pfs)
{
	struct pair *pair = pair_with("", "", "");

	ck_assert(gets_child(pair));
	assert_same_keys(pair);
	ck_assert_uint_eq(pair->a.njobs, 2);
	ck_assert_uint_eq(pair->b.njobs, 1);
	pair_free(pair);
}
END_TEST

START_TEST(with_pfs)
{
	struct pair *pair = pair_with("", "pfs_group modp768;",
	    "pfs_group modp768;");

	ck_assert(gets_child(pair));
	assert_same_keys(pair);
	ck_assert_uint_eq(pair->a.njobs, 4);
	ck_assert_uint_eq(pair->b.njobs, 2);
	pair_free(pair);
}
END_TEST

/* The group is the initiator's choice as far as the responder lets it. */
START_TEST(other_group)
{
	struct pair *pair = pair_with("", "", "pfs_group modp768;");

	ck_assert(!gets_child(pair));
	ck_assert(pair_said(pair, "no suitable proposal found: the peer "
	    "offers ESP AES-128/HMAC-SHA1/transport/28800s; we accept ESP "
	    "AES-128/HMAC-SHA1/transport/MODP768/28800s"));
	ck_assert(pair_said(pair, "NO-PROPOSAL-CHOSEN"));
	pair_free(pair);
	pair = pair_with("", "pfs_group modp768;", "");
	ck_assert(gets_child(pair));
	assert_same_keys(pair);
	pair_free(pair);
	pair = pair_with("proposal_check obey;", "", "pfs_group modp768;");
	ck_assert(gets_child(pair));
	assert_same_keys(pair);
	pair_free(pair);
}
END_TEST

/* RFC 2407 4.6.3.1: under claim the responder says what it uses. */
START_TEST(responder_lifetime)
{
	struct pair *pair = pair_with("proposal_check claim;",
	    "lifetime time 60 min;", "lifetime time 10 min;");

	ck_assert(gets_child(pair));
	ck_assert_uint_eq(pair->a.ike->children->life_secs, 600);
	ck_assert_uint_eq(pair->b.ike->children->life_secs, 600);
	ck_assert_uint_eq(sa_towards(&pair->a, &pair->b.addr).hard.add, 600);
	pair_free(pair);
	pair = pair_with("proposal_check strict;",
	    "lifetime time 60 min;", "lifetime time 10 min;");
	ck_assert(!gets_child(pair));
	pair_free(pair);
	pair = pair_with("proposal_check strict;",
	    "lifetime time 10 min;", "lifetime time 60 min;");
	ck_assert(gets_child(pair));
	ck_assert_uint_eq(pair->b.ike->children->life_secs, 600);
	pair_free(pair);
}
END_TEST

/*
 * Forms
 */

/* Policies of these templates on both sides; how many SAs a side has then. */
static size_t
bundle(struct ipsec_tmpl *a, uint8_t na, struct ipsec_tmpl *b, uint8_t nb)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_selector sel = pair_selector(&pair->a);
	size_t n;

	node_policies(&pair->a, &sel, a, na);
	node_acquire(&pair->a, &sel, 1);
	sel = pair_selector(&pair->b);
	node_policies(&pair->b, &sel, b, nb);
	pair_run(pair);
	n = kernel_sas(pair->a.kernel);
	ck_assert_uint_eq(kernel_sas(pair->b.kernel), n);
	ck_assert_uint_eq(kernel_larvals(pair->a.kernel), 0);
	ck_assert_uint_eq(kernel_larvals(pair->b.kernel), 0);
	ck_assert_uint_eq(counts_of(&pair->a).children, n > 0);
	ck_assert_uint_eq(counts_of(&pair->b).children, n > 0);
	pair_free(pair);
	return n;
}

START_TEST(bundles)
{
	struct ipsec_tmpl t[] = {
		{ .proto = IPSEC_PROTO_IPCOMP, .mode = IPSEC_MODE_TRANSPORT },
		{ .proto = IPSEC_PROTO_ESP, .mode = IPSEC_MODE_TRANSPORT },
		{ .proto = IPSEC_PROTO_AH, .mode = IPSEC_MODE_TRANSPORT },
	};
	struct ipsec_tmpl optional[2];

	memcpy(optional, t, sizeof(optional));
	optional[0].optional = 1;
	ck_assert_uint_eq(bundle(&t[1], 1, &t[1], 1), 2);
	ck_assert_uint_eq(bundle(&t[2], 1, &t[2], 1), 2);
	ck_assert_uint_eq(bundle(t, 2, t, 2), 4);
	ck_assert_uint_eq(bundle(t, 3, t, 3), 6);
	ck_assert_uint_eq(bundle(t, 2, &t[1], 1), 0);
	ck_assert_uint_eq(bundle(&t[1], 1, t, 2), 0);
	ck_assert_uint_eq(bundle(&t[1], 1, &t[2], 1), 0);
	/* a reserved CPI that is not wanted goes back */
	ck_assert_uint_eq(bundle(&t[1], 1, optional, 2), 2);
	ck_assert_uint_eq(bundle(optional, 2, optional, 2), 4);
}
END_TEST

/*
 * A peer that asks for a part of what our policy covers gets SAs that the
 * kernel uses for this part only.
 */
START_TEST(narrow)
{
	struct ipsec_tmpl tmpl = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TUNNEL };
	struct pair *pair = pair_with("", "", "");
	struct ipsec_selector one = selector_of("10.1.0.7", 32, "10.2.0.0", 16);
	struct ipsec_selector all = selector_of("10.2.0.0", 16, "10.1.0.0", 16);
	struct ipsec_sa out, in;

	tmpl.src = pair->a.addr;
	tmpl.dst = pair->b.addr;
	tmpl.src.port = tmpl.dst.port = 0;
	node_policy(&pair->a, &one, &tmpl);
	tmpl.src = tmpl.dst;
	tmpl.dst = pair->a.addr;
	tmpl.dst.port = 0;
	node_policy(&pair->b, &all, &tmpl);
	node_acquire(&pair->a, &one, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	out = sa_towards(&pair->b, &pair->a.addr);
	in = sa_towards(&pair->b, &pair->b.addr);
	ck_assert(out.has_sel && in.has_sel);
	ck_assert(selector_equal(&in.sel, &one));
	ck_assert_uint_eq(out.sel.dst_prefix, 32);
	ck_assert(addr_equal(&out.sel.dst, &one.src));
	ck_assert_uint_eq(out.sel.src_prefix, 16);
	/* ours is as wide as our policy */
	ck_assert(!sa_towards(&pair->a, &pair->b.addr).has_sel);
	pair_free(pair);
}
END_TEST

/*
 * Refused
 */

START_TEST(no_policy)
{
	static const struct ipsec_tmpl esp = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT };
	struct pair *pair = pair_with("", "", "");
	struct ipsec_selector sel = pair_selector(&pair->a);

	node_policy(&pair->a, &sel, &esp);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	ck_assert(pair_said(pair, "no policy found for"));
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
	ck_assert_uint_eq(kernel_sas(pair->a.kernel), 0);
	ck_assert_uint_eq(kernel_larvals(pair->a.kernel), 0);
	ck_assert_uint_eq(counts_of(&pair->b).children, 0);
	pair_free(pair);
}
END_TEST

START_TEST(no_sainfo)
{
	char conf[2000];
	struct pair *pair;

	conf_with(conf, "", "");
	*strstr(conf, "sainfo") = '\0';
	/* the initiator's own configuration lacks it, then the responder's */
	for (int i = 0; i < 2; i++) {
		char full[2000];

		conf_with(full, "", "");
		pair = pair_new(i == 0 ? conf : full, i == 0 ? full : conf,
		    1000);
		ck_assert(!gets_child(pair));
		ck_assert(pair_said(pair, "failed to get sainfo"));
		pair_free(pair);
	}
}
END_TEST

/*
 * The kernel's events
 */

static void
kernel_says(struct node *node, enum ipsec_event_type type,
    const struct ipsec_sa *sa, bool hard)
{
	struct ipsec_event ev = { .type = type, .hard = hard, .sa = *sa };

	ike_kernel(node->ike, &ev);
}

/* Make before break: the old pair goes when the new one is in use. */
START_TEST(soft_expiry)
{
	struct pair *pair = pair_with("", "", "");
	struct node *a = &pair->a, *b = &pair->b;
	struct ipsec_sa old;

	ck_assert(gets_child(pair));
	old = sa_towards(a, &b->addr);
	kernel_says(a, IPSEC_EVENT_EXPIRE, &old, false);
	kernel_says(a, IPSEC_EVENT_EXPIRE, &old, false);	/* once more */
	ck_assert_uint_eq(counts_of(a).wants, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(a).children, 2);
	ck_assert_uint_eq(kernel_sas(b->kernel), 4);
	/* the outbound half comes when the peer has had time for its own */
	ck_assert_uint_eq(kernel_sas(a->kernel), 3);
	ck_assert_uint_eq(sa_towards(a, &b->addr).id.spi, old.id.spi);
	ck_assert_uint_eq(a->event[IKE_EVENT_CHILD_UP], 1);
	pair_tick(pair, 2000);
	ck_assert_uint_eq(kernel_sas(a->kernel), 4);
	ck_assert_uint_eq(a->event[IKE_EVENT_CHILD_UP], 2);
	ck_assert_uint_eq(a->event[IKE_EVENT_CHILD_DOWN], 0);
	for (int i = 0; i < 40; i++) {
		pair_tick(pair, 1000);
		pair_run(pair);
	}
	ck_assert_uint_eq(counts_of(a).children, 1);
	ck_assert_uint_eq(counts_of(b).children, 1);
	ck_assert_uint_eq(kernel_sas(b->kernel), 2);
	ck_assert_uint_ne(sa_towards(a, &b->addr).id.spi, old.id.spi);
	/* the end of one that is gone already is no news */
	kernel_says(a, IPSEC_EVENT_EXPIRE, &old, true);
	ck_assert_uint_eq(counts_of(a).children, 1);
	pair_free(pair);
}
END_TEST

/* Between the halves of the new pair: it goes as a whole. */
START_TEST(gone_between_halves)
{
	static const enum ipsec_event_type how[] = { IPSEC_EVENT_SA_FLUSH,
	    IPSEC_EVENT_RESYNC };

	for (size_t i = 0; i < 2; i++) {
		struct pair *pair = pair_with("", "", "");
		struct node *a = &pair->a;
		struct ipsec_sa sa;

		ck_assert(gets_child(pair));
		sa = sa_towards(a, &pair->b.addr);
		kernel_says(a, IPSEC_EVENT_EXPIRE, &sa, false);
		pair_run(pair);
		ck_assert_uint_eq(kernel_sas(a->kernel), 3);
		ck_assert_int_eq(ipsec_flush(a->handle, IPSEC_FLUSH_SA, 0),
		    0);
		memset(&sa, 0, sizeof(sa));
		kernel_says(a, how[i], &sa, false);
		pair_tick(pair, 3000);
		pair_run(pair);
		ck_assert_uint_eq(counts_of(a).children, 0);
		ck_assert_uint_eq(kernel_sas(a->kernel), 0);
		ck_assert_uint_eq(counts_of(&pair->b).children, 0);
		pair_free(pair);
	}
}
END_TEST

START_TEST(hard_expiry)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_sa sa;

	ck_assert(gets_child(pair));
	sa = sa_towards(&pair->a, &pair->a.addr);
	kernel_says(&pair->a, IPSEC_EVENT_EXPIRE, &sa, true);
	ck_assert_uint_eq(counts_of(&pair->a).children, 0);
	ck_assert_uint_eq(kernel_sas(pair->a.kernel), 0);
	ck_assert(pair_said(pair, "IPsec-SA expired"));
	pair_run(pair);			/* the peer is told */
	ck_assert_uint_eq(counts_of(&pair->b).children, 0);
	pair_free(pair);
}
END_TEST

/* One SA deleted by hand, all flushed, events lost: the peer is told. */
START_TEST(gone_in_kernel)
{
	for (int how = 0; how < 3; how++) {
		struct pair *pair = pair_with("", "", "");
		struct node *a = &pair->a;
		struct ipsec_sa sa;

		ck_assert(gets_child(pair));
		sa = sa_towards(a, &pair->b.addr);
		ck_assert_int_eq(ipsec_sa_delete(a->handle, &sa.id), 0);
		if (how == 1)
			ck_assert_int_eq(ipsec_flush(a->handle,
			    IPSEC_FLUSH_SA, 0), 0);
		sa.id.proto = how == 1 ? 0 : sa.id.proto;
		kernel_says(a, how == 0 ? IPSEC_EVENT_SA_DELETE : how == 1 ?
		    IPSEC_EVENT_SA_FLUSH : IPSEC_EVENT_RESYNC, &sa, false);
		ck_assert_uint_eq(counts_of(a).children, 0);
		ck_assert_uint_eq(kernel_sas(a->kernel), 0);
		pair_run(pair);
		ck_assert_uint_eq(counts_of(&pair->b).children, 0);
		ck_assert_uint_eq(kernel_sas(pair->b.kernel), 0);
		ck_assert_uint_eq(counts_of(a).ready, 1);
		pair_free(pair);
	}
}
END_TEST

/* A flush of another protocol, a resync with everything in its place. */
START_TEST(nothing_gone)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_sa sa = { .id.proto = IPSEC_PROTO_AH };

	ck_assert(gets_child(pair));
	kernel_says(&pair->a, IPSEC_EVENT_SA_FLUSH, &sa, false);
	kernel_says(&pair->a, IPSEC_EVENT_RESYNC, &sa, false);
	sa = sa_towards(&pair->a, &pair->b.addr);
	sa.id.spi++;
	kernel_says(&pair->a, IPSEC_EVENT_SA_DELETE, &sa, false);
	kernel_says(&pair->a, IPSEC_EVENT_EXPIRE, &sa, true);
	kernel_says(&pair->a, IPSEC_EVENT_EXPIRE, &sa, false);
	kernel_says(&pair->a, IPSEC_EVENT_MAPPING, &sa, false);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
	pair_free(pair);
}
END_TEST

/* The kernel asks again, after 30 seconds: one negotiation, newest number. */
START_TEST(acquire_again)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_selector sel = pair_selector(&pair->a);

	pair_transport(pair);
	for (uint32_t seq = 1; seq <= 5; seq++)
		node_acquire(&pair->a, &sel, seq);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 1);
	ck_assert_uint_eq(counts_of(&pair->a).sas, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(sa_towards(&pair->a, &pair->b.addr).seq, 5);
	ck_assert_uint_eq(stats_of(&pair->a).acquires, 5);
	pair_free(pair);
}
END_TEST

/*
 * Two at once
 */

static void
one_pair_within(struct pair *pair, unsigned int secs)
{
	for (unsigned int i = 0; i < secs; i++) {
		pair_tick(pair, 1000);
		pair_run(pair);
	}
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert_uint_eq(sa_towards(&pair->a, &pair->b.addr).id.spi,
	    sa_towards(&pair->b, &pair->b.addr).id.spi);
	for (unsigned int i = 0; i < 60; i++) {
		pair_tick(pair, 1000);
		pair_run(pair);
	}
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_PHASE1_DOWN], 0);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_PHASE1_DOWN], 0);
	ck_assert(!pair_said(pair, "time up"));
	pair_free(pair);
}

/* Each one's first message is on its way when the other one begins. */
START_TEST(both_begin)
{
	struct pair *pair = pair_with("", "pfs_group modp768;",
	    "pfs_group modp768;");
	struct ipsec_selector ab = pair_selector(&pair->a);
	struct ipsec_selector ba = pair_selector(&pair->b);

	ck_assert(gets_child(pair));
	node_acquire(&pair->a, &ab, 2);
	node_acquire(&pair->b, &ba, 3);
	pair_run(pair);
	ck_assert_uint_eq(stats_of(&pair->a).phase2_up, 3);
	ck_assert_uint_eq(stats_of(&pair->b).phase2_up, 3);
	ck_assert_uint_eq(stats_of(&pair->a).phase2_failed, 0);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
	ck_assert_uint_eq(counts_of(&pair->b).wants, 0);
	one_pair_within(pair, 12);
}
END_TEST

/* The second one begins when it has answered: its wish is served by that. */
START_TEST(peer_was_faster)
{
	struct pair *pair = pair_with("", "pfs_group modp768;",
	    "pfs_group modp768;");
	struct ipsec_selector ab = pair_selector(&pair->a);
	struct ipsec_selector ba = pair_selector(&pair->b);

	ck_assert(gets_child(pair));
	node_acquire(&pair->a, &ab, 2);
	node_work(&pair->a);
	ck_assert(pair_deliver(pair));
	node_acquire(&pair->b, &ba, 3);
	ck_assert_uint_eq(counts_of(&pair->b).wants, 1);
	pair_run(pair);
	ck_assert_uint_eq(stats_of(&pair->b).phase2_started, 2);
	ck_assert_uint_eq(stats_of(&pair->b).phase2_up, 2);
	ck_assert_uint_eq(counts_of(&pair->b).wants, 0);
	one_pair_within(pair, 12);
}
END_TEST

/* Some peers begin twice: their kernel asks again between the two SAs. */
START_TEST(begins_twice)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_selector sel = pair_selector(&pair->a);
	uint32_t first;

	ck_assert(gets_child(pair));
	first = sa_towards(&pair->a, &pair->b.addr).id.spi;
	node_acquire(&pair->a, &sel, 2);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).children, 2);
	pair_tick(pair, 6000);		/* B need not wait for A */
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	pair_run(pair);
	ck_assert_uint_ne(sa_towards(&pair->a, &pair->b.addr).id.spi, first);
	one_pair_within(pair, 1);
}
END_TEST

/*
 * Peers that do not answer
 */

/* So many seconds in which whatever is sent is lost. */
static void
lose_all(struct pair *pair, unsigned int secs)
{
	for (unsigned int i = 0; i < secs; i++) {
		pair_tick(pair, 1000);
		node_work(&pair->a);
		node_work(&pair->b);
		pair->next = pair->nsent;
	}
}

static void
go_on(struct pair *pair, unsigned int secs)
{
	for (unsigned int i = 0; i < secs; i++) {
		pair_tick(pair, 1000);
		pair_run(pair);
	}
}

/* The kernel tells of a soft limit once; one lost try is not the end. */
START_TEST(renewed_at_last)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_sa old;

	ck_assert(gets_child(pair));
	old = sa_towards(&pair->a, &pair->b.addr);
	kernel_says(&pair->a, IPSEC_EVENT_EXPIRE, &old, false);
	lose_all(pair, 35);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_FAILED], 1);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	go_on(pair, 120);
	ck_assert_uint_ge(pair->a.event[IKE_EVENT_CHILD_UP], 2);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert_uint_ne(sa_towards(&pair->a, &pair->b.addr).id.spi,
	    old.id.spi);
	pair_free(pair);
}
END_TEST

/* Policies are flushed and loaded again around the soft limit. */
START_TEST(renewed_after_reload)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_sa old;

	ck_assert(gets_child(pair));
	old = sa_towards(&pair->a, &pair->b.addr);
	ck_assert_int_eq(ipsec_flush(pair->a.handle, IPSEC_FLUSH_POLICY, 0),
	    0);
	ck_assert_int_eq(ipsec_flush(pair->b.handle, IPSEC_FLUSH_POLICY, 0),
	    0);
	kernel_says(&pair->a, IPSEC_EVENT_EXPIRE, &old, false);
	go_on(pair, 1);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_UP], 1);
	pair_transport(pair);
	go_on(pair, 60);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_UP], 2);
	pair_free(pair);
}
END_TEST

/* Any sign of life of an IKE SA's peer ends the doubt. */
START_TEST(silent_for_a_while)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_selector ab = pair_selector(&pair->a);
	struct ipsec_selector ba = pair_selector(&pair->b);

	ck_assert(gets_child(pair));
	node_acquire(&pair->a, &ab, 2);
	lose_all(pair, 35);
	ck_assert(pair_said(pair, "time up"));
	ck_assert_uint_eq(counts_of(&pair->a).ready, 0);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	node_acquire(&pair->b, &ba, 3);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_UP], 2);
	go_on(pair, 120);
	ck_assert_uint_eq(counts_of(&pair->a).sas, 1);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_DOWN], 1);
	pair_free(pair);
}
END_TEST

/* It has restarted: a new IKE SA comes without being asked for. */
START_TEST(silent_for_ever)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_selector ab = pair_selector(&pair->a);
	uint32_t spi;

	ck_assert(gets_child(pair));
	spi = sa_towards(&pair->a, &pair->b.addr).id.spi;
	node_restart(&pair->b);
	ck_assert_int_eq(ipsec_flush(pair->b.handle, IPSEC_FLUSH_SA, 0), 0);
	node_acquire(&pair->a, &ab, 2);
	go_on(pair, 120);
	ck_assert_uint_eq(counts_of(&pair->a).sas, 1);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_PHASE1_DOWN], 1);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
	/* nothing that leads nowhere is left */
	ck_assert_uint_eq(counts_of(&pair->a).children,
	    counts_of(&pair->b).children);
	if (counts_of(&pair->a).children > 0)
		ck_assert_uint_ne(sa_towards(&pair->a, &pair->b.addr).id.spi,
		    spi);
	pair_free(pair);
}
END_TEST

/* One unanswered exchange, while the peer talks of other things. */
START_TEST(silent_in_one_matter)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_selector ab = pair_selector(&pair->a);
	struct ipsec_selector ba = pair_selector(&pair->b);

	ck_assert(gets_child(pair));
	node_acquire(&pair->a, &ab, 2);
	lose_all(pair, 28);
	node_acquire(&pair->b, &ba, 3);
	pair_run(pair);
	lose_all(pair, 10);
	ck_assert(pair_said(pair, "time up"));
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	ck_assert(!pair_said(pair, "silent"));
	pair_free(pair);
}
END_TEST

/* A first message that proves itself and is no use: both ends are quick. */
START_TEST(offer_without_ke)
{
	struct pair *pair = pair_with("", "pfs_group modp768;",
	    "pfs_group modp768;");
	struct ipsec_selector ab = pair_selector(&pair->a);
	struct exchange *x;

	ck_assert(gets_child(pair));
	node_acquire(&pair->a, &ab, 2);
	x = node_sa(&pair->a)->exchanges;
	ck_assert(x != NULL && x->quick != NULL && x->busy);
	x->quick->group = 0;
	pair_run(pair);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_FAILED], 1);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_FAILED], 1);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	pair_free(pair);
}
END_TEST

/* The same in the answer. */
START_TEST(answer_without_ke)
{
	struct pair *pair = pair_with("", "pfs_group modp768;",
	    "pfs_group modp768;");
	struct ipsec_selector ab = pair_selector(&pair->a);
	struct exchange *x;

	ck_assert(gets_child(pair));
	node_acquire(&pair->a, &ab, 2);
	node_work(&pair->a);
	ck_assert(pair_deliver(pair));
	x = node_sa(&pair->b)->exchanges;
	ck_assert(x != NULL && x->quick != NULL && x->busy);
	x->quick->group = 0;
	pair_run(pair);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_FAILED], 1);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_FAILED], 1);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	pair_free(pair);
}
END_TEST

/* The event of a soft limit was among the lost ones. */
START_TEST(resync_finds_dying)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_sa sa;

	ck_assert(gets_child(pair));
	sa = sa_towards(&pair->a, &pair->b.addr);
	kernel_tick(pair->a.kernel, pair->now + sa.hard.add * 950);
	ck_assert_uint_eq(kernel_sas(pair->a.kernel), 2);
	kernel_says(&pair->a, IPSEC_EVENT_RESYNC, &sa, false);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).children, 2);
	/* its successor is not in use yet */
	kernel_says(&pair->a, IPSEC_EVENT_RESYNC, &sa, false);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
	pair_free(pair);
}
END_TEST

/* Each direction counts its bytes for itself, so each tells before its end. */
START_TEST(soft_bytes_both_ways)
{
	struct pair *pair = pair_with("", "pfs_group modp768;",
	    "pfs_group modp768;");
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct exchange *x;
	struct ipsec_sa sa;

	ck_assert(gets_child(pair));
	ck_assert_int_eq(ipsec_flush(pair->a.handle, IPSEC_FLUSH_SA, 0), 0);
	kernel_says(&pair->a, IPSEC_EVENT_SA_FLUSH,
	    &(struct ipsec_sa){ .id.proto = 0 }, false);
	node_acquire(&pair->a, &sel, 2);
	node_work(&pair->a);
	pair_run_some(pair, 1);		/* the DELETE */
	while ((x = node_sa(&pair->a)->exchanges) == NULL ||
	    x->quick == NULL || !x->busy || x->at == 0)
		ck_assert(pair_deliver(pair) || pair->b.jobs != NULL ?
		    (node_work(&pair->b), true) : false);
	x->quick->agreement.a[0].life_kbytes = 1000;
	pair_run(pair);
	sa = sa_towards(&pair->a, &pair->a.addr);
	ck_assert_uint_eq(sa.hard.bytes, 1024000);
	ck_assert_uint_eq(sa.soft.bytes, 1024000 / 100 * 80);
	ck_assert_uint_eq(sa.soft.add, 0);
	kernel_says(&pair->a, IPSEC_EVENT_EXPIRE, &sa, false);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 1);
	pair_free(pair);
}
END_TEST

/*
 * The end, and what the engine tells of itself
 */

static bool
count_sa(void *ctx, const struct ike_sa_info *info)
{
	unsigned int *n = ctx;

	ck_assert(info->ready && !info->dying && !info->natt);
	ck_assert_uint_eq(info->local.port, ISAKMP_PORT);
	return ++*n < 2;
}

static bool
count_child(void *ctx, const struct ike_child_info *info)
{
	unsigned int *n = ctx;

	ck_assert_uint_eq(info->proto, IPSEC_PROTO_ESP);
	ck_assert_uint_eq(info->mode, IPSEC_MODE_TRANSPORT);
	ck_assert_uint_ne(info->spi_in, info->spi_out);
	return ++*n < 1;
}

START_TEST(stop)
{
	struct pair *pair = pair_with("", "", "");
	unsigned int sas = 0, children = 0;

	ck_assert(gets_child(pair));
	ike_each_sa(pair->a.ike, count_sa, &sas);
	ike_each_child(pair->a.ike, count_child, &children);
	ck_assert_uint_eq(sas, 1);
	ck_assert_uint_eq(children, 1);
	ike_stop(pair->a.ike);
	ck_assert_uint_eq(counts_of(&pair->a).sas, 0);
	ck_assert_uint_eq(counts_of(&pair->a).children, 0);
	ck_assert_uint_eq(counts_of(&pair->a).timers, 0);
	ck_assert_uint_eq(kernel_sas(pair->a.kernel), 0);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).sas, 0);
	ck_assert_uint_eq(counts_of(&pair->b).children, 0);
	ck_assert_uint_eq(kernel_sas(pair->b.kernel), 0);
	pair_free(pair);
}
END_TEST

/* Stopped at every point of a negotiation: nothing is left anywhere. */
START_TEST(stop_midway)
{
	for (unsigned int n = 0; n < 12; n++) {
		struct pair *pair = pair_with("", "pfs_group modp768;",
		    "pfs_group modp768;");
		struct ipsec_selector sel = pair_selector(&pair->a);

		pair_transport(pair);
		node_acquire(&pair->a, &sel, 1);
		pair_run_some(pair, n);
		ike_stop(pair->a.ike);
		ck_assert_uint_eq(kernel_sas(pair->a.kernel), 0);
		ck_assert_uint_eq(kernel_larvals(pair->a.kernel), 0);
		ck_assert_uint_eq(counts_of(&pair->a).timers, 0);
		ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
		pair_free(pair);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		without_pfs, with_pfs, other_group, responder_lifetime,
		bundles, narrow, no_policy, no_sainfo, soft_expiry,
		gone_between_halves, hard_expiry,
		gone_in_kernel, nothing_gone, acquire_again, both_begin,
		peer_was_faster, begins_twice, renewed_at_last,
		renewed_after_reload, silent_for_a_while, silent_for_ever,
		silent_in_one_matter, offer_without_ke, answer_without_ke,
		resync_finds_dying, soft_bytes_both_ways, stop,
		stop_midway, sha256_widths,
	};

	return suite_main("quick", tests, sizeof(tests) / sizeof(tests[0]));
}
