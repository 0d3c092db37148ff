/* SPDX-License-Identifier: ISC */
/* Phase 1: the handlers that absorb and build its payloads. */

#include "conf/match.h"
#include "ike/frag.h"
#include "ike/ident.h"
#include "ike/info.h"
#include "ike/natt.h"
#include "ike/phase1.h"
#include "ike/propose.h"
#include "ike/say.h"

/*
 * SA payloads and vendor IDs
 */

static void
note_vids(struct sa *sa, const struct msg *msg)
{
	const struct msg_payload *p = msg_find(msg, ISAKMP_VID);

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

static void
put_vid(struct msg_out *out, enum vid vid)
{
	msg_put(out, ISAKMP_VID, vid_bytes(vid));
}

/* Main mode needs the key before it knows the identity, so the key is that
 * of the peer's address: RFC 2409 5.4. */
static enum err
find_psk(struct exchange *x)
{
	struct ike *ike = x->ike;
	struct ipsec_addr peer = x->sa->remote;
	char text[ADDR_TEXT];
	enum err r;

	addr_print(&peer, text);
	r = ike->ops->psk(ike->ctx, view_text(text), &x->p1->psk);
	if (r == E_NOPSK && peer.scope != 0) {
		/* Its line may be without the interface. */
		peer.scope = 0;
		addr_print(&peer, text);
		r = ike->ops->psk(ike->ctx, view_text(text), &x->p1->psk);
	}
	if (r == E_NOPSK && (x->sa->initiator || ike_may_complain(ike,
	    &x->sa->remote, E_NOPSK)))
		say_sa(LOG_L_ERROR, x->sa, "couldn't find the pskey: no "
		    "pre-shared key for %s, add a line for it to %s", text,
		    ike->conf->path_psk == NULL ? "the file that `path "
		    "pre_shared_key' names" : ike->conf->path_psk);
	return r;
}

enum err
p1_send_sa(struct exchange *x, struct msg_out *out)
{
	const struct remote *remote = x->sa->remote_conf;
	struct sa_payload offer;
	enum err r;

	r = find_psk(x);
	if (r != OK)
		return r;
	propose_phase1(remote, &offer);
	buf_reset(&x->p1->sai);
	sa_put(&x->p1->sai, &offer);
	msg_put(out, ISAKMP_SA, buf_view(&x->p1->sai));
	if (natt_possible(x->sa, remote))
		natt_offer(out);
	frag_announce(x->sa, x->flow->etype, out);
	if (remote->dpd.enabled)
		put_vid(out, VID_DPD);
	return OK;
}

/* Both lists, since that is what the operator has to compare. */
static void
say_no_proposal(struct exchange *x, const struct sa_payload *theirs,
    const struct remote *remote)
{
	char peer[PROPOSE_TEXT], own[PROPOSE_TEXT];

	if (x->sa->initiator || ike_may_complain(x->ike, &x->sa->remote,
	    E_NOPROPOSAL))
		say_sa(LOG_L_ERROR, x->sa, "no suitable proposal found: the "
		    "peer %s %s; we accept %s (%s:%u)",
		    x->sa->initiator ? "chose" : "offers",
		    propose_print(theirs, peer),
		    propose_print_remote(remote, own),
		    remote->at.path == NULL ? "?" : remote->at.path,
		    remote->at.line);
}

enum err
p1_recv_sa_answer(struct exchange *x, const struct msg *msg)
{
	struct sa *sa = x->sa;
	struct sa_payload answer;
	struct match_p1 m;
	enum err r;

	r = sa_get(msg_find(msg, ISAKMP_SA)->body, &answer);
	if (r != OK)
		return r;
	if (answer.nproposal != 1 || answer.ntransform != 1 ||
	    answer.proposal[0].proto != PROTO_ISAKMP)
		return E_PROPOSAL;
	r = match_proposal(sa->remote_conf, &answer.transform[0], &m);
	if (r == OK)
		r = propose_suite(&answer.transform[0], m.life_secs,
		    &sa->suite);
	if (r != OK) {
		say_no_proposal(x, &answer, sa->remote_conf);
		return r;
	}
	note_vids(sa, msg);
	choose_natt(sa);
	return OK;
}

/* The peer's transforms in its order, our blocks and proposals in ours. */
static enum err
choose(struct exchange *x, const struct sa_payload *offer, unsigned *chosen,
    struct match_p1 *m)
{
	struct sa *sa = x->sa;
	enum err r = E_NOPROPOSAL;

	for (unsigned i = 0; i < offer->ntransform && r != OK; i++) {
		r = match_respond(sa->conf, &sa->remote, x->flow->etype,
		    &offer->transform[i], m);
		if (r == OK)
			r = propose_suite(&offer->transform[i], m->life_secs,
			    &sa->suite);
		*chosen = i;
	}
	return r;
}

static void
say_no_choice(struct exchange *x, const struct sa_payload *offer, enum err r)
{
	const struct remote *remote;
	bool ambiguous;

	if (r == E_NOPROPOSAL && match_initiate(x->sa->conf, &x->sa->remote,
	    &remote, &ambiguous) == OK)
		say_no_proposal(x, offer, remote);
	else if (r == E_NOREMOTE && ike_may_complain(x->ike, &x->sa->remote,
	    E_NOREMOTE))
		say_sa(LOG_L_ERROR, x->sa, "no remote block of the "
		    "configuration is for this peer and %s mode",
		    x->flow->name);
}

enum err
p1_recv_sa_offer(struct exchange *x, const struct msg *msg)
{
	struct sa *sa = x->sa;
	struct view body = msg_find(msg, ISAKMP_SA)->body;
	struct sa_payload offer, answer;
	struct match_p1 m;
	unsigned chosen = 0;
	enum err r;

	r = body.n > LIMIT_OFFER ? E_LIMIT : sa_get(body, &offer);
	if (r != OK)
		return r;
	if (offer.nproposal != 1 || offer.proposal[0].proto != PROTO_ISAKMP)
		return E_PROPOSAL;	/* RFC 2409 5: just one */
	r = choose(x, &offer, &chosen, &m);
	if (r != OK) {
		say_no_choice(x, &offer, r);
		return r;
	}
	sa->remote_conf = m.remote;
	answer = (struct sa_payload){
		.doi = offer.doi,
		.situation = offer.situation,
		.nproposal = 1,
		.ntransform = 1,
		.proposal = { offer.proposal[0] },
		.transform = { offer.transform[chosen] },
	};
	answer.proposal[0].first = 0;
	answer.proposal[0].n = 1;
	buf_reset(&x->p1->answer);
	sa_put(&x->p1->answer, &answer);
	buf_set(&x->p1->sai, body);
	note_vids(sa, msg);
	choose_natt(sa);
	return find_psk(x);
}

/* Announces only what the initiator showed: never more bytes than it sent. */
enum err
p1_send_sa_answer(struct exchange *x, struct msg_out *out)
{
	struct sa *sa = x->sa;

	msg_put(out, ISAKMP_SA, buf_view(&x->p1->answer));
	if (sa->natt != VID_UNKNOWN)
		put_vid(out, sa->natt);
	if (sa->remote_conf->dpd.enabled && sa->vids & 1u << VID_DPD)
		put_vid(out, VID_DPD);
	frag_announce(sa, x->flow->etype, out);
	return OK;
}

/*
 * Key exchange
 */

enum err
p1_send_ke(struct exchange *x, struct msg_out *out)
{
	struct phase1 *p1 = x->p1;
	bool initiator = x->sa->initiator;
	struct buf *nonce = initiator ? &p1->ni : &p1->nr;

	/* a responder's nonce is part of its keys: made in p1_recv_ke() */
	if (initiator) {
		enum err r = exch_nonce(x, NONCE_MAX, nonce);

		if (r != OK)
			return r;
	}
	msg_put(out, ISAKMP_KE, buf_view(initiator ? &p1->gxi : &p1->gxr));
	msg_put(out, ISAKMP_NONCE, buf_view(nonce));
	return natt_put(x->sa, out);
}

enum err
p1_recv_ke(struct exchange *x, const struct msg *msg)
{
	struct phase1 *p1 = x->p1;
	struct sa *sa = x->sa;
	struct view ke = msg_find(msg, ISAKMP_KE)->body, nonce;
	enum err r;

	if (ke.n != sa->suite.group->len)
		return E_KE;
	r = nonce_get(msg_find(msg, ISAKMP_NONCE)->body, &nonce);
	if (r == OK)
		r = natt_detect(sa, msg);
	if (r != OK)
		return r;
	buf_set(sa->initiator ? &p1->gxr : &p1->gxi, ke);
	buf_set(sa->initiator ? &p1->nr : &p1->ni, nonce);
	/* no longer than the initiator's: nobody who is not authentic yet gets
	 * more bytes than it sent */
	return sa->initiator ? OK : exch_nonce(x, nonce.n, &p1->nr);
}

/*
 * Identity and authentication
 */

/* HASH_I or HASH_R: RFC 2409 5; OWN: of what we say, else of the peer's. */
static enum err
auth_hash(struct exchange *x, bool own, struct buf *out)
{
	struct phase1 *p1 = x->p1;
	struct sa *sa = x->sa;
	bool of_initiator = own == sa->initiator;
	struct view ci = view_of(sa->cookies.i, ISAKMP_COOKIE_LEN);
	struct view cr = view_of(sa->cookies.r, ISAKMP_COOKIE_LEN);
	struct keys_auth_in in = {
		.gx_own = buf_view(of_initiator ? &p1->gxi : &p1->gxr),
		.gx_other = buf_view(of_initiator ? &p1->gxr : &p1->gxi),
		.cky_own = of_initiator ? ci : cr,
		.cky_other = of_initiator ? cr : ci,
		.sa = buf_view(&p1->sai),
		.id = buf_view(own ? &p1->id_local : &p1->id_remote),
	};

	return keys_hash_auth(x->ike->crypto, sa->suite.hash,
	    buf_view(&sa->keys.skeyid), &in, out);
}

enum err
p1_send_auth(struct exchange *x, struct msg_out *out)
{
	struct sa *sa = x->sa;
	struct buf hash;
	enum err r = sa->initiator ? natt_float(sa) : OK;

	if (r != OK)
		return r;
	ident_own(sa->remote_conf, &sa->local, &x->p1->id_local);
	buf_init(&hash, HASH_LEN_MAX);
	r = auth_hash(x, true, &hash);
	msg_put(out, ISAKMP_ID, buf_view(&x->p1->id_local));
	msg_put(out, ISAKMP_HASH, buf_view(&hash));
	buf_fini(&hash);
	return r;
}

/* RFC 2409 5.4: with a pre-shared key main mode identifies by address. */
static enum err
check_id(struct exchange *x, struct view body)
{
	const struct remote *remote = x->sa->remote_conf;
	struct id_payload id;
	bool matched;
	char text[ID_TEXT];
	enum err r;

	r = id_get(body, &id);
	if (r != OK)
		return r;
	id_print(&id, text);
	if (id.type != ID_IPV4 && id.type != ID_IPV6) {
		say_sa(LOG_L_ERROR, x->sa, "Expecting IP address type in main "
		    "mode, but the peer says %s", text);
		return E_ID;
	}
	r = match_peer_id(remote, &id, &matched);
	if (!matched)
		say_sa(r == OK ? LOG_L_WARNING : LOG_L_ERROR, x->sa,
		    "No ID match: the peer says %s, which is not a "
		    "peers_identifier of \"remote %s\"", text, remote->name);
	return r;
}

static enum err
check_hash(struct exchange *x, struct view theirs)
{
	struct buf hash;
	enum err r;

	buf_init(&hash, HASH_LEN_MAX);
	r = auth_hash(x, false, &hash);
	if (r == OK && !crypto_equal(theirs, buf_view(&hash)))
		r = E_HASH;
	buf_fini(&hash);
	/* A wrong key would not even decrypt: this one was damaged or forged,
	 * the right one may still come. */
	if (r == E_HASH && !x->sa->complained)
		say_exchange(LOG_L_ERROR, x, "authentication failed: the "
		    "peer's hash does not match");
	x->sa->complained = x->sa->complained || r == E_HASH;
	return r;
}

enum err
p1_recv_auth(struct exchange *x, const struct msg *msg)
{
	struct sa *sa = x->sa;
	struct view id = msg_find(msg, ISAKMP_ID)->body;
	enum err r;

	buf_set(&x->p1->id_remote, id);
	if (!buf_ok(&x->p1->id_remote))
		return E_LIMIT;
	r = check_hash(x, msg_find(msg, ISAKMP_HASH)->body);
	if (r == OK)
		r = check_id(x, id);
	if (r != OK)
		return r;
	buf_set(&sa->peer_id, id);
	sa_authentic(sa);
	sa_follow(sa);
	info_notifies(sa, msg);
	return OK;
}
