/* SPDX-License-Identifier: ISC */
/*
 * Phase 1: what certificates the peer asks for (RFC 2408 3.10), and which
 * remote block that speaks for.  Nothing of it is proven, nor a reason to
 * refuse anybody: a request may name an authority far above the one that
 * signed our certificate.
 */

#include "ike/auth.h"
#include "ike/p1_part.h"
#include "ike/say.h"

/* The next of the names that were kept. */
static bool
next_name(struct view *rest, struct view *name)
{
	if (rest->n == 0)
		return false;
	*name = view_take(rest, view_u16(rest));
	return !rest->bad;
}

static bool
is_kept(const struct phase1 *p1, struct view name)
{
	struct view rest = buf_view(&p1->requests), kept;

	while (next_name(&rest, &kept))
		if (view_equal(kept, name))
			return true;
	return false;
}

/* Of what does not fit in any more the peer has more certificates to offer
 * than we have to choose from. */
static void
keep_name(struct phase1 *p1, struct view name)
{
	if (p1->nrequests >= LIMIT_REQUESTS || is_kept(p1, name) ||
	    p1->requests.n + 2 + name.n > LIMIT_REQUEST_BYTES)
		return;
	p1->nrequests++;
	buf_u16(&p1->requests, (uint16_t)name.n);
	buf_put(&p1->requests, name.p, name.n);
}

void
p1_take_requests(struct exchange *x, const struct msg *msg)
{
	const struct msg_payload *p = msg_find(msg, ISAKMP_CR);
	struct cert_payload c;

	for (; p != NULL; p = msg_next(msg, p)) {
		if (cert_payload_get(p->body, &c) != OK ||
		    c.encoding != CERT_X509)
			say_sa(LOG_L_DEBUG, x->sa, "passing over a request "
			    "for a certificate that is not X.509");
		else if (c.data.n == 0)
			x->p1->asked_any = true;
		else
			keep_name(x->p1, c.data);
	}
}

static bool
was_asked(const struct phase1 *p1)
{
	return p1->asked_any || p1->nrequests > 0;
}

static bool
is_wanted(const struct phase1 *p1, const struct cert *cert)
{
	struct view rest = buf_view(&p1->requests), name;

	while (next_name(&rest, &name))
		if (cert_issued_by(cert, name))
			return true;
	return false;
}

/* Is our certificate, or one above it that we send, of such an authority? */
static bool
fits(const struct phase1 *p1, const struct ike_creds *creds)
{
	bool fit = is_wanted(p1, creds->cert);

	for (unsigned i = 0; !fit && i < creds->nabove; i++)
		fit = is_wanted(p1, creds->above[i]);
	return fit;
}

/* A match_peer's: X is the exchange. */
static enum match_request
ask(void *x, const struct remote *remote)
{
	const struct exchange *ex = x;
	const struct phase1 *p1 = ex->p1;
	struct ike_creds creds = { .key = NULL };

	if (ex->ike->ops->creds != NULL)
		ex->ike->ops->creds(ex->ike->ctx, remote, &creds);
	if (creds.cert == NULL)
		return MATCH_REQUEST_MISFIT;
	if (fits(p1, &creds))
		return MATCH_REQUEST_FITS;
	return p1->asked_any && remote->match_empty_cr ?
	    MATCH_REQUEST_NONE : MATCH_REQUEST_MISFIT;
}

enum err
p1_match(struct exchange *x, const struct transform *t,
    const struct id_payload *id, struct match_p1 *out)
{
	const struct auth *auth = auth_of(t->method);
	struct match_peer peer = {
		.addr = &x->sa->remote,
		.etype = x->flow->etype,
		.id = id,
		.ctx = x
	};

	if (auth != NULL && auth_signs(auth) && was_asked(x->p1))
		peer.request = ask;
	return match_respond_to(x->sa->conf, &peer, t, out);
}

void
p1_say_request(struct exchange *x, const struct ike_creds *own)
{
	char store[ID_TEXT];
	struct text text;

	if (x->p1->asked_any || x->p1->nrequests == 0 || fits(x->p1, own))
		return;
	text_init(&text, store, sizeof(store));
	cert_print(own->cert, &text);
	say_sa(LOG_L_DEBUG, x->sa, "the authority that signed our certificate "
	    "%s is none of the %u that the peer asks for; unless one of these "
	    "is above it, the peer will refuse", store, x->p1->nrequests);
}
