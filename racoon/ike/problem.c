/* SPDX-License-Identifier: ISC */
/*
 * A table by address, oldest first.  An address is forgotten when there are
 * too many: strangers can push out strangers only.
 */
#include "ike/problem.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ike/engine.h"
#include "ike/report.h"
#include "ike/sa.h"

struct problem {
	struct ipsec_addr addr;		/* port 0 */
	bool		known;
	struct ike_problem p;
	UT_hash_handle	hh;
};

static struct problem *
find(const struct ike *ike, const struct ipsec_addr *remote)
{
	struct ipsec_addr key = *remote;
	struct problem *p;

	key.port = 0;
	HASH_FIND(hh, ike->problems, &key, sizeof(key), p);
	return p;
}

static void
forget(struct ike *ike, struct problem *p)
{
	if (!p->known)
		ike->nstrange--;
	HASH_DEL(ike->problems, p);
	free(p);
}

/* The oldest of its kind. */
static void
make_room(struct ike *ike, bool known)
{
	const unsigned int all = HASH_COUNT(ike->problems);
	struct problem *p = ike->problems;

	if (known ? all - ike->nstrange < LIMIT_PROBLEMS :
	    ike->nstrange < LIMIT_PROBLEMS_STRANGE)
		return;
	while (p != NULL && p->known != known)
		p = p->hh.next;
	if (p != NULL)
		forget(ike, p);
}

void
problem_note(struct ike *ike, const struct ipsec_addr *remote, bool known,
    const char *text)
{
	struct problem *p = find(ike, remote);
	const size_t used = p == NULL ? 0 : strlen(p->p.text);

	if (p != NULL && p->p.when == ike->now && !p->p.solved &&
	    (p->known || !known)) {
		(void)snprintf(p->p.text + used, sizeof(p->p.text) - used,
		    "; %s", text);
		return;
	}
	if (p != NULL) {
		known = known || p->known;
		forget(ike, p);
	}
	make_room(ike, known);
	p = xcalloc(1, sizeof(*p));
	p->addr = *remote;
	p->addr.port = 0;
	p->known = known;
	p->p.remote = p->addr;
	p->p.when = ike->now;
	(void)snprintf(p->p.text, sizeof(p->p.text), "%s", text);
	if (!known)
		ike->nstrange++;
	HASH_ADD(hh, ike->problems, addr, sizeof(p->addr), p);
}

void
problem_solved(struct ike *ike, const struct ipsec_addr *remote)
{
	struct problem *p = find(ike, remote);

	if (p != NULL)
		p->p.solved = true;
}

void
problem_free_all(struct ike *ike)
{
	struct problem *p, *next;

	HASH_ITER(hh, ike->problems, p, next)
		forget(ike, p);
}

bool
ike_problem_of(const struct ike *ike, const struct ipsec_addr *remote,
    struct ike_problem *out)
{
	const struct problem *p = find(ike, remote);

	if (p != NULL)
		*out = p->p;
	return p != NULL;
}

void
ike_each_problem(const struct ike *ike,
    bool (*fn)(void *, const struct ike_problem *), void *ctx)
{
	const struct problem *p;

	for (p = ike->problems; p != NULL; p = p->hh.next)
		if (!fn(ctx, &p->p))
			return;
}
