/* SPDX-License-Identifier: ISC */
/* racoonctl top: the table of peers, again and again, with rates. */
#ifndef RACOON_RACOONCTL_TOP_H
#define RACOON_RACOONCTL_TOP_H

#include "racoonctl/show.h"

/* FRAMES of them (0: for ever), each SECONDS after the last: the exit
 * status. */
int	 top_run(const char *path, struct show *, unsigned int frames,
	    unsigned int seconds);

#endif
