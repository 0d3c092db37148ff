/* SPDX-License-Identifier: ISC */
/* The heap of what will happen. */
#include "test/sim/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define DGRAM_MAX	65536

struct dgram *
dgram_new(void)
{
	struct dgram *d = xcalloc(1, sizeof(*d));

	buf_init(&d->data, DGRAM_MAX);
	return d;
}

struct dgram *
dgram_copy(const struct dgram *d)
{
	struct dgram *copy = dgram_new();
	struct buf data = copy->data;

	*copy = *d;
	copy->data = data;
	buf_set(&copy->data, buf_view(&d->data));
	return copy;
}

void
dgram_free(struct dgram *d)
{
	if (d == NULL)
		return;
	buf_fini(&d->data);
	free(d);
}

static bool
before(const struct event *a, const struct event *b)
{
	return a->when != b->when ? a->when < b->when : a->order < b->order;
}

static void
swap(struct queue *q, size_t i, size_t j)
{
	struct event *e = q->heap[i];

	q->heap[i] = q->heap[j];
	q->heap[j] = e;
}

void
queue_add(struct queue *q, const struct event *e)
{
	struct event *copy = xcalloc(1, sizeof(*copy));
	size_t i = q->n;

	*copy = *e;
	copy->order = ++q->order;
	if (q->n == q->cap) {
		q->cap = q->cap == 0 ? 64 : 2 * q->cap;
		q->heap = xreallocarray(q->heap, q->cap, sizeof(*q->heap));
	}
	q->heap[q->n++] = copy;
	for (; i > 0 && before(q->heap[i], q->heap[(i - 1) / 2]);
	    i = (i - 1) / 2)
		swap(q, i, (i - 1) / 2);
}

uint64_t
queue_next(const struct queue *q)
{
	return q->n > 0 ? q->heap[0]->when : UINT64_MAX;
}

struct event *
queue_take(struct queue *q)
{
	struct event *e;
	size_t i = 0, child;

	if (q->n == 0)
		return NULL;
	e = q->heap[0];
	q->heap[0] = q->heap[--q->n];
	while ((child = 2 * i + 1) < q->n) {
		if (child + 1 < q->n &&
		    before(q->heap[child + 1], q->heap[child]))
			child++;
		if (!before(q->heap[child], q->heap[i]))
			break;
		swap(q, i, child);
		i = child;
	}
	return e;
}

void
happening_free(struct event *e)
{
	if (e == NULL)
		return;
	dgram_free(e->dgram);
	if (e->job != NULL)
		e->free_job(e->job);
	free(e);
}

void
queue_fini(struct queue *q)
{
	struct event *e;

	while ((e = queue_take(q)) != NULL)
		happening_free(e);
	free(q->heap);
	memset(q, 0, sizeof(*q));
}
