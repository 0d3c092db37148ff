/* SPDX-License-Identifier: ISC */
/*
 * Reads scripts piece by piece, so that the text of a large one need not be
 * in memory.
 */
#include "setkey/source.h"

#include <errno.h>

#include "setkey/lex.h"

#define PIECE	(64u << 10)

/* Appends the next piece; *LAST: it ends there. */
static int
read_piece(FILE *f, struct buf *text, size_t size, bool *last)
{
	size_t before = text->n, n;
	uint8_t *p;

	if ((p = buf_room(text, size)) == NULL)
		return -EFBIG;
	n = fread(p, 1, size, f);
	if (n < size && ferror(f))
		return errno == 0 ? -EIO : -errno;
	buf_cut(text, before + n);
	*last = n < size && feof(f);
	return 0;
}

/* Parses what is complete, and keeps the rest; at the end, everything. */
static bool
parse_piece(struct script *s, struct buf *text, uint32_t *line, bool last,
    const struct parse_env *env)
{
	uint32_t lines = 0;
	size_t n = lex_commands(buf_view(text), &lines);

	if (last)
		n = text->n;
	if (n > 0 && !script_parse(s, view_of(text->p, n), *line, env))
		return false;
	*line += lines;
	if (n > 0) {
		memmove(text->p, text->p + n, text->n - n);
		buf_cut(text, text->n - n);
	}
	return true;
}

int
source_read(FILE *f, struct buf *out)
{
	bool last = false;
	int err = 0;

	while (err == 0 && !last)
		err = read_piece(f, out, PIECE, &last);
	return err;
}

int
source_parse(FILE *f, struct script *s, const struct parse_env *env,
    bool *good)
{
	struct buf text;
	uint32_t line = 1;
	bool last = false;
	int err = 0;

	buf_init(&text, SOURCE_COMMAND);
	*good = true;
	while (err == 0 && !last && *good && !s->ended) {
		/* What grows is one command, or none: look less often. */
		err = read_piece(f, &text, text.n > PIECE ? text.n : PIECE,
		    &last);
		if (err == 0)
			*good = parse_piece(s, &text, &line, last, env);
		if (*good && s->bytes > SOURCE_MAX)
			err = -EFBIG;
	}
	buf_fini(&text);
	return err;
}
