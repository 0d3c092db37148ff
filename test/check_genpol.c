/* SPDX-License-Identifier: ISC */
/*
 * Policies that a responder makes: which, for whom, how long; and that those
 * of somebody else are left alone.
 */
#include "ike/genpol.h"
#include "ike/child.h"
#include "quick.h"
#include "suite.h"

/* A with policies, B with the lines of its remote block and none. */
static struct pair *
pair_for(const char *remote_b, const char *sainfo)
{
	char a[2000], b[2000];

	return pair_new(conf_with(a, "rekey off;", sainfo),
	    conf_with(b, remote_b, sainfo), 1000);
}

static struct ipsec_selector
nets(void)
{
	return selector_of("10.1.0.0", 16, "10.2.0.0", 16);
}

/* A asks for a tunnel between the two networks. */
static bool
asks_tunnel(struct pair *pair)
{
	struct ipsec_tmpl tmpl = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TUNNEL, .src = pair->a.addr,
	    .dst = pair->b.addr };
	struct ipsec_selector sel = nets();

	tmpl.src.port = tmpl.dst.port = 0;
	node_policy(&pair->a, &sel, &tmpl);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	return counts_of(&pair->b).children == 1;
}

static bool
asks_transport(struct pair *pair)
{
	static const struct ipsec_tmpl tmpl = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT };
	struct ipsec_selector sel = pair_selector(&pair->a);

	node_policy(&pair->a, &sel, &tmpl);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	return counts_of(&pair->b).children == 1;
}

/* B's policy for traffic of A to B (in, fwd) or back. */
static bool
has_policy(const struct pair *pair, const struct ipsec_selector *there,
    uint8_t dir, struct ipsec_policy *out)
{
	struct ipsec_policy key = { .dir = dir, .sel = *there };

	if (dir == IPSEC_DIR_OUT) {
		key.sel.src = there->dst;
		key.sel.dst = there->src;
		key.sel.src_prefix = there->dst_prefix;
		key.sel.dst_prefix = there->src_prefix;
	}
	return ipsec_policy_get(pair->b.handle, &key, out) == 0;
}

static int
count_one(void *ctx, const struct ipsec_policy *policy)
{
	unsigned int *n = ctx;

	(void)policy;
	++*n;
	return 0;
}

static unsigned int
policies(const struct node *node)
{
	static const struct ipsec_filter all;
	unsigned int n = 0;

	ck_assert_int_eq(ipsec_policy_dump(node->handle, &all, count_one, &n),
	    0);
	return n;
}

START_TEST(off)
{
	struct pair *pair = pair_for("", "");

	ck_assert(!asks_tunnel(pair));
	ck_assert(pair_said(pair, "no policy found for"));
	ck_assert_uint_eq(policies(&pair->b), 0);
	pair_free(pair);
}
END_TEST

START_TEST(tunnel)
{
	struct pair *pair = pair_for("generate_policy on; passive on;",
	    "lifetime time 1000 sec;");
	struct ipsec_selector sel = nets();
	struct ipsec_policy in, fwd, out;

	ck_assert(asks_tunnel(pair));
	ck_assert_uint_eq(policies(&pair->b), 3);
	ck_assert(has_policy(pair, &sel, IPSEC_DIR_IN, &in));
	ck_assert(has_policy(pair, &sel, IPSEC_DIR_FWD, &fwd));
	ck_assert(has_policy(pair, &sel, IPSEC_DIR_OUT, &out));
	ck_assert_int_eq(in.action, IPSEC_ACTION_IPSEC);
	ck_assert_uint_eq(in.ntmpl, 1);
	ck_assert_uint_eq(in.tmpl[0].proto, IPSEC_PROTO_ESP);
	ck_assert_uint_eq(in.tmpl[0].mode, IPSEC_MODE_TUNNEL);
	ck_assert(!in.tmpl[0].optional);
	ck_assert_uint_eq(in.tmpl[0].reqid, 0);
	ck_assert(addr_equal(&in.tmpl[0].src, &pair->a.addr));
	ck_assert(addr_equal(&in.tmpl[0].dst, &pair->b.addr));
	ck_assert(addr_equal(&fwd.tmpl[0].src, &pair->a.addr));
	ck_assert(addr_equal(&out.tmpl[0].src, &pair->b.addr));
	ck_assert(addr_equal(&out.tmpl[0].dst, &pair->a.addr));
	ck_assert_uint_eq(out.hard.add, 1000);
	ck_assert_uint_eq(out.priority, 0x80000001u);
	/* with the SAs they go */
	child_drop(pair->b.ike->children, E_DELETED);
	ck_assert_uint_eq(policies(&pair->b), 0);
	ck_assert_uint_eq(counts_of(&pair->b).genpols, 0);
	pair_free(pair);
}
END_TEST

