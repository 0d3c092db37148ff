/* SPDX-License-Identifier: ISC */
/*
 * Checks of the arguments of ipsec.h's calls.
 */
#include "libipsec/check.h"

#include <errno.h>
#include <string.h>

#include "libipsec/addr.h"

#define CPI_LAST	0xffffu		/* RFC 3173 3.3 */

static const char cpi_text[] = "IPComp's SPIs end at 65535";

static int
wrong(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

/* True when A has no family, or FAMILY. */
static bool
fits(const struct ipsec_addr *a, uint16_t family)
{
	return a->family == 0 || a->family == family;
}

bool
ipsec_is_proto(uint8_t proto)
{
	return proto == IPSEC_PROTO_ESP || proto == IPSEC_PROTO_AH ||
	    proto == IPSEC_PROTO_IPCOMP;
}

static int
check_selector(const struct ipsec_selector *s, const char **why)
{
	if ((s->src.family != 0 && addr_bits(&s->src) == 0) ||
	    (s->dst.family != 0 && addr_bits(&s->dst) == 0))
		return wrong(why, "selector of an unknown address family");
	if (s->src.family != 0 && !fits(&s->dst, s->src.family))
		return wrong(why, "selector with two address families");
	if (s->src_prefix > addr_bits(&s->src) ||
	    s->dst_prefix > addr_bits(&s->dst))
		return wrong(why, "selector's prefix is too long");
	return 0;
}

static int
check_context(const struct ipsec_context *c, const char **why)
{
	if (c->length > sizeof(c->text))
		return wrong(why, "security context is too long");
	return 0;
}

static int
check_key(const struct ipsec_key *k, const char **why)
{
	if (k->present == 0)
		return 0;
	if (k->key_bits > 8 * IPSEC_KEY_MAX)
		return wrong(why, "key is too long");
	if (memchr(k->name, '\0', sizeof(k->name)) == NULL)
		return wrong(why, "algorithm's name is too long");
	if (k->id == 0 && k->name[0] == '\0')
		return wrong(why, "algorithm has neither number nor name");
	return 0;
}

int
ipsec_check_sa_id(const struct ipsec_sa_id *id, const char **why)
{
	if (addr_bits(&id->dst) == 0)
		return wrong(why, "SA has no destination address");
	if (!ipsec_is_proto(id->proto))
		return wrong(why, "SA is neither ESP, AH nor IPComp");
	return 0;
}

/* What getspi and set have in common. */
static int
check_ends(const struct ipsec_sa *sa, const char **why)
{
	int	r;

	if ((r = ipsec_check_sa_id(&sa->id, why)) != 0)
		return r;
	if (!fits(&sa->src, sa->id.dst.family))
		return wrong(why, "SA's ends have different address families");
	if (sa->mode > IPSEC_MODE_BEET)
		return wrong(why, "SA's mode is unknown");
	if (sa->dir > IPSEC_DIR_OUT)
		return wrong(why, "SA's direction is neither in nor out");
	return 0;
}

/* POLICY: devices take whole packets or nothing. */
static int
check_offload(const struct ipsec_offload *o, bool policy, const char **why)
{
	if (o->kind == IPSEC_OFFLOAD_NONE)
		return 0;
	if (o->kind > IPSEC_OFFLOAD_PACKET ||
	    (policy && o->kind != IPSEC_OFFLOAD_PACKET))
		return wrong(why, "this cannot be offloaded so");
	if (o->ifindex <= 0)
		return wrong(why, "offloading needs a device");
	if (!policy && o->dir != IPSEC_DIR_IN && o->dir != IPSEC_DIR_OUT)
		return wrong(why, "offloading needs a direction, in or out");
	return 0;
}

int
ipsec_check_sa(const struct ipsec_sa *sa, const char **why)
{
	int	r;

	if ((r = check_ends(sa, why)) != 0 ||
	    (r = check_key(&sa->enc, why)) != 0 ||
	    (r = check_key(&sa->auth, why)) != 0 ||
	    (r = check_key(&sa->aead, why)) != 0 ||
	    (r = check_key(&sa->comp, why)) != 0 ||
	    (r = check_context(&sa->ctx, why)) != 0 ||
	    (r = check_offload(&sa->offload, false, why)) != 0)
		return r;
	if (sa->id.proto == IPSEC_PROTO_IPCOMP && sa->id.spi > CPI_LAST)
		return wrong(why, cpi_text);
	if (sa->replay > IPSEC_REPLAY_MAX)
		return wrong(why, "replay window is larger than 4096");
	if (!fits(&sa->encap.oa, sa->id.dst.family))
		return wrong(why, "SA's original address is of another family");
	if (sa->has_sel)
		return check_selector(&sa->sel, why);
	return 0;
}

int
ipsec_check_spi_range(const struct ipsec_sa *sa, uint32_t min, uint32_t max,
    const char **why)
{
	int	r;

	if ((r = check_ends(sa, why)) != 0)
		return r;
	if (min == 0 || min > max)
		return wrong(why, "SPI range is empty");
	if (sa->id.proto == IPSEC_PROTO_IPCOMP && max > CPI_LAST)
		return wrong(why, cpi_text);
	return 0;
}

static int
check_tmpl(const struct ipsec_tmpl *t, uint8_t dir, const char **why)
{
	if (!ipsec_is_proto(t->proto))
		return wrong(why, "template is neither ESP, AH nor IPComp");
	if (t->mode > IPSEC_MODE_BEET)
		return wrong(why, "template's mode is unknown");
	if (t->mode <= IPSEC_MODE_TRANSPORT)
		return 0;
	if (addr_bits(&t->src) == 0 || t->src.family != t->dst.family)
		return wrong(why, "tunnel needs two ends of one family");
	if (t->optional && dir == IPSEC_DIR_OUT)
		return wrong(why, "an outbound tunnel cannot be optional");
	return 0;
}

int
ipsec_check_policy_id(const struct ipsec_policy *p, const char **why)
{
	int	r;

	if (p->index != 0)
		return 0;
	if (p->dir < IPSEC_DIR_IN || p->dir > IPSEC_DIR_FWD)
		return wrong(why, "policy's direction is not in, out or fwd");
	if (p->sel.src.family == 0 && p->sel.dst.family == 0)
		return wrong(why, "policy's selector has no addresses");
	if ((r = check_selector(&p->sel, why)) != 0)
		return r;
	return check_context(&p->ctx, why);
}

int
ipsec_check_policy(const struct ipsec_policy *p, const char **why)
{
	struct ipsec_policy id = *p;
	int	r;

	id.index = 0;
	if ((r = ipsec_check_policy_id(&id, why)) != 0)
		return r;
	if (p->action > IPSEC_ACTION_IPSEC)
		return wrong(why, "policy's action is unknown");
	if (p->ntmpl > IPSEC_TMPL_MAX) {
		*why = "policy has more than 6 templates";
		return -ELOOP;
	}
	for (unsigned int i = 0; i < p->ntmpl; i++)
		if ((r = check_tmpl(&p->tmpl[i], p->dir, why)) != 0)
			return r;
	return check_offload(&p->offload, true, why);
}

int
ipsec_check_flush(enum ipsec_what what, uint8_t proto, const char **why)
{
	if (what == IPSEC_FLUSH_SA && proto != IPSEC_PROTO_ANY &&
	    !ipsec_is_proto(proto))
		return wrong(why, "only ESP, AH and IPComp can be flushed");
	return 0;
}

int
ipsec_check_filter(const struct ipsec_filter *f, const char **why)
{
	if (f->proto != IPSEC_PROTO_ANY && !ipsec_is_proto(f->proto))
		return wrong(why, "filter is neither for ESP, AH nor IPComp");
	if (f->src.family != 0 && !fits(&f->dst, f->src.family))
		return wrong(why, "filter with two address families");
	return 0;
}

int
ipsec_check_command(const struct ipsec_command *c, const char **why)
{
	switch (c->op) {
	case IPSEC_OP_SA_ADD:
	case IPSEC_OP_SA_UPDATE:
		return ipsec_check_sa(&c->sa, why);
	case IPSEC_OP_SA_DELETE:
		return ipsec_check_sa_id(&c->sa.id, why);
	case IPSEC_OP_POLICY_ADD:
	case IPSEC_OP_POLICY_UPDATE:
		return ipsec_check_policy(&c->policy, why);
	case IPSEC_OP_POLICY_DELETE:
		return ipsec_check_policy_id(&c->policy, why);
	case IPSEC_OP_SA_FLUSH:
		return ipsec_check_flush(IPSEC_FLUSH_SA, c->sa.id.proto, why);
	case IPSEC_OP_POLICY_FLUSH:
		return 0;
	}
	return wrong(why, "command is unknown");
}

bool
ipsec_sa_passes(const struct ipsec_filter *f, const struct ipsec_sa *sa)
{
	/* Tunnels of IPComp make IPIP states, mobility makes others. */
	if (!ipsec_is_proto(sa->id.proto))
		return false;
	return (f->proto == 0 || f->proto == sa->id.proto) &&
	    (f->reqid == 0 || f->reqid == sa->reqid) &&
	    (f->src.family == 0 || addr_equal(&f->src, &sa->src)) &&
	    (f->dst.family == 0 || addr_equal(&f->dst, &sa->id.dst));
}

bool
ipsec_policy_passes(const struct ipsec_filter *f, const struct ipsec_policy *p)
{
	return f->dir == 0 || f->dir == p->dir;
}
