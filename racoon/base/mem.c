/* SPDX-License-Identifier: ISC */
/* Allocation that does not fail: an exhausted daemon says so and aborts. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static _Noreturn void
exhausted(size_t n, size_t size)
{
	log_msg(LOG_L_ERROR, "out of memory (%zu times %zu bytes): aborting; "
	    "raise the memory limit of this service or look for a leak",
	    n, size);
	abort();
}

void *
xcalloc(size_t n, size_t size)
{
	/* Never NULL, not even for nothing. */
	void *p = calloc(n == 0 ? 1 : n, size == 0 ? 1 : size);

	if (p == NULL)
		exhausted(n, size);
	return p;
}

void *
xreallocarray(void *old, size_t n, size_t size)
{
	void *p = reallocarray(old, n == 0 ? 1 : n, size == 0 ? 1 : size);

	if (p == NULL)
		exhausted(n, size);
	return p;
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *
xstrndup(const char *s, size_t max)
{
	size_t n = strnlen(s, max);
	char *p = xcalloc(n + 1, 1);

	memcpy(p, s, n);
	return p;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&p, fmt, ap);
	va_end(ap);
	if (n < 0)
		exhausted(1, strlen(fmt));
	return p;
}

void
xfreezero(void *p, size_t n)
{
	if (p != NULL)
		explicit_bzero(p, n);
	free(p);
}
