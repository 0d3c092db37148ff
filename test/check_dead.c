/* SPDX-License-Identifier: ISC */
/*
 * Peers that are silent: questions and answers of RFC 3706, what is taken away,
 * how long the next phase 1 waits; lists of SPIs between two of ours.
 */
#include "ike/child.h"
#include "ike/counters.h"
#include "quick.h"
#include "sealed_by.h"
#include "suite.h"
#include "wire/spilist.h"

#define DPD	"liveness off; dpd_delay 5; dpd_retry 2; dpd_maxfail 3; "
#define NOTHING	view_of(NULL, 0)

static const struct said notify1 = { 0x101, ISAKMP_N, 0, 0 };

static struct view
cookies_of(const struct node *node)
{
	return view_of(&node_sa(node)->cookies, sizeof(struct sa_cookies));
}

static struct view
number_view(uint32_t number, uint8_t out[4])
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(number >> (24 - 8 * i));
	return view_of(out, 4);
}

static struct pair *
up_with(const char *remote)
{
	struct pair *pair = pair_with(remote, "", "");

	ck_assert(gets_child(pair));
	return pair;
}

static void
seconds(struct pair *pair, unsigned int n)
{
	while (n-- > 0) {
		pair_tick(pair, 1000);
		pair_run(pair);
	}
}

/*
 * Dead peer detection
 */

START_TEST(asked_when_silent)
{
	struct pair *pair = up_with(DPD);
	struct node *a = &pair->a;
	uint32_t first = node_sa(a)->dpd.number;

	ck_assert_uint_lt(first, 4096);
	pair_tick(pair, 4999);
	ck_assert_uint_eq(stats_of(a).dpd_sent, 0);
	pair_tick(pair, 1);
	ck_assert_uint_eq(stats_of(a).dpd_sent, 1);
	ck_assert_uint_eq(node_sa(a)->dpd.number, first + 1);
	pair_run(pair);
	ck_assert_uint_eq(stats_of(a).dpd_answered, 1);
	ck_assert_uint_eq(node_sa(a)->dpd.tries, 0);
	pair_tick(pair, 4000);
	ck_assert_uint_eq(stats_of(a).dpd_sent, 1);
	pair_tick(pair, 1000);
	ck_assert_uint_eq(stats_of(a).dpd_sent, 2);
	pair_free(pair);
}
END_TEST

START_TEST(not_asked)
{
	static const char *const remotes[] = { "liveness off; dpd_delay 0; ",
	    "liveness off; dpd off; dpd_delay 5; " };

	for (size_t i = 0; i < 2; i++) {
		struct pair *pair = up_with(remotes[i]);

		pair_tick(pair, 100000);
		ck_assert_uint_eq(stats_of(&pair->a).dpd_sent, 0);
		ck_assert_uint_eq(counts_of(&pair->a).children, 1);
		pair_free(pair);
	}
}
END_TEST

/* An answer counts once, with the number of a question and its cookies. */
START_TEST(wrong_answers)
{
	struct pair *pair = up_with(DPD);
	struct node *a = &pair->a, *b = &pair->b;
	struct said said = notify1;
	uint8_t swapped[16], n[4];
	uint32_t sent;

	pair_tick(pair, 5000);		/* not delivered */
	sent = node_sa(a)->dpd.number;
	node_notifies(b, &said, N_DPD_ACK, cookies_of(a),
	    number_view(sent + 1, n));
	said.msgid++;
	node_notifies(b, &said, N_DPD_ACK, cookies_of(a),
	    number_view(sent - 1, n));
	said.msgid++;
	node_notifies(b, &said, N_DPD_ACK, NOTHING, number_view(sent, n));
	said.msgid++;
	node_notifies(b, &said, N_DPD_ACK, cookies_of(a), NOTHING);
	ck_assert_uint_eq(stats_of(a).dpd_answered, 0);
	memcpy(swapped, cookies_of(a).p + 8, 8);
	memcpy(swapped + 8, cookies_of(a).p, 8);
	said.msgid++;
	node_notifies(b, &said, N_DPD_ACK, view_of(swapped, 16),
	    number_view(sent, n));
	ck_assert_uint_eq(stats_of(a).dpd_answered, 1);
	said.msgid++;
	node_notifies(b, &said, N_DPD_ACK, cookies_of(a),
	    number_view(sent, n));
	ck_assert_uint_eq(stats_of(a).dpd_answered, 1);
	pair_free(pair);
}
END_TEST

