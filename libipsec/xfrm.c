/* SPDX-License-Identifier: ISC */
/*
 * The XFRM netlink back end: carries messages between xfrm_msg.h and the
 * kernel.  Commands and events have a socket each, so that a command may be
 * given from within an event's or a dump's callback.
 */
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libipsec/check.h"
#include "libipsec/ops.h"
#include "libipsec/xfrm_msg.h"
#include "libipsec/xfrm_talk.h"

#define DUMP_BYTES	32768	/* the kernel's longest piece of a dump */
#define DUMP_TRIES	5
#define WAIT_SECONDS	20	/* the kernel answers at once, or never */
#define EVENT_BUFFER	(4 * 1024 * 1024)
#define COMMAND_BUFFER	(256 * 1024)
#define BATCH_MOST	128	/* commands of one datagram */
#define BATCH_BYTES	(64 * 1024)
/* What the kernel charges the receive buffer for one answer, at worst. */
#define ANSWER_COST	2048

struct xfrm {
	struct mnl_socket *commands;
	struct mnl_socket *events;	/* NULL: not listening */
	uint32_t	seq;
	unsigned int	per_batch;
	bool		lost;		/* events, since the last RESYNC */
	char		why[XFRM_WHY];
};

/* See xfrm_failed(). */
static int
failed(struct xfrm *x, int err, const char *said)
{
	return xfrm_failed(x->why, err, said);
}

/* A failure of our own. */
static int
failed_errno(struct xfrm *x, const char *doing)
{
	return failed(x, -errno, doing);
}

/*
 * Receives one datagram of the kernel's; 0 when it came from elsewhere.
 * -EMSGSIZE: it did not fit.
 */
