/* SPDX-License-Identifier: ISC */
/*
 * Chains of certificates, by the library's verification, with what IKE and
 * this century ask for on top: see suits() and chain_fault().
 */
#include "crypto/trust.h"

#include <openssl/objects.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <stdio.h>

#include "base/mem.h"
#include "crypto/lib.h"
#include "wire/dn.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define SECURITY_BITS	80	/* RSA of 1024 bits */

struct trust {
	atomic_uint	 refs;
	const struct crypto *crypto;
	X509_STORE	*store;
	struct cert	**ca;
	unsigned	 nca;
};

enum trust_file
trust_file(const char *name)
{
	bool crl = false;

	for (unsigned i = 0; i < 8; i++) {
		if ((*name < '0' || *name > '9') && (*name < 'a' ||
		    *name > 'f'))
			return TRUST_NO_FILE;
		name++;
	}
	if (*name++ != '.')
		return TRUST_NO_FILE;
	if (*name == 'r') {
		crl = true;
		name++;
	}
	if (*name == '\0' || name[strspn(name, "0123456789")] != '\0')
		return TRUST_NO_FILE;
	return crl ? TRUST_CRL_FILE : TRUST_CA_FILE;
}

struct trust *
trust_new(const struct crypto *c)
{
	struct trust *t = xcalloc(1, sizeof(*t));

	atomic_init(&t->refs, 1);
	t->crypto = c;
	t->store = X509_STORE_new();
	return t;
}

struct trust *
trust_ref(const struct trust *t)
{
	struct trust *same = (struct trust *)t;

	atomic_fetch_add(&same->refs, 1);
	return same;
}

void
trust_unref(const struct trust *t)
{
	struct trust *same = (struct trust *)t;

	if (same == NULL || atomic_fetch_sub(&same->refs, 1) > 1)
		return;
	X509_STORE_free(same->store);
	for (unsigned i = 0; i < same->nca; i++)
		cert_unref(same->ca[i]);
	free(same->ca);
	free(same);
}

const struct cert *
trust_ca(const struct trust *t, unsigned nth)
{
	return nth < t->nca ? t->ca[nth] : NULL;
}

static bool
known(const struct trust *t, const struct cert *ca)
{
	for (unsigned i = 0; i < t->nca; i++) {
		if (view_equal(cert_der(t->ca[i]), cert_der(ca)))
			return true;
	}
	return false;
}

static enum err
take_ca(void *ctx, struct view der, const char **why)
{
	struct trust *t = ctx;
	struct cert *ca = NULL;

	if (cert_get(t->crypto, der, &ca) != OK || t->store == NULL ||
	    X509_STORE_add_cert(t->store, ca->x) != 1) {
		cert_unref(ca);
		lib_forget();
		*why = "holds a certificate that cannot be read";
		return E_CONFIG;
	}
	if (known(t, ca)) {
		cert_unref(ca);
		return OK;
	}
	t->ca = xreallocarray(t->ca, t->nca + 1, sizeof(struct cert *));
	t->ca[t->nca++] = ca;
	return OK;
}

static enum err
take_crl(void *ctx, struct view der, const char **why)
{
	struct trust *t = ctx;
	const unsigned char *p = der.p;
	X509_CRL *crl = X509_CRL_new_ex(t->crypto->lib, NULL);
	bool good;

	good = crl != NULL && t->store != NULL &&
	    d2i_X509_CRL(&crl, &p, (long)der.n) != NULL &&
	    p == der.p + der.n && X509_STORE_add_crl(t->store, crl) == 1;
	X509_CRL_free(crl);
	lib_forget();
	if (good)
		return OK;
	*why = "holds a revocation list that cannot be read";
	return E_CONFIG;
}

enum err
trust_add_ca(struct trust *t, struct view file, const char **why)
{
	const struct pem pem = {
		.name = "CERTIFICATE",
		.none = "holds no certificate in PEM or DER",
		.take = take_ca,
		.ctx = t,
	};

	return pem_each(file, &pem, why);
}

enum err
trust_add_crl(struct trust *t, struct view file, const char **why)
{
	const struct pem pem = {
		.name = "CRL",
		.none = "holds no revocation list in PEM or DER",
		.take = take_crl,
		.ctx = t,
	};

	return pem_each(file, &pem, why);
}

/* ---- reasons ---- */

static void
name_add(const X509_NAME *name, struct text *out)
{
	const unsigned char *der;
	size_t n;

	text_add(out, "\"");
	if (X509_NAME_get0_der(name, &der, &n) != 1 ||
	    !dn_print(view_of(der, n), out))
		text_add(out, "?");
	text_add(out, "\"");
}

static void
subject_add(X509 *x, unsigned depth, struct text *out)
{
	text_add(out, "certificate ");
	name_add(X509_get_subject_name(x), out);
	text_add(out, " (depth %u): ", depth);
}

