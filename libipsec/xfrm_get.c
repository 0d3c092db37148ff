/* SPDX-License-Identifier: ISC */
/*
 * XFRM netlink messages -> flat structures.  Nothing is believed: lengths and
 * counts are checked before anything is read, texts get their end.
 */
#include "libipsec/xfrm_msg.h"

#include <arpa/inet.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <string.h>

#include "libipsec/addr.h"

/* The attributes of a message, by number; absent ones have no address. */
struct attrs {
	struct view at[XFRM_ATTRS];
};

/* Takes the fixed part of a body, with its padding. */
static bool
get_fixed(struct view *v, void *fixed, size_t n)
{
	view_bytes(v, fixed, n);
	xfrm_skip_pad(v, n);
	return !v->bad;
}

static bool
get_attrs(struct view v, struct attrs *as)
{
	unsigned int type;
	struct view value;

	memset(as, 0, sizeof(*as));
	while (xfrm_attr_next(&v, &type, &value))
		if (type < XFRM_ATTRS)
			as->at[type] = value;
	return !v.bad;
}

static bool
has(const struct attrs *as, unsigned int type)
{
	return as->at[type].p != NULL;
}

/*
 * Copies an attribute's value, zeroes when it is absent.  False when it is
 * too short; later kernels may make it longer.
 */
static bool
get_attr(const struct attrs *as, unsigned int type, void *value, size_t n)
{
	struct view v = as->at[type];

	memset(value, 0, n);
	if (!has(as, type))
		return true;
	view_bytes(&v, value, n);
	return !v.bad;
}

static bool
get_mark(const struct attrs *as, struct ipsec_mark *m)
{
	struct xfrm_mark x;

	if (!get_attr(as, XFRMA_MARK, &x, sizeof(x)))
		return false;
	m->value = x.v;
	m->mask = x.m;
	return true;
}

/* A longer label than we can hold is cut, and still ends. */
static bool
get_context(const struct attrs *as, struct ipsec_context *c)
{
	struct xfrm_user_sec_ctx x;
	struct view v = as->at[XFRMA_SEC_CTX];

	if (!has(as, XFRMA_SEC_CTX))
		return true;
	view_bytes(&v, &x, sizeof(x));
	if (v.bad || x.ctx_len > v.n)
		return false;
	c->doi = x.ctx_doi;
	c->alg = x.ctx_alg;
	c->length = x.ctx_len;
	if (c->length > sizeof(c->text))
		c->length = sizeof(c->text);
	view_bytes(&v, c->text, c->length);
	if (c->length < x.ctx_len)
		c->text[c->length - 1] = '\0';
	return true;
}

/* An address of another family than the two is none. */
static void
get_address(struct ipsec_addr *a, uint16_t family, const xfrm_address_t *x)
{
	addr_from_bytes(a, family, view_of(x, family == AF_INET ? 4 : 16));
}

static void
get_selector(struct ipsec_selector *s, const struct xfrm_selector *x)
{
	memset(s, 0, sizeof(*s));
	get_address(&s->src, x->family, &x->saddr);
	get_address(&s->dst, x->family, &x->daddr);
	s->src.port = x->sport_mask != 0 ? ntohs(x->sport) : 0;
	s->dst.port = x->dport_mask != 0 ? ntohs(x->dport) : 0;
	s->src_prefix = x->prefixlen_s;
	s->dst_prefix = x->prefixlen_d;
	s->proto = x->proto;
	s->ifindex = x->ifindex;
}

/* Does it select at all?  The kernel gives unused ones just a family. */
static bool
selects(const struct ipsec_selector *s)
{
	return s->src_prefix != 0 || s->dst_prefix != 0 || s->proto != 0 ||
	    s->ifindex != 0 || s->src.port != 0 || s->dst.port != 0 ||
	    !addr_is_any(&s->src) || !addr_is_any(&s->dst);
}

static uint64_t
limit(uint64_t v)
{
	return v != XFRM_INF ? v : 0;
}

static void
get_soft(struct ipsec_lifetime *l, const struct xfrm_lifetime_cfg *x)
{
	l->bytes = limit(x->soft_byte_limit);
	l->packets = limit(x->soft_packet_limit);
	l->add = limit(x->soft_add_expires_seconds);
	l->use = limit(x->soft_use_expires_seconds);
}

