/* SPDX-License-Identifier: ISC */
/*
 * What we offer, phase 1 and 2, what is printed of it, and the rules of
 * proposal_check for a single transform.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ike/engine.h"
#include "ike/propose_can.h"
#include "libipsec/ops.h"
#include "propose.h"
#include "suite.h"

#define P1(words)							\
	"proposal { authentication_method pre_shared_key; " words " }\n"
#define SAINFO								\
	"encryption_algorithm aes; authentication_algorithm hmac_sha1;"	\
	"lifetime time 8 hours;"

/*
 * Phase 1
 */

static const char p1_conf[] =
    "remote anonymous { exchange_mode main; lifetime time 1 hour;\n"
    P1("encryption_algorithm aes 256; hash_algorithm sha512; "
	"dh_group modp3072;")
    P1("encryption_algorithm 3des; hash_algorithm md5; dh_group modp1024; "
	"lifetime time 30 min;")
    P1("encryption_algorithm aes; hash_algorithm sha1; dh_group 5;")
    "}\n";

START_TEST(phase1_offer)
{
	struct conf *conf = conf_of(p1_conf);
	struct sa_payload offer;
	const struct transform *t = offer.transform;

	propose_phase1(conf->remote[0], &offer);
	ck_assert_uint_eq(offer.doi, IPSEC_DOI);
	ck_assert_uint_eq(offer.situation, SIT_IDENTITY_ONLY);
	ck_assert_uint_eq(offer.nproposal, 1);
	ck_assert_uint_eq(offer.ntransform, 3);
	ck_assert_uint_eq(offer.proposal[0].number, 1);
	ck_assert_uint_eq(offer.proposal[0].proto, PROTO_ISAKMP);
	ck_assert_uint_eq(offer.proposal[0].spi_len, 0);
	ck_assert_uint_eq(offer.proposal[0].n, 3);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(t[i].number, i + 1);
		ck_assert_uint_eq(t[i].id, TRANSFORM_KEY_IKE);
		ck_assert_uint_eq(t[i].method, P1_METHOD_PSK);
	}
	ck_assert_uint_eq(t[0].cipher, P1_CIPHER_AES);
	ck_assert_uint_eq(t[0].key_bits, 256);
	ck_assert_uint_eq(t[0].hash, P1_HASH_SHA512);
	ck_assert_uint_eq(t[0].group, 15);
	ck_assert_uint_eq(t[0].life_secs, 3600);
	ck_assert_uint_eq(t[1].cipher, P1_CIPHER_3DES);
	ck_assert_uint_eq(t[1].key_bits, 0);
	ck_assert_uint_eq(t[1].life_secs, 1800);
	ck_assert_uint_eq(t[2].key_bits, 128);
	ck_assert_uint_eq(t[2].group, 5);
	conf_unref(conf);
}
END_TEST

/* What we cannot carry out is read, but never offered. */
START_TEST(phase1_unusable)
{
	struct conf *conf = conf_of(p1_conf);
	struct conf_p1 *p = conf->remote[0]->proposal;
	struct sa_payload offer;

	p[0].method = P1_METHOD_DSS;
	p[1].cipher = 99;
	ck_assert(!propose_usable(&p[0]));
	ck_assert(!propose_usable(&p[1]));
	ck_assert(propose_usable(&p[2]));
	propose_phase1(conf->remote[0], &offer);
	ck_assert_uint_eq(offer.ntransform, 1);
	ck_assert_uint_eq(offer.proposal[0].n, 1);
	ck_assert_uint_eq(offer.transform[0].number, 1);
	ck_assert_uint_eq(offer.transform[0].group, 5);
	p[2].group = 3;
	ck_assert(!propose_usable(&p[2]));
	p[2].group = 5;
	p[2].hash = 3;
	ck_assert(!propose_usable(&p[2]));
	conf_unref(conf);
}
END_TEST

