/* SPDX-License-Identifier: ISC */
/*
 * The SA payload: proposals and transforms, view -> struct and back.  One
 * table per phase names the attributes; reading, writing and the customary
 * order all come from it.
 */
#include "wire/sa.h"

#include <assert.h>

#include "wire/attr.h"
#include "wire/isakmp.h"

#define MORE_PROPOSALS	ISAKMP_P	/* the `next' byte of a proposal */
#define MORE_TRANSFORMS	ISAKMP_T	/* ... and of a transform */
#define LAST		ISAKMP_NONE

/* An attribute and the uint16_t of struct transform that holds it. */
struct attr_row {
	uint16_t	type;
	uint16_t	offset;
};

/* The attributes of a phase, in the order in which they are written. */
struct phase {
	uint16_t	life_type;	/* the duration is numbered one more */
	const struct attr_row *row;
	size_t		n;
};

#define ROW(type, member) { type, offsetof(struct transform, member) }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct attr_row rows1[] = {
	ROW(P1_ATTR_CIPHER, cipher),
	ROW(P1_ATTR_KEY_LENGTH, key_bits),
	ROW(P1_ATTR_METHOD, method),
	ROW(P1_ATTR_HASH, hash),
	ROW(P1_ATTR_GROUP, group),
	ROW(P1_ATTR_PRF, prf),
};

static const struct attr_row rows2[] = {
	ROW(P2_ATTR_MODE, mode),
	ROW(P2_ATTR_KEY_LENGTH, key_bits),
	ROW(P2_ATTR_AUTH, auth),
	ROW(P2_ATTR_GROUP, group),
	ROW(P2_ATTR_ESN, esn),
};

static const struct phase phase1 = { P1_ATTR_LIFE_TYPE, rows1, COUNT(rows1) };
static const struct phase phase2 = { P2_ATTR_LIFE_TYPE, rows2, COUNT(rows2) };

static const struct phase *
phase_of(uint8_t proto)
{
	return proto == PROTO_ISAKMP ? &phase1 : &phase2;
}

static void
field_set(struct transform *t, const struct attr_row *row, uint16_t value)
{
	memcpy((char *)t + row->offset, &value, sizeof(value));
}

static uint16_t
field(const struct transform *t, const struct attr_row *row)
{
	uint16_t value;

	memcpy(&value, (const char *)t + row->offset, sizeof(value));
	return value;
}

/*
 * RFC 2409 appendix A: what is basic must come as such.  An attribute in the
 * other form, or twice, leaves open what the peer means: marked as unknown.
 */
static void
basic_get(struct transform *t, const struct phase *phase,
    const struct attr *a, uint32_t *seen)
{
	struct view v = a->value;
	size_t i;

	for (i = 0; i < phase->n && phase->row[i].type != a->type; i++)
		continue;
	if (i == phase->n || !a->basic || (*seen & 1u << i) != 0) {
		t->unknown = 1;
		return;
	}
	*seen |= 1u << i;
	field_set(t, &phase->row[i], view_u16(&v));
}

/* draft-ietf-ipsec-isakmp-gss-auth: the only one that is a text. */
static void
gss_id_get(struct transform *t, const struct attr *a)
{
	if (a->basic || a->value.n == 0 || t->gss_id.n > 0)
		t->unknown = 1;
	t->gss_id = a->value;
}

static enum err
attributes_get(struct transform *t, const struct phase *phase,
    struct view list)
{
	struct life life = { .open = false };
	uint32_t seen = 0;
	struct attr a;
	enum err err;

	while (list.n > 0) {
		if ((err = attr_get(&list, &a)) != OK)
			return err;
		if (a.type == phase->life_type)
			err = life_type(&life, &a);
		else if (a.type == phase->life_type + 1)
			err = life_duration(&life, &a);
		else if (phase == &phase1 && a.type == P1_ATTR_GSS_ID)
			gss_id_get(t, &a);
		else
			basic_get(t, phase, &a, &seen);
		if (err != OK)
			return err;
	}
	if (life.unknown)
		t->unknown = 1;
	t->life_secs = life.secs;
	t->life_kbytes = life.kbytes;
	return life_end(&life);
}

