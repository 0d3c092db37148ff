/* SPDX-License-Identifier: ISC */
/*
 * The modes of phase 1: what each sends, whose key and which remote block it
 * takes, and what forged, incomplete and wrong messages do to it.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ike/exchange.h"
#include "ike/phase1.h"
#include "ike/sa.h"
#include "pair.h"
#include "suite.h"
#include "wire/msg.h"
#include "wire/payload.h"

#define PROPOSAL							\
	"	proposal {\n"						\
	"		encryption_algorithm aes; hash_algorithm sha256;\n" \
	"		authentication_method pre_shared_key;\n"	\
	"		dh_group modp768;\n"				\
	"	}\n"
#define SAINFO								\
	"sainfo anonymous {\n"						\
	"	lifetime time 30 min; encryption_algorithm aes;\n"	\
	"	authentication_algorithm hmac_sha256;\n"		\
	"	compression_algorithm deflate;\n"			\
	"}\n"
#define CONF(body)							\
	"path pre_shared_key \"/psk.txt\";\n"				\
	"remote anonymous {\n"						\
	"	nat_traversal off;\n" body "\n" PROPOSAL		\
	"}\n" SAINFO
#define AGGRESSIVE	"exchange_mode aggressive;"
#define BASE		"exchange_mode base;"

/* The same with another cipher. */
#define OTHER(body)							\
	"path pre_shared_key \"/psk.txt\";\n"				\
	"remote anonymous { nat_traversal off;\n" body "\n"		\
	"proposal { encryption_algorithm 3des; hash_algorithm sha256;\n" \
	"	authentication_method pre_shared_key; dh_group modp768; }\n" \
	"}\n" SAINFO

static const char *const modes[] = {
	CONF("exchange_mode main;"), CONF(AGGRESSIVE), CONF(BASE)
};
static const uint8_t etypes[] = {
	ISAKMP_ETYPE_MAIN, ISAKMP_ETYPE_AGGRESSIVE, ISAKMP_ETYPE_BASE
};
static const unsigned int messages[] = { 6, 3, 4 };

/* The types of the payloads of a plain message, without vendor IDs. */
static void
has_types(const struct pair *pair, size_t i, const uint8_t *types)
{
	struct msg msg;
	unsigned int n = 0;

	pair_parse(pair, i, &msg);
	for (unsigned int k = 0; k < msg.n; k++) {
		if (msg.p[k].type == ISAKMP_VID)
			continue;
		ck_assert_uint_eq(msg.p[k].type, types[n]);
		n++;
	}
	ck_assert_uint_eq(types[n], 0);
}

static bool
sealed(const struct pair *pair, size_t i)
{
	return pair_header(pair, i).flags & ISAKMP_FLAG_ENCRYPTED;
}

/* A copy of what was sent, cut to its first N payloads. */
static void
first_payloads(const struct pair *pair, size_t i, unsigned int n,
    struct buf *out)
{
	struct msg_out o;
	struct msg_header h = pair_header(pair, i);
	struct msg msg;

	pair_parse(pair, i, &msg);
	buf_init(out, LIMIT_DATAGRAM);
	msg_begin(&o, out, &h);
	for (unsigned int k = 0; k < n && k < msg.n; k++)
		msg_put(&o, msg.p[k].wire_type, msg.p[k].body);
	ck_assert(msg_end(&o));
}

/* The same with all payloads but the Nth. */
static void
without_payload(const struct pair *pair, size_t i, unsigned int n,
    struct buf *out)
{
	struct msg_out o;
	struct msg_header h = pair_header(pair, i);
	struct msg msg;

	pair_parse(pair, i, &msg);
	buf_init(out, LIMIT_DATAGRAM);
	msg_begin(&o, out, &h);
	for (unsigned int k = 0; k < msg.n; k++)
		if (k != n)
			msg_put(&o, msg.p[k].wire_type, msg.p[k].body);
	ck_assert(msg_end(&o));
}

/*
 * What goes over the wire
 */

