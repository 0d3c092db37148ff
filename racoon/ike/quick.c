/* SPDX-License-Identifier: ISC */
/* Quick mode: tables, both roles, the end. */

#include "ike/quick.h"

#include "base/mem.h"
#include "conf/match.h"
#include "ike/child.h"
#include "ike/ident.h"
#include "ike/info.h"
#include "ike/natt.h"
#include "ike/propose_can.h"
#include "ike/quick_state.h"
#include "ike/say.h"
#include "ike/sealed.h"
#include "ike/want.h"
#include "wire/names.h"

#define HASH	MSG_BIT(ISAKMP_HASH)
#define SA	MSG_BIT(ISAKMP_SA)
#define NONCE	MSG_BIT(ISAKMP_NONCE)
#define KE	MSG_BIT(ISAKMP_KE)
#define ID	MSG_BIT(ISAKMP_ID)
#define N	MSG_BIT(ISAKMP_N)
#define NATOA	MSG_BIT(ISAKMP_NATOA)

static const struct step initiator[] = {
	{ "I1 HASH(1)", 0, 0, STEP_SEALS,
	    NULL, quick_work_new, quick_send_1 },
	{ "I2 HASH(3)", HASH | SA | NONCE, KE | ID | N | NATOA,
	    STEP_SEALED | STEP_SEALS,
	    quick_recv_2, quick_work_share, quick_send_3 },
};

static const struct step responder[] = {
	{ "R1 HASH(2)", HASH | SA | NONCE, KE | ID | N | NATOA,
	    STEP_SEALED | STEP_SEALS,
	    quick_recv_1, quick_work_both, quick_send_2 },
	{ "R2", HASH, N, STEP_SEALED,
	    quick_recv_3, NULL, NULL },
};

static void	quick_done(struct exchange *);
static bool	quick_settled(struct exchange *);
static bool	quick_gone(struct exchange *);
static bool	quick_overtaken(struct exchange *);
static void	quick_failed(struct exchange *, enum err);
static void	quick_clean(struct exchange *);

const struct flow quick_initiator = {
	.name = "quick",
	.etype = ISAKMP_ETYPE_QUICK,
	.initiator = true,
	.insists = true,
	.nsteps = sizeof(initiator) / sizeof(initiator[0]),
	.step = initiator,
	.done = quick_done,
	.gone = quick_overtaken,
	.failed = quick_failed,
	.clean = quick_clean,
};

/* The responder insists too: a lost HASH(3) must be asked for again. */
const struct flow quick_responder = {
	.name = "quick",
	.etype = ISAKMP_ETYPE_QUICK,
	.initiator = false,
	.insists = true,
	.nsteps = sizeof(responder) / sizeof(responder[0]),
	.step = responder,
	.done = quick_done,
	.settled = quick_settled,
	.gone = quick_gone,
	.failed = quick_failed,
	.clean = quick_clean,
};

static struct exchange *
quick_exchange(struct sa *sa, const struct flow *flow, uint32_t msgid)
{
	struct exchange *x = exch_new(sa, flow, msgid);
	struct quick *q = xcalloc(1, sizeof(*q));

	buf_init(&q->answer, LIMIT_MESSAGE);
	buf_init(&q->ni, NONCE_MAX);
	buf_init(&q->nr, NONCE_MAX);
	buf_init(&q->priv, GROUP_LEN_MAX);
	buf_init(&q->gx_own, GROUP_LEN_MAX);
	buf_init(&q->gx_other, GROUP_LEN_MAX);
	buf_init(&q->gxy, GROUP_LEN_MAX);
	buf_init(&q->idi, LIMIT_ID);
	buf_init(&q->idr, LIMIT_ID);
	x->quick = q;
	sa->ike->stats.phase2_started++;
	return x;
}

/* Wipes the secrets; what is left behind belongs to the child. */
static void
quick_clean(struct exchange *x)
{
	struct quick *q = x->quick;

	if (q == NULL)
		return;
	conf_unref(q->conf);
	buf_fini(&q->answer);
	buf_fini(&q->ni);
	buf_fini(&q->nr);
	buf_fini(&q->priv);
	buf_fini(&q->gx_own);
	buf_fini(&q->gx_other);
	buf_fini(&q->gxy);
	buf_fini(&q->idi);
	buf_fini(&q->idr);
	xfreezero(q, sizeof(*q));
	x->quick = NULL;
}

/*
 * Start
 */

