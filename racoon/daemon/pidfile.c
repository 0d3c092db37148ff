/* SPDX-License-Identifier: ISC */
/* Writes and removes the pid file. */
#include "daemon/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

static bool
write_pid(const char *path)
{
	/* No O_TRUNC before it is known to be a file of ours to write. */
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	bool good;

	if (fd == -1)
		return false;
	/* Whatever the umask: others read it to find the daemon. */
	good = fchmod(fd, 0644) == 0 && ftruncate(fd, 0) == 0 &&
	    dprintf(fd, "%ld\n", (long)getpid()) > 0;
	(void)close(fd);
	return good;
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

char *
pidfile_write(const char *dir, const char *name)
{
	char *path;

	if (name == NULL)
		name = "racoon.pid";
	if (name[0] != '/')
		make_dirs(dir);
	path = name[0] == '/' ? xstrdup(name) : xasprintf("%s/%s", dir, name);
	if (write_pid(path))
		return path;
	log_msg(LOG_L_ERROR, "cannot write the pid file %s: %s; running "
	    "without one (`path pidfile' in racoon.conf chooses another)",
	    path, strerror(errno));
	free(path);
	return NULL;
}

void
pidfile_remove(char *path)
{
	if (path != NULL)
		(void)unlink(path);
	free(path);
}
