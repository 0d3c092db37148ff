/* SPDX-License-Identifier: ISC */
/* Clients of the control socket that hear of events as they happen. */
#ifndef RACOON_DAEMON_ADMIN_WATCH_H
#define RACOON_DAEMON_ADMIN_WATCH_H

#include "daemon/admin.h"
#include "daemon/serve.h"
#include "ike/ike.h"

#define WATCH_CLIENTS	32		/* at a time */
#define WATCH_UNREAD	65536u		/* bytes that one may leave unread */
#define WATCH_OLD	32		/* events for who asks again and again */

struct admin_watches;
struct watch;

/* What a client wants to hear of. */
enum watch_kind {
	WATCH_ALL,
	WATCH_SA,			/* until it is up, or will not be */
	WATCH_PAIR,			/* likewise */
	WATCH_END			/* all that is with REMOTE is deleted,
					   when the reply has gone */
};

struct watch_what {
	enum watch_kind	kind;
	struct ipsec_addr local, remote;
	struct ipsec_selector sel;	/* of a pair */
};

struct admin_watches *watches_new(const struct admin_sources *);
/* Tells those who are left that racoon quits. */
void		 watches_quit(struct admin_watches *);
void		 watches_free(struct admin_watches *);

/* One that nobody has yet; watch_free() it if it stays so. */
struct watch	*watch_new(struct admin_watches *, const struct watch_what *);
void		 watch_free(struct watch *);
/* CLIENT hears of it from now on. */
void		 watch_begin(struct watch *, struct serve_client *);
/* Something happened. */
void		 watches_event(struct admin_watches *,
		    const struct ike_event *);
/* One event for who asks again and again (version 0), or nothing. */
void		 watches_take_old(struct admin_watches *, struct buf *);

#endif
