/* SPDX-License-Identifier: ISC */
/*
 * Blocks of directives, by their tables; and how reading goes on behind an
 * error, so that one run shows all of them, each once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/parse.h"

static bool
refuse_choice(struct reader *r, const struct choice *c)
{
	char *words = xstrdup(c->word), *more;

	while ((++c)->word != NULL) {
		more = xasprintf("%s%s%s", words,
		    c[1].word == NULL ? " or " : ", ", c->word);
		free(words);
		words = more;
	}
	(void)parse_syntax(r, words);
	free(words);
	return false;
}

static bool
parse_choice(struct reader *r, const struct choice *list, void *field)
{
	enum token_kind kind = parse_peek(r);
	int value;

	for (const struct choice *c = list; c->word != NULL; c++) {
		if ((kind != T_WORD && kind != T_SWITCH) ||
		    strcmp(c->word, r->tok.word) != 0)
			continue;
		parse_accept(r);
		value = c->value;
		memcpy(field, &value, sizeof(value));
		return true;
	}
	return refuse_choice(r, list);
}

static bool
parse_switch(struct reader *r, bool *field)
{
	if (!parse_expect(r, T_SWITCH))
		return false;
	*field = r->tok.value != 0;
	return true;
}

static bool
parse_arg(struct reader *r, const struct directive *d, void *field)
{
	switch (d->arg) {
	case ARG_OWN:
		return true;
	case ARG_NONE:
		*(bool *)field = true;
		return true;
	case ARG_SWITCH:
		return parse_switch(r, field);
	case ARG_NUMBER:
		return parse_number(r, field);
	case ARG_TIME:
		return parse_time(r, field);
	case ARG_STRING:
		return parse_string(r, field);
	case ARG_CHOICE:
		return parse_choice(r, d->choice, field);
	}
	return false;
}

/*
 * Behind an error.  The rest of the statement is passed over: to its
 * semicolon, the end of the block that it opens, or the end of the block that
 * it is in.
 */

static const struct block block_skipped = {
	.name = "skipped", .flags = BLOCK_BRACES
};

static bool
ended(const struct reader *r)
{
	return !r->held &&
	    (r->tok.kind == T_SEMICOLON || r->tok.kind == T_CLOSE);
}

/* INSIDE: a brace that closes belongs to the block around the statement. */
static void
skip_statement(struct reader *r, bool inside)
{
	unsigned int depth = 0;
	enum token_kind kind;

	if (ended(r))
		return;
	r->block = &block_skipped;
	while ((kind = parse_peek(r)) != T_END) {
		if (kind == T_CLOSE && depth == 0 && inside)
			return;
		r->held = false;
		if (kind == T_OPEN)
			depth++;
		else if (kind == T_CLOSE && depth > 0)
			depth--;
		else if (kind != T_SEMICOLON)
			continue;
		if (depth == 0)
			return;
	}
}

/* What stands behind `remote x' with a missing brace is not at its place. */
static void
skip_orphans(struct reader *r)
{
	r->headless = false;
	while (parse_peek(r) != T_WORD && parse_peek(r) != T_END) {
		skip_statement(r, false);
		r->block = &block_top;
	}
}

bool
parse_recover(struct reader *r, const struct block *b)
{
	const bool top = b == &block_top;

	/* A text over several lines mostly has a quote missing at its end:
	 * from there on nothing is what it seems. */
	if (r->errors >= ERRORS_MAX || r->torn || r->stop)
		return false;
	if (!r->unclosed)
		skip_statement(r, !top);
	else if (!top)
		return false;
	r->unclosed = false;
	r->block = b;
	if (top && r->headless)
		skip_orphans(r);
	return top || parse_peek(r) != T_END;
}

/*
 * Does a statement of the top level stand here, inside of a block?  Then the
 * block lacks its closing brace, and ends here.
 */
static bool
ends_block(struct reader *r)
{
	const char *word;
	size_t n;

	if (r->block == &block_top || r->tok.kind == T_END)
		return false;
	parse_word(r, &word, &n);
	for (const struct directive *d = block_top.rows; d->word != NULL; d++) {
		if (strlen(d->word) != n || memcmp(d->word, word, n) != 0)
			continue;
		r->lexer->at = (size_t)(word - r->lexer->text);
		r->held = false;
		return true;
	}
	return false;
}

static bool
refuse_word(struct reader *r)
{
	(void)parse_syntax(r, r->block->flags & BLOCK_CLOSES ?
	    "a directive or }" : "a directive");
	r->unclosed = ends_block(r);
	return false;
}

static const struct directive *
find_row(const struct reader *r)
{
	const struct directive *d = r->block->rows;

	while (d->word != NULL && strcmp(d->word, r->tok.word) != 0)
		d++;
	return d->word == NULL ? NULL : d;
}

bool
parse_directive(struct reader *r, void *object)
{
	const struct block *b = r->block;
	const struct directive *d;
	struct conf_place at;

	if (!parse_take(r, T_WORD))
		return refuse_word(r);
	d = find_row(r);
	if (d == NULL)
		return parse_syntax(r, "a directive");
	at = parse_place(r);
	if (d->warn != NULL)
		parse_warn(r, "%s", d->warn);
	if (!parse_arg(r, d, (char *)object + d->at))
		return false;
	if (d->set != NULL && !d->set(r, object))
		return false;
	if (d->arg != ARG_OWN && !parse_end(r))
		return false;
	conf_mark((struct conf_marks *)(void *)((char *)object + b->marks),
	    b->name, d->word, at);
	return true;
}

bool
parse_block(struct reader *r, const struct block *b, void *object,
    const struct block *outer)
{
	r->block = b;
	if (!parse_expect(r, T_OPEN)) {
		r->headless = true;
		return false;
	}
	while (parse_peek(r) != T_CLOSE)
		if (!parse_directive(r, object) && !parse_recover(r, b))
			return false;
	parse_accept(r);
	r->block = outer;
	return true;
}
