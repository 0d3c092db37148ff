/* SPDX-License-Identifier: ISC */
/*
 * Ends: an engine stops, a host crashes or boots, somebody deletes SAs by
 * hand.  The other side follows, and later everything comes back.
 */
#include "test/sim/scen.h"
#include "wire/isakmp.h"

static void
up(struct sim *sim, struct sim_host *host[2])
{
	scen_two(sim, host, "esp/transport//require");
	scen_talk(sim, host[0], host[1], 20 * SIM_SECOND);
	sim_run(sim, SIM_SECOND);
}

static void
nothing_mature(struct sim *sim, const char *text)
{
	struct sim_count any = { .mature = true };

	for (size_t i = 0; i < sim->nhost; i++)
		sim_expect(sim, sim_count_sas(sim->host[i], &any) == 0, text);
}

/* Seeds choose who stops and who sends first afterwards. */
static void
stop(struct sim *sim)
{
	struct sim_host *host[2];
	unsigned int who = sim->seed & 1, first = sim->seed >> 1 & 1;

	up(sim, host);
	sim_stop(host[who]);
	sim_run(sim, 2 * SIM_SECOND);
	nothing_mature(sim, "an SA outlived the engine that made it");
	if (sim->seed >> 2 & 1) {
		sim_flow_send(sim_flow_between(host[!who], host[who]));
		sim_run(sim, rng_below(&sim->rng, SIM_MINUTE));
	}
	sim_start(host[who]);
	scen_talk(sim, host[first], host[!first], 90 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/* The host boots: it knows nothing, and INITIAL-CONTACT says so. */
static void
boot(struct sim *sim)
{
	struct sim_host *host[2];
	unsigned int who = sim->seed & 1;

	up(sim, host);
	sim_crash(host[who], false);
	sim_run(sim, rng_below(&sim->rng, 10 * SIM_SECOND));
	sim_policy_reload(host[who]);
	sim_start(host[who]);
	scen_talk(sim, host[who], host[!who], 20 * SIM_SECOND);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

static bool
drop_informational(void *ctx, struct sim *sim, struct dgram *d)
{
	(void)ctx;
	(void)sim;
	return d->is_packet || d->data.n < ISAKMP_HEADER_LEN ||
	    d->data.p[18] != ISAKMP_ETYPE_INFO;
}

/* What comes behind phase 1 gets lost: main mode itself has said the same. */
static void
boot_quietly(struct sim *sim)
{
	struct sim_count mature = { .mature = true };
	struct sim_host *host[2];
	unsigned int who = sim->seed & 1;

	up(sim, host);
	sim_crash(host[who], false);
	sim_policy_reload(host[who]);
	sim_start(host[who]);
	sim->tap = drop_informational;
	scen_talk(sim, host[who], host[!who], 20 * SIM_SECOND);
	sim_expect(sim, sim_count_sas(host[!who], &mature) == 2,
	    "the SAs from before were not removed");
	sim->tap = NULL;
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/* Only the engine dies: the kernels go on without a gap. */
static void
crash(struct sim *sim)
{
	struct sim_host *host[2];
	struct sim_flow *there, *back;
	unsigned int who = sim->seed & 1;

	up(sim, host);
	there = sim_flow_between(host[0], host[1]);
	back = sim_flow_between(host[1], host[0]);
	sim_flow_run(there, 100, sim->now + SIM_MINUTE);
	sim_flow_run(back, 100, sim->now + SIM_MINUTE);
	sim_run(sim, 10 * SIM_SECOND);
	sim_crash(host[who], true);
	sim_run(sim, 10 * SIM_SECOND);
	sim_start(host[who]);
	sim_run(sim, 50 * SIM_SECOND);
	sim_expect(sim, there->delivered == there->sent &&
	    back->delivered == back->sent, "packets lost");
}

struct victim {
	struct sim_host	*host;
	struct ipsec_sa_id id;
	unsigned int	 skip;
};

static int
choose(void *ctx, const struct ipsec_sa *sa)
{
	struct victim *v = ctx;

	v->id = sa->id;
	return v->skip-- == 0;
}

/* `setkey delete' of one SA, in any of the four places. */
static void
one_deleted(struct sim *sim)
{
	struct sim_host *host[2];
	struct victim v = { .skip = sim->seed >> 1 & 1 };
	struct ipsec_filter esp = { .proto = IPSEC_PROTO_ESP };

	up(sim, host);
	v.host = host[sim->seed & 1];
	ipsec_sa_dump(v.host->admin, &esp, choose, &v);
	sim_expect(sim, ipsec_sa_delete(v.host->admin, &v.id) == 0,
	    "nothing to delete");
	sim_run(sim, 2 * SIM_SECOND);
	scen_talk(sim, host[0], host[1], SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/* `setkey -F' on one side. */
static void
all_flushed(struct sim *sim)
{
	struct sim_host *host[2];

	up(sim, host);
	ipsec_flush(host[sim->seed & 1]->admin, IPSEC_FLUSH_SA, 0);
	sim_run(sim, 2 * SIM_SECOND);
	scen_talk(sim, host[0], host[1], SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/* Events get lost: the engine finds out what the kernel has. */
static void
overrun(struct sim *sim)
{
	struct sim_host *host[2];
	struct sim_flow *f;

	scen_two(sim, host, "esp/transport//require");
	f = sim_flow_between(host[0], host[1]);
	kernel_set_queue(host[0]->kernel, 0);
	sim_flow_send(f);		/* its ACQUIRE is lost */
	kernel_set_queue(host[0]->kernel, 1000);
	sim_run(sim, 5 * SIM_SECOND);
	sim_flow_send(f);
	sim_run(sim, SIM_SECOND);
	sim_expect(sim, f->delivered == 1, "a lost ACQUIRE was not found");
	kernel_set_queue(host[0]->kernel, 0);
	ipsec_flush(host[0]->admin, IPSEC_FLUSH_SA, 0);
	kernel_set_queue(host[0]->kernel, 1000);
	sim_run(sim, 5 * SIM_SECOND);
	scen_talk(sim, host[0], host[1], SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/* A reload of the configuration: what is up stays up. */
static void
reload(struct sim *sim)
{
	struct sim_host *host[2];

	up(sim, host);
	for (int i = 0; i < 2; i++)
		scen_configure_replacing(host[i], "modp768", "modp1024");
	scen_talk(sim, host[0], host[1], SIM_SECOND);
	sim_expect(sim, host[0]->seen[IKE_EVENT_CHILD_DOWN] == 0 &&
	    host[0]->seen[IKE_EVENT_PHASE1_DOWN] == 0,
	    "a reload took something down");
	sim_stop(host[0]);
	sim_run(sim, SIM_SECOND);
	sim_start(host[0]);
	scen_talk(sim, host[0], host[1], SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "stop", stop, 16, 200 },
		{ "boot", boot, 10, 200 },
		{ "boot-quietly", boot_quietly, 2, 20 },
		{ "crash", crash, 2, 50 },
		{ "one-deleted", one_deleted, 4, 50 },
		{ "all-flushed", all_flushed, 2, 50 },
		{ "overrun", overrun, 1, 10 },
		{ "reload", reload, 2, 10 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
