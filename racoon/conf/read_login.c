/* SPDX-License-Identifier: ISC */
/*
 * ldapcfg { } and radiuscfg { }: the servers that know logins.  They are read,
 * checked and kept, but nobody asks them yet.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/parse.h"

#define CONF(field)	offsetof(struct conf, field)

static bool
check_version(struct reader *r, void *object)
{
	const struct conf *c = object;

	if (c->ldap.version == 2 || c->ldap.version == 3)
		return true;
	return parse_count(r, "is no version of LDAP: 2 or 3");
}

static bool
check_port(struct reader *r, void *object)
{
	struct conf *c = object;

	if (c->ldap.port <= UINT16_MAX)
		return true;
	c->ldap.port = (uint16_t)c->ldap.port;
	parse_warn(r, "is no port, %u is used", c->ldap.port);
	return true;
}

static bool
host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || strchr(".-_:%", c) != NULL;
}

/* "NAME", or NAME without quotes: a name is made of no word of the block. */
static bool
set_host(struct reader *r, void *object)
{
	struct conf *c = object;

	lex_raw(r->lexer, r->block, &r->tok);
	r->held = r->tok.kind != T_HEX;
	if (r->held)
		return parse_string(r, &c->ldap.host) && parse_end(r);
	for (size_t i = 0; i < r->tok.n; i++)
		if (r->tok.text[i] == '\0' || !host_char(r->tok.text[i]))
			return parse_error(r, "is no host name");
	free(c->ldap.host);
	c->ldap.host = parse_text(r);
	return parse_end(r);
}

/*
 * What is not where it should be may be the secret, or a piece of it: the log
 * has DIRECTIVE instead.  Punctuation stays there to go on with.
 */
static bool
refuse_secret(struct reader *r, const struct token *directive)
{
	const enum token_kind kind = parse_peek(r);

	if (kind == T_SEMICOLON || kind == T_OPEN || kind == T_CLOSE)
		r->lexer->at--;
	r->tok = *directive;
	r->held = false;
	return parse_error(r, "syntax error, expected the secret in double "
	    "quotes, and a semicolon behind it");
}

/* The next token is of this kind, and has nothing in front of it that would
 * be warned of. */
static bool
is_next(struct reader *r, enum token_kind kind)
{
	return parse_peek(r) == kind && r->tok.njunk == 0;
}

/* "SECRET"; in *text, the old one does not stay in memory. */
static bool
take_secret(struct reader *r, const struct token *directive, char **text)
{
	if (*text != NULL)
		xfreezero(*text, strlen(*text));
	*text = NULL;
	if (!is_next(r, T_STRING))
		return refuse_secret(r, directive);
	if (memchr(r->tok.text, '\0', r->tok.n) != NULL)
		return refuse_secret(r, directive);
	if (!parse_string(r, text))
		return false;
	if (!is_next(r, T_SEMICOLON))
		return refuse_secret(r, directive);
	return parse_end(r);
}

static bool
set_bind_pw(struct reader *r, void *object)
{
	const struct token directive = r->tok;
	struct conf *c = object;

	return take_secret(r, &directive, &c->ldap.bind_pw);
}

#define NUMBER(word)							\
	{ #word, ARG_NUMBER, CONF(ldap.word), NULL, NULL, NULL }
#define STRING(word)							\
	{ #word, ARG_STRING, CONF(ldap.word), NULL, NULL, NULL }

static const struct directive ldapcfg_rows[] = {
	{ "version", ARG_NUMBER, CONF(ldap.version), check_version,
	    NULL, NULL },
	STRING(uri),
	{ "host", ARG_OWN, 0, set_host, NULL, NULL },
	{ "port", ARG_NUMBER, CONF(ldap.port), check_port, NULL, NULL },
	NUMBER(timeout),
	NUMBER(debug),
	STRING(base),
	{ "subtree", ARG_SWITCH, CONF(ldap.subtree), NULL, NULL, NULL },
	STRING(bind_dn),
	{ "bind_pw", ARG_OWN, 0, set_bind_pw, NULL, NULL },
	STRING(attr_user),
	STRING(attr_addr),
	STRING(attr_mask),
	STRING(attr_group),
	STRING(attr_member),
	{ .word = NULL }
};

const struct block block_ldapcfg = {
	.name = "ldapcfg", .flags = BLOCK_BRACES,
	.rows = ldapcfg_rows, .marks = CONF(marks)
};

bool
parse_ldapcfg(struct reader *r, void *object)
{
	struct conf *c = object;

	c->ldap.configured = true;
	return parse_block(r, &block_ldapcfg, object, &block_top);
}

/* "HOST" [PORT] "SECRET" */
static bool
take_server(struct reader *r, struct conf_radius_server *list,
    unsigned int *n)
{
	const struct token directive = r->tok;
	struct conf_radius_server *s = &list[*n];
	uint64_t port = 0;

	if (*n >= CONF_RADIUS_MAX)
		return parse_error(r, "is one too many: %d servers at most",
		    CONF_RADIUS_MAX);
	s->at = parse_place(r);
	if (!parse_string(r, &s->host))
		return false;
	if (is_next(r, T_NUMBER) && parse_take(r, T_NUMBER))
		port = r->tok.value;
	if (!take_secret(r, &directive, &s->secret))
		return false;
	s->port = (uint16_t)port;
	r->tok = directive;
	if (port > UINT16_MAX)
		parse_warn(r, "has a number that is no port, %u is used",
		    s->port);
	(*n)++;
	return true;
}

static bool
set_auth(struct reader *r, void *object)
{
	struct conf *c = object;

	return take_server(r, c->radius.auth, &c->radius.nauth);
}

static bool
set_acct(struct reader *r, void *object)
{
	struct conf *c = object;

	return take_server(r, c->radius.acct, &c->radius.nacct);
}

static const struct directive radiuscfg_rows[] = {
	{ "auth", ARG_OWN, 0, set_auth, NULL, NULL },
	{ "acct", ARG_OWN, 0, set_acct, NULL, NULL },
	{ "timeout", ARG_NUMBER, CONF(radius.timeout), NULL, NULL, NULL },
	{ "retries", ARG_NUMBER, CONF(radius.retries), NULL, NULL, NULL },
	{ .word = NULL }
};

const struct block block_radiuscfg = {
	.name = "radiuscfg", .flags = BLOCK_BRACES,
	.rows = radiuscfg_rows, .marks = CONF(marks)
};

bool
parse_radiuscfg(struct reader *r, void *object)
{
	struct conf *c = object;

	c->radius.configured = true;
	return parse_block(r, &block_radiuscfg, object, &block_top);
}
