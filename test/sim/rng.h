/* SPDX-License-Identifier: ISC */
/*
 * Random numbers of the simulator: xorshift64*, one generator per purpose,
 * all derived from the scenario's seed.  Nothing to do with cryptography.
 */
#ifndef TEST_SIM_RNG_H
#define TEST_SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t	s;
};

/* Spreads a small seed over 64 bits (splitmix64); the state is never 0. */
static inline void
rng_init(struct rng *r, uint64_t seed)
{
	uint64_t z = seed + 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	r->s = (z ^ z >> 31) | 1;
}

static inline uint64_t
rng_next(struct rng *r)
{
	r->s ^= r->s >> 12;
	r->s ^= r->s << 25;
	r->s ^= r->s >> 27;
	return r->s * 0x2545f4914f6cdd1du;
}

/* 0 .. n-1; 0 for n 0. */
static inline uint32_t
rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)((rng_next(r) >> 32) * n >> 32);
}

/* True in PERMILLE of 1000 cases. */
static inline bool
rng_chance(struct rng *r, uint32_t permille)
{
	return permille > 0 && rng_below(r, 1000) < permille;
}

#endif
