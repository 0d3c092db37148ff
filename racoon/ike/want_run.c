/* SPDX-License-Identifier: ISC */
/* Wants at work: where they come from, phase 1 for them, then quick mode. */

#include "conf/match.h"
#include "ike/child.h"
#include "ike/phase1.h"
#include "ike/quick.h"
#include "ike/say.h"
#include "ike/want.h"
#include "libipsec/addr.h"

/*
 * Who serves a want
 */

static struct sa *
want_sa(const struct want *want)
{
	struct ipsec_addr remote = want->remote;
	struct sa *sa;

	if (want->any_port)
		remote.port = 0;
	sa = sa_ready_with(want->ike, &want->local, &remote);
	return sa != NULL && plan_in_scope(sa->remote_conf, &want->plan) ?
	    sa : NULL;
}

static bool
want_is_served(const struct want *want)
{
	struct ipsec_addr remote = want->remote;

	if (want->any_port)
		remote.port = 0;
	return sa_coming_with(want->ike, &want->local, &remote) != NULL;
}

static void
want_event(const struct want *want, enum err err)
{
	struct ike_event ev = {
		.type = IKE_EVENT_CHILD_NO_PHASE1,
		.err = err,
		.initiator = true,
		.local = want->local,
		.remote = want->remote,
		.sel = want->plan.sel,
		.ms = (uint32_t)(want->ike->now - want->began),
	};

	if (!want->ike->stopping)
		want->ike->ops->event(want->ike->ctx, &ev);
}

static void
say_no_remote(const struct want *want, enum err r, bool ambiguous)
{
	if (r == E_PASSIVE)
		say_remote(LOG_L_INFO, want->ike, &want->remote,
		    "not initiating: the remote block says passive");
	else
		say_remote(LOG_L_ERROR, want->ike, &want->remote, "%s; add or "
		    "correct a `remote' block", ambiguous ? "multiple exact "
		    "configurations" : "no remote configuration found");
}

static void
say_out_of_scope(const struct want *want, const struct remote *remote)
{
	const struct plan *plan = &want->plan;
	char text[SELECTOR_TEXT];

	if (ike_may_complain(want->ike, &want->remote, E_NOREMOTE))
		say_remote(LOG_L_ERROR, want->ike, &want->remote,
		    "the policy for %s has mark 0x%x/0x%x and if_id %u, but "
		    "the remote block \"%s\" at %s:%u is for mark 0x%x/0x%x and if_id %u",
		    selector_print(&plan->sel, text), plan->mark.value,
		    plan->mark.mask, plan->if_id, remote->name,
		    remote->at.path, remote->at.line, remote->mark.value,
		    remote->mark.mask, remote->if_id);
}

/* Starts phase 1 for a want that is in the table already. */
static void
want_phase1(struct want *want)
{
	struct ike *ike = want->ike;
	const struct remote *remote;
	struct ipsec_addr peer = want->remote, local;
	bool ambiguous = false;
	enum err r;

	r = match_initiate(ike->conf, &want->remote, &remote, &ambiguous);
	if (r != OK) {
		say_no_remote(want, r, ambiguous);
		want_event(want, r);
		want_failed(want);
		return;
	}
	if (!plan_in_scope(remote, &want->plan)) {
		say_out_of_scope(want, remote);
		want_failed(want);
		return;
	}
	if (peer.port == 0)
		peer.port = remote->addr.port != 0 ? remote->addr.port :
		    ISAKMP_PORT;
	if (!ike->ops->local(ike->ctx, &want->local, &peer, &local)) {
		want_failed(want);
		return;
	}
	if (want->local.port != 0)
		local.port = want->local.port;
	if (!phase1_start(ike, remote, &local, &peer))
		want_failed(want);
}

/* The peer did not answer lately: the want waits for the next try. */
static void
want_wait(struct want *want)
{
	uint64_t until = want->peer->backoff.until;

	log_peer(LOG_L_DEBUG, &want->remote, "IPsec-SA request queued: the "
	    "peer does not answer, phase 1 begins again in %u ms",
	    (unsigned)(until - want->ike->now));
	timer_set(&want->ike->timers, &want->timer, until +
	    (uint64_t)want->ike->conf->timer.phase1 * 1000);
}

static void
want_run(struct want *want)
{
	struct sa *sa = want_sa(want);

	if (sa != NULL)
		quick_start(sa, want);
	else if (!want_is_served(want) && backoff_waits(want->peer))
		want_wait(want);
	else if (!want_is_served(want))
		want_phase1(want);
	else
		log_peer(LOG_L_DEBUG, &want->remote, "IPsec-SA request "
		    "queued: phase 1 is under way");
}

void
want_sa_ready(struct sa *sa)
{
	struct want *want, *next;

	for (want = sa->peer->wants; want != NULL; want = next) {
		next = want->next;
		if (want->state == WANT_WAITING && want_sa(want) == sa)
			quick_start(sa, want);
	}
}