static ssize_t
receive(struct mnl_socket *nl, void *p, size_t size)
{
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	struct iovec iov = { .iov_base = p, .iov_len = size };
	struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof(from),
	    .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t	n;

	do
		n = recvmsg(mnl_socket_get_fd(nl), &m, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (m.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	return from.nl_pid == 0 ? n : 0;
}

/* Grows the receive buffer as far as we may; the limit is root's to pass. */
static void
set_buffer(struct mnl_socket *nl, int bytes)
{
	int	fd = mnl_socket_get_fd(nl);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
	    sizeof(bytes)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

/* How many answers the receive buffer holds for certain. */
static unsigned int
answers_held(struct mnl_socket *nl)
{
	int	bytes = 0;
	socklen_t len = sizeof(bytes);

	getsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUF, &bytes, &len);
	if (bytes < 2 * ANSWER_COST)
		return 1;
	bytes /= ANSWER_COST;
	return bytes < BATCH_MOST ? (unsigned int)bytes : BATCH_MOST;
}

static int
open_commands(struct xfrm *x)
{
	struct timeval wait = { .tv_sec = WAIT_SECONDS };
	int	on = 1;

	x->commands = mnl_socket_open2(NETLINK_XFRM, SOCK_CLOEXEC);
	if (x->commands == NULL)
		return failed_errno(x, "cannot open an XFRM netlink socket");
	if (mnl_socket_bind(x->commands, 0, MNL_SOCKET_AUTOPID) != 0)
		return failed_errno(x, "cannot bind an XFRM netlink socket");
	/* Without these two, errors just have fewer words (and more bytes). */
	mnl_socket_setsockopt(x->commands, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(x->commands, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(mnl_socket_get_fd(x->commands), SOL_SOCKET, SO_RCVTIMEO,
	    &wait, sizeof(wait));
	set_buffer(x->commands, COMMAND_BUFFER);
	x->per_batch = answers_held(x->commands);
	return 0;
}

/* Leaves whatever may still be under way on the old socket behind. */
static int
reopen_commands(struct xfrm *x)
{
	if (x->commands != NULL)
		mnl_socket_close(x->commands);
	return open_commands(x);
}

static int
send_all(struct xfrm *x, const struct buf *b)
{
	ssize_t	n;
	int	r;

	if (x->commands == NULL && (r = open_commands(x)) != 0)
		return r;
	do
		n = mnl_socket_sendto(x->commands, b->p, b->n);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return failed_errno(x, "cannot send to the kernel");
	return 0;
}

/* Sends the request in B, which gets a sequence number, and waits. */
static int
transact(struct xfrm *x, struct buf *b, xfrm_answer_fn *fn, void *ctx)
{
	uint8_t	p[XFRM_DATAGRAM];
	uint32_t seq = ++x->seq;
	int	result = 0, r;
	ssize_t	n;

	x->why[0] = '\0';
	xfrm_msg_number(b, 0, seq, NLM_F_REQUEST | NLM_F_ACK);
	if (!buf_ok(b))
		return failed(x, -ENOMEM, "");
	if ((r = send_all(x, b)) != 0)
		return r;
	do {
		if ((n = receive(x->commands, p, sizeof(p))) < 0) {
			result = failed(x, n == -EAGAIN ? -ETIMEDOUT : (int)n,
			    "no answer from the kernel");
			break;
		}
	} while (!xfrm_answers(view_of(p, (size_t)n), seq, fn, ctx, &result,
	    x->why));
	explicit_bzero(p, sizeof(p));
	return result;
}

/* For requests that are encoded in one go. */
static int
transact_once(struct xfrm *x, struct buf *b, xfrm_answer_fn *fn, void *ctx)
{
	int	r = transact(x, b, fn, ctx);

	buf_fini(b);
	return r;
}

static int
get_sa_answer(void *ctx, const struct xfrm_msg *m)
{
	struct ipsec_sa *sa = ctx;

	if (m->type != XFRM_MSG_NEWSA)
		return 0;
	return xfrm_get_sa(m->body, (uint64_t)time(NULL), sa) ? 0 : -EPROTO;
}

static int
get_policy_answer(void *ctx, const struct xfrm_msg *m)
{
	if (m->type != XFRM_MSG_NEWPOLICY)
		return 0;
	return xfrm_get_policy(m->body, ctx) ? 0 : -EPROTO;
}

static int
xfrm_getspi(void *ctx, const struct ipsec_sa *sa, uint32_t min, uint32_t max,
    uint32_t *spi)
{
	struct ipsec_sa larval = { .id.spi = 0 };
	struct buf b;
	int	r;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_spi(&b, sa, min, max);
	r = transact_once(ctx, &b, get_sa_answer, &larval);
	*spi = larval.id.spi;
	return r;
}

static int
xfrm_sa_set(void *ctx, const struct ipsec_sa *sa, bool update)
{
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa(&b, sa, update);
	return transact_once(ctx, &b, NULL, NULL);
}

static int
xfrm_sa_get(void *ctx, const struct ipsec_sa_id *id, struct ipsec_sa *sa)
{
	struct buf b;

	memset(sa, 0, sizeof(*sa));
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa_id(&b, XFRM_MSG_GETSA, id);
	return transact_once(ctx, &b, get_sa_answer, sa);
}

static int
xfrm_sa_delete(void *ctx, const struct ipsec_sa_id *id)
{
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa_id(&b, XFRM_MSG_DELSA, id);
	return transact_once(ctx, &b, NULL, NULL);
}

static int
xfrm_policy_set(void *ctx, const struct ipsec_policy *p, bool update)
{
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_policy(&b, p, update);
	return transact_once(ctx, &b, NULL, NULL);
}

static int
xfrm_policy_get(void *ctx, const struct ipsec_policy *id,
    struct ipsec_policy *p)
{
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_policy_id(&b, XFRM_MSG_GETPOLICY, id);
	memset(p, 0, sizeof(*p));
	return transact_once(ctx, &b, get_policy_answer, p);
}

static int
xfrm_policy_delete(void *ctx, const struct ipsec_policy *id)
{
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_policy_id(&b, XFRM_MSG_DELPOLICY, id);
	return transact_once(ctx, &b, NULL, NULL);
}

static int
xfrm_flush(void *ctx, enum ipsec_what what, uint8_t proto)
{
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_flush(&b, what, proto);
	return transact_once(ctx, &b, NULL, NULL);
}

/* One try: 0, -EAGAIN when it has to be repeated, or another error. */
static int
dump_try(struct xfrm *x, struct buf *request, struct xfrm_dump *d, void *piece)
{
	uint32_t seq = ++x->seq;
	ssize_t	n;
	int	r;

	xfrm_dump_reset(d);
	xfrm_msg_number(request, 0, seq, NLM_F_REQUEST | NLM_F_DUMP);
	if (!buf_ok(request))
		return failed(x, -ENOMEM, "");
	if ((r = send_all(x, request)) != 0)
		return r;
	do {
		n = receive(x->commands, piece, DUMP_BYTES);
		if (n == -ENOBUFS || n == -EMSGSIZE) {
			r = reopen_commands(x);
			return r != 0 ? r : -EAGAIN;
		}
		if (n < 0)
			return failed(x, n == -EAGAIN ? -ETIMEDOUT : (int)n,
			    "no answer from the kernel");
		r = xfrm_dump_piece(d, view_of(piece, (size_t)n), seq, x->why);
	} while (r == 0);
	if (r < 0)
		return r;
	/* Who has seen enough leaves the rest of a stream to be dropped. */
	if (d->result != 0)
		return reopen_commands(x);
	return d->broken ? -EAGAIN : 0;
}

/* Collects a whole dump. */
static int
dump_collect(struct xfrm *x, struct buf *request, struct xfrm_dump *d)
{
	unsigned int tries = d->to != NULL ? 1 : DUMP_TRIES;
	uint8_t	piece[DUMP_BYTES];
	int	r = -EAGAIN;

	x->why[0] = '\0';
	for (unsigned int i = 0; i < tries && r == -EAGAIN; i++)
		r = dump_try(x, request, d, piece);
	explicit_bzero(piece, sizeof(piece));
	if (r == -EAGAIN && d->to == NULL)
		r = failed(x, -EINTR, "the kernel's table keeps changing");
	return r;
}

/* Collects what REQUEST asks for, then hands it on. */
static int
dump(struct xfrm *x, struct buf *request, const struct xfrm_dump_to *to)
{
	bool	stream = to->filter->stream != 0 && to->policy_fn != NULL;
	struct xfrm_dump d;
	int	r;

	xfrm_dump_init(&d, XFRM_DUMP_MAX, stream ? to : NULL);
	r = dump_collect(x, request, &d);
	buf_fini(request);
	if (r == 0)
		r = stream ? d.result : xfrm_dump_tell(&d, to, x->why);
	xfrm_dump_reset(&d);
	return r;
}

static int
xfrm_sa_dump(void *ctx, const struct ipsec_filter *filter, ipsec_sa_fn *fn,
    void *fn_ctx)
{
	struct xfrm_dump_to to = { .filter = filter, .sa_fn = fn, .ctx = fn_ctx,
	    .now = (uint64_t)time(NULL) };
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa_dump(&b, filter);
	return dump(ctx, &b, &to);
}

static int
xfrm_policy_dump(void *ctx, const struct ipsec_filter *filter,
    ipsec_policy_fn *fn, void *fn_ctx)
{
	struct xfrm_dump_to to = { .filter = filter, .policy_fn = fn,
	    .ctx = fn_ctx };
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_policy_dump(&b);
	return dump(ctx, &b, &to);
}

/* Commands that go to the kernel in one datagram. */
struct batch {
	struct xfrm	*x;
	struct xfrm_batch talk;		/* its count: commands in `out` */
	struct buf	out;
	size_t		last;		/* offset of the last command */
};

/* Sends what has been gathered and tells the results. */
static int
batch_send(struct batch *t)
{
	uint8_t	p[XFRM_DATAGRAM];
	ssize_t	n;
	int	r;

	if (t->talk.count == 0)
		return 0;
	xfrm_msg_number(&t->out, t->last, t->talk.first_seq + t->talk.count - 1,
	    NLM_F_REQUEST | NLM_F_ACK);
	t->talk.told = 0;
	if ((r = send_all(t->x, &t->out)) != 0)
		return r;
	while (t->talk.told < t->talk.count) {
		n = receive(t->x->commands, p, sizeof(p));
		if (n < 0)
			return failed(t->x, n == -EAGAIN ? -ETIMEDOUT : (int)n,
			    "no answer from the kernel");
		xfrm_batch_answers(&t->talk, view_of(p, (size_t)n), t->x->why);
	}
	buf_reset(&t->out);
	t->talk.count = 0;
	return 0;
}

/* Adds a command, which check.h has passed, to the datagram. */
static int
batch_add(struct batch *t, const struct ipsec_command *c)
{
	uint32_t seq = ++t->x->seq;

	if (t->talk.count == 0)
		t->talk.first_seq = seq;
	t->last = xfrm_put_command(&t->out, c);
	xfrm_msg_number(&t->out, t->last, seq, NLM_F_REQUEST);
	if (!buf_ok(&t->out))
		return failed(t->x, -ENOMEM, "");
	t->talk.count++;
	if (t->talk.count < t->x->per_batch &&
	    t->out.n <= BATCH_BYTES - XFRM_MSG_BYTES)
		return 0;
	return batch_send(t);
}

/* A bad command fails in its turn: after those before it. */
static int
batch_one(struct batch *t, const struct ipsec_command *c)
{
	const char *why = "";
	int	err, r;

	if ((err = ipsec_check_command(c, &why)) == 0)
		return batch_add(t, c);
	if ((r = batch_send(t)) == 0)
		xfrm_batch_tell(&t->talk, err, why);
	return r;
}

static int
xfrm_batch(void *ctx, ipsec_next_fn *next, ipsec_result_fn *fn, void *fn_ctx)
{
	struct batch t = { .x = ctx, .talk.fn = fn,
	    .talk.ctx = fn_ctx };
	struct ipsec_command c;
	int	r = 0;

	t.x->why[0] = '\0';
	buf_init(&t.out, BATCH_BYTES);
	while (r == 0) {
		memset(&c, 0, sizeof(c));
		if (!next(fn_ctx, &c))
			break;
		r = batch_one(&t, &c);
	}
	if (r == 0)
		r = batch_send(&t);
	explicit_bzero(&c, sizeof(c));
	buf_fini(&t.out);
	return r != 0 ? r : t.talk.failures;
}

static int
open_events(struct xfrm *x)
{
	x->events = mnl_socket_open2(NETLINK_XFRM,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (x->events == NULL)
		return failed_errno(x, "cannot open an XFRM netlink socket");
	if (mnl_socket_bind(x->events, 0, MNL_SOCKET_AUTOPID) != 0)
		return failed_errno(x, "cannot bind an XFRM netlink socket");
	set_buffer(x->events, EVENT_BUFFER);
	return 0;
}

static int
xfrm_listen(void *ctx, unsigned int what)
{
	static const struct {
		unsigned int what;
		int	 group;
	} row[] = {
		{ IPSEC_LISTEN_ACQUIRE, XFRMNLGRP_ACQUIRE },
		{ IPSEC_LISTEN_EXPIRE, XFRMNLGRP_EXPIRE },
		{ IPSEC_LISTEN_MAPPING, XFRMNLGRP_MAPPING },
		{ IPSEC_LISTEN_SA, XFRMNLGRP_SA },
		{ IPSEC_LISTEN_POLICY, XFRMNLGRP_POLICY },
	};
	struct xfrm *x = ctx;
	int	group, r;

	x->why[0] = '\0';
	if (x->events == NULL && (r = open_events(x)) != 0)
		return r;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		group = row[i].group;
		if ((what & row[i].what) != 0 && mnl_socket_setsockopt(
		    x->events, NETLINK_ADD_MEMBERSHIP, &group,
		    sizeof(group)) != 0)
			return failed_errno(x,
			    "cannot listen to the kernel's IPsec events");
	}
	return 0;
}

static int
xfrm_event_fd(void *ctx)
{
	struct xfrm *x = ctx;

	return x->events != NULL ? mnl_socket_get_fd(x->events) : -1;
}

static ssize_t
receive_event(void *ctx, void *p, size_t size)
{
	struct xfrm *x = ctx;

	return receive(x->events, p, size);
}

static bool
no_event(void *ctx)
{
	struct xfrm *x = ctx;
	struct pollfd pfd = { .fd = mnl_socket_get_fd(x->events),
	    .events = POLLIN };

	return poll(&pfd, 1, 0) == 0;
}

static int
xfrm_events(void *ctx, ipsec_event_fn *fn, void *fn_ctx)
{
	struct xfrm *x = ctx;
	const struct xfrm_source source = { receive_event, no_event, x };
	int	r;

	x->why[0] = '\0';
	if (x->events == NULL)
		return failed(x, -ENOTCONN, "not listening to events");
	r = xfrm_talk_events(&source, &x->lost, (uint64_t)time(NULL), fn,
	    fn_ctx);
	return r < 0 ? failed(x, r, "cannot receive events") : 0;
}

static const char *
xfrm_error(void *ctx)
{
	struct xfrm *x = ctx;

	return x->why;
}

static void
xfrm_close(void *ctx)
{
	struct xfrm *x = ctx;

	if (x->commands != NULL)
		mnl_socket_close(x->commands);
	if (x->events != NULL)
		mnl_socket_close(x->events);
	free(x);
}

static const struct ipsec_ops xfrm_ops = {
	.name = "xfrm",
	.getspi = xfrm_getspi,
	.sa_set = xfrm_sa_set,
	.sa_get = xfrm_sa_get,
	.sa_delete = xfrm_sa_delete,
	.sa_dump = xfrm_sa_dump,
	.policy_set = xfrm_policy_set,
	.policy_get = xfrm_policy_get,
	.policy_delete = xfrm_policy_delete,
	.policy_dump = xfrm_policy_dump,
	.flush = xfrm_flush,
	.batch = xfrm_batch,
	.listen = xfrm_listen,
	.event_fd = xfrm_event_fd,
	.events = xfrm_events,
	.error = xfrm_error,
	.close = xfrm_close,
};

int
xfrm_open(struct ipsec **h)
{
	struct xfrm *x;
	int	r;

	*h = NULL;
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return -ENOMEM;
	if ((r = open_commands(x)) != 0) {
		xfrm_close(x);
		return r;
	}
	if ((*h = ipsec_new(&xfrm_ops, x)) == NULL) {
		xfrm_close(x);
		return -ENOMEM;
	}
	return 0;
}