START_TEST(phase1_suite)
{
	static const struct transform good = { .cipher = P1_CIPHER_AES,
	    .hash = P1_HASH_SHA256, .group = 14, .method = P1_METHOD_PSK };
	struct transform t = good;
	struct sa_suite suite;

	ck_assert_int_eq(propose_suite(&t, 600, &suite), OK);
	ck_assert_uint_eq(suite.key_bits, 128);
	ck_assert_uint_eq(suite.life_secs, 600);
	ck_assert_uint_eq(suite.cipher->id, P1_CIPHER_AES);
	ck_assert_uint_eq(suite.hash->id, P1_HASH_SHA256);
	ck_assert_uint_eq(suite.group->id, 14);
	t.key_bits = 256;
	ck_assert_int_eq(propose_suite(&t, 600, &suite), OK);
	ck_assert_uint_eq(suite.key_bits, 256);
	t.key_bits = 160;
	ck_assert_int_eq(propose_suite(&t, 600, &suite), E_NOPROPOSAL);
	t = good;
	t.cipher = 99;
	ck_assert_int_eq(propose_suite(&t, 600, &suite), E_NOPROPOSAL);
	t = good;
	t.hash = 99;
	ck_assert_int_eq(propose_suite(&t, 600, &suite), E_NOPROPOSAL);
	t = good;
	t.group = 99;
	ck_assert_int_eq(propose_suite(&t, 600, &suite), E_NOPROPOSAL);
	t = good;
	t.method = P1_METHOD_DSS;
	ck_assert_int_eq(propose_suite(&t, 600, &suite), E_NOPROPOSAL);
	t = good;
	t.cipher = P1_CIPHER_3DES;
	ck_assert_int_eq(propose_suite(&t, 600, &suite), OK);
	ck_assert_uint_eq(suite.key_bits, 192);
}
END_TEST

/*
 * Phase 2: the offer
 */

START_TEST(phase2_offer)
{
	struct setting s;
	struct sa_payload offer;
	const struct transform *t = offer.transform;
	const uint32_t spi[IPSEC_TMPL_MAX] = { 0x12345678 };

	setting_init(&s, "obey", "encryption_algorithm aes 256, 3des;"
	    "authentication_algorithm hmac_sha256, hmac_md5;"
	    "pfs_group 14; lifetime time 20 min;");
	propose_phase2(&s.sa, &s.plan, s.conf->sainfo[0], spi, &offer);
	ck_assert_uint_eq(offer.nproposal, 1);
	ck_assert_uint_eq(offer.ntransform, 4);
	ck_assert_uint_eq(offer.proposal[0].proto, PROTO_IPSEC_ESP);
	ck_assert_uint_eq(offer.proposal[0].spi_len, 4);
	ck_assert_mem_eq(offer.proposal[0].spi, "\x12\x34\x56\x78", 4);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_eq(t[i].number, i + 1);
		ck_assert_uint_eq(t[i].id, i < 2 ? ESP_AES : ESP_3DES);
		ck_assert_uint_eq(t[i].key_bits, i < 2 ? 256 : 0);
		ck_assert_uint_eq(t[i].auth, i % 2 == 0 ? P2_AUTH_SHA256 :
		    P2_AUTH_MD5);
		ck_assert_uint_eq(t[i].mode, P2_MODE_TRANSPORT);
		ck_assert_uint_eq(t[i].group, 14);
		ck_assert_uint_eq(t[i].life_secs, 1200);
	}
	setting_fini(&s);
}
END_TEST

/* AH knows the algorithms that are authentication, IPComp has a CPI. */
START_TEST(phase2_bundle)
{
	struct setting s;
	struct sa_payload offer;
	const uint32_t spi[IPSEC_TMPL_MAX] = { 0x1234, 0x5678, 0x9abc };

	setting_init(&s, "obey", "encryption_algorithm aes;"
	    "authentication_algorithm hmac_sha1, non_auth;");
	s.plan.ntmpl = 3;
	s.plan.tmpl[0].proto = IPSEC_PROTO_IPCOMP;
	s.plan.tmpl[1].proto = IPSEC_PROTO_ESP;
	s.plan.tmpl[2].proto = IPSEC_PROTO_AH;
	s.plan.tmpl[1].mode = IPSEC_MODE_TUNNEL;
	propose_phase2(&s.sa, &s.plan, s.conf->sainfo[0], spi, &offer);
	ck_assert_uint_eq(offer.nproposal, 3);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(offer.proposal[i].number, 1);
	ck_assert_uint_eq(offer.proposal[0].proto, PROTO_IPCOMP);
	ck_assert_uint_eq(offer.proposal[0].spi_len, 2);
	ck_assert_mem_eq(offer.proposal[0].spi, "\x12\x34", 2);
	ck_assert_uint_eq(offer.proposal[0].n, 1);
	ck_assert_uint_eq(offer.transform[0].id, IPCOMP_DEFLATE);
	ck_assert_uint_eq(offer.proposal[1].n, 2);
	ck_assert_uint_eq(offer.transform[1].mode, P2_MODE_TUNNEL);
	ck_assert_uint_eq(offer.proposal[2].proto, PROTO_IPSEC_AH);
	ck_assert_uint_eq(offer.proposal[2].first, 3);
	ck_assert_uint_eq(offer.proposal[2].n, 1);
	ck_assert_uint_eq(offer.transform[3].id, AH_SHA);
	ck_assert_uint_eq(offer.transform[3].auth, P2_AUTH_SHA1);
	ck_assert_uint_eq(offer.transform[3].mode, P2_MODE_TRANSPORT);
	setting_fini(&s);
}
END_TEST

