/* SPDX-License-Identifier: ISC */
/*
 * Scripts, with real ones: what they get to see, when they run, and that
 * nothing they do holds the daemon up.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/conf.h"
#include "daemon/hook_env.h"
#include "monitor/hook.h"
#include "monitor/here.h"
#include "libipsec/addr.h"
#include "test/daemon_tools.h"

#define LEAKED	77			/* a descriptor without close-on-exec */

struct stage {
	char		 dir[40];
	struct event_base *base;
	struct hooks	*hooks;
	struct here	 here;
	struct asroot	 root;
	struct lines	 lines;
	struct remote	 remote;
	struct ike_event ev;
};

/* ---- the stage ---- */

static struct stage *
stage_new(void)
{
	struct stage *s = xcalloc(1, sizeof(*s));

	log_to(catch_line, &s->lines);
	(void)snprintf(s->dir, sizeof(s->dir), "/tmp/check_hook.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(s->dir));
	s->base = event_base_new();
	s->root = (struct asroot){ .ops = &here_ops, .ctx = &s->here };
	ck_assert(here_ops.attach(&s->here, s->base));
	s->hooks = s->here.hooks;
	ck_assert_ptr_nonnull(s->hooks);
	s->ev = (struct ike_event){ .type = IKE_EVENT_PHASE1_UP,
	    .conf = &s->remote, .peer_id = "gw.example",
	    .icookie = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef },
	    .rcookie = { 0, 0, 0, 0, 0, 0, 0, 7 } };
	ck_assert(addr_parse(&s->ev.local, "192.0.2.1"));
	ck_assert(addr_parse(&s->ev.remote, "2001:db8::2"));
	s->ev.local.port = 500;
	s->ev.remote.port = 4500;
	return s;
}

static void
stage_free(struct stage *s)
{
	char *rm;

	hooks_free(s->hooks);
	event_base_free(s->base);
	log_to(NULL, NULL);
	rm = xasprintf("rm -rf %s", s->dir);
	ck_assert_int_eq(system(rm), 0);
	free(rm);
	for (int i = 0; i < CONF_NSCRIPTS; i++)
		free(s->remote.script[i]);
	free(s);
}

/* A shell script for an event. */
static void
script(struct stage *s, enum conf_script what, const char *body)
{
	char *path = xasprintf("%s/script%d", s->dir, (int)what);
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	(void)fprintf(f, "#!/bin/sh\ncd %s\n%s\n", s->dir, body);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
	free(s->remote.script[what]);
	s->remote.script[what] = path;
}

static void
happens(struct stage *s, enum ike_event_type type)
{
	s->ev.type = type;
	hook_event(&s->root, &s->ev);
}

/* Another IKE SA. */
static void
next_sa(struct stage *s)
{
	for (int i = 0; i < 8 && ++s->ev.icookie[i] == 0; i++)
		;
}

static bool
is_idle(void *ctx)
{
	struct stage *s = ctx;
	struct hooks_counts c;

	hooks_count(s->hooks, &c);
	return c.running == 0 && c.waiting == 0;
}

static void
wait_idle(struct stage *s)
{
	turn(s->base, is_idle, s);
	ck_assert(is_idle(s));
}

/* The contents of a file that a script wrote; "" when there is none. */
static const char *
written(const struct stage *s, const char *name, char *out, size_t size)
{
	char *path = xasprintf("%s/%s", s->dir, name);
	FILE *f = fopen(path, "r");
	size_t n = 0;

	if (f != NULL) {
		n = fread(out, 1, size - 1, f);
		(void)fclose(f);
	}
	out[n] = '\0';
	free(path);
	return out;
}

