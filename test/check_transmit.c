/* SPDX-License-Identifier: ISC */
/*
 * What an exchange puts on the wire: header, encryption and its chain of IVs,
 * padding, and never more bytes than a stranger has sent.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "crypto/cipher.h"
#include "suite.h"
#include "toy.h"

#define BLOCK	16

/*
 * Amplification
 */

static void
with_nonce(char out[1000], int bytes)
{
	snprintf(out, 1000, "remote anonymous { exchange_mode main;\n"
	    "nat_traversal off; dpd off; nonce_size %d;\n"
	    "proposal { encryption_algorithm aes; hash_algorithm sha1;\n"
	    "authentication_method pre_shared_key; dh_group modp768; } }\n"
	    "sainfo anonymous { encryption_algorithm aes;\n"
	    "authentication_algorithm hmac_sha1;\n"
	    "compression_algorithm deflate; }\n", bytes);
}

static size_t
nonce_of(const struct pair *pair, size_t i)
{
	const struct buf *bytes = &pair->sent[i].bytes;
	struct msg_header h;
	struct msg msg;

	ck_assert_int_eq(msg_header_get(buf_view(bytes), &h), OK);
	ck_assert_int_eq(msg_parse(&msg, &h, buf_from(bytes,
	    ISAKMP_HEADER_LEN), false), OK);
	ck_assert_ptr_nonnull(msg_find(&msg, ISAKMP_NONCE));
	return msg_find(&msg, ISAKMP_NONCE)->body.n;
}

/* As it is configured; the responder's is no longer than the initiator's. */
START_TEST(nonce_sizes)
{
	static const int size[][2] = { { 8, 64 }, { 200, 16 }, { 256, 256 } };

	for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		char a[1000], b[1000];
		struct pair *pair;
		int least = size[i][0] < size[i][1] ? size[i][0] : size[i][1];

		with_nonce(a, size[i][0]);
		with_nonce(b, size[i][1]);
		pair = pair_new(a, b, 1000);
		pair_connect(pair);
		ck_assert_uint_eq(nonce_of(pair, 2), (size_t)size[i][0]);
		ck_assert_uint_eq(nonce_of(pair, 3), (size_t)least);
		pair_free(pair);
	}
}
END_TEST

/* An initiator that says as little as it may still gets its answers. */
START_TEST(short_nonce)
{
	char a[1000], b[1000];
	struct pair *pair;

	with_nonce(a, 8);
	with_nonce(b, 64);
	pair = pair_new(a, b, 1000);
	pair_connect(pair);
	pair_free(pair);
}
END_TEST

START_TEST(stranger_gets_no_more)
{
	static const uint8_t bytes[200];
	struct toy toy;
	struct sa *sa;

	toy_init(&toy, NULL, false);
	sa = toy.sa;
	sa->bytes_in = 100;
	exch_transmit(sa, view_of(bytes, 101));
	ck_assert_uint_eq(toy.pair->nsent, 0);
	ck_assert(pair_said(toy.pair, "more bytes than it sent"));
	exch_transmit(sa, view_of(bytes, 60));
	exch_transmit(sa, view_of(bytes, 41));
	ck_assert_uint_eq(toy.pair->nsent, 1);
	exch_transmit(sa, view_of(bytes, 40));
	ck_assert_uint_eq(toy.pair->nsent, 2);
	exch_transmit(sa, view_of(bytes, 1));
	ck_assert_uint_eq(toy.pair->nsent, 2);
	sa->bytes_in += 200;
	exch_transmit(sa, view_of(bytes, 200));
	ck_assert_uint_eq(toy.pair->nsent, 3);
	ck_assert_uint_eq(stats_of(&toy.pair->a).bytes_out, 300);
	ck_assert_uint_eq(stats_of(&toy.pair->a).datagrams_out, 3);
	sa_authentic(sa);
	exch_transmit(sa, view_of(bytes, 200));
	ck_assert_uint_eq(toy.pair->nsent, 4);
	toy_fini(&toy);
}
END_TEST

