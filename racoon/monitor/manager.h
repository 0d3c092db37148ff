/* SPDX-License-Identifier: ISC */
/*
 * What a service manager is told, by datagrams to $NOTIFY_SOCKET as in
 * sd_notify(3).  Without such a manager nothing here does anything.
 */
#ifndef RACOON_MONITOR_MANAGER_H
#define RACOON_MONITOR_MANAGER_H

#include <stdbool.h>

struct event_base;
struct watchdog;

/* Sends TEXT, with the descriptor FD unless that is -1.  False: it is not
 * sent, or nobody wants it. */
bool		 manager_tell(const char *text, int fd);
/* It serves, with its configuration read: after the start and each reload. */
void		 manager_ready(void);
/* It reads its configuration anew; manager_ready() follows in any case. */
void		 manager_reloading(void);
void		 manager_stopping(void);
/* What a watchdog wants to hear. */
void		 manager_alive(void);

/*
 * Calls FN from the loop of BASE twice in the time that $WATCHDOG_USEC allows
 * between two of manager_alive().  NULL: nobody asks for it, or it cannot
 * (logged).
 */
struct watchdog	*watchdog_new(struct event_base *base, void (*fn)(void *),
		    void *ctx);
void		 watchdog_free(struct watchdog *);

#endif
