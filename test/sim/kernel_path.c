/* SPDX-License-Identifier: ISC */
/*
 * The way of a packet out of and into the fake kernel: which policy, which
 * SAs, and on the way in whether it was protected as the policy wants it.
 */
#include <string.h>

#include "libipsec/addr.h"
#include "test/sim/kernel_int.h"

#define UDP_ENCAP_ESPINUDP	2
#define COMPRESSIBLE		90	/* IPComp leaves smaller packets alone */
#define LAYER_OVERHEAD		40

static uint64_t
digest_bytes(uint64_t h, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 0x100000001b3u;	/* FNV-1a */
	return h;
}

static uint64_t
digest_key(uint64_t h, const struct ipsec_key *key)
{
	h = digest_bytes(h, &key->id, sizeof(key->id));
	h = digest_bytes(h, &key->key_bits, sizeof(key->key_bits));
	h = digest_bytes(h, &key->icv_bits, sizeof(key->icv_bits));
	return digest_bytes(h, key->key, sizeof(key->key));
}

uint64_t
kernel_seal(const struct ipsec_sa *sa)
{
	uint64_t h = 0xcbf29ce484222325u;

	if (sa->id.proto == IPSEC_PROTO_IPCOMP)
		return digest_key(h, &sa->comp);
	h = digest_key(h, &sa->enc);
	h = digest_key(h, &sa->auth);
	return digest_key(h, &sa->aead);
}

/* Out. */

static enum kernel_verdict
resolve(struct kernel *k, const struct ipsec_policy *p,
    const struct ipsec_selector *flow, struct ksa *chain[], unsigned int *n)
{
	struct ipsec_addr src = flow->src, dst = flow->dst;

	*n = 0;
	for (unsigned int i = 0; i < p->ntmpl; i++) {
		const struct ipsec_tmpl *t = &p->tmpl[i];
		struct ksa *s;

		if (t->mode == IPSEC_MODE_TUNNEL) {
			src = t->src;
			dst = t->dst;
		}
		s = sad_find(k, p, t, &src, &dst, flow);
		if (s != NULL)
			chain[(*n)++] = s;
		else if (!t->optional)
			return KERNEL_WAIT;
	}
	return KERNEL_OK;
}

/* False when the SA has just reached its limit. */
static bool
wrap(struct kernel *k, struct ksa *s, struct kernel_packet *out)
{
	struct kernel_layer *l = &out->layer[out->nlayer];

	if (s->sa.id.proto == IPSEC_PROTO_IPCOMP && out->bytes < COMPRESSIBLE)
		return true;
	*l = (struct kernel_layer){ .proto = s->sa.id.proto,
	    .mode = s->sa.mode, .spi = s->sa.id.spi, .seq = ++s->oseq,
	    .seal = s->seal };
	if (s->sa.mode == IPSEC_MODE_TUNNEL) {
		l->src = out->src;
		l->dst = out->dst;
		out->src = s->sa.src;
		out->dst = s->sa.id.dst;
		out->src.port = out->dst.port = 0;
	}
	if (s->sa.encap.type == UDP_ENCAP_ESPINUDP) {
		out->udp = true;
		out->src.port = s->sa.encap.sport;
		out->dst.port = s->sa.encap.dport;
	}
	out->nlayer++;
	out->bytes += LAYER_OVERHEAD;
	return sad_account(k, s, out->bytes);
}

enum kernel_verdict
kernel_output(struct kernel *k, const struct ipsec_selector *flow,
    size_t bytes, struct kernel_packet *out)
{
	static const struct kernel_scope none;

	return kernel_output_in(k, &none, flow, bytes, out);
}

enum kernel_verdict
kernel_output_in(struct kernel *k, const struct kernel_scope *scope,
    const struct ipsec_selector *flow, size_t bytes,
    struct kernel_packet *out)
{
	const struct ipsec_policy *p = spd_lookup(k, IPSEC_DIR_OUT, flow,
	    scope);
	struct ksa *chain[IPSEC_TMPL_MAX];
	enum kernel_verdict v;
	unsigned int n;

	k->packets++;
	*out = (struct kernel_packet){ .flow = *flow, .src = flow->src,
	    .dst = flow->dst, .bytes = bytes };
	out->src.port = out->dst.port = 0;
	if (p != NULL && p->action == IPSEC_ACTION_DISCARD)
		return KERNEL_BLOCKED;
	if (p == NULL || p->action == IPSEC_ACTION_NONE)
		return KERNEL_CLEAR;
	v = resolve(k, p, flow, chain, &n);
	if (v != KERNEL_OK)
		return v;
	for (unsigned int i = 0; i < n; i++)
		if (!wrap(k, chain[i], out))
			return KERNEL_LIMIT;
	return out->nlayer > 0 ? KERNEL_OK : KERNEL_CLEAR;
}

/* In. */

/* RFC 4303 3.4.3; the window starts at the right edge. */
static bool
fresh(struct ksa *s, uint32_t seq)
{
	uint32_t window = s->sa.replay < KERNEL_WINDOW ? s->sa.replay :
	    KERNEL_WINDOW;
	uint32_t ahead;

	if (window == 0)
		return true;
	if (seq > s->top) {
		ahead = seq - s->top;
		s->seen = ahead < 64 ? s->seen << ahead : 0;
		s->seen |= 1;
		s->top = seq;
		return true;
	}
	if (s->top - seq >= window || (s->seen >> (s->top - seq) & 1) != 0)
		return false;
	s->seen |= (uint64_t)1 << (s->top - seq);
	return true;
}

