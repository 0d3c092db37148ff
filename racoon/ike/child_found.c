/* SPDX-License-Identifier: ISC */
/* Children made of what an earlier racoon left in the kernel. */

#include "ike/child.h"

#include "base/mem.h"
#include "libipsec/addr.h"

struct child *
child_found_new(struct ike *ike, const struct child_found *f)
{
	struct child *child = xcalloc(1, sizeof(*child));

	child->ike = ike;
	child->serial = ike_serial(ike);
	child->initiator = f->initiator;
	child->up = true;
	child->local = f->local;
	child->remote = f->remote;
	buf_init(&child->peer_id, LIMIT_ID);
	child->src = f->src;
	child->dst = f->dst;
	child->sel = f->sel;
	child->narrow = f->narrow;
	child->mark = f->mark;
	child->if_id = f->if_id;
	child->natt = f->natt;
	child->oa = f->oa;
	child->seq = f->seq;
	child->life_secs = f->life_secs;
	child->created = child->began = f->created;
	child->n = f->n;
	for (unsigned i = 0; i < f->n; i++) {
		child_name_set(&child->in[i], child, &f->src, f->proto[i],
		    f->spi_in[i]);
		child_name_set(&child->out[i], child, &f->dst, f->proto[i],
		    f->spi_out[i]);
		child->in[i].inbound = true;
		child->mode[i] = f->mode[i];
		child->reqid_in[i] = f->reqid_in[i];
		child->reqid_out[i] = f->reqid_out[i];
		if (f->spi_in[i] != 0)
			child_name_add(ike, &child->in[i]);
		if (f->spi_out[i] != 0)
			child_name_add(ike, &child->out[i]);
		child->half |= f->spi_in[i] == 0 || f->spi_out[i] == 0;
	}
	child_begin(child);
	return child;
}

void
child_adopted(struct child *child)
{
	child_note_all(child, "IPsec-SA taken over", "");
	child_supersede(child);
}

void
child_age_in(struct child *child, uint64_t ms)
{
	if (!child->superseded)
		timer_set(&child->ike->timers, &child->timer,
		    child->ike->now + ms);
}

void
child_unwanted(struct child *child)
{
	child_note(child, "purged IPsec-SA", " (no policy wants it any more)");
	child_delete(child, E_NOPOLICY);
}
