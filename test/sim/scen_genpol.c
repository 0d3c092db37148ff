/* SPDX-License-Identifier: ISC */
/*
 * A gateway without policies makes them for clients that come: they are there
 * as long as they are used, through renewals, losses, crashes, and no longer.
 */
#include <stdio.h>

#include "libipsec/addr.h"
#include "test/sim/scen.h"

#define GATEWAY	"203.0.113.9"
#define CLIENTS	3

struct setup {
	struct sim_host	*gateway, *client[CLIENTS];
	struct sim_flow	*there[CLIENTS], *back[CLIENTS];
};

/* Policies of setkey on the client's side only. */
static void
protect(struct sim_host *client, const struct ipsec_selector *sel,
    const char *there, const char *back)
{
	struct ipsec_policy p = { .action = IPSEC_ACTION_IPSEC,
	    .priority = 0x80000000u, .dir = IPSEC_DIR_OUT, .sel = *sel };

	p.ntmpl = (uint8_t)sim_tmpl(there, p.tmpl);
	sim_policy(client, &p);
	p.ntmpl = (uint8_t)sim_tmpl(back, p.tmpl);
	p.dir = IPSEC_DIR_IN;
	p.sel.src = sel->dst;
	p.sel.dst = sel->src;
	p.sel.src_prefix = sel->dst_prefix;
	p.sel.dst_prefix = sel->src_prefix;
	sim_policy(client, &p);
	p.dir = IPSEC_DIR_FWD;
	sim_policy(client, &p);
	client->npairs++;
}

static void
client(struct sim *sim, struct setup *s, int i)
{
	char name[16], addr[32], net[32], inner[32], there[100], back[100];
	struct ipsec_selector sel, reply;

	snprintf(name, sizeof(name), "c%d", i);
	snprintf(addr, sizeof(addr), "198.51.100.%d", i + 1);
	snprintf(net, sizeof(net), "10.%d.0.0/16", i + 1);
	snprintf(inner, sizeof(inner), "10.%d.0.1", i + 1);
	snprintf(there, sizeof(there), "esp/tunnel/%s-%s/require", addr,
	    GATEWAY);
	snprintf(back, sizeof(back), "esp/tunnel/%s-%s/require", GATEWAY,
	    addr);
	s->client[i] = scen_host(sim, name, addr);
	sel = sim_sel(net, "10.99.0.0/16", 0);
	protect(s->client[i], &sel, there, back);
	sim_start(s->client[i]);
	sel = sim_sel(inner, "10.99.0.1", 17);
	reply = sim_sel("10.99.0.1", inner, 17);
	s->there[i] = sim_flow(s->client[i], &sel);
	s->back[i] = sim_flow(s->gateway, &reply);
	s->back[i]->may_clear = true;	/* while there is no policy */
}

static void
start(struct sim *sim, struct setup *s, const char *how)
{
	sim->spare_sas = 40;
	s->gateway = scen_host(sim, "gw", GATEWAY);
	scen_configure(s->gateway, how, "");
	s->gateway->npairs = CLIENTS;
	sim_start(s->gateway);
	for (int i = 0; i < CLIENTS; i++)
		client(sim, s, i);
}

static int
count_one(void *ctx, const struct ipsec_policy *policy)
{
	unsigned int *n = ctx;

	(void)policy;
	++*n;
	return 0;
}

static unsigned int
policies(const struct sim_host *h)
{
	static const struct ipsec_filter all;
	unsigned int n = 0;

	ipsec_policy_dump(h->admin, &all, count_one, &n);
	return n;
}

static void
all_talk(struct sim *sim, struct setup *s, uint64_t ms)
{
	for (int i = 0; i < CLIENTS; i++) {
		sim_expect(sim, sim_flow_until_up(s->there[i], ms) > 0,
		    "no packet got to the gateway");
		s->back[i]->may_clear = false;
		sim_expect(sim, sim_flow_until_up(s->back[i], ms) > 0,
		    "no packet got back");
		s->back[i]->may_clear = true;
	}
	sim_expect(sim, policies(s->gateway) == 3 * CLIENTS,
	    "not three policies for each client");
}

