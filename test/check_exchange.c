/* SPDX-License-Identifier: ISC */
/*
 * The runner of exchanges: masks, duplicates, the clock, jobs, failure, the
 * end.  What goes over the wire is in check_transmit.c.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ike/say.h"
#include "suite.h"
#include "toy.h"

/* Is the same message, given again, known as a duplicate? */
static bool
again(struct toy *toy, const uint8_t *types, const char *text)
{
	struct buf b;
	bool r;

	toy_message(toy, types, text, &b);
	r = exch_duplicate(toy->x, &toy->sa->remote, buf_view(&b));
	buf_fini(&b);
	return r;
}

/*
 * Masks
 */

START_TEST(masks)
{
	struct toy toy;
	static const uint8_t none[] = { ISAKMP_VID, 0 };
	static const uint8_t more[] = { ISAKMP_NONCE, ISAKMP_HASH, 0 };
	static const uint8_t may[] = { ISAKMP_VID, ISAKMP_NONCE, ISAKMP_N,
	    ISAKMP_VID, 200, 0 };

	toy_init(&toy, NULL, false);
	toy_new(&toy, &toy_responder);
	ck_assert_int_eq(toy_feed(&toy, none, "x", false), E_MISSING);
	ck_assert_int_eq(toy_feed(&toy, more, "x", false), E_UNEXPECTED);
	ck_assert_int_eq(toy_feed(&toy, toy_ke, "x", false), E_MISSING);
	ck_assert(pair_said(toy.pair, "toy TR1: missing payload: "));
	ck_assert(pair_said(toy.pair, "unexpected payload: "));
	/* nothing has happened, the right one may still come */
	ck_assert_uint_eq(toy.recvs, 0);
	ck_assert_uint_eq(toy.faileds, 0);
	ck_assert(!again(&toy, toy_ke, "x"));
	ck_assert_int_eq(toy_feed(&toy, may, "x", false), OK);
	ck_assert_uint_eq(toy.recvs, 1);
	ck_assert_uint_eq(toy.sends, 1);
	ck_assert_uint_eq(toy.pair->nsent, 1);
	/* the second row has another mask */
	ck_assert_str_eq(say_step(toy.x), "TR2");
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "y", false), E_MISSING);
	ck_assert_int_eq(toy_feed(&toy, toy_ke, "y", false), OK);
	ck_assert_uint_eq(toy.dones, 1);
	toy_fini(&toy);
}
END_TEST

START_TEST(must_be_sealed)
{
	struct toy toy;

	toy_init(&toy, NULL, false);
	toy_new(&toy, &toy_sealed);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), E_PLAIN);
	ck_assert_uint_eq(toy.recvs, 0);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", true), OK);
	toy_fini(&toy);
}
END_TEST

/* A handler that cannot use a message: forged ones change nothing. */
START_TEST(unusable)
{
	struct toy toy;
	static const enum err soft[] = { E_HASH, E_PLAIN, E_MISSING,
	    E_UNEXPECTED, E_PAYLOAD, E_LENGTH, E_SHORT, E_PAYLOAD_TYPE };
	static const enum err hard[] = { E_NOPROPOSAL, E_KE, E_NOPSK, E_ID,
	    E_KERNEL, E_CRYPTO, E_NOPOLICY };

	toy_init(&toy, NULL, false);
	toy_new(&toy, &toy_responder);
	for (size_t i = 0; i < sizeof(soft) / sizeof(soft[0]); i++) {
		toy.recv_err = soft[i];
		ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false),
		    soft[i]);
		ck_assert_uint_eq(toy.faileds, 0);
		ck_assert(!again(&toy, toy_nonce, "x"));
	}
	for (unsigned i = 0; i < sizeof(hard) / sizeof(hard[0]); i++) {
		if (toy.x == NULL)
			toy_new(&toy, &toy_responder);
		toy.recv_err = hard[i];
		ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false),
		    hard[i]);
		ck_assert_uint_eq(toy.faileds, i + 1);
		ck_assert_int_eq(toy.why, hard[i]);
		ck_assert_ptr_null(exch_find(toy.sa, TOY_ETYPE, 7));
	}
	ck_assert_uint_eq(toy.pair->nsent, 0);
	toy_fini(&toy);
}
END_TEST

/*
 * Duplicates: exactly one side acts on them.
 */

