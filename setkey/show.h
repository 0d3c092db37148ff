/* SPDX-License-Identifier: ISC */
/*
 * Tables of the kernel on paper: -D, -DP and what the commands dump, get and
 * spddump print.
 */
#ifndef SETKEY_SHOW_H
#define SETKEY_SHOW_H

#include <stdio.h>

#include "libipsec/ipsec.h"

struct trace;

struct show_options {
	FILE	*out;
	const struct trace *trace;	/* -v: also as messages, or NULL */
	bool	 ports;			/* -p */
	bool	 extra;			/* -X */
	bool	 hide_sockets;		/* -N */
	bool	 brief;			/* -l */
};

/* The number of records or -errno; PROTO 0: all three. */
long	 show_sas(struct ipsec *, uint8_t proto, const struct show_options *);
long	 show_policies(struct ipsec *, const struct show_options *);
void	 show_sa(const struct ipsec_sa *, const struct show_options *);

#endif
