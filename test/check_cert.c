/* SPDX-License-Identifier: ISC */
/* What a certificate says. */
#include "crypto/cert.h"
#include "crypto/sign.h"
#include "test/pki.h"
#include "test/suite.h"
#include "wire/isakmp.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static struct crypto *
must_new(void)
{
	struct crypto *c = crypto_new();

	ck_assert_ptr_nonnull(c);
	return c;
}

/* By itself, with the names and a key of that kind. */
static struct cert *
make(const struct crypto *c, const char *cn, const char *san, const char *kind)
{
	const struct pki_cert spec = { .cn = cn, .san = san };
	EVP_PKEY *pkey = pki_key(kind);
	X509 *x = pki_cert(&spec, pkey, NULL, pkey);
	struct cert *cert = NULL;
	struct buf der;

	buf_init(&der, CERT_LEN_MAX);
	pki_put_cert(&der, x, false);
	ck_assert_int_eq(cert_get(c, buf_view(&der), &cert), OK);
	ck_assert(view_equal(cert_der(cert), buf_view(&der)));
	buf_fini(&der);
	X509_free(x);
	EVP_PKEY_free(pkey);
	return cert;
}

/* ---- reading ---- */

START_TEST(der_exactly)
{
	struct crypto *c = must_new();
	struct cert *cert = make(c, "gw", NULL, "P-256"), *again = NULL;
	struct view der = cert_der(cert), cut;
	uint8_t longer[CERT_LEN_MAX + 1];

	memset(longer, 0, sizeof(longer));
	memcpy(longer, der.p, der.n);
	ck_assert_int_eq(cert_get(c, view_of(longer, der.n), &again), OK);
	cert_unref(again);
	again = NULL;
	ck_assert_int_eq(cert_get(c, view_of(longer, der.n + 1), &again),
	    E_CERT);
	ck_assert_int_eq(cert_get(c, view_of(longer, sizeof(longer)), &again),
	    E_CERT);
	for (cut = der; cut.n > 0; ) {
		uint8_t *copy = malloc(--cut.n + 1);

		memcpy(copy, der.p, cut.n);
		ck_assert_int_eq(cert_get(c, view_of(copy, cut.n), &again),
		    E_CERT);
		free(copy);
	}
	ck_assert_ptr_null(again);
	cert_unref(cert);
	crypto_free(c);
}
END_TEST

static void
must_refuse(const struct crypto *c, struct view file, const char *reason)
{
	struct cert *cert = NULL;
	const char *why = "";

	ck_assert_int_eq(cert_read(c, file, &cert, &why), E_CONFIG);
	ck_assert_msg(strstr(why, reason) != NULL, "%s", why);
	ck_assert_ptr_null(cert);
}

START_TEST(files)
{
	struct crypto *c = must_new();
	EVP_PKEY *pkey = pki_key("P-256");
	X509 *one = pki_ca("one", pkey), *two = pki_ca("two", pkey);
	struct cert *cert = NULL;
	const char *why = "";
	struct buf file;

	buf_init(&file, 65536);
	buf_add(&file, view_text("0 begins a SEQUENCE, too\n"));
	pki_put_key(&file, pkey, "PEM");
	pki_put_cert(&file, one, true);
	pki_put_cert(&file, two, true);
	ck_assert_msg(cert_read(c, buf_view(&file), &cert, &why) == OK, "%s",
	    why);
	ck_assert_int_eq(cert_san(cert, ID_FQDN, 0, &(struct view){ 0 }), 0);
	ck_assert(memmem(cert_subject(cert).p, cert_subject(cert).n, "one", 3)
	    != NULL);
	cert_unref(cert);
	buf_reset(&file);
	pki_put_cert(&file, two, false);
	ck_assert_int_eq(cert_read(c, buf_view(&file), &cert, &why), OK);
	ck_assert(memmem(cert_subject(cert).p, cert_subject(cert).n, "two", 3)
	    != NULL);
	cert_unref(cert);
	file.n--;
	must_refuse(c, buf_view(&file), "can be read");
	buf_reset(&file);
	must_refuse(c, buf_view(&file), "is empty");
	pki_put_key(&file, pkey, "PEM");
	must_refuse(c, buf_view(&file), "holds no certificate");
	buf_reset(&file);
	buf_add(&file, view_text("-----BEGIN CERTIFICATE-----\nAAAA\n"));
	must_refuse(c, buf_view(&file), "damaged");
	buf_add(&file, view_text("-----END CERTIFICATE-----\n"));
	must_refuse(c, buf_view(&file), "can be read");
	buf_fini(&file);
	X509_free(one);
	X509_free(two);
	EVP_PKEY_free(pkey);
	crypto_free(c);
}
END_TEST

