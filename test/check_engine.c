/* SPDX-License-Identifier: ISC */
/*
 * Engines as a whole: what a reload, a stranger or another peer of ours must
 * not be able to do.
 */
#include <check.h>
#include <string.h>

#include "ike/exchange.h"
#include "ike/sa.h"
#include "pair.h"
#include "suite.h"

#define SHORT_LIFE							\
	"remote anonymous {\n"						\
	"	exchange_mode main; lifetime time 100 sec; rekey force;\n" \
	"	nat_traversal off;\n"					\
	"	proposal {\n"						\
	"		encryption_algorithm aes; hash_algorithm sha1;\n" \
	"		authentication_method pre_shared_key;\n"	\
	"		dh_group modp768;\n"				\
	"	}\n"							\
	"}\n"								\
	"sainfo anonymous {\n"						\
	"	lifetime time 30 min; encryption_algorithm aes;\n"	\
	"	authentication_algorithm hmac_sha1;\n"			\
	"	compression_algorithm deflate;\n"			\
	"}\n"

/* Goes on for SECONDS, everything being delivered. */
static void
go_on(struct pair *pair, unsigned int seconds)
{
	while (seconds-- > 0) {
		pair_tick(pair, 1000);
		pair_run(pair);
	}
}

START_TEST(connects)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct node *a = &pair->a, *b = &pair->b;

	pair_connect(pair);
	ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_UP], 1);
	ck_assert_uint_eq(b->event[IKE_EVENT_PHASE1_UP], 1);
	ck_assert_uint_eq(a->event[IKE_EVENT_CHILD_UP], 1);
	ck_assert_uint_eq(b->event[IKE_EVENT_CHILD_UP], 1);
	ck_assert_uint_eq(a->last.spi_in, b->last.spi_out);
	ck_assert_uint_eq(a->last.spi_out, b->last.spi_in);
	ck_assert_uint_eq(kernel_sas(a->kernel), 2);
	ck_assert_uint_eq(kernel_larvals(b->kernel), 0);
	/* main mode, INITIAL-CONTACT of both, quick mode */
	ck_assert_uint_eq(pair->nsent, 6 + 2 + 3);
	pair_free(pair);
}
END_TEST

/* The successor of an SA is of the new configuration, whole and only. */
START_TEST(rekey_after_reload)
{
	struct pair *pair = pair_new(SHORT_LIFE, SHORT_LIFE, 1000);
	struct node *a = &pair->a;
	struct ipsec_selector sel = pair_selector(a);
	struct conf *fresh = conf_of(SHORT_LIFE);

	pair_connect(pair);
	ike_reload(a->ike, fresh);
	conf_unref(a->conf);
	a->conf = fresh;
	go_on(pair, 140);
	ck_assert_uint_ge(a->event[IKE_EVENT_PHASE1_DOWN], 1);
	ck_assert_uint_ge(a->event[IKE_EVENT_PHASE1_UP], 2);
	ck_assert_ptr_eq(node_sa(a)->remote_conf, fresh->remote[0]);
	node_acquire(a, &sel, 2);
	pair_run(pair);
	ck_assert_uint_eq(a->event[IKE_EVENT_CHILD_UP], 2);
	pair_free(pair);
}
END_TEST

/* Without a block for the peer in the new configuration the SA ends, and with
 * it, since it has no successor, the child. */
START_TEST(rekey_without_block)
{
	struct pair *pair = pair_new(SHORT_LIFE, SHORT_LIFE, 1000);
	struct node *a = &pair->a;
	struct conf *fresh = conf_of("sainfo anonymous {\n"
	    "encryption_algorithm aes; authentication_algorithm hmac_sha1;\n"
	    "compression_algorithm deflate; }\n");

	pair_connect(pair);
	ike_reload(a->ike, fresh);
	conf_unref(a->conf);
	a->conf = fresh;
	go_on(pair, 140);
	ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_DOWN], 1);
	ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_UP], 1);
	ck_assert_uint_eq(counts_of(a).sas, 0);
	ck_assert_uint_eq(counts_of(a).children, 0);
	ck_assert_uint_eq(a->event[IKE_EVENT_CHILD_DOWN], 1);
	pair_free(pair);
}
END_TEST

