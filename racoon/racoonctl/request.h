/* SPDX-License-Identifier: ISC */
/* Words of the command line as a request (wire/admin.h). */
#ifndef RACOON_RACOONCTL_REQUEST_H
#define RACOON_RACOONCTL_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "libipsec/buf.h"

#define WHY_MAX		200

/*
 * What a command's words mean.  False: WHY has the reason.
 */
struct words {
	int		 n;		/* without the command */
	char		**word;
	uint16_t	 command;	/* of the request; a function may choose
					   another one */
	uint16_t	 proto;
	uint32_t	 await;		/* the event that is success; 0: none */
	bool		 force;		/* secrets may go to a terminal */
	unsigned int	 frames, seconds; /* of top; frames 0: for ever */
	struct buf	 body;
	char		 why[WHY_MAX];
};

typedef bool	 words_fn(struct words *);

words_fn	 words_none, words_proto, words_saopts, words_level;
words_fn	 words_show_sa, words_status, words_cert;
words_fn	 words_establish, words_connect, words_disconnect;
words_fn	 words_delete_all, words_login, words_why, words_top;

/* For the files of this directory: WHY, printf-like; and what strerror(3)
 * says, after a word that nobody understands.  Both are false. */
bool		 refuse(struct words *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
bool		 refuse_errno(struct words *, int err);
struct ipsec_addr;
/* Resolves a name; complains of that itself, on standard output. */
bool		 resolve(struct words *, int family, const char *name,
		    const char *port, struct ipsec_addr *out);
bool		 proto_of(const char *word, uint16_t *out);

#endif