static uint64_t
ms_of(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static uint64_t
now_ms(void)
{
	return ms_of(CLOCK_MONOTONIC);
}

/* What libevent's timers go by: a tick may lie between the two. */
static uint64_t
loop_ms(void)
{
	return ms_of(CLOCK_MONOTONIC_COARSE);
}

/* ---- what a script sees ---- */

static const char environment[] =
    "INTERNAL_ADDR4=\n"
    "INTERNAL_MASK4=\n"
    "INTERNAL_NETMASK4=\n"
    "INTERNAL_CIDR4=0\n"
    "INTERNAL_DNS4=\n"
    "INTERNAL_DNS4_LIST=\n"
    "INTERNAL_WINS4=\n"
    "INTERNAL_WINS4_LIST=\n"
    "DEFAULT_DOMAIN=\n"
    "SPLIT_INCLUDE=\n"
    "SPLIT_INCLUDE_CIDR=\n"
    "SPLIT_LOCAL=\n"
    "SPLIT_LOCAL_CIDR=\n"
    "INTERNAL_SPLITDNS_DOMAINS=\n"
    "LOCAL_ADDR=192.0.2.1\n"
    "LOCAL_PORT=500\n"
    "REMOTE_ADDR=2001:db8::2\n"
    "REMOTE_PORT=4500\n"
    "REMOTE_ID=gw.example\n"
    "IKE_COOKIE=0123456789abcdef:0000000000000007\n";

START_TEST(environment_of_it)
{
	struct stage *s = stage_new();
	char text[4096];

	script(s, CONF_PHASE1_UP,
	    "tr '\\0' '\\n' </proc/$$/environ >env; echo $# $1 >args");
	happens(s, IKE_EVENT_PHASE1_UP);
	wait_idle(s);
	ck_assert_str_eq(written(s, "env", text, sizeof(text)), environment);
	ck_assert_str_eq(written(s, "args", text, sizeof(text)),
	    "1 phase1_up\n");
	s->ev.peer_id = NULL;
	happens(s, IKE_EVENT_PHASE1_UP);
	wait_idle(s);
	ck_assert_ptr_null(strstr(written(s, "env", text, sizeof(text)),
	    "REMOTE_ID"));
	ck_assert_uint_eq(s->lines.n, 0);
	stage_free(s);
}
END_TEST

/* Nothing of the daemon's: descriptors, signals, group. */
START_TEST(inherits_nothing)
{
	struct stage *s = stage_new();
	char text[4096];
	sigset_t usr1;

	ck_assert_int_eq(dup2(STDERR_FILENO, LEAKED), LEAKED);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&usr1);
	(void)sigaddset(&usr1, SIGUSR1);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, &usr1, NULL), 0);
	script(s, CONF_PHASE1_UP,
	    "[ -e /proc/$$/fd/77 ] && echo leaked >out\n"
	    "readlink /proc/$$/fd/0 >>out\n"
	    /* the C library keeps two signals of its own, 32 and 33; a
	     * shell that waits blocks some, so another program looks */
	    "sed -n 's/^Sig\\(Blk\\|Ign\\):[^0-9]*0*\\(180000000\\)*$/"
	    "\\1 none/p' /proc/self/status >>out\n"
	    "[ \"$(cut -d' ' -f5 /proc/$$/stat)\" = $$ ] && "
	    "echo group >>out");
	happens(s, IKE_EVENT_PHASE1_UP);
	wait_idle(s);
	ck_assert_str_eq(written(s, "out", text, sizeof(text)),
	    "/dev/null\nBlk none\nIgn none\ngroup\n");
	ck_assert_int_eq(close(LEAKED), 0);
	stage_free(s);
}
END_TEST

/* ---- when ---- */

START_TEST(which_events)
{
	static const struct {
		enum ike_event_type type;
		bool initiator, was_up, alone;
		const char *scripts;
	} rows[] = {
		{ IKE_EVENT_PHASE1_UP, false, true, false, "phase1_up\n" },
		{ IKE_EVENT_PHASE1_DOWN, false, true, false,
		    "phase1_down\n" },
		{ IKE_EVENT_PHASE1_DOWN, false, true, true,
		    "phase1_dead\nphase1_down\n" },
		/* its phase1_down comes as an event of its own */
		{ IKE_EVENT_PHASE1_DEAD, true, true, false,
		    "phase1_dead\n" },
		{ IKE_EVENT_PHASE1_DEAD, true, false, false,
		    "phase1_dead\nphase1_down\n" },
		{ IKE_EVENT_PHASE1_FAILED, true, false, false,
		    "phase1_down\n" },
		/* a stranger's */
		{ IKE_EVENT_PHASE1_FAILED, false, false, false, "" },
		{ IKE_EVENT_CHILD_UP, true, false, false, "" },
		{ IKE_EVENT_CHILD_DOWN, true, false, false, "" },
		{ IKE_EVENT_CHILD_FAILED, true, false, false, "" },
	};
	char text[4096];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stage *s = stage_new();

		for (int j = 0; j < CONF_NSCRIPTS; j++)
			script(s, (enum conf_script)j, "echo $1 >>out");
		s->ev.initiator = rows[i].initiator;
		s->ev.was_up = rows[i].was_up;
		s->ev.alone = rows[i].alone;
		happens(s, rows[i].type);
		wait_idle(s);
		ck_assert_msg(strcmp(written(s, "out", text, sizeof(text)),
		    rows[i].scripts) == 0, "row %zu: \"%s\"", i, text);
		stage_free(s);
	}
}
END_TEST

