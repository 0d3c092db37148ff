/* SPDX-License-Identifier: ISC */
/*
 * Every key and hash of IKE as a pure function of its inputs: RFC 2409 5 and
 * appendix B.  Results replace the contents of the OUT bufs.
 */
#ifndef RACOON_IKE_KEYS_H
#define RACOON_IKE_KEYS_H

#include "crypto/alg.h"
#include "crypto/crypto.h"
#include "wire/isakmp.h"

struct keys {			/* of one IKE SA */
	struct buf	skeyid, d, a, e;	/* SKEYID, _d, _a, _e */
	struct buf	cipher;			/* the encryption key, from _e */
};

void		 keys_init(struct keys *);
void		 keys_fini(struct keys *);

/* SKEYID with a pre-shared key: prf(psk, Ni | Nr). */
enum err	 keys_skeyid_psk(const struct crypto *, const struct alg_hash *,
		    struct view psk, struct view ni, struct view nr,
		    struct buf *skeyid) MUST_CHECK;
/* SKEYID with signatures: prf(Ni | Nr, g^xy). */
enum err	 keys_skeyid_sig(const struct crypto *, const struct alg_hash *,
		    struct view ni, struct view nr, struct view gxy,
		    struct buf *skeyid) MUST_CHECK;
/*
 * From keys->skeyid: SKEYID_d, _a, _e and the cipher's key of KEY_BITS
 * (appendix B: expanded when the hash is too short).
 */
enum err	 keys_derive(const struct crypto *, const struct alg_hash *,
		    struct view gxy, struct view cookies, /* CKY-I | CKY-R */
		    unsigned key_bits, struct keys *) MUST_CHECK;
/* First IV of phase 1: hash(g^xi | g^xr), cut to BLOCK bytes. */
enum err	 keys_iv_phase1(const struct crypto *, const struct alg_hash *,
		    struct view gxi, struct view gxr, unsigned block,
		    uint8_t *iv) MUST_CHECK;
/* First IV of a phase 2 exchange: hash(last phase 1 block | message id). */
enum err	 keys_iv_phase2(const struct crypto *, const struct alg_hash *,
		    const uint8_t *last, uint32_t msgid, unsigned block,
		    uint8_t *iv) MUST_CHECK;

/* What HASH_I and HASH_R are made of. */
struct keys_auth_in {
	struct view	gx_own, gx_other;	/* the sender's value first */
	struct view	cky_own, cky_other;
	struct view	sa;			/* body of the initiator's SA */
	struct view	id;			/* body of the sender's ID */
	struct view	gss_id, gss_token;	/* the sender's; may be empty */
};
/* prf(SKEYID, g^x | g^x' | CKY | CKY' | SAi_b | ID_b | GSS_ID | token), the
 * sender's first. */
enum err	 keys_hash_auth(const struct crypto *, const struct alg_hash *,
		    struct view skeyid, const struct keys_auth_in *,
		    struct buf *out) MUST_CHECK;
/* What the hashes of quick mode and informationals are made of. */
struct keys_hash_in {
	uint32_t	msgid;
	struct view	ni, nr;			/* HASH(2): ni; HASH(3): both */
	struct view	rest;			/* HASH(1), HASH(2): the payloads
						   behind the HASH */
};
/* HASH(1) and every informational: prf(SKEYID_a, msgid | rest). */
enum err	 keys_hash_1(const struct crypto *, const struct alg_hash *,
		    struct view skeyid_a, const struct keys_hash_in *,
		    struct buf *out) MUST_CHECK;
/* HASH(2): prf(SKEYID_a, msgid | Ni_b | rest). */
enum err	 keys_hash_2(const struct crypto *, const struct alg_hash *,
		    struct view skeyid_a, const struct keys_hash_in *,
		    struct buf *out) MUST_CHECK;
/* HASH(3): prf(SKEYID_a, 0 | msgid | Ni_b | Nr_b). */
enum err	 keys_hash_3(const struct crypto *, const struct alg_hash *,
		    struct view skeyid_a, const struct keys_hash_in *,
		    struct buf *out) MUST_CHECK;

struct keys_keymat_in {
	struct view	skeyid_d;
	struct view	gxy;			/* empty without PFS */
	uint8_t		proto;			/* PROTO_IPSEC_... */
	uint8_t		spi[4];			/* network order */
	struct view	ni, nr;
};
/* KEYMAT of LEN bytes for one SA: RFC 2409 5.5. */
enum err	 keys_keymat(const struct crypto *, const struct alg_hash *,
		    const struct keys_keymat_in *, size_t len, struct buf *out)
		    MUST_CHECK;

#endif
