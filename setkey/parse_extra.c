/* SPDX-License-Identifier: ISC */
/*
 * Extensions for what the kernel has and PF_KEY does not: marks, interface
 * ids, extended sequence numbers, wide replay windows, offloading.  Linux
 * knows them through XFRM only.
 */
#include <net/if.h>

#include "setkey/grammar.h"

#define MASK_ALL	UINT32_MAX

enum where { SA = 1, POLICY = 2, BOTH = SA | POLICY };

struct extra_row {
	const char	*flag;
	enum where	 where;
	bool		 (*parse)(struct parser *, struct script_extra *);
};

static bool
is_policy_verb(enum verb v)
{
	return v == VERB_SPDADD || v == VERB_SPDUPDATE || v == VERB_SPDDELETE;
}

/* A number of 32 bits, decimal or hexadecimal. */
static bool
parse_u32(struct parser *p, uint32_t *value)
{
	uint64_t n;

	if ((p->tok.type != TOK_DEC && p->tok.type != TOK_HEX) ||
	    !parse_number(p->tok.text, &n))
		return parser_syntax(p);
	if (n > UINT32_MAX)
		return parser_fail_hint(p, &p->tok, "number too large",
		    "at most 32 bits");
	*value = (uint32_t)n;
	parser_step(p);
	return true;
}

/* VALUE [ "/" MASK ] */
static bool
parse_mark(struct parser *p, struct ipsec_mark *m)
{
	m->mask = MASK_ALL;
	if (!parse_u32(p, &m->value))
		return false;
	return parser_take(p, "/") ? parse_u32(p, &m->mask) : true;
}

/* Bits outside of the mask could never match. */
static bool
extra_mark(struct parser *p, struct script_extra *x)
{
	struct token t = p->tok;

	if (!parse_mark(p, &x->mark))
		return false;
	return (x->mark.value & ~x->mark.mask) == 0 ? true :
	    parser_fail(p, &t, "mark has bits outside of its mask");
}

static bool
extra_output_mark(struct parser *p, struct script_extra *x)
{
	return parse_mark(p, &x->output_mark);
}

static bool
extra_if_id(struct parser *p, struct script_extra *x)
{
	return parse_u32(p, &x->if_id);
}

static bool
extra_esn(struct parser *p, struct script_extra *x)
{
	(void)p;
	x->esn = true;
	return true;
}

/* RFC 4302 2.6; IPv6 wants 8 octets. */
static bool
extra_align4(struct parser *p, struct script_extra *x)
{
	(void)p;
	x->align4 = true;
	return true;
}

static bool
extra_replay(struct parser *p, struct script_extra *x)
{
	struct token t = p->tok;
	uint64_t n;

	if (!parse_decimal(p, IPSEC_REPLAY_MAX, &n))
		return false;
	if (n == 0)
		return parser_fail(p, &t, "replay window is empty");
	x->replay = (uint16_t)n;
	return true;
}

/* The name of a device is a word, or quoted when it is an odd one. */
static bool
parse_device(struct parser *p, int32_t *index)
{
	char name[IF_NAMESIZE] = "";
	int n = -1;

	if (p->tok.type != TOK_WORD && p->tok.type != TOK_QUOTED)
		return parser_syntax(p);
	if (p->tok.text.n < sizeof(name))
		memcpy(name, p->tok.text.p, p->tok.text.n);
	if (name[0] != '\0' && p->env->names != NULL)
		n = p->env->names->device(p->env->ctx, name);
	if (n <= 0)
		return parser_fail(p, &p->tok, "no such network device");
	*index = n;
	parser_step(p);
	return true;
}

/* DEVICE ( "in" | "out" ) [ "packet" ]; of a policy just DEVICE */
static bool
extra_offload(struct parser *p, struct script_extra *x)
{
	struct ipsec_offload *o = &x->offload;

	*o = (struct ipsec_offload){ .kind = IPSEC_OFFLOAD_PACKET };
	if (!parse_device(p, &o->ifindex))
		return false;
	if (is_policy_verb(p->verb))
		return true;
	if (parser_take(p, "in"))
		o->dir = IPSEC_DIR_IN;
	else if (parser_take(p, "out"))
		o->dir = IPSEC_DIR_OUT;
	else
		return parser_syntax(p);
	if (!parser_take(p, "packet"))
		o->kind = IPSEC_OFFLOAD_CRYPTO;
	return true;
}

static const struct extra_row rows[] = {
	{ "-mark", BOTH, extra_mark },
	{ "-if_id", BOTH, extra_if_id },
	{ "-offload", BOTH, extra_offload },
	{ "-output-mark", SA, extra_output_mark },
	{ "-esn", SA, extra_esn },
	{ "-align4", SA, extra_align4 },
	{ "-replay", SA, extra_replay },
	{ NULL, SA, NULL }
};

/* What names an SA or a policy has no more than a mark and an id. */
static bool
fits(const struct parser *p, const struct extra_row *row)
{
	bool names = p->verb == VERB_GET || p->verb == VERB_DELETE ||
	    p->verb == VERB_GETSPI || p->verb == VERB_SPDDELETE;

	if (names && row->parse != extra_mark && row->parse != extra_if_id)
		return false;
	return (row->where & (is_policy_verb(p->verb) ? POLICY : SA)) != 0;
}

bool
parse_extra(struct parser *p, struct script_extra *x, bool *found)
{
	const struct extra_row *row = rows;

	*found = false;
	if (p->tok.type != TOK_FLAG)
		return true;
	while (row->flag != NULL && !parser_is(p, row->flag))
		row++;
	if (row->flag == NULL)
		return true;
	if (!fits(p, row))
		return parser_syntax(p);
	parser_step(p);
	*found = x->given = true;
	return row->parse(p, x);
}

bool
keep_extra(struct parser *p, const struct script_extra *x,
    const struct script_extra **out)
{
	struct script_extra *copy;

	*out = NULL;
	if (!x->given)
		return true;
	if ((copy = script_alloc(p->script, sizeof(*copy))) == NULL)
		return parser_memory(p);
	*copy = *x;
	*out = copy;
	return true;
}
