/* SPDX-License-Identifier: ISC */
/*
 * A toy exchange for tests of the runner: three payload types stand for three
 * messages, handlers count and do what the test says.
 */
#ifndef TEST_TOY_H
#define TEST_TOY_H

#include "ike/exchange.h"
#include "ike/sa.h"
#include "pair.h"

#define TOY_ETYPE	250
#define TOY_BYTES	40		/* payload that a row sends */

struct toy {
	struct pair	*pair;
	struct sa	*sa;
	struct exchange	*x;
	/* what the handlers shall do */
	enum err	 recv_err, send_err, run_err, take_err;
	unsigned int	 jobs;		/* of a row that works */
	bool		 keep;		/* failed() does not free */
	size_t		 bytes;		/* of a payload sent */
	/* what has happened */
	unsigned int	 recvs, runs, takes, sends, dones, faileds, cleans;
	enum err	 why;
};

extern const struct flow toy_initiator;	/* says, hears + works + says */
extern const struct flow toy_responder;	/* hears + works + says, hears + says */
extern const struct flow toy_insisting;	/* a responder that resends, hears */
extern const struct flow toy_sealed;	/* hears and says encrypted, twice */

/* An engine with one SA that has AES keys, and no exchange yet. */
void		 toy_init(struct toy *, const char *conf, bool initiator);
void		 toy_fini(struct toy *);
/* A new exchange of a flow. */
void		 toy_new(struct toy *, const struct flow *);
/* One message with these payload types (0 ends), text in each. */
enum err	 toy_feed(struct toy *, const uint8_t *types,
		    const char *text, bool sealed);
/* The datagram that toy_feed() would hand over. */
void		 toy_message(struct toy *, const uint8_t *types,
		    const char *text, struct buf *);

static const uint8_t toy_nonce[] = { ISAKMP_NONCE, 0 };
static const uint8_t toy_ke[] = { ISAKMP_KE, 0 };

#endif
