/* SPDX-License-Identifier: ISC */
/*
 * Liveness: one of the four SAs of a pair vanishes without a word.  With one
 * of ours the pair is well again within 3 s, with another peer within 10 s;
 * traffic in one direction only is left alone.
 */
#include "test/sim/scen.h"

#define WITH_OURS	(3 * SIM_SECOND)
#define WITH_OTHERS	(10 * SIM_SECOND)

struct two {
	struct sim_host	*host[2];
	struct sim_flow	*flow[2];
	unsigned int	 answered;
};

static void
configure(struct sim_host *h, const char *remote, const char *sainfo)
{
	scen_configure(h, remote, sainfo);
}

/* B's blocks say how much of a racoon it is. */
static void
begin(struct sim *sim, struct two *t, const char *remote, const char *sainfo)
{
	sim->blind = true;		/* else that heals it, too */
	t->host[0] = scen_host(sim, "a", "10.0.0.1");
	t->host[1] = scen_host(sim, "b", "10.0.0.2");
	configure(t->host[0], "liveness on;", "");
	configure(t->host[1], remote, sainfo);
	sim_protect_all(t->host[0], t->host[1], "esp/transport//require");
	sim_start(t->host[0]);
	sim_start(t->host[1]);
	scen_two_pairs(sim);
	t->flow[0] = sim_flow_between(t->host[0], t->host[1]);
	t->flow[1] = sim_flow_between(t->host[1], t->host[0]);
	sim_expect(sim, sim_flow_until_up(t->flow[0], 20 * SIM_SECOND) > 0 &&
	    sim_flow_until_up(t->flow[1], 20 * SIM_SECOND) > 0,
	    "the pair did not come up");
	sim_run(sim, 5 * SIM_SECOND + rng_below(&sim->rng, 2000));
}

/* Answers to what comes: without it all traffic is one-way. */
static void
echo(struct sim *sim, void *ctx)
{
	struct two *t = ctx;

	if (t->answered != t->flow[0]->delivered)
		sim_flow_send(t->flow[1]);
	t->answered = t->flow[0]->delivered;
	sim_at(sim, sim->now + 50, echo, t);
}

/* Ten requests a second from A to B, each answered. */
static void
ask_and_answer(struct sim *sim, struct two *t)
{
	t->answered = t->flow[0]->delivered;
	sim_flow_run(t->flow[0], 100, UINT64_MAX);
	echo(sim, t);
	sim_run(sim, 2 * SIM_SECOND);
}

/* Until answers arrive. */
static uint64_t
dark(struct sim *sim, struct two *t, uint64_t limit)
{
	uint64_t start = sim->now;
	unsigned int before = t->flow[1]->delivered;

	while (t->flow[1]->delivered < before + 3 && sim->now < start + limit)
		sim_run(sim, 50);
	return sim->now - start;
}

static void
heals(struct sim *sim, struct two *t, uint64_t ms)
{
	uint64_t took;

	sim_run(sim, 200);		/* what is on its way */
	took = dark(sim, t, 10 * SIM_MINUTE) + 200;
	if (took > ms)
		sim_fail(sim, "dark for %llu ms, not %llu",
		    (unsigned long long)took, (unsigned long long)ms);
}

static void
at_rest(struct sim *sim, struct two *t)
{
	t->flow[0]->until = sim->now;
	sim_run(sim, SIM_MINUTE);
	sim->drift = false;
	for (size_t i = 0; i < 2; i++)
		sim_expect(sim, sim_stats(t->host[i]).phase1_started <= 2,
		    "more than one phase 1");
	sim_check(sim);
}

/* Seeds 0..3 modulo 4: who loses which half. */
static void
lose(struct sim *sim, struct two *t)
{
	struct sim_host *who = t->host[sim->seed & 1];
	struct sim_host *dst = t->host[sim->seed >> 1 & 1];

	sim->drift = true;
	kernel_lose(who->kernel, &dst->addr[0]);
}

static void
half_lost(struct sim *sim, const char *remote, const char *sainfo,
    uint64_t ms)
{
	struct two t;

	begin(sim, &t, remote, sainfo);
	ask_and_answer(sim, &t);
	lose(sim, &t);
	heals(sim, &t, ms);
	sim_expect(sim, sim_stats(t.host[0]).phase1_started +
	    sim_stats(t.host[1]).phase1_started == 2, "a new IKE SA");
	sim_run(sim, 30 * SIM_SECOND);
	lose(sim, &t);			/* and again: what helped counts not */
	heals(sim, &t, ms);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, t.host[0]->seen[IKE_EVENT_CHILD_UP] <= 4,
	    "a healthy pair was renegotiated");
	at_rest(sim, &t);
}

static void
ours(struct sim *sim)
{
	half_lost(sim, "liveness on;", "", WITH_OURS);
}

/* It looks just when it is asked. */
static void
ours_deaf(struct sim *sim)
{
	half_lost(sim, "liveness on;", "liveness off;", WITH_OURS);
}

static void
other(struct sim *sim)
{
	half_lost(sim, "liveness off;", "", WITH_OTHERS);
}

/* It does not know of dead peer detection. */
static void
other_without_dpd(struct sim *sim)
{
	half_lost(sim, "liveness off; dpd off;", "", WITH_OTHERS);
}

/* B's DELETE does not arrive: A has a pair that B has not. */
static bool
no_info(void *ctx, struct sim *sim, struct dgram *d)
{
	(void)ctx;
	(void)sim;
	return d->is_packet || d->data.n < 28 || d->data.p[18] != 5;
}

