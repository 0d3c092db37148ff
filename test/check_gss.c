/* SPDX-License-Identifier: ISC */
/*
 * Phase 1 with GSS-API over a provider that has no Kerberos: tokens are
 * readable, "T1:OWN>PEER" and "T2:OWN", what is wrapped is only scrambled.
 * How a principal's name begins says what is wrong with it.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/match.h"
#include "ike/gss.h"
#include "ike/phase1.h"
#include "ike/propose.h"
#include "pair.h"
#include "suite.h"
#include "wire/msg.h"
#include "wire/vid.h"

#define CONF_OF(top, mode, id, more)					\
	top "remote anonymous {\n"					\
	"	nat_traversal off; exchange_mode " mode "; " more "\n"	\
	"	proposal {\n"						\
	"		encryption_algorithm aes; hash_algorithm sha256;\n" \
	"		authentication_method gssapi_krb; " id "\n"	\
	"		dh_group modp768;\n"				\
	"	}\n"							\
	"}\n"								\
	"sainfo anonymous {\n"						\
	"	lifetime time 30 min; encryption_algorithm aes;\n"	\
	"	authentication_algorithm hmac_sha256;\n"		\
	"	compression_algorithm deflate;\n"			\
	"}\n"
#define GSS(id, more)	CONF_OF("", "main", "gss_id \"" id "\";", more)
#define AGGRESSIVE(id, more)						\
	CONF_OF("", "aggressive", "gss_id \"" id "\";", more)
#define A	GSS("ike/a.example", "")
#define B	GSS("ike/b.example", "")

/*
 * The provider
 */

struct gss {
	struct gss_begin begin;
	unsigned int	 steps;
};

static int contexts;			/* alive */

static void
fake_host(char out[GSS_NAME])
{
	snprintf(out, GSS_NAME, "host.example");
}

static struct gss *
fake_new(const struct gss_begin *begin)
{
	struct gss *g = xcalloc(1, sizeof(*g));

	g->begin = *begin;
	contexts++;
	return g;
}

static void
fake_free(struct gss *g)
{
	contexts--;
	free(g);
}

static bool
starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static enum err
refuse(struct gss_state *s, const char *why)
{
	snprintf(s->why, sizeof(s->why), "%s", why);
	return E_AUTH;
}

static void
finish(const struct gss *g, const char *peer, struct gss_state *s)
{
	s->done = true;
	snprintf(s->own, sizeof(s->own), "%.200s@R", g->begin.own);
	snprintf(s->peer, sizeof(s->peer), "%.200s@%s", peer,
	    starts(peer, "ike/foreign") ? "ELSEWHERE" : "R");
}

static enum err
step_initiator(struct gss *g, const char *token, struct buf *out,
    struct gss_state *s)
{
	char text[600];

	if (g->steps++ == 0) {
		snprintf(text, sizeof(text), "T1:%s>%s",
		    starts(g->begin.own, "ike/liar") ? "ike/other" :
		    g->begin.own, g->begin.peer);
		buf_add(out, view_text(text));
		if (starts(g->begin.own, "ike/huge"))
			buf_zero(out, LIMIT_GSS_TOKEN);
		return starts(g->begin.own, "ike/unknown") ?
		    refuse(s, "not in the database") : OK;
	}
	if (!starts(token, "T2:"))
		return refuse(s, "a defective token");
	if (g->steps > 2)
		return refuse(s, "complete, and takes no more tokens");
	if (starts(g->begin.own, "ike/again"))
		buf_u8(out, 'x');
	else
		finish(g, token + 3, s);
	return OK;
}

static enum err
step_responder(struct gss *g, const char *token, struct buf *out,
    struct gss_state *s)
{
	char text[600], *to;

	snprintf(text, sizeof(text), "%s", token);
	to = strchr(text, '>');
	if (!starts(token, "T1:") || to == NULL)
		return refuse(s, "a defective token");
	*to++ = '\0';
	if (strcmp(to, g->begin.own) != 0)
		return refuse(s, "for somebody else");
	if (starts(g->begin.own, "ike/more"))
		s->done = false;
	else
		finish(g, text + 3, s);
	if (!starts(g->begin.own, "ike/silent")) {
		buf_add(out, view_text("T2:"));
		buf_add(out, view_text(g->begin.own));
	}
	return OK;
}

static enum err
fake_step(struct gss *g, struct view token, struct buf *out,
    struct gss_state *s)
{
	char text[600];

