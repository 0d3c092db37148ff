/* SPDX-License-Identifier: ISC */
/*
 * PF_KEY messages -> flat structures.  Nothing is believed: lengths and
 * counts are checked before anything is read.  All numbers are the host's,
 * but for SPIs and ports.
 */
#include "libipsec/pfkey_msg.h"

#include <arpa/inet.h>
#include <string.h>

#include "libipsec/addr.h"

#define UNIT	8u		/* lengths count these */

/* struct sadb_x_policy's request, which <linux/pfkeyv2.h> has. */
#define REQUEST_BYTES	sizeof(struct sadb_x_ipsecrequest)

bool
pfkey_ext_next(struct view *v, struct pfkey_ext *e)
{
	struct view peek = *v;
	struct sadb_ext h;

	if (v->bad || v->n == 0)
		return false;
	view_bytes(&peek, &h, sizeof(h));
	if (peek.bad || h.sadb_ext_len == 0) {
		v->bad = true;
		return false;
	}
	e->type = h.sadb_ext_type;
	e->all = view_take(v, UNIT * h.sadb_ext_len);
	return !e->all.bad;
}

static enum pfkey_verdict
get_exts(struct pfkey_msg *m)
{
	struct view v = m->exts;
	struct pfkey_ext e;

	while (pfkey_ext_next(&v, &e)) {
		if (e.type >= PFKEY_EXTS) {
			m->unknown = true;
			continue;
		}
		if (e.type == SADB_EXT_RESERVED || m->ext[e.type].p != NULL)
			return PFKEY_TWICE;
		m->ext[e.type] = e.all;
	}
	return v.bad ? PFKEY_CUT : PFKEY_GOOD;
}

enum pfkey_verdict
pfkey_msg_next(struct view *v, struct pfkey_msg *m)
{
	struct view all, peek = *v;
	struct sadb_msg h;

	memset(m, 0, sizeof(*m));
	view_bytes(&peek, &h, sizeof(h));
	m->version = h.sadb_msg_version;
	m->type = h.sadb_msg_type;
	m->error = h.sadb_msg_errno;
	m->satype = h.sadb_msg_satype;
	m->reserved = h.sadb_msg_reserved;
	m->seq = h.sadb_msg_seq;
	m->pid = h.sadb_msg_pid;
	if (peek.bad || UNIT * h.sadb_msg_len < sizeof(h) ||
	    UNIT * h.sadb_msg_len > v->n)
		return PFKEY_CUT;
	all = view_take(v, UNIT * h.sadb_msg_len);
	view_take(&all, sizeof(h));
	m->exts = all;
	return get_exts(m);
}

enum pfkey_verdict
pfkey_msg_parse(struct view v, struct pfkey_msg *m)
{
	enum pfkey_verdict r = pfkey_msg_next(&v, m);

	return r == PFKEY_GOOD && v.n != 0 ? PFKEY_CUT : r;
}

bool
pfkey_has(const struct pfkey_msg *m, unsigned int type)
{
	return type < PFKEY_EXTS && m->ext[type].p != NULL;
}

static const struct {
	uint8_t	satype, proto;
} satypes[] = {
	{ SADB_SATYPE_AH, IPSEC_PROTO_AH },
	{ SADB_SATYPE_ESP, IPSEC_PROTO_ESP },
	{ SADB_X_SATYPE_IPCOMP, IPSEC_PROTO_IPCOMP },
};

uint8_t
pfkey_satype(uint8_t proto)
{
	for (size_t i = 0; i < sizeof(satypes) / sizeof(satypes[0]); i++)
		if (satypes[i].proto == proto)
			return satypes[i].satype;
	return SADB_SATYPE_UNSPEC;
}

uint8_t
pfkey_proto(uint8_t satype)
{
	for (size_t i = 0; i < sizeof(satypes) / sizeof(satypes[0]); i++)
		if (satypes[i].satype == satype)
			return satypes[i].proto;
	return IPSEC_PROTO_ANY;
}

/*
 * Copies the fixed part of an extension, zeroes when there is none; what
 * follows stays in *REST.  False when it is too short.
 */
static bool
get_fixed(const struct pfkey_msg *m, unsigned int type, void *fixed, size_t n,
    struct view *rest)
{
	*rest = m->ext[type];
	if (!pfkey_has(m, type)) {
		memset(fixed, 0, n);
		return true;
	}
	view_bytes(rest, fixed, n);
	return !rest->bad;
}

