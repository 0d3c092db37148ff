/* SPDX-License-Identifier: ISC */
/*
 * Notification, delete, nonce, NAT-OA and lifetime, both ways; identities
 * are in id.c.
 */
#include "wire/payload.h"

#include "libipsec/addr.h"
#include "wire/attr.h"
#include "wire/isakmp.h"

/* Notifications and deletes of some peers have DOI 0 instead of IPsec's. */
static bool
doi_ok(uint32_t doi)
{
	return doi == 0 || doi == IPSEC_DOI;
}

/* Sizes of SPIs go into one byte. */
static void
spi_len_put(struct buf *b, size_t n)
{
	if (n > UINT8_MAX)
		buf_add(b, (struct view){ .bad = true });
	buf_u8(b, (uint8_t)n);
}

enum err
notify_get(struct view body, struct notify_payload *n)
{
	uint8_t spi_len;

	n->doi = view_u32(&body);
	n->proto = view_u8(&body);
	spi_len = view_u8(&body);
	n->type = view_u16(&body);
	n->spi = view_take(&body, spi_len);
	n->data = body;
	if (body.bad)
		return E_PAYLOAD;
	if (!doi_ok(n->doi))
		return E_DOI;
	return n->proto <= PROTO_IPCOMP ? OK : E_PROTOCOL;
}

void
notify_put(struct buf *b, const struct notify_payload *n)
{
	buf_u32(b, n->doi);
	buf_u8(b, n->proto);
	spi_len_put(b, n->spi.n);
	buf_u16(b, n->type);
	buf_add(b, n->spi);
	buf_add(b, n->data);
}

/* RFC 2408 3.15: an IKE SA is named by its cookies. */
static bool
delete_spi_len_ok(uint8_t proto, uint8_t len)
{
	switch (proto) {
	case PROTO_ISAKMP:
		return len == 2 * ISAKMP_COOKIE_LEN;
	case PROTO_IPCOMP:
		return len == 2 || len == 4;
	default:
		return len == 4;
	}
}

enum err
delete_get(struct view body, struct delete_payload *d)
{
	d->doi = view_u32(&body);
	d->proto = view_u8(&body);
	d->spi_len = view_u8(&body);
	d->n = view_u16(&body);
	d->spis = view_take(&body, (size_t)d->n * d->spi_len);
	if (!view_end(&body) || d->n == 0)
		return E_PAYLOAD;
	if (!doi_ok(d->doi))
		return E_DOI;
	if (d->proto < PROTO_ISAKMP || d->proto > PROTO_IPCOMP)
		return E_PROTOCOL;
	return delete_spi_len_ok(d->proto, d->spi_len) ? OK : E_SPI;
}

void
delete_put(struct buf *b, const struct delete_payload *d)
{
	buf_u32(b, d->doi);
	buf_u8(b, d->proto);
	buf_u8(b, d->spi_len);
	buf_u16(b, d->n);
	buf_add(b, d->spis);
}

enum err
cert_payload_get(struct view body, struct cert_payload *c)
{
	c->encoding = view_u8(&body);
	c->data = body;
	return body.bad ? E_PAYLOAD : OK;
}

void
cert_payload_put(struct buf *b, const struct cert_payload *c)
{
	buf_u8(b, c->encoding);
	buf_add(b, c->data);
}

enum err
nonce_get(struct view body, struct view *nonce)
{
	*nonce = body;
	return body.n >= NONCE_MIN && body.n <= NONCE_MAX ? OK : E_NONCE;
}

/* RFC 3947 5.2: like an identity whose protocol and port are reserved. */
enum err
natoa_get(struct view body, struct ipsec_addr *addr)
{
	uint8_t type = view_u8(&body);
	int family;

	view_take(&body, 3);		/* reserved */
	if (type == ID_IPV4)
		family = AF_INET;
	else if (type == ID_IPV6)
		family = AF_INET6;
	else
		return E_PAYLOAD;
	if (body.bad || !addr_from_bytes(addr, family, body))
		return E_PAYLOAD;
	return OK;
}

void
natoa_put(struct buf *b, const struct ipsec_addr *addr)
{
	buf_u8(b, addr->family == AF_INET ? ID_IPV4 : ID_IPV6);
	buf_zero(b, 3);
	buf_add(b, addr_bytes(addr));
}

/*
 * RFC 2407 4.6.3.1.  About an IKE SA the attributes are those of phase 1,
 * whose life times have other numbers; anything else in the list says
 * nothing about life times and is passed over.
 */
enum err
lifetime_get(struct view data, uint32_t *secs, uint32_t *kbytes)
{
	struct life life = { .open = false };
	struct attr a;
	enum err err;

	*secs = *kbytes = 0;
	while (data.n > 0) {
		if ((err = attr_get(&data, &a)) != OK)
			return err;
		if (a.type == P2_ATTR_LIFE_TYPE || a.type == P1_ATTR_LIFE_TYPE)
			err = life_type(&life, &a);
		else if (a.type == P2_ATTR_LIFE || a.type == P1_ATTR_LIFE)
			err = life_duration(&life, &a);
		if (err != OK)
			return err;
	}
	*secs = life.secs;
	*kbytes = life.kbytes;
	if ((err = life_end(&life)) != OK)
		return err;
	return life.secs != 0 || life.kbytes != 0 ? OK : E_ATTRIBUTE;
}

void
lifetime_put(struct buf *b, uint32_t secs)
{
	life_put(b, P2_ATTR_LIFE_TYPE, secs, 0);
}
