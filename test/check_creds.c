/* SPDX-License-Identifier: ISC */
/* Certificates and keys from files: what is read, what is refused and why. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/read.h"
#include "crypto/plainrsa.h"
#include "crypto/trust.h"
#include "daemon/credfile.h"
#include "daemon/dnscert.h"
#include "monitor/here.h"
#include "ike/limit.h"
#include "suite.h"
#include "test/pki.h"

#define LINES	16

struct world {
	char		 dir[64];
	struct crypto	*crypto;
	struct credfile	*f;
	EVP_PKEY	*ca_key, *key;
	X509		*ca, *cert;
	char		*line[LINES];
	unsigned int	 nlines;
};

static void
keep_line(void *ctx, enum log_level level, const char *peer, const char *text)
{
	struct world *w = ctx;

	(void)level;
	(void)peer;
	if (w->nlines < LINES)
		w->line[w->nlines++] = xstrdup(text);
}

static bool
said(const struct world *w, const char *text)
{
	for (unsigned int i = 0; i < w->nlines; i++)
		if (strstr(w->line[i], text) != NULL)
			return true;
	return false;
}

static void
write_file(struct world *w, const char *name, const struct buf *b,
    mode_t mode)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(b->p, 1, b->n, f), b->n);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
}

static void
write_cert(struct world *w, const char *name, const X509 *x)
{
	struct buf b;

	buf_init(&b, 65536);
	pki_put_cert(&b, x, true);
	write_file(w, name, &b, 0644);
	buf_fini(&b);
}

/* A file of COUNT certificates: LEAF, and then one after the other. */
static void
write_chain(struct world *w, const char *name, const X509 *leaf,
    X509 *const *above, unsigned count)
{
	struct buf b;

	buf_init(&b, 1u << 20);
	pki_put_cert(&b, leaf, true);
	for (unsigned i = 0; i + 1 < count; i++)
		pki_put_cert(&b, above[i], true);
	write_file(w, name, &b, 0644);
	buf_fini(&b);
}

static void
write_key(struct world *w, const char *name, const EVP_PKEY *key,
    mode_t mode)
{
	struct buf b;

	buf_init(&b, 65536);
	pki_put_key(&b, key, "PEM");
	write_file(w, name, &b, mode);
	buf_fini(&b);
}

static void
world_new(struct world *w)
{
	static const struct pki_cert say = { .cn = "a" };

	*w = (struct world){ .dir = "/tmp/check_creds.XXXXXX" };
	ck_assert_ptr_nonnull(mkdtemp(w->dir));
	log_to(keep_line, w);
	w->crypto = crypto_new();
	w->f = credfile_new(w->crypto, &here_plain);
	w->ca_key = pki_key("RSA:1024");
	w->ca = pki_ca("ca", w->ca_key);
	w->key = pki_key("RSA:1024");
	w->cert = pki_cert(&say, w->key, w->ca, w->ca_key);
	write_cert(w, "a.pem", w->cert);
	write_key(w, "a.key", w->key, 0600);
}

static void
world_free(struct world *w)
{
	char command[128];

	credfile_free(w->f);
	X509_free(w->cert);
	X509_free(w->ca);
	EVP_PKEY_free(w->key);
	EVP_PKEY_free(w->ca_key);
	crypto_free(w->crypto);
	log_to(NULL, NULL);
	for (unsigned int i = 0; i < w->nlines; i++)
		free(w->line[i]);
	snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	ck_assert_int_eq(system(command), 0);
}

static bool
open_text(void *ctx, const char *path, struct conf_text *out)
{
	(void)path;
	out->text = xstrdup(ctx);
	out->n = strlen(out->text);
	return true;
}

/* A snapshot whose only block says MORE. */
static struct conf *
conf_with(const struct world *w, const char *more)
{
	char *text = xasprintf("path certificate \"%s\";\n"
	    "remote anonymous { exchange_mode main; %s\n"
	    "proposal { encryption_algorithm aes; hash_algorithm sha1;\n"
	    "authentication_method rsasig; dh_group modp1024; } }\n",
	    w->dir, more);
	struct conf_opener opener = { .ctx = text, .open = open_text };
	struct conf *conf;

	ck_assert_int_eq(conf_read(&opener, "/r.conf", &conf), OK);
	free(text);
	return conf;
}

/* Reads it; the snapshot belongs to the caller. */
static struct conf *
load(struct world *w, const char *more, struct ike_creds *out)
{
	struct conf *conf = conf_with(w, more);

	credfile_load(w->f, conf);
	credfile_get(w->f, conf->remote[0], out);
	return conf;
}