START_TEST(dead)
{
	struct pair *pair = up_with(DPD);
	struct node *a = &pair->a;
	struct peer *peer = node_sa(a)->peer;

	ck_assert(peer->contacted);
	pair_tick(pair, 5000 + 3 * 2000 - 1);
	ck_assert_uint_eq(stats_of(a).dpd_sent, 3);
	ck_assert_uint_eq(counts_of(a).children, 1);
	pair_tick(pair, 1);
	ck_assert_uint_eq(stats_of(a).dpd_dead, 1);
	ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_DEAD], 1);
	ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_DOWN], 1);
	ck_assert(!a->last.alone);	/* the hook would run twice */
	ck_assert_uint_eq(counts_of(a).children, 0);
	ck_assert_uint_eq(counts_of(a).sas, 0);
	ck_assert_uint_eq(kernel_sas(a->kernel), 0);
	ck_assert(pair_said(pair, "DPD: remote (ISAKMP-SA spi="));
	ck_assert(pair_said(pair, ") seems to be dead."));
	ck_assert(!peer->contacted && peer->backoff.wanted.on);
	/* one negotiation, a moment later */
	ck_assert_uint_eq(counts_of(a).wants, 0);
	pair_tick(pair, 2000);
	ck_assert_uint_eq(counts_of(a).sas, 1);
	ck_assert_uint_eq(counts_of(a).wants, 1);
	pair_free(pair);
}
END_TEST

/*
 * Back-off
 */

START_TEST(gaps)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct node *a = &pair->a;
	struct peer *peer = peer_get(a->ike, &pair->b.addr);
	static const uint64_t gap[] = { 2000, 4000, 5000, 5000 };

	for (size_t i = 0; i < sizeof(gap) / sizeof(gap[0]); i++) {
		backoff_failed(peer);
		ck_assert_uint_ge(peer->backoff.until,
		    a->ike->now + gap[i] * 3 / 4);
		ck_assert_uint_le(peer->backoff.until,
		    a->ike->now + gap[i] * 5 / 4);
	}
	ck_assert(backoff_waits(peer) && backoff_keeps(peer));
	backoff_heard(peer);
	ck_assert(!backoff_waits(peer) && !backoff_keeps(peer));
	backoff_failed(peer);
	ck_assert_uint_le(peer->backoff.until, a->ike->now + 2500);
	ike_reload(a->ike, a->conf);
	ck_assert(!backoff_waits(peer));
	/* in the end the peer is forgotten */
	backoff_failed(peer);
	pair_tick(pair, 700000);
	ck_assert_ptr_null(peer_find(a->ike, &pair->b.addr));
	ck_assert_uint_eq(counts_of(a).timers, 0);
	pair_free(pair);
}
END_TEST

/* The kernel asks and asks; the peer answers nothing. */
START_TEST(asked_in_vain)
{
	struct pair *pair = pair_with("", "", "");
	struct node *a = &pair->a;
	struct ipsec_selector sel = pair_selector(a);
	uint64_t started = 0;

	pair_transport(pair);
	for (uint32_t i = 1; i <= 600; i++) {
		node_acquire(a, &sel, i);
		pair_tick(pair, 1000);
	}
	started = stats_of(a).phase1_started;
	/* 50 s for each, and pauses of 2, 4, 5 s */
	ck_assert_uint_ge(started, 9);
	ck_assert_uint_le(started, 12);
	ck_assert_uint_le(counts_of(a).wants, 1);
	/* it comes to life: the next one goes through at once */
	pair->next = pair->nsent;
	node_acquire(&pair->b, &(struct ipsec_selector){ .src = sel.dst,
	    .dst = sel.src, .src_prefix = 32, .dst_prefix = 32 }, 1);
	seconds(pair, 1);
	ck_assert_uint_ge(counts_of(a).children, 1);
	ck_assert(!backoff_waits(peer_find(a->ike, &pair->b.addr)));
	pair_free(pair);
}
END_TEST

/*
 * Lists
 */

static void
forget_children(struct node *node)
{
	while (node->ike->children != NULL)
		child_drop(node->ike->children, E_DELETED);
}

