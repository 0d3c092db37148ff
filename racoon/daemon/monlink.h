/* SPDX-License-Identifier: ISC */
/* Messages of base/monmsg.h on one end of a socketpair. */
#ifndef RACOON_DAEMON_MONLINK_H
#define RACOON_DAEMON_MONLINK_H

#include "base/monmsg.h"

#define MONLINK_DUMP_MAX (512u << 20)	/* bytes; some 200,000 SAs */

struct monlink {
	int		 fd;
	struct buf	 out;
	uint8_t		*in;		/* MON_MAX bytes */
};

void	 monlink_init(struct monlink *, int fd);
/* Closes. */
void	 monlink_fini(struct monlink *);
/*
 * Sends a request and waits for its answer, which replaces it; views in it
 * are good until the next one.  *fd: what came along, or -1.  ITEMS: parts of
 * a dump are appended there.  The end of the other side ends the process.
 */
void	 monlink_ask(struct monlink *, struct mon_msg *, int *fd,
	    struct buf *items);
/* Sends, without an answer. */
void	 monlink_tell(struct monlink *, const struct mon_msg *);
/* The next message that has arrived; false: none has. */
bool	 monlink_next(struct monlink *, struct mon_msg *);
bool	 monlink_write(int fd, struct view);

#endif
