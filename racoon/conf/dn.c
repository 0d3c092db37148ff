/* SPDX-License-Identifier: ISC */
/* Distinguished names (X.501, RFC 5280 4.1.2.4) without a crypto library. */
#include "conf/dn.h"

#include <string.h>

#include "conf/words.h"

#define DER_UTF8	0x0c
#define DER_PRINTABLE	0x13
#define DER_IA5		0x16
#define DER_OID		0x06
#define DER_SEQUENCE	0x30
#define DER_SET		0x31

#define PART_MAX	1024	/* bytes of one attribute */

struct attribute {
	const char	*brief, *name;
	uint8_t		 tag;		/* 0: printable if it can be */
	uint8_t		 n;
	uint8_t		 oid[10];
};

static const struct attribute attributes[] = {
	{ "CN", "commonName", 0, 3, { 0x55, 4, 3 } },
	{ "SN", "surname", 0, 3, { 0x55, 4, 4 } },
	{ "serialNumber", "serialNumber", 0, 3, { 0x55, 4, 5 } },
	{ "C", "countryName", 0, 3, { 0x55, 4, 6 } },
	{ "L", "localityName", 0, 3, { 0x55, 4, 7 } },
	{ "ST", "stateOrProvinceName", 0, 3, { 0x55, 4, 8 } },
	{ "street", "streetAddress", 0, 3, { 0x55, 4, 9 } },
	{ "O", "organizationName", 0, 3, { 0x55, 4, 10 } },
	{ "OU", "organizationalUnitName", 0, 3, { 0x55, 4, 11 } },
	{ "title", "title", 0, 3, { 0x55, 4, 12 } },
	{ "description", "description", 0, 3, { 0x55, 4, 13 } },
	{ "businessCategory", "businessCategory", 0, 3, { 0x55, 4, 15 } },
	{ "postalCode", "postalCode", 0, 3, { 0x55, 4, 17 } },
	{ "name", "name", 0, 3, { 0x55, 4, 41 } },
	{ "GN", "givenName", 0, 3, { 0x55, 4, 42 } },
	{ "initials", "initials", 0, 3, { 0x55, 4, 43 } },
	{ "generationQualifier", "generationQualifier", 0, 3,
	    { 0x55, 4, 44 } },
	{ "dnQualifier", "dnQualifier", 0, 3, { 0x55, 4, 46 } },
	{ "pseudonym", "pseudonym", 0, 3, { 0x55, 4, 65 } },
	{ "emailAddress", "emailAddress", DER_IA5, 9,
	    { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1 } },
	{ "unstructuredName", "unstructuredName", 0, 9,
	    { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 2 } },
	{ "UID", "userId", 0, 10,
	    { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1 } },
	{ "DC", "domainComponent", DER_IA5, 10,
	    { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25 } },
};

static const struct attribute *
attribute_find(struct view name)
{
	const size_t n = sizeof(attributes) / sizeof(attributes[0]);

	for (size_t i = 0; i < n; i++)
		if (view_equal(name, view_text(attributes[i].brief)) ||
		    view_equal(name, view_text(attributes[i].name)))
			return &attributes[i];
	return NULL;
}

static bool
is_printable(struct view v)
{
	for (size_t i = 0; i < v.n; i++) {
		uint8_t c = v.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9'))
			continue;
		if (c == '\0' || strchr(" '()+,-./:=?", c) == NULL)
			return false;
	}
	return true;
}

/* Tag, length, contents: X.690 8.1. */
static void
put_tlv(struct buf *b, uint8_t tag, struct view v)
{
	buf_u8(b, tag);
	if (v.n < 0x80)
		buf_u8(b, (uint8_t)v.n);
	else if (v.n < 0x100) {
		buf_u8(b, 0x81);
		buf_u8(b, (uint8_t)v.n);
	} else {
		buf_u8(b, 0x82);
		buf_u16(b, (uint16_t)v.n);
	}
	buf_add(b, v);
}

/* SET { SEQUENCE { OID, string } } */
static void
put_attribute(struct buf *out, const struct attribute *a, struct view value)
{
	struct buf pair, seq;
	uint8_t tag = a->tag;

	buf_init(&pair, PART_MAX + 64);
	buf_init(&seq, PART_MAX + 64);
	if (tag == 0)
		tag = is_printable(value) ? DER_PRINTABLE : DER_UTF8;
	put_tlv(&pair, DER_OID, view_of(a->oid, a->n));
	put_tlv(&pair, tag, value);
	put_tlv(&seq, DER_SEQUENCE, buf_view(&pair));
	put_tlv(out, DER_SET, buf_view(&seq));
	buf_fini(&pair);
	buf_fini(&seq);
}

