/* SPDX-License-Identifier: ISC */
/*
 * Collectors that ask by HTTP over the loopback interface, good ones and bad
 * ones; around a toy engine and a toy kernel.
 */
#include "daemon/observe.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/serve.h"
#include "monitor/here.h"
#include "libipsec/addr.h"
#include "libipsec/ops.h"
#include "test/daemon_tools.h"

/* ---- toys ---- */

struct kernel {
	unsigned int	 dumps;
	int		 ms;		/* that one takes */
	int		 result;
};

static int
kernel_dump(void *ctx, const struct ipsec_filter *f, ipsec_sa_fn *fn,
    void *arg)
{
	struct kernel *k = ctx;
	struct ipsec_sa sa = { .id.proto = IPSEC_PROTO_ESP,
	    .state = IPSEC_STATE_DYING };

	(void)f;
	k->dumps++;
	(void)poll(NULL, 0, k->ms);
	if (k->result == 0) {
		(void)fn(arg, &sa);
		sa.id.proto = 99;
		(void)fn(arg, &sa);
	}
	return k->result;
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
	*out = (struct ike_stats){ .resent = 5 };
}

void
ike_counts(const struct ike *ike, struct ike_counts *out)
{
	(void)ike;
	*out = (struct ike_counts){ .children = 3 };
}

void
ike_each_sa(const struct ike *ike,
    bool (*fn)(void *, const struct ike_sa_info *), void *ctx)
{
	struct ike_sa_info sa = { .initiator = true };

	(void)ike;
	(void)fn(ctx, &sa);
	sa.ready = true;
	(void)fn(ctx, &sa);
	sa.dying = true;
	(void)fn(ctx, &sa);
}

/* ---- the stage ---- */

struct stage {
	struct event_base *base;
	struct kernel	 kernel;
	struct ipsec	*ipsec;
	struct net	*net;
	struct credfile	*credfile;
	struct conf	*conf;
	const struct conf *now;
	struct observe	*observe;
	struct lines	 lines;
};

static void
ignore(void *ctx, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view v)
{
	(void)ctx;
	(void)local;
	(void)remote;
	(void)v;
}

/* A TCP port of the loopback interface that is free, as far as one can tell. */
static uint16_t
free_port(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, n), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	(void)close(fd);
	return ntohs(in.sin_port);
}

static void
stage_init(struct stage *s)
{
	memset(s, 0, sizeof(*s));
	log_to(catch_line, &s->lines);
	s->base = event_base_new();
	s->ipsec = ipsec_new(&kernel_ops, &s->kernel);
	s->net = net_new(s->base, &here_plain, ignore, NULL);
	s->credfile = credfile_new(NULL, &here_plain);
	s->now = s->conf = conf_new();
	ck_assert(addr_parse(&s->conf->listen.metrics, "127.0.0.1"));
	s->conf->listen.metrics.port = free_port();
	{
		const struct observe_sources of = { .base = s->base,
		    .ipsec = s->ipsec, .net = s->net, .root = &here_plain,
		    .credfile = s->credfile, .conf = &s->now };

		s->observe = observe_new(&of);
	}
	observe_listen(s->observe, s->conf);
}

static void
stage_fini(struct stage *s)
{
	observe_free(s->observe);
	conf_unref(s->conf);
	credfile_free(s->credfile);
	net_free(s->net);
	ipsec_close(s->ipsec);
	event_base_free(s->base);
	log_to(NULL, NULL);
}

/* ---- clients ---- */

