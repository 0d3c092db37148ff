/* SPDX-License-Identifier: ISC */
/* fork(), and what of us must not go along. */
#include "monitor/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/monmsg.h"
#include "monitor/background.h"

#define NAME		"racoon-worker"
#define ASIDE		16		/* descriptors out of the way */
#define NUMBER		24
#define TELL_BYTES	(16 << 20)	/* kernel events that wait */

/*
 * Beside the running program, as where it was built, or at the same place
 * relative to it as when it is installed, or just there.
 */
static const char *
find_program(char *out, size_t size)
{
	static const char *const where[] = { "/" NAME, "/../libexec/" NAME };
	char dir[MON_PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	char *slash;

	dir[n > 0 ? n : 0] = '\0';
	slash = strrchr(dir, '/');
	if (slash == NULL)
		return LIBEXECDIR "/" NAME;
	*slash = '\0';
	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++)
		if ((size_t)snprintf(out, size, "%s%s", dir, where[i]) < size &&
		    access(out, X_OK) == 0)
			return out;
	return LIBEXECDIR "/" NAME;
}

static bool
place(const int end[SPAWN_ENDS])
{
	int aside[SPAWN_ENDS];

	for (int i = 0; i < SPAWN_ENDS; i++)
		if ((aside[i] = fcntl(end[i], F_DUPFD_CLOEXEC, ASIDE)) == -1)
			return false;
	for (int i = 0; i < SPAWN_ENDS; i++)
		if (dup2(aside[i], MON_FD_CALL + i) == -1)
			return false;
	return close_range(MON_FD_END, ~0u, 0) == 0;
}

/* What the service manager says to us is not for the worker. */
static void
clean_environment(void)
{
	static const char *const name[] = { "NOTIFY_SOCKET", "FDSTORE",
		"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID",
		"WATCHDOG_USEC" };

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		(void)unsetenv(name[i]);
}

static _Noreturn void
become(const struct spawn *s, const int end[SPAWN_ENDS], pid_t parent)
{
	char program[MON_PATH_MAX], port[NUMBER], natt_port[NUMBER],
	    debug[NUMBER], pid[NUMBER];
	const char *path = find_program(program, sizeof(program));
	char *argv[] = { (char *)(uintptr_t)NAME, (char *)(uintptr_t)s->path,
	    (char *)(uintptr_t)s->backend, port, natt_port, debug,
	    (char *)(uintptr_t)s->root, pid, NULL };
	sigset_t none;

	(void)snprintf(port, sizeof(port), "%u", s->port);
	(void)snprintf(natt_port, sizeof(natt_port), "%u", s->natt_port);
	(void)snprintf(debug, sizeof(debug), "%u", s->debug);
	(void)snprintf(pid, sizeof(pid), "%ld", (long)parent);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent || !place(end))
		_exit(EXIT_FAILURE);
	clean_environment();
	/* Nor the terminal: who can write there may do more than write. */
	(void)setsid();
	(void)background_mute(STDIN_FILENO);
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (!s->terminal || isatty(fd))
			(void)background_mute(fd);
	(void)execv(path, argv);
	/* Where "exec: no such file" has a chance to be seen. */
	_exit(errno == ENOENT ? 127 : 126);
}

static void
close_all(const int *fd, int n)
{
	for (int i = 0; i < n; i++)
		if (fd[i] != -1)
			(void)close(fd[i]);
}

static bool
make_pairs(const struct spawn *s, int ours[SPAWN_ENDS],
    int theirs[SPAWN_ENDS])
{
	const struct timeval tv = { .tv_sec = s->patience_ms / 1000,
	    .tv_usec = (suseconds_t)(s->patience_ms % 1000) * 1000 };
	const int bytes = TELL_BYTES;
	int pair[2];

	for (int i = 0; i < SPAWN_ENDS; i++)
		ours[i] = theirs[i] = -1;
	for (int i = 0; i < SPAWN_ENDS; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
		    pair) == -1)
			return false;
		ours[i] = pair[0];
		theirs[i] = pair[1];
		(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &tv,
		    sizeof(tv));
	}
	(void)setsockopt(ours[MON_FD_TELL - MON_FD_CALL], SOL_SOCKET,
	    SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	return true;
}

pid_t
spawn_worker(const struct spawn *s, int end[SPAWN_ENDS])
{
	const pid_t self = getpid();
	int theirs[SPAWN_ENDS], err;
	pid_t pid = -1;

	if (make_pairs(s, end, theirs))
		pid = fork();
	err = errno;
	if (pid == 0)
		become(s, theirs, self);
	close_all(theirs, SPAWN_ENDS);
	if (pid != -1)
		return pid;
	close_all(end, SPAWN_ENDS);
	return -err;
}

const char *
spawn_root(const struct conf *conf)
{
	static const char *const dir[] = { SPAWN_ROOT, SPAWN_ROOT "/etc" };

	if (conf->chroot != NULL)
		return conf->chroot;
	if (conf->uid == 0)
		return "";
	for (size_t i = 0; i < sizeof(dir) / sizeof(dir[0]); i++) {
		if (mkdir(dir[i], 0755) == 0 || errno == EEXIST) {
			(void)chmod(dir[i], 0755);
			continue;
		}
		log_msg(LOG_L_ERROR, "privsep: cannot make the directory %s: "
		    "%s", dir[i], strerror(errno));
		return NULL;
	}
	return SPAWN_ROOT;
}
