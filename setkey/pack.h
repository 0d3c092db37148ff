/* SPDX-License-Identifier: ISC */
/*
 * Policies in few bytes: a struct ipsec_policy has 800, most of them zero.
 * First what names a policy, its key, then the rest, its value.  Equal
 * policies have equal bytes.
 */
#ifndef SETKEY_PACK_H
#define SETKEY_PACK_H

#include "libipsec/buf.h"
#include "libipsec/ipsec.h"

/* No packed policy is longer. */
#define PACK_MAX	1024

/* Selector, direction, if_id, mark, label. */
void	 pack_key(struct buf *, const struct ipsec_policy *);
/* Action, priority, templates, limits, offloading. */
void	 pack_value(struct buf *, const struct ipsec_policy *);
/* Fills in what the key, or the value, has; the rest is left alone. */
bool	 unpack_key(struct view, struct ipsec_policy *);
bool	 unpack_value(struct view, struct ipsec_policy *);

#endif
