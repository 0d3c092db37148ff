/* SPDX-License-Identifier: ISC */
/*
 * Threads for slow jobs (Diffie-Hellman): one queue in, one list back, an
 * eventfd that wakes the loop.  The engine never sees a thread.
 */
#ifndef RACOON_DAEMON_POOL_H
#define RACOON_DAEMON_POOL_H

struct event_base;
struct job;
struct pool;

/* Receives a finished job, on the loop's thread, and owns it. */
typedef void	 pool_fn(void *ctx, struct job *);

/*
 * A pool of THREADS threads; 0: as many as this process has CPUs, at most 4.
 * NULL (logged) when the system refuses.
 */
struct pool	*pool_new(struct event_base *, unsigned int threads, pool_fn *,
		    void *ctx);
/* Ends the threads after the job each is at; wipes all jobs still here. */
void		 pool_free(struct pool *);
/* Takes the job.  Those of one lane start in the order given, those of several
 * lanes in turn. */
void		 pool_submit(struct pool *, struct job *);

#endif
