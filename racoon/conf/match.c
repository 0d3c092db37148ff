/* SPDX-License-Identifier: ISC */
/* Which block is for whom.  Walks the snapshot, allocates nothing. */
#include "conf/match.h"

#include <limits.h>
#include <string.h>

#include "conf/dn.h"
#include "conf/parse.h"
#include "crypto/alg.h"
#include "libipsec/addr.h"
#include "wire/isakmp.h"

/* How well a block fits a peer: racoon.conf(5). */
#define SCORE_NONE	0
#define SCORE_ANYBODY	1
#define SCORE_ADDRESS	3
#define SCORE_REQUEST	16	/* in addition, times what it says */
#define SCORE_IDENTITY	64	/* likewise */

static unsigned int
score(const struct remote *m, const struct ipsec_addr *peer)
{
	if (m->anonymous)
		return SCORE_ANYBODY;
	return addr_equal(&m->addr, peer) ? SCORE_ADDRESS : SCORE_NONE;
}

enum err
match_initiate(const struct conf *c, const struct ipsec_addr *peer,
    const struct remote **out, bool *ambiguous)
{
	unsigned int best = SCORE_NONE;
	bool passive = false;

	*out = NULL;
	*ambiguous = false;
	for (size_t i = 0; i < c->nremote; i++) {
		const struct remote *m = c->remote[i];
		unsigned int s = score(m, peer);

		if (s != SCORE_NONE && m->passive)
			passive = true;
		if (s == SCORE_NONE || s < best || m->passive)
			continue;
		*ambiguous = s == best;
		best = s;
		*out = m;
	}
	if (*ambiguous)
		*out = NULL;
	if (*out != NULL)
		return OK;
	return passive && !*ambiguous ? E_PASSIVE : E_NOREMOTE;
}

uint32_t
match_zone(const struct conf *c, const struct ipsec_addr *addr)
{
	for (size_t i = 0; i < c->nremote; i++) {
		const struct remote *m = c->remote[i];

		if (!m->anonymous && m->addr.scope != 0 &&
		    addr_equal(&m->addr, addr))
			return m->addr.scope;
	}
	return 0;
}

/* A length that a variable cipher's transform leaves out is the default. */
static uint16_t
offered_bits(const struct alg_cipher *a, const struct transform *t)
{
	return a->fixed || t->key_bits != 0 ? t->key_bits : a->key_default;
}

static bool
bits_ok(enum conf_check check, const struct conf_p1 *mine,
    const struct transform *t)
{
	const struct alg_cipher *a = alg_cipher(t->cipher);
	uint16_t bits;

	if (a == NULL)
		return false;
	bits = offered_bits(a, t);
	/* RFC 2409 appendix A: no key length with a fixed cipher */
	if (a->fixed)
		return bits == 0;
	if (!alg_cipher_bits(a, bits))
		return false;
	switch (check) {
	case CONF_OBEY:
		return true;
	case CONF_STRICT:
	case CONF_CLAIM:
		return bits >= mine->key_bits;
	case CONF_EXACT:
		return bits == mine->key_bits;
	}
	return false;
}

static uint32_t
offered_life(const struct transform *t)
{
	return t->life_secs != 0 ? t->life_secs : CONF_LIFETIME_DEFAULT;
}

static bool
life_ok(enum conf_check check, const struct conf_p1 *mine,
    const struct transform *t)
{
	uint32_t life = offered_life(t);

	if (mine->life_secs == 0)
		return true;
	switch (check) {
	case CONF_OBEY:
		return true;
	case CONF_STRICT:
	case CONF_CLAIM:
		return life <= mine->life_secs;
	case CONF_EXACT:
		return life == mine->life_secs;
	}
	return false;
}

static bool
acceptable(enum conf_check check, const struct conf_p1 *mine,
    const struct transform *t)
{
	return mine->usable && t->unknown == 0 && t->prf == 0 &&
	    mine->cipher == t->cipher && mine->hash == t->hash &&
	    mine->method == t->method && mine->gss == (t->gss_id.n > 0) &&
	    mine->group == t->group &&
	    bits_ok(check, mine, t) && life_ok(check, mine, t);
}

enum err
match_proposal(const struct remote *m, const struct transform *t,
    struct match_p1 *out)
{
	for (size_t i = 0; i < m->nproposal; i++) {
		const struct conf_p1 *mine = &m->proposal[i];

		if (!acceptable(m->proposal_check, mine, t))
			continue;
		*out = (struct match_p1){
			.remote = m,
			.proposal = mine,
			.life_secs = offered_life(t),
			.key_bits = offered_bits(alg_cipher(t->cipher), t)
		};
		return OK;
	}
	return E_NOPROPOSAL;
}

static bool
has_etype(const struct remote *m, uint8_t etype)
{
	for (unsigned int i = 0; i < m->netypes; i++)
		if (m->etype[i] == etype)
			return true;
	return false;
}

static bool
id_matches(const struct conf_id *mine, const struct id_payload *id)
{
	if (!mine->has_value)
		return true;
	if (mine->type != id->type)
		return false;
	if (mine->type == ID_DER_ASN1_DN)
		return dn_match(buf_view(&mine->data), id->data);
	return view_equal(buf_view(&mine->data), id->data);
}

enum err
match_peer_id(const struct remote *m, const struct id_payload *id,
    bool *matched)
{
	*matched = m->npeers_id == 0;
	for (size_t i = 0; i < m->npeers_id && !*matched; i++)
		*matched = id_matches(&m->peers_id[i], id);
	return *matched || !m->verify_identifier ? OK : E_ID;
}

