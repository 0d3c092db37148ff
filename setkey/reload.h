/* SPDX-License-Identifier: ISC */
/*
 * Carries out a plan: what is new or different first, what has to go last.
 * When the kernel refuses something, all of it is taken back.
 */
#ifndef SETKEY_RELOAD_H
#define SETKEY_RELOAD_H

#include "setkey/plan.h"

struct reload {
	struct ipsec	*h;
	struct spd	 spd;
	struct plan	 plan;
	uint32_t	*reqid;		/* the next one for level unique */
	size_t		 sent;		/* commands to the kernel */
	size_t		 refused;	/* of these */
	bool		 undone;	/* it is as it was, but for the lost */
	struct spd_entry **lost;	/* those that could not be taken back */
	size_t		 losses;
	/* The pass over entries that is going on. */
	struct spd_entry **list;
	size_t		 n;
	unsigned int	 pass;
	struct {
		size_t	 i;
		unsigned int half;
	}		 next, heard;
};

void	 reload_init(struct reload *, struct ipsec *);
void	 reload_fini(struct reload *);
/* Reads the kernel's table: spd.kernel policies; 0 or -errno. */
int	 reload_read(struct reload *);
/* Plans; nothing is changed yet.  0 or -ENOMEM. */
int	 reload_plan(struct reload *, const struct command *from,
	    const struct command *end, bool fwd);
/*
 * Changes the kernel's table; refused commands are added to the plan's
 * errors.  0, or -errno when the kernel stopped answering.
 */
int	 reload_apply(struct reload *, uint32_t *reqid);
/*
 * The N policies that are to be removed, in that order, to be freed; NULL:
 * no memory.
 */
struct spd_entry **reload_old(const struct reload *, size_t *n);
/* Brings the errors of the plan into the script's order. */
void	 reload_sort_errors(struct reload *);

#endif
