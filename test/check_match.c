/* SPDX-License-Identifier: ISC */
/* Choosing blocks of a snapshot, and names. */
#include "conf/match.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/dn.h"
#include "conf/read.h"
#include "libipsec/addr.h"
#include "wire/isakmp.h"

static bool
text_open(void *ctx, const char *path, struct conf_text *out)
{
	(void)path;
	out->text = xstrdup(ctx);
	out->n = strlen(ctx);
	return true;
}

static void
quiet(void *ctx, enum log_level level, const char *peer, const char *text)
{
	(void)peer;
	if (level == LOG_L_ERROR)
		ck_abort_msg("%s: %s", (const char *)ctx, text);
}

/* The snapshot of a text that must be right. */
static struct conf *
conf_of(char *text)
{
	const struct conf_opener opener = { .ctx = text, .open = text_open };
	struct conf *c;

	log_to(quiet, text);
	ck_assert_int_eq(conf_read(&opener, "t", &c), OK);
	log_to(NULL, NULL);
	return c;
}

static struct ipsec_addr
addr(const char *text)
{
	struct ipsec_addr a;

	ck_assert(addr_parse(&a, text));
	return a;
}

#define P(words)	"proposal { authentication_method pre_shared_key; " \
			words " }"
#define AES		P("encryption_algorithm aes; hash_algorithm sha1; " \
			"dh_group 2;")
#define MAIN		"exchange_mode main; "

static enum err
initiate(const struct conf *c, const char *peer, const char *name)
{
	const struct ipsec_addr a = addr(peer);
	const struct remote *m;
	bool ambiguous;
	enum err r = match_initiate(c, &a, &m, &ambiguous);

	ck_assert((r == OK) == (m != NULL));
	if (name != NULL) {
		ck_assert_int_eq(r, OK);
		ck_assert_str_eq(m->name, name);
	}
	ck_assert(!ambiguous || r == E_NOREMOTE);
	return ambiguous ? E_DUPLICATE : r;
}

START_TEST(test_initiate)
{
	char text[] =
	    "remote anonymous { " MAIN AES " }"
	    "remote 10.0.0.1 [4500] { " MAIN AES " }"
	    "remote \"gw\" { remote_address 2001:db8::1; " MAIN AES " }"
	    "remote 10.0.0.2 { passive on; " MAIN AES " }"
	    "remote 10.0.0.3 { " MAIN AES " }"
	    "remote 10.0.0.3 { " MAIN AES " }";
	struct conf *c = conf_of(text);

	ck_assert_int_eq(initiate(c, "10.0.0.9", "anonymous"), OK);
	ck_assert_int_eq(initiate(c, "10.0.0.1", "10.0.0.1[4500]"), OK);
	ck_assert_int_eq(initiate(c, "2001:db8::1", "gw"), OK);
	/* a passive block is no candidate, so the next best counts */
	ck_assert_int_eq(initiate(c, "10.0.0.2", "anonymous"), OK);
	ck_assert_int_eq(initiate(c, "10.0.0.3", NULL), E_DUPLICATE);
	conf_unref(c);
}
END_TEST

/* An opener without glob has nothing to include. */
START_TEST(test_no_glob)
{
	char text[] = "include \"/x\";";
	const struct conf_opener opener = { .ctx = text, .open = text_open };
	struct conf *c;

	ck_assert_int_eq(conf_read(&opener, "t", &c), E_CONFIG);
	ck_assert_ptr_null(c);
}
END_TEST

START_TEST(test_initiate_none)
{
	char one[] = "remote 10.0.0.1 { passive on; " MAIN AES " }";
	char two[] = "remote anonymous { " MAIN AES " }"
	    "remote anonymous { " MAIN AES " }";
	struct conf *c = conf_of(one);

	ck_assert_int_eq(initiate(c, "10.0.0.1", NULL), E_PASSIVE);
	ck_assert_int_eq(initiate(c, "10.0.0.2", NULL), E_NOREMOTE);
	conf_unref(c);
	c = conf_of(two);
	ck_assert_int_eq(initiate(c, "10.0.0.1", NULL), E_DUPLICATE);
	conf_unref(c);
}
END_TEST

static struct transform
offer(uint16_t bits, uint32_t life)
{
	return (struct transform){
		.id = TRANSFORM_KEY_IKE, .cipher = P1_CIPHER_AES,
		.hash = P1_HASH_SHA1, .method = P1_METHOD_PSK, .group = 2,
		.key_bits = bits, .life_secs = life
	};
}

