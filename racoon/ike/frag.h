/* SPDX-License-Identifier: ISC */
/*
 * IKE fragmentation, Cisco's form: announced by a vendor ID, a message in
 * several datagrams for paths that drop fragments of IP.
 *
 * Fragments prove nothing, so everything about them is bounded: bytes and
 * messages of one SA, of one address and in all, and their time.  What comes
 * from peers that proved themselves, or whom we called, has room of its own
 * that no stranger can fill.
 */
#ifndef RACOON_IKE_FRAG_H
#define RACOON_IKE_FRAG_H

#include "ike/engine.h"
#include "ike/sa.h"
#include "wire/msg.h"

struct frags;

struct frags	*frags_new(struct ike *);
void		 frags_free(struct frags *);
/* Drops what an SA waits for, as the SA goes. */
void		 frag_forget(struct sa *);

/* A datagram that holds a fragment. */
struct frag_in {
	struct sa	*sa;		/* NULL: of a first message */
	const struct ipsec_addr *remote;
	const struct msg_header *h;
	struct view	 chain;		/* what follows the header */
};

struct frag_whole {
	struct buf	 bytes;		/* a message; empty: not whole yet */
	size_t		 arrived;	/* bytes of its datagrams */
};

/*
 * Keeps the fragment, or puts the message together; the caller has made
 * WHOLE->bytes for LIMIT_FRAG_MESSAGE bytes.  A fragment that contradicts
 * those before it under the same id begins a new message: many senders give
 * all their messages the same id.  E_DUPLICATE; E_PAYLOAD; E_LIMIT: more than
 * a message may have.
 */
enum err	 frag_input(struct ike *, const struct frag_in *,
		    struct frag_whole *) MUST_CHECK;

/* Writes our vendor ID: an initiator's, if racoon.conf(5) ike_frag says so, or
 * a responder's for a peer that showed its own. */
void		 frag_announce(const struct sa *, uint8_t etype,
		    struct msg_out *);
/* The peer's vendor ID of fragmentation: is it for this exchange? */
void		 frag_note(struct sa *, uint8_t etype, struct view vid);

/* How many bytes a message of N bytes is on its way to the SA's peer. */
size_t		 frag_size(const struct sa *, size_t n);
/* Sends a message, in fragments where it is long and the peer takes them. */
void		 frag_send(struct sa *, struct view message);

/* What is held: messages and bytes of memory. */
struct frag_counts {
	size_t	known, known_bytes;
	size_t	strange, strange_bytes;
};
void		 frag_count(const struct ike *, struct frag_counts *);

#endif
