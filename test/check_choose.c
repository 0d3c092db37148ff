/* SPDX-License-Identifier: ISC */
/*
 * The choice among proposals: order, bundles, optional templates, SPIs, what
 * the agreement says, and the check of an answer.
 */
#include <check.h>
#include <string.h>

#include "propose.h"
#include "suite.h"

#define SAINFO								\
	"encryption_algorithm aes, 3des;"				\
	"authentication_algorithm hmac_sha1, hmac_sha256;"		\
	"lifetime time 8 hours;"

static struct transform
with_group(struct transform t, uint16_t group)
{
	t.group = group;
	return t;
}

/* A plan of these protocols, transport mode. */
static void
plan_of(struct setting *s, uint8_t first, uint8_t second)
{
	s->plan.ntmpl = second == 0 ? 1 : 2;
	s->plan.tmpl[0].proto = first;
	s->plan.tmpl[1].proto = second;
	s->plan.tmpl[1].mode = IPSEC_MODE_TRANSPORT;
}

/* The peer's order counts, of transforms as of proposals. */
START_TEST(first_that_fits)
{
	struct setting s;
	struct transform t = plain_esp;

	setting_init(&s, "strict", SAINFO);
	offer_proposal(&s, 3, PROTO_IPSEC_AH, 0x1001);
	offer_transform(&s, plain_ah);
	offer_proposal(&s, 7, PROTO_IPSEC_ESP, 0x1002);
	t.auth = P2_AUTH_MD5;
	offer_transform(&s, t);
	t.auth = P2_AUTH_SHA256;
	t.life_secs = 600;
	t.life_kbytes = 4096;
	offer_transform(&s, t);
	offer_transform(&s, plain_esp);
	offer_proposal(&s, 8, PROTO_IPSEC_ESP, 0x1003);
	offer_transform(&s, plain_esp);
	ck_assert_int_eq(choose(&s), OK);
	ck_assert_uint_eq(s.answer.doi, IPSEC_DOI);
	ck_assert_uint_eq(s.answer.situation, SIT_IDENTITY_ONLY);
	ck_assert_uint_eq(s.answer.nproposal, 1);
	ck_assert_uint_eq(s.answer.ntransform, 1);
	ck_assert_uint_eq(s.answer.proposal[0].number, 7);
	ck_assert_uint_eq(s.answer.proposal[0].first, 0);
	ck_assert_uint_eq(s.answer.proposal[0].n, 1);
	ck_assert_uint_eq(s.answer.transform[0].number, 2);
	ck_assert_uint_eq(s.ag.n, 1);
	ck_assert_uint_eq(s.ag.a[0].proto, PROTO_IPSEC_ESP);
	ck_assert_uint_eq(s.ag.a[0].mode, IPSEC_MODE_TRANSPORT);
	ck_assert_uint_eq(s.ag.a[0].transform, ESP_AES);
	ck_assert_uint_eq(s.ag.a[0].auth, P2_AUTH_SHA256);
	ck_assert_uint_eq(s.ag.a[0].key_bits, 128);
	ck_assert_uint_eq(s.ag.a[0].spi_out, 0x1002);
	ck_assert_uint_eq(s.ag.a[0].life_secs, 600);
	ck_assert_uint_eq(s.ag.a[0].life_kbytes, 4096);
	ck_assert_uint_eq(s.ag.life_secs, 600);
	ck_assert_uint_eq(s.ag.group, 0);
	ck_assert(!s.ag.shortened);
	setting_fini(&s);
}
END_TEST

/* RFC 2408 4.2: what is chosen goes back as it came, byte by byte. */
START_TEST(answer_unchanged)
{
	struct setting s;
	struct sa_payload back;
	struct transform t = plain_esp;
	struct view came;
	struct buf b, c;

	setting_init(&s, "strict", SAINFO);
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x1002);
	t.id = 99;
	offer_transform(&s, t);
	offer_transform(&s, plain_esp);
	buf_init(&b, 2000);
	buf_init(&c, 2000);
	sa_put(&b, &s.offer);
	ck_assert_int_eq(sa_get(buf_view(&b), &s.offer), OK);
	ck_assert_int_eq(choose(&s), OK);
	sa_put(&c, &s.answer);
	ck_assert(buf_ok(&c));
	ck_assert_int_eq(sa_get(buf_view(&c), &back), OK);
	came = s.offer.transform[1].raw;
	ck_assert_uint_gt(came.n, 8);
	ck_assert(view_equal(back.transform[0].raw, came));
	buf_fini(&b);
	buf_fini(&c);
	setting_fini(&s);
}
END_TEST

