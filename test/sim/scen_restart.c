/* SPDX-License-Identifier: ISC */
/*
 * A racoon is killed, or stopped and started, while its SAs carry traffic:
 * they are taken over, nothing is lost, and there are no second pairs.
 */
#include <stdlib.h>

#include "test/sim/scen.h"

#define PERIOD		50u		/* ms between two packets */
#define LIFE		"lifetime time 120 sec;"

/* Two hosts that talk without a break. */
struct pair {
	struct sim_host	*host[2];
	struct sim_flow	*there, *back;
};

static void
talking(struct sim *sim, struct pair *p, const char *sainfo, uint64_t ms)
{
	sim->net = (struct sim_net){ .delay = 10 };
	scen_two(sim, p->host, "esp/transport//require");
	for (int i = 0; i < 2; i++)
		scen_configure(p->host[i], "", sainfo);
	if (!scen_talk(sim, p->host[0], p->host[1], 20 * SIM_SECOND))
		return;
	sim_run(sim, SIM_SECOND + rng_below(&sim->rng, 1000));
	p->there = sim_flow_between(p->host[0], p->host[1]);
	p->back = sim_flow_between(p->host[1], p->host[0]);
	sim_flow_run(p->there, PERIOD, sim->now + ms);
	sim_flow_run(p->back, PERIOD, sim->now + ms);
}

static void
nothing_lost(struct sim *sim, const struct pair *p)
{
	sim_run(sim, SIM_SECOND);
	scen_lossless(sim, p->there);
	scen_lossless(sim, p->back);
}

static unsigned int
sas(struct sim_host *h)
{
	struct sim_count mature = { .mature = true };

	return sim_count_sas(h, &mature);
}

/* Killed, and started again after GAP. */
static void
killed(struct sim *sim, struct sim_host *h, uint64_t gap)
{
	sim_crash(h, true);
	sim_run(sim, gap);
	sim_start(h);
}

/* Stopped in order, and started again: nothing at all is negotiated. */
static void
graceful(struct sim *sim)
{
	unsigned int who = 1 + rng_below(&sim->rng, 3);
	uint64_t asked[2];
	struct pair p;

	talking(sim, &p, LIFE, 4 * SIM_MINUTE);
	sim_run(sim, 5 * SIM_SECOND + rng_below(&sim->rng, 50000));
	for (int i = 0; i < 2; i++) {
		asked[i] = (who >> i & 1) != 0 ? 0 : sim_stats(p.host[i]).
		    phase1_started + sim_stats(p.host[i]).phase2_started;
		if ((who >> i & 1) != 0)
			sim_leave(p.host[i]);
	}
	sim_run(sim, rng_below(&sim->rng, 3000));
	for (int i = 0; i < 2; i++)
		sim_start(p.host[i]);
	sim_run(sim, 5 * SIM_SECOND);
	for (int i = 0; i < 2; i++) {
		sim_expect(sim, sim_counts(p.host[i]).ready == 1 &&
		    sim_counts(p.host[i]).children == 1, "not handed over");
		sim_expect(sim, sim_stats(p.host[i]).phase1_started +
		    sim_stats(p.host[i]).phase2_started == asked[i],
		    "something was negotiated");
	}
	sim_run(sim, 4 * SIM_MINUTE);
	for (int i = 0; i < 2; i++)
		sim_expect(sim, sim_stats(p.host[i]).phase1_started ==
		    ((who >> i & 1) != 0 ? 0 : 1) &&
		    p.host[i]->seen[IKE_EVENT_CHILD_UP] >= 3,
		    "renewed under another IKE SA, or not at all");
	nothing_lost(sim, &p);
	sim_settle(sim, SIM_MINUTE);
	sim_check(sim);
}

/* Its remote block is gone: the IKE SA is forgotten, the pair is not. */
static void
unblocked(struct sim *sim)
{
	struct pair p;

	talking(sim, &p, "", 10 * SIM_SECOND);
	sim_leave(p.host[0]);
	scen_configure_replacing(p.host[0], "remote anonymous",
	    "remote 10.0.0.7");
	sim_start(p.host[0]);
	sim_run(sim, SIM_SECOND);
	sim_expect(sim, sim_counts(p.host[0]).sas == 0 &&
	    sim_counts(p.host[0]).children == 1, "not what the file says");
	sim_run(sim, 10 * SIM_SECOND);
	nothing_lost(sim, &p);
}

