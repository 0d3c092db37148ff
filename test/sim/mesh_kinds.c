/* SPDX-License-Identifier: ISC */
/* What can go wrong. */
#include <stdlib.h>

#include "libipsec/addr.h"
#include "test/sim/mesh.h"

#define DAY_MS	(24 * SIM_HOUR)

static struct mesh_host *
host_of(struct mesh *m, const struct mesh_fault *f)
{
	return &m->host[f->a];
}

/* Nothing new can happen to a host that is being started or suspended. */
static bool
busy(const struct mesh_host *mh)
{
	return mh->off || mh->down || mh->h->stalled > mh->mesh->sim->now;
}

/* The network. */

static bool
lose(struct mesh *m, struct mesh_fault *f)
{
	m->sim->net.loss = 50 + f->size % 250;
	return true;
}

static void
lose_no_more(struct mesh *m, struct mesh_fault *f)
{
	(void)f;
	m->sim->net.loss = m->fair.loss;
}

static bool
delay(struct mesh *m, struct mesh_fault *f)
{
	m->sim->net.delay = 50 + f->size % 300;
	return true;
}

static void
delay_no_more(struct mesh *m, struct mesh_fault *f)
{
	(void)f;
	m->sim->net.delay = m->fair.delay;
}

static bool
reorder(struct mesh *m, struct mesh_fault *f)
{
	m->sim->net.reorder = 100 + f->size % 300;
	m->sim->net.reorder_by = 1000;
	m->sim->net.jitter = 20;
	return true;
}

static void
reorder_no_more(struct mesh *m, struct mesh_fault *f)
{
	(void)f;
	m->sim->net.reorder = m->fair.reorder;
	m->sim->net.jitter = m->fair.jitter;
}

static bool
duplicate(struct mesh *m, struct mesh_fault *f)
{
	m->sim->net.dup = 100 + f->size % 300;
	return true;
}

static void
duplicate_no_more(struct mesh *m, struct mesh_fault *f)
{
	(void)f;
	m->sim->net.dup = m->fair.dup;
}

static bool
part(struct mesh *m, struct mesh_fault *f)
{
	mesh_cut(m, f->a, f->b, true);
	return true;
}

static void
join(struct mesh *m, struct mesh_fault *f)
{
	mesh_cut(m, f->a, f->b, false);
}

/* A host's side depends on its number alone, not on who is kept. */
static bool
far_side(const struct mesh_fault *f, unsigned int i)
{
	struct rng r;

	rng_init(&r, (uint64_t)f->size << 32 | i);
	return rng_below(&r, 3) == 0;
}

/* One way or both. */
static void
cut_sides(struct mesh *m, const struct mesh_fault *f, bool on)
{
	for (unsigned int i = 0; i < m->nhost; i++)
		for (unsigned int j = 0; j < m->nhost; j++)
			if (far_side(f, i) && !far_side(f, j)) {
				mesh_cut(m, i, j, on);
				if (f->size % 2 == 0)
					mesh_cut(m, j, i, on);
			}
}

static bool
split(struct mesh *m, struct mesh_fault *f)
{
	cut_sides(m, f, true);
	return true;
}

static void
unite(struct mesh *m, struct mesh_fault *f)
{
	cut_sides(m, f, false);
}

static bool
rebind(struct mesh *m, struct mesh_fault *f)
{
	sim_nat_forget(host_of(m, f)->nat);
	return true;
}

/* Machines and engines. */

static bool
power_off(struct mesh *m, struct mesh_fault *f)
{
	struct mesh_host *mh = host_of(m, f);

	if (busy(mh))
		return false;
	sim_crash(mh->h, false);
	mh->h->unplugged = true;
	mh->off = true;
	return true;
}

static void
power_on(struct mesh *m, struct mesh_fault *f)
{
	struct mesh_host *mh = host_of(m, f);

	mh->h->unplugged = false;
	mh->off = false;
	sim_policy_reload(mh->h);
	sim_start(mh->h);
}

static bool
kill_engine(struct mesh *m, struct mesh_fault *f)
{
	struct mesh_host *mh = host_of(m, f);

	if (busy(mh))
		return false;
	sim_crash(mh->h, true);
	mh->down = true;
	return true;
}

static bool
stop_engine(struct mesh *m, struct mesh_fault *f)
{
	struct mesh_host *mh = host_of(m, f);

	if (busy(mh))
		return false;
	sim_stop(mh->h);
	mh->down = true;
	return true;
}

static void
start_engine(struct mesh *m, struct mesh_fault *f)
{
	struct mesh_host *mh = host_of(m, f);

	mh->down = false;
	sim_start(mh->h);
}

