/* SPDX-License-Identifier: ISC */
/*
 * Flat structures -> PF_KEY messages: requests, and what the kernel itself
 * would say.
 */
#include "libipsec/pfkey_msg.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "libipsec/addr.h"

#define UNIT	8u		/* lengths count these */

static size_t
put_begin(struct buf *b, uint8_t type, uint8_t satype)
{
	struct sadb_msg h = { .sadb_msg_version = PF_KEY_V2,
	    .sadb_msg_type = type, .sadb_msg_satype = satype };
	size_t	start = b->n;

	buf_put(b, &h, sizeof(h));
	return start;
}

/* buf_patch16() writes big-endian, the kernel wants the host's. */
static size_t
put_end(struct buf *b, size_t start)
{
	if (buf_ok(b))
		buf_patch16(b, start + offsetof(struct sadb_msg,
		    sadb_msg_len), htons((uint16_t)((b->n - start) / UNIT)));
	return start;
}

void
pfkey_msg_number(struct buf *b, size_t offset, uint32_t seq, uint32_t pid)
{
	buf_patch32(b, offset + offsetof(struct sadb_msg, sadb_msg_seq),
	    htonl(seq));
	buf_patch32(b, offset + offsetof(struct sadb_msg, sadb_msg_pid),
	    htonl(pid));
}

/*
 * An extension: FIXED is its structure, whose first two fields get their
 * values here; then TAIL, and zeroes up to the unit.
 */
static void
put_ext(struct buf *b, uint16_t type, const void *fixed, size_t n,
    struct view tail)
{
	struct sadb_ext h = { .sadb_ext_type = type };
	size_t	pad = (UNIT - (n + tail.n) % UNIT) % UNIT;

	h.sadb_ext_len = (uint16_t)((n + tail.n + pad) / UNIT);
	buf_put(b, &h, sizeof(h));
	buf_put(b, (const uint8_t *)fixed + sizeof(h), n - sizeof(h));
	buf_add(b, tail);
	buf_zero(b, pad);
}

static struct view
no_tail(void)
{
	return view_of(NULL, 0);
}

/* PORT in host order; an address without a family is the zero one of FAMILY. */
static socklen_t
to_sockaddr(const struct ipsec_addr *a, uint16_t family,
    struct sockaddr_storage *ss)
{
	struct ipsec_addr zero = { .family = family, .port = a->port };

	return addr_to_sockaddr(a->family != 0 ? a : &zero, ss);
}

/* What goes into an address extension. */
struct end {
	const struct ipsec_addr *addr;
	uint16_t	family;		/* when addr has none */
	uint8_t		prefix, proto;
};

static void
put_address(struct buf *b, uint16_t type, const struct end *e)
{
	struct sadb_address x = { .sadb_address_proto = e->proto,
	    .sadb_address_prefixlen = e->prefix };
	struct sockaddr_storage ss;
	socklen_t n = to_sockaddr(e->addr, e->family, &ss);

	put_ext(b, type, &x, sizeof(x), view_of(&ss, n));
}

/* An SA's two ends: whole addresses. */
static void
put_ends(struct buf *b, const struct ipsec_addr *src,
    const struct ipsec_addr *dst, uint8_t proto)
{
	struct end e = { .addr = src, .family = dst->family,
	    .prefix = addr_bits(dst), .proto = proto };

	put_address(b, SADB_EXT_ADDRESS_SRC, &e);
	e.addr = dst;
	put_address(b, SADB_EXT_ADDRESS_DST, &e);
}

static void
put_selector(struct buf *b, const struct ipsec_selector *s)
{
	struct end e = { .addr = &s->src, .family = s->dst.family,
	    .prefix = s->src_prefix,
	    .proto = s->proto != 0 ? s->proto : PFKEY_PROTO_ANY };

	put_address(b, SADB_EXT_ADDRESS_SRC, &e);
	e.addr = &s->dst;
	e.family = s->src.family;
	e.prefix = s->dst_prefix;
	put_address(b, SADB_EXT_ADDRESS_DST, &e);
}

static void
put_limits(struct buf *b, uint16_t type, const struct ipsec_lifetime *l)
{
	struct sadb_lifetime x = {
	    .sadb_lifetime_allocations = (uint32_t)(l->packets > UINT32_MAX ?
	    UINT32_MAX : l->packets), .sadb_lifetime_bytes = l->bytes,
	    .sadb_lifetime_addtime = l->add, .sadb_lifetime_usetime = l->use };

	put_ext(b, type, &x, sizeof(x), no_tail());
}

