/* SPDX-License-Identifier: ISC */
/* Jobs: made by the engine, run by the host, wiped when done. */

#include "ike/job.h"

#include "base/mem.h"
#include "libipsec/addr.h"

#define JOB_BYTES	2048		/* the largest group and a nonce */

struct job *
job_new(const struct crypto *crypto, void (*run)(struct job *))
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->crypto = crypto;
	job->run = run;
	for (int i = 0; i < 2; i++) {
		buf_init(&job->in[i], JOB_BYTES);
		buf_init(&job->out[i], JOB_BYTES);
	}
	return job;
}

void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	for (int i = 0; i < 2; i++) {
		buf_fini(&job->in[i]);
		buf_fini(&job->out[i]);
	}
	if (job->more != NULL)
		job->free_more(job->more);
	xfreezero(job, sizeof(*job));
}

uint64_t
job_lane(const struct ipsec_addr *peer)
{
	struct view bytes = addr_bytes(peer);
	uint64_t h = 0xcbf29ce484222325u;	/* FNV-1a */

	while (bytes.n > 0)
		h = (h ^ view_u8(&bytes)) * 0x100000001b3u;
	return h;
}
