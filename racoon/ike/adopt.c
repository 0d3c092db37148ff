/* SPDX-License-Identifier: ISC */
/* A restart: taking over what is in the kernel. */

#include "ike/adopt.h"

#include "conf/match.h"
#include "ike/child.h"
#include "ike/genpol.h"
#include "ike/ident.h"
#include "ike/phase1.h"
#include "ike/reconcile.h"
#include "ike/survey.h"
#include "ike/want.h"
#include "libipsec/addr.h"

#define AGAIN_MS	30000u	/* policies may yet be on their way */
#define DUE_MS		10000u	/* renewals that are due at once: over so long,
				   or this part of their life time */
#define DUE_PART	50u
#define HALF_MS		2000u	/* until a half is replaced, at most */
#define OURS_BELOW	83u	/* per cent of the life time: who renews first
				   is the one who began */
#define CALL_MS		30000u	/* between two calls of one peer */
#define CALL_RATE	10u	/* calls a second */
#define CALL_BURST	50u

struct look {
	struct ike	*ike;
	struct survey	 s;
	unsigned int	 taken, halves, unwanted;
	bool		 last;		/* what is not wanted now, goes */
};

/*
 * What it is
 */

static bool
is_whole(const struct survey_group *g)
{
	return !g->odd && g->way[0].n > 0 && g->way[0].n == g->way[1].n;
}

static bool
is_half(const struct survey_group *g)
{
	return !g->odd && (g->way[0].n == 0) != (g->way[1].n == 0);
}

/* The SA of the other direction. */
static const struct survey_sa *
partner(const struct survey_way *way, const struct survey_sa *sa)
{
	for (unsigned int i = 0; i < way->n; i++)
		if (way->sa[i]->id.proto == sa->id.proto &&
		    way->sa[i]->mode == sa->mode)
			return way->sa[i];
	return NULL;
}

/* Does the kernel say that these go the other way? */
static bool
contradicts(const struct survey_way *out, const struct survey_way *in)
{
	for (unsigned int i = 0; i < out->n; i++)
		if (out->sa[i]->dir == IPSEC_DIR_IN)
			return true;
	for (unsigned int i = 0; i < in->n; i++)
		if (in->sa[i]->dir == IPSEC_DIR_OUT ||
		    (out->n > 0 && partner(out, in->sa[i]) == NULL))
			return true;
	return false;
}

/* The question to the policies: of the outbound SAs, else of those that they
 * would have. */
static void
ask_for(const struct survey_way *out, const struct survey_way *in,
    struct survey_ask *ask)
{
	const struct survey_way *way = out->n > 0 ? out : in;
	const struct survey_sa *first = way->sa[0];

	memset(ask, 0, sizeof(*ask));
	ask->src = way == out ? first->src : first->id.dst;
	ask->dst = way == out ? first->id.dst : first->src;
	ask->mark = first->id.mark;
	ask->if_id = first->if_id;
	ask->any_reqid = way == in;
	if (way == out && first->has_sel && first->mode == IPSEC_MODE_TUNNEL)
		ask->narrow = &first->sel;
	ask->n = way->n;
	for (unsigned int i = 0; i < way->n; i++) {
		ask->proto[i] = way->sa[i]->id.proto;
		ask->mode[i] = way->sa[i]->mode;
		ask->reqid[i] = way->sa[i]->reqid;
	}
}

/* Which racoon began shows in who was to renew it first. */
static bool
began(const struct survey_way *out)
{
	const struct survey_sa *sa = out->n > 0 ? out->sa[0] : NULL;

	return sa != NULL && sa->soft != 0 &&
	    sa->soft * 100 <= sa->hard * OURS_BELOW;
}

/* The kernel knows just the clock on the wall, which may have been set since:
 * nothing is from the future. */
static uint64_t
made_at(const struct look *l, const struct survey_sa *sa)
{
	uint64_t now = l->ike->now, at = sa->added * 1000;

	at = at > l->ike->epoch ? at - l->ike->epoch : 1;
	return at < now ? at : now > 1 ? now - 1 : 1;
}

static void
set_half(struct child_found *f, const struct survey_sa *sa, unsigned int at,
    bool inbound)
{
	if (sa == NULL)
		return;
	f->proto[at] = sa->id.proto;
	f->mode[at] = sa->mode;
	if (inbound) {
		f->spi_in[at] = sa->id.spi;
		f->reqid_in[at] = sa->reqid;
	} else {
		f->spi_out[at] = sa->id.spi;
		f->reqid_out[at] = sa->reqid;
	}
	if (sa->encap.type == 0)
		return;
	f->natt = true;
	f->oa = sa->encap.oa;
	f->remote.port = inbound ? sa->encap.sport : sa->encap.dport;
	f->local.port = inbound ? sa->encap.dport : sa->encap.sport;
}

