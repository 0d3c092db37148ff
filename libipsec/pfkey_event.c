/* SPDX-License-Identifier: ISC */
/*
 * Events over PF_KEY.  Linux tells less than XFRM does; what an event lacks is
 * asked for on the socket for commands.
 */
#include "libipsec/pfkey.h"

#include <sys/socket.h>

#include <errno.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <unistd.h>

#include "libipsec/addr.h"

#define EVENT_BYTES	32768	/* an ACQUIRE's proposals are long */
#define EVENT_BUFFER	(4 * 1024 * 1024)
#define EVENTS_MOST	4096	/* of one call, so that a storm has pauses */
/* What the kernel charges the receive buffer for one event, at most. */
#define EVENT_COST	65536u

/*
 * ACQUIRE, EXPIRE and MAPPING go to those who have registered, for whatever
 * protocol.  Once is enough, and dear: each time the kernel tries to load the
 * modules of all algorithms, and nobody can open PF_KEY meanwhile.
 */
static int
send_register(struct pfkey *x)
{
	struct buf b;
	int	r = 0;

	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_msg_number(&b, pfkey_put_satype(&b, SADB_REGISTER,
	    IPSEC_PROTO_ESP), ++x->seq, x->pid);
	if (!buf_ok(&b))
		r = pfkey_failed(x, -ENOMEM, "");
	else if (send(x->events, b.p, b.n, MSG_NOSIGNAL) < 0)
		r = pfkey_failed(x, -errno,
		    "cannot listen to the kernel's IPsec events");
	buf_fini(&b);
	return r;
}

int
pfkey_listen(void *ctx, unsigned int what)
{
	struct pfkey *x = ctx;
	int	fd, r;

	x->why[0] = '\0';
	if (x->events < 0) {
		if ((fd = pfkey_socket(x, EVENT_BUFFER)) < 0)
			return fd;
		x->events = fd;
	}
	x->listening |= what;
	if (x->registered || (what & (IPSEC_LISTEN_ACQUIRE |
	    IPSEC_LISTEN_EXPIRE | IPSEC_LISTEN_MAPPING)) == 0)
		return 0;
	if ((r = send_register(x)) == 0)
		x->registered = true;
	return r;
}

int
pfkey_event_fd(void *ctx)
{
	struct pfkey *x = ctx;

	return x->events;
}

static unsigned int
listen_bit(enum ipsec_event_type type)
{
	switch (type) {
	case IPSEC_EVENT_ACQUIRE:
		return IPSEC_LISTEN_ACQUIRE;
	case IPSEC_EVENT_EXPIRE:
	case IPSEC_EVENT_POLICY_EXPIRE:
		return IPSEC_LISTEN_EXPIRE;
	case IPSEC_EVENT_MAPPING:
		return IPSEC_LISTEN_MAPPING;
	case IPSEC_EVENT_SA_NEW:
	case IPSEC_EVENT_SA_DELETE:
	case IPSEC_EVENT_SA_FLUSH:
		return IPSEC_LISTEN_SA;
	case IPSEC_EVENT_POLICY_NEW:
	case IPSEC_EVENT_POLICY_DELETE:
	case IPSEC_EVENT_POLICY_FLUSH:
		return IPSEC_LISTEN_POLICY;
	case IPSEC_EVENT_RESYNC:
		break;
	}
	return 0;
}

/* The template that an ACQUIRE is for; the first of its protocol. */
static const struct ipsec_tmpl *
acquire_tmpl(const struct ipsec_policy *p, const struct ipsec_sa *sa)
{
	const struct ipsec_tmpl *first = NULL;

	for (unsigned int i = 0; i < p->ntmpl; i++) {
		const struct ipsec_tmpl *t = &p->tmpl[i];

		if (t->proto != sa->id.proto)
			continue;
		if (t->mode == IPSEC_MODE_TUNNEL &&
		    addr_equal(&t->dst, &sa->id.dst))
			return t;
		if (first == NULL)
			first = t;
	}
	return first;
}

/*
 * The packet's own addresses are the SA's when nothing on the way to it is a
 * tunnel, else they are not told: the policy's selector has to do.  So have
 * the ports and the protocol in any case.
 */
static void
set_flow(struct ipsec_event *e)
{
	struct ipsec_addr src = e->sa.src, dst = e->sa.id.dst;
	bool	tunnel = false;

	for (unsigned int i = 0; i < e->policy.ntmpl; i++)
		tunnel |= e->policy.tmpl[i].mode == IPSEC_MODE_TUNNEL;
	e->flow = e->policy.sel;
	if (tunnel)
		return;
	src.port = e->flow.src.port;
	dst.port = e->flow.dst.port;
	e->flow.src = src;
	e->flow.dst = dst;
	e->flow.src_prefix = addr_bits(&src);
	e->flow.dst_prefix = addr_bits(&dst);
}