START_TEST(nothing_fits)
{
	struct setting s;

	setting_init(&s, "obey", SAINFO);
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x1000);
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);
	setting_fini(&s);
}
END_TEST

/* claim: the shorter life time is used, the initiator is told. */
START_TEST(claim_shortens)
{
	struct setting s;
	struct transform t = plain_esp;

	setting_init(&s, "claim", SAINFO);
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x1000);
	t.life_secs = 86400;
	offer_transform(&s, t);
	ck_assert_int_eq(choose(&s), OK);
	ck_assert_uint_eq(s.ag.life_secs, 28800);
	ck_assert_uint_eq(s.ag.a[0].life_secs, 28800);
	ck_assert(s.ag.shortened);
	/* an answer that is longer does not make ours longer */
	ck_assert_int_eq(check_answer(&s), OK);
	ck_assert_uint_eq(s.ag.life_secs, 28800);
	ck_assert(!s.ag.shortened);
	s.offer.transform[0].life_secs = 60;
	ck_assert_int_eq(choose(&s), OK);
	ck_assert_uint_eq(s.ag.life_secs, 60);
	ck_assert(!s.ag.shortened);
	setting_fini(&s);
	setting_init(&s, "obey", SAINFO);
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x1000);
	offer_transform(&s, t);
	ck_assert_int_eq(choose(&s), OK);
	ck_assert_uint_eq(s.ag.life_secs, 86400);
	ck_assert(!s.ag.shortened);
	setting_fini(&s);
}
END_TEST

/*
 * Bundles
 */

static void
offer_bundle(struct setting *s)
{
	offer_proposal(s, 1, PROTO_IPCOMP, 0x1234);
	offer_transform(s, plain_comp);
	offer_proposal(s, 1, PROTO_IPSEC_ESP, 0x2000);
	offer_transform(s, plain_esp);
}

START_TEST(bundle)
{
	struct setting s;

	setting_init(&s, "strict", SAINFO);
	plan_of(&s, IPSEC_PROTO_ESP, IPSEC_PROTO_IPCOMP);
	offer_bundle(&s);
	s.offer.transform[0].life_secs = 1000;
	ck_assert_int_eq(choose(&s), OK);
	ck_assert_uint_eq(s.ag.n, 2);
	/* the plan's order, not the offer's */
	ck_assert_uint_eq(s.ag.a[0].proto, PROTO_IPSEC_ESP);
	ck_assert_uint_eq(s.ag.a[0].tmpl, 0);
	ck_assert_uint_eq(s.ag.a[0].spi_out, 0x2000);
	ck_assert_uint_eq(s.ag.a[1].proto, PROTO_IPCOMP);
	ck_assert_uint_eq(s.ag.a[1].tmpl, 1);
	ck_assert_uint_eq(s.ag.a[1].spi_out, 0x1234);
	ck_assert_uint_eq(s.ag.a[1].key_bits, 0);
	ck_assert_uint_eq(s.ag.life_secs, 1000);
	for (unsigned i = 0; i < 2; i++)
		ck_assert_uint_eq(s.answer.proposal[s.ag.a[i].at].proto,
		    s.ag.a[i].proto);
	setting_fini(&s);
}
END_TEST

/* All protocols of a number or none: neither fewer nor more. */
START_TEST(bundle_whole)
{
	struct setting s;

	setting_init(&s, "obey", SAINFO);
	offer_bundle(&s);
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);	/* plan: ESP alone */
	plan_of(&s, IPSEC_PROTO_ESP, IPSEC_PROTO_AH);
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);
	plan_of(&s, IPSEC_PROTO_IPCOMP, IPSEC_PROTO_ESP);
	ck_assert_int_eq(choose(&s), OK);
	s.offer.proposal[1].number = 2;			/* an OR now */
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);
	plan_of(&s, IPSEC_PROTO_ESP, 0);
	ck_assert_int_eq(choose(&s), OK);
	ck_assert_uint_eq(s.answer.proposal[0].number, 2);
	setting_fini(&s);
}
END_TEST

