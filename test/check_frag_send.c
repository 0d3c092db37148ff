/* SPDX-License-Identifier: ISC */
/*
 * IKE messages in fragments, between two engines: who announces that, who cuts
 * what he says, and what may be in fragments at all.
 */
#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "ike/frag.h"
#include "suite.h"
#include "toy.h"
#include "wire/frag.h"

#define LONG	552u			/* bytes of the longest datagram */

/*
 * Who announces and cuts
 */

/* Long first messages, and long quick modes. */
static char *
long_conf(const char *mode, const char *how)
{
	static const char proposal[] = "proposal { encryption_algorithm aes; "
	    "hash_algorithm sha1; authentication_method pre_shared_key; "
	    "dh_group modp768; }\n";
	struct buf b;
	char *text;

	buf_init(&b, 65536);
	for (int i = 0; i < 20; i++)
		buf_put(&b, proposal, strlen(proposal));
	text = xasprintf("path pre_shared_key \"/psk.txt\";\n"
	    "remote anonymous { exchange_mode %s; %s\n%.*s}\n"
	    "sainfo anonymous { encryption_algorithm aes 256, aes 192, "
	    "aes 128, 3des, null_enc, camellia;\n"
	    "authentication_algorithm hmac_sha1, hmac_md5, hmac_sha256, "
	    "hmac_sha384, hmac_sha512; compression_algorithm deflate; }\n",
	    mode, how, (int)b.n, (const char *)b.p);
	buf_fini(&b);
	return text;
}

static struct pair *
connected_by(const char *mode, const char *a, const char *b)
{
	char *text_a = long_conf(mode, a), *text_b = long_conf(mode, b);
	struct pair *pair = pair_new(text_a, text_b, 1000);

	pair->a.natt = pair->b.natt = true;
	pair_connect(pair);
	free(text_a);
	free(text_b);
	return pair;
}

static struct pair *
connected(const char *a, const char *b)
{
	return connected_by("main", a, b);
}

static bool
is_fragment(const struct datagram *d)
{
	struct msg_header h;

	ck_assert_int_eq(msg_header_get(buf_view(&d->bytes), &h), OK);
	return h.next == ISAKMP_FRAG;
}

/* How many fragments of exchange ETYPE has FROM sent?  Checks them, too. */
static unsigned int
fragments(const struct pair *pair, const struct node *from, uint8_t etype)
{
	unsigned int n = 0;

	for (size_t i = 0; i < pair->nsent; i++) {
		const struct datagram *d = &pair->sent[i];
		struct msg_header h;

		ck_assert_int_eq(msg_header_get(buf_view(&d->bytes), &h),
		    OK);
		if (!addr_equal(&d->from, &from->addr) || h.etype != etype ||
		    !is_fragment(d))
			continue;
		n++;
		/* room for the non-ESP marker */
		ck_assert_uint_le(d->bytes.n, LONG - 4);
		ck_assert_uint_eq(h.flags, 0);
		ck_assert_int_eq(h.msgid != 0, etype == ISAKMP_ETYPE_QUICK);
	}
	return n;
}

static size_t
longest(const struct pair *pair)
{
	size_t n = 0;

	for (size_t i = 0; i < pair->nsent; i++)
		if (pair->sent[i].bytes.n > n)
			n = pair->sent[i].bytes.n;
	return n;
}

START_TEST(off)
{
	struct pair *pair = connected("ike_frag off;", "ike_frag force;");

	ck_assert(!node_sa(&pair->a)->frag_peer);
	ck_assert(!node_sa(&pair->b)->frag_peer);
	ck_assert_uint_gt(longest(pair), LONG);
	for (size_t i = 0; i < pair->nsent; i++)
		ck_assert(!is_fragment(&pair->sent[i]));
	pair_free(pair);
}
END_TEST

/* The first message is whole, the rest is cut; the responder follows. */
START_TEST(on)
{
	struct pair *pair = connected("ike_frag on;", "ike_frag off;");

	ck_assert(node_sa(&pair->a)->frag_peer);
	ck_assert(node_sa(&pair->b)->frag_peer);
	ck_assert_uint_eq(fragments(pair, &pair->a, ISAKMP_ETYPE_MAIN), 0);
	ck_assert_uint_gt(fragments(pair, &pair->a, ISAKMP_ETYPE_QUICK), 1);
	pair_free(pair);
}
END_TEST

START_TEST(force)
{
	struct pair *pair = connected("ike_frag force;", "");

	ck_assert_uint_gt(fragments(pair, &pair->a, ISAKMP_ETYPE_MAIN), 1);
	ck_assert_uint_gt(fragments(pair, &pair->a, ISAKMP_ETYPE_QUICK), 1);
	ck_assert_uint_le(longest(pair), LONG);
	ck_assert(is_fragment(&pair->sent[0]));
	pair_free(pair);
}
END_TEST

