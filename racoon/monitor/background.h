/* SPDX-License-Identifier: ISC */
/*
 * Going into the background such that the command which started the daemon
 * ends only when the daemon serves, or with its failure.
 */
#ifndef RACOON_MONITOR_BACKGROUND_H
#define RACOON_MONITOR_BACKGROUND_H

#include <stdbool.h>

/*
 * Forks.  The parent waits in here and leaves the process: with 0 after the
 * child's background_ready(), else with 1.  In the child it returns the
 * descriptor for background_ready(), in a session of its own at "/"; -1 with
 * errno: no process could be made.
 */
int	 background_start(void);
/* Lets the parent go and gives the terminal up. */
void	 background_ready(int fd);
/* Points the descriptor at /dev/null. */
bool	 background_mute(int fd);

#endif
