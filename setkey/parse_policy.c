/* SPDX-License-Identifier: ISC */
/*
 * spdadd, spdupdate, spddelete: two ranges, an upper-layer protocol, a
 * label and other options, and the policy text behind -P.
 */
#include <netinet/in.h>
#include <stdio.h>

#include "libipsec/addr.h"
#include "setkey/grammar.h"

#define PROTO_ANY_NUMBER	255
#define PROTO_MOBILITY		135
#define NEAR_MAX		64

/* range = host [ "/" DEC ] [ "[" port "]" ]; exactly one address */
static bool
parse_range(struct parser *p, struct ipsec_addr *addr, uint8_t *prefix)
{
	struct endpoint e;
	uint64_t n;

	if (!parse_host(p, &e))
		return false;
	if (e.n > 1)
		return parser_fail(p, &e.name, "multiple address specified");
	*prefix = addr_bits(&e.addr[0]);
	if (parser_take(p, "/")) {
		if (!parse_decimal(p, UINT64_MAX, &n))
			return false;
		/* The kernel refuses what is too long. */
		*prefix = n > UINT8_MAX ? UINT8_MAX : (uint8_t)n;
	}
	if (!parse_port(p, &e))
		return false;
	*addr = e.addr[0];
	addr->port = e.port;
	return true;
}

static bool
protocol_name(struct parser *p, uint8_t *proto)
{
	char name[NAMES_SHORT + 1];
	int n = -1;

	if (p->tok.text.n < sizeof(name)) {
		memcpy(name, p->tok.text.p, p->tok.text.n);
		name[p->tok.text.n] = '\0';
		n = names_protocol(&p->names, p->env, name);
	}
	if (n < 0 && parser_is(p, "icmp6"))
		n = IPPROTO_ICMPV6;
	if (n < 0 && parser_is(p, "ip4"))
		n = IPPROTO_IPIP;
	if (n < 0 || n > UINT8_MAX)
		return parser_fail(p, &p->tok, "invalid upper layer protocol");
	*proto = (uint8_t)n;
	parser_step(p);
	return true;
}

/* upper = DEC | "any" | "tcp" | WORD; any number's synonym is 255 */
static bool
parse_upper(struct parser *p, uint8_t *proto)
{
	uint64_t n = PROTO_ANY_NUMBER;

	if (p->tok.type == TOK_WORD) {
		if (!protocol_name(p, proto))
			return false;
	} else if (parser_take(p, "tcp")) {
		*proto = IPPROTO_TCP;
	} else {
		if (!parser_take(p, "any") &&
		    !parse_decimal(p, UINT8_MAX, &n))
			return false;
		*proto = (uint8_t)n;
	}
	if (*proto == PROTO_ANY_NUMBER)
		*proto = 0;
	return true;
}

/* "type,code" */
static bool
icmp_spec(struct view v, struct ipsec_selector *sel)
{
	const uint8_t *comma = v.n == 0 ? NULL : memchr(v.p, ',', v.n);
	uint64_t type, code;
	struct view head;

	if (comma == NULL)
		return false;
	head = view_take(&v, (size_t)(comma - v.p));
	(void)view_take(&v, 1);
	if (!parse_number(head, &type) || !parse_number(v, &code) ||
	    type > UINT8_MAX || code > UINT8_MAX)
		return false;
	sel->src.port = (uint16_t)type;
	sel->dst.port = (uint16_t)code;
	return true;
}

/*
 * A key as "a.b.c.d" or as a number: high half, low half.  A number with
 * letters behind it ("1234x") was once the only way to write a number.
 */
static bool
gre_spec(struct view v, struct ipsec_selector *sel)
{
	struct view head = v;
	struct ipsec_addr quad;
	char text[ADDR_TEXT] = "";
	uint64_t n;

	if (v.n >= sizeof(text))
		return false;
	memcpy(text, v.p, v.n);
	head.n = strspn(text, "0123456789");
	if (addr_parse(&quad, text) && quad.family == AF_INET &&
	    memchr(text, '.', v.n) != NULL) {
		n = (uint64_t)quad.bytes[0] << 24 |
		    (uint64_t)quad.bytes[1] << 16 |
		    (uint64_t)quad.bytes[2] << 8 | quad.bytes[3];
	} else if (!parse_number(head, &n)) {
		return false;
	}
	if (n > UINT32_MAX)
		return false;
	sel->src.port = (uint16_t)(n >> 16);
	sel->dst.port = (uint16_t)(n & 0xffff);
	return true;
}

