/* SPDX-License-Identifier: ISC */
/*
 * Phase 1 that does not come to be: what is told to the operator, and what to
 * the peer.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ike/sa.h"
#include "pair.h"
#include "suite.h"
#include "wire/msg.h"
#include "wire/payload.h"

#define PROPOSAL							\
	"	proposal {\n"						\
	"		encryption_algorithm aes; hash_algorithm sha256;\n" \
	"		authentication_method pre_shared_key;\n"	\
	"		dh_group modp768;\n"				\
	"	}\n"
#define SAINFO								\
	"sainfo anonymous {\n"						\
	"	lifetime time 30 min; encryption_algorithm aes;\n"	\
	"	authentication_algorithm hmac_sha256;\n"		\
	"	compression_algorithm deflate;\n"			\
	"}\n"
#define CONF(body)							\
	"path pre_shared_key \"/psk.txt\";\n"				\
	"remote anonymous {\n"						\
	"	nat_traversal off;\n" body "\n" PROPOSAL		\
	"}\n" SAINFO

static const char *const modes[] = {
	CONF("exchange_mode main;"), CONF("exchange_mode aggressive;"),
	CONF("exchange_mode base;")
};

static bool
sealed(const struct pair *pair, size_t i)
{
	return pair_header(pair, i).flags & ISAKMP_FLAG_ENCRYPTED;
}

/* The log says what to look at. */
START_TEST(nearest_proposal)
{
	static const char theirs[] =
	    "path pre_shared_key \"/psk.txt\";\n"
	    "remote anonymous { exchange_mode main; nat_traversal off;\n"
	    "proposal { encryption_algorithm 3des; hash_algorithm md5;\n"
	    "authentication_method pre_shared_key; dh_group modp1024; }\n"
	    "proposal { encryption_algorithm aes; hash_algorithm sha1;\n"
	    "authentication_method pre_shared_key; dh_group modp768; }\n"
	    "}\n" SAINFO;
	static const struct {
		const char *a, *b, *said;
	} cases[] = {
		{ theirs, CONF("exchange_mode main;"), "; nearest are the "
		  "peer's 2. and our 1.: hash_algorithm is SHA1, ours is "
		  "SHA256" },
		/* both lists, one below the other */
		{ theirs, CONF("exchange_mode main;"),
		  "  the peer's  1.  3DES     MD5     PSK  MODP1024  28800s" },
		{ theirs, CONF("exchange_mode main;"),
		  "  the peer's  2.  AES-128  SHA1    PSK  MODP768   28800s" },
		{ theirs, CONF("exchange_mode main;"),
		  "         our  1.  AES-128  SHA256  PSK  MODP768   28800s" },
		{ CONF("exchange_mode main; lifetime time 9 hour;"),
		  CONF("exchange_mode main; lifetime time 8 hour;"),
		  "lifetime is 32400, ours is 28800" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pair *pair = pair_new(cases[i].a, cases[i].b, 1000);

		pair_begin(pair);
		pair_run(pair);
		ck_assert_uint_eq(counts_of(&pair->b).sas, 0);
		ck_assert_msg(pair_said(pair, cases[i].said), "not said: %s",
		    cases[i].said);
		pair_free(pair);
	}
}
END_TEST

/* How many lines have this TEXT? */
static unsigned
lines_with(const struct pair *pair, const char *text)
{
	unsigned n = 0;

	for (size_t i = 0; i < pair->nlines; i++)
		n += strstr(pair->line[i], text) != NULL;
	return n;
}

/* A list without end does not become a log without end. */
START_TEST(long_list)
{
	struct pair *pair;
	struct buf b;

	buf_init(&b, 20000);
	buf_add(&b, view_text("path pre_shared_key \"/psk.txt\";\n"
	    "remote anonymous { exchange_mode main; nat_traversal off;\n"));
	for (unsigned i = 0; i < 21; i++)
		buf_add(&b, view_text("proposal { encryption_algorithm 3des;\n"
		    "hash_algorithm md5; dh_group modp768;\n"
		    "authentication_method pre_shared_key; }\n"));
	buf_add(&b, view_text("}\n" SAINFO));
	buf_u8(&b, 0);
	pair = pair_new((const char *)b.p, modes[0], 1000);
	buf_fini(&b);
	pair_begin(pair);
	pair_run(pair);
	ck_assert_uint_eq(lines_with(pair, "  the peer's "), 16);
	ck_assert_uint_eq(lines_with(pair, "  and 5 more"), 1);
	ck_assert_uint_eq(lines_with(pair, "        our "), 1);
	pair_free(pair);
}
END_TEST

/* The notification in the clear that FROM sent last; 0: none. */
static unsigned
notified(const struct pair *pair, const struct node *from)
{
	struct notify_payload n = { .type = 0 };

	for (size_t i = 0; i < pair->nsent; i++) {
		const struct msg_payload *p;
		struct msg msg;

		if (!addr_equal(&pair->sent[i].from, &from->addr) ||
		    pair_header(pair, i).etype != ISAKMP_ETYPE_INFO ||
		    sealed(pair, i))
			continue;
		pair_parse(pair, i, &msg);
		p = msg_find(&msg, ISAKMP_N);
		ck_assert_ptr_nonnull(p);
		ck_assert_int_eq(notify_get(p->body, &n), OK);
	}
	return n.type;
}

/* RFC 2408 3.14.1: who refuses says why. */
START_TEST(tells_why)
{
	static const char other[] = "exchange_mode %s; verify_identifier on; "
	    "peers_identifier fqdn \"other.example\";";
	static const char *const name[] = { "main", "aggressive", "base" };

	for (size_t i = 0; i < 3; i++) {
		char text[1000], body[200];
		struct pair *pair = pair_new(modes[i], modes[i], 1000);

		/* without a key */
		pair->b.psk = NULL;
		pair_begin(pair);
		pair_run(pair);
		ck_assert_uint_eq(notified(pair, &pair->b),
		    N_AUTHENTICATION_FAILED);
		pair_free(pair);
		/* of another identity */
		snprintf(body, sizeof(body), other, name[i]);
		snprintf(text, sizeof(text), CONF("%s"), body);
		pair = pair_new(text, modes[i], 1000);
		pair_begin(pair);
		pair_run(pair);
		ck_assert_uint_eq(notified(pair, &pair->a), N_INVALID_ID);
		pair_free(pair);
		/* with other proposals */
		snprintf(text, sizeof(text), CONF("exchange_mode %s; "
		    "lifetime time 9 hour;"), name[i]);
		pair = pair_new(text, modes[i], 1000);
		pair_begin(pair);
		pair_run(pair);
		ck_assert_uint_eq(notified(pair, &pair->b),
		    N_NO_PROPOSAL_CHOSEN);
		pair_free(pair);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		nearest_proposal, long_list, tells_why,
	};

	return suite_main("refuse", tests, sizeof(tests) / sizeof(tests[0]));
}
