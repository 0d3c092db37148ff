/* SPDX-License-Identifier: ISC */
/* What an operator may have done to SAs: the peer follows. */
#include "ike/child.h"
#include "ike/sa.h"
#include "pair.h"
#include "suite.h"

START_TEST(flush_children)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct node *a = &pair->a, *b = &pair->b;

	pair_connect(pair);
	ck_assert_uint_eq(counts_of(a).children, 1);
	/* not of this kind */
	ike_flush_children(a->ike, IPSEC_PROTO_AH);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(a).children, 1);
	ck_assert_uint_eq(kernel_sas(a->kernel), 2);
	ike_flush_children(a->ike, IPSEC_PROTO_ESP);
	ck_assert_uint_eq(counts_of(a).children, 0);
	ck_assert_uint_eq(kernel_sas(a->kernel), 0);
	ck_assert_uint_eq(a->event[IKE_EVENT_CHILD_DOWN], 1);
	ck_assert_int_eq(a->last.err, E_DELETED);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(b).children, 0);
	ck_assert_uint_eq(kernel_sas(b->kernel), 0);
	/* the IKE SA serves on */
	ck_assert_uint_eq(counts_of(a).ready, 1);
	ck_assert_uint_eq(counts_of(b).ready, 1);
	pair_free(pair);
}
END_TEST

START_TEST(flush_sas)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct node *a = &pair->a, *b = &pair->b;

	pair_connect(pair);
	ike_flush_sas(a->ike);
	ck_assert_uint_eq(counts_of(a).sas, 0);
	ck_assert_uint_eq(a->event[IKE_EVENT_PHASE1_DOWN], 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(b).sas, 0);
	/* once more, with nothing there; and in the middle of a negotiation,
	 * which whoever wants it begins anew */
	ike_flush_sas(a->ike);
	ike_flush_children(a->ike, IPSEC_PROTO_ANY);
	pair_run(pair);
	{
		const struct ipsec_selector sel = pair_selector(a);

		node_acquire(a, &sel, 77);
	}
	pair_run_some(pair, 2);
	ck_assert_uint_ge(counts_of(a).sas, 1);
	ike_flush_sas(a->ike);
	pair_run(pair);
	for (int i = 0; i < 120; i++) {
		pair_tick(pair, 1000);
		pair_run(pair);
	}
	ck_assert_uint_le(counts_of(a).sas, 1);
	ck_assert_uint_eq(counts_of(a).wants, 0);
	pair_free(pair);
}
END_TEST

START_TEST(delete_between)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct node *a = &pair->a, *b = &pair->b;
	const struct ipsec_addr other = addr_of("192.0.2.9", 0);

	pair_connect(pair);
	ike_delete_between(a->ike, &a->addr, &other);
	ike_delete_between(a->ike, &other, &b->addr);
	ike_delete_between(a->ike, &b->addr, &a->addr);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(a).children, 1);
	ck_assert_uint_eq(counts_of(a).ready, 1);
	ike_delete_between(a->ike, &a->addr, &b->addr);
	ck_assert_uint_eq(counts_of(a).children, 0);
	ck_assert_uint_eq(counts_of(a).sas, 0);
	ck_assert_uint_eq(kernel_sas(a->kernel), 0);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(b).children, 0);
	ck_assert_uint_eq(counts_of(b).sas, 0);
	ck_assert_uint_eq(kernel_sas(b->kernel), 0);
	pair_free(pair);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { flush_children, flush_sas,
	    delete_between };

	return suite_main("command", tests,
	    sizeof(tests) / sizeof(tests[0]));
}
