/* SPDX-License-Identifier: ISC */
/*
 * setkey runs in the middle of a negotiation: after every single event of it
 * the policies (or the SAs, or both) of one or both hosts are flushed, and
 * loaded again at once or a moment later.
 */
#include "test/sim/scen.h"
#include "wire/isakmp.h"

#define ETYPE_AT	18	/* of a datagram's bytes: the exchange type */
#define STEPS	17		/* events of an undisturbed negotiation */

struct plan {
	struct sim_host	*host[2];
	uint64_t	step;		/* after which event */
	unsigned int	who;		/* bits: hosts */
	bool		policies, sas, done;
	uint32_t	gap;		/* ms until the policies are back */
};

static void
reload(struct sim *sim, void *ctx)
{
	struct plan *p = ctx;

	(void)sim;
	for (int i = 0; i < 2; i++)
		if ((p->who >> i & 1) != 0)
			sim_policy_reload(p->host[i]);
}

static void
after_step(struct sim *sim, void *ctx)
{
	struct plan *p = ctx;

	if (p->done || sim->steps < p->step)
		return;
	p->done = true;
	for (int i = 0; i < 2; i++) {
		if ((p->who >> i & 1) == 0)
			continue;
		if (p->sas)
			ipsec_flush(p->host[i]->admin, IPSEC_FLUSH_SA, 0);
		if (p->policies)
			sim_policy_flush(p->host[i]);
	}
	if (p->gap == 0)
		reload(sim, p);
	else
		sim_at(sim, sim->now + p->gap, reload, p);
}

static void
run(struct sim *sim, bool policies, bool sas)
{
	static const uint32_t gaps[] = { 0, 0, 40, 3000 };
	struct plan p = { .policies = policies, .sas = sas };
	struct sim_flow *f;

	p.who = 1 + (unsigned int)(sim->seed % 3);
	p.step = (sim->seed - 1) / 3 % STEPS;
	p.gap = policies ? gaps[rng_below(&sim->rng, 4)] : 0;
	scen_two(sim, p.host, "esp/transport//require");
	f = sim_flow_between(p.host[0], p.host[1]);
	f->may_clear = true;
	sim->step = after_step;
	sim->step_ctx = &p;
	sim_flow_send(f);
	sim_run(sim, 5 * SIM_SECOND);
	sim_expect(sim, p.done, "never flushed");
	f->may_clear = false;
	/* A larval SA may be in the way until it expires. */
	scen_talk(sim, p.host[0], p.host[1], SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

static void
policies(struct sim *sim)
{
	run(sim, true, false);
}

static void
sas(struct sim *sim)
{
	run(sim, false, true);
}

static void
everything(struct sim *sim)
{
	run(sim, true, true);
}

/*
 * The answer is lost, and the SA that it speaks of is flushed at about the
 * time when it would be repeated.
 */
static void
flush_sas(struct sim *sim, void *ctx)
{
	struct sim_host *h = ctx;

	(void)sim;
	ipsec_flush(h->admin, IPSEC_FLUSH_SA, 0);
}

static bool
lose_answer(void *ctx, struct sim *sim, struct dgram *d)
{
	struct sim_host *h = ctx;

	if (d->is_packet || d->from != h || d->data.n <= ETYPE_AT ||
	    d->data.p[ETYPE_AT] != ISAKMP_ETYPE_QUICK)
		return true;
	sim->tap = NULL;
	sim_at(sim, sim->now + rng_below(&sim->rng, 2000), flush_sas, h);
	return false;
}

static void
answer_lost(struct sim *sim)
{
	struct sim_host *host[2];

	scen_two(sim, host, "esp/transport//require");
	sim->tap = lose_answer;
	sim->tap_ctx = host[1];
	sim_flow_send(sim_flow_between(host[0], host[1]));
	sim_run(sim, 5 * SIM_SECOND);
	sim_expect(sim, sim->tap == NULL, "no answer was lost");
	scen_talk(sim, host[0], host[1], SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	scen_nothing_lost(sim);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "policies", policies, 150, 600 },
		{ "sas", sas, 150, 600 },
		{ "everything", everything, 150, 600 },
		{ "answer-lost", answer_lost, 50, 600 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
