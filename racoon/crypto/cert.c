/* SPDX-License-Identifier: ISC */
/*
 * Certificates, taken apart once when they are read: afterwards nothing in
 * them changes, whatever thread looks.
 */
#include "crypto/cert.h"

#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>

#include <limits.h>

#include "base/mem.h"
#include "crypto/lib.h"
#include "wire/dn.h"
#include "wire/isakmp.h"

struct cert_san {
	uint8_t		 type;		/* ID_... */
	struct view	 value;		/* lies in the struct cert's x */
};

/* The form that a name must have to be an identity; others are no names. */
static bool
printable(struct view name)
{
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] <= ' ' || name.p[i] > '~')
			return false;
	}
	return name.n > 0;
}

static struct cert_san
san_of(const GENERAL_NAME *name)
{
	struct cert_san san = { .type = 0 };
	const ASN1_STRING *s;
	int type;

	s = GENERAL_NAME_get0_value(name, &type);
	if (type != GEN_DNS && type != GEN_EMAIL && type != GEN_IPADD)
		return san;
	san.value = view_of(ASN1_STRING_get0_data(s),
	    (size_t)ASN1_STRING_length(s));
	if (type == GEN_DNS && printable(san.value))
		san.type = ID_FQDN;
	if (type == GEN_EMAIL && printable(san.value))
		san.type = ID_USER_FQDN;
	if (type == GEN_IPADD && san.value.n == 4)
		san.type = ID_IPV4;
	if (type == GEN_IPADD && san.value.n == 16)
		san.type = ID_IPV6;
	return san;
}

/* Copies: the library's list is not kept. */
static void
sans_add(struct cert *cert, const GENERAL_NAMES *names)
{
	int n = sk_GENERAL_NAME_num(names);
	struct cert_san san;
	uint8_t *copy;

	cert->san = xcalloc((size_t)n, sizeof(*cert->san));
	for (int i = 0; i < n; i++) {
		san = san_of(sk_GENERAL_NAME_value(names, i));
		if (san.type == 0)
			continue;
		copy = xcalloc(1, san.value.n);
		memcpy(copy, san.value.p, san.value.n);
		san.value.p = copy;
		cert->san[cert->nsan++] = san;
	}
}

static struct view
name_der(const X509_NAME *name)
{
	const unsigned char *p = NULL;
	size_t n = 0;

	if (X509_NAME_get0_der(name, &p, &n) != 1)
		return view_of(NULL, 0);
	return view_of(p, n);
}

/* False: it says something twice, or what nobody can read. */
static bool
take_apart(const struct crypto *c, struct cert *cert)
{
	GENERAL_NAMES *names;
	const char *why;
	EVP_PKEY *pkey;

	if ((X509_get_extension_flags(cert->x) & EXFLAG_INVALID) != 0)
		return false;
	cert->subject = name_der(X509_get_subject_name(cert->x));
	cert->issuer = name_der(X509_get_issuer_name(cert->x));
	if (cert->subject.n == 0 || cert->issuer.n == 0)
		return false;
	names = X509_get_ext_d2i(cert->x, NID_subject_alt_name, NULL, NULL);
	if (names != NULL && sk_GENERAL_NAME_num(names) > 0)
		sans_add(cert, names);
	GENERAL_NAMES_free(names);
	pkey = X509_get_pubkey(cert->x);
	if (pkey != NULL && key_wrap(c, pkey, false, &cert->key, &why) != OK)
		cert->key = NULL;
	return true;
}

/* With the library context, so that its algorithms are those of C. */
static X509 *
decode(const struct crypto *c, struct view der)
{
	X509 *x = X509_new_ex(c->lib, NULL);
	const unsigned char *p = der.p;

	if (x != NULL && d2i_X509(&x, &p, (long)der.n) != NULL &&
	    p == der.p + der.n)
		return x;
	X509_free(x);
	return NULL;
}

enum err
cert_get(const struct crypto *c, struct view der, struct cert **out)
{
	struct cert *cert;
	X509 *x;

	if (der.bad || der.n == 0 || der.n > CERT_LEN_MAX)
		return E_CERT;
	x = decode(c, der);
	if (x == NULL) {
		lib_forget();
		return E_CERT;
	}
	cert = xcalloc(1, sizeof(*cert));
	atomic_init(&cert->refs, 1);
	cert->x = x;
	cert->n = der.n;
	cert->der = xcalloc(1, der.n);
	memcpy(cert->der, der.p, der.n);
	if (!take_apart(c, cert)) {
		cert_unref(cert);
		cert = NULL;
	}
	lib_forget();
	if (cert == NULL)
		return E_CERT;
	*out = cert;
	return OK;
}

struct chain {
	const struct crypto *crypto;
	struct cert	**out;
	unsigned	 max, n;
};

static enum err
take_first(void *ctx, struct view der, const char **why)
{
	struct chain *chain = ctx;

	if (chain->n > 0)
		return OK;
	if (cert_get(chain->crypto, der, &chain->out[0]) == OK) {
		chain->n = 1;
		return OK;
	}
	*why = der.n > CERT_LEN_MAX ?
	    "holds a certificate of more than 16384 bytes" :
	    "holds no certificate in PEM or DER that can be read";
	return E_CONFIG;
}

static enum err
take_next(void *ctx, struct view der, const char **why)
{
	struct chain *chain = ctx;
	struct cert *cert;

	if (chain->n == 0)
		return take_first(ctx, der, why);
	if (cert_get(chain->crypto, der, &cert) != OK) {
		*why = "holds a certificate that cannot be read, behind the "
		    "first one";
		return E_CONFIG;
	}
	if ((X509_get_extension_flags(cert->x) & EXFLAG_SS) != 0) {
		cert_unref(cert);
		return OK;
	}
	if (chain->n == chain->max) {
		cert_unref(cert);
		*why = "holds too many certificates";
		return E_LIMIT;
	}
	chain->out[chain->n++] = cert;
	return OK;
}