/* As many as COUNT are taken out, each another's issuer. */
static void
must_chain(const struct crypto *c, const struct buf *file, unsigned max,
    enum err wanted, unsigned count, const char *reason)
{
	struct cert *out[3] = { NULL };
	const char *why = "";
	unsigned n = 99;

	ck_assert_int_eq(cert_read_chain(c, buf_view(file), out, max, &n,
	    &why), wanted);
	ck_assert_uint_eq(n, count);
	if (reason != NULL)
		ck_assert_msg(strstr(why, reason) != NULL, "%s", why);
	if (n > 1)
		ck_assert(cert_issued_by(out[0], cert_subject(out[1])));
	for (unsigned i = 0; i < 3; i++)
		ck_assert((out[i] != NULL) == (i < count));
	while (n > 0)
		cert_unref(out[--n]);
}

/* What is sent of a file: the first, and authorities, without roots. */
START_TEST(chains)
{
	struct crypto *c = must_new();
	EVP_PKEY *pkey = pki_key("P-256");
	const struct pki_cert gw = { .cn = "gw" }, sub = { .cn = "sub",
	    .constraints = "critical,CA:TRUE", .serial = 2 };
	X509 *root = pki_ca("root", pkey);
	X509 *mid = pki_cert(&sub, pkey, root, pkey);
	X509 *leaf = pki_cert(&gw, pkey, mid, pkey);
	struct cert *out[3] = { NULL };
	const char *why = "";
	struct buf file;
	unsigned n = 99;

	buf_init(&file, 65536);
	ck_assert_int_eq(cert_read_chain(c, buf_view(&file), out, 3, &n,
	    &why), E_CONFIG);
	ck_assert_uint_eq(n, 0);
	pki_put_cert(&file, leaf, true);
	pki_put_key(&file, pkey, "PEM");
	pki_put_cert(&file, root, true);
	pki_put_cert(&file, mid, true);
	pki_put_cert(&file, root, true);
	must_chain(c, &file, 3, OK, 2, NULL);
	must_chain(c, &file, 2, OK, 2, NULL);
	must_chain(c, &file, 1, E_LIMIT, 1, "too many");
	pki_put_cert(&file, mid, true);
	must_chain(c, &file, 2, E_LIMIT, 2, "too many");
	must_chain(c, &file, 3, OK, 3, NULL);
	buf_add(&file, view_text("-----BEGIN CERTIFICATE-----\nAAAA\n"));
	must_chain(c, &file, 3, E_CONFIG, 3, "damaged");
	buf_add(&file, view_text("-----END CERTIFICATE-----\n"));
	must_chain(c, &file, 3, E_CONFIG, 3, "behind the first one");
	/* a certificate of one's own is the first, whoever signed it */
	buf_reset(&file);
	pki_put_cert(&file, root, true);
	pki_put_cert(&file, root, true);
	must_chain(c, &file, 3, OK, 1, NULL);
	buf_reset(&file);
	pki_put_cert(&file, leaf, false);
	must_chain(c, &file, 3, OK, 1, NULL);
	buf_fini(&file);
	X509_free(leaf);
	X509_free(mid);
	X509_free(root);
	EVP_PKEY_free(pkey);
	crypto_free(c);
}
END_TEST

