/* SPDX-License-Identifier: ISC */
/* Warnings of racoon -t: each kind, where it points, and what is fine. */
#include "conf/lint.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/psk.h"
#include "test/conf_world.h"

#define GOOD_P1	"proposal { encryption_algorithm aes; hash_algorithm sha256;" \
		" authentication_method pre_shared_key; dh_group 14; }"
#define GOOD	"path pre_shared_key \"/psk\"; remote anonymous {" \
		"exchange_mode main; " GOOD_P1 "}"

/* Files of a kind, with an owner and a mode. */
static const struct {
	const char	*path, *text;
	mode_t		 mode;
	bool		 foreign;	/* neither root's nor ours */
} files[] = {
	{ "/psk", "10.0.0.1 x\n", S_IFREG | 0600, false },
	{ "/open", "10.0.0.1 x\n", S_IFREG | 0640, false },
	{ "/foreign", "10.0.0.1 x\n", S_IFREG | 0600, true },
	{ "/faults", "10.0.0.1 x\n 10.0.0.2 y\n", S_IFREG | 0600, false },
	{ "/unreadable", "!", S_IFREG | 0600, false },
	{ "/d", "!", S_IFDIR | 0755, false },
	{ "/d/up", "", S_IFREG | 0755, false },
	{ "/d/text", "", S_IFREG | 0644, false },
	{ "/cert", "c", S_IFREG | 0644, false },
	{ "/key", "k", S_IFREG | 0600, false },
	{ "/weak.conf", REMOTE("certificate_type plain_rsa \"/cert\";"),
	    S_IFREG | 0644, false },
	{ "/good.conf", REMOTE("certificate_type plain_rsa \"/key\";"),
	    S_IFREG | 0644, false },
};

#define NFILES	(sizeof(files) / sizeof(files[0]))

struct lines {
	char		*line[LINES];
	size_t		 n;
};

static void
keep(void *ctx, enum log_level level, const char *peer, const char *text)
{
	struct lines *l = ctx;

	ck_assert_ptr_null(peer);
	ck_assert_int_eq(level, LOG_L_WARNING);
	ck_assert_uint_lt(l->n, LINES);
	l->line[l->n++] = xstrdup(text);
}

static bool
file_info(void *ctx, const char *path, struct stat *st)
{
	(void)ctx;
	for (size_t i = 0; i < NFILES; i++) {
		if (strcmp(files[i].path, path) != 0)
			continue;
		*st = (struct stat){ .st_mode = files[i].mode,
		    .st_uid = files[i].foreign ? geteuid() + 1 : geteuid() };
		return true;
	}
	errno = ENOENT;
	return false;
}

static bool
file_open(void *ctx, const char *path, struct conf_text *out)
{
	(void)ctx;
	for (size_t i = 0; i < NFILES; i++) {
		if (strcmp(files[i].path, path) != 0 ||
		    strcmp(files[i].text, "!") == 0)
			continue;
		out->n = strlen(files[i].text);
		out->text = xstrdup(files[i].text);
		return true;
	}
	errno = EACCES;
	return false;
}

/* The N-th warning about TEXT starts with START; NULL: there are N. */
static void
nth(const char *text, size_t n, const char *start)
{
	const struct conf_opener opener = {
		.open = file_open, .info = file_info
	};
	struct world w = { .nfiles = 0 };
	struct lines l = { .n = 0 };

	add_file(&w, "/cert", "c");
	ck_assert_int_eq(read_text(&w, text), OK);
	log_to(keep, &l);
	ck_assert_uint_eq(conf_lint(w.conf, &opener), l.n);
	log_to(NULL, NULL);
	if (start == NULL)
		ck_assert_msg(l.n == n, "%s: %zu: %s", text, l.n, l.n == 0 ?
		    "" : l.line[0]);
	else
		ck_assert_msg(l.n > n && strncmp(l.line[n], start,
		    strlen(start)) == 0, "%s: %s", text, l.n > n ?
		    l.line[n] : "none");
	for (size_t i = 0; i < l.n; i++)
		free(l.line[i]);
	leave(&w);
}

