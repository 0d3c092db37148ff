/* SPDX-License-Identifier: ISC */
/* IKE SAs that are up: keepalives, renewal, which of two stays, the end. */

#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/info.h"
#include "ike/sa.h"
#include "ike/say.h"
#include "wire/payload.h"

#define DYING_MS	30000u	/* a superseded SA serves the peer so long */
#define CROSSING_MS	30000u	/* two SAs that came up at the same time */
#define RETRY_MS	60000u	/* until a successor is tried for again */
#define CONTACT_MS	2000u	/* the successor's peer may yet tell us that
				   it has restarted */
#define REKEY_OURS	80u	/* per cent of the life time, less some */
#define REKEY_THEIRS	93u	/* jitter: as initiator, as responder */
#define JITTER_OURS	15u	/* hosts that began together are not to */
#define JITTER_THEIRS	5u	/* renew together for ever */
#define LIFE_MIN	60u	/* seconds that a peer can shorten it to */

static void	sa_due(void *);

static bool
has_successor(const struct sa *sa)
{
	const struct sa *other;

	for (other = sa->peer->sas; other != NULL; other = other->next)
		if (other != sa && other->state == SA_READY &&
		    sa_same_peer(other, sa))
			return true;
	return false;
}

/* racoon.conf(5) script, phase1_dead: renewal by force, or while dead peer
 * detection is at work. */
static bool
should_have_heir(const struct sa *sa)
{
	const struct remote *remote = sa->remote_conf;

	return remote->rekey == CONF_FORCE || (remote->rekey == CONF_ON &&
	    remote->dpd.enabled && remote->dpd.delay != 0 &&
	    (sa->vids & 1u << VID_DPD) != 0);
}

void
sa_event(const struct sa *sa, enum ike_event_type type, enum err err)
{
	struct id_payload id;
	char text[ID_TEXT];
	struct ike_event ev = {
		.type = type,
		.err = err,
		.conf = sa->remote_conf,
		.etype = sa->etype,
		.was_up = sa->state != SA_NEGOTIATING,
		.alone = type == IKE_EVENT_PHASE1_DOWN && err != E_STOPPED &&
		    !sa->dpd.dead && should_have_heir(sa) &&
		    !has_successor(sa),
		.initiator = sa->initiator,
		.local = sa->local,
		.remote = sa->remote,
		.ms = (uint32_t)(sa->ike->now - sa->began),
	};

	memcpy(ev.icookie, sa->cookies.i, sizeof(ev.icookie));
	memcpy(ev.rcookie, sa->cookies.r, sizeof(ev.rcookie));
	if (id_get(buf_view(&sa->peer_id), &id) == OK)
		ev.peer_id = id_print(&id, text);
	sa->ike->ops->event(sa->ike->ctx, &ev);
}

static void
sa_keepalive(void *ctx)
{
	static const uint8_t ff = 0xff;		/* RFC 3948 2.3 */
	struct sa *sa = ctx;
	struct ike *ike = sa->ike;
	uint64_t every = (uint64_t)sa->conf->timer.natt_keepalive * 1000;

	ike->ops->send(ike->ctx, &sa->local, &sa->remote, view_of(&ff, 1));
	timer_set(&ike->timers, &sa->keepalive, ike->now + every);
}

/*
 * Two SAs with one peer: which one goes?  Of two that the same side began,
 * the older one.  Of two that crossed, both sides see both cookies and take
 * the greater initiator's cookie away.  What was begun when the other one was
 * up, and that known, is no crossing but of a host that has lost it.
 */
static struct sa *
sa_loser(struct sa *newer, struct sa *older)
{
	uint64_t window = (uint64_t)newer->suite.life_secs * 1000 / 5;
	bool crossed;

	if (window == 0 || window > CROSSING_MS)
		window = CROSSING_MS;
	crossed = newer->initiator != older->initiator &&
	    newer->began <= older->ready + SA_KNOWN_MS &&
	    newer->ready - older->ready < window;

	if (crossed && memcmp(newer->cookies.i, older->cookies.i,
	    sizeof(newer->cookies.i)) > 0)
		return newer;
	return older;
}

