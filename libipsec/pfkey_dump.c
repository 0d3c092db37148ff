/* SPDX-License-Identifier: ISC */
/*
 * Dumps over PF_KEY.  The records count from 1, the last one has number 0.
 * The kernel stops while the buffer is two thirds full, but what others change
 * may fill the rest and push a record out, which the numbers show.
 */
#include "libipsec/pfkey.h"

#include <errno.h>
#include <string.h>

#include "libipsec/check.h"

#define DUMP_MAX	((size_t)1 << 30)
#define DUMP_TRIES	5
/* An error in the last record lacks its sign: net/key/af_key.c. */
#define ERRNO_MOST	160

/* What a dump collects. */
struct dump {
	struct pfkey	*x;
	const struct pfkey_want *want;
	struct buf	 all;		/* the records, one after the other */
	uint32_t	 n;
};

static int
dump_error(struct pfkey *x, uint8_t error)
{
	return pfkey_failed(x, error < ERRNO_MOST ? -(int)error :
	    (int)error - 256, "");
}

/* Keeps one record; 1: that was the last, -EAGAIN: one is missing. */
static int
keep_record(struct dump *d, const struct pfkey_msg *m, struct view v)
{
	if (m->error == ENOENT && v.n == sizeof(struct sadb_msg))
		return 1;		/* an empty table */
	if (m->error != 0)
		return dump_error(d->x, m->error);
	if (m->seq != 0 && m->seq != d->n + 1)
		return -EAGAIN;
	d->n++;
	buf_add(&d->all, v);
	if (!buf_ok(&d->all))
		return pfkey_failed(d->x, -ENOMEM, "");
	return m->seq == 0;
}

/* One datagram; as keep_record(), and 0 for what is not ours. */
static int
next_record(struct dump *d, int64_t until, bool *ours)
{
	uint8_t	p[PFKEY_ANSWER_BYTES];
	struct pfkey_msg m;
	ssize_t	n = pfkey_receive(d->x->commands, p, sizeof(p), until, &m);
	int	r = 0;

	*ours = n >= 0 && m.type == d->want->type && m.pid == d->x->pid;
	if (n == -EAGAIN)
		r = -EAGAIN;		/* the last record is lost */
	else if (n < 0)
		r = pfkey_failed(d->x, (int)n, "no answer from the kernel");
	else if (*ours && n == 0)
		r = pfkey_failed(d->x, -EPROTO, PFKEY_UNREADABLE);
	else if (*ours)
		r = keep_record(d, &m, view_of(p, (size_t)n));
	explicit_bzero(p, sizeof(p));
	return r;
}

/*
 * One try: 0, -EAGAIN when it has to be repeated, or another error.  Each
 * record may take a while, whatever others say meanwhile.
 */
static int
dump_try(struct dump *d, struct view request)
{
	unsigned int others = 0;
	int64_t	until = 0;
	bool	ours = true;
	int	r;

	buf_reset(&d->all);
	d->n = 0;
	if ((r = pfkey_ready(d->x)) != 0 ||
	    (r = pfkey_submit(d->x, request)) != 0)
		return r;
	do {
		if (ours) {
			until = pfkey_deadline(d->x);
			others = 0;
		}
		r = pfkey_drowned(others++, until) ? -EAGAIN :
		    next_record(d, until, &ours);
	} while (r == 0);
	return r < 0 ? r : 0;
}

/* Collects a whole dump. */
static int
dump_collect(struct dump *d, struct view request)
{
	int	r = -EAGAIN, again = 0;

	for (unsigned int i = 0; i < DUMP_TRIES && r == -EAGAIN; i++) {
		/* Closing the socket ends what the kernel still has to say. */
		if (i > 0 && (again = pfkey_reopen(d->x)) != 0)
			return again;
		r = dump_try(d, request);
	}
	if (r == -EAGAIN)
		r = pfkey_failed(d->x, -EINTR, "the kernel's table comes with "
		    "gaps: others change it too fast");
	return r;
}

/* What a dump's records are handed to. */
struct dump_to {
	const struct ipsec_filter *filter;
	ipsec_sa_fn	*sa_fn;
	ipsec_policy_fn	*policy_fn;
	void		*ctx;
};

static int
dump_policy(struct pfkey *x, const struct dump_to *to,
    const struct pfkey_msg *m)
{
	struct ipsec_policy p;

	if (!pfkey_get_policy(m, &p))
		return pfkey_failed(x, -EPROTO, PFKEY_UNREADABLE);
	return ipsec_policy_passes(to->filter, &p) ?
	    to->policy_fn(to->ctx, &p) : 0;
}

static int
dump_sa(struct pfkey *x, const struct dump_to *to, const struct pfkey_msg *m)
{
	struct ipsec_sa sa;
	int	r = 0;

	if (!pfkey_get_sa(m, &sa))
		return pfkey_failed(x, -EPROTO, PFKEY_UNREADABLE);
	pfkey_sa_complete(&sa);
	if (ipsec_sa_passes(to->filter, &sa))
		r = to->sa_fn(to->ctx, &sa);
	explicit_bzero(&sa, sizeof(sa));
	return r;
}

static int
dump(struct pfkey *x, struct buf *request, const struct pfkey_want *w,
    const struct dump_to *to)
{
	struct dump d = { .x = x, .want = w };
	struct pfkey_msg m;
	struct view v;
	int	r;

	buf_init(&d.all, DUMP_MAX);
	r = buf_ok(request) ? dump_collect(&d, buf_view(request)) :
	    pfkey_failed(x, -ENOMEM, "");
	buf_fini(request);
	v = buf_view(&d.all);
	while (r == 0 && v.n > 0 && pfkey_msg_next(&v, &m) == PFKEY_GOOD)
		r = to->policy_fn != NULL ? dump_policy(x, to, &m) :
		    dump_sa(x, to, &m);
	buf_fini(&d.all);
	return r;
}

int
pfkey_sa_dump(void *ctx, const struct ipsec_filter *filter, ipsec_sa_fn *fn,
    void *fn_ctx)
{
	struct dump_to to = { .filter = filter, .sa_fn = fn, .ctx = fn_ctx };
	struct pfkey *x = ctx;
	struct pfkey_want w;
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	w = pfkey_number(x, &b, pfkey_put_satype(&b, SADB_DUMP,
	    filter->proto), SADB_DUMP);
	return dump(x, &b, &w, &to);
}

int
pfkey_policy_dump(void *ctx, const struct ipsec_filter *filter,
    ipsec_policy_fn *fn, void *fn_ctx)
{
	struct dump_to to = { .filter = filter, .policy_fn = fn,
	    .ctx = fn_ctx };
	struct pfkey *x = ctx;
	struct pfkey_want w;
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	w = pfkey_number(x, &b, pfkey_put_spd(&b, SADB_X_SPDDUMP),
	    SADB_X_SPDDUMP);
	return dump(x, &b, &w, &to);
}
