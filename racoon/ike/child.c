/* SPDX-License-Identifier: ISC */
/* Children: records of installed SAs, their look-up, their end. */

#include "ike/child.h"

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"
#include "ike/genpol.h"
#include "ike/info.h"
#include "ike/problem.h"
#include "ike/say.h"
#include "libipsec/addr.h"

#define GRACE_OURS	10000u	/* ms: a superseded child, when we began */
#define GRACE_THEIRS	25000u	/* the newer one, or the peer did */
#define GRACE_TWIN	5000u	/* the same of two that came up together */
#define GRACE_JITTER	10000u	/* behind GRACE_THEIRS, at most */
#define CROSSING_MS	30000u	/* two that came up at the same time */

#define PAIRS_MOST	2u	/* for the same traffic: old and new */
#define UNTOLD_MS	60000u	/* for an IKE SA to tell of an end */

#define RETRY_MS	30000u	/* to renew it again; twice as long each time */
#define RETRY_DOUBLED	4u	/* at most so often */

static void	child_timer(void *);
static void	kernel_delete(struct child *, struct child_name *);

/*
 * Tables
 */

void
child_name_set(struct child_name *name, struct child *child,
    const struct ipsec_addr *dst, uint8_t proto, uint32_t spi)
{
	name->key.dst = *dst;
	name->key.dst.port = 0;
	name->key.dst.scope = 0;
	name->key.proto = proto;
	name->key.spi = spi;
	name->child = child;
}

/* From an SPI of ours or the peer's on, the kernel's events find the child. */
void
child_name_add(struct ike *ike, struct child_name *name)
{
	struct child_name *other;

	HASH_FIND(hh, ike->names, &name->key, sizeof(name->key), other);
	if (other != NULL) {	/* the peer chose an SPI twice */
		HASH_DEL(ike->names, other);
		other->installed = false;
	}
	HASH_ADD(hh, ike->names, key, sizeof(name->key), name);
	name->installed = true;
}

static void
name_del(struct ike *ike, struct child_name *name)
{
	if (!name->installed)
		return;
	HASH_DEL(ike->names, name);
	name->installed = false;
}

struct child_name *
child_name_find(struct ike *ike, const struct ipsec_addr *dst, uint8_t proto,
    uint32_t spi)
{
	struct child_name key, *name;

	memset(&key, 0, sizeof(key));
	child_name_set(&key, NULL, dst, proto, spi);
	HASH_FIND(hh, ike->names, &key.key, sizeof(key.key), name);
	return name;
}

struct child *
child_find(struct ike *ike, const struct ipsec_addr *dst, uint8_t proto,
    uint32_t spi, bool *inbound)
{
	struct child_name *name = child_name_find(ike, dst, proto, spi);

	if (name == NULL)
		return NULL;
	*inbound = name->inbound;
	return name->child;
}

struct child *
child_by_serial(struct ike *ike, uint64_t serial)
{
	struct child *child;

	HASH_FIND(hh, ike->children, &serial, sizeof(serial), child);
	return child;
}

void
child_begin(struct child *child)
{
	struct ike *ike = child->ike;
	struct peer *peer = peer_get(ike, &child->remote);

	child->peer = peer;
	child->next = peer->children;
	if (child->next != NULL)
		child->next->prev = child;
	peer->children = child;
	peer->nchildren++;
	HASH_ADD(hh, ike->children, serial, sizeof(child->serial), child);
	timer_init(&child->timer, child_timer, child);
}

static void
child_unlink(struct child *child)
{
	struct peer *peer = child->peer;

	if (child->next != NULL)
		child->next->prev = child->prev;
	if (child->prev != NULL)
		child->prev->next = child->next;
	else
		peer->children = child->next;
	peer->nchildren--;
	HASH_DEL(child->ike->children, child);
	peer_release(child->ike, peer);
}

/*
 * Birth
 */

