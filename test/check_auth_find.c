/* SPDX-License-Identifier: ISC */
/*
 * Whose certificate it is: remote blocks that a request for a certificate
 * chooses, and certificates in the DNS.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "auth_world.h"
#include "ike/p1_part.h"
#include "ike/sa.h"
#include "suite.h"
#include "wire/msg.h"
#include "wire/payload.h"

#define EC(mode, more)	CONF(mode, "ecdsa256", more)
#define BLOCK(name, mode, more)						\
	"remote \"" name "\" {\n"					\
	"	nat_traversal off; exchange_mode " mode "; " more "\n"	\
	"	proposal { encryption_algorithm aes; hash_algorithm "	\
	"		sha256; authentication_method rsasig; dh_group "	\
	"		modp768; }\n"					\
	"}\n"

/* Of two blocks the second has a certificate of A's authority. */
static void
two_blocks(struct world *w, struct world *other, const char *a, const char *b)
{
	struct node *n;

	world_new(w, a, b);
	n = &w->pair->b;
	equip(w, &w->pair->a, "RSA:1024", &san_a);
	equip(w, n, "RSA:1024", &san_b);
	other->pair = w->pair;
	other->ca_key = pki_key("RSA:1024");
	other->ca = pki_ca("other", other->ca_key);
	n->other = "wanted";
	n->other_creds = n->creds;
	equip(other, n, "RSA:1024", &san_b);
	trust_unref(n->creds.trust);
	n->creds.trust = trust_ref(n->other_creds.trust);
}

/* A key and its certificate, as equip() does, but of a block. */
static void
two_blocks_equip(struct world *w, struct ike_creds *to)
{
	EVP_PKEY *key = pki_key("RSA:1024");

	to->key = key_of(w, key);
	to->cert = cert_of(w, &san_b, key);
	EVP_PKEY_free(key);
}

static void
two_blocks_end(struct world *w, struct world *other)
{
	struct node *n = &w->pair->b;
	struct ike_creds creds = n->other_creds;

	ike_free(w->pair->a.ike);
	ike_free(n->ike);
	w->pair->a.ike = n->ike = NULL;
	key_unref(creds.key);
	cert_unref(creds.cert);
	trust_unref(creds.trust);
	X509_free(other->ca);
	EVP_PKEY_free(other->ca_key);
	world_free(w);
}

/* The block is the one whose certificate the peer asks for, in each mode. */
START_TEST(block_of_a_request)
{
	static const struct {
		const char *a, *b;
		bool comes_up;
	} cases[] = {
#define CASE(mode, asks, up)						\
	{ RSA(mode, "send_cr " asks ";"),				\
	    BLOCK("first", mode, "") BLOCK("wanted", mode, ""), up }
		CASE("main", "on", true), CASE("main", "off", false),
		CASE("aggressive", "on", true), CASE("base", "on", true),
		CASE("aggressive", "off", false), CASE("base", "off", false),
#undef CASE
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w, other;
		struct node *b;

		two_blocks(&w, &other, cases[i].a, cases[i].b);
		b = &w.pair->b;
		begin(w.pair);
		run(w.pair);
		ck_assert_uint_eq(counts_of(&w.pair->a).ready,
		    cases[i].comes_up);
		if (cases[i].comes_up)
			ck_assert_str_eq(node_sa(b)->remote_conf->name,
			    "wanted");
		two_blocks_end(&w, &other);
	}
}
END_TEST

/* Who knows the certificate already asks for any: match_empty_cr. */
START_TEST(block_of_an_empty_request)
{
	for (unsigned on = 0; on < 2; on++) {
		struct world w, other;
		struct node *a;
		const struct cert *peer;

		two_blocks(&w, &other, RSA("main", ""), on ?
		    BLOCK("first", "main", "")
		    BLOCK("wanted", "main", "match_empty_cr on;") :
		    BLOCK("first", "main", "") BLOCK("wanted", "main", ""));
		a = &w.pair->a;
		trust_unref(a->creds.trust);
		a->creds.trust = NULL;
		peer = w.pair->b.other_creds.cert;
		a->creds.peers = &peer;
		a->creds.npeers = 1;
		begin(w.pair);
		run(w.pair);
		ck_assert_uint_eq(counts_of(a).ready, on);
		two_blocks_end(&w, &other);
	}
}
END_TEST

