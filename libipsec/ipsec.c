/* SPDX-License-Identifier: ISC */
/*
 * The calls of ipsec.h: they find a back end, check their arguments and hand
 * them on.  Nothing here knows how a kernel is talked to.
 */
#include "libipsec/ipsec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/check.h"
#include "libipsec/ops.h"

struct ipsec {
	const struct ipsec_ops *ops;
	void	*ctx;
	const char *why;	/* our own reason; NULL: the back end's */
};

static const struct {
	const char *name;
	int	 (*open)(struct ipsec **);
} backends[] = {
	{ "xfrm", xfrm_open },
	{ "pfkey", pfkey_backend },
};

struct ipsec *
ipsec_new(const struct ipsec_ops *ops, void *ctx)
{
	struct ipsec *h;

	if ((h = calloc(1, sizeof(*h))) == NULL)
		return NULL;
	h->ops = ops;
	h->ctx = ctx;
	h->why = "";
	return h;
}

/* Does the error say that this kernel has no such interface? */
static bool
is_absent(int err)
{
	return err == -EPROTONOSUPPORT || err == -EAFNOSUPPORT;
}

int
ipsec_open(struct ipsec **h, const char *backend)
{
	bool	known = false;
	int	r;

	*h = NULL;
	if (backend == NULL)
		backend = secure_getenv("IPSEC_BACKEND");
	for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		if (backend != NULL && strcmp(backend, backends[i].name) != 0)
			continue;
		known = true;
		r = backends[i].open(h);
		if (!is_absent(r))
			return r;
	}
	return known ? -EPROTONOSUPPORT : -EINVAL;
}

void
ipsec_close(struct ipsec *h)
{
	if (h == NULL)
		return;
	h->ops->close(h->ctx);
	free(h);
}

const char *
ipsec_backend(const struct ipsec *h)
{
	return h->ops->name;
}

const char *
ipsec_error(const struct ipsec *h)
{
	return h->why != NULL ? h->why : h->ops->error(h->ctx);
}

/* Remembers where the reason for the result R of a back end's call is. */
static int
done(struct ipsec *h, int r)
{
	h->why = r < 0 ? NULL : "";
	return r;
}

int
ipsec_getspi(struct ipsec *h, const struct ipsec_sa *sa, uint32_t min,
    uint32_t max, uint32_t *spi)
{
	int	r;

	*spi = 0;
	if ((r = ipsec_check_spi_range(sa, min, max, &h->why)) != 0)
		return r;
	return done(h, h->ops->getspi(h->ctx, sa, min, max, spi));
}

int
ipsec_sa_set(struct ipsec *h, const struct ipsec_sa *sa, bool update)
{
	int	r;

	if ((r = ipsec_check_sa(sa, &h->why)) != 0)
		return r;
	return done(h, h->ops->sa_set(h->ctx, sa, update));
}

int
ipsec_sa_get(struct ipsec *h, const struct ipsec_sa_id *id,
    struct ipsec_sa *sa)
{
	int	r;

	if ((r = ipsec_check_sa_id(id, &h->why)) != 0)
		return r;
	return done(h, h->ops->sa_get(h->ctx, id, sa));
}

int
ipsec_sa_delete(struct ipsec *h, const struct ipsec_sa_id *id)
{
	int	r;

	if ((r = ipsec_check_sa_id(id, &h->why)) != 0)
		return r;
	return done(h, h->ops->sa_delete(h->ctx, id));
}

static const struct ipsec_filter everything;

int
ipsec_sa_dump(struct ipsec *h, const struct ipsec_filter *filter,
    ipsec_sa_fn *fn, void *ctx)
{
	int	r;

	if (filter == NULL)
		filter = &everything;
	if ((r = ipsec_check_filter(filter, &h->why)) != 0)
		return r;
	return done(h, h->ops->sa_dump(h->ctx, filter, fn, ctx));
}

int
ipsec_policy_set(struct ipsec *h, const struct ipsec_policy *p, bool update)
{
	int	r;

	if ((r = ipsec_check_policy(p, &h->why)) != 0)
		return r;
	return done(h, h->ops->policy_set(h->ctx, p, update));
}