/* Where the SAs start and end: tunnel ends, else the IKE addresses. */
void
child_ends(const struct sa *sa, const struct plan *plan,
    struct ipsec_addr *src, struct ipsec_addr *dst)
{
	*src = sa->local;
	*dst = sa->remote;
	for (uint8_t i = 0; i < plan->ntmpl && !sa_behind_nat(sa); i++) {
		const struct ipsec_tmpl *tmpl = &plan->tmpl[i];

		if (tmpl->mode != IPSEC_MODE_TUNNEL)
			continue;
		if (!addr_is_any(&tmpl->src))
			*src = tmpl->src;
		if (!addr_is_any(&tmpl->dst))
			*dst = tmpl->dst;
	}
	src->port = dst->port = 0;
	src->scope = dst->scope = 0;
}

static uint8_t
kernel_proto(uint8_t proto)
{
	return proto == PROTO_IPSEC_AH ? IPSEC_PROTO_AH :
	    proto == PROTO_IPCOMP ? IPSEC_PROTO_IPCOMP : IPSEC_PROTO_ESP;
}

uint8_t
child_wire_proto(uint32_t proto)
{
	return proto == IPSEC_PROTO_AH ? PROTO_IPSEC_AH :
	    proto == IPSEC_PROTO_IPCOMP ? PROTO_IPCOMP : PROTO_IPSEC_ESP;
}

struct child *
child_new(struct sa *sa, const struct plan *plan,
    const struct agreement *ag, uint32_t seq)
{
	struct child *child = xcalloc(1, sizeof(*child));

	child->ike = sa->ike;
	child->serial = ike_serial(sa->ike);
	child->local = sa->local;
	child->remote = sa->remote;
	buf_init(&child->peer_id, LIMIT_ID);
	buf_set(&child->peer_id, buf_view(&sa->peer_id));
	child->sel = plan->sel;
	child->narrow = plan->narrow;
	child->mark = plan->mark;
	child->if_id = plan->if_id;
	child->seq = seq != 0 ? seq :
	    0x80000000u | ike_random(sa->ike, 0x7fffffffu);
	child->life_secs = ag->life_secs;
	child->created = sa->ike->now;
	child->sa_began = sa->began;
	child->natt = sa_behind_nat(sa);
	child->n = ag->n;
	child_ends(sa, plan, &child->src, &child->dst);
	for (unsigned i = 0; i < ag->n; i++) {
		const struct agreed *a = &ag->a[i];
		uint8_t proto = kernel_proto(a->proto);

		child_name_set(&child->in[i], child, &child->src, proto, a->spi_in);
		child_name_set(&child->out[i], child, &child->dst, proto,
		    a->spi_out);
		child->in[i].inbound = true;
		child->mode[i] = a->mode;
		child->reqid_in[i] = plan->reqid_in[a->tmpl];
		child->reqid_out[i] = plan->tmpl[a->tmpl].reqid;
	}
	child_begin(child);
	return child;
}

static void
child_event(const struct child *child, enum ike_event_type type,
    enum err err, uint64_t began)
{
	struct ike_event ev = {
		.type = type,
		.err = err,
		.initiator = child->initiator,
		.local = child->local,
		.remote = child->remote,
		.proto = (uint8_t)child->in[0].key.proto,
		.mode = child->mode[0],
		.spi_in = child->in[0].key.spi,
		.spi_out = child->out[0].key.spi,
		.sel = child->sel,
		.msgid = child->msgid,
		.ms = (uint32_t)(child->ike->now - began),
	};

	child->ike->ops->event(child->ike->ctx, &ev);
}

static const char *
proto_text(uint32_t proto)
{
	return proto == IPSEC_PROTO_AH ? "AH" :
	    proto == IPSEC_PROTO_IPCOMP ? "IPCOMP" : "ESP";
}

