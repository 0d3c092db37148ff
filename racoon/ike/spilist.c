/* SPDX-License-Identifier: ISC */
/* The comparison of SPI lists with another one of ours. */

#include "ike/spilist.h"

#include "base/mem.h"
#include "ike/child.h"
#include "ike/counters.h"
#include "ike/info.h"
#include "ike/say.h"
#include "wire/spilist.h"

#define SETTLED_MS	2000u	/* a pair that came up just now may not be
				   known on the other side yet */
#define OPEN_MS		10000u	/* what we asked is not answered any more */
#define ANSWER_RATE	2u	/* a second, each costs a dump of the kernel */
#define ANSWER_BURST	6u

bool
spilist_possible(const struct sa *sa)
{
	return sa->remote_conf->liveness != 0 &&
	    (sa->vids & 1u << VID_SPILIST) != 0;
}

static bool
is_pair(const struct child *child, unsigned i, const struct spilist_pair *p)
{
	return child->in[i].key.spi == p->yours &&
	    child->out[i].key.spi == p->mine &&
	    child_wire_proto(child->in[i].key.proto) == p->proto;
}

static bool
have(const struct sa *sa, const struct spilist_pair *p)
{
	const struct child *child;

	for (child = sa->peer->children; child != NULL; child = child->next)
		for (unsigned i = 0; i < child->n; i++)
			if (child_is_with(child, sa) && is_pair(child, i, p))
				return true;
	return false;
}

static void
add(struct spilist *list, const struct spilist_pair *pair)
{
	if (list->n < SPILIST_MAX)
		list->pair[list->n++] = *pair;
	else
		list->whole = false;
}

static void
add_own(struct spilist *list, const struct sa *sa)
{
	const struct child *child;

	for (child = sa->peer->children; child != NULL; child = child->next)
		for (unsigned i = 0; i < child->n; i++) {
			struct spilist_pair pair = {
				.proto = child_wire_proto(
				    child->in[i].key.proto),
				.state = child->up ? SPILIST_UP :
				    SPILIST_COMING,
				.mine = child->in[i].key.spi,
				.yours = child->out[i].key.spi,
			};

			if (child_is_with(child, sa))
				add(list, &pair);
		}
}

static void
send_list(struct sa *sa, uint16_t type, const struct spilist *list)
{
	struct notify_payload n = {
		.doi = IPSEC_DOI,
		.proto = PROTO_ISAKMP,
		.type = type,
		.spi = view_of(&sa->cookies, sizeof(sa->cookies)),
	};
	struct buf data;

	buf_init(&data, SPILIST_BYTES);
	spilist_put(&data, list);
	n.data = buf_view(&data);
	info_notify(sa, &n);
	buf_fini(&data);
}

/* What the kernel has counts, not what we believe: counters_read() has given
 * up what is not whole. */
static void
ask(struct sa *sa)
{
	struct spilist *list = xcalloc(1, sizeof(*list));

	(void)counters_read(sa->ike);
	sa->ike->stats.liveness_asked++;
	list->whole = true;
	list->number = ++sa->lists.number;
	add_own(list, sa);
	say_sa(LOG_L_DEBUG, sa, "asking the peer which of %u SAs it has",
	    list->n);
	send_list(sa, N_SPI_LIST, list);
	free(list);
}

void
spilist_ask(struct sa *sa)
{
	if (sa->lists.tries++ == 0)
		sa->lists.asked = sa->ike->now;
	ask(sa);
}

static void
answer(struct sa *sa, const struct spilist *theirs)
{
	struct spilist *list = xcalloc(1, sizeof(*list));

	list->whole = true;
	list->number = theirs->number;
	for (unsigned i = 0; i < theirs->n; i++) {
		const struct spilist_pair *p = &theirs->pair[i];
		struct spilist_pair absent = {
			.proto = p->proto,
			.state = SPILIST_ABSENT,
			.mine = p->yours,
			.yours = p->mine,
		};

		if (p->state != SPILIST_ABSENT && !have(sa, p))
			add(list, &absent);
	}
	add_own(list, sa);
	send_list(sa, N_SPI_LIST_ANSWER, list);
	free(list);
}

/* Has the peer this protocol of the child, as far as its list tells? */
static bool
peer_has(const struct spilist *list, const struct child *child, unsigned i)
{
	for (unsigned j = 0; j < list->n; j++)
		if (is_pair(child, i, &list->pair[j]))
			return list->pair[j].state != SPILIST_ABSENT;
	return !list->whole;
}

static bool
peer_has_all(const struct spilist *list, const struct child *child)
{
	for (unsigned i = 0; i < child->n; i++)
		if (!peer_has(list, child, i))
			return false;
	return true;
}

/* Has the peer not got what was up here for a while, as of the time that the
 * list is about? */
static bool
is_lost(const struct sa *sa, const struct child *child,
    const struct spilist *list, uint64_t when)
{
	return child->up && child_is_with(child, sa) &&
	    child->live.up + SETTLED_MS <= when && !peer_has_all(list, child);
}

static void
drop_lost(struct sa *sa, const struct spilist *list, uint64_t when)
{
	struct child *child, *next;

	for (child = sa->peer->children; child != NULL; child = next) {
		next = child->next;
		if (!is_lost(sa, child, list, when))
			continue;
		sa->ike->stats.liveness_repaired++;
		child_note(child, "IPsec-SA lost", ": the peer does not have "
		    "it any more");
		child_drop(child, E_DELETED);
	}
}

/* A question may have been on its way, or in our queue, for as long as it
 * likes, and what it does not name have come up since.  An answer is as young
 * as the question. */
static void
ask_back(struct sa *sa, const struct spilist *list)
{
	const struct child *child = sa->peer->children;

	while (child != NULL && !is_lost(sa, child, list, sa->ike->now))
		child = child->next;
	if (child == NULL || (sa->lists.tries > 0 &&
	    sa->ike->now < sa->lists.asked + OPEN_MS))
		return;
	sa->lists.tries = 0;
	sa->lists.back = sa->ike->now;
	ask(sa);
}

static void
got_question(struct sa *sa, const struct spilist *list)
{
	if (list->number <= sa->lists.seen)
		return;			/* a replay, or overtaken */
	if (!bucket_take(&sa->lists.answers, sa->ike->now, ANSWER_RATE,
	    ANSWER_BURST))
		return;
	sa->lists.seen = list->number;
	(void)counters_read(sa->ike);
	answer(sa, list);
	ask_back(sa, list);
}

static void
got_answer(struct sa *sa, const struct spilist *list)
{
	const uint64_t when = sa->lists.tries > 0 ? sa->lists.asked :
	    sa->lists.back;

	if (when == 0 || list->number != sa->lists.number)
		return;
	sa->lists.tries = 0;
	sa->lists.back = 0;
	drop_lost(sa, list, when);
	sa->ike->up->sa_agrees(sa);
}

void
spilist_got(struct sa *sa, const struct notify_payload *n, bool is_answer)
{
	struct spilist *list = xcalloc(1, sizeof(*list));
	enum err r = spilist_get(n->data, list);

	if (r != OK)
		say_sa(LOG_L_DEBUG, sa, "a list of SPIs that cannot be "
		    "understood: %s", err_text(r));
	else if (!spilist_possible(sa))
		say_sa(LOG_L_DEBUG, sa, "a list of SPIs is not answered");
	else if (is_answer)
		got_answer(sa, list);
	else
		got_question(sa, list);
	free(list);
}
