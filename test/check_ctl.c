/* SPDX-License-Identifier: ISC */
/*
 * The control socket in front of a real engine that has a peer: what every
 * command answers, and what it does.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/admin.h"
#include "daemon/admin_watch.h"
#include "ike/report.h"
#include "monitor/here.h"
#include "pair.h"
#include "suite.h"
#include "wire/admin.h"

#define NONE	view_of(NULL, 0)
#define TURNS	200			/* of the loop, until a test gives up */

struct stage {
	struct pair	*pair;
	struct event_base *base;
	struct admin	*admin;
	struct conf	*conf;
	char		 dir[40], path[80];
};

struct client {
	int		 fd;
	struct buf	 in;
	bool		 over;
};

static void
nothing(void *ctx)
{
	(void)ctx;
}

static void
heard(void *ctx, const struct ike_event *ev)
{
	struct stage *s = ctx;

	admin_event(s->admin, ev);
}

static void
stage_init(struct stage *s, const char *conf)
{
	memset(s, 0, sizeof(*s));
	s->pair = pair_new(conf, NULL, 100000);
	(void)strcpy(s->dir, "/tmp/check_ctl.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(s->dir));
	(void)snprintf(s->path, sizeof(s->path), "%s/x.sock", s->dir);
	s->base = event_base_new();
	s->conf = conf_new();
	s->conf->listen.admin_path = xstrdup(s->path);
	s->conf->listen.admin_uid = geteuid();
	s->conf->listen.admin_gid = getegid();
	s->conf->listen.admin_mode = 0600;
	s->admin = admin_new(&(const struct admin_sources){ .base = s->base,
	    .root = &here_plain, .ike = s->pair->a.ike,
	    .ipsec = s->pair->a.handle, .reload = nothing, .tick = nothing,
	    .arm = nothing }, s->conf);
	ck_assert_ptr_nonnull(s->admin);
	s->pair->a.heard = heard;
	s->pair->a.heard_ctx = s;
}

static void
stage_fini(struct stage *s)
{
	admin_free(s->admin);
	s->admin = NULL;
	pair_free(s->pair);
	conf_unref(s->conf);
	event_base_free(s->base);
	(void)unlink(s->path);
	(void)rmdir(s->dir);
}

/* The same, and what comes back and goes there. */
static void
stage_with(struct stage *s, const char *conf, struct buf *b, struct buf *e)
{
	stage_init(s, conf);
	buf_init(b, ADMIN_REPLY_MAX);
	buf_init(e, ADMIN_REQUEST_MAX);
}

static void
stage_without(struct stage *s, struct buf *b, struct buf *e)
{
	buf_fini(e);
	buf_fini(b);
	stage_fini(s);
}

static void
turn(struct stage *s)
{
	(void)event_base_loop(s->base, EVLOOP_NONBLOCK);
}

static void
begin(struct stage *s, struct client *c, uint16_t command, uint16_t proto,
    struct view body, bool old)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct buf request;

	(void)strcpy(un.sun_path, s->path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	c->over = false;
	ck_assert_int_eq(connect(c->fd, (struct sockaddr *)&un, sizeof(un)),
	    0);
	buf_init(&c->in, ADMIN_REPLY_MAX);
	buf_init(&request, ADMIN_REQUEST_MAX);
	admin_request_put(&request, command, proto, body);
	if (old)
		buf_patch8(&request, 3, 0);
	ck_assert(send(c->fd, request.p, request.n, 0) ==
	    (ssize_t)request.n);
	buf_fini(&request);
}

static void
end(struct client *c)
{
	(void)close(c->fd);
	buf_fini(&c->in);
}

/* The next message, if one comes; its bytes stay in c->in until the next. */
static bool
next(struct stage *s, struct client *c, struct buf *hold,
    struct admin_reply *r)
{
	for (int i = 0; i < TURNS; i++) {
		uint8_t part[4096];
		ssize_t n;

		if (c->in.n >= ADMIN_HEADER &&
		    admin_reply_length(buf_view(&c->in)) <= c->in.n) {
			const size_t len =
			    admin_reply_length(buf_view(&c->in));
			struct buf rest;

			buf_set(hold, view_of(c->in.p, len));
			buf_init(&rest, ADMIN_REPLY_MAX);
			buf_add(&rest, buf_from(&c->in, len));
			buf_fini(&c->in);
			c->in = rest;
			return admin_reply_get(buf_view(hold), r) ==
			    ADMIN_GOOD;
		}
		turn(s);
		n = recv(c->fd, part, sizeof(part), MSG_DONTWAIT);
		if (n > 0)
			buf_put(&c->in, part, (size_t)n);
		else if (n == 0) {
			c->over = true;
			return false;
		}
	}
	return false;
}

/* One command, one answer: its errno, and OUT has the body. */
static int
ask(struct stage *s, uint16_t command, uint16_t proto, struct view body,
    struct buf *out)
{
	struct admin_reply r;
	struct client c;
	struct buf hold;

	buf_init(&hold, ADMIN_REPLY_MAX);
	begin(s, &c, command, proto, body, false);
	ck_assert(next(s, &c, &hold, &r));
	buf_reset(out);
	buf_add(out, r.body);
	buf_u8(out, 0);
	end(&c);
	buf_fini(&hold);
	turn(s);
	return r.err;
}

static struct view
ends_of(struct buf *b, const char *src, const char *dst)
{
	const struct admin_ends e = { .src_prefix = 32, .dst_prefix = 32,
	    .src = addr_of(src, 0), .dst = addr_of(dst, 0) };

	buf_reset(b);
	admin_ends_put(b, &e);
	return buf_view(b);
}

/* The numbers of the events that come, as text; "." when it is over. */
static const char *
events(struct stage *s, struct client *c, char out[200])
{
	struct admin_event ev;
	struct admin_reply r;
	struct buf hold;
	size_t n = 0;

	out[0] = '\0';
	buf_init(&hold, ADMIN_REPLY_MAX);
	while (next(s, c, &hold, &r) && n < 180) {
		ck_assert_int_eq(r.err, 0);
		ck_assert_uint_eq(r.command, ADMIN_SHOW_EVENT);
		ck_assert(admin_event_get(&r.body, &ev));
		ck_assert(view_end(&r.body));
		n += (size_t)snprintf(out + n, 200 - n, "%03x ", ev.type);
	}
	if (c->over)
		(void)strcat(out, ".");
	buf_fini(&hold);
	return out;
}

/* Begins, and takes the reply: its errno. */
static int
subscribe(struct stage *s, struct client *c, uint16_t command,
    uint16_t proto, struct view body)
{
	struct admin_reply r;
	struct buf hold;
	int err;

	buf_init(&hold, ADMIN_REPLY_MAX);
	begin(s, c, command, proto, body, false);
	ck_assert(next(s, c, &hold, &r));
	err = r.err;
	if (err == 0)
		ck_assert_uint_eq(r.body.n, 0);
	buf_fini(&hold);
	return err;
}

#define TEXT(b)	((const char *)(b).p)
#define HAS(b, what)							\
	ck_assert_msg(strstr(TEXT(b), what) != NULL, "%s", TEXT(b))

/* ---- status ---- */

START_TEST(status_idle)
{
	struct stage s;
	struct buf b;

	stage_init(&s, NULL);
	buf_init(&b, ADMIN_REPLY_MAX);
	ck_assert_int_eq(ask(&s, ADMIN_STATUS, ADMIN_TEXT, NONE, &b), 0);
	ck_assert_str_eq(TEXT(b) + 37, "\n\n(no phase 1 SAs)\n");
	ck_assert_int_eq(strncmp(TEXT(b), "racoon status at 20", 19), 0);
	ck_assert_int_eq(ask(&s, ADMIN_STATUS_MORE, ADMIN_TEXT, NONE, &b), 0);
	ck_assert_str_eq(TEXT(b) + 37,
	    "\n\n(no phase 1 SAs)\n(no phase 2 SAs)\n");
	ck_assert_int_eq(ask(&s, ADMIN_STATUS, ADMIN_JSON, NONE, &b), 0);
	ck_assert_str_eq(strchr(TEXT(b), 'Z'), "Z\",\"phase1\":[]}");
	ck_assert_int_eq(ask(&s, ADMIN_STATUS_MORE, ADMIN_JSON, NONE, &b), 0);
	ck_assert_str_eq(strchr(TEXT(b), 'Z'),
	    "Z\",\"phase1\":[],\"phase2\":[]}");
	HAS(b, "{\"schema_version\":\"2.0\",\"timestamp\":\"20");
	ck_assert_int_eq(ask(&s, ADMIN_PEERS, 0, NONE, &b), 0);
	ck_assert_uint_eq(b.n, 1);
	buf_fini(&b);
	stage_fini(&s);
}
END_TEST

START_TEST(status_up)
{
	struct stage s;
	struct buf b;

	stage_init(&s, NULL);
	pair_connect(s.pair);
	buf_init(&b, ADMIN_REPLY_MAX);
	ck_assert_int_eq(ask(&s, ADMIN_STATUS_MORE, ADMIN_TEXT, NONE, &b), 0);
	HAS(b, "\n\nPhase 1: 0x");
	HAS(b, "\n  state:          established\n"
	    "  remote:         192.0.2.2\n"
	    "  local:          192.0.2.1\n"
	    "  version:        1.0  exchange_mode: MAIN\n"
	    "  encryption:     AES-CBC  hash: SHA256  auth: pre-shared key  "
	    "dh: 1\n"
	    "  lifetime:       3600s\n"
	    "  dpd:            supported=yes fails=0\n"
	    "  remote_config:  anonymous=yes passive=no "
	    "generate_policy=none\n\n"
	    "Phase 2: 0x");
	HAS(b, "\n  state:          established  protocol: ESP  mode: "
	    "Transport\n  spi:            in=0x");
	HAS(b, "\n  selector:       192.0.2.1/32 -> 192.0.2.2/32  proto=any "
	    "sport=any dport=any\n"
	    "  encryption:     AES-CBC  auth: hmac-sha256\n"
	    "  pfs_group:      (none)\n"
	    "  effective_group: 1\n"
	    "  lifetime:       1800s / 0 bytes\n"
	    "  reqid:          in=0 out=0  ok=yes\n\n");
	buf_fini(&b);
	stage_fini(&s);
}
END_TEST

START_TEST(status_json)
{
	struct admin_peer p;
	struct stage s;
	struct view v;
	struct buf b;

	stage_init(&s, NULL);
	pair_connect(s.pair);
	buf_init(&b, ADMIN_REPLY_MAX);
	ck_assert_int_eq(ask(&s, ADMIN_STATUS_MORE, ADMIN_JSON, NONE, &b), 0);
	HAS(b, "\",\"state\":\"established\",\"remote_id\":\"192.0.2.2\","
	    "\"local_id\":\"192.0.2.1\",\"version\":\"1.0\","
	    "\"exchange_mode\":\"MAIN\",\"proposal\":{"
	    "\"encryption_algorithm\":\"AES-CBC\","
	    "\"hash_algorithm\":\"SHA256\","
	    "\"authentication_method\":\"pre-shared key\","
	    "\"dh_group\":\"1\",\"lifetime_time\":3600},"
	    "\"dpd\":{\"supported\":true,\"fails\":0},"
	    "\"remote_config\":{\"anonymous\":true,\"passive\":false,"
	    "\"generate_policy\":\"none\"}}],\"phase2\":[{\"index\":\"0x");
	HAS(b, "\"protocol\":\"ESP\",\"encmode\":\"Transport\","
	    "\"selectors\":{\"src\":\"192.0.2.1/32\","
	    "\"dst\":\"192.0.2.2/32\",\"protocol\":\"any\","
	    "\"src_port\":\"any\",\"dst_port\":\"any\"},\"proposal\":{"
	    "\"encryption_algorithm\":\"AES-CBC\","
	    "\"authentication_algorithm\":\"hmac-sha256\","
	    "\"pfs_group\":null,\"effective_group\":1,"
	    "\"lifetime_time\":1800,\"lifetime_bytes\":0},"
	    "\"reqid_in\":0,\"reqid_out\":0,\"ok\":true}]}");
	ck_assert_int_eq(ask(&s, ADMIN_PEERS, 0, NONE, &b), 0);
	v = view_of(b.p, b.n - 1);
	ck_assert(admin_peer_get(&v, &p));
	ck_assert(view_end(&v));
	ck_assert_uint_eq(p.state, ADMIN_PEER_UP);
	ck_assert_uint_eq(p.pairs, 1);
	ck_assert_int_eq(p.problem_age, -1);
	ck_assert(view_equal(p.id, view_text("192.0.2.2")));
	buf_fini(&b);
	stage_fini(&s);
}
END_TEST

/* ---- events ---- */

START_TEST(show_event)
{
	struct client c;
	struct stage s;
	char text[200];

	stage_init(&s, NULL);
	ck_assert_int_eq(subscribe(&s, &c, ADMIN_SHOW_EVENT, 0, NONE), 0);
	pair_connect(s.pair);
	ck_assert_str_eq(events(&s, &c, text), "100 107 201 ");
	ike_flush_sas(s.pair->b.ike);
	pair_run(s.pair);
	ck_assert_str_eq(events(&s, &c, text), "106 101 ");
	ike_flush_children(s.pair->a.ike, 0);
	ck_assert_str_eq(events(&s, &c, text), "202 ");
	admin_free(s.admin);
	s.admin = NULL;
	ck_assert_str_eq(events(&s, &c, text), "001 .");
	end(&c);
	stage_fini(&s);
}
END_TEST

/* As programs of long ago ask: one event at a time. */
START_TEST(old_polling)
{
	struct admin_reply r;
	struct stage s;
	struct client c;
	struct buf hold;

	stage_init(&s, NULL);
	buf_init(&hold, ADMIN_REPLY_MAX);
	for (int i = 0; i < 3; i++) {
		static const uint8_t number[] = { 0, 1, 4 };

		begin(&s, &c, ADMIN_SHOW_EVENT, 0, NONE, true);
		ck_assert(next(&s, &c, &hold, &r));
		ck_assert_uint_eq(r.body.n, i == 0 ? 0 : ADMIN_EVENT);
		if (i == 0)
			pair_connect(s.pair);
		else
			ck_assert_uint_eq(r.body.p[272], number[i]);
		ck_assert(!next(&s, &c, &hold, &r));
		ck_assert(c.over);
		end(&c);
	}
	for (int i = 0; i < 40; i++) {
		const struct ike_event ev = { .type = IKE_EVENT_CHILD_UP };

		admin_event(s.admin, &ev);
	}
	for (int i = 0; i < WATCH_OLD; i++) {
		begin(&s, &c, ADMIN_SHOW_EVENT, 0, NONE, true);
		ck_assert(next(&s, &c, &hold, &r));
		ck_assert_uint_eq(r.body.p[272], i + 1 < WATCH_OLD ? 5 : 12);
		end(&c);
	}
	buf_fini(&hold);
	stage_fini(&s);
}
END_TEST

/* So many may listen, and who does not read is dropped; others go on. */
START_TEST(slow_listeners)
{
	struct client c[WATCH_CLIENTS], more;
	struct buf b;
	struct stage s;
	unsigned int dropped = 0;
	char text[200];

	stage_init(&s, NULL);
	buf_init(&b, ADMIN_REPLY_MAX);
	for (int i = 0; i < WATCH_CLIENTS; i++)
		ck_assert_int_eq(subscribe(&s, &c[i], ADMIN_SHOW_EVENT, 0,
		    NONE), 0);
	ck_assert_int_eq(subscribe(&s, &more, ADMIN_SHOW_EVENT, 0, NONE),
	    EAGAIN);
	end(&more);
	end(&c[0]);
	turn(&s);
	turn(&s);
	ck_assert_int_eq(subscribe(&s, &c[0], ADMIN_SHOW_EVENT, 0, NONE), 0);
	for (int i = 0; i < 5000; i++) {
		const struct ike_event ev = { .type = IKE_EVENT_CHILD_UP };

		admin_event(s.admin, &ev);
		turn(&s);
	}
	for (int i = 0; i < WATCH_CLIENTS; i++) {
		while (events(&s, &c[i], text)[0] != '\0' && !c[i].over)
			;
		dropped += c[i].over;
		end(&c[i]);
	}
	ck_assert_uint_eq(dropped, WATCH_CLIENTS);
	ck_assert_int_eq(ask(&s, ADMIN_STATUS, ADMIN_TEXT, NONE, &b), 0);
	buf_fini(&b);
	stage_fini(&s);
}
END_TEST

/* ---- negotiations ---- */

START_TEST(establish_sa)
{
	struct client c;
	struct stage s;
	struct buf b, e;
	char text[200];

	stage_with(&s, NULL, &b, &e);
	ck_assert_int_eq(subscribe(&s, &c, ADMIN_ESTABLISH_SA, ADMIN_ISAKMP,
	    ends_of(&e, "192.0.2.1", "192.0.2.2")), 0);
	pair_run(s.pair);
	ck_assert_str_eq(events(&s, &c, text), "100 107 .");
	end(&c);
	ck_assert_uint_eq(counts_of(&s.pair->a).ready, 1);
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_ISAKMP,
	    ends_of(&e, "192.0.2.1", "192.0.2.2"), &b), EEXIST);
	/* a certificate is not what proved the peer */
	ck_assert_int_eq(ask(&s, ADMIN_GET_CERT, ADMIN_ISAKMP,
	    ends_of(&e, "192.0.2.1", "192.0.2.2"), &b), 0);
	ck_assert_uint_eq(b.n, 1);
	ck_assert_int_eq(ask(&s, ADMIN_GET_CERT, ADMIN_ISAKMP,
	    ends_of(&e, "192.0.2.1", "192.0.2.9"), &b), ENOENT);
	ck_assert_int_eq(ask(&s, ADMIN_GET_CERT, ADMIN_ESP,
	    ends_of(&e, "192.0.2.1", "192.0.2.2"), &b), EOPNOTSUPP);
	/* all of it goes, and that is told, but of another peer nothing */
	ck_assert_int_eq(subscribe(&s, &c, ADMIN_DELETE_ALL, ADMIN_ISAKMP,
	    ends_of(&e, "0.0.0.0", "192.0.2.9")), 0);
	ck_assert_str_eq(events(&s, &c, text), ".");
	end(&c);
	ck_assert_uint_eq(counts_of(&s.pair->a).ready, 1);
	ck_assert_int_eq(subscribe(&s, &c, ADMIN_DELETE_ALL, ADMIN_ISAKMP,
	    ends_of(&e, "0.0.0.0", "192.0.2.2")), 0);
	ck_assert_str_eq(events(&s, &c, text), "101 .");
	end(&c);
	ck_assert_uint_eq(counts_of(&s.pair->a).ready, 0);
	pair_run(s.pair);
	ck_assert_uint_eq(counts_of(&s.pair->b).ready, 0);
	stage_without(&s, &b, &e);
}
END_TEST