/* Values that no table of algorithms covers. */
static bool
values_known(uint8_t proto, const struct transform *t)
{
	static const uint16_t modes[] = {
		0, P2_MODE_TUNNEL, P2_MODE_TRANSPORT,
		P2_MODE_UDP_TUNNEL, P2_MODE_UDP_TRANSPORT,
		P2_MODE_UDP_TUNNEL_DRAFT, P2_MODE_UDP_TRANSPORT_DRAFT
	};
	size_t i;

	if (proto == PROTO_ISAKMP)
		return t->id == TRANSFORM_KEY_IKE && (t->gss_id.n == 0 ||
		    t->method == P1_METHOD_GSS);
	for (i = 0; i < COUNT(modes); i++)
		if (t->mode == modes[i])
			return t->esn <= 1;	/* RFC 4304 */
	return false;
}

/*
 * Takes one payload off REST whose `next' byte says MORE or that it is the
 * last one, which must be true.  BODY is what is behind the generic header.
 */
static enum err
substructure_take(struct view *rest, uint8_t more, struct view *raw,
    struct view *body)
{
	struct view head = *rest;
	uint8_t next = view_u8(&head);
	uint16_t length;

	view_u8(&head);			/* reserved */
	length = view_u16(&head);
	if (head.bad)
		return E_PROPOSAL;
	*raw = *body = view_take(rest, length);
	view_take(body, 4);
	if (rest->bad || body->bad)
		return E_PROPOSAL;
	return next == (rest->n > 0 ? more : LAST) ? OK : E_PROPOSAL;
}

/* RFC 2408 3.6 */
static enum err
transform_get(struct view *rest, uint8_t proto, struct transform *t)
{
	struct view raw, body;
	enum err err;

	if ((err = substructure_take(rest, MORE_TRANSFORMS, &raw, &body)) != OK)
		return err;
	memset(t, 0, sizeof(*t));
	t->raw = raw;
	t->number = view_u8(&body);
	t->id = view_u8(&body);
	view_u16(&body);		/* reserved */
	if (body.bad)
		return E_PROPOSAL;
	if ((err = attributes_get(t, phase_of(proto), body)) != OK)
		return err;
	if (!values_known(proto, t))
		t->unknown = 1;
	return OK;
}

/* The SPI of phase 1 means nothing (RFC 2408 3.5), but has a limit. */
static bool
spi_len_ok(uint8_t proto, uint8_t len)
{
	switch (proto) {
	case PROTO_ISAKMP:
		return len <= SA_SPI_MAX;
	case PROTO_IPCOMP:		/* RFC 3173 4.1 */
		return len == 2 || len == 4;
	default:
		return len == 4;
	}
}

/* RFC 2408 3.5 */
static enum err
proposal_get(struct view *rest, struct sa_payload *sa, struct proposal *p)
{
	struct view raw, body;
	uint8_t count;
	enum err err;

	if ((err = substructure_take(rest, MORE_PROPOSALS, &raw, &body)) != OK)
		return err;
	memset(p, 0, sizeof(*p));
	p->number = view_u8(&body);
	p->proto = view_u8(&body);
	p->spi_len = view_u8(&body);
	count = view_u8(&body);
	if (body.bad)
		return E_PROPOSAL;
	if (p->proto < PROTO_ISAKMP || p->proto > PROTO_IPCOMP)
		return E_PROTOCOL;
	if (!spi_len_ok(p->proto, p->spi_len))
		return E_SPI;
	view_bytes(&body, p->spi, p->spi_len);
	p->first = (uint16_t)sa->ntransform;
	while (body.n > 0) {
		if (sa->ntransform == SA_TRANSFORMS_MAX)
			return E_LIMIT;
		err = transform_get(&body, p->proto,
		    &sa->transform[sa->ntransform]);
		if (err != OK)
			return err;
		sa->ntransform++;
		p->n++;
	}
	return p->n == count && p->n > 0 ? OK : E_PROPOSAL;
}

