/* SPDX-License-Identifier: ISC */
/*
 * Whether what a client waits for will still come is looked up when the engine
 * has done its work, not concluded from events: negotiations cross, and one
 * may bring what the other was begun for.
 */
#include "daemon/admin_watch.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "ike/report.h"
#include "libipsec/addr.h"
#include "wire/admin.h"

#define OVERFLOW	12		/* number of an old event */

struct watch {
	struct admin_watches *of;
	struct watch	*next;
	struct serve_client *client;	/* NULL: not begun */
	struct watch_what what;
	bool		 ended;		/* WATCH_END: done */
};

struct admin_watches {
	const struct admin_sources *from;
	struct watch	*first;
	struct event	*check;
	struct admin_event old[WATCH_OLD];
	unsigned int	nold;
	bool		asked;		/* somebody takes old ones */
};

/* ---- what is told ---- */

static bool
is_about_auth(enum err err)
{
	switch ((int)err) {
	case E_HASH:
	case E_AUTH:
	case E_SIGNATURE:
	case E_CERT:
	case E_NOPSK:
	case E_ID:
	case E_DECRYPT:
		return true;
	default:
		return false;
	}
}

/* The numbers of an event, two at most. */
static unsigned int
numbers_of(const struct ike_event *ev, uint32_t out[2])
{
	switch (ev->type) {
	case IKE_EVENT_PHASE1_UP:
		out[0] = ADMIN_EVENT_PHASE1_UP;
		out[1] = ADMIN_EVENT_PHASE1_MODE_CFG;	/* nothing follows */
		return 2;
	case IKE_EVENT_PHASE1_DOWN:
		out[0] = ADMIN_EVENT_PHASE1_DOWN;
		return 1;
	case IKE_EVENT_PHASE1_DEAD:
		out[0] = ev->was_up ? ADMIN_EVENT_PHASE1_DPD_TIMEOUT :
		    ADMIN_EVENT_PHASE1_NO_RESPONSE;
		return 1;
	case IKE_EVENT_PHASE1_FAILED:
		out[0] = ev->err == E_NOPROPOSAL ?
		    ADMIN_EVENT_PHASE1_NO_PROPOSAL : is_about_auth(ev->err) ?
		    ADMIN_EVENT_PHASE1_AUTH_FAILED :
		    ADMIN_EVENT_PHASE1_NO_RESPONSE;
		return 1;
	case IKE_EVENT_PHASE1_BAD_AUTH:
		out[0] = ADMIN_EVENT_PHASE1_AUTH_FAILED;
		return 1;
	case IKE_EVENT_PHASE1_DELETED:
		out[0] = ADMIN_EVENT_PHASE1_PEER_DELETED;
		return 1;
	case IKE_EVENT_CHILD_UP:
		out[0] = ADMIN_EVENT_PHASE2_UP;
		return 1;
	case IKE_EVENT_CHILD_DOWN:
		out[0] = ADMIN_EVENT_PHASE2_DOWN;
		return 1;
	case IKE_EVENT_CHILD_FAILED:
		out[0] = ADMIN_EVENT_PHASE2_NO_RESPONSE;
		return 1;
	case IKE_EVENT_CHILD_NO_PHASE1:
		out[0] = ADMIN_EVENT_PHASE2_NO_PHASE1;
		return 1;
	}
	return 0;
}

static bool
is_of_pair(enum ike_event_type type)
{
	return type == IKE_EVENT_CHILD_UP || type == IKE_EVENT_CHILD_DOWN ||
	    type == IKE_EVENT_CHILD_FAILED ||
	    type == IKE_EVENT_CHILD_NO_PHASE1;
}

static bool
wants(const struct watch *w, const struct ike_event *ev)
{
	const struct watch_what *what = &w->what;

	if (w->client == NULL)
		return false;
	switch (what->kind) {
	case WATCH_ALL:
		return true;
	case WATCH_SA:
		return !is_of_pair(ev->type) &&
		    addr_equal(&ev->remote, &what->remote) &&
		    addr_equal(&ev->local, &what->local);
	case WATCH_PAIR:
		return is_of_pair(ev->type) &&
		    addr_equal(&ev->remote, &what->remote) &&
		    selector_equal(&ev->sel, &what->sel);
	case WATCH_END:
		return ev->type == IKE_EVENT_PHASE1_DOWN &&
		    addr_equal(&ev->remote, &what->remote);
	}
	return false;
}

static void
tell(struct watch *w, const struct admin_event *ev)
{
	struct buf body, message;

	buf_init(&body, ADMIN_EVENT);
	buf_init(&message, ADMIN_EVENT + ADMIN_HEADER);
	admin_event_put(&body, ev);
	admin_reply_put(&message, ADMIN_SHOW_EVENT, 0, 0, buf_view(&body));
	serve_tell(w->client, buf_view(&message));	/* w may be gone */
	buf_fini(&body);
	buf_fini(&message);
}

