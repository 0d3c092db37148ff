/* SPDX-License-Identifier: ISC */
/*
 * The pre-shared key file.  A line: identifier, blanks, key.  The key is
 * everything up to the end of the line; 0x introduces a key in hex.
 */
#include "conf/psk.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/words.h"

#define LINE_MAX_OLD	1023	/* longer lines count as several */

/* A line with an identifier and a key. */
struct entry {
	struct view	 id, key;
	size_t		 at;		/* offset in the text */
	unsigned int	 line;		/* its number, from 1 */
};

/* What is left of a text. */
struct cursor {
	struct view	 text;
	size_t		 at;
	unsigned int	 line;
};

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Takes a line without its newline; *whole: it ended with one. */
static struct view
next_line(struct view *text, bool *whole)
{
	const uint8_t *nl;
	size_t n = text->n;
	struct view line;

	if (n > LINE_MAX_OLD)
		n = LINE_MAX_OLD;
	nl = memchr(text->p, '\n', n);
	*whole = nl != NULL;
	line = view_take(text, nl != NULL ? (size_t)(nl - text->p) : n);
	if (nl != NULL)
		(void)view_u8(text);
	return line;
}

/* Splits a line; false when it is a comment or has just one field. */
static bool
split(struct view line, struct view *id, struct view *key)
{
	size_t i = 0;

	if (line.n == 0 || line.p[0] == '#')
		return false;
	while (i < line.n && !is_blank(line.p[i]))
		i++;
	*id = view_take(&line, i);
	while (line.n > 0 && is_blank(line.p[0]))
		(void)view_u8(&line);
	*key = line;
	return key->n > 0;
}

static bool
next_entry(struct cursor *c, struct entry *e)
{
	while (c->text.n > 0) {
		const size_t before = c->text.n;
		bool whole;
		struct view line = next_line(&c->text, &whole);

		e->at = c->at;
		e->line = c->line;
		c->at += before - c->text.n;
		c->line += whole ? 1 : 0;
		if (split(line, &e->id, &e->key))
			return true;
	}
	return false;
}

static bool
is_for_anybody(const struct entry *e)
{
	return e->id.n == 1 && e->id.p[0] == '*';
}

/* An empty identifier, as of an indented line, is nobody's. */
static bool
is_for(const struct entry *e, struct view id)
{
	return is_for_anybody(e) || (e->id.n > 0 && view_equal(e->id, id));
}

/* Pairs of digits, blanks between pairs. */
static bool
put_hex(struct view text, struct buf *key)
{
	int high, low;

	while (text.n > 0) {
		if (is_blank(text.p[0])) {
			(void)view_u8(&text);
			continue;
		}
		high = hex_digit((char)view_u8(&text));
		low = hex_digit((char)view_u8(&text));
		if (high < 0 || low < 0)
			return false;
		buf_u8(key, (uint8_t)(high << 4 | low));
	}
	return key->n > 0;
}

static enum err
put_key(struct view text, struct buf *key)
{
	buf_reset(key);
	if (text.n >= 2 && memcmp(text.p, "0x", 2) == 0) {
		(void)view_u16(&text);
		if (!put_hex(text, key)) {
			buf_reset(key);
			return E_FILE;
		}
	} else
		buf_add(key, text);
	return buf_ok(key) ? OK : E_LIMIT;
}

/* The answer of a look-up that came to E. */
static enum err
answer(const struct entry *e, struct buf *key, unsigned int *line_number)
{
	if (line_number != NULL)
		*line_number = e->line;
	return put_key(e->key, key);
}

enum err
psk_find(struct view text, struct view id, struct buf *key,
    unsigned int *line_number)
{
	struct cursor c = { .text = text, .line = 1 };
	struct entry e;

	while (next_entry(&c, &e))
		if (is_for(&e, id))
			return answer(&e, key, line_number);
	return E_NOPSK;
}

/*
 * The index: open addressing, never more than half full.  A slot names a line
 * by its place, so that a key is in memory once.  Only the file's own lines
 * are in it: who asks cannot make it slow.
 */

struct slot {
	uint32_t	 at;		/* offset of the line + 1; 0: free */
	uint32_t	 line;
};

struct psk_index {
	struct view	 text;
	struct slot	*slot;
	size_t		 mask;
	struct slot	 anybody;	/* the line of `*' */
};