START_TEST(establish_named)
{
	struct stage s;
	struct buf b, e;

	stage_with(&s, NULL, &b, &e);
	(void)ends_of(&e, "192.0.2.1", "192.0.2.2");
	buf_put(&e, "nosuch", 7);
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_ISAKMP,
	    buf_view(&e), &b), -1);
	HAS(b, "no remote block");
	buf_cut(&e, ADMIN_ENDS + 6);	/* a name without its end */
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_ISAKMP,
	    buf_view(&e), &b), EINVAL);
	ck_assert_uint_eq(counts_of(&s.pair->a).sas, 0);
	(void)ends_of(&e, "192.0.2.1", "192.0.2.2");
	buf_put(&e, "anonymous", 10);
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_ISAKMP,
	    buf_view(&e), &b), 0);
	ck_assert_uint_eq(counts_of(&s.pair->a).sas, 1);
	/* once more while it is under way: no other one */
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_ISAKMP,
	    ends_of(&e, "192.0.2.1", "192.0.2.2"), &b), 0);
	ck_assert_uint_eq(counts_of(&s.pair->a).sas, 1);
	/* with an SA there is nothing to do, but by another name */
	pair_run(s.pair);
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_ISAKMP,
	    ends_of(&e, "192.0.2.1", "192.0.2.2"), &b), EEXIST);
	buf_put(&e, "nosuch", 7);
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_ISAKMP,
	    buf_view(&e), &b), -1);
	/* what fails at once says why */
	s.pair->a.psk = NULL;
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_ISAKMP,
	    ends_of(&e, "192.0.2.1", "192.0.2.99"), &b), -1);
	HAS(b, "no pre-shared key for 192.0.2.99");
	stage_without(&s, &b, &e);
}
END_TEST

