/* SPDX-License-Identifier: ISC */
/* The kernel's SAs as racoonctl has always got them. */
#ifndef RACOON_DAEMON_ADMIN_SAD_H
#define RACOON_DAEMON_ADMIN_SAD_H

#include <stdbool.h>

#include "libipsec/buf.h"
#include "libipsec/ipsec.h"

/*
 * Appends the records of a dump of PF_KEY, or one message that says there are
 * none.  Without KEYS the keys are zero.  PID is whose they say they are: that of
 * racoon.  0 or an errno.
 */
int	 admin_sad_put(struct ipsec *, uint8_t proto, bool keys, uint32_t pid,
	    struct buf *);

#endif
