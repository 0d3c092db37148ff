/* SPDX-License-Identifier: ISC */
/* Runs scenario cases and reports on them. */
#include "test/sim/scen.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/certs.h"

#define REPORTS	5		/* failing seeds told per case */

#define CONF_FORMAT							\
	"timer { counter 5; interval 2 sec; persend 1;"			\
	" phase1 20 sec; phase2 15 sec; }\n"				\
	"remote anonymous {\n"						\
	"	exchange_mode main;\n"					\
	"	lifetime time 1 hour;\n"				\
	"	nat_traversal on;\n"					\
	"	proposal {\n"						\
	"		authentication_method pre_shared_key;\n"	\
	"		dh_group modp768;\n"				\
	"		encryption_algorithm aes;\n"			\
	"		hash_algorithm sha1;\n"				\
	"	}\n"							\
	"	liveness off; %s\n"					\
	"}\n"								\
	"sainfo anonymous {\n"						\
	"	encryption_algorithm aes;\n"				\
	"	authentication_algorithm hmac_sha1;\n"			\
	"	compression_algorithm deflate;\n"			\
	"	lifetime time 30 min;\n"				\
	"	%s\n"							\
	"}\n"

struct options {
	const char	*only;		/* a case */
	uint64_t	 seed;		/* 0: all */
	unsigned int	 seeds;		/* 0: as the case says */
	unsigned int	 part;		/* 1: the long version, 2: half of its
					   seeds; 0: the short one */
	bool		 verbose;
};

char *
scen_conf_with(const char *remote, const char *sainfo)
{
	return xasprintf(CONF_FORMAT, remote, sainfo);
}

struct sim_host *
scen_host(struct sim *sim, const char *name, const char *addr)
{
	struct sim_host *h = sim_host(sim, name, addr);

	scen_configure(h, "", "");
	return h;
}

void
scen_configure(struct sim_host *h, const char *remote, const char *sainfo)
{
	char *text = scen_conf_with(remote, sainfo);

	sim_expect(h->sim, sim_conf(h, text), "configuration refused");
	free(text);
}

void
scen_configure_replacing(struct sim_host *h, const char *from, const char *to)
{
	char *text = scen_conf_with("", ""), *at = strstr(text, from), *other;

	if (sim_expect(h->sim, at != NULL, "nothing to replace")) {
		other = xasprintf("%.*s%s%s", (int)(at - text), text, to,
		    at + strlen(from));
		sim_expect(h->sim, sim_conf(h, other),
		    "configuration refused");
		free(other);
	}
	free(text);
}

void
scen_mode(struct sim_host *h, const char *mode)
{
	char text[100];

	h->sim->allowance = 3;
	snprintf(text, sizeof(text), "exchange_mode %s, main, aggressive, "
	    "base;", mode);
	scen_configure_replacing(h, "exchange_mode main;", text);
}

void
scen_certify(struct sim_host *h, const char *mode, bool first)
{
	char text[600];

	h->sim->allowance = 3;
	snprintf(text, sizeof(text), "exchange_mode %s, main, aggressive, "
	    "base; my_identifier address \"10.0.0.%d\";\n"
	    "	lifetime time 1 hour;\n	nat_traversal on;\n"
	    "	proposal {\n		authentication_method rsasig;\n",
	    mode, first ? 1 : 2);
	scen_configure_replacing(h, "exchange_mode main;\n"
	    "	lifetime time 1 hour;\n	nat_traversal on;\n"
	    "	proposal {\n		authentication_method "
	    "pre_shared_key;\n", text);
	sim_psk(h, "");
	if (first)
		sim_certs(h, certs_a, certs_a_key, certs_ca);
	else
		sim_certs(h, certs_b, certs_b_key, certs_ca);
}

void
scen_certify_below(struct sim_host *host[2])
{
	sim_certs_free(host[0]);
	sim_certs_free(host[1]);
	sim_certs(host[0], certs_a_chain, certs_a_key, certs_ca);
	sim_certs(host[1], certs_b, certs_b_key, certs_root);
}

