/* SPDX-License-Identifier: ISC */
/* A service manager as daemons see it: the socket that they tell things to. */
#ifndef TEST_NOTIFY_H
#define TEST_NOTIFY_H

#include <check.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Sets $NOTIFY_SOCKET to an abstract address of this process and listens. */
static inline int
notify_listen(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	size_t n;

	n = (size_t)snprintf(at.sun_path, sizeof(at.sun_path),
	    "@racoon-test-%ld", (long)getpid());
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", at.sun_path, 1), 0);
	at.sun_path[0] = '\0';
	ck_assert_int_eq(bind(s, (const struct sockaddr *)&at,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
	return s;
}

/* The next message, "" if there is none. */
static inline const char *
notify_next(int s, char *text, size_t room)
{
	ssize_t n = recv(s, text, room - 1, MSG_DONTWAIT);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

/* The next message begins with TEXT. */
static inline void
notify_expect(int s, const char *text)
{
	char got[200];

	(void)notify_next(s, got, sizeof(got));
	ck_assert_msg(strncmp(got, text, strlen(text)) == 0,
	    "\"%s\" instead of \"%s\"", got, text);
	ck_assert(text[0] != '\0' || got[0] == '\0');
}

#endif
