/* SPDX-License-Identifier: ISC */
/*
 * One request at a time on each socket.  Whoever waits for an answer waits for
 * a system call or two of the monitor's.
 */
#include "daemon/moncall.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/monlink.h"
#include "libipsec/ops.h"
#include "monitor/confbox.h"

/* An end of a socketpair, with what was said last. */
struct moncall {
	struct monlink	 call, sign, tell;
	pthread_mutex_t	 one;		/* signature at a time, */
	pthread_mutex_t	 line;		/* log line at a time */
	struct asroot	 root;
	struct ipsec_ops kernel;
	const char	*path;
	bool		 gss;
	struct mon_msg	 m;		/* request and answer */
	struct mon_msg	 ev;
	char		 why[256];	/* the kernel's last words */
};

/*
 * Kernel
 */

static int
ask(struct moncall *c, enum mon_op op)
{
	int fd = -1;

	c->m.op = op;
	c->m.answer = false;
	monlink_ask(&c->call, &c->m, &fd, NULL);
	if (fd != -1)
		(void)close(fd);
	if (c->m.result < 0)
		(void)snprintf(c->why, sizeof(c->why), "%.*s",
		    (int)c->m.text.n, (const char *)c->m.text.p);
	return c->m.result;
}

/* The request's memory, without what was in it. */
static struct mon_msg *
blank(struct moncall *c)
{
	explicit_bzero(&c->m, sizeof(c->m));
	c->m.text = c->m.more = view_of("", 0);
	c->why[0] = '\0';
	return &c->m;
}

/* On the socket that log lines of other threads go to. */
static void
tell(struct moncall *c, enum mon_op op)
{
	blank(c)->op = op;
	(void)pthread_mutex_lock(&c->line);
	monlink_tell(&c->tell, &c->m);
	(void)pthread_mutex_unlock(&c->line);
}

static int
do_getspi(void *ctx, const struct ipsec_sa *sa, uint32_t min, uint32_t max,
    uint32_t *spi)
{
	struct mon_msg *m = blank(ctx);
	int r;

	m->sa = *sa;
	m->num[0] = min;
	m->num[1] = max;
	r = ask(ctx, MON_GETSPI);
	*spi = r < 0 ? 0 : m->num[0];
	return r;
}

static int
do_sa_set(void *ctx, const struct ipsec_sa *sa, bool update)
{
	struct mon_msg *m = blank(ctx);
	int r;

	m->sa = *sa;
	m->num[0] = update;
	r = ask(ctx, MON_SA_SET);
	explicit_bzero(&m->sa, sizeof(m->sa));
	return r;
}

static int
do_sa_get(void *ctx, const struct ipsec_sa_id *id, struct ipsec_sa *sa)
{
	struct mon_msg *m = blank(ctx);
	int r;

	m->id = *id;
	r = ask(ctx, MON_SA_GET);
	if (r >= 0)
		*sa = m->sa;
	explicit_bzero(&m->sa, sizeof(m->sa));
	return r;
}

static int
do_sa_delete(void *ctx, const struct ipsec_sa_id *id)
{
	blank(ctx)->id = *id;
	return ask(ctx, MON_SA_DELETE);
}

/* All of a dump, before anybody sees any: FN may ask for something else. */
static int
dump(struct moncall *c, enum mon_op op, const struct ipsec_filter *filter,
    size_t size, struct buf *items)
{
	struct mon_msg *m = blank(c);
	int fd = -1;

	m->filter = *filter;
	m->op = op;
	buf_init(items, MONLINK_DUMP_MAX);
	monlink_ask(&c->call, m, &fd, items);
	if (fd != -1)
		(void)close(fd);
	if (m->result < 0)
		(void)snprintf(c->why, sizeof(c->why), "%.*s",
		    (int)m->text.n, (const char *)m->text.p);
	else if (!buf_ok(items) || items->n % size != 0)
		return -EPROTO;
	return m->result;
}

static int
do_sa_dump(void *ctx, const struct ipsec_filter *filter, ipsec_sa_fn *fn,
    void *arg)
{
	struct buf items;
	struct view v;
	int r = dump(ctx, MON_SA_DUMP, filter, sizeof(struct ipsec_sa),
	    &items);

	for (v = buf_view(&items); r == 0 && v.n > 0; ) {
		struct ipsec_sa sa;

		view_bytes(&v, &sa, sizeof(sa));
		r = fn(arg, &sa);
		explicit_bzero(&sa, sizeof(sa));
	}
	buf_fini(&items);
	return r;
}

