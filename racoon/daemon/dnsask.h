/* SPDX-License-Identifier: ISC */
/*
 * Asks a resolver for the certificates under a name, by UDP and, when the
 * answer is too long for that, by TCP.  The C library's own function waits for
 * a TCP connection without end, so it only says which resolvers there are.
 *
 * Nothing is kept between questions: a resolver that validates has a cache,
 * which knows when a record has to go, and best is on this host; a second one
 * here would make a key that was withdrawn live longer, and is one more thing
 * that strangers can fill.
 */
#ifndef RACOON_DAEMON_DNSASK_H
#define RACOON_DAEMON_DNSASK_H

#include <netinet/in.h>

#include "libipsec/buf.h"

#define DNSASK_SERVERS	3	/* of resolv.conf(5) */
#define DNSASK_ANSWER	16384	/* bytes of an answer */

struct dnsask {
	union {
		struct sockaddr		sa;
		struct sockaddr_in	in;
		struct sockaddr_in6	in6;
	} server[DNSASK_SERVERS];
	unsigned	nservers;
	unsigned	each_ms;	/* how long one is waited for by UDP,
					   and then by TCP; */
	unsigned	all_ms;		/* all of them, whatever they do */
	bool		trusted;	/* resolv.conf has `options trust-ad' */
};

/* Those of /etc/resolv.conf; false: it cannot be read. */
bool		 dnsask_system(struct dnsask *);
/*
 * Appends the answer to OUT: of the first server that finds one, be it that
 * there is no such record, or else one that tells of an error.  False: none
 * did in time.  Waits on the calling thread, any will do.
 */
bool		 dnsask(const struct dnsask *, const char *name,
		    struct buf *out);

#endif
