/* SPDX-License-Identifier: ISC */
/* Scripts that racoon.conf names, with the variables that scripts get. */
#include "monitor/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "libipsec/addr.h"

#define COOKIE		8
#define VARIABLES_MAX	64
#define BYTES_MAX	16384u		/* of them; HOOK_WAITING may be kept */

/* Splits V at its NULs into at most VARIABLES_MAX strings that it borrows. */
static bool
split(struct view v, char *env[VARIABLES_MAX + 1])
{
	size_t n = 0;

	while (v.n > 0) {
		const uint8_t *stop = memchr(v.p, '\0', v.n);

		if (stop == NULL || n == VARIABLES_MAX ||
		    !permit_variable((const char *)v.p))
			return false;
		env[n++] = (char *)(uintptr_t)v.p;
		(void)view_take(&v, (size_t)(stop - v.p) + 1);
	}
	env[n] = NULL;
	return true;
}

bool
asroot_hook(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	char *path = table_text(m->text, MON_PATH_MAX);
	char *env[VARIABLES_MAX + 1];
	struct hook_call call = { .what = (enum conf_script)m->num[0],
	    .path = path, .env = env, .remote = m->addr };
	struct view more = m->more;
	bool good = path != NULL && more.n <= BYTES_MAX &&
	    permit_script(&t->permit, m->num[0], path) &&
	    addr_bits(&m->addr) > 0;

	(void)a;
	(void)fd;
	view_bytes(&more, call.icookie, COOKIE);
	good = good && !more.bad && split(more, env);
	if (good)
		hooks_run(t->hooks, &call);
	free(path);
	return good;
}

bool
asroot_hooks(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	struct hooks_counts counts;

	(void)m;
	(void)fd;
	hooks_count(t->hooks, &counts);
	a->num[0] = (uint32_t)counts.running;
	a->num[1] = (uint32_t)counts.waiting;
	a->result = counts.refused > INT32_MAX ? INT32_MAX :
	    (int32_t)counts.refused;
	return true;
}