START_TEST(pkcs7)
{
	struct crypto *c = must_new();
	EVP_PKEY *pkey = pki_key("P-256");
	X509 *x[CERT_PKCS7_MAX + 1];
	struct cert *cert[CERT_PKCS7_MAX];
	struct buf der;
	unsigned n;

	for (unsigned i = 0; i < COUNT(x); i++) {
		char name[8] = { 'n', (char)('a' + i) };

		x[i] = pki_ca(name, pkey);
	}
	buf_init(&der, 65536);
	pki_put_pkcs7(&der, x, 3);
	ck_assert_int_eq(cert_get_pkcs7(c, buf_view(&der), cert, &n), OK);
	ck_assert_uint_eq(n, 3);
	for (unsigned i = 0; i < n; i++) {
		char name[8] = { 'n', (char)('a' + i) };

		ck_assert_ptr_nonnull(memmem(cert_subject(cert[i]).p,
		    cert_subject(cert[i]).n, name, 2));
		cert_unref(cert[i]);
	}
	buf_u8(&der, 0);
	ck_assert_int_eq(cert_get_pkcs7(c, buf_view(&der), cert, &n), E_CERT);
	for (size_t cut = 0; cut < der.n - 1; cut += 7)
		ck_assert_int_eq(cert_get_pkcs7(c, view_of(der.p, cut), cert,
		    &n), E_CERT);
	buf_reset(&der);
	pki_put_pkcs7(&der, x, CERT_PKCS7_MAX);
	ck_assert_int_eq(cert_get_pkcs7(c, buf_view(&der), cert, &n), OK);
	ck_assert_uint_eq(n, CERT_PKCS7_MAX);
	while (n > 0)
		cert_unref(cert[--n]);
	buf_reset(&der);
	pki_put_pkcs7(&der, x, COUNT(x));
	ck_assert_int_eq(cert_get_pkcs7(c, buf_view(&der), cert, &n), E_LIMIT);
	ck_assert_uint_eq(n, 0);
	buf_reset(&der);
	pki_put_pkcs7(&der, x, 0);
	ck_assert_int_eq(cert_get_pkcs7(c, buf_view(&der), cert, &n), E_CERT);
	buf_reset(&der);
	pki_put_cert(&der, x[0], false);
	ck_assert_int_eq(cert_get_pkcs7(c, buf_view(&der), cert, &n), E_CERT);
	buf_fini(&der);
	for (unsigned i = 0; i < COUNT(x); i++)
		X509_free(x[i]);
	EVP_PKEY_free(pkey);
	crypto_free(c);
}
END_TEST

/* ---- names ---- */

START_TEST(names)
{
	static const uint8_t four[] = { 192, 0, 2, 1 };
	static const uint8_t six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	struct crypto *c = must_new();
	struct cert *cert = make(c, "gw", "DNS:a.example,email:joe@b.example,"
	    "IP:192.0.2.1,DNS:c.example,IP:2001:db8::1,URI:http://x/,"
	    "IP:192.0.2.2", "P-256");
	struct view v;

	ck_assert(cert_san(cert, ID_FQDN, 0, &v));
	ck_assert(view_equal(v, view_text("a.example")));
	ck_assert(cert_san(cert, ID_FQDN, 1, &v));
	ck_assert(view_equal(v, view_text("c.example")));
	ck_assert(!cert_san(cert, ID_FQDN, 2, &v));
	ck_assert(cert_san(cert, ID_IPV4, 1, &v) && v.p[3] == 2);
	ck_assert(!cert_san(cert, ID_IPV4, 2, &v));
	ck_assert(!cert_san(cert, ID_KEY_ID, 0, &v));
	ck_assert(cert_names(cert, ID_FQDN, view_text("a.example")));
	ck_assert(cert_names(cert, ID_FQDN, view_text("c.example")));
	ck_assert(!cert_names(cert, ID_FQDN, view_text("a.exampl")));
	ck_assert(!cert_names(cert, ID_FQDN, view_text("a.example.")));
	ck_assert(!cert_names(cert, ID_FQDN, view_text("")));
	ck_assert(!cert_names(cert, ID_FQDN, view_text("joe@b.example")));
	ck_assert(cert_names(cert, ID_USER_FQDN, view_text("joe@b.example")));
	ck_assert(!cert_names(cert, ID_USER_FQDN, view_text("a.example")));
	ck_assert(cert_names(cert, ID_IPV4, view_of(four, 4)));
	ck_assert(!cert_names(cert, ID_IPV4, view_of(four, 3)));
	ck_assert(!cert_names(cert, ID_IPV4_SUBNET, view_of(four, 4)));
	ck_assert(cert_names(cert, ID_IPV6, view_of(six, 16)));
	ck_assert(!cert_names(cert, ID_IPV4, view_of(six, 4)));
	ck_assert(cert_names(cert, ID_DER_ASN1_DN, cert_subject(cert)));
	v = cert_subject(cert);
	v.n--;
	ck_assert(!cert_names(cert, ID_DER_ASN1_DN, v));
	ck_assert(!cert_names(cert, ID_KEY_ID, cert_subject(cert)));
	ck_assert(!cert_names(cert, ID_DER_ASN1_GN, cert_subject(cert)));
	cert_unref(cert);
	crypto_free(c);
}
END_TEST

