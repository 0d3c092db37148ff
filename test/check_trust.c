/* SPDX-License-Identifier: ISC */
/* Whom to believe: chains, times, revocation, purposes. */
#include <pthread.h>

#include "crypto/trust.h"
#include "test/pki.h"
#include "test/suite.h"
#include "wire/isakmp.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define DAY		86400

/* One authority, one certificate of it; tests vary it. */
struct world {
	struct crypto	*crypto;
	EVP_PKEY	*ca_key, *key;
	X509		*ca;
	struct trust	*trust;
	struct trust_result result;
	time_t		 now;
};

static void
setup(struct world *w)
{
	*w = (struct world){ .crypto = crypto_new(), .now = PKI_NOW };
	ck_assert_ptr_nonnull(w->crypto);
	w->ca_key = pki_key("P-256");
	w->key = pki_key("P-256");
	w->ca = pki_ca("root", w->ca_key);
	w->trust = trust_new(w->crypto);
}

static void
teardown(struct world *w)
{
	trust_unref(w->trust);
	X509_free(w->ca);
	EVP_PKEY_free(w->ca_key);
	EVP_PKEY_free(w->key);
	crypto_free(w->crypto);
}

static void
trust_x509(struct world *w, const X509 *x)
{
	const char *why = "";
	struct buf file;

	buf_init(&file, 65536);
	pki_put_cert(&file, x, true);
	ck_assert_msg(trust_add_ca(w->trust, buf_view(&file), &why) == OK,
	    "%s", why);
	buf_fini(&file);
}

static void
trust_list(struct world *w, X509_CRL *crl)
{
	const char *why = "";
	struct buf file;

	buf_init(&file, 65536);
	pki_put_crl(&file, crl, true);
	ck_assert_msg(trust_add_crl(w->trust, buf_view(&file), &why) == OK,
	    "%s", why);
	buf_fini(&file);
	X509_CRL_free(crl);
}

static struct cert *
take(const struct world *w, const X509 *x)
{
	struct cert *cert = NULL;
	struct buf der;

	buf_init(&der, CERT_LEN_MAX);
	pki_put_cert(&der, x, false);
	ck_assert_int_eq(cert_get(w->crypto, buf_view(&der), &cert), OK);
	buf_fini(&der);
	return cert;
}

/* REASON NULL: it is to be believed. Frees LEAF. */
static void
expect(struct world *w, X509 *leaf, X509 *const *others, unsigned n,
    const char *reason)
{
	struct cert *cert = take(w, leaf), *more[12];
	enum err r;

	for (unsigned i = 0; i < n; i++)
		more[i] = take(w, others[i]);
	r = trust_check(w->trust, cert, (const struct cert *const *)more, n,
	    w->now, &w->result);
	if (reason == NULL)
		ck_assert_msg(r == OK, "%s", w->result.why);
	else {
		ck_assert_msg(r == E_CERT, "taken instead of: %s", reason);
		ck_assert_msg(strstr(w->result.why, reason) != NULL,
		    "\"%s\" instead of: %s", w->result.why, reason);
		ck_assert(!w->result.no_crl);
	}
	while (n > 0)
		cert_unref(more[--n]);
	cert_unref(cert);
	X509_free(leaf);
}

/* A leaf of the world's authority as SPEC says. */
static X509 *
issue(const struct world *w, struct pki_cert spec)
{
	if (spec.cn == NULL)
		spec.cn = "gw";
	return pki_cert(&spec, w->key, w->ca, w->ca_key);
}

#define ISSUE(w, ...)	issue((w), (struct pki_cert){ __VA_ARGS__ })

START_TEST(believed)
{
	struct world w;

	setup(&w);
	trust_x509(&w, w.ca);
	expect(&w, ISSUE(&w, .serial = 2), NULL, 0, NULL);
	ck_assert(w.result.no_crl);
	ck_assert_str_eq(w.result.why, "there is no revocation list of "
	    "\"C=XX, O=Test, CN=root\"");
	trust_list(&w, pki_crl(w.ca, w.ca_key, PKI_BEGIN, PKI_END, 0));
	expect(&w, ISSUE(&w, .serial = 2), NULL, 0, NULL);
	ck_assert(!w.result.no_crl);
	ck_assert_str_eq(w.result.why, "");
	teardown(&w);
}
END_TEST

