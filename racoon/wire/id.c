/* SPDX-License-Identifier: ISC */
/* The identification payload: bytes, networks, text (RFC 2407 4.6.2). */
#include "wire/payload.h"

#include "libipsec/addr.h"
#include "wire/dn.h"
#include "wire/isakmp.h"
#include "wire/text.h"

/* How the data of an address type is made up. */
enum form {
	FORM_NONE,			/* not an address */
	FORM_HOST,
	FORM_SUBNET,			/* address and mask */
	FORM_RANGE			/* first and last address */
};

struct id_type {
	uint16_t	min, max;	/* bytes; max 0: no such type */
	enum form	form;
	int		family;
};

static const struct id_type types[] = {
	[ID_IPV4] = { 4, 4, FORM_HOST, AF_INET },
	[ID_FQDN] = { 1, ID_DATA_MAX, FORM_NONE, 0 },
	[ID_USER_FQDN] = { 1, ID_DATA_MAX, FORM_NONE, 0 },
	[ID_IPV4_SUBNET] = { 8, 8, FORM_SUBNET, AF_INET },
	[ID_IPV6] = { 16, 16, FORM_HOST, AF_INET6 },
	[ID_IPV6_SUBNET] = { 32, 32, FORM_SUBNET, AF_INET6 },
	[ID_IPV4_RANGE] = { 8, 8, FORM_RANGE, AF_INET },
	[ID_IPV6_RANGE] = { 32, 32, FORM_RANGE, AF_INET6 },
	[ID_DER_ASN1_DN] = { 1, ID_DATA_MAX, FORM_NONE, 0 },
	[ID_DER_ASN1_GN] = { 1, ID_DATA_MAX, FORM_NONE, 0 },
	[ID_KEY_ID] = { 1, ID_DATA_MAX, FORM_NONE, 0 },
};

/* The row of a type whose data has a fitting length, or NULL. */
static const struct id_type *
type_find(const struct id_payload *id)
{
	const struct id_type *type;

	if (id->type >= sizeof(types) / sizeof(types[0]))
		return NULL;
	type = &types[id->type];
	if (type->max == 0 || id->data.n < type->min || id->data.n > type->max)
		return NULL;
	return type;
}

enum err
id_get(struct view body, struct id_payload *id)
{
	id->type = view_u8(&body);
	id->proto = view_u8(&body);
	id->port = view_u16(&body);
	id->data = body;
	if (body.bad)
		return E_PAYLOAD;
	return type_find(id) != NULL ? OK : E_ID;
}

void
id_put(struct buf *b, const struct id_payload *id)
{
	buf_u8(b, id->type);
	buf_u8(b, id->proto);
	buf_u16(b, id->port);
	buf_add(b, id->data);
}

/* Counts the leading ones; false when there is a one behind a zero. */
static bool
mask_prefix(struct view mask, uint8_t *prefix)
{
	uint8_t byte, bits = 0;

	while (mask.n > 0 && (byte = view_u8(&mask)) != 0) {
		for (; (byte & 0x80) != 0; byte = (uint8_t)(byte << 1))
			bits++;
		if (byte != 0)
			return false;
		if (bits % 8 != 0)
			break;
	}
	while (mask.n > 0)
		if (view_u8(&mask) != 0)
			return false;
	*prefix = bits;
	return true;
}

/* Sets the host bits behind PREFIX. */
static void
fill_host_bits(struct ipsec_addr *addr, uint8_t prefix)
{
	unsigned int bit, end = addr_bits(addr);

	for (bit = prefix; bit < end; bit++)
		addr->bytes[bit / 8] |= (uint8_t)(0x80u >> bit % 8);
}

static enum err
subnet_get(struct view mask, struct id_net *net)
{
	if (!mask_prefix(mask, &net->prefix))
		return E_ID;
	addr_mask(&net->first, net->prefix);
	net->last = net->first;
	fill_host_bits(&net->last, net->prefix);
	return OK;
}

static enum err
range_get(int family, struct view last, struct id_net *net)
{
	net->is_range = true;
	if (!addr_from_bytes(&net->last, family, last))
		return E_ID;
	return memcmp(net->first.bytes, net->last.bytes, last.n) <= 0 ?
	    OK : E_ID;
}

enum err
id_net_get(const struct id_payload *id, struct id_net *net)
{
	const struct id_type *type = type_find(id);
	struct view data = id->data, first;

	memset(net, 0, sizeof(*net));
	if (type == NULL || type->form == FORM_NONE)
		return E_ID;
	first = view_take(&data,
	    type->form == FORM_HOST ? data.n : data.n / 2);
	if (!addr_from_bytes(&net->first, type->family, first))
		return E_ID;
	if (type->form == FORM_SUBNET)
		return subnet_get(data, net);
	if (type->form == FORM_RANGE)
		return range_get(type->family, data, net);
	net->last = net->first;
	net->prefix = addr_bits(&net->first);
	return OK;
}

/* False when the data is no sound network: then it is printed as hex. */
static bool
net_print(const struct id_payload *id, struct text *out)
{
	char first[ADDR_TEXT], last[ADDR_TEXT];
	struct id_net net;

	if (id_net_get(id, &net) != OK)
		return false;
	text_add(out, "%s", addr_print(&net.first, first));
	if (net.is_range)
		text_add(out, "-%s", addr_print(&net.last, last));
	else if (id->type == ID_IPV4_SUBNET || id->type == ID_IPV6_SUBNET)
		text_add(out, "/%u", net.prefix);
	return true;
}

static bool
words_print(const struct id_payload *id, struct text *out)
{
	switch (id->type) {
	case ID_FQDN:
	case ID_USER_FQDN:
		text_add_bytes(out, id->data, "");
		return true;
	case ID_DER_ASN1_DN:
		return dn_print(id->data, out);
	default:
		return net_print(id, out);
	}
}

const char *
id_print(const struct id_payload *id, char out[ID_TEXT])
{
	struct text text;

	text_init(&text, out, ID_TEXT);
	if (!words_print(id, &text))
		text_add_hex(&text, id->data);
	text_end(&text);
	return out;
}
