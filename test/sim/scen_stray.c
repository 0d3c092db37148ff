/* SPDX-License-Identifier: ISC */
/*
 * Packets under SPIs that the receiver's kernel does not have: after a boot,
 * after a deletion that nobody was told of, and forged ones.  Nobody sends on
 * his own but the peer that still has its SAs; nobody asks whether the other
 * is alive.
 */
#include <stdio.h>

#include "libipsec/addr.h"
#include "test/sim/scen.h"
#include "wire/isakmp.h"

#define WITHIN		(3 * SIM_SECOND)
#define OFF		"repair_unknown_spi off;\ntimer {"

/* One sends without a pause, the other answers what comes. */
struct talk {
	struct sim_flow	*there, *back;
	unsigned int	 heard;
	uint64_t	 every, since;
	uint64_t	 up;		/* ms until an answer came; 0: none */
};

static void
speak(struct sim *sim, void *ctx)
{
	struct talk *t = ctx;

	if (t->up != 0)
		return;
	sim_flow_send(t->there);
	sim_at(sim, sim->now + t->every, speak, t);
}

static void
answer(struct sim *sim, void *ctx)
{
	struct talk *t = ctx;

	if (t->up != 0)
		return;
	if (t->back->delivered > 0) {
		t->up = sim->now - t->since;
		return;
	}
	if (t->there->delivered > t->heard) {
		t->heard = t->there->delivered;
		sim_flow_send(t->back);
	}
	sim_at(sim, sim->now + 10, answer, t);
}

/* Until an answer comes, in ms; 0: none within LIMIT. */
static uint64_t
talk(struct sim *sim, struct talk *t, uint64_t limit)
{
	uint64_t end = sim->now + limit;

	t->since = sim->now;
	t->heard = t->there->delivered = t->back->delivered = 0;
	t->up = 0;
	sim_at(sim, sim->now, speak, t);
	sim_at(sim, sim->now, answer, t);
	while (t->up == 0 && sim->now < end)
		sim_run(sim, SIM_SECOND / 10);
	if (t->up == 0)
		t->up = UINT64_MAX;	/* ends both */
	sim_run(sim, t->every);
	return t->up == UINT64_MAX ? 0 : t->up;
}

static void
up(struct sim *sim, struct sim_host *host[2], const char *tmpl)
{
	scen_two(sim, host, tmpl);
	scen_talk(sim, host[0], host[1], 20 * SIM_SECOND);
	sim_run(sim, 2 * SIM_SECOND);
}

/* Down for a while, then there again with nothing but its policies. */
static void
reboot_host(struct sim *sim, struct sim_host *h)
{
	sim_crash(h, false);
	h->unplugged = true;
	sim_run(sim, rng_below(&sim->rng, 5 * SIM_SECOND));
	h->unplugged = false;
	sim_policy_reload(h);
	sim_start(h);
}

static void
within(struct sim *sim, struct talk *t, uint64_t limit)
{
	uint64_t took = talk(sim, t, 2 * SIM_MINUTE);

	if (took == 0)
		sim_fail(sim, "not reachable in 2 minutes");
	else if (took > limit)
		sim_fail(sim, "reachable after %u ms only", (unsigned)took);
}