START_TEST(esp_and_ah)
{
	struct setting s;
	struct transform t = plain_ah;

	setting_init(&s, "obey", SAINFO);
	plan_of(&s, IPSEC_PROTO_ESP, IPSEC_PROTO_AH);
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x2000);
	offer_transform(&s, plain_esp);
	offer_proposal(&s, 1, PROTO_IPSEC_AH, 0x3000);
	t.id = AH_MD5;		/* number and algorithm disagree */
	offer_transform(&s, t);
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);
	offer_transform(&s, plain_ah);
	ck_assert_int_eq(choose(&s), OK);
	ck_assert_uint_eq(s.ag.a[1].proto, PROTO_IPSEC_AH);
	ck_assert_uint_eq(s.ag.a[1].transform, AH_SHA);
	ck_assert_uint_eq(s.answer.transform[1].number, 2);
	setting_fini(&s);
}
END_TEST

/* A template of level `use' may be missing; what is there must fit. */
START_TEST(optional_template)
{
	struct setting s;

	setting_init(&s, "obey", SAINFO);
	plan_of(&s, IPSEC_PROTO_IPCOMP, IPSEC_PROTO_ESP);
	s.plan.tmpl[0].optional = 1;
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x2000);
	offer_transform(&s, plain_esp);
	ck_assert_int_eq(choose(&s), OK);
	ck_assert_uint_eq(s.ag.n, 1);
	ck_assert_uint_eq(s.ag.a[0].tmpl, 1);
	ck_assert_int_eq(check_answer(&s), OK);
	ck_assert_uint_eq(s.ag.a[0].tmpl, 1);
	s.plan.tmpl[0].optional = 0;
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);
	s.plan.tmpl[0].optional = 1;
	offer_proposal(&s, 1, PROTO_IPCOMP, 0x1234);
	offer_transform(&s, (struct transform){ .id = 3 });
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);
	offer_transform(&s, plain_comp);
	ck_assert_int_eq(choose(&s), OK);
	ck_assert_uint_eq(s.ag.n, 2);
	s.offer.proposal[1].n = 1;
	/* nothing at all is no agreement */
	s.plan.tmpl[1].optional = 1;
	s.offer.proposal[0].proto = PROTO_IPSEC_AH;
	s.offer.nproposal = 1;
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);
	setting_fini(&s);
}
END_TEST

/* Each proposal serves one template: two SAs never share an SPI. */
START_TEST(two_of_a_kind)
{
	struct setting s;

	setting_init(&s, "obey", SAINFO);
	plan_of(&s, IPSEC_PROTO_ESP, IPSEC_PROTO_ESP);
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x2000);
	offer_transform(&s, plain_esp);
	offer_proposal(&s, 1, PROTO_IPSEC_AH, 0x3000);
	offer_transform(&s, plain_ah);
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);
	s.offer.proposal[1].proto = PROTO_IPSEC_ESP;
	s.offer.transform[1] = plain_esp;
	ck_assert_int_eq(choose(&s), OK);
	ck_assert_uint_eq(s.ag.a[0].spi_out, 0x2000);
	ck_assert_uint_eq(s.ag.a[1].spi_out, 0x3000);
	setting_fini(&s);
}
END_TEST

/* RFC 2409 5.5: one group for all; IPComp may go without. */
START_TEST(one_group)
{
	static const struct {
		uint16_t	comp, esp;
		bool		chosen;
	} row[] = {
		{ 2, 2, true }, { 0, 2, true }, { 0, 0, false },
		{ 2, 0, false }, { 5, 2, false }, { 2, 5, false },
	};
	struct setting s;

	setting_init(&s, "strict", SAINFO "pfs_group 2;");
	for (int order = 0; order < 2; order++)
		for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			plan_of(&s, order ? IPSEC_PROTO_IPCOMP :
			    IPSEC_PROTO_ESP, order ? IPSEC_PROTO_ESP :
			    IPSEC_PROTO_IPCOMP);
			s.offer.nproposal = s.offer.ntransform = 0;
			offer_bundle(&s);
			s.offer.transform[0].group = row[i].comp;
			s.offer.transform[1].group = row[i].esp;
			ck_assert_msg((choose(&s) == OK) == row[i].chosen,
			    "order %d, row %zu", order, i);
			if (row[i].chosen)
				ck_assert_uint_eq(s.ag.group, 2);
		}
	setting_fini(&s);
	/* obey takes any group, but the same one for both */
	setting_init(&s, "obey", SAINFO);
	plan_of(&s, IPSEC_PROTO_ESP, IPSEC_PROTO_AH);
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x2000);
	offer_transform(&s, with_group(plain_esp, 2));
	offer_proposal(&s, 1, PROTO_IPSEC_AH, 0x3000);
	offer_transform(&s, plain_ah);
	offer_transform(&s, with_group(plain_ah, 5));
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);
	offer_transform(&s, with_group(plain_ah, 2));
	ck_assert_int_eq(choose(&s), OK);
	ck_assert_uint_eq(s.answer.transform[1].number, 3);
	setting_fini(&s);
}
END_TEST

