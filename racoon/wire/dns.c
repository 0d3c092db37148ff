/* SPDX-License-Identifier: ISC */
/* Names and answers of the DNS.  Names of an answer are passed over, never put
 * together, so there is no loop of pointers that could be followed. */

#include "wire/dns.h"

#include <stdio.h>

#include "wire/isakmp.h"

#define LABEL_MAX	63
#define NAME_MAX_WIRE	253	/* of a name as text, RFC 1035 2.3.4 */

/*
 * Names
 */

static bool
is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Appends a host's name and the dot at its end. */
static bool
put_host(struct view v, char out[DNS_NAME], size_t at)
{
	size_t label = 0;

	if (v.n > 0 && v.p[v.n - 1] == '.')
		v.n--;
	if (v.bad || v.n == 0 || at + v.n > NAME_MAX_WIRE)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		label = v.p[i] == '.' ? 0 : label + 1;
		if (label > LABEL_MAX || (label == 0 && (i == 0 ||
		    i + 1 == v.n || v.p[i - 1] == '.')) ||
		    (label > 0 && !is_letter(v.p[i])))
			return false;
		out[at++] = (char)v.p[i];
	}
	out[at++] = '.';
	out[at] = '\0';
	return true;
}

/* What is before the @ is one label, so its dots are no ends of labels. */
static bool
put_mail(struct view v, char out[DNS_NAME])
{
	size_t at = 0, i;

	for (i = 0; i < v.n && v.p[i] != '@'; i++) {
		if (i == LABEL_MAX || !(is_letter(v.p[i]) || v.p[i] == '.' ||
		    v.p[i] == '+'))
			return false;
		if (v.p[i] == '.')
			out[at++] = '\\';
		out[at++] = (char)v.p[i];
	}
	if (i == 0 || i == v.n)
		return false;
	out[at++] = '.';
	return put_host(view_of(v.p + i + 1, v.n - i - 1), out, at);
}

static bool
put_reverse(struct view v, char out[DNS_NAME])
{
	static const char hex[] = "0123456789abcdef";
	size_t at = 0;

	for (size_t i = 16; i-- > 0; ) {
		out[at++] = hex[v.p[i] & 15];
		out[at++] = '.';
		out[at++] = hex[v.p[i] >> 4];
		out[at++] = '.';
	}
	snprintf(out + at, DNS_NAME - at, "ip6.arpa.");
	return true;
}

bool
dns_name(uint8_t type, struct view data, char out[DNS_NAME])
{
	if (data.bad)
		return false;
	switch (type) {
	case ID_FQDN:
		return put_host(data, out, 0);
	case ID_USER_FQDN:
		return put_mail(data, out);
	case ID_IPV4:
		if (data.n != 4)
			return false;
		snprintf(out, DNS_NAME, "%u.%u.%u.%u.in-addr.arpa.",
		    data.p[3], data.p[2], data.p[1], data.p[0]);
		return true;
	case ID_IPV6:
		return data.n == 16 && put_reverse(data, out);
	}
	return false;
}

/*
 * Questions
 */

#define FLAG_ANSWER	0x8000u
#define OPCODE		0x7800u		/* 0: a question */
#define FLAG_CUT	0x0200u
#define FLAG_SEARCH	0x0100u
#define FLAG_AD		0x0020u
#define RCODE		0x000fu
#define HEADER		12		/* bytes before the question */
#define TYPE_OPT	41		/* RFC 6891 6.1.2 */
#define OPT_LEN		11

/* A dot after a backslash is one of a label's bytes. */
static void
put_name(struct buf *b, const char *name)
{
	while (*name != '\0') {
		size_t at = b->n;
		uint8_t n = 0;

		buf_u8(b, 0);
		for (; *name != '\0' && *name != '.'; name++, n++) {
			if (*name == '\\' && name[1] != '\0')
				name++;
			buf_u8(b, (uint8_t)*name);
		}
		buf_patch8(b, at, n);
		if (*name == '.')
			name++;
	}
	buf_u8(b, 0);
}

