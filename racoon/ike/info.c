/* SPDX-License-Identifier: ISC */
/* Informational exchanges that we send: notifications and deletions. */

#include "ike/info.h"

#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/sealed.h"

#define NOTICE_RATE	10u		/* plain notifications a second */
#define NOTICE_BURST	50u

/* Sends one payload under the SA's keys; there is no answer and no repeat. */
static void
send_sealed(struct sa *sa, uint8_t type, struct view body)
{
	struct ike *ike = sa->ike;
	struct sealed in = { .which = HASH_1 };
	uint8_t iv[BLOCK_LEN_MAX];
	struct msg_header h;
	struct msg_out out;
	struct buf b;
	size_t at;
	enum err r;

	in.in.msgid = ike_random(ike, UINT32_MAX) + 1;
	r = keys_iv_phase2(ike->crypto, sa->suite.hash, sa->iv, in.in.msgid,
	    sa->suite.cipher->block, iv);
	if (r != OK)
		return;
	buf_init(&b, LIMIT_MESSAGE);
	exch_header(sa, ISAKMP_ETYPE_INFO, in.in.msgid, true, &h);
	msg_begin(&out, &b, &h);
	at = sealed_begin(sa, &out);
	msg_put(&out, type, body);
	r = sealed_end(sa, &out, at, &in);
	if (r == OK)
		r = exch_seal(sa, &out, true, iv);
	if (r == OK)
		exch_transmit(sa, buf_view(&b));
	buf_fini(&b);
	/* not to be reflected */
	msgids_push(&sa->info_ids, in.in.msgid, LIMIT_INFO_IDS);
}

void
info_notify(struct sa *sa, const struct notify_payload *n)
{
	struct buf body;

	if (sa->state == SA_NEGOTIATING)
		return;
	buf_init(&body, LIMIT_MESSAGE);
	notify_put(&body, n);
	send_sealed(sa, ISAKMP_N, buf_view(&body));
	buf_fini(&body);
}

/* A notification in the clear: header, then just the N payload. */
static void
put_plain(struct buf *b, const struct msg_header *to, uint32_t msgid,
    enum err err)
{
	struct msg_header h = *to;
	struct notify_payload n = {
		.doi = IPSEC_DOI,
		.proto = PROTO_ISAKMP,
		.type = err_notify(err),
	};
	struct msg_out out;

	h.etype = ISAKMP_ETYPE_INFO;
	h.flags = 0;
	h.msgid = msgid;
	h.version = ISAKMP_VERSION;
	msg_begin(&out, b, &h);
	msg_open(&out, ISAKMP_N);
	notify_put(out.b, &n);
	msg_close(&out);
	if (!msg_end(&out))
		buf_reset(b);
}

void
info_refuse(struct sa *sa, enum err err)
{
	struct ike *ike = sa->ike;
	struct msg_header h;
	struct buf b;

	if (!bucket_take(&ike->notices, ike->now, NOTICE_RATE, NOTICE_BURST))
		return;
	exch_header(sa, ISAKMP_ETYPE_INFO, 0, false, &h);
	buf_init(&b, LIMIT_MESSAGE);
	put_plain(&b, &h, ike_random(ike, UINT32_MAX) + 1, err);
	exch_transmit(sa, buf_view(&b));
	buf_fini(&b);
}

void
info_refuse_stranger(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, const struct msg_header *h, enum err err)
{
	struct buf b;

	if (err_notify(err) == 0 ||
	    !bucket_take(&ike->notices, ike->now, NOTICE_RATE, NOTICE_BURST))
		return;
	buf_init(&b, LIMIT_MESSAGE);
	put_plain(&b, h, ike_random(ike, UINT32_MAX) + 1, err);
	if (b.n > 0 && b.n <= h->length) {
		ike->stats.datagrams_out++;
		ike->stats.bytes_out += b.n;
		ike->ops->send(ike->ctx, local, remote, buf_view(&b));
	}
	buf_fini(&b);
}

/*
 * INITIAL-CONTACT, RFC 2407 4.6.3.3
 */

static struct notify_payload
contact_of(const struct sa *sa)
{
	return (struct notify_payload){
		.doi = IPSEC_DOI,
		.proto = PROTO_ISAKMP,
		.type = N_INITIAL_CONTACT,
		.spi = view_of(&sa->cookies, sizeof(sa->cookies)),
	};
}

/* Is anything left with this peer, or coming to an end, but SA itself? */
static bool
has_others(const struct sa *sa)
{
	const struct sa *other;
	const struct child *child;

	for (other = sa->peer->sas; other != NULL; other = other->next)
		if (other != sa && other->state != SA_NEGOTIATING &&
		    sa_same_peer(other, sa))
			return true;
	for (child = sa->peer->children; child != NULL; child = child->next)
		if (view_equal(buf_view(&child->peer_id),
		    buf_view(&sa->peer_id)))
			return true;
	return false;
}

/* Behind a NAT there are others with the same address. */
static bool
is_first_contact(const struct sa *sa)
{
	if (!sa->remote_conf->initial_contact)
		return false;
	if (sa_behind_nat(sa) && sa->nat_remote && sa->authentic)
		return !has_others(sa);
	/* it would cost the pairs that an earlier life has left us */
	return !sa->peer->contacted && !child_any_up(sa);
}

void
info_put_contact(const struct sa *sa, struct msg_out *out)
{
	struct notify_payload n = contact_of(sa);

	if (!is_first_contact(sa))
		return;
	msg_open(out, ISAKMP_N);
	notify_put(out->b, &n);
	msg_close(out);
}

void
info_initial_contact(struct sa *sa)
{
	struct notify_payload n = contact_of(sa);

	if (is_first_contact(sa))
		info_notify(sa, &n);
	sa->peer->contacted = true;
}

static void
send_delete(struct sa *sa, const struct delete_payload *d)
{
	struct buf body;

	buf_init(&body, LIMIT_MESSAGE);
	delete_put(&body, d);
	send_sealed(sa, ISAKMP_D, buf_view(&body));
	buf_fini(&body);
}

void
info_delete_sa(struct sa *sa)
{
	struct delete_payload d = {
		.doi = IPSEC_DOI,
		.proto = PROTO_ISAKMP,
		.spi_len = sizeof(sa->cookies),
		.n = 1,
		.spis = view_of(&sa->cookies, sizeof(sa->cookies)),
	};

	send_delete(sa, &d);
}

void
info_delete_spi(struct sa *sa, uint8_t proto, uint32_t spi)
{
	struct delete_payload d = {
		.doi = IPSEC_DOI,
		.proto = proto,
		.spi_len = proto == PROTO_IPCOMP ? 2 : 4,
		.n = 1,
	};
	struct buf b;

	buf_init(&b, 4);
	if (proto == PROTO_IPCOMP)
		buf_u16(&b, (uint16_t)spi);
	else
		buf_u32(&b, spi);
	d.spis = buf_view(&b);
	send_delete(sa, &d);
	buf_fini(&b);
}

/* RFC 2408 3.15: we name the SPIs that we chose, those of our inbound SAs. */
void
info_delete_child(struct sa *sa, const struct child *child)
{
	for (unsigned i = 0; i < child->n; i++)
		if (child->in[i].key.spi != 0)
			info_delete_spi(sa,
			    child_wire_proto(child->in[i].key.proto),
			    child->in[i].key.spi);
}
