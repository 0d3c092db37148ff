/* SPDX-License-Identifier: ISC */
/* A network namespace in which nobody else sends. */
#ifndef TEST_OWN_NETWORK_H
#define TEST_OWN_NETWORK_H

#include <check.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Moves there, with lo up.  False: it cannot be had. */
static inline bool
own_network(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET) == -1 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memcpy(ifr.ifr_name, "lo", 3);
	ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &ifr), 0);
	(void)close(fd);
	return true;
}

#endif
