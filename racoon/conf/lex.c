/* SPDX-License-Identifier: ISC */
/* The scanner of racoon.conf: tables in, tokens out.  Knows no grammar. */
#include "conf/lex.h"

#include <stdint.h>
#include <string.h>

#include "conf/parse.h"

/* The best match so far at one place of the text. */
struct match {
	size_t		 n;
	enum token_kind	 kind;
	const char	*word;
	uint64_t	 value;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* As strtoul() does it: leading white space and a plus are no digits. */
static uint64_t
number(const char *s, size_t n)
{
	uint64_t value = 0;
	size_t i = 0;

	while (i < n && (s[i] == ' ' || (s[i] >= '\t' && s[i] <= '\r')))
		i++;
	if (i < n && s[i] == '+')
		i++;
	for (; i < n && is_digit(s[i]); i++) {
		uint64_t digit = (uint64_t)(s[i] - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return UINT64_MAX;
		value = value * 10 + digit;
	}
	return value;
}

static void
better(struct match *m, size_t n, enum token_kind kind)
{
	if (n > m->n)
		*m = (struct match){ .n = n, .kind = kind };
}

static void
try_word(struct match *m, const char *s, size_t n, const struct word *w)
{
	size_t len;

	if (w->text[0] != s[0])
		return;
	len = strlen(w->text);
	if (len <= m->n || len > n || memcmp(w->text, s, len) != 0)
		return;
	*m = (struct match){
	    .n = len, .kind = w->kind, .word = w->text, .value = w->value };
}

static size_t
span(const char *s, size_t n, bool (*in)(char))
{
	size_t i = 0;

	while (i < n && in(s[i]))
		i++;
	return i;
}

static bool
in_address(char c)
{
	return is_hex(c) || c == ':' || c == '.';
}

/* Hex digits, colons and dots, not starting with a dot; %zone. */
static size_t
address(const char *s, size_t n)
{
	size_t i, zone;

	if (n == 0 || s[0] == '.')
		return 0;
	i = span(s, n, in_address);
	if (i == 0 || i == n || s[i] != '%')
		return i;
	zone = span(s + i + 1, n - i - 1, is_alnum);
	return zone == 0 ? i : i + 1 + zone;
}

static size_t
string(const char *s, size_t n)
{
	const char *end;

	end = n < 2 ? NULL : memchr(s + 1, '"', n - 1);
	return end == NULL ? 0 : (size_t)(end - s) + 1;
}

static size_t
port(const char *s, size_t n)
{
	size_t digits = span(s + 1, n - 1, is_digit);

	if (digits == 0 || 1 + digits == n || s[1 + digits] != ']')
		return 0;
	return digits + 2;
}

static size_t
prefix(const char *s, size_t n)
{
	size_t digits = span(s + 1, n - 1, is_digit);

	return digits == 0 ? 0 : 1 + (digits > 3 ? 3 : digits);
}

static void
try_punctuation(struct match *m, const char *s, size_t n, unsigned int flags)
{
	size_t len;

	switch (s[0]) {
	case '"':
		better(m, string(s, n), T_STRING);
		break;
	case '-':
		len = address(s + 1, n - 1);
		better(m, len == 0 ? 0 : len + 1, T_RANGE);
		break;
	case '/':
		better(m, prefix(s, n), T_PREFIX);
		break;
	case '[':
		better(m, port(s, n), T_PORT);
		break;
	case ';':
		better(m, 1, T_SEMICOLON);
		break;
	case '{':
		better(m, flags & BLOCK_OPENS ? 1 : 0, T_OPEN);
		break;
	case '}':
		better(m, flags & BLOCK_CLOSES ? 1 : 0, T_CLOSE);
		break;
	case ',':
		better(m, flags & BLOCK_COMMA ? 1 : 0, T_COMMA);
		break;
	}
}

static struct match
longest(const char *s, size_t n, const struct block *b)
{
	struct match m = { .n = 0 };
	size_t hex;

	for (const struct directive *d = b->rows;
	    d != NULL && d->word != NULL; d++)
		try_word(&m, s, n, &(struct word){ d->word, T_WORD, 0 });
	for (const struct word *w = b->words; w != NULL && w->text != NULL; w++)
		try_word(&m, s, n, w);
	for (const struct word *w = common_words; w->text != NULL; w++)
		try_word(&m, s, n, w);
	better(&m, span(s, n, is_digit), T_NUMBER);
	if (n > 2 && s[0] == '0' && s[1] == 'x') {
		hex = span(s + 2, n - 2, is_hex);
		better(&m, hex == 0 ? 0 : hex + 2, T_HEX);
	}
	better(&m, address(s, n), T_ADDR);
	try_punctuation(&m, s, n, b->flags);
	return m;
}

/* The length of white space or a comment here; counts lines. */
static size_t
blank(struct lexer *lx, const struct block *b)
{
	const char *s = lx->text + lx->at, *end;
	size_t n = lx->n - lx->at;

	switch (s[0]) {
	case '\n':
		lx->line++;
		return 1;
	case ' ':
	case '\t':
		return 1;
	case '#':
		end = memchr(s, '\n', n);
		return end == NULL ? n : (size_t)(end - s);
	case ',':
		return b->flags & BLOCK_NO_COMMA ? 1 : 0;
	}
	return 0;
}

void
lex_init(struct lexer *lx, const char *text, size_t n)
{
	*lx = (struct lexer){ .text = text, .n = n, .at = 0, .line = 1 };
}

static void
finish(struct lexer *lx, struct token *t, const struct match *m, size_t start)
{
	t->nglued = lx->at - start;
	lx->at += m->n;
	t->kind = m->kind;
	t->word = m->word;
	t->value = m->value;
	t->text = lx->text + start;
	t->n = lx->at - start;
	if (m->kind == T_NUMBER)
		t->value = number(t->text, t->n);
	else if (m->kind == T_PREFIX || m->kind == T_PORT)
		t->value = number(t->text + 1, t->n - 1);
	for (size_t i = 0; m->kind == T_STRING && i < t->n; i++)
		if (t->text[i] == '\n')
			lx->line++;
	t->line = lx->line;
}

/* Characters that look like nothing: a carriage return and the like, a
 * no-break space, the mark that some editors put in front of UTF-8. */
static size_t
invisible(const struct lexer *lx)
{
	const char *s = lx->text + lx->at;
	const size_t n = lx->n - lx->at;

	if (s[0] == '\r' || s[0] == '\f' || s[0] == '\v')
		return 1;
	if (n >= 2 && memcmp(s, "\xc2\xa0", 2) == 0)
		return 2;
	if (lx->at == 0 && n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		return 3;
	return 0;
}

static void
note_junk(struct lexer *lx, struct token *t)
{
	const size_t n = invisible(lx);
	const char *here = lx->text + lx->at;

	lx->at += n > 0 ? n : 1;
	if (n > 0)
		return;
	if (t->njunk == 0) {
		t->junk = here;
		t->junk_line = lx->line;
	}
	if (t->junk + t->njunk == here)
		t->njunk++;
}

static bool
in_raw(char c)
{
	return strchr(" \t\r\n;,{}\"#", c) == NULL;
}

void
lex_raw(struct lexer *lx, const struct block *b, struct token *t)
{
	size_t skip, n;

	while (lx->at < lx->n && (skip = blank(lx, b)) > 0)
		lx->at += skip;
	n = span(lx->text + lx->at, lx->n - lx->at, in_raw);
	if (n == 0) {
		lex_next(lx, b, t);
		return;
	}
	*t = (struct token){ .kind = T_HEX, .text = lx->text + lx->at,
	    .n = n, .line = lx->line };
	lx->at += n;
}

void
lex_next(struct lexer *lx, const struct block *b, struct token *t)
{
	size_t start = lx->at, skip;
	struct match m;

	*t = (struct token){ .kind = T_END, .text = "" };
	while (lx->at < lx->n) {
		skip = blank(lx, b);
		if (skip > 0) {
			lx->at += skip;
			start = lx->at;
			continue;
		}
		m = longest(lx->text + lx->at, lx->n - lx->at, b);
		if (m.n > 0) {
			finish(lx, t, &m, start);
			return;
		}
		note_junk(lx, t);
	}
	t->line = lx->line;
}
