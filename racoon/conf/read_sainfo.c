/* SPDX-License-Identifier: ISC */
/* sainfo { }: selectors and algorithms of phase 2, racoon.conf(5). */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/match.h"
#include "conf/parse.h"
#include "crypto/alg.h"
#include "libipsec/addr.h"
#include "wire/isakmp.h"
#include "wire/payload.h"

#define AH_RFC		32u		/* bits: the words of ah_align */
#define AH_LINUX	64u

/* No kernel can do these, but files have them. */
static bool
is_extinct(const char *word)
{
	static const char *const extinct[] = {
		"des_iv64", "des_iv32", "oui", "lzs"
	};

	for (size_t i = 0; i < sizeof(extinct) / sizeof(extinct[0]); i++)
		if (strcmp(word, extinct[i]) == 0)
			return true;
	return false;
}

static void
add_alg(struct reader *r, struct conf_alg **list, size_t *n,
    const struct key_range *a, struct conf_alg alg)
{
	if (is_extinct(a->word)) {
		parse_warn(r, "%s is not supported by any kernel and left "
		    "out", a->word);
		return;
	}
	*list = xreallocarray(*list, *n + 1, sizeof(**list));
	(*list)[(*n)++] = alg;
}

/* What a word of a list stands for, and its key lengths; false: nothing. */
typedef bool	 look_up(const char *word, struct conf_alg *,
		    struct key_range *);

static bool
enc_of(const char *word, struct conf_alg *alg, struct key_range *range)
{
	const struct alg_esp *a = alg_esp_word(word);

	if (a == NULL)
		return false;
	alg->id = a->id;
	*range = (struct key_range){ a->word, a->key_default, a->key_min,
	    a->key_max, a->key_step, a->fixed };
	return true;
}

static bool
auth_of(const char *word, struct conf_alg *alg, struct key_range *range)
{
	const struct alg_auth *a = alg_auth_word(word);

	if (a == NULL)
		return false;
	alg->id = a->id;
	alg->icv_bits = a->icv_bits;
	*range = (struct key_range){ .word = word, .fixed = true };
	return true;
}

static bool
comp_of(const char *word, struct conf_alg *alg, struct key_range *range)
{
	const struct alg_comp *a = alg_comp_word(word);

	if (a == NULL)
		return false;
	alg->id = a->id;
	*range = (struct key_range){ .word = word, .fixed = true };
	return true;
}

static bool
take_alg(struct reader *r, look_up *of, struct conf_alg **list, size_t *n)
{
	struct conf_alg alg = { .id = 0 };
	struct key_range range;
	const char *word;
	uint64_t bits;

	if (!parse_alg(r, &word, &bits))
		return false;
	alg.at = parse_place(r);
	if (!of(word, &alg, &range))
		return parse_mismatch(r, word);
	if (!parse_key_bits(r, &range, bits, &alg.key_bits))
		return false;
	add_alg(r, list, n, &range, alg);
	return true;
}

static bool
take_list(struct reader *r, look_up *of, struct conf_alg **list, size_t *n)
{
	do {
		if (!take_alg(r, of, list, n))
			return false;
	} while (parse_take(r, T_COMMA));
	return parse_end(r);
}

/* While a block is read: which lists it had, even if nothing was left. */
struct draft {
	struct sainfo	 sainfo;
	bool		 enc, auth, comp;
};

_Static_assert(offsetof(struct draft, sainfo) == 0,
    "the rows serve a finished block, too");

#define DRAFT(field)	offsetof(struct draft, sainfo.field)

static bool
set_enc(struct reader *r, void *object)
{
	struct draft *d = object;

	d->enc = true;
	return take_list(r, enc_of, &d->sainfo.enc, &d->sainfo.nenc);
}

static bool
set_auth(struct reader *r, void *object)
{
	struct draft *d = object;

	d->auth = true;
	return take_list(r, auth_of, &d->sainfo.auth, &d->sainfo.nauth);
}

static bool
set_comp(struct reader *r, void *object)
{
	struct draft *d = object;

	d->comp = true;
	return take_list(r, comp_of, &d->sainfo.comp, &d->sainfo.ncomp);
}

