/* SPDX-License-Identifier: ISC */
/*
 * Policies that racoon makes for a peer's wish (racoon.conf(5)
 * generate_policy), where the kernel has none.  They live as long as a child
 * uses them, and carry its life time, so that the kernel ends what a crash
 * leaves behind.  Nobody else's policy is ever changed or removed.
 */
#ifndef RACOON_IKE_GENPOL_H
#define RACOON_IKE_GENPOL_H

#include "ike/propose.h"

struct child;
struct genpol;

/* Just behind setkey's default, 0x80000000: the administrator's go first. */
#define GENPOL_PRIORITY	0x80000001u

/* Was this one made here, or by a racoon before this one? */
bool		 genpol_is_ours(const struct ipsec_policy *);
/*
 * A plan for PLAN->sel out of the peer's offer: the first proposal that the
 * sainfo accepts, or just the first one.  E_NOPOLICY (logged): there is a
 * policy for something else, or transport mode for more than the two hosts;
 * E_NOPROPOSAL: no mode, or too many protocols; E_LIMIT.
 */
enum err	 genpol_plan(struct sa *, const struct sainfo *,
		    const struct sa_payload *offer, struct plan *) MUST_CHECK;
/*
 * The child of this plan uses its policies: those for what comes are made, or
 * get its life time.  Nothing to do for a plan with others' policies.
 * E_KERNEL (logged).
 */
enum err	 genpol_attach(struct child *, const struct plan *) MUST_CHECK;
/* The same for what goes, once there are SAs for it. */
enum err	 genpol_open(struct child *) MUST_CHECK;
/* The child goes: so do the policies, unless another child uses them. */
void		 genpol_release(struct child *);
/* For how many selectors there are some. */
size_t		 genpol_count(const struct ike *);
/* Forgets them; the kernel keeps them. */
void		 genpol_forget(struct child *);

#endif
