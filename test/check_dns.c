/* SPDX-License-Identifier: ISC */
/* Names of the DNS for identities, and answers with certificates. */
#include <check.h>
#include <string.h>

#include "test/bytes.h"
#include "test/suite.h"
#include "wire/dns.h"
#include "wire/isakmp.h"

/* id 1234, an authentic answer with one question for gw.example, class IN */
#define HEAD(flags, records)	"1234 " flags " 0001 " records " 0000 0000 "
#define QUESTION	"02 6777 07 6578616d706c65 00 0025 0001 "
/* the name of the question, by a pointer */
#define OWNER		"c00c "
#define CERT_RR		OWNER "0025 0001 00000e10 "
#define PKIX(length, der)	CERT_RR length " 0001 0000 00 " der " "

static void
name_is(uint8_t type, const char *data, size_t n, const char *wanted)
{
	char name[DNS_NAME];
	bool good = dns_name(type, view_of(data, n), name);

	ck_assert_msg(good == (wanted != NULL), "%.*s", (int)n, data);
	if (good)
		ck_assert_str_eq(name, wanted);
}

#define NAME(type, data, wanted)					\
	name_is(type, data, sizeof(data) - 1, wanted)

START_TEST(names)
{
	char label[64 + 8], name[DNS_NAME];

	NAME(ID_FQDN, "gw.example", "gw.example.");
	NAME(ID_FQDN, "gw.example.", "gw.example.");
	NAME(ID_FQDN, "a_b-c", "a_b-c.");
	NAME(ID_FQDN, "", NULL);
	NAME(ID_FQDN, ".", NULL);
	NAME(ID_FQDN, ".example", NULL);
	NAME(ID_FQDN, "gw..example", NULL);
	NAME(ID_FQDN, "gw.example..", NULL);
	NAME(ID_FQDN, "gw\0.example", NULL);
	NAME(ID_FQDN, "gw\\.example", NULL);
	NAME(ID_FQDN, "gw example", NULL);
	NAME(ID_FQDN, "*.example", NULL);
	NAME(ID_USER_FQDN, "jo@example", "jo.example.");
	NAME(ID_USER_FQDN, "jo.b+x@gw.example", "jo\\.b+x.gw.example.");
	NAME(ID_USER_FQDN, "@example", NULL);
	NAME(ID_USER_FQDN, "jo@", NULL);
	NAME(ID_USER_FQDN, "jo", NULL);
	NAME(ID_USER_FQDN, "j@o@example", NULL);
	NAME(ID_USER_FQDN, "j\"o@example", NULL);
	NAME(ID_IPV4, "\300\000\002\001", "1.2.0.192.in-addr.arpa.");
	NAME(ID_IPV4, "\300\000\002", NULL);
	NAME(ID_IPV6, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x1f",
	    "f.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	    "ip6.arpa.");
	NAME(ID_IPV6, "\x20\x01", NULL);
	NAME(ID_DER_ASN1_DN, "0\0", NULL);
	NAME(ID_KEY_ID, "gw.example", NULL);
	/* a label has 63 bytes, a name 253 */
	memset(label, 'a', sizeof(label));
	memcpy(label + 64, "@example", 8);
	ck_assert(dns_name(ID_FQDN, view_of(label, 63), name));
	ck_assert(!dns_name(ID_FQDN, view_of(label, 64), name));
	ck_assert(dns_name(ID_USER_FQDN, view_of(label + 1, 71), name));
	ck_assert(!dns_name(ID_USER_FQDN, view_of(label, 72), name));
}
END_TEST

START_TEST(long_names)
{
	char from[254], name[DNS_NAME];

	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = i % 50 == 49 ? '.' : 'a';
	ck_assert(dns_name(ID_FQDN, view_of(from, 253), name));
	ck_assert_uint_eq(strlen(name), 254);
	ck_assert(!dns_name(ID_FQDN, view_of(from, 254), name));
}
END_TEST

/* Names back to what they are on the wire, and OPT behind (RFC 6891). */
static void
query_is(const char *name, const char *text)
{
	struct bytes wanted = hex(text);
	struct buf b;

	buf_init(&b, 512);
	dns_put_query(&b, 0x1234, name);
	ck_assert_msg(view_equal(buf_view(&b), bytes_view(&wanted)), "%s",
	    name);
	buf_fini(&b);
}

#define ASKS	"1234 0120 0001 0000 0000 0001 "
#define OPT	"00 0029 04d0 00000000 0000"

START_TEST(questions)
{
	char from[254], name[DNS_NAME];
	struct buf b;

	query_is("gw.example.", ASKS QUESTION OPT);
	query_is("jo\\.b+x.gw.", ASKS "06 6a6f2e622b78 02 6777 00 0025 0001 "
	    OPT);
	memset(from, 'a', sizeof(from));
	for (size_t i = 60; i < sizeof(from); i += 61)
		from[i] = '.';
	ck_assert(dns_name(ID_FQDN, view_of(from, 253), name));
	buf_init(&b, 512);
	dns_put_query(&b, 1, name);
	ck_assert(buf_ok(&b));
	ck_assert_uint_eq(b.n, 12 + 255 + 4 + 11);
	buf_fini(&b);
}
END_TEST

static enum dns_reply
reply(const char *text)
{
	struct bytes msg = hex(text), query = hex(ASKS QUESTION OPT);

	return dns_reply(bytes_view(&query), bytes_view(&msg));
}

START_TEST(replies)
{
	ck_assert_int_eq(reply(HEAD("81a0", "0000") QUESTION), DNS_WHOLE);
	ck_assert_int_eq(reply(HEAD("8182", "0000") QUESTION OPT), DNS_WHOLE);
	ck_assert_int_eq(reply(HEAD("83a0", "0000") QUESTION), DNS_CUT);
	/* another number, a question, another kind of question */
	ck_assert_int_eq(reply("1235 81a0 0001 0000 0000 0000 " QUESTION),
	    DNS_OTHER);
	ck_assert_int_eq(reply(HEAD("01a0", "0000") QUESTION), DNS_OTHER);
	ck_assert_int_eq(reply(HEAD("a9a0", "0000") QUESTION), DNS_OTHER);
	/* another name, another type, none at all, not all of it */
	ck_assert_int_eq(reply(HEAD("81a0", "0000")
	    "02 6778 07 6578616d706c65 00 0025 0001 "), DNS_OTHER);
	ck_assert_int_eq(reply(HEAD("81a0", "0000")
	    "02 6777 07 6578616d706c65 00 0001 0001 "), DNS_OTHER);
	ck_assert_int_eq(reply("1234 81a0 0000 0000 0000 0000"), DNS_OTHER);
	ck_assert_int_eq(reply("1234 81a0 0002 0000 0000 0000 " QUESTION
	    QUESTION), DNS_OTHER);
	ck_assert_int_eq(reply(HEAD("81a0", "0000") "02 6777 07"), DNS_OTHER);
	ck_assert_int_eq(reply("1234 81"), DNS_OTHER);
	ck_assert_int_eq(reply(""), DNS_OTHER);
}
END_TEST

static enum err
get(const char *text, struct dns_answer *a)
{
	static struct bytes b;		/* answers borrow */

	b = hex(text);
	return dns_get(bytes_view(&b), a);
}

START_TEST(answer)
{
	struct dns_answer a;

	ck_assert_int_eq(get(HEAD("81a0", "0001") QUESTION
	    PKIX("0008", "300100"), &a), OK);
	ck_assert(a.authentic);
	ck_assert_uint_eq(a.rcode, 0);
	ck_assert_uint_eq(a.ncerts, 1);
	ck_assert_uint_eq(a.cert[0].n, 3);
	ck_assert_uint_eq(a.cert[0].p[0], 0x30);
	/* without AD; and an error */
	ck_assert_int_eq(get(HEAD("8180", "0001") QUESTION
	    PKIX("0008", "300100"), &a), OK);
	ck_assert(!a.authentic);
	ck_assert_int_eq(get(HEAD("81a3", "0000") QUESTION, &a), OK);
	ck_assert(a.authentic);
	ck_assert_uint_eq(a.rcode, 3);
	ck_assert_uint_eq(a.ncerts, 0);
}
END_TEST

/* PGP, another class, another type, an empty one, an alias, an indirect one. */
START_TEST(others)
{
	struct dns_answer a;

	ck_assert_int_eq(get(HEAD("81a0", "0008") QUESTION
	    OWNER "0005 0001 00000e10 0002 c00f "
	    CERT_RR "0006 0003 0000 00 99 "
	    CERT_RR "0006 0004 0000 00 99 "
	    OWNER "0025 0003 00000e10 0006 0001 0000 00 77 "
	    OWNER "0010 0001 00000e10 0006 0001 0000 00 77 "
	    PKIX("0005", "")
	    CERT_RR "0003 0001 00 "
	    "02 6777 c00f 0025 0001 00000e10 0006 0001 0000 00 55", &a), OK);
	ck_assert_uint_eq(a.nrecords, 5);
	ck_assert_uint_eq(a.ncerts, 1);
	ck_assert_uint_eq(a.cert[0].n, 1);
	ck_assert_uint_eq(a.cert[0].p[0], 0x55);
}
END_TEST

/* Nine are one more than are taken. */
START_TEST(many)
{
	struct dns_answer a;

#define THREE	PKIX("0006", "01") PKIX("0006", "02") PKIX("0006", "03")
	ck_assert_int_eq(get(HEAD("81a0", "0009") QUESTION
	    THREE THREE THREE, &a), OK);
	ck_assert_uint_eq(a.ncerts, DNS_CERTS);
}
END_TEST

START_TEST(malformed)
{
	static const struct {
		const char *text;
		enum err err;
	} cases[] = {
		{ "", E_SHORT }, { "1234 81a0 0001 0001 0000", E_SHORT },
		/* a question, not an answer; two questions; cut */
		{ HEAD("01a0", "0001") QUESTION PKIX("0006", "01"),
		    E_PAYLOAD },
		{ "1234 81a0 0002 0000 0000 0000 " QUESTION QUESTION,
		    E_PAYLOAD },
		{ HEAD("83a0", "0001") QUESTION PKIX("0006", "01"), E_SHORT },
		/* more records than there are, a length beyond the end */
		{ HEAD("81a0", "0002") QUESTION PKIX("0006", "01"),
		    E_PAYLOAD },
		{ HEAD("81a0", "0001") QUESTION PKIX("0007", "01"),
		    E_PAYLOAD },
		/* names: without end, half a pointer, kinds of labels that
		 * there are not */
		{ HEAD("81a0", "0000") "02 6777", E_PAYLOAD },
		{ HEAD("81a0", "0000") "c0", E_PAYLOAD },
		{ HEAD("81a0", "0000") "41 00 0025 0001", E_PAYLOAD },
		{ HEAD("81a0", "0000") "80 00 0025 0001", E_PAYLOAD },
	};
	struct dns_answer a;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(get(cases[i].text, &a) == cases[i].err,
		    "case %zu", i);
		ck_assert_uint_eq(a.ncerts, 0);
	}
}
END_TEST

/* Pointers to themselves and in a circle are as good an end as any. */
START_TEST(loops)
{
	struct dns_answer a;

	ck_assert_int_eq(get(HEAD("81a0", "0002") "c00c 0025 0001 "
	    "c012 0025 0001 00000e10 0006 0001 0000 00 01 "
	    "c01e 0025 0001 00000e10 0006 0001 0000 00 02", &a), OK);
	ck_assert_uint_eq(a.ncerts, 2);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		names, long_names, questions, replies, answer, others, many, malformed, loops,
	};

	return suite_main("dns", tests, sizeof(tests) / sizeof(tests[0]));
}
