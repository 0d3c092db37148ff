/* SPDX-License-Identifier: ISC */
/*
 * Quick mode between two engines: groups, life times, bundles, refusals, the
 * end.
 */
#include "crypto/cipher.h"
#include "ike/child.h"
#include "ike/sa.h"
#include "quick.h"
#include "suite.h"
#include "wire/msg.h"

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
 * Identities
 */

/* Has the first message of quick mode, datagram I, identities? */
static bool
has_identities(const struct pair *pair, size_t i)
{
	const struct sa *sa = node_sa(&pair->a);
	const struct buf *bytes = &pair->sent[i].bytes;
	uint8_t iv[BLOCK_LEN_MAX];
	struct msg_header h;
	struct msg msg;
	struct buf plain;
	bool has;

	buf_init(&plain, LIMIT_DATAGRAM);
	ck_assert_int_eq(msg_header_get(buf_view(bytes), &h), OK);
	ck_assert_uint_eq(h.etype, ISAKMP_ETYPE_QUICK);
	ck_assert_int_eq(keys_iv_phase2(pair->crypto, sa->suite.hash, sa->iv,
	    h.msgid, sa->suite.cipher->block, iv), OK);
	ck_assert_int_eq(cipher_open(pair->crypto, sa->suite.cipher,
	    buf_view(&sa->keys.cipher), iv, buf_from(bytes,
	    ISAKMP_HEADER_LEN), &plain), OK);
	ck_assert_int_eq(msg_parse(&msg, &h, buf_view(&plain), true), OK);
	ck_assert_ptr_nonnull(msg_find(&msg, ISAKMP_SA));
	has = msg_find(&msg, ISAKMP_ID) != NULL;
	buf_fini(&plain);
	return has;
}

/* For all between the two hosts in transport mode they say nothing that is not
 * known (RFC 2409 5.5); support_proxy sends them all the same. */
START_TEST(support_proxy)
{
	for (int on = 0; on < 2; on++) {
		struct pair *pair = pair_with(on ? "initial_contact off; "
		    "support_proxy on;" : "initial_contact off;", "", "");

		ck_assert(gets_child(pair));
		ck_assert_int_eq(has_identities(pair, 6), on);
		pair_free(pair);
	}
}
END_TEST

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
/* With these lines of sainfo on the two sides: what the SAs count with. */
static void
has_sequence(const char *a, const char *b, bool esn, uint32_t window_a,
    uint32_t window_b)
{
	struct pair *pair = pair_with("", a, b);
	const struct node *node[] = { &pair->a, &pair->b };

	ck_assert(gets_child(pair));
	for (unsigned i = 0; i < 2; i++) {
		const struct ipsec_sa to_a = sa_towards(node[i],
		    &pair->a.addr), to_b = sa_towards(node[i], &pair->b.addr);
		const uint32_t window = i == 0 ? window_a : window_b;

		ck_assert(((to_a.flags & IPSEC_SA_ESN) != 0) == esn);
		ck_assert(((to_b.flags & IPSEC_SA_ESN) != 0) == esn);
		ck_assert_uint_eq(to_a.replay, window);
		ck_assert_uint_eq(to_b.replay, window);
	}
	pair_free(pair);
}

START_TEST(sequence)
{
	has_sequence("", "", false, 32, 32);
	has_sequence("esn on;", "esn on;", true, 32, 32);
	has_sequence("esn on;", "", false, 32, 32);
	has_sequence("", "esn on;", false, 32, 32);
	has_sequence("esn on; replay_window 1024;", "esn on;", true, 1024, 32);
	has_sequence("replay_window 0;", "replay_window 4096;", false, 0,
	    4096);
}
END_TEST

