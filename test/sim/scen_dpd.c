/* SPDX-License-Identifier: ISC */
/*
 * Dead peer detection: a peer that is gone is noticed and brought back by one
 * negotiation, one that is there is left alone, and never are there more than
 * two pairs of SAs for a selector, whatever the network does.
 */
#include "test/sim/scen.h"

#define DPD	"dpd_delay 5; dpd_retry 2; dpd_maxfail 3;"
/* Two delays, since traffic is counted once in a delay, and the questions. */
#define NOTICED	(17 * SIM_SECOND)

struct two {
	struct sim_host	*host[2];
	struct sim_flow	*flow[2];
};

static void
up(struct sim *sim, struct two *t, const char *remote)
{
	sim->blind = true;		/* else that brings it back, too */
	scen_two(sim, t->host, "esp/transport//require");
	for (int i = 0; i < 2; i++)
		scen_configure(t->host[i], remote, "");
	scen_two_pairs(sim);
	t->flow[0] = sim_flow_between(t->host[0], t->host[1]);
	t->flow[1] = sim_flow_between(t->host[1], t->host[0]);
	sim_expect(sim, sim_flow_until_up(t->flow[0], 20 * SIM_SECOND) > 0 &&
	    sim_flow_until_up(t->flow[1], 20 * SIM_SECOND) > 0,
	    "the pair did not come up");
}

static unsigned int
mature(struct sim_host *h)
{
	struct sim_count all = { .mature = true };

	return sim_count_sas(h, &all);
}

static void
back_within(struct sim *sim, struct sim_flow *f, uint64_t ms)
{
	uint64_t took = sim_flow_until_up(f, 10 * ms);

	if (took == 0 || took > ms)
		sim_fail(sim, "back after %llu ms, not %llu",
		    (unsigned long long)took, (unsigned long long)ms);
}

static void
comes_back(struct sim_host *h)
{
	h->unplugged = false;
	sim_policy_reload(h);
	sim_start(h);
}

/* A host is gone for ten minutes.  Whoever speaks first afterwards decides
 * how long it takes: a try of the other's, or nothing. */