/* The historical line, which scripts look for. */
static void
child_say(const struct child *child, const char *what,
    const struct child_name *name, uint8_t mode, const char *more)
{
	const struct ipsec_addr *from = name->inbound ? &child->remote :
	    &child->local;
	const struct ipsec_addr *to = name->inbound ? &child->local :
	    &child->remote;
	char a[ADDR_TEXT], b[ADDR_TEXT];

	log_peer(LOG_L_INFO, &child->remote, "%s: %s/%s %s->%s "
	    "spi=%u(0x%x)%s", what, proto_text(name->key.proto),
	    mode == IPSEC_MODE_TUNNEL ? "Tunnel" : "Transport",
	    addr_print_port(from, a), addr_print_port(to, b), name->key.spi,
	    name->key.spi, more);
}

void
child_note_all(const struct child *child, const char *what, const char *more)
{
	for (unsigned i = 0; i < child->n; i++) {
		if (child->in[i].installed)
			child_say(child, what, &child->in[i], child->mode[i],
			    more);
		if (child->out[i].installed)
			child_say(child, what, &child->out[i],
			    child->mode[i], more);
	}
}

void
child_note(const struct child *child, const char *what, const char *more)
{
	child_say(child, what, &child->in[0], child->mode[0], more);
}

/*
 * Two children for the same traffic: which one goes?  Of two that the same
 * side began, the older one.  Of two that crossed, the one with the greater
 * of the lower SPIs: both sides see the same two numbers.
 */
static uint32_t
lower_spi(const struct child *c)
{
	uint32_t in = c->in[0].key.spi, out = c->out[0].key.spi;

	return in < out ? in : out;
}

/* Too close for a renewal. */
static bool
together(const struct child *newer, const struct child *older)
{
	uint64_t window = (uint64_t)newer->life_secs * 1000 / 5;

	if (window > CROSSING_MS)
		window = CROSSING_MS;
	return newer->created - older->created < window;
}

/*
 * Who begins a new IKE SA when the older pair is up does not know of that any
 * more, so it is not what has crossed.
 */
static bool
crossed(const struct child *newer, const struct child *older)
{
	return newer->initiator != older->initiator &&
	    together(newer, older) &&
	    newer->sa_began <= older->created + SA_KNOWN_MS;
}

/* The order in which they come up can differ between the two sides.  Half a
 * pair is no rival of a whole one. */
static struct child *
loser_of(struct child *a, struct child *b)
{
	struct child *older = a->created < b->created ? a : b;
	struct child *newer = older == a ? b : a;

	if (a->half != b->half)
		return a->half ? a : b;
	return crossed(newer, older) && lower_spi(newer) > lower_spi(older) ?
	    newer : older;
}

/* Whose an adopted child is may never show: its peer may have got another port
 * from its NAT box meanwhile. */
static bool
may_be_one_peer(const struct child *a, const struct child *b)
{
	return (a->adopted && a->peer_id.n == 0) ||
	    (b->adopted && b->peer_id.n == 0) ||
	    view_equal(buf_view(&a->peer_id), buf_view(&b->peer_id));
}

static bool
same_traffic(const struct child *a, const struct child *b)
{
	return selector_equal(&a->sel, &b->sel) && a->n == b->n &&
	    addr_equal(&a->src, &b->src) && addr_equal(&a->dst, &b->dst) &&
	    may_be_one_peer(a, b) &&
	    a->if_id == b->if_id && a->mark.value == b->mark.value &&
	    a->mark.mask == b->mark.mask &&
	    a->reqid_out[0] == b->reqid_out[0] &&
	    a->in[0].key.proto == b->in[0].key.proto;
}

static bool
in_order(bool rule(const struct child *, const struct child *),
    const struct child *a, const struct child *b)
{
	return a->created < b->created ? rule(b, a) : rule(a, b);
}

