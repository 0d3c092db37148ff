/* SPDX-License-Identifier: ISC */
/*
 * The certification authorities somebody trusts, with their revocation lists,
 * and what follows for a certificate.  Opens no file: who reads them hands
 * over the contents.  Build it, then it is constant: many threads may verify
 * with one, and it is counted for jobs that outlive a configuration.
 */
#ifndef RACOON_CRYPTO_TRUST_H
#define RACOON_CRYPTO_TRUST_H

#include <time.h>

#include "crypto/cert.h"

#define TRUST_FILE_MAX	(16u << 20)	/* bytes of a file; CRLs are long */
#define TRUST_DEPTH_MAX	8		/* authorities above a certificate */
#define TRUST_WHY	640		/* a reason and its terminator */

struct trust;

/* What a file's name in `path certificate' says about it (openssl-rehash(1)). */
enum trust_file {
	TRUST_NO_FILE,			/* not a hashed name */
	TRUST_CA_FILE,			/* HASH.N */
	TRUST_CRL_FILE			/* HASH.rN */
};
/* NAME is the last part of the path. */
enum trust_file	 trust_file(const char *name);

/* Trusts nobody yet. */
struct trust	*trust_new(const struct crypto *);
struct trust	*trust_ref(const struct trust *);
/* Gives a reference back; the last one frees.  NULL is allowed. */
void		 trust_unref(const struct trust *);

/*
 * Adds all certificates or all revocation lists in the contents of a file,
 * PEM or DER.  One that is there already counts too.  E_CONFIG: there is none
 * or one cannot be read; *why are words that go after the name of the file.
 */
enum err	 trust_add_ca(struct trust *, struct view file,
		    const char **why) MUST_CHECK;
enum err	 trust_add_crl(struct trust *, struct view file,
		    const char **why) MUST_CHECK;

/* The Nth authority (from 0, in the order they were added), NULL: no more. */
const struct cert *trust_ca(const struct trust *, unsigned nth);

struct trust_result {
	unsigned	depth;		/* which failed; 0: the peer's own */
	bool		no_crl;		/* OK, but of some authority there is
					   no list: WHY names it; worth a
					   warning */
	char		why[TRUST_WHY];	/* empty when all is well */
};

/*
 * Is LEAF a certificate for IKE signatures at the time NOW, by a chain from an
 * authority that is trusted, through any of the N OTHERS (which the peer sent;
 * they are not trusted)?  Every certificate of the chain must be valid, not
 * revoked by a list that itself is current, and not signed by way of MD5.  A
 * missing list is no failure (racoon.conf(5)).  LEAF must allow signatures
 * (RFC 4945 5.1.3.2) and have a key that IKE can use.
 * E_CERT: no; result->why says which one and the reason.
 */
enum err	 trust_check(const struct trust *, const struct cert *leaf,
		    const struct cert *const *others, unsigned n, time_t now,
		    struct trust_result *) MUST_CHECK;

#endif
