/* SPDX-License-Identifier: ISC */
/*
 * Reading racoon.conf: files, errors, and the kinds of arguments.  What the
 * directives mean is in the tables of read_*.c.
 */
#include "conf/read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/parse.h"
#include "conf/words.h"
#include "crypto/alg.h"
#include "libipsec/addr.h"

#define TOKEN_TEXT	64	/* of a token in a message */

static void
print_text(const char *s, size_t n, char out[TOKEN_TEXT + 1])
{
	if (n > TOKEN_TEXT)
		n = TOKEN_TEXT;
	for (size_t i = 0; i < n; i++)
		out[i] = s[i] >= ' ' && s[i] <= '~' ? s[i] : '?';
	out[n] = '\0';
}

/* The token as a message shows it: printable, without quotes. */
static void
token_print(const struct token *t, char out[TOKEN_TEXT + 1])
{
	if (t->kind == T_END)
		strcpy(out, "end of file");
	else if (t->kind == T_STRING && t->text[0] == '"')
		print_text(t->text + 1, t->n - 2, out);
	else
		print_text(t->text, t->n, out);
}

static bool
ends_word(char c)
{
	return c == '\0' || strchr(" \t\r\n;,{}\"#", c) != NULL;
}

static void
word_around(const struct reader *r, const char **word, size_t *n)
{
	const char *text = r->lexer->text, *start = *word;
	size_t len = *n;

	while (start > text && !ends_word(start[-1])) {
		start--;
		len++;
	}
	while (start + len < text + r->lexer->n && !ends_word(start[len]))
		len++;
	*word = start;
	*n = len;
}

void
parse_word(const struct reader *r, const char **word, size_t *n)
{
	*word = r->tok.text;
	*n = r->tok.n;
	word_around(r, word, n);
}

/* The word that the token is cut from; false when it is the token itself. */
static bool
word_print(const struct reader *r, char out[TOKEN_TEXT + 1])
{
	const char *word;
	size_t n = r->tok.n;

	if (r->tok.kind == T_END || n == 0 || ends_word(r->tok.text[n - 1]))
		return false;
	parse_word(r, &word, &n);
	print_text(word, n, out);
	return n > r->tok.n;
}

static void	 say(struct reader *, enum log_level, const char *fmt,
		    va_list) __attribute__((format(printf, 3, 0)));

static void
say(struct reader *r, enum log_level level, const char *fmt, va_list ap)
{
	char token[TOKEN_TEXT + 1], *text;

	token_print(&r->tok, token);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	log_msg(level, "%s:%u: \"%s\" %s", r->path, r->tok.line, token,
	    text == NULL ? "out of memory" : text);
	free(text);
}

bool
parse_error(struct reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(r, LOG_L_ERROR, fmt, ap);
	va_end(ap);
	r->errors++;
	r->aborted = true;
	return false;
}

bool
parse_syntax(struct reader *r, const char *expected)
{
	char word[TOKEN_TEXT + 1];

	if (word_print(r, word))
		return parse_error(r, "syntax error, expected %s, not \"%s\"",
		    expected, word);
	return parse_error(r, "syntax error, expected %s", expected);
}

bool
parse_count(struct reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(r, LOG_L_ERROR, fmt, ap);
	va_end(ap);
	return ++r->errors < ERRORS_MAX;
}

void
parse_warn(struct reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(r, LOG_L_WARNING, fmt, ap);
	va_end(ap);
	r->conf->warnings++;
}

enum token_kind
parse_peek(struct reader *r)
{
	if (!r->held)
		lex_next(r->lexer, r->block, &r->tok);
	r->held = true;
	return r->tok.kind;
}

/* Junk in front of a number is part of it for the conversion. */
static void
warn_of_glue(struct reader *r)
{
	char text[TOKEN_TEXT + 1];

	print_text(r->tok.text, r->tok.nglued, text);
	if (r->tok.kind == T_STRING)
		parse_warn(r, "is not the text that is written: remove the "
		    "\"%s\" in front of it", text);
	else
		parse_warn(r, "is read as the number %" PRIu64 ": the \"%s\" "
		    "in front of it does not belong there", r->tok.value,
		    text);
}