static void
get_hard(struct ipsec_lifetime *l, const struct xfrm_lifetime_cfg *x)
{
	l->bytes = limit(x->hard_byte_limit);
	l->packets = limit(x->hard_packet_limit);
	l->add = limit(x->hard_add_expires_seconds);
	l->use = limit(x->hard_use_expires_seconds);
}

static void
get_usage(struct ipsec_usage *u, const struct xfrm_lifetime_cur *x)
{
	u->bytes = x->bytes;
	u->packets = x->packets;
	u->add = x->add_time;
	u->use = x->use_time;
}

static uint8_t
ipsec_mode(uint8_t mode)
{
	static const uint8_t modes[XFRM_MODE_MAX] = {
		[XFRM_MODE_TRANSPORT] = IPSEC_MODE_TRANSPORT,
		[XFRM_MODE_TUNNEL] = IPSEC_MODE_TUNNEL,
		[XFRM_MODE_BEET] = IPSEC_MODE_BEET,
	};

	return mode < XFRM_MODE_MAX ? modes[mode] : IPSEC_MODE_ANY;
}

/*
 * An algorithm: its name, the rest of the attribute (the key) and the ICV.
 * A key longer than we can hold is left out, with its length.
 */
static bool
get_key(struct ipsec_key *k, enum ipsec_alg_class class, struct xfrm_algo *x,
    struct view key, uint32_t icv)
{
	const struct ipsec_alg *a;
	size_t	n = x->alg_key_len / 8 + (x->alg_key_len % 8 != 0);

	if (n > key.n || icv > UINT16_MAX)
		return false;
	memset(k, 0, sizeof(*k));
	x->alg_name[sizeof(x->alg_name) - 1] = '\0';
	k->present = 1;
	k->icv_bits = (uint16_t)icv;
	if (n <= sizeof(k->key)) {
		k->key_bits = (uint16_t)x->alg_key_len;
		view_bytes(&key, k->key, n);
	}
	a = ipsec_alg_by_kernel(class, x->alg_name, k->icv_bits);
	if (a != NULL)
		k->id = a->id;
	else
		memcpy(k->name, x->alg_name, sizeof(k->name));
	return true;
}

static bool
get_algo(const struct attrs *as, unsigned int type,
    enum ipsec_alg_class class, struct ipsec_key *k)
{
	struct view v = as->at[type];
	const struct ipsec_alg *a;
	struct xfrm_algo x;

	if (!has(as, type))
		return true;
	view_bytes(&v, &x, sizeof(x));
	if (v.bad || !get_key(k, class, &x, v, 0))
		return false;
	/* Without truncation the kernel's own default counts. */
	a = ipsec_alg_by_id(class, k->id);
	if (a != NULL)
		k->icv_bits = a->icv_bits;
	return true;
}

_Static_assert(sizeof(struct xfrm_algo_auth) == sizeof(struct xfrm_algo_aead),
    "both have a name and two lengths");

/* Authentication with truncation and AEAD look alike. */
static bool
get_algo_icv(const struct attrs *as, unsigned int type,
    enum ipsec_alg_class class, struct ipsec_key *k)
{
	struct view v = as->at[type];
	struct xfrm_algo_auth x;
	struct xfrm_algo plain;

	if (!has(as, type))
		return true;
	view_bytes(&v, &x, sizeof(x));
	if (v.bad)
		return false;
	memcpy(plain.alg_name, x.alg_name, sizeof(plain.alg_name));
	plain.alg_key_len = x.alg_key_len;
	return get_key(k, class, &plain, v, x.alg_trunc_len);
}

/* The kernel sends both forms of authentication; the later one says more. */
static bool
get_keys(const struct attrs *as, struct ipsec_sa *sa)
{
	return get_algo(as, XFRMA_ALG_CRYPT, IPSEC_ALG_ENC, &sa->enc) &&
	    get_algo(as, XFRMA_ALG_AUTH, IPSEC_ALG_AUTH, &sa->auth) &&
	    get_algo_icv(as, XFRMA_ALG_AUTH_TRUNC, IPSEC_ALG_AUTH,
	    &sa->auth) &&
	    get_algo_icv(as, XFRMA_ALG_AEAD, IPSEC_ALG_AEAD, &sa->aead) &&
	    get_algo(as, XFRMA_ALG_COMP, IPSEC_ALG_COMP, &sa->comp);
}

