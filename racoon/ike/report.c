/* SPDX-License-Identifier: ISC */
/* What there is, flat. */
#include "ike/report.h"

#include <string.h>

#include "ike/auth.h"
#include "ike/backoff.h"
#include "ike/child.h"
#include "ike/dpd.h"
#include "ike/exchange.h"
#include "ike/ident.h"
#include "ike/quick_state.h"
#include "ike/sa.h"
#include "ike/want.h"

uint64_t
ike_now(const struct ike *ike)
{
	return ike->now;
}

/* ---- IKE SAs ---- */

static void
name(struct view body, char out[ID_TEXT])
{
	struct id_payload id;

	out[0] = '\0';
	if (body.n > 0 && id_get(body, &id) == OK)
		(void)id_print(&id, out);
}

/* What we said; or, of the racoon before, what we would say today. */
static void
own_name(const struct sa *sa, char out[ID_TEXT])
{
	struct buf body;

	name(buf_view(&sa->own_id), out);
	if (out[0] != '\0' || sa->remote_conf == NULL)
		return;
	buf_init(&body, LIMIT_ID);
	ident_own(sa->remote_conf, &sa->local, &body);
	name(buf_view(&body), out);
	buf_fini(&body);
}

static enum ike_p1_state
state_of(const struct sa *sa)
{
	static const uint8_t none[ISAKMP_COOKIE_LEN];

	switch (sa->state) {
	case SA_READY:
		return IKE_P1_UP;
	case SA_DYING:
		return IKE_P1_DYING;
	case SA_NEGOTIATING:
		break;
	}
	return memcmp(sa->cookies.r, none, sizeof(none)) == 0 ? IKE_P1_START :
	    IKE_P1_SENT;
}

static uint64_t
since(const struct sa *sa)
{
	return sa->state == SA_NEGOTIATING ? sa->began : sa->ready;
}

static void
put_suite(const struct sa_suite *s, struct ike_p1_report *out)
{
	out->agreed = s->cipher != NULL && s->hash != NULL &&
	    s->group != NULL && s->auth != NULL;
	if (!out->agreed)
		return;
	out->cipher = s->cipher->id;
	out->hash = s->hash->id;
	out->method = s->auth->method;
	out->group = s->group->id;
	out->key_bits = s->key_bits;
	out->life_secs = s->life_secs;
}

static void
report_sa(const struct sa *sa, struct ike_p1_report *out)
{
	*out = (struct ike_p1_report){
		.serial = sa->serial,
		.state = state_of(sa),
		.local = sa->local,
		.remote = sa->remote,
		.initiator = sa->initiator,
		.natt = sa_behind_nat(sa),
		.etype = sa->etype,
		.conf = sa->remote_conf,
		.since = since(sa),
		.children = sa->peer->nchildren,
		.dpd = sa->remote_conf != NULL && sa->remote_conf->dpd.enabled,
		.dpd_fails = sa->dpd.tries,
	};
	memcpy(out->icookie, sa->cookies.i, sizeof(out->icookie));
	memcpy(out->rcookie, sa->cookies.r, sizeof(out->rcookie));
	out->dpd_possible = out->dpd && dpd_possible(sa);
	name(buf_view(&sa->peer_id), out->peer_id);
	own_name(sa, out->own_id);
	put_suite(&sa->suite, out);
}

void
ike_each_p1(const struct ike *ike,
    bool (*fn)(void *, const struct ike_p1_report *), void *ctx)
{
	struct ike_p1_report r;
	const struct sa *sa;

	for (sa = ike->by_cookies; sa != NULL; sa = sa->hh.next) {
		report_sa(sa, &r);
		if (!fn(ctx, &r))
			return;
	}
}

/* ---- pairs ---- */

static void
bound_to(const struct sa *sa, struct ike_p2_report *out)
{
	out->bound = true;
	memcpy(out->icookie, sa->cookies.i, sizeof(out->icookie));
	memcpy(out->rcookie, sa->cookies.r, sizeof(out->rcookie));
}

/* The IKE SA that made it, or else one that serves it now. */
static void
bind_child(const struct child *child, struct ike_p2_report *out)
{
	const struct sa *sa, *other = NULL;

	for (sa = child->peer->sas; sa != NULL; sa = sa->next) {
		if (sa->serial == child->sa_serial)
			break;
		if (other == NULL && sa->state == SA_READY &&
		    child_is_with(child, sa))
			other = sa;
	}
	if (sa == NULL)
		sa = other;
	if (sa != NULL)
		bound_to(sa, out);
}

/* IPComp is not what counts in a bundle. */
static unsigned int
main_of(const struct child *child)
{
	unsigned int i = 0;

	while (i + 1 < child->n &&
	    child->in[i].key.proto == IPSEC_PROTO_IPCOMP)
		i++;
	return i;
}

static void
report_child(const struct child *child, struct ike_p2_report *out)
{
	const unsigned int i = main_of(child);

	*out = (struct ike_p2_report){
		.state = !child->up ? IKE_P2_COMMIT : child->superseded ?
		    IKE_P2_EXPIRED : IKE_P2_UP,
		.msgid = child->msgid,
		.local = child->local,
		.remote = child->remote,
		.src = child->src,
		.dst = child->dst,
		.sel = child->sel,
		.mark = child->mark,
		.natt = child->natt,
		.proto = (uint8_t)child->in[i].key.proto,
		.mode = child->mode[i],
		.spi_in = child->in[i].key.spi,
		.spi_out = child->out[i].key.spi,
		.reqid_in = child->reqid_in[i],
		.reqid_out = child->reqid_out[i],
		.pfs_group = child->pfs_group,
		.p1_group = child->p1_group,
		.life_secs = child->life_secs,
		.since = child->created,
	};
	for (unsigned int j = 0; j < child->n; j++)
		if (j != i && child->in[j].key.proto == IPSEC_PROTO_IPCOMP)
			out->comp = IPCOMP_DEFLATE;
	bind_child(child, out);
}

