/* SPDX-License-Identifier: ISC */
/*
 * What cannot be said through PF_KEY, and would otherwise be lost on the way.
 */
#include "libipsec/pfkey.h"

#include <errno.h>

#include "libipsec/addr.h"

#define WINDOW_MAX	32u	/* packets; Linux cuts greater ones to this */
#define ALG_SHA256	5
/* Linux: net/xfrm/xfrm_algo.c, whatever RFC 4868 says. */
#define ICV_SHA256	96

static int
cannot(const char **why, const char *text)
{
	*why = text;
	return -EOPNOTSUPP;
}

/* The ICV that Linux gives an algorithm that comes through PF_KEY. */
static uint16_t
kernel_icv(uint16_t id)
{
	const struct ipsec_alg *a;

	if (id == ALG_SHA256)
		return ICV_SHA256;
	a = ipsec_alg_by_id(IPSEC_ALG_AUTH, id);
	return a != NULL ? a->icv_bits : 0;
}

static int
check_icv(const struct ipsec_key *k, const char **why)
{
	const struct ipsec_alg *a = ipsec_alg_by_id(IPSEC_ALG_AUTH, k->id);
	uint16_t want = k->icv_bits;

	if (want == 0 && a != NULL)
		want = a->icv_bits;
	if (want == kernel_icv(k->id))
		return 0;
	if (k->id == ALG_SHA256)
		return cannot(why, "PF_KEY cuts hmac-sha256 to 96 bits: "
		    "use XFRM, or hmac-sha256-96 on both sides");
	return cannot(why, "PF_KEY cannot choose the length of integrity "
	    "values: use XFRM");
}

int
pfkey_check_key(enum ipsec_alg_class class, const struct ipsec_key *k,
    const char **why)
{
	if (k->present == 0)
		return 0;
	if (class == IPSEC_ALG_AEAD)
		return cannot(why, "PF_KEY has no algorithms that encrypt and "
		    "authenticate in one: use XFRM");
	if (k->id == 0 || k->id > UINT8_MAX)
		return cannot(why, "PF_KEY has no number for this algorithm: "
		    "use XFRM");
	return class == IPSEC_ALG_AUTH ? check_icv(k, why) : 0;
}

static bool
is_marked(const struct ipsec_mark *m)
{
	return m->value != 0 || m->mask != 0;
}

int
pfkey_check_sa_id(const struct ipsec_sa_id *id, const char **why)
{
	if (is_marked(&id->mark))
		return cannot(why, "PF_KEY has no marks: use XFRM");
	return 0;
}

int
pfkey_check_spi(const struct ipsec_sa *sa, const char **why)
{
	if (sa->if_id != 0)
		return cannot(why, "PF_KEY has no interface ids: use XFRM");
	return pfkey_check_sa_id(&sa->id, why);
}

/*
 * Linux takes the source of a selector.  That is all of it in transport mode,
 * where the destination is the SA's own.
 */
static int
check_selector(const struct ipsec_sa *sa, const char **why)
{
	const struct ipsec_selector *s = &sa->sel;
	bool	whole = sa->mode != IPSEC_MODE_TUNNEL &&
	    s->dst_prefix == addr_bits(&s->dst) &&
	    addr_equal(&s->dst, &sa->id.dst);

	if (!sa->has_sel)
		return 0;
	if (s->proto != 0 || s->src.port != 0 || s->dst.port != 0 ||
	    s->ifindex != 0 || (s->dst_prefix != 0 && !whole))
		return cannot(why, "PF_KEY keeps nothing of an SA's selector "
		    "but the source: use XFRM");
	return 0;
}

static int
check_numbers(const struct ipsec_sa *sa, const char **why)
{
	if (sa->flags & IPSEC_SA_ALIGN4)
		return cannot(why, "PF_KEY aligns AH to 8 octets: use XFRM");
	if (sa->flags & (IPSEC_SA_ESN | IPSEC_SA_WILDRECV | IPSEC_SA_ICMP))
		return cannot(why, "PF_KEY has no extended sequence numbers, "
		    "nor other flags of XFRM: use XFRM");
	if (sa->replay > WINDOW_MAX)
		return cannot(why, "PF_KEY's replay window ends at 32 "
		    "packets: use XFRM");
	if (sa->hard.packets > UINT32_MAX || sa->soft.packets > UINT32_MAX)
		return cannot(why, "PF_KEY counts packets with 32 bits: "
		    "use XFRM");
	if (sa->encap.type > UINT8_MAX)
		return cannot(why, "PF_KEY has no such encapsulation");
	return 0;
}

