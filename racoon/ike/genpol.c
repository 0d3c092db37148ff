/* SPDX-License-Identifier: ISC */
/* Generated policies: the plan, the three policies, who uses them. */

#include "ike/genpol.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ike/child.h"
#include "ike/ident.h"
#include "ike/natt.h"
#include "ike/say.h"
#include "libipsec/addr.h"

#define REQID_MAX	0x3fffu		/* PF_KEY keeps no greater one */
#define DIRS		3

static const uint8_t dirs[DIRS] = { IPSEC_DIR_IN, IPSEC_DIR_FWD,
	IPSEC_DIR_OUT };

/* What tells policies apart; hashed as bytes, has no padding. */
struct genpol_key {
	struct ipsec_selector sel;	/* outbound */
	struct ipsec_mark mark;
	uint32_t	if_id;
};

/* The policies of one selector. */
struct genpol {
	struct genpol_key key;
	struct ike	*ike;
	unsigned int	 refs;		/* children */
	struct ipsec_policy policy[DIRS];
	bool		 wanted[DIRS];
	bool		 made[DIRS];	/* it is in the kernel, and ours */
	UT_hash_handle	 hh;
};

bool
genpol_is_ours(const struct ipsec_policy *policy)
{
	return policy->priority == GENPOL_PRIORITY && policy->hard.add != 0;
}

static struct genpol *
genpol_find(struct ike *ike, const struct plan *plan)
{
	const struct genpol_key key = { plan->of, plan->mark, plan->if_id };
	struct genpol *g;

	HASH_FIND(hh, ike->genpols, &key, sizeof(key), g);
	return g;
}

size_t
genpol_count(const struct ike *ike)
{
	return HASH_COUNT(ike->genpols);
}

/*
 * Plan
 */

/* Numbers for level unique: those that policies have. */
struct reqids {
	bool		taken[REQID_MAX + 1];
};

static int
note_reqids(void *ctx, const struct ipsec_policy *policy)
{
	struct reqids *r = ctx;

	for (uint8_t i = 0; i < policy->ntmpl; i++)
		if (policy->tmpl[i].reqid <= REQID_MAX)
			r->taken[policy->tmpl[i].reqid] = true;
	return 0;
}

/* The next one that is free; one dump, however many are not. */
static uint32_t
next_reqid(struct ike *ike)
{
	static const struct ipsec_filter all;
	struct reqids *r = xcalloc(1, sizeof(*r));
	unsigned int tries = 0;

	if (ipsec_policy_dump(ike->kernel, &all, note_reqids, r) < 0)
		memset(r, 0, sizeof(*r));
	do {
		ike->gen_reqid = ike->gen_reqid % REQID_MAX + 1;
	} while (r->taken[ike->gen_reqid] && ++tries < REQID_MAX);
	free(r);
	return ike->gen_reqid;
}

static uint8_t
kernel_proto(uint8_t proto)
{
	return proto == PROTO_IPSEC_AH ? IPSEC_PROTO_AH :
	    proto == PROTO_IPCOMP ? IPSEC_PROTO_IPCOMP :
	    proto == PROTO_IPSEC_ESP ? IPSEC_PROTO_ESP : IPSEC_PROTO_ANY;
}

/* One protocol of a proposal; its first transform says the mode. */
static bool
add_tmpl(const struct sa *sa, const struct sa_payload *offer,
    const struct proposal *p, struct plan *plan)
{
	struct ipsec_tmpl *t = &plan->tmpl[plan->ntmpl];
	uint16_t mode = p->n == 0 ? 0 : offer->transform[p->first].mode;

	if (plan->ntmpl == IPSEC_TMPL_MAX)
		return false;
	*t = (struct ipsec_tmpl){ .proto = kernel_proto(p->proto),
	    .mode = natt_mode_of(sa, mode) };
	if (t->proto == IPSEC_PROTO_ANY || t->mode == IPSEC_MODE_ANY)
		return false;
	if (t->mode == IPSEC_MODE_TUNNEL) {
		t->src = sa->local;
		t->dst = sa->remote;
		t->src.port = t->dst.port = 0;
		t->src.scope = t->dst.scope = 0;
	}
	plan->ntmpl++;
	return true;
}

/*
 * RFC 3173 2: what is encrypted cannot be compressed any more, so IPComp is
 * first, whatever the order of the offer.  A tunnel then is IPComp's, also where
 * each protocol of the offer is called one: propose.c.
 */