/* Nobody answers: the connection ends, and why is known. */
START_TEST(establish_fails)
{
	struct admin_peer p;
	struct client c;
	struct stage s;
	struct buf b, e;
	struct view v;
	char text[200];

	stage_with(&s, NULL, &b, &e);
	ck_assert_int_eq(subscribe(&s, &c, ADMIN_ESTABLISH_SA, ADMIN_ISAKMP,
	    ends_of(&e, "192.0.2.1", "192.0.2.99")), 0);
	for (int i = 0; i < 200; i++)
		pair_tick(s.pair, 1000);
	ck_assert_str_eq(events(&s, &c, text), "102 .");
	end(&c);
	ck_assert_int_eq(ask(&s, ADMIN_PEERS, 0, NONE, &b), 0);
	v = view_of(b.p, b.n - 1);
	ck_assert(admin_peer_get(&v, &p));
	ck_assert_int_ge(p.problem_age, 0);
	ck_assert_uint_ge(p.problem.n, 20);
	ck_assert_int_eq(ask(&s, ADMIN_WHY, 0, ends_of(&e, "192.0.2.1",
	    "192.0.2.99"), &b), 0);
	HAS(b, "no usable answer from the peer");
	HAS(b, "policy:   the kernel has none for packets to it\n");
	stage_without(&s, &b, &e);
}
END_TEST

