/* SPDX-License-Identifier: ISC */
/* Which scripts an event of the engine asks for, and what they get to know. */
#ifndef RACOON_DAEMON_HOOK_ENV_H
#define RACOON_DAEMON_HOOK_ENV_H

#include "ike/ike.h"
#include "monitor/asroot.h"

/* Has the scripts run that the peer's remote block has for this event. */
void		 hook_event(const struct asroot *, const struct ike_event *);
/*
 * The environment of a script, NULL at the end, in the order that scripts have
 * always seen; to be freed with hook_env_free().
 */
char		**hook_env(const struct ike_event *);
void		 hook_env_free(char **);

#endif
