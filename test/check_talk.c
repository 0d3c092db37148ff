/* SPDX-License-Identifier: ISC */
/*
 * The conversation with the kernel: answers, dumps, batches and events, from
 * datagrams made here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdio.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/xfrm_talk.h"
#include "test/suite.h"

#define NOW	1800000000u
#define SEQ	7u

static struct ipsec_sa
esp(uint32_t spi)
{
	struct ipsec_sa sa = { .mode = IPSEC_MODE_TRANSPORT };

	ck_assert(addr_parse(&sa.id.dst, "192.0.2.2"));
	ck_assert(addr_parse(&sa.src, "192.0.2.1"));
	sa.id.spi = spi;
	sa.id.proto = IPSEC_PROTO_ESP;
	return sa;
}

/* A message of TYPE with N bytes of body. */
static void
put(struct buf *b, uint16_t type, uint16_t flags, uint32_t seq,
    const void *body, size_t n)
{
	struct nlmsghdr h = { .nlmsg_len = (uint32_t)(sizeof(h) + n),
	    .nlmsg_type = type, .nlmsg_flags = flags, .nlmsg_seq = seq };

	buf_put(b, &h, sizeof(h));
	buf_put(b, body, n);
	buf_zero(b, NLMSG_ALIGN(n) - n);
}

static void
put_sa(struct buf *b, uint32_t spi, uint32_t seq)
{
	struct ipsec_sa sa = esp(spi);

	xfrm_msg_number(b, xfrm_put_sa(b, &sa, false), seq, NLM_F_MULTI);
}

/* A result, with the kernel's words behind it unless they are NULL. */
static void
put_result(struct buf *b, uint16_t type, uint32_t seq, int err,
    const char *words)
{
	struct nlmsgerr e = { .error = err, .msg.nlmsg_len = sizeof(e.msg) };
	size_t	n = type == NLMSG_DONE ? sizeof(err) : sizeof(e);
	size_t	text = words != NULL ? strlen(words) + 1 : 0;
	struct nlattr a = { .nla_type = NLMSGERR_ATTR_MSG,
	    .nla_len = (uint16_t)(sizeof(a) + text) };
	uint8_t	p[200];

	ck_assert_uint_le(n + sizeof(a) + text, sizeof(p));
	memcpy(p, &e, n);
	if (words == NULL) {
		put(b, type, 0, seq, p, n);
		return;
	}
	memcpy(p + n, &a, sizeof(a));
	memcpy(p + n + sizeof(a), words, text);
	put(b, type, NLM_F_ACK_TLVS | NLM_F_CAPPED, seq, p,
	    n + sizeof(a) + text);
}

static int
answer_is_1(void *ctx, const struct xfrm_msg *m)
{
	++*(unsigned int *)ctx;
	return m->type == 1 ? -EPROTO : 0;
}

START_TEST(reasons)
{
	char	why[XFRM_WHY];
	struct buf b;
	int	result = 0;

	ck_assert_int_eq(xfrm_failed(why, -EEXIST, ""), -EEXIST);
	ck_assert_str_eq(why, "File exists");
	/* The errno's words are the caller's to add. */
	xfrm_failed(why, -EINVAL, "Mode in optional template not allowed");
	ck_assert_str_eq(why, "Mode in optional template not allowed");
	buf_init(&b, 1000);
	put_result(&b, NLMSG_ERROR, SEQ, -EINVAL, "Invalid mark");
	ck_assert(xfrm_answers(buf_view(&b), SEQ, NULL, NULL, &result, why));
	ck_assert_int_eq(result, -EINVAL);
	ck_assert_str_eq(why, "Invalid mark");
	buf_fini(&b);
}
END_TEST

START_TEST(answers)
{
	char	why[XFRM_WHY] = "";
	unsigned int seen = 0;
	int	result = 0;
	struct buf b;

	buf_init(&b, 1000);
	put_result(&b, NLMSG_ERROR, SEQ - 1, -EPERM, NULL); /* an old one */
	put(&b, 99, 0, SEQ, "", 0);
	ck_assert(!xfrm_answers(buf_view(&b), SEQ, answer_is_1, &seen,
	    &result, why));
	ck_assert_uint_eq(seen, 1);
	put_result(&b, NLMSG_ERROR, SEQ, 0, NULL);
	ck_assert(xfrm_answers(buf_view(&b), SEQ, NULL, NULL, &result, why));
	ck_assert_int_eq(result, 0);
	ck_assert_str_eq(why, "");
	buf_reset(&b);
	put(&b, 1, 0, SEQ, "", 0);
	ck_assert(xfrm_answers(buf_view(&b), SEQ, answer_is_1, &seen, &result,
	    why));
	ck_assert_int_eq(result, -EPROTO);
	ck_assert_str_ne(why, "");
	buf_fini(&b);
}
END_TEST

