/* SPDX-License-Identifier: ISC */
/* What the kernel counts about IPsec packets (/proc/net/xfrm_stat). */
#ifndef RACOON_DAEMON_XFRMSTAT_H
#define RACOON_DAEMON_XFRMSTAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libipsec/view.h"

#define XFRMSTAT_PATH	"/proc/self/net/xfrm_stat"
#define XFRMSTAT_ROWS	64
#define XFRMSTAT_NAME	40		/* with its terminator */

struct xfrmstat {
	size_t		 n;
	struct {
		char	 name[XFRMSTAT_NAME];	/* "XfrmInNoStates" */
		uint64_t value;
	} row[XFRMSTAT_ROWS];
};

/* Reads the file's text: lines of a name and a number, others are passed
 * over. */
void		 xfrmstat_get(struct xfrmstat *, struct view text);
/* The open file; -1, or false: this kernel counts nothing (n is 0 then). */
bool		 xfrmstat_read(struct xfrmstat *, int fd);

#endif
