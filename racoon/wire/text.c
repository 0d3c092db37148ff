/* SPDX-License-Identifier: ISC */
/* Bounded text for the log; a peer's bytes cannot add control characters. */
#include "wire/text.h"

#include <stdarg.h>
#include <stdio.h>

void
text_init(struct text *t, char *out, size_t size)
{
	*t = (struct text){ .p = out, .size = size };
	if (size > 0)
		out[0] = '\0';
}

/* Appends all of it or nothing: half an escape would mislead. */
void
text_add(struct text *t, const char *fmt, ...)
{
	size_t room = t->size - t->n;
	va_list ap;
	int n;

	if (t->full)
		return;
	va_start(ap, fmt);
	n = room == 0 ? -1 : vsnprintf(t->p + t->n, room, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < room) {
		t->n += (size_t)n;
		return;
	}
	t->full = true;
	if (room > 0)
		t->p[t->n] = '\0';
}

void
text_add_bytes(struct text *t, struct view v, const char *escape)
{
	uint8_t c;

	while (v.n > 0 && !t->full) {
		c = view_u8(&v);
		if (c < 0x20 || c > 0x7e)
			text_add(t, "\\x%02x", c);
		else if (c == '\\' || strchr(escape, c) != NULL)
			text_add(t, "\\%c", c);
		else
			text_add(t, "%c", c);
	}
}

void
text_add_hex(struct text *t, struct view v)
{
	while (v.n > 0 && !t->full)
		text_add(t, "%02x", view_u8(&v));
}

void
text_back(struct text *t, const struct text *before)
{
	*t = *before;
	if (t->size > 0)
		t->p[t->n] = '\0';
}

void
text_end(struct text *t)
{
	static const char dots[] = "...";
	size_t n = t->n;

	if (!t->full || t->size < sizeof(dots))
		return;
	if (n > t->size - sizeof(dots))
		n = t->size - sizeof(dots);
	memcpy(t->p + n, dots, sizeof(dots));
	t->n = n + sizeof(dots) - 1;
}
