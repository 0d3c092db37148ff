/* SPDX-License-Identifier: ISC */
#include "auth_world.h"

#include <check.h>

const struct trust *
trust_in(struct world *w, X509 *ca)
{
	struct trust *t = trust_new(w->pair->crypto);
	const char *why;
	struct buf b;

	buf_init(&b, 65536);
	pki_put_cert(&b, ca, true);
	ck_assert_int_eq(trust_add_ca(t, buf_view(&b), &why), OK);
	buf_fini(&b);
	return t;
}

const struct cert *
cert_of(struct world *w, const struct pki_cert *say, EVP_PKEY *key)
{
	X509 *x = pki_cert(say, key, w->ca, w->ca_key);
	struct cert *cert;
	struct buf b;

	buf_init(&b, 65536);
	pki_put_cert(&b, x, false);
	ck_assert_int_eq(cert_get(w->pair->crypto, buf_view(&b), &cert), OK);
	buf_fini(&b);
	X509_free(x);
	return cert;
}

const struct key *
key_of(struct world *w, const EVP_PKEY *pkey)
{
	struct key *key;
	const char *why;
	struct buf b;

	buf_init(&b, 65536);
	pki_put_key(&b, pkey, "PEM");
	ck_assert_int_eq(key_read(w->pair->crypto, buf_view(&b), &key, &why),
	    OK);
	buf_fini(&b);
	return key;
}

/* Gives a node a key of KIND and a certificate for it. */
void
equip(struct world *w, struct node *node, const char *kind,
    const struct pki_cert *say)
{
	EVP_PKEY *pkey = pki_key(kind);

	node->creds.key = key_of(w, pkey);
	node->creds.cert = cert_of(w, say, pkey);
	node->creds.trust = trust_in(w, w->ca);
	node->creds.now = PKI_NOW;
	EVP_PKEY_free(pkey);
}

static void
drop(struct node *node)
{
	key_unref(node->creds.key);
	cert_unref(node->creds.cert);
	for (unsigned i = 0; i < node->creds.nabove; i++)
		cert_unref(node->creds.above[i]);
	trust_unref(node->creds.trust);
	node->creds.key = NULL;
	node->creds.cert = NULL;
	node->creds.nabove = 0;
	node->creds.trust = NULL;
}

const struct pki_cert san_a = { .cn = "a", .san = "IP:192.0.2.1" };
const struct pki_cert san_b = { .cn = "b", .san = "IP:192.0.2.2" };

void
world_new(struct world *w, const char *a, const char *b)
{
	w->pair = pair_new(a, b, 1000);
	w->pair->a.psk = w->pair->b.psk = NULL;
	w->ca_key = pki_key("RSA:1024");
	w->ca = pki_ca("ca", w->ca_key);
}

void
world_free(struct world *w)
{
	struct pair *pair = w->pair;

	/* engines and their jobs hold references */
	ike_free(pair->a.ike);
	ike_free(pair->b.ike);
	pair->a.ike = pair->b.ike = NULL;
	drop(&pair->a);
	drop(&pair->b);
	X509_free(w->ca);
	EVP_PKEY_free(w->ca_key);
	pair_free(pair);
}

void
begin(struct pair *pair)
{
	struct ipsec_selector sel = pair_selector(&pair->a);

	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
}

/* Until all is said.  A long answer of aggressive mode waits for the question
 * to be repeated: see struct flow. */
void
run(struct pair *pair)
{
	for (int i = 0; i < 4; i++) {
		pair_run(pair);
		pair_tick(pair, 1000);
	}
	pair_run(pair);
}

struct plainrsa *
plain(struct world *w, const EVP_PKEY *pkey, bool secret)
{
	const struct key *key = key_of(w, pkey);
	struct plainrsa_error error;
	struct plainrsa *p;
	struct buf b;

	buf_init(&b, PLAINRSA_TEXT_MAX);
	ck_assert_int_eq(plainrsa_print(key, &b), OK);
	ck_assert_int_eq(plainrsa_read(w->pair->crypto, buf_view(&b), secret,
	    &p, &error), OK);
	buf_fini(&b);
	key_unref(key);
	return p;
}