static enum err
respond(const struct conf *c, const char *peer, const struct transform *t,
    const char *name)
{
	const struct ipsec_addr a = addr(peer);
	struct match_p1 m;
	enum err r = match_respond(c, &a, ISAKMP_ETYPE_MAIN, t, &m);

	ck_assert((r == OK) == (m.remote != NULL));
	if (name != NULL) {
		ck_assert_int_eq(r, OK);
		ck_assert_str_eq(m.remote->name, name);
	}
	return r;
}

START_TEST(test_respond)
{
	char text[] =
	    "remote anonymous { " MAIN P("encryption_algorithm 3des; "
	    "hash_algorithm md5; dh_group 5;") AES " }"
	    "remote 10.0.0.1 { passive on; " MAIN AES " }"
	    "remote 10.0.0.2 { exchange_mode aggressive; " AES " }";
	struct conf *c = conf_of(text);
	struct transform t = offer(128, 3600);

	ck_assert_int_eq(respond(c, "10.0.0.9", &t, "anonymous"), OK);
	ck_assert_int_eq(respond(c, "10.0.0.1", &t, "10.0.0.1[500]"), OK);
	/* its own block does not do main mode */
	ck_assert_int_eq(respond(c, "10.0.0.2", &t, "anonymous"), OK);
	t.cipher = P1_CIPHER_3DES;
	t.key_bits = 0;
	t.hash = P1_HASH_MD5;
	t.group = 5;
	ck_assert_int_eq(respond(c, "10.0.0.1", &t, "anonymous"), OK);
	/* a fixed cipher has no key length: RFC 2409 appendix A */
	t.key_bits = 192;
	ck_assert_int_eq(respond(c, "10.0.0.9", &t, NULL), E_NOPROPOSAL);
	t.key_bits = 0;
	t.group = 14;
	ck_assert_int_eq(respond(c, "10.0.0.9", &t, NULL), E_NOPROPOSAL);
	conf_unref(c);
}
END_TEST

/* A block that insists on identities is for these only, and before others. */
START_TEST(test_respond_identity)
{
	char text[] =
	    "remote 10.0.0.1 { " MAIN AES " }"
	    "remote \"eve\" { " MAIN AES " verify_identifier on; "
	    "peers_identifier fqdn \"eve\"; }"
	    "remote \"any\" { " MAIN AES " peers_identifier fqdn \"x\"; }"
	    "remote \"adam\" { " MAIN AES " verify_identifier on; "
	    "peers_identifier fqdn \"adam\"; peers_identifier fqdn \"a\"; }";
	static const struct {
		const char *addr, *id, *block;
	} cases[] = {
		{ "10.0.0.1", "adam", "adam" }, { "10.0.0.1", "a", "adam" },
		{ "10.0.0.1", "x", "10.0.0.1[500]" },
		{ "10.0.0.2", "eve", "eve" }, { "10.0.0.2", "ada", "any" },
		{ "10.0.0.1", NULL, "10.0.0.1[500]" },
		{ "10.0.0.2", NULL, "eve" },
	};
	struct conf *c = conf_of(text);
	struct transform t = offer(128, 3600);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ipsec_addr a = addr(cases[i].addr);
		struct id_payload id = { .type = ID_FQDN };
		struct match_peer peer = { .addr = &a,
		    .etype = ISAKMP_ETYPE_MAIN };
		struct match_p1 m;

		if (cases[i].id != NULL)
			id.data = view_text(cases[i].id);
		peer.id = cases[i].id == NULL ? NULL : &id;
		ck_assert_int_eq(match_respond_to(c, &peer, &t, &m), OK);
		ck_assert_str_eq(m.remote->name, cases[i].block);
	}
	conf_unref(c);
}
END_TEST

/* Nobody is left when all insist on somebody else. */
START_TEST(test_respond_wrong_identity)
{
	char text[] = "remote anonymous { " MAIN AES " verify_identifier on; "
	    "peers_identifier fqdn \"adam\"; }";
	struct conf *c = conf_of(text);
	struct transform t = offer(128, 3600);
	struct ipsec_addr a = addr("10.0.0.1");
	struct id_payload id = { .type = ID_USER_FQDN,
	    .data = view_text("adam") };
	const struct match_peer peer = { .addr = &a, .id = &id,
	    .etype = ISAKMP_ETYPE_MAIN };
	struct match_p1 m;

	ck_assert_int_eq(match_respond_to(c, &peer, &t, &m), E_NOREMOTE);
	conf_unref(c);
}
END_TEST