/* Takes a socket address. */
static bool
get_sockaddr(struct view *v, struct ipsec_addr *a)
{
	struct sockaddr_storage ss;
	struct view peek = *v;
	sa_family_t family;
	size_t	n;

	memset(a, 0, sizeof(*a));
	view_bytes(&peek, &family, sizeof(family));
	n = family == AF_INET6 ? 28 : 16;
	if (family != AF_INET && family != AF_INET6)
		return false;
	memset(&ss, 0, sizeof(ss));
	view_bytes(v, &ss, n);
	return !v->bad && addr_from_sockaddr(a, (struct sockaddr *)&ss);
}

struct address {
	struct ipsec_addr addr;
	uint8_t		proto, prefix;
};

/* An address extension; without one the address has no family. */
static bool
get_address(const struct pfkey_msg *m, unsigned int type, struct address *a)
{
	struct sadb_address x;
	struct view rest;

	memset(a, 0, sizeof(*a));
	if (!pfkey_has(m, type))
		return true;
	if (!get_fixed(m, type, &x, sizeof(x), &rest) ||
	    !get_sockaddr(&rest, &a->addr))
		return false;
	if (x.sadb_address_proto != PFKEY_PROTO_ANY)
		a->proto = x.sadb_address_proto;
	a->prefix = x.sadb_address_prefixlen;
	return true;
}

static bool
prefix_fits(const struct address *a)
{
	return a->prefix <= addr_bits(&a->addr);
}

/* Both addresses, which must be there. */
static bool
get_ends(const struct pfkey_msg *m, struct address *src, struct address *dst)
{
	return get_address(m, SADB_EXT_ADDRESS_SRC, src) &&
	    get_address(m, SADB_EXT_ADDRESS_DST, dst) &&
	    src->addr.family != 0 && src->addr.family == dst->addr.family &&
	    prefix_fits(src) && prefix_fits(dst);
}

static bool
get_limits(const struct pfkey_msg *m, unsigned int type,
    struct ipsec_lifetime *l)
{
	struct sadb_lifetime x;
	struct view rest;

	if (!get_fixed(m, type, &x, sizeof(x), &rest))
		return false;
	l->packets = x.sadb_lifetime_allocations;
	l->bytes = x.sadb_lifetime_bytes;
	l->add = x.sadb_lifetime_addtime;
	l->use = x.sadb_lifetime_usetime;
	return true;
}

static bool
get_usage(const struct pfkey_msg *m, struct ipsec_usage *u)
{
	struct ipsec_lifetime l;

	if (!get_limits(m, SADB_EXT_LIFETIME_CURRENT, &l))
		return false;
	u->packets = l.packets;
	u->bytes = l.bytes;
	u->add = l.add;
	u->use = l.use;
	return true;
}

static bool
get_context(const struct pfkey_msg *m, struct ipsec_context *c)
{
	struct sadb_x_sec_ctx x;
	struct view rest;

	if (!get_fixed(m, SADB_X_EXT_SEC_CTX, &x, sizeof(x), &rest) ||
	    x.sadb_x_ctx_len > rest.n || x.sadb_x_ctx_len > sizeof(c->text))
		return false;
	if (x.sadb_x_ctx_len == 0)
		return true;
	c->doi = x.sadb_x_ctx_doi;
	c->alg = x.sadb_x_ctx_alg;
	c->length = x.sadb_x_ctx_len;
	view_bytes(&rest, c->text, c->length);
	return true;
}

/* A key longer than we can hold is left out. */
static bool
get_key(const struct pfkey_msg *m, unsigned int type, uint16_t id,
    struct ipsec_key *k)
{
	struct sadb_key x;
	struct view rest;
	size_t	n;

	if (!get_fixed(m, type, &x, sizeof(x), &rest))
		return false;
	if (id == 0)
		return true;
	n = (x.sadb_key_bits + 7u) / 8;
	if (n > rest.n)
		return false;
	k->present = 1;
	k->id = id;
	if (n <= sizeof(k->key)) {
		k->key_bits = x.sadb_key_bits;
		view_bytes(&rest, k->key, n);
	}
	return true;
}

