/* SPDX-License-Identifier: ISC */
/*
 * setkey -c: commands from standard input, each executed once it is
 * complete.
 */
#ifndef SETKEY_SESSION_H
#define SETKEY_SESSION_H

#include <stdio.h>

#include "libipsec/ipsec.h"
#include "setkey/run.h"

/* The longest command. */
#define SESSION_COMMAND	(1u << 20)

/*
 * H NULL: commands are only checked.  True when every command was right and
 * was carried out.
 */
bool	 session_run(struct ipsec *h, FILE *in, const struct run_options *);

#endif
