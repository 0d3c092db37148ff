/* SPDX-License-Identifier: ISC */
/* One datagram: from bytes to the exchange that it belongs to. */
#ifndef RACOON_IKE_INPUT_H
#define RACOON_IKE_INPUT_H

#include "ike/engine.h"

/* Handles a datagram; OK, or why it was dropped. */
enum err	 input_datagram(struct ike *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote, struct view) MUST_CHECK;

#endif
