/* SPDX-License-Identifier: ISC */
/*
 * IKE messages in fragments: what is put together and what is not, and the
 * limits of what is kept.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ike/frag.h"
#include "suite.h"
#include "toy.h"
#include "wire/frag.h"

/*
 * The payload
 */

START_TEST(payload)
{
	static const uint8_t bytes[] = { 0x12, 0x34, 7, 1, 'a', 'b' };
	struct fragment f;
	struct buf b;

	ck_assert_int_eq(fragment_get(view_of(bytes, 6), &f), OK);
	ck_assert_uint_eq(f.id, 0x1234);
	ck_assert_uint_eq(f.index, 7);
	ck_assert(f.last);
	ck_assert(view_equal(f.data, view_text("ab")));
	buf_init(&b, 100);
	fragment_put(&b, &f);
	ck_assert(view_equal(buf_view(&b), view_of(bytes, 6)));
	buf_fini(&b);
	for (size_t n = 0; n < 5; n++)
		ck_assert_int_eq(fragment_get(view_of(bytes, n), &f),
		    E_PAYLOAD);
}
END_TEST

START_TEST(payload_odd)
{
	static const uint8_t zeroth[] = { 0, 1, 0, 1, 'a' };
	static const uint8_t flags[] = { 0, 1, 1, 0xfe, 'a' };
	struct fragment f;

	ck_assert_int_eq(fragment_get(view_of(zeroth, 5), &f), E_PAYLOAD);
	/* just one bit is known */
	ck_assert_int_eq(fragment_get(view_of(flags, 5), &f), OK);
	ck_assert(!f.last);
}
END_TEST

/*
 * Putting together
 */

struct world {
	struct toy	 toy;
	struct ike	*ike;
	struct ipsec_addr remote;
	struct msg_header h;
	struct frag_whole whole;
	bool		 strange;	/* not for the SA */
};

static void
world_init(struct world *w, bool initiator)
{
	*w = (struct world){ .strange = false };
	toy_init(&w->toy, NULL, initiator);
	w->ike = w->toy.pair->a.ike;
	w->remote = w->toy.pair->b.addr;
	w->h = (struct msg_header){ .version = ISAKMP_VERSION,
	    .next = ISAKMP_FRAG, .etype = ISAKMP_ETYPE_MAIN };
	memset(w->h.icookie, 'i', sizeof(w->h.icookie));
	buf_init(&w->whole.bytes, LIMIT_FRAG_MESSAGE);
}

static void
world_fini(struct world *w)
{
	buf_fini(&w->whole.bytes);
	toy_fini(&w->toy);
}

static struct frag_counts
held(const struct world *w)
{
	struct frag_counts counts;

	frag_count(w->ike, &counts);
	return counts;
}

static enum err
feed_view(struct world *w, uint16_t id, uint8_t index, bool last,
    struct view data)
{
	struct fragment f = { .id = id, .index = index, .last = last,
	    .data = data };
	struct frag_in in = { .sa = w->strange ? NULL : w->toy.sa,
	    .remote = &w->remote, .h = &w->h };
	struct msg_out out;
	struct buf b;
	enum err r;

	buf_init(&b, LIMIT_DATAGRAM);
	msg_begin(&out, &b, &w->h);
	msg_open(&out, ISAKMP_FRAG);
	fragment_put(&b, &f);
	msg_close(&out);
	ck_assert(msg_end(&out));
	w->h.length = (uint32_t)b.n;
	in.chain = buf_from(&b, ISAKMP_HEADER_LEN);
	buf_reset(&w->whole.bytes);
	r = frag_input(w->ike, &in, &w->whole);
	buf_fini(&b);
	return r;
}

/* A fragment after which more are needed. */
static void
kept(struct world *w, uint16_t id, uint8_t index, bool last,
    const char *text)
{
	ck_assert_int_eq(feed_view(w, id, index, last, view_text(text)), OK);
	ck_assert_uint_eq(w->whole.bytes.n, 0);
}

/* A fragment that makes WHOLE. */
static void
makes(struct world *w, uint16_t id, uint8_t index, bool last,
    const char *text, const char *whole)
{
	ck_assert_int_eq(feed_view(w, id, index, last, view_text(text)), OK);
	ck_assert(view_equal(buf_view(&w->whole.bytes), view_text(whole)));
}

