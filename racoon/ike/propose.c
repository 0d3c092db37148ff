/* SPDX-License-Identifier: ISC */
/* Proposals: offers, the responder's choice, the check of the answer. */

#include "ike/propose.h"

#include <stdio.h>

#include "ike/auth.h"
#include "ike/natt.h"
#include "ike/propose_can.h"
#include "wire/isakmp.h"

#define LIFE_DEFAULT	28800u		/* seconds, RFC 2407 4.5 */
#define AES_BITS	128		/* when a peer leaves the length out */
#define SPI_MIN		256u		/* RFC 4303 2.1 */

/* What decides about one transform of phase 2. */
struct measure {
	const struct sa		*sa;
	const struct plan	*plan;
	const struct sainfo	*info;
	enum conf_check		 check;
	bool			 initiator;
};

/*
 * Phase 1
 */

bool
propose_usable(const struct conf_p1 *p)
{
	return p->usable && auth_of(p->method) != NULL &&
	    alg_cipher(p->cipher) != NULL && alg_hash(p->hash) != NULL &&
	    alg_group(p->group) != NULL;
}

static struct view
gss_id_of(const struct conf_p1 *c)
{
	if (!c->gss)
		return view_of(NULL, 0);
	return view_text(c->gss_id != NULL ? c->gss_id : PROPOSE_GSS_SERVICE);
}

void
propose_phase1(const struct remote *remote, struct sa_payload *offer)
{
	struct proposal *p = &offer->proposal[0];

	*offer = (struct sa_payload){
		.doi = IPSEC_DOI,
		.situation = SIT_IDENTITY_ONLY,
		.nproposal = 1,
	};
	p->number = 1;
	p->proto = PROTO_ISAKMP;
	for (size_t i = 0; i < remote->nproposal &&
	    offer->ntransform < SA_TRANSFORMS_MAX; i++) {
		const struct conf_p1 *c = &remote->proposal[i];

		if (!propose_usable(c))
			continue;
		offer->transform[offer->ntransform++] = (struct transform){
			.number = ++p->n > UINT8_MAX ? UINT8_MAX :
			    (uint8_t)p->n,
			.id = TRANSFORM_KEY_IKE,
			.cipher = c->cipher,
			.key_bits = c->key_bits,
			.hash = c->hash,
			.method = c->method,
			.group = c->group,
			.life_secs = c->life_secs,
			.gss_id = gss_id_of(c),
		};
	}
}

enum err
propose_suite(const struct transform *t, uint32_t life_secs,
    struct sa_suite *suite)
{
	suite->cipher = alg_cipher(t->cipher);
	suite->hash = alg_hash(t->hash);
	suite->group = alg_group(t->group);
	suite->auth = auth_of(t->method);
	suite->life_secs = life_secs;
	if (suite->cipher == NULL || suite->hash == NULL ||
	    suite->group == NULL || suite->auth == NULL)
		return E_NOPROPOSAL;
	suite->key_bits = t->key_bits != 0 ? t->key_bits :
	    suite->cipher->key_default;
	return alg_cipher_bits(suite->cipher, suite->key_bits) ? OK :
	    E_NOPROPOSAL;
}

/*
 * Phase 2: the offer
 */

static uint8_t
proto_of(const struct ipsec_tmpl *tmpl)
{
	return tmpl->proto == IPSEC_PROTO_AH ? PROTO_IPSEC_AH :
	    tmpl->proto == IPSEC_PROTO_IPCOMP ? PROTO_IPCOMP :
	    PROTO_IPSEC_ESP;
}

static void
spi_put(struct proposal *p, uint32_t spi)
{
	if (p->proto == PROTO_IPCOMP) {		/* a CPI has two bytes */
		p->spi_len = 2;
		p->spi[0] = (uint8_t)(spi >> 8);
		p->spi[1] = (uint8_t)spi;
		return;
	}
	p->spi_len = 4;
	for (int i = 0; i < 4; i++)
		p->spi[i] = (uint8_t)(spi >> (24 - 8 * i));
}

