/* SPDX-License-Identifier: ISC */
/* The engine's interface: life, time, the ways in, what it tells. */

#include "ike/ike.h"

#include "base/mem.h"
#include "ike/adopt.h"
#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/frag.h"
#include "ike/genpol.h"
#include "ike/input.h"
#include "ike/job.h"
#include "ike/live.h"
#include "ike/phase1.h"
#include "ike/problem.h"
#include "ike/propose.h"
#include "ike/propose_can.h"
#include "ike/reconcile.h"
#include "ike/sa.h"
#include "ike/say.h"
#include "ike/stray.h"
#include "ike/want.h"

static const struct ike_up up = {
	.sa_up = want_sa_ready,
	.sa_gone = want_sa_gone,
	.sa_ageing = phase1_rekey,
	.sa_moved = child_sa_moved,
	.child_ageing = want_rekey,
	.peer_due = want_peer_due,
	.sa_answered = live_answered,
	.sa_agrees = live_agrees,
	.child_up = live_up,
	.peer_called = adopt_call,
};

struct ike *
ike_new(const struct ike_ops *ops, void *ctx, struct ipsec *kernel,
    struct crypto *crypto, const struct conf *conf, uint64_t now)
{
	struct ike *ike = xcalloc(1, sizeof(*ike));

	ike->up = &up;
	ike->ops = ops;
	ike->ctx = ctx;
	ike->kernel = kernel;
	ike->crypto = crypto;
	ike->conf = conf_ref(conf);
	ike->now = now;
	timers_init(&ike->timers);
	timers_run(&ike->timers, now);	/* none yet: it knows the time */
	live_init(ike);
	ike->frags = frags_new(ike);
	ike->strays = strays_new();
	adopt_init(ike);
	reconcile_init(ike);
	propose_warn(kernel, conf);
	return ike;
}

/* Whatever is left is forgotten, not undone. */
void
ike_free(struct ike *ike)
{
	struct child *child, *next_child;
	struct sa *sa, *next_sa;
	struct peer *peer, *next_peer;

	if (ike == NULL)
		return;
	ike->stopping = true;
	want_free_all(ike);
	HASH_ITER(hh, ike->children, child, next_child)
		child_forget(child);
	HASH_ITER(hh, ike->by_cookies, sa, next_sa)
		sa_free(sa);
	HASH_ITER(hh, ike->peers, peer, next_peer) {
		timer_del(&ike->timers, &peer->backoff.timer);
		HASH_DEL(ike->peers, peer);
		xfreezero(peer, sizeof(*peer));
	}
	frags_free(ike->frags);
	strays_free(ike->strays);
	problem_free_all(ike);
	timers_fini(&ike->timers);
	conf_unref(ike->conf);
	xfreezero(ike, sizeof(*ike));
}

void
ike_stop(struct ike *ike)
{
	struct child *child, *next_child;
	struct sa *sa, *next_sa;

	ike->stopping = true;
	want_free_all(ike);
	HASH_ITER(hh, ike->children, child, next_child)
		child_delete(child, E_STOPPED);
	live_stop(ike);
	HASH_ITER(hh, ike->by_cookies, sa, next_sa)
		sa_end(sa, E_STOPPED, true);
}

/* Our third message may be on its way: its pair is finished. */
static void
finish_children(struct ike *ike)
{
	struct child *child, *next;

	HASH_ITER(hh, ike->children, child, next)
		if (child->later != NULL && child_install_now(child))
			child_up(child);
}

void
ike_leave(struct ike *ike)
{
	struct sa *sa, *next;

	ike->stopping = true;
	finish_children(ike);
	want_free_all(ike);
	HASH_ITER(hh, ike->by_cookies, sa, next)
		if (sa->state != SA_NEGOTIATING)
			sa_drop_exchanges(sa);
}

void
ike_tick(struct ike *ike, uint64_t now)
{
	if (now > ike->now)
		ike->now = now;
	timers_run(&ike->timers, ike->now);
}

uint64_t
ike_next(const struct ike *ike)
{
	return timers_next(&ike->timers);
}

void
ike_datagram(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view datagram)
{
	enum err r;

	if (ike->stopping)
		return;
	ike->stats.datagrams_in++;
	ike->stats.bytes_in += datagram.n;
	r = input_datagram(ike, local, remote, datagram);
	if (r == OK || r == E_DUPLICATE)
		return;
	ike->stats.dropped++;
	log_peer(LOG_L_DEBUG, remote, "dropped a datagram of %zu bytes: %s",
	    datagram.n, err_text(r));
}