static int
do_policy_dump(void *ctx, const struct ipsec_filter *filter,
    ipsec_policy_fn *fn, void *arg)
{
	struct buf items;
	struct view v;
	int r = dump(ctx, MON_POLICY_DUMP, filter, sizeof(struct ipsec_policy),
	    &items);

	for (v = buf_view(&items); r == 0 && v.n > 0; ) {
		struct ipsec_policy p;

		view_bytes(&v, &p, sizeof(p));
		r = fn(arg, &p);
	}
	buf_fini(&items);
	return r;
}

static int
do_policy_set(void *ctx, const struct ipsec_policy *p, bool update)
{
	struct mon_msg *m = blank(ctx);

	m->policy = *p;
	m->num[0] = update;
	return ask(ctx, MON_POLICY_SET);
}

static int
do_policy_get(void *ctx, const struct ipsec_policy *id, struct ipsec_policy *p)
{
	struct mon_msg *m = blank(ctx);
	int r;

	m->policy = *id;
	r = ask(ctx, MON_POLICY_GET);
	if (r >= 0)
		*p = m->policy;
	return r;
}

static int
do_policy_delete(void *ctx, const struct ipsec_policy *id)
{
	blank(ctx)->policy = *id;
	return ask(ctx, MON_POLICY_DELETE);
}

static int
do_flush(void *ctx, enum ipsec_what what, uint8_t proto)
{
	struct mon_msg *m = blank(ctx);

	m->num[0] = (uint32_t)what;
	m->num[1] = proto;
	return ask(ctx, MON_FLUSH);
}

static int
do_can(void *ctx, enum ipsec_alg_class class, const struct ipsec_key *alg)
{
	struct mon_msg *m = blank(ctx);

	m->num[0] = (uint32_t)class;
	m->alg = *alg;
	return ask(ctx, MON_CAN);
}

static int
do_listen(void *ctx, unsigned int what)
{
	blank(ctx)->num[0] = what;
	return ask(ctx, MON_LISTEN);
}

static int
do_event_fd(void *ctx)
{
	struct moncall *c = ctx;

	return c->tell.fd;
}

static int
do_events(void *ctx, ipsec_event_fn *fn, void *arg)
{
	struct moncall *c = ctx;
	struct ipsec_event ev;

	while (monlink_next(&c->tell, &c->ev)) {
		if (c->ev.op == MON_BEAT)
			tell(c, MON_BEAT);
		if (c->ev.op != MON_EVENT || c->ev.answer ||
		    c->ev.num[0] > IPSEC_EVENT_RESYNC)
			continue;
		memset(&ev, 0, sizeof(ev));
		ev.type = (enum ipsec_event_type)c->ev.num[0];
		ev.hard = c->ev.num[1] != 0;
		ev.flow = c->ev.flow;
		ev.from = c->ev.from;
		ev.to = c->ev.to;
		ev.sa = c->ev.sa;
		ev.policy = c->ev.policy;
		fn(arg, &ev);
	}
	explicit_bzero(&c->ev, sizeof(c->ev));
	return 0;
}

static const char *
do_error(void *ctx)
{
	const struct moncall *c = ctx;

	return c->why;
}

static void
do_close(void *ctx)
{
	(void)ctx;
}

static const struct ipsec_ops kernel = {
	.getspi = do_getspi, .sa_set = do_sa_set,
	.sa_get = do_sa_get, .sa_delete = do_sa_delete,
	.sa_dump = do_sa_dump, .policy_set = do_policy_set,
	.policy_get = do_policy_get, .policy_delete = do_policy_delete,
	.policy_dump = do_policy_dump, .flush = do_flush, .can = do_can,
	.listen = do_listen, .event_fd = do_event_fd, .events = do_events,
	.error = do_error, .close = do_close,
};

int
moncall_ipsec(struct moncall *c, struct ipsec **out)
{
	*out = ipsec_new(&c->kernel, c);
	return *out == NULL ? -ENOMEM : 0;
}

/*
 * Files, sockets, scripts
 */

/* A request that brings a descriptor; -errno. */
static int
ask_fd(struct moncall *c, enum mon_op op)
{
	int fd = -1;

	c->m.op = op;
	c->m.answer = false;
	monlink_ask(&c->call, &c->m, &fd, NULL);
	if (c->m.result >= 0 && fd == -1)
		return -EPROTO;
	if (c->m.result < 0 && fd != -1)
		(void)close(fd);
	return c->m.result < 0 ? c->m.result : fd;
}

/* Appends what is in FD, which it closes; FD may be -errno. */
static bool
read_fd(int fd, struct buf *out)
{
	uint8_t part[4096];
	ssize_t n = 0;

	if (fd < 0)
		return false;
	while ((n = read(fd, part, sizeof(part))) > 0 ||
	    (n == -1 && errno == EINTR))
		if (n > 0)
			buf_put(out, part, (size_t)n);
	explicit_bzero(part, sizeof(part));
	(void)close(fd);
	return n == 0 && buf_ok(out);
}

