/* SPDX-License-Identifier: ISC */
/*
 * First the commands are carried out on the table (the kernel's rules of
 * what exists already and what is missing), then its two sides are compared.
 *
 * Among policies of one priority the kernel takes the one that was added
 * first.  So a policy that stays may still have to be moved behind one that
 * is new, if both could be for the same packet.  The kernel's dump tells the
 * order in which policies were added or last changed.
 */
#include "setkey/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "setkey/expand.h"

/*
 * Limits for looking whether two policies could be for the same packet;
 * beyond, they are taken for such: moving one is needless then, not wrong.
 */
#define LATE_MAX	4096u
#define TESTS_MAX	(1u << 24)

/* Policies of one direction and priority that others must be behind. */
struct late {
	struct {
		struct ipsec_selector sel;
		uint32_t if_id, seen;
	}		 *one;
	size_t		 n;
	uint32_t	 newest;	/* the largest `seen` of all */
	uint32_t	 tests;
	bool		 full;
};

void
plan_init(struct plan *p, struct spd *spd, bool fwd)
{
	*p = (struct plan){ .spd = spd, .fwd = fwd };
}

void
plan_fini(struct plan *p)
{
	for (size_t i = 0; i < p->errors; i++)
		free(p->error[i].why);
	free(p->error);
	free(p->step);
	plan_init(p, p->spd, p->fwd);
}

int
plan_error(struct plan *p, const struct command *c, int err, const char *why)
{
	struct plan_error *e;
	size_t max = p->errors_max == 0 ? 16 : p->errors_max * 2;

	if (p->errors == p->errors_max) {
		if ((e = reallocarray(p->error, max, sizeof(*e))) == NULL)
			return -ENOMEM;
		p->error = e;
		p->errors_max = max;
	}
	e = &p->error[p->errors];
	*e = (struct plan_error){ .c = c, .nth = p->errors, .err = err };
	if (why[0] != '\0' && (e->why = strdup(why)) == NULL)
		return -ENOMEM;
	p->errors++;
	return 0;
}

/* Puts an entry in place as the kernel would. */
static void
put(struct spd *t, struct spd_entry *e, const struct command *c,
    unsigned int part, uint32_t priority)
{
	/* What replaces another one of the same priority takes its place. */
	if (!spd_present(t, e) || e->priority != priority)
		e->order = ++t->orders;
	e->priority = priority;
	e->epoch = t->epoch;
	e->c = c;
	e->part = (uint8_t)part;
}

static int
plan_part(struct plan *p, const struct command *c, unsigned int part)
{
	bool delete = c->verb == VERB_SPDDELETE;
	struct ipsec_policy policy;
	struct spd_entry *e;
	uint32_t reqid = 0;
	bool there;

	expand_policy(c, part, &reqid, &policy);
	e = spd_find(p->spd, &policy, !delete);
	if (e == NULL && !delete)
		return -ENOMEM;
	there = e != NULL && spd_present(p->spd, e);
	if (delete && !there)
		return plan_error(p, c, -ENOENT, "");
	if (c->verb == VERB_SPDADD && there)
		return plan_error(p, c, -EEXIST, "");
	if (delete)
		e->epoch = SPD_GONE;
	else
		put(p->spd, e, c, part, policy.priority);
	return 0;
}

static int
plan_command(struct plan *p, const struct command *c)
{
	unsigned int parts = expand_parts(c, p->fwd);
	const char *why = "";
	int bad = expand_check(c, &why), err = 0;

	if (c->verb == VERB_SPDFLUSH) {
		p->spd->epoch++;
		p->flush = c;
		return 0;
	}
	for (unsigned int part = 0; part < parts && err == 0; part++)
		err = bad != 0 ? plan_error(p, c, bad, why) :
		    plan_part(p, c, part);
	return err;
}

/* May the SAs that HAVE is for go on serving WANT? */
static bool
keeps_reqid(const struct ipsec_tmpl *want, const struct ipsec_tmpl *have)
{
	return have->reqid > POLICY_REQID_MANUAL &&
	    want->proto == have->proto && want->mode == have->mode &&
	    addr_equal(&want->src, &have->src) &&
	    addr_equal(&want->dst, &have->dst);
}

static void
expand(const struct command *c, unsigned int part,
    const struct ipsec_policy *have, uint32_t *reqid,
    struct ipsec_policy *want)
{
	/* Every reqid above those of files is one to be chosen. */
	uint32_t some = POLICY_REQID_MANUAL + 1;

	expand_policy(c, part, &some, want);
	for (uint8_t i = 0; i < want->ntmpl; i++) {
		struct ipsec_tmpl *t = &want->tmpl[i];

		if (t->reqid <= POLICY_REQID_MANUAL)
			continue;
		if (i < have->ntmpl && keeps_reqid(t, &have->tmpl[i]))
			t->reqid = have->tmpl[i].reqid;
		else if (reqid != NULL)
			t->reqid = (*reqid)++;
	}
}

void
plan_wanted(const struct spd_entry *e, uint32_t *reqid,
    struct ipsec_policy *want)
{
	struct ipsec_policy have;

	spd_kernel(e, &have);
	if (e->c != NULL)
		expand(e->c, e->part, &have, reqid, want);
	else
		*want = have;
}

/* Is it in the kernel just as it is wanted? */
static bool
same(const struct spd_entry *e)
{
	struct ipsec_policy want;
	uint8_t packed[PACK_MAX];
	size_t key_n, n;

	if (e->c == NULL)
		return true;
	plan_wanted(e, NULL, &want);
	n = pack_all(packed, &want, &key_n);
	return view_equal(view_of(packed, n), view_of(e->bytes, e->n));
}

