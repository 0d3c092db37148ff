/* SPDX-License-Identifier: ISC */
/*
 * What comes to racoon's sockets for operators: requests of the control
 * socket, replies as racoonctl reads them, requests of HTTP, xfrm_stat.  The
 * first byte says which.
 */
#include <assert.h>
#include <string.h>

#include "daemon/http_msg.h"
#include "daemon/xfrmstat.h"
#include "test/fuzz/fuzz.h"
#include "wire/admin.h"

static void
inside(struct view part, struct view all)
{
	assert(part.n == 0 ||
	    (part.p >= all.p && part.p + part.n <= all.p + all.n));
}

/* Behind the ends: texts with their end, and no other. */
static void
login_of(struct view body, struct view in)
{
	struct admin_login l;

	if (!admin_login_get(&body, &l))
		return;
	inside(l.id, in);
	inside(l.password, in);
	assert(l.id.n > 0 && strlen((const char *)l.id.p) + 1 == l.id.n);
	assert(l.password.n > 0 &&
	    strlen((const char *)l.password.p) + 1 == l.password.n);
}

/* A request that is understood is written as the same bytes. */
static void
request(struct view in)
{
	struct admin_request r;
	struct admin_ends ends;
	struct buf b;
	struct view body;

	if (admin_request_get(in, &r) != ADMIN_GOOD)
		return;
	inside(r.body, in);
	assert(r.body.n <= ADMIN_REQUEST_MAX - ADMIN_HEADER);
	buf_init(&b, ADMIN_REQUEST_MAX);
	admin_request_put(&b, r.command, r.proto, r.body);
	assert(buf_ok(&b) && b.n == r.body.n + ADMIN_HEADER);
	body = r.body;
	if (admin_ends_get(&body, &ends)) {
		buf_reset(&b);
		admin_ends_put(&b, &ends);
		assert(b.n == ADMIN_ENDS);
		login_of(body, in);
	}
	buf_fini(&b);
}

/* A record that is understood is written as one that is understood. */
static void
peers(struct view v, struct view in)
{
	struct admin_peer p, again;
	struct view copy;
	struct buf b;

	buf_init(&b, ADMIN_REPLY_MAX);
	while (v.n > 0 && admin_peer_get(&v, &p)) {
		inside(p.id, in);
		inside(p.problem, in);
		assert(p.id.n <= ADMIN_PEER_TEXT);
		buf_reset(&b);
		admin_peer_put(&b, &p);
		copy = buf_view(&b);
		assert(admin_peer_get(&copy, &again) && copy.n == 0);
		assert(view_equal(p.problem, again.problem));
	}
	buf_fini(&b);
}

static void
reply(struct view in)
{
	struct admin_timer timer;
	struct admin_event event;
	struct admin_reply r;
	struct admin_sa sa;
	struct view v;

	if (admin_reply_get(in, &r) != ADMIN_GOOD)
		return;
	inside(r.body, in);
	assert(admin_reply_length(in) == r.body.n + ADMIN_HEADER);
	v = r.body;
	while (v.n > 0 && admin_sa_get(&v, &sa))
		;
	v = r.body;
	while (v.n > 0 && admin_timer_get(&v, &timer))
		;
	v = r.body;
	if (admin_event_get(&v, &event))
		inside(v, in);
	peers(r.body, in);
}

static void
http(struct view in)
{
	struct http_request r;
	const int status = http_get(in, &r);

	assert(status == 0 || status == 200 || status == 400 ||
	    status == 405 || status == 431);
	assert(status != 0 || in.n < HTTP_REQUEST_MAX);
	if (status == 200)
		inside(r.path, in);
}

static void
stat_file(struct view in)
{
	struct xfrmstat s;

	xfrmstat_get(&s, in);
	assert(s.n <= XFRMSTAT_ROWS);
	for (size_t i = 0; i < s.n; i++)
		assert(strlen(s.row[i].name) > 0 &&
		    strlen(s.row[i].name) < XFRMSTAT_NAME);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static void (*const fn[])(struct view) = { request, reply, http,
		stat_file };
	struct view in = view_of(data, n);
	const uint8_t which = view_u8(&in);

	if (!in.bad)
		fn[which % 4](in);
	return 0;
}
