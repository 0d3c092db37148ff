/* SPDX-License-Identifier: ISC */
/*
 * The frame of netlink: messages in a datagram, attributes in a message, and
 * results.
 */
#include "libipsec/xfrm_msg.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>

void
xfrm_skip_pad(struct view *v, size_t n)
{
	size_t	pad = NLMSG_ALIGN(n) - n;

	view_take(v, pad < v->n ? pad : v->n);
}

bool
xfrm_msg_next(struct view *v, struct xfrm_msg *m)
{
	struct nlmsghdr h;

	if (v->bad || v->n == 0)
		return false;
	view_bytes(v, &h, sizeof(h));
	if (v->bad || h.nlmsg_len < sizeof(h)) {
		v->bad = true;
		return false;
	}
	*m = (struct xfrm_msg){ .type = h.nlmsg_type,
	    .flags = h.nlmsg_flags, .seq = h.nlmsg_seq, .pid = h.nlmsg_pid,
	    .body = view_take(v, h.nlmsg_len - sizeof(h)) };
	if (m->body.bad)
		return false;
	xfrm_skip_pad(v, h.nlmsg_len);
	return true;
}

bool
xfrm_attr_next(struct view *v, unsigned int *type, struct view *value)
{
	struct nlattr a;

	if (v->bad || v->n == 0)
		return false;
	view_bytes(v, &a, sizeof(a));
	if (v->bad || a.nla_len < sizeof(a)) {
		v->bad = true;
		return false;
	}
	*type = a.nla_type & (unsigned int)NLA_TYPE_MASK;
	*value = view_take(v, a.nla_len - sizeof(a));
	xfrm_skip_pad(v, a.nla_len);
	return !value->bad;
}

/* The kernel's words in the attributes of an acknowledgement. */
static void
get_words(struct view v, char *why, size_t size)
{
	unsigned int type;
	struct view text;

	while (xfrm_attr_next(&v, &type, &text))
		if (type == NLMSGERR_ATTR_MSG)
			snprintf(why, size, "%.*s", (int)text.n, text.p);
}

int
xfrm_get_result(const struct xfrm_msg *m, char *why, size_t size)
{
	struct view v = m->body;
	struct nlmsghdr request;
	int	error;

	why[0] = '\0';
	view_bytes(&v, &error, sizeof(error));
	if (v.bad || error > 0 || error < -4095)
		return -EPROTO;
	if (m->type == NLMSG_ERROR) {
		view_bytes(&v, &request, sizeof(request));
		if (!(m->flags & NLM_F_CAPPED) && !v.bad &&
		    request.nlmsg_len >= sizeof(request))
			view_take(&v, NLMSG_ALIGN((size_t)request.nlmsg_len) -
			    sizeof(request));
	}
	if ((m->flags & NLM_F_ACK_TLVS) && !v.bad)
		get_words(v, why, size);
	return error;
}
