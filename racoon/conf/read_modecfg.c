/* SPDX-License-Identifier: ISC */
/*
 * mode_cfg { }: checked as it always was, but nothing of it is used yet.
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "conf/parse.h"

#define DNS_MAX		3
#define WINS_MAX	4

struct modecfg {
	unsigned int	ndns, nwins;
	bool		save_passwd;
	uint32_t	number;
	char		*text;
};

#define MODECFG(field)	offsetof(struct modecfg, field)

static bool
is_ipv4(const struct reader *r)
{
	struct in_addr in;
	char *text = parse_text(r);
	bool ok = inet_pton(AF_INET, text, &in) == 1;

	free(text);
	return ok;
}

static bool
take_ipv4(struct reader *r)
{
	if (!parse_expect(r, T_ADDR))
		return false;
	return is_ipv4(r) || parse_count(r, "is no IPv4 address");
}

static bool
set_network(struct reader *r, void *object)
{
	(void)object;
	return take_ipv4(r) && parse_end(r);
}

static bool
take_servers(struct reader *r, unsigned int *n, unsigned int max)
{
	do {
		if (!take_ipv4(r))
			return false;
		if (++*n > max && !parse_count(r, "is one too many: %u at "
		    "most", max))
			return false;
	} while (parse_take(r, T_COMMA));
	return parse_end(r);
}

static bool
set_dns(struct reader *r, void *object)
{
	struct modecfg *m = object;

	return take_servers(r, &m->ndns, DNS_MAX);
}

static bool
set_wins(struct reader *r, void *object)
{
	struct modecfg *m = object;

	return take_servers(r, &m->nwins, WINS_MAX);
}

static bool
set_split_network(struct reader *r, void *object)
{
	(void)object;
	if (!parse_take_word(r, "local_lan") && !parse_take_word(r, "include"))
		return parse_syntax(r, "local_lan or include");
	do {
		if (!take_ipv4(r) || !parse_expect(r, T_PREFIX))
			return false;
	} while (parse_take(r, T_COMMA));
	return parse_end(r);
}

static bool
take_strings(struct reader *r, void *object)
{
	(void)object;
	do {
		if (!parse_expect(r, T_STRING))
			return false;
	} while (parse_take(r, T_COMMA));
	return parse_end(r);
}

struct source {
	const char	*word;		/* NULL ends the list */
	bool		 built;
};

static bool
take_source(struct reader *r, const struct source *s)
{
	for (; s->word != NULL; s++) {
		if (!parse_take_word(r, s->word))
			continue;
		if (!s->built && !parse_count(r,
		    "racoon is not built with support for it"))
			return false;
		return parse_end(r);
	}
	return parse_syntax(r, "one of the values of racoon.conf(5)");
}

static bool
set_auth_source(struct reader *r, void *object)
{
	static const struct source sources[] = {
		{ "system", true }, { "radius", false }, { "pam", false },
		{ "ldap", false }, { NULL, false }
	};

	(void)object;
	return take_source(r, sources);
}

static bool
set_group_source(struct reader *r, void *object)
{
	static const struct source sources[] = {
		{ "system", true }, { "ldap", false }, { NULL, false }
	};

	(void)object;
	return take_source(r, sources);
}

static bool
set_conf_source(struct reader *r, void *object)
{
	static const struct source sources[] = {
		{ "local", true }, { "radius", false }, { "ldap", false },
		{ NULL, false }
	};

	(void)object;
	return take_source(r, sources);
}

static bool
set_accounting(struct reader *r, void *object)
{
	static const struct source sources[] = {
		{ "none", true }, { "system", true }, { "radius", false },
		{ "pam", false }, { NULL, false }
	};

	(void)object;
	return take_source(r, sources);
}

#define OWN(word, set)	{ word, ARG_OWN, 0, set, NULL, NULL }
#define NUMBER(word)	{ word, ARG_NUMBER, MODECFG(number), NULL, NULL, NULL }
#define STRING(word)	{ word, ARG_STRING, MODECFG(text), NULL, NULL, NULL }

static const struct directive modecfg_rows[] = {
	OWN("network4", set_network),
	OWN("netmask4", set_network),
	OWN("dns4", set_dns),
	OWN("wins4", set_wins),
	OWN("nbns4", set_wins),
	OWN("split_network", set_split_network),
	OWN("split_dns", take_strings),
	STRING("default_domain"),
	OWN("auth_source", set_auth_source),
	OWN("auth_groups", take_strings),
	OWN("group_source", set_group_source),
	OWN("conf_source", set_conf_source),
	OWN("accounting", set_accounting),
	NUMBER("pool_size"),
	NUMBER("pfs_group"),
	NUMBER("auth_throttle"),
	{ "save_passwd", ARG_SWITCH, MODECFG(save_passwd), NULL, NULL, NULL },
	STRING("banner"),
	{ .word = NULL }
};

#define WORD(word)	{ word, T_WORD, 0 }

static const struct word modecfg_words[] = {
	WORD("local_lan"), WORD("include"), WORD("system"), WORD("radius"),
	WORD("pam"), WORD("ldap"), WORD("local"), WORD("none"),
	{ .text = NULL }
};

const struct block block_modecfg = {
	.name = "mode_cfg", .flags = BLOCK_BRACES | BLOCK_COMMA,
	.rows = modecfg_rows, .words = modecfg_words
};

bool
parse_modecfg(struct reader *r, void *object)
{
	struct modecfg m = { .text = NULL };
	bool ok;

	(void)object;
	parse_warn(r, "has no effect yet: addresses are not handed out");
	ok = parse_block(r, &block_modecfg, &m, &block_top);
	free(m.text);
	return ok;
}
