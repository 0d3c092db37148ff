/* SPDX-License-Identifier: ISC */
/*
 * SipHash-2-4 with a long result: Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF", 2012, and its 128-bit variant.
 */
#include "setkey/hash.h"

#include <endian.h>

struct state {
	uint64_t	v0, v1, v2, v3;
};

static uint64_t
rotate(uint64_t x, unsigned int n)
{
	return x << n | x >> (64 - n);
}

static void
rounds(struct state *s, unsigned int n)
{
	for (; n > 0; n--) {
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 = rotate(s->v0, 32);
		s->v2 += s->v1;
		s->v0 += s->v3;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 = rotate(s->v2, 32);
	}
}

static void
absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, 2);
	s->v0 ^= word;
}

/* Fewer than eight bytes, the first one lowest. */
static uint64_t
little(struct view v)
{
	uint64_t word = 0;

	for (size_t i = 0; i < v.n; i++)
		word |= (uint64_t)v.p[i] << 8 * i;
	return word;
}

void
hash_bytes(const struct hash_key *key, struct view v, uint64_t out[2])
{
	struct state s = { key->k[0] ^ 0x736f6d6570736575,
	    key->k[1] ^ 0x646f72616e646f6d ^ 0xee,
	    key->k[0] ^ 0x6c7967656e657261, key->k[1] ^ 0x7465646279746573 };
	uint64_t length = (uint64_t)v.n << 56;

	for (; v.n >= 8; (void)view_take(&v, 8)) {
		uint64_t word;

		memcpy(&word, v.p, sizeof(word));
		absorb(&s, le64toh(word));
	}
	absorb(&s, little(v) | length);
	s.v2 ^= 0xee;
	rounds(&s, 4);
	out[0] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
	s.v1 ^= 0xdd;
	rounds(&s, 4);
	out[1] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