static enum err
spi_get(const struct proposal *p, uint32_t *spi)
{
	struct view v = view_of(p->spi, p->spi_len);

	*spi = p->spi_len == 2 ? view_u16(&v) : view_u32(&v);
	if (v.bad || (p->spi_len == 2 && p->proto != PROTO_IPCOMP))
		return E_SPI;
	if (p->proto == PROTO_IPCOMP)
		return *spi != 0 && *spi <= UINT16_MAX ? OK : E_SPI;
	return *spi >= SPI_MIN ? OK : E_SPI;
}

static void
offer_add(struct sa_payload *offer, const struct sainfo *info,
    struct transform t)
{
	struct proposal *p = &offer->proposal[offer->nproposal - 1];

	if (offer->ntransform == SA_TRANSFORMS_MAX || p->n == UINT8_MAX)
		return;
	t.number = (uint8_t)++p->n;
	t.group = info->pfs_group;
	t.life_secs = info->lifetime;
	offer->transform[offer->ntransform++] = t;
}

/* One cipher with each hash; what needs none (RFC 4106 8.4) alone. */
static void
offer_enc(const struct sa *sa, struct sa_payload *offer,
    const struct sainfo *info, const struct conf_alg *enc, uint16_t mode)
{
	const struct alg_esp *alg = alg_esp(enc->id);
	struct transform t = {
		.id = (uint8_t)enc->id, .key_bits = enc->key_bits, .mode = mode,
	};

	if (alg == NULL || !can_enc(sa, enc))
		return;
	if (alg->aead)
		offer_add(offer, info, t);
	for (size_t a = 0; a < info->nauth && !alg->aead; a++) {
		t.auth = info->auth[a].id;
		if (can_auth(sa, &info->auth[a]) &&
		    alg_esp_auth(alg, t.auth))
			offer_add(offer, info, t);
	}
}

static void
offer_esp(const struct sa *sa, struct sa_payload *offer,
    const struct sainfo *info, uint16_t mode)
{
	for (size_t e = 0; e < info->nenc; e++)
		offer_enc(sa, offer, info, &info->enc[e], mode);
}

static void
offer_ah(const struct sa *sa, struct sa_payload *offer,
    const struct sainfo *info, uint16_t mode)
{
	for (size_t a = 0; a < info->nauth; a++) {
		const struct alg_auth *alg = alg_auth(info->auth[a].id);

		if (alg != NULL && alg->ah != 0 &&
		    can_ah(sa, info, &info->auth[a]))
			offer_add(offer, info, (struct transform){
				.id = alg->ah,
				.auth = alg->id,
				.mode = mode,
			});
	}
}

static void
offer_comp(struct sa_payload *offer, const struct sainfo *info, uint16_t mode)
{
	for (size_t c = 0; c < info->ncomp; c++)
		offer_add(offer, info, (struct transform){
			.id = (uint8_t)info->comp[c].id,
			.mode = mode,
		});
}

static void
offer_protocol(const struct sa *sa, struct sa_payload *offer,
    const struct sainfo *info, uint8_t proto, uint16_t mode)
{
	if (proto == PROTO_IPSEC_ESP)
		offer_esp(sa, offer, info, mode);
	else if (proto == PROTO_IPSEC_AH)
		offer_ah(sa, offer, info, mode);
	else
		offer_comp(offer, info, mode);
}

/* RFC 4304: a responder that knows nothing of them takes one of the others. */
static void
offer_esn(const struct sa *sa, struct sa_payload *offer,
    const struct sainfo *info, uint16_t mode)
{
	const struct proposal *p = &offer->proposal[offer->nproposal - 1];

	if (p->proto == PROTO_IPCOMP || !can_esn(sa, info))
		return;
	offer_protocol(sa, offer, info, p->proto, mode);
	for (unsigned i = p->first; i < offer->ntransform; i++)
		offer->transform[i].esn = 1;
}

