/* SPDX-License-Identifier: ISC */
/*
 * Signatures in all modes: X.509 and plain RSA keys, ECDSA; whose certificate
 * is believed, for what identity; and what forged signatures do.
 */
#include <stdio.h>

#include "auth_world.h"
#include "ike/exchange.h"
#include "ike/phase1.h"
#include "pair.h"
#include "suite.h"
#include "wire/msg.h"
#include "wire/payload.h"

/* Both with certificates of KIND; does it come up? */
static void
try(const char *a, const char *b, const char *kind, bool works,
    const char *said)
{
	struct world w;

	world_new(&w, a, b);
	equip(&w, &w.pair->a, kind, &san_a);
	equip(&w, &w.pair->b, kind, &san_b);
	begin(w.pair);
	run(w.pair);
	ck_assert_uint_eq(counts_of(&w.pair->a).children, works);
	ck_assert_uint_eq(counts_of(&w.pair->b).children, works);
	if (said != NULL)
		ck_assert_msg(pair_said(w.pair, said), "not said: %s", said);
	world_free(&w);
}

START_TEST(rsa)
{
	try(RSA("main", ""), RSA("main", ""), "RSA:1024", true, NULL);
	try(RSA("aggressive", ""), RSA("aggressive", ""), "RSA:1024", true,
	    NULL);
	try(RSA("base", ""), RSA("base", ""), "RSA:1024", true, NULL);
}
END_TEST

/* RFC 4754: the curve brings its own hash. */
START_TEST(ecdsa)
{
	try(CONF("main", "ecdsa256", ""), CONF("main", "ecdsa256", ""),
	    "P-256", true, NULL);
	try(CONF("aggressive", "ecdsa384", ""),
	    CONF("aggressive", "ecdsa384", ""), "P-384", true, NULL);
	try(CONF("base", "ecdsa521", ""), CONF("base", "ecdsa521", ""),
	    "P-521", true, NULL);
}
END_TEST

START_TEST(wrong_kind_of_key)
{
	try(CONF("main", "ecdsa256", ""), CONF("main", "ecdsa256", ""),
	    "RSA:1024", false, "is of another kind than its "
	    "authentication_method asks for");
}
END_TEST

START_TEST(no_key)
{
	struct world w;

	world_new(&w, RSA("main", ""), RSA("main", ""));
	equip(&w, &w.pair->b, "RSA:1024", &san_b);
	begin(w.pair);
	run(w.pair);
	ck_assert_uint_eq(counts_of(&w.pair->a).sas, 0);
	ck_assert(pair_said(w.pair, "nothing to sign with: \"remote "
	    "anonymous\" has no certificate_type"));
	world_free(&w);
}
END_TEST

/* The subject as identity, compared with what is expected. */
START_TEST(subject)
{
	static const char *const modes[] = { "main", "aggressive", "base" };
	char a[1500], b[1500];

	for (int i = 0; i < 3; i++) {
		struct id_payload id;
		struct world w;

		snprintf(a, sizeof(a), RSA("%s", "certificate_type x509 "
		    "\"a.pem\" \"a.key\"; my_identifier asn1dn;"), modes[i]);
		snprintf(b, sizeof(b), RSA("%s", "certificate_type x509 "
		    "\"a.pem\" \"a.key\"; my_identifier asn1dn; "
		    "verify_identifier on; "
		    "peers_identifier asn1dn \"C=XX, O=Test, CN=*\";"),
		    modes[i]);
		world_new(&w, a, b);
		equip(&w, &w.pair->a, "RSA:1024", &san_a);
		equip(&w, &w.pair->b, "RSA:1024", &san_b);
		begin(w.pair);
		run(w.pair);
		ck_assert_uint_eq(counts_of(&w.pair->a).children, 1);
		ck_assert_uint_eq(counts_of(&w.pair->b).children, 1);
		ck_assert_int_eq(id_get(buf_view(
		    &node_sa(&w.pair->b)->peer_id), &id), OK);
		ck_assert_int_eq(id.type, ID_DER_ASN1_DN);
		world_free(&w);
	}
}
END_TEST

/* Certificates of an authority that B does not trust, expired ones, ones for
 * somebody else: no, in every mode. */
