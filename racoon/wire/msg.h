/* SPDX-License-Identifier: ISC */
/*
 * An ISAKMP message: header and chain of payloads (RFC 2408 3.1, 3.2), as a
 * struct of views into the datagram, and a builder that writes into a buf.
 * Decides nothing, sends nothing.
 */
#ifndef RACOON_WIRE_MSG_H
#define RACOON_WIRE_MSG_H

#include "base/err.h"
#include "libipsec/buf.h"
#include "libipsec/view.h"
#include "wire/isakmp.h"

#define MSG_PAYLOADS_MAX	48

struct msg_header {
	uint8_t		icookie[ISAKMP_COOKIE_LEN];
	uint8_t		rcookie[ISAKMP_COOKIE_LEN];
	uint8_t		next;		/* type of the first payload */
	uint8_t		version;	/* major << 4 | minor */
	uint8_t		etype;		/* ISAKMP_ETYPE_... */
	uint8_t		flags;
	uint32_t	msgid;
	uint32_t	length;		/* of the whole message */
};

struct msg_payload {
	uint8_t		type;		/* normalised: NATD_DRAFT -> NATD ... */
	uint8_t		wire_type;	/* as it came */
	struct view	body;		/* without the generic header */
	struct view	raw;		/* with it */
};

struct msg {
	struct msg_header h;
	unsigned int	n;
	uint32_t	mask;		/* MSG_BIT() of every type in it */
	struct msg_payload p[MSG_PAYLOADS_MAX];
	/* all payloads as they came, generic headers included, without the
	 * padding behind them; hashes cover parts of it */
	struct view	chain;
};

/* Bit of a (normalised) payload type; unknown private ones have none. */
#define MSG_BIT(type)	(1u << (type))
#define MSG_BIT_FRAG	MSG_BIT(22)	/* ISAKMP_FRAG is normalised to 22 */

/*
 * Reads the header.  E_SHORT: less than a header or less than its length
 * field says; E_LENGTH: a length below 28; E_MAJOR, E_MINOR: not version 1.x.
 * Bytes behind the length are not an error (h->length tells where it ends).
 */
enum err	 msg_header_get(struct view datagram, struct msg_header *)
		    MUST_CHECK;
/*
 * Cuts CHAIN (what follows the header, decrypted if it was sealed) into
 * payloads.  PADDED allows any bytes behind the last one (RFC 2409 app. B);
 * up to three zeros are allowed without it (RFC 2408 3.6, pluto sends them).
 * Private types (>= 128) that are not known are kept without a mask bit;
 * reserved ones give E_PAYLOAD_TYPE.  Normalises 130,15 -> 20, 131,16 -> 21,
 * 132 -> 22 (fragment).  E_LENGTH: a payload is shorter than its header or
 * longer than what is left, or other bytes are behind the last one; E_LIMIT:
 * more than MSG_PAYLOADS_MAX.
 */
enum err	 msg_parse(struct msg *, const struct msg_header *,
		    struct view chain, bool padded) MUST_CHECK;
/* The first payload of TYPE (normalised), or NULL. */
const struct msg_payload *msg_find(const struct msg *, uint8_t type);
/* The next one of the same type behind PREVIOUS, or NULL. */
const struct msg_payload *msg_next(const struct msg *,
		    const struct msg_payload *previous);
/* Everything in the chain behind payload P: what HASH(1) covers. */
struct view	 msg_after(const struct msg *, const struct msg_payload *);

/* Builds one message at the end of an (empty) buf. */
struct msg_out {
	struct buf	*b;
	size_t		 next_at;	/* where the next type is patched in */
	size_t		 payload_at;	/* start of the open payload */
};

/* Writes the header; its `next' and `length' are filled in later. */
void		 msg_begin(struct msg_out *, struct buf *,
		    const struct msg_header *);
/* Opens a payload; the caller then writes its body to out->b. */
void		 msg_open(struct msg_out *, uint8_t type);
void		 msg_close(struct msg_out *);
/* A whole payload at once. */
void		 msg_put(struct msg_out *, uint8_t type, struct view body);
/* Fills in the length: that of the buf.  False when something overflowed. */
bool		 msg_end(struct msg_out *) MUST_CHECK;

#endif