static void
date_add(const ASN1_TIME *when, struct text *out)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(when, &tm) == 1)
		text_add(out, "%04d-%02d-%02d %02d:%02d:%02d UTC",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		    tm.tm_min, tm.tm_sec);
	else
		text_add(out, "an unreadable date");
}

/* What to do about the usual ones; the library has words for the others. */
static const struct hint {
	int		 code;
	const char	*words;
} hints[] = {
	{ X509_V_ERR_CERT_REVOKED, "it has been revoked" },
	{ X509_V_ERR_CRL_HAS_EXPIRED, "the revocation list of its issuer has "
	    "expired; fetch a new one" },
	{ X509_V_ERR_CRL_NOT_YET_VALID, "the revocation list of its issuer is "
	    "of the future; is the clock right?" },
	{ X509_V_ERR_CRL_SIGNATURE_FAILURE, "the revocation list of its "
	    "issuer is not signed by that" },
	{ X509_V_ERR_CERT_SIGNATURE_FAILURE, "its signature is wrong" },
	{ X509_V_ERR_INVALID_CA, "it is not one of an authority but has "
	    "issued another one" },
	{ X509_V_ERR_PATH_LENGTH_EXCEEDED, "it may not have so many "
	    "authorities below it" },
	{ X509_V_ERR_CERT_CHAIN_TOO_LONG, "there are more than 8 authorities "
	    "above it" },
};

static void
reason_add(int code, X509 *x, struct text *out)
{
	switch (code) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		text_add(out, "it has expired on ");
		date_add(X509_get0_notAfter(x), out);
		return;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		text_add(out, "it is not valid before ");
		date_add(X509_get0_notBefore(x), out);
		return;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		text_add(out, "its issuer ");
		name_add(X509_get_issuer_name(x), out);
		text_add(out, " is not among the trusted authorities");
		return;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		text_add(out, "it is signed by itself and not among the "
		    "trusted authorities");
		return;
	}
	for (size_t i = 0; i < COUNT(hints); i++) {
		if (hints[i].code == code) {
			text_add(out, "%s", hints[i].words);
			return;
		}
	}
	text_add(out, "%s", X509_verify_cert_error_string(code));
}

/* ---- verifying ---- */

struct state {
	struct trust_result *result;
	struct text	 why;
};

/* A reason in place of whatever was there. */
static void
anew(struct state *s)
{
	text_init(&s->why, s->result->why, TRUST_WHY);
	s->result->no_crl = false;
}

static void
fail(struct state *s, X509 *x, unsigned depth, const char *words)
{
	anew(s);
	s->result->depth = depth;
	subject_add(x, depth, &s->why);
	text_add(&s->why, "%s", words);
}

/*
 * Called by the library for everything it finds wrong; 1: go on.  That there
 * is no revocation list is told once.
 */
