/* SPDX-License-Identifier: ISC */
/*
 * What strangers can make us do: token buckets, half-open SAs, answers never
 * longer than what came, damaged first messages.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ike/exchange.h"
#include "ike/job.h"
#include "ike/limit.h"
#include "ike/sa.h"
#include "ike/want.h"
#include "pair.h"
#include "suite.h"
#include "wire/msg.h"
#include "wire/payload.h"
#include "wire/sa.h"

/*
 * Token buckets
 */

static unsigned int
take(struct bucket *b, uint64_t now, uint32_t rate, uint32_t burst,
    unsigned int tries)
{
	unsigned int n = 0;

	while (tries-- > 0)
		n += bucket_take(b, now, rate, burst);
	return n;
}

/* Said once a minute of the same address, and forgotten when others follow. */
START_TEST(complaints_once)
{
	struct complaints c = { .next = 0 };
	struct ipsec_addr a, b;

	ck_assert(addr_parse(&a, "192.0.2.1") && addr_parse(&b, "192.0.2.2"));
	ck_assert(complaint_new(&c, &a, E_NOPSK, 1000));
	ck_assert(complaint_new(&c, &a, E_NOPSK, 1000));
	complaint_said(&c, &a, E_NOPSK, 1000);
	ck_assert(!complaint_new(&c, &a, E_NOPSK, 1000 + COMPLAINT_MS - 1));
	ck_assert(complaint_new(&c, &a, E_NOREMOTE, 1000));
	ck_assert(complaint_new(&c, &b, E_NOPSK, 1000));
	ck_assert(complaint_new(&c, &a, E_NOPSK, 1000 + COMPLAINT_MS));
	for (unsigned int i = 0; i < COMPLAINTS; i++)
		complaint_said(&c, &b, i, 1000);
	ck_assert(complaint_new(&c, &a, E_NOPSK, 1000));
}
END_TEST

START_TEST(bucket)
{
	struct bucket b = { 0 };

	ck_assert_uint_eq(take(&b, 1000, 5, 10, 20), 10);
	ck_assert_uint_eq(b.refused, 10);
	ck_assert_uint_eq(take(&b, 1199, 5, 10, 5), 0);
	ck_assert_uint_eq(take(&b, 1200, 5, 10, 5), 1);
	ck_assert_uint_eq(b.refused, 4);
	ck_assert_uint_eq(take(&b, 2200, 5, 10, 20), 5);
	ck_assert_uint_eq(take(&b, 4200, 5, 10, 20), 10);
	ck_assert_uint_eq(take(&b, 3600000, 5, 10, 20), 10);
	ck_assert_uint_eq(take(&b, 3600200, 5, 10, 1), 1);
	ck_assert_uint_eq(b.refused, 0);
}
END_TEST

/* Asked often, it fills as fast as asked seldom. */
START_TEST(bucket_in_small_steps)
{
	struct bucket b = { 0 };
	unsigned int n = 0;

	ck_assert_uint_eq(take(&b, 1, 3, 1, 2), 1);
	for (uint64_t now = 2; now <= 10001; now++)
		n += bucket_take(&b, now, 3, 1);
	ck_assert_uint_ge(n, 29);
	ck_assert_uint_le(n, 30);
}
END_TEST

START_TEST(bucket_edges)
{
	struct bucket b = { 0 };

	/* nothing flows in */
	ck_assert_uint_eq(take(&b, 1000, 0, 3, 9), 3);
	ck_assert_uint_eq(take(&b, UINT64_MAX / 2, 0, 3, 9), 0);
	/* nothing fits */
	b = (struct bucket){ 0 };
	ck_assert_uint_eq(take(&b, 1000, 5, 0, 9), 0);
	ck_assert_uint_eq(take(&b, 9000, 5, 0, 9), 0);
	/* time begins at 0, stands still, turns back */
	b = (struct bucket){ 0 };
	ck_assert_uint_eq(take(&b, 0, 5, 10, 30), 10);
	ck_assert_uint_eq(take(&b, 0, 5, 10, 30), 0);
	ck_assert_uint_eq(take(&b, 1001, 5, 10, 30), 5);
	ck_assert_uint_eq(take(&b, 500, 5, 10, 30), 0);
	ck_assert_uint_eq(take(&b, 1001, 5, 10, 30), 0);
}
END_TEST

