/* SPDX-License-Identifier: ISC */
/* Replies of racoon as text; scripts read it. */
#ifndef RACOON_RACOONCTL_SHOW_H
#define RACOON_RACOONCTL_SHOW_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "libipsec/view.h"

struct show {
	FILE		*out;
	unsigned int	 verbose;	/* how many -l */
	time_t		 now;
};

/* False: the body of the reply is broken. */
typedef bool	 show_fn(struct show *, struct view body);

/* The IKE SAs; those of the kernel; nothing; the bytes as they are. */
show_fn	 show_isakmp, show_ipsec, show_nothing, show_bytes;

#endif
