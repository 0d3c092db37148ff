/* SPDX-License-Identifier: ISC */
/*
 * add, get, getspi, delete, deleteall, flush, dump: end points, protocol,
 * SPI and extensions.
 */
#include "setkey/grammar.h"

#define NATT_PORT	4500	/* RFC 3948 */
#define REPLAY_MAX	32	/* the kernel's plain window */

struct proto_row {
	const char	*name;
	uint8_t		 proto;
	bool		 old, nat, tcp;
};

static const struct proto_row protos[] = {
	{ "esp", IPSEC_PROTO_ESP, false, false, false },
	{ "esp-old", IPSEC_PROTO_ESP, true, false, false },
	{ "esp-udp", IPSEC_PROTO_ESP, false, true, false },
	{ "ah", IPSEC_PROTO_AH, false, false, false },
	{ "ah-old", IPSEC_PROTO_AH, true, false, false },
	{ "ipcomp", IPSEC_PROTO_IPCOMP, false, false, false },
	/* Other systems sign TCP segments; Linux has no such SA. */
	{ "tcp", IPSEC_PROTO_ANY, false, false, true },
	{ NULL, 0, false, false, false }
};

static const struct proto_row no_proto = { "", IPSEC_PROTO_ANY, false, false,
    false };

/* A command about SAs while it is read. */
struct draft {
	struct endpoint	 src, dst;
	const struct proto_row *proto;
	struct script_sa sa;
	struct script_extra extra;
};

/* [ proto ] */
static const struct proto_row *
parse_proto(struct parser *p)
{
	if (p->tok.type != TOK_KEYWORD)
		return &no_proto;
	for (const struct proto_row *row = protos; row->name != NULL; row++)
		if (parser_take(p, row->name))
			return row;
	return &no_proto;
}

/* [ host ] behind esp-udp: the peer's original address */
static bool
parse_original(struct parser *p, struct script_sa *sa)
{
	struct ipsec_addr *oa;
	struct endpoint e;

	if (p->tok.type != TOK_WORD)
		return true;
	if (!parse_host(p, &e))
		return false;
	if ((oa = script_alloc(p->script, sizeof(*oa))) == NULL)
		return parser_memory(p);
	*oa = e.addr[0];
	sa->oa = oa;
	return true;
}

static bool
parse_spi(struct parser *p, uint32_t *spi)
{
	uint64_t n;

	if (p->tok.type != TOK_DEC && p->tok.type != TOK_HEX)
		return parser_syntax(p);
	if (!parse_number(p->tok.text, &n) || n > UINT32_MAX)
		return parser_fail(p, &p->tok, "SPI too big.");
	*spi = (uint32_t)n;
	parser_step(p);
	return true;
}

static bool
ext_mode(struct parser *p, struct draft *d)
{
	static const struct {
		const char	*name;
		uint8_t		 mode;
	} modes[] = {
		{ "transport", IPSEC_MODE_TRANSPORT },
		{ "tunnel", IPSEC_MODE_TUNNEL }, { "any", IPSEC_MODE_ANY }
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!parser_is(p, modes[i].name))
			continue;
		d->sa.mode = modes[i].mode;
		/* What names an SA has no mode in it. */
		if (p->verb == VERB_GET || p->verb == VERB_DELETE)
			parser_warn(p, &p->tok, "WARNING: mode is obsolete");
		parser_step(p);
		return true;
	}
	return parser_syntax(p);
}

static bool
ext_reqid(struct parser *p, struct draft *d)
{
	uint64_t n;

	if (!parse_decimal(p, UINT32_MAX, &n))
		return false;
	d->sa.reqid = (uint32_t)n;
	return true;
}

static bool
ext_replay(struct parser *p, struct draft *d)
{
	struct token t = p->tok;
	uint64_t n;

	if (!parse_decimal(p, UINT64_MAX, &n))
		return false;
	if (d->proto->old)
		return parser_fail(p, &t,
		    "replay prevention cannot be used with ah/esp-old");
	d->sa.replay = n > REPLAY_MAX ? REPLAY_MAX : (uint8_t)n;
	return true;
}

/* Padding and the cyclic sequence number: Linux has its own mind. */
static bool
ext_flag(struct parser *p, struct draft *d)
{
	(void)d;
	if (parser_take(p, "random-pad") || parser_take(p, "seq-pad") ||
	    parser_take(p, "zero-pad") || parser_take(p, "nocyclic-seq"))
		return true;
	return parser_syntax(p);
}

static bool
ext_hard_time(struct parser *p, struct draft *d)
{
	return parse_decimal(p, UINT64_MAX, &d->sa.hard_time);
}

static bool
ext_soft_time(struct parser *p, struct draft *d)
{
	return parse_decimal(p, UINT64_MAX, &d->sa.soft_time);
}

