/* SPDX-License-Identifier: ISC */
/*
 * Flat structures -> XFRM netlink messages.  The kernel's structures are
 * filled in on the stack and copied as they are: netlink speaks the host's
 * byte order.
 */
#include "libipsec/xfrm_msg.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <string.h>

#include "libipsec/addr.h"

#define FLAG_BITS	(IPSEC_SA_NOECN | IPSEC_SA_DECAP_DSCP | \
	IPSEC_SA_NOPMTUDISC | IPSEC_SA_WILDRECV | IPSEC_SA_ICMP | \
	IPSEC_SA_AF_UNSPEC | IPSEC_SA_ALIGN4 | IPSEC_SA_ESN)
#define WINDOW_OLD	32	/* packets that the old replay window holds */

/* Pads what was written since START to netlink's four bytes. */
static void
put_pad(struct buf *b, size_t start)
{
	size_t	n = b->n - start;

	buf_zero(b, NLMSG_ALIGN(n) - n);
}

/* Starts a message of TYPE with its fixed part. */
static size_t
put_begin(struct buf *b, uint16_t type, const void *fixed, size_t n)
{
	struct nlmsghdr h = { .nlmsg_type = type,
	    .nlmsg_flags = NLM_F_REQUEST };
	size_t	start = b->n;

	buf_put(b, &h, sizeof(h));
	if (n > 0)
		buf_put(b, fixed, n);
	put_pad(b, start);
	return start;
}

/* Ends the message that put_begin() started. */
static size_t
put_end(struct buf *b, size_t start)
{
	/* buf_patch32() writes big-endian, the kernel wants the host's. */
	if (buf_ok(b))
		buf_patch32(b, start, htonl((uint32_t)(b->n - start)));
	return start;
}

void
xfrm_msg_number(struct buf *b, size_t offset, uint32_t seq, uint16_t flags)
{
	buf_patch16(b, offset + offsetof(struct nlmsghdr, nlmsg_flags),
	    htons(flags));
	buf_patch32(b, offset + offsetof(struct nlmsghdr, nlmsg_seq),
	    htonl(seq));
}

/* An attribute of two parts. */
static void
put_attr2(struct buf *b, uint16_t type, struct view head, struct view tail)
{
	struct nlattr a = { .nla_type = type,
	    .nla_len = (uint16_t)(sizeof(a) + head.n + tail.n) };
	size_t	start = b->n;

	buf_put(b, &a, sizeof(a));
	buf_add(b, head);
	buf_add(b, tail);
	put_pad(b, start);
}

static void
put_attr(struct buf *b, uint16_t type, const void *p, size_t n)
{
	put_attr2(b, type, view_of(p, n), view_of(NULL, 0));
}

static void
put_attr_u32(struct buf *b, uint16_t type, uint32_t v)
{
	if (v != 0)
		put_attr(b, type, &v, sizeof(v));
}

static void
put_mark(struct buf *b, const struct ipsec_mark *m)
{
	struct xfrm_mark mark = { .v = m->value, .m = m->mask };

	if (m->value != 0 || m->mask != 0)
		put_attr(b, XFRMA_MARK, &mark, sizeof(mark));
}

static void
put_context(struct buf *b, const struct ipsec_context *c)
{
	struct xfrm_user_sec_ctx head = { .exttype = XFRMA_SEC_CTX,
	    .len = (uint16_t)(sizeof(head) + c->length), .ctx_alg = c->alg,
	    .ctx_doi = c->doi, .ctx_len = c->length };

	if (c->length != 0)
		put_attr2(b, XFRMA_SEC_CTX, view_of(&head, sizeof(head)),
		    view_of(c->text, c->length));
}

static void
set_address(xfrm_address_t *x, const struct ipsec_addr *a)
{
	struct view v = addr_bytes(a);

	memset(x, 0, sizeof(*x));
	view_bytes(&v, x, v.n);
}

static uint16_t
port_mask(uint16_t port)
{
	return port != 0 ? 0xffff : 0;
}

static uint16_t
selector_family(const struct ipsec_selector *s)
{
	return s->src.family != 0 ? s->src.family : s->dst.family;
}

