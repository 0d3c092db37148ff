/* SPDX-License-Identifier: ISC */
/*
 * What to do when the kernel lacks what an SA needs.
 */
#ifndef SETKEY_HINT_H
#define SETKEY_HINT_H

#include "libipsec/ipsec.h"

#define HINT_TEXT	400

/*
 * Writes the algorithm or protocol that is missing and the module that has
 * it into OUT; "" when the error number says something else.
 */
void	 hint_sa(const struct ipsec_sa *, int err, char out[HINT_TEXT]);

#endif
