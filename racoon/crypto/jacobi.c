/* SPDX-License-Identifier: ISC */
/*
 * The Jacobi symbol, for public numbers only: it takes more or less time.
 *
 * It is the binary algorithm, but STEPS steps at a time are decided by an
 * excerpt of both numbers in a machine word each: its low bits are exact, and
 * they alone decide parities and signs of the symbol; its high bits decide
 * which number is larger.  The steps are collected as a matrix that is then
 * applied to the long numbers.  Six times as fast as BN_kronecker().
 */
#include "crypto/jacobi.h"

#define LOW	31		/* exact low bits of an excerpt; 33 high ones */
#define STEPS	(LOW - 2)	/* the last one looks at three low bits */
#define LIMBS	(JACOBI_BYTES_MAX / 4)

/* (x | y), times -1 if bit 1 of flips is set; y is odd. */
struct state {
	uint32_t	x[LIMBS], y[LIMBS];	/* the lowest first */
	unsigned	n;			/* limbs in use, at least 2 */
	uint64_t	flips;
};

/* STEPS steps: x becomes (fx * x + gx * y) / 2^STEPS, and y alike. */
struct matrix {
	uint64_t	fx, gx, fy, gy;		/* signed, by wrapping */
};

static void
read_limbs(struct view v, uint32_t *limb)
{
	for (size_t i = v.n / 4; i-- > 0; )
		limb[i] = view_u32(&v);
}

static bool
is_zero(const uint32_t *limb, unsigned n)
{
	uint32_t any = 0;

	for (unsigned i = 0; i < n; i++)
		any |= limb[i];
	return any == 0;
}

static void
swap_if(uint64_t mask, uint64_t *a, uint64_t *b)
{
	uint64_t d = (*a ^ *b) & mask;

	*a ^= d;
	*b ^= d;
}

/* The 33 highest bits, with SHIFT zero bits above them left out, and LOW. */
static uint64_t
excerpt(const uint32_t *limb, unsigned n, unsigned shift)
{
	uint64_t high = (uint64_t)limb[n - 1] << 32 | limb[n - 2];

	if (n == 2)
		return high;	/* all of it */
	return high << shift >> LOW << LOW | (limb[0] & ((1u << LOW) - 1));
}

/*
 * One step: swap x and y if both are odd and x is the smaller; subtract y
 * from an odd x; halve x.  Without branches, which would be mispredicted.
 *
 * The signs: a swap flips if both are 3 modulo 4, halving if y is 3 or 5
 * modulo 8.  An excerpt errs by less than 2^LOW, so x or y may become a bit
 * negative; both rules hold for that too unless both are.  They never are:
 * x + y is halved at most, from 2^63 to 2^34 in all, so one of them is large.
 */
static void
steps(struct state *s, struct matrix *m)
{
	unsigned shift = (unsigned)__builtin_clz(s->x[s->n - 1] |
	    s->y[s->n - 1] | 1);
	uint64_t x = excerpt(s->x, s->n, shift);
	uint64_t y = excerpt(s->y, s->n, shift);

	*m = (struct matrix){ .fx = 1, .gy = 1 };
	for (unsigned i = 0; i < STEPS; i++) {
		uint64_t odd = 0 - (x & 1);
		uint64_t less = 0 - (uint64_t)(x < y);

		swap_if(odd & less, &x, &y);
		swap_if(odd & less, &m->fx, &m->fy);
		swap_if(odd & less, &m->gx, &m->gy);
		s->flips ^= x & y & odd & less;
		x -= y & odd;
		m->fx -= m->fy & odd;
		m->gx -= m->gy & odd;
		x >>= 1;
		m->fy <<= 1;
		m->gy <<= 1;
		s->flips ^= (y + 2) >> 1;
	}
}

static void
negate(uint32_t *limb, unsigned n)
{
	uint64_t carry = 1;

	for (unsigned i = 0; i < n; i++) {
		carry += (uint32_t)~limb[i];
		limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

/*
 * Both rows of the matrix in one pass.  The factors are below 2^30, so a sum
 * of two products and a carry fits; right shifts keep the sign.
 */
static void
apply(struct state *s, const struct matrix *m)
{
	const int64_t fx = (int64_t)m->fx, gx = (int64_t)m->gx;
	const int64_t fy = (int64_t)m->fy, gy = (int64_t)m->gy;
	int64_t sx = 0, sy = 0;
	uint32_t before_x = 0, before_y = 0;

	for (unsigned i = 0; i < s->n; i++) {
		const int64_t x = s->x[i], y = s->y[i];

		sx += fx * x + gx * y;
		sy += fy * x + gy * y;
		if (i > 0) {
			s->x[i - 1] = before_x >> STEPS |
			    (uint32_t)sx << (32 - STEPS);
			s->y[i - 1] = before_y >> STEPS |
			    (uint32_t)sy << (32 - STEPS);
		}
		before_x = (uint32_t)sx;
		before_y = (uint32_t)sy;
		sx >>= 32;
		sy >>= 32;
	}
	s->x[s->n - 1] = before_x >> STEPS | (uint32_t)sx << (32 - STEPS);
	s->y[s->n - 1] = before_y >> STEPS | (uint32_t)sy << (32 - STEPS);
	if (sy < 0)
		negate(s->y, s->n);	/* (x | -y) is (x | y) */
	if (sx < 0) {
		negate(s->x, s->n);	/* (-1 | y) is -1 if y is 3 modulo 4 */
		s->flips ^= s->y[0];
	}
	while (s->n > 2 && (s->x[s->n - 1] | s->y[s->n - 1]) == 0)
		s->n--;
}

int
jacobi(struct view a, struct view n)
{
	struct state s = { .n = (unsigned)(n.n / 4) };
	/* A step takes a bit off x or y; the few more are for negative ones. */
	size_t rounds = 2 * 8 * n.n / STEPS + 16;
	struct matrix m;

	read_limbs(a, s.x);
	read_limbs(n, s.y);
	while (!is_zero(s.x, s.n)) {
		if (rounds-- == 0)
			return 0;
		steps(&s, &m);
		apply(&s, &m);
	}
	if (s.y[0] != 1 || !is_zero(s.y + 1, s.n - 1))
		return 0;
	return (s.flips & 2) == 0 ? 1 : -1;
}
