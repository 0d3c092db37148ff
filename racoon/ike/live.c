/* SPDX-License-Identifier: ISC */
/* Liveness of pairs, from what the kernel counts. */

#include "ike/live.h"

#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/counters.h"
#include "ike/say.h"
#include "ike/spilist.h"

#define STORM		32u	/* exchanges at once: see is_storm() */
#define POLL_MS		1000u	/* between two looks at the kernel, */
#define POLL_CHILD_MS	1u	/* more when there are very many children, */
#define POLL_PART	3u	/* or when nobody is in a hurry */
#define OURS_MS		500u	/* lists are cheap: asked for so soon */
#define MOVES		2u	/* a last packet in one direction is common */
#define LIST_TRIES	3u
#define PAUSE_FIRST	2000u	/* twice as long each time */
#define PAUSE_MAX	60000u
#define GAP_FIRST	60000u	/* one-way traffic is legitimate: at most ... */
#define GAP_MAX		3600000u /* ... once an hour */
#define GAP_CALM	4u	/* gaps without trouble: all is forgotten */
#define WAIT_MS		60000u	/* dead peers are known to be by then */
#define HELPED_MS	10000u	/* bytes come so soon after: it has helped */

/*
 * What is silent
 */

/* May the peer use the other one's SAs for the traffic of this one?  The
 * kernel takes the newest that fits, and the two may differ on that. */
static bool
shares(const struct child *a, const struct child *b)
{
	return addr_equal(&a->src, &b->src) && addr_equal(&a->dst, &b->dst) &&
	    a->reqid_in[0] == b->reqid_in[0] && a->if_id == b->if_id &&
	    a->mark.value == b->mark.value &&
	    a->in[0].key.proto == b->in[0].key.proto &&
	    a->mode[0] == b->mode[0] &&
	    ((!a->narrow && !b->narrow) || selector_equal(&a->sel, &b->sel)) &&
	    view_equal(buf_view(&a->peer_id), buf_view(&b->peer_id));
}

static uint64_t
last_in(const struct child *child)
{
	const struct child *other;
	uint64_t last = 0;

	for (other = child->peer->children; other != NULL;
	    other = other->next)
		if (other->counters.in_at > last && shares(child, other))
			last = other->counters.in_at;
	return last;
}

/* Something came: what was done about the pair is over, or not needed. */
static void
is_well(struct child *child, uint64_t in_at)
{
	struct live *live = &child->live;

	live->since = 0;
	live->moves = 0;
	live->waits = 0;
	live->pause = 0;
	if (live->gap == 0)
		live->next = 0;
	else if ((live->repaired < live->up && in_at < live->up + HELPED_MS) ||
	    in_at > live->repaired + (uint64_t)live->gap * GAP_CALM) {
		live->gap = 0;
		live->next = 0;
	}
}

/* Has the child been silent for so long? */
static bool
is_silent(struct child *child, uint64_t limit)
{
	struct live *live = &child->live;
	uint64_t now = child->ike->now, out_at = child->counters.out_at;
	uint64_t in_at = last_in(child);

	if (in_at != 0 && in_at >= live->since && in_at >= out_at) {
		is_well(child, in_at);
		return false;
	}
	if (live->since != 0 && in_at >= live->since)
		is_well(child, in_at);
	if (out_at <= in_at || out_at < live->up)
		return false;
	if (live->since == 0)
		live->since = out_at;
	live->moves += out_at == now;
	return live->moves >= MOVES && now >= live->since + limit;
}

/*
 * What is done about it
 */

/* The IKE SA under which the peer can be asked. */
static struct sa *
sa_of(const struct child *child)
{
	struct sa *sa;

	for (sa = child->peer->sas; sa != NULL; sa = sa->next)
		if (sa->state == SA_READY && child_is_with(child, sa) &&
		    addr_equal(&sa->local, &child->local))
			return sa;
	return NULL;
}

static void
repair(struct child *child)
{
	struct ike *ike = child->ike;
	struct live *live = &child->live;

	child_note(child, "IPsec-SA silent", ": packets go out and none come "
	    "in, the pair is renegotiated");
	ike->stats.liveness_repaired++;
	live->gap = live->gap == 0 ? GAP_FIRST : live->gap * 2;
	if (live->gap > GAP_MAX)
		live->gap = GAP_MAX;
	live->next = ike->now + live->gap;
	live->repaired = ike->now;
	live->since = 0;
	live->moves = 0;
	live->waits = 0;
	live->broken = true;
	child_renew(child);
}

/* With one of ours: the lists tell, unless the peer has forgotten the IKE SA
 * or is gone. */
static void
ask_ours(struct child *child, struct sa *sa)
{
	if (sa->lists.tries < LIST_TRIES) {
		if (sa->lists.tries == 0 ||
		    sa->ike->now >= sa->lists.asked +
		    sa->lists.tries * (uint64_t)POLL_MS)
			spilist_ask(sa);
		return;
	}
	if (dpd_possible(sa)) {
		child->live.waits = sa->ike->now + WAIT_MS;
		dpd_probe(sa);
	} else if (sa->heard > sa->lists.asked) {
		sa->lists.tries = 0;
		repair(child);
		return;
	}
	sa_doubt(sa, sa->lists.asked);
}

