/* SPDX-License-Identifier: ISC */
/*
 * What went wrong in racoon before, one test for each entry of the table in
 * doc/SECURITY.md that no other program has: messages that are incomplete,
 * that lie about lengths, that nobody authentic sent.  What is kept for too
 * long is in check_cve_more.c.
 */
#include <stdio.h>

#include "ike/phase1.h"
#include "sealed_by.h"
#include "subset.h"
#include "suite.h"
#include "wire/payload.h"

#define CONF(body)							\
	"path pre_shared_key \"/psk.txt\";\n"				\
	"remote anonymous {\n"						\
	"	nat_traversal on; weak_phase1_check on;\n"		\
	"	dpd_delay 0;\n" body "\n"				\
	"	proposal {\n"						\
	"		encryption_algorithm aes; hash_algorithm sha256;\n" \
	"		authentication_method pre_shared_key;\n"	\
	"		dh_group modp768;\n"				\
	"	}\n"							\
	"}\n"								\
	"sainfo anonymous {\n"						\
	"	lifetime time 30 min; encryption_algorithm aes;\n"	\
	"	authentication_algorithm hmac_sha256;\n"		\
	"	compression_algorithm deflate;\n"			\
	"}\n"

#define SA	MSG_BIT(ISAKMP_SA)
#define KE	MSG_BIT(ISAKMP_KE)
#define NONCE	MSG_BIT(ISAKMP_NONCE)
#define ID	MSG_BIT(ISAKMP_ID)
#define HASH	MSG_BIT(ISAKMP_HASH)

/* What each message must have, RFC 2409 5.4 and the draft of base mode. */
static const struct mode {
	const char	*conf;
	unsigned int	 n;
	uint32_t	 must[6];
} modes[] = {
	{ CONF("exchange_mode main;"), 6,
	    { SA, SA, KE | NONCE, KE | NONCE, ID | HASH, ID | HASH } },
	{ CONF("exchange_mode aggressive;"), 3,
	    { SA | KE | NONCE | ID, SA | KE | NONCE | ID | HASH, HASH } },
	{ CONF("exchange_mode base;"), 4,
	    { SA | ID | NONCE, SA | ID | NONCE, KE | HASH, KE | HASH } },
};

#define MODES	(sizeof(modes) / sizeof(modes[0]))

/* A pair that waits for message NTH of its phase 1; both have NAT-T. */
static struct pair *
pair_before(const char *conf, size_t nth)
{
	struct pair *pair = pair_new(conf, conf, 1000);
	struct ipsec_selector sel = pair_selector(&pair->a);

	pair->a.natt = pair->b.natt = true;
	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
	pair_run_some(pair, (unsigned int)nth);
	ck_assert_uint_eq(pair->next, nth);
	ck_assert_uint_gt(pair->nsent, nth);
	return pair;
}

/* The right message is still there to come: so does everything else. */
static void
comes_up(struct pair *pair)
{
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
}

static struct node *
receiver(struct pair *pair, size_t nth)
{
	return nth % 2 ? &pair->a : &pair->b;
}

static struct node *
sender(struct pair *pair, size_t nth)
{
	return nth % 2 ? &pair->b : &pair->a;
}

/*
 * Incomplete messages
 */

START_TEST(cve_2005_3732)
{
	unsigned int n = 0;

	for (size_t m = 0; m < MODES; m++)
		for (size_t nth = 0; nth < modes[m].n; nth++) {
			struct pair *pair = pair_before(modes[m].conf, nth);

			n += subsets_refused(pair, nth, modes[m].must[nth]);
			comes_up(pair);
			pair_free(pair);
		}
	ck_assert_uint_gt(n, 300);
}
END_TEST

/* Those that lack nothing but what may be missing: taken or not, both sides
 * stay in order. */
