/* SPDX-License-Identifier: ISC */
/* The mesh as a program: one run, many, or until somebody stops it. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "test/sim/mesh.h"

static const char usage[] =
"usage: mesh [OPTION...]\n"
"\n"
"Without options a short fixed set.  Otherwise one run, or what these say:\n"
"  --seed N           the first seed (1)\n"
"  --seeds COUNT      so many seeds one after the other\n"
"  --fixed            the long fixed set\n"
"  --fresh COUNT      the set, and so many seeds from the time of day\n"
"  --soak             until a run fails or a signal comes (Ctrl-C)\n"
"  --shrink           a failing run with as few faults and hosts as possible\n"
"What a run is like:\n"
"  --hosts N          (24)\n"
"  --minutes N        of virtual time with faults (15)\n"
"  --faults N         (one per 8 hosts and minute)\n"
"  --life MINUTES     of SAs; of IKE SAs two minutes more than twice\n"
"                     (3 to 10, by seed)\n"
"  --without FAULT    no fault of that kind; may be repeated\n"
"  --with FAULT       only that kind; may be repeated\n"
"  --only N,N...      only these faults of the plan; \"none\"\n"
"  --keep N,N...      only these hosts\n"
"  --plant BUG        with a bug that the checks must find\n"
"  --strict           missing repairs are failures, too\n"
"  --real-dh          real Diffie-Hellman\n"
"What is told:\n"
"  --list             the kinds of faults, the bugs, and end\n"
"  --machine          statistics as words and numbers\n"
"  --tell             each fault as it comes\n"
"  --verbose          the engines' logs\n";

enum mode { MODE_SET, MODE_RUNS, MODE_SOAK, MODE_SHRINK, MODE_LIST,
	    MODE_HELP, MODE_BAD };

struct arguments {
	struct mesh_options o;
	enum mode	mode;
	unsigned int	seeds, fresh;
	bool		long_set, machine;
};

/* No handler: SIGINT stays pending until somebody looks. */
static bool
interrupted(void)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, SIGINT) == 1 ||
	    sigismember(&set, SIGTERM) == 1;
}

static void
hold_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* Arguments. */

static bool
read_list(const char *text, struct mesh_list *list)
{
	char *end;

	list->n = 0;
	if (strcmp(text, "none") == 0)
		return true;
	for (; list->n < MESH_LIST_MAX; text = end + 1) {
		list->at[list->n++] = (unsigned int)strtoul(text, &end, 10);
		if (*end != ',' || end == text)
			break;
	}
	return *end == '\0';
}

static bool
choose_kind(struct arguments *a, const char *name, bool on)
{
	unsigned int k = mesh_kind_find(name);

	if (k == MESH_NONE) {
		fprintf(stderr, "mesh: no fault is called \"%s\"; see "
		    "--list\n", name);
		return false;
	}
	a->o.chosen |= on;
	a->o.with[k] |= on;
	a->o.off[k] |= !on;
	return true;
}

static bool
choose_plant(struct arguments *a, const char *name)
{
	a->o.plant = mesh_plant_find(name);
	if (a->o.plant == NULL)
		fprintf(stderr, "mesh: no bug is called \"%s\"; see --list\n",
		    name);
	return a->o.plant != NULL;
}

static bool
number(const char *text, unsigned int least, unsigned int most,
    unsigned int *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end != '\0' || n < least || n > most) {
		fprintf(stderr, "mesh: \"%s\" is not a number from %u to "
		    "%u\n", text, least, most);
		return false;
	}
	*out = (unsigned int)n;
	return true;
}

static const struct option names[] = {
	{ "seed", required_argument, NULL, 's' },
	{ "seeds", required_argument, NULL, 'n' },
	{ "fixed", no_argument, NULL, 'F' },
	{ "fresh", required_argument, NULL, 'f' },
	{ "soak", no_argument, NULL, 'S' },
	{ "shrink", no_argument, NULL, 'k' },
	{ "hosts", required_argument, NULL, 'h' },
	{ "minutes", required_argument, NULL, 'm' },
	{ "faults", required_argument, NULL, 'x' },
	{ "life", required_argument, NULL, 'l' },
	{ "without", required_argument, NULL, 'w' },
	{ "with", required_argument, NULL, 'W' },
	{ "only", required_argument, NULL, 'o' },
	{ "keep", required_argument, NULL, 'K' },
	{ "plant", required_argument, NULL, 'p' },
	{ "strict", no_argument, NULL, 't' },
	{ "real-dh", no_argument, NULL, 'd' },
	{ "help", no_argument, NULL, 'H' },
	{ "list", no_argument, NULL, 'L' },
	{ "tell", no_argument, NULL, 'T' },
	{ "machine", no_argument, NULL, 'M' },
	{ "verbose", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 }
};

