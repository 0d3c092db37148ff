/* SPDX-License-Identifier: ISC */
/* Informational exchanges (RFC 2409 5.7, RFC 2408 3.14, 3.15), both ways. */
#ifndef RACOON_IKE_INFO_H
#define RACOON_IKE_INFO_H

#include "ike/sa.h"
#include "wire/msg.h"
#include "wire/payload.h"

struct child;
struct exchange;

/* A decrypted (SEALED) or plain informational message for SA. */
enum err	 info_input(struct sa *, const struct msg *, bool sealed)
		    MUST_CHECK;
/* The notify payloads within an authentic phase 1 message. */
void		 info_notifies(struct sa *, const struct msg *);
/* The fourth message of a quick mode, decrypted: CONNECTED. */
enum err	 info_connected(struct exchange *, const struct msg *)
		    MUST_CHECK;
/* Is INITIAL-CONTACT among them?  And to act upon it. */
bool		 info_says_contact(const struct msg *);
void		 info_contact(struct sa *);

/* Sends a notification, authenticated when the SA has keys for it. */
void		 info_notify(struct sa *, const struct notify_payload *);
/* Tells the peer of a phase 1 that failed why; limited, never more bytes
 * than came. */
void		 info_refuse(struct sa *, enum err);
/* Answers a datagram that belongs to no SA with a plain notification. */
void		 info_refuse_stranger(struct ike *,
		    const struct ipsec_addr *local,
		    const struct ipsec_addr *remote,
		    const struct msg_header *, enum err);
/*
 * INITIAL-CONTACT, if the remote block wants it and this is the first SA with
 * the peer: within our last message of main mode, and again by itself once
 * phase 1 is done.  Some act upon the one only, some upon the other, and the
 * second may overtake the last message.
 */
void		 info_put_contact(const struct sa *, struct msg_out *);
void		 info_initial_contact(struct sa *);
/* DELETE of the IKE SA itself, or of the child's inbound SAs. */
void		 info_delete_sa(struct sa *);
void		 info_delete_spi(struct sa *, uint8_t proto, uint32_t spi);
void		 info_delete_child(struct sa *, const struct child *);

#endif
