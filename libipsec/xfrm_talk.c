/* SPDX-License-Identifier: ISC */
/*
 * The conversation with the kernel's XFRM, as far as it is about bytes.
 */
#include "libipsec/xfrm_talk.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/check.h"

int
xfrm_failed(char why[XFRM_WHY], int err, const char *said)
{
	snprintf(why, XFRM_WHY, "%s", said[0] != '\0' ? said : strerror(-err));
	return err;
}

/* The result in M; a failure's reason goes into WHY. */
static int
result_of(const struct xfrm_msg *m, char why[XFRM_WHY])
{
	char	said[XFRM_WHY];
	int	r = xfrm_get_result(m, said, sizeof(said));

	return r != 0 ? xfrm_failed(why, r, said) : 0;
}

bool
xfrm_answers(struct view v, uint32_t seq, xfrm_answer_fn *fn, void *ctx,
    int *result, char why[XFRM_WHY])
{
	struct xfrm_msg m;

	while (xfrm_msg_next(&v, &m)) {
		if (m.seq != seq)
			continue;
		if (m.type == NLMSG_ERROR || m.type == NLMSG_DONE) {
			*result = result_of(&m, why);
			return true;
		}
		if (fn != NULL && (*result = fn(ctx, &m)) != 0) {
			xfrm_failed(why, *result,
			    "cannot read the kernel's answer");
			return true;
		}
	}
	return false;
}

static int
tell_sa(const struct xfrm_dump_to *to, const struct xfrm_msg *m,
    char why[XFRM_WHY])
{
	struct ipsec_sa sa;
	int	r = 0;

	if (!xfrm_get_sa(m->body, to->now, &sa))
		r = xfrm_failed(why, -EPROTO, "cannot read an SA of the "
		    "kernel's");
	else if (ipsec_sa_passes(to->filter, &sa))
		r = to->sa_fn(to->ctx, &sa);
	explicit_bzero(&sa, sizeof(sa));
	return r;
}

static int
tell_policy(const struct xfrm_dump_to *to, const struct xfrm_msg *m,
    char why[XFRM_WHY])
{
	struct ipsec_policy p;

	if (!xfrm_get_policy(m->body, &p))
		return xfrm_failed(why, -EPROTO, "cannot read a policy of the "
		    "kernel's");
	return ipsec_policy_passes(to->filter, &p) ?
	    to->policy_fn(to->ctx, &p) : 0;
}

/* Hands the records in V on. */
static int
tell_records(struct view v, const struct xfrm_dump_to *to, char why[XFRM_WHY])
{
	struct xfrm_msg m;
	int	r = 0;

	while (r == 0 && xfrm_msg_next(&v, &m)) {
		if (m.type == XFRM_MSG_NEWSA && to->sa_fn != NULL)
			r = tell_sa(to, &m, why);
		else if (m.type == XFRM_MSG_NEWPOLICY && to->policy_fn != NULL)
			r = tell_policy(to, &m, why);
	}
	return r;
}

int
xfrm_dump_tell(const struct xfrm_dump *d, const struct xfrm_dump_to *to,
    char why[XFRM_WHY])
{
	int	r = 0;

	for (const struct xfrm_kept *k = d->first; k != NULL && r == 0;
	    k = k->next)
		r = tell_records(buf_view(&k->bytes), to, why);
	return r;
}

void
xfrm_dump_init(struct xfrm_dump *d, size_t max, const struct xfrm_dump_to *to)
{
	*d = (struct xfrm_dump){ .max = max, .to = to };
	d->last = &d->first;
}

void
xfrm_dump_reset(struct xfrm_dump *d)
{
	struct xfrm_kept *k, *next;

	for (k = d->first; k != NULL; k = next) {
		next = k->next;
		buf_fini(&k->bytes);
		free(k);
	}
	xfrm_dump_init(d, d->max, d->to);
}

static bool
keep(struct xfrm_dump *d, struct view v)
{
	struct xfrm_kept *k;

	if (v.n > d->max - d->bytes || (k = calloc(1, sizeof(*k))) == NULL)
		return false;
	*d->last = k;
	d->last = &k->next;
	d->bytes += v.n;
	buf_init(&k->bytes, v.n);
	buf_add(&k->bytes, v);
	return buf_ok(&k->bytes);
}

