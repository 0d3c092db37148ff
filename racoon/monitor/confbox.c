/* SPDX-License-Identifier: ISC */
/*
 * A row of the box: kind, question, answer, the two as bytes with their
 * length.  Reading is deterministic, so the next question is nearly always the
 * next row.
 */
#include "monitor/confbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum kind { TEXT = 1, GLOB, INFO, USER, GROUP };

static void
put(struct confbox *box, enum kind kind, const char *question,
    struct view answer)
{
	struct buf *b = &box->bytes;

	buf_u8(b, (uint8_t)kind);
	buf_u32(b, (uint32_t)strlen(question));
	buf_add(b, view_text(question));
	buf_u32(b, (uint32_t)answer.n);
	buf_add(b, answer);
}

/* Answers begin with an errno, 0: there is more. */
static void
begin(struct buf *b, bool good)
{
	const int saved = errno;

	buf_init(b, CONFBOX_MAX);
	buf_u32(b, good ? 0 : saved == 0 ? EIO : (uint32_t)saved);
}

static void
end(struct confbox *box, enum kind kind, const char *question, struct buf *b)
{
	const int saved = errno;

	put(box, kind, question, buf_view(b));
	buf_fini(b);
	errno = saved;
}

/*
 * Recording
 */

static bool
record_open(void *ctx, const char *path, struct conf_text *out)
{
	struct confbox *box = ctx;
	struct buf b;
	bool good = box->inner.open(box->inner.ctx, path, out);

	begin(&b, good);
	if (good)
		buf_put(&b, out->text, out->n);
	end(box, TEXT, path, &b);
	return good;
}

struct globbing {
	struct buf	*names;
	void		(*fn)(void *, const char *);
	void		*arg;
};

static void
note_name(void *ctx, const char *path)
{
	const struct globbing *g = ctx;

	buf_put(g->names, path, strlen(path) + 1);
	g->fn(g->arg, path);
}

/* FN may open files at once: this row comes behind theirs. */
static bool
record_glob(void *ctx, const char *pattern,
    void (*fn)(void *, const char *), void *arg)
{
	struct confbox *box = ctx;
	struct globbing g = { .fn = fn, .arg = arg };
	struct buf names, b;
	bool good;

	buf_init(&names, CONFBOX_MAX);
	g.names = &names;
	errno = 0;
	good = box->inner.glob(box->inner.ctx, pattern, note_name, &g);
	begin(&b, good);
	if (good)
		buf_add(&b, buf_view(&names));
	end(box, GLOB, pattern, &b);
	buf_fini(&names);
	return good;
}

static bool
record_info(void *ctx, const char *path, struct stat *st)
{
	struct confbox *box = ctx;
	struct buf b;
	bool good = box->inner.info(box->inner.ctx, path, st);

	begin(&b, good);
	if (good)
		buf_u32(&b, st->st_mode);
	end(box, INFO, path, &b);
	return good;
}

static bool
record_account(void *ctx, bool group, const char *name, uint32_t *id)
{
	struct confbox *box = ctx;
	struct buf b;
	bool good;

	errno = 0;
	good = box->inner.account(box->inner.ctx, group, name, id);
	begin(&b, good);
	if (good)
		buf_u32(&b, *id);
	end(box, group ? GROUP : USER, name, &b);
	return good;
}

struct conf_opener
confbox_recorder(struct confbox *box, const struct conf_opener *inner)
{
	box->inner = *inner;
	return (struct conf_opener){
		.ctx = box, .open = record_open,
		.glob = inner->glob == NULL ? NULL : record_glob,
		.info = inner->info == NULL ? NULL : record_info,
		.account = inner->account == NULL ? NULL : record_account,
		.gss = inner->gss,
	};
}

/*
 * Playing
 */

static bool
next(struct view *v, enum kind *kind, struct view *question,
    struct view *answer)
{
	*kind = (enum kind)view_u8(v);
	*question = view_take(v, view_u32(v));
	*answer = view_take(v, view_u32(v));
	return !v->bad;
}

/* Looks from the box's place to its end. */
static bool
look(struct confbox *box, enum kind kind, const char *question,
    struct view *answer)
{
	struct view v = buf_from(&box->bytes, box->at), asked;
	const struct view want = view_text(question);
	enum kind k;

	while (v.n > 0 && next(&v, &k, &asked, answer))
		if (k == kind && view_equal(asked, want)) {
			box->at = box->bytes.n - v.n;
			return true;
		}
	return false;
}

/* The answer behind its errno; false: errno has that. */
static bool
find(void *ctx, enum kind kind, const char *question, struct view *answer)
{
	struct confbox *box = ctx;
	bool found = look(box, kind, question, answer);

	if (!found) {
		box->at = 0;
		found = look(box, kind, question, answer);
	}
	errno = found ? (int)view_u32(answer) : ENOENT;
	return errno == 0;
}

static bool
play_open(void *ctx, const char *path, struct conf_text *out)
{
	struct view v;

	if (!find(ctx, TEXT, path, &v))
		return false;
	*out = (struct conf_text){ .text = xcalloc(v.n + 1, 1), .n = v.n };
	view_bytes(&v, out->text, v.n);
	return true;
}

static bool
play_glob(void *ctx, const char *pattern,
    void (*fn)(void *, const char *), void *arg)
{
	struct view v, name;
	const uint8_t *stop;

	if (!find(ctx, GLOB, pattern, &v))
		return false;
	/* FN may look into the box, which does not move the bytes. */
	while (v.n > 0 && (stop = memchr(v.p, '\0', v.n)) != NULL) {
		name = view_take(&v, (size_t)(stop - v.p) + 1);
		fn(arg, (const char *)name.p);
	}
	return true;
}

static bool
play_info(void *ctx, const char *path, struct stat *st)
{
	struct view v;

	if (!find(ctx, INFO, path, &v))
		return false;
	memset(st, 0, sizeof(*st));
	st->st_mode = (mode_t)view_u32(&v);
	return true;
}

static bool
play_account(void *ctx, bool group, const char *name, uint32_t *id)
{
	struct view v;

	if (!find(ctx, group ? GROUP : USER, name, &v))
		return false;
	*id = view_u32(&v);
	return true;
}

struct conf_opener
confbox_player(struct confbox *box, bool gss)
{
	box->at = 0;
	return (struct conf_opener){
		.ctx = box, .open = play_open, .glob = play_glob,
		.info = play_info, .account = play_account, .gss = gss,
	};
}

void
confbox_init(struct confbox *box)
{
	memset(box, 0, sizeof(*box));
	buf_init(&box->bytes, CONFBOX_MAX);
}

void
confbox_fini(struct confbox *box)
{
	buf_fini(&box->bytes);
}