/* Seconds mostly, hours now and then; backwards every other time. */
static bool
set_clock(struct mesh *m, struct mesh_fault *f)
{
	uint32_t most = f->size % 4 == 0 ? DAY_MS : SIM_MINUTE;
	int64_t by = 1000 + f->size / 8 % most;

	kernel_set_clock(host_of(m, f)->h->kernel,
	    f->size / 4 % 2 == 0 ? -by : by);
	return true;
}

static bool
suspend(struct mesh *m, struct mesh_fault *f)
{
	struct mesh_host *mh = host_of(m, f);

	if (busy(mh))
		return false;
	sim_freeze(mh->h, f->length);
	return true;
}

static bool
stall(struct mesh *m, struct mesh_fault *f)
{
	struct mesh_host *mh = host_of(m, f);

	if (busy(mh))
		return false;
	sim_stall(mh->h, f->length);
	return true;
}

static bool
slow_jobs(struct mesh *m, struct mesh_fault *f)
{
	host_of(m, f)->h->job_delay = 200 + f->size % 2000;
	return true;
}

static void
fast_jobs(struct mesh *m, struct mesh_fault *f)
{
	host_of(m, f)->h->job_delay = 2;
}

/* Policies. */

static bool
is_with(const struct ipsec_policy *p, const struct mesh_host *other)
{
	const struct ipsec_addr *a = &other->h->addr[0];

	if (other->nat != NULL)
		a = sim_nat_address(other->nat);
	return addr_equal(&p->sel.src, a) || addr_equal(&p->sel.dst, a);
}

static bool
remove_policies(struct mesh *m, struct mesh_fault *f)
{
	struct mesh_host *mh = host_of(m, f);

	if (mh->off)
		return false;
	for (size_t i = 0; i < mh->h->npolicy; i++)
		if (is_with(&mh->h->policy[i], &m->host[f->b]))
			ipsec_policy_delete(mh->h->admin, &mh->h->policy[i]);
	mh->bare++;
	return true;
}

static void
restore_policies(struct mesh *m, struct mesh_fault *f)
{
	struct mesh_host *mh = host_of(m, f);

	if (!mh->off)
		for (size_t i = 0; i < mh->h->npolicy; i++)
			if (is_with(&mh->h->policy[i], &m->host[f->b]))
				ipsec_policy_set(mh->h->admin,
				    &mh->h->policy[i], true);
	mh->bare--;
}

/* setkey -f with a file that begins with flush and spdflush is two faults:
 * this one and `sa_flush'. */
static bool
reload_policies(struct mesh *m, struct mesh_fault *f)
{
	struct mesh_host *mh = host_of(m, f);

	if (mh->off)
		return false;
	sim_policy_flush(mh->h);
	sim_policy_reload(mh->h);
	return true;
}

/* One more for the same two hosts, for a moment. */
static bool
add_policies(struct mesh *m, struct mesh_fault *f)
{
	struct mesh_host *mh = host_of(m, f);

	if (mh->off)
		return false;
	for (size_t i = 0; i < mh->h->npolicy; i++) {
		struct ipsec_policy p = mh->h->policy[i];

		if (!is_with(&p, &m->host[f->b]))
			continue;
		p.index = 0;
		p.sel.proto = 6;
		p.sel.dst.port = (uint16_t)(1 + f->size % 1000);
		p.priority--;
		ipsec_policy_set(mh->h->admin, &p, true);
		/* its pairs could not be told from the other ones' */
		ipsec_policy_delete(mh->h->admin, &p);
	}
	return true;
}

/* SAs. */

struct pick {
	struct ipsec_sa_id id;
	bool		 found;
};

static int
pick_sa(void *ctx, const struct ipsec_sa *sa)
{
	struct pick *p = ctx;

	if (sa->state == IPSEC_STATE_LARVAL)
		return 0;
	p->id = sa->id;
	p->found = true;
	return 1;
}

/* The newest SA of A's with B, one way or the other. */
static bool
pick_of_link(struct mesh *m, const struct mesh_fault *f, struct pick *p)
{
	const struct mesh_link *l = m->table[f->a < f->b ?
	    (size_t)f->a * m->nhost + f->b : (size_t)f->b * m->nhost + f->a];
	struct ipsec_filter filter = { .proto = IPSEC_PROTO_ESP };
	const struct ipsec_selector *sel;

	p->found = false;
	if (l == NULL || m->host[f->a].off)
		return false;
	sel = &l->flow[l->end[1]->index == f->a]->sel;
	filter.src = f->size / 2 % 2 != 0 ? sel->src : sel->dst;
	filter.dst = f->size / 2 % 2 != 0 ? sel->dst : sel->src;
	ipsec_sa_dump(m->host[f->a].h->admin, &filter, pick_sa, p);
	return p->found;
}

