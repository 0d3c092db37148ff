/* SPDX-License-Identifier: ISC */
/*
 * The initiator sits behind a NAT box: the exchange floats to port 4500 (RFC
 * 3947), ESP goes in UDP, and both survive a box that forgets its mappings.
 */
#include "libipsec/addr.h"
#include "test/sim/scen.h"
#include "wire/vid.h"

#define INSIDE	"192.168.7.2"
#define OUTSIDE	"203.0.113.1"
#define SERVER	"203.0.113.9"

struct setup {
	struct sim_host	*host[2];
	struct sim_nat	*nat;
	struct sim_flow	*there, *back;
};

static void
start(struct sim *sim, struct setup *s, const struct sim_view *at_a,
    const struct sim_view *at_b)
{
	s->host[0] = scen_host(sim, "in", INSIDE);
	s->host[1] = scen_host(sim, "out", SERVER);
	s->nat = sim_nat(sim, OUTSIDE);
	s->host[0]->nat = s->nat;
	sim_protect_seen(s->host[0], s->host[1], at_a, at_b);
	sim_start(s->host[0]);
	sim_start(s->host[1]);
}

static void
start_transport(struct sim *sim, struct setup *s)
{
	struct sim_view at_a = { .sel = sim_sel(INSIDE, SERVER, 0),
	    .tmpl = "esp/transport//require" };
	struct sim_view at_b = { .sel = sim_sel(OUTSIDE, SERVER, 0),
	    .tmpl = "esp/transport//require" };
	struct ipsec_selector there = sim_sel(INSIDE, SERVER, 17);
	struct ipsec_selector back = sim_sel(SERVER, OUTSIDE, 17);

	start(sim, s, &at_a, &at_b);
	s->there = sim_flow(s->host[0], &there);
	s->back = sim_flow(s->host[1], &back);
}

static void
start_tunnel(struct sim *sim, struct setup *s)
{
	struct ipsec_selector nets = sim_sel("10.1.0.0/16", "10.2.0.0/16", 0);
	struct sim_view at_a = { .sel = nets,
	    .tmpl = "esp/tunnel/" INSIDE "-" SERVER "/require" };
	struct sim_view at_b = { .sel = nets,
	    .tmpl = "esp/tunnel/" OUTSIDE "-" SERVER "/require" };
	struct ipsec_selector there = sim_sel("10.1.0.1", "10.2.0.1", 17);
	struct ipsec_selector back = sim_sel("10.2.0.1", "10.1.0.1", 17);

	start(sim, s, &at_a, &at_b);
	s->there = sim_flow(s->host[0], &there);
	s->back = sim_flow(s->host[1], &back);
}

static int
check_encap(void *ctx, const struct ipsec_sa *sa)
{
	struct sim *sim = ctx;

	if (sa->encap.type != 2)
		sim_fail(sim, "an SA without UDP encapsulation");
	if (sa->encap.sport != 4500 && sa->encap.dport != 4500)
		sim_fail(sim, "encapsulated from port %u to %u",
		    sa->encap.sport, sa->encap.dport);
	return 0;
}

static void
talk(struct sim *sim, struct setup *s)
{
	struct ipsec_filter all = { .proto = IPSEC_PROTO_ESP };

	sim_expect(sim, sim_flow_until_up(s->there, 20 * SIM_SECOND) > 0,
	    "no packet got out");
	sim_expect(sim, sim_flow_until_up(s->back, 10 * SIM_SECOND) > 0,
	    "no packet got in");
	for (int i = 0; i < 2; i++)
		ipsec_sa_dump(s->host[i]->admin, &all, check_encap, sim);
}

static void
transport(struct sim *sim)
{
	struct setup s;

	start_transport(sim, &s);
	talk(sim, &s);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	talk(sim, &s);
}

static void
tunnel(struct sim *sim)
{
	struct setup s;

	start_tunnel(sim, &s);
	talk(sim, &s);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	talk(sim, &s);
}

/* The box restarts: the next packet from inside tells the other side. */
static void
forgetful(struct sim *sim)
{
	struct sim_count mature = { .mature = true };
	struct setup s;

	if (sim->seed % 2 == 0)
		start_transport(sim, &s);
	else
		start_tunnel(sim, &s);
	talk(sim, &s);
	for (int i = 0; i < 3; i++) {
		sim_nat_forget(s.nat);
		sim_run(sim, SIM_SECOND);
		talk(sim, &s);
	}
	sim_expect(sim, s.host[0]->seen[IKE_EVENT_CHILD_UP] == 1,
	    "a new pair where an update would do");
	/* The server's DELETE finds the way too. */
	sim_nat_forget(s.nat);
	sim_flow_send(s.there);
	sim_run(sim, SIM_SECOND);
	sim_stop(s.host[1]);
	sim_run(sim, SIM_SECOND);
	sim_expect(sim, sim_count_sas(s.host[0], &mature) == 0,
	    "the client did not hear of the end");
}

/* One of both is killed, or stopped and started: the pair goes on, is renewed
 * through the box, and stays the only one. */