int
ipsec_policy_get(struct ipsec *h, const struct ipsec_policy *id,
    struct ipsec_policy *p)
{
	int	r;

	if ((r = ipsec_check_policy_id(id, &h->why)) != 0)
		return r;
	return done(h, h->ops->policy_get(h->ctx, id, p));
}

int
ipsec_policy_delete(struct ipsec *h, const struct ipsec_policy *id)
{
	int	r;

	if ((r = ipsec_check_policy_id(id, &h->why)) != 0)
		return r;
	return done(h, h->ops->policy_delete(h->ctx, id));
}

int
ipsec_policy_dump(struct ipsec *h, const struct ipsec_filter *filter,
    ipsec_policy_fn *fn, void *ctx)
{
	int	r;

	if (filter == NULL)
		filter = &everything;
	if ((r = ipsec_check_filter(filter, &h->why)) != 0)
		return r;
	return done(h, h->ops->policy_dump(h->ctx, filter, fn, ctx));
}

int
ipsec_flush(struct ipsec *h, enum ipsec_what what, uint8_t proto)
{
	int	r;

	if ((r = ipsec_check_flush(what, proto, &h->why)) != 0)
		return r;
	return done(h, h->ops->flush(h->ctx, what, proto));
}

/* One command of a batch for a back end without batches. */
static int
run(struct ipsec *h, const struct ipsec_command *c)
{
	switch (c->op) {
	case IPSEC_OP_SA_ADD:
		return ipsec_sa_set(h, &c->sa, false);
	case IPSEC_OP_SA_UPDATE:
		return ipsec_sa_set(h, &c->sa, true);
	case IPSEC_OP_SA_DELETE:
		return ipsec_sa_delete(h, &c->sa.id);
	case IPSEC_OP_POLICY_ADD:
		return ipsec_policy_set(h, &c->policy, false);
	case IPSEC_OP_POLICY_UPDATE:
		return ipsec_policy_set(h, &c->policy, true);
	case IPSEC_OP_POLICY_DELETE:
		return ipsec_policy_delete(h, &c->policy);
	case IPSEC_OP_SA_FLUSH:
		return ipsec_flush(h, IPSEC_FLUSH_SA, c->sa.id.proto);
	case IPSEC_OP_POLICY_FLUSH:
		return ipsec_flush(h, IPSEC_FLUSH_POLICY, 0);
	}
	return ipsec_check_command(c, &h->why);
}

static int
one_by_one(struct ipsec *h, ipsec_next_fn *next, ipsec_result_fn *fn,
    void *ctx)
{
	struct ipsec_command c;
	int	failed = 0, r;

	for (size_t nth = 0;; nth++) {
		memset(&c, 0, sizeof(c));
		if (!next(ctx, &c))
			break;
		if ((r = run(h, &c)) < 0)
			failed++;
		if (fn != NULL)
			fn(ctx, nth, r, ipsec_error(h));
	}
	explicit_bzero(&c, sizeof(c));
	h->why = "";
	return failed;
}

int
ipsec_batch(struct ipsec *h, ipsec_next_fn *next, ipsec_result_fn *fn,
    void *ctx)
{
	if (h->ops->batch == NULL)
		return one_by_one(h, next, fn, ctx);
	return done(h, h->ops->batch(h->ctx, next, fn, ctx));
}

int
ipsec_can(struct ipsec *h, enum ipsec_alg_class class,
    const struct ipsec_key *k)
{
	if (h->ops->can == NULL)
		return done(h, 0);
	return done(h, h->ops->can(h->ctx, class, k));
}

int
ipsec_listen(struct ipsec *h, unsigned int what)
{
	return done(h, h->ops->listen(h->ctx, what));
}

int
ipsec_event_fd(const struct ipsec *h)
{
	return h->ops->event_fd(h->ctx);
}

int
ipsec_events(struct ipsec *h, ipsec_event_fn *fn, void *ctx)
{
	return done(h, h->ops->events(h->ctx, fn, ctx));
}