/* The policy's selector as identities, RFC 2409 5.5. */
static void
make_ids(struct quick *q)
{
	const struct ipsec_selector *sel = &q->plan.sel;

	ident_put(&q->idi, &sel->src, sel->src_prefix, sel->proto);
	ident_put(&q->idr, &sel->dst, sel->dst_prefix, sel->proto);
}

enum err
quick_sainfo(struct sa *sa, struct quick *q, struct view local,
    struct view remote)
{
	struct id_payload from, to, peer;
	struct match_p2 key;
	char a[ID_TEXT], b[ID_TEXT];
	enum err r;

	r = id_get(local, &from);
	if (r == OK)
		r = id_get(remote, &to);
	if (r == OK)
		r = id_get(buf_view(&sa->peer_id), &peer);
	if (r != OK)
		return r;
	key = (struct match_p2){
		.local = &from,
		.remote = &to,
		.peer = &peer,
		.client = &sa->remote,
		.ph1id = sa->remote_conf->ph1id,
	};
	/* what a reload has brought counts from the next negotiation on */
	q->conf = conf_ref(sa->ike->conf);
	r = match_sainfo_for(q->conf, &key, &q->info);
	if (r != OK)
		say_sa(LOG_L_ERROR, sa, "failed to get sainfo: none is for "
		    "%s to %s", id_print(&from, a), id_print(&to, b));
	else
		propose_warn_peer(sa, q->info, q->plan.tmpl, q->plan.ntmpl);
	return r;
}

void
quick_serve(struct exchange *x, struct want *want)
{
	x->quick->want = want->serial;
	x->quick->seq = want->seq;
	want->state = WANT_RUNNING;
	want->exchange = x->serial;
}

static struct exchange *
under_way(const struct sa *sa, const struct plan *plan)
{
	struct exchange *x;
	const struct quick *q;

	for (x = sa->exchanges; x != NULL; x = x->next) {
		q = x->quick;
		if (!x->over && q != NULL && !x->flow->initiator &&
		    q->want == 0 && q->agreement.n > 0 &&
		    q->plan.if_id == plan->if_id &&
		    selector_equal(&q->plan.sel, &plan->sel))
			return x;
	}
	return NULL;
}

/* The peer was faster: its exchange for the same traffic is under way. */
static struct exchange *
begun_by_peer(const struct sa *sa, const struct plan *plan)
{
	const struct sa *other;
	struct exchange *x = NULL;

	for (other = sa->peer->sas; other != NULL && x == NULL;
	    other = other->next)
		if (sa_same_peer(other, sa))
			x = under_way(other, plan);
	return x;
}

void
quick_start(struct sa *sa, struct want *want)
{
	struct ike *ike = sa->ike;
	char from[ADDR_TEXT], to[ADDR_TEXT];
	uint32_t msgid = ike_random(ike, UINT32_MAX) + 1;
	struct exchange *x = begun_by_peer(sa, &want->plan);
	struct quick *q;
	enum err r;

	if (x != NULL) {
		quick_serve(x, want);
		return;
	}
	if (exch_live(sa) >= LIMIT_EXCHANGES_SA)
		return;			/* waits for one of them to end */
	if (load_defers(ike, &sa->local, &sa->remote, true)) {
		want_defer(want);
		return;
	}
	/* nobody else may begin with it; waits for a successor of the SA */
	if (!sa_quick_id_add(sa, msgid))
		return;
	log_msg(LOG_L_INFO, "initiate new phase 2 negotiation: %s<=>%s",
	    addr_print_port(&sa->local, from),
	    addr_print_port(&sa->remote, to));
	x = quick_exchange(sa, &quick_initiator, msgid);
	q = x->quick;
	q->want = want->serial;
	q->plan = want->plan;
	q->seq = want->seq;
	want->state = WANT_RUNNING;
	want->exchange = x->serial;
	make_ids(q);
	r = quick_sainfo(sa, q, buf_view(&q->idi), buf_view(&q->idr));
	if (r == OK && !natt_allows(sa, &q->plan))
		r = E_CONFIG;
	if (r == OK)
		r = keys_iv_phase2(ike->crypto, sa->suite.hash, sa->iv, msgid,
		    sa->suite.cipher->block, x->iv);
	if (r == OK)
		r = child_getspi(sa, &q->plan, q->seq, q->spi_in);
	if (r != OK) {
		exch_fail(x, r);
		return;
	}
	q->has_spis = true;
	q->group = q->info->pfs_group;
	exch_start(x);
}

