/* SPDX-License-Identifier: ISC */
/*
 * NAT traversal: detection, the float to port 4500, encapsulation, and whom an
 * SA follows when the peer's address changes.
 */
#include <check.h>
#include <string.h>

#include "ike/info.h"
#include "ike/child.h"
#include "ike/natt.h"
#include "ike/phase1.h"
#include "sealed_by.h"
#include "subset.h"
#include "suite.h"

#define CONF(natt)							\
	"path pre_shared_key \"/psk.txt\";\n"				\
	"remote anonymous {\n"						\
	"	exchange_mode main; nat_traversal " natt ";\n"		\
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

/* Fills in the first SA of a dump. */
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

/* Transport mode from A, which B sees as NAT. */
static struct pair *
pair_through_nat(void)
{
	static const struct ipsec_tmpl esp = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT };
	struct pair *pair = pair_new(CONF("on"), CONF("on"), 1000);
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct ipsec_selector back = selector_of("192.0.2.2", 32,
	    "203.0.113.5", 32);

	pair->a.natt = pair->b.natt = true;
	pair->nat = addr_of("203.0.113.5", 30000);
	node_policy(&pair->a, &sel, &esp);
	node_policy(&pair->b, &back, &esp);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	return pair;
}

START_TEST(variants)
{
	uint32_t rfc = 1u << VID_NATT_RFC, two = 1u << VID_NATT_02;

	ck_assert_int_eq(natt_choose(0), VID_UNKNOWN);
	ck_assert_int_eq(natt_choose(1u << VID_DPD | 1u << VID_UNKNOWN),
	    VID_UNKNOWN);
	ck_assert_int_eq(natt_choose(two), VID_NATT_02);
	ck_assert_int_eq(natt_choose(two | rfc), VID_NATT_RFC);
	ck_assert_int_eq(natt_choose(two | 1u << VID_NATT_00), VID_NATT_02);
	/* ESP on port 500 cannot be told from IKE */
	ck_assert_int_eq(natt_choose(1u << VID_NATT_00 | 1u << VID_NATT_01),
	    VID_UNKNOWN);
	/* the newer the better, and the RFC is the newest */
	for (int i = VID_NATT_RFC; i < VID_NATT_02N; i++)
		ck_assert_int_eq(natt_choose(1u << i | 1u << (i + 1)), i);
}
END_TEST

START_TEST(no_nat)
{
	struct pair *pair = pair_new(CONF("on"), CONF("on"), 1000);

	pair->a.natt = pair->b.natt = true;
	pair_connect(pair);
	ck_assert(pair_said(pair, "no NAT found"));
	for (size_t i = 0; i < pair->nsent; i++) {
		ck_assert_uint_eq(pair->sent[i].from.port, ISAKMP_PORT);
		ck_assert_uint_eq(pair->sent[i].to.port, ISAKMP_PORT);
	}
	ck_assert_uint_eq(sa_towards(&pair->a, &pair->b.addr).encap.type, 0);
	pair_free(pair);
}
END_TEST

/* One side says off: nothing is announced, or nothing is answered. */
START_TEST(one_is_off)
{
	static const char *const conf[] = { CONF("on"), CONF("off") };

	for (int i = 0; i < 2; i++) {
		struct pair *pair = pair_new(conf[i], conf[1 - i], 1000);

		pair_connect(pair);
		ck_assert_int_eq(node_sa(&pair->a)->natt, VID_UNKNOWN);
		ck_assert_int_eq(node_sa(&pair->b)->natt, VID_UNKNOWN);
		ck_assert(!pair_said(pair, "NAT-T ("));
		pair_free(pair);
	}
}
END_TEST

/* How many informational messages has B sent? */
static unsigned int
told_by_b(const struct pair *pair)
{
	unsigned int n = 0;

	for (size_t i = 0; i < pair->nsent; i++) {
		const struct datagram *d = &pair->sent[i];

		n += addr_equal(&d->from, &pair->b.addr) &&
		    d->bytes.n > ISAKMP_HEADER_LEN &&
		    d->bytes.p[18] == ISAKMP_ETYPE_INFO;
	}
	return n;
}