START_TEST(bucket_huge)
{
	static const uint64_t gaps[] = { 1ull << 32, 1ull << 61,
	    UINT64_MAX / 1000, UINT64_MAX / 1000 + 1, UINT64_MAX - 1 };
	struct bucket b;

	for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++) {
		b = (struct bucket){ 0 };
		ck_assert_uint_eq(take(&b, 1, 1000, 7, 9), 7);
		ck_assert_uint_eq(take(&b, gaps[i], 1000, 7, 9), 7);
	}
	b = (struct bucket){ 0 };
	ck_assert_uint_eq(take(&b, 1, UINT32_MAX, UINT32_MAX, 9), 9);
	ck_assert_uint_ge(b.tokens, UINT32_MAX - 9000);
	ck_assert_uint_eq(take(&b, UINT64_MAX, UINT32_MAX, UINT32_MAX, 9), 9);
	/* a smaller burst than before counts at once */
	ck_assert_uint_eq(take(&b, UINT64_MAX, 1, 2, 9), 2);
}
END_TEST

/*
 * First messages
 */

/* A pair in which A has sent its first message, which B has not seen. */
static struct pair *
pair_begun(void)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_selector sel = pair_selector(&pair->a);

	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
	ck_assert_uint_eq(pair->nsent, 1);
	return pair;
}

/* The NTH forged first message, from an address, to B. */
static size_t
flood(struct pair *pair, const struct ipsec_addr *from, uint32_t nth)
{
	struct buf b;
	size_t n;

	buf_init(&b, LIMIT_DATAGRAM);
	buf_set(&b, buf_view(&pair->sent[0].bytes));
	buf_patch32(&b, 0, 0xf0000000u + nth);
	n = b.n;
	pair_inject(pair, &pair->b, from, buf_view(&b));
	buf_fini(&b);
	return n;
}

START_TEST(half_open_of_one)
{
	struct pair *pair = pair_begun();
	struct ipsec_addr one = addr_of("198.51.100.1", 500);
	struct ipsec_addr two = addr_of("198.51.100.2", 500);
	struct node *b = &pair->b;
	size_t in = 0;

	for (uint32_t i = 0; i < 2 * LIMIT_HALF_OPEN_PAIR; i++) {
		in += flood(pair, &one, i);
		ck_assert_uint_le(counts_of(b).sas, LIMIT_HALF_OPEN_PAIR);
	}
	ck_assert_uint_eq(counts_of(b).sas, LIMIT_HALF_OPEN_PAIR);
	flood(pair, &two, 0);
	ck_assert_uint_eq(counts_of(b).sas, LIMIT_HALF_OPEN_PAIR + 1);
	ck_assert_uint_le(bytes_from(pair, b, 0), in + pair->sent[0].bytes.n);
	ck_assert_uint_gt(bytes_from(pair, b, 0), 0);
	/* they are gone when their time is over */
	pair_tick(pair, 60000);
	ck_assert_uint_eq(counts_of(b).sas, 0);
	ck_assert_uint_eq(counts_of(b).timers, 0);
	ck_assert_ptr_null(b->ike->peers);
	pair_free(pair);
}
END_TEST

START_TEST(half_open_of_all)
{
	struct pair *pair = pair_begun();
	struct node *b = &pair->b;
	char text[40];

	for (uint32_t i = 0; i < LIMIT_HALF_OPEN + 200; i++) {
		struct ipsec_addr from;

		snprintf(text, sizeof(text), "10.%u.%u.1", i / 256, i % 256);
		from = addr_of(text, 500);
		flood(pair, &from, i);
		ck_assert_uint_le(counts_of(b).sas, LIMIT_HALF_OPEN);
	}
	ck_assert_uint_eq(counts_of(b).sas, LIMIT_HALF_OPEN);
	/* one who means it comes through all the same */
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(b).ready, 1);
	ck_assert_uint_eq(counts_of(b).sas, LIMIT_HALF_OPEN);
	pair_free(pair);
}
END_TEST

/* A flood that answered our answers, then fell silent, does not last. */
START_TEST(half_open_further)
{
	struct pair *pair = pair_begun();
	struct node *b = &pair->b;
	struct sa *sa, *next;
	char text[40];

	for (uint32_t i = 0; i < LIMIT_HALF_OPEN; i++) {
		struct ipsec_addr from;

		snprintf(text, sizeof(text), "10.%u.%u.1", i / 256, i % 256);
		from = addr_of(text, 500);
		flood(pair, &from, i);
	}
	HASH_ITER(hh_first, b->ike->by_first, sa, next)
		sa->exchanges->at = 2;
	pair_run(pair);
	ck_assert_uint_eq(counts_of(b).ready, 0);
	ck_assert_uint_eq(counts_of(b).sas, LIMIT_HALF_OPEN);
	for (int i = 0; i < 8; i++) {
		pair_tick(pair, 1000);
		pair_run(pair);
	}
	ck_assert_uint_eq(counts_of(b).ready, 1);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	pair_free(pair);
}
END_TEST

