/* SPDX-License-Identifier: ISC */
/*
 * Proposals (RFC 2408 4.2): what we offer, which of the peer's we choose, and
 * whether its answer is one of ours.  Values in, values out.
 */
#ifndef RACOON_IKE_PROPOSE_H
#define RACOON_IKE_PROPOSE_H

#include "conf/match.h"
#include "ike/sa.h"
#include "wire/sa.h"

#define PROPOSE_PROTOS	IPSEC_TMPL_MAX
/* The GSS_ID of a proposal without gss_id: this service on this host. */
#define PROPOSE_GSS_SERVICE	"ike"

/* What a child is to be: from the kernel's policy. */
struct plan {
	struct ipsec_selector sel;	/* outbound */
	struct ipsec_selector of;	/* the policy's own */
	bool		narrow;		/* sel is but a part of the policy's */
	bool		generate;	/* the policies are, or will be, made
					   by racoon: genpol.h */
	uint32_t	policy;		/* the kernel's index; 0: not known */
	uint32_t	priority;
	uint8_t		ntmpl;
	struct ipsec_tmpl tmpl[IPSEC_TMPL_MAX]; /* of the outbound policy */
	uint32_t	reqid_in[IPSEC_TMPL_MAX]; /* of the inbound one */
	struct ipsec_mark mark;
	uint32_t	if_id;
};

/* One protocol of a child as agreed upon. */
struct agreed {
	uint8_t		proto;		/* PROTO_IPSEC_..., PROTO_IPCOMP */
	uint8_t		mode;		/* enum ipsec_mode */
	uint8_t		tmpl;		/* which template of the plan */
	uint8_t		at;		/* which proposal of the answer */
	uint8_t		transform;	/* ESP_..., AH_..., IPCOMP_... */
	uint16_t	auth;		/* P2_AUTH_... */
	uint16_t	icv_bits;	/* 0: the usual */
	uint16_t	key_bits;	/* of the cipher; 0: fixed or none */
	uint16_t	esn;		/* 1: extended sequence numbers */
	bool		align4;		/* IPSEC_SA_ALIGN4 */
	uint32_t	replay;		/* window in packets */
	uint32_t	spi_in, spi_out;
	uint32_t	life_secs, life_kbytes;
};

struct agreement {
	unsigned int	n;
	struct agreed	a[PROPOSE_PROTOS];	/* in the order of the plan */
	uint16_t	group;			/* PFS; 0: none */
	uint32_t	life_secs;		/* the shortest */
	bool		shortened;		/* by us: tell the initiator */
};

/* Can the engine carry out this phase 1 proposal? */
bool		 propose_usable(const struct conf_p1 *);
/* The initiator's phase 1 offer: every usable proposal of the block. */
void		 propose_phase1(const struct remote *, struct sa_payload *);
/* Fills in a suite from an accepted transform; E_NOPROPOSAL: not built in. */
enum err	 propose_suite(const struct transform *, uint32_t life_secs,
		    struct sa_suite *) MUST_CHECK;

/* The initiator's phase 2 offer; spi[i] belongs to template i. */
void		 propose_phase2(const struct sa *, const struct plan *,
		    const struct sainfo *, const uint32_t *spi,
		    struct sa_payload *);
/*
 * The responder's choice out of OFFER for PLAN: fills in the agreement (all
 * but spi_in) and ANSWER, whose transforms are those that came.
 */
enum err	 propose_choose(const struct sa *, const struct plan *,
		    const struct sainfo *, const struct sa_payload *offer,
		    struct agreement *, struct sa_payload *answer)
		    MUST_CHECK;
/* The initiator's check of the answer: one transform for each proposal, each
 * as sainfo would accept it. */
enum err	 propose_check(const struct sa *, const struct plan *,
		    const struct sainfo *, const struct sa_payload *answer,
		    struct agreement *) MUST_CHECK;

/* All transforms of a payload in one line for the log. */
#define PROPOSE_TEXT	700
const char	*propose_print(const struct sa_payload *,
		    char out[PROPOSE_TEXT]);
/* The nearest of both in phase 1, and what keeps them apart, as the end of a
 * line; empty when there is nothing to say. */
#define PROPOSE_NEAR	200
const char	*propose_near(const struct remote *,
		    const struct sa_payload *theirs, char out[PROPOSE_NEAR]);
/* What a remote block or a sainfo would accept, in the same form. */
const char	*propose_print_remote(const struct remote *,
		    char out[PROPOSE_TEXT]);
const char	*propose_print_sainfo(const struct sa *, const struct plan *,
		    const struct sainfo *, char out[PROPOSE_TEXT]);
/* Both lists as lines of the log, one below the other, with what is of one kind
 * in one column. */
void		 propose_table_remote(const struct sa *,
		    const struct sa_payload *theirs, const struct remote *);
void		 propose_table_sainfo(const struct sa *,
		    const struct sa_payload *theirs, const struct plan *,
		    const struct sainfo *);

#endif