static bool
set_pfs_group(struct reader *r, void *object)
{
	struct draft *d = object;

	if (!parse_dh_group(r, &d->sainfo.pfs_group))
		return false;
	if (alg_group(d->sainfo.pfs_group) == NULL)
		parse_warn(r, "is not supported: every negotiation that needs "
		    "this block will fail");
	return parse_end(r);
}

static bool
set_lifetime(struct reader *r, void *object)
{
	struct draft *d = object;

	if (!parse_lifetime(r, &d->sainfo.lifetime))
		return false;
	if (d->sainfo.lifetime == 0) {
		d->sainfo.lifetime = CONF_LIFETIME_DEFAULT;
		parse_warn(r, "an SA that lasts no time is none: %u seconds "
		    "are used", d->sainfo.lifetime);
	}
	return parse_end(r);
}

static bool
check_replay_window(struct reader *r, void *object)
{
	struct draft *d = object;

	if (d->sainfo.replay_window > IPSEC_REPLAY_MAX) {
		d->sainfo.replay_window = IPSEC_REPLAY_MAX;
		parse_warn(r, "is a window too large, %u is used",
		    d->sainfo.replay_window);
	} else if (d->sainfo.replay_window == 0)
		parse_warn(r, "turns off the protection against packets that "
		    "somebody repeats");
	return true;
}

/* RFC 4302 2.6 has 32 bits for IPv4, Linux 64 if it is not told. */
static bool
set_ah_align(struct reader *r, void *object)
{
	struct draft *d = object;

	d->sainfo.ah_align = CONF_AH_AUTO;
	if (parse_take_word(r, "auto"))
		return parse_end(r);
	if (!parse_take(r, T_NUMBER) ||
	    (r->tok.value != AH_RFC && r->tok.value != AH_LINUX))
		return parse_syntax(r, "32, 64 or auto");
	d->sainfo.ah_align = r->tok.value == AH_RFC ? CONF_AH_RFC :
	    CONF_AH_LINUX;
	return parse_end(r);
}

static bool
set_liveness(struct reader *r, void *object)
{
	struct draft *d = object;

	d->sainfo.has_liveness = true;
	return parse_liveness(r, &d->sainfo.liveness) && parse_end(r);
}

static bool
refuse_my_identifier(struct reader *r, void *object)
{
	(void)object;
	return parse_error(r, "syntax error: my_identifier belongs into a "
	    "remote block");
}

static const struct directive sainfo_rows[] = {
	{ "pfs_group", ARG_OWN, 0, set_pfs_group, NULL, NULL },
	{ "remoteid", ARG_NUMBER, DRAFT(remoteid), NULL, NULL, NULL },
	{ "lifetime", ARG_OWN, 0, set_lifetime, NULL, NULL },
	{ "replay_window", ARG_NUMBER, DRAFT(replay_window),
	    check_replay_window, NULL, NULL },
	{ "esn", ARG_SWITCH, DRAFT(esn), NULL, NULL, NULL },
	{ "ah_align", ARG_OWN, 0, set_ah_align, NULL, NULL },
	{ "liveness", ARG_OWN, 0, set_liveness, NULL, NULL },
	{ "encryption_algorithm", ARG_OWN, 0, set_enc, NULL, NULL },
	{ "authentication_algorithm", ARG_OWN, 0, set_auth, NULL, NULL },
	{ "compression_algorithm", ARG_OWN, 0, set_comp, NULL, NULL },
	{ "my_identifier", ARG_OWN, 0, refuse_my_identifier, NULL, NULL },
	{ .word = NULL }
};

static const struct word sainfo_words[] = {
	{ "time", T_WORD, 0 },
	{ "byte", T_WORD, 0 },
	{ "auto", T_WORD, 0 },
	{ .text = NULL }
};

const struct block block_sainfo = {
	.name = "sainfo", .flags = BLOCK_BRACES | BLOCK_COMMA,
	.rows = sainfo_rows, .words = sainfo_words, .marks = DRAFT(marks)
};

static const struct word header_words[] = {
	{ "anonymous", T_WORD, 0 },
	{ "clientaddr", T_WORD, 0 },
	{ "from", T_WORD, 0 },
	{ "group", T_WORD, 0 },
	{ "any", T_PROTO, 0 },
	{ "[any]", T_PORTANY, 0 },
	{ .text = NULL }
};

static const struct block block_header = {
	.name = "sainfo header", .flags = BLOCK_OPENS, .words = header_words
};

