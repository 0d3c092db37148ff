/* SPDX-License-Identifier: ISC */
/*
 * The quick answer to the most frequent question: has the kernel just the
 * policies that a script asks for, in its order?
 */
#ifndef SETKEY_UNCHANGED_H
#define SETKEY_UNCHANGED_H

#include "libipsec/ipsec.h"
#include "setkey/script.h"

/*
 * 1: the commands about policies from FROM up to END change nothing, and
 * none of them fails; 0: they may; or -errno.  FWD: as expand_parts().
 */
int	 unchanged(struct ipsec *, const struct command *from,
	    const struct command *end, bool fwd);

#endif
