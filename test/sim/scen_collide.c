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
	scen_nothing_lost(sim);
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
	scen_nothing_lost(sim);
}

/*
 * Two quick modes with Diffie-Hellman under one IKE SA cross: whoever began,
 * each is answered and has its pair, and one of two pairs goes.
 */
static void
quick_modes(struct sim *sim)
{
	struct sim_host *host[2];
	struct sim_flow *there, *back;

	sim->net = (struct sim_net){ .delay = DELAY };
	scen_two(sim, host, "esp/transport//require");
	for (int i = 0; i < 2; i++) {
		scen_configure(host[i], "", "pfs_group modp768;");
		host[i]->job_delay = 10;
	}
	scen_talk(sim, host[0], host[1], 20 * SIM_SECOND);
	sim_run(sim, SIM_SECOND);
	for (int i = 0; i < 2; i++)
		ipsec_flush(host[i]->admin, IPSEC_FLUSH_SA, 0);
	sim_run(sim, 2 * SIM_SECOND);
	there = sim_flow_between(host[0], host[1]);
	back = sim_flow_between(host[1], host[0]);
	sim_at(sim, sim->now + 5, send_packet, there);
	sim_at(sim, sim->now + 5 + rng_below(&sim->rng, 60), send_packet,
	    back);
	sim_run(sim, SIM_SECOND);
	scen_talk(sim, host[0], host[1], 1);
	sim_run(sim, 10 * SIM_SECOND);
	for (int i = 0; i < 2; i++)
		if (sim_counts(host[i]).children != 1)
			sim_fail(sim, "%s has %zu pairs after 10 s",
			    host[i]->name, sim_counts(host[i]).children);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	scen_nothing_lost(sim);
	sim_expect(sim, sim_stats(host[0]).phase1_up == 1, "the first IKE SA "
	    "did not serve");
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "distance", by_distance, 150, 400 },
		{ "uneven", uneven, 100, 2000 },
		{ "quick-modes", quick_modes, 100, 2000 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
