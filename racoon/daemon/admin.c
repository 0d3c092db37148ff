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
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/admin_sad.h"
#include "daemon/metrics.h"
#include "daemon/serve.h"
#include "wire/admin.h"
#include "wire/isakmp.h"

#define STATUS_START	1u
#define STATUS_SENT	3u
#define STATUS_UP	9u
#define STATUS_DYING	10u

struct admin {
	struct admin_sources of;
	struct serve	*serve;
	struct event	*reload;
};

/* A command under way. */
struct call {
	struct admin	*a;
	const struct serve_peer *peer;
	const struct admin_request *r;
	struct buf	*out;		/* the reply's body */
};

/* ---- commands: 0, or the errno of the reply ---- */

static int
do_reload(struct call *c)
{
	event_active(c->a->reload, EV_TIMEOUT, 0);
	return 0;
}

static int64_t
created(const struct ike_sa_info *sa)
{
	struct timespec ts;
	uint64_t now;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	if (!sa->ready || sa->since > now)
		return 0;
	return (int64_t)time(NULL) - (int64_t)((now - sa->since) / 1000);
}

static bool
put_sa(void *ctx, const struct ike_sa_info *sa)
{
	static const uint8_t none[8];
	struct admin_sa to = {
		.initiator = sa->initiator,
		.remote = sa->remote,
		.local = sa->local,
		.version = ISAKMP_VERSION,
		.etype = sa->etype,
		.created = created(sa),
		.children = sa->children,
		.status = sa->dying ? STATUS_DYING : sa->ready ? STATUS_UP :
		    memcmp(sa->rcookie, none, 8) == 0 ? STATUS_START :
		    STATUS_SENT,
	};

	memcpy(to.icookie, sa->icookie, sizeof(to.icookie));
	memcpy(to.rcookie, sa->rcookie, sizeof(to.rcookie));
	admin_sa_put(ctx, &to);
	return true;
}

static uint8_t
ipsec_proto(uint16_t proto)
{
	return proto == ADMIN_ESP ? IPSEC_PROTO_ESP : proto == ADMIN_AH ?
	    IPSEC_PROTO_AH : IPSEC_PROTO_ANY;
}

static int
do_show_sa(struct call *c)
{
	switch (c->r->proto) {
	case ADMIN_ISAKMP:
		ike_each_sa(c->a->of.ike, put_sa, c->out);
		return 0;
	case ADMIN_ESP:
	case ADMIN_AH:
	case ADMIN_IPSEC:
		return admin_sad_put(c->a->of.ipsec, ipsec_proto(c->r->proto),
		    c->peer->uid == 0, c->out);
	default:
		return EOPNOTSUPP;
	}
}

static void
note(const struct call *c, const char *what)
{
	log_msg(LOG_L_NOTIFY, "racoonctl: %s, for uid %ld", what,
	    (long)(int)c->peer->uid);
}

static int
do_flush_sa(struct call *c)
{
	struct ike *ike = c->a->of.ike;

	switch (c->r->proto) {
	case ADMIN_ISAKMP:
		note(c, "flush-sa isakmp");
		ike_flush_sas(ike);
		return 0;
	case ADMIN_ESP:
	case ADMIN_AH:
	case ADMIN_IPSEC:
		note(c, c->r->proto == ADMIN_ESP ? "flush-sa esp" :
		    c->r->proto == ADMIN_AH ? "flush-sa ah" :
		    "flush-sa ipsec");
		ike_flush_children(ike, ipsec_proto(c->r->proto));
		return 0;
	default:
		return EOPNOTSUPP;
	}
}

/* The protocol has never counted. */
static int
do_delete_sa(struct call *c)
{
	struct view body = c->r->body;
	struct admin_ends ends;

	if (!admin_ends_get(&body, &ends))
		return EINVAL;
	note(c, "delete-sa");
	ike_delete_between(c->a->of.ike, &ends.src, &ends.dst);
	return 0;
}

static int
do_metrics(struct call *c)
{
	observe_metrics(c->a->of.observe, true, c->out);
	return 0;
}

static int
do_log(struct call *c)
{
	if (c->r->proto < LOG_L_ERROR || c->r->proto > LOG_L_DEBUG2)
		return EINVAL;
	note(c, "log");
	log_set_level((enum log_level)c->r->proto);
	return 0;
}

static const struct {
	enum admin_command command;
	int	(*run)(struct call *);
} commands[] = {
	{ ADMIN_RELOAD, do_reload },
	{ ADMIN_SHOW_SA, do_show_sa },
	{ ADMIN_FLUSH_SA, do_flush_sa },
	{ ADMIN_DELETE_SA, do_delete_sa },
	{ ADMIN_METRICS, do_metrics },
	{ ADMIN_LOG, do_log },
};

static int
run(struct call *c)
{
	int r = EOPNOTSUPP;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].command != c->r->command)
			continue;
		c->a->of.tick(c->a->of.ctx);
		r = commands[i].run(c);
		c->a->of.arm(c->a->of.ctx);
		return r;
	}
	log_msg(LOG_L_WARNING, "racoonctl: invalid command: %u",
	    c->r->command);
	return r;
}

/* ---- the server ---- */

static enum serve_verdict
on_question(void *ctx, const struct serve_peer *peer, struct view question,
    struct buf *out)
{
	struct admin_request r;
	struct buf body;
	struct call c = { .a = ctx, .peer = peer, .r = &r, .out = &body };
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
	if (err == 0 && !buf_ok(&body))
		err = ENOBUFS;
	admin_reply_put(out, r.command, err, r.proto, err == 0 ?
	    buf_view(&body) : view_of(NULL, 0));
	buf_fini(&body);
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
	a->reload = evtimer_new(of->base, on_reload, a);
	a->serve = serve_new(of->base, fd, &limits, on_question, a);
	if (a->reload != NULL && a->serve != NULL)
		return a;
	admin_free(a);
	return NULL;
}

void
admin_free(struct admin *a)
{
	if (a == NULL)
		return;
	serve_free(a->serve);
	if (a->reload != NULL)
		event_free(a->reload);
	free(a);
}
