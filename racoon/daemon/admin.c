/* SPDX-License-Identifier: ISC */
/*
 * Who may connect is a matter of the socket's file; only root sees keys.
 * Commands run at once, but for a reload, which may take a while: that begins
 * when it has been answered.
 */
#include "daemon/admin.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/admin_call.h"
#include "daemon/metrics.h"
#include "daemon/serve.h"
#include "wire/admin.h"

struct admin {
	struct admin_sources of;
	struct serve	*serve;
	struct event	*reload;
	struct admin_watches *watches;
};

/* ---- commands: 0, or the errno of the reply ---- */

static int
do_reload(struct call *c)
{
	struct admin *a = c->of->self;

	event_active(a->reload, EV_TIMEOUT, 0);
	return 0;
}

static int
do_metrics(struct call *c)
{
	observe_metrics(c->of->observe, true, c->out);
	return 0;
}

static int
do_log(struct call *c)
{
	if (c->r->proto < LOG_L_ERROR || c->r->proto > LOG_L_DEBUG2)
		return EINVAL;
	call_note(c, "log");
	log_set_level((enum log_level)c->r->proto);
	return 0;
}

static const struct {
	enum admin_command command;
	int	(*run)(struct call *);
} commands[] = {
	{ ADMIN_RELOAD, do_reload },
	{ ADMIN_SHOW_SCHEDULE, call_schedule },
	{ ADMIN_SHOW_EVENT, call_show_event },
	{ ADMIN_SHOW_SA, call_show_sa },
	{ ADMIN_FLUSH_SA, call_flush_sa },
	{ ADMIN_STATUS, call_status },
	{ ADMIN_STATUS_MORE, call_status },
	{ ADMIN_DELETE_SA, call_delete_sa },
	{ ADMIN_ESTABLISH_SA, call_establish },
	{ ADMIN_ESTABLISH_SA_LOGIN, call_establish_login },
	{ ADMIN_DELETE_ALL, call_delete_all },
	{ ADMIN_LOGOUT, call_logout },
	{ ADMIN_GET_CERT, call_get_cert },
	{ ADMIN_METRICS, do_metrics },
	{ ADMIN_LOG, do_log },
	{ ADMIN_PEERS, call_peers },
	{ ADMIN_WHY, call_why },
	{ ADMIN_WIRESHARK, call_wireshark },
};

static int
run(struct call *c)
{
	int r = EOPNOTSUPP;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].command != c->r->command)
			continue;
		c->of->tick(c->of->ctx);
		r = commands[i].run(c);
		c->of->arm(c->of->ctx);
		return r;
	}
	log_msg(LOG_L_WARNING, "racoonctl: invalid command: %u",
	    c->r->command);
	return r;
}

/* ---- the server ---- */

/* An error's body is words for the operator. */
static void
put_reply(const struct call *c, int err, struct buf *out)
{
	const bool keep = buf_ok(c->out) && (err == 0 || c->reason);
	const struct view body = keep ? buf_view(c->out) : view_of(NULL, 0);

	if (err == 0 && !buf_ok(c->out))
		err = ENOBUFS;
	admin_reply_put(out, c->r->command, err, c->r->proto, body);
}

static enum serve_verdict
on_question(void *ctx, const struct serve_peer *peer, struct view question,
    struct buf *out)
{
	struct admin *a = ctx;
	struct admin_request r;
	struct buf body;
	struct call c = { .of = &a->of, .watches = a->watches, .peer = peer,
	    .r = &r, .out = &body };
	int err;

	switch (admin_request_get(question, &r)) {
	case ADMIN_MORE:
		return SERVE_MORE;
	case ADMIN_BAD:
		return SERVE_DROP;
	case ADMIN_GOOD:
		break;
	}
	buf_init(&body, ADMIN_REPLY_MAX - ADMIN_HEADER);
	err = run(&c);
	put_reply(&c, err, out);
	buf_fini(&body);
	if (err == 0 && c.watch != NULL) {
		watch_begin(c.watch, peer->client);
		return SERVE_STAY;
	}
	if (c.watch != NULL)
		watch_free(c.watch);
	return SERVE_ANSWER;
}

static void
on_reload(evutil_socket_t fd, short what, void *ctx)
{
	struct admin *a = ctx;

	(void)fd;
	(void)what;
	a->of.reload(a->of.ctx);
}

struct admin *
admin_new(const struct admin_sources *of, const struct conf *conf)
{
	static const struct serve_limits limits = {
		.clients = ADMIN_CLIENTS, .question = ADMIN_REQUEST_MAX,
		.answer = ADMIN_REPLY_MAX, .ms = ADMIN_MS,
		.stay = WATCH_CLIENTS, .unread = WATCH_UNREAD,
	};
	struct admin *a;
	int fd;

	if (conf->listen.admin_disabled)
		return NULL;
	fd = of->root->ops->admin(of->root->ctx, conf);
	if (fd == -1)
		return NULL;
	a = xcalloc(1, sizeof(*a));
	a->of = *of;
	a->of.self = a;
	a->watches = watches_new(&a->of);
	a->reload = evtimer_new(of->base, on_reload, a);
	a->of.serve = a->serve = serve_new(of->base, fd, &limits, on_question,
	    a);
	if (a->reload != NULL && a->serve != NULL && a->watches != NULL)
		return a;
	admin_free(a);
	return NULL;
}

void
admin_event(struct admin *a, const struct ike_event *ev)
{
	if (a != NULL)
		watches_event(a->watches, ev);
}

void
admin_free(struct admin *a)
{
	if (a == NULL)
		return;
	if (a->watches != NULL)
		watches_quit(a->watches);
	serve_free(a->serve);
	watches_free(a->watches);
	if (a->reload != NULL)
		event_free(a->reload);
	free(a);
}
