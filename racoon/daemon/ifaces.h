/* SPDX-License-Identifier: ISC */
/* Tells when addresses of this host come or go (rtnetlink). */
#ifndef RACOON_DAEMON_IFACES_H
#define RACOON_DAEMON_IFACES_H

struct event_base;
struct ifaces;

typedef void	 ifaces_fn(void *ctx);

/* NULL (logged) when the kernel cannot be asked. */
struct ifaces	*ifaces_new(struct event_base *, ifaces_fn *, void *ctx);
void		 ifaces_free(struct ifaces *);

#endif