void
scen_two(struct sim *sim, struct sim_host *host[2], const char *tmpl)
{
	host[0] = scen_host(sim, "a", "10.0.0.1");
	host[1] = scen_host(sim, "b", "10.0.0.2");
	sim_protect_all(host[0], host[1], tmpl);
	sim_start(host[0]);
	sim_start(host[1]);
}

bool
scen_talk(struct sim *sim, struct sim_host *a, struct sim_host *b,
    uint64_t ms)
{
	return sim_expect(sim, sim_flow_until_up(sim_flow_between(a, b), ms),
	    "no packet got through") &&
	    sim_expect(sim, sim_flow_until_up(sim_flow_between(b, a), ms),
	    "no packet got back");
}

void
scen_lossless(struct sim *sim, const struct sim_flow *f)
{
	if (f->out[KERNEL_OK] != f->sent)
		sim_fail(sim, "%s: %u of %u packets could not leave",
		    f->from->name, f->sent - f->out[KERNEL_OK], f->sent);
	for (int v = 0; v < KERNEL_VERDICTS; v++)
		if (v != KERNEL_OK && f->in[v] > 0)
			sim_fail(sim, "%u packets of %s refused: %s",
			    f->in[v], f->from->name,
			    kernel_verdict_name((enum kernel_verdict)v));
	if (f->delivered != f->sent)
		sim_fail(sim, "%u of %u packets of %s lost",
		    f->sent - f->delivered, f->sent, f->from->name);
}

void
scen_nothing_installed(struct sim *sim)
{
	struct sim_count any = { .mature = true };

	for (size_t i = 0; i < sim->nhost; i++)
		if (sim_count_sas(sim->host[i], &any) > 0)
			sim_fail(sim, "%s has an SA it should not have",
			    sim->host[i]->name);
}

/* Old and new during a renewal, and no third one.  A pair is one with an
 * outbound SA: what answers a question may be there once more. */
static void
count_pairs(struct sim *sim, void *ctx)
{
	struct sim_count want = { .proto = IPSEC_PROTO_ESP, .mature = true };

	(void)ctx;
	if (sim->steps % 5 != 0)
		return;
	for (size_t i = 0; i < sim->npair; i++)
		for (int back = 0; back < 2; back++) {
			const struct sim_pair *p = &sim->pair[i];
			struct sim_host *from = back ? p->b : p->a;
			unsigned int n;

			want.src = back ? p->sel.dst : p->sel.src;
			want.dst = back ? p->sel.src : p->sel.dst;
			want.src.port = want.dst.port = 0;
			n = sim_count_sas(from, &want);
			if (n > 2)
				sim_fail(sim, "%s has %u outbound SAs for "
				    "one selector", from->name, n);
		}
}

void
scen_two_pairs(struct sim *sim)
{
	sim->step = count_pairs;
}

void
scen_nothing_lost(struct sim *sim)
{
	for (size_t i = 0; i < sim->nhost; i++)
		if (sim->host[i]->lost_sas > 0)
			sim_fail(sim, "%s lost %u IKE SAs that had no "
			    "successor", sim->host[i]->name,
			    sim->host[i]->lost_sas);
	if (sim->time_ups > 0)
		sim_fail(sim, "%u times \"time up\"", sim->time_ups);
}

/* Recording. */

static bool
record_one(void *ctx, struct sim *sim, struct dgram *d)
{
	struct scen_record *r = ctx;

	(void)sim;
	if (!d->is_packet && r->n < SCEN_RECORDS)
		r->d[r->n++] = dgram_copy(d);
	return true;
}

void
scen_record(struct sim *sim, struct scen_record *r)
{
	r->n = 0;
	sim->tap = record_one;
	sim->tap_ctx = r;
}

void
scen_record_free(struct sim *sim, struct scen_record *r)
{
	sim->tap = NULL;
	for (size_t i = 0; i < r->n; i++)
		dgram_free(r->d[i]);
	r->n = 0;
}