/* The protocols of a bundle are one proposal: the same number, RFC 2408 4.2. */
void
propose_phase2(const struct sa *sa, const struct plan *plan,
    const struct sainfo *info, const uint32_t *spi, struct sa_payload *offer)
{
	*offer = (struct sa_payload){
		.doi = IPSEC_DOI,
		.situation = SIT_IDENTITY_ONLY,
	};
	for (uint8_t i = 0; i < plan->ntmpl; i++) {
		const struct ipsec_tmpl *tmpl = &plan->tmpl[i];
		uint16_t mode = natt_mode(sa, tmpl->mode);
		struct proposal *p = &offer->proposal[offer->nproposal++];

		p->number = 1;
		p->proto = proto_of(tmpl);
		p->first = (uint16_t)offer->ntransform;
		spi_put(p, spi[i]);
		offer_esn(sa, offer, info, mode);
		offer_protocol(sa, offer, info, p->proto, mode);
	}
}

/*
 * Phase 2: measuring what came, racoon.conf(5) proposal_check
 */

static bool
key_fits(enum conf_check check, unsigned theirs, unsigned ours)
{
	if (check == CONF_OBEY)
		return true;
	return check == CONF_EXACT ? theirs == ours : theirs >= ours;
}

/* Can the cipher have such a key at all? */
static bool
bits_ok(const struct alg_esp *alg, unsigned bits)
{
	return alg->fixed || (bits >= alg->key_min && bits <= alg->key_max &&
	    (bits - alg->key_min) % alg->key_step == 0);
}

static bool
enc_fits(const struct measure *m, const struct transform *t)
{
	const struct alg_esp *alg = alg_esp(t->id);
	unsigned bits = t->key_bits;

	if (alg == NULL)
		return false;
	if (bits == 0 && !alg->fixed)
		bits = alg->key_default;
	if (!bits_ok(alg, bits))
		return false;
	for (size_t i = 0; i < m->info->nenc; i++)
		if (m->info->enc[i].id == t->id && (alg->fixed ||
		    key_fits(m->check, bits, m->info->enc[i].key_bits)) &&
		    can_enc(m->sa, &m->info->enc[i]))
			return true;
	return false;
}

static bool
listed(const struct conf_alg *list, size_t n, uint16_t id)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].id == id)
			return true;
	return false;
}

/* The sainfo's word for this one; NULL: it has none that can be had. */
static const struct conf_alg *
auth_of_sainfo(const struct measure *m, uint8_t proto, uint16_t id)
{
	for (size_t i = 0; i < m->info->nauth; i++) {
		const struct conf_alg *a = &m->info->auth[i];

		if (a->id == id && (proto == PROTO_IPSEC_AH ?
		    can_ah(m->sa, m->info, a) : can_auth(m->sa, a)))
			return a;
	}
	return NULL;
}

/* An AEAD comes without a hash; some peers say "none" in so many words. */
static bool
esp_fits(const struct measure *m, const struct transform *t)
{
	const struct alg_esp *alg = alg_esp(t->id);

	if (alg == NULL || !alg_esp_auth(alg, t->auth) || !enc_fits(m, t))
		return false;
	return alg->aead ||
	    auth_of_sainfo(m, PROTO_IPSEC_ESP, t->auth) != NULL;
}

static bool
algs_fit(const struct measure *m, uint8_t proto, const struct transform *t)
{
	const struct sainfo *info = m->info;
	const struct alg_auth *auth = alg_auth(t->auth);

	if (proto == PROTO_IPCOMP)
		return listed(info->comp, info->ncomp, t->id);
	if (proto == PROTO_IPSEC_ESP)
		return esp_fits(m, t);
	return auth != NULL && auth->ah == t->id &&
	    auth_of_sainfo(m, proto, t->auth) != NULL;
}

