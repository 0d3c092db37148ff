/* SPDX-License-Identifier: ISC */
/* struct asroot_ops, done by the very process that asks: for tests. */
#ifndef RACOON_MONITOR_HERE_H
#define RACOON_MONITOR_HERE_H

#include "conf/read.h"
#include "monitor/asroot.h"

/* The C library's. */
#define HERE_RESOLV	"/etc/resolv.conf"

struct here {
	const struct conf_opener *opener;	/* NULL: no reload */
	const char	*path;			/* of racoon.conf */
	const char	*handover;		/* a file, or NULL */
	struct hooks	*hooks;			/* of attach */
	unsigned int	 ready;			/* how often it was said */
};

extern const struct asroot_ops here_ops;	/* with a struct here */
/* One that reads no racoon.conf and runs no script. */
extern const struct asroot here_plain;

/* Where the kernel's counters are, and how to open them; -errno. */
int		 here_proc(enum mon_proc);
/* Appends the names in a directory that OpenSSL's hashes have. */
bool		 here_list(const char *dir, struct buf *names);
/* The control socket of CONF. */
int		 here_admin(const struct conf *);

#endif
