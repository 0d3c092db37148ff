/* SPDX-License-Identifier: ISC */
/*
 * Four passes over entries, each one batch: put what is wanted, remove what
 * is not, and if need be restore what was there, drop what was added.
 *
 * Policies are put by precedence, so that whenever one is changed those that
 * go before it are in place; they are removed in the opposite order.
 */
#include "setkey/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum pass { PASS_PUT, PASS_REMOVE, PASS_RESTORE, PASS_DROP };

void
reload_init(struct reload *r, struct ipsec *h)
{
	*r = (struct reload){ .h = h };
	spd_init(&r->spd);
	plan_init(&r->plan, &r->spd, false);
}

void
reload_fini(struct reload *r)
{
	plan_fini(&r->plan);
	spd_fini(&r->spd);
	free(r->lost);
	reload_init(r, r->h);
}

int
reload_read(struct reload *r)
{
	return spd_read(&r->spd, r->h);
}

int
reload_plan(struct reload *r, const struct command *from,
    const struct command *end, bool fwd)
{
	r->plan.fwd = fwd;
	return plan_make(&r->plan, from, end);
}

static bool
moves(const struct spd_entry *e)
{
	return e->todo == TODO_MOVE || e->todo == TODO_CHANGE_MOVE;
}

static bool
changes(const struct spd_entry *e)
{
	return e->todo == TODO_CHANGE || moves(e);
}

/* How many commands an entry takes in this pass. */
static unsigned int
takes(const struct reload *r, const struct spd_entry *e)
{
	switch ((enum pass)r->pass) {
	case PASS_PUT:
		return moves(e) ? 2 : e->todo == TODO_ADD || changes(e);
	case PASS_REMOVE:
		return e->todo == TODO_REMOVE;
	case PASS_RESTORE:
		return e->todo != TODO_ADD ? e->undo : 0;
	case PASS_DROP:
		return e->todo == TODO_ADD ? e->undo : 0;
	}
	return 0;
}

/*
 * Of two updates the first one takes a policy out of its place, to the next
 * priority; the second puts it behind all those of its own.
 */
static void
set_priority(struct ipsec_policy *p, bool aside)
{
	if (aside)
		p->priority += p->priority < UINT32_MAX ? 1 : UINT32_MAX;
}

static void
put_command(struct reload *r, const struct spd_entry *e, bool aside,
    struct ipsec_command *out)
{
	out->op = e->todo == TODO_ADD ? IPSEC_OP_POLICY_ADD :
	    IPSEC_OP_POLICY_UPDATE;
	plan_wanted(e, r->reqid, &out->policy);
	out->policy.index = 0;
	set_priority(&out->policy, aside);
}

static void
restore_command(const struct spd_entry *e, bool aside,
    struct ipsec_command *out)
{
	out->op = e->todo == TODO_REMOVE && !aside && e->undo == 1 ?
	    IPSEC_OP_POLICY_ADD : IPSEC_OP_POLICY_UPDATE;
	spd_kernel(e, &out->policy);
	set_priority(&out->policy, aside);
}

static void
fill(struct reload *r, const struct spd_entry *e, bool aside,
    struct ipsec_command *out)
{
	switch ((enum pass)r->pass) {
	case PASS_PUT:
		put_command(r, e, aside, out);
		break;
	case PASS_REMOVE:
		out->op = IPSEC_OP_POLICY_DELETE;
		spd_kernel(e, &out->policy);
		break;
	case PASS_RESTORE:
		restore_command(e, aside, out);
		break;
	case PASS_DROP:
		out->op = IPSEC_OP_POLICY_DELETE;
		plan_wanted(e, NULL, &out->policy);
		break;
	}
}

/* ipsec_next_fn: removing ends at the first refusal. */
static bool
next_command(void *ctx, struct ipsec_command *out)
{
	struct reload *r = ctx;

	if (r->pass == PASS_REMOVE && r->refused > 0)
		return false;
	while (r->next.i < r->n) {
		struct spd_entry *e = r->list[r->next.i];
		unsigned int n = takes(r, e);

		if (r->next.half < n) {
			fill(r, e, r->next.half + 1 < n, out);
			r->next.half++;
			r->sent++;
			return true;
		}
		r->next.i++;
		r->next.half = 0;
	}
	return false;
}

/* The entry that the next result is about. */
static struct spd_entry *
next_heard(struct reload *r)
{
	while (r->heard.i < r->n) {
		struct spd_entry *e = r->list[r->heard.i];

		if (r->heard.half < takes(r, e)) {
			r->heard.half++;
			return e;
		}
		r->heard.i++;
		r->heard.half = 0;
	}
	return NULL;
}

static void
refused(struct reload *r, const struct spd_entry *e, int err,
    const char *reason)
{
	const struct command *c = e->todo == TODO_REMOVE ? r->plan.flush :
	    e->c;
	size_t n = r->plan.errors;

	r->refused++;
	/* Both updates of one that is moved have the same line. */
	if (!moves(e) || n == 0 || r->plan.error[n - 1].c != c)
		(void)plan_error(&r->plan, c, err, reason);
}