/* What of N requests for names of LEN bytes, SAME or different, is kept. */
static unsigned int
kept_of(struct sa *sa, unsigned int n, size_t len, bool same)
{
	static uint8_t body[MSG_PAYLOADS_MAX][1 + 1200];
	struct phase1 p1 = { .nrequests = 0 };
	struct exchange x = { .sa = sa, .p1 = &p1 };
	struct msg m = { .n = n, .mask = MSG_BIT(ISAKMP_CR) };

	buf_init(&p1.requests, LIMIT_REQUEST_BYTES);
	for (unsigned int i = 0; i < n; i++) {
		memset(body[i], same ? 1 : (int)i + 1, sizeof(body[i]));
		body[i][0] = CERT_X509;
		m.p[i].type = ISAKMP_CR;
		m.p[i].body = view_of(body[i], 1 + len);
	}
	p1_take_requests(&x, &m);
	ck_assert(buf_ok(&p1.requests));
	ck_assert_uint_eq(p1.requests.n, p1.nrequests * (2 + len));
	buf_fini(&p1.requests);
	return p1.nrequests;
}

/* A peer may ask for so many, and the rest does no harm. */
START_TEST(too_many_requests)
{
	struct world w;
	struct sa *sa;

	world_new(&w, RSA("main", ""), RSA("main", ""));
	equip(&w, &w.pair->a, "RSA:1024", &san_a);
	equip(&w, &w.pair->b, "RSA:1024", &san_b);
	begin(w.pair);
	run(w.pair);
	sa = node_sa(&w.pair->b);
	ck_assert_uint_eq(kept_of(sa, LIMIT_REQUESTS, 3, false),
	    LIMIT_REQUESTS);
	ck_assert_uint_eq(kept_of(sa, MSG_PAYLOADS_MAX, 3, false),
	    LIMIT_REQUESTS);
	ck_assert_uint_eq(kept_of(sa, MSG_PAYLOADS_MAX, 3, true), 1);
	ck_assert_uint_eq(kept_of(sa, 5, 1000, false),
	    LIMIT_REQUEST_BYTES / 1002);
	world_free(&w);
}
END_TEST

/* A request that no block can fulfil is no reason to refuse: what it names may
 * be far above the authority that signed. */
START_TEST(request_of_another)
{
	struct world w, other;
	const char *why;
	struct buf pem;

	two_blocks(&w, &other, RSA("main", ""), BLOCK("first", "main", ""));
	X509_free(other.ca);
	other.ca = pki_ca("third", other.ca_key);
	trust_unref(w.pair->a.creds.trust);
	w.pair->a.creds.trust = trust_in(&other, other.ca);
	X509_free(other.ca);
	other.ca = pki_ca("other", other.ca_key);
	buf_init(&pem, 65536);
	pki_put_cert(&pem, other.ca, true);
	ck_assert_int_eq(trust_add_ca((struct trust *)(uintptr_t)
	    w.pair->a.creds.trust, buf_view(&pem), &why), OK);
	buf_fini(&pem);
	begin(w.pair);
	run(w.pair);
	ck_assert_uint_eq(counts_of(&w.pair->a).ready, 1);
	ck_assert(pair_said(w.pair, "is none of the 1 that the peer asks "
	    "for"));
	two_blocks_end(&w, &other);
}
END_TEST

/*
 * Authorities between ours and one that the peer trusts
 */

/* Signed by the authority, with room for BYTES in its names. */
static const struct cert *
authority(struct world *w, const char *cn, EVP_PKEY *key, size_t bytes)
{
	struct pki_cert say = { .cn = cn, .constraints = "critical,CA:TRUE",
	    .usage = "critical,keyCertSign" };
	char name[4000] = "DNS:";

	if (bytes > 0) {
		memset(name + 4, 'a', bytes);
		say.san = name;
	}
	return cert_of(w, &say, key);
}