static bool
get_encap(const struct attrs *as, struct ipsec_sa *sa)
{
	struct xfrm_encap_tmpl x;

	if (!get_attr(as, XFRMA_ENCAP, &x, sizeof(x)))
		return false;
	if (x.encap_type == 0)
		return true;
	sa->encap.type = x.encap_type;
	sa->encap.sport = ntohs(x.encap_sport);
	sa->encap.dport = ntohs(x.encap_dport);
	get_address(&sa->encap.oa, sa->id.dst.family, &x.encap_oa);
	if (addr_is_any(&sa->encap.oa))
		memset(&sa->encap.oa, 0, sizeof(sa->encap.oa));
	return true;
}

static bool
get_replay(const struct attrs *as, struct ipsec_sa *sa)
{
	struct xfrm_replay_state_esn x;

	if (!get_attr(as, XFRMA_REPLAY_ESN_VAL, &x, sizeof(x)))
		return false;
	if (has(as, XFRMA_REPLAY_ESN_VAL))
		sa->replay = x.replay_window;
	return true;
}

/* POLICY: there is no direction in it. */
static bool
get_offload(const struct attrs *as, bool policy, struct ipsec_offload *o)
{
	struct xfrm_user_offload x;

	if (!get_attr(as, XFRMA_OFFLOAD_DEV, &x, sizeof(x)))
		return false;
	if (!has(as, XFRMA_OFFLOAD_DEV) || x.ifindex <= 0)
		return true;
	o->ifindex = x.ifindex;
	o->kind = x.flags & XFRM_ATTR_OFFLOAD_PACKET ?
	    IPSEC_OFFLOAD_PACKET : IPSEC_OFFLOAD_CRYPTO;
	if (!policy)
		o->dir = x.flags & XFRM_OFFLOAD_INBOUND ? IPSEC_DIR_IN :
		    IPSEC_DIR_OUT;
	return true;
}

/* The attributes of an SA in dumps, answers and events. */
static bool
get_sa_attrs(const struct attrs *as, struct ipsec_sa *sa)
{
	return get_keys(as, sa) && get_encap(as, sa) && get_replay(as, sa) &&
	    get_context(as, &sa->ctx) && get_mark(as, &sa->id.mark) &&
	    get_attr(as, XFRMA_SET_MARK, &sa->output_mark.value,
	    sizeof(sa->output_mark.value)) &&
	    get_attr(as, XFRMA_SET_MARK_MASK, &sa->output_mark.mask,
	    sizeof(sa->output_mark.mask)) &&
	    get_attr(as, XFRMA_IF_ID, &sa->if_id, sizeof(sa->if_id)) &&
	    get_attr(as, XFRMA_LASTUSED, &sa->last_use,
	    sizeof(sa->last_use)) && get_offload(as, false, &sa->offload) &&
	    get_attr(as, XFRM_ATTR_SA_DIR, &sa->dir, sizeof(sa->dir));
}

static void
set_sa(struct ipsec_sa *sa, const struct xfrm_usersa_info *x)
{
	memset(sa, 0, sizeof(*sa));
	get_address(&sa->id.dst, x->family, &x->id.daddr);
	get_address(&sa->src, x->family, &x->saddr);
	sa->id.spi = ntohl(x->id.spi);
	sa->id.proto = x->id.proto;
	sa->mode = ipsec_mode(x->mode);
	sa->flags = x->flags;
	sa->reqid = x->reqid;
	sa->seq = x->seq;
	sa->replay = x->replay_window;
	get_selector(&sa->sel, &x->sel);
	sa->has_sel = selects(&sa->sel);
	if (!sa->has_sel)
		memset(&sa->sel, 0, sizeof(sa->sel));
	get_soft(&sa->soft, &x->lft);
	get_hard(&sa->hard, &x->lft);
	get_usage(&sa->current, &x->curlft);
}

/* An SA that has nothing to work with waits for its keys. */
static bool
is_larval(const struct ipsec_sa *sa)
{
	switch (sa->id.proto) {
	case IPSEC_PROTO_ESP:
		return !sa->enc.present && !sa->aead.present;
	case IPSEC_PROTO_AH:
		return !sa->auth.present;
	case IPSEC_PROTO_IPCOMP:
		return !sa->comp.present;
	}
	return false;
}

static bool
reached(uint64_t bound, uint64_t v)
{
	return bound != 0 && v >= bound;
}

/* The kernel does not tell whether a soft limit was passed: guess. */
static bool
is_dying(const struct ipsec_sa *sa, uint64_t now)
{
	const struct ipsec_usage *u = &sa->current;

	return reached(sa->soft.bytes, u->bytes) ||
	    reached(sa->soft.packets, u->packets) ||
	    (u->add != 0 && u->add <= now &&
	    reached(sa->soft.add, now - u->add)) ||
	    (u->use != 0 && u->use <= now &&
	    reached(sa->soft.use, now - u->use));
}

