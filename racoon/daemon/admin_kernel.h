/* SPDX-License-Identifier: ISC */
/* What the kernel says of its SAs, by one dump, without keys. */
#ifndef RACOON_DAEMON_ADMIN_KERNEL_H
#define RACOON_DAEMON_ADMIN_KERNEL_H

#include <stdbool.h>

#include "libipsec/ipsec.h"

struct kernel_sas;

struct kernel_sa {
	uint16_t	enc, auth, aead; /* PF_KEY numbers; 0: none */
	uint64_t	bytes;
	uint64_t	life_bytes;	/* hard limit; 0: none */
};

/* NULL: the kernel did not answer. */
struct kernel_sas *kernel_sas_new(struct ipsec *);
void		 kernel_sas_free(struct kernel_sas *);
bool		 kernel_sas_find(const struct kernel_sas *,
		    const struct ipsec_addr *dst, uint8_t proto, uint32_t spi,
		    struct kernel_sa *);

#endif