	snprintf(text, sizeof(text), "%.*s", (int)token.n,
	    (const char *)token.p);
	return g->begin.initiator ? step_initiator(g, text, out, s) :
	    step_responder(g, text, out, s);
}

static enum err
fake_wrap(struct gss *g, struct view v, struct buf *out, struct gss_state *s)
{
	if (starts(g->begin.own, "ike/late"))
		return refuse(s, "expired");
	buf_u8(out, 'W');
	while (v.n > 0)
		buf_u8(out, view_u8(&v) ^ 0x55);
	return OK;
}

static enum err
fake_unwrap(struct gss *g, struct view v, struct buf *out,
    struct gss_state *s)
{
	(void)g;
	if (view_u8(&v) != 'W')
		return refuse(s, "not wrapped");
	while (v.n > 0)
		buf_u8(out, view_u8(&v) ^ 0x55);
	return OK;
}

static const struct gss_ops fake = {
	fake_host, fake_new, fake_free, fake_step, fake_wrap, fake_unwrap
};

/*
 * Both sides
 */

static struct pair *
gss_pair(const char *a, const char *b)
{
	struct pair *pair = pair_new(a, b, 1000);
	struct ipsec_selector sel = pair_selector(&pair->a);

	contexts = 0;
	pair->a.psk = pair->b.psk = NULL;
	pair->a.gss = pair->b.gss = &fake;
	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
	return pair;
}

static void
gss_free(struct pair *pair)
{
	pair_free(pair);
	ck_assert_int_eq(contexts, 0);
}

static void
is_up(const struct pair *pair, bool up)
{
	ck_assert_uint_eq(counts_of(&pair->a).children, up);
	ck_assert_uint_eq(counts_of(&pair->b).children, up);
	ck_assert_uint_eq(counts_of(&pair->b).ready, up);
}

/* Does it come up, and what is said? */
static void
try(const char *a, const char *b, bool works, const char *said)
{
	struct pair *pair = gss_pair(a, b);

	pair_run(pair);
	is_up(pair, works);
	ck_assert_msg(said == NULL || pair_said(pair, said), "not said: %s",
	    said);
	gss_free(pair);
}

/* The payloads of the Nth message. */
static struct msg
message(const struct pair *pair, size_t n)
{
	struct msg_header h;
	struct msg msg;

	ck_assert_uint_lt(n, pair->nsent);
	ck_assert_int_eq(msg_header_get(buf_view(&pair->sent[n].bytes), &h),
	    OK);
	ck_assert_int_eq(msg_parse(&msg, &h, buf_from(&pair->sent[n].bytes,
	    ISAKMP_HEADER_LEN), false), OK);
	return msg;
}

static bool
has_vid(const struct msg *msg)
{
	const struct msg_payload *p = msg_find(msg, ISAKMP_VID);

	for (; p != NULL; p = msg_next(msg, p))
		if (vid_match(p->body) == VID_GSSAPI)
			return true;
	return false;
}

START_TEST(main_mode)
{
	struct pair *pair = gss_pair(A, B);
	struct msg msg;

	pair_run(pair);
	is_up(pair, true);
	ck_assert(pair_said(pair, "the peer, which says it is 192.0.2.1, is "
	    "ike/a.example@R"));
	ck_assert(pair_said(pair, "the peer, which says it is 192.0.2.2, is "
	    "ike/b.example@R"));
	for (size_t i = 0; i < 2; i++) {
		static const char *const id[] = { "ike/a.example",
			"ike/b.example" };
		struct sa_payload sa;
		struct buf text;

		msg = message(pair, i);
		ck_assert(has_vid(&msg));
		ck_assert_int_eq(sa_get(msg_find(&msg, ISAKMP_SA)->body, &sa),
		    OK);
		buf_init(&text, 100);
		ck_assert_int_eq(sa_gss_id(sa.transform[0].gss_id, true,
		    &text), OK);
		ck_assert(view_equal(buf_view(&text), view_text(id[i])));
		buf_fini(&text);
	}
	msg = message(pair, 2);
	ck_assert(view_equal(msg_find(&msg, ISAKMP_GSS)->body,
	    view_text("T1:ike/a.example>ike/b.example")));
	msg = message(pair, 3);
	ck_assert(view_equal(msg_find(&msg, ISAKMP_GSS)->body,
	    view_text("T2:ike/b.example")));
	gss_free(pair);
}
END_TEST

