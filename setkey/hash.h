/* SPDX-License-Identifier: ISC */
/*
 * A keyed hash of 128 bits (SipHash-2-4): who does not know the key cannot
 * find two texts with the same one.
 */
#ifndef SETKEY_HASH_H
#define SETKEY_HASH_H

#include "libipsec/view.h"

struct hash_key {
	uint64_t	k[2];
};

void	 hash_bytes(const struct hash_key *, struct view, uint64_t out[2]);

#endif
