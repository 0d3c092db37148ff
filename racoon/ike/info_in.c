/* SPDX-License-Identifier: ISC */
/* Informational exchanges that come: notifications and deletions. */

#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/info.h"
#include "ike/phase1.h"
#include "ike/quick.h"
#include "ike/say.h"
#include "ike/sealed.h"
#include "wire/names.h"

#define CONTACT_MS	60000u		/* INITIAL-CONTACT counts so long after
					   phase 1; later ones are replays */
#define PLAIN_NOTIFY	0x10000u	/* complaints: not an enum err */
#define SPIS_MAX	128		/* of one DELETE */

/*
 * Notifications
 */

void
info_contact(struct sa *sa)
{
	uint64_t since = sa->state == SA_NEGOTIATING ? 0 :
	    sa->ike->now - sa->ready;

	if (since > CONTACT_MS)
		return;
	say_sa(LOG_L_INFO, sa, "INITIAL-CONTACT: the peer knows of no older "
	    "SAs, removing them");
	child_drop_older(sa);
	sa_end_older(sa);
	if (sa->state == SA_READY)
		sa->ike->up->sa_up(sa);
}

/* RFC 3706: always answered.  A higher number than any before shows that it
 * is no replay, so the peer is where it came from. */
static void
got_are_you_there(struct sa *sa, const struct notify_payload *n)
{
	struct notify_payload ack = *n;
	struct view data = n->data;
	uint32_t number;

	if (n->data.n != 4)
		return;
	number = view_u32(&data);
	if (number > sa->dpd_seen) {
		sa->dpd_seen = number;
		sa_follow(sa);
	}
	ack.type = N_DPD_ACK;
	info_notify(sa, &ack);
}

/* RFC 2407 4.6.3.1: of the IKE SA that is named. */
static void
got_lifetime(struct sa *sa, const struct notify_payload *n)
{
	struct view cookies = view_of(&sa->cookies, sizeof(sa->cookies));
	uint32_t secs, kbytes;

	if (n->proto == PROTO_ISAKMP && view_equal(n->spi, cookies) &&
	    lifetime_get(n->data, &secs, &kbytes) == OK && secs != 0)
		sa_shorten(sa, secs);
}

/*
 * Some implementations answer ESP under an SPI that they do not have so, under
 * the IKE SA: our half of the pair is of no use.  The notification is one of
 * quick mode too, of an exchange that we began.
 */
static bool
names_lost_sa(struct sa *sa, const struct notify_payload *n)
{
	struct view spi = n->spi;

	return n->type == N_INVALID_SPI && spi.n == 4 &&
	    child_deleted_by_peer(sa, n->proto, view_u32(&spi));
}

static void
got_notify(struct sa *sa, const struct notify_payload *n)
{
	if (names_lost_sa(sa, n))
		return;
	if (n->type == N_INITIAL_CONTACT)
		info_contact(sa);
	else if (n->type == N_DPD)
		got_are_you_there(sa, n);
	else if (n->type == N_DPD_ACK)
		dpd_answer(sa, n);
	else if (n->type == N_SPI_LIST || n->type == N_SPI_LIST_ANSWER)
		spilist_got(sa, n, n->type == N_SPI_LIST_ANSWER);
	else if (n->type == N_RESPONDER_LIFETIME)
		got_lifetime(sa, n);
	else if (n->type < N_CONNECTED)
		quick_refused(sa, n);
	else
		say_sa(LOG_L_DEBUG, sa, "the peer notifies %s (%u)",
		    name_notify(n->type), n->type);
}

void
info_notifies(struct sa *sa, const struct msg *msg)
{
	const struct msg_payload *p = msg_find(msg, ISAKMP_N);
	struct notify_payload n;

	for (; p != NULL; p = msg_next(msg, p))
		if (notify_get(p->body, &n) == OK)
			got_notify(sa, &n);
}

static bool
says(const struct msg *msg, uint16_t type)
{
	const struct msg_payload *p = msg_find(msg, ISAKMP_N);
	struct notify_payload n;

	for (; p != NULL; p = msg_next(msg, p))
		if (notify_get(p->body, &n) == OK && n.type == type)
			return true;
	return false;
}

