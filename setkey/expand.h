/* SPDX-License-Identifier: ISC */
/*
 * From a command of a script to commands of libipsec.  One command may be
 * two of them: on Linux an inbound policy has a copy for forwarded packets.
 */
#ifndef SETKEY_EXPAND_H
#define SETKEY_EXPAND_H

#include "libipsec/ipsec.h"
#include "setkey/script.h"

/* True for the commands that change something and answer nothing. */
bool		 expand_batchable(const struct command *);
/* True for those that change policies. */
bool		 expand_is_policy(const struct command *);
/* How many commands it makes; FWD: inbound policies get their copy. */
unsigned int	 expand_parts(const struct command *, bool fwd);
/*
 * What the kernel, or the kernel's PF_KEY, would refuse: 0 or -errno, with
 * the reason in words in WHY ("" when there is nothing to add).
 */
int		 expand_check(const struct command *, const char **why);
/*
 * The PART'th one (from 0) of a command that passed the check.  Level unique
 * takes reqids from *REQID on.
 */
void		 expand_command(const struct command *, unsigned int part,
		    uint32_t *reqid, struct ipsec_command *);
/* The policy of such a command about policies. */
void		 expand_policy(const struct command *, unsigned int part,
		    uint32_t *reqid, struct ipsec_policy *);
/* How many reqids all parts take. */
unsigned int	 expand_reqids(const struct command *, bool fwd);
/* The SA of add, getspi, get and delete. */
void		 expand_sa(const struct command *, struct ipsec_sa *);

#endif