/*
 * SPIs
 */

START_TEST(spi_rules)
{
	struct setting s;
	struct proposal *p;

	setting_init(&s, "obey", SAINFO);
	p = offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0xff);
	offer_transform(&s, plain_esp);
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);	/* reserved */
	ck_assert_int_eq(check_answer(&s), E_SPI);
	p->spi[2] = 1;
	p->spi[3] = 0;
	ck_assert_int_eq(choose(&s), OK);
	ck_assert_uint_eq(s.ag.a[0].spi_out, 256);
	p->spi_len = 2;
	ck_assert_int_eq(check_answer(&s), E_SPI);
	p->spi_len = 0;
	ck_assert_int_eq(check_answer(&s), E_SPI);
	setting_fini(&s);
}
END_TEST

/* RFC 3173 4.1: a CPI has 16 bits, alone or in 32. */
START_TEST(cpi_rules)
{
	static const struct {
		uint8_t		spi[4];
		uint8_t		len;
		enum err	err;
		uint32_t	cpi;
	} row[] = {
		{ { 0x12, 0x34 }, 2, OK, 0x1234 },
		{ { 0, 0, 0x12, 0x34 }, 4, OK, 0x1234 },
		{ { 0, 2 }, 2, OK, 2 },			/* well known */
		{ { 0, 0 }, 2, E_SPI, 0 },
		{ { 0, 1, 0, 0 }, 4, E_SPI, 0 },
	};
	struct setting s;

	setting_init(&s, "obey", SAINFO);
	plan_of(&s, IPSEC_PROTO_ESP, IPSEC_PROTO_IPCOMP);
	offer_bundle(&s);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		memcpy(s.offer.proposal[0].spi, row[i].spi, 4);
		s.offer.proposal[0].spi_len = row[i].len;
		ck_assert_int_eq(check_answer(&s), row[i].err);
		if (row[i].err == OK)
			ck_assert_uint_eq(s.ag.a[1].spi_out, row[i].cpi);
	}
	setting_fini(&s);
}
END_TEST

/*
 * The answer
 */

START_TEST(answer_form)
{
	struct setting s;

	setting_init(&s, "obey", SAINFO);
	ck_assert_int_eq(check_answer(&s), E_PROPOSAL);	/* empty */
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x2000);
	ck_assert_int_eq(check_answer(&s), E_PROPOSAL);
	offer_transform(&s, plain_esp);
	ck_assert_int_eq(check_answer(&s), OK);
	offer_transform(&s, plain_esp);
	ck_assert_int_eq(check_answer(&s), E_PROPOSAL);	/* two */
	s.offer.proposal[0].n = 1;
	offer_proposal(&s, 2, PROTO_IPSEC_AH, 0x3000);
	offer_transform(&s, plain_ah);
	ck_assert_int_eq(check_answer(&s), E_PROPOSAL);	/* two numbers */
	s.offer.proposal[1].number = 1;
	ck_assert_int_eq(check_answer(&s), E_NOPROPOSAL); /* not offered */
	plan_of(&s, IPSEC_PROTO_ESP, IPSEC_PROTO_AH);
	ck_assert_int_eq(check_answer(&s), OK);
	ck_assert_uint_eq(s.ag.n, 2);
	s.offer.nproposal = 1;
	ck_assert_int_eq(check_answer(&s), E_NOPROPOSAL); /* half of it */
	setting_fini(&s);
}
END_TEST

/* strongSwan's: IPComp with ESP, and the same ESP once more; another ESP
 * would be a choice left to us. */
START_TEST(answer_repeats)
{
	struct setting s;

	setting_init(&s, "obey", SAINFO);
	plan_of(&s, IPSEC_PROTO_IPCOMP, IPSEC_PROTO_ESP);
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x2000);
	offer_transform(&s, plain_esp);
	offer_proposal(&s, 1, PROTO_IPCOMP, 0x300);
	offer_transform(&s, plain_comp);
	offer_proposal(&s, 2, PROTO_IPSEC_ESP, 0x2000);
	offer_transform(&s, plain_esp);
	ck_assert_int_eq(check_answer(&s), OK);
	ck_assert_uint_eq(s.ag.n, 2);
	ck_assert_uint_eq(s.ag.a[0].spi_out, 0x300);
	ck_assert_uint_eq(s.ag.a[1].spi_out, 0x2000);
	s.offer.proposal[2].spi[3]++;
	ck_assert_int_eq(check_answer(&s), E_PROPOSAL);
	s.offer.proposal[2].spi[3]--;
	s.offer.proposal[2].proto = PROTO_IPSEC_AH;
	ck_assert_int_eq(check_answer(&s), E_PROPOSAL);
	s.offer.proposal[2].proto = PROTO_IPSEC_ESP;
	offer_transform(&s, plain_esp);
	ck_assert_int_eq(check_answer(&s), E_PROPOSAL);
	/* half of the first */
	s.offer.proposal[2].n = 1;
	s.offer.proposal[1].number = 2;
	ck_assert_int_eq(check_answer(&s), E_PROPOSAL);
	setting_fini(&s);
}
END_TEST

