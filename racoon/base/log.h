/* SPDX-License-Identifier: ISC */
/*
 * One line, one fact.  The only file of the daemon with mutable globals: the
 * sink and the level.  Keys never reach a log.
 *
 * A line for a file or the terminal (as ipsec-tools wrote it):
 *	2026-11-23 17:20:00: [192.0.2.7] INFO: text
 */
#ifndef RACOON_BASE_LOG_H
#define RACOON_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct ipsec_addr;

enum log_level {		/* racoon.conf(5), `log' */
	LOG_L_ERROR = 1,	/* an administrator must act */
	LOG_L_WARNING = 2,	/* a peer or the configuration misbehaves */
	LOG_L_NOTIFY = 3,
	LOG_L_INFO = 4,		/* SAs come and go, negotiations */
	LOG_L_DEBUG = 5,	/* decisions */
	LOG_L_DEBUG2 = 6	/* bytes on the wire, never keys */
};

#define LOG_TEXT	2048	/* a message and its terminator; cut beyond */
#define LOG_LINE	2240	/* a whole line and its terminator */

/* Receives one line without newline; PEER is NULL or a printed address. */
typedef void	 log_sink(void *ctx, enum log_level, const char *peer,
		    const char *text);

/* Where lines go; NULL: standard error.  CTX is handed back. */
void		 log_to(log_sink *, void *ctx);
void		 log_set_level(enum log_level);
enum log_level	 log_get_level(void);
/*
 * Makes a text of a stranger's fit for one line and a terminal: control
 * characters, also those of 8 bits, become '?', newlines and tabs blanks.
 */
void		 log_tidy(char *text);
/* True when a line of this level would be written: guards costly arguments. */
bool		 log_on(enum log_level);
/* "ERROR", "WARNING", "NOTIFY", "INFO", "DEBUG", "DEBUG2" */
const char	*log_level_name(enum log_level);

/*
 * Lays out one line, without newline, in OUT of SIZE bytes (LOG_LINE is
 * enough) and returns its length: for sinks that write to a file.
 */
size_t		 log_line(char *out, size_t size, time_t now, enum log_level,
		    const char *peer, const char *text);

void		 log_msg(enum log_level, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
/* About a peer; NULL is allowed. */
void		 log_peer(enum log_level, const struct ipsec_addr *,
		    const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));

#endif