/* A's tunnel policy leads to B; B has one for the same nets by way of DST. */
static void
tunnel_by(struct pair *pair, const char *dst)
{
	struct ipsec_selector there = selector_of("10.1.0.0", 24,
	    "10.9.0.0", 24);
	struct ipsec_selector back = selector_of("10.9.0.0", 24,
	    "10.1.0.0", 24);
	struct ipsec_tmpl tmpl = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TUNNEL,
	    .src = addr_of("192.0.2.1", 0), .dst = addr_of("192.0.2.2", 0) };

	node_policy(&pair->a, &there, &tmpl);
	tmpl.src = addr_of("192.0.2.2", 0);
	tmpl.dst = addr_of(dst, 0);
	node_policy(&pair->b, &back, &tmpl);
	node_acquire(&pair->a, &there, 1);
	pair_run(pair);
}

START_TEST(tunnel_of_peer)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);

	tunnel_by(pair, "192.0.2.1");
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	pair_free(pair);
}
END_TEST

/* An authentic peer gets no SAs for the tunnel to another one. */
START_TEST(tunnel_of_another)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);

	tunnel_by(pair, "192.0.2.9");
	ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 0);
	ck_assert_uint_eq(kernel_sas(pair->b.kernel), 0);
	ck_assert_uint_eq(counts_of(&pair->a).children, 0);
	ck_assert_uint_eq(kernel_sas(pair->a.kernel), 0);
	ck_assert(pair_said(pair, "is for another peer"));
	pair_free(pair);
}
END_TEST

/* Nor for another one's traffic in transport mode. */
START_TEST(transport_of_another)
{
	static const struct ipsec_tmpl esp = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT };
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_selector there = selector_of("192.0.2.9", 32,
	    "192.0.2.2", 32);
	struct ipsec_selector back = selector_of("192.0.2.2", 32,
	    "192.0.2.9", 32);

	node_policy(&pair->a, &there, &esp);
	node_policy(&pair->b, &back, &esp);
	node_acquire(&pair->a, &there, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 0);
	ck_assert_uint_eq(kernel_sas(pair->b.kernel), 0);
	pair_free(pair);
}
END_TEST

/* A net in which both ends are is their own traffic. */
START_TEST(transport_of_net)
{
	static const struct ipsec_tmpl esp = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT };
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_selector net = selector_of("192.0.2.0", 24,
	    "192.0.2.0", 24);
	struct ipsec_selector one = pair_selector(&pair->a);

	node_policy(&pair->a, &one, &esp);
	node_policy(&pair->b, &net, &esp);
	node_acquire(&pair->a, &one, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	pair_free(pair);
}
END_TEST

/* Our own first message, damaged and thrown back, ends nothing of ours. */
START_TEST(reflected_first)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct ipsec_addr thief = addr_of("192.0.2.77", 500);
	struct buf copy;

	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
	ck_assert_uint_eq(pair->nsent, 1);
	buf_init(&copy, LIMIT_DATAGRAM);
	buf_set(&copy, buf_view(&pair->sent[0].bytes));
	/* the proposal's protocol: behind SA header, DOI, situation */
	buf_patch8(&copy, ISAKMP_HEADER_LEN + 4 + 8 + 4 + 1, 3);
	pair_inject(pair, &pair->a, &thief, buf_view(&copy));
	ck_assert_uint_eq(stats_of(&pair->a).dropped, 1);
	ck_assert_uint_eq(counts_of(&pair->a).sas, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	buf_fini(&copy);
	pair_free(pair);
}
END_TEST

/*
 * Messages out of order
 */

/* What B says behind its last main mode message overtakes it. */
START_TEST(overtaken)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct node *a = &pair->a;
	struct ipsec_selector sel = pair_selector(a);
	size_t last;

	pair_transport(pair);
	node_acquire(a, &sel, 1);
	pair_run_some(pair, 5);		/* three of A, two of B: B is done */
	ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
	ck_assert_uint_eq(counts_of(a).ready, 0);
	last = pair->nsent - 1;
	ck_assert_uint_eq(pair->next, last - 1);
	pair_inject(pair, a, &pair->b.addr,
	    buf_view(&pair->sent[last].bytes));
	ck_assert_uint_eq(pair->nsent, last + 1);
	ck_assert(!pair_said(pair, "pre-shared keys differ"));
	ck_assert(!pair_said(pair, "decrypted"));
	pair_run(pair);			/* and comes again in time */
	ck_assert_uint_eq(counts_of(a).children, 1);
	ck_assert(pair_said(pair, "INITIAL-CONTACT: "));
	pair_free(pair);
}
END_TEST

/* The last main mode message comes once more when all is over. */
START_TEST(last_message_again)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct node *a = &pair->a;

	pair_connect(pair);
	ck_assert(addr_equal(&pair->sent[5].to, &a->addr));
	pair_inject(pair, a, &pair->b.addr, buf_view(&pair->sent[5].bytes));
	ck_assert(!pair_said(pair, "decrypted"));
	ck_assert_uint_eq(stats_of(a).dropped, 0);
	ck_assert_uint_eq(counts_of(a).ready, 1);
	pair_free(pair);
}
END_TEST

