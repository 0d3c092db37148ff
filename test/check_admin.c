/* SPDX-License-Identifier: ISC */
/*
 * The control socket: messages as the historical programs had them on the
 * wire, and the server around a toy engine.
 */
#include "wire/admin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/admin.h"
#include "ike/report.h"
#include "libipsec/addr.h"
#include "libipsec/ops.h"
#include "monitor/here.h"
#include "test/daemon_tools.h"

/* ---- bytes ---- */

/* The bytes of a file of test/golden/racoonctl, which is a hex dump. */
static void
golden(const char *name, struct buf *out)
{
	const char *dir = getenv("srcdir");
	unsigned int byte;
	char path[500], line[200];
	FILE *f;
	int n;

	buf_init(out, 10000);
	(void)snprintf(path, sizeof(path), "%s/test/golden/racoonctl/%s.txt",
	    dir == NULL ? "." : dir, name);
	f = fopen(path, "re");
	ck_assert_msg(f != NULL, "%s", path);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strlen(line) > 10 && line[8] == ':')
			for (char *p = line + 9; sscanf(p, "%x%n", &byte,
			    &n) == 1; p += n)
				buf_u8(out, (uint8_t)byte);
	(void)fclose(f);
	ck_assert_uint_ge(out->n, ADMIN_HEADER);
}

static void
same(const struct buf *a, const struct buf *b)
{
	ck_assert(buf_ok(a) && buf_ok(b));
	ck_assert(view_equal(buf_view(a), buf_view(b)));
}

START_TEST(test_golden_replies)
{
	struct buf want, have;

	buf_init(&have, 1000);
	golden("psk-wire-invalid-command", &want);
	admin_reply_put(&have, 0x0fff, EOPNOTSUPP, 0, view_of(NULL, 0));
	same(&have, &want);
	buf_fini(&want);
	buf_reset(&have);
	golden("psk-wire-reload", &want);
	admin_reply_put(&have, ADMIN_RELOAD, 0, 0, view_of(NULL, 0));
	same(&have, &want);
	buf_fini(&want);
	buf_fini(&have);
}
END_TEST

START_TEST(test_golden_sa)
{
	struct admin_reply r;
	struct admin_sa sa;
	struct buf want, have, body;
	struct view v;
	char text[ADDR_TEXT];

	golden("psk-wire-showsa-isakmp-up", &want);
	ck_assert_int_eq(admin_reply_get(buf_view(&want), &r), ADMIN_GOOD);
	ck_assert_uint_eq(r.command, ADMIN_SHOW_SA);
	ck_assert_uint_eq(r.proto, ADMIN_ISAKMP);
	ck_assert_int_eq(r.err, 0);
	ck_assert_uint_eq(r.body.n, ADMIN_SA);
	v = r.body;
	ck_assert(admin_sa_get(&v, &sa));
	ck_assert(view_end(&v));
	ck_assert_uint_eq(sa.status, 9);
	ck_assert(sa.initiator);
	ck_assert_str_eq(addr_print_port(&sa.remote, text), "192.0.2.2[500]");
	ck_assert_str_eq(addr_print_port(&sa.local, text), "192.0.2.1[500]");
	ck_assert_uint_eq(sa.version, 0x10);
	ck_assert_uint_eq(sa.etype, 2);
	ck_assert_int_eq(sa.created, 0x6b0403af);
	ck_assert_uint_eq(sa.children, 1);
	buf_init(&body, 1000);
	admin_sa_put(&body, &sa);
	buf_init(&have, 1000);
	admin_reply_put(&have, r.command, 0, r.proto, buf_view(&body));
	same(&have, &want);
	for (size_t n = 0; n < ADMIN_SA; n++) {
		v = view_of(body.p, n);
		ck_assert(!admin_sa_get(&v, &sa));
	}
	for (size_t n = 0; n < want.n; n++)
		ck_assert_int_eq(admin_reply_get(view_of(want.p, n), &r),
		    ADMIN_MORE);
	buf_fini(&body);
	buf_fini(&have);
	buf_fini(&want);
}
END_TEST