/* A negotiation that got further than its first answer is not pushed out. */
START_TEST(flood_in_ones_name)
{
	struct pair *pair = pair_begun();
	struct node *b = &pair->b;

	while (b->njobs == 0) {
		node_work(&pair->a);
		ck_assert(pair_deliver(pair));
	}
	for (uint32_t i = 0; i < 3 * LIMIT_HALF_OPEN_PAIR; i++)
		flood(pair, &pair->a.addr, i);
	node_work(b);		/* and now that its job is back */
	for (uint32_t i = 0; i < 3 * LIMIT_HALF_OPEN_PAIR; i++)
		flood(pair, &pair->a.addr, 1000 + i);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(b).children, 1);
	pair_free(pair);
}
END_TEST

/* The same first message again and again: one SA, no more bytes than came. */
START_TEST(first_message_again)
{
	struct pair *pair = pair_begun();
	struct node *a = &pair->a, *b = &pair->b;
	size_t n = pair->sent[0].bytes.n;

	for (unsigned i = 1; i <= 20; i++) {
		pair_inject(pair, b, &a->addr, buf_view(&pair->sent[0].bytes));
		ck_assert_uint_eq(counts_of(b).sas, 1);
		ck_assert_uint_le(bytes_from(pair, b, 0), i * n);
	}
	ck_assert_uint_eq(stats_of(b).duplicates, 19);
	ck_assert_uint_ge(datagrams_from(pair, b, 0), 2);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(b).children, 1);
	pair_free(pair);
}
END_TEST

/* Cut short anywhere, a byte changed anywhere: bounded, and nothing stays. */
START_TEST(damaged_first)
{
	struct pair *pair = pair_begun();
	struct node *b = &pair->b;
	struct ipsec_addr from = addr_of("198.51.100.1", 500);
	size_t n = pair->sent[0].bytes.n, in = 0;
	struct buf copy;

	buf_init(&copy, LIMIT_DATAGRAM);
	for (size_t i = 0; i <= n; i++) {
		buf_set(&copy, buf_view(&pair->sent[0].bytes));
		buf_cut(&copy, i);
		in += i;
		pair_inject(pair, b, &from, buf_view(&copy));
		buf_set(&copy, buf_view(&pair->sent[0].bytes));
		buf_patch8(&copy, i % n, (uint8_t)(copy.p[i % n] ^ 0x81));
		in += n;
		pair_inject(pair, b, &from, buf_view(&copy));
		ck_assert_uint_le(bytes_from(pair, b, 0), in);
		pair_tick(pair, 100);	/* lets the buckets fill */
	}
	ck_assert_uint_gt(stats_of(b).dropped, n);
	pair_tick(pair, 60000);
	ck_assert_uint_eq(counts_of(b).sas, 0);
	ck_assert_uint_eq(counts_of(b).timers, 0);
	ck_assert_uint_eq(b->njobs, 0);
	buf_fini(&copy);
	pair_free(pair);
}
END_TEST

/* Who has no key, no block, no common proposal: told once, nothing kept. */
static void
refused_first(const char *conf, bool has_psk, const char *line)
{
	struct pair *pair = pair_new(NULL, conf, 1000);
	struct node *a = &pair->a, *b = &pair->b;
	struct ipsec_selector sel = pair_selector(a);

	if (!has_psk)
		b->psk = NULL;
	pair_transport(pair);
	node_acquire(a, &sel, 1);
	pair_run(pair);
	ck_assert_msg(pair_said(pair, line), "%s", line);
	ck_assert_uint_eq(counts_of(b).sas, 0);
	ck_assert_uint_eq(counts_of(b).timers, 0);
	ck_assert_uint_le(bytes_from(pair, b, 0), bytes_from(pair, a, 0));
	/* an answer that anybody could have sent changes nothing for A */
	ck_assert_uint_eq(counts_of(a).sas, 1);
	ck_assert_uint_eq(counts_of(a).wants, 1);
	pair_tick(pair, 60000);
	ck_assert_uint_eq(counts_of(a).sas, 0);
	ck_assert_uint_eq(counts_of(a).wants, 0);
	ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_DEAD], 1);
	pair_free(pair);
}