/*
 * Some peers make two pairs at once: nobody needs the second one for long.
 * Of two that crossed, who began the winner takes the loser away, and the other
 * side steps in much later, not at a fixed time: when both disagree on which one
 * stays, as after long delays, one of them is first, and the other keeps what is
 * left, see keep_loser().
 */
static uint64_t
grace_of(const struct child *loser, const struct child *winner)
{
	if (in_order(together, loser, winner) &&
	    (winner->initiator || !loser->initiator))
		return GRACE_TWIN;
	return winner->initiator ? GRACE_OURS :
	    GRACE_THEIRS + ike_random(loser->ike, GRACE_JITTER);
}

/*
 * Of two that crossed the loser may be the one installed last, which the
 * kernel prefers.  The peer takes what we send under the winner, so nothing
 * more need go under the loser and be lost when that goes.
 */
static void
stop_sending(struct child *loser, const struct child *winner)
{
	if (!in_order(crossed, loser, winner))
		return;
	for (unsigned i = 0; i < loser->n; i++)
		kernel_delete(loser, &loser->out[i]);
}

/* A third pair has come up before the first was gone: that one goes now, since
 * the peer has at least one of the newer ones as whole as we have. */
static void
thin_out(struct child *child)
{
	struct child *other, *oldest = NULL;
	unsigned n = 0;

	for (other = child->peer->children; other != NULL;
	    other = other->next) {
		if (!other->up || !same_traffic(child, other))
			continue;
		n++;
		if (other != child && other->superseded && (oldest == NULL ||
		    other->created < oldest->created))
			oldest = other;
	}
	if (n <= PAIRS_MOST || oldest == NULL)
		return;
	child_note(oldest, "purged IPsec-SA", " (superseded twice)");
	child_delete(oldest, OK);
}

void
child_supersede(struct child *child)
{
	struct child *other, *loser, *winner;

	for (other = child->peer->children; other != NULL;
	    other = other->next) {
		if (other == child || !other->up || other->superseded ||
		    !same_traffic(child, other))
			continue;
		loser = loser_of(child, other);
		winner = loser == child ? other : child;
		loser->superseded = true;
		timer_set(&child->ike->timers, &loser->timer,
		    child->ike->now + grace_of(loser, winner));
		stop_sending(loser, winner);
		if (loser == child)
			return;
	}
}

/*
 * Two peers behind one NAT have one address.  Where their traffic looks the
 * same, too, the kernel has nothing to tell them apart by, and takes its newest
 * SA.
 */
static void
warn_of_twins(const struct child *child)
{
	const struct child *other = child->natt ? child->peer->children : NULL;
	char text[SELECTOR_TEXT];

	for (; other != NULL; other = other->next)
		if (other->up && other != child &&
		    selector_equal(&child->sel, &other->sel) &&
		    child->if_id == other->if_id &&
		    child->mark.value == other->mark.value &&
		    !view_equal(buf_view(&child->peer_id),
		    buf_view(&other->peer_id))) {
			log_peer(LOG_L_WARNING, &child->remote, "another peer "
			    "behind the same NAT has SAs for %s, too: from now "
			    "on that goes to this one. Let them use ports or "
			    "addresses of their own",
			    selector_print(&child->sel, text));
			return;
		}
}

void
child_up(struct child *child)
{
	uint64_t began = child->began;
	char ms[40];

	child->up = true;
	snprintf(ms, sizeof(ms), " in %u ms",
	    (unsigned)(child->ike->now - began));
	child_note_all(child, "IPsec-SA established", ms);
	warn_of_twins(child);
	child_event(child, IKE_EVENT_CHILD_UP, OK, began);
	problem_solved(child->ike, &child->remote);
	child->ike->up->child_up(child);
	child_supersede(child);
	thin_out(child);
}

/*
 * Death
 */

