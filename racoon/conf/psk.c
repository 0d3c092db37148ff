/* SPDX-License-Identifier: ISC */
/*
 * The pre-shared key file.  A line: identifier, blanks, key.  The key is
 * everything up to the end of the line; 0x introduces a key in hex.
 */
#include "conf/psk.h"

#include <string.h>

#include "conf/words.h"

#define LINE_MAX_OLD	1023	/* longer lines count as several */

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

/* An empty identifier, as of an indented line, is nobody's. */
static bool
is_for(struct view line_id, struct view id)
{
	if (line_id.n == 1 && line_id.p[0] == '*')
		return true;
	return line_id.n > 0 && view_equal(line_id, id);
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

enum err
psk_find(struct view text, struct view id, struct buf *key,
    unsigned int *line_number)
{
	struct view line, line_id, line_key;
	unsigned int n = 1;
	bool whole;

	for (; text.n > 0; n += whole ? 1 : 0) {
		line = next_line(&text, &whole);
		if (!split(line, &line_id, &line_key) || !is_for(line_id, id))
			continue;
		if (line_number != NULL)
			*line_number = n;
		return put_key(line_key, key);
	}
	return E_NOPSK;
}
