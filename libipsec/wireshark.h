/* SPDX-License-Identifier: ISC */
/*
 * The keys of ESP in the form of Wireshark's table "ESP SAs" (its file
 * esp_sa), so that a capture can be read.
 */
#ifndef LIBIPSEC_WIRESHARK_H
#define LIBIPSEC_WIRESHARK_H

#include <stdio.h>

#include "libipsec/ipsec.h"

/* One line; of what Wireshark cannot decrypt a comment, of the rest none. */
void	 wireshark_sa(FILE *, const struct ipsec_sa *);
/* All SAs; 0 or -errno. */
int	 wireshark_dump(struct ipsec *, FILE *);

#endif