enum err
sa_get(struct view body, struct sa_payload *sa)
{
	enum err err;

	sa->nproposal = sa->ntransform = 0;
	sa->doi = view_u32(&body);
	sa->situation = view_u32(&body);
	if (body.bad || body.n == 0)
		return E_PROPOSAL;
	if (sa->doi != IPSEC_DOI)
		return E_DOI;
	if (sa->situation != SIT_IDENTITY_ONLY)
		return E_SITUATION;
	while (body.n > 0) {
		if (sa->nproposal == SA_PROPOSALS_MAX)
			return E_LIMIT;
		err = proposal_get(&body, sa, &sa->proposal[sa->nproposal]);
		if (err != OK)
			return err;
		sa->nproposal++;
	}
	return OK;
}

/* Writes the generic header; the length follows by substructure_close(). */
static size_t
substructure_open(struct buf *b, uint8_t next)
{
	size_t at = b->n;

	buf_u8(b, next);
	buf_u8(b, 0);
	buf_u16(b, 0);
	return at;
}

static void
substructure_close(struct buf *b, size_t at)
{
	if (!buf_ok(b))
		return;
	if (b->n - at > UINT16_MAX)
		buf_add(b, (struct view){ .bad = true });
	else
		buf_patch16(b, at + 2, (uint16_t)(b->n - at));
}

static void
gss_id_put(struct buf *b, struct view id, bool wide)
{
	if (id.n == 0)
		return;
	buf_u16(b, P1_ATTR_GSS_ID);
	buf_u16(b, (uint16_t)(wide ? 2 * id.n : id.n));
	while (id.n > 0) {
		buf_u8(b, view_u8(&id));
		if (wide)
			buf_u8(b, 0);
	}
}

enum err
sa_gss_id(struct view v, bool wide, struct buf *out)
{
	buf_reset(out);
	while (v.n > 0) {
		uint8_t c = view_u8(&v);

		if ((wide && view_u8(&v) != 0) || v.bad || c < ' ' || c > '~')
			return E_ATTRIBUTE;
		buf_u8(out, c);
	}
	return out->n > 0 && buf_ok(out) ? OK : E_ATTRIBUTE;
}

static void
transform_put(struct buf *b, uint8_t proto, const struct transform *t,
    uint8_t next)
{
	const struct phase *phase = phase_of(proto);
	size_t i, at = substructure_open(b, next);
	uint16_t value;

	buf_u8(b, t->number);
	buf_u8(b, t->id);
	buf_u16(b, 0);
	life_put(b, phase->life_type, t->life_secs, t->life_kbytes);
	for (i = 0; i < phase->n; i++)
		if ((value = field(t, &phase->row[i])) != 0)
			attr_put_basic(b, phase->row[i].type, value);
	gss_id_put(b, t->gss_id, t->gss_wide);
	substructure_close(b, at);
}

/* Only the `next' byte depends on the company that a transform is in. */
static void
transform_put_raw(struct buf *b, struct view raw, uint8_t next)
{
	size_t at = b->n;

	buf_add(b, raw);
	if (buf_ok(b))
		buf_patch8(b, at, next);
}

static void
proposal_put(struct buf *b, const struct sa_payload *sa,
    const struct proposal *p, uint8_t next)
{
	size_t at = substructure_open(b, next);
	const struct transform *t;
	unsigned int i;

	assert(p->spi_len <= SA_SPI_MAX);
	assert(p->n <= SA_TRANSFORMS_MAX && p->first + p->n <= sa->ntransform);
	buf_u8(b, p->number);
	buf_u8(b, p->proto);
	buf_u8(b, p->spi_len);
	buf_u8(b, (uint8_t)p->n);
	buf_put(b, p->spi, p->spi_len);
	for (i = 0; i < p->n; i++) {
		t = &sa->transform[p->first + i];
		next = i + 1 < p->n ? MORE_TRANSFORMS : LAST;
		if (t->raw.n > 0)
			transform_put_raw(b, t->raw, next);
		else
			transform_put(b, p->proto, t, next);
	}
	substructure_close(b, at);
}

void
sa_put(struct buf *b, const struct sa_payload *sa)
{
	unsigned int i;

	assert(sa->nproposal <= SA_PROPOSALS_MAX);
	buf_u32(b, sa->doi);
	buf_u32(b, sa->situation);
	for (i = 0; i < sa->nproposal; i++)
		proposal_put(b, sa, &sa->proposal[i],
		    i + 1 < sa->nproposal ? MORE_PROPOSALS : LAST);
}