static int
count_sa(void *ctx, const struct ipsec_sa *sa)
{
	*(uint32_t *)ctx = *(uint32_t *)ctx * 10 + sa->id.spi;
	return sa->id.spi == 9 ? 42 : 0;
}

static int
tell(const struct xfrm_dump *d, uint32_t *spis, char why[XFRM_WHY])
{
	static const struct ipsec_filter all;
	struct xfrm_dump_to to = { .filter = &all, .sa_fn = count_sa,
	    .ctx = spis, .now = NOW };

	*spis = 0;
	return xfrm_dump_tell(d, &to, why);
}

/* The end of a dump may share a datagram with its last records. */
START_TEST(dump_ends_with_records)
{
	struct xfrm_dump d;
	char	why[XFRM_WHY] = "";
	uint32_t spis;
	struct buf b;

	xfrm_dump_init(&d, XFRM_DUMP_MAX, NULL);
	buf_init(&b, 8000);
	put_sa(&b, 1, SEQ);
	put_sa(&b, 2, SEQ);
	ck_assert_int_eq(xfrm_dump_piece(&d, buf_view(&b), SEQ, why), 0);
	buf_reset(&b);
	put_sa(&b, 8, SEQ - 1);		/* of a dump that was given up */
	ck_assert_int_eq(xfrm_dump_piece(&d, buf_view(&b), SEQ, why), 0);
	buf_reset(&b);
	put_sa(&b, 3, SEQ);
	put_result(&b, NLMSG_DONE, SEQ, 0, NULL);
	ck_assert_int_eq(xfrm_dump_piece(&d, buf_view(&b), SEQ, why), 1);
	ck_assert(!d.broken);
	ck_assert_int_eq(tell(&d, &spis, why), 0);
	ck_assert_uint_eq(spis, 123);
	buf_fini(&b);
	xfrm_dump_reset(&d);
	ck_assert_ptr_null(d.first);
}
END_TEST

START_TEST(dump_fails)
{
	struct xfrm_dump d;
	char	why[XFRM_WHY] = "";
	struct buf b;

	xfrm_dump_init(&d, XFRM_DUMP_MAX, NULL);
	buf_init(&b, 8000);
	put_sa(&b, 1, SEQ);
	put_result(&b, NLMSG_DONE, SEQ, -EPERM, NULL);
	ck_assert_int_eq(xfrm_dump_piece(&d, buf_view(&b), SEQ, why), -EPERM);
	ck_assert_str_eq(why, "Operation not permitted");
	buf_reset(&b);
	put(&b, XFRM_MSG_NEWSA, NLM_F_DUMP_INTR, SEQ, "", 0);
	ck_assert_int_eq(xfrm_dump_piece(&d, buf_view(&b), SEQ, why), 0);
	ck_assert(d.broken);
	d.broken = false;
	buf_reset(&b);
	put_sa(&b, 1, SEQ);
	ck_assert_int_eq(xfrm_dump_piece(&d, view_of(b.p, b.n - 1), SEQ, why),
	    0);
	ck_assert(d.broken);
	xfrm_dump_reset(&d);
	xfrm_dump_init(&d, b.n + 1, NULL);
	ck_assert_int_eq(xfrm_dump_piece(&d, buf_view(&b), SEQ, why), 0);
	ck_assert_int_eq(xfrm_dump_piece(&d, buf_view(&b), SEQ, why),
	    -ENOMEM);
	buf_fini(&b);
	xfrm_dump_reset(&d);
}
END_TEST

static int
no_policy(void *ctx, const struct ipsec_policy *p)
{
	(void)ctx;
	(void)p;
	return 0;
}

