/* SPDX-License-Identifier: ISC */
/*
 * Messages under an IKE SA: the HASH payload comes first and covers the
 * payloads behind it (RFC 2409 5.5, 5.7).
 */
#ifndef RACOON_IKE_SEALED_H
#define RACOON_IKE_SEALED_H

#include "ike/sa.h"
#include "wire/msg.h"

/* Which HASH: of a first message or informational, of the answer, the last. */
enum sealed_hash { HASH_1, HASH_2, HASH_3 };

struct sealed {
	enum sealed_hash which;
	struct keys_hash_in in;		/* `rest' is filled in here */
};

/* Opens a message with room for its HASH; the payloads follow. */
size_t		 sealed_begin(const struct sa *, struct msg_out *);
/* Fills in the HASH over what was written since. */
enum err	 sealed_end(const struct sa *, struct msg_out *, size_t at,
		    const struct sealed *) MUST_CHECK;
/* Checks it; on success the SA follows its peer (NAT-T). */
enum err	 sealed_check(struct sa *, const struct msg *,
		    const struct sealed *) MUST_CHECK;

#endif