/* A block's name says what a request says of it. */
static enum match_request
by_name(void *ctx, const struct remote *m)
{
	const char *wish = ctx;

	return strncmp(m->name, wish, strlen(wish)) == 0 ?
	    MATCH_REQUEST_FITS : m->match_empty_cr ? MATCH_REQUEST_NONE :
	    MATCH_REQUEST_MISFIT;
}

/* What was asked for counts more than the address, and what was not counts
 * less than anything, but leaves nobody out. */
START_TEST(test_respond_request)
{
	char text[] =
	    "remote 10.0.0.1 { " MAIN AES " }"
	    "remote \"fit\" { " MAIN AES " }"
	    "remote \"named\" { remote_address 10.0.0.1; " MAIN AES " }"
	    "remote \"empty\" { " MAIN AES " match_empty_cr on; }"
	    "remote \"other\" { exchange_mode base; " AES " }"
	    "remote \"weak\" { " MAIN P("encryption_algorithm des; "
	    "hash_algorithm md5; dh_group 1;") " }";
	static const struct {
		char wish[8];
		const char *block;
	} cases[] = {
		{ "fit", "fit" }, { "named", "named" }, { "none", "empty" },
		{ "10", "10.0.0.1[500]" },
		/* not with this mode, not with this proposal */
		{ "other", "empty" }, { "weak", "empty" },
	};
	struct conf *c = conf_of(text);
	struct transform t = offer(128, 3600);
	struct ipsec_addr a = addr("10.0.0.1");
	struct match_p1 m;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char wish[8];
		const struct match_peer peer = { .addr = &a, .ctx = wish,
		    .etype = ISAKMP_ETYPE_MAIN, .request = by_name };

		memcpy(wish, cases[i].wish, sizeof(wish));
		ck_assert_int_eq(match_respond_to(c, &peer, &t, &m), OK);
		ck_assert_str_eq(m.remote->name, cases[i].block);
	}
	conf_unref(c);
}
END_TEST

/* Who is bound to a block by its identity stays with it whatever it asks. */
START_TEST(test_respond_request_identity)
{
	char text[] =
	    "remote \"lax\" { " MAIN AES " }"
	    "remote \"strict\" { " MAIN AES " verify_identifier on; "
	    "peers_identifier fqdn \"adam\"; }";
	struct conf *c = conf_of(text);
	struct transform t = offer(128, 3600);
	struct ipsec_addr a = addr("10.0.0.1");
	struct id_payload id = { .type = ID_FQDN, .data = view_text("adam") };
	char wish[] = "lax";
	struct match_peer peer = { .addr = &a, .id = &id, .ctx = wish,
	    .etype = ISAKMP_ETYPE_MAIN, .request = by_name };
	struct match_p1 m;

	ck_assert_int_eq(match_respond_to(c, &peer, &t, &m), OK);
	ck_assert_str_eq(m.remote->name, "strict");
	id.data = view_text("eve");
	ck_assert_int_eq(match_respond_to(c, &peer, &t, &m), OK);
	ck_assert_str_eq(m.remote->name, "lax");
	conf_unref(c);
}
END_TEST

START_TEST(test_respond_misfit)
{
	char text[] = "remote anonymous { " MAIN AES " }";
	struct conf *c = conf_of(text);
	struct transform t = offer(128, 3600);
	struct ipsec_addr a = addr("10.0.0.1");
	char wish[] = "none";
	const struct match_peer peer = { .addr = &a, .ctx = wish,
	    .etype = ISAKMP_ETYPE_MAIN, .request = by_name };
	struct match_p1 m;

	ck_assert_int_eq(match_respond_to(c, &peer, &t, &m), OK);
	ck_assert_str_eq(m.remote->name, "anonymous");
	conf_unref(c);
}
END_TEST

