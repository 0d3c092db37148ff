/* SPDX-License-Identifier: ISC */
/*
 * What a racoon leaves to the next one, as bytes, and what the next one makes
 * of them and of the kernel's SAs.
 */
#include "ike/child.h"
#include "ike/handover.h"
#include "ike/sa.h"
#include "pair.h"
#include "suite.h"

#define MAX	(1u << 20)

/* A and B are connected; what A leaves is in STATE, and A is new. */
static struct pair *
left(struct buf *state)
{
	struct pair *pair = pair_new(NULL, NULL, 1000000);

	pair_connect(pair);
	pair_tick(pair, 5000);
	buf_init(state, MAX);
	ike_leave(pair->a.ike);
	ike_save(pair->a.ike, state);
	ck_assert(buf_ok(state));
	node_restart(&pair->a);
	return pair;
}

/* A takes it over, and leaves the same: nothing is forgotten. */
START_TEST(the_same_again)
{
	struct buf state, again;
	struct pair *pair = left(&state);
	struct ike_counts counts;

	ck_assert_int_eq(ike_restore(pair->a.ike, buf_view(&state)), OK);
	/* its end, and the look at what is silent */
	ck_assert_uint_eq(counts_of(&pair->a).timers, 2);
	ike_adopt(pair->a.ike, kernel_seconds(pair->now));
	counts = counts_of(&pair->a);
	ck_assert_uint_eq(counts.ready, 1);
	ck_assert_uint_eq(counts.children, 1);
	ck_assert_uint_eq(stats_of(&pair->a).handed_over, 1);
	ck_assert(pair_said(pair, "1 ISAKMP-SAs and 1 pairs"));
	ck_assert_uint_eq(stats_of(&pair->a).adopted, 0);
	buf_init(&again, MAX);
	ike_save(pair->a.ike, &again);
	ck_assert(view_equal(buf_view(&state), buf_view(&again)));
	buf_fini(&again);
	/* Twice is once. */
	ck_assert_int_eq(ike_restore(pair->a.ike, buf_view(&state)), OK);
	counts = counts_of(&pair->a);
	ck_assert_uint_eq(counts.sas, 1);
	ck_assert_uint_eq(counts.children, 1);
	buf_fini(&state);
	pair_free(pair);
}
END_TEST

/* Under the SA that was handed over both sides understand each other. */
START_TEST(it_works)
{
	struct buf state;
	struct pair *pair = left(&state);
	size_t before = pair->nsent;

	ck_assert_int_eq(ike_restore(pair->a.ike, buf_view(&state)), OK);
	ike_adopt(pair->a.ike, kernel_seconds(pair->now));
	child_delete(pair->a.ike->children, E_DELETED);
	ck_assert_uint_eq(pair->nsent, before + 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).children, 0);
	buf_fini(&state);
	pair_free(pair);
}
END_TEST

/* A pair whose SAs are gone is no pair. */
START_TEST(nothing_in_the_kernel)
{
	struct buf state;
	struct pair *pair = left(&state);

	ck_assert_int_eq(ipsec_flush(pair->a.handle, IPSEC_FLUSH_SA, 0), 0);
	ck_assert_int_eq(ike_restore(pair->a.ike, buf_view(&state)), OK);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ike_adopt(pair->a.ike, kernel_seconds(pair->now));
	ck_assert_uint_eq(counts_of(&pair->a).children, 0);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	buf_fini(&state);
	pair_free(pair);
}
END_TEST

/* It lay about for longer than the IKE SA was to live. */
START_TEST(long_over)
{
	struct buf state;
	struct pair *pair = left(&state);

	ike_tick(pair->a.ike, pair->now + 20 * 24 * 3600 * 1000u);
	ck_assert_int_eq(ike_restore(pair->a.ike, buf_view(&state)), OK);
	ck_assert_uint_eq(counts_of(&pair->a).sas, 0);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	buf_fini(&state);
	pair_free(pair);
}
END_TEST

static void
refused(struct pair *pair, struct view bytes)
{
	struct ike_counts counts;

	ck_assert_int_ne(ike_restore(pair->a.ike, bytes), OK);
	counts = counts_of(&pair->a);
	ck_assert_uint_eq(counts.sas, 0);
	ck_assert_uint_eq(counts.children, 0);
	ck_assert_uint_eq(counts.timers, 0);
}

/* Every cut, and more than there is. */
START_TEST(cut_short)
{
	struct buf state;
	struct pair *pair = left(&state);

	for (size_t n = 0; n < state.n; n++)
		refused(pair, view_of(state.p, n));
	buf_u8(&state, 0);
	refused(pair, buf_view(&state));
	buf_fini(&state);
	pair_free(pair);
}
END_TEST

/* Each byte, changed: what is taken is sound, or nothing is. */
START_TEST(damaged)
{
	struct buf state;
	struct pair *pair = left(&state);
	unsigned int good = 0;

	for (size_t i = 0; i < state.n; i++) {
		state.p[i] ^= 0x80;
		if (ike_restore(pair->a.ike, buf_view(&state)) == OK) {
			good++;
			ike_adopt(pair->a.ike, kernel_seconds(pair->now));
			node_restart(&pair->a);
		} else {
			ck_assert_uint_eq(counts_of(&pair->a).sas, 0);
		}
		state.p[i] ^= 0x80;
	}
	ck_assert_uint_gt(good, 0);
	ck_assert_uint_lt(good, state.n);
	buf_patch32(&state, 4, HANDOVER_VERSION + 1);
	refused(pair, buf_view(&state));
	buf_patch32(&state, 4, HANDOVER_VERSION);
	buf_patch32(&state, 8, HANDOVER_SAS + 1);
	refused(pair, buf_view(&state));
	buf_fini(&state);
	pair_free(pair);
}
END_TEST

/* Without a hand-over: what the kernel has says who they are. */
START_TEST(adopted)
{
	struct buf state;
	struct pair *pair = left(&state);
	const struct child *mine, *other = pair->b.ike->children;

	buf_fini(&state);
	ike_adopt(pair->a.ike, kernel_seconds(pair->now));
	mine = pair->a.ike->children;
	ck_assert_ptr_nonnull(mine);
	ck_assert(mine->adopted && mine->up && !mine->half);
	ck_assert(mine->initiator != other->initiator);
	ck_assert_uint_eq(mine->in[0].key.spi, other->out[0].key.spi);
	ck_assert_uint_eq(mine->out[0].key.spi, other->in[0].key.spi);
	ck_assert_uint_eq(mine->peer_id.n, 0);
	ck_assert(mine->peer->contacted);
	/* as old as it is, to the second */
	ck_assert_uint_le(mine->created, pair->now - 4000);
	ck_assert_uint_ge(mine->created + 7000, pair->now);
	/* Once is enough. */
	ike_adopt(pair->a.ike, kernel_seconds(pair->now));
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	pair_free(pair);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { the_same_again, it_works,
	    nothing_in_the_kernel, long_over, cut_short, damaged, adopted };

	return suite_main("adopt", tests, sizeof(tests) / sizeof(tests[0]));
}
