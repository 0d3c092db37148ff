/* SPDX-License-Identifier: ISC */
/*
 * A buf owns bytes: it grows up to the maximum named at its birth and is
 * wiped whenever bytes leave it.  An encoder writes straight through and asks
 * buf_ok() once: after an overflow or a failed allocation the buf is `bad`
 * and further writes do nothing.  All integers are big-endian.
 */
#ifndef LIBIPSEC_BUF_H
#define LIBIPSEC_BUF_H

#include "libipsec/view.h"

struct buf {
	uint8_t	*p;
	size_t	 n;		/* bytes in use */
	size_t	 cap;		/* bytes allocated */
	size_t	 max;		/* never more than this */
	bool	 bad;		/* something did not fit */
};

/* An empty buf for at most MAX bytes; allocates nothing yet. */
void		buf_init(struct buf *, size_t max);
/* Wipes and frees the bytes; the buf is as after buf_init(). */
void		buf_fini(struct buf *);
/* Wipes the bytes and makes the buf empty and good; keeps the memory. */
void		buf_reset(struct buf *);

void		buf_u8(struct buf *, uint8_t);
void		buf_u16(struct buf *, uint16_t);
void		buf_u32(struct buf *, uint32_t);
void		buf_u64(struct buf *, uint64_t);
/* Appends N bytes; P may not point into the buf itself. */
void		buf_put(struct buf *, const void *p, size_t n);
/* Appends the bytes of a view; a bad view makes the buf bad. */
void		buf_add(struct buf *, struct view);
/* Appends N zero bytes. */
void		buf_zero(struct buf *, size_t n);
/* Replaces the contents by a copy of the view. */
void		buf_set(struct buf *, struct view);
/* Overwrites bytes at OFFSET; all of them must lie within the contents. */
void		buf_patch(struct buf *, size_t offset, struct view);
/* Overwrites two bytes at OFFSET, which must lie within the contents. */
void		buf_patch16(struct buf *, size_t offset, uint16_t);
void		buf_patch32(struct buf *, size_t offset, uint32_t);
void		buf_patch8(struct buf *, size_t offset, uint8_t);
/* Wipes and drops everything behind the first N bytes. */
void		buf_cut(struct buf *, size_t n);
/*
 * Appends N bytes whose contents the caller fills in at the returned
 * address before the next call on this buf; NULL when they do not fit.
 */
uint8_t	       *buf_room(struct buf *, size_t n);
/* The contents, borrowed until the next change of the buf. */
struct view	buf_view(const struct buf *);
/* The contents from OFFSET on; an OFFSET behind the end gives an empty view. */
struct view	buf_from(const struct buf *, size_t offset);
bool		buf_ok(const struct buf *);

#endif
