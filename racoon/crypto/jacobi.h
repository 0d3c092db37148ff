/* SPDX-License-Identifier: ISC */
/* The Jacobi symbol: is a number a square modulo a prime? */
#ifndef RACOON_CRYPTO_JACOBI_H
#define RACOON_CRYPTO_JACOBI_H

#include "libipsec/view.h"

#define JACOBI_BYTES_MAX	1024

/*
 * (a | n) of two big-endian numbers of the same length, 8 to JACOBI_BYTES_MAX
 * bytes and a multiple of 4: -1, 0 or 1.  N must be odd.  Not for secrets.
 */
int	 jacobi(struct view a, struct view n);

#endif
