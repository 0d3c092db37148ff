/* SPDX-License-Identifier: ISC */
/*
 * The algorithms of an SA and their keys: -E name key -A name key, -A name
 * key, or -C name.  Key lengths are checked here; keys are never shown.
 */
#include <stdio.h>

#include "setkey/grammar.h"

#define NAME_BYTES	40

/* Names that mean a row of libipsec's table with another ICV. */
static const struct {
	const char	*name, *row;
	uint16_t	 icv_bits;
} truncated[] = {
	/* What Linux makes of hmac-sha256 through PF_KEY. */
	{ "hmac-sha256-96", "hmac-sha256", 96 },
	{ "hmac-sha2-256-96", "hmac-sha256", 96 }
};

/* The table's row for the current word, or NULL. */
static const struct ipsec_alg *
find_alg(const struct parser *p, enum ipsec_alg_class class, uint16_t *icv)
{
	char name[NAME_BYTES];
	const char *row = name;

	if ((p->tok.type != TOK_WORD && p->tok.type != TOK_KEYWORD) ||
	    p->tok.text.n >= sizeof(name))
		return NULL;
	memcpy(name, p->tok.text.p, p->tok.text.n);
	name[p->tok.text.n] = '\0';
	*icv = 0;
	for (size_t i = 0; class == IPSEC_ALG_AUTH &&
	    i < sizeof(truncated) / sizeof(truncated[0]); i++) {
		if (strcmp(truncated[i].name, name) == 0) {
			row = truncated[i].row;
			*icv = truncated[i].icv_bits;
		}
	}
	return ipsec_alg_by_name(class, row);
}

static unsigned int
hex_digit(uint8_t c)
{
	return c <= '9' ? (unsigned int)c - '0' :
	    ((unsigned int)c | 0x20) - 'a' + 10;
}

/* An odd number of digits: the first one is a byte of its own. */
static void
read_hex(struct view v, uint8_t *out)
{
	size_t odd = v.n % 2;

	memset(out, 0, (v.n + 1) / 2);
	for (size_t i = 0; i < v.n; i++) {
		uint8_t *byte = &out[(i + odd) / 2];

		*byte = (uint8_t)((unsigned int)*byte << 4 |
		    hex_digit(v.p[i]));
	}
}

static bool
check_length(struct parser *p, const struct token *name,
    const struct ipsec_alg *alg, size_t bits)
{
	char hint[DIAG_HINT];
	int n;

	if (bits >= alg->key_min && bits <= alg->key_max &&
	    (alg->key_step == 0 || (bits - alg->key_min) % alg->key_step == 0))
		return true;
	n = snprintf(hint, sizeof(hint), "%zu bits given, %u", bits,
	    alg->key_min);
	if (alg->key_max != alg->key_min)
		n += snprintf(hint + n, sizeof(hint) - (size_t)n,
		    " to %u in steps of %u", alg->key_max, alg->key_step);
	snprintf(hint + n, sizeof(hint) - (size_t)n, " wanted");
	return parser_fail_hint(p, name, "Invalid key length", hint);
}

/* key = QUOTED | HEX */
static bool
parse_key(struct parser *p, const struct token *name,
    const struct ipsec_alg *alg, struct script_key *key)
{
	struct view v = p->tok.text;
	uint8_t *bytes;
	size_t n = v.n;

	if (p->tok.type == TOK_HEX) {
		(void)view_take(&v, 2);
		n = (v.n + 1) / 2;
	} else if (p->tok.type != TOK_QUOTED) {
		return parser_bad_key(p);
	}
	if (!check_length(p, name, alg, n * 8))
		return false;
	if ((bytes = script_alloc(p->script, n + 1)) == NULL)
		return parser_memory(p);
	if (p->tok.type == TOK_HEX)
		read_hex(v, bytes);
	else
		memcpy(bytes, v.p, n);
	key->bytes = bytes;
	key->bits = (uint16_t)(n * 8);
	parser_step(p);
	return true;
}

/* NAME key; the null algorithms (and "simple") have no key. */
static bool
parse_alg(struct parser *p, enum ipsec_alg_class class, struct script_key *key)
{
	struct token name = p->tok;
	uint16_t icv = 0;
	const struct ipsec_alg *alg = find_alg(p, class, &icv);

	if (alg == NULL && class == IPSEC_ALG_ENC)
		alg = find_alg(p, IPSEC_ALG_AEAD, &icv);
	if (alg == NULL)
		return parser_syntax(p);
	if (alg->kernel == NULL)
		return parser_fail(p, &name, "Not supported");
	if (parser_is(p, "simple"))
		parser_warn(p, &name, "WARNING: obsolete algorithm");
	parser_step(p);
	key->present = true;
	key->class = alg->class;
	key->id = alg->id;
	key->icv_bits = icv;
	return alg->key_max == 0 || parse_key(p, &name, alg, key);
}

/* Two ways of DES that belong to one generation of ESP each. */
static bool
check_generation(struct parser *p, const struct token *name, bool old)
{
	if (view_equal(name->text, view_text(old ? "des-deriv" : "des-32iv")))
		return parser_fail(p, name, "algorithm mismatched");
	return true;
}

/* "-C" name [ "-R" ]: the raw CPI flag means nothing to Linux */
static bool
parse_compression(struct parser *p, struct script_key *key)
{
	uint16_t icv;
	const struct ipsec_alg *alg = find_alg(p, IPSEC_ALG_COMP, &icv);

	if (alg == NULL)
		return parser_syntax(p);
	key->present = true;
	key->class = IPSEC_ALG_COMP;
	key->id = alg->id;
	parser_step(p);
	(void)parser_take(p, "-R");
	return true;
}

bool
parse_algorithms(struct parser *p, struct script_sa *sa, bool old)
{
	struct token name;

	if (p->tok.type == TOK_FLAG && parser_take(p, "-C"))
		return parse_compression(p, &sa->comp);
	if (p->tok.type == TOK_FLAG && parser_take(p, "-E")) {
		name = p->tok;
		if (!parse_alg(p, IPSEC_ALG_ENC, &sa->enc) ||
		    !check_generation(p, &name, old))
			return false;
		if (p->tok.type != TOK_FLAG || !parser_take(p, "-A"))
			return true;
		return parse_alg(p, IPSEC_ALG_AUTH, &sa->auth);
	}
	if (p->tok.type == TOK_FLAG && parser_take(p, "-A"))
		return parse_alg(p, IPSEC_ALG_AUTH, &sa->auth);
	return parser_syntax(p);
}
