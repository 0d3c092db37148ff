/* SPDX-License-Identifier: ISC */
/*
 * How errors look.  In a script, in the historical forms that people grep
 * for: "setkey: FILE,LINE: TEXT at `TOKEN'".  In a session on standard
 * output, without a name and a line.
 */
#ifndef SETKEY_REPORT_H
#define SETKEY_REPORT_H

#include <stdio.h>

#include "setkey/parse.h"

struct report {
	FILE		*out;
	const char	*file;		/* NULL: a session */
	bool		 lexical;	/* such an error was seen */
};

/* For struct parse_env, with a struct report as CTX. */
void	 report_diag(void *ctx, const struct diag *);
/*
 * The kernel's refusal (ERR is -errno) of a command; WHY, its own words, may
 * be "".
 */
void	 report_error(struct report *, uint32_t line, enum verb, int err,
	    const char *why);
/* Something to know that is no failure: "No SAD entries". */
void	 report_note(struct report *, uint32_t line, const char *text);

#endif
