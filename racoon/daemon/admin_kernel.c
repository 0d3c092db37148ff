/* SPDX-License-Identifier: ISC */
#include "daemon/admin_kernel.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/mem.h"

struct key {
	struct ipsec_addr dst;		/* port and scope 0 */
	uint32_t	spi;
	uint32_t	proto;
};

struct row {
	struct key	key;
	struct kernel_sa sa;
	UT_hash_handle	hh;
};

struct kernel_sas {
	struct row	*rows;
};

static struct key
key_of(const struct ipsec_addr *dst, uint8_t proto, uint32_t spi)
{
	struct key key;

	memset(&key, 0, sizeof(key));
	key.dst = *dst;
	key.dst.port = 0;
	key.dst.scope = 0;
	key.spi = spi;
	key.proto = proto;
	return key;
}

static struct row *
find(const struct kernel_sas *all, const struct key *key)
{
	struct row *row;

	HASH_FIND(hh, all->rows, key, sizeof(*key), row);
	return row;
}

static int
add(void *ctx, const struct ipsec_sa *sa)
{
	struct kernel_sas *all = ctx;
	const struct key key = key_of(&sa->id.dst, sa->id.proto, sa->id.spi);
	struct row *row;

	if (sa->state == IPSEC_STATE_LARVAL || find(all, &key) != NULL)
		return 0;
	row = xcalloc(1, sizeof(*row));
	row->key = key;
	row->sa = (struct kernel_sa){
		.enc = sa->enc.present ? sa->enc.id : 0,
		.auth = sa->auth.present ? sa->auth.id : 0,
		.aead = sa->aead.present ? sa->aead.id : 0,
		.bytes = sa->current.bytes,
		.life_bytes = sa->hard.bytes,
	};
	HASH_ADD(hh, all->rows, key, sizeof(row->key), row);
	return 0;
}

struct kernel_sas *
kernel_sas_new(struct ipsec *ipsec)
{
	static const struct ipsec_filter any;
	struct kernel_sas *all = xcalloc(1, sizeof(*all));

	if (ipsec_sa_dump(ipsec, &any, add, all) == 0)
		return all;
	kernel_sas_free(all);
	return NULL;
}

void
kernel_sas_free(struct kernel_sas *all)
{
	struct row *row, *next;

	if (all == NULL)
		return;
	HASH_ITER(hh, all->rows, row, next) {
		HASH_DEL(all->rows, row);
		free(row);
	}
	free(all);
}

bool
kernel_sas_find(const struct kernel_sas *all, const struct ipsec_addr *dst,
    uint8_t proto, uint32_t spi, struct kernel_sa *out)
{
	const struct key key = key_of(dst, proto, spi);
	const struct row *row = find(all, &key);

	*out = row == NULL ? (struct kernel_sa){ .enc = 0 } : row->sa;
	return row != NULL;
}
