/* SPDX-License-Identifier: ISC */
/*
 * Deadlines in a binary heap.  Time is monotonic milliseconds and always an
 * argument.  A struct timer is embedded in its owner, who must call
 * timer_del() before it goes away; setting an armed timer moves it.
 */
#ifndef RACOON_BASE_TIMER_H
#define RACOON_BASE_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMER_NEVER	UINT64_MAX

typedef void	 timer_fn(void *ctx);

struct timer {
	uint64_t	 when;
	uint64_t	 set;		/* when it was set, as far as is known */
	uint64_t	 serial;	/* which setting it was */
	size_t		 slot;		/* 1 + place in the heap; 0: not armed */
	timer_fn	*fn;
	void		*ctx;
};

struct timers {
	struct timer	**heap;
	size_t		  n, cap;
	uint64_t	  now;		/* of the last timers_run() */
	uint64_t	  serial;	/* of the last timer_set() */
};

void		 timers_init(struct timers *);
void		 timers_fini(struct timers *);
/* The earliest deadline, or TIMER_NEVER. */
uint64_t	 timers_next(const struct timers *);
/*
 * Calls every timer due at NOW, the earliest first (ties: first set first is
 * not promised).  A timer is disarmed before its call, so it may set itself
 * again; deadlines it sets at or before NOW run in this same call.
 */
void		 timers_run(struct timers *, uint64_t now);

void		 timer_init(struct timer *, timer_fn *, void *ctx);
void		 timer_set(struct timers *, struct timer *, uint64_t when);
void		 timer_del(struct timers *, struct timer *);
bool		 timer_armed(const struct timer *);

#endif