static void
kernel_delete(struct child *child, struct child_name *name)
{
	struct ipsec_sa_id id = {
		.dst = name->key.dst,
		.spi = name->key.spi,
		.proto = (uint8_t)name->key.proto,
		.mark = child->mark,
	};
	struct ike *ike = child->ike;
	int r;

	/* until both are in place the inbound one may be larval yet */
	if (!name->installed && (child->up || !name->inbound))
		return;
	name_del(ike, name);
	r = ipsec_sa_delete(ike->kernel, &id);
	if (r < 0 && r != -ESRCH)
		log_peer(LOG_L_WARNING, &child->remote, "the kernel cannot "
		    "delete SA spi=%u(0x%x): %s", id.spi, id.spi,
		    ipsec_error(ike->kernel));
}

void
child_forget(struct child *child)
{
	for (unsigned i = 0; i < child->n; i++) {
		name_del(child->ike, &child->out[i]);
		name_del(child->ike, &child->in[i]);
	}
	timer_del(&child->ike->timers, &child->timer);
	child_later_free(child);
	genpol_forget(child);
	child_unlink(child);
	buf_fini(&child->peer_id);
	xfreezero(child, sizeof(*child));
}

void
child_drop(struct child *child, enum err why)
{
	if (child->up)
		child_event(child, IKE_EVENT_CHILD_DOWN, why,
		    child->created);
	genpol_release(child);
	for (unsigned i = 0; i < child->n; i++) {
		kernel_delete(child, &child->out[i]);
		kernel_delete(child, &child->in[i]);
	}
	child_forget(child);
}

/* The IKE SA that carries a DELETE: a good one, or else any. */
static struct sa *
messenger(const struct child *child)
{
	struct sa *sa = sa_ready_with(child->ike, &child->local,
	    &child->remote);

	if (sa != NULL)
		return sa;
	for (sa = child->peer->sas; sa != NULL; sa = sa->next)
		if (sa->state == SA_DYING && child_is_with(child, sa))
			return sa;
	return NULL;
}

void
child_delete(struct child *child, enum err why)
{
	struct sa *sa = messenger(child);

	/* A responder's answer may have made the initiator install its side
	   already. */
	if (sa != NULL && (child->up || !child->initiator ||
	    child->later != NULL))
		info_delete_child(sa, child);
	child_drop(child, why);
}

/* The outbound half is due, a superseded child has served its time, or one
 * that was not renewed is to be. */
static void
child_timer(void *ctx)
{
	struct child *child = ctx;

	if (child->later != NULL) {
		if (child_install_now(child))
			child_up(child);
		return;
	}
	if (!child->superseded) {
		child_renew(child);
		return;
	}
	if (child->adopted && !child->asked && messenger(child) == NULL) {
		/* its end must be told, or the peer goes on sending */
		child->asked = true;
		timer_set(&child->ike->timers, &child->timer,
		    child->ike->now + UNTOLD_MS);
		child->ike->up->peer_called(child->ike, &child->local,
		    &child->remote);
		return;
	}
	child_say(child, "purged IPsec-SA", &child->in[0], child->mode[0],
	    " (superseded)");
	child_delete(child, OK);
}

/*
 * What the kernel and the peer say
 */

/* The kernel tells of a soft limit just once. */
void
child_retry(struct child *child)
{
	unsigned int doubled = child->retries++;
	uint32_t gap;

	child->rekeying = false;
	if (child->superseded || !child->up)
		return;
	gap = RETRY_MS << (doubled < RETRY_DOUBLED ? doubled : RETRY_DOUBLED);
	timer_set(&child->ike->timers, &child->timer, child->ike->now +
	    gap * 2 / 3 + ike_random(child->ike, gap * 2 / 3));
}

/* Time for a successor. */
void
child_renew(struct child *child)
{
	if (child->superseded || child->rekeying || !child->up)
		return;
	child->rekeying = true;
	child->ike->up->child_ageing(child->ike, child);
}

