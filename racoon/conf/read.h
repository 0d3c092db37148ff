/* SPDX-License-Identifier: ISC */
/*
 * racoon.conf text -> snapshot.  Nothing is global: the opener brings the
 * text, so tests and fuzzers feed strings.  Every error and warning is one
 * log line `PATH:LINE: "TOKEN" reason`.
 */
#ifndef RACOON_CONF_READ_H
#define RACOON_CONF_READ_H

#include <sys/stat.h>

#include "conf/conf.h"

/* A file's text: the reader frees it with free(). */
struct conf_text {
	char	*text;
	size_t	 n;
};

struct conf_opener {
	void	*ctx;
	/* Reads PATH; false: errno says why. */
	bool	(*open)(void *ctx, const char *path, struct conf_text *);
	/* Names that match PATTERN, sorted: calls FN for each; false: none.
	 * NULL: there is nothing to include. */
	bool	(*glob)(void *ctx, const char *pattern,
		    void (*fn)(void *arg, const char *path), void *arg);
	/* What kind of file PATH, or what it links to, is; false: errno says
	 * why not.  NULL: nobody knows. */
	bool	(*info)(void *ctx, const char *path, struct stat *);
	/* The number of the user, or GROUP, of this name; false: there is
	 * none.  NULL: names are unknown, numbers are not. */
	bool	(*account)(void *ctx, bool group, const char *name,
		    uint32_t *id);
	/* The program has GSS-API: gssapi_krb can be carried out. */
	bool	gss;
};

/* Real files, glob(3) with tilde, the system's accounts. */
extern const struct conf_opener conf_files;

/*
 * Reads PATH and what it includes.  E_CONFIG (all errors were logged) leaves
 * *out NULL.  On OK the caller owns one reference.
 */
enum err	 conf_read(const struct conf_opener *, const char *path,
		    struct conf **out) MUST_CHECK;

#endif
