/* SPDX-License-Identifier: ISC */
/*
 * The scripts of racoon.conf(5): started without a shell, never waited for by
 * the loop, bounded in number and time.  Those of one IKE SA run one after the
 * other.
 */
#ifndef RACOON_MONITOR_HOOK_H
#define RACOON_MONITOR_HOOK_H

#include <stddef.h>

#include "conf/conf.h"
#include "libipsec/ipsec.h"

#define HOOK_RUNNING	16		/* at once */
#define HOOK_WAITING	1024		/* for their turn */
#define HOOK_SECONDS	60u		/* then it is told to end, */
#define HOOK_GRACE	5u		/* and then ended */
#define HOOK_STOP_MS	3000u		/* what the end of the daemon may take */

struct event_base;
struct hooks;

/* NULL (logged) when the loop refuses. */
struct hooks	*hooks_new(struct event_base *);
/* A script that is to run; all borrowed. */
struct hook_call {
	enum conf_script what;
	const char	*path;
	char		*const *env;	/* NULL at the end */
	struct ipsec_addr remote;	/* for the log */
	uint8_t		 icookie[8];	/* of the IKE SA */
};

/* "phase1_up": the script's argument. */
const char	*hook_word(enum conf_script);
/* Starts a script, or keeps it for later. */
void		 hooks_run(struct hooks *, const struct hook_call *);
/*
 * The end: waits for the phase1_down scripts, at most HOOK_STOP_MS, and frees.
 * Scripts that still run are left alone.
 */
void		 hooks_free(struct hooks *);

/* For tests: the limits of time, in milliseconds. */
void		 hooks_limit(struct hooks *, unsigned int run,
		    unsigned int grace, unsigned int stop);
struct hooks_counts {
	size_t	running, waiting, refused;
};
void		 hooks_count(const struct hooks *, struct hooks_counts *);

#endif
