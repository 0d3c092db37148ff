/* SPDX-License-Identifier: ISC */
/*
 * Each snapshot that is in use has its set of credentials.  Private keys must
 * be in regular files of root or of ourselves that are closed to others.
 */
#include "daemon/credfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "crypto/plainrsa.h"
#include "crypto/trust.h"
#include "daemon/dnscert.h"
#include "ike/limit.h"

struct creds {			/* of one remote block */
	struct key	*key;
	struct cert	*cert[LIMIT_CERTS];	/* ours; those above it */
	unsigned	 ncerts;
	struct plainrsa	*own_keys, *peers_keys;
	const struct cert **peers;
	unsigned	 npeers;
	const struct trust *trust;
	bool		 dnssec;	/* look for the peer's in the DNS */
};

struct set {			/* of one snapshot */
	const struct conf *conf;
	struct creds	*of;		/* as conf->remote */
	struct trust	*all;		/* of path_cert; NULL: not read */
	struct set	*next;
};

struct credfile {
	const struct crypto *crypto;
	struct set	*sets;		/* newest first */
};

/*
 * Files
 */

enum { ANYBODYS, SECRET, STRICT };	/* who else may see it */

/* The complaint about a file that a directive names. */
static void __attribute__((format(printf, 3, 4)))
complain(const struct conf_place *at, const char *file, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_msg(LOG_L_ERROR, "%s:%u: \"%s\" %s", at->path == NULL ? "?" :
	    at->path, at->line, file, text);
}

static bool
is_safe(const struct conf_place *at, const char *file, const struct stat *st,
    int secrecy)
{
	mode_t open_to = secrecy == STRICT ? S_IRWXG | S_IRWXO : S_IRWXO;

	if (!S_ISREG(st->st_mode)) {
		complain(at, file, "is not a regular file");
		return false;
	}
	if (secrecy == ANYBODYS)
		return true;
	if (st->st_uid != 0 && st->st_uid != geteuid()) {
		complain(at, file, "has invalid owner uid %u: run: chown %u "
		    "%s", (unsigned)st->st_uid, (unsigned)geteuid(), file);
		return false;
	}
	if (st->st_mode & open_to) {
		complain(at, file, "has weak file permission %04o: others may "
		    "get at the key; run: chmod 600 %s",
		    (unsigned)(st->st_mode & 07777), file);
		return false;
	}
	return true;
}

static bool
slurp(int fd, struct buf *out)
{
	uint8_t part[4096];
	ssize_t n;
	bool good = true;

	while (good && (n = read(fd, part, sizeof(part))) != 0) {
		if (n > 0)
			buf_put(out, part, (size_t)n);
		else
			good = errno == EINTR;
	}
	explicit_bzero(part, sizeof(part));
	return good;
}

/* Appends the contents of FILE to OUT; false: it was complained about. */
static bool
read_file(const struct conf_place *at, const char *file, int secrecy,
    struct buf *out)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	bool good = false;

	if (fd == -1 || fstat(fd, &st) == -1)
		complain(at, file, "cannot be read: %s", strerror(errno));
	else if (is_safe(at, file, &st, secrecy)) {
		good = slurp(fd, out);
		if (!good)
			complain(at, file, "cannot be read: %s",
			    strerror(errno));
		else if (!buf_ok(out))
			complain(at, file, "is too large");
		good = good && buf_ok(out);
	}
	if (fd != -1)
		close(fd);
	return good;
}

/*
 * What is in them
 */

static void
load_key(const struct crypto *crypto, const struct conf_cert *c,
    struct creds *to)
{
	const char *why;
	struct buf b;

	buf_init(&b, KEY_FILE_MAX);
	if (read_file(&c->at, c->key, SECRET, &b) &&
	    key_read(crypto, buf_view(&b), &to->key, &why) != OK)
		complain(&c->at, c->key, "%s", why);
	buf_fini(&b);
}

static struct cert *
load_cert(const struct crypto *crypto, const struct conf_cert *c)
{
	struct cert *cert = NULL;
	const char *why;
	struct buf b;

	buf_init(&b, TRUST_FILE_MAX);
	if (read_file(&c->at, c->file, ANYBODYS, &b) &&
	    cert_read(crypto, buf_view(&b), &cert, &why) != OK)
		complain(&c->at, c->file, "%s", why);
	buf_fini(&b);
	return cert;
}

/* The rest is not sent: there is too much of it, or it cannot be read. */
static void
leaf_only(struct creds *to)
{
	while (to->ncerts > 1)
		cert_unref(to->cert[--to->ncerts]);
}

static void
check_size(const struct conf_cert *c, struct creds *to)
{
	size_t n = 0;

	for (unsigned i = 0; i < to->ncerts; i++)
		n += cert_der(to->cert[i]).n;
	if (to->ncerts < 2 || n <= LIMIT_CERT_BYTES)
		return;
	complain(&c->at, c->file, "has certificates of together %zu bytes, of "
	    "which %u fit into a message: only the first one is sent", n,
	    LIMIT_CERT_BYTES);
	leaf_only(to);
}

