/* SPDX-License-Identifier: ISC */
/* proposal { } in a remote block: what phase 1 may consist of. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/parse.h"
#include "conf/words.h"
#include "crypto/alg.h"
#include "wire/isakmp.h"

/* A proposal while it is being read. */
struct draft {
	struct conf_p1	 p1;
	bool		 cipher, hash, group, method;
};

_Static_assert(offsetof(struct draft, p1) == 0,
    "the rows serve a finished block, too");

static void
unusable(struct reader *r, struct draft *p, const char *what)
{
	parse_warn(r, "%s is not supported: this proposal is never offered "
	    "and never accepted", what);
	p->p1.usable = false;
}

static bool
is_built(const struct reader *r, const struct conf_p1 *p)
{
	const uint16_t method = p->method;

	if (p->gss)
		return r->opener->gss;
	return method == P1_METHOD_PSK || method == P1_METHOD_RSA ||
	    (method >= P1_METHOD_ECDSA256 && method <= P1_METHOD_ECDSA521);
}

static bool
set_cipher(struct reader *r, void *object)
{
	struct draft *p = object;
	const struct alg_cipher *a;
	const char *word;
	uint64_t bits;

	if (!parse_alg(r, &word, &bits))
		return false;
	a = alg_cipher_word(word);
	if (a == NULL)
		return parse_mismatch(r, word);
	p->cipher = true;
	p->p1.cipher = a->id;
	return parse_key_bits(r, &(struct key_range){ a->word, a->key_default,
	    a->key_min, a->key_max, a->key_step, a->fixed }, bits,
	    &p->p1.key_bits) && parse_end(r);
}

static bool
set_hash(struct reader *r, void *object)
{
	struct draft *p = object;
	const struct alg_hash *a;
	const char *word;
	uint64_t ignored;

	if (!parse_alg(r, &word, &ignored))
		return false;
	a = alg_hash_word(word);
	if (a == NULL)
		return parse_mismatch(r, word);
	p->hash = true;
	p->p1.hash = a->id;
	return parse_end(r);
}

static bool
set_method(struct reader *r, void *object)
{
	struct draft *p = object;
	const struct method_word *m;
	const char *word;
	uint64_t ignored;

	if (!parse_alg(r, &word, &ignored))
		return false;
	m = method_word(word);
	if (m == NULL)
		return parse_mismatch(r, word);
	p->method = true;
	p->p1.method = m->id;
	p->p1.method_word = m->word;
	p->p1.gss = strcmp(m->word, "gssapi_krb") == 0;
	return parse_end(r);
}

static bool
set_group(struct reader *r, void *object)
{
	struct draft *p = object;

	if (!parse_dh_group(r, &p->p1.group))
		return false;
	p->group = true;
	return parse_end(r);
}

static bool
set_p1_lifetime(struct reader *r, void *object)
{
	struct draft *p = object;

	p->p1.own_life = true;
	return parse_lifetime(r, &p->p1.life_secs) && parse_end(r);
}

/* As a message may carry it: sa_gss_id(). */
static bool
is_principal(const char *text)
{
	for (const char *s = text; *s != '\0'; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return text[0] != '\0' && strlen(text) <= CONF_GSS_ID_MAX;
}

static bool
set_gss_id(struct reader *r, void *object)
{
	struct draft *p = object;

	if (!r->opener->gss)
		parse_warn(r, NO_GSS);
	if (!parse_string(r, &p->p1.gss_id))
		return false;
	if (!p->p1.gss)
		return parse_error(r, "wrong Vendor ID for gssapi_id: "
		    "authentication_method gssapi_krb must stand before it");
	if (!is_principal(p->p1.gss_id))
		return parse_error(r, "a principal has 1 to %d characters "
		    "that can be printed", CONF_GSS_ID_MAX);
	return parse_end(r);
}

static const struct directive proposal_rows[] = {
	{ "encryption_algorithm", ARG_OWN, 0, set_cipher, NULL, NULL },
	{ "hash_algorithm", ARG_OWN, 0, set_hash, NULL, NULL },
	{ "authentication_method", ARG_OWN, 0, set_method, NULL, NULL },
	{ "dh_group", ARG_OWN, 0, set_group, NULL, NULL },
	{ "lifetime", ARG_OWN, 0, set_p1_lifetime, NULL, NULL },
	{ "gss_id", ARG_OWN, 0, set_gss_id, NULL, NULL },
	{ "gssapi_id", ARG_OWN, 0, set_gss_id, NULL, NULL },
	{ .word = NULL }
};

static const struct word lifetime_words[] = {
	{ "time", T_WORD, 0 },
	{ "byte", T_WORD, 0 },
	{ .text = NULL }
};

const struct block block_proposal = {
	.name = "proposal", .flags = BLOCK_BRACES,
	.rows = proposal_rows, .words = lifetime_words,
	.marks = offsetof(struct draft, p1.marks)
};

static bool
complete(struct reader *r, const struct draft *p)
{
	if (!p->cipher)
		return parse_error(r, "encryption algorithm required.");
	if (!p->hash)
		return parse_error(r, "hash algorithm required.");
	if (!p->group)
		return parse_error(r, "DH group required.");
	if (!p->method)
		return parse_error(r, "authentication method required.");
	return true;
}

static void
settle(struct reader *r, struct draft *p)
{
	if (!p->p1.gss) {		/* another method came behind it */
		free(p->p1.gss_id);
		p->p1.gss_id = NULL;
	}
	p->p1.usable = true;
	if (!is_built(r, &p->p1))
		unusable(r, p, p->p1.gss ? "gssapi_krb, without which this "
		    "racoon was built," : p->p1.method_word);
	if (alg_group(p->p1.group) == NULL)
		unusable(r, p, "its DH group");
}

bool
parse_proposal(struct reader *r, struct remote *m, const struct block *outer)
{
	const unsigned int errors = r->errors;
	struct draft p = { .cipher = false };
	bool closed;

	p.p1.at = parse_place(r);
	closed = parse_block(r, &block_proposal, &p, outer);
	if (r->errors != errors || !complete(r, &p)) {
		proposal_fini(&p.p1);
		return closed;
	}
	settle(r, &p);
	m->proposal = xreallocarray(m->proposal, m->nproposal + 1,
	    sizeof(*m->proposal));
	m->proposal[m->nproposal++] = p.p1;
	return true;
}