/*
 * Another peer behind the same NAT, with the same address, was told before that
 * there is nothing older: that is not this one.  It is told once, not with each
 * phase 1.
 */
START_TEST(first_contact)
{
	struct pair *pair = pair_through_nat();
	struct peer *peer = node_sa(&pair->b)->peer;

	ck_assert_uint_eq(told_by_b(pair), 1);
	ck_assert(phase1_start(pair->a.ike, pair->a.conf->remote[0],
	    &pair->a.addr, &pair->b.addr));
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).sas, 2);
	ck_assert_uint_eq(told_by_b(pair), 1);
	for (struct sa *sa = peer->sas; sa != NULL; sa = sa->next)
		buf_set(&sa->peer_id, view_text("somebody else"));
	for (struct child *child = peer->children; child != NULL;
	    child = child->next)
		buf_set(&child->peer_id, view_text("somebody else"));
	ck_assert(phase1_start(pair->a.ike, pair->a.conf->remote[0],
	    &pair->a.addr, &pair->b.addr));
	pair_run(pair);
	ck_assert_uint_eq(told_by_b(pair), 2);
	pair_free(pair);
}
END_TEST

/* A second pair for the same traffic, of the same peer or of another one. */
START_TEST(twins)
{
	static const char said[] = "another peer behind the same NAT has SAs "
	    "for ";

	for (int another = 0; another < 2; another++) {
		struct pair *pair = pair_through_nat();
		struct ipsec_selector sel = pair_selector(&pair->a);
		struct child *first = pair->b.ike->children;

		if (another)
			buf_set(&first->peer_id, view_text("somebody else"));
		node_acquire(&pair->a, &sel, 2);
		pair_run(pair);
		ck_assert_uint_eq(counts_of(&pair->b).children, 2);
		ck_assert_int_eq(pair_said(pair, said), another);
		pair_free(pair);
	}
}
END_TEST

START_TEST(through_nat)
{
	struct pair *pair = pair_through_nat();
	struct ipsec_addr nat = pair->nat;
	struct ipsec_sa out;

	ck_assert(node_sa(&pair->a)->nat_local);
	ck_assert(!node_sa(&pair->a)->nat_remote);
	ck_assert(node_sa(&pair->b)->nat_remote);
	ck_assert(!node_sa(&pair->b)->nat_local);
	/* four messages on port 500, then no more */
	for (size_t i = 0; i < pair->nsent; i++)
		if (addr_equal(&pair->sent[i].from, &pair->a.addr)) {
			ck_assert_uint_eq(pair->sent[i].from.port, i < 4 ?
			    ISAKMP_PORT : ISAKMP_NATT_PORT);
			ck_assert_uint_eq(pair->sent[i].to.port, i < 4 ?
			    ISAKMP_PORT : ISAKMP_NATT_PORT);
		}
	ck_assert_uint_eq(node_sa(&pair->b)->remote.port, 30001);
	out = sa_towards(&pair->b, &nat);
	ck_assert_uint_eq(out.encap.type, 2);
	ck_assert_uint_eq(out.encap.sport, ISAKMP_NATT_PORT);
	ck_assert_uint_eq(out.encap.dport, 30001);
	out = sa_towards(&pair->a, &pair->b.addr);
	ck_assert_uint_eq(out.encap.type, 2);
	ck_assert_uint_eq(out.encap.sport, ISAKMP_NATT_PORT);
	ck_assert_uint_eq(out.encap.dport, ISAKMP_NATT_PORT);
	/* what the peer's address really is: RFC 3947 5.2 */
	ck_assert_uint_eq(out.encap.oa.family, 0);
	out = sa_towards(&pair->b, &nat);
	ck_assert(addr_equal(&out.encap.oa, &pair->a.addr));
	out = sa_towards(&pair->b, &pair->b.addr);
	ck_assert(addr_equal(&out.encap.oa, &pair->a.addr));
	pair_free(pair);
}
END_TEST