static void
set_selector(struct xfrm_selector *x, const struct ipsec_selector *s)
{
	memset(x, 0, sizeof(*x));
	set_address(&x->saddr, &s->src);
	set_address(&x->daddr, &s->dst);
	x->sport = htons(s->src.port);
	x->sport_mask = port_mask(s->src.port);
	x->dport = htons(s->dst.port);
	x->dport_mask = port_mask(s->dst.port);
	x->family = selector_family(s);
	x->prefixlen_s = s->src_prefix;
	x->prefixlen_d = s->dst_prefix;
	x->proto = s->proto;
	x->ifindex = s->ifindex;
}

static uint64_t
limit(uint64_t v)
{
	return v != 0 ? v : XFRM_INF;
}

static void
set_limits(struct xfrm_lifetime_cfg *x, const struct ipsec_lifetime *soft,
    const struct ipsec_lifetime *hard)
{
	x->soft_byte_limit = limit(soft->bytes);
	x->hard_byte_limit = limit(hard->bytes);
	x->soft_packet_limit = limit(soft->packets);
	x->hard_packet_limit = limit(hard->packets);
	x->soft_add_expires_seconds = soft->add;
	x->hard_add_expires_seconds = hard->add;
	x->soft_use_expires_seconds = soft->use;
	x->hard_use_expires_seconds = hard->use;
}

static uint8_t
xfrm_mode(uint8_t mode)
{
	if (mode == IPSEC_MODE_TUNNEL)
		return XFRM_MODE_TUNNEL;
	return mode == IPSEC_MODE_BEET ? XFRM_MODE_BEET : XFRM_MODE_TRANSPORT;
}

/* Fills in what identifies the SA and how it works. */
static void
set_sa(struct xfrm_usersa_info *x, const struct ipsec_sa *sa)
{
	memset(x, 0, sizeof(*x));
	if (sa->has_sel)
		set_selector(&x->sel, &sa->sel);
	set_address(&x->id.daddr, &sa->id.dst);
	set_address(&x->saddr, &sa->src);
	set_limits(&x->lft, &sa->soft, &sa->hard);
	x->id.spi = htonl(sa->id.spi);
	x->id.proto = sa->id.proto;
	x->seq = sa->seq;
	x->reqid = sa->reqid;
	x->family = sa->id.dst.family;
	x->mode = xfrm_mode(sa->mode);
	x->flags = (uint8_t)(sa->flags & FLAG_BITS);
}

/* The kernel's name and the table's ICV for a key's algorithm. */
static const char *
key_name(enum ipsec_alg_class class, const struct ipsec_key *k, uint32_t *icv)
{
	const struct ipsec_alg *a = NULL;

	*icv = k->icv_bits;
	if (k->id != 0)
		a = ipsec_alg_by_id(class, k->id);
	if (a == NULL || a->kernel == NULL)
		return k->name;
	if (*icv == 0)
		*icv = a->icv_bits;
	return a->kernel;
}

static void
set_name(char dst[IPSEC_NAME_MAX], const char *name)
{
	memset(dst, 0, IPSEC_NAME_MAX);
	memcpy(dst, name, strnlen(name, IPSEC_NAME_MAX - 1));
}

static struct view
key_bytes(const struct ipsec_key *k)
{
	return view_of(k->key, (k->key_bits + 7u) / 8);
}

/* Encryption and compression: no ICV. */
static void
put_key(struct buf *b, uint16_t type, enum ipsec_alg_class class,
    const struct ipsec_key *k)
{
	struct xfrm_algo x = { .alg_key_len = k->key_bits };
	uint32_t icv;

	if (k->present == 0)
		return;
	set_name(x.alg_name, key_name(class, k, &icv));
	put_attr2(b, type, view_of(&x, sizeof(x)), key_bytes(k));
}

static void
put_auth(struct buf *b, const struct ipsec_key *k)
{
	struct xfrm_algo_auth x = { .alg_key_len = k->key_bits };
	uint32_t icv;

	if (k->present == 0)
		return;
	/* A truncation of 0 makes the kernel take its own default. */
	set_name(x.alg_name, key_name(IPSEC_ALG_AUTH, k, &icv));
	x.alg_trunc_len = icv;
	put_attr2(b, XFRMA_ALG_AUTH_TRUNC, view_of(&x, sizeof(x)),
	    key_bytes(k));
}

