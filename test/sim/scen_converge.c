/* SPDX-License-Identifier: ISC */
/*
 * Both sides do the same at nearly the same moment, with what is up already:
 * renew, delete, come back from a boot.  The seed is the distance in
 * milliseconds, so that every message of one can meet every one of the other.
 * It ends with one IKE SA and one pair, and no packet is lost that need not be.
 */
#include "ike/child.h"
#include "ike/phase1.h"
#include "ike/sa.h"
#include "test/sim/scen.h"
#include "wire/isakmp.h"

#define DELAY	10

struct pair {
	struct sim_host	*host[2];
	struct sim_flow	*flow[2];
};

static void
up(struct sim *sim, struct pair *p, const char *sainfo)
{
	sim->net = (struct sim_net){ .delay = DELAY };
	scen_two(sim, p->host, "esp/transport//require");
	for (int i = 0; i < 2; i++) {
		scen_configure(p->host[i], "", sainfo);
		p->host[i]->job_delay = 5;
	}
	scen_talk(sim, p->host[0], p->host[1], 20 * SIM_SECOND);
	/* so long after each other, two are no longer the same moment's */
	sim_run(sim, 35 * SIM_SECOND);
}

static void
traffic(struct sim *sim, struct pair *p, uint64_t every, uint64_t ms)
{
	for (int i = 0; i < 2; i++) {
		p->flow[i] = sim_flow_between(p->host[i], p->host[!i]);
		sim_flow_run(p->flow[i], every, sim->now + ms);
	}
}

static void
lossless(struct sim *sim, const struct pair *p)
{
	for (int i = 0; i < 2; i++)
		for (int v = 0; v < KERNEL_VERDICTS; v++)
			if (v != KERNEL_OK && (p->flow[i]->out[v] > 0 ||
			    p->flow[i]->in[v] > 0))
				sim_fail(sim, "%s: %s: %u out, %u in",
				    p->host[i]->name, kernel_verdict_name(
				    (enum kernel_verdict)v),
				    p->flow[i]->out[v], p->flow[i]->in[v]);
	for (int i = 0; i < 2; i++)
		if (p->flow[i]->delivered != p->flow[i]->sent)
			sim_fail(sim, "%u of %u packets of %s lost",
			    p->flow[i]->sent - p->flow[i]->delivered,
			    p->flow[i]->sent, p->host[i]->name);
}

static void
finish(struct sim *sim, const struct pair *p)
{
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	for (int i = 0; i < 2; i++)
		if (sim_counts(p->host[i]).children != 1 ||
		    sim_counts(p->host[i]).ready != 1)
			sim_fail(sim, "%s has %zu pairs and %zu IKE SAs",
			    p->host[i]->name,
			    sim_counts(p->host[i]).children,
			    sim_counts(p->host[i]).ready);
}

/*
 * A host comes back soon after its pair came up, and does not say INITIAL-CONTACT:
 * what it begins has not crossed with that pair.
 */
static void
untold(struct sim *sim)
{
	struct pair p;

	sim->blind = true;
	sim->net = (struct sim_net){ .delay = DELAY };
	scen_two(sim, p.host, "esp/transport//require");
	for (int i = 0; i < 2; i++)
		scen_configure(p.host[i], "initial_contact off;", "");
	scen_talk(sim, p.host[0], p.host[1], 20 * SIM_SECOND);
	sim_run(sim, 2 * SIM_SECOND);
	sim_crash(p.host[1], false);
	sim_policy_reload(p.host[1]);
	sim_start(p.host[1]);
	if (sim_flow_until_up(sim_flow_between(p.host[1], p.host[0]),
	    20 * SIM_SECOND) == 0)
		sim_fail(sim, "nothing comes up");
	sim_run(sim, SIM_SECOND);
	traffic(sim, &p, 100, SIM_MINUTE);
	sim_run(sim, SIM_MINUTE + SIM_SECOND);
	lossless(sim, &p);
	finish(sim, &p);
}

