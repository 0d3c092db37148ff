/* SPDX-License-Identifier: ISC */
/*
 * Memory of the daemon: exhaustion ends the process, since everything that a
 * peer can make grow has a limit of its own.
 */
#ifndef RACOON_BASE_MEM_H
#define RACOON_BASE_MEM_H

#include <stddef.h>

void	*xcalloc(size_t n, size_t size);
void	*xreallocarray(void *, size_t n, size_t size);
char	*xstrdup(const char *);
char	*xstrndup(const char *, size_t);
char	*xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Wipes N bytes in a way the compiler keeps, then frees. */
void	 xfreezero(void *, size_t n);

#endif
