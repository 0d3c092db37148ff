/* SPDX-License-Identifier: ISC */
/*
 * Reads scripts piece by piece, so that the text of a large one need not be
 * in memory.
 */
#include "setkey/source.h"

#include <errno.h>

#include "setkey/expand.h"
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

/* Adds up the commands; false: there are others than those of policies. */
static bool
take(struct digest *d, struct script *s)
{
	const struct command *c = s->first;

	for (; c != NULL && c->verb != VERB_EXIT && d->plain; c = c->next) {
		if (!expand_is_policy(c))
			d->plain = false;
		else
			digest_command(d, c);
	}
	script_reset(s);
	return d->plain;
}

/* EACH, unless NULL, takes the commands of each piece, which then go. */
static int
parse_all(FILE *f, struct script *s, const struct parse_env *env, bool *good,
    struct digest *each)
{
	struct buf text;
	uint32_t line = 1;
	bool last = false, ended = false;
	int err = 0;

	buf_init(&text, SOURCE_COMMAND);
	*good = true;
	while (err == 0 && !last && *good && !ended) {
		/* What grows is one command, or none: look less often. */
		err = read_piece(f, &text, text.n > PIECE ? text.n : PIECE,
		    &last);
		if (err == 0)
			*good = parse_piece(s, &text, &line, last, env);
		ended = s->ended;
		if (each != NULL && *good)
			*good = take(each, s);
		if (*good && s->bytes > SOURCE_MAX)
			err = -EFBIG;
	}
	buf_fini(&text);
	return err;
}

int
source_parse(FILE *f, struct script *s, const struct parse_env *env,
    bool *good)
{
	return parse_all(f, s, env, good, NULL);
}

/* What would have to be said, or asked of others, is left to the parser. */
static void
give_up(void *ctx, const struct diag *d)
{
	bool *said = ctx;

	(void)d;
	*said = true;
}

bool
source_digest(FILE *f, struct digest *d)
{
	bool good = false, said = false;
	struct parse_env env = { NULL, give_up, &said };
	struct script s;

	script_init(&s);
	if (parse_all(f, &s, &env, &good, d) != 0)
		good = false;
	script_fini(&s);
	return good && !said;
}
