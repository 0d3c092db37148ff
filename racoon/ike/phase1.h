/* SPDX-License-Identifier: ISC */
/*
 * Phase 1 (RFC 2409 5): what main, aggressive and base mode share.  The
 * handlers recv_x and send_x are rows of the tables in main.c, aggressive.c and
 * base.c.
 */
#ifndef RACOON_IKE_PHASE1_H
#define RACOON_IKE_PHASE1_H

#include "ike/exchange.h"
#include "ike/sa.h"
#include "wire/payload.h"
#include "wire/sa.h"

struct p1_gss;

/* What phase 1 needs until its keys are proven; wiped then. */
struct phase1 {
	struct buf	 psk;
	struct buf	 sai;		/* body of the initiator's SA payload */
	struct buf	 answer;	/* responder: body of ours */
	struct transform chosen;	/* responder: what is in it */
	struct buf	 ni, nr;	/* nonces */
	struct buf	 priv, gxi, gxr; /* ours, and both public values */
	struct buf	 id_local;	/* bodies of ID payloads */
	struct buf	 id_remote;
	struct buf	 id_proven;	/* the certificate's, if it is not the
					   one that the peer says */
	struct p1_gss	*gss;		/* with GSS-API; p1_gss.h */
	struct buf	 sig_local;	/* signatures, or wrapped hashes */
	struct buf	 sig_remote;
	struct cert	*cert[LIMIT_CERTS]; /* that the peer sent */
	unsigned int	 ncerts;
	struct buf	 requests;	/* names of authorities, of which the
					   peer wants a certificate */
	unsigned int	 nrequests;
	bool		 asked_any;	/* it wants one of anybody, too */
	bool		 contact;	/* INITIAL-CONTACT came with them */
	enum vid	 natt;		/* as it was before the peer's proof */
};

/*
 * Initiates to REMOTE from LOCAL under a remote block.  False when it failed
 * at once: the reason was logged, and want_sa_gone() called if it got so far.
 */
bool		 phase1_start(struct ike *, const struct remote *,
		    const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);
#define PHASE1_WHOM	(ID_TEXT + 40)
/*
 * Who it is, for a line with "the peer" in it: ", which is NAME"; ", which says
 * it is NAME" before it has proven that; or ", to which we say we are NAME" as
 * long as it has not said so.  Empty when nobody has said anything.
 */
const char	*phase1_whom(const struct sa *, char out[PHASE1_WHOM]);
/* A responder's SA and exchange for a first message, or NULL (no such mode). */
struct exchange	*phase1_accept(struct sa *, uint8_t etype);
/* Negotiates a successor of SA. */
void		 phase1_rekey(struct sa *);

/*
 * The slow work of the rows, in this order.  What is about proofs (signatures,
 * or hashes that GSS-API wraps) falls away with a pre-shared key.
 */
struct job	*p1_work_new(struct exchange *, unsigned int nth);
/* The same before anything was agreed upon: the offer has just one group. */
struct job	*p1_work_first(struct exchange *, unsigned int nth);
struct job	*p1_work_both(struct exchange *, unsigned int nth);
struct job	*p1_work_verify(struct exchange *, unsigned int nth);
struct job	*p1_work_new_sign(struct exchange *, unsigned int nth);
struct job	*p1_work_both_sign(struct exchange *, unsigned int nth);
struct job	*p1_work_share_sign(struct exchange *, unsigned int nth);
struct job	*p1_work_share_verify_sign(struct exchange *,
		    unsigned int nth);
struct job	*p1_work_verify_sign(struct exchange *, unsigned int nth);
struct job	*p1_work_verify_share(struct exchange *, unsigned int nth);
struct job	*p1_work_verify_both_sign(struct exchange *,
		    unsigned int nth);

/* Handlers for the tables. */
enum err	 p1_send_sa(struct exchange *, struct msg_out *);
enum err	 p1_recv_sa_answer(struct exchange *, const struct msg *);
enum err	 p1_recv_sa_offer(struct exchange *, const struct msg *);
enum err	 p1_send_sa_answer(struct exchange *, struct msg_out *);
enum err	 p1_send_ke(struct exchange *, struct msg_out *);
enum err	 p1_recv_ke(struct exchange *, const struct msg *);
enum err	 p1_send_auth(struct exchange *, struct msg_out *);
enum err	 p1_recv_auth(struct exchange *, const struct msg *);
enum err	 p1_send_agg_1(struct exchange *, struct msg_out *);
enum err	 p1_recv_agg_1(struct exchange *, const struct msg *);
enum err	 p1_send_agg_2(struct exchange *, struct msg_out *);
enum err	 p1_recv_agg_2(struct exchange *, const struct msg *);
enum err	 p1_send_agg_3(struct exchange *, struct msg_out *);
enum err	 p1_recv_agg_3(struct exchange *, const struct msg *);
enum err	 p1_send_base_1(struct exchange *, struct msg_out *);
enum err	 p1_recv_base_1(struct exchange *, const struct msg *);
enum err	 p1_send_base_2(struct exchange *, struct msg_out *);
enum err	 p1_recv_base_2(struct exchange *, const struct msg *);
enum err	 p1_send_base_auth(struct exchange *, struct msg_out *);
enum err	 p1_recv_base_auth(struct exchange *, const struct msg *);
void		 p1_done(struct exchange *);
void		 p1_failed(struct exchange *, enum err);
void		 p1_retracted(struct exchange *, enum err);
void		 p1_clean(struct exchange *);

/* The tables. */
extern const struct flow main_initiator, main_responder;
extern const struct flow aggressive_initiator, aggressive_responder;
extern const struct flow base_initiator, base_responder;

#endif
