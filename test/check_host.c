/* SPDX-License-Identifier: ISC */
/*
 * The host around a toy engine and a toy kernel: what happens outside must
 * reach the engine, and what the engine asks for must be done.
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/host.h"
#include "monitor/here.h"
#include "ike/ike.h"
#include "ike/job.h"
#include "libipsec/addr.h"
#include "libipsec/ops.h"
#include "test/daemon_tools.h"

/* The control socket of this machine is none of ours. */
#define OFF	"adminsock disabled; "
#define STORM	1000

/* ---- the toy kernel ---- */

struct kernel {
	int		 fd;
	unsigned int	 acquires;	/* to tell of */
	int		 listen, events; /* results */
	unsigned int	 heard, asked;
};

static int
kernel_listen(void *ctx, unsigned int what)
{
	struct kernel *k = ctx;

	k->heard = what;
	return k->listen;
}

static int
kernel_event_fd(void *ctx)
{
	const struct kernel *k = ctx;

	return k->fd;
}

static int
kernel_events(void *ctx, ipsec_event_fn *fn, void *arg)
{
	struct kernel *k = ctx;
	struct ipsec_event ev = { .type = IPSEC_EVENT_ACQUIRE };
	eventfd_t count;

	k->asked++;
	if (k->events < 0)
		return k->events;
	(void)eventfd_read(k->fd, &count);
	for (unsigned int i = 0; i < k->acquires; i++) {
		ev.sa.seq = i + 1;
		fn(arg, &ev);
	}
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
	.listen = kernel_listen,
	.event_fd = kernel_event_fd,
	.events = kernel_events,
	.error = kernel_error,
	.close = kernel_close,
};

/* ---- the toy engine ---- */

/* What one test has; handed to the engine as its struct crypto. */
struct stage {
	struct kernel	 kernel;
	struct ipsec	*ipsec;
	const char	*text;		/* of racoon.conf */
	uint16_t	 port;
	char		 good[80], debug[80], bad[80], taken[80]; /* texts */
	struct host_setup setup;
	struct here	 here;
	struct asroot	 root;
	unsigned int	 errors;	/* lines logged */
	struct ike	*ike;		/* the last one made */
	/* What the engine is to do, and what it went through. */
	void		(*at_tick)(struct stage *);
	uint64_t	 next, now, first;
	unsigned int	 ticks, datagrams, kernel_events, jobs;
	unsigned int	 reloads, stops, frees;
	unsigned int	 leaves, restores, adopts;
	char		 said[20];
	struct ipsec_addr local, remote;
	enum log_level	 level;
};

struct ike {
	const struct ike_ops *ops;
	void		*ctx;
	struct stage	*stage;
};

struct ike *
ike_new(const struct ike_ops *ops, void *ctx, struct ipsec *ipsec,
    struct crypto *crypto, const struct conf *conf, uint64_t now)
{
	struct ike *ike = xcalloc(1, sizeof(*ike));

	ck_assert_ptr_nonnull(conf);
	ike->ops = ops;
	ike->ctx = ctx;
	ike->stage = (struct stage *)crypto;
	ck_assert_ptr_eq(ipsec, ike->stage->ipsec);
	ike->stage->ike = ike;
	ike->stage->first = ike->stage->now = now;
	return ike;
}

void
ike_free(struct ike *ike)
{
	if (ike == NULL)
		return;
	ck_assert_uint_eq(ike->stage->stops, 1);
	ike->stage->frees++;
	free(ike);
}

void
ike_stop(struct ike *ike)
{
	ike->stage->stops++;
}

void
ike_leave(struct ike *ike)
{
	ike->stage->stops++;
	ike->stage->leaves++;
}

void
ike_save(const struct ike *ike, struct buf *out)
{
	ck_assert_uint_eq(ike->stage->leaves, 1);
	buf_add(out, view_text("everything"));
}

enum err
ike_restore(struct ike *ike, struct view v)
{
	ck_assert(view_equal(v, view_text("everything")));
	ck_assert_uint_eq(ike->stage->adopts, 0);
	ike->stage->restores++;
	return OK;
}

void
ike_adopt(struct ike *ike, uint64_t wall)
{
	ck_assert_uint_gt(wall, 1700000000);
	ike->stage->adopts++;
}

