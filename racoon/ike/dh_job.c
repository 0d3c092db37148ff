/* SPDX-License-Identifier: ISC */
/* Diffie-Hellman as jobs. */

#include "ike/dh_job.h"

#include "crypto/dh.h"

void
dh_job_new(struct job *job)
{
	job->err = dh_new(job->crypto, job->group, &job->out[0],
	    &job->out[1]);
}

void
dh_job_share(struct job *job)
{
	job->err = dh_share(job->crypto, job->group, buf_view(&job->in[0]),
	    buf_view(&job->in[1]), &job->out[0]);
}

void
dh_job_both(struct job *job)
{
	struct buf priv;

	buf_init(&priv, GROUP_LEN_MAX);
	job->err = dh_new(job->crypto, job->group, &priv, &job->out[0]);
	if (job->err == OK)
		job->err = dh_share(job->crypto, job->group, buf_view(&priv),
		    buf_view(&job->in[1]), &job->out[1]);
	buf_fini(&priv);
}
