/* SPDX-License-Identifier: ISC */
/*
 * A message that was sent, taken apart, and every subset of its payloads put
 * together again, sealed if it was: what a peer that knows the keys, or for a
 * plain message anybody, could have sent instead.
 */
#ifndef TEST_SUBSET_H
#define TEST_SUBSET_H

#include <check.h>
#include <string.h>

#include "crypto/cipher.h"
#include "ike/exchange.h"
#include "ike/sa.h"
#include "pair.h"
#include "wire/msg.h"

struct whole {
	struct node	*to, *from;
	struct msg_header h;
	struct buf	 bytes, plain;
	struct msg	 msg;
	unsigned int	 bit[MSG_PAYLOADS_MAX];	/* of each payload */
	unsigned int	 nbits;		/* the Vendor IDs share one */
	bool		 sealed;
	uint8_t		 iv[BLOCK_LEN_MAX];
};

/* The IV of a message of phase 1 is in the exchange that waits for it. */
static inline void
whole_unseal(struct whole *w)
{
	struct sa *sa = node_sa(w->to);
	const struct exchange *x = exch_find(sa, w->h.etype, w->h.msgid);

	ck_assert_ptr_nonnull(x);
	memcpy(w->iv, x->iv, sizeof(w->iv));
	ck_assert_int_eq(cipher_open(sa->ike->crypto, sa->suite.cipher,
	    buf_view(&sa->keys.cipher), w->iv, buf_from(&w->bytes,
	    ISAKMP_HEADER_LEN), &w->plain), OK);
}

/* Datagram I of PAIR, which its receiver is ready for but has not seen. */
static inline void
whole_open(struct whole *w, struct pair *pair, size_t i)
{
	const struct datagram *d = &pair->sent[i];
	int vid = -1;

	memset(w, 0, sizeof(*w));
	ck_assert_uint_lt(i, pair->nsent);
	w->to = addr_equal(&d->to, &pair->a.addr) ? &pair->a : &pair->b;
	w->from = w->to == &pair->a ? &pair->b : &pair->a;
	buf_init(&w->bytes, LIMIT_DATAGRAM);
	buf_init(&w->plain, LIMIT_DATAGRAM);
	buf_set(&w->bytes, buf_view(&d->bytes));
	ck_assert_int_eq(msg_header_get(buf_view(&w->bytes), &w->h), OK);
	w->sealed = w->h.flags & ISAKMP_FLAG_ENCRYPTED;
	if (w->sealed)
		whole_unseal(w);
	else
		buf_set(&w->plain, buf_from(&w->bytes, ISAKMP_HEADER_LEN));
	ck_assert_int_eq(msg_parse(&w->msg, &w->h, buf_view(&w->plain),
	    w->sealed), OK);
	for (unsigned int k = 0; k < w->msg.n; k++) {
		if (w->msg.p[k].type != ISAKMP_VID)
			w->bit[k] = w->nbits++;
		else if (vid >= 0)
			w->bit[k] = (unsigned int)vid;
		else
			w->bit[k] = (unsigned int)(vid = (int)w->nbits++);
	}
	ck_assert_uint_ge(w->nbits, 1);
	ck_assert_uint_le(w->nbits, 12);
}

static inline void
whole_close(struct whole *w)
{
	buf_fini(&w->bytes);
	buf_fini(&w->plain);
}

/* The types of the payloads that SUBSET leaves. */
static inline uint32_t
whole_types(const struct whole *w, unsigned int subset)
{
	uint32_t mask = 0;

	for (unsigned int k = 0; k < w->msg.n; k++)
		if (subset & 1u << w->bit[k])
			mask |= MSG_BIT(w->msg.p[k].type);
	return mask;
}

/* Hands the payloads of SUBSET to the receiver. */
static inline void
whole_inject(const struct whole *w, unsigned int subset)
{
	uint8_t iv[BLOCK_LEN_MAX];
	struct msg_out out;
	struct buf b;

	buf_init(&b, LIMIT_DATAGRAM);
	msg_begin(&out, &b, &w->h);
	for (unsigned int k = 0; k < w->msg.n; k++)
		if (subset & 1u << w->bit[k])
			msg_put(&out, w->msg.p[k].wire_type,
			    w->msg.p[k].body);
	memcpy(iv, w->iv, sizeof(iv));
	if (w->sealed)
		ck_assert_int_eq(exch_seal(node_sa(w->to), &out, true, iv),
		    OK);
	else
		ck_assert(msg_end(&out));
	pair_inject(w->to->pair, w->to, &w->from->addr, buf_view(&b));
	buf_fini(&b);
}

/* Hands the receiver other payloads than were sent, CHAIN, sealed if those
 * were. */
static inline void
whole_inject_chain(const struct whole *w, struct view chain)
{
	uint8_t iv[BLOCK_LEN_MAX];
	struct msg_out out;
	struct buf b;

	buf_init(&b, LIMIT_DATAGRAM);
	msg_begin(&out, &b, &w->h);
	buf_add(&b, chain);
	memcpy(iv, w->iv, sizeof(iv));
	if (w->sealed)
		ck_assert_int_eq(exch_seal(node_sa(w->to), &out, true, iv),
		    OK);
	else
		ck_assert(msg_end(&out));
	buf_patch8(&b, 16, w->h.next);
	pair_inject(w->to->pair, w->to, &w->from->addr, buf_view(&b));
	buf_fini(&b);
}

/*
 * All subsets of datagram I that lack a payload of MUST: each is refused, no
 * job is made of it, no SA comes or goes, nothing gets ready.
 */
static inline unsigned int
subsets_refused(struct pair *pair, size_t i, uint32_t must)
{
	struct ike_counts before, after;
	unsigned int njobs, n = 0;
	struct whole w;

	whole_open(&w, pair, i);
	ck_assert_uint_eq(must & ~whole_types(&w, ~0u), 0);
	before = counts_of(w.to);
	njobs = w.to->njobs;
	for (unsigned int subset = 0; subset < 1u << w.nbits; subset++) {
		if ((must & ~whole_types(&w, subset)) == 0)
			continue;
		whole_inject(&w, subset);
		after = counts_of(w.to);
		ck_assert_msg(after.sas == before.sas && after.ready ==
		    before.ready && w.to->njobs == njobs, "datagram %zu, "
		    "subset %#x", i, subset);
		n++;
	}
	whole_close(&w);
	return n;
}

#endif
