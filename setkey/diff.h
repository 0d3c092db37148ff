/* SPDX-License-Identifier: ISC */
/*
 * A difference on paper, in the language of setkey: setkey -n -f.
 */
#ifndef SETKEY_DIFF_H
#define SETKEY_DIFF_H

#include <stdio.h>

#include "libipsec/policy.h"
#include "setkey/reload.h"

#define DIFF_TEXT	(POLICY_TEXT + 1024)

/* "spdadd ...;" for an entry, AS_IS in the kernel or as it is wanted. */
void	 diff_policy(const struct spd_entry *, bool as_is,
	    char out[DIFF_TEXT]);
/*
 * One line for each policy: "+ spdadd", "~ spdupdate", "- spddelete".  False:
 * no memory.
 */
bool	 diff_print(const struct reload *, FILE *);

#endif
