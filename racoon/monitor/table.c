/* SPDX-License-Identifier: ISC */
/* The table, and the way from bytes to a row of it and back. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE		/* memfd_create() */
#endif
#include "monitor/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/sign.h"

static const struct row {
	asroot_fn	*fn;
	enum mon_channel channel;
} rows[MON_OP_END] = {
	[MON_GETSPI] = { asroot_getspi, MON_CALLS },
	[MON_SA_SET] = { asroot_sa_set, MON_CALLS },
	[MON_SA_GET] = { asroot_sa_get, MON_CALLS },
	[MON_SA_DELETE] = { asroot_sa_delete, MON_CALLS },
	[MON_SA_DUMP] = { asroot_sa_dump, MON_CALLS },
	[MON_POLICY_SET] = { asroot_policy_set, MON_CALLS },
	[MON_POLICY_GET] = { asroot_policy_get, MON_CALLS },
	[MON_POLICY_DELETE] = { asroot_policy_delete, MON_CALLS },
	[MON_POLICY_DUMP] = { asroot_policy_dump, MON_CALLS },
	[MON_FLUSH] = { asroot_flush, MON_CALLS },
	[MON_CAN] = { asroot_can, MON_CALLS },
	[MON_LISTEN] = { asroot_listen, MON_CALLS },
	[MON_CONF] = { asroot_conf, MON_CALLS },
	[MON_KEEP] = { asroot_keep, MON_CALLS },
	[MON_OPEN] = { asroot_open, MON_CALLS },
	[MON_LIST] = { asroot_list, MON_CALLS },
	[MON_KEY] = { asroot_key, MON_CALLS },
	[MON_BIND] = { asroot_bind, MON_CALLS },
	[MON_RAW] = { asroot_raw, MON_CALLS },
	[MON_SOURCE] = { asroot_source, MON_CALLS },
	[MON_ADMIN] = { asroot_admin, MON_CALLS },
	[MON_METRICS] = { asroot_metrics, MON_CALLS },
	[MON_HOOK] = { asroot_hook, MON_CALLS },
	[MON_HOOKS] = { asroot_hooks, MON_CALLS },
	[MON_GIVE] = { asroot_give, MON_CALLS },
	[MON_GIVEN] = { asroot_given, MON_CALLS },
	[MON_TAKE] = { asroot_take, MON_CALLS },
	[MON_SIGN] = { asroot_sign, MON_SIGNS },
};

static const char *
carry_out(struct table *t, enum mon_channel channel, struct view bytes,
    struct mon_msg *ask, struct mon_msg *answer, int *fd)
{
	const struct row *row;

	if (mon_get(bytes, ask) != OK)
		return "sent what is no message";
	row = &rows[ask->op];
	if (ask->answer || row->fn == NULL || row->channel != channel)
		return "sent what is no request";
	answer->op = ask->op;
	answer->answer = true;
	answer->text = answer->more = view_of("", 0);
	return row->fn(t, ask, answer, fd) ? NULL :
	    "asked for what it may not have";
}

bool
table_ask(struct table *t, enum mon_channel channel, struct view bytes,
    struct buf *out, int *fd, const char **why)
{
	struct mon_msg *ask = xcalloc(2, sizeof(*ask)), *answer = ask + 1;

	*fd = -1;
	*why = carry_out(t, channel, bytes, ask, answer, fd);
	if (*why == NULL)
		mon_put(out, answer);
	if (*why != NULL && *fd != -1) {
		(void)close(*fd);
		*fd = -1;
	}
	/* Answers to `sign' borrow from the table's memory, which is kept. */
	xfreezero(ask, 2 * sizeof(*ask));
	return *why == NULL;
}

char *
table_text(struct view v, size_t max)
{
	if (v.n == 0 || v.n > max || memchr(v.p, '\0', v.n) != NULL)
		return NULL;
	return xstrndup((const char *)v.p, v.n);
}

int
table_memory(struct view v)
{
	int fd = memfd_create("racoon", MFD_CLOEXEC);

	if (fd == -1)
		return -errno;
	while (v.n > 0) {
		ssize_t n = write(fd, v.p, v.n);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			(void)close(fd);
			return -EIO;
		}
		(void)view_take(&v, (size_t)n);
	}
	(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

void
table_init(struct table *t)
{
	memset(t, 0, sizeof(*t));
	t->give = -1;
	buf_init(&t->signature, SIGN_LEN_MAX);
	confbox_init(&t->box);
	confbox_init(&t->next);
}

void
table_begin(struct table *t)
{
	table_keep(t, false);
	t->fresh = true;
	table_drop_ring(t);
	if (t->give != -1)
		(void)close(t->give);
	t->give = -1;
	t->given = false;
}

void
table_fini(struct table *t)
{
	table_begin(t);
	permit_fini(&t->permit);
	confbox_fini(&t->box);
	buf_fini(&t->signature);
}
