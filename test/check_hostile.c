/* SPDX-License-Identifier: ISC */
/*
 * A worker that is not what it was, as a process: this program is copied to a
 * directory of its own and is the tests, the monitor (`monitor HOW') and the
 * worker (by its name), which misbehaves as $HOSTILE says.
 */
#define SAS	2000		/* more than sockets take at once */
#include "test/monitor_stage.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "monitor/worker.h"

#define PATIENCE_MS	300
#define END_MS		20000		/* is too long */
#define OUT_MAX		(256u << 10)

/* ---- the worker ---- */

static void
send_bytes(int to, const void *p, size_t n)
{
	(void)send(to, p, n, MSG_NOSIGNAL);
}

static void
send_msg(int to, const struct mon_msg *m)
{
	struct buf b;

	buf_init(&b, MON_MAX);
	mon_put(&b, m);
	send_bytes(to, b.p, b.n);
	buf_fini(&b);
}

static struct mon_msg *
message(enum mon_op op)
{
	struct mon_msg *m = xcalloc(1, sizeof(*m));

	m->op = op;
	m->text = m->more = view_of("", 0);
	return m;
}

static void
say(const char *peer, const char *text)
{
	struct mon_msg *m = message(MON_LOG);

	m->num[0] = LOG_L_ERROR;
	m->text = view_text(peer);
	m->more = view_text(text);
	send_msg(MON_FD_TELL, m);
	free(m);
}

static void
ready(void)
{
	struct mon_msg *m = message(MON_READY);

	send_msg(MON_FD_TELL, m);
	free(m);
}

static void
send_descriptors(void)
{
	union {
		struct cmsghdr align;
		char	bytes[CMSG_SPACE(100 * sizeof(int))];
	} control = { .bytes = { 0 } };
	struct mon_msg *m = message(MON_HOOKS);
	struct msghdr msg = { .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	struct iovec iov;
	struct buf b;

	buf_init(&b, MON_MAX);
	mon_put(&b, m);
	iov = (struct iovec){ b.p, b.n };
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(100 * sizeof(int));
	memset(CMSG_DATA(c), 0, 100 * sizeof(int));	/* standard input */
	(void)sendmsg(MON_FD_CALL, &msg, MSG_NOSIGNAL);
	buf_fini(&b);
	free(m);
}

/* Asks on and on, and hears no answer. */
static void
deaf(void)
{
	struct mon_msg *m = message(MON_HOOKS);

	for (;;)
		send_msg(MON_FD_CALL, m);
}

/* Takes a part of an answer just before the monitor has had enough of it. */
static void
slow(void)
{
	struct mon_msg *m = message(MON_SA_DUMP);
	static uint8_t in[MON_MAX];

	send_msg(MON_FD_CALL, m);
	for (;;) {
		(void)poll(NULL, 0, PATIENCE_MS / 3);
		(void)recv(MON_FD_CALL, in, sizeof(in), 0);
	}
}

/* Asks for many descriptors, and takes them. */
static void
greedy(void)
{
	struct mon_msg *m = message(MON_BIND);
	union {
		struct cmsghdr align;
		char	bytes[CMSG_SPACE(sizeof(int))];
	} control;
	uint8_t in[4096];
	int fd;

	for (int i = 0; i < 500; i++) {
		struct iovec iov = { in, sizeof(in) };
		struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
		    .msg_control = control.bytes,
		    .msg_controllen = sizeof(control.bytes) };
		struct cmsghdr *c;

		(void)addr_parse(&m->addr, "127.0.0.1");
		m->addr.port = 15500;
		send_msg(MON_FD_CALL, m);
		if (recvmsg(MON_FD_CALL, &msg, 0) <= 0)
			_exit(2);
		c = CMSG_FIRSTHDR(&msg);
		if (c == NULL)
			continue;
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		(void)close(fd);
	}
	free(m);
	say("", "had enough");
}

/* Is there a terminal that could be typed into? */
static void
terminals(void)
{
	bool found = open("/dev/tty", O_RDWR | O_CLOEXEC) != -1;

	for (int fd = 0; fd < 3; fd++)
		found = found || isatty(fd);
	say("", found ? "a terminal" : "no terminal");
}

