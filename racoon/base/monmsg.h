/* SPDX-License-Identifier: ISC */
/*
 * What the two processes of racoon(8) say to each other: racoon-worker, which
 * speaks to the network and may do nothing else, and the monitor, which does
 * for it what needs root.  One message is one datagram of a socketpair.
 *
 * A message is its number and the fields that its row of the table names, in
 * their order; structures of ipsec.h go as they are, since both ends are one
 * build on one machine.
 */
#ifndef RACOON_BASE_MONMSG_H
#define RACOON_BASE_MONMSG_H

#include "base/err.h"
#include "libipsec/buf.h"
#include "libipsec/ipsec.h"
#include "libipsec/view.h"

#define MON_MAX		(128u << 10)	/* bytes of a message */
#define MON_PATH_MAX	4096u		/* bytes of a name of a file */

/* The descriptors that a worker is started with. */
enum mon_fd {
	MON_FD_CALL = 3,	/* requests, each with its answer */
	MON_FD_SIGN = 4,	/* the same for signatures: other threads */
	MON_FD_TELL = 5,	/* log lines up, kernel events down */
	MON_FD_END
};

enum mon_op {
	/* requests to the kernel, as the calls of ipsec.h */
	MON_GETSPI = 1, MON_SA_SET, MON_SA_GET, MON_SA_DELETE, MON_SA_DUMP,
	MON_POLICY_SET, MON_POLICY_GET, MON_POLICY_DELETE, MON_POLICY_DUMP,
	MON_FLUSH, MON_CAN, MON_LISTEN,
	/* requests for files, sockets and programs */
	MON_CONF,		/* read racoon.conf (anew): its text */
	MON_KEEP,		/* what was read is in force, or given up */
	MON_OPEN,		/* a file to read */
	MON_LIST,		/* the names in the directory of authorities */
	MON_KEY,		/* the public half of a private key */
	MON_BIND,		/* an IKE socket */
	MON_RAW,		/* a socket that sees stray packets */
	MON_SOURCE,		/* the address to talk to a peer from */
	MON_ADMIN,		/* the control socket */
	MON_METRICS,		/* the socket that serves the metrics */
	MON_HOOK,		/* run a script */
	MON_HOOKS,		/* how many run */
	MON_GIVE,		/* memory for what the next worker takes over */
	MON_GIVEN,		/* it is written */
	MON_TAKE,		/* what the worker before has left */
	/* request on the second socket */
	MON_SIGN,
	/* told, without an answer: by the worker, */
	MON_LOG,
	MON_READY,		/* it serves; again after each MON_CONF */
	/* by the monitor, */
	MON_EVENT,
	/* and by both: the worker says it back when its loop gets to it */
	MON_BEAT,
	/* a part of what a dump found: structures one after the other */
	MON_MORE,
	MON_OP_END
};

enum mon_file {			/* MON_OPEN */
	MON_FILE_PSK, MON_FILE_CERT, MON_FILE_PROC, MON_FILE_RESOLV,
	MON_FILE_END
};

enum mon_proc {			/* num[1] of MON_FILE_PROC */
	MON_PROC_XFRM, MON_PROC_SNMP, MON_PROC_SNMP6, MON_PROC_STATM,
	MON_PROC_END
};

/* Fields; what each means depends on the message. */
#define MON_F_NUM	0x001u	/* num[0], num[1] */
#define MON_F_ADDR	0x002u
#define MON_F_TEXT	0x004u	/* bytes */
#define MON_F_MORE	0x008u	/* bytes */
#define MON_F_SA	0x010u
#define MON_F_ID	0x020u
#define MON_F_POLICY	0x040u
#define MON_F_FILTER	0x080u
#define MON_F_ALG	0x100u
#define MON_F_FLOW	0x200u	/* and the two ends of a mapping */
#define MON_F_FD	0x400u	/* a descriptor comes along */

struct mon_msg {
	enum mon_op	op;
	bool		answer;		/* to `op' */
	int32_t		result;		/* answers: 0, a number or -errno */
	uint32_t	num[2];
	struct ipsec_addr addr;
	struct view	text, more;	/* borrowed */
	struct ipsec_sa	sa;
	struct ipsec_sa_id id;
	struct ipsec_policy policy;
	struct ipsec_filter filter;
	struct ipsec_key alg;
	struct ipsec_selector flow;
	struct ipsec_addr from, to;
};

/* "sa-set", or "?" */
const char	*mon_name(enum mon_op);
/* The fields that come along (MON_F_...). */
unsigned int	 mon_fields(enum mon_op, bool answer);

/*
 * Appends a message.  An answer that says -errno has just that and, as text,
 * the reason in words.
 */
void		 mon_put(struct buf *, const struct mon_msg *);
/*
 * Takes a message apart; views point into it.  E_SHORT, E_LENGTH, E_TYPE...:
 * it is not one.  Whether its contents are permitted is not looked at, but
 * for names of algorithms, which end.
 */
enum err	 mon_get(struct view, struct mon_msg *) MUST_CHECK;

#endif