/* As they come, up to a result that ends it. */
START_TEST(dump_streams)
{
	static const struct ipsec_filter all = { .stream = 1 };
	uint32_t spis = 0;
	struct xfrm_dump_to to = { .filter = &all, .sa_fn = count_sa,
	    .ctx = &spis, .now = NOW };
	char	why[XFRM_WHY] = "";
	struct xfrm_dump d;
	struct buf b;

	buf_init(&b, 8000);
	xfrm_dump_init(&d, 0, &to);
	put_sa(&b, 1, SEQ);
	put_sa(&b, 2, SEQ);
	ck_assert_int_eq(xfrm_dump_piece(&d, buf_view(&b), SEQ, why), 0);
	ck_assert_uint_eq(spis, 12);
	buf_reset(&b);
	put_sa(&b, 9, SEQ);
	put_sa(&b, 3, SEQ);
	ck_assert_int_eq(xfrm_dump_piece(&d, buf_view(&b), SEQ, why), 1);
	ck_assert_uint_eq(spis, 129);
	ck_assert_int_eq(d.result, 42);
	xfrm_dump_reset(&d);
	buf_fini(&b);
}
END_TEST

/* A dump of just these messages. */
static void
dump_of(struct xfrm_dump *d, struct buf *b)
{
	char	why[XFRM_WHY] = "";

	xfrm_dump_reset(d);
	ck_assert_int_eq(xfrm_dump_piece(d, buf_view(b), SEQ, why), 0);
	buf_reset(b);
}

/* What cannot be read does not vanish. */
START_TEST(dump_unreadable)
{
	static const struct ipsec_filter all;
	struct xfrm_dump_to to = { .filter = &all, .policy_fn = no_policy };
	struct xfrm_dump d;
	char	why[XFRM_WHY] = "";
	uint32_t spis;
	struct buf b;

	buf_init(&b, 8000);
	xfrm_dump_init(&d, XFRM_DUMP_MAX, NULL);
	put_sa(&b, 1, SEQ);
	put(&b, XFRM_MSG_NEWSA, 0, SEQ, "abcd", 4);
	dump_of(&d, &b);
	ck_assert_int_eq(tell(&d, &spis, why), -EPROTO);
	ck_assert_str_eq(why, "cannot read an SA of the kernel's");
	put(&b, XFRM_MSG_NEWPOLICY, 0, SEQ, "abcd", 4);
	dump_of(&d, &b);
	ck_assert_int_eq(xfrm_dump_tell(&d, &to, why), -EPROTO);
	ck_assert_str_eq(why, "cannot read a policy of the kernel's");
	/* The receiver's own result is passed on. */
	put_sa(&b, 9, SEQ);
	put_sa(&b, 1, SEQ);
	dump_of(&d, &b);
	ck_assert_int_eq(tell(&d, &spis, why), 42);
	ck_assert_uint_eq(spis, 9);
	xfrm_dump_reset(&d);
	buf_fini(&b);
}
END_TEST

static void
told(void *ctx, size_t nth, int err, const char *reason)
{
	char	*text = ctx;
	size_t	n = strlen(text);

	snprintf(text + n, 200 - n, "%zu:%d:%s ", nth, err, reason);
}

START_TEST(batches)
{
	char	text[200] = "", why[XFRM_WHY];
	struct xfrm_batch t = { .fn = told, .ctx = text, .first_seq = 10,
	    .count = 5, .nth = 100 };
	struct buf b;

	buf_init(&b, 1000);
	put_result(&b, NLMSG_ERROR, 9, -EPERM, NULL);
	put_result(&b, NLMSG_ERROR, 12, -EEXIST, NULL);
	put_result(&b, NLMSG_ERROR, 12, -EPERM, NULL);
	put_result(&b, NLMSG_ERROR, 11, -EPERM, NULL);
	put_result(&b, NLMSG_ERROR, 15, -EPERM, NULL);
	put(&b, XFRM_MSG_NEWSA, 0, 14, "", 0);
	xfrm_batch_answers(&t, buf_view(&b), why);
	ck_assert_uint_eq(t.told, 3);
	buf_reset(&b);
	put_result(&b, NLMSG_ERROR, 13, -EINVAL, "Invalid mark");
	put_result(&b, NLMSG_ERROR, 14, 0, NULL);
	xfrm_batch_answers(&t, buf_view(&b), why);
	ck_assert_uint_eq(t.told, t.count);
	ck_assert_int_eq(t.failures, 2);
	ck_assert_str_eq(text, "100:0: 101:0: 102:-17:File exists "
	    "103:-22:Invalid mark 104:0: ");
	buf_fini(&b);
}
END_TEST