START_TEST(connects)
{
	for (int i = 0; i < 3; i++) {
		struct pair *pair = pair_new(modes[i], modes[i], 1000);

		pair_connect(pair);
		/* phase 1, INITIAL-CONTACT of both, quick mode */
		ck_assert_uint_eq(pair->nsent, messages[i] + 2 + 3);
		for (unsigned int k = 0; k < messages[i]; k++)
			ck_assert_uint_eq(pair_header(pair, k).etype,
			    etypes[i]);
		ck_assert_uint_eq(node_sa(&pair->a)->etype, etypes[i]);
		ck_assert_uint_eq(node_sa(&pair->b)->etype, etypes[i]);
		pair_free(pair);
	}
}
END_TEST

/* RFC 2409 5.4 */
START_TEST(aggressive_messages)
{
	static const uint8_t first[] = { ISAKMP_SA, ISAKMP_KE, ISAKMP_NONCE,
	    ISAKMP_ID, 0 };
	static const uint8_t second[] = { ISAKMP_SA, ISAKMP_KE, ISAKMP_NONCE,
	    ISAKMP_ID, ISAKMP_HASH, 0 };
	struct pair *pair = pair_new(modes[1], modes[1], 1000);

	pair_connect(pair);
	has_types(pair, 0, first);
	has_types(pair, 1, second);
	ck_assert(!sealed(pair, 0) && !sealed(pair, 1) && sealed(pair, 2));
	ck_assert(pair_said(pair, "begin Aggressive mode."));
	pair_free(pair);
}
END_TEST

START_TEST(base_messages)
{
	static const uint8_t one[] = { ISAKMP_SA, ISAKMP_ID, ISAKMP_NONCE,
	    0 };
	static const uint8_t auth[] = { ISAKMP_KE, ISAKMP_HASH, 0 };
	struct pair *pair = pair_new(modes[2], modes[2], 1000);

	pair_connect(pair);
	has_types(pair, 0, one);
	has_types(pair, 1, one);
	has_types(pair, 2, auth);
	has_types(pair, 3, auth);
	for (size_t i = 0; i < 4; i++)
		ck_assert(!sealed(pair, i));
	pair_free(pair);
}
END_TEST

/* The first mode of the list is initiated, all are answered. */
START_TEST(mode_lists)
{
	static const struct {
		const char *a, *b;
		bool works;
	} lists[] = {
		{ CONF("exchange_mode aggressive, main;"),
		  CONF("exchange_mode main, aggressive;"), true },
		{ CONF("exchange_mode base, main;"),
		  CONF("exchange_mode main, aggressive, base;"), true },
		{ CONF("exchange_mode aggressive, main;"),
		  CONF("exchange_mode main, base;"), false },
	};

	for (int i = 0; i < 3; i++) {
		struct pair *pair = pair_new(lists[i].a, lists[i].b, 1000);

		pair_begin(pair);
		pair_run(pair);
		ck_assert_uint_eq(counts_of(&pair->b).ready, lists[i].works);
		ck_assert_uint_eq(pair_header(pair, 0).etype,
		    i == 1 ? ISAKMP_ETYPE_BASE : ISAKMP_ETYPE_AGGRESSIVE);
		if (!lists[i].works)
			ck_assert(pair_said(pair, "no remote block of the "
			    "configuration is for aggressive mode and this "
			    "peer, which says it is 192.0.2.1"));
		pair_free(pair);
	}
}
END_TEST

/*
 * Keys and blocks by identity
 */

#define NAMED	"my_identifier fqdn \"client.example\"; "
#define STRICT	"peers_identifier fqdn \"client.example\"; "		\
		"verify_identifier on; "

/* The identity in the clear finds its key; main mode has the address's. */
START_TEST(psk_of_identity)
{
	static const char *const a[] = { CONF(AGGRESSIVE NAMED),
	    CONF(BASE NAMED) };

	for (int i = 0; i < 2; i++) {
		struct pair *pair = pair_new(a[i], modes[i + 1], 1000);
		struct id_payload id;

		pair->b.psk_id = "client.example";
		pair_connect(pair);
		ck_assert_int_eq(id_get(buf_view(
		    &node_sa(&pair->b)->peer_id), &id), OK);
		ck_assert_int_eq(id.type, ID_FQDN);
		ck_assert(view_equal(id.data, view_text("client.example")));
		pair_free(pair);
	}
}
END_TEST