/* The numbers of RFC 3947 5.1 and of the drafts, with a NAT only. */
START_TEST(natt_modes)
{
	static const struct {
		enum vid	vid;
		bool		nat;
		uint16_t	tunnel, transport;
	} row[] = {
		{ VID_UNKNOWN, true, 1, 2 },
		{ VID_NATT_RFC, false, 1, 2 },
		{ VID_NATT_RFC, true, 3, 4 },
		{ VID_NATT_02, true, 61443, 61444 },
	};
	struct setting s;
	struct sa_payload offer;
	const uint32_t spi[IPSEC_TMPL_MAX] = { 0x1000 };

	setting_init(&s, "obey", SAINFO);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct transform t = plain_esp;

		s.sa.natt = row[i].vid;
		s.sa.nat_remote = row[i].nat;
		for (uint8_t mode = 1; mode <= 2; mode++) {
			s.plan.tmpl[0].mode = mode == 1 ?
			    IPSEC_MODE_TUNNEL : IPSEC_MODE_TRANSPORT;
			propose_phase2(&s.sa, &s.plan, s.conf->sainfo[0], spi,
			    &offer);
			ck_assert_uint_eq(offer.transform[0].mode, mode == 1 ?
			    row[i].tunnel : row[i].transport);
			/* the right number is taken, the other ones are not */
			s.offer.nproposal = s.offer.ntransform = 0;
			offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x1000);
			t.mode = mode == 1 ? row[i].transport : row[i].tunnel;
			offer_transform(&s, t);
			t.mode = row[i].tunnel == 3 ? 61443 + 1 - mode % 2 :
			    (uint16_t)(5 - mode);
			offer_transform(&s, t);
			ck_assert_int_eq(choose(&s), E_NOPROPOSAL);
			t.mode = offer.transform[0].mode;
			offer_transform(&s, t);
			ck_assert_int_eq(choose(&s), OK);
			ck_assert_uint_eq(s.answer.transform[0].number, 3);
			ck_assert_uint_eq(s.ag.a[0].mode,
			    s.plan.tmpl[0].mode);
		}
	}
	setting_fini(&s);
}
END_TEST

/*
 * proposal_check: racoon.conf(5)
 */

struct rule {
	const char	*check;
	bool		 less, same, more;
};

START_TEST(rules_of_life)
{
	static const struct rule rules[] = {
		{ "obey", true, true, true },
		{ "strict", true, true, false },
		{ "claim", true, true, true },
		{ "exact", false, true, false },
	};
	struct transform t = plain_esp;

	for (size_t i = 0; i < 4; i++) {
		const struct rule *r = &rules[i];

		t.life_secs = 28799;
		ck_assert(is_chosen(r->check, SAINFO, t) == r->less);
		ck_assert(is_accepted(r->check, SAINFO, t) == r->less);
		t.life_secs = 28801;
		ck_assert(is_chosen(r->check, SAINFO, t) == r->more);
		ck_assert(is_accepted(r->check, SAINFO, t) == r->more);
		t.life_secs = 28800;
		ck_assert(is_chosen(r->check, SAINFO, t) == r->same);
		ck_assert(is_accepted(r->check, SAINFO, t) == r->same);
		t.life_secs = 0;	/* RFC 2407 4.5: 8 hours */
		ck_assert(is_chosen(r->check, SAINFO, t) == r->same);
	}
}
END_TEST

