/* SPDX-License-Identifier: ISC */
/*
 * A binary heap of borrowed timers.  heap[0] is the earliest; each timer
 * knows its place, so that moving and removing one costs O(log n).
 */
#include "base/timer.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

static void
place(struct timers *ts, struct timer *t, size_t at)
{
	ts->heap[at] = t;
	t->slot = at + 1;
}

/* Lets T, which belongs at the free place AT or above it, rise. */
static void
rise(struct timers *ts, struct timer *t, size_t at)
{
	while (at > 0) {
		size_t up = (at - 1) / 2;

		if (ts->heap[up]->when <= t->when)
			break;
		place(ts, ts->heap[up], at);
		at = up;
	}
	place(ts, t, at);
}

/* Lets T, which belongs at the free place AT or below it, sink. */
static void
sink(struct timers *ts, struct timer *t, size_t at)
{
	for (;;) {
		size_t down = 2 * at + 1;

		if (down >= ts->n)
			break;
		if (down + 1 < ts->n &&
		    ts->heap[down + 1]->when < ts->heap[down]->when)
			down++;
		if (t->when <= ts->heap[down]->when)
			break;
		place(ts, ts->heap[down], at);
		at = down;
	}
	place(ts, t, at);
}

/* Puts T at the free place AT, then where it belongs. */
static void
settle(struct timers *ts, struct timer *t, size_t at)
{
	if (at > 0 && t->when < ts->heap[(at - 1) / 2]->when)
		rise(ts, t, at);
	else
		sink(ts, t, at);
}

void
timers_init(struct timers *ts)
{
	*ts = (struct timers){ .heap = NULL, .n = 0, .cap = 0 };
}

void
timers_fini(struct timers *ts)
{
	for (size_t i = 0; i < ts->n; i++)
		ts->heap[i]->slot = 0;
	free(ts->heap);
	timers_init(ts);
}

uint64_t
timers_next(const struct timers *ts)
{
	return ts->n == 0 ? TIMER_NEVER : ts->heap[0]->when;
}

void
timers_run(struct timers *ts, uint64_t now)
{
	ts->now = now;
	/* TIMER_NEVER is not a deadline, however late it gets. */
	while (timers_next(ts) <= now && timers_next(ts) != TIMER_NEVER) {
		struct timer *t = ts->heap[0];

		timer_del(ts, t);
		t->fn(t->ctx);
	}
}

void
timer_init(struct timer *t, timer_fn *fn, void *ctx)
{
	*t = (struct timer){ .when = 0, .slot = 0, .fn = fn, .ctx = ctx };
}

void
timer_set(struct timers *ts, struct timer *t, uint64_t when)
{
	t->when = when;
	t->set = ts->now;
	t->serial = ++ts->serial;
	if (t->slot != 0) {
		settle(ts, t, t->slot - 1);
		return;
	}
	if (ts->n == ts->cap) {
		ts->cap = ts->cap == 0 ? 16 : ts->cap * 2;
		ts->heap = xreallocarray(ts->heap, ts->cap,
		    sizeof(*ts->heap));
	}
	ts->n++;
	rise(ts, t, ts->n - 1);
}

void
timer_del(struct timers *ts, struct timer *t)
{
	size_t at = t->slot;
	struct timer *last;

	if (at == 0)
		return;
	assert(at <= ts->n && ts->heap[at - 1] == t);
	t->slot = 0;
	last = ts->heap[--ts->n];
	if (last != t)
		settle(ts, last, at - 1);
}

bool
timer_armed(const struct timer *t)
{
	return t->slot != 0;
}