static void
lints(const char *text, const char *start)
{
	nth(text, 0, start);
	nth(text, 1, NULL);
}

START_TEST(test_good)
{
	nth("", 0, NULL);
	nth(GOOD, 0, NULL);
	nth(GOOD "path include \"/d\"; path script \"/d\";"
	    "remote 10.0.0.1 { exchange_mode main; script \"up\" phase1_up;"
	    GOOD_P1 "} sainfo anonymous {" LISTS "pfs_group 14; }", 0, NULL);
}
END_TEST

START_TEST(test_algorithms)
{
	lints("path pre_shared_key \"/psk\";\nremote anonymous {\n"
	    "exchange_mode main; proposal {\nencryption_algorithm des;\n"
	    "hash_algorithm sha256; authentication_method pre_shared_key;"
	    "dh_group 14; } }", "t:4: \"des\" is broken");
	nth(GOOD "remote 10.0.0.1 {\nexchange_mode main; proposal {"
	    "encryption_algorithm aes;\nhash_algorithm md5;\ndh_group 2;"
	    "authentication_method pre_shared_key; } }", 0,
	    "t:3: \"md5\" is broken");
	nth(GOOD "remote 10.0.0.1 {\nexchange_mode main; proposal {"
	    "encryption_algorithm aes;\nhash_algorithm md5;\ndh_group 2;"
	    "authentication_method pre_shared_key; } }", 1,
	    "t:4: \"modp1024\" is too small");
	lints("sainfo anonymous {" LISTS "\npfs_group 1; }",
	    "t:2: \"modp768\" is too small");
	lints("sainfo anonymous {" LISTS "\nencryption_algorithm aes, des; }",
	    "t:2: \"des\" is broken");
	lints("sainfo anonymous {" LISTS "\nauthentication_algorithm "
	    "hmac_md5; }", "t:2: \"hmac_md5\" is outdated");
	lints("sainfo anonymous {" LISTS "\nauthentication_algorithm "
	    "non_auth; }", "t:2: \"non_auth\" lets anybody");
	/* heirs say nothing again, but of what is their own */
	nth(GOOD "\nremote \"a\" { passive on; exchange_mode main;\n" P1 "}"
	    "\nremote \"b\" inherit \"a\";", 1, NULL);
	nth(GOOD "\nremote \"a\" { passive on; exchange_mode main;\n" P1 "}"
	    "\nremote \"b\" inherit \"a\" {\n" P1 "}", 1, "t:5: \"modp1024\"");
}
END_TEST

START_TEST(test_methods)
{
	lints("path pre_shared_key \"/psk\"; remote anonymous {\n"
	    "exchange_mode main, aggressive;" GOOD_P1 "}",
	    "t:2: \"aggressive\" with pre_shared_key lets anybody guess");
	nth("remote anonymous {\nexchange_mode aggressive; certificate_type "
	    "x509 \"/cert\" \"/psk\"; proposal { encryption_algorithm aes;"
	    "hash_algorithm sha256; authentication_method rsasig;"
	    "dh_group 14; } }", 0, NULL);
	lints("\nremote anonymous { exchange_mode main; proposal {"
	    "encryption_algorithm aes; hash_algorithm sha256; dh_group 14;"
	    "authentication_method rsasig; } }",
	    "t:2: \"anonymous\" proposes signatures, but has no key");
	nth("remote anonymous { exchange_mode main;\ncertificate_type "
	    "plain_rsa \"/cert\"; proposal { encryption_algorithm aes;"
	    "hash_algorithm sha256; authentication_method rsasig;"
	    "dh_group 14; } }", 0, "t:2: \"plain_rsa\" needs the peer's key");
}
END_TEST

