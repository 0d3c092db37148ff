/* SPDX-License-Identifier: ISC */
/*
 * Files of plain RSA keys, see racoon.conf(5) and plainrsa-gen(8): keys, each
 * for a pair of addresses.  Opens no file.  Constant and counted.
 */
#ifndef RACOON_CRYPTO_PLAINRSA_H
#define RACOON_CRYPTO_PLAINRSA_H

#include "crypto/key.h"
#include "libipsec/addr.h"

#define PLAINRSA_FILE_MAX	(4u << 20)	/* bytes of a file */
#define PLAINRSA_KEYS_MAX	4096
#define PLAINRSA_WHY		160

struct plainrsa;

struct plainrsa_error {
	unsigned	line;		/* from 1 */
	char		why[PLAINRSA_WHY]; /* with the token: "\"X\" ..." */
};

/*
 * The keys in the contents of a file.  SECRET: it is our own file, so every
 * key must be private; otherwise only the public halves are kept.
 * E_CONFIG: *error says where and why.  The caller wipes the contents.
 */
enum err	 plainrsa_read(const struct crypto *, struct view file,
		    bool secret, struct plainrsa **, struct plainrsa_error *)
		    MUST_CHECK;
/*
 * Appends the public halves, with their addresses, as a file of public keys:
 * plainrsa_read() makes the same set of it.
 */
enum err	 plainrsa_public(const struct plainrsa *, struct buf *out)
		    MUST_CHECK;
/* Makes private keys (key_sign_by()) of a set that nobody else has yet. */
void		 plainrsa_sign_by(struct plainrsa *,
		    const struct key_signer *);
/* The Nth key, from 0; borrowed. */
const struct key *plainrsa_nth(const struct plainrsa *, unsigned nth);
struct plainrsa	*plainrsa_ref(const struct plainrsa *);
/* Gives a reference back; the last one frees.  NULL is allowed. */
void		 plainrsa_unref(const struct plainrsa *);

unsigned	 plainrsa_count(const struct plainrsa *);
/* A file of public keys had private ones in it: worth a warning. */
bool		 plainrsa_has_private(const struct plainrsa *);
/*
 * The Nth (from 0, in file order) of the keys that fit the pair best: of those
 * whose two networks hold the two addresses, the ones with the longest two
 * prefixes together.  Borrowed; NULL: no more.
 */
const struct key *plainrsa_find(const struct plainrsa *,
		    const struct ipsec_addr *local,
		    const struct ipsec_addr *remote, unsigned nth);

/*
 * Appends the private RSA key as plainrsa-gen(8) writes it: an entry for any
 * peer, with the line for the public file as a comment before it.  E_CRYPTO:
 * it is not one, or lacks its primes.  OUT holds a secret then.
 */
#define PLAINRSA_TEXT_MAX	(KEY_RSA_BITS_MAX * 2)
enum err	 plainrsa_print(const struct key *, struct buf *out) MUST_CHECK;

#endif