/* Each variant's own numbers. */
START_TEST(numbers)
{
	static const struct {
		enum vid vid;
		uint16_t tunnel, transport;
		uint8_t natoa, natd;
	} rows[] = {
		{ VID_NATT_RFC, 3, 4, 21, 20 },
		{ VID_NATT_08, 3, 4, 16, 15 },
		{ VID_NATT_04, 3, 4, 16, 15 },
		{ VID_NATT_03, 61443, 61444, 131, 130 },
		{ VID_NATT_02, 61443, 61444, 131, 130 },
		{ VID_NATT_02N, 61443, 61444, 131, 130 },
	};
	struct pair *pair = pair_through_nat();
	struct sa *sa = node_sa(&pair->a);
	struct msg_header h = { .version = ISAKMP_VERSION };
	struct msg_out out;
	struct buf b;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sa->natt = rows[i].vid;
		ck_assert_uint_eq(natt_mode(sa, IPSEC_MODE_TUNNEL),
		    rows[i].tunnel);
		ck_assert_uint_eq(natt_mode(sa, IPSEC_MODE_TRANSPORT),
		    rows[i].transport);
		ck_assert_uint_eq(natt_mode_of(sa, rows[i].tunnel),
		    IPSEC_MODE_TUNNEL);
		ck_assert_uint_eq(natt_mode_of(sa, rows[i].transport),
		    IPSEC_MODE_TRANSPORT);
		ck_assert_uint_eq(natt_mode_of(sa, P2_MODE_TUNNEL), 0);
		buf_init(&b, 1000);
		msg_begin(&out, &b, &h);
		natt_put_oa(sa, &out, true);
		ck_assert_uint_eq(b.p[16], rows[i].natoa);
		buf_reset(&b);
		msg_begin(&out, &b, &h);
		ck_assert_int_eq(natt_put(sa, &out), OK);
		ck_assert_uint_eq(b.p[16], rows[i].natd);
		buf_fini(&b);
	}
	pair_free(pair);
}
END_TEST

/* What two, or one, or a bad NAT-OA say about the peer. */
START_TEST(original_address)
{
	static const uint8_t payload[] = {
		21, 0, 0, 12, 1, 0, 0, 0, 10, 0, 0, 1,
		0, 0, 0, 12, 1, 0, 0, 0, 10, 0, 0, 2,
	};
	struct msg_header h = { .version = ISAKMP_VERSION,
	    .next = ISAKMP_NATOA };
	struct pair *pair = pair_through_nat();
	struct sa *sa = node_sa(&pair->a);
	struct ipsec_addr one = addr_of("10.0.0.1", 0), oa;
	struct ipsec_addr two = addr_of("10.0.0.2", 0);
	struct view last = view_of(payload + 12, 12);
	uint8_t bad[12];
	struct msg msg;

	ck_assert_int_eq(msg_parse(&msg, &h, view_of(payload, 24), false),
	    OK);
	ck_assert_int_eq(natt_get_oa(sa, &msg, false, &oa), OK);
	ck_assert(addr_equal(&oa, &one));
	ck_assert_int_eq(natt_get_oa(sa, &msg, true, &oa), OK);
	ck_assert(addr_equal(&oa, &two));
	/* without a NAT it means nothing, nor does the address that we see */
	sa->nat_local = false;
	ck_assert_int_eq(natt_get_oa(sa, &msg, true, &oa), OK);
	ck_assert_uint_eq(oa.family, 0);
	sa->nat_local = true;
	two = sa->remote;
	sa->remote = one;
	ck_assert_int_eq(natt_get_oa(sa, &msg, false, &oa), OK);
	ck_assert_uint_eq(oa.family, 0);
	sa->remote = two;
	ck_assert_int_eq(msg_parse(&msg, &h, last, false), OK);
	ck_assert_int_eq(natt_get_oa(sa, &msg, true, &oa), OK);
	ck_assert(oa.family != 0 && oa.bytes[3] == 2);
	memcpy(bad, payload + 12, 12);
	bad[4] = ID_FQDN;
	ck_assert_int_eq(msg_parse(&msg, &h, view_of(bad, 12), false), OK);
	ck_assert_int_eq(natt_get_oa(sa, &msg, true, &oa), E_PAYLOAD);
	ck_assert_uint_eq(oa.family, 0);
	h.next = ISAKMP_NONE;
	ck_assert_int_eq(msg_parse(&msg, &h, view_of(NULL, 0), false), OK);
	ck_assert_int_eq(natt_get_oa(sa, &msg, true, &oa), OK);
	ck_assert_uint_eq(oa.family, 0);
	pair_free(pair);
}
END_TEST

