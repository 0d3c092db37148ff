/* SPDX-License-Identifier: ISC */
/* Quick mode: the handlers that absorb and build its messages. */

#include "ike/child.h"
#include "ike/genpol.h"
#include "ike/ident.h"
#include "ike/natt.h"
#include "ike/quick_state.h"
#include "ike/say.h"
#include "ike/sealed.h"
#include "ike/want.h"
#include "libipsec/addr.h"
#include "wire/names.h"
#include "wire/payload.h"

/*
 * Common parts
 */

static struct sealed
hash_of(const struct exchange *x, enum sealed_hash which)
{
	return (struct sealed){
		.which = which,
		.in.msgid = x->msgid,
		.in.ni = buf_view(&x->quick->ni),
		.in.nr = buf_view(&x->quick->nr),
	};
}

/* Whoever has the keys said this, so that it counts even if it is no use. */
static enum err
check_hash(struct exchange *x, const struct msg *msg, const struct sealed *in)
{
	enum err r = sealed_check(x->sa, msg, in);

	x->proven = r == OK;
	return r;
}

static bool
is_transport(const struct plan *plan)
{
	for (uint8_t i = 0; i < plan->ntmpl; i++)
		if (plan->tmpl[i].mode == IPSEC_MODE_TUNNEL)
			return false;
	return true;
}

static void
put_sa(struct msg_out *out, const struct sa_payload *sap)
{
	msg_open(out, ISAKMP_SA);
	sa_put(out->b, sap);
	msg_close(out);
}

/* What follows the SA and the nonce in both first messages. */
static void
put_rest(struct exchange *x, struct msg_out *out)
{
	struct quick *q = x->quick;

	if (q->group != 0)
		msg_put(out, ISAKMP_KE, buf_view(&q->gx_own));
	if (q->ids_sent) {
		msg_put(out, ISAKMP_ID, buf_view(&q->idi));
		msg_put(out, ISAKMP_ID, buf_view(&q->idr));
	}
	if (is_transport(&q->plan))
		natt_put_oa(x->sa, out, x->flow->initiator);
}

/* A KE payload must come with PFS and only then. */
static enum err
get_ke(const struct msg *msg, uint16_t group, struct buf *gx)
{
	const struct msg_payload *p = msg_find(msg, ISAKMP_KE);
	const struct alg_group *alg = alg_group(group);

	if (group == 0)
		return p == NULL ? OK : E_UNEXPECTED;
	if (p == NULL)
		return E_MISSING;
	if (alg == NULL || p->body.n != alg->len)
		return E_KE;
	buf_set(gx, p->body);
	return OK;
}

/* Both identities or none: RFC 2409 5.5. */
static enum err
get_ids(const struct msg *msg, struct view *first, struct view *second)
{
	const struct msg_payload *p = msg_find(msg, ISAKMP_ID);
	const struct msg_payload *next = p == NULL ? NULL : msg_next(msg, p);

	first->n = second->n = 0;
	if (p == NULL)
		return OK;
	if (next == NULL || msg_next(msg, next) != NULL)
		return E_MISSING;
	*first = p->body;
	*second = next->body;
	return OK;
}

/*
 * Initiator
 */

/* Identities that say no more than the IKE addresses are left out, as they
 * always were; support_proxy sends them all the same. */
static bool
needs_ids(const struct exchange *x)
{
	const struct plan *plan = &x->quick->plan;
	const struct ipsec_selector *sel = &plan->sel;

	return !is_transport(plan) || x->sa->remote_conf->support_proxy ||
	    sel->proto != 0 || sel->src.port != 0 || sel->dst.port != 0 ||
	    sel->src_prefix != addr_bits(&sel->src) ||
	    sel->dst_prefix != addr_bits(&sel->dst) ||
	    !addr_equal(&sel->src, &x->sa->local) ||
	    !addr_equal(&sel->dst, &x->sa->remote);
}

/* A protocol of the policy for which the sainfo has no algorithm. */
static bool
has_gap(const struct exchange *x, const struct sa_payload *offer)
{
	const struct conf_place *at = &x->quick->info->at;

	for (unsigned i = 0; i < offer->nproposal; i++) {
		if (offer->proposal[i].n > 0)
			continue;
		say_sa(LOG_L_ERROR, x->sa, "%s:%u: \"sainfo\" has no algorithm "
		    "for %s, which the kernel's policy asks for",
		    at->path == NULL ? "?" : at->path, at->line,
		    name_proto(offer->proposal[i].proto));
		return true;
	}
	return false;
}