/* Ours, and those of the authorities between it and a root. */
static void
load_chain(const struct crypto *crypto, const struct conf_cert *c,
    struct creds *to)
{
	const char *why;
	struct buf b;
	enum err r;

	buf_init(&b, TRUST_FILE_MAX);
	if (read_file(&c->at, c->file, ANYBODYS, &b)) {
		r = cert_read_chain(crypto, buf_view(&b), to->cert,
		    LIMIT_CERTS, &to->ncerts, &why);
		if (r == E_LIMIT)
			complain(&c->at, c->file, "%s: at most %u, without "
			    "roots, can be sent; only the first one is", why,
			    LIMIT_CERTS);
		else if (r != OK)
			complain(&c->at, c->file, "%s%s", why, to->ncerts > 0 ?
			    "; only the first certificate is sent" : "");
		if (r != OK)
			leaf_only(to);
	}
	buf_fini(&b);
	check_size(c, to);
}

static bool
is_of(const struct key *key, const struct cert *cert)
{
	return cert_key(cert) != NULL && key_equal(cert_key(cert), key);
}

/* A certificate without its key, or with that of another, is of no use. */
static void
check_pair(const struct conf_cert *c, struct creds *to)
{
	bool later = false;

	if (to->ncerts == 0 || to->key == NULL || is_of(to->key, to->cert[0]))
		return;
	for (unsigned i = 1; i < to->ncerts; i++)
		later = later || is_of(to->key, to->cert[i]);
	complain(&c->at, c->key, later ? "is the private key of a later "
	    "certificate in %s: put that one first" :
	    "is not the private key of the certificate %s", c->file);
	key_unref(to->key);
	to->key = NULL;
}

static struct plainrsa *
parse_plain(const struct crypto *crypto, const struct conf_cert *c,
    bool secret, struct view text)
{
	struct plainrsa_error error;
	struct plainrsa *keys;

	if (plainrsa_read(crypto, text, secret, &keys, &error) != OK) {
		log_msg(LOG_L_ERROR, "%s:%u: %s", c->file, error.line,
		    error.why);
		return NULL;
	}
	if (!secret && plainrsa_has_private(keys))
		log_msg(LOG_L_WARNING, "%s: there are private keys in a file "
		    "that needs but the public ones", c->file);
	return keys;
}

static void
load_own(const struct crypto *crypto, const struct conf_cert *c,
    struct creds *to)
{
	struct buf b;

	if (c->kind == CONF_CERT_X509) {
		load_chain(crypto, c, to);
		load_key(crypto, c, to);
		check_pair(c, to);
	} else if (c->kind == CONF_CERT_PLAIN_RSA) {
		buf_init(&b, PLAINRSA_FILE_MAX);
		if (read_file(&c->at, c->file, STRICT, &b))
			to->own_keys = parse_plain(crypto, c, true,
			    buf_view(&b));
		buf_fini(&b);
	}
}

/* Several files of plain keys are as one. */
static void
load_peers(const struct crypto *crypto, const struct remote *remote,
    struct creds *to)
{
	const struct conf_cert *last = NULL;
	struct cert *cert;
	struct buf b;

	buf_init(&b, PLAINRSA_FILE_MAX);
	to->peers = xcalloc(remote->npeers_cert + 1, sizeof(*to->peers));
	for (size_t i = 0; i < remote->npeers_cert; i++) {
		const struct conf_cert *c = &remote->peers_cert[i];

		if (c->kind == CONF_CERT_X509) {
			cert = load_cert(crypto, c);
			if (cert != NULL)
				to->peers[to->npeers++] = cert;
		} else if (c->kind == CONF_CERT_DNSSEC) {
			to->dnssec = true;
		} else if (c->kind == CONF_CERT_PLAIN_RSA &&
		    read_file(&c->at, c->file, ANYBODYS, &b)) {
			buf_u8(&b, '\n');
			last = c;
		}
	}
	if (last != NULL)
		to->peers_keys = parse_plain(crypto, last, false,
		    buf_view(&b));
	buf_fini(&b);
}

/*
 * Authorities
 */

static void
add_file(struct trust *trust, const struct conf_place *at, const char *file,
    enum trust_file kind)
{
	const char *why;
	struct buf b;
	enum err r;

	buf_init(&b, TRUST_FILE_MAX);
	if (read_file(at, file, ANYBODYS, &b)) {
		r = kind == TRUST_CRL_FILE ?
		    trust_add_crl(trust, buf_view(&b), &why) :
		    trust_add_ca(trust, buf_view(&b), &why);
		if (r != OK)
			complain(at, file, "%s", why);
	}
	buf_fini(&b);
}

static int
is_hashed(const struct dirent *e)
{
	return trust_file(e->d_name) != TRUST_NO_FILE;
}

