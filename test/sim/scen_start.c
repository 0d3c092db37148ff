/* SPDX-License-Identifier: ISC */
/*
 * Hosts that all start at the same moment and have traffic from then on, on a
 * processor that needs much longer for all of it than anybody waits for one
 * negotiation.  What is begun has to be finished: then it comes to an end, in
 * about the time that the arithmetic takes.  Nobody is to doubt what works.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "test/sim/scen.h"

#define EVERY		1000u	/* ms between two packets of a pair */
#define QUICK_MS	1u	/* a job on a good processor, */
#define SLOW_MS		80u	/* and on one that is hard pressed: so much at
				   least, and half of that more on average */
#define WORDS		"pfs_group modp768;"

struct star {
	struct sim_host	*hub;
	struct sim_flow	**flow;		/* from the hub and to it, in turn */
	unsigned int	*seen;		/* of them: delivered before */
	unsigned int	 n;		/* peers */
	struct sim_cpu	 cpu;		/* of the hub */
};

static struct sim_host *
host(struct sim *sim, const char *name, const char *addr)
{
	struct sim_host *h = scen_host(sim, name, addr);

	scen_configure(h, "liveness 3 sec;", WORDS);
	h->job_delay = QUICK_MS;
	return h;
}

/* MS: the least that one job takes at the hub.  SHARED: the peers have no other
 * processor. */
static void
star_new(struct sim *sim, struct star *s, uint32_t ms, bool shared)
{
	char name[24], addr[24];
	struct sim_host *h;

	sim->net = (struct sim_net){ .delay = 1, .jitter = 1 };
	s->hub = host(sim, "hub", "10.0.0.1");
	s->hub->cpu = &s->cpu;
	s->hub->job_delay = ms;
	s->flow = xreallocarray(NULL, 2 * s->n, sizeof(*s->flow));
	s->seen = xcalloc(2 * s->n, sizeof(*s->seen));
	for (unsigned int i = 0; i < s->n; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		snprintf(addr, sizeof(addr), "10.1.%u.%u", i / 250,
		    i % 250 + 1);
		h = host(sim, name, addr);
		if (shared) {
			h->cpu = &s->cpu;
			h->job_delay = ms;
		}
		sim_protect_all(s->hub, h, "esp/transport//require");
		s->flow[2 * i] = sim_flow_between(s->hub, h);
		s->flow[2 * i + 1] = sim_flow_between(h, s->hub);
	}
	for (size_t i = 0; i < sim->nhost; i++)
		sim_start(sim->host[i]);
}

static void
star_free(struct star *s)
{
	free(s->flow);
	free(s->seen);
}

enum who { HUB = 1, PEERS = 2 };

static void
talk(struct star *s, unsigned int who, uint64_t until)
{
	for (unsigned int i = 0; i < 2 * s->n; i++)
		if (who & (i % 2 == 0 ? HUB : PEERS))
			sim_flow_run(s->flow[i], EVERY, until);
}

/* How many flows of WHO have delivered since this was asked last? */
static unsigned int
alive(struct star *s, unsigned int who)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < 2 * s->n; i++) {
		if (who & (i % 2 == 0 ? HUB : PEERS))
			n += s->flow[i]->delivered > s->seen[i];
		s->seen[i] = s->flow[i]->delivered;
	}
	return n;
}

/* All flows of WHO work within SECS; returns after how many. */
static unsigned int
until_alive(struct sim *sim, struct star *s, unsigned int who,
    unsigned int secs)
{
	unsigned int want = who == (HUB | PEERS) ? 2 * s->n : s->n;
	unsigned int got = 0, i;

	(void)alive(s, who);
	for (i = 0; i < secs && got < want; i++) {
		sim_run(sim, SIM_SECOND);
		got = alive(s, who);
	}
	if (got < want)
		sim_fail(sim, "%u of %u work after %u s", got, want, secs);
	return i;
}

static void
no_doubt(struct sim *sim)
{
	for (size_t i = 0; i < sim->nhost; i++) {
		struct ike_stats st = sim_stats(sim->host[i]);

		if (st.liveness_repaired > 0 || st.dpd_dead > 0)
			sim_fail(sim, "%s repaired %u pairs that were well, "
			    "and found %u peers dead", sim->host[i]->name,
			    (unsigned int)st.liveness_repaired,
			    (unsigned int)st.dpd_dead);
	}
}

static void
say(const char *what, const struct star *s, unsigned int secs)
{
	struct ike_stats st = sim_stats(s->hub);

	printf("# %s: %u peers in %u s; phase 1 %u of %u, phase 2 %u of %u, "
	    "put off %u, resent %u\n", what, s->n, secs,
	    (unsigned int)st.phase1_up, (unsigned int)st.phase1_started,
	    (unsigned int)st.phase2_up, (unsigned int)st.phase2_started,
	    (unsigned int)st.put_off, (unsigned int)st.resent);
}

