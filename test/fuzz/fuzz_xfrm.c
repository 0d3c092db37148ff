/* SPDX-License-Identifier: ISC */
/*
 * A datagram from an XFRM netlink socket: as events, as a dump, as answers
 * and as a batch's results.  An SA or policy that was understood and is one that we could set
 * is written and read again, and must then be the same.
 */
#include <assert.h>
#include <errno.h>
#include <linux/xfrm.h>
#include <string.h>

#include "libipsec/check.h"
#include "libipsec/xfrm_talk.h"
#include "test/fuzz/fuzz.h"

#define NOW	1800000000u

/* The body of the only message in B. */
static struct view
only(const struct buf *b)
{
	struct view v = buf_view(b);
	struct xfrm_msg m;

	assert(buf_ok(b));
	assert(xfrm_msg_next(&v, &m));
	assert(view_end(&v));
	return m.body;
}

static void
check_key(const struct ipsec_key *k)
{
	assert(k->key_bits <= 8 * IPSEC_KEY_MAX);
	assert(memchr(k->name, '\0', sizeof(k->name)) != NULL);
	assert(k->present == 1 || k->present == 0);
}

static void
check_sa(const struct ipsec_sa *sa)
{
	struct ipsec_sa back;
	const char *why;
	struct buf b;

	check_key(&sa->enc);
	check_key(&sa->auth);
	check_key(&sa->aead);
	check_key(&sa->comp);
	assert(sa->ctx.length <= sizeof(sa->ctx.text));
	if (ipsec_check_sa(sa, &why) != 0)
		return;
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa(&b, sa, false);
	assert(xfrm_get_sa(only(&b), NOW, &back));
	assert(back.id.spi == sa->id.spi && back.reqid == sa->reqid);
	assert(memcmp(&back.enc.key, &sa->enc.key, sizeof(back.enc.key)) == 0);
	assert(memcmp(&back.soft, &sa->soft, sizeof(back.soft)) == 0);
	buf_fini(&b);
}

static void
check_policy(const struct ipsec_policy *p)
{
	struct ipsec_policy back;
	const char *why;
	struct buf b;

	assert(p->ntmpl <= IPSEC_TMPL_MAX);
	assert(p->ctx.length <= sizeof(p->ctx.text));
	if (ipsec_check_policy(p, &why) != 0)
		return;
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_policy(&b, p, true);
	assert(xfrm_get_policy(only(&b), &back));
	/* Templates are sent for IPsec only; without any it is a pass. */
	if (p->ntmpl > 0 || p->action != IPSEC_ACTION_IPSEC)
		assert(back.action == p->action);
	if (p->action == IPSEC_ACTION_IPSEC)
		assert(back.ntmpl == p->ntmpl);
	assert(back.priority == p->priority && back.dir == p->dir);
	assert(memcmp(&back.hard, &p->hard, sizeof(back.hard)) == 0);
	buf_fini(&b);
}

static void
check_message(const struct xfrm_msg *m)
{
	struct ipsec_filter all = { .proto = 0 };
	struct ipsec_event e;
	struct ipsec_policy p;
	struct ipsec_sa sa;
	char	why[100];

	assert(xfrm_get_result(m, why, sizeof(why)) <= 0);
	assert(memchr(why, '\0', sizeof(why)) != NULL);
	if (xfrm_get_sa(m->body, NOW, &sa)) {
		check_sa(&sa);
		(void)ipsec_sa_passes(&all, &sa);
	}
	if (xfrm_get_policy(m->body, &p)) {
		check_policy(&p);
		assert(ipsec_policy_passes(&all, &p));
	}
	if (xfrm_get_event(m, NOW, &e)) {
		assert(e.type != IPSEC_EVENT_RESYNC);
		assert(e.policy.ntmpl <= IPSEC_TMPL_MAX);
		check_key(&e.sa.auth);
	}
}

static int
see_answer(void *ctx, const struct xfrm_msg *m)
{
	(void)ctx;
	return m->type == XFRM_MSG_GETSA ? -1 : 0;
}

static int
see_sa(void *ctx, const struct ipsec_sa *sa)
{
	++*(size_t *)ctx;
	return sa->id.proto == IPSEC_PROTO_AH ? 42 : 0;
}

static int
see_policy(void *ctx, const struct ipsec_policy *p)
{
	++*(size_t *)ctx;
	return p->ntmpl <= IPSEC_TMPL_MAX ? 0 : 42;
}

/* The datagram as the only piece of a dump. */
static void
as_dump(struct view v, uint32_t seq)
{
	static const struct ipsec_filter all;
	struct xfrm_dump d;
	char	why[XFRM_WHY] = "";
	size_t	seen = 0;
	struct xfrm_dump_to to = { .filter = &all, .sa_fn = see_sa,
	    .ctx = &seen, .now = NOW };

	xfrm_dump_init(&d, XFRM_DUMP_MAX, NULL);
	if (xfrm_dump_piece(&d, v, seq, why) >= 0) {
		(void)xfrm_dump_tell(&d, &to, why);
		to.sa_fn = NULL;
		to.policy_fn = see_policy;
		assert(xfrm_dump_tell(&d, &to, why) != 42);
	} else {
		assert(why[0] != '\0');
	}
	assert(d.bytes <= v.n && seen <= v.n);
	xfrm_dump_reset(&d);
}

static void
see_result(void *ctx, size_t nth, int err, const char *reason)
{
	assert(nth == (*(size_t *)ctx)++);
	assert(err <= 0 && (err == 0) == (reason[0] == '\0'));
}

static void
as_batch(struct view v, uint32_t seq)
{
	size_t	seen = 0;
	struct xfrm_batch t = { .fn = see_result, .ctx = &seen,
	    .first_seq = seq, .count = 100 };
	char	why[XFRM_WHY];

	xfrm_batch_answers(&t, v, why);
	assert(seen == t.told && t.told <= t.count);
	assert(t.failures >= 0 && (size_t)t.failures <= seen);
}

struct one {
	struct view	v;
	bool		done;
	unsigned int	resyncs;
};

static ssize_t
one_receive(void *ctx, void *p, size_t size)
{
	struct one *o = ctx;

	if (o->done)
		return -EAGAIN;
	o->done = true;
	if (o->v.n > size)
		return -EMSGSIZE;
	if (o->v.n > 0)
		memcpy(p, o->v.p, o->v.n);
	return (ssize_t)o->v.n;
}

static bool
one_empty(void *ctx)
{
	return ((struct one *)ctx)->done;
}

static void
see_event(void *ctx, const struct ipsec_event *e)
{
	((struct one *)ctx)->resyncs += e->type == IPSEC_EVENT_RESYNC;
}

static void
as_events(struct view v)
{
	struct one one = { .v = v };
	const struct xfrm_source source = { one_receive, one_empty, &one };
	bool	lost = false;

	assert(xfrm_talk_events(&source, &lost, NOW, see_event, &one) == 0);
	assert(!lost && one.resyncs <= 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct view v = view_of(data, n);
	struct xfrm_msg m = { .seq = 0 };
	char	why[XFRM_WHY];
	int	result = 0;

	while (xfrm_msg_next(&v, &m))
		check_message(&m);
	v = view_of(data, n);
	(void)xfrm_answers(v, m.seq, see_answer, NULL, &result, why);
	as_dump(v, m.seq);
	as_batch(v, m.seq);
	as_events(v);
	return 0;
}