/* One value up to a bare separator, unescaped; NULL when malformed. */
static const char *
take_value(const char *s, struct buf *value)
{
	size_t keep = 0;	/* blanks at the end do not count */

	for (; *s != '\0' && *s != ',' && *s != '/'; s++) {
		if (*s != '\\') {
			buf_u8(value, (uint8_t)*s);
			keep = *s == ' ' ? keep : value->n;
			continue;
		}
		s++;
		if (*s == '\0')
			return NULL;
		if (hex_digit(s[0]) >= 0 && hex_digit(s[1]) >= 0) {
			buf_u8(value, (uint8_t)(hex_digit(s[0]) << 4 |
			    hex_digit(s[1])));
			s++;
		} else
			buf_u8(value, (uint8_t)*s);
		keep = value->n;
	}
	if (!buf_ok(value))
		return NULL;
	buf_cut(value, keep);
	return s;
}

/* One TYPE=value; NULL when malformed. */
static const char *
take_part(const char *s, struct buf *names, bool *wildcard)
{
	const struct attribute *a;
	const char *equals;
	struct buf value;

	s += strspn(s, " ");
	equals = strchr(s, '=');
	if (equals == NULL)
		return NULL;
	a = attribute_find(view_of(s, (size_t)(equals - s)));
	if (a == NULL)
		return NULL;
	buf_init(&value, PART_MAX);
	s = take_value(equals + 1 + strspn(equals + 1, " "), &value);
	if (s != NULL) {
		put_attribute(names, a, buf_view(&value));
		if (view_equal(buf_view(&value), view_text("*")))
			*wildcard = true;
	}
	buf_fini(&value);
	return s;
}

bool
dn_parse(const char *text, struct buf *der, bool *wildcard)
{
	struct buf names;
	bool ok;

	*wildcard = false;
	buf_reset(der);
	buf_init(&names, der->max);
	if (*text == '/')
		text++;
	do {
		text = take_part(text, &names, wildcard);
	} while (text != NULL && *text++ != '\0');
	ok = text != NULL && buf_ok(&names);
	if (ok)
		put_tlv(der, DER_SEQUENCE, buf_view(&names));
	buf_fini(&names);
	return ok && buf_ok(der);
}

/* The contents of the next element, which must have this tag (0: any). */
static struct view
take_tlv(struct view *v, uint8_t tag)
{
	uint8_t found = view_u8(v);
	size_t n = view_u8(v);

	if (n == 0x81)
		n = view_u8(v);
	else if (n == 0x82)
		n = view_u16(v);
	else if (n >= 0x80)
		v->bad = true;
	if (tag != 0 && found != tag)
		v->bad = true;
	return view_take(v, n);
}

static bool
attributes_match(struct view pattern, struct view name)
{
	struct view p_oid, n_oid, p_value, n_value;

	pattern = take_tlv(&pattern, DER_SEQUENCE);
	name = take_tlv(&name, DER_SEQUENCE);
	p_oid = take_tlv(&pattern, DER_OID);
	n_oid = take_tlv(&name, DER_OID);
	p_value = take_tlv(&pattern, 0);
	n_value = take_tlv(&name, 0);
	if (!view_end(&pattern) || !view_end(&name) ||
	    !view_equal(p_oid, n_oid))
		return false;
	return view_equal(p_value, view_text("*")) ||
	    view_equal(p_value, n_value);
}

bool
dn_match(struct view pattern, struct view name)
{
	struct view p = take_tlv(&pattern, DER_SEQUENCE);
	struct view n = take_tlv(&name, DER_SEQUENCE);

	if (!view_end(&pattern) || !view_end(&name))
		return false;
	while (p.n > 0 && n.n > 0 && !p.bad && !n.bad) {
		struct view p_set = take_tlv(&p, DER_SET);
		struct view n_set = take_tlv(&n, DER_SET);

		if (p.bad || n.bad || !attributes_match(p_set, n_set))
			return false;
	}
	return view_end(&p) && view_end(&n);
}
