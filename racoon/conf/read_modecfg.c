/* SPDX-License-Identifier: ISC */
/* mode_cfg { }: what clients are told, and who knows their passwords. */
#include <arpa/inet.h>
#include <stdlib.h>

#include "base/mem.h"
#include "conf/parse.h"
#include "libipsec/addr.h"

#define MODECFG(field)	offsetof(struct conf, modecfg.field)
#define POOL_DEFAULT	255
#define LIST_MAX	1000		/* entries of any list */

/* Four decimal parts, as always: nothing that addr_parse() takes besides. */
static bool
read_ipv4(const struct reader *r, struct ipsec_addr *addr)
{
	struct in_addr in;
	char *text = parse_text(r);
	bool ok = inet_pton(AF_INET, text, &in) == 1 && addr_parse(addr, text);

	free(text);
	return ok;
}

static bool
take_ipv4(struct reader *r, struct ipsec_addr *addr)
{
	if (!parse_expect(r, T_ADDR))
		return false;
	return read_ipv4(r, addr) || parse_count(r, "is no IPv4 address");
}

static bool
set_network4(struct reader *r, void *object)
{
	struct conf *c = object;

	return take_ipv4(r, &c->modecfg.network4) && parse_end(r);
}

static bool
set_netmask4(struct reader *r, void *object)
{
	struct conf *c = object;

	return take_ipv4(r, &c->modecfg.netmask4) && parse_end(r);
}

static bool
take_servers(struct reader *r, struct ipsec_addr *list, unsigned int *n,
    unsigned int max)
{
	struct ipsec_addr addr;

	do {
		addr = (struct ipsec_addr){ .family = 0 };
		if (!take_ipv4(r, &addr))
			return false;
		if (*n < max && addr.family != 0)
			list[(*n)++] = addr;
		else if (*n >= max && !parse_count(r, "is one too many: %u at "
		    "most", max))
			return false;
	} while (parse_take(r, T_COMMA));
	return parse_end(r);
}

static bool
set_dns(struct reader *r, void *object)
{
	struct conf_modecfg *m = &((struct conf *)object)->modecfg;

	return take_servers(r, m->dns4, &m->ndns4, CONF_DNS_MAX);
}

static bool
set_wins(struct reader *r, void *object)
{
	struct conf_modecfg *m = &((struct conf *)object)->modecfg;

	return take_servers(r, m->wins4, &m->nwins4, CONF_WINS_MAX);
}

static bool
take_net(struct reader *r, struct conf_modecfg *m)
{
	struct conf_net net = { .prefix = 32 };

	if (!take_ipv4(r, &net.addr))
		return false;
	net.at = parse_place(r);
	if (!parse_expect(r, T_PREFIX))
		return false;
	if (r->tok.value > 32)
		parse_warn(r, "is longer than an address, /32 is used");
	else
		net.prefix = (uint8_t)r->tok.value;
	if (m->nsplit_network >= LIST_MAX)
		return parse_count(r, "is one too many: %u at most", LIST_MAX);
	m->split_network = xreallocarray(m->split_network,
	    m->nsplit_network + 1, sizeof(*m->split_network));
	m->split_network[m->nsplit_network++] = net;
	return true;
}

static bool
set_split_network(struct reader *r, void *object)
{
	struct conf_modecfg *m = &((struct conf *)object)->modecfg;
	const bool local = parse_take_word(r, "local_lan");

	if (!local && !parse_take_word(r, "include"))
		return parse_syntax(r, "local_lan or include");
	if (m->nsplit_network > 0 && m->local_lan != local)
		parse_warn(r, "there is one list only: this is what all of it "
		    "is now");
	m->local_lan = local;
	do {
		if (!take_net(r, m))
			return false;
	} while (parse_take(r, T_COMMA));
	return parse_end(r);
}

static bool
take_texts(struct reader *r, struct conf_text_list *l)
{
	do {
		char *text = NULL;

		if (!parse_string(r, &text))
			return false;
		if (l->n >= LIST_MAX) {
			free(text);
			return parse_count(r, "is one too many: %u at most",
			    LIST_MAX);
		}
		l->text = xreallocarray(l->text, l->n + 1, sizeof(*l->text));
		l->text[l->n++] = text;
	} while (parse_take(r, T_COMMA));
	return parse_end(r);
}

