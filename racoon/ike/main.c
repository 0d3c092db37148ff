/* SPDX-License-Identifier: ISC */
/* Main mode, RFC 2409 5: two tables.  The peer's identity is protected. */

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
	{ "I1 SA", 0, 0, 0,
	    NULL, NULL, p1_send_sa },
	{ "I2 KE,NONCE", SA, N, 0,
	    p1_recv_sa_answer, p1_work_new, p1_send_ke },
	{ "I3 ID,HASH", KE | NONCE, NATD | CR | N, STEP_SEALS,
	    p1_recv_ke, p1_work_share_sign, p1_send_auth },
	{ "I4", ID, AUTH | CERT | N, STEP_SEALED,
	    p1_recv_auth, p1_work_verify, NULL },
};

static const struct step responder[] = {
	{ "R1 SA", SA, N, 0,
	    p1_recv_sa_offer, NULL, p1_send_sa_answer },
	{ "R2 KE,NONCE", KE | NONCE, NATD | CR | N, 0,
	    p1_recv_ke, p1_work_both, p1_send_ke },
	{ "R3 ID,HASH", ID, AUTH | CERT | CR | N, STEP_SEALED | STEP_SEALS,
	    p1_recv_auth, p1_work_verify_sign, p1_send_auth },
};

const struct flow main_initiator = {
	.name = "main",
	.etype = ISAKMP_ETYPE_MAIN,
	.initiator = true,
	.insists = true,
	.nsteps = sizeof(initiator) / sizeof(initiator[0]),
	.step = initiator,
	.done = p1_done,
	.failed = p1_failed,
	.clean = p1_clean,
	.retracted = p1_retracted,
};

const struct flow main_responder = {
	.name = "main",
	.etype = ISAKMP_ETYPE_MAIN,
	.initiator = false,
	.insists = false,	/* never an amplifier */
	.allowance = 1,
	.nsteps = sizeof(responder) / sizeof(responder[0]),
	.step = responder,
	.done = p1_done,
	.failed = p1_failed,
	.clean = p1_clean,
	.retracted = p1_retracted,
};
