/* SPDX-License-Identifier: ISC */
/*
 * The commands that ipsec-tools had, but for status.  A deletion that is
 * watched is done when the reply has gone.
 */
#include "daemon/admin_call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "daemon/admin_sad.h"
#include "ike/report.h"
#include "libipsec/addr.h"
#include "wire/isakmp.h"

#define REASON		(IKE_PROBLEM + 80)

void
call_note(const struct call *c, const char *what)
{
	log_msg(LOG_L_NOTIFY, "racoonctl: %s, for uid %ld", what,
	    (long)(int)c->peer->uid);
}

int
call_refuse(struct call *c, int err, const char *fmt, ...)
{
	char text[REASON];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_set(c->out, view_text(text));
	c->reason = true;
	return err;
}

/* ---- what there is ---- */

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
		.status = sa->dying ? IKE_P1_DYING : sa->ready ? IKE_P1_UP :
		    memcmp(sa->rcookie, none, 8) == 0 ? IKE_P1_START :
		    IKE_P1_SENT,
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
refuse_proto(struct call *c)
{
	return call_refuse(c, EOPNOTSUPP, "nothing is known by this protocol: "
	    "isakmp, esp, ah and ipsec are");
}

int
call_show_sa(struct call *c)
{
	switch (c->r->proto) {
	case ADMIN_ISAKMP:
		ike_each_sa(c->of->ike, put_sa, c->out);
		return 0;
	case ADMIN_ESP:
	case ADMIN_AH:
	case ADMIN_IPSEC:
		return admin_sad_put(c->of->ipsec, ipsec_proto(c->r->proto),
		    c->peer->uid == 0, c->of->pid, c->out);
	default:
		return refuse_proto(c);
	}
}

struct schedule {
	struct buf	*out;
	uint64_t	 now;		/* ms */
	int64_t		 wall;		/* the same, seconds */
};

static bool
put_timer(void *ctx, const struct ike_timer_report *t)
{
	const struct schedule *s = ctx;
	const struct admin_timer to = {
		.due = (int64_t)(t->when / 1000),
		.id = (int64_t)t->serial,
		.created = s->wall - (int64_t)((s->now - t->set) / 1000),
		.tick = (int64_t)((t->when > t->set ? t->when - t->set : 0) /
		    1000),
	};

	admin_timer_put(s->out, &to);
	return true;
}

int
call_schedule(struct call *c)
{
	struct schedule s = { c->out, ike_now(c->of->ike),
	    (int64_t)time(NULL) };

	ike_each_timer(c->of->ike, put_timer, &s);
	return 0;
}

int
call_get_cert(struct call *c)
{
	struct view body = c->r->body, der;
	struct admin_ends ends;

	if (c->r->proto != ADMIN_ISAKMP)
		return refuse_proto(c);
	if (!admin_ends_get(&body, &ends))
		return EINVAL;
	if (ike_peer_cert(c->of->ike, &ends.src, &ends.dst, &der) != OK)
		return call_refuse(c, ENOENT, "there is no IKE SA between "
		    "these addresses");
	buf_add(c->out, der);
	return 0;
}

/* ---- what is to go ---- */

int
call_flush_sa(struct call *c)
{
	struct ike *ike = c->of->ike;

	switch (c->r->proto) {
	case ADMIN_ISAKMP:
		call_note(c, "flush-sa isakmp");
		ike_flush_sas(ike);
		return 0;
	case ADMIN_ESP:
	case ADMIN_AH:
	case ADMIN_IPSEC:
		call_note(c, c->r->proto == ADMIN_ESP ? "flush-sa esp" :
		    c->r->proto == ADMIN_AH ? "flush-sa ah" :
		    "flush-sa ipsec");
		ike_flush_children(ike, ipsec_proto(c->r->proto));
		return 0;
	default:
		return refuse_proto(c);
	}
}

/* The protocol has never counted. */
int
call_delete_sa(struct call *c)
{
	struct view body = c->r->body;
	struct admin_ends ends;

	if (!admin_ends_get(&body, &ends))
		return EINVAL;
	call_note(c, "delete-sa");
	ike_delete_between(c->of->ike, &ends.src, &ends.dst);
	return 0;
}

/* The client hears of it if it can. */
static int
watch(struct call *c, const struct watch_what *what)
{
	if (c->r->version == 0)
		return 0;
	c->watch = watch_new(c->watches, what);
	return 0;
}

static int
no_room(struct call *c)
{
	return call_refuse(c, EAGAIN, "%u clients wait for events already: "
	    "end one of them", WATCH_CLIENTS);
}

static bool
has_room(const struct call *c)
{
	return c->r->version == 0 || serve_may_stay(c->of->serve);
}