/* The last place says that there were too many. */
static void
keep_old(struct admin_watches *all, const struct admin_event *ev)
{
	if (!all->asked || all->nold == WATCH_OLD)
		return;
	all->old[all->nold++] = *ev;
	if (all->nold == WATCH_OLD)
		all->old[WATCH_OLD - 1] = (struct admin_event){
		    .type = OVERFLOW, .at = ev->at };
}

static void
check_soon(struct admin_watches *all)
{
	event_active(all->check, EV_TIMEOUT, 0);
}

void
watches_event(struct admin_watches *all, const struct ike_event *ev)
{
	struct admin_event out = { .at = (int64_t)time(NULL),
	    .src = ev->local, .dst = ev->remote, .msgid = ev->msgid };
	uint32_t number[2];
	const unsigned int n = numbers_of(ev, number);
	struct watch *w, *next;

	for (unsigned int i = 0; i < n; i++) {
		out.type = number[i];
		keep_old(all, &out);
		for (w = all->first; w != NULL; w = next) {
			next = w->next;
			if (wants(w, ev))
				tell(w, &out);
		}
	}
	if (all->first != NULL)
		check_soon(all);
}

void
watches_take_old(struct admin_watches *all, struct buf *out)
{
	if (!all->asked)
		log_msg(LOG_L_NOTIFY, "evt_dump: deprecated event polling "
		    "used");
	all->asked = true;
	if (all->nold == 0)
		return;
	admin_event_put_old(out, &all->old[0]);
	memmove(all->old, all->old + 1, --all->nold * sizeof(all->old[0]));
}

/* ---- what comes of it ---- */

/* One that asks for an end; the list may be another one afterwards. */
static bool
end_one(struct admin_watches *all)
{
	const struct admin_sources *from = all->from;
	struct watch *w = all->first;
	struct ipsec_addr remote;

	while (w != NULL && (w->client == NULL ||
	    w->what.kind != WATCH_END || w->ended))
		w = w->next;
	if (w == NULL)
		return false;
	w->ended = true;
	remote = w->what.remote;
	from->tick(from->ctx);
	(void)ike_delete_all(from->ike, &remote);
	from->arm(from->ctx);
	return true;
}

/* Is there nothing more to hear? */
static bool
is_over(const struct watch *w)
{
	const struct watch_what *what = &w->what;
	struct ike *ike = w->of->from->ike;

	switch (what->kind) {
	case WATCH_ALL:
		return false;
	case WATCH_SA:
		return ike_progress_sa(ike, &what->local, &what->remote) !=
		    IKE_COMING;
	case WATCH_PAIR:
		return ike_progress_pair(ike, &what->sel, &what->remote) !=
		    IKE_COMING;
	case WATCH_END:
		return true;
	}
	return true;
}

static void
on_check(evutil_socket_t fd, short what, void *ctx)
{
	static const struct timeval second = { .tv_sec = 1 };
	struct admin_watches *all = ctx;
	struct watch *w, *next;
	bool more = false;

	(void)fd;
	(void)what;
	while (end_one(all))
		;
	for (w = all->first; w != NULL; w = next) {
		next = w->next;
		if (w->client != NULL && is_over(w))
			serve_part(w->client);
		else if (w->what.kind != WATCH_ALL)
			more = true;
	}
	if (more)
		(void)event_add(all->check, &second);
}

/* ---- life ---- */

static void
on_gone(void *own)
{
	watch_free(own);
}

struct watch *
watch_new(struct admin_watches *all, const struct watch_what *what)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	w->of = all;
	w->what = *what;
	w->next = all->first;
	all->first = w;
	return w;
}

void
watch_free(struct watch *w)
{
	struct watch **p = &w->of->first;

	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
	free(w);
}

void
watch_begin(struct watch *w, struct serve_client *client)
{
	w->client = client;
	serve_stay(client, w, on_gone);
	if (w->what.kind != WATCH_ALL)
		check_soon(w->of);
}

struct admin_watches *
watches_new(const struct admin_sources *from)
{
	struct admin_watches *all = xcalloc(1, sizeof(*all));

	all->from = from;
	all->check = evtimer_new(from->base, on_check, all);
	if (all->check != NULL)
		return all;
	free(all);
	return NULL;
}

void
watches_quit(struct admin_watches *all)
{
	const struct admin_event ev = { .type = ADMIN_EVENT_QUIT,
	    .at = (int64_t)time(NULL) };
	struct watch *w, *next;

	for (w = all->first; w != NULL; w = next) {
		next = w->next;
		if (w->client != NULL && w->what.kind == WATCH_ALL)
			tell(w, &ev);
	}
}

void
watches_free(struct admin_watches *all)
{
	if (all == NULL)
		return;
	event_free(all->check);
	free(all);
}