static void
dead(struct sim *sim)
{
	struct two t;
	struct sim_host *a, *b;
	struct ike_stats before, after;

	up(sim, &t, DPD);
	a = t.host[0];
	b = t.host[1];
	sim_flow_run(t.flow[0], 500, sim->now + 11 * SIM_MINUTE);
	sim_run(sim, 10 * SIM_SECOND);
	sim_crash(b, false);
	b->unplugged = true;
	sim_run(sim, NOTICED);
	sim_expect(sim, a->seen[IKE_EVENT_PHASE1_DEAD] == 1 &&
	    sim_stats(a).dpd_dead == 1, "a dead peer was not noticed");
	sim_expect(sim, a->seen[IKE_EVENT_PHASE1_DOWN] == 1 &&
	    mature(a) == 0, "a dead peer's SAs are there");
	before = sim_stats(a);
	sim_run(sim, 10 * SIM_MINUTE);
	after = sim_stats(a);
	/* one try lasts 10 s here, and 4 to 6 s are between them */
	sim_expect(sim, after.phase1_started - before.phase1_started <= 44,
	    "no back-off");
	sim_expect(sim, after.phase1_started - before.phase1_started >= 7,
	    "given up");
	comes_back(b);
	if (sim->seed & 1)
		back_within(sim, t.flow[1], 2 * SIM_SECOND);
	else
		back_within(sim, t.flow[0], 20 * SIM_SECOND);
	scen_talk(sim, a, b, 2 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/* The same without traffic: the pair is wanted back all the same. */
static void
wanted_back(struct sim *sim)
{
	struct two t;

	up(sim, &t, DPD);
	sim_crash(t.host[1], false);
	t.host[1]->unplugged = true;
	sim_run(sim, SIM_MINUTE);
	sim_expect(sim, t.host[0]->seen[IKE_EVENT_PHASE1_DEAD] >= 1 &&
	    mature(t.host[0]) == 0, "a dead peer was not noticed");
	comes_back(t.host[1]);
	sim_run(sim, 80 * SIM_SECOND);
	sim_expect(sim, mature(t.host[0]) == 2 && mature(t.host[1]) == 2,
	    "nobody brought the pair back");
	/* a policy that is gone wants nothing */
	sim_crash(t.host[1], false);
	t.host[1]->unplugged = true;
	sim_policy_flush(t.host[0]);
	sim_run(sim, 2 * SIM_MINUTE);
	comes_back(t.host[1]);
	sim_run(sim, 2 * SIM_MINUTE);
	sim_expect(sim, mature(t.host[0]) == 0 && mature(t.host[1]) == 0,
	    "a pair that nobody wants");
}

/* Nobody says anything for an hour: each question is answered. */
static void
idle(struct sim *sim)
{
	struct two t;
	struct ike_stats s;

	up(sim, &t, DPD);
	sim_run(sim, 20 * SIM_MINUTE);
	for (int i = 0; i < 2; i++) {
		s = sim_stats(t.host[i]);
		sim_expect(sim, s.dpd_sent == s.dpd_answered, "no answer");
		sim_expect(sim, s.dpd_dead == 0 && s.phase1_up == 1 &&
		    s.phase2_up == 1, "an idle peer was found dead");
	}
	/* a question is a sign of life, too: one side asks, mostly */
	sim_expect(sim, sim_stats(t.host[0]).dpd_sent +
	    sim_stats(t.host[1]).dpd_sent >= 200, "nobody asked");
}

/* ESP that comes is life enough. */
static void
busy(struct sim *sim)
{
	struct two t;

	up(sim, &t, DPD);
	sim_flow_run(t.flow[0], 700, sim->now + 5 * SIM_MINUTE);
	sim_flow_run(t.flow[1], 700, sim->now + 5 * SIM_MINUTE);
	sim_run(sim, 5 * SIM_MINUTE);
	for (int i = 0; i < 2; i++)
		sim_expect(sim, sim_stats(t.host[i]).dpd_sent == 0,
		    "asked though there was traffic");
}

/* A host boots and says nothing; the other one sends. */
static void
reboot(struct sim *sim)
{
	struct two t;

	up(sim, &t, DPD);
	sim_flow_run(t.flow[0], 500, sim->now + 2 * SIM_MINUTE);
	sim_run(sim, 10 * SIM_SECOND);
	sim_crash(t.host[1], false);
	comes_back(t.host[1]);
	back_within(sim, t.flow[0], NOTICED + 5 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	sim_expect(sim, sim_stats(t.host[0]).phase1_started == 2,
	    "not exactly one negotiation");
}

/* The historical fault: hundreds of SAs after hours of a bad network. */
static void
lossy(struct sim *sim)
{
	struct two t;
	uint64_t end = sim->now + 3 * SIM_HOUR;

	up(sim, &t, DPD);
	sim->net = (struct sim_net){ .loss = 200, .delay = 20, .jitter = 50,
	    .dup = 50, .reorder = 100, .reorder_by = 300 };
	sim_flow_run(t.flow[0], 3000, end);
	sim_flow_run(t.flow[1], 7000, end);
	sim_run(sim, end - sim->now);
	sim->net = (struct sim_net){ .delay = 5 };
	/* of 80 % at best; a peer may be found dead by chance, and is back */
	for (int i = 0; i < 2; i++)
		sim_expect(sim, t.flow[i]->delivered >
		    t.flow[i]->sent / 10 * 7, "a bad network became none");
	scen_talk(sim, t.host[0], t.host[1], SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/* Nothing passes for minutes, in one direction or in both, with traffic. */
static void
partition(struct sim *sim)
{
	struct two t;
	uint64_t end = sim->now + 12 * SIM_MINUTE;

	up(sim, &t, DPD);
	sim_flow_run(t.flow[0], 500, end);
	sim_flow_run(t.flow[1], 700, end);
	sim_run(sim, 10 * SIM_SECOND);
	sim_cut(t.host[0], t.host[1], true);
	sim_cut(t.host[1], t.host[0], (sim->seed & 1) != 0);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_cut(t.host[0], t.host[1], false);
	sim_cut(t.host[1], t.host[0], false);
	back_within(sim, t.flow[0], 20 * SIM_SECOND);
	back_within(sim, t.flow[1], 2 * SIM_SECOND);
	sim_run(sim, end - sim->now);
	scen_talk(sim, t.host[0], t.host[1], SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	for (int i = 0; i < 2; i++)
		sim_expect(sim, sim_stats(t.host[i]).phase1_started <= 48,
		    "no back-off");
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "dead", dead, 4, 100 },
		{ "wanted-back", wanted_back, 4, 100 },
		{ "idle", idle, 2, 20 },
		{ "busy", busy, 2, 20 },
		{ "reboot", reboot, 6, 100 },
		{ "lossy", lossy, 2, 100 },
		{ "partition", partition, 4, 200 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
