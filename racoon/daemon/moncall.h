/* SPDX-License-Identifier: ISC */
/*
 * The worker's end of the two sockets to the monitor: the kernel as a struct
 * ipsec, what needs root as a struct asroot, signatures, log lines.
 *
 * Without a monitor there is nothing to do: when it is gone the process ends.
 */
#ifndef RACOON_DAEMON_MONCALL_H
#define RACOON_DAEMON_MONCALL_H

#include "conf/read.h"
#include "crypto/key.h"
#include "libipsec/ipsec.h"
#include "monitor/asroot.h"

struct moncall;

struct moncall_setup {
	int		 call, sign, tell; /* MON_FD_...; taken */
	const char	*path;		/* racoon.conf */
	const char	*backend;	/* the kernel's: ipsec_backend() */
	bool		 gss;		/* as struct conf_opener has it */
};

/* Borrows the two texts. */
struct moncall	*moncall_new(const struct moncall_setup *);
void		 moncall_free(struct moncall *);
/* The log's lines go to the monitor. */
void		 moncall_log(struct moncall *);
/* The configuration in force; E_CONFIG (logged). */
enum err	 moncall_conf(struct moncall *, struct conf **) MUST_CHECK;
/* The kernel; -errno.  Must be closed before the moncall is freed. */
int		 moncall_ipsec(struct moncall *, struct ipsec **);
/* The rest; borrowed. */
const struct asroot *moncall_asroot(struct moncall *);

#endif