void
ike_tick(struct ike *ike, uint64_t now)
{
	struct stage *s = ike->stage;

	ck_assert_uint_ge(now, s->now);
	s->now = now;
	s->ticks++;
	if (s->at_tick != NULL && now >= s->next)
		s->at_tick(s);
}

uint64_t
ike_next(const struct ike *ike)
{
	return ike->stage->next;
}

void
ike_datagram(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view v)
{
	struct stage *s = ike->stage;

	s->datagrams++;
	s->local = *local;
	s->remote = *remote;
	ck_assert_uint_lt(v.n, sizeof(s->said));
	memcpy(s->said, v.p, v.n);
	(void)raise(SIGTERM);
}

static void
work(struct job *j)
{
	j->err = E_TIMEOUT;
}

void
ike_kernel(struct ike *ike, const struct ipsec_event *ev)
{
	struct stage *s = ike->stage;
	struct job *j;

	ck_assert_int_eq(ev->type, IPSEC_EVENT_ACQUIRE);
	s->kernel_events++;
	ck_assert_uint_eq(ev->sa.seq, s->kernel_events);
	j = job_new(NULL, work);
	j->exchange = ev->sa.seq;
	ike->ops->submit(ike->ctx, j);
}

void
ike_job_done(struct ike *ike, struct job *j)
{
	struct stage *s = ike->stage;

	ck_assert_int_eq(j->err, E_TIMEOUT);
	job_free(j);
	if (++s->jobs == STORM)
		(void)raise(SIGTERM);
}

void
ike_reload(struct ike *ike, const struct conf *conf)
{
	ck_assert_ptr_nonnull(conf);
	ike->stage->reloads++;
}

/* Nothing is lost in this kernel. */
void
ike_strays(struct ike *ike, const struct ike_stray *stray, size_t n)
{
	(void)stray;
	ck_assert_uint_gt(n, 0);
	ike->stage->datagrams++;
}

/* Nobody asks for these, but the host could. */
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
	(void)ike;
	(void)fn;
	(void)ctx;
}

void
ike_flush_children(struct ike *ike, uint8_t proto)
{
	(void)ike;
	(void)proto;
}

void
ike_flush_sas(struct ike *ike)
{
	(void)ike;
}

void
ike_delete_between(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	(void)ike;
	(void)local;
	(void)remote;
}

/* ---- the stage ---- */

static bool
open_text(void *ctx, const char *path, struct conf_text *out)
{
	const struct stage *s = ctx;

	(void)path;
	if (s->text == NULL) {
		errno = ENOENT;
		return false;
	}
	out->text = xstrdup(s->text);
	out->n = strlen(s->text);
	return true;
}

static bool
no_glob(void *ctx, const char *pattern, void (*fn)(void *, const char *),
    void *arg)
{
	(void)ctx;
	(void)pattern;
	(void)fn;
	(void)arg;
	return false;
}

static void
count_errors(void *ctx, enum log_level level, const char *peer,
    const char *text)
{
	struct stage *s = ctx;

	(void)peer;
	(void)text;
	if (level == LOG_L_ERROR)
		s->errors++;
}

/* Binds a socket to PORT of the loopback interface, 0: any; returns it. */
static int
occupy(uint16_t *port)
{
	struct sockaddr_storage ss;
	struct ipsec_addr a;
	socklen_t n;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert(addr_parse(&a, "127.0.0.1"));
	a.port = *port;
	n = addr_to_sockaddr(&a, &ss);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, n), 0);
	n = sizeof(ss);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&ss, &n), 0);
	ck_assert(addr_from_sockaddr(&a, (struct sockaddr *)&ss));
	*port = a.port;
	return fd;
}

static void
make_texts(struct stage *s)
{
	(void)close(occupy(&s->port));
	(void)snprintf(s->good, sizeof(s->good),
	    "listen { isakmp 127.0.0.1 [%u]; " OFF "}", s->port);
	(void)snprintf(s->debug, sizeof(s->debug),
	    "listen { isakmp 127.0.0.1 [%u]; " OFF "} log debug;", s->port);
	(void)snprintf(s->bad, sizeof(s->bad),
	    "listen { isakmp 127.0.0.1 [%u]; " OFF "} rubbish", s->port);
}

