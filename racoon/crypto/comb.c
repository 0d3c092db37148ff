/* SPDX-License-Identifier: ISC */
/*
 * Powers of the generator 2 with a secret exponent, from a table: the comb of
 * Lim and Lee.  The exponent's bits are cut into TEETH rows of equal length
 * and read column by column, so a key costs a squaring and a multiplication
 * for every TEETH bits: a third of what a general power costs.  The time and
 * the memory touched do not depend on the exponent.
 */
#include <string.h>

#include "base/mem.h"
#include "crypto/lib.h"

/* 5 and 7 are slower at modp3072: more squarings, or more of a table. */
#define TEETH	6
#define ENTRIES	(1u << TEETH)
#define STRIDE	4	/* words at once; divides the words of every group */

struct comb {
	unsigned	 columns;
	size_t		 words;		/* of one entry */
	uint64_t	*table;		/* little-endian numbers, times R */
};

static uint64_t *
entry(const struct comb *t, unsigned n)
{
	return t->table + n * t->words;
}

static bool
store(struct comb *t, unsigned n, const BIGNUM *value)
{
	int len = (int)(t->words * sizeof(uint64_t));

	return BN_bn2lebinpad(value, (uint8_t *)entry(t, n), len) == len;
}

static bool
load(const uint64_t *words, size_t n, BIGNUM *value)
{
	return BN_lebin2bn((const uint8_t *)words, (int)(n * sizeof(*words)),
	    value) != NULL;
}

/*
 * Entry n is the product of 2^(2^(i * columns)) for each bit i of n; BASE
 * walks through these powers.
 */
static bool
fill(struct comb *t, const struct lib_group *g, BIGNUM *base, BIGNUM *product,
    BN_CTX *bn)
{
	if (BN_to_montgomery(product, BN_value_one(), g->mont, bn) != 1 ||
	    !store(t, 0, product) || BN_set_word(base, 2) != 1 ||
	    BN_to_montgomery(base, base, g->mont, bn) != 1)
		return false;
	for (unsigned tooth = 0; tooth < TEETH; tooth++) {
		for (unsigned i = 0; tooth > 0 && i < t->columns; i++) {
			if (BN_mod_mul_montgomery(base, base, base, g->mont,
			    bn) != 1)
				return false;
		}
		for (unsigned n = 0; n < 1u << tooth; n++) {
			if (!load(entry(t, n), t->words, product) ||
			    BN_mod_mul_montgomery(product, product, base,
			    g->mont, bn) != 1 ||
			    !store(t, n | 1u << tooth, product))
				return false;
		}
	}
	return true;
}

struct comb *
comb_new(const struct lib_group *g, BN_CTX *bn)
{
	struct comb *t = xcalloc(1, sizeof(*t));
	BIGNUM *base, *product;
	bool good;

	t->columns = (g->exponent + TEETH - 1) / TEETH;
	t->words = g->len / sizeof(uint64_t);
	t->table = xcalloc(ENTRIES * t->words, sizeof(uint64_t));
	BN_CTX_start(bn);
	base = BN_CTX_get(bn);
	product = BN_CTX_get(bn);
	good = product != NULL && fill(t, g, base, product, bn);
	BN_CTX_end(bn);
	if (good)
		return t;
	comb_free(t);
	return NULL;
}

void
comb_free(struct comb *t)
{
	if (t == NULL)
		return;
	free(t->table);
	free(t);
}

/* Bit N, counted from the lowest, of the big-endian number X. */
static unsigned
bit(struct view x, unsigned n)
{
	return n / 8 < x.n ? (unsigned)x.p[x.n - 1 - n / 8] >> n % 8 & 1 : 0;
}

/* All ones where n is the digit, else 0, and no branch to tell which. */
static void
make_masks(unsigned digit, uint64_t *mask)
{
	for (unsigned n = 0; n < ENTRIES; n++) {
		/* volatile: the compiler must not guess the value. */
		const volatile uint64_t hidden =
		    0 - (((uint64_t)(n ^ digit) - 1) >> 63);

		mask[n] = hidden;
	}
}

/* Reads the whole table, so that the memory's timing tells nothing. */
static void
pick(const struct comb *t, unsigned digit, uint64_t *out)
{
	uint64_t mask[ENTRIES];

	make_masks(digit, mask);
	for (size_t i = 0; i < t->words; i += STRIDE) {
		const uint64_t *from = t->table + i;
		uint64_t sum[STRIDE] = { 0 };

		for (unsigned n = 0; n < ENTRIES; n++, from += t->words) {
			for (unsigned k = 0; k < STRIDE; k++)
				sum[k] |= from[k] & mask[n];
		}
		memcpy(out + i, sum, sizeof(sum));
	}
	crypto_wipe(mask, sizeof(mask));
}

bool
comb_power(const struct comb *t, const struct lib_group *g, struct view x,
    BIGNUM *y, BN_CTX *bn)
{
	uint64_t picked[GROUP_LEN_MAX / sizeof(uint64_t)];
	BIGNUM *factor;
	bool good;

	BN_CTX_start(bn);
	factor = BN_CTX_get(bn);
	good = factor != NULL;
	for (unsigned column = t->columns; good && column-- > 0; ) {
		unsigned digit = 0;

		for (unsigned tooth = 0; tooth < TEETH; tooth++)
			digit |= bit(x, tooth * t->columns + column) << tooth;
		pick(t, digit, picked);
		if (column == t->columns - 1) {
			good = load(picked, t->words, y);
			continue;
		}
		good = load(picked, t->words, factor) &&
		    BN_mod_mul_montgomery(y, y, y, g->mont, bn) == 1 &&
		    BN_mod_mul_montgomery(y, y, factor, g->mont, bn) == 1;
	}
	good = good && BN_from_montgomery(y, y, g->mont, bn) == 1;
	crypto_wipe(picked, sizeof(picked));
	BN_CTX_end(bn);
	return good;
}
