/* SPDX-License-Identifier: ISC */
/* Certificates in the DNS: what of a resolver's answer is believed. */
#include "daemon/dnscert.h"

#include <check.h>
#include <string.h>

#include "crypto/cert.h"
#include "daemon/dnsask.h"
#include "test/pki.h"
#include "test/suite.h"

/* The resolver of a test. */
static struct buf answer;
static enum dnscert_ask word;
static char asked[64];

static enum dnscert_ask
resolver(const char *name, struct buf *out)
{
	snprintf(asked, sizeof(asked), "%s", name);
	buf_set(out, buf_view(&answer));
	return word;
}

static void
put_record(uint16_t kind, struct view der)
{
	buf_u16(&answer, 0xc00c);	/* the question's name */
	buf_u16(&answer, 37);
	buf_u16(&answer, 1);
	buf_u32(&answer, 3600);
	buf_u16(&answer, (uint16_t)(der.n + 5));
	buf_u16(&answer, kind);
	buf_u16(&answer, 0);
	buf_u8(&answer, 0);
	buf_put(&answer, der.p, der.n);
}

/* An answer about gw. with RECORDS records to come. */
static void
put_head(uint16_t flags, uint16_t records)
{
	buf_reset(&answer);
	buf_u16(&answer, 1);
	buf_u16(&answer, flags);
	buf_u16(&answer, 1);
	buf_u16(&answer, records);
	buf_u32(&answer, 0);
	buf_put(&answer, "\002gw", 4);
	buf_u16(&answer, 37);
	buf_u16(&answer, 1);
}

#define AUTHENTIC	0x81a0
#define PLAIN		0x8180

static void
make_cert(struct buf *der)
{
	static const struct pki_cert say = { .cn = "gw", .san = "DNS:gw" };
	EVP_PKEY *key = pki_key("RSA:1024");
	X509 *x = pki_cert(&say, key, NULL, key);

	buf_init(der, CERT_LEN_MAX);
	pki_put_cert(der, x, false);
	X509_free(x);
	EVP_PKEY_free(key);
}

/* How many are found; with none, WHY has the words. */
static unsigned
found(const char *words)
{
	struct crypto *crypto = crypto_new();
	struct cert *out[IKE_FOUND];
	char why[IKE_WHY];
	unsigned n, had;
	enum err r;

	r = dnscert_find_by(resolver, crypto, "gw.", out, &n, why);
	ck_assert_str_eq(asked, "gw.");
	ck_assert((r == OK) == (n > 0));
	if (n > 0) {
		ck_assert(cert_names(out[0], 2, view_text("gw")));
		ck_assert_str_eq(why, "");
	} else
		ck_assert_msg(strstr(why, words) != NULL, "%s", why);
	for (had = n; n > 0; )
		cert_unref(out[--n]);
	crypto_free(crypto);
	return had;
}

START_TEST(believed)
{
	struct buf der;

	buf_init(&answer, DNSASK_ANSWER);
	make_cert(&der);
	word = DNSCERT_ANSWERED;
	put_head(AUTHENTIC, 3);
	put_record(3, buf_view(&der));		/* PGP */
	put_record(1, view_text("no certificate"));
	put_record(1, buf_view(&der));
	ck_assert_uint_eq(found(""), 1);
	put_head(AUTHENTIC, 2);
	put_record(1, buf_view(&der));
	put_record(1, buf_view(&der));
	ck_assert_uint_eq(found(""), 2);
	buf_fini(&der);
	buf_fini(&answer);
}
END_TEST

START_TEST(not_believed)
{
	struct buf der;

	buf_init(&answer, DNSASK_ANSWER);
	make_cert(&der);
	word = DNSCERT_ANSWERED;
	put_head(PLAIN, 1);
	put_record(1, buf_view(&der));
	ck_assert_uint_eq(found("not authentic (AD)"), 0);
	put_head(AUTHENTIC, 1);
	put_record(3, buf_view(&der));
	ck_assert_uint_eq(found("no CERT record there has an X.509"), 0);
	put_head(AUTHENTIC, 2);
	put_record(1, buf_view(&der));
	ck_assert_uint_eq(found("cannot be read"), 0);
	/* what is in the answer does not count then */
	put_head(AUTHENTIC, 1);
	put_record(1, buf_view(&der));
	word = DNSCERT_NO_TRUST;
	ck_assert_uint_eq(found("options trust-ad"), 0);
	word = DNSCERT_FAILED;
	ck_assert_uint_eq(found("does not answer"), 0);
	buf_fini(&der);
	buf_fini(&answer);
}
END_TEST

/* Without records: what the resolver says of it. */
START_TEST(errors)
{
	static const struct {
		uint16_t flags;
		const char *said;
	} cases[] = {
		{ PLAIN, "there is no CERT record" },
		{ PLAIN | 3, "there is no CERT record" },
		{ AUTHENTIC | 3, "there is no CERT record" },
		{ PLAIN | 2, "SERVFAIL): the zone's signatures are wrong" },
		{ PLAIN | 5, "refused to answer" },
	};

	buf_init(&answer, DNSASK_ANSWER);
	word = DNSCERT_ANSWERED;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_head(cases[i].flags, 0);
		ck_assert_uint_eq(found(cases[i].said), 0);
	}
	buf_fini(&answer);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { believed, not_believed, errors };

	return suite_main("dnscert", tests, sizeof(tests) / sizeof(tests[0]));
}
