/* SPDX-License-Identifier: ISC */
/*
 * The worker's end and the monitor's table with a socketpair between them: the
 * kernel and a private key, as the engine sees them.
 */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "crypto/sign.h"
#include "daemon/moncall.h"
#include "libipsec/addr.h"
#include "libipsec/ops.h"
#include "monitor/table.h"
#include "test/pki.h"
#include "test/suite.h"
#include "wire/isakmp.h"

#define SAS	1000

/* ---- a kernel ---- */

static int
k_getspi(void *ctx, const struct ipsec_sa *sa, uint32_t min, uint32_t max,
    uint32_t *spi)
{
	(void)ctx;
	(void)sa;
	*spi = max;
	return min == 7 ? -ENOENT : 0;
}

static int
k_sa_get(void *ctx, const struct ipsec_sa_id *id, struct ipsec_sa *sa)
{
	(void)ctx;
	memset(sa, 0, sizeof(*sa));
	sa->id = *id;
	sa->reqid = 77;
	return 0;
}

static int
k_sa_dump(void *ctx, const struct ipsec_filter *f, ipsec_sa_fn *fn, void *arg)
{
	struct ipsec_sa sa;
	int r = 0;

	(void)ctx;
	memset(&sa, 0, sizeof(sa));
	for (uint32_t i = 1; i <= SAS && r == 0; i++) {
		sa.id.spi = i;
		sa.reqid = f->reqid;
		r = fn(arg, &sa);
	}
	return r;
}

static const char *
k_error(void *ctx)
{
	(void)ctx;
	return "because";
}

static void
k_close(void *ctx)
{
	(void)ctx;
}

static const struct ipsec_ops kernel_ops = {
	.name = "toy", .getspi = k_getspi, .sa_get = k_sa_get,
	.sa_dump = k_sa_dump, .error = k_error, .close = k_close,
};

/* ---- a monitor in a thread ---- */

struct monitor {
	pthread_t	 thread;
	int		 call[2], sign[2], tell[2];
	struct table	 t;
	struct crypto	*crypto;
};

static bool
more(void *ctx, struct view v)
{
	struct monitor *mon = ctx;
	struct mon_msg *m = xcalloc(1, sizeof(*m));
	struct buf b;

	m->op = MON_MORE;
	m->text = v;
	buf_init(&b, MON_MAX);
	mon_put(&b, m);
	ck_assert_int_eq(send(mon->call[0], b.p, b.n, 0), (ssize_t)b.n);
	buf_fini(&b);
	free(m);
	return true;
}

static void
send_answer(int to, const struct buf *b, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { b->p, b->n };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (fd != -1) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	ck_assert_int_eq(sendmsg(to, &msg, 0), (ssize_t)b->n);
	if (fd != -1)
		(void)close(fd);
}

static void
serve(struct monitor *m, int from, enum mon_channel channel, uint8_t *in)
{
	const char *why;
	struct buf out;
	ssize_t n = recv(from, in, MON_MAX, MSG_DONTWAIT);
	int fd;

	if (n <= 0)
		return;
	buf_init(&out, MON_MAX);
	ck_assert(table_ask(&m->t, channel, view_of(in, (size_t)n), &out,
	    &fd, &why));
	send_answer(from, &out, fd);
	buf_fini(&out);
}

/* Ends with the other side's end of the calls. */
static void *
run(void *arg)
{
	struct monitor *m = arg;
	uint8_t *in = xcalloc(1, MON_MAX), byte;

	while (recv(m->call[0], &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0) {
		serve(m, m->call[0], MON_CALLS, in);
		serve(m, m->sign[0], MON_SIGNS, in);
	}
	free(in);
	return NULL;
}

static void
start(struct monitor *m)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, m->call), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, m->sign), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, m->tell), 0);
	table_init(&m->t);
	m->crypto = crypto_new();
	m->t.crypto = m->crypto;
	m->t.ipsec = ipsec_new(&kernel_ops, NULL);
	m->t.more = more;
	m->t.ctx = m;
	m->t.opener = &conf_files;
	ck_assert_int_eq(pthread_create(&m->thread, NULL, run, m), 0);
}

static void
stop(struct monitor *m)
{
	ck_assert_int_eq(pthread_join(m->thread, NULL), 0);
	ipsec_close(m->t.ipsec);
	table_fini(&m->t);
	crypto_free(m->crypto);
	(void)close(m->call[0]);
	(void)close(m->sign[0]);
	(void)close(m->tell[0]);
}

