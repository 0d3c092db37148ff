/* SPDX-License-Identifier: ISC */
/*
 * Informational messages: what is done for an authentic peer about its own
 * SAs, and nothing for anybody else.
 */
#include <check.h>
#include <string.h>

#include "ike/child.h"
#include "ike/info.h"
#include "ike/phase1.h"
#include "sealed_by.h"
#include "suite.h"

#define NOTHING	view_of(NULL, 0)

static const struct said notify1 = { 0x101, ISAKMP_N, 0, 0 };
static const struct said delete1 = { 0x201, ISAKMP_D, 0, 0 };

static struct pair *
pair_connected(void)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);

	pair_connect(pair);
	pair_tick(pair, 1000);
	return pair;
}

/* Everything is as it was right after pair_connected(). */
static bool
is_untouched(const struct node *node)
{
	struct ike_counts c = counts_of(node);

	return c.sas == 1 && c.ready == 1 && c.children == 1 &&
	    kernel_sas(node->kernel) == 2 &&
	    node->event[IKE_EVENT_PHASE1_DOWN] == 0 &&
	    node->event[IKE_EVENT_CHILD_DOWN] == 0;
}

static struct view
spi_view(uint32_t spi, uint8_t out[4])
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(spi >> (24 - 8 * i));
	return view_of(out, 4);
}

static struct view
cookies_of(const struct node *node)
{
	return view_of(&node_sa(node)->cookies, sizeof(struct sa_cookies));
}

/*
 * DELETE
 */

START_TEST(delete_child)
{
	struct pair *pair = pair_connected();
	uint8_t spi[4];

	node_deletes(&pair->b, &delete1, PROTO_IPSEC_ESP,
	    spi_view(pair->b.last.spi_in, spi));
	ck_assert_uint_eq(counts_of(&pair->a).children, 0);
	ck_assert_uint_eq(kernel_sas(pair->a.kernel), 0);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_DOWN], 1);
	ck_assert_int_eq(pair->a.last.err, E_DELETED);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	pair_free(pair);
}
END_TEST

/* Unknown, in the wrong direction, of another protocol: no reaction. */
START_TEST(delete_wrong_spi)
{
	struct pair *pair = pair_connected();
	struct said said = delete1;
	uint8_t spi[4];

	node_deletes(&pair->b, &said, PROTO_IPSEC_ESP,
	    spi_view(0xdeadbeef, spi));
	said.msgid++;
	node_deletes(&pair->b, &said, PROTO_IPSEC_ESP,
	    spi_view(pair->b.last.spi_out, spi));
	said.msgid++;
	node_deletes(&pair->b, &said, PROTO_IPSEC_AH,
	    spi_view(pair->b.last.spi_in, spi));
	said.msgid++;
	node_deletes(&pair->b, &said, PROTO_IPSEC_ESP, spi_view(0, spi));
	ck_assert_uint_eq(stats_of(&pair->a).dropped, 0);
	ck_assert(is_untouched(&pair->a));
	pair_free(pair);
}
END_TEST

/* A child and an IKE SA of A with somebody else, without any exchange. */
static struct sa *
other_peer(struct node *a, const char *addr, const char *id)
{
	static const uint8_t icookie[ISAKMP_COOKIE_LEN] = { 9, 9, 9 };
	struct ipsec_addr remote = addr_of(addr, 500);
	struct plan plan = { .ntmpl = 1 };
	struct agreement ag = { .n = 1, .a = { { .proto = PROTO_IPSEC_ESP,
	    .spi_in = 0x7777, .spi_out = 0x5555 } } };
	struct sa *sa = sa_new(a->ike, &a->addr, &remote, false, icookie);
	struct child *child;

	sa_authentic(sa);
	sa->state = SA_READY;
	buf_set(&sa->peer_id, view_text(id));
	plan.tmpl[0].proto = IPSEC_PROTO_ESP;
	child = child_new(sa, &plan, &ag, 0);
	child_name_add(a->ike, &child->in[0]);
	child_name_add(a->ike, &child->out[0]);
	child->up = true;
	return sa;
}