/* A's certificate is of SUB, which the authority signed; B trusts that. */
static void
certify_below(struct world *w, X509 **sub, EVP_PKEY *key)
{
	static const struct pki_cert say = { .cn = "sub",
	    .constraints = "critical,CA:TRUE" };
	struct world low = *w;
	struct node *a = &w->pair->a;

	*sub = pki_cert(&say, key, w->ca, w->ca_key);
	low.ca = *sub;
	low.ca_key = key;
	equip(&low, a, "P-256", &san_a);
	equip(w, &w->pair->b, "P-256", &san_b);
	trust_unref(a->creds.trust);
	a->creds.trust = trust_in(w, w->ca);
}

static void
begin_from_b(struct pair *pair)
{
	struct ipsec_selector sel = pair_selector(&pair->b);

	pair_transport(pair);
	node_acquire(&pair->b, &sel, 1);
}

/* Sent with it, whoever begins; without them nothing comes up. */
START_TEST(authorities_sent)
{
	static const char *const modes[][2] = {
		{ EC("main", ""), EC("main", "send_cert off;") },
		{ EC("aggressive", ""), EC("aggressive", "send_cert off;") },
		{ EC("base", ""), EC("base", "send_cert off;") },
	};

	for (unsigned i = 0; i < 12; i++) {
		bool sent = i % 2, a_begins = i % 4 / 2;
		EVP_PKEY *key = pki_key("P-256");
		const struct cert *above, *of_b;
		struct world w;
		X509 *sub;

		world_new(&w, modes[i / 4][0], modes[i / 4][1]);
		certify_below(&w, &sub, key);
		above = authority(&w, "sub", key, 0);
		w.pair->a.creds.above = &above;
		w.pair->a.creds.nabove = sent;
		of_b = w.pair->b.creds.cert;
		w.pair->a.creds.peers = &of_b;
		w.pair->a.creds.npeers = 1;
		if (a_begins)
			begin(w.pair);
		else
			begin_from_b(w.pair);
		run(w.pair);
		ck_assert_uint_eq(counts_of(&w.pair->b).children, sent);
		ck_assert_uint_eq(pair_said(w.pair, "its issuer \"C=XX, "
		    "O=Test, CN=sub\" is not among the trusted"), !sent);
		if (!sent)
			cert_unref(above);
		X509_free(sub);
		EVP_PKEY_free(key);
		world_free(&w);
	}
}
END_TEST

/* As many and as long as can be sent, of which the last one is needed. */
START_TEST(most_authorities_sent)
{
	static const char *const modes[] = { EC("main", ""),
	    EC("aggressive", ""), EC("base", "") };
	const struct cert *above[LIMIT_CERTS - 1];

	for (unsigned i = 0; i < 3; i++) {
		EVP_PKEY *key = pki_key("P-256");
		struct world w;
		size_t n, room;
		X509 *sub;

		world_new(&w, modes[i], modes[i]);
		certify_below(&w, &sub, key);
		above[LIMIT_CERTS - 2] = authority(&w, "sub", key, 0);
		n = cert_der(w.pair->a.creds.cert).n +
		    cert_der(above[LIMIT_CERTS - 2]).n;
		room = (LIMIT_CERT_BYTES - n) / (LIMIT_CERTS - 2) - 500;
		for (unsigned j = 0; j < LIMIT_CERTS - 2; j++) {
			above[j] = authority(&w, "other", key, room);
			n += cert_der(above[j]).n;
		}
		ck_assert_uint_le(n, LIMIT_CERT_BYTES);
		ck_assert_uint_ge(n, LIMIT_CERT_BYTES - 1000);
		w.pair->a.creds.above = above;
		w.pair->a.creds.nabove = LIMIT_CERTS - 1;
		begin(w.pair);
		run(w.pair);
		ck_assert_uint_eq(counts_of(&w.pair->b).children, 1);
		X509_free(sub);
		EVP_PKEY_free(key);
		world_free(&w);
	}
}
END_TEST