START_TEST(any_order)
{
	static const char *const text[] = { "", "one", "2", "three" };
	static const uint8_t orders[][3] = { { 1, 2, 3 }, { 1, 3, 2 },
	    { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 }, { 3, 2, 1 } };
	struct world w;

	world_init(&w, true);
	for (int i = 0; i < 6; i++) {
		const uint8_t *o = orders[i];

		kept(&w, 1, o[0], o[0] == 3, text[o[0]]);
		kept(&w, 1, o[1], o[1] == 3, text[o[1]]);
		makes(&w, 1, o[2], o[2] == 3, text[o[2]], "one2three");
		/* the datagrams: header, generic header, id, index, flags */
		ck_assert_uint_eq(w.whole.arrived, 3 * 36 + 9);
		ck_assert_uint_eq(held(&w).known, 0);
		ck_assert_uint_eq(held(&w).known_bytes, 0);
	}
	makes(&w, 1, 1, true, "alone", "alone");
	world_fini(&w);
}
END_TEST

START_TEST(repeated)
{
	struct world w;

	world_init(&w, true);
	kept(&w, 1, 1, false, "one");
	ck_assert_int_eq(feed_view(&w, 1, 1, false, view_text("one")),
	    E_DUPLICATE);
	kept(&w, 1, 3, true, "three");
	ck_assert_int_eq(feed_view(&w, 1, 3, true, view_text("three")),
	    E_DUPLICATE);
	makes(&w, 1, 2, false, "2", "one2three");
	/* all of it again is a message again: the answer may be lost */
	kept(&w, 1, 3, true, "three");
	kept(&w, 1, 2, false, "2");
	makes(&w, 1, 1, false, "one", "one2three");
	world_fini(&w);
}
END_TEST

/* Many senders have one id for all messages: the newest one wins, and what
 * was known of the one before, its last index above all, is forgotten. */
START_TEST(contradictions)
{
	struct world w;

	world_init(&w, true);
	/* other bytes */
	kept(&w, 1, 1, false, "old");
	kept(&w, 1, 1, false, "new");
	makes(&w, 1, 2, true, "er", "newer");
	/* another last one, behind or in front of the old one */
	kept(&w, 1, 2, true, "old");
	kept(&w, 1, 3, true, "3");
	kept(&w, 1, 1, false, "1");
	makes(&w, 1, 2, false, "2", "123");
	kept(&w, 1, 3, true, "old");
	kept(&w, 1, 2, true, "b");
	makes(&w, 1, 1, false, "a", "ab");
	/* behind the last one */
	kept(&w, 1, 2, true, "old");
	kept(&w, 1, 3, false, "c");
	kept(&w, 1, 1, false, "a");
	kept(&w, 1, 2, false, "b");
	makes(&w, 1, 4, true, "d", "abcd");
	/* a last one below one that is there */
	kept(&w, 1, 3, false, "old");
	kept(&w, 1, 2, true, "z");
	makes(&w, 1, 1, false, "y", "yz");
	/* the same bytes, and now the last */
	kept(&w, 1, 2, false, "z");
	kept(&w, 1, 2, true, "z");
	makes(&w, 1, 1, false, "y", "yz");
	world_fini(&w);
}
END_TEST

/* Several messages at once: by id, exchange type, sender. */
START_TEST(several)
{
	struct ipsec_addr elsewhere = addr_of("192.0.2.99", 500);
	struct world w;

	world_init(&w, true);
	kept(&w, 1, 1, false, "a");
	kept(&w, 2, 1, false, "b");
	w.h.etype = ISAKMP_ETYPE_QUICK;
	kept(&w, 1, 1, false, "c");
	w.remote = elsewhere;
	kept(&w, 1, 1, false, "d");
	ck_assert_uint_eq(held(&w).known, 4);
	makes(&w, 1, 2, true, "D", "dD");
	w.remote = w.toy.pair->b.addr;
	makes(&w, 1, 2, true, "C", "cC");
	w.h.etype = ISAKMP_ETYPE_MAIN;
	makes(&w, 2, 2, true, "B", "bB");
	makes(&w, 1, 2, true, "A", "aA");
	world_fini(&w);
}
END_TEST

/* Strangers' first messages: by cookie, too. */
START_TEST(first_messages)
{
	struct world w;

	world_init(&w, true);
	w.strange = true;
	kept(&w, 1, 1, false, "a");
	memset(w.h.icookie, 'j', sizeof(w.h.icookie));
	kept(&w, 1, 1, false, "b");
	ck_assert_uint_eq(held(&w).strange, 2);
	ck_assert_uint_eq(held(&w).known, 0);
	makes(&w, 1, 2, true, "B", "bB");
	memset(w.h.icookie, 'i', sizeof(w.h.icookie));
	makes(&w, 1, 2, true, "A", "aA");
	ck_assert_uint_eq(held(&w).strange_bytes, 0);
	world_fini(&w);
}
END_TEST

