/* SPDX-License-Identifier: ISC */
/*
 * The SA payload (RFC 2408 3.4-3.6, RFC 2407 4.6.1, RFC 2409 appendix A):
 * proposals and transforms as plain structs, both ways.  One struct transform
 * serves phase 1 and phase 2; which attributes it holds follows from the
 * proposal's protocol.
 */
#ifndef RACOON_WIRE_SA_H
#define RACOON_WIRE_SA_H

#include "base/err.h"
#include "libipsec/buf.h"
#include "libipsec/view.h"

#define SA_PROPOSALS_MAX	32
#define SA_TRANSFORMS_MAX	255	/* in one SA payload */
#define SA_SPI_MAX		16

struct transform {
	uint8_t		number;
	uint8_t		id;		/* KEY_IKE, ESP_AES, AH_SHA, ... */
	uint8_t		unknown;	/* attributes or values that we do not
					   know: never choose this one */
	/* phase 1 */
	uint16_t	cipher, hash, method, prf;
	/* phase 2 */
	uint16_t	mode;		/* encapsulation */
	uint16_t	auth;		/* 0: none */
	uint16_t	esn;
	/* both */
	uint16_t	group;		/* phase 2: PFS; 0: none */
	uint16_t	key_bits;	/* 0: not given */
	uint32_t	life_secs;	/* 0: not given */
	uint32_t	life_kbytes;	/* 0: not given */
	struct view	raw;		/* as it came, with its header */
	/* phase 1 with GSS-API */
	struct view	gss_id;		/* of who sends it: read, as it came;
					   written, in Latin-1 */
	uint8_t		gss_wide;	/* write it as UTF-16LE */
};

struct proposal {
	uint8_t		number;
	uint8_t		proto;		/* PROTO_... */
	uint8_t		spi_len;
	uint8_t		spi[SA_SPI_MAX];
	uint16_t	first, n;	/* its transforms: sa.transform[first..] */
};

struct sa_payload {
	uint32_t	doi, situation;
	unsigned int	nproposal, ntransform;
	struct proposal	proposal[SA_PROPOSALS_MAX];
	struct transform transform[SA_TRANSFORMS_MAX];
};

/*
 * Reads the body of an SA payload.  The result's views point into BODY.
 * E_DOI, E_SITUATION, E_PROTOCOL, E_SPI (its size), E_PROPOSAL, E_ATTRIBUTE,
 * E_LIMIT.
 * Proposals with the same number (an AND, RFC 2408 4.2) keep their order.
 * A transform with an unknown attribute or value is marked, not refused.
 */
enum err	 sa_get(struct view body, struct sa_payload *) MUST_CHECK;
/*
 * Writes a body.  A transform whose raw.n is not 0 is written as it came
 * (the chosen one must be returned unchanged, RFC 2408 4.2); otherwise its
 * nonzero attributes are, in the customary order, life times as life type
 * and duration (TV when it fits 16 bits, else a TLV of 4 bytes).
 */
void		 sa_put(struct buf *, const struct sa_payload *);
/*
 * The GSS_ID of a transform that came, WIDE in UTF-16LE, as a text that is safe
 * for a log.  E_ATTRIBUTE: it is empty, has other characters than ASCII that
 * can be printed, or does not fit.
 */
enum err	 sa_gss_id(struct view, bool wide, struct buf *) MUST_CHECK;
/*
 * Prints a transform for the log into OUT of LEN bytes, which it returns:
 * "AES-256/SHA256/PSK/MODP3072/86400s" or "ESP AES-128/HMAC-SHA256/..."
 */
const char	*sa_transform_print(uint8_t proto, const struct transform *,
		    char *out, size_t len);

#endif
