/* SPDX-License-Identifier: ISC */
/*
 * A configuration's bytes in a box: what an opener of conf/read.h answered
 * while racoon.conf was read, so that somebody who can open nothing reads the
 * very same.
 */
#ifndef RACOON_MONITOR_CONFBOX_H
#define RACOON_MONITOR_CONFBOX_H

#include "conf/read.h"
#include "libipsec/buf.h"

#define CONFBOX_MAX	(80u << 20)	/* bytes */

struct confbox {
	struct conf_opener inner;	/* who really opens; when recording */
	struct buf	 bytes;
	size_t		 at;		/* where the next look begins */
};

/* The opener that asks INNER and writes all answers down in the box. */
struct conf_opener confbox_recorder(struct confbox *,
		    const struct conf_opener *inner);
/* The opener that reads it all out of the box again, and knows nothing else. */
struct conf_opener confbox_player(struct confbox *, bool gss);
void		 confbox_init(struct confbox *);
/* Wipes. */
void		 confbox_fini(struct confbox *);

#endif