START_TEST(test_long_reply)
{
	struct admin_reply r;
	struct buf b, body;

	buf_init(&body, ADMIN_REPLY_MAX);
	buf_init(&b, ADMIN_REPLY_MAX);
	for (size_t n = 65520; n < 65540; n++) {
		buf_reset(&body);
		buf_reset(&b);
		buf_zero(&body, n);
		admin_reply_put(&b, ADMIN_METRICS, 0, 7, buf_view(&body));
		ck_assert(buf_ok(&b));
		ck_assert_int_eq(admin_reply_get(buf_view(&b), &r),
		    ADMIN_GOOD);
		ck_assert_uint_eq(r.body.n, n);
		ck_assert_uint_eq(r.command, ADMIN_METRICS);
		ck_assert_int_eq(r.err, 0);
	}
	/* an error in a long one cannot be told */
	admin_reply_put(&b, ADMIN_METRICS, 5, 7, buf_view(&body));
	ck_assert(!buf_ok(&b));
	buf_reset(&b);
	admin_reply_put(&b, ADMIN_METRICS, -1, 7, view_of(NULL, 0));
	ck_assert_int_eq(admin_reply_get(buf_view(&b), &r), ADMIN_GOOD);
	ck_assert_int_eq(r.err, -1);
	buf_fini(&b);
	buf_fini(&body);
}
END_TEST

START_TEST(test_request)
{
	struct admin_ends ends = { .src_prefix = 24, .dst_prefix = 32,
	    .proto = 6 }, got;
	struct admin_request r;
	struct buf b, body;
	struct view v;
	uint8_t small[ADMIN_HEADER] = { 7, 0, 1, 0, 0, 0, 0, 0 };

	ck_assert(addr_parse(&ends.src, "192.0.2.1"));
	ck_assert(addr_parse(&ends.dst, "2001:db8::1"));
	ends.dst.port = 500;
	buf_init(&body, 1000);
	buf_init(&b, 1000);
	admin_ends_put(&body, &ends);
	ck_assert_uint_eq(body.n, ADMIN_ENDS);
	admin_request_put(&b, ADMIN_DELETE_SA, ADMIN_ESP, buf_view(&body));
	ck_assert_uint_eq(b.n, ADMIN_HEADER + ADMIN_ENDS);
	/* cmd 0x0201 with the flag, version 1 */
	ck_assert_int_eq(memcmp(b.p, "\x10\x01\x01\x82\x01\x00\x02\x02", 8),
	    0);
	ck_assert_int_eq(admin_request_get(buf_view(&b), &r), ADMIN_GOOD);
	ck_assert_uint_eq(r.command, ADMIN_DELETE_SA);
	ck_assert_uint_eq(r.version, 1);
	ck_assert_uint_eq(r.proto, ADMIN_ESP);
	v = r.body;
	ck_assert(admin_ends_get(&v, &got));
	ck_assert(view_end(&v));
	ck_assert(addr_equal_port(&got.src, &ends.src));
	ck_assert(addr_equal_port(&got.dst, &ends.dst));
	ck_assert_uint_eq(got.src_prefix, 24);
	ck_assert_uint_eq(got.proto, 6);
	for (size_t n = 0; n < b.n; n++)
		ck_assert_int_eq(admin_request_get(view_of(b.p, n), &r),
		    ADMIN_MORE);
	ck_assert_int_eq(admin_request_get(view_of(small, sizeof(small)), &r),
	    ADMIN_BAD);
	small[0] = 255;
	small[1] = 255;
	ck_assert_int_eq(admin_request_get(view_of(small, sizeof(small)), &r),
	    ADMIN_BAD);
	/* an address family that nobody knows */
	buf_patch8(&body, 8, 99);
	v = buf_view(&body);
	ck_assert(!admin_ends_get(&v, &got));
	buf_fini(&b);
	buf_fini(&body);
}
END_TEST

/* ---- the server ---- */

struct stage {
	struct event_base *base;
	struct ipsec	*ipsec;
	struct admin	*admin;
	struct conf	*conf;
	struct lines	 lines;
	char		 dir[40], path[80];
	unsigned int	 reloads, ticks, arms, nsas;
};

struct ike {
	unsigned int	 flushed, deleted;
	uint8_t		 proto;
};

static struct ike toy;		/* the engine's functions have no other way */