static void
restarted(struct sim *sim)
{
	struct sim_watch *expired = sim_watch(sim, "IPsec-SA expired");
	struct setup s;
	struct sim_host *h;

	if (sim->seed % 2 == 0)
		start_transport(sim, &s);
	else
		start_tunnel(sim, &s);
	for (int i = 0; i < 2; i++)
		scen_configure(s.host[i], "", "lifetime time 120 sec;");
	talk(sim, &s);
	sim_run(sim, 2 * SIM_SECOND);
	s.there = sim_flow(s.host[0], &s.there->sel);
	s.back = sim_flow(s.host[1], &s.back->sel);
	sim_flow_run(s.there, 200, sim->now + 5 * SIM_MINUTE);
	sim_flow_run(s.back, 200, sim->now + 5 * SIM_MINUTE);
	h = s.host[sim->seed / 2 % 2];
	sim_run(sim, rng_below(&sim->rng, 60000));
	if (sim->seed / 4 % 2 == 0)
		sim_crash(h, true);
	else
		sim_leave(h);
	sim_run(sim, SIM_SECOND);
	sim_start(h);
	sim_expect(sim, sim_counts(h).children == 1, "not taken over");
	sim_run(sim, 5 * SIM_MINUTE);
	scen_lossless(sim, s.there);
	scen_lossless(sim, s.back);
	/* The one that was taken over is the same peer's as its successor. */
	sim_expect(sim, expired->count == 0, "a pair outlived its successor");
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	talk(sim, &s);
}

/* The first exchange meets a network that loses and reorders. */
static void
lossy(struct sim *sim)
{
	struct setup s;

	sim->net = (struct sim_net){ .loss = 200, .dup = 200, .reorder = 200,
	    .delay = 10, .jitter = 20, .reorder_by = 300 };
	if (sim->seed % 2 == 0)
		start_transport(sim, &s);
	else
		start_tunnel(sim, &s);
	sim_expect(sim, sim_flow_until_up(s.there, 5 * SIM_MINUTE) > 0,
	    "no packet got out");
	sim->net = (struct sim_net){ .delay = 10 };
	sim_run(sim, 5 * SIM_SECOND);
	sim_flow_until_up(s.there, SIM_MINUTE);
	talk(sim, &s);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/* The best variant that the network lets through: 0 is the RFC. */
struct downgrade {
	unsigned int	 skip;
	unsigned int	 changed;
};

/* Ruins the vendor IDs that are better; they are not authenticated, so a peer
 * that lacks them looks just so. */
static bool
ruin_better(void *ctx, struct sim *sim, struct dgram *d)
{
	static const enum vid best[] = { VID_NATT_RFC, VID_NATT_03,
	    VID_NATT_02 };
	struct downgrade *g = ctx;

	(void)sim;
	for (unsigned int i = 0; i < g->skip && !d->is_packet; i++) {
		struct view id = vid_bytes(best[i]);

		for (size_t at = 0; at + id.n <= d->data.n; at++)
			if (memcmp(d->data.p + at, id.p, id.n) == 0) {
				buf_patch8(&d->data, at, 0);
				g->changed++;
			}
	}
	return true;
}

/* Every variant that is announced, with its own numbers. */
static void
variants(struct sim *sim)
{
	struct downgrade g = { .skip = sim->seed % 4 };
	static const char *const name[] = { "NAT-T (RFC 3947)",
	    "NAT-T (draft-ietf-ipsec-nat-t-ike-03)",
	    "NAT-T (draft-ietf-ipsec-nat-t-ike-02)",
	    "NAT-T (draft-ietf-ipsec-nat-t-ike-02 (with newline))" };
	struct sim_watch *watch = sim_watch(sim, name[g.skip]);
	struct setup s;

	sim->tap = ruin_better;
	sim->tap_ctx = &g;
	if (sim->seed / 4 % 2 == 0)
		start_transport(sim, &s);
	else
		start_tunnel(sim, &s);
	talk(sim, &s);
	sim_expect(sim, watch->count == 2, "another variant was chosen");
	sim_expect(sim, g.changed == g.skip, "vendor IDs were not found");
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

struct counted {
	struct sim_host	*from;
	struct sim_nat	*nat;
	unsigned int	 left;
};

static bool
forget_before(void *ctx, struct sim *sim, struct dgram *d)
{
	struct counted *c = ctx;

	(void)sim;
	if (!d->is_packet && d->from == c->from && c->left > 0 &&
	    --c->left == 0)
		sim_nat_forget(c->nat);
	return true;
}

/* The box forgets its mappings while the answer to the last message of main
 * mode, or of quick mode, is under way: what is said again comes from another
 * port. */
static void
meanwhile(struct sim *sim)
{
	struct counted c = { .left = 3 + sim->seed / 4 % 2 };
	struct setup s;

	if (sim->seed % 2 == 0)
		start_transport(sim, &s);
	else
		start_tunnel(sim, &s);
	c.from = s.host[1];
	c.nat = s.nat;
	sim->tap = forget_before;
	sim->tap_ctx = &c;
	sim_expect(sim, sim_flow_until_up(s.there, 5 * SIM_SECOND) > 0,
	    "no packet got out in time");
	sim->tap = NULL;
	talk(sim, &s);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	sim_expect(sim, c.left == 0 && sim_stats(s.host[0]).phase1_started ==
	    1, "it was begun again");
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "transport", transport, 3, 50 },
		{ "tunnel", tunnel, 3, 50 },
		{ "forgetful", forgetful, 4, 50 },
		{ "meanwhile", meanwhile, 8, 80 },
		{ "lossy", lossy, 50, 1000 },
		{ "restarted", restarted, 8, 80 },
		{ "variants", variants, 8, 80 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
