/* SPDX-License-Identifier: ISC */
/*
 * What must hold.  A link that somebody uses is answered all the time; after
 * a fault, again within the bound of that fault.  Nothing is promised while a
 * network loses much or an engine is kept from working; all the more when that
 * is over.  At rest every link has one pair of SAs that both ends know, and no
 * work is left.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/mesh.h"

#define STEADY_BOUND	5000	/* ms without an answer and without a fault */
#define OPEN_BOUND	15000	/* until the first answer; a lost message
				   costs two seconds */
#define START_BOUND	60000	/* the same when all hosts start at once */
#define REST_WITHIN	(4 * SIM_MINUTE)

static uint64_t
later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void
mesh_sample(struct mesh *m, unsigned int of, uint64_t ms)
{
	struct mesh_samples *s = &m->stats->of[of];

	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 64 : 2 * s->cap;
		s->ms = xreallocarray(s->ms, s->cap, sizeof(*s->ms));
	}
	s->ms[s->n++] = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

/* Faults and links. */

static uint32_t
bound_of(unsigned int kind)
{
	return kind == MESH_START ? START_BOUND : mesh_kinds[kind].bound;
}

/* What a missing repair leaves behind may show up at any time. */
static void
excuse(struct mesh_link *l, unsigned int kind)
{
	if ((kind >= MESH_KINDS && kind != MESH_MIXED) ||
	    l->mesh->o->strict || mesh_kind_lacks(kind) == NULL)
		return;
	l->excused = true;
	l->lacks = kind;
}

static void
suffer(struct mesh_link *l, unsigned int kind)
{
	l->mixed |= l->kind != MESH_NONE && l->kind != kind;
	l->bound = (uint32_t)later(l->mixed ? l->bound : 0, bound_of(kind));
	/* Of one fault its own repair is what is missing. */
	excuse(l, kind);
	if (l->mixed && !l->excused)
		excuse(l, MESH_MIXED);
	l->kind = kind;
	l->calm = MESH_NONE;
	l->clear = l->mesh->sim->now;
}

void
mesh_link_begin(struct mesh_link *l, unsigned int kind)
{
	suffer(l, kind);
	l->active += mesh_kinds[kind].breaks;
}

void
mesh_link_end(struct mesh_link *l, unsigned int kind)
{
	l->active -= mesh_kinds[kind].breaks && l->active > 0;
	suffer(l, kind);
}

void
mesh_link_calm(struct mesh_link *l, unsigned int kind)
{
	excuse(l, kind);
	l->calm = kind;
	l->calm_since = l->mesh->sim->now;
}

/* What lacks its repair says nothing about the recovery from others. */
static bool
counts_for(const struct mesh_link *l, unsigned int kind)
{
	return !l->mixed && (!l->excused || l->lacks == kind);
}

static void
recovered(struct mesh_link *l)
{
	uint64_t now = l->mesh->sim->now;

	if (l->mixed && !l->excused)
		mesh_sample(l->mesh, MESH_MIXED,
		    now - later(l->clear, l->opened));
	else if (counts_for(l, l->kind))
		mesh_sample(l->mesh, l->kind,
		    now - later(l->clear, l->opened));
	l->kind = MESH_NONE;
	l->mixed = false;
}

void
mesh_link_good(struct mesh_link *l, uint64_t asked)
{
	struct mesh *m = l->mesh;

	l->dead &= asked < l->clear;
	if (l->kind != MESH_NONE && l->active == 0 && asked >= l->clear) {
		recovered(l);
	} else if (l->kind == MESH_NONE && l->good < l->opened &&
	    counts_for(l, MESH_OPEN)) {
		mesh_sample(m, MESH_OPEN, m->sim->now - l->opened);
	}
	if (l->calm != MESH_NONE && l->kind == MESH_NONE &&
	    asked >= l->calm_since) {
		if (counts_for(l, l->calm))
			mesh_sample(m, l->calm, m->sim->now -
			    later(l->calm_since, l->opened));
		l->calm = MESH_NONE;
	}
	l->good = later(l->good, asked);
}

/* From when on an answer is due. */
static uint64_t
due_since(const struct mesh_link *l)
{
	uint64_t t = later(later(l->good, l->opened), l->mesh->storm);

	if (l->kind != MESH_NONE)
		t = later(t, l->clear);
	return later(t, later(l->end[0]->slow, l->end[1]->slow));
}

/* How long it may take from then. */
static uint32_t
bound_now(const struct mesh_link *l)
{
	uint64_t bound = l->good >= l->opened ? STEADY_BOUND : OPEN_BOUND;

	if (l->kind != MESH_NONE)
		bound = later(bound, l->bound);
	return (uint32_t)bound;
}

void
mesh_link_check(struct mesh_link *l)
{
	struct mesh *m = l->mesh;
	uint64_t now = m->sim->now, since = due_since(l);

	if (l->active > 0 || l->dead || now <= since + bound_now(l))
		return;
	l->dead = true;
	if (l->excused) {
		m->stats->of[l->lacks].holes++;
		return;
	}
	sim_fail(m->sim, "black hole: %s has no answer from %s since %llu ms "
	    "after %s%s", l->end[l->asker]->h->name,
	    l->end[!l->asker]->h->name, (unsigned long long)(now - since),
	    l->kind == MESH_NONE ? "nothing" : l->kind == MESH_START ?
	    "the start" : mesh_kinds[l->kind].name,
	    l->mixed ? " and others" : "");
}

