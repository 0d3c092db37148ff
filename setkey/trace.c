/* SPDX-License-Identifier: ISC */
/*
 * A back end in front of another handle.  It has no batches, so that each
 * answer follows its request.
 */
#include "setkey/trace.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "libipsec/ops.h"
#include "libipsec/pfkey_msg.h"
#include "libipsec/pfkey_print.h"

/* A request under way. */
struct request {
	const struct trace *t;
	struct buf	msg;
};

static void
print(const struct trace *t, struct view msg)
{
	pfkey_print_msg(t->out, msg);
	fputc('\n', t->out);
}

static void
request_init(struct request *r, const struct trace *t)
{
	r->t = t;
	buf_init(&r->msg, PFKEY_MSG_BYTES);
}

/* What has no form in PF_KEY is not shown. */
static void
request_sent(struct request *r)
{
	if (r->msg.n == 0 || !buf_ok(&r->msg))
		return;
	pfkey_msg_number(&r->msg, 0, 0, r->t->pid);
	if (r->t->verbose)
		print(r->t, buf_view(&r->msg));
	if (r->t->hex)
		pfkey_print_dump(r->t->out, buf_view(&r->msg));
}

/* A refusal is the request's header with the error in it. */
static int
request_done(struct request *r, int err)
{
	const uint16_t words = sizeof(struct sadb_msg) / 8;

	if (err < 0 && r->t->verbose && buf_ok(&r->msg) &&
	    r->msg.n >= sizeof(struct sadb_msg)) {
		buf_cut(&r->msg, sizeof(struct sadb_msg));
		buf_patch8(&r->msg, offsetof(struct sadb_msg, sadb_msg_errno),
		    err < -UINT8_MAX ? UINT8_MAX : (uint8_t)-err);
		buf_patch(&r->msg, offsetof(struct sadb_msg, sadb_msg_len),
		    view_of(&words, sizeof(words)));
		print(r->t, buf_view(&r->msg));
	}
	buf_fini(&r->msg);
	return err;
}

static void
told(const struct trace *t, struct buf *b, uint32_t seq)
{
	if (b->n > 0 && buf_ok(b)) {
		pfkey_msg_number(b, 0, seq, t->pid);
		print(t, buf_view(b));
	}
	buf_fini(b);
}

static void
tell_sa(const struct trace *t, uint8_t type, const struct ipsec_sa *sa,
    uint32_t seq)
{
	struct buf b;

	if (!t->verbose)
		return;
	buf_init(&b, PFKEY_MSG_BYTES);
	(void)pfkey_put_sa_told(&b, type, sa);
	told(t, &b, seq);
}

static void
tell_policy(const struct trace *t, uint8_t type, const struct ipsec_policy *p,
    uint32_t seq)
{
	struct buf b;

	if (!t->verbose)
		return;
	buf_init(&b, PFKEY_MSG_BYTES);
	(void)pfkey_put_policy_told(&b, type, p);
	told(t, &b, seq);
}

void
trace_told_sa(const struct trace *t, const struct ipsec_sa *sa,
    unsigned long seq)
{
	tell_sa(t, SADB_DUMP, sa, (uint32_t)seq);
}

void
trace_told_policy(const struct trace *t, const struct ipsec_policy *p,
    unsigned long seq)
{
	tell_policy(t, SADB_X_SPDDUMP, p, (uint32_t)seq);
}

/* The answer shows the SA as the kernel has it now. */
static void
tell_kernels_sa(const struct trace *t, uint8_t type,
    const struct ipsec_sa_id *id)
{
	struct ipsec_sa sa;

	if (t->verbose && ipsec_sa_get(t->inner, id, &sa) == 0)
		tell_sa(t, type, &sa, 0);
	explicit_bzero(&sa, sizeof(sa));
}

static int
trace_getspi(void *ctx, const struct ipsec_sa *sa, uint32_t min, uint32_t max,
    uint32_t *spi)
{
	const struct trace *t = ctx;
	struct ipsec_sa_id id = sa->id;
	struct request r;
	int err;

	request_init(&r, t);
	(void)pfkey_put_spi(&r.msg, sa, min, max);
	request_sent(&r);
	err = ipsec_getspi(t->inner, sa, min, max, spi);
	id.spi = *spi;
	if (err == 0)
		tell_kernels_sa(t, SADB_GETSPI, &id);
	return request_done(&r, err);
}

static int
trace_sa_set(void *ctx, const struct ipsec_sa *sa, bool update)
{
	const struct trace *t = ctx;
	struct request r;
	int err;

	request_init(&r, t);
	(void)pfkey_put_sa(&r.msg, sa, update);
	request_sent(&r);
	if ((err = ipsec_sa_set(t->inner, sa, update)) == 0)
		tell_kernels_sa(t, update ? SADB_UPDATE : SADB_ADD, &sa->id);
	return request_done(&r, err);
}

static int
trace_sa_get(void *ctx, const struct ipsec_sa_id *id, struct ipsec_sa *sa)
{
	const struct trace *t = ctx;
	struct request r;
	int err;

	request_init(&r, t);
	(void)pfkey_put_sa_id(&r.msg, SADB_GET, id, NULL);
	request_sent(&r);
	if ((err = ipsec_sa_get(t->inner, id, sa)) == 0)
		tell_sa(t, SADB_GET, sa, 0);
	return request_done(&r, err);
}