static void
comp_first(struct plan *plan)
{
	struct ipsec_tmpl *first = plan->tmpl;

	for (uint8_t i = 1; i < plan->ntmpl; i++) {
		const struct ipsec_tmpl t = plan->tmpl[i];

		if (t.proto != IPSEC_PROTO_IPCOMP)
			continue;
		memmove(first + 1, first, i * sizeof(*first));
		*first = t;
	}
	if (first->proto != IPSEC_PROTO_IPCOMP ||
	    first->mode != IPSEC_MODE_TUNNEL)
		return;
	for (uint8_t i = 1; i < plan->ntmpl; i++)
		plan->tmpl[i] = (struct ipsec_tmpl){
			.proto = plan->tmpl[i].proto,
			.mode = IPSEC_MODE_TRANSPORT,
		};
}

/* The templates of the proposals with a number. */
static bool
plan_number(const struct sa *sa, const struct sa_payload *offer,
    uint8_t number, struct plan *plan)
{
	plan->ntmpl = 0;
	for (unsigned i = 0; i < offer->nproposal; i++)
		if (offer->proposal[i].number == number &&
		    !add_tmpl(sa, offer, &offer->proposal[i], plan))
			return false;
	comp_first(plan);
	return plan->ntmpl > 0;
}

/* The first number that can be agreed upon, else the first one at all: the
 * caller then says why it cannot. */
static bool
plan_tmpls(const struct sa *sa, const struct sainfo *info,
    const struct sa_payload *offer, struct plan *plan)
{
	struct agreement agreement;
	struct sa_payload answer;

	for (unsigned i = 0; i < offer->nproposal; i++)
		if (plan_number(sa, offer, offer->proposal[i].number, plan) &&
		    propose_choose(sa, plan, info, offer, &agreement,
		    &answer) == OK)
			return true;
	return offer->nproposal > 0 &&
	    plan_number(sa, offer, offer->proposal[0].number, plan);
}

static bool
has_tunnel(const struct plan *plan)
{
	for (uint8_t i = 0; i < plan->ntmpl; i++)
		if (plan->tmpl[i].mode == IPSEC_MODE_TUNNEL)
			return true;
	return false;
}

/* A tunnel is for what the sainfo says; without one a host speaks for nobody
 * else, whatever the sainfo is. */
static bool
is_own(const struct sa *sa, const struct plan *plan)
{
	const struct ipsec_selector *sel = &plan->sel;

	return has_tunnel(plan) ||
	    (sel->src_prefix == addr_bits(&sel->src) &&
	    sel->dst_prefix == addr_bits(&sel->dst) &&
	    addr_equal(&sel->src, &sa->local) &&
	    addr_equal(&sel->dst, &sa->remote));
}

enum err
genpol_plan(struct sa *sa, const struct sainfo *info,
    const struct sa_payload *offer, struct plan *plan)
{
	struct ike *ike = sa->ike;
	const struct remote *remote = sa->remote_conf;
	struct ipsec_policy key = { .sel = plan->sel, .dir = IPSEC_DIR_OUT,
	    .mark = remote->mark, .if_id = remote->if_id };
	struct ipsec_policy other;
	char text[SELECTOR_TEXT];
	uint32_t reqid = 0;

	if (ipsec_policy_get(ike->kernel, &key, &other) == 0) {
		say_sa(LOG_L_ERROR, sa, "no policy is generated for %s: there "
		    "is one that asks for no IPsec", selector_print(&plan->sel,
		    text));
		return E_NOPOLICY;
	}
	if (HASH_COUNT(ike->genpols) >= LIMIT_GENPOLS)
		return E_LIMIT;
	if (!plan_tmpls(sa, info, offer, plan))
		return E_NOPROPOSAL;
	if (!is_own(sa, plan)) {
		say_sa(LOG_L_ERROR, sa, "no policy is generated for %s: in "
		    "transport mode a peer can have its own traffic only",
		    selector_print(&plan->sel, text));
		return E_NOPOLICY;
	}
	if (remote->generate_policy == CONF_GEN_UNIQUE)
		reqid = next_reqid(ike);
	for (uint8_t i = 0; i < plan->ntmpl; i++)
		plan->tmpl[i].reqid = plan->reqid_in[i] = reqid;
	plan->mark = remote->mark;
	plan->if_id = remote->if_id;
	plan->priority = GENPOL_PRIORITY;
	plan->generate = true;
	return OK;
}

/*
 * In the kernel
 */

