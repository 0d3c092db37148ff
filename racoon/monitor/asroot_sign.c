/* SPDX-License-Identifier: ISC */
/*
 * Private keys live here.  The worker gets their public halves, and signatures
 * of what can be a hash of IKE.
 */
#include "monitor/table.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "crypto/plainrsa.h"
#include "crypto/sign.h"
#include "monitor/keyfile.h"

#define RING_MAX	65536u		/* keys */
#define PUBLIC_MAX	(PLAINRSA_FILE_MAX)

void
table_drop_ring(struct table *t)
{
	struct ring_key *k;

	while ((k = t->ring) != NULL) {
		t->ring = k->next;
		key_unref(k->key);
		buf_fini(&k->public);
		free(k);
	}
	t->nring = 0;
}

static struct ring_key *
find(const struct table *t, struct view public)
{
	for (struct ring_key *k = t->ring; k != NULL; k = k->next)
		if (view_equal(buf_view(&k->public), public))
			return k;
	return NULL;
}

/* Remembers KEY; its public half, or NULL. */
static const struct ring_key *
add(struct table *t, const struct key *key)
{
	struct ring_key *k = xcalloc(1, sizeof(*k)), *old;

	buf_init(&k->public, KEY_PUBLIC_MAX);
	if (key_public(key, &k->public) != OK)
		goto out;
	old = find(t, buf_view(&k->public));
	if (old != NULL || t->nring == RING_MAX) {
		buf_fini(&k->public);
		free(k);
		return old;
	}
	k->key = key_ref(key);
	k->next = t->ring;
	t->ring = k;
	t->nring++;
	return k;
out:
	buf_fini(&k->public);
	free(k);
	return NULL;
}

static int
one_key(struct table *t, const struct conf_cert *c)
{
	struct key *key = keyfile_key(t->crypto, c);
	const struct ring_key *k = key == NULL ? NULL : add(t, key);
	int fd = k == NULL ? -ENOENT : table_memory(buf_view(&k->public));

	key_unref(key);
	return fd;
}

static int
plain_keys(struct table *t, const struct conf_cert *c)
{
	struct plainrsa *set = keyfile_plain(t->crypto, c);
	struct buf public;
	int fd = -ENOENT;

	if (set == NULL)
		return fd;
	buf_init(&public, PUBLIC_MAX);
	if (plainrsa_public(set, &public) == OK)
		fd = table_memory(buf_view(&public));
	for (unsigned i = 0; i < plainrsa_count(set); i++)
		(void)add(t, plainrsa_nth(set, i));
	buf_fini(&public);
	plainrsa_unref(set);
	return fd;
}

bool
asroot_key(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	char *path = table_text(m->text, MON_PATH_MAX);
	const struct conf_cert *c = NULL;
	int got;

	if (path != NULL && m->num[0] <= 1)
		c = permit_key(&t->permit, m->num[0] == 1, path);
	free(path);
	if (c == NULL)
		return false;
	got = m->num[0] == 1 ? plain_keys(t, c) : one_key(t, c);
	a->result = got < 0 ? got : 0;
	*fd = got < 0 ? -1 : got;
	return true;
}

bool
asroot_sign(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	const struct ring_key *k = find(t, m->text);

	(void)fd;
	if (m->num[0] > UINT16_MAX ||
	    !sign_may_be((uint16_t)m->num[0], m->more))
		return false;
	/* A key that a reload has taken away is no fault of the worker's. */
	if (k == NULL || !sign_fits(key_kind(k->key), (uint16_t)m->num[0])) {
		a->result = -ENOKEY;
		return true;
	}
	buf_reset(&t->signature);
	if (sign_make(t->crypto, k->key, (uint16_t)m->num[0], m->more,
	    &t->signature) == OK)
		a->text = buf_view(&t->signature);
	else
		a->result = -EIO;
	return true;
}
