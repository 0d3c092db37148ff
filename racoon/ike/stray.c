/* SPDX-License-Identifier: ISC */
/* Packets under unknown SPIs and IKE SAs: whose, and what repairs it. */

#include "ike/stray.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "conf/match.h"
#include "ike/adopt.h"
#include "ike/child.h"
#include "ike/info.h"
#include "ike/say.h"
#include "ike/want.h"
#include "libipsec/addr.h"

#define RATE		32u	/* repairs a second, of all senders */
#define BURST		512u	/* a whole mesh, when this host is back */
#define GAP_MS		2000u	/* between two for one sender, then twice as */
#define DOUBLED		8u	/* long each time, at most so often */
#define CALM_MS		600000u	/* silent so long: as if it had never been */
#define AGAIN_MS	800u	/* an SPI beside a good pair is but late ... */
#define FORGET_MS	60000u	/* ... unless it is still used between these */
#define INSISTS		3u	/* told so often, a peer gets a newer pair, once */
#define SPIS		4	/* of one sender that are remembered */
#define PLANS		8	/* policies of one sender repaired at once */
#define LOOK_RATE	10u	/* looks at the policies a second, for what is */
#define LOOK_BURST	50u	/* but IKE under unknown cookies */

#define NO_POLICY	0x30000u /* complaints: not an enum err */
#define IS_PASSIVE	0x30001u

struct seen_spi {
	uint32_t	spi;
	uint64_t	since;		/* ms */
};

/* What a sender has cost us lately. */
struct source {
	struct ipsec_addr addr;		/* with the port, if it used UDP */
	uint64_t	 last, next;	/* ms: repaired; not before */
	unsigned int	 tries;
	struct seen_spi	 spi[SPIS];
	unsigned int	 nspi;
	UT_hash_handle	 hh;
};

struct strays {
	struct source	*sources;	/* the one repaired longest ago first */
	struct bucket	 bucket;
	struct bucket	 looks;
};

/* One packet while it is looked at. */
struct look {
	struct ipsec_addr local, remote; /* ports only if it came in UDP */
	struct ipsec_addr dst, src;	/* as the kernel names them */
	uint8_t		 proto;		/* enum ipsec_proto; 0: it was IKE */
	uint32_t	 spi;
	bool		 known;		/* the kernel has it after all */
	bool		 lost;		/* it was one of ours */
	bool		 policed;	/* a policy is for its sender */
	bool		 waits;		/* a negotiation is under way */
	struct plan	 missing[PLANS];
	unsigned int	 nmissing;
	uint64_t	 good[PLANS];	/* serials of the children there are */
	unsigned int	 ngood;
};

struct looks {
	struct ike	*ike;
	struct look	*look;
	size_t		 n;
};

struct strays *
strays_new(void)
{
	return xcalloc(1, sizeof(struct strays));
}

void
strays_free(struct strays *strays)
{
	struct source *source, *next;

	if (strays == NULL)
		return;
	HASH_ITER(hh, strays->sources, source, next) {
		HASH_DEL(strays->sources, source);
		free(source);
	}
	free(strays);
}

size_t
strays_count(const struct strays *strays)
{
	return HASH_COUNT(strays->sources);
}

/*
 * What the kernel has
 */

/* Also one that is reserved for a negotiation. */
static bool
kernel_has(struct ike *ike, const struct look *l, struct ipsec_mark mark)
{
	struct ipsec_sa_id id = {
		.dst = l->dst,
		.spi = l->spi,
		.proto = l->proto,
		.mark = mark,
	};
	struct ipsec_sa sa;
	int r = ipsec_sa_get(ike->kernel, &id, &sa);

	crypto_wipe(&sa, sizeof(sa));
	return r != -ESRCH;	/* whatever else went wrong proves nothing */
}

/*
 * Half of a pair of ours is gone and no event has told us.  As if it had.
 */
