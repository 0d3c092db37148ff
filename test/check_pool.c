/* SPDX-License-Identifier: ISC */
/* Slow jobs of several peers: whose turn it is. */
#include <poll.h>

#include "daemon/pool.h"
#include "ike/job.h"
#include "libipsec/addr.h"
#include "test/daemon_tools.h"

static void
nothing(struct job *j)
{
	j->err = OK;
}

static void
slow(struct job *j)
{
	(void)poll(NULL, 0, 50);
	nothing(j);
}

/* The place at which the only job of a lane came back. */
struct turns {
	struct event_base *base;
	unsigned int	 n, guest;
};

#define HOST_LANE	7
#define GUEST_LANE	9
#define CROWD		200u

static void
note_turn(void *ctx, struct job *j)
{
	struct turns *t = ctx;

	t->n++;
	if (j->lane == GUEST_LANE)
		t->guest = t->n;
	job_free(j);
}

static bool
all_had_turns(void *ctx)
{
	const struct turns *t = ctx;

	return t->n == CROWD + 1;
}

/* Who has two hundred jobs waits for who has one, not the other way. */
START_TEST(pool_is_fair)
{
	struct turns t = { .n = 0 };
	struct pool *pool;
	struct job *j;

	t.base = event_base_new();
	pool = pool_new(t.base, 1, note_turn, &t);
	for (unsigned int i = 0; i <= CROWD; i++) {
		j = job_new(NULL, i == 0 ? slow : nothing);
		j->lane = i < CROWD ? HOST_LANE : GUEST_LANE;
		pool_submit(pool, j);
	}
	turn(t.base, all_had_turns, &t);
	ck_assert_uint_eq(t.n, CROWD + 1);
	ck_assert_uint_ge(t.guest, 1);
	ck_assert_uint_le(t.guest, 3);
	pool_free(pool);
	event_base_free(t.base);
}
END_TEST

/* A lane is an address. */
START_TEST(lanes)
{
	struct ipsec_addr a, b, c;

	ck_assert(addr_parse(&a, "192.0.2.1") && addr_parse(&b, "192.0.2.2") &&
	    addr_parse(&c, "192.0.2.1"));
	c.port = 4500;
	ck_assert(job_lane(&a) != job_lane(&b));
	ck_assert(job_lane(&a) == job_lane(&c));
}
END_TEST

/* Each lane's own order stays as it is. */
struct order {
	unsigned int	 n;
	uint64_t	 last[2];
	bool		 kept;
};

static void
note_order(void *ctx, struct job *j)
{
	struct order *o = ctx;

	if (j->exchange <= o->last[j->lane % 2])
		o->kept = false;
	o->last[j->lane % 2] = j->exchange;
	o->n++;
	job_free(j);
}

static bool
all_ordered(void *ctx)
{
	return ((const struct order *)ctx)->n == CROWD;
}

START_TEST(pool_keeps_order)
{
	struct order o = { .kept = true };
	struct event_base *base = event_base_new();
	struct pool *pool = pool_new(base, 1, note_order, &o);
	struct job *j;

	for (unsigned int i = 0; i < CROWD; i++) {
		j = job_new(NULL, i == 0 ? slow : nothing);
		j->lane = i % 3 == 0 ? 2 : 3;
		j->exchange = i + 1;
		pool_submit(pool, j);
	}
	turn(base, all_ordered, &o);
	ck_assert_uint_eq(o.n, CROWD);
	ck_assert(o.kept);
	pool_free(pool);
	event_base_free(base);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("pool");

	tcase_add_test(t, pool_is_fair);
	tcase_add_test(t, lanes);
	tcase_add_test(t, pool_keeps_order);
	return run_case("pool", t);
}
