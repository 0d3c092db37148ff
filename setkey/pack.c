/* SPDX-License-Identifier: ISC */
/*
 * Packed policies.  Integers are written by buf, so they are big-endian.
 */
#include "setkey/pack.h"

#include "libipsec/addr.h"

/* What a key has beyond addresses, prefixes and protocol. */
#define HAS_PORTS	0x01u
#define HAS_IFINDEX	0x02u
#define HAS_IF_ID	0x04u
#define HAS_MARK	0x08u
#define HAS_LABEL	0x10u

/* What a value has beyond action, priority and templates. */
#define HAS_LIMITS	0x01u
#define HAS_OFFLOAD	0x02u

static void
put_addr(struct buf *b, const struct ipsec_addr *a)
{
	buf_u8(b, (uint8_t)a->family);
	buf_add(b, addr_bytes(a));
}

static void
get_addr(struct view *v, struct ipsec_addr *a)
{
	a->family = view_u8(v);
	view_bytes(v, a->bytes, addr_bits(a) / 8);
}

static uint8_t
key_parts(const struct ipsec_policy *p)
{
	uint8_t has = 0;

	if (p->sel.src.port != 0 || p->sel.dst.port != 0)
		has |= HAS_PORTS;
	if (p->sel.ifindex != 0)
		has |= HAS_IFINDEX;
	if (p->if_id != 0)
		has |= HAS_IF_ID;
	if (p->mark.value != 0 || p->mark.mask != 0)
		has |= HAS_MARK;
	if (p->ctx.length != 0)
		has |= HAS_LABEL;
	return has;
}

void
pack_key(struct buf *b, const struct ipsec_policy *p)
{
	uint8_t has = key_parts(p);
	uint8_t head[5] = { has, p->dir, p->sel.proto, p->sel.src_prefix,
	    p->sel.dst_prefix };

	buf_put(b, head, sizeof(head));
	put_addr(b, &p->sel.src);
	put_addr(b, &p->sel.dst);
	if (has & HAS_PORTS) {
		buf_u16(b, p->sel.src.port);
		buf_u16(b, p->sel.dst.port);
	}
	if (has & HAS_IFINDEX)
		buf_u32(b, (uint32_t)p->sel.ifindex);
	if (has & HAS_IF_ID)
		buf_u32(b, p->if_id);
	if (has & HAS_MARK) {
		buf_u32(b, p->mark.value);
		buf_u32(b, p->mark.mask);
	}
	if (has & HAS_LABEL) {
		buf_u8(b, p->ctx.doi);
		buf_u8(b, p->ctx.alg);
		buf_u16(b, p->ctx.length);
		buf_put(b, p->ctx.text, p->ctx.length);
	}
}

static void
get_label(struct view *v, struct ipsec_context *ctx)
{
	ctx->doi = view_u8(v);
	ctx->alg = view_u8(v);
	ctx->length = view_u16(v);
	if (ctx->length > sizeof(ctx->text))
		v->bad = true;
	else
		view_bytes(v, ctx->text, ctx->length);
}

bool
unpack_key(struct view v, struct ipsec_policy *p)
{
	uint8_t has = view_u8(&v);

	p->dir = view_u8(&v);
	p->sel.proto = view_u8(&v);
	p->sel.src_prefix = view_u8(&v);
	p->sel.dst_prefix = view_u8(&v);
	get_addr(&v, &p->sel.src);
	get_addr(&v, &p->sel.dst);
	if (has & HAS_PORTS) {
		p->sel.src.port = view_u16(&v);
		p->sel.dst.port = view_u16(&v);
	}
	if (has & HAS_IFINDEX)
		p->sel.ifindex = (int32_t)view_u32(&v);
	if (has & HAS_IF_ID)
		p->if_id = view_u32(&v);
	if (has & HAS_MARK) {
		p->mark.value = view_u32(&v);
		p->mark.mask = view_u32(&v);
	}
	if (has & HAS_LABEL)
		get_label(&v, &p->ctx);
	return view_end(&v);
}

/* Without templates "ipsec" lets pass in the clear: the kernel's view. */
static uint8_t
action_of(const struct ipsec_policy *p)
{
	return p->action == IPSEC_ACTION_IPSEC && p->ntmpl == 0 ?
	    IPSEC_ACTION_NONE : p->action;
}

void
pack_value(struct buf *b, const struct ipsec_policy *p)
{
	uint8_t has = 0;

	if (p->hard.add != 0 || p->hard.use != 0)
		has |= HAS_LIMITS;
	if (p->offload.kind != IPSEC_OFFLOAD_NONE)
		has |= HAS_OFFLOAD;
	buf_u8(b, action_of(p));
	buf_u8(b, has);
	buf_u8(b, p->ntmpl);
	buf_u32(b, p->priority);
	if (has & HAS_LIMITS) {
		buf_u64(b, p->hard.add);
		buf_u64(b, p->hard.use);
	}
	if (has & HAS_OFFLOAD) {
		buf_u8(b, p->offload.kind);
		buf_u32(b, (uint32_t)p->offload.ifindex);
	}
	for (uint8_t i = 0; i < p->ntmpl && i < IPSEC_TMPL_MAX; i++) {
		const struct ipsec_tmpl *t = &p->tmpl[i];

		buf_u8(b, t->proto);
		buf_u8(b, t->mode);
		buf_u8(b, t->optional != 0);
		buf_u32(b, t->reqid);
		put_addr(b, &t->src);
		put_addr(b, &t->dst);
	}
}

bool
unpack_value(struct view v, struct ipsec_policy *p)
{
	uint8_t has;

	p->action = view_u8(&v);
	has = view_u8(&v);
	p->ntmpl = view_u8(&v);
	p->priority = view_u32(&v);
	if (has & HAS_LIMITS) {
		p->hard.add = view_u64(&v);
		p->hard.use = view_u64(&v);
	}
	if (has & HAS_OFFLOAD) {
		p->offload.kind = view_u8(&v);
		p->offload.ifindex = (int32_t)view_u32(&v);
	}
	if (p->ntmpl > IPSEC_TMPL_MAX)
		return false;
	for (uint8_t i = 0; i < p->ntmpl; i++) {
		struct ipsec_tmpl *t = &p->tmpl[i];

		t->proto = view_u8(&v);
		t->mode = view_u8(&v);
		t->optional = view_u8(&v);
		t->reqid = view_u32(&v);
		get_addr(&v, &t->src);
		get_addr(&v, &t->dst);
	}
	return view_end(&v);
}