START_TEST(transport)
{
	struct pair *pair = pair_for("generate_policy require;", "");
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct ipsec_policy in;

	ck_assert(asks_transport(pair));
	ck_assert_uint_eq(policies(&pair->b), 2);	/* no fwd */
	ck_assert(has_policy(pair, &sel, IPSEC_DIR_IN, &in));
	ck_assert_uint_eq(in.tmpl[0].mode, IPSEC_MODE_TRANSPORT);
	ck_assert_uint_eq(in.tmpl[0].src.family, 0);
	/* the end tells the peer and takes them along */
	ike_stop(pair->b.ike);
	ck_assert_uint_eq(policies(&pair->b), 0);
	pair_free(pair);
}
END_TEST

/* A crash leaves them; the kernel ends them, if nobody takes them over. */
START_TEST(left_behind)
{
	struct pair *pair = pair_for("generate_policy on;",
	    "lifetime time 1000 sec;");
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct node *b = &pair->b;

	ck_assert(asks_transport(pair));
	node_restart(b);
	ck_assert_uint_eq(policies(b), 2);
	/* the peer comes again: they are ours once more */
	sa_end(node_sa(&pair->a), E_DELETED, false);
	child_drop(pair->a.ike->children, E_DELETED);
	node_acquire(&pair->a, &sel, 2);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(b).children, 1);
	ck_assert_uint_eq(policies(b), 2);
	ck_assert_uint_eq(counts_of(b).genpols, 1);
	child_drop(b->ike->children, E_DELETED);
	ck_assert_uint_eq(policies(b), 0);
	pair_free(pair);
}
END_TEST

/* Several children of one selector: the last one takes them along. */
START_TEST(renewed)
{
	struct pair *pair = pair_for("generate_policy unique;",
	    "lifetime time 1000 sec;");
	struct node *a = &pair->a, *b = &pair->b;
	struct ipsec_selector sel = pair_selector(a);
	struct ipsec_policy first, second;
	struct ipsec_sa sa;

	ck_assert(asks_transport(pair));
	ck_assert(has_policy(pair, &sel, IPSEC_DIR_OUT, &first));
	ck_assert_uint_eq(first.tmpl[0].reqid, 1);
	sa = sa_towards(b, &a->addr);
	ck_assert_uint_eq(sa.reqid, 1);
	pair_tick(pair, 500000);
	sa = sa_towards(a, &b->addr);
	kernel_says(a, IPSEC_EVENT_EXPIRE, &sa, false);
	pair_run(pair);
	pair_tick(pair, 3000);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(b).children, 2);
	ck_assert_uint_eq(policies(b), 2);
	ck_assert(has_policy(pair, &sel, IPSEC_DIR_OUT, &second));
	ck_assert_uint_eq(second.tmpl[0].reqid, 1);
	ck_assert_uint_eq(second.index, first.index);
	child_drop(b->ike->children, E_DELETED);
	ck_assert_uint_eq(policies(b), 2);
	child_drop(b->ike->children, E_DELETED);
	ck_assert_uint_eq(policies(b), 0);
	pair_free(pair);
}
END_TEST

