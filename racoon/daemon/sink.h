/* SPDX-License-Identifier: ISC */
/* Where the daemon's log lines go: syslog, a file, standard output. */
#ifndef RACOON_DAEMON_SINK_H
#define RACOON_DAEMON_SINK_H

#include <stdbool.h>

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

#endif
