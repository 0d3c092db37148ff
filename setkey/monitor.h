/* SPDX-License-Identifier: ISC */
/*
 * setkey -x: what happens to the kernel's IPsec, as PF_KEY messages, until
 * somebody ends it.
 */
#ifndef SETKEY_MONITOR_H
#define SETKEY_MONITOR_H

#include <stdio.h>

#include "libipsec/ipsec.h"
#include "libipsec/view.h"

struct monitor {
	FILE	*out;
	bool	 epoch;			/* -xx: seconds instead of the hour */
	bool	 hex;			/* -H: bytes, too */
};

/*
 * Never returns 0: -errno when listening failed or the output is gone.  Over
 * PF_KEY all messages of all processes are seen; XFRM tells what changed.
 */
int	 monitor_run(struct ipsec *, const struct monitor *);
/* One message as it is shown at SECONDS and MICRO. */
void	 monitor_print(const struct monitor *, struct view msg, long seconds,
	    long micro);

#endif
