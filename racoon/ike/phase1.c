/* SPDX-License-Identifier: ISC */
/* Phase 1: the life of its exchange; start, success, failure, jobs. */

#include "ike/phase1.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "conf/match.h"
#include "crypto/cert.h"
#include "crypto/sign.h"
#include "ike/auth.h"
#include "ike/child.h"
#include "ike/info.h"
#include "ike/natt.h"
#include "ike/p1_gss.h"
#include "ike/p1_part.h"
#include "ike/propose.h"
#include "ike/say.h"

#define PHASE1_FAILED	0x20000u	/* complaints: not just an enum err */

static struct phase1 *
p1_new(void)
{
	struct phase1 *p1 = xcalloc(1, sizeof(*p1));

	buf_init(&p1->psk, LIMIT_MESSAGE);
	buf_init(&p1->sai, LIMIT_OFFER);
	buf_init(&p1->answer, LIMIT_MESSAGE);
	buf_init(&p1->ni, NONCE_MAX);
	buf_init(&p1->nr, NONCE_MAX);
	buf_init(&p1->priv, GROUP_LEN_MAX);
	buf_init(&p1->gxi, GROUP_LEN_MAX);
	buf_init(&p1->gxr, GROUP_LEN_MAX);
	buf_init(&p1->id_local, LIMIT_ID);
	buf_init(&p1->id_remote, LIMIT_ID);
	buf_init(&p1->id_proven, CERT_LEN_MAX);
	buf_init(&p1->sig_local, SIGN_LEN_MAX);
	buf_init(&p1->sig_remote, SIGN_LEN_MAX);
	buf_init(&p1->requests, LIMIT_REQUEST_BYTES);
	return p1;
}

void
p1_clean(struct exchange *x)
{
	struct phase1 *p1 = x->p1;

	if (p1 == NULL)
		return;
	buf_fini(&p1->psk);
	buf_fini(&p1->sai);
	buf_fini(&p1->answer);
	buf_fini(&p1->ni);
	buf_fini(&p1->nr);
	buf_fini(&p1->priv);
	buf_fini(&p1->gxi);
	buf_fini(&p1->gxr);
	buf_fini(&p1->id_local);
	buf_fini(&p1->id_remote);
	buf_fini(&p1->id_proven);
	buf_fini(&p1->sig_local);
	buf_fini(&p1->sig_remote);
	buf_fini(&p1->requests);
	p1_gss_free(p1->gss);
	p1_forget_certs(p1);
	xfreezero(p1, sizeof(*p1));
	x->p1 = NULL;
}

/*
 * Start
 */

static const struct flow *
flow_for(uint8_t etype, bool initiator)
{
	static const struct flow *const flows[] = {
		&main_initiator, &main_responder,
		&aggressive_initiator, &aggressive_responder,
		&base_initiator, &base_responder,
	};

	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++)
		if (flows[i]->etype == etype &&
		    flows[i]->initiator == initiator)
			return flows[i];
	return NULL;
}

/* The first exchange mode of the block that we can carry out. */
static const struct flow *
flow_of(const struct remote *remote)
{
	for (unsigned i = 0; i < remote->netypes; i++)
		if (flow_for(remote->etype[i], true) != NULL)
			return flow_for(remote->etype[i], true);
	return NULL;
}

const struct conf_p1 *
p1_usable(const struct remote *remote)
{
	for (size_t i = 0; i < remote->nproposal; i++)
		if (propose_usable(&remote->proposal[i]))
			return &remote->proposal[i];
	return NULL;
}

/* As log readers have known it since KAME. */
static void
say_begin(enum log_level level, const struct sa *sa)
{
	say_sa(level, sa, "begin %s mode.",
	    sa->etype == ISAKMP_ETYPE_MAIN ? "Identity Protection" :
	    sa->etype == ISAKMP_ETYPE_AGGRESSIVE ? "Aggressive" : "Base");
}

static struct exchange *
p1_exchange(struct sa *sa, const struct flow *flow)
{
	struct exchange *x = exch_new(sa, flow, 0);

	x->p1 = p1_new();
	sa->etype = flow->etype;
	sa->ike->stats.phase1_started++;
	return x;
}