static int
misbehave(const char *how)
{
	static uint8_t bytes[MON_MAX + 1];
	const bool is_up = strncmp(how, "up-", 3) == 0;

	if (is_up) {
		ready();
		how += 3;
	}
	if (strcmp(how, "end") == 0)
		return 1;
	if (strcmp(how, "empty") == 0)
		send_bytes(MON_FD_CALL, "", 0);
	else if (strcmp(how, "empty-sign") == 0)
		send_bytes(MON_FD_SIGN, "", 0);
	else if (strcmp(how, "empty-tell") == 0)
		send_bytes(MON_FD_TELL, "", 0);
	else if (strcmp(how, "shut") == 0)
		(void)shutdown(MON_FD_TELL, SHUT_WR);
	else if (strcmp(how, "junk") == 0)
		send_bytes(MON_FD_CALL, "\xff\xff\xff\xff", 4);
	else if (strcmp(how, "junk-tell") == 0)
		send_bytes(MON_FD_TELL, "\xff\xff\xff\xff", 4);
	else if (strcmp(how, "long") == 0)
		send_bytes(MON_FD_CALL, bytes, sizeof(bytes));
	else if (strcmp(how, "descriptors") == 0)
		send_descriptors();
	else if (strcmp(how, "deaf") == 0)
		deaf();
	else if (strcmp(how, "slow") == 0)
		slow();
	else if (strcmp(how, "greedy") == 0)
		greedy();
	else if (strcmp(how, "terminals") == 0)
		terminals();
	else if (strcmp(how, "log") == 0)
		say("a\nb\033", "c\nd\033[2J\xc2\x9b\x9b caf\xc3\xa9 %s%n");
	if (strcmp(how, "log") == 0 || strcmp(how, "greedy") == 0 ||
	    strcmp(how, "terminals") == 0)
		return 0;
	for (;;)
		(void)pause();
}

/* ---- the monitor ---- */

static unsigned int
descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		(void)closedir(dir);
	return n;
}

static void
on_ready(void *ctx)
{
	(void)ctx;
	printf("ready\n");
	(void)fflush(stdout);
}

static const char *how_to;

/* A test to Check: the stage is set with assertions. */
START_TEST(as_monitor)
{
	struct sink sink = { .terminal = true };
	struct stage *s = stage_new();
	const struct worker_setup setup = { .table = &s->t, .sink = &sink,
	    .port = 500, .natt_port = 4500, .terminal = true,
	    .patience_ms = PATIENCE_MS, .ready = on_ready };
	struct worker *w;
	unsigned int before;
	int status;

	hooks_free(s->t.hooks);
	s->t.hooks = NULL;
	(void)setenv("HOSTILE", how_to, 1);
	ck_assert(sink_open(&sink));
	before = descriptors();
	w = worker_new(&setup);
	status = worker_run(w);
	worker_free(w);
	if (descriptors() != before)
		printf("descriptors are left: %u\n", descriptors() - before);
	(void)fflush(stdout);
	stage_free(s);
	ck_assert_int_eq(status, EXIT_SUCCESS);
}
END_TEST

