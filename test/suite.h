/* SPDX-License-Identifier: ISC */
/* main() of a Check program that is nothing but a list of tests; and of one
 * whose tests have names of their own. */
#ifndef TEST_SUITE_H
#define TEST_SUITE_H

#include <check.h>
#include <stdlib.h>

struct suite_row {
	const char	*name;
	const TTest	*test;
};

static inline int
suite_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static inline int
suite_rows(const char *name, const struct suite_row *row, size_t n)
{
	Suite *suite = suite_create(name);

	for (size_t i = 0; i < n; i++) {
		TCase *tcase = tcase_create(row[i].name);

		tcase_add_test(tcase, row[i].test);
		suite_add_tcase(suite, tcase);
	}
	return suite_run(suite);
}

/* Runs the N tests; returns what main() returns. */
static inline int
suite_main(const char *name, const TTest *const *tests, size_t n)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	size_t i;

	for (i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	tcase_set_timeout(tcase, 60);	/* slow machines, sanitizers */
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}

#endif