bool
info_says_contact(const struct msg *msg)
{
	return says(msg, N_INITIAL_CONTACT);
}

/*
 * A responder that set the COMMIT bit is ready for our packets (RFC 2408 3.1).
 * It says so in an informational message with the id of the quick mode, or in
 * a fourth message of that.
 */
static void
got_connected(struct sa *sa, const struct msg *msg)
{
	struct exchange *x = exch_find(sa, ISAKMP_ETYPE_QUICK, msg->h.msgid);
	uint64_t child;

	if (x == NULL || x->connects == 0 || !says(msg, N_CONNECTED))
		return;
	child = x->connects;
	x->connects = 0;
	child_connected(sa->ike, child);
}

enum err
info_connected(struct exchange *x, const struct msg *msg)
{
	struct sealed in = { .which = HASH_1, .in.msgid = msg->h.msgid };
	enum err r = sealed_check(x->sa, msg, &in);

	if (r == OK)
		got_connected(x->sa, msg);
	return r;
}

/* Anybody can send these: told to the operator, never acted upon. */
static enum err
info_plain(struct sa *sa, const struct msg *msg)
{
	const struct msg_payload *p = msg_find(msg, ISAKMP_N);
	struct notify_payload n;
	char whom[PHASE1_WHOM];

	if (p == NULL || notify_get(p->body, &n) != OK)
		return E_PLAIN;
	if (!ike_may_complain(sa->ike, &sa->remote, PLAIN_NOTIFY + n.type))
		return OK;
	phase1_whom(sa, whom);
	say_sa(LOG_L_WARNING, sa, "the peer%s%s notifies %s (%u), not "
	    "authenticated, so nothing is done about it", whom,
	    whom[0] != '\0' ? "," : "", name_notify(n.type), n.type);
	return OK;
}

/*
 * Deletions
 */

static struct sa *
named_sa(struct sa *sa, struct view spi)
{
	struct sa_cookies cookies;
	struct sa *named;

	view_bytes(&spi, cookies.i, sizeof(cookies.i));
	view_bytes(&spi, cookies.r, sizeof(cookies.r));
	named = spi.bad ? NULL : sa_find(sa->ike, &cookies);
	return named != NULL && sa_same_peer(named, sa) ? named : NULL;
}

static void
end_for_peer(struct sa *sa)
{
	sa_event(sa, IKE_EVENT_PHASE1_DELETED, E_DELETED);
	sa_end(sa, E_DELETED, false);
}

/* True when SA itself is to go: the caller ends it last. */
static bool
got_delete(struct sa *sa, const struct delete_payload *d)
{
	struct view spis = d->spis;
	bool itself = false;

	for (unsigned i = 0; i < d->n && i < SPIS_MAX; i++) {
		struct view one = view_take(&spis, d->spi_len);

		if (d->proto == PROTO_ISAKMP) {
			struct sa *named = named_sa(sa, one);

			if (named == sa)
				itself = true;
			else if (named != NULL &&
			    named->state != SA_NEGOTIATING)
				end_for_peer(named);
		} else {
			(void)child_deleted_by_peer(sa, d->proto,
			    one.n == 2 ? view_u16(&one) : view_u32(&one));
		}
	}
	return itself;
}

enum err
info_input(struct sa *sa, const struct msg *msg, bool sealed)
{
	struct sealed in = { .which = HASH_1, .in.msgid = msg->h.msgid };
	const struct msg_payload *p;
	struct delete_payload d;
	bool gone = false;
	enum err r;

	if (!sealed)
		return info_plain(sa, msg);
	if (sa->state == SA_NEGOTIATING)
		return E_UNEXPECTED;
	if (msgids_has(&sa->info_ids, msg->h.msgid))
		return E_DUPLICATE;
	r = sealed_check(sa, msg, &in);
	if (r != OK)
		return r;
	msgids_push(&sa->info_ids, msg->h.msgid, LIMIT_INFO_IDS);
	info_notifies(sa, msg);
	got_connected(sa, msg);
	p = msg_find(msg, ISAKMP_D);
	for (; p != NULL; p = msg_next(msg, p))
		if (delete_get(p->body, &d) == OK)
			gone = got_delete(sa, &d) || gone;
	if (gone)
		end_for_peer(sa);
	return OK;
}
