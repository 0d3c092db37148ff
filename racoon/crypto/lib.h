/* SPDX-License-Identifier: ISC */
/*
 * The inside of struct crypto, for the files of this directory only: each of
 * them fetches its own algorithms once (X_setup) and gives them back (X_done).
 */
#ifndef RACOON_CRYPTO_LIB_H
#define RACOON_CRYPTO_LIB_H

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include <stdatomic.h>
#include <stdlib.h>

#include "crypto/alg.h"
#include "crypto/cert.h"
#include "crypto/crypto.h"
#include "crypto/key.h"

#define LIB_HASHES	5
#define LIB_CIPHERS	10
#define LIB_GROUPS	11		/* MODP */

struct lib_hash {
	EVP_MD		*md;
	EVP_MAC_CTX	*hmac;		/* without a key: duplicated for use */
};

struct comb;				/* a table for powers of 2 */

struct lib_group {
	unsigned	 exponent;	/* bits */
	size_t		 len;		/* bytes of a value */
	BIGNUM		*p, *last;	/* the prime; p - 2 */
	BIGNUM		*q, *g;		/* order, generator; NULL: (p-1)/2, 2 */
	BN_MONT_CTX	*mont;
	uint8_t		*wire;		/* the prime, big-endian */
};

/*
 * What is costly enough to wait for its first use.  Whoever needs it makes it;
 * of several at the same time one wins and the others take its work.
 */
struct lib_lazy {
	_Atomic(struct comb *) comb[LIB_GROUPS];
};

struct crypto {
	OSSL_LIB_CTX	*lib;
	OSSL_PROVIDER	*standard, *legacy;
	struct lib_hash	 hash[LIB_HASHES];
	EVP_CIPHER	*cipher[LIB_CIPHERS];	/* NULL: not available */
	struct lib_group group[LIB_GROUPS];
	struct lib_lazy	*lazy;
};

struct key {
	atomic_uint	 refs;
	EVP_PKEY	*pkey;
	enum key_kind	 kind;
	bool		 secret;	/* has a private half, */
	struct key_signer signer;	/* which is there; no function: here */
};

/*
 * Makes a key of PKEY, which it takes in any case.  E_CONFIG: not one for IKE,
 * or a weak one; *why as for key_read().
 */
enum err key_wrap(const struct crypto *, EVP_PKEY *, bool secret,
	    struct key **, const char **why) MUST_CHECK;

/*
 * Appends one number of an RSA key to OUT, big-endian: of those in struct
 * key_rsa, by their order there.  E_CRYPTO: the key has no such number.
 */
enum err key_number(const struct key *, unsigned which, struct buf *out)
	    MUST_CHECK;

/* Has a private key that is elsewhere sign, as sign_make(). */
enum err key_ask(const struct key *, uint16_t method, struct view hash,
	    struct buf *sig) MUST_CHECK;

/* Appends the public half of an RSA key as RFC 3110 2 has it, in base64. */
enum err key_put_base64(const struct key *, struct buf *out) MUST_CHECK;

struct cert {
	atomic_uint	 refs;
	X509		*x;
	uint8_t		*der;		/* subject and issuer lie in x */
	size_t		 n;
	struct view	 subject, issuer;
	struct key	*key;		/* NULL: IKE cannot use it */
	struct cert_san	*san;
	unsigned	 nsan;
};

/*
 * Hands the contents of each block of PEM with the name, or all of FILE when
 * it is no PEM, to TAKE until that fails.  E_CONFIG: there was none, or the
 * file is damaged; *why as for key_read(), which TAKE sets when it fails.
 */
typedef enum err pem_take(void *ctx, struct view der, const char **why);
struct pem {
	const char	*name;		/* "CERTIFICATE" */
	const char	*none;		/* the words when there is none */
	pem_take	*take;
	void		*ctx;
};
enum err pem_each(struct view file, const struct pem *, const char **why)
	    MUST_CHECK;

/* False when something indispensable is missing; X_done cleans up even then. */
bool	 hash_setup(struct crypto *);
void	 hash_done(struct crypto *);
void	 cipher_setup(struct crypto *);
void	 cipher_done(struct crypto *);
bool	 modp_setup(struct crypto *);
void	 modp_done(struct crypto *);

/* dh.h for the two kinds of groups. */
enum err modp_new(const struct crypto *, const struct alg_group *,
	    struct buf *priv, struct buf *pub) MUST_CHECK;
enum err modp_share(const struct crypto *, const struct alg_group *,
	    struct view priv, struct view peer, struct buf *shared)
	    MUST_CHECK;
enum err curve_new(const struct crypto *, const struct alg_group *,
	    struct buf *priv, struct buf *pub) MUST_CHECK;
enum err curve_share(const struct crypto *, const struct alg_group *,
	    struct view priv, struct view peer, struct buf *shared)
	    MUST_CHECK;

/* A table for exponents of the group's length; NULL: the library failed. */
struct comb *comb_new(const struct lib_group *, BN_CTX *);
void	 comb_free(struct comb *);
/* Y = 2^X modulo p; takes the same time for every X of that length. */
bool	 comb_power(const struct comb *, const struct lib_group *,
	    struct view x, BIGNUM *y, BN_CTX *);

/* E_CRYPTO, with this thread's queue of library errors emptied. */
enum err lib_failed(void) MUST_CHECK;
/* Empties that queue: what failed was expected to. */
void	 lib_forget(void);

#endif
