/* SPDX-License-Identifier: ISC */
/* What the tests of the daemon's parts share. */
#ifndef TEST_DAEMON_TOOLS_H
#define TEST_DAEMON_TOOLS_H

#include <check.h>
#include <event2/event.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

/* Says on the terminal what could not be tried, and why. */
#define SKIP(why) do {							\
	(void)fprintf(stderr, "SKIP %s: %s\n", __func__, (why));	\
	return;								\
} while (0)

struct lines {
	unsigned int	n;
	enum log_level	level;		/* of the last one */
	char		text[LOG_TEXT];
};

static inline void
catch_line(void *ctx, enum log_level level, const char *peer, const char *text)
{
	struct lines *l = ctx;

	(void)peer;
	if (level > LOG_L_WARNING)
		return;
	l->n++;
	l->level = level;
	(void)snprintf(l->text, sizeof(l->text), "%s", text);
}

/* Runs the loop until DONE or too long. */
static inline void
turn(struct event_base *base, bool (*done)(void *), void *ctx)
{
	for (int i = 0; i < 3000 && !done(ctx); i++) {
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	}
}

/* Runs one test case: what main() returns. */
static inline int
run_case(const char *name, TCase *t)
{
	Suite *s = suite_create(name);
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 30);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
