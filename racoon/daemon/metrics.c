/* SPDX-License-Identifier: ISC */
/*
 * The families.  Those with a series for each reason have only series that
 * have counted something; there are at most as many as rows in ERR_TABLE.
 */
#include "daemon/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/metrics_text.h"

enum phase { PHASE1, PHASE2, PHASES };
enum role { RESPONDER, INITIATOR, ROLES };

/* Seconds.  A negotiation takes some round trips; a lost datagram costs 1 s,
 * then 2 s. */
static const double le[] = {
	0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
};

#define BUCKETS		(sizeof(le) / sizeof(le[0]))
#define KERNEL_EVENTS	(IPSEC_EVENT_RESYNC + 1)

struct metrics {
	uint64_t	up[PHASES][ROLES];
	uint64_t	failed[PHASES][ROLES][ERR_COUNT];
	uint64_t	ended[PHASES][ERR_COUNT];
	uint64_t	dead;		/* peers that did not answer */
	uint64_t	bucket[PHASES][ROLES][BUCKETS + 1];
	uint64_t	ms[PHASES][ROLES];
	uint64_t	kernel[KERNEL_EVENTS];
	uint64_t	reloads[2];	/* [good] */
	bool		reloaded;	/* the last one was good, or none was */
};

static const char *const phase_word[PHASES] = { "1", "2" };
static const char *const role_word[ROLES] = { "responder", "initiator" };

struct metrics *
metrics_new(void)
{
	struct metrics *m = xcalloc(1, sizeof(*m));

	m->reloaded = true;
	return m;
}

void
metrics_free(struct metrics *m)
{
	free(m);
}

/* ---- counting ---- */

static void
count_up(struct metrics *m, enum phase phase, enum role role, uint32_t ms)
{
	size_t i = 0;

	while (i < BUCKETS && ms > le[i] * 1000)
		i++;
	m->up[phase][role]++;
	m->bucket[phase][role][i]++;
	m->ms[phase][role] += ms;
}

void
metrics_event(struct metrics *m, const struct ike_event *ev)
{
	const enum role role = ev->initiator ? INITIATOR : RESPONDER;
	const enum err err = (unsigned int)ev->err < ERR_COUNT ? ev->err : OK;

	switch (ev->type) {
	case IKE_EVENT_PHASE1_UP:
		count_up(m, PHASE1, role, ev->ms);
		break;
	case IKE_EVENT_PHASE1_DOWN:
		m->ended[PHASE1][err]++;
		break;
	case IKE_EVENT_PHASE1_DEAD:
		m->dead++;
		if (ev->was_up)
			m->ended[PHASE1][err]++;
		else
			m->failed[PHASE1][role][err]++;
		break;
	case IKE_EVENT_PHASE1_FAILED:
		m->failed[PHASE1][role][err]++;
		break;
	case IKE_EVENT_CHILD_UP:
		count_up(m, PHASE2, role, ev->ms);
		break;
	case IKE_EVENT_CHILD_DOWN:
		m->ended[PHASE2][err]++;
		break;
	case IKE_EVENT_CHILD_FAILED:
		m->failed[PHASE2][role][err]++;
		break;
	case IKE_EVENT_PHASE1_BAD_AUTH:
	case IKE_EVENT_PHASE1_DELETED:
	case IKE_EVENT_CHILD_NO_PHASE1:
		break;
	}
}

void
metrics_kernel(struct metrics *m, enum ipsec_event_type type)
{
	if ((unsigned int)type < KERNEL_EVENTS)
		m->kernel[type]++;
}

void
metrics_reload(struct metrics *m, bool good)
{
	m->reloads[good]++;
	m->reloaded = good;
}

/* ---- negotiations ---- */

static uint64_t
sum_of(const uint64_t n[ERR_COUNT])
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ERR_COUNT; i++)
		sum += n[i];
	return sum;
}

/* Calls for each phase and role. */
#define EACH_PHASE_AND_ROLE(p, r)					\
	for (unsigned int p = 0; p < PHASES; p++)			\
		for (unsigned int r = 0; r < ROLES; r++)

static void
put_negotiations(const struct metrics *m, struct family *f)
{
	family_begin(f, FAMILY_COUNTER, "negotiations", NULL,
	    "negotiations that ended, by phase, role and result");
	EACH_PHASE_AND_ROLE(p, r) {
		struct label l[] = { { "phase", phase_word[p] },
			{ "role", role_word[r] }, { "result", "success" },
			{ NULL, NULL } };

		family_count(f, l, m->up[p][r]);
		l[2].value = "failure";
		family_count(f, l, sum_of(m->failed[p][r]));
	}
	family_begin(f, FAMILY_COUNTER, "negotiation_failures", NULL,
	    "negotiations that failed, by reason");
	EACH_PHASE_AND_ROLE(p, r)
		for (unsigned int e = 0; e < ERR_COUNT; e++) {
			const struct label l[] = { { "phase", phase_word[p] },
				{ "role", role_word[r] },
				{ "reason", err_name((enum err)e) },
				{ NULL, NULL } };

			if (m->failed[p][r][e] > 0)
				family_count(f, l, m->failed[p][r][e]);
		}
}

