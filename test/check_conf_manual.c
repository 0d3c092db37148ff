/* SPDX-License-Identifier: ISC */
/*
 * racoon.conf(5) and the parser's tables, compared in both directions; and
 * the manual's examples are right.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/parse.h"
#include "conf/words.h"
#include "crypto/alg.h"

static char *
slurp(const char *name)
{
	char path[1024];
	struct conf_text text;

	snprintf(path, sizeof(path), "%s/%s", TESTDATA, name);
	ck_assert_msg(conf_files.open(NULL, path, &text), "%s", path);
	text.text = xreallocarray(text.text, text.n + 1, 1);
	text.text[text.n] = '\0';
	return text.text;
}

/* Is "WORD" or "BLOCK WORD" an item in this part of the manual? */
static bool
is_item(const char *part, size_t n, const char *block, const char *word)
{
	char want[128], *text = xstrndup(part, n), *p = text;
	bool found = false;
	size_t len;

	snprintf(want, sizeof(want), "\n.It Ic %s%s%s", strcmp(block, "path") ==
	    0 ? "path" : "", strcmp(block, "path") == 0 ? " " : "", word);
	len = strlen(want);
	while (!found && (p = strstr(p, want)) != NULL) {
		found = p[len] == ' ' || p[len] == '\n';
		p += len;
	}
	free(text);
	return found;
}

/* Counts the rows of a block that racoon.conf(5) does not explain. */
static unsigned int
undocumented(const char *manual, const struct block *b)
{
	const struct directive *d;
	char title[64];
	const char *part, *end;
	unsigned int n = 0;

	snprintf(title, sizeof(title), "\n.Ss %s\n", b->name);
	part = strstr(manual, title);
	ck_assert_msg(part != NULL, "no section %s", b->name);
	end = strstr(part + 1, "\n.Ss ");
	if (end == NULL)
		end = strstr(part + 1, "\n.Sh ");
	ck_assert_ptr_nonnull(end);
	for (d = b->rows; d != NULL && d->word != NULL; d++) {
		if (is_item(part, (size_t)(end - part), b->name, d->word))
			continue;
		fprintf(stderr, "racoon.conf(5), %s: %s is missing\n",
		    b->name, d->word);
		n++;
	}
	return n;
}

/* Counts the items of a block's section that are no directives of it. */
static unsigned int
unknown(const char *manual, const struct block *b)
{
	const char *prefix = strcmp(b->name, "path") == 0 ? "\n.It Ic path " :
	    "\n.It Ic ";
	char title[64], word[64];
	const char *p, *end;
	const struct directive *d;
	unsigned int n = 0;

	snprintf(title, sizeof(title), "\n.Ss %s\n", b->name);
	p = strstr(manual, title);
	ck_assert_ptr_nonnull(p);
	end = strstr(p + 1, "\n.S");
	ck_assert_ptr_nonnull(end);
	while ((p = strstr(p + 1, prefix)) != NULL && p < end) {
		ck_assert_int_eq(sscanf(p + strlen(prefix), "%63s", word), 1);
		for (d = b->rows; d != NULL && d->word != NULL; d++)
			if (strcmp(d->word, word) == 0)
				break;
		if (b->rows != NULL && d->word != NULL)
			continue;
		fprintf(stderr, "racoon.conf(5), %s: there is no %s\n",
		    b->name, word);
		n++;
	}
	return n;
}

/* Is WORD in the text, and not just a part of another? */
static bool
has_word(const char *text, const char *word)
{
	const size_t n = strlen(word);
	const char *p = text;

	while ((p = strstr(p, word)) != NULL) {
		const char before = p == text ? ' ' : p[-1], after = p[n];

		if (strchr(" \n\"[", before) != NULL &&
		    (after == '\0' || strchr(" \n\".,;|", after) != NULL))
			return true;
		p += n;
	}
	return false;
}

/* Every word that a directive takes is explained. */
static unsigned int
unexplained(const char *manual, const struct block *b)
{
	unsigned int n = 0;

	for (const struct directive *d = b->rows; d != NULL && d->word != NULL;
	    d++)
		for (const struct choice *c = d->choice; c != NULL &&
		    c->word != NULL; c++)
			n += has_word(manual, c->word) ? 0 : 1;
	for (const struct word *w = b->words; w != NULL && w->text != NULL;
	    w++)
		if (!has_word(manual, w->text)) {
			fprintf(stderr, "racoon.conf(5): %s is missing\n",
			    w->text);
			n++;
		}
	return n;
}

