/* SPDX-License-Identifier: ISC */
/* What is told about runs of the mesh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/mesh.h"

static void
print_list(const char *option, const struct mesh_list *list)
{
	if (list->n == MESH_NONE)
		return;
	printf(" %s ", option);
	if (list->n == 0)
		printf("none");
	for (unsigned int i = 0; i < list->n; i++)
		printf("%s%u", i > 0 ? "," : "", list->at[i]);
}

/* Options say what the seed alone does not. */
void
mesh_print_replay(const struct mesh_options *o)
{
	printf("# repeat: test/sim/mesh --seed %llu",
	    (unsigned long long)o->seed);
	if (o->hosts != 0)
		printf(" --hosts %u", o->hosts);
	if (o->minutes != 0)
		printf(" --minutes %u", o->minutes);
	if (o->faults != 0)
		printf(" --faults %u", o->faults);
	if (o->life != 0)
		printf(" --life %u", o->life);
	for (unsigned int i = 0; i < mesh_nkinds; i++) {
		if (o->with[i])
			printf(" --with %s", mesh_kinds[i].name);
		if (o->off[i])
			printf(" --without %s", mesh_kinds[i].name);
	}
	if (o->plant != NULL)
		printf(" --plant %s", o->plant->name);
	if (o->real_dh)
		printf(" --real-dh");
	if (o->strict)
		printf(" --strict");
	print_list("--only", &o->only);
	print_list("--keep", &o->keep);
	printf("\n");
}

/* Statistics. */

static int
by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t
rank(const struct mesh_samples *s, size_t permille)
{
	return s->n > 0 ? s->ms[(s->n - 1) * permille / 1000] : 0;
}

static const char *
name_of(unsigned int i)
{
	return i == MESH_START ? "(start)" : i == MESH_OPEN ? "(open)" :
	    i == MESH_END ? "(end)" : i == MESH_MIXED ? "(mixed)" :
	    mesh_kinds[i].name;
}

static void
print_row(struct mesh_samples *s, unsigned int i, bool machine)
{
	uint32_t bound = i < mesh_nkinds ? mesh_kinds[i].bound : 0;
	const char *lacks = i < mesh_nkinds || i == MESH_MIXED ?
	    mesh_kind_lacks(i) : NULL;

	if (s->n > 0)
		qsort(s->ms, s->n, sizeof(*s->ms), by_size);
	if (machine)
		printf("mesh %s injected %u samples %zu median_ms %u "
		    "p99_ms %u worst_ms %u bound_ms %u holes %u repair %s\n",
		    name_of(i), s->injected, s->n, rank(s, 500),
		    rank(s, 990), rank(s, 1000), bound, s->holes,
		    lacks != NULL ? "no" : "yes");
	else
		printf("# %-10s %7u %8zu %8.2f %8.2f %8.2f %7.0f %6u %s%s\n",
		    name_of(i), s->injected, s->n, rank(s, 500) / 1e3,
		    rank(s, 990) / 1e3, rank(s, 1000) / 1e3, bound / 1e3,
		    s->holes, lacks != NULL ? "lacks " : "",
		    lacks != NULL ? lacks : "");
}

void
mesh_print_stats(struct mesh_stats *stats, bool machine)
{
	printf(machine ? "mesh (all) runs %llu virtual_s %llu packets %llu "
	    "datagrams %llu links %llu\n" :
	    "# %llu runs, %llu s of virtual time, %llu packets, %llu "
	    "datagrams, %llu pairs of hosts that talked\n",
	    (unsigned long long)stats->runs,
	    (unsigned long long)stats->virtual_ms / 1000,
	    (unsigned long long)stats->packets,
	    (unsigned long long)stats->datagrams,
	    (unsigned long long)stats->pairs);
	printf(machine ? "mesh (crowd) times %u repair %s\n" :
	    "# more than two pairs for one selector: %u times%s\n",
	    stats->crowds, machine ? mesh_lacks("(crowd)") != NULL ? "no" :
	    "yes" : mesh_lacks("(crowd)") != NULL ? " (expected)" : "");
	if (!machine)
		printf("# %-10s %7s %8s %8s %8s %8s %7s %6s\n", "fault",
		    "times", "samples", "median s", "99 %", "worst s",
		    "bound", "beyond");
	for (unsigned int i = 0; i < MESH_SAMPLES; i++)
		if (i < mesh_nkinds || i >= MESH_KINDS)
			print_row(&stats->of[i], i, machine);
}

void
mesh_stats_free(struct mesh_stats *stats)
{
	for (unsigned int i = 0; i < MESH_SAMPLES; i++)
		free(stats->of[i].ms);
	memset(stats, 0, sizeof(*stats));
}
