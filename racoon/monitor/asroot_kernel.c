/* SPDX-License-Identifier: ISC */
/*
 * The kernel's SAs and policies.  The calls of ipsec.h check that structures
 * make sense; here is looked whether they are the worker's to have.
 */
#include "monitor/table.h"

#include <errno.h>
#include <string.h>

#define CHUNK		(32u << 10)	/* bytes of a part of a dump */
#define LISTEN_ALL	(IPSEC_LISTEN_ACQUIRE | IPSEC_LISTEN_EXPIRE | \
			    IPSEC_LISTEN_MAPPING | IPSEC_LISTEN_SA)

/* The call's result, with the kernel's words. */
static bool
done(struct table *t, struct mon_msg *answer, int r)
{
	answer->result = r;
	if (r < 0)
		answer->text = view_text(ipsec_error(t->ipsec));
	return true;
}

static bool
refuse(struct mon_msg *answer, const char *why)
{
	answer->result = -EPERM;
	answer->text = view_text(why);
	return true;
}

bool
asroot_getspi(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	(void)fd;
	return permit_sa(&m->sa) && done(t, a, ipsec_getspi(t->ipsec, &m->sa,
	    m->num[0], m->num[1], &a->num[0]));
}

bool
asroot_sa_set(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	(void)fd;
	return permit_sa(&m->sa) && m->num[0] <= 1 && done(t, a,
	    ipsec_sa_set(t->ipsec, &m->sa, m->num[0] == 1));
}

bool
asroot_sa_get(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	(void)fd;
	return done(t, a, ipsec_sa_get(t->ipsec, &m->id, &a->sa));
}

bool
asroot_sa_delete(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	(void)fd;
	return done(t, a, ipsec_sa_delete(t->ipsec, &m->id));
}

/* Structures on their way, some at a time. */
struct flow {
	struct table	*t;
	struct buf	 part;
};

static int
flush_part(struct flow *f)
{
	bool good = f->part.n == 0 || f->t->more(f->t->ctx,
	    buf_view(&f->part));

	buf_reset(&f->part);
	return good ? 0 : -EPIPE;
}

static int
send_struct(struct flow *f, const void *p, size_t n)
{
	int r = f->part.n + n > CHUNK ? flush_part(f) : 0;

	buf_put(&f->part, p, n);
	return r;
}

static int
send_sa(void *ctx, const struct ipsec_sa *sa)
{
	return send_struct(ctx, sa, sizeof(*sa));
}

static int
send_policy(void *ctx, const struct ipsec_policy *p)
{
	return send_struct(ctx, p, sizeof(*p));
}

bool
asroot_sa_dump(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	struct flow f = { .t = t };
	int r;

	(void)fd;
	buf_init(&f.part, CHUNK);
	r = ipsec_sa_dump(t->ipsec, &m->filter, send_sa, &f);
	if (r == 0)
		r = flush_part(&f);
	buf_fini(&f.part);
	return done(t, a, r);
}

/* Never as a stream: what is sent cannot be taken back. */
bool
asroot_policy_dump(struct table *t, const struct mon_msg *m,
    struct mon_msg *a, int *fd)
{
	struct ipsec_filter filter = m->filter;
	struct flow f = { .t = t };
	int r;

	(void)fd;
	filter.stream = 0;
	buf_init(&f.part, CHUNK);
	r = ipsec_policy_dump(t->ipsec, &filter, send_policy, &f);
	if (r == 0)
		r = flush_part(&f);
	buf_fini(&f.part);
	return done(t, a, r);
}

static bool
is_ours(const struct ipsec_policy *p)
{
	return p->priority == PERMIT_PRIORITY && p->hard.add != 0;
}

static bool
is_absent(int r)
{
	return r == -ENOENT || r == -ESRCH;
}

/* An administrator's policy is not the worker's to change: who cannot tell
 * whose it is leaves it. */
bool
asroot_policy_set(struct table *t, const struct mon_msg *m,
    struct mon_msg *a, int *fd)
{
	const bool update = m->num[0] == 1;
	struct ipsec_policy now;
	int r;

	(void)fd;
	if (!permit_policy(&t->permit, &m->policy) || m->num[0] > 1)
		return false;
	r = update ? ipsec_policy_get(t->ipsec, &m->policy, &now) : -ENOENT;
	if (r < 0 && !is_absent(r))
		return done(t, a, r);
	if (r == 0 && !is_ours(&now))
		return refuse(a, "the policy is none that racoon made");
	return done(t, a, ipsec_policy_set(t->ipsec, &m->policy, update));
}

bool
asroot_policy_get(struct table *t, const struct mon_msg *m,
    struct mon_msg *a, int *fd)
{
	(void)fd;
	return done(t, a, ipsec_policy_get(t->ipsec, &m->policy, &a->policy));
}

/* What was looked at is what is deleted. */
bool
asroot_policy_delete(struct table *t, const struct mon_msg *m,
    struct mon_msg *a, int *fd)
{
	struct ipsec_policy now;
	int r = ipsec_policy_get(t->ipsec, &m->policy, &now);

	(void)fd;
	if (r < 0)
		return done(t, a, r);
	if (!is_ours(&now))
		return refuse(a, "the policy is none that racoon made");
	return done(t, a, ipsec_policy_delete(t->ipsec, &now));
}

bool
asroot_flush(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	(void)fd;
	return m->num[0] == IPSEC_FLUSH_SA && m->num[1] <= UINT8_MAX &&
	    done(t, a, ipsec_flush(t->ipsec, IPSEC_FLUSH_SA,
	    (uint8_t)m->num[1]));
}

bool
asroot_can(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	(void)fd;
	return m->num[0] <= IPSEC_ALG_COMP && done(t, a, ipsec_can(t->ipsec,
	    (enum ipsec_alg_class)m->num[0], &m->alg));
}

bool
asroot_listen(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	(void)fd;
	if ((m->num[0] & ~LISTEN_ALL) != 0)
		return false;
	return done(t, a, t->listen(t->ctx, m->num[0]));
}
