/* SPDX-License-Identifier: ISC */
/*
 * The model of the traffic: every host asks a few others once a second all
 * the time, and now and then another one for a while.  Some are liked by many
 * (Zipf).  Who is asked answers; a lost question or answer is not repeated.
 */
#include <netinet/in.h>

#include <stdlib.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/mesh.h"

#define EVERY		1000	/* ms between questions */
#define OPEN_EVERY	60000	/* a host opens another link, on average */
#define OPEN_LEAST	20000
#define OPEN_MORE	40000
#define DRAWS		8

static void
arrived(struct sim_flow *f, uint64_t mark)
{
	struct mesh_link *l = f->ctx;
	unsigned int to = f == l->flow[0];
	struct mesh_host *mh = l->end[to];

	if (mh->off || mh->h->frozen > l->mesh->sim->now)
		return;
	if (f->in[KERNEL_CLEAR] != l->bare[!to] && mh->bare == 0)
		sim_fail(l->mesh->sim, "%s took clear text", mh->h->name);
	l->bare[!to] = f->in[KERNEL_CLEAR];
	if (to == l->asker) {
		mesh_link_good(l, mark);
		return;
	}
	l->flow[to]->mark = mark;
	l->flow[to]->may_clear = mh->bare > 0;
	sim_flow_send(l->flow[to]);
}

static struct sim_flow *
make_flow(struct mesh_link *l, const struct mesh_host *from,
    const struct mesh_host *to)
{
	struct ipsec_selector sel = { .src = from->h->addr[0],
	    .dst = to->nat != NULL ? *sim_nat_address(to->nat) :
	    to->h->addr[0], .proto = IPPROTO_UDP };
	struct sim_flow *f;

	sel.src_prefix = addr_bits(&sel.src);
	sel.dst_prefix = addr_bits(&sel.dst);
	sel.src.port = sel.dst.port = 4000;
	f = sim_flow(from->h, &sel);
	f->arrived = arrived;
	f->ctx = l;
	f->has_pair = true;
	f->pair = l->mesh->pair[(size_t)from->index * l->mesh->nhost +
	    to->index];
	return f;
}

static void
add_link(struct mesh_host *mh, struct mesh_link *l)
{
	mh->link = xreallocarray(mh->link, mh->nlink + 1, sizeof(*mh->link));
	mh->link[mh->nlink++] = l;
}

struct mesh_link *
mesh_link(struct mesh *m, unsigned int a, unsigned int b)
{
	struct mesh_link **place = &m->table[a < b ?
	    (size_t)a * m->nhost + b : (size_t)b * m->nhost + a], *l = *place;
	struct mesh_host *x = &m->host[a], *y = &m->host[b];

	if (l != NULL || x->h == NULL || y->h == NULL || a == b ||
	    (x->nat != NULL && y->nat != NULL))
		return l;
	l = *place = xcalloc(1, sizeof(*l));
	l->mesh = m;
	l->end[0] = x;
	l->end[1] = y;
	l->kind = l->calm = MESH_NONE;
	l->excused = m->lacks != MESH_NONE && !m->o->strict;
	l->lacks = m->lacks;
	l->flow[0] = make_flow(l, x, y);
	l->flow[1] = make_flow(l, y, x);
	add_link(x, l);
	add_link(y, l);
	m->links = xreallocarray(m->links, m->nlink + 1, sizeof(*m->links));
	m->links[m->nlink++] = l;
	mesh_join_faults(l);
	return l;
}

static void
ask(struct sim *sim, void *ctx)
{
	struct mesh_link *l = ctx;
	struct mesh_host *mh = l->end[l->asker];
	struct sim_flow *f = l->flow[l->asker];

	if (l->mesh->quiet || sim->now >= l->until) {
		l->open = false;
		return;
	}
	mesh_link_check(l);
	if (!mh->off && mh->h->frozen <= sim->now) {
		f->mark = sim->now;
		f->may_clear = mh->bare > 0;
		sim_flow_send(f);
	}
	sim_at_own(sim, sim->now + EVERY - EVERY / 10 +
	    rng_below(&mh->rng, EVERY / 5), ask, l);
}

/* A opens it, unless only the other one can, which is behind a NAT box. */
static void
open_link(struct mesh_link *l, const struct mesh_host *a, uint64_t length)
{
	struct sim *sim = l->mesh->sim;

	if (l->open)
		return;
	l->open = true;
	l->asker = l->end[1]->nat != NULL ||
	    (l->end[0]->nat == NULL && l->end[1] == a);
	l->opened = sim->now;
	l->until = length == 0 ? UINT64_MAX : sim->now + length;
	l->steady |= length == 0;
	sim_at_own(sim, sim->now, ask, l);
}

/* Draws the same numbers whoever of the others is kept. */
static void
open_some(struct sim *sim, void *ctx)
{
	struct mesh_host *mh = ctx;
	struct mesh *m = mh->mesh;
	unsigned int b = mh->index;
	uint64_t length;
	struct mesh_link *l;
	struct rng r;

	if (m->quiet)
		return;
	rng_init(&r, rng_next(&mh->rng));
	for (int i = 0; i < DRAWS && b == mh->index; i++)
		b = mesh_draw(m, &r);
	length = OPEN_LEAST + rng_below(&r, OPEN_MORE);
	l = mesh_link(m, mh->index, b);
	if (l != NULL && !mh->off)
		open_link(l, mh, length);
	sim_at_own(sim, sim->now + OPEN_EVERY / 2 + rng_below(&r, OPEN_EVERY),
	    open_some, mh);
}

static void
open_steady(struct sim *sim, void *ctx)
{
	struct mesh *m = ctx;

	(void)sim;
	for (size_t i = 0; i < m->nsteady; i++) {
		unsigned int a = m->steady[2 * i];
		struct mesh_link *l = mesh_link(m, a, m->steady[2 * i + 1]);

		if (l == NULL)
			continue;
		l->kind = MESH_START;
		l->clear = sim->now;
		open_link(l, &m->host[a], 0);
	}
}

void
mesh_traffic(struct mesh *m)
{
	struct sim *sim = m->sim;

	sim_at_own(sim, sim->now + SIM_SECOND, open_steady, m);
	for (unsigned int i = 0; i < m->nhost; i++)
		if (m->host[i].h != NULL)
			sim_at_own(sim, sim->now + SIM_SECOND +
			    rng_below(&m->host[i].rng, OPEN_EVERY), open_some,
			    &m->host[i]);
}