/* The peer behind a NAT box shows up from elsewhere: tell who listens. */
static void
watch_mapping(struct kernel *k, const struct ksa *s,
    const struct kernel_packet *in)
{
	struct ipsec_event ev = { .type = IPSEC_EVENT_MAPPING, .sa = s->sa,
	    .from = s->sa.src, .to = in->src };

	ev.from.port = s->sa.encap.sport;
	if (!in->udp || addr_equal_port(&ev.from, &ev.to))
		return;
	kernel_emit(k, IPSEC_LISTEN_MAPPING, &ev);
}

static enum kernel_verdict
unwrap(struct kernel *k, struct kernel_packet *in, struct ksa **used)
{
	const struct kernel_layer *l = &in->layer[in->nlayer - 1];
	struct ipsec_sa_id id = { .dst = in->dst, .spi = l->spi,
	    .proto = l->proto, .mark = { in->scope.mark, UINT32_MAX } };
	struct ksa *s = sad_locate(k, &id);

	if (s == NULL || s->larval)
		return KERNEL_NO_STATE;
	if ((s->sa.encap.type != 0) != in->udp || s->sa.mode != l->mode)
		return KERNEL_MISMATCH;
	if (l->seal != s->seal)
		return KERNEL_BAD_KEY;
	if (l->proto != IPSEC_PROTO_IPCOMP && !fresh(s, l->seq))
		return KERNEL_REPLAY;
	watch_mapping(k, s, in);
	if (!sad_account(k, s, in->bytes))
		return KERNEL_LIMIT;
	in->bytes -= LAYER_OVERHEAD;
	in->nlayer--;
	in->udp = false;
	in->src.port = in->dst.port = 0;
	if (l->mode == IPSEC_MODE_TUNNEL) {
		in->src = l->src;
		in->dst = l->dst;
	}
	in->scope.if_id = s->sa.if_id;
	*used = s;
	return KERNEL_OK;
}

static bool
state_ok(const struct ipsec_tmpl *t, const struct ipsec_sa *sa)
{
	return sa->id.proto == t->proto && sa->mode == t->mode &&
	    (t->reqid == 0 || sa->reqid == t->reqid) &&
	    (sa->mode == IPSEC_MODE_TRANSPORT ||
	    (addr_equal(&t->dst, &sa->id.dst) &&
	    (addr_is_any(&t->src) || addr_equal(&t->src, &sa->src))));
}

/*
 * The place behind the SA that satisfies template T, from START on; -1 when
 * there is none.  An optional transport template may be skipped.
 */
static int
match_tmpl(const struct ipsec_tmpl *t, struct ksa *const path[], int n,
    int start)
{
	int i = start;

	if (t->optional && t->mode == IPSEC_MODE_TRANSPORT &&
	    (i >= n || !state_ok(t, &path[i]->sa)))
		return start;
	for (; i < n; i++) {
		if (state_ok(t, &path[i]->sa))
			return i + 1;
		if (path[i]->sa.mode != IPSEC_MODE_TRANSPORT)
			break;
	}
	return t->optional ? start : -1;
}

static bool
policy_ok(struct kernel *k, const struct kernel_packet *in,
    struct ksa *const path[], int n)
{
	const struct ipsec_selector *flow = &in->flow;
	enum ipsec_dir dir = kernel_is_local(k, &flow->dst) ? IPSEC_DIR_IN :
	    IPSEC_DIR_FWD;
	const struct ipsec_policy *p = spd_lookup(k, dir, flow,
	    &in->scope);
	int at = 0;

	if (p != NULL && p->action == IPSEC_ACTION_DISCARD)
		return false;
	if (p != NULL && p->action == IPSEC_ACTION_IPSEC)
		for (int i = p->ntmpl - 1; i >= 0 && at >= 0; i--)
			at = match_tmpl(&p->tmpl[i], path, n, at);
	if (at < 0)
		return false;
	for (; at < n; at++)
		if (path[at]->sa.mode != IPSEC_MODE_TRANSPORT)
			return false;	/* a tunnel that nobody wanted */
	return true;
}

void
kernel_mark_from(struct kernel *k, const struct ipsec_addr *src, uint32_t mark)
{
	if (k->nmarking < KERNEL_MARKINGS)
		k->marking[k->nmarking++] = (struct kmarking){ *src, mark };
}

static uint32_t
mark_of(const struct kernel *k, const struct ipsec_addr *src)
{
	for (unsigned int i = 0; i < k->nmarking; i++)
		if (addr_equal(&k->marking[i].src, src))
			return k->marking[i].mark;
	return 0;
}

enum kernel_verdict
kernel_input(struct kernel *k, const struct kernel_packet *packet)
{
	struct kernel_packet in = *packet;
	struct ksa *path[IPSEC_TMPL_MAX];
	enum kernel_verdict v;
	int n = 0;

	k->packets++;
	in.scope = (struct kernel_scope){ .mark = mark_of(k, &in.src) };
	while (in.nlayer > 0) {
		v = unwrap(k, &in, &path[n]);
		if (v != KERNEL_OK)
			return v;
		n++;
	}
	/* NAT may have changed the addresses of a transport mode packet. */
	in.src.port = in.flow.src.port;
	in.dst.port = in.flow.dst.port;
	in.flow.src = in.src;
	in.flow.dst = in.dst;
	for (int i = 0; i < n; i++)
		if (path[i]->sa.has_sel && !spd_matches(&path[i]->sa.sel,
		    &in.flow))
			return KERNEL_MISMATCH;
	if (!policy_ok(k, &in, path, n))
		return KERNEL_POLICY;
	return packet->nlayer > 0 ? KERNEL_OK : KERNEL_CLEAR;
}
