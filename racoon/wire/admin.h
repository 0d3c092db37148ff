/* SPDX-License-Identifier: ISC */
/*
 * Messages of the control socket between racoon and racoonctl, as ipsec-tools
 * had them: one request, one reply.  Numbers are in the order of this host,
 * addresses are struct sockaddr_storage.
 */
#ifndef RACOON_WIRE_ADMIN_H
#define RACOON_WIRE_ADMIN_H

#include <stdbool.h>
#include <stdint.h>

#include "libipsec/buf.h"
#include "libipsec/ipsec.h"
#include "libipsec/view.h"

/* Where it is if racoon.conf says nothing else. */
#define ADMIN_PATH		RUNDIR "/racoon/racoon.sock"

#define ADMIN_HEADER		8u
#define ADMIN_REQUEST_MAX	4096u	/* bytes, with the header */
#define ADMIN_REPLY_MAX		(16u << 20)

enum admin_command {
	ADMIN_RELOAD = 0x0001,
	ADMIN_SHOW_SCHEDULE = 0x0002,
	ADMIN_SHOW_EVENT = 0x0003,
	ADMIN_SHOW_SA = 0x0101,
	ADMIN_FLUSH_SA = 0x0102,
	ADMIN_STATUS = 0x0103,
	ADMIN_STATUS_MORE = 0x0104,
	ADMIN_DELETE_SA = 0x0201,
	/* Not known to ipsec-tools. */
	ADMIN_METRICS = 0x0401,		/* reply: OpenMetrics text */
	ADMIN_LOG = 0x0402		/* proto: enum log_level */
};

enum admin_proto {
	ADMIN_ISAKMP = 0x01ff,
	ADMIN_IPSEC = 0x02ff,
	ADMIN_AH = 0x0201,
	ADMIN_ESP = 0x0202,
	ADMIN_INTERNAL = 0x0301
};

struct admin_request {
	uint16_t	command, version, proto;
	struct view	body;		/* borrowed */
};

enum admin_verdict {
	ADMIN_GOOD,
	ADMIN_MORE,			/* cut short so far */
	ADMIN_BAD			/* lengths that cannot be */
};

/* A request, which is all of the view; more behind it is passed over. */
enum admin_verdict admin_request_get(struct view, struct admin_request *);
/* Appends a request of version 1. */
void		 admin_request_put(struct buf *, enum admin_command,
		    uint16_t proto, struct view body);

struct admin_reply {
	uint16_t	command, proto;
	int		err;		/* errno, -1: unspecified, 0: none */
	struct view	body;		/* borrowed */
};

enum admin_verdict admin_reply_get(struct view, struct admin_reply *);
/* Appends a reply; a body that is longer than 65527 bytes needs ERR 0. */
void		 admin_reply_put(struct buf *, uint16_t command, int err,
		    uint16_t proto, struct view body);

/* Between whom: the body of delete-sa. */
struct admin_ends {
	uint8_t		src_prefix, dst_prefix, proto;
	struct ipsec_addr src, dst;	/* with ports */
};

#define ADMIN_ENDS	264u

/* Takes them from the view; false: cut short, or no addresses. */
bool		 admin_ends_get(struct view *, struct admin_ends *);
void		 admin_ends_put(struct buf *, const struct admin_ends *);

/* An IKE SA: the records of show-sa isakmp. */
struct admin_sa {
	uint8_t		icookie[8], rcookie[8];
	uint32_t	status;		/* 1-8: negotiated, 9: established,
					   10: dying */
	bool		initiator;
	struct ipsec_addr remote, local;
	uint8_t		version, etype;
	int64_t		created;	/* seconds since the epoch, 0: not up */
	uint32_t	children;
};

#define ADMIN_SA	304u

bool		 admin_sa_get(struct view *, struct admin_sa *);
void		 admin_sa_put(struct buf *, const struct admin_sa *);

#endif
