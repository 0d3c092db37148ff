/* SPDX-License-Identifier: ISC */
/*
 * What a peer sends as a certificate, and what an administrator may have in
 * files of certificates, keys and revocation lists.  The first byte chooses
 * the reader, the rest is for it.
 */
#include <assert.h>

#include "crypto/sign.h"
#include "crypto/trust.h"
#include "test/fuzz/fuzz.h"
#include "wire/isakmp.h"

#define NOW	1700100000

/* Everything one can ask of a certificate. */
static void
look(const struct crypto *c, const struct trust *t, const struct cert *cert)
{
	static const uint8_t types[] = { ID_FQDN, ID_USER_FQDN, ID_IPV4,
		ID_IPV6 };
	struct trust_result result;
	char out[TRUST_WHY];
	struct text text;
	struct view v;

	text_init(&text, out, sizeof(out));
	cert_print(cert, &text);
	for (unsigned i = 0; i < sizeof(types); i++) {
		for (unsigned n = 0; cert_san(cert, types[i], n, &v); n++) {
			if (types[i] == ID_FQDN || types[i] == ID_USER_FQDN)
				assert(memchr(v.p, '\0', v.n) == NULL);
			assert(v.n > 0);
			assert(cert_names(cert, types[i], v));
		}
	}
	assert(cert_subject(cert).n >= 2 && cert_issuer(cert).n >= 2);
	if (cert_key(cert) != NULL)
		assert(sign_check(c, cert_key(cert),
		    sign_method(key_kind(cert_key(cert))), view_text("hash"),
		    view_text("signature")) == E_SIGNATURE);
	assert((trust_check(t, cert, &cert, 1, NOW, &result) == OK) ==
	    (result.why[0] == '\0' || result.no_crl));
}

/* FIRST: how reading the first one alone went. */
static void
read_chain(const struct crypto *c, struct view in, enum err first)
{
	struct cert *cert[3];
	const char *why = NULL;
	unsigned n = 99;
	enum err r = cert_read_chain(c, in, cert, 3, &n, &why);

	assert(n <= 3 && (r != OK || n > 0) && (r == OK || why != NULL));
	assert(first != OK || n > 0);
	while (n > 0)
		cert_unref(cert[--n]);
}

static void
read_cert(const struct crypto *c, struct view in, bool file)
{
	struct trust *t = trust_new(c);
	struct cert *cert = NULL;
	const char *why = NULL;
	enum err r;

	r = file ? cert_read(c, in, &cert, &why) : cert_get(c, in, &cert);
	if (file)
		read_chain(c, in, r);
	assert((r == OK) == (cert != NULL));
	assert(!file || r == OK || why != NULL);
	if (cert != NULL)
		look(c, t, cert);
	cert_unref(cert);
	trust_unref(t);
}

static void
read_pkcs7(const struct crypto *c, struct view in)
{
	struct cert *cert[CERT_PKCS7_MAX];
	struct trust *t = trust_new(c);
	unsigned n = 99;

	assert((cert_get_pkcs7(c, in, cert, &n) == OK) == (n > 0));
	assert(n <= CERT_PKCS7_MAX);
	while (n > 0) {
		look(c, t, cert[--n]);
		cert_unref(cert[n]);
	}
	trust_unref(t);
}

static void
read_trust(const struct crypto *c, struct view in)
{
	struct trust *t = trust_new(c);
	const char *why = NULL;

	if (trust_add_ca(t, in, &why) != OK)
		assert(why != NULL);
	why = NULL;
	if (trust_add_crl(t, in, &why) != OK)
		assert(why != NULL);
	for (unsigned i = 0; trust_ca(t, i) != NULL && i < 4; i++)
		look(c, t, trust_ca(t, i));
	trust_unref(t);
}

static void
read_key(const struct crypto *c, struct view in)
{
	struct key *k = NULL;
	const char *why = NULL;

	if (key_read(c, in, &k, &why) == OK)
		assert(key_private(k) && key_bits(k) >= 256);
	else
		assert(k == NULL && why != NULL);
	key_unref(k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct view in = view_of(data, n);
	static struct crypto *c;	/* making one takes longest */
	uint8_t which = view_u8(&in);

	if (in.bad)
		return 0;
	if (c == NULL)
		c = crypto_new();
	assert(c != NULL);
	switch (which % 5) {
	case 0:
	case 1:
		read_cert(c, in, which % 5 == 1);
		break;
	case 2:
		read_pkcs7(c, in);
		break;
	case 3:
		read_trust(c, in);
		break;
	case 4:
		read_key(c, in);
		break;
	}
	return 0;
}
