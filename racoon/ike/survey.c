/* SPDX-License-Identifier: ISC */
/* One look at the kernel: unknown SAs in groups, outbound policies. */

#include "ike/survey.h"

#include <stdlib.h>

#include "base/mem.h"
#include "libipsec/addr.h"

/* Without numbers, what was added within so many seconds with one reqid is
 * one pair: the outbound SA may be installed later than the inbound one. */
#define TOGETHER	4u

/*
 * What is there
 */

/* Room for one more. */
static void *
grow(void *list, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return list;
	*room = *room == 0 ? 64 : *room * 2;
	return xreallocarray(list, *room, size);
}

static bool
is_known(struct ike *ike, const struct ipsec_sa *sa)
{
	bool inbound;

	return child_find(ike, &sa->id.dst, sa->id.proto, sa->id.spi,
	    &inbound) != NULL;
}

struct collect {
	struct ike	*ike;
	struct survey	*s;
};

/*
 * Racoons give their SAs a number (but PF_KEY does not tell it) and a life
 * time.  What was keyed by hand has neither, other daemons give no number.
 */
static bool
may_be_ours(const struct survey *s, const struct ipsec_sa *sa)
{
	return sa->state != IPSEC_STATE_LARVAL && sa->hard.add != 0 &&
	    sa->id.spi != 0 && (sa->seq != 0 || !s->numbered) &&
	    (sa->id.proto == IPSEC_PROTO_ESP ||
	    sa->id.proto == IPSEC_PROTO_AH ||
	    sa->id.proto == IPSEC_PROTO_IPCOMP);
}

static int
note_sa(void *ctx, const struct ipsec_sa *sa)
{
	struct collect *c = ctx;
	struct survey *s = c->s;

	if (!may_be_ours(s, sa) || is_known(c->ike, sa))
		return 0;
	s->sa = grow(s->sa, s->nsa, &s->room_sa, sizeof(*s->sa));
	s->sa[s->nsa++] = (struct survey_sa){
		.id = sa->id,
		.src = sa->src,
		.mode = sa->mode,
		.dir = sa->dir,
		.dying = sa->state == IPSEC_STATE_DYING,
		.has_sel = sa->has_sel != 0,
		.reqid = sa->reqid,
		.seq = s->numbered ? sa->seq : 0,
		.if_id = sa->if_id,
		.sel = sa->sel,
		.encap = sa->encap,
		.soft = sa->soft.add,
		.hard = sa->hard.add,
		.added = sa->current.add,
	};
	return 0;
}

/* Where the SAs of a policy go: to the last tunnel's end, else where its
 * packets go, which may be to many. */
static void
policy_ends(const struct ipsec_policy *policy, struct survey_policy *p)
{
	const struct ipsec_selector *sel = &policy->sel;
	const struct ipsec_tmpl *tunnel = NULL;

	for (uint8_t i = 0; i < policy->ntmpl; i++)
		if (policy->tmpl[i].mode == IPSEC_MODE_TUNNEL)
			tunnel = &policy->tmpl[i];
	if (tunnel != NULL) {
		p->dst = tunnel->dst;
		if (!addr_is_any(&tunnel->src))
			p->src = tunnel->src;
	} else if (sel->dst_prefix == addr_bits(&sel->dst)) {
		p->dst = sel->dst;
	}
	p->dst.port = p->src.port = 0;
	p->dst.scope = p->src.scope = 0;
}

static int
note_policy(void *ctx, const struct ipsec_policy *policy)
{
	struct survey *s = ((struct collect *)ctx)->s;
	struct survey_policy *p;

	if ((policy->dir != IPSEC_DIR_OUT &&
	    policy->dir != IPSEC_DIR_SOCKET_OUT) || policy->sub != 0 ||
	    policy->action != IPSEC_ACTION_IPSEC || policy->ntmpl == 0 ||
	    policy->ntmpl > IPSEC_TMPL_MAX)
		return 0;
	s->policy = grow(s->policy, s->npolicy, &s->room_policy,
	    sizeof(*s->policy));
	p = &s->policy[s->npolicy++];
	*p = (struct survey_policy){
		.sel = policy->sel,
		.mark = policy->mark,
		.if_id = policy->if_id,
		.index = policy->index,
		.ntmpl = policy->ntmpl,
	};
	memcpy(p->tmpl, policy->tmpl, sizeof(p->tmpl));
	policy_ends(policy, p);
	return 0;
}

