/* SPDX-License-Identifier: ISC */
/*
 * The runner of exchanges.  An exchange is a table: each row says what a
 * message must and may contain, who absorbs it, which slow jobs follow and
 * who builds the answer.  Only the runner checks masks, drops duplicates,
 * retransmits, waits for jobs, encrypts, fails and cleans up.
 *
 * Two rules that loss and reordering taught:
 *  - exactly one side acts on a duplicate: the responder, and the initiator
 *    only after its last word;
 *  - who has the last word stays reachable for the peer's whole span of
 *    retransmission.
 */
#ifndef RACOON_IKE_EXCHANGE_H
#define RACOON_IKE_EXCHANGE_H

#include "crypto/alg.h"
#include "ike/engine.h"
#include "ike/job.h"
#include "wire/msg.h"

struct exchange;
struct phase1;
struct quick;
struct sa;

#define STEP_SEALED	0x01u	/* what comes must be encrypted */
#define STEP_SEALS	0x02u	/* what goes is encrypted */
#define STEP_PROVES	0x04u	/* what comes proves itself in the clear, too,
				   so that it may be from another port */

struct step {
	const char	*name;		/* "I3 ID,HASH" */
	uint32_t	 must, may;	/* MSG_BIT()s; VID may always come */
	unsigned int	 flags;
	/* Checks and absorbs; on failure nothing has changed, or the message
	   is `proven'. */
	enum err	(*recv)(struct exchange *, const struct msg *);
	/* The NTH slow job, or NULL when there are no more. */
	struct job	*(*work)(struct exchange *, unsigned int nth);
	/* Writes the payloads of the answer; NULL: there is none. */
	enum err	(*send)(struct exchange *, struct msg_out *);
};

struct flow {
	const char	*name;		/* "main", "quick" */
	uint8_t		 etype;
	bool		 initiator;
	bool		 insists;	/* resends by the clock */
	unsigned int	 nsteps;
	const struct step *step;
	void		(*done)(struct exchange *);
	/* NULL, or asked before each resend: is the answer known by other
	   means, so that the exchange is done? */
	bool		(*settled)(struct exchange *);
	/* NULL, or asked before `said' goes out again: was what it offers
	   deleted meanwhile? */
	bool		(*gone)(struct exchange *);
	/* It failed: the exchange is over, its SA may be ended. */
	void		(*failed)(struct exchange *, enum err);
	void		(*clean)(struct exchange *); /* frees scratch */
	/* Phase 1, responder: so many times the bytes that came may go to
	   somebody who is not authentic. */
	uint8_t		 allowance;
	/* NULL, or what was taken from a message turned out to be forged when
	   a job was done: the right one may still come. */
	void		(*retracted)(struct exchange *, enum err);
};

struct exchange {
	struct ike	*ike;
	struct sa	*sa;
	uint64_t	 serial;
	const struct flow *flow;
	unsigned int	 at;		/* row that comes next */
	unsigned int	 nth;		/* job of the current row */
	uint32_t	 msgid;		/* 0: phase 1 */
	bool		 busy;		/* a job is out */
	bool		 worked;	/* one was */
	bool		 deferred;	/* the first one waits for its turn */
	bool		 over;		/* done or failed: lingers */
	bool		 proven;	/* what is being read is the peer's */
	uint8_t		 iv[BLOCK_LEN_MAX];
	uint8_t		 iv_next[BLOCK_LEN_MAX]; /* after this message */
	uint8_t		 iv_last[BLOCK_LEN_MAX]; /* before it */
	unsigned int	 forged;	/* messages that were taken back */
	struct buf	 said;		/* last datagram sent */
	bool		 heard_any;
	bool		 taken_back;	/* `heard' was forged */
	uint64_t	 heard;		/* fingerprint of the last accepted */
	uint64_t	 began, said_at;
	unsigned int	 tries;		/* times `said' was sent */
	struct timer	 timer;
	uint64_t	 connects;	/* serial of a child that waits for the
					   peer's CONNECTED; 0: none */
	struct phase1	*p1;		/* scratch of one kind */
	struct quick	*quick;
	struct exchange	*prev, *next;	/* in its SA's list */
	UT_hash_handle	 hh;
};

/* A new exchange in its SA's list; the caller then starts or feeds it. */
struct exchange	*exch_new(struct sa *, const struct flow *, uint32_t msgid);
void		 exch_free(struct exchange *);
/* Runs the first row of an initiator; it may be over when this returns. */
void		 exch_start(struct exchange *);
/*
 * One message for this exchange, decrypted if it was SEALED; RAW is the
 * datagram.  The result is for the statistics and the log of the caller: OK,
 * E_DUPLICATE, or why it was refused.  On a failure that ends the exchange
 * flow->failed has been called.
 */
enum err	 exch_input(struct exchange *, const struct msg *, bool sealed,
		    struct view raw) MUST_CHECK;
/* A datagram seen before: drops it, or answers as before.  True if it was. */
bool		 exch_duplicate(struct exchange *,
		    const struct ipsec_addr *from, struct view raw);
/* The initiator goes on without having heard by its last word that we have
 * heard it: says again what we wait for an answer to.  Else nothing. */
void		 exch_remind(struct sa *);
/* A job came back. */
void		 exch_job(struct exchange *, struct job *);
/* Ends it in failure: calls flow->failed, then lingers or is freed. */
void		 exch_fail(struct exchange *, enum err);
/* By message id and type, also those that linger. */
struct exchange	*exch_find(struct sa *, uint8_t etype, uint32_t msgid);
/* How many of an SA's exchanges are under way; lingering ones do not count. */
unsigned int	 exch_live(const struct sa *);
/* How long a peer may go on repeating itself, ms: racoon.conf(5) timer. */
uint64_t	 exch_span(const struct exchange *);

/*
 * Finishes a message in OUT (header and payloads) for SA: encrypts it with
 * IV, which becomes the last block, when SEAL.  E_LIMIT, E_CRYPTO.
 */
enum err	 exch_seal(struct sa *, struct msg_out *, bool seal,
		    uint8_t *iv) MUST_CHECK;
/* The header of a message of ours. */
void		 exch_header(const struct sa *, uint8_t etype, uint32_t msgid,
		    bool seal, struct msg_header *);
/* A new nonce as long as racoon.conf(5) nonce_size says, at most MOST bytes. */
enum err	 exch_nonce(struct exchange *, size_t most, struct buf *)
		    MUST_CHECK;
/* Sends bytes to the SA's peer, within what a stranger may get. */
void		 exch_transmit(struct sa *, struct view);

#endif
