/* SPDX-License-Identifier: ISC */
/*
 * The parts that the handlers of phase 1 are put together from: one takes or
 * puts one payload.  For p1_*.c only.
 */
#ifndef RACOON_IKE_P1_PART_H
#define RACOON_IKE_P1_PART_H

#include "conf/match.h"
#include "ike/phase1.h"
#include "wire/payload.h"

/*
 * SA payload and vendor IDs
 */

/* The initiator's offer, kept as SAi_b. */
void		 p1_put_offer(struct exchange *, struct msg_out *);
void		 p1_put_offer_vids(struct exchange *, struct msg_out *);
/* The responder's answer to it: fills in the suite and what the peer can do. */
enum err	 p1_take_answer(struct exchange *, const struct msg *) MUST_CHECK;
/*
 * The peer's offer: chooses transform and remote block, by the peer's identity
 * too when it is known (else NULL), and keeps the answer.
 */
enum err	 p1_take_offer(struct exchange *, const struct msg *,
		    const struct id_payload *) MUST_CHECK;
/* Announces only what the initiator showed: p1_put_answer_vids(). */
void		 p1_put_answer(struct exchange *, struct msg_out *);
void		 p1_put_answer_vids(struct exchange *, struct msg_out *);

/*
 * Key exchange
 */

void		 p1_put_ke(struct exchange *, struct msg_out *);
/* E_KE: of a wrong length. */
enum err	 p1_take_ke(struct exchange *, const struct msg *) MUST_CHECK;
/* Makes an own nonce, of MOST bytes at most. */
enum err	 p1_new_nonce(struct exchange *, size_t most) MUST_CHECK;
void		 p1_put_nonce(struct exchange *, struct msg_out *);
/* The peer's; a responder makes its own at once. */
enum err	 p1_take_nonce(struct exchange *, const struct msg *) MUST_CHECK;

/*
 * Identity and authentication: p1_auth.c
 */

/* Our identity, as the body of a payload in p1->id_local; and the payload. */
void		 p1_make_id(struct exchange *);
void		 p1_put_id(struct exchange *, struct msg_out *);
/* Keeps the peer's identity, which is not proven yet and not looked at. */
enum err	 p1_keep_id(struct exchange *, const struct msg *) MUST_CHECK;
/* The same, for those who have to look at it. */
enum err	 p1_take_id(struct exchange *, const struct msg *,
		    struct id_payload *) MUST_CHECK;
/* The key: the identity's, if that is known, else the address's.  OK without
 * one when signatures were agreed upon. */
enum err	 p1_find_psk(struct exchange *) MUST_CHECK;
/* HASH_I or HASH_R: what is proof itself with a key, or what is signed.  OWN:
 * of what we say, else of the peer's. */
enum err	 p1_hash(struct exchange *, bool own, struct buf *) MUST_CHECK;
/* Our HASH, or certificate and signature. */
enum err	 p1_put_auth(struct exchange *, struct msg_out *) MUST_CHECK;
/* The peer's.  A HASH with a pre-shared key is looked at: E_HASH.  Others and
 * signatures are kept for a job. */
enum err	 p1_take_auth(struct exchange *, const struct msg *) MUST_CHECK;
/* All else of that message was taken.  With a HASH: p1_believe(). */
enum err	 p1_settle(struct exchange *, const struct msg *) MUST_CHECK;
/* Main mode's responder: the remote block again, now by identity too. */
void		 p1_choose_again(struct exchange *, const struct id_payload *);
/* The proof holds: the peer is authentic, if its identity is right: E_ID. */
enum err	 p1_believe(struct exchange *) MUST_CHECK;

/*
 * Certificates and signatures: p1_cert.c
 */

void		 p1_creds(struct exchange *, struct ike_creds *);
/* The name in our certificate as an identity; false: there is none. */
bool		 p1_subject(struct exchange *, struct id_payload *);
/* Our certificate and a request for the peer's, as far as they are wanted. */
void		 p1_put_cert(struct exchange *, struct msg_out *);
void		 p1_put_cr(struct exchange *, struct msg_out *);
/* Keeps the peer's certificates. */
enum err	 p1_take_certs(struct exchange *, const struct msg *) MUST_CHECK;
void		 p1_forget_certs(struct phase1 *);
struct job	*p1_sign(struct exchange *);
struct job	*p1_verify(struct exchange *);

/*
 * Requests for certificates: p1_request.c
 */

/* Keeps what a message asks for, before a block is chosen by it. */
void		 p1_take_requests(struct exchange *, const struct msg *);
/* match_respond_to() with all that the peer has said so far; ID: NULL if
 * nothing is to be told by it. */
enum err	 p1_match(struct exchange *, const struct transform *,
		    const struct id_payload *, struct match_p1 *) MUST_CHECK;
/* Tells of a certificate that is not of an authority that was asked for. */
void		 p1_say_request(struct exchange *, const struct ike_creds *);

/* The first proposal of a block that can be carried out, or NULL. */
const struct conf_p1 *p1_usable(const struct remote *);

#endif
