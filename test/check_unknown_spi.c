/* SPDX-License-Identifier: ISC */
/*
 * ESP and AH under SPIs that the kernel does not have: what is repaired, what
 * is left alone, and what a forger gets out of it.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ike/child.h"
#include "ike/stray.h"
#include "sealed_by.h"
#include "suite.h"

#define UNKNOWN	0xabcd0001u

static struct pair *
pair_connected(void)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);

	pair_connect(pair);
	pair_tick(pair, 1000);
	return pair;
}

/* FROM sends to the other side, which does not have that SA. */
static struct ike_stray
stray_from(const struct node *from, uint32_t spi)
{
	const struct node *to = from == &from->pair->a ? &from->pair->b :
	    &from->pair->a;
	struct ike_stray s = { .src = from->addr, .dst = to->addr,
	    .proto = IPSEC_PROTO_ESP, .spi = spi };

	s.src.port = s.dst.port = 0;
	return s;
}

static void
hear(struct node *node, const struct ike_stray *s)
{
	ike_strays(node->ike, s, 1);
}

static bool
is_untouched(const struct node *node)
{
	struct ike_counts c = counts_of(node);

	return c.sas == 1 && c.ready == 1 && c.children == 1 &&
	    c.wants == 0 && kernel_sas(node->kernel) == 2 &&
	    node->event[IKE_EVENT_PHASE1_DOWN] == 0 &&
	    node->event[IKE_EVENT_CHILD_DOWN] == 0;
}

START_TEST(good_ones)
{
	struct pair *pair = pair_connected();
	struct ike_stray s = stray_from(&pair->b, pair->a.last.spi_in);
	size_t since = pair->nsent;

	hear(&pair->a, &s);
	ck_assert_uint_eq(stats_of(&pair->a).stray_seen, 0);
	ck_assert_uint_eq(pair->nsent, since);
	ck_assert(is_untouched(&pair->a));
	pair_free(pair);
}
END_TEST

/* Late packets, or forged ones: what is good stays, the peer is told of what
 * goes on, and that seldom. */
START_TEST(beside_a_good_pair)
{
	struct pair *pair = pair_connected();
	struct ike_stray s = stray_from(&pair->b, UNKNOWN);
	size_t since = pair->nsent;

	hear(&pair->a, &s);
	pair_tick(pair, 100);
	hear(&pair->a, &s);
	ck_assert_uint_eq(stats_of(&pair->a).stray_seen, 2);
	ck_assert_uint_eq(pair->nsent, since);
	pair_tick(pair, 1000);
	hear(&pair->a, &s);
	ck_assert_uint_eq(stats_of(&pair->a).stray_repairs, 1);
	ck_assert_uint_eq(datagrams_from(pair, &pair->a, since), 1);
	hear(&pair->a, &s);
	ck_assert_uint_eq(stats_of(&pair->a).stray_refused, 1);
	ck_assert_uint_eq(datagrams_from(pair, &pair->a, since), 1);
	pair_run(pair);
	ck_assert(is_untouched(&pair->a) && is_untouched(&pair->b));
	pair_free(pair);
}
END_TEST

/* The peer insists: it gets a newer pair, and the old one serves meanwhile. */
START_TEST(peer_that_insists)
{
	struct pair *pair = pair_connected();
	struct ike_stray s = stray_from(&pair->b, UNKNOWN);

	for (int i = 0; i < 20; i++) {
		hear(&pair->a, &s);
		pair_run(pair);
		pair_tick(pair, 1000);
	}
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_UP], 2);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_UP], 2);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_PHASE1_DOWN], 0);
	ck_assert_uint_le(stats_of(&pair->a).stray_repairs, 4);
	pair_free(pair);
}
END_TEST

