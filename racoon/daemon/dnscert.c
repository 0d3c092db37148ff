/* SPDX-License-Identifier: ISC */
/*
 * Worker threads are here: the state of the resolver is of each call, and
 * nothing is logged.
 */
#include "daemon/dnscert.h"

#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/cert.h"
#include "wire/dns.h"

/* What the resolver did not say tells h_errno's copy in its state. */
static enum dnscert_ask
ask_with(struct __res_state *state, const char *name, struct buf *out)
{
	uint8_t *answer;
	int n;

	if (!(state->options & RES_TRUSTAD))
		return DNSCERT_NO_TRUST;
	state->options |= RES_USE_EDNS0;
	state->retrans = DNSCERT_SECONDS;
	state->retry = 1;
	answer = xcalloc(1, DNSCERT_ANSWER);
	n = res_nquery(state, name, DNS_CLASS_IN, DNS_TYPE_CERT, answer,
	    DNSCERT_ANSWER);
	if (n > 0 && n <= DNSCERT_ANSWER)
		buf_put(out, answer, (size_t)n);
	free(answer);
	if (n > 0)
		return n <= DNSCERT_ANSWER ? DNSCERT_ANSWERED :
		    DNSCERT_FAILED;
	return state->res_h_errno == HOST_NOT_FOUND ||
	    state->res_h_errno == NO_DATA ? DNSCERT_NO_NAME : DNSCERT_FAILED;
}

static enum dnscert_ask
ask_system(const char *name, struct buf *out)
{
	struct __res_state state;
	enum dnscert_ask r;

	memset(&state, 0, sizeof(state));
	if (res_ninit(&state) != 0)
		return DNSCERT_FAILED;
	r = ask_with(&state, name, out);
	res_nclose(&state);
	return r;
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
	buf_init(&answer, DNSCERT_ANSWER);
	switch (ask(name, &answer)) {
	case DNSCERT_ANSWERED:
		reason = read_answer(crypto, buf_view(&answer), out, n);
		break;
	case DNSCERT_NO_TRUST:
		reason = "the resolver is not trusted: if it validates and "
		    "none can get between, write `options trust-ad' into "
		    "/etc/resolv.conf";
		break;
	case DNSCERT_NO_NAME:
		reason = "there is no CERT record";
		break;
	case DNSCERT_FAILED:
		reason = "the resolver does not answer";
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
