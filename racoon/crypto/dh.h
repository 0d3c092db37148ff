/* SPDX-License-Identifier: ISC */
/*
 * Diffie-Hellman.  Values on the wire are as long as the group's prime, with
 * leading zeros (RFC 2409 appendix B).  Thread-safe; takes about a
 * millisecond, so it runs as a job.
 */
#ifndef RACOON_CRYPTO_DH_H
#define RACOON_CRYPTO_DH_H

#include "crypto/alg.h"
#include "crypto/crypto.h"

/* A new key: the private exponent and the public value. */
enum err	 dh_new(const struct crypto *, const struct alg_group *,
		    struct buf *priv, struct buf *pub) MUST_CHECK;
/*
 * The shared secret with PEER's public value.  E_KE when that value is not
 * proper: wrong length, out of range 2..p-2, not in the prime-order subgroup.
 */
enum err	 dh_share(const struct crypto *, const struct alg_group *,
		    struct view priv, struct view peer, struct buf *shared)
		    MUST_CHECK;

#endif