static void
suspect(struct child *child)
{
	struct sa *sa = sa_of(child);
	struct live *live = &child->live;

	if (child->ike->now < live->next || child->ike->now < live->waits)
		return;
	if (sa == NULL || sa->lists.tries == 0)
		child->ike->stats.liveness_suspected++;
	if (sa == NULL) {		/* a new one, and all that hangs on it */
		repair(child);
	} else if (spilist_possible(sa)) {
		ask_ours(child, sa);
	} else if (dpd_possible(sa)) {
		live->waits = child->ike->now + WAIT_MS;
		dpd_probe(sa);
	} else {
		repair(child);
	}
}

void
live_answered(struct sa *sa)
{
	struct child *child, *next;

	sa->lists.tries = 0;
	for (child = sa->peer->children; child != NULL; child = next) {
		next = child->next;
		if (child->live.waits != 0 && child_is_with(child, sa) &&
		    !child->superseded)
			repair(child);
	}
}

void
live_agrees(struct sa *sa)
{
	struct child *child;

	for (child = sa->peer->children; child != NULL; child = child->next) {
		struct live *live = &child->live;

		if (live->since == 0 || !child_is_with(child, sa))
			continue;
		live->pause = live->pause == 0 ? PAUSE_FIRST :
		    live->pause * 2;
		if (live->pause > PAUSE_MAX)
			live->pause = PAUSE_MAX;
		live->next = sa->ike->now + live->pause;
	}
}

/*
 * The clock
 */

static uint64_t
limit_of(const struct child *child)
{
	const struct sa *sa = sa_of(child);

	if (sa != NULL && spilist_possible(sa) && child->live.limit > OURS_MS)
		return OURS_MS;
	return child->live.limit;
}

static bool
is_watched(const struct child *child)
{
	return child->up && child->live.limit != 0 && !child->superseded;
}

/* One dump serves all; POLL_CHILD_MS keeps its cost at a part of the time. */
static uint64_t
next_look(const struct ike *ike)
{
	uint64_t gap = POLL_MS, hurry = UINT64_MAX;
	const struct child *child;
	bool silent = false;

	for (child = ike->children; child != NULL; child = child->hh.next) {
		if (!is_watched(child))
			continue;
		if (child->live.limit < hurry)
			hurry = child->live.limit;
		/* the second look decides whether the lists are asked for */
		silent = silent || (child->live.since == ike->now &&
		    limit_of(child) == OURS_MS);
	}
	if (hurry == UINT64_MAX)
		return 0;
	if (gap < hurry / POLL_PART)
		gap = hurry / POLL_PART;
	if (silent)
		gap = OURS_MS;
	if (gap < HASH_COUNT(ike->children) * POLL_CHILD_MS)
		gap = HASH_COUNT(ike->children) * POLL_CHILD_MS;
	return gap;
}

/* Are there so many that strangers have no part in?  What they begin says nothing
 * of the peers. */
static bool
is_busy(const struct ike *ike)
{
	const struct exchange *x;
	unsigned int n = 0;

	if (HASH_COUNT(ike->exchanges) <= STORM)
		return false;
	for (x = ike->exchanges; x != NULL && n <= STORM; x = x->hh.next)
		n += x->sa->initiator || x->sa->state == SA_READY;
	return n > STORM;
}

/*
 * In a storm of negotiations both sides are late with everything, and that a
 * peer is silent says nothing.  To doubt it then is to negotiate more, and the
 * storm never ends.
 */
static bool
is_storm(struct ike *ike)
{
	struct child *child;

	if (!is_busy(ike))
		return false;
	for (child = ike->children; child != NULL; child = child->hh.next) {
		child->live.since = child->live.waits = 0;
		child->live.moves = 0;
	}
	return true;
}

static void
live_due(void *ctx)
{
	struct ike *ike = ctx;
	struct child *child, *next;
	uint64_t gap;

	if (!is_storm(ike) && counters_read(ike))
		HASH_ITER(hh, ike->children, child, next)
			if (is_watched(child) && !child->rekeying &&
			    is_silent(child, limit_of(child)))
				suspect(child);
	gap = next_look(ike);
	if (gap != 0)
		timer_set(&ike->timers, &ike->poll, ike->now + gap);
}

void
live_init(struct ike *ike)
{
	timer_init(&ike->poll, live_due, ike);
}

void
live_stop(struct ike *ike)
{
	timer_del(&ike->timers, &ike->poll);
}

void
live_set(struct child *child, const struct remote *remote,
    const struct sainfo *info)
{
	uint32_t secs = info != NULL && info->has_liveness ? info->liveness :
	    remote->liveness;

	child->live.limit = (uint64_t)secs * 1000;
}

/* What was tried with its predecessor counts. */
static void
inherit(struct child *child)
{
	const struct child *other;

	for (other = child->peer->children; other != NULL;
	    other = other->next)
		if (other != child && shares(child, other) &&
		    other->live.repaired > child->live.repaired) {
			child->live.repaired = other->live.repaired;
			child->live.gap = other->live.gap;
			child->live.next = other->live.next;
		}
}

void
live_up(struct child *child)
{
	struct ike *ike = child->ike;

	child->live.up = ike->now;
	inherit(child);
	if (child->live.limit != 0 && !timer_armed(&ike->poll))
		timer_set(&ike->timers, &ike->poll, ike->now + POLL_MS);
}