START_TEST(responder_repeats)
{
	struct toy toy;

	toy_init(&toy, NULL, false);
	toy_new(&toy, &toy_responder);
	ck_assert(!again(&toy, toy_nonce, "x"));
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	ck_assert_uint_eq(toy.pair->nsent, 1);
	ck_assert(again(&toy, toy_nonce, "x"));
	ck_assert_uint_eq(toy.pair->nsent, 2);
	ck_assert(view_equal(buf_view(&toy.pair->sent[0].bytes),
	    buf_view(&toy.pair->sent[1].bytes)));
	ck_assert_uint_eq(toy.recvs, 1);
	ck_assert_uint_eq(toy.sends, 1);
	ck_assert(!again(&toy, toy_nonce, "y"));
	ck_assert(!again(&toy, toy_ke, "x"));
	ck_assert_uint_eq(stats_of(&toy.pair->a).duplicates, 1);
	ck_assert_uint_eq(stats_of(&toy.pair->a).resent, 1);
	/* the last word is repeated too, to the message before it alone */
	ck_assert_int_eq(toy_feed(&toy, toy_ke, "x", false), OK);
	ck_assert_uint_eq(toy.pair->nsent, 3);
	ck_assert(!again(&toy, toy_nonce, "x"));
	ck_assert(again(&toy, toy_ke, "x"));
	ck_assert_uint_eq(toy.pair->nsent, 4);
	toy_fini(&toy);
}
END_TEST

START_TEST(initiator_repeats_last_word)
{
	struct toy toy;

	toy_init(&toy, NULL, true);
	toy_new(&toy, &toy_initiator);
	exch_start(toy.x);
	ck_assert_uint_eq(toy.pair->nsent, 1);
	ck_assert(!again(&toy, toy_nonce, "x"));
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	ck_assert_uint_eq(toy.dones, 1);
	ck_assert_uint_eq(toy.pair->nsent, 2);
	ck_assert(again(&toy, toy_nonce, "x"));
	ck_assert_uint_eq(toy.pair->nsent, 3);
	ck_assert(view_equal(buf_view(&toy.pair->sent[1].bytes),
	    buf_view(&toy.pair->sent[2].bytes)));
	toy_fini(&toy);
}
END_TEST

/* Before that it has the clock: an echo of an echo would double for ever. */
START_TEST(initiator_drops)
{
	struct toy toy;
	struct step rows[3];
	struct flow flow = toy_initiator;

	memcpy(rows, toy_initiator.step, 2 * sizeof(rows[0]));
	rows[2] = rows[1];
	rows[2].must = MSG_BIT(ISAKMP_KE);
	flow.step = rows;
	flow.nsteps = 3;
	toy_init(&toy, NULL, true);
	toy_new(&toy, &flow);
	exch_start(toy.x);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	ck_assert_uint_eq(toy.pair->nsent, 2);
	ck_assert(again(&toy, toy_nonce, "x"));
	ck_assert_uint_eq(toy.pair->nsent, 2);
	toy_fini(&toy);
}
END_TEST

/*
 * The clock
 */

/* Lets a minute and more pass; the times (s) of what was sent meanwhile. */
static unsigned int
times(struct toy *toy, unsigned int seconds, unsigned int *at,
    unsigned int max)
{
	size_t before = toy->pair->nsent;
	unsigned int n = 0;

	for (unsigned int ms = 0; ms < seconds * 1000; ms += 250) {
		if (toy->pair->nsent > before) {
			ck_assert_uint_lt(n, max);
			ck_assert_uint_eq(toy->pair->nsent, before + 1);
			at[n++] = ms;
			before = toy->pair->nsent;
		}
		pair_tick(toy->pair, 250);
	}
	return n;
}

START_TEST(schedule)
{
	struct toy toy;
	static const unsigned int want[] = { 1000, 3000, 7000, 15000, 25000,
	    35000, 45000 };
	unsigned int at[20], n;

	toy_init(&toy, NULL, true);	/* 5 times 10 seconds */
	toy_new(&toy, &toy_initiator);
	ck_assert_uint_eq(exch_span(toy.x), 50000);
	exch_start(toy.x);
	n = times(&toy, 49, at, 20);
	ck_assert_uint_eq(n, sizeof(want) / sizeof(want[0]));
	ck_assert_mem_eq(at, want, sizeof(want));
	ck_assert_uint_eq(toy.sends, 1);
	ck_assert_uint_eq(stats_of(&toy.pair->a).resent, n);
	ck_assert_uint_eq(toy.faileds, 0);
	pair_tick(toy.pair, 1000);
	ck_assert_uint_eq(toy.faileds, 1);
	ck_assert_int_eq(toy.why, E_TIMEOUT);
	ck_assert_uint_eq(toy.pair->nsent, 1 + n);
	toy_fini(&toy);
}
END_TEST