/* One host is killed or both are, anywhere in the life of their SAs. */
static void
kill_any(struct sim *sim)
{
	uint64_t ms = 6 * SIM_MINUTE;
	unsigned int who = 1 + rng_below(&sim->rng, 3), adopted = 0;
	struct pair p;

	talking(sim, &p, LIFE, ms);
	sim_run(sim, rng_below(&sim->rng, 80000));
	for (int i = 0; i < 2; i++)
		if ((who >> i & 1) != 0)
			sim_crash(p.host[i], true);
	sim_run(sim, rng_below(&sim->rng, 4000));
	for (int i = 0; i < 2; i++)
		sim_start(p.host[i]);
	for (int i = 0; i < 2; i++)
		adopted += (unsigned int)sim_stats(p.host[i]).adopted;
	sim_expect(sim, adopted >= (who == 3 ? 2 : 1), "not taken over");
	sim_run(sim, 10);
	/* who was not killed may be renewing just now */
	sim_expect(sim, (who & 1) == 0 || sim_counts(p.host[0]).wants == 0 ||
	    sas(p.host[0]) > 2, "asks for what is there");
	sim_run(sim, ms);
	nothing_lost(sim, &p);
	sim_settle(sim, SIM_MINUTE);
	sim_check(sim);
	sim_expect(sim, sas(p.host[0]) == 2 && sas(p.host[1]) == 2,
	    "not just one pair");
}

/* No negotiation follows from a restart, until it is time to renew. */
static void
quiet(struct sim *sim)
{
	struct pair p;

	talking(sim, &p, LIFE, SIM_MINUTE);
	killed(sim, p.host[sim->seed % 2], SIM_SECOND);
	sim_run(sim, 30 * SIM_SECOND);
	for (int i = 0; i < 2; i++)
		sim_expect(sim, sim_stats(p.host[i]).phase1_started <= 1 &&
		    sim_stats(p.host[i]).phase2_started <= 1,
		    "something was negotiated");
	sim_expect(sim, sim_stats(p.host[sim->seed % 2]).phase1_started == 0 &&
	    sim_stats(p.host[sim->seed % 2]).acquires == 0,
	    "something was negotiated after the restart");
	sim_run(sim, SIM_MINUTE);
	nothing_lost(sim, &p);
	sim_settle(sim, SIM_MINUTE);
	sim_expect(sim, sas(p.host[0]) == 2 && sas(p.host[1]) == 2,
	    "not just one pair");
}

/* Nobody listened when the soft limit was reached. */
static void
late(struct sim *sim)
{
	struct pair p;

	talking(sim, &p, LIFE, 5 * SIM_MINUTE);
	for (int i = 0; i < 2; i++)
		sim_crash(p.host[i], true);
	sim_run(sim, 109 * SIM_SECOND);
	for (int i = 0; i < 2; i++)
		sim_start(p.host[i]);
	sim_run(sim, 5 * SIM_SECOND);
	sim_expect(sim, p.host[0]->seen[IKE_EVENT_CHILD_UP] >= 2,
	    "no renewal though it was due");
	sim_run(sim, 5 * SIM_MINUTE);
	nothing_lost(sim, &p);
	sim_settle(sim, SIM_MINUTE);
	sim_check(sim);
}

/* One of both SAs is gone when racoon comes back. */

struct halving {
	struct sim_host	*host;
	bool		 inbound;
	unsigned int	 n;
};

static int
remove_half(void *ctx, const struct ipsec_sa *sa)
{
	struct halving *h = ctx;
	const struct ipsec_addr *ours = &h->host->addr[0];
	bool inbound = sa->id.dst.bytes[3] == ours->bytes[3];

	if (inbound != h->inbound || sa->state == IPSEC_STATE_LARVAL)
		return 0;
	h->n++;
	return ipsec_sa_delete(h->host->admin, &sa->id);
}

