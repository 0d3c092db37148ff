/* SPDX-License-Identifier: ISC */
/*
 * Walks the DER of a distinguished name: a SEQUENCE of SETs of SEQUENCEs of
 * an object identifier and a string.  The depth is fixed: no recursion.
 */
#include "wire/dn.h"

#define DER_OID		0x06
#define DER_SEQUENCE	0x30
#define DER_SET		0x31
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

struct attribute_type {
	const char	*word;
	uint8_t		 n;
	uint8_t		 oid[10];
};

/* RFC 4514 section 3, RFC 5280 appendix A. */
static const struct attribute_type types[] = {
	{ "CN", 3, { 0x55, 0x04, 0x03 } },
	{ "SN", 3, { 0x55, 0x04, 0x04 } },
	{ "serialNumber", 3, { 0x55, 0x04, 0x05 } },
	{ "C", 3, { 0x55, 0x04, 0x06 } },
	{ "L", 3, { 0x55, 0x04, 0x07 } },
	{ "ST", 3, { 0x55, 0x04, 0x08 } },
	{ "street", 3, { 0x55, 0x04, 0x09 } },
	{ "O", 3, { 0x55, 0x04, 0x0a } },
	{ "OU", 3, { 0x55, 0x04, 0x0b } },
	{ "title", 3, { 0x55, 0x04, 0x0c } },
	{ "GN", 3, { 0x55, 0x04, 0x2a } },
	{ "UID", 10,
	    { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01 } },
	{ "DC", 10,
	    { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19 } },
	{ "emailAddress", 9,
	    { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01 } },
};

/* Takes one element off DER; DER is bad when it is cut short. */
static uint8_t
element_take(struct view *der, struct view *value)
{
	uint8_t tag = view_u8(der);
	size_t len = view_u8(der), octets;

	if (len > 0x84)			/* no name has 2^32 bytes */
		view_take(der, der->n + 1);
	else if (len >= 0x80) {
		octets = len - 0x80;
		for (len = 0; octets > 0; octets--)
			len = len << 8 | view_u8(der);
	}
	*value = view_take(der, len);
	return tag;
}

static bool
expect(struct view *der, uint8_t tag, struct view *value)
{
	return element_take(der, value) == tag && !der->bad;
}

/* Dotted numbers; hex when they are not what X.690 8.19 allows. */
static void
oid_print(struct view oid, struct text *out)
{
	struct view v = oid;
	uint64_t arc = 0;
	struct text before = *out;
	bool first = true, whole = false;
	uint8_t c;

	text_add(out, "OID.");
	while (v.n > 0) {
		c = view_u8(&v);
		arc = arc << 7 | (c & 0x7f);
		whole = (c & 0x80) == 0 && arc <= UINT32_MAX;
		if (arc > UINT32_MAX)
			break;
		if (!whole)
			continue;
		if (first)
			text_add(out, "%u.%u",
			    arc < 80 ? (unsigned)arc / 40 : 2,
			    (unsigned)(arc < 80 ? arc % 40 : arc - 80));
		else
			text_add(out, ".%u", (unsigned)arc);
		first = false;
		arc = 0;
	}
	if (whole && v.n == 0)
		return;
	text_back(out, &before);
	text_add(out, "OID.0x");
	text_add_hex(out, oid);
}

static void
type_print(struct view oid, struct text *out)
{
	size_t i;

	for (i = 0; i < COUNT(types); i++) {
		if (view_equal(oid, view_of(types[i].oid, types[i].n))) {
			text_add(out, "%s", types[i].word);
			return;
		}
	}
	oid_print(oid, out);
}

/* "CN=gw": RFC 4514 2.4 says which characters of the value are escaped. */
static bool
pair_print(struct view pair, struct text *out)
{
	struct view oid, value;

	if (!expect(&pair, DER_OID, &oid))
		return false;
	element_take(&pair, &value);
	if (!view_end(&pair))
		return false;
	type_print(oid, out);
	text_add(out, "=");
	text_add_bytes(out, value, ",+\"<>;=");
	return true;
}

/* One level of the name: "CN=gw" or, with several pairs, "CN=gw+UID=7". */
static bool
set_print(struct view set, struct text *out)
{
	const char *between = "";
	struct view pair;

	for (; set.n > 0; between = "+") {
		text_add(out, "%s", between);
		if (!expect(&set, DER_SEQUENCE, &pair) ||
		    !pair_print(pair, out))
			return false;
	}
	return true;
}

static bool
sets_print(struct view name, struct text *out)
{
	const char *between = "";
	struct view set;

	for (; name.n > 0; between = ", ") {
		text_add(out, "%s", between);
		if (!expect(&name, DER_SET, &set) || !set_print(set, out))
			return false;
	}
	return true;
}

bool
dn_print(struct view der, struct text *out)
{
	struct text before = *out;
	struct view name;

	if (expect(&der, DER_SEQUENCE, &name) && der.n == 0 &&
	    sets_print(name, out))
		return true;
	text_back(out, &before);
	return false;
}
