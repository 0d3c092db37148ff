/* SPDX-License-Identifier: ISC */
/*
 * The COMMIT bit (RFC 2408 3.1): a responder sets it in quick mode, and what
 * we send waits for its CONNECTED, but not for ever.
 */
#include <check.h>
#include <string.h>

#include "ike/child.h"
#include "sealed_by.h"
#include "suite.h"

#define AT_ETYPE	18
#define AT_FLAGS	19

/* Delivers all; the bit is in whatever B says in quick mode. */
static void
run_committed(struct pair *pair)
{
	bool more = true;

	while (more) {
		node_work(&pair->a);
		node_work(&pair->b);
		for (size_t i = pair->next; i < pair->nsent; i++) {
			struct datagram *d = &pair->sent[i];

			if (addr_equal(&d->from, &pair->b.addr) &&
			    d->bytes.p[AT_ETYPE] == ISAKMP_ETYPE_QUICK)
				d->bytes.p[AT_FLAGS] |= ISAKMP_FLAG_COMMIT;
		}
		more = pair_deliver(pair);
	}
}

/* A has told B its third message, and waits. */
static struct pair *
pair_waiting(void)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ipsec_selector ab;

	pair_transport(pair);
	ab = pair_selector(&pair->a);
	node_acquire(&pair->a, &ab, 1);
	run_committed(pair);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_UP], 0);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_UP], 1);
	/* ready to receive, and what asked for it is larval yet */
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	return pair;
}

static uint32_t
quick_id(const struct node *node)
{
	const struct exchange *x;

	for (x = node_sa(node)->exchanges; x != NULL; x = x->next)
		if (x->flow->etype == ISAKMP_ETYPE_QUICK)
			return x->msgid;
	ck_abort_msg("no quick mode");
	return 0;
}

static const uint8_t *
quick_iv(const struct node *node)
{
	const struct exchange *x;

	for (x = node_sa(node)->exchanges; x != NULL; x = x->next)
		if (x->flow->etype == ISAKMP_ETYPE_QUICK)
			return x->iv;
	ck_abort_msg("no quick mode");
	return NULL;
}

static void
put_connected(struct buf *body)
{
	struct notify_payload n = { .doi = IPSEC_DOI, .type = N_CONNECTED,
	    .proto = PROTO_IPSEC_ESP };

	notify_put(body, &n);
}

static void
says_connected(struct node *from, uint32_t msgid, unsigned int flags)
{
	struct said said = { msgid, ISAKMP_N, flags, 0 };
	struct buf body;

	buf_init(&body, LIMIT_MESSAGE);
	put_connected(&body);
	node_says(from, &said, buf_view(&body));
	buf_fini(&body);
}

/* The same as a message of the quick mode itself, encrypted in its chain. */
static void
says_fourth(struct node *from, const uint8_t *chain, bool ruin)
{
	struct sa *sa = node_sa(from);
	uint32_t msgid = quick_id(&from->pair->a);
	struct sealed in = { .which = HASH_1, .in = { .msgid = msgid } };
	uint8_t iv[BLOCK_LEN_MAX];
	struct msg_header h;
	struct msg_out out;
	struct buf body, b;
	size_t at;

	memcpy(iv, chain, sizeof(iv));
	buf_init(&body, LIMIT_MESSAGE);
	buf_init(&b, LIMIT_MESSAGE);
	put_connected(&body);
	exch_header(sa, ISAKMP_ETYPE_QUICK, msgid, true, &h);
	msg_begin(&out, &b, &h);
	at = sealed_begin(sa, &out);
	msg_put(&out, ISAKMP_N, buf_view(&body));
	ck_assert_int_eq(sealed_end(sa, &out, at, &in), OK);
	if (ruin)
		buf_patch8(&b, at, (uint8_t)(b.p[at] ^ 1));
	ck_assert_int_eq(exch_seal(sa, &out, true, iv), OK);
	pair_inject(from->pair, &from->pair->a, &from->addr, buf_view(&b));
	buf_fini(&b);
	buf_fini(&body);
}

static void
is_connected(struct pair *pair)
{
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_UP], 1);
	ck_assert_uint_eq(pair->b.event[IKE_EVENT_CHILD_UP], 1);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(kernel_sas(pair->a.kernel), 2);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
}

START_TEST(informational)
{
	struct pair *pair = pair_waiting();

	says_connected(&pair->b, quick_id(&pair->a) + 1, 0);
	says_connected(&pair->b, quick_id(&pair->a), RUIN);
	says_connected(&pair->b, quick_id(&pair->a), PLAIN);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_UP], 0);
	says_connected(&pair->b, quick_id(&pair->a), 0);
	is_connected(pair);
	pair_tick(pair, 5000);
	is_connected(pair);
	pair_free(pair);
}
END_TEST

START_TEST(fourth)
{
	struct pair *pair = pair_waiting();
	uint8_t chain[BLOCK_LEN_MAX];

	memcpy(chain, quick_iv(&pair->a), sizeof(chain));
	says_fourth(&pair->b, chain, true);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_UP], 0);
	says_fourth(&pair->b, chain, false);
	is_connected(pair);
	says_fourth(&pair->b, chain, false);
	is_connected(pair);
	pair_free(pair);
}
END_TEST

/* It is lost, or the peer forgets it. */
START_TEST(never_said)
{
	struct pair *pair = pair_waiting();

	pair_tick(pair, 1000);
	ck_assert_uint_eq(pair->a.event[IKE_EVENT_CHILD_UP], 0);
	pair_tick(pair, 1000);
	is_connected(pair);
	pair_free(pair);
}
END_TEST

/* The pair was deleted meanwhile. */
START_TEST(too_late)
{
	static const struct ipsec_event flushed = {
		.type = IPSEC_EVENT_SA_FLUSH };
	struct pair *pair = pair_waiting();
	uint32_t msgid = quick_id(&pair->a);

	ck_assert_int_eq(ipsec_flush(pair->a.handle, IPSEC_FLUSH_SA, 0), 0);
	ike_kernel(pair->a.ike, &flushed);
	ck_assert_uint_eq(counts_of(&pair->a).children, 0);
	says_connected(&pair->b, msgid, 0);
	ck_assert_uint_eq(counts_of(&pair->a).children, 0);
	pair_free(pair);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		informational, fourth, never_said, too_late,
	};

	return suite_main("commit", tests, sizeof(tests) / sizeof(tests[0]));
}
