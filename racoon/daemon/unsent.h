/* SPDX-License-Identifier: ISC */
/*
 * Keeps the log readable while datagrams cannot be sent: a peer that cannot be
 * reached fails anew with every resend, and a thousand of them at once.
 */
#ifndef RACOON_DAEMON_UNSENT_H
#define RACOON_DAEMON_UNSENT_H

#include <stdbool.h>
#include <stdint.h>

#include "libipsec/ipsec.h"

#define UNSENT_SECONDS	60		/* one line each for the same fault */
#define UNSENT_MAX	16		/* lines in that time, in all */

struct unsent {
	struct {
		int		 err;	/* errno; 0: free */
		struct ipsec_addr remote;
		uint64_t	 at;	/* milliseconds */
	} told[UNSENT_MAX];
	uint64_t	 missed;	/* failures since the last line */
};

/*
 * True when it is to be logged at NOW that sending to REMOTE failed with ERR;
 * *missed is then how many failures went unsaid before.
 */
bool	 unsent_tell(struct unsent *, int err, const struct ipsec_addr *remote,
	    uint64_t now, uint64_t *missed);

#endif
