/* SPDX-License-Identifier: ISC */
/*
 * What went wrong in racoon before, one test for each entry of the table in
 * doc/SECURITY.md that no other program has: memory that grows, SAs that
 * nobody releases, names and keys of strangers.  Messages that are not what
 * they should be are in check_cve.c.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/psk.h"
#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/sa.h"
#include "quick.h"
#include "suite.h"
#include "wire/msg.h"
#include "wire/payload.h"
#include "wire/sa.h"

#define CONF(hash, remote)						\
	"path pre_shared_key \"/psk.txt\";\n"				\
	"remote anonymous {\n"						\
	"	nat_traversal off; " remote "\n"			\
	"	proposal {\n"						\
	"		encryption_algorithm aes; hash_algorithm " hash ";\n" \
	"		authentication_method pre_shared_key;\n"	\
	"		dh_group modp768;\n"				\
	"	}\n"							\
	"}\n"								\
	"sainfo anonymous {\n"						\
	"	lifetime time 30 min; encryption_algorithm aes;\n"	\
	"	authentication_algorithm hmac_sha256;\n"		\
	"	compression_algorithm deflate;\n"			\
	"}\n"

static const struct mode {
	const char	*conf, *other;	/* that has no proposal in common */
	unsigned int	 n;
} modes[] = {
	{ CONF("sha256", "exchange_mode main;"),
	    CONF("md5", "exchange_mode main;"), 6 },
	{ CONF("sha256", "exchange_mode aggressive;"),
	    CONF("md5", "exchange_mode aggressive;"), 3 },
	{ CONF("sha256", "exchange_mode base;"),
	    CONF("md5", "exchange_mode base;"), 4 },
};

#define MODES	(sizeof(modes) / sizeof(modes[0]))

static void
begin(struct pair *pair)
{
	pair_begin(pair);
	node_work(&pair->a);
}

/*
 * Memory
 */

/* Of the address sanitizer, when that is there: it has a heap of its own. */
extern size_t __sanitizer_get_current_allocated_bytes(void)
    __attribute__((weak));

static size_t
heap_now(void)
{
	return __sanitizer_get_current_allocated_bytes != NULL ?
	    __sanitizer_get_current_allocated_bytes() : mallinfo2().uordblks;
}

/* What the harness itself keeps goes, but for datagram KEEP. */
static void
forget(struct pair *pair, size_t keep)
{
	while (pair->nsent > keep)
		buf_fini(&pair->sent[--pair->nsent].bytes);
	pair->next = pair->nsent;
	while (pair->nlines > 0)
		free(pair->line[--pair->nlines]);
}

/* Does DO_IT again and again; after a while nothing more is allocated. */
static void
does_not_grow(struct pair *pair, size_t keep, unsigned int times,
    void (*do_it)(struct pair *, uint32_t nth))
{
	size_t before = 0;
	uint32_t nth = 0;

	for (int round = 0; round < 4; round++) {
		for (unsigned int i = 0; i < times; i++)
			do_it(pair, nth++);
		pair_tick(pair, 200000);
		forget(pair, keep);
		if (round == 1)
			before = heap_now();
	}
	ck_assert_uint_gt(before, 0);
	/* malloc's own caches fill; a piece for each time would be more */
	ck_assert_uint_ge(times, 300);
	ck_assert_uint_le(heap_now(), before + 8192);
}

static void
offer_again(struct pair *pair, uint32_t nth)
{
	struct buf b;

	buf_init(&b, LIMIT_DATAGRAM);
	buf_set(&b, buf_view(&pair->sent[0].bytes));
	buf_patch32(&b, 0, nth + 1);
	pair_inject(pair, &pair->b, &pair->a.addr, buf_view(&b));
	buf_fini(&b);
	node_work(&pair->b);
	ck_assert_uint_eq(counts_of(&pair->b).sas, 0);
	if (nth % 20 == 0)
		forget(pair, 1);
}

/* An offer under a new message id, whose transforms B does not accept. */
static void
child_again(struct pair *pair, uint32_t nth)
{
	struct ipsec_selector sel = pair_selector(&pair->a);

	node_acquire(&pair->a, &sel, nth + 2);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->b).children, 0);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
	forget(pair, 0);
	/* not all of them under one SA, which remembers message ids */
	if (nth % 50 == 49) {
		sa_end(node_sa(&pair->a), E_DELETED, true);
		pair_run(pair);
	}
}