START_TEST(refused)
{
	refused_first(NULL, false, "pre-shared key");
	refused_first("remote 203.0.113.1 { exchange_mode main; proposal {\n"
	    "encryption_algorithm aes; hash_algorithm sha256;\n"
	    "authentication_method pre_shared_key; dh_group modp768; } }\n",
	    true, "no remote block");
	refused_first("remote anonymous { exchange_mode main; proposal {\n"
	    "encryption_algorithm 3des; hash_algorithm md5;\n"
	    "authentication_method pre_shared_key; dh_group modp768; } }\n",
	    true, "we accept 3DES/MD5/PSK/MODP768");
}
END_TEST

/* Another key: both sides say so, neither gets anywhere. */
START_TEST(wrong_key)
{
	struct pair *pair = pair_begun();
	struct node *a = &pair->a, *b = &pair->b;

	b->psk = "another secret";
	pair_run(pair);
	ck_assert(pair_said(pair, "the pre-shared keys differ"));
	ck_assert_uint_eq(counts_of(a).ready + counts_of(b).ready, 0);
	ck_assert_uint_le(bytes_from(pair, b, 0), bytes_from(pair, a, 0));
	for (int i = 0; i < 60; i++) {
		pair_tick(pair, 1000);
		pair_run(pair);
		ck_assert_uint_le(bytes_from(pair, b, 0),
		    bytes_from(pair, a, 0));
	}
	ck_assert_uint_eq(counts_of(a).sas + counts_of(b).sas, 0);
	ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_UP], 0);
	ck_assert_uint_eq(b->event[IKE_EVENT_PHASE1_UP], 0);
	pair_free(pair);
}
END_TEST

/*
 * What is counted, at its limit and one above
 */

/* Another SA with somebody who has as many as one address may have. */
START_TEST(sas_of_peer)
{
	struct pair *pair = pair_begun();
	struct node *b = &pair->b;
	struct peer *peer = peer_get(b->ike, &pair->a.addr);

	peer->nsas = LIMIT_SAS_PEER;
	flood(pair, &pair->a.addr, 1);
	ck_assert_uint_eq(counts_of(b).sas, 0);
	ck_assert(pair_said(pair, "a limit was reached"));
	ck_assert_uint_eq(bytes_from(pair, b, 0), 0);
	peer->nsas = LIMIT_SAS_PEER - 1;
	flood(pair, &pair->a.addr, 2);
	ck_assert_uint_eq(counts_of(b).sas, 1);
	peer->nsas = 1;
	pair_free(pair);
}
END_TEST

/* The kernel asks for more than can wait: the next request is dropped, and
 * served when it is made again. */
START_TEST(wants_of_kernel)
{
	static const struct plan plan = { .ntmpl = 0 };
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct ipsec_addr nobody = addr_of("198.51.100.1", 500);
	struct ike *ike = pair->a.ike;

	pair_transport(pair);
	for (uint32_t i = 0; i < LIMIT_WANTS; i++)
		ck_assert_ptr_nonnull(want_new(ike, &plan, i + 1,
		    &pair->a.addr, &nobody));
	ck_assert_ptr_null(want_new(ike, &plan, 1, &pair->a.addr, &nobody));
	node_acquire(&pair->a, &sel, 1);
	ck_assert_uint_eq(counts_of(&pair->a).wants, LIMIT_WANTS);
	ck_assert_uint_eq(pair->nsent, 0);
	want_free_all(ike);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	pair_free(pair);
}
END_TEST

/* Whom INITIAL-CONTACT was sent to is remembered of so many peers. */
START_TEST(idle_peers)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ike *ike = pair->a.ike;
	char text[ADDR_TEXT];

	for (uint32_t i = 0; i < LIMIT_PEERS_IDLE + 500; i++) {
		struct ipsec_addr addr;
		struct peer *peer;

		snprintf(text, sizeof(text), "10.%u.%u.1", i / 256, i % 256);
		addr = addr_of(text, 500);
		peer = peer_get(ike, &addr);
		peer->contacted = true;
		peer_release(ike, peer);
		ck_assert_uint_le(HASH_COUNT(ike->peers), LIMIT_PEERS_IDLE);
	}
	ck_assert_uint_ge(HASH_COUNT(ike->peers), LIMIT_PEERS_IDLE - 1);
	pair_free(pair);
}
END_TEST

