/* SPDX-License-Identifier: ISC */
/*
 * A routing socket that is only listened to.  What a message says does not
 * matter, nor whether some were lost: any of them means "look again".
 */
#include "daemon/ifaces.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "base/log.h"
#include "base/mem.h"

struct ifaces {
	int		 fd;
	struct event	*ev;
	ifaces_fn	*fn;
	void		*ctx;
};

static void
changed(evutil_socket_t fd, short what, void *ctx)
{
	struct ifaces *ifs = ctx;
	char byte;
	bool any = false;

	(void)what;
	/* A cut message is a message, and ENOBUFS says that there were many. */
	while (recv(fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_TRUNC) >= 0 ||
	    errno == ENOBUFS)
		any = true;
	if (any)
		ifs->fn(ifs->ctx);
}

static int
open_socket(void)
{
	struct sockaddr_nl nl = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
	};
	int fd;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    NETLINK_ROUTE);
	if (fd != -1 &&
	    bind(fd, (const struct sockaddr *)&nl, sizeof(nl)) == -1) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

struct ifaces *
ifaces_new(struct event_base *base, ifaces_fn *fn, void *ctx)
{
	struct ifaces *ifs;
	int fd = open_socket();

	if (fd == -1) {
		log_msg(LOG_L_WARNING, "cannot watch this host's addresses "
		    "(%s): send SIGHUP to use an address that appears later",
		    strerror(errno));
		return NULL;
	}
	ifs = xcalloc(1, sizeof(*ifs));
	ifs->fd = fd;
	ifs->fn = fn;
	ifs->ctx = ctx;
	ifs->ev = event_new(base, fd, EV_READ | EV_PERSIST, changed, ifs);
	if (ifs->ev == NULL || event_add(ifs->ev, NULL) == -1) {
		log_msg(LOG_L_WARNING, "cannot watch this host's addresses: "
		    "the event library refused");
		ifaces_free(ifs);
		return NULL;
	}
	return ifs;
}

void
ifaces_free(struct ifaces *ifs)
{
	if (ifs == NULL)
		return;
	if (ifs->ev != NULL)
		event_free(ifs->ev);
	(void)close(ifs->fd);
	free(ifs);
}