static int
on_fault(int good, X509_STORE_CTX *ctx)
{
	struct state *s = X509_STORE_CTX_get_app_data(ctx);
	X509 *x = X509_STORE_CTX_get_current_cert(ctx);
	int code = X509_STORE_CTX_get_error(ctx);

	if (good)
		return 1;
	if (code == X509_V_ERR_UNABLE_TO_GET_CRL) {
		if (!s->result->no_crl && x != NULL) {
			text_add(&s->why, "there is no revocation list of ");
			name_add(X509_get_issuer_name(x), &s->why);
		}
		s->result->no_crl = true;
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	anew(s);
	s->result->depth = (unsigned)X509_STORE_CTX_get_error_depth(ctx);
	if (x != NULL)
		subject_add(x, s->result->depth, &s->why);
	if (x != NULL)
		reason_add(code, x, &s->why);
	else
		text_add(&s->why, "%s", X509_verify_cert_error_string(code));
	return 0;
}

/* May it say that it is for ...?  1.3.6.1.5.5.8.2.2: iKEIntermediate. */
static bool
purpose_suits(const ASN1_OBJECT *purpose)
{
	static const char intermediate[] = "1.3.6.1.5.5.8.2.2";
	char oid[sizeof(intermediate) + 1];

	switch (OBJ_obj2nid(purpose)) {
	case NID_anyExtendedKeyUsage:
	case NID_ipsec_IKE:
	case NID_ipsecEndSystem:
	case NID_ipsecTunnel:
	case NID_ipsecUser:
	case NID_server_auth:
	case NID_client_auth:
		return true;
	}
	return OBJ_obj2txt(oid, sizeof(oid), purpose, 1) ==
	    (int)sizeof(intermediate) - 1 && strcmp(oid, intermediate) == 0;
}

/*
 * RFC 4945 5.1.3.12 wants id-kp-ipsecIKE or anyExtendedKeyUsage when there is
 * any; what is in use names the older purposes of IPsec, or those of TLS.
 */
static bool
purposes_suit(X509 *x)
{
	EXTENDED_KEY_USAGE *all;
	bool good = false;

	if ((X509_get_extension_flags(x) & EXFLAG_XKUSAGE) == 0)
		return true;
	all = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
	for (int i = 0; all != NULL && i < sk_ASN1_OBJECT_num(all); i++) {
		if (purpose_suits(sk_ASN1_OBJECT_value(all, i)))
			good = true;
	}
	EXTENDED_KEY_USAGE_free(all);
	return good;
}

/* Why this is no certificate for signatures of IKE; NULL: it is. */
static const char *
suits(const struct cert *leaf)
{
	/* All bits are set when the extension is absent. */
	uint32_t usage = X509_get_key_usage(leaf->x);

	if (cert_key(leaf) == NULL)
		return "its key is not one for IKE: RSA of at least 1024 "
		    "bits, or ECDSA on P-256, P-384 or P-521";
	/* RFC 4945 5.1.3.2 */
	if ((usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
		return "its key usage does not allow signatures";
	if (!purposes_suit(leaf->x))
		return "its extended key usage is for other things than "
		    "IPsec or TLS";
	return NULL;
}

/* What an authority signed can be forged: RFC 6151. */
static bool
signed_badly(X509 *x)
{
	int digest = NID_undef;

	if (X509_get_signature_info(x, &digest, NULL, NULL, NULL) != 1)
		return false;		/* a scheme with a digest of its own */
	return digest == NID_md5 || digest == NID_md4 || digest == NID_md2 ||
	    digest == NID_mdc2;
}

static const char *
link_fault(X509 *x, bool anchor)
{
	const EVP_PKEY *key = X509_get0_pubkey(x);

	if (key == NULL || EVP_PKEY_get_security_bits(key) < SECURITY_BITS)
		return "its key is so short that it can be broken";
	/* Nobody relies on how a trusted one is signed. */
	if (!anchor && signed_badly(x))
		return "it is signed by way of MD5, which can be forged";
	return NULL;
}

static bool
chain_good(X509_STORE_CTX *ctx, struct state *s)
{
	const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	int n = sk_X509_num(chain);
	const char *fault;

	for (int i = 0; i < n; i++) {
		fault = link_fault(sk_X509_value(chain, i), i == n - 1);
		if (fault == NULL)
			continue;
		fail(s, sk_X509_value(chain, i), (unsigned)i, fault);
		return false;
	}
	return n > 0;
}

static bool
prepare(const struct trust *t, X509_STORE_CTX *ctx, const struct cert *leaf,
    STACK_OF(X509) *others, time_t now)
{
	X509_VERIFY_PARAM *param;

	if (t->store == NULL ||
	    X509_STORE_CTX_init(ctx, t->store, leaf->x, others) != 1)
		return false;
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, now);
	X509_VERIFY_PARAM_set_depth(param, TRUST_DEPTH_MAX);
	return X509_VERIFY_PARAM_set_flags(param,
	    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL) == 1;
}

static enum err
verify(const struct trust *t, const struct cert *leaf, STACK_OF(X509) *others,
    time_t now, struct state *s)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new_ex(t->crypto->lib, NULL);
	enum err r = E_CERT;

	if (ctx == NULL || !prepare(t, ctx, leaf, others, now)) {
		text_add(&s->why, "the crypto library failed");
		X509_STORE_CTX_free(ctx);
		return E_CERT;
	}
	X509_STORE_CTX_set_verify_cb(ctx, on_fault);
	if (X509_STORE_CTX_set_app_data(ctx, s) == 1 &&
	    X509_verify_cert(ctx) == 1 && chain_good(ctx, s))
		r = OK;
	else if (s->result->why[0] == '\0' || s->result->no_crl)
		fail(s, leaf->x, 0, "it could not be verified");
	X509_STORE_CTX_free(ctx);
	return r;
}

enum err
trust_check(const struct trust *t, const struct cert *leaf,
    const struct cert *const *others, unsigned n, time_t now,
    struct trust_result *result)
{
	STACK_OF(X509) *stack = sk_X509_new_null();
	struct state s = { .result = result };
	const char *fault = suits(leaf);
	enum err r = E_CERT;

	*result = (struct trust_result){ .depth = 0 };
	text_init(&s.why, result->why, TRUST_WHY);
	for (unsigned i = 0; stack != NULL && i < n; i++) {
		if (sk_X509_push(stack, others[i]->x) <= 0)
			fault = "the crypto library failed";
	}
	if (fault != NULL)
		fail(&s, leaf->x, 0, fault);
	else
		r = verify(t, leaf, stack, now, &s);
	text_end(&s.why);
	sk_X509_free(stack);
	lib_forget();
	return r;
}