/* We speak first: the bound is the number of tries. */
START_TEST(initiator_speaks)
{
	static const uint8_t bytes[200];
	struct toy toy;

	toy_init(&toy, NULL, true);
	toy.sa->bytes_in = 0;
	exch_transmit(toy.sa, view_of(bytes, 200));
	ck_assert_uint_eq(toy.pair->nsent, 1);
	ck_assert(addr_equal_port(&toy.pair->sent[0].from,
	    &toy.pair->a.addr));
	ck_assert(addr_equal_port(&toy.pair->sent[0].to, &toy.pair->b.addr));
	toy_fini(&toy);
}
END_TEST

/* Copies and repetitions count as well. */
START_TEST(copies_count)
{
	char conf[2000];
	struct toy toy;
	struct buf b;

	snprintf(conf, sizeof(conf), "timer { persend 9; }\n%s", pair_conf);
	toy_init(&toy, conf, false);
	toy_new(&toy, &toy_responder);
	toy.sa->bytes_in = 3 * (ISAKMP_HEADER_LEN + 4 + TOY_BYTES) + 1;
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	ck_assert_uint_eq(toy.pair->nsent, 3);
	toy_message(&toy, toy_nonce, "x", &b);
	for (int i = 0; i < 10; i++)
		ck_assert(exch_duplicate(toy.x, &toy.sa->remote,
		    buf_view(&b)));
	ck_assert_uint_eq(toy.pair->nsent, 3);
	buf_fini(&b);
	toy_fini(&toy);
}
END_TEST

/*
 * Header and encryption
 */

static void
header_of(const struct toy *toy, size_t nth, struct msg_header *h)
{
	const struct buf *b = &toy->pair->sent[nth].bytes;

	ck_assert_int_eq(msg_header_get(buf_view(b), h), OK);
	ck_assert_uint_eq(h->length, b->n);
}

START_TEST(header)
{
	struct toy toy;
	struct msg_header h;

	toy_init(&toy, NULL, false);
	toy_new(&toy, &toy_responder);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	header_of(&toy, 0, &h);
	ck_assert_mem_eq(h.icookie, toy.sa->cookies.i, ISAKMP_COOKIE_LEN);
	ck_assert_mem_eq(h.rcookie, toy.sa->cookies.r, ISAKMP_COOKIE_LEN);
	ck_assert_uint_eq(h.version, ISAKMP_VERSION);
	ck_assert_uint_eq(h.etype, TOY_ETYPE);
	ck_assert_uint_eq(h.flags, 0);
	ck_assert_uint_eq(h.msgid, 7);
	ck_assert_uint_eq(h.next, ISAKMP_NONCE);
	ck_assert_uint_eq(h.length, ISAKMP_HEADER_LEN + 4 + TOY_BYTES);
	exch_header(toy.sa, ISAKMP_ETYPE_QUICK, 9, true, &h);
	ck_assert_uint_eq(h.flags, ISAKMP_FLAG_ENCRYPTED);
	toy_fini(&toy);
}
END_TEST

/* Opens the NTH datagram with IV; the last byte of its payload. */
static uint8_t
open_nth(const struct toy *toy, size_t nth, const uint8_t *iv,
    struct buf *plain)
{
	const struct buf *b = &toy->pair->sent[nth].bytes;
	struct msg_header h;
	struct msg msg;

	header_of(toy, nth, &h);
	ck_assert_uint_eq(h.flags, ISAKMP_FLAG_ENCRYPTED);
	buf_reset(plain);
	ck_assert_int_eq(cipher_open(toy->pair->crypto, toy->sa->suite.cipher,
	    buf_view(&toy->sa->keys.cipher), iv, buf_from(b,
	    ISAKMP_HEADER_LEN), plain), OK);
	ck_assert_int_eq(msg_parse(&msg, &h, buf_view(plain), true), OK);
	ck_assert_uint_eq(msg.p[0].type, ISAKMP_NONCE);
	ck_assert_uint_eq(msg.p[0].body.n, TOY_BYTES);
	return msg.p[0].body.p[TOY_BYTES - 1];
}

static const uint8_t *
last_block(const struct toy *toy, size_t nth)
{
	const struct buf *b = &toy->pair->sent[nth].bytes;

	return b->p + b->n - BLOCK;
}