/* AH with SHA-256 and these lines of sainfo: the flag of both SAs. */
static void
has_padding(const char *line, uint32_t flag)
{
	struct ipsec_tmpl ah = { .proto = IPSEC_PROTO_AH,
	    .mode = IPSEC_MODE_TRANSPORT };
	struct ipsec_selector sel;
	struct pair *pair;
	char conf[2000];

	snprintf(conf, sizeof(conf), "remote anonymous { exchange_mode main;\n"
	    "proposal { encryption_algorithm aes; hash_algorithm sha1;\n"
	    "authentication_method pre_shared_key; dh_group modp768; } }\n"
	    "sainfo anonymous { encryption_algorithm aes;\n"
	    "authentication_algorithm hmac_sha256;\n"
	    "compression_algorithm deflate; %s }\n", line);
	pair = pair_new(conf, conf, 1000);
	sel = pair_selector(&pair->b);
	node_policies(&pair->b, &sel, &ah, 1);
	sel = pair_selector(&pair->a);
	node_policies(&pair->a, &sel, &ah, 1);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	ck_assert_uint_eq(kernel_sas(pair->a.kernel), 2);
	for (unsigned i = 0; i < 2; i++) {
		const struct node *node = i == 0 ? &pair->a : &pair->b;

		ck_assert_uint_eq(sa_towards(node, &pair->a.addr).flags, flag);
		ck_assert_uint_eq(sa_towards(node, &pair->b.addr).flags, flag);
	}
	pair_free(pair);
}

/* Two of our kind agree by themselves, on what PF_KEY can do, too. */
START_TEST(padding)
{
	has_padding("", 0);
	has_padding("ah_align 64;", 0);
	has_padding("ah_align 32;", IPSEC_SA_ALIGN4);
}
END_TEST

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

/* Two policies of the same traffic for two interfaces, if the kernel of NODE
 * has them so: the id is in the policy, out and in. */
static void
policy_with(struct node *node, const struct ipsec_selector *sel,
    uint32_t if_id, uint32_t mark)
{
	struct ipsec_policy p = {
		.sel = *sel, .dir = IPSEC_DIR_OUT,
		.action = IPSEC_ACTION_IPSEC, .ntmpl = 1, .priority = 1000,
		.if_id = if_id, .mark = { mark, mark == 0 ? 0 : 0xff },
		.tmpl[0] = { .proto = IPSEC_PROTO_ESP,
		    .mode = IPSEC_MODE_TRANSPORT, .reqid = if_id },
	};

	ck_assert_int_eq(ipsec_policy_set(node->handle, &p, false), 0);
	p.dir = IPSEC_DIR_IN;
	p.sel.src = sel->dst;
	p.sel.dst = sel->src;
	ck_assert_int_eq(ipsec_policy_set(node->handle, &p, false), 0);
}

static void
acquire_with(struct node *node, const struct ipsec_selector *sel,
    uint32_t if_id, uint32_t mark)
{
	struct ipsec_event ev = {
		.type = IPSEC_EVENT_ACQUIRE,
		.flow = *sel,
		.policy = { .sel = *sel, .dir = IPSEC_DIR_OUT,
		    .action = IPSEC_ACTION_IPSEC, .ntmpl = 1,
		    .if_id = if_id, .mark = { mark, mark == 0 ? 0 : 0xff },
		    .tmpl[0] = { .proto = IPSEC_PROTO_ESP,
		    .mode = IPSEC_MODE_TRANSPORT, .reqid = if_id } },
	};

	ev.sa.seq = 1;
	ev.sa.src = sel->src;
	ev.sa.id.dst = sel->dst;
	ike_kernel(node->ike, &ev);
}

/*
 * A asks for its policy with IF_A and MARK_A, its remote block and B's have
 * the lines; B has a policy with IF_B and MARK_B: is there a child?
 */
