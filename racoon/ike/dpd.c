/* SPDX-License-Identifier: ISC */
/* Dead peer detection, RFC 3706. */

#include "ike/dpd.h"

#include "ike/child.h"
#include "ike/counters.h"
#include "ike/info.h"
#include "ike/say.h"

#define NUMBER_FIRST	4096u	/* RFC 3706 5.4: a random one, without the
				   high bit */

static void	dpd_due(void *);

bool
dpd_possible(const struct sa *sa)
{
	return sa->remote_conf->dpd.enabled &&
	    (sa->vids & 1u << VID_DPD) != 0;
}

static uint64_t
delay_ms(const struct sa *sa)
{
	return (uint64_t)sa->remote_conf->dpd.delay * 1000;
}

/* 0 in the file would be a flood of questions. */
static uint64_t
retry_ms(const struct sa *sa)
{
	uint32_t retry = sa->remote_conf->dpd.retry;

	return (uint64_t)(retry == 0 ? 1 : retry) * 1000;
}

static void
arm(struct sa *sa, uint64_t when)
{
	timer_set(&sa->ike->timers, &sa->dpd.timer, when);
}

void
dpd_start(struct sa *sa)
{
	timer_init(&sa->dpd.timer, dpd_due, sa);
	sa->dpd.number = ike_random(sa->ike, NUMBER_FIRST);
	sa->dpd.answered = sa->dpd.number;
	if (dpd_possible(sa) && delay_ms(sa) != 0)
		arm(sa, sa->ike->now + delay_ms(sa));
}

/* The last sign of life that IKE has seen. */
static uint64_t
heard(const struct sa *sa)
{
	return sa->heard > sa->ready ? sa->heard : sa->ready;
}

/* The same with what the kernel knows of ESP, RFC 3706 5.5. */
static uint64_t
heard_or_counted(const struct sa *sa)
{
	uint64_t counted;

	(void)counters_read(sa->ike);
	counted = counters_heard(sa);
	return counted > heard(sa) ? counted : heard(sa);
}

static void
ask(struct sa *sa)
{
	struct buf number;
	struct notify_payload n = {
		.doi = IPSEC_DOI,
		.proto = PROTO_ISAKMP,
		.type = N_DPD,
		.spi = view_of(&sa->cookies, sizeof(sa->cookies)),
	};

	if (sa->dpd.tries++ == 0)
		sa->dpd.asked = sa->ike->now;
	sa->ike->stats.dpd_sent++;
	say_sa(LOG_L_DEBUG, sa, "DPD: asking the peer whether it is there "
	    "(%u)", sa->dpd.tries);
	buf_init(&number, 4);
	buf_u32(&number, ++sa->dpd.number);
	n.data = buf_view(&number);
	info_notify(sa, &n);
	buf_fini(&number);
	arm(sa, sa->ike->now + retry_ms(sa));
}

/* No question is open any more. */
static void
settle(struct sa *sa, uint64_t alive_at)
{
	bool doubts = sa->dpd.doubts;

	sa->dpd.tries = 0;
	sa->dpd.doubts = false;
	if (dpd_possible(sa) && delay_ms(sa) != 0)
		arm(sa, alive_at + delay_ms(sa));
	else
		timer_del(&sa->ike->timers, &sa->dpd.timer);
	if (doubts)
		sa->ike->up->sa_answered(sa);
}

/* Is there another IKE SA with the peer, which serves it? */
static bool
is_replaced(const struct sa *sa)
{
	const struct sa *other;

	for (other = sa->peer->sas; other != NULL; other = other->next)
		if (other != sa && other->state == SA_READY &&
		    sa_same_peer(other, sa))
			return true;
	return false;
}

/* One pair is enough: with it the peer is there, and the kernel asks for the
 * others when there is traffic for them. */
