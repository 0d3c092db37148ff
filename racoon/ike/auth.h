/* SPDX-License-Identifier: ISC */
/*
 * Methods of authentication of phase 1 (RFC 2409 5.1, 5.4; RFC 4754): a row
 * for each, and the slow work of signatures as jobs.
 */
#ifndef RACOON_IKE_AUTH_H
#define RACOON_IKE_AUTH_H

#include <time.h>

#include "crypto/cert.h"
#include "crypto/trust.h"
#include "ike/job.h"
#include "ike/limit.h"

enum auth_kind {
	AUTH_SECRET,		/* a pre-shared key */
	AUTH_SIGNS,
	AUTH_GSS		/* p1_gss.h */
};

struct auth {
	uint16_t	method;		/* P1_METHOD_... */
	enum auth_kind	kind;
	uint8_t		payload;	/* ISAKMP_HASH or ISAKMP_SIG */
};

/* The row of a method; NULL: not one that we have. */
const struct auth *auth_of(uint16_t method);
/* Is the proof a signature? */
bool		 auth_signs(const struct auth *);
/* Does it need a pre-shared key? */
bool		 auth_secret(const struct auth *);
/* Can it be done in exchanges of this type? */
bool		 auth_in(const struct auth *, uint8_t etype);

/*
 * The work of a job: HASH (in[0]) is signed with the first key into out[0];
 * or the signature in[1] is compared with it for each of the keys, of which
 * one has to fit, after LEAF's certificate was verified if there is a TRUST.
 */
struct auth_task {
	uint16_t	 method;
	const struct key *key[LIMIT_KEYS];
	unsigned	 nkeys;
	const struct cert *leaf;	/* of the only key; NULL: none */
	const struct cert *other[LIMIT_CERTS];
	unsigned	 nothers;
	const struct trust *trust;	/* NULL: nothing is verified */
	time_t		 now;
	enum err	 err;		/* of verification: OK, E_CERT,
					   E_SIGNATURE */
	struct trust_result result;
};

/* A job with an empty task; the caller fills in references that it gives. */
struct job	*auth_job(const struct crypto *, bool signs);
struct auth_task *auth_task(struct job *);

#endif
