/* SPDX-License-Identifier: ISC */
/* Token buckets: how often an unauthenticated sender is worth an answer. */

#include "ike/limit.h"

#include "libipsec/addr.h"

#define TOKEN	1000u

bool
bucket_take(struct bucket *b, uint64_t now, uint32_t rate, uint32_t burst)
{
	uint64_t full = (uint64_t)burst * TOKEN, more = 0, gap;

	if (full > UINT32_MAX)
		full = UINT32_MAX;
	gap = now > b->since ? now - b->since : 0;
	if (b->since == 0)		/* never asked before */
		more = full;
	else if (rate > 0)
		more = gap > full / rate ? full : gap * rate;
	b->tokens = b->tokens + more > full ? (uint32_t)full :
	    (uint32_t)(b->tokens + more);
	if (now > b->since)
		b->since = now;
	else if (b->since == 0)
		b->since = 1;
	if (b->tokens < TOKEN) {
		b->refused++;
		return false;
	}
	b->tokens -= TOKEN;
	b->refused = 0;
	return true;
}

bool
complaint_new(const struct complaints *c, const struct ipsec_addr *about,
    unsigned int what, uint64_t now)
{
	for (unsigned int i = 0; i < COMPLAINTS; i++) {
		const struct complaint *one = &c->last[i];

		if (one->since != 0 && one->what == what &&
		    now - one->since < COMPLAINT_MS &&
		    addr_equal(&one->about, about))
			return false;
	}
	return true;
}

void
complaint_said(struct complaints *c, const struct ipsec_addr *about,
    unsigned int what, uint64_t now)
{
	struct complaint *one = &c->last[c->next++ % COMPLAINTS];

	one->about = *about;
	one->what = what;
	one->since = now == 0 ? 1 : now;
}