START_TEST(wrong_authority)
{
	struct world w;
	EVP_PKEY *key = pki_key("P-256");
	X509 *same_name = pki_ca("root", key), *other = pki_ca("x", key);

	setup(&w);
	expect(&w, ISSUE(&w, .serial = 2), NULL, 0,
	    "\"C=XX, O=Test, CN=gw\" (depth 0): its issuer \"C=XX, O=Test, "
	    "CN=root\" is not among the trusted");
	/* That the peer sends its authority makes nobody trust it. */
	expect(&w, ISSUE(&w, .serial = 2), &w.ca, 1,
	    "(depth 1): it is signed by itself and not among");
	trust_x509(&w, other);
	expect(&w, ISSUE(&w, .serial = 2), NULL, 0, "is not among the trusted");
	trust_x509(&w, same_name);
	expect(&w, ISSUE(&w, .serial = 2), NULL, 0, "signature is wrong");
	X509_free(same_name);
	X509_free(other);
	EVP_PKEY_free(key);
	teardown(&w);
}
END_TEST

/* An authority with a new key, and certificates from before and after. */
START_TEST(new_key)
{
	const struct pki_cert root = {
		.cn = "again", .constraints = "CA:TRUE", .ids = true,
	};
	const struct pki_cert spec = { .cn = "gw", .ids = true };
	EVP_PKEY *key[2] = { pki_key("P-256"), pki_key("P-256") };
	struct world w;
	X509 *ca[2];

	setup(&w);
	for (unsigned i = 0; i < 2; i++) {
		ca[i] = pki_cert(&root, key[i], NULL, key[i]);
		trust_x509(&w, ca[i]);
	}
	for (unsigned i = 0; i < 2; i++) {
		expect(&w, pki_cert(&spec, w.key, ca[i], key[i]), NULL, 0,
		    NULL);
		X509_free(ca[i]);
		EVP_PKEY_free(key[i]);
	}
	teardown(&w);
}
END_TEST

/* One that is signed by itself is believed only when it is itself trusted. */
START_TEST(by_itself)
{
	const struct pki_cert spec = { .cn = "gw", .serial = 3 };
	struct world w;
	X509 *alone;

	setup(&w);
	trust_x509(&w, w.ca);
	alone = pki_cert(&spec, w.key, NULL, w.key);
	expect(&w, X509_dup(alone), NULL, 0, "it is signed by itself and not");
	trust_x509(&w, alone);
	expect(&w, alone, NULL, 0, NULL);
	teardown(&w);
}
END_TEST

START_TEST(changed_bytes)
{
	struct world w;
	struct cert *cert, *forged;
	uint8_t copy[CERT_LEN_MAX];
	struct view der;
	X509 *x;
	unsigned readable = 0;

	setup(&w);
	trust_x509(&w, w.ca);
	x = ISSUE(&w, .serial = 2, .san = "DNS:a.example");
	cert = take(&w, x);
	der = cert_der(cert);
	for (size_t i = 0; i < der.n; i++) {
		memcpy(copy, der.p, der.n);
		copy[i] ^= 0x01;
		forged = NULL;
		if (cert_get(w.crypto, view_of(copy, der.n), &forged) != OK)
			continue;
		readable++;
		ck_assert_msg(trust_check(w.trust, forged, NULL, 0, w.now,
		    &w.result) == E_CERT, "byte %zu", i);
		ck_assert_str_ne(w.result.why, "");
		cert_unref(forged);
	}
	ck_assert_uint_gt(readable, der.n / 2);
	cert_unref(cert);
	X509_free(x);
	teardown(&w);
}
END_TEST