#define AGG_A	AGGRESSIVE("ike/a.example", "peers_identifier fqdn " \
	"\"b.example\"; verify_identifier on;")
#define AGG_B	AGGRESSIVE("ike/b.example", "my_identifier fqdn \"b.example\";")

/* Two messages have a token, and the second its hash as well. */
START_TEST(aggressive_mode)
{
	struct pair *pair = gss_pair(AGG_A, AGG_B);
	struct msg msg;

	pair_run(pair);
	is_up(pair, true);
	ck_assert(pair_said(pair, "the peer, which says it is 192.0.2.1, is "
	    "ike/a.example@R"));
	ck_assert(pair_said(pair, "the peer, which says it is b.example, is "
	    "ike/b.example@R"));
	msg = message(pair, 0);
	ck_assert(has_vid(&msg));
	ck_assert(view_equal(msg_find(&msg, ISAKMP_GSS)->body,
	    view_text("T1:ike/a.example>ike/b.example")));
	msg = message(pair, 1);
	ck_assert(has_vid(&msg));
	ck_assert(view_equal(msg_find(&msg, ISAKMP_GSS)->body,
	    view_text("T2:ike/b.example")));
	ck_assert_ptr_nonnull(msg_find(&msg, ISAKMP_HASH));
	gss_free(pair);
}
END_TEST

/* For whom the first token is, and what comes of it. */
START_TEST(aggressive_names)
{
	try(AGGRESSIVE("ike/a.example", "peers_identifier keyid tag "
	    "\"ike/b.example\"; peers_identifier address;"),
	    AGGRESSIVE("ike/b.example", ""), true, NULL);
	try(AGGRESSIVE("ike/a.example", ""), AGG_B, false, "gssapi_krb in "
	    "aggressive mode needs the name of the peer: \"remote anonymous\"");
	try(AGGRESSIVE("ike/a.example", "peers_identifier fqdn "
	    "\"c.example\";"), AGG_B, false, "the peer's Kerberos token is "
	    "refused: for somebody else");
	try(AGG_A, AGGRESSIVE("ike/b.example", ""), false, NULL);
	try(AGGRESSIVE("alice", "peers_identifier keyid tag "
	    "\"ike/b.example\"; peers_identifier address;"), AGG_B, false,
	    "the peer is alice@R, which is no host of the service");
	try(AGGRESSIVE("ike/unknown", "peers_identifier fqdn "
	    "\"b.example\";"), AGG_B, false, "no Kerberos context with the "
	    "peer: not in the database");
	/* base mode has none, whatever the block says first */
	try(CONF_OF("", "base", "", ""), CONF_OF("", "main, base", "", ""),
	    false, NULL);
}
END_TEST

/* Without gss_id; in Latin-1; and when only one side is. */
START_TEST(names)
{
	try(CONF_OF("", "main", "", ""), B, true,
	    "is ike/host.example@R");
	try(A, CONF_OF("", "main", "", ""), true, "is ike/host.example@R");
	try(CONF_OF("gss_id_enc latin1; ", "main", "", ""),
	    CONF_OF("gss_id_enc latin1; ", "main", "", ""), true, NULL);
	try(CONF_OF("gss_id_enc latin1; ", "main", "", ""), B, false,
	    "cannot read the peer's GSS_ID as utf-16le: gss_id_enc must be");
	try(A, CONF_OF("gss_id_enc latin1; ", "main", "", ""), false,
	    "cannot read the peer's GSS_ID as latin1");
}
END_TEST

/* With a key in the other proposal: the responder decides. */
START_TEST(other_method)
{
	struct pair *pair = gss_pair(CONF_OF("", "main",
	    "dh_group modp768; } proposal { encryption_algorithm aes; "
	    "hash_algorithm sha256; authentication_method pre_shared_key; ",
	    "lifetime time 1 hour;"), NULL);

	pair->a.psk = pair->b.psk = "a secret";
	pair_run(pair);
	is_up(pair, true);
	gss_free(pair);
}
END_TEST

START_TEST(not_built)
{
	struct pair *pair = gss_pair(A, B);

	pair->b.gss = NULL;
	pair_run(pair);
	is_up(pair, false);
	gss_free(pair);
}
END_TEST

