/* SPDX-License-Identifier: ISC */
/*
 * Scripts from files.
 */
#ifndef SETKEY_SOURCE_H
#define SETKEY_SOURCE_H

#include <stdio.h>

#include "libipsec/buf.h"
#include "setkey/parse.h"
#include "setkey/unchanged.h"

/* A larger script, or command, is a mistake. */
#define SOURCE_MAX	((size_t)2 << 30)	/* bytes, as parsed */
#define SOURCE_COMMAND	((size_t)64 << 20)

/* Reads all of F as it is; 0 or -errno (-EFBIG: too large). */
int	 source_read(FILE *f, struct buf *);
/*
 * Parses all of F into a script.  0 or -errno (-EFBIG: too large); *GOOD is
 * false after an error in the text, which was reported.
 */
int	 source_parse(FILE *f, struct script *, const struct parse_env *,
	    bool *good);
/*
 * Adds up the policies of a script that has nothing else, names no host and
 * gives no reason to say something.  False: this is not one, or something is
 * wrong with it, of which nothing was said.
 */
bool	 source_digest(FILE *f, struct digest *);

#endif
