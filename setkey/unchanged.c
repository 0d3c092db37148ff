/* SPDX-License-Identifier: ISC */
/*
 * For scripts that flush first and then only add, as nearly all do.  The
 * kernel's dump begins with what was added last, so the commands are gone
 * through from the last to the first; nothing is kept but where they are.
 */
#include "setkey/unchanged.h"

#include <errno.h>
#include <stdlib.h>

#include "setkey/expand.h"
#include "setkey/pack.h"
#include "setkey/plan.h"

#define TRIES	5

struct against {
	const struct command **add;	/* in the script's order */
	size_t		 count;		/* of them */
	size_t		 left;		/* not compared yet, the last half done */
	unsigned int	 part;		/* parts left of that one */
	bool		 fwd;
	bool		 differs;
	struct buf	 want, have;
};

/* ipsec_policy_fn */
static int
compare(void *ctx, const struct ipsec_policy *have)
{
	struct against *a = ctx;
	struct ipsec_policy want;

	if (have->sub || have->dir < IPSEC_DIR_IN ||
	    have->dir > IPSEC_DIR_FWD)
		return 0;
	if (a->part == 0 && a->left > 0)
		a->part = expand_parts(a->add[--a->left], a->fwd);
	a->differs = a->part == 0;
	if (a->differs)
		return 1;
	plan_expand(a->add[a->left], --a->part, have, &want);
	buf_reset(&a->want);
	buf_reset(&a->have);
	pack_key(&a->want, &want);
	pack_value(&a->want, &want);
	pack_key(&a->have, have);
	pack_value(&a->have, have);
	a->differs = !view_equal(buf_view(&a->want), buf_view(&a->have));
	return a->differs;
}

/* Is it flushing, then adding what can be added? */
static bool
is_plain(const struct command *from, const struct command *end, size_t *adds)
{
	bool flushed = false;
	const char *why;

	*adds = 0;
	for (const struct command *c = from; c != end; c = c->next) {
		if (!expand_is_policy(c))
			continue;
		if (c->verb == VERB_SPDFLUSH && *adds == 0)
			flushed = true;
		else if (c->verb == VERB_SPDADD && flushed &&
		    expand_check(c, &why) == 0)
			++*adds;
		else
			return false;
	}
	return *adds > 0;
}

static int
compare_all(struct ipsec *h, struct against *a)
{
	struct ipsec_filter all = { .stream = 1 };
	int r = -EAGAIN;

	for (int i = 0; i < TRIES && r == -EAGAIN; i++) {
		a->left = a->count;
		a->part = 0;
		a->differs = false;
		r = ipsec_policy_dump(h, &all, compare, a);
	}
	if (r < 0)
		return r;
	return !a->differs && a->left == 0 && a->part == 0;
}

int
unchanged(struct ipsec *h, const struct command *from,
    const struct command *end, bool fwd)
{
	struct against a = { .fwd = fwd };
	size_t n = 0;
	int r;

	if (!is_plain(from, end, &a.count))
		return 0;
	if ((a.add = calloc(a.count, sizeof(a.add[0]))) == NULL)
		return -ENOMEM;
	for (const struct command *c = from; c != end; c = c->next)
		if (c->verb == VERB_SPDADD)
			a.add[n++] = c;
	buf_init(&a.want, PACK_MAX);
	buf_init(&a.have, PACK_MAX);
	r = compare_all(h, &a);
	buf_fini(&a.want);
	buf_fini(&a.have);
	free(a.add);
	return r;
}