static void
put_usage(struct buf *b, const struct ipsec_usage *u)
{
	struct ipsec_lifetime l = { .bytes = u->bytes,
	    .packets = u->packets & UINT32_MAX, .add = u->add, .use = u->use };

	put_limits(b, SADB_EXT_LIFETIME_CURRENT, &l);
}

static void
put_context(struct buf *b, const struct ipsec_context *c)
{
	struct sadb_x_sec_ctx x = { .sadb_x_ctx_alg = c->alg,
	    .sadb_x_ctx_doi = c->doi, .sadb_x_ctx_len = c->length };

	if (c->length != 0)
		put_ext(b, SADB_X_EXT_SEC_CTX, &x, sizeof(x),
		    view_of(c->text, c->length));
}

static void
put_key(struct buf *b, uint16_t type, const struct ipsec_key *k)
{
	struct sadb_key x = { .sadb_key_bits = k->key_bits };

	if (k->present != 0 && k->key_bits != 0)
		put_ext(b, type, &x, sizeof(x),
		    view_of(k->key, (k->key_bits + 7u) / 8));
}

/* A request must have the extension even of a cipher without a key. */
static void
put_key_asked(struct buf *b, uint16_t type, const struct ipsec_key *k)
{
	struct sadb_key none = { .sadb_key_bits = 0 };

	if (k->present != 0 && k->key_bits == 0)
		put_ext(b, type, &none, sizeof(none), no_tail());
	else
		put_key(b, type, k);
}

/* Numbers that do not fit, and algorithms that just have a name, are 0. */
static uint8_t
alg_number(const struct ipsec_key *k)
{
	return k->present != 0 && k->id <= UINT8_MAX ? (uint8_t)k->id : 0;
}

static uint32_t
sa_flags(uint32_t flags)
{
	return (flags & IPSEC_SA_NOECN ? SADB_SAFLAGS_NOECN : 0) |
	    (flags & IPSEC_SA_DECAP_DSCP ? SADB_SAFLAGS_DECAP_DSCP : 0) |
	    (flags & IPSEC_SA_NOPMTUDISC ? SADB_SAFLAGS_NOPMTUDISC : 0);
}

static void
put_sa_ext(struct buf *b, const struct ipsec_sa *sa)
{
	bool	comp = sa->id.proto == IPSEC_PROTO_IPCOMP;
	struct sadb_sa x = { .sadb_sa_spi = htonl(sa->id.spi),
	    .sadb_sa_replay = (uint8_t)(sa->replay > UINT8_MAX ? UINT8_MAX :
	    sa->replay), .sadb_sa_state = sa->state,
	    .sadb_sa_auth = alg_number(&sa->auth),
	    .sadb_sa_encrypt = alg_number(comp ? &sa->comp : &sa->enc),
	    .sadb_sa_flags = sa_flags(sa->flags) };

	put_ext(b, SADB_EXT_SA, &x, sizeof(x), no_tail());
}

static void
put_sa2(struct buf *b, const struct ipsec_sa *sa)
{
	struct sadb_x_sa2 x = { .sadb_x_sa2_mode = sa->mode,
	    .sadb_x_sa2_reqid = sa->reqid };

	put_ext(b, SADB_X_EXT_SA2, &x, sizeof(x), no_tail());
}

static void
put_port(struct buf *b, uint16_t type, uint16_t port)
{
	struct sadb_x_nat_t_port x = {
	    .sadb_x_nat_t_port_port = htons(port) };

	put_ext(b, type, &x, sizeof(x), no_tail());
}

static void
put_natt(struct buf *b, const struct ipsec_encap *e)
{
	struct sadb_x_nat_t_type x = {
	    .sadb_x_nat_t_type_type = (uint8_t)e->type };

	if (e->type == 0)
		return;
	put_ext(b, SADB_X_EXT_NAT_T_TYPE, &x, sizeof(x), no_tail());
	put_port(b, SADB_X_EXT_NAT_T_SPORT, e->sport);
	put_port(b, SADB_X_EXT_NAT_T_DPORT, e->dport);
}

static void
put_natt_oa(struct buf *b, const struct ipsec_encap *e)
{
	struct end end = { .addr = &e->oa, .prefix = addr_bits(&e->oa),
	    .proto = PFKEY_PROTO_ANY };

	if (e->type != 0 && e->oa.family != 0)
		put_address(b, SADB_X_EXT_NAT_T_OA, &end);
}