/* The next number that no policy has, whoever made it. */
START_TEST(unique_is_unique)
{
	struct pair *pair = pair_for("generate_policy unique;", "");
	struct ipsec_selector other = selector_of("10.8.0.0", 16, "10.9.0.0",
	    16);
	struct ipsec_tmpl tmpl = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT, .reqid = 1 };
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct ipsec_policy out;

	node_policy(&pair->b, &other, &tmpl);
	ck_assert(asks_transport(pair));
	ck_assert(has_policy(pair, &sel, IPSEC_DIR_OUT, &out));
	ck_assert_uint_eq(out.tmpl[0].reqid, 2);
	pair_free(pair);
}
END_TEST

/*
 * Somebody else's
 */

/* One that covers what is asked for is used, not copied. */
START_TEST(covered)
{
	struct pair *pair = pair_for("generate_policy on;", "");
	struct ipsec_selector sel = selector_of("10.2.0.0", 15, "10.0.0.0", 8);
	struct ipsec_tmpl tmpl = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TUNNEL, .src = pair->b.addr,
	    .dst = pair->a.addr };

	tmpl.src.port = tmpl.dst.port = 0;
	node_policy(&pair->b, &sel, &tmpl);
	ck_assert_uint_eq(policies(&pair->b), 2);
	ck_assert(asks_tunnel(pair));
	ck_assert_uint_eq(policies(&pair->b), 2);
	child_drop(pair->b.ike->children, E_DELETED);
	ck_assert_uint_eq(policies(&pair->b), 2);
	pair_free(pair);
}
END_TEST

static void
plain_policy(struct pair *pair, uint8_t dir)
{
	struct ipsec_policy p = { .dir = dir, .sel = nets(),
	    .action = IPSEC_ACTION_DISCARD, .priority = 0x80000000u };
	struct ipsec_selector there = p.sel;

	if (dir == IPSEC_DIR_OUT) {
		p.sel.src = there.dst;
		p.sel.dst = there.src;
	}
	ck_assert_int_eq(ipsec_policy_set(pair->b.handle, &p, false), 0);
}

START_TEST(in_the_way)
{
	struct pair *pair = pair_for("generate_policy on;", "");

	plain_policy(pair, IPSEC_DIR_OUT);
	ck_assert(!asks_tunnel(pair));
	ck_assert(pair_said(pair, "there is one that asks for no IPsec"));
	ck_assert_uint_eq(policies(&pair->b), 1);
	pair_free(pair);
}
END_TEST

/* Of one direction only: it stays, during and after. */
START_TEST(one_direction)
{
	struct pair *pair = pair_for("generate_policy on;", "");
	struct ipsec_selector sel = nets();
	struct ipsec_policy in;

	plain_policy(pair, IPSEC_DIR_IN);
	ck_assert(asks_tunnel(pair));
	ck_assert(pair_said(pair, "stays as somebody else made it"));
	ck_assert_uint_eq(policies(&pair->b), 3);
	ck_assert(has_policy(pair, &sel, IPSEC_DIR_IN, &in));
	ck_assert_int_eq(in.action, IPSEC_ACTION_DISCARD);
	child_drop(pair->b.ike->children, E_DELETED);
	ck_assert_uint_eq(policies(&pair->b), 1);
	pair_free(pair);
}
END_TEST

/* Replaced while in use: it is the administrator's now. */
START_TEST(taken_over)
{
	struct pair *pair = pair_for("generate_policy on;", "");
	struct ipsec_selector sel = nets();
	struct ipsec_policy out;

	ck_assert(asks_tunnel(pair));
	ck_assert(has_policy(pair, &sel, IPSEC_DIR_OUT, &out));
	out.hard.add = 0;
	out.index = 0;
	out.priority = 0x80000000u;
	ck_assert_int_eq(ipsec_policy_set(pair->b.handle, &out, true), 0);
	child_drop(pair->b.ike->children, E_DELETED);
	ck_assert_uint_eq(policies(&pair->b), 1);
	pair_free(pair);
}
END_TEST

/* Flushed while in use: no error, nothing comes back. */
START_TEST(flushed)
{
	struct pair *pair = pair_for("generate_policy on;", "");

	ck_assert(asks_tunnel(pair));
	ck_assert_int_eq(ipsec_flush(pair->b.handle, IPSEC_FLUSH_POLICY, 0),
	    0);
	child_drop(pair->b.ike->children, E_DELETED);
	ck_assert_uint_eq(policies(&pair->b), 0);
	ck_assert(!pair_said(pair, "cannot delete a generated policy"));
	pair_free(pair);
}
END_TEST

