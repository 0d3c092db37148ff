/* SPDX-License-Identifier: ISC */
/* Data attributes and pairs of life type and duration, both ways. */
#include "wire/attr.h"

#include "wire/isakmp.h"

#define FORMAT_BASIC	0x8000u		/* RFC 2408 3.3: AF = 1 */

enum err
attr_get(struct view *list, struct attr *a)
{
	uint16_t head = view_u16(list);

	a->type = (uint16_t)(head & ~FORMAT_BASIC);
	a->basic = (head & FORMAT_BASIC) != 0;
	a->value = view_take(list, a->basic ? 2 : view_u16(list));
	return list->bad ? E_ATTRIBUTE : OK;
}

enum err
attr_number(const struct attr *a, uint32_t *number)
{
	struct view v = a->value;
	uint64_t n = 0;

	*number = 0;
	if (v.n == 0 || v.n > sizeof(n))
		return E_ATTRIBUTE;
	while (v.n > 0)
		n = n << 8 | view_u8(&v);
	*number = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
	return OK;
}

void
attr_put_basic(struct buf *b, uint16_t type, uint16_t value)
{
	buf_u16(b, (uint16_t)(type | FORMAT_BASIC));
	buf_u16(b, value);
}

void
attr_put_number(struct buf *b, uint16_t type, uint32_t value)
{
	if (value <= UINT16_MAX) {
		attr_put_basic(b, type, (uint16_t)value);
		return;
	}
	buf_u16(b, type);
	buf_u16(b, sizeof(value));
	buf_u32(b, value);
}

/* RFC 2407 4.5: a duration always follows the type that is its unit. */
enum err
life_type(struct life *l, const struct attr *a)
{
	if (l->open)
		return E_ATTRIBUTE;
	l->open = true;
	return attr_number(a, &l->type);
}

enum err
life_duration(struct life *l, const struct attr *a)
{
	uint32_t *slot, spare = 0;

	if (!l->open)
		return E_ATTRIBUTE;
	slot = l->type == LIFE_TYPE_SECONDS ? &l->secs :
	    l->type == LIFE_TYPE_KBYTES ? &l->kbytes : &spare;
	if (slot == &spare || *slot != 0)
		l->unknown = true;
	l->open = false;
	return attr_number(a, slot);
}

enum err
life_end(const struct life *l)
{
	return l->open ? E_ATTRIBUTE : OK;
}

static void
pair_put(struct buf *b, uint16_t type, uint16_t unit, uint32_t duration)
{
	if (duration == 0)
		return;
	attr_put_basic(b, type, unit);
	attr_put_number(b, (uint16_t)(type + 1), duration);
}

void
life_put(struct buf *b, uint16_t type, uint32_t secs, uint32_t kbytes)
{
	pair_put(b, type, LIFE_TYPE_SECONDS, secs);
	pair_put(b, type, LIFE_TYPE_KBYTES, kbytes);
}