/* Who has a ticket need not be a peer. */
START_TEST(wrong_principal)
{
	try(GSS("alice", ""), B, false, "authentication failed: the peer is "
	    "alice@R, which is no host of the service and realm that we are "
	    "of, as ike/b.example@R");
	try(GSS("imap/a.example", ""), B, false, "the peer is "
	    "imap/a.example@R, which is no host of the service");
	try(GSS("ike/foreign", ""), B, false, "which is no host of the "
	    "service and realm");
	try(GSS("ike/a/b", ""), B, false, "which is no host of the service");
	try(A, GSS("imap/b.example", ""), false, "the peer is "
	    "ike/a.example@R, which is no host of the service and realm "
	    "that we are of, as imap/b.example@R");
	try(GSS("ike/liar", ""), B, false, "the peer is ike/other@R, but it "
	    "said that it is ike/liar");
}
END_TEST

START_TEST(context_fails)
{
	try(GSS("ike/unknown", ""), B, false, "authentication failed: no "
	    "Kerberos context with the peer: not in the database (we are "
	    "ike/unknown)");
	try(GSS("ike/huge", ""), B, false, "the token is too large");
	try(A, GSS("ike/silent", ""), false, "would not be authenticated");
	try(A, GSS("ike/more", ""), false, "it would take more tokens");
	try(GSS("ike/again", ""), B, false, "it would take more tokens");
	try(GSS("ike/late", ""), B, false, "cannot wrap the hash: expired");
	try(A, GSS("ike/late", ""), false, "cannot wrap the hash: expired");
}
END_TEST

/* A principal is a host's name: not its address. */
START_TEST(identity)
{
	try(GSS("ike/a.example", "my_identifier fqdn \"A.example\";"), B,
	    true, "the peer, which says it is A.example, is "
	    "ike/a.example@R");
	try(GSS("ike/a.example", "my_identifier fqdn \"c.example\";"), B,
	    false, "the peer says it is c.example, which its principal "
	    "ike/a.example@R does not say");
	try(GSS("ike/a.example", "my_identifier fqdn \"a.exampl\";"), B,
	    false, "does not say");
	try(A, GSS("ike/b.example", "verify_identifier on;"), false,
	    "the peer says it is 192.0.2.1, which its principal");
	try(GSS("ike/a.example", "my_identifier fqdn \"a.example\";"),
	    GSS("ike/b.example", "verify_identifier on; "
	    "peers_identifier fqdn \"a.example\";"), true, NULL);
	try(GSS("ike/a.example", "my_identifier fqdn \"a.example\";"),
	    GSS("ike/b.example", "verify_identifier on; "
	    "peers_identifier fqdn \"c.example\";"), false, NULL);
	try(GSS("ike/a.example", "my_identifier keyid tag \"ike/a.example\";"),
	    GSS("ike/b.example", "verify_identifier on;"), true, NULL);
	try(GSS("ike/a.example", "my_identifier keyid tag \"ike/a\";"),
	    GSS("ike/b.example", "verify_identifier on;"), false, NULL);
}
END_TEST

/* The block that the identity leads to decides, not that of the address. */
START_TEST(other_block)
{
	static const char more[] = "remote 192.0.2.1 { nat_traversal off; "
	    "exchange_mode main; proposal { encryption_algorithm aes; "
	    "hash_algorithm sha256; authentication_method gssapi_krb; "
	    "gss_id \"ike/b.example\"; dh_group modp768; } }\n";
	char text[2000];

	snprintf(text, sizeof(text), "%s%s", more, GSS("ike/b.example",
	    "verify_identifier on; peers_identifier address \"192.0.2.1\";"));
	try(A, text, false, "the peer says it is 192.0.2.1, which its "
	    "principal ike/a.example@R does not say");
	snprintf(text, sizeof(text), "%s%s", more, GSS("ike/b.example",
	    "verify_identifier on; peers_identifier address \"192.0.2.7\";"));
	try(A, text, true, NULL);
}
END_TEST

/*
 * Forgeries
 */

/* The Nth message again, with BODY instead of its token; NULL: none. */
static void
with_token(const struct pair *pair, size_t n, const struct view *body,
    unsigned int times, struct buf *out)
{
	struct msg msg = message(pair, n);
	struct msg_out o;

	buf_init(out, LIMIT_DATAGRAM);
	msg_begin(&o, out, &msg.h);
	for (unsigned i = 0; i < msg.n; i++)
		if (msg.p[i].type != ISAKMP_GSS)
			msg_put(&o, msg.p[i].wire_type, msg.p[i].body);
	for (; body != NULL && times > 0; times--)
		msg_put(&o, ISAKMP_GSS, *body);
	ck_assert(msg_end(&o));
}