static void
sa_converge(struct sa *sa)
{
	struct sa *other, *loser;

	for (other = sa->peer->sas; other != NULL; other = other->next) {
		if (other != sa && other->doubted && sa_same_peer(other, sa))
			timer_set(&sa->ike->timers, &other->timer,
			    sa->ike->now + CONTACT_MS);
		if (other == sa || other->state != SA_READY ||
		    !addr_equal(&other->local, &sa->local) ||
		    !sa_same_peer(other, sa))
			continue;
		loser = sa_loser(sa, other);
		loser->state = SA_DYING;
		timer_set(&sa->ike->timers, &loser->timer,
		    sa->ike->now + DYING_MS);
		say_sa(LOG_L_DEBUG, loser, "superseded by another ISAKMP-SA "
		    "with this peer");
		if (loser == sa)
			return;
	}
}

/*
 * racoon.conf(5) rekey.  The responder steps in, late, when the initiator
 * does not renew the SA.
 */
static bool
sa_rekeys(const struct sa *sa)
{
	const struct remote *remote = sa->remote_conf;

	return remote->rekey != CONF_OFF &&
	    (sa->initiator || !remote->passive);
}

static uint64_t
sa_rekey_at(const struct sa *sa)
{
	uint64_t life = (uint64_t)sa->suite.life_secs * 1000;
	uint32_t percent = sa->initiator ? REKEY_OURS : REKEY_THEIRS;
	uint32_t range = sa->initiator ? JITTER_OURS : JITTER_THEIRS;
	uint32_t jitter = ike_random(sa->ike,
	    (uint32_t)(life * range / 100) + 1);

	return sa->ready + life * percent / 100 - jitter;
}

static uint64_t
sa_expires_at(const struct sa *sa)
{
	return sa->ready + (uint64_t)sa->suite.life_secs * 1000;
}

static void
sa_wind(struct sa *sa)
{
	if (sa->suite.life_secs != 0)
		timer_set(&sa->ike->timers, &sa->timer, sa_rekeys(sa) ?
		    sa_rekey_at(sa) : sa_expires_at(sa));
	else
		timer_del(&sa->ike->timers, &sa->timer);
}

/* RFC 2407 4.6.3.1.  A life of seconds would be nothing but negotiations. */
void
sa_shorten(struct sa *sa, uint32_t secs)
{
	if (!sa->initiator || (sa->suite.life_secs != 0 &&
	    secs >= sa->suite.life_secs))
		return;
	sa->suite.life_secs = secs < LIFE_MIN ? LIFE_MIN : secs;
	say_sa(LOG_L_INFO, sa, "the peer shortens the lifetime to %u s",
	    sa->suite.life_secs);
	if (sa->state == SA_READY)
		sa_wind(sa);
}

static void
sa_clocks(struct sa *sa)
{
	struct ike *ike = sa->ike;
	uint32_t keepalive = sa->conf->timer.natt_keepalive;

	timer_init(&sa->timer, sa_due, sa);
	timer_init(&sa->keepalive, sa_keepalive, sa);
	sa_wind(sa);
	if (sa_behind_nat(sa) && sa->nat_local && keepalive != 0)
		timer_set(&ike->timers, &sa->keepalive,
		    ike->now + (uint64_t)keepalive * 1000);
}

void
sa_ready(struct sa *sa)
{
	sa_authentic(sa);
	sa->state = SA_READY;
	sa->ready = sa->ike->now;
	sa_clocks(sa);
	child_identify(sa);
	sa_converge(sa);
}

void
sa_resume(struct sa *sa, bool dying)
{
	sa->state = dying ? SA_DYING : SA_READY;
	sa_clocks(sa);
	if (dying)
		timer_set(&sa->ike->timers, &sa->timer,
		    sa->ike->now + DYING_MS);
}