/* The score of a block for a peer of whom more may be known. */
static unsigned int
score_peer(const struct remote *m, const struct match_peer *p)
{
	unsigned int s = has_etype(m, p->etype) ? score(m, p->addr) :
	    SCORE_NONE;
	bool matched;

	if (s != SCORE_NONE && p->id != NULL && m->verify_identifier) {
		if (match_peer_id(m, p->id, &matched) != OK)
			return SCORE_NONE;
		s += SCORE_IDENTITY;
	}
	if (s != SCORE_NONE && p->request != NULL)
		s += SCORE_REQUEST * (unsigned int)p->request(p->ctx, m);
	return s;
}

/* The best score that is worse than WORSE. */
static unsigned int
next_score(const struct conf *c, const struct match_peer *p,
    unsigned int worse)
{
	unsigned int best = SCORE_NONE;

	for (size_t i = 0; i < c->nremote; i++) {
		unsigned int s = score_peer(c->remote[i], p);

		if (s < worse && s > best)
			best = s;
	}
	return best;
}

enum err
match_respond_to(const struct conf *c, const struct match_peer *p,
    const struct transform *t, struct match_p1 *out)
{
	unsigned int s = UINT_MAX;
	enum err r = E_NOREMOTE;

	*out = (struct match_p1){ .remote = NULL };
	while ((s = next_score(c, p, s)) != SCORE_NONE)
		for (size_t i = 0; i < c->nremote; i++) {
			const struct remote *m = c->remote[i];

			if (score_peer(m, p) != s)
				continue;
			r = match_proposal(m, t, out);
			if (r == OK)
				return OK;
		}
	return r;
}

enum err
match_respond(const struct conf *c, const struct ipsec_addr *peer,
    uint8_t etype, const struct transform *t, struct match_p1 *out)
{
	const struct match_peer p = { .addr = peer, .etype = etype };

	return match_respond_to(c, &p, t, out);
}

/* An identity in the form in which two of them are compared. */
struct plain {
	uint8_t		type, proto;
	uint16_t	port;
	struct view	data;
};

static bool
all_ones(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] != 0xff)
			return false;
	return true;
}

/* A subnet of one address is that address. */
static struct plain
plain(struct plain p)
{
	size_t n = p.type == ID_IPV4_SUBNET ? 4 : 16;
	struct view mask = p.data, addr;

	if ((p.type != ID_IPV4_SUBNET && p.type != ID_IPV6_SUBNET) ||
	    p.data.n != 2 * n)
		return p;
	addr = view_take(&mask, n);
	if (all_ones(mask)) {
		p.type = p.type == ID_IPV4_SUBNET ? ID_IPV4 : ID_IPV6;
		p.data = addr;
	}
	return p;
}

static bool
plain_equal(struct plain a, struct plain b)
{
	if (a.type != b.type) {
		a = plain(a);
		b = plain(b);
	}
	return a.type == b.type && a.proto == b.proto && a.port == b.port &&
	    view_equal(a.data, b.data);
}

static struct plain
of_sel(const struct conf_sel *s)
{
	return (struct plain){ .type = s->type, .proto = s->proto,
	    .port = s->port, .data = buf_view(&s->data) };
}

static struct plain
of_id(const struct id_payload *id)
{
	return (struct plain){ .type = id->type, .proto = id->proto,
	    .port = id->port, .data = id->data };
}

bool
conf_sel_equal(const struct conf_sel *a, const struct conf_sel *b)
{
	if (a->kind == CONF_SEL_ANONYMOUS || b->kind == CONF_SEL_ANONYMOUS)
		return true;
	if (a->kind != b->kind)
		return false;
	return a->kind == CONF_SEL_CLIENTADDR ||
	    plain_equal(of_sel(a), of_sel(b));
}

bool
conf_id_equal(const struct conf_id *a, const struct conf_id *b)
{
	return a->type == b->type && a->has_value == b->has_value &&
	    view_equal(buf_view(&a->data), buf_view(&b->data));
}

/* The peer's own address, whatever the port and the protocol. */
static bool
is_client(const struct id_payload *id, const struct ipsec_addr *client)
{
	struct plain p = plain(of_id(id));

	if (client == NULL || (p.type != ID_IPV4 && p.type != ID_IPV6))
		return false;
	return view_equal(p.data, addr_bytes(client));
}

static bool
sel_matches(const struct conf_sel *s, const struct id_payload *id,
    const struct ipsec_addr *client)
{
	switch (s->kind) {
	case CONF_SEL_ANONYMOUS:
		return true;
	case CONF_SEL_CLIENTADDR:
		return is_client(id, client);
	case CONF_SEL_ID:
		return plain_equal(of_sel(s), of_id(id));
	}
	return false;
}

enum err
match_sainfo_for(const struct conf *c, const struct match_p2 *p,
    const struct sainfo **out)
{
	*out = NULL;
	for (size_t i = 0; i < c->nsainfo; i++) {
		const struct sainfo *s = c->sainfo[i];

		if (s->remoteid != p->ph1id)
			continue;
		if (s->has_from && p->peer != NULL &&
		    !id_matches(&s->from, p->peer))
			continue;
		if (!sel_matches(&s->local, p->local, NULL) ||
		    !sel_matches(&s->remote, p->remote, p->client))
			continue;
		/* Group membership is proved by XAuth only. */
		if (s->group != NULL)
			return E_NOSAINFO;
		*out = s;
		return OK;
	}
	return E_NOSAINFO;
}

enum err
match_sainfo(const struct conf *c, const struct id_payload *local,
    const struct id_payload *remote, const struct id_payload *peer,
    uint32_t ph1id, const struct sainfo **out)
{
	const struct match_p2 p = { .local = local, .remote = remote,
	    .peer = peer, .client = NULL, .ph1id = ph1id };

	return match_sainfo_for(c, &p, out);
}
