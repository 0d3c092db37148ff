/* SPDX-License-Identifier: ISC */
/*
 * A server for short questions over a stream: one question, one answer, and
 * the connection is closed.  Whoever is slow costs one of few places, for a
 * few seconds, and is the first to lose it; nobody holds up the loop.
 */
#ifndef RACOON_DAEMON_SERVE_H
#define RACOON_DAEMON_SERVE_H

#include <stdint.h>
#include <sys/types.h>

#include "libipsec/buf.h"
#include "libipsec/view.h"

struct event_base;
struct serve;

/* What a client may take. */
struct serve_limits {
	unsigned int	clients;	/* at once; then the oldest goes */
	size_t		question;	/* bytes */
	size_t		answer;		/* bytes */
	unsigned int	ms;		/* from the connection to its end */
};

/* Who asks: of a Unix socket, else no one (uid and gid -1). */
struct serve_peer {
	uid_t		uid;
	gid_t		gid;
};

enum serve_verdict {
	SERVE_MORE,			/* the question is not complete yet */
	SERVE_ANSWER,			/* OUT is to be sent, may be empty */
	SERVE_DROP			/* the client deserves no answer */
};

/* Looks at what has come so far. */
typedef enum serve_verdict serve_fn(void *ctx, const struct serve_peer *,
    struct view question, struct buf *out);

/*
 * Serves on the listening socket FD, which it owns from now on, also when it
 * fails: NULL, logged.
 */
struct serve	*serve_new(struct event_base *, int fd,
		    const struct serve_limits *, serve_fn *, void *ctx);
/* Drops the clients.  NULL is allowed. */
void		 serve_free(struct serve *);
/* How many clients there are now. */
unsigned int	 serve_clients(const struct serve *);

#endif