/* C=XX, O=Test, CN=gw, each as a string of KIND; GW is the last one's text. */
static struct view
subject_as(uint8_t der[44], uint8_t kind, const char *gw)
{
	static const uint8_t form[] = {
		0x30, 0x27,
		0x31, 0x0b, 0x30, 0x09, 6, 3, 85, 4, 6, 0x13, 2, 'X', 'X',
		0x31, 0x0d, 0x30, 0x0b, 6, 3, 85, 4, 10, 0, 4,
		'T', 'e', 's', 't',
		0x31, 0x0b, 0x30, 0x09, 6, 3, 85, 4, 3, 0, 2, 0, 0
	};
	const size_t n = sizeof(form);

	memcpy(der, form, n);
	der[n - 19] = der[n - 4] = kind;
	der[n - 2] = (uint8_t)gw[0];
	der[n - 1] = (uint8_t)gw[1];
	der[1] = (uint8_t)(n - 2);
	return view_of(der, n);
}

/* RFC 5280 7.1: the name counts, not how it is written. */
START_TEST(other_strings)
{
	static const uint8_t printable = 0x13, utf8 = 0x0c;
	struct crypto *c = must_new();
	struct cert *cert = make(c, "gw", "DNS:a.example", "P-256");
	uint8_t der[44];

	ck_assert(cert_names(cert, ID_DER_ASN1_DN,
	    subject_as(der, utf8, "gw")));
	ck_assert(cert_names(cert, ID_DER_ASN1_DN,
	    subject_as(der, printable, "gw")));
	ck_assert(cert_names(cert, ID_DER_ASN1_DN,
	    subject_as(der, printable, "GW")));
	ck_assert(!cert_names(cert, ID_DER_ASN1_DN,
	    subject_as(der, printable, "gx")));
	der[43] = 0;		/* something after it */
	ck_assert(!cert_names(cert, ID_DER_ASN1_DN, view_of(der, 44)));
	(void)subject_as(der, printable, "gw");
	ck_assert(!cert_names(cert, ID_DER_ASN1_DN, view_of(der, 44)));
	ck_assert(!cert_names(cert, ID_DER_ASN1_DN, view_of(der, 42)));
	cert_unref(cert);
	crypto_free(c);
}
END_TEST

/* An empty subject is nobody's identity. */
START_TEST(no_subject)
{
	struct crypto *c = must_new();
	struct cert *cert = make(c, NULL, "DNS:a.example", "P-256");

	ck_assert_uint_eq(cert_subject(cert).n, 2);
	ck_assert(!cert_names(cert, ID_DER_ASN1_DN, cert_subject(cert)));
	ck_assert(cert_names(cert, ID_FQDN, view_text("a.example")));
	cert_unref(cert);
	crypto_free(c);
}
END_TEST