START_TEST(no_policy)
{
	struct pair *pair = pair_connected();
	struct ike_stray s = stray_from(&pair->b, UNKNOWN);
	size_t since = pair->nsent;

	s.src = addr_of("198.51.100.9", 0);
	hear(&pair->a, &s);
	hear(&pair->a, &s);
	ck_assert(pair_said(pair, "no policy is for this peer"));
	s = stray_from(&pair->b, UNKNOWN);
	s.proto = IPSEC_PROTO_AH;	/* not what the policy asks for */
	hear(&pair->a, &s);
	s.proto = IPSEC_PROTO_IPCOMP;
	hear(&pair->a, &s);
	pair_tick(pair, 1500);
	s.proto = IPSEC_PROTO_AH;
	hear(&pair->a, &s);
	ck_assert_uint_eq(pair->nsent, since);
	ck_assert_uint_eq(stats_of(&pair->a).stray_repairs, 0);
	ck_assert_uint_eq(strays_count(pair->a.ike->strays), 0);
	pair_free(pair);
}
END_TEST

/* The kernel has lost one half and nobody said so. */
START_TEST(lost_half)
{
	struct pair *pair = pair_connected();
	uint32_t spi = pair->a.last.spi_in;
	struct ike_stray s = stray_from(&pair->b, spi);
	struct ipsec_sa_id id = { .dst = pair->a.addr, .spi = spi,
	    .proto = IPSEC_PROTO_ESP };

	id.dst.port = 0;
	kernel_mute(pair->a.kernel, true);
	ck_assert_int_eq(ipsec_sa_delete(pair->a.handle, &id), 0);
	kernel_mute(pair->a.kernel, false);
	hear(&pair->a, &s);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_DOWN], 1);
	pair_run(pair);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_DOWN], 1);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_PHASE1_UP], 1);
	ck_assert_uint_eq(stats_of(&pair->a).stray_repairs, 1);
	pair_free(pair);
}
END_TEST

/* After a boot the peer is called, and drops what it still has. */
START_TEST(after_a_boot)
{
	struct pair *pair = pair_connected();
	struct ike_stray s = stray_from(&pair->b, pair->a.last.spi_in);

	kernel_mute(pair->a.kernel, true);
	ck_assert_int_eq(ipsec_flush(pair->a.handle, IPSEC_FLUSH_SA, 0), 0);
	kernel_mute(pair->a.kernel, false);
	node_restart(&pair->a);
	hear(&pair->a, &s);
	hear(&pair->a, &s);		/* it is being called */
	pair_run(pair);
	ck_assert(pair_said(pair, "INITIAL-CONTACT"));
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_DOWN], 1);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert_uint_eq(stats_of(&pair->a).stray_repairs, 1);
	ck_assert_uint_eq(stats_of(&pair->a).stray_refused, 0);
	pair_free(pair);
}
END_TEST

/* But not if there are pairs that would go with the rest. */
START_TEST(no_initial_contact)
{
	struct pair *pair = pair_connected();
	struct ike_stray s = stray_from(&pair->b, UNKNOWN);

	sa_free(node_sa(&pair->a));
	sa_free(node_sa(&pair->b));
	peer_find(pair->a.ike, &pair->b.addr)->contacted = false;
	peer_find(pair->b.ike, &pair->a.addr)->contacted = false;
	hear(&pair->a, &s);
	pair_run(pair);
	pair_tick(pair, 2000);		/* the old pair serves meanwhile */
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_UP], 2);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_DOWN], 0);
	pair_free(pair);
}
END_TEST

/* All that we had with the peer is gone, and the peer missed that: it is as
 * good as the first time. */
START_TEST(called_again)
{
	struct pair *pair = pair_connected();
	struct ike_stray s = stray_from(&pair->b, pair->a.last.spi_in);

	child_drop(pair->a.ike->children, E_DELETED);
	sa_free(node_sa(&pair->a));
	sa_free(node_sa(&pair->b));
	hear(&pair->a, &s);
	pair_run(pair);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_DOWN], 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	pair_free(pair);
}
END_TEST

