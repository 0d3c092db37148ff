/* SPDX-License-Identifier: ISC */
/* What went wrong last with whom, for operators (report.h). */
#ifndef RACOON_IKE_PROBLEM_H
#define RACOON_IKE_PROBLEM_H

#include <stdbool.h>

struct ike;
struct ipsec_addr;

/*
 * TEXT is the last problem with REMOTE, or more about the one of this moment.
 * KNOWN: we have called it, or it has
 * proven who it is; others get at few places only.
 */
void		 problem_note(struct ike *, const struct ipsec_addr *remote,
		    bool known, const char *text);
/* A pair with REMOTE has come up. */
void		 problem_solved(struct ike *, const struct ipsec_addr *remote);
void		 problem_free_all(struct ike *);

#endif
