/* SPDX-License-Identifier: ISC */
/*
 * What has to be done to the kernel's policies so that they are as if
 * commands had been carried out one after the other.
 */
#ifndef SETKEY_PLAN_H
#define SETKEY_PLAN_H

#include "setkey/spd.h"

enum todo {
	TODO_NOTHING,		/* stays, or never gets there */
	TODO_ADD,
	TODO_CHANGE,		/* other action, priority or templates */
	TODO_MOVE,		/* behind the others of its priority */
	TODO_CHANGE_MOVE,
	TODO_REMOVE
};

/* A command that fails, and why. */
struct plan_error {
	const struct command *c;
	size_t		 nth;		/* for a stable order */
	int		 err;
	char		*why;		/* or NULL */
};

struct plan {
	struct spd	*spd;
	bool		 fwd;
	const struct command *flush;	/* the last one, or NULL */
	/*
	 * What is there in the end, by direction, priority and order: an
	 * entry takes precedence over those behind it.
	 */
	struct spd_entry **step;
	size_t		 steps, steps_max;
	struct plan_error *error;
	size_t		 errors, errors_max;
};

void	 plan_init(struct plan *, struct spd *, bool fwd);
void	 plan_fini(struct plan *);
/*
 * Plans the commands about policies from FROM up to END; 0 or -ENOMEM.  FWD:
 * as expand_parts().
 */
int	 plan_make(struct plan *, const struct command *from,
	    const struct command *end);
/* Notes that a command failed. */
int	 plan_error(struct plan *, const struct command *, int err,
	    const char *why);
/*
 * The policy that an entry shall be.  Level unique keeps the reqids that were
 * chosen for it before; new ones are taken from *REQID on, and are just some
 * above POLICY_REQID_MANUAL when that is NULL.
 */
void	 plan_wanted(const struct spd_entry *, uint32_t *reqid,
	    struct ipsec_policy *);

#endif