/*
 * What a peer may not have
 */

/* Without a sainfo nothing is made. */
START_TEST(no_sainfo)
{
	static const char conf[] = "remote anonymous { exchange_mode main;\n"
	    "nat_traversal off; generate_policy on;\n"
	    "proposal { encryption_algorithm aes; hash_algorithm sha1;\n"
	    "authentication_method pre_shared_key; dh_group modp768; } }\n"
	    "sainfo address 10.3.0.0/16 any address 10.4.0.0/16 any {\n"
	    "encryption_algorithm aes; authentication_algorithm hmac_sha1;\n"
	    "compression_algorithm deflate; }\n";
	char a[2000];
	struct pair *pair = pair_new(conf_with(a, "", ""), conf, 1000);

	ck_assert(!asks_tunnel(pair));
	ck_assert(pair_said(pair, "failed to get sainfo"));
	ck_assert_uint_eq(policies(&pair->b), 0);
	pair_free(pair);
}
END_TEST

/* In transport mode: traffic of somebody else. */
START_TEST(transport_of_another)
{
	static const struct ipsec_tmpl tmpl = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT };
	struct pair *pair = pair_for("generate_policy on;", "");
	struct ipsec_selector sel = selector_of("192.0.2.0", 24, "192.0.2.2",
	    32);

	node_policy(&pair->a, &sel, &tmpl);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	ck_assert(pair_said(pair, "a peer can have its own traffic only"));
	ck_assert_uint_eq(counts_of(&pair->b).children, 0);
	ck_assert_uint_eq(policies(&pair->b), 0);
	pair_free(pair);
}
END_TEST

/* Those of the remote block's scope, beside an equal one of another. */
START_TEST(scoped)
{
	struct pair *pair = pair_for("generate_policy on; if_id 7;", "");
	struct ipsec_policy key = { .dir = IPSEC_DIR_OUT, .if_id = 7,
	    .sel = pair_selector(&pair->b) }, out;

	ck_assert(asks_transport(pair));
	ck_assert_int_eq(ipsec_policy_get(pair->b.handle, &key, &out), 0);
	ck_assert_uint_eq(out.if_id, 7);
	key.if_id = 0;
	ck_assert_int_ne(ipsec_policy_get(pair->b.handle, &key, &out), 0);
	child_drop(pair->b.ike->children, E_DELETED);
	ck_assert_uint_eq(policies(&pair->b), 0);
	pair_free(pair);
}
END_TEST

/* Several protocols, and an offer whose first proposal is no use. */
START_TEST(bundle)
{
	struct pair *pair = pair_for("generate_policy on;", "");
	struct ipsec_tmpl tmpl[2] = {
		{ .proto = IPSEC_PROTO_ESP, .mode = IPSEC_MODE_TRANSPORT },
		{ .proto = IPSEC_PROTO_AH, .mode = IPSEC_MODE_TRANSPORT },
	};
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct ipsec_policy in;

	node_policies(&pair->a, &sel, tmpl, 2);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert(has_policy(pair, &sel, IPSEC_DIR_IN, &in));
	ck_assert_uint_eq(in.ntmpl, 2);
	ck_assert_uint_eq(in.tmpl[0].proto, IPSEC_PROTO_ESP);
	ck_assert_uint_eq(in.tmpl[1].proto, IPSEC_PROTO_AH);
	pair_free(pair);
}
END_TEST

/* A offers ESP, then IPComp, both in MODE: B's policies have IPComp first, and
 * a tunnel once. */
