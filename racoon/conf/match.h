/* SPDX-License-Identifier: ISC */
/* Look-ups in a snapshot.  Pure: no state, no logging. */
#ifndef RACOON_CONF_MATCH_H
#define RACOON_CONF_MATCH_H

#include "conf/conf.h"
#include "wire/payload.h"
#include "wire/sa.h"

/*
 * The remote block to initiate to PEER with: best score, must be unique.
 * E_NOREMOTE: none, or several equally good (*ambiguous tells); E_PASSIVE:
 * the only candidates are passive.
 */
enum err	 match_initiate(const struct conf *,
		    const struct ipsec_addr *peer, const struct remote **,
		    bool *ambiguous) MUST_CHECK;

/*
 * The zone that a remote block gives a link-local address, which comes from
 * the kernel without one; 0: none does.
 */
uint32_t	 match_zone(const struct conf *, const struct ipsec_addr *);

/* The responder's choice for one offered phase 1 transform. */
struct match_p1 {
	const struct remote	*remote;
	const struct conf_p1	*proposal;
	uint32_t		 life_secs;	/* what will be used */
	uint16_t		 key_bits;	/* likewise; 0: fixed cipher */
};
/*
 * Is PEER's transform T acceptable with ETYPE?  Walks candidate remotes in
 * order of score, then file order, and their proposals (proposal_check).
 * E_NOREMOTE: no block for this peer and exchange type at all;
 * E_NOPROPOSAL: none accepts T.
 */
enum err	 match_respond(const struct conf *,
		    const struct ipsec_addr *peer, uint8_t etype,
		    const struct transform *, struct match_p1 *) MUST_CHECK;

/* What a request for certificates says of a block. */
enum match_request {
	MATCH_REQUEST_MISFIT,	/* not such a certificate */
	MATCH_REQUEST_NONE,	/* nothing was asked for that could be told */
	MATCH_REQUEST_FITS
};

/* What is known of a peer that begins; nothing of it is proven. */
struct match_peer {
	const struct ipsec_addr	*addr;
	uint8_t			 etype;
	const struct id_payload	*id;	/* NULL: not named yet */
	/* NULL: no certificate was asked for */
	enum match_request	(*request)(void *ctx, const struct remote *);
	void			*ctx;
};
/*
 * The same by all of that.  A block that says verify_identifier is left out
 * when ID is not on its list, and goes before the others when it is: nobody
 * gets past it by asking for the certificate of another one.  Of the rest one
 * with a certificate that was asked for goes first, one without it last.
 */
enum err	 match_respond_to(const struct conf *,
		    const struct match_peer *, const struct transform *,
		    struct match_p1 *) MUST_CHECK;
/* One block's proposals only: the initiator checks the answer with it. */
enum err	 match_proposal(const struct remote *, const struct transform *,
		    struct match_p1 *) MUST_CHECK;

/*
 * Does the peer's identity satisfy the block's peers_identifier list?
 * OK also for a mismatch while verify_identifier is off; *matched tells.
 */
enum err	 match_peer_id(const struct remote *, const struct id_payload *,
		    bool *matched) MUST_CHECK;

/*
 * The sainfo for these phase 2 identities.  PEER: the peer's phase 1
 * identity or NULL when not known.  E_NOSAINFO.
 */
enum err	 match_sainfo(const struct conf *, const struct id_payload *local,
		    const struct id_payload *remote,
		    const struct id_payload *peer, uint32_t ph1id,
		    const struct sainfo **) MUST_CHECK;

/* The same, with the peer's address for blocks that say clientaddr. */
struct match_p2 {
	const struct id_payload	*local, *remote;
	const struct id_payload	*peer;		/* NULL: not known */
	const struct ipsec_addr	*client;	/* NULL: not known */
	uint32_t		 ph1id;
};
enum err	 match_sainfo_for(const struct conf *, const struct match_p2 *,
		    const struct sainfo **) MUST_CHECK;

#endif
