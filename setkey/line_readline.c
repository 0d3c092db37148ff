/* SPDX-License-Identifier: ISC */
/*
 * Lines with GNU Readline's editing, where both ends are a terminal.
 * Anywhere else it would echo the input into the output.
 */
#include "setkey/line.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

/* An SPI has no more digits than this; a key has. */
#define SPI_DIGITS	8

/* May the line hold a key, or a part of one? */
static bool
has_key(const char *s)
{
	size_t digits = 0;

	if (strchr(s, '"') != NULL)
		return true;
	for (; *s != '\0' && digits <= SPI_DIGITS; s++)
		digits = isxdigit((unsigned char)*s) ? digits + 1 : 0;
	return digits > SPI_DIGITS;
}

/*
 * What is remembered is for the arrow keys: no file is ever written, and
 * lines with keys are not even kept in memory.
 */
static ssize_t
edit(char **line, size_t *size)
{
	char *got, *p;
	size_t n;

	(void)rl_bind_key('\t', rl_insert);
	if ((got = readline("")) == NULL)
		return -1;
	n = strlen(got);
	if (n > 0 && !has_key(got))
		add_history(got);
	if (n + 2 > *size) {
		if ((p = realloc(*line, n + 2)) == NULL) {
			explicit_bzero(got, n);
			free(got);
			return -1;
		}
		*line = p;
		*size = n + 2;
	}
	memcpy(*line, got, n);
	memcpy(*line + n, "\n", 2);
	explicit_bzero(got, n);
	free(got);
	return (ssize_t)n + 1;
}

ssize_t
line_read(FILE *in, char **line, size_t *size)
{
	if (in == stdin && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return edit(line, size);
	return getline(line, size, in);
}
