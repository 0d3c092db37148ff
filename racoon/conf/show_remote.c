/* SPDX-License-Identifier: ISC */
/* A remote block as text. */
#include <string.h>

#include "conf/show_part.h"
#include "crypto/alg.h"
#include "libipsec/addr.h"
#include "wire/isakmp.h"

/* The name is the one that the header without a name gives. */
static bool
is_plain(const struct remote *m)
{
	struct ipsec_addr shown = m->addr;
	char text[ADDR_TEXT];

	if (m->anonymous)
		return strcmp(m->name, "anonymous") == 0;
	if (shown.port == 0)
		shown.port = ISAKMP_PORT;
	return strcmp(m->name, addr_print_port(&shown, text)) == 0;
}

static void
show_peer(struct show *s, const struct remote *m)
{
	char text[ADDR_TEXT];

	show_more(s, " %s",
	    m->anonymous ? "anonymous" : addr_print(&m->addr, text));
	if (m->addr.port != 0)
		show_more(s, " [%u]", m->addr.port);
}

static void
show_address(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	if (m->anonymous || is_plain(m))
		return;
	show_start(s, "remote_address");
	show_peer(s, m);
	show_end(s, at);
}

static void
show_etypes(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	show_start(s, "exchange_mode");
	for (unsigned int i = 0; i < m->netypes; i++)
		show_more(s, "%s %s", i == 0 ? "" : ",",
		    m->etype[i] == ISAKMP_ETYPE_MAIN ? "main" :
		    m->etype[i] == ISAKMP_ETYPE_AGGRESSIVE ? "aggressive" :
		    "base");
	show_end(s, at);
}

static void
show_doi(struct show *s, const void *object, struct conf_place at)
{
	(void)object;
	show_line(s, at, "doi ipsec_doi");
}

static void
show_situation(struct show *s, const void *object, struct conf_place at)
{
	static const char *const words[] = {
		[CONF_IDENTITY_ONLY] = "identity_only",
		[CONF_SECRECY] = "secrecy",
		[CONF_INTEGRITY] = "integrity",
	};
	const struct remote *m = object;

	show_line(s, at, "situation %s", words[m->situation]);
}

static void
show_my_id(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	show_start(s, "my_identifier");
	show_id(s, &m->my_id, true);
	show_end(s, at);
}

static void
show_peers_ids(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	(void)at;
	for (size_t i = 0; i < m->npeers_id; i++) {
		show_start(s, "peers_identifier");
		show_id(s, &m->peers_id[i], true);
		show_end(s, m->peers_id[i].at);
	}
}

static void
show_login(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	if (m->xauth_login == NULL)
		return;
	show_start(s, "xauth_login ");
	show_text(s, m->xauth_login);
	show_end(s, at);
}

static void
show_cert(struct show *s, const char *word, const struct conf_cert *c)
{
	static const char *const kinds[] = {
		[CONF_CERT_X509] = "x509",
		[CONF_CERT_PLAIN_RSA] = "plain_rsa",
		[CONF_CERT_DNSSEC] = "dnssec",
	};

	if (c->kind == CONF_CERT_NONE)
		return;
	show_start(s, "%s %s", word, kinds[c->kind]);
	if (c->file != NULL) {
		show_more(s, " ");
		show_text(s, c->file);
	}
	if (c->key != NULL) {
		show_more(s, " ");
		show_text(s, c->key);
	}
	show_end(s, c->at);
}

static void
show_own_cert(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	(void)at;
	show_cert(s, "certificate_type", &m->own_cert);
}

static void
show_peers_certs(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	(void)at;
	for (size_t i = 0; i < m->npeers_cert; i++)
		show_cert(s, "peers_certfile", &m->peers_cert[i]);
}

static void
show_ca(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	(void)at;
	show_cert(s, "ca_type", &m->ca);
}

static void
show_lifetime(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	show_line(s, at, "lifetime time %u sec", m->lifetime);
}

static void
show_remote_liveness(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	show_liveness(s, m->liveness, at);
}

static void
show_mark(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	if (at.path != NULL)
		show_line(s, at, "mark 0x%x/0x%x", m->mark.value,
		    m->mark.mask);
}

static void
show_if_id(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	if (at.path != NULL)
		show_line(s, at, "if_id %u", m->if_id);
}