START_TEST(rules_of_key_length)
{
#define AES192								\
	"encryption_algorithm aes 192; authentication_algorithm hmac_sha1;"
	static const struct rule rules[] = {
		{ "obey", true, true, true },
		{ "strict", false, true, true },
		{ "claim", false, true, true },
		{ "exact", false, true, false },
	};
	static const uint16_t never[] = { 8, 136, 200, 264, 512, 65528 };
	struct transform t = plain_esp;

	for (size_t i = 0; i < 4; i++) {
		const struct rule *r = &rules[i];

		t.key_bits = 128;
		ck_assert(is_chosen(r->check, AES192, t) == r->less);
		t.key_bits = 0;		/* the same as 128 */
		ck_assert(is_chosen(r->check, AES192, t) == r->less);
		t.key_bits = 192;
		ck_assert(is_chosen(r->check, AES192, t) == r->same);
		t.key_bits = 256;
		ck_assert(is_chosen(r->check, AES192, t) == r->more);
		for (size_t j = 0; j < 6; j++) {
			t.key_bits = never[j];
			ck_assert(!is_chosen(r->check, AES192, t));
			ck_assert(!is_accepted(r->check, AES192, t));
		}
	}
}
END_TEST

struct group_rule {
	const char	*check;
	uint16_t	ours, theirs;
	bool		chosen;
};

START_TEST(rules_of_group)
{
	static const struct group_rule rules[] = {
		{ "obey", 0, 0, true }, { "obey", 0, 2, true },
		{ "obey", 2, 0, true }, { "obey", 2, 2, true },
		{ "obey", 2, 5, true }, { "obey", 0, 99, false },
		{ "strict", 0, 0, true }, { "strict", 0, 2, true },
		{ "strict", 2, 0, false }, { "strict", 2, 2, true },
		{ "strict", 2, 5, false }, { "strict", 0, 99, false },
		{ "claim", 0, 0, true }, { "claim", 0, 2, true },
		{ "claim", 2, 0, false }, { "claim", 2, 2, true },
		{ "claim", 2, 5, false },
		{ "exact", 0, 0, true }, { "exact", 0, 2, false },
		{ "exact", 2, 0, false }, { "exact", 2, 2, true },
		{ "exact", 2, 5, false },
	};
	struct transform t = plain_esp;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct group_rule *r = &rules[i];
		const char *info = r->ours == 0 ? SAINFO :
		    SAINFO "pfs_group 2;";

		t.group = r->theirs;
		ck_assert_msg(is_chosen(r->check, info, t) == r->chosen,
		    "%s, ours %u, theirs %u", r->check, r->ours, r->theirs);
		/* the key exchange of the initiator is made already */
		ck_assert_msg(is_accepted(r->check, info, t) ==
		    (r->ours == r->theirs), "%s as initiator, ours %u, "
		    "theirs %u", r->check, r->ours, r->theirs);
	}
}
END_TEST

/* Only what the sainfo lists, whatever proposal_check says. */
START_TEST(algorithms)
{
	static const char *const checks[] = { "obey", "strict", "exact" };

	for (size_t i = 0; i < 3; i++) {
		struct transform t = plain_esp;

		t.id = ESP_3DES;
		t.key_bits = 0;
		ck_assert(!is_chosen(checks[i], SAINFO, t));
		t.id = 99;
		ck_assert(!is_chosen(checks[i], SAINFO, t));
		t = plain_esp;
		t.auth = P2_AUTH_MD5;
		ck_assert(!is_chosen(checks[i], SAINFO, t));
		t.auth = P2_AUTH_NONE;
		ck_assert(!is_chosen(checks[i], SAINFO, t));
		t.auth = 99;
		ck_assert(!is_chosen(checks[i], SAINFO, t));
		t = plain_esp;
		t.mode = P2_MODE_TUNNEL;
		ck_assert(!is_chosen(checks[i], SAINFO, t));
		t.mode = 0;		/* left to us */
		ck_assert(is_chosen(checks[i], SAINFO, t));
		t = plain_esp;
		t.unknown = 1;
		ck_assert(!is_chosen(checks[i], SAINFO, t));
		ck_assert(!is_accepted(checks[i], SAINFO, t));
		t = plain_esp;
		t.esn = 1;		/* RFC 4304; not without being asked */
		ck_assert(!is_chosen(checks[i], SAINFO, t));
		ck_assert(!is_accepted(checks[i], SAINFO, t));
		ck_assert(is_chosen(checks[i], SAINFO "esn on;", t));
		ck_assert(is_accepted(checks[i], SAINFO "esn on;", t));
		t.esn = 0;		/* preferred, not required */
		ck_assert(is_chosen(checks[i], SAINFO "esn on;", t));
		ck_assert(is_accepted(checks[i], SAINFO "esn on;", t));
	}
}
END_TEST

/*
 * For people
 */