/*
 * Characters in a subjectAltName replaced by hand: what an authority could
 * have been talked into.
 */
START_TEST(no_such_names)
{
	static const struct {
		uint8_t	 byte;
		bool	 good;
	} row[] = {
		{ 'x', true }, { '\0', false }, { '\n', false }, { ' ', false },
		{ 0x7f, false }, { 0xe4, false }, { '*', true },
	};
	struct crypto *c = must_new();
	struct cert *cert = make(c, "gw",
	    "DNS:good.example#.evil.example", "P-256"), *other;
	uint8_t copy[CERT_LEN_MAX], *at;
	struct view der = cert_der(cert), v;

	memcpy(copy, der.p, der.n);
	at = memchr(memmem(copy, der.n, "good.example", 12), '#', 13);
	ck_assert_ptr_nonnull(at);
	for (unsigned i = 0; i < COUNT(row); i++) {
		other = NULL;
		*at = row[i].byte;
		ck_assert_int_eq(cert_get(c, view_of(copy, der.n), &other),
		    OK);
		ck_assert_msg(cert_san(other, ID_FQDN, 0, &v) == row[i].good,
		    "byte %02x", row[i].byte);
		ck_assert(!cert_names(other, ID_FQDN,
		    view_text("good.example")));
		ck_assert(cert_names(other, ID_FQDN, view_of(at - 12, 26)) ==
		    row[i].good);
		cert_unref(other);
	}
	cert_unref(cert);
	crypto_free(c);
}
END_TEST

START_TEST(printed)
{
	struct crypto *c = must_new();
	struct cert *cert = make(c, "evil\", CN=good\n", NULL, "P-256");
	char out[200];
	struct text text;

	text_init(&text, out, sizeof(out));
	cert_print(cert, &text);
	ck_assert_str_eq(out,
	    "\"C=XX, O=Test, CN=evil\\\"\\, CN\\=good\\x0a\"");
	text_init(&text, out, 8);
	cert_print(cert, &text);
	ck_assert_uint_lt(strlen(out), 8);
	cert_unref(cert);
	crypto_free(c);
}
END_TEST

/* ---- keys ---- */

START_TEST(keys)
{
	static const struct {
		const char	*kind;
		bool		 good;
		enum key_kind	 is;
	} row[] = {
		{ "RSA:1024", true, KEY_RSA }, { "P-256", true, KEY_EC256 },
		{ "P-384", true, KEY_EC384 }, { "P-521", true, KEY_EC521 },
		{ "RSA:1016", false, KEY_RSA }, { "P-224", false, KEY_RSA },
		{ "ED25519", false, KEY_RSA },
	};
	struct crypto *c = must_new();

	for (unsigned i = 0; i < COUNT(row); i++) {
		struct cert *cert = make(c, "gw", NULL, row[i].kind);
		const struct key *k = cert_key(cert);

		ck_assert_msg((k != NULL) == row[i].good, "%s", row[i].kind);
		if (k != NULL) {
			ck_assert_uint_eq(key_kind(k), row[i].is);
			ck_assert(!key_private(k));
		}
		cert_unref(cert);
	}
	crypto_free(c);
}
END_TEST

/* A key that a job still holds outlives its certificate. */
START_TEST(references)
{
	struct crypto *c = must_new();
	struct cert *cert = make(c, "gw", NULL, "P-256");
	struct cert *same = cert_ref(cert);
	struct key *k;

	cert_unref(cert);
	k = key_ref(cert_key(same));
	ck_assert_uint_gt(cert_der(same).n, 100);
	cert_unref(same);
	ck_assert_uint_eq(key_bits(k), 256);
	key_unref(k);
	cert_unref(NULL);
	key_unref(NULL);
	crypto_free(c);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		der_exactly, files, chains, pkcs7, names, no_subject, no_such_names,
		other_strings,
		printed, keys, references,
	};

	return suite_main("cert", tests, COUNT(tests));
}