/* At another address, and at the same one behind a NAT. */
START_TEST(delete_of_another)
{
	static const char *const addrs[] = { "192.0.2.9", "192.0.2.2" };

	for (size_t i = 0; i < 2; i++) {
		struct pair *pair = pair_connected();
		struct node *a = &pair->a;
		struct said said = delete1;
		struct sa *other = other_peer(a, addrs[i], "somebody else");
		uint8_t spi[4];

		node_deletes(&pair->b, &said, PROTO_IPSEC_ESP,
		    spi_view(0x5555, spi));
		said.msgid++;
		node_deletes(&pair->b, &said, PROTO_ISAKMP,
		    view_of(&other->cookies, sizeof(other->cookies)));
		said = notify1;
		node_notifies(&pair->b, &said, N_INITIAL_CONTACT, NOTHING,
		    NOTHING);
		ck_assert_uint_eq(counts_of(a).sas, 2);
		ck_assert_uint_eq(counts_of(a).children, 2);
		ck_assert_uint_eq(a->event[IKE_EVENT_CHILD_DOWN], 0);
		ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_DOWN], 0);
		pair_free(pair);
	}
}
END_TEST

/* RFC 2409 5.5: children outlive the IKE SA. */
START_TEST(delete_ike_sa)
{
	struct pair *pair = pair_connected();
	struct said said = delete1;
	uint8_t wrong[sizeof(struct sa_cookies)] = { 1, 2, 3 };

	node_deletes(&pair->b, &said, PROTO_ISAKMP, view_of(wrong,
	    sizeof(wrong)));
	ck_assert(is_untouched(&pair->a));
	said.msgid++;
	node_deletes(&pair->b, &said, PROTO_ISAKMP, cookies_of(&pair->b));
	ck_assert_uint_eq(counts_of(&pair->a).sas, 0);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_PHASE1_DOWN], 1);
	pair_free(pair);
}
END_TEST

/* Several payloads' worth in one list, our own SPIs among unknown ones. */
START_TEST(delete_list)
{
	struct pair *pair = pair_connected();
	struct delete_payload d = { .doi = IPSEC_DOI, .spi_len = 4, .n = 3,
	    .proto = PROTO_IPSEC_ESP };
	struct buf body, spis;

	buf_init(&body, LIMIT_MESSAGE);
	buf_init(&spis, LIMIT_MESSAGE);
	buf_u32(&spis, 0x1234567);
	buf_u32(&spis, pair->b.last.spi_in);
	buf_u32(&spis, pair->b.last.spi_in);
	d.spis = buf_view(&spis);
	delete_put(&body, &d);
	node_says(&pair->b, &delete1, buf_view(&body));
	ck_assert_uint_eq(counts_of(&pair->a).children, 0);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_DOWN], 1);
	buf_fini(&spis);
	buf_fini(&body);
	pair_free(pair);
}
END_TEST

/* No more than so many of a list are looked at. */
static bool
deleted_behind(unsigned int others)
{
	struct pair *pair = pair_connected();
	struct delete_payload d = { .doi = IPSEC_DOI, .spi_len = 4,
	    .proto = PROTO_IPSEC_ESP, .n = (uint16_t)(others + 1) };
	struct buf body, spis;
	bool gone;

	buf_init(&body, LIMIT_MESSAGE);
	buf_init(&spis, LIMIT_MESSAGE);
	for (unsigned int i = 0; i < others; i++)
		buf_u32(&spis, 0x1000 + i);
	buf_u32(&spis, pair->b.last.spi_in);
	d.spis = buf_view(&spis);
	delete_put(&body, &d);
	node_says(&pair->b, &delete1, buf_view(&body));
	gone = counts_of(&pair->a).children == 0;
	buf_fini(&spis);
	buf_fini(&body);
	pair_free(pair);
	return gone;
}

START_TEST(delete_long_list)
{
	ck_assert(deleted_behind(127));
	ck_assert(!deleted_behind(128));
	ck_assert(!deleted_behind(2000));
}
END_TEST

/*
 * Not authentic
 */

static void
everything_from(struct node *from, unsigned int flags, uint32_t msgid)
{
	struct said n = { msgid, ISAKMP_N, flags, 0 };
	struct said d = { msgid + 100, ISAKMP_D, flags, 0 };
	uint8_t spi[4];

	node_notifies(from, &n, N_INITIAL_CONTACT, NOTHING, NOTHING);
	n.msgid++;
	node_notifies(from, &n, N_NO_PROPOSAL_CHOSEN, NOTHING, NOTHING);
	n.msgid++;
	node_notifies(from, &n, N_DPD, cookies_of(from),
	    view_of("\0\0\0\1", 4));
	node_deletes(from, &d, PROTO_IPSEC_ESP,
	    spi_view(from->last.spi_in, spi));
	d.msgid++;
	node_deletes(from, &d, PROTO_ISAKMP, cookies_of(from));
}

