/* SPDX-License-Identifier: ISC */
/* A new racoon-worker process. */
#ifndef RACOON_MONITOR_SPAWN_H
#define RACOON_MONITOR_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/conf.h"

#define SPAWN_ENDS	3		/* call, sign, tell: enum mon_fd */
#define SPAWN_ROOT	RUNDIR "/racoon-worker"	/* its root directory */
#define SPAWN_RESOLV	SPAWN_ROOT "/etc/resolv.conf"

struct spawn {
	const char	*path;		/* racoon.conf */
	const char	*backend;
	const char	*root;		/* "": ours */
	uint16_t	 port, natt_port;
	unsigned int	 debug;
	bool		 terminal;	/* else it is mute, and on a real one */
	unsigned int	 patience_ms;	/* for an answer to be taken */
};

/* Starts it; our ends of its sockets.  -errno on failure, else its number. */
pid_t		 spawn_worker(const struct spawn *, int end[SPAWN_ENDS]);
/*
 * The root directory for CONF's worker: "" if it shares ours.  One of our own
 * is made if it is not there; NULL (logged): it cannot be.
 */
const char	*spawn_root(const struct conf *);

#endif
