/* SPDX-License-Identifier: ISC */
/* sainfo and mode_cfg blocks as text. */
#include <netinet/in.h>

#include "conf/show_part.h"
#include "crypto/alg.h"
#include "libipsec/addr.h"
#include "wire/isakmp.h"

static void
show_proto(struct show *s, uint8_t proto)
{
	static const struct {
		uint8_t		 proto;
		const char	*word;
	} rows[] = {
		{ 0, "any" },
		{ IPPROTO_ICMP, "icmp" },
		{ IPPROTO_TCP, "tcp" },
		{ IPPROTO_UDP, "udp" },
		{ IPPROTO_GRE, "gre" },
		{ IPPROTO_ESP, "esp" },
		{ IPPROTO_AH, "ah" },
		{ IPPROTO_ICMPV6, "icmp6" },
		{ IPPROTO_COMP, "ipcomp" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].proto == proto) {
			show_more(s, " %s", rows[i].word);
			return;
		}
	show_more(s, " %u", proto);
}

static void
show_part(struct show *s, struct view bytes)
{
	struct ipsec_addr addr;
	char text[ADDR_TEXT];

	(void)addr_from_bytes(&addr, bytes.n == 4 ? AF_INET : AF_INET6, bytes);
	show_more(s, "%s", addr_print(&addr, text));
}

static unsigned int
mask_bits(struct view mask)
{
	unsigned int bits = 0;

	for (size_t i = 0; i < mask.n; i++)
		for (unsigned int m = mask.p[i]; m != 0; m &= m - 1)
			bits++;
	return bits;
}

/* The address, and what makes it a net or a range. */
static void
show_addresses(struct show *s, const struct conf_sel *sel)
{
	const bool v4 = sel->type == ID_IPV4 || sel->type == ID_IPV4_SUBNET ||
	    sel->type == ID_IPV4_RANGE;
	struct view rest = buf_view(&sel->data);

	show_more(s, " address ");
	show_part(s, view_take(&rest, v4 ? 4 : 16));
	if (sel->type == ID_IPV4_RANGE || sel->type == ID_IPV6_RANGE) {
		show_more(s, "-");
		show_part(s, rest);
	} else if (rest.n > 0)
		show_more(s, "/%u", mask_bits(rest));
	if (sel->port != 0)
		show_more(s, " [%u]", sel->port);
	show_proto(s, sel->proto);
}

static const char *
name_type(uint8_t type)
{
	switch (type) {
	case ID_FQDN:
		return "fqdn";
	case ID_USER_FQDN:
		return "user_fqdn";
	case ID_KEY_ID:
		return "keyid";
	case ID_IPV4_SUBNET:
		return "subnet";
	}
	return "address";
}

static void
show_selector(struct show *s, const struct conf_sel *sel)
{
	switch (sel->kind) {
	case CONF_SEL_ANONYMOUS:
		show_more(s, " anonymous");
		return;
	case CONF_SEL_CLIENTADDR:
		show_more(s, " clientaddr");
		return;
	case CONF_SEL_ID:
		break;
	}
	if (sel->text == NULL) {
		show_addresses(s, sel);
		return;
	}
	show_more(s, " %s ", name_type(sel->type));
	show_text(s, sel->text);
}

static void
show_pfs_group(struct show *s, const void *object, struct conf_place at)
{
	const struct sainfo *a = object;
	const struct alg_group *g = alg_group(a->pfs_group);

	if (g != NULL)
		show_line(s, at, "pfs_group %s", g->word);
	else if (a->pfs_group != 0)
		show_line(s, at, "pfs_group %u", a->pfs_group);
}

static void
show_sainfo_liveness(struct show *s, const void *object, struct conf_place at)
{
	const struct sainfo *a = object;

	if (a->has_liveness)
		show_liveness(s, a->liveness, at);
}

static void
show_lifetime(struct show *s, const void *object, struct conf_place at)
{
	const struct sainfo *a = object;

	show_line(s, at, "lifetime time %u sec", a->lifetime);
}