/* Each kind of identity that a key can be of, with a block that insists. */
START_TEST(psk_of_each_kind)
{
	static const struct {
		const char *own, *peers, *psk;
		uint8_t type;
	} cases[] = {
		{ "user_fqdn \"jo@example\"", "user_fqdn \"jo@example\"",
		    "jo@example", ID_USER_FQDN },
		{ "keyid tag \"gw-7\"", "keyid tag \"gw-7\"", "gw-7",
		    ID_KEY_ID },
		{ "address", "address \"192.0.2.1\"", "192.0.2.1", ID_IPV4 },
		/* says nothing: one's own address, and anybody's */
		{ "subnet \"x\"", "subnet \"x\"", "192.0.2.1", ID_IPV4 },
	};
	char a[1000], b[1000];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct id_payload id;
		struct pair *pair;

		snprintf(a, sizeof(a), CONF(AGGRESSIVE "my_identifier %s;"),
		    cases[i].own);
		snprintf(b, sizeof(b), CONF(AGGRESSIVE "verify_identifier on; "
		    "peers_identifier %s;"), cases[i].peers);
		pair = pair_new(a, b, 1000);
		pair->b.psk_id = cases[i].psk;
		pair_connect(pair);
		ck_assert_int_eq(id_get(buf_view(
		    &node_sa(&pair->b)->peer_id), &id), OK);
		ck_assert_int_eq(id.type, cases[i].type);
		pair_free(pair);
	}
}
END_TEST

START_TEST(psk_of_address)
{
	struct pair *pair = pair_new(CONF(AGGRESSIVE NAMED), modes[1], 1000);

	pair->b.psk_id = "192.0.2.1";
	pair_connect(pair);
	ck_assert(pair_said(pair, "no pre-shared key for client.example, "
	    "taking that of the address 192.0.2.1"));
	pair_free(pair);
}
END_TEST

/* verify_identifier insists on the identity's own key. */
START_TEST(psk_strict)
{
	struct pair *pair = pair_new(CONF(AGGRESSIVE NAMED),
	    CONF(AGGRESSIVE STRICT), 1000);

	pair->b.psk_id = "192.0.2.1";
	pair_begin(pair);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 0);
	ck_assert_uint_eq(pair->b.njobs, 0);	/* nothing was computed */
	ck_assert(pair_said(pair, "couldn't find the pskey: no pre-shared "
	    "key for client.example, add a line for it to /psk.txt"));
	pair_free(pair);
}
END_TEST

/* Of several blocks for anybody the one for the identity is taken. */
START_TEST(block_of_identity)
{
	static const char blocks[] =
	    "path pre_shared_key \"/psk.txt\";\n"
	    "remote \"other\" { exchange_mode aggressive, base, main;\n"
	    "nat_traversal off; verify_identifier on;\n"
	    "peers_identifier fqdn \"other.example\";\n" PROPOSAL "}\n"
	    "remote \"any\" { exchange_mode aggressive, base, main;\n"
	    "nat_traversal off;\n" PROPOSAL "}\n"
	    "remote \"this\" { exchange_mode aggressive, base, main;\n"
	    "nat_traversal off; verify_identifier on;\n"
	    "peers_identifier fqdn \"client.example\";\n"
	    "peers_identifier address \"192.0.2.1\";\n" PROPOSAL "}\n" SAINFO;
	static const char *const a[] = { CONF("exchange_mode main;"),
	    CONF(AGGRESSIVE NAMED), CONF(BASE NAMED) };

	for (int i = 0; i < 3; i++) {
		struct pair *pair = pair_new(a[i], blocks, 1000);

		pair_connect(pair);
		ck_assert_str_eq(node_sa(&pair->b)->remote_conf->name,
		    "this");
		pair_free(pair);
	}
}
END_TEST

START_TEST(unwanted_identity)
{
	static const char *const a[] = { CONF(AGGRESSIVE
	    "my_identifier fqdn \"eve.example\";"),
	    CONF(BASE "my_identifier user_fqdn \"client.example\";") };
	static const char *const b[] = { CONF(AGGRESSIVE STRICT),
	    CONF(BASE STRICT) };

	for (int i = 0; i < 2; i++) {
		struct pair *pair = pair_new(a[i], b[i], 1000);

		pair_begin(pair);
		pair_run(pair);
		ck_assert_uint_eq(counts_of(&pair->b).sas, 0);
		ck_assert_uint_eq(pair->b.njobs, 0);
		ck_assert(pair_said(pair, "which says it is"));
		pair_free(pair);
	}
}
END_TEST

