/* SPDX-License-Identifier: ISC */
/*
 * The network between the hosts: who gets a datagram, when, how often and
 * from where it seems to come.
 */
#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/sim.h"

#define NAT_FIRST_PORT	10000

/* A mapping of a NAT box: inside address and port to a public port. */
struct nat_map {
	SLIST_ENTRY(nat_map) entry;
	struct ipsec_addr inside;
	uint16_t	 port;
};

/* What it keeps, any peer may use (an endpoint-independent box). */
struct sim_nat {
	struct ipsec_addr addr;
	uint16_t	 next_port;
	SLIST_HEAD(, nat_map) maps;
	struct sim_nat	*next;
};

struct sim_nat *
sim_nat(struct sim *sim, const char *addr)
{
	struct sim_nat *nat = xcalloc(1, sizeof(*nat));

	sim_expect(sim, addr_parse(&nat->addr, addr), "a bad address");
	nat->next_port = NAT_FIRST_PORT;
	SLIST_INIT(&nat->maps);
	nat->next = sim->nats;
	sim->nats = nat;
	return nat;
}

const struct ipsec_addr *
sim_nat_address(const struct sim_nat *nat)
{
	return &nat->addr;
}

void
sim_nat_forget(struct sim_nat *nat)
{
	struct nat_map *m;

	while ((m = SLIST_FIRST(&nat->maps)) != NULL) {
		SLIST_REMOVE_HEAD(&nat->maps, entry);
		free(m);
	}
}

void
sim_network_free(struct sim *sim)
{
	struct sim_nat *nat;

	while ((nat = sim->nats) != NULL) {
		sim->nats = nat->next;
		sim_nat_forget(nat);
		free(nat);
	}
}

/* Partitions. */

static bool
is_cut(const struct sim_host *from, const struct sim_host *to)
{
	return to->index / 8 < from->ncut &&
	    (from->cut[to->index / 8] >> to->index % 8 & 1) != 0;
}

void
sim_cut(struct sim_host *from, struct sim_host *to, bool on)
{
	size_t n = from->sim->nhost / 8 + 1;
	uint8_t bit = (uint8_t)(1u << to->index % 8);

	if (from->ncut < n) {
		from->cut = xreallocarray(from->cut, n, 1);
		memset(from->cut + from->ncut, 0, n - from->ncut);
		from->ncut = n;
	}
	if (on)
		from->cut[to->index / 8] |= bit;
	else
		from->cut[to->index / 8] &= (uint8_t)~bit;
}

/* NAT. */

/* Only UDP passes the box: it has ports to write anew. */
static bool
nat_out(struct dgram *d)
{
	struct sim_nat *nat = d->from != NULL ? d->from->nat : NULL;
	struct nat_map *m;

	if (nat == NULL)
		return true;
	if (d->is_packet && d->packet.nlayer > 0 && !d->packet.udp)
		return false;
	SLIST_FOREACH(m, &nat->maps, entry)
		if (addr_equal_port(&m->inside, &d->src))
			break;
	if (m == NULL) {
		m = xcalloc(1, sizeof(*m));
		m->inside = d->src;
		m->port = nat->next_port++;
		SLIST_INSERT_HEAD(&nat->maps, m, entry);
	}
	d->src = nat->addr;
	d->src.port = m->port;
	return true;
}

static bool
nat_in(struct sim *sim, struct dgram *d)
{
	struct sim_nat *nat = sim->nats;
	struct nat_map *m;

	while (nat != NULL && !addr_equal(&nat->addr, &d->dst))
		nat = nat->next;
	if (nat == NULL)
		return true;
	SLIST_FOREACH(m, &nat->maps, entry)
		if (m->port == d->dst.port)
			break;
	if (m == NULL || (d->is_packet && d->packet.nlayer > 0 &&
	    !d->packet.udp))
		return false;
	d->dst = m->inside;
	return true;
}

/* On the way. */

static void
trace(struct sim *sim, uint64_t value)
{
	sim->trace = (sim->trace ^ value) * 0x100000001b3u;	/* FNV-1a */
	sim->trace ^= sim->trace >> 32;
}

static void
trace_dgram(struct sim *sim, const struct dgram *d)
{
	struct view data = buf_view(&d->data);

	trace(sim, sim->now);
	trace(sim, d->from != NULL ? d->from->index : UINT64_MAX);
	for (size_t i = 0; i < data.n; i++)
		trace(sim, data.p[i]);
	if (d->is_packet && d->packet.nlayer > 0)
		trace(sim, (uint64_t)d->packet.layer[0].spi << 32 |
		    d->packet.layer[0].seq);
}

static void
schedule(struct sim *sim, struct dgram *d)
{
	struct event e = { .type = EVENT_DGRAM, .dgram = d };

	e.when = sim->now + sim->net.delay +
	    rng_below(&sim->rng, sim->net.jitter + 1);
	if (rng_chance(&sim->rng, sim->net.reorder))
		e.when += rng_below(&sim->rng, sim->net.reorder_by + 1);
	queue_add(&sim->queue, &e);
}

void
sim_send(struct sim *sim, struct dgram *d)
{
	sim->dgrams++;
	trace_dgram(sim, d);
	if ((sim->tap != NULL && !sim->tap(sim->tap_ctx, sim, d)) ||
	    (d->from != NULL && d->from->unplugged) || !nat_out(d) ||
	    rng_chance(&sim->rng, sim->net.loss)) {
		sim->lost++;
		dgram_free(d);
		return;
	}
	if (rng_chance(&sim->rng, sim->net.dup))
		schedule(sim, dgram_copy(d));
	schedule(sim, d);
}

void
sim_inject(struct sim *sim, struct dgram *d)
{
	struct event e = { .type = EVENT_DGRAM, .when = sim->now,
	    .dgram = d };

	d->forged = true;
	d->from = NULL;
	sim->forged++;
	queue_add(&sim->queue, &e);
}

void
sim_arrive(struct sim *sim, struct dgram *d)
{
	struct sim_host *h = NULL;

	if (nat_in(sim, d))
		h = sim_host_of(sim, &d->dst);
	if (h != NULL && !d->is_packet && h->stalled > sim->now &&
	    h->frozen <= sim->now) {
		queue_add(&sim->queue, &(struct event){ .type = EVENT_DGRAM,
		    .when = h->stalled, .dgram = d });
		return;
	}
	if (h == NULL || h->unplugged || h->frozen > sim->now ||
	    (d->from != NULL && is_cut(d->from, h))) {
		sim->lost++;
	} else if (d->is_packet) {
		d->packet.src = d->src;
		d->packet.dst = d->dst;
		sim_packet_in(sim, h, &d->packet);
	} else {
		sim_host_datagram(h, d);
	}
	dgram_free(d);
}
