/* SPDX-License-Identifier: ISC */
/* JSON (RFC 8259) written from the left to the right, in one line. */
#ifndef RACOON_DAEMON_JSON_H
#define RACOON_DAEMON_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "libipsec/buf.h"

struct json {
	struct buf	*out;
	bool		 more;		/* a comma comes next */
};

/* KEY: of the member of an object, NULL in an array and at the top. */
void	 json_open(struct json *, const char *key, char bracket);
void	 json_close(struct json *, char bracket);
/* NULL is null.  Other bytes than control characters, '"' and '\' go as they
 * are. */
void	 json_text(struct json *, const char *key, const char *);
void	 json_number(struct json *, const char *key, uint64_t);
void	 json_bool(struct json *, const char *key, bool);

#endif
