/* SPDX-License-Identifier: ISC */
/*
 * The kernel has the last word: what we know by name is compared with it when
 * events were lost, when it asks for what we think it has, and every few
 * minutes whatever happens.  Each difference is told, counted and repaired.
 */
#ifndef RACOON_IKE_RECONCILE_H
#define RACOON_IKE_RECONCILE_H

#include "ike/engine.h"

void		 reconcile_init(struct ike *);
/* From now on by the clock, too. */
void		 reconcile_start(struct ike *);
/* Events were lost: now. */
void		 reconcile_now(struct ike *);
/* Something is odd: in a moment, with whatever else is odd by then. */
void		 reconcile_soon(struct ike *);
/* An ACQUIRE: odd if there is a pair for just that. */
void		 reconcile_acquired(struct ike *, const struct ipsec_event *);

#endif
