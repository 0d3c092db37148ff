/* SPDX-License-Identifier: ISC */
/* Warnings about a whole snapshot, for racoon -t. */
#include "conf/lint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/parse.h"
#include "conf/psk.h"
#include "crypto/alg.h"
#include "libipsec/addr.h"
#include "wire/isakmp.h"

struct lint {
	const struct conf *conf;
	const struct conf_opener *opener;
	unsigned int	 n;
	const char	*path;		/* the key file, while it is read */
};

static void	 warn_at(struct lint *, struct conf_place, const char *word,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void
warn_at(struct lint *l, struct conf_place at, const char *word,
    const char *fmt, ...)
{
	char text[LOG_TEXT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->n++;
	log_msg(LOG_L_WARNING, "%s:%u: \"%s\" %s",
	    at.path == NULL ? l->conf->path : at.path, at.line, word, text);
}

/* ---- algorithms ---- */

static void
check_proposal(struct lint *l, const struct conf_p1 *p)
{
	const struct alg_cipher *cipher = alg_cipher(p->cipher);
	const struct alg_hash *hash = alg_hash(p->hash);
	const struct alg_group *group = alg_group(p->group);
	const char *block = block_proposal.name;

	if (cipher != NULL && cipher->weak)
		warn_at(l, conf_place_of(&p->marks, block,
		    "encryption_algorithm"), cipher->word, "is broken: "
		    "anybody with some computers reads along; use aes");
	if (hash != NULL && hash->weak)
		warn_at(l, conf_place_of(&p->marks, block, "hash_algorithm"),
		    hash->word, "is broken: use sha256 or more");
	if (group != NULL && group->weak)
		warn_at(l, conf_place_of(&p->marks, block, "dh_group"),
		    group->word, "is too small to be safe: use modp2048 or "
		    "more");
}

static bool
has_etype(const struct remote *m, uint8_t etype)
{
	for (unsigned int i = 0; i < m->netypes; i++)
		if (m->etype[i] == etype)
			return true;
	return false;
}

static bool
is_signature(uint16_t method)
{
	return method == P1_METHOD_RSA || method == P1_METHOD_DSS ||
	    (method >= P1_METHOD_ECDSA256 && method <= P1_METHOD_ECDSA521);
}

static bool
uses(const struct remote *m, bool (*method)(uint16_t))
{
	for (size_t i = 0; i < m->nproposal; i++)
		if (method(m->proposal[i].method))
			return true;
	return false;
}

/* Whether it is read from the file of pre-shared keys. */
static bool
is_psk(uint16_t method)
{
	return method == P1_METHOD_PSK;
}

static void
check_methods(struct lint *l, const struct remote *m)
{
	/* RFC 2409 5.4: HASH_R is in clear, and all of what goes into it but
	 * the key: whoever listens tries keys until one fits. */
	if (has_etype(m, ISAKMP_ETYPE_AGGRESSIVE) && uses(m, is_psk))
		warn_at(l, conf_place_of(&m->marks, block_remote.name,
		    "exchange_mode"), "aggressive", "with pre_shared_key lets "
		    "anybody guess the key who asks for it or listens: use "
		    "main mode, certificates, or a key of 128 random bits");
	if (uses(m, is_signature) && m->own_cert.kind == CONF_CERT_NONE)
		warn_at(l, m->at, m->name, "proposes signatures, but has no "
		    "key to sign with: add certificate_type");
	if (m->own_cert.kind == CONF_CERT_PLAIN_RSA && uses(m, is_signature) &&
	    m->npeers_cert == 0)
		warn_at(l, m->own_cert.at, "plain_rsa", "needs the peer's key, "
		    "too: add peers_certfile plain_rsa");
}

static void
check_sainfo(struct lint *l, const struct sainfo *s)
{
	const struct alg_group *group = alg_group(s->pfs_group);

	for (size_t i = 0; i < s->nenc; i++) {
		const struct alg_esp *a = alg_esp(s->enc[i].id);

		if (a != NULL && a->weak)
			warn_at(l, s->enc[i].at, a->word, "is broken: anybody "
			    "with some computers reads along; use aes");
	}
	for (size_t i = 0; i < s->nauth; i++) {
		const struct alg_auth *a = alg_auth(s->auth[i].id);

		if (a != NULL && a->weak)
			warn_at(l, s->auth[i].at, a->word, "is outdated: use "
			    "hmac_sha256 or more");
		if (s->auth[i].id == P2_AUTH_NONE)
			warn_at(l, s->auth[i].at, "non_auth", "lets anybody "
			    "change what is sent: use hmac_sha256");
	}
	if (group != NULL && group->weak)
		warn_at(l, conf_place_of(&s->marks, block_sainfo.name,
		    "pfs_group"), group->word, "is too small to be safe: use "
		    "modp2048 or more");
}

static void
check_remoteid(struct lint *l, const struct sainfo *s)
{
	for (size_t i = 0; i < l->conf->nremote; i++)
		if (l->conf->remote[i]->ph1id == s->remoteid)
			return;
	if (s->remoteid != 0)
		warn_at(l, conf_place_of(&s->marks, block_sainfo.name,
		    "remoteid"), "remoteid", "is the ph1id of no remote "
		    "block: this sainfo is never used");
}

/* ---- files ---- */

/* False, with a warning, when the file cannot be looked at. */
static bool
look(struct lint *l, struct conf_place at, const char *word,
    const char *path, struct stat *st)
{
	if (l->opener->info == NULL)
		return false;
	if (l->opener->info(l->opener->ctx, path, st))
		return true;
	warn_at(l, at, word, "names %s: %s", path, strerror(errno));
	return false;
}

static void
check_directory(struct lint *l, const char *word, const char *path)
{
	const struct conf_place at = conf_place_of(&l->conf->marks,
	    block_path.name, word);
	struct stat st;

	if (path != NULL && look(l, at, word, path, &st) &&
	    !S_ISDIR(st.st_mode))
		warn_at(l, at, word, "%s is no directory", path);
}

/* The rules of the key file, which hold for private keys as well. */
static bool
check_secret(struct lint *l, struct conf_place at, const char *word,
    const char *path)
{
	struct stat st;

	if (!look(l, at, word, path, &st))
		return false;
	if (!S_ISREG(st.st_mode))
		warn_at(l, at, word, "%s is no regular file", path);
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		warn_at(l, at, word, "%s has invalid owner uid %u: run: chown "
		    "root %s", path, (unsigned int)st.st_uid, path);
	else if ((st.st_mode & 077) != 0)
		warn_at(l, at, word, "%s has weak file permission %04o: "
		    "others may get at the keys; run: chmod 600 %s", path,
		    (unsigned int)(st.st_mode & 07777), path);
	else
		return true;
	return false;
}

static void
tell_of_line(void *ctx, unsigned int line, const char *text)
{
	struct lint *l = ctx;

	l->n++;
	log_msg(LOG_L_WARNING, "%s:%u: %s", l->path, line, text);
}

static void
check_psk(struct lint *l)
{
	const struct conf_place at = conf_place_of(&l->conf->marks,
	    block_path.name, "pre_shared_key");
	struct conf_text text;

	if (l->conf->path_psk == NULL) {
		for (size_t i = 0; i < l->conf->nremote; i++)
			if (uses(l->conf->remote[i], is_psk)) {
				warn_at(l, l->conf->remote[i]->at,
				    l->conf->remote[i]->name, "proposes "
				    "pre_shared_key, but there is no path "
				    "pre_shared_key: no key is ever found");
				return;
			}
		return;
	}
	l->path = l->conf->path_psk;
	if (!check_secret(l, at, "pre_shared_key", l->path))
		return;
	if (!l->opener->open(l->opener->ctx, l->path, &text)) {
		warn_at(l, at, "pre_shared_key", "cannot read %s: %s", l->path,
		    strerror(errno));
		return;
	}
	psk_check(view_of(text.text, text.n), tell_of_line, l);
	xfreezero(text.text, text.n);
}

static void
check_script(struct lint *l, struct conf_place at, const char *path)
{
	struct stat st;

	if (path[0] != '/')
		warn_at(l, at, "script", "%s is relative to the directory that "
		    "racoon happens to run in: set path script", path);
	if (!look(l, at, "script", path, &st))
		return;
	if (!S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0)
		warn_at(l, at, "script", "%s is no program: run: chmod +x %s",
		    path, path);
}

static void
check_files(struct lint *l, const struct remote *m)
{
	const struct conf_cert *own = &m->own_cert;

	if (own->kind == CONF_CERT_X509)
		(void)check_secret(l, own->at, "certificate_type", own->key);
	else if (own->kind == CONF_CERT_PLAIN_RSA)
		(void)check_secret(l, own->at, "certificate_type", own->file);
	for (size_t i = 0; i < CONF_NSCRIPTS; i++)
		if (m->script[i] != NULL)
			check_script(l, m->script_at[i], m->script[i]);
}

/* ---- blocks that are in each other's way ---- */

static void
check_rivals(struct lint *l, size_t nth)
{
	const struct remote *m = l->conf->remote[nth];

	for (size_t i = 0; i < nth && !m->passive; i++) {
		const struct remote *o = l->conf->remote[i];

		if (o->passive || o->anonymous != m->anonymous ||
		    (!m->anonymous && !addr_equal(&o->addr, &m->addr)))
			continue;
		warn_at(l, m->at, m->name, "is for the same peer as %s:%u: "
		    "racoon starts no negotiation with it, since it cannot "
		    "choose; one of them should be passive", o->at.path,
		    o->at.line);
		return;
	}
}

/* What a block has from its parent was said there. */
static bool
is_inherited(const struct lint *l, size_t nth, struct conf_place at)
{
	for (size_t i = 0; i < nth; i++)
		for (size_t k = 0; k < l->conf->remote[i]->nproposal; k++) {
			const struct conf_place o =
			    l->conf->remote[i]->proposal[k].at;

			if (o.path == at.path && o.line == at.line)
				return true;
		}
	return false;
}

static void
check_remote(struct lint *l, size_t nth)
{
	const struct remote *m = l->conf->remote[nth];

	for (size_t i = 0; i < m->nproposal; i++)
		if (m->parent == NULL ||
		    !is_inherited(l, nth, m->proposal[i].at))
			check_proposal(l, &m->proposal[i]);
	if (m->parent == NULL) {
		check_methods(l, m);
		check_files(l, m);
	}
	check_rivals(l, nth);
}

/* ---- what others may see ---- */

static bool
is_loopback(const struct ipsec_addr *a)
{
	static const uint8_t v6[16] = { [15] = 1 };

	return a->family == AF_INET ? a->bytes[0] == 127 :
	    memcmp(a->bytes, v6, sizeof(v6)) == 0;
}

static void
check_metrics(struct lint *l)
{
	const struct ipsec_addr *at = &l->conf->listen.metrics;

	if (at->family != 0 && !is_loopback(at))
		warn_at(l, conf_place_of(&l->conf->marks, block_listen.name,
		    "metrics"), "metrics", "are for everybody who can connect "
		    "to this address: use 127.0.0.1, or see that only the "
		    "collector reaches the port");
}

unsigned int
conf_lint(const struct conf *c, const struct conf_opener *opener)
{
	struct lint l = { .conf = c, .opener = opener };

	for (size_t i = 0; i < c->nremote; i++)
		check_remote(&l, i);
	for (size_t i = 0; i < c->nsainfo; i++) {
		check_sainfo(&l, c->sainfo[i]);
		check_remoteid(&l, c->sainfo[i]);
	}
	check_metrics(&l);
	check_psk(&l);
	check_directory(&l, "include", c->path_include);
	check_directory(&l, "certificate", c->path_cert);
	check_directory(&l, "script", c->path_script);
	return l.n;
}
