/* SPDX-License-Identifier: ISC */
/*
 * A restart: the SAs that a racoon before this one left in the kernel, and
 * peers that do not know of it.  What is found has no IKE SA, and whose it is
 * shows when one comes up; see child_identify().
 */
#ifndef RACOON_IKE_ADOPT_H
#define RACOON_IKE_ADOPT_H

#include "ike/engine.h"

struct child;

void		 adopt_init(struct ike *);
/* Begins an IKE SA with that peer, unless there is one, is to be one, or
 * nothing says how.  A port 0 is any. */
void		 adopt_call(struct ike *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);
/* Policies that racoon generated for what a child carries are its own. */
void		 adopt_policies(struct child *);
/* Its liveness is watched as the blocks of the present configuration say. */
void		 adopt_watch(struct child *);
/*
 * Something encrypted came under an IKE SA that is not known.  When it comes
 * from where adopted children lead, it was lost with the racoon before: the
 * peer gets another one, at a limited rate, since anybody can send such.
 */
void		 adopt_stranger(struct ike *, const struct ipsec_addr *local,
		    const struct ipsec_addr *remote);

#endif
