/* SPDX-License-Identifier: ISC */
/*
 * Diffie-Hellman, in prime fields and on curves.  Values on the wire have a
 * fixed length, alg_group.len: that of the prime, with leading zeros (RFC 2409
 * appendix B), two coordinates (RFC 5903 7) or one (RFC 8031 3.1).
 * Thread-safe; takes about a millisecond, so it runs as a job.
 */
#ifndef RACOON_CRYPTO_DH_H
#define RACOON_CRYPTO_DH_H

#include "crypto/alg.h"
#include "crypto/crypto.h"

/* A new key: the private exponent and the public value. */
enum err	 dh_new(const struct crypto *, const struct alg_group *,
		    struct buf *priv, struct buf *pub) MUST_CHECK;
/*
 * The shared secret with PEER's public value; on the curves of RFC 5903 it is
 * one coordinate, half as long as a value.  E_KE when PEER's is not proper:
 * wrong length; out of range 2..p-2 or not in the prime-order subgroup; not on
 * the curve, or (RFC 8031 3.2) one of those few that make every secret 0.
 */
enum err	 dh_share(const struct crypto *, const struct alg_group *,
		    struct view priv, struct view peer, struct buf *shared)
		    MUST_CHECK;

#endif
