/* SPDX-License-Identifier: ISC */
/*
 * Everything that a peer can make grow, in one place, and the rate limits of
 * what an unauthenticated sender can make us do.
 */
#ifndef RACOON_IKE_LIMIT_H
#define RACOON_IKE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "libipsec/ipsec.h"

#define LIMIT_DATAGRAM		65507	/* bytes of one UDP datagram */
#define LIMIT_MESSAGE		16384	/* bytes that we build ourselves */
#define LIMIT_OFFER		8192	/* bytes of a first SA payload */
#define LIMIT_HALF_OPEN		1500	/* responders, not authenticated */
#define LIMIT_HALF_OPEN_PAIR	128	/* of them between two addresses */
#define LIMIT_COSTLY		256	/* responders of aggressive mode, not
					   authenticated: each has cost a
					   Diffie-Hellman computation */
#define LIMIT_COSTLY_PAIR	16	/* of them between two addresses */
#define LIMIT_SAS_PEER		4096	/* IKE SAs with one address: many hosts
					   may be behind one NAT */
#define LIMIT_EXCHANGES_SA	64	/* at once under one IKE SA */
#define LIMIT_CHILDREN_PEER	4096	/* IPsec SA pairs with one address */
#define LIMIT_GENPOLS		16384	/* selectors with generated policies */
#define LIMIT_WANTS		65536	/* requests of the kernel at once */
#define LIMIT_QUICK_IDS		4096	/* quick modes of one IKE SA, so that
					   no replay passes for a new one */
#define LIMIT_INFO_IDS		256	/* remembered of informational ones */
#define LIMIT_PEERS_IDLE	16384	/* remembered for INITIAL-CONTACT */
#define LIMIT_STRAYS		1024	/* senders under unknown SPIs of which
					   is known when they were answered */
#define LIMIT_PROBLEMS		1024	/* addresses of which is known what went
					   wrong last, */
#define LIMIT_PROBLEMS_STRANGE	64	/* and of these strangers' */
#define LIMIT_ID		2048	/* bytes of an identity */
#define LIMIT_CERTS		8	/* certificates taken from a peer, or
					   sent to it */
#define LIMIT_CERT_BYTES	12288	/* of ours: what else is in a message
					   needs room, too */
#define LIMIT_REQUESTS		16	/* authorities of which a peer wants a
					   certificate, */
#define LIMIT_REQUEST_BYTES	2048	/* and their names */
#define LIMIT_GSS_TOKEN		8192	/* bytes of a token of GSS-API */
#define LIMIT_KEYS		16	/* public keys tried for one signature */
#define LIMIT_FORGED		16	/* signatures of one message that did
					   not verify */

/* Messages that come in fragments, until they are whole.  Memory counts with
 * the tables that it takes. */
#define LIMIT_FRAG_MESSAGE	32768	/* bytes of one */
#define LIMIT_FRAG_MS		30000u	/* since its first fragment */
#define LIMIT_FRAG_SETS_SA	4	/* at once under one IKE SA */
#define LIMIT_FRAG_KNOWN	(8u << 20) /* bytes, of peers that proved
					   themselves or that we called */
#define LIMIT_FRAG_SETS_SOURCE	8	/* at once of others at one address, */
#define LIMIT_FRAG_SOURCE	65536u	/* and their bytes */
#define LIMIT_FRAG_SETS		128	/* at once of all others, */
#define LIMIT_FRAG_STRANGE	(1u << 20) /* and their bytes */

/* A token bucket: RATE tokens a second, at most BURST. */
struct bucket {
	uint64_t	since;		/* ms: when `tokens' was counted */
	uint32_t	tokens;		/* thousandths */
	uint32_t	refused;	/* since the last one granted */
};

/* What was said about a stranger lately: the same is not said again. */
#define COMPLAINTS	64		/* remembered */
#define COMPLAINT_MS	60000u		/* for so long */

struct complaint {
	struct ipsec_addr about;
	unsigned int	what;		/* an enum err, or a reason of its own */
	uint64_t	since;		/* ms; 0: free */
};

struct complaints {
	struct complaint last[COMPLAINTS];
	unsigned int	next;
};

/* Phase 1 that it began has just been refused: what it begins under that is not
 * of before (stray.h).  No enum err, as `what' mostly is. */
#define COMPLAINT_REFUSED	0x30002u

/* Was this not said lately, as of NOW? */
bool		 complaint_new(const struct complaints *,
		    const struct ipsec_addr *, unsigned int what, uint64_t now);
/* It is said now. */
void		 complaint_said(struct complaints *, const struct ipsec_addr *,
		    unsigned int what, uint64_t now);

/* Takes one token at NOW; false when there is none. */
bool		 bucket_take(struct bucket *, uint64_t now, uint32_t rate,
		    uint32_t burst);

#endif