START_TEST(times)
{
	struct world w;

	setup(&w);
	trust_x509(&w, w.ca);
	expect(&w, ISSUE(&w, .to = PKI_NOW), NULL, 0,
	    "it has expired on 2023-11-16 02:00:00 UTC");
	expect(&w, ISSUE(&w, .to = PKI_NOW + 1), NULL, 0, NULL);
	expect(&w, ISSUE(&w, .from = PKI_NOW + 1), NULL, 0,
	    "it is not valid before 2023-11-16 02:00:01 UTC");
	expect(&w, ISSUE(&w, .from = PKI_NOW), NULL, 0, NULL);
	w.now = PKI_END + DAY;
	expect(&w, ISSUE(&w, .to = PKI_END + 2 * DAY), NULL, 0,
	    "CN=root\" (depth 1): it has expired");
	ck_assert_uint_eq(w.result.depth, 1);
	teardown(&w);
}
END_TEST

START_TEST(revoked)
{
	struct world w;

	setup(&w);
	trust_x509(&w, w.ca);
	trust_list(&w, pki_crl(w.ca, w.ca_key, PKI_BEGIN, PKI_END, 7));
	expect(&w, ISSUE(&w, .serial = 6), NULL, 0, NULL);
	expect(&w, ISSUE(&w, .serial = 7), NULL, 0, "it has been revoked");
	teardown(&w);
}
END_TEST

START_TEST(old_lists)
{
	struct world w;
	EVP_PKEY *key = pki_key("P-256");

	setup(&w);
	trust_x509(&w, w.ca);
	trust_list(&w, pki_crl(w.ca, w.ca_key, PKI_BEGIN, PKI_NOW - 1, 7));
	expect(&w, ISSUE(&w, .serial = 6), NULL, 0, "list of its issuer has "
	    "expired");
	/* A newer one takes its place. */
	trust_list(&w, pki_crl(w.ca, w.ca_key, PKI_BEGIN + 1, PKI_END, 8));
	expect(&w, ISSUE(&w, .serial = 6), NULL, 0, NULL);
	expect(&w, ISSUE(&w, .serial = 8), NULL, 0, "revoked");
	teardown(&w);
	setup(&w);
	trust_x509(&w, w.ca);
	trust_list(&w, pki_crl(w.ca, w.ca_key, PKI_NOW + 1, PKI_END, 7));
	expect(&w, ISSUE(&w, .serial = 6), NULL, 0, "is of the future");
	teardown(&w);
	/* What others say about this authority's certificates. */
	setup(&w);
	trust_x509(&w, w.ca);
	trust_list(&w, pki_crl(w.ca, key, PKI_BEGIN, PKI_END, 7));
	expect(&w, ISSUE(&w, .serial = 6), NULL, 0, "is not signed by that");
	teardown(&w);
	EVP_PKEY_free(key);
}
END_TEST

/* root -> NAME, for more authorities. */
static X509 *
below(const char *name, const char *constraints, const char *usage,
    EVP_PKEY *key, const X509 *ca, EVP_PKEY *ca_key)
{
	const struct pki_cert spec = {
		.cn = name, .constraints = constraints, .usage = usage,
		.serial = 99,
	};

	return pki_cert(&spec, key, ca, ca_key);
}

START_TEST(intermediates)
{
	struct world w;
	EVP_PKEY *key = pki_key("P-256");
	const struct pki_cert spec = { .cn = "gw" };
	X509 *sub;

	setup(&w);
	trust_x509(&w, w.ca);
	sub = below("sub", "critical,CA:TRUE", "keyCertSign,cRLSign", key,
	    w.ca, w.ca_key);
	expect(&w, pki_cert(&spec, w.key, sub, key), NULL, 0,
	    "is not among the trusted");
	expect(&w, pki_cert(&spec, w.key, sub, key), &sub, 1, NULL);
	/* A list of the root revokes it. */
	trust_list(&w, pki_crl(w.ca, w.ca_key, PKI_BEGIN, PKI_END, 99));
	expect(&w, pki_cert(&spec, w.key, sub, key), &sub, 1,
	    "CN=sub\" (depth 1): it has been revoked");
	X509_free(sub);
	EVP_PKEY_free(key);
	teardown(&w);
}
END_TEST