/* RFC 2409 appendix B: each message's IV is the last block before it. */
START_TEST(iv_chain)
{
	static const uint8_t came1[BLOCK] = "the first of it";
	static const uint8_t came2[BLOCK] = "the second one.";
	struct toy toy;
	struct buf plain;

	toy_init(&toy, NULL, false);
	toy_new(&toy, &toy_sealed);
	buf_init(&plain, LIMIT_MESSAGE);
	memcpy(toy.x->iv_next, came1, BLOCK);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", true), OK);
	ck_assert_uint_eq(open_nth(&toy, 0, came1, &plain), 1);
	ck_assert_mem_eq(toy.x->iv, last_block(&toy, 0), BLOCK);
	/* a refused message moves nothing */
	memcpy(toy.x->iv_next, "something wrong", BLOCK);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", true), E_MISSING);
	toy.recv_err = E_HASH;
	ck_assert_int_eq(toy_feed(&toy, toy_ke, "x", true), E_HASH);
	ck_assert_mem_eq(toy.x->iv, last_block(&toy, 0), BLOCK);
	toy.recv_err = OK;
	memcpy(toy.x->iv_next, came2, BLOCK);
	ck_assert_int_eq(toy_feed(&toy, toy_ke, "x", true), OK);
	ck_assert_uint_eq(open_nth(&toy, 1, came2, &plain), 2);
	ck_assert_mem_eq(toy.x->iv, last_block(&toy, 1), BLOCK);
	buf_fini(&plain);
	toy_fini(&toy);
}
END_TEST

/* Nothing of the plain text is left in what goes out. */
START_TEST(plain_is_gone)
{
	static const uint8_t zero[2 * BLOCK];
	struct toy toy;
	struct buf *b;

	toy_init(&toy, NULL, false);
	toy_new(&toy, &toy_sealed);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", true), OK);
	b = &toy.pair->sent[0].bytes;
	ck_assert_ptr_null(memmem(b->p + ISAKMP_HEADER_LEN,
	    b->n - ISAKMP_HEADER_LEN, zero, sizeof(zero)));
	toy_fini(&toy);
}
END_TEST

/*
 * Padding: racoon.conf(5)
 */

/* Seals a message whose payload has BYTES; what is behind it. */
static struct view
padding(struct toy *toy, size_t bytes, struct buf *plain)
{
	uint8_t iv[BLOCK] = { 0 };
	struct msg_header h;
	struct msg_out out;
	struct buf b;
	size_t all = ISAKMP_HEADER_LEN + 4 + bytes;

	exch_header(toy->sa, TOY_ETYPE, 7, true, &h);
	buf_init(&b, LIMIT_MESSAGE);
	msg_begin(&out, &b, &h);
	msg_open(&out, ISAKMP_NONCE);
	buf_zero(&b, bytes);
	msg_close(&out);
	ck_assert_int_eq(exch_seal(toy->sa, &out, true, iv), OK);
	ck_assert_int_eq(msg_header_get(buf_view(&b), &h), OK);
	ck_assert_uint_eq(h.length, b.n);
	ck_assert_mem_eq(iv, b.p + b.n - BLOCK, BLOCK);
	memset(iv, 0, sizeof(iv));
	buf_reset(plain);
	ck_assert_int_eq(cipher_open(toy->pair->crypto, toy->sa->suite.cipher,
	    buf_view(&toy->sa->keys.cipher), iv, buf_from(&b,
	    ISAKMP_HEADER_LEN), plain), OK);
	buf_fini(&b);
	ck_assert_uint_eq(plain->n % BLOCK, 0);
	return buf_from(plain, all - ISAKMP_HEADER_LEN);
}

static void
toy_padding(struct toy *toy, const char *words)
{
	char conf[2000];

	snprintf(conf, sizeof(conf), "padding { %s }\n%s", words, pair_conf);
	toy_init(toy, conf, false);
}

START_TEST(pad_zero)
{
	struct toy toy;
	struct buf plain;
	struct view pad;

	toy_padding(&toy, "randomize off; exclusive_tail off;");
	buf_init(&plain, LIMIT_MESSAGE);
	for (size_t n = 0; n < 3 * BLOCK; n++) {
		pad = padding(&toy, n, &plain);
		ck_assert_uint_eq((4 + n + pad.n) % BLOCK, 0);
		ck_assert_uint_lt(pad.n, BLOCK);
		for (size_t i = 0; i + 1 < pad.n; i++)
			ck_assert_uint_eq(pad.p[i], 0);
		if (pad.n > 0)
			ck_assert_uint_eq(pad.p[pad.n - 1], pad.n);
	}
	buf_fini(&plain);
	toy_fini(&toy);
}
END_TEST

