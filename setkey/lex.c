/* SPDX-License-Identifier: ISC */
/*
 * The scanner of the setkey language: longest match, reserved words first.
 */
#include "setkey/lex.h"

struct keyword {
	uint8_t		 n;
	const char	*text;
};

#define WORD(text)	{ sizeof(text) - 1, text }

static const struct keyword keywords[] = {
	WORD("add"), WORD("delete"), WORD("deleteall"), WORD("get"),
	WORD("getspi"), WORD("flush"), WORD("dump"), WORD("exit"),
	WORD("quit"), WORD("bye"), WORD("spdadd"), WORD("spdupdate"),
	WORD("spddelete"), WORD("spddump"), WORD("spdflush"), WORD("tagged"),
	WORD("ah"), WORD("ah-old"), WORD("esp"), WORD("esp-old"),
	WORD("esp-udp"), WORD("ipcomp"), WORD("tcp"), WORD("any"),
	WORD("transport"), WORD("tunnel"), WORD("random-pad"),
	WORD("seq-pad"), WORD("zero-pad"), WORD("nocyclic-seq"), WORD("oui"),
	WORD("deflate"), WORD("lzs"), { 0, NULL }
};

/* A longer flag stands before its own beginnings. */
static const struct keyword flags[] = {
	WORD("-ctx"), WORD("-mark"), WORD("-if_id"), WORD("-output-mark"),
	WORD("-esn"), WORD("-align4"), WORD("-replay"), WORD("-offload"),
	WORD("-lh"),
	WORD("-ls"), WORD("-bh"), WORD("-bs"), WORD("-P"), WORD("-A"),
	WORD("-E"), WORD("-C"), WORD("-R"), WORD("-m"), WORD("-u"),
	WORD("-f"), WORD("-r"), { 0, NULL }
};

/* Kinds of bytes. */
enum {
	DIGIT = 0x01, HEX = 0x02, FIRST = 0x04, WORD_BYTE = 0x08,
	LIST = 0x10, BLANK = 0x20, POLICY_FIRST = 0x40, POLICY = 0x80,
	PLAIN = 0x100		/* ends neither a command nor a line */
};

#define A_DIGIT	(DIGIT | LIST | A_HEX)
#define A_HEX	(HEX | LETTER)
#define LETTER	(FIRST | IN_WORD)
#define IN_WORD	(WORD_BYTE | POLICY_FIRST | POLICY | PLAIN)
#define A_BLANK	(BLANK | POLICY_FIRST | POLICY)

static const uint16_t kinds[256] = {
	['0'] = A_DIGIT, ['1'] = A_DIGIT, ['2'] = A_DIGIT, ['3'] = A_DIGIT,
	['4'] = A_DIGIT, ['5'] = A_DIGIT, ['6'] = A_DIGIT, ['7'] = A_DIGIT,
	['8'] = A_DIGIT, ['9'] = A_DIGIT,
	['a'] = A_HEX, ['b'] = A_HEX, ['c'] = A_HEX, ['d'] = A_HEX,
	['e'] = A_HEX, ['f'] = A_HEX, ['g'] = LETTER, ['h'] = LETTER,
	['i'] = LETTER, ['j'] = LETTER, ['k'] = LETTER, ['l'] = LETTER,
	['m'] = LETTER, ['n'] = LETTER, ['o'] = LETTER, ['p'] = LETTER,
	['q'] = LETTER, ['r'] = LETTER, ['s'] = LETTER, ['t'] = LETTER,
	['u'] = LETTER, ['v'] = LETTER, ['w'] = LETTER, ['x'] = LETTER,
	['y'] = LETTER, ['z'] = LETTER,
	['A'] = A_HEX, ['B'] = A_HEX, ['C'] = A_HEX, ['D'] = A_HEX,
	['E'] = A_HEX, ['F'] = A_HEX, ['G'] = LETTER, ['H'] = LETTER,
	['I'] = LETTER, ['J'] = LETTER, ['K'] = LETTER, ['L'] = LETTER,
	['M'] = LETTER, ['N'] = LETTER, ['O'] = LETTER, ['P'] = LETTER,
	['Q'] = LETTER, ['R'] = LETTER, ['S'] = LETTER, ['T'] = LETTER,
	['U'] = LETTER, ['V'] = LETTER, ['W'] = LETTER, ['X'] = LETTER,
	['Y'] = LETTER, ['Z'] = LETTER, [':'] = LETTER,
	['.'] = IN_WORD, ['-'] = IN_WORD, ['%'] = WORD_BYTE | POLICY | PLAIN,
	[','] = LIST, ['_'] = POLICY_FIRST | POLICY | PLAIN,
	['/'] = POLICY_FIRST | POLICY | PLAIN, ['+'] = POLICY, ['['] = POLICY | PLAIN,
	[']'] = POLICY | PLAIN, [' '] = A_BLANK | PLAIN,
	['\t'] = A_BLANK | PLAIN, ['\n'] = A_BLANK
};