/* A queue of N datagrams, all the same one; then errno END. */
struct queue {
	struct view	datagram;
	size_t		n;
	size_t		lost_at;	/* ENOBUFS when so many are left */
	int		end;
	unsigned int	events, resyncs;
};

static ssize_t
queue_receive(void *ctx, void *p, size_t size)
{
	struct queue *q = ctx;

	if (q->n == 0)
		return q->end;
	if (q->n-- == q->lost_at)
		return -ENOBUFS;
	ck_assert_uint_le(q->datagram.n, size);
	memcpy(p, q->datagram.p, q->datagram.n);
	return (ssize_t)q->datagram.n;
}

static bool
queue_empty(void *ctx)
{
	return ((struct queue *)ctx)->n == 0;
}

static void
queue_event(void *ctx, const struct ipsec_event *e)
{
	struct queue *q = ctx;

	if (e->type == IPSEC_EVENT_RESYNC)
		q->resyncs++;
	else
		q->events++;
}

/* Reads the queue of N once; what the call says. */
static int
read_queue(struct queue *q, size_t n, size_t lost_at, bool *lost)
{
	const struct xfrm_source source = { queue_receive, queue_empty, q };

	q->n = n;
	q->lost_at = lost_at;
	q->events = q->resyncs = 0;
	return xfrm_talk_events(&source, lost, NOW, queue_event, q);
}

static void
put_flush(struct buf *b)
{
	struct xfrm_usersa_flush x = { .proto = IPSEC_PROTO_ESP };

	put(b, XFRM_MSG_FLUSHSA, 0, 0, &x, sizeof(x));
}

/* A RESYNC comes when the queue is empty, and then at once. */
START_TEST(resync)
{
	struct queue q = { .end = -EAGAIN };
	bool	lost = false;
	struct buf b;

	buf_init(&b, 1000);
	put_flush(&b);
	q.datagram = buf_view(&b);
	ck_assert_int_eq(read_queue(&q, 3, 2, &lost), 0);
	ck_assert_uint_eq(q.events, 2);
	ck_assert_uint_eq(q.resyncs, 1);
	ck_assert(!lost);
	/* Not while more is waiting. */
	ck_assert_int_eq(read_queue(&q, XFRM_EVENTS_MOST + 1,
	    XFRM_EVENTS_MOST, &lost), 0);
	ck_assert_uint_eq(q.events, XFRM_EVENTS_MOST - 1);
	ck_assert_uint_eq(q.resyncs, 0);
	ck_assert(lost);
	ck_assert_int_eq(read_queue(&q, 1, 0, &lost), 0);
	ck_assert_uint_eq(q.resyncs, 1);
	/* The last one of a call may be the last one of all. */
	ck_assert_int_eq(read_queue(&q, XFRM_EVENTS_MOST, 1, &lost), 0);
	ck_assert_uint_eq(q.resyncs, 1);
	q.end = -EBADF;
	ck_assert_int_eq(read_queue(&q, 1, 1, &lost), -EBADF);
	ck_assert_uint_eq(q.resyncs, 0);
	buf_fini(&b);
}
END_TEST

/* An event that cannot be read is one that was lost. */
START_TEST(broken_events)
{
	struct queue q = { .end = -EAGAIN };
	bool	lost = false;
	struct buf b;

	buf_init(&b, 1000);
	put(&b, XFRM_MSG_NEWSA, 0, 0, "abcd", 4);
	put_flush(&b);
	q.datagram = buf_view(&b);
	ck_assert_int_eq(read_queue(&q, 1, 0, &lost), 0);
	ck_assert_uint_eq(q.events, 1);
	ck_assert_uint_eq(q.resyncs, 1);
	/* What is no event is nothing to us. */
	buf_reset(&b);
	put(&b, XFRM_MSG_REPORT, 0, 0, "abcd", 4);
	q.datagram = buf_view(&b);
	ck_assert_int_eq(read_queue(&q, 1, 0, &lost), 0);
	ck_assert_uint_eq(q.resyncs, 0);
	q.datagram.n--;
	ck_assert_int_eq(read_queue(&q, 1, 0, &lost), 0);
	ck_assert_uint_eq(q.resyncs, 1);
	buf_fini(&b);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { reasons, answers,
	    dump_ends_with_records, dump_fails, dump_streams, dump_unreadable,
	    batches,
	    resync, broken_events };

	return suite_main("talk", tests, sizeof(tests) / sizeof(tests[0]));
}