/* What a host's own clock would make it do. */

static struct ike *
awake(struct sim *sim, struct sim_host *h)
{
	ike_tick(h->ike, sim->now);
	return h->ike;
}

static void
renew_children(struct sim *sim, void *ctx)
{
	struct ike *ike = awake(sim, ctx);
	struct child *child, *next;

	HASH_ITER(hh, ike->children, child, next)
		child_renew(child);
}

static void
renew_sa(struct sim *sim, void *ctx)
{
	phase1_rekey(awake(sim, ctx)->by_cookies);
}

static void
renew_all(struct sim *sim, void *ctx)
{
	renew_sa(sim, ctx);
	renew_children(sim, ctx);
}

static void
delete_sas(struct sim *sim, void *ctx)
{
	struct sim_host *h = ctx;

	(void)sim;
	ipsec_flush(h->admin, IPSEC_FLUSH_SA, 0);
}

static void
delete_ike_sa(struct sim *sim, void *ctx)
{
	struct ike *ike = awake(sim, ctx);

	if (ike->by_cookies != NULL)
		sa_end(ike->by_cookies, E_TIMEOUT, true);
}

static void
at_distance(struct sim *sim, struct pair *p, void (*fn)(struct sim *, void *))
{
	uint64_t distance = (sim->seed - 1) / 2;
	unsigned int first = sim->seed & 1;

	sim_at(sim, sim->now + 1000, fn, p->host[first]);
	sim_at(sim, sim->now + 1000 + distance, fn, p->host[!first]);
}

/* Make before break. */
static void
renewed(struct sim *sim, const char *sainfo, void (*fn)(struct sim *, void *))
{
	struct pair p;

	up(sim, &p, sainfo);
	traffic(sim, &p, 20, 40 * SIM_SECOND);
	at_distance(sim, &p, fn);
	sim_run(sim, 41 * SIM_SECOND);
	lossless(sim, &p);
	for (int i = 0; i < 2; i++)
		if (sim_stats(p.host[i]).phase1_up +
		    sim_stats(p.host[i]).phase2_up < 3)
			sim_fail(sim, "nothing was renewed");
	finish(sim, &p);
	scen_nothing_lost(sim);
}

static void
rekey_phase2(struct sim *sim)
{
	renewed(sim, "", renew_children);
}

static void
rekey_pfs(struct sim *sim)
{
	renewed(sim, "pfs_group modp768;", renew_children);
}

static void
rekey_phase1(struct sim *sim)
{
	renewed(sim, "", renew_sa);
}

static void
rekey_both(struct sim *sim)
{
	renewed(sim, "", renew_all);
}

/* Both have deleted what both had; each hears of it from the other, too. */
static void
deleted(struct sim *sim, void (*fn)(struct sim *, void *))
{
	struct pair p;

	up(sim, &p, "");
	traffic(sim, &p, 50, 30 * SIM_SECOND);
	at_distance(sim, &p, fn);
	sim_run(sim, 31 * SIM_SECOND);
	for (int i = 0; i < 2; i++)
		if (p.flow[i]->delivered + 3000 / 50 < p.flow[i]->sent)
			sim_fail(sim, "%u of %u packets of %s lost",
			    p.flow[i]->sent - p.flow[i]->delivered,
			    p.flow[i]->sent, p.host[i]->name);
	/* an IKE SA is made when it is needed */
	at_distance(sim, &p, renew_children);
	sim_run(sim, 30 * SIM_SECOND);
	finish(sim, &p);
}

static void
delete_phase2(struct sim *sim)
{
	deleted(sim, delete_sas);
}

static void
delete_phase1(struct sim *sim)
{
	deleted(sim, delete_ike_sa);
}

/*
 * One comes back from a boot, both have much to say: what makes it call, what
 * its INITIAL-CONTACT takes away, and what the other asks for meanwhile cross.
 */