START_TEST(cve_2008_3651)
{
	char other[2000], conf[2000];
	struct pair *pair;

	for (size_t m = 0; m < MODES; m++) {
		pair = pair_new(modes[m].conf, modes[m].other, 1000);
		begin(pair);
		does_not_grow(pair, 1, 500, offer_again);
		ck_assert_uint_ge(stats_of(&pair->b).phase1_failed, 2000);
		pair_free(pair);
	}
	conf_with(conf, "", "lifetime time 30 min;");
	snprintf(other, sizeof(other), "%s", conf);
	memcpy(strstr(other, "hmac_sha1"), "hmac_md5 ", 9);
	pair = pair_new(conf, other, 1000);
	pair_transport(pair);
	does_not_grow(pair, 0, 300, child_again);
	ck_assert_uint_ge(stats_of(&pair->b).phase2_failed, 1200);
	pair_free(pair);
}
END_TEST

/* Whoever falls silent, and when: each side's SA is gone after its time. */
START_TEST(cve_2008_3652)
{
	for (size_t m = 0; m < MODES; m++)
		for (unsigned int n = 0; n < modes[m].n + 4; n++) {
			struct pair *pair = pair_new(modes[m].conf,
			    modes[m].conf, 1000);
			struct node *node;

			begin(pair);
			pair_run_some(pair, n);
			pair_tick(pair, 24 * 3600 * 1000u);
			for (int i = 0; i < 2; i++) {
				node = i == 0 ? &pair->a : &pair->b;
				ck_assert_uint_eq(counts_of(node).sas, 0);
				ck_assert_uint_eq(counts_of(node).exchanges,
				    0);
				ck_assert_uint_eq(counts_of(node).wants, 0);
				ck_assert_uint_eq(counts_of(node).timers,
				    counts_of(node).children);
				ck_assert_uint_eq(kernel_larvals(
				    node->kernel), 0);
			}
			pair_free(pair);
		}
}
END_TEST

/* Phase 1 is flushed while a quick mode is under way, at every point of it,
 * on either side, with its jobs still to come back. */
static void
flush_midway(unsigned int n, bool responders, bool tell)
{
	struct pair *pair = pair_with("", "pfs_group modp768;",
	    "pfs_group modp768;");
	struct node *node = responders ? &pair->b : &pair->a;
	struct ipsec_selector sel = pair_selector(&pair->a);

	ck_assert(gets_child(pair));
	node_acquire(&pair->a, &sel, 2);
	for (unsigned int i = 0; i < n; i++) {
		if (i % 2 == 0)
			(void)pair_deliver(pair);
		else {
			node_work(&pair->a);
			node_work(&pair->b);
		}
	}
	sa_end(node_sa(node), E_DELETED, tell);
	pair_run(pair);
	for (int i = 0; i < 100; i++) {
		pair_tick(pair, 1000);
		pair_run(pair);
	}
	ck_assert_uint_ge(counts_of(node).children, 1);
	ck_assert_uint_eq(counts_of(node).wants, 0);
	ck_assert_uint_eq(kernel_larvals(node->kernel), 0);
	pair_tick(pair, 24 * 3600 * 1000u);
	ck_assert_uint_eq(counts_of(node).exchanges, 0);
	pair_free(pair);
}

START_TEST(phase1_flushed_under_phase2)
{
	for (unsigned int n = 0; n < 10; n++)
		for (int how = 0; how < 4; how++)
			flush_midway(n, how & 1, how & 2);
}
END_TEST

static void
some_time(struct pair *pair, uint32_t nth)
{
	size_t before = pair->nsent;

	(void)nth;
	pair_tick(pair, 1000);
	ck_assert_uint_gt(pair->nsent, before);
	forget(pair, 0);
}

/* A keepalive each second leaves nothing behind. */
START_TEST(cve_2009_1632)
{
	static const char conf[] = "timer { natt_keepalive 1 sec; }\n"
	    "remote anonymous { exchange_mode main; nat_traversal force;\n"
	    "lifetime time 24 hour; proposal { encryption_algorithm aes;\n"
	    "hash_algorithm sha256; authentication_method pre_shared_key;\n"
	    "dh_group modp768; } }\n"
	    "sainfo anonymous { lifetime time 24 hour;\n"
	    "encryption_algorithm aes; authentication_algorithm hmac_sha1;\n"
	    "compression_algorithm deflate; }\n";
	struct pair *pair = pair_new(conf, conf, 1000);

	pair->a.natt = pair->b.natt = true;
	pair_connect(pair);
	does_not_grow(pair, 0, 500, some_time);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	pair_free(pair);
}
END_TEST

/*
 * Methods that we do not have
 */

#define GSS_METHOD	65001
#define GSS_ID		16384

