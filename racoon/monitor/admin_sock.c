/* SPDX-License-Identifier: ISC */
/*
 * Only a socket is replaced, and only one that nobody serves: another racoon
 * may live there.
 */
#include "monitor/admin_sock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define BACKLOG		5

/* An existing directory is the administrator's: it is left as it is. */
static bool
make_directory(const char *path, gid_t gid)
{
	char *dir = xstrdup(path), *slash = strrchr(dir, '/');
	bool good = true;

	if (slash != NULL && slash != dir) {
		*slash = '\0';
		if (mkdir(dir, 0750) == 0)
			good = chown(dir, (uid_t)-1, gid) == 0 &&
			    chmod(dir, 0750) == 0;
		else
			good = errno == EEXIST;
		if (!good)
			log_msg(LOG_L_ERROR, "adminsock \"%s\": cannot make "
			    "the directory %s: %s", path, dir,
			    strerror(errno));
	}
	free(dir);
	return good;
}

static bool
is_served(const struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	bool served;

	if (fd == -1)
		return true;
	served = connect(fd, (const struct sockaddr *)un, sizeof(*un)) == 0 ||
	    errno == EAGAIN;
	(void)close(fd);
	return served;
}

/* Makes room for the socket. */
static bool
clear(const struct sockaddr_un *un)
{
	struct stat st;

	if (lstat(un->sun_path, &st) == -1 && errno == ENOENT)
		return true;
	if (!S_ISSOCK(st.st_mode))
		log_msg(LOG_L_ERROR, "adminsock \"%s\": there is something "
		    "that is no socket: remove it, or name another path",
		    un->sun_path);
	else if (is_served(un))
		log_msg(LOG_L_ERROR, "adminsock \"%s\": another racoon serves "
		    "there: stop it, or name another path", un->sun_path);
	else if (unlink(un->sun_path) == 0)
		return true;
	else
		log_msg(LOG_L_ERROR, "adminsock \"%s\": cannot be replaced: "
		    "%s", un->sun_path, strerror(errno));
	return false;
}

/*
 * The mode is the socket's own before it has a name: later, in a directory
 * that others may write to, something else could have it.  Nor does the owner
 * go to what a link leads to.
 */
static bool
bind_as(int fd, const struct sockaddr_un *un, uid_t uid, gid_t gid,
    mode_t mode)
{
	const mode_t before = umask(0);
	bool good = fchmod(fd, mode) == 0 &&
	    bind(fd, (const struct sockaddr *)un, sizeof(*un)) == 0;
	int err = errno;

	(void)umask(before);
	errno = err;
	return good && lchown(un->sun_path, uid, gid) == 0 &&
	    listen(fd, BACKLOG) == 0;
}

int
admin_sock_open(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(un.sun_path)) {
		log_msg(LOG_L_ERROR, "adminsock \"%s\": the name is too long, "
		    "%zu bytes are possible", path, sizeof(un.sun_path) - 1);
		return -1;
	}
	(void)strcpy(un.sun_path, path);
	if (!make_directory(path, gid) || !clear(&un))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd != -1 && bind_as(fd, &un, uid, gid, mode))
		return fd;
	log_msg(LOG_L_ERROR, "adminsock \"%s\": %s: racoonctl will not work",
	    path, strerror(errno));
	if (fd != -1)
		(void)close(fd);
	return -1;
}
