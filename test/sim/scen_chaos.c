/* SPDX-License-Identifier: ISC */
/*
 * Ten minutes in which engines crash, hosts boot, setkey runs, cables are cut
 * and kernels fail, all at random.  Then it is quiet for two life times, and
 * everything must be as if nothing had happened.
 */
#include "test/sim/scen.h"

#define HOSTS	4
#define WILD	(10 * SIM_MINUTE)
#define QUIET	(130 * SIM_SECOND)	/* twice the life of SAs */

struct chaos {
	struct sim	*sim;
	struct sim_host	*host[HOSTS];
	uint64_t	until;
};

static struct sim_host *
any_host(struct chaos *c)
{
	return c->host[rng_below(&c->sim->rng, HOSTS)];
}

static void
come_back(struct sim *sim, void *ctx)
{
	struct sim_host *h = ctx;

	(void)sim;
	sim_policy_reload(h);
	sim_start(h);
}

static void
later(struct chaos *c, void (*fn)(struct sim *, void *), void *ctx)
{
	sim_at(c->sim, c->sim->now + rng_below(&c->sim->rng, 20000), fn, ctx);
}

static void
boot(struct chaos *c)
{
	struct sim_host *h = any_host(c);

	sim_crash(h, false);
	later(c, come_back, h);
}

static void
crash(struct chaos *c)
{
	struct sim_host *h = any_host(c);

	sim_crash(h, true);
	later(c, come_back, h);
}

static void
stop(struct chaos *c)
{
	struct sim_host *h = any_host(c);

	sim_stop(h);
	later(c, come_back, h);
}

static void
flush_sas(struct chaos *c)
{
	ipsec_flush(any_host(c)->admin, IPSEC_FLUSH_SA, 0);
}

static void
run_setkey(struct chaos *c)
{
	struct sim_host *h = any_host(c);

	sim_policy_flush(h);
	later(c, come_back, h);
}

static void
cut(struct chaos *c)
{
	struct sim_host *a = any_host(c), *b = any_host(c);

	sim_cut(a, b, rng_chance(&c->sim->rng, 500));
}

static void
fail_kernel(struct chaos *c)
{
	kernel_fail_sa_set(any_host(c)->kernel,
	    1 + rng_below(&c->sim->rng, 4));
}

static void
lose_events(struct chaos *c)
{
	kernel_set_queue(any_host(c)->kernel, rng_below(&c->sim->rng, 3));
}

static void
weather(struct chaos *c)
{
	c->sim->net = (struct sim_net){ .delay = 10,
	    .jitter = rng_below(&c->sim->rng, 50),
	    .loss = rng_below(&c->sim->rng, 200),
	    .dup = rng_below(&c->sim->rng, 100),
	    .reorder = rng_below(&c->sim->rng, 100), .reorder_by = 500 };
}

static void
configure(struct chaos *c)
{
	scen_configure(any_host(c), "lifetime time 100 sec;",
	    rng_chance(&c->sim->rng, 500) ? "lifetime time 60 sec;" :
	    "lifetime time 60 sec; pfs_group modp768;");
}

static void
something(struct sim *sim, void *ctx)
{
	static void (*const what[])(struct chaos *) = { boot, crash, stop,
	    flush_sas, run_setkey, cut, cut, fail_kernel, lose_events,
	    weather, configure };
	struct chaos *c = ctx;

	if (sim->now > c->until)
		return;
	what[rng_below(&sim->rng, sizeof(what) / sizeof(what[0]))](c);
	sim_at(sim, sim->now + rng_below(&sim->rng, 10000), something, c);
}

static void
begin(struct chaos *c)
{
	static const char *const addr[HOSTS] = { "10.0.0.1", "10.0.0.2",
	    "10.0.0.3", "10.0.0.4" };
	struct sim_flow *f;

	for (unsigned int i = 0; i < HOSTS; i++) {
		c->host[i] = scen_host(c->sim, addr[i] + 7, addr[i]);
		scen_configure(c->host[i], "lifetime time 100 sec;",
		    "lifetime time 60 sec;");
		for (unsigned int j = 0; j < i; j++)
			sim_protect_all(c->host[j], c->host[i],
			    "esp/transport//require");
	}
	for (unsigned int i = 0; i < HOSTS; i++) {
		sim_start(c->host[i]);
		for (unsigned int j = 0; j < HOSTS; j++) {
			if (i == j)
				continue;
			f = sim_flow_between(c->host[i], c->host[j]);
			f->may_clear = true;	/* no policy, no protection */
			sim_flow_run(f, 700, c->until);
		}
	}
}

static void
heal(struct chaos *c)
{
	c->sim->net = (struct sim_net){ .delay = 10 };
	for (unsigned int i = 0; i < HOSTS; i++) {
		struct sim_host *h = c->host[i];

		kernel_fail_sa_set(h->kernel, 0);
		kernel_set_queue(h->kernel, 1000);
		scen_configure(h, "", "lifetime time 10 min;");
		for (unsigned int j = 0; j < HOSTS; j++)
			sim_cut(h, c->host[j], false);
	}
	sim_run(c->sim, QUIET);		/* everybody is back by then */
}

static void
chaos(struct sim *sim)
{
	struct chaos c = { .sim = sim, .until = sim->now + WILD };

	begin(&c);
	sim_run(sim, 5 * SIM_SECOND);
	something(sim, &c);
	sim_run(sim, WILD);
	heal(&c);
	for (unsigned int i = 0; i < HOSTS; i++)
		for (unsigned int j = 0; j < i; j++)
			scen_talk(sim, c.host[i], c.host[j], SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "chaos", chaos, 20, 400 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