static void
refused(const char *mode, const struct pki_cert *say, bool stranger,
    const char *said)
{
	struct world w, other;
	char conf[1500];
	size_t before;

	snprintf(conf, sizeof(conf), RSA("%s", ""), mode);
	world_new(&w, conf, conf);
	equip(&w, &w.pair->a, "RSA:1024", say);
	equip(&w, &w.pair->b, "RSA:1024", &san_b);
	if (stranger) {
		other.pair = w.pair;
		other.ca_key = pki_key("RSA:1024");
		other.ca = pki_ca("other", other.ca_key);
		trust_unref(w.pair->b.creds.trust);
		w.pair->b.creds.trust = trust_in(&other, other.ca);
		X509_free(other.ca);
		EVP_PKEY_free(other.ca_key);
	}
	begin(w.pair);
	run(w.pair);
	ck_assert_uint_eq(counts_of(&w.pair->b).ready, 0);
	ck_assert_uint_eq(counts_of(&w.pair->b).children, 0);
	ck_assert_msg(pair_said(w.pair, said), "not said: %s", said);
	/* and for no more answers than there are questions */
	before = w.pair->nsent;
	pair_tick(w.pair, 100000);
	ck_assert_uint_eq(datagrams_from(w.pair, &w.pair->b, before), 0);
	ck_assert_uint_eq(counts_of(&w.pair->b).sas, 0);
	world_free(&w);
}

START_TEST(not_trusted)
{
	static const struct pki_cert expired = { .cn = "a",
	    .san = "IP:192.0.2.1", .to = PKI_NOW - 1000 };
	static const struct pki_cert elsewhere = { .cn = "a",
	    .san = "IP:192.0.2.9" };
	static const char *const modes[] = { "main", "aggressive", "base" };

	for (int i = 0; i < 3; i++) {
		refused(modes[i], &san_a, true, "the peer's certificate is "
		    "not verified: ");
		refused(modes[i], &expired, false, "the peer's certificate "
		    "is not verified: ");
		refused(modes[i], &elsewhere, false, "the peer says it is "
		    "192.0.2.1, which its certificate does not say");
	}
}
END_TEST

/*
 * Two blocks, of which one trusts another authority and insists on an
 * identity: who claims that identity has to satisfy that authority.
 */
START_TEST(block_of_another_authority)
{
	static const char blocks[] =
	    "remote \"lax\" { nat_traversal off; exchange_mode main;\n"
	    "	proposal { encryption_algorithm aes; hash_algorithm sha256;\n"
	    "	authentication_method rsasig; dh_group modp768; } }\n"
	    "remote \"strict\" { nat_traversal off; exchange_mode main;\n"
	    "	verify_identifier on; peers_identifier address "
	    "\"192.0.2.1\";\n"
	    "	proposal { encryption_algorithm aes; hash_algorithm sha256;\n"
	    "	authentication_method rsasig; dh_group modp768; } }\n"
	    "sainfo anonymous {\n"
	    "	lifetime time 30 min; encryption_algorithm aes;\n"
	    "	authentication_algorithm hmac_sha256;\n"
	    "	compression_algorithm deflate;\n"
	    "}\n";

	for (unsigned trusted = 0; trusted < 2; trusted++) {
		struct world w, other;
		struct node *b;

		world_new(&w, RSA("main", ""), blocks);
		b = &w.pair->b;
		equip(&w, &w.pair->a, "RSA:1024", &san_a);
		equip(&w, b, "RSA:1024", &san_b);
		other.pair = w.pair;
		other.ca_key = pki_key("RSA:1024");
		other.ca = pki_ca("other", other.ca_key);
		b->other = "strict";
		b->other_creds = b->creds;
		b->other_creds.trust = trust_in(&other, trusted ? w.ca :
		    other.ca);
		begin(w.pair);
		run(w.pair);
		ck_assert_uint_eq(counts_of(b).ready, trusted);
		if (trusted)
			ck_assert_str_eq(node_sa(b)->remote_conf->name,
			    "strict");
		else
			ck_assert(pair_said(w.pair, "the peer's certificate "
			    "is not verified"));
		ike_free(b->ike);
		b->ike = NULL;
		trust_unref(b->other_creds.trust);
		X509_free(other.ca);
		EVP_PKEY_free(other.ca_key);
		world_free(&w);
	}
}
END_TEST

/* A subject that is not the certificate's: with verify_identifier a reason to
 * refuse, without it the peer is whom the certificate names. */