static int
kernel_dump(void *ctx, const struct ipsec_filter *f, ipsec_sa_fn *fn,
    void *arg)
{
	const struct stage *s = ctx;
	struct ipsec_sa sa = { .id.proto = IPSEC_PROTO_ESP, .id.spi = 0x1234,
	    .state = IPSEC_STATE_MATURE, .mode = IPSEC_MODE_TRANSPORT };
	int r;

	ck_assert(addr_parse(&sa.src, "192.0.2.1"));
	ck_assert(addr_parse(&sa.id.dst, "192.0.2.2"));
	sa.enc = (struct ipsec_key){ .id = 12, .key_bits = 128,
	    .present = 1 };
	memset(sa.enc.key, 0x5a, 16);
	for (unsigned int i = 0; i < s->nsas; i++)
		if (f->proto == 0 || f->proto == sa.id.proto)
			if ((r = fn(arg, &sa)) != 0)
				return r;
	return 0;
}

static const char *
kernel_error(void *ctx)
{
	(void)ctx;
	return "a toy";
}

static void
kernel_close(void *ctx)
{
	(void)ctx;
}

static const struct ipsec_ops kernel_ops = {
	.name = "toy",
	.sa_dump = kernel_dump,
	.error = kernel_error,
	.close = kernel_close,
};

void
ike_stats(const struct ike *ike, struct ike_stats *out)
{
	(void)ike;
	memset(out, 0, sizeof(*out));
}

void
ike_counts(const struct ike *ike, struct ike_counts *out)
{
	(void)ike;
	memset(out, 0, sizeof(*out));
}

void
ike_each_sa(const struct ike *ike,
    bool (*fn)(void *, const struct ike_sa_info *), void *ctx)
{
	struct ike_sa_info sa = { .initiator = true, .etype = 4 };

	(void)ike;
	(void)addr_parse(&sa.local, "192.0.2.1");
	(void)addr_parse(&sa.remote, "192.0.2.2");
	(void)fn(ctx, &sa);
	sa.rcookie[0] = 1;
	(void)fn(ctx, &sa);
	sa.ready = true;
	(void)fn(ctx, &sa);
	sa.dying = true;
	(void)fn(ctx, &sa);
}

void
ike_flush_children(struct ike *ike, uint8_t proto)
{
	ike->flushed++;
	ike->proto = proto;
}

void
ike_flush_sas(struct ike *ike)
{
	ike->flushed += 100;
}

void
ike_delete_between(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	char text[ADDR_TEXT];

	ck_assert_str_eq(addr_print(local, text), "192.0.2.1");
	ck_assert_str_eq(addr_print(remote, text), "192.0.2.2");
	ike->deleted++;
}

static void
do_reload(void *ctx)
{
	struct stage *s = ctx;

	s->reloads++;
}

static void
do_tick(void *ctx)
{
	struct stage *s = ctx;

	s->ticks++;
}

static void
do_arm(void *ctx)
{
	struct stage *s = ctx;

	s->arms++;
}

static void
serve_now(struct stage *s)
{
	const struct admin_sources of = { .base = s->base,
	    .root = &here_plain, .ike = &toy,
	    .ipsec = s->ipsec, .reload = do_reload, .tick = do_tick,
	    .arm = do_arm, .ctx = s };

	s->admin = admin_new(&of, s->conf);
}