static void
drop_lost(struct ike *ike, struct look *l)
{
	bool inbound = false;
	struct child *child = child_find(ike, &l->dst, l->proto, l->spi,
	    &inbound);

	if (child == NULL || !inbound || kernel_has(ike, l, child->mark))
		return;
	log_peer(LOG_L_INFO, &child->remote, "the kernel has lost the inbound "
	    "SA spi=%u(0x%x): the pair is given up", l->spi, l->spi);
	l->lost = true;
	ike->stats.stray_repairs++;
	child_delete(child, E_DELETED);
}

/*
 * Which policies ask for protection of traffic with the sender
 */

static bool
has_proto(const struct ipsec_policy *policy, uint8_t proto)
{
	for (uint8_t i = 0; i < policy->ntmpl; i++)
		if (proto == 0 || policy->tmpl[i].proto == proto)
			return true;
	return false;
}

/* As want_acquire() finds the peer: a tunnel's end, or the selector's. */
static bool
concerns(const struct ipsec_policy *policy, const struct look *l)
{
	const struct ipsec_selector *sel = &policy->sel;

	if (policy->sub != 0 || !has_proto(policy, l->proto))
		return false;
	for (uint8_t i = 0; i < policy->ntmpl; i++) {
		const struct ipsec_tmpl *tmpl = &policy->tmpl[i];

		if (tmpl->mode == IPSEC_MODE_TUNNEL)
			return addr_equal(&tmpl->dst, &l->src) &&
			    (addr_is_any(&tmpl->src) ||
			    addr_equal(&tmpl->src, &l->dst));
	}
	return addr_in(&l->src, &sel->dst, sel->dst_prefix) &&
	    addr_in(&l->dst, &sel->src, sel->src_prefix);
}

/* A pair that serves the plan, as far as is known. */
static struct child *
good_child(struct ike *ike, const struct plan *plan, const struct look *l)
{
	struct peer *peer = peer_find(ike, &l->remote);
	struct child *child = peer == NULL ? NULL : peer->children;

	for (; child != NULL; child = child->next)
		if (child->up && !child->superseded &&
		    child->if_id == plan->if_id &&
		    addr_equal(&child->src, &l->dst) &&
		    plan_covers(&plan->sel, &child->sel))
			return child;
	return NULL;
}

static void
note_policy(struct ike *ike, const struct ipsec_policy *policy,
    struct look *l)
{
	struct child *child;
	struct plan plan;

	if (l->known || plan_of_policy(ike, policy, &plan) != OK)
		return;
	if (l->proto != 0 && plan.mark.mask != 0 && kernel_has(ike, l, plan.mark)) {
		l->known = true;	/* under the mark of the policy */
		return;
	}
	l->policed = true;
	child = good_child(ike, &plan, l);
	if (child != NULL && l->ngood < PLANS)
		l->good[l->ngood++] = child->serial;
	else if (child == NULL && want_same(ike, &plan, &l->remote) != NULL)
		l->waits = true;
	else if (child == NULL && l->nmissing < PLANS)
		l->missing[l->nmissing++] = plan;
}

static int
note_all(void *ctx, const struct ipsec_policy *policy)
{
	struct looks *looks = ctx;

	for (size_t i = 0; i < looks->n; i++)
		if (concerns(policy, &looks->look[i]))
			note_policy(looks->ike, policy, &looks->look[i]);
	return 0;
}

/*
 * How often
 */

static struct source *
source_of(struct strays *strays, const struct look *l)
{
	struct source *source;

	HASH_FIND(hh, strays->sources, &l->remote, sizeof(l->remote), source);
	if (source != NULL)
		return source;
	if (HASH_COUNT(strays->sources) >= LIMIT_STRAYS) {
		source = strays->sources;
		HASH_DEL(strays->sources, source);
		free(source);
	}
	source = xcalloc(1, sizeof(*source));
	source->addr = l->remote;
	HASH_ADD(hh, strays->sources, addr, sizeof(source->addr), source);
	return source;
}

/* Was it seen a while ago too?  The last packets under an SA that has been
 * replaced are late, and none follow. */
