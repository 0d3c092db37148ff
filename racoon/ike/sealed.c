/* SPDX-License-Identifier: ISC */
/* The HASH payload of quick mode and informational messages. */

#include "ike/sealed.h"

#include "crypto/crypto.h"

static enum err
sealed_hash(const struct sa *sa, const struct sealed *what, struct view rest,
    struct buf *out)
{
	const struct crypto *crypto = sa->ike->crypto;
	const struct alg_hash *hash = sa->suite.hash;
	struct view key = buf_view(&sa->keys.a);
	struct keys_hash_in in = what->in;

	in.rest = rest;
	switch (what->which) {
	case HASH_1:
		return keys_hash_1(crypto, hash, key, &in, out);
	case HASH_2:
		return keys_hash_2(crypto, hash, key, &in, out);
	case HASH_3:
		return keys_hash_3(crypto, hash, key, &in, out);
	}
	return E_HASH;
}

size_t
sealed_begin(const struct sa *sa, struct msg_out *out)
{
	size_t at;

	msg_open(out, ISAKMP_HASH);
	at = out->b->n;
	buf_zero(out->b, sa->suite.hash->len);
	msg_close(out);
	return at;
}

enum err
sealed_end(const struct sa *sa, struct msg_out *out, size_t at,
    const struct sealed *in)
{
	struct buf hash;
	enum err r;

	if (!buf_ok(out->b))
		return E_LIMIT;
	buf_init(&hash, HASH_LEN_MAX);
	r = sealed_hash(sa, in, buf_from(out->b, at + sa->suite.hash->len),
	    &hash);
	if (r == OK)
		buf_patch(out->b, at, buf_view(&hash));
	buf_fini(&hash);
	return r;
}

enum err
sealed_check(struct sa *sa, const struct msg *msg, const struct sealed *in)
{
	const struct msg_payload *p = &msg->p[0];
	struct buf hash;
	enum err r;

	if (msg->n == 0 || p->type != ISAKMP_HASH)
		return E_HASH;
	buf_init(&hash, HASH_LEN_MAX);
	r = sealed_hash(sa, in, msg_after(msg, p), &hash);
	if (r == OK && !crypto_equal(p->body, buf_view(&hash)))
		r = E_HASH;
	buf_fini(&hash);
	if (r == OK && sa->state != SA_NEGOTIATING)
		sa_heard(sa);
	return r;
}
