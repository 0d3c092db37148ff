/* SPDX-License-Identifier: ISC */
/* The file that names the daemon's process. */
#ifndef RACOON_MONITOR_PIDFILE_H
#define RACOON_MONITOR_PIDFILE_H

struct pidfile;

/*
 * Writes it: NAME relative to DIR (made if missing) unless it begins with
 * '/', NULL for "racoon.pid".  NULL (logged): it cannot be written, or another
 * racoon that runs holds it; neither is a reason to stop.
 */
struct pidfile	*pidfile_write(const char *dir, const char *name);
const char	*pidfile_path(const struct pidfile *);
/* Removes the file if it is still this process's; NULL is allowed. */
void		 pidfile_remove(struct pidfile *);

#endif
