/* SPDX-License-Identifier: ISC */
/*
 * The data of our own notifications SPI-LIST and SPI-LIST-ANSWER (numbers of
 * private use, RFC 2408 3.14): which pairs of SAs the sender has.
 *
 *	byte 0	version, 1
 *	byte 1	flags; 1: these are all that it has
 *	2-3	number of entries
 *	4-7	number of the question
 *	then per entry: protocol (RFC 2407 4.4.1), state, two bytes 0,
 *	the SPI of the sender's inbound SA, that of its outbound one
 */
#ifndef RACOON_WIRE_SPILIST_H
#define RACOON_WIRE_SPILIST_H

#include "base/err.h"
#include "libipsec/buf.h"
#include "libipsec/view.h"

#define SPILIST_MAX	96		/* entries: fits one datagram */
#define SPILIST_BYTES	(8 + SPILIST_MAX * 12)

enum spilist_state {
	SPILIST_ABSENT,			/* it was asked for, but is not there */
	SPILIST_UP,
	SPILIST_COMING			/* its negotiation is not over */
};

struct spilist_pair {
	uint8_t		proto;		/* PROTO_IPSEC_... */
	uint8_t		state;		/* enum spilist_state */
	uint32_t	mine, yours;	/* inbound, outbound at the sender */
};

struct spilist {
	bool		whole;
	uint32_t	number;
	uint16_t	n;
	struct spilist_pair pair[SPILIST_MAX];
};

/* E_PAYLOAD: not of this form, too many, or a version that is not known. */
enum err	 spilist_get(struct view data, struct spilist *) MUST_CHECK;
void		 spilist_put(struct buf *, const struct spilist *);

#endif
