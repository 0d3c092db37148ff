/* SPDX-License-Identifier: ISC */
/* Where the daemon's log lines go: syslog, a file, standard output. */
#ifndef RACOON_MONITOR_SINK_H
#define RACOON_MONITOR_SINK_H

#include <stdbool.h>

#include "base/log.h"

struct sink {
	const char	*file;		/* append here; NULL: syslog, unless... */
	bool		 terminal;	/* ...standard output has the lines */
	bool		 starting;	/* problems on standard error as well */
	bool		 journal;	/* set by sink_open(): systemd reads it */
};

/*
 * Makes the sink, which must stay where it is, the log's.  False with errno:
 * its file cannot be written.
 */
bool	 sink_open(struct sink *);
/* Writes one line as the log does; PEER is NULL or a printed address. */
void	 sink_line(const struct sink *, enum log_level, const char *peer,
	    const char *text);

#endif
