/* SPDX-License-Identifier: ISC */
/*
 * Negotiations that must not succeed: nothing may be left of them, the log
 * says why, and nobody is asked again and again.
 */
#include <errno.h>

#include "test/sim/scen.h"

#define ALG_AES_CBC	12		/* struct ipsec_alg.id */

/* Packets every five seconds for a minute, then rest; nothing installed. */
static void
fails(struct sim *sim, struct sim_host *host[2], const char *reason)
{
	struct sim_flow *f = sim_flow_between(host[0], host[1]);
	struct sim_watch *w = sim_watch(sim, reason);

	sim_flow_run(f, 5 * SIM_SECOND, sim->now + SIM_MINUTE);
	sim_run(sim, SIM_MINUTE);
	sim_expect(sim, f->delivered == 0, "a packet got through");
	sim_run(sim, 3 * SIM_SECOND);
	/* The ACQUIRE's own, but no SPI that nobody will use. */
	sim_expect(sim, kernel_larvals(host[0]->kernel) <= 1 &&
	    kernel_larvals(host[1]->kernel) == 0, "reserved SPIs remain");
	sim->npair = 0;			/* no pair is expected */
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
	scen_nothing_installed(sim);
	if (w->count == 0)
		sim_fail(sim, "no log line says \"%s\"", reason);
	/* Each of a dozen packets may start one attempt. */
	if (w->count > 60)
		sim_fail(sim, "%u log lines say \"%s\"", w->count, reason);
	if (host[0]->dgrams_out > 150 || host[1]->dgrams_out > 150)
		sim_fail(sim, "%llu and %llu datagrams for nothing",
		    (unsigned long long)host[0]->dgrams_out,
		    (unsigned long long)host[1]->dgrams_out);
	sim_expect(sim, host[0]->seen[IKE_EVENT_CHILD_UP] ==
	    host[0]->seen[IKE_EVENT_CHILD_DOWN], "a child event too many");
}

static void
wrong_psk(struct sim *sim)
{
	struct sim_host *host[2];

	scen_two(sim, host, "esp/transport//require");
	sim_psk(host[1], "* other\n");
	fails(sim, host, "pre-shared key");
	sim_expect(sim, host[0]->seen[IKE_EVENT_PHASE1_UP] == 0 &&
	    host[1]->seen[IKE_EVENT_PHASE1_UP] == 0, "phase 1 came up");
	sim_expect(sim, host[0]->seen[IKE_EVENT_PHASE1_FAILED] +
	    host[0]->seen[IKE_EVENT_PHASE1_DEAD] > 0,
	    "no event tells of the failure");
	/* The key is looked up anew each time. */
	sim_psk(host[1], "* sesame\n");
	scen_talk(sim, host[0], host[1], SIM_MINUTE);
}

static void
no_psk(struct sim *sim)
{
	struct sim_host *host[2];

	scen_two(sim, host, "esp/transport//require");
	sim_psk(host[1], "192.0.2.77 other\n");
	fails(sim, host, "pre-shared key");
}

static void
no_own_psk(struct sim *sim)
{
	struct sim_host *host[2];

	scen_two(sim, host, "esp/transport//require");
	sim_psk(host[0], "");
	fails(sim, host, "pre-shared key");
}

static void
no_phase1_proposal(struct sim *sim)
{
	struct sim_host *host[2];

	scen_two(sim, host, "esp/transport//require");
	scen_configure_replacing(host[1], "modp768", "modp1024");
	fails(sim, host, "proposal");
}

static void
no_phase2_proposal(struct sim *sim)
{
	struct sim_host *host[2];

	scen_two(sim, host, "esp/transport//require");
	scen_configure_replacing(host[1], "hmac_sha1", "hmac_sha256");
	fails(sim, host, "proposal");
}

static void
no_remote(struct sim *sim)
{
	struct sim_host *host[2];

	scen_two(sim, host, "esp/transport//require");
	scen_configure_replacing(host[1], "remote anonymous",
	    "remote 192.0.2.77");
	fails(sim, host, "remote");
}

static void
no_policy(struct sim *sim)
{
	struct sim_host *host[2];

	scen_two(sim, host, "esp/transport//require");
	sim_policy_flush(host[1]);
	fails(sim, host, "polic");
}

#define REFUSAL	"Requested AUTH algorithm not found"

static void
refused_by_initiator(struct sim *sim)
{
	struct sim_host *host[2];

	scen_two(sim, host, "esp/transport//require");
	kernel_refuse(host[0]->kernel, IPSEC_ALG_ENC, ALG_AES_CBC, -ENOSYS,
	    REFUSAL);
	fails(sim, host, REFUSAL);
}

static void
refused_by_responder(struct sim *sim)
{
	struct sim_host *host[2];

	scen_two(sim, host, "esp/transport//require");
	kernel_refuse(host[1]->kernel, IPSEC_ALG_ENC, ALG_AES_CBC, -ENOSYS,
	    REFUSAL);
	fails(sim, host, REFUSAL);
}

/* One command fails once, the seed says which: later all is well. */
static void
refused_once(struct sim *sim)
{
	struct sim_host *host[2];
	struct sim_flow *f;

	scen_two(sim, host, "esp/transport//require");
	kernel_fail_sa_set(host[sim->seed % 2]->kernel,
	    (unsigned int)(1 + sim->seed / 2 % 2));
	f = sim_flow_between(host[0], host[1]);
	sim_flow_send(f);
	sim_run(sim, 2 * SIM_SECOND);
	scen_talk(sim, host[0], host[1], SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "wrong-psk", wrong_psk, 3, 50 },
		{ "no-psk", no_psk, 3, 50 },
		{ "no-own-psk", no_own_psk, 3, 50 },
		{ "no-phase1-proposal", no_phase1_proposal, 3, 50 },
		{ "no-phase2-proposal", no_phase2_proposal, 3, 50 },
		{ "no-remote", no_remote, 3, 50 },
		{ "no-policy", no_policy, 3, 50 },
		{ "refused-by-initiator", refused_by_initiator, 3, 50 },
		{ "refused-by-responder", refused_by_responder, 3, 50 },
		{ "refused-once", refused_once, 4, 40 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
