/* SPDX-License-Identifier: ISC */
/*
 * The plan of what goes wrong: drawn from the seed before anything happens,
 * so that each fault has a number and can be left out without changing the
 * others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "test/sim/mesh.h"

#define WARM_UP		(30 * SIM_SECOND)

/*
 * Repairs that are not there yet: none.  What comes of these faults is counted
 * and reported but is no failure; --strict makes it one.  A row goes when its
 * repair has come.  "(crowd)" is no fault: more than two pairs for a selector;
 * "(mixed)" is what follows when a link recovers from two at once.
 */
static const struct {
	const char	*kind, *lacks;
} lacking[] = {
	{ NULL, NULL },
};

const char *
mesh_lacks(const char *what)
{
	for (size_t i = 0; lacking[i].kind != NULL; i++)
		if (strcmp(lacking[i].kind, what) == 0)
			return lacking[i].lacks;
	return NULL;
}

const char *
mesh_kind_lacks(unsigned int kind)
{
	return mesh_lacks(kind == MESH_MIXED ? "(mixed)" :
	    mesh_kinds[kind].name);
}

unsigned int
mesh_kind_find(const char *name)
{
	for (unsigned int i = 0; i < mesh_nkinds; i++)
		if (strcmp(mesh_kinds[i].name, name) == 0)
			return i;
	return MESH_NONE;
}

/* The plan. */

static unsigned int
weight(const struct mesh_options *o, unsigned int kind)
{
	return o->chosen && !o->with[kind] ? 0 : mesh_kinds[kind].weight;
}

static unsigned int
draw_kind(const struct mesh_options *o, struct rng *r)
{
	unsigned int sum = 0, x, i = 0;

	for (unsigned int k = 0; k < mesh_nkinds; k++)
		sum += weight(o, k);
	x = rng_below(r, sum);
	while (x >= weight(o, i))
		x -= weight(o, i++);
	return i;
}

static void
draw_place(struct mesh *m, struct rng *r, struct mesh_fault *f)
{
	size_t link = rng_below(r, (uint32_t)m->nsteady);
	unsigned int host = rng_below(r, m->nhost);
	unsigned int nats = m->nhost / 20;

	f->a = f->b = host;
	if (mesh_kinds[f->kind].scope == MESH_NATED && nats > 0)
		f->a = f->b = 20 * (host % nats) + 19;
	if (mesh_kinds[f->kind].scope == MESH_LINK && m->nsteady > 0) {
		bool swap = f->size % 2;

		f->a = m->steady[2 * link + swap];
		f->b = m->steady[2 * link + !swap];
	}
}

static bool
concerns(const struct mesh *m, const struct mesh_fault *f)
{
	const struct mesh_host *a = &m->host[f->a], *b = &m->host[f->b];

	switch (mesh_kinds[f->kind].scope) {
	case MESH_NET:
		return true;
	case MESH_NATED:
		return a->nat != NULL;
	case MESH_LINK:
		return f->a != f->b && a->h != NULL && b->h != NULL;
	default:
		return a->h != NULL;
	}
}

void
mesh_plan(struct mesh *m)
{
	const struct mesh_options *o = m->o;
	uint64_t span = (uint64_t)o->minutes * SIM_MINUTE - WARM_UP;
	struct rng r;

	rng_init(&r, o->seed ^ 0xfa17);
	m->nfault = o->faults;
	m->fault = xcalloc(m->nfault + 1, sizeof(*m->fault));
	for (unsigned int i = 0; i < m->nfault; i++) {
		struct mesh_fault *f = &m->fault[i];
		const struct mesh_kind *k;

		f->mesh = m;
		f->id = i;
		f->kind = draw_kind(o, &r);
		k = &mesh_kinds[f->kind];
		f->at = WARM_UP + rng_next(&r) % span;
		f->size = (uint32_t)(rng_next(&r) >> 32);
		f->length = k->most == 0 ? 0 :
		    k->least + rng_below(&r, k->most - k->least + 1);
		draw_place(m, &r, f);
		f->planned = !o->off[f->kind] && mesh_listed(&o->only, i) &&
		    concerns(m, f);
	}
}

/* Carrying it out. */

/* Those that only slow things down should not be felt by links. */
static bool
is_gentle(const struct mesh_kind *k)
{
	return k->slows && !k->breaks;
}

static void
tell_links(struct mesh_fault *f, void (*tell)(struct mesh_link *,
    unsigned int))
{
	struct mesh *m = f->mesh;
	const struct mesh_kind *k = &mesh_kinds[f->kind];
	struct mesh_host *a = &m->host[f->a];

	switch (k->scope) {
	case MESH_NET:
		for (size_t i = 0; i < m->nlink; i++)
			tell(m->links[i], f->kind);
		break;
	case MESH_LINK:
		for (size_t i = 0; i < a->nlink; i++)
			if (a->link[i]->end[0]->index == f->b ||
			    a->link[i]->end[1]->index == f->b)
				tell(a->link[i], f->kind);
		break;
	default:
		for (size_t i = 0; i < a->nlink; i++)
			tell(a->link[i], f->kind);
	}
}