static void
half(struct sim *sim)
{
	static const struct ipsec_filter all;
	struct halving h = { .inbound = sim->seed / 2 % 2 == 0 };
	struct pair p;
	unsigned int lost;

	talking(sim, &p, LIFE, SIM_MINUTE);
	h.host = p.host[sim->seed % 2];
	sim_run(sim, 30 * SIM_SECOND);	/* not to look like a crossing */
	sim_crash(h.host, true);
	ipsec_sa_dump(h.host->admin, &all, remove_half, &h);
	sim_expect(sim, h.n == 1, "no half to remove");
	sim_run(sim, 200);
	sim_start(h.host);
	sim_expect(sim, sim_stats(h.host).adopted_halves == 1,
	    "the half was not found");
	sim_run(sim, 4 * SIM_SECOND);
	lost = p.there->sent - p.there->delivered +
	    p.back->sent - p.back->delivered;
	sim_run(sim, 30 * SIM_SECOND);
	sim_expect(sim, lost + 1 >= p.there->sent - p.there->delivered +
	    p.back->sent - p.back->delivered, "it took long to heal");
	sim_run(sim, 30 * SIM_SECOND);
	sim_settle(sim, SIM_MINUTE);
	sim_check(sim);
	sim_expect(sim, sas(p.host[0]) == 2 && sas(p.host[1]) == 2,
	    "not just one pair");
}

/* Policies went away meanwhile; with an odd seed they come back in time. */
static void
unwanted(struct sim *sim)
{
	bool back = sim->seed % 2 == 1;
	struct pair p;

	talking(sim, &p, "", SIM_SECOND);
	sim_run(sim, 2 * SIM_SECOND);
	sim_crash(p.host[0], true);
	sim_policy_flush(p.host[0]);
	sim_start(p.host[0]);
	sim_run(sim, 20 * SIM_SECOND);
	sim_expect(sim, sas(p.host[0]) == 2, "deleted too early");
	if (back)
		sim_policy_reload(p.host[0]);
	sim_run(sim, 20 * SIM_SECOND);
	sim_expect(sim, sas(p.host[0]) == (back ? 2 : 0), back ?
	    "deleted though there is a policy" : "kept for nobody");
	sim_expect(sim, sim_stats(p.host[0]).adopted == back &&
	    sim_stats(p.host[0]).adopted_not == !back, "counted wrongly");
}

/* SAs by hand, and those of other daemons, are none of our business. */
static void
strangers(struct sim *sim)
{
	struct ipsec_sa sa = { .id = { .spi = 0x1234, .proto =
	    IPSEC_PROTO_AH }, .mode = IPSEC_MODE_TRANSPORT, .hard.add = 900 };
	struct pair p;

	talking(sim, &p, "", SIM_SECOND);
	sim_run(sim, 2 * SIM_SECOND);
	sim_crash(p.host[0], true);
	sa.auth = (struct ipsec_key){ .present = 1, .id = 2,
	    .key_bits = 128 };
	sa.src = p.host[0]->addr[0];
	sa.id.dst = p.host[1]->addr[0];
	sim_expect(sim, ipsec_sa_set(p.host[0]->admin, &sa, false) == 0,
	    "no SA by hand");
	sa.id.spi++;
	sa.seq = 77;
	sa.hard.add = 0;
	sim_expect(sim, ipsec_sa_set(p.host[0]->admin, &sa, false) == 0,
	    "no SA by hand");
	sim_start(p.host[0]);
	sim_run(sim, SIM_MINUTE);
	sim_expect(sim, sas(p.host[0]) == 4, "others' SAs were touched");
	sim_expect(sim, sim_counts(p.host[0]).children == 1,
	    "others' SAs were taken over");
}

/*
 * The peer still has an IKE SA with the racoon that was killed.  What it says
 * under that is understood by nobody, but shows that it needs another one.
 */