START_TEST(pad_exclusive)
{
	struct toy toy;
	struct buf plain;
	struct view pad;

	toy_padding(&toy, "randomize off; exclusive_tail on;");
	buf_init(&plain, LIMIT_MESSAGE);
	pad = padding(&toy, 5, &plain);
	ck_assert_uint_eq(pad.n, 7);
	ck_assert_uint_eq(pad.p[6], 6);
	buf_fini(&plain);
	toy_fini(&toy);
}
END_TEST

START_TEST(pad_random)
{
	struct toy toy;
	struct buf plain, first;
	struct view pad;

	toy_padding(&toy, "randomize on;");
	buf_init(&plain, LIMIT_MESSAGE);
	buf_init(&first, LIMIT_MESSAGE);
	pad = padding(&toy, 0, &plain);
	ck_assert_uint_eq(pad.n, 12);
	buf_set(&first, pad);
	pad = padding(&toy, 0, &plain);
	ck_assert(!view_equal(pad, buf_view(&first)));
	ck_assert_uint_eq(pad.p[11], 11);
	buf_fini(&first);
	buf_fini(&plain);
	toy_fini(&toy);
}
END_TEST

/* Whole blocks more, up to maximum_length. */
START_TEST(pad_random_length)
{
	static const unsigned int maximum[] = { 8, 20, 100, 255 };
	struct toy toy;
	struct buf plain;
	struct view pad;
	char words[100];

	buf_init(&plain, LIMIT_MESSAGE);
	for (size_t i = 0; i < 4; i++) {
		size_t most = 0, least = SIZE_MAX;

		snprintf(words, sizeof(words), "randomize_length on; "
		    "randomize off; maximum_length %u;", maximum[i]);
		toy_padding(&toy, words);
		for (int n = 0; n < 300; n++) {
			pad = padding(&toy, 5, &plain);
			most = pad.n > most ? pad.n : most;
			least = pad.n < least ? pad.n : least;
			ck_assert_uint_eq(pad.p[pad.n - 1], pad.n - 1);
		}
		ck_assert_uint_eq(least, 7);
		ck_assert_uint_eq(most, 7 + maximum[i] / BLOCK * BLOCK);
		toy_fini(&toy);
	}
	buf_fini(&plain);
}
END_TEST

/*
 * strict_check: what we demand of others
 */

static bool
connects_with(const char *ours, const char *theirs)
{
	char a[2000], b[2000];
	struct pair *pair;
	struct ipsec_selector sel;
	bool up;

	snprintf(a, sizeof(a), "padding { %s }\n%s", ours, pair_conf);
	snprintf(b, sizeof(b), "padding { %s }\n%s", theirs, pair_conf);
	pair = pair_new(a, b, 1000);
	pair_transport(pair);
	sel = pair_selector(&pair->a);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	up = counts_of(&pair->a).children == 1 &&
	    counts_of(&pair->b).children == 1;
	pair_free(pair);
	return up;
}

START_TEST(strict_check)
{
	static const char strict[] = "strict_check on; exclusive_tail on;";

	ck_assert(connects_with(strict, "exclusive_tail on;"));
	ck_assert(connects_with(strict, "exclusive_tail on; "
	    "randomize_length on; maximum_length 200;"));
	ck_assert(connects_with("strict_check on; exclusive_tail off;",
	    "exclusive_tail off;"));
	ck_assert(!connects_with(strict, "exclusive_tail off;"));
	ck_assert(!connects_with("strict_check on; exclusive_tail off;",
	    "exclusive_tail on;"));
	ck_assert(connects_with("exclusive_tail on;", "exclusive_tail off;"));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		nonce_sizes, short_nonce, stranger_gets_no_more, initiator_speaks,
		copies_count, header,
		iv_chain, plain_is_gone, pad_zero, pad_exclusive, pad_random,
		pad_random_length, strict_check,
	};

	return suite_main("transmit", tests, sizeof(tests) / sizeof(tests[0]));
}