/* It is not an error, but hardly what was meant. */
static void
warn_of_junk(struct reader *r)
{
	const char *word = r->tok.junk;
	size_t n = r->tok.njunk;
	char junk[TOKEN_TEXT + 1], whole[TOKEN_TEXT + 1];

	if (n == 0 || ++r->junk > JUNK_MAX)
		return;
	if (r->tok.nglued > 0 && (r->tok.kind == T_NUMBER ||
	    r->tok.kind == T_PREFIX || r->tok.kind == T_PORT ||
	    r->tok.kind == T_STRING)) {
		warn_of_glue(r);
		return;
	}
	print_text(word, n, junk);
	word_around(r, &word, &n);
	print_text(word, n, whole);
	r->conf->warnings++;
	if (n == r->tok.njunk)
		log_msg(LOG_L_WARNING, "%s:%u: \"%s\" means nothing here and "
		    "is passed over", r->path, r->tok.junk_line, junk);
	else
		log_msg(LOG_L_WARNING, "%s:%u: \"%s\" has \"%s\" in it, which "
		    "means nothing and is passed over", r->path,
		    r->tok.junk_line, whole, junk);
}

void
parse_accept(struct reader *r)
{
	r->held = false;
	warn_of_junk(r);
}

bool
parse_take(struct reader *r, enum token_kind kind)
{
	if (parse_peek(r) != kind)
		return false;
	parse_accept(r);
	return true;
}

bool
parse_take_word(struct reader *r, const char *word)
{
	if (parse_peek(r) != T_WORD || strcmp(r->tok.word, word) != 0)
		return false;
	parse_accept(r);
	return true;
}

/* What belongs where something else was found. */
static const char *const wanted[] = {
	[T_END] = "the end of the file",
	[T_WORD] = "a directive",
	[T_SWITCH] = "on or off",
	[T_YESNO] = "yes or no",
	[T_TIME] = "sec, min or hour",
	[T_SIZE] = "a unit of size",
	[T_ALG] = "an algorithm",
	[T_IDTYPE] = "a type of identifier",
	[T_QUALIFIER] = "tag or file",
	[T_PROTO] = "a protocol or any",
	[T_NUMBER] = "a number",
	[T_HEX] = "a number",
	[T_STRING] = "a text in double quotes",
	[T_ADDR] = "an IP address",
	[T_RANGE] = "a range of addresses",
	[T_PREFIX] = "a prefix length",
	[T_PORT] = "a port in brackets",
	[T_PORTANY] = "[any]",
	[T_OPEN] = "{",
	[T_CLOSE] = "}",
	[T_SEMICOLON] = ";",
	[T_COMMA] = "a comma",
};

bool
parse_expect(struct reader *r, enum token_kind kind)
{
	if (parse_take(r, kind))
		return true;
	return parse_syntax(r, wanted[kind]);
}

bool
parse_number(struct reader *r, uint32_t *out)
{
	if (!parse_expect(r, T_NUMBER))
		return false;
	*out = (uint32_t)r->tok.value;
	if (r->tok.value > UINT32_MAX) {
		*out = UINT32_MAX;
		parse_warn(r, "is too large, %u is used", *out);
	}
	return true;
}

/* Takes a number of 32 bits from the front of the text. */
static bool
take_u32(const char **s, uint32_t *out)
{
	const bool hex = (*s)[0] == '0' && (*s)[1] == 'x';
	const char *p = *s + (hex ? 2 : 0), *start = p;
	const unsigned int base = hex ? 16 : 10;
	uint64_t n = 0;

	for (; hex_digit(*p) >= 0 && (unsigned int)hex_digit(*p) < base; p++) {
		n = n * base + (unsigned int)hex_digit(*p);
		if (n > UINT32_MAX)
			return false;
	}
	*s = p;
	*out = (uint32_t)n;
	return p > start;
}

