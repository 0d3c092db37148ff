/* SPDX-License-Identifier: ISC */
/*
 * Both hosts initiate at nearly the same moment: the seed is the distance in
 * milliseconds, so that every message of one can meet every one of the other.
 * It must end with one pair of SAs.
 */
#include "test/sim/scen.h"

#define DELAY	10

static void
send_packet(struct sim *sim, void *ctx)
{
	(void)sim;
	sim_flow_send(ctx);
}

static void
collide(struct sim *sim, uint64_t distance)
{
	struct sim_host *host[2];
	struct sim_flow *there, *back;

	sim->net = (struct sim_net){ .delay = DELAY };
	scen_two(sim, host, "esp/transport//require");
	there = sim_flow_between(host[0], host[1]);
	back = sim_flow_between(host[1], host[0]);
	sim_at(sim, sim->now + 5, send_packet, there);
	sim_at(sim, sim->now + 5 + distance, send_packet, back);
	sim_run(sim, 2 * SIM_SECOND);
	scen_talk(sim, host[0], host[1], 10 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	scen_talk(sim, host[1], host[0], 5 * SIM_SECOND);
}

static void
by_distance(struct sim *sim)
{
	collide(sim, sim->seed - 1);
}

/* Slow and uneven Diffie-Hellman, uneven network. */
static void
uneven(struct sim *sim)
{
	struct sim_host *host[2];
	struct sim_flow *there, *back;

	sim->net = (struct sim_net){ .delay = 1, .jitter = 60 };
	scen_two(sim, host, "esp/transport//require");
	host[0]->job_delay = rng_below(&sim->rng, 100);
	host[1]->job_delay = rng_below(&sim->rng, 100);
	there = sim_flow_between(host[0], host[1]);
	back = sim_flow_between(host[1], host[0]);
	sim_at(sim, sim->now + rng_below(&sim->rng, 100), send_packet, there);
	sim_at(sim, sim->now + rng_below(&sim->rng, 100), send_packet, back);
	sim_run(sim, 3 * SIM_SECOND);
	scen_talk(sim, host[0], host[1], 10 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "distance", by_distance, 150, 400 },
		{ "uneven", uneven, 100, 2000 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