static void
want_back(const struct sa *sa)
{
	struct wanted *w = &sa->peer->backoff.wanted;
	const struct child *child, *last = NULL;

	for (child = sa->peer->children; child != NULL; child = child->next)
		if (child->up && !child->superseded &&
		    child_is_with(child, sa) && (last == NULL ||
		    child->counters.out_at > last->counters.out_at))
			last = child;
	if (last == NULL || sa->remote_conf->passive)
		return;
	*w = (struct wanted){
		.on = true,
		.any_port = !last->natt,
		.sel = last->sel,
		.mark = last->mark,
		.if_id = last->if_id,
		.local = last->local,
		.remote = last->remote,
	};
}

/*
 * The peer is told all the same: it may hear us, and then has nothing either
 * that we do not have.  What comes next begins with INITIAL-CONTACT.
 */
static void
bury(struct sa *sa)
{
	struct ike *ike = sa->ike;
	struct peer *peer = sa->peer;
	char spi[SA_TEXT];
	struct sa *other, *next;

	ike->stats.dpd_dead++;
	log_peer(LOG_L_INFO, &sa->remote, "DPD: remote (ISAKMP-SA spi=%s) "
	    "seems to be dead.", sa_print(sa, spi));
	sa->dpd.dead = true;
	sa_event(sa, IKE_EVENT_PHASE1_DEAD, E_TIMEOUT);
	want_back(sa);
	backoff_begin(peer);		/* keeps the peer, too */
	peer->contacted = false;
	child_delete_all(sa);
	for (other = peer->sas; other != NULL; other = next) {
		next = other->next;
		if (other != sa && other->state == SA_DYING &&
		    sa_same_peer(other, sa))
			sa_end(other, E_TIMEOUT, false);
	}
	sa_end(sa, E_TIMEOUT, true);
}

static void
dpd_due(void *ctx)
{
	struct sa *sa = ctx;
	struct dpd *dpd = &sa->dpd;
	uint32_t most = sa->remote_conf->dpd.maxfail;
	uint64_t alive = heard(sa);

	if (is_replaced(sa)) {		/* that one is watched */
		settle(sa, sa->ike->now);
		return;
	}
	if (dpd->tries == 0) {
		if (sa->ike->now >= alive + delay_ms(sa))
			alive = heard_or_counted(sa);
		if (sa->ike->now < alive + delay_ms(sa))
			arm(sa, alive + delay_ms(sa));
		else
			ask(sa);
		return;
	}
	if (alive <= dpd->asked)
		alive = heard_or_counted(sa);
	if (alive > dpd->asked) {
		settle(sa, alive);
	} else if (dpd->tries >= (most == 0 ? 1 : most)) {
		bury(sa);
	} else {
		ask(sa);
		/* it may have restarted: see sa_due_doubted() */
		if (dpd->doubts)
			sa_doubt(sa, dpd->asked);
	}
}

void
dpd_probe(struct sa *sa)
{
	if (!sa->dpd.doubts && sa->dpd.tries == 0) {
		sa->dpd.doubts = true;
		ask(sa);
	}
	sa->dpd.doubts = true;
}

/* Cisco's come with the cookies the other way round. */
static bool
names_sa(const struct sa *sa, struct view spi)
{
	struct sa_cookies swapped;

	memcpy(swapped.i, sa->cookies.r, sizeof(swapped.i));
	memcpy(swapped.r, sa->cookies.i, sizeof(swapped.r));
	return view_equal(spi, view_of(&sa->cookies, sizeof(sa->cookies))) ||
	    view_equal(spi, view_of(&swapped, sizeof(swapped)));
}

void
dpd_answer(struct sa *sa, const struct notify_payload *n)
{
	struct view data = n->data;
	uint32_t number;

	if (n->data.n != 4 || !names_sa(sa, n->spi))
		return;
	number = view_u32(&data);
	if (number <= sa->dpd.answered || number > sa->dpd.number) {
		say_sa(LOG_L_DEBUG, sa, "DPD: an answer to a question that "
		    "was not asked, or is answered (%u)", number);
		return;
	}
	sa->dpd.answered = number;
	sa->ike->stats.dpd_answered++;
	if (sa->dpd.tries > 0)
		settle(sa, sa->ike->now);
}
