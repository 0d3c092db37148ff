/* SPDX-License-Identifier: ISC */
/* Children compared with what the kernel has. */

#include "ike/child.h"

#include <errno.h>

static int
look_at(void *ctx, const struct ipsec_sa *sa)
{
	struct child_name *name = child_name_find(ctx, &sa->id.dst,
	    sa->id.proto, sa->id.spi);

	if (name == NULL)
		return 0;
	name->seen = true;
	name->dying = sa->state == IPSEC_STATE_DYING;
	name->counted = sa->current.bytes + sa->current.packets;
	return 0;
}

bool
child_look(struct ike *ike)
{
	static const struct ipsec_filter all;
	struct child_name *name, *next;

	HASH_ITER(hh, ike->names, name, next)
		name->seen = false;
	if (ipsec_sa_dump(ike->kernel, &all, look_at, ike) >= 0)
		return true;
	log_msg(LOG_L_ERROR, "cannot list the kernel's SAs: %s",
	    ipsec_error(ike->kernel));
	return false;
}

static bool
all_seen(const struct child *child)
{
	for (unsigned i = 0; i < child->n; i++)
		if ((child->in[i].installed && !child->in[i].seen) ||
		    (child->out[i].installed && !child->out[i].seen))
			return false;
	return true;
}

/* The event that told of a soft limit may be among the lost ones. */
static bool
is_dying(const struct child *child)
{
	for (unsigned i = 0; i < child->n; i++)
		if ((child->in[i].installed && child->in[i].dying) ||
		    (child->out[i].installed && child->out[i].dying))
			return true;
	return false;
}

static void
give_up(struct child *child)
{
	child_note(child, "IPsec-SA is gone from the kernel",
	    ", the pair is given up");
	child_delete(child, E_DELETED);
}

static bool
is_there(const struct child *child, const struct child_name *name)
{
	const struct ipsec_sa_id id = {
		.dst = name->key.dst,
		.spi = name->key.spi,
		.proto = (uint8_t)name->key.proto,
		.mark = child->mark,
	};
	struct ipsec_sa sa;
	int r;

	if (!name->installed)
		return true;
	r = ipsec_sa_get(child->ike->kernel, &id, &sa);
	crypto_wipe(&sa, sizeof(sa));
	return r != -ESRCH && r != -ENOENT;
}

void
child_verify(struct child *child)
{
	for (unsigned i = 0; i < child->n; i++)
		if (!is_there(child, &child->in[i]) ||
		    !is_there(child, &child->out[i])) {
			give_up(child);
			return;
		}
}

static bool
repair(struct child *child)
{
	if (!all_seen(child)) {
		give_up(child);
		return true;
	}
	if (!is_dying(child) || !child->up || child->superseded ||
	    child->rekeying || timer_armed(&child->timer))
		return false;
	child_note(child, "IPsec-SA is about to expire",
	    ", the kernel's word of that was lost");
	child_renew(child);
	return true;
}

unsigned int
child_reconcile(struct ike *ike)
{
	struct child *child, *next;
	unsigned int n = 0;

	HASH_ITER(hh, ike->children, child, next)
		n += repair(child);
	return n;
}

unsigned int
child_resync(struct ike *ike)
{
	if (ike->children == NULL || !child_look(ike))
		return 0;
	return child_reconcile(ike);
}