START_TEST(establish_pair)
{
	struct client c;
	struct stage s;
	struct buf b, e;
	char text[200];

	stage_with(&s, NULL, &b, &e);
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_ESP,
	    ends_of(&e, "192.0.2.1", "192.0.2.2"), &b), ENOENT);
	HAS(b, "setkey(8)");
	pair_transport(s.pair);
	ck_assert_int_eq(subscribe(&s, &c, ADMIN_ESTABLISH_SA, ADMIN_ESP,
	    ends_of(&e, "192.0.2.1", "192.0.2.2")), 0);
	pair_run(s.pair);
	ck_assert_str_eq(events(&s, &c, text), "201 .");
	end(&c);
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_ESP,
	    ends_of(&e, "192.0.2.1", "192.0.2.2"), &b), EEXIST);
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_IPSEC,
	    ends_of(&e, "192.0.2.1", "192.0.2.2"), &b), EOPNOTSUPP);
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_ESP, NONE, &b),
	    EINVAL);
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA, ADMIN_ESP,
	    ends_of(&e, "192.0.2.1", "2001:db8::1"), &b), EINVAL);
	stage_without(&s, &b, &e);
}
END_TEST

/* Phase 1 fails, and with it the pair that was waited for. */
START_TEST(pair_without_phase1)
{
	struct client c;
	struct stage s;
	struct buf e;
	char text[200];

	stage_init(&s, NULL);
	buf_init(&e, ADMIN_REQUEST_MAX);
	pair_transport(s.pair);
	s.pair->b.psk = "another one";
	ck_assert_int_eq(subscribe(&s, &c, ADMIN_ESTABLISH_SA, ADMIN_ESP,
	    ends_of(&e, "192.0.2.1", "192.0.2.2")), 0);
	for (int i = 0; i < 100; i++) {
		pair_run(s.pair);
		pair_tick(s.pair, 1000);
	}
	ck_assert_str_eq(events(&s, &c, text), "200 .");
	end(&c);
	buf_fini(&e);
	stage_fini(&s);
}
END_TEST