START_TEST(none_is_configured)
{
	struct stage *s = stage_new();

	happens(s, IKE_EVENT_PHASE1_UP);
	ck_assert(is_idle(s));
	s->ev.conf = NULL;
	happens(s, IKE_EVENT_PHASE1_DEAD);
	ck_assert(is_idle(s));
	stage_free(s);
}
END_TEST

/* Down does not overtake up; what others do does not matter. */
START_TEST(in_order)
{
	struct stage *s = stage_new();
	struct hooks_counts c;
	char text[100];

	script(s, CONF_PHASE1_UP, "sleep 0.2; echo up >>out");
	script(s, CONF_PHASE1_DOWN, "echo down >>out");
	happens(s, IKE_EVENT_PHASE1_UP);
	happens(s, IKE_EVENT_PHASE1_DOWN);
	next_sa(s);
	happens(s, IKE_EVENT_PHASE1_UP);
	hooks_count(s->hooks, &c);
	ck_assert_uint_eq(c.running, 2);
	ck_assert_uint_eq(c.waiting, 1);
	wait_idle(s);
	written(s, "out", text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "up\n"));
	ck_assert_ptr_nonnull(strstr(text, "down\n"));
	ck_assert(strstr(text, "up\n") < strstr(text, "down\n"));
	ck_assert_uint_eq(strlen(text), 2 * 3 + 5);
	stage_free(s);
}
END_TEST

/* ---- errors ---- */

static void
ends_with(const char *body, const char *line)
{
	struct stage *s = stage_new();

	script(s, CONF_PHASE1_UP, body);
	happens(s, IKE_EVENT_PHASE1_UP);
	wait_idle(s);
	ck_assert_uint_eq(s->lines.n, 1);
	ck_assert_ptr_nonnull(strstr(s->lines.text, line));
	ck_assert_ptr_nonnull(strstr(s->lines.text, "/script0 phase1_up"));
	stage_free(s);
}

START_TEST(bad_ends)
{
	ends_with("exit 3", "failed with exit status 3");
	ends_with("kill -9 $$", "ended by signal 9");
}
END_TEST

START_TEST(cannot_start)
{
	struct stage *s = stage_new();

	script(s, CONF_PHASE1_UP, "");
	ck_assert_int_eq(chmod(s->remote.script[0], 0644), 0);
	happens(s, IKE_EVENT_PHASE1_UP);
	ck_assert(is_idle(s));
	ck_assert_ptr_nonnull(strstr(s->lines.text, strerror(EACCES)));
	ck_assert_int_eq(unlink(s->remote.script[0]), 0);
	happens(s, IKE_EVENT_PHASE1_UP);
	ck_assert_ptr_nonnull(strstr(s->lines.text, strerror(ENOENT)));
	ck_assert_ptr_nonnull(strstr(s->lines.text, s->remote.script[0]));
	ck_assert_uint_eq(s->lines.n, 2);
	stage_free(s);
}
END_TEST

/* ---- limits ---- */

START_TEST(many)
{
	struct stage *s = stage_new();
	struct hooks_counts c;
	char text[4096];

	script(s, CONF_PHASE1_UP, "echo x >>out; sleep 0.1");
	for (int i = 0; i < 3 * HOOK_RUNNING; i++) {
		next_sa(s);
		happens(s, IKE_EVENT_PHASE1_UP);
		hooks_count(s->hooks, &c);
		ck_assert_uint_le(c.running, HOOK_RUNNING);
	}
	ck_assert_uint_eq(c.running, HOOK_RUNNING);
	ck_assert_uint_eq(c.waiting, 2 * HOOK_RUNNING);
	wait_idle(s);
	ck_assert_uint_eq(strlen(written(s, "out", text, sizeof(text))),
	    2 * 3 * HOOK_RUNNING);
	ck_assert_uint_eq(s->lines.n, 0);
	stage_free(s);
}
END_TEST

