/* SPDX-License-Identifier: ISC */
/*
 * Cuts a datagram into header and payloads, and builds one.  What the
 * payloads say is none of its business.
 */
#include "wire/msg.h"

#include <assert.h>

#define MAJOR(version)	((version) >> 4)
#define MINOR(version)	((version) & 0x0f)
#define NEXT_AT		(2 * ISAKMP_COOKIE_LEN)	/* of the header's fields */
#define LENGTH_AT	24
#define GENERIC_LEN	4			/* RFC 2408 3.2 */
#define FIRST_PRIVATE	128
#define FRAG_NORMAL	22

/* RFC 2408 3.1: the cookies, what follows, version, exchange, flags. */
enum err
msg_header_get(struct view datagram, struct msg_header *h)
{
	size_t n = datagram.n;

	view_bytes(&datagram, h->icookie, sizeof(h->icookie));
	view_bytes(&datagram, h->rcookie, sizeof(h->rcookie));
	h->next = view_u8(&datagram);
	h->version = view_u8(&datagram);
	h->etype = view_u8(&datagram);
	h->flags = view_u8(&datagram);
	h->msgid = view_u32(&datagram);
	h->length = view_u32(&datagram);
	if (datagram.bad)
		return E_SHORT;
	/* What the length means is known for our version only. */
	if (MAJOR(h->version) != MAJOR(ISAKMP_VERSION))
		return E_MAJOR;
	if (MINOR(h->version) > MINOR(ISAKMP_VERSION))
		return E_MINOR;
	if (h->length < ISAKMP_HEADER_LEN)
		return E_LENGTH;
	return h->length > n ? E_SHORT : OK;
}

/*
 * The several numbers that NAT-T had over time become one; so does Cisco's
 * fragment, to get a bit in the mask.  0: a reserved type.
 */
static uint8_t
type_normal(uint8_t wire_type)
{
	static const uint8_t known[] = {
		[ISAKMP_SA] = ISAKMP_SA,
		[ISAKMP_P] = ISAKMP_P,
		[ISAKMP_T] = ISAKMP_T,
		[ISAKMP_KE] = ISAKMP_KE,
		[ISAKMP_ID] = ISAKMP_ID,
		[ISAKMP_CERT] = ISAKMP_CERT,
		[ISAKMP_CR] = ISAKMP_CR,
		[ISAKMP_HASH] = ISAKMP_HASH,
		[ISAKMP_SIG] = ISAKMP_SIG,
		[ISAKMP_NONCE] = ISAKMP_NONCE,
		[ISAKMP_N] = ISAKMP_N,
		[ISAKMP_D] = ISAKMP_D,
		[ISAKMP_VID] = ISAKMP_VID,
		[ISAKMP_ATTR] = ISAKMP_ATTR,
		[ISAKMP_NATD_OLD] = ISAKMP_NATD,
		[ISAKMP_NATOA_OLD] = ISAKMP_NATOA,
		[ISAKMP_NATD] = ISAKMP_NATD,
		[ISAKMP_NATOA] = ISAKMP_NATOA,
		[FIRST_PRIVATE] = FIRST_PRIVATE,
		[ISAKMP_NATD_DRAFT] = ISAKMP_NATD,
		[ISAKMP_NATOA_DRAFT] = ISAKMP_NATOA,
		[ISAKMP_FRAG] = FRAG_NORMAL,
	};

	if (wire_type < sizeof(known) && known[wire_type] != 0)
		return known[wire_type];
	return wire_type >= FIRST_PRIVATE ? wire_type : 0;
}

/* Takes the payload of type P->wire_type off REST; *NEXT: what follows. */
static enum err
payload_take(struct view *rest, struct msg_payload *p, uint8_t *next)
{
	struct view head = *rest;
	uint16_t length;

	if ((p->type = type_normal(p->wire_type)) == 0)
		return E_PAYLOAD_TYPE;
	*next = view_u8(&head);
	view_u8(&head);			/* reserved */
	length = view_u16(&head);
	if (head.bad || length < GENERIC_LEN)
		return E_LENGTH;
	p->raw = view_take(rest, length);
	p->body = p->raw;
	view_take(&p->body, GENERIC_LEN);
	return rest->bad ? E_LENGTH : OK;
}