START_TEST(lists_agree)
{
	struct pair *pair = up_with("");
	struct node *a = &pair->a;

	seconds(pair, 5);
	ck_assert(spilist_possible(node_sa(a)));
	spilist_ask(node_sa(a));
	ck_assert_uint_eq(node_sa(a)->lists.tries, 1);
	pair_run(pair);
	ck_assert_uint_eq(node_sa(a)->lists.tries, 0);
	ck_assert_uint_eq(counts_of(a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert_uint_eq(stats_of(a).liveness_asked, 1);
	pair_free(pair);
}
END_TEST

/* What one side lacks goes on the other, whoever asks. */
START_TEST(lists_differ)
{
	for (int who = 0; who < 4; who++) {
		struct pair *pair = up_with("");
		struct node *asks = who & 1 ? &pair->a : &pair->b;

		seconds(pair, 5);
		forget_children(who & 2 ? &pair->a : &pair->b);
		spilist_ask(node_sa(asks));
		pair_run(pair);
		ck_assert_uint_eq(counts_of(&pair->a).children, 0);
		ck_assert_uint_eq(counts_of(&pair->b).children, 0);
		ck_assert_uint_eq(kernel_sas(pair->a.kernel), 0);
		ck_assert_uint_eq(kernel_sas(pair->b.kernel), 0);
		ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
		ck_assert(pair_said(pair, "the peer does not have it"));
		pair_free(pair);
	}
}
END_TEST

/* A comes to have another address, with which B has nothing. */
static void
another_address(struct pair *pair)
{
	struct node *a = &pair->a;
	struct ipsec_selector sel;

	a->addr = addr_of("192.0.2.9", ISAKMP_PORT);
	kernel_address(a->kernel, &a->addr);
	pair_transport(pair);
	sel = pair_selector(&pair->b);
	node_acquire(&pair->b, &sel, 7);
	pair_run(pair);
}

/* To B these are two peers: what it says to one is not about the other, be it
 * INITIAL-CONTACT or a list. */
START_TEST(two_addresses)
{
	struct pair *pair = up_with("");
	struct node *a = &pair->a, *b = &pair->b;

	seconds(pair, 90);
	another_address(pair);
	ck_assert(pair_said(pair, "INITIAL-CONTACT"));
	ck_assert_uint_eq(counts_of(a).ready, 2);
	ck_assert_uint_eq(counts_of(a).children, 2);
	seconds(pair, 5);
	for (struct sa *sa = node_sa(a)->peer->sas; sa != NULL; sa = sa->next)
		if (addr_equal(&sa->local, &a->addr))
			spilist_ask(sa);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(a).children, 2);
	ck_assert_uint_eq(counts_of(b).children, 2);
	ck_assert_uint_eq(stats_of(a).liveness_asked, 1);
	pair_free(pair);
}
END_TEST

/* The other side may not know it yet. */
START_TEST(lists_too_early)
{
	struct pair *pair = up_with("");

	forget_children(&pair->b);
	spilist_ask(node_sa(&pair->a));
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	pair_free(pair);
}
END_TEST

/* What a question does not name may have come up while it was on its way. */
START_TEST(lists_late)
{
	struct pair *pair = up_with("");
	struct node *a = &pair->a, *b = &pair->b;
	size_t late;

	seconds(pair, 5);
	late = pair->nsent;
	spilist_ask(node_sa(a));
	ck_assert_uint_eq(pair->nsent, late + 1);
	pair->next = pair->nsent;
	child_renew(node_sa(a)->peer->children);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(b).children, 2);
	seconds(pair, 3);
	pair_inject(pair, b, &a->addr, buf_view(&pair->sent[late].bytes));
	pair_run(pair);
	ck_assert_uint_eq(stats_of(b).liveness_asked, 1);
	ck_assert_uint_eq(stats_of(a).liveness_repaired, 0);
	ck_assert_uint_eq(stats_of(b).liveness_repaired, 0);
	ck_assert_uint_ge(counts_of(b).children, 1);
	pair_free(pair);
}
END_TEST

/* A question back that is lost is not the last one. */
START_TEST(lists_back_lost)
{
	struct pair *pair = up_with("");
	struct node *a = &pair->a, *b = &pair->b;

	seconds(pair, 5);
	forget_children(a);
	spilist_ask(node_sa(a));
	pair_run_some(pair, 1);		/* it reaches B, what B says nobody */
	ck_assert_uint_eq(stats_of(b).liveness_asked, 1);
	pair->next = pair->nsent;
	ck_assert_uint_eq(counts_of(b).children, 1);
	spilist_ask(node_sa(a));
	pair_run(pair);
	ck_assert_uint_eq(stats_of(b).liveness_asked, 2);
	ck_assert_uint_eq(counts_of(b).children, 0);
	pair_free(pair);
}
END_TEST

