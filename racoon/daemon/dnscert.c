/* SPDX-License-Identifier: ISC */
/* Worker threads are here: nothing is shared, nothing is logged. */
#include "daemon/dnscert.h"

#include <stdio.h>

#include "crypto/cert.h"
#include "daemon/dnsask.h"
#include "wire/dns.h"

static enum dnscert_ask
ask_system(const char *name, struct buf *out)
{
	struct dnsask how;

	if (!dnsask_system(&how))
		return DNSCERT_FAILED;
	if (!how.trusted)
		return DNSCERT_NO_TRUST;
	return dnsask(&how, name, out) ? DNSCERT_ANSWERED : DNSCERT_FAILED;
}

static unsigned
take(const struct crypto *crypto, const struct dns_answer *a,
    struct cert **out)
{
	unsigned n = 0;

	for (unsigned i = 0; i < a->ncerts && n < IKE_FOUND; i++)
		if (a->cert[i].n <= CERT_LEN_MAX &&
		    cert_get(crypto, a->cert[i], &out[n]) == OK)
			n++;
	return n;
}

static const char *
read_answer(const struct crypto *crypto, struct view msg, struct cert **out,
    unsigned *n)
{
	struct dns_answer a;

	if (dns_get(msg, &a) != OK)
		return "the resolver's answer cannot be read";
	if (a.rcode == DNS_SERVFAIL)
		return "the resolver failed (SERVFAIL): the zone's signatures "
		    "are wrong (DNSSEC), or its servers do not answer; see "
		    "the resolver's log";
	if (a.rcode != DNS_NO_ERROR && a.rcode != DNS_NO_NAME)
		return "the resolver refused to answer; may this host ask it?";
	if (a.nrecords == 0)
		return "there is no CERT record";
	if (!a.authentic)
		return "the answer is not authentic (AD): the zone needs "
		    "DNSSEC, and the resolver must validate";
	*n = take(crypto, &a, out);
	return *n > 0 ? NULL : "no CERT record there has an X.509 certificate "
	    "(PKIX)";
}

enum err
dnscert_find_by(dnscert_query *ask, const struct crypto *crypto,
    const char *name, struct cert **out, unsigned *n, char why[IKE_WHY])
{
	const char *reason = NULL;
	struct buf answer;

	*n = 0;
	buf_init(&answer, DNSASK_ANSWER);
	switch (ask(name, &answer)) {
	case DNSCERT_ANSWERED:
		reason = read_answer(crypto, buf_view(&answer), out, n);
		break;
	case DNSCERT_NO_TRUST:
		reason = "the resolver is not trusted: if it validates and "
		    "none can get between, write `options trust-ad' into "
		    "/etc/resolv.conf";
		break;
	case DNSCERT_FAILED:
		reason = "the resolver of /etc/resolv.conf does not answer";
		break;
	}
	buf_fini(&answer);
	snprintf(why, IKE_WHY, "%s", reason == NULL ? "" : reason);
	return *n > 0 ? OK : E_CERT;
}

enum err
dnscert_find(const struct crypto *crypto, const char *name,
    struct cert **out, unsigned *n, char why[IKE_WHY])
{
	return dnscert_find_by(ask_system, crypto, name, out, n, why);
}
