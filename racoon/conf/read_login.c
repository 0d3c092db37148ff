/* SPDX-License-Identifier: ISC */
/*
 * ldapcfg { } and radiuscfg { }: the servers that know logins.  They are read
 * and checked, but this program cannot ask them, so the file is refused.
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

/* A new secret in *text; the old one does not stay in memory. */
static bool
take_secret(struct reader *r, char **text)
{
	if (*text != NULL)
		xfreezero(*text, strlen(*text));
	*text = NULL;
	return parse_string(r, text);
}

static bool
set_bind_pw(struct reader *r, void *object)
{
	struct conf *c = object;

	return take_secret(r, &c->ldap.bind_pw) && parse_end(r);
}

#define NUMBER(word)							\
	{ #word, ARG_NUMBER, CONF(ldap.word), NULL, NULL, NULL }
#define STRING(word)							\
	{ #word, ARG_STRING, CONF(ldap.word), NULL, NULL, NULL }

static const struct directive ldapcfg_rows[] = {
	{ "version", ARG_NUMBER, CONF(ldap.version), check_version,
	    NULL, NULL },
	STRING(uri),
	STRING(host),
	NUMBER(port),
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
	return parse_count(r, "this racoon cannot ask an LDAP server") &&
	    parse_block(r, &block_ldapcfg, object, &block_top);
}

/* "host" [port] "secret" */
static bool
take_server(struct reader *r, struct conf_radius_server *list,
    unsigned int *n)
{
	struct conf_radius_server *s = &list[*n];

	if (*n >= CONF_RADIUS_MAX)
		return parse_error(r, "is one too many: %d servers at most",
		    CONF_RADIUS_MAX);
	if (!parse_string(r, &s->host))
		return false;
	if (parse_peek(r) == T_NUMBER && !parse_number(r, &s->port))
		return false;
	if (!take_secret(r, &s->secret) || !parse_end(r))
		return false;
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
	return parse_count(r, "this racoon cannot ask a RADIUS server") &&
	    parse_block(r, &block_radiuscfg, object, &block_top);
}
