/* SPDX-License-Identifier: ISC */
/*
 * What every back end may rely on: structures are checked here before a back
 * end sees them.  A back end with a batch call checks the batch's commands.
 */
#ifndef LIBIPSEC_CHECK_H
#define LIBIPSEC_CHECK_H

#include "libipsec/ipsec.h"

/* Is it ESP, AH or IPComp? */
bool	 ipsec_is_proto(uint8_t proto);

/* All return 0, or -errno with WHY set to a constant text. */
int	 ipsec_check_sa_id(const struct ipsec_sa_id *, const char **why);
int	 ipsec_check_sa(const struct ipsec_sa *, const char **why);
int	 ipsec_check_spi_range(const struct ipsec_sa *, uint32_t min,
	    uint32_t max, const char **why);
int	 ipsec_check_policy(const struct ipsec_policy *, const char **why);
/* What names a policy: selector and direction, or its index. */
int	 ipsec_check_policy_id(const struct ipsec_policy *, const char **why);
int	 ipsec_check_flush(enum ipsec_what, uint8_t proto, const char **why);
int	 ipsec_check_filter(const struct ipsec_filter *, const char **why);
int	 ipsec_check_command(const struct ipsec_command *, const char **why);

/* Is the SA or policy one that the filter's owner wants to see? */
bool	 ipsec_sa_passes(const struct ipsec_filter *, const struct ipsec_sa *);
bool	 ipsec_policy_passes(const struct ipsec_filter *,
	    const struct ipsec_policy *);

#endif