static bool
persists(struct source *source, uint32_t spi, uint64_t now)
{
	struct seen_spi *seen;

	for (unsigned i = 0; i < SPIS; i++) {
		seen = &source->spi[i];
		if (seen->since == 0 || seen->spi != spi ||
		    now - seen->since > FORGET_MS)
			continue;
		return now - seen->since >= AGAIN_MS;
	}
	seen = &source->spi[source->nspi++ % SPIS];
	*seen = (struct seen_spi){ .spi = spi, .since = now };
	return false;
}

static bool
may_repair(struct ike *ike, struct source *source)
{
	struct strays *strays = ike->strays;
	unsigned int doubled;

	if (source->last != 0 && ike->now - source->last > CALM_MS)
		source->tries = 0;
	if ((source->tries > 0 && ike->now < source->next) ||
	    !bucket_take(&strays->bucket, ike->now, RATE, BURST))
		return false;
	doubled = source->tries < DOUBLED ? source->tries : DOUBLED;
	source->tries++;
	source->last = ike->now;
	source->next = ike->now + ((uint64_t)GAP_MS << doubled);
	/* to the end of the list */
	HASH_DEL(strays->sources, source);
	HASH_ADD(hh, strays->sources, addr, sizeof(source->addr), source);
	return true;
}

/*
 * Repair
 */

/* Nothing that we have with this peer would suffer from INITIAL-CONTACT, so
 * the next IKE SA is the first one (RFC 2407 4.6.3.3). */
static void
begin_anew(struct ike *ike, const struct look *l)
{
	struct peer *peer = peer_find(ike, &l->remote);

	if (peer != NULL && peer->sas == NULL && peer->children == NULL)
		peer->contacted = false;
}

static bool
is_passive(struct ike *ike, const struct look *l)
{
	const struct remote *remote;
	bool ambiguous;

	if (match_initiate(ike->conf, &l->remote, &remote, &ambiguous) !=
	    E_PASSIVE)
		return false;
	if (ike_may_complain(ike, &l->remote, IS_PASSIVE))
		log_peer(LOG_L_INFO, &l->remote, "the peer uses an SA that is "
		    "not here; the remote block says passive, so it is for "
		    "the peer to begin");
	return true;
}

/*
 * A policy without SAs gets some.  If all have theirs the peer does not use
 * them: new ones are the newest on its side too, and old and new serve until
 * then.
 */
static void
negotiate(struct ike *ike, const struct look *l, bool insist)
{
	struct child *child;

	for (unsigned i = 0; i < l->nmissing; i++)
		want_missing(ike, &l->missing[i], &l->local, &l->remote);
	for (unsigned i = 0; i < l->ngood && l->nmissing == 0 && insist; i++) {
		child = child_by_serial(ike, l->good[i]);
		if (child != NULL)
			child_renew(child);
	}
}

static void
repair(struct ike *ike, const struct look *l)
{
	struct source *source = source_of(ike->strays, l);
	struct sa *sa = sa_ready_with(ike, &l->local, &l->remote);
	bool beside = l->ngood > 0 && l->nmissing == 0;

	if (beside && sa != NULL && !persists(source, l->spi, ike->now))
		return;
	if (!may_repair(ike, source)) {
		ike->stats.stray_refused++;
		return;
	}
	if (!l->lost)
		ike->stats.stray_repairs++;
	log_peer(LOG_L_INFO, &l->remote, "%s comes under SPI %u(0x%x), which "
	    "is not here: %s", l->proto == IPSEC_PROTO_AH ? "AH" : "ESP",
	    l->spi, l->spi, sa != NULL ? "the peer is told" :
	    "the peer is called");
	if (sa != NULL && !l->lost)
		info_delete_spi(sa, l->proto == IPSEC_PROTO_AH ?
		    PROTO_IPSEC_AH : PROTO_IPSEC_ESP, l->spi);
	if (is_passive(ike, l))
		return;
	begin_anew(ike, l);
	negotiate(ike, l, sa == NULL || source->tries == INSISTS);
}

