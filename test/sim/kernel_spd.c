/* SPDX-License-Identifier: ISC */
/* The fake kernel's policies, in the order in which they match. */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/kernel_int.h"

static bool
port_matches(uint16_t want, uint16_t is)
{
	return want == 0 || want == is;
}

bool
spd_matches(const struct ipsec_selector *sel, const struct ipsec_selector *flow)
{
	if (sel->proto != 0 && sel->proto != flow->proto)
		return false;
	if (sel->src.family != 0 &&
	    !addr_in(&flow->src, &sel->src, sel->src_prefix))
		return false;
	if (sel->dst.family != 0 &&
	    !addr_in(&flow->dst, &sel->dst, sel->dst_prefix))
		return false;
	return port_matches(sel->src.port, flow->src.port) &&
	    port_matches(sel->dst.port, flow->dst.port);
}

bool
mark_matches(const struct ipsec_mark *m, uint32_t mark)
{
	return (mark & m->mask) == m->value;
}

static bool
single(const struct ipsec_addr *a, uint8_t prefix)
{
	return a->family != 0 && prefix == addr_bits(a);
}

static struct kchain *
chain_of(struct kernel *k, const struct ipsec_selector *sel)
{
	return single(&sel->src, sel->src_prefix) &&
	    single(&sel->dst, sel->dst_prefix) ?
	    &k->exact[kernel_bucket(&sel->src, &sel->dst)] : &k->wide;
}

static struct kpolicy *
locate(struct kernel *k, const struct ipsec_policy *p)
{
	struct kpolicy *kp;

	if (p->index != 0) {
		TAILQ_FOREACH(kp, &k->policies, entry)
			if (kp->policy.index == p->index)
				break;
		return kp;
	}
	LIST_FOREACH(kp, chain_of(k, &p->sel), chain) {
		if (kp->policy.dir == p->dir &&
		    kp->policy.if_id == p->if_id &&
		    kp->policy.mark.value == p->mark.value &&
		    kp->policy.mark.mask == p->mark.mask &&
		    selector_equal(&kp->policy.sel, &p->sel))
			return kp;
	}
	return NULL;
}

static void
emit(struct kernel *k, enum ipsec_event_type type, const struct ipsec_policy *p)
{
	struct ipsec_event ev = { .type = type };

	if (p != NULL)
		ev.policy = *p;
	kernel_emit(k, type == IPSEC_EVENT_POLICY_EXPIRE ?
	    IPSEC_LISTEN_EXPIRE : IPSEC_LISTEN_POLICY, &ev);
}

static void
drop(struct kernel *k, struct kpolicy *kp)
{
	TAILQ_REMOVE(&k->policies, kp, entry);
	LIST_REMOVE(kp, chain);
	k->ntimed -= kp->policy.hard.add != 0;
	free(kp);
}

static uint64_t
deadline(const struct kpolicy *kp)
{
	return kp->policy.hard.add == 0 ? UINT64_MAX :
	    kp->added + kp->policy.hard.add * 1000;
}

static void
insert(struct kernel *k, struct kpolicy *kp)
{
	TAILQ_INSERT_TAIL(&k->policies, kp, entry);
	LIST_INSERT_HEAD(chain_of(k, &kp->policy.sel), kp, chain);
	k->ntimed += kp->policy.hard.add != 0;
	kernel_due(k, deadline(kp));
}

/* Smaller priorities first; among equals the older one matches. */
static bool
earlier(const struct kpolicy *a, const struct kpolicy *b)
{
	return a->policy.priority != b->policy.priority ?
	    a->policy.priority < b->policy.priority : a->order < b->order;
}

int
spd_set(void *ctx, const struct ipsec_policy *p, bool update)
{
	struct khandle *h = ctx;
	struct kernel *k = h->kernel;
	struct kpolicy *kp, *old = locate(k, p);

	if (p->dir < IPSEC_DIR_IN || p->dir > IPSEC_DIR_FWD ||
	    p->ntmpl > IPSEC_TMPL_MAX)
		return kernel_error(h, -EINVAL, NULL);
	if (old != NULL && !update)
		return kernel_error(h, -EEXIST, NULL);
	kp = xcalloc(1, sizeof(*kp));
	kp->policy = *p;
	kp->added = k->now;
	kp->order = ++k->order;
	kp->policy.index = old != NULL ? old->policy.index :
	    (k->index += 8) + (uint32_t)(p->dir - 1);
	kp->policy.current = (struct ipsec_usage){
	    .add = kernel_stamp(k) };
	if (old != NULL)
		drop(k, old);
	insert(k, kp);
	emit(k, IPSEC_EVENT_POLICY_NEW, &kp->policy);
	return 0;
}

