/* SPDX-License-Identifier: ISC */
/*
 * What a policy or a sainfo asks of SAs beside keys: the mark or the interface
 * of policies that are equal otherwise, sequence numbers of 64 bits, the
 * replay window.  It must hold for every generation of SAs.
 */
#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/scen.h"

#define SPOKES		2
#define INNER_HUB	"192.168.1.7"
#define INNER_SPOKE	"192.168.2.9"
#define TUNNEL(to)	"esp/tunnel/10.0.0.1-" to "/require"
#define SHORT		"lifetime time 120 sec;"	/* at rest most of the time */
#define PERIOD		(10 * SIM_MINUTE)	/* some generations */

/* What the outbound (or inbound) SAs between two ends are like. */
struct look {
	const struct sim_host *peer;
	bool		 out, good;
	struct kernel_scope scope;
	uint32_t	 flags, window;
	unsigned int	 n;
};

static int
look_at(void *ctx, const struct ipsec_sa *sa)
{
	struct look *l = ctx;
	const struct ipsec_addr *far = l->out ? &sa->id.dst : &sa->src;

	if (sa->state == IPSEC_STATE_LARVAL ||
	    !addr_equal(far, &l->peer->addr[0]))
		return 0;
	l->n++;
	l->good = l->good && sa->if_id == l->scope.if_id &&
	    sa->id.mark.value == l->scope.mark &&
	    (sa->flags & IPSEC_SA_ESN) == l->flags &&
	    (l->window == 0 || sa->replay == l->window);
	return 0;
}

static void
looks(struct sim_host *h, struct look l)
{
	l.good = true;
	for (int i = 0; i < 2; i++) {
		l.n = 0;
		l.out = i == 0;
		ipsec_sa_dump(h->admin, NULL, look_at, &l);
		sim_expect(h->sim, l.n > 0 && l.good, l.out ?
		    "outbound SAs have another mark, id, width or window" :
		    "inbound SAs have another mark, id, width or window");
	}
}

static void
all_arrived(struct sim *sim, const struct sim_flow *f)
{
	if (f->delivered != f->sent)
		sim_fail(sim, "%u of %u packets of %s lost",
		    f->sent - f->delivered, f->sent, f->from->name);
}

/*
 * A hub whose two peers have the same network behind them: for one and the
 * same selector it has two policies, and only their scopes tell them apart.
 */
struct hub {
	struct sim_host	*host, *spoke[SPOKES];
	struct kernel_scope scope[SPOKES];
	struct sim_flow	*to[SPOKES], *from[SPOKES];
};

static void
hub_configure(struct hub *h, const char *lines[SPOKES])
{
	char *base = scen_conf_with("", SHORT), *text;

	text = xasprintf("%s\nremote 10.0.0.2 inherit anonymous { %s }\n"
	    "remote 10.0.0.3 inherit anonymous { %s }\n", base, lines[0],
	    lines[1]);
	sim_expect(h->host->sim, sim_conf(h->host, text),
	    "configuration refused");
	free(text);
	free(base);
}

static void
hub_up(struct sim *sim, struct hub *h, const char *lines[SPOKES])
{
	static const char *const addr[SPOKES] = { "10.0.0.2", "10.0.0.3" };
	static const char *const tunnel[SPOKES] = { TUNNEL("10.0.0.2"),
	    TUNNEL("10.0.0.3") };
	struct ipsec_selector sel = sim_sel("192.168.1.0/24",
	    "192.168.2.0/24", 0);

	h->host = scen_host(sim, "hub", "10.0.0.1");
	for (int i = 0; i < SPOKES; i++) {
		h->spoke[i] = scen_host(sim, i == 0 ? "b" : "c", addr[i]);
		scen_configure(h->spoke[i], "", SHORT);
		sim_protect_scoped(h->host, h->spoke[i], &sel, tunnel[i],
		    h->scope[i]);
		sim_start(h->spoke[i]);
		sel = sim_sel(INNER_HUB, INNER_SPOKE, IPPROTO_UDP);
		h->to[i] = sim_flow(h->host, &sel);
		h->to[i]->scope = h->scope[i];
		sel = sim_sel(INNER_SPOKE, INNER_HUB, IPPROTO_UDP);
		h->from[i] = sim_flow(h->spoke[i], &sel);
		sel = sim_sel("192.168.1.0/24", "192.168.2.0/24", 0);
	}
	hub_configure(h, lines);
	sim_start(h->host);
}