static void
finish(struct sim *sim)
{
	sim->net.loss = 0;
	sim_run(sim, 10 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

static struct talk
between(struct sim_host *from, struct sim_host *to, uint64_t every)
{
	return (struct talk){ .there = sim_flow_between(from, to),
	    .back = sim_flow_between(to, from), .every = every };
}

/* Seeds choose who boots, how often the peer sends, what protects. */
static void
reboot(struct sim *sim)
{
	static const char *const tmpl[] = {
		"esp/transport//require",
		"ah/transport//require",
		"esp/transport//require ah/transport//require",
		"esp/tunnel/10.0.0.1-10.0.0.2/require",
	};
	unsigned int who = sim->seed & 1;
	bool loses = sim->seed >> 3 & 1;
	struct sim_host *host[2];
	struct talk t;

	up(sim, host, tmpl[sim->seed >> 1 & 3]);
	reboot_host(sim, host[who]);
	sim->net.loss = loses ? 20 : 0;
	t = between(host[!who], host[who], sim->seed >> 4 & 1 ? 1000 : 100);
	/* what shows it may be the next packet only */
	within(sim, &t, WITHIN + (loses ? t.every : 0));
	finish(sim);
	sim_expect(sim, sim_stats(host[who]).stray_repairs == 1 || loses,
	    "one repair is enough");
}

static void
lossy(struct sim *sim)
{
	unsigned int who = sim->seed & 1;
	struct sim_host *host[2];
	struct talk t;

	up(sim, host, "esp/transport//require");
	reboot_host(sim, host[who]);
	sim->net = (struct sim_net){ .delay = 20, .jitter = 30, .loss = 200,
	    .dup = 50, .reorder = 100, .reorder_by = 200 };
	t = between(host[!who], host[who], 100);
	within(sim, &t, 30 * SIM_SECOND);
	/* a DELETE may be among the lost ones: traffic shows it */
	sim->net.loss = 0;
	sim_flow_run(t.there, 200, sim->now + 40 * SIM_SECOND);
	sim_flow_run(t.back, 200, sim->now + 40 * SIM_SECOND);
	sim_run(sim, 40 * SIM_SECOND);
	finish(sim);
}

/* What the repair is good for. */
static void
switched_off(struct sim *sim)
{
	unsigned int who = sim->seed & 1;
	struct sim_host *host[2];
	struct talk t;

	up(sim, host, "esp/transport//require");
	scen_configure_replacing(host[who], "timer {", OFF);
	reboot_host(sim, host[who]);
	t = between(host[!who], host[who], 100);
	sim_expect(sim, talk(sim, &t, 2 * SIM_MINUTE) == 0,
	    "something else has repaired it");
	sim_expect(sim, sim_stats(host[who]).stray_seen == 0 &&
	    sim_stats(host[who]).phase1_started == 0, "it was looked at");
}

/* A server, and a host behind a NAT box, whose port is all that leads back. */
static void
nat(struct sim *sim)
{
	struct sim_host *in = scen_host(sim, "in", "192.168.7.2");
	struct sim_host *out = scen_host(sim, "out", "203.0.113.9");
	struct sim_view at_in = { .sel = sim_sel("192.168.7.2",
	    "203.0.113.9", 0), .tmpl = "esp/transport//require" };
	struct sim_view at_out = { .sel = sim_sel("203.0.113.1",
	    "203.0.113.9", 0), .tmpl = "esp/transport//require" };
	struct ipsec_selector there = sim_sel("192.168.7.2", "203.0.113.9",
	    17), back = sim_sel("203.0.113.9", "203.0.113.1", 17);
	struct talk t = { .every = 100 };
	bool server = sim->seed & 1;

	in->nat = sim_nat(sim, "203.0.113.1");
	sim_protect_seen(in, out, &at_in, &at_out);
	sim_start(in);
	sim_start(out);
	t.there = sim_flow(in, &there);
	t.back = sim_flow(out, &back);
	within(sim, &t, 20 * SIM_SECOND);
	sim_run(sim, 2 * SIM_SECOND);
	reboot_host(sim, server ? out : in);
	if (!server) {
		t.there = sim_flow(out, &back);
		t.back = sim_flow(in, &there);
	}
	within(sim, &t, WITHIN);
}

static int
first_of(void *ctx, const struct ipsec_sa *sa)
{
	*(struct ipsec_sa_id *)ctx = sa->id;
	return 1;
}

/* The kernel loses an inbound SA and no event tells of it. */
static void
silent(struct sim *sim)
{
	unsigned int who = sim->seed & 1;
	struct sim_host *host[2];
	struct ipsec_filter in = { .proto = IPSEC_PROTO_ESP };
	struct ipsec_sa_id id;
	struct talk t;

	up(sim, host, "esp/transport//require");
	in.dst = host[who]->addr[0];
	sim_expect(sim, ipsec_sa_dump(host[who]->admin, &in, first_of, &id) ==
	    1, "nothing to lose");
	kernel_mute(host[who]->kernel, true);
	sim_expect(sim, ipsec_sa_delete(host[who]->admin, &id) == 0,
	    "nothing was lost");
	kernel_mute(host[who]->kernel, false);
	t = between(host[!who], host[who], 100);
	within(sim, &t, WITHIN);
	sim_expect(sim, sim_stats(host[who]).phase1_started +
	    sim_stats(host[!who]).phase1_started == 2,
	    "the IKE SA was good enough");
	finish(sim);
}

/* The peer missed our DELETE: told again, under the IKE SA. */
static void
missed_delete(struct sim *sim)
{
	unsigned int who = sim->seed & 1;
	struct sim_host *host[2];
	struct talk t;

	up(sim, host, "esp/transport//require");
	sim_cut(host[who], host[!who], true);
	ipsec_flush(host[who]->admin, IPSEC_FLUSH_SA, 0);
	sim_run(sim, SIM_SECOND);
	sim_cut(host[who], host[!who], false);
	t = between(host[!who], host[who], 100);
	within(sim, &t, WITHIN);
	finish(sim);
}

/* It is the peer that has to begin. */
static void
passive(struct sim *sim)
{
	unsigned int who = sim->seed & 1;
	struct sim_watch *said = sim_watch(sim, "the remote block says "
	    "passive");
	struct sim_host *host[2];
	struct talk t;

	up(sim, host, "esp/transport//require");
	scen_configure(host[who], "passive on;", "");
	reboot_host(sim, host[who]);
	t = between(host[!who], host[who], 100);
	sim_expect(sim, talk(sim, &t, 30 * SIM_SECOND) == 0, "who began?");
	sim_expect(sim, sim_stats(host[who]).phase1_started == 0,
	    "a passive host began");
	if (said->count != 1)
		sim_fail(sim, "said %u times", said->count);
}

/* Forged packets, some of them in the name of a peer. */
struct forger {
	struct sim_host	*at;
	struct ipsec_addr peer;
	size_t		 flow;
	uint64_t	 until;
	bool		 udp;
};

static void
forge(struct sim *sim, void *ctx)
{
	struct forger *f = ctx;
	struct dgram *d = dgram_new();
	uint32_t r = (uint32_t)rng_next(&sim->rng);

	if (sim->now > f->until) {
		dgram_free(d);
		return;
	}
	d->is_packet = true;
	d->src = f->peer;
	if (r & 1) {			/* anywhere in 10.0.0.0/8 */
		d->src.bytes[1] = (uint8_t)(r >> 8);
		d->src.bytes[2] = (uint8_t)(r >> 16);
		d->src.bytes[3] = (uint8_t)(r >> 24) | 4;
	}
	d->dst = f->at->addr[0];
	d->packet = (struct kernel_packet){ .src = d->src, .dst = d->dst,
	    .bytes = 100, .owner = f->flow, .nlayer = 1 };
	d->packet.layer[0] = (struct kernel_layer){
	    .proto = r & 2 ? IPSEC_PROTO_ESP : IPSEC_PROTO_AH,
	    .mode = IPSEC_MODE_TRANSPORT,
	    .spi = 256 + (uint32_t)rng_next(&sim->rng) % 0xffffff00u,
	    .seq = 1 };
	sim_inject(sim, d);
	sim_at(sim, sim->now + 5, forge, f);
}

/*
 * For two minutes 200 forged packets a second, at a host whose policies are
 * for a whole net: everything that is good stays, and what it costs is
 * bounded.
 */
static void
flood(struct sim *sim)
{
	struct sim_host *host[2];
	struct ipsec_selector net = sim_sel("10.0.0.1", "10.0.0.0/8", 0);
	struct ipsec_policy p = { .action = IPSEC_ACTION_IPSEC,
	    .priority = 0x80000010u, .ntmpl = 1, .dir = IPSEC_DIR_OUT,
	    .sel = net };
	struct forger f = { .until = sim->now + 2 * SIM_MINUTE };
	struct sim_flow *there, *back;

	scen_two(sim, host, "esp/transport//require");
	sim->spare_sas = 2000;
	host[0]->npairs = 2000;
	p.ntmpl = (uint8_t)sim_tmpl("esp/transport//require", p.tmpl);
	sim_policy(host[0], &p);
	scen_talk(sim, host[0], host[1], 20 * SIM_SECOND);
	sim_run(sim, 2 * SIM_SECOND);
	there = sim_flow_between(host[0], host[1]);
	back = sim_flow_between(host[1], host[0]);
	sim_flow_run(there, 100, f.until);
	sim_flow_run(back, 100, f.until);
	f.at = host[0];
	f.peer = host[1]->addr[0];
	sim_flow_between(host[1], host[0]);
	f.flow = sim->nflow - 1;
	sim_at(sim, sim->now, forge, &f);
	sim_run(sim, 2 * SIM_MINUTE);
	sim_expect(sim, there->delivered == there->sent &&
	    back->delivered == back->sent, "forged packets cost good ones");
	sim_expect(sim, host[0]->seen[IKE_EVENT_PHASE1_DOWN] == 0 &&
	    host[1]->seen[IKE_EVENT_PHASE1_DOWN] == 0, "an IKE SA went");
	/* a burst, then 32 a second */
	if (sim_stats(host[0]).stray_repairs > 512 + 120 * 33)
		sim_fail(sim, "%u repairs", (unsigned)
		    sim_stats(host[0]).stray_repairs);
	/* renewed at most as often as the sender's gap allows */
	if (host[0]->seen[IKE_EVENT_CHILD_UP] > 4)
		sim_fail(sim, "%u pairs with the peer",
		    host[0]->seen[IKE_EVENT_CHILD_UP]);
	sim_expect(sim, sim_stats(host[0]).stray_seen > 1000,
	    "the flood was not seen");
}

/* Each packet may be the last one under an SA that has just been replaced. */
static void
late(struct sim *sim)
{
	struct sim_host *host[2];
	struct sim_flow *there, *back;

	sim->net = (struct sim_net){ .delay = 5, .jitter = 20, .reorder = 200,
	    .reorder_by = 700 };
	scen_two(sim, host, "esp/transport//require");
	for (int i = 0; i < 2; i++)
		scen_configure(host[i], "", "lifetime time 60 sec;");
	scen_talk(sim, host[0], host[1], 20 * SIM_SECOND);
	there = sim_flow_between(host[0], host[1]);
	back = sim_flow_between(host[1], host[0]);
	sim_flow_run(there, 50, sim->now + 5 * SIM_MINUTE);
	sim_flow_run(back, 50, sim->now + 5 * SIM_MINUTE);
	sim_run(sim, 5 * SIM_MINUTE);
	for (int i = 0; i < 2; i++)
		if (sim_stats(host[i]).stray_repairs > 0)
			sim_fail(sim, "%s: %u repairs of nothing",
			    host[i]->name, (unsigned)
			    sim_stats(host[i]).stray_repairs);
}

/* Thirty peers still use what one host has lost. */
static void
hub(struct sim *sim)
{
	enum { PEERS = 30 };
	struct sim_host *h = scen_host(sim, "hub", "10.0.0.1"), *peer;
	struct talk t[PEERS];
	char name[24], addr[24];

	sim_start(h);
	for (unsigned int i = 0; i < PEERS; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		snprintf(addr, sizeof(addr), "10.1.0.%u", i + 1);
		peer = scen_host(sim, name, addr);
		sim_protect_all(h, peer, "esp/transport//require");
		sim_start(peer);
		t[i] = between(peer, h, 200);
		sim_flow_send(t[i].there);
	}
	sim_run(sim, 5 * SIM_SECOND);
	reboot_host(sim, h);
	for (unsigned int i = 0; i < PEERS; i++) {
		t[i].since = sim->now;
		t[i].heard = t[i].there->delivered = 0;
		sim_at(sim, sim->now, speak, &t[i]);
		sim_at(sim, sim->now, answer, &t[i]);
	}
	sim_run(sim, WITHIN);
	for (unsigned int i = 0; i < PEERS; i++)
		if (t[i].up == 0) {
			sim_fail(sim, "peer %u is not back", i);
			t[i].up = 1;
		}
	finish(sim);
}

/*
 * The peer has no SAs either, and was not heard when it said so, but believes
 * in the IKE SA of before: what comes is a quick mode, and no ESP.
 */
static void
quick(struct sim *sim)
{
	unsigned int who = sim->seed & 1;
	bool off = sim->seed >> 1 & 1;
	struct sim_host *host[2];
	struct talk t;

	up(sim, host, "esp/transport//require");
	if (off)
		scen_configure_replacing(host[who], "timer {", OFF);
	sim->net.loss = 1000;
	ipsec_flush(host[!who]->admin, IPSEC_FLUSH_SA, 0);
	sim_run(sim, SIM_SECOND / 10);
	reboot_host(sim, host[who]);
	sim->net.loss = 0;
	t = between(host[!who], host[who], 200);
	if (off)
		sim_expect(sim, talk(sim, &t, 5 * SIM_SECOND) == 0 &&
		    sim_stats(host[who]).called == 0,
		    "something else has repaired it");
	else
		within(sim, &t, WITHIN);
	if (off)
		return;
	sim_expect(sim, sim_stats(host[who]).called == 1,
	    "one call is enough");
	finish(sim);
}

/* Quick modes of nobody's, said to be from there. */
static void
forge_quick(struct sim *sim, struct sim_host *to, struct ipsec_addr from)
{
	for (uint8_t i = 1; i <= 200; i++) {
		struct dgram *d = dgram_new();

		d->src = from;
		d->dst = to->addr[0];
		d->src.port = d->dst.port = ISAKMP_PORT;
		buf_u32(&d->data, i);		/* cookies */
		buf_u32(&d->data, i);
		buf_u32(&d->data, i);
		buf_u32(&d->data, i);
		buf_u8(&d->data, ISAKMP_HASH);
		buf_u8(&d->data, ISAKMP_VERSION);
		buf_u8(&d->data, ISAKMP_ETYPE_QUICK);
		buf_u8(&d->data, ISAKMP_FLAG_ENCRYPTED);
		buf_u32(&d->data, i);		/* message id, length */
		buf_u32(&d->data, ISAKMP_HEADER_LEN + 32);
		for (int k = 0; k < 8; k++)
			buf_u32(&d->data, (uint32_t)rng_next(&sim->rng));
		sim_inject(sim, d);
		sim_run(sim, 10);
	}
}

/* Who is in no policy is not called, whatever he sends, nor a peer often: one
 * that does not answer, or one that this host has lost the key of. */
static void
forged_quick(struct sim *sim)
{
	struct ipsec_addr stranger;
	struct sim_host *host[2];
	struct ike_stats before;
	struct talk t;

	up(sim, host, "esp/transport//require");
	reboot_host(sim, host[0]);
	before = sim_stats(host[0]);
	stranger = host[1]->addr[0];
	stranger.bytes[0]++;
	forge_quick(sim, host[0], stranger);
	sim_expect(sim, sim_stats(host[0]).dropped >= before.dropped + 200,
	    "something was taken");
	sim_expect(sim, sim_stats(host[0]).phase1_started ==
	    before.phase1_started, "a stranger is called");
	if (sim->seed & 1)
		sim_cut(host[0], host[1], true);
	else
		sim_psk(host[0], "10.0.0.77 other\n");
	forge_quick(sim, host[0], host[1]->addr[0]);
	forge_quick(sim, host[0], host[1]->addr[0]);
	sim_expect(sim, sim_stats(host[0]).called >= 1 &&
	    sim_stats(host[0]).called <= 3, "called too often, or never");
	if (!(sim->seed & 1))
		return;
	sim_cut(host[0], host[1], false);
	t = between(host[1], host[0], 200);
	within(sim, &t, 30 * SIM_SECOND);
	finish(sim);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "reboot", reboot, 32, 400 },
		{ "lossy", lossy, 20, 200 },
		{ "switched-off", switched_off, 2, 10 },
		{ "nat", nat, 4, 50 },
		{ "silent", silent, 4, 50 },
		{ "missed-delete", missed_delete, 4, 50 },
		{ "passive", passive, 2, 10 },
		{ "flood", flood, 1, 3 },
		{ "late", late, 1, 20 },
		{ "quick", quick, 8, 100 },
		{ "forged-quick", forged_quick, 2, 10 },
		{ "hub", hub, 1, 5 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