static void
stage_init(struct stage *s, struct conf_opener *opener)
{
	memset(s, 0, sizeof(*s));
	*opener = (struct conf_opener){ .ctx = s, .open = open_text,
		.glob = no_glob };
	make_texts(s);
	s->text = s->good;
	s->next = UINT64_MAX;
	s->kernel.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ck_assert_int_ge(s->kernel.fd, 0);
	s->ipsec = ipsec_new(&kernel_ops, &s->kernel);
	ck_assert_ptr_nonnull(s->ipsec);
	s->here = (struct here){ .opener = opener, .path = "racoon.conf" };
	s->root = (struct asroot){ .ops = &here_ops, .ctx = &s->here };
	s->setup = (struct host_setup){
		.root = &s->root, .path = "racoon.conf",
		.crypto = (struct crypto *)s, .ipsec = s->ipsec,
	};
	log_to(count_errors, s);
}

static void
stage_fini(struct stage *s)
{
	ipsec_close(s->ipsec);
	(void)close(s->kernel.fd);
}

static struct host *
host_make(struct stage *s)
{
	struct conf *conf;
	struct host *h;

	ck_assert_int_eq(conf_read(s->here.opener, "racoon.conf", &conf), OK);
	h = host_new(&s->setup, conf);
	conf_unref(conf);
	return h;
}

/* A whole life: the exit status. */
static int
live(struct stage *s)
{
	struct host *h = host_make(s);
	int status;

	ck_assert_ptr_nonnull(h);
	ck_assert_uint_eq(s->kernel.heard & IPSEC_LISTEN_ACQUIRE,
	    IPSEC_LISTEN_ACQUIRE);
	status = host_run(h);
	host_free(h);
	ck_assert_uint_eq(s->stops, 1);
	ck_assert_uint_eq(s->frees, 1);
	return status;
}

static void
terminate(struct stage *s)
{
	s->next = UINT64_MAX;
	(void)raise(SIGTERM);
}

/* Five turns of 20 ms. */
static void
tick_on(struct stage *s)
{
	s->next = s->now + 20;
	if (s->now - s->first >= 100)
		terminate(s);
}

START_TEST(host_keeps_time)
{
	struct conf_opener opener;
	struct stage s;

	stage_init(&s, &opener);
	s.next = 0;
	s.at_tick = tick_on;
	ck_assert_int_eq(live(&s), 0);
	ck_assert_uint_ge(s.now - s.first, 100);
	/* One call for each deadline, and one before the stop. */
	ck_assert_uint_le(s.ticks, 20);
	stage_fini(&s);
}
END_TEST

START_TEST(host_stops_by_signal)
{
	struct conf_opener opener;
	struct stage s;

	stage_init(&s, &opener);
	s.next = 0;
	s.at_tick = terminate;
	ck_assert_int_eq(live(&s), 0);
	ck_assert_uint_eq(s.errors, 0);
	stage_fini(&s);
}
END_TEST

/* Twice: what the first one leaves, the second one takes, unless the file
 * says that nothing is to be left. */
static void
two_lives(const char *conf, bool left)
{
	char path[] = "/tmp/check_host.XXXXXX";
	struct conf_opener opener;
	struct stage s;
	struct stat st;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(unlink(path), 0);
	for (unsigned int life = 0; life < 2; life++) {
		stage_init(&s, &opener);
		if (conf != NULL)
			s.text = conf;
		s.here.handover = path;
		s.next = 0;
		s.at_tick = terminate;
		ck_assert_int_eq(live(&s), 0);
		ck_assert_uint_eq(s.adopts, 1);
		ck_assert_uint_eq(s.leaves, left);
		ck_assert_uint_eq(s.restores, left && life == 1);
		ck_assert_int_eq(stat(path, &st) == 0, left);
		stage_fini(&s);
	}
	(void)unlink(path);
}

START_TEST(host_hands_over)
{
	two_lives(NULL, true);
	two_lives("on_stop flush; listen { isakmp 127.0.0.1 [45001]; "
	    "strict_address; }", false);
}
END_TEST