/* The offer of A as one of GSSAPI, with the name that goes with it. */
static void
offer_gss(struct pair *pair, bool with_name, struct buf *out)
{
	static const uint8_t psk[] = { 0x80, P1_ATTR_METHOD, 0, 1 };
	static const char name[] = "h\0o\0s\0t\0";
	struct msg_header h;
	struct msg_out o;
	struct msg msg;
	uint8_t *p;

	ck_assert_int_eq(msg_header_get(buf_view(&pair->sent[0].bytes), &h),
	    OK);
	ck_assert_int_eq(msg_parse(&msg, &h, buf_from(&pair->sent[0].bytes,
	    ISAKMP_HEADER_LEN), false), OK);
	ck_assert_uint_eq(msg.p[0].type, ISAKMP_SA);
	buf_reset(out);
	msg_begin(&o, out, &h);
	msg_open(&o, ISAKMP_SA);
	buf_add(out, msg.p[0].body);
	p = memmem(out->p, out->n, psk, sizeof(psk));
	ck_assert_ptr_nonnull(p);
	buf_patch16(out, (size_t)(p - out->p) + 2, GSS_METHOD);
	if (with_name) {
		/* of the one proposal, then of its one transform */
		for (size_t at = 28 + 4 + 8 + 2; at <= 28 + 4 + 8 + 8 + 2;
		    at += 8)
			buf_patch16(out, at, (uint16_t)((out->p[at] << 8 |
			    out->p[at + 1]) + 4 + 8));
		buf_u16(out, GSS_ID);
		buf_u16(out, 8);
		buf_add(out, view_of(name, 8));
	}
	msg_close(&o);
	for (unsigned int k = 1; k < msg.n; k++)
		msg_put(&o, msg.p[k].wire_type, msg.p[k].body);
	ck_assert(msg_end(&o));
}

START_TEST(cve_2015_4047)
{
	for (size_t m = 0; m < MODES; m++)
		for (int with_name = 0; with_name < 2; with_name++) {
			struct pair *pair = pair_new(modes[m].conf,
			    modes[m].conf, 1000);
			struct buf b;

			begin(pair);
			buf_init(&b, LIMIT_DATAGRAM);
			offer_gss(pair, with_name, &b);
			pair_inject(pair, &pair->b, &pair->a.addr,
			    buf_view(&b));
			buf_fini(&b);
			ck_assert(pair_said(pair, "no suitable proposal "
			    "found"));
			ck_assert_uint_eq(counts_of(&pair->b).sas, 0);
			ck_assert_uint_eq(pair->b.njobs, 0);
			/* and the right one is as welcome as ever */
			pair_run(pair);
			ck_assert_uint_eq(counts_of(&pair->b).children, 1);
			pair_free(pair);
		}
}
END_TEST

/*
 * Names of strangers
 */

/* A's identity as bytes that no configuration could name. */
static struct pair *
pair_of_name(const char *mode, const char *b, struct view name)
{
	char one[1000], two[1000];
	struct pair *pair;

	snprintf(one, sizeof(one), CONF("sha256", "exchange_mode %s; "
	    "my_identifier fqdn \"x\";"), mode);
	snprintf(two, sizeof(two), CONF("sha256", "exchange_mode %s; %s"),
	    mode, b);
	pair = pair_new(one, two, 1000);
	buf_set(&pair->a.conf->remote[0]->my_id.data, name);
	begin(pair);
	pair_run(pair);
	return pair;
}

/* What a peer says is data, no format; and no line of the log is its own. */
START_TEST(format_strings)
{
	static const char name[] =
	    "%n%s%1000000d%hhn\n\r\033]0;x\a\tracoon: all is well";
	static const char *const two[] = { "aggressive", "base" };

	for (int i = 0; i < 2; i++) {
		struct pair *pair = pair_of_name(two[i], "verify_identifier "
		    "on; peers_identifier fqdn \"y\";",
		    view_of(name, sizeof(name) - 1));

		ck_assert_uint_eq(counts_of(&pair->b).ready, 0);
		ck_assert(pair_said(pair, "%n%s%1000000d%hhn"));
		for (size_t k = 0; k < pair->nlines; k++)
			for (const char *p = pair->line[k]; *p != '\0'; p++)
				ck_assert_int_ge((unsigned char)*p, ' ');
		pair_free(pair);
	}
}
END_TEST

