/* SPDX-License-Identifier: ISC */
/* Phase 1: SA payloads and vendor IDs. */

#include "ike/auth.h"
#include "ike/frag.h"
#include "ike/natt.h"
#include "ike/p1_gss.h"
#include "ike/p1_part.h"
#include "ike/propose.h"
#include "ike/say.h"

#define ALLOWANCE_SIGNS	2

/*
 * Vendor IDs
 */

static void
note_vids(struct sa *sa, const struct msg *msg)
{
	const struct msg_payload *p = msg_find(msg, ISAKMP_VID);

	sa->vids = 0;			/* an answer may be read twice */
	sa->frag_peer = false;
	for (; p != NULL; p = msg_next(msg, p)) {
		enum vid vid = vid_match(p->body);

		sa->vids |= 1u << vid;
		if (vid == VID_FRAG)
			frag_note(sa, msg->h.etype, p->body);
		say_sa(LOG_L_DEBUG, sa, "received Vendor ID: %s",
		    vid == VID_UNKNOWN ? "unknown" : vid_name(vid));
	}
}

static void
choose_natt(struct sa *sa)
{
	enum vid vid = natt_choose(sa->vids);

	sa->natt = vid != VID_UNKNOWN && natt_possible(sa, sa->remote_conf) ?
	    vid : VID_UNKNOWN;
}

/* Nothing has been proven when NAT-D payloads are compared. */
static void
agree_on_natt(struct exchange *x)
{
	choose_natt(x->sa);
	x->p1->natt = x->sa->natt;
}

static void
put_vid(struct msg_out *out, enum vid vid)
{
	msg_put(out, ISAKMP_VID, vid_bytes(vid));
}

void
p1_put_offer_vids(struct exchange *x, struct msg_out *out)
{
	const struct remote *remote = x->sa->remote_conf;

	if (natt_possible(x->sa, remote))
		natt_offer(out);
	frag_announce(x->sa, x->flow->etype, out);
	if (remote->dpd.enabled)
		put_vid(out, VID_DPD);
	if (remote->liveness != 0)
		put_vid(out, VID_SPILIST);
	if (p1_gss_offered(remote))
		put_vid(out, VID_GSSAPI);
}

void
p1_put_answer_vids(struct exchange *x, struct msg_out *out)
{
	struct sa *sa = x->sa;

	if (sa->natt != VID_UNKNOWN)
		put_vid(out, sa->natt);
	if (sa->remote_conf->dpd.enabled && sa->vids & 1u << VID_DPD)
		put_vid(out, VID_DPD);
	if (sa->remote_conf->liveness != 0 && sa->vids & 1u << VID_SPILIST)
		put_vid(out, VID_SPILIST);
	frag_announce(sa, x->flow->etype, out);
	if (sa->suite.auth->kind == AUTH_GSS && sa->vids & 1u << VID_GSSAPI)
		put_vid(out, VID_GSSAPI);
}

/*
 * The offer and the answer to it
 */

void
p1_put_offer(struct exchange *x, struct msg_out *out)
{
	struct sa_payload offer;

	propose_phase1(x->sa->remote_conf, &offer);
	p1_gss_offer(x, &offer);
	buf_reset(&x->p1->sai);
	sa_put(&x->p1->sai, &offer);
	msg_put(out, ISAKMP_SA, buf_view(&x->p1->sai));
}

/* Both lists, since that is what the operator has to compare. */
static void
say_no_proposal(struct exchange *x, const struct sa_payload *theirs,
    const struct remote *remote)
{
	char peer[PROPOSE_TEXT], own[PROPOSE_TEXT], near[PROPOSE_NEAR];

	if (!x->sa->initiator && !ike_may_complain(x->ike, &x->sa->remote,
	    E_NOPROPOSAL))
		return;
	say_sa(LOG_L_ERROR, x->sa, "no suitable proposal found: the peer %s "
	    "%s; we accept %s (%s:%u)%s", x->sa->initiator ? "chose" :
	    "offers", propose_print(theirs, peer),
	    propose_print_remote(remote, own),
	    remote->at.path == NULL ? "?" : remote->at.path, remote->at.line,
	    propose_near(remote, theirs, near));
	propose_table_remote(x->sa, theirs, remote);
}

/* RFC 2409 5.4: in aggressive mode the group is not negotiated, the public
 * value that went with the offer is of the one that was offered. */
static bool
group_stays(const struct exchange *x, const struct transform *t)
{
	const struct alg_group *own = x->sa->suite.group;

	return x->p1->gxi.n == 0 || (own != NULL && own->id == t->group);
}