/* Both at once, over some generations; nothing goes to the other one. */
static void
hub_run(struct sim *sim, struct hub *h)
{
	/* the one is begun here, the other there */
	sim_expect(sim, sim_flow_until_up(h->to[0], 20 * SIM_SECOND) > 0 &&
	    sim_flow_until_up(h->from[1], 20 * SIM_SECOND) > 0,
	    "no packet got through");
	sim_run(sim, 2 * SIM_SECOND);
	for (int i = 0; i < SPOKES; i++) {
		h->to[i]->sent = h->to[i]->delivered = 0;
		h->from[i]->sent = h->from[i]->delivered = 0;
		sim_flow_run(h->to[i], 200, sim->now + PERIOD);
		sim_flow_run(h->from[i], 200, sim->now + PERIOD);
	}
	sim_run(sim, PERIOD + SIM_SECOND);
	for (int i = 0; i < SPOKES; i++) {
		all_arrived(sim, h->to[i]);
		all_arrived(sim, h->from[i]);
		looks(h->host, (struct look){ .peer = h->spoke[i],
		    .scope = h->scope[i] });
		looks(h->spoke[i], (struct look){ .peer = h->host });
	}
	sim_expect(sim, h->host->seen[IKE_EVENT_CHILD_UP] >= 8,
	    "the SAs were not renewed");
	sim_settle(sim, SIM_MINUTE);
	sim_check(sim);
	scen_nothing_lost(sim);
}

static void
interfaces(struct sim *sim)
{
	struct hub h = { .scope = { { 0, 5 }, { 0, 6 } } };

	hub_up(sim, &h, (const char *[]){ "if_id 5;", "if_id 6;" });
	hub_run(sim, &h);
}

static void
marks(struct sim *sim)
{
	struct hub h = { .scope = { { 5, 0 }, { 6, 0 } } };

	hub_up(sim, &h, (const char *[]){ "mark 5;", "mark 6;" });
	hub_run(sim, &h);
}

/* One of them has none: its block is for policies with neither. */
static void
one_plain(struct sim *sim)
{
	struct hub h = { .scope = { { 0, 0 }, { 0, 6 } } };

	hub_up(sim, &h, (const char *[]){ "if_id 0;", "if_id 6;" });
	hub_run(sim, &h);
}

/*
 * Two policies for the same peer, which sees twice the same traffic and soon
 * deletes one of both pairs.  What we send waits then for SAs of its own scope,
 * for a second or so, and never takes those of the other one.
 */
static void
one_peer(struct sim *sim)
{
	struct ipsec_selector sel = sim_sel("10.0.0.1", "10.0.0.2", 0);
	static const struct kernel_scope scope[] = { { 0, 5 }, { 0, 6 } };
	struct sim_host *a = scen_host(sim, "a", "10.0.0.1");
	struct sim_host *b = scen_host(sim, "b", "10.0.0.2");
	struct sim_flow *f[2];

	scen_configure(a, "", SHORT);
	scen_configure(b, "", SHORT);
	for (int i = 0; i < 2; i++) {
		sim_protect_scoped(a, b, &sel, "esp/transport//require",
		    scope[i]);
		f[i] = sim_flow_between(a, b);
		f[i]->scope = scope[i];
	}
	sim_start(a);
	sim_start(b);
	for (int i = 0; i < 2; i++)
		sim_expect(sim, sim_flow_until_up(f[i], 20 * SIM_SECOND) > 0,
		    "no packet got through");
	sim_run(sim, 2 * SIM_SECOND);
	for (int i = 0; i < 2; i++) {
		f[i]->sent = f[i]->delivered = f[i]->out[KERNEL_WAIT] = 0;
		sim_flow_run(f[i], 200, sim->now + PERIOD);
	}
	sim_run(sim, PERIOD + SIM_SECOND);
	for (int i = 0; i < 2; i++) {
		sim_expect(sim, f[i]->delivered + f[i]->out[KERNEL_WAIT] >=
		    f[i]->sent, "a packet left and did not arrive");
		sim_expect(sim, f[i]->delivered > f[i]->sent / 10 * 9,
		    "one of both waits too long");
	}
	scen_nothing_lost(sim);
}

