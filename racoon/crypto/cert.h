/* SPDX-License-Identifier: ISC */
/*
 * X.509 certificates: what one says.  Whether to believe it is trust.h.
 *
 * Opaque, constant and counted (atomically) as keys are: threads may share
 * one.  All are given back before the struct crypto they were made with.
 */
#ifndef RACOON_CRYPTO_CERT_H
#define RACOON_CRYPTO_CERT_H

#include "crypto/key.h"
#include "wire/text.h"

#define CERT_LEN_MAX	16384	/* bytes of one in DER */
#define CERT_PKCS7_MAX	16	/* certificates taken out of one PKCS #7 */

struct cert;

/* Exactly one certificate in DER, as in a CERT payload of type 4.  E_CERT. */
enum err	 cert_get(const struct crypto *, struct view der,
		    struct cert **) MUST_CHECK;
/*
 * The first certificate in the contents of a file, PEM or DER.  E_CONFIG:
 * there is none; *why are words that go after the name of the file.
 */
enum err	 cert_read(const struct crypto *, struct view file,
		    struct cert **, const char **why) MUST_CHECK;
/*
 * The first certificate in the contents of a file, and those behind it that
 * are of authorities above it, in the file's order: a root, which is signed by
 * itself, is left out, since who has to believe it must have it already.  OUT
 * has room for MAX; the caller owns the *n that are there, also when this
 * fails.  E_CONFIG: one of them cannot be read, or there is none; E_LIMIT:
 * more than MAX.  *why as with cert_read().
 */
enum err	 cert_read_chain(const struct crypto *, struct view file,
		    struct cert **out, unsigned max, unsigned *n,
		    const char **why) MUST_CHECK;
/*
 * The certificates in a PKCS #7 in DER, as in a CERT payload of type 1, in
 * its order.  Nothing in it is believed for being signed.  OUT has room for
 * CERT_PKCS7_MAX; the caller owns the *n that are there, at least one on OK.
 * E_CERT: not a PKCS #7 with certificates; E_LIMIT: more of them than that.
 */
enum err	 cert_get_pkcs7(const struct crypto *, struct view der,
		    struct cert **out, unsigned *n) MUST_CHECK;

struct cert	*cert_ref(const struct cert *);
/* Gives a reference back; the last one frees.  NULL is allowed. */
void		 cert_unref(const struct cert *);

/* All borrowed from the certificate, in DER: it, and its two names. */
struct view	 cert_der(const struct cert *);
struct view	 cert_subject(const struct cert *);
struct view	 cert_issuer(const struct cert *);
/*
 * The public key, borrowed; NULL when IKE cannot use it: neither RSA nor one
 * of the three curves, or a weak one (see key_from_rsa()).
 */
const struct key *cert_key(const struct cert *);

/* The second after which it is not valid any more, since the epoch; 0: it
 * cannot be told. */
int64_t		 cert_not_after(const struct cert *);

/*
 * The Nth (from 0) subjectAltName that can be an identity of TYPE: ID_FQDN,
 * ID_USER_FQDN, ID_IPV4 or ID_IPV6; the value is borrowed and has the form of
 * the data of an ID payload.  False: there are not so many.  A name with a
 * byte that no such name has (NUL above all: "good.example\0.evil.example")
 * is not one.
 */
bool		 cert_san(const struct cert *, uint8_t type, unsigned nth,
		    struct view *value);
/*
 * Does the certificate speak for this identity?  ID_DER_ASN1_DN: it is its
 * subject, and not an empty one, be it in other words (RFC 5280 7.1: case,
 * blanks, kinds of strings); the types of cert_san(): it is among these, byte
 * by byte.  False for every other type.
 */
bool		 cert_names(const struct cert *, uint8_t type,
		    struct view data);
/* Does its issuer have this name (DER), be it in other words? */
bool		 cert_issued_by(const struct cert *, struct view name);
/* Appends the subject for the log, in quotes, whatever bytes it has. */
void		 cert_print(const struct cert *, struct text *);

#endif