START_TEST(own)
{
	struct ike_creds c;
	struct conf *conf;
	struct world w;

	world_new(&w);
	conf = load(&w, "certificate_type x509 \"a.pem\" \"a.key\";", &c);
	ck_assert_ptr_nonnull(c.cert);
	ck_assert_ptr_nonnull(c.key);
	ck_assert(key_private(c.key));
	ck_assert_ptr_nonnull(c.trust);
	ck_assert_ptr_null(trust_ca(c.trust, 0));
	ck_assert_uint_eq(c.npeers, 0);
	ck_assert_uint_eq(w.nlines, 0);
	conf_unref(conf);
	world_free(&w);
}
END_TEST

/* How many certificates of c.pem are sent, besides the first one. */
static unsigned
sent_above(struct world *w)
{
	struct conf *conf;
	struct ike_creds c;
	unsigned n;

	conf = load(w, "certificate_type x509 \"c.pem\" \"a.key\";", &c);
	ck_assert_ptr_nonnull(c.cert);
	ck_assert_ptr_nonnull(c.key);
	n = c.nabove;
	for (unsigned i = 0; i < n; i++)
		ck_assert(cert_issued_by(c.above[i],
		    cert_subject(c.above[i])) == false);
	conf_unref(conf);
	return n;
}

/* The authorities behind a certificate are sent with it, but no root. */
START_TEST(chain)
{
	struct pki_cert sub = { .cn = "sub", .constraints = "CA:TRUE" };
	X509 *above[LIMIT_CERTS];
	struct world w;

	world_new(&w);
	above[0] = w.ca;
	for (unsigned i = 1; i < LIMIT_CERTS; i++)
		above[i] = pki_cert(&sub, w.ca_key, w.ca, w.ca_key);
	write_chain(&w, "c.pem", w.cert, above, 3);
	ck_assert_uint_eq(sent_above(&w), 1);
	write_chain(&w, "c.pem", w.cert, above, LIMIT_CERTS + 1);
	ck_assert_uint_eq(sent_above(&w), LIMIT_CERTS - 1);
	ck_assert_uint_eq(w.nlines, 0);
	above[0] = above[1];
	write_chain(&w, "c.pem", w.cert, above, LIMIT_CERTS + 1);
	ck_assert_uint_eq(sent_above(&w), 0);
	ck_assert(said(&w, "/c.pem\" holds too many certificates: at most 8, "
	    "without roots, can be sent; only the first one is"));
	ck_assert(said(&w, "/r.conf:2: \""));
	for (unsigned i = 1; i < LIMIT_CERTS; i++)
		X509_free(above[i]);
	world_free(&w);
}
END_TEST

/* What cannot be sent with it does not keep the first one from being sent. */
START_TEST(bad_chains)
{
	struct pki_cert sub = { .cn = "sub", .constraints = "CA:TRUE" };
	char name[6000];
	X509 *above[3];
	struct world w;
	struct buf b;

	world_new(&w);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memcpy(name, "DNS:", 4);
	sub.san = name;
	for (int i = 0; i < 3; i++)
		above[i] = pki_cert(&sub, w.ca_key, w.ca, w.ca_key);
	write_chain(&w, "c.pem", w.cert, above, 2);
	ck_assert_uint_eq(sent_above(&w), 1);
	ck_assert_uint_eq(w.nlines, 0);
	write_chain(&w, "c.pem", w.cert, above, 3);
	ck_assert_uint_eq(sent_above(&w), 0);
	ck_assert(said(&w, "/c.pem\" has certificates of together "));
	ck_assert(said(&w, "of which 12288 fit into a message"));
	buf_init(&b, 65536);
	pki_put_cert(&b, w.cert, true);
	buf_add(&b, view_text("-----BEGIN CERTIFICATE-----\nAAAA\n"
	    "-----END CERTIFICATE-----\n"));
	write_file(&w, "c.pem", &b, 0644);
	ck_assert_uint_eq(sent_above(&w), 0);
	ck_assert(said(&w, "/c.pem\" holds a certificate that cannot be read, "
	    "behind the first one; only the first certificate is sent"));
	buf_fini(&b);
	for (int i = 0; i < 3; i++)
		X509_free(above[i]);
	world_free(&w);
}
END_TEST