START_TEST(test_respond_none)
{
	char text[] = "remote 10.0.0.1 { exchange_mode main; "
	    "proposal { encryption_algorithm aes; hash_algorithm sha1; "
	    "dh_group 2; authentication_method dsssig; } " AES " }";
	struct conf *c = conf_of(text);
	struct transform t = offer(128, 3600);
	struct ipsec_addr a = addr("10.0.0.1");
	struct match_p1 m;

	ck_assert_int_eq(respond(c, "10.0.0.2", &t, NULL), E_NOREMOTE);
	ck_assert_int_eq(match_respond(c, &a, ISAKMP_ETYPE_BASE, &t, &m),
	    E_NOREMOTE);
	ck_assert_int_eq(match_respond(c, &a, ISAKMP_ETYPE_MAIN, &t, &m), OK);
	ck_assert_ptr_eq(m.proposal, &c->remote[0]->proposal[1]);
	/* accepted in the file, but not what this program can do */
	t.method = P1_METHOD_DSS;
	ck_assert(!c->remote[0]->proposal[0].usable);
	ck_assert_int_eq(respond(c, "10.0.0.1", &t, NULL), E_NOPROPOSAL);
	t = offer(128, 3600);
	t.unknown = 1;
	ck_assert_int_eq(respond(c, "10.0.0.1", &t, NULL), E_NOPROPOSAL);
	t = offer(128, 3600);
	t.prf = 1;
	ck_assert_int_eq(respond(c, "10.0.0.1", &t, NULL), E_NOPROPOSAL);
	t = offer(128, 3600);
	t.hash = P1_HASH_MD5;
	ck_assert_int_eq(respond(c, "10.0.0.1", &t, NULL), E_NOPROPOSAL);
	conf_unref(c);
}
END_TEST

/* proposal_check: ours is 192 bits and 3600 seconds. */
static const struct {
	const char	*check;
	uint16_t	 bits;
	uint32_t	 life;
	enum err	 result;
	uint16_t	 used_bits;
	uint32_t	 used_life;
} checks[] = {
	{ "obey", 128, 86400, OK, 128, 86400 },
	{ "obey", 0, 0, OK, 128, 28800 },
	{ "obey", 100, 3600, E_NOPROPOSAL, 0, 0 },
	{ "strict", 192, 3600, OK, 192, 3600 },
	{ "strict", 256, 60, OK, 256, 60 },
	{ "strict", 128, 3600, E_NOPROPOSAL, 0, 0 },
	{ "strict", 192, 3601, E_NOPROPOSAL, 0, 0 },
	{ "strict", 192, 0, E_NOPROPOSAL, 0, 0 },
	{ "claim", 256, 3600, OK, 256, 3600 },
	{ "claim", 192, 3601, E_NOPROPOSAL, 0, 0 },
	{ "claim", 128, 3600, E_NOPROPOSAL, 0, 0 },
	{ "exact", 192, 3600, OK, 192, 3600 },
	{ "exact", 256, 3600, E_NOPROPOSAL, 0, 0 },
	{ "exact", 192, 3599, E_NOPROPOSAL, 0, 0 },
};

START_TEST(test_proposal_check)
{
	char text[400];
	struct transform t = offer(checks[_i].bits, checks[_i].life);
	struct match_p1 m;
	struct conf *c;

	snprintf(text, sizeof(text), "remote anonymous { %s proposal_check %s;"
	    "%s }", MAIN, checks[_i].check, P("encryption_algorithm aes 192; "
	    "hash_algorithm sha1; dh_group 2; lifetime time 1 hour;"));
	c = conf_of(text);
	ck_assert_int_eq(match_proposal(c->remote[0], &t, &m),
	    checks[_i].result);
	if (checks[_i].result == OK) {
		ck_assert_uint_eq(m.key_bits, checks[_i].used_bits);
		ck_assert_uint_eq(m.life_secs, checks[_i].used_life);
	}
	conf_unref(c);
}
END_TEST

static struct id_payload
id(uint8_t type, const void *p, size_t n)
{
	return (struct id_payload){ .type = type, .data = view_of(p, n) };
}

static bool
peer_id(const struct conf *c, size_t nth, const struct id_payload *p,
    enum err expected)
{
	bool matched;

	ck_assert_int_eq(match_peer_id(c->remote[nth], p, &matched),
	    expected);
	return matched;
}