/* Of IPComp the algorithm's number stands where ESP has the cipher's. */
static bool
get_keys(const struct pfkey_msg *m, const struct sadb_sa *x,
    struct ipsec_sa *sa)
{
	if (sa->id.proto == IPSEC_PROTO_IPCOMP) {
		sa->comp.present = x->sadb_sa_encrypt != 0;
		sa->comp.id = x->sadb_sa_encrypt;
		return true;
	}
	return get_key(m, SADB_EXT_KEY_ENCRYPT, x->sadb_sa_encrypt,
	    &sa->enc) &&
	    get_key(m, SADB_EXT_KEY_AUTH, x->sadb_sa_auth, &sa->auth);
}

static uint32_t
sa_flags(uint32_t flags)
{
	return (flags & SADB_SAFLAGS_NOECN ? IPSEC_SA_NOECN : 0) |
	    (flags & SADB_SAFLAGS_DECAP_DSCP ? IPSEC_SA_DECAP_DSCP : 0) |
	    (flags & SADB_SAFLAGS_NOPMTUDISC ? IPSEC_SA_NOPMTUDISC : 0);
}

static bool
get_natt(const struct pfkey_msg *m, struct ipsec_encap *e)
{
	struct sadb_x_nat_t_type type;
	struct sadb_x_nat_t_port sport, dport;
	struct address oa;
	struct view rest;

	if (!get_fixed(m, SADB_X_EXT_NAT_T_TYPE, &type, sizeof(type),
	    &rest) ||
	    !get_fixed(m, SADB_X_EXT_NAT_T_SPORT, &sport, sizeof(sport),
	    &rest) ||
	    !get_fixed(m, SADB_X_EXT_NAT_T_DPORT, &dport, sizeof(dport),
	    &rest) ||
	    !get_address(m, SADB_X_EXT_NAT_T_OA, &oa))
		return false;
	if (type.sadb_x_nat_t_type_type == 0)
		return true;
	e->type = type.sadb_x_nat_t_type_type;
	e->sport = ntohs(sport.sadb_x_nat_t_port_port);
	e->dport = ntohs(dport.sadb_x_nat_t_port_port);
	e->oa = oa.addr;
	return true;
}

/*
 * Linux puts the source part of an SA's selector here, unless it is the SA's
 * own source; without a selector it is all zero.  It cuts the address to the
 * family of the SA, so that a tunnel's inner one may not fit: it is not told.
 */
static bool
get_proxy(const struct pfkey_msg *m, struct ipsec_sa *sa)
{
	struct address a;

	if (!get_address(m, SADB_EXT_ADDRESS_PROXY, &a))
		return false;
	if ((a.prefix == 0 && a.proto == 0 && addr_is_any(&a.addr)) ||
	    !prefix_fits(&a))
		return true;
	sa->has_sel = 1;
	sa->sel.src = a.addr;
	sa->sel.src_prefix = a.prefix;
	sa->sel.proto = a.proto;
	return true;
}

static bool
get_sa2(const struct pfkey_msg *m, struct ipsec_sa *sa)
{
	struct sadb_x_sa2 x;
	struct view rest;

	if (!get_fixed(m, SADB_X_EXT_SA2, &x, sizeof(x), &rest))
		return false;
	sa->mode = x.sadb_x_sa2_mode;
	sa->reqid = x.sadb_x_sa2_reqid;
	return true;
}

/* What a message says of an SA; names it by what is there. */
static bool
get_sa_part(const struct pfkey_msg *m, struct ipsec_sa *sa)
{
	struct address src, dst;
	struct sadb_sa x;
	struct view rest;

	memset(sa, 0, sizeof(*sa));
	sa->id.proto = pfkey_proto(m->satype);
	if (!get_fixed(m, SADB_EXT_SA, &x, sizeof(x), &rest) ||
	    !get_ends(m, &src, &dst) || !get_sa2(m, sa) ||
	    !get_keys(m, &x, sa) || !get_proxy(m, sa) ||
	    !get_natt(m, &sa->encap) || !get_context(m, &sa->ctx) ||
	    !get_limits(m, SADB_EXT_LIFETIME_SOFT, &sa->soft) ||
	    !get_limits(m, SADB_EXT_LIFETIME_HARD, &sa->hard) ||
	    !get_usage(m, &sa->current))
		return false;
	sa->id.dst = dst.addr;
	sa->src = src.addr;
	sa->id.spi = ntohl(x.sadb_sa_spi);
	sa->replay = x.sadb_sa_replay;
	sa->flags = sa_flags(x.sadb_sa_flags);
	sa->state = x.sadb_sa_state <= SADB_SASTATE_DEAD ?
	    x.sadb_sa_state : (uint8_t)IPSEC_STATE_DEAD;
	return true;
}

