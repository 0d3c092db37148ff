/* SPDX-License-Identifier: ISC */
/*
 * What went wrong in racoon before, see check_cve.c: phase 1 with signatures.
 * Incomplete messages, answers that amplify, too many certificates and keys.
 */
#include "auth_world.h"
#include "ike/phase1.h"
#include "subset.h"
#include "suite.h"

/*
 * Incomplete messages
 */

#define SA	MSG_BIT(ISAKMP_SA)
#define KE	MSG_BIT(ISAKMP_KE)
#define NONCE	MSG_BIT(ISAKMP_NONCE)
#define ID	MSG_BIT(ISAKMP_ID)
#define SIG	MSG_BIT(ISAKMP_SIG)

static bool
was_sent_before(const struct pair *pair, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (view_equal(buf_view(&pair->sent[k].bytes),
		    buf_view(&pair->sent[i].bytes)))
			return true;
	return false;
}

/* Goes on until the NTH message, repetitions not counted, is on its way. */
static size_t
until_message(struct pair *pair, size_t nth)
{
	for (unsigned int steps = 0; steps < 100; steps++) {
		node_work(&pair->a);
		node_work(&pair->b);
		if (pair->next == pair->nsent)
			pair_tick(pair, 1000);
		else if (!was_sent_before(pair, pair->next) && nth-- == 0)
			return pair->next;
		else
			ck_assert(pair_deliver(pair));
	}
	ck_abort_msg("that message was not sent");
	return 0;
}

/* CVE-2005-3732 with signatures: see check_cve.c. */
START_TEST(incomplete_signed)
{
	static const struct {
		const char *mode;
		unsigned int n;
		uint32_t must[6];
	} row[] = {
		{ RSA("main", ""), 6, { SA, SA, KE | NONCE, KE | NONCE,
		    ID | SIG, ID | SIG } },
		{ RSA("aggressive", ""), 3, { SA | KE | NONCE | ID,
		    SA | KE | NONCE | ID | SIG, SIG } },
		{ RSA("base", ""), 4, { SA | ID | NONCE, SA | ID | NONCE,
		    KE | SIG, KE | SIG } },
	};

	for (size_t m = 0; m < sizeof(row) / sizeof(row[0]); m++)
		for (size_t nth = 0; nth < row[m].n; nth++) {
			struct world w;

			world_new(&w, row[m].mode, row[m].mode);
			equip(&w, &w.pair->a, "RSA:1024", &san_a);
			equip(&w, &w.pair->b, "RSA:1024", &san_b);
			begin(w.pair);
			ck_assert_uint_gt(subsets_refused(w.pair,
			    until_message(w.pair, nth), row[m].must[nth]),
			    0);
			run(w.pair);
			ck_assert_uint_eq(counts_of(&w.pair->a).children, 1);
			ck_assert_uint_eq(counts_of(&w.pair->b).children, 1);
			world_free(&w);
		}
}
END_TEST

/*
 * Amplification: until the initiator is authentic it gets no more than so many
 * times what came in its name, though everything comes twice.
 */
static void
at_most_times(const char *conf, unsigned int times)
{
	struct world w;
	struct node *b;
	size_t in = 0;

	world_new(&w, conf, conf);
	equip(&w, &w.pair->a, "RSA:1024", &san_a);
	equip(&w, &w.pair->b, "RSA:1024", &san_b);
	b = &w.pair->b;
	begin(w.pair);
	for (unsigned int steps = 0; counts_of(b).ready == 0; steps++) {
		const struct datagram *d = &w.pair->sent[w.pair->next];

		ck_assert_uint_lt(steps, 200);
		ck_assert_uint_le(bytes_from(w.pair, b, 0), times * in);
		if (w.pair->next == w.pair->nsent)
			pair_tick(w.pair, 1000);
		else {
			if (addr_equal(&d->to, &b->addr)) {
				in += 2 * d->bytes.n;
				pair_inject(w.pair, b, &d->from,
				    buf_view(&d->bytes));
			}
			(void)pair_deliver(w.pair);
		}
		node_work(&w.pair->a);
		node_work(&w.pair->b);
	}
	world_free(&w);
}