/* When all is up it stays so, and in the end there is one pair each. */
static void
at_rest(struct sim *sim, struct star *s, unsigned int who)
{
	sim_run(sim, 30 * SIM_SECOND);
	(void)until_alive(sim, s, who, 2);
	no_doubt(sim);
	sim_run(sim, 30 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

static void
start(struct sim *sim, struct star *s, unsigned int who, unsigned int secs)
{
	unsigned int took;

	talk(s, who, sim->now + (secs + 45) * SIM_SECOND);
	took = until_alive(sim, s, who, secs);
	say("all at once", s, took);
	at_rest(sim, s, who);
	star_free(s);
}

/* Each peer needs about five jobs. */
static void
both(struct sim *sim)
{
	struct star s = { .n = 100 };

	star_new(sim, &s, SLOW_MS, false);
	start(sim, &s, HUB | PEERS, 110);
}

static void
hub_begins(struct sim *sim)
{
	struct star s = { .n = 100 };

	star_new(sim, &s, SLOW_MS, false);
	start(sim, &s, HUB, 90);
}

static void
peers_begin(struct sim *sim)
{
	struct star s = { .n = 100 };

	star_new(sim, &s, SLOW_MS, false);
	start(sim, &s, PEERS, 90);
}

/* All on one processor, as in a test with many hosts on one machine. */
static void
shared(struct sim *sim)
{
	struct star s = { .n = 60 };

	star_new(sim, &s, SLOW_MS, true);
	start(sim, &s, HUB | PEERS, 120);
}

/* The IKE SAs stay: nothing but quick modes. */
static void
flushed(struct sim *sim)
{
	struct star s = { .n = 100 };
	unsigned int took;

	star_new(sim, &s, QUICK_MS, false);
	talk(&s, HUB | PEERS, sim->now + 4 * SIM_MINUTE);
	(void)until_alive(sim, &s, HUB | PEERS, 20);
	sim_run(sim, SIM_MINUTE);
	s.hub->job_delay = SLOW_MS;
	ipsec_flush(s.hub->admin, IPSEC_FLUSH_SA, 0);
	took = until_alive(sim, &s, HUB | PEERS, 60);
	say("flushed", &s, took);
	at_rest(sim, &s, HUB | PEERS);
	star_free(&s);
}

/* Protects a port with SAs of its own, and begins to send there. */
static void
one_more(struct sim_host *hub, struct sim_host *g, unsigned int i)
{
	struct ipsec_policy p = { .action = IPSEC_ACTION_IPSEC, .ntmpl = 1,
	    .priority = 1000 };
	struct ipsec_selector out = sim_sel("10.2.0.1", "10.0.0.1", 17);
	struct ipsec_selector back = sim_sel("10.0.0.1", "10.2.0.1", 17);

	out.dst.port = back.src.port = (uint16_t)(1000 + i);
	p.ntmpl = (uint8_t)sim_tmpl("esp/transport//require", p.tmpl);
	p.tmpl[0].reqid = i + 1;
	for (int to = 0; to < 2; to++) {
		p.sel = to ? out : back;
		p.dir = to ? IPSEC_DIR_OUT : IPSEC_DIR_IN;
		sim_policy(g, &p);
		p.dir = to ? IPSEC_DIR_IN : IPSEC_DIR_OUT;
		sim_policy(hub, &p);
	}
	hub->npairs++;
	g->npairs++;
	sim_flow_run(sim_flow(g, &out), EVERY,
	    g->sim->now + 40 * SIM_SECOND);
}

/* One peer has a great many things to negotiate, the others one each. */
#define GREEDY		400u

static void
greedy(struct sim *sim)
{
	struct star s = { .n = 20 };
	struct sim_host *g;
	unsigned int took;

	star_new(sim, &s, SLOW_MS, false);
	g = host(sim, "greedy", "10.2.0.1");
	for (unsigned int i = 0; i < GREEDY; i++)
		one_more(s.hub, g, i);
	sim_start(g);
	sim_run(sim, 3 * SIM_SECOND);
	talk(&s, PEERS, sim->now + 30 * SIM_SECOND);
	took = until_alive(sim, &s, PEERS, 10);
	say("beside a greedy one", &s, took);
	star_free(&s);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "both", both, 1, 5 },
		{ "hub-begins", hub_begins, 0, 5 },
		{ "peers-begin", peers_begin, 0, 5 },
		{ "shared", shared, 1, 5 },
		{ "flushed", flushed, 1, 5 },
		{ "greedy", greedy, 1, 5 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
