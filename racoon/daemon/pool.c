/* SPDX-License-Identifier: ISC */
/*
 * The worker threads.  Everything they share is behind one lock: the queue of
 * jobs to run, the list of finished ones, and the word to stop.
 */
#include "daemon/pool.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "ike/job.h"

#define THREADS_MAX	4
#define STACK_BYTES	(1024 * 1024)	/* the resolver needs some of it */
#define PORTION		64	/* jobs handed back at once */
#define LANES		256	/* whose last job is remembered */

struct queue {
	struct job	*head, **tail;
};

struct lane {
	uint64_t	 name;		/* job.lane */
	uint64_t	 free;		/* the round of its next job */
};

struct pool {
	pthread_mutex_t	 lock;
	pthread_cond_t	 wanted;	/* todo is not empty, or stop */
	struct queue	 todo, done;	/* under the lock */
	uint64_t	 round;		/* under the lock: of the last taken */
	struct lane	 lane[LANES];	/* under the lock */
	bool		 stop;		/* under the lock */
	struct queue	 back;		/* the loop's own: not handed on yet */
	pthread_t	 thread[THREADS_MAX];
	unsigned int	 n;
	int		 fd;		/* wakes the loop */
	struct event	*ev;
	pool_fn		*fn;
	void		*ctx;
};

static void
queue_init(struct queue *q)
{
	q->head = NULL;
	q->tail = &q->head;
}

static void
queue_put(struct queue *q, struct job *j)
{
	j->next = NULL;
	*q->tail = j;
	q->tail = &j->next;
}

static struct job *
queue_take(struct queue *q)
{
	struct job *j = q->head;

	if (j == NULL)
		return NULL;
	q->head = j->next;
	if (q->head == NULL)
		q->tail = &q->head;
	j->next = NULL;
	return j;
}

/* Moves all of FROM behind TO. */
static void
queue_move(struct queue *to, struct queue *from)
{
	if (from->head == NULL)
		return;
	*to->tail = from->head;
	to->tail = from->tail;
	queue_init(from);
}

static void
queue_fini(struct queue *q)
{
	struct job *j;

	while ((j = queue_take(q)) != NULL)
		job_free(j);
}

/*
 * One job of each lane in turn.  A lane's next job belongs to the round after
 * its last one; one that was idle begins with the round that is on.  Two lanes
 * that share a place forget each other's round, which costs some fairness and
 * nothing else.
 */
static uint64_t
round_of(struct pool *p, const struct job *j)
{
	struct lane *lane = &p->lane[j->lane % LANES];
	uint64_t round = p->round;

	if (lane->name == j->lane && lane->free > round)
		round = lane->free;
	*lane = (struct lane){ .name = j->lane, .free = round + 1 };
	return round;
}

/* The last one of a queue that has some. */
static const struct job *
queue_last(const struct queue *q)
{
	const char *next = (const char *)(const void *)q->tail;

	return (const void *)(next - offsetof(struct job, next));
}

/* Behind all of the same round; in a storm that is mostly the end. */
static void
queue_put_round(struct queue *q, struct job *j)
{
	struct job **at = &q->head;

	if (q->head == NULL || queue_last(q)->round <= j->round) {
		queue_put(q, j);
		return;
	}
	while (*at != NULL && (*at)->round <= j->round)
		at = &(*at)->next;
	j->next = *at;
	*at = j;
}

/* Any thread may call this: no log here. */
static void
wake(int fd)
{
	/* Fails only when the counter is full: then the loop is awake. */
	(void)eventfd_write(fd, 1);
}

static void *
worker(void *arg)
{
	struct pool *p = arg;

	(void)pthread_mutex_lock(&p->lock);
	for (;;) {
		struct job *j;
		bool first;

		while (!p->stop && p->todo.head == NULL)
			(void)pthread_cond_wait(&p->wanted, &p->lock);
		if (p->stop)
			break;
		j = queue_take(&p->todo);
		p->round = j->round;
		(void)pthread_mutex_unlock(&p->lock);
		j->run(j);
		(void)pthread_mutex_lock(&p->lock);
		first = p->done.head == NULL;
		queue_put(&p->done, j);
		if (first)
			wake(p->fd);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void
finished(evutil_socket_t fd, short what, void *ctx)
{
	struct pool *p = ctx;
	eventfd_t count;

	(void)what;
	/* Just resets it: the list below is what counts. */
	(void)eventfd_read(fd, &count);
	(void)pthread_mutex_lock(&p->lock);
	queue_move(&p->back, &p->done);
	(void)pthread_mutex_unlock(&p->lock);
	for (int i = 0; i < PORTION; i++) {
		struct job *j = queue_take(&p->back);

		if (j == NULL)
			return;
		p->fn(p->ctx, j);
	}
	if (p->back.head != NULL)
		wake(p->fd);
}

static unsigned int
count_cpus(void)
{
	cpu_set_t set;
	int n = 1;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	return n < 1 ? 1 : (unsigned int)n;
}

/* Starts up to THREADS threads; at least one, or an errno. */
static int
start(struct pool *p, unsigned int threads)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int r;

	r = pthread_attr_init(&attr);
	if (r != 0)
		return r;
	r = pthread_attr_setstacksize(&attr, STACK_BYTES);
	/* Signals are the loop's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	while (r == 0 && p->n < threads) {
		r = pthread_create(&p->thread[p->n], &attr, worker, p);
		if (r == 0)
			p->n++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	return p->n > 0 ? 0 : r;
}

static bool
watch(struct pool *p, struct event_base *base)
{
	p->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->fd == -1)
		return false;
	p->ev = event_new(base, p->fd, EV_READ | EV_PERSIST, finished, p);
	if (p->ev != NULL && event_add(p->ev, NULL) == 0)
		return true;
	errno = ENOMEM;
	return false;
}

struct pool *
pool_new(struct event_base *base, unsigned int threads, pool_fn *fn, void *ctx)
{
	struct pool *p = xcalloc(1, sizeof(*p));
	int r;

	if (threads == 0)
		threads = count_cpus();
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	queue_init(&p->todo);
	queue_init(&p->done);
	queue_init(&p->back);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->wanted, NULL);
	p->fn = fn;
	p->ctx = ctx;
	r = watch(p, base) ? start(p, threads) : errno;
	if (r != 0) {
		log_msg(LOG_L_ERROR, "cannot start worker threads: %s",
		    strerror(r));
		pool_free(p);
		return NULL;
	}
	log_msg(LOG_L_DEBUG, "%u worker threads", p->n);
	return p;
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	(void)pthread_mutex_lock(&p->lock);
	p->stop = true;
	(void)pthread_cond_broadcast(&p->wanted);
	(void)pthread_mutex_unlock(&p->lock);
	for (unsigned int i = 0; i < p->n; i++)
		(void)pthread_join(p->thread[i], NULL);
	if (p->ev != NULL)
		event_free(p->ev);
	if (p->fd != -1)
		(void)close(p->fd);
	queue_fini(&p->todo);
	queue_fini(&p->done);
	queue_fini(&p->back);
	(void)pthread_cond_destroy(&p->wanted);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

void
pool_submit(struct pool *p, struct job *j)
{
	(void)pthread_mutex_lock(&p->lock);
	j->round = round_of(p, j);
	queue_put_round(&p->todo, j);
	(void)pthread_cond_signal(&p->wanted);
	(void)pthread_mutex_unlock(&p->lock);
}
