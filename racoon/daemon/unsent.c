/* SPDX-License-Identifier: ISC */
/* Which failures to send are worth a line. */
#include "daemon/unsent.h"

#include <stddef.h>

#include "libipsec/addr.h"

static bool
is_recent(const struct unsent *u, size_t i, uint64_t now)
{
	return u->told[i].err != 0 &&
	    now - u->told[i].at < UNSENT_SECONDS * 1000;
}

bool
unsent_tell(struct unsent *u, int err, const struct ipsec_addr *remote,
    uint64_t now, uint64_t *missed)
{
	size_t place = UNSENT_MAX;

	for (size_t i = 0; i < UNSENT_MAX; i++) {
		if (!is_recent(u, i, now))
			place = i;
		else if (u->told[i].err == err &&
		    addr_equal(&u->told[i].remote, remote)) {
			place = UNSENT_MAX;
			break;
		}
	}
	if (place == UNSENT_MAX) {
		u->missed++;
		return false;
	}
	u->told[place].err = err;
	u->told[place].remote = *remote;
	u->told[place].at = now;
	*missed = u->missed;
	u->missed = 0;
	return true;
}