enum err
quick_send_1(struct exchange *x, struct msg_out *out)
{
	struct quick *q = x->quick;
	struct sealed in;
	struct sa_payload offer;
	size_t at;
	enum err r;

	r = exch_nonce(x, NONCE_MAX, &q->ni);
	if (r != OK)
		return r;
	q->ids_sent = needs_ids(x);
	propose_phase2(x->sa, &q->plan, q->info, q->spi_in, &offer);
	if (has_gap(x, &offer))
		return E_CONFIG;
	at = sealed_begin(x->sa, out);
	put_sa(out, &offer);
	msg_put(out, ISAKMP_NONCE, buf_view(&q->ni));
	put_rest(x, out);
	in = hash_of(x, HASH_1);
	return sealed_end(x->sa, out, at, &in);
}

/* RESPONDER-LIFETIME within the answer: RFC 2407 4.6.3.1. */
static void
get_lifetime(struct exchange *x, const struct msg *msg)
{
	struct agreement *ag = &x->quick->agreement;
	const struct msg_payload *p = msg_find(msg, ISAKMP_N);
	struct notify_payload n;
	uint32_t secs, kbytes;

	for (; p != NULL; p = msg_next(msg, p)) {
		if (notify_get(p->body, &n) != OK ||
		    n.type != N_RESPONDER_LIFETIME ||
		    lifetime_get(n.data, &secs, &kbytes) != OK || secs == 0)
			continue;
		if (secs < ag->life_secs)
			ag->life_secs = secs;
	}
}

/* Do both mean the same traffic, in whichever form (RFC 2407 4.6.2)? */
static bool
same_id(struct view a, struct view b)
{
	struct ipsec_selector x = { .proto = 0 }, y = { .proto = 0 };
	struct id_payload one, other;

	return view_equal(a, b) ||
	    (id_get(a, &one) == OK && id_get(b, &other) == OK &&
	    ident_selector(&one, &one, &x) == OK &&
	    ident_selector(&other, &other, &y) == OK &&
	    selector_equal(&x, &y));
}

/* The answer's identities must be ours; a NAT may have changed what the
 * peer thinks of them. */
static enum err
check_ids(struct exchange *x, const struct msg *msg)
{
	struct quick *q = x->quick;
	struct view idi, idr;
	enum err r;

	r = get_ids(msg, &idi, &idr);
	if (r != OK || idi.n == 0 || !q->ids_sent)
		return r;
	if (same_id(idi, buf_view(&q->idi)) &&
	    same_id(idr, buf_view(&q->idr)))
		return OK;
	return sa_behind_nat(x->sa) && is_transport(&q->plan) ? OK : E_ID;
}

static void
say_bad_answer(struct exchange *x, const struct sa_payload *answer)
{
	const struct quick *q = x->quick;
	char peer[PROPOSE_TEXT], own[PROPOSE_TEXT];

	say_sa(LOG_L_ERROR, x->sa, "no suitable proposal found: the peer "
	    "chose %s; we offered %s", propose_print(answer, peer),
	    propose_print_sainfo(x->sa, &q->plan, q->info, own));
	propose_table_sainfo(x->sa, answer, &q->plan, q->info);
}

/* Gives back what was reserved for optional templates that fell away; the
 * agreement takes the SPIs of the others. */
static void
settle_spis(struct exchange *x)
{
	struct quick *q = x->quick;
	struct agreement *ag = &q->agreement;
	uint32_t unused[IPSEC_TMPL_MAX];

	memcpy(unused, q->spi_in, sizeof(unused));
	for (unsigned i = 0; i < ag->n; i++) {
		ag->a[i].spi_in = q->spi_in[ag->a[i].tmpl];
		unused[ag->a[i].tmpl] = 0;
	}
	child_putspi(x->sa, &q->plan, unused);
	for (unsigned i = 0; i < q->plan.ntmpl; i++)
		if (unused[i] != 0)
			q->spi_in[i] = 0;
}

static enum err
get_answer(struct exchange *x, const struct msg *msg)
{
	struct quick *q = x->quick;
	struct sa_payload answer;
	enum err r;

	r = sa_get(msg_find(msg, ISAKMP_SA)->body, &answer);
	if (r != OK)
		return r;
	r = propose_check(x->sa, &q->plan, q->info, &answer, &q->agreement);
	if (r != OK)
		say_bad_answer(x, &answer);
	return r;
}

