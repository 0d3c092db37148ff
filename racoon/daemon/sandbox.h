/* SPDX-License-Identifier: ISC */
/* What the worker gives up before it hears the first word of a stranger. */
#ifndef RACOON_DAEMON_SANDBOX_H
#define RACOON_DAEMON_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

struct sandbox {
	uid_t		 uid;		/* 0: nothing is given up but... */
	gid_t		 gid;
	const char	*root;		/* ...what is outside of here; NULL: / */
	pid_t		 parent;	/* who does not outlive it */
};

/*
 * Root directory, groups, users, capabilities, new privileges, files
 * (Landlock) and system calls, in this order and for good.  False (logged):
 * something of it that is always possible is not.  Before there are threads.
 */
bool		 sandbox_enter(const struct sandbox *);

/* Leaves the system calls that the daemon needs.  -ENOSYS: this program, or
 * the kernel, cannot do it; other -errno: it failed. */
int		 sandbox_calls(void);

#endif