/* Of its policy an ACQUIRE has the number.  -ENOENT: it is gone. */
static int
complete_acquire(struct pfkey *x, struct ipsec_event *e)
{
	struct ipsec_policy id = { .index = e->policy.index };
	const struct ipsec_tmpl *t;
	int	r;

	if ((r = pfkey_policy_get(x, &id, &e->policy)) != 0)
		return r;
	if ((t = acquire_tmpl(&e->policy, &e->sa)) == NULL)
		return -ENOENT;
	e->sa.mode = t->mode;
	e->sa.reqid = t->reqid;
	set_flow(e);
	return 0;
}

static int
search_mapped(void *ctx, const struct ipsec_sa *sa)
{
	struct ipsec_event *e = ctx;

	if (sa->id.spi != e->sa.id.spi || sa->encap.type == 0 ||
	    !addr_equal(&sa->src, &e->from))
		return 0;
	e->sa.id.dst = sa->id.dst;
	e->sa.reqid = sa->reqid;
	return 1;
}

/* A MAPPING does not name its SA's destination: look at all of them. */
static int
complete_mapping(struct pfkey *x, struct ipsec_event *e)
{
	struct ipsec_filter f = { .proto = e->sa.id.proto };
	int	r;

	e->sa.src.port = 0;
	r = pfkey_sa_dump(x, &f, search_mapped, e);
	return r == 0 ? -ENOENT : r < 0 ? r : 0;
}

static int
complete(struct pfkey *x, struct ipsec_event *e)
{
	pfkey_sa_complete(&e->sa);
	if (e->type != IPSEC_EVENT_ACQUIRE && e->type != IPSEC_EVENT_MAPPING)
		return 0;
	if (x->mute)
		return -ETIMEDOUT;
	return e->type == IPSEC_EVENT_ACQUIRE ? complete_acquire(x, e) :
	    complete_mapping(x, e);
}

/*
 * What is gone meanwhile needs nobody; what we could not learn is lost, and who
 * did not answer once is not asked again in the same call.
 */
static void
hand_on(struct pfkey *x, const struct pfkey_msg *m, ipsec_event_fn *fn,
    void *ctx)
{
	struct ipsec_event e;
	int	r;

	if (pfkey_get_event(m, &e) &&
	    (x->listening & listen_bit(e.type)) != 0) {
		if ((r = complete(x, &e)) == 0)
			fn(ctx, &e);
		else if (r != -ENOENT)
			x->lost = x->mute = true;
	}
	explicit_bzero(&e, sizeof(e));
}

/*
 * Linux drops what does not fit into the buffer without a word.  It does so
 * only while the buffer is over its limit, and a buffer that is over its
 * limit stays at it, but for one event, until we have read two.
 */
static void
look_for_loss(struct pfkey *x)
{
	uint32_t mem[SK_MEMINFO_VARS] = { 0 };
	socklen_t n = sizeof(mem);

	if (getsockopt(x->events, SOL_SOCKET, SO_MEMINFO, mem, &n) != 0 ||
	    n < 2 * sizeof(mem[0]))
		return;
	if ((uint64_t)mem[SK_MEMINFO_RMEM_ALLOC] + EVENT_COST >
	    mem[SK_MEMINFO_RCVBUF])
		x->lost = true;
}

/* Nobody waits for the answer to REGISTER, but a refusal has to be known. */
static int
refused(struct pfkey *x, const struct pfkey_msg *m)
{
	if (m->type != SADB_REGISTER || m->pid != x->pid || m->error == 0)
		return 0;
	x->registered = false;
	return -(int)m->error;
}

/* Reads what there is; -EAGAIN: that was all of it. */
static int
read_events(struct pfkey *x, ipsec_event_fn *fn, void *ctx)
{
	uint8_t	p[EVENT_BYTES];
	struct pfkey_msg m;
	ssize_t	n;
	int	r = 0;

	x->mute = false;
	for (unsigned int i = 0; i < EVENTS_MOST && r == 0; i++) {
		look_for_loss(x);
		n = pfkey_receive(x->events, p, sizeof(p), 0, &m);
		if (n < 0)
			r = (int)n;
		else if (n == 0)
			x->lost = true;
		else if ((r = refused(x, &m)) == 0)
			hand_on(x, &m, fn, ctx);
	}
	explicit_bzero(p, sizeof(p));
	return r;
}

/* A RESYNC waits until the queue is empty: what is dumped then has it all. */
int
pfkey_events(void *ctx, ipsec_event_fn *fn, void *fn_ctx)
{
	struct ipsec_event resync = { .type = IPSEC_EVENT_RESYNC };
	struct pfkey *x = ctx;
	int	r;

	if (x->events < 0)
		return pfkey_failed(x, -ENOTCONN, "not listening to events");
	r = read_events(x, fn, fn_ctx);
	x->why[0] = '\0';
	if (r == -EAGAIN && x->lost) {
		x->lost = false;
		fn(fn_ctx, &resync);
	}
	return r < 0 && r != -EAGAIN ? pfkey_failed(x, r,
	    "cannot receive events") : 0;
}