struct exchange *
quick_accept(struct sa *sa, uint32_t msgid)
{
	return quick_exchange(sa, &quick_responder, msgid);
}

/*
 * The end
 */

static void
quick_done(struct exchange *x)
{
	struct quick *q = x->quick;
	struct child *child = child_by_serial(x->ike, q->child);
	struct want *want = want_find(x->ike, q->want);

	x->ike->stats.phase2_up++;
	if (child != NULL && child->later == NULL)
		child_up(child);
	if (want != NULL)
		want_done(want);
	x->ike->up->sa_up(x->sa);
}

static void
say_failure(const struct exchange *x, enum err err)
{
	const struct quick *q = x->quick;
	char text[SELECTOR_TEXT];

	if (err == E_STOPPED)
		return;
	selector_print(&q->plan.sel, text);
	if (err == E_TIMEOUT)
		say_exchange(LOG_L_ERROR, x, "phase2 negotiation failed due "
		    "to time up: no usable answer from the peer, for %s",
		    text);
	else
		say_exchange(LOG_L_ERROR, x, "phase2 negotiation failed: %s, "
		    "for %s", err_text(err), text);
}

/* What has no notification of its own must be told too: a peer that gets no
 * answer repeats itself, and may then give up the IKE SA. */
static uint16_t
reason(enum err err)
{
	uint16_t type = err_notify(err);

	return type != 0 ? type : N_NO_PROPOSAL_CHOSEN;
}

/*
 * Tells the peer why we give up, RFC 2408 3.14, by the SPI that it chose: it
 * need not repeat itself then.
 */
static void
tell_peer(struct exchange *x, enum err err)
{
	const struct quick *q = x->quick;
	struct notify_payload n = {
		.doi = IPSEC_DOI,
		.proto = PROTO_IPSEC_ESP,
		.type = reason(err),
	};
	struct buf spi;

	buf_init(&spi, 4);
	if (q->has_spi_peer)
		buf_put(&spi, q->spi_peer, sizeof(q->spi_peer));
	else if (q->agreement.n > 0)
		buf_u32(&spi, q->agreement.a[0].spi_out);
	n.spi = buf_view(&spi);
	info_notify(x->sa, &n);
	buf_fini(&spi);
}

/* Does the peer still wait for something that will not come? */
static bool
is_told(enum err err)
{
	return err != E_STOPPED && err != E_REFUSED && err != E_TIMEOUT;
}

/*
 * HASH(3) never came, only to show that the initiator is alive and has our
 * answer (RFC 2409 5.5).  ESP or AH under the new keys shows just that.
 */
static bool
peer_uses_it(const struct exchange *x, const struct child *child)
{
	struct ipsec_sa sa;
	bool used = false;

	for (unsigned i = 0; i < child->n && !used; i++) {
		struct ipsec_sa_id id = {
			.dst = child->in[i].key.dst,
			.spi = child->in[i].key.spi,
			.proto = (uint8_t)child->in[i].key.proto,
			.mark = child->mark,
		};

		if (ipsec_sa_get(x->ike->kernel, &id, &sa) == 0)
			used = sa.current.packets > 0;
		crypto_wipe(&sa, sizeof(sa));
	}
	return used;
}

static bool
quick_settled(struct exchange *x)
{
	const struct child *child = child_by_serial(x->ike, x->quick->child);

	return child != NULL && peer_uses_it(x, child) &&
	    quick_install(x, false) == OK;
}

/* Our half was deleted, by setkey(8) for one, before HASH(3) came. */
static bool
quick_gone(struct exchange *x)
{
	return x->quick->child != 0 &&
	    child_by_serial(x->ike, x->quick->child) == NULL;
}

/* The IKE SA under which the peer would hear of it instead. */
static struct sa *
overtaken_by(const struct exchange *x)
{
	struct sa *sa = x->sa, *other;

	if (x->at > 1 || sa->state != SA_DYING || sa->heard >= x->began)
		return NULL;
	for (other = sa->peer->sas; other != NULL; other = other->next)
		if (other->state == SA_READY && sa_same_peer(other, sa))
			return other;
	return NULL;
}

/* Nothing was heard yet, and the peer has begun another IKE SA since: it has
 * restarted, and what we say is understood by nobody. */
static bool
quick_overtaken(struct exchange *x)
{
	return want_find(x->ike, x->quick->want) != NULL &&
	    overtaken_by(x) != NULL;
}