START_TEST(logins)
{
	struct admin_login login = { view_of("joe", 4), view_of("pw", 3) };
	struct buf b, e;
	struct stage s;

	stage_with(&s, NULL, &b, &e);
	(void)ends_of(&e, "192.0.2.1", "192.0.2.2");
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA_LOGIN, ADMIN_ISAKMP,
	    buf_view(&e), &b), EINVAL);
	admin_login_put(&e, &login);
	ck_assert_int_eq(ask(&s, ADMIN_ESTABLISH_SA_LOGIN, ADMIN_ISAKMP,
	    buf_view(&e), &b), EOPNOTSUPP);
	HAS(b, "XAuth");
	ck_assert_int_eq(ask(&s, ADMIN_LOGOUT, 0, view_of("joe", 4), &b),
	    EOPNOTSUPP);
	HAS(b, "no logins with XAuth");
	ck_assert_int_eq(ask(&s, ADMIN_LOGOUT, 0, NONE, &b), EINVAL);
	buf_reset(&e);
	buf_zero(&e, ADMIN_LOGIN_MAX + 1);
	ck_assert_int_eq(ask(&s, ADMIN_LOGOUT, 0, buf_view(&e), &b), EINVAL);
	stage_without(&s, &b, &e);
}
END_TEST

/* ---- the rest ---- */

