/* SPDX-License-Identifier: ISC */
/*
 * The frame of the parser: tokens, errors, and what all commands are made
 * of: numbers, hosts, ports, labels.
 */
#include "setkey/parse.h"

#include <sys/socket.h>

#include <netdb.h>
#include <stdio.h>

#include "libipsec/addr.h"
#include "setkey/grammar.h"

/* A longer number may well be a key. */
#define HEX_SHOWN	11
#define KEY_SHOWN	4

struct command_row {
	const char	*name;
	size_t		 n;		/* its length */
	enum verb	 verb;
	bool		 (*parse)(struct parser *);
};

static bool parse_plain(struct parser *);

static const struct command_row commands[] = {
	{ "add", 3, VERB_ADD, parse_sa },
	{ "get", 3, VERB_GET, parse_sa },
	{ "getspi", 6, VERB_GETSPI, parse_sa },
	{ "delete", 6, VERB_DELETE, parse_sa },
	{ "deleteall", 9, VERB_DELETEALL, parse_deleteall },
	{ "flush", 5, VERB_FLUSH, parse_table },
	{ "dump", 4, VERB_DUMP, parse_table },
	{ "exit", 4, VERB_EXIT, parse_plain },
	{ "quit", 4, VERB_EXIT, parse_plain },
	{ "bye", 3, VERB_EXIT, parse_plain },
	{ "spdadd", 6, VERB_SPDADD, parse_policy },
	{ "spdupdate", 9, VERB_SPDUPDATE, parse_policy },
	{ "spddelete", 9, VERB_SPDDELETE, parse_policy },
	{ "spdflush", 8, VERB_SPDFLUSH, parse_plain },
	{ "spddump", 7, VERB_SPDDUMP, parse_plain },
	{ NULL, 0, VERB_EXIT, NULL }
};

void
parser_step(struct parser *p)
{
	p->tok = parser_is(p, "-P") && p->tok.type == TOK_FLAG ?
	    lex_policy(&p->lex) : lex_next(&p->lex);
}

bool
parser_take(struct parser *p, const char *text)
{
	if (!parser_is(p, text))
		return false;
	parser_step(p);
	return true;
}

/* The token for people: one line, no surprises for the terminal, no key. */
static void
show_token(const struct token *t, char out[DIAG_TOKEN])
{
	size_t n = 0;

	if (t->type == TOK_QUOTED) {
		snprintf(out, DIAG_TOKEN, "\"...\"");
		return;
	}
	if (t->text.n > HEX_SHOWN && t->text.p[0] == '0' &&
	    (t->text.p[1] == 'x' || t->text.p[1] == 'X')) {
		snprintf(out, DIAG_TOKEN, "0x...");
		return;
	}
	out[0] = '\0';
	for (size_t i = 0; i < t->text.n && n < DIAG_TOKEN - 8; i++) {
		uint8_t c = t->text.p[i];

		if (c == '\n' || c == '\t')
			c = ' ';
		if (c >= ' ' && c < 0x7f)
			n += (size_t)snprintf(out + n, 8, "%c", c);
		else
			n += (size_t)snprintf(out + n, 8, "\\x%02x", c);
	}
	if (n >= DIAG_TOKEN - 8)
		snprintf(out + n, 8, "...");
}

static void
report(struct parser *p, struct diag *d, const struct token *t)
{
	if (d->token[0] == '\0')
		show_token(t, d->token);
	if (d->line == 0)
		d->line = t->line;
	if (p->env->report != NULL)
		p->env->report(p->env->ctx, d);
}

bool
parser_syntax(struct parser *p)
{
	bool bad = p->tok.type == TOK_BAD;
	struct diag d = { .kind = bad ? DIAG_LEXICAL : DIAG_SYNTAX,
	    .text = bad ? "Syntax error" : "syntax error" };

	report(p, &d, &p->tok);
	return false;
}

bool
parser_fail(struct parser *p, const struct token *t, const char *text)
{
	return parser_fail_hint(p, t, text, "");
}

bool
parser_fail_hint(struct parser *p, const struct token *t, const char *text,
    const char *hint)
{
	struct diag d = { .kind = DIAG_MEANING, .text = text };

	snprintf(d.hint, sizeof(d.hint), "%s", hint);
	report(p, &d, t);
	return false;
}

bool
parser_bad_key(struct parser *p)
{
	struct diag d = { .kind = DIAG_SYNTAX, .text = "syntax error",
	    .hint = "a key is \"text\" or 0x and hexadecimal digits" };

	if (p->tok.type == TOK_BAD)
		return parser_syntax(p);
	if (p->tok.text.n > KEY_SHOWN)
		snprintf(d.token, sizeof(d.token), "...");
	report(p, &d, &p->tok);
	return false;
}

void
parser_warn(struct parser *p, const struct token *t, const char *text)
{
	struct diag d = { .kind = DIAG_WARNING, .text = text };

	report(p, &d, t);
}

bool
parser_memory(struct parser *p)
{
	return parser_fail(p, &p->tok, "insufficient memory");
}

bool
parse_end(struct parser *p)
{
	return p->tok.type == TOK_PUNCT && parser_is(p, ";") ? true :
	    parser_syntax(p);
}

static unsigned int
digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned int)c - 'a' + 10 : 16;
}

bool
parse_number(struct view v, uint64_t *value)
{
	unsigned int base = 10;
	uint64_t n = 0;

	if (v.n > 2 && v.p[0] == '0' && (v.p[1] == 'x' || v.p[1] == 'X')) {
		base = 16;
		(void)view_take(&v, 2);
	}
	if (v.n == 0)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		unsigned int d = digit(v.p[i]);

		if (d >= base)
			return false;
		n = n > (UINT64_MAX - d) / base ? UINT64_MAX : n * base + d;
	}
	*value = n;
	return true;
}