bool
phase1_start(struct ike *ike, const struct remote *remote,
    const struct ipsec_addr *local, const struct ipsec_addr *peer)
{
	const struct flow *flow = flow_of(remote);
	char from[ADDR_TEXT], to[ADDR_TEXT];
	struct exchange *x;
	struct sa *sa;

	if (flow == NULL || p1_usable(remote) == NULL) {
		log_peer(LOG_L_ERROR, peer, "%s:%u: \"remote %s\" has no "
		    "exchange mode or proposal that can be used",
		    remote->at.path, remote->at.line, remote->name);
		return false;
	}
	sa = sa_new(ike, local, peer, true, NULL);
	sa->remote_conf = remote;
	log_msg(LOG_L_INFO, "initiate new phase 1 negotiation: %s<=>%s",
	    addr_print_port(local, from), addr_print_port(peer, to));
	x = p1_exchange(sa, flow);
	say_begin(LOG_L_INFO, sa);
	exch_start(x);		/* x and sa may be gone now */
	return true;
}

struct exchange *
phase1_accept(struct sa *sa, uint8_t etype)
{
	const struct flow *flow = flow_for(etype, false);
	struct exchange *x = flow == NULL ? NULL : p1_exchange(sa, flow);

	if (x != NULL)			/* strangers are not worth a line */
		say_begin(LOG_L_DEBUG, sa);
	return x;
}

/* The successor begins where its predecessor is, behind a NAT on port 4500:
 * RFC 3947 4 allows it, and a peer behind one cannot be reached elsewhere. */
void
phase1_rekey(struct sa *sa)
{
	struct ike *ike = sa->ike;
	const struct remote *remote;
	bool ambiguous;

	if ((sa->peer->children == NULL &&
	    sa->remote_conf->rekey != CONF_FORCE) ||
	    sa_coming_with(ike, &sa->local, &sa->remote) != NULL ||
	    backoff_waits(sa->peer))
		return;
	/* of the current configuration: SA's own may be an older one */
	if (match_initiate(ike->conf, &sa->remote, &remote, &ambiguous) !=
	    OK) {
		say_sa(LOG_L_INFO, sa, "phase1 expires: no remote block says "
		    "how to negotiate its successor");
		return;
	}
	say_sa(LOG_L_INFO, sa, "renegotiating phase1: its life time ends "
	    "soon");
	phase1_start(ike, remote, &sa->local, &sa->remote);
}

/*
 * The end
 */

void
p1_done(struct exchange *x)
{
	struct sa *sa = x->sa;
	char from[ADDR_TEXT], to[ADDR_TEXT];

	assert(sa->authentic);
	buf_set(&sa->own_id, buf_view(&x->p1->id_local));
	memcpy(sa->iv, x->iv, sizeof(sa->iv));
	x->ike->stats.phase1_up++;
	sa_ready(sa);
	dpd_start(sa);
	backoff_heard(sa->peer);
	say_sa(LOG_L_INFO, sa, "ISAKMP-SA established %s-%s as %s in %u ms",
	    addr_print_port(&sa->local, from),
	    addr_print_port(&sa->remote, to),
	    sa->initiator ? "initiator" : "responder",
	    (unsigned)(x->ike->now - sa->began));
	natt_say(sa);
	sa_event(sa, IKE_EVENT_PHASE1_UP, OK);
	info_initial_contact(sa);
	x->ike->up->sa_up(sa);
}

static const struct phase1 *
phase1_of(const struct sa *sa)
{
	const struct exchange *x = sa->exchanges;

	while (x != NULL && x->p1 == NULL)
		x = x->next;
	return x == NULL ? NULL : x->p1;
}

/* Appends words and the identity in an ID payload's body, if there is one. */
static bool
names(const struct buf *body, const char *words, char out[PHASE1_WHOM])
{
	char name[ID_TEXT];
	struct id_payload id;

	if (body->n == 0 || id_get(buf_view(body), &id) != OK)
		return false;
	snprintf(out, PHASE1_WHOM, ", %s %s", words, id_print(&id, name));
	return true;
}