/* The first message with this in its Nth payload's place. */
static void
instead(struct pair *pair, uint8_t type, struct view body)
{
	const struct buf *sent = &pair->sent[0].bytes;
	struct msg_header h;
	struct msg_out out;
	struct msg msg;
	struct buf b;

	ck_assert_int_eq(msg_header_get(buf_view(sent), &h), OK);
	ck_assert_int_eq(msg_parse(&msg, &h, buf_from(sent,
	    ISAKMP_HEADER_LEN), false), OK);
	buf_init(&b, LIMIT_DATAGRAM);
	msg_begin(&out, &b, &h);
	for (unsigned int k = 0; k < msg.n; k++)
		msg_put(&out, msg.p[k].wire_type,
		    msg.p[k].type == type ? body : msg.p[k].body);
	ck_assert(msg_end(&out));
	pair_inject(pair, &pair->b, &pair->a.addr, buf_view(&b));
	buf_fini(&b);
}

/* The offer of A, its transform N times. */
static void
long_offer(struct pair *pair, uint16_t n, struct buf *body)
{
	const struct buf *sent = &pair->sent[0].bytes;
	struct sa_payload offer;
	struct msg_header h;
	struct msg msg;

	ck_assert_int_eq(msg_header_get(buf_view(sent), &h), OK);
	ck_assert_int_eq(msg_parse(&msg, &h, buf_from(sent,
	    ISAKMP_HEADER_LEN), false), OK);
	ck_assert_int_eq(sa_get(msg_find(&msg, ISAKMP_SA)->body, &offer),
	    OK);
	for (uint16_t i = 1; i < n; i++)
		offer.transform[i] = offer.transform[0];
	offer.ntransform = offer.proposal[0].n = n;
	buf_reset(body);
	sa_put(body, &offer);
	ck_assert(buf_ok(body));
}

START_TEST(long_offers)
{
	struct pair *pair = pair_begun();
	struct buf body;

	buf_init(&body, LIMIT_DATAGRAM);
	long_offer(pair, 250, &body);
	ck_assert_uint_gt(body.n, LIMIT_OFFER);
	instead(pair, ISAKMP_SA, buf_view(&body));
	ck_assert_uint_eq(counts_of(&pair->b).sas, 0);
	ck_assert(pair_said(pair, "a limit was reached"));
	long_offer(pair, 200, &body);
	ck_assert_uint_le(body.n, LIMIT_OFFER);
	instead(pair, ISAKMP_SA, buf_view(&body));
	ck_assert_uint_eq(counts_of(&pair->b).sas, 1);
	buf_fini(&body);
	pair_free(pair);
}
END_TEST

/* An identity of N bytes in a first message of aggressive mode. */
static void
long_identity(size_t n, const char *said)
{
	static const char conf[] = "remote anonymous {\n"
	    "exchange_mode aggressive; nat_traversal off; proposal {\n"
	    "encryption_algorithm aes; hash_algorithm sha256;\n"
	    "authentication_method pre_shared_key; dh_group modp768; } }\n";
	struct pair *pair = pair_new(conf, conf, 1000);
	struct ipsec_selector sel = pair_selector(&pair->a);
	struct buf body;

	pair->b.psk_id = "192.0.2.1";
	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
	node_work(&pair->a);
	buf_init(&body, LIMIT_DATAGRAM);
	buf_u32(&body, (uint32_t)ID_KEY_ID << 24);
	while (body.n < n)
		buf_u8(&body, 'x');
	instead(pair, ISAKMP_ID, buf_view(&body));
	ck_assert_msg(pair_said(pair, said), "%zu: %s", n, said);
	ck_assert_uint_eq(counts_of(&pair->b).sas, n <= LIMIT_ID);
	buf_fini(&body);
	pair_free(pair);
}

START_TEST(long_identities)
{
	long_identity(LIMIT_ID, "taking that of the address");
	long_identity(LIMIT_ID + 1, "a limit was reached");
}
END_TEST

/* Of two kinds for each who is refused. */
static unsigned int
lines_about_strangers(const struct pair *pair)
{
	unsigned int n = 0;

	for (size_t i = 0; i < pair->nlines; i++)
		n += strstr(pair->line[i], "couldn't find the pskey") !=
		    NULL || strstr(pair->line[i],
		    "phase1 negotiation failed") != NULL;
	return n;
}