/*
 * Many peers drop the IPsec SAs with their IKE SA, so without a successor
 * ours go too, and both sides agree on what there is.
 */
static void
sa_expire(struct sa *sa)
{
	say_sa(LOG_L_INFO, sa, "ISAKMP-SA expired");
	if (!has_successor(sa))
		child_delete_all(sa);
	sa_end(sa, E_TIMEOUT, true);
}

/* A successor is due, and again until there is one. */
static void
sa_renew(struct sa *sa)
{
	uint64_t again = sa->ike->now + RETRY_MS, end = sa_expires_at(sa);

	if (sa->suite.life_secs != 0 && again > end)
		again = end;
	timer_set(&sa->ike->timers, &sa->timer, again);
	if (!has_successor(sa) && !sa->remote_conf->passive)
		sa->ike->up->sa_ageing(sa);
}

/*
 * The peer was silent: it has restarted, or the network is broken and the
 * IPsec SAs are as good as ever.  They stay while a successor is tried for;
 * under that they are renewed, which works whatever the peer still has.
 */
static void
sa_due_doubted(struct sa *sa)
{
	bool over = sa->suite.life_secs != 0 &&
	    sa->ike->now >= sa_expires_at(sa);

	if (has_successor(sa)) {
		child_renew_all(sa);
		sa_end(sa, E_TIMEOUT, true);
	} else if (over) {
		sa_expire(sa);
	} else if (sa->peer->children != NULL) {
		sa_renew(sa);
	} else if (exch_live(sa) > 0) {
		timer_set(&sa->ike->timers, &sa->timer,
		    sa->ike->now + RETRY_MS / 60);
	} else {
		sa_end(sa, E_TIMEOUT, true);
	}
}

static void
sa_due(void *ctx)
{
	struct sa *sa = ctx;

	if (sa->doubted)
		sa_due_doubted(sa);
	else if (sa->state != SA_READY)
		sa_end(sa, OK, true);
	else if (sa->ike->now < sa_expires_at(sa))
		sa_renew(sa);
	else
		sa_expire(sa);
}

/*
 * A peer that restarted drops our messages in silence.  The next want then
 * starts from phase 1.  Whatever follows comes by the clock: the caller still
 * uses the SA.
 */
void
sa_doubt(struct sa *sa, uint64_t since)
{
	if (sa->state != SA_READY || sa->heard > since)
		return;
	say_sa(LOG_L_INFO, sa, "the peer is silent under this ISAKMP-SA");
	sa->state = SA_DYING;
	sa->doubted = true;
	timer_set(&sa->ike->timers, &sa->timer, sa->ike->now);
}

/* It was to go, but there is nothing else that could serve the peer. */
static void
sa_revive(struct sa *sa)
{
	sa->doubted = false;
	if (sa->state != SA_DYING || has_successor(sa))
		return;
	sa->state = SA_READY;
	sa_wind(sa);
}

void
sa_heard(struct sa *sa)
{
	sa->heard = sa->ike->now;
	backoff_heard(sa->peer);
	if (sa->doubted)
		sa_revive(sa);
}

void
sa_end(struct sa *sa, enum err why, bool tell)
{
	bool was_up = sa->state != SA_NEGOTIATING;

	if (was_up && tell)
		info_delete_sa(sa);
	if (was_up) {
		sa_event(sa, IKE_EVENT_PHASE1_DOWN, why);
		say_sa(LOG_L_INFO, sa, "ISAKMP-SA deleted");
	}
	sa->ike->up->sa_gone(sa, why);
	sa_free(sa);
}

void
sa_end_older(struct sa *sa)
{
	struct sa *other, *next;

	for (other = sa->peer->sas; other != NULL; other = next) {
		next = other->next;
		if (other != sa && other->state != SA_NEGOTIATING &&
		    other->ready < sa->began && sa_same_peer(other, sa))
			sa_end(other, E_DELETED, false);
	}
	sa_revive(sa);
}
