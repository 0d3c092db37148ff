/* SPDX-License-Identifier: ISC */
/* Peers as a table of 80 columns. */
#ifndef RACOON_RACOONCTL_TABLE_H
#define RACOON_RACOONCTL_TABLE_H

#include "racoonctl/show.h"
#include "wire/admin.h"

#define TABLE_WIDTH	80
#define TABLE_NUMBER	8		/* room for one of below */

/* "59s", "12m", "3h", "9d"; "-": of nothing. */
const char	*table_age(int64_t seconds, char out[TABLE_NUMBER]);
/* "999", "1.2k", "34M" */
const char	*table_bytes(uint64_t, char out[TABLE_NUMBER]);
void		 table_head(const struct show *, const char *in,
		    const char *out);
/* One peer, with these numbers of bytes, and a second line for its problem. */
void		 table_peer(const struct show *, const struct admin_peer *,
		    uint64_t in, uint64_t out);

#endif
