/* SPDX-License-Identifier: ISC */
/*
 * Packed policies: big-endian, as views read them.  Written without a buf,
 * since it is done twice for each policy of every reload, into memory that
 * holds the longest of them.
 */
#include "setkey/pack.h"

#include <string.h>

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

/* Longest: head, two IPv6 addresses, and everything that a key may have. */
_Static_assert(5 + 2 * 18 + 4 + 4 + 4 + 8 + 4 + IPSEC_CTX_MAX +
    7 + 16 + 5 + IPSEC_TMPL_MAX * (7 + 2 * 18) <= PACK_MAX,
    "no packed policy is longer");

struct writer {
	uint8_t	*p;
};

static void
put_u8(struct writer *w, uint8_t v)
{
	*w->p++ = v;
}

static void
put_u16(struct writer *w, uint16_t v)
{
	put_u8(w, (uint8_t)(v >> 8));
	put_u8(w, (uint8_t)v);
}

static void
put_u32(struct writer *w, uint32_t v)
{
	put_u16(w, (uint16_t)(v >> 16));
	put_u16(w, (uint16_t)v);
}

static void
put_u64(struct writer *w, uint64_t v)
{
	put_u32(w, (uint32_t)(v >> 32));
	put_u32(w, (uint32_t)v);
}

static void
put_bytes(struct writer *w, const void *p, size_t n)
{
	memcpy(w->p, p, n);
	w->p += n;
}

static void
put_addr(struct writer *w, const struct ipsec_addr *a)
{
	uint8_t bits = addr_bits(a);

	put_u8(w, (uint8_t)a->family);
	if (bits == 32)
		put_bytes(w, a->bytes, 4);
	else
		put_bytes(w, a->bytes, bits / 8);
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

static void
put_label(struct writer *w, const struct ipsec_context *ctx)
{
	uint16_t n = ctx->length <= IPSEC_CTX_MAX ? ctx->length :
	    IPSEC_CTX_MAX;

	put_u8(w, ctx->doi);
	put_u8(w, ctx->alg);
	put_u16(w, n);
	put_bytes(w, ctx->text, n);
}

size_t
pack_key(uint8_t out[PACK_MAX], const struct ipsec_policy *p)
{
	struct writer w = { out };
	uint8_t has = key_parts(p);

	put_u8(&w, has);
	put_u8(&w, p->dir);
	put_u8(&w, p->sel.proto);
	put_u8(&w, p->sel.src_prefix);
	put_u8(&w, p->sel.dst_prefix);
	put_addr(&w, &p->sel.src);
	put_addr(&w, &p->sel.dst);
	if (has & HAS_PORTS) {
		put_u16(&w, p->sel.src.port);
		put_u16(&w, p->sel.dst.port);
	}
	if (has & HAS_IFINDEX)
		put_u32(&w, (uint32_t)p->sel.ifindex);
	if (has & HAS_IF_ID)
		put_u32(&w, p->if_id);
	if (has & HAS_MARK) {
		put_u32(&w, p->mark.value);
		put_u32(&w, p->mark.mask);
	}
	if (has & HAS_LABEL)
		put_label(&w, &p->ctx);
	return (size_t)(w.p - out);
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

static void
put_tmpl(struct writer *w, const struct ipsec_tmpl *t)
{
	put_u8(w, t->proto);
	put_u8(w, t->mode);
	put_u8(w, t->optional != 0);
	put_u32(w, t->reqid);
	put_addr(w, &t->src);
	put_addr(w, &t->dst);
}

size_t
pack_all(uint8_t out[PACK_MAX], const struct ipsec_policy *p, size_t *key_n)
{
	struct writer w = { out + pack_key(out, p) };
	uint8_t has = 0, ntmpl = p->ntmpl <= IPSEC_TMPL_MAX ? p->ntmpl :
	    IPSEC_TMPL_MAX;

	*key_n = (size_t)(w.p - out);
	if (p->hard.add != 0 || p->hard.use != 0)
		has |= HAS_LIMITS;
	if (p->offload.kind != IPSEC_OFFLOAD_NONE)
		has |= HAS_OFFLOAD;
	put_u8(&w, action_of(p));
	put_u8(&w, has);
	put_u8(&w, ntmpl);
	put_u32(&w, p->priority);
	if (has & HAS_LIMITS) {
		put_u64(&w, p->hard.add);
		put_u64(&w, p->hard.use);
	}
	if (has & HAS_OFFLOAD) {
		put_u8(&w, p->offload.kind);
		put_u32(&w, (uint32_t)p->offload.ifindex);
	}
	for (uint8_t i = 0; i < ntmpl; i++)
		put_tmpl(&w, &p->tmpl[i]);
	return (size_t)(w.p - out);
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
