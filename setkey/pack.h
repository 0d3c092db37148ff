/* SPDX-License-Identifier: ISC */
/*
 * Policies in few bytes: a struct ipsec_policy has 800, most of them zero.
 * First what names a policy, its key, then the rest, its value.  Equal
 * policies have equal bytes.
 */
#ifndef SETKEY_PACK_H
#define SETKEY_PACK_H

#include "libipsec/ipsec.h"
#include "libipsec/view.h"

/* No packed policy is longer. */
#define PACK_MAX	1024

/* Selector, direction, if_id, mark, label: how many bytes that took. */
size_t	 pack_key(uint8_t out[PACK_MAX], const struct ipsec_policy *);
/*
 * The key, of *KEY_N bytes, then action, priority, templates, limits and
 * offloading.
 */
size_t	 pack_all(uint8_t out[PACK_MAX], const struct ipsec_policy *,
	    size_t *key_n);
/* Fills in what the key, or the value, has; the rest is left alone. */
bool	 unpack_key(struct view, struct ipsec_policy *);
bool	 unpack_value(struct view, struct ipsec_policy *);

#endif