static bool
ext_hard_bytes(struct parser *p, struct draft *d)
{
	return parse_decimal(p, UINT64_MAX, &d->sa.hard_bytes);
}

static bool
ext_soft_bytes(struct parser *p, struct draft *d)
{
	return parse_decimal(p, UINT64_MAX, &d->sa.soft_bytes);
}

static bool
ext_label(struct parser *p, struct draft *d)
{
	return parse_label(p, &d->sa.label);
}

static const struct {
	const char	*flag;
	bool		 (*parse)(struct parser *, struct draft *);
} extensions[] = {
	{ "-m", ext_mode }, { "-u", ext_reqid }, { "-r", ext_replay },
	{ "-f", ext_flag }, { "-lh", ext_hard_time }, { "-ls", ext_soft_time },
	{ "-bh", ext_hard_bytes }, { "-bs", ext_soft_bytes },
	{ "-ctx", ext_label }, { NULL, NULL }
};

/* { ext }: they may repeat, the last one counts */
static bool
parse_extensions(struct parser *p, struct draft *d)
{
	size_t i;
	bool found;

	for (;;) {
		if (!parse_extra(p, &d->extra, &found))
			return false;
		if (found)
			continue;
		for (i = 0; extensions[i].flag != NULL; i++)
			if (parser_is(p, extensions[i].flag))
				break;
		if (p->tok.type != TOK_FLAG || extensions[i].flag == NULL)
			return true;
		parser_step(p);
		if (!extensions[i].parse(p, d))
			return false;
	}
}

/* One command for SRC and DST; the rest of the body is shared by value. */
static bool
add_pair(struct parser *p, const struct draft *d, const struct ipsec_addr *src,
    const struct ipsec_addr *dst)
{
	struct script_sa *sa = script_alloc(p->script, sizeof(*sa));
	struct command *c = script_add(p->script, p->verb, p->line);

	if (sa == NULL || c == NULL)
		return parser_memory(p);
	*sa = d->sa;
	sa->src = *src;
	sa->dst = *dst;
	sa->nat = d->proto->nat;
	if (sa->nat) {
		sa->src.port = d->src.port != 0 ? d->src.port : NATT_PORT;
		sa->dst.port = d->dst.port != 0 ? d->dst.port : NATT_PORT;
	}
	c->proto = d->proto->proto;
	c->tcp = d->proto->tcp;
	c->u.sa = sa;
	return true;
}

/* Every source with every destination of its family. */
static bool
add_pairs(struct parser *p, const struct draft *d)
{
	unsigned int done = 0;

	if (p->verb == VERB_DELETE && (d->src.n > 1 || d->dst.n > 1))
		return parser_fail(p, d->src.n > 1 ? &d->src.name :
		    &d->dst.name, "multiple address specified");
	for (unsigned int i = 0; i < d->src.n; i++) {
		for (unsigned int j = 0; j < d->dst.n; j++) {
			if (d->src.addr[i].family != d->dst.addr[j].family)
				continue;
			if (!add_pair(p, d, &d->src.addr[i], &d->dst.addr[j]))
				return false;
			done++;
		}
	}
	return done > 0 ? true :
	    parser_fail(p, &d->dst.name, "address families differ");
}

bool
parse_sa(struct parser *p)
{
	struct draft d = { .proto = &no_proto };

	if (!parse_address_flags(p) || !parse_host(p, &d.src) ||
	    !parse_port(p, &d.src) || !parse_host(p, &d.dst) ||
	    !parse_port(p, &d.dst))
		return false;
	d.proto = parse_proto(p);
	if (d.proto->nat && !parse_original(p, &d.sa))
		return false;
	if (!parse_spi(p, &d.sa.spi) || !parse_extensions(p, &d) ||
	    !keep_extra(p, &d.extra, &d.sa.extra))
		return false;
	if (p->verb == VERB_ADD && !parse_algorithms(p, &d.sa, d.proto->old))
		return false;
	return parse_end(p) && add_pairs(p, &d);
}

bool
parse_deleteall(struct parser *p)
{
	struct draft d = { .proto = &no_proto };

	if (!parse_address_flags(p) || !parse_host(p, &d.src) ||
	    !parse_host(p, &d.dst))
		return false;
	d.proto = parse_proto(p);
	if (d.proto->nat && !parse_original(p, &d.sa))
		return false;
	return parse_end(p) && add_pairs(p, &d);
}

/* flush [ proto ], dump [ proto ] */
bool
parse_table(struct parser *p)
{
	const struct proto_row *proto = parse_proto(p);
	struct script_sa unused;
	struct command *c;

	if (proto->nat && !parse_original(p, &unused))
		return false;
	if (!parse_end(p))
		return false;
	if ((c = script_add(p->script, p->verb, p->line)) == NULL)
		return parser_memory(p);
	c->proto = proto->proto;
	c->tcp = proto->tcp;
	return true;
}
