/* SPDX-License-Identifier: ISC */
/* The world of conf_world.h. */
#include "test/conf_world.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/show.h"

static void
keep_line(void *ctx, enum log_level level, const char *peer, const char *text)
{
	struct world *w = ctx;

	(void)peer;
	ck_assert_uint_lt(w->nlines, LINES);
	w->level[w->nlines] = level;
	w->line[w->nlines++] = xstrdup(text);
}

static bool
world_open(void *ctx, const char *path, struct conf_text *out)
{
	struct world *w = ctx;

	for (size_t i = 0; i < w->nfiles; i++) {
		if (strcmp(w->file[i].path, path) != 0)
			continue;
		if (strcmp(w->file[i].text, "!") == 0) {
			errno = EACCES;
			return false;
		}
		out->n = strlen(w->file[i].text);
		out->text = xstrdup(w->file[i].text);
		return true;
	}
	errno = ENOENT;
	return false;
}

/* "/dir/ *" without the blank is every file under /dir. */
static bool
world_glob(void *ctx, const char *pattern,
    void (*fn)(void *arg, const char *path), void *arg)
{
	struct world *w = ctx;
	size_t n = strlen(pattern);
	bool found = false, star = n > 0 && pattern[n - 1] == '*';

	for (size_t i = 0; i < w->nfiles; i++)
		if (strcmp(w->file[i].path, pattern) == 0 ||
		    (star && strncmp(w->file[i].path, pattern, n - 1) == 0)) {
			fn(arg, w->file[i].path);
			found = true;
		}
	return found;
}

/* Accounts that not every system has. */
static bool
world_account(void *ctx, bool group, const char *name, uint32_t *id)
{
	static const struct {
		const char	*user, *group;
		uint32_t	 id;
	} known[] = {
		{ "root", "root", 0 },
		{ "racoon", "racoon", 120 },
		{ "nobody", "nogroup", 65534 },
	};

	(void)ctx;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(group ? known[i].group : known[i].user, name) == 0) {
			*id = known[i].id;
			return true;
		}
	return false;
}

void
add_file(struct world *w, const char *path, const char *text)
{
	ck_assert_uint_lt(w->nfiles, FILES);
	w->file[w->nfiles].path = path;
	w->file[w->nfiles++].text = text;
}

enum err
read_world(struct world *w, const char *path)
{
	const struct conf_opener opener = {
		.ctx = w, .open = world_open, .glob = world_glob,
		.account = world_account, .gss = w->gss
	};
	enum err r;

	log_to(keep_line, w);
	r = conf_read(&opener, path, &w->conf);
	log_to(NULL, NULL);
	ck_assert((r == OK) == (w->conf != NULL));
	return r;
}

enum err
read_text(struct world *w, const char *text)
{
	add_file(w, "t", text);
	return read_world(w, "t");
}

void
leave(struct world *w)
{
	conf_unref(w->conf);
	for (size_t i = 0; i < w->nlines; i++)
		free(w->line[i]);
	memset(w, 0, sizeof(*w));
}

void
accepts(const char *text)
{
	struct world w = { .nfiles = 0 };
	enum err r = read_text(&w, text);

	ck_assert_msg(r == OK, "refused: %s: %s", text,
	    w.nlines > 0 ? w.line[0] : "");
	leave(&w);
}

static const char *
first_of(const struct world *w, enum log_level level)
{
	for (size_t i = 0; i < w->nlines; i++)
		if (w->level[i] == level)
			return w->line[i];
	return "none";
}

void
refuses(const char *text, const char *start)
{
	struct world w = { .nfiles = 0 };
	enum err r = read_text(&w, text);
	const char *line = first_of(&w, LOG_L_ERROR);

	ck_assert_msg(r == E_CONFIG, "accepted: %s", text);
	ck_assert_msg(strncmp(line, start, strlen(start)) == 0,
	    "%s: expected %s, got %s", text, start, line);
	leave(&w);
}

void
warns(const char *text, const char *start)
{
	struct world w = { .nfiles = 0 };
	bool found = false;

	ck_assert_int_eq(read_text(&w, text), OK);
	for (size_t i = 0; i < w.nlines; i++)
		if (w.level[i] == LOG_L_WARNING &&
		    strncmp(w.line[i], start, strlen(start)) == 0)
			found = true;
	ck_assert_msg(found, "%s: no warning %s, but %s", text, start,
	    w.nlines > 0 ? w.line[0] : "none");
	ck_assert_uint_eq(w.conf->warnings, w.nlines);
	leave(&w);
}

const struct remote *
only_remote(const struct world *w)
{
	ck_assert_uint_eq(w->conf->nremote, 1);
	return w->conf->remote[0];
}

char *
shown(const struct conf *c)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	ck_assert_ptr_nonnull(out);
	conf_show(c, out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_uint_eq(strlen(text), n);
	return text;
}
