/* SPDX-License-Identifier: ISC */
/*
 * The rules are those of net/xfrm/xfrm_policy.c, as seen from outside.
 */
#include "test/fake_spd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/ops.h"

static bool
same_key(const struct ipsec_policy *a, const struct ipsec_policy *b)
{
	return a->dir == b->dir && a->sub == b->sub &&
	    a->if_id == b->if_id && a->mark.value == b->mark.value &&
	    a->mark.mask == b->mark.mask &&
	    selector_equal(&a->sel, &b->sel) &&
	    a->ctx.length == b->ctx.length &&
	    memcmp(a->ctx.text, b->ctx.text, a->ctx.length) == 0;
}

static struct fake_policy *
find(struct fake_spd *f, const struct ipsec_policy *p)
{
	for (size_t i = 0; i < f->n; i++)
		if (p->index != 0 ? f->one[i].p.index == p->index :
		    same_key(&f->one[i].p, p))
			return &f->one[i];
	return NULL;
}

const struct fake_policy *
fake_spd_find(const struct fake_spd *f, const struct ipsec_policy *p)
{
	for (size_t i = 0; i < f->n; i++)
		if (same_key(&f->one[i].p, p))
			return &f->one[i];
	return NULL;
}

bool
fake_spd_before(const struct fake_policy *a, const struct fake_policy *b)
{
	return a->p.priority != b->p.priority ?
	    a->p.priority < b->p.priority : a->place < b->place;
}

/* True when this change is to fail. */
static bool
refused(struct fake_spd *f)
{
	if (f->refuse > 0 && --f->refuse == 0) {
		f->refuse = f->deaf ? 1 : 0;
		return true;
	}
	return false;
}

static bool
taken(const struct fake_spd *f, uint32_t index)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->one[i].p.index == index)
			return true;
	return false;
}

int
fake_spd_set(struct fake_spd *f, const struct ipsec_policy *p, bool update)
{
	struct ipsec_policy key = *p;
	struct fake_policy *one, old;
	bool new;

	key.index = 0;
	one = find(f, &key);
	if (one != NULL && !update)
		return -EEXIST;
	new = one == NULL;
	if (new && f->n == FAKE_POLICIES)
		return -ENOMEM;
	if (new)
		one = &f->one[f->n++];
	old = *one;
	*one = (struct fake_policy){ .p = *p, .age = ++f->clock };
	one->place = !new && old.p.priority == p->priority ? old.place :
	    f->clock;
	if (!new)
		one->p.index = old.p.index;
	else if (p->index == 0 || taken(f, p->index))
		one->p.index = f->last_index += 8;
	/* As XFRM: without templates it just allows. */
	if (one->p.action == IPSEC_ACTION_IPSEC && one->p.ntmpl == 0)
		one->p.action = IPSEC_ACTION_NONE;
	f->changes++;
	return 0;
}

static int
op_set(void *ctx, const struct ipsec_policy *p, bool update)
{
	return refused(ctx) ? -EINVAL : fake_spd_set(ctx, p, update);
}

static int
op_delete(void *ctx, const struct ipsec_policy *p)
{
	struct fake_spd *f = ctx;
	struct fake_policy *one;

	if (refused(f))
		return -EPERM;
	if ((one = find(f, p)) == NULL)
		return -ENOENT;
	*one = f->one[--f->n];
	f->changes++;
	f->gap = f->gap || f->n < f->least;
	return 0;
}

static int
op_flush(void *ctx, enum ipsec_what what, uint8_t proto)
{
	struct fake_spd *f = ctx;
	size_t kept = 0;

	(void)proto;
	if (what != IPSEC_FLUSH_POLICY)
		return 0;
	for (size_t i = 0; i < f->n; i++)
		if (f->one[i].p.sub || f->one[i].p.dir > IPSEC_DIR_FWD)
			f->one[kept++] = f->one[i];
	f->changes += f->n != kept;
	f->n = kept;
	f->gap = f->gap || f->n < f->least;
	return 0;
}

static int
newest_first(const void *a, const void *b)
{
	const struct fake_policy *x = a, *y = b;

	return x->age < y->age ? 1 : -1;
}

static int
op_dump(void *ctx, const struct ipsec_filter *filter, ipsec_policy_fn *fn,
    void *arg)
{
	struct fake_spd *f = ctx;
	int err = 0;

	qsort(f->one, f->n, sizeof(f->one[0]), newest_first);
	for (size_t i = 0; i < f->n && err == 0; i++) {
		if (i == f->n / 2 && f->again > 0 && filter->stream) {
			f->again--;
			return -EAGAIN;
		}
		err = fn(arg, &f->one[i].p);
	}
	return err;
}

static const char *
op_error(void *ctx)
{
	(void)ctx;
	return "";
}

static void
op_close(void *ctx)
{
	(void)ctx;
}

static const struct ipsec_ops ops = {
	.name = "fake", .policy_set = op_set, .policy_delete = op_delete,
	.policy_dump = op_dump, .flush = op_flush, .error = op_error,
	.close = op_close
};

struct ipsec *
fake_spd_open(struct fake_spd *f)
{
	return ipsec_new(&ops, f);
}
