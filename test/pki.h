/* SPDX-License-Identifier: ISC */
/*
 * A certification authority for tests: keys, certificates and revocation lists
 * made on the spot.  Every function ends the test when the library fails.
 */
#ifndef TEST_PKI_H
#define TEST_PKI_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <time.h>

#include "libipsec/buf.h"

#define PKI_BEGIN	1700000000	/* when everything here becomes valid */
#define PKI_NOW		1700100000	/* "now" of the tests */
#define PKI_END		1800000000

/* What a certificate says; what is NULL or 0 is as pki_cert() says. */
struct pki_cert {
	const char	*cn;		/* subject: C=XX, O=Test, CN=... */
	const char	*san;		/* "DNS:a.example,IP:192.0.2.1" */
	const char	*constraints;	/* "critical,CA:TRUE,pathlen:0" */
	const char	*usage;		/* "critical,digitalSignature" */
	const char	*ext_usage;	/* "serverAuth" */
	time_t		 from, to;	/* PKI_BEGIN, PKI_END */
	long		 serial;	/* 1 */
	const char	*digest;	/* "SHA256" */
	bool		 ids;		/* with the identifiers of both keys */
};

/* A new key: "RSA:1024", "P-256", "P-384", "P-521", "ED25519", ... */
EVP_PKEY	*pki_key(const char *kind);
/* For KEY, signed by ISSUER's key CA_KEY; ISSUER NULL: by itself. */
X509		*pki_cert(const struct pki_cert *, EVP_PKEY *key,
		    const X509 *issuer, EVP_PKEY *ca_key);
/* An authority signed by itself. */
X509		*pki_ca(const char *cn, EVP_PKEY *key);
/* A list that revokes the serial number REVOKED (0: none). */
X509_CRL	*pki_crl(const X509 *ca, EVP_PKEY *ca_key, time_t from,
		    time_t to, long revoked);
/* Append to OUT what a file or a payload would hold. */
void		 pki_put_cert(struct buf *out, const X509 *, bool pem);
void		 pki_put_crl(struct buf *out, const X509_CRL *, bool pem);
/* FORMAT: "PEM" (PKCS #8), "PEM-OLD" (PKCS #1, SEC 1), "DER". */
void		 pki_put_key(struct buf *out, const EVP_PKEY *,
		    const char *format);
/* A PKCS #7 in DER of N certificates, without a signer. */
void		 pki_put_pkcs7(struct buf *out, X509 *const *, unsigned n);

#endif