/* An initiator that expects somebody else ends it, and says so. */
START_TEST(unexpected_responder)
{
	static const char *const a[] = { CONF(AGGRESSIVE STRICT),
	    CONF(BASE STRICT) };

	for (int i = 0; i < 2; i++) {
		struct pair *pair = pair_new(a[i], modes[i + 1], 1000);

		pair_begin(pair);
		pair_run(pair);
		ck_assert_uint_eq(counts_of(&pair->a).sas, 0);
		pair_free(pair);
	}
}
END_TEST

/*
 * Wrong keys and forgeries
 */

/* The right answer may still come, so the initiator goes on to the end. */
START_TEST(wrong_psk)
{
	struct pair *pair = pair_new(modes[1], modes[1], 1000);

	pair->b.psk = "another secret";
	pair_begin(pair);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 0);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 0);
	ck_assert(pair_said(pair, "the hash of the peer, which says it is "
	    "192.0.2.2, does not match: compare the pre-shared keys"));
	/* nothing was computed for a hash that is wrong */
	ck_assert_uint_eq(pair->a.njobs, 1);
	ck_assert_uint_eq(counts_of(&pair->a).sas, 1);
	for (int i = 0; i < 60; i++) {
		pair_tick(pair, 1000);
		pair_run(pair);
	}
	ck_assert_uint_eq(pair->b.njobs, 1);
	ck_assert_uint_ge(pair->a.event[IKE_EVENT_PHASE1_DEAD], 1);
	ck_assert_uint_eq(counts_of(&pair->a).children, 0);
	/* the responder only sees that nothing comes after its proof */
	ck_assert(pair_said(pair, "the peer, which says it is 192.0.2.1, went "
	    "silent, 192.0.2.2[500]<=>192.0.2.1[500]; it saw our identity "
	    "and hash last: compare the pre-shared keys"));
	pair_free(pair);
}
END_TEST

/* A refusal in the clear names who was refused. */
START_TEST(refused_identity)
{
	static const char *const other[] = {
		OTHER(AGGRESSIVE), OTHER(BASE)
	};
	static const char *const a[] = { CONF(AGGRESSIVE NAMED),
	    CONF(BASE NAMED) };

	for (int i = 0; i < 2; i++) {
		struct pair *pair = pair_new(a[i], other[i], 1000);

		pair_begin(pair);
		pair_run(pair);
		ck_assert(pair_said(pair, "the peer, to which we say we are "
		    "client.example, notifies NO-PROPOSAL-CHOSEN (14), not "
		    "authenticated"));
		pair_free(pair);
	}
}
END_TEST

START_TEST(wrong_psk_base)
{
	struct pair *pair = pair_new(modes[2], modes[2], 1000);

	pair->b.psk = "another secret";
	pair_begin(pair);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 0);
	/* the responder did nothing slow for it */
	ck_assert_uint_eq(pair->b.njobs, 0);
	ck_assert(pair_said(pair, "the hash of the peer, which says it is "
	    "192.0.2.1, does not match: compare the pre-shared keys"));
	pair_free(pair);
}
END_TEST

/* One byte of the second message changed on its way, before the right one:
 * whatever byte it was, the right one is taken. */