/* ORDER: as the policy's templates are. */
static void
describe(const struct look *l, const struct survey_way *out,
    const struct survey_way *in, const uint8_t *order, struct child_found *f)
{
	const struct survey_way *way = out->n > 0 ? out : in;
	const struct survey_sa *first = way->sa[0];

	memset(f, 0, sizeof(*f));
	f->src = f->local = way == out ? first->src : first->id.dst;
	f->dst = f->remote = way == out ? first->id.dst : first->src;
	f->initiator = began(out);
	f->mark = first->id.mark;
	f->if_id = first->if_id;
	f->seq = first->seq;
	f->life_secs = first->hard > UINT32_MAX ? UINT32_MAX :
	    (uint32_t)first->hard;
	f->created = made_at(l, first);
	f->n = way->n;
	for (unsigned int i = 0; i < way->n; i++) {
		const struct survey_sa *sa = way->sa[i];
		unsigned int at = 0;

		for (unsigned int j = 0; j < way->n; j++)
			at += order[j] < order[i];
		set_half(f, way == out ? sa : NULL, at, false);
		set_half(f, way == in ? sa : partner(in, sa), at, true);
	}
}

/*
 * What becomes of it
 */

static bool
is_dying(const struct survey_group *g)
{
	for (unsigned int w = 0; w < 2; w++)
		for (unsigned int i = 0; i < g->way[w].n; i++)
			if (g->way[w].sa[i]->dying)
				return true;
	return false;
}

/* Policies that racoon generated live as long as their child. */
void
adopt_policies(struct child *child)
{
	struct plan_scope scope = { child->mark, child->if_id };
	struct plan plan;

	if (plan_of_selector(child->ike, &child->sel, &scope, &plan) != OK ||
	    !plan.generate)
		return;
	if (genpol_attach(child, &plan) != OK || genpol_open(child) != OK)
		return;			/* said why */
}

/*
 * Renewal is due when the soft limit was passed while nobody listened.  Who
 * began the pair goes first, should both sides have been away.
 */
static void
schedule(struct child *child, bool dying)
{
	uint64_t over = (uint64_t)child->life_secs * 1000 / DUE_PART;
	uint64_t at;

	if (child->half)
		over = HALF_MS;
	else if (over > DUE_MS)
		over = DUE_MS;
	at = ike_random(child->ike, (uint32_t)over + 1);
	if (!child->half && !child->initiator)
		at += over;
	if (child->half || dying)
		child_age_in(child, at);
}

/* The sainfo block for its traffic, as far as that can be told without the
 * peer's identity. */
static const struct sainfo *
sainfo_of(const struct child *child, uint32_t ph1id)
{
	const struct ipsec_selector *sel = &child->sel;
	const struct sainfo *info = NULL;
	struct id_payload from, to;
	struct match_p2 key = { .local = &from, .remote = &to,
	    .client = &child->remote, .ph1id = ph1id };
	struct buf src, dst;

	buf_init(&src, LIMIT_ID);
	buf_init(&dst, LIMIT_ID);
	ident_put(&src, &sel->src, sel->src_prefix, sel->proto);
	ident_put(&dst, &sel->dst, sel->dst_prefix, sel->proto);
	if (id_get(buf_view(&src), &from) != OK ||
	    id_get(buf_view(&dst), &to) != OK ||
	    match_sainfo_for(child->ike->conf, &key, &info) != OK)
		info = NULL;
	buf_fini(&src);
	buf_fini(&dst);
	return info;
}

void
adopt_watch(struct child *child)
{
	const struct remote *remote;
	bool ambiguous;

	if (match_initiate(child->ike->conf, &child->remote, &remote,
	    &ambiguous) == OK)
		live_set(child, remote, sainfo_of(child, remote->ph1id));
	child->ike->up->child_up(child);
}

/* Takes a group over if a policy wants it, one way or the other. */
static bool
take(struct look *l, const struct survey_group *g)
{
	for (unsigned int w = 0; w < 2; w++) {
		const struct survey_way *out = &g->way[w];
		const struct survey_way *in = &g->way[1 - w];
		uint8_t order[IPSEC_TMPL_MAX];
		struct survey_policy *p;
		struct child_found f;
		struct survey_ask ask;
		struct child *child;

		if (contradicts(out, in))
			continue;
		ask_for(out, in, &ask);
		p = survey_match(&l->s, &ask, order);
		if (p == NULL)
			continue;
		p->taken++;
		describe(l, out, in, order, &f);
		for (unsigned int i = 0; i < f.n && out->n == 0; i++)
			f.reqid_out[i] = p->tmpl[i].reqid;
		f.sel = ask.narrow != NULL ? *ask.narrow : p->sel;
		f.narrow = ask.narrow != NULL &&
		    !selector_equal(ask.narrow, &p->sel);
		child = child_found_new(l->ike, &f);
		child->adopted = true;
		child->peer->contacted = true;
		adopt_policies(child);
		adopt_watch(child);
		child_adopted(child);
		schedule(child, is_dying(g));
		return true;
	}
	return false;
}

