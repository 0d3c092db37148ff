/* SPDX-License-Identifier: ISC */
/* The loop: finds what is due next, moves the clock there, does it. */
#include <stdio.h>
#include <stdlib.h>

#include "test/sim/sim.h"

#define SETTLE	(40 * SIM_SECOND) /* what was replaced is removed by then */
#define SPIN	100000		/* events at one instant: somebody loops */

void
sim_at(struct sim *sim, uint64_t when, void (*fn)(struct sim *, void *),
    void *ctx)
{
	struct event e = { .type = EVENT_CALL, .when = when, .fn = fn,
	    .ctx = ctx };

	queue_add(&sim->queue, &e);
}

void
sim_at_own(struct sim *sim, uint64_t when, void (*fn)(struct sim *, void *),
    void *ctx)
{
	struct event e = { .type = EVENT_CALL, .when = when, .fn = fn,
	    .ctx = ctx, .own = true };

	queue_add(&sim->queue, &e);
}

static void
handle(struct sim *sim, struct event *e)
{
	switch (e->type) {
	case EVENT_DGRAM:
		sim_arrive(sim, e->dgram);
		e->dgram = NULL;
		break;
	case EVENT_JOB:
		sim_host_job(e->host, e->job, e->life);
		e->job = NULL;
		break;
	case EVENT_CALL:
		e->fn(sim, e->ctx);
		if (!e->own)
			sim_touch_all(sim);
		break;
	}
	happening_free(e);
}

/* Who has something to do first: a heap, where hosts that were touched find
 * their new place before anybody looks. */

void
sim_touch(struct sim_host *h)
{
	if (h->touched)
		return;
	h->touched = true;
	h->sim->touched[h->sim->ntouched++] = h;
}

void
sim_touch_all(struct sim *sim)
{
	for (size_t i = 0; i < sim->nhost; i++)
		sim_touch(sim->host[i]);
}

static bool
sooner(const struct sim_host *a, const struct sim_host *b)
{
	return a->due != b->due ? a->due < b->due : a->index < b->index;
}

static void
put(struct sim *sim, size_t slot, struct sim_host *h)
{
	sim->ready[slot] = h;
	h->slot = slot;
}

static void
find_place(struct sim *sim, struct sim_host *h)
{
	size_t i = h->slot, child;

	for (; i > 0 && sooner(h, sim->ready[(i - 1) / 2]); i = (i - 1) / 2)
		put(sim, i, sim->ready[(i - 1) / 2]);
	while ((child = 2 * i + 1) < sim->nhost) {
		if (child + 1 < sim->nhost &&
		    sooner(sim->ready[child + 1], sim->ready[child]))
			child++;
		if (!sooner(sim->ready[child], h))
			break;
		put(sim, i, sim->ready[child]);
		i = child;
	}
	put(sim, i, h);
}

/* The host that has something to do first; its time in *WHEN. */
static struct sim_host *
first_host(struct sim *sim, uint64_t *when)
{
	while (sim->ntouched > 0) {
		struct sim_host *h = sim->touched[--sim->ntouched];

		h->touched = false;
		h->due = sim_host_next(h);
		find_place(sim, h);
	}
	*when = sim->nhost > 0 ? sim->ready[0]->due : UINT64_MAX;
	return *when != UINT64_MAX ? sim->ready[0] : NULL;
}

static void
count_step(struct sim *sim, uint64_t when)
{
	sim->steps++;
	if (when > sim->now) {
		sim->now = when;
		sim->steps_here = 0;
	} else if (++sim->steps_here == SPIN) {
		sim_fail(sim, "time stands still: somebody has always "
		    "something to do");
	}
}

bool
sim_step(struct sim *sim, uint64_t limit)
{
	uint64_t host_when, when = queue_next(&sim->queue);
	struct sim_host *h = first_host(sim, &host_when);
	bool host_first = h != NULL && host_when < when;

	if (host_first)
		when = host_when;
	if (when > limit || sim->steps_here >= SPIN)
		return false;
	count_step(sim, when);
	if (host_first)
		sim_host_run(h);
	else
		handle(sim, queue_take(&sim->queue));
	sim->at = NULL;
	if (sim->step != NULL)
		sim->step(sim, sim->step_ctx);
	return true;
}

void
sim_run(struct sim *sim, uint64_t ms)
{
	uint64_t limit = sim->now + ms;

	sim_touch_all(sim);
	while (sim_step(sim, limit))
		continue;
	sim->now = limit;
}

bool
sim_run_until(struct sim *sim, bool (*done)(struct sim *, void *), void *ctx,
    uint64_t ms)
{
	uint64_t limit = sim->now + ms;

	sim_touch_all(sim);
	while (!done(sim, ctx))
		if (!sim_step(sim, limit))
			return false;
	return true;
}

static bool
at_rest(struct sim *sim, void *ctx)
{
	(void)ctx;
	if (sim->queue.n > 0)
		return false;
	for (size_t i = 0; i < sim->nhost; i++) {
		struct sim_host *h = sim->host[i];
		struct ike_counts c = sim_counts(h);

		if (c.exchanges > 0 || c.wants > 0 || c.sas != c.ready ||
		    kernel_larvals(h->kernel) > 0 ||
		    kernel_pending(h->kernel) > 0)
			return false;
	}
	return true;
}

void
sim_settle(struct sim *sim, uint64_t ms)
{
	sim_run(sim, SETTLE);
	sim_run_until(sim, at_rest, NULL, ms);
}
