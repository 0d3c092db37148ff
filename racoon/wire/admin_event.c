/* SPDX-License-Identifier: ISC */
/* Events, timers, logins and peers of the control socket. */
#include "wire/admin.h"

#include <string.h>

#include "libipsec/addr.h"
#include "wire/native.h"

#define ID_USER		2		/* type of a login: USER@FQDN */

bool
admin_timer_get(struct view *v, struct admin_timer *out)
{
	out->due = (int64_t)native_take64(v);
	out->id = (int64_t)native_take64(v);
	out->created = (int64_t)native_take64(v);
	out->tick = (int64_t)native_take64(v);
	return !v->bad;
}

void
admin_timer_put(struct buf *b, const struct admin_timer *t)
{
	native_put64(b, (uint64_t)t->due);
	native_put64(b, (uint64_t)t->id);
	native_put64(b, (uint64_t)t->created);
	native_put64(b, (uint64_t)t->tick);
}

bool
admin_event_get(struct view *v, struct admin_event *out)
{
	bool good;

	out->type = native_take32(v);
	(void)native_take32(v);
	out->at = (int64_t)native_take64(v);
	good = native_take_addr(v, &out->src, true);
	good = native_take_addr(v, &out->dst, true) && good;
	out->msgid = native_take32(v);
	(void)native_take32(v);
	return !v->bad && good;
}

void
admin_event_put(struct buf *b, const struct admin_event *ev)
{
	native_put32(b, ev->type);
	native_put32(b, 0);
	native_put64(b, (uint64_t)ev->at);
	native_put_addr(b, &ev->src);
	native_put_addr(b, &ev->dst);
	native_put32(b, ev->msgid);
	native_put32(b, 0);
}

bool
admin_event_is_error(uint32_t type)
{
	switch (type) {
	case ADMIN_EVENT_PHASE1_NO_RESPONSE:
	case ADMIN_EVENT_PHASE1_NO_PROPOSAL:
	case ADMIN_EVENT_PHASE1_AUTH_FAILED:
	case ADMIN_EVENT_PHASE1_DPD_TIMEOUT:
	case ADMIN_EVENT_PHASE1_XAUTH_FAILED:
	case ADMIN_EVENT_PHASE2_NO_PHASE1:
	case ADMIN_EVENT_PHASE2_NO_RESPONSE:
		return true;
	default:
		return false;
	}
}

static uint32_t
old_number(uint32_t type)
{
	static const struct {
		uint32_t	type, old;
	} rows[] = {
		{ ADMIN_EVENT_QUIT, 10 },
		{ ADMIN_EVENT_PHASE1_UP, 1 },
		{ ADMIN_EVENT_PHASE1_DOWN, 2 },
		{ ADMIN_EVENT_PHASE1_NO_RESPONSE, 8 },
		{ ADMIN_EVENT_PHASE1_NO_PROPOSAL, 14 },
		{ ADMIN_EVENT_PHASE1_AUTH_FAILED, 13 },
		{ ADMIN_EVENT_PHASE1_DPD_TIMEOUT, 7 },
		{ ADMIN_EVENT_PHASE1_PEER_DELETED, 9 },
		{ ADMIN_EVENT_PHASE1_MODE_CFG, 4 },
		{ ADMIN_EVENT_PHASE1_XAUTH_SUCCESS, 3 },
		{ ADMIN_EVENT_PHASE1_XAUTH_FAILED, 11 },
		{ ADMIN_EVENT_PHASE2_UP, 5 },
		{ ADMIN_EVENT_PHASE2_DOWN, 6 },
		{ ADMIN_EVENT_PHASE2_NO_RESPONSE, 8 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type == type)
			return rows[i].old;
	return type < 0x100 ? type : 0;		/* 12: there were too many */
}

void
admin_event_put_old(struct buf *b, const struct admin_event *ev)
{
	native_put64(b, ADMIN_EVENT);
	native_put_addr(b, &ev->src);
	native_put_addr(b, &ev->dst);
	native_put64(b, (uint64_t)ev->at);
	native_put32(b, old_number(ev->type));
	native_put32(b, 0);
}

/* The lengths count the NUL, which is there. */
static bool
take_text(struct view *v, uint64_t n, struct view *out)
{
	*out = n == 0 || n > v->n ? view_take(v, v->n + 1) :
	    view_take(v, (size_t)n);
	return !out->bad && memchr(out->p, '\0', out->n) ==
	    out->p + out->n - 1;
}

bool
admin_login_get(struct view *v, struct admin_login *out)
{
	uint64_t id, password;

	(void)native_take64(v);		/* the type, and a gap */
	id = native_take64(v);
	password = native_take64(v);
	return !v->bad && take_text(v, id, &out->id) &&
	    take_text(v, password, &out->password);
}

void
admin_login_put(struct buf *b, const struct admin_login *l)
{
	native_put32(b, ID_USER);
	native_put32(b, 0);
	native_put64(b, l->id.n);
	native_put64(b, l->password.n);
	buf_add(b, l->id);
	buf_add(b, l->password);
}

static struct view
take_words(struct view *v)
{
	const uint32_t n = native_take32(v);

	return view_take(v, n > ADMIN_PEER_TEXT ? v->n + 1 : n);
}

static void
put_words(struct buf *b, struct view v)
{
	if (v.n > ADMIN_PEER_TEXT)
		v.n = ADMIN_PEER_TEXT;
	native_put32(b, (uint32_t)v.n);
	buf_add(b, v);
}

bool
admin_peer_get(struct view *v, struct admin_peer *out)
{
	const bool good = native_take_addr(v, &out->remote, true);

	out->state = native_take32(v);
	out->pairs = native_take32(v);
	out->retry = native_take32(v);
	out->age = (int64_t)native_take64(v);
	out->bytes_in = native_take64(v);
	out->bytes_out = native_take64(v);
	out->problem_age = (int64_t)native_take64(v);
	out->id = take_words(v);
	out->problem = take_words(v);
	return !v->bad && good;
}

void
admin_peer_put(struct buf *b, const struct admin_peer *p)
{
	native_put_addr(b, &p->remote);
	native_put32(b, p->state);
	native_put32(b, p->pairs);
	native_put32(b, p->retry);
	native_put64(b, (uint64_t)p->age);
	native_put64(b, p->bytes_in);
	native_put64(b, p->bytes_out);
	native_put64(b, (uint64_t)p->problem_age);
	put_words(b, p->id);
	put_words(b, p->problem);
}
