/* SPDX-License-Identifier: ISC */
/*
 * The forms of protection: ESP and AH, transport and tunnel, bundles, IPv4
 * and IPv6, ports in the selector.
 */
#include <netinet/in.h>

#include "libipsec/addr.h"
#include "test/sim/scen.h"

struct form {
	const char	*a, *b;		/* the hosts' addresses */
	const char	*src, *dst;	/* the policy's selector */
	uint8_t		 proto;
	const char	*tmpl;
	const char	*from, *to;	/* the packet's ends; NULL: the hosts */
};

static struct ipsec_selector
turned(const struct ipsec_selector *sel)
{
	struct ipsec_selector r = *sel;

	r.src = sel->dst;
	r.dst = sel->src;
	return r;
}

static void
both_ways(struct sim *sim, const struct form *f, struct sim_host *host[2])
{
	struct ipsec_selector there = sim_sel(f->from != NULL ? f->from : f->a,
	    f->to != NULL ? f->to : f->b, f->proto), back;

	if (there.proto == 0)
		there.proto = IPPROTO_UDP;
	back = turned(&there);
	sim_expect(sim, sim_flow_until_up(sim_flow(host[0], &there),
	    20 * SIM_SECOND) > 0, "no packet got through");
	sim_expect(sim, sim_flow_until_up(sim_flow(host[1], &back),
	    5 * SIM_SECOND) > 0, "no packet got back");
}

static void
run(struct sim *sim, const struct form *f)
{
	struct ipsec_selector sel = sim_sel(f->src, f->dst, f->proto);
	struct sim_host *host[2];

	host[0] = scen_host(sim, "a", f->a);
	host[1] = scen_host(sim, "b", f->b);
	sim_protect(host[0], host[1], &sel, f->tmpl);
	sim_start(host[0]);
	sim_start(host[1]);
	both_ways(sim, f, host);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	both_ways(sim, f, host);
	scen_nothing_lost(sim);
}

#define V4	.a = "10.0.0.1", .b = "10.0.0.2"
#define V6	.a = "2001:db8::1", .b = "2001:db8::2"

static void
transport4(struct sim *sim)
{
	run(sim, &(struct form){ V4, .src = "10.0.0.1", .dst = "10.0.0.2",
	    .tmpl = "esp/transport//require" });
}

static void
transport6(struct sim *sim)
{
	run(sim, &(struct form){ V6, .src = "2001:db8::1",
	    .dst = "2001:db8::2", .tmpl = "esp/transport//require" });
}

static void
ah4(struct sim *sim)
{
	run(sim, &(struct form){ V4, .src = "10.0.0.1", .dst = "10.0.0.2",
	    .tmpl = "ah/transport//require" });
}

static void
esp_ah(struct sim *sim)
{
	run(sim, &(struct form){ V4, .src = "10.0.0.1", .dst = "10.0.0.2",
	    .tmpl = "esp/transport//require ah/transport//require" });
}

static void
ipcomp_esp(struct sim *sim)
{
	run(sim, &(struct form){ V4, .src = "10.0.0.1", .dst = "10.0.0.2",
	    .tmpl = "ipcomp/transport//use esp/transport//require" });
}

static void
tunnel4(struct sim *sim)
{
	run(sim, &(struct form){ V4, .src = "192.168.1.0/24",
	    .dst = "192.168.2.0/24",
	    .tmpl = "esp/tunnel/10.0.0.1-10.0.0.2/require",
	    .from = "192.168.1.7", .to = "192.168.2.9" });
}

static void
tunnel6(struct sim *sim)
{
	run(sim, &(struct form){ V6, .src = "2001:db8:1::/48",
	    .dst = "2001:db8:2::/48",
	    .tmpl = "esp/tunnel/2001:db8::1-2001:db8::2/require",
	    .from = "2001:db8:1::7", .to = "2001:db8:2::9" });
}

static void
tunnel4in6(struct sim *sim)
{
	run(sim, &(struct form){ V6, .src = "192.168.1.0/24",
	    .dst = "192.168.2.0/24",
	    .tmpl = "esp/tunnel/2001:db8::1-2001:db8::2/require",
	    .from = "192.168.1.7", .to = "192.168.2.9" });
}

/* The transport SA's own traffic is the tunnel, the packet's that inside. */
static void
tunnel_ah(struct sim *sim)
{
	run(sim, &(struct form){ V4, .src = "192.168.1.0/24",
	    .dst = "192.168.2.0/24",
	    .tmpl = "esp/tunnel/10.0.0.1-10.0.0.2/require "
	    "ah/transport//require",
	    .from = "192.168.1.7", .to = "192.168.2.9" });
}

static void
one_port(struct sim *sim)
{
	run(sim, &(struct form){ V4, .src = "10.0.0.1",
	    .dst = "10.0.0.2[8140]", .proto = IPPROTO_TCP,
	    .tmpl = "esp/transport//require",
	    .from = "10.0.0.1[33000]", .to = "10.0.0.2[8140]" });
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "esp-transport", transport4, 3, 100 },
		{ "esp-transport-v6", transport6, 3, 100 },
		{ "ah-transport", ah4, 3, 100 },
		{ "esp-and-ah", esp_ah, 3, 100 },
		{ "ipcomp-and-esp", ipcomp_esp, 3, 100 },
		{ "tunnel", tunnel4, 3, 100 },
		{ "tunnel-v6", tunnel6, 3, 100 },
		{ "tunnel-4-in-6", tunnel4in6, 3, 100 },
		{ "tunnel-and-ah", tunnel_ah, 3, 100 },
		{ "one-port", one_port, 3, 100 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