static void
list_says(struct node *from, struct said *said, uint16_t type,
    const struct spilist *list)
{
	struct buf b;

	buf_init(&b, SPILIST_BYTES);
	spilist_put(&b, list);
	node_notifies(from, said, type, cookies_of(from), buf_view(&b));
	buf_fini(&b);
	said->msgid++;
}

/* Not asked for, repeated, not of this form: nothing happens. */
START_TEST(lists_forged)
{
	struct pair *pair = up_with("");
	struct node *a = &pair->a, *b = &pair->b;
	struct spilist none = { .whole = true };
	struct said said = notify1;
	size_t sent;

	seconds(pair, 5);
	list_says(b, &said, N_SPI_LIST_ANSWER, &none);
	spilist_ask(node_sa(a));
	none.number = node_sa(a)->lists.number + 1;
	list_says(b, &said, N_SPI_LIST_ANSWER, &none);
	sent = pair->nsent;
	node_notifies(b, &said, N_SPI_LIST, cookies_of(b),
	    view_of("\1\1\0\1\0\0\0\7", 8));
	said.msgid++;
	none.number = 0;		/* not above the last one */
	list_says(b, &said, N_SPI_LIST, &none);
	ck_assert_uint_eq(pair->nsent, sent);
	ck_assert_uint_eq(counts_of(a).children, 1);
	none.number = node_sa(a)->lists.number;
	list_says(b, &said, N_SPI_LIST_ANSWER, &none);
	ck_assert_uint_eq(counts_of(a).children, 0);
	pair_free(pair);
}
END_TEST

/* A dump of the kernel is the price of an answer. */
START_TEST(lists_too_often)
{
	struct pair *pair = up_with("");
	struct spilist none = { .whole = false };
	struct said said = notify1;
	size_t sent;

	seconds(pair, 5);
	sent = pair->nsent;
	for (none.number = 1; none.number <= 100; none.number++)
		list_says(&pair->b, &said, N_SPI_LIST, &none);
	ck_assert_uint_ge(pair->nsent - sent, 2);
	ck_assert_uint_le(pair->nsent - sent, 10);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	pair_free(pair);
}
END_TEST

/* `liveness off' says nothing of lists, and does not take them. */
START_TEST(lists_off)
{
	struct pair *pair = up_with("liveness off; ");
	struct spilist none = { .whole = true, .number = 5 };
	struct said said = notify1;
	size_t sent;

	seconds(pair, 5);
	ck_assert(!spilist_possible(node_sa(&pair->a)));
	sent = pair->nsent;
	list_says(&pair->b, &said, N_SPI_LIST, &none);
	ck_assert_uint_eq(pair->nsent, sent);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	pair_free(pair);
}
END_TEST

/* More pairs than a list has room for: those that it does not name stay. */
START_TEST(lists_cut)
{
	struct pair *pair = up_with("liveness 1 hour; ");
	struct node *a = &pair->a;
	struct plan plan = { .ntmpl = 1 };

	plan.tmpl[0].proto = IPSEC_PROTO_ESP;
	for (uint32_t i = 0; i < SPILIST_MAX + 20; i++) {
		struct agreement ag = { .n = 1, .a = { {
		    .proto = PROTO_IPSEC_ESP, .spi_in = 0x10000 + i,
		    .spi_out = 0x20000 + i } } };
		struct child *child = child_new(node_sa(a), &plan, &ag, 0);

		child->up = true;
	}
	seconds(pair, 5);
	spilist_ask(node_sa(a));
	pair_run(pair);
	/* the one that the peer has, and what did not fit */
	ck_assert_uint_eq(counts_of(a).children, 21);
	spilist_ask(node_sa(a));
	pair_run(pair);
	ck_assert_uint_eq(counts_of(a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	pair_free(pair);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		asked_when_silent, not_asked, wrong_answers, dead, gaps,
		asked_in_vain, lists_agree, lists_differ, two_addresses,
		lists_too_early, lists_late, lists_back_lost, lists_forged,
		lists_too_often, lists_off, lists_cut,
	};

	return suite_main("dead", tests, sizeof(tests) / sizeof(tests[0]));
}