/* Message NTH with this body in place of its certificates. */
static void
with_certs(const struct pair *pair, size_t nth, struct view body,
    struct buf *to)
{
	const struct buf *from = &pair->sent[nth].bytes;
	struct msg_header h;
	struct msg_out out;
	struct msg msg;

	ck_assert_int_eq(msg_header_get(buf_view(from), &h), OK);
	ck_assert_int_eq(msg_parse(&msg, &h, buf_from(from,
	    ISAKMP_HEADER_LEN), false), OK);
	ck_assert_ptr_nonnull(msg_find(&msg, ISAKMP_CERT));
	buf_init(to, LIMIT_MESSAGE);
	msg_begin(&out, to, &h);
	for (unsigned i = 0; i < msg.n; i++)
		msg_put(&out, msg.p[i].type, msg.p[i].type == ISAKMP_CERT ?
		    body : msg.p[i].body);
	ck_assert(msg_end(&out));
}

/* A PKCS #7 as a payload: the authority SUB, if HAS_SUB, and the leaf. */
static void
put_bundle(struct buf *out, X509 *sub, const struct cert *leaf, bool has_sub)
{
	struct view der = cert_der(leaf);
	X509 *x[2] = { sub, d2i_X509(NULL, &der.p, (long)der.n) };

	buf_init(out, LIMIT_MESSAGE);
	buf_u8(out, CERT_PKCS7);
	pki_put_pkcs7(out, has_sub ? x : x + 1, has_sub ? 2 : 1);
	X509_free(x[1]);
}

/* Of what is in a PKCS #7 the one that fits is the peer's, and the others may
 * lead to an authority; what cannot be read is as if it were not there. */
START_TEST(certificates_in_pkcs7)
{
	enum { WHOLE, LEAF, DAMAGED, OTHER_KIND, CASES };

	for (int i = 0; i < CASES; i++) {
		EVP_PKEY *key = pki_key("P-256");
		struct buf bundle, message;
		struct world w;
		X509 *sub;

		world_new(&w, EC("base", ""), EC("base", ""));
		certify_below(&w, &sub, key);
		begin(w.pair);
		pair_run_some(w.pair, 2);
		put_bundle(&bundle, sub, w.pair->a.creds.cert, i != LEAF);
		if (i == DAMAGED)
			bundle.n--;
		if (i == OTHER_KIND)
			buf_patch8(&bundle, 0, 2);	/* PGP */
		with_certs(w.pair, 2, buf_view(&bundle), &message);
		w.pair->next++;
		pair_inject(w.pair, &w.pair->b, &w.pair->a.addr,
		    buf_view(&message));
		node_work(&w.pair->b);
		pair_run(w.pair);
		ck_assert_uint_eq(counts_of(&w.pair->b).ready, i == WHOLE);
		ck_assert_uint_eq(pair_said(w.pair, "CN=sub\" is not among "
		    "the trusted"), i == LEAF);
		ck_assert_uint_eq(pair_said(w.pair, "it sent none"),
		    i == DAMAGED || i == OTHER_KIND);
		buf_fini(&bundle);
		buf_fini(&message);
		X509_free(sub);
		EVP_PKEY_free(key);
		world_free(&w);
	}
}
END_TEST

/*
 * Identities
 */

