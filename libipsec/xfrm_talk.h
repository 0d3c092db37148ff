/* SPDX-License-Identifier: ISC */
/*
 * What the XFRM back end makes of the datagrams that it gets: answers,
 * pieces of dumps, results of batches, events.  Pure: no socket, no clock.
 */
#ifndef LIBIPSEC_XFRM_TALK_H
#define LIBIPSEC_XFRM_TALK_H

#include <sys/types.h>

#include "libipsec/xfrm_msg.h"

#define XFRM_WHY	256		/* a reason in words */
#define XFRM_DUMP_MAX	((size_t)1 << 30)
#define XFRM_DATAGRAM	8192		/* answers and events are shorter */
#define XFRM_EVENTS_MOST 4096		/* of one call: a storm has pauses */

/*
 * Puts the reason for ERR, which it returns, into WHY: what was SAID, or the
 * errno's words when that is "".
 */
int	 xfrm_failed(char why[XFRM_WHY], int err, const char *said);

/* Sees one message that answers a request; nonzero ends the request. */
typedef int xfrm_answer_fn(void *ctx, const struct xfrm_msg *);
/*
 * Hands the answers to request SEQ in one datagram to FN (may be NULL).
 * True: the request is done, with its result in *RESULT.
 */
bool	 xfrm_answers(struct view datagram, uint32_t seq, xfrm_answer_fn *fn,
	    void *ctx, int *result, char why[XFRM_WHY]);

/* What a dump's messages are handed to; one of the functions is NULL. */
struct xfrm_dump_to {
	const struct ipsec_filter *filter;
	ipsec_sa_fn	*sa_fn;
	ipsec_policy_fn	*policy_fn;
	void		*ctx;
	uint64_t	now;
};

/* One datagram of a dump: in one piece, the whole would move as it grows. */
struct xfrm_kept {
	struct xfrm_kept *next;
	struct buf	bytes;
};

/* A dump under way, kept until it is known to be whole, or handed on. */
struct xfrm_dump {
	struct xfrm_kept *first, **last;
	size_t		bytes, max;	/* kept, and how many may be */
	bool		broken;		/* the kernel says: changed meanwhile */
	const struct xfrm_dump_to *to;	/* whom to hand on at once, or NULL */
	int		result;		/* his, when he ends the dump */
};

/* TO: hand the records on as they come; NULL: keep up to MAX bytes. */
void	 xfrm_dump_init(struct xfrm_dump *, size_t max,
	    const struct xfrm_dump_to *);
/* Wipes and forgets what was kept, for another try or at the end. */
void	 xfrm_dump_reset(struct xfrm_dump *);
/* Takes what is in one datagram; 1: that was the end, or -errno. */
int	 xfrm_dump_piece(struct xfrm_dump *, struct view datagram,
	    uint32_t seq, char why[XFRM_WHY]);
/* Hands on what was kept; -EPROTO when something cannot be read. */
int	 xfrm_dump_tell(const struct xfrm_dump *, const struct xfrm_dump_to *,
	    char why[XFRM_WHY]);

/* Commands that went to the kernel in one datagram. */
struct xfrm_batch {
	ipsec_result_fn	*fn;
	void		*ctx;
	uint32_t	first_seq;	/* of the first command */
	unsigned int	count;		/* commands */
	unsigned int	told;		/* of these, results handed on */
	size_t		nth;		/* of the next result, over all */
	int		failures;
};

void	 xfrm_batch_tell(struct xfrm_batch *, int err, const char *reason);
/* Hands the results in one datagram on; all are there when told == count. */
void	 xfrm_batch_answers(struct xfrm_batch *, struct view datagram,
	    char why[XFRM_WHY]);

/* Where events come from. */
struct xfrm_source {
	/* A datagram: its length, 0 when it counts for nothing, or -errno. */
	ssize_t	 (*receive)(void *ctx, void *p, size_t size);
	/* True when there is nothing to receive. */
	bool	 (*empty)(void *ctx);
	void	*ctx;
};

/*
 * Hands the events that are there, up to XFRM_EVENTS_MOST, to FN.  *LOST, to
 * be kept between calls, remembers that a RESYNC is due.
 */
int	 xfrm_talk_events(const struct xfrm_source *, bool *lost, uint64_t now,
	    ipsec_event_fn *fn, void *fn_ctx);

#endif