START_TEST(malformed)
{
	static const uint8_t two[] = { ISAKMP_VID, 0, 0, 9, 0, 1, 1, 1, 'a',
	    0, 0, 0, 4 };
	static const uint8_t bad_length[] = { 0, 0, 0, 90, 0, 1, 1, 1, 'a' };
	struct frag_in in;
	struct world w;

	world_init(&w, true);
	ck_assert_int_eq(feed_view(&w, 1, 0, false, view_text("a")),
	    E_PAYLOAD);
	ck_assert_int_eq(feed_view(&w, 1, 1, false, view_text("")),
	    E_PAYLOAD);
	in = (struct frag_in){ .sa = w.toy.sa, .remote = &w.remote,
	    .h = &w.h, .chain = view_of(two, sizeof(two)) };
	ck_assert_int_eq(frag_input(w.ike, &in, &w.whole), E_PAYLOAD);
	in.chain = view_of(bad_length, sizeof(bad_length));
	ck_assert_int_eq(frag_input(w.ike, &in, &w.whole), E_LENGTH);
	in.chain = view_of(NULL, 0);
	ck_assert_int_eq(frag_input(w.ike, &in, &w.whole), E_LENGTH);
	ck_assert_uint_eq(held(&w).known, 0);
	world_fini(&w);
}
END_TEST

/*
 * Limits
 */

START_TEST(too_large)
{
	static const uint8_t zero[LIMIT_FRAG_MESSAGE + 1];
	struct world w;

	world_init(&w, true);
	ck_assert_int_eq(feed_view(&w, 1, 1, true, view_of(zero,
	    LIMIT_FRAG_MESSAGE + 1)), E_LIMIT);
	ck_assert_int_eq(feed_view(&w, 1, 1, true, view_of(zero,
	    LIMIT_FRAG_MESSAGE)), OK);
	ck_assert_uint_eq(w.whole.bytes.n, LIMIT_FRAG_MESSAGE);
	ck_assert_int_eq(feed_view(&w, 1, 1, false, view_of(zero,
	    LIMIT_FRAG_MESSAGE)), OK);
	/* the whole set goes: it will never be a message */
	ck_assert_int_eq(feed_view(&w, 1, 2, true, view_of(zero, 1)),
	    E_LIMIT);
	ck_assert_uint_eq(held(&w).known, 0);
	world_fini(&w);
}
END_TEST

START_TEST(most_fragments)
{
	struct world w;

	world_init(&w, true);
	for (unsigned int i = 255; i > 1; i--)
		kept(&w, 1, (uint8_t)i, i == 255, "x");
	ck_assert_int_eq(feed_view(&w, 1, 1, false, view_text("a")), OK);
	ck_assert_uint_eq(w.whole.bytes.n, 255);
	ck_assert_uint_eq(w.whole.bytes.p[0], 'a');
	world_fini(&w);
}
END_TEST

START_TEST(too_old)
{
	struct world w;

	world_init(&w, true);
	kept(&w, 1, 1, false, "a");
	pair_tick(w.toy.pair, LIMIT_FRAG_MS / 2);
	kept(&w, 2, 1, false, "b");
	kept(&w, 1, 2, false, "c");
	ck_assert_uint_eq(held(&w).known, 2);
	pair_tick(w.toy.pair, LIMIT_FRAG_MS / 2 - 1);
	ck_assert_uint_eq(held(&w).known, 2);
	/* since the first one, whatever came later */
	pair_tick(w.toy.pair, 1);
	ck_assert_uint_eq(held(&w).known, 1);
	makes(&w, 2, 2, true, "B", "bB");
	kept(&w, 1, 3, true, "late");
	pair_tick(w.toy.pair, LIMIT_FRAG_MS);
	ck_assert_uint_eq(held(&w).known, 0);
	ck_assert_uint_eq(held(&w).known_bytes, 0);
	world_fini(&w);
}
END_TEST

START_TEST(many_of_one_sa)
{
	struct world w;

	world_init(&w, true);
	for (uint16_t id = 1; id <= LIMIT_FRAG_SETS_SA + 2; id++) {
		kept(&w, id, 1, false, "a");
		pair_tick(w.toy.pair, 1);
	}
	ck_assert_uint_eq(held(&w).known, LIMIT_FRAG_SETS_SA);
	/* the oldest two had to go */
	makes(&w, 3, 2, true, "z", "az");
	kept(&w, 1, 2, true, "z");
	world_fini(&w);
}
END_TEST