/* A selector of addresses while it is being read. */
struct range {
	struct ipsec_addr first, last;
	bool		 is_range, has_prefix;
	uint64_t	 prefix;
};

static void
put_mask(struct buf *b, unsigned int bits, unsigned int prefix)
{
	for (unsigned int i = 0; i < bits; i += 8) {
		unsigned int left = prefix > i ? prefix - i : 0;

		buf_u8(b, (uint8_t)(left >= 8 ? 0xff : 0xff00 >> left));
	}
}

/* Host bits stay as written: 10.0.0.1/24 is not 10.0.0.0/24. */
static void
set_selector(struct conf_sel *s, const struct range *g)
{
	uint8_t bits = addr_bits(&g->first);
	bool v4 = bits == 32;

	buf_add(&s->data, addr_bytes(&g->first));
	if (g->is_range) {
		s->type = v4 ? ID_IPV4_RANGE : ID_IPV6_RANGE;
		buf_add(&s->data, addr_bytes(&g->last));
	} else if (g->has_prefix && g->prefix < bits) {
		s->type = v4 ? ID_IPV4_SUBNET : ID_IPV6_SUBNET;
		put_mask(&s->data, bits, (unsigned int)g->prefix);
	} else
		s->type = v4 ? ID_IPV4 : ID_IPV6;
}

static bool
take_last(struct reader *r, struct range *g)
{
	char *text;
	bool ok;

	if (!parse_take(r, T_RANGE))
		return true;
	text = parse_text(r);
	ok = addr_parse(&g->last, text);
	free(text);
	g->is_range = true;
	if (!ok || g->last.family != g->first.family)
		return parse_error(r, "is no address that ends this range");
	return true;
}

static bool
take_prefix(struct reader *r, struct range *g)
{
	uint8_t bits = addr_bits(&g->first);

	if (!parse_take(r, T_PREFIX))
		return true;
	g->has_prefix = true;
	g->prefix = r->tok.value;
	if (g->is_range)
		parse_warn(r, "a prefix has no effect on a range");
	else if (g->prefix > bits)
		parse_warn(r, "is longer than the address, which stands for "
		    "itself now");
	return true;
}

static bool
take_ulproto(struct reader *r, struct conf_sel *s)
{
	bool v6 = s->type == ID_IPV6 || s->type == ID_IPV6_SUBNET ||
	    s->type == ID_IPV6_RANGE;

	if (!parse_take(r, T_NUMBER) && !parse_expect(r, T_PROTO))
		return false;
	s->proto = (uint8_t)r->tok.value;
	if (r->tok.value > 255)
		parse_warn(r, "is no protocol number, %u is used", s->proto);
	if (s->proto != IPPROTO_ICMP && s->proto != IPPROTO_ICMPV6)
		return true;
	if (v6 != (s->proto == IPPROTO_ICMPV6))
		return parse_error(r, "upper layer protocol mismatched.");
	if (s->port != 0)
		return parse_error(r, "port number must be \"any\".");
	return true;
}

/* ADDR [-ADDR] [/PREFIX] [[PORT]] ulproto */
static bool
take_addresses(struct reader *r, struct conf_sel *s)
{
	struct range g = { .is_range = false };

	if (!parse_addr(r, &g.first) || !take_last(r, &g) ||
	    !take_prefix(r, &g))
		return false;
	if (!parse_take(r, T_PORTANY) && !parse_port(r, &s->port))
		return false;
	set_selector(s, &g);
	return take_ulproto(r, s);
}

static bool
take_name(struct reader *r, struct conf_sel *s, uint64_t type)
{
	struct ipsec_addr addr;
	char *text = NULL;

	if (!parse_string(r, &text))
		return false;
	s->type = (uint8_t)type;
	if (type == ID_IPV4 && addr_parse(&addr, text)) {
		s->type = addr_bits(&addr) == 32 ? ID_IPV4 : ID_IPV6;
		buf_set(&s->data, addr_bytes(&addr));
	} else
		buf_set(&s->data, view_text(text));
	s->text = text;
	if (type == ID_DER_ASN1_DN)
		return parse_error(r, "id type forbidden");
	if (type == ID_IPV4_SUBNET || (type == ID_IPV4 && s->data.n != 4 &&
	    s->data.n != 16))
		parse_warn(r, "matches no traffic: write the address without "
		    "quotes");
	return buf_ok(&s->data) ||
	    parse_error(r, "is too long for an identifier");
}