void
dns_put_query(struct buf *b, uint16_t id, const char *name)
{
	buf_u16(b, id);
	buf_u16(b, FLAG_SEARCH | FLAG_AD);
	buf_u16(b, 1);
	buf_u32(b, 0);
	buf_u16(b, 1);			/* OPT: how long an answer may be */
	put_name(b, name);
	buf_u16(b, DNS_TYPE_CERT);
	buf_u16(b, DNS_CLASS_IN);
	buf_u8(b, 0);
	buf_u16(b, TYPE_OPT);
	buf_u16(b, DNS_DATAGRAM);
	buf_u32(b, 0);
	buf_u16(b, 0);
}

/* The question comes back as it was, whatever else is there. */
enum dns_reply
dns_reply(struct view query, struct view msg)
{
	uint16_t id = view_u16(&query), flags;
	struct view asked, back;

	(void)view_take(&query, HEADER - 2);
	asked = view_take(&query, query.n - OPT_LEN);
	if (query.bad || view_u16(&msg) != id)
		return DNS_OTHER;
	flags = view_u16(&msg);
	if (view_u16(&msg) != 1)
		return DNS_OTHER;
	(void)view_take(&msg, HEADER - 6);
	back = view_take(&msg, asked.n);
	if (msg.bad || !(flags & FLAG_ANSWER) || (flags & OPCODE) ||
	    !view_equal(asked, back))
		return DNS_OTHER;
	return flags & FLAG_CUT ? DNS_CUT : DNS_WHOLE;
}

/*
 * Answers
 */

#define POINTER		0xc0u

#define CERT_PKIX	1	/* RFC 4398 2.1 */
#define CERT_TAG_ALG	3	/* bytes of key tag and algorithm */

/* A pointer is the end of a name, wherever it leads (RFC 1035 4.1.4). */
static void
skip_name(struct view *v)
{
	uint8_t n;

	while (!v->bad && (n = view_u8(v)) != 0) {
		if ((n & POINTER) == POINTER) {
			(void)view_u8(v);
			return;
		}
		if (n > LABEL_MAX)
			v->bad = true;
		(void)view_take(v, n);
	}
}

static void
take_cert(struct view rdata, struct dns_answer *a)
{
	uint16_t type = view_u16(&rdata);

	(void)view_take(&rdata, CERT_TAG_ALG);
	if (!rdata.bad && type == CERT_PKIX && rdata.n > 0 &&
	    a->ncerts < DNS_CERTS)
		a->cert[a->ncerts++] = rdata;
}

static void
take_record(struct view *v, struct dns_answer *a)
{
	uint16_t type, class;
	struct view rdata;

	skip_name(v);
	type = view_u16(v);
	class = view_u16(v);
	(void)view_u32(v);		/* how long it may be kept */
	rdata = view_take(v, view_u16(v));
	if (v->bad || type != DNS_TYPE_CERT || class != DNS_CLASS_IN)
		return;
	a->nrecords++;
	take_cert(rdata, a);
}

enum err
dns_get(struct view msg, struct dns_answer *a)
{
	uint16_t flags, questions, records;

	*a = (struct dns_answer){ .ncerts = 0 };
	(void)view_u16(&msg);
	flags = view_u16(&msg);
	questions = view_u16(&msg);
	records = view_u16(&msg);
	(void)view_u32(&msg);
	if (msg.bad)
		return E_SHORT;
	if (!(flags & FLAG_ANSWER) || questions > 1)
		return E_PAYLOAD;
	if (flags & FLAG_CUT)
		return E_SHORT;
	a->authentic = flags & FLAG_AD;
	a->rcode = flags & RCODE;
	if (questions == 1) {
		skip_name(&msg);
		(void)view_u32(&msg);	/* type and class */
	}
	for (unsigned i = 0; i < records && i < DNS_RECORDS; i++)
		take_record(&msg, a);
	if (!msg.bad)
		return OK;
	*a = (struct dns_answer){ .ncerts = 0 };
	return E_PAYLOAD;
}