START_TEST(forged)
{
	struct pair *pair = pair_connected();
	size_t before = pair->nsent;

	everything_from(&pair->b, PLAIN, 0x1000);
	ck_assert(is_untouched(&pair->a));
	ck_assert(pair_said(pair, "not authenticated"));
	everything_from(&pair->b, RUIN, 0x2000);
	ck_assert(is_untouched(&pair->a));
	ck_assert_uint_eq(pair->nsent, before);
	ck_assert_uint_ge(stats_of(&pair->a).dropped, 5);
	/* nor are their message ids used up */
	everything_from(&pair->b, 0, 0x2000);
	ck_assert(!is_untouched(&pair->a));
	pair_free(pair);
}
END_TEST

/* While quick mode runs: only the peer itself can call it off. */
START_TEST(forged_refusal)
{
	struct pair *pair = pair_connected();
	struct node *a = &pair->a;
	struct ipsec_selector sel = pair_selector(a);
	struct said said = notify1;

	node_acquire(a, &sel, 2);
	ck_assert_uint_eq(counts_of(a).wants, 1);
	said.flags = PLAIN;
	node_notifies(&pair->b, &said, N_NO_PROPOSAL_CHOSEN, NOTHING,
	    NOTHING);
	said.flags = RUIN;
	node_notifies(&pair->b, &said, N_NO_PROPOSAL_CHOSEN, NOTHING,
	    NOTHING);
	said.flags = 0;			/* of another negotiation */
	node_notifies(&pair->b, &said, N_NO_PROPOSAL_CHOSEN,
	    view_of("\1\2\3\4", 4), NOTHING);
	ck_assert_uint_eq(counts_of(a).wants, 1);
	ck_assert_uint_eq(stats_of(a).phase2_failed, 0);
	said.msgid++;			/* zero is as good as none */
	node_notifies(&pair->b, &said, N_NO_PROPOSAL_CHOSEN,
	    view_of("\0\0\0\0", 4), NOTHING);
	ck_assert_uint_eq(counts_of(a).wants, 0);
	ck_assert_uint_eq(stats_of(a).phase2_failed, 1);
	ck_assert_uint_eq(kernel_larvals(a->kernel), 0);
	ck_assert(pair_said(pair, "NO-PROPOSAL-CHOSEN"));
	pair_free(pair);
}
END_TEST

/*
 * Replays
 */

/* RFC 3706: always answered, but once. */
START_TEST(are_you_there)
{
	struct pair *pair = pair_connected();
	size_t before = pair->nsent;
	struct said said = notify1;

	node_notifies(&pair->b, &said, N_DPD, cookies_of(&pair->b),
	    view_of("\0\0\0\7", 4));
	ck_assert_uint_eq(pair->nsent, before + 1);
	pair_run(pair);
	ck_assert_uint_eq(stats_of(&pair->b).dropped, 0);
	ck_assert(pair_said(pair, "DPD: an answer to a question that was "
	    "not asked"));
	before = pair->nsent;
	node_notifies(&pair->b, &said, N_DPD, cookies_of(&pair->b),
	    view_of("\0\0\0\7", 4));
	ck_assert_uint_eq(pair->nsent, before);
	said.msgid++;
	node_notifies(&pair->b, &said, N_DPD, cookies_of(&pair->b),
	    view_of("\0\0\7", 3));
	ck_assert_uint_eq(pair->nsent, before);
	ck_assert(is_untouched(&pair->a));
	pair_free(pair);
}
END_TEST

/* Informational messages have no direction in their hash: our own ones,
 * thrown back at us, are known by their ids. */
