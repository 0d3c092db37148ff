/* SPDX-License-Identifier: ISC */
/* Quick mode (RFC 2409 5.5): a child under an IKE SA. */
#ifndef RACOON_IKE_QUICK_H
#define RACOON_IKE_QUICK_H

#include "ike/exchange.h"
#include "ike/sa.h"

struct notify_payload;
struct want;

/*
 * Negotiates what WANT asks for.  The want is satisfied or given up through
 * want_done(), which may happen before this returns.
 */
void		 quick_start(struct sa *, struct want *);
/* A responder's exchange for a new message id. */
struct exchange	*quick_accept(struct sa *, uint32_t msgid);
/* An authentic error notification: fails the exchange that it is about. */
void		 quick_refused(struct sa *, const struct notify_payload *);

extern const struct flow quick_initiator, quick_responder;

#endif
