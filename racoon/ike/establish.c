/* SPDX-License-Identifier: ISC */
/* What an operator wants to have: an IKE SA, a pair. */
#include "ike/report.h"

#include <string.h>

#include "conf/match.h"
#include "ike/backoff.h"
#include "ike/child.h"
#include "ike/phase1.h"
#include "ike/sa.h"
#include "ike/want.h"

/* The block of that name, if REMOTE can be its peer. */
static enum err
named(const struct conf *conf, const char *name,
    const struct ipsec_addr *remote, const struct remote **out)
{
	for (size_t i = 0; i < conf->nremote; i++) {
		const struct remote *r = conf->remote[i];

		if (strcmp(r->name, name) != 0)
			continue;
		*out = r;
		return r->anonymous || addr_equal(&r->addr, remote) ? OK :
		    E_NOREMOTE;
	}
	return E_NOREMOTE;
}

static enum err
find_remote(const struct ike *ike, const char *name,
    const struct ipsec_addr *remote, const struct remote **out)
{
	bool ambiguous;

	if (name != NULL)
		return named(ike->conf, name, remote, out);
	return match_initiate(ike->conf, remote, out, &ambiguous);
}

static void
forget_silence(struct ike *ike, const struct ipsec_addr *remote)
{
	struct peer *peer = peer_find(ike, remote);

	if (peer != NULL)
		backoff_heard(peer);
}

enum err
ike_establish_sa(struct ike *ike, const char *name,
    const struct ipsec_addr *local, const struct ipsec_addr *remote)
{
	const struct remote *conf;
	struct ipsec_addr from, to = *remote, any = *remote;
	enum err r;

	any.port = 0;
	r = find_remote(ike, name, remote, &conf);
	if (sa_ready_with(ike, local, &any) != NULL &&
	    (r == OK || name == NULL))
		return E_DUPLICATE;
	if (r != OK)
		return r;
	if (sa_coming_with(ike, local, &any) != NULL)
		return OK;
	if (to.port == 0)
		to.port = conf->addr.port != 0 ? conf->addr.port :
		    ISAKMP_PORT;
	if (!ike->ops->local(ike->ctx, local, &to, &from))
		return E_SYSTEM;
	forget_silence(ike, remote);
	return phase1_start(ike, conf, &from, &to) &&
	    ike_progress_sa(ike, local, remote) != IKE_NOTHING ? OK :
	    E_CONFIG;
}

enum ike_progress
ike_progress_sa(const struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	enum ike_progress best = IKE_NOTHING;
	const struct sa *sa;

	for (sa = ike->by_cookies; sa != NULL; sa = sa->hh.next) {
		if (!addr_equal(&sa->remote, remote) || (local->family != 0 &&
		    !addr_equal(&sa->local, local)))
			continue;
		if (sa->state == SA_READY)
			return IKE_THERE;
		if (sa->state == SA_NEGOTIATING)
			best = IKE_COMING;
	}
	return best;
}

static bool
has_pair(const struct ike *ike, const struct ipsec_selector *sel,
    const struct ipsec_addr *remote)
{
	const struct child *child;

	for (child = ike->children; child != NULL; child = child->hh.next)
		if (child->up && addr_equal(&child->remote, remote) &&
		    selector_equal(&child->sel, sel))
			return true;
	return false;
}

enum ike_progress
ike_progress_pair(const struct ike *ike, const struct ipsec_selector *sel,
    const struct ipsec_addr *remote)
{
	const struct want *want;

	if (has_pair(ike, sel, remote))
		return IKE_THERE;
	for (want = ike->wants; want != NULL; want = want->hh.next)
		if (addr_equal(&want->remote, remote) &&
		    selector_equal(&want->plan.sel, sel))
			return IKE_COMING;
	return IKE_NOTHING;
}

enum err
ike_establish_pair(struct ike *ike, struct ipsec_selector *sel,
    struct ipsec_addr *local, struct ipsec_addr *remote)
{
	struct plan plan;
	enum err r = plan_of_selector(ike, sel, NULL, &plan);

	if (r != OK)
		return r;
	/* what the policy says, not the words of the command */
	plan.sel = plan.of;
	plan.narrow = false;
	*sel = plan.sel;
	*local = sel->src;
	*remote = sel->dst;
	want_peer(&plan, local, remote);
	if (has_pair(ike, sel, remote))
		return E_DUPLICATE;
	if (ike_progress_pair(ike, sel, remote) == IKE_COMING)
		return OK;
	forget_silence(ike, remote);
	want_missing(ike, &plan, local, remote);
	return OK;
}
