/* SPDX-License-Identifier: ISC */
/* Nothing is asked twice here: who calls may do all this himself. */
#include "monitor/here.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/trust.h"
#include "monitor/admin_sock.h"
#include "monitor/handover.h"
#include "monitor/keyfile.h"
#include "monitor/sock.h"
#include "wire/admin.h"

static bool
attach(void *ctx, struct event_base *base)
{
	struct here *h = ctx;

	h->hooks = hooks_new(base);
	return h->hooks != NULL;
}

static void
detach(void *ctx)
{
	struct here *h = ctx;

	hooks_free(h->hooks);
	h->hooks = NULL;
}

int
here_proc(enum mon_proc which)
{
	static const char *const name[MON_PROC_END] = {
		[MON_PROC_XFRM] = "/proc/self/net/xfrm_stat",
		[MON_PROC_SNMP] = "/proc/self/net/snmp",
		[MON_PROC_SNMP6] = "/proc/self/net/snmp6",
		[MON_PROC_STATM] = "/proc/self/statm",
	};

	return keyfile_open(name[which]);
}

static int
do_open(void *ctx, enum mon_file kind, enum mon_proc which, const char *path)
{
	(void)ctx;
	if (kind == MON_FILE_PROC)
		return here_proc(which);
	return keyfile_open(kind == MON_FILE_RESOLV ? HERE_RESOLV : path);
}

static int
is_hashed(const struct dirent *e)
{
	return trust_file(e->d_name) != TRUST_NO_FILE;
}

bool
here_list(const char *dir, struct buf *names)
{
	struct dirent **list;
	int n = scandir(dir, &list, is_hashed, alphasort);

	for (int i = 0; i < n; i++) {
		buf_put(names, list[i]->d_name, strlen(list[i]->d_name) + 1);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return n >= 0 && buf_ok(names);
}

static bool
do_list(void *ctx, const char *dir, struct buf *names)
{
	(void)ctx;
	return here_list(dir, names);
}

static struct key *
do_key(void *ctx, const struct crypto *crypto, const struct conf_cert *c)
{
	(void)ctx;
	return keyfile_key(crypto, c);
}

static struct plainrsa *
do_plain(void *ctx, const struct crypto *crypto, const struct conf_cert *c)
{
	(void)ctx;
	return keyfile_plain(crypto, c);
}

static int
do_bind(void *ctx, struct ipsec_addr *addr, bool natt)
{
	(void)ctx;
	return sock_open(addr, natt);
}

static int
do_raw(void *ctx, uint16_t family, int proto)
{
	(void)ctx;
	return sock_open_raw(family, proto);
}

static bool
do_source(void *ctx, const struct ipsec_addr *remote, struct ipsec_addr *out)
{
	(void)ctx;
	return sock_source(remote, out);
}

static int
do_metrics(void *ctx, const struct conf *conf)
{
	(void)ctx;
	return sock_open_tcp(&conf->listen.metrics);
}

int
here_admin(const struct conf *conf)
{
	const char *path = conf->listen.admin_path;

	return admin_sock_open(path == NULL ? ADMIN_PATH : path,
	    conf->listen.admin_uid, conf->listen.admin_gid,
	    conf->listen.admin_mode);
}

static int
do_admin(void *ctx, const struct conf *conf)
{
	(void)ctx;
	return here_admin(conf);
}

static void
do_hook(void *ctx, const struct hook_call *call)
{
	struct here *h = ctx;

	if (h->hooks != NULL)
		hooks_run(h->hooks, call);
}

static void
do_hooks(void *ctx, struct hooks_counts *counts)
{
	struct here *h = ctx;

	*counts = (struct hooks_counts){ .running = 0 };
	if (h->hooks != NULL)
		hooks_count(h->hooks, counts);
}

static bool
do_give(void *ctx, struct view state)
{
	const struct here *h = ctx;

	return handover_give(h->handover, state);
}

static bool
do_take(void *ctx, struct buf *state)
{
	const struct here *h = ctx;

	return handover_take(h->handover, state);
}

static enum err
do_reload(void *ctx, struct conf **out)
{
	const struct here *h = ctx;

	return conf_read(h->opener, h->path, out);
}

static void
do_keep(void *ctx, bool good)
{
	(void)ctx;
	(void)good;
}

static void
do_ready(void *ctx)
{
	struct here *h = ctx;

	h->ready++;
}

const struct asroot_ops here_ops = {
	.attach = attach, .detach = detach, .open = do_open, .list = do_list,
	.key = do_key, .plain = do_plain, .bind = do_bind, .raw = do_raw,
	.source = do_source, .metrics = do_metrics, .admin = do_admin,
	.hook = do_hook, .hooks = do_hooks, .give = do_give, .take = do_take,
	.reload = do_reload, .keep = do_keep, .ready = do_ready,
};

static bool
never_attach(void *ctx, struct event_base *base)
{
	(void)ctx;
	(void)base;
	return false;
}

static void
no_hook(void *ctx, const struct hook_call *call)
{
	(void)ctx;
	(void)call;
}

static void
no_hooks(void *ctx, struct hooks_counts *counts)
{
	(void)ctx;
	*counts = (struct hooks_counts){ .running = 0 };
}

static const struct asroot_ops plain_ops = {
	.attach = never_attach, .open = do_open, .list = do_list,
	.key = do_key, .plain = do_plain, .bind = do_bind, .raw = do_raw,
	.source = do_source, .metrics = do_metrics, .admin = do_admin,
	.hook = no_hook, .hooks = no_hooks,
};

const struct asroot here_plain = { .ops = &plain_ops, .ctx = NULL };
