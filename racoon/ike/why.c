/* SPDX-License-Identifier: ISC */
/*
 * What would happen to a packet: the same questions in the same order as when
 * the kernel asks for SAs, and nothing is done.
 */
#include "ike/report.h"

#include <string.h>

#include "conf/match.h"
#include "ike/backoff.h"
#include "ike/child.h"
#include "ike/ident.h"
#include "ike/sa.h"
#include "ike/want.h"

struct search {
	const struct ipsec_addr *src, *dst;
	struct ike_why	*why;
};

/* Is A looked at before B? */
static bool
goes_before(const struct ike_why_policy *a, const struct ike_why_policy *b)
{
	if (a->applies != b->applies)
		return a->applies;
	return a->policy.priority < b->policy.priority;
}

static void
insert(struct ike_why *why, const struct ike_why_policy *p)
{
	unsigned int at = why->n;

	while (at > 0 && goes_before(p, &why->p[at - 1]))
		at--;
	if (why->n == IKE_WHY_POLICIES)
		why->more++;
	else
		why->n++;
	if (at == IKE_WHY_POLICIES)
		return;
	memmove(&why->p[at + 1], &why->p[at],
	    (why->n - at - 1) * sizeof(*p));
	why->p[at] = *p;
}

static int
consider(void *ctx, const struct ipsec_policy *policy)
{
	const struct search *s = ctx;
	const struct ipsec_selector *sel = &policy->sel;
	struct ike_why_policy p = { .policy = *policy };

	if (policy->sub != 0 || policy->dir != IPSEC_DIR_OUT ||
	    sel->dst.family != s->dst->family ||
	    !addr_in(s->dst, &sel->dst, sel->dst_prefix))
		return 0;
	p.applies = s->src->family == s->dst->family &&
	    addr_in(s->src, &sel->src, sel->src_prefix);
	insert(s->why, &p);
	return 0;
}

/* ---- one policy ---- */

static void
look_at_sa(const struct ike *ike, struct ike_why_policy *p)
{
	const struct peer *peer = peer_find((struct ike *)ike, &p->remote);
	const struct sa *sa;

	p->sa = ike_progress_sa(ike, &p->local, &p->remote);
	if (peer == NULL)
		return;
	if (backoff_waits(peer))
		p->waits = peer->backoff.until;
	for (sa = peer->sas; sa != NULL; sa = sa->next)
		if (sa->state == SA_READY && (p->local.family == 0 ||
		    addr_equal(&sa->local, &p->local))) {
			p->sa_since = sa->ready;
			p->conf = sa->remote_conf;
			break;
		}
}

static void
look_at_pair(const struct ike *ike, const struct ipsec_selector *sel,
    struct ike_why_policy *p)
{
	const struct child *child;

	p->pair = ike_progress_pair(ike, sel, &p->remote);
	for (child = ike->children; child != NULL; child = child->hh.next)
		if (child->up && !child->superseded &&
		    addr_equal(&child->remote, &p->remote) &&
		    plan_covers(&child->sel, sel)) {
			p->pair = IKE_THERE;
			p->spi_in = child->in[0].key.spi;
			p->spi_out = child->out[0].key.spi;
		}
}

/* The identity that the peer has proven, if there is an IKE SA. */
static bool
peer_id(const struct ike *ike, const struct ipsec_addr *remote,
    struct id_payload *id)
{
	const struct peer *peer = peer_find((struct ike *)ike, remote);
	const struct sa *sa = peer == NULL ? NULL : peer->sas;

	while (sa != NULL && (sa->state != SA_READY || sa->peer_id.n == 0))
		sa = sa->next;
	return sa != NULL && id_get(buf_view(&sa->peer_id), id) == OK;
}

static void
look_at_sainfo(const struct ike *ike, const struct ipsec_selector *sel,
    struct ike_why_policy *p)
{
	struct buf local, remote;
	struct id_payload ids[2], peer;
	struct match_p2 m = { .local = &ids[0], .remote = &ids[1],
	    .client = &p->remote, .ph1id = p->conf->ph1id };

	buf_init(&local, LIMIT_ID);
	buf_init(&remote, LIMIT_ID);
	ident_put(&local, &sel->src, sel->src_prefix, sel->proto);
	ident_put(&remote, &sel->dst, sel->dst_prefix, sel->proto);
	if (peer_id(ike, &p->remote, &peer))
		m.peer = &peer;
	p->sainfo_err = E_NOSAINFO;
	if (id_get(buf_view(&local), &ids[0]) == OK &&
	    id_get(buf_view(&remote), &ids[1]) == OK)
		p->sainfo_err = match_sainfo_for(ike->conf, &m, &p->sainfo);
	if (p->sainfo_err != OK)
		p->sainfo = NULL;
	buf_fini(&local);
	buf_fini(&remote);
}

static void
look_at(struct ike *ike, const struct ipsec_addr *dst,
    struct ike_why_policy *p)
{
	struct plan plan;

	p->remote_err = OK;
	if (plan_of_policy(ike, &p->policy, &plan) != OK)
		return;
	p->local = plan.sel.src_prefix == addr_bits(&plan.sel.src) ?
	    plan.sel.src : (struct ipsec_addr){ .family = 0 };
	p->remote = *dst;
	want_peer(&plan, &p->local, &p->remote);
	p->remote_err = match_initiate(ike->conf, &p->remote, &p->conf,
	    &p->ambiguous);
	look_at_sa(ike, p);
	look_at_pair(ike, &plan.sel, p);
	if (p->conf != NULL)
		look_at_sainfo(ike, &plan.sel, p);
	p->has_problem = ike_problem_of(ike, &p->remote, &p->problem);
}

enum err
ike_why(struct ike *ike, const struct ipsec_addr *src,
    const struct ipsec_addr *dst, struct ike_why *why)
{
	static const struct ipsec_filter out = { .dir = IPSEC_DIR_OUT };
	struct search s = { src, dst, why };

	memset(why, 0, sizeof(*why));
	if (ipsec_policy_dump(ike->kernel, &out, consider, &s) != 0)
		return E_KERNEL;
	for (unsigned int i = 0; i < why->n; i++)
		look_at(ike, dst, &why->p[i]);
	return OK;
}