static int
dial(uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	if (connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

struct answer {
	int	fd;
	char	text[200000];
	size_t	n;
	bool	over;
};

static bool
is_over(void *ctx)
{
	struct answer *a = ctx;
	ssize_t n = recv(a->fd, a->text + a->n, sizeof(a->text) - 1 - a->n,
	    MSG_DONTWAIT);

	if (n > 0)
		a->n += (size_t)n;
	a->over = n == 0 || (n == -1 && errno != EAGAIN);
	a->text[a->n] = '\0';
	return a->over;
}

/* Sends a question in two halves; the answer is to be freed. */
static struct answer *
ask(struct stage *s, uint16_t port, const char *question)
{
	struct answer *a = xcalloc(1, sizeof(*a));
	const size_t n = strlen(question), half = n / 2;

	a->fd = dial(port);
	ck_assert_int_ge(a->fd, 0);
	ck_assert_int_eq(send(a->fd, question, half, 0), (ssize_t)half);
	(void)event_base_loop(s->base, EVLOOP_NONBLOCK);
	ck_assert_int_eq(send(a->fd, question + half, n - half, 0),
	    (ssize_t)(n - half));
	turn(s->base, is_over, a);
	ck_assert(a->over);
	(void)close(a->fd);
	return a;
}

static void
answers(struct stage *s, const char *question, const char *start,
    const char *part)
{
	struct answer *a = ask(s, s->conf->listen.metrics.port, question);

	ck_assert_msg(strncmp(a->text, start, strlen(start)) == 0, "%s",
	    a->text);
	ck_assert_msg(strstr(a->text, part) != NULL, "%s lacks %s", a->text,
	    part);
	free(a);
}

#define GET(what)	"GET " what " HTTP/1.1\r\nHost: h\r\n\r\n"

START_TEST(test_get)
{
	struct stage s;

	stage_init(&s);
	answers(&s, GET("/metrics"), "HTTP/1.1 200 OK\r\n",
	    "\nracoon_resent_total 5\n");
	answers(&s, GET("/metrics"), "HTTP/1.1 200 OK\r\n",
	    "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
	answers(&s, GET("/metrics"), "HTTP/1.1 200 OK\r\n",
	    "\nracoon_ike_sas{state=\"dying\",role=\"initiator\"} 1\n");
	answers(&s, GET("/metrics"), "HTTP/1.1 200 OK\r\n",
	    "\nracoon_kernel_sas{proto=\"esp\",state=\"dying\"} 1\n");
	answers(&s, "GET /metrics HTTP/1.1\r\nAccept: "
	    "application/openmetrics-text; version=1.0.0\r\n\r\n",
	    "HTTP/1.1 200 OK\r\n", "\n# EOF\n");
	answers(&s, GET("/"), "HTTP/1.1 200 OK\r\n", "at /metrics\n");
	answers(&s, GET("/../etc/passwd"), "HTTP/1.1 404 ", "just /metrics");
	answers(&s, "POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 ",
	    "Allow: GET, HEAD");
	answers(&s, "\x16\x03\x01\n\n", "HTTP/1.1 400 ", "only GET");
	/* many questions in a second cost one dump */
	ck_assert_uint_eq(s.kernel.dumps, 1);
	ck_assert_uint_eq(s.lines.n, 0);
	stage_fini(&s);
}
END_TEST

/* Facts that are dear serve longer: asking costs little, however often. */
START_TEST(test_dear)
{
	struct stage s;

	stage_init(&s);
	s.kernel.ms = 100;
	answers(&s, GET("/metrics"), "HTTP/1.1 200 OK\r\n", "racoon_pairs 3");
	(void)poll(NULL, 0, OBSERVE_FRESH_MS + 50);
	answers(&s, GET("/metrics"), "HTTP/1.1 200 OK\r\n", "racoon_pairs 3");
	ck_assert_uint_eq(s.kernel.dumps, 1);
	s.kernel.ms = 0;
	(void)poll(NULL, 0, 100 * OBSERVE_SHARE - OBSERVE_FRESH_MS + 100);
	answers(&s, GET("/metrics"), "HTTP/1.1 200 OK\r\n", "racoon_pairs 3");
	ck_assert_uint_eq(s.kernel.dumps, 2);
	stage_fini(&s);
}
END_TEST

START_TEST(test_no_kernel)
{
	struct answer *a;
	struct stage s;

	stage_init(&s);
	s.kernel.result = -EINTR;
	a = ask(&s, s.conf->listen.metrics.port, GET("/metrics"));
	ck_assert_ptr_nonnull(strstr(a->text, "racoon_pairs 3\n"));
	ck_assert_ptr_null(strstr(a->text, "racoon_kernel_sas"));
	free(a);
	stage_fini(&s);
}
END_TEST

/* Those who connect and say nothing keep nobody out. */
START_TEST(test_silent)
{
	int fd[3 * OBSERVE_CLIENTS];
	struct stage s;
	char c;

	stage_init(&s);
	for (size_t i = 0; i < 3 * OBSERVE_CLIENTS; i++) {
		fd[i] = dial(s.conf->listen.metrics.port);
		ck_assert_int_ge(fd[i], 0);
		(void)event_base_loop(s.base, EVLOOP_NONBLOCK);
	}
	answers(&s, GET("/metrics"), "HTTP/1.1 200 OK\r\n", "racoon_pairs 3");
	/* the oldest have been dropped, the youngest not */
	errno = 0;
	ck_assert_int_le(recv(fd[0], &c, 1, MSG_DONTWAIT), 0);
	ck_assert_int_ne(errno, EAGAIN);
	errno = 0;
	ck_assert_int_eq(recv(fd[3 * OBSERVE_CLIENTS - 1], &c, 1,
	    MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, EAGAIN);
	for (size_t i = 0; i < 3 * OBSERVE_CLIENTS; i++)
		(void)close(fd[i]);
	stage_fini(&s);
}
END_TEST

START_TEST(test_listen)
{
	struct stage s;
	uint16_t first, second;
	const int on = 1;
	int taken;

	stage_init(&s);
	first = s.conf->listen.metrics.port;
	/* the same again: nothing is dropped */
	observe_listen(s.observe, s.conf);
	answers(&s, GET("/metrics"), "HTTP/1.1 200 OK\r\n", "racoon_pairs 3");
	/* another one */
	s.conf->listen.metrics.port = second = free_port();
	observe_listen(s.observe, s.conf);
	answers(&s, GET("/metrics"), "HTTP/1.1 200 OK\r\n", "racoon_pairs 3");
	ck_assert_int_eq(dial(first), -1);
	ck_assert_uint_eq(s.lines.n, 0);
	/* one that cannot be had: the present one stays */
	taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	{
		struct sockaddr_in in = { .sin_family = AF_INET,
		    .sin_port = htons(first),
		    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

		ck_assert_int_eq(setsockopt(taken, SOL_SOCKET, SO_REUSEADDR,
		    &on, sizeof(on)), 0);
		ck_assert_int_eq(bind(taken, (struct sockaddr *)&in,
		    sizeof(in)), 0);
		ck_assert_int_eq(listen(taken, 1), 0);
	}
	s.conf->listen.metrics.port = first;
	observe_listen(s.observe, s.conf);
	ck_assert_uint_eq(s.lines.n, 1);
	ck_assert_ptr_nonnull(strstr(s.lines.text, "metrics 127.0.0.1["));
	s.conf->listen.metrics.port = second;
	answers(&s, GET("/metrics"), "HTTP/1.1 200 OK\r\n", "racoon_pairs 3");
	/* off */
	s.conf->listen.metrics.family = 0;
	observe_listen(s.observe, s.conf);
	ck_assert_int_eq(dial(second), -1);
	(void)close(taken);
	stage_fini(&s);
}
END_TEST

/* ---- the server alone ---- */

#define LONG_ANSWER	(8u << 20)	/* more than sockets' buffers have */

struct room {
	struct event_base *base;
	struct serve	*serve;
	uint16_t	 port;
	size_t		 answer;
	unsigned int	 asked;
	struct answer	*a;
};

static enum serve_verdict
on_question(void *ctx, const struct serve_peer *peer, struct view question,
    struct buf *out)
{
	struct room *r = ctx;

	ck_assert_int_eq((int)peer->uid, -1);
	r->asked++;
	if (question.p[question.n - 1] == '!')
		return SERVE_DROP;
	if (question.p[question.n - 1] != '?')
		return SERVE_MORE;
	buf_zero(out, r->answer);
	return SERVE_ANSWER;
}

static void
room_init(struct room *r, unsigned int ms)
{
	const struct serve_limits limits = { .clients = 4, .question = 100,
	    .answer = LONG_ANSWER, .ms = ms };
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);

	memset(r, 0, sizeof(*r));
	r->base = event_base_new();
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, n), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	r->port = ntohs(in.sin_port);
	r->serve = serve_new(r->base, fd, &limits, on_question, r);
	ck_assert_ptr_nonnull(r->serve);
}

static void
room_fini(struct room *r)
{
	serve_free(r->serve);
	event_base_free(r->base);
}

static void
loop_for(struct room *r, int ms)
{
	struct timespec from, now;

	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	do {
		(void)event_base_loop(r->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - from.tv_sec) * 1000 +
	    (now.tv_nsec - from.tv_nsec) / 1000000 < ms);
}

/* Who does not read holds up nobody, and is dropped in the end. */
START_TEST(test_no_reader)
{
	struct room r;
	int fd;

	room_init(&r, 300);
	r.answer = LONG_ANSWER;
	fd = dial(r.port);
	ck_assert_int_eq(send(fd, "?", 1, 0), 1);
	loop_for(&r, 50);
	ck_assert_uint_eq(r.asked, 1);
	ck_assert_uint_eq(serve_clients(r.serve), 1);
	loop_for(&r, 400);
	ck_assert_uint_eq(serve_clients(r.serve), 0);
	(void)close(fd);
	room_fini(&r);
}
END_TEST

static size_t
read_all(struct room *r, int fd)
{
	size_t sum = 0;
	char part[65536];
	ssize_t n;

	for (int i = 0; i < 20000; i++) {
		(void)event_base_loop(r->base, EVLOOP_NONBLOCK);
		n = recv(fd, part, sizeof(part), MSG_DONTWAIT);
		if (n == 0)
			return sum;
		if (n > 0)
			sum += (size_t)n;
		else if (errno != EAGAIN)
			return 0;
		else
			(void)poll(NULL, 0, 1);
	}
	return 0;
}

START_TEST(test_long_answer)
{
	struct room r;
	int fd;

	room_init(&r, 30000);
	r.answer = LONG_ANSWER;
	fd = dial(r.port);
	/* what comes behind the question does not spoil the answer */
	ck_assert_int_eq(send(fd, "?", 1, 0), 1);
	loop_for(&r, 20);
	ck_assert_int_eq(send(fd, "more", 4, 0), 4);
	ck_assert_uint_eq(read_all(&r, fd), LONG_ANSWER);
	(void)close(fd);
	loop_for(&r, 20);
	ck_assert_uint_eq(serve_clients(r.serve), 0);
	ck_assert_uint_eq(r.asked, 1);
	/* one that is too long is none */
	r.answer = LONG_ANSWER + 1;
	fd = dial(r.port);
	ck_assert_int_eq(send(fd, "?", 1, 0), 1);
	ck_assert_uint_eq(read_all(&r, fd), 0);
	(void)close(fd);
	room_fini(&r);
}
END_TEST

/* Questions that never end, that are too long, that are refused. */
START_TEST(test_bad_questions)
{
	struct room r;
	char big[200];
	int fd[3];

	room_init(&r, 300);
	for (int i = 0; i < 3; i++)
		fd[i] = dial(r.port);
	memset(big, 'a', sizeof(big));
	ck_assert_int_eq(send(fd[0], big, sizeof(big), 0), sizeof(big));
	ck_assert_int_eq(send(fd[1], "a!", 2, 0), 2);
	ck_assert_int_eq(send(fd[2], "a", 1, 0), 1);
	loop_for(&r, 50);
	ck_assert_uint_eq(serve_clients(r.serve), 1);
	/* a byte now and then gives no more time */
	for (int i = 0; i < 10; i++) {
		(void)send(fd[2], "a", 1, MSG_NOSIGNAL);
		loop_for(&r, 40);
	}
	ck_assert_uint_eq(serve_clients(r.serve), 0);
	for (int i = 0; i < 3; i++)
		(void)close(fd[i]);
	room_fini(&r);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("observe");

	tcase_add_test(t, test_get);
	tcase_add_test(t, test_dear);
	tcase_add_test(t, test_no_kernel);
	tcase_add_test(t, test_silent);
	tcase_add_test(t, test_listen);
	tcase_add_test(t, test_no_reader);
	tcase_add_test(t, test_long_answer);
	tcase_add_test(t, test_bad_questions);
	return run_case("observe", t);
}