enum err
quick_recv_2(struct exchange *x, const struct msg *msg)
{
	struct quick *q = x->quick;
	struct sealed in = hash_of(x, HASH_2);
	struct view nonce;
	enum err r;

	r = check_hash(x, msg, &in);
	if (r == OK)
		r = nonce_get(msg_find(msg, ISAKMP_NONCE)->body, &nonce);
	if (r == OK)
		r = check_ids(x, msg);
	if (r == OK)
		r = get_answer(x, msg);
	if (r == OK)
		r = get_ke(msg, q->group, &q->gx_other);
	if (r != OK)
		return r;
	if (is_transport(&q->plan))
		r = natt_get_oa(x->sa, msg, true, &q->peer_oa);
	if (r != OK)
		return r;
	sa_follow(x->sa);
	/* RFC 2408 3.1: not to be used before the peer says CONNECTED */
	q->commit = (msg->h.flags & ISAKMP_FLAG_COMMIT) != 0;
	buf_set(&q->nr, nonce);
	get_lifetime(x, msg);
	settle_spis(x);
	return OK;
}

enum err
quick_send_3(struct exchange *x, struct msg_out *out)
{
	struct sealed in = hash_of(x, HASH_3);
	size_t at;
	enum err r;

	r = quick_install(x, true);
	if (r == OK)
		r = quick_install(x, false);
	if (r != OK)
		return r;
	at = sealed_begin(x->sa, out);
	return sealed_end(x->sa, out, at, &in);
}

/*
 * Responder
 */

/* Is this the mode that the peer's first transform asks for? */
static bool
offers_transport(const struct sa *sa, const struct sa_payload *offer)
{
	return offer->ntransform > 0 && natt_mode_of(sa,
	    offer->transform[0].mode) == IPSEC_MODE_TRANSPORT;
}

/* Traffic between the two IKE addresses. */
static void
between_us(const struct sa *sa, struct ipsec_selector *sel)
{
	sel->src = sa->local;
	sel->dst = sa->remote;
	sel->src.port = sel->dst.port = 0;
	sel->src.scope = sel->dst.scope = 0;
	sel->src_prefix = addr_bits(&sel->src);
	sel->dst_prefix = addr_bits(&sel->dst);
}

/*
 * The outbound selector from the peer's identities.  In transport mode
 * through a NAT the addresses are those that we see (RFC 3947 5.2 has the
 * original ones, of which our policies know nothing).
 */
static enum err
get_selector(struct exchange *x, const struct msg *msg, bool transport)
{
	struct quick *q = x->quick;
	struct ipsec_selector *sel = &q->plan.sel, in = { .proto = 0 };
	struct id_payload peer, own;
	struct view idi, idr;
	uint16_t sport, dport;
	enum err r;

	r = get_ids(msg, &idi, &idr);
	if (r != OK)
		return r;
	*sel = (struct ipsec_selector){ .proto = 0 };
	if (idi.n == 0) {
		between_us(x->sa, sel);
		ident_put(&q->idi, &sel->dst, sel->dst_prefix, 0);
		ident_put(&q->idr, &sel->src, sel->src_prefix, 0);
		return OK;
	}
	q->ids_sent = true;
	buf_set(&q->idi, idi);
	buf_set(&q->idr, idr);
	r = id_get(idi, &peer);
	if (r == OK)
		r = id_get(idr, &own);
	if (r == OK)
		r = ident_selector(&peer, &own, &in);
	ident_mirror(&in, sel);
	if (r != OK || !transport || !sa_behind_nat(x->sa))
		return r;
	sport = sel->src.port;
	dport = sel->dst.port;
	between_us(x->sa, sel);
	sel->src.port = sport;
	sel->dst.port = dport;
	return OK;
}

/*
 * We may want just what the peer asks for.  What waits yet is served by the
 * peer's exchange.  Ours that runs goes on beside it: who is not answered
 * takes us for dead, and two pairs are easily made one (child.c).
 */
static void
serve_want(struct exchange *x)
{
	struct want *want = want_same(x->ike, &x->quick->plan,
	    &x->sa->remote);

	if (want != NULL && want->state == WANT_WAITING)
		quick_serve(x, want);
	else if (want != NULL)
		say_exchange(LOG_L_DEBUG, x, "crosses with ours: both go on");
}