bool
parse_masked(struct reader *r, uint32_t *value, uint32_t *mask)
{
	const char *p;
	char *text;
	bool ok;

	lex_raw(r->lexer, r->block, &r->tok);
	r->held = r->tok.kind != T_HEX;
	if (r->held)
		return parse_syntax(r, "a number");
	text = xstrndup(r->tok.text, r->tok.n);
	p = text;
	ok = take_u32(&p, value);
	if (mask != NULL)
		*mask = UINT32_MAX;
	if (ok && mask != NULL && *p == '/') {
		p++;
		ok = take_u32(&p, mask);
	}
	ok = ok && *p == '\0';
	free(text);
	return ok || parse_error(r, "is no number of 32 bits%s",
	    mask != NULL ? ", or two as in 0x10/0xff" : "");
}

bool
parse_time(struct reader *r, uint32_t *out)
{
	uint32_t n;

	if (!parse_number(r, &n) || !parse_expect(r, T_TIME))
		return false;
	*out = n * (uint32_t)r->tok.value;
	if (n > UINT32_MAX / r->tok.value) {
		*out = UINT32_MAX;
		parse_warn(r, "makes the time too large, %u seconds are used",
		    *out);
	}
	return true;
}

bool
parse_liveness(struct reader *r, uint32_t *seconds)
{
	if (!parse_take(r, T_SWITCH))
		return parse_peek(r) == T_NUMBER ? parse_time(r, seconds) :
		    parse_syntax(r, "on, off, or a number and a unit of time");
	*seconds = r->tok.value != 0 ? CONF_LIVENESS_DEFAULT : 0;
	return true;
}

/* `byte' comes from times when SAs ended by volume too. */
bool
parse_lifetime(struct reader *r, uint32_t *seconds)
{
	if (parse_take_word(r, "byte")) {
		if (!parse_expect(r, T_NUMBER))
			return false;
		if (parse_peek(r) == T_SIZE || parse_peek(r) == T_WORD)
			r->held = false;
		return parse_error(r, "byte lifetime support is deprecated: "
		    "use lifetime time");
	}
	if (!parse_take_word(r, "time"))
		return parse_syntax(r, "time");
	return parse_time(r, seconds);
}

/*
 * Strings lose their first and last character, whatever these are; junk in
 * front of a quote so damages the text, as it always has.
 */
char *
parse_text(const struct reader *r)
{
	const struct token *t = &r->tok;
	bool cut = t->kind == T_STRING;

	if (cut)
		return xstrndup(t->text + 1, t->n - 2);
	if (t->kind == T_RANGE)
		return xstrndup(t->text + 1, t->n - 1);
	return xstrndup(t->text, t->n);
}

bool
parse_string(struct reader *r, char **text)
{
	if (!parse_expect(r, T_STRING))
		return false;
	if (memchr(r->tok.text, '\0', r->tok.n) != NULL)
		return parse_error(r, "has a NUL byte in it");
	if (memchr(r->tok.text, '\n', r->tok.n) != NULL)
		r->torn = true;
	free(*text);
	*text = parse_text(r);
	return true;
}

bool
parse_end(struct reader *r)
{
	return parse_expect(r, T_SEMICOLON);
}

bool
parse_port(struct reader *r, uint16_t *port)
{
	if (!parse_take(r, T_PORT))
		return true;
	*port = (uint16_t)r->tok.value;
	if (r->tok.value > UINT16_MAX)
		parse_warn(r, "is no port, %u is used", *port);
	return true;
}

/* An address is good but for its zone: that names no interface. */
static const char *
lost_zone(const char *text)
{
	const char *zone = strchr(text, '%');
	struct ipsec_addr addr;
	char *plain;
	bool ok;

	if (zone == NULL)
		return NULL;
	plain = xstrndup(text, (size_t)(zone - text));
	ok = addr_parse(&addr, plain);
	free(plain);
	return ok ? zone + 1 : NULL;
}

