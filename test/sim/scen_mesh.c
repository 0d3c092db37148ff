/* SPDX-License-Identifier: ISC */
/*
 * Fifty hosts, every one of which talks to every other one, all of them at
 * about the same time; and one host with very many peers.
 */
#include <stdio.h>

#include "test/sim/scen.h"

#define HOSTS		50
#define UP_WITHIN	(2 * SIM_MINUTE)

static void
until_delivered(struct sim *sim, void *ctx)
{
	struct sim_flow *f = ctx;

	if (f->delivered > 0)
		return;
	sim_flow_send(f);
	sim_at(sim, sim->now + 2 * SIM_SECOND, until_delivered, f);
}

static bool
all_delivered(struct sim *sim, void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < sim->nflow; i++)
		if (sim->flow[i]->delivered == 0)
			return false;
	return true;
}

static void
mesh(struct sim *sim, uint32_t loss, uint32_t spread)
{
	struct sim_host *host[HOSTS];
	char name[24], addr[24];

	sim->net = (struct sim_net){ .delay = 5, .jitter = 10, .loss = loss };
	for (unsigned int i = 0; i < HOSTS; i++) {
		snprintf(name, sizeof(name), "h%u", i);
		snprintf(addr, sizeof(addr), "10.0.0.%u", i + 1);
		host[i] = scen_host(sim, name, addr);
		for (unsigned int j = 0; j < i; j++)
			sim_protect_all(host[j], host[i],
			    "esp/transport//require");
	}
	for (unsigned int i = 0; i < HOSTS; i++)
		sim_start(host[i]);
	for (unsigned int i = 0; i < HOSTS; i++)
		for (unsigned int j = 0; j < HOSTS; j++)
			if (i != j)
				sim_at(sim, sim->now +
				    rng_below(&sim->rng, spread),
				    until_delivered,
				    sim_flow_between(host[i], host[j]));
	sim_expect(sim, sim_run_until(sim, all_delivered, NULL, UP_WITHIN),
	    "not everybody can talk to everybody");
	sim->net.loss = 0;
	sim_run(sim, 10 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	if (loss == 0)
		scen_nothing_lost(sim);
}

static void
perfect(struct sim *sim)
{
	mesh(sim, 0, SIM_SECOND);
}

static void
losses(struct sim *sim)
{
	mesh(sim, 50, 5 * SIM_SECOND);
}

/* All peers at the same instant, one half of them called by the hub. */
static void
star(struct sim *sim, unsigned int peers, uint32_t loss)
{
	struct sim_host *hub = scen_host(sim, "hub", "10.0.0.1"), *h;
	struct sim_count esp = { .proto = IPSEC_PROTO_ESP, .mature = true };
	char name[24], addr[24];
	struct sim_flow *f;

	sim->net = (struct sim_net){ .delay = 5, .jitter = 10, .loss = loss };
	sim_start(hub);
	for (unsigned int i = 0; i < peers; i++) {
		snprintf(name, sizeof(name), "h%u", i);
		snprintf(addr, sizeof(addr), "10.1.%u.%u", i >> 8, i & 255);
		h = scen_host(sim, name, addr);
		sim_protect_all(hub, h, "esp/transport//require");
		sim_start(h);
		f = i % 2 == 0 ? sim_flow_between(hub, h) :
		    sim_flow_between(h, hub);
		sim_at(sim, sim->now, until_delivered, f);
	}
	sim_expect(sim, sim_run_until(sim, all_delivered, NULL, UP_WITHIN),
	    "not every peer came up");
	sim->net.loss = 0;
	sim_run(sim, 10 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	if (loss == 0)
		scen_nothing_lost(sim);
	if (sim_count_sas(hub, &esp) != 2 * peers)
		sim_fail(sim, "%u SAs for %u peers",
		    sim_count_sas(hub, &esp), peers);
}

static void
star_300(struct sim *sim)
{
	star(sim, 300, 0);
}

static void
star_1000(struct sim *sim)
{
	star(sim, 1000, sim->seed % 2 == 0 ? 50 : 0);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "perfect", perfect, 1, 5 },
		{ "losses", losses, 1, 5 },
		{ "star", star_300, 1, 1 },
		{ "big-star", star_1000, 0, 2 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
