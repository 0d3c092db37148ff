/* SPDX-License-Identifier: ISC */
/* What a service manager is told. */
#include <event2/event.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "daemon_tools.h"
#include "monitor/manager.h"
#include "notify.h"
#include "suite.h"

static uint64_t
now_usec(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

START_TEST(states)
{
	const uint64_t before = now_usec();
	char got[200], *at;
	int s = notify_listen();

	manager_ready();
	notify_expect(s, "READY=1\nSTATUS=");
	manager_reloading();
	(void)notify_next(s, got, sizeof(got));
	ck_assert_ptr_eq(strstr(got, "RELOADING=1\n"), got);
	at = strstr(got, "\nMONOTONIC_USEC=");
	ck_assert_ptr_nonnull(at);
	ck_assert_uint_ge(strtoull(at + 16, NULL, 10), before);
	ck_assert_uint_le(strtoull(at + 16, NULL, 10), now_usec());
	manager_stopping();
	notify_expect(s, "STOPPING=1\nSTATUS=");
	notify_expect(s, "");
	(void)close(s);
}
END_TEST

START_TEST(socket_with_a_name)
{
	char dir[] = "/tmp/check_manager.XXXXXX";
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/notify", dir);
	ck_assert_int_eq(bind(s, (const struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", at.sun_path, 1), 0);
	ck_assert(manager_tell("X=1\n", -1));
	notify_expect(s, "X=1\n");
	(void)close(s);
	(void)unlink(at.sun_path);
	ck_assert(!manager_tell("X=1\n", -1));
	(void)rmdir(dir);
}
END_TEST

/* No manager, or an address that is none. */
START_TEST(nobody)
{
	char length[300];

	(void)unsetenv("NOTIFY_SOCKET");
	ck_assert(!manager_tell("X=1\n", -1));
	memset(length, 'x', sizeof(length) - 1);
	length[0] = '/';
	length[sizeof(length) - 1] = '\0';
	for (const char *const *p = (const char *const []){ "", "@", "/",
	    "relative", "vsock:2:1234", length, NULL }; *p != NULL; p++) {
		ck_assert_int_eq(setenv("NOTIFY_SOCKET", *p, 1), 0);
		ck_assert_msg(!manager_tell("X=1\n", -1), "\"%s\"", *p);
	}
}
END_TEST

/* It is told by whom the watchdog calls, and by nobody else. */
static void
count(void *ctx)
{
	unsigned int *calls = ctx;

	if (++*calls % 2 == 0)
		manager_alive();
}

/* How often it is called within 300 ms; every other time it is alive. */
static unsigned int
beats(const char *usec, const char *pid)
{
	struct event_base *base = event_base_new();
	char got[200];
	unsigned int n = 0, calls = 0;
	int s = notify_listen();
	struct watchdog *w;

	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	if (usec != NULL)
		ck_assert_int_eq(setenv("WATCHDOG_USEC", usec, 1), 0);
	if (pid != NULL)
		ck_assert_int_eq(setenv("WATCHDOG_PID", pid, 1), 0);
	w = watchdog_new(base, count, &calls);
	for (int i = 0; i < 300; i++) {
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
		if (notify_next(s, got, sizeof(got))[0] == '\0')
			continue;
		ck_assert_str_eq(got, "WATCHDOG=1\n");
		n++;
	}
	ck_assert_uint_eq(n, calls / 2);
	watchdog_free(w);
	event_base_free(base);
	(void)close(s);
	return calls;
}

START_TEST(watchdog)
{
	char pid[24];

	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	ck_assert_uint_ge(beats("100000", pid), 2);
	ck_assert_uint_ge(beats("100000", NULL), 2);
	ck_assert_uint_eq(beats("100000", "1"), 0);
	ck_assert_uint_eq(beats("100000", "x"), 0);
	ck_assert_uint_eq(beats(NULL, pid), 0);
	ck_assert_uint_eq(beats("0", pid), 0);
	ck_assert_uint_eq(beats("-1", pid), 0);
	ck_assert_uint_eq(beats("100000s", pid), 0);
	/* Far away, but no number that overflows. */
	ck_assert_uint_eq(beats("18446744073709551615", pid), 0);
	ck_assert_uint_eq(beats("99999999999999999999999", pid), 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { states, socket_with_a_name, nobody,
	    watchdog };

	return suite_main("manager", tests, sizeof(tests) / sizeof(tests[0]));
}