int
call_delete_all(struct call *c)
{
	struct watch_what what = { .kind = WATCH_END };
	struct view body = c->r->body;
	struct admin_ends ends;

	if (!admin_ends_get(&body, &ends))
		return EINVAL;
	if (!has_room(c))
		return no_room(c);
	call_note(c, "vpn-disconnect");
	if (c->r->version == 0)
		(void)ike_delete_all(c->of->ike, &ends.dst);
	what.remote = ends.dst;
	return watch(c, &what);
}

/* As a racoon that was built without logins; silence would say that it is
 * done. */
int
call_logout(struct call *c)
{
	if (c->r->body.n == 0 || c->r->body.n > ADMIN_LOGIN_MAX)
		return call_refuse(c, EINVAL, "a login has 1 to %u bytes",
		    ADMIN_LOGIN_MAX - 1);
	return call_refuse(c, EOPNOTSUPP, "this racoon has no logins with "
	    "XAuth: nobody is to be logged out; delete-all-sa-dst ends what a "
	    "peer has");
}

/* ---- what is to come ---- */

static int
answer_for(struct call *c, enum err r)
{
	switch ((int)r) {
	case OK:
		return 0;
	case E_DUPLICATE:
		return EEXIST;
	case E_NOPOLICY:
		return call_refuse(c, ENOENT, "the kernel has no outbound "
		    "policy for this: load one with setkey(8)");
	case E_NOREMOTE:
		return call_refuse(c, -1, "no remote block is for this "
		    "address, or several are");
	case E_PASSIVE:
		return call_refuse(c, -1, "the remote block says passive");
	case E_SYSTEM:
		return call_refuse(c, -1, "racoon does not listen on an "
		    "address to talk to the peer from; see its log");
	default:
		return call_refuse(c, -1, "%s; see racoon's log",
		    err_text(r));
	}
}

static int
failed_at_once(struct call *c, const struct ipsec_addr *remote)
{
	struct ike_problem p;

	return ike_problem_of(c->of->ike, remote, &p) ?
	    call_refuse(c, -1, "%s", p.text) : answer_for(c, E_CONFIG);
}

static int
establish_sa(struct call *c, const struct admin_ends *ends, const char *name)
{
	struct watch_what what = { .kind = WATCH_SA, .local = ends->src,
	    .remote = ends->dst };
	enum err r;

	call_note(c, "establish-sa isakmp");
	r = ike_establish_sa(c->of->ike, name, &ends->src, &ends->dst);
	if (r == E_CONFIG)
		return failed_at_once(c, &ends->dst);
	return r == OK ? watch(c, &what) : answer_for(c, r);
}

static int
establish_pair(struct call *c, const struct admin_ends *ends)
{
	struct watch_what what = { .kind = WATCH_PAIR, .sel = {
		.src = ends->src,
		.dst = ends->dst,
		.src_prefix = ends->src_prefix,
		.dst_prefix = ends->dst_prefix,
		.proto = ends->proto,
	} };
	enum err r;

	if (ends->src.family != ends->dst.family)
		return EINVAL;
	if (what.sel.src_prefix > addr_bits(&ends->src))
		what.sel.src_prefix = addr_bits(&ends->src);
	if (what.sel.dst_prefix > addr_bits(&ends->dst))
		what.sel.dst_prefix = addr_bits(&ends->dst);
	call_note(c, "establish-sa esp");
	r = ike_establish_pair(c->of->ike, &what.sel, &what.local,
	    &what.remote);
	return r == OK ? watch(c, &what) : answer_for(c, r);
}

/* A name has its NUL, and no other. */
static bool
take_name(struct view v, const char **name)
{
	*name = v.n == 0 ? NULL : (const char *)v.p;
	return v.n == 0 || memchr(v.p, '\0', v.n) == v.p + v.n - 1;
}

int
call_establish(struct call *c)
{
	struct view body = c->r->body;
	struct admin_ends ends;
	const char *name;

	if (!admin_ends_get(&body, &ends) || !take_name(body, &name))
		return EINVAL;
	if (!has_room(c))
		return no_room(c);
	switch (c->r->proto) {
	case ADMIN_ISAKMP:
		return establish_sa(c, &ends, name);
	case ADMIN_ESP:
	case ADMIN_AH:
		return establish_pair(c, &ends);
	default:
		return refuse_proto(c);
	}
}

int
call_establish_login(struct call *c)
{
	struct view body = c->r->body;
	struct admin_ends ends;
	struct admin_login login;

	if (!admin_ends_get(&body, &ends) || !admin_login_get(&body, &login))
		return EINVAL;
	return call_refuse(c, EOPNOTSUPP, "this racoon cannot log in with "
	    "XAuth: leave -u away if the peer does not insist");
}

int
call_show_event(struct call *c)
{
	const struct watch_what what = { .kind = WATCH_ALL };

	if (c->r->version == 0) {
		watches_take_old(c->watches, c->out);
		return 0;
	}
	if (!has_room(c))
		return no_room(c);
	call_note(c, "show-event");
	return watch(c, &what);
}
