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
#include "ike/ike.h"
#include "ike/job.h"
#include "ike/limit.h"
#include "wire/dns.h"

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

/* Whose certificate is looked for first, and under what name. */
struct auth_search {
	ike_find_certs	*find;		/* NULL: nothing is looked for */
	char		 name[DNS_NAME];
	uint8_t		 id_type;	/* the identity that it should have */
	struct buf	 id;
	char		 why[IKE_WHY];	/* empty, or why there is none */
};

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
	struct auth_search search;	/* finds the leaf and its key */
	enum err	 err;		/* of verification: OK, E_CERT,
					   E_SIGNATURE */
	struct trust_result result;
};

/* A job with an empty task; the caller fills in references that it gives. */
struct job	*auth_job(const struct crypto *, bool signs);
struct auth_task *auth_task(struct job *);
/* Of N certificates the one that speaks for the identity, or else the first;
 * NULL when there are none. */
const struct cert *auth_leaf(const struct cert *const *, unsigned n,
		    uint8_t id_type, struct view id);
/* Makes it the job's to look for the certificate of an identity; false: no
 * name in the DNS is that identity's. */
bool		 auth_seek(struct job *, ike_find_certs *, uint8_t id_type,
		    struct view id);

#endif