/* How many bytes of V, from FROM on, are of one kind. */
static size_t
run(struct view v, size_t from, unsigned int kind)
{
	size_t i = from;

	while (i < v.n && (kinds[v.p[i]] & kind) != 0)
		i++;
	return i - from;
}

/* Words are short: a loop is faster than a call. */
static bool
begins(struct view v, const struct keyword *k)
{
	size_t i = 0;

	if (v.n < k->n)
		return false;
	while (i < k->n && v.p[i] == (uint8_t)k->text[i])
		i++;
	return i == k->n;
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
	l->at += n;
	/* Others have no line end in them. */
	if (type == TOK_END || type == TOK_QUOTED || type == TOK_POLICY ||
	    type == TOK_JUNK || type == TOK_BAD)
		for (size_t i = 0; i < n; i++)
			l->line += t.text.p[i] == '\n';
	return t;
}

/* Blanks, line ends and comments. */
static void
skip(struct lex *l)
{
	for (;;) {
		struct view v = rest(l);
		size_t n = run(v, 0, BLANK);

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
	for (const struct keyword *f = flags; f->text != NULL; f++)
		if (begins(v, f))
			return take(l, TOK_FLAG, f->n);
	return take(l, TOK_BAD, 1);
}

/* The kind of a word that is N bytes long. */
static enum token_type
classify(struct view v)
{
	if (run(v, 0, DIGIT) == v.n)
		return TOK_DEC;
	if (v.p[0] > '0' && v.p[0] <= '9')
		return TOK_WORD;	/* as most addresses: no keyword */
	if (v.n > 2 && v.p[0] == '0' && (v.p[1] == 'x' || v.p[1] == 'X') &&
	    run(v, 2, HEX) == v.n - 2)
		return TOK_HEX;
	for (const struct keyword *k = keywords; k->text != NULL; k++)
		if (v.n == k->n && begins(v, k))
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
	word = (kinds[v.p[0]] & FIRST) != 0 ? run(v, 0, WORD_BYTE) : 0;
	list = run(v, 0, LIST);
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

	if (v.n == 0 || (kinds[v.p[0]] & POLICY_FIRST) == 0)
		return lex_next(l);
	l->after_policy = true;
	return take(l, TOK_POLICY, run(v, 0, POLICY));
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

size_t
lex_commands(struct view text, uint32_t *lines)
{
	size_t end = 0;
	uint32_t line = 0;
	bool quote = false, comment = false;

	for (size_t i = run(text, 0, PLAIN); i < text.n;
	    i += 1 + run(text, i + 1, PLAIN)) {
		uint8_t c = text.p[i];

		if (c == '\n') {
			line++;
			comment = false;
		} else if (comment) {
			continue;
		} else if (c == '"') {
			quote = !quote;
		} else if (c == '#' && !quote) {
			comment = true;
		} else if (c == ';' && !quote) {
			end = i + 1;
			*lines = line;
		}
	}
	return end;
}

bool
lex_blank(struct view text)
{
	struct lex l;

	lex_init(&l, text, 1);
	skip(&l);
	return rest(&l).n == 0;
}