/* ipsec_result_fn */
static void
hear_result(void *ctx, size_t nth, int err, const char *reason)
{
	struct reload *r = ctx;
	struct spd_entry *e = next_heard(r);

	(void)nth;
	if (e == NULL)
		return;
	/* What has gone in the meantime need not be removed. */
	if (err == -ENOENT &&
	    (r->pass == PASS_REMOVE || r->pass == PASS_DROP))
		return;
	if (r->pass == PASS_PUT || r->pass == PASS_REMOVE) {
		if (err == 0)
			e->done = 1;
		else
			refused(r, e, err, reason);
	} else if (err != 0 &&
	    (r->losses == 0 || r->lost[r->losses - 1] != e)) {
		r->lost[r->losses++] = e;
	}
}

static int
pass(struct reload *r, enum pass pass, struct spd_entry **list, size_t n)
{
	int err;

	r->pass = pass;
	r->list = list;
	r->n = n;
	r->next.i = r->heard.i = 0;
	r->next.half = r->heard.half = 0;
	err = ipsec_batch(r->h, next_command, hear_result, r);
	return err < 0 ? err : 0;
}

/* As the kernel has them, those that go first at the end. */
static int
by_age(const void *a, const void *b)
{
	const struct spd_entry *x, *y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	if (x->dir != y->dir)
		return x->dir < y->dir ? -1 : 1;
	if (x->was != y->was)
		return x->was < y->was ? 1 : -1;
	return x->seen < y->seen ? 1 : x->seen > y->seen ? -1 : 0;
}

/* The kernel's entries; with GOING just those that are to be removed. */
static struct spd_entry **
kernel_list(const struct reload *r, bool going, size_t *n)
{
	struct spd_entry **list, *e = NULL;

	list = calloc(r->spd.kernel + 1, sizeof(struct spd_entry *));
	*n = 0;
	if (list == NULL)
		return NULL;
	while ((e = spd_next(&r->spd, e)) != NULL)
		if (e->seen != 0 && (!going || e->todo == TODO_REMOVE))
			list[(*n)++] = e;
	qsort(list, *n, sizeof(struct spd_entry *), by_age);
	return list;
}

struct spd_entry **
reload_old(const struct reload *r, size_t *n)
{
	return kernel_list(r, true, n);
}

static int
remove_old(struct reload *r)
{
	struct spd_entry **list;
	size_t n;
	int err;

	if ((list = kernel_list(r, true, &n)) == NULL)
		return -ENOMEM;
	err = n == 0 ? 0 : pass(r, PASS_REMOVE, list, n);
	free(list);
	return err;
}

/*
 * From the first one that has left its place, all others of its priority
 * have to be put behind it again, the oldest first.
 */
static void
mark_undo(struct spd_entry **list, size_t n)
{
	bool moved = false;

	for (size_t i = n; i-- > 0;) {
		struct spd_entry *e = list[i];

		if (i + 1 < n && (list[i + 1]->dir != e->dir ||
		    list[i + 1]->was != e->was))
			moved = false;
		if (e->done && e->todo == TODO_REMOVE) {
			e->undo = 1;
			moved = true;
			continue;
		}
		if (e->done && (moves(e) || e->was != e->priority))
			moved = true;
		e->undo = moved ? 2 : e->done != 0;
	}
}

static void
reverse(struct spd_entry **list, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct spd_entry *e = list[i];

		list[i] = list[n - 1 - i];
		list[n - 1 - i] = e;
	}
}

static int
undo(struct reload *r)
{
	struct spd_entry **list;
	size_t n;
	int err;

	list = kernel_list(r, false, &n);
	r->lost = calloc(r->spd.count + 1, sizeof(struct spd_entry *));
	if (list == NULL || r->lost == NULL) {
		free(list);
		return -ENOMEM;
	}
	mark_undo(list, n);
	reverse(list, n);
	for (size_t i = 0; i < r->plan.steps; i++)
		if (r->plan.step[i]->todo == TODO_ADD)
			r->plan.step[i]->undo = r->plan.step[i]->done;
	err = pass(r, PASS_RESTORE, list, n);
	if (err == 0)
		err = pass(r, PASS_DROP, r->plan.step, r->plan.steps);
	free(list);
	r->undone = true;
	return err;
}

int
reload_apply(struct reload *r, uint32_t *reqid)
{
	int err;

	r->reqid = reqid;
	err = pass(r, PASS_PUT, r->plan.step, r->plan.steps);
	if (err == 0 && r->refused == 0)
		err = remove_old(r);
	if (err == 0 && r->refused > 0)
		err = undo(r);
	return err;
}

static int
by_line(const void *a, const void *b)
{
	const struct plan_error *x = a, *y = b;

	if (x->c->line != y->c->line)
		return x->c->line < y->c->line ? -1 : 1;
	return x->nth < y->nth ? -1 : x->nth > y->nth;
}

void
reload_sort_errors(struct reload *r)
{
	if (r->plan.errors > 0)
		qsort(r->plan.error, r->plan.errors,
		    sizeof(r->plan.error[0]), by_line);
}
