/* SPDX-License-Identifier: ISC */
/*
 * For scripts that flush first and then only add, as nearly all do.  The
 * kernel's dump begins with what was added last, so a policy's place is
 * counted from the other end there.
 *
 * Hashes with a secret key are added up: two lists that differ have the same
 * sum by an accident of one in 2^128, and nobody can bring it about (Clarke
 * et al., "Incremental multiset hash functions", 2003).
 */
#include "setkey/unchanged.h"

#include <sys/random.h>

#include <errno.h>

#include "libipsec/policy.h"
#include "setkey/expand.h"
#include "setkey/pack.h"

#define TRIES	5

int
digest_init(struct digest *d, bool fwd)
{
	*d = (struct digest){ .fwd = fwd, .plain = true };
	return getrandom(&d->key, sizeof(d->key), 0) ==
	    (ssize_t)sizeof(d->key) ? 0 : -EIO;
}

void
digest_fini(struct digest *d)
{
	explicit_bzero(d, sizeof(*d));
}

/* Every reqid above those of files is as good as another one. */
static void
add(struct digest *d, struct ipsec_policy *p, size_t place)
{
	uint64_t at = place, hash[2];
	uint8_t bytes[sizeof(at) + PACK_MAX];
	size_t n = sizeof(at), key_n;

	for (uint8_t i = 0; i < p->ntmpl; i++)
		if (p->tmpl[i].reqid > POLICY_REQID_MANUAL)
			p->tmpl[i].reqid = POLICY_REQID_MANUAL + 1;
	memcpy(bytes, &at, sizeof(at));
	n += pack_all(bytes + n, p, &key_n);
	hash_bytes(&d->key, view_of(bytes, n), hash);
	d->sum[0] += hash[0];
	d->sum[1] += hash[1];
	d->n++;
}

void
digest_command(struct digest *d, const struct command *c)
{
	uint32_t reqid = POLICY_REQID_MANUAL + 1;
	struct ipsec_policy p;
	unsigned int parts;
	const char *why;

	if (c->verb == VERB_SPDFLUSH && d->n == 0)
		d->flushed = true;
	else if (c->verb != VERB_SPDADD || expand_check(c, &why) != 0)
		d->plain = false;
	d->plain = d->plain && d->flushed;
	if (!d->plain || c->verb == VERB_SPDFLUSH)
		return;
	parts = expand_parts(c, d->fwd);
	for (unsigned int part = 0; part < parts; part++) {
		expand_policy(c, part, &reqid, &p);
		add(d, &p, d->n);
	}
}

/* The kernel's side, on the way to LEFT policies. */
struct kernel {
	struct digest	 d;
	size_t		 left;
};

/* ipsec_policy_fn */
static int
add_kernel(void *ctx, const struct ipsec_policy *p)
{
	struct ipsec_policy copy;
	struct kernel *k = ctx;

	if (p->sub || p->dir < IPSEC_DIR_IN || p->dir > IPSEC_DIR_FWD)
		return 0;
	if (k->left == 0)
		return 1;
	copy = *p;
	add(&k->d, &copy, --k->left);
	return 0;
}

int
digest_compare(const struct digest *d, struct ipsec *h)
{
	struct ipsec_filter all = { .stream = 1 };
	struct kernel k = { .left = 0 };
	int r = -EAGAIN;

	if (!d->plain || d->n == 0)
		return 0;
	for (int i = 0; i < TRIES && r == -EAGAIN; i++) {
		k.left = d->n;
		k.d = (struct digest){ .key = d->key };
		r = ipsec_policy_dump(h, &all, add_kernel, &k);
	}
	if (r == 0)
		r = k.left == 0 && k.d.sum[0] == d->sum[0] &&
		    k.d.sum[1] == d->sum[1];
	else if (r > 0)
		r = 0;
	explicit_bzero(&k, sizeof(k));
	return r;
}

int
unchanged(struct ipsec *h, const struct command *from,
    const struct command *end, bool fwd)
{
	struct digest d;
	int r = digest_init(&d, fwd);

	for (const struct command *c = from; c != end && d.plain; c = c->next)
		if (expand_is_policy(c))
			digest_command(&d, c);
	if (r == 0)
		r = digest_compare(&d, h);
	digest_fini(&d);
	return r;
}