/* What is no token is passed over: the right one may still come. */
START_TEST(no_token)
{
	static const uint8_t zero[LIMIT_GSS_TOKEN + 1];
	const struct view body[] = { view_of(zero, 0),
		view_of(zero, sizeof(zero)), view_text("T1:x") };

	for (int i = -1; i < 3; i++) {
		struct pair *pair = gss_pair(A, B);
		struct buf forged;

		pair_run_some(pair, 2);
		ck_assert_uint_eq(pair->nsent, 3);
		with_token(pair, 2, i < 0 ? NULL : &body[i], i == 2 ? 2 : 1,
		    &forged);
		pair_inject(pair, &pair->b, &pair->a.addr, buf_view(&forged));
		node_work(&pair->b);
		buf_fini(&forged);
		ck_assert_int_eq(contexts, 1);
		pair_run(pair);
		is_up(pair, true);
		gss_free(pair);
	}
}
END_TEST

/* The same in aggressive mode, of the first message and of the second. */
START_TEST(aggressive_no_token)
{
	static const uint8_t zero[LIMIT_GSS_TOKEN + 1];
	const struct view body[] = { view_of(zero, 0),
		view_of(zero, sizeof(zero)), view_text("T1:x") };

	for (int i = 0; i < 8; i++) {
		struct pair *pair = gss_pair(AGG_A, AGG_B);
		size_t n = (size_t)i % 2;
		const struct view *b = i < 2 ? NULL : &body[i / 2 - 1];
		struct buf forged;

		pair_run_some(pair, (unsigned)n);
		ck_assert_uint_eq(pair->nsent, n + 1);
		with_token(pair, n, b, i >= 6 ? 2 : 1, &forged);
		pair_inject(pair, n == 0 ? &pair->b : &pair->a, n == 0 ?
		    &pair->a.addr : &pair->b.addr, buf_view(&forged));
		node_work(&pair->a);
		node_work(&pair->b);
		buf_fini(&forged);
		ck_assert_uint_eq(counts_of(&pair->a).ready, 0);
		pair_run(pair);
		is_up(pair, true);
		gss_free(pair);
	}
}
END_TEST

/* What looks like one is believed to be the peer's: RFC 2409 has no proof of
 * the first messages. */
START_TEST(wrong_token)
{
	for (size_t n = 2; n < 4; n++) {
		const struct view body = view_text(n == 2 ?
		    "T1:ike/a.example>ike/c.example" : "T3:");
		struct pair *pair = gss_pair(A, B);
		struct node *to = n == 2 ? &pair->b : &pair->a;
		struct buf forged;

		pair_run_some(pair, (unsigned)n);
		ck_assert_uint_eq(pair->nsent, n + 1);
		with_token(pair, n, &body, 1, &forged);
		pair_inject(pair, to, n == 2 ? &pair->a.addr : &pair->b.addr,
		    buf_view(&forged));
		node_work(to);
		buf_fini(&forged);
		ck_assert_msg(pair_said(pair, n == 2 ?
		    "the peer's Kerberos token is refused: for somebody else" :
		    "no Kerberos context with the peer: a defective token"),
		    "%zu", n);
		ck_assert_uint_eq(counts_of(to).ready, 0);
		gss_free(pair);
	}
}
END_TEST

#define IN_HASH		(ISAKMP_HEADER_LEN + 22)

/* One byte of the wrapped hash: refused, and the right one is taken. */
START_TEST(forged_hash)
{
	for (size_t n = 4; n < 6; n++) {
		struct pair *pair = gss_pair(A, B);
		struct node *to = n == 4 ? &pair->b : &pair->a;
		struct buf copy;

		pair_run_some(pair, (unsigned)n);
		ck_assert_uint_gt(pair->nsent, n);
		buf_init(&copy, LIMIT_DATAGRAM);
		buf_set(&copy, buf_view(&pair->sent[n].bytes));
		/* behind the header and the ID payload */
		buf_patch8(&copy, IN_HASH, copy.p[IN_HASH] ^ 1);
		pair_inject(pair, to, n == 4 ? &pair->a.addr : &pair->b.addr,
		    buf_view(&copy));
		node_work(to);
		buf_fini(&copy);
		ck_assert(pair_said(pair, "the peer's hash does not match"));
		pair_run(pair);
		is_up(pair, true);
		gss_free(pair);
	}
}
END_TEST