/* The one part of an SA's selector that Linux takes. */
static void
put_proxy(struct buf *b, const struct ipsec_sa *sa)
{
	struct end e = { .addr = &sa->sel.src, .family = sa->id.dst.family,
	    .prefix = sa->sel.src_prefix,
	    .proto = sa->sel.proto != 0 ? sa->sel.proto : PFKEY_PROTO_ANY };

	put_address(b, SADB_EXT_ADDRESS_PROXY, &e);
}

/*
 * What a tunnel carries has the family of its ends, unless there is a source of
 * another one, even one that covers everything.
 */
static void
put_inner_family(struct buf *b, const struct ipsec_sa *sa)
{
	struct ipsec_addr any = { .family = sa->sel.src.family };
	struct end e = { .addr = &any, .proto = PFKEY_PROTO_ANY };

	if ((sa->flags & IPSEC_SA_AF_UNSPEC) != 0 && any.family != 0 &&
	    any.family != sa->id.dst.family)
		put_address(b, SADB_EXT_ADDRESS_PROXY, &e);
}

/* Linux wants both limits, or none. */
size_t
pfkey_put_sa(struct buf *b, const struct ipsec_sa *sa, bool update)
{
	struct ipsec_sa x = *sa;
	size_t	start;

	x.state = IPSEC_STATE_MATURE;	/* RFC 2367 3.1.3 */
	start = put_begin(b, update ? SADB_UPDATE : SADB_ADD,
	    pfkey_satype(sa->id.proto));
	put_sa_ext(b, &x);
	put_sa2(b, sa);
	put_ends(b, &sa->src, &sa->id.dst, PFKEY_PROTO_ANY);
	put_key_asked(b, SADB_EXT_KEY_ENCRYPT, &sa->enc);
	put_key_asked(b, SADB_EXT_KEY_AUTH, &sa->auth);
	put_limits(b, SADB_EXT_LIFETIME_HARD, &sa->hard);
	put_limits(b, SADB_EXT_LIFETIME_SOFT, &sa->soft);
	if (sa->has_sel)
		put_proxy(b, sa);
	else
		put_inner_family(b, sa);
	put_natt(b, &sa->encap);
	put_natt_oa(b, &sa->encap);
	put_context(b, &sa->ctx);
	explicit_bzero(&x, sizeof(x));
	return put_end(b, start);
}

size_t
pfkey_put_spi(struct buf *b, const struct ipsec_sa *sa, uint32_t min,
    uint32_t max)
{
	struct sadb_spirange x = { .sadb_spirange_min = min,
	    .sadb_spirange_max = max };
	size_t	start;

	start = put_begin(b, SADB_GETSPI, pfkey_satype(sa->id.proto));
	put_sa2(b, sa);
	put_ends(b, &sa->src, &sa->id.dst, PFKEY_PROTO_ANY);
	if (min != 0)
		put_ext(b, SADB_EXT_SPIRANGE, &x, sizeof(x), no_tail());
	return put_end(b, start);
}

size_t
pfkey_put_sa_id(struct buf *b, uint8_t type, const struct ipsec_sa_id *id,
    const struct ipsec_addr *src)
{
	static const struct ipsec_addr none;
	struct sadb_sa x = { .sadb_sa_spi = htonl(id->spi) };
	size_t	start;

	start = put_begin(b, type, pfkey_satype(id->proto));
	put_ext(b, SADB_EXT_SA, &x, sizeof(x), no_tail());
	put_ends(b, src != NULL ? src : &none, &id->dst, PFKEY_PROTO_ANY);
	return put_end(b, start);
}

size_t
pfkey_put_satype(struct buf *b, uint8_t type, uint8_t proto)
{
	return put_end(b, put_begin(b, type, pfkey_satype(proto)));
}

size_t
pfkey_put_spd(struct buf *b, uint8_t type)
{
	return put_end(b, put_begin(b, type, SADB_SATYPE_UNSPEC));
}

/*
 * Policies
 */

static uint8_t
tmpl_level(const struct ipsec_tmpl *t)
{
	if (t->optional)
		return PFKEY_LEVEL_USE;
	return t->reqid != 0 ? PFKEY_LEVEL_UNIQUE : PFKEY_LEVEL_REQUIRE;
}