START_TEST(schedule_configured)
{
	struct toy toy;
	static const unsigned int want[] = { 1000, 3000, 6000, 9000 };
	char conf[2000];
	unsigned int at[20], n;

	snprintf(conf, sizeof(conf), "%s"
	    "timer { interval 3 sec; phase2 12 sec; }\n", pair_conf);
	toy_init(&toy, conf, true);
	toy_new(&toy, &toy_initiator);
	exch_start(toy.x);
	n = times(&toy, 60, at, 20);
	ck_assert_uint_eq(n, sizeof(want) / sizeof(want[0]));
	ck_assert_mem_eq(at, want, sizeof(want));
	ck_assert_int_eq(toy.why, E_TIMEOUT);
	toy_fini(&toy);
}
END_TEST

START_TEST(persend)
{
	struct toy toy;
	char conf[2000];

	snprintf(conf, sizeof(conf), "timer { persend 3; }\n%s", pair_conf);
	toy_init(&toy, conf, true);
	toy_new(&toy, &toy_initiator);
	exch_start(toy.x);
	ck_assert_uint_eq(toy.pair->nsent, 3);
	pair_tick(toy.pair, 1000);
	ck_assert_uint_eq(toy.pair->nsent, 6);
	toy_fini(&toy);
}
END_TEST

/* A responder of phase 1 never speaks unasked. */
START_TEST(does_not_insist)
{
	struct toy toy;
	unsigned int at[20];

	toy_init(&toy, NULL, false);
	toy_new(&toy, &toy_responder);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	ck_assert_uint_eq(times(&toy, 50, at, 20), 0);
	ck_assert_uint_eq(toy.pair->nsent, 1);
	ck_assert_int_eq(toy.why, E_TIMEOUT);
	toy_fini(&toy);
}
END_TEST

START_TEST(responder_insists)
{
	struct toy toy;
	unsigned int at[20];

	toy_init(&toy, NULL, false);
	toy_new(&toy, &toy_insisting);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	ck_assert_uint_eq(times(&toy, 5, at, 20), 2);
	ck_assert_int_eq(toy_feed(&toy, toy_ke, "x", false), OK);
	ck_assert_uint_eq(toy.dones, 1);
	/* the peer has the last word: nothing to linger for */
	ck_assert_ptr_null(exch_find(toy.sa, TOY_ETYPE, 7));
	ck_assert_uint_eq(times(&toy, 60, at, 20), 0);
	toy_fini(&toy);
}
END_TEST

/* A new message starts the clock anew. */
START_TEST(clock_restarts)
{
	struct toy toy;
	struct step rows[3];
	struct flow flow = toy_initiator;
	unsigned int at[20];

	memcpy(rows, toy_initiator.step, 2 * sizeof(rows[0]));
	rows[2] = rows[1];
	rows[2].must = MSG_BIT(ISAKMP_KE);
	flow.step = rows;
	flow.nsteps = 3;
	toy_init(&toy, NULL, true);
	toy_new(&toy, &flow);
	exch_start(toy.x);
	ck_assert_uint_eq(times(&toy, 40, at, 20), 6);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	ck_assert_uint_eq(times(&toy, 4, at, 20), 2);
	ck_assert_uint_eq(at[0], 1000);
	ck_assert_uint_eq(at[1], 3000);
	ck_assert_uint_eq(times(&toy, 45, at, 20), 5);
	ck_assert_uint_eq(toy.faileds, 0);
	toy_fini(&toy);
}
END_TEST

/*
 * Jobs
 */

