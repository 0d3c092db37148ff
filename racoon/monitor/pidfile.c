/* SPDX-License-Identifier: ISC */
/*
 * Writes and removes the pid file.  It stays open and locked while the process
 * runs: a number alone may be that of any process by now.
 */
#include "monitor/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define PID_TEXT	24

struct pidfile {
	char		*path;
	int		 fd;
};

/* Why FD is no file to write to: NULL, it is one. */
static const char *
unfit(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	if (st.st_nlink != 1)
		return "the file has other names too";
	if (st.st_uid != geteuid())
		return "the file belongs to somebody else";
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		return errno == EWOULDBLOCK ? "another racoon that runs holds "
		    "it" : strerror(errno);
	return NULL;
}

static const char *
put_pid(int fd)
{
	/* Whatever the umask: others read it to find the daemon. */
	if (fchmod(fd, 0644) == 0 && ftruncate(fd, 0) == 0 &&
	    dprintf(fd, "%ld\n", (long)getpid()) > 0)
		return NULL;
	return strerror(errno);
}

/* NULL, or why there is no file now. */
static const char *
write_pid(struct pidfile *f)
{
	const char *why;

	/*
	 * Not truncated before it is known to be ours to write, and not
	 * waited for if it is a FIFO.
	 */
	f->fd = open(f->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY, 0644);
	if (f->fd == -1)
		return strerror(errno);
	why = unfit(f->fd);
	if (why == NULL && (why = put_pid(f->fd)) != NULL)
		(void)unlink(f->path);
	return why;
}

/* The path still leads to our file, and our number is in it. */
static bool
is_ours(const struct pidfile *f)
{
	char text[PID_TEXT] = "", own[PID_TEXT];
	struct stat here, there;

	(void)snprintf(own, sizeof(own), "%ld\n", (long)getpid());
	return fstat(f->fd, &here) == 0 && lstat(f->path, &there) == 0 &&
	    here.st_dev == there.st_dev && here.st_ino == there.st_ino &&
	    pread(f->fd, text, sizeof(text) - 1, 0) > 0 &&
	    strcmp(text, own) == 0;
}

static void
pidfile_free(struct pidfile *f)
{
	if (f->fd != -1)
		(void)close(f->fd);
	free(f->path);
	free(f);
}

/* Makes DIR and what is missing above it; whether it worked shows later. */
static void
make_dirs(const char *dir)
{
	char *path = xstrdup(dir);

	for (char *p = path; *p != '\0'; p++) {
		char kept = p[1];

		if (p == path || (kept != '/' && kept != '\0'))
			continue;
		p[1] = '\0';
		/* Whatever the umask: others look for the daemon there. */
		if (mkdir(path, 0755) == 0)
			(void)chmod(path, 0755);
		p[1] = kept;
	}
	free(path);
}

struct pidfile *
pidfile_write(const char *dir, const char *name)
{
	struct pidfile *f = xcalloc(1, sizeof(*f));
	const char *why;

	if (name == NULL)
		name = "racoon.pid";
	if (name[0] != '/')
		make_dirs(dir);
	f->path = name[0] == '/' ? xstrdup(name) :
	    xasprintf("%s/%s", dir, name);
	why = write_pid(f);
	if (why == NULL)
		return f;
	log_msg(LOG_L_ERROR, "cannot write the pid file %s: %s; running "
	    "without one (`path pidfile' in racoon.conf chooses another)",
	    f->path, why);
	pidfile_free(f);
	return NULL;
}

const char *
pidfile_path(const struct pidfile *f)
{
	return f->path;
}

void
pidfile_remove(struct pidfile *f)
{
	if (f == NULL)
		return;
	if (is_ours(f))
		(void)unlink(f->path);
	pidfile_free(f);
}
