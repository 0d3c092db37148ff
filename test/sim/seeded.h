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
/*
 * From now on Diffie-Hellman in prime fields is done in the field of 2^31 - 1,
 * and its values are stretched to the length that belongs to the group: as
 * good as the real one for everything but secrecy, and a thousand times as
 * fast.  Values that nobody made are refused (E_KE), as the real one does.
 * For simulations that are about other things than arithmetic.
 */
void		 seeded_cheap_dh(struct crypto *);

#endif