static void
put_aead(struct buf *b, const struct ipsec_key *k)
{
	struct xfrm_algo_aead x = { .alg_key_len = k->key_bits };
	uint32_t icv;

	if (k->present == 0)
		return;
	set_name(x.alg_name, key_name(IPSEC_ALG_AEAD, k, &icv));
	x.alg_icv_len = icv;
	put_attr2(b, XFRMA_ALG_AEAD, view_of(&x, sizeof(x)), key_bytes(k));
}

static void
put_encap(struct buf *b, const struct ipsec_encap *e)
{
	struct xfrm_encap_tmpl x = { .encap_type = e->type,
	    .encap_sport = htons(e->sport), .encap_dport = htons(e->dport) };

	if (e->type == 0)
		return;
	set_address(&x.encap_oa, &e->oa);
	put_attr(b, XFRMA_ENCAP, &x, sizeof(x));
}

/*
 * The replay window.  Up to 32 packets fit the old one in the fixed part;
 * wider ones and extended sequence numbers (RFC 4304) need a bitmap.
 */
static void
put_replay(struct buf *b, const struct ipsec_sa *sa)
{
	struct xfrm_replay_state_esn x = { .replay_window = sa->replay };
	size_t	start = b->n;
	struct nlattr a = { .nla_type = XFRMA_REPLAY_ESN_VAL };

	x.bmp_len = sa->replay / 32 + (sa->replay % 32 != 0);
	if (x.bmp_len > XFRMA_REPLAY_ESN_MAX / 32)
		x.bmp_len = XFRMA_REPLAY_ESN_MAX / 32;
	a.nla_len = (uint16_t)(sizeof(a) + sizeof(x) + 4 * x.bmp_len);
	buf_put(b, &a, sizeof(a));
	buf_put(b, &x, sizeof(x));
	buf_zero(b, 4 * x.bmp_len);
	put_pad(b, start);
}

static void
put_output_mark(struct buf *b, const struct ipsec_mark *m)
{
	if (m->value == 0 && m->mask == 0)
		return;
	put_attr(b, XFRMA_SET_MARK, &m->value, sizeof(m->value));
	if (m->mask != 0)
		put_attr(b, XFRMA_SET_MARK_MASK, &m->mask, sizeof(m->mask));
}

/* The kernel's flag for IPv6 means nothing to it and stays away. */
static void
put_offload(struct buf *b, const struct ipsec_offload *o)
{
	struct xfrm_user_offload x;

	if (o->kind == IPSEC_OFFLOAD_NONE)
		return;
	memset(&x, 0, sizeof(x));
	x.ifindex = o->ifindex;
	if (o->dir == IPSEC_DIR_IN)
		x.flags |= XFRM_OFFLOAD_INBOUND;
	if (o->kind == IPSEC_OFFLOAD_PACKET)
		x.flags |= XFRM_ATTR_OFFLOAD_PACKET;
	put_attr(b, XFRMA_OFFLOAD_DEV, &x, sizeof(x));
}

static bool
wants_bitmap(const struct ipsec_sa *sa)
{
	return sa->replay > WINDOW_OLD || (sa->flags & IPSEC_SA_ESN) != 0;
}

/*
 * The direction.  Linux 6.10 and later refuse a replay window on an SA that
 * is marked as outbound; with extended sequence numbers older kernels want
 * one there, so such an SA goes unmarked.
 */
static bool
sends_dir(const struct ipsec_sa *sa)
{
	return sa->dir != IPSEC_DIR_NONE &&
	    !(sa->dir == IPSEC_DIR_OUT && (sa->flags & IPSEC_SA_ESN) != 0);
}

static void
put_dir(struct buf *b, const struct ipsec_sa *sa)
{
	if (sends_dir(sa))
		put_attr(b, XFRM_ATTR_SA_DIR, &sa->dir, sizeof(sa->dir));
}

