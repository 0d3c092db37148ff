/* SPDX-License-Identifier: ISC */
/* Digests and the prf of IKE, which is HMAC of the hash (RFC 2409 4). */
#ifndef RACOON_CRYPTO_HASH_H
#define RACOON_CRYPTO_HASH_H

#include "crypto/alg.h"
#include "crypto/crypto.h"

/* HASH of the parts one after the other, appended to OUT. */
enum err	 hash_digest(const struct crypto *, const struct alg_hash *,
		    const struct view *part, unsigned nparts, struct buf *out)
		    MUST_CHECK;
/*
 * prf(key, part | part | ...), appended to OUT.  An empty key is allowed;
 * parts may lie in OUT.
 */
enum err	 hash_prf(const struct crypto *, const struct alg_hash *,
		    struct view key, const struct view *part, unsigned nparts,
		    struct buf *out) MUST_CHECK;

#endif
