/* SPDX-License-Identifier: ISC */
/* What reports are made with: JSON, and the last problems. */
#include "daemon/json.h"
#include "ike/problem.h"
#include "ike/report.h"
#include "pair.h"
#include "suite.h"

#define TEXT(b)	((const char *)(b).p)

START_TEST(json)
{
	struct buf b;
	struct json j = { .out = &b };

	buf_init(&b, 1000);
	json_open(&j, NULL, '{');
	json_text(&j, "a", "\"\\\b\f\n\r\t\001\037\177\303\244");
	json_open(&j, "b", '[');
	json_close(&j, ']');
	json_text(&j, "c", NULL);
	json_number(&j, "d", UINT64_MAX);
	json_bool(&j, "e", false);
	json_close(&j, '}');
	buf_u8(&b, 0);
	ck_assert_str_eq(TEXT(b), "{\"a\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001"
	    "\\u001f\177\303\244\",\"b\":[],\"c\":null,"
	    "\"d\":18446744073709551615,\"e\":false}");
	buf_fini(&b);
}
END_TEST

static bool
count(void *ctx, const struct ike_problem *p)
{
	unsigned int *n = ctx;

	(void)p;
	(*n)++;
	return true;
}

static unsigned int
problems(const struct ike *ike)
{
	unsigned int n = 0;

	ike_each_problem(ike, count, &n);
	return n;
}

/* Strangers push out strangers only. */
START_TEST(problems_bounded)
{
	struct pair *pair = pair_new(NULL, NULL, 1000);
	struct ike *ike = pair->a.ike;
	struct ipsec_addr a = addr_of("198.51.100.1", 0);
	const struct ipsec_addr known = addr_of("192.0.2.2", 500);
	struct ike_problem p;

	problem_note(ike, &known, true, "our");
	problem_note(ike, &known, true, "own");
	for (unsigned int i = 0; i < 3000; i++) {
		a.bytes[2] = (uint8_t)(i >> 8);
		a.bytes[3] = (uint8_t)i;
		problem_note(ike, &a, false, "theirs");
	}
	ck_assert(ike_problem_of(ike, &known, &p));
	ck_assert_str_eq(p.text, "our; own");
	ck_assert(!p.solved);
	ck_assert_uint_eq(problems(ike), LIMIT_PROBLEMS_STRANGE + 1);
	for (unsigned int i = 0; i < 3000; i++) {
		a.bytes[2] = (uint8_t)(i >> 8);
		a.bytes[3] = (uint8_t)i;
		problem_note(ike, &a, true, "more");
	}
	ck_assert_uint_eq(problems(ike), LIMIT_PROBLEMS);
	ck_assert(!ike_problem_of(ike, &known, &p));
	problem_solved(ike, &a);
	ck_assert(ike_problem_of(ike, &a, &p));
	ck_assert(p.solved);
	pair_free(pair);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { json, problems_bounded };

	return suite_main("report", tests, sizeof(tests) / sizeof(tests[0]));
}
