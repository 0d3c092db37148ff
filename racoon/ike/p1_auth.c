/* SPDX-License-Identifier: ISC */
/* Phase 1: identities, the pre-shared key, the proof of an identity. */

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "ike/auth.h"
#include "ike/ident.h"
#include "ike/info.h"
#include "ike/p1_gss.h"
#include "ike/p1_part.h"
#include "ike/say.h"

/*
 * Identities
 */

void
p1_make_id(struct exchange *x)
{
	const struct conf_id *own = &x->sa->remote_conf->my_id;
	struct id_payload id;

	if (own->type == ID_DER_ASN1_DN && !own->has_value &&
	    p1_subject(x, &id)) {
		buf_reset(&x->p1->id_local);
		id_put(&x->p1->id_local, &id);
		return;
	}
	ident_own(x->sa->remote_conf, &x->sa->local, &x->p1->id_local);
}

void
p1_put_id(struct exchange *x, struct msg_out *out)
{
	p1_make_id(x);
	msg_put(out, ISAKMP_ID, buf_view(&x->p1->id_local));
}

enum err
p1_keep_id(struct exchange *x, const struct msg *msg)
{
	buf_set(&x->p1->id_remote, msg_find(msg, ISAKMP_ID)->body);
	return buf_ok(&x->p1->id_remote) ? OK : E_LIMIT;
}

enum err
p1_take_id(struct exchange *x, const struct msg *msg, struct id_payload *id)
{
	enum err r = p1_keep_id(x, msg);

	return r != OK ? r : id_get(buf_view(&x->p1->id_remote), id);
}

/* What the peer says it is, for the log; nothing before it has said so. */
static const char *
said_id(const struct exchange *x, char out[ID_TEXT])
{
	struct id_payload id;

	if (x->p1->id_remote.n == 0 ||
	    id_get(buf_view(&x->p1->id_remote), &id) != OK)
		return "";
	return id_print(&id, out);
}

/*
 * The pre-shared key
 */

static enum err
psk_of(struct exchange *x, struct view name)
{
	return x->ike->ops->psk(x->ike->ctx, name, &x->p1->psk);
}

static enum err
psk_of_address(struct exchange *x, char text[ADDR_TEXT])
{
	struct ipsec_addr peer = x->sa->remote;
	enum err r = psk_of(x, view_text(addr_print(&peer, text)));

	if (r == E_NOPSK && peer.scope != 0) {
		/* Its line may be without the interface. */
		peer.scope = 0;
		r = psk_of(x, view_text(addr_print(&peer, text)));
	}
	return r;
}

/* Names are looked up as they came; an address is the sender's, below. */
static bool
is_name(const struct exchange *x, struct id_payload *id)
{
	return x->flow->etype != ISAKMP_ETYPE_MAIN &&
	    id_get(buf_view(&x->p1->id_remote), id) == OK &&
	    id->type != ID_IPV4 && id->type != ID_IPV6;
}

static void
say_no_psk(struct exchange *x, const char *whose)
{
	if (!x->sa->initiator && !ike_may_complain(x->ike, &x->sa->remote,
	    E_NOPSK))
		return;
	say_sa(LOG_L_ERROR, x->sa, "couldn't find the pskey: no pre-shared "
	    "key for %s, add a line for it to %s", whose,
	    x->ike->conf->path_psk == NULL ? "the file that `path "
	    "pre_shared_key' names" : x->ike->conf->path_psk);
}

/*
 * Main mode needs the key before it knows the identity, so the key is that of
 * the peer's address: RFC 2409 5.4.  In the other modes the identity comes
 * first, and unless verify_identifier insists on it the address is good, too.
 */
enum err
p1_find_psk(struct exchange *x)
{
	char text[ADDR_TEXT], name[ID_TEXT];
	struct id_payload id;
	bool named = is_name(x, &id);
	enum err r;

	if (x->sa->suite.auth != NULL && !auth_secret(x->sa->suite.auth))
		return OK;		/* no key is needed */
	r = named ? psk_of(x, id.data) : E_NOPSK;

	if (r == E_NOPSK && named && x->sa->remote_conf->verify_identifier) {
		say_no_psk(x, id_print(&id, name));
		return r;
	}
	if (r == E_NOPSK) {
		r = psk_of_address(x, text);
		if (r == E_NOPSK)
			say_no_psk(x, named ? id_print(&id, name) : text);
		else if (named && r == OK)
			say_sa(LOG_L_INFO, x->sa, "no pre-shared key for %s, "
			    "taking that of the address %s",
			    id_print(&id, name), text);
	}
	return r;
}

/*
 * The proof
 */

/*
 * The key of the hash: SKEYID, or in base mode with signatures, which has none
 * yet, hash(Ni_b | Nr_b).
 */
