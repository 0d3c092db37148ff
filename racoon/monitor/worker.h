/* SPDX-License-Identifier: ISC */
/*
 * racoon-worker's life: it is started, served, watched, and started again when
 * it ends by itself.
 */
#ifndef RACOON_MONITOR_WORKER_H
#define RACOON_MONITOR_WORKER_H

#include "monitor/sink.h"
#include "monitor/table.h"

struct worker_setup {
	struct table	*table;
	struct sink	*sink;		/* for its log lines */
	uint16_t	 port, natt_port; /* -p, -P */
	unsigned int	 debug;		/* how many -d */
	bool		 terminal;	/* it may write there, as we do, unless
					   it is one */
	unsigned int	 patience_ms;	/* until an answer has to be taken; 0:
					   as ever.  For tests */
	void		 (*ready)(void *); /* it serves, for the first time */
	void		*ctx;
};

struct worker;

/* NULL (logged): there is no event loop. */
struct worker	*worker_new(const struct worker_setup *);
/* Starts and serves it to the end: the exit status. */
int		 worker_run(struct worker *);
void		 worker_free(struct worker *);

#endif
