/* SPDX-License-Identifier: ISC */
/*
 * The two places of what is handed over, and what it must be like.  In front
 * of the engine's bytes is a line that says whose they are: boot and network
 * namespace.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE		/* memfd_create(), F_ADD_SEALS */
#endif
#include "monitor/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "monitor/manager.h"

#define STORED		"racoon-ike"	/* its name in the store */
#define STORE_FIRST	3		/* sd_listen_fds(3) */
#define STORE_MOST	64u
#define OWNER_TEXT	160
#define OURS		(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | \
			    F_SEAL_SEAL)

/*
 * Whose it is
 */

/* One line, which is the same just for a racoon that can use it. */
static bool
owner_text(char text[OWNER_TEXT])
{
	char boot[64] = "";
	struct stat net;
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	bool read = f != NULL && fgets(boot, sizeof(boot), f) != NULL;

	if (f != NULL)
		(void)fclose(f);
	if (!read || stat("/proc/self/ns/net", &net) == -1)
		return false;
	boot[strcspn(boot, "\n")] = '\0';
	(void)snprintf(text, OWNER_TEXT, "racoon %s %llx:%llx\n", boot,
	    (unsigned long long)net.st_dev, (unsigned long long)net.st_ino);
	return true;
}

static bool
write_all(int fd, struct view v)
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

static bool
write_state(int fd, struct view state)
{
	char owner[OWNER_TEXT];

	return owner_text(owner) && write_all(fd, view_text(owner)) &&
	    write_all(fd, state);
}

/* What is in FD, if it is ours; NULL or why not. */
static const char *
read_state(int fd, struct buf *state)
{
	char owner[OWNER_TEXT], there[OWNER_TEXT] = "";
	struct stat st;
	size_t skip, got = 0;
	uint8_t *room;

	if (fstat(fd, &st) == -1 || st.st_size < 0 ||
	    (uint64_t)st.st_size > HANDOVER_MAX || !owner_text(owner))
		return "it cannot be read";
	skip = strlen(owner);
	if (pread(fd, there, skip, 0) != (ssize_t)skip ||
	    memcmp(there, owner, skip) != 0)
		return "it is of another boot or network namespace";
	buf_reset(state);
	room = buf_room(state, (size_t)st.st_size - skip);
	while (room != NULL && got < state->n) {
		ssize_t n = pread(fd, room + got, state->n - got,
		    (off_t)(skip + got));

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	if (room != NULL && got == state->n)
		return NULL;
	buf_reset(state);
	return "it cannot be read";
}

/*
 * The service manager
 */

/* Memory that nobody can change any more. */
static bool
give_store(struct view state)
{
	const char *most = getenv("FDSTORE");	/* how many it takes */
	bool given;
	int fd;

	if (most == NULL || atoi(most) <= 0)
		return false;
	fd = memfd_create(STORED, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return false;
	given = write_state(fd, state) &&
	    fcntl(fd, F_ADD_SEALS, OURS) == 0 &&
	    manager_tell("FDSTORE=1\nFDNAME=" STORED "\n", fd);
	(void)close(fd);
	return given;
}

/* Which of the descriptors that we were started with has our name; -1. */
static int
find_stored(void)
{
	const char *names = getenv("LISTEN_FDNAMES");
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	unsigned long n;

	if (names == NULL || pid == NULL || fds == NULL ||
	    strtoul(pid, NULL, 10) != (unsigned long)getpid())
		return -1;
	n = strtoul(fds, NULL, 10);
	for (unsigned long i = 0; i < n && i < STORE_MOST; i++) {
		size_t len = strcspn(names, ":");

		if (len == strlen(STORED) && memcmp(names, STORED, len) == 0)
			return STORE_FIRST + (int)i;
		names += len + (names[len] == ':');
	}
	return -1;
}

static const char *
take_store(struct buf *state, bool *found)
{
	int fd = find_stored(), seals;
	const char *why;

	if (fd == -1)
		return NULL;
	*found = true;
	seals = fcntl(fd, F_GET_SEALS);
	why = seals == -1 || (seals & OURS) != OURS ?
	    "it is not sealed memory" : read_state(fd, state);
	(void)close(fd);
	(void)manager_tell("FDSTOREREMOVE=1\nFDNAME=" STORED "\n", -1);
	return why;
}

/*
 * The file
 */

static bool
give_file(const char *path, struct view state)
{
	bool written;
	int fd;

	(void)unlink(path);		/* of whoever it may be */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd == -1)
		return false;
	written = write_state(fd, state);
	if (close(fd) == -1 || !written) {
		(void)unlink(path);
		return false;
	}
	return true;
}

static const char *
unfit(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "it is not a regular file";
	if (st->st_uid != geteuid())
		return "it belongs to somebody else";
	if ((st->st_mode & 077) != 0)
		return "others may read it";
	if (st->st_nlink != 1)
		return "it has other names, too";
	return NULL;
}

/* Keys do not stay where somebody could find them. */
static void
wipe_file(int fd, off_t size)
{
	static const char zeros[4096];

	for (off_t at = 0; at < size; at += (off_t)sizeof(zeros)) {
		size_t n = size - at < (off_t)sizeof(zeros) ?
		    (size_t)(size - at) : sizeof(zeros);

		if (pwrite(fd, zeros, n, at) == -1)
			return;
	}
}

static const char *
take_file(const char *path, struct buf *state, bool *found)
{
	const char *why;
	struct stat st;
	int fd;

	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY);
	if (fd == -1) {
		*found = errno != ENOENT;
		return *found ? strerror(errno) : NULL;
	}
	*found = true;
	why = fstat(fd, &st) == -1 ? strerror(errno) : unfit(&st);
	if (why == NULL && unlink(path) == -1)
		why = strerror(errno);
	if (why == NULL) {
		why = read_state(fd, state);
		wipe_file(fd, st.st_size);
	}
	(void)close(fd);
	return why;
}

/*
 * Either
 */

bool
handover_give(const char *path, struct view state)
{
	if (give_store(state)) {
		log_msg(LOG_L_INFO, "the ISAKMP-SAs are left with the service "
		    "manager for the next start");
		return true;
	}
	if (path != NULL && give_file(path, state)) {
		log_msg(LOG_L_INFO, "the ISAKMP-SAs are left in %s for the "
		    "next start", path);
		return true;
	}
	if (path != NULL)
		log_msg(LOG_L_WARNING, "the ISAKMP-SAs cannot be left in %s "
		    "(%s): the next start will negotiate new ones", path,
		    strerror(errno));
	return false;
}

bool
handover_take(const char *path, struct buf *state)
{
	bool found = false;
	const char *why = take_store(state, &found);

	if (found && why != NULL)
		log_msg(LOG_L_WARNING, "what the service manager kept of the "
		    "ISAKMP-SAs before is not used: %s", why);
	if (found && why == NULL)
		return true;
	if (path == NULL)
		return false;
	why = take_file(path, state, &found);
	if (found && why != NULL)
		log_msg(LOG_L_WARNING, "%s is not used: %s", path, why);
	return found && why == NULL;
}