static bool
group_fits(const struct measure *m, uint16_t theirs)
{
	uint16_t ours = m->info->pfs_group;

	if (theirs != 0 && alg_group(theirs) == NULL)
		return false;
	if (m->initiator || m->check == CONF_EXACT)
		return theirs == ours;
	return m->check == CONF_OBEY || ours == 0 || theirs == ours;
}

/* IPComp has no keys: many peers leave the group out of its transforms. */
static bool
group_left_out(uint8_t proto, const struct transform *t)
{
	return proto == PROTO_IPCOMP && t->group == 0;
}

static bool
life_fits(const struct measure *m, uint32_t theirs)
{
	uint32_t ours = m->info->lifetime;

	if (theirs == 0)
		theirs = LIFE_DEFAULT;
	if (m->check == CONF_OBEY || m->check == CONF_CLAIM)
		return true;
	return m->check == CONF_EXACT ? theirs == ours : theirs <= ours;
}

static bool
compresses_tunnel(const struct plan *plan)
{
	for (uint8_t i = 0; i < plan->ntmpl; i++)
		if (plan->tmpl[i].proto == IPSEC_PROTO_IPCOMP &&
		    plan->tmpl[i].mode == IPSEC_MODE_TUNNEL)
			return true;
	return false;
}

/*
 * Where the tunnel is IPComp's, ESP in transport mode protects what it made.
 * Some call the whole of it a tunnel, in each of its protocols, which can mean
 * nothing else: nobody puts two tunnels between the same two ends.
 */
static bool
mode_fits(const struct measure *m, uint8_t proto, uint8_t ours,
    uint16_t theirs)
{
	uint8_t mode = natt_mode_of(m->sa, theirs);

	if (theirs == 0 || mode == ours)
		return true;
	return proto != PROTO_IPCOMP && mode == IPSEC_MODE_TUNNEL &&
	    compresses_tunnel(m->plan);
}

static bool
transform_fits(const struct measure *m, uint8_t proto, uint8_t mode,
    const struct transform *t)
{
	if (t->unknown || !mode_fits(m, proto, mode, t->mode))
		return false;
	if (t->esn != 0 && (proto == PROTO_IPCOMP ||
	    !can_esn(m->sa, m->info)))
		return false;		/* RFC 4304 */
	return algs_fit(m, proto, t) && life_fits(m, t->life_secs) &&
	    (group_left_out(proto, t) || group_fits(m, t->group));
}

/*
 * Phase 2: the choice
 */

static uint32_t
life_used(const struct measure *m, uint32_t theirs, bool *shortened)
{
	uint32_t ours = m->info->lifetime;
	bool longer;

	if (theirs == 0)
		theirs = LIFE_DEFAULT;
	longer = m->check == CONF_CLAIM && theirs > ours;
	*shortened = longer && !m->initiator;
	return longer ? ours : theirs;
}

/* Neither the width nor the padding is negotiated: the sainfo says it. */
static void
agree_auth(const struct measure *m, struct agreed *a)
{
	const struct conf_alg *auth = auth_of_sainfo(m, a->proto, a->auth);

	if (auth == NULL)
		return;
	a->icv_bits = auth->icv_bits;
	a->align4 = a->proto == PROTO_IPSEC_AH &&
	    ah_is_short(m->sa, m->info, auth);
}

/* Takes transform T of proposal P for template I into the agreement. */
static void
agree(const struct measure *m, struct agreement *ag, uint8_t i,
    const struct proposal *p, const struct transform *t)
{
	struct agreed *a = &ag->a[ag->n++];
	const struct alg_esp *esp = alg_esp(t->id);
	bool shortened;

	a->tmpl = i;
	a->proto = p->proto;
	a->transform = t->id;
	a->auth = t->auth;
	agree_auth(m, a);
	a->key_bits = t->key_bits;
	if (p->proto == PROTO_IPSEC_ESP && esp != NULL && a->key_bits == 0)
		a->key_bits = esp->key_default;
	a->esn = t->esn;
	a->replay = can_window(m->sa, m->info);
	a->life_secs = life_used(m, t->life_secs, &shortened);
	a->life_kbytes = t->life_kbytes;
	if (ag->n == 1 || a->life_secs < ag->life_secs)
		ag->life_secs = a->life_secs;
	ag->shortened = ag->shortened || shortened;
	if (!group_left_out(p->proto, t))
		ag->group = t->group;
}