int
pfkey_check_sa(const struct ipsec_sa *sa, const char **why)
{
	int	r;

	if ((r = pfkey_check_spi(sa, why)) != 0 ||
	    (r = pfkey_check_key(IPSEC_ALG_ENC, &sa->enc, why)) != 0 ||
	    (r = pfkey_check_key(IPSEC_ALG_AUTH, &sa->auth, why)) != 0 ||
	    (r = pfkey_check_key(IPSEC_ALG_AEAD, &sa->aead, why)) != 0 ||
	    (r = pfkey_check_key(IPSEC_ALG_COMP, &sa->comp, why)) != 0 ||
	    (r = check_selector(sa, why)) != 0)
		return r;
	if (is_marked(&sa->output_mark))
		return cannot(why, "PF_KEY has no marks: use XFRM");
	if (sa->offload.kind != IPSEC_OFFLOAD_NONE)
		return cannot(why, "PF_KEY has no offloading: use XFRM");
	return check_numbers(sa, why);
}

int
pfkey_check_policy_id(const struct ipsec_policy *p, const char **why)
{
	if (is_marked(&p->mark))
		return cannot(why, "PF_KEY has no marks: use XFRM");
	if (p->if_id != 0)
		return cannot(why, "PF_KEY has no interface ids: use XFRM");
	if (p->sel.ifindex != 0)
		return cannot(why, "PF_KEY has no interfaces in selectors: "
		    "use XFRM");
	return 0;
}

/* OUTER: the packet has the other family than the selector by now. */
static int
check_tmpl(const struct ipsec_tmpl *t, bool outer, const char **why)
{
	if (t->mode == IPSEC_MODE_BEET)
		return cannot(why, "PF_KEY has no ends for BEET mode: "
		    "use XFRM");
	if (t->optional && t->reqid != 0)
		return cannot(why, "PF_KEY has no level `use' with an id: "
		    "use XFRM");
	if (outer && t->mode != IPSEC_MODE_TUNNEL)
		return cannot(why, "PF_KEY has no transport mode inside of a "
		    "tunnel of the other address family: use XFRM");
	return 0;
}

int
pfkey_check_policy(const struct ipsec_policy *p, const char **why)
{
	uint16_t family = p->sel.src.family != 0 ? p->sel.src.family :
	    p->sel.dst.family;
	bool	other = false;		/* around it: the other family */
	int	r;

	if ((r = pfkey_check_policy_id(p, why)) != 0)
		return r;
	if (p->offload.kind != IPSEC_OFFLOAD_NONE)
		return cannot(why, "PF_KEY has no offloading: use XFRM");
	if (p->action != IPSEC_ACTION_IPSEC)
		return 0;
	for (unsigned int i = 0; i < p->ntmpl; i++) {
		if ((r = check_tmpl(&p->tmpl[i], other, why)) != 0)
			return r;
		if (p->tmpl[i].mode == IPSEC_MODE_TUNNEL)
			other = p->tmpl[i].dst.family != family;
	}
	return 0;
}

int
pfkey_check_command(const struct ipsec_command *c, const char **why)
{
	switch (c->op) {
	case IPSEC_OP_SA_ADD:
	case IPSEC_OP_SA_UPDATE:
		return pfkey_check_sa(&c->sa, why);
	case IPSEC_OP_SA_DELETE:
		return pfkey_check_sa_id(&c->sa.id, why);
	case IPSEC_OP_POLICY_ADD:
	case IPSEC_OP_POLICY_UPDATE:
		return pfkey_check_policy(&c->policy, why);
	case IPSEC_OP_POLICY_DELETE:
		return pfkey_check_policy_id(&c->policy, why);
	case IPSEC_OP_SA_FLUSH:
	case IPSEC_OP_POLICY_FLUSH:
		break;
	}
	return 0;
}

/*
 * A message does not tell how far integrity values are cut.  An SA that came
 * through PF_KEY, as all do on a kernel without XFRM netlink, has what Linux
 * gives it.  A larval SA's selector is the half of a packet's.
 */
void
pfkey_sa_complete(struct ipsec_sa *sa)
{
	if (sa->auth.present)
		sa->auth.icv_bits = kernel_icv(sa->auth.id);
	if (sa->state == IPSEC_STATE_LARVAL) {
		sa->has_sel = 0;
		memset(&sa->sel, 0, sizeof(sa->sel));
	}
}
