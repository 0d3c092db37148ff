/* SPDX-License-Identifier: ISC */
/*
 * PF_KEY messages (RFC 2367, and what Linux adds) <-> the flat structures of
 * ipsec.h.  Pure: no socket, no clock.  Encoders take structures that check.h
 * has passed; decoders take anything.
 *
 * Of the two headers that Linux has, <linux/ipsec.h> cannot be used: its
 * names are those of ipsec.h.
 */
#ifndef LIBIPSEC_PFKEY_MSG_H
#define LIBIPSEC_PFKEY_MSG_H

#include <linux/pfkeyv2.h>

#include "libipsec/buf.h"
#include "libipsec/ipsec.h"

/* Extensions up to this number are known; the others are skipped. */
#define PFKEY_EXTS	(SADB_X_EXT_FILTER + 1)
/* No message of ours is longer. */
#define PFKEY_MSG_BYTES	4096
/* "Any" upper-layer protocol in addresses. */
#define PFKEY_PROTO_ANY	255
/* A policy that names a greater reqid gets one of the kernel's choice. */
#define PFKEY_REQID_MAX	0x3fffu

enum pfkey_level {
	PFKEY_LEVEL_DEFAULT,
	PFKEY_LEVEL_USE,
	PFKEY_LEVEL_REQUIRE,
	PFKEY_LEVEL_UNIQUE
};

/* An extension with its header, borrowed. */
struct pfkey_ext {
	uint16_t	type;
	struct view	all;
};

/* A message; what is borrowed lies in its bytes. */
struct pfkey_msg {
	uint8_t		version, type, error, satype;
	uint16_t	reserved;	/* SPD: the policy's reference count */
	uint32_t	seq, pid;
	bool		unknown;	/* has extensions that we do not know */
	struct view	exts;		/* all, for pfkey_ext_next() */
	struct view	ext[PFKEY_EXTS]; /* whole, by type; p NULL: none */
};

enum pfkey_verdict {
	PFKEY_GOOD,
	PFKEY_CUT,		/* lengths do not add up */
	PFKEY_TWICE		/* an extension twice, or of type 0 */
};

/* One message that is all of the view; its header even when it is cut. */
enum pfkey_verdict pfkey_msg_parse(struct view, struct pfkey_msg *);
/* The next one of several; takes nothing when it is PFKEY_CUT. */
enum pfkey_verdict pfkey_msg_next(struct view *, struct pfkey_msg *);
/* The extensions in their order; false at the end, bad view if one is cut. */
bool	 pfkey_ext_next(struct view *, struct pfkey_ext *);
bool	 pfkey_has(const struct pfkey_msg *, unsigned int type);

/* SADB_SATYPE_... <-> enum ipsec_proto; 0 for what is neither. */
uint8_t	 pfkey_satype(uint8_t proto);
uint8_t	 pfkey_proto(uint8_t satype);

/*
 * SAs and policies in answers, dumps and broadcasts.  A message does not tell
 * how far integrity values are cut: icv_bits is 0.
 */
bool	 pfkey_get_sa(const struct pfkey_msg *, struct ipsec_sa *);
bool	 pfkey_get_policy(const struct pfkey_msg *, struct ipsec_policy *);
/*
 * False: broken, or nothing that struct ipsec_event can tell.  What a message
 * lacks is left empty: of an ACQUIRE's policy all but index, direction and
 * priority; of a MAPPING the SA's destination and reqid.
 */
bool	 pfkey_get_event(const struct pfkey_msg *, struct ipsec_event *);

/*
 * Requests.  Each appends one message and returns its offset, for
 * pfkey_msg_number().  What does not fit makes the buf bad.
 */
size_t	 pfkey_put_sa(struct buf *, const struct ipsec_sa *, bool update);
/* Without a range (MIN 0) the kernel has its own. */
size_t	 pfkey_put_spi(struct buf *, const struct ipsec_sa *, uint32_t min,
	    uint32_t max);
/* TYPE: SADB_GET or SADB_DELETE.  SRC may be NULL: Linux looks not at it. */
size_t	 pfkey_put_sa_id(struct buf *, uint8_t type,
	    const struct ipsec_sa_id *, const struct ipsec_addr *src);
/* TYPE: SADB_DUMP, SADB_FLUSH, SADB_REGISTER; PROTO 0: all. */
size_t	 pfkey_put_satype(struct buf *, uint8_t type, uint8_t proto);
size_t	 pfkey_put_policy(struct buf *, const struct ipsec_policy *,
	    bool update);
/* By selector, direction and context. */
size_t	 pfkey_put_policy_delete(struct buf *, const struct ipsec_policy *);
/* TYPE: SADB_X_SPDGET or SADB_X_SPDDELETE2. */
size_t	 pfkey_put_policy_index(struct buf *, uint8_t type, uint32_t index);
/* TYPE: SADB_X_SPDDUMP or SADB_X_SPDFLUSH. */
size_t	 pfkey_put_spd(struct buf *, uint8_t type);
size_t	 pfkey_put_command(struct buf *, const struct ipsec_command *);

/*
 * What the kernel itself sends about an SA or a policy: answers, records of
 * dumps, broadcasts.  TYPE is that of the message; SADB_EXPIRE shows no keys
 * and just the limit that counts, the hard one if the SA's state is dead.
 */
size_t	 pfkey_put_sa_told(struct buf *, uint8_t type,
	    const struct ipsec_sa *);
size_t	 pfkey_put_policy_told(struct buf *, uint8_t type,
	    const struct ipsec_policy *);
/* The broadcast of an event; nothing for IPSEC_EVENT_RESYNC. */
size_t	 pfkey_put_event(struct buf *, const struct ipsec_event *);

/* Sets sequence number and process of the message at OFFSET. */
void	 pfkey_msg_number(struct buf *, size_t offset, uint32_t seq,
	    uint32_t pid);

#endif
