/* SPDX-License-Identifier: ISC */
/* What an operator may have done to SAs (racoonctl). */
#include "ike/ike.h"

#include "ike/child.h"
#include "ike/report.h"
#include "ike/sa.h"
#include "libipsec/addr.h"

static bool
has_proto(const struct child *child, uint8_t proto)
{
	for (unsigned i = 0; i < child->n; i++)
		if (child->in[i].key.proto == proto)
			return true;
	return proto == IPSEC_PROTO_ANY;
}

void
ike_flush_children(struct ike *ike, uint8_t proto)
{
	struct child *child, *next;

	HASH_ITER(hh, ike->children, child, next)
		if (has_proto(child, proto))
			child_delete(child, E_DELETED);
	if (ipsec_flush(ike->kernel, IPSEC_FLUSH_SA, proto) < 0)
		ike->stats.kernel_errors++;
}

/* Whoever is wanted is negotiated anew at once: such SAs, which are the last
 * of the table, are not meant. */
void
ike_flush_sas(struct ike *ike)
{
	for (unsigned n = HASH_COUNT(ike->by_cookies); n > 0 &&
	    ike->by_cookies != NULL; n--)
		sa_end(ike->by_cookies, E_DELETED, true);
}

static struct child *
child_from(struct peer *peer, const struct ipsec_addr *local)
{
	struct child *child = peer->children;

	while (child != NULL && !addr_equal(&child->local, local))
		child = child->next;
	return child;
}

/* The oldest. */
static struct sa *
sa_from(struct peer *peer, const struct ipsec_addr *local)
{
	struct sa *sa, *found = NULL;

	for (sa = peer->sas; sa != NULL; sa = sa->next)
		if (addr_equal(&sa->local, local))
			found = sa;
	return found;
}

/*
 * What the peer is told needs the IKE SA, so the children are first.  The
 * peer's record goes with the last that hangs on it.
 */
void
ike_delete_between(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	struct peer *peer = peer_find(ike, remote);
	unsigned int nchildren = peer == NULL ? 0 : peer->nchildren;
	unsigned int nsas = peer == NULL ? 0 : peer->nsas;
	struct child *child;
	struct sa *sa;

	for (; nchildren > 0 && (peer = peer_find(ike, remote)) != NULL &&
	    (child = child_from(peer, local)) != NULL; nchildren--)
		child_delete(child, E_DELETED);
	for (; nsas > 0 && (peer = peer_find(ike, remote)) != NULL &&
	    (sa = sa_from(peer, local)) != NULL; nsas--)
		sa_end(sa, E_DELETED, true);
}

unsigned int
ike_delete_all(struct ike *ike, const struct ipsec_addr *remote)
{
	struct peer *peer = peer_find(ike, remote);
	unsigned int nchildren = peer == NULL ? 0 : peer->nchildren;
	const unsigned int nsas = peer == NULL ? 0 : peer->nsas;
	unsigned int n = nsas;

	for (; nchildren > 0 && (peer = peer_find(ike, remote)) != NULL &&
	    peer->children != NULL; nchildren--)
		child_delete(peer->children, E_DELETED);
	for (; n > 0 && (peer = peer_find(ike, remote)) != NULL &&
	    peer->sas != NULL; n--)
		sa_end(peer->sas, E_DELETED, true);
	return nsas;
}