START_TEST(signed_amplifier)
{
	at_most_times(RSA("main", ""), 2);
	at_most_times(RSA("aggressive", ""), 3);
	at_most_times(RSA("base", ""), 2);
}
END_TEST

/* More certificates than are taken: the first ones count, no more are kept. */
START_TEST(many_certificates)
{
	const struct msg_payload *cert;
	struct whole w;
	struct world world;
	struct msg_out out;
	struct buf b;

	world_new(&world, RSA("base", ""), RSA("base", ""));
	equip(&world, &world.pair->a, "RSA:1024", &san_a);
	equip(&world, &world.pair->b, "RSA:1024", &san_b);
	begin(world.pair);
	whole_open(&w, world.pair, until_message(world.pair, 2));
	cert = msg_find(&w.msg, ISAKMP_CERT);
	ck_assert_ptr_nonnull(cert);
	buf_init(&b, LIMIT_DATAGRAM);
	msg_begin(&out, &b, &w.h);
	for (unsigned int k = 0; k < w.msg.n; k++)
		msg_put(&out, w.msg.p[k].wire_type, w.msg.p[k].body);
	for (unsigned int k = 0; k < 2 * LIMIT_CERTS; k++)
		msg_put(&out, ISAKMP_CERT, cert->body);
	ck_assert(msg_end(&out));
	pair_inject(world.pair, &world.pair->b, &world.pair->a.addr,
	    buf_view(&b));
	ck_assert_uint_eq(node_sa(&world.pair->b)->exchanges->p1->ncerts,
	    LIMIT_CERTS);
	run(world.pair);
	ck_assert_uint_eq(counts_of(&world.pair->b).ready, 1);
	buf_fini(&b);
	whole_close(&w);
	world_free(&world);
}
END_TEST

/* The peer's key is the last of N in the file. */
static bool
key_is_nth(unsigned int n)
{
	static const char conf[] = RSA("main", "send_cert off; send_cr off; "
	    "verify_cert off;");
	EVP_PKEY *pkey[2] = { pki_key("RSA:1024"), pki_key("RSA:1024") };
	struct plainrsa *own[2], *peers[2];
	struct plainrsa_error error;
	struct buf file, line;
	struct world w;
	bool works;

	world_new(&w, conf, conf);
	buf_init(&file, 1u << 20);
	buf_init(&line, PLAINRSA_TEXT_MAX);
	for (unsigned int i = 0; i < n; i++) {
		EVP_PKEY *other = i + 1 < n ? pki_key("RSA:1024") : pkey[0];
		const struct key *key = key_of(&w, other);

		buf_reset(&line);
		ck_assert_int_eq(plainrsa_print(key, &line), OK);
		buf_add(&file, buf_view(&line));
		key_unref(key);
		if (other != pkey[0])
			EVP_PKEY_free(other);
	}
	own[0] = plain(&w, pkey[0], true);
	own[1] = plain(&w, pkey[1], true);
	peers[0] = plain(&w, pkey[1], false);
	ck_assert_int_eq(plainrsa_read(w.pair->crypto, buf_view(&file), false,
	    &peers[1], &error), OK);
	ck_assert_uint_eq(plainrsa_count(peers[1]), n);
	w.pair->a.creds.own_keys = own[0];
	w.pair->b.creds.own_keys = own[1];
	w.pair->a.creds.peers_keys = peers[0];
	w.pair->b.creds.peers_keys = peers[1];
	begin(w.pair);
	run(w.pair);
	works = counts_of(&w.pair->b).children == 1;
	for (int i = 0; i < 2; i++) {
		plainrsa_unref(own[i]);
		plainrsa_unref(peers[i]);
		EVP_PKEY_free(pkey[i]);
	}
	buf_fini(&file);
	buf_fini(&line);
	world_free(&w);
	return works;
}

/* So many keys are tried for one signature. */
START_TEST(many_keys)
{
	ck_assert(key_is_nth(LIMIT_KEYS));
	ck_assert(!key_is_nth(LIMIT_KEYS + 1));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		incomplete_signed, signed_amplifier, many_certificates,
		many_keys,
	};

	return suite_main("cve-signed", tests,
	    sizeof(tests) / sizeof(tests[0]));
}
