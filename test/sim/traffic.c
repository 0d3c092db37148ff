/* SPDX-License-Identifier: ISC */
/* Streams of packets through the hosts' kernels. */
#include <netinet/in.h>

#include <stdlib.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/kernel_int.h"
#include "test/sim/sim.h"

struct sim_flow *
sim_flow(struct sim_host *from, const struct ipsec_selector *sel)
{
	struct sim *sim = from->sim;
	struct sim_flow *f = xcalloc(1, sizeof(*f));

	f->from = from;
	f->sel = *sel;
	f->bytes = 500;
	f->index = sim->nflow;
	f->pair = SIZE_MAX;
	sim->flow = xreallocarray(sim->flow, sim->nflow + 1,
	    sizeof(*sim->flow));
	sim->flow[sim->nflow++] = f;
	return f;
}

struct sim_flow *
sim_flow_between(struct sim_host *a, struct sim_host *b)
{
	struct ipsec_selector sel = { .src = a->addr[0], .dst = b->addr[0],
	    .proto = IPPROTO_UDP };

	sel.src_prefix = addr_bits(&sel.src);
	sel.dst_prefix = addr_bits(&sel.dst);
	sel.src.port = 4000;
	sel.dst.port = 4001;
	return sim_flow(a, &sel);
}

/* Only one end of a pair has a scope: the other one does not know of it. */
static bool
is_of_pair(const struct sim_flow *f, const struct sim_pair *pair)
{
	struct ipsec_selector back = f->sel;

	back.src = f->sel.dst;
	back.dst = f->sel.src;
	if (pair->scope.mark != 0 || pair->scope.if_id != 0)
		return (f->from == pair->a && spd_matches(&pair->sel,
		    &f->sel) && f->scope.mark == pair->scope.mark &&
		    f->scope.if_id == pair->scope.if_id) ||
		    (f->from == pair->b && spd_matches(&pair->sel, &back));
	return spd_matches(&pair->sel, &f->sel) ||
	    spd_matches(&pair->sel, &back);
}

static void
mark_used(struct sim *sim, struct sim_flow *f)
{
	if (f->has_pair) {
		if (f->pair < sim->npair)
			sim->pair[f->pair].used = true;
		return;
	}
	f->has_pair = true;
	f->pair = SIZE_MAX;
	for (size_t i = 0; i < sim->npair; i++)
		if (is_of_pair(f, &sim->pair[i])) {
			sim->pair[i].used = true;
			f->pair = i;
			return;
		}
}

enum kernel_verdict
sim_flow_send(struct sim_flow *f)
{
	struct sim *sim = f->from->sim;
	struct kernel_packet packet;
	struct dgram *d;
	enum kernel_verdict v;

	kernel_tick(f->from->kernel, sim->now);
	mark_used(sim, f);
	v = kernel_output_in(f->from->kernel, &f->scope, &f->sel, f->bytes,
	    &packet);
	f->sent++;
	f->out[v]++;
	if (v == KERNEL_CLEAR && !f->may_clear)
		sim_fail(sim, "%s sent clear text", f->from->name);
	if (v != KERNEL_OK && v != KERNEL_CLEAR)
		return v;
	packet.owner = f->index;
	packet.mark = f->mark;
	d = dgram_new();
	d->is_packet = true;
	d->from = f->from;
	d->src = packet.src;
	d->dst = packet.dst;
	d->packet = packet;
	sim_send(sim, d);
	return v;
}

void
sim_packet_in(struct sim *sim, struct sim_host *h,
    const struct kernel_packet *p)
{
	struct sim_flow *f = sim->flow[p->owner];
	enum kernel_verdict v;

	kernel_tick(h->kernel, sim->now);
	v = kernel_input(h->kernel, p);
	f->in[v]++;
	sim_stray_packet(h, p, v);
	if (v == KERNEL_OK)
		f->delivered++;
	if (v == KERNEL_CLEAR && !f->may_clear)
		sim_fail(sim, "%s took clear text", h->name);
	if (f->arrived != NULL && (v == KERNEL_OK || v == KERNEL_CLEAR))
		f->arrived(f, p->mark);
}

static void
next_packet(struct sim *sim, void *ctx)
{
	struct sim_flow *f = ctx;

	if (sim->now > f->until)
		return;
	sim_flow_send(f);
	sim_at_own(sim, sim->now + f->every, next_packet, f);
}

void
sim_flow_run(struct sim_flow *f, uint64_t every, uint64_t until)
{
	f->every = every;
	f->until = until;
	sim_at(f->from->sim, f->from->sim->now, next_packet, f);
}

uint64_t
sim_flow_until_up(struct sim_flow *f, uint64_t limit)
{
	struct sim *sim = f->from->sim;
	unsigned int before = f->delivered;
	uint64_t start = sim->now;

	while (f->delivered == before && sim->now < start + limit) {
		sim_flow_send(f);
		for (int i = 0; i < 10 && f->delivered == before; i++)
			sim_run(sim, SIM_SECOND / 10);
	}
	return f->delivered > before ? sim->now - start : 0;
}
