/* SPDX-License-Identifier: ISC */
/*
 * ESP and AH under SPIs that the kernel does not have: ike_strays() in ike.h.
 * A peer that our policies protect still uses SAs that this host has lost, by
 * a reboot for one.  Whoever sends can be forged, so nothing that is good is
 * ever taken down for it: the kernel is asked, the peer is told under an IKE
 * SA only, and what is missing is negotiated, seldom.
 */
#ifndef RACOON_IKE_STRAY_H
#define RACOON_IKE_STRAY_H

#include "ike/engine.h"

struct strays;

struct strays	*strays_new(void);
void		 strays_free(struct strays *);
/*
 * The first message of a quick mode, or another one, came under an IKE SA that
 * is not here.  Its sender gets a new IKE SA if a policy is for it, at a limited
 * rate, since anybody can send such.
 */
void		 stray_quick(struct ike *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);
/* For how many senders it is known when they were answered last. */
size_t		 strays_count(const struct strays *);

#endif
