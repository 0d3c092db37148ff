/* SPDX-License-Identifier: ISC */
/* Lists of pairs of SPIs. */

#include "wire/spilist.h"

#include "wire/isakmp.h"

#define VERSION		1
#define FLAG_WHOLE	0x01u
#define ENTRY		12u		/* bytes */

static enum err
pair_get(struct view *v, struct spilist_pair *pair)
{
	pair->proto = view_u8(v);
	pair->state = view_u8(v);
	(void)view_take(v, 2);
	pair->mine = view_u32(v);
	pair->yours = view_u32(v);
	return pair->state <= SPILIST_COMING &&
	    pair->proto >= PROTO_IPSEC_AH && pair->proto <= PROTO_IPCOMP ?
	    OK : E_PAYLOAD;
}

enum err
spilist_get(struct view data, struct spilist *list)
{
	uint8_t version = view_u8(&data);
	enum err r = OK;

	list->whole = (view_u8(&data) & FLAG_WHOLE) != 0;
	list->n = view_u16(&data);
	list->number = view_u32(&data);
	if (data.bad || version != VERSION || list->n > SPILIST_MAX ||
	    data.n != list->n * ENTRY)
		return E_PAYLOAD;
	for (unsigned i = 0; i < list->n && r == OK; i++)
		r = pair_get(&data, &list->pair[i]);
	return r;
}

void
spilist_put(struct buf *b, const struct spilist *list)
{
	buf_u8(b, VERSION);
	buf_u8(b, list->whole ? FLAG_WHOLE : 0);
	buf_u16(b, list->n);
	buf_u32(b, list->number);
	for (unsigned i = 0; i < list->n; i++) {
		buf_u8(b, list->pair[i].proto);
		buf_u8(b, list->pair[i].state);
		buf_zero(b, 2);
		buf_u32(b, list->pair[i].mine);
		buf_u32(b, list->pair[i].yours);
	}
}
