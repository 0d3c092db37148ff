/* SPDX-License-Identifier: ISC */
/*
 * A kernel's table of policies with the rules of Linux: what is the same
 * policy, which one goes first, in what order a dump shows them.
 */
#ifndef TEST_FAKE_SPD_H
#define TEST_FAKE_SPD_H

#include "libipsec/ipsec.h"

#define FAKE_POLICIES	128

struct fake_policy {
	struct ipsec_policy p;
	uint64_t	place;		/* among those of its priority */
	uint64_t	age;		/* when added or changed last */
};

struct fake_spd {
	struct fake_policy one[FAKE_POLICIES];
	size_t		n;
	uint64_t	clock;
	uint32_t	last_index;
	unsigned int	changes;	/* commands that changed something */
	unsigned int	refuse;		/* the n'th of them from now, or 0 */
	bool		deaf;		/* refuses everything after that */
	unsigned int	again;		/* dumps to break off */
	bool		gap;		/* fewer policies than `least` at times */
	size_t		least;
};

struct ipsec	*fake_spd_open(struct fake_spd *);
/* Adds or changes at once. */
int		 fake_spd_set(struct fake_spd *, const struct ipsec_policy *,
		    bool update);
const struct fake_policy *fake_spd_find(const struct fake_spd *,
		    const struct ipsec_policy *);
/* Does A go before B, which is for the same packets? */
bool		 fake_spd_before(const struct fake_policy *a,
		    const struct fake_policy *b);

#endif