static void
contact(struct sim *sim)
{
	struct pair p;
	unsigned int who = sim->seed & 1;

	up(sim, &p, "");
	sim->net.jitter = 30;
	sim_crash(p.host[who], false);
	p.host[who]->unplugged = true;
	sim_run(sim, 2 * SIM_SECOND + sim->seed * 7 % 600);
	sim_policy_reload(p.host[who]);
	p.host[who]->unplugged = false;
	traffic(sim, &p, 10, 40 * SIM_SECOND);
	sim_start(p.host[who]);
	sim_run(sim, 41 * SIM_SECOND);
	for (int i = 0; i < 2; i++)
		if (p.flow[i]->delivered + 3000 / 10 < p.flow[i]->sent)
			sim_fail(sim, "%u of %u packets of %s lost",
			    p.flow[i]->sent - p.flow[i]->delivered,
			    p.flow[i]->sent, p.host[i]->name);
	finish(sim, &p);
}

/* The third message of a renewal is lost, so often. */
struct drop {
	unsigned int	 left;
};

static bool
drop_third(void *ctx, struct sim *sim, struct dgram *d)
{
	struct drop *drop = ctx;

	(void)sim;
	if (d->is_packet || d->data.n < ISAKMP_HEADER_LEN || drop->left == 0 ||
	    d->data.p[18] != ISAKMP_ETYPE_QUICK || d->data.n > 64)
		return true;
	drop->left--;
	return false;
}

static void
third_lost(struct sim *sim)
{
	struct drop drop = { .left = (unsigned int)(1 + sim->seed % 3) };
	struct pair p;

	up(sim, &p, sim->seed & 1 ? "pfs_group modp768;" : "");
	traffic(sim, &p, 20, 40 * SIM_SECOND);
	sim->tap = drop_third;
	sim->tap_ctx = &drop;
	sim_at(sim, sim->now + 1000, renew_children, p.host[sim->seed & 1]);
	sim_run(sim, 41 * SIM_SECOND);
	sim->tap = NULL;
	/* ESP may say the same before all repetitions are lost */
	sim_expect(sim, drop.left <= sim->seed % 3,
	    "no third message was lost");
	lossless(sim, &p);
	for (int i = 0; i < 2; i++)
		sim_expect(sim, p.host[i]->seen[IKE_EVENT_CHILD_UP] == 2,
		    "one renewal makes one pair");
	finish(sim, &p);
}

/* The responder of every renewal sets the COMMIT bit and never CONNECTS. */
static bool
set_commit(void *ctx, struct sim *sim, struct dgram *d)
{
	(void)ctx;
	(void)sim;
	if (!d->is_packet && d->data.n > ISAKMP_HEADER_LEN &&
	    d->data.p[18] == ISAKMP_ETYPE_QUICK)
		d->data.p[19] |= ISAKMP_FLAG_COMMIT;
	return true;
}

static void
commit(struct sim *sim)
{
	struct pair p;

	sim->tap = set_commit;
	up(sim, &p, "");
	traffic(sim, &p, 20, 40 * SIM_SECOND);
	at_distance(sim, &p, renew_children);
	sim_run(sim, 41 * SIM_SECOND);
	lossless(sim, &p);
	finish(sim, &p);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "rekey-phase2", rekey_phase2, 50, 100 },
		{ "rekey-pfs", rekey_pfs, 20, 100 },
		{ "rekey-phase1", rekey_phase1, 40, 100 },
		{ "rekey-both", rekey_both, 30, 100 },
		{ "delete-phase2", delete_phase2, 30, 100 },
		{ "delete-phase1", delete_phase1, 30, 100 },
		{ "contact", contact, 30, 100 },
		{ "third-lost", third_lost, 12, 60 },
		{ "commit", commit, 10, 100 },
		{ "untold", untold, 16, 100 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