/* Just a tunnel has addresses of its own. */
static void
put_tmpl(struct buf *b, const struct ipsec_tmpl *t)
{
	struct sadb_x_ipsecrequest x = {
	    .sadb_x_ipsecrequest_proto = t->proto,
	    .sadb_x_ipsecrequest_mode = t->mode != IPSEC_MODE_ANY ? t->mode :
	    (uint8_t)IPSEC_MODE_TRANSPORT,
	    .sadb_x_ipsecrequest_level = tmpl_level(t),
	    .sadb_x_ipsecrequest_reqid = t->reqid };
	struct sockaddr_storage src, dst;
	socklen_t n = 0, m = 0;

	if (t->mode == IPSEC_MODE_TUNNEL) {
		n = addr_to_sockaddr(&t->src, &src);
		m = addr_to_sockaddr(&t->dst, &dst);
	}
	x.sadb_x_ipsecrequest_len = (uint16_t)(sizeof(x) + n + m);
	buf_put(b, &x, sizeof(x));
	buf_put(b, &src, n);
	buf_put(b, &dst, m);
}

/* The policy and, when the action calls for them, its templates. */
static void
put_policy_ext(struct buf *b, const struct ipsec_policy *p, bool with_tmpls)
{
	struct sadb_x_policy x = { .sadb_x_policy_type = p->action,
	    .sadb_x_policy_dir = p->dir, .sadb_x_policy_id = p->index,
	    .sadb_x_policy_priority = p->priority };
	struct buf tail;

	buf_init(&tail, PFKEY_MSG_BYTES);
	if (with_tmpls && p->action == IPSEC_ACTION_IPSEC)
		for (unsigned int i = 0; i < p->ntmpl; i++)
			put_tmpl(&tail, &p->tmpl[i]);
	if (!buf_ok(&tail))
		b->bad = true;
	put_ext(b, SADB_X_EXT_POLICY, &x, sizeof(x), buf_view(&tail));
	buf_fini(&tail);
}

static size_t
put_policy(struct buf *b, uint8_t type, const struct ipsec_policy *p,
    bool with_tmpls)
{
	struct ipsec_policy x = *p;
	size_t	start;

	x.index = 0;
	start = put_begin(b, type, SADB_SATYPE_UNSPEC);
	put_selector(b, &p->sel);
	put_limits(b, SADB_EXT_LIFETIME_HARD, &p->hard);
	put_policy_ext(b, &x, with_tmpls);
	put_context(b, &p->ctx);
	return put_end(b, start);
}

size_t
pfkey_put_policy(struct buf *b, const struct ipsec_policy *p, bool update)
{
	return put_policy(b, update ? SADB_X_SPDUPDATE : SADB_X_SPDADD, p,
	    true);
}

size_t
pfkey_put_policy_delete(struct buf *b, const struct ipsec_policy *p)
{
	return put_policy(b, SADB_X_SPDDELETE, p, false);
}

size_t
pfkey_put_policy_index(struct buf *b, uint8_t type, uint32_t index)
{
	struct ipsec_policy p = { .index = index };
	size_t	start = put_begin(b, type, SADB_SATYPE_UNSPEC);

	put_policy_ext(b, &p, false);
	return put_end(b, start);
}

size_t
pfkey_put_command(struct buf *b, const struct ipsec_command *c)
{
	switch (c->op) {
	case IPSEC_OP_SA_ADD:
		return pfkey_put_sa(b, &c->sa, false);
	case IPSEC_OP_SA_UPDATE:
		return pfkey_put_sa(b, &c->sa, true);
	case IPSEC_OP_SA_DELETE:
		return pfkey_put_sa_id(b, SADB_DELETE, &c->sa.id,
		    &c->sa.src);
	case IPSEC_OP_POLICY_ADD:
		return pfkey_put_policy(b, &c->policy, false);
	case IPSEC_OP_POLICY_UPDATE:
		return pfkey_put_policy(b, &c->policy, true);
	case IPSEC_OP_POLICY_DELETE:
		if (c->policy.index != 0)
			return pfkey_put_policy_index(b, SADB_X_SPDDELETE2,
			    c->policy.index);
		return pfkey_put_policy_delete(b, &c->policy);
	case IPSEC_OP_SA_FLUSH:
		return pfkey_put_satype(b, SADB_FLUSH, c->sa.id.proto);
	case IPSEC_OP_POLICY_FLUSH:
		return pfkey_put_spd(b, SADB_X_SPDFLUSH);
	}
	b->bad = true;
	return b->n;
}

/*
 * What the kernel says
 */

