/* SPDX-License-Identifier: ISC */
/* One run of the mesh: faults and traffic, then peace, then rest. */
#include "test/sim/mesh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

#define CHUNK		SIM_SECOND
#define SWEEP_EVERY	(5 * SIM_MINUTE)
#define PEACE		(90 * SIM_SECOND)	/* all links work by then */
#define LONG_LIFE	(10 * 3600)	/* s */
#define DEFAULT_HOSTS	24
#define DEFAULT_MINUTES	15
#define HOSTS_PER_FAULT	8		/* in a minute */

void
mesh_defaults(struct mesh_options *o)
{
	*o = (struct mesh_options){ .seed = 1 };
	o->only.n = o->keep.n = MESH_NONE;
}

bool
mesh_listed(const struct mesh_list *list, unsigned int x)
{
	if (list->n == MESH_NONE)
		return true;
	for (unsigned int i = 0; i < list->n; i++)
		if (list->at[i] == x)
			return true;
	return false;
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What the run leaves to us. */
struct run {
	struct mesh	m;
	struct mesh_options o;		/* with all that was left open */
	struct mesh_result *result;
	bool		(*stop)(void);
};

static bool
over(struct run *r)
{
	struct mesh *m = &r->m;

	r->result->stopped = r->stop != NULL && r->stop();
	return r->result->stopped || m->sim->failures > 0 ||
	    (m->o->until != 0 && m->sim->now >= m->start + m->o->until);
}

/* True: on with it. */
static bool
run_for(struct run *r, uint64_t ms)
{
	struct mesh *m = &r->m;
	uint64_t end = m->sim->now + ms, sweep = m->sim->now + SWEEP_EVERY;

	while (m->sim->now < end && !over(r)) {
		sim_run(m->sim, end - m->sim->now < CHUNK ?
		    end - m->sim->now : CHUNK);
		if (m->sim->now >= sweep) {
			mesh_sweep(m);
			sweep += SWEEP_EVERY;
		}
	}
	return !over(r);
}

static bool
all_good_since(const struct mesh *m, uint64_t since)
{
	for (size_t i = 0; i < m->nlink; i++)
		if (m->links[i]->open && !m->links[i]->excused &&
		    m->links[i]->good < since)
			return false;
	return true;
}

/* From the end of the last fault until all links work. */
static bool
converge(struct run *r)
{
	struct mesh *m = &r->m;
	uint64_t since = m->sim->now;

	while (!all_good_since(m, since)) {
		if (!run_for(r, SIM_SECOND))
			return false;
		if (m->sim->now > since + PEACE)
			sim_fail(m->sim, "no convergence: some links do not "
			    "work long after the last fault");
	}
	mesh_sample(m, MESH_END, m->sim->now - since);
	return true;
}

/* From now on all SAs live for hours: when the last one of before is gone
 * there is nothing left to do.  What nobody repaired has gone by then, too. */
static bool
outlive(struct run *r)
{
	mesh_configure(&r->m, LONG_LIFE);
	return run_for(r, (2 * (uint64_t)r->m.life + 180) * 1000);
}

static void
whole_run(struct run *r)
{
	struct mesh *m = &r->m;

	if (!run_for(r, (uint64_t)r->o.minutes * SIM_MINUTE))
		return;
	mesh_heal(m);
	if (!converge(r) || !outlive(r))
		return;
	mesh_sweep(m);
	m->quiet = true;
	if (run_for(r, 5 * SIM_SECOND))
		mesh_rest(m);
}

static void
fill_in(struct mesh_options *o)
{
	if (o->hosts == 0)
		o->hosts = DEFAULT_HOSTS;
	if (o->minutes == 0)
		o->minutes = DEFAULT_MINUTES;
	if (o->faults == 0)
		o->faults = 1 + o->minutes * o->hosts / HOSTS_PER_FAULT;
}

static void
note_result(struct run *r, double began)
{
	struct mesh *m = &r->m;
	struct mesh_result *result = r->result;

	result->good = m->sim->failures == 0;
	snprintf(result->failure, sizeof(result->failure), "%s",
	    m->sim->failure);
	result->failed_at = m->sim->now - m->start;
	result->trace = m->sim->trace ^ m->sim->steps;
	result->seconds = seconds() - began;
	result->used.n = 0;
	for (size_t i = 0; i < m->nfault; i++)
		if (m->fault[i].took && result->used.n < MESH_LIST_MAX)
			result->used.at[result->used.n++] = (unsigned int)i;
	for (size_t i = 0; i < m->sim->nflow; i++)
		m->stats->packets += m->sim->flow[i]->sent;
	m->stats->datagrams += m->sim->dgrams;
	m->stats->pairs += m->nlink;
	m->stats->crowds += m->sim->crowds;
	m->stats->runs++;
	m->stats->virtual_ms += result->failed_at;
}

void
mesh_run(const struct mesh_options *o, struct crypto *crypto,
    struct mesh_stats *stats, bool (*stop)(void), struct mesh_result *result)
{
	struct run *r = xcalloc(1, sizeof(*r));
	double began = seconds();

	*result = (struct mesh_result){ .good = false };
	r->o = *o;
	fill_in(&r->o);
	r->result = result;
	r->stop = stop;
	r->m = (struct mesh){ .o = &r->o, .stats = stats,
	    .nhost = r->o.hosts, .lacks = MESH_NONE };
	r->m.sim = sim_new(o->seed, crypto, o->verbose);
	r->m.sim->most_pairs = MOST_PAIRS;
	r->m.sim->more_pairs = mesh_lacks("(crowd)") != NULL && !o->strict &&
	    (o->plant == NULL || strcmp(o->plant->name, "crowd") != 0);
	r->m.sim->allowance = 3;
	r->m.start = r->m.sim->now;
	mesh_build(&r->m);
	mesh_traffic(&r->m);
	mesh_plan(&r->m);
	mesh_inject(&r->m);
	mesh_plant(&r->m);
	whole_run(r);
	note_result(r, began);
	sim_free(r->m.sim);
	mesh_unbuild(&r->m);
	free(r);
}
