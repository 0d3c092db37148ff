/* SPDX-License-Identifier: ISC */
/* A transform in words, for the log. */
#include "wire/sa.h"

#include "wire/isakmp.h"
#include "wire/names.h"
#include "wire/text.h"

/* A word of our tables, or the number that is in none. */
static void
add_name(struct text *t, const char *name, unsigned int number)
{
	if (strcmp(name, "?") == 0)
		text_add(t, "#%u", number);
	else
		text_add(t, "%s", name);
}

static void
add_key_bits(struct text *text, const struct transform *t)
{
	if (t->key_bits != 0)
		text_add(text, "-%u", t->key_bits);
}

static void
add_phase1(struct text *text, const struct transform *t)
{
	add_name(text, name_p1_cipher(t->cipher), t->cipher);
	add_key_bits(text, t);
	text_add(text, "/");
	add_name(text, name_p1_hash(t->hash), t->hash);
	text_add(text, "/");
	if (t->gss_id.n > 0)
		text_add(text, "GSSAPI");	/* the number is XAuth's, too */
	else
		add_name(text, name_p1_method(t->method), t->method);
}

/* AH's own transform number says no more than its authentication does. */
static void
add_phase2(struct text *text, uint8_t proto, const struct transform *t)
{
	add_name(text, name_proto(proto), proto);
	text_add(text, " ");
	if (proto == PROTO_IPSEC_ESP) {
		add_name(text, name_esp(t->id), t->id);
		add_key_bits(text, t);
		text_add(text, "/");
	}
	if (proto == PROTO_IPCOMP)
		add_name(text, name_ipcomp(t->id), t->id);
	else
		add_name(text, name_auth(t->auth), t->auth);
	if (t->mode != 0) {
		text_add(text, "/");
		add_name(text, name_mode(t->mode), t->mode);
	}
	if (t->esn != 0)
		text_add(text, "/ESN");
}

const char *
sa_transform_print(uint8_t proto, const struct transform *t, char *out,
    size_t len)
{
	struct text text;

	text_init(&text, out, len);
	if (proto == PROTO_ISAKMP)
		add_phase1(&text, t);
	else
		add_phase2(&text, proto, t);
	if (proto == PROTO_ISAKMP || t->group != 0) {
		text_add(&text, "/");
		add_name(&text, name_group(t->group), t->group);
	}
	if (t->life_secs != 0)
		text_add(&text, "/%us", t->life_secs);
	if (t->life_kbytes != 0)
		text_add(&text, "/%ukB", t->life_kbytes);
	if (t->unknown)
		text_add(&text, "/with unknown attributes");
	text_end(&text);
	return out;
}