void
mesh_join_faults(struct mesh_link *l)
{
	unsigned int a = l->end[0]->index, b = l->end[1]->index;

	for (size_t i = 0; i < l->mesh->nfault; i++) {
		const struct mesh_fault *f = &l->mesh->fault[i];
		const struct mesh_kind *k = &mesh_kinds[f->kind];

		if (f->began && !is_gentle(k) && (k->scope == MESH_NET ||
		    (k->scope == MESH_LINK ? (a == f->a && b == f->b) ||
		    (a == f->b && b == f->a) : a == f->a || b == f->a)))
			mesh_link_begin(l, f->kind);
	}
}

/* The kernel of an idle host may not know yet what time it is. */
static void
wind_clock(struct sim *sim, const struct mesh_fault *f)
{
	struct sim_host *h = f->mesh->host[f->a].h;

	if (h != NULL)
		kernel_tick(h->kernel, sim->now);
}

static void
end(struct sim *sim, void *ctx)
{
	struct mesh_fault *f = ctx;
	const struct mesh_kind *k = &mesh_kinds[f->kind];

	if (!f->began)
		return;
	f->began = false;
	wind_clock(sim, f);
	if (k->end != NULL)
		k->end(f->mesh, f);
	tell_links(f, is_gentle(k) ? mesh_link_calm : mesh_link_end);
}

static void
slow_down(struct mesh_fault *f, uint64_t until)
{
	struct mesh_host *a = &f->mesh->host[f->a];

	if (mesh_kinds[f->kind].scope == MESH_NET) {
		if (mesh_kind_lacks(f->kind) != NULL)
			f->mesh->lacks = f->kind;
		if (f->mesh->storm < until)
			f->mesh->storm = until;
	} else if (a->slow < until) {
		a->slow = until;
	}
}

static void
begin(struct sim *sim, void *ctx)
{
	struct mesh_fault *f = ctx;
	struct mesh *m = f->mesh;
	const struct mesh_kind *k = &mesh_kinds[f->kind];

	if (m->ended)
		return;
	wind_clock(sim, f);
	if (!k->begin(m, f)) {
		m->stats->of[f->kind].skipped++;
		return;
	}
	if (m->o->tell)
		printf("# %8.1f s, fault %u: %s, h%u h%u, %.1f s\n",
		    (double)(sim->now - m->start) / 1000, f->id, k->name,
		    f->a, f->b, f->length / 1e3);
	f->began = f->took = true;
	m->seen[f->kind]++;
	m->stats->of[f->kind].injected++;
	if (mesh_kind_lacks(f->kind) != NULL && !m->o->strict) {
		m->host[f->a].excused = true;
		m->host[f->a].lacks = f->kind;
	}
	if (k->slows)
		slow_down(f, sim->now + f->length);
	if (!is_gentle(k))
		tell_links(f, mesh_link_begin);
	if (f->length == 0)
		end(sim, f);
	else
		sim_at(sim, sim->now + f->length, end, f);
}

void
mesh_inject(struct mesh *m)
{
	for (size_t i = 0; i < m->nfault; i++)
		if (m->fault[i].planned)
			sim_at(m->sim, m->start + m->fault[i].at, begin,
			    &m->fault[i]);
}

/* What was not promised while it lasted is not due at once. */
static uint64_t
over_now(const struct mesh *m, uint64_t until)
{
	return until < m->sim->now ? until : m->sim->now;
}

static void
wake_up(struct mesh_host *mh)
{
	mh->slow = over_now(mh->mesh, mh->slow);
	if (mh->h == NULL)
		return;
	mh->h->stalled = mh->h->frozen = 0;
	sim_touch(mh->h);
}

void
mesh_heal(struct mesh *m)
{
	for (size_t i = 0; i < m->nfault; i++)
		end(m->sim, &m->fault[i]);
	for (unsigned int i = 0; i < m->nhost; i++)
		wake_up(&m->host[i]);
	m->storm = over_now(m, m->storm);
	m->ended = true;
	m->sim->net = m->fair;
}

void
mesh_cut(struct mesh *m, unsigned int from, unsigned int to, bool on)
{
	uint8_t *n = &m->cuts[(size_t)from * m->nhost + to];

	if (m->host[from].h == NULL || m->host[to].h == NULL || from == to)
		return;
	*n = (uint8_t)(on ? *n + 1 : *n - 1);
	sim_cut(m->host[from].h, m->host[to].h, *n > 0);
}
