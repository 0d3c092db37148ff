/* SPDX-License-Identifier: ISC */
/* Messages between the monitor and the worker: there and back, and cut. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/monmsg.h"
#include "test/suite.h"

static void
fill(void *p, size_t n, uint8_t from)
{
	uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)(from + i);
}

/* Something in every field; texts end. */
static void
fill_all(struct mon_msg *m)
{
	memset(m, 0, sizeof(*m));
	m->num[0] = 0x01020304;
	m->num[1] = 0x05060708;
	fill(&m->addr, sizeof(m->addr), 1);
	fill(&m->id, sizeof(m->id), 2);
	fill(&m->filter, sizeof(m->filter), 3);
	fill(&m->flow, sizeof(m->flow), 4);
	fill(&m->from, sizeof(m->from), 5);
	fill(&m->to, sizeof(m->to), 6);
	m->sa.reqid = 7;
	m->sa.enc.present = 1;
	strcpy(m->sa.enc.name, "aes");
	fill(m->sa.enc.key, sizeof(m->sa.enc.key), 8);
	m->policy.ntmpl = IPSEC_TMPL_MAX;
	m->policy.priority = 9;
	strcpy(m->alg.name, "sha");
	m->text = view_text("a text");
	m->more = view_of("more\0of it", 10);
}

static void
same(enum mon_op op, bool answer, const struct mon_msg *a,
    const struct mon_msg *b)
{
	const unsigned int f = mon_fields(op, answer);

#define SAME(field, what) \
	if (f & (field)) \
		ck_assert_msg(memcmp(&a->what, &b->what, \
		    sizeof(a->what)) == 0, "%s: " #what, mon_name(op))
	SAME(MON_F_NUM, num);
	SAME(MON_F_ADDR, addr);
	SAME(MON_F_SA, sa);
	SAME(MON_F_ID, id);
	SAME(MON_F_POLICY, policy);
	SAME(MON_F_FILTER, filter);
	SAME(MON_F_ALG, alg);
	SAME(MON_F_FLOW, flow);
	SAME(MON_F_FLOW, from);
	SAME(MON_F_FLOW, to);
	if (f & MON_F_TEXT)
		ck_assert(view_equal(a->text, b->text));
	if (f & MON_F_MORE)
		ck_assert(view_equal(a->more, b->more));
}

START_TEST(there_and_back)
{
	struct mon_msg *m = xcalloc(2, sizeof(*m)), *got = m + 1;
	struct buf b;

	buf_init(&b, MON_MAX);
	for (int i = 0; i < 2 * (MON_OP_END - 1); i++) {
		const enum mon_op op = (enum mon_op)(1 + i / 2);

		fill_all(m);
		m->op = op;
		m->answer = i % 2 == 1;
		m->result = m->answer ? 5 : 0;
		ck_assert_str_ne(mon_name(op), "?");
		buf_reset(&b);
		mon_put(&b, m);
		ck_assert_int_eq(mon_get(buf_view(&b), got), OK);
		ck_assert_int_eq(got->op, op);
		ck_assert(got->answer == m->answer);
		ck_assert_int_eq(got->result, m->result);
		same(op, m->answer, m, got);
		for (size_t n = 0; n < b.n; n++)
			ck_assert_int_eq(mon_get(view_of(b.p, n), got),
			    E_SHORT);
		buf_u8(&b, 0);
		ck_assert_int_eq(mon_get(buf_view(&b), got), E_LENGTH);
	}
	buf_fini(&b);
	free(m);
}
END_TEST

START_TEST(failures)
{
	struct mon_msg *m = xcalloc(2, sizeof(*m)), *got = m + 1;
	struct buf b;

	buf_init(&b, MON_MAX);
	m->op = MON_SA_GET;
	m->answer = true;
	m->result = -3;
	m->text = view_text("why");
	mon_put(&b, m);
	ck_assert_int_eq(mon_get(buf_view(&b), got), OK);
	ck_assert_int_eq(got->result, -3);
	ck_assert(view_equal(got->text, m->text));
	buf_fini(&b);
	free(m);
}
END_TEST

START_TEST(nonsense)
{
	struct mon_msg *m = xcalloc(2, sizeof(*m)), *got = m + 1;
	const uint8_t unknown[] = { 0, MON_OP_END, 0x7f, 0x80, 0xff };
	struct buf b;

	for (size_t i = 0; i < sizeof(unknown); i++)
		ck_assert_int_eq(mon_get(view_of(unknown + i, 1), got),
		    E_PAYLOAD_TYPE);
	buf_init(&b, MON_MAX);
	m->op = MON_SA_SET;
	memset(m->sa.auth.name, 'x', sizeof(m->sa.auth.name));
	mon_put(&b, m);
	ck_assert_int_eq(mon_get(buf_view(&b), got), E_PAYLOAD);
	buf_reset(&b);
	m->op = MON_POLICY_SET;
	m->policy.ntmpl = IPSEC_TMPL_MAX + 1;
	mon_put(&b, m);
	ck_assert_int_eq(mon_get(buf_view(&b), got), E_PAYLOAD);
	buf_fini(&b);
	free(m);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { there_and_back, failures,
		nonsense };

	return suite_main("monmsg", tests, sizeof(tests) / sizeof(tests[0]));
}