/* A usual mistake: the authority's is first. */
START_TEST(chain_upside_down)
{
	struct ike_creds c;
	struct conf *conf;
	struct world w;

	world_new(&w);
	write_chain(&w, "c.pem", w.ca, &w.cert, 2);
	conf = load(&w, "certificate_type x509 \"c.pem\" \"a.key\";", &c);
	ck_assert_ptr_null(c.key);
	ck_assert(said(&w, "a.key\" is the private key of a later certificate "
	    "in "));
	conf_unref(conf);
	world_free(&w);
}
END_TEST

START_TEST(key_of_another)
{
	EVP_PKEY *other = pki_key("RSA:1024");
	struct ike_creds c;
	struct conf *conf;
	struct world w;

	world_new(&w);
	write_key(&w, "b.key", other, 0600);
	conf = load(&w, "certificate_type x509 \"a.pem\" \"b.key\";", &c);
	ck_assert_ptr_null(c.key);
	ck_assert(said(&w, "b.key\" is not the private key of the "
	    "certificate "));
	EVP_PKEY_free(other);
	conf_unref(conf);
	world_free(&w);
}
END_TEST

START_TEST(bad_key_files)
{
	static const struct {
		const char *file, *said;
	} bad[] = {
		{ "open.key", "has weak file permission 0604" },
		{ "none.key", "cannot be read: No such file" },
		{ ".", "is not a regular file" },
		{ "a.pem", "holds no private key" },
	};
	struct ike_creds c;
	struct conf *conf;
	struct world w;
	char more[200];

	world_new(&w);
	write_key(&w, "open.key", w.key, 0604);
	snprintf(more, sizeof(more), "%s/a.pem", w.dir);
	ck_assert_int_eq(chmod(more, 0600), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(more, sizeof(more), "certificate_type x509 "
		    "\"a.pem\" \"%s\";", bad[i].file);
		conf = load(&w, more, &c);
		ck_assert_ptr_null(c.key);
		ck_assert_msg(said(&w, bad[i].said), "not said: %s",
		    bad[i].said);
		ck_assert(said(&w, "/r.conf:2: \""));
		conf_unref(conf);
	}
	world_free(&w);
}
END_TEST

/* Authorities by hashed names, or one by ca_type. */
START_TEST(authorities)
{
	struct ike_creds c;
	struct conf *conf;
	struct world w;

	world_new(&w);
	write_cert(&w, "0123abcd.0", w.ca);
	write_cert(&w, "other.pem", w.cert);
	conf = load(&w, "certificate_type x509 \"a.pem\" \"a.key\";", &c);
	ck_assert_ptr_nonnull(trust_ca(c.trust, 0));
	ck_assert_ptr_null(trust_ca(c.trust, 1));
	conf_unref(conf);
	conf = load(&w, "ca_type x509 \"other.pem\";", &c);
	ck_assert_ptr_nonnull(trust_ca(c.trust, 0));
	ck_assert(view_equal(cert_issuer(trust_ca(c.trust, 0)),
	    cert_subject(trust_ca(c.trust, 0))) == false);
	conf_unref(conf);
	world_free(&w);
}
END_TEST

START_TEST(peers)
{
	struct ike_creds c;
	struct conf *conf;
	struct world w;
	struct buf b;

	world_new(&w);
	conf = load(&w, "peers_certfile x509 \"a.pem\";", &c);
	ck_assert_uint_eq(c.npeers, 1);
	ck_assert_ptr_null(c.peers_keys);
	ck_assert(c.find == NULL);
	conf_unref(conf);
	conf = load(&w, "peers_certfile dnssec;", &c);
	ck_assert_uint_eq(c.npeers, 0);
	ck_assert(c.find == dnscert_find);
	conf_unref(conf);
	buf_init(&b, 100);
	buf_add(&b, view_text("nonsense"));
	write_file(&w, "bad.pem", &b, 0644);
	buf_fini(&b);
	conf = load(&w, "peers_certfile x509 \"bad.pem\"; "
	    "peers_certfile plain_rsa \"bad.pem\";", &c);
	ck_assert_uint_eq(c.npeers, 0);
	ck_assert_ptr_null(c.peers_keys);
	ck_assert(said(&w, "bad.pem:1: "));
	conf_unref(conf);
	world_free(&w);
}
END_TEST