int
xfrm_dump_piece(struct xfrm_dump *d, struct view v, uint32_t seq,
    char why[XFRM_WHY])
{
	struct view whole = v;
	struct xfrm_msg m;
	int	r, done = 0;

	while (xfrm_msg_next(&v, &m)) {
		if (m.seq != seq)
			return 0;
		if (m.flags & NLM_F_DUMP_INTR)
			d->broken = true;
		if (m.type == NLMSG_ERROR || m.type == NLMSG_DONE) {
			if ((r = result_of(&m, why)) != 0)
				return r;
			done = 1;
		}
	}
	if (v.bad)
		d->broken = true;
	if (d->to != NULL)
		d->result = tell_records(whole, d->to, why);
	else if (!keep(d, whole))
		return xfrm_failed(why, -ENOMEM, "");
	return d->result != 0 ? 1 : done;
}

void
xfrm_batch_tell(struct xfrm_batch *t, int err, const char *reason)
{
	if (err < 0 && t->failures < INT32_MAX)
		t->failures++;
	if (t->fn != NULL)
		t->fn(t->ctx, t->nth, err, reason);
	t->nth++;
}

/*
 * An answer.  The kernel answers failures as they happen and in order, and
 * the last command in any case: what was skipped has succeeded.
 */
static void
batch_answer(struct xfrm_batch *t, const struct xfrm_msg *m,
    char why[XFRM_WHY])
{
	uint32_t i = m->seq - t->first_seq;
	int	err;

	if (m->type != NLMSG_ERROR || i >= t->count || i < t->told)
		return;
	for (; t->told < i; t->told++)
		xfrm_batch_tell(t, 0, "");
	err = result_of(m, why);
	xfrm_batch_tell(t, err, err != 0 ? why : "");
	t->told++;
}

void
xfrm_batch_answers(struct xfrm_batch *t, struct view v, char why[XFRM_WHY])
{
	struct xfrm_msg m;

	while (xfrm_msg_next(&v, &m))
		batch_answer(t, &m, why);
}

/* Hands the events of one datagram on; false when something was broken. */
static bool
events_in(struct view v, uint64_t now, ipsec_event_fn *fn, void *ctx)
{
	struct ipsec_event e = { .type = IPSEC_EVENT_RESYNC };
	struct xfrm_msg m;
	bool	ok = true;

	while (xfrm_msg_next(&v, &m)) {
		if (xfrm_get_event(&m, now, &e))
			fn(ctx, &e);
		else if (xfrm_is_event(m.type))
			ok = false;
	}
	explicit_bzero(&e, sizeof(e));
	return ok && !v.bad;
}

/* One datagram; 0, or an error that ends the reading. */
static int
take_events(const struct xfrm_source *s, void *p, bool *lost, uint64_t now,
    ipsec_event_fn *fn, void *ctx)
{
	ssize_t	n = s->receive(s->ctx, p, XFRM_DATAGRAM);

	if (n == -ENOBUFS || n == -EMSGSIZE)
		*lost = true;
	else if (n < 0)
		return (int)n;
	else if (!events_in(view_of(p, (size_t)n), now, fn, ctx))
		*lost = true;
	return 0;
}

/*
 * After an overflow the kernel drops further events without a word until the
 * queue is empty.  So a RESYNC waits for that: what its receiver then dumps
 * has everything that got lost.  It waits no longer: after the last datagram
 * nobody would call again.
 */
int
xfrm_talk_events(const struct xfrm_source *s, bool *lost, uint64_t now,
    ipsec_event_fn *fn, void *fn_ctx)
{
	struct ipsec_event resync = { .type = IPSEC_EVENT_RESYNC };
	uint8_t	p[XFRM_DATAGRAM];
	int	r = 0;

	for (unsigned int i = 0; i < XFRM_EVENTS_MOST && r == 0; i++)
		r = take_events(s, p, lost, now, fn, fn_ctx);
	explicit_bzero(p, sizeof(p));
	if (*lost && (r == -EAGAIN || (r == 0 && s->empty(s->ctx)))) {
		*lost = false;
		fn(fn_ctx, &resync);
	}
	return r == -EAGAIN ? 0 : r;
}