/*
 * A peer may ask for its own traffic only, however authentic it is: in tunnel
 * mode the policy names the peer that it is for, in transport mode both ends
 * of the traffic are the IKE peers themselves.
 */
static bool
plan_is_for(const struct sa *sa, const struct plan *plan)
{
	const struct ipsec_selector *sel = &plan->sel;

	for (uint8_t i = 0; i < plan->ntmpl; i++)
		if (plan->tmpl[i].mode == IPSEC_MODE_TUNNEL &&
		    !addr_is_any(&plan->tmpl[i].dst) &&
		    !addr_equal(&plan->tmpl[i].dst, &sa->remote))
			return false;
	return !is_transport(plan) ||
	    (addr_in(&sa->local, &sel->src, sel->src_prefix) &&
	    addr_in(&sa->remote, &sel->dst, sel->dst_prefix));
}

/* racoon.conf(5) generate_policy: the sainfo decides what a peer may get. */
static enum err
generate(struct exchange *x, const struct sa_payload *offer,
    const struct ipsec_selector *sel)
{
	struct quick *q = x->quick;
	enum err r;

	r = quick_sainfo(x->sa, q, buf_view(&q->idr), buf_view(&q->idi));
	if (r != OK)
		return r;
	q->plan = (struct plan){ .sel = *sel, .of = *sel };
	return genpol_plan(x->sa, q->info, offer, &q->plan);
}

static enum err
get_plan(struct exchange *x, const struct sa_payload *offer)
{
	bool may = x->sa->remote_conf->generate_policy != CONF_GEN_OFF;
	struct quick *q = x->quick;
	struct ipsec_selector sel = q->plan.sel;
	char text[SELECTOR_TEXT];
	enum err r;

	r = plan_for_remote(x->ike, x->sa->remote_conf, &sel, &q->plan);
	if (r == E_NOPOLICY && may)
		r = generate(x, offer, &sel);
	else if (r == E_NOPOLICY)
		say_sa(LOG_L_ERROR, x->sa, "no policy found for %s: load one "
		    "with setkey(8)", selector_print(&sel, text));
	q->plan.sel = sel;
	if (r == OK && !plan_is_for(x->sa, &q->plan)) {
		say_sa(LOG_L_ERROR, x->sa, "the policy for %s is for another "
		    "peer", selector_print(&sel, text));
		r = E_NOPOLICY;
	}
	if (r == OK && !natt_allows(x->sa, &q->plan))
		r = E_NOPROPOSAL;
	return r;
}

static enum err
choose_offer(struct exchange *x, const struct sa_payload *offer,
    struct sa_payload *answer)
{
	struct quick *q = x->quick;
	char peer[PROPOSE_TEXT], own[PROPOSE_TEXT];
	enum err r = OK;

	if (q->info == NULL)
		r = quick_sainfo(x->sa, q, buf_view(&q->idr),
		    buf_view(&q->idi));
	if (r != OK)
		return r;
	r = propose_choose(x->sa, &q->plan, q->info, offer, &q->agreement,
	    answer);
	if (r == OK)
		return OK;
	say_sa(LOG_L_ERROR, x->sa, "no suitable proposal found: the peer "
	    "offers %s; we accept %s (%s:%u)", propose_print(offer, peer),
	    propose_print_sainfo(x->sa, &q->plan, q->info, own),
	    q->info->at.path == NULL ? "?" : q->info->at.path,
	    q->info->at.line);
	propose_table_sainfo(x->sa, offer, &q->plan, q->info);
	return r;
}

/* The chosen transforms with our SPIs, in the order of the offer. */
static void
make_answer(struct exchange *x, struct sa_payload *answer)
{
	struct quick *q = x->quick;

	for (unsigned i = 0; i < q->agreement.n; i++) {
		const struct agreed *a = &q->agreement.a[i];
		struct proposal *p = &answer->proposal[a->at];
		struct buf spi;
		struct view v;

		buf_init(&spi, SA_SPI_MAX);
		if (p->spi_len == 2)
			buf_u16(&spi, (uint16_t)a->spi_in);
		else
			buf_u32(&spi, a->spi_in);
		v = buf_view(&spi);
		p->spi_len = (uint8_t)v.n;
		view_bytes(&v, p->spi, p->spi_len);
		buf_fini(&spi);
	}
	buf_reset(&q->answer);
	sa_put(&q->answer, answer);
}

