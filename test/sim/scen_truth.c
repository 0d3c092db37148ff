/* SPDX-License-Identifier: ISC */
/*
 * What racoon knows and what the kernel has drift apart: SAs and policies
 * change and nobody tells, or tells too much at once.  The kernel is right,
 * and within minutes both agree again.
 */
#include "test/sim/scen.h"

#define SLOW	(6 * SIM_MINUTE)	/* the reconciler's pace, and some */

struct pair {
	struct sim_host	*host[2];
	struct sim_flow	*there, *back;
};

static void
start(struct sim *sim, struct pair *p, const char *sainfo)
{
	sim->net = (struct sim_net){ .delay = 10 };
	scen_two(sim, p->host, "esp/transport//require");
	for (int i = 0; i < 2; i++)
		scen_configure(p->host[i], "", sainfo);
	scen_talk(sim, p->host[0], p->host[1], 20 * SIM_SECOND);
	sim_run(sim, SIM_SECOND);
}

static void
talk(struct pair *p, uint64_t ms)
{
	struct sim *sim = p->host[0]->sim;

	p->there = sim_flow_between(p->host[0], p->host[1]);
	p->back = sim_flow_between(p->host[1], p->host[0]);
	sim_flow_run(p->there, 200, sim->now + ms);
	sim_flow_run(p->back, 200, sim->now + ms);
}

static unsigned int
sas(struct sim_host *h)
{
	struct sim_count mature = { .mature = true };

	return sim_count_sas(h, &mature);
}

static void
one_pair(struct sim *sim, struct pair *p)
{
	sim_settle(sim, SIM_MINUTE);
	sim_check(sim);
	sim_expect(sim, sas(p->host[0]) == 2 && sas(p->host[1]) == 2,
	    "not just one pair");
}

static int
delete_one(void *ctx, const struct ipsec_sa *sa)
{
	struct sim_host *h = ctx;

	if (sa->state == IPSEC_STATE_LARVAL)
		return 0;
	return ipsec_sa_delete(h->admin, &sa->id) == 0 ? 1 : -1;
}

/* An SA goes, and no event tells. */
static void
silent_delete(struct sim *sim)
{
	static const struct ipsec_filter all;
	struct sim_host *h;
	struct pair p;

	start(sim, &p, "");
	h = p.host[sim->seed % 2];
	h->drifted = true;
	kernel_mute(h->kernel, true);
	sim_expect(sim, ipsec_sa_dump(h->admin, &all, delete_one, h) == 1,
	    "nothing to delete");
	kernel_mute(h->kernel, false);
	sim_run(sim, SLOW);
	h->drifted = false;
	sim_expect(sim, sim_stats(h).reconciled == 1, "not repaired");
	sim_expect(sim, sas(p.host[0]) == 0 && sas(p.host[1]) == 0,
	    "half a pair is left");
	scen_talk(sim, p.host[0], p.host[1], 10 * SIM_SECOND);
	one_pair(sim, &p);
}

/* The soft limit passes unheard. */
static void
silent_expire(struct sim *sim)
{
	struct pair p;

	start(sim, &p, "");		/* 30 minutes */
	talk(&p, 31 * SIM_MINUTE);
	sim_run(sim, 20 * SIM_MINUTE);
	for (int i = 0; i < 2; i++)
		kernel_mute(p.host[i]->kernel, true);
	sim_run(sim, 9 * SIM_MINUTE);	/* 29: both soft limits are over */
	for (int i = 0; i < 2; i++)
		kernel_mute(p.host[i]->kernel, false);
	sim_run(sim, 3 * SIM_MINUTE);
	scen_lossless(sim, p.there);
	scen_lossless(sim, p.back);
	one_pair(sim, &p);
}

/* Nothing is wrong: nothing is touched. */
static void
peace(struct sim *sim)
{
	struct pair p;

	start(sim, &p, "");
	talk(&p, 16 * SIM_MINUTE);
	sim_run(sim, 17 * SIM_MINUTE);
	scen_lossless(sim, p.there);
	scen_lossless(sim, p.back);
	for (int i = 0; i < 2; i++)
		sim_expect(sim, sim_stats(p.host[i]).reconciled == 0 &&
		    sim_stats(p.host[i]).phase2_started == 1,
		    "repaired what was whole");
	one_pair(sim, &p);
}

