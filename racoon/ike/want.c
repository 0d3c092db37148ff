/* SPDX-License-Identifier: ISC */
/* Wants: the table, and the plan that the kernel's policy makes. */

#include "ike/want.h"

#include "base/mem.h"
#include "ike/child.h"
#include "ike/genpol.h"
#include "ike/ident.h"
#include "libipsec/addr.h"

/* Also good for the 16 bits of a CPI, RFC 3173 3.3. */
#define LARVAL_SPI	0x100u
#define LARVAL_SPI_MAX	0xefffu

struct want *
want_find(struct ike *ike, uint64_t serial)
{
	struct want *want;

	HASH_FIND(hh, ike->wants, &serial, sizeof(serial), want);
	return want;
}

struct want *
want_same(struct ike *ike, const struct plan *plan,
    const struct ipsec_addr *remote)
{
	struct peer *peer = peer_find(ike, remote);
	struct want *want;

	for (want = peer == NULL ? NULL : peer->wants; want != NULL;
	    want = want->next)
		if (selector_equal(&want->plan.sel, &plan->sel) &&
		    want->plan.if_id == plan->if_id)
			return want;
	return NULL;
}

static void
want_link(struct want *want)
{
	struct peer *peer = peer_get(want->ike, &want->remote);

	want->peer = peer;
	want->next = peer->wants;
	if (want->next != NULL)
		want->next->prev = want;
	peer->wants = want;
	HASH_ADD(hh, want->ike->wants, serial, sizeof(want->serial), want);
}

static void
want_unlink(struct want *want)
{
	struct peer *peer = want->peer;

	if (want->next != NULL)
		want->next->prev = want->prev;
	if (want->prev != NULL)
		want->prev->next = want->next;
	else
		peer->wants = want->next;
	HASH_DEL(want->ike->wants, want);
	peer_release(want->ike, peer);
}

void
want_done(struct want *want)
{
	timer_del(&want->ike->timers, &want->timer);
	want_unlink(want);
	xfreezero(want, sizeof(*want));
}

void
want_failed(struct want *want)
{
	struct child *child = child_by_serial(want->ike, want->child);

	want_done(want);
	if (child != NULL)
		child_retry(child);
}

void
want_free_all(struct ike *ike)
{
	struct want *want, *next;

	HASH_ITER(hh, ike->wants, want, next)
		want_done(want);
}

/*
 * The larval SA of an ACQUIRE keeps the kernel from asking again for
 * net.core.xfrm_acq_expires seconds, and that is how long a peer that came back
 * would be waited for.  It has no SPI to be deleted by, so it gets one first.
 */
static void
forget_acquire(const struct want *want, const struct ipsec_tmpl *tmpl)
{
	struct ipsec_sa k = {
		.id = { .proto = tmpl->proto, .mark = want->plan.mark },
		.src = want->local,
		.mode = tmpl->mode,
		.dir = IPSEC_DIR_OUT,
		.reqid = tmpl->reqid,
		.seq = want->seq,
		.if_id = want->plan.if_id,
	};

	k.id.dst = want->remote;
	if (tmpl->mode == IPSEC_MODE_TUNNEL && !addr_is_any(&tmpl->src))
		k.src = tmpl->src;
	if (tmpl->mode == IPSEC_MODE_TUNNEL && !addr_is_any(&tmpl->dst))
		k.id.dst = tmpl->dst;
	k.src.port = k.id.dst.port = 0;
	k.src.scope = k.id.dst.scope = 0;
	/* when it has expired by itself this makes one, and takes it away */
	if (ipsec_getspi(want->ike->kernel, &k, LARVAL_SPI, LARVAL_SPI_MAX,
	    &k.id.spi) == 0)
		(void)ipsec_sa_delete(want->ike->kernel, &k.id);
}

void
want_forget_acquire(const struct want *want)
{
	if (want->seq == 0)
		return;
	for (uint8_t i = 0; i < want->plan.ntmpl; i++)
		forget_acquire(want, &want->plan.tmpl[i]);
}

static void
wait_for_phase1(struct want *want)
{
	want->deferred = false;
	timer_set(&want->ike->timers, &want->timer, want->ike->now +
	    (uint64_t)want->ike->conf->timer.phase1 * 1000);
}

void
want_defer(struct want *want)
{
	want->ike->stats.put_off++;
	want->deferred = true;
	timer_set(&want->ike->timers, &want->timer, load_again(want->ike));
}

/* racoon.conf(5) timer: phase 1 takes too long for this one.  The kernel asks
 * again with the next packet. */
static void
want_due(void *ctx)
{
	struct want *want = ctx;
	char text[SELECTOR_TEXT];

	if (want->state != WANT_WAITING)
		return;
	if (want->deferred) {
		wait_for_phase1(want);
		want->ike->up->peer_due(want->peer);
		return;
	}
	log_peer(LOG_L_ERROR, &want->remote, "give up to get IPsec-SA due to "
	    "time up to wait: phase 1 takes too long, for %s",
	    selector_print(&want->plan.sel, text));
	want_forget_acquire(want);
	want_failed(want);
}