size_t
xfrm_put_sa(struct buf *b, const struct ipsec_sa *sa, bool update)
{
	struct xfrm_usersa_info x;
	bool	outbound = sends_dir(sa) && sa->dir == IPSEC_DIR_OUT;
	size_t	start;

	set_sa(&x, sa);
	if (!outbound && !wants_bitmap(sa))
		x.replay_window = (uint8_t)sa->replay;
	start = put_begin(b, update ? XFRM_MSG_UPDSA : XFRM_MSG_NEWSA, &x,
	    sizeof(x));
	put_key(b, XFRMA_ALG_CRYPT, IPSEC_ALG_ENC, &sa->enc);
	put_auth(b, &sa->auth);
	put_aead(b, &sa->aead);
	put_key(b, XFRMA_ALG_COMP, IPSEC_ALG_COMP, &sa->comp);
	put_encap(b, &sa->encap);
	if (!outbound && wants_bitmap(sa))
		put_replay(b, sa);
	put_context(b, &sa->ctx);
	put_mark(b, &sa->id.mark);
	put_output_mark(b, &sa->output_mark);
	put_attr_u32(b, XFRMA_IF_ID, sa->if_id);
	put_offload(b, &sa->offload);
	put_dir(b, sa);
	return put_end(b, start);
}

size_t
xfrm_put_spi(struct buf *b, const struct ipsec_sa *sa, uint32_t min,
    uint32_t max)
{
	struct xfrm_userspi_info x = { .min = min, .max = max };
	size_t	start;

	set_sa(&x.info, sa);
	x.info.id.spi = 0;
	start = put_begin(b, XFRM_MSG_ALLOCSPI, &x, sizeof(x));
	put_mark(b, &sa->id.mark);
	put_attr_u32(b, XFRMA_IF_ID, sa->if_id);
	/* The SA that completes this one must have the same direction. */
	put_dir(b, sa);
	return put_end(b, start);
}

size_t
xfrm_put_sa_id(struct buf *b, uint16_t type, const struct ipsec_sa_id *id)
{
	struct xfrm_usersa_id x = { .spi = htonl(id->spi),
	    .family = id->dst.family, .proto = id->proto };
	size_t	start;

	set_address(&x.daddr, &id->dst);
	start = put_begin(b, type, &x, sizeof(x));
	put_mark(b, &id->mark);
	return put_end(b, start);
}

size_t
xfrm_put_sa_dump(struct buf *b, const struct ipsec_filter *f)
{
	struct xfrm_address_filter x = { .splen = addr_bits(&f->src),
	    .dplen = addr_bits(&f->dst),
	    .family = f->src.family != 0 ? f->src.family : f->dst.family };
	/* IPSEC_PROTO_ANY of the kernel: ESP, AH and IPComp, no helpers. */
	uint8_t	proto = f->proto != 0 ? f->proto : 255;
	size_t	start;

	start = put_begin(b, XFRM_MSG_GETSA, NULL, 0);
	put_attr(b, XFRMA_PROTO, &proto, sizeof(proto));
	if (x.family != 0) {
		set_address(&x.saddr, &f->src);
		set_address(&x.daddr, &f->dst);
		put_attr(b, XFRMA_ADDRESS_FILTER, &x, sizeof(x));
	}
	return put_end(b, start);
}

/*
 * The templates, innermost first.  A transport one has no addresses of its
 * own; its family is that of the packet when it gets there, so the family of
 * the tunnel before it, if there is one.
 */
static void
put_tmpls(struct buf *b, const struct ipsec_policy *p)
{
	struct xfrm_user_tmpl x[IPSEC_TMPL_MAX];
	uint16_t family = selector_family(&p->sel);

	if (p->action != IPSEC_ACTION_IPSEC || p->ntmpl == 0)
		return;
	memset(x, 0, sizeof(x));
	for (unsigned int i = 0; i < p->ntmpl; i++) {
		const struct ipsec_tmpl *t = &p->tmpl[i];

		x[i].mode = xfrm_mode(t->mode);
		if (x[i].mode != XFRM_MODE_TRANSPORT) {
			set_address(&x[i].id.daddr, &t->dst);
			set_address(&x[i].saddr, &t->src);
			family = t->dst.family;
		}
		x[i].id.proto = t->proto;
		x[i].family = family;
		x[i].reqid = t->reqid;
		x[i].optional = t->optional != 0;
		x[i].share = XFRM_SHARE_ANY;
		x[i].aalgos = x[i].ealgos = x[i].calgos = ~0u;
	}
	put_attr(b, XFRMA_TMPL, x, p->ntmpl * sizeof(x[0]));
}