static void
quick_move(struct exchange *x, struct want *want, struct sa *to)
{
	struct quick *q = x->quick;

	say_sa(LOG_L_INFO, to, "a phase 2 negotiation begins again under "
	    "this ISAKMP-SA, since the peer has another one no more");
	x->ike->stats.phase2_failed++;
	if (q->has_spis)
		child_putspi(x->sa, &q->plan, q->spi_in);
	exch_free(x);
	want->state = WANT_WAITING;
	want->exchange = 0;
	to->ike->up->sa_up(to);
}

/* The DELETE of that time met nothing if our answer came later or was lost:
 * the peer may have made its half since. */
static void
delete_half(struct exchange *x)
{
	const struct agreement *ag = &x->quick->agreement;

	for (unsigned i = 0; i < ag->n; i++)
		info_delete_spi(x->sa, ag->a[i].proto, ag->a[i].spi_in);
}

static void
failed_event(const struct exchange *x, enum err err)
{
	struct ike_event ev = {
		.type = IKE_EVENT_CHILD_FAILED,
		.err = err,
		.initiator = x->flow->initiator,
		.local = x->sa->local,
		.remote = x->sa->remote,
		.sel = x->quick->plan.sel,
		.msgid = x->msgid,
		.ms = (uint32_t)(x->ike->now - x->began),
	};

	x->ike->ops->event(x->ike->ctx, &ev);
}

static void
quick_failed(struct exchange *x, enum err err)
{
	struct ike *ike = x->ike;
	struct quick *q = x->quick;
	struct child *child = child_by_serial(ike, q->child);
	struct want *want = want_find(ike, q->want);

	/* The time for HASH(3) is over, or that of the IKE SA is. */
	if (!x->flow->initiator && (err == E_TIMEOUT || err == E_STOPPED) &&
	    quick_settled(x)) {
		ike->stats.phase2_up++;
		child_up(child);
		exch_free(x);
		if (want != NULL)
			want_done(want);
		return;
	}
	if (x->flow->initiator && err == E_DELETED && quick_overtaken(x)) {
		quick_move(x, want, overtaken_by(x));
		return;
	}
	ike->stats.phase2_failed++;
	say_failure(x, err);
	failed_event(x, err);
	if (is_told(err))
		tell_peer(x, err);
	if (child != NULL)
		child_delete(child, err);
	else if (!x->flow->initiator && quick_gone(x) && !ike->stopping)
		delete_half(x);
	if (q->has_spis)
		child_putspi(x->sa, &q->plan, q->spi_in);
	if (err == E_TIMEOUT && x->flow->initiator)
		sa_doubt(x->sa, x->began);
	exch_free(x);
	if (want == NULL)
		return;
	/* what the peer refuses is not asked again with every packet */
	if (err == E_TIMEOUT || err == E_STOPPED)
		want_forget_acquire(want);
	want_failed(want);
}

static bool
is_spi_of(const struct quick *q, uint32_t spi)
{
	for (unsigned i = 0; i < IPSEC_TMPL_MAX; i++)
		if (q->spi_in[i] == spi)
			return true;
	return false;
}

/* By an SPI that we chose, or the only one that we began: some peers leave
 * the SPI out, or send zero. */
static struct exchange *
refused_one(struct sa *sa, const struct notify_payload *n)
{
	struct exchange *x, *only = NULL;
	struct view v = n->spi;
	uint32_t spi = v.n == 4 ? view_u32(&v) : 0;
	unsigned begun = 0;

	for (x = sa->exchanges; x != NULL; x = x->next) {
		if (x->over || x->quick == NULL)
			continue;
		if (spi != 0 && is_spi_of(x->quick, spi))
			return x;
		if (x->flow->initiator) {
			only = x;
			begun++;
		}
	}
	return begun == 1 && spi == 0 ? only : NULL;
}

void
quick_refused(struct sa *sa, const struct notify_payload *n)
{
	struct exchange *x = refused_one(sa, n);
	char own[PROPOSE_TEXT];

	say_sa(LOG_L_ERROR, sa, "the peer notifies %s (%u)%s%s",
	    name_notify(n->type), n->type, x == NULL ? "" : "; we offered ",
	    x == NULL ? "" : propose_print_sainfo(sa, &x->quick->plan,
	    x->quick->info, own));
	if (x != NULL)
		exch_fail(x, E_REFUSED);
}