static void
has_comp_first(uint8_t mode)
{
	struct pair *pair = pair_for("generate_policy on;", "");
	struct ipsec_tmpl tmpl[2] = {
		{ .proto = IPSEC_PROTO_ESP, .mode = mode },
		{ .proto = IPSEC_PROTO_IPCOMP, .mode = mode },
	};
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct ipsec_policy in, out;

	for (int i = 0; i < 2 && mode == IPSEC_MODE_TUNNEL; i++) {
		tmpl[i].src = sel.src;
		tmpl[i].dst = sel.dst;
	}
	node_policies(&pair->a, &sel, tmpl, 2);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert(has_policy(pair, &sel, IPSEC_DIR_IN, &in));
	ck_assert(has_policy(pair, &sel, IPSEC_DIR_OUT, &out));
	ck_assert_uint_eq(in.ntmpl, 2);
	ck_assert_uint_eq(in.tmpl[0].proto, IPSEC_PROTO_IPCOMP);
	ck_assert_uint_eq(in.tmpl[0].mode, mode);
	ck_assert(in.tmpl[0].optional && !in.tmpl[1].optional);
	ck_assert_uint_eq(in.tmpl[1].proto, IPSEC_PROTO_ESP);
	ck_assert_uint_eq(in.tmpl[1].mode, IPSEC_MODE_TRANSPORT);
	ck_assert_uint_eq(in.tmpl[1].src.family, 0);
	ck_assert_uint_eq(out.tmpl[0].proto, IPSEC_PROTO_IPCOMP);
	ck_assert(!out.tmpl[0].optional);
	pair_free(pair);
}

START_TEST(compression)
{
	has_comp_first(IPSEC_MODE_TRANSPORT);
	has_comp_first(IPSEC_MODE_TUNNEL);
}
END_TEST

/* A tunnel from one more network of A. */
static bool
asks_more(struct pair *pair, const char *net, uint32_t seq)
{
	struct ipsec_tmpl tmpl = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TUNNEL, .src = pair->a.addr,
	    .dst = pair->b.addr };
	struct ipsec_selector sel = selector_of(net, 24, "10.2.0.0", 16);
	size_t children = counts_of(&pair->b).children;

	tmpl.src.port = tmpl.dst.port = 0;
	node_policy(&pair->a, &sel, &tmpl);
	node_acquire(&pair->a, &sel, seq);
	pair_run(pair);
	return counts_of(&pair->b).children > children;
}

/* For so many selectors; who asks for one more gets no SA either.  All but one
 * are of a kind that the kernel does not take, since that takes long. */
START_TEST(most_selectors)
{
	struct pair *pair = pair_for("generate_policy on; passive on;", "");
	struct genpol *other[LIMIT_GENPOLS], *own;
	struct child *child;
	char net[ADDR_TEXT];

	ck_assert(asks_tunnel(pair));
	child = pair->b.ike->children;
	own = child->genpol;
	for (unsigned i = 1; i < LIMIT_GENPOLS; i++) {
		struct plan plan = { .generate = true, .ntmpl = 1 };

		snprintf(net, sizeof(net), "172.%u.%u.0", i / 256, i % 256);
		plan.of = selector_of(net, 24, net, 24);
		ck_assert_int_eq(genpol_attach(child, &plan), E_KERNEL);
		other[i] = child->genpol;
	}
	child->genpol = own;
	ck_assert_uint_eq(counts_of(&pair->b).genpols, LIMIT_GENPOLS);
	ck_assert(!asks_more(pair, "10.3.0.0", 2));
	ck_assert_uint_eq(counts_of(&pair->b).genpols, LIMIT_GENPOLS);
	ck_assert_uint_eq(policies(&pair->b), 3);
	for (unsigned i = 1; i < LIMIT_GENPOLS; i++) {
		child->genpol = other[i];
		genpol_release(child);
	}
	child->genpol = own;
	ck_assert(asks_more(pair, "10.4.0.0", 3));
	ck_assert_uint_eq(counts_of(&pair->b).genpols, 2);
	pair_free(pair);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		off, tunnel, transport, left_behind, renewed,
		unique_is_unique, covered, in_the_way, one_direction,
		taken_over, flushed, no_sainfo, transport_of_another, scoped,
		bundle, compression, most_selectors,
	};

	return suite_main("genpol", tests, sizeof(tests) / sizeof(tests[0]));
}
