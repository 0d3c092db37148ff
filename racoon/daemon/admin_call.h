/* SPDX-License-Identifier: ISC */
/* A command of the control socket under way; what carries it out. */
#ifndef RACOON_DAEMON_ADMIN_CALL_H
#define RACOON_DAEMON_ADMIN_CALL_H

#include "daemon/admin.h"
#include "daemon/admin_watch.h"
#include "daemon/serve.h"
#include "wire/admin.h"

struct call {
	const struct admin_sources *of;
	struct admin_watches *watches;
	const struct serve_peer *peer;
	const struct admin_request *r;
	struct buf	*out;		/* the reply's body */
	bool		 reason;	/* it says why it is refused */
	struct watch	*watch;		/* the client wants to hear of this */
};

/* A line of the log about it: WHAT, and for whom. */
void	 call_note(const struct call *, const char *what);
/* The reason of an error, for the operator: replaces the body. */
int	 call_refuse(struct call *, int err, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* Each returns 0, or the errno of the reply. */
int	 call_show_sa(struct call *), call_flush_sa(struct call *);
int	 call_delete_sa(struct call *), call_delete_all(struct call *);
int	 call_establish(struct call *), call_establish_login(struct call *);
int	 call_get_cert(struct call *), call_logout(struct call *);
int	 call_schedule(struct call *), call_show_event(struct call *);
int	 call_status(struct call *), call_peers(struct call *);
int	 call_why(struct call *), call_wireshark(struct call *);

#endif
