/* SPDX-License-Identifier: ISC */
/*
 * A PF_KEY kernel of a test's own: see pfkey_fake.h.
 */
#include "test/pfkey_fake.h"

#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libipsec/addr.h"

#define WAIT_MS	60000

struct ipsec_addr
fake_addr(const char *text)
{
	struct ipsec_addr a;

	ck_assert(addr_parse(&a, text));
	return a;
}

struct ipsec_sa
fake_esp(uint32_t spi)
{
	struct ipsec_sa sa;

	memset(&sa, 0, sizeof(sa));
	sa.id.dst = fake_addr("192.0.2.2");
	sa.id.spi = spi;
	sa.id.proto = IPSEC_PROTO_ESP;
	sa.src = fake_addr("192.0.2.1");
	sa.mode = IPSEC_MODE_TRANSPORT;
	sa.state = IPSEC_STATE_MATURE;
	sa.enc = (struct ipsec_key){ .id = 12, .key_bits = 128,
	    .present = 1 };
	sa.auth = (struct ipsec_key){ .id = 3, .key_bits = 160,
	    .present = 1 };
	return sa;
}

struct ipsec_policy
fake_policy(void)
{
	struct ipsec_policy p;

	memset(&p, 0, sizeof(p));
	p.sel.src = fake_addr("10.1.0.0");
	p.sel.dst = fake_addr("10.2.0.0");
	p.sel.src_prefix = p.sel.dst_prefix = 16;
	p.dir = IPSEC_DIR_OUT;
	p.action = IPSEC_ACTION_IPSEC;
	p.ntmpl = 1;
	p.tmpl[0] = (struct ipsec_tmpl){ .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT, .reqid = 33 };
	p.index = 17;
	return p;
}

void
say(int fd, const void *p, size_t n)
{
	if (send(fd, p, n, MSG_NOSIGNAL) < 0 && errno != EPIPE &&
	    errno != ECONNRESET)
		abort();
}

void
say_buf(int fd, struct buf *b)
{
	if (!buf_ok(b))
		abort();
	say(fd, b->p, b->n);
	buf_reset(b);
}

void
say_error(int fd, const struct pfkey_msg *m, int error)
{
	struct sadb_msg h = { .sadb_msg_version = PF_KEY_V2,
	    .sadb_msg_type = m->type, .sadb_msg_errno = (uint8_t)error,
	    .sadb_msg_satype = m->satype, .sadb_msg_len = 2,
	    .sadb_msg_seq = m->seq, .sadb_msg_pid = m->pid };

	say(fd, &h, sizeof(h));
}

void
say_sa(int fd, uint8_t type, const struct ipsec_sa *sa, uint32_t seq,
    uint32_t pid)
{
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_msg_number(&b, pfkey_put_sa_told(&b, type, sa), seq, pid);
	say_buf(fd, &b);
	buf_fini(&b);
}

void
say_policy(int fd, const struct pfkey_msg *m, const struct ipsec_policy *p,
    uint32_t seq)
{
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_msg_number(&b, pfkey_put_policy_told(&b, m->type, p), seq,
	    m->pid);
	say_buf(fd, &b);
	buf_fini(&b);
}

static void *
serve(void *ctx)
{
	struct fake *f = *(struct fake **)ctx;
	uint8_t	p[PFKEY_MSG_BYTES];
	struct pfkey_msg m;
	ssize_t	n;
	int	fd = -1;

	for (unsigned int i = 0; i < FAKE_ENDS; i++)
		if (ctx == &f->end[i])
			fd = f->end[i].fd;
	while ((n = recv(fd, p, sizeof(p), 0)) > 0) {
		if (pfkey_msg_parse(view_of(p, (size_t)n), &m) != PFKEY_GOOD)
			abort();
		atomic_fetch_add(&f->requests, 1);
		f->answer(f, fd, &m);
	}
	return NULL;
}

static int
fake_socket(void *ctx)
{
	struct fake *f = ctx;
	unsigned int i = atomic_load(&f->n);
	int	pair[2];

	ck_assert_uint_lt(i, FAKE_ENDS);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	f->end[i].fake = f;
	f->end[i].fd = pair[1];
	ck_assert_int_eq(pthread_create(&f->end[i].thread, NULL, serve,
	    &f->end[i]), 0);
	atomic_store(&f->n, i + 1);
	return pair[0];
}

struct ipsec *
fake_open_wait(struct fake *f, kernel_fn *fn, int wait_ms)
{
	struct ipsec *h;

	memset(f, 0, sizeof(*f));
	f->answer = fn;
	f->policy = fake_policy();
	f->sa = fake_esp(0x1001);
	ck_assert_int_eq(pfkey_open_on(&h, fake_socket, f, wait_ms), 0);
	ck_assert_str_eq(ipsec_backend(h), "pfkey");
	return h;
}

struct ipsec *
fake_open(struct fake *f, kernel_fn *fn)
{
	return fake_open_wait(f, fn, WAIT_MS);
}

void
fake_close(struct fake *f, struct ipsec *h)
{
	ipsec_close(h);
	for (unsigned int i = 0; i < atomic_load(&f->n); i++) {
		pthread_join(f->end[i].thread, NULL);
		close(f->end[i].fd);
	}
}
