/* SPDX-License-Identifier: ISC */
/*
 * Certificates in the DNS (RFC 1035, RFC 4398): the name under which those of
 * an identity are, the question for them, and what the answer of a resolver
 * says.
 */
#ifndef RACOON_WIRE_DNS_H
#define RACOON_WIRE_DNS_H

#include "base/err.h"
#include "libipsec/buf.h"
#include "libipsec/view.h"

#define DNS_CLASS_IN	1
#define DNS_TYPE_CERT	37
#define DNS_NAME	320	/* bytes of a name as text, with its end */
#define DNS_CERTS	8	/* certificates taken from one answer */
#define DNS_RECORDS	64	/* records of one that are looked at */
#define DNS_DATAGRAM	1232	/* bytes of an answer by UDP: what passes every
				   path in one piece */

/*
 * The name, with a dot at its end, for the data of an ID payload of TYPE: the
 * fqdn itself; a user_fqdn with a dot for its @ (RFC 4398 3.1); the reverse
 * name of an address.  False: another type, or nothing that is a host's name.
 */
bool		 dns_name(uint8_t type, struct view data, char out[DNS_NAME]);

/*
 * Appends the question for the certificates under NAME, which dns_name() made;
 * ID is its number.  It asks a resolver to search, and to say if the answer is
 * authentic (RFC 6840 5.7).
 */
void		 dns_put_query(struct buf *, uint16_t id, const char *name);

/* Is MSG the answer to QUERY, from dns_put_query()? */
enum dns_reply {
	DNS_OTHER,		/* no: to another question, or none at all */
	DNS_CUT,		/* but not all of it: ask by way of TCP */
	DNS_WHOLE
};
enum dns_reply	 dns_reply(struct view query, struct view msg);

#define DNS_NO_ERROR	0	/* rcode, RFC 1035 4.1.1 */
#define DNS_SERVFAIL	2
#define DNS_NO_NAME	3

struct dns_answer {
	bool		authentic;	/* the resolver says so: AD, RFC 4035 */
	uint8_t		rcode;
	unsigned int	nrecords;	/* CERT records, of whatever kind */
	unsigned int	ncerts;
	struct view	cert[DNS_CERTS]; /* X.509 in DER, in its order */
};

/*
 * Reads a resolver's answer; certificates of other kinds than PKIX are passed
 * over, and those that are too many.  Owners of records are not compared: what
 * the resolver puts into an answer is its word.  E_SHORT: it is cut short, by
 * its own account or not; E_PAYLOAD: it is none, or malformed.
 */
enum err	 dns_get(struct view msg, struct dns_answer *) MUST_CHECK;

#endif