static void
refused_of_many(struct pair *pair, uint32_t first)
{
	char text[ADDR_TEXT];

	for (uint32_t i = first; i < first + 150; i++) {
		struct ipsec_addr from;

		snprintf(text, sizeof(text), "10.%u.%u.1", i / 256, i % 256);
		from = addr_of(text, 500);
		flood(pair, &from, i);
	}
}

/* Answers and lines about those who are refused: so many at once, and so
 * many a second. */
START_TEST(rates)
{
	struct pair *pair = pair_begun();
	struct node *b = &pair->b;

	b->psk = NULL;
	refused_of_many(pair, 0);
	ck_assert_uint_eq(datagrams_from(pair, b, 0), 50);
	ck_assert_uint_eq(lines_about_strangers(pair), 50);
	pair_tick(pair, 2000);
	refused_of_many(pair, 1000);
	ck_assert_uint_eq(datagrams_from(pair, b, 0), 50 + 2 * 10);
	ck_assert_uint_eq(lines_about_strangers(pair), 50 + 2 * 5);
	ck_assert_uint_eq(counts_of(b).sas, 0);
	pair_free(pair);
}
END_TEST

/*
 * What there is to compute
 */

/* N jobs of which each takes MS, one after the other. */
static void
compute(struct ike *ike, const struct job *job, unsigned int n, uint32_t ms)
{
	for (unsigned int i = 0; i < n; i++)
		load_out(ike, job);
	for (unsigned int i = 0; i < n; i++) {
		ike->now += ms;
		load_back(ike, job);
	}
}

START_TEST(load_is_measured)
{
	struct pair *pair = pair_begun();
	struct ike *ike = pair->a.ike;
	struct job job = { .waits = JOB_WAITS_NOT };
	struct job asks = { .waits = JOB_WAITS_DNS };

	ck_assert_uint_eq(load_wait(ike), 0);
	for (unsigned int ms = 40; ms > 0; ms -= 20) {
		compute(ike, &job, 400, ms);
		ck_assert_uint_eq(load_wait(ike), 0);
		for (unsigned int i = 0; i < 10; i++)
			load_out(ike, &job);
		ck_assert_uint_ge(load_wait(ike), 10 * ms - 10);
		ck_assert_uint_le(load_wait(ike), 10 * ms + 10);
		for (unsigned int i = 0; i < 10; i++)
			load_back(ike, &job);
	}
	/* idle time is nobody's, nor is that of others */
	compute(ike, &job, 400, 1);
	for (unsigned int i = 0; i < 400; i++) {
		ike->now += 1000;
		compute(ike, &job, 1, 1);
		compute(ike, &asks, 1, 500);
	}
	for (unsigned int i = 0; i < 100; i++)
		load_out(ike, &job);
	ck_assert_uint_le(load_wait(ike), 110);
	pair_free(pair);
}
END_TEST

START_TEST(load_puts_off)
{
	struct pair *pair = pair_begun();
	struct ike *ike = pair->a.ike;
	struct job job = { .waits = JOB_WAITS_NOT };
	struct ipsec_addr a = { .family = 0 }, b = a;
	unsigned int n = 0, admitted = 0;

	compute(ike, &job, 100, 10);
	ck_assert(!load_defers(ike, &a, &b, false));
	while (!load_defers(ike, &a, &b, false) && n++ < 1000)
		load_out(ike, &job);
	ck_assert_uint_ge(n, 90);		/* a second's work */
	ck_assert_uint_le(n, 110);
	ck_assert(!load_defers(ike, &a, &b, true));
	ck_assert(!load_admits(ike, &a, &b));
	while (!load_defers(ike, &a, &b, true) && n++ < 1000)
		load_out(ike, &job);
	ck_assert_uint_ge(n, 180);
	ck_assert_uint_le(n, 220);
	while (ike->load.jobs > 0) {
		ike->now += 10;
		load_back(ike, &job);
	}
	for (unsigned int i = 0; i < 1000; i++)
		admitted += load_admits(ike, &a, &b);
	ck_assert_uint_ge(admitted, 80);	/* what a second is enough for */
	ck_assert_uint_le(admitted, 220);
	pair_free(pair);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		load_is_measured, load_puts_off, bucket, bucket_in_small_steps, bucket_edges, bucket_huge,
		half_open_of_one, half_open_of_all, half_open_further,
		flood_in_ones_name,
		first_message_again, damaged_first, refused, wrong_key,
		complaints_once, sas_of_peer, wants_of_kernel, idle_peers,
		long_offers, long_identities, rates,
	};

	return suite_main("limit", tests, sizeof(tests) / sizeof(tests[0]));
}
