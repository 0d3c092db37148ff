/* SPDX-License-Identifier: ISC */
#include "daemon/procnet.h"

#include <string.h>
#include <unistd.h>

#define FILE_MAX	8192

static bool
is_among(struct view word, const char *const *names)
{
	for (; *names != NULL; names++)
		if (view_equal(word, view_text(*names)))
			return true;
	return false;
}

static struct view
take_line(struct view *text)
{
	const uint8_t *end = text->n == 0 ? NULL :
	    memchr(text->p, '\n', text->n);
	size_t n = end == NULL ? text->n : (size_t)(end - text->p);
	struct view line = view_take(text, n);

	if (end != NULL)
		(void)view_take(text, 1);
	return line;
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static struct view
take_word(struct view *line)
{
	size_t n = 0;

	while (line->n > 0 && is_blank(line->p[0]))
		(void)view_take(line, 1);
	while (n < line->n && !is_blank(line->p[n]))
		n++;
	return view_take(line, n);
}

static uint64_t
number_of(struct view word)
{
	uint64_t value = 0;

	while (word.n > 0 && word.p[0] >= '0' && word.p[0] <= '9')
		value = value * 10 + (view_u8(&word) - '0');
	return value;
}

/* "Name 12" is a line of its own in xfrm_stat and snmp6. */
static uint64_t
named_in_line(struct view line, const char *const *names)
{
	struct view name = take_word(&line);

	return is_among(name, names) ? number_of(take_word(&line)) : 0;
}

/* In snmp a line of names is followed by one of values; both begin with the
 * name of the group. */
static uint64_t
named_above(struct view heads, struct view values,
    const char *const *names)
{
	struct view group = take_word(&heads);
	uint64_t sum = 0;

	if (group.n == 0 || !view_equal(group, take_word(&values)))
		return 0;
	while (heads.n > 0) {
		struct view value = take_word(&values);

		if (is_among(take_word(&heads), names))
			sum += number_of(value);
	}
	return sum;
}

uint64_t
procnet_sum(struct view text, const char *const *names)
{
	struct view before = text, line;
	uint64_t sum = 0;

	before.n = 0;
	while (text.n > 0) {
		line = take_line(&text);
		sum += named_in_line(line, names) +
		    named_above(before, line, names);
		before = line;
	}
	return sum;
}

int
procnet_open(const struct asroot *root, enum mon_proc which)
{
	int fd = root->ops->open(root->ctx, MON_FILE_PROC, which, "");

	return fd < 0 ? -1 : fd;
}

uint64_t
procnet_count(int fd, const char *const *names)
{
	char text[FILE_MAX];
	ssize_t n = fd == -1 ? -1 : pread(fd, text, sizeof(text), 0);

	return n > 0 ? procnet_sum(view_of(text, (size_t)n), names) : 0;
}
