/* SPDX-License-Identifier: ISC */
/*
 * The scanner of the setkey language: longest match, reserved words first.
 */
#include "setkey/lex.h"

static const char *const keywords[] = {
	"add", "delete", "deleteall", "get", "getspi", "flush", "dump",
	"exit", "quit", "bye", "spdadd", "spdupdate", "spddelete", "spddump",
	"spdflush", "tagged",
	"ah", "ah-old", "esp", "esp-old", "esp-udp", "ipcomp", "tcp",
	"any", "transport", "tunnel", "random-pad", "seq-pad", "zero-pad",
	"nocyclic-seq", "oui", "deflate", "lzs", NULL
};

/* A longer flag stands before its own beginnings. */
static const char *const flags[] = {
	"-ctx", "-mark", "-if_id", "-output-mark", "-esn", "-replay",
	"-offload", "-lh", "-ls", "-bh", "-bs", "-P", "-A", "-E", "-C", "-R",
	"-m", "-u", "-f", "-r", NULL
};

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_first(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == ':';
}

static bool
is_word(uint8_t c)
{
	return is_first(c) || c == '%' || c == '.' || c == '-';
}

static bool
is_number_list(uint8_t c)
{
	return is_digit(c) || c == ',';
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static bool
is_policy_first(uint8_t c)
{
	return is_word(c) ? c != '%' : c == '_' || c == '/' || is_blank(c);
}

static bool
is_policy(uint8_t c)
{
	return is_policy_first(c) || c == '%' || c == '+' || c == '[' ||
	    c == ']';
}

/* How many bytes of V, from FROM on, are of one kind. */
static size_t
run(struct view v, size_t from, bool (*kind)(uint8_t))
{
	size_t i = from;

	while (i < v.n && kind(v.p[i]))
		i++;
	return i - from;
}

static bool
begins(struct view v, const char *text)
{
	size_t n = strlen(text);

	return v.n >= n && memcmp(v.p, text, n) == 0;
}

void
lex_init(struct lex *l, struct view text, uint32_t line)
{
	*l = (struct lex){ .text = text, .line = line };
}

static struct view
rest(const struct lex *l)
{
	return view_of(l->text.p + l->at, l->text.n - l->at);
}

/* Takes the next N bytes as a token. */
static struct token
take(struct lex *l, enum token_type type, size_t n)
{
	struct token t = { .type = type, .line = l->line };

	t.text = view_of(l->text.p + l->at, n);
	for (size_t i = 0; i < n; i++)
		if (t.text.p[i] == '\n')
			l->line++;
	l->at += n;
	return t;
}

/* Blanks, line ends and comments. */
static void
skip(struct lex *l)
{
	for (;;) {
		struct view v = rest(l);
		size_t n = run(v, 0, is_blank);

		(void)take(l, TOK_END, n);
		v = rest(l);
		if (v.n == 0 || v.p[0] != '#')
			return;
		for (n = 0; n < v.n && v.p[n] != '\n'; n++)
			;
		l->at += n;
	}
}

static struct token
quoted(struct lex *l)
{
	struct view v = rest(l);
	const uint8_t *end = memchr(v.p + 1, '"', v.n - 1);
	struct token t;

	if (end == NULL)
		return take(l, TOK_BAD, 1);
	t = take(l, TOK_QUOTED, (size_t)(end - v.p) + 1);
	t.text = view_of(t.text.p + 1, t.text.n - 2);
	return t;
}

static struct token
flag(struct lex *l)
{
	struct view v = rest(l);
	size_t n;

	for (n = 1; n < v.n && (v.p[n] == 'n' || v.p[n] == '4' ||
	    v.p[n] == '6'); n++)
		;
	if (n > 1)
		return take(l, TOK_ADDRESS_FLAG, n);
	for (const char *const *f = flags; *f != NULL; f++)
		if (begins(v, *f))
			return take(l, TOK_FLAG, strlen(*f));
	return take(l, TOK_BAD, 1);
}

/* The kind of a word that is N bytes long. */
static enum token_type
classify(struct view v)
{
	if (run(v, 0, is_digit) == v.n)
		return TOK_DEC;
	if (v.n > 2 && v.p[0] == '0' && (v.p[1] == 'x' || v.p[1] == 'X') &&
	    run(v, 2, is_hex) == v.n - 2)
		return TOK_HEX;
	for (const char *const *k = keywords; *k != NULL; k++)
		if (view_equal(v, view_text(*k)))
			return TOK_KEYWORD;
	return TOK_WORD;
}

struct token
lex_next(struct lex *l)
{
	struct view v;
	size_t word, list;

	if (l->after_policy) {
		l->after_policy = false;
		v = rest(l);
		if (v.n > 0 && v.p[0] != ';')
			return take(l, TOK_JUNK, 1);
	}
	skip(l);
	v = rest(l);
	if (v.n == 0)
		return take(l, TOK_END, 0);
	switch (v.p[0]) {
	case '"':
		return quoted(l);
	case '-':
		return flag(l);
	case ';': case '/': case '[': case ']':
		return take(l, TOK_PUNCT, 1);
	}
	word = is_first(v.p[0]) ? run(v, 0, is_word) : 0;
	list = run(v, 0, is_number_list);
	if (list > word)
		return take(l, TOK_WORD, list);
	if (word > 0)
		return take(l, classify(view_of(v.p, word)), word);
	return take(l, TOK_BAD, 1);
}

struct token
lex_policy(struct lex *l)
{
	struct view v = rest(l);

	if (v.n == 0 || !is_policy_first(v.p[0]))
		return lex_next(l);
	l->after_policy = true;
	return take(l, TOK_POLICY, run(v, 0, is_policy));
}

size_t
lex_command(struct lex_scan *s, struct view piece)
{
	for (size_t i = 0; i < piece.n; i++) {
		uint8_t c = piece.p[i];

		if (s->comment)
			s->comment = c != '\n';
		else if (c == '"')
			s->quote = !s->quote;
		else if (c == '#' && !s->quote)
			s->comment = true;
		else if (c == ';' && !s->quote)
			return i + 1;
	}
	return 0;
}

bool
lex_blank(struct view text)
{
	struct lex l;

	lex_init(&l, text, 1);
	skip(&l);
	return rest(&l).n == 0;
}