int
spd_get(void *ctx, const struct ipsec_policy *p, struct ipsec_policy *out)
{
	struct khandle *h = ctx;
	const struct kpolicy *kp = locate(h->kernel, p);

	if (kp == NULL)
		return kernel_error(h, -ENOENT, NULL);
	*out = kp->policy;
	return 0;
}

int
spd_delete(void *ctx, const struct ipsec_policy *p)
{
	struct khandle *h = ctx;
	struct kpolicy *kp = locate(h->kernel, p);
	struct ipsec_policy gone;

	if (kp == NULL)
		return kernel_error(h, -ENOENT, NULL);
	gone = kp->policy;
	drop(h->kernel, kp);
	emit(h->kernel, IPSEC_EVENT_POLICY_DELETE, &gone);
	return 0;
}

/* The newest first. */
int
spd_dump(void *ctx, const struct ipsec_filter *f, ipsec_policy_fn *fn,
    void *arg)
{
	struct khandle *h = ctx;
	struct kpolicy *kp, **list;
	size_t n = 0, i = 0;
	int r = 0;

	TAILQ_FOREACH(kp, &h->kernel->policies, entry)
		n++;
	list = xcalloc(n + 1, sizeof(struct kpolicy *));
	TAILQ_FOREACH_REVERSE(kp, &h->kernel->policies, kpolicies, entry)
		list[i++] = kp;
	for (i = 0; i < n && r == 0; i++)
		if (f == NULL || f->dir == 0 || f->dir == list[i]->policy.dir)
			r = fn(arg, &list[i]->policy);
	free(list);
	return r;
}

void
spd_free(struct kernel *k)
{
	struct kpolicy *kp;

	while ((kp = TAILQ_FIRST(&k->policies)) != NULL)
		drop(k, kp);
}

void
spd_flush(struct kernel *k)
{
	spd_free(k);
	emit(k, IPSEC_EVENT_POLICY_FLUSH, NULL);
}

/* What is looked for. */
struct seeker {
	enum ipsec_dir	dir;
	const struct ipsec_selector *flow;
	const struct kernel_scope *scope;
};

static struct kpolicy *
best_of(const struct kchain *chain, const struct seeker *by,
    struct kpolicy *best)
{
	struct kpolicy *kp;

	LIST_FOREACH(kp, chain, chain)
		if (kp->policy.dir == by->dir &&
		    kp->policy.if_id == by->scope->if_id &&
		    mark_matches(&kp->policy.mark, by->scope->mark) &&
		    (best == NULL || earlier(kp, best)) &&
		    spd_matches(&kp->policy.sel, by->flow))
			best = kp;
	return best;
}

const struct ipsec_policy *
spd_lookup(struct kernel *k, enum ipsec_dir dir,
    const struct ipsec_selector *flow, const struct kernel_scope *scope)
{
	struct kpolicy *kp, *best;

	const struct seeker by = { dir, flow, scope };

	best = best_of(&k->exact[kernel_bucket(&flow->src, &flow->dst)], &by,
	    NULL);
	kp = best_of(&k->wide, &by, best);
	if (kp == NULL)
		return NULL;
	kp->policy.current.use = kernel_stamp(k);
	return &kp->policy;
}

uint64_t
spd_next(const struct kernel *k)
{
	const struct kpolicy *kp;
	uint64_t next = UINT64_MAX;

	if (k->ntimed == 0)
		return next;
	TAILQ_FOREACH(kp, &k->policies, entry)
		if (deadline(kp) < next)
			next = deadline(kp);
	return next;
}

void
spd_expire(struct kernel *k)
{
	struct kpolicy *kp, *next;
	struct ipsec_event ev = { .type = IPSEC_EVENT_POLICY_EXPIRE,
	    .hard = true };

	for (kp = k->ntimed > 0 ? TAILQ_FIRST(&k->policies) : NULL;
	    kp != NULL; kp = next) {
		next = TAILQ_NEXT(kp, entry);
		if (deadline(kp) > k->now)
			continue;
		ev.policy = kp->policy;
		drop(k, kp);
		kernel_emit(k, IPSEC_LISTEN_EXPIRE, &ev);
	}
}
