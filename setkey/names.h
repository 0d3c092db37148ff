/* SPDX-License-Identifier: ISC */
/*
 * The last answers of a resolver.  Scripts ask for the same few names again
 * and again, and libc reads a file for each question about a protocol or a
 * service.  Lives as long as one run of the parser.
 */
#ifndef SETKEY_NAMES_H
#define SETKEY_NAMES_H

#include "setkey/parse.h"

#define NAMES_KEPT	4
#define NAMES_LONG	255	/* the longest name of a host */
#define NAMES_SHORT	63	/* of a protocol or a service */

struct name_number {
	char		 name[NAMES_SHORT + 1];
	int		 number;		/* -1: there is none */
};

struct name_host {
	char		 name[NAMES_LONG + 1];
	int		 family;
	unsigned int	 n;
	struct ipsec_addr addr[RESOLVE_MAX];
};

/* All zero: nothing is known yet. */
struct names {
	struct name_number protocol[NAMES_KEPT], service[NAMES_KEPT];
	struct name_host host[NAMES_KEPT];
	unsigned int	 next[3];	/* the place of the next new one */
};

/* As the calls of struct resolver; the environment's resolver may be NULL. */
int	 names_host(struct names *, const struct parse_env *, const char *name,
	    int family, struct ipsec_addr *out, unsigned int *n);
int	 names_service(struct names *, const struct parse_env *,
	    const char *name);
int	 names_protocol(struct names *, const struct parse_env *,
	    const char *name);

#endif