/* All protocols of a bundle have one group: RFC 2409 5.5. */
static bool
same_group(const struct agreement *ag, uint8_t proto,
    const struct transform *t)
{
	if (group_left_out(proto, t))
		return true;
	if (ag->group != 0)
		return t->group == ag->group;
	for (unsigned i = 0; i < ag->n; i++)
		if (ag->a[i].proto != PROTO_IPCOMP)
			return t->group == 0;
	return true;
}

/* The first transform of P that fits, with the group agreed upon before. */
static const struct transform *
pick(const struct measure *m, const struct sa_payload *sap,
    const struct proposal *p, uint8_t mode, const struct agreement *ag)
{
	for (unsigned i = 0; i < p->n; i++) {
		const struct transform *t = &sap->transform[p->first + i];

		if (transform_fits(m, p->proto, mode, t) &&
		    same_group(ag, p->proto, t))
			return t;
	}
	return NULL;
}

static void
answer_add(struct sa_payload *answer, const struct proposal *p,
    const struct transform *t)
{
	struct proposal *q = &answer->proposal[answer->nproposal++];

	*q = *p;
	q->first = (uint16_t)answer->ntransform;
	q->n = 1;
	answer->transform[answer->ntransform++] = *t;
}

/* The proposal with NUMBER for template TMPL; each serves one template. */
static const struct proposal *
proposal_for(const struct sa_payload *sap, uint8_t number,
    const struct ipsec_tmpl *tmpl, uint32_t *taken)
{
	for (unsigned i = 0; i < sap->nproposal; i++)
		if (sap->proposal[i].number == number &&
		    sap->proposal[i].proto == proto_of(tmpl) &&
		    (*taken & 1u << i) == 0) {
			*taken |= 1u << i;
			return &sap->proposal[i];
		}
	return NULL;
}

static unsigned
count_number(const struct sa_payload *sap, uint8_t number)
{
	unsigned n = 0;

	for (unsigned i = 0; i < sap->nproposal; i++)
		n += sap->proposal[i].number == number;
	return n;
}

/* All protocols of one proposal number against all templates of the plan. */
static enum err
choose_number(const struct measure *m, const struct sa_payload *sap,
    uint8_t number, struct agreement *ag, struct sa_payload *answer)
{
	const struct plan *plan = m->plan;
	uint32_t taken = 0;

	*ag = (struct agreement){ .n = 0 };
	answer->nproposal = answer->ntransform = 0;
	for (uint8_t i = 0; i < plan->ntmpl; i++) {
		const struct ipsec_tmpl *tmpl = &plan->tmpl[i];
		const struct proposal *p = proposal_for(sap, number, tmpl,
		    &taken);
		const struct transform *t;
		uint32_t spi;
		enum err r;

		if (p == NULL && tmpl->optional)
			continue;
		t = p == NULL ? NULL : pick(m, sap, p, tmpl->mode, ag);
		if (t == NULL)
			return E_NOPROPOSAL;
		r = spi_get(p, &spi);
		if (r != OK)
			return r;
		agree(m, ag, i, p, t);
		ag->a[ag->n - 1].mode = tmpl->mode;
		ag->a[ag->n - 1].spi_out = spi;
		ag->a[ag->n - 1].at = (uint8_t)answer->nproposal;
		answer_add(answer, p, t);
	}
	return ag->n > 0 && ag->n == count_number(sap, number) ? OK :
	    E_NOPROPOSAL;
}

