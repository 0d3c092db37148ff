/* SPDX-License-Identifier: ISC */
/*
 * Base mode, draft-ietf-ipsec-ike-base-mode: two tables.  Four messages; the
 * identities go first and in the clear, and the responder computes nothing
 * slow before the initiator has proved itself.
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
	{ "I1 SA,ID,NONCE", 0, 0, 0,
	    NULL, NULL, p1_send_base_1 },
	{ "I2 KE,HASH", SA | ID | NONCE, CR | N, 0,
	    p1_recv_base_2, p1_work_new_sign, p1_send_base_auth },
	{ "I3", KE, AUTH | NATD | CERT | N, 0,
	    p1_recv_base_auth, p1_work_verify_share, NULL },
};

static const struct step responder[] = {
	{ "R1 SA,ID,NONCE", SA | ID | NONCE, CR | N, 0,
	    p1_recv_base_1, NULL, p1_send_base_2 },
	{ "R2 KE,HASH", KE, AUTH | NATD | CERT | CR | N, 0,
	    p1_recv_base_auth, p1_work_verify_both_sign, p1_send_base_auth },
};

const struct flow base_initiator = {
	.name = "base",
	.etype = ISAKMP_ETYPE_BASE,
	.initiator = true,
	.insists = true,
	.nsteps = sizeof(initiator) / sizeof(initiator[0]),
	.step = initiator,
	.done = p1_done,
	.failed = p1_failed,
	.clean = p1_clean,
	.retracted = p1_retracted,
};

const struct flow base_responder = {
	.name = "base",
	.etype = ISAKMP_ETYPE_BASE,
	.initiator = false,
	.insists = false,	/* never an amplifier */
	.allowance = 2,
	.nsteps = sizeof(responder) / sizeof(responder[0]),
	.step = responder,
	.done = p1_done,
	.failed = p1_failed,
	.clean = p1_clean,
	.retracted = p1_retracted,
};