START_TEST(test_peer_id)
{
	char text[] =
	    "remote 10.0.0.1 { verify_identifier on; "
	    "peers_identifier fqdn \"host\"; "
	    "peers_identifier address 10.0.0.1; " MAIN AES " }"
	    "remote 10.0.0.2 { peers_identifier fqdn \"host\";" MAIN AES " }"
	    "remote 10.0.0.3 { verify_identifier on; " MAIN AES " }"
	    "remote 10.0.0.4 { verify_identifier on; "
	    "peers_identifier fqdn \"x\"; peers_identifier address; "
	    MAIN AES " }"
	    "remote 10.0.0.5 { verify_identifier on; "
	    "peers_identifier asn1dn \"C=DE, O=*, CN=a\"; " MAIN AES " }";
	const uint8_t one[] = { 10, 0, 0, 1 }, two[] = { 10, 0, 0, 2 };
	/* C=DE, O=any, CN=a; the strings have other types than ours */
	static const char dn[] = "\x30\x27"
	    "\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02" "DE"
	    "\x31\x0c\x30\x0a\x06\x03\x55\x04\x0a\x0c\x03" "any"
	    "\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01" "a";
	struct conf *c = conf_of(text);
	struct id_payload p = id(ID_FQDN, "host", 4);

	ck_assert(peer_id(c, 0, &p, OK));
	p = id(ID_FQDN, "hostess", 7);		/* no prefix will do */
	ck_assert(!peer_id(c, 0, &p, E_ID));
	ck_assert(!peer_id(c, 1, &p, OK));
	ck_assert(peer_id(c, 2, &p, OK));
	ck_assert(peer_id(c, 3, &p, OK));
	p = id(ID_USER_FQDN, "host", 4);
	ck_assert(!peer_id(c, 0, &p, E_ID));
	p = id(ID_IPV4, one, 4);
	ck_assert(peer_id(c, 0, &p, OK));
	p = id(ID_DER_ASN1_DN, dn, sizeof(dn) - 1);
	ck_assert(peer_id(c, 4, &p, OK));
	ck_assert(!peer_id(c, 0, &p, E_ID));
	p = id(ID_IPV4, two, 4);
	ck_assert(!peer_id(c, 0, &p, E_ID));
	ck_assert(!peer_id(c, 4, &p, E_ID));
	conf_unref(c);
}
END_TEST

#define X50	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

START_TEST(test_dn)
{
	struct buf a, b;
	bool wild;

	buf_init(&a, 4096);
	buf_init(&b, 4096);
	ck_assert(dn_parse("C=DE, O=Ex\\, ample, CN=x\\2by", &a, &wild));
	ck_assert(!wild);
	ck_assert(view_equal(buf_view(&a), view_of("\x30\x2f"
	    "\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02" "DE"
	    "\x31\x12\x30\x10\x06\x03\x55\x04\x0a\x13\x09" "Ex, ample"
	    "\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x13\x03" "x+y", 49)));
	ck_assert(dn_parse("/C=DE/O=Ex\\, ample/CN=x+y", &b, &wild));
	ck_assert(dn_match(buf_view(&a), buf_view(&b)));
	ck_assert(dn_parse("C=DE, O=*, CN=x+y", &b, &wild) && wild);
	ck_assert(dn_match(buf_view(&b), buf_view(&a)));
	ck_assert(!dn_match(buf_view(&a), buf_view(&b)));
	ck_assert(dn_parse("C=DE, O=*", &b, &wild));
	ck_assert(!dn_match(buf_view(&b), buf_view(&a)));
	ck_assert(dn_parse("C=DE, OU=*, CN=*", &b, &wild));
	ck_assert(!dn_match(buf_view(&b), buf_view(&a)));
	/* lengths of one and two bytes */
	ck_assert(dn_parse("CN=" X50 X50 X50 ", O=9", &b, &wild));
	ck_assert(dn_match(buf_view(&b), buf_view(&b)));
	ck_assert_int_eq(b.p[1], 0x81);
	ck_assert(dn_parse("CN=" X50 X50 X50 X50 X50 X50 ", O=9", &b, &wild));
	ck_assert(dn_match(buf_view(&b), buf_view(&b)));
	ck_assert_int_eq(b.p[1], 0x82);
	ck_assert(!dn_match(view_of("\x30\x83\0\0\0", 5),
	    view_of("\x30\x83\0\0\0", 5)));
	for (size_t n = 0; n < a.n; n++)	/* cut short anywhere */
		ck_assert(!dn_match(view_of(a.p, n), view_of(a.p, n)));
	ck_assert(!dn_parse("", &b, &wild));
	ck_assert(!dn_parse("C", &b, &wild));
	ck_assert(!dn_parse("XX=1", &b, &wild));
	ck_assert(!dn_parse("C=DE,", &b, &wild));
	ck_assert(!dn_parse("C=DE\\", &b, &wild));
	buf_fini(&a);
	buf_fini(&b);
}
END_TEST

