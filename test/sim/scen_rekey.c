/* SPDX-License-Identifier: ISC */
/*
 * Short lifetimes under continuous traffic both ways: SAs are renewed before
 * they end, and no packet is lost or sent in the clear.
 */
#include <stdlib.h>
#include <string.h>

#include "test/sim/scen.h"

struct lives {
	const char	*remote, *sainfo;
	const char	*other;		/* b's sainfo, NULL: the same */
	uint32_t	 jitter;
	uint64_t	 ms;
	unsigned int	 renewals;	/* at least so many pairs */
};

static void
renew(struct sim *sim, const struct lives *l)
{
	struct sim_host *host[2];
	struct sim_flow *there, *back;
	uint64_t until;

	sim->net = (struct sim_net){ .delay = 10, .jitter = l->jitter };
	scen_two(sim, host, "esp/transport//require");
	for (int i = 0; i < 2; i++)
		scen_configure(host[i], l->remote, i == 1 &&
		    l->other != NULL ? l->other : l->sainfo);
	if (!scen_talk(sim, host[0], host[1], 20 * SIM_SECOND))
		return;
	sim_run(sim, rng_below(&sim->rng, 1000));
	there = sim_flow_between(host[0], host[1]);
	back = sim_flow_between(host[1], host[0]);
	until = sim->now + l->ms;
	sim_flow_run(there, 100, until);
	sim_flow_run(back, 100, until);
	sim_run(sim, l->ms + SIM_SECOND);
	scen_lossless(sim, there);
	scen_lossless(sim, back);
	scen_nothing_lost(sim);
	if (host[0]->seen[IKE_EVENT_CHILD_UP] < l->renewals ||
	    host[1]->seen[IKE_EVENT_CHILD_UP] < l->renewals)
		sim_fail(sim, "%u and %u pairs made, expected %u",
		    host[0]->seen[IKE_EVENT_CHILD_UP],
		    host[1]->seen[IKE_EVENT_CHILD_UP], l->renewals);
	/* Not many more: nobody makes pairs that nobody needs. */
	if (host[0]->seen[IKE_EVENT_CHILD_UP] > 3 * l->renewals + 3)
		sim_fail(sim, "%u pairs made, expected about %u",
		    host[0]->seen[IKE_EVENT_CHILD_UP], l->renewals);
}

static void
long_phase1(struct sim *sim)
{
	renew(sim, &(struct lives){ "", "lifetime time 60 sec;", NULL, 0,
	    5 * SIM_MINUTE, 5 });
}

static void
short_phase1(struct sim *sim)
{
	renew(sim, &(struct lives){ "lifetime time 40 sec;",
	    "lifetime time 60 sec;", NULL, 0, 5 * SIM_MINUTE, 5 });
}

/* Packets overtake each other while the SAs change. */
static void
jitter(struct sim *sim)
{
	renew(sim, &(struct lives){ "lifetime time 90 sec;",
	    "lifetime time 60 sec;", NULL, 8, 5 * SIM_MINUTE, 5 });
}

static void
with_pfs(struct sim *sim)
{
	renew(sim, &(struct lives){ "",
	    "lifetime time 60 sec; pfs_group modp768;", NULL, 0,
	    5 * SIM_MINUTE, 5 });
}

/* The two sides want different life times. */
static void
uneven(struct sim *sim)
{
	static const char claim[] = "proposal_check claim;";

	if (sim->seed % 2 == 0)
		renew(sim, &(struct lives){ claim, "lifetime time 60 sec;",
		    "lifetime time 100 sec;", 0, 5 * SIM_MINUTE, 4 });
	else
		renew(sim, &(struct lives){ claim, "lifetime time 100 sec;",
		    "lifetime time 60 sec;", 0, 5 * SIM_MINUTE, 3 });
}

/* What the network drops is lost, and little else. */
static void
losses(struct sim *sim)
{
	struct sim_host *host[2];
	struct sim_flow *flow[2];
	uint64_t until;

	scen_two(sim, host, "esp/transport//require");
	for (int i = 0; i < 2; i++)
		scen_configure(host[i], "lifetime time 100 sec;",
		    "lifetime time 60 sec;");
	if (!scen_talk(sim, host[0], host[1], 20 * SIM_SECOND))
		return;
	sim->net = (struct sim_net){ .delay = 10, .loss = 50, .dup = 50 };
	until = sim->now + 5 * SIM_MINUTE;
	for (int i = 0; i < 2; i++) {
		flow[i] = sim_flow_between(host[i], host[!i]);
		sim_flow_run(flow[i], 100, until);
	}
	sim_run(sim, 5 * SIM_MINUTE + SIM_SECOND);
	for (int i = 0; i < 2; i++) {
		/* Half a second's worth of traffic, around a change. */
		if (flow[i]->out[KERNEL_OK] + 5 < flow[i]->sent)
			sim_fail(sim, "%s: %u packets could not leave",
			    host[i]->name, flow[i]->sent -
			    flow[i]->out[KERNEL_OK]);
		if (flow[i]->in[KERNEL_NO_STATE] > 5)
			sim_fail(sim, "%s sent %u packets with an unknown "
			    "SPI", host[i]->name,
			    flow[i]->in[KERNEL_NO_STATE]);
	}
}

/*
 * The network is down while SAs should be renewed, longer than any exchange
 * insists.  Afterwards everything goes on, also over the end of the old SAs.
 */
static void
outage(struct sim *sim, const char *remote, const char *sainfo)
{
	struct sim_host *host[2];
	struct sim_flow *flow[2];
	uint64_t until;

	sim->net = (struct sim_net){ .delay = 10 };
	scen_two(sim, host, "esp/transport//require");
	for (int i = 0; i < 2; i++)
		scen_configure(host[i], remote, sainfo);
	if (!scen_talk(sim, host[0], host[1], 20 * SIM_SECOND))
		return;
	sim_run(sim, 740 * SIM_SECOND);
	sim_cut(host[0], host[1], true);
	sim_cut(host[1], host[0], true);
	sim_run(sim, 90 * SIM_SECOND);
	sim_cut(host[0], host[1], false);
	sim_cut(host[1], host[0], false);
	until = sim->now + 5 * SIM_MINUTE;
	for (int i = 0; i < 2; i++) {
		flow[i] = sim_flow_between(host[i], host[!i]);
		flow[i]->sent = flow[i]->delivered = 0;
		memset(flow[i]->out, 0, sizeof(flow[i]->out));
		memset(flow[i]->in, 0, sizeof(flow[i]->in));
		sim_flow_run(flow[i], 100, until);
	}
	sim_run(sim, 5 * SIM_MINUTE + SIM_SECOND);
	scen_lossless(sim, flow[0]);
	scen_lossless(sim, flow[1]);
}

static void
outage_phase2(struct sim *sim)
{
	outage(sim, "", "lifetime time 1000 sec;");
}

static void
outage_phase1(struct sim *sim)
{
	outage(sim, "lifetime time 1000 sec;", "");
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "long-phase1", long_phase1, 10, 200 },
		{ "short-phase1", short_phase1, 10, 200 },
		{ "jitter", jitter, 10, 200 },
		{ "pfs", with_pfs, 10, 200 },
		{ "uneven", uneven, 10, 200 },
		{ "losses", losses, 20, 400 },
		{ "outage-phase2", outage_phase2, 20, 400 },
		{ "outage-phase1", outage_phase1, 20, 400 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