START_TEST(subject_of_another)
{
	static const char a[] = RSA("main", "my_identifier asn1dn "
	    "\"CN=admin\";");

	for (unsigned strict = 0; strict < 2; strict++) {
		struct id_payload id;
		struct world w;

		world_new(&w, a, strict ? RSA("main", "verify_identifier on; "
		    "peers_identifier asn1dn \"CN=admin\";") :
		    RSA("main", ""));
		equip(&w, &w.pair->a, "RSA:1024", &san_a);
		equip(&w, &w.pair->b, "RSA:1024", &san_b);
		begin(w.pair);
		run(w.pair);
		ck_assert(pair_said(w.pair, "the peer says it is CN=admin, "
		    "which its certificate does not say"));
		ck_assert_uint_eq(counts_of(&w.pair->b).ready, !strict);
		if (!strict) {
			ck_assert_int_eq(id_get(buf_view(
			    &node_sa(&w.pair->b)->peer_id), &id), OK);
			ck_assert(view_equal(id.data,
			    cert_subject(w.pair->a.creds.cert)));
		}
		world_free(&w);
	}
}
END_TEST

START_TEST(not_sent)
{
	struct world w;

	world_new(&w, RSA("main", "send_cert off;"), RSA("main", ""));
	equip(&w, &w.pair->a, "RSA:1024", &san_a);
	equip(&w, &w.pair->b, "RSA:1024", &san_b);
	begin(w.pair);
	run(w.pair);
	ck_assert_uint_eq(counts_of(&w.pair->b).ready, 0);
	ck_assert(pair_said(w.pair, "there is no certificate for the peer, "
	    "which says it is 192.0.2.1: it sent none"));
	world_free(&w);
}
END_TEST

/* The certificate is in a file: none need be sent, no authority trusted. */
START_TEST(peers_certfile)
{
	struct world w;
	const struct cert *peer;

	world_new(&w, RSA("main", "send_cert off;"), RSA("main", ""));
	equip(&w, &w.pair->a, "RSA:1024", &san_a);
	equip(&w, &w.pair->b, "RSA:1024", &san_b);
	peer = w.pair->a.creds.cert;
	w.pair->b.creds.peers = &peer;
	w.pair->b.creds.npeers = 1;
	begin(w.pair);
	run(w.pair);
	ck_assert_uint_eq(counts_of(&w.pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&w.pair->b).children, 1);
	world_free(&w);
}
END_TEST

START_TEST(verify_cert_off)
{
	try(RSA("main", ""), RSA("main", "verify_cert off;"), "RSA:1024",
	    true, "the peer's certificate was not verified: \"remote "
	    "anonymous\" says verify_cert off");
}
END_TEST

/* Somebody with a good certificate of his own, who sends that of another. */
START_TEST(stolen_certificate)
{
	static const char *const modes[] = { "main", "aggressive", "base" };
	char conf[1500];

	for (int i = 0; i < 3; i++) {
		struct world w;
		const struct cert *cert;
		EVP_PKEY *other;

		snprintf(conf, sizeof(conf), RSA("%s", ""), modes[i]);
		world_new(&w, conf, conf);
		equip(&w, &w.pair->a, "RSA:1024", &san_a);
		equip(&w, &w.pair->b, "RSA:1024", &san_b);
		other = pki_key("RSA:1024");
		cert = cert_of(&w, &san_a, other);
		EVP_PKEY_free(other);
		cert_unref(w.pair->a.creds.cert);
		w.pair->a.creds.cert = cert;
		begin(w.pair);
		run(w.pair);
		ck_assert_uint_eq(counts_of(&w.pair->b).ready, 0);
		ck_assert(pair_said(w.pair, "the signature of the peer, "
		    "which says it is 192.0.2.1, does not match its "
		    "certificate"));
		world_free(&w);
	}
}
END_TEST

/*
 * Plain RSA keys
 */

static void
plain_rsa(const char *mode, bool right)
{
	struct plainrsa *own[2], *peers[2];
	EVP_PKEY *pkey[2] = { pki_key("RSA:1024"), pki_key("RSA:1024") };
	char conf[1500];
	struct world w;

	snprintf(conf, sizeof(conf), RSA("%s", "send_cert off; send_cr off; "
	    "verify_cert off;"), mode);
	world_new(&w, conf, conf);
	for (int i = 0; i < 2; i++) {
		struct node *node = i == 0 ? &w.pair->a : &w.pair->b;

		own[i] = plain(&w, pkey[i], true);
		peers[i] = plain(&w, pkey[right ? 1 - i : i], false);
		node->creds.own_keys = own[i];
		node->creds.peers_keys = peers[i];
	}
	begin(w.pair);
	run(w.pair);
	ck_assert_uint_eq(counts_of(&w.pair->a).children, right);
	ck_assert_uint_eq(counts_of(&w.pair->b).children, right);
	if (!right)
		ck_assert(pair_said(w.pair, "does not match any key of "
		    "peers_certfile"));
	for (int i = 0; i < 2; i++) {
		plainrsa_unref(own[i]);
		plainrsa_unref(peers[i]);
		EVP_PKEY_free(pkey[i]);
	}
	world_free(&w);
}

