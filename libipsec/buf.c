/* SPDX-License-Identifier: ISC */
/*
 * Owned bytes with a maximum.  Memory that bytes leave is wiped, so growth
 * copies instead of using realloc(), which could leave keys behind.
 */
#include "libipsec/buf.h"

#include <stdlib.h>
#include <string.h>

#define BUF_FIRST	64	/* bytes of the first allocation */

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_fini(struct buf *b)
{
	if (b->p != NULL) {
		explicit_bzero(b->p, b->cap);
		free(b->p);
	}
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	if (b->n > 0)
		explicit_bzero(b->p, b->n);
	b->n = 0;
	b->bad = false;
}

/* The next capacity that holds WANT bytes; WANT is at most the maximum. */
static size_t
next_cap(const struct buf *b, size_t want)
{
	size_t cap = b->cap > 0 ? b->cap : BUF_FIRST;

	while (cap < want && cap <= b->max / 2)
		cap *= 2;
	if (cap < want || cap > b->max)
		cap = b->max;
	return cap;
}

/* Makes room for N more bytes; false, and a bad buf, when it cannot. */
static bool
grow(struct buf *b, size_t n)
{
	uint8_t	*p;
	size_t	 cap;

	if (b->bad)
		return false;
	if (n > b->max - b->n) {
		b->bad = true;
		return false;
	}
	if (n <= b->cap - b->n)
		return true;
	cap = next_cap(b, b->n + n);
	if ((p = malloc(cap)) == NULL) {
		b->bad = true;
		return false;
	}
	if (b->p != NULL) {
		memcpy(p, b->p, b->n);
		explicit_bzero(b->p, b->cap);
		free(b->p);
	}
	b->p = p;
	b->cap = cap;
	return true;
}

uint8_t *
buf_room(struct buf *b, size_t n)
{
	uint8_t	*p;

	if (!grow(b, n) || b->p == NULL)
		return NULL;
	p = b->p + b->n;
	b->n += n;
	return p;
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	uint8_t	*to;

	if ((to = buf_room(b, n)) != NULL && n > 0)
		memcpy(to, p, n);
}

void
buf_u8(struct buf *b, uint8_t v)
{
	buf_put(b, &v, 1);
}

void
buf_u16(struct buf *b, uint16_t v)
{
	uint8_t	bytes[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	buf_put(b, bytes, sizeof(bytes));
}

void
buf_u32(struct buf *b, uint32_t v)
{
	uint8_t	bytes[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
	    (uint8_t)(v >> 8), (uint8_t)v };

	buf_put(b, bytes, sizeof(bytes));
}

void
buf_u64(struct buf *b, uint64_t v)
{
	uint8_t	bytes[8];

	for (unsigned int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(v >> (56 - 8 * i));
	buf_put(b, bytes, sizeof(bytes));
}

void
buf_add(struct buf *b, struct view v)
{
	if (v.bad)
		b->bad = true;
	else
		buf_put(b, v.p, v.n);
}

void
buf_zero(struct buf *b, size_t n)
{
	uint8_t	*to;

	if ((to = buf_room(b, n)) != NULL && n > 0)
		memset(to, 0, n);
}

void
buf_set(struct buf *b, struct view v)
{
	size_t	old = b->n;

	b->bad = false;
	if (v.bad || v.n > b->cap) {
		/* The view is longer than our memory: it cannot lie in it. */
		buf_reset(b);
		buf_add(b, v);
		return;
	}
	if (v.n > 0)
		memmove(b->p, v.p, v.n);
	if (old > v.n)
		explicit_bzero(b->p + v.n, old - v.n);
	b->n = v.n;
}

/* The N bytes at OFFSET to overwrite, or NULL and a bad buf. */
static uint8_t *
patch(struct buf *b, size_t offset, size_t n)
{
	if (b->bad)
		return NULL;
	if (offset > b->n || n > b->n - offset) {
		b->bad = true;
		return NULL;
	}
	return b->p + offset;
}

void
buf_patch(struct buf *b, size_t offset, struct view v)
{
	uint8_t	*p;

	if (v.bad)
		b->bad = true;
	if (v.n > 0 && (p = patch(b, offset, v.n)) != NULL)
		memcpy(p, v.p, v.n);
}

void
buf_patch8(struct buf *b, size_t offset, uint8_t v)
{
	uint8_t	*p;

	if ((p = patch(b, offset, 1)) != NULL)
		p[0] = v;
}

void
buf_patch16(struct buf *b, size_t offset, uint16_t v)
{
	uint8_t	*p;

	if ((p = patch(b, offset, 2)) == NULL)
		return;
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void
buf_patch32(struct buf *b, size_t offset, uint32_t v)
{
	uint8_t	*p;

	if ((p = patch(b, offset, 4)) == NULL)
		return;
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

void
buf_cut(struct buf *b, size_t n)
{
	if (n >= b->n)
		return;
	explicit_bzero(b->p + n, b->n - n);
	b->n = n;
}

struct view
buf_view(const struct buf *b)
{
	return buf_from(b, 0);
}

struct view
buf_from(const struct buf *b, size_t offset)
{
	struct view v = { .p = b->p, .n = b->n, .bad = b->bad };

	if (v.bad)
		v.n = 0;
	view_take(&v, offset < v.n ? offset : v.n);
	return v;
}

bool
buf_ok(const struct buf *b)
{
	return !b->bad;
}
