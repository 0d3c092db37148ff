/* SPDX-License-Identifier: ISC */
/*
 * A view borrows bytes that somebody else owns, mostly from the wire.
 *
 * A decoder reads straight through and asks once at the end: after a read
 * past the end the view is `bad`, every further read yields 0 or an empty
 * view, and nothing outside the borrowed bytes is ever touched.  A view must
 * not outlive the call it was given to; what has to stay goes into a buf.
 * All integers are big-endian.
 */
#ifndef LIBIPSEC_VIEW_H
#define LIBIPSEC_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct view {
	const uint8_t	*p;
	size_t		 n;		/* bytes left */
	bool		 bad;		/* a read went past the end */
};

/* A view of the N bytes at P. */
static inline struct view
view_of(const void *p, size_t n)
{
	return (struct view){ .p = p, .n = n, .bad = false };
}

/* A view of the text S without its terminator. */
static inline struct view
view_text(const char *s)
{
	return view_of(s, strlen(s));
}

/* Takes the next N bytes as a view of their own. */
static inline struct view
view_take(struct view *v, size_t n)
{
	struct view part = { .p = v->p, .n = n, .bad = false };

	if (v->bad || n > v->n) {
		v->bad = true;
		v->n = 0;
		return (struct view){ .p = v->p, .n = 0, .bad = true };
	}
	if (n > 0)
		v->p += n;
	v->n -= n;
	return part;
}

static inline uint8_t
view_u8(struct view *v)
{
	struct view b = view_take(v, 1);

	return b.bad ? 0 : b.p[0];
}

static inline uint16_t
view_u16(struct view *v)
{
	struct view b = view_take(v, 2);

	if (b.bad)
		return 0;
	return (uint16_t)(b.p[0] << 8 | b.p[1]);
}

static inline uint32_t
view_u32(struct view *v)
{
	struct view b = view_take(v, 4);

	return b.bad ? 0 : (uint32_t)b.p[0] << 24 | (uint32_t)b.p[1] << 16 |
	    (uint32_t)b.p[2] << 8 | b.p[3];
}

static inline uint64_t
view_u64(struct view *v)
{
	uint64_t high = view_u32(v);

	return high << 32 | view_u32(v);
}

/* Copies the next N bytes to DST, or zeroes DST when they are not there. */
static inline void
view_bytes(struct view *v, void *dst, size_t n)
{
	struct view b = view_take(v, n);

	if (b.bad)
		memset(dst, 0, n);
	else if (n > 0)
		memcpy(dst, b.p, n);
}

/* True when everything was read and nothing was read past the end. */
static inline bool
view_end(const struct view *v)
{
	return !v->bad && v->n == 0;
}

/* Compares the bytes; not for secrets (see crypto_equal()). */
static inline bool
view_equal(struct view a, struct view b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

#endif
