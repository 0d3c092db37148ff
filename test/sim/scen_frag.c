/* SPDX-License-Identifier: ISC */
/*
 * A path that drops long datagrams, as one does that loses fragments of IP:
 * long IKE messages get through it in fragments of their own, with loss,
 * doubles and disorder too, and in a flood of strangers' fragments.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ike/limit.h"
#include "libipsec/addr.h"
#include "test/sim/scen.h"
#include "wire/frag.h"
#include "wire/msg.h"

#define HEADERS		28		/* IPv4 and UDP */
#define NARROW		576		/* the least that IPv4 has */
#define USUAL		1280
#define LONGEST		552		/* bytes of a datagram, with the */
#define MARKER		4		/* one that the host puts in front */

struct path {
	size_t		 mtu;
	unsigned int	 dropped, fragments;
	size_t		 longest;
};

static bool
narrow(void *ctx, struct sim *sim, struct dgram *d)
{
	struct path *path = ctx;
	struct msg_header h;

	(void)sim;
	if (d->is_packet)
		return true;
	if (d->data.n > path->longest)
		path->longest = d->data.n;
	path->fragments += msg_header_get(buf_view(&d->data), &h) == OK &&
	    h.next == ISAKMP_FRAG;
	if (d->data.n + HEADERS <= path->mtu)
		return true;
	path->dropped++;
	return false;
}

/* N proposals make a first message of 36 bytes each, long quick modes beside
 * it. */
static void
configure(struct sim_host *h, const char *how, unsigned int n)
{
	static const char one[] = "proposal { authentication_method "
	    "pre_shared_key; dh_group modp768; encryption_algorithm aes; "
	    "hash_algorithm sha1; }\n";
	static const char lists[] = "encryption_algorithm aes 256, aes 192, "
	    "aes 128, 3des, camellia; authentication_algorithm hmac_sha1, "
	    "hmac_md5, hmac_sha256, hmac_sha384, hmac_sha512;";
	struct buf b;
	char *text;

	buf_init(&b, 65536);
	for (unsigned int i = 0; i < n; i++)
		buf_put(&b, one, strlen(one));
	text = xasprintf("%s %.*s", how, (int)b.n, (const char *)b.p);
	scen_configure(h, text, lists);
	free(text);
	buf_fini(&b);
}

static void
start(struct sim *sim, struct sim_host *host[2], const char *how,
    const char *peer)
{
	static const char *const addr[2] = { "10.0.0.1", "10.0.0.2" };

	for (int i = 0; i < 2; i++) {
		host[i] = scen_host(sim, i == 0 ? "a" : "b", addr[i]);
		configure(host[i], i == 0 ? how : peer, 40);
	}
	sim_protect_all(host[0], host[1], "esp/transport//require");
	sim_start(host[0]);
	sim_start(host[1]);
}

/* Nothing is left lying about. */
static void
finish(struct sim *sim, struct sim_host *host[2])
{
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_run(sim, SIM_MINUTE);
	sim_check(sim);
	for (int i = 0; i < 2; i++)
		sim_expect(sim, sim_counts(host[i]).frags == 0,
		    "fragments were kept for ever");
}

static void
through(struct sim *sim, size_t mtu)
{
	struct path path = { .mtu = mtu };
	struct sim_host *host[2];

	sim->tap = narrow;
	sim->tap_ctx = &path;
	start(sim, host, "ike_frag force;", "");
	scen_talk(sim, host[0], host[1], 5 * SIM_SECOND);
	sim_expect(sim, path.dropped == 0, "a message was too long");
	sim_expect(sim, path.fragments > 4, "no message was cut");
	scen_nothing_lost(sim);
	finish(sim, host);
}

static void
usual(struct sim *sim)
{
	through(sim, USUAL);
}

static void
least(struct sim *sim)
{
	through(sim, NARROW);
}

/* Without fragments the same path lets nothing through: this scenario sees
 * what it says. */
static void
without(struct sim *sim)
{
	struct path path = { .mtu = USUAL };
	struct sim_host *host[2];

	sim->tap = narrow;
	sim->tap_ctx = &path;
	start(sim, host, "ike_frag on;", "ike_frag force;");
	sim_expect(sim, sim_flow_until_up(sim_flow_between(host[0], host[1]),
	    SIM_MINUTE) == 0, "a packet got through");
	sim_expect(sim, path.dropped > 0 && path.fragments == 0,
	    "the first message was cut");
	scen_nothing_installed(sim);
}

/* The responder's side begins: it has announced fragments just by its answer,
 * and the initiator cuts what it says from then on. */
static void
announced(struct sim *sim)
{
	struct path path = { .mtu = 65535 };
	struct sim_host *host[2];

	sim->tap = narrow;
	sim->tap_ctx = &path;
	start(sim, host, "", "ike_frag on;");
	scen_talk(sim, host[1], host[0], 5 * SIM_SECOND);
	sim_expect(sim, path.fragments > 1, "nothing was cut");
	sim_expect(sim, path.longest > USUAL, "the first message was cut");
	scen_nothing_lost(sim);
	finish(sim, host);
}

