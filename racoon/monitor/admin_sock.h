/* SPDX-License-Identifier: ISC */
/* The file of the control socket. */
#ifndef RACOON_MONITOR_ADMIN_SOCK_H
#define RACOON_MONITOR_ADMIN_SOCK_H

#include <sys/types.h>

/*
 * A listening Unix socket at PATH with this owner and mode; its directory is
 * made if missing (0750, the group's).  A socket that nobody serves is
 * replaced.  -1, logged.
 */
int	 admin_sock_open(const char *path, uid_t, gid_t, mode_t);

#endif
