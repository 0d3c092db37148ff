/* SPDX-License-Identifier: ISC */
/* The directives of a remote block that name files: certificates, scripts. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "conf/parse.h"

/* The file must be there; what is in it is for those to say who use it. */
static bool
take_file(struct reader *r, char **path)
{
	return parse_file_name(r, r->conf->path_cert, path) &&
	    parse_readable(r, *path);
}

/* Others must not get at private keys; who has opened the file to them is told
 * before it is too late. */
static bool
check_secret(struct reader *r, const char *path)
{
	struct stat st;

	if (r->opener->info == NULL ||
	    !r->opener->info(r->opener->ctx, path, &st) ||
	    (st.st_mode & 077) == 0)
		return true;
	return parse_error(r, "%s has weak file permission %04o: others may "
	    "get at the keys; run: chmod 600 %s", path,
	    (unsigned int)(st.st_mode & 07777), path);
}

/* x509 or plain_rsa, NONE for anything else, which is not taken. */
static enum conf_cert_kind
take_kind(struct reader *r)
{
	if (parse_take_word(r, "x509"))
		return CONF_CERT_X509;
	if (parse_take_word(r, "plain_rsa"))
		return CONF_CERT_PLAIN_RSA;
	return CONF_CERT_NONE;
}

bool
parse_certificate_type(struct reader *r, struct remote *m)
{
	const enum conf_cert_kind kind = take_kind(r);
	struct conf_cert *c = &m->own_cert;

	if (kind == CONF_CERT_NONE)
		return parse_syntax(r, "x509 or plain_rsa");
	if (c->kind != CONF_CERT_NONE)
		return parse_error(r, "certificate_type already defined");
	c->kind = kind;
	c->at = parse_place(r);
	if (!take_file(r, &c->file))
		return false;
	/* The key is no condition: it may be on a medium that is there after
	 * the next reload only. */
	if (kind == CONF_CERT_X509 &&
	    !parse_file_name(r, r->conf->path_cert, &c->key))
		return false;
	if (kind == CONF_CERT_PLAIN_RSA && !check_secret(r, c->file))
		return false;
	if (kind == CONF_CERT_PLAIN_RSA)
		m->send_cr = m->send_cert = m->verify_cert = false;
	return parse_end(r);
}

static struct conf_cert *
add_peers_cert(struct remote *m, const struct reader *r)
{
	struct conf_cert *c;

	m->peers_cert = xreallocarray(m->peers_cert, m->npeers_cert + 1,
	    sizeof(*m->peers_cert));
	c = &m->peers_cert[m->npeers_cert++];
	*c = (struct conf_cert){ .at = parse_place(r) };
	return c;
}

bool
parse_peers_certfile(struct reader *r, struct remote *m)
{
	struct conf_cert *c = add_peers_cert(m, r);

	if (parse_take_word(r, "dnssec")) {
		c->kind = CONF_CERT_DNSSEC;
		return parse_end(r);
	}
	c->kind = take_kind(r);
	if (c->kind == CONF_CERT_NONE) {
		parse_warn(r, "peers_certfile without a type will be removed: "
		    "write peers_certfile x509 \"...\"");
		c->kind = CONF_CERT_X509;
	}
	return take_file(r, &c->file) && parse_end(r);
}

bool
parse_ca_type(struct reader *r, struct remote *m)
{
	if (!parse_take_word(r, "x509"))
		return parse_syntax(r, "x509");
	if (m->ca.kind != CONF_CERT_NONE)
		return parse_error(r, "ca_type already defined");
	m->ca.kind = CONF_CERT_X509;
	m->ca.at = parse_place(r);
	return take_file(r, &m->ca.file) && parse_end(r);
}

bool
parse_script(struct reader *r, struct remote *m)
{
	static const char *const events[CONF_NSCRIPTS] = {
		[CONF_PHASE1_UP] = "phase1_up",
		[CONF_PHASE1_DOWN] = "phase1_down",
		[CONF_PHASE1_DEAD] = "phase1_dead",
	};
	const struct conf_place at = parse_place(r);
	char *path = NULL;

	if (!parse_file_name(r, r->conf->path_script, &path))
		return false;
	for (size_t i = 0; i < CONF_NSCRIPTS; i++)
		if (parse_take_word(r, events[i])) {
			free(m->script[i]);
			m->script[i] = path;
			m->script_at[i] = at;
			return parse_end(r);
		}
	free(path);
	return parse_syntax(r, "phase1_up, phase1_down or phase1_dead");
}
