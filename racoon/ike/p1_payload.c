/* SPDX-License-Identifier: ISC */
/* Phase 1: what the rows of the three modes take and put, message by message. */

#include "ike/auth.h"
#include "ike/info.h"
#include "ike/natt.h"
#include "ike/p1_gss.h"
#include "ike/p1_part.h"
#include "ike/propose.h"

/*
 * Key exchange
 */

void
p1_put_ke(struct exchange *x, struct msg_out *out)
{
	msg_put(out, ISAKMP_KE, buf_view(x->sa->initiator ? &x->p1->gxi :
	    &x->p1->gxr));
}

enum err
p1_take_ke(struct exchange *x, const struct msg *msg)
{
	struct view ke = msg_find(msg, ISAKMP_KE)->body;

	if (ke.n != x->sa->suite.group->len)
		return E_KE;
	buf_set(x->sa->initiator ? &x->p1->gxr : &x->p1->gxi, ke);
	return OK;
}

static struct buf *
own_nonce(struct exchange *x)
{
	return x->sa->initiator ? &x->p1->ni : &x->p1->nr;
}

enum err
p1_new_nonce(struct exchange *x, size_t most)
{
	return exch_nonce(x, most, own_nonce(x));
}

void
p1_put_nonce(struct exchange *x, struct msg_out *out)
{
	msg_put(out, ISAKMP_NONCE, buf_view(own_nonce(x)));
}

enum err
p1_take_nonce(struct exchange *x, const struct msg *msg)
{
	struct view nonce;
	enum err r = nonce_get(msg_find(msg, ISAKMP_NONCE)->body, &nonce);

	if (r != OK)
		return r;
	buf_set(x->sa->initiator ? &x->p1->nr : &x->p1->ni, nonce);
	/* no longer than the initiator's: nobody who is not authentic yet gets
	 * more bytes than it sent */
	return x->sa->initiator ? OK : p1_new_nonce(x, nonce.n);
}

/*
 * Main mode
 */

/* What is agreed upon may be a signature; the key is needed only if none of the
 * proposals is. */
static bool
must_have_psk(const struct remote *remote)
{
	for (size_t i = 0; i < remote->nproposal; i++)
		if (propose_usable(&remote->proposal[i]) &&
		    !auth_secret(auth_of(remote->proposal[i].method)))
			return false;
	return true;
}

enum err
p1_send_sa(struct exchange *x, struct msg_out *out)
{
	enum err r = must_have_psk(x->sa->remote_conf) ? p1_find_psk(x) : OK;

	if (r != OK)
		return r;
	p1_put_offer(x, out);
	p1_put_offer_vids(x, out);
	return OK;
}

enum err
p1_recv_sa_answer(struct exchange *x, const struct msg *msg)
{
	enum err r = p1_take_answer(x, msg);

	return r != OK ? r : p1_find_psk(x);
}

enum err
p1_recv_sa_offer(struct exchange *x, const struct msg *msg)
{
	enum err r = p1_take_offer(x, msg, NULL);

	return r != OK ? r : p1_find_psk(x);
}

enum err
p1_send_sa_answer(struct exchange *x, struct msg_out *out)
{
	p1_put_answer(x, out);
	p1_put_answer_vids(x, out);
	return OK;
}

enum err
p1_send_ke(struct exchange *x, struct msg_out *out)
{
	/* a responder's nonce is part of its keys: made in p1_recv_ke() */
	enum err r = x->sa->initiator ? p1_new_nonce(x, NONCE_MAX) : OK;

	if (r != OK)
		return r;
	p1_put_ke(x, out);
	p1_put_nonce(x, out);
	r = p1_put_gss(x, out);
	p1_put_cr(x, out);
	return r != OK ? r : natt_put(x->sa, out);
}

enum err
p1_recv_ke(struct exchange *x, const struct msg *msg)
{
	enum err r = p1_take_ke(x, msg);

	p1_take_requests(x, msg);
	if (r == OK)
		r = p1_take_gss(x, msg);
	if (r == OK)
		r = p1_take_nonce(x, msg);
	return r != OK ? r : natt_detect(x->sa, msg);
}

enum err
p1_send_auth(struct exchange *x, struct msg_out *out)
{
	enum err r = x->sa->initiator ? natt_float(x->sa) : OK;

	if (r != OK)
		return r;
	p1_put_id(x, out);
	r = p1_put_auth(x, out);
	info_put_contact(x->sa, out);	/* RFC 2407 4.6.3: in no other mode */
	return r;
}

enum err
p1_recv_auth(struct exchange *x, const struct msg *msg)
{
	enum err r = p1_keep_id(x, msg);

	p1_take_requests(x, msg);
	if (r == OK)
		r = p1_take_auth(x, msg);
	return r != OK ? r : p1_settle(x, msg);
}

/*
 * Aggressive mode
 */