bool
parse_addr(struct reader *r, struct ipsec_addr *addr)
{
	const char *zone;
	char *text;
	bool ok;

	if (!parse_expect(r, T_ADDR))
		return false;
	text = parse_text(r);
	ok = addr_parse(addr, text);
	zone = ok ? NULL : lost_zone(text);
	if (zone != NULL)
		(void)parse_error(r, "there is no interface %s", zone);
	else if (!ok)
		(void)parse_error(r, "is not an IP address");
	free(text);
	return ok;
}

struct conf_place
parse_place(const struct reader *r)
{
	return (struct conf_place){ .path = r->path, .line = r->tok.line };
}

bool
parse_alg(struct reader *r, const char **word, uint64_t *number)
{
	if (!parse_expect(r, T_ALG))
		return false;
	*word = r->tok.word;
	*number = 0;
	if (parse_take(r, T_NUMBER))
		*number = r->tok.value;
	return true;
}

bool
parse_mismatch(struct reader *r, const char *word)
{
	return parse_error(r, "algorithm mismatched: %s has no place here",
	    word);
}

bool
parse_key_bits(struct reader *r, const struct key_range *k,
    uint64_t number, uint16_t *bits)
{
	*bits = (uint16_t)(k->fixed ? 0 : k->usual);
	if (number == 0)
		return true;
	if (k->fixed)
		return parse_error(r, "keylen not allowed: the key of %s has "
		    "a fixed length", k->word);
	if (number < k->min || number > k->max || number % k->step != 0)
		return parse_error(r, "invalid keylen %" PRIu64 ": %s has "
		    "keys of %u to %u bits", number, k->word, k->min, k->max);
	*bits = (uint16_t)number;
	return true;
}

bool
parse_dh_group(struct reader *r, uint16_t *group)
{
	const struct alg_group *a;

	if (parse_take(r, T_NUMBER)) {
		/* groups 3 and 4 are known, but nobody can do them */
		if (r->tok.value == 3 || r->tok.value == 4) {
			*group = (uint16_t)r->tok.value;
			return true;
		}
		a = r->tok.value > UINT16_MAX ? NULL :
		    alg_group((uint16_t)r->tok.value);
	} else if (parse_expect(r, T_ALG))
		a = alg_group_word(r->tok.word);
	else
		return false;
	if (a == NULL)
		return parse_error(r, "must be DH group: 1, 2, 5, 14 to 24, 31 "
		    "or modp768 ... modp8192, ecp256, ecp384, ecp521, "
		    "curve25519");
	*group = a->id;
	return true;
}

bool
parse_file_name(struct reader *r, const char *dir, char **path)
{
	char *name = NULL;

	if (!parse_string(r, &name))
		return false;
	free(*path);
	*path = name;
	if (name[0] == '/' || dir == NULL)
		return true;
	*path = xasprintf("%s/%s", dir, name);
	free(name);
	return true;
}

bool
parse_readable(struct reader *r, const char *path)
{
	struct conf_text text;

	if (!r->opener->open(r->opener->ctx, path, &text))
		return parse_error(r, "cannot read %s: %s", path,
		    strerror(errno));
	xfreezero(text.text, text.n);
	return true;
}

/* The name stays valid as long as the snapshot. */
static const char *
add_name(struct conf *c, const char *path)
{
	c->names = xreallocarray(c->names, c->nnames + 1, sizeof(*c->names));
	c->names[c->nnames] = xstrdup(path);
	return c->names[c->nnames++];
}

/* False: reading ends, in the files around this one too. */
static bool
read_statements(struct reader *r, struct conf_text *text, const char *path)
{
	struct reader outer = *r;
	struct lexer lexer;

	lex_init(&lexer, text->text, text->n);
	r->lexer = &lexer;
	r->path = add_name(r->conf, path);
	r->block = &block_top;
	r->torn = r->unclosed = r->headless = false;
	r->depth++;
	while (parse_peek(r) != T_END)
		if (!parse_directive(r, r->conf) &&
		    !parse_recover(r, &block_top))
			break;
	if (r->errors == 0)
		parse_accept(r);	/* junk in front of the end */
	outer.errors = r->errors;
	outer.aborted = r->aborted;
	outer.lost = r->lost;
	outer.junk = r->junk;
	outer.stop = r->stop;
	*r = outer;
	return !r->stop && r->errors < ERRORS_MAX;
}

