/* SPDX-License-Identifier: ISC */
/*
 * What daemon/stray.c does, in virtual time: the kernel's counter is polled,
 * and only when it has moved are packets looked at, for a while, each name
 * once a round.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/sim.h"

#define POLL_MS		500u
#define BATCH_MS	100u
#define ROUND_MS	1000u
#define WINDOW_MS	5000u

struct sim_strays {
	struct sim_host	*host;
	uint64_t	 moved, told;	/* the counter: now, and at the poll */
	uint64_t	 open_until;	/* 0: closed */
	uint64_t	 round;		/* when the names were forgotten */
	bool		 polls, flushes; /* an event is on its way */
	struct ike_stray seen[IKE_STRAYS_MAX]; /* this round */
	size_t		 nseen, nhanded;
};

static struct sim_strays *
strays_of(struct sim_host *h)
{
	if (h->strays == NULL) {
		h->strays = xcalloc(1, sizeof(*h->strays));
		h->strays->host = h;
	}
	return h->strays;
}

static void
flush(struct sim *sim, void *ctx)
{
	struct sim_strays *s = ctx;
	size_t first = s->nhanded;

	(void)sim;
	s->flushes = false;
	s->nhanded = s->nseen;
	if (s->host->unplugged)
		return;
	sim_host_strays(s->host, s->seen + first, s->nseen - first);
}

static void
poll(struct sim *sim, void *ctx)
{
	struct sim_strays *s = ctx;

	s->polls = false;
	if (s->host->ike == NULL) {
		s->open_until = 0;
		return;
	}
	if (s->moved != s->told) {
		s->told = s->moved;
		s->open_until = sim->now + WINDOW_MS;
	}
	if (sim->now >= s->open_until)
		s->open_until = 0;
	if (s->open_until != 0) {
		s->polls = true;
		sim_at(sim, sim->now + POLL_MS, poll, s);
	}
}

static void
poll_soon(struct sim_strays *s)
{
	struct sim *sim = s->host->sim;

	if (s->polls || (s->moved == s->told && s->open_until == 0))
		return;
	s->polls = true;
	sim_at(sim, (sim->now / POLL_MS + 1) * POLL_MS, poll, s);
}

/* What the kernel counted before makes the first poll look, too. */
void
sim_stray_start(struct sim_host *h)
{
	if (h->strays != NULL)
		poll_soon(h->strays);
}

static bool
was_seen(const struct sim_strays *s, const struct ike_stray *stray)
{
	for (size_t i = 0; i < s->nseen; i++)
		if (s->seen[i].spi == stray->spi &&
		    s->seen[i].proto == stray->proto &&
		    addr_equal_port(&s->seen[i].src, &stray->src))
			return true;
	return s->nseen == IKE_STRAYS_MAX;
}

static void
look(struct sim *sim, struct sim_strays *s, const struct kernel_packet *p)
{
	const struct kernel_layer *l = &p->layer[p->nlayer - 1];
	struct ike_stray stray = { .src = p->src, .dst = p->dst,
	    .proto = l->proto, .spi = l->spi };

	if (sim->now - s->round >= ROUND_MS && !s->flushes) {
		s->round = sim->now;
		s->nseen = s->nhanded = 0;
	}
	if (was_seen(s, &stray))
		return;
	s->seen[s->nseen++] = stray;
	if (s->flushes)
		return;
	s->flushes = true;
	sim_at(sim, sim->now + BATCH_MS, flush, s);
}

void
sim_stray_packet(struct sim_host *h, const struct kernel_packet *p,
    enum kernel_verdict verdict)
{
	struct sim_strays *s = strays_of(h);

	s->moved += verdict == KERNEL_NO_STATE;
	if (h->ike == NULL || p->nlayer == 0 || h->sim->blind)
		return;
	if (h->sim->now < s->open_until)
		look(h->sim, s, p);
	poll_soon(s);
}

void
sim_strays_free(struct sim_host *h)
{
	free(h->strays);
}
