/* SPDX-License-Identifier: ISC */
/* Quick mode's scratch and the handlers of its rows. */
#ifndef RACOON_IKE_QUICK_STATE_H
#define RACOON_IKE_QUICK_STATE_H

#include "ike/exchange.h"
#include "ike/propose.h"

struct want;

struct quick {
	uint64_t	 want;		/* serial, 0: the peer's wish */
	uint64_t	 child;		/* serial of the record, once made */
	struct plan	 plan;
	const struct conf *conf;	/* the snapshot of `info' */
	const struct sainfo *info;
	uint32_t	 seq;
	uint16_t	 group;		/* PFS, 0: none */
	bool		 commit;	/* the responder set the COMMIT bit */
	bool		 ids_sent;	/* identities are in the messages */
	bool		 has_spis;	/* reserved, not yet a child's */
	uint32_t	 spi_in[IPSEC_TMPL_MAX];
	bool		 has_spi_peer;
	uint8_t		 spi_peer[4];	/* of the first proposal, as it came */
	struct agreement agreement;
	struct ipsec_addr peer_oa;	/* original address; family 0: none */
	struct buf	 answer;	/* responder: body of its SA payload */
	struct buf	 ni, nr, priv, gx_own, gx_other, gxy;
	struct buf	 idi, idr;	/* bodies of the ID payloads */
};

/* The sainfo for these two identities (bodies), into q->info. */
enum err	 quick_sainfo(struct sa *, struct quick *, struct view local,
		    struct view remote) MUST_CHECK;

/* The exchange, which the peer began, brings what this want waits for. */
void		 quick_serve(struct exchange *, struct want *);

struct job	*quick_work_new(struct exchange *, unsigned int nth);
struct job	*quick_work_share(struct exchange *, unsigned int nth);
struct job	*quick_work_both(struct exchange *, unsigned int nth);
enum err	 quick_send_1(struct exchange *, struct msg_out *);
enum err	 quick_recv_1(struct exchange *, const struct msg *);
enum err	 quick_send_2(struct exchange *, struct msg_out *);
enum err	 quick_recv_2(struct exchange *, const struct msg *);
enum err	 quick_send_3(struct exchange *, struct msg_out *);
enum err	 quick_recv_3(struct exchange *, const struct msg *);

/* Makes the child and installs one direction (quick_keys.c). */
enum err	 quick_install(struct exchange *, bool inbound) MUST_CHECK;

#endif