static void
stage_init(struct stage *s)
{
	memset(s, 0, sizeof(*s));
	memset(&toy, 0, sizeof(toy));
	(void)strcpy(s->dir, "/tmp/check_admin.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(s->dir));
	(void)snprintf(s->path, sizeof(s->path), "%s/d/x.sock", s->dir);
	log_to(catch_line, &s->lines);
	s->base = event_base_new();
	s->ipsec = ipsec_new(&kernel_ops, s);
	s->conf = conf_new();
	s->conf->listen.admin_path = xstrdup(s->path);
	s->conf->listen.admin_uid = geteuid();
	s->conf->listen.admin_gid = getegid();
	s->conf->listen.admin_mode = 0640;
	serve_now(s);
}

static void
stage_fini(struct stage *s)
{
	char dir[80];

	admin_free(s->admin);
	conf_unref(s->conf);
	ipsec_close(s->ipsec);
	event_base_free(s->base);
	log_to(NULL, NULL);
	(void)snprintf(dir, sizeof(dir), "%s/d", s->dir);
	(void)unlink(s->path);
	(void)rmdir(dir);
	(void)rmdir(s->dir);
}

static int
dial(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)strcpy(un.sun_path, path);
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

struct answer {
	int		 fd;
	struct buf	 bytes;
};

static bool
is_over(void *ctx)
{
	struct answer *a = ctx;
	uint8_t part[65536];
	ssize_t n = recv(a->fd, part, sizeof(part), MSG_DONTWAIT);

	if (n > 0)
		buf_put(&a->bytes, part, (size_t)n);
	return n == 0 || (n == -1 && errno != EAGAIN);
}

/* The bytes that come back; buf_fini() them. */
static struct buf
say(struct stage *s, struct view request)
{
	struct answer a = { .fd = dial(s->path) };

	ck_assert_int_ge(a.fd, 0);
	buf_init(&a.bytes, ADMIN_REPLY_MAX);
	ck_assert_int_eq(send(a.fd, request.p, request.n, 0),
	    (ssize_t)request.n);
	turn(s->base, is_over, &a);
	(void)close(a.fd);
	return a.bytes;
}

static struct buf
ask(struct stage *s, unsigned int command, uint16_t proto, struct view body,
    struct admin_reply *r)
{
	struct buf request, reply;

	buf_init(&request, ADMIN_REQUEST_MAX);
	admin_request_put(&request, (uint16_t)command, proto, body);
	reply = say(s, buf_view(&request));
	buf_fini(&request);
	ck_assert_int_eq(admin_reply_get(buf_view(&reply), r), ADMIN_GOOD);
	ck_assert_uint_eq(r->command, command);
	ck_assert_uint_eq(r->proto, proto);
	return reply;
}

static int
result(struct stage *s, unsigned int command, uint16_t proto,
    struct view body)
{
	struct admin_reply r;
	struct buf b = ask(s, command, proto, body, &r);

	buf_fini(&b);
	return r.err;
}

#define NONE	view_of(NULL, 0)

START_TEST(test_commands)
{
	struct admin_ends ends = { .proto = 0 };
	struct buf body;
	struct stage s;

	stage_init(&s);
	ck_assert_ptr_nonnull(s.admin);
	ck_assert_int_eq(result(&s, ADMIN_RELOAD, 0, NONE), 0);
	(void)event_base_loop(s.base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(s.reloads, 1);
	ck_assert_int_eq(result(&s, ADMIN_FLUSH_SA, ADMIN_ISAKMP, NONE), 0);
	ck_assert_uint_eq(toy.flushed, 100);
	ck_assert_int_eq(result(&s, ADMIN_FLUSH_SA, ADMIN_AH, NONE), 0);
	ck_assert_uint_eq(toy.flushed, 101);
	ck_assert_uint_eq(toy.proto, IPSEC_PROTO_AH);
	ck_assert_int_eq(result(&s, ADMIN_FLUSH_SA, ADMIN_INTERNAL, NONE),
	    EOPNOTSUPP);
	ck_assert_int_eq(result(&s, ADMIN_LOG, LOG_L_ERROR, NONE), 0);
	ck_assert(!log_on(LOG_L_WARNING));
	ck_assert_int_eq(result(&s, ADMIN_LOG, LOG_L_INFO, NONE), 0);
	ck_assert(log_on(LOG_L_INFO));
	ck_assert_int_eq(result(&s, ADMIN_LOG, 0, NONE), EINVAL);
	ck_assert_int_eq(result(&s, ADMIN_LOG, 7, NONE), EINVAL);
	ck_assert_int_eq(result(&s, ADMIN_DELETE_SA, ADMIN_ESP, NONE),
	    EINVAL);
	ck_assert(addr_parse(&ends.src, "192.0.2.1"));
	ck_assert(addr_parse(&ends.dst, "192.0.2.2"));
	buf_init(&body, 1000);
	admin_ends_put(&body, &ends);
	ck_assert_int_eq(result(&s, ADMIN_DELETE_SA, ADMIN_ESP,
	    buf_view(&body)), 0);
	ck_assert_uint_eq(toy.deleted, 1);
	buf_fini(&body);
	/* the time is told before, the timer is set after */
	ck_assert_uint_eq(s.ticks, s.arms);
	ck_assert_uint_eq(s.ticks, 10);
	ck_assert_uint_eq(s.lines.n, 0);
	ck_assert_int_eq(result(&s, 0x0fff, 0, NONE), EOPNOTSUPP);
	ck_assert_uint_eq(s.lines.n, 1);
	stage_fini(&s);
}
END_TEST

START_TEST(test_show)
{
	static const uint32_t status[] = { 1, 3, 9, 10 };
	struct admin_reply r;
	struct admin_sa sa;
	struct stage s;
	struct buf b;

	stage_init(&s);
	b = ask(&s, ADMIN_SHOW_SA, ADMIN_ISAKMP, NONE, &r);
	for (size_t i = 0; i < 4; i++) {
		ck_assert(admin_sa_get(&r.body, &sa));
		ck_assert_uint_eq(sa.status, status[i]);
		ck_assert_int_eq(sa.created != 0, i >= 2);
	}
	ck_assert(view_end(&r.body));
	buf_fini(&b);
	/* nothing in the kernel: one message that says so */
	b = ask(&s, ADMIN_SHOW_SA, ADMIN_ESP, NONE, &r);
	ck_assert_uint_eq(r.body.n, 16);
	ck_assert_uint_eq(r.body.p[1], 10);	/* SADB_DUMP */
	ck_assert_uint_eq(r.body.p[2], ENOENT);
	buf_fini(&b);
	s.nsas = 1000;
	b = ask(&s, ADMIN_SHOW_SA, ADMIN_IPSEC, NONE, &r);
	ck_assert_uint_gt(r.body.n, 65536);
	ck_assert_uint_eq(r.body.n % 1000, 0);
	if (geteuid() == 0)
		ck_assert_ptr_nonnull(memmem(r.body.p, r.body.n,
		    "\x5a\x5a\x5a\x5a", 4));
	buf_fini(&b);
	ck_assert_int_eq(result(&s, ADMIN_SHOW_SA, ADMIN_INTERNAL, NONE),
	    EOPNOTSUPP);
	stage_fini(&s);
}
END_TEST

/* What is no request gets no answer. */
START_TEST(test_bad_requests)
{
	static const uint8_t bad[] = { 3, 0, 1, 0x80, 1, 0, 0, 0 };
	struct stage s;
	struct buf b;

	stage_init(&s);
	b = say(&s, view_of(bad, sizeof(bad)));
	ck_assert_uint_eq(b.n, 0);
	buf_fini(&b);
	ck_assert_uint_eq(s.ticks, 0);
	stage_fini(&s);
}
END_TEST

START_TEST(test_socket)
{
	struct stat st;
	struct stage s, other;
	char dir[80];

	stage_init(&s);
	ck_assert_int_eq(stat(s.path, &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFSOCK | 0640);
	(void)snprintf(dir, sizeof(dir), "%s/d", s.dir);
	ck_assert_int_eq(stat(dir, &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFDIR | 0750);
	/* where another one serves is no room */
	other = s;
	serve_now(&other);
	ck_assert_ptr_null(other.admin);
	ck_assert_uint_eq(s.lines.n, 1);
	ck_assert_ptr_nonnull(strstr(s.lines.text, "another racoon serves"));
	/* but a socket that is left over is replaced */
	admin_free(s.admin);
	ck_assert_int_eq(stat(s.path, &st), 0);
	ck_assert_int_eq(dial(s.path), -1);
	serve_now(&s);
	ck_assert_ptr_nonnull(s.admin);
	ck_assert_int_eq(result(&s, ADMIN_RELOAD, 0, NONE), 0);
	/* and a directory of somebody else's stays as it is */
	ck_assert_int_eq(chmod(dir, 0755), 0);
	admin_free(s.admin);
	serve_now(&s);
	ck_assert_int_eq(stat(dir, &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFDIR | 0755);
	/* nothing else is */
	admin_free(s.admin);
	(void)unlink(s.path);
	ck_assert_int_eq(mkdir(s.path, 0700), 0);
	serve_now(&s);
	ck_assert_ptr_null(s.admin);
	ck_assert_ptr_nonnull(strstr(s.lines.text, "is no socket"));
	(void)rmdir(s.path);
	s.conf->listen.admin_disabled = true;
	serve_now(&s);
	ck_assert_ptr_null(s.admin);
	ck_assert_int_eq(stat(s.path, &st), -1);
	stage_fini(&s);
}
END_TEST

/* Owner and group are those of the configuration, of the directory too. */
START_TEST(test_owner)
{
	struct stat st;
	struct stage s;
	char dir[80];

	if (geteuid() != 0)
		return;
	stage_init(&s);
	(void)snprintf(dir, sizeof(dir), "%s/d", s.dir);
	admin_free(s.admin);
	(void)unlink(s.path);
	(void)rmdir(dir);
	s.conf->listen.admin_uid = 65533;
	s.conf->listen.admin_gid = 65534;
	s.conf->listen.admin_mode = 0660;
	serve_now(&s);
	ck_assert_ptr_nonnull(s.admin);
	ck_assert_int_eq(stat(s.path, &st), 0);
	ck_assert_uint_eq(st.st_uid, 65533);
	ck_assert_uint_eq(st.st_gid, 65534);
	ck_assert_uint_eq(st.st_mode, S_IFSOCK | 0660);
	ck_assert_int_eq(stat(dir, &st), 0);
	ck_assert_uint_eq(st.st_uid, 0);
	ck_assert_uint_eq(st.st_gid, 65534);
	stage_fini(&s);
}
END_TEST

/*
 * Clients that say nothing, half of a request, or one that is too long, and
 * those that do not read a long answer: others are served, and the oldest lose
 * their places.
 */
START_TEST(test_hostile)
{
	static const uint8_t half[] = { 8, 0, 1, 0x80 };
	static const uint8_t endless[] = { 0xff, 0xff, 1, 0x80, 1, 0, 0, 0 };
	static const uint8_t dump[] = { 8, 0, 1, 0x81, 1, 0, 0xff, 0x02 };
	static const struct view said[] = { { half, 0, false },
	    { half, sizeof(half), false }, { dump, sizeof(dump), false } };
	int fd[3 * ADMIN_CLIENTS];
	struct stage s;
	struct buf b;
	char c;

	stage_init(&s);
	s.nsas = 10000;
	for (size_t i = 0; i < 3 * ADMIN_CLIENTS; i++) {
		const struct view *v = &said[i % 3];

		fd[i] = dial(s.path);
		ck_assert_int_ge(fd[i], 0);
		(void)send(fd[i], v->p, v->n, MSG_NOSIGNAL);
		(void)event_base_loop(s.base, EVLOOP_NONBLOCK);
	}
	ck_assert_int_eq(result(&s, ADMIN_RELOAD, 0, NONE), 0);
	/* the oldest has lost its place, the youngest that is silent has not */
	ck_assert_int_eq(recv(fd[0], &c, 1, MSG_DONTWAIT), 0);
	ck_assert_int_eq(recv(fd[3 * ADMIN_CLIENTS - 3], &c, 1,
	    MSG_DONTWAIT), -1);
	for (size_t i = 0; i < 3 * ADMIN_CLIENTS; i++)
		(void)close(fd[i]);
	/* a request that could not be is not waited for */
	b = say(&s, view_of(endless, sizeof(endless)));
	ck_assert_uint_eq(b.n, 0);
	buf_fini(&b);
	ck_assert_int_eq(result(&s, ADMIN_RELOAD, 0, NONE), 0);
	stage_fini(&s);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("admin");

	tcase_add_test(t, test_golden_replies);
	tcase_add_test(t, test_golden_sa);
	tcase_add_test(t, test_long_reply);
	tcase_add_test(t, test_request);
	tcase_add_test(t, test_commands);
	tcase_add_test(t, test_show);
	tcase_add_test(t, test_bad_requests);
	tcase_add_test(t, test_socket);
	tcase_add_test(t, test_owner);
	tcase_add_test(t, test_hostile);
	return run_case("admin", t);
}