/* Every algorithm that some directive takes. */
static unsigned int
missing_algorithms(const char *manual, bool tell)
{
	unsigned int n = 0;

	for (const struct word *w = common_words; w->text != NULL; w++) {
		const bool taken = w->kind == T_ALG && (
		    alg_cipher_word(w->text) != NULL ||
		    alg_hash_word(w->text) != NULL ||
		    alg_group_word(w->text) != NULL ||
		    alg_esp_word(w->text) != NULL ||
		    alg_auth_word(w->text) != NULL ||
		    alg_comp_word(w->text) != NULL ||
		    method_word(w->text) != NULL);

		if (!taken || has_word(manual, w->text))
			continue;
		if (tell)
			fprintf(stderr, "racoon.conf(5): %s is missing\n",
			    w->text);
		n++;
	}
	return n;
}

START_TEST(test_manual_words)
{
	static const struct word words[] = {
		{ "no_such_word", T_WORD, 0 }, { .text = NULL }
	};
	static const struct directive row[] = {
		{ .word = "persend" }, { .word = NULL }
	};
	const struct block seeded = {
		.name = "timer", .rows = row, .words = words
	};
	char *manual = slurp("../racoon/racoon.conf.5");

	for (unsigned int n = 0; parse_block_nth(n) != NULL; n++) {
		const struct block *b = parse_block_nth(n);

		if (b->rows != NULL)
			ck_assert_uint_eq(unknown(manual, b), 0);
		ck_assert_uint_eq(unexplained(manual, b), 0);
	}
	ck_assert_uint_eq(missing_algorithms(manual, true), 0);
	/* the check itself can fail */
	ck_assert_uint_eq(unknown(manual, &seeded), 5);
	ck_assert_uint_eq(unexplained(manual, &seeded), 1);
	ck_assert_uint_gt(missing_algorithms("aes", false), 20);
	free(manual);
}
END_TEST

static bool
any_file(void *ctx, const char *path, struct conf_text *out)
{
	const char *text = strcmp(path, "example") == 0 ? ctx : "";

	*out = (struct conf_text){ .text = xstrdup(text), .n = strlen(text) };
	return true;
}

static void
no_junk(void *ctx, enum log_level level, const char *peer, const char *text)
{
	(void)ctx;
	(void)peer;
	ck_assert_msg(level != LOG_L_ERROR && strstr(text, "passed over") ==
	    NULL, "%s", text);
}

/* The examples are right. */
START_TEST(test_manual_examples)
{
	char *manual = slurp("../racoon/racoon.conf.5"), *p, *end;
	unsigned int n = 0;

	p = strstr(manual, "\n.Sh EXAMPLES\n");
	ck_assert_ptr_nonnull(p);
	while ((p = strstr(p, "\n.Bd -literal")) != NULL) {
		struct conf_opener opener = { .open = any_file };
		struct conf *c;

		p = strchr(p + 1, '\n') + 1;
		end = strstr(p, "\n.Ed");
		ck_assert_ptr_nonnull(end);
		*end = '\0';
		opener.ctx = p;
		log_to(no_junk, NULL);
		ck_assert_int_eq(conf_read(&opener, "example", &c), OK);
		log_to(NULL, NULL);
		conf_unref(c);
		p = end + 1;
		n++;
	}
	ck_assert_uint_eq(n, 4);
	free(manual);
}
END_TEST

START_TEST(test_manual)
{
	static const struct directive row[] = {
		{ .word = "no_such_directive" }, { .word = NULL }
	};
	const struct block seeded = { .name = "timer", .rows = row };
	char *manual = slurp("../racoon/racoon.conf.5");
	unsigned int n;

	for (n = 0; parse_block_nth(n) != NULL; n++)
		ck_assert_uint_eq(undocumented(manual, parse_block_nth(n)), 0);
	ck_assert_uint_eq(n, 13);
	/* the check itself can fail */
	ck_assert_uint_eq(undocumented(manual, &seeded), 1);
	free(manual);
}
END_TEST

static Suite *
manual_suite(void)
{
	Suite *s = suite_create("conf manual");
	TCase *t = tcase_create("conf manual");

	tcase_add_test(t, test_manual);
	tcase_add_test(t, test_manual_words);
	tcase_add_test(t, test_manual_examples);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(manual_suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