static enum err
read_chain(struct chain *chain, struct view file, pem_take *take,
    const char **why)
{
	const struct pem pem = {
		.name = "CERTIFICATE",
		.none = "holds no certificate in PEM or DER",
		.take = take,
		.ctx = chain,
	};

	return pem_each(file, &pem, why);
}

enum err
cert_read(const struct crypto *c, struct view file, struct cert **out,
    const char **why)
{
	struct cert *cert;
	struct chain chain = { .crypto = c, .out = &cert };
	enum err r = read_chain(&chain, file, take_first, why);

	if (r == OK)
		*out = cert;
	else if (chain.n > 0)
		cert_unref(cert);
	return r;
}

enum err
cert_read_chain(const struct crypto *c, struct view file, struct cert **out,
    unsigned max, unsigned *n, const char **why)
{
	struct chain chain = { .crypto = c, .out = out, .max = max };
	enum err r = read_chain(&chain, file, take_next, why);

	*n = chain.n;
	return r;
}

static enum err
take_x509(const struct crypto *c, X509 *x, struct cert **out)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	enum err r = E_CERT;

	if (n > 0)
		r = cert_get(c, view_of(der, (size_t)n), out);
	OPENSSL_free(der);
	return r;
}

static enum err
take_all(const struct crypto *c, const STACK_OF(X509) *all, struct cert **out,
    unsigned *n)
{
	int count = sk_X509_num(all);	/* -1: there is no such part */
	enum err r = OK;

	if (count <= 0)
		return E_CERT;
	if (count > CERT_PKCS7_MAX)
		return E_LIMIT;
	for (int i = 0; r == OK && i < count; i++) {
		out[i] = NULL;
		r = take_x509(c, sk_X509_value(all, i), &out[i]);
		if (r == OK)
			++*n;
	}
	while (r != OK && *n > 0)
		cert_unref(out[--*n]);
	return r;
}

enum err
cert_get_pkcs7(const struct crypto *c, struct view der, struct cert **out,
    unsigned *n)
{
	const unsigned char *p = der.p;
	PKCS7 *p7 = NULL;
	enum err r = E_CERT;

	*n = 0;
	if (!der.bad && der.n > 0 && der.n <= LONG_MAX)
		p7 = d2i_PKCS7(NULL, &p, (long)der.n);
	if (p7 != NULL && p == der.p + der.n && PKCS7_type_is_signed(p7) &&
	    p7->d.sign != NULL)
		r = take_all(c, p7->d.sign->cert, out, n);
	PKCS7_free(p7);
	lib_forget();
	return r;
}

struct cert *
cert_ref(const struct cert *cert)
{
	struct cert *same = (struct cert *)cert;

	atomic_fetch_add(&same->refs, 1);
	return same;
}

void
cert_unref(const struct cert *cert)
{
	struct cert *same = (struct cert *)cert;

	if (same == NULL || atomic_fetch_sub(&same->refs, 1) > 1)
		return;
	for (unsigned i = 0; i < same->nsan; i++)
		free((void *)same->san[i].value.p);
	free(same->san);
	key_unref(same->key);
	X509_free(same->x);
	free(same->der);
	free(same);
}

struct view
cert_der(const struct cert *cert)
{
	return view_of(cert->der, cert->n);
}

struct view
cert_subject(const struct cert *cert)
{
	return cert->subject;
}

struct view
cert_issuer(const struct cert *cert)
{
	return cert->issuer;
}

const struct key *
cert_key(const struct cert *cert)
{
	return cert->key;
}

int64_t
cert_not_after(const struct cert *c)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(c->x), &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm);
}

bool
cert_san(const struct cert *cert, uint8_t type, unsigned nth,
    struct view *value)
{
	for (unsigned i = 0; i < cert->nsan; i++) {
		if (cert->san[i].type != type || nth-- > 0)
			continue;
		*value = cert->san[i].value;
		return true;
	}
	return false;
}

/*
 * The same name, RFC 5280 7.1: whoever writes one chooses the kinds of its
 * strings, and strongSwan chooses others than OpenSSL's programs.
 */
static bool
same_name(const X509_NAME *name, struct view der)
{
	const unsigned char *p = der.p;
	X509_NAME *other;
	bool same;

	if (der.bad || der.n > LONG_MAX)
		return false;
	other = d2i_X509_NAME(NULL, &p, (long)der.n);
	same = other != NULL && p == der.p + der.n &&
	    X509_NAME_cmp(other, name) == 0;
	X509_NAME_free(other);
	lib_forget();
	return same;
}

static bool
is_subject(const struct cert *cert, struct view der)
{
	return cert->subject.n > 2 &&	/* 2 bytes: an empty SEQUENCE */
	    same_name(X509_get_subject_name(cert->x), der);
}

bool
cert_issued_by(const struct cert *cert, struct view name)
{
	return view_equal(cert->issuer, name) ||
	    same_name(X509_get_issuer_name(cert->x), name);
}

bool
cert_names(const struct cert *cert, uint8_t type, struct view data)
{
	struct view value;

	if (data.bad)
		return false;
	if (type == ID_DER_ASN1_DN)
		return is_subject(cert, data);
	for (unsigned i = 0; cert_san(cert, type, i, &value); i++) {
		if (view_equal(value, data))
			return true;
	}
	return false;
}

void
cert_print(const struct cert *cert, struct text *out)
{
	text_add(out, "\"");
	if (!dn_print(cert->subject, out))
		text_add(out, "?");
	text_add(out, "\"");
}
