/* SPDX-License-Identifier: ISC */
/*
 * Diffie-Hellman as jobs: in[0] is the private exponent, in[1] the peer's
 * public value, job->group the group.
 */
#ifndef RACOON_IKE_DH_JOB_H
#define RACOON_IKE_DH_JOB_H

#include "ike/job.h"

/* out[0]: a new private exponent, out[1]: its public value. */
void	dh_job_new(struct job *);
/* out[0]: the shared secret. */
void	dh_job_share(struct job *);
/* A responder's both in one: out[0]: public value, out[1]: the secret. */
void	dh_job_both(struct job *);

#endif