static unsigned int
without_optional(const struct mode *mode, size_t nth)
{
	unsigned int bits = 1, n = 0;

	for (unsigned int subset = 0; subset < 1u << bits; subset++) {
		struct pair *pair = pair_before(mode->conf, nth);
		struct whole w;

		whole_open(&w, pair, nth);
		bits = w.nbits;
		if ((mode->must[nth] & ~whole_types(&w, subset)) == 0) {
			whole_inject(&w, subset);
			pair_run(pair);
			/* other ciphertext, another IV for what follows: only
			 * the peer itself could do that */
			if (!w.sealed)
				comes_up(pair);
			n++;
		}
		whole_close(&w);
		pair_free(pair);
	}
	return n;
}

START_TEST(optional_payloads_missing)
{
	for (size_t m = 0; m < MODES; m++) {
		unsigned int n = 0;

		for (size_t nth = 0; nth < modes[m].n; nth++)
			n += without_optional(&modes[m], nth);
		ck_assert_uint_gt(n, modes[m].n);
	}
}
END_TEST

/*
 * Lengths
 */

/* Nothing came of what was injected since. */
static void
nothing_came(struct node *to, const struct ike_counts *before,
    unsigned int njobs)
{
	struct ike_counts after = counts_of(to);

	ck_assert_uint_eq(after.sas, before->sas);
	ck_assert_uint_eq(after.ready, before->ready);
	ck_assert_uint_eq(after.exchanges, before->exchanges);
	ck_assert_uint_eq(after.frags, before->frags);
	ck_assert_uint_eq(to->njobs, njobs);
}

static void
header_lies(struct pair *pair, size_t nth)
{
	const struct datagram *d = &pair->sent[nth];
	struct node *to = receiver(pair, nth);
	uint32_t n = (uint32_t)d->bytes.n;
	/* 31 bytes at the end may be just padding, for which nobody asks */
	const uint32_t lengths[] = { 0, 1, 27, 28, 29, 32, n - 32, n - 1,
	    n + 1, n + 16, n << 8, n << 16, n | 1u << 24, n | 1u << 31,
	    INT32_MAX, UINT32_MAX - 3, UINT32_MAX };
	struct ike_counts before = counts_of(to);
	unsigned int njobs = to->njobs;
	struct buf b;

	buf_init(&b, LIMIT_DATAGRAM);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		buf_set(&b, buf_view(&d->bytes));
		buf_patch32(&b, 24, lengths[i]);
		pair_inject(pair, to, &sender(pair, nth)->addr,
		    buf_view(&b));
		nothing_came(to, &before, njobs);
	}
	buf_fini(&b);
}

START_TEST(cve_2004_0403)
{
	for (size_t m = 0; m < MODES; m++)
		for (size_t nth = 0; nth < modes[m].n; nth++) {
			struct pair *pair = pair_before(modes[m].conf, nth);

			header_lies(pair, nth);
			comes_up(pair);
			pair_free(pair);
		}
}
END_TEST

/* Lengths of payloads; one of 0 made a reader go round for ever. */
static void
payloads_lie(struct pair *pair, size_t nth)
{
	struct node *to = receiver(pair, nth);
	struct ike_counts before = counts_of(to);
	unsigned int njobs = to->njobs;
	struct whole w;
	struct buf b;

	whole_open(&w, pair, nth);
	buf_init(&b, LIMIT_DATAGRAM);
	for (unsigned int k = 0; k < w.msg.n; k++) {
		const struct view raw = w.msg.p[k].raw;
		size_t at = (size_t)(raw.p - w.plain.p);
		size_t lies[] = { 0, 1, 2, 3, raw.n - 1, raw.n + 1,
		    0x7fff, 0x8000 | raw.n, 0xffff };

		for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
			/* it may end in the padding, and is not needed */
			if (w.sealed && (w.msg.p[k].type == ISAKMP_NATD ||
			    w.msg.p[k].type == ISAKMP_N) && (lies[i] ==
			    raw.n - 1 || lies[i] == raw.n + 1))
				continue;
			/* zeros at the end may be alignment */
			if (k + 1 == w.msg.n && lies[i] == raw.n - 1 &&
			    raw.p[raw.n - 1] == 0)
				continue;
			buf_set(&b, w.msg.chain);
			buf_patch16(&b, at + 2, (uint16_t)lies[i]);
			whole_inject_chain(&w, buf_view(&b));
			nothing_came(to, &before, njobs);
		}
	}
	buf_fini(&b);
	whole_close(&w);
}