struct ipsec_addr
scen_stranger(struct sim *sim, uint32_t n)
{
	char text[ADDR_TEXT];
	struct ipsec_addr a;

	snprintf(text, sizeof(text), "172.16.%u.%u", n >> 8 & 255, n & 255);
	sim_expect(sim, addr_parse(&a, text), "a bad address");
	a.port = (uint16_t)(1024 + rng_below(&sim->rng, 60000));
	return a;
}

/* Running. */

static void
report(const char *program, const struct scen_case *c, const struct sim *sim)
{
	printf("# %s, seed %llu: %u failures, first: %s\n"
	    "# repeat: %s --case %s --seed %llu --verbose\n",
	    c->name, (unsigned long long)sim->seed, sim->failures,
	    sim->failure, program, c->name, (unsigned long long)sim->seed);
}

static bool
run_seed(struct crypto *crypto, const struct scen_case *c, uint64_t seed,
    const struct options *o, const char *program, bool tell)
{
	struct sim *sim = sim_new(seed, crypto, o->verbose);
	bool good;

	c->run(sim);
	good = sim->failures == 0;
	if (!good && tell)
		report(program, c, sim);
	sim_free(sim);
	return good;
}

static unsigned int
seeds_of(const struct scen_case *c, const struct options *o)
{
	unsigned int part;

	if (o->seeds != 0)
		return o->seeds;
	part = o->part == 0 ? 0 : (c->long_seeds + o->part - 1) / o->part;
	return part > c->seeds ? part : c->seeds;
}

static unsigned int
run_case(struct crypto *crypto, const struct scen_case *c,
    const struct options *o, const char *program)
{
	unsigned int n = seeds_of(c, o);
	unsigned int failed = 0;

	if (o->seed != 0)
		return !run_seed(crypto, c, o->seed, o, program, true);
	for (unsigned int i = 1; i <= n; i++)
		if (!run_seed(crypto, c, i, o, program, failed < REPORTS))
			failed++;
	return failed;
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
parse(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
		{ "case", required_argument, NULL, 'c' },
		{ "seed", required_argument, NULL, 's' },
		{ "seeds", required_argument, NULL, 'n' },
		{ "long", no_argument, NULL, 'l' },
		{ "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	const char *env = getenv("SIM_LONG");
	int ch;

	*o = (struct options){ .part = env == NULL ? 0 :
	    (unsigned int)strtoul(env, NULL, 10) };
	while ((ch = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (ch == 'c')
			o->only = optarg;
		else if (ch == 's')
			o->seed = strtoull(optarg, NULL, 10);
		else if (ch == 'n')
			o->seeds = (unsigned int)strtoul(optarg, NULL, 10);
		else if (ch == 'l')
			o->part = 1;
		else if (ch == 'v')
			o->verbose = true;
		else
			return false;
	}
	return optind == argc;
}

int
scen_main(int argc, char **argv, const struct scen_case *cases, size_t n)
{
	struct options o;
	struct crypto *crypto;
	unsigned int failed, bad = 0;
	double start;

	if (!parse(argc, argv, &o)) {
		fprintf(stderr, "usage: %s [--case NAME] [--seed N] "
		    "[--seeds COUNT] [--long] [--verbose]\n", argv[0]);
		return 2;
	}
	crypto = crypto_new();
	if (crypto == NULL)
		return 2;
	printf("1..%zu\n", n);
	for (size_t i = 0; i < n; i++) {
		if (o.only != NULL && strcmp(o.only, cases[i].name) != 0)
			continue;
		if (o.seed == 0 && o.seeds == 0 && o.part == 0 &&
		    cases[i].seeds == 0) {
			printf("ok %zu - %s # SKIP only with --long\n",
			    i + 1, cases[i].name);
			continue;
		}
		start = seconds();
		failed = run_case(crypto, &cases[i], &o, argv[0]);
		bad += failed;
		printf("%sok %zu - %s (%u seeds failed, %.1f s)\n",
		    failed > 0 ? "not " : "", i + 1, cases[i].name, failed,
		    seconds() - start);
		fflush(stdout);
	}
	crypto_free(crypto);
	return bad > 0;
}
