/* SPDX-License-Identifier: ISC */
/* The snapshot as text: statements, tables, and the top level. */
#include "conf/show.h"

#include <stdarg.h>
#include <string.h>

#include "conf/show_part.h"
#include "libipsec/addr.h"
#include "wire/isakmp.h"

static void
indent(struct show *s)
{
	for (unsigned int i = 0; i < s->depth; i++)
		putc('\t', s->out);
}

void
show_more(struct show *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vfprintf(s->out, fmt, ap);
	va_end(ap);
}

void
show_start(struct show *s, const char *fmt, ...)
{
	va_list ap;

	indent(s);
	va_start(ap, fmt);
	(void)vfprintf(s->out, fmt, ap);
	va_end(ap);
}

/* A name may have any byte in it; a comment ends with the line. */
static void
show_place(struct show *s, struct conf_place at)
{
	if (at.path == NULL) {
		show_more(s, "\t# default\n");
		return;
	}
	show_more(s, "\t# ");
	for (const char *p = at.path; *p != '\0'; p++)
		putc((unsigned char)*p < ' ' || *p == 127 ? '?' : *p, s->out);
	show_more(s, ":%u\n", at.line);
}

void
show_end(struct show *s, struct conf_place at)
{
	putc(';', s->out);
	show_place(s, at);
}

void
show_line(struct show *s, struct conf_place at, const char *fmt, ...)
{
	va_list ap;

	indent(s);
	va_start(ap, fmt);
	(void)vfprintf(s->out, fmt, ap);
	va_end(ap);
	show_end(s, at);
}

void
show_liveness(struct show *s, uint32_t secs, struct conf_place at)
{
	if (secs == 0)
		show_line(s, at, "liveness off");
	else
		show_line(s, at, "liveness %u sec", secs);
}

void
show_open(struct show *s, struct conf_place at)
{
	show_more(s, " {");
	show_place(s, at);
	s->depth++;
}

void
show_close(struct show *s)
{
	s->depth--;
	show_start(s, "}\n");
}

/*
 * There is no way to write a double quote in a text; but junk in front of it
 * gets one into it (see lex.h), and so it gets there again.
 */
void
show_text(struct show *s, const char *text)
{
	const char *quote = strchr(text, '"');

	if (quote == NULL)
		show_more(s, "\"%s\"", text);
	else
		show_more(s, "~%s\"", text);
}

bool
place_equal(struct conf_place a, struct conf_place b)
{
	return a.path == b.path && a.line == b.line;
}

void
show_id(struct show *s, const struct conf_id *id, bool qualified)
{
	static const struct {
		uint8_t		 type;
		const char	*word;
	} types[] = {
		{ 0, "address" },
		{ ID_IPV4, "address" },
		{ ID_IPV6, "address" },
		{ ID_FQDN, "fqdn" },
		{ ID_USER_FQDN, "user_fqdn" },
		{ ID_KEY_ID, "keyid" },
		{ ID_DER_ASN1_DN, "asn1dn" },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == id->type)
			show_more(s, " %s", types[i].word);
	if (!id->has_value)
		return;
	if (id->type == ID_KEY_ID && qualified)
		show_more(s, " %s", id->from_file ? "file" : "tag");
	show_more(s, " ");
	show_text(s, id->text);
}

static const char *
choice_word(const struct choice *c, int value)
{
	while (c->word != NULL && c->value != value)
		c++;
	return c->word == NULL ? "?" : c->word;
}

/* The plain kinds of arguments; false for the others. */
static bool
show_field(struct show *s, const struct directive *d, const void *field)
{
	int value;

	switch (d->arg) {
	case ARG_OWN:
		return false;
	case ARG_NONE:
		if (!*(const bool *)field)
			return false;
		show_start(s, "%s", d->word);
		return true;
	case ARG_SWITCH:
		show_start(s, "%s %s", d->word,
		    *(const bool *)field ? "on" : "off");
		return true;
	case ARG_NUMBER:
		show_start(s, "%s %u", d->word, *(const uint32_t *)field);
		return true;
	case ARG_TIME:
		show_start(s, "%s %u sec", d->word, *(const uint32_t *)field);
		return true;
	case ARG_STRING:
		if (*(char *const *)field == NULL)
			return false;
		show_start(s, "%s ", d->word);
		show_text(s, *(char *const *)field);
		return true;
	case ARG_CHOICE:
		memcpy(&value, field, sizeof(value));
		show_start(s, "%s %s", d->word,
		    choice_word(d->choice, value));
		return true;
	}
	return false;
}