enum err
propose_choose(const struct sa *sa, const struct plan *plan,
    const struct sainfo *info, const struct sa_payload *offer,
    struct agreement *ag, struct sa_payload *answer)
{
	struct measure m = { sa, plan, info,
	    sa->remote_conf->proposal_check, false };
	enum err r = E_NOPROPOSAL;

	answer->doi = offer->doi;
	answer->situation = offer->situation;
	for (unsigned i = 0; i < offer->nproposal && r != OK; i++) {
		if (i > 0 && offer->proposal[i].number ==
		    offer->proposal[i - 1].number)
			continue;
		r = choose_number(&m, offer, offer->proposal[i].number, ag,
		    answer);
	}
	return r == OK ? OK : E_NOPROPOSAL;
}

/* Is P one of the proposals with NUMBER once more? */
static bool
repeats(const struct sa_payload *sap, uint8_t number, const struct proposal *p)
{
	for (unsigned i = 0; i < sap->nproposal; i++) {
		const struct proposal *q = &sap->proposal[i];

		if (q->number == number && q->proto == p->proto &&
		    q->spi_len == p->spi_len &&
		    memcmp(q->spi, p->spi, q->spi_len) == 0)
			return true;
	}
	return false;
}

/*
 * The answer is one proposal, RFC 2408 4.2.  strongSwan puts a second one
 * behind IPComp with ESP: the same ESP alone.  What names no SA that the first
 * does not name leaves no doubt what was chosen.
 */
static bool
is_one_choice(const struct sa_payload *answer)
{
	uint8_t number = answer->proposal[0].number;

	for (unsigned i = 0; i < answer->nproposal; i++) {
		const struct proposal *p = &answer->proposal[i];

		if (p->n != 1 || (p->number != number &&
		    !repeats(answer, number, p)))
			return false;
	}
	return answer->nproposal > 0;
}

/*
 * The answer of a responder that shortens the life time with a notification
 * still names what we offered; one that answers with less is taken at its
 * word, more is refused unless proposal_check says obey.
 */
enum err
propose_check(const struct sa *sa, const struct plan *plan,
    const struct sainfo *info, const struct sa_payload *answer,
    struct agreement *ag)
{
	struct measure m = { sa, plan, info,
	    sa->remote_conf->proposal_check, true };
	struct sa_payload copy;

	if (!is_one_choice(answer))
		return E_PROPOSAL;
	return choose_number(&m, answer, answer->proposal[0].number, ag,
	    &copy);
}

/*
 * For people
 */

const char *
propose_print(const struct sa_payload *sap, char out[PROPOSE_TEXT])
{
	size_t at = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < sap->nproposal; i++) {
		const struct proposal *p = &sap->proposal[i];

		for (unsigned j = 0; j < p->n && at < PROPOSE_TEXT - 4; j++) {
			char one[120];
			int n;

			sa_transform_print(p->proto,
			    &sap->transform[p->first + j], one, sizeof(one));
			n = snprintf(out + at, PROPOSE_TEXT - at, "%s%s",
			    at == 0 ? "" : ", ", one);
			at += (size_t)n;
		}
	}
	if (at >= PROPOSE_TEXT - 4)
		memcpy(out + PROPOSE_TEXT - 4, "...", 4);
	return at == 0 ? "nothing" : out;
}

const char *
propose_print_remote(const struct remote *remote, char out[PROPOSE_TEXT])
{
	struct sa_payload sap;

	propose_phase1(remote, &sap);
	return propose_print(&sap, out);
}

const char *
propose_print_sainfo(const struct sa *sa, const struct plan *plan,
    const struct sainfo *info, char out[PROPOSE_TEXT])
{
	static const uint32_t spi[IPSEC_TMPL_MAX];
	struct sa_payload sap;

	propose_phase2(sa, plan, info, spi, &sap);
	return propose_print(&sap, out);
}
