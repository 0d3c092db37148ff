/* SPDX-License-Identifier: ISC */
/* Which counters there are depends on the kernel: all are taken. */
#include "daemon/xfrmstat.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX	8192u

static struct view
take_line(struct view *v)
{
	const uint8_t *end = memchr(v->p, '\n', v->n);
	struct view line;

	if (end == NULL)
		return view_take(v, v->n);
	line = view_take(v, (size_t)(end - v->p));
	(void)view_take(v, 1);
	return line;
}

static size_t
span(struct view v, int (*is)(int))
{
	size_t n = 0;

	while (n < v.n && is(v.p[n]))
		n++;
	return n;
}

static bool
take_number(struct view v, uint64_t *out)
{
	const size_t n = span(v, isdigit);

	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (*out > (UINT64_MAX - 9) / 10)
			return false;
		*out = *out * 10 + (uint64_t)(v.p[i] - '0');
	}
	return n > 0 && n == v.n;
}

void
xfrmstat_get(struct xfrmstat *s, struct view text)
{
	struct view line, name;
	uint64_t value;

	memset(s, 0, sizeof(*s));
	while (text.n > 0 && s->n < XFRMSTAT_ROWS) {
		line = take_line(&text);
		name = view_take(&line, span(line, isalnum));
		(void)view_take(&line, span(line, isblank));
		while (line.n > 0 && isspace(line.p[line.n - 1]))
			line.n--;
		if (name.n == 0 || name.n >= XFRMSTAT_NAME ||
		    !take_number(line, &value))
			continue;
		memcpy(s->row[s->n].name, name.p, name.n);
		s->row[s->n++].value = value;
	}
}

bool
xfrmstat_read(struct xfrmstat *s, int fd)
{
	char text[FILE_MAX];
	size_t n = 0;
	ssize_t got;

	memset(s, 0, sizeof(*s));
	while (n < sizeof(text) &&
	    ((got = pread(fd, text + n, sizeof(text) - n, (off_t)n)) > 0 ||
	    (got == -1 && errno == EINTR)))
		n += got > 0 ? (size_t)got : 0;
	xfrmstat_get(s, view_of(text, n));
	return s->n > 0;
}