static enum ipsec_state
sa_state(const struct ipsec_sa *sa, uint64_t now)
{
	if (is_larval(sa))
		return IPSEC_STATE_LARVAL;
	return is_dying(sa, now) ? IPSEC_STATE_DYING : IPSEC_STATE_MATURE;
}

bool
xfrm_get_sa(struct view v, uint64_t now, struct ipsec_sa *sa)
{
	struct xfrm_usersa_info x;
	struct attrs as;

	if (!get_fixed(&v, &x, sizeof(x)) || !get_attrs(v, &as))
		return false;
	set_sa(sa, &x);
	if (addr_bits(&sa->id.dst) == 0 || !get_sa_attrs(&as, sa))
		return false;
	sa->state = (uint8_t)sa_state(sa, now);
	return true;
}

static void
set_tmpl(struct ipsec_tmpl *t, const struct xfrm_user_tmpl *x)
{
	memset(t, 0, sizeof(*t));
	t->proto = x->id.proto;
	t->mode = ipsec_mode(x->mode);
	t->optional = x->optional != 0;
	t->reqid = x->reqid;
	get_address(&t->src, x->family, &x->saddr);
	get_address(&t->dst, x->family, &x->id.daddr);
	if (t->mode == IPSEC_MODE_TRANSPORT && addr_is_any(&t->src) &&
	    addr_is_any(&t->dst)) {
		memset(&t->src, 0, sizeof(t->src));
		memset(&t->dst, 0, sizeof(t->dst));
	}
}

static bool
get_tmpls(const struct attrs *as, struct ipsec_policy *p)
{
	struct view v = as->at[XFRMA_TMPL];
	struct xfrm_user_tmpl x;

	while (v.n > 0) {
		view_bytes(&v, &x, sizeof(x));
		if (v.bad || p->ntmpl == IPSEC_TMPL_MAX)
			return false;
		set_tmpl(&p->tmpl[p->ntmpl++], &x);
	}
	return true;
}

static void
set_policy(struct ipsec_policy *p, const struct xfrm_userpolicy_info *x)
{
	memset(p, 0, sizeof(*p));
	get_selector(&p->sel, &x->sel);
	p->dir = (uint8_t)(x->dir + IPSEC_DIR_IN);
	p->priority = x->priority;
	p->index = x->index;
	get_hard(&p->hard, &x->lft);
	get_usage(&p->current, &x->curlft);
	p->action = x->action == XFRM_POLICY_BLOCK ? IPSEC_ACTION_DISCARD :
	    IPSEC_ACTION_NONE;
}

static bool
get_policy_attrs(const struct attrs *as, struct ipsec_policy *p)
{
	struct xfrm_userpolicy_type type;

	if (!get_tmpls(as, p) || !get_mark(as, &p->mark) ||
	    !get_attr(as, XFRMA_IF_ID, &p->if_id, sizeof(p->if_id)) ||
	    !get_offload(as, true, &p->offload) ||
	    !get_attr(as, XFRMA_POLICY_TYPE, &type, sizeof(type)))
		return false;
	p->sub = type.type == XFRM_POLICY_TYPE_SUB;
	if (p->action == IPSEC_ACTION_NONE && p->ntmpl > 0)
		p->action = IPSEC_ACTION_IPSEC;
	return true;
}

bool
xfrm_get_policy(struct view v, struct ipsec_policy *p)
{
	struct xfrm_userpolicy_info x;
	struct attrs as;

	if (!get_fixed(&v, &x, sizeof(x)) || !get_attrs(v, &as))
		return false;
	set_policy(p, &x);
	return get_policy_attrs(&as, p) && get_context(&as, &p->ctx);
}

/* How well does the template fit the state that is wanted?  0: not. */
static unsigned int
acquire_fit(const struct xfrm_user_tmpl *t, const struct xfrm_user_acquire *x)
{
	static const xfrm_address_t any;
	size_t	n = t->family == AF_INET6 ? sizeof(any) : sizeof(any.a4);

	if (t->id.proto != x->id.proto)
		return 0;
	if (memcmp(&t->id.daddr, &x->id.daddr, n) == 0)
		return 3;
	return memcmp(&t->id.daddr, &any, n) == 0 ? 2 : 1;
}