START_TEST(reflected)
{
	struct pair *pair = pair_connected();
	struct node *a = &pair->a;
	struct notify_payload probe = { .doi = IPSEC_DOI, .type = N_DPD,
	    .proto = PROTO_ISAKMP, .spi = cookies_of(a),
	    .data = view_of("\0\0\0\1", 4) };
	size_t n;

	info_notify(node_sa(a), &probe);
	n = pair->nsent;
	for (size_t i = 1; i < n; i++)	/* 0: a stranger's, as such fine */
		if (addr_equal(&pair->sent[i].from, &a->addr))
			pair_inject(pair, a, &pair->b.addr,
			    buf_view(&pair->sent[i].bytes));
	ck_assert_uint_eq(counts_of(a).exchanges, 1);	/* lingers */
	for (size_t i = n; i < pair->nsent; i++)	/* repeated, no more */
		ck_assert_uint_ne(pair->sent[i].bytes.p[18],
		    ISAKMP_ETYPE_INFO);
	ck_assert(is_untouched(a));
	ck_assert_uint_eq(stats_of(a).phase2_started, 1);
	ck_assert(!pair_said(pair, "no policy"));
	pair_free(pair);
}
END_TEST

/* RFC 2407 4.6.3.1: a responder may shorten the life of the IKE SA, never
 * lengthen it, and of no other one. */
START_TEST(responder_lifetime)
{
	static const struct {
		uint32_t secs, becomes;
		bool named, by_responder;
	} cases[] = {
		{ 7200, 3600, true, true }, { 600, 3600, false, true },
		{ 600, 3600, true, false }, { 600, 600, true, true },
		{ 5, 60, true, true }, { 600, 60, true, true },
	};
	struct pair *pair = pair_connected();
	struct sa *a = node_sa(&pair->a), *b = node_sa(&pair->b);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct notify_payload n = { .doi = IPSEC_DOI,
		    .type = N_RESPONDER_LIFETIME, .proto = PROTO_ISAKMP };
		struct buf data;

		buf_init(&data, 64);
		lifetime_put(&data, cases[i].secs);
		n.data = buf_view(&data);
		n.spi = cases[i].named ? cookies_of(&pair->a) :
		    view_of("0123456789abcdef", 16);
		info_notify(cases[i].by_responder ? b : a, &n);
		pair_run(pair);
		ck_assert_uint_eq(a->suite.life_secs, cases[i].becomes);
		ck_assert_uint_eq(b->suite.life_secs, 3600);
		buf_fini(&data);
	}
	/* and it does end then */
	pair_tick(pair, 61000);
	ck_assert_uint_ge(pair->a.event[IKE_EVENT_PHASE1_DOWN], 1);
	pair_free(pair);
}
END_TEST

/* All that was ever said, once more, to both: nothing moves. */
START_TEST(all_again)
{
	struct pair *pair = pair_connected();
	size_t n = pair->nsent;

	for (size_t i = 1; i < n; i++) {
		struct datagram *d = &pair->sent[i];

		pair_inject(pair, addr_equal(&d->to, &pair->a.addr) ?
		    &pair->a : &pair->b, &d->from, buf_view(&d->bytes));
	}
	ck_assert(is_untouched(&pair->a));
	ck_assert(is_untouched(&pair->b));
	ck_assert_uint_eq(stats_of(&pair->a).phase2_started, 1);
	ck_assert_uint_eq(stats_of(&pair->b).phase2_started, 1);
	ck_assert(!pair_said(pair, "cannot be decrypted"));
	/* a late first message is a stranger's, and ends as one */
	pair_inject(pair, &pair->b, &pair->a.addr,
	    buf_view(&pair->sent[0].bytes));
	pair_tick(pair, 60000);
	ck_assert(is_untouched(&pair->b));
	pair_free(pair);
}
END_TEST

/* Message ids are used up by what is authentic, not by anything else. */
START_TEST(msgid_of_forged)
{
	struct pair *pair = pair_connected();
	struct node *a = &pair->a;
	struct said said = notify1;

	said.etype = ISAKMP_ETYPE_QUICK;
	node_notifies(&pair->b, &said, N_CONNECTED, NOTHING, NOTHING);
	ck_assert(pair_said(pair, "missing payload"));
	said.flags = RUIN;
	node_notifies(&pair->b, &said, N_CONNECTED, NOTHING, NOTHING);
	said.flags = PLAIN;
	node_notifies(&pair->b, &said, N_CONNECTED, NOTHING, NOTHING);
	ck_assert(!msgids_has(&node_sa(a)->info_ids, said.msgid));
	ck_assert_uint_eq(stats_of(a).dropped, 3);
	said.flags = 0;
	said.etype = 0;
	node_notifies(&pair->b, &said, N_CONNECTED, NOTHING, NOTHING);
	ck_assert(msgids_has(&node_sa(a)->info_ids, said.msgid));
	ck_assert(is_untouched(a));
	pair_free(pair);
}
END_TEST