static void
show_ah_align(struct show *s, const void *object, struct conf_place at)
{
	static const char *const words[] = {
		[CONF_AH_AUTO] = "auto",
		[CONF_AH_RFC] = "32",
		[CONF_AH_LINUX] = "64",
	};
	const struct sainfo *a = object;

	show_line(s, at, "ah_align %s", words[a->ah_align]);
}

/* Writes the word of an algorithm. */
typedef void	 alg_word(struct show *, const struct conf_alg *);

static void
enc_word(struct show *s, const struct conf_alg *a)
{
	show_more(s, "%s", alg_esp(a->id)->word);
	if (a->key_bits != 0)
		show_more(s, " %u", a->key_bits);
}

/* A check value that is cut is in the word. */
static void
auth_word(struct show *s, const struct conf_alg *a)
{
	show_more(s, "%s", alg_auth(a->id)->word);
	if (a->icv_bits != 0)
		show_more(s, "_%u", a->icv_bits);
}

static void
comp_word(struct show *s, const struct conf_alg *a)
{
	show_more(s, "%s", alg_comp(a->id)->word);
}

/* One statement for those that are at the same place. */
static void
show_list(struct show *s, const char *directive, const struct conf_alg *list,
    size_t n, alg_word *word)
{
	for (size_t i = 0; i < n; i++) {
		const bool first = i == 0 ||
		    !place_equal(list[i - 1].at, list[i].at);

		if (first && i > 0)
			show_end(s, list[i - 1].at);
		if (first)
			show_start(s, "%s ", directive);
		else
			show_more(s, ", ");
		word(s, &list[i]);
	}
	if (n > 0)
		show_end(s, list[n - 1].at);
}

/* If nothing of a list was left, something must be there that is left out. */
static void
show_enc(struct show *s, const void *object, struct conf_place at)
{
	const struct sainfo *a = object;

	if (a->nenc == 0)
		show_line(s, at, "encryption_algorithm des_iv64");
	show_list(s, "encryption_algorithm", a->enc, a->nenc, enc_word);
}

static void
show_auth(struct show *s, const void *object, struct conf_place at)
{
	const struct sainfo *a = object;

	(void)at;
	show_list(s, "authentication_algorithm", a->auth, a->nauth, auth_word);
}

static void
show_comp(struct show *s, const void *object, struct conf_place at)
{
	const struct sainfo *a = object;

	if (a->ncomp == 0)
		show_line(s, at, "compression_algorithm lzs");
	show_list(s, "compression_algorithm", a->comp, a->ncomp, comp_word);
}

const struct show_row show_sainfo_rows[] = {
	{ "pfs_group", show_pfs_group },
	{ "lifetime", show_lifetime },
	{ "ah_align", show_ah_align },
	{ "liveness", show_sainfo_liveness },
	{ "encryption_algorithm", show_enc },
	{ "authentication_algorithm", show_auth },
	{ "compression_algorithm", show_comp },
	{ "my_identifier", NULL },
	{ .word = NULL }
};

void
show_sainfo(struct show *s, const struct sainfo *a)
{
	show_start(s, "sainfo");
	show_selector(s, &a->local);
	if (a->local.kind != CONF_SEL_ANONYMOUS ||
	    a->remote.kind != CONF_SEL_ANONYMOUS)
		show_selector(s, &a->remote);
	if (a->has_from) {
		show_more(s, " from");
		show_id(s, &a->from, false);
	}
	if (a->group != NULL) {
		show_more(s, " group ");
		show_text(s, a->group);
	}
	show_open(s, a->at);
	show_rows(s, &block_sainfo, show_sainfo_rows, a);
	show_close(s);
}

static void
show_ipv4(struct show *s, const char *word, const struct ipsec_addr *a,
    struct conf_place at)
{
	char text[ADDR_TEXT];

	if (a->family != 0)
		show_line(s, at, "%s %s", word, addr_print(a, text));
}