static struct moncall *
connect_to(struct monitor *m, const char *path)
{
	const struct moncall_setup setup = {
		.call = m->call[1], .sign = m->sign[1], .tell = m->tell[1],
		.path = path, .backend = "toy",
	};

	return moncall_new(&setup);
}

/* ---- tests ---- */

struct seen {
	struct ipsec	*ipsec;
	uint32_t	 n;
};

/* The handle is free to be used meanwhile. */
static int
look(void *ctx, const struct ipsec_sa *sa)
{
	struct seen *s = ctx;
	struct ipsec_sa other;
	struct ipsec_sa_id id = { .spi = 1, .proto = IPSEC_PROTO_ESP };

	ck_assert_uint_eq(sa->id.spi, ++s->n);
	ck_assert_uint_eq(sa->reqid, 5);
	ck_assert(addr_parse(&id.dst, "192.0.2.1"));
	if (s->n % 100 == 0) {
		ck_assert_int_eq(ipsec_sa_get(s->ipsec, &id, &other), 0);
		ck_assert_uint_eq(other.reqid, 77);
	}
	return s->n == 900 ? 42 : 0;
}

START_TEST(kernel)
{
	struct ipsec_filter filter = { .reqid = 5 };
	struct seen seen = { .n = 0 };
	struct ipsec_sa sa = { .reqid = 1 };
	struct monitor m;
	struct moncall *c;
	struct ipsec *ipsec;
	uint32_t spi;

	start(&m);
	c = connect_to(&m, "");
	ck_assert_int_eq(moncall_ipsec(c, &ipsec), 0);
	ck_assert_str_eq(ipsec_backend(ipsec), "toy");
	sa.id.proto = IPSEC_PROTO_ESP;
	ck_assert(addr_parse(&sa.id.dst, "192.0.2.1"));
	ck_assert(addr_parse(&sa.src, "192.0.2.2"));
	ck_assert_int_eq(ipsec_getspi(ipsec, &sa, 256, 0x1234, &spi), 0);
	ck_assert_uint_eq(spi, 0x1234);
	ck_assert_int_eq(ipsec_getspi(ipsec, &sa, 7, 8, &spi), -ENOENT);
	ck_assert_str_eq(ipsec_error(ipsec), "because");
	seen.ipsec = ipsec;
	ck_assert_int_eq(ipsec_sa_dump(ipsec, &filter, look, &seen), 42);
	ck_assert_uint_eq(seen.n, 900);
	ipsec_close(ipsec);
	moncall_free(c);
	stop(&m);
}
END_TEST

/* A key in a file that the worker never sees; its signature is right. */
START_TEST(signature)
{
	static const uint8_t hash[32] = { 9 };
	char dir[] = "/tmp/check_moncall.XXXXXX", *path, *key_path, *rm;
	EVP_PKEY *pkey = pki_key("P-256");
	struct conf_cert cert = { .kind = CONF_CERT_X509 };
	const struct asroot *root;
	struct monitor m;
	struct moncall *c;
	struct conf *conf = NULL;
	struct key *key;
	struct buf b, sig;
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = xasprintf("%s/racoon.conf", dir);
	key_path = xasprintf("%s/key.pem", dir);
	f = fopen(path, "w");
	fprintf(f, "path certificate \"%s\";\nremote anonymous {"
	    " exchange_mode main; certificate_type x509 \"racoon.conf\" "
	    "\"key.pem\"; proposal { encryption_algorithm aes 128; "
	    "hash_algorithm sha256; authentication_method rsasig; "
	    "dh_group 19; } }\n", dir);
	ck_assert_int_eq(fclose(f), 0);
	buf_init(&b, 65536);
	buf_init(&sig, SIGN_LEN_MAX);
	pki_put_key(&b, pkey, "PEM");
	f = fopen(key_path, "w");
	ck_assert_uint_eq(fwrite(b.p, 1, b.n, f), b.n);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(key_path, 0600), 0);
	start(&m);
	m.t.path = path;
	ck_assert_int_eq(table_read(&m.t), OK);
	table_keep(&m.t, true);
	table_begin(&m.t);
	c = connect_to(&m, path);
	ck_assert_int_eq(moncall_conf(c, &conf), OK);
	log_to(NULL, NULL);
	ck_assert_uint_eq(conf->nremote, 1);
	root = moncall_asroot(c);
	cert.key = key_path;
	key = root->ops->key(root->ctx, m.crypto, &cert);
	ck_assert_ptr_nonnull(key);
	ck_assert(key_private(key));
	ck_assert_int_eq(sign_make(m.crypto, key, P1_METHOD_ECDSA256,
	    view_of(hash, sizeof(hash)), &sig), OK);
	ck_assert_int_eq(sign_check(m.crypto, key, P1_METHOD_ECDSA256,
	    view_of(hash, sizeof(hash)), buf_view(&sig)), OK);
	/* reloads */
	conf_unref(conf);
	ck_assert_int_eq(root->ops->reload(root->ctx, &conf), OK);
	log_to(NULL, NULL);
	root->ops->keep(root->ctx, true);
	conf_unref(conf);
	key_unref(key);
	moncall_free(c);
	stop(&m);
	rm = xasprintf("rm -rf %s", dir);
	ck_assert_int_eq(system(rm), 0);
	buf_fini(&b);
	buf_fini(&sig);
	EVP_PKEY_free(pkey);
	free(rm);
	free(path);
	free(key_path);
}
END_TEST