/* The policies go, for good or for less than half a minute. */
static void
policies_gone(struct sim *sim)
{
	bool back = sim->seed % 2 == 1;
	struct pair p;

	start(sim, &p, "");
	sim_run(sim, rng_below(&sim->rng, 200000));
	sim_policy_flush(p.host[0]);
	if (back) {
		sim_run(sim, 20 * SIM_SECOND);
		sim_policy_reload(p.host[0]);
	}
	sim_run(sim, SLOW + SIM_MINUTE);
	sim_expect(sim, sas(p.host[0]) == (back ? 2 : 0) &&
	    sas(p.host[1]) == (back ? 2 : 0), back ?
	    "SAs went though there is a policy" : "SAs that nobody wants");
	sim_expect(sim, sim_stats(p.host[0]).reconciled == !back,
	    "counted wrongly");
}

/* A reload gives the policies other reqids: other SAs, and the old ones go,
 * soon, since the kernel asks for what we think it has. */
static void
other_reqid(struct sim *sim)
{
	struct pair p;

	start(sim, &p, "");
	for (int i = 0; i < 2; i++) {
		sim_policy_flush(p.host[i]);
		for (size_t j = 0; j < p.host[i]->npolicy; j++)
			p.host[i]->policy[j].tmpl[0].reqid = 77;
		sim_policy_reload(p.host[i]);
	}
	scen_talk(sim, p.host[0], p.host[1], 10 * SIM_SECOND);
	sim_run(sim, 90 * SIM_SECOND);
	sim_expect(sim, sas(p.host[0]) == 2 && sas(p.host[1]) == 2,
	    "the old pair is still there");
	one_pair(sim, &p);
}

/* A queue for next to nothing, and somebody who flushes and loads. */
static void
overflow(struct sim *sim)
{
	struct pair p;

	start(sim, &p, "lifetime time 300 sec;");
	for (int i = 0; i < 20; i++) {
		struct sim_host *h = p.host[rng_below(&sim->rng, 2)];

		kernel_set_queue(h->kernel, rng_below(&sim->rng, 3));
		kernel_set_acq_expires(h->kernel,
		    1 + rng_below(&sim->rng, 4));
		if (rng_chance(&sim->rng, 500))
			ipsec_flush(h->admin, IPSEC_FLUSH_SA, 0);
		if (rng_chance(&sim->rng, 500))
			sim_policy_flush(h);
		sim_run(sim, rng_below(&sim->rng, 3000));
		sim_policy_reload(h);
		sim_flow_send(sim_flow_between(p.host[0], p.host[1]));
		sim_flow_send(sim_flow_between(p.host[1], p.host[0]));
		sim_run(sim, rng_below(&sim->rng, 20000));
	}
	for (int i = 0; i < 2; i++) {
		kernel_set_queue(p.host[i]->kernel, 1000);
		kernel_set_acq_expires(p.host[i]->kernel, 30);
	}
	scen_talk(sim, p.host[0], p.host[1], SIM_MINUTE);
	sim_run(sim, SIM_MINUTE);
	scen_talk(sim, p.host[0], p.host[1], SIM_MINUTE);
	one_pair(sim, &p);
}

/* The kernel forgets its request before the answer is there. */
static void
impatient(struct sim *sim)
{
	struct pair p;

	sim->net = (struct sim_net){ .delay = 600 };
	scen_two(sim, p.host, "esp/transport//require");
	for (int i = 0; i < 2; i++)
		kernel_set_acq_expires(p.host[i]->kernel, 1);
	talk(&p, SIM_MINUTE);
	sim_run(sim, 20 * SIM_SECOND);
	sim_expect(sim, p.there->delivered > 0 && p.back->delivered > 0,
	    "no pair came up");
	sim_run(sim, SIM_MINUTE);
	one_pair(sim, &p);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "silent_delete", silent_delete, 4, 40 },
		{ "silent_expire", silent_expire, 2, 20 },
		{ "peace", peace, 1, 10 },
		{ "policies_gone", policies_gone, 4, 40 },
		{ "other_reqid", other_reqid, 1, 10 },
		{ "overflow", overflow, 10, 100 },
		{ "impatient", impatient, 2, 20 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