static enum err
hash_key(struct exchange *x, struct buf *key)
{
	const struct crypto *crypto = x->ike->crypto;
	const struct alg_hash *hash = x->sa->suite.hash;
	struct phase1 *p1 = x->p1;
	const struct view nonces[] = { buf_view(&p1->ni), buf_view(&p1->nr) };

	/* with a pre-shared key it does not need the shared secret */
	if (auth_secret(x->sa->suite.auth))
		return keys_skeyid_psk(crypto, hash, buf_view(&p1->psk),
		    nonces[0], nonces[1], key);
	if (x->flow->etype == ISAKMP_ETYPE_BASE)
		return hash_digest(crypto, hash, nonces, 2, key);
	buf_set(key, buf_view(&x->sa->keys.skeyid));
	return OK;
}

/*
 * RFC 2409 5.  In base mode the initiator's comes before there is a public
 * value of the responder, and the responder signs what the initiator did, with
 * its own value in it (draft-ietf-ipsec-ike-base-mode).
 */
static struct keys_auth_in
hash_input(struct exchange *x, bool own)
{
	struct phase1 *p1 = x->p1;
	struct sa *sa = x->sa;
	bool base = x->flow->etype == ISAKMP_ETYPE_BASE;
	bool of_initiator = own == sa->initiator;
	bool alone = base && of_initiator;
	struct keys_auth_in in = {
		.gx_own = buf_view(&p1->gxi),
		.gx_other = alone ? view_of(NULL, 0) : buf_view(&p1->gxr),
		.cky_own = view_of(sa->cookies.i, ISAKMP_COOKIE_LEN),
		.cky_other = view_of(sa->cookies.r, ISAKMP_COOKIE_LEN),
		.sa = buf_view(&p1->sai),
		.id = buf_view(sa->initiator ? &p1->id_local :
		    &p1->id_remote),
	}, turned = in;

	if (of_initiator || (base && auth_signs(sa->suite.auth)))
		return in;
	turned.gx_own = in.gx_other;
	turned.gx_other = in.gx_own;
	turned.cky_own = in.cky_other;
	turned.cky_other = in.cky_own;
	turned.id = buf_view(sa->initiator ? &p1->id_remote : &p1->id_local);
	return turned;
}

/* draft-ietf-ipsec-isakmp-gss-auth: the sender's GSS_ID and token as well. */
static void
add_gss(const struct p1_gss *gss, bool own, struct keys_auth_in *in)
{
	if (gss == NULL)
		return;
	in->gss_id = buf_view(own ? &gss->own_id : &gss->peer_id);
	in->gss_token = buf_view(own ? &gss->sent : &gss->got);
}

enum err
p1_hash(struct exchange *x, bool own, struct buf *out)
{
	struct sa *sa = x->sa;
	struct keys_auth_in in = hash_input(x, own);
	const struct alg_hash *hash = sign_hash(sa->suite.auth->method);
	struct buf key;
	enum err r;

	buf_init(&key, HASH_LEN_MAX);
	if (sa->suite.auth->kind == AUTH_GSS)
		add_gss(x->p1->gss, own, &in);
	r = hash_key(x, &key);
	if (r == OK)
		r = keys_hash_auth(x->ike->crypto, hash != NULL ? hash :
		    sa->suite.hash, buf_view(&key), &in, out);
	buf_fini(&key);
	return r;
}

enum err
p1_put_auth(struct exchange *x, struct msg_out *out)
{
	struct buf hash;
	enum err r;

	if (auth_signs(x->sa->suite.auth)) {
		p1_put_cert(x, out);
		msg_put(out, ISAKMP_SIG, buf_view(&x->p1->sig_local));
		return OK;
	}
	if (!auth_secret(x->sa->suite.auth)) {
		msg_put(out, ISAKMP_HASH, buf_view(&x->p1->sig_local));
		return OK;
	}
	buf_init(&hash, HASH_LEN_MAX);
	r = p1_hash(x, true, &hash);
	msg_put(out, ISAKMP_HASH, buf_view(&hash));
	buf_fini(&hash);
	return r;
}

/* A wrong key shows in main mode when a message cannot be decrypted; here it
 * is the hash that is wrong, unless that was damaged or forged. */
static void
say_wrong_hash(struct exchange *x)
{
	char name[ID_TEXT];
	struct sa *sa = x->sa;

	if (!sa->complained && (sa->initiator || ike_may_complain(x->ike,
	    &sa->remote, E_HASH)))
		say_exchange(LOG_L_ERROR, x, "authentication failed: the "
		    "hash of the peer, which says it is %s, does not match%s",
		    said_id(x, name), x->flow->etype == ISAKMP_ETYPE_MAIN ?
		    "" : ": compare the pre-shared keys");
	if (!sa->complained)
		sa_event(sa, IKE_EVENT_PHASE1_BAD_AUTH, E_HASH);
	sa->complained = true;
}

