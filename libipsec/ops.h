/* SPDX-License-Identifier: ISC */
/*
 * The seam to the kernel: what a back end of ipsec.h provides.  Implemented
 * by xfrm.c, pfkey.c and the simulator's kernel.  The contracts are
 * those of the calls of the same names in ipsec.h.
 */
#ifndef LIBIPSEC_OPS_H
#define LIBIPSEC_OPS_H

#include "libipsec/ipsec.h"

struct ipsec_ops {
	const char *name;
	int	 (*getspi)(void *, const struct ipsec_sa *, uint32_t min,
		    uint32_t max, uint32_t *spi);
	int	 (*sa_set)(void *, const struct ipsec_sa *, bool update);
	int	 (*sa_get)(void *, const struct ipsec_sa_id *,
		    struct ipsec_sa *);
	int	 (*sa_delete)(void *, const struct ipsec_sa_id *);
	int	 (*sa_dump)(void *, const struct ipsec_filter *, ipsec_sa_fn *,
		    void *);
	int	 (*policy_set)(void *, const struct ipsec_policy *, bool update);
	int	 (*policy_get)(void *, const struct ipsec_policy *,
		    struct ipsec_policy *);
	int	 (*policy_delete)(void *, const struct ipsec_policy *);
	int	 (*policy_dump)(void *, const struct ipsec_filter *,
		    ipsec_policy_fn *, void *);
	int	 (*flush)(void *, enum ipsec_what, uint8_t proto);
	/* May be NULL: ipsec.c then calls the others one by one. */
	int	 (*batch)(void *, ipsec_next_fn *, ipsec_result_fn *, void *);
	/* May be NULL: everything can be expressed. */
	int	 (*can)(void *, enum ipsec_alg_class, const struct ipsec_key *);
	int	 (*listen)(void *, unsigned int what);
	int	 (*event_fd)(void *);
	int	 (*events)(void *, ipsec_event_fn *, void *);
	const char *(*error)(void *);
	void	 (*close)(void *);
};

/* A handle over the given back end; ipsec_close() calls ops->close(ctx). */
struct ipsec	*ipsec_new(const struct ipsec_ops *, void *ctx);

/* The XFRM netlink back end; -errno when this kernel does not have it. */
int		 xfrm_open(struct ipsec **);
/* The PF_KEY back end, likewise; libpfkey.h has a pfkey_open() of its own. */
int		 pfkey_backend(struct ipsec **);

#endif
