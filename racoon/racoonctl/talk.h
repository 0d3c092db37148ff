/* SPDX-License-Identifier: ISC */
/* The socket: one request, then messages until racoon has no more. */
#ifndef RACOON_RACOONCTL_TALK_H
#define RACOON_RACOONCTL_TALK_H

#include "libipsec/buf.h"
#include "wire/admin.h"

/* A line on standard error: EXIT_FAILURE. */
int	 fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

enum talk {
	TALK_GOOD,
	TALK_END,			/* racoon closed the connection */
	TALK_FAILED			/* errno says why */
};

/* A connected socket, or -1 with errno. */
int	 talk_dial(const char *path);
bool	 talk_send(int fd, struct view);
/*
 * The next message, whose bytes are put into BYTES: REPLY borrows them.
 * EPROTO: that cannot be one.
 */
enum talk talk_next(int fd, struct buf *bytes, struct admin_reply *reply);

#endif