static void
report_quick(const struct exchange *x, struct ike_p2_report *out)
{
	const struct plan *plan = &x->quick->plan;

	*out = (struct ike_p2_report){
		.state = IKE_P2_SENT,
		.msgid = x->msgid,
		.local = x->sa->local,
		.remote = x->sa->remote,
		.src = x->sa->local,
		.dst = x->sa->remote,
		.sel = plan->sel,
		.natt = sa_behind_nat(x->sa),
		.pfs_group = x->quick->group,
		.since = x->began,
	};
	if (plan->ntmpl > 0) {
		out->proto = plan->tmpl[0].proto;
		out->mode = plan->tmpl[0].mode;
		out->reqid_in = plan->reqid_in[0];
		out->reqid_out = plan->tmpl[0].reqid;
	}
	bound_to(x->sa, out);
}

void
ike_each_p2(const struct ike *ike,
    bool (*fn)(void *, const struct ike_p2_report *), void *ctx)
{
	const struct exchange *x;
	const struct child *child;
	struct ike_p2_report r;

	for (child = ike->children; child != NULL; child = child->hh.next) {
		report_child(child, &r);
		if (!fn(ctx, &r))
			return;
	}
	for (x = ike->exchanges; x != NULL; x = x->hh.next) {
		if (x->quick == NULL || x->over || x->quick->child != 0)
			continue;
		report_quick(x, &r);
		if (!fn(ctx, &r))
			return;
	}
}

/* ---- peers ---- */

/* Ready before dying before negotiating; of these the newest. */
static const struct sa *
best_of(const struct peer *peer)
{
	static const unsigned int rank[] = { [SA_NEGOTIATING] = 1,
		[SA_DYING] = 2, [SA_READY] = 3 };
	const struct sa *sa, *best = NULL;

	for (sa = peer->sas; sa != NULL; sa = sa->next)
		if (best == NULL || rank[sa->state] > rank[best->state])
			best = sa;
	return best;
}

static unsigned int
pairs_of(const struct peer *peer)
{
	const struct child *child;
	unsigned int n = 0;

	for (child = peer->children; child != NULL; child = child->next)
		n += child->up && !child->superseded;
	return n;
}

static unsigned int
wants_of(const struct peer *peer)
{
	const struct want *want;
	unsigned int n = 0;

	for (want = peer->wants; want != NULL; want = want->next)
		n++;
	return n;
}

static bool
report_peer(const struct peer *peer, struct ike_peer_report *out)
{
	const struct sa *sa = best_of(peer);

	*out = (struct ike_peer_report){
		.remote = peer->addr,
		.has_sa = sa != NULL,
		.silent = backoff_waits(peer),
		.until = peer->backoff.until,
		.sas = peer->nsas,
		.pairs = pairs_of(peer),
		.wants = wants_of(peer),
	};
	if (sa != NULL) {
		out->remote = sa->remote;
		out->state = state_of(sa);
		out->since = since(sa);
		name(buf_view(&sa->peer_id), out->id);
	}
	return sa != NULL || out->silent || peer->children != NULL ||
	    out->wants > 0;
}

void
ike_each_peer(const struct ike *ike,
    bool (*fn)(void *, const struct ike_peer_report *), void *ctx)
{
	struct ike_peer_report r;
	const struct peer *peer;

	for (peer = ike->peers; peer != NULL; peer = peer->hh.next)
		if (report_peer(peer, &r) && !fn(ctx, &r))
			return;
}

/* ---- the rest ---- */

void
ike_each_timer(const struct ike *ike,
    bool (*fn)(void *, const struct ike_timer_report *), void *ctx)
{
	for (size_t i = 0; i < ike->timers.n; i++) {
		const struct timer *t = ike->timers.heap[i];
		const struct ike_timer_report r = { .serial = t->serial,
		    .set = t->set, .when = t->when };

		if (!fn(ctx, &r))
			return;
	}
}

enum err
ike_peer_cert(const struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view *out)
{
	const struct sa *sa;

	for (sa = ike->by_cookies; sa != NULL; sa = sa->hh.next)
		if (sa->state == SA_READY && addr_equal(&sa->local, local) &&
		    addr_equal(&sa->remote, remote)) {
			*out = buf_view(&sa->peer_cert);
			return OK;
		}
	return E_COOKIE;
}

void
ike_each_key(const struct ike *ike,
    bool (*fn)(void *, const struct ike_key_report *), void *ctx)
{
	struct ike_key_report r;
	const struct sa *sa;

	for (sa = ike->by_cookies; sa != NULL; sa = sa->hh.next) {
		if (sa->keys.cipher.n == 0)
			continue;
		memcpy(r.icookie, sa->cookies.i, sizeof(r.icookie));
		r.key = buf_view(&sa->keys.cipher);
		if (!fn(ctx, &r))
			return;
	}
}
