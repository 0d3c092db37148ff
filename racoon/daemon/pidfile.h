/* SPDX-License-Identifier: ISC */
/* The file that names the daemon's process. */
#ifndef RACOON_DAEMON_PIDFILE_H
#define RACOON_DAEMON_PIDFILE_H

/*
 * Writes it: NAME relative to DIR (made if missing) unless it begins with
 * '/', NULL for "racoon.pid".  Returns its path, to be given to pidfile_remove(); NULL
 * (logged) when it cannot be written, which is no reason to stop.
 */
char	*pidfile_write(const char *dir, const char *name);
/* Removes the file and frees the path; NULL is allowed. */
void	 pidfile_remove(char *path);

#endif