static void
put_durations(const struct metrics *m, struct family *f)
{
	family_begin(f, FAMILY_HISTOGRAM, "negotiation_duration_seconds",
	    "seconds", "what negotiations that succeeded took");
	EACH_PHASE_AND_ROLE(p, r) {
		const struct label l[] = { { "phase", phase_word[p] },
			{ "role", role_word[r] }, { NULL, NULL } };

		family_histogram(f, l, le, BUCKETS, m->bucket[p][r],
		    (double)m->ms[p][r] / 1000);
	}
}

static void
put_ends(const struct metrics *m, struct family *f)
{
	family_begin(f, FAMILY_COUNTER, "sas_ended", NULL,
	    "IKE SAs (phase 1) and pairs of IPsec SAs (phase 2) that ended, "
	    "by reason; OK is age");
	for (unsigned int p = 0; p < PHASES; p++)
		for (unsigned int e = 0; e < ERR_COUNT; e++) {
			const struct label l[] = { { "phase", phase_word[p] },
				{ "reason", err_name((enum err)e) },
				{ NULL, NULL } };

			if (m->ended[p][e] > 0)
				family_count(f, l, m->ended[p][e]);
		}
	family_begin(f, FAMILY_COUNTER, "peers_dead", NULL,
	    "how often a peer was given up for not answering");
	family_count(f, NULL, m->dead);
}

/* ---- the engine ---- */

