/* SPDX-License-Identifier: ISC */
/*
 * Does the kernel have just what a script asks for, in its order?  Answers
 * most reloads, without memory for any policy: both sides are summed up.
 */
#ifndef SETKEY_UNCHANGED_H
#define SETKEY_UNCHANGED_H

#include "libipsec/ipsec.h"
#include "setkey/hash.h"
#include "setkey/script.h"

/* The sum over policies and their places, of a script or of the kernel. */
struct digest {
	struct hash_key	 key;
	uint64_t	 sum[2];
	size_t		 n;		/* policies */
	bool		 fwd;		/* as expand_parts() */
	bool		 flushed;	/* there was an spdflush */
	bool		 plain;		/* and then nothing but spdadd */
};

/* 0 or -errno: the key is random. */
int	 digest_init(struct digest *, bool fwd);
void	 digest_fini(struct digest *);
/* Adds the next command about policies. */
void	 digest_command(struct digest *, const struct command *);
/*
 * 1: the kernel has what the commands ask for.  0: it does not, or they are
 * none that can be told so.  -errno.
 */
int	 digest_compare(const struct digest *, struct ipsec *);
/*
 * The commands about policies from FROM up to END at once; the result is that
 * of digest_compare().
 */
int	 unchanged(struct ipsec *, const struct command *from,
	    const struct command *end, bool fwd);

#endif
