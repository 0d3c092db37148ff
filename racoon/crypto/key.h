/* SPDX-License-Identifier: ISC */
/*
 * A key for signatures: RSA, or ECDSA on one of the curves of RFC 4754.
 *
 * Opaque, constant and counted (atomically): threads may share a key, and a
 * job holds a reference of its own.  All keys are given back before the
 * struct crypto that they were made with.
 */
#ifndef RACOON_CRYPTO_KEY_H
#define RACOON_CRYPTO_KEY_H

#include "crypto/crypto.h"

#define KEY_RSA_BITS_MIN	1024	/* less is refused everywhere */
#define KEY_RSA_BITS_MAX	16384	/* more would stop a thread for long */
#define KEY_FILE_MAX		65536	/* bytes of a file */

enum key_kind { KEY_RSA, KEY_EC256, KEY_EC384, KEY_EC521 };

struct key;

/*
 * The private key in the contents of a file: PEM (PKCS #8, PKCS #1 or SEC 1;
 * what else the file holds is passed over) or one of these in DER.  E_CONFIG:
 * there is none that is usable; *why then are words that go after the name of
 * the file ("holds no private key in PEM or DER", ...).  The caller wipes the
 * contents.
 */
enum err	 key_read(const struct crypto *, struct view file,
		    struct key **, const char **why) MUST_CHECK;

/* The numbers of an RSA key, big-endian, borrowed; what is absent is empty. */
struct key_rsa {
	struct view	n, e;		/* modulus, public exponent */
	struct view	d;		/* private exponent; empty: public key */
	struct view	p, q, dp, dq, qinv; /* all of them or none */
};

/*
 * A key of these numbers.  E_CONFIG: they are not a key, or a weak one: size
 * out of bounds, even modulus, exponent even, below 3 or as long as the
 * modulus, parts that do not belong together; *why as for key_read().
 */
enum err	 key_from_rsa(const struct crypto *, const struct key_rsa *,
		    struct key **, const char **why) MUST_CHECK;

/* A new private RSA key with the public exponent E.  E_CONFIG as above. */
enum err	 key_new_rsa(const struct crypto *, unsigned bits, uint64_t e,
		    struct key **, const char **why) MUST_CHECK;

/*
 * Who signs with a private key that this process does not have.  PUBLIC tells
 * which one, as key_public() wrote it.  Called by any thread.
 */
typedef enum err key_sign_fn(void *ctx, struct view public, uint16_t method,
		    struct view hash, struct buf *sig);
struct key_signer {
	key_sign_fn	*sign;
	void		*ctx;
};

#define KEY_PUBLIC_MAX	4096		/* bytes */
/* Appends the public half: a SubjectPublicKeyInfo in DER (RFC 5280 4.1). */
enum err	 key_public(const struct key *, struct buf *out) MUST_CHECK;
/*
 * A private key (key_private()) that is elsewhere: PUBLIC as key_public()
 * wrote it; the signer signs.  E_CONFIG as above.
 */
enum err	 key_remote(const struct crypto *, struct view public,
		    const struct key_signer *, struct key **,
		    const char **why) MUST_CHECK;
/* The same of a public key that nobody else has yet. */
void		 key_sign_by(struct key *, const struct key_signer *);

struct key	*key_ref(const struct key *);
/* Gives a reference back; the last one wipes and frees.  NULL is allowed. */
void		 key_unref(const struct key *);

enum key_kind	 key_kind(const struct key *);
bool		 key_private(const struct key *);
/* Bits of the modulus, or of the curve: 256, 384, 521. */
unsigned	 key_bits(const struct key *);
/* Do both have the same public half? */
bool		 key_equal(const struct key *, const struct key *);

#endif