START_TEST(test_files)
{
	lints("remote anonymous { exchange_mode main;" GOOD_P1 "}",
	    "t:1: \"anonymous\" proposes pre_shared_key, but there is no path");
	lints("path pre_shared_key \"/no\";", "t:1: \"pre_shared_key\" names "
	    "/no: No such file");
	lints("path pre_shared_key \"/open\";", "t:1: \"pre_shared_key\" /open "
	    "has weak file permission 0640: others");
	lints("path pre_shared_key \"/foreign\";", "t:1: \"pre_shared_key\" "
	    "/foreign has invalid owner uid");
	lints("path pre_shared_key \"/d\";", "t:1: \"pre_shared_key\" /d is no "
	    "regular file");
	lints("path pre_shared_key \"/unreadable\";", "t:1: "
	    "\"pre_shared_key\" cannot read /unreadable: Permission denied");
	lints("path pre_shared_key \"/faults\";", "/faults:2: starts with a "
	    "blank");
	lints("\npath include \"/no\";", "t:2: \"include\" names /no: No such");
	lints("path certificate \"/psk\";", "t:1: \"certificate\" /psk is no "
	    "directory");
	lints(GOOD "path script \"/d\"; remote 10.0.0.1 { exchange_mode main;"
	    GOOD_P1 "\nscript \"text\" phase1_up; }",
	    "t:2: \"script\" /d/text is no program");
	nth(GOOD "remote 10.0.0.1 { exchange_mode main;" GOOD_P1 "\n"
	    "script \"up\" phase1_up; }", 0, "t:2: \"script\" up is relative");
	nth(GOOD "remote 10.0.0.1 { exchange_mode main;" GOOD_P1 "\n"
	    "script \"up\" phase1_up; }", 1, "t:2: \"script\" names up: No");
	lints(GOOD "remote 10.0.0.1 { exchange_mode main;" GOOD_P1 "\n"
	    "certificate_type x509 \"/cert\" \"/open\"; }",
	    "t:2: \"certificate_type\" /open has weak file permission");
	lints(GOOD "remote 10.0.0.1 { exchange_mode main;" GOOD_P1 "\n"
	    "certificate_type plain_rsa \"/cert\"; }",
	    "t:2: \"certificate_type\" /cert has weak file permission");
}
END_TEST

static void
keep_errors(void *ctx, enum log_level level, const char *peer,
    const char *text)
{
	if (level == LOG_L_ERROR)
		keep(ctx, LOG_L_WARNING, peer, text);
}

/* Raw RSA keys that others can read were an error always. */
START_TEST(test_weak_key)
{
	const struct conf_opener opener = {
		.open = file_open, .info = file_info
	};
	struct lines l = { .n = 0 };
	struct conf *c;

	log_to(keep_errors, &l);
	ck_assert_int_eq(conf_read(&opener, "/good.conf", &c), OK);
	conf_unref(c);
	ck_assert_int_eq(conf_read(&opener, "/weak.conf", &c), E_CONFIG);
	log_to(NULL, NULL);
	ck_assert_uint_eq(l.n, 2);
	ck_assert_str_eq(l.line[0], "/weak.conf:1: \"/cert\" /cert has weak "
	    "file permission 0644: others may get at the keys; run: chmod 600 "
	    "/cert");
	free(l.line[0]);
	free(l.line[1]);
}
END_TEST

START_TEST(test_rivals)
{
	lints(GOOD "\nsainfo anonymous {" LISTS "\nremoteid 3; }",
	    "t:3: \"remoteid\" is the ph1id of no remote block");
	nth(GOOD "sainfo anonymous {" LISTS "remoteid 3; }"
	    "remote 10.0.0.1 { ph1id 3; exchange_mode main;" GOOD_P1 "}", 0,
	    NULL);
	lints(GOOD "\nremote anonymous { exchange_mode main;" GOOD_P1 "}",
	    "t:2: \"anonymous\" is for the same peer as t:1");
	lints(GOOD "remote 10.0.0.1 { exchange_mode main;" GOOD_P1 "}\n"
	    "remote \"x\" { remote_address 10.0.0.1; exchange_mode main;"
	    GOOD_P1 "}", "t:2: \"x\" is for the same peer as t:1");
	nth(GOOD "\nremote anonymous { exchange_mode main; passive on;" GOOD_P1
	    "} remote 10.0.0.1 { exchange_mode main;" GOOD_P1 "}"
	    "remote 10.0.0.2 { exchange_mode main;" GOOD_P1 "}", 0, NULL);
}
END_TEST

