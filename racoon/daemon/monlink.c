/* SPDX-License-Identifier: ISC */
/* A datagram there, a datagram back. */
#include "daemon/monlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

void
monlink_init(struct monlink *l, int fd)
{
	l->fd = fd;
	buf_init(&l->out, MON_MAX);
	l->in = xcalloc(1, MON_MAX);
}

void
monlink_fini(struct monlink *l)
{
	(void)close(l->fd);
	buf_fini(&l->out);
	xfreezero(l->in, MON_MAX);
}

/* The monitor is gone: there is nobody to tell, and nothing to tidy up that
 * could be without it. */
static _Noreturn void
end(void)
{
	_exit(EXIT_FAILURE);
}

void
monlink_tell(struct monlink *l, const struct mon_msg *m)
{
	ssize_t n;

	buf_reset(&l->out);
	mon_put(&l->out, m);
	/* What is too long is our own fault: it is as if it were not said. */
	if (!buf_ok(&l->out))
		return;
	do
		n = send(l->fd, l->out.p, l->out.n, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	buf_reset(&l->out);
	if (n == -1 && errno != EMSGSIZE)
		end();
}

/* A descriptor that came along. */
static int
take_fd(struct msghdr *msg)
{
	int fd = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
	    c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* Receives one message; false: there is none now. */
static bool
receive(struct monlink *l, struct mon_msg *m, int *fd, int flags)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = l->in, .iov_len = MON_MAX };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n;

	do
		n = recvmsg(l->fd, &msg, flags | MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN)
		return false;
	if (n <= 0 || mon_get(view_of(l->in, (size_t)n), m) != OK)
		end();
	*fd = take_fd(&msg);
	return true;
}

void
monlink_ask(struct monlink *l, struct mon_msg *m, int *fd, struct buf *items)
{
	const enum mon_op op = m->op;

	monlink_tell(l, m);
	while (receive(l, m, fd, 0)) {
		if (m->op == op && m->answer)
			return;
		if (m->op != MON_MORE || items == NULL)
			end();
		buf_add(items, m->text);
		explicit_bzero(l->in, MON_MAX);
	}
	end();
}

bool
monlink_next(struct monlink *l, struct mon_msg *m)
{
	int fd = -1;

	if (!receive(l, m, &fd, MSG_DONTWAIT))
		return false;
	if (fd != -1)
		(void)close(fd);
	return true;
}

bool
monlink_write(int fd, struct view v)
{
	while (v.n > 0) {
		ssize_t n = write(fd, v.p, v.n);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		(void)view_take(&v, (size_t)n);
	}
	return true;
}
