/* SPDX-License-Identifier: ISC */
/*
 * Hosts for tests: a network and a mount namespace with /etc and /run of its
 * own, below the directory named $B.
 *	host new NAME			makes one and stays in it
 *	host on PID COMMAND...		runs it in that process's namespaces
 *	host end			kills all hosts with what runs in them
 *
 * In a guest the start of a program is what costs: this one is linked
 * statically, by test/rig/guest, and does by itself what would take a dozen.
 */
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_ROOM	4096

static void	format(char *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static void
format(char *path, const char *fmt, ...)
{
	va_list ap;
	int	n;

	va_start(ap, fmt);
	n = vsnprintf(path, PATH_ROOM, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= PATH_ROOM)
		errx(1, "a path is too long");
}

static void
attach(const char *from, const char *to, const char *type, unsigned long flags)
{
	if (mount(from, to, type, flags, NULL) != 0)
		err(1, "mount %s", to);
}

/* The host's own files; those that tests write are not the machine's. */
static bool
is_own(const char *name)
{
	return strcmp(name, "racoon") == 0 || strcmp(name, "swanctl") == 0 ||
	    strcmp(name, "strongswan.conf") == 0 ||
	    strcmp(name, "ipsec-tools.conf") == 0;
}

static void
link_etc(const char *base, const char *etc)
{
	char	from[PATH_ROOM], to[PATH_ROOM];
	struct dirent *e;
	DIR	*d;

	format(from, "%s/etc0", base);
	if ((d = opendir(from)) == NULL)
		err(1, "%s", from);
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 || is_own(e->d_name))
			continue;
		format(from, "%s/etc0/%s", base, e->d_name);
		format(to, "%s/%s", etc, e->d_name);
		if (symlink(from, to) != 0 && errno != EEXIST)
			err(1, "%s", to);
	}
	closedir(d);
}

static void
make_dirs(const char *home)
{
	static const char *const dirs[] = {
		"", "etc", "etc/racoon", "etc/swanctl", "run", "run/lock",
		"run/tmp", "run/home", "run/rig", "run/bin", "log",
	};
	char	path[PATH_ROOM];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		format(path, "%s/%s", home, dirs[i]);
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			err(1, "%s", path);
	}
}

static void
mount_all(const char *base, const char *home)
{
	char	etc[PATH_ROOM], run[PATH_ROOM], path[PATH_ROOM];

	attach("none", "/", NULL, MS_REC | MS_PRIVATE);
	format(etc, "%s/etc", home);
	format(run, "%s/run", home);
	format(path, "%s/bin", run);
	attach("/run/bin", path, NULL, MS_BIND);
	format(path, "%s/rig", run);
	attach(base, path, NULL, MS_BIND | MS_REC);
	attach(etc, "/etc", NULL, MS_BIND);
	attach("sysfs", "/sys", "sysfs", 0);
	attach(run, "/run", NULL, MS_BIND | MS_REC);
}

static void
set(const char *path, const char *value)
{
	int	fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		warn("%s", path);
	if (fd >= 0)
		close(fd);
}

static void
network(void)
{
	const char *expires = getenv("ACQ_EXPIRES");
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) != 0)
		err(1, "lo");
	close(fd);
	set("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
	set("/proc/sys/net/ipv6/conf/all/accept_dad", "0");
	set("/proc/sys/net/core/xfrm_acq_expires",
	    expires != NULL ? expires : "30");
}

static int
host_new(char **arg)
{
	const char *base = getenv("B");
	char	home[PATH_ROOM], path[PATH_ROOM];
	int	fd;

	if (base == NULL)
		errx(1, "B is not set");
	format(home, "%s/%s", base, arg[0]);
	make_dirs(home);
	format(path, "%s/etc", home);
	link_etc(base, path);
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
		err(1, "unshare");
	mount_all(base, home);
	network();
	format(path, "%s/ready", home);
	if ((fd = creat(path, 0644)) < 0)
		err(1, "%s", path);
	close(fd);
	for (;;)
		pause();
}

static void
enter(const char *pid, const char *which, int *fd)
{
	char	path[PATH_ROOM];

	format(path, "/proc/%s/ns/%s", pid, which);
	if ((*fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		err(1, "%s", path);
}

static int
host_on(char **arg)
{
	int	net, mnt;

	enter(arg[0], "net", &net);
	enter(arg[0], "mnt", &mnt);
	if (setns(net, CLONE_NEWNET) != 0 || setns(mnt, CLONE_NEWNS) != 0)
		err(1, "setns");
	execvp(arg[1], arg + 1);
	warn("%s", arg[1]);
	return 127;
}

/* Every process in a network namespace other than this one. */
static int
host_end(void)
{
	char	mine[PATH_ROOM] = "", its[PATH_ROOM], path[PATH_ROOM];
	struct dirent *e;
	DIR	*d = opendir("/proc");
	ssize_t	n;

	if (d == NULL || readlink("/proc/self/ns/net", mine,
	    sizeof(mine) - 1) < 0)
		err(1, "/proc");
	while ((e = readdir(d)) != NULL) {
		if (atoi(e->d_name) < 2)
			continue;
		format(path, "/proc/%s/ns/net", e->d_name);
		n = readlink(path, its, sizeof(its) - 1);
		if (n <= 0)
			continue;	/* the kernel's, or gone */
		its[n] = '\0';
		if (strcmp(its, mine) != 0)
			kill((pid_t)atoi(e->d_name), SIGKILL);
	}
	closedir(d);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "end") == 0)
		return host_end();
	if (argc == 3 && strcmp(argv[1], "new") == 0)
		return host_new(argv + 2);
	if (argc > 3 && strcmp(argv[1], "on") == 0)
		return host_on(argv + 2);
	errx(2, "usage: host new NAME | on PID COMMAND... | end");
}
