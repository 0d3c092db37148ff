/* SPDX-License-Identifier: ISC */
/* Short ways to plans, offers and configurations for tests of proposals. */
#ifndef TEST_PROPOSE_H
#define TEST_PROPOSE_H

#include <check.h>
#include <stdio.h>

#include "ike/propose.h"
#include "pair.h"

/* Everything that a choice depends on but the offer. */
struct setting {
	struct conf	*conf;
	struct sa	 sa;
	struct plan	 plan;
	struct sa_payload offer, answer;
	struct agreement ag;
};

/* A setting with the given proposal_check and lines of sainfo; ESP. */
static inline void
setting_init(struct setting *s, const char *check, const char *sainfo)
{
	char text[2000];

	snprintf(text, sizeof(text), "remote anonymous {\n"
	    "exchange_mode main; proposal_check %s;\n"
	    "proposal { encryption_algorithm aes; hash_algorithm sha1;\n"
	    "authentication_method pre_shared_key; dh_group modp1024; } }\n"
	    "sainfo anonymous { compression_algorithm deflate; %s }\n",
	    check, sainfo);
	memset(s, 0, sizeof(*s));
	s->conf = conf_of(text);
	s->sa.remote_conf = s->conf->remote[0];
	s->sa.natt = VID_UNKNOWN;
	s->plan.ntmpl = 1;
	s->plan.tmpl[0].proto = IPSEC_PROTO_ESP;
	s->plan.tmpl[0].mode = IPSEC_MODE_TRANSPORT;
}

static inline void
setting_fini(struct setting *s)
{
	conf_unref(s->conf);
}

/* The peer's offer becomes a proposal longer; its transforms follow. */
static inline struct proposal *
offer_proposal(struct setting *s, uint8_t number, uint8_t proto,
    uint32_t spi)
{
	struct proposal *p = &s->offer.proposal[s->offer.nproposal++];

	s->offer.doi = IPSEC_DOI;
	s->offer.situation = SIT_IDENTITY_ONLY;
	*p = (struct proposal){
		.number = number,
		.proto = proto,
		.spi_len = proto == PROTO_IPCOMP ? 2 : 4,
		.first = (uint16_t)s->offer.ntransform,
	};
	if (proto == PROTO_IPCOMP)
		spi <<= 16;
	for (int i = 0; i < p->spi_len; i++)
		p->spi[i] = (uint8_t)(spi >> (24 - 8 * i));
	return p;
}

static inline struct transform *
offer_transform(struct setting *s, struct transform t)
{
	struct proposal *p = &s->offer.proposal[s->offer.nproposal - 1];

	t.number = (uint8_t)++p->n;
	s->offer.transform[s->offer.ntransform] = t;
	return &s->offer.transform[s->offer.ntransform++];
}

/* AES-128, SHA-1, transport, 8 hours, no PFS. */
static const struct transform plain_esp = {
	.id = ESP_AES, .key_bits = 128, .auth = P2_AUTH_SHA1,
	.mode = P2_MODE_TRANSPORT, .life_secs = 28800,
};
static const struct transform plain_ah = {
	.id = AH_SHA, .auth = P2_AUTH_SHA1,
	.mode = P2_MODE_TRANSPORT, .life_secs = 28800,
};
static const struct transform plain_comp = {
	.id = IPCOMP_DEFLATE, .mode = P2_MODE_TRANSPORT, .life_secs = 28800,
};

static inline enum err
choose(struct setting *s)
{
	return propose_choose(&s->sa, &s->plan, s->conf->sainfo[0], &s->offer,
	    &s->ag, &s->answer);
}

/* The offer, taken as an answer. */
static inline enum err
check_answer(struct setting *s)
{
	return propose_check(&s->sa, &s->plan, s->conf->sainfo[0], &s->offer,
	    &s->ag);
}

/* One transform, offered alone to a fresh setting: is it chosen? */
static inline bool
is_chosen(const char *check, const char *sainfo, struct transform t)
{
	struct setting s;
	enum err r;

	setting_init(&s, check, sainfo);
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x1000);
	offer_transform(&s, t);
	r = choose(&s);
	ck_assert(r == OK || r == E_NOPROPOSAL);
	setting_fini(&s);
	return r == OK;
}

/* The same as an answer to us. */
static inline bool
is_accepted(const char *check, const char *sainfo, struct transform t)
{
	struct setting s;
	enum err r;

	setting_init(&s, check, sainfo);
	offer_proposal(&s, 1, PROTO_IPSEC_ESP, 0x1000);
	offer_transform(&s, t);
	r = check_answer(&s);
	ck_assert(r == OK || r == E_NOPROPOSAL);
	setting_fini(&s);
	return r == OK;
}

#endif
