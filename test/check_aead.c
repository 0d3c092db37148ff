/* SPDX-License-Identifier: ISC */
/*
 * The ciphers of ESP that authenticate too, and counter mode, which does not:
 * how they are offered and chosen, what keys the kernels get.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "crypto/alg.h"
#include "ike/engine.h"
#include "libipsec/ops.h"
#include "propose.h"
#include "quick.h"
#include "suite.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define GCM_16		20
#define CTR		13

static const uint32_t spi[IPSEC_TMPL_MAX] = { 0x12345678 };

/* What is offered for these lines of sainfo. */
static unsigned int
offered(const char *lines, struct sa_payload *offer)
{
	struct setting s;

	setting_init(&s, "obey", lines);
	propose_phase2(&s.sa, &s.plan, s.conf->sainfo[0], spi, offer);
	setting_fini(&s);
	return offer->ntransform;
}

START_TEST(offers)
{
	struct sa_payload offer;
	const struct transform *t = offer.transform;

	ck_assert_uint_eq(offered("encryption_algorithm aes_gcm_16 256, "
	    "aes 192, aes_ctr, aes_gmac;"
	    "authentication_algorithm hmac_sha256, non_auth;", &offer), 5);
	ck_assert(t[0].id == GCM_16 && t[0].key_bits == 256 && t[0].auth == 0);
	ck_assert(t[1].id == ESP_AES && t[1].auth == P2_AUTH_SHA256);
	ck_assert(t[2].id == ESP_AES && t[2].auth == 0);
	ck_assert(t[3].id == CTR && t[3].key_bits == 128);
	ck_assert(t[3].auth == P2_AUTH_SHA256);
	ck_assert(t[4].id == 23 && t[4].key_bits == 128 && t[4].auth == 0);
}
END_TEST

/* No attribute at all, not one that says 0: RFC 4106 8.4. */
START_TEST(offer_on_the_wire)
{
	struct sa_payload offer, back;
	struct view v;
	struct buf out;

	ck_assert_uint_eq(offered("encryption_algorithm aes_gcm_16;"
	    "authentication_algorithm hmac_sha256;", &offer), 1);
	buf_init(&out, 1024);
	sa_put(&out, &offer);
	ck_assert(buf_ok(&out));
	v = buf_view(&out);
	ck_assert_int_eq(sa_get(v, &back), OK);
	ck_assert_uint_eq(back.transform[0].auth, 0);
	/* The class is 5, in two bytes with the format's bit. */
	ck_assert_ptr_null(memmem(out.p, out.n, "\x80\x05", 2));
	buf_fini(&out);
}
END_TEST

static bool
chosen(const char *enc, uint8_t id, uint16_t bits, uint16_t auth)
{
	struct transform t = plain_esp;
	char lines[200];

	(void)snprintf(lines, sizeof(lines), "encryption_algorithm %s;"
	    "authentication_algorithm hmac_sha1;", enc);
	t.id = id;
	t.key_bits = bits;
	t.auth = auth;
	return is_chosen("strict", lines, t);
}

START_TEST(choices)
{
	ck_assert(chosen("aes_gcm_16 128", GCM_16, 128, 0));
	ck_assert(chosen("aes_gcm_16 128", GCM_16, 256, 0));
	ck_assert(!chosen("aes_gcm_16 256", GCM_16, 128, 0));
	ck_assert(!chosen("aes_gcm_16", GCM_16, 160, 0));
	ck_assert(!chosen("aes_gcm_16", GCM_16, 288, 0));
	ck_assert(!chosen("aes_gcm_16", GCM_16, 128, P2_AUTH_SHA1));
	ck_assert(!chosen("aes_gcm_16", 19, 128, 0));
	ck_assert(!chosen("aes", GCM_16, 128, 0));
	ck_assert(!chosen("aes_gcm_16", ESP_AES, 128, P2_AUTH_SHA1));
	/* That one needs no hash does not let another one go without. */
	ck_assert(!chosen("aes_gcm_16, aes", ESP_AES, 128, 0));
	ck_assert(chosen("aes_gcm_16, aes", ESP_AES, 128, P2_AUTH_SHA1));
	ck_assert(chosen("aes_ctr", CTR, 128, P2_AUTH_SHA1));
	ck_assert(!chosen("aes_ctr", CTR, 128, 0));
	ck_assert(!is_chosen("obey", "encryption_algorithm aes_ctr;"
	    "authentication_algorithm non_auth;", (struct transform){
	    .id = CTR, .key_bits = 128, .mode = P2_MODE_TRANSPORT }));
}
END_TEST

