/* SPDX-License-Identifier: ISC */
/*
 * What will happen when: a heap of events in the order of time, and among
 * those of one instant in the order of their making.
 */
#ifndef TEST_SIM_QUEUE_H
#define TEST_SIM_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "libipsec/buf.h"
#include "test/sim/kernel.h"

struct job;
struct sim;
struct sim_host;

/* A datagram on the way: ISAKMP, or a packet that some kernel made. */
struct dgram {
	struct ipsec_addr src, dst;
	bool		is_packet;
	bool		marker;		/* came with a non-ESP marker */
	bool		forged;		/* not from an engine */
	struct sim_host	*from;		/* NULL: forged */
	struct buf	data;
	struct kernel_packet packet;
};

enum event_type { EVENT_DGRAM, EVENT_JOB, EVENT_CALL };

struct event {
	uint64_t	when, order;
	enum event_type	type;
	struct dgram	*dgram;
	struct sim_host	*host;		/* JOB: whose */
	bool		own;		/* CALL: see sim_at_own() */
	unsigned int	life;		/* JOB: of which life of that host */
	struct job	*job;
	void		(*free_job)(struct job *);
	void		(*fn)(struct sim *, void *);	/* CALL */
	void		*ctx;
};

struct queue {
	struct event	**heap;
	size_t		 n, cap;
	uint64_t	 order;
};

struct dgram	*dgram_new(void);
struct dgram	*dgram_copy(const struct dgram *);
void		 dgram_free(struct dgram *);

/* Takes what the event owns. */
void		 queue_add(struct queue *, const struct event *);
uint64_t	 queue_next(const struct queue *);
/* The first event, now the caller's to free(); NULL when there is none. */
struct event	*queue_take(struct queue *);
void		 queue_fini(struct queue *);
/* Frees an event and what it owns. */
void		 happening_free(struct event *);

#endif