/* Neither less nor more nor nearly the same is the name. */
START_TEST(fqdn_prefix)
{
	static const struct {
		const char *name;
		size_t n;
	} names[] = {
		{ "", 0 }, { "c", 1 }, { "client.exampl", 13 },
		{ "client.example.", 15 }, { "client.example.evil", 19 },
		{ "client.example\0", 15 }, { "client.example\0.evil", 20 },
		{ "\0client.example", 15 }, { " client.example", 15 },
		{ "*", 1 }, { "client.*", 8 },
	};
	static const char *const two[] = { "aggressive", "base" };
	static const char strict[] = "verify_identifier on; "
	    "peers_identifier fqdn \"client.example\";";
	struct pair *pair;

	for (int m = 0; m < 2; m++) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]);
		    i++) {
			pair = pair_of_name(two[m], strict,
			    view_of(names[i].name, names[i].n));
			ck_assert_msg(counts_of(&pair->b).ready == 0,
			    "\"%s\" passes", names[i].name);
			ck_assert_uint_eq(counts_of(&pair->b).sas, 0);
			pair_free(pair);
		}
		pair = pair_of_name(two[m], strict,
		    view_text("client.example"));
		ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
		pair_free(pair);
	}
}
END_TEST

/*
 * Pre-shared keys
 */

static enum err
key_of(struct view text, struct view id, struct buf *key)
{
	struct psk_index *x = psk_index_new(text);
	enum err r, s;

	r = psk_find(text, id, key, NULL);
	s = psk_index_find(x, id, key, NULL);
	psk_index_free(x);
	ck_assert_int_eq(r, s);
	return r;
}

/* A name finds the line of that very name; a line is no pattern. */
START_TEST(psk_prefix)
{
	static const char text[] = "client.example one\n*.example two\n"
	    "192.0.2.1 three\nclient* four\n#x five\n";
	static const struct view no[] = {
		{ .p = (const uint8_t *)"client.exampl", .n = 13 },
		{ .p = (const uint8_t *)"client.example.", .n = 15 },
		{ .p = (const uint8_t *)"client.example\0", .n = 15 },
		{ .p = (const uint8_t *)"client.example one", .n = 18 },
		{ .p = (const uint8_t *)"client.example\none", .n = 18 },
		{ .p = (const uint8_t *)"one\n*.example", .n = 13 },
		{ .p = (const uint8_t *)"a.example", .n = 9 },
		{ .p = (const uint8_t *)"192.0.2.10", .n = 10 },
		{ .p = (const uint8_t *)"192.0.2.", .n = 8 },
		{ .p = (const uint8_t *)"client", .n = 6 },
		{ .p = (const uint8_t *)"#x", .n = 2 },
		{ .p = (const uint8_t *)"*", .n = 1 },
		{ .p = (const uint8_t *)"", .n = 0 },
	};
	struct buf key;

	buf_init(&key, PSK_MAX);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ck_assert_msg(key_of(view_text(text), no[i], &key) ==
		    E_NOPSK, "%zu: \"%s\"", i, (const char *)no[i].p);
	ck_assert_int_eq(key_of(view_text(text), view_text("client.example"),
	    &key), OK);
	ck_assert(view_equal(buf_view(&key), view_text("one")));
	buf_fini(&key);
}
END_TEST

/* No line makes an empty key, nor one that ends at a NUL. */
START_TEST(psk_empty)
{
	static const char *const lines[] = { "a", "a ", "a\t \t", "a 0x",
	    "a 0x ", "a  \n", "a\n0x00", "\n", " a", "a\n\n a" };
	static const char nul[] = "a se\0cret\n";
	struct buf key;

	buf_init(&key, PSK_MAX);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		ck_assert_msg(key_of(view_text(lines[i]), view_text("a"),
		    &key) != OK, "\"%s\"", lines[i]);
		ck_assert_uint_eq(key.n, 0);
	}
	ck_assert_int_eq(key_of(view_of(nul, sizeof(nul) - 1),
	    view_text("a"), &key), OK);
	ck_assert(view_equal(buf_view(&key), view_of("se\0cret", 7)));
	buf_fini(&key);
}
END_TEST

/* Somebody else's key does not do, be it the same but for its end. */
START_TEST(psk_of_another)
{
	static const char *const other[] = { "", "a", "a secre", "a secrets",
	    "A secret" };

	for (size_t m = 0; m < MODES; m++)
		for (size_t i = 0; i < sizeof(other) / sizeof(other[0]);
		    i++) {
			struct pair *pair = pair_new(modes[m].conf,
			    modes[m].conf, 1000);

			pair->a.psk = other[i];
			begin(pair);
			pair_run(pair);
			ck_assert_uint_eq(counts_of(&pair->a).ready, 0);
			ck_assert_uint_eq(counts_of(&pair->b).ready, 0);
			pair_free(pair);
		}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		cve_2008_3651, cve_2008_3652, phase1_flushed_under_phase2,
		cve_2009_1632, cve_2015_4047, format_strings, fqdn_prefix,
		psk_prefix, psk_empty, psk_of_another,
	};

	return suite_main("cve-more", tests,
	    sizeof(tests) / sizeof(tests[0]));
}
