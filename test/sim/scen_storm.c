/* SPDX-License-Identifier: ISC */
/*
 * Very many peers at once, as initiator, as responder and both; peers that
 * began together and must not renew together for ever; and peers that are a
 * burden, which must not be one for others.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "test/sim/scen.h"

struct star {
	struct sim_host	*hub;
	struct sim_flow	**out, **in;	/* from the hub, to it */
	unsigned int	 n;
};

static void
star_new(struct sim *sim, struct star *s, unsigned int n, const char *sainfo)
{
	char name[24], addr[24];
	struct sim_host *h;

	s->n = n;
	s->hub = scen_host(sim, "hub", "10.0.0.1");
	scen_configure(s->hub, "", sainfo);
	s->out = xreallocarray(NULL, n, sizeof(*s->out));
	s->in = xreallocarray(NULL, n, sizeof(*s->in));
	for (unsigned int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		snprintf(addr, sizeof(addr), "10.1.%u.%u", i / 250,
		    i % 250 + 1);
		h = scen_host(sim, name, addr);
		scen_configure(h, "", sainfo);
		sim_protect_all(s->hub, h, "esp/transport//require");
		sim_start(h);
		s->out[i] = sim_flow_between(s->hub, h);
		s->in[i] = sim_flow_between(h, s->hub);
	}
	sim_start(s->hub);
}

static void
star_free(struct star *s)
{
	free(s->out);
	free(s->in);
}

/* Every second again, as TCP would. */
static void
until_delivered(struct sim *sim, void *ctx)
{
	struct sim_flow *f = ctx;

	if (f->delivered > 0)
		return;
	sim_flow_send(f);
	sim_at(sim, sim->now + SIM_SECOND, until_delivered, f);
}

enum who { HUB = 1, PEERS = 2 };

static void
all_at_once(struct sim *sim, struct star *s, unsigned int who)
{
	for (unsigned int i = 0; i < s->n; i++) {
		if (who & HUB)
			sim_at(sim, sim->now, until_delivered, s->out[i]);
		if (who & PEERS)
			sim_at(sim, sim->now, until_delivered, s->in[i]);
	}
}

static bool
all_up(struct sim *sim, void *ctx)
{
	const struct star *s = ctx;

	(void)sim;
	for (unsigned int i = 0; i < s->n; i++)
		if (s->out[i]->delivered + s->in[i]->delivered == 0)
			return false;
	return true;
}

/*
 * All at the same instant: all come up, with one pair each at the end, and
 * nobody holds more than his peers need (sim_check_host()).
 */