/* The answer shows what is gone, so that is asked for before. */
static int
trace_sa_delete(void *ctx, const struct ipsec_sa_id *id)
{
	const struct trace *t = ctx;
	struct ipsec_sa sa;
	struct request r;
	bool known;
	int err;

	request_init(&r, t);
	(void)pfkey_put_sa_id(&r.msg, SADB_DELETE, id, NULL);
	request_sent(&r);
	known = ipsec_sa_get(t->inner, id, &sa) == 0;
	if ((err = ipsec_sa_delete(t->inner, id)) == 0 && known) {
		sa.state = IPSEC_STATE_DEAD;
		tell_sa(t, SADB_DELETE, &sa, 0);
	}
	explicit_bzero(&sa, sizeof(sa));
	return request_done(&r, err);
}

static int
trace_sa_dump(void *ctx, const struct ipsec_filter *filter, ipsec_sa_fn *fn,
    void *arg)
{
	const struct trace *t = ctx;
	struct request r;

	request_init(&r, t);
	(void)pfkey_put_satype(&r.msg, SADB_DUMP, filter->proto);
	request_sent(&r);
	return request_done(&r, ipsec_sa_dump(t->inner, filter, fn, arg));
}

static int
trace_policy_set(void *ctx, const struct ipsec_policy *p, bool update)
{
	const struct trace *t = ctx;
	struct ipsec_policy now;
	struct request r;
	int err;

	request_init(&r, t);
	(void)pfkey_put_policy(&r.msg, p, update);
	request_sent(&r);
	if ((err = ipsec_policy_set(t->inner, p, update)) == 0 && t->verbose &&
	    ipsec_policy_get(t->inner, p, &now) == 0)
		tell_policy(t, update ? SADB_X_SPDUPDATE : SADB_X_SPDADD,
		    &now, 0);
	return request_done(&r, err);
}

static int
trace_policy_get(void *ctx, const struct ipsec_policy *id,
    struct ipsec_policy *p)
{
	const struct trace *t = ctx;
	struct request r;
	int err;

	request_init(&r, t);
	(void)pfkey_put_policy_index(&r.msg, SADB_X_SPDGET, id->index);
	request_sent(&r);
	if ((err = ipsec_policy_get(t->inner, id, p)) == 0)
		tell_policy(t, SADB_X_SPDGET, p, 0);
	return request_done(&r, err);
}

static int
trace_policy_delete(void *ctx, const struct ipsec_policy *id)
{
	const struct trace *t = ctx;
	struct ipsec_policy p;
	struct request r;
	bool known;
	int err;

	request_init(&r, t);
	if (id->index != 0)
		(void)pfkey_put_policy_index(&r.msg, SADB_X_SPDDELETE2,
		    id->index);
	else
		(void)pfkey_put_policy_delete(&r.msg, id);
	request_sent(&r);
	known = ipsec_policy_get(t->inner, id, &p) == 0;
	if ((err = ipsec_policy_delete(t->inner, id)) == 0 && known)
		tell_policy(t, id->index != 0 ? SADB_X_SPDDELETE2 :
		    SADB_X_SPDDELETE, &p, 0);
	return request_done(&r, err);
}

static int
trace_policy_dump(void *ctx, const struct ipsec_filter *filter,
    ipsec_policy_fn *fn, void *arg)
{
	const struct trace *t = ctx;
	struct request r;

	request_init(&r, t);
	(void)pfkey_put_spd(&r.msg, SADB_X_SPDDUMP);
	request_sent(&r);
	return request_done(&r, ipsec_policy_dump(t->inner, filter, fn, arg));
}

/* The answer to a flush repeats it. */
static int
trace_flush(void *ctx, enum ipsec_what what, uint8_t proto)
{
	const struct trace *t = ctx;
	struct request r;
	int err;

	request_init(&r, t);
	if (what == IPSEC_FLUSH_POLICY)
		(void)pfkey_put_spd(&r.msg, SADB_X_SPDFLUSH);
	else
		(void)pfkey_put_satype(&r.msg, SADB_FLUSH, proto);
	request_sent(&r);
	err = ipsec_flush(t->inner, what, proto);
	if (err == 0 && t->verbose && buf_ok(&r.msg))
		print(t, buf_view(&r.msg));
	return request_done(&r, err);
}

static int
trace_can(void *ctx, enum ipsec_alg_class class, const struct ipsec_key *k)
{
	const struct trace *t = ctx;

	return ipsec_can(t->inner, class, k);
}

static int
trace_listen(void *ctx, unsigned int what)
{
	const struct trace *t = ctx;

	return ipsec_listen(t->inner, what);
}

static int
trace_event_fd(void *ctx)
{
	const struct trace *t = ctx;

	return ipsec_event_fd(t->inner);
}

static int
trace_events(void *ctx, ipsec_event_fn *fn, void *arg)
{
	const struct trace *t = ctx;

	return ipsec_events(t->inner, fn, arg);
}

static const char *
trace_error(void *ctx)
{
	const struct trace *t = ctx;

	return ipsec_error(t->inner);
}

static void
trace_close(void *ctx)
{
	const struct trace *t = ctx;

	ipsec_close(t->inner);
}

static const struct ipsec_ops trace_ops = {
	.name = "trace",
	.getspi = trace_getspi,
	.sa_set = trace_sa_set,
	.sa_get = trace_sa_get,
	.sa_delete = trace_sa_delete,
	.sa_dump = trace_sa_dump,
	.policy_set = trace_policy_set,
	.policy_get = trace_policy_get,
	.policy_delete = trace_policy_delete,
	.policy_dump = trace_policy_dump,
	.flush = trace_flush,
	.can = trace_can,
	.listen = trace_listen,
	.event_fd = trace_event_fd,
	.events = trace_events,
	.error = trace_error,
	.close = trace_close,
};

int
trace_open(struct trace *t, struct ipsec **h)
{
	struct ipsec *outer;

	t->pid = (uint32_t)getpid();
	t->inner = *h;
	if ((outer = ipsec_new(&trace_ops, t)) == NULL)
		return -ENOMEM;
	*h = outer;
	return 0;
}