static void
put_engine(const struct metrics_facts *facts, struct family *f)
{
#define PUT(name, help)							\
	family_begin(f, FAMILY_COUNTER, #name, NULL, help);		\
	family_count(f, NULL, facts->ike.name);
	IKE_STATS(PUT)
#undef PUT
}

static void
put_gauge(struct family *f, const char *name, const char *help, size_t n)
{
	family_begin(f, FAMILY_GAUGE, name, NULL, help);
	family_count(f, NULL, n);
}

static void
put_ike_sas(const struct metrics_facts *facts, struct family *f)
{
	static const char *const state[METRICS_SA_STATES] = {
		[METRICS_NEGOTIATING] = "negotiating",
		[METRICS_READY] = "established",
		[METRICS_DYING] = "dying",
	};

	family_begin(f, FAMILY_GAUGE, "ike_sas", NULL, "IKE SAs by state and "
	    "role; those that are negotiated as responder are half-open");
	for (unsigned int r = 0; r < ROLES; r++)
		for (unsigned int s = 0; s < METRICS_SA_STATES; s++) {
			const struct label l[] = { { "state", state[s] },
				{ "role", role_word[r] }, { NULL, NULL } };

			family_count(f, l, facts->ike_sas[r][s]);
		}
}

static void
put_held(const struct metrics_facts *facts, struct family *f)
{
	const struct ike_counts *c = &facts->held;

	put_gauge(f, "half_open", "IKE SAs that peers have begun and not "
	    "finished", facts->ike_sas[RESPONDER][METRICS_NEGOTIATING]);
	put_ike_sas(facts, f);
	put_gauge(f, "exchanges", "exchanges under way or remembered",
	    c->exchanges);
	put_gauge(f, "pairs", "pairs of IPsec SAs that racoon looks after",
	    c->children);
	put_gauge(f, "wanted", "negotiations that wait for their turn or are "
	    "under way", c->wants);
	put_gauge(f, "timers", "timers that run", c->timers);
	put_gauge(f, "fragmented", "messages of which some fragments are "
	    "there", c->frags);
	put_gauge(f, "generated_policies", "selectors with policies that "
	    "racoon generated", c->genpols);
}

/* ---- the world ---- */

static void
put_kernel_sas(const struct metrics_facts *facts, struct family *f)
{
	static const char *const proto[METRICS_PROTOS] = {
		"esp", "ah", "ipcomp"
	};
	static const char *const state[METRICS_KERNEL_STATES] = {
		[IPSEC_STATE_LARVAL] = "larval",
		[IPSEC_STATE_MATURE] = "mature",
		[IPSEC_STATE_DYING] = "dying",
		[IPSEC_STATE_DEAD] = "dead",
	};

	if (!facts->has_sas)
		return;
	family_begin(f, FAMILY_GAUGE, "kernel_sas", NULL, "SAs in the kernel, "
	    "whoever made them, by protocol and state");
	for (unsigned int p = 0; p < METRICS_PROTOS; p++)
		for (unsigned int s = 0; s < METRICS_KERNEL_STATES; s++) {
			const struct label l[] = { { "proto", proto[p] },
				{ "state", state[s] }, { NULL, NULL } };

			family_count(f, l, facts->sas[p][s]);
		}
}

static void
put_kernel_events(const struct metrics *m, struct family *f)
{
	static const char *const word[KERNEL_EVENTS] = {
		[IPSEC_EVENT_ACQUIRE] = "acquire",
		[IPSEC_EVENT_EXPIRE] = "expire",
		[IPSEC_EVENT_POLICY_EXPIRE] = "policy_expire",
		[IPSEC_EVENT_MAPPING] = "mapping",
		[IPSEC_EVENT_SA_NEW] = "sa_new",
		[IPSEC_EVENT_SA_DELETE] = "sa_delete",
		[IPSEC_EVENT_SA_FLUSH] = "sa_flush",
		[IPSEC_EVENT_POLICY_NEW] = "policy_new",
		[IPSEC_EVENT_POLICY_DELETE] = "policy_delete",
		[IPSEC_EVENT_POLICY_FLUSH] = "policy_flush",
	};

	family_begin(f, FAMILY_COUNTER, "kernel_events", NULL,
	    "events of the kernel's IPsec by type");
	for (unsigned int i = 0; i < IPSEC_EVENT_RESYNC; i++) {
		const struct label l[] = { { "type", word[i] },
			{ NULL, NULL } };

		family_count(f, l, m->kernel[i]);
	}
	family_begin(f, FAMILY_COUNTER, "kernel_event_overflows", NULL,
	    "how often events of the kernel were lost and its tables were "
	    "compared instead");
	family_count(f, NULL, m->kernel[IPSEC_EVENT_RESYNC]);
}

static void
put_xfrm(const struct metrics_facts *facts, struct family *f)
{
	if (facts->xfrm.n == 0)
		return;
	family_begin(f, FAMILY_COUNTER, "xfrm", NULL, "packets that the "
	    "kernel's IPsec did not pass, by the kernel's name of the reason "
	    "(/proc/net/xfrm_stat)");
	for (size_t i = 0; i < facts->xfrm.n; i++) {
		const struct label l[] = {
			{ "counter", facts->xfrm.row[i].name },
			{ NULL, NULL } };

		family_count(f, l, facts->xfrm.row[i].value);
	}
}

static void
put_counter(struct family *f, const char *name, const char *help, uint64_t n)
{
	family_begin(f, FAMILY_COUNTER, name, NULL, help);
	family_count(f, NULL, n);
}

static void
put_sockets(const struct metrics_facts *facts, struct family *f)
{
	put_counter(f, "net_dropped", "datagrams that were cut short, had no "
	    "non-ESP marker or no address", facts->net.dropped);
	put_counter(f, "net_unsent", "datagrams that the kernel did not take",
	    facts->net.unsent);
	put_counter(f, "net_keepalives", "NAT keepalives that came",
	    facts->net.keepalives);
	put_gauge(f, "scripts_running", "scripts that run",
	    facts->hooks.running);
	put_gauge(f, "scripts_waiting", "scripts that wait for their turn",
	    facts->hooks.waiting);
	put_counter(f, "scripts_refused", "scripts that were not run since "
	    "too many waited", facts->hooks.refused);
}

static void
put_certs(const struct metrics_facts *facts, struct family *f)
{
	char nth[24];

	family_begin(f, FAMILY_GAUGE, "certificate_expiry_seconds", "seconds",
	    "until the certificate of our own expires that this remote block "
	    "and perhaps others use; negative: since");
	for (size_t i = 0; i < facts->ncerts; i++) {
		const struct label l[] = {
			{ "remote", facts->cert[i].remote },
			{ "index", nth }, { NULL, NULL } };

		(void)snprintf(nth, sizeof(nth), "%zu", facts->cert[i].nth);
		family_value(f, l, (double)facts->cert[i].left);
	}
}

static void
put_process(const struct metrics *m, const struct metrics_facts *facts,
    struct family *f)
{
	const struct label info[] = { { "version", facts->version },
		{ "crypto", facts->crypto }, { "backend", facts->backend },
		{ NULL, NULL } };
	struct label l[] = { { "result", "success" }, { NULL, NULL } };

	family_begin(f, FAMILY_COUNTER, "config_reloads", NULL,
	    "reloads of the configuration by result");
	family_count(f, l, m->reloads[true]);
	l[0].value = "failure";
	family_count(f, l, m->reloads[false]);
	put_gauge(f, "config_last_reload_successful", "0: the file has "
	    "errors, and what was read before is in force", m->reloaded);
	family_begin(f, FAMILY_INFO, "build", NULL, "what this racoon is");
	family_info(f, info);
	family_begin(f, FAMILY_GAUGE, "start_time_seconds", "seconds",
	    "when it was started, since the epoch");
	family_value(f, NULL, facts->started);
	family_begin(f, FAMILY_COUNTER, "cpu_seconds", "seconds",
	    "CPU time used, of all threads");
	family_value(f, NULL, facts->cpu);
	family_begin(f, FAMILY_GAUGE, "resident_memory_bytes", "bytes",
	    "memory in use");
	family_count(f, NULL, facts->memory);
}

void
metrics_put(const struct metrics *m, const struct metrics_facts *facts,
    bool open, struct buf *out)
{
	struct family f = { .out = out, .open = open };

	put_negotiations(m, &f);
	put_durations(m, &f);
	put_ends(m, &f);
	put_engine(facts, &f);
	put_held(facts, &f);
	put_kernel_sas(facts, &f);
	put_kernel_events(m, &f);
	put_xfrm(facts, &f);
	put_sockets(facts, &f);
	put_certs(facts, &f);
	put_process(m, facts, &f);
	family_end(&f);
}