static bool
set_mode(struct arguments *a, int ch)
{
	switch (ch) {
	case 'F':
		a->long_set = true;
		break;
	case 'S':
		a->mode = MODE_SOAK;
		break;
	case 'k':
		a->mode = MODE_SHRINK;
		break;
	case 'H':
		a->mode = MODE_HELP;
		break;
	case 'L':
		a->mode = MODE_LIST;
		break;
	case 't':
		a->o.strict = true;
		break;
	case 'd':
		a->o.real_dh = true;
		break;
	case 'T':
		a->o.tell = true;
		break;
	case 'M':
		a->machine = true;
		break;
	case 'v':
		a->o.verbose = true;
		break;
	default:
		return false;
	}
	return true;
}

static bool
set_value(struct arguments *a, int ch, const char *value)
{
	switch (ch) {
	case 's':
		a->o.seed = strtoull(value, NULL, 10);
		return a->o.seed != 0;
	case 'n':
		return number(value, 1, 1000000, &a->seeds);
	case 'f':
		return number(value, 0, 1000, &a->fresh);
	case 'h':
		return number(value, 2, MESH_HOSTS_MAX, &a->o.hosts);
	case 'm':
		return number(value, 1, 10000, &a->o.minutes);
	case 'x':
		return number(value, 1, 1000000, &a->o.faults);
	case 'l':
		return number(value, 2, 1000, &a->o.life);
	case 'w':
		return choose_kind(a, value, false);
	case 'W':
		return choose_kind(a, value, true);
	case 'o':
		return read_list(value, &a->o.only);
	case 'K':
		return read_list(value, &a->o.keep);
	case 'p':
		return choose_plant(a, value);
	default:
		return false;
	}
}

/* Whatever says what a run is like asks for one. */
static void
parse(int argc, char **argv, struct arguments *a)
{
	bool good = true, single = false;
	int ch;

	mesh_defaults(&a->o);
	a->seeds = 1;
	while (good &&
	    (ch = getopt_long(argc, argv, "", names, NULL)) != -1) {
		single |= strchr("snhmxlwWoKpt", ch) != NULL;
		good = optarg != NULL ? set_value(a, ch, optarg) :
		    set_mode(a, ch);
		optarg = NULL;
	}
	if (!good || optind != argc)
		a->mode = MODE_BAD;
	else if (a->mode == MODE_SET && single)
		a->mode = MODE_RUNS;
}

/* Runs. */

static void
tell(const struct mesh_options *o, const struct mesh_result *r)
{
	printf("# failed after %.1f s: %s\n", (double)r->failed_at / 1000,
	    r->failure);
	mesh_print_replay(o);
	printf("# to make it small: the same with --shrink\n");
}

/* One TAP line; false: stop here. */
static bool
one_run(const struct mesh_options *o, struct crypto *crypto,
    struct mesh_stats *stats, unsigned int n)
{
	struct mesh_result *r = xcalloc(1, sizeof(*r));
	bool good;

	mesh_run(o, crypto, stats, interrupted, r);
	good = r->good;
	if (r->stopped) {
		printf("# stopped\n");
		good = false;
	} else {
		printf("%sok %u - mesh, seed %llu, %u hosts, %u minutes, "
		    "%u faults (trace %016llx, %.1f s)\n",
		    good ? "" : "not ", n, (unsigned long long)o->seed,
		    o->hosts, o->minutes, r->used.n,
		    (unsigned long long)r->trace, r->seconds);
		if (!good)
			tell(o, r);
	}
	fflush(stdout);
	free(r);
	return good;
}

static unsigned int
runs(struct arguments *a, struct crypto *crypto, struct mesh_stats *stats)
{
	unsigned int failed = 0;

	printf("1..%u\n", a->seeds);
	for (unsigned int i = 0; i < a->seeds && !interrupted(); i++) {
		failed += !one_run(&a->o, crypto, stats, i + 1);
		a->o.seed++;
	}
	return failed;
}

static uint64_t
fresh_seed(void)
{
	struct timespec t;
	struct rng r;

	clock_gettime(CLOCK_REALTIME, &t);
	rng_init(&r, (uint64_t)t.tv_sec * 1000000007u + (uint64_t)t.tv_nsec +
	    (uint64_t)getpid());
	return 1 + rng_next(&r) % 1000000000;
}