static bool
is_in_scope(const char *remote, uint32_t if_a, uint32_t mark_a, uint32_t if_b,
    uint32_t mark_b)
{
	struct pair *pair = pair_with(remote, "", "");
	struct ipsec_selector sel = pair_selector(&pair->a),
	    back = pair_selector(&pair->b);
	bool is;

	policy_with(&pair->a, &sel, if_a, mark_a);
	policy_with(&pair->b, &back, if_b, mark_b);
	acquire_with(&pair->a, &sel, if_a, mark_a);
	pair_run(pair);
	is = counts_of(&pair->a).children == 1;
	ck_assert_uint_eq(counts_of(&pair->b).children, is ? 1 : 0);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
	ck_assert_uint_eq(kernel_larvals(pair->a.kernel), 0);
	ck_assert_uint_eq(kernel_larvals(pair->b.kernel), 0);
	if (is) {
		const struct ipsec_sa a = sa_towards(&pair->a, &pair->b.addr),
		    b = sa_towards(&pair->b, &pair->b.addr);

		ck_assert_uint_eq(a.if_id, if_a);
		ck_assert_uint_eq(a.id.mark.value, mark_a);
		ck_assert_uint_eq(b.if_id, if_b);
		ck_assert_uint_eq(b.id.mark.value, mark_b);
	}
	pair_free(pair);
	return is;
}

START_TEST(scope)
{
	ck_assert(is_in_scope("", 0, 0, 0, 0));
	ck_assert(is_in_scope("if_id 5;", 5, 0, 5, 0));
	ck_assert(is_in_scope("mark 3/0xff;", 0, 3, 0, 3));
	ck_assert(is_in_scope("mark 3/0xff; if_id 9;", 9, 3, 9, 3));
	/* the block is not for the policy, here or there */
	ck_assert(!is_in_scope("if_id 5;", 6, 0, 5, 0));
	ck_assert(!is_in_scope("if_id 5;", 5, 0, 6, 0));
	ck_assert(!is_in_scope("if_id 5;", 5, 3, 5, 3));
	ck_assert(!is_in_scope("if_id 5;", 0, 0, 0, 0));
	ck_assert(!is_in_scope("mark 3/0xff;", 0, 3, 0, 4));
	ck_assert(!is_in_scope("mark 3;", 0, 3, 0, 3));	/* another mask */
}
END_TEST

/* Two policies for the same traffic and peer: neither's SAs replace those of
 * the other one. */
static void
is_kept(uint32_t if_id, uint32_t mark)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct child *child;
	unsigned int n = 0;

	pair_transport(pair);
	for (uint32_t i = 1; i <= 2; i++) {
		policy_with(&pair->a, &sel, if_id * i, mark * i);
		acquire_with(&pair->a, &sel, if_id * i, mark * i);
		pair_run(pair);
	}
	for (child = pair->a.ike->children; child != NULL;
	    child = child->hh.next)
		n += child->up && !child->superseded;
	ck_assert_uint_eq(n, 2);
	pair_free(pair);
}

START_TEST(scope_keeps)
{
	is_kept(3, 0);
	is_kept(0, 3);
}
END_TEST

/* Of several policies for the traffic, a responder takes the peer's. */
START_TEST(scope_chooses)
{
	struct pair *pair = pair_with("if_id 5;", "", "");
	struct ipsec_selector sel = pair_selector(&pair->a),
	    back = pair_selector(&pair->b);

	policy_with(&pair->a, &sel, 5, 0);
	for (uint32_t id = 3; id < 8; id++)
		policy_with(&pair->b, &back, id, 0);
	acquire_with(&pair->a, &sel, 5, 0);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert_uint_eq(sa_towards(&pair->b, &pair->b.addr).if_id, 5);
	ck_assert_uint_eq(sa_towards(&pair->b, &pair->b.addr).reqid, 5);
	/* another one's cannot use the IKE SA that is there */
	policy_with(&pair->a, &sel, 6, 0);
	acquire_with(&pair->a, &sel, 6, 0);
	pair_run(pair);
	ck_assert(pair_said(pair, "has mark 0x0/0x0 and if_id 6, but the "
	    "remote block \"anonymous\" at /racoon.conf:1 is for"));
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
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
		bundles, narrow, no_policy, no_sainfo, stop, stop_midway,
		support_proxy, sha256_widths, sequence, padding, scope,
		scope_keeps, scope_chooses,
	};

	return suite_main("quick", tests, sizeof(tests) / sizeof(tests[0]));
}
