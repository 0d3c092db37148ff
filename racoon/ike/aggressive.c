/* SPDX-License-Identifier: ISC */
/*
 * Aggressive mode, RFC 2409 5.4: two tables.  Three messages, the identities
 * in the clear; so a key can be that of an identity, but whoever asks gets a
 * hash to guess keys with.
 */

#include "ike/phase1.h"

#define SA	MSG_BIT(ISAKMP_SA)
#define KE	MSG_BIT(ISAKMP_KE)
#define NONCE	MSG_BIT(ISAKMP_NONCE)
#define ID	MSG_BIT(ISAKMP_ID)
#define HASH	MSG_BIT(ISAKMP_HASH)
#define N	MSG_BIT(ISAKMP_N)
#define CR	MSG_BIT(ISAKMP_CR)
#define AUTH	(HASH | MSG_BIT(ISAKMP_SIG))	/* one of them */
#define CERT	MSG_BIT(ISAKMP_CERT)
#define NATD	MSG_BIT(ISAKMP_NATD)

static const struct step initiator[] = {
	{ "I1 SA,KE,NONCE,ID", 0, 0, 0,
	    NULL, p1_work_first, p1_send_agg_1 },
	{ "I2 HASH", SA | KE | NONCE | ID, AUTH | NATD | CERT | CR | N,
	    STEP_SEALS,
	    p1_recv_agg_2, p1_work_share_verify_sign, p1_send_agg_3 },
};

/* The last message may come in the clear (RFC 2409 5.4: some send it so), and
 * through a NAT it comes from another port. */
static const struct step responder[] = {
	{ "R1 SA,KE,NONCE,ID,HASH", SA | KE | NONCE | ID, CR | N, 0,
	    p1_recv_agg_1, p1_work_both_sign, p1_send_agg_2 },
	{ "R2", 0, AUTH | NATD | CERT | CR | N, STEP_PROVES,
	    p1_recv_agg_3, p1_work_verify, NULL },
};

const struct flow aggressive_initiator = {
	.name = "aggressive",
	.etype = ISAKMP_ETYPE_AGGRESSIVE,
	.initiator = true,
	.insists = true,
	.nsteps = sizeof(initiator) / sizeof(initiator[0]),
	.step = initiator,
	.done = p1_done,
	.failed = p1_failed,
	.clean = p1_clean,
	.retracted = p1_retracted,
};

const struct flow aggressive_responder = {
	.name = "aggressive",
	.etype = ISAKMP_ETYPE_AGGRESSIVE,
	.initiator = false,
	.insists = false,	/* never an amplifier */
	.allowance = 3,
	.nsteps = sizeof(responder) / sizeof(responder[0]),
	.step = responder,
	.done = p1_done,
	.failed = p1_failed,
	.clean = p1_clean,
	.retracted = p1_retracted,
};
