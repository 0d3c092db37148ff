/* SPDX-License-Identifier: ISC */
/* Words of the command line as a request (wire/admin.h). */
#ifndef RACOON_RACOONCTL_REQUEST_H
#define RACOON_RACOONCTL_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "libipsec/buf.h"

#define WHY_MAX		200

/*
 * What a command's words mean: the number of its protocol, and the body of its
 * request.  False: WHY has the reason.
 */
struct words {
	int		 n;		/* without the command */
	char		**word;
	uint16_t	 proto;
	struct buf	 body;
	char		 why[WHY_MAX];
};

typedef bool	 words_fn(struct words *);

words_fn	 words_none, words_proto, words_saopts, words_level;

#endif
