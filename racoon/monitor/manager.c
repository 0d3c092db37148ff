/* SPDX-License-Identifier: ISC */
/*
 * The protocol is a few lines of text, so there is no library for it.  A
 * manager that does not listen is nothing to fail for.
 */
#include "monitor/manager.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define USEC		1000000u
#define WATCHDOG_MOST	(UINT64_C(86400) * USEC)

struct watchdog {
	void		(*fn)(void *);
	void		*ctx;
	struct event	*timer;
};

/* The address of the manager's socket: its length, or 0. */
static socklen_t
address(struct sockaddr_un *to)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path == NULL ? 0 : strlen(path);

	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n < 2 || n >= sizeof(to->sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return 0;
	memcpy(to->sun_path, path, n);
	if (path[0] == '@')		/* an abstract one */
		to->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

bool
manager_tell(const char *text, int fd)
{
	struct sockaddr_un to;
	struct iovec data = { .iov_base = (void *)(uintptr_t)text,
	    .iov_len = strlen(text) };
	union {
		struct cmsghdr align;
		char	bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	struct msghdr m = { .msg_name = &to, .msg_iov = &data,
	    .msg_iovlen = 1 };
	bool sent;
	int s;

	m.msg_namelen = address(&to);
	if (m.msg_namelen == 0)
		return false;
	if (fd != -1) {
		struct cmsghdr *c;

		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s == -1)
		return false;
	sent = sendmsg(s, &m, MSG_NOSIGNAL) != -1;
	(void)close(s);
	return sent;
}

void
manager_ready(void)
{
	(void)manager_tell("READY=1\nSTATUS=serving\n", -1);
}

/* The time tells this reload from one that was asked for later. */
void
manager_reloading(void)
{
	struct timespec ts;
	char text[96];

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	(void)snprintf(text, sizeof(text), "RELOADING=1\n"
	    "MONOTONIC_USEC=%" PRIu64 "\nSTATUS=reading the configuration\n",
	    (uint64_t)ts.tv_sec * USEC + (uint64_t)ts.tv_nsec / 1000);
	(void)manager_tell(text, -1);
}

void
manager_stopping(void)
{
	(void)manager_tell("STOPPING=1\nSTATUS=stopping\n", -1);
}

void
manager_alive(void)
{
	(void)manager_tell("WATCHDOG=1\n", -1);
}

/* ---- watchdog ---- */

static void
on_watchdog(evutil_socket_t fd, short what, void *ctx)
{
	const struct watchdog *w = ctx;

	(void)fd;
	(void)what;
	w->fn(w->ctx);
}

/* A number that is all of the text and not 0. */
static bool
number_of(const char *name, uint64_t *n)
{
	const char *text = getenv(name);
	char *end;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*n = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *n > 0;
}

/* Microseconds within which the manager wants to hear of us; 0: never. */
static uint64_t
allowed(void)
{
	uint64_t pid, usec;

	if (getenv("WATCHDOG_PID") != NULL &&
	    (!number_of("WATCHDOG_PID", &pid) || pid != (uint64_t)getpid()))
		return 0;
	if (getenv("NOTIFY_SOCKET") == NULL ||
	    !number_of("WATCHDOG_USEC", &usec))
		return 0;
	return usec < WATCHDOG_MOST ? usec : WATCHDOG_MOST;
}

struct watchdog *
watchdog_new(struct event_base *base, void (*fn)(void *), void *ctx)
{
	const uint64_t half = allowed() / 2;
	const struct timeval tv = {
		.tv_sec = (time_t)(half / USEC),
		.tv_usec = (suseconds_t)(half % USEC),
	};
	struct watchdog *w;

	if (half == 0)
		return NULL;
	w = xcalloc(1, sizeof(*w));
	w->fn = fn;
	w->ctx = ctx;
	w->timer = event_new(base, -1, EV_PERSIST, on_watchdog, w);
	if (w->timer != NULL && event_add(w->timer, &tv) == 0)
		return w;
	log_msg(LOG_L_ERROR, "cannot set the timer of the watchdog: the "
	    "service manager will end this process");
	watchdog_free(w);
	return NULL;
}

void
watchdog_free(struct watchdog *w)
{
	if (w == NULL)
		return;
	if (w->timer != NULL)
		event_free(w->timer);
	free(w);
}
