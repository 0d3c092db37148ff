/* SPDX-License-Identifier: ISC */
/* A pair of engines that prove themselves with signatures. */
#ifndef TEST_AUTH_WORLD_H
#define TEST_AUTH_WORLD_H

#include <check.h>
#include <string.h>

#include "crypto/plainrsa.h"
#include "crypto/trust.h"
#include "pair.h"
#include "test/pki.h"

#define CONF(mode, method, more)					\
	"remote anonymous {\n"						\
	"	nat_traversal off; exchange_mode " mode "; " more "\n"	\
	"	proposal {\n"						\
	"		encryption_algorithm aes; hash_algorithm sha256;\n" \
	"		authentication_method " method ";\n"		\
	"		dh_group modp768;\n"				\
	"	}\n"							\
	"}\n"								\
	"sainfo anonymous {\n"						\
	"	lifetime time 30 min; encryption_algorithm aes;\n"	\
	"	authentication_algorithm hmac_sha256;\n"		\
	"	compression_algorithm deflate;\n"			\
	"}\n"
#define RSA(mode, more)	CONF(mode, "rsasig", more)

/* An authority and the credentials that it gave out. */
struct world {
	struct pair	*pair;
	EVP_PKEY	*ca_key;
	X509		*ca;
};

extern const struct pki_cert san_a, san_b;

void		 world_new(struct world *, const char *a, const char *b);
/* Frees both engines and what equip() gave. */
void		 world_free(struct world *);
/* References that the caller gives back. */
const struct trust *trust_in(struct world *, X509 *ca);
const struct cert *cert_of(struct world *, const struct pki_cert *,
		    EVP_PKEY *);
const struct key *key_of(struct world *, const EVP_PKEY *);
/* Gives a node a key of KIND and a certificate for it. */
void		 equip(struct world *, struct node *, const char *kind,
		    const struct pki_cert *);
/* Its keys as a file of the historical form. */
struct plainrsa	*plain(struct world *, const EVP_PKEY *, bool secret);
/* The kernel of A asks for a child. */
void		 begin(struct pair *);
/* Until all is said.  A long answer of aggressive mode waits for the question
 * to be repeated: see struct flow. */
void		 run(struct pair *);

#endif