/* Reads an included file: false ends everything, *opened tells. */
static bool
read_file(struct reader *r, const char *path, bool *opened)
{
	struct conf_text text;
	bool ok;

	*opened = false;
	if (r->depth >= INCLUDE_DEPTH_MAX)
		return parse_error(r, "Includes nested too deeply");
	if (r->conf->nnames >= INCLUDE_FILES_MAX) {
		r->stop = true;
		return parse_error(r, "includes more than %d files in all",
		    INCLUDE_FILES_MAX);
	}
	if (!r->opener->open(r->opener->ctx, path, &text)) {
		parse_warn(r, "cannot open included file %s: %s", path,
		    strerror(errno));
		return true;
	}
	*opened = true;
	ok = read_statements(r, &text, path);
	xfreezero(text.text, text.n);
	return ok;
}

struct matches {
	char	**path;
	size_t	  n;
};

static void
add_match(void *arg, const char *path)
{
	struct matches *m = arg;

	m->path = xreallocarray(m->path, m->n + 1, sizeof(*m->path));
	m->path[m->n++] = xstrdup(path);
}

static bool
read_matches(struct reader *r, const struct matches *m)
{
	size_t nopened = 0;
	bool opened;

	for (size_t i = 0; i < m->n; i++) {
		if (!read_file(r, m->path[i], &opened))
			return false;
		nopened += opened ? 1 : 0;
	}
	if (nopened == 0)
		return parse_error(r, "none of the included files can be "
		    "opened");
	return true;
}

static bool
read_pattern(struct reader *r, const char *pattern)
{
	struct matches m = { .n = 0 };
	bool ok;

	if (r->opener->glob != NULL &&
	    r->opener->glob(r->opener->ctx, pattern, add_match, &m))
		ok = read_matches(r, &m);
	else
		ok = parse_error(r, "glob found no matches for path \"%s\"",
		    pattern);
	for (size_t i = 0; i < m.n; i++)
		free(m.path[i]);
	free(m.path);
	return ok;
}

bool
parse_include(struct reader *r, void *object)
{
	struct conf *c = object;
	char *name = NULL, *full;
	bool ok;

	if (!parse_string(r, &name))
		return false;
	if (!parse_end(r)) {
		free(name);
		return false;
	}
	if (name[0] == '/' || name[0] == '~')
		full = xstrdup(name);
	else if (c->path_include != NULL)
		full = xasprintf("%s/%s", c->path_include, name);
	else
		full = NULL;
	if (full != NULL)
		ok = read_pattern(r, full);
	else
		ok = parse_error(r, "%s is a relative name: set path include "
		    "before it", name);
	free(full);
	free(name);
	return ok;
}

/* The two last lines that scripts may know; racoon has always said so. */
static void
say_refused(unsigned int errors, bool whole)
{
	if (whole)
		log_msg(LOG_L_ERROR, "parse error is nothing, but "
		    "yyerrorcount is %u.", errors);
	else
		log_msg(LOG_L_ERROR, "fatal parse failure (%u errors)",
		    errors);
}

enum err
conf_read(const struct conf_opener *opener, const char *path,
    struct conf **out)
{
	struct reader r = { .opener = opener, .path = path };
	struct conf_text text;

	*out = NULL;
	if (!opener->open(opener->ctx, path, &text)) {
		log_msg(LOG_L_ERROR, "cannot read the configuration %s: %s",
		    path, strerror(errno));
		return E_CONFIG;
	}
	r.conf = conf_new();
	r.conf->path = xstrdup(path);
	(void)read_statements(&r, &text, path);
	if (r.errors >= ERRORS_MAX)
		log_msg(LOG_L_ERROR, "%s: reading ends here: there are %u "
		    "errors already", path, r.errors);
	xfreezero(text.text, text.n);
	if (r.errors > 0) {
		say_refused(r.errors, !r.aborted);
		conf_unref(r.conf);
		return E_CONFIG;
	}
	*out = r.conf;
	return OK;
}