/*
 * RFC 2408 3.6: who aligns payloads puts octets at the end of the message until
 * it has whole words.
 */
static bool
is_alignment(struct view rest)
{
	size_t n = rest.n, zeros = 0;

	while (zeros < n && view_u8(&rest) == 0)
		zeros++;
	return n < 4 && zeros == n;
}

enum err
msg_parse(struct msg *m, const struct msg_header *h, struct view chain,
    bool padded)
{
	struct view rest = chain;
	struct msg_payload *p;
	uint8_t next = h->next;
	enum err err;

	m->h = *h;
	m->n = 0;
	m->mask = 0;
	m->chain = view_of(chain.p, 0);
	while (next != ISAKMP_NONE) {
		if (m->n == MSG_PAYLOADS_MAX)
			return E_LIMIT;
		p = &m->p[m->n];
		p->wire_type = next;
		if ((err = payload_take(&rest, p, &next)) != OK)
			return err;
		m->n++;
		if (p->type < FIRST_PRIVATE)
			m->mask |= MSG_BIT(p->type);
	}
	m->chain = view_take(&chain, chain.n - rest.n);
	if (rest.n == 0 || padded)
		return OK;
	return m->n > 0 && is_alignment(rest) ? OK : E_LENGTH;
}

static const struct msg_payload *
find_from(const struct msg *m, unsigned int i, uint8_t type)
{
	for (; i < m->n; i++)
		if (m->p[i].type == type)
			return &m->p[i];
	return NULL;
}

const struct msg_payload *
msg_find(const struct msg *m, uint8_t type)
{
	return find_from(m, 0, type);
}

const struct msg_payload *
msg_next(const struct msg *m, const struct msg_payload *previous)
{
	return find_from(m, (unsigned int)(previous - m->p) + 1,
	    previous->type);
}

struct view
msg_after(const struct msg *m, const struct msg_payload *p)
{
	struct view rest = m->chain;
	const struct msg_payload *q;

	for (q = m->p; q <= p; q++)
		view_take(&rest, q->raw.n);
	return rest;
}

void
msg_begin(struct msg_out *out, struct buf *b, const struct msg_header *h)
{
	assert(b->n == 0);
	out->b = b;
	out->next_at = NEXT_AT;
	out->payload_at = 0;
	buf_put(b, h->icookie, sizeof(h->icookie));
	buf_put(b, h->rcookie, sizeof(h->rcookie));
	buf_u8(b, ISAKMP_NONE);
	buf_u8(b, h->version);
	buf_u8(b, h->etype);
	buf_u8(b, h->flags);
	buf_u32(b, h->msgid);
	buf_u32(b, 0);
}

void
msg_open(struct msg_out *out, uint8_t type)
{
	if (!buf_ok(out->b))
		return;
	buf_patch8(out->b, out->next_at, type);
	out->next_at = out->payload_at = out->b->n;
	buf_zero(out->b, GENERIC_LEN);
}

void
msg_close(struct msg_out *out)
{
	size_t length;

	if (!buf_ok(out->b))
		return;
	length = out->b->n - out->payload_at;
	if (length > UINT16_MAX)
		buf_add(out->b, (struct view){ .bad = true });
	else
		buf_patch16(out->b, out->payload_at + 2, (uint16_t)length);
}

void
msg_put(struct msg_out *out, uint8_t type, struct view body)
{
	msg_open(out, type);
	buf_add(out->b, body);
	msg_close(out);
}

bool
msg_end(struct msg_out *out)
{
	if (!buf_ok(out->b) || out->b->n > UINT32_MAX)
		return false;
	buf_patch32(out->b, LENGTH_AT, (uint32_t)out->b->n);
	return true;
}