/*
 * The template that an ACQUIRE is for: among those of its protocol, the one
 * towards the same address, or towards none in particular.  NULL: none.  The
 * message has no family for its addresses, which are the template's: behind
 * a tunnel's, transport mode has the tunnel's addresses too.
 */
static const struct ipsec_tmpl *
acquire_tmpl(struct view v, const struct xfrm_user_acquire *x,
    const struct ipsec_policy *p, uint16_t *family)
{
	const struct ipsec_tmpl *best = NULL;
	struct xfrm_user_tmpl t;
	unsigned int fit, most = 0;

	for (unsigned int i = 0; i < p->ntmpl; i++) {
		view_bytes(&v, &t, sizeof(t));
		if ((fit = acquire_fit(&t, x)) <= most)
			continue;
		most = fit;
		best = &p->tmpl[i];
		if (t.family == AF_INET || t.family == AF_INET6)
			*family = t.family;
	}
	return best;
}

/* A state is wanted. */
static bool
get_acquire(struct view v, uint64_t now, struct ipsec_event *e)
{
	struct xfrm_user_acquire x;
	const struct ipsec_tmpl *t;
	struct attrs as;
	uint16_t family;

	(void)now;
	if (!get_fixed(&v, &x, sizeof(x)) || !get_attrs(v, &as))
		return false;
	set_policy(&e->policy, &x.policy);
	if (!get_policy_attrs(&as, &e->policy) ||
	    !get_context(&as, &e->sa.ctx))
		return false;
	get_selector(&e->flow, &x.sel);
	e->sa.id.proto = x.id.proto;
	e->sa.id.spi = ntohl(x.id.spi);
	e->sa.id.mark = e->policy.mark;
	e->sa.if_id = e->policy.if_id;
	e->sa.seq = x.seq;
	family = x.sel.family;
	t = acquire_tmpl(as.at[XFRMA_TMPL], &x, &e->policy, &family);
	if (t != NULL) {
		e->sa.mode = t->mode;
		e->sa.reqid = t->reqid;
	}
	get_address(&e->sa.id.dst, family, &x.id.daddr);
	get_address(&e->sa.src, family, &x.saddr);
	e->type = IPSEC_EVENT_ACQUIRE;
	return addr_bits(&e->sa.id.dst) != 0;
}

static bool
get_expire(struct view v, uint64_t now, struct ipsec_event *e)
{
	struct xfrm_user_expire x;
	struct attrs as;

	(void)now;
	if (!get_fixed(&v, &x, sizeof(x)) || !get_attrs(v, &as))
		return false;
	set_sa(&e->sa, &x.state);
	if (addr_bits(&e->sa.id.dst) == 0 || !get_sa_attrs(&as, &e->sa))
		return false;
	e->type = IPSEC_EVENT_EXPIRE;
	e->hard = x.hard != 0;
	e->sa.state = e->hard ? IPSEC_STATE_DEAD : IPSEC_STATE_DYING;
	return true;
}

static bool
get_policy_expire(struct view v, uint64_t now, struct ipsec_event *e)
{
	struct xfrm_user_polexpire x;
	struct attrs as;

	(void)now;
	if (!get_fixed(&v, &x, sizeof(x)) || !get_attrs(v, &as))
		return false;
	set_policy(&e->policy, &x.pol);
	e->type = IPSEC_EVENT_POLICY_EXPIRE;
	e->hard = x.hard != 0;
	return get_policy_attrs(&as, &e->policy) &&
	    get_context(&as, &e->policy.ctx);
}

static void
set_sa_id(struct ipsec_sa_id *id, const struct xfrm_usersa_id *x)
{
	get_address(&id->dst, x->family, &x->daddr);
	id->spi = ntohl(x->spi);
	id->proto = x->proto;
}

/* A NAT in front of the peer moved: RFC 3948 4. */
static bool
get_mapping(struct view v, uint64_t now, struct ipsec_event *e)
{
	struct xfrm_user_mapping x;

	(void)now;
	if (!get_fixed(&v, &x, sizeof(x)))
		return false;
	e->type = IPSEC_EVENT_MAPPING;
	set_sa_id(&e->sa.id, &x.id);
	e->sa.reqid = x.reqid;
	get_address(&e->from, x.id.family, &x.old_saddr);
	get_address(&e->to, x.id.family, &x.new_saddr);
	e->from.port = ntohs(x.old_sport);
	e->to.port = ntohs(x.new_sport);
	e->sa.src = e->from;
	e->sa.src.port = 0;
	return addr_bits(&e->sa.id.dst) != 0;
}