static bool
attach(void *ctx, struct event_base *base)
{
	(void)ctx;
	(void)base;
	return true;
}

static void
detach(void *ctx)
{
	(void)ctx;
}

static int
do_open(void *ctx, enum mon_file kind, enum mon_proc which, const char *path)
{
	struct mon_msg *m = blank(ctx);

	m->num[0] = (uint32_t)kind;
	m->num[1] = (uint32_t)which;
	m->text = view_text(path);
	return ask_fd(ctx, MON_OPEN);
}

static bool
do_list(void *ctx, const char *dir, struct buf *names)
{
	blank(ctx)->text = view_text(dir);
	return read_fd(ask_fd(ctx, MON_LIST), names);
}

static enum err
ask_signature(void *ctx, struct view public, uint16_t method,
    struct view hash, struct buf *sig)
{
	struct moncall *c = ctx;
	struct mon_msg *m = xcalloc(1, sizeof(*m));
	enum err r;
	int fd = -1;

	m->op = MON_SIGN;
	m->num[0] = method;
	m->text = public;
	m->more = hash;
	(void)pthread_mutex_lock(&c->one);
	monlink_ask(&c->sign, m, &fd, NULL);
	r = m->result < 0 ? E_CRYPTO : OK;
	if (r == OK)
		buf_add(sig, m->text);
	(void)pthread_mutex_unlock(&c->one);
	if (fd != -1)
		(void)close(fd);
	free(m);
	return r;
}

/* The public half of what is in PATH, or nothing: the monitor said why. */
static bool
ask_public(struct moncall *c, bool plain, const char *path, struct buf *out)
{
	struct mon_msg *m = blank(c);

	m->num[0] = plain;
	m->text = view_text(path);
	return read_fd(ask_fd(c, MON_KEY), out);
}

static struct key *
do_key(void *ctx, const struct crypto *crypto, const struct conf_cert *cert)
{
	struct moncall *c = ctx;
	const struct key_signer signer = { ask_signature, c };
	struct key *key = NULL;
	struct buf public;
	const char *why;

	buf_init(&public, KEY_PUBLIC_MAX);
	if (ask_public(c, false, cert->key, &public) && key_remote(crypto,
	    buf_view(&public), &signer, &key, &why) != OK)
		log_msg(LOG_L_ERROR, "%s %s", cert->key, why);
	buf_fini(&public);
	return key;
}

static struct plainrsa *
do_plain(void *ctx, const struct crypto *crypto, const struct conf_cert *cert)
{
	struct moncall *c = ctx;
	const struct key_signer signer = { ask_signature, c };
	struct plainrsa_error error;
	struct plainrsa *set = NULL;
	struct buf public;

	buf_init(&public, PLAINRSA_FILE_MAX);
	if (ask_public(c, true, cert->file, &public)) {
		if (plainrsa_read(crypto, buf_view(&public), false, &set,
		    &error) == OK)
			plainrsa_sign_by(set, &signer);
		else
			log_msg(LOG_L_ERROR, "%s: %s", cert->file, error.why);
	}
	buf_fini(&public);
	return set;
}

static int
do_bind(void *ctx, struct ipsec_addr *addr, bool natt)
{
	struct mon_msg *m = blank(ctx);
	int fd;

	m->num[0] = natt;
	m->addr = *addr;
	fd = ask_fd(ctx, MON_BIND);
	if (fd >= 0)
		*addr = m->addr;
	return fd;
}

static int
do_raw(void *ctx, uint16_t family, int proto)
{
	struct mon_msg *m = blank(ctx);

	m->num[0] = family;
	m->num[1] = (uint32_t)proto;
	return ask_fd(ctx, MON_RAW);
}

static bool
do_source(void *ctx, const struct ipsec_addr *remote, struct ipsec_addr *out)
{
	struct mon_msg *m = blank(ctx);

	m->addr = *remote;
	if (ask(ctx, MON_SOURCE) < 0)
		return false;
	*out = m->addr;
	return true;
}

static int
do_metrics(void *ctx, const struct conf *conf)
{
	(void)conf;
	(void)blank(ctx);
	return ask_fd(ctx, MON_METRICS);
}

static int
do_admin(void *ctx, const struct conf *conf)
{
	int fd;

	(void)conf;
	(void)blank(ctx);
	fd = ask_fd(ctx, MON_ADMIN);
	return fd < 0 ? -1 : fd;
}