START_TEST(plain_keys)
{
	plain_rsa("main", true);
	plain_rsa("aggressive", true);
	plain_rsa("base", true);
	plain_rsa("main", false);
	plain_rsa("aggressive", false);
}
END_TEST

/*
 * Forgeries
 */

/* Is this datagram one of FROM with its signature? */
static bool
is_proof(const struct datagram *d, const struct node *from, size_t *at)
{
	struct msg_header h;
	struct msg msg;

	if (!addr_equal(&d->from, &from->addr) ||
	    msg_header_get(buf_view(&d->bytes), &h) != OK || h.msgid != 0)
		return false;
	*at = d->bytes.n - 40;		/* within the signature */
	if (h.flags & ISAKMP_FLAG_ENCRYPTED)
		return true;
	if (msg_parse(&msg, &h, buf_from(&d->bytes, ISAKMP_HEADER_LEN),
	    false) != OK || msg_find(&msg, ISAKMP_SIG) == NULL)
		return false;
	*at = (size_t)(msg_find(&msg, ISAKMP_SIG)->body.p - d->bytes.p) + 20;
	return true;
}

/* Goes on until FROM has sent its signature, which is not delivered. */
static const struct datagram *
until_proof(struct pair *pair, const struct node *from, size_t *at)
{
	for (unsigned int steps = 0; steps < 100; steps++) {
		node_work(&pair->a);
		node_work(&pair->b);
		for (size_t i = pair->next; i < pair->nsent; i++)
			if (is_proof(&pair->sent[i], from, at))
				return &pair->sent[i];
		if (!pair_deliver(pair))
			pair_tick(pair, 1000);
	}
	ck_abort_msg("no signature was sent");
	return NULL;
}

/* One byte of a signature changed: refused, and the right one is taken. */
static void
forged(const char *mode, bool by_initiator)
{
	const struct datagram *d;
	struct node *from, *to;
	struct buf copy;
	struct world w;
	char conf[1500];
	size_t at = 0;

	snprintf(conf, sizeof(conf), RSA("%s", ""), mode);
	world_new(&w, conf, conf);
	from = by_initiator ? &w.pair->a : &w.pair->b;
	to = by_initiator ? &w.pair->b : &w.pair->a;
	equip(&w, &w.pair->a, "RSA:1024", &san_a);
	equip(&w, &w.pair->b, "RSA:1024", &san_b);
	begin(w.pair);
	d = until_proof(w.pair, from, &at);
	buf_init(&copy, LIMIT_DATAGRAM);
	buf_set(&copy, buf_view(&d->bytes));
	buf_patch8(&copy, at, copy.p[at] ^ 1);
	pair_inject(w.pair, to, &from->addr, buf_view(&copy));
	node_work(to);
	ck_assert(pair_said(w.pair, "does not match its certificate"));
	buf_fini(&copy);
	run(w.pair);
	ck_assert_uint_eq(counts_of(&w.pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&w.pair->b).children, 1);
	world_free(&w);
}

START_TEST(forged_signature)
{
	forged("main", true);
	forged("main", false);
	forged("aggressive", false);
	forged("aggressive", true);
	forged("base", true);
	forged("base", false);
}
END_TEST

/* Many of them: there is an end to the computing. */
START_TEST(many_forged)
{
	struct buf copy;
	struct world w;

	world_new(&w, RSA("base", ""), RSA("base", ""));
	equip(&w, &w.pair->a, "RSA:1024", &san_a);
	equip(&w, &w.pair->b, "RSA:1024", &san_b);
	begin(w.pair);
	pair_run_some(w.pair, 2);
	buf_init(&copy, LIMIT_DATAGRAM);
	buf_set(&copy, buf_view(&w.pair->sent[2].bytes));
	for (uint32_t i = 1; i < 100; i++) {
		buf_patch32(&copy, copy.n - 60, i);
		pair_inject(w.pair, &w.pair->b, &w.pair->a.addr,
		    buf_view(&copy));
		node_work(&w.pair->b);
	}
	buf_fini(&copy);
	ck_assert_uint_eq(counts_of(&w.pair->b).sas, 0);
	ck_assert_uint_eq(w.pair->b.njobs, LIMIT_FORGED + 1);
	world_free(&w);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		rsa, ecdsa, wrong_kind_of_key, no_key, subject, not_trusted,
		block_of_another_authority, subject_of_another,
		not_sent, peers_certfile, verify_cert_off, stolen_certificate,
		plain_keys, forged_signature, many_forged,
	};

	return suite_main("auth", tests, sizeof(tests) / sizeof(tests[0]));
}
