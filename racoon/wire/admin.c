/* SPDX-License-Identifier: ISC */
/* The layouts are those of C structs on a 64-bit machine; gaps are zero. */
#include "wire/admin.h"

#include <string.h>

#include "libipsec/addr.h"
#include "wire/native.h"

#define HAS_VERSION	0x8000u		/* request: the version counts */
#define IS_LONG		0x8000u		/* reply: length in two halves */

enum admin_verdict
admin_request_get(struct view v, struct admin_request *out)
{
	struct view head = v;
	const uint16_t len = native_take16(&head), command = native_take16(&head);
	const uint16_t version = native_take16(&head);

	*out = (struct admin_request){ .proto = native_take16(&head) };
	if (head.bad)
		return ADMIN_MORE;
	if (len < ADMIN_HEADER || len > ADMIN_REQUEST_MAX)
		return ADMIN_BAD;
	out->command = command & (uint16_t)~HAS_VERSION;
	out->version = (command & HAS_VERSION) != 0 ? version : 0;
	out->body = view_take(&head, len - ADMIN_HEADER);
	return head.bad ? ADMIN_MORE : ADMIN_GOOD;
}

void
admin_request_put(struct buf *b, uint16_t command, uint16_t proto,
    struct view body)
{
	if (body.n > ADMIN_REQUEST_MAX - ADMIN_HEADER) {
		b->bad = true;
		return;
	}
	native_put16(b, (uint16_t)(ADMIN_HEADER + body.n));
	native_put16(b, (uint16_t)(command | HAS_VERSION));
	native_put16(b, 1);
	native_put16(b, proto);
	buf_add(b, body);
}

size_t
admin_reply_length(struct view v)
{
	const uint16_t low = native_take16(&v), command = native_take16(&v);
	const uint16_t high = native_take16(&v);

	return (command & IS_LONG) == 0 ? low :
	    (size_t)low | (size_t)high << 16;
}

enum admin_verdict
admin_reply_get(struct view v, struct admin_reply *out)
{
	struct view head = v;
	const size_t len = admin_reply_length(v);
	uint16_t command, high;

	(void)native_take16(&head);
	command = native_take16(&head);
	high = native_take16(&head);

	*out = (struct admin_reply){ .proto = native_take16(&head) };
	if (head.bad)
		return ADMIN_MORE;
	if ((command & IS_LONG) == 0)
		out->err = (int16_t)high;
	if (len < ADMIN_HEADER || len > ADMIN_REPLY_MAX)
		return ADMIN_BAD;
	out->command = command & (uint16_t)~IS_LONG;
	out->body = view_take(&head, len - ADMIN_HEADER);
	return head.bad ? ADMIN_MORE : ADMIN_GOOD;
}

void
admin_reply_put(struct buf *b, uint16_t command, int err, uint16_t proto,
    struct view body)
{
	const size_t len = ADMIN_HEADER + body.n;
	const bool is_long = len > UINT16_MAX;

	if ((is_long && err != 0) || len > ADMIN_REPLY_MAX) {
		b->bad = true;
		return;
	}
	native_put16(b, (uint16_t)(len & 0xffff));
	native_put16(b, (uint16_t)(command | (is_long ? IS_LONG : 0)));
	native_put16(b, is_long ? (uint16_t)(len >> 16) : (uint16_t)err);
	native_put16(b, proto);
	buf_add(b, body);
}

bool
admin_ends_get(struct view *v, struct admin_ends *out)
{
	bool good;

	memset(out, 0, sizeof(*out));
	out->src_prefix = view_u8(v);
	out->dst_prefix = view_u8(v);
	out->proto = view_u8(v);
	(void)view_take(v, 5);
	good = native_take_addr(v, &out->src, false);
	return native_take_addr(v, &out->dst, false) && good;
}

void
admin_ends_put(struct buf *b, const struct admin_ends *e)
{
	buf_u8(b, e->src_prefix);
	buf_u8(b, e->dst_prefix);
	buf_u8(b, e->proto);
	buf_zero(b, 5);
	native_put_addr(b, &e->src);
	native_put_addr(b, &e->dst);
}

bool
admin_sa_get(struct view *v, struct admin_sa *out)
{
	bool good;

	memset(out, 0, sizeof(*out));
	view_bytes(v, out->icookie, sizeof(out->icookie));
	view_bytes(v, out->rcookie, sizeof(out->rcookie));
	out->status = native_take32(v);
	out->initiator = native_take32(v) == 0;
	good = native_take_addr(v, &out->remote, false);
	good = native_take_addr(v, &out->local, false) && good;
	out->version = view_u8(v);
	out->etype = view_u8(v);
	(void)view_take(v, 6);
	view_bytes(v, &out->created, sizeof(out->created));
	out->children = native_take32(v);
	(void)view_take(v, 4);
	return !v->bad && good;
}

void
admin_sa_put(struct buf *b, const struct admin_sa *sa)
{
	buf_put(b, sa->icookie, sizeof(sa->icookie));
	buf_put(b, sa->rcookie, sizeof(sa->rcookie));
	native_put32(b, sa->status);
	native_put32(b, sa->initiator ? 0 : 1);
	native_put_addr(b, &sa->remote);
	native_put_addr(b, &sa->local);
	buf_u8(b, sa->version);
	buf_u8(b, sa->etype);
	buf_zero(b, 6);
	buf_put(b, &sa->created, sizeof(sa->created));
	native_put32(b, sa->children);
	buf_zero(b, 4);
}