void
want_sa_gone(struct sa *sa, enum err why)
{
	struct ike *ike = sa->ike;
	struct want *want, *next;
	char text[SELECTOR_TEXT];

	if (sa->state != SA_NEGOTIATING || !sa->initiator)
		return;
	sa->state = SA_DYING;		/* serves nobody any more */
	for (want = sa->peer->wants; want != NULL; want = next) {
		next = want->next;
		if (want->state != WANT_WAITING || want_is_served(want))
			continue;
		if (!ike->stopping)
			log_peer(LOG_L_ERROR, &want->remote, "give up to get "
			    "IPsec-SA for %s: phase 1 failed, %s",
			    selector_print(&want->plan.sel, text),
			    err_text(why));
		/* anything but silence would only repeat itself */
		if (why == E_TIMEOUT)
			want_forget_acquire(want);
		want_event(want, why);
		want_failed(want);
	}
}

/*
 * Where wants come from
 */

void
want_peer(const struct plan *plan, struct ipsec_addr *local,
    struct ipsec_addr *remote)
{
	for (uint8_t i = 0; i < plan->ntmpl; i++) {
		const struct ipsec_tmpl *tmpl = &plan->tmpl[i];

		if (tmpl->mode == IPSEC_MODE_TUNNEL) {
			*local = tmpl->src;
			*remote = tmpl->dst;
			break;
		}
	}
	if (addr_is_any(local))
		memset(local, 0, sizeof(*local));
	local->port = remote->port = 0;
}