START_TEST(cve_2005_0398)
{
	for (size_t m = 0; m < MODES; m++)
		for (size_t nth = 0; nth < modes[m].n; nth++) {
			struct pair *pair = pair_before(modes[m].conf, nth);

			payloads_lie(pair, nth);
			comes_up(pair);
			pair_free(pair);
		}
}
END_TEST

/* A fragment of nothing: no payload, less than its fields, no bytes. */
static void
empty_fragments(struct pair *pair, struct node *to, const struct msg_header *h)
{
	struct node *from = to == &pair->a ? &pair->b : &pair->a;
	struct ike_counts before = counts_of(to);
	unsigned int njobs = to->njobs;
	struct msg_out out;
	struct buf b;

	buf_init(&b, LIMIT_DATAGRAM);
	for (size_t n = 0; n <= 5; n++) {
		buf_reset(&b);
		msg_begin(&out, &b, h);
		if (n > 0)
			msg_put(&out, ISAKMP_FRAG, view_of("\0\1\1\1",
			    n - 1));
		ck_assert(msg_end(&out));
		buf_patch8(&b, 16, ISAKMP_FRAG);
		pair_inject(pair, to, &from->addr, buf_view(&b));
		nothing_came(to, &before, njobs);
	}
	buf_fini(&b);
}

START_TEST(cve_2009_1574)
{
	for (size_t m = 0; m < MODES; m++)
		for (size_t nth = 0; nth < modes[m].n; nth++) {
			struct pair *pair = pair_before(modes[m].conf, nth);
			struct msg_header h;

			ck_assert_int_eq(msg_header_get(buf_view(
			    &pair->sent[nth].bytes), &h), OK);
			empty_fragments(pair, &pair->a, &h);
			empty_fragments(pair, &pair->b, &h);
			comes_up(pair);
			pair_free(pair);
		}
}
END_TEST

/*
 * Not authentic
 */

static void
say_plain(struct pair *pair, struct node *to, uint8_t type, struct view body)
{
	struct node *from = to == &pair->a ? &pair->b : &pair->a;
	struct msg_header h;
	struct msg_out out;
	struct buf b;

	ck_assert_int_eq(msg_header_get(buf_view(
	    &pair->sent[pair->nsent - 1].bytes), &h), OK);
	h.etype = ISAKMP_ETYPE_INFO;
	h.flags = 0;
	h.msgid = 77;
	buf_init(&b, LIMIT_DATAGRAM);
	msg_begin(&out, &b, &h);
	msg_put(&out, type, body);
	ck_assert(msg_end(&out));
	pair_inject(pair, to, &from->addr, buf_view(&b));
	buf_fini(&b);
}

/* Every notification that there is, DELETE of whatever TO has. */
static void
everything_plain(struct pair *pair, struct node *to)
{
	static const uint16_t more[] = { N_CONNECTED, N_INITIAL_CONTACT,
	    N_DPD, N_DPD_ACK, 24576, 8192, 40501, 65535 };
	const struct sa *sa = node_sa(to);
	struct notify_payload n = { .doi = IPSEC_DOI, .proto = PROTO_ISAKMP };
	struct delete_payload d = { .doi = IPSEC_DOI, .n = 1,
	    .proto = PROTO_ISAKMP };
	uint8_t spi[4];
	struct buf b;

	buf_init(&b, LIMIT_MESSAGE);
	if (sa != NULL)
		n.spi = view_of(&sa->cookies, sizeof(sa->cookies));
	for (unsigned int i = 1; i < 31 + sizeof(more) / sizeof(more[0]);
	    i++) {
		n.type = i < 31 ? (uint16_t)i : more[i - 31];
		buf_reset(&b);
		notify_put(&b, &n);
		say_plain(pair, to, ISAKMP_N, buf_view(&b));
	}
	d.spis = n.spi;
	d.spi_len = (uint8_t)n.spi.n;
	for (d.proto = PROTO_ISAKMP; d.proto <= PROTO_IPCOMP; d.proto++) {
		buf_reset(&b);
		delete_put(&b, &d);
		say_plain(pair, to, ISAKMP_D, buf_view(&b));
		for (int i = 0; i < 4; i++)
			spi[i] = (uint8_t)(to->last.spi_out >> (24 - 8 * i));
		d.spis = view_of(spi, 4);
		d.spi_len = 4;
	}
	buf_fini(&b);
}