bool
pfkey_get_sa(const struct pfkey_msg *m, struct ipsec_sa *sa)
{
	return pfkey_has(m, SADB_EXT_SA) && get_sa_part(m, sa);
}

/*
 * Policies
 */

/* The two ends of a tunnel that follow a request. */
static bool
get_tunnel(struct view v, struct ipsec_tmpl *t)
{
	if (v.n == 0)
		return true;
	if (!get_sockaddr(&v, &t->src) || !get_sockaddr(&v, &t->dst))
		return false;
	t->src.port = t->dst.port = 0;
	return t->src.family == t->dst.family && v.n < UNIT;
}

static bool
get_tmpl(struct view *v, struct ipsec_tmpl *t)
{
	struct sadb_x_ipsecrequest x;
	struct view rest;

	memset(t, 0, sizeof(*t));
	rest = *v;
	view_bytes(&rest, &x, sizeof(x));
	if (rest.bad || x.sadb_x_ipsecrequest_len < REQUEST_BYTES ||
	    x.sadb_x_ipsecrequest_proto > UINT8_MAX)
		return false;
	rest = view_take(v, x.sadb_x_ipsecrequest_len);
	view_take(&rest, REQUEST_BYTES);
	t->proto = (uint8_t)x.sadb_x_ipsecrequest_proto;
	t->mode = x.sadb_x_ipsecrequest_mode;
	t->optional = x.sadb_x_ipsecrequest_level == PFKEY_LEVEL_USE;
	t->reqid = x.sadb_x_ipsecrequest_reqid;
	return !rest.bad && get_tunnel(rest, t);
}

static bool
get_policy_ext(const struct pfkey_msg *m, struct ipsec_policy *p)
{
	struct sadb_x_policy x;
	struct view rest;

	if (!pfkey_has(m, SADB_X_EXT_POLICY) ||
	    !get_fixed(m, SADB_X_EXT_POLICY, &x, sizeof(x), &rest) ||
	    x.sadb_x_policy_type > IPSEC_ACTION_IPSEC)
		return false;
	p->action = (uint8_t)x.sadb_x_policy_type;
	p->dir = x.sadb_x_policy_dir;
	p->index = x.sadb_x_policy_id;
	p->priority = x.sadb_x_policy_priority;
	while (rest.n > 0) {
		if (p->ntmpl == IPSEC_TMPL_MAX ||
		    !get_tmpl(&rest, &p->tmpl[p->ntmpl]))
			return false;
		p->ntmpl++;
	}
	return true;
}

static bool
get_selector(const struct pfkey_msg *m, struct ipsec_selector *s)
{
	struct address src, dst;

	if (!get_ends(m, &src, &dst))
		return false;
	s->src = src.addr;
	s->dst = dst.addr;
	s->src_prefix = src.prefix;
	s->dst_prefix = dst.prefix;
	s->proto = dst.proto;
	return true;
}

bool
pfkey_get_policy(const struct pfkey_msg *m, struct ipsec_policy *p)
{
	memset(p, 0, sizeof(*p));
	return get_selector(m, &p->sel) && get_policy_ext(m, p) &&
	    get_limits(m, SADB_EXT_LIFETIME_HARD, &p->hard) &&
	    get_usage(m, &p->current) && get_context(m, &p->ctx);
}

/*
 * Events
 */

static bool
get_acquire(const struct pfkey_msg *m, struct ipsec_event *e)
{
	e->type = IPSEC_EVENT_ACQUIRE;
	if (!get_sa_part(m, &e->sa) || !get_policy_ext(m, &e->policy) ||
	    !get_selector(m, &e->flow))
		return false;
	e->sa.seq = m->seq;
	return e->sa.id.proto != IPSEC_PROTO_ANY;
}

