/* SPDX-License-Identifier: ISC */
/*
 * Aggressive and base mode: on good and bad networks, through NAT, begun from
 * both sides, with identities that are no addresses, under a flood.
 */
#include <stdio.h>
#include <string.h>

#include "crypto/cert.h"
#include "ike/limit.h"
#include "libipsec/addr.h"
#include "test/sim/scen.h"
#include "wire/isakmp.h"

#define INSIDE	"192.168.7.2"
#define OUTSIDE	"203.0.113.1"
#define SERVER	"203.0.113.9"

/* Odd seeds: aggressive mode, even ones: base mode. */
static const char *
mode_of(const struct sim *sim)
{
	return sim->seed % 2 ? "exchange_mode aggressive, main, base;" :
	    "exchange_mode base, main, aggressive;";
}

static void
configure(struct sim_host *h, const char *more)
{
	char text[400];

	h->sim->allowance = 3;
	snprintf(text, sizeof(text), "%s %s", mode_of(h->sim), more);
	scen_configure_replacing(h, "exchange_mode main;", text);
}

static void
two(struct sim *sim, struct sim_host *host[2], const char *tmpl)
{
	host[0] = scen_host(sim, "a", "10.0.0.1");
	host[1] = scen_host(sim, "b", "10.0.0.2");
	for (int i = 0; i < 2; i++)
		configure(host[i], "");
	sim_protect_all(host[0], host[1], tmpl);
	sim_start(host[0]);
	sim_start(host[1]);
}