static bool
needs_zone(const struct ipsec_addr *a)
{
	/* RFC 4291 2.5.6: fe80::/10 */
	return a->family == AF_INET6 && a->scope == 0 &&
	    a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

/*
 * XFRM names no interface with an address, though a link-local one means
 * nothing without: racoon.conf may know it, or the policy.
 */
static bool
add_zone(struct ike *ike, const struct plan *plan, struct ipsec_addr *local,
    struct ipsec_addr *remote)
{
	if (!needs_zone(remote))
		return true;
	remote->scope = match_zone(ike->conf, remote);
	if (remote->scope == 0)
		remote->scope = (uint32_t)plan->sel.ifindex;
	if (needs_zone(local))
		local->scope = remote->scope;
	if (remote->scope != 0)
		return true;
	if (ike_may_complain(ike, remote, E_NOREMOTE))
		log_peer(LOG_L_ERROR, remote, "a link-local address needs an "
		    "interface: name it in the `remote' block of this peer, "
		    "as in fe80::1%%eth0");
	return false;
}

/* The kernel raises an ACQUIRE again when its larval SA has timed out: the
 * want then takes the newer request's number and policy. */
static bool
want_refresh(struct ike *ike, const struct plan *plan, uint32_t seq,
    const struct ipsec_addr *remote)
{
	struct want *want = want_same(ike, plan, remote);

	if (want == NULL)
		return false;
	want->plan = *plan;
	want->seq = seq;
	if (want->state == WANT_WAITING)
		want_run(want);		/* what it waited for may be gone */
	return true;
}

static void
want_add(struct ike *ike, const struct plan *plan, uint32_t seq,
    struct ipsec_addr local, struct ipsec_addr remote)
{
	struct want *want;

	want_peer(plan, &local, &remote);
	if (addr_is_any(&remote) || addr_is_multicast(&remote))
		return;
	if (!add_zone(ike, plan, &local, &remote))
		return;
	if (want_refresh(ike, plan, seq, &remote))
		return;
	want = want_new(ike, plan, seq, &local, &remote);
	if (want == NULL) {
		if (ike_may_complain(ike, &remote, E_LIMIT))
			log_peer(LOG_L_ERROR, &remote, "too many requests of "
			    "the kernel at once, one is dropped");
		return;
	}
	want->any_port = true;
	want_run(want);
}

/* The kernel asks for what we think it has: it does not, and that the new pair
 * and the old one came up at about the same time would mean nothing. */
static void
doubt_child(struct ike *ike, const struct plan *plan,
    const struct ipsec_event *ev)
{
	struct ipsec_addr local = ev->sa.src, remote = ev->sa.id.dst;
	struct child *child;
	struct peer *peer;

	want_peer(plan, &local, &remote);
	peer = peer_find(ike, &remote);
	child = peer == NULL ? NULL : peer->children;
	while (child != NULL && !(child->up && child->if_id == plan->if_id &&
	    selector_equal(&child->sel, &plan->sel)))
		child = child->next;
	if (child != NULL)
		child_verify(child);
}

void
want_acquire(struct ike *ike, const struct ipsec_event *ev)
{
	struct plan plan;

	ike->stats.acquires++;
	if (plan_of_policy(ike, &ev->policy, &plan) != OK)
		return;
	doubt_child(ike, &plan, ev);
	want_add(ike, &plan, ev->sa.seq, ev->sa.src, ev->sa.id.dst);
}

void
want_missing(struct ike *ike, const struct plan *plan,
    const struct ipsec_addr *local, const struct ipsec_addr *remote)
{
	struct ipsec_addr from = *local, to = *remote;
	struct want *want;

	if (!add_zone(ike, plan, &from, &to) ||
	    want_same(ike, plan, &to) != NULL)
		return;
	want = want_new(ike, plan, 0, &from, &to);
	if (want == NULL)
		return;
	want->any_port = to.port == 0;
	want_run(want);
}

void
want_rekey(struct ike *ike, struct child *child)
{
	struct plan_scope scope = { child->mark, child->if_id };
	struct plan plan;
	struct want *want;
	char text[SELECTOR_TEXT];

	if (plan_of_selector(ike, &child->sel, &scope, &plan) != OK) {
		/* between a flush and the next load, maybe */
		log_peer(child->retries == 0 ? LOG_L_INFO : LOG_L_DEBUG,
		    &child->remote, "IPsec-SA expires: the kernel has no "
		    "policy for %s any more", selector_print(&child->sel,
		    text));
		child_retry(child);
		return;
	}
	want = want_same(ike, &plan, &child->remote);
	if (want != NULL) {		/* wanted already */
		if (want->child == 0)
			want->child = child->serial;
		return;
	}
	want = want_new(ike, &plan, 0, &child->local, &child->remote);
	if (want == NULL) {
		child_retry(child);
		return;
	}
	want->child = child->serial;
	want_run(want);
}

/*
 * Peers that did not answer
 */

static bool
has_child(const struct peer *peer, const struct wanted *w)
{
	const struct child *child;

	for (child = peer->children; child != NULL; child = child->next)
		if (selector_equal(&child->sel, &w->sel) &&
		    child->if_id == w->if_id)
			return true;
	return false;
}

/* The pair for whose sake a dead peer is called; false: it is not wanted any
 * more, it is back, or the peer refuses it. */
static bool
bring_back(struct peer *peer, struct wanted *w)
{
	struct ike *ike = peer->ike;
	struct plan_scope scope = { w->mark, w->if_id };
	bool up = sa_ready_with(ike, &w->local, &peer->addr) != NULL;
	struct want *want;
	struct plan plan;

	if (has_child(peer, w) || w->tried ||
	    plan_of_selector(ike, &w->sel, &scope, &plan) != OK)
		return false;
	w->tried = up;
	if (want_same(ike, &plan, &w->remote) != NULL)
		return true;
	want = want_new(ike, &plan, 0, &w->local, &w->remote);
	if (want != NULL)
		want->any_port = w->any_port;
	return want != NULL;
}

#define DUE_MOST	64	/* others are served with these, or time out */

void
want_peer_due(struct peer *peer)
{
	struct ike *ike = peer->ike;
	struct wanted *w = &peer->backoff.wanted;
	uint64_t serial[DUE_MOST];
	struct want *want;
	unsigned n = 0;

	if (w->on)
		w->on = bring_back(peer, w);
	for (want = peer->wants; want != NULL && n < DUE_MOST;
	    want = want->next)
		if (want->state == WANT_WAITING)
			serial[n++] = want->serial;
	while (n-- > 0) {		/* the oldest first */
		want = want_find(ike, serial[n]);
		if (want != NULL && want->state == WANT_WAITING)
			want_run(want);
	}
}

/*
 * Larval SAs with the wanted traffic in their selectors are what is left of
 * lost ACQUIREs.
 */
static int
collect_larval(void *ctx, const struct ipsec_sa *sa)
{
	struct ike *ike = ctx;
	struct plan_scope scope = { sa->id.mark, sa->if_id };
	struct plan plan;

	if (sa->state != IPSEC_STATE_LARVAL || !sa->has_sel ||
	    sa->id.spi != 0 || sa->sel.src.family == 0)
		return 0;
	if (plan_of_selector(ike, &sa->sel, &scope, &plan) == OK) {
		struct ipsec_policy key = { .index = plan.policy,
		    .dir = IPSEC_DIR_OUT };
		struct ipsec_policy policy;

		/* the policy's own selector, not the packet's */
		if (ipsec_policy_get(ike->kernel, &key, &policy) == 0 &&
		    plan_of_policy(ike, &policy, &plan) != OK)
			return 0;
		want_add(ike, &plan, sa->seq, sa->src, sa->id.dst);
	}
	return 0;
}

void
want_resync(struct ike *ike)
{
	static const struct ipsec_filter all;

	(void)ipsec_sa_dump(ike->kernel, &all, collect_larval, ike);
}