static void
storm(struct sim *sim, unsigned int n, unsigned int who, uint32_t loss)
{
	struct sim_count esp = { .proto = IPSEC_PROTO_ESP, .mature = true };
	struct star s;

	sim->net = (struct sim_net){ .delay = 5, .jitter = 10, .loss = loss };
	star_new(sim, &s, n, "");
	all_at_once(sim, &s, who);
	sim_expect(sim, sim_run_until(sim, all_up, &s, 10 * SIM_SECOND),
	    "not every peer came up in 10 s");
	sim->net.loss = 0;
	sim_run(sim, 40 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	if (loss == 0)
		scen_nothing_lost(sim);
	if (sim_count_sas(s.hub, &esp) != 2 * n)
		sim_fail(sim, "%u SAs for %u peers",
		    sim_count_sas(s.hub, &esp), n);
	star_free(&s);
}

static void
initiator(struct sim *sim)
{
	storm(sim, 60, HUB, 0);
}

static void
responder(struct sim *sim)
{
	storm(sim, 60, PEERS, 0);
}

static void
both(struct sim *sim)
{
	storm(sim, 60, HUB | PEERS, 0);
}

static void
thousand(struct sim *sim)
{
	storm(sim, 1000, HUB | PEERS, sim->seed % 2 == 0 ? 20 : 0);
}

/*
 * Pairs that came up in one second.  How many of them are renewed within ten
 * seconds, at most?  All, if nothing drew them apart.
 */
#define LIFE		600u		/* s */
#define SAMPLE		(10 * SIM_SECOND)
#define SAMPLES		(5 * LIFE / 10)

static unsigned int
most(const unsigned int *up, unsigned int from, unsigned int to)
{
	unsigned int max = 0;

	for (unsigned int i = from; i < to; i++)
		if (up[i] > max)
			max = up[i];
	return max;
}

static void
in_step(struct sim *sim, unsigned int n)
{
	unsigned int up[SAMPLES], before, first, last;
	struct star s;

	star_new(sim, &s, n, "lifetime time 600 sec;");
	for (unsigned int i = 0; i < n; i++)
		sim_at(sim, sim->now, until_delivered, i % 2 == 0 ?
		    s.out[i] : s.in[i]);
	sim_run(sim, 10 * SIM_SECOND);
	for (unsigned int i = 0; i < SAMPLES; i++) {
		before = s.hub->seen[IKE_EVENT_CHILD_UP];
		sim_run(sim, SAMPLE);
		up[i] = s.hub->seen[IKE_EVENT_CHILD_UP] - before;
	}
	first = most(up, 0, LIFE / 10);
	last = most(up, SAMPLES - LIFE / 10, SAMPLES);
	printf("# %u pairs, renewed within 10 s: at first %u, after five life "
	    "times %u\n", n, first, last);
	/* it is 33 and 20 per cent with a third of the jitter */
	if (first == 0 || first * 100 > n * 25)
		sim_fail(sim, "%u of %u first renewals within 10 s", first,
		    n);
	if (last == 0 || last * 100 > n * 19)
		sim_fail(sim, "%u of %u renewals within 10 s after five life "
		    "times", last, n);
	scen_nothing_lost(sim);
	star_free(&s);
}

static void
in_step_few(struct sim *sim)
{
	in_step(sim, 60);
}

static void
in_step_many(struct sim *sim)
{
	in_step(sim, 300);
}

/* A peer that is gone, and everything that anybody wants of it. */
#define BURDENS		200u

static void
burden(struct sim *sim, struct star *s)
{
	struct sim_host *dead = sim_host(sim, "dead", "10.2.0.1");
	struct ipsec_selector sel = sim_sel("10.0.0.1", "10.2.0.1", 17);
	struct ipsec_selector net = sim_sel("10.0.0.1", "10.3.0.0/16", 0);
	struct ipsec_policy p = { .action = IPSEC_ACTION_IPSEC, .ntmpl = 1,
	    .dir = IPSEC_DIR_OUT, .priority = 1000 };

	dead->unplugged = true;
	p.ntmpl = (uint8_t)sim_tmpl("esp/transport//require", p.tmpl);
	for (unsigned int i = 0; i < BURDENS; i++) {
		/* as many wants for one peer, */
		sel.dst.port = (uint16_t)(1000 + i);
		p.sel = sel;
		p.tmpl[0].reqid = i + 1;
		sim_policy(s->hub, &p);
		sim_flow_send(sim_flow(s->hub, &sel));
		/* and as many peers of which there is none */
		net.dst.bytes[3] = (uint8_t)(i + 1);
		p.sel = net;
		p.sel.dst_prefix = 32;
		sim_policy(s->hub, &p);
		net.dst_prefix = 32;
		sim_flow_send(sim_flow(s->hub, &net));
	}
	s->hub->npairs += 2 * BURDENS;
}

static void
nobody_waits(struct sim *sim)
{
	struct star s;
	uint64_t took;

	star_new(sim, &s, 20, "");
	sim->spare_sas = 2 * BURDENS;
	burden(sim, &s);
	sim_run(sim, SIM_SECOND);
	if (sim_counts(s.hub).wants < 2 * BURDENS)
		sim_fail(sim, "there is no burden: %zu",
		    sim_counts(s.hub).wants);
	for (unsigned int i = 0; i < s.n; i++) {
		struct sim_flow *f = i % 2 == 0 ? s.out[i] : s.in[i];

		took = sim_flow_until_up(f, 5 * SIM_SECOND);
		/* the first packet is lost, the next one comes after 1 s */
		if (took == 0 || took > 1200)
			sim_fail(sim, "peer %u waited %u ms", i,
			    (unsigned int)took);
	}
	/* one phase 1 for all wants of the one peer */
	if (sim_stats(s.hub).phase1_started > BURDENS + 1 + s.n)
		sim_fail(sim, "%u phase 1",
		    (unsigned int)sim_stats(s.hub).phase1_started);
	sim_run(sim, 2 * SIM_MINUTE);
	if (sim_counts(s.hub).wants != 0 || sim_counts(s.hub).sas != s.n)
		sim_fail(sim, "left over: %zu wants, %zu IKE SAs",
		    sim_counts(s.hub).wants, sim_counts(s.hub).sas);
	star_free(&s);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "initiator", initiator, 1, 2 },
		{ "responder", responder, 1, 2 },
		{ "both", both, 1, 3 },
		{ "thousand", thousand, 0, 1 },
		{ "in-step", in_step_few, 1, 2 },
		{ "in-step-300", in_step_many, 0, 1 },
		{ "nobody-waits", nobody_waits, 1, 10 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
