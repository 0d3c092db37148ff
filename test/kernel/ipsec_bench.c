/* SPDX-License-Identifier: ISC */
/*
 * How fast 10,000 policies get into the kernel through ipsec_batch(), next to
 * `ip -batch' doing the same.  Prints TAP; runs as root in a network namespace
 * of its own.
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/kernel/live.h"

#define MANY	10000u
#define ROUNDS	3
#define GOAL	0.25		/* of ip's time */

struct took {
	double	wall, cpu;
};

/* The destination of policy I. */
static const char *
destination(unsigned int i, char out[32])
{
	snprintf(out, 32, "10.%u.%u.%u", 32 + i / 65536, i / 256 % 256,
	    i % 256);
	return out;
}

static bool
next_policy(void *ctx, struct ipsec_command *c)
{
	unsigned int *i = ctx;
	char	to[32];

	if (*i >= MANY)
		return false;
	c->op = IPSEC_OP_POLICY_ADD;
	c->policy = policy("10.1.0.1", destination(*i, to), IPSEC_DIR_OUT);
	++*i;
	return true;
}

/* The same policies as a script for ip(8). */
static int
write_script(void)
{
	int	fd = memfd_create("policies", 0);
	FILE	*f = fdopen(dup(fd), "w");
	char	to[32];

	for (unsigned int i = 0; i < MANY; i++)
		fprintf(f, "xfrm policy add src 10.1.0.1/32 dst %s/32 dir out "
		    "tmpl proto esp mode transport level required\n",
		    destination(i, to));
	fclose(f);
	return fd;
}

static double
cpu_of(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static struct took
measure_ip(int script)
{
	struct took t = { .wall = now(), .cpu = cpu_of(RUSAGE_CHILDREN) };

	sh("ip -batch /proc/self/fd/%d", script);
	t.wall = now() - t.wall;
	t.cpu = cpu_of(RUSAGE_CHILDREN) - t.cpu;
	return t;
}

/* In a process of its own, opening the kernel's IPsec included. */
static struct took
measure_batch(void)
{
	struct took t = { .wall = now(), .cpu = cpu_of(RUSAGE_CHILDREN) };
	struct ipsec *h;
	unsigned int i = 0;
	pid_t	pid = fork();
	int	status = -1;

	if (pid == 0)
		_exit(ipsec_open(&h, NULL) != 0 ||
		    ipsec_batch(h, next_policy, NULL, &i) != 0);
	waitpid(pid, &status, 0);
	if (status != 0)
		printf("# the batch failed\n");
	t.wall = now() - t.wall;
	t.cpu = cpu_of(RUSAGE_CHILDREN) - t.cpu;
	return t;
}

static int
count_policy(void *ctx, const struct ipsec_policy *p)
{
	(void)p;
	++*(unsigned int *)ctx;
	return 0;
}

/* All of them must be there; then none. */
static bool
all_in(struct live *l)
{
	unsigned int n = 0;

	ipsec_policy_dump(l->h, NULL, count_policy, &n);
	ipsec_flush(l->h, IPSEC_FLUSH_POLICY, 0);
	return n == MANY;
}

static void
faster(struct took *best, struct took t)
{
	if (best->wall == 0 || t.wall < best->wall)
		best->wall = t.wall;
	if (best->cpu == 0 || t.cpu < best->cpu)
		best->cpu = t.cpu;
}

int
main(void)
{
	struct live l = { .n = 0 };
	struct took ip = { .wall = 0 }, batch = { .wall = 0 };
	int	script;
	bool	good = true;

	if (unshare(CLONE_NEWNET) != 0 || ipsec_open(&l.h, NULL) != 0) {
		printf("Bail out! must be root, on a kernel with XFRM\n");
		return 2;
	}
	l.far = l.h;
	script = write_script();
	for (int i = 0; i < ROUNDS; i++) {
		faster(&ip, measure_ip(script));
		good = all_in(&l) && good;
		faster(&batch, measure_batch());
		good = all_in(&l) && good;
	}
	printf("# %u policies, best of %d: ip -batch %.0f ms (CPU %.0f), "
	    "ipsec_batch %.0f ms (CPU %.0f), ratio %.3f (CPU %.3f)\n", MANY,
	    ROUNDS, ip.wall * 1e3, ip.cpu * 1e3, batch.wall * 1e3,
	    batch.cpu * 1e3, batch.wall / ip.wall, batch.cpu / ip.cpu);
	ok(&l, good, "both load all policies");
	ok(&l, batch.wall <= GOAL * ip.wall, "at most a quarter of ip's time");
	printf("1..%u\n", l.n);
	ipsec_close(l.h);
	return l.bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