/* Everything goes when the clients do. */
static void
all_stop(struct sim *sim, struct setup *s)
{
	for (int i = 0; i < CLIENTS; i++)
		sim_stop(s->client[i]);
	sim_run(sim, 5 * SIM_SECOND);
	sim_expect(sim, policies(s->gateway) == 0, "policies stayed");
	sim_expect(sim, sim_counts(s->gateway).genpols == 0,
	    "records of policies stayed");
}

/* Two hours: every SA is renewed several times. */
static void
hours(struct sim *sim)
{
	struct setup s;

	start(sim, &s, sim->seed % 2 == 0 ? "generate_policy unique; "
	    "passive on;" : "generate_policy on; passive on;");
	all_talk(sim, &s, 20 * SIM_SECOND);
	for (int i = 0; i < 24; i++) {
		sim_run(sim, 5 * SIM_MINUTE);
		all_talk(sim, &s, 5 * SIM_SECOND);
	}
	for (int i = 0; i < CLIENTS; i++)
		sim_expect(sim, s.client[i]->seen[IKE_EVENT_CHILD_UP] >= 4,
		    "not renewed");
	all_stop(sim, &s);
}

static void
lossy(struct sim *sim)
{
	struct setup s;

	sim->net = (struct sim_net){ .loss = 200, .dup = 200, .reorder = 200,
	    .delay = 10, .jitter = 20, .reorder_by = 300 };
	start(sim, &s, "generate_policy unique;");
	for (int i = 0; i < CLIENTS; i++)
		sim_expect(sim, sim_flow_until_up(s.there[i],
		    10 * SIM_MINUTE) > 0, "no packet got to the gateway");
	sim_run(sim, 40 * SIM_MINUTE);
	sim->net = (struct sim_net){ .delay = 10 };
	sim_run(sim, SIM_MINUTE);
	all_talk(sim, &s, SIM_MINUTE);
	all_stop(sim, &s);
}

/* A gateway that crashes: what it made serves on, and goes in the end. */
static void
crash(struct sim *sim)
{
	struct setup s;

	start(sim, &s, "generate_policy on;");
	all_talk(sim, &s, 20 * SIM_SECOND);
	sim_crash(s.gateway, true);
	sim_expect(sim, policies(s.gateway) == 3 * CLIENTS,
	    "policies went with the process");
	if (sim->seed % 2 == 0) {
		/* for good: their life time is over some day */
		for (int i = 0; i < CLIENTS; i++)
			sim_crash(s.client[i], true);
		sim_run(sim, 31 * SIM_MINUTE);
		sim_expect(sim, policies(s.gateway) == 0,
		    "policies outlive a crash for ever");
		return;
	}
	sim_start(s.gateway);
	sim_run(sim, SIM_SECOND);
	sim_expect(sim, sim_counts(s.gateway).genpols == CLIENTS &&
	    sim_stats(s.gateway).adopted == CLIENTS,
	    "policies were not taken over with their SAs");
	for (int i = 0; i < CLIENTS; i++) {
		sim_crash(s.client[i], true);
		ipsec_flush(s.client[i]->admin, IPSEC_FLUSH_SA, 0);
		sim_start(s.client[i]);
	}
	all_talk(sim, &s, 20 * SIM_SECOND);
	all_stop(sim, &s);
}

/* The gateway is killed and goes on with what is there: nothing is lost, the
 * policies are renewed with the SAs, and go with them. */
static void
killed(struct sim *sim)
{
	struct setup s;

	start(sim, &s, "generate_policy on;");
	all_talk(sim, &s, 20 * SIM_SECOND);
	sim_crash(s.gateway, true);
	sim_run(sim, SIM_SECOND);
	sim_start(s.gateway);
	for (int i = 0; i < 10; i++) {
		sim_run(sim, 5 * SIM_MINUTE);
		all_talk(sim, &s, 5 * SIM_SECOND);
	}
	all_stop(sim, &s);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "hours", hours, 4, 40 },
		{ "lossy", lossy, 10, 300 },
		{ "crash", crash, 4, 40 },
		{ "killed", killed, 2, 20 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