static void
tell_worker(const struct monitor *mon, enum mon_op op)
{
	struct mon_msg *m = xcalloc(1, sizeof(*m));
	struct buf b;

	m->op = op;
	m->text = m->more = view_of("", 0);
	buf_init(&b, MON_MAX);
	mon_put(&b, m);
	ck_assert_int_eq(send(mon->tell[0], b.p, b.n, 0), (ssize_t)b.n);
	buf_fini(&b);
	free(m);
}

/* What the worker says without being asked; MON_OP_END: nothing. */
static enum mon_op
told(const struct monitor *mon)
{
	struct mon_msg *m = xcalloc(1, sizeof(*m));
	uint8_t in[4096];
	enum mon_op op = MON_OP_END;
	ssize_t n = recv(mon->tell[0], in, sizeof(in), MSG_DONTWAIT);

	if (n > 0) {
		ck_assert_int_eq(mon_get(view_of(in, (size_t)n), m), OK);
		ck_assert(!m->answer);
		op = m->op;
	}
	free(m);
	return op;
}

static void
count_event(void *ctx, const struct ipsec_event *ev)
{
	unsigned int *events = ctx;

	(void)ev;
	++*events;
}

/* That it serves, and that its loop turns: when it gets there. */
START_TEST(signs_of_life)
{
	const struct asroot *root;
	unsigned int events = 0;
	struct monitor m;
	struct moncall *c;
	struct ipsec *ipsec;

	start(&m);
	c = connect_to(&m, "");
	root = moncall_asroot(c);
	ck_assert_int_eq(moncall_ipsec(c, &ipsec), 0);
	ck_assert_int_eq(told(&m), MON_OP_END);
	root->ops->ready(root->ctx);
	ck_assert_int_eq(told(&m), MON_READY);
	tell_worker(&m, MON_BEAT);
	tell_worker(&m, MON_EVENT);
	tell_worker(&m, MON_BEAT);
	ck_assert_int_eq(told(&m), MON_OP_END);
	ck_assert_int_eq(ipsec_events(ipsec, count_event, &events), 0);
	ck_assert_int_eq(told(&m), MON_BEAT);
	ck_assert_int_eq(told(&m), MON_BEAT);
	ck_assert_int_eq(told(&m), MON_OP_END);
	ck_assert_uint_eq(events, 1);
	ipsec_close(ipsec);
	moncall_free(c);
	stop(&m);
}
END_TEST

/* Nobody is there: a worker alone ends. */
START_TEST(orphan)
{
	struct ipsec_filter all = { .reqid = 0 };
	int call[2], sign[2], tell[2], status;
	struct seen seen = { .n = 0 };
	struct moncall_setup setup = { .path = "", .backend = "toy" };
	struct ipsec *ipsec;
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, call), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sign), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, tell), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(call[0]);
		setup.call = call[1];
		setup.sign = sign[1];
		setup.tell = tell[1];
		if (moncall_ipsec(moncall_new(&setup), &ipsec) == 0)
			(void)ipsec_sa_dump(ipsec, &all, look, &seen);
		_exit(0);
	}
	(void)close(call[1]);
	(void)close(call[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE);
	for (int i = 0; i < 2; i++) {
		(void)close(sign[i]);
		(void)close(tell[i]);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { kernel, signature, signs_of_life,
	    orphan };

	return suite_main("moncall", tests, sizeof(tests) / sizeof(tests[0]));
}