static void
forgotten(struct sim *sim)
{
	struct ipsec_selector sel = sim_sel("10.1.0.2", "10.1.0.1", 0);
	struct sim_watch *contact = sim_watch(sim, "INITIAL-CONTACT: ");
	struct sim_flow *other;
	struct pair p;

	talking(sim, &p, "", SIM_MINUTE);
	killed(sim, p.host[0], 100);
	contact->count = 0;
	sim_host_address(p.host[0], "10.1.0.1");
	sim_host_address(p.host[1], "10.1.0.2");
	sim_protect(p.host[1], p.host[0], &sel,
	    "esp/tunnel/10.0.0.2-10.0.0.1/require");
	other = sim_flow(p.host[1], &sel);
	sim_expect(sim, sim_flow_until_up(other, 20 * SIM_SECOND) > 0,
	    "no packet got through");
	sim_expect(sim, sim_stats(p.host[0]).called == 1,
	    "the peer was left alone");
	sim_expect(sim, contact->count == 0, "good SAs were disowned");
	sim_run(sim, SIM_MINUTE);
	nothing_lost(sim, &p);
	sim_settle(sim, SIM_MINUTE);
	sim_check(sim);
}

/* The peer was restarted, too, and has lost everything. */
static void
rebooted(struct sim *sim)
{
	struct pair p;

	talking(sim, &p, "", SIM_SECOND);
	sim_run(sim, 2 * SIM_SECOND);
	killed(sim, p.host[0], 100);
	sim_crash(p.host[1], false);
	sim_policy_reload(p.host[1]);
	sim_start(p.host[1]);
	scen_talk(sim, p.host[1], p.host[0], 10 * SIM_SECOND);
	sim_settle(sim, SIM_MINUTE);
	sim_expect(sim, sas(p.host[0]) == 2 && sas(p.host[1]) == 2,
	    "SAs of the peer's earlier life stayed");
	sim_check(sim);
}

/* After every single event of the first negotiation. */

struct instant {
	struct sim_host	*host;
	uint64_t	 step, gap;
	bool		 done, kill;
};

static void
again(struct sim *sim, void *ctx)
{
	(void)sim;
	sim_start(ctx);
}

static void
at_step(struct sim *sim, void *ctx)
{
	struct instant *i = ctx;

	if (i->done || sim->steps < i->step)
		return;
	i->done = true;
	if (i->kill)
		sim_crash(i->host, true);
	else
		sim_leave(i->host);
	sim_at(sim, sim->now + i->gap, again, i->host);
}

static void
at_any_moment(struct sim *sim, bool kill)
{
	struct instant i = { .gap = rng_below(&sim->rng, 3000),
	    .kill = kill };
	struct sim_host *host[2];

	sim->net = (struct sim_net){ .delay = 10 };
	scen_two(sim, host, "esp/transport//require");
	i.host = host[sim->seed % 2];
	i.step = sim->steps + 1 + sim->seed / 2 % 24;
	sim->step = at_step;
	sim->step_ctx = &i;
	sim_flow_run(sim_flow_between(host[0], host[1]), 200,
	    sim->now + 3 * SIM_MINUTE);
	sim_flow_run(sim_flow_between(host[1], host[0]), 200,
	    sim->now + 3 * SIM_MINUTE);
	sim_run(sim, 4 * SIM_MINUTE);
	sim_expect(sim, i.done, "no crash");
	scen_talk(sim, host[0], host[1], SIM_SECOND);
	sim_settle(sim, SIM_MINUTE);
	sim_check(sim);
	sim_expect(sim, sas(host[0]) == 2 && sas(host[1]) == 2,
	    "not just one pair");
}

static void
kill_midway(struct sim *sim)
{
	at_any_moment(sim, true);
}

static void
stop_midway(struct sim *sim)
{
	at_any_moment(sim, false);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "graceful", graceful, 8, 50 },
		{ "unblocked", unblocked, 1, 5 },
		{ "kill", kill_any, 15, 100 },
		{ "quiet", quiet, 4, 20 },
		{ "late", late, 6, 50 },
		{ "half", half, 8, 100 },
		{ "unwanted", unwanted, 2, 10 },
		{ "strangers", strangers, 1, 10 },
		{ "forgotten", forgotten, 2, 20 },
		{ "rebooted", rebooted, 2, 20 },
		{ "kill_midway", kill_midway, 48, 192 },
		{ "stop_midway", stop_midway, 48, 192 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
