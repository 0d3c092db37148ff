/* SPDX-License-Identifier: ISC */
/*
 * Bugs on demand: for each thing that must hold one that breaks it, so that
 * the checks can be seen to find it, and one for the search of a small case.
 */
#include <string.h>

#include "test/sim/mesh.h"

#define SOON		(40 * SIM_SECOND)	/* after the start */

static struct mesh_link *
first_link(struct mesh *m)
{
	for (size_t i = 0; i < m->nlink; i++)
		if (m->links[i]->steady && m->links[i]->good != 0 &&
		    !m->links[i]->excused)
			return m->links[i];
	return NULL;
}

static bool
drop_packets(void *ctx, struct sim *sim, struct dgram *d)
{
	(void)ctx;
	(void)sim;
	return !d->is_packet;
}

/* Negotiations go on, but no packet arrives any more. */
static void
hole(struct sim *sim, void *ctx)
{
	(void)ctx;
	sim->tap = drop_packets;
}

/* One end's policy goes. */
static void
bare(struct sim *sim, void *ctx)
{
	struct mesh_link *l = first_link(ctx);

	(void)sim;
	if (l != NULL)
		sim_policy_flush(l->end[l->asker]->h);
}

struct copy {
	struct ipsec_sa	 sa;
	bool		 found;
};

static int
copy_sa(void *ctx, const struct ipsec_sa *sa)
{
	struct copy *c = ctx;

	if (sa->state == IPSEC_STATE_LARVAL)
		return 0;
	c->sa = *sa;
	c->found = true;
	return 1;
}

/* N more SAs like one that a link sends with, which no engine knows. */
static void
add_copies(struct mesh *m, unsigned int n)
{
	struct mesh_link *l = first_link(m);
	struct ipsec_filter f = { .proto = IPSEC_PROTO_ESP };
	struct copy c = { .found = false };

	if (l == NULL)
		return;
	f.src = l->flow[0]->sel.src;
	f.dst = l->flow[0]->sel.dst;
	ipsec_sa_dump(l->end[0]->h->admin, &f, copy_sa, &c);
	for (unsigned int i = 0; c.found && i < n; i++) {
		c.sa.id.spi = 0x7000 + i;
		c.sa.hard = c.sa.soft = (struct ipsec_lifetime){ 0 };
		ipsec_sa_set(l->end[0]->h->admin, &c.sa, false);
	}
}

static void
crowd(struct sim *sim, void *ctx)
{
	(void)sim;
	add_copies(ctx, 3);
}

/* Reservations that nobody gives back. */
static void
larvae(struct sim *sim, void *ctx)
{
	struct mesh *m = ctx;
	struct mesh_link *l = first_link(m);
	struct ipsec_sa sa = { .id.proto = IPSEC_PROTO_ESP };
	uint32_t spi;

	if (l == NULL)
		return;
	sa.src = l->flow[1]->sel.src;
	sa.id.dst = l->end[0]->h->addr[0];
	for (sa.reqid = 1; sa.reqid <= 4 * l->end[0]->nlink + 20; sa.reqid++)
		ipsec_getspi(l->end[0]->h->admin, &sa, 0x1000, 0xfffffff,
		    &spi);
	sim_at(sim, sim->now + 20 * SIM_SECOND, larvae, m);
}

static int
lose_one(void *ctx, const struct ipsec_sa *sa)
{
	struct mesh_host *mh = ctx;

	kernel_lose_sa(mh->h->kernel, &sa->id);
	kernel_forget_lost(mh->h->kernel);
	return 0;
}

/* A kernel that drops SAs and has no event for it, faster than they are
 * looked for. */
static void
record(struct sim *sim, void *ctx)
{
	struct mesh_link *l = first_link(ctx);

	sim_at(sim, sim->now + 100, record, ctx);
	if (l != NULL)
		ipsec_sa_dump(l->end[0]->h->admin, NULL, lose_one, l->end[0]);
}

/* An engine that is never there. */
static void
mute(struct sim *sim, void *ctx)
{
	struct mesh *m = ctx;
	unsigned int a = m->nsteady > 0 ? m->steady[1] : 0;

	(void)sim;
	if (m->host[a].h != NULL) {
		sim_crash(m->host[a].h, true);
		m->host[a].down = true;
	}
}

/* Half of a pair that nobody will ever remove. */
static void
stray(struct sim *sim, void *ctx)
{
	struct mesh *m = ctx;

	if (m->quiet)
		add_copies(m, 1);
	else
		sim_at(sim, sim->now + SIM_SECOND, stray, m);
}

/* A reservation that comes again and again. */
static void
unrest(struct sim *sim, void *ctx)
{
	struct mesh *m = ctx;
	struct mesh_link *l = first_link(m);
	struct ipsec_sa sa = { .id.proto = IPSEC_PROTO_ESP, .reqid = 77 };
	uint32_t spi;

	sim_at(sim, sim->now + 20 * SIM_SECOND, unrest, m);
	if (l == NULL)
		return;
	kernel_tick(l->end[0]->h->kernel, sim->now);
	sa.src = l->flow[1]->sel.src;
	sa.id.dst = l->end[0]->h->addr[0];
	ipsec_getspi(l->end[0]->h->admin, &sa, 0x1000, 0xfffffff, &spi);
}

/* The same once a disk and a processor have been slow. */
static void
pact(struct sim *sim, void *ctx)
{
	struct mesh *m = ctx;

	if (m->seen[mesh_kind_find("disk")] > 0 &&
	    m->seen[mesh_kind_find("dh")] > 0)
		hole(sim, ctx);
	else
		sim_at(sim, sim->now + SIM_SECOND, pact, m);
}

static const struct plant {
	struct mesh_plant plant;
	uint32_t	at;
	void		(*fn)(struct sim *, void *);
} plants[] = {
	{ { "hole", "black hole: " }, SOON, hole },
	{ { "mute", "black hole: " }, 0, mute },
	{ { "bare", "clear text" }, SOON, bare },
	{ { "crowd", "pairs for one selector" }, SOON, crowd },
	{ { "larvae", " SAs for " }, SOON, larvae },
	{ { "record", "a record of SAs" }, SOON, record },
	{ { "stray", "no single pair" }, SOON, stray },
	{ { "unrest", "left over: " }, SOON, unrest },
	{ { "pact", "black hole: " }, SOON, pact },
};

#define NPLANTS	(sizeof(plants) / sizeof(plants[0]))

const struct mesh_plant *
mesh_plant_at(unsigned int i)
{
	return i < NPLANTS ? &plants[i].plant : NULL;
}

const struct mesh_plant *
mesh_plant_find(const char *name)
{
	for (unsigned int i = 0; i < NPLANTS; i++)
		if (strcmp(plants[i].plant.name, name) == 0)
			return &plants[i].plant;
	return NULL;
}

void
mesh_plant(struct mesh *m)
{
	for (unsigned int i = 0; i < NPLANTS; i++)
		if (m->o->plant == &plants[i].plant)
			sim_at(m->sim, m->start + plants[i].at, plants[i].fn,
			    m);
}
