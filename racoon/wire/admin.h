/* SPDX-License-Identifier: ISC */
/*
 * Messages of the control socket between racoon and racoonctl, as ipsec-tools
 * had them: one request, one reply, and behind some of them events.  Numbers
 * are in the order of this host, addresses are struct sockaddr_storage.  See
 * doc/ADMIN.md.
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
	ADMIN_ESTABLISH_SA = 0x0202,
	ADMIN_ESTABLISH_SA_LOGIN = 0x0203,
	ADMIN_DELETE_ALL = 0x0204,	/* with an address */
	ADMIN_LOGOUT = 0x0205,
	ADMIN_GET_CERT = 0x0206,
	/* Not known to ipsec-tools. */
	ADMIN_METRICS = 0x0401,		/* reply: OpenMetrics text */
	ADMIN_LOG = 0x0402,		/* proto: enum log_level */
	ADMIN_PEERS = 0x0403,		/* reply: struct admin_peer */
	ADMIN_WHY = 0x0404,		/* reply: text */
	ADMIN_WIRESHARK = 0x0405	/* reply: lines of a table */
};

#define ADMIN_TEXT	0		/* `proto' of status */
#define ADMIN_JSON	1
#define ADMIN_LOGIN_MAX	31u		/* bytes of logout-user, with NUL */

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
void		 admin_request_put(struct buf *, uint16_t command,
		    uint16_t proto, struct view body);

struct admin_reply {
	uint16_t	command, proto;
	int		err;		/* errno, -1: unspecified, 0: none */
	struct view	body;		/* borrowed */
};

enum admin_verdict admin_reply_get(struct view, struct admin_reply *);
/* How long a reply is, of which there are ADMIN_HEADER bytes at least; more
 * than ADMIN_REPLY_MAX or less than a header: it cannot be one. */
size_t		 admin_reply_length(struct view);
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

/* What racoon waits for: the records of show-schedule. */
struct admin_timer {
	int64_t		due;		/* seconds, monotonic */
	int64_t		id;
	int64_t		created;	/* seconds since the epoch */
	int64_t		tick;		/* seconds from then on */
};

#define ADMIN_TIMER	32u

bool		 admin_timer_get(struct view *, struct admin_timer *);
void		 admin_timer_put(struct buf *, const struct admin_timer *);

/* What happened. */
enum admin_event_type {
	ADMIN_EVENT_QUIT = 0x0001,
	ADMIN_EVENT_PHASE1_UP = 0x0100,
	ADMIN_EVENT_PHASE1_DOWN = 0x0101,
	ADMIN_EVENT_PHASE1_NO_RESPONSE = 0x0102,
	ADMIN_EVENT_PHASE1_NO_PROPOSAL = 0x0103,
	ADMIN_EVENT_PHASE1_AUTH_FAILED = 0x0104,
	ADMIN_EVENT_PHASE1_DPD_TIMEOUT = 0x0105,
	ADMIN_EVENT_PHASE1_PEER_DELETED = 0x0106,
	ADMIN_EVENT_PHASE1_MODE_CFG = 0x0107,
	ADMIN_EVENT_PHASE1_XAUTH_SUCCESS = 0x0108,
	ADMIN_EVENT_PHASE1_XAUTH_FAILED = 0x0109,
	ADMIN_EVENT_PHASE2_NO_PHASE1 = 0x0200,
	ADMIN_EVENT_PHASE2_UP = 0x0201,
	ADMIN_EVENT_PHASE2_DOWN = 0x0202,
	ADMIN_EVENT_PHASE2_NO_RESPONSE = 0x0203
};

struct admin_event {
	uint32_t	type;		/* enum admin_event_type */
	int64_t		at;		/* seconds since the epoch */
	struct ipsec_addr src, dst;	/* local, remote; family 0: none */
	uint32_t	msgid;		/* of phase 2; 0: not known */
};

#define ADMIN_EVENT	280u

/* What is behind it in the view are attributes of mode config. */
bool		 admin_event_get(struct view *, struct admin_event *);
void		 admin_event_put(struct buf *, const struct admin_event *);
/* Does an event say that something failed? */
bool		 admin_event_is_error(uint32_t type);
/* The same for those who ask again and again (version 0), with the number that
 * the event had for them. */
void		 admin_event_put_old(struct buf *, const struct admin_event *);

/* Who logs in: behind the ends of ADMIN_ESTABLISH_SA_LOGIN. */
struct admin_login {
	struct view	id, password;	/* borrowed, with NUL */
};

bool		 admin_login_get(struct view *, struct admin_login *);
void		 admin_login_put(struct buf *, const struct admin_login *);

/* A peer, for people. */
enum admin_peer_state {
	ADMIN_PEER_DOWN,		/* no IKE SA */
	ADMIN_PEER_NEGOTIATING,
	ADMIN_PEER_UP,
	ADMIN_PEER_DYING,
	ADMIN_PEER_SILENT		/* it does not answer */
};

struct admin_peer {
	struct ipsec_addr remote;
	uint32_t	state;		/* enum admin_peer_state */
	uint32_t	pairs;
	uint32_t	retry;		/* seconds: silent, and tried then */
	int64_t		age;		/* seconds; -1: of nothing */
	uint64_t	bytes_in, bytes_out;
	int64_t		problem_age;	/* seconds; -1: there is none */
	struct view	id, problem;	/* text without NUL */
};

#define ADMIN_PEER_TEXT	1024u		/* bytes of each text at most */

bool		 admin_peer_get(struct view *, struct admin_peer *);
void		 admin_peer_put(struct buf *, const struct admin_peer *);

#endif
