/* SPDX-License-Identifier: ISC */
/* The daemon's base: log lines, memory, timers. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/timer.h"
#include "libipsec/addr.h"

/* ---- log ---- */

struct caught {
	unsigned int	n;
	enum log_level	level;
	char		peer[ADDR_TEXT];
	char		text[LOG_TEXT + 1];
};

static void
catch_line(void *ctx, enum log_level level, const char *peer, const char *text)
{
	struct caught *c = ctx;

	c->n++;
	c->level = level;
	(void)snprintf(c->peer, sizeof(c->peer), "%s",
	    peer == NULL ? "none" : peer);
	(void)snprintf(c->text, sizeof(c->text), "%s", text);
}

START_TEST(log_passes_levels)
{
	struct caught c = { .n = 0 };

	log_to(catch_line, &c);
	ck_assert_int_eq(log_get_level(), LOG_L_INFO);
	log_msg(LOG_L_INFO, "value %d", 7);
	ck_assert_uint_eq(c.n, 1);
	ck_assert_int_eq(c.level, LOG_L_INFO);
	ck_assert_str_eq(c.text, "value 7");
	ck_assert_str_eq(c.peer, "none");
	log_msg(LOG_L_DEBUG, "silent");
	ck_assert_uint_eq(c.n, 1);
	ck_assert(!log_on(LOG_L_DEBUG));
	log_set_level(LOG_L_DEBUG2);
	ck_assert(log_on(LOG_L_DEBUG2));
	log_msg(LOG_L_DEBUG2, "heard");
	ck_assert_uint_eq(c.n, 2);
	log_set_level(LOG_L_ERROR);
	log_msg(LOG_L_WARNING, "silent");
	log_msg(LOG_L_ERROR, "heard");
	ck_assert_uint_eq(c.n, 3);
}
END_TEST

START_TEST(log_names_the_peer)
{
	struct caught c = { .n = 0 };
	struct ipsec_addr a;

	log_to(catch_line, &c);
	ck_assert(addr_parse(&a, "192.0.2.7"));
	a.port = 500;
	log_peer(LOG_L_WARNING, &a, "%s", "hello");
	ck_assert_str_eq(c.peer, "192.0.2.7");
	ck_assert_str_eq(c.text, "hello");
	log_peer(LOG_L_WARNING, NULL, "hello");
	ck_assert_str_eq(c.peer, "none");
	log_peer(LOG_L_DEBUG, &a, "silent");
	ck_assert_uint_eq(c.n, 2);
}
END_TEST

START_TEST(log_tames_its_text)
{
	struct caught c = { .n = 0 };
	char big[LOG_TEXT + 100];

	log_to(catch_line, &c);
	log_msg(LOG_L_INFO, "a\nb\tc\033[31m\177d\xc3\xa9");
	ck_assert_str_eq(c.text, "a b c?[31m?d\xc3\xa9");
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	log_msg(LOG_L_INFO, "%s", big);
	ck_assert_uint_eq(strlen(c.text), LOG_TEXT - 1);
	ck_assert_str_eq(c.text + LOG_TEXT - 5, "x...");
	big[LOG_TEXT - 1] = '\0';
	log_msg(LOG_L_INFO, "%s", big);
	ck_assert_str_eq(c.text, big);
}
END_TEST

START_TEST(log_lays_out_a_line)
{
	static const char *const name[] = { "ERROR", "WARNING", "NOTIFY",
		"INFO", "DEBUG", "DEBUG2" };
	char line[LOG_LINE];
	size_t n;

	ck_assert_int_eq(setenv("TZ", "UTC", 1), 0);
	n = log_line(line, sizeof(line), 1795454400, LOG_L_INFO, "192.0.2.7",
	    "text");
	ck_assert_str_eq(line,
	    "2026-11-23 17:20:00: [192.0.2.7] INFO: text");
	ck_assert_uint_eq(n, strlen(line));
	(void)log_line(line, sizeof(line), 0, LOG_L_DEBUG2, NULL, "t");
	ck_assert_str_eq(line, "1970-01-01 00:00:00: DEBUG2: t");
	n = log_line(line, 8, 0, LOG_L_INFO, NULL, "t");
	ck_assert_str_eq(line, "1970-01");
	ck_assert_uint_eq(n, 7);
	for (int i = 0; i < 6; i++)
		ck_assert_str_eq(log_level_name((enum log_level)(i + 1)),
		    name[i]);
	ck_assert_str_eq(log_level_name((enum log_level)0), "(not defined)");
	ck_assert_str_eq(log_level_name((enum log_level)7), "(not defined)");
}
END_TEST