/* The hashed names in a directory, in their order; CAS: not the lists only. */
static void
add_directory(struct trust *trust, const struct remote *remote,
    const char *path, bool cas)
{
	struct dirent **list;
	int n = scandir(path, &list, is_hashed, alphasort);

	for (int i = 0; i < n; i++) {
		enum trust_file kind = trust_file(list[i]->d_name);
		char *file = xasprintf("%s/%s", path, list[i]->d_name);

		if (cas || kind == TRUST_CRL_FILE)
			add_file(trust, &remote->at, file, kind);
		free(file);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static const struct trust *
load_trust(const struct crypto *crypto, struct set *set,
    const struct remote *remote)
{
	const char *path = set->conf->path_cert;
	struct trust *trust;

	if (remote->ca.kind == CONF_CERT_X509) {
		trust = trust_new(crypto);
		add_file(trust, &remote->ca.at, remote->ca.file,
		    TRUST_CA_FILE);
		if (path != NULL)
			add_directory(trust, remote, path, false);
		return trust;
	}
	if (set->all == NULL && path != NULL) {
		set->all = trust_new(crypto);
		add_directory(set->all, remote, path, true);
	}
	return set->all == NULL ? NULL : trust_ref(set->all);
}

/*
 * Sets
 */

/* Are there signatures at all? */
static bool
has_certs(const struct remote *remote)
{
	return remote->own_cert.kind != CONF_CERT_NONE ||
	    remote->npeers_cert > 0 || remote->ca.kind != CONF_CERT_NONE;
}

static void
creds_fini(struct creds *c)
{
	key_unref(c->key);
	for (unsigned i = 0; i < c->ncerts; i++)
		cert_unref(c->cert[i]);
	plainrsa_unref(c->own_keys);
	plainrsa_unref(c->peers_keys);
	for (unsigned i = 0; i < c->npeers; i++)
		cert_unref(c->peers[i]);
	free(c->peers);
	trust_unref(c->trust);
}

static void
set_free(struct set *set)
{
	for (size_t i = 0; i < set->conf->nremote; i++)
		creds_fini(&set->of[i]);
	free(set->of);
	trust_unref(set->all);
	conf_unref(set->conf);
	free(set);
}

struct credfile *
credfile_new(const struct crypto *crypto)
{
	struct credfile *f = xcalloc(1, sizeof(*f));

	f->crypto = crypto;
	return f;
}

void
credfile_free(struct credfile *f)
{
	struct set *set;

	if (f == NULL)
		return;
	while ((set = f->sets) != NULL) {
		f->sets = set->next;
		set_free(set);
	}
	free(f);
}

/* Snapshots that only we still know. */
static void
drop_old(struct credfile *f)
{
	struct set **at = &f->sets;

	while (*at != NULL) {
		struct set *set = *at;

		if (set->conf->refs > 1) {
			at = &set->next;
			continue;
		}
		*at = set->next;
		set_free(set);
	}
}

void
credfile_load(struct credfile *f, const struct conf *conf)
{
	struct set *set = xcalloc(1, sizeof(*set));

	drop_old(f);
	set->conf = conf_ref(conf);
	set->of = xcalloc(conf->nremote + 1, sizeof(*set->of));
	for (size_t i = 0; i < conf->nremote; i++) {
		const struct remote *remote = conf->remote[i];

		if (!has_certs(remote))
			continue;
		load_own(f->crypto, &remote->own_cert, &set->of[i]);
		load_peers(f->crypto, remote, &set->of[i]);
		set->of[i].trust = load_trust(f->crypto, set, remote);
	}
	set->next = f->sets;
	f->sets = set;
}

static void
give(const struct creds *c, struct ike_creds *out)
{
	out->key = c->key;
	if (c->ncerts > 0) {
		out->cert = c->cert[0];
		out->above = (const struct cert *const *)c->cert + 1;
		out->nabove = c->ncerts - 1;
	}
	out->own_keys = c->own_keys;
	out->peers = c->peers;
	out->npeers = c->npeers;
	out->peers_keys = c->peers_keys;
	out->trust = c->trust;
	out->find = c->dnssec ? dnscert_find : NULL;
}

void
credfile_get(const struct credfile *f, const struct remote *remote,
    struct ike_creds *out)
{
	*out = (struct ike_creds){ .now = time(NULL) };
	for (const struct set *set = f->sets; set != NULL; set = set->next)
		for (size_t i = 0; i < set->conf->nremote; i++)
			if (set->conf->remote[i] == remote) {
				give(&set->of[i], out);
				return;
			}
}

/* The same file in many blocks is one certificate. */
static bool
is_first(const struct set *set, size_t nth)
{
	for (size_t i = 0; i < nth; i++)
		if (set->of[i].ncerts > 0 &&
		    view_equal(cert_der(set->of[i].cert[0]),
		    cert_der(set->of[nth].cert[0])))
			return false;
	return true;
}

void
credfile_each_own(const struct credfile *f, const struct conf *conf,
    credfile_fn *fn, void *ctx)
{
	for (const struct set *set = f->sets; set != NULL; set = set->next)
		for (size_t i = 0; set->conf == conf && i < conf->nremote; i++)
			if (set->of[i].ncerts > 0 && is_first(set, i))
				fn(ctx, i, conf->remote[i],
				    set->of[i].cert[0]);
}