/* In which direction it went matters only to tell the peer. */
static void
discard(struct look *l, const struct survey_group *g)
{
	static const uint8_t order[IPSEC_TMPL_MAX] = { 0, 1, 2, 3, 4, 5 };
	unsigned int w = began(&g->way[0]) || contradicts(&g->way[1],
	    &g->way[0]) || g->way[0].n == 0 || (g->way[1].n > 0 &&
	    g->way[1].sa[0]->soft == 0) ? 0 : 1;
	struct child_found f;
	struct child *child;

	describe(l, &g->way[w], &g->way[1 - w], order, &f);
	child = child_found_new(l->ike, &f);
	child->adopted = true;
	log_peer(LOG_L_NOTIFY, &child->remote, "no policy wants the SAs "
	    "spi=%u(0x%x) and spi=%u(0x%x) of before the start any more: "
	    "deleted", f.spi_in[0], f.spi_in[0], f.spi_out[0], f.spi_out[0]);
	l->ike->stats.adopted_not++;
	child_delete(child, E_NOPOLICY);
}

static void
look_at(struct look *l, const struct survey_group *g, bool halves)
{
	if (halves ? !is_half(g) : !is_whole(g))
		return;
	if (take(l, g)) {
		l->taken += !halves;
		l->halves += halves;
	} else if (l->last) {
		discard(l, g);
	} else {
		l->unwanted++;
	}
}

static void
look_at_all(struct look *l)
{
	struct survey_group g;

	while (survey_next(&l->s, &g))
		look_at(l, &g, false);
	/* Without numbers nobody knows what is a half. */
	while (l->s.numbered && survey_next(&l->s, &g))
		look_at(l, &g, true);
}

static void
adopt(struct ike *ike, bool last)
{
	struct look l = { .ike = ike, .last = last };

	if (survey_take(ike, &l.s) < 0) {
		log_msg(LOG_L_ERROR, "cannot list the kernel's SAs and "
		    "policies to take over what is there: %s",
		    ipsec_error(ike->kernel));
		return;
	}
	look_at_all(&l);
	survey_free(&l.s);
	ike->stats.adopted += l.taken;
	ike->stats.adopted_halves += l.halves;
	if (l.taken + l.halves > 0)
		log_msg(LOG_L_NOTIFY, "took over %u pairs of IPsec SAs%s",
		    l.taken, l.halves > 0 ? ", and halves that get "
		    "successors" : "");
	if (l.unwanted > 0) {
		log_msg(LOG_L_INFO, "%u pairs of IPsec SAs are wanted by no "
		    "policy: deleted in %u s unless there is one by then",
		    l.unwanted, AGAIN_MS / 1000);
		timer_set(&ike->timers, &ike->adopting, ike->now + AGAIN_MS);
	}
}

static void
adopt_again(void *ctx)
{
	adopt(ctx, true);
}

void
adopt_init(struct ike *ike)
{
	timer_init(&ike->adopting, adopt_again, ike);
}

void
ike_adopt(struct ike *ike, uint64_t wall)
{
	ike->epoch = wall * 1000 - ike->now;
	if (ike->children != NULL)	/* handed over: still there? */
		(void)child_resync(ike);
	adopt(ike, false);
	want_resync(ike);
	reconcile_start(ike);
}

/*
 * Peers that do not know
 */

void
adopt_call(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	struct ipsec_addr peer = *remote, own;
	const struct remote *conf;
	bool ambiguous;

	if (sa_ready_with(ike, local, remote) != NULL ||
	    sa_coming_with(ike, local, remote) != NULL ||
	    match_initiate(ike->conf, remote, &conf, &ambiguous) != OK)
		return;
	if (peer.port == 0)
		peer.port = conf->addr.port != 0 ? conf->addr.port :
		    ISAKMP_PORT;
	if (!ike->ops->local(ike->ctx, local, &peer, &own))
		return;
	if (local->port != 0)
		own.port = local->port;
	(void)phase1_start(ike, conf, &own, &peer);
}

void
adopt_stranger(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	struct peer *peer = peer_find(ike, remote);
	const struct child *child;

	if (peer == NULL || (peer->called != 0 &&
	    ike->now - peer->called < CALL_MS) ||
	    sa_ready_with(ike, local, remote) != NULL ||
	    sa_coming_with(ike, local, remote) != NULL)
		return;
	for (child = peer->children; child != NULL; child = child->next)
		if (child->adopted && addr_equal(&child->local, local) &&
		    (!child->natt || child->remote.port == remote->port))
			break;
	if (child == NULL || !bucket_take(&ike->calls, ike->now, CALL_RATE,
	    CALL_BURST))
		return;
	peer->called = ike->now;
	ike->stats.called++;
	log_peer(LOG_L_INFO, remote, "the peer uses an ISAKMP-SA of before "
	    "the start, it gets another one");
	adopt_call(ike, local, remote);
}