static bool
take_id(struct reader *r, struct conf_sel *s)
{
	uint64_t type;

	if (!parse_expect(r, T_IDTYPE))
		return false;
	type = r->tok.value;
	s->kind = CONF_SEL_ID;
	buf_init(&s->data, ID_DATA_MAX);
	if (parse_peek(r) == T_STRING)
		return take_name(r, s, type);
	return take_addresses(r, s);
}

/* anonymous | anonymous clientaddr | anonymous ID | ID anonymous ... */
static bool
take_selectors(struct reader *r, struct sainfo *s)
{
	if (parse_take_word(r, "anonymous")) {
		if (parse_take_word(r, "clientaddr")) {
			s->remote.kind = CONF_SEL_CLIENTADDR;
			return true;
		}
		return parse_peek(r) != T_IDTYPE || take_id(r, &s->remote);
	}
	if (!take_id(r, &s->local))
		return false;
	if (parse_take_word(r, "anonymous"))
		return true;
	if (parse_take_word(r, "clientaddr")) {
		s->remote.kind = CONF_SEL_CLIENTADDR;
		return true;
	}
	return take_id(r, &s->remote);
}

static bool
take_parameter(struct reader *r, struct sainfo *s)
{
	if (parse_take_word(r, "from")) {
		if (!parse_id(r, &s->from, false))
			return false;
		s->has_from = true;
		return true;
	}
	if (!parse_take_word(r, "group"))
		return true;
	if (!parse_string(r, &s->group))
		return false;
	parse_warn(r, "no peer is a member of a group yet: XAuth is not "
	    "supported, this block refuses everybody");
	return true;
}

static bool
complete(struct reader *r, const struct draft *d)
{
	if (!d->enc)
		return parse_error(r, "no encryption algorithm in this "
		    "sainfo");
	if (!d->auth)
		return parse_error(r, "no authentication algorithm in this "
		    "sainfo");
	if (!d->comp)
		return parse_error(r, "no compression algorithm in this "
		    "sainfo: it needs compression_algorithm deflate, used "
		    "or not");
	/* RFC 4303 3.4.3: the window is what the upper half is guessed by */
	if (d->sainfo.esn && d->sainfo.replay_window == 0)
		return parse_error(r, "esn needs a replay_window");
	return true;
}

/* The block that would be used for what this one is for. */
static const struct sainfo *
find_rival(const struct conf *c, const struct sainfo *s)
{
	for (size_t i = 0; i < c->nsainfo; i++) {
		const struct sainfo *o = c->sainfo[i];

		if (o->remoteid == s->remoteid &&
		    (!o->has_from || !s->has_from ||
		    conf_id_equal(&o->from, &s->from)) &&
		    conf_sel_equal(&o->local, &s->local) &&
		    conf_sel_equal(&o->remote, &s->remote))
			return o;
	}
	return NULL;
}

static bool
check_duplicate(struct reader *r, const struct sainfo *s)
{
	const struct sainfo *rival = find_rival(r->conf, s);

	if (rival == NULL || rival->local.kind == CONF_SEL_ANONYMOUS ||
	    s->local.kind == CONF_SEL_ANONYMOUS)
		return true;
	return parse_error(r, "duplicated sainfo: the one at %s:%u is for the "
	    "same", rival->at.path, rival->at.line);
}

static bool
read_sainfo(struct reader *r, struct draft *d)
{
	const unsigned int errors = r->errors;

	r->block = &block_header;
	if (!take_selectors(r, &d->sainfo) || !take_parameter(r, &d->sainfo) ||
	    !parse_block(r, &block_sainfo, d, &block_top))
		return false;
	return r->errors != errors ||
	    (complete(r, d) && check_duplicate(r, &d->sainfo));
}

bool
parse_sainfo(struct reader *r, void *object)
{
	struct conf *c = object;
	struct draft d = { .enc = false };

	sainfo_init(&d.sainfo);
	d.sainfo.at = parse_place(r);
	if (!read_sainfo(r, &d)) {
		sainfo_fini(&d.sainfo);
		return false;
	}
	conf_add_sainfo(c, &d.sainfo);
	return true;
}
