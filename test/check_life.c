/* SPDX-License-Identifier: ISC */
/*
 * The life of children and of the wants for them: the kernel's events, two
 * negotiations at once, peers that do not answer or say what is no use.
 */
#include "ike/child.h"
#include "ike/quick_state.h"
#include "ike/sa.h"
#include "quick.h"
#include "suite.h"

/*
 * The kernel's events
 */

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

static struct child *
staying(struct node *node)
{
	struct child *child, *found = NULL;

	for (child = node->ike->children; child != NULL;
	    child = child->hh.next)
		if (!child->superseded) {
			ck_assert_ptr_null(found);
			found = child;
		}
	return found;
}

/* The peer takes the other one of two that have crossed for the winner. */
START_TEST(sides_disagree)
{
	struct pair *pair = pair_with("", "", "");
	struct node *a = &pair->a;
	struct ipsec_selector ab = pair_selector(a);
	struct ipsec_selector ba = pair_selector(&pair->b);
	struct child *winner;

	pair_transport(pair);
	node_acquire(a, &ab, 1);
	node_acquire(&pair->b, &ba, 2);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(a).children, 2);
	winner = staying(a);
	ck_assert_ptr_nonnull(winner);
	ck_assert(child_deleted_by_peer(a->ike->by_cookies, PROTO_IPSEC_ESP,
	    winner->out[0].key.spi));
	ck_assert_uint_eq(counts_of(a).children, 1);
	ck_assert_ptr_nonnull(staying(a));
	for (int i = 0; i < 60; i++)
		pair_tick(pair, 1000);
	ck_assert_uint_eq(counts_of(a).children, 1);
	pair_free(pair);
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
 * Renewal of phase 1: racoon.conf(5) rekey
 */

START_TEST(rekey_levels)
{
	static const struct {
		const char *remote;
		bool child;
		unsigned int ups;	/* of either side, in 95 of 100 s */
	} rows[] = {
		{ "rekey on;", true, 2 }, { "rekey on;", false, 1 },
		{ "rekey off;", true, 1 }, { "rekey off;", false, 1 },
		{ "rekey force;", true, 2 }, { "rekey force;", false, 2 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char remote[100];
		struct pair *pair;

		snprintf(remote, sizeof(remote), "lifetime time 100 sec; %s",
		    rows[i].remote);
		pair = pair_with(remote, "", "");
		ck_assert(gets_child(pair));
		if (!rows[i].child)
			child_delete(pair->a.ike->children, E_DELETED);
		for (int t = 0; t < 95; t++) {
			pair_tick(pair, 1000);
			pair_run(pair);
		}
		ck_assert_uint_eq(counts_of(&pair->b).children,
		    rows[i].child);
		ck_assert_msg(pair->a.event[IKE_EVENT_PHASE1_UP] ==
		    rows[i].ups && pair->b.event[IKE_EVENT_PHASE1_UP] ==
		    rows[i].ups, "row %zu", i);
		pair_free(pair);
	}
}
END_TEST

/*
 * What the host is told of phase 1
 */

START_TEST(told_of_phase1)
{
	struct pair *pair = pair_with("rekey on;", "", "");
	struct node *a = &pair->a, *b = &pair->b;

	ck_assert(gets_child(pair));
	ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_UP], 1);
	sa_event(node_sa(a), IKE_EVENT_PHASE1_UP, OK);
	ck_assert_ptr_eq(a->last.conf, a->conf->remote[0]);
	ck_assert_str_eq(a->last_id, "192.0.2.2");
	ck_assert(a->last.was_up);
	ck_assert(!a->last.alone);
	/* nobody missed a successor: without probing it could go unseen */
	sa_end(node_sa(b), E_DELETED, true);
	ck_assert_int_eq(b->last.type, IKE_EVENT_PHASE1_DOWN);
	ck_assert_str_eq(b->last_id, "192.0.2.1");
	ck_assert(!b->last.alone);
	pair_run(pair);
	ck_assert_int_eq(a->last.type, IKE_EVENT_PHASE1_DOWN);
	ck_assert(a->last.was_up && !a->last.alone);
	pair_free(pair);
}
END_TEST

/* Going alone: when the block wants a successor, and there is none. */
START_TEST(told_of_alone)
{
	static const struct {
		const char *remote;
		enum err why;
		bool alone;
	} rows[] = {
		{ "rekey force;", E_DELETED, true },
		{ "rekey force;", E_TIMEOUT, true },
		{ "rekey force;", E_STOPPED, false },
		{ "rekey off;", E_DELETED, false },
		{ "rekey on; dpd on; dpd_delay 10;", E_DELETED, true },
		{ "rekey on; dpd on;", E_DELETED, false },
		{ "rekey on; dpd off; dpd_delay 10;", E_DELETED, false },
		{ "rekey off; dpd on; dpd_delay 10;", E_DELETED, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pair *pair = pair_with(rows[i].remote, "", "");

		ck_assert(gets_child(pair));
		sa_end(node_sa(&pair->a), rows[i].why, false);
		ck_assert_msg(pair->a.last.alone == rows[i].alone,
		    "row %zu", i);
		pair_free(pair);
	}
}
END_TEST

/* One that never came up: as far as it got. */
START_TEST(told_of_failure)
{
	struct pair *pair = pair_with("", "", "");
	struct ipsec_selector sel = pair_selector(&pair->a);

	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
	for (int i = 0; i < 60; i++)
		pair_tick(pair, 1000);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_PHASE1_DEAD], 1);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_PHASE1_DOWN], 0);
	ck_assert(!pair->a.last.was_up);
	ck_assert_ptr_nonnull(pair->a.last.conf);
	ck_assert_str_eq(pair->a.last_id, "");
	pair_free(pair);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		soft_expiry, gone_between_halves, hard_expiry,
		gone_in_kernel, nothing_gone, acquire_again, both_begin,
		sides_disagree, peer_was_faster, begins_twice, renewed_at_last,
		renewed_after_reload, silent_for_a_while, silent_for_ever,
		silent_in_one_matter, offer_without_ke, answer_without_ke,
		resync_finds_dying, soft_bytes_both_ways, rekey_levels,
		told_of_phase1,
		told_of_alone, told_of_failure,
	};

	return suite_main("life", tests, sizeof(tests) / sizeof(tests[0]));
}
