/* SPDX-License-Identifier: ISC */
/* One row per algorithm of IKE: its number, its word in racoon.conf, sizes. */
#ifndef RACOON_CRYPTO_ALG_H
#define RACOON_CRYPTO_ALG_H

#include <stdbool.h>
#include <stdint.h>

#define HASH_LEN_MAX	64		/* SHA-512 */
#define BLOCK_LEN_MAX	16
#define CIPHER_KEY_MAX	56		/* Blowfish-448 */
#define GROUP_LEN_MAX	1024		/* modp8192 */

struct alg_cipher {			/* phase 1, RFC 2409 appendix A */
	uint16_t	id;		/* P1_CIPHER_... */
	const char	*word;		/* in racoon.conf */
	uint8_t		block;		/* bytes */
	uint16_t	key_default, key_min, key_max, key_step; /* bits */
	bool		fixed;		/* no key length attribute is sent */
	bool		weak;		/* broken by today's standards */
};

struct alg_hash {
	uint16_t	id;		/* P1_HASH_... */
	const char	*word;
	uint8_t		len;		/* bytes */
	bool		weak;
};

enum alg_group_kind { GROUP_MODP, GROUP_ECP, GROUP_X25519 };

struct alg_group {
	uint16_t	id;		/* 1, 2, 5, 14-24, 31 */
	const char	*word;		/* "modp3072" */
	uint16_t	bits;
	uint16_t	len;		/* bytes of a public value */
	uint16_t	exponent;	/* bits of our private exponent: twice the
					   group's strength (RFC 3526 8) or more */
	bool		weak;
	enum alg_group_kind kind;
};

/* NULL when not known; aliases ("rijndael", "sha2_256") have rows too. */
const struct alg_cipher	*alg_cipher(uint16_t id);
const struct alg_cipher	*alg_cipher_word(const char *);
const struct alg_hash	*alg_hash(uint16_t id);
const struct alg_hash	*alg_hash_word(const char *);
const struct alg_group	*alg_group(uint16_t id);
const struct alg_group	*alg_group_word(const char *);
/* Is BITS a key length that the cipher can have? */
bool		 alg_cipher_bits(const struct alg_cipher *, unsigned bits);

/* Phase 2: a row for each word of sainfo. */
struct alg_esp {			/* encryption_algorithm */
	uint16_t	id;		/* RFC 2407 4.4.4 */
	const char	*word;
	uint16_t	key_default, key_min, key_max, key_step; /* bits */
	bool		fixed;		/* no key length attribute */
	bool		weak;
	uint8_t		salt;		/* bytes of KEYMAT behind the key */
	bool		aead;		/* authenticates, too: is negotiated
					   without an authentication algorithm;
					   a counter mode (with a salt) that
					   does not must have one */
};
struct alg_auth {			/* authentication_algorithm */
	uint16_t	id;		/* RFC 2407 4.5; 0: non_auth */
	uint8_t		ah;		/* RFC 2407 4.4.3 transform; 0: none */
	const char	*word;
	uint8_t		key_len;	/* bytes of KEYMAT */
	bool		weak;
	uint16_t	icv_bits;	/* 0: as the RFCs say */
};
struct alg_comp {			/* compression_algorithm */
	uint16_t	id;		/* RFC 2407 4.4.5 */
	const char	*word;
};
const struct alg_esp	*alg_esp(uint16_t id);
const struct alg_esp	*alg_esp_word(const char *);
/* May they be negotiated together? */
bool			 alg_esp_auth(const struct alg_esp *, uint16_t auth);
const struct alg_auth	*alg_auth(uint16_t id);
const struct alg_auth	*alg_auth_word(const char *);
const struct alg_comp	*alg_comp(uint16_t id);
const struct alg_comp	*alg_comp_word(const char *);

#endif
