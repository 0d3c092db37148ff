/* SPDX-License-Identifier: ISC */
/*
 * Two hosts and a network that loses, doubles and reorders 30 % each: the
 * pair comes up with every seed, and at rest all is as without loss.
 */
#include "test/sim/scen.h"
#include "wire/isakmp.h"

#define UP_WITHIN	(5 * SIM_MINUTE)
#define REST_WITHIN	(3 * SIM_MINUTE)

static void
bad_network(struct sim *sim)
{
	sim->net = (struct sim_net){ .loss = 300, .dup = 300, .reorder = 300,
	    .delay = 10, .jitter = 30, .reorder_by = 500 };
}

static void
good_network(struct sim *sim)
{
	sim->net = (struct sim_net){ .delay = 10 };
}

/* Twenty packets each way, none lost. */
static void
all_arrive(struct sim *sim, struct sim_flow *f)
{
	unsigned int before = f->delivered;

	for (int i = 0; i < 20; i++) {
		sim_flow_send(f);
		sim_run(sim, 50);
	}
	sim_run(sim, SIM_SECOND);
	if (f->delivered != before + 20)
		sim_fail(sim, "%u of 20 packets of %s arrived on a good "
		    "network", f->delivered - before, f->from->name);
}

static void
come_to_rest(struct sim *sim, struct sim_flow *there, struct sim_flow *back)
{
	good_network(sim);
	sim_run(sim, 10 * SIM_SECOND);
	/* What was lost on the way may need one more round. */
	sim_expect(sim, sim_flow_until_up(there, UP_WITHIN) > 0,
	    "nothing gets through a good network");
	sim_expect(sim, sim_flow_until_up(back, UP_WITHIN) > 0,
	    "nothing gets back through a good network");
	all_arrive(sim, there);
	all_arrive(sim, back);
	sim_settle(sim, REST_WITHIN);
	sim_check(sim);
}

static void
one_side(struct sim *sim)
{
	struct sim_host *host[2];
	struct sim_flow *there, *back;

	bad_network(sim);
	scen_two(sim, host, "esp/transport//require");
	there = sim_flow_between(host[0], host[1]);
	back = sim_flow_between(host[1], host[0]);
	if (!sim_expect(sim, sim_flow_until_up(there, UP_WITHIN) > 0,
	    "the pair did not come up") ||
	    !sim_expect(sim, sim_flow_until_up(back, UP_WITHIN) > 0,
	    "no packet got back"))
		return;
	come_to_rest(sim, there, back);
}

/* Both begin, and go on sending all the time. */
static void
both_sides(struct sim *sim)
{
	struct sim_host *host[2];
	struct sim_flow *there, *back;
	uint64_t until = sim->now + 2 * SIM_MINUTE;

	bad_network(sim);
	scen_two(sim, host, "esp/transport//require");
	there = sim_flow_between(host[0], host[1]);
	back = sim_flow_between(host[1], host[0]);
	sim_flow_run(there, 700, until);
	sim_run(sim, rng_below(&sim->rng, 3 * SIM_SECOND));
	sim_flow_run(back, 900, until);
	sim_run(sim, until - sim->now);
	sim_expect(sim, there->delivered > 0 && back->delivered > 0,
	    "the pair did not come up");
	come_to_rest(sim, there, back);
}

/* No third message of quick mode arrives, and no informational. */
static bool
no_third(void *ctx, struct sim *sim, struct dgram *d)
{
	(void)ctx;
	(void)sim;
	if (d->is_packet || d->data.n < 28)
		return true;
	return d->data.p[18] != ISAKMP_ETYPE_INFO &&
	    (d->data.p[18] != ISAKMP_ETYPE_QUICK || d->data.n > 64);
}

/* The initiator uses the pair: its packets say what the message would. */
static void
third_lost(struct sim *sim)
{
	struct sim_host *host[2];
	struct sim_flow *there, *back;

	scen_two(sim, host, "esp/transport//require");
	there = sim_flow_between(host[0], host[1]);
	back = sim_flow_between(host[1], host[0]);
	sim->tap = no_third;
	sim_flow_run(there, 500, sim->now + 30 * SIM_SECOND);
	sim_run(sim, 31 * SIM_SECOND);
	sim->tap = NULL;
	all_arrive(sim, there);
	all_arrive(sim, back);
	sim_expect(sim, host[0]->seen[IKE_EVENT_CHILD_UP] == 1,
	    "more than one pair was made");
	sim_settle(sim, REST_WITHIN);
	sim_check(sim);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "one-side", one_side, 200, 5000 },
		{ "third-lost", third_lost, 1, 10 },
		{ "both-sides", both_sides, 100, 2000 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
