/* SPDX-License-Identifier: ISC */
/* Fragments of IKE messages: id, index, flags, data. */
#include "wire/frag.h"

#define FLAG_LAST	0x01

enum err
fragment_get(struct view body, struct fragment *f)
{
	f->id = view_u16(&body);
	f->index = view_u8(&body);
	f->last = (view_u8(&body) & FLAG_LAST) != 0;
	f->data = body;
	return body.bad || body.n == 0 || f->index == 0 ? E_PAYLOAD : OK;
}

void
fragment_put(struct buf *b, const struct fragment *f)
{
	buf_u16(b, f->id);
	buf_u8(b, f->index);
	buf_u8(b, f->last ? FLAG_LAST : 0);
	buf_add(b, f->data);
}