/* While phase 1 is negotiated, to both sides before each of its messages. */
START_TEST(cve_2004_0164)
{
	for (size_t m = 0; m < MODES; m++)
		for (size_t nth = 0; nth < modes[m].n; nth++) {
			struct pair *pair = pair_before(modes[m].conf, nth);

			everything_plain(pair, &pair->a);
			everything_plain(pair, &pair->b);
			comes_up(pair);
			pair_free(pair);
		}
}
END_TEST

/* When it is up; and while a second quick mode is under way. */
START_TEST(cve_2007_1841)
{
	for (size_t m = 0; m < MODES; m++) {
		struct pair *pair = pair_before(modes[m].conf, 0);
		struct ipsec_selector sel = pair_selector(&pair->a);

		comes_up(pair);
		everything_plain(pair, &pair->a);
		everything_plain(pair, &pair->b);
		node_acquire(&pair->a, &sel, 2);
		everything_plain(pair, &pair->a);
		everything_plain(pair, &pair->b);
		pair_run(pair);
		for (int i = 0; i < 2; i++) {
			struct node *node = i == 0 ? &pair->a : &pair->b;

			ck_assert_uint_eq(counts_of(node).ready, 1);
			ck_assert_uint_eq(counts_of(node).children, 2);
			ck_assert_uint_eq(kernel_sas(node->kernel), 4);
			ck_assert_uint_eq(node->event[IKE_EVENT_PHASE1_DOWN],
			    0);
			ck_assert_uint_eq(node->event[IKE_EVENT_CHILD_DOWN],
			    0);
		}
		pair_free(pair);
	}
}
END_TEST

/* Somebody adds INITIAL-CONTACT to the plain messages of phase 1, which no
 * hash covers: the SAs that are there stay. */
START_TEST(initial_contact_in_the_clear)
{
	static const struct notify_payload contact = { .doi = IPSEC_DOI,
	    .proto = PROTO_ISAKMP, .type = N_INITIAL_CONTACT };

	for (size_t m = 0; m < MODES; m++) {
		struct pair *pair = pair_before(modes[m].conf, 0);
		struct ipsec_selector sel = pair_selector(&pair->a);
		struct buf body;
		size_t i;

		comes_up(pair);
		pair_tick(pair, 100000);
		sa_end(node_sa(&pair->a), E_DELETED, false);
		pair->next = pair->nsent;
		node_acquire(&pair->a, &sel, 2);
		buf_init(&body, LIMIT_MESSAGE);
		notify_put(&body, &contact);
		for (i = pair->next; node_work(&pair->a), node_work(&pair->b),
		    i < pair->nsent; i++) {
			struct whole w;
			struct msg_out out = { .b = &w.plain };

			pair->next = i + 1;
			if (pair->sent[i].bytes.p[19] & ISAKMP_FLAG_ENCRYPTED) {
				pair->next = i;
				ck_assert(pair_deliver(pair));
				continue;
			}
			whole_open(&w, pair, i);
			out.next_at = (size_t)(w.msg.p[w.msg.n - 1].raw.p -
			    w.plain.p);
			msg_put(&out, ISAKMP_N, buf_view(&body));
			whole_inject_chain(&w, buf_view(&w.plain));
			whole_close(&w);
		}
		buf_fini(&body);
		ck_assert_uint_eq(counts_of(&pair->a).children, 2);
		ck_assert_uint_eq(counts_of(&pair->b).children, 2);
		ck_assert_uint_eq(kernel_sas(pair->b.kernel), 4);
		pair_free(pair);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		cve_2005_3732, optional_payloads_missing, cve_2004_0403,
		cve_2005_0398, cve_2009_1574, cve_2004_0164, cve_2007_1841,
		initial_contact_in_the_clear,
	};

	return suite_main("cve", tests, sizeof(tests) / sizeof(tests[0]));
}
