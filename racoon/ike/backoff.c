/* SPDX-License-Identifier: ISC */
/* Peers that do not answer: when the next phase 1 may begin. */

#include "ike/backoff.h"

#include "ike/sa.h"

#define GAP_FIRST	2000u	/* ms; twice as long each time, */
#define GAP_MAX		5000u	/* at most: a peer that comes back is not to
				   be waited for */
#define PAUSE_MS	2000u	/* behind the death of a peer, at most: hundreds
				   of hosts notice it at the same time */
#define REMEMBERED_MS	600000u	/* failures count so long as in a row */

static void
backoff_due(void *ctx)
{
	struct peer *peer = ctx;
	struct ike *ike = peer->ike;
	struct ipsec_addr addr = peer->addr;

	ike->up->peer_due(peer);
	peer = peer_find(ike, &addr);
	if (peer == NULL || timer_armed(&peer->backoff.timer))
		return;
	if (peer->backoff.wanted.on) {
		timer_set(&ike->timers, &peer->backoff.timer,
		    ike->now + GAP_MAX);
	} else if (ike->now < peer->backoff.until + REMEMBERED_MS) {
		timer_set(&ike->timers, &peer->backoff.timer,
		    peer->backoff.until + REMEMBERED_MS);
	} else {
		peer->backoff.fails = 0;
		peer_release(ike, peer);
	}
}

void
backoff_init(struct peer *peer)
{
	timer_init(&peer->backoff.timer, backoff_due, peer);
}

bool
backoff_waits(const struct peer *peer)
{
	return peer->ike->now < peer->backoff.until;
}

static void
wait_for(struct peer *peer, uint32_t ms)
{
	struct backoff *b = &peer->backoff;

	b->until = peer->ike->now + ms;
	timer_set(&peer->ike->timers, &b->timer, b->until);
}

void
backoff_failed(struct peer *peer)
{
	struct backoff *b = &peer->backoff;
	uint32_t gap = GAP_FIRST;

	for (unsigned i = 0; i < b->fails && gap < GAP_MAX; i++)
		gap *= 2;
	if (gap > GAP_MAX)
		gap = GAP_MAX;
	b->fails++;
	wait_for(peer, gap * 3 / 4 + ike_random(peer->ike, gap / 2));
}

void
backoff_begin(struct peer *peer)
{
	wait_for(peer, ike_random(peer->ike, PAUSE_MS));
}

void
backoff_heard(struct peer *peer)
{
	struct backoff *b = &peer->backoff;

	if (b->until == 0)
		return;
	b->fails = 0;
	b->until = 0;
	if (peer->wants != NULL || b->wanted.on)
		timer_set(&peer->ike->timers, &b->timer, peer->ike->now);
	else
		timer_del(&peer->ike->timers, &b->timer);
}

bool
backoff_keeps(const struct peer *peer)
{
	return timer_armed(&peer->backoff.timer);
}

void
backoff_reset(struct ike *ike)
{
	struct peer *peer;

	for (peer = ike->peers; peer != NULL; peer = peer->hh.next)
		if (peer->backoff.until != 0) {
			peer->backoff.fails = 0;
			peer->backoff.until = 0;
			timer_set(&ike->timers, &peer->backoff.timer,
			    ike->now);
		}
}
