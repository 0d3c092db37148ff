/* SPDX-License-Identifier: ISC */
/* What the control socket is made of: numbers in this machine's order, and
 * addresses as a sockaddr_storage. */
#ifndef RACOON_WIRE_NATIVE_H
#define RACOON_WIRE_NATIVE_H

#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/buf.h"
#include "libipsec/view.h"

static inline uint16_t
native_take16(struct view *v)
{
	uint16_t n;

	view_bytes(v, &n, sizeof(n));
	return n;
}

static inline uint32_t
native_take32(struct view *v)
{
	uint32_t n;

	view_bytes(v, &n, sizeof(n));
	return n;
}

static inline uint64_t
native_take64(struct view *v)
{
	uint64_t n;

	view_bytes(v, &n, sizeof(n));
	return n;
}

static inline void
native_put16(struct buf *b, uint16_t n)
{
	buf_put(b, &n, sizeof(n));
}

static inline void
native_put32(struct buf *b, uint32_t n)
{
	buf_put(b, &n, sizeof(n));
}

static inline void
native_put64(struct buf *b, uint64_t n)
{
	buf_put(b, &n, sizeof(n));
}

/* False: it is none.  Family 0 is good if NONE is. */
static inline bool
native_take_addr(struct view *v, struct ipsec_addr *out, bool none)
{
	struct sockaddr_storage ss;

	_Static_assert(sizeof(ss) == 128, "sockaddr_storage");
	view_bytes(v, &ss, sizeof(ss));
	memset(out, 0, sizeof(*out));
	return !v->bad && ((none && ss.ss_family == 0) ||
	    addr_from_sockaddr(out, (struct sockaddr *)&ss));
}

static inline void
native_put_addr(struct buf *b, const struct ipsec_addr *a)
{
	struct sockaddr_storage ss;

	memset(&ss, 0, sizeof(ss));
	(void)addr_to_sockaddr(a, &ss);
	buf_put(b, &ss, sizeof(ss));
}

#endif