void
ike_kernel(struct ike *ike, const struct ipsec_event *ev)
{
	if (ike->stopping)
		return;
	switch (ev->type) {
	case IPSEC_EVENT_ACQUIRE:
		want_acquire(ike, ev);
		reconcile_acquired(ike, ev);
		break;
	case IPSEC_EVENT_EXPIRE:
		child_expired(ike, ev);
		break;
	case IPSEC_EVENT_SA_DELETE:
		child_removed(ike, ev);
		break;
	case IPSEC_EVENT_SA_FLUSH:
		child_flushed(ike, ev->sa.id.proto);
		break;
	case IPSEC_EVENT_RESYNC:
		reconcile_now(ike);
		break;
	case IPSEC_EVENT_MAPPING:	/* IKE itself follows the peer */
		child_moved(ike, ev);
		break;
	case IPSEC_EVENT_POLICY_EXPIRE:
	case IPSEC_EVENT_SA_NEW:
	case IPSEC_EVENT_POLICY_NEW:
	case IPSEC_EVENT_POLICY_DELETE:
	case IPSEC_EVENT_POLICY_FLUSH:
		break;
	}
}

void
ike_job_done(struct ike *ike, struct job *job)
{
	struct exchange *x;

	load_back(ike, job);
	HASH_FIND(hh, ike->exchanges, &job->exchange, sizeof(job->exchange),
	    x);
	if (x != NULL)
		exch_job(x, job);
	job_free(job);
}

void
ike_reload(struct ike *ike, const struct conf *conf)
{
	const struct conf *old = ike->conf;

	ike->conf = conf_ref(conf);
	conf_unref(old);
	propose_warn(ike->kernel, conf);
	backoff_reset(ike);
}

/*
 * What it tells
 */

void
ike_stats(const struct ike *ike, struct ike_stats *stats)
{
	*stats = ike->stats;
}

void
ike_counts(const struct ike *ike, struct ike_counts *counts)
{
	struct frag_counts frags;
	struct sa *sa;

	frag_count(ike, &frags);
	*counts = (struct ike_counts){
		.sas = HASH_COUNT(ike->by_cookies),
		.exchanges = HASH_COUNT(ike->exchanges),
		.children = HASH_COUNT(ike->children),
		.wants = HASH_COUNT(ike->wants),
		.timers = ike->timers.n,
		.frags = frags.known + frags.strange,
		.genpols = genpol_count(ike),
	};
	for (sa = ike->by_cookies; sa != NULL; sa = sa->hh.next)
		counts->ready += sa->state == SA_READY;
}

static void
sa_info(const struct sa *sa, struct ike_sa_info *info)
{
	*info = (struct ike_sa_info){
		.local = sa->local,
		.remote = sa->remote,
		.initiator = sa->initiator,
		.ready = sa->state != SA_NEGOTIATING,
		.dying = sa->state == SA_DYING,
		.natt = sa_behind_nat(sa),
		.etype = sa->etype,
		.children = sa->peer->nchildren,
		.since = sa->state == SA_NEGOTIATING ? sa->began : sa->ready,
	};
	memcpy(info->icookie, sa->cookies.i, sizeof(info->icookie));
	memcpy(info->rcookie, sa->cookies.r, sizeof(info->rcookie));
}

void
ike_each_sa(const struct ike *ike,
    bool (*fn)(void *, const struct ike_sa_info *), void *ctx)
{
	struct ike_sa_info info;
	struct sa *sa;

	for (sa = ike->by_cookies; sa != NULL; sa = sa->hh.next) {
		sa_info(sa, &info);
		if (!fn(ctx, &info))
			return;
	}
}

void
ike_each_child(const struct ike *ike,
    bool (*fn)(void *, const struct ike_child_info *), void *ctx)
{
	struct child *child;

	for (child = ike->children; child != NULL; child = child->hh.next)
		for (unsigned i = 0; i < child->n; i++) {
			struct ike_child_info info = {
				.local = child->src,
				.remote = child->dst,
				.proto = (uint8_t)child->in[i].key.proto,
				.mode = child->mode[i],
				.spi_in = child->in[i].key.spi,
				.spi_out = child->out[i].installed ?
				    child->out[i].key.spi : 0,
				.reqid = child->reqid_out[i],
				.initiator = child->initiator,
				.sel = child->sel,
			};

			if (child->up && !fn(ctx, &info))
				return;
		}
}
