/* SPDX-License-Identifier: ISC */
/* Writes log lines; log.h tells their layout. */
#include "monitor/sink.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "libipsec/addr.h"

static int
priority(enum log_level level)
{
	static const int prio[] = {
		[LOG_L_ERROR] = LOG_ERR,
		[LOG_L_WARNING] = LOG_WARNING,
		[LOG_L_NOTIFY] = LOG_NOTICE,
		[LOG_L_INFO] = LOG_INFO,
		[LOG_L_DEBUG] = LOG_DEBUG,
		[LOG_L_DEBUG2] = LOG_DEBUG,
	};

	return prio[level];
}

static int
open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY, 0600);
}

/* Opened for each line, so that the file may be rotated without a signal. */
static void
to_file(const char *path, char *line, size_t n)
{
	int fd = open_file(path);

	if (fd == -1)
		return;
	line[n] = '\n';
	/* A full disk: there is no place to say so. */
	(void)!write(fd, line, n + 1);
	line[n] = '\0';
	(void)close(fd);
}

/* The journal stamps lines itself and reads their priority from <N>. */
static void
to_journal(enum log_level level, const char *peer, const char *text)
{
	printf("<%d>%s%s%s%s: %s\n", priority(level),
	    peer != NULL ? "[" : "", peer != NULL ? peer : "",
	    peer != NULL ? "] " : "", log_level_name(level), text);
}

static void
to_syslog(enum log_level level, const char *peer, const char *text)
{
	syslog(priority(level), "%s%s%s%s: %s", peer != NULL ? "[" : "",
	    peer != NULL ? peer : "", peer != NULL ? "] " : "",
	    log_level_name(level), text);
}

void
sink_line(const struct sink *s, enum log_level level, const char *peer,
    const char *text)
{
	char line[LOG_LINE + 1];
	size_t n = 0;

	if (s->file != NULL || (s->terminal && !s->journal))
		n = log_line(line, LOG_LINE, time(NULL), level, peer, text);
	if (s->file != NULL)
		to_file(s->file, line, n);
	if (s->terminal && s->journal)
		to_journal(level, peer, text);
	else if (s->terminal)
		(void)puts(line);
	else if (s->file == NULL)
		to_syslog(level, peer, text);
	if (s->terminal)
		(void)fflush(stdout);
	if (s->starting && !s->terminal && level <= LOG_L_WARNING)
		(void)fprintf(stderr, "racoon: %s\n", text);
}

static void
write_line(void *ctx, enum log_level level, const char *peer,
    const char *text)
{
	sink_line(ctx, level, peer, text);
}

/* $JOURNAL_STREAM is "DEVICE:INODE" of the stream that the journal reads. */
static bool
is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	char own[64];

	if (stream == NULL || fstat(fd, &st) == -1)
		return false;
	(void)snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(own, stream) == 0;
}

bool
sink_open(struct sink *s)
{
	int fd;

	if (s->file != NULL) {
		fd = open_file(s->file);
		if (fd == -1)
			return false;
		(void)close(fd);
	}
	if (s->terminal)
		s->journal = is_journal(STDOUT_FILENO);
	else if (s->file == NULL)
		openlog("racoon", LOG_NDELAY, LOG_DAEMON);
	log_to(write_line, s);
	return true;
}
