/* SPDX-License-Identifier: ISC */
/*
 * The PF_KEY back end: carries messages between pfkey_msg.h and the kernel.
 * Commands and events have a socket each, so that a command may be given from
 * within an event's or a dump's callback.
 *
 * Linux answers a change by a broadcast to all sockets, its author's among
 * them, and everything else to the one who asked.  Type, process and sequence
 * number tell which broadcast is our answer.  The sequence number of a message
 * that sets an SA is the SA's own, so there the SA's name counts too.
 */
#include "libipsec/pfkey.h"

#include <sys/random.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libipsec/addr.h"
#include "libipsec/check.h"

#define COMMAND_BUFFER	(2 * 1024 * 1024)
#define WAIT_MS		5000	/* Linux answers before the request returns */
#define FLIGHT_MOST	64u	/* commands sent before answers are read */

int
pfkey_failed(struct pfkey *x, int err, const char *said)
{
	snprintf(x->why, sizeof(x->why), "%s", said[0] != '\0' ? said :
	    strerror(-err));
	return err;
}

int
pfkey_socket(struct pfkey *x, int bytes)
{
	int	fd = x->socket(x->socket_ctx);

	if (fd < 0)
		return pfkey_failed(x, fd, "cannot open a PF_KEY socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
	    sizeof(bytes)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	return fd;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
pfkey_deadline(const struct pfkey *x)
{
	return now_ms() + x->wait_ms;
}

bool
pfkey_drowned(unsigned int others, int64_t until)
{
	return others >= PFKEY_OTHERS && now_ms() >= until;
}

/* Does something come before UNTIL? */
static bool
comes(int fd, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t	left;

	while ((left = until - now_ms()) > 0)
		if (poll(&p, 1, (int)left) > 0)
			return true;
	return false;
}

ssize_t
pfkey_receive(int fd, void *p, size_t size, int64_t until,
    struct pfkey_msg *m)
{
	ssize_t	n;

	memset(m, 0, sizeof(*m));
	do
		n = recv(fd, p, size, MSG_TRUNC | MSG_DONTWAIT);
	while (n < 0 && (errno == EINTR ||
	    (errno == EAGAIN && comes(fd, until))));
	if (n < 0)
		return -errno;
	if (pfkey_msg_parse(view_of(p, (size_t)n < size ? (size_t)n : size),
	    m) != PFKEY_GOOD || m->version != PF_KEY_V2 || (size_t)n > size)
		return 0;
	return n;
}

static void
close_commands(struct pfkey *x)
{
	if (x->commands >= 0)
		close(x->commands);
	x->commands = -1;
}

int
pfkey_reopen(struct pfkey *x)
{
	close_commands(x);
	x->commands = pfkey_socket(x, COMMAND_BUFFER);
	return x->commands < 0 ? x->commands : 0;
}

int
pfkey_ready(struct pfkey *x)
{
	uint8_t	p[64];
	unsigned int n = 0;
	ssize_t	r = 0;

	x->why[0] = '\0';
	if (x->commands < 0)
		return pfkey_reopen(x);
	while (r >= 0 && n++ < PFKEY_OTHERS)
		r = recv(x->commands, p, sizeof(p), MSG_DONTWAIT);
	explicit_bzero(p, sizeof(p));
	return r >= 0 ? pfkey_reopen(x) : 0;
}

/* READABLE: there is more than a header. */
static bool
is_answer(const struct pfkey *x, const struct pfkey_want *w,
    const struct pfkey_msg *m, bool readable)
{
	struct ipsec_sa sa;
	bool	same;

	if (m->type != w->type || m->pid != x->pid || m->seq != w->seq)
		return false;
	if (m->error != 0 || !w->named || !readable)
		return true;
	same = pfkey_get_sa(m, &sa) && sa.id.spi == w->id.spi &&
	    sa.id.proto == w->id.proto && addr_equal(&sa.id.dst, &w->id.dst);
	explicit_bzero(&sa, sizeof(sa));
	return same;
}

struct pfkey_want
pfkey_number(struct pfkey *x, struct buf *b, size_t offset, uint8_t type)
{
	struct pfkey_want w = { .type = type, .seq = ++x->seq };

	pfkey_msg_number(b, offset, w.seq, x->pid);
	return w;
}

/* The same for one whose number becomes the SA's. */
static struct pfkey_want
number_sa(struct pfkey *x, struct buf *b, size_t offset, uint8_t type,
    const struct ipsec_sa *sa)
{
	struct pfkey_want w = { .type = type, .seq = sa->seq,
	    .named = type != SADB_GETSPI, .id = sa->id };

	pfkey_msg_number(b, offset, w.seq, x->pid);
	return w;
}

/* Sees the answer; its result is the request's. */
typedef int answer_fn(void *ctx, const struct pfkey_msg *);

/* Receives the answer into P and M: its length, or -errno. */
static ssize_t
receive_answer(struct pfkey *x, const struct pfkey_want *w, uint8_t *p,
    struct pfkey_msg *m)
{
	int64_t	until = pfkey_deadline(x);
	ssize_t	n;

	for (unsigned int i = 0; !pfkey_drowned(i, until); i++) {
		n = pfkey_receive(x->commands, p, PFKEY_ANSWER_BYTES, until,
		    m);
		if (n < 0)
			return n == -EAGAIN ? -ETIMEDOUT : n;
		if (is_answer(x, w, m, n != 0))
			return n != 0 ? n : -EPROTO;
	}
	return -ETIMEDOUT;
}

/*
 * Linux says that a flush was done before it knows: an error that follows is
 * the next message.
 */
static int
flush_error(struct pfkey *x, const struct pfkey_want *w)
{
	struct sadb_msg h;

	if ((w->type != SADB_FLUSH && w->type != SADB_X_SPDFLUSH) ||
	    recv(x->commands, &h, sizeof(h), MSG_DONTWAIT | MSG_PEEK) !=
	    sizeof(h) || h.sadb_msg_type != w->type ||
	    h.sadb_msg_pid != x->pid || h.sadb_msg_seq != w->seq)
		return 0;
	return h.sadb_msg_errno;
}

static int
await(struct pfkey *x, const struct pfkey_want *w, answer_fn *fn, void *ctx)
{
	uint8_t	p[PFKEY_ANSWER_BYTES];
	struct pfkey_msg m;
	ssize_t	n = receive_answer(x, w, p, &m);
	int	r = n < 0 ? (int)n : m.error != 0 ? -(int)m.error :
	    -flush_error(x, w);

	if (r == -ETIMEDOUT)
		close_commands(x);	/* it must not be the next one's */
	if (n < 0)
		pfkey_failed(x, r, r == -EPROTO ? PFKEY_UNREADABLE :
		    "no answer from the kernel");
	else if (r != 0)
		pfkey_failed(x, r, "");
	else if (fn != NULL && (r = fn(ctx, &m)) != 0)
		pfkey_failed(x, r, PFKEY_UNREADABLE);
	explicit_bzero(p, sizeof(p));
	return r;
}

int
pfkey_submit(struct pfkey *x, struct view v)
{
	ssize_t	n;

	do
		n = send(x->commands, v.p, v.n, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return pfkey_failed(x, -errno, "cannot send to the kernel");
	return 0;
}

/* Sends the request in B, which is wiped, and waits for its answer. */
static int
transact(struct pfkey *x, struct buf *b, const struct pfkey_want *w,
    answer_fn *fn, void *ctx)
{
	int	r;

	if (!buf_ok(b))
		r = pfkey_failed(x, -ENOMEM, "");
	else if ((r = pfkey_ready(x)) == 0 &&
	    (r = pfkey_submit(x, buf_view(b))) == 0)
		r = await(x, w, fn, ctx);
	buf_fini(b);
	return r;
}

static int
get_sa_answer(void *ctx, const struct pfkey_msg *m)
{
	struct ipsec_sa *sa = ctx;

	if (!pfkey_get_sa(m, sa))
		return -EPROTO;
	pfkey_sa_complete(sa);
	return 0;
}

static int
get_policy_answer(void *ctx, const struct pfkey_msg *m)
{
	return pfkey_get_policy(m, ctx) ? 0 : -EPROTO;
}

static int
pfkey_getspi(void *ctx, const struct ipsec_sa *sa, uint32_t min,
    uint32_t max, uint32_t *spi)
{
	struct ipsec_sa larval = { .id.spi = 0 };
	struct pfkey *x = ctx;
	const char *why;
	struct pfkey_want w;
	struct buf b;
	int	r;

	if ((r = pfkey_check_spi(sa, &why)) != 0)
		return pfkey_failed(x, r, why);
	buf_init(&b, PFKEY_MSG_BYTES);
	w = number_sa(x, &b, pfkey_put_spi(&b, sa, min, max), SADB_GETSPI, sa);
	r = transact(x, &b, &w, get_sa_answer, &larval);
	*spi = larval.id.spi;
	return r;
}

static int
pfkey_sa_set(void *ctx, const struct ipsec_sa *sa, bool update)
{
	struct pfkey *x = ctx;
	const char *why;
	struct pfkey_want w;
	struct buf b;
	int	r;

	if ((r = pfkey_check_sa(sa, &why)) != 0)
		return pfkey_failed(x, r, why);
	buf_init(&b, PFKEY_MSG_BYTES);
	w = number_sa(x, &b, pfkey_put_sa(&b, sa, update),
	    update ? SADB_UPDATE : SADB_ADD, sa);
	return transact(x, &b, &w, NULL, NULL);
}

static int
by_name(struct pfkey *x, uint8_t type, const struct ipsec_sa_id *id,
    struct ipsec_sa *sa)
{
	const char *why;
	struct pfkey_want w;
	struct buf b;
	int	r;

	if ((r = pfkey_check_sa_id(id, &why)) != 0)
		return pfkey_failed(x, r, why);
	buf_init(&b, PFKEY_MSG_BYTES);
	w = pfkey_number(x, &b, pfkey_put_sa_id(&b, type, id, NULL), type);
	return transact(x, &b, &w, sa != NULL ? get_sa_answer : NULL, sa);
}

static int
pfkey_sa_get(void *ctx, const struct ipsec_sa_id *id, struct ipsec_sa *sa)
{
	memset(sa, 0, sizeof(*sa));
	return by_name(ctx, SADB_GET, id, sa);
}

static int
pfkey_sa_delete(void *ctx, const struct ipsec_sa_id *id)
{
	return by_name(ctx, SADB_DELETE, id, NULL);
}

static int
pfkey_policy_set(void *ctx, const struct ipsec_policy *p, bool update)
{
	struct pfkey *x = ctx;
	const char *why;
	struct pfkey_want w;
	struct buf b;
	int	r;

	if ((r = pfkey_check_policy(p, &why)) != 0)
		return pfkey_failed(x, r, why);
	buf_init(&b, PFKEY_MSG_BYTES);
	w = pfkey_number(x, &b, pfkey_put_policy(&b, p, update),
	    update ? SADB_X_SPDUPDATE : SADB_X_SPDADD);
	return transact(x, &b, &w, NULL, NULL);
}

static int
by_index(struct pfkey *x, uint8_t type, uint32_t index,
    struct ipsec_policy *p)
{
	struct pfkey_want w;
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	w = pfkey_number(x, &b, pfkey_put_policy_index(&b, type, index), type);
	return transact(x, &b, &w, p != NULL ? get_policy_answer : NULL, p);
}

static int
pfkey_policy_delete(void *ctx, const struct ipsec_policy *p)
{
	struct pfkey *x = ctx;
	const char *why;
	struct pfkey_want w;
	struct buf b;
	int	r;

	if ((r = pfkey_check_policy_id(p, &why)) != 0)
		return pfkey_failed(x, r, why);
	if (p->index != 0)
		return by_index(x, SADB_X_SPDDELETE2, p->index, NULL);
	buf_init(&b, PFKEY_MSG_BYTES);
	w = pfkey_number(x, &b, pfkey_put_policy_delete(&b, p),
	    SADB_X_SPDDELETE);
	return transact(x, &b, &w, NULL, NULL);
}

/* PF_KEY finds a policy by its number only: look through all of them. */
struct search {
	const struct ipsec_policy *id;
	struct ipsec_policy *found;
};

static bool
same_context(const struct ipsec_context *a, const struct ipsec_context *b)
{
	return a->length == b->length && a->doi == b->doi &&
	    a->alg == b->alg && memcmp(a->text, b->text, a->length) == 0;
}

static int
search_policy(void *ctx, const struct ipsec_policy *p)
{
	struct search *s = ctx;

	if (p->dir != s->id->dir || !selector_equal(&p->sel, &s->id->sel) ||
	    !same_context(&p->ctx, &s->id->ctx))
		return 0;
	*s->found = *p;
	return 1;
}

int
pfkey_policy_get(void *ctx, const struct ipsec_policy *id,
    struct ipsec_policy *p)
{
	struct ipsec_filter dir = { .dir = id->dir };
	struct search s = { .id = id, .found = p };
	struct pfkey *x = ctx;
	const char *why;
	int	r;

	memset(p, 0, sizeof(*p));
	if ((r = pfkey_check_policy_id(id, &why)) != 0)
		return pfkey_failed(x, r, why);
	if (id->index != 0)
		return by_index(x, SADB_X_SPDGET, id->index, p);
	r = pfkey_policy_dump(x, &dir, search_policy, &s);
	if (r == 0)
		return pfkey_failed(x, -ENOENT, "");
	return r < 0 ? r : 0;
}

/* When there was something to flush, a broadcast follows the answer. */
static int
pfkey_flush(void *ctx, enum ipsec_what what, uint8_t proto)
{
	bool	sa = what == IPSEC_FLUSH_SA;
	struct pfkey *x = ctx;
	struct pfkey_want w;
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	w = pfkey_number(x, &b, sa ? pfkey_put_satype(&b, SADB_FLUSH, proto) :
	    pfkey_put_spd(&b, SADB_X_SPDFLUSH),
	    sa ? SADB_FLUSH : SADB_X_SPDFLUSH);
	return transact(x, &b, &w, NULL, NULL);
}

/*
 * Batches.  The kernel has answered each command by the time the next one is
 * sent, so the answers come in order; they are read in one go.
 */
struct batch {
	struct pfkey	*x;
	ipsec_result_fn	*fn;
	void		*ctx;
	struct pfkey_want	 want[FLIGHT_MOST];
	unsigned int	 count;		/* sent, without an answer so far */
	size_t		 nth;		/* of the next result */
	int		 failures;
};

static void
batch_tell(struct batch *t, int err, const char *reason)
{
	if (err < 0 && t->failures < INT32_MAX)
		t->failures++;
	if (t->fn != NULL)
		t->fn(t->ctx, t->nth, err, reason);
	t->nth++;
}

/* Reads the answers of all that was sent; 0 or what ends the batch. */
static int
batch_answers(struct batch *t)
{
	int	r;

	for (unsigned int i = 0; i < t->count; i++) {
		t->x->why[0] = '\0';
		r = await(t->x, &t->want[i], NULL, NULL);
		if (r == -ETIMEDOUT)
			return r;
		batch_tell(t, r, t->x->why);
	}
	t->count = 0;
	return 0;
}

static struct pfkey_want
number_command(struct pfkey *x, struct buf *b, const struct ipsec_command *c)
{
	size_t	at = pfkey_put_command(b, c);

	switch (c->op) {
	case IPSEC_OP_SA_ADD:
		return number_sa(x, b, at, SADB_ADD, &c->sa);
	case IPSEC_OP_SA_UPDATE:
		return number_sa(x, b, at, SADB_UPDATE, &c->sa);
	case IPSEC_OP_SA_DELETE:
		return pfkey_number(x, b, at, SADB_DELETE);
	case IPSEC_OP_POLICY_ADD:
		return pfkey_number(x, b, at, SADB_X_SPDADD);
	case IPSEC_OP_POLICY_UPDATE:
		return pfkey_number(x, b, at, SADB_X_SPDUPDATE);
	case IPSEC_OP_POLICY_DELETE:
		return pfkey_number(x, b, at, c->policy.index != 0 ?
		    SADB_X_SPDDELETE2 : SADB_X_SPDDELETE);
	case IPSEC_OP_SA_FLUSH:
		return pfkey_number(x, b, at, SADB_FLUSH);
	case IPSEC_OP_POLICY_FLUSH:
		break;
	}
	return pfkey_number(x, b, at, SADB_X_SPDFLUSH);
}

/* Sends a command, which check.h has passed. */
static int
batch_add(struct batch *t, struct buf *b, const struct ipsec_command *c)
{
	int	r;

	if (t->count == 0 && (r = pfkey_ready(t->x)) != 0)
		return r;
	buf_reset(b);
	t->want[t->count] = number_command(t->x, b, c);
	if (!buf_ok(b))
		return pfkey_failed(t->x, -ENOMEM, "");
	if ((r = pfkey_submit(t->x, buf_view(b))) != 0)
		return r;
	return ++t->count == FLIGHT_MOST ? batch_answers(t) : 0;
}

/* A bad command fails in its turn: after those before it. */
static int
batch_one(struct batch *t, struct buf *b, const struct ipsec_command *c)
{
	const char *why = "";
	int	err, r;

	if ((err = ipsec_check_command(c, &why)) == 0 &&
	    (err = pfkey_check_command(c, &why)) == 0)
		return batch_add(t, b, c);
	if ((r = batch_answers(t)) == 0)
		batch_tell(t, err, why);
	return r;
}

static int
pfkey_batch(void *ctx, ipsec_next_fn *next, ipsec_result_fn *fn,
    void *fn_ctx)
{
	struct batch t = { .x = ctx, .fn = fn, .ctx = fn_ctx };
	struct ipsec_command c;
	struct buf b;
	int	r = 0;

	buf_init(&b, PFKEY_MSG_BYTES);
	while (r == 0) {
		memset(&c, 0, sizeof(c));
		if (!next(fn_ctx, &c))
			break;
		r = batch_one(&t, &b, &c);
	}
	if (r == 0)
		r = batch_answers(&t);
	explicit_bzero(&c, sizeof(c));
	buf_fini(&b);
	return r != 0 ? r : t.failures;
}

static int
pfkey_can(void *ctx, enum ipsec_alg_class class, const struct ipsec_key *k)
{
	const char *why;
	int	r = pfkey_check_key(class, k, &why);

	return r != 0 ? pfkey_failed(ctx, r, why) : 0;
}

static const char *
pfkey_error(void *ctx)
{
	struct pfkey *x = ctx;

	return x->why;
}

static void
pfkey_end(void *ctx)
{
	struct pfkey *x = ctx;

	close_commands(x);
	if (x->events >= 0)
		close(x->events);
	free(x);
}

static const struct ipsec_ops pfkey_ops = {
	.name = "pfkey",
	.getspi = pfkey_getspi,
	.sa_set = pfkey_sa_set,
	.sa_get = pfkey_sa_get,
	.sa_delete = pfkey_sa_delete,
	.sa_dump = pfkey_sa_dump,
	.policy_set = pfkey_policy_set,
	.policy_get = pfkey_policy_get,
	.policy_delete = pfkey_policy_delete,
	.policy_dump = pfkey_policy_dump,
	.flush = pfkey_flush,
	.batch = pfkey_batch,
	.can = pfkey_can,
	.listen = pfkey_listen,
	.event_fd = pfkey_event_fd,
	.events = pfkey_events,
	.error = pfkey_error,
	.close = pfkey_end,
};

int
pfkey_open_on(struct ipsec **h, pfkey_socket_fn *fn, void *ctx, int wait_ms)
{
	struct pfkey *x;
	int	r;

	*h = NULL;
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return -ENOMEM;
	x->socket = fn;
	x->socket_ctx = ctx;
	x->wait_ms = wait_ms;
	x->commands = x->events = -1;
	x->pid = (uint32_t)getpid();
	/* Two handles of one process must not take each other's answers. */
	if (getrandom(&x->seq, sizeof(x->seq), GRND_NONBLOCK) < 0)
		x->seq = x->pid << 16;
	if ((r = pfkey_reopen(x)) != 0) {
		pfkey_end(x);
		return r;
	}
	if ((*h = ipsec_new(&pfkey_ops, x)) == NULL) {
		pfkey_end(x);
		return -ENOMEM;
	}
	return 0;
}

static int
kernel_socket(void *ctx)
{
	int	fd = socket(AF_KEY, SOCK_RAW | SOCK_CLOEXEC, PF_KEY_V2);

	(void)ctx;
	return fd < 0 ? -errno : fd;
}

int
pfkey_backend(struct ipsec **h)
{
	return pfkey_open_on(h, kernel_socket, NULL, WAIT_MS);
}
