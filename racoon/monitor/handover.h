/* SPDX-License-Identifier: ISC */
/*
 * Secrets from a racoon that stops to the next one: in memory that the service
 * manager keeps (sd_notify(3), FDSTORE=1), else in a file of root's.  Neither
 * outlives the boot; what is of another boot, another network namespace or
 * could have been in other hands is thrown away.
 */
#ifndef RACOON_MONITOR_HANDOVER_H
#define RACOON_MONITOR_HANDOVER_H

#include <stdbool.h>

#include "libipsec/buf.h"

#define HANDOVER_MAX	(64u << 20)	/* bytes */

/*
 * Leaves STATE for the next one: with the service manager if it has a store,
 * else in the file PATH.  False (logged): it is not to be had.
 */
bool		 handover_give(const char *path, struct view state);
/*
 * Takes what was left, from either place, and sees to it that nobody gets it
 * twice.  False: there is nothing (logged if it was there and is not fit).
 */
bool		 handover_take(const char *path, struct buf *state);

#endif