/* force: encapsulated without any NAT. */
START_TEST(forced)
{
	struct pair *pair = pair_new(CONF("force"), CONF("on"), 1000);

	pair->a.natt = pair->b.natt = true;
	pair_connect(pair);
	ck_assert_uint_eq(node_sa(&pair->b)->remote.port, ISAKMP_NATT_PORT);
	ck_assert_uint_eq(sa_towards(&pair->a, &pair->b.addr).encap.type, 2);
	ck_assert_uint_eq(sa_towards(&pair->b, &pair->a.addr).encap.type, 2);
	pair_free(pair);
}
END_TEST

/* Who is behind the NAT keeps its mapping open: RFC 3948 4. */
START_TEST(keepalive)
{
	struct pair *pair = pair_through_nat();
	size_t before = pair->nsent;

	pair_tick(pair, 61000);
	ck_assert_uint_eq(pair->nsent, before + 3);	/* every 20 s */
	for (size_t i = before; i < pair->nsent; i++) {
		const struct datagram *d = &pair->sent[i];

		ck_assert_uint_eq(d->bytes.n, 1);
		ck_assert_uint_eq(d->bytes.p[0], 0xff);
		ck_assert(addr_equal(&d->from, &pair->a.addr));
		ck_assert_uint_eq(d->from.port, ISAKMP_NATT_PORT);
	}
	pair_free(pair);
}
END_TEST

static void
are_you_there(struct node *from, uint8_t number)
{
	const uint8_t data[] = { 0, 0, 0, number };
	struct notify_payload n = { .doi = IPSEC_DOI, .type = N_DPD,
	    .proto = PROTO_ISAKMP, .data = view_of(data, sizeof(data)) };

	n.spi = view_of(&node_sa(from)->cookies, sizeof(struct sa_cookies));
	info_notify(node_sa(from), &n);
}

/* The NAT forgot its mapping: B follows the first authentic message. */
START_TEST(rebinding)
{
	struct pair *pair = pair_through_nat();
	struct sa *sa = node_sa(&pair->b);

	pair->nat.port = 40000;
	are_you_there(&pair->a, 7);
	pair_run(pair);
	ck_assert_uint_eq(sa->remote.port, 40001);
	ck_assert_uint_eq(sa_towards(&pair->b, &pair->nat).encap.dport, 40001);
	ck_assert_uint_eq(sa_towards(&pair->b, &pair->b.addr).encap.sport,
	    40001);
	/* a number that is not higher may be an old message */
	pair->nat.port = 42000;
	are_you_there(&pair->a, 7);
	pair_run(pair);
	ck_assert_uint_eq(sa->remote.port, 40001);
	ck_assert(pair_said(pair, "peer moved"));
	ck_assert(pair_said(pair, "DPD: an answer to a question that was "
	    "not asked"));
	/* SAs cannot change their address: they go, on both sides */
	pair->nat = addr_of("203.0.113.99", 50000);
	are_you_there(&pair->a, 8);
	pair_run(pair);
	ck_assert(addr_equal(&sa->remote, &pair->nat));
	ck_assert_ptr_eq(sa->peer, peer_find(pair->b.ike, &pair->nat));
	ck_assert_uint_eq(counts_of(&pair->b).children, 0);
	ck_assert_uint_eq(counts_of(&pair->a).children, 0);
	ck_assert_uint_eq(kernel_sas(pair->a.kernel), 0);
	ck_assert_uint_eq(kernel_sas(pair->b.kernel), 0);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
	pair_free(pair);
}
END_TEST