/* Unlike in requests, the addresses of an SA name no protocol. */
size_t
pfkey_put_sa_told(struct buf *b, uint8_t type, const struct ipsec_sa *sa)
{
	bool	expire = type == SADB_EXPIRE;
	bool	hard = sa->state == IPSEC_STATE_DEAD;
	size_t	start = put_begin(b, type, pfkey_satype(sa->id.proto));

	put_sa_ext(b, sa);
	if (!expire || hard)
		put_limits(b, SADB_EXT_LIFETIME_HARD, &sa->hard);
	if (!expire || !hard)
		put_limits(b, SADB_EXT_LIFETIME_SOFT, &sa->soft);
	put_usage(b, &sa->current);
	put_ends(b, &sa->src, &sa->id.dst, 0);
	if (!sa->has_sel || !addr_equal(&sa->sel.src, &sa->src))
		put_proxy(b, sa);
	if (!expire) {
		put_key(b, SADB_EXT_KEY_AUTH, &sa->auth);
		put_key(b, SADB_EXT_KEY_ENCRYPT, &sa->enc);
	}
	put_sa2(b, sa);
	put_natt(b, &sa->encap);
	put_context(b, &sa->ctx);
	return put_end(b, start);
}

size_t
pfkey_put_policy_told(struct buf *b, uint8_t type,
    const struct ipsec_policy *p)
{
	static const struct ipsec_lifetime none;
	size_t	start = put_begin(b, type, SADB_SATYPE_UNSPEC);

	buf_patch16(b, start + offsetof(struct sadb_msg, sadb_msg_reserved),
	    htons(1));			/* references: nobody tells */
	put_selector(b, &p->sel);
	put_limits(b, SADB_EXT_LIFETIME_HARD, &p->hard);
	put_limits(b, SADB_EXT_LIFETIME_SOFT, &none);
	put_usage(b, &p->current);
	put_policy_ext(b, p, true);
	put_context(b, &p->ctx);
	return put_end(b, start);
}

static size_t
put_acquire(struct buf *b, const struct ipsec_event *e)
{
	size_t	start = put_begin(b, SADB_ACQUIRE,
	    pfkey_satype(e->sa.id.proto));

	put_ends(b, &e->sa.src, &e->sa.id.dst, 0);
	put_policy_ext(b, &e->policy, false);
	put_context(b, &e->sa.ctx);
	pfkey_msg_number(b, start, e->sa.seq, 0);
	return put_end(b, start);
}

static size_t
put_mapping(struct buf *b, const struct ipsec_event *e)
{
	struct sadb_sa x = { .sadb_sa_spi = htonl(e->sa.id.spi) };
	struct ipsec_addr from = e->from, to = e->to;
	struct end end = { .addr = &from, .family = to.family,
	    .prefix = addr_bits(&to) };
	size_t	start = put_begin(b, SADB_X_NAT_T_NEW_MAPPING,
	    pfkey_satype(e->sa.id.proto));

	from.port = to.port = 0;
	put_ext(b, SADB_EXT_SA, &x, sizeof(x), no_tail());
	put_address(b, SADB_EXT_ADDRESS_SRC, &end);
	put_port(b, SADB_X_EXT_NAT_T_SPORT, e->from.port);
	end.addr = &to;
	put_address(b, SADB_EXT_ADDRESS_DST, &end);
	put_port(b, SADB_X_EXT_NAT_T_DPORT, e->to.port);
	return put_end(b, start);
}

size_t
pfkey_put_event(struct buf *b, const struct ipsec_event *e)
{
	switch (e->type) {
	case IPSEC_EVENT_ACQUIRE:
		return put_acquire(b, e);
	case IPSEC_EVENT_EXPIRE:
		return pfkey_put_sa_told(b, SADB_EXPIRE, &e->sa);
	case IPSEC_EVENT_POLICY_EXPIRE:
		return pfkey_put_policy_told(b, SADB_X_SPDEXPIRE, &e->policy);
	case IPSEC_EVENT_MAPPING:
		return put_mapping(b, e);
	case IPSEC_EVENT_SA_NEW:
		return pfkey_put_sa_told(b, SADB_ADD, &e->sa);
	case IPSEC_EVENT_SA_DELETE:
		return pfkey_put_sa_told(b, SADB_DELETE, &e->sa);
	case IPSEC_EVENT_SA_FLUSH:
		return pfkey_put_satype(b, SADB_FLUSH, e->sa.id.proto);
	case IPSEC_EVENT_POLICY_NEW:
		return pfkey_put_policy_told(b, SADB_X_SPDADD, &e->policy);
	case IPSEC_EVENT_POLICY_DELETE:
		return pfkey_put_policy_told(b, SADB_X_SPDDELETE, &e->policy);
	case IPSEC_EVENT_POLICY_FLUSH:
		return pfkey_put_spd(b, SADB_X_SPDFLUSH);
	case IPSEC_EVENT_RESYNC:
		break;
	}
	return b->n;
}