static bool
set_split_dns(struct reader *r, void *object)
{
	struct conf *c = object;

	return take_texts(r, &c->modecfg.split_dns);
}

static bool
set_auth_groups(struct reader *r, void *object)
{
	struct conf *c = object;

	return take_texts(r, &c->modecfg.auth_groups);
}

struct source {
	const char	*word;		/* NULL ends the list */
	enum conf_source value;
	bool		 built;
};

static bool
take_source(struct reader *r, const struct source *s, enum conf_source *out)
{
	for (; s->word != NULL; s++) {
		if (!parse_take_word(r, s->word))
			continue;
		if (!s->built && !parse_count(r,
		    "racoon is not built with support for it"))
			return false;
		*out = s->value;
		return parse_end(r);
	}
	return parse_syntax(r, "one of the values of racoon.conf(5)");
}

static bool
set_auth_source(struct reader *r, void *object)
{
	static const struct source sources[] = {
		{ "system", CONF_SYSTEM, true },
		{ "radius", CONF_RADIUS, false },
		{ "pam", CONF_PAM, false }, { "ldap", CONF_LDAP, false },
		{ NULL, CONF_NO_SOURCE, false }
	};
	struct conf *c = object;

	return take_source(r, sources, &c->modecfg.auth_source);
}

static bool
set_group_source(struct reader *r, void *object)
{
	static const struct source sources[] = {
		{ "system", CONF_SYSTEM, true }, { "ldap", CONF_LDAP, false },
		{ NULL, CONF_NO_SOURCE, false }
	};
	struct conf *c = object;

	return take_source(r, sources, &c->modecfg.group_source);
}

static bool
set_conf_source(struct reader *r, void *object)
{
	static const struct source sources[] = {
		{ "local", CONF_LOCAL, true },
		{ "radius", CONF_RADIUS, false }, { "ldap", CONF_LDAP, false },
		{ NULL, CONF_NO_SOURCE, false }
	};
	struct conf *c = object;

	return take_source(r, sources, &c->modecfg.conf_source);
}

static bool
set_accounting(struct reader *r, void *object)
{
	static const struct source sources[] = {
		{ "none", CONF_NO_SOURCE, true },
		{ "system", CONF_SYSTEM, true },
		{ "radius", CONF_RADIUS, false }, { "pam", CONF_PAM, false },
		{ NULL, CONF_NO_SOURCE, false }
	};
	struct conf *c = object;

	return take_source(r, sources, &c->modecfg.accounting);
}

#define OWN(word, set)	{ word, ARG_OWN, 0, set, NULL, NULL }
#define NUMBER(word)	{ #word, ARG_NUMBER, MODECFG(word), NULL, NULL, NULL }
#define STRING(word)	{ #word, ARG_STRING, MODECFG(word), NULL, NULL, NULL }

static const struct directive modecfg_rows[] = {
	OWN("network4", set_network4),
	OWN("netmask4", set_netmask4),
	OWN("dns4", set_dns),
	OWN("wins4", set_wins),
	OWN("nbns4", set_wins),
	OWN("split_network", set_split_network),
	OWN("split_dns", set_split_dns),
	STRING(default_domain),
	OWN("auth_source", set_auth_source),
	OWN("auth_groups", set_auth_groups),
	OWN("group_source", set_group_source),
	OWN("conf_source", set_conf_source),
	OWN("accounting", set_accounting),
	NUMBER(pool_size),
	NUMBER(pfs_group),
	NUMBER(auth_throttle),
	{ "save_passwd", ARG_SWITCH, MODECFG(save_passwd), NULL, NULL, NULL },
	STRING(banner),
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
	.rows = modecfg_rows, .words = modecfg_words,
	.marks = offsetof(struct conf, marks)
};

bool
parse_modecfg(struct reader *r, void *object)
{
	struct conf_modecfg *m = &((struct conf *)object)->modecfg;

	m->configured = true;
	parse_warn(r, "has no effect yet: addresses are not handed out");
	if (!parse_block(r, &block_modecfg, object, &block_top))
		return false;
	if (m->network4.family != 0 && m->pool_size == 0)
		m->pool_size = POOL_DEFAULT;
	return true;
}
