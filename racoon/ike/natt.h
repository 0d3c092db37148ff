/* SPDX-License-Identifier: ISC */
/*
 * NAT traversal: RFC 3947 (negotiation) and the drafts that peers still speak.
 */
#ifndef RACOON_IKE_NATT_H
#define RACOON_IKE_NATT_H

#include "ike/sa.h"
#include "wire/msg.h"

struct plan;

/*
 * May NAT-T be announced to this peer?  REMOTE must not say off, and there
 * must be a socket for what would follow, which is complained about.
 */
bool		 natt_possible(const struct sa *, const struct remote *);
/* Writes the vendor IDs that announce what we speak. */
void		 natt_offer(struct msg_out *);
/* Chooses the best variant that the peer announced; VID_UNKNOWN: none. */
enum vid	 natt_choose(uint32_t vids);
/* Writes the NAT-D payloads: the peer's address first, then ours. */
enum err	 natt_put(struct sa *, struct msg_out *) MUST_CHECK;
/* Compares the peer's NAT-D payloads with the addresses that we see. */
enum err	 natt_detect(struct sa *, const struct msg *) MUST_CHECK;
/* What was found, for the log. */
void		 natt_say(const struct sa *);
/* The initiator moves to the NAT-T ports when there is a NAT; E_CONFIG. */
enum err	 natt_float(struct sa *) MUST_CHECK;
/* Can what the plan asks for pass the NAT, if there is one (RFC 3947 5.1)? */
bool		 natt_allows(const struct sa *, const struct plan *);
/* The number on the wire of an encapsulation mode (enum ipsec_mode). */
uint16_t	 natt_mode(const struct sa *, uint8_t mode);
/* The mode behind a number, 0 when it does not fit this SA. */
uint8_t		 natt_mode_of(const struct sa *, uint16_t wire);
/* NAT-OA payloads of quick mode in transport mode: RFC 3947 5.2. */
void		 natt_put_oa(const struct sa *, struct msg_out *,
		    bool initiator);
/*
 * The peer's own address, as it was before a NAT changed it; family 0 when
 * that says nothing new.  INITIATOR: are we?  Drafts had just one payload,
 * about the sender.  E_PAYLOAD.
 */
enum err	 natt_get_oa(const struct sa *, const struct msg *,
		    bool initiator, struct ipsec_addr *) MUST_CHECK;

#endif
