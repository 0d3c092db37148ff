/* SPDX-License-Identifier: ISC */
/* IKE SAs and peers: tables, birth, what is known of the other side. */

#include "ike/sa.h"

#include "base/mem.h"
#include "crypto/cert.h"
#include "ike/exchange.h"
#include "ike/frag.h"
#include "ike/say.h"

bool
sa_behind_nat(const struct sa *sa)
{
	return sa->natt != VID_UNKNOWN && (sa->nat_local || sa->nat_remote);
}

bool
sa_same_peer(const struct sa *a, const struct sa *b)
{
	return a->peer == b->peer && addr_equal(&a->local, &b->local) &&
	    view_equal(buf_view(&a->peer_id), buf_view(&b->peer_id));
}

/*
 * Peers
 */

static struct ipsec_addr
peer_key(const struct ipsec_addr *addr)
{
	struct ipsec_addr key = *addr;

	key.port = 0;
	return key;
}

struct peer *
peer_find(struct ike *ike, const struct ipsec_addr *addr)
{
	struct ipsec_addr key = peer_key(addr);
	struct peer *peer;

	HASH_FIND(hh, ike->peers, &key, sizeof(key), peer);
	return peer;
}

struct peer *
peer_get(struct ike *ike, const struct ipsec_addr *addr)
{
	struct peer *peer = peer_find(ike, addr);

	if (peer != NULL)
		return peer;
	peer = xcalloc(1, sizeof(*peer));
	peer->ike = ike;
	peer->addr = peer_key(addr);
	backoff_init(peer);
	HASH_ADD(hh, ike->peers, addr, sizeof(peer->addr), peer);
	return peer;
}

void
peer_release(struct ike *ike, struct peer *peer)
{
	if (peer->sas != NULL || peer->children != NULL ||
	    peer->wants != NULL)
		return;
	if ((peer->contacted || backoff_keeps(peer)) &&
	    HASH_COUNT(ike->peers) < LIMIT_PEERS_IDLE)
		return;
	timer_del(&ike->timers, &peer->backoff.timer);
	HASH_DEL(ike->peers, peer);
	xfreezero(peer, sizeof(*peer));
}

static void
peer_link(struct sa *sa)
{
	struct peer *peer = peer_get(sa->ike, &sa->remote);

	sa->peer = peer;
	sa->next = peer->sas;
	if (sa->next != NULL)
		sa->next->prev = sa;
	peer->sas = sa;
	peer->nsas++;
}

static void
peer_unlink(struct sa *sa)
{
	struct peer *peer = sa->peer;

	if (sa->next != NULL)
		sa->next->prev = sa->prev;
	if (sa->prev != NULL)
		sa->prev->next = sa->next;
	else
		peer->sas = sa->next;
	peer->nsas--;
	peer_release(sa->ike, peer);
}

/*
 * Birth and death
 */

struct sa *
sa_new(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, bool initiator, const uint8_t *icookie)
{
	struct sa *sa = xcalloc(1, sizeof(*sa));
	uint8_t *own = initiator ? sa->cookies.i : sa->cookies.r;

	sa->ike = ike;
	sa->serial = ike_serial(ike);
	sa->conf = conf_ref(ike->conf);
	sa->initiator = initiator;
	sa->local = *local;
	sa->remote = *remote;
	sa->began = ike->now;
	sa->natt = VID_UNKNOWN;
	sa->allowance = 1;
	keys_init(&sa->keys);
	buf_init(&sa->peer_id, LIMIT_ID);
	buf_init(&sa->own_id, LIMIT_ID);
	buf_init(&sa->peer_cert, CERT_LEN_MAX);
	if (crypto_random(ike->crypto, own, ISAKMP_COOKIE_LEN) != OK)
		log_msg(LOG_L_ERROR, "no random numbers for a cookie");
	if (!initiator) {
		memcpy(sa->cookies.i, icookie, ISAKMP_COOKIE_LEN);
		memcpy(sa->first.i, icookie, ISAKMP_COOKIE_LEN);
		sa->first.remote = *remote;
		HASH_ADD(hh_first, ike->by_first, first, sizeof(sa->first),
		    sa);
	}
	HASH_ADD(hh, ike->by_cookies, cookies, sizeof(sa->cookies), sa);
	peer_link(sa);
	return sa;
}

void
sa_set_cookies(struct sa *sa, const struct sa_cookies *cookies)
{
	HASH_DEL(sa->ike->by_cookies, sa);
	sa->cookies = *cookies;
	HASH_ADD(hh, sa->ike->by_cookies, cookies, sizeof(sa->cookies), sa);
}

/* Ends what still runs under the SA, so that others learn of it. */
void
sa_drop_exchanges(struct sa *sa)
{
	struct exchange *x;

	while ((x = sa->exchanges) != NULL) {
		if (!x->over && x->p1 == NULL)
			exch_fail(x, E_STOPPED);	/* frees it */
		else
			exch_free(x);
	}
}

