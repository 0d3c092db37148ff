/* SPDX-License-Identifier: ISC */
/*
 * The table: chained hashing over the packed keys.
 */
#include "setkey/spd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_FIRST	1024u
#define TRIES		5

void
spd_init(struct spd *t)
{
	*t = (struct spd){ .orders = SPD_ORDER };
	script_init(&t->memory);
}

void
spd_fini(struct spd *t)
{
	script_fini(&t->memory);
	free(t->bucket);
	spd_init(t);
}

/* FNV-1a, then a mix for its weak low bits. */
static uint32_t
hash_of(struct view v)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < v.n; i++)
		h = (h ^ v.p[i]) * 16777619u;
	h = (h ^ h >> 15) * 0x2c1b3c6du;
	return h ^ h >> 13;
}

/* Keeps chains short; the old table goes on serving without memory. */
static bool
grow(struct spd *t)
{
	size_t n = t->nbuckets == 0 ? BUCKETS_FIRST : t->nbuckets * 2;
	struct spd_entry **bucket, *e, *next;

	if (t->count < t->nbuckets)
		return true;
	if ((bucket = calloc(n, sizeof(struct spd_entry *))) == NULL)
		return t->nbuckets > 0;
	for (size_t i = 0; i < t->nbuckets; i++) {
		for (e = t->bucket[i]; e != NULL; e = next) {
			next = e->next;
			e->next = bucket[e->hash % n];
			bucket[e->hash % n] = e;
		}
	}
	free(t->bucket);
	t->bucket = bucket;
	t->nbuckets = n;
	return true;
}

/* An entry of these bytes, of which KEY_N are the key. */
static struct spd_entry *
insert(struct spd *t, struct view v, size_t key_n, uint32_t hash)
{
	struct spd_entry *e;

	if (!grow(t) ||
	    (e = script_alloc(&t->memory, sizeof(*e) + v.n)) == NULL)
		return NULL;
	e->hash = hash;
	e->key_n = (uint16_t)key_n;
	e->n = (uint16_t)v.n;
	e->epoch = SPD_GONE;
	memcpy(e->bytes, v.p, v.n);
	e->next = t->bucket[hash % t->nbuckets];
	t->bucket[hash % t->nbuckets] = e;
	t->count++;
	return e;
}

struct spd_entry *
spd_find(struct spd *t, const struct ipsec_policy *p, bool add)
{
	struct spd_entry *e = NULL;
	uint8_t packed[PACK_MAX];
	struct view key = view_of(packed, pack_key(packed, p));
	uint32_t hash;

	hash = hash_of(key);
	if (t->nbuckets > 0)
		e = t->bucket[hash % t->nbuckets];
	while (e != NULL && (e->hash != hash ||
	    !view_equal(key, view_of(e->bytes, e->key_n))))
		e = e->next;
	if (e == NULL && add && (e = insert(t, key, key.n, hash)) != NULL)
		e->dir = p->dir;
	return e;
}

struct spd_entry *
spd_next(const struct spd *t, const struct spd_entry *e)
{
	size_t i = 0;

	if (e != NULL && e->next != NULL)
		return e->next;
	if (e != NULL)
		i = e->hash % t->nbuckets + 1;
	while (i < t->nbuckets && t->bucket[i] == NULL)
		i++;
	return i < t->nbuckets ? t->bucket[i] : NULL;
}

bool
spd_present(const struct spd *t, const struct spd_entry *e)
{
	return e->epoch == t->epoch;
}

void
spd_kernel(const struct spd_entry *e, struct ipsec_policy *p)
{
	memset(p, 0, sizeof(*p));
	(void)unpack_key(view_of(e->bytes, e->key_n), p);
	(void)unpack_value(view_of(e->bytes + e->key_n,
	    (size_t)(e->n - e->key_n)), p);
	p->index = e->index;
}

/* ipsec_policy_fn: the newest one comes first. */
static int
read_policy(void *ctx, const struct ipsec_policy *p)
{
	uint8_t packed[PACK_MAX];
	struct spd *t = ctx;
	struct spd_entry *e;
	size_t key_n, n;

	if (p->sub || p->dir < IPSEC_DIR_IN || p->dir > IPSEC_DIR_FWD)
		return 0;
	n = pack_all(packed, p, &key_n);
	e = insert(t, view_of(packed, n), key_n,
	    hash_of(view_of(packed, key_n)));
	if (e == NULL || t->kernel == SPD_ORDER - 1)
		return -ENOMEM;
	e->index = p->index;
	e->dir = p->dir;
	e->was = e->priority = p->priority;
	e->seen = e->order = SPD_ORDER - (uint32_t)t->kernel++;
	e->epoch = 0;
	return 0;
}

int
spd_read(struct spd *t, struct ipsec *h)
{
	struct ipsec_filter all = { .stream = 1 };
	int err = -EAGAIN;

	for (int i = 0; i < TRIES && err == -EAGAIN; i++) {
		spd_fini(t);
		err = ipsec_policy_dump(h, &all, read_policy, t);
	}
	return err;
}
