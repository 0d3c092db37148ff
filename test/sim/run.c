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
		break;
	}
	event_free(e);
}

/* The host that has something to do first; its time in *WHEN. */
static struct sim_host *
first_host(struct sim *sim, uint64_t *when)
{
	struct sim_host *first = NULL;

	*when = UINT64_MAX;
	for (size_t i = 0; i < sim->nhost; i++) {
		uint64_t next = sim_host_next(sim->host[i]);

		if (next < *when) {
			*when = next;
			first = sim->host[i];
		}
	}
	return first;
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

	while (sim_step(sim, limit))
		continue;
	sim->now = limit;
}

bool
sim_run_until(struct sim *sim, bool (*done)(struct sim *, void *), void *ctx,
    uint64_t ms)
{
	uint64_t limit = sim->now + ms;

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