START_TEST(too_many)
{
	struct stage *s = stage_new();
	struct hooks_counts c;

	script(s, CONF_PHASE1_UP, "sleep 0.1");
	/* of one IKE SA, so that just one runs */
	for (int i = 0; i < HOOK_WAITING + 10; i++)
		happens(s, IKE_EVENT_PHASE1_UP);
	hooks_count(s->hooks, &c);
	ck_assert_uint_eq(c.running, 1);
	ck_assert_uint_eq(c.waiting, HOOK_WAITING);
	ck_assert_uint_eq(c.refused, 9);
	ck_assert_uint_eq(s->lines.n, 1);	/* not nine */
	ck_assert_ptr_nonnull(strstr(s->lines.text, "wait already"));
	stage_free(s);
}
END_TEST

/* All of its group is told to end, then ended. */
START_TEST(too_long)
{
	struct stage *s = stage_new();
	char text[100];
	uint64_t began = loop_ms();
	pid_t pid;

	hooks_limit(s->hooks, 300, 300, 1000);
	script(s, CONF_PHASE1_UP,
	    "sleep 30 & echo $! >pid; trap 'echo told >out' TERM; wait\n"
	    "while :; do sleep 30; done");
	happens(s, IKE_EVENT_PHASE1_UP);
	wait_idle(s);
	ck_assert_uint_lt(loop_ms() - began, 5000);
	ck_assert_uint_ge(loop_ms() - began, 600);
	ck_assert_str_eq(written(s, "out", text, sizeof(text)), "told\n");
	ck_assert_uint_eq(s->lines.n, 3);
	ck_assert_ptr_nonnull(strstr(s->lines.text, "signal 9"));
	pid = (pid_t)atoi(written(s, "pid", text, sizeof(text)));
	ck_assert_int_gt(pid, 1);
	/* gone, or not yet reaped by whoever adopted it */
	(void)snprintf(text, sizeof(text), "/proc/%d/cmdline", (int)pid);
	for (int i = 0; i < 1000; i++) {
		char one;
		int fd = open(text, O_RDONLY | O_CLOEXEC);

		if (fd == -1 || read(fd, &one, 1) == 0) {
			if (fd != -1)
				(void)close(fd);
			stage_free(s);
			return;
		}
		(void)close(fd);
		(void)poll(NULL, 0, 1);
	}
	ck_abort_msg("process %d of the group lives on", (int)pid);
}
END_TEST

/* ---- the end ---- */

START_TEST(stop_waits_for_down)
{
	struct stage *s = stage_new();
	uint64_t began = now_ms();
	char text[200];

	hooks_limit(s->hooks, 60000, 5000, 5000);
	script(s, CONF_PHASE1_UP, "sleep 6");
	script(s, CONF_PHASE1_DOWN, "sleep 0.2; echo down >>out");
	happens(s, IKE_EVENT_PHASE1_UP);
	for (int i = 0; i < HOOK_RUNNING + 5; i++) {
		next_sa(s);
		happens(s, IKE_EVENT_PHASE1_DOWN);
	}
	hooks_free(s->hooks);
	s->hooks = NULL;
	ck_assert_uint_lt(now_ms() - began, 4000);
	/* those, too, that had to wait for their turn */
	ck_assert_uint_eq(strlen(written(s, "out", text, sizeof(text))),
	    5 * (HOOK_RUNNING + 5));
	ck_assert_uint_eq(s->lines.n, 0);
	stage_free(s);
}
END_TEST

START_TEST(stop_does_not_wait_for_ever)
{
	struct stage *s = stage_new();
	uint64_t began = now_ms();

	hooks_limit(s->hooks, 60000, 5000, 300);
	script(s, CONF_PHASE1_DOWN, "sleep 2");
	happens(s, IKE_EVENT_PHASE1_DOWN);
	happens(s, IKE_EVENT_PHASE1_DOWN);
	hooks_free(s->hooks);
	s->hooks = NULL;
	ck_assert_uint_ge(now_ms() - began, 300);
	ck_assert_uint_lt(now_ms() - began, 1500);
	ck_assert_uint_eq(s->lines.n, 1);
	ck_assert_ptr_nonnull(strstr(s->lines.text, "2 phase1_down scripts"));
	stage_free(s);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("hook");

	tcase_add_test(t, environment_of_it);
	tcase_add_test(t, inherits_nothing);
	tcase_add_test(t, which_events);
	tcase_add_test(t, none_is_configured);
	tcase_add_test(t, in_order);
	tcase_add_test(t, bad_ends);
	tcase_add_test(t, cannot_start);
	tcase_add_test(t, many);
	tcase_add_test(t, too_many);
	tcase_add_test(t, too_long);
	tcase_add_test(t, stop_waits_for_down);
	tcase_add_test(t, stop_does_not_wait_for_ever);
	return run_case("hook", t);
}