/* The first one, but for a CPI: that would not tell negotiations apart. */
static void
note_peer_spi(struct quick *q, const struct sa_payload *offer)
{
	for (unsigned i = 0; i < offer->nproposal; i++) {
		const struct proposal *p = &offer->proposal[i];

		if (p->proto == PROTO_IPCOMP || p->spi_len != 4)
			continue;
		memcpy(q->spi_peer, p->spi, sizeof(q->spi_peer));
		q->has_spi_peer = true;
		return;
	}
}

/* From the offer to the agreement, our SPIs and the answer. */
static enum err
get_offer(struct exchange *x, const struct msg *msg)
{
	struct quick *q = x->quick;
	struct sa_payload offer, answer;
	enum err r;

	r = sa_get(msg_find(msg, ISAKMP_SA)->body, &offer);
	if (r != OK)
		return r;
	note_peer_spi(q, &offer);
	r = get_selector(x, msg, offers_transport(x->sa, &offer));
	if (r == OK)
		r = get_plan(x, &offer);
	if (r == OK)
		r = choose_offer(x, &offer, &answer);
	if (r == OK)
		r = get_ke(msg, q->agreement.group, &q->gx_other);
	if (r == OK && is_transport(&q->plan))
		r = natt_get_oa(x->sa, msg, false, &q->peer_oa);
	if (r == OK && x->sa->peer->nchildren >= LIMIT_CHILDREN_PEER)
		r = E_LIMIT;
	if (r != OK)
		return r;
	serve_want(x);
	r = child_getspi(x->sa, &q->plan, q->seq, q->spi_in);
	if (r != OK)
		return r;
	q->has_spis = true;
	q->group = q->agreement.group;
	settle_spis(x);
	make_answer(x, &answer);
	return exch_nonce(x, NONCE_MAX, &q->nr);
}

enum err
quick_recv_1(struct exchange *x, const struct msg *msg)
{
	struct sealed in = hash_of(x, HASH_1);
	struct view nonce;
	enum err r;

	r = check_hash(x, msg, &in);
	if (r != OK)
		return r;
	/* authentic: used up, even if it is refused */
	if (!sa_quick_id_add(x->sa, x->msgid))
		return E_LIMIT;
	sa_follow(x->sa);
	r = nonce_get(msg_find(msg, ISAKMP_NONCE)->body, &nonce);
	if (r != OK)
		return r;
	buf_set(&x->quick->ni, nonce);
	return get_offer(x, msg);
}

static void
put_lifetime(struct exchange *x, struct msg_out *out)
{
	const struct agreed *a = &x->quick->agreement.a[0];
	struct notify_payload n = {
		.doi = IPSEC_DOI,
		.proto = a->proto,
		.type = N_RESPONDER_LIFETIME,
	};
	struct buf spi, data;

	buf_init(&spi, 4);
	buf_u32(&spi, a->spi_in);
	buf_init(&data, 64);
	lifetime_put(&data, x->quick->agreement.life_secs);
	n.spi = buf_view(&spi);
	n.data = buf_view(&data);
	msg_open(out, ISAKMP_N);
	notify_put(out->b, &n);
	msg_close(out);
	buf_fini(&spi);
	buf_fini(&data);
}

/*
 * Our inbound SA is in place before the peer can know its SPI, so that its
 * first packet is never lost; the outbound one waits for HASH(3).
 */
enum err
quick_send_2(struct exchange *x, struct msg_out *out)
{
	struct quick *q = x->quick;
	struct sealed in;
	size_t at;
	enum err r;

	r = quick_install(x, true);
	if (r != OK)
		return r;
	at = sealed_begin(x->sa, out);
	msg_put(out, ISAKMP_SA, buf_view(&q->answer));
	msg_put(out, ISAKMP_NONCE, buf_view(&q->nr));
	put_rest(x, out);
	if (q->agreement.shortened)
		put_lifetime(x, out);
	in = hash_of(x, HASH_2);
	return sealed_end(x->sa, out, at, &in);
}

enum err
quick_recv_3(struct exchange *x, const struct msg *msg)
{
	struct sealed in = hash_of(x, HASH_3);
	enum err r;

	r = check_hash(x, msg, &in);
	if (r != OK)
		return r;
	sa_follow(x->sa);
	return quick_install(x, false);
}
