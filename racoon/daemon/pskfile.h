/* SPDX-License-Identifier: ISC */
/*
 * The file of pre-shared keys on disk: an edit counts at the next look-up,
 * without a signal.  What its lines mean: conf/psk.h.
 */
#ifndef RACOON_DAEMON_PSKFILE_H
#define RACOON_DAEMON_PSKFILE_H

#include "base/err.h"
#include "libipsec/buf.h"
#include "libipsec/view.h"
#include "monitor/asroot.h"

struct pskfile;

/* Borrows it. */
struct pskfile	*pskfile_new(const struct asroot *);
/* Wipes what was read. */
void		 pskfile_free(struct pskfile *);
/*
 * Warns now if the file could not be used, however often that was said before.
 * For the start and for reloads, when somebody is looking.
 */
void		 pskfile_check(struct pskfile *, const char *path);
/*
 * The key of ID in the file PATH (NULL: none is configured) as it is now.
 * E_NOPSK: no line for ID; E_FILE: the file cannot or must not be used, or
 * the line is malformed.  Either is logged once for every state of the file.
 */
enum err	 pskfile_find(struct pskfile *, const char *path,
		    struct view id, struct buf *key) MUST_CHECK;

#endif