void
sa_free(struct sa *sa)
{
	struct ike *ike = sa->ike;

	sa_drop_exchanges(sa);
	frag_forget(sa);
	HASH_DEL(ike->by_cookies, sa);
	if (!sa->initiator && !sa->authentic)
		HASH_DELETE(hh_first, ike->by_first, sa);
	timer_del(&ike->timers, &sa->timer);
	timer_del(&ike->timers, &sa->keepalive);
	timer_del(&ike->timers, &sa->dpd.timer);
	peer_unlink(sa);
	keys_fini(&sa->keys);
	msgids_fini(&sa->quick_ids);
	msgids_fini(&sa->info_ids);
	buf_fini(&sa->peer_id);
	buf_fini(&sa->own_id);
	buf_fini(&sa->peer_cert);
	conf_unref(sa->conf);
	xfreezero(sa, sizeof(*sa));
}

/*
 * Look-up
 */

struct sa *
sa_find(struct ike *ike, const struct sa_cookies *cookies)
{
	struct sa_cookies half = *cookies;
	struct sa *sa;

	HASH_FIND(hh, ike->by_cookies, cookies, sizeof(*cookies), sa);
	if (sa != NULL)
		return sa;
	memset(half.r, 0, sizeof(half.r));
	HASH_FIND(hh, ike->by_cookies, &half, sizeof(half), sa);
	return sa;
}

struct sa *
sa_find_first(struct ike *ike, const uint8_t *icookie,
    const struct ipsec_addr *remote)
{
	struct sa_first key;
	struct sa *sa;

	memcpy(key.i, icookie, sizeof(key.i));
	key.remote = *remote;
	HASH_FIND(hh_first, ike->by_first, &key, sizeof(key), sa);
	return sa;
}

void
sa_set_rcookie(struct sa *sa, const uint8_t *rcookie)
{
	HASH_DEL(sa->ike->by_cookies, sa);
	memcpy(sa->cookies.r, rcookie, sizeof(sa->cookies.r));
	HASH_ADD(hh, sa->ike->by_cookies, cookies, sizeof(sa->cookies), sa);
}

static bool
sa_between(const struct sa *sa, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	return (local->family == 0 || addr_equal(&sa->local, local)) &&
	    (remote->port == 0 || sa->remote.port == remote->port);
}

struct sa *
sa_ready_with(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	struct peer *peer = peer_find(ike, remote);
	struct sa *sa;

	for (sa = peer == NULL ? NULL : peer->sas; sa != NULL; sa = sa->next)
		if (sa->state == SA_READY && sa_between(sa, local, remote))
			return sa;
	return NULL;
}

struct sa *
sa_coming_with(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	struct peer *peer = peer_find(ike, remote);
	struct sa *sa;

	for (sa = peer == NULL ? NULL : peer->sas; sa != NULL; sa = sa->next)
		if (sa->state == SA_NEGOTIATING && sa->initiator &&
		    sa_between(sa, local, remote))
			return sa;
	return NULL;
}

void
sa_authentic(struct sa *sa)
{
	if (!sa->initiator && !sa->authentic)
		HASH_DELETE(hh_first, sa->ike->by_first, sa);
	sa->authentic = true;
}

void
sa_move(struct sa *sa, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	struct ipsec_addr old = sa->remote;
	char from[ADDR_TEXT], to[ADDR_TEXT];

	peer_unlink(sa);
	sa->prev = sa->next = NULL;
	sa->local = *local;
	sa->remote = *remote;
	peer_link(sa);
	say_sa(LOG_L_INFO, sa, "NAT-T: peer moved from %s to %s",
	    addr_print_port(&old, from), addr_print_port(&sa->remote, to));
	sa->ike->up->sa_moved(sa, &old);
}

/* Does the peer use our NAT-T port for the first time? */
static bool
floats(const struct sa *sa)
{
	return sa_behind_nat(sa) && addr_equal(&sa->local, &sa->seen_local) &&
	    sa->local.port != sa->seen_local.port;
}

/*
 * RFC 3947 4: the peer floats to another port, which is its choice as long as
 * phase 1 is under way and there is a NAT at all, or after base mode; later
 * only a peer behind a NAT may move, when its box gives it another port or
 * address.
 */
void
sa_follow(struct sa *sa)
{
	bool may = sa->state == SA_NEGOTIATING ? sa_behind_nat(sa) :
	    floats(sa) || (sa->natt != VID_UNKNOWN && sa->nat_remote);

	if (may && !(addr_equal_port(&sa->local, &sa->seen_local) &&
	    addr_equal_port(&sa->remote, &sa->seen_remote)))
		sa_move(sa, &sa->seen_local, &sa->seen_remote);
}

bool
sa_quick_id_add(struct sa *sa, uint32_t msgid)
{
	if (!msgids_add(&sa->quick_ids, msgid, LIMIT_QUICK_IDS))
		return false;
	if (sa->quick_ids.n == LIMIT_QUICK_IDS / 4 * 3)
		sa->ike->up->sa_ageing(sa);
	return true;
}