/* A thousand requests at once: all come in, all jobs come back. */
START_TEST(host_takes_a_storm)
{
	struct conf_opener opener;
	struct stage s;

	stage_init(&s, &opener);
	s.kernel.acquires = STORM;
	ck_assert_int_eq(eventfd_write(s.kernel.fd, 1), 0);
	ck_assert_int_eq(live(&s), 0);
	ck_assert_uint_eq(s.kernel_events, STORM);
	ck_assert_uint_eq(s.jobs, STORM);
	ck_assert_uint_gt(s.ticks, 0);
	stage_fini(&s);
}
END_TEST

/* The engine's own datagram, back through the loopback interface. */
static void
talk(struct stage *s)
{
	const struct ike_ops *ops = s->ike->ops;
	struct ipsec_addr none = { .family = 0 }, to, local;

	s->next = UINT64_MAX;
	ck_assert(addr_parse(&to, "127.0.0.1"));
	ck_assert(ops->local(s->ike->ctx, &none, &to, &local));
	ck_assert(addr_equal(&local, &to));
	ck_assert(!ops->natt(s->ike->ctx, &local, &to));
	ops->send(s->ike->ctx, &local, &local, view_of("hello", 5));
}

START_TEST(host_carries_datagrams)
{
	struct conf_opener opener;
	struct stage s;

	stage_init(&s, &opener);
	s.next = 0;
	s.at_tick = talk;
	ck_assert_int_eq(live(&s), 0);
	ck_assert_uint_eq(s.datagrams, 1);
	ck_assert_str_eq(s.said, "hello");
	ck_assert_uint_eq(s.local.port, s.port);
	ck_assert(addr_equal_port(&s.local, &s.remote));
	stage_fini(&s);
}
END_TEST

/* A script that is not there gives an error, so it was tried. */
static void
raise_event(struct stage *s)
{
	char path[] = "/nonexistent/script";
	struct remote remote = { .script = { [CONF_PHASE1_UP] = path } };
	struct ike_event ev = { .type = IKE_EVENT_PHASE1_UP,
	    .conf = &remote };

	s->next = UINT64_MAX;
	ck_assert(addr_parse(&ev.local, "127.0.0.1"));
	ev.remote = ev.local;
	ck_assert_uint_eq(s->errors, 0);
	s->ike->ops->event(s->ike->ctx, &ev);
	ck_assert_uint_eq(s->errors, 1);
	ck_assert_int_eq(kill(getpid(), SIGTERM), 0);
}

START_TEST(host_runs_scripts)
{
	struct conf_opener opener;
	struct stage s;

	stage_init(&s, &opener);
	s.next = 0;
	s.at_tick = raise_event;
	ck_assert_int_eq(live(&s), 0);
	ck_assert_uint_eq(s.errors, 1);
	stage_fini(&s);
}
END_TEST

static void
hang_up(struct stage *s)
{
	s->next = s->now + 50;
	s->at_tick = terminate;
	s->text = s->setup.debug == 0 ? s->debug : s->bad;
	(void)raise(SIGHUP);
}

START_TEST(host_reloads)
{
	struct conf_opener opener;
	struct stage s;

	stage_init(&s, &opener);
	s.next = 0;
	s.at_tick = hang_up;
	ck_assert_int_eq(log_get_level(), LOG_L_INFO);
	ck_assert_int_eq(live(&s), 0);
	ck_assert_uint_eq(s.reloads, 1);
	ck_assert_uint_eq(s.errors, 0);
	ck_assert_int_eq(log_get_level(), LOG_L_DEBUG);
	stage_fini(&s);
}
END_TEST

START_TEST(host_keeps_what_runs)
{
	struct conf_opener opener;
	struct stage s;

	stage_init(&s, &opener);
	s.setup.debug = 1;
	s.next = 0;
	s.at_tick = hang_up;
	ck_assert_int_eq(live(&s), 0);
	ck_assert_uint_eq(s.reloads, 0);
	ck_assert_uint_ge(s.errors, 2);
	stage_fini(&s);
}
END_TEST