/* Own plain keys must be closed to the group, too. */
START_TEST(plain_keys)
{
	const char *why;
	struct ike_creds c;
	struct conf *conf;
	struct world w;
	struct key *key;
	struct buf b, text;

	world_new(&w);
	buf_init(&b, 65536);
	buf_init(&text, PLAINRSA_TEXT_MAX);
	pki_put_key(&b, w.key, "PEM");
	ck_assert_int_eq(key_read(w.crypto, buf_view(&b), &key, &why), OK);
	ck_assert_int_eq(plainrsa_print(key, &text), OK);
	write_file(&w, "own.key", &text, 0600);
	write_file(&w, "group.key", &text, 0640);
	conf = load(&w, "certificate_type plain_rsa \"own.key\"; "
	    "peers_certfile plain_rsa \"own.key\"; "
	    "peers_certfile plain_rsa \"own.key\";", &c);
	ck_assert_ptr_nonnull(c.own_keys);
	ck_assert_uint_eq(plainrsa_count(c.own_keys), 1);
	ck_assert_uint_eq(plainrsa_count(c.peers_keys), 2);
	ck_assert(said(&w, "private keys in a file"));
	conf_unref(conf);
	conf = load(&w, "certificate_type plain_rsa \"group.key\";", &c);
	ck_assert_ptr_null(c.own_keys);
	ck_assert(said(&w, "group.key\" has weak file permission 0640"));
	conf_unref(conf);
	key_unref(key);
	buf_fini(&b);
	buf_fini(&text);
	world_free(&w);
}
END_TEST

/* An SA of an older snapshot still finds its own. */
START_TEST(reload)
{
	struct conf *old, *fresh;
	struct ike_creds c;
	struct world w;

	world_new(&w);
	old = load(&w, "certificate_type x509 \"a.pem\" \"a.key\";", &c);
	fresh = load(&w, "", &c);
	ck_assert_ptr_null(c.cert);
	credfile_get(w.f, old->remote[0], &c);
	ck_assert_ptr_nonnull(c.cert);
	ck_assert_uint_eq(old->refs, 2);
	credfile_load(w.f, fresh);
	ck_assert_uint_eq(old->refs, 2);
	conf_unref(old);
	credfile_load(w.f, fresh);	/* the old one goes */
	credfile_get(w.f, fresh->remote[0], &c);
	ck_assert_ptr_null(c.cert);
	conf_unref(fresh);
	world_free(&w);
}
END_TEST

struct told {
	size_t		 n, nth[4];
	char		 remote[4][40];
	int64_t		 end[4];
};

static void
tell(void *ctx, size_t nth, const struct remote *remote,
    const struct cert *cert)
{
	struct told *t = ctx;

	ck_assert_uint_lt(t->n, 4);
	t->nth[t->n] = nth;
	(void)snprintf(t->remote[t->n], sizeof(t->remote[0]), "%s",
	    remote->name);
	t->end[t->n++] = cert_not_after(cert);
}

/* Each certificate in use once, and when it ends. */
START_TEST(in_use)
{
#define OWN(file)	"certificate_type x509 \"" file "\" \"a.key\"; "
#define NEXT(address)	"proposal { encryption_algorithm aes; "		\
			"hash_algorithm sha1; dh_group modp1024; "	\
			"authentication_method rsasig; } }\n"		\
			"remote " address " { exchange_mode main; "
	static const struct pki_cert say = { .cn = "c",
	    .to = PKI_END + 1000 };
	struct told t = { .n = 0 };
	struct ike_creds c;
	struct conf *conf, *fresh;
	struct world w;
	X509 *cert;

	world_new(&w);
	cert = pki_cert(&say, w.key, w.ca, w.ca_key);
	write_cert(&w, "c.pem", cert);
	X509_free(cert);
	conf = load(&w, NEXT("10.0.0.1") OWN("a.pem") NEXT("10.0.0.2")
	    OWN("a.pem") NEXT("10.0.0.3") OWN("c.pem"), &c);
	credfile_each_own(w.f, conf, tell, &t);
	ck_assert_uint_eq(t.n, 2);
	ck_assert_uint_eq(t.nth[0], 1);
	ck_assert_str_eq(t.remote[0], "10.0.0.1[500]");
	ck_assert_int_eq(t.end[0], PKI_END);
	ck_assert_uint_eq(t.nth[1], 3);
	ck_assert_int_eq(t.end[1], PKI_END + 1000);
	/* of an older snapshot they are not in use */
	fresh = load(&w, "", &c);
	t.n = 0;
	credfile_each_own(w.f, fresh, tell, &t);
	ck_assert_uint_eq(t.n, 0);
	conf_unref(fresh);
	conf_unref(conf);
	world_free(&w);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		own, chain, bad_chains, chain_upside_down, key_of_another,
		bad_key_files, authorities, peers, plain_keys, reload, in_use,
	};

	return suite_main("creds", tests, sizeof(tests) / sizeof(tests[0]));
}