START_TEST(schedule)
{
	struct admin_timer t;
	struct stage s;
	struct view v;
	struct buf b;
	int64_t last = 0;

	stage_init(&s, NULL);
	pair_connect(s.pair);
	buf_init(&b, ADMIN_REPLY_MAX);
	ck_assert_int_eq(ask(&s, ADMIN_SHOW_SCHEDULE, 0, NONE, &b), 0);
	v = view_of(b.p, b.n - 1);
	ck_assert_uint_ge(v.n, ADMIN_TIMER);
	while (v.n > 0) {
		ck_assert(admin_timer_get(&v, &t));
		ck_assert_int_ge(t.due, 100);
		ck_assert_int_ge(t.tick, 0);
		ck_assert_int_le(t.tick, 3600);
		ck_assert_int_ne(t.id, last);
		ck_assert_int_le(t.created, (int64_t)time(NULL));
		ck_assert_int_ge(t.created, (int64_t)time(NULL) - 100);
		last = t.id;
	}
	buf_fini(&b);
	stage_fini(&s);
}
END_TEST

START_TEST(why)
{
	struct stage s;
	struct buf b, e;

	stage_with(&s, NULL, &b, &e);
	ck_assert_int_eq(ask(&s, ADMIN_WHY, 0, NONE, &b), EINVAL);
	ck_assert_int_eq(ask(&s, ADMIN_WHY, 0, ends_of(&e, "192.0.2.1",
	    "192.0.2.2"), &b), 0);
	HAS(b, "A packet from 192.0.2.1 to 192.0.2.2:\n");
	HAS(b, "So:       a packet goes in the clear.");
	pair_transport(s.pair);
	ck_assert_int_eq(ask(&s, ADMIN_WHY, 0, ends_of(&e, "192.0.2.1",
	    "192.0.2.2"), &b), 0);
	HAS(b, "policy:   192.0.2.1 -> 192.0.2.2\n"
	    "          wants esp in transport mode\n"
	    "remote:   peer 192.0.2.2, block \"anonymous\" at ");
	HAS(b, "\nsainfo:   at ");
	HAS(b, "\nIKE SA:   none\npair:     none\n"
	    "So:       the first packet makes racoon negotiate an IKE SA and "
	    "a pair of SAs.\n");
	/* of another host's packets it is not this policy */
	ck_assert_int_eq(ask(&s, ADMIN_WHY, 0, ends_of(&e, "192.0.2.77",
	    "192.0.2.2"), &b), 0);
	HAS(b, "(not for packets from there)");
	{
		const struct ipsec_selector sel = pair_selector(&s.pair->a);

		node_acquire(&s.pair->a, &sel, 9);
	}
	pair_run(s.pair);
	ck_assert_int_eq(ask(&s, ADMIN_WHY, 0, ends_of(&e, "192.0.2.1",
	    "192.0.2.2"), &b), 0);
	HAS(b, "\nIKE SA:   up for ");
	HAS(b, "\npair:     up, spi in 0x");
	HAS(b, "So:       a packet is protected and sent.\n");
	stage_without(&s, &b, &e);
}
END_TEST