/* Informational ids are forgotten some time, those of quick modes never. */
START_TEST(ring)
{
	struct msgids m = { .n = 0 };

	for (uint32_t i = 0; i < LIMIT_INFO_IDS; i++) {
		ck_assert(!msgids_has(&m, 1000 + i));
		msgids_push(&m, 1000 + i, LIMIT_INFO_IDS);
		ck_assert(msgids_has(&m, 1000 + i));
	}
	ck_assert(msgids_has(&m, 1000));
	ck_assert(!msgids_has(&m, 0));
	msgids_push(&m, 1, LIMIT_INFO_IDS);
	msgids_push(&m, 2, LIMIT_INFO_IDS);
	ck_assert(msgids_has(&m, 1));
	ck_assert(msgids_has(&m, 2));
	ck_assert(!msgids_has(&m, 1000));
	ck_assert(!msgids_has(&m, 1001));
	ck_assert(msgids_has(&m, 1002));
	msgids_fini(&m);
}
END_TEST

/* An SA that has had very many quick modes is replaced in time. */
START_TEST(many_quick_modes)
{
	struct pair *pair = pair_connected();
	struct sa *sa = node_sa(&pair->a);
	uint32_t id = 0x40000000u;

	while (sa->quick_ids.n < LIMIT_QUICK_IDS / 4 * 3 - 1)
		ck_assert(sa_quick_id_add(sa, id++));
	ck_assert_uint_eq(counts_of(&pair->a).sas, 1);
	ck_assert(sa_quick_id_add(sa, id++));
	ck_assert_uint_eq(counts_of(&pair->a).sas, 2);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
	while (sa->quick_ids.n < LIMIT_QUICK_IDS)
		ck_assert(sa_quick_id_add(sa, id++));
	ck_assert(!sa_quick_id_add(sa, id));
	ck_assert(msgids_has(&sa->quick_ids, 0x40000000u));
	pair_free(pair);
}
END_TEST

/*
 * INITIAL-CONTACT
 */

/* Within a minute of phase 1; what came up under this SA is not older. */
START_TEST(initial_contact_keeps)
{
	struct pair *pair = pair_connected();
	struct said said = notify1;

	node_notifies(&pair->b, &said, N_INITIAL_CONTACT,
	    cookies_of(&pair->b), NOTHING);
	ck_assert(pair_said(pair, "INITIAL-CONTACT"));
	ck_assert(is_untouched(&pair->a));
	pair_free(pair);
}
END_TEST

/* The peer restarted: what it has forgotten goes, the new SAs stay. */
START_TEST(initial_contact_removes)
{
	struct pair *pair = pair_connected();
	struct node *a = &pair->a, *b = &pair->b;
	struct ipsec_selector sel = pair_selector(b);
	uint32_t old = a->last.spi_in;

	pair_tick(pair, 100000);
	node_restart(b);
	node_acquire(b, &sel, 3);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(a).ready, 1);
	ck_assert_uint_eq(counts_of(a).sas, 1);
	ck_assert_uint_eq(counts_of(a).children, 1);
	ck_assert_uint_eq(kernel_sas(a->kernel), 2);
	ck_assert_uint_eq(a->event[IKE_EVENT_CHILD_DOWN], 1);
	ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_DOWN], 1);
	ck_assert_uint_ne(a->last.spi_in, old);
	ck_assert_uint_eq(a->last.spi_in, b->last.spi_out);
	pair_free(pair);
}
END_TEST

static bool
is_informational(const struct datagram *d)
{
	struct msg_header h;

	return msg_header_get(buf_view(&d->bytes), &h) == OK &&
	    h.etype == ISAKMP_ETYPE_INFO;
}

static void
run_without_informational(struct pair *pair)
{
	for (;;) {
		node_work(&pair->a);
		node_work(&pair->b);
		if (pair->next == pair->nsent)
			return;
		if (is_informational(&pair->sent[pair->next]))
			pair->next++;
		else
			pair_deliver(pair);
	}
}