static void
forged_first(const char *conf, size_t nth)
{
	struct pair *pair = pair_new(conf, conf, 1000);
	struct buf forged;
	struct msg msg;
	const struct msg_payload *hash;
	size_t at;

	pair_begin(pair);
	pair_run_some(pair, (unsigned int)nth);
	ck_assert_uint_gt(pair->nsent, nth);
	pair_parse(pair, nth, &msg);
	hash = msg_find(&msg, ISAKMP_HASH);
	ck_assert_ptr_nonnull(hash);
	at = (size_t)(hash->body.p - pair->sent[nth].bytes.p);
	buf_init(&forged, LIMIT_DATAGRAM);
	buf_set(&forged, buf_view(&pair->sent[nth].bytes));
	buf_patch8(&forged, at, forged.p[at] ^ 1);
	pair_inject(pair, nth % 2 ? &pair->a : &pair->b,
	    nth % 2 ? &pair->b.addr : &pair->a.addr, buf_view(&forged));
	ck_assert(pair_said(pair, "does not match"));
	ck_assert_uint_eq(counts_of(&pair->a).sas, 1);
	ck_assert_uint_eq(counts_of(&pair->b).sas, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	buf_fini(&forged);
	pair_free(pair);
}

START_TEST(forged_hash)
{
	forged_first(modes[1], 1);
	forged_first(modes[2], 2);
	forged_first(modes[2], 3);
}
END_TEST

/* The last message in the clear and from another port, as some peers send it
 * through a NAT. */
START_TEST(plain_last)
{
	struct pair *pair = pair_new(modes[1], modes[1], 1000);
	struct ipsec_addr other = addr_of("192.0.2.1", 4500);
	struct step rows[2];
	struct flow flow = aggressive_initiator;

	memcpy(rows, flow.step, sizeof(rows));
	rows[1].flags &= ~STEP_SEALS;
	flow.step = rows;
	pair_begin(pair);
	node_sa(&pair->a)->exchanges->flow = &flow;
	pair_run_some(pair, 2);
	ck_assert(!sealed(pair, 2));
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	pair_inject(pair, &pair->b, &other, buf_view(&pair->sent[2].bytes));
	ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	pair_free(pair);
}
END_TEST

/* Everything is missing something: refused, and nothing is kept
 * (CVE-2005-3732). */
static void
incomplete(const char *conf, size_t nth)
{
	struct pair *pair = pair_new(conf, conf, 1000);
	struct node *to = nth % 2 ? &pair->a : &pair->b;
	struct node *from = nth % 2 ? &pair->b : &pair->a;
	unsigned int n;
	struct msg msg;
	struct buf b;

	pair_begin(pair);
	pair_run_some(pair, (unsigned int)nth);
	pair_parse(pair, nth, &msg);
	n = msg.n;
	for (unsigned int k = 0; k < n; k++) {
		first_payloads(pair, nth, k, &b);
		pair_inject(pair, to, &from->addr, buf_view(&b));
		buf_fini(&b);
		if (msg.p[k].type == ISAKMP_VID)
			continue;
		without_payload(pair, nth, k, &b);
		pair_inject(pair, to, &from->addr, buf_view(&b));
		buf_fini(&b);
		ck_assert_uint_eq(to->njobs, nth == 1 ? 1 : 0);
		ck_assert_uint_eq(counts_of(to).sas, nth == 0 ? 0 : 1);
	}
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
	pair_free(pair);
}

START_TEST(incomplete_messages)
{
	incomplete(modes[1], 0);
	incomplete(modes[1], 1);
	incomplete(modes[2], 0);
	incomplete(modes[2], 2);
}
END_TEST

/* An answer of another group than that of the public value. */
START_TEST(group_changed)
{
	static const char two[] =
	    "path pre_shared_key \"/psk.txt\";\n"
	    "remote anonymous { exchange_mode main; nat_traversal off;\n"
	    PROPOSAL
	    "	proposal {\n"
	    "		encryption_algorithm aes; hash_algorithm sha256;\n"
	    "		authentication_method pre_shared_key;\n"
	    "		dh_group modp1024;\n"
	    "	}\n"
	    "}\n" SAINFO;
	struct pair *pair = pair_new(two, two, 1000);
	struct conf *aggressive = pair->a.conf;

	/* conf refuses such a block; what comes is checked all the same */
	aggressive->remote[0]->etype[0] = ISAKMP_ETYPE_AGGRESSIVE;
	pair->b.conf->remote[0]->etype[0] = ISAKMP_ETYPE_AGGRESSIVE;
	pair->b.conf->remote[0]->proposal[0].usable = false;
	pair_begin(pair);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 0);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 0);
	pair_free(pair);
}
END_TEST

/*
 * Loss
 */

/* The last message is lost: the quick mode that follows makes the responder
 * ask for it. */
START_TEST(last_is_lost)
{
	struct pair *pair = pair_new(modes[1], modes[1], 1000);

	pair_begin(pair);
	pair_run_some(pair, 2);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	ck_assert(sealed(pair, 2));
	pair->next++;				/* the 3rd never arrives */
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
	pair_tick(pair, 2000);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert_uint_eq(pair->b.njobs, 1);
	pair_free(pair);
}
END_TEST