/* FNV-1a */
static size_t
hash(struct view id)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < id.n; i++)
		h = (h ^ id.p[i]) * 16777619u;
	return h;
}

static void
entry_at(const struct psk_index *x, const struct slot *s, struct entry *e)
{
	struct cursor c = { .text = x->text, .line = s->line };

	(void)view_take(&c.text, s->at - 1);
	(void)next_entry(&c, e);
}

/* The slot of ID: its own or the free one where it belongs. */
static struct slot *
slot_of(const struct psk_index *x, struct view id, struct entry *e)
{
	for (size_t i = hash(id) & x->mask;; i = (i + 1) & x->mask) {
		if (x->slot[i].at == 0)
			return &x->slot[i];
		entry_at(x, &x->slot[i], e);
		if (view_equal(e->id, id))
			return &x->slot[i];
	}
}

/* More than there are lines, however they are cut. */
static size_t
lines_max(struct view text)
{
	size_t n = text.n / LINE_MAX_OLD + 2;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n' ? 1 : 0;
	return n;
}

struct psk_index *
psk_index_new(struct view text)
{
	struct psk_index *x = xcalloc(1, sizeof(*x));
	struct cursor c = { .text = text, .line = 1 };
	struct entry e, other;
	const size_t min = 2 * lines_max(text);
	size_t size = 1;

	while (size < min)
		size *= 2;
	x->text = text;
	x->slot = xcalloc(size, sizeof(*x->slot));
	x->mask = size - 1;
	while (next_entry(&c, &e)) {
		const struct slot here = { (uint32_t)e.at + 1, e.line };
		struct slot *s;

		if (is_for_anybody(&e)) {
			x->anybody = here;	/* hides what follows */
			break;
		}
		s = slot_of(x, e.id, &other);
		if (e.id.n > 0 && s->at == 0)
			*s = here;		/* the first line counts */
	}
	return x;
}

void
psk_index_free(struct psk_index *x)
{
	if (x == NULL)
		return;
	free(x->slot);
	free(x);
}

enum err
psk_index_find(const struct psk_index *x, struct view id, struct buf *key,
    unsigned int *line_number)
{
	struct entry e;

	if (slot_of(x, id, &e)->at != 0)
		return answer(&e, key, line_number);
	if (x->anybody.at == 0)
		return E_NOPSK;
	entry_at(x, &x->anybody, &e);
	return answer(&e, key, line_number);
}

#define FAULTS_MAX	20

static bool
ends_badly(struct view key)
{
	const uint8_t last = key.p[key.n - 1];

	return is_blank(last) || last == '\r';
}

/* What is wrong with a line that has two fields; NULL: nothing. */
static const char *
fault(const struct psk_index *x, const struct entry *e, struct buf *key)
{
	struct entry first;

	if (e->id.n == 0)
		return "starts with a blank, so it is for nobody";
	if (x->anybody.at != 0 && x->anybody.line < e->line)
		return "is never reached: the identifier * above it is for "
		    "everybody";
	if (!is_for_anybody(e) && slot_of(x, e->id, &first)->line != e->line)
		return "is never used: a line above it has the same "
		    "identifier";
	if (put_key(e->key, key) != OK)
		return key->bad ? "has a key that is too long" :
		    "has a key in hex that is malformed";
	if (ends_badly(e->key))
		return "has a blank or a carriage return at its end, which is "
		    "part of the key";
	return NULL;
}

void
psk_check(struct view text, psk_teller *tell, void *ctx)
{
	struct psk_index *x = psk_index_new(text);
	struct entry e = { .line = 1 };
	unsigned int told = 0;
	struct buf key;
	bool whole;

	buf_init(&key, PSK_MAX);
	while (text.n > 0 && told < FAULTS_MAX) {
		const struct view line = next_line(&text, &whole);
		const char *what = NULL;

		if (!whole && text.n > 0)
			what = "is longer than 1023 bytes: what is behind them "
			    "counts as a line of its own";
		else if (split(line, &e.id, &e.key))
			what = fault(x, &e, &key);
		else if (line.n > 0 && line.p[0] != '#')
			what = "has no key";
		if (what != NULL) {
			tell(ctx, e.line, what);
			told++;
		}
		e.line += whole ? 1 : 0;
	}
	buf_fini(&key);
	psk_index_free(x);
}