#define LISTS	"{ encryption_algorithm aes; authentication_algorithm " \
		"hmac_sha1; compression_algorithm deflate; "

/* The text of a phase 2 identity: ADDR or ADDR/MASK bytes in NET. */
struct p2 {
	uint8_t		 data[32];
	struct id_payload id;
};

static void
set_p2(struct p2 *p, uint8_t type, const char *a, const char *b)
{
	struct ipsec_addr one = addr(a);
	struct view v = addr_bytes(&one);
	size_t n = v.n;

	memcpy(p->data, v.p, n);
	if (b != NULL) {
		one = addr(b);
		memcpy(p->data + n, addr_bytes(&one).p, n);
		n *= 2;
	}
	p->id = id(type, p->data, n);
}

static const struct sainfo *
find(const struct conf *c, const struct p2 *local, const struct p2 *remote,
    uint32_t ph1id)
{
	const struct sainfo *s;
	enum err r = match_sainfo(c, &local->id, &remote->id, NULL, ph1id, &s);

	ck_assert((r == OK) == (s != NULL));
	ck_assert(r == OK || r == E_NOSAINFO);
	return s;
}

static uint32_t
life(const struct conf *c, const struct p2 *local, const struct p2 *remote,
    uint32_t ph1id)
{
	const struct sainfo *s = find(c, local, remote, ph1id);

	return s == NULL ? 0 : s->lifetime;
}

START_TEST(test_sainfo)
{
	char text[] =
	    "sainfo anonymous " LISTS "lifetime time 1 sec; }"
	    "sainfo address 10.0.0.1 any anonymous " LISTS
	    "lifetime time 2 sec; }"
	    "sainfo address 10.0.0.2 any subnet 10.1.0.0/16 any " LISTS
	    "lifetime time 3 sec; }"
	    "sainfo anonymous address 10.9.0.0/16[80] tcp " LISTS
	    "lifetime time 4 sec; }"
	    "sainfo anonymous " LISTS "remoteid 7; lifetime time 5 sec; }"
	    "sainfo address 10.0.0.3-10.0.0.9 any address ::1/128 any " LISTS
	    "lifetime time 6 sec; }"
	    "sainfo anonymous " LISTS "lifetime time 9 sec; }";
	struct conf *c = conf_of(text);
	struct p2 l, r;

	set_p2(&l, ID_IPV4, "10.0.0.9", NULL);
	set_p2(&r, ID_IPV4, "10.0.0.8", NULL);
	ck_assert_uint_eq(life(c, &l, &r, 0), 1);	/* file order */
	ck_assert_uint_eq(life(c, &l, &r, 7), 5);
	ck_assert_uint_eq(life(c, &l, &r, 8), 0);
	set_p2(&l, ID_IPV4, "10.0.0.1", NULL);
	ck_assert_uint_eq(life(c, &l, &r, 0), 2);	/* more specific */
	set_p2(&l, ID_IPV4_SUBNET, "10.0.0.1", "255.255.255.255");
	ck_assert_uint_eq(life(c, &l, &r, 0), 2);	/* the same thing */
	set_p2(&l, ID_IPV4_SUBNET, "10.0.0.1", "255.255.255.0");
	ck_assert_uint_eq(life(c, &l, &r, 0), 1);
	set_p2(&l, ID_IPV4, "10.0.0.2", NULL);
	set_p2(&r, ID_IPV4_SUBNET, "10.1.0.0", "255.255.0.0");
	ck_assert_uint_eq(life(c, &l, &r, 0), 3);
	r.id.port = 80;					/* ports count */
	ck_assert_uint_eq(life(c, &l, &r, 0), 1);
	set_p2(&r, ID_IPV4_SUBNET, "10.9.0.0", "255.255.0.0");
	ck_assert_uint_eq(life(c, &l, &r, 0), 1);
	r.id.port = 80;
	r.id.proto = 6;
	ck_assert_uint_eq(life(c, &l, &r, 0), 4);
	set_p2(&l, ID_IPV4_RANGE, "10.0.0.3", "10.0.0.9");
	set_p2(&r, ID_IPV6, "::1", NULL);
	ck_assert_uint_eq(life(c, &l, &r, 0), 6);
	conf_unref(c);
}
END_TEST