/* Who started it hears of the end of a reload, whatever came of it. */
START_TEST(host_tells_that_it_serves)
{
	struct conf_opener opener;
	struct stage s;

	for (unsigned int debug = 0; debug < 2; debug++) {
		stage_init(&s, &opener);
		s.setup.debug = debug;
		s.next = 0;
		s.at_tick = hang_up;
		ck_assert_int_eq(live(&s), 0);
		ck_assert_uint_eq(s.reloads, debug == 0);
		ck_assert_uint_eq(s.here.ready, 2);
		stage_fini(&s);
	}
	/* Nor does it say so when it does not. */
	stage_init(&s, &opener);
	s.kernel.listen = -EPERM;
	ck_assert_ptr_null(host_make(&s));
	ck_assert_uint_eq(s.here.ready, 0);
	stage_fini(&s);
}
END_TEST

/* The new addresses cannot be had: datagrams still come to the old one. */
static void
hang_up_and_talk(struct stage *s)
{
	s->text = s->taken;
	ck_assert(raise(SIGHUP) == 0);
	s->next = s->now + 50;
	s->at_tick = talk;
}

START_TEST(host_keeps_its_sockets)
{
	struct conf_opener opener;
	struct stage s;
	uint16_t port = 0;
	int fd;

	stage_init(&s, &opener);
	fd = occupy(&port);
	(void)snprintf(s.taken, sizeof(s.taken),
	    "listen { isakmp 127.0.0.1 [%u]; " OFF "} log debug;", port);
	s.next = 0;
	s.at_tick = hang_up_and_talk;
	ck_assert_int_eq(live(&s), 0);
	ck_assert_uint_eq(s.reloads, 0);
	ck_assert_uint_eq(s.datagrams, 1);
	ck_assert_uint_eq(s.local.port, s.port);
	/* Why, and that nothing changed. */
	ck_assert_uint_eq(s.errors, 2);
	ck_assert_int_eq(log_get_level(), LOG_L_INFO);
	(void)close(fd);
	stage_fini(&s);
}
END_TEST

START_TEST(host_gives_up_a_deaf_kernel)
{
	struct conf_opener opener;
	struct stage s;

	stage_init(&s, &opener);
	s.kernel.events = -EIO;
	ck_assert_int_eq(eventfd_write(s.kernel.fd, 1), 0);
	ck_assert_int_eq(live(&s), 1);
	ck_assert_uint_eq(s.kernel.asked, 8);
	ck_assert_uint_eq(s.errors, 1);
	stage_fini(&s);
}
END_TEST

START_TEST(host_tells_why_it_cannot_start)
{
	struct conf_opener opener;
	struct stage s;
	int fd;

	stage_init(&s, &opener);
	s.kernel.listen = -EPERM;
	ck_assert_ptr_null(host_make(&s));
	ck_assert_uint_eq(s.errors, 1);
	s.kernel.listen = 0;
	s.stops = 0;
	fd = occupy(&s.port);
	ck_assert_ptr_null(host_make(&s));
	ck_assert_uint_eq(s.errors, 2);
	(void)close(fd);
	stage_fini(&s);
}
END_TEST

START_TEST(host_adds_debug_levels)
{
	struct conf *conf = conf_new();

	conf->log_level = LOG_L_INFO;
	ck_assert_int_eq(host_log_level(conf, 0), LOG_L_INFO);
	ck_assert_int_eq(host_log_level(conf, 1), LOG_L_DEBUG);
	ck_assert_int_eq(host_log_level(conf, 2), LOG_L_DEBUG2);
	ck_assert_int_eq(host_log_level(conf, 1000000), LOG_L_DEBUG2);
	conf->log_level = LOG_L_ERROR;
	ck_assert_int_eq(host_log_level(conf, 1), LOG_L_WARNING);
	conf_unref(conf);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("host");

	tcase_add_test(t, host_keeps_time);
	tcase_add_test(t, host_stops_by_signal);
	tcase_add_test(t, host_hands_over);
	tcase_add_test(t, host_takes_a_storm);
	tcase_add_test(t, host_carries_datagrams);
	tcase_add_test(t, host_runs_scripts);
	tcase_add_test(t, host_reloads);
	tcase_add_test(t, host_keeps_what_runs);
	tcase_add_test(t, host_tells_that_it_serves);
	tcase_add_test(t, host_keeps_its_sockets);
	tcase_add_test(t, host_gives_up_a_deaf_kernel);
	tcase_add_test(t, host_tells_why_it_cannot_start);
	tcase_add_test(t, host_adds_debug_levels);
	return run_case("host", t);
}