static bool
delete_sa(struct mesh *m, struct mesh_fault *f)
{
	struct pick p;

	if (!pick_of_link(m, f, &p))
		return false;
	ipsec_sa_delete(host_of(m, f)->h->admin, &p.id);
	return true;
}

static bool
lose_sa(struct mesh *m, struct mesh_fault *f)
{
	struct pick p;

	if (!pick_of_link(m, f, &p))
		return false;
	kernel_lose_sa(host_of(m, f)->h->kernel, &p.id);
	return true;
}

static bool
flush_sas(struct mesh *m, struct mesh_fault *f)
{
	struct mesh_host *mh = host_of(m, f);

	if (mh->off)
		return false;
	ipsec_flush(mh->h->admin, IPSEC_FLUSH_SA, 0);
	return true;
}

static bool
lose_events(struct mesh *m, struct mesh_fault *f)
{
	kernel_set_queue(host_of(m, f)->h->kernel, f->size % 3);
	return true;
}

static void
lose_no_events(struct mesh *m, struct mesh_fault *f)
{
	kernel_set_queue(host_of(m, f)->h->kernel, 1000);
}

#define S	SIM_SECOND
/* Phase 1 begins again after some seconds; then it may lose a message. */
#define RETRY	(20 * SIM_SECOND)

/* name, weight, scope; least and most it lasts; breaks, slows; bound */
const struct mesh_kind mesh_kinds[] = {
	{ "loss", 2, MESH_NET, 10 * S, 60 * S, false, true, 20 * S,
	    lose, lose_no_more },
	{ "delay", 1, MESH_NET, 10 * S, 60 * S, false, true, 20 * S,
	    delay, delay_no_more },
	{ "reorder", 1, MESH_NET, 10 * S, 60 * S, false, true, 20 * S,
	    reorder, reorder_no_more },
	{ "duplicate", 1, MESH_NET, 10 * S, 60 * S, false, true, 20 * S,
	    duplicate, duplicate_no_more },
	{ "partition", 8, MESH_LINK, 2 * S, 120 * S, true, false, RETRY,
	    part, join },
	{ "split", 1, MESH_NET, 2 * S, 120 * S, true, false, RETRY,
	    split, unite },
	{ "nat", 4, MESH_NATED, 0, 0, false, false, 15 * S, rebind, NULL },
	{ "reboot", 6, MESH_HOST, 5 * S, 60 * S, true, false, 15 * S,
	    power_off, power_on },
	{ "crash", 4, MESH_HOST, 2 * S, 120 * S, true, false, 15 * S,
	    kill_engine, start_engine },
	{ "kill", 4, MESH_HOST, 100, 2 * S, false, true, 10 * S,
	    kill_engine, start_engine },
	{ "restart", 6, MESH_HOST, 500, 3 * S, false, true, 10 * S,
	    stop_engine, start_engine },
	{ "clock", 4, MESH_HOST, 0, 0, false, false, 5 * S, set_clock, NULL },
	{ "suspend", 4, MESH_HOST, 2 * S, 120 * S, true, false, 20 * S,
	    suspend, NULL },
	{ "spd_remove", 6, MESH_LINK, 1 * S, 60 * S, true, false, 35 * S,
	    remove_policies, restore_policies },
	{ "spd_reload", 6, MESH_HOST, 0, 0, false, false, 5 * S,
	    reload_policies, NULL },
	{ "spd_add", 4, MESH_LINK, 0, 0, false, false, 5 * S, add_policies,
	    NULL },
	{ "sa_delete", 8, MESH_LINK, 0, 0, false, false, 10 * S, delete_sa,
	    NULL },
	{ "sa_lost", 8, MESH_LINK, 0, 0, false, false, 10 * S, lose_sa,
	    NULL },
	{ "sa_flush", 4, MESH_HOST, 0, 0, false, false, 15 * S, flush_sas,
	    NULL },
	{ "events", 6, MESH_HOST, 5 * S, 60 * S, true, false, 20 * S,
	    lose_events, lose_no_events },
	{ "disk", 6, MESH_HOST, 300, 8 * S, false, true, 15 * S, stall,
	    NULL },
	{ "dh", 6, MESH_HOST, 20 * S, 90 * S, false, true, 20 * S, slow_jobs,
	    fast_jobs },
};

const unsigned int mesh_nkinds = sizeof(mesh_kinds) / sizeof(mesh_kinds[0]);
