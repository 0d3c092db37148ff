/* SPDX-License-Identifier: ISC */
/* Each snapshot that is in use has its set of credentials. */
#include "daemon/credfile.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/plainrsa.h"
#include "crypto/trust.h"
#include "daemon/dnscert.h"
#include "ike/limit.h"
#include "monitor/keyfile.h"

#define NAMES_MAX	(4u << 20)	/* bytes of a directory's names */

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
	const struct asroot *root;
	struct set	*sets;		/* newest first */
};

/*
 * Files
 */

/* Appends the contents of FILE to OUT; false: it was complained about. */
static bool
read_file(const struct asroot *root, const struct conf_place *at,
    const char *file, struct buf *out)
{
	return keyfile_read(at, file, root->ops->open(root->ctx,
	    MON_FILE_CERT, 0, file), out);
}

/*
 * What is in them
 */

static struct cert *
load_cert(const struct crypto *crypto, const struct asroot *root,
    const struct conf_cert *c)
{
	struct cert *cert = NULL;
	const char *why;
	struct buf b;

	buf_init(&b, TRUST_FILE_MAX);
	if (read_file(root, &c->at, c->file, &b) &&
	    cert_read(crypto, buf_view(&b), &cert, &why) != OK)
		keyfile_complain(&c->at, c->file, "%s", why);
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
	keyfile_complain(&c->at, c->file, "has certificates of together %zu bytes, of "
	    "which %u fit into a message: only the first one is sent", n,
	    LIMIT_CERT_BYTES);
	leaf_only(to);
}

/* Ours, and those of the authorities between it and a root. */
static void
load_chain(const struct crypto *crypto, const struct asroot *root,
    const struct conf_cert *c, struct creds *to)
{
	const char *why;
	struct buf b;
	enum err r;

	buf_init(&b, TRUST_FILE_MAX);
	if (read_file(root, &c->at, c->file, &b)) {
		r = cert_read_chain(crypto, buf_view(&b), to->cert,
		    LIMIT_CERTS, &to->ncerts, &why);
		if (r == E_LIMIT)
			keyfile_complain(&c->at, c->file, "%s: at most %u, without "
			    "roots, can be sent; only the first one is", why,
			    LIMIT_CERTS);
		else if (r != OK)
			keyfile_complain(&c->at, c->file, "%s%s", why, to->ncerts > 0 ?
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
	keyfile_complain(&c->at, c->key, later ? "is the private key of a later "
	    "certificate in %s: put that one first" :
	    "is not the private key of the certificate %s", c->file);
	key_unref(to->key);
	to->key = NULL;
}

static void
load_own(const struct crypto *crypto, const struct asroot *root,
    const struct conf_cert *c, struct creds *to)
{
	if (c->kind == CONF_CERT_X509) {
		load_chain(crypto, root, c, to);
		to->key = root->ops->key(root->ctx, crypto, c);
		check_pair(c, to);
	} else if (c->kind == CONF_CERT_PLAIN_RSA) {
		to->own_keys = root->ops->plain(root->ctx, crypto, c);
	}
}

/* Several files of plain keys are as one. */
static void
load_peers(const struct crypto *crypto, const struct asroot *root,
    const struct remote *remote, struct creds *to)
{
	const struct conf_cert *last = NULL;
	struct cert *cert;
	struct buf b;

	buf_init(&b, PLAINRSA_FILE_MAX);
	to->peers = xcalloc(remote->npeers_cert + 1, sizeof(*to->peers));
	for (size_t i = 0; i < remote->npeers_cert; i++) {
		const struct conf_cert *c = &remote->peers_cert[i];

		if (c->kind == CONF_CERT_X509) {
			cert = load_cert(crypto, root, c);
			if (cert != NULL)
				to->peers[to->npeers++] = cert;
		} else if (c->kind == CONF_CERT_DNSSEC) {
			to->dnssec = true;
		} else if (c->kind == CONF_CERT_PLAIN_RSA &&
		    read_file(root, &c->at, c->file, &b)) {
			buf_u8(&b, '\n');
			last = c;
		}
	}
	if (last != NULL)
		to->peers_keys = keyfile_parse(crypto, last, false,
		    buf_view(&b));
	buf_fini(&b);
}

/*
 * Authorities
 */

static void
add_file(struct trust *trust, const struct asroot *root,
    const struct conf_place *at, const char *file, enum trust_file kind)
{
	const char *why;
	struct buf b;
	enum err r;

	buf_init(&b, TRUST_FILE_MAX);
	if (read_file(root, at, file, &b)) {
		r = kind == TRUST_CRL_FILE ?
		    trust_add_crl(trust, buf_view(&b), &why) :
		    trust_add_ca(trust, buf_view(&b), &why);
		if (r != OK)
			keyfile_complain(at, file, "%s", why);
	}
	buf_fini(&b);
}

/* The hashed names in a directory, in their order; CAS: not the lists only. */
static void
add_directory(struct trust *trust, const struct asroot *root,
    const struct remote *remote, const char *path, bool cas)
{
	struct buf names;
	struct view v;

	buf_init(&names, NAMES_MAX);
	if (root->ops->list(root->ctx, path, &names))
		buf_u8(&names, '\0');
	for (v = buf_view(&names); v.n > 1; ) {
		const char *name = (const char *)v.p;
		enum trust_file kind = trust_file(name);
		char *file = xasprintf("%s/%s", path, name);

		if (cas || kind == TRUST_CRL_FILE)
			add_file(trust, root, &remote->at, file, kind);
		free(file);
		(void)view_take(&v, strlen(name) + 1);
	}
	buf_fini(&names);
}

static const struct trust *
load_trust(const struct crypto *crypto, const struct asroot *root,
    struct set *set, const struct remote *remote)
{
	const char *path = set->conf->path_cert;
	struct trust *trust;

	if (remote->ca.kind == CONF_CERT_X509) {
		trust = trust_new(crypto);
		add_file(trust, root, &remote->ca.at, remote->ca.file,
		    TRUST_CA_FILE);
		if (path != NULL)
			add_directory(trust, root, remote, path, false);
		return trust;
	}
	if (set->all == NULL && path != NULL) {
		set->all = trust_new(crypto);
		add_directory(set->all, root, remote, path, true);
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
credfile_new(const struct crypto *crypto, const struct asroot *root)
{
	struct credfile *f = xcalloc(1, sizeof(*f));

	f->crypto = crypto;
	f->root = root;
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
		load_own(f->crypto, f->root, &remote->own_cert, &set->of[i]);
		load_peers(f->crypto, f->root, remote, &set->of[i]);
		set->of[i].trust = load_trust(f->crypto, f->root, set,
		    remote);
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

/* The next look-up asks the resolvers that resolv.conf has now. */
static void
renew_resolv(const struct asroot *root)
{
	int fd = root->ops->open(root->ctx, MON_FILE_RESOLV, 0, "");

	if (fd >= 0)
		(void)close(fd);
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
				if (out->find != NULL)
					renew_resolv(f->root);
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