/* Bounded, and it says when something is left out. */
START_TEST(printing)
{
	char out[PROPOSE_TEXT + 1];
	struct setting s;
	size_t n, was = 0;

	setting_init(&s, "obey", SAINFO);
	memset(out, 'x', sizeof(out));
	ck_assert_str_eq(propose_print(&s.offer, out), "nothing");
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x1000);
	for (unsigned i = 0; i < SA_TRANSFORMS_MAX; i++) {
		struct transform t = plain_esp;
		bool cut;

		t.life_secs = i % 7 * 1111;	/* all kinds of lengths */
		offer_transform(&s, t);
		propose_print(&s.offer, out);
		n = strlen(out);
		ck_assert_uint_lt(n, PROPOSE_TEXT);
		ck_assert_int_eq(out[PROPOSE_TEXT], 'x');
		cut = n > 3 && strcmp(out + n - 3, "...") == 0;
		ck_assert(cut || n > was);
		was = n;
	}
	ck_assert_str_eq(out + n - 3, "...");
	setting_fini(&s);
}
END_TEST

START_TEST(printing_own)
{
	char out[PROPOSE_TEXT];
	struct conf *conf = conf_of(p1_conf);
	struct setting s;

	propose_print_remote(conf->remote[0], out);
	ck_assert_ptr_nonnull(strstr(out, "AES-256/SHA512/PSK/MODP3072"));
	ck_assert_ptr_nonnull(strstr(out, ", 3DES/MD5/PSK/MODP1024/1800s, "));
	conf_unref(conf);
	setting_init(&s, "obey", SAINFO);
	propose_print_sainfo(&s.sa, &s.plan, s.conf->sainfo[0], out);
	ck_assert_str_eq(out, "ESP AES-128/HMAC-SHA1/transport/28800s");
	s.plan.tmpl[0].mode = IPSEC_MODE_TUNNEL;
	propose_print_sainfo(&s.sa, &s.plan, s.conf->sainfo[0], out);
	ck_assert_str_eq(out, "ESP AES-128/HMAC-SHA1/tunnel/28800s");
	setting_fini(&s);
}
END_TEST

/* A way to the kernel that cannot carry SHA-256 with RFC 4868's width. */
static int
narrow_can(void *ctx, enum ipsec_alg_class class, const struct ipsec_key *k)
{
	(void)ctx;
	return class == IPSEC_ALG_AUTH && k->id == 5 && k->icv_bits != 96 ?
	    -EOPNOTSUPP : 0;
}

static const char *
narrow_error(void *ctx)
{
	(void)ctx;
	return "too narrow";
}

static void
narrow_close(void *ctx)
{
	(void)ctx;
}

/* Offers and chooses as sainfo's AUTH says; the number of transforms. */
static unsigned int
narrow_offer(struct ipsec *kernel, const char *auth, bool takes_sha256)
{
	static const uint32_t spi[IPSEC_TMPL_MAX] = { 0x12345678 };
	struct ike ike = { .kernel = kernel };
	struct transform t = plain_esp;
	struct sa_payload offer;
	struct setting s;
	char lines[200];

	snprintf(lines, sizeof(lines), "encryption_algorithm aes;"
	    "authentication_algorithm %s;", auth);
	setting_init(&s, "obey", lines);
	s.sa.ike = &ike;
	propose_phase2(&s.sa, &s.plan, s.conf->sainfo[0], spi, &offer);
	t.auth = P2_AUTH_SHA256;
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x1000);
	offer_transform(&s, t);
	ck_assert_int_eq(choose(&s), takes_sha256 ? OK : E_NOPROPOSAL);
	propose_warn(kernel, s.conf);
	setting_fini(&s);
	return offer.ntransform;
}

START_TEST(narrow_kernel)
{
	static const struct ipsec_ops ops = { .name = "narrow",
	    .can = narrow_can, .error = narrow_error, .close = narrow_close };
	struct ipsec *kernel = ipsec_new(&ops, NULL);

	ck_assert_uint_eq(narrow_offer(NULL, "hmac_sha256, hmac_sha1", true),
	    2);
	ck_assert_uint_eq(narrow_offer(kernel, "hmac_sha256, hmac_sha1",
	    false), 1);
	ck_assert_uint_eq(narrow_offer(kernel, "hmac_sha256_96, hmac_sha1",
	    true), 2);
	ck_assert_uint_eq(narrow_offer(kernel, "hmac_sha256", false), 0);
	ipsec_close(kernel);
}
END_TEST