START_TEST(waits_for_jobs)
{
	struct toy toy;
	struct node *a;

	toy_init(&toy, NULL, false);
	a = &toy.pair->a;
	toy.jobs = 2;
	toy_new(&toy, &toy_responder);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	ck_assert_ptr_nonnull(a->jobs);
	ck_assert_uint_eq(toy.pair->nsent, 0);
	/* nothing is taken meanwhile, and no clock runs */
	ck_assert_int_eq(toy_feed(&toy, toy_ke, "x", false), E_DUPLICATE);
	ck_assert(again(&toy, toy_nonce, "x"));
	pair_tick(toy.pair, 100000);
	ck_assert_uint_eq(toy.faileds, 0);
	ck_assert_uint_eq(toy.pair->nsent, 0);
	node_work(a);
	ck_assert_uint_eq(toy.runs, 2);
	ck_assert_uint_eq(toy.takes, 2);
	ck_assert_uint_eq(toy.pair->nsent, 1);
	ck_assert_int_eq(toy_feed(&toy, toy_ke, "x", false), OK);
	toy_fini(&toy);
}
END_TEST

/* The same in a later row: the answer before is not for this message. */
START_TEST(waits_in_second_row)
{
	struct toy toy;
	struct step rows[2];
	struct flow flow = toy_responder;

	memcpy(rows, toy_responder.step, sizeof(rows));
	rows[1].work = rows[0].work;
	flow.step = rows;
	toy_init(&toy, NULL, false);
	toy_new(&toy, &flow);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	ck_assert_uint_eq(toy.pair->nsent, 1);
	toy.jobs = 1;
	ck_assert_int_eq(toy_feed(&toy, toy_ke, "x", false), OK);
	ck_assert(again(&toy, toy_ke, "x"));
	pair_tick(toy.pair, 100000);
	ck_assert_uint_eq(toy.faileds, 0);
	ck_assert_uint_eq(toy.pair->nsent, 1);
	node_work(&toy.pair->a);
	ck_assert_uint_eq(toy.dones, 1);
	ck_assert_uint_eq(toy.pair->nsent, 2);
	toy_fini(&toy);
}
END_TEST

START_TEST(starts_with_job)
{
	struct toy toy;

	toy_init(&toy, NULL, true);
	toy.jobs = 1;
	toy_new(&toy, &toy_initiator);
	exch_start(toy.x);
	ck_assert_uint_eq(toy.pair->nsent, 0);
	node_work(&toy.pair->a);
	ck_assert_uint_eq(toy.pair->nsent, 1);
	toy_fini(&toy);
}
END_TEST

START_TEST(job_fails)
{
	struct toy toy;

	toy_init(&toy, NULL, false);
	toy.jobs = 1;
	toy.run_err = E_KE;
	toy_new(&toy, &toy_responder);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	node_work(&toy.pair->a);
	ck_assert_uint_eq(toy.takes, 0);
	ck_assert_uint_eq(toy.faileds, 1);
	ck_assert_int_eq(toy.why, E_KE);
	toy.run_err = OK;
	toy.take_err = E_CRYPTO;
	toy_new(&toy, &toy_responder);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	node_work(&toy.pair->a);
	ck_assert_uint_eq(toy.takes, 1);
	ck_assert_int_eq(toy.why, E_CRYPTO);
	ck_assert_uint_eq(toy.sends, 0);
	toy_fini(&toy);
}
END_TEST

/* A job may outlive its exchange, or come back when that has failed. */
START_TEST(job_too_late)
{
	struct toy toy;

	toy_init(&toy, NULL, false);
	toy.jobs = 1;
	toy_new(&toy, &toy_responder);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	exch_free(toy.x);
	toy_new(&toy, &toy_responder);	/* not this one's */
	node_work(&toy.pair->a);
	ck_assert_uint_eq(toy.takes, 0);
	ck_assert_uint_eq(toy.pair->nsent, 0);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	toy.keep = true;
	exch_fail(toy.x, E_STOPPED);
	node_work(&toy.pair->a);
	ck_assert_uint_eq(toy.takes, 0);
	ck_assert_uint_eq(toy.faileds, 1);
	ck_assert_uint_eq(toy.pair->nsent, 0);
	toy_fini(&toy);
}
END_TEST

/* The engine goes while jobs are out: they are the host's to free. */
START_TEST(job_without_engine)
{
	struct toy toy;
	struct pair *pair;

	toy_init(&toy, NULL, false);
	toy.jobs = 1;
	toy_new(&toy, &toy_responder);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	pair = toy.pair;
	ck_assert_ptr_nonnull(pair->a.jobs);
	toy_fini(&toy);
	ck_assert_uint_eq(toy.faileds, 1);
	ck_assert_int_eq(toy.why, E_STOPPED);
}
END_TEST