/* A customer of the authority is no authority. */
START_TEST(not_authorities)
{
	static const struct {
		const char	*constraints, *usage, *reason;
	} row[] = {
		{ "critical,CA:TRUE", "keyCertSign", NULL },
		{ NULL, NULL, "it is not one of an authority" },
		{ "critical,CA:FALSE", NULL, "it is not one of an authority" },
		{ "critical,CA:TRUE", "digitalSignature", "(depth " },
	};
	const struct pki_cert spec = { .cn = "gw" };
	EVP_PKEY *key = pki_key("P-256");
	struct world w;

	setup(&w);
	trust_x509(&w, w.ca);
	for (unsigned i = 0; i < COUNT(row); i++) {
		X509 *sub = below("sub", row[i].constraints, row[i].usage,
		    key, w.ca, w.ca_key);

		expect(&w, pki_cert(&spec, w.key, sub, key), &sub, 1,
		    row[i].reason);
		X509_free(sub);
	}
	EVP_PKEY_free(key);
	teardown(&w);
}
END_TEST

START_TEST(path_length)
{
	const struct pki_cert spec = { .cn = "gw" };
	EVP_PKEY *key = pki_key("P-256");
	struct world w;
	X509 *sub[2];

	setup(&w);
	trust_x509(&w, w.ca);
	sub[0] = below("a", "critical,CA:TRUE,pathlen:0", "keyCertSign", key,
	    w.ca, w.ca_key);
	sub[1] = below("b", "critical,CA:TRUE", "keyCertSign", key, sub[0],
	    key);
	expect(&w, pki_cert(&spec, w.key, sub[0], key), sub, 1, NULL);
	expect(&w, pki_cert(&spec, w.key, sub[1], key), sub, 2,
	    "CN=a\" (depth 2): it may not have so many");
	X509_free(sub[0]);
	X509_free(sub[1]);
	EVP_PKEY_free(key);
	teardown(&w);
}
END_TEST

/* TRUST_DEPTH_MAX authorities are enough. */
START_TEST(long_chain)
{
	const struct pki_cert spec = { .cn = "gw" };
	EVP_PKEY *key = pki_key("P-256");
	struct world w;
	X509 *sub[TRUST_DEPTH_MAX + 1];

	setup(&w);
	trust_x509(&w, w.ca);
	for (unsigned i = 0; i < COUNT(sub); i++) {
		char name[2] = { (char)('a' + i) };

		sub[i] = below(name, "critical,CA:TRUE", "keyCertSign", key,
		    i == 0 ? w.ca : sub[i - 1], i == 0 ? w.ca_key : key);
	}
	expect(&w, pki_cert(&spec, w.key, sub[TRUST_DEPTH_MAX - 1], key), sub,
	    TRUST_DEPTH_MAX, NULL);
	expect(&w, pki_cert(&spec, w.key, sub[TRUST_DEPTH_MAX], key), sub,
	    TRUST_DEPTH_MAX + 1, "(depth ");
	for (unsigned i = 0; i < COUNT(sub); i++)
		X509_free(sub[i]);
	EVP_PKEY_free(key);
	teardown(&w);
}
END_TEST

START_TEST(usages)
{
	static const struct {
		const char	*usage, *ext_usage, *reason;
	} row[] = {
		{ NULL, NULL, NULL },
		{ "critical,digitalSignature", NULL, NULL },
		{ "nonRepudiation,keyEncipherment", NULL, NULL },
		{ "critical,keyEncipherment", NULL, "does not allow signatures" },
		{ "keyAgreement", NULL, "does not allow signatures" },
		{ "digitalSignature", "serverAuth", NULL },
		{ NULL, "codeSigning,clientAuth", NULL },
		{ NULL, "1.3.6.1.5.5.7.3.17", NULL },
		{ NULL, "1.3.6.1.5.5.8.2.2", NULL },
		{ NULL, "ipsecEndSystem", NULL },
		{ NULL, "anyExtendedKeyUsage", NULL },
		{ NULL, "codeSigning", "is for other things" },
		{ NULL, "1.3.6.1.5.5.8.2.22", "is for other things" },
		{ NULL, "critical,OCSPSigning", "is for other things" },
	};
	struct world w;

	setup(&w);
	trust_x509(&w, w.ca);
	for (unsigned i = 0; i < COUNT(row); i++) {
		expect(&w, ISSUE(&w, .usage = row[i].usage,
		    .ext_usage = row[i].ext_usage), NULL, 0, row[i].reason);
	}
	teardown(&w);
}
END_TEST

