/* SPDX-License-Identifier: ISC */
#include "test/pki.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST(what) must((what), #what)

static void
must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "pki: %s\n", what);
	ERR_print_errors_fp(stderr);
	abort();
}

EVP_PKEY *
pki_key(const char *kind)
{
	EVP_PKEY *key;

	if (strncmp(kind, "RSA:", 4) == 0)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA",
		    (size_t)atoi(kind + 4));
	else if (strncmp(kind, "ED", 2) == 0)
		key = EVP_PKEY_Q_keygen(NULL, NULL, kind);
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
	MUST(key != NULL);
	return key;
}

static void
extend(X509 *x, const X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;

	if (value == NULL)
		return;
	X509V3_set_ctx(&ctx, (X509 *)issuer, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	MUST(ext != NULL);
	MUST(X509_add_ext(x, ext, -1) == 1);
	X509_EXTENSION_free(ext);
}

static void
name_add(X509_NAME *name, const char *type, const char *value)
{
	MUST(X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8,
	    (const unsigned char *)value, -1, -1, 0) == 1);
}

static X509_NAME *
name_of(const char *cn)
{
	X509_NAME *name = X509_NAME_new();

	MUST(name != NULL);
	if (cn == NULL)
		return name;
	name_add(name, "C", "XX");
	name_add(name, "O", "Test");
	name_add(name, "CN", cn);
	return name;
}

X509 *
pki_cert(const struct pki_cert *spec, EVP_PKEY *key, const X509 *issuer,
    EVP_PKEY *ca_key)
{
	const char *digest = spec->digest == NULL ? "SHA256" : spec->digest;
	X509_NAME *name = name_of(spec->cn);
	X509 *x = X509_new();

	MUST(x != NULL && X509_set_version(x, X509_VERSION_3) == 1);
	MUST(ASN1_INTEGER_set(X509_get_serialNumber(x),
	    spec->serial == 0 ? 1 : spec->serial) == 1);
	MUST(ASN1_TIME_set(X509_getm_notBefore(x),
	    spec->from == 0 ? PKI_BEGIN : spec->from) != NULL);
	MUST(ASN1_TIME_set(X509_getm_notAfter(x),
	    spec->to == 0 ? PKI_END : spec->to) != NULL);
	MUST(X509_set_subject_name(x, name) == 1);
	MUST(X509_set_issuer_name(x, issuer == NULL ? name :
	    X509_get_subject_name(issuer)) == 1);
	MUST(X509_set_pubkey(x, key) == 1);
	if (issuer == NULL)
		issuer = x;
	if (spec->ids) {
		extend(x, issuer, NID_subject_key_identifier, "hash");
		extend(x, issuer, NID_authority_key_identifier, "keyid");
	}
	extend(x, issuer, NID_basic_constraints, spec->constraints);
	extend(x, issuer, NID_key_usage, spec->usage);
	extend(x, issuer, NID_ext_key_usage, spec->ext_usage);
	extend(x, issuer, NID_subject_alt_name, spec->san);
	MUST(X509_sign(x, ca_key, EVP_PKEY_is_a(ca_key, "ED25519") ? NULL :
	    EVP_get_digestbyname(digest)) > 0);
	X509_NAME_free(name);
	return x;
}

X509 *
pki_ca(const char *cn, EVP_PKEY *key)
{
	const struct pki_cert spec = {
		.cn = cn,
		.constraints = "critical,CA:TRUE",
		.usage = "critical,keyCertSign,cRLSign",
	};

	return pki_cert(&spec, key, NULL, key);
}

X509_CRL *
pki_crl(const X509 *ca, EVP_PKEY *ca_key, time_t from, time_t to, long revoked)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *last = ASN1_TIME_set(NULL, from);
	ASN1_TIME *next = ASN1_TIME_set(NULL, to);
	X509_REVOKED *entry;

	MUST(crl != NULL && last != NULL && next != NULL);
	MUST(X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
	MUST(X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca)) == 1);
	MUST(X509_CRL_set1_lastUpdate(crl, last) == 1);
	MUST(X509_CRL_set1_nextUpdate(crl, next) == 1);
	if (revoked != 0) {
		ASN1_INTEGER *serial = ASN1_INTEGER_new();

		entry = X509_REVOKED_new();
		MUST(serial != NULL && entry != NULL);
		MUST(ASN1_INTEGER_set(serial, revoked) == 1);
		MUST(X509_REVOKED_set_serialNumber(entry, serial) == 1);
		MUST(X509_REVOKED_set_revocationDate(entry, last) == 1);
		MUST(X509_CRL_add0_revoked(crl, entry) == 1);
		ASN1_INTEGER_free(serial);
	}
	MUST(X509_CRL_sort(crl) == 1);
	MUST(X509_CRL_sign(crl, ca_key, EVP_sha256()) > 0);
	ASN1_TIME_free(last);
	ASN1_TIME_free(next);
	return crl;
}

static void
drain(struct buf *out, BIO *bio, bool good)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);

	MUST(good);
	buf_put(out, p, (size_t)n);
	MUST(buf_ok(out));
	BIO_free(bio);
}

void
pki_put_cert(struct buf *out, const X509 *x, bool pem)
{
	BIO *bio = BIO_new(BIO_s_mem());

	drain(out, bio, (pem ? PEM_write_bio_X509(bio, (X509 *)x) :
	    i2d_X509_bio(bio, (X509 *)x)) == 1);
}

void
pki_put_crl(struct buf *out, const X509_CRL *crl, bool pem)
{
	BIO *bio = BIO_new(BIO_s_mem());

	drain(out, bio, (pem ? PEM_write_bio_X509_CRL(bio, (X509_CRL *)crl) :
	    i2d_X509_CRL_bio(bio, (X509_CRL *)crl)) == 1);
}

void
pki_put_key(struct buf *out, const EVP_PKEY *key, const char *format)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int r;

	if (strcmp(format, "DER") == 0)
		r = i2d_PrivateKey_bio(bio, key);
	else if (strcmp(format, "PEM-OLD") == 0)
		r = PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL,
		    0, NULL, NULL);
	else
		r = PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL,
		    NULL);
	drain(out, bio, r == 1);
}

void
pki_put_pkcs7(struct buf *out, X509 *const *x, unsigned n)
{
	PKCS7 *p7 = PKCS7_new();
	BIO *bio = BIO_new(BIO_s_mem());

	MUST(p7 != NULL && PKCS7_set_type(p7, NID_pkcs7_signed) == 1);
	MUST(PKCS7_content_new(p7, NID_pkcs7_data) == 1);
	for (unsigned i = 0; i < n; i++)
		MUST(PKCS7_add_certificate(p7, x[i]) == 1);
	drain(out, bio, i2d_PKCS7_bio(bio, p7) == 1);
	PKCS7_free(p7);
}
