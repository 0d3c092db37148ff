/* SPDX-License-Identifier: ISC */
/*
 * All that can change behind the historical interface.  Programs rely on it
 * being there beside the arguments, so this file is an exception to the rule
 * that nothing is (test/globals.sh names every one of its variables).
 *
 * The error is each thread's own.  Programs also read and write the int
 * __ipsec_errcode itself, so that is the code of the thread that runs main();
 * others have one of their own, and none is ever touched by two threads.
 * The rest belongs to the process and is atomic.
 */
#include "libipsec/compat.h"

#include <unistd.h>

_Static_assert(sizeof(struct sadb_alg) == sizeof(uint64_t),
    "a row is one atomic value");

#define ALGS		256	/* an algorithm's number has eight bits */
#define SOFT_RATE	80	/* per cent of the hard limit */

int __ipsec_errcode;

/* Never changes, since the library can do what it can do. */
const int libipsec_opt = LIBIPSEC_OPT_NATT;

static _Thread_local struct {
	enum { UNKNOWN, MAIN, OTHER } thread;
	int		 code;
	const char	*text;
} self;

/* struct sadb_alg by table and number; 0: none. */
static _Atomic uint64_t supported[COMPAT_TABLES][ALGS];

static _Atomic unsigned int rates[COMPAT_RATES] = {
	SOFT_RATE, SOFT_RATE, SOFT_RATE, SOFT_RATE
};

static _Atomic bool hide;
static _Atomic unsigned long hidden;
static _Atomic bool dump_over = true;

int *
compat_code(void)
{
	if (self.thread == UNKNOWN)
		self.thread = gettid() == getpid() ? MAIN : OTHER;
	return self.thread == MAIN ? &__ipsec_errcode : &self.code;
}

const char **
compat_text(void)
{
	return &self.text;
}

bool
compat_alg_get(enum compat_table table, uint8_t id, struct sadb_alg *alg)
{
	uint64_t row = atomic_load(&supported[table][id]);

	memcpy(alg, &row, sizeof(*alg));
	alg->sadb_alg_reserved = 0;
	return row != 0;
}

/* Each row goes from its old value to its new one in one step. */
void
compat_alg_replace(enum compat_table table, struct view rows)
{
	uint64_t fresh[ALGS] = { 0 };
	struct sadb_alg alg;

	while (rows.n >= sizeof(alg)) {
		view_bytes(&rows, &alg, sizeof(alg));
		/* Tells a row of zeros (number 0, no key) from none. */
		alg.sadb_alg_reserved = 1;
		memcpy(&fresh[alg.sadb_alg_id], &alg, sizeof(alg));
	}
	for (size_t i = 0; i < ALGS; i++)
		atomic_store(&supported[table][i], fresh[i]);
}

bool
compat_alg_empty(enum compat_table table)
{
	for (size_t i = 0; i < ALGS; i++)
		if (atomic_load(&supported[table][i]) != 0)
			return false;
	return true;
}

unsigned int
compat_rate_get(unsigned int type)
{
	return atomic_load(&rates[type]);
}

void
compat_rate_set(unsigned int type, unsigned int percent)
{
	atomic_store(&rates[type], percent);
}

bool
compat_hide_get(void)
{
	return atomic_load(&hide);
}

void
compat_hide_set(bool on)
{
	atomic_store(&hide, on);
}

unsigned long
compat_hidden_get(void)
{
	return atomic_load(&hidden);
}

/* Records of a dump count from 1, and the last one has 0. */
void
compat_hidden_record(uint32_t seq)
{
	if (atomic_exchange(&dump_over, seq == 0) || seq == 1)
		atomic_store(&hidden, 0);
}

void
compat_hidden_add(void)
{
	atomic_fetch_add(&hidden, 1);
}
