/* SPDX-License-Identifier: ISC */
/*
 * Certificates and keys on disk, read when a configuration is: an edit of such
 * a file counts after the next reload.
 */
#ifndef RACOON_DAEMON_CREDFILE_H
#define RACOON_DAEMON_CREDFILE_H

#include "conf/conf.h"
#include "ike/ike.h"
#include "monitor/asroot.h"

struct credfile;

/* Borrows both. */
struct credfile	*credfile_new(const struct crypto *, const struct asroot *);
/* Gives all back; no job may be under way. */
void		 credfile_free(struct credfile *);
/*
 * Reads what a snapshot's remote blocks name, of which it keeps a reference as
 * long as anybody else has one.  What cannot be used is logged and left out.
 */
void		 credfile_load(struct credfile *, const struct conf *);
/* What was read for a block of one of these snapshots; nothing for others. */
void		 credfile_get(const struct credfile *, const struct remote *,
		    struct ike_creds *);
/*
 * The certificates of our own that CONF's blocks use, each once: FN gets the
 * first block's place in the file (from 0) and the block.
 */
typedef void	 credfile_fn(void *ctx, size_t nth, const struct remote *,
		    const struct cert *);
void		 credfile_each_own(const struct credfile *,
		    const struct conf *, credfile_fn *, void *ctx);

#endif