/* Without a way to look at files, nothing is said of them. */
START_TEST(test_blind)
{
	const struct conf_opener opener = { .open = file_open };
	struct world w = { .nfiles = 0 };

	ck_assert_int_eq(read_text(&w, "path include \"/no\";"
	    "path pre_shared_key \"/no\";"), OK);
	ck_assert_uint_eq(conf_lint(w.conf, &opener), 0);
	leave(&w);
}
END_TEST

static void
keep_line(void *ctx, unsigned int line, const char *text)
{
	struct lines *l = ctx;

	ck_assert_uint_lt(l->n, LINES);
	l->line[l->n++] = xasprintf("%u %s", line, text);
}

START_TEST(test_psk_lines)
{
	static const char text[] =
	    "# a comment\n"
	    "10.0.0.1 a\n"
	    "\n"
	    "10.0.0.2\n"
	    "\t10.0.0.3 b\n"
	    "10.0.0.1 c\n"
	    "10.0.0.4 0x12 34\n"
	    "10.0.0.5 0x123\n"
	    "10.0.0.6 d \n"
	    "10.0.0.7 e\r\n"
	    "* f\n"
	    "10.0.0.8 g\n"
	    "* h";
	static const char *const expected[] = {
		"4 has no key", "5 starts with a blank",
		"6 is never used: a line above", "8 has a key in hex that is",
		"9 has a blank or a carriage", "10 has a blank or a carriage",
		"12 is never reached", "13 is never reached"
	};
	struct lines l = { .n = 0 };

	psk_check(view_text(text), keep_line, &l);
	ck_assert_uint_eq(l.n, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < l.n; i++) {
		ck_assert_msg(strncmp(l.line[i], expected[i],
		    strlen(expected[i])) == 0, "%s", l.line[i]);
		free(l.line[i]);
	}
}
END_TEST

START_TEST(test_psk_long)
{
	struct lines l = { .n = 0 };
	char *text = xcalloc(3000, 1);

	/* cut at 1023 bytes: two keys that are no lines, and one more */
	memset(text, 'x', 2500);
	text[8] = ' ';
	psk_check(view_text(text), keep_line, &l);
	ck_assert_uint_eq(l.n, 3);
	ck_assert_int_eq(strncmp(l.line[0], "1 is longer than 1023", 21), 0);
	ck_assert_int_eq(strncmp(l.line[1], "1 is longer than 1023", 21), 0);
	ck_assert_str_eq(l.line[2], "1 has no key");
	for (size_t i = 0; i < 3; i++)
		free(l.line[i]);
	/* not more than can be read */
	l.n = 0;
	for (size_t i = 0; i < 1000; i++)
		memcpy(text + 2 * i, "x\n", 3);
	psk_check(view_text(text), keep_line, &l);
	ck_assert_uint_eq(l.n, 20);
	for (size_t i = 0; i < 20; i++)
		free(l.line[i]);
	free(text);
}
END_TEST

START_TEST(test_metrics_public)
{
	nth(GOOD "listen { metrics 127.9.9.9; }", 0, NULL);
	nth(GOOD "listen { metrics ::1; }", 0, NULL);
	lints(GOOD "\nlisten { metrics 0.0.0.0; }",
	    "t:2: \"metrics\" are for everybody");
	lints(GOOD "\nlisten { metrics 2001:db8::1 [80]; }",
	    "t:2: \"metrics\" are for everybody");
}
END_TEST

static Suite *
lint_suite(void)
{
	Suite *s = suite_create("conf lint");
	TCase *t = tcase_create("conf lint");

	tcase_add_test(t, test_good);
	tcase_add_test(t, test_algorithms);
	tcase_add_test(t, test_methods);
	tcase_add_test(t, test_files);
	tcase_add_test(t, test_weak_key);
	tcase_add_test(t, test_rivals);
	tcase_add_test(t, test_blind);
	tcase_add_test(t, test_psk_lines);
	tcase_add_test(t, test_psk_long);
	tcase_add_test(t, test_metrics_public);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(lint_suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