const char *
phase1_whom(const struct sa *sa, char out[PHASE1_WHOM])
{
	const struct phase1 *p1 = phase1_of(sa);

	if (!names(&sa->peer_id, "which is", out) && (p1 == NULL ||
	    (!names(&p1->id_remote, "which says it is", out) &&
	    !names(&p1->id_local, "to which we say we are", out))))
		out[0] = '\0';
	return out;
}

/* Those who return these have said more than could be said here. */
static bool
is_told(enum err err)
{
	return err == E_NOPROPOSAL || err == E_NOREMOTE || err == E_NOPSK;
}

/* Did all but the last message come? */
static bool
waits_for_last(const struct exchange *x)
{
	return x->at + 1 == x->flow->nsteps &&
	    (x->at > 1 || !x->flow->initiator);
}

/* What the peer may not have liked, or nothing. */
static const char *
why_silent(const struct exchange *x)
{
	const struct sa *sa = x->sa;
	bool saw = sa->initiator ? waits_for_last(x) :
	    x->flow->etype == ISAKMP_ETYPE_AGGRESSIVE;

	if (sa->suite.auth == NULL)
		return "";
	if (auth_secret(sa->suite.auth) && sa->complained)
		return "; its messages could not be decrypted: compare the "
		    "pre-shared keys";
	if (auth_secret(sa->suite.auth) && saw)
		return "; it saw our identity and hash last: compare the "
		    "pre-shared keys";
	if (auth_signs(sa->suite.auth) && saw)
		return "; it saw our identity and signature last: does it "
		    "know the authority of our certificate, or our key?";
	return "";
}

static void
say_failure(const struct exchange *x, enum err err)
{
	const struct sa *sa = x->sa;
	char from[ADDR_TEXT], to[ADDR_TEXT], whom[PHASE1_WHOM];

	if (is_told(err) && !log_on(LOG_L_DEBUG))
		return;			/* the reason was logged in detail */
	if (!sa->initiator && !ike_may_complain(x->ike, &sa->remote,
	    PHASE1_FAILED + err))
		return;
	addr_print_port(&sa->local, from);
	addr_print_port(&sa->remote, to);
	phase1_whom(sa, whom);
	if (err == E_TIMEOUT && sa->initiator)
		say_exchange(LOG_L_ERROR, x, "phase1 negotiation failed due "
		    "to time up: no usable answer from the peer%s, %s<=>%s%s",
		    whom, from, to, why_silent(x));
	else if (err == E_TIMEOUT)
		say_exchange(waits_for_last(x) ? LOG_L_ERROR : LOG_L_DEBUG, x,
		    "phase1 negotiation failed due to time up: the peer%s%s "
		    "went silent, %s<=>%s%s", whom, whom[0] != '\0' ? "," :
		    "", from, to, why_silent(x));
	else
		say_exchange(is_told(err) ? LOG_L_DEBUG : LOG_L_ERROR, x,
		    "phase1 negotiation failed: %s, %s<=>%s", err_text(err),
		    from, to);
}

void
p1_failed(struct exchange *x, enum err err)
{
	struct sa *sa = x->sa;

	x->ike->stats.phase1_failed++;
	say_failure(x, err);
	/* who never answered is not told */
	if (err_notify(err) != 0 && (!sa->initiator || x->at > 0))
		info_refuse(sa, err);
	if (!sa->initiator)
		complaint_said(&x->ike->complained, &sa->remote,
		    COMPLAINT_REFUSED, x->ike->now);
	if (err == E_TIMEOUT && sa->initiator &&
	    sa_ready_with(x->ike, &sa->local, &sa->remote) == NULL)
		backoff_failed(sa->peer);
	sa_event(sa, err == E_TIMEOUT && sa->initiator ?
	    IKE_EVENT_PHASE1_DEAD : IKE_EVENT_PHASE1_FAILED, err);
	sa_end(sa, err, false);
}