START_TEST(switched_off)
{
	static const char off[] = "repair_unknown_spi off;\n";
	char text[4096];
	struct pair *pair;
	struct ike_stray s;
	size_t since;

	snprintf(text, sizeof(text), "%s%s", off, pair_conf);
	pair = pair_new(text, NULL, 1000);
	pair_transport(pair);
	since = pair->nsent;
	s = stray_from(&pair->b, UNKNOWN);
	hear(&pair->a, &s);
	ck_assert_uint_eq(stats_of(&pair->a).stray_seen, 0);
	ck_assert_uint_eq(pair->nsent, since);
	pair_free(pair);
}
END_TEST

/* A policy for everybody, and packets in everybody's name. */
START_TEST(many_names)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_selector all = selector_of("192.0.2.1", 32, "10.0.0.0",
	    8);
	struct ipsec_tmpl esp = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT };
	struct ike_stray s[IKE_STRAYS_MAX];

	node_policy(&pair->a, &all, &esp);
	for (unsigned i = 0; i < 2048; i++) {
		struct ike_stray *one = &s[i % IKE_STRAYS_MAX];

		*one = stray_from(&pair->b, UNKNOWN + i);
		one->src = addr_of("10.1.0.0", 0);
		one->src.bytes[2] = (uint8_t)(i >> 8);
		one->src.bytes[3] = (uint8_t)i;
		if ((i + 1) % IKE_STRAYS_MAX == 0)
			ike_strays(pair->a.ike, s, IKE_STRAYS_MAX);
		pair->next = pair->nsent;	/* nobody is there */
	}
	ck_assert_uint_eq(stats_of(&pair->a).stray_seen, 2048);
	ck_assert_uint_eq(stats_of(&pair->a).stray_repairs, 512);
	ck_assert_uint_eq(stats_of(&pair->a).stray_refused, 2048 - 512);
	ck_assert_uint_le(strays_count(pair->a.ike->strays), LIMIT_STRAYS);
	pair_tick(pair, 1000);
	ike_strays(pair->a.ike, s, IKE_STRAYS_MAX);
	ck_assert_uint_eq(stats_of(&pair->a).stray_repairs, 512 + 32);
	pair_free(pair);
}
END_TEST

/* The mirror image: a peer that is no racoon says so in its own way. */
static void
says_invalid(struct node *from, const struct said *said, uint32_t spi)
{
	uint8_t bytes[4] = { (uint8_t)(spi >> 24), (uint8_t)(spi >> 16),
	    (uint8_t)(spi >> 8), (uint8_t)spi };
	struct notify_payload n = { .doi = IPSEC_DOI,
	    .type = N_INVALID_SPI, .proto = PROTO_IPSEC_ESP,
	    .spi = view_of(bytes, 4) };
	struct buf body;

	buf_init(&body, LIMIT_MESSAGE);
	notify_put(&body, &n);
	node_says(from, said, buf_view(&body));
	buf_fini(&body);
}

START_TEST(invalid_spi)
{
	static const struct said plain = { 0x301, ISAKMP_N, PLAIN, 0 };
	static const struct said ruined = { 0x302, ISAKMP_N, RUIN, 0 };
	static const struct said first = { 0x303, ISAKMP_N, 0, 0 };
	static const struct said second = { 0x304, ISAKMP_N, 0, 0 };
	struct pair *pair = pair_connected();
	uint32_t spi = pair->b.last.spi_in;	/* A's outbound one */

	says_invalid(&pair->b, &plain, spi);
	says_invalid(&pair->b, &ruined, spi);
	says_invalid(&pair->b, &first, UNKNOWN);
	ck_assert(is_untouched(&pair->a));
	says_invalid(&pair->b, &second, spi);
	ck_assert_uint_eq(counts_of(&pair->a).children, 0);
	ck_assert_uint_eq(kernel_sas(pair->a.kernel), 0);
	pair_free(pair);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		good_ones, beside_a_good_pair, peer_that_insists, no_policy,
		lost_half, after_a_boot, no_initial_contact, called_again,
		switched_off,
		many_names, invalid_spi,
	};

	return suite_main("unknown_spi", tests,
	    sizeof(tests) / sizeof(tests[0]));
}
