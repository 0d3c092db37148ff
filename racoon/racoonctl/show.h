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
	int		 width;		/* of the terminal; 0: it is none */
	time_t		 now;
};

/* False: the body of the reply is broken. */
typedef bool	 show_fn(struct show *, struct view body);

/* The IKE SAs; those of the kernel; nothing; the bytes as they are. */
show_fn	 show_isakmp, show_ipsec, show_nothing, show_bytes;
/* Text and the end of its last line; what racoon waits for; peers as a table. */
show_fn	 show_line, show_schedule, show_peers;

/* What happened; what is behind an event are attributes of mode config. */
show_fn	 show_event;
/* The same of an event that was waited for. */
show_fn	 show_awaited;

#endif