/* IPComp in MODE and ESP in transport mode are what we want; the peer calls
 * ESP a tunnel. */
static enum err
calls_it_tunnel(uint8_t first, uint8_t mode)
{
	struct transform esp = plain_esp, comp = plain_comp;
	struct setting s;
	enum err r;

	setting_init(&s, "strict", SAINFO);
	plan_of(&s, first, IPSEC_PROTO_ESP);
	s.plan.tmpl[0].mode = mode;
	esp.mode = P2_MODE_TUNNEL;
	comp.mode = mode == IPSEC_MODE_TUNNEL ? P2_MODE_TUNNEL :
	    P2_MODE_TRANSPORT;
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x2000);
	offer_transform(&s, esp);
	if (first == IPSEC_PROTO_IPCOMP) {
		offer_proposal(&s, 1, PROTO_IPCOMP, 0x300);
		offer_transform(&s, comp);
	} else {
		offer_proposal(&s, 1, PROTO_IPSEC_AH, 0x3000);
		offer_transform(&s, plain_ah)->mode = comp.mode;
	}
	r = choose(&s);
	ck_assert_int_eq(check_answer(&s), r);
	if (r == OK) {
		ck_assert_uint_eq(s.ag.a[1].mode, IPSEC_MODE_TRANSPORT);
		ck_assert_uint_eq(s.answer.transform[1].mode, P2_MODE_TUNNEL);
	}
	setting_fini(&s);
	return r;
}

START_TEST(modes_of_a_bundle)
{
	ck_assert_int_eq(calls_it_tunnel(IPSEC_PROTO_IPCOMP,
	    IPSEC_MODE_TUNNEL), OK);
	ck_assert_int_eq(calls_it_tunnel(IPSEC_PROTO_IPCOMP,
	    IPSEC_MODE_TRANSPORT), E_NOPROPOSAL);
	/* AH around ESP in two tunnels would be a tunnel in another */
	ck_assert_int_eq(calls_it_tunnel(IPSEC_PROTO_AH,
	    IPSEC_MODE_TUNNEL), E_NOPROPOSAL);
}
END_TEST

/* Our own offer, with one transform kept, passes for all levels. */
START_TEST(answer_of_own)
{
	static const char *const checks[] = { "obey", "strict", "claim",
	    "exact" };
	const uint32_t spi[IPSEC_TMPL_MAX] = { 0x2000, 0x3000 };
	struct setting s;

	for (size_t i = 0; i < 4; i++) {
		setting_init(&s, checks[i], SAINFO "pfs_group 14;");
		plan_of(&s, IPSEC_PROTO_ESP, IPSEC_PROTO_AH);
		for (uint16_t nth = 0; nth < 4; nth++) {
			propose_phase2(&s.sa, &s.plan, s.conf->sainfo[0], spi,
			    &s.offer);
			ck_assert_uint_eq(s.offer.proposal[0].n, 4);
			s.offer.proposal[0].first = nth;
			s.offer.proposal[0].n = s.offer.proposal[1].n = 1;
			ck_assert_int_eq(check_answer(&s), OK);
			ck_assert_uint_eq(s.ag.group, 14);
			ck_assert_uint_eq(s.ag.a[0].transform, nth < 2 ?
			    ESP_AES : ESP_3DES);
			ck_assert_uint_eq(s.ag.a[0].key_bits, nth < 2 ?
			    128 : 192);
		}
		setting_fini(&s);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		first_that_fits, answer_unchanged, nothing_fits,
		claim_shortens, bundle, bundle_whole, esp_and_ah,
		optional_template, two_of_a_kind, one_group, spi_rules,
		cpi_rules, answer_form, answer_repeats, modes_of_a_bundle,
		answer_of_own,
	};

	return suite_main("choose", tests, sizeof(tests) / sizeof(tests[0]));
}
