/* SPDX-License-Identifier: ISC */
/*
 * The PF_KEY back end and a kernel that is late, silent, drowned by others, or
 * says what cannot be read: every wait ends, and nobody gets the answer that
 * was for another.
 */
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "test/pfkey_fake.h"
#include "test/suite.h"

#define SHORT_MS	100	/* of a wait that is meant to end */

static int
any_sa(void *ctx, const struct ipsec_sa *sa)
{
	(void)sa;
	++*(unsigned int *)ctx;
	return 0;
}

static int
any_policy(void *ctx, const struct ipsec_policy *p)
{
	(void)p;
	++*(unsigned int *)ctx;
	return 0;
}

static void
silent_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	(void)f;
	(void)fd;
	(void)m;
}

START_TEST(silence)
{
	struct ipsec_sa sa = fake_esp(0x1001), got;
	unsigned int n = 0;
	struct fake f;
	struct ipsec *h = fake_open_wait(&f, silent_kernel, SHORT_MS);

	ck_assert_int_eq(ipsec_sa_get(h, &sa.id, &got), -ETIMEDOUT);
	ck_assert_str_eq(ipsec_error(h), "no answer from the kernel");
	ck_assert_int_eq(ipsec_flush(h, IPSEC_FLUSH_SA, 0), -ETIMEDOUT);
	/* The answers may still come: nobody must take them for his. */
	ck_assert_uint_eq(atomic_load(&f.n), 2);
	ck_assert_int_eq(ipsec_sa_dump(h, NULL, any_sa, &n), -EINTR);
	ck_assert_uint_eq(n, 0);
	fake_close(&f, h);
}
END_TEST

/* Others never stop; the answer does not come. */
static void
drowning_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	struct ipsec_sa sa = f->sa;

	while (!atomic_load(&f->stop))
		say_sa(fd, m->type, &sa, m->seq, m->pid + 1);
}

START_TEST(others_without_end)
{
	struct ipsec_sa sa = fake_esp(0x1001), got;
	struct fake f;
	struct ipsec *h = fake_open_wait(&f, drowning_kernel, SHORT_MS);
	unsigned int n = 0;

	ck_assert_int_eq(ipsec_sa_get(h, &sa.id, &got), -ETIMEDOUT);
	ck_assert_int_eq(ipsec_sa_dump(h, NULL, any_sa, &n), -EINTR);
	ck_assert_uint_eq(n, 0);
	atomic_store(&f.stop, true);
	fake_close(&f, h);
}
END_TEST

/* A thousand changes of others, of which the first came before we asked. */
static void
busy_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	struct ipsec_sa sa = f->sa;

	for (unsigned int i = 0; i < 1000; i++)
		say_sa(fd, SADB_ADD, &sa, m->seq, m->pid + 1);
	say_sa(fd, m->type, &sa, m->seq, m->pid);
}

START_TEST(others_with_an_end)
{
	struct ipsec_sa sa = fake_esp(0x1001), got;
	struct fake f;
	struct ipsec *h = fake_open(&f, busy_kernel);

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(ipsec_sa_get(h, &sa.id, &got), 0);
	ck_assert_uint_eq(atomic_load(&f.n), 1);
	fake_close(&f, h);
}
END_TEST

/* The answer's header, and less behind it than it says. */
static void
lying_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	struct {
		struct sadb_msg	h;
		uint64_t	more;
	} a = { .h = { .sadb_msg_version = PF_KEY_V2,
	    .sadb_msg_type = m->type, .sadb_msg_len = 9,
	    .sadb_msg_seq = m->seq, .sadb_msg_pid = m->pid } };

	(void)f;
	say(fd, &a, sizeof(a));
}

/* Whole, but with nothing in it. */
static void
empty_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	struct sadb_msg h = { .sadb_msg_version = PF_KEY_V2,
	    .sadb_msg_type = m->type, .sadb_msg_len = 2,
	    .sadb_msg_pid = m->pid };

	(void)f;
	if (m->type != SADB_DUMP && m->type != SADB_X_SPDDUMP)
		h.sadb_msg_seq = m->seq;
	say(fd, &h, sizeof(h));
}

START_TEST(unreadable)
{
	kernel_fn *const fn[] = { lying_kernel, empty_kernel };
	struct ipsec_sa sa = fake_esp(0x1001), got;
	struct ipsec_policy p = fake_policy(), policy;
	unsigned int n = 0;
	struct fake f;
	struct ipsec *h;

	for (size_t i = 0; i < sizeof(fn) / sizeof(fn[0]); i++) {
		h = fake_open(&f, fn[i]);
		ck_assert_int_eq(ipsec_sa_get(h, &sa.id, &got), -EPROTO);
		ck_assert_str_eq(ipsec_error(h), PFKEY_UNREADABLE);
		ck_assert_int_eq(ipsec_policy_get(h, &p, &policy), -EPROTO);
		ck_assert_int_eq(ipsec_sa_dump(h, NULL, any_sa, &n), -EPROTO);
		ck_assert_str_eq(ipsec_error(h), PFKEY_UNREADABLE);
		ck_assert_int_eq(ipsec_policy_dump(h, NULL, any_policy, &n),
		    -EPROTO);
		ck_assert_uint_eq(n, 0);
		fake_close(&f, h);
	}
}
END_TEST