/* The other modes: each with its own capability. */
START_TEST(other_modes)
{
	static const struct {
		const char *mode;
		uint8_t etype;
	} rows[] = {
		{ "aggressive", ISAKMP_ETYPE_AGGRESSIVE },
		{ "base", ISAKMP_ETYPE_BASE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pair *pair = connected_by(rows[i].mode,
		    "ike_frag force;", "");

		ck_assert(node_sa(&pair->a)->frag_peer);
		ck_assert(node_sa(&pair->b)->frag_peer);
		ck_assert_uint_gt(fragments(pair, &pair->a, rows[i].etype),
		    1);
		ck_assert_uint_le(longest(pair), LONG);
		pair_free(pair);
	}
}
END_TEST

/* On port 4500 as well, with the rest of what NAT-T needs. */
START_TEST(natt)
{
	struct pair *pair = connected("ike_frag force; nat_traversal force;",
	    "nat_traversal on;");

	ck_assert_uint_le(longest(pair), LONG);
	ck_assert_uint_gt(fragments(pair, &pair->a, ISAKMP_ETYPE_QUICK), 1);
	ck_assert_uint_eq(node_sa(&pair->a)->local.port, ISAKMP_NATT_PORT);
	pair_free(pair);
}
END_TEST

START_TEST(capabilities)
{
	struct sa sa = { .initiator = false };
	uint8_t id[20];

	memcpy(id, vid_bytes(VID_FRAG).p, 16);
	memcpy(id + 16, "\x40\0\0\0", 4);
	frag_note(&sa, ISAKMP_ETYPE_MAIN, view_of(id, 20));
	frag_note(&sa, ISAKMP_ETYPE_AGGRESSIVE, view_of(id, 20));
	/* cut short is no capability */
	frag_note(&sa, ISAKMP_ETYPE_BASE, view_of(id, 17));
	ck_assert(!sa.frag_peer);
	frag_note(&sa, ISAKMP_ETYPE_BASE, view_of(id, 20));
	ck_assert(sa.frag_peer);
	sa.frag_peer = false;
	id[16] = 0xc0;
	frag_note(&sa, ISAKMP_ETYPE_MAIN, view_of(id, 20));
	ck_assert(sa.frag_peer);
	sa.frag_peer = false;
	frag_note(&sa, ISAKMP_ETYPE_MAIN, view_of(id, 16));
	ck_assert(sa.frag_peer);
}
END_TEST

START_TEST(announced)
{
	struct remote remote = { .ike_frag = CONF_ON };
	struct sa sa = { .initiator = true, .remote_conf = &remote };
	struct msg_header h = { .version = ISAKMP_VERSION };
	struct msg_out out;
	struct buf b;

	buf_init(&b, 100);
	msg_begin(&out, &b, &h);
	frag_announce(&sa, ISAKMP_ETYPE_BASE, &out);
	ck_assert_uint_eq(b.n, ISAKMP_HEADER_LEN + 24);
	ck_assert_uint_eq(b.p[ISAKMP_HEADER_LEN + 20], 0x40);
	buf_reset(&b);
	msg_begin(&out, &b, &h);
	frag_announce(&sa, ISAKMP_ETYPE_AGGRESSIVE, &out);
	ck_assert_uint_eq(b.p[ISAKMP_HEADER_LEN + 20], 0x80);
	buf_reset(&b);
	msg_begin(&out, &b, &h);
	remote.ike_frag = CONF_OFF;
	frag_announce(&sa, ISAKMP_ETYPE_MAIN, &out);
	/* a responder: just to who did so */
	remote.ike_frag = CONF_FORCE;
	sa.initiator = false;
	frag_announce(&sa, ISAKMP_ETYPE_MAIN, &out);
	ck_assert_uint_eq(b.n, ISAKMP_HEADER_LEN);
	remote.ike_frag = CONF_OFF;
	sa.frag_peer = true;
	frag_announce(&sa, ISAKMP_ETYPE_MAIN, &out);
	ck_assert_uint_eq(b.n, ISAKMP_HEADER_LEN + 24);
	buf_fini(&b);
}
END_TEST

/*
 * Through the engine
 */

/* One fragment that holds INNER, from A to B. */
static void
wrapped(struct pair *pair, const struct msg_header *outer, struct view inner)
{
	struct msg_header h = *outer;
	struct fragment f = { .id = 1, .index = 1, .last = true,
	    .data = inner };
	struct msg_out out;
	struct buf b;

	buf_init(&b, LIMIT_DATAGRAM);
	msg_begin(&out, &b, &h);
	msg_open(&out, ISAKMP_FRAG);
	fragment_put(&b, &f);
	msg_close(&out);
	ck_assert(msg_end(&out));
	pair_inject(pair, &pair->b, &pair->a.addr, buf_view(&b));
	buf_fini(&b);
}

/* A's first message, not delivered. */
static struct pair *
about_to_begin(void)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_selector sel = pair_selector(&pair->a);

	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
	ck_assert_uint_eq(pair->nsent, 1);
	return pair;
}