static int
monitor(const char *how)
{
	Suite *suite = suite_create("monitor");
	TCase *t = tcase_create("monitor");
	SRunner *runner;
	int failed;

	how_to = how;
	tcase_add_test(t, as_monitor);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- tests ---- */

static char dir[] = "/tmp/check_hostile.XXXXXX";
static char *program;

/* A copy of us, which finds the worker beside itself. */
static void
install(void)
{
	char *text;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	program = xasprintf("%s/monitor", dir);
	text = xasprintf("cp /proc/%ld/exe %s && ln -s %s %s/racoon-worker",
	    (long)getpid(), program, program, dir);
	ck_assert_int_eq(system(text), 0);
	free(text);
}

static void
uninstall(void)
{
	char *text = xasprintf("rm -rf %s", dir);

	ck_assert_int_eq(system(text), 0);
	free(text);
	free(program);
}

struct run {
	pid_t	 pid;
	int	 from;			/* its standard output */
	char	 out[OUT_MAX];
	size_t	 n;
};

static struct run *
begin(const char *how)
{
	struct run *r = xcalloc(1, sizeof(*r));
	int end[2];

	ck_assert_int_eq(pipe(end), 0);
	r->pid = fork();
	if (r->pid == 0) {
		(void)dup2(end[1], STDOUT_FILENO);
		(void)close(end[0]);
		(void)close(end[1]);
		(void)execl(program, program, "monitor", how, (char *)NULL);
		_exit(99);
	}
	(void)close(end[1]);
	r->from = end[0];
	return r;
}

/* Reads for so long, or to the end; true: it is. */
static bool
listen_to(struct run *r, int ms)
{
	struct pollfd p = { .fd = r->from, .events = POLLIN };
	ssize_t n = 1;

	while (n > 0 && r->n < OUT_MAX - 1 && poll(&p, 1, ms) == 1) {
		n = read(r->from, r->out + r->n, OUT_MAX - 1 - r->n);
		if (n > 0)
			r->n += (size_t)n;
	}
	return n <= 0;
}

static bool
says(const struct run *r, const char *text)
{
	return strstr(r->out, text) != NULL;
}

static int
finish(struct run *r)
{
	const bool over = listen_to(r, END_MS);
	int status;

	if (!over)
		(void)kill(r->pid, SIGTERM);
	ck_assert_msg(over, "it does not end: %s", r->out);
	ck_assert_int_eq(waitpid(r->pid, &status, 0), r->pid);
	(void)close(r->from);
	ck_assert_msg(!says(r, "descriptors are left"), "%s", r->out);
	return status;
}

/* Whatever is wrong on the wire ends the worker, and the start with it. */
START_TEST(ended)
{
	static const char *const how[] = { "empty", "empty-sign",
		"empty-tell", "shut", "junk", "junk-tell", "long",
		"descriptors", "deaf", "slow" };
	const char *name = how[_i];
	struct run *r;

	ck_assert_int_lt(_i, (int)(sizeof(how) / sizeof(how[0])));
	r = begin(name);
	ck_assert_int_ne(finish(r), 0);
	ck_assert_msg(says(r, "it is ended; this may be an attack"), "%s: %s",
	    name, r->out);
	ck_assert_msg(says(r, "was ended by signal 9"), "%s: %s", name,
	    r->out);
	free(r);
}
END_TEST

static unsigned int
times(const char *in, const char *text)
{
	unsigned int n = 0;

	for (; (in = strstr(in, text)) != NULL; in++)
		n++;
	return n;
}

/* One that ends as soon as it serves is started ever more seldom. */
START_TEST(again_and_again)
{
	struct run *r = begin("up-end");
	unsigned int n;

	for (int i = 0; i < 100 && !says(r, "again in 800 ms"); i++)
		(void)listen_to(r, 100);
	ck_assert_int_eq(kill(r->pid, SIGTERM), 0);
	(void)finish(r);
	n = times(r->out, "is started again in");
	ck_assert_msg(says(r, "in 100 ms") && says(r, "in 200 ms") &&
	    says(r, "in 400 ms") && says(r, "in 800 ms") && n <= 5, "%s",
	    r->out);
	ck_assert_uint_eq(times(r->out, "ready\n"), 1);
	free(r);
}
END_TEST

/* And one that is caught later, too. */
START_TEST(caught_later)
{
	struct run *r = begin("up-empty");

	for (int i = 0; i < 100 && !says(r, "again in 200 ms"); i++)
		(void)listen_to(r, 100);
	ck_assert_int_eq(kill(r->pid, SIGTERM), 0);
	(void)finish(r);
	ck_assert_msg(times(r->out, "this may be an attack") >= 2, "%s",
	    r->out);
	free(r);
}
END_TEST

START_TEST(greed)
{
	struct run *r = begin("greedy");

	(void)finish(r);
	ck_assert_msg(says(r, "had enough"), "%s", r->out);
	free(r);
}
END_TEST

/* One line stays one line, and does nothing to who reads it. */
START_TEST(log_lines)
{
	struct run *r = begin("log");

	(void)finish(r);
	ck_assert_msg(says(r, "[a b?] ERROR: c d?[2J"), "%s", r->out);
	ck_assert(says(r, " caf\xc3\xa9 %s%n\n"));
	ck_assert(strchr(r->out, '\033') == NULL);
	ck_assert(strchr(r->out, '\x9b') == NULL);
	free(r);
}
END_TEST

/* The monitor of `racoon -F' has a terminal, and keeps it for itself. */
START_TEST(terminal)
{
	int to = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), tty;
	struct run *r = xcalloc(1, sizeof(*r));

	ck_assert(to >= 0 && grantpt(to) == 0 && unlockpt(to) == 0);
	r->pid = fork();
	if (r->pid == 0) {
		tty = setsid() == -1 ? -1 : open(ptsname(to), O_RDWR);
		(void)ioctl(tty, TIOCSCTTY, 0);
		(void)dup2(tty, STDOUT_FILENO);
		(void)dup2(tty, STDERR_FILENO);
		(void)execl(program, program, "monitor", "terminals",
		    (char *)NULL);
		_exit(99);
	}
	r->from = to;
	(void)finish(r);
	ck_assert_msg(says(r, "no terminal"), "%s", r->out);
	free(r);
}
END_TEST

static int
run_tests(void)
{
	Suite *suite = suite_create("hostile");
	TCase *t = tcase_create("hostile");

	tcase_add_unchecked_fixture(t, install, uninstall);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, ended, 0, 10);
	tcase_add_test(t, again_and_again);
	tcase_add_test(t, caught_later);
	tcase_add_test(t, greed);
	tcase_add_test(t, log_lines);
	tcase_add_test(t, terminal);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}

int
main(int argc, char **argv)
{
	const char *how = getenv("HOSTILE");

	if (argc > 0 && strcmp(argv[0], "racoon-worker") == 0)
		return misbehave(how == NULL ? "" : how);
	if (argc == 3 && strcmp(argv[1], "monitor") == 0)
		return monitor(argv[2]);
	return run_tests();
}
