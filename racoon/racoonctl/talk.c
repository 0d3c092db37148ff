/* SPDX-License-Identifier: ISC */
#include "racoonctl/talk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int
fail(const char *fmt, ...)
{
	va_list ap;

	(void)fflush(stdout);
	(void)fputs("racoonctl: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	putc('\n', stderr);
	return EXIT_FAILURE;
}

int
talk_dial(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(un.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)strcpy(un.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

bool
talk_send(int fd, struct view v)
{
	ssize_t n;

	while (v.n > 0) {
		n = send(fd, v.p, v.n, MSG_NOSIGNAL);
		if (n > 0)
			(void)view_take(&v, (size_t)n);
		else if (errno != EINTR)
			return false;
	}
	return true;
}

/* Reads until BYTES has N: so what is behind a message stays in the socket. */
static enum talk
read_up_to(int fd, struct buf *bytes, size_t n)
{
	uint8_t part[16384];
	ssize_t got = 1;

	while (bytes->n < n && got > 0) {
		const size_t want = n - bytes->n;

		got = recv(fd, part, want < sizeof(part) ? want :
		    sizeof(part), 0);
		if (got > 0)
			buf_put(bytes, part, (size_t)got);
		else if (got == -1 && errno == EINTR)
			got = 1;
	}
	explicit_bzero(part, sizeof(part));
	if (got < 0)
		return TALK_FAILED;
	return bytes->n < n ? TALK_END : TALK_GOOD;
}

enum talk
talk_next(int fd, struct buf *bytes, struct admin_reply *reply)
{
	enum talk t;
	size_t n;

	buf_reset(bytes);
	t = read_up_to(fd, bytes, ADMIN_HEADER);
	if (t != TALK_GOOD) {
		if (bytes->n == 0 || t == TALK_FAILED)
			return t;
		errno = EPROTO;
		return TALK_FAILED;
	}
	n = admin_reply_length(buf_view(bytes));
	if (n >= ADMIN_HEADER && n <= ADMIN_REPLY_MAX)
		t = read_up_to(fd, bytes, n);
	if (t == TALK_GOOD && buf_ok(bytes) &&
	    admin_reply_get(buf_view(bytes), reply) == ADMIN_GOOD)
		return TALK_GOOD;
	if (t != TALK_FAILED)
		errno = EPROTO;
	return TALK_FAILED;
}
