/* SPDX-License-Identifier: ISC */
/*
 * The kernel's policies and those that a script asks for, side by side in
 * one table.  Sockets' own and sub policies are not in it, since no command
 * touches them.
 */
#ifndef SETKEY_SPD_H
#define SETKEY_SPD_H

#include "setkey/pack.h"
#include "setkey/script.h"

/* Where the numbers of order of what commands add begin. */
#define SPD_ORDER	0x80000000u

/* One policy; `todo` is what the kernel has to be told. */
struct spd_entry {
	struct spd_entry *next;		/* of the same hash */
	const struct command *c;	/* who wants it; NULL: it was there */
	uint32_t	 hash;
	uint32_t	 index;		/* the kernel's number */
	uint32_t	 seen;		/* age in the kernel, SPD_ORDER newest;
					   0: it does not have it */
	uint32_t	 order;		/* place among those of its priority */
	uint32_t	 was;		/* the kernel's priority */
	uint32_t	 priority;	/* as wanted */
	uint32_t	 epoch;		/* of spdflush; SPD_GONE: not there */
	uint16_t	 key_n, n;
	uint8_t		 part;		/* of the command */
	uint8_t		 dir;
	uint8_t		 todo;		/* enum todo */
	uint8_t		 done;		/* the kernel did so */
	uint8_t		 undo;		/* commands that it takes to undo it */
	uint8_t		 bytes[];	/* key; value as in the kernel */
};

#define SPD_GONE	UINT32_MAX

struct spd {
	struct script	 memory;	/* of the entries; no commands */
	struct spd_entry **bucket;
	size_t		 nbuckets;
	size_t		 count;		/* entries */
	size_t		 kernel;	/* how many the kernel has */
	uint32_t	 epoch;		/* how often the table was flushed */
	uint32_t	 orders;	/* the last number of order given */
};

void		 spd_init(struct spd *);
void		 spd_fini(struct spd *);
/* Reads the kernel's table; 0 or -errno. */
int		 spd_read(struct spd *, struct ipsec *);
/* The entry for a policy's key, with ADD made if missing; NULL. */
struct spd_entry *spd_find(struct spd *, const struct ipsec_policy *,
		    bool add);
/* Goes through all: the entry behind E (NULL: the first), in no order. */
struct spd_entry *spd_next(const struct spd *, const struct spd_entry *);
bool		 spd_present(const struct spd *, const struct spd_entry *);
/* The policy as the kernel has it, with its index. */
void		 spd_kernel(const struct spd_entry *, struct ipsec_policy *);

#endif