static void
good(struct sim *sim)
{
	struct sim_host *host[2];

	two(sim, host, "esp/transport//require");
	scen_talk(sim, host[0], host[1], 20 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	scen_talk(sim, host[1], host[0], 5 * SIM_SECOND);
	scen_nothing_lost(sim);
}

/* In spite of the network; then it becomes a good one. */
static void
comes_up_in_spite(struct sim *sim, struct sim_host *host[2])
{
	struct sim_flow *there = sim_flow_between(host[0], host[1]);

	sim_flow_run(there, 700, sim->now + 2 * SIM_MINUTE);
	if (rng_chance(&sim->rng, 500))
		sim_flow_run(sim_flow_between(host[1], host[0]), 900,
		    sim->now + 2 * SIM_MINUTE);
	sim_run(sim, 2 * SIM_MINUTE);
	sim_expect(sim, there->delivered > 0, "the pair did not come up");
	sim->net = (struct sim_net){ .delay = 10 };
	sim_run(sim, 10 * SIM_SECOND);
	scen_talk(sim, host[0], host[1], 5 * SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

static void
lossy(struct sim *sim)
{
	struct sim_host *host[2];

	sim->net = (struct sim_net){ .loss = 300, .dup = 300, .reorder = 300,
	    .delay = 10, .jitter = 30, .reorder_by = 500 };
	two(sim, host, "esp/transport//require");
	comes_up_in_spite(sim, host);
}

/* The last message of aggressive mode never arrives by itself. */
static bool
no_last(void *ctx, struct sim *sim, struct dgram *d)
{
	unsigned int *dropped = ctx;

	(void)sim;
	if (d->is_packet || d->data.n < 28 ||
	    d->data.p[18] != ISAKMP_ETYPE_AGGRESSIVE ||
	    !(d->data.p[19] & ISAKMP_FLAG_ENCRYPTED) || *dropped > 0)
		return true;
	++*dropped;
	return false;
}

static void
last_lost(struct sim *sim)
{
	struct sim_host *host[2];
	unsigned int dropped = 0;

	sim->seed |= 1;
	sim->tap = no_last;
	sim->tap_ctx = &dropped;
	two(sim, host, "esp/transport//require");
	scen_talk(sim, host[0], host[1], 4 * SIM_SECOND);
	sim_expect(sim, dropped == 1, "nothing was lost");
	sim_expect(sim, host[0]->seen[IKE_EVENT_PHASE1_UP] == 1,
	    "more than one IKE SA");
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

static void
send_packet(struct sim *sim, void *ctx)
{
	(void)sim;
	sim_flow_send(ctx);
}

/* Both begin; the seed is the distance. */
static void
collide(struct sim *sim)
{
	struct sim_host *host[2];
	struct sim_flow *there, *back;

	sim->net = (struct sim_net){ .delay = 10 };
	two(sim, host, "esp/transport//require");
	host[0]->job_delay = rng_below(&sim->rng, 20);
	host[1]->job_delay = rng_below(&sim->rng, 20);
	there = sim_flow_between(host[0], host[1]);
	back = sim_flow_between(host[1], host[0]);
	sim_at(sim, sim->now + 5, send_packet, there);
	sim_at(sim, sim->now + 5 + (sim->seed - 1) / 2, send_packet, back);
	sim_run(sim, 2 * SIM_SECOND);
	scen_talk(sim, host[0], host[1], 10 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	scen_talk(sim, host[1], host[0], 5 * SIM_SECOND);
	scen_nothing_lost(sim);
}

/*
 * NAT
 */

/* Networks behind both; what goes out and in. */
static void
behind_nat(struct sim_host *in, struct sim_host *out,
    struct sim_flow *flow[2])
{
	struct ipsec_selector nets = sim_sel("10.1.0.0/16", "10.2.0.0/16", 0);
	struct sim_view at_a = { .sel = nets,
	    .tmpl = "esp/tunnel/" INSIDE "-" SERVER "/require" };
	struct sim_view at_b = { .sel = nets,
	    .tmpl = "esp/tunnel/" OUTSIDE "-" SERVER "/require" };
	struct ipsec_selector there = sim_sel("10.1.0.1", "10.2.0.1", 17);
	struct ipsec_selector back = sim_sel("10.2.0.1", "10.1.0.1", 17);

	in->nat = sim_nat(in->sim, OUTSIDE);
	sim_protect_seen(in, out, &at_a, &at_b);
	sim_start(in);
	sim_start(out);
	flow[0] = sim_flow(in, &there);
	flow[1] = sim_flow(out, &back);
}

static void
through_nat(struct sim *sim)
{
	struct sim_host *in = scen_host(sim, "in", INSIDE);
	struct sim_host *out = scen_host(sim, "out", SERVER);
	struct sim_flow *flow[2];

	configure(in, "my_identifier fqdn \"in.example\";");
	configure(out, "my_identifier user_fqdn \"out@example\"; "
	    "verify_identifier on; peers_identifier fqdn \"in.example\";");
	sim_psk(in, "out@example sesame\n");
	sim_psk(out, "in.example sesame\n");
	behind_nat(in, out, flow);
	for (int i = 0; i < 2; i++)
		sim_expect(sim, sim_flow_until_up(flow[i], 5 * SIM_MINUTE) >
		    0, "no packet got through");
	sim->net = (struct sim_net){ .delay = 10 };
	sim_run(sim, 5 * SIM_SECOND);
	for (int i = 0; i < 2; i++)
		sim_expect(sim, sim_flow_until_up(flow[i], SIM_MINUTE) > 0,
		    "no packet gets through a good network");
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

static void
nat(struct sim *sim)
{
	sim->net = (struct sim_net){ .delay = 10 };
	through_nat(sim);
}

static void
nat_lossy(struct sim *sim)
{
	sim->net = (struct sim_net){ .loss = 200, .dup = 200, .reorder = 200,
	    .delay = 10, .jitter = 20, .reorder_by = 300 };
	through_nat(sim);
}

/*
 * A flood of first messages: the limit holds, and who is up stays up.
 */
static void
flood(struct sim *sim)
{
	struct scen_record record;
	struct sim_host *host[2];
	size_t most = 0;

	sim->seed |= 1;
	scen_record(sim, &record);
	sim->spare_sas = LIMIT_COSTLY;
	two(sim, host, "esp/transport//require");
	scen_talk(sim, host[0], host[1], 20 * SIM_SECOND);
	sim->tap = NULL;
	for (uint32_t i = 0; i < 2000; i++) {
		struct dgram *d = dgram_copy(record.d[0]);
		char text[ADDR_TEXT];

		snprintf(text, sizeof(text), "172.16.%u.%u", i >> 8 & 255,
		    i & 255);
		sim_expect(sim, addr_parse(&d->src, text), "a bad address");
		d->src.port = 500;
		buf_patch32(&d->data, 0, (uint32_t)rng_next(&sim->rng));
		sim_inject(sim, d);
		sim_run(sim, 1);
		if (sim_counts(host[1]).sas > most)
			most = sim_counts(host[1]).sas;
	}
	sim_expect(sim, most > LIMIT_COSTLY && most <= LIMIT_COSTLY + 2,
	    "half-open SAs beyond the limit, or none");
	scen_talk(sim, host[0], host[1], 5 * SIM_SECOND);
	sim_expect(sim, host[1]->seen[IKE_EVENT_PHASE1_UP] == 1,
	    "a flood came up");
	sim_settle(sim, 4 * SIM_MINUTE);
	sim_check(sim);
	scen_record_free(sim, &record);
}

/* One byte changed on its way; the seed says which.  Without NAT-T: no hash
 * covers NAT-D payloads. */
#define STRIDE	23

struct flip {
	uint64_t	nth, at, count;
	uint8_t		mask;
};

static bool
flip_one(void *ctx, struct sim *sim, struct dgram *d)
{
	struct flip *f = ctx;
	size_t at = d->data.n > 0 ? f->at % d->data.n : 0;

	(void)sim;
	if (!d->is_packet && d->data.n > 0 && f->count++ == f->nth)
		buf_patch8(&d->data, at, d->data.p[at] ^ f->mask);
	return true;
}

static void
flip(struct sim *sim)
{
	struct flip f = { .nth = (sim->seed - 1) / 2 % 6,
	    .at = (sim->seed - 1) / 12 * STRIDE };
	struct sim_host *host[2];

	f.mask = (uint8_t)(1u << rng_below(&sim->rng, 8));
	sim->tap = flip_one;
	sim->tap_ctx = &f;
	sim->net = (struct sim_net){ .delay = 10 };
	host[0] = scen_host(sim, "a", "10.0.0.1");
	host[1] = scen_host(sim, "b", "10.0.0.2");
	sim->allowance = 3;
	for (int i = 0; i < 2; i++)
		scen_configure_replacing(host[i], "exchange_mode main;\n"
		    "	lifetime time 1 hour;\n	nat_traversal on;",
		    mode_of(sim));
	sim_protect_all(host[0], host[1], "esp/transport//require");
	sim_start(host[0]);
	sim_start(host[1]);
	scen_talk(sim, host[0], host[1], 2 * SIM_MINUTE);
	sim_settle(sim, 4 * SIM_MINUTE);
	sim_check(sim);
	scen_talk(sim, host[0], host[1], 5 * SIM_SECOND);
}

/* Two keys differ: nothing comes up, nothing is installed. */
static void
wrong_key(struct sim *sim)
{
	struct sim_host *host[2];

	two(sim, host, "esp/transport//require");
	sim_psk(host[1], "* other\n");
	sim_flow_send(sim_flow_between(host[0], host[1]));
	sim_run(sim, SIM_MINUTE);
	scen_nothing_installed(sim);
	sim_expect(sim, host[0]->seen[IKE_EVENT_PHASE1_UP] == 0 &&
	    host[1]->seen[IKE_EVENT_PHASE1_UP] == 0, "came up all the same");
	sim_psk(host[1], "* sesame\n");
	scen_talk(sim, host[0], host[1], 2 * SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/*
 * Signatures
 */

static void
certify(struct sim_host *h, bool first)
{
	static const char *const modes[] = { "main", "aggressive", "base" };

	scen_certify(h, modes[h->sim->seed % 3], first);
}

static void
signed_two(struct sim *sim, struct sim_host *host[2])
{
	host[0] = scen_host(sim, "a", "10.0.0.1");
	host[1] = scen_host(sim, "b", "10.0.0.2");
	for (int i = 0; i < 2; i++)
		certify(host[i], i == 0);
	sim_protect_all(host[0], host[1], "esp/transport//require");
	sim_start(host[0]);
	sim_start(host[1]);
}

static void
signed_good(struct sim *sim)
{
	struct sim_host *host[2];

	sim->net = (struct sim_net){ .delay = 10 };
	signed_two(sim, host);
	scen_talk(sim, host[0], host[1], 20 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	scen_talk(sim, host[1], host[0], 5 * SIM_SECOND);
	scen_nothing_lost(sim);
}

/*
 * The first of two blocks that are for the peer has no certificate: it is the
 * peer's request that leads to the second.  Nobody begins by the first one.
 */
static void
signed_request(struct sim *sim)
{
	struct sim_host *host[2];

	sim->net = (struct sim_net){ .delay = 10 };
	signed_two(sim, host);
	host[1]->certified = "wanted";
	scen_configure_replacing(host[1], "	exchange_mode main;\n"
	    "	lifetime time 1 hour;\n	nat_traversal on;\n"
	    "	proposal {\n		authentication_method "
	    "pre_shared_key;\n",
	    "	exchange_mode main, aggressive, base; passive on;\n"
	    "	lifetime time 1 hour;\n	proposal { "
	    "authentication_method rsasig;\n"
	    "	dh_group modp768; encryption_algorithm aes;\n"
	    "	hash_algorithm sha1; }\n}\n"
	    "remote \"wanted\" {\n"
	    "	exchange_mode main, aggressive, base;\n"
	    "	my_identifier address \"10.0.0.2\";\n"
	    "	lifetime time 1 hour;\n	nat_traversal on;\n"
	    "	proposal {\n		authentication_method rsasig;\n");
	scen_talk(sim, host[0], host[1], 20 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	scen_talk(sim, host[1], host[0], 5 * SIM_SECOND);
	scen_nothing_lost(sim);
}

/* The first host's certificate is of an authority below that which the second
 * one trusts, who learns of it from the first; the network is a bad one. */
static void
signed_below(struct sim *sim)
{
	struct sim_host *host[2];

	sim->net = (struct sim_net){ .loss = 150, .dup = 150, .reorder = 150,
	    .delay = 10, .jitter = 30, .reorder_by = 500 };
	host[0] = scen_host(sim, "a", "10.0.0.1");
	host[1] = scen_host(sim, "b", "10.0.0.2");
	for (int i = 0; i < 2; i++)
		certify(host[i], i == 0);
	scen_certify_below(host);
	sim_protect_all(host[0], host[1], "esp/transport//require");
	sim_start(host[0]);
	sim_start(host[1]);
	comes_up_in_spite(sim, host);
}

/* What is in the DNS of this world: the certificate of 10.0.0.1. */
static const struct cert *first_cert;

static enum err
find_first(const struct crypto *crypto, const char *name, struct cert **out,
    unsigned *n, char why[IKE_WHY])
{
	(void)crypto;
	*n = 0;
	snprintf(why, IKE_WHY, "there is but one");
	if (strcmp(name, "1.0.0.10.in-addr.arpa.") != 0)
		return E_CERT;
	out[(*n)++] = cert_ref(first_cert);
	return OK;
}

/*
 * The second host has the first one's certificate from the DNS, which takes its
 * time, on a bad network, and whoever begins; the first one is sent the other's.
 */
static void
signed_dns(struct sim *sim)
{
	struct sim_host *host[2];

	sim->net = (struct sim_net){ .loss = 150, .dup = 150, .reorder = 150,
	    .delay = 10, .jitter = 30, .reorder_by = 500 };
	signed_two(sim, host);
	first_cert = host[0]->creds.cert;
	host[1]->creds.find = find_first;
	host[1]->job_delay = rng_below(&sim->rng, SIM_SECOND);
	comes_up_in_spite(sim, host);
}

/* The wrong side has it: nobody is who it says it is. */
static void
signed_dns_none(struct sim *sim)
{
	struct sim_host *host[2];

	sim->net = (struct sim_net){ .delay = 10 };
	signed_two(sim, host);
	first_cert = host[0]->creds.cert;
	host[0]->creds.find = find_first;
	sim_flow_send(sim_flow_between(host[0], host[1]));
	sim_run(sim, SIM_MINUTE);
	scen_nothing_installed(sim);
}

static void
signed_lossy(struct sim *sim)
{
	struct sim_host *host[2];

	sim->net = (struct sim_net){ .loss = 250, .dup = 250, .reorder = 250,
	    .delay = 10, .jitter = 30, .reorder_by = 500 };
	signed_two(sim, host);
	comes_up_in_spite(sim, host);
}

static void
signed_nat(struct sim *sim)
{
	struct sim_host *in = scen_host(sim, "in", INSIDE);
	struct sim_host *out = scen_host(sim, "out", SERVER);
	struct sim_flow *flow[2];

	sim->net = (struct sim_net){ .delay = 10 };
	certify(in, true);
	certify(out, false);
	behind_nat(in, out, flow);
	sim_expect(sim, sim_flow_until_up(flow[0],
	    20 * SIM_SECOND) > 0, "no packet got out");
	sim_expect(sim, sim_flow_until_up(flow[1],
	    10 * SIM_SECOND) > 0, "no packet got in");
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/* One byte changed on its way, whatever it was. */
static void
signed_flip(struct sim *sim)
{
	struct flip f = { .nth = (sim->seed - 1) / 3 % 6,
	    .at = (sim->seed - 1) / 18 * STRIDE };
	struct sim_host *host[2];

	f.mask = (uint8_t)(1u << rng_below(&sim->rng, 8));
	sim->tap = flip_one;
	sim->tap_ctx = &f;
	sim->net = (struct sim_net){ .delay = 10 };
	signed_two(sim, host);
	sim_flow_send(sim_flow_between(host[0], host[1]));
	sim_run(sim, 2 * SIM_MINUTE);
	sim_settle(sim, 4 * SIM_MINUTE);
	sim->tap = NULL;
	for (int i = 0; i < 2; i++)
		sim_crash(host[i], false);
	for (int i = 0; i < 2; i++) {
		sim_start(host[i]);
		sim_policy_reload(host[i]);
	}
	scen_talk(sim, host[0], host[1], 2 * SIM_MINUTE);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "good", good, 4, 100 },
		{ "lossy", lossy, 120, 4000 },
		{ "last-lost", last_lost, 1, 1 },
		{ "collide", collide, 160, 400 },
		{ "nat", nat, 4, 100 },
		{ "nat-lossy", nat_lossy, 60, 2000 },
		{ "flip", flip, 400, 4000 },
		{ "flood", flood, 1, 3 },
		{ "wrong-key", wrong_key, 4, 100 },
		{ "signed", signed_good, 6, 100 },
		{ "signed-request", signed_request, 6, 100 },
		{ "signed-below", signed_below, 30, 2000 },
		{ "signed-dns", signed_dns, 30, 3000 },
		{ "signed-dns-none", signed_dns_none, 6, 100 },
		{ "signed-lossy", signed_lossy, 60, 2000 },
		{ "signed-nat", signed_nat, 6, 100 },
		{ "signed-flip", signed_flip, 200, 3000 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