/* The limit that counts is the one that is there. */
static bool
get_expire(const struct pfkey_msg *m, struct ipsec_event *e)
{
	e->type = IPSEC_EVENT_EXPIRE;
	e->hard = !pfkey_has(m, SADB_EXT_LIFETIME_SOFT);
	if (!pfkey_get_sa(m, &e->sa))
		return false;
	e->sa.state = e->hard ? IPSEC_STATE_DEAD : IPSEC_STATE_DYING;
	return true;
}

static bool
get_policy_expire(const struct pfkey_msg *m, struct ipsec_event *e)
{
	e->type = IPSEC_EVENT_POLICY_EXPIRE;
	e->hard = !pfkey_has(m, SADB_EXT_LIFETIME_SOFT);
	return pfkey_get_policy(m, &e->policy);
}

/* Source: the peer as it was; destination: as it is now (RFC 3948 4). */
static bool
get_mapping(const struct pfkey_msg *m, struct ipsec_event *e)
{
	struct sadb_x_nat_t_port sport, dport;
	struct view rest;

	e->type = IPSEC_EVENT_MAPPING;
	if (!pfkey_get_sa(m, &e->sa) ||
	    !get_fixed(m, SADB_X_EXT_NAT_T_SPORT, &sport, sizeof(sport),
	    &rest) ||
	    !get_fixed(m, SADB_X_EXT_NAT_T_DPORT, &dport, sizeof(dport),
	    &rest))
		return false;
	e->from = e->sa.src;
	e->to = e->sa.id.dst;
	e->from.port = ntohs(sport.sadb_x_nat_t_port_port);
	e->to.port = ntohs(dport.sadb_x_nat_t_port_port);
	memset(&e->sa.id.dst, 0, sizeof(e->sa.id.dst));
	return true;
}

static bool
get_sa_new(const struct pfkey_msg *m, struct ipsec_event *e)
{
	e->type = IPSEC_EVENT_SA_NEW;
	return pfkey_get_sa(m, &e->sa);
}

static bool
get_sa_delete(const struct pfkey_msg *m, struct ipsec_event *e)
{
	e->type = IPSEC_EVENT_SA_DELETE;
	if (!pfkey_get_sa(m, &e->sa))
		return false;
	e->sa.state = IPSEC_STATE_DEAD;
	return true;
}

static bool
get_sa_flush(const struct pfkey_msg *m, struct ipsec_event *e)
{
	e->type = IPSEC_EVENT_SA_FLUSH;
	e->sa.id.proto = pfkey_proto(m->satype);
	return true;
}

static bool
get_policy_new(const struct pfkey_msg *m, struct ipsec_event *e)
{
	e->type = IPSEC_EVENT_POLICY_NEW;
	return pfkey_get_policy(m, &e->policy);
}

static bool
get_policy_delete(const struct pfkey_msg *m, struct ipsec_event *e)
{
	e->type = IPSEC_EVENT_POLICY_DELETE;
	return pfkey_get_policy(m, &e->policy);
}

static bool
get_policy_flush(const struct pfkey_msg *m, struct ipsec_event *e)
{
	(void)m;
	e->type = IPSEC_EVENT_POLICY_FLUSH;
	return true;
}

bool
pfkey_get_event(const struct pfkey_msg *m, struct ipsec_event *e)
{
	static const struct {
		uint8_t	 type;
		bool	 (*get)(const struct pfkey_msg *,
			    struct ipsec_event *);
	} row[] = {
		{ SADB_ACQUIRE, get_acquire },
		{ SADB_EXPIRE, get_expire },
		{ SADB_X_SPDEXPIRE, get_policy_expire },
		{ SADB_X_NAT_T_NEW_MAPPING, get_mapping },
		{ SADB_ADD, get_sa_new },
		{ SADB_UPDATE, get_sa_new },
		{ SADB_DELETE, get_sa_delete },
		{ SADB_FLUSH, get_sa_flush },
		{ SADB_X_SPDADD, get_policy_new },
		{ SADB_X_SPDUPDATE, get_policy_new },
		{ SADB_X_SPDDELETE, get_policy_delete },
		{ SADB_X_SPDDELETE2, get_policy_delete },
		{ SADB_X_SPDFLUSH, get_policy_flush },
	};

	memset(e, 0, sizeof(*e));
	if (m->error != 0)
		return false;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (row[i].type == m->type)
			return row[i].get(m, e);
	return false;
}