/*
 * Order
 */

static int
by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int
by_address(const struct ipsec_addr *a, const struct ipsec_addr *b)
{
	int r = by_number(a->family, b->family);

	return r != 0 ? r : memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static bool
backwards(const struct survey_sa *sa)
{
	return by_address(&sa->src, &sa->id.dst) > 0;
}

/* The lower one of both ends, or the other one. */
static const struct ipsec_addr *
end_of(const struct survey_sa *sa, bool lower)
{
	return backwards(sa) == lower ? &sa->id.dst : &sa->src;
}

/* Do the two belong to SAs between the same ends, either way? */
static int
by_ends(const struct survey_sa *a, const struct survey_sa *b)
{
	int r = by_number(a->seq, b->seq);

	if (r == 0)
		r = by_address(end_of(a, true), end_of(b, true));
	if (r == 0)
		r = by_address(end_of(a, false), end_of(b, false));
	if (r == 0)
		r = by_number(a->if_id, b->if_id);
	if (r == 0)
		r = by_number(a->id.mark.value, b->id.mark.value);
	if (r == 0 && a->seq == 0)	/* they have no numbers */
		r = by_number(a->reqid, b->reqid);
	return r;
}

static int
by_group(const void *x, const void *y)
{
	const struct survey_sa *a = x, *b = y;
	int r = by_ends(a, b);

	return r != 0 ? r : by_number(a->added, b->added);
}

static int
by_dst(const void *x, const void *y)
{
	const struct survey_policy *a = x, *b = y;
	int r = by_address(&a->dst, &b->dst);

	return r != 0 ? r : by_number(a->index, b->index);
}

int
survey_policies(struct ike *ike, struct survey *s)
{
	static const struct ipsec_filter all;
	struct collect c = { ike, s };
	int r;

	memset(s, 0, sizeof(*s));
	r = ipsec_policy_dump(ike->kernel, &all, note_policy, &c);
	if (r < 0) {
		survey_free(s);
		return r;
	}
	if (s->npolicy > 0)
		qsort(s->policy, s->npolicy, sizeof(*s->policy), by_dst);
	return 0;
}

int
survey_take(struct ike *ike, struct survey *s)
{
	static const struct ipsec_filter all;
	struct collect c = { ike, s };
	int r = survey_policies(ike, s);

	if (r < 0)
		return r;
	s->numbered = strcmp(ipsec_backend(ike->kernel), "pfkey") != 0;
	r = ipsec_sa_dump(ike->kernel, &all, note_sa, &c);
	if (r < 0) {
		survey_free(s);
		return r;
	}
	if (s->nsa > 0)
		qsort(s->sa, s->nsa, sizeof(*s->sa), by_group);
	return 0;
}

void
survey_free(struct survey *s)
{
	free(s->sa);
	free(s->policy);
	memset(s, 0, sizeof(*s));
}

/*
 * Groups
 */

static bool
belongs(const struct survey *s, const struct survey_sa *first,
    const struct survey_sa *sa)
{
	return by_ends(first, sa) == 0 &&
	    (s->numbered || sa->added - first->added <= TOGETHER);
}

/* One SA for each protocol. */
static bool
way_add(struct survey_way *way, const struct survey_sa *sa)
{
	for (unsigned int i = 0; i < way->n; i++)
		if (way->sa[i]->id.proto == sa->id.proto)
			return false;
	if (way->n == IPSEC_TMPL_MAX)
		return false;
	way->sa[way->n++] = sa;
	return true;
}

bool
survey_next(struct survey *s, struct survey_group *g)
{
	const struct survey_sa *first;

	if (s->at >= s->nsa) {
		s->at = 0;
		return false;
	}
	memset(g, 0, sizeof(*g));
	first = &s->sa[s->at];
	while (s->at < s->nsa && belongs(s, first, &s->sa[s->at])) {
		const struct survey_sa *sa = &s->sa[s->at++];

		if (!way_add(&g->way[backwards(sa)], sa))
			g->odd = true;
	}
	return true;
}

/*
 * Policies
 */

/* As the kernel looks for an SA when a packet needs one. */
static bool
ends_fit(const struct survey_policy *p, const struct survey_ask *ask)
{
	const struct ipsec_selector *sel = &p->sel;

	for (uint8_t i = 0; i < p->ntmpl; i++)
		if (p->tmpl[i].mode == IPSEC_MODE_TUNNEL)
			return (p->src.family == 0 ||
			    addr_equal(&p->src, &ask->src)) &&
			    addr_equal(&p->dst, &ask->dst);
	return addr_in(&ask->src, &sel->src, sel->src_prefix) &&
	    addr_in(&ask->dst, &sel->dst, sel->dst_prefix);
}

static bool
sel_fits(const struct survey_policy *p, const struct survey_ask *ask)
{
	const struct ipsec_selector *n = ask->narrow, *sel = &p->sel;

	return n == NULL || (sel->src_prefix <= n->src_prefix &&
	    sel->dst_prefix <= n->dst_prefix &&
	    addr_in(&n->src, &sel->src, sel->src_prefix) &&
	    addr_in(&n->dst, &sel->dst, sel->dst_prefix) &&
	    (sel->proto == 0 || sel->proto == n->proto));
}

static bool
tmpl_fits(const struct ipsec_tmpl *t, const struct survey_ask *ask,
    unsigned int i)
{
	uint8_t mode = t->mode == IPSEC_MODE_ANY ? IPSEC_MODE_TRANSPORT :
	    t->mode;

	return t->proto == ask->proto[i] && mode == ask->mode[i] &&
	    (ask->any_reqid || t->reqid == ask->reqid[i]);
}

/* Every SA has its template, and every template that must has an SA. */
static bool
tmpls_fit(const struct survey_policy *p, const struct survey_ask *ask,
    uint8_t order[IPSEC_TMPL_MAX])
{
	unsigned int found = 0;

	for (uint8_t t = 0; t < p->ntmpl; t++) {
		bool has = false;

		for (unsigned int i = 0; i < ask->n && !has; i++)
			if (tmpl_fits(&p->tmpl[t], ask, i)) {
				order[i] = t;
				has = true;
			}
		if (!has && !p->tmpl[t].optional)
			return false;
		found += has;
	}
	return found == ask->n;
}

static bool
fits(const struct survey_policy *p, const struct survey_ask *ask,
    uint8_t order[IPSEC_TMPL_MAX])
{
	return p->if_id == ask->if_id && p->mark.value == ask->mark.value &&
	    p->mark.mask == ask->mark.mask && ends_fit(p, ask) &&
	    sel_fits(p, ask) && tmpls_fit(p, ask, order);
}

/* The first policy with this destination. */
static size_t
first_to(const struct survey *s, const struct ipsec_addr *dst)
{
	size_t low = 0, high = s->npolicy;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (by_address(&s->policy[mid].dst, dst) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct survey_policy *
match_to(const struct survey *s, const struct survey_ask *ask,
    const struct ipsec_addr *dst, uint8_t order[IPSEC_TMPL_MAX])
{
	struct survey_policy *best = NULL;
	uint8_t got[IPSEC_TMPL_MAX] = { 0 };

	for (size_t i = first_to(s, dst); i < s->npolicy; i++) {
		struct survey_policy *p = &s->policy[i];

		if (by_address(&p->dst, dst) != 0)
			break;
		if ((best != NULL && best->taken <= p->taken) ||
		    !fits(p, ask, got))
			continue;
		best = p;
		memcpy(order, got, sizeof(got));
	}
	return best;
}

struct survey_policy *
survey_match(const struct survey *s, const struct survey_ask *ask,
    uint8_t order[IPSEC_TMPL_MAX])
{
	static const struct ipsec_addr any;
	struct survey_policy *p = match_to(s, ask, &ask->dst, order);

	return p != NULL ? p : match_to(s, ask, &any, order);
}

bool
survey_wants(const struct survey *s, const struct child *child)
{
	struct survey_ask ask = {
		.src = child->src,
		.dst = child->dst,
		.mark = child->mark,
		.if_id = child->if_id,
		.n = child->n,
	};
	uint8_t order[IPSEC_TMPL_MAX];

	for (unsigned int i = 0; i < child->n; i++) {
		ask.proto[i] = (uint8_t)child->out[i].key.proto;
		ask.mode[i] = child->mode[i];
		ask.reqid[i] = child->reqid_out[i];
	}
	return survey_match(s, &ask, order) != NULL;
}