static void
act(struct ike *ike, const struct look *l)
{
	if (l->known)
		return;
	if (!l->policed) {
		if (ike_may_complain(ike, &l->remote, NO_POLICY))
			log_peer(LOG_L_INFO, &l->remote, "%s comes under SPI "
			    "%u(0x%x), which is not here, and no policy is "
			    "for this peer", l->proto == IPSEC_PROTO_AH ?
			    "AH" : "ESP", l->spi, l->spi);
		return;
	}
	if ((l->waits && l->nmissing == 0) ||
	    sa_coming_with(ike, &l->local, &l->remote) != NULL)
		return;
	repair(ike, l);
}

/* False: nothing to look at. */
static bool
look_at(struct ike *ike, const struct ike_stray *stray, struct look *l)
{
	static const struct ipsec_mark none;

	*l = (struct look){
		.local = stray->dst,
		.remote = stray->src,
		.dst = stray->dst,
		.src = stray->src,
		.proto = stray->proto,
		.spi = stray->spi,
	};
	l->dst.port = l->src.port = 0;
	l->dst.scope = l->src.scope = 0;
	if ((l->proto != IPSEC_PROTO_ESP && l->proto != IPSEC_PROTO_AH) ||
	    addr_is_any(&l->src) || addr_is_multicast(&l->src) ||
	    kernel_has(ike, l, none))
		return false;
	ike->stats.stray_seen++;
	drop_lost(ike, l);
	return true;
}

void
ike_strays(struct ike *ike, const struct ike_stray *stray, size_t n)
{
	static const struct ipsec_filter out = { .dir = IPSEC_DIR_OUT };
	struct looks looks = { .ike = ike };

	if (ike->stopping || !ike->conf->repair_unknown_spi)
		return;
	if (n > IKE_STRAYS_MAX)
		n = IKE_STRAYS_MAX;
	looks.look = xcalloc(n + 1, sizeof(*looks.look));
	for (size_t i = 0; i < n; i++)
		if (look_at(ike, &stray[i], &looks.look[looks.n]))
			looks.n++;
	if (looks.n > 0 && ipsec_policy_dump(ike->kernel, &out, note_all,
	    &looks) == 0)
		for (size_t i = 0; i < looks.n; i++)
			act(ike, &looks.look[i]);
	free(looks.look);
}

/*
 * Nothing of before is left that would tell the peer, no SPI it could use, and
 * it would wait for its answer as long as it does for any.  Only who is to be
 * protected is called, and only where nothing says that it could be good: what
 * is forged costs a look at the policies, at a limited rate.
 */
void
stray_quick(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	static const struct ipsec_filter out = { .dir = IPSEC_DIR_OUT };
	struct look l = { .local = *local, .remote = *remote, .dst = *local,
	    .src = *remote };
	struct looks looks = { .ike = ike, .look = &l, .n = 1 };
	struct peer *peer = peer_find(ike, remote);

	l.dst.port = l.src.port = 0;
	l.dst.scope = l.src.scope = 0;
	if (ike->stopping || !ike->conf->repair_unknown_spi ||
	    sa_ready_with(ike, local, remote) != NULL ||
	    sa_coming_with(ike, local, remote) != NULL ||
	    (peer != NULL && (peer->children != NULL ||
	    backoff_waits(peer))) ||
	    !complaint_new(&ike->complained, remote, COMPLAINT_REFUSED,
	    ike->now) ||
	    !bucket_take(&ike->strays->looks, ike->now, LOOK_RATE,
	    LOOK_BURST) ||
	    ipsec_policy_dump(ike->kernel, &out, note_all, &looks) != 0 ||
	    !l.policed || is_passive(ike, &l) ||
	    !may_repair(ike, source_of(ike->strays, &l)))
		return;
	ike->stats.called++;
	log_peer(LOG_L_INFO, remote, "the peer uses an ISAKMP-SA that is not "
	    "here: the peer is called");
	begin_anew(ike, &l);
	adopt_call(ike, local, remote);
}
