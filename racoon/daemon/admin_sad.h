/* SPDX-License-Identifier: ISC */
/* The kernel's SAs as racoonctl has always got them. */
#ifndef RACOON_DAEMON_ADMIN_SAD_H
#define RACOON_DAEMON_ADMIN_SAD_H

#include <stdbool.h>
#include <sys/types.h>

#include "libipsec/buf.h"
#include "libipsec/ipsec.h"

/*
 * Appends the records of a dump of PF_KEY, or one message that says there are
 * none, as of the process PID (0: this one).  Without KEYS the keys are zero.
 * 0 or an errno.
 */
int	 admin_sad_put(struct ipsec *, uint8_t proto, bool keys, pid_t pid,
	    struct buf *);

#endif