struct want *
want_new(struct ike *ike, const struct plan *plan, uint32_t seq,
    const struct ipsec_addr *local, const struct ipsec_addr *remote)
{
	struct want *want;

	if (HASH_COUNT(ike->wants) >= LIMIT_WANTS)
		return NULL;
	want = xcalloc(1, sizeof(*want));
	want->ike = ike;
	want->serial = ike_serial(ike);
	want->plan = *plan;
	want->seq = seq;
	want->local = *local;
	want->remote = *remote;
	want->began = ike->now;
	timer_init(&want->timer, want_due, want);
	wait_for_phase1(want);
	want_link(want);
	return want;
}

/*
 * Plans: what the kernel's policy asks for
 */

static uint32_t
mirror_reqid(const struct ipsec_policy *in, const struct ipsec_tmpl *out,
    uint8_t i)
{
	return i < in->ntmpl && in->tmpl[i].proto == out->proto ?
	    in->tmpl[i].reqid : out->reqid;
}

/* The inbound policy may ask for other reqids than the outbound one. */
static void
plan_inbound(struct ike *ike, const struct ipsec_policy *out,
    struct plan *plan)
{
	struct ipsec_policy key = *out, in;

	key.dir = IPSEC_DIR_IN;
	key.index = 0;
	ident_mirror(&out->sel, &key.sel);
	if (ipsec_policy_get(ike->kernel, &key, &in) != 0)
		in.ntmpl = 0;
	for (uint8_t i = 0; i < plan->ntmpl; i++)
		plan->reqid_in[i] = mirror_reqid(&in, &plan->tmpl[i], i);
}

enum err
plan_of_policy(struct ike *ike, const struct ipsec_policy *policy,
    struct plan *plan)
{
	if (policy->action != IPSEC_ACTION_IPSEC || policy->ntmpl == 0 ||
	    policy->ntmpl > IPSEC_TMPL_MAX || policy->dir != IPSEC_DIR_OUT)
		return E_NOPOLICY;
	memset(plan, 0, sizeof(*plan));
	plan->sel = plan->of = policy->sel;
	plan->policy = policy->index;
	plan->priority = policy->priority;
	plan->ntmpl = policy->ntmpl;
	memcpy(plan->tmpl, policy->tmpl, sizeof(plan->tmpl));
	plan->mark = policy->mark;
	plan->if_id = policy->if_id;
	plan->generate = genpol_is_ours(policy);
	plan_inbound(ike, policy, plan);
	return OK;
}

/* The policy of best priority that covers a selector. */
struct covering {
	const struct ipsec_selector *sel;
	const struct plan_scope *scope;	/* NULL: any */
	struct ipsec_policy best;
	bool		found;
};

static bool
port_covers(uint16_t policy, uint16_t asked)
{
	return policy == 0 || policy == asked;
}

bool
plan_covers(const struct ipsec_selector *p, const struct ipsec_selector *s)
{
	return p->src.family == s->src.family &&
	    p->src_prefix <= s->src_prefix && p->dst_prefix <= s->dst_prefix &&
	    addr_in(&s->src, &p->src, p->src_prefix) &&
	    addr_in(&s->dst, &p->dst, p->dst_prefix) &&
	    (p->proto == 0 || p->proto == s->proto) &&
	    port_covers(p->src.port, s->src.port) &&
	    port_covers(p->dst.port, s->dst.port);
}

static bool
in_scope(const struct plan_scope *scope, const struct ipsec_policy *policy)
{
	return scope == NULL || (policy->if_id == scope->if_id &&
	    policy->mark.value == scope->mark.value &&
	    policy->mark.mask == scope->mark.mask);
}

static int
consider(void *ctx, const struct ipsec_policy *policy)
{
	struct covering *c = ctx;

	if (policy->sub == 0 && in_scope(c->scope, policy) &&
	    plan_covers(&policy->sel, c->sel) &&
	    (!c->found || policy->priority < c->best.priority)) {
		c->best = *policy;
		c->found = true;
	}
	return 0;
}

enum err
plan_of_selector(struct ike *ike, const struct ipsec_selector *sel,
    const struct plan_scope *scope, struct plan *plan)
{
	static const struct ipsec_filter out = { .dir = IPSEC_DIR_OUT };
	struct covering c = { .sel = sel, .scope = scope };
	struct ipsec_policy key = { .sel = *sel, .dir = IPSEC_DIR_OUT };
	enum err r;

	if (scope != NULL) {
		key.mark = scope->mark;
		key.if_id = scope->if_id;
	}
	if (ipsec_policy_get(ike->kernel, &key, &c.best) == 0)
		return plan_of_policy(ike, &c.best, plan);
	c.found = false;
	if (ipsec_policy_dump(ike->kernel, &out, consider, &c) != 0 ||
	    !c.found)
		return E_NOPOLICY;
	r = plan_of_policy(ike, &c.best, plan);
	plan->sel = *sel;
	plan->narrow = true;
	return r;
}

bool
plan_in_scope(const struct remote *remote, const struct plan *plan)
{
	return !remote->scoped || (remote->if_id == plan->if_id &&
	    remote->mark.value == plan->mark.value &&
	    remote->mark.mask == plan->mark.mask);
}

enum err
plan_for_remote(struct ike *ike, const struct remote *remote,
    const struct ipsec_selector *sel, struct plan *plan)
{
	const struct plan_scope scope = { remote->mark, remote->if_id };

	return plan_of_selector(ike, sel, remote->scoped ? &scope : NULL,
	    plan);
}