START_TEST(weak)
{
	const struct pki_cert spec = { .cn = "gw" };
	const struct pki_cert md5 = { .cn = "gw", .digest = "MD5" };
	EVP_PKEY *small = pki_key("RSA:768"), *ed = pki_key("ED25519");
	EVP_PKEY *rsa = pki_key("RSA:1024");
	struct world w;
	X509 *ca = pki_ca("small", small), *rsa_ca = pki_ca("rsa", rsa);

	setup(&w);
	trust_x509(&w, w.ca);
	trust_x509(&w, ca);
	expect(&w, ISSUE(&w, .digest = "SHA1"), NULL, 0, NULL);
	trust_x509(&w, rsa_ca);
	expect(&w, pki_cert(&spec, w.key, rsa_ca, rsa), NULL, 0, NULL);
	expect(&w, pki_cert(&md5, w.key, rsa_ca, rsa), NULL, 0,
	    "it is signed by way of MD5");
	expect(&w, pki_cert(&spec, w.key, ca, small), NULL, 0,
	    "CN=small\" (depth 1): its key is so short");
	expect(&w, pki_cert(&spec, small, w.ca, w.ca_key), NULL, 0,
	    "its key is not one for IKE");
	expect(&w, pki_cert(&spec, ed, w.ca, w.ca_key), NULL, 0,
	    "its key is not one for IKE");
	X509_free(ca);
	X509_free(rsa_ca);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(small);
	EVP_PKEY_free(ed);
	teardown(&w);
}
END_TEST

/* An authority may well sign in a way that IKE has no method for. */
START_TEST(other_signatures)
{
	static const char *const kind[] = { "RSA:1024", "ED25519", "P-224" };

	for (unsigned i = 0; i < COUNT(kind); i++) {
		const struct pki_cert spec = { .cn = "gw" };
		EVP_PKEY *key = pki_key(kind[i]);
		X509 *ca = pki_ca("other", key);
		struct world w;

		setup(&w);
		trust_x509(&w, ca);
		expect(&w, pki_cert(&spec, w.key, ca, key), NULL, 0, NULL);
		X509_free(ca);
		EVP_PKEY_free(key);
		teardown(&w);
	}
}
END_TEST

static void
refused(struct world *w, struct view file, bool crl, const char *reason)
{
	const char *why = "";

	ck_assert_int_eq((crl ? trust_add_crl : trust_add_ca)(w->trust, file,
	    &why), E_CONFIG);
	ck_assert_msg(strstr(why, reason) != NULL, "%s", why);
}

START_TEST(files)
{
	struct world w;
	EVP_PKEY *key = pki_key("P-256");
	X509 *second = pki_ca("second", key);
	X509_CRL *crl;
	const char *why = "";
	struct buf file;

	setup(&w);
	crl = pki_crl(w.ca, w.ca_key, PKI_BEGIN, PKI_END, 7);
	buf_init(&file, 65536);
	ck_assert_ptr_null(trust_ca(w.trust, 0));
	pki_put_cert(&file, w.ca, true);
	pki_put_cert(&file, second, true);
	pki_put_cert(&file, w.ca, true);
	refused(&w, buf_view(&file), true, "holds no revocation list");
	ck_assert_int_eq(trust_add_ca(w.trust, buf_view(&file), &why), OK);
	ck_assert_int_eq(trust_add_ca(w.trust, buf_view(&file), &why), OK);
	ck_assert_ptr_nonnull(trust_ca(w.trust, 1));
	ck_assert_ptr_null(trust_ca(w.trust, 2));
	ck_assert_ptr_nonnull(memmem(cert_subject(trust_ca(w.trust, 1)).p,
	    cert_subject(trust_ca(w.trust, 1)).n, "second", 6));
	buf_reset(&file);
	pki_put_crl(&file, crl, false);
	refused(&w, view_of(file.p, file.n - 1), true, "cannot be read");
	buf_u8(&file, 0);
	refused(&w, buf_view(&file), true, "cannot be read");
	refused(&w, view_of(file.p, file.n - 1), false, "cannot be read");
	ck_assert_int_eq(trust_add_crl(w.trust, view_of(file.p, file.n - 1),
	    &why), OK);
	expect(&w, ISSUE(&w, .serial = 7), NULL, 0, "revoked");
	buf_reset(&file);
	pki_put_crl(&file, crl, true);
	refused(&w, buf_view(&file), false, "holds no certificate");
	refused(&w, view_of(file.p, file.n / 2), true, "damaged");
	refused(&w, view_of("", 0), true, "empty");
	refused(&w, view_of(file.p, TRUST_FILE_MAX + 1), true, "too long");
	buf_fini(&file);
	X509_CRL_free(crl);
	X509_free(second);
	EVP_PKEY_free(key);
	teardown(&w);
}
END_TEST