static void
show_scripts(struct show *s, const void *object, struct conf_place at)
{
	static const char *const words[CONF_NSCRIPTS] = {
		[CONF_PHASE1_UP] = "phase1_up",
		[CONF_PHASE1_DOWN] = "phase1_down",
		[CONF_PHASE1_DEAD] = "phase1_dead",
	};
	const struct remote *m = object;

	(void)at;
	for (size_t i = 0; i < CONF_NSCRIPTS; i++) {
		if (m->script[i] == NULL)
			continue;
		show_start(s, "script ");
		show_text(s, m->script[i]);
		show_more(s, " %s", words[i]);
		show_end(s, m->script_at[i]);
	}
}

static void
show_cipher(struct show *s, const void *object, struct conf_place at)
{
	const struct conf_p1 *p = object;

	show_start(s, "encryption_algorithm %s", alg_cipher(p->cipher)->word);
	if (p->key_bits != 0)
		show_more(s, " %u", p->key_bits);
	show_end(s, at);
}

static void
show_hash(struct show *s, const void *object, struct conf_place at)
{
	const struct conf_p1 *p = object;

	show_line(s, at, "hash_algorithm %s", alg_hash(p->hash)->word);
}

static void
show_method(struct show *s, const void *object, struct conf_place at)
{
	const struct conf_p1 *p = object;

	show_line(s, at, "authentication_method %s", p->method_word);
}

static void
show_group(struct show *s, const void *object, struct conf_place at)
{
	const struct conf_p1 *p = object;
	const struct alg_group *a = alg_group(p->group);

	if (a != NULL)
		show_line(s, at, "dh_group %s", a->word);
	else
		show_line(s, at, "dh_group %u", p->group);
}

static void
show_p1_lifetime(struct show *s, const void *object, struct conf_place at)
{
	const struct conf_p1 *p = object;

	if (p->own_life)
		show_line(s, at, "lifetime time %u sec", p->life_secs);
}

/* Written by either of two words. */
static void
show_gss_id(struct show *s, const void *object, struct conf_place at)
{
	const struct conf_p1 *p = object;

	if (p->gss_id == NULL)
		return;
	show_start(s, "gss_id ");
	show_text(s, p->gss_id);
	show_end(s, at);
}

const struct show_row show_proposal_rows[] = {
	{ "encryption_algorithm", show_cipher },
	{ "hash_algorithm", show_hash },
	{ "authentication_method", show_method },
	{ "dh_group", show_group },
	{ "lifetime", show_p1_lifetime },
	{ "gss_id", show_gss_id },
	{ "gssapi_id", show_gss_id },
	{ .word = NULL }
};

static void
show_proposals(struct show *s, const void *object, struct conf_place at)
{
	const struct remote *m = object;

	(void)at;
	for (size_t i = 0; i < m->nproposal; i++) {
		show_start(s, "proposal");
		show_open(s, m->proposal[i].at);
		show_rows(s, &block_proposal, show_proposal_rows,
		    &m->proposal[i]);
		show_close(s);
	}
}

const struct show_row show_remote_rows[] = {
	{ "remote_address", show_address },
	{ "exchange_mode", show_etypes },
	{ "doi", show_doi },
	{ "situation", show_situation },
	{ "my_identifier", show_my_id },
	{ "peers_identifier", show_peers_ids },
	{ "xauth_login", show_login },
	{ "certificate_type", show_own_cert },
	{ "peers_certfile", show_peers_certs },
	{ "ca_type", show_ca },
	{ "dh_group", NULL },
	{ "lifetime", show_lifetime },
	{ "liveness", show_remote_liveness },
	{ "mark", show_mark },
	{ "if_id", show_if_id },
	{ "script", show_scripts },
	{ "proposal", show_proposals },
	{ .word = NULL }
};

void
show_remote(struct show *s, const struct remote *m)
{
	show_start(s, "remote");
	if (is_plain(m))
		show_peer(s, m);
	else {
		show_more(s, " ");
		show_text(s, m->name);
	}
	show_open(s, m->at);
	if (m->parent != NULL) {
		show_start(s, "# inherits from ");
		for (const char *p = m->parent; *p != '\0'; p++)
			putc((unsigned char)*p < ' ' ? '?' : *p, s->out);
		show_more(s, "\n");
	}
	show_rows(s, &block_remote, show_remote_rows, m);
	show_close(s);
}
