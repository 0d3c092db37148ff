/* SPDX-License-Identifier: ISC */
/*
 * XFRM netlink messages <-> the flat structures of ipsec.h.  Pure: no socket,
 * no clock.  Encoders take structures that check.h has passed; decoders take
 * anything.
 */
#ifndef LIBIPSEC_XFRM_MSG_H
#define LIBIPSEC_XFRM_MSG_H

#include "libipsec/buf.h"
#include "libipsec/ipsec.h"

/* Attributes up to this number are looked at; the rest is skipped. */
#define XFRM_ATTRS	34
/* struct xfrm_sa_dir of Linux 6.10; older headers lack it. */
#define XFRM_ATTR_SA_DIR	33
/* XFRM_OFFLOAD_PACKET of Linux 6.2. */
#define XFRM_ATTR_OFFLOAD_PACKET	4
/* No message of ours is longer. */
#define XFRM_MSG_BYTES		4096

/* A netlink message in a datagram; the body is borrowed. */
struct xfrm_msg {
	uint16_t	type, flags;
	uint32_t	seq, pid;
	struct view	body;
};

/*
 * Encoders append one message to a buf and return its offset there, for
 * xfrm_msg_number().  What does not fit makes the buf bad.
 */
size_t	 xfrm_put_sa(struct buf *, const struct ipsec_sa *, bool update);
size_t	 xfrm_put_spi(struct buf *, const struct ipsec_sa *, uint32_t min,
	    uint32_t max);
/* TYPE: XFRM_MSG_GETSA or XFRM_MSG_DELSA. */
size_t	 xfrm_put_sa_id(struct buf *, uint16_t type,
	    const struct ipsec_sa_id *);
/* Asks for what the kernel can filter; the rest is ipsec_sa_passes(). */
size_t	 xfrm_put_sa_dump(struct buf *, const struct ipsec_filter *);
size_t	 xfrm_put_policy(struct buf *, const struct ipsec_policy *,
	    bool update);
/* TYPE: XFRM_MSG_GETPOLICY or XFRM_MSG_DELPOLICY. */
size_t	 xfrm_put_policy_id(struct buf *, uint16_t type,
	    const struct ipsec_policy *);
size_t	 xfrm_put_policy_dump(struct buf *);
size_t	 xfrm_put_flush(struct buf *, enum ipsec_what, uint8_t proto);
size_t	 xfrm_put_command(struct buf *, const struct ipsec_command *);
/* Sets sequence number and NLM_F_... flags of the message at OFFSET. */
void	 xfrm_msg_number(struct buf *, size_t offset, uint32_t seq,
	    uint16_t flags);

/* Takes the next message; false at the end, with a bad view if it is cut. */
bool	 xfrm_msg_next(struct view *datagram, struct xfrm_msg *);
/* The same for the attributes of a message. */
bool	 xfrm_attr_next(struct view *attributes, unsigned int *type,
	    struct view *value);
/* Skips the padding behind something of N bytes, as far as there is any. */
void	 xfrm_skip_pad(struct view *, size_t n);
/*
 * The result in an NLMSG_ERROR or NLMSG_DONE: 0 or -errno, and the kernel's
 * own words for it, or "".
 */
int	 xfrm_get_result(const struct xfrm_msg *, char *why, size_t size);
/* Bodies of XFRM_MSG_NEWSA and _UPDSA; NOW decides what is dying. */
bool	 xfrm_get_sa(struct view body, uint64_t now, struct ipsec_sa *);
/* Bodies of XFRM_MSG_NEWPOLICY and _UPDPOLICY. */
bool	 xfrm_get_policy(struct view body, struct ipsec_policy *);
/* False: broken, or no event. */
bool	 xfrm_get_event(const struct xfrm_msg *, uint64_t now,
	    struct ipsec_event *);
/* Is it a type that xfrm_get_event() knows? */
bool	 xfrm_is_event(uint16_t type);

#endif
