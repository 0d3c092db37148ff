/* SPDX-License-Identifier: ISC */
/* CBC with an explicit IV: the encryption of ISAKMP messages. */
#ifndef RACOON_CRYPTO_CIPHER_H
#define RACOON_CRYPTO_CIPHER_H

#include "crypto/alg.h"
#include "crypto/crypto.h"

/*
 * IV has block bytes and is not changed; IN must be a multiple of the block;
 * the result is appended to OUT.  (The next IV is the last block of the
 * ciphertext, RFC 2409 appendix B.)  E_LENGTH, E_CRYPTO.
 */
enum err	 cipher_seal(const struct crypto *, const struct alg_cipher *,
		    struct view key, const uint8_t *iv, struct view in,
		    struct buf *out) MUST_CHECK;
enum err	 cipher_open(const struct crypto *, const struct alg_cipher *,
		    struct view key, const uint8_t *iv, struct view in,
		    struct buf *out) MUST_CHECK;

/* Is the cipher there?  The old ones need a part of OpenSSL that may not be. */
bool		 cipher_usable(const struct crypto *, const struct alg_cipher *);

#endif