static void
do_hook(void *ctx, const struct hook_call *call)
{
	struct mon_msg *m = blank(ctx);
	struct buf more;

	buf_init(&more, MON_MAX / 2);
	buf_put(&more, call->icookie, sizeof(call->icookie));
	for (size_t i = 0; call->env[i] != NULL; i++)
		buf_put(&more, call->env[i], strlen(call->env[i]) + 1);
	m->num[0] = (uint32_t)call->what;
	m->addr = call->remote;
	m->text = view_text(call->path);
	m->more = buf_view(&more);
	if (buf_ok(&more))
		(void)ask(ctx, MON_HOOK);
	buf_fini(&more);
}

static void
do_hooks(void *ctx, struct hooks_counts *counts)
{
	struct mon_msg *m = blank(ctx);
	int r = ask(ctx, MON_HOOKS);

	*counts = (struct hooks_counts){ .running = m->num[0],
	    .waiting = m->num[1], .refused = r < 0 ? 0 : (size_t)r };
}

static bool
do_give(void *ctx, struct view state)
{
	bool good;
	int fd;

	(void)blank(ctx);
	fd = ask_fd(ctx, MON_GIVE);
	if (fd < 0)
		return false;
	good = monlink_write(fd, state);
	(void)close(fd);
	(void)blank(ctx);
	return good && ask(ctx, MON_GIVEN) >= 0;
}

static bool
do_take(void *ctx, struct buf *state)
{
	(void)blank(ctx);
	return read_fd(ask_fd(ctx, MON_TAKE), state);
}

static void
nowhere(void *ctx, enum log_level level, const char *peer, const char *text)
{
	(void)ctx;
	(void)level;
	(void)peer;
	(void)text;
}

/* The same bytes were read by the monitor, which said what is wrong. */
enum err
moncall_conf(struct moncall *c, struct conf **out)
{
	struct conf_opener player;
	struct confbox box;
	enum err r = E_CONFIG;

	*out = NULL;
	confbox_init(&box);
	(void)blank(c);
	if (read_fd(ask_fd(c, MON_CONF), &box.bytes)) {
		player = confbox_player(&box, c->gss);
		log_to(nowhere, NULL);
		r = conf_read(&player, c->path, out);
		moncall_log(c);
		if (r != OK)
			log_msg(LOG_L_ERROR, "racoon-worker cannot read what "
			    "racoon has read: are they of one version?");
	}
	confbox_fini(&box);
	return r;
}

static enum err
do_reload(void *ctx, struct conf **out)
{
	return moncall_conf(ctx, out);
}

static void
do_keep(void *ctx, bool good)
{
	blank(ctx)->num[0] = good;
	(void)ask(ctx, MON_KEEP);
}

static void
do_ready(void *ctx)
{
	tell(ctx, MON_READY);
}

static const struct asroot_ops asroot = {
	.attach = attach, .detach = detach, .open = do_open, .list = do_list,
	.key = do_key, .plain = do_plain, .bind = do_bind, .raw = do_raw,
	.source = do_source, .metrics = do_metrics, .admin = do_admin,
	.hook = do_hook,
	.hooks = do_hooks, .give = do_give, .take = do_take,
	.reload = do_reload, .keep = do_keep, .ready = do_ready,
};

const struct asroot *
moncall_asroot(struct moncall *c)
{
	return &c->root;
}

/*
 * Log
 */

static void
send_line(void *ctx, enum log_level level, const char *peer, const char *text)
{
	struct moncall *c = ctx;
	struct mon_msg *m = xcalloc(1, sizeof(*m));

	m->op = MON_LOG;
	m->num[0] = (uint32_t)level;
	m->text = peer == NULL ? view_of("", 0) : view_text(peer);
	m->more = view_text(text);
	(void)pthread_mutex_lock(&c->line);
	monlink_tell(&c->tell, m);
	(void)pthread_mutex_unlock(&c->line);
	free(m);
}

void
moncall_log(struct moncall *c)
{
	log_to(send_line, c);
}

struct moncall *
moncall_new(const struct moncall_setup *setup)
{
	struct moncall *c = xcalloc(1, sizeof(*c));

	monlink_init(&c->call, setup->call);
	monlink_init(&c->sign, setup->sign);
	monlink_init(&c->tell, setup->tell);
	c->path = setup->path;
	c->kernel = kernel;
	c->kernel.name = setup->backend;
	(void)pthread_mutex_init(&c->one, NULL);
	(void)pthread_mutex_init(&c->line, NULL);
	c->gss = setup->gss;
	c->root = (struct asroot){ .ops = &asroot, .ctx = c };
	return c;
}

void
moncall_free(struct moncall *c)
{
	if (c == NULL)
		return;
	monlink_fini(&c->call);
	monlink_fini(&c->sign);
	monlink_fini(&c->tell);
	(void)pthread_mutex_destroy(&c->one);
	(void)pthread_mutex_destroy(&c->line);
	explicit_bzero(c, sizeof(*c));
	free(c);
}
