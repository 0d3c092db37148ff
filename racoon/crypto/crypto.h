/* SPDX-License-Identifier: ISC */
/*
 * The crypto library in one value: its own OSSL_LIB_CTX and the algorithms
 * fetched once.  Constant after crypto_new(), so many threads may use one.
 * OpenSSL is seen by this directory only.
 */
#ifndef RACOON_CRYPTO_CRYPTO_H
#define RACOON_CRYPTO_CRYPTO_H

#include "base/err.h"
#include "libipsec/buf.h"
#include "libipsec/view.h"

struct crypto;

/* NULL when the library cannot be set up (logged). Legacy algorithms (DES,
 * Blowfish, CAST) need its legacy provider and are left out without it. */
struct crypto	*crypto_new(void);
void		 crypto_free(struct crypto *);
/* "OpenSSL 3.0.22 25 Aug 2026" */
const char	*crypto_version(void);
/* Strong random bytes. */
enum err	 crypto_random(struct crypto *, void *, size_t) MUST_CHECK;
/* Constant-time comparison; different lengths are unequal. */
bool		 crypto_equal(struct view, struct view);
void		 crypto_wipe(void *, size_t);

#endif
