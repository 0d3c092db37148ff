/* SPDX-License-Identifier: ISC */
/*
 * setkey FILE: PF_KEY messages from a file, shown as if they came from the
 * kernel.
 */
#ifndef SETKEY_REPLAY_H
#define SETKEY_REPLAY_H

#include "libipsec/view.h"
#include "setkey/show.h"

#define REPLAY_FILE_MAX	(64u << 20)

/* VERBOSE: every message in words.  False: something is no message. */
bool	 replay(struct view messages, bool verbose,
	    const struct show_options *);

#endif
