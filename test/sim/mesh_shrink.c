/* SPDX-License-Identifier: ISC */
/*
 * A failing run made small: leaves out faults, then hosts, in ever smaller
 * portions, as long as the same thing still fails (delta debugging).
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "test/sim/mesh.h"

#define LONGER		(2 * SIM_MINUTE) /* it may fail so much later */
#define TRIES		400

struct search {
	struct mesh_options *o;		/* the smallest that fails */
	struct crypto	*crypto;
	bool		(*stop)(void);
	struct mesh_result *result;	/* and what came of it */
	char		what[64];
	unsigned int	 tries;
};

/* What failed, without where and when: "x at 7 ms, WHAT: ...". */
static void
what_failed(const char *failure, char out[64])
{
	const char *p = strstr(failure, " ms, ");
	size_t n = 0;

	p = p != NULL ? p + 5 : failure;
	for (; *p != '\0' && *p != ':' && n < 63; p++)
		if (!isdigit((unsigned char)*p))
			out[n++] = *p;
	out[n] = '\0';
}

/* Does it still fail with less? */
static bool
fails(struct search *s, const struct mesh_options *less)
{
	struct mesh_stats *stats = xcalloc(1, sizeof(*stats));
	struct mesh_result *result = xcalloc(1, sizeof(*result));
	char what[64];
	bool good;

	s->tries++;
	mesh_run(less, s->crypto, stats, s->stop, result);
	what_failed(result->failure, what);
	good = !result->good && !result->stopped && strcmp(what, s->what) == 0;
	if (good)
		*s->result = *result;
	mesh_stats_free(stats);
	free(stats);
	free(result);
	return good;
}

static void
without(const struct mesh_list *from, unsigned int at, unsigned int n,
    struct mesh_list *out)
{
	out->n = 0;
	for (unsigned int i = 0; i < from->n; i++)
		if (i < at || i >= at + n)
			out->at[out->n++] = from->at[i];
}

/* LIST is a part of *S->o. */
static void
shorten(struct search *s, struct mesh_list *list)
{
	struct mesh_list *best = xcalloc(1, sizeof(*best));
	unsigned int portion = list->n;

	while (portion > 0 && s->tries < TRIES) {
		bool less = false;

		for (unsigned int at = 0; at < list->n && s->tries < TRIES &&
		    (s->stop == NULL || !s->stop()); ) {
			*best = *list;
			without(best, at, portion, list);
			if (fails(s, s->o)) {
				less = true;
			} else {
				*list = *best;
				at += portion;
			}
		}
		if (!less || portion > list->n)
			portion = portion == 1 ? 0 : (portion + 1) / 2;
	}
	free(best);
}

/* All that has no part in the faults goes at once, if that is possible. */
static void
list_hosts(struct search *s)
{
	struct mesh_list *keep = &s->o->keep;

	if (keep->n != MESH_NONE)
		return;
	keep->n = 0;
	for (unsigned int i = 0; i < s->o->hosts && i < MESH_LIST_MAX; i++)
		keep->at[keep->n++] = i;
}

bool
mesh_shrink(struct mesh_options *o, struct crypto *crypto,
    bool (*stop)(void), struct mesh_result *result)
{
	struct mesh_stats *stats = xcalloc(1, sizeof(*stats));
	struct search s = { .o = o, .crypto = crypto, .stop = stop,
	    .result = result };
	bool failed;

	mesh_run(o, crypto, stats, stop, result);
	failed = !result->good && !result->stopped;
	mesh_stats_free(stats);
	free(stats);
	if (!failed)
		return false;
	what_failed(result->failure, s.what);
	if (result->failed_at + LONGER < (uint64_t)o->minutes * SIM_MINUTE)
		o->until = result->failed_at + LONGER;
	o->only = result->used;
	if (o->only.n < MESH_LIST_MAX && fails(&s, o))
		shorten(&s, &o->only);
	list_hosts(&s);
	shorten(&s, &o->keep);
	/* With fewer hosts some faults may matter no more. */
	shorten(&s, &o->only);
	printf("# %u runs to make it small\n", s.tries);
	return true;
}