static int
no_aead(void *ctx, enum ipsec_alg_class class, const struct ipsec_key *k)
{
	(void)ctx;
	(void)k;
	return class == IPSEC_ALG_AEAD ? -EOPNOTSUPP : 0;
}

static const char *
no_aead_error(void *ctx)
{
	(void)ctx;
	return "no such thing";
}

static void
no_aead_close(void *ctx)
{
	(void)ctx;
}

/* PF_KEY is such a way to the kernel. */
START_TEST(without_the_kernel)
{
	static const struct ipsec_ops ops = { .name = "no AEAD",
	    .can = no_aead, .error = no_aead_error, .close = no_aead_close };
	struct ipsec *kernel = ipsec_new(&ops, NULL);
	struct ike ike = { .kernel = kernel };
	struct transform t = plain_esp;
	struct sa_payload offer;
	struct setting s;

	setting_init(&s, "obey", "encryption_algorithm aes_gcm_16, aes;"
	    "authentication_algorithm hmac_sha1;");
	s.sa.ike = &ike;
	propose_phase2(&s.sa, &s.plan, s.conf->sainfo[0], spi, &offer);
	ck_assert_uint_eq(offer.ntransform, 1);
	ck_assert_uint_eq(offer.transform[0].id, ESP_AES);
	t.id = GCM_16;
	t.auth = 0;
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x1000);
	offer_transform(&s, t);
	ck_assert_int_eq(choose(&s), E_NOPROPOSAL);
	setting_fini(&s);
	ipsec_close(kernel);
}
END_TEST

static struct pair *
pair_of(const char *enc)
{
	char conf[800];

	(void)snprintf(conf, sizeof(conf),
	    "remote anonymous { exchange_mode main; nat_traversal off;\n"
	    "  proposal { encryption_algorithm aes; hash_algorithm sha256;\n"
	    "  authentication_method pre_shared_key; dh_group ecp256; } }\n"
	    "sainfo anonymous { encryption_algorithm %s;\n"
	    "  authentication_algorithm hmac_sha256;\n"
	    "  compression_algorithm deflate; }\n", enc);
	return pair_new(conf, conf, 1000);
}

/* Both kernels get the same: a key with its salt (RFC 4106 8.1, ...). */
START_TEST(installed)
{
	static const struct {
		const char	*word;
		uint16_t	 id, bits;	/* as libipsec counts them */
		bool		 aead;
	} row[] = {
		{ "aes_gcm_8", 18, 160, true },
		{ "aes_gcm_12 192", 19, 224, true },
		{ "aes_gcm_16 256", 20, 288, true },
		{ "aes_ccm_8", 14, 152, true },
		{ "aes_ccm_12 192", 15, 216, true },
		{ "aes_ccm_16 256", 16, 280, true },
		{ "aes_gmac 256", 23, 288, true },
		{ "aes_ctr 256", 13, 288, false },
		{ "aes 256", 12, 256, false },
	};

	for (unsigned i = 0; i < COUNT(row); i++) {
		struct pair *pair = pair_of(row[i].word);
		const struct ipsec_key *k, *other;
		struct ipsec_sa a, b;

		ck_assert_msg(gets_child(pair), "%s", row[i].word);
		a = sa_towards(&pair->a, &pair->b.addr);
		b = sa_towards(&pair->b, &pair->b.addr);
		k = row[i].aead ? &a.aead : &a.enc;
		other = row[i].aead ? &b.aead : &b.enc;
		ck_assert(k->present && other->present);
		ck_assert_uint_eq(k->id, row[i].id);
		ck_assert_uint_eq(k->key_bits, row[i].bits);
		ck_assert_uint_eq(other->key_bits, row[i].bits);
		ck_assert_mem_eq(k->key, other->key, row[i].bits / 8u);
		ck_assert(a.auth.present == !row[i].aead);
		ck_assert(!(row[i].aead ? a.enc : a.aead).present);
		pair_free(pair);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		offers, offer_on_the_wire, choices, without_the_kernel,
		installed,
	};

	return suite_main("aead", tests, COUNT(tests));
}