/*
 * The kernel refuses
 */

/* The NTH SA of SIDE is refused: nothing is left on either side. */
static void
kernel_refuses(struct ipsec_tmpl *tmpl, uint8_t n, bool initiator,
    unsigned int nth)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_selector sel = pair_selector(&pair->a), back;
	struct node *side = initiator ? &pair->a : &pair->b;

	node_policies(&pair->a, &sel, tmpl, n);
	back = pair_selector(&pair->b);
	node_policies(&pair->b, &back, tmpl, n);
	kernel_fail_sa_set(side->kernel, nth);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	ck_assert_uint_eq(stats_of(side).kernel_errors, 1);
	for (int i = 0; i < 2; i++) {
		struct node *node = i == 0 ? &pair->a : &pair->b;

		ck_assert_uint_eq(counts_of(node).children, 0);
		ck_assert_uint_eq(kernel_sas(node->kernel), 0);
		ck_assert_uint_eq(kernel_larvals(node->kernel), 0);
		ck_assert_uint_eq(counts_of(node).wants, 0);
	}
	/* the next try is a good one */
	node_acquire(&pair->a, &sel, 2);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert_uint_eq(kernel_sas(side->kernel), 2u * n);
	pair_free(pair);
}

START_TEST(refusing_kernel)
{
	struct ipsec_tmpl tmpl[2] = {
		{ .proto = IPSEC_PROTO_ESP, .mode = IPSEC_MODE_TRANSPORT },
		{ .proto = IPSEC_PROTO_AH, .mode = IPSEC_MODE_TRANSPORT },
	};

	for (unsigned int nth = 1; nth <= 2; nth++)
		for (int side = 0; side < 2; side++)
			kernel_refuses(tmpl, 1, side == 0, nth);
	for (unsigned int nth = 1; nth <= 4; nth++)
		for (int side = 0; side < 2; side++)
			kernel_refuses(tmpl, 2, side == 0, nth);
}
END_TEST

/*
 * Many at once
 */

#define PORTS	100

/* Policies for PORTS ports on both sides. */
static void
many_policies(struct pair *pair)
{
	static const struct ipsec_tmpl esp = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT };
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct ipsec_selector back = pair_selector(&pair->b);

	sel.proto = back.proto = 6;
	for (uint16_t port = 1; port <= PORTS; port++) {
		sel.dst.port = back.src.port = port;
		node_policy(&pair->a, &sel, &esp);
		node_policy(&pair->b, &back, &esp);
	}
}

static void
acquire_port(struct pair *pair, uint16_t port)
{
	struct ipsec_selector sel = pair_selector(&pair->a);

	sel.proto = 6;
	sel.dst.port = port;
	node_acquire(&pair->a, &sel, port);
}

/* More than may run under one SA at a time wait for their turn. */
START_TEST(many_children)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);

	many_policies(pair);
	for (uint16_t port = 1; port <= PORTS; port++)
		acquire_port(pair, port);
	ck_assert_uint_eq(counts_of(&pair->a).wants, PORTS);
	ck_assert_uint_eq(counts_of(&pair->a).sas, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).children, PORTS);
	ck_assert_uint_eq(counts_of(&pair->b).children, PORTS);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
	ck_assert_uint_eq(kernel_sas(pair->a.kernel), 2 * PORTS);
	/* the same again, with the exchanges of the first round lingering */
	for (uint16_t port = 1; port <= PORTS; port++)
		acquire_port(pair, port);
	pair_run(pair);
	ck_assert_uint_eq(stats_of(&pair->a).phase2_up, 2 * PORTS);
	pair_free(pair);
}
END_TEST

/* Those that waited when the SA went must not wait for ever. */
START_TEST(waiting_for_nobody)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct node *a = &pair->a;

	many_policies(pair);
	acquire_port(pair, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(a).children, 1);
	for (uint16_t port = 1; port <= PORTS; port++)
		acquire_port(pair, port);
	ck_assert_uint_eq(counts_of(a).wants, PORTS);
	pair_tick(pair, 50000);		/* nobody answers */
	ck_assert_uint_eq(counts_of(a).ready, 0);
	pair->next = pair->nsent;
	node_restart(&pair->b);
	ck_assert_uint_gt(counts_of(a).wants, 0);
	acquire_port(pair, PORTS);	/* the kernel asks again for one */
	for (int i = 0; i < 15; i++) {	/* phase 1 is under way */
		pair_tick(pair, 1000);
		pair_run(pair);
	}
	ck_assert_uint_eq(counts_of(a).wants, 0);
	ck_assert_uint_eq(stats_of(a).phase2_up, 1 + PORTS -
	    LIMIT_EXCHANGES_SA);
	pair_free(pair);
}
END_TEST

