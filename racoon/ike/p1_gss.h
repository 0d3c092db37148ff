/* SPDX-License-Identifier: ISC */
/*
 * Phase 1 with GSS-API (draft-ietf-ipsec-isakmp-gss-auth): tokens go beside
 * the public values, and each side's hash is wrapped.  For p1_*.c only.
 */
#ifndef RACOON_IKE_P1_GSS_H
#define RACOON_IKE_P1_GSS_H

#include "ike/gss.h"
#include "ike/phase1.h"
#include "wire/payload.h"

struct p1_gss {
	const struct gss_ops *ops;
	struct gss	*context;	/* NULL: none yet, or a job has it */
	struct gss_state state;
	struct buf	 own_id, peer_id; /* the GSS_IDs, Latin-1 */
	struct buf	 sent, got;	/* tokens */
	bool		 again;		/* `got' was taken before */
};

void		 p1_gss_free(struct p1_gss *);
/* Has the block a proposal with GSS-API that can be carried out? */
bool		 p1_gss_offered(const struct remote *);
/* Our principal into the transforms of an offer, and how it is written. */
void		 p1_gss_offer(struct exchange *, struct sa_payload *);
/* Both agree on MINE, for which the peer sent THEIRS: notes whose GSS_IDs are
 * whose.  E_ATTRIBUTE: the peer's cannot be read (logged). */
enum err	 p1_gss_agree(struct exchange *, const struct conf_p1 *mine,
		    const struct transform *theirs) MUST_CHECK;
/* The responder's transform says who it is itself. */
void		 p1_gss_answer(struct exchange *, struct transform *);
/* Our token, if there is one.  E_CONFIG: the offer needs one (logged). */
enum err	 p1_put_gss(struct exchange *, struct msg_out *) MUST_CHECK;
/* The peer's: E_MISSING, E_UNEXPECTED (two), E_PAYLOAD (empty, too large,
 * another one than before). */
enum err	 p1_take_gss(struct exchange *, const struct msg *) MUST_CHECK;
/* Does the peer's principal speak for its identity, as the remote block that
 * counts by now wants it?  E_ID. */
enum err	 p1_gss_identity(struct exchange *, const struct id_payload *)
		    MUST_CHECK;
/* The first step, when GSS-API is offered in aggressive mode; NULL: it is not,
 * or nobody knows for whom the token would be (logged). */
struct job	*p1_gss_first(struct exchange *);
/* Does the token that came ask for a step? */
bool		 p1_gss_steps(const struct exchange *);
/* Jobs: the next step of the context; our hash wrapped; the peer's unwrapped
 * and compared. */
struct job	*p1_gss_step(struct exchange *);
struct job	*p1_gss_wrap(struct exchange *);
struct job	*p1_gss_unwrap(struct exchange *);

#endif
