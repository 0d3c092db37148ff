/* SPDX-License-Identifier: ISC */
/* Where the text of a configuration comes from, and what it names: real files
 * and accounts. */
#include "conf/read.h"

#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define FILE_TEXT_MAX	(64u << 20)	/* nobody writes more by hand */

static bool
slurp(FILE *f, struct conf_text *out)
{
	size_t cap = 4096, n;
	char *p;

	*out = (struct conf_text){ .text = xcalloc(cap, 1), .n = 0 };
	for (;;) {
		n = fread(out->text + out->n, 1, cap - out->n, f);
		out->n += n;
		if (n == 0)
			break;
		if (out->n < cap)
			continue;
		if (cap >= FILE_TEXT_MAX) {
			errno = EFBIG;
			break;
		}
		p = xcalloc(cap *= 2, 1);
		memcpy(p, out->text, out->n);
		xfreezero(out->text, out->n);
		out->text = p;
	}
	if (feof(f) && !ferror(f))
		return true;
	xfreezero(out->text, out->n);
	return false;
}

static bool
file_open(void *ctx, const char *path, struct conf_text *out)
{
	FILE *f = fopen(path, "re");
	int saved;
	bool ok;

	(void)ctx;
	if (f == NULL)
		return false;
	ok = slurp(f, out);
	saved = errno;
	fclose(f);
	errno = saved;
	return ok;
}

static bool
file_glob(void *ctx, const char *pattern,
    void (*fn)(void *arg, const char *path), void *arg)
{
	glob_t g;
	bool found;

	(void)ctx;
	found = glob(pattern, GLOB_TILDE, NULL, &g) == 0;
	for (size_t i = 0; found && i < g.gl_pathc; i++)
		fn(arg, g.gl_pathv[i]);
	globfree(&g);
	return found;
}

static bool
file_info(void *ctx, const char *path, struct stat *st)
{
	(void)ctx;
	return stat(path, st) == 0;
}

static bool
file_account(void *ctx, bool group, const char *name, uint32_t *id)
{
	const struct passwd *pw = group ? NULL : getpwnam(name);
	const struct group *gr = group ? getgrnam(name) : NULL;

	(void)ctx;
	if (pw != NULL)
		*id = pw->pw_uid;
	if (gr != NULL)
		*id = gr->gr_gid;
	return pw != NULL || gr != NULL;
}

const struct conf_opener conf_files = {
	.ctx = NULL, .open = file_open, .glob = file_glob, .info = file_info,
	.account = file_account
};