/* All that A ever said, from a thief's address; and what is ruined. */
START_TEST(from_elsewhere)
{
	struct pair *pair = pair_through_nat();
	struct node *b = &pair->b;
	struct sa *sa = node_sa(b);
	struct ipsec_addr thief = addr_of("198.51.100.66", 4500);
	struct ipsec_addr was = sa->remote;
	struct ike_counts counts = counts_of(b);
	struct said said = { 0x77, ISAKMP_N, RUIN, 0 };
	size_t n = pair->nsent;
	uint64_t before;
	struct buf bad;

	for (size_t i = 1; i < n; i++)	/* 0: a stranger's, as such fine */
		if (addr_equal(&pair->sent[i].from, &pair->a.addr))
			pair_inject(pair, b, &thief,
			    buf_view(&pair->sent[i].bytes));
	buf_init(&bad, LIMIT_MESSAGE);
	sealed_build(node_sa(&pair->a), &said, view_of("\0\0\0\1\1\0\1\1", 8),
	    &bad);
	pair_inject(pair, b, &thief, buf_view(&bad));
	/* in the clear it is not even looked at from there */
	before = stats_of(b).dropped;
	said.flags = PLAIN;
	buf_reset(&bad);
	sealed_build(node_sa(&pair->a), &said, view_of("\0\0\0\1\1\0\1\1", 8),
	    &bad);
	pair_inject(pair, b, &thief, buf_view(&bad));
	ck_assert_uint_eq(stats_of(b).dropped, before + 1);
	ck_assert(!pair_said(pair, "not authenticated"));
	ck_assert(addr_equal_port(&sa->remote, &was));
	for (size_t i = n; i < pair->nsent; i++)
		ck_assert(addr_equal_port(&pair->sent[i].to, &was));
	ck_assert_uint_eq(counts_of(b).sas, counts.sas);
	ck_assert_uint_eq(counts_of(b).children, counts.children);
	ck_assert(!pair_said(pair, "to 198.51.100.66"));
	buf_fini(&bad);
	pair_free(pair);
}
END_TEST

/* Without NAT-T another port is heard but not followed, another address is
 * not even heard. */
START_TEST(no_following)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_addr port = addr_of("192.0.2.2", 9999);
	struct ipsec_addr thief = addr_of("198.51.100.66", 500);
	struct said said = { 0x77, ISAKMP_N, 0, 0 };
	struct node *a = &pair->a;
	struct buf b;

	pair_connect(pair);
	buf_init(&b, LIMIT_MESSAGE);
	sealed_build(node_sa(&pair->b), &said, view_of("\0\0\0\1\1\0\x40\0",
	    8), &b);
	pair_inject(pair, a, &thief, buf_view(&b));
	ck_assert_uint_eq(stats_of(a).dropped, 1);
	ck_assert(!msgids_has(&node_sa(a)->info_ids, 0x77));
	pair_inject(pair, a, &port, buf_view(&b));
	ck_assert_uint_eq(stats_of(a).dropped, 1);
	ck_assert(msgids_has(&node_sa(a)->info_ids, 0x77));
	ck_assert(addr_equal_port(&node_sa(a)->remote, &pair->b.addr));
	buf_fini(&b);
	pair_free(pair);
}
END_TEST

/* No socket for port 4500: said, and NAT-T is not announced. */
START_TEST(no_socket)
{
	struct pair *pair = pair_new(CONF("force"), CONF("on"), 1000);

	pair_connect(pair);
	ck_assert(pair_said(pair, "no NAT-T socket"));
	ck_assert_uint_eq(node_sa(&pair->a)->local.port, ISAKMP_PORT);
	ck_assert_int_eq(node_sa(&pair->a)->natt, VID_UNKNOWN);
	ck_assert_int_eq(node_sa(&pair->b)->natt, VID_UNKNOWN);
	ck_assert_uint_eq(sa_towards(&pair->a, &pair->b.addr).encap.type, 0);
	pair_free(pair);
}
END_TEST

/* ... and one that closed while the other side already counts on it. */
START_TEST(socket_went)
{
	struct pair *pair = pair_new(CONF("force"), CONF("on"), 1000);
	struct ipsec_selector sel = pair_selector(&pair->a);

	pair->a.natt = pair->b.natt = true;
	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
	while (pair->nsent < 3) {
		node_work(&pair->a);
		node_work(&pair->b);
		ck_assert(pair->nsent == 3 || pair_deliver(pair));
	}
	pair->a.natt = false;
	pair_run(pair);
	ck_assert(pair_said(pair, "there is a NAT, but no NAT-T socket"));
	ck_assert_uint_eq(counts_of(&pair->a).sas, 0);
	pair_free(pair);
}
END_TEST