START_TEST(log_defaults_to_stderr)
{
	char text[200] = "";
	int fd = memfd_create("log", 0), old = dup(STDERR_FILENO);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
	log_to(NULL, NULL);
	log_msg(LOG_L_NOTIFY, "on the terminal");
	ck_assert_int_ge(dup2(old, STDERR_FILENO), 0);
	ck_assert_int_gt(pread(fd, text, sizeof(text) - 1, 0), 0);
	ck_assert_ptr_nonnull(strstr(text, ": NOTIFY: on the terminal\n"));
	(void)close(fd);
	(void)close(old);
}
END_TEST

/* ---- mem ---- */

START_TEST(mem_allocates)
{
	uint8_t *p = xcalloc(100, 3);
	char *s;

	for (size_t i = 0; i < 300; i++)
		ck_assert_uint_eq(p[i], 0);
	memset(p, 7, 300);
	p = xreallocarray(p, 1000, 5);
	ck_assert_uint_eq(p[299], 7);
	xfreezero(p, 5000);
	xfreezero(NULL, 0);
	free(xcalloc(0, 8));
	free(xreallocarray(NULL, 0, 8));
	s = xstrdup("abc");
	ck_assert_str_eq(s, "abc");
	free(s);
	s = xstrndup("abcdef", 2);
	ck_assert_str_eq(s, "ab");
	free(s);
	s = xstrndup("ab", 20);
	ck_assert_str_eq(s, "ab");
	free(s);
	s = xasprintf("%s-%d", "x", 9);
	ck_assert_str_eq(s, "x-9");
	free(s);
}
END_TEST

/* Under AddressSanitizer too, an impossible request is answered by NULL. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* Too large by multiplication: must not wrap around to something small. */
START_TEST(mem_aborts_when_exhausted)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	log_set_level((enum log_level)0);
	(void)xreallocarray(NULL, SIZE_MAX / 2, 4);
}
END_TEST

/* ---- timer ---- */

#define MANY	1000

struct clock {
	struct timers	 ts;
	uint64_t	 fired[MANY];
	size_t		 n;
};

struct alarm {
	struct timer	 t;
	struct clock	*clock;
	uint64_t	 when, again;
	struct alarm	*kill;		/* disarmed by the callback */
};

static void
ring(void *ctx)
{
	struct alarm *a = ctx;

	ck_assert(!timer_armed(&a->t));
	ck_assert_uint_lt(a->clock->n, MANY);
	a->clock->fired[a->clock->n++] = a->when;
	if (a->again != 0) {
		a->when = a->again;
		a->again = 0;
		timer_set(&a->clock->ts, &a->t, a->when);
	}
	if (a->kill != NULL)
		timer_del(&a->clock->ts, &a->kill->t);
}

static void
arm(struct clock *c, struct alarm *a, uint64_t when)
{
	a->when = when;
	timer_set(&c->ts, &a->t, when);
}

static void
alarm_init(struct clock *c, struct alarm *a)
{
	*a = (struct alarm){ .clock = c };
	timer_init(&a->t, ring, a);
}

START_TEST(timer_fires_in_order)
{
	static const uint64_t when[] = { 50, 10, 40, 10, 30, 20, 60 };
	struct clock c = { .n = 0 };
	struct alarm a[7];

	timers_init(&c.ts);
	ck_assert_uint_eq(timers_next(&c.ts), TIMER_NEVER);
	timers_run(&c.ts, 1000);
	for (size_t i = 0; i < 7; i++) {
		alarm_init(&c, &a[i]);
		ck_assert(!timer_armed(&a[i].t));
		arm(&c, &a[i], when[i]);
		ck_assert(timer_armed(&a[i].t));
	}
	ck_assert_uint_eq(timers_next(&c.ts), 10);
	timers_run(&c.ts, 9);
	ck_assert_uint_eq(c.n, 0);
	timers_run(&c.ts, 40);
	ck_assert_uint_eq(c.n, 5);
	for (size_t i = 1; i < c.n; i++)
		ck_assert_uint_le(c.fired[i - 1], c.fired[i]);
	ck_assert_uint_eq(timers_next(&c.ts), 50);
	timers_fini(&c.ts);
	ck_assert(!timer_armed(&a[0].t));
	ck_assert_uint_eq(timers_next(&c.ts), TIMER_NEVER);
}
END_TEST