/*
 * The padding of AH: with AUTH and ALIGN in the sainfo, a peer of this FAMILY
 * and vendor ID; KERNEL as above.  -1: the hash is not to be had, else whether
 * the SA gets 32 bits.
 */
static int
ah_padding(struct ipsec *kernel, const char *auth, const char *align,
    uint16_t family, enum vid vid)
{
	static const uint32_t spi[IPSEC_TMPL_MAX] = { 0x12345678 };
	struct ike ike = { .kernel = kernel };
	struct transform t = plain_ah;
	struct sa_payload offer;
	struct setting s;
	char lines[200];
	enum err r;

	snprintf(lines, sizeof(lines), "encryption_algorithm aes;"
	    "authentication_algorithm %s;%s", auth, align);
	setting_init(&s, "obey", lines);
	s.plan.tmpl[0].proto = IPSEC_PROTO_AH;
	s.sa.ike = &ike;
	s.sa.remote.family = family;
	s.sa.vids = 1u << vid;
	propose_phase2(&s.sa, &s.plan, s.conf->sainfo[0], spi, &offer);
	t.auth = s.conf->sainfo[0]->auth[0].id;
	t.id = t.auth == P2_AUTH_SHA1 ? AH_SHA : t.auth == P2_AUTH_SHA512 ?
	    AH_SHA512 : AH_SHA256;
	offer_proposal(&s, 1, PROTO_IPSEC_AH, 0x1000);
	offer_transform(&s, t);
	r = choose(&s);
	ck_assert_int_eq(check_answer(&s), r);
	ck_assert_uint_eq(offer.ntransform, r == OK);
	propose_warn(kernel, s.conf);
	setting_fini(&s);
	return r == OK ? s.ag.a[0].align4 : -1;
}

#define SHA256	"hmac_sha256"

/* RFC 4302 2.6 */
START_TEST(padding_of_ah)
{
	static const struct ipsec_ops ops = { .name = "pfkey",
	    .can = narrow_can, .error = narrow_error, .close = narrow_close };
	struct ipsec *old = ipsec_new(&ops, NULL);
	const enum vid swan = VID_STRONGSWAN, none = VID_UNKNOWN;

	ck_assert_int_eq(ah_padding(NULL, SHA256, "", AF_INET, none), 0);
	ck_assert_int_eq(ah_padding(NULL, SHA256, "", AF_INET, VID_DPD), 0);
	ck_assert_int_eq(ah_padding(NULL, SHA256, "", AF_INET, swan), 1);
	ck_assert_int_eq(ah_padding(NULL, SHA256, "", AF_INET6, swan), 0);
	ck_assert_int_eq(ah_padding(NULL, SHA256, "ah_align 64;", AF_INET,
	    swan), 0);
	ck_assert_int_eq(ah_padding(NULL, SHA256, "ah_align 32;", AF_INET,
	    none), 1);
	ck_assert_int_eq(ah_padding(NULL, SHA256, "ah_align 32;", AF_INET6,
	    none), 0);
	/* where both are the same nothing is asked of the kernel */
	ck_assert_int_eq(ah_padding(NULL, "hmac_sha1", "ah_align 32;",
	    AF_INET, none), 0);
	ck_assert_int_eq(ah_padding(NULL, "hmac_sha256_96", "ah_align 32;",
	    AF_INET, none), 0);
	/* PF_KEY cannot */
	ck_assert_int_eq(ah_padding(old, "hmac_sha512", "", AF_INET, none),
	    0);
	ck_assert_int_eq(ah_padding(old, "hmac_sha512", "", AF_INET, swan),
	    -1);
	ck_assert_int_eq(ah_padding(old, "hmac_sha512", "ah_align 32;",
	    AF_INET, none), -1);
	ck_assert_int_eq(ah_padding(old, "hmac_sha512", "ah_align 32;",
	    AF_INET6, none), 0);
	ck_assert_int_eq(ah_padding(old, "hmac_sha1", "ah_align 32;",
	    AF_INET, none), 0);
	ipsec_close(old);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		phase1_offer, phase1_unusable, phase1_suite, phase2_offer,
		phase2_bundle, natt_modes, rules_of_life, rules_of_key_length,
		rules_of_group, algorithms, printing, printing_own,
		narrow_kernel, padding_of_ah,
	};

	return suite_main("propose", tests, sizeof(tests) / sizeof(tests[0]));
}
