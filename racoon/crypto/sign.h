/* SPDX-License-Identifier: ISC */
/*
 * Signatures of phase 1.  What is signed is HASH_I or HASH_R itself: with RSA
 * it is padded without an algorithm identifier (RFC 2409 5.1), with ECDSA it
 * is the digest (RFC 4754).  Reads only constant values, so that it can run as
 * a job; signing takes about a millisecond.
 */
#ifndef RACOON_CRYPTO_SIGN_H
#define RACOON_CRYPTO_SIGN_H

#include "crypto/alg.h"
#include "crypto/key.h"

#define SIGN_LEN_MAX	(KEY_RSA_BITS_MAX / 8)	/* bytes of a signature */

/* Can a key of this kind sign for the method P1_METHOD_...? */
bool		 sign_fits(enum key_kind, uint16_t method);
/* The method of RFC 2409 or RFC 4754 for this kind of key. */
uint16_t	 sign_method(enum key_kind);
/*
 * The hash whose HMAC makes HASH_I and HASH_R for this method, when the curve
 * decides about it; NULL: the negotiated one, as RFC 2409 5 has it.  SKEYID
 * and the keys always come from the negotiated one.
 */
const struct alg_hash *sign_hash(uint16_t method);
/*
 * Can HASH be HASH_I or HASH_R for this method?  It is as long as a hash that
 * can be negotiated, and is not the DER of a DigestInfo (RFC 8017 9.2), which
 * would make of the signature one of PKCS #1: of a certificate, or for TLS.
 */
bool		 sign_may_be(uint16_t method, struct view hash);
/*
 * Appends the signature of HASH to SIG.  E_CRYPTO: also when the key is not a
 * private one that fits the method.
 */
enum err	 sign_make(const struct crypto *, const struct key *,
		    uint16_t method, struct view hash, struct buf *sig)
		    MUST_CHECK;
/*
 * Is SIG a signature of HASH?  E_SIGNATURE: no, or it is not as long as it
 * has to be, or KEY does not fit METHOD.
 */
enum err	 sign_check(const struct crypto *, const struct key *,
		    uint16_t method, struct view hash, struct view sig)
		    MUST_CHECK;

#endif