/* What failed, and what differed. */
START_TEST(why_not)
{
	char other[2000], *at;
	struct stage s;
	struct buf b, e;

	(void)snprintf(other, sizeof(other), "%s", pair_conf);
	at = strstr(other, "sha256");
	ck_assert_ptr_nonnull(at);
	memcpy(at, "sha512", 6);
	stage_with(&s, other, &b, &e);
	pair_transport(s.pair);
	/* the peer begins, and is refused here */
	{
		const struct ipsec_selector sel = pair_selector(&s.pair->b);

		node_acquire(&s.pair->b, &sel, 9);
	}
	pair_run(s.pair);
	ck_assert_int_eq(ask(&s, ADMIN_WHY, 0, ends_of(&e, "192.0.2.1",
	    "192.0.2.2"), &b), 0);
	HAS(b, "\nfailure:  0 s ago: no suitable proposal found: the peer "
	    "offers ");
	HAS(b, "SHA256");
	HAS(b, "SHA512");
	stage_without(&s, &b, &e);
}
END_TEST

START_TEST(wireshark)
{
	struct stage s;
	struct buf b;

	stage_init(&s, NULL);
	pair_connect(s.pair);
	buf_init(&b, ADMIN_REPLY_MAX);
	if (geteuid() != 0) {
		ck_assert_int_eq(ask(&s, ADMIN_WIRESHARK, ADMIN_ESP, NONE,
		    &b), EPERM);
	} else {
		ck_assert_int_eq(ask(&s, ADMIN_WIRESHARK, ADMIN_ESP, NONE,
		    &b), 0);
		HAS(b, "\"IPv4\",\"192.0.2.1\",\"192.0.2.2\",\"0x");
		HAS(b, "\",\"AES-CBC [RFC3602]\",\"0x");
		HAS(b, "\",\"HMAC-SHA-256-128 [RFC4868]\",\"0x");
		ck_assert_int_eq(ask(&s, ADMIN_WIRESHARK, ADMIN_ISAKMP, NONE,
		    &b), 0);
		/* cookie, comma, 128 bits, end of line */
		ck_assert_uint_eq(b.n, 16 + 1 + 32 + 1 + 1);
		ck_assert_int_eq(b.p[16], ',');
		ck_assert_int_eq(ask(&s, ADMIN_WIRESHARK, ADMIN_AH, NONE,
		    &b), EOPNOTSUPP);
	}
	ck_assert(!pair_said(s.pair, "[RFC3602]"));
	buf_fini(&b);
	stage_fini(&s);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { status_idle, status_up, status_json,
	    show_event, old_polling, slow_listeners, establish_sa,
	    establish_named, establish_fails, establish_pair,
	    pair_without_phase1, logins, schedule, why, why_not, wireshark };

	return suite_main("ctl", tests, sizeof(tests) / sizeof(tests[0]));
}
