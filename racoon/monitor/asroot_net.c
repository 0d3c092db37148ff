/* SPDX-License-Identifier: ISC */
/* Sockets. */
#include "monitor/table.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "libipsec/addr.h"
#include "monitor/here.h"
#include "monitor/sock.h"

#define PATIENCE	40		/* times */
#define PATIENCE_MS	50

/*
 * A worker whose monitor was killed ends by itself, but the ports may be its
 * own for a moment after another racoon has begun.
 */
static int
bind_patiently(struct table *t, struct ipsec_addr *addr, bool natt)
{
	const struct ipsec_addr want = *addr;
	int fd = sock_open(addr, natt);

	for (int i = 0; fd == -EADDRINUSE && t->patient && i < PATIENCE;
	    i++) {
		(void)poll(NULL, 0, PATIENCE_MS);
		*addr = want;
		fd = sock_open(addr, natt);
	}
	/* whoever has it has it for long */
	if (fd == -EADDRINUSE)
		t->patient = false;
	return fd;
}

bool
asroot_bind(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	struct ipsec_addr addr = m->addr;
	int got;

	if (m->num[0] > 1 || !permit_bind(&t->permit, &addr, m->num[0] == 1))
		return false;
	got = bind_patiently(t, &addr, m->num[0] == 1);
	a->addr = addr;
	a->result = got < 0 ? got : 0;
	*fd = got < 0 ? -1 : got;
	return true;
}

bool
asroot_raw(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	int got;

	if (!permit_raw(&t->permit, m->num[0], m->num[1]))
		return false;
	got = sock_open_raw((uint16_t)m->num[0], (int)m->num[1]);
	a->result = got < 0 ? got : 0;
	*fd = got < 0 ? -1 : got;
	return true;
}

bool
asroot_source(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	(void)t;
	(void)fd;
	if (addr_bits(&m->addr) == 0)
		return false;
	a->result = sock_source(&m->addr, &a->addr) ? 0 : -ENETUNREACH;
	return true;
}

/* What a socket is opened for: the newest there is. */
static const struct conf *
newest(const struct table *t)
{
	return t->permit.next != NULL ? t->permit.next : t->permit.now;
}

bool
asroot_metrics(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	const struct conf *conf = newest(t);
	int got;

	(void)m;
	if (conf == NULL || conf->listen.metrics.family == 0)
		return false;
	got = sock_open_tcp(&conf->listen.metrics);
	a->result = got < 0 ? got : 0;
	*fd = got < 0 ? -1 : got;
	return true;
}

bool
asroot_admin(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	const struct conf *conf = newest(t);

	(void)m;
	if (conf == NULL || conf->listen.admin_disabled)
		return false;
	*fd = here_admin(conf);
	a->result = *fd == -1 ? -EIO : 0;
	return true;
}
