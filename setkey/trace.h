/* SPDX-License-Identifier: ISC */
/*
 * The requests of a handle and their answers as PF_KEY messages, in words
 * (-v) and bytes (-H).  Over XFRM they are what PF_KEY would have carried.
 */
#ifndef SETKEY_TRACE_H
#define SETKEY_TRACE_H

#include <stdio.h>

#include "libipsec/ipsec.h"

struct trace {
	FILE		*out;
	bool		 verbose;	/* messages in words */
	bool		 hex;		/* what is sent as bytes */
	uint32_t	 pid;
	struct ipsec	*inner;
};

/*
 * Puts a handle that tells in front of *H, which it owns from then on.  T
 * must live as long; 0 or -errno, *H is then as it was.
 */
int	 trace_open(struct trace *t, struct ipsec **h);
/* A record of a dump, which its reader has to tell of; SEQ as it is shown. */
void	 trace_told_sa(const struct trace *, const struct ipsec_sa *,
	    unsigned long seq);
void	 trace_told_policy(const struct trace *, const struct ipsec_policy *,
	    unsigned long seq);

#endif