START_TEST(test_sainfo_from)
{
	char text[] =
	    "sainfo address 10.0.0.1 any anonymous from fqdn \"a\" " LISTS
	    "lifetime time 1 sec; }"
	    "sainfo address 10.0.0.1 any anonymous from fqdn \"b\" " LISTS
	    "lifetime time 2 sec; }"
	    "sainfo address 10.0.0.1 any anonymous from address 10.0.0.7 "
	    LISTS "lifetime time 3 sec; }";
	const uint8_t seven[] = { 10, 0, 0, 7 };
	struct conf *c = conf_of(text);
	struct id_payload peer = id(ID_FQDN, "b", 1);
	const struct sainfo *s;
	struct p2 l, r;

	set_p2(&l, ID_IPV4, "10.0.0.1", NULL);
	set_p2(&r, ID_IPV4, "10.0.0.2", NULL);
	ck_assert_uint_eq(life(c, &l, &r, 0), 1);	/* peer not known */
	ck_assert_int_eq(match_sainfo(c, &l.id, &r.id, &peer, 0, &s), OK);
	ck_assert_uint_eq(s->lifetime, 2);
	peer = id(ID_IPV4, seven, 4);
	ck_assert_int_eq(match_sainfo(c, &l.id, &r.id, &peer, 0, &s), OK);
	ck_assert_uint_eq(s->lifetime, 3);
	peer = id(ID_FQDN, "c", 1);
	ck_assert_int_eq(match_sainfo(c, &l.id, &r.id, &peer, 0, &s),
	    E_NOSAINFO);
	conf_unref(c);
}
END_TEST

START_TEST(test_sainfo_client)
{
	char text[] =
	    "sainfo anonymous clientaddr " LISTS "lifetime time 1 sec; }"
	    "sainfo anonymous address 10.0.0.3 any group \"g\" " LISTS "}"
	    "sainfo anonymous " LISTS "lifetime time 2 sec; }";
	struct conf *c = conf_of(text);
	const struct ipsec_addr client = addr("10.0.0.2");
	const struct sainfo *s;
	struct match_p2 m = { .client = &client };
	struct p2 l, r;

	set_p2(&l, ID_IPV4, "10.0.0.1", NULL);
	set_p2(&r, ID_IPV4, "10.0.0.2", NULL);
	m.local = &l.id;
	m.remote = &r.id;
	ck_assert_uint_eq(life(c, &l, &r, 0), 2);	/* client not known */
	ck_assert_int_eq(match_sainfo_for(c, &m, &s), OK);
	ck_assert_uint_eq(s->lifetime, 1);
	set_p2(&r, ID_IPV4, "10.0.0.4", NULL);
	ck_assert_int_eq(match_sainfo_for(c, &m, &s), OK);
	ck_assert_uint_eq(s->lifetime, 2);
	/* nobody proves to be in a group: refused, not passed over */
	set_p2(&r, ID_IPV4, "10.0.0.3", NULL);
	ck_assert_uint_eq(life(c, &l, &r, 0), 0);
	conf_unref(c);
}
END_TEST

static Suite *
match_suite(void)
{
	Suite *s = suite_create("match");
	TCase *t = tcase_create("match");

	tcase_add_test(t, test_initiate);
	tcase_add_test(t, test_initiate_none);
	tcase_add_test(t, test_no_glob);
	tcase_add_test(t, test_respond);
	tcase_add_test(t, test_respond_none);
	tcase_add_test(t, test_respond_identity);
	tcase_add_test(t, test_respond_wrong_identity);
	tcase_add_test(t, test_respond_request);
	tcase_add_test(t, test_respond_request_identity);
	tcase_add_test(t, test_respond_misfit);
	tcase_add_loop_test(t, test_proposal_check, 0,
	    sizeof(checks) / sizeof(checks[0]));
	tcase_add_test(t, test_peer_id);
	tcase_add_test(t, test_dn);
	tcase_add_test(t, test_sainfo);
	tcase_add_test(t, test_sainfo_from);
	tcase_add_test(t, test_sainfo_client);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(match_suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