/*
 * Failure and the end
 */

START_TEST(cannot_send)
{
	struct toy toy;

	toy_init(&toy, NULL, false);
	toy.send_err = E_KERNEL;
	toy_new(&toy, &toy_responder);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	ck_assert_int_eq(toy.why, E_KERNEL);
	toy.send_err = OK;
	toy.bytes = LIMIT_MESSAGE;	/* does not fit */
	toy_new(&toy, &toy_responder);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	ck_assert_int_eq(toy.why, E_LIMIT);
	toy_new(&toy, &toy_sealed);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", true), OK);
	ck_assert_int_eq(toy.why, E_LIMIT);
	ck_assert_uint_eq(toy.faileds, 3);
	ck_assert_uint_eq(toy.pair->nsent, 0);
	toy_fini(&toy);
}
END_TEST

/* Who has the last word stays for the peer's span, and is wiped before. */
START_TEST(lingers)
{
	struct toy toy;

	toy_init(&toy, NULL, false);
	toy_new(&toy, &toy_responder);
	ck_assert_int_eq(toy_feed(&toy, toy_nonce, "x", false), OK);
	ck_assert_uint_eq(exch_live(toy.sa), 1);
	ck_assert_uint_eq(toy.cleans, 0);
	ck_assert_int_eq(toy_feed(&toy, toy_ke, "x", false), OK);
	ck_assert_uint_eq(toy.dones, 1);
	ck_assert_uint_eq(toy.cleans, 1);
	ck_assert_uint_eq(exch_live(toy.sa), 0);
	ck_assert_int_eq(toy_feed(&toy, toy_ke, "y", false), E_DUPLICATE);
	pair_tick(toy.pair, 50000);
	ck_assert_ptr_eq(exch_find(toy.sa, TOY_ETYPE, 7), toy.x);
	ck_assert(again(&toy, toy_ke, "x"));
	ck_assert_uint_eq(toy.pair->nsent, 3);
	pair_tick(toy.pair, 10000);
	ck_assert_ptr_null(exch_find(toy.sa, TOY_ETYPE, 7));
	ck_assert_uint_eq(toy.faileds, 0);
	ck_assert_uint_eq(counts_of(&toy.pair->a).exchanges, 0);
	ck_assert_uint_eq(counts_of(&toy.pair->a).timers, 0);
	toy_fini(&toy);
}
END_TEST

START_TEST(finds)
{
	struct toy toy;
	struct exchange *first, *last;

	toy_init(&toy, NULL, false);
	toy_new(&toy, &toy_responder);
	first = toy.x;
	last = exch_new(toy.sa, &toy_sealed, 8);
	last->quick = first->quick;
	ck_assert_uint_ne(first->serial, last->serial);
	ck_assert_ptr_eq(exch_find(toy.sa, TOY_ETYPE, 7), first);
	ck_assert_ptr_eq(exch_find(toy.sa, TOY_ETYPE, 8), last);
	ck_assert_ptr_null(exch_find(toy.sa, TOY_ETYPE, 9));
	ck_assert_ptr_null(exch_find(toy.sa, TOY_ETYPE + 1, 7));
	exch_free(first);
	ck_assert_ptr_null(exch_find(toy.sa, TOY_ETYPE, 7));
	ck_assert_ptr_eq(exch_find(toy.sa, TOY_ETYPE, 8), last);
	ck_assert_uint_eq(toy.sa->nexchanges, 1);
	toy_fini(&toy);		/* frees the other one */
	ck_assert_uint_eq(toy.faileds, 1);
	ck_assert_uint_eq(toy.cleans, 2);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		masks, must_be_sealed, unusable, responder_repeats,
		initiator_repeats_last_word, initiator_drops, schedule,
		schedule_configured, persend, does_not_insist,
		responder_insists, clock_restarts, waits_for_jobs,
		waits_in_second_row, starts_with_job, job_fails,
		job_too_late, job_without_engine, cannot_send, lingers, finds,
	};

	return suite_main("exchange", tests, sizeof(tests) / sizeof(tests[0]));
}