static void
delete_lost(struct sim *sim)
{
	struct two t;

	begin(sim, &t, sim->seed & 1 ? "liveness on;" : "liveness off;", "");
	ask_and_answer(sim, &t);
	sim->tap = no_info;
	ipsec_flush(t.host[1]->admin, IPSEC_FLUSH_SA, 0);
	sim_run(sim, 100);
	sim->tap = NULL;
	/* B's answers would make it ask for a pair: it has none to send */
	heals(sim, &t, sim->seed & 1 ? WITH_OURS : WITH_OTHERS);
	at_rest(sim, &t);
}

/* Nothing is done without liveness, until the slow timer of reconcile.c: the
 * control of this file. */
static void
off(struct sim *sim)
{
	struct two t;

	begin(sim, &t, "liveness off;", "");
	configure(t.host[0], "liveness off;", "liveness off;");
	ipsec_flush(t.host[0]->admin, IPSEC_FLUSH_SA, 0);
	sim_run(sim, SIM_SECOND);
	ask_and_answer(sim, &t);
	sim->drift = true;
	kernel_lose(t.host[1]->kernel, &t.host[1]->addr[0]);
	sim_run(sim, 200);
	sim_expect(sim, dark(sim, &t, 3 * SIM_MINUTE) ==
	    3 * SIM_MINUTE, "it heals by itself");
}

/* B boots and says nothing: both the pair and the IKE SA are A's alone. */
static void
rebooted(struct sim *sim)
{
	struct two t;

	begin(sim, &t, sim->seed & 1 ? "liveness on;" : "liveness off;", "");
	ask_and_answer(sim, &t);
	sim_crash(t.host[1], false);
	sim_policy_reload(t.host[1]);
	sim_start(t.host[1]);
	heals(sim, &t, sim->seed & 1 ? 8 * SIM_SECOND : 12 * SIM_SECOND);
	at_rest(sim, &t);
}

/* Syslog: nothing ever comes back. */
static void
one_way(struct sim *sim)
{
	struct two t;
	bool is_ours = (sim->seed & 1) != 0;
	struct ike_stats s;

	begin(sim, &t, is_ours ? "liveness on;" : "liveness off;", "");
	sim_flow_run(t.flow[0], 900, sim->now + 3 * SIM_HOUR);
	sim_run(sim, 3 * SIM_HOUR);
	s = sim_stats(t.host[0]);
	sim_expect(sim, t.flow[0]->delivered + 3 > t.flow[0]->sent,
	    "packets were lost");
	sim_expect(sim, s.liveness_suspected > 0, "not noticed");
	if (is_ours)
		sim_expect(sim, s.liveness_repaired == 0 &&
		    s.liveness_asked > 100 && s.liveness_asked < 250,
		    "renegotiated, or asked too often");
	else
		sim_expect(sim, s.liveness_repaired >= 5 &&
		    s.liveness_repaired <= 9, "no back-off");
	sim_expect(sim, s.dpd_dead == 0, "found dead");
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

static void
lossy(struct sim *sim)
{
	struct two t;
	uint64_t end = sim->now + 2 * SIM_HOUR;

	begin(sim, &t, sim->seed & 1 ? "liveness on;" : "liveness off;", "");
	sim->net = (struct sim_net){ .loss = 200, .delay = 20, .jitter = 50,
	    .dup = 50, .reorder = 100, .reorder_by = 300 };
	sim_flow_run(t.flow[0], 2000, end);
	sim_flow_run(t.flow[1], 3000, end);
	sim_run(sim, end - sim->now);
	sim->net = (struct sim_net){ .delay = 5 };
	for (int i = 0; i < 2; i++)
		sim_expect(sim, t.flow[i]->delivered > t.flow[i]->sent / 10 * 7,
		    "a bad network became none");
	scen_talk(sim, t.host[0], t.host[1], SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/* Short enough for IKE to live through it. */
static void
partition(struct sim *sim)
{
	struct two t;

	begin(sim, &t, sim->seed & 1 ? "liveness on;" : "liveness off;", "");
	ask_and_answer(sim, &t);
	sim_cut(t.host[0], t.host[1], true);
	sim_cut(t.host[1], t.host[0], (sim->seed & 2) != 0);
	sim_run(sim, rng_below(&sim->rng, 3 * SIM_MINUTE));
	sim_cut(t.host[0], t.host[1], false);
	sim_cut(t.host[1], t.host[0], false);
	heals(sim, &t, 76 * SIM_SECOND);
	t.flow[0]->until = sim->now;
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/* Watching a pair that nobody uses costs nothing. */
static void
idle(struct sim *sim)
{
	struct two t;
	unsigned int looks;

	begin(sim, &t, "liveness on;", "");
	ask_and_answer(sim, &t);
	looks = kernel_dumps(t.host[0]->kernel);
	sim_run(sim, 10 * SIM_SECOND);
	sim_expect(sim, kernel_dumps(t.host[0]->kernel) >= looks + 5,
	    "a pair that is used is not watched");
	at_rest(sim, &t);
	looks = kernel_dumps(t.host[0]->kernel);
	/* the reconciler's own clock is slower than that */
	sim_run(sim, SIM_MINUTE);
	sim_expect(sim, kernel_dumps(t.host[0]->kernel) <= looks + 1,
	    "a pair that nobody uses is looked at all the time");
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "ours", ours, 4, 200 },
		{ "ours-deaf", ours_deaf, 8, 200 },
		{ "other", other, 4, 200 },
		{ "other-without-dpd", other_without_dpd, 4, 200 },
		{ "delete-lost", delete_lost, 4, 100 },
		{ "off", off, 1, 4 },
		{ "rebooted", rebooted, 4, 100 },
		{ "one-way", one_way, 2, 20 },
		{ "lossy", lossy, 2, 100 },
		{ "idle", idle, 4, 50 },
		{ "partition", partition, 4, 200 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