/* The table's walk failed on the way: Linux leaves the sign out. */
static void
failing_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	(void)f;
	say_error(fd, m, 256 - EINVAL);
}

/* First the answer, then what became of it. */
static void
two_faced_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	(void)f;
	say_error(fd, m, 0);
	say_error(fd, m, EPERM);
}

/* The answer, and the broadcast that tells all of it. */
static void
flushing_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	(void)f;
	say_error(fd, m, 0);
	say_error(fd, m, 0);
}

START_TEST(late_errors)
{
	unsigned int n = 0;
	struct fake f;
	struct ipsec *h = fake_open(&f, failing_kernel);

	ck_assert_int_eq(ipsec_sa_dump(h, NULL, any_sa, &n), -EINVAL);
	fake_close(&f, h);
	h = fake_open(&f, flushing_kernel);
	ck_assert_int_eq(ipsec_flush(h, IPSEC_FLUSH_SA, 0), 0);
	ck_assert_int_eq(ipsec_flush(h, IPSEC_FLUSH_POLICY, 0), 0);
	fake_close(&f, h);
}
END_TEST

/*
 * A datagram socket gives no promise when the second message comes, the kernel
 * does: it is there when the request returns.  So it is here, too, at last.
 */
START_TEST(refused_flush)
{
	int	r = 0;
	struct fake f;
	struct ipsec *h = fake_open(&f, two_faced_kernel);

	for (int i = 0; i < 10000 && r == 0; i++)
		r = ipsec_flush(h, IPSEC_FLUSH_SA, 0);
	ck_assert_int_eq(r, -EPERM);
	fake_close(&f, h);
}
END_TEST

/* Asked about the policy of an ACQUIRE, it says nothing. */
static void
acquire(struct buf *b, uint32_t seq)
{
	struct ipsec_event e = { .type = IPSEC_EVENT_ACQUIRE };

	e.sa = fake_esp(0);
	e.sa.seq = seq;
	e.policy = fake_policy();
	pfkey_put_event(b, &e);
}

struct heard {
	unsigned int	n, resyncs;
};

static void
hear(void *ctx, const struct ipsec_event *e)
{
	struct heard *heard = ctx;

	heard->n++;
	heard->resyncs += e->type == IPSEC_EVENT_RESYNC;
}

/* Who does not answer is asked once, whatever waits. */
START_TEST(acquires_without_answers)
{
	struct heard heard = { .n = 0 };
	struct fake f;
	struct ipsec *h = fake_open_wait(&f, silent_kernel, SHORT_MS);
	struct buf b;

	ck_assert_int_eq(ipsec_listen(h, IPSEC_LISTEN_ACQUIRE), 0);
	buf_init(&b, PFKEY_MSG_BYTES);
	for (uint32_t i = 1; i <= 100; i++) {
		acquire(&b, i);
		say_buf(f.end[1].fd, &b);
	}
	buf_fini(&b);
	ck_assert_int_eq(ipsec_events(h, hear, &heard), 0);
	ck_assert_uint_eq(heard.n, 1);
	ck_assert_uint_eq(heard.resyncs, 1);
	fake_close(&f, h);
	ck_assert_uint_eq(atomic_load(&f.requests), 2);	/* with REGISTER */
}
END_TEST

/* Who may not listen gets to know, and may try again. */
START_TEST(refused_registration)
{
	struct heard heard = { .n = 0 };
	struct sadb_msg m = { .sadb_msg_version = PF_KEY_V2,
	    .sadb_msg_type = SADB_REGISTER, .sadb_msg_errno = ENOBUFS,
	    .sadb_msg_len = 2 };
	struct fake f;
	struct ipsec *h = fake_open(&f, silent_kernel);

	ck_assert_int_eq(ipsec_listen(h, IPSEC_LISTEN_ACQUIRE), 0);
	say(f.end[1].fd, &m, sizeof(m));	/* of another process */
	ck_assert_int_eq(ipsec_events(h, hear, &heard), 0);
	m.sadb_msg_pid = (uint32_t)getpid();
	say(f.end[1].fd, &m, sizeof(m));
	ck_assert_int_eq(ipsec_events(h, hear, &heard), -ENOBUFS);
	ck_assert_uint_eq(heard.n, 0);
	ck_assert_int_eq(ipsec_listen(h, IPSEC_LISTEN_EXPIRE), 0);
	fake_close(&f, h);
	ck_assert_uint_eq(atomic_load(&f.requests), 2);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { silence, others_without_end,
	    others_with_an_end, unreadable, late_errors, refused_flush,
	    acquires_without_answers, refused_registration };

	return suite_main("pfkey_wait", tests,
	    sizeof(tests) / sizeof(tests[0]));
}
