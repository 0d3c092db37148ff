/* SPDX-License-Identifier: ISC */
/*
 * Informational messages that an authentic peer could send: built with the
 * keys of one side, to be handed to the other.
 */
#ifndef TEST_SEALED_BY_H
#define TEST_SEALED_BY_H

#include <check.h>

#include "ike/exchange.h"
#include "ike/sa.h"
#include "ike/sealed.h"
#include "pair.h"
#include "wire/payload.h"

#define RUIN	0x01u			/* the hash is wrong */
#define PLAIN	0x02u			/* not encrypted, no hash */

struct said {
	uint32_t	msgid;
	uint8_t		type;		/* payload */
	unsigned int	flags;
	uint8_t		etype;		/* 0: informational */
};

static inline void
sealed_build(struct sa *sa, const struct said *said, struct view body,
    struct buf *b)
{
	struct sealed in = { .which = HASH_1, .in = { .msgid = said->msgid } };
	bool seal = (said->flags & PLAIN) == 0;
	uint8_t iv[BLOCK_LEN_MAX];
	struct msg_header h;
	struct msg_out out;
	size_t at = 0;

	ck_assert_int_eq(keys_iv_phase2(sa->ike->crypto, sa->suite.hash,
	    sa->iv, said->msgid, sa->suite.cipher->block, iv), OK);
	exch_header(sa, said->etype != 0 ? said->etype : ISAKMP_ETYPE_INFO,
	    said->msgid, seal, &h);
	msg_begin(&out, b, &h);
	if (seal)
		at = sealed_begin(sa, &out);
	msg_put(&out, said->type, body);
	if (seal)
		ck_assert_int_eq(sealed_end(sa, &out, at, &in), OK);
	if (said->flags & RUIN)
		buf_patch8(b, at, (uint8_t)(b->p[at] ^ 1));
	ck_assert_int_eq(exch_seal(sa, &out, seal, iv), OK);
}

/* FROM says one payload to the other side, which gets it at once. */
static inline void
node_says(struct node *from, const struct said *said, struct view body)
{
	struct pair *pair = from->pair;
	struct buf b;

	buf_init(&b, LIMIT_MESSAGE);
	sealed_build(node_sa(from), said, body, &b);
	pair_inject(pair, from == &pair->a ? &pair->b : &pair->a, &from->addr,
	    buf_view(&b));
	buf_fini(&b);
}

static inline void
node_notifies(struct node *from, const struct said *said, uint16_t type,
    struct view spi, struct view data)
{
	struct notify_payload n = { .doi = IPSEC_DOI, .type = type,
	    .proto = PROTO_ISAKMP, .spi = spi, .data = data };
	struct buf body;

	buf_init(&body, LIMIT_MESSAGE);
	notify_put(&body, &n);
	node_says(from, said, buf_view(&body));
	buf_fini(&body);
}

static inline void
node_deletes(struct node *from, const struct said *said, uint8_t proto,
    struct view spi)
{
	struct delete_payload d = { .doi = IPSEC_DOI, .proto = proto,
	    .spi_len = (uint8_t)spi.n, .n = 1, .spis = spi };
	struct buf body;

	buf_init(&body, LIMIT_MESSAGE);
	delete_put(&body, &d);
	node_says(from, said, buf_view(&body));
	buf_fini(&body);
}

#endif
