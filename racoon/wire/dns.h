/* SPDX-License-Identifier: ISC */
/*
 * Certificates in the DNS (RFC 1035, RFC 4398): the name under which those of
 * an identity are, and what the answer of a resolver says.
 */
#ifndef RACOON_WIRE_DNS_H
#define RACOON_WIRE_DNS_H

#include "base/err.h"
#include "libipsec/view.h"

#define DNS_CLASS_IN	1
#define DNS_TYPE_CERT	37
#define DNS_NAME	320	/* bytes of a name as text, with its end */
#define DNS_CERTS	8	/* certificates taken from one answer */
#define DNS_RECORDS	64	/* records of one that are looked at */

/*
 * The name, with a dot at its end, for the data of an ID payload of TYPE: the
 * fqdn itself; a user_fqdn with a dot for its @ (RFC 4398 3.1); the reverse
 * name of an address.  False: another type, or nothing that is a host's name.
 */
bool		 dns_name(uint8_t type, struct view data, char out[DNS_NAME]);

struct dns_answer {
	bool		authentic;	/* the resolver says so: AD, RFC 4035 */
	uint8_t		rcode;		/* 0: no error; 3: no such name */
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