/* The Nth message again, with a byte of its payload of this TYPE changed. */
static void
with_change(const struct pair *pair, size_t n, uint8_t type, struct buf *out)
{
	const struct buf *b = &pair->sent[n].bytes;
	struct msg msg = message(pair, n);
	size_t at = (size_t)(msg_find(&msg, type)->body.p - b->p) + 1;

	buf_init(out, LIMIT_DATAGRAM);
	buf_set(out, buf_view(b));
	buf_patch8(out, at, b->p[at] ^ 1);
}

/*
 * The second message of aggressive mode with a forged hash, but the right
 * token; then with another token; then as it is.
 */
START_TEST(aggressive_forged)
{
	static const uint8_t type[] = { ISAKMP_HASH, ISAKMP_GSS };
	struct pair *pair = gss_pair(AGG_A, AGG_B);
	struct buf forged;

	pair_run_some(pair, 1);
	ck_assert_uint_eq(pair->nsent, 2);
	for (unsigned i = 0; i < 2; i++) {
		with_change(pair, 1, type[i], &forged);
		pair_inject(pair, &pair->a, &pair->b.addr, buf_view(&forged));
		node_work(&pair->a);
		buf_fini(&forged);
		ck_assert_uint_eq(counts_of(&pair->a).exchanges, 1);
		ck_assert_uint_eq(counts_of(&pair->a).ready, 0);
	}
	ck_assert(pair_said(pair, "the peer's hash does not match"));
	pair_run(pair);
	is_up(pair, true);
	gss_free(pair);
}
END_TEST

/* The exchange ends while a job has its context. */
START_TEST(job_outlives)
{
	struct pair *pair = gss_pair(A, B);

	pair_run_some(pair, 2);
	ck_assert(pair_deliver(pair));
	ck_assert_ptr_nonnull(pair->b.jobs);
	ck_assert_int_eq(pair->b.jobs->waits, JOB_WAITS_KDC);
	pair->b.jobs->run(pair->b.jobs);
	ck_assert_int_eq(contexts, 2);
	gss_free(pair);
}
END_TEST

#define PSK	CONF_OF("", "main", "authentication_method pre_shared_key;", "")

/* It is told by its own name, not as XAuth with the same number. */
START_TEST(nearest)
{
	struct sa_payload sap = { .ntransform = 1, .transform = { {
	    .cipher = P1_CIPHER_AES, .key_bits = 128, .hash = P1_HASH_SHA256,
	    .group = 1, .method = P1_METHOD_GSS, .life_secs = 600 } } };
	struct conf *conf = conf_of(A);
	struct pair *pair = gss_pair(A, PSK);
	struct ipsec_selector sel;
	char near[PROPOSE_NEAR];

	pair->a.psk = pair->b.psk = "a secret";
	pair_run(pair);
	ck_assert(pair_said(pair, "the peer's 1. and our 1.: "
	    "authentication_method is GSSAPI, ours is PSK"));
	gss_free(pair);
	pair = gss_pair(PSK, B);
	pair->a.psk = pair->b.psk = "a secret";
	sel = pair_selector(&pair->a);
	node_acquire(&pair->a, &sel, 2);
	pair_run(pair);
	ck_assert(pair_said(pair, "authentication_method is PSK, ours is "
	    "GSSAPI"));
	gss_free(pair);
	ck_assert_str_eq(propose_near(conf->remote[0], &sap, near), "; nearest "
	    "are the peer's 1. and our 1.: authentication_method is "
	    "XAuth-PSK-I, ours is GSSAPI");
	conf_unref(conf);
}
END_TEST

/* XAuth has the same number for its first method. */
START_TEST(not_xauth)
{
	struct transform t = { .cipher = P1_CIPHER_AES, .key_bits = 128,
		.hash = P1_HASH_SHA256, .group = 1, .method = P1_METHOD_GSS,
		.life_secs = 600 };
	struct conf *conf = conf_of(A);
	struct match_p1 m;

	ck_assert_int_eq(match_proposal(conf->remote[0], &t, &m),
	    E_NOPROPOSAL);
	t.gss_id = view_text("i");
	ck_assert_int_eq(match_proposal(conf->remote[0], &t, &m), OK);
	conf_unref(conf);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		main_mode, names, other_method, not_built, wrong_principal,
		context_fails, identity, other_block, no_token, wrong_token,
		forged_hash, job_outlives, not_xauth, aggressive_mode,
		aggressive_names, aggressive_forged,
		aggressive_no_token, nearest,
	};

	return suite_main("gss", tests, sizeof(tests) / sizeof(tests[0]));
}