static void
lossy(struct sim *sim)
{
	struct path path = { .mtu = NARROW };
	struct sim_host *host[2];

	sim->net = (struct sim_net){ .loss = 100, .dup = 100, .reorder = 300,
	    .delay = 10, .jitter = 20, .reorder_by = 300 };
	sim->tap = narrow;
	sim->tap_ctx = &path;
	start(sim, host, "ike_frag force;", "ike_frag on;");
	sim_expect(sim, sim_flow_until_up(sim_flow_between(host[0], host[1]),
	    10 * SIM_MINUTE) > 0, "no packet got through");
	sim_expect(sim, path.dropped == 0, "a message was too long");
	sim->net = (struct sim_net){ .delay = 10 };
	scen_talk(sim, host[0], host[1], SIM_MINUTE);
	finish(sim, host);
}

/* Both ends of a NAT's mapping: port 4500, a marker before each fragment. */
static void
behind_nat(struct sim *sim)
{
	struct sim_view at_a = { .sel = sim_sel("192.168.7.2", "203.0.113.9",
	    0), .tmpl = "esp/transport//require" };
	struct sim_view at_b = { .sel = sim_sel("203.0.113.1", "203.0.113.9",
	    0), .tmpl = "esp/transport//require" };
	struct ipsec_selector there = sim_sel("192.168.7.2", "203.0.113.9",
	    17);
	struct path path = { .mtu = LONGEST - MARKER + HEADERS };
	struct sim_host *host[2];

	sim->tap = narrow;
	sim->tap_ctx = &path;
	host[0] = scen_host(sim, "in", "192.168.7.2");
	host[1] = scen_host(sim, "out", "203.0.113.9");
	configure(host[0], "ike_frag force;", 40);
	configure(host[1], "", 40);
	host[0]->nat = sim_nat(sim, "203.0.113.1");
	sim_protect_seen(host[0], host[1], &at_a, &at_b);
	sim_start(host[0]);
	sim_start(host[1]);
	sim_expect(sim, sim_flow_until_up(sim_flow(host[0], &there),
	    20 * SIM_SECOND) > 0, "no packet got out");
	sim_expect(sim, path.dropped == 0 && path.fragments > 4,
	    "the path was not what it should be");
	finish(sim, host);
}

/* A stranger's fragment, one of many that will never be a message. */
static void
flood_one(struct sim *sim, struct sim_host *to, unsigned int i)
{
	struct dgram *d = dgram_new();
	struct fragment f = { .id = (uint16_t)i, .index = 1 };
	struct msg_header h = { .version = ISAKMP_VERSION,
	    .etype = ISAKMP_ETYPE_MAIN };
	static const uint8_t zero[512];
	struct msg_out out;
	char text[32];

	snprintf(text, sizeof(text), "198.51.%u.%u", i / 200 % 200,
	    i % 200 + 1);
	sim_expect(sim, addr_parse(&d->src, text), "a bad address");
	d->src.port = 500;
	d->dst = to->addr[0];
	d->dst.port = 500;
	memcpy(h.icookie, &i, sizeof(i));
	h.icookie[7] = 1;
	f.data = view_of(zero, rng_below(&sim->rng, 512) + 1);
	msg_begin(&out, &d->data, &h);
	msg_open(&out, ISAKMP_FRAG);
	fragment_put(out.b, &f);
	msg_close(&out);
	sim_expect(sim, msg_end(&out), "a fragment that is too long");
	sim_inject(sim, d);
}

static void
flood(struct sim *sim)
{
	struct path path = { .mtu = NARROW };
	struct sim_host *host[2];
	struct sim_flow *flow;

	sim->net = (struct sim_net){ .delay = 5, .jitter = 5 };
	sim->tap = narrow;
	sim->tap_ctx = &path;
	start(sim, host, "ike_frag force;", "");
	flow = sim_flow_between(host[0], host[1]);
	for (unsigned int i = 0; i < 2000; i++) {
		if (i == 1000)
			sim_flow_send(flow);
		flood_one(sim, host[1], i);
		if (i % 10 == 0)
			sim_run(sim, 1);
		sim_expect(sim, sim_counts(host[1]).frags <=
		    LIMIT_FRAG_SETS + LIMIT_FRAG_SETS_SA, "no limit");
	}
	scen_talk(sim, host[0], host[1], 30 * SIM_SECOND);
	finish(sim, host);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "usual", usual, 3, 50 },
		{ "least", least, 3, 50 },
		{ "without", without, 1, 5 },
		{ "announced", announced, 3, 50 },
		{ "lossy", lossy, 30, 1000 },
		{ "nat", behind_nat, 3, 50 },
		{ "flood", flood, 2, 20 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
