/* SPDX-License-Identifier: ISC */
/* What the kernel counts of the children's SAs. */

#include "ike/counters.h"

#include "ike/child.h"

#define STALE_MS	500u	/* a look is good for so long */

static uint64_t
sum(const struct child_name *name, unsigned n)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < n; i++)
		total += name[i].counted;
	return total;
}

static void
compare(struct child *child)
{
	struct counters *c = &child->counters;
	uint64_t in = sum(child->in, child->n);
	uint64_t out = sum(child->out, child->n);

	if (in != c->in)
		c->in_at = child->ike->now;
	if (out != c->out)
		c->out_at = child->ike->now;
	c->in = in;
	c->out = out;
}

/* A dump of a thousand SAs costs milliseconds, this next to nothing. */
static bool
nothing_moved(const struct ike *ike, uint64_t traffic)
{
	return ike->counted != 0 && traffic != 0 && traffic == ike->traffic;
}

bool
counters_read(struct ike *ike)
{
	uint64_t traffic = 0;
	struct child *child;

	if (ike->children == NULL || (ike->counted != 0 &&
	    ike->now < ike->counted + STALE_MS))
		return true;
	/* before the dump: what comes during it is for the next one */
	if (ike->ops->traffic != NULL)
		traffic = ike->ops->traffic(ike->ctx);
	if (!nothing_moved(ike, traffic)) {
		if (!child_look(ike))
			return false;
		for (child = ike->children; child != NULL;
		    child = child->hh.next)
			compare(child);
		child_reconcile(ike);
	}
	ike->counted = ike->now;
	ike->traffic = traffic;
	return true;
}

uint64_t
counters_heard(const struct sa *sa)
{
	const struct child *child;
	uint64_t last = 0;

	for (child = sa->peer->children; child != NULL; child = child->next)
		if (child_is_with(child, sa) && child->counters.in_at > last)
			last = child->counters.in_at;
	return last;
}