/* Repeated messages cost nothing more and change nothing. */
START_TEST(repeated)
{
	for (int i = 1; i < 3; i++) {
		struct pair *pair = pair_new(modes[i], modes[i], 1000);
		unsigned int jobs[2];

		pair_connect(pair);
		jobs[0] = pair->a.njobs;
		jobs[1] = pair->b.njobs;
		for (size_t k = 0; k < messages[i]; k++)
			pair_inject(pair, k % 2 ? &pair->a : &pair->b,
			    k % 2 ? &pair->b.addr : &pair->a.addr,
			    buf_view(&pair->sent[k].bytes));
		pair_run(pair);
		ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
		ck_assert_uint_eq(counts_of(&pair->a).children, 1);
		ck_assert_uint_eq(counts_of(&pair->b).children, 1);
		ck_assert_uint_eq(pair->a.njobs, jobs[0]);
		pair_free(pair);
	}
}
END_TEST

/*
 * Strangers: each first message of aggressive mode costs a computation.
 */

static void
knock(struct pair *pair, const char *from, uint32_t n)
{
	struct ipsec_addr addr = addr_of(from, 500);
	struct buf b;

	buf_init(&b, LIMIT_DATAGRAM);
	buf_set(&b, buf_view(&pair->sent[0].bytes));
	buf_patch32(&b, 0, n + 1);
	pair_inject(pair, &pair->b, &addr, buf_view(&b));
	buf_fini(&b);
	node_work(&pair->b);
}

START_TEST(flood_of_one)
{
	struct pair *pair = pair_new(modes[1], modes[1], 1000);

	pair_begin(pair);
	pair_run_some(pair, 0);
	for (uint32_t i = 0; i < 200; i++)
		knock(pair, "198.51.100.7", i);
	ck_assert_uint_eq(pair->b.njobs, LIMIT_COSTLY_PAIR);
	ck_assert_uint_eq(counts_of(&pair->b).sas, LIMIT_COSTLY_PAIR);
	/* somebody else is served */
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
	/* who did not go on gives way after a while */
	pair_tick(pair, 4000);
	for (uint32_t i = 0; i < 200; i++)
		knock(pair, "198.51.100.7", 1000 + i);
	ck_assert_uint_eq(counts_of(&pair->b).sas, LIMIT_COSTLY_PAIR + 1);
	ck_assert_uint_le(pair->b.njobs, 3 * LIMIT_COSTLY_PAIR);
	pair_free(pair);
}
END_TEST

START_TEST(flood_of_many)
{
	struct pair *pair = pair_new(modes[1], modes[1], 1000);
	char text[ADDR_TEXT];

	pair_begin(pair);
	pair_run_some(pair, 0);
	for (uint32_t i = 0; i < 600; i++) {
		snprintf(text, sizeof(text), "198.51.%u.%u", i / 250,
		    i % 250);
		knock(pair, text, i);
	}
	ck_assert_uint_eq(pair->b.njobs, LIMIT_COSTLY);
	ck_assert_uint_eq(counts_of(&pair->b).sas, LIMIT_COSTLY);
	pair_free(pair);
}
END_TEST

/* No more bytes than three times what came, repeated or not. */
START_TEST(no_amplifier)
{
	for (int i = 1; i < 3; i++) {
		struct pair *pair = pair_new(modes[i], modes[i], 1000);
		size_t in = 0;

		pair_begin(pair);
		pair_run_some(pair, 1);
		for (int k = 0; k < 10; k++) {
			pair_inject(pair, &pair->b, &pair->a.addr,
			    buf_view(&pair->sent[0].bytes));
			in += pair->sent[0].bytes.n;
		}
		in += pair->sent[0].bytes.n;
		ck_assert_uint_le(bytes_from(pair, &pair->b, 0),
		    in * (i == 1 ? 3 : 2));
		pair_tick(pair, 100000);
		ck_assert_uint_le(bytes_from(pair, &pair->b, 0),
		    in * (i == 1 ? 3 : 2));
		ck_assert_uint_eq(counts_of(&pair->b).sas, 0);
		pair_free(pair);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		connects, aggressive_messages, base_messages, mode_lists,
		psk_of_identity, psk_of_each_kind, psk_of_address, psk_strict,
		block_of_identity, unwanted_identity, unexpected_responder,
		wrong_psk, refused_identity, wrong_psk_base, forged_hash, plain_last,
		incomplete_messages, group_changed, last_is_lost, repeated,
		flood_of_one, flood_of_many, no_amplifier,
	};

	return suite_main("modes", tests, sizeof(tests) / sizeof(tests[0]));
}
