/* SPDX-License-Identifier: ISC */
/*
 * Lines as they come, without editing.
 */
#include "setkey/line.h"

ssize_t
line_read(FILE *in, char **line, size_t *size)
{
	return getline(line, size, in);
}