/* Sequence numbers and windows: of both ends, or as they can agree. */
static void
numbers(struct sim *sim, const char *lines[2], uint32_t flags,
    const uint32_t window[2])
{
	struct sim_host *host[2];
	struct sim_flow *f[2];
	char *text;

	scen_two(sim, host, "esp/transport//require");
	for (int i = 0; i < 2; i++) {
		text = xasprintf("%s %s", SHORT, lines[i]);
		scen_configure(host[i], "", text);
		free(text);
	}
	if (!scen_talk(sim, host[0], host[1], 20 * SIM_SECOND))
		return;
	for (int i = 0; i < 2; i++) {
		f[i] = sim_flow_between(host[i], host[1 - i]);
		sim_flow_run(f[i], 200, sim->now + PERIOD);
	}
	for (int n = 0; n < 5; n++) {
		sim_run(sim, PERIOD / 5);
		for (int i = 0; i < 2; i++)
			looks(host[i], (struct look){ .peer = host[1 - i],
			    .flags = flags, .window = window[i] });
	}
	sim_run(sim, SIM_SECOND);
	for (int i = 0; i < 2; i++)
		all_arrived(sim, f[i]);
	sim_expect(sim, host[0]->seen[IKE_EVENT_CHILD_UP] >= 5,
	    "the SAs were not renewed");
	scen_nothing_lost(sim);
}

static void
esn(struct sim *sim)
{
	numbers(sim, (const char *[]){ "esn on; replay_window 64;",
	    "esn on; replay_window 1024;" }, IPSEC_SA_ESN,
	    (const uint32_t []){ 64, 1024 });
}

static void
esn_of_one(struct sim *sim)
{
	numbers(sim, (const char *[]){ "esn on;", "" }, 0,
	    (const uint32_t []){ 32, 32 });
}

/* Late packets: a wide window takes them, a narrow one does not. */
static void
late(struct sim *sim)
{
	struct sim_host *host[2];
	struct sim_flow *f[2];

	scen_two(sim, host, "esp/transport//require");
	scen_configure(host[0], "", "replay_window 64;");
	scen_configure(host[1], "", "replay_window 2;");
	if (!scen_talk(sim, host[0], host[1], 20 * SIM_SECOND))
		return;
	sim->net.reorder = 200;
	sim->net.reorder_by = 200;
	for (int i = 0; i < 2; i++) {
		f[i] = sim_flow_between(host[i], host[1 - i]);
		sim_flow_run(f[i], 20, sim->now + SIM_MINUTE);
	}
	sim_run(sim, SIM_MINUTE + SIM_SECOND);
	sim_expect(sim, f[0]->in[KERNEL_REPLAY] > 0,
	    "a window of 2 packets took everything");
	sim_expect(sim, f[1]->in[KERNEL_REPLAY] == 0,
	    "a window of 64 packets refused some");
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "two-interfaces", interfaces, 3, 100 },
		{ "two-marks", marks, 3, 100 },
		{ "one-without", one_plain, 3, 100 },
		{ "two-of-one-peer", one_peer, 3, 100 },
		{ "esn", esn, 2, 100 },
		{ "esn-of-one", esn_of_one, 2, 100 },
		{ "late-packets", late, 2, 100 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