START_TEST(timer_moves_and_leaves)
{
	struct clock c = { .n = 0 };
	struct alarm a[3];

	timers_init(&c.ts);
	for (size_t i = 0; i < 3; i++) {
		alarm_init(&c, &a[i]);
		arm(&c, &a[i], 10 * (i + 1));
	}
	arm(&c, &a[0], 35);
	ck_assert_uint_eq(timers_next(&c.ts), 20);
	arm(&c, &a[2], 5);
	ck_assert_uint_eq(timers_next(&c.ts), 5);
	timer_del(&c.ts, &a[2].t);
	ck_assert(!timer_armed(&a[2].t));
	timer_del(&c.ts, &a[2].t);
	ck_assert_uint_eq(timers_next(&c.ts), 20);
	timers_run(&c.ts, 100);
	ck_assert_uint_eq(c.n, 2);
	ck_assert_uint_eq(c.fired[0], 20);
	ck_assert_uint_eq(c.fired[1], 35);
	timers_fini(&c.ts);
}
END_TEST

/* What a callback sets at or before now runs at once, the rest waits. */
START_TEST(timer_may_rearm_and_disarm)
{
	struct clock c = { .n = 0 };
	struct alarm a[3];

	timers_init(&c.ts);
	for (size_t i = 0; i < 3; i++) {
		alarm_init(&c, &a[i]);
		arm(&c, &a[i], 10 + i);
	}
	a[0].again = 20;
	a[0].kill = &a[1];
	a[2].again = 21;
	timers_run(&c.ts, 20);
	ck_assert_uint_eq(c.n, 3);
	ck_assert_uint_eq(c.fired[0], 10);
	ck_assert_uint_eq(c.fired[1], 12);
	ck_assert_uint_eq(c.fired[2], 20);
	ck_assert(!timer_armed(&a[1].t));
	ck_assert_uint_eq(timers_next(&c.ts), 21);
	timers_fini(&c.ts);
}
END_TEST

START_TEST(timer_never_comes)
{
	struct clock c = { .n = 0 };
	struct alarm a;

	timers_init(&c.ts);
	alarm_init(&c, &a);
	arm(&c, &a, TIMER_NEVER);
	timers_run(&c.ts, UINT64_MAX);
	ck_assert_uint_eq(c.n, 0);
	timer_del(&c.ts, &a.t);
	timers_fini(&c.ts);
}
END_TEST

/* A storm of sets, moves and removals, against a count kept by hand. */
START_TEST(timer_keeps_its_heap)
{
	struct clock c = { .n = 0 };
	struct alarm *a = xcalloc(MANY, sizeof(*a));
	uint32_t seed = 12345;
	size_t armed = 0;

	timers_init(&c.ts);
	for (size_t i = 0; i < MANY; i++)
		alarm_init(&c, &a[i]);
	for (size_t i = 0; i < 20 * MANY; i++) {
		struct alarm *one;

		seed = seed * 1664525 + 1013904223;
		one = &a[(seed >> 8) % MANY];
		if ((seed >> 28) < 5)
			timer_del(&c.ts, &one->t);
		else
			arm(&c, one, 1 + (seed >> 4) % 5000);
	}
	for (size_t i = 0; i < MANY; i++)
		armed += timer_armed(&a[i].t);
	ck_assert_uint_gt(armed, MANY / 4);
	timers_run(&c.ts, 5001);
	ck_assert_uint_eq(c.n, armed);
	for (size_t i = 1; i < c.n; i++)
		ck_assert_uint_le(c.fired[i - 1], c.fired[i]);
	timers_fini(&c.ts);
	free(a);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base");
	TCase *t = tcase_create("base");
	SRunner *r;
	int failed;

	tcase_add_test(t, log_passes_levels);
	tcase_add_test(t, log_names_the_peer);
	tcase_add_test(t, log_tames_its_text);
	tcase_add_test(t, log_lays_out_a_line);
	tcase_add_test(t, log_defaults_to_stderr);
	tcase_add_test(t, mem_allocates);
	tcase_add_test_raise_signal(t, mem_aborts_when_exhausted, SIGABRT);
	tcase_add_test(t, timer_fires_in_order);
	tcase_add_test(t, timer_moves_and_leaves);
	tcase_add_test(t, timer_may_rearm_and_disarm);
	tcase_add_test(t, timer_never_comes);
	tcase_add_test(t, timer_keeps_its_heap);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