static bool
get_sa_new(struct view v, uint64_t now, struct ipsec_event *e)
{
	e->type = IPSEC_EVENT_SA_NEW;
	return xfrm_get_sa(v, now, &e->sa);
}

/* The name of the SA, and mostly the whole of it in an attribute. */
static bool
get_sa_delete(struct view v, uint64_t now, struct ipsec_event *e)
{
	struct xfrm_usersa_info info;
	struct xfrm_usersa_id x;
	struct attrs as;

	(void)now;
	if (!get_fixed(&v, &x, sizeof(x)) || !get_attrs(v, &as) ||
	    !get_attr(&as, XFRMA_SA, &info, sizeof(info)))
		return false;
	if (has(&as, XFRMA_SA))
		set_sa(&e->sa, &info);
	set_sa_id(&e->sa.id, &x);
	e->type = IPSEC_EVENT_SA_DELETE;
	e->sa.state = IPSEC_STATE_DEAD;
	return addr_bits(&e->sa.id.dst) != 0 && get_sa_attrs(&as, &e->sa);
}

static bool
get_sa_flush(struct view v, uint64_t now, struct ipsec_event *e)
{
	struct xfrm_usersa_flush x;

	(void)now;
	if (!get_fixed(&v, &x, sizeof(x)))
		return false;
	e->type = IPSEC_EVENT_SA_FLUSH;
	e->sa.id.proto = x.proto != 255 ? x.proto : 0;
	return true;
}

static bool
get_policy_new(struct view v, uint64_t now, struct ipsec_event *e)
{
	(void)now;
	e->type = IPSEC_EVENT_POLICY_NEW;
	return xfrm_get_policy(v, &e->policy);
}

static bool
get_policy_delete(struct view v, uint64_t now, struct ipsec_event *e)
{
	struct xfrm_userpolicy_info info;
	struct xfrm_userpolicy_id x;
	struct attrs as;

	(void)now;
	if (!get_fixed(&v, &x, sizeof(x)) || !get_attrs(v, &as) ||
	    !get_attr(&as, XFRMA_POLICY, &info, sizeof(info)))
		return false;
	e->type = IPSEC_EVENT_POLICY_DELETE;
	if (!has(&as, XFRMA_POLICY)) {
		info.sel = x.sel;
		info.index = x.index;
		info.dir = x.dir;
	}
	set_policy(&e->policy, &info);
	return get_policy_attrs(&as, &e->policy) &&
	    get_context(&as, &e->policy.ctx);
}

static bool
get_policy_flush(struct view v, uint64_t now, struct ipsec_event *e)
{
	(void)v;
	(void)now;
	e->type = IPSEC_EVENT_POLICY_FLUSH;
	return true;
}

/* The messages that are events. */
static const struct event_row {
	uint16_t type;
	bool	 (*get)(struct view, uint64_t, struct ipsec_event *);
} event_rows[] = {
	{ XFRM_MSG_ACQUIRE, get_acquire },
	{ XFRM_MSG_EXPIRE, get_expire },
	{ XFRM_MSG_POLEXPIRE, get_policy_expire },
	{ XFRM_MSG_MAPPING, get_mapping },
	{ XFRM_MSG_NEWSA, get_sa_new },
	{ XFRM_MSG_UPDSA, get_sa_new },
	{ XFRM_MSG_DELSA, get_sa_delete },
	{ XFRM_MSG_FLUSHSA, get_sa_flush },
	{ XFRM_MSG_NEWPOLICY, get_policy_new },
	{ XFRM_MSG_UPDPOLICY, get_policy_new },
	{ XFRM_MSG_DELPOLICY, get_policy_delete },
	{ XFRM_MSG_FLUSHPOLICY, get_policy_flush },
};

static const struct event_row *
event_row(uint16_t type)
{
	for (size_t i = 0; i < sizeof(event_rows) / sizeof(event_rows[0]); i++)
		if (event_rows[i].type == type)
			return &event_rows[i];
	return NULL;
}

bool
xfrm_is_event(uint16_t type)
{
	return event_row(type) != NULL;
}

bool
xfrm_get_event(const struct xfrm_msg *m, uint64_t now, struct ipsec_event *e)
{
	const struct event_row *row = event_row(m->type);

	memset(e, 0, sizeof(*e));
	return row != NULL && row->get(m->body, now, e);
}
