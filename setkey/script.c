/* SPDX-License-Identifier: ISC */
/*
 * The memory of a script: blocks that are filled from the start and freed
 * together.
 */
#include "setkey/script.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE	(64u << 10)

struct script_block {
	struct script_block *next;
	size_t		 used, size;
	alignas(max_align_t) unsigned char bytes[];
};

void
script_init(struct script *s)
{
	*s = (struct script){ .first = NULL };
	s->last = &s->first;
}

void
script_fini(struct script *s)
{
	struct script_block *b, *next;

	for (b = s->blocks; b != NULL; b = next) {
		next = b->next;
		explicit_bzero(b->bytes, b->used);
		free(b);
	}
	script_init(s);
}

void *
script_alloc(struct script *s, size_t n)
{
	struct script_block *b = s->blocks;
	size_t size;
	void *p;

	if (n > SIZE_MAX / 4)
		return NULL;
	/* Everything in a script is at most pointer-aligned. */
	n = (n + alignof(uint64_t) - 1) / alignof(uint64_t) *
	    alignof(uint64_t);
	if (b == NULL || b->size - b->used < n) {
		size = n > BLOCK_SIZE ? n : BLOCK_SIZE;
		if ((b = calloc(1, sizeof(*b) + size)) == NULL)
			return NULL;
		b->size = size;
		b->next = s->blocks;
		s->blocks = b;
		s->bytes += sizeof(*b) + size;
	}
	p = &b->bytes[b->used];
	b->used += n;
	return p;
}

struct command *
script_add(struct script *s, enum verb verb, uint32_t line)
{
	struct command *c = script_alloc(s, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->verb = (uint8_t)verb;
	c->line = line;
	*s->last = c;
	s->last = &c->next;
	s->count++;
	return c;
}