/* What the certificate has to say for each kind of identity. */
START_TEST(identities)
{
	static const struct {
		const char *line, *san, *said;	/* NULL: it is believed */
	} cases[] = {
		{ "my_identifier fqdn \"gw.example\";",
		    "DNS:other.example,DNS:gw.example", NULL },
		{ "my_identifier fqdn \"gw.example\";", "DNS:gw.example.com",
		    "the peer says it is gw.example, which its certificate" },
		{ "my_identifier fqdn \"gw.example\";",
		    "email:gw.example@x", "which its certificate does not" },
		{ "my_identifier user_fqdn \"jo@example\";",
		    "email:jo@example", NULL },
		{ "my_identifier user_fqdn \"jo@example\";",
		    "DNS:jo.example", "jo@example, which its certificate" },
		{ "my_identifier address;", "IP:192.0.2.9,IP:192.0.2.1",
		    NULL },
		{ "my_identifier address;", NULL,
		    "192.0.2.1, which its certificate does not say" },
		{ "my_identifier keyid tag \"gw\";", "DNS:gw",
		    "which its certificate does not say" },
	};
	char a[1500];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pki_cert say = { .cn = "a", .san = cases[i].san };
		bool good = cases[i].said == NULL;
		struct world w;

		snprintf(a, sizeof(a), EC("main", "%s"), cases[i].line);
		world_new(&w, a, EC("main", ""));
		equip(&w, &w.pair->a, "P-256", &say);
		equip(&w, &w.pair->b, "P-256", &san_b);
		begin(w.pair);
		run(w.pair);
		ck_assert_msg(counts_of(&w.pair->b).ready == good, "case %zu",
		    i);
		ck_assert(pair_said(w.pair, good ? "there is no revocation "
		    "list of \"C=XX, O=Test, CN=ca\"" : cases[i].said));
		world_free(&w);
	}
}
END_TEST

/* A block is chosen by a request for one above our own authority, too. */
START_TEST(authority_above_requested)
{
	for (unsigned sent = 0; sent < 2; sent++) {
		EVP_PKEY *key = pki_key("RSA:1024");
		struct world w, other, low;
		const struct cert *above;
		static const struct pki_cert say = { .cn = "sub",
		    .constraints = "critical,CA:TRUE" };
		struct ike_creds *c;

		two_blocks(&w, &other, RSA("main", ""),
		    BLOCK("first", "main", "") BLOCK("wanted", "main", ""));
		c = &w.pair->b.other_creds;
		key_unref(c->key);
		cert_unref(c->cert);
		trust_unref(c->trust);
		low = w;
		low.ca_key = key;
		low.ca = pki_cert(&say, key, w.ca, w.ca_key);
		two_blocks_equip(&low, c);
		c->trust = trust_in(&w, w.ca);
		above = authority(&w, "sub", key, 0);
		c->above = &above;
		c->nabove = sent;
		begin(w.pair);
		run(w.pair);
		ck_assert_uint_eq(counts_of(&w.pair->a).ready, sent);
		X509_free(low.ca);
		EVP_PKEY_free(key);
		cert_unref(above);
		two_blocks_end(&w, &other);
	}
}
END_TEST

/* What a test finds in the DNS: one certificate under one name. */
static const struct cert *dns_cert;
static const char *dns_wanted;
static unsigned dns_asked;

static enum err
find(const struct crypto *crypto, const char *name, struct cert **out,
    unsigned *n, char why[IKE_WHY])
{
	(void)crypto;
	dns_asked++;
	*n = 0;
	snprintf(why, IKE_WHY, "nothing there");
	if (strcmp(name, dns_wanted) != 0)
		return E_CERT;
	out[(*n)++] = cert_ref(dns_cert);
	return OK;
}

static void
dns_of(struct world *w, const char *name)
{
	dns_cert = w->pair->a.creds.cert;
	dns_wanted = name;
	dns_asked = 0;
	w->pair->b.creds.find = find;
}

/* None need be sent, no authority trusted; in each mode. */
START_TEST(certificate_in_dns)
{
	static const char *const modes[][2] = {
		{ RSA("main", "send_cert off;"), RSA("main", "") },
		{ RSA("aggressive", "send_cert off;"), RSA("aggressive", "") },
		{ RSA("base", "send_cert off;"), RSA("base", "") },
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct world w;

		world_new(&w, modes[i][0], modes[i][1]);
		equip(&w, &w.pair->a, "RSA:1024", &san_a);
		equip(&w, &w.pair->b, "RSA:1024", &san_b);
		trust_unref(w.pair->b.creds.trust);
		w.pair->b.creds.trust = NULL;
		dns_of(&w, "1.2.0.192.in-addr.arpa.");
		begin(w.pair);
		run(w.pair);
		ck_assert_uint_eq(counts_of(&w.pair->a).children, 1);
		ck_assert_uint_eq(counts_of(&w.pair->b).children, 1);
		ck_assert_uint_eq(dns_asked, 1);
		world_free(&w);
	}
}
END_TEST