void
show_rows(struct show *s, const struct block *b, const struct show_row *own,
    const void *object)
{
	const struct conf_marks *marks =
	    (const void *)((const char *)object + b->marks);

	for (const struct directive *d = b->rows; d->word != NULL; d++) {
		const struct conf_place at =
		    conf_place_of(marks, b->name, d->word);

		/* What has no effect is nobody's default. */
		if (d->warn != NULL && at.path == NULL)
			continue;
		if (show_field(s, d, (const char *)object + d->at))
			show_end(s, at);
		if (d->arg != ARG_OWN)
			continue;
		for (const struct show_row *o = own; o->word != NULL; o++)
			if (strcmp(o->word, d->word) == 0 && o->show != NULL)
				o->show(s, object, at);
	}
}

static void
show_sockets(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;
	char text[ADDR_TEXT];

	(void)at;
	for (size_t i = 0; i < c->listen.n; i++) {
		const struct conf_listen *on = &c->listen.on[i];

		show_line(s, on->at, "%s %s [%u]",
		    on->natt ? "isakmp_natt" : "isakmp",
		    addr_print(&on->addr, text), on->addr.port);
	}
}

static void
show_adminsock(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	if (c->listen.admin_path != NULL) {
		show_start(s, "adminsock ");
		show_text(s, c->listen.admin_path);
		show_more(s, " \"%u\" \"%u\" 0%o", c->listen.admin_uid,
		    c->listen.admin_gid, (unsigned int)c->listen.admin_mode);
		show_end(s, at);
	}
	if (c->listen.admin_disabled)
		show_line(s, at, "adminsock disabled");
}

static void
show_metrics(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;
	char text[ADDR_TEXT];

	if (c->listen.metrics.family != 0)
		show_line(s, at, "metrics %s [%u]",
		    addr_print(&c->listen.metrics, text),
		    c->listen.metrics.port);
}

const struct show_row show_listen_rows[] = {
	{ "isakmp", show_sockets },	/* of both kinds, in their order */
	{ "isakmp_natt", NULL },
	{ "adminsock", show_adminsock },
	{ "admin", NULL },
	{ "metrics", show_metrics },
	{ .word = NULL }
};

static void
show_user(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	show_line(s, at, "user %u", c->uid);
}

static void
show_group(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	show_line(s, at, "group %u", c->gid);
}

const struct show_row show_privsep_rows[] = {
	{ "user", show_user },
	{ "group", show_group },
	{ .word = NULL }
};

static void
show_gss_id_enc(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	show_line(s, at, "gss_id_enc %s", c->gss_id_enc == CONF_GSS_LATIN1 ?
	    "latin1" : "utf-16le");
}

static void
show_on_stop(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	show_line(s, at, "on_stop %s", c->flush_on_stop ? "flush" : "keep");
}

static void
show_log(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	show_line(s, at, "log %s",
	    choice_word(log_level_words, (int)c->log_level));
}

static const struct show_row top_rows[] = {
	{ "log", show_log },
	{ "gss_id_enc", show_gss_id_enc },
	{ "on_stop", show_on_stop },
	{ .word = NULL }
};

/* path WORD "..."; those for files that are named in blocks come LAST: the
 * names there have them in front already. */
static void
show_paths(struct show *s, const struct conf *c, bool last)
{
	for (const struct directive *d = block_path.rows; d->word != NULL;
	    d++) {
		const char *text =
		    *(char *const *)(const void *)((const char *)c + d->at);

		if (text == NULL || last != (d->at == offsetof(struct conf,
		    path_cert) || d->at == offsetof(struct conf, path_script)))
			continue;
		show_start(s, "path %s ", d->word);
		show_text(s, text);
		show_end(s, conf_place_of(&c->marks, block_path.name,
		    d->word));
	}
}

static void
show_block(struct show *s, const struct conf *c, const struct block *b,
    const struct show_row *own)
{
	show_start(s, "%s {\n", b->name);
	s->depth++;
	show_rows(s, b, own, c);
	show_close(s);
}

void
conf_show(const struct conf *c, FILE *out)
{
	static const struct show_row none[] = { { .word = NULL } };
	struct show s = { .out = out };

	show_paths(&s, c, false);
	show_rows(&s, &block_top, top_rows, c);
	show_block(&s, c, &block_padding, none);
	show_block(&s, c, &block_timer, none);
	show_block(&s, c, &block_listen, show_listen_rows);
	show_block(&s, c, &block_privsep, show_privsep_rows);
	if (c->modecfg.configured)
		show_modecfg(&s, c);
	if (c->ldap.configured)
		show_block(&s, c, &block_ldapcfg, show_ldapcfg_rows);
	if (c->radius.configured)
		show_block(&s, c, &block_radiuscfg, show_radiuscfg_rows);
	for (size_t i = 0; i < c->nremote; i++)
		show_remote(&s, c->remote[i]);
	for (size_t i = 0; i < c->nsainfo; i++)
		show_sainfo(&s, c->sainfo[i]);
	show_paths(&s, c, true);
}
