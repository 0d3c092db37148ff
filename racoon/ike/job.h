/* SPDX-License-Identifier: ISC */
/*
 * Slow work as a value: a job has copies of all it needs, and names the
 * exchange that waits for it by serial number, so that it may outlive it.
 * The host decides who runs it: a pool thread, or the caller inline.
 */
#ifndef RACOON_IKE_JOB_H
#define RACOON_IKE_JOB_H

#include <stdbool.h>

#include "base/err.h"
#include "crypto/crypto.h"
#include "libipsec/buf.h"
#include "libipsec/ipsec.h"

struct alg_group;
struct exchange;

enum job_waits { JOB_WAITS_NOT, JOB_WAITS_KDC, JOB_WAITS_DNS, JOB_WAITS };

struct job {
	uint64_t	 exchange;	/* serial of who waits */
	/* Run anywhere, touching only the job and the (constant) crypto. */
	void		(*run)(struct job *);
	/* Run by the engine when the job is back and its exchange lives. */
	enum err	(*take)(struct exchange *, struct job *);
	const struct crypto *crypto;
	const struct alg_group *group;
	struct buf	 in[2], out[2];
	void		*more;		/* what else it needs, or NULL */
	void		(*free_more)(void *);
	enum job_waits	 waits;		/* for others, maybe for seconds: keep
					   it from those that compute */
	enum err	 err;		/* how `run` ended */
	uint64_t	 lane;		/* whose work it is: who has much to do
					   must not hold up who has little */
	uint64_t	 round;		/* for the host's queue */
	struct job	*next;		/* for the host's queue */
};

/* A job with empty bufs.  Freed by job_free() (wipes); NULL is allowed. */
struct job	*job_new(const struct crypto *, void (*run)(struct job *));
void		 job_free(struct job *);
/* The lane of a peer: its address, whatever the port. */
uint64_t	 job_lane(const struct ipsec_addr *);

#endif
