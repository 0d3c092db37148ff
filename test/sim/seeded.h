/* SPDX-License-Identifier: ISC */
/*
 * A struct crypto whose random numbers come from a seed, so that a negotiation
 * can be repeated bit by bit.  The algorithms stay those of the library: the
 * linker routes every call through seeded.c (see SIM_WRAP in test/sim.mk),
 * which unpacks the real struct crypto.
 */
#ifndef TEST_SIM_SEEDED_H
#define TEST_SIM_SEEDED_H

#include "crypto/crypto.h"

/* Borrows REAL until seeded_free(). */
struct crypto	*seeded_new(struct crypto *real, uint64_t seed);
void		 seeded_free(struct crypto *);

#endif
