/* SPDX-License-Identifier: ISC */
/*
 * Certificates in the DNS, by the resolver of /etc/resolv.conf.  What it says
 * is believed only if it has verified it (DNSSEC; the AD bit of RFC 4035) and
 * that file says `options trust-ad'.
 */
#ifndef RACOON_DAEMON_DNSCERT_H
#define RACOON_DAEMON_DNSCERT_H

#include "ike/ike.h"

/* The resolver's word: an answer in OUT, or one of these. */
enum dnscert_ask {
	DNSCERT_ANSWERED,
	DNSCERT_NO_TRUST,	/* without `options trust-ad' */
	DNSCERT_FAILED		/* no answer */
};
typedef enum dnscert_ask dnscert_query(const char *name, struct buf *out);

/* An ike_find_certs: waits for the resolver, on any thread. */
ike_find_certs	 dnscert_find;
/* The same by way of another resolver. */
enum err	 dnscert_find_by(dnscert_query *, const struct crypto *,
		    const char *name, struct cert **out, unsigned *n,
		    char why[IKE_WHY]) MUST_CHECK;

#endif