/* A number up to MAX; UINT64_MAX takes (and saturates) everything. */
bool
parse_decimal(struct parser *p, uint64_t max, uint64_t *value)
{
	char hint[64];

	if (p->tok.type != TOK_DEC || !parse_number(p->tok.text, value))
		return parser_syntax(p);
	if (*value > max) {
		snprintf(hint, sizeof(hint), "at most %llu",
		    (unsigned long long)max);
		return parser_fail_hint(p, &p->tok, "number too large", hint);
	}
	parser_step(p);
	return true;
}

/* { "-" { "n" | "4" | "6" } }: the last family wins. */
bool
parse_address_flags(struct parser *p)
{
	p->family = 0;
	p->numeric = false;
	for (; p->tok.type == TOK_ADDRESS_FLAG; parser_step(p)) {
		for (size_t i = 1; i < p->tok.text.n; i++) {
			uint8_t c = p->tok.text.p[i];

			if (c == 'n')
				p->numeric = true;
			else
				p->family = c == '4' ? AF_INET : AF_INET6;
		}
	}
	return true;
}

static bool
token_name(const struct token *t, char out[NAMES_LONG + 1])
{
	if (t->text.n > NAMES_LONG)
		return false;
	memcpy(out, t->text.p, t->text.n);
	out[t->text.n] = '\0';
	return true;
}

static int
lookup_host(struct parser *p, const char *name, struct endpoint *e)
{
	if (addr_parse(&e->addr[0], name)) {
		e->addr[0].scope = 0;
		e->n = 1;
		return p->family == 0 || p->family == e->addr[0].family ? 0 :
		    EAI_ADDRFAMILY;
	}
	if (p->numeric)
		return EAI_NONAME;
	return names_host(&p->names, p->env, name, p->family, e->addr, &e->n);
}

bool
parse_host(struct parser *p, struct endpoint *e)
{
	char name[NAMES_LONG + 1];
	int err;

	/* The addresses behind the first one count for nothing yet. */
	memset(e, 0, offsetof(struct endpoint, addr));
	memset(&e->addr[0], 0, sizeof(e->addr[0]));
	if (p->tok.type != TOK_WORD)
		return parser_syntax(p);
	e->name = p->tok;
	err = token_name(&p->tok, name) ? lookup_host(p, name, e) : EAI_NONAME;
	if (err == 0 && e->n == 0)
		err = EAI_NONAME;
	if (err != 0)
		return parser_fail(p, &e->name, gai_strerror(err));
	parser_step(p);
	return true;
}

static bool
lookup_port(struct parser *p, struct endpoint *e)
{
	char name[NAMES_LONG + 1];
	int port = -1;

	if (token_name(&p->tok, name))
		port = names_service(&p->names, p->env, name);
	if (port < 0)
		return parser_fail(p, &p->tok, gai_strerror(EAI_SERVICE));
	e->port = (uint16_t)port;
	parser_step(p);
	return true;
}

/* [ "[" port "]" ] */
bool
parse_port(struct parser *p, struct endpoint *e)
{
	uint64_t n;

	if (!parser_take(p, "["))
		return true;
	if (p->tok.type == TOK_DEC) {
		if (!parse_decimal(p, UINT16_MAX, &n))
			return false;
		e->port = (uint16_t)n;
	} else if (p->tok.type == TOK_WORD) {
		if (!lookup_port(p, e))
			return false;
	} else if (!parser_take(p, "any")) {
		return parser_syntax(p);
	}
	return parser_take(p, "]") ? true : parser_syntax(p);
}

/* DEC DEC QUOTED behind -ctx; a DOI of 0 is no label. */
bool
parse_label(struct parser *p, const struct script_label **out)
{
	struct script_label *label;
	uint64_t doi, alg;
	size_t n;

	if (!parse_decimal(p, UINT8_MAX, &doi) ||
	    !parse_decimal(p, UINT8_MAX, &alg))
		return false;
	if (p->tok.type != TOK_QUOTED)
		return parser_syntax(p);
	n = p->tok.text.n + 1;
	if (n > IPSEC_CTX_MAX)
		return parser_fail(p, &p->tok, "security context too long");
	if ((label = script_alloc(p->script, sizeof(*label) + n)) == NULL)
		return parser_memory(p);
	label->doi = (uint8_t)doi;
	label->alg = (uint8_t)alg;
	label->length = (uint16_t)n;
	memcpy(label->text, p->tok.text.p, n - 1);
	*out = doi == 0 ? NULL : label;
	parser_step(p);
	return true;
}

/* A command without arguments. */
static bool
parse_plain(struct parser *p)
{
	if (!parse_end(p))
		return false;
	return script_add(p->script, p->verb, p->line) != NULL ? true :
	    parser_memory(p);
}

static bool
parse_command(struct parser *p)
{
	const struct command_row *row = commands;

	while (row->name != NULL && !view_equal(p->tok.text,
	    view_of(row->name, row->n)))
		row++;
	if (row->name == NULL || p->tok.type != TOK_KEYWORD)
		return parser_syntax(p);
	p->verb = row->verb;
	p->line = p->tok.line;
	parser_step(p);
	return row->parse(p);
}

bool
script_parse(struct script *s, struct view text, uint32_t line,
    const struct parse_env *env)
{
	struct parser p = { .script = s, .env = env };

	lex_init(&p.lex, text, line);
	p.tok = lex_next(&p.lex);
	while (p.tok.type != TOK_END) {
		if (!parse_command(&p))
			return false;
		/* What follows "exit" is not looked at. */
		if (p.verb == VERB_EXIT) {
			s->ended = true;
			return true;
		}
		parser_step(&p);
	}
	return true;
}
