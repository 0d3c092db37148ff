/* SPDX-License-Identifier: ISC */
/* A monitor's table with a toy kernel and files of its own, for tests. */
#ifndef TEST_MONITOR_STAGE_H
#define TEST_MONITOR_STAGE_H

#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "crypto/sign.h"
#include "ike/genpol.h"
#include "libipsec/addr.h"
#include "libipsec/ops.h"
#include "monitor/here.h"
#include "monitor/table.h"
#include "test/pki.h"
#include "test/suite.h"
#include "wire/isakmp.h"

#ifndef SAS
#define SAS		100		/* of a dump: several parts */
#endif
#define TEXT_MAX	(64u << 10)

/* ---- a kernel that remembers ---- */

struct kernel {
	unsigned int	 calls, sets, flushes, deletes;
	struct ipsec_policy there;	/* what policy_get finds */
	bool		 has;
	int		 broken;	/* what policy_get says instead */
};

static int
k_getspi(void *ctx, const struct ipsec_sa *sa, uint32_t min, uint32_t max,
    uint32_t *spi)
{
	struct kernel *k = ctx;

	(void)sa;
	(void)max;
	k->calls++;
	*spi = min;
	return 0;
}

static int
k_sa_set(void *ctx, const struct ipsec_sa *sa, bool update)
{
	struct kernel *k = ctx;

	(void)update;
	k->calls++;
	ck_assert_uint_eq(sa->offload.kind, 0);
	ck_assert_uint_eq(sa->output_mark.mask, 0);
	return 0;
}

static int
k_sa_get(void *ctx, const struct ipsec_sa_id *id, struct ipsec_sa *sa)
{
	(void)ctx;
	memset(sa, 0, sizeof(*sa));
	sa->id = *id;
	return 0;
}

static int
k_sa_delete(void *ctx, const struct ipsec_sa_id *id)
{
	(void)ctx;
	(void)id;
	return -ESRCH;
}

static int
k_sa_dump(void *ctx, const struct ipsec_filter *f, ipsec_sa_fn *fn, void *arg)
{
	struct ipsec_sa sa;
	int r = 0;

	(void)ctx;
	(void)f;
	memset(&sa, 0, sizeof(sa));
	for (uint32_t i = 0; i < SAS && r == 0; i++) {
		sa.id.spi = i + 256;
		r = fn(arg, &sa);
	}
	return r;
}

static int
k_policy_set(void *ctx, const struct ipsec_policy *p, bool update)
{
	struct kernel *k = ctx;

	(void)update;
	k->sets++;
	ck_assert(genpol_is_ours(p) && p->action == IPSEC_ACTION_IPSEC);
	return 0;
}

static int
k_policy_get(void *ctx, const struct ipsec_policy *id, struct ipsec_policy *p)
{
	const struct kernel *k = ctx;

	(void)id;
	*p = k->there;
	return k->broken != 0 ? k->broken : k->has ? 0 : -ENOENT;
}

static int
k_policy_delete(void *ctx, const struct ipsec_policy *id)
{
	struct kernel *k = ctx;

	ck_assert(k->has && genpol_is_ours(&k->there));
	ck_assert_uint_eq(id->index, k->there.index);
	k->deletes++;
	return 0;
}

static int
k_policy_dump(void *ctx, const struct ipsec_filter *f, ipsec_policy_fn *fn,
    void *arg)
{
	(void)ctx;
	(void)fn;
	(void)arg;
	ck_assert_uint_eq(f->stream, 0);
	return 0;
}

static int
k_flush(void *ctx, enum ipsec_what what, uint8_t proto)
{
	struct kernel *k = ctx;

	(void)proto;
	ck_assert_int_eq(what, IPSEC_FLUSH_SA);
	k->flushes++;
	return 0;
}

static const char *
k_error(void *ctx)
{
	(void)ctx;
	return "the kernel's words";
}

static void
k_close(void *ctx)
{
	(void)ctx;
}

static const struct ipsec_ops kernel_ops = {
	.name = "toy", .getspi = k_getspi, .sa_set = k_sa_set,
	.sa_get = k_sa_get, .sa_delete = k_sa_delete, .sa_dump = k_sa_dump,
	.policy_set = k_policy_set, .policy_get = k_policy_get,
	.policy_delete = k_policy_delete, .policy_dump = k_policy_dump,
	.flush = k_flush, .error = k_error, .close = k_close,
};

