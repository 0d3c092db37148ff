/* SPDX-License-Identifier: ISC */
/* Several errors in one file: each shows once, none brings about others. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/parse.h"
#include "test/conf_world.h"

#define MAIN	"exchange_mode main; "

/* The errors of TEXT are at these lines, and no others. */
static void
errors_at(const char *text, const unsigned int *line, size_t n)
{
	struct world w = { .nfiles = 0 };
	size_t found = 0;

	ck_assert_int_eq(read_text(&w, text), E_CONFIG);
	for (size_t i = 0; i < w.nlines; i++) {
		unsigned int at;

		if (w.level[i] != LOG_L_ERROR ||
		    sscanf(w.line[i], "t:%u:", &at) != 1)
			continue;
		ck_assert_msg(found < n && at == line[found], "%s\n%s", text,
		    w.line[i]);
		found++;
	}
	ck_assert_msg(found == n, "%s: %zu errors", text, found);
	ck_assert_uint_eq(w.level[w.nlines - 1], LOG_L_ERROR);
	leave(&w);
}

#define ERRORS(text, ...)						\
	errors_at(text, (const unsigned int[]){ __VA_ARGS__ },		\
	    sizeof((const unsigned int[]){ __VA_ARGS__ }) /		\
	    sizeof(unsigned int))

START_TEST(test_statements)
{
	/* at the top level, with and without a semicolon of their own */
	ERRORS("log loud;\nbar;\npath include x;\nlog info;\n", 1, 2, 3);
	ERRORS("bar { baz; { x; } }\nlog info;\ncar;", 1, 3);
	ERRORS("log info;;\nlog;\n}\n;", 1, 2, 4);
	/* in blocks: the other directives are read, the block's end is found */
	ERRORS("timer {\ncounter x;\ninterval 5;\npersend 1;\nfee 5;\n}\nfoo;",
	    2, 3, 5, 7);
	ERRORS("padding {\nrandomize 1\n}\nlisten {\nisakmp 1;\nadmin;\n}",
	    2, 5, 6);
	ERRORS("mode_cfg {\nnetwork4 ::1;\nfee;\nnetmask4 ::1;\n}", 2, 3, 4);
	ERRORS("privsep {\nuser \"no such user\";\ngroup \"no such group\";\n"
	    "}", 2, 3);
	/* in a block within a block */
	ERRORS("remote anonymous {\n" MAIN "\nproposal {\n"
	    "encryption_algorithm aes 5;\nhash_algorithm aes;\ndh_group 13;\n"
	    "}\ndpd_dealy 5;\n}\nsainfo anonymous {\n"
	    "encryption_algorithm md5;\npfs_group 0;\n}", 4, 5, 6, 8, 11, 12);
}
END_TEST

/* What is missing because of an error is no error of its own. */
START_TEST(test_no_cascades)
{
	ERRORS("remote anonymous {\nexchange_mode ident;\n" P1 "}", 2);
	ERRORS("remote anonymous {\n" MAIN "\nproposal { x\n}\n}", 4);
	ERRORS("remote anonymous { " MAIN "proposal {\n"
	    "encryption_algorithm md5; hash_algorithm sha1; dh_group 2;\n"
	    "authentication_method pre_shared_key; } }", 2);
	/* heirs of a block with an error */
	ERRORS("remote \"a\" {\nfee;\n}\nremote \"b\" inherit \"a\";\n"
	    "remote \"c\" inherit \"b\" {\nfee;\n}", 2, 6);
	ERRORS("remote a {\n}\nremote 10.0.0.1 inherit anonymous;", 1);
	ERRORS("remote a {\n}\nremote 10.0.0.1 inherit 10.0.0.2;", 1);
	ERRORS("remote \"a\" inherit \"b\";\nremote \"c\" inherit \"a\";", 1);
	/* a header with an error takes its block along */
	ERRORS("remote foo {\n" MAIN P1 "\n}\nsainfo any {\n" LISTS "}\n"
	    "log loud;", 1, 4, 6);
}
END_TEST

/* Braces and quotes that are missing. */
START_TEST(test_missing)
{
	/* the end of a block, noticed where the next one starts */
	ERRORS("remote anonymous {\n" MAIN P1 "\nsainfo anonymous {" LISTS
	    "}\nlog loud;", 3, 4);
	ERRORS("remote anonymous {\n" MAIN "\nproposal {\n"
	    "encryption_algorithm aes;\nsainfo anonymous {\npfs_group 0;\n"
	    "}", 5, 6);
	ERRORS("timer {\npersend 1;\n", 3);
	ERRORS("remote anonymous { " MAIN "proposal {\nx;\n", 2);
	/* the start of one: what belongs into it is passed over */
	ERRORS("remote anonymous\n" MAIN P1 "\ndpd_delay 5;\n}\n"
	    "log loud;", 2, 5);
	/* a semicolon */
	ERRORS("timer {\npersend 1\ncounter 5;\n}\nlog loud;", 3, 5);
	/* a quote: nothing is what it seems behind it */
	ERRORS("path include \"a;\npath script \"b\";\nlog loud;\n"
	    "path certificate \"c\";", 2);
	/* one more brace than there should be ends in the top level */
	ERRORS("timer { persend 1; }\n}\nlog loud;", 3);
}
END_TEST

START_TEST(test_includes)
{
	struct world w = { .nfiles = 0 };

	add_file(&w, "/a", "log loud;\ntimer {");
	add_file(&w, "/b", "foo;");
	add_file(&w, "/m", "include \"/a\";\ninclude \"/none\";\n"
	    "include \"/b\";\nbar;");
	ck_assert_int_eq(read_world(&w, "/m"), E_CONFIG);
	ck_assert_uint_eq(w.nlines, 6);
	ck_assert_int_eq(strncmp(w.line[0], "/a:1: ", 6), 0);
	ck_assert_int_eq(strncmp(w.line[1], "/a:2: ", 6), 0);
	ck_assert_int_eq(strncmp(w.line[2], "/m:2: ", 6), 0);
	ck_assert_int_eq(strncmp(w.line[3], "/b:1: ", 6), 0);
	ck_assert_int_eq(strncmp(w.line[4], "/m:4: ", 6), 0);
	ck_assert_str_eq(w.line[5], "fatal parse failure (5 errors)");
	leave(&w);
}
END_TEST

START_TEST(test_too_many)
{
	struct world w = { .nfiles = 0 };
	char text[500] = "";

	for (unsigned int i = 0; i < 30; i++)
		strcat(text, "foo;\n");
	ck_assert_int_eq(read_text(&w, text), E_CONFIG);
	ck_assert_uint_eq(w.nlines, ERRORS_MAX + 2);
	ck_assert_str_eq(w.line[ERRORS_MAX], "t: reading ends here: there are "
	    "20 errors already");
	ck_assert_str_eq(w.line[ERRORS_MAX + 1],
	    "fatal parse failure (20 errors)");
	leave(&w);
}
END_TEST

static Suite *
errors_suite(void)
{
	Suite *s = suite_create("conf errors");
	TCase *t = tcase_create("conf errors");

	tcase_add_test(t, test_statements);
	tcase_add_test(t, test_no_cascades);
	tcase_add_test(t, test_missing);
	tcase_add_test(t, test_includes);
	tcase_add_test(t, test_too_many);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(errors_suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