size_t
xfrm_put_policy(struct buf *b, const struct ipsec_policy *p, bool update)
{
	static const struct ipsec_lifetime none;
	struct xfrm_userpolicy_info x = { .priority = p->priority,
	    .index = p->index, .dir = (uint8_t)(p->dir - IPSEC_DIR_IN),
	    .action = p->action == IPSEC_ACTION_DISCARD ?
	    XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW, .share = XFRM_SHARE_ANY };
	size_t	start;

	set_selector(&x.sel, &p->sel);
	set_limits(&x.lft, &none, &p->hard);
	start = put_begin(b, update ? XFRM_MSG_UPDPOLICY : XFRM_MSG_NEWPOLICY,
	    &x, sizeof(x));
	put_tmpls(b, p);
	put_context(b, &p->ctx);
	put_mark(b, &p->mark);
	put_attr_u32(b, XFRMA_IF_ID, p->if_id);
	put_offload(b, &p->offload);
	return put_end(b, start);
}

size_t
xfrm_put_policy_id(struct buf *b, uint16_t type, const struct ipsec_policy *p)
{
	struct xfrm_userpolicy_id x = { .index = p->index };
	size_t	start;

	set_selector(&x.sel, &p->sel);
	/* The low bits of the kernel's number are the direction. */
	x.dir = (uint8_t)(p->index != 0 ? p->index % 8 :
	    (uint32_t)(p->dir - IPSEC_DIR_IN));
	start = put_begin(b, type, &x, sizeof(x));
	put_context(b, &p->ctx);
	put_mark(b, &p->mark);
	put_attr_u32(b, XFRMA_IF_ID, p->if_id);
	return put_end(b, start);
}

size_t
xfrm_put_policy_dump(struct buf *b)
{
	return put_end(b, put_begin(b, XFRM_MSG_GETPOLICY, NULL, 0));
}

size_t
xfrm_put_flush(struct buf *b, enum ipsec_what what, uint8_t proto)
{
	/* 255 leaves the kernel's helper states to their owners. */
	struct xfrm_usersa_flush x = { .proto = proto != 0 ? proto : 255 };

	if (what == IPSEC_FLUSH_POLICY)
		return put_end(b,
		    put_begin(b, XFRM_MSG_FLUSHPOLICY, NULL, 0));
	return put_end(b, put_begin(b, XFRM_MSG_FLUSHSA, &x, sizeof(x)));
}

size_t
xfrm_put_command(struct buf *b, const struct ipsec_command *c)
{
	switch (c->op) {
	case IPSEC_OP_SA_ADD:
		return xfrm_put_sa(b, &c->sa, false);
	case IPSEC_OP_SA_UPDATE:
		return xfrm_put_sa(b, &c->sa, true);
	case IPSEC_OP_SA_DELETE:
		return xfrm_put_sa_id(b, XFRM_MSG_DELSA, &c->sa.id);
	case IPSEC_OP_POLICY_ADD:
		return xfrm_put_policy(b, &c->policy, false);
	case IPSEC_OP_POLICY_UPDATE:
		return xfrm_put_policy(b, &c->policy, true);
	case IPSEC_OP_POLICY_DELETE:
		return xfrm_put_policy_id(b, XFRM_MSG_DELPOLICY, &c->policy);
	case IPSEC_OP_SA_FLUSH:
		return xfrm_put_flush(b, IPSEC_FLUSH_SA, c->sa.id.proto);
	case IPSEC_OP_POLICY_FLUSH:
		return xfrm_put_flush(b, IPSEC_FLUSH_POLICY, 0);
	}
	b->bad = true;
	return b->n;
}