/* A certificate that was sent is none then: the DNS is what counts. */
START_TEST(no_certificate_in_dns)
{
	struct world w;

	world_new(&w, RSA("main", ""), RSA("main", ""));
	equip(&w, &w.pair->a, "RSA:1024", &san_a);
	equip(&w, &w.pair->b, "RSA:1024", &san_b);
	dns_of(&w, "other.");
	begin(w.pair);
	run(w.pair);
	ck_assert_uint_eq(counts_of(&w.pair->b).ready, 0);
	ck_assert(pair_said(w.pair, "no certificate for the peer, which says "
	    "it is 192.0.2.1, in the DNS under 1.2.0.192.in-addr.arpa.: "
	    "nothing there"));
	world_free(&w);
}
END_TEST

/* What is found there must be the identity's, and the signature its key's. */
START_TEST(wrong_certificate_in_dns)
{
	static const struct pki_cert eve = { .cn = "e", .san = "DNS:e.example" };
	struct world w;

	for (unsigned other_key = 0; other_key < 2; other_key++) {
		world_new(&w, RSA("main", ""), RSA("main", ""));
		equip(&w, &w.pair->a, "RSA:1024", other_key ? &san_a : &eve);
		equip(&w, &w.pair->b, "RSA:1024", &san_b);
		dns_of(&w, "1.2.0.192.in-addr.arpa.");
		if (other_key)
			dns_cert = w.pair->b.creds.cert;
		begin(w.pair);
		run(w.pair);
		ck_assert_uint_eq(counts_of(&w.pair->b).ready, 0);
		ck_assert(pair_said(w.pair, other_key ? "does not match its "
		    "certificate" : "which its certificate does not say"));
		world_free(&w);
	}
}
END_TEST

/* Files are nearer; and who has no name there is not looked for. */
START_TEST(dns_not_asked)
{
	const struct cert *peer;
	struct world w;

	world_new(&w, RSA("main", "send_cert off;"), RSA("main", ""));
	equip(&w, &w.pair->a, "RSA:1024", &san_a);
	equip(&w, &w.pair->b, "RSA:1024", &san_b);
	dns_of(&w, "1.2.0.192.in-addr.arpa.");
	peer = w.pair->a.creds.cert;
	w.pair->b.creds.peers = &peer;
	w.pair->b.creds.npeers = 1;
	begin(w.pair);
	run(w.pair);
	ck_assert_uint_eq(counts_of(&w.pair->b).children, 1);
	ck_assert_uint_eq(dns_asked, 0);
	world_free(&w);
	world_new(&w, RSA("main", "my_identifier asn1dn "
	    "\"CN=a\";"), RSA("main", ""));
	equip(&w, &w.pair->a, "RSA:1024", &san_a);
	equip(&w, &w.pair->b, "RSA:1024", &san_b);
	dns_of(&w, "a.");
	begin(w.pair);
	run(w.pair);
	ck_assert_uint_eq(counts_of(&w.pair->b).ready, 0);
	ck_assert_uint_eq(dns_asked, 0);
	ck_assert(pair_said(w.pair, "the peer, which says it is CN=a, has no "
	    "name in the DNS that its certificate could be under: "
	    "peers_certfile dnssec is for address, fqdn and user_fqdn"));
	world_free(&w);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		block_of_a_request, block_of_an_empty_request,
		request_of_another, too_many_requests, authorities_sent,
		most_authorities_sent, authority_above_requested,
		certificates_in_pkcs7, identities,
		certificate_in_dns, no_certificate_in_dns,
		wrong_certificate_in_dns, dns_not_asked,
	};

	return suite_main("auth_find", tests,
	    sizeof(tests) / sizeof(tests[0]));
}