START_TEST(first_in_one_fragment)
{
	struct pair *pair = about_to_begin();
	struct view first = buf_view(&pair->sent[0].bytes);
	struct msg_header h;

	ck_assert_int_eq(msg_header_get(first, &h), OK);
	wrapped(pair, &h, first);
	ck_assert_uint_eq(counts_of(&pair->b).sas, 1);
	ck_assert_uint_eq(pair->nsent, 2);
	pair_free(pair);
}
END_TEST

/* A message within that is not what the fragments said they were of. */
START_TEST(not_what_it_said)
{
	struct pair *pair = about_to_begin();
	struct view first = buf_view(&pair->sent[0].bytes), cut = first;
	struct msg_header h, other;
	struct buf b;

	ck_assert_int_eq(msg_header_get(first, &h), OK);
	other = h;
	other.icookie[0] ^= 1;
	wrapped(pair, &other, first);
	wrapped(pair, &h, view_take(&cut, first.n - 1));
	/* bytes behind the message */
	buf_init(&b, LIMIT_DATAGRAM);
	buf_add(&b, first);
	buf_u8(&b, 0);
	wrapped(pair, &h, buf_view(&b));
	/* a fragment of a fragment */
	buf_reset(&b);
	buf_add(&b, first);
	buf_patch8(&b, 16, ISAKMP_FRAG);
	wrapped(pair, &h, buf_view(&b));
	buf_fini(&b);
	/* no cookie, and one of no SA */
	other = h;
	memset(other.icookie, 0, sizeof(other.icookie));
	wrapped(pair, &other, first);
	other = h;
	other.rcookie[0] = 1;
	wrapped(pair, &other, first);
	/* what cannot begin anything */
	other = h;
	other.etype = ISAKMP_ETYPE_QUICK;
	wrapped(pair, &other, first);
	ck_assert_uint_eq(counts_of(&pair->b).sas, 0);
	ck_assert_uint_eq(counts_of(&pair->b).frags, 0);
	ck_assert_uint_eq(stats_of(&pair->b).dropped, 7);
	pair_free(pair);
}
END_TEST

/* An SA's fragments come from where its peer is. */
START_TEST(from_elsewhere)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_addr far = addr_of("198.51.100.1", 500);
	struct msg_header h = { .version = ISAKMP_VERSION,
	    .etype = ISAKMP_ETYPE_QUICK };
	struct fragment f = { .id = 1, .index = 1 };
	struct msg_out out;
	struct sa *sa;
	struct buf b;

	pair_connect(pair);
	sa = node_sa(&pair->b);
	memcpy(h.icookie, sa->cookies.i, sizeof(h.icookie));
	memcpy(h.rcookie, sa->cookies.r, sizeof(h.rcookie));
	f.data = view_text("x");
	buf_init(&b, LONG);
	msg_begin(&out, &b, &h);
	msg_open(&out, ISAKMP_FRAG);
	fragment_put(&b, &f);
	msg_close(&out);
	ck_assert(msg_end(&out));
	pair_inject(pair, &pair->b, &far, buf_view(&b));
	ck_assert_uint_eq(counts_of(&pair->b).frags, 0);
	/* but for who is behind a NAT, which may have changed */
	sa->natt = VID_NATT_RFC;
	sa->nat_remote = true;
	pair_inject(pair, &pair->b, &far, buf_view(&b));
	ck_assert_uint_eq(counts_of(&pair->b).frags, 1);
	buf_fini(&b);
	pair_free(pair);
}
END_TEST

/* Fragments have more headers; those count, as whatever goes to strangers. */
START_TEST(stranger_gets_no_more)
{
	static const uint8_t bytes[1024] = { [17] = ISAKMP_VERSION,
	    [26] = 4 };		/* length 1024 */
	struct toy toy;

	toy_init(&toy, NULL, false);
	toy.sa->frag_peer = true;
	toy.sa->bytes_in = 1024 + 2 * 36 - 1;
	exch_transmit(toy.sa, view_of(bytes, sizeof(bytes)));
	ck_assert_uint_eq(toy.pair->nsent, 0);
	toy.sa->bytes_in++;
	exch_transmit(toy.sa, view_of(bytes, sizeof(bytes)));
	ck_assert_uint_eq(toy.pair->nsent, 2);
	ck_assert_uint_eq(stats_of(&toy.pair->a).bytes_out, 1024 + 2 * 36);
	ck_assert_uint_eq(stats_of(&toy.pair->a).datagrams_out, 2);
	toy_fini(&toy);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		off, on, force, other_modes, natt, capabilities, announced,
		first_in_one_fragment, not_what_it_said, from_elsewhere,
		stranger_gets_no_more,
	};

	return suite_main("frag_send", tests,
	    sizeof(tests) / sizeof(tests[0]));
}