static void
show_network4(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	show_ipv4(s, "network4", &c->modecfg.network4, at);
}

static void
show_netmask4(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	show_ipv4(s, "netmask4", &c->modecfg.netmask4, at);
}

static void
show_servers(struct show *s, const char *word, const struct ipsec_addr *list,
    unsigned int n, struct conf_place at)
{
	char text[ADDR_TEXT];

	if (n == 0)
		return;
	show_start(s, "%s", word);
	for (unsigned int i = 0; i < n; i++)
		show_more(s, "%s %s", i == 0 ? "" : ",",
		    addr_print(&list[i], text));
	show_end(s, at);
}

static void
show_dns4(struct show *s, const void *object, struct conf_place at)
{
	const struct conf_modecfg *m = &((const struct conf *)object)->modecfg;

	show_servers(s, "dns4", m->dns4, m->ndns4, at);
}

static void
show_wins4(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;
	const struct conf_modecfg *m = &c->modecfg;

	if (at.path == NULL)		/* by its other name */
		at = conf_place_of(&c->marks, block_modecfg.name, "nbns4");
	show_servers(s, "wins4", m->wins4, m->nwins4, at);
}

static void
show_split_network(struct show *s, const void *object, struct conf_place at)
{
	const struct conf_modecfg *m = &((const struct conf *)object)->modecfg;
	char text[ADDR_TEXT];

	(void)at;
	for (size_t i = 0; i < m->nsplit_network; i++)
		show_line(s, m->split_network[i].at, "split_network %s %s/%u",
		    m->local_lan ? "local_lan" : "include",
		    addr_print(&m->split_network[i].addr, text),
		    m->split_network[i].prefix);
}

static void
show_texts(struct show *s, const char *word, const struct conf_text_list *l,
    struct conf_place at)
{
	if (l->n == 0)
		return;
	show_start(s, "%s", word);
	for (size_t i = 0; i < l->n; i++) {
		show_more(s, "%s ", i == 0 ? "" : ",");
		show_text(s, l->text[i]);
	}
	show_end(s, at);
}

static void
show_split_dns(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	show_texts(s, "split_dns", &c->modecfg.split_dns, at);
}

static void
show_auth_groups(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	show_texts(s, "auth_groups", &c->modecfg.auth_groups, at);
}

static const char *
source_word(enum conf_source source)
{
	static const char *const words[] = {
		[CONF_SYSTEM] = "system",
		[CONF_RADIUS] = "radius",
		[CONF_PAM] = "pam",
		[CONF_LDAP] = "ldap",
		[CONF_LOCAL] = "local",
		[CONF_NO_SOURCE] = "none",
	};

	return words[source];
}

#define SHOW_SOURCE(name)						\
static void								\
show_##name(struct show *s, const void *object, struct conf_place at)	\
{									\
	const struct conf *c = object;					\
									\
	show_line(s, at, #name " %s", source_word(c->modecfg.name));	\
}

SHOW_SOURCE(auth_source)
SHOW_SOURCE(group_source)
SHOW_SOURCE(conf_source)
SHOW_SOURCE(accounting)

const struct show_row show_modecfg_rows[] = {
	{ "network4", show_network4 },
	{ "netmask4", show_netmask4 },
	{ "dns4", show_dns4 },
	{ "wins4", show_wins4 },
	{ "nbns4", NULL },
	{ "split_network", show_split_network },
	{ "split_dns", show_split_dns },
	{ "auth_source", show_auth_source },
	{ "auth_groups", show_auth_groups },
	{ "group_source", show_group_source },
	{ "conf_source", show_conf_source },
	{ "accounting", show_accounting },
	{ .word = NULL }
};

void
show_modecfg(struct show *s, const struct conf *c)
{
	show_start(s, "mode_cfg {\n");
	s->depth++;
	show_rows(s, &block_modecfg, show_modecfg_rows, c);
	show_close(s);
}
