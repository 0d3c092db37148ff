/* SPDX-License-Identifier: ISC */
/*
 * A server for short questions over a stream: one question, one answer, and
 * the connection is closed.  Whoever is slow costs one of few places, for a
 * few seconds, and is the first to lose it; nobody holds up the loop.
 *
 * Some may stay and be told more later.  They have places of their own, no
 * deadline, and lose theirs when they do not read.
 */
#ifndef RACOON_DAEMON_SERVE_H
#define RACOON_DAEMON_SERVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "libipsec/buf.h"
#include "libipsec/view.h"

struct event_base;
struct serve;
struct serve_client;

/* What a client may take. */
struct serve_limits {
	unsigned int	clients;	/* at once; then the oldest goes */
	size_t		question;	/* bytes */
	size_t		answer;		/* bytes */
	unsigned int	ms;		/* from the connection to its end */
	unsigned int	stay;		/* so many may stay */
	size_t		unread;		/* bytes that wait for one of those */
};

/* Who asks: of a Unix socket, else no one (uid and gid -1). */
struct serve_peer {
	uid_t		uid;
	gid_t		gid;
	struct serve_client *client;	/* for serve_stay() */
};

enum serve_verdict {
	SERVE_MORE,			/* the question is not complete yet */
	SERVE_ANSWER,			/* OUT is to be sent, may be empty */
	SERVE_STAY,			/* likewise, and the client stays: after
					   serve_stay() */
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
/* Is there room for one more who stays? */
bool		 serve_may_stay(const struct serve *);
/*
 * Called by serve_fn, which then returns SERVE_STAY: GONE is called with OWN
 * when the client has gone, for whatever reason, and once.
 */
void		 serve_stay(struct serve_client *, void *own,
		    void (*gone)(void *own));
/* Tells somebody who stays; the client may be gone when this returns. */
void		 serve_tell(struct serve_client *, struct view);
/* The same for good: what was said yet is sent, then the connection ends. */
void		 serve_part(struct serve_client *);
/* Drops the clients, after a try to send what waits.  NULL is allowed. */
void		 serve_free(struct serve *);
/* How many clients there are now, without those who stay. */
unsigned int	 serve_clients(const struct serve *);

#endif