/* What a peer may make us keep has an end. */
START_TEST(children_of_peer)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct node *a = &pair->a, *b = &pair->b;
	struct peer *peer;

	many_policies(pair);
	acquire_port(pair, 1);
	pair_run(pair);
	peer = peer_find(b->ike, &a->addr);
	ck_assert_uint_eq(peer->nchildren, 1);
	peer->nchildren += LIMIT_CHILDREN_PEER - 1;
	acquire_port(pair, 2);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(b).children, 1);
	ck_assert_uint_eq(kernel_larvals(b->kernel), 0);
	peer->nchildren -= LIMIT_CHILDREN_PEER - 1;
	acquire_port(pair, 3);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(b).children, 2);
	pair_free(pair);
}
END_TEST

#define P1_BLOCK							\
	" { exchange_mode main; nat_traversal off; proposal {\n"	\
	"encryption_algorithm aes; hash_algorithm sha1;\n"		\
	"authentication_method pre_shared_key; dh_group modp768; } }\n"
#define LINK_CONF							\
	"remote anonymous" P1_BLOCK					\
	"remote fe80::1%lo" P1_BLOCK "remote fe80::2%lo" P1_BLOCK	\
	"sainfo anonymous { encryption_algorithm aes;\n"		\
	"authentication_algorithm hmac_sha1;\n"				\
	"compression_algorithm deflate; }\n"

/* Between link-local addresses, of which the kernel tells no interface. */
static void
link_local(struct pair *pair, int ifindex)
{
	struct ipsec_tmpl tmpl = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT };
	struct ipsec_selector sel = selector_of("fe80::1", 128, "fe80::2",
	    128);
	struct ipsec_selector back = selector_of("fe80::2", 128, "fe80::1",
	    128);

	struct ipsec_event ev = { .type = IPSEC_EVENT_ACQUIRE };
	struct ipsec_policy key = { .dir = IPSEC_DIR_OUT };

	sel.ifindex = back.ifindex = ifindex;
	node_policy(&pair->a, &sel, &tmpl);
	node_policy(&pair->b, &back, &tmpl);
	pair->a.addr = addr_of("fe80::1%lo", 500);
	pair->b.addr = addr_of("fe80::2%lo", 500);
	key.sel = ev.flow = sel;
	ck_assert_int_eq(ipsec_policy_get(pair->a.handle, &key, &ev.policy),
	    0);
	ev.sa.seq = 1;
	ev.sa.id.proto = IPSEC_PROTO_ESP;
	ev.sa.src = sel.src;
	ev.sa.id.dst = sel.dst;
	ike_kernel(pair->a.ike, &ev);
	pair_run(pair);
}

START_TEST(link_local_by_policy)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);

	/* psk.txt may do without the interface... */
	pair->a.psk_id = "fe80::2";
	pair->b.psk_id = "fe80::1";
	link_local(pair, 1);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_UP], 1);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_UP], 1);
	ck_assert(addr_equal_port(&node_sa(&pair->a)->remote,
	    &pair->b.addr));
	ck_assert_uint_eq(node_sa(&pair->a)->remote.scope, 1);
	pair_free(pair);
}
END_TEST

START_TEST(link_local_by_block)
{
	struct pair *pair = pair_new(LINK_CONF, LINK_CONF, 1000);

	/* ...or have it. */
	pair->a.psk_id = "fe80::2%lo";
	pair->b.psk_id = "fe80::1%lo";
	link_local(pair, 0);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_UP], 1);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_UP], 1);
	ck_assert_uint_eq(node_sa(&pair->a)->remote.scope, 1);
	pair_free(pair);
}
END_TEST

START_TEST(link_local_nowhere)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);

	link_local(pair, 0);
	ck_assert_uint_eq(pair->nsent, 0);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
	ck_assert(pair_said(pair, "a link-local address needs an interface"));
	pair_free(pair);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		connects, rekey_after_reload, rekey_without_block,
		tunnel_of_peer, tunnel_of_another, transport_of_another,
		transport_of_net, reflected_first, overtaken,
		last_message_again, refusing_kernel, many_children,
		waiting_for_nobody, children_of_peer,
		link_local_by_policy, link_local_by_block, link_local_nowhere,
	};

	return suite_main("engine", tests, sizeof(tests) / sizeof(tests[0]));
}
