/* SPDX-License-Identifier: ISC */
/* The fork, and the pipe through which the child says that it serves. */
#include "monitor/background.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

bool
background_mute(int fd)
{
	int null = open("/dev/null", O_RDWR);
	bool good;

	if (null == -1)
		return false;
	if (null == fd)
		return true;
	good = dup2(null, fd) != -1;
	(void)close(null);
	return good;
}

/* The child's word, or its end without one. */
static _Noreturn void
wait_for(pid_t child, int fd)
{
	char word;
	ssize_t n;

	do {
		n = read(fd, &word, sizeof(word));
	} while (n == -1 && errno == EINTR);
	if (n == 1)
		_exit(EXIT_SUCCESS);
	/* Its last words on the terminal come before our prompt. */
	(void)waitpid(child, NULL, 0);
	_exit(EXIT_FAILURE);
}

int
background_start(void)
{
	int fds[2];
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	child = fork();
	if (child == -1) {
		(void)close(fds[0]);
		(void)close(fds[1]);
		return -1;
	}
	if (child != 0) {
		(void)close(fds[1]);
		wait_for(child, fds[0]);
	}
	(void)close(fds[0]);
	(void)setsid();
	if (chdir("/") == -1) {
		(void)close(fds[1]);
		return -1;
	}
	return fds[1];
}

void
background_ready(int fd)
{
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		(void)background_mute(i);
	/* The parent may have been killed: no reason to stop. */
	(void)!write(fd, "", 1);
	(void)close(fd);
}
