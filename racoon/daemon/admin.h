/* SPDX-License-Identifier: ISC */
/* The control socket: what racoonctl(8) asks for (wire/admin.h). */
#ifndef RACOON_DAEMON_ADMIN_H
#define RACOON_DAEMON_ADMIN_H

#include <sys/types.h>

#include "conf/conf.h"
#include "daemon/observe.h"
#include "ike/ike.h"

#define ADMIN_CLIENTS	16	/* at a time */
#define ADMIN_MS	10000u	/* for one, from beginning to end */

struct admin;
struct event_base;
struct serve;

/* Whom it asks and tells; all borrowed. */
struct admin_sources {
	struct event_base *base;
	struct ike	*ike;
	struct ipsec	*ipsec;
	struct observe	*observe;
	const struct asroot *root;
	pid_t		 pid;		/* of racoon; 0: this process */
	void		(*reload)(void *);	/* as SIGHUP */
	/* Before and after the engine is called. */
	void		(*tick)(void *);
	void		(*arm)(void *);
	void		*ctx;
	/* Set by admin_new(). */
	struct admin	*self;
	struct serve	*serve;
};

/*
 * Serves at CONF's adminsock, for good.  NULL: it is disabled, or cannot be
 * made (logged; no reason not to start).
 */
struct admin	*admin_new(const struct admin_sources *, const struct conf *);
/* Something happened; NULL is allowed. */
void		 admin_event(struct admin *, const struct ike_event *);
/* Whoever listens is told that racoon quits. */
void		 admin_free(struct admin *);

#endif