/* In the kernel, and to stay at its place there unless it is moved. */
static bool
stays(const struct spd_entry *e)
{
	return e->seen != 0 && (e->todo != TODO_CHANGE ||
	    e->was == e->priority);
}

static bool
nested(const struct ipsec_addr *a, uint8_t a_prefix,
    const struct ipsec_addr *b, uint8_t b_prefix)
{
	return a_prefix <= b_prefix ? addr_in(b, a, a_prefix) :
	    addr_in(a, b, b_prefix);
}

/* 0 is anything. */
static bool
alike(uint32_t a, uint32_t b)
{
	return a == 0 || b == 0 || a == b;
}

/* Is there a packet that both are for? */
static bool
overlap(const struct ipsec_selector *a, const struct ipsec_selector *b)
{
	return alike(a->proto, b->proto) &&
	    alike(a->src.port, b->src.port) &&
	    alike(a->dst.port, b->dst.port) &&
	    alike((uint32_t)a->ifindex, (uint32_t)b->ifindex) &&
	    alike(a->src.family, b->src.family) &&
	    (a->src.family == 0 || b->src.family == 0 ||
	    (nested(&a->dst, a->dst_prefix, &b->dst, b->dst_prefix) &&
	    nested(&a->src, a->src_prefix, &b->src, b->src_prefix)));
}

static void
late_put(struct late *l, const struct spd_entry *e, uint32_t seen)
{
	struct ipsec_policy have;

	if (seen > l->newest)
		l->newest = seen;
	if (l->n == LATE_MAX)
		l->full = true;
	if (l->full)
		return;
	spd_kernel(e, &have);
	l->one[l->n].sel = have.sel;
	l->one[l->n].if_id = have.if_id;
	l->one[l->n++].seen = seen;
}

/* Does E, at its place in the kernel, come before one it must be behind? */
static bool
late_meets(struct late *l, const struct spd_entry *e)
{
	struct ipsec_policy have;

	if (l->newest <= e->seen)
		return false;
	if (l->full || l->tests > TESTS_MAX)
		return true;
	spd_kernel(e, &have);
	l->tests += (uint32_t)l->n;
	for (size_t i = 0; i < l->n; i++)
		if (l->one[i].seen > e->seen &&
		    l->one[i].if_id == have.if_id &&
		    overlap(&l->one[i].sel, &have.sel))
			return true;
	return false;
}

static bool
same_group(const struct spd_entry *a, const struct spd_entry *b)
{
	return a->dir == b->dir && a->priority == b->priority;
}

/*
 * Marks (in `done`) the entries that the kernel got after one that they
 * shall precede.
 */
static void
mark_early(struct plan *p)
{
	uint32_t oldest = UINT32_MAX;

	for (size_t i = p->steps; i-- > 0;) {
		struct spd_entry *e = p->step[i];

		if (i + 1 == p->steps || !same_group(e, p->step[i + 1]))
			oldest = UINT32_MAX;
		e->done = stays(e) && oldest < e->seen;
		if (stays(e) && e->seen < oldest)
			oldest = e->seen;
	}
}

static void
order_one(struct late *l, struct spd_entry *e)
{
	if (!stays(e)) {
		late_put(l, e, UINT32_MAX);
		return;
	}
	if (late_meets(l, e))
		e->todo = e->todo == TODO_CHANGE ? TODO_CHANGE_MOVE :
		    TODO_MOVE;
	/* The kernel's dump shows what was changed as its newest. */
	if (e->todo != TODO_NOTHING)
		late_put(l, e, UINT32_MAX);
	else if (e->done)
		late_put(l, e, e->seen);
}

/* Decides what has to be moved. */
static int
order(struct plan *p)
{
	struct late l = { .n = 0 };

	if ((l.one = calloc(LATE_MAX, sizeof(l.one[0]))) == NULL)
		return -ENOMEM;
	mark_early(p);
	for (size_t i = 0; i < p->steps; i++) {
		struct spd_entry *e = p->step[i];

		if (i > 0 && !same_group(e, p->step[i - 1])) {
			l.n = 0;
			l.newest = 0;
			l.full = false;
		}
		order_one(&l, e);
		e->done = 0;
	}
	free(l.one);
	return 0;
}

/* Sorts the table into what is there in the end and what has to go. */
static int
compare(struct plan *p)
{
	p->step = calloc(p->spd->count + 1, sizeof(struct spd_entry *));
	if (p->step == NULL)
		return -ENOMEM;
	for (struct spd_entry *e = spd_next(p->spd, NULL); e != NULL;
	    e = spd_next(p->spd, e)) {
		bool present = spd_present(p->spd, e);

		e->todo = present == (e->seen != 0) ? TODO_NOTHING :
		    present ? TODO_ADD : TODO_REMOVE;
		if (!present)
			continue;
		if (e->seen != 0 && !same(e))
			e->todo = TODO_CHANGE;
		p->step[p->steps++] = e;
	}
	return 0;
}

static int
by_precedence(const void *a, const void *b)
{
	const struct spd_entry *x, *y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	if (x->dir != y->dir)
		return x->dir < y->dir ? -1 : 1;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

int
plan_make(struct plan *p, const struct command *from,
    const struct command *end)
{
	int err = 0;

	for (const struct command *c = from; c != end && err == 0;
	    c = c->next)
		if (expand_is_policy(c))
			err = plan_command(p, c);
	if (err == 0)
		err = compare(p);
	if (err != 0)
		return err;
	qsort(p->step, p->steps, sizeof(struct spd_entry *), by_precedence);
	/* Without a flush the commands themselves leave the order alone. */
	return p->spd->epoch > 0 ? order(p) : 0;
}
