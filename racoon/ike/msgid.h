/* SPDX-License-Identifier: ISC */
/*
 * Message ids that were used under an IKE SA.  A message that comes with one
 * of them again is a replay: nothing else in IKEv1 tells (RFC 2409 5.5).
 */
#ifndef RACOON_IKE_MSGID_H
#define RACOON_IKE_MSGID_H

#include <stdbool.h>
#include <stdint.h>

struct msgids {
	uint32_t	*id;
	unsigned int	 n, cap;
	unsigned int	 next;		/* the oldest, once it is full */
};

/* Frees what it holds; it is empty and usable afterwards. */
void	 msgids_fini(struct msgids *);
bool	 msgids_has(const struct msgids *, uint32_t id);
/* Adds ID; false, and nothing was added, when it has MOST already. */
bool	 msgids_add(struct msgids *, uint32_t id, unsigned int most);
/* Adds ID; with MOST of them the oldest is forgotten. */
void	 msgids_push(struct msgids *, uint32_t id, unsigned int most);

#endif