/* The notification by itself is lost, or overtakes the last message of main
 * mode, in which either side has said the same. */
START_TEST(initial_contact_lost)
{
	for (int initiator = 0; initiator < 2; initiator++) {
		struct pair *pair = pair_connected();
		struct node *a = &pair->a, *b = &pair->b;
		struct ipsec_selector sel = pair_selector(b);

		pair_tick(pair, 100000);
		node_restart(b);
		if (initiator)
			node_acquire(b, &sel, 3);
		else
			ck_assert(phase1_start(a->ike, a->conf->remote[0],
			    &a->addr, &b->addr));
		run_without_informational(pair);
		ck_assert_uint_eq(counts_of(a).ready, 1);
		ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_DOWN], 1);
		ck_assert_uint_eq(a->event[IKE_EVENT_CHILD_DOWN], 1);
		ck_assert_uint_eq(counts_of(a).children, (unsigned)initiator);
		pair_free(pair);
	}
}
END_TEST

/* So soon that the new IKE SA looks like one that crossed with the old one,
 * and would go instead of that for one half of all cookies. */
START_TEST(initial_contact_soon)
{
	for (int i = 0; i < 16; i++) {
		struct pair *pair = pair_connected();
		struct node *a = &pair->a, *b = &pair->b;
		struct ipsec_selector sel = pair_selector(b);

		pair_tick(pair, 1000);
		node_restart(b);
		node_acquire(b, &sel, 3);
		pair_run(pair);
		ck_assert_uint_eq(counts_of(a).ready, 1);
		pair_tick(pair, 60000);
		pair_run(pair);
		ck_assert_uint_eq(counts_of(a).ready, 1);
		ck_assert_uint_eq(counts_of(b).ready, 1);
		ck_assert_uint_eq(counts_of(a).children, 1);
		ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_DOWN], 1);
		pair_free(pair);
	}
}
END_TEST

/* Too late: then it is a replay, or nonsense. */
START_TEST(initial_contact_late)
{
	struct pair *pair = pair_connected();
	struct node *a = &pair->a;
	struct child *child = a->ike->children;

	child->created = 1;		/* older than the SA */
	pair_tick(pair, 61000);
	node_notifies(&pair->b, &notify1, N_INITIAL_CONTACT,
	    cookies_of(&pair->b), NOTHING);
	ck_assert(is_untouched(a));
	pair_free(pair);
	/* in time it counts: the test would see it */
	pair = pair_connected();
	pair->a.ike->children->created = 0;
	node_notifies(&pair->b, &notify1, N_INITIAL_CONTACT,
	    cookies_of(&pair->b), NOTHING);
	ck_assert_uint_eq(counts_of(&pair->a).children, 0);
	pair_free(pair);
}
END_TEST

/* Both began at once: nobody's INITIAL-CONTACT takes the other's SAs. */
START_TEST(crossing)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_selector ab = pair_selector(&pair->a);
	struct ipsec_selector ba = pair_selector(&pair->b);

	pair_transport(pair);
	node_acquire(&pair->a, &ab, 1);
	node_acquire(&pair->b, &ba, 1);
	pair_run(pair);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_PHASE1_UP], 2);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_DOWN], 0);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_DOWN], 0);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_PHASE1_DOWN], 0);
	ck_assert_uint_ge(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->a).children,
	    counts_of(&pair->b).children);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
	for (int i = 0; i < 40; i++) {
		pair_tick(pair, 1000);
		pair_run(pair);
	}
	ck_assert_uint_eq(counts_of(&pair->a).sas, 1);
	ck_assert_uint_eq(counts_of(&pair->b).sas, 1);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	pair_free(pair);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		delete_child, delete_wrong_spi, delete_of_another,
		delete_ike_sa, delete_list, delete_long_list, forged,
		forged_refusal, are_you_there, reflected, responder_lifetime,
		all_again, msgid_of_forged, ring,
		many_quick_modes, initial_contact_keeps,
		initial_contact_removes, initial_contact_lost,
		initial_contact_soon,
		initial_contact_late, crossing,
	};

	return suite_main("info", tests, sizeof(tests) / sizeof(tests[0]));
}
