/* SPDX-License-Identifier: ISC */
/* Who does the arithmetic of a group. */
#include "crypto/dh.h"

#include "crypto/lib.h"

enum err
dh_new(const struct crypto *c, const struct alg_group *alg, struct buf *priv,
    struct buf *pub)
{
	return alg->kind == GROUP_MODP ? modp_new(c, alg, priv, pub) :
	    curve_new(c, alg, priv, pub);
}

enum err
dh_share(const struct crypto *c, const struct alg_group *alg, struct view priv,
    struct view peer, struct buf *shared)
{
	return alg->kind == GROUP_MODP ? modp_share(c, alg, priv, peer,
	    shared) : curve_share(c, alg, priv, peer, shared);
}
