/* SPDX-License-Identifier: ISC */
/* A simulation's birth, end, failures and log. */
#include "test/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SIM_START	1000000u	/* ms: no engine may think 0 is now */

/* The log is the process's: it belongs to the simulation that runs. */
static void
sink(void *ctx, enum log_level level, const char *peer, const char *text)
{
	struct sim *sim = ctx;

	for (int i = 0; i < SIM_WATCHES; i++)
		if (sim->watch[i].text != NULL &&
		    strstr(text, sim->watch[i].text) != NULL)
			sim->watch[i].count++;
	sim->time_ups += strstr(text, "time up") != NULL;
	if (sim->verbose)
		fprintf(stderr, "%7llu.%03llu %-4s %s: %s%s%s%s\n",
		    (unsigned long long)(sim->now - SIM_START) / 1000,
		    (unsigned long long)(sim->now - SIM_START) % 1000,
		    sim->at != NULL ? sim->at : "-", log_level_name(level),
		    peer != NULL ? "[" : "", peer != NULL ? peer : "",
		    peer != NULL ? "] " : "", text);
}

struct sim *
sim_new(uint64_t seed, struct crypto *crypto, bool verbose)
{
	struct sim *sim = xcalloc(1, sizeof(*sim));

	sim->seed = seed;
	sim->now = SIM_START;
	sim->crypto = crypto;
	sim->verbose = verbose;
	sim->net.delay = 5;
	sim->spare_sas = 16;
	rng_init(&sim->rng, seed);
	log_to(sink, sim);
	log_set_level(verbose ? LOG_L_DEBUG : LOG_L_WARNING);
	return sim;
}

void
sim_free(struct sim *sim)
{
	if (sim == NULL)
		return;
	queue_fini(&sim->queue);
	for (size_t i = 0; i < sim->nhost; i++)
		sim_host_free(sim->host[i]);
	for (size_t i = 0; i < sim->nflow; i++)
		free(sim->flow[i]);
	sim_network_free(sim);
	free(sim->host);
	free(sim->ready);
	free(sim->touched);
	free(sim->places);
	free(sim->flow);
	free(sim->pair);
	free(sim);
	log_to(NULL, NULL);
}

void
sim_fail(struct sim *sim, const char *fmt, ...)
{
	char text[sizeof(sim->failure) - 48];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (sim->failures++ == 0)
		snprintf(sim->failure, sizeof(sim->failure),
		    "%s at %llu ms, %s", sim->at != NULL ? sim->at : "-",
		    (unsigned long long)(sim->now - SIM_START), text);
	if (sim->verbose)
		fprintf(stderr, "FAILURE: %s\n", text);
}

void
sim_print_failure(const struct sim *sim)
{
	fprintf(stderr, "%u failures, first: %s\n", sim->failures,
	    sim->failure);
}

bool
sim_expect(struct sim *sim, bool good, const char *text)
{
	if (!good)
		sim_fail(sim, "%s", text);
	return good;
}

struct sim_watch *
sim_watch(struct sim *sim, const char *text)
{
	int i = 0;

	while (i < SIM_WATCHES - 1 && sim->watch[i].text != NULL)
		i++;
	sim->watch[i] = (struct sim_watch){ .text = text };
	if (log_get_level() < LOG_L_INFO)
		log_set_level(LOG_L_INFO);
	return &sim->watch[i];
}
