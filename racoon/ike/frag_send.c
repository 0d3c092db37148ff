/* SPDX-License-Identifier: ISC */
/* Messages in pieces: announcing that, and sending them. */

#include "ike/frag.h"

#include "wire/frag.h"

/*
 * A datagram has at most 552 bytes, with the non-ESP marker of NAT-T, which
 * the host puts in front of each.
 */
#define LONG		552		/* longer ones are cut */
#define DATA		512		/* bytes of a message in each */
#define OVERHEAD	(ISAKMP_HEADER_LEN + 8)
#define MARKER		4
#define INDEX_MAX	255
#define VID_LEN		16

_Static_assert(OVERHEAD + DATA + MARKER <= LONG, "fragments are too long");

/* The capabilities behind the vendor ID's 16 bytes. */
static uint32_t
capability(uint8_t etype)
{
	return etype == ISAKMP_ETYPE_BASE ? 0x40000000u : 0x80000000u;
}

void
frag_announce(const struct sa *sa, uint8_t etype, struct msg_out *out)
{
	struct view id = vid_bytes(VID_FRAG);

	if (sa->initiator ? sa->remote_conf->ike_frag == CONF_OFF :
	    !sa->frag_peer)
		return;
	msg_open(out, ISAKMP_VID);
	buf_add(out->b, view_take(&id, VID_LEN));
	buf_u32(out->b, capability(etype));
	msg_close(out);
}

/* Some send it without capabilities, and mean all of them. */
void
frag_note(struct sa *sa, uint8_t etype, struct view vid)
{
	bool bare = vid.n == VID_LEN;

	(void)view_take(&vid, VID_LEN);
	if (bare || (view_u32(&vid) & capability(etype)) != 0)
		sa->frag_peer = true;
}

/*
 * A responder follows the peer.  An initiator does so when it announced
 * fragments itself, or cuts what it says from the first message on.
 */
static bool
cuts(const struct sa *sa, size_t n)
{
	if (n <= LONG || n > (size_t)DATA * INDEX_MAX)
		return false;
	if (!sa->initiator)
		return sa->frag_peer;
	if (sa->remote_conf == NULL)
		return false;
	return sa->remote_conf->ike_frag == CONF_FORCE ||
	    (sa->remote_conf->ike_frag == CONF_ON && sa->frag_peer);
}

size_t
frag_size(const struct sa *sa, size_t n)
{
	return cuts(sa, n) ? n + (n + DATA - 1) / DATA * OVERHEAD : n;
}

static void
send_one(struct sa *sa, struct view bytes)
{
	struct ike *ike = sa->ike;

	ike->stats.datagrams_out++;
	ike->stats.bytes_out += bytes.n;
	ike->ops->send(ike->ctx, &sa->local, &sa->remote, bytes);
}

/* The same for a repetition, and most likely another one for the next message:
 * fragments that are late cannot get into that (FNV-1a, folded). */
static uint16_t
id_of(struct view message)
{
	uint32_t h = 0x811c9dc5u;

	while (message.n > 0)
		h = (h ^ view_u8(&message)) * 0x01000193u;
	h = (h ^ h >> 16) & 0xffff;
	return h == 0 ? 1 : (uint16_t)h;
}

/*
 * The header of a fragment is in the clear, whatever it is a part of.  It keeps
 * the message id: pluto refuses fragments of phase 2 without, others look at
 * the cookies only.
 */
static void
send_fragment(struct sa *sa, const struct msg_header *h,
    const struct fragment *f)
{
	struct msg_out out;
	struct buf b;

	buf_init(&b, LONG);
	msg_begin(&out, &b, h);
	msg_open(&out, ISAKMP_FRAG);
	fragment_put(&b, f);
	msg_close(&out);
	if (msg_end(&out))
		send_one(sa, buf_view(&b));
	buf_fini(&b);
}

void
frag_send(struct sa *sa, struct view message)
{
	struct fragment f = { .id = id_of(message) };
	struct msg_header h;

	if (!cuts(sa, message.n) || msg_header_get(message, &h) != OK) {
		send_one(sa, message);
		return;
	}
	h.flags = 0;
	while (message.n > 0) {
		f.index++;
		f.data = view_take(&message, message.n < DATA ? message.n :
		    DATA);
		f.last = message.n == 0;
		send_fragment(sa, &h, &f);
	}
}