START_TEST(file_names)
{
	static const struct {
		const char	*name;
		enum trust_file	 is;
	} row[] = {
		{ "0123abcd.0", TRUST_CA_FILE }, { "ffffffff.12", TRUST_CA_FILE },
		{ "0123abcd.r0", TRUST_CRL_FILE },
		{ "0123abcd.r12", TRUST_CRL_FILE },
		{ "", TRUST_NO_FILE }, { "0123abcd", TRUST_NO_FILE },
		{ "0123abcd.", TRUST_NO_FILE }, { "0123abcd.r", TRUST_NO_FILE },
		{ "0123abcd.0x", TRUST_NO_FILE }, { "0123abc.0", TRUST_NO_FILE },
		{ "0123abcde.0", TRUST_NO_FILE }, { "0123ABCD.0", TRUST_NO_FILE },
		{ "ca.pem", TRUST_NO_FILE }, { "0123abcd.rr0", TRUST_NO_FILE },
		{ "0123abcd.pem", TRUST_NO_FILE },
	};

	for (unsigned i = 0; i < COUNT(row); i++)
		ck_assert_msg(trust_file(row[i].name) == row[i].is, "%s",
		    row[i].name);
}
END_TEST

struct racer {
	pthread_t	 thread;
	const struct trust *trust;
	const struct cert *cert;
	bool		 good;
};

static void *
race(void *arg)
{
	struct racer *r = arg;
	struct trust_result result;

	r->good = true;
	for (unsigned i = 0; i < 50; i++) {
		struct trust *t = trust_ref(r->trust);

		if (trust_check(t, r->cert, NULL, 0, PKI_NOW, &result) != OK)
			r->good = false;
		trust_unref(t);
	}
	return NULL;
}

START_TEST(threads)
{
	struct racer racer[4];
	struct world w;
	struct cert *cert;
	X509 *x;

	setup(&w);
	trust_x509(&w, w.ca);
	trust_list(&w, pki_crl(w.ca, w.ca_key, PKI_BEGIN, PKI_END, 7));
	x = ISSUE(&w, .serial = 2);
	cert = take(&w, x);
	for (unsigned i = 0; i < COUNT(racer); i++) {
		racer[i].trust = w.trust;
		racer[i].cert = cert;
		ck_assert_int_eq(pthread_create(&racer[i].thread, NULL, race,
		    &racer[i]), 0);
	}
	for (unsigned i = 0; i < COUNT(racer); i++) {
		ck_assert_int_eq(pthread_join(racer[i].thread, NULL), 0);
		ck_assert(racer[i].good);
	}
	cert_unref(cert);
	X509_free(x);
	teardown(&w);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		believed, wrong_authority, new_key, by_itself, changed_bytes, times, revoked,
		old_lists, intermediates, not_authorities, path_length,
		long_chain, usages, weak, other_signatures, files, file_names,
		threads,
	};

	return suite_main("trust", tests, COUNT(tests));
}