enum err
p1_take_answer(struct exchange *x, const struct msg *msg)
{
	struct sa *sa = x->sa;
	struct sa_payload answer;
	struct match_p1 m;
	enum err r;

	r = sa_get(msg_find(msg, ISAKMP_SA)->body, &answer);
	if (r != OK)
		return r;
	if (answer.nproposal != 1 || answer.ntransform != 1 ||
	    answer.proposal[0].proto != PROTO_ISAKMP ||
	    !group_stays(x, &answer.transform[0]))
		return E_PROPOSAL;
	r = match_proposal(sa->remote_conf, &answer.transform[0], &m);
	if (r == OK)
		r = propose_suite(&answer.transform[0], m.life_secs,
		    &sa->suite);
	if (r != OK) {
		say_no_proposal(x, &answer, sa->remote_conf);
		return r;
	}
	r = p1_gss_agree(x, m.proposal, &answer.transform[0]);
	if (r != OK)
		return r;
	note_vids(sa, msg);
	agree_on_natt(x);
	return OK;
}

/* The peer's transforms in its order, our blocks and proposals in ours. */
static enum err
choose(struct exchange *x, const struct sa_payload *offer,
    const struct id_payload *id, unsigned *chosen, struct match_p1 *m)
{
	struct sa *sa = x->sa;
	enum err r = E_NOPROPOSAL;

	for (unsigned i = 0; i < offer->ntransform && r != OK; i++) {
		r = p1_match(x, &offer->transform[i], id, m);
		if (r == OK)
			r = propose_suite(&offer->transform[i], m->life_secs,
			    &sa->suite);
		if (r == OK && !auth_in(sa->suite.auth, x->flow->etype))
			r = E_NOPROPOSAL;
		*chosen = i;
	}
	return r;
}

static void
say_no_choice(struct exchange *x, const struct sa_payload *offer,
    const struct id_payload *id, enum err r)
{
	char name[ID_TEXT] = "";
	const struct remote *remote;
	bool ambiguous;

	if (r == E_NOPROPOSAL && match_initiate(x->sa->conf, &x->sa->remote,
	    &remote, &ambiguous) == OK)
		say_no_proposal(x, offer, remote);
	else if (r == E_NOREMOTE && ike_may_complain(x->ike, &x->sa->remote,
	    E_NOREMOTE))
		say_sa(LOG_L_ERROR, x->sa, "no remote block of the "
		    "configuration is for %s mode and this peer%s%s",
		    x->flow->name, id != NULL ? ", which says it is " : "",
		    id != NULL ? id_print(id, name) : "");
}

static void
keep_answer(struct exchange *x, const struct sa_payload *offer,
    unsigned chosen)
{
	struct sa_payload answer = {
		.doi = offer->doi,
		.situation = offer->situation,
		.nproposal = 1,
		.ntransform = 1,
		.proposal = { offer->proposal[0] },
		.transform = { offer->transform[chosen] },
	};

	p1_gss_answer(x, &answer.transform[0]);
	answer.proposal[0].first = 0;
	answer.proposal[0].n = 1;
	buf_reset(&x->p1->answer);
	sa_put(&x->p1->answer, &answer);
	x->p1->chosen = offer->transform[chosen];
}

enum err
p1_take_offer(struct exchange *x, const struct msg *msg,
    const struct id_payload *id)
{
	struct sa *sa = x->sa;
	struct view body = msg_find(msg, ISAKMP_SA)->body;
	struct sa_payload offer;
	struct match_p1 m;
	unsigned chosen = 0;
	enum err r;

	r = body.n > LIMIT_OFFER ? E_LIMIT : sa_get(body, &offer);
	if (r != OK)
		return r;
	if (offer.nproposal != 1 || offer.proposal[0].proto != PROTO_ISAKMP)
		return E_PROPOSAL;	/* RFC 2409 5: just one */
	r = choose(x, &offer, id, &chosen, &m);
	if (r != OK) {
		say_no_choice(x, &offer, id, r);
		return r;
	}
	r = p1_gss_agree(x, m.proposal, &offer.transform[chosen]);
	if (r != OK)
		return r;
	sa->remote_conf = m.remote;
	/* not before: what is refused gets no more bytes than it has */
	sa->allowance = x->flow->allowance;
	/* requests for certificates and principals need not be of one
	 * length */
	if (!auth_secret(sa->suite.auth) && sa->allowance < ALLOWANCE_SIGNS)
		sa->allowance = ALLOWANCE_SIGNS;
	keep_answer(x, &offer, chosen);
	buf_set(&x->p1->sai, body);
	note_vids(sa, msg);
	agree_on_natt(x);
	return OK;
}

void
p1_put_answer(struct exchange *x, struct msg_out *out)
{
	msg_put(out, ISAKMP_SA, buf_view(&x->p1->answer));
}
