/* SPDX-License-Identifier: ISC */
/*
 * The lines of setkey -c.  One of line_plain.c and line_readline.c is part of
 * the program: ./configure --with-readline decides.
 */
#ifndef SETKEY_LINE_H
#define SETKEY_LINE_H

#include <stdio.h>
#include <sys/types.h>

/* As getline(): the line with its end, -1 at the end of the input. */
ssize_t	 line_read(FILE *in, char **line, size_t *size);

#endif