void
child_expired(struct ike *ike, const struct ipsec_event *ev)
{
	const struct ipsec_sa_id *id = &ev->sa.id;
	bool inbound;
	struct child *child = child_find(ike, &id->dst, id->proto, id->spi,
	    &inbound);

	if (child == NULL)
		return;
	if (ev->hard) {
		child_say(child, "IPsec-SA expired", inbound ?
		    &child->in[0] : &child->out[0], child->mode[0], "");
		child_delete(child, E_TIMEOUT);
		return;
	}
	child_renew(child);
}

void
child_removed(struct ike *ike, const struct ipsec_event *ev)
{
	const struct ipsec_sa_id *id = &ev->sa.id;
	bool inbound;
	struct child *child = child_find(ike, &id->dst, id->proto, id->spi,
	    &inbound);

	if (child == NULL)
		return;
	child_say(child, "IPsec-SA deleted by another program", inbound ?
	    &child->in[0] : &child->out[0], child->mode[0],
	    ", the pair is given up");
	child_delete(child, E_DELETED);
}

static bool
has_proto(const struct child *child, uint8_t proto)
{
	for (unsigned i = 0; i < child->n; i++)
		if (proto == 0 || child->in[i].key.proto == proto)
			return true;
	return false;
}

void
child_flushed(struct ike *ike, uint8_t proto)
{
	struct child *child, *next;

	HASH_ITER(hh, ike->children, child, next)
		if (has_proto(child, proto))
			child_delete(child, E_DELETED);
}

/* The peer takes away what was to stay here: then the other one has to. */
static void
keep_loser(const struct child *winner)
{
	struct child *other, *kept = NULL;

	if (winner->superseded)
		return;
	for (other = winner->peer->children; other != NULL;
	    other = other->next)
		if (other != winner && other->up && other->superseded &&
		    same_traffic(winner, other) && (kept == NULL ||
		    other->created > kept->created))
			kept = other;
	if (kept == NULL)
		return;
	kept->superseded = false;
	timer_del(&kept->ike->timers, &kept->timer);
}

bool
child_deleted_by_peer(struct sa *sa, uint8_t proto, uint32_t spi)
{
	struct child *child;

	for (child = sa->peer->children; child != NULL; child = child->next)
		for (unsigned i = 0; i < child->n; i++)
			if (child->out[i].key.spi == spi &&
			    child->out[i].key.proto == kernel_proto(proto) &&
			    child_is_with(child, sa)) {
				child_say(child, "purged IPsec-SA",
				    &child->out[i], child->mode[i],
				    " (deleted by the peer)");
				keep_loser(child);
				child_drop(child, E_DELETED);
				return true;
			}
	say_sa(LOG_L_DEBUG, sa, "the peer deletes an unknown SPI %u(0x%x)",
	    spi, spi);
	return false;
}

void
child_delete_all(struct sa *sa)
{
	struct child *child, *next;

	for (child = sa->peer->children; child != NULL; child = next) {
		next = child->next;
		if (child_is_with(child, sa))
			child_delete(child, E_TIMEOUT);
	}
}

void
child_renew_all(struct sa *sa)
{
	struct child *child;

	for (child = sa->peer->children; child != NULL; child = child->next)
		if (child_is_with(child, sa))
			child_renew(child);
}

/* "Older" means up before this SA's negotiation began: what came up since is
 * of the peer's present life. */
void
child_drop_older(struct sa *sa)
{
	struct peer *peer = sa->peer;
	struct child *child, *next_child;

	child_identify(sa);
	for (child = peer->children; child != NULL; child = next_child) {
		next_child = child->next;
		if (child->up && child->created < sa->began &&
		    child_is_with(child, sa))
			child_drop(child, E_DELETED);
	}
}

void
child_connected(struct ike *ike, uint64_t serial)
{
	struct child *child = child_by_serial(ike, serial);

	if (child == NULL || child->later == NULL)
		return;
	timer_del(&ike->timers, &child->timer);
	child_timer(child);
}