/* Small ones by their number, large ones by their bytes. */
START_TEST(many_of_one_source)
{
	static const uint8_t zero[16000];
	struct world w;

	world_init(&w, true);
	w.strange = true;
	for (unsigned int i = 1; i < 100; i++) {
		w.h.icookie[0] = (uint8_t)i;
		w.remote.port = (uint16_t)i;
		kept(&w, 1, 1, false, "a");
		ck_assert_uint_le(held(&w).strange, LIMIT_FRAG_SETS_SOURCE);
	}
	makes(&w, 1, 2, true, "z", "az");
	for (unsigned int i = 100; i < 120; i++) {
		w.h.icookie[0] = (uint8_t)i;
		ck_assert_int_eq(feed_view(&w, 1, 1, false,
		    view_of(zero, sizeof(zero))), OK);
		ck_assert_uint_le(held(&w).strange_bytes, LIMIT_FRAG_SOURCE);
	}
	ck_assert_uint_ge(held(&w).strange, 2);
	ck_assert_int_eq(feed_view(&w, 1, 2, true, view_of(zero, 1)), OK);
	ck_assert_uint_eq(w.whole.bytes.n, sizeof(zero) + 1);
	world_fini(&w);
}
END_TEST

/* A flood in many names pushes out the oldest, but none of peers. */
START_TEST(many_strangers)
{
	static const uint8_t zero[16000];
	struct world w;

	world_init(&w, true);
	kept(&w, 1, 1, false, "a");
	w.strange = true;
	for (unsigned int i = 0; i < 1000; i++) {
		char text[ADDR_TEXT];

		snprintf(text, sizeof(text), "10.%u.%u.1", i / 250, i % 250);
		w.remote = addr_of(text, 500);
		ck_assert_int_eq(feed_view(&w, 1, 1, false, view_of(zero,
		    i < 500 ? 1 : sizeof(zero))), OK);
		ck_assert_uint_le(held(&w).strange, LIMIT_FRAG_SETS);
		ck_assert_uint_le(held(&w).strange_bytes,
		    LIMIT_FRAG_STRANGE);
		if (i == 499)
			ck_assert_uint_eq(held(&w).strange, LIMIT_FRAG_SETS);
	}
	w.strange = false;
	w.remote = w.toy.pair->b.addr;
	makes(&w, 1, 2, true, "z", "az");
	world_fini(&w);
}
END_TEST

/* All peers together, though each keeps within its own number. */
START_TEST(many_peers)
{
	static const uint8_t zero[LIMIT_FRAG_MESSAGE];
	struct world w;

	world_init(&w, true);
	for (unsigned int i = 0; i < 100; i++) {
		w.toy.sa = sa_new(w.ike, &w.toy.pair->a.addr, &w.remote,
		    true, NULL);
		for (uint16_t id = 1; id <= LIMIT_FRAG_SETS_SA; id++) {
			ck_assert_int_eq(feed_view(&w, id, 1, false,
			    view_of(zero, sizeof(zero))), OK);
			ck_assert_uint_le(held(&w).known_bytes,
			    LIMIT_FRAG_KNOWN);
		}
	}
	ck_assert_uint_gt(held(&w).known_bytes, LIMIT_FRAG_KNOWN -
	    2 * LIMIT_FRAG_MESSAGE);
	ck_assert_uint_lt(held(&w).known, 100 * LIMIT_FRAG_SETS_SA);
	pair_tick(w.toy.pair, LIMIT_FRAG_MS);
	ck_assert_uint_eq(held(&w).known_bytes, 0);
	world_fini(&w);
}
END_TEST

/* Until it proved itself, a peer that called us has a stranger's room. */
START_TEST(half_open)
{
	struct world w;

	world_init(&w, false);
	kept(&w, 1, 1, false, "a");
	ck_assert_uint_eq(held(&w).strange, 1);
	sa_authentic(w.toy.sa);
	makes(&w, 1, 2, true, "z", "az");
	kept(&w, 1, 1, false, "a");
	ck_assert_uint_eq(held(&w).strange, 0);
	ck_assert_uint_eq(held(&w).known, 1);
	world_fini(&w);
}
END_TEST

START_TEST(gone_with_its_sa)
{
	struct world w;
	struct sa *sa;

	world_init(&w, true);
	sa = w.toy.sa;
	kept(&w, 1, 1, false, "a");
	kept(&w, 2, 1, false, "b");
	w.toy.sa = sa_new(w.ike, &sa->local, &sa->remote, true, NULL);
	sa_free(sa);
	ck_assert_uint_eq(held(&w).known, 0);
	ck_assert_uint_eq(held(&w).known_bytes, 0);
	world_fini(&w);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		payload, payload_odd, any_order, repeated, contradictions,
		several, first_messages, malformed, too_large,
		most_fragments, too_old, many_of_one_sa, many_of_one_source,
		many_strangers, many_peers, half_open, gone_with_its_sa,
	};

	return suite_main("frag", tests, sizeof(tests) / sizeof(tests[0]));
}
