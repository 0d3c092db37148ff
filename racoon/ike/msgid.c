/* SPDX-License-Identifier: ISC */
/* Used message ids: few for most SAs, so they are searched one by one. */

#include "ike/msgid.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define FIRST_CAP	8u

void
msgids_fini(struct msgids *m)
{
	free(m->id);
	memset(m, 0, sizeof(*m));
}

bool
msgids_has(const struct msgids *m, uint32_t id)
{
	for (unsigned int i = 0; i < m->n; i++)
		if (m->id[i] == id)
			return true;
	return false;
}

static void
grow(struct msgids *m, unsigned int most)
{
	unsigned int cap = m->cap == 0 ? FIRST_CAP : m->cap * 2;
	uint32_t *id;

	if (cap > most)
		cap = most;
	id = xcalloc(cap, sizeof(*id));
	if (m->n > 0)
		memcpy(id, m->id, m->n * sizeof(*id));
	free(m->id);
	m->id = id;
	m->cap = cap;
}

bool
msgids_add(struct msgids *m, uint32_t id, unsigned int most)
{
	if (m->n >= most)
		return false;
	if (m->n == m->cap)
		grow(m, most);
	m->id[m->n++] = id;
	return true;
}

void
msgids_push(struct msgids *m, uint32_t id, unsigned int most)
{
	if (msgids_add(m, id, most))
		return;
	m->id[m->next] = id;
	m->next = (m->next + 1) % m->n;
}
