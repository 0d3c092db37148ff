/* SPDX-License-Identifier: ISC */
/*
 * A datagram as header and chain of payloads.  What was understood is written
 * again and must then read the same.
 */
#include <assert.h>

#include "test/fuzz/fuzz.h"
#include "wire/msg.h"
#include "wire/names.h"

static void
check_payloads(const struct msg *m)
{
	struct view rest = m->chain;
	const struct msg_payload *p;
	unsigned int i;

	assert(m->n <= MSG_PAYLOADS_MAX);
	for (i = 0; i < m->n; i++) {
		p = &m->p[i];
		assert(view_equal(view_take(&rest, p->raw.n), p->raw));
		assert(p->raw.n == p->body.n + 4);
		assert(view_equal(msg_after(m, p), rest));
		assert(p->type >= 128 || (m->mask & MSG_BIT(p->type)) != 0);
		assert(msg_find(m, p->type) <= p);
		assert(msg_next(m, p) == NULL || msg_next(m, p) > p);
		assert(name_payload(p->type)[0] != '\0');
	}
	assert(view_end(&rest));
}

/* Reserved bytes are not kept; all else is. */
static void
check_again(const struct msg *m)
{
	struct msg_header h;
	struct msg_out out;
	struct msg again;
	struct buf b;
	struct view v;
	unsigned int i;

	buf_init(&b, 1 << 20);
	msg_begin(&out, &b, &m->h);
	for (i = 0; i < m->n; i++)
		msg_put(&out, m->p[i].wire_type, m->p[i].body);
	assert(msg_end(&out));
	v = buf_view(&b);
	assert(msg_header_get(v, &h) == OK);
	assert(h.next == m->h.next && h.length == v.n);
	view_take(&v, ISAKMP_HEADER_LEN);
	assert(msg_parse(&again, &h, v, false) == OK);
	assert(again.n == m->n && again.mask == m->mask);
	for (i = 0; i < m->n; i++) {
		assert(again.p[i].type == m->p[i].type);
		assert(view_equal(again.p[i].body, m->p[i].body));
	}
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct view v = view_of(data, n), chain;
	struct msg_header h;
	struct msg m;
	bool sealed;

	if (msg_header_get(v, &h) != OK)
		return 0;
	chain = view_take(&v, h.length);
	view_take(&chain, ISAKMP_HEADER_LEN);
	sealed = (h.flags & ISAKMP_FLAG_ENCRYPTED) != 0;
	if (msg_parse(&m, &h, chain, sealed) != OK)
		return 0;
	check_payloads(&m);
	check_again(&m);
	return 0;
}