enum err
p1_send_agg_1(struct exchange *x, struct msg_out *out)
{
	enum err r = p1_new_nonce(x, NONCE_MAX);

	if (r != OK)
		return r;
	p1_put_offer(x, out);
	p1_put_ke(x, out);
	p1_put_nonce(x, out);
	p1_put_id(x, out);
	r = p1_put_gss(x, out);
	p1_put_cr(x, out);
	p1_put_offer_vids(x, out);
	return r;
}

/* The identity chooses the remote block, and that the group. */
enum err
p1_recv_agg_1(struct exchange *x, const struct msg *msg)
{
	struct id_payload id;
	enum err r = p1_take_id(x, msg, &id);

	p1_take_requests(x, msg);
	if (r == OK)
		r = p1_take_offer(x, msg, &id);
	if (r == OK)
		r = p1_take_ke(x, msg);
	if (r == OK)
		r = p1_take_gss(x, msg);
	if (r == OK)
		r = p1_take_nonce(x, msg);
	return r != OK ? r : p1_find_psk(x);
}

enum err
p1_send_agg_2(struct exchange *x, struct msg_out *out)
{
	enum err r;

	p1_put_answer(x, out);
	p1_put_ke(x, out);
	p1_put_nonce(x, out);
	p1_put_id(x, out);
	r = p1_put_gss(x, out);
	p1_put_cr(x, out);
	if (r == OK)
		r = p1_put_auth(x, out);
	if (r != OK)
		return r;
	p1_put_answer_vids(x, out);
	return natt_put(x->sa, out);	/* RFC 3947 3.2 */
}

/* All of it comes in the clear: the hash decides before anything is done. */
enum err
p1_recv_agg_2(struct exchange *x, const struct msg *msg)
{
	enum err r = p1_take_answer(x, msg);

	p1_take_requests(x, msg);
	if (r == OK)
		r = p1_keep_id(x, msg);
	if (r == OK)
		r = p1_take_ke(x, msg);
	if (r == OK)
		r = p1_take_gss(x, msg);
	if (r == OK)
		r = p1_take_nonce(x, msg);
	if (r == OK)
		r = p1_find_psk(x);
	if (r == OK)
		r = p1_take_auth(x, msg);
	if (r == OK)
		r = natt_detect(x->sa, msg);
	return r != OK ? r : p1_settle(x, msg);
}

/* RFC 3947 4: what goes from the new port is encrypted, and its NAT-D are of
 * that port. */
enum err
p1_send_agg_3(struct exchange *x, struct msg_out *out)
{
	enum err r = natt_float(x->sa);

	if (r == OK)
		r = p1_put_auth(x, out);
	return r != OK ? r : natt_put(x->sa, out);
}

enum err
p1_recv_agg_3(struct exchange *x, const struct msg *msg)
{
	enum err r = p1_take_auth(x, msg);

	if (r == OK)
		r = natt_detect(x->sa, msg);
	return r != OK ? r : p1_settle(x, msg);
}

/*
 * Base mode
 */

enum err
p1_send_base_1(struct exchange *x, struct msg_out *out)
{
	enum err r = p1_new_nonce(x, NONCE_MAX);

	if (r != OK)
		return r;
	p1_put_offer(x, out);
	p1_put_id(x, out);
	p1_put_nonce(x, out);
	p1_put_cr(x, out);
	p1_put_offer_vids(x, out);
	return OK;
}

enum err
p1_recv_base_1(struct exchange *x, const struct msg *msg)
{
	struct id_payload id;
	enum err r = p1_take_id(x, msg, &id);

	p1_take_requests(x, msg);
	if (r == OK)
		r = p1_take_offer(x, msg, &id);
	if (r == OK)
		r = p1_take_nonce(x, msg);
	return r != OK ? r : p1_find_psk(x);
}

enum err
p1_send_base_2(struct exchange *x, struct msg_out *out)
{
	p1_put_answer(x, out);
	p1_put_id(x, out);
	p1_put_nonce(x, out);
	p1_put_cr(x, out);
	p1_put_answer_vids(x, out);
	return OK;
}

enum err
p1_recv_base_2(struct exchange *x, const struct msg *msg)
{
	enum err r = p1_take_answer(x, msg);

	p1_take_requests(x, msg);
	if (r == OK)
		r = p1_keep_id(x, msg);
	if (r == OK)
		r = p1_take_nonce(x, msg);
	return r != OK ? r : p1_find_psk(x);
}

enum err
p1_send_base_auth(struct exchange *x, struct msg_out *out)
{
	enum err r;

	p1_put_ke(x, out);
	r = p1_put_auth(x, out);
	return r != OK ? r : natt_put(x->sa, out);
}

enum err
p1_recv_base_auth(struct exchange *x, const struct msg *msg)
{
	enum err r = p1_take_ke(x, msg);

	p1_take_requests(x, msg);
	if (r == OK)
		r = p1_take_auth(x, msg);
	if (r == OK)
		r = natt_detect(x->sa, msg);
	return r != OK ? r : p1_settle(x, msg);
}
