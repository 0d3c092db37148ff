/* SPDX-License-Identifier: ISC */
/* Whose children they are: many peers may share one address. */

#include "ike/child.h"

#include "libipsec/addr.h"

bool
child_is_with(const struct child *child, const struct sa *sa)
{
	return child->peer == sa->peer &&
	    addr_equal(&child->local, &sa->local) &&
	    view_equal(buf_view(&child->peer_id), buf_view(&sa->peer_id));
}

bool
child_any_up(const struct sa *sa)
{
	const struct child *child;

	for (child = sa->peer->children; child != NULL; child = child->next)
		if (child->up && (sa->peer_id.n == 0 ||
		    child_is_with(child, sa)))
			return true;
	return false;
}

/*
 * The kernel does not say who a peer is.  With NAT many hosts have one
 * address, and the port tells them apart.
 */
static bool
may_be_with(const struct child *child, const struct sa *sa)
{
	return child->adopted && child->peer_id.n == 0 &&
	    addr_equal(&child->local, &sa->local) &&
	    child->natt == sa_behind_nat(sa) &&
	    (!child->natt || child->remote.port == sa->remote.port);
}

void
child_identify(struct sa *sa)
{
	struct child *child;

	for (child = sa->peer->children; child != NULL; child = child->next) {
		if (!may_be_with(child, sa))
			continue;
		buf_set(&child->peer_id, buf_view(&sa->peer_id));
		child->local = sa->local;
		child->remote = sa->remote;
	}
}