/* At any time: what one host holds is in proportion to whom it talks to. */
static void
sweep_host(struct mesh_host *mh)
{
	struct sim *sim = mh->mesh->sim;
	struct ike_counts c = sim_counts(mh->h);
	size_t n = mh->nlink, larvals = kernel_larvals(mh->h->kernel);

	sim->at = mh->h->name;
	if (larvals > 4 * n + 8)
		sim_fail(sim, "leak: %zu larval SAs for %zu peers", larvals,
		    n);
	if (kernel_sas(mh->h->kernel) > 8 * n + 8)
		sim_fail(sim, "leak: %zu SAs for %zu peers",
		    kernel_sas(mh->h->kernel), n);
	if (c.sas > 3 * n + 16 || c.children > 3 * n + 16 ||
	    c.exchanges > 3 * n + 16 || c.wants > 2 * n + 16)
		sim_fail(sim, "leak: %zu IKE SAs, %zu children, %zu exchanges, "
		    "%zu wants for %zu peers", c.sas, c.children, c.exchanges,
		    c.wants, n);
	sim->at = NULL;
}

void
mesh_sweep(struct mesh *m)
{
	for (unsigned int i = 0; i < m->nhost; i++)
		if (m->host[i].h != NULL)
			sweep_host(&m->host[i]);
}

/* At rest. */

#define FOUND	4

struct found {
	unsigned int	 n;
	uint32_t	 spi[FOUND];
};

static int
note_sa(void *ctx, const struct ipsec_sa *sa)
{
	struct found *f = ctx;

	if (sa->state == IPSEC_STATE_LARVAL)
		return 0;
	if (f->n < FOUND)
		f->spi[f->n] = sa->id.spi;
	f->n++;
	return 0;
}

static struct found
sas_at(struct mesh_host *at, const struct ipsec_addr *src,
    const struct ipsec_addr *dst)
{
	struct ipsec_filter filter = { .proto = IPSEC_PROTO_ESP, .src = *src,
	    .dst = *dst };
	struct found f = { 0 };

	ipsec_sa_dump(at->h->admin, &filter, note_sa, &f);
	return f;
}

/* One SA that way, the same one at both ends; or none, if nobody talks. */
static bool
way_rests(struct mesh_link *l, int from)
{
	const struct sim_flow *there = l->flow[from], *back = l->flow[!from];
	struct found out = sas_at(l->end[from], &there->sel.src,
	    &there->sel.dst);
	struct found in = sas_at(l->end[!from], &back->sel.dst,
	    &back->sel.src);

	return out.n == in.n && ((out.n == 1 && out.spi[0] == in.spi[0]) ||
	    (out.n == 0 && !l->steady));
}

static void
tell_way(struct mesh_link *l, int from)
{
	const struct sim_flow *there = l->flow[from], *back = l->flow[!from];
	struct found out = sas_at(l->end[from], &there->sel.src,
	    &there->sel.dst);
	struct found in = sas_at(l->end[!from], &back->sel.dst,
	    &back->sel.src);

	sim_fail(l->mesh->sim, "no single pair at rest: from %s to %s %u "
	    "outbound, %u inbound, 0x%x 0x%x, 0x%x 0x%x",
	    l->end[from]->h->name, l->end[!from]->h->name, out.n, in.n,
	    out.spi[0], out.spi[1], in.spi[0], in.spi[1]);
}

static bool
host_rests(struct mesh_host *mh)
{
	struct ike_counts c = sim_counts(mh->h);

	return c.exchanges == 0 && c.wants == 0 && c.sas == c.ready &&
	    kernel_larvals(mh->h->kernel) == 0 && !sim_has_twins(mh->h);
}

static void
tell_rest(struct mesh_host *mh)
{
	struct ike_counts c = sim_counts(mh->h);

	sim_fail(mh->mesh->sim, "left over: at %s %zu exchanges, %zu wants, "
	    "%zu of %zu IKE SAs, %zu larval SAs%s", mh->h->name, c.exchanges,
	    c.wants, c.sas - c.ready, c.sas, kernel_larvals(mh->h->kernel),
	    sim_has_twins(mh->h) ? ", two IKE SAs with one peer" : "");
}

/* How many are not seen at rest yet; TELL: are failures. */
static size_t
restless(struct mesh *m, bool *rested, bool tell)
{
	size_t n = 0;

	for (unsigned int i = 0; i < m->nhost; i++) {
		if (m->host[i].h == NULL || rested[i])
			continue;
		rested[i] = host_rests(&m->host[i]);
		n += !rested[i];
		if (tell && !rested[i] && m->host[i].excused)
			m->stats->of[m->host[i].lacks].holes++;
		else if (tell && !rested[i])
			tell_rest(&m->host[i]);
	}
	for (size_t i = 0; i < m->nlink; i++) {
		struct mesh_link *l = m->links[i];

		if (l->rested || l->good == 0)
			continue;
		l->rested = way_rests(l, 0) && way_rests(l, 1);
		n += !l->rested;
		if (tell && !l->rested && l->excused)
			m->stats->of[l->lacks].holes++;
		else if (tell && !l->rested)
			tell_way(l, way_rests(l, 0));
	}
	return n;
}

void
mesh_rest(struct mesh *m)
{
	bool *rested = xcalloc(m->nhost, sizeof(*rested));
	uint64_t end = m->sim->now + REST_WITHIN;

	while (restless(m, rested, false) > 0 && m->sim->now < end &&
	    m->sim->failures == 0)
		sim_run(m->sim, SIM_SECOND);
	if (m->sim->failures == 0)
		restless(m, rested, true);
	free(rested);
}