/* [ misc ]: what belongs to the protocol instead of ports */
static bool
parse_misc(struct parser *p, struct ipsec_selector *sel)
{
	bool gre = sel->proto == IPPROTO_GRE, ok = false;

	if (p->tok.type != TOK_WORD && !(gre && p->tok.type == TOK_DEC))
		return true;
	if (gre)
		ok = gre_spec(p->tok.text, sel);
	else if (sel->proto == IPPROTO_ICMP || sel->proto == IPPROTO_ICMPV6 ||
	    sel->proto == PROTO_MOBILITY)
		ok = icmp_spec(p->tok.text, sel);
	if (!ok)
		return parser_fail(p, &p->tok,
		    "invalid an upper layer protocol spec");
	parser_step(p);
	return true;
}

static bool
parse_selector(struct parser *p, struct ipsec_selector *sel)
{
	struct token dst;

	if (!parse_address_flags(p) ||
	    !parse_range(p, &sel->src, &sel->src_prefix))
		return false;
	dst = p->tok;
	if (!parse_range(p, &sel->dst, &sel->dst_prefix))
		return false;
	if (sel->src.family != sel->dst.family)
		return parser_fail(p, &dst, "address families differ");
	return parse_upper(p, &sel->proto) && parse_misc(p, sel);
}

/* The policy text is wrong: the line of the word, and the word itself. */
static bool
policy_fault(struct parser *p, const struct policy_fault *f)
{
	struct token t = p->tok;
	char hint[NEAR_MAX + 16] = "";
	bool word = f->err == POLICY_E_SYNTAX || f->err == POLICY_E_FEW ||
	    f->err == POLICY_E_ADDRESS;

	for (size_t i = 0; i < f->at && i < t.text.n; i++)
		t.line += t.text.p[i] == '\n';
	if (word && f->n > 0 && f->n <= NEAR_MAX)
		snprintf(hint, sizeof(hint), "near `%.*s'", (int)f->n,
		    (const char *)t.text.p + f->at);
	return parser_fail_hint(p, &t, policy_strerror(f->err), hint);
}

/* Most policies of a script read as the one before. */
static bool
read_text(struct parser *p, struct policy_spec **spec)
{
	struct policy_fault fault;

	*spec = &p->last_spec;
	if (p->last_text.n > 0 && view_equal(p->last_text, p->tok.text))
		return true;
	p->last_text.n = 0;
	if (policy_read(p->tok.text, &p->last_spec, &fault) != POLICY_OK)
		return policy_fault(p, &fault);
	p->last_text = p->tok.text;
	return true;
}

/* "-P" policy ";": adds the command. */
static bool
parse_text(struct parser *p, const struct script_policy *head)
{
	union script_policy_room room;
	struct script_policy *policy = &room.policy;
	struct policy_spec *spec;
	struct command *c;

	if (p->tok.type != TOK_FLAG || !parser_take(p, "-P") ||
	    p->tok.type != TOK_POLICY)
		return parser_syntax(p);
	if (!read_text(p, &spec))
		return false;
	parser_step(p);
	if (!parse_end(p))
		return false;
	*policy = *head;
	policy->priority = spec->priority;
	policy->dir = spec->dir;
	policy->action = spec->action;
	policy->nreq = (uint8_t)spec->nreq;
	memcpy(policy->req, spec->req, spec->nreq * sizeof(spec->req[0]));
	c = script_add(p->script, p->verb, p->line);
	return c != NULL && script_set_policy(p->script, c, policy) ? true :
	    parser_memory(p);
}

/* [ "-ctx" ... ] and the extensions, in any order */
static bool
parse_options(struct parser *p, struct script_policy *head)
{
	struct script_extra extra = { .given = false };
	bool found = true;

	while (found) {
		if (!parse_extra(p, &extra, &found))
			return false;
		if (!found && parser_take(p, "-ctx")) {
			if (!parse_label(p, &head->label))
				return false;
			found = true;
		}
	}
	return keep_extra(p, &extra, &head->extra);
}

bool
parse_policy(struct parser *p)
{
	struct script_policy head = { .dir = IPSEC_DIR_NONE };

	if (p->verb != VERB_SPDDELETE && parser_take(p, "tagged")) {
		if (p->tok.type != TOK_QUOTED)
			return parser_syntax(p);
		head.tagged = true;
		parser_step(p);
		return parse_text(p, &head);
	}
	if (!parse_selector(p, &head.sel))
		return false;
	if (!parse_options(p, &head))
		return false;
	return parse_text(p, &head);
}