/* RFC 3947 5.1: no NAT lets AH through. */
START_TEST(ah)
{
	static const struct ipsec_tmpl tmpl = { .proto = IPSEC_PROTO_AH,
	    .mode = IPSEC_MODE_TRANSPORT };
	struct pair *pair = pair_through_nat();
	struct ipsec_selector sel = pair_selector(&pair->a);

	sel.proto = 17;
	node_policy(&pair->a, &sel, &tmpl);
	node_acquire(&pair->a, &sel, 2);
	pair_run(pair);
	ck_assert(pair_said(pair, "which no NAT lets through"));
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(kernel_larvals(pair->a.kernel), 0);
	pair_free(pair);
}
END_TEST

/*
 * An old quick mode from a thief, long after: its message id is still known,
 * and without a NAT nobody is followed anyway.
 */
START_TEST(old_replay)
{
	struct pair *pair = pair_new(CONF("on"), CONF("on"), 1000);
	struct ipsec_addr thief = addr_of("198.51.100.66", 4500);
	struct node *b = &pair->b;
	struct ipsec_addr was;
	size_t n;

	pair->a.natt = pair->b.natt = true;
	pair_connect(pair);
	was = node_sa(b)->remote;
	n = pair->nsent;
	for (unsigned i = 0; i < 2 * LIMIT_INFO_IDS; i++) {
		are_you_there(&pair->a, (uint8_t)(i / 3));
		pair_run(pair);
	}
	for (size_t i = 1; i < n; i++)
		if (addr_equal(&pair->sent[i].from, &pair->a.addr)) {
			pair_inject(pair, b, &thief,
			    buf_view(&pair->sent[i].bytes));
			pair_inject(pair, b, &pair->a.addr,
			    buf_view(&pair->sent[i].bytes));
		}
	pair_tick(pair, 100000);
	pair_run(pair);
	ck_assert(addr_equal_port(&node_sa(b)->remote, &was));
	ck_assert_uint_eq(counts_of(b).children, 1);
	ck_assert_uint_eq(stats_of(b).phase2_started, 1);
	pair_free(pair);
}
END_TEST

/* The NAT-D payload that is right behind so many wrong ones. */
static bool
nat_seen_behind(unsigned int wrong)
{
	static const uint8_t zero[32];
	struct pair *pair = pair_new(CONF("on"), CONF("on"), 1000);
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct msg_out out;
	struct whole w;
	struct buf b;
	bool nat;

	pair->a.natt = pair->b.natt = true;
	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
	pair_run_some(pair, 2);
	whole_open(&w, pair, 2);
	ck_assert_uint_eq(w.msg.p[w.msg.n - 1].type, ISAKMP_NATD);
	buf_init(&b, LIMIT_DATAGRAM);
	msg_begin(&out, &b, &w.h);
	for (unsigned int k = 0; k < w.msg.n; k++) {
		for (unsigned int i = 0; k + 1 == w.msg.n && i < wrong; i++)
			msg_put(&out, ISAKMP_NATD, view_of(zero, 20));
		msg_put(&out, w.msg.p[k].wire_type, w.msg.p[k].body);
	}
	ck_assert(msg_end(&out));
	pair_inject(pair, &pair->b, &pair->a.addr, buf_view(&b));
	nat = node_sa(&pair->b)->nat_remote;
	ck_assert(!node_sa(&pair->b)->nat_local);
	buf_fini(&b);
	whole_close(&w);
	pair_free(pair);
	return nat;
}

START_TEST(many_natd)
{
	ck_assert(!nat_seen_behind(0));
	ck_assert(!nat_seen_behind(7));
	ck_assert(nat_seen_behind(8));
	ck_assert(nat_seen_behind(40));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		variants, no_nat, one_is_off, through_nat, twins,
		first_contact, numbers,
		original_address, forced, keepalive,
		rebinding, from_elsewhere, no_following, no_socket,
		socket_went, ah, old_replay, many_natd,
	};

	return suite_main("natt", tests, sizeof(tests) / sizeof(tests[0]));
}