/* ---- a stage ---- */

struct stage {
	char		 dir[64];
	struct crypto	*crypto;
	struct kernel	 kernel;
	struct event_base *base;
	struct table	 t;
	struct buf	 answer, parts, secret;
	struct mon_msg	 m, a;		/* request, answer */
	int		 fd;		/* that came with it */
	const char	*why;
	bool		 has_key;	/* EC: as the conf has it */
};

static void
quiet(void *ctx, enum log_level level, const char *peer, const char *text)
{
	(void)ctx;
	(void)level;
	(void)peer;
	(void)text;
}

static bool
more(void *ctx, struct view v)
{
	struct stage *s = ctx;

	buf_add(&s->parts, v);
	return true;
}

static int
listens(void *ctx, unsigned int what)
{
	(void)ctx;
	(void)what;
	return 0;
}

static char *
in_dir(const struct stage *s, const char *name)
{
	return xasprintf("%s/%s", s->dir, name);
}

static void
put_file(const struct stage *s, const char *name, struct view v, mode_t mode)
{
	char *path = in_dir(s, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, v.p, v.n), (ssize_t)v.n);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	(void)close(fd);
	free(path);
}

/* A key and its certificate; together in one file as well. */
static void
make_pair(struct stage *s)
{
	EVP_PKEY *key = pki_key("RSA:2048");
	X509 *cert = pki_ca("gw", key);
	struct buf b;

	buf_init(&b, TEXT_MAX);
	pki_put_cert(&b, cert, true);
	put_file(s, "cert.pem", buf_view(&b), 0644);
	pki_put_key(&s->secret, key, "PEM");
	buf_add(&b, buf_view(&s->secret));
	put_file(s, "key.pem", buf_view(&s->secret), 0600);
	put_file(s, "both.pem", buf_view(&b), 0600);
	buf_fini(&b);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static const char conf_text[] =
    "path pre_shared_key \"%s/psk.txt\";\n"
    "path certificate \"%s\";\n"
    "listen { isakmp 127.0.0.1 [15500]; adminsock \"%s/a.sock\"; }\n"
    "remote 192.0.2.1 { exchange_mode main; generate_policy on;\n"
    " certificate_type x509 \"cert.pem\" \"key.pem\";\n"
    " script \"/bin/true\" phase1_up;\n"
    " proposal { encryption_algorithm aes; hash_algorithm sha1;\n"
    "  authentication_method rsasig; dh_group 2; } }\n"
    "remote 192.0.2.2 { exchange_mode main;\n"
    " certificate_type x509 \"both.pem\" \"both.pem\";\n"
    " proposal { encryption_algorithm aes; hash_algorithm sha1;\n"
    "  authentication_method rsasig; dh_group 2; } }\n";

static void
put_conf(const struct stage *s)
{
	char *text = xasprintf(conf_text, s->dir, s->dir, s->dir);

	put_file(s, "racoon.conf", view_text(text), 0600);
	free(text);
}

static struct stage *
stage_new(void)
{
	struct stage *s = xcalloc(1, sizeof(*s));
	char *path;

	log_to(quiet, NULL);
	(void)snprintf(s->dir, sizeof(s->dir), "/tmp/check_monitor.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(s->dir));
	buf_init(&s->answer, MON_MAX);
	buf_init(&s->parts, 1u << 20);
	buf_init(&s->secret, TEXT_MAX);
	s->crypto = crypto_new();
	make_pair(s);
	put_file(s, "psk.txt", view_text("192.0.2.1 secret\n"), 0600);
	put_file(s, "other.txt", view_text("not yours\n"), 0600);
	put_conf(s);
	path = in_dir(s, "racoon.conf");
	table_init(&s->t);
	s->t.opener = &conf_files;
	s->t.path = path;
	s->t.crypto = s->crypto;
	s->t.ipsec = ipsec_new(&kernel_ops, &s->kernel);
	s->base = event_base_new();
	s->t.hooks = hooks_new(s->base);
	s->t.permit.port = 500;
	s->t.permit.natt_port = 4500;
	s->t.more = more;
	s->t.listen = listens;
	s->t.ctx = s;
	ck_assert_int_eq(table_read(&s->t), OK);
	table_keep(&s->t, true);
	table_begin(&s->t);
	s->fd = -1;
	return s;
}

static void
stage_free(struct stage *s)
{
	char *rm = xasprintf("rm -rf %s", s->dir);

	if (s->fd != -1)
		(void)close(s->fd);
	hooks_free(s->t.hooks);
	event_base_free(s->base);
	ipsec_close(s->t.ipsec);
	table_fini(&s->t);
	crypto_free(s->crypto);
	buf_fini(&s->answer);
	buf_fini(&s->parts);
	buf_fini(&s->secret);
	free((char *)(uintptr_t)s->t.path);
	ck_assert_int_eq(system(rm), 0);
	free(rm);
	log_to(NULL, NULL);
	free(s);
}

/* Asks for s->m; the answer is s->a then. */
static inline bool
ask_on(struct stage *s, enum mon_channel channel, enum mon_op op)
{
	struct buf b;
	bool good;

	if (s->fd != -1)
		(void)close(s->fd);
	s->m.op = op;
	buf_init(&b, MON_MAX);
	mon_put(&b, &s->m);
	buf_reset(&s->answer);
	good = table_ask(&s->t, channel, buf_view(&b), &s->answer, &s->fd,
	    &s->why);
	buf_fini(&b);
	if (good) {
		ck_assert_int_eq(mon_get(buf_view(&s->answer), &s->a), OK);
		ck_assert(s->a.answer && s->a.op == op);
	}
	memset(&s->m, 0, sizeof(s->m));
	s->m.text = s->m.more = view_of("", 0);
	return good;
}

static inline bool
ask(struct stage *s, enum mon_op op)
{
	return ask_on(s, MON_CALLS, op);
}

static inline bool
ask_path(struct stage *s, enum mon_op op, uint32_t kind, const char *path)
{
	s->m.num[0] = kind;
	s->m.text = view_text(path);
	return ask(s, op);
}

static inline bool
ask_file(struct stage *s, enum mon_op op, uint32_t kind, const char *name)
{
	char *path = in_dir(s, name);
	bool good = ask_path(s, op, kind, path);

	free(path);
	return good;
}

static inline bool
ask_bind(struct stage *s, const char *addr, uint16_t port, uint32_t natt)
{
	ck_assert(addr_parse(&s->m.addr, addr));
	s->m.addr.port = port;
	s->m.num[0] = natt;
	return ask(s, MON_BIND);
}

static inline bool
ask_raw(struct stage *s, uint32_t family, uint32_t proto)
{
	s->m.num[0] = family;
	s->m.num[1] = proto;
	return ask(s, MON_RAW);
}

static inline bool
ask_hook(struct stage *s, uint32_t what, const char *path, const char *env,
    size_t n)
{
	struct buf more_;
	bool good;

	buf_init(&more_, TEXT_MAX);
	buf_zero(&more_, 8);
	buf_put(&more_, env, n);
	s->m.num[0] = what;
	s->m.text = view_text(path);
	s->m.more = buf_view(&more_);
	ck_assert(addr_parse(&s->m.addr, "192.0.2.1"));
	good = ask(s, MON_HOOK);
	buf_fini(&more_);
	return good;
}

static inline void
good_policy(struct ipsec_policy *p)
{
	memset(p, 0, sizeof(*p));
	ck_assert(addr_parse(&p->sel.src, "10.0.0.1"));
	ck_assert(addr_parse(&p->sel.dst, "10.0.0.2"));
	p->sel.src_prefix = p->sel.dst_prefix = 32;
	p->dir = IPSEC_DIR_OUT;
	p->action = IPSEC_ACTION_IPSEC;
	p->priority = GENPOL_PRIORITY;
	p->hard.add = 60;
	p->ntmpl = 1;
	p->tmpl[0].proto = IPSEC_PROTO_ESP;
	p->tmpl[0].mode = IPSEC_MODE_TRANSPORT;
}

static inline struct view
contents(const struct stage *s, uint8_t *room, size_t size)
{
	ssize_t n = s->fd == -1 ? 0 : pread(s->fd, room, size, 0);

	return view_of(room, n > 0 ? (size_t)n : 0);
}

static inline bool
has(struct view v, struct view part)
{
	return memmem(v.p, v.n, part.p, part.n) != NULL;
}

#endif
