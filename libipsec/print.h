/* SPDX-License-Identifier: ISC */
/*
 * SAs and policies as setkey -D and -DP print them.  Scripts read this
 * output: no byte of it may change.
 */
#ifndef LIBIPSEC_PRINT_H
#define LIBIPSEC_PRINT_H

#include <stdio.h>
#include <time.h>

#include "libipsec/ipsec.h"

#define PRINT_PROTO_NAME	24
#define PRINT_TIME		24
#define PRINT_EXTENSIONS	128

struct print {
	FILE	*out;
	bool	 ports;			/* -p */
	bool	 extra;			/* also what PF_KEY cannot tell */
	long	 pid;			/* shown as the asking process */
	unsigned int refcnt;		/* shown of policies; 1 if not known */
	time_t	 now;
	char	 today[PRINT_TIME];	/* the same as text */
	uint64_t when;			/* a time that was asked for, */
	char	 then[PRINT_TIME];	/* and its text: many are alike */
	/* Names of upper-layer protocols, looked up once each. */
	char	 proto[256][PRINT_PROTO_NAME];
};

void	 print_init(struct print *, FILE *out, bool ports, long pid,
	    time_t now);
/* SEQ counts the records from 1; the last one has 0. */
void	 print_sa(struct print *, const struct ipsec_sa *, unsigned long seq);
void	 print_policy(struct print *, const struct ipsec_policy *,
	    unsigned long seq);
/* " -mark 0x00000001/0xffffffff -if_id 5", or nothing. */
void	 print_extensions(char out[PRINT_EXTENSIONS],
	    const struct ipsec_policy *);
/* One line of setkey -Dl. */
void	 print_sa_short(struct print *, const struct ipsec_sa *);

#endif