/* Seeds of the set were chosen to have every kind of fault in them. */
static unsigned int
set(struct arguments *a, struct crypto *crypto, struct mesh_stats *stats)
{
	static const struct {
		uint64_t	seed;
		unsigned int	hosts, minutes;
		bool		long_only;
	} fixed[] = {
		{ 1, 8, 10, false }, { 2, 20, 6, false },
		{ 3, 24, 15, false }, { 4, 6, 60, true },
		{ 5, 60, 10, true }, { 6, 100, 5, true },
	};
	const unsigned int n = sizeof(fixed) / sizeof(fixed[0]);
	unsigned int failed = 0, count = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (fixed[i].long_only && !a->long_set)
			continue;
		a->o.seed = fixed[i].seed;
		a->o.hosts = fixed[i].hosts;
		a->o.minutes = fixed[i].minutes;
		failed += !one_run(&a->o, crypto, stats, ++count);
	}
	for (unsigned int i = 0; i < a->fresh; i++) {
		a->o.seed = fresh_seed();
		a->o.hosts = 16;
		a->o.minutes = 10;
		failed += !one_run(&a->o, crypto, stats, ++count);
	}
	printf("1..%u\n", count);
	return failed;
}

/* Each seed a mesh of another size. */
static unsigned int
soak(struct arguments *a, struct crypto *crypto, struct mesh_stats *stats)
{
	unsigned int count = 0;

	for (;;) {
		struct mesh_options o = a->o;
		struct rng r;

		rng_init(&r, o.seed);
		if (o.hosts == 0)
			o.hosts = 4 + rng_below(&r, 60);
		if (o.minutes == 0)
			o.minutes = 5 + rng_below(&r, 40);
		if (!one_run(&o, crypto, stats, ++count))
			return !interrupted();
		a->o.seed++;
	}
}

static unsigned int
shrink(struct arguments *a, struct crypto *crypto, struct mesh_stats *stats)
{
	struct mesh_result *r = xcalloc(1, sizeof(*r));

	if (a->o.hosts == 0)
		a->o.hosts = 24;
	if (a->o.minutes == 0)
		a->o.minutes = 15;
	if (!mesh_shrink(&a->o, crypto, interrupted, r)) {
		printf("# this run does not fail\n");
		free(r);
		return 0;
	}
	printf("# %u faults, %u hosts; fails after %.1f s: %s\n",
	    a->o.only.n, a->o.keep.n, (double)r->failed_at / 1000,
	    r->failure);
	a->o.tell = true;
	mesh_run(&a->o, crypto, stats, interrupted, r);
	mesh_print_replay(&a->o);
	free(r);
	return 1;
}

static unsigned int
list(void)
{
	const struct mesh_plant *p;

	for (unsigned int i = 0; i < mesh_nkinds; i++)
		printf("fault %-10s weight %u bound %u s%s%s\n",
		    mesh_kinds[i].name, mesh_kinds[i].weight,
		    mesh_kinds[i].bound / 1000,
		    mesh_kind_lacks(i) != NULL ? ", lacks " : "",
		    mesh_kind_lacks(i) != NULL ? mesh_kind_lacks(i) : "");
	for (unsigned int i = 0; (p = mesh_plant_at(i)) != NULL; i++)
		printf("bug %-10s found as \"%s\"\n", p->name, p->finds);
	return 0;
}

static unsigned int
act(struct arguments *a, struct crypto *crypto, struct mesh_stats *stats)
{
	switch (a->mode) {
	case MODE_RUNS:
		return runs(a, crypto, stats);
	case MODE_SOAK:
		return soak(a, crypto, stats);
	case MODE_SHRINK:
		return shrink(a, crypto, stats);
	default:
		return set(a, crypto, stats);
	}
}

int
main(int argc, char **argv)
{
	struct arguments *a = xcalloc(1, sizeof(*a));
	struct mesh_stats *stats = xcalloc(1, sizeof(*stats));
	struct crypto *crypto;
	unsigned int failed = 0;
	bool bad = false;

	parse(argc, argv, a);
	if (a->mode == MODE_BAD) {
		fputs(usage, stderr);
		bad = true;
	} else if (a->mode == MODE_HELP) {
		fputs(usage, stdout);
	} else if (a->mode == MODE_LIST) {
		failed = list();
	} else if ((crypto = crypto_new()) != NULL) {
		hold_signals();
		failed = act(a, crypto, stats);
		if (a->mode != MODE_SHRINK)
			mesh_print_stats(stats, a->machine);
		crypto_free(crypto);
	}
	mesh_stats_free(stats);
	free(stats);
	free(a);
	return bad ? 2 : failed > 0;
}
