/* SPDX-License-Identifier: ISC */
/* Configuration texts that exist in a test only, and what is logged of them. */
#ifndef TEST_CONF_WORLD_H
#define TEST_CONF_WORLD_H

#include "base/log.h"
#include "conf/read.h"

#define LINES	64
#define FILES	40

/* Files that exist only here, and what was logged. */
struct world {
	struct { const char *path, *text; } file[FILES];
	size_t		 nfiles;
	char		*line[LINES];
	enum log_level	 level[LINES];
	size_t		 nlines;
	struct conf	*conf;
	bool		 gss;		/* GSS-API is built in */
};

#define P1	"proposal { encryption_algorithm aes; hash_algorithm sha1;" \
		" authentication_method pre_shared_key; dh_group 2; }"
#define REMOTE(body)	"remote anonymous { exchange_mode main; " body P1 "}"
#define LISTS	"encryption_algorithm aes; authentication_algorithm " \
		"hmac_sha1; compression_algorithm deflate; "

/* A file; both texts must outlive the world.  "!" as text: unreadable. */
void		 add_file(struct world *, const char *path, const char *text);
enum err	 read_world(struct world *, const char *path);
/* TEXT as the file "t". */
enum err	 read_text(struct world *, const char *text);
/* Frees what the world holds and empties it. */
void		 leave(struct world *);

void		 accepts(const char *text);
/* The first error logged must start with this. */
void		 refuses(const char *text, const char *start);
/* Accepted, with a warning that starts like this. */
void		 warns(const char *text, const char *start);
/* What racoon -C prints; the caller frees it. */
char		*shown(const struct conf *);
/* The one and only remote block. */
const struct remote *only_remote(const struct world *);

#endif
