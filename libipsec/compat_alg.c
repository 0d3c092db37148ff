/* SPDX-License-Identifier: ISC */
/*
 * Key lengths, as far as the kernel has told them, and soft limits.
 */
#include "libipsec/compat.h"

#include <stdio.h>

#define PERCENT		100u

/* Both are numbers of extensions: SADB_EXT_SUPPORTED_... */
static bool
table_of_supported(unsigned int supported, enum compat_table *table)
{
	*table = supported == SADB_EXT_SUPPORTED_AUTH ? COMPAT_AH :
	    COMPAT_ESP;
	return supported == SADB_EXT_SUPPORTED_AUTH ||
	    supported == SADB_EXT_SUPPORTED_ENCRYPT;
}

static bool
table_of_satype(unsigned int satype, enum compat_table *table)
{
	*table = satype == SADB_SATYPE_AH ? COMPAT_AH :
	    satype == SADB_SATYPE_ESP ? COMPAT_ESP : COMPAT_IPCOMP;
	return satype == SADB_SATYPE_AH || satype == SADB_SATYPE_ESP ||
	    satype == SADB_X_SATYPE_IPCOMP;
}

static enum compat_err
find(enum compat_table table, unsigned int id, struct sadb_alg *alg)
{
	if (id <= UINT8_MAX && compat_alg_get(table, (uint8_t)id, alg))
		return CE_OK;
	return compat_alg_empty(table) ? CE_NO_LIST : CE_NOT_SUPPORTED;
}

static int
check(enum compat_table table, unsigned int id, unsigned int bits)
{
	struct sadb_alg alg;
	enum compat_err err = find(table, id, &alg);

	if (err == CE_OK && (bits < alg.sadb_alg_minbits ||
	    bits > alg.sadb_alg_maxbits)) {
		fprintf(stderr, "%u %u %u\n", bits, alg.sadb_alg_minbits,
		    alg.sadb_alg_maxbits);
		err = CE_KEYLEN;
	}
	return compat_fail(err);
}

int
ipsec_check_keylen(unsigned int supported, unsigned int id,
    unsigned int bits)
{
	enum compat_table table;

	if (!table_of_supported(supported, &table))
		return compat_fail(CE_ARGUMENT);
	return check(table, id, bits);
}

int
ipsec_check_keylen2(unsigned int satype, unsigned int id, unsigned int bits)
{
	enum compat_table table;

	if (!table_of_satype(satype, &table))
		return compat_fail(CE_ARGUMENT);
	return check(table, id, bits);
}

int
ipsec_get_keylen(unsigned int supported, unsigned int id,
    struct sadb_alg *out)
{
	enum compat_table table;
	struct sadb_alg alg;
	enum compat_err err;

	if (out == NULL || !table_of_supported(supported, &table))
		return compat_fail(CE_ARGUMENT);
	if ((err = find(table, id, &alg)) == CE_OK)
		*out = alg;
	return compat_fail(err);
}

/* One SUPPORTED extension from the front of V. */
static enum compat_err
get_supported(struct view *v)
{
	struct sadb_supported s;
	struct view peek = *v, all;
	enum compat_table table;

	view_bytes(&peek, &s, sizeof(s));
	all = view_take(v, s.sadb_supported_len * PFKEY_WORD);
	(void)view_take(&all, sizeof(s));
	if (peek.bad || all.bad)
		return CE_ARGUMENT;
	if (!table_of_supported(s.sadb_supported_exttype, &table))
		return CE_SATYPE;
	compat_alg_replace(table, all);
	return CE_OK;
}

enum compat_err
compat_supported(struct view v)
{
	enum compat_err err = CE_OK;

	(void)view_take(&v, sizeof(struct sadb_msg));
	while (v.n > 0 && err == CE_OK)
		err = get_supported(&v);
	return err;
}

int
pfkey_set_supported(struct sadb_msg *msg, int len)
{
	/* Here, as ever, the message names its length in bytes. */
	if (msg == NULL || len < (int)sizeof(*msg) ||
	    msg->sadb_msg_len != len)
		return compat_fail(CE_ARGUMENT);
	return compat_fail(compat_supported(view_of(msg, (size_t)len)));
}

unsigned int
pfkey_set_softrate(unsigned int type, unsigned int percent)
{
	if (type >= COMPAT_RATES) {
		compat_fail(CE_ARGUMENT);
		return 1;
	}
	compat_rate_set(type,
	    percent == 0 || percent > PERCENT ? PERCENT : percent);
	compat_fail(CE_OK);
	return 0;
}

unsigned int
pfkey_get_softrate(unsigned int type)
{
	if (type < COMPAT_RATES) {
		compat_fail(CE_OK);
		return compat_rate_get(type);
	}
	compat_fail(CE_ARGUMENT);
	return ~0u;
}
