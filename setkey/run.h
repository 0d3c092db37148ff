/* SPDX-License-Identifier: ISC */
/*
 * Applies a parsed script to the kernel.
 */
#ifndef SETKEY_RUN_H
#define SETKEY_RUN_H

#include "libipsec/ipsec.h"
#include "setkey/report.h"
#include "setkey/script.h"
#include "setkey/show.h"

struct run_options {
	struct report	*report;	/* where errors go */
	struct show_options show;	/* dump, get, spddump */
	bool		 fwd;		/* inbound policies get a copy */
	bool		 differs;	/* the policies are known not to be
					   those of the kernel */
};

/*
 * Every command is tried; errors are reported in the script's order.  What a
 * script that flushes the policies makes of them is applied as a difference.
 * Returns how many failed, or a negative errno when the kernel stopped
 * answering, which was reported as well.
 */
long	 run_script(struct ipsec *, const struct script *,
	    const struct run_options *);
/*
 * Prints what a script would change in the kernel's policies and changes
 * nothing; 0 or -errno.
 */
int		 run_difference(struct ipsec *, const struct script *,
		    const struct run_options *);
/* Reports, and counts, the commands that would fail with any kernel. */
long	 run_check(const struct script *, const struct run_options *);

#endif