static enum err
check_hash(struct exchange *x, struct view theirs)
{
	struct buf hash;
	enum err r;

	buf_init(&hash, HASH_LEN_MAX);
	r = p1_hash(x, false, &hash);
	if (r == OK && !crypto_equal(theirs, buf_view(&hash)))
		r = E_HASH;
	buf_fini(&hash);
	if (r == E_HASH)
		say_wrong_hash(x);
	return r;
}

/* RFC 2409 5.4: with a pre-shared key main mode identifies by address. */
static enum err
check_id(struct exchange *x, const struct id_payload *id)
{
	const struct remote *remote = x->sa->remote_conf;
	bool matched;
	char text[ID_TEXT];
	enum err r;

	id_print(id, text);
	if (x->flow->etype == ISAKMP_ETYPE_MAIN &&
	    auth_secret(x->sa->suite.auth) && id->type != ID_IPV4 &&
	    id->type != ID_IPV6) {
		say_sa(LOG_L_ERROR, x->sa, "Expecting IP address type in main "
		    "mode, but the peer says %s", text);
		return E_ID;
	}
	r = match_peer_id(remote, id, &matched);
	if (!matched)
		say_sa(r == OK ? LOG_L_WARNING : LOG_L_ERROR, x->sa,
		    "No ID match: the peer says %s, which is not a "
		    "peers_identifier of \"remote %s\"", text, remote->name);
	return r;
}

/*
 * The responder of main mode learns the identity last: of the blocks that
 * accept what was agreed upon, the one for this identity counts from here on.
 * With signatures that is before the proof, since the block says what proves
 * an identity.
 */
void
p1_choose_again(struct exchange *x, const struct id_payload *id)
{
	struct sa *sa = x->sa;
	struct match_p1 m;

	if (sa->initiator || p1_match(x, &x->p1->chosen, id, &m) != OK ||
	    m.remote == sa->remote_conf)
		return;
	say_sa(LOG_L_DEBUG, sa, "by its identity, and the certificate that it "
	    "asks for, the peer is of \"remote %s\"", m.remote->name);
	sa->remote_conf = m.remote;
	sa->suite.life_secs = m.life_secs;
}

enum err
p1_take_auth(struct exchange *x, const struct msg *msg)
{
	const struct auth *auth = x->sa->suite.auth;
	const struct msg_payload *proof = msg_find(msg, auth->payload);
	uint8_t other = auth_signs(auth) ? ISAKMP_HASH : ISAKMP_SIG;

	if (proof == NULL)
		return E_MISSING;
	if (msg_find(msg, other) != NULL)
		return E_UNEXPECTED;
	if (auth_secret(auth))
		return check_hash(x, proof->body);
	buf_set(&x->p1->sig_remote, proof->body);
	if (!buf_ok(&x->p1->sig_remote))
		return E_PAYLOAD;
	return auth_signs(auth) ? p1_take_certs(x, msg) : OK;
}

/*
 * Notifications count only if the encryption protects them: no hash of phase 1
 * is over anything but the SA and ID payloads.
 */
enum err
p1_settle(struct exchange *x, const struct msg *msg)
{
	bool sealed = msg->h.flags & ISAKMP_FLAG_ENCRYPTED;
	enum err r;

	if (!auth_secret(x->sa->suite.auth)) {
		x->p1->contact = sealed && info_says_contact(msg);
		return OK;
	}
	r = p1_believe(x);
	if (r == OK && sealed)
		info_notifies(x->sa, msg);
	return r;
}

enum err
p1_believe(struct exchange *x)
{
	struct sa *sa = x->sa;
	struct view body = buf_view(x->p1->id_proven.n > 0 ?
	    &x->p1->id_proven : &x->p1->id_remote);
	struct id_payload id;
	enum err r;

	x->proven = true;
	r = id_get(body, &id);
	if (r != OK)
		return r;
	if (!auth_signs(sa->suite.auth))
		p1_choose_again(x, &id);
	r = p1_gss_identity(x, &id);
	if (r == OK)
		r = check_id(x, &id);
	if (r != OK)
		return r;
	buf_set(&sa->peer_id, body);
	sa_authentic(sa);
	sa_follow(sa);
	if (x->p1->contact)
		info_contact(sa);
	return OK;
}

/* A job has found the peer's signature to be none. */
void
p1_retracted(struct exchange *x, enum err err)
{
	static const uint8_t zero[ISAKMP_COOKIE_LEN];
	struct sa *sa = x->sa;

	sa->natt = x->p1->natt;
	p1_forget_certs(x->p1);
	if (!sa->complained) {
		sa_event(sa, IKE_EVENT_PHASE1_BAD_AUTH, err);
		info_refuse(sa, err);
	}
	sa->complained = true;
	if (sa->initiator && x->at == 1)
		sa_set_rcookie(sa, zero);
}