static void
policy_for(const struct plan *plan, uint8_t dir, struct ipsec_policy *p)
{
	*p = (struct ipsec_policy){
		.dir = dir,
		.action = IPSEC_ACTION_IPSEC,
		.priority = GENPOL_PRIORITY,
		.mark = plan->mark,
		.if_id = plan->if_id,
		.ntmpl = plan->ntmpl,
	};
	memcpy(p->tmpl, plan->tmpl, sizeof(p->tmpl));
	if (dir == IPSEC_DIR_OUT) {
		p->sel = plan->of;
		return;
	}
	ident_mirror(&plan->of, &p->sel);
	for (uint8_t i = 0; i < plan->ntmpl; i++) {
		p->tmpl[i].src = plan->tmpl[i].dst;
		p->tmpl[i].dst = plan->tmpl[i].src;
		p->tmpl[i].reqid = plan->reqid_in[i];
		/* what is not worth it comes uncompressed: RFC 3173 2.2 */
		p->tmpl[i].optional = plan->tmpl[i].optional ||
		    plan->tmpl[i].proto == IPSEC_PROTO_IPCOMP;
	}
}

/* Is what the kernel has still what a racoon made? */
static bool
still_ours(const struct genpol *g, unsigned i)
{
	struct ipsec_policy now;

	return ipsec_policy_get(g->ike->kernel, &g->policy[i], &now) == 0 &&
	    genpol_is_ours(&now);
}

static struct genpol *
genpol_new(struct ike *ike, const struct plan *plan)
{
	struct genpol *g = xcalloc(1, sizeof(*g));

	g->ike = ike;
	g->key = (struct genpol_key){ plan->of, plan->mark, plan->if_id };
	for (unsigned i = 0; i < DIRS; i++) {
		policy_for(plan, dirs[i], &g->policy[i]);
		/* what a tunnel brings may be for others */
		g->wanted[i] = dirs[i] != IPSEC_DIR_FWD || has_tunnel(plan);
		/* from before a restart */
		g->made[i] = g->wanted[i] && still_ours(g, i);
	}
	HASH_ADD(hh, ike->genpols, key, sizeof(g->key), g);
	return g;
}

/* Makes one, or gives it another life time.  Others' stay as they are. */
static enum err
make(const struct child *child, struct genpol *g, unsigned i)
{
	bool again = g->made[i] && still_ours(g, i);
	char text[SELECTOR_TEXT];
	int r;

	if (!g->wanted[i])
		return OK;
	g->policy[i].hard.add = child->life_secs;
	r = ipsec_policy_set(g->ike->kernel, &g->policy[i], again);
	g->made[i] = r == 0;
	if (r == 0)
		return OK;
	selector_print(&g->policy[i].sel, text);
	if (r == -EEXIST) {
		log_peer(LOG_L_INFO, &child->remote, "the policy for %s stays "
		    "as somebody else made it", text);
		return OK;
	}
	g->ike->stats.kernel_errors++;
	log_peer(LOG_L_ERROR, &child->remote, "the kernel refuses to make a "
	    "policy for %s: %s", text, ipsec_error(g->ike->kernel));
	return E_KERNEL;
}

static enum err
make_all(const struct child *child, bool out)
{
	enum err r = OK;

	for (unsigned i = 0; i < DIRS && r == OK; i++)
		if ((dirs[i] == IPSEC_DIR_OUT) == out)
			r = make(child, child->genpol, i);
	return r;
}

enum err
genpol_attach(struct child *child, const struct plan *plan)
{
	struct genpol *g = genpol_find(child->ike, plan);

	if (g == NULL && !plan->generate)
		return OK;
	if (g == NULL)
		g = genpol_new(child->ike, plan);
	g->refs++;
	child->genpol = g;
	return make_all(child, false);
}

enum err
genpol_open(struct child *child)
{
	return child->genpol == NULL ? OK : make_all(child, true);
}

static void
genpol_free(struct genpol *g)
{
	HASH_DEL(g->ike->genpols, g);
	xfreezero(g, sizeof(*g));
}

void
genpol_forget(struct child *child)
{
	struct genpol *g = child->genpol;

	child->genpol = NULL;
	if (g != NULL && --g->refs == 0)
		genpol_free(g);
}

/* What goes first: nothing shall ask for SAs that are about to end. */
void
genpol_release(struct child *child)
{
	struct genpol *g = child->genpol;
	int r;

	if (g != NULL && g->refs == 1)
		for (unsigned i = DIRS; i-- > 0;) {
			if (!g->made[i] || !still_ours(g, i))
				continue;
			r = ipsec_policy_delete(g->ike->kernel,
			    &g->policy[i]);
			if (r < 0 && r != -ENOENT && r != -ESRCH)
				log_peer(LOG_L_WARNING, &child->remote,
				    "the kernel cannot delete a generated "
				    "policy: %s",
				    ipsec_error(g->ike->kernel));
		}
	genpol_forget(child);
}
