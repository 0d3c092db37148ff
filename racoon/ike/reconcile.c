/* SPDX-License-Identifier: ISC */
/* Comparing with the kernel, and repairing. */

#include "ike/reconcile.h"

#include "ike/child.h"
#include "ike/survey.h"
#include "ike/want.h"
#include "libipsec/addr.h"

#define SOON_MS		2000u	/* what is odd comes in swarms */
#define AGAIN_MS	30000u	/* a policy may be on its way back */
#define SLOW_MS		300000u	/* whatever happens, */
#define SLOW_JITTER	60000u	/* less so much at most */

static void
wind(struct ike *ike, uint64_t ms)
{
	timer_set(&ike->timers, &ike->reconciling, ike->now + ms);
}

/*
 * Policies change while setkey loads them.  So what no policy wants goes only
 * when that is so another time, half a minute later.  Those of sockets are
 * policies as well.
 */
static unsigned int
compare_policies(struct ike *ike)
{
	struct child *child, *next;
	unsigned int waiting = 0;
	struct survey s;

	if (ike->children == NULL)
		return 0;
	if (survey_policies(ike, &s) < 0) {
		log_msg(LOG_L_ERROR, "cannot list the kernel's policies: %s",
		    ipsec_error(ike->kernel));
		return 0;
	}
	HASH_ITER(hh, ike->children, child, next) {
		if (!child->up || child->superseded ||
		    survey_wants(&s, child)) {
			child->unwanted = 0;
		} else if (child->unwanted == 0) {
			child->unwanted = ike->now;
			waiting++;
		} else if (ike->now - child->unwanted < AGAIN_MS) {
			waiting++;
		} else {
			ike->stats.reconciled++;
			child_unwanted(child);
		}
	}
	survey_free(&s);
	return waiting;
}

static void
reconcile(struct ike *ike)
{
	uint64_t next = SLOW_MS - ike_random(ike, SLOW_JITTER);

	ike->stats.reconciled += child_resync(ike);
	if (compare_policies(ike) > 0)
		next = AGAIN_MS;
	wind(ike, next);
	want_resync(ike);
}

static void
reconcile_due(void *ctx)
{
	reconcile(ctx);
}

void
reconcile_init(struct ike *ike)
{
	timer_init(&ike->reconciling, reconcile_due, ike);
}

void
reconcile_start(struct ike *ike)
{
	wind(ike, SLOW_MS - ike_random(ike, SLOW_JITTER));
}

void
reconcile_now(struct ike *ike)
{
	log_msg(LOG_L_WARNING, "events of the kernel were lost; comparing "
	    "with what it has");
	ike->stats.resyncs++;
	reconcile(ike);
}

void
reconcile_soon(struct ike *ike)
{
	if (!timer_armed(&ike->reconciling) ||
	    ike->reconciling.when > ike->now + SOON_MS)
		wind(ike, SOON_MS);
}

void
reconcile_acquired(struct ike *ike, const struct ipsec_event *ev)
{
	const struct peer *peer = peer_find(ike, &ev->sa.id.dst);
	const struct child *child = peer == NULL ? NULL : peer->children;

	for (; child != NULL; child = child->next)
		if (child->up && !child->superseded &&
		    selector_equal(&child->sel, &ev->policy.sel)) {
			reconcile_soon(ike);
			return;
		}
}
