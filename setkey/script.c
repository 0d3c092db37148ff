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
script_reset(struct script *s)
{
	struct script_block *b, *next, *spare = s->spare;
	size_t bytes = s->bytes;

	for (b = s->blocks; b != NULL; b = next) {
		next = b->next;
		explicit_bzero(b->bytes, b->used);
		b->used = 0;
		b->next = spare;
		spare = b;
	}
	script_init(s);
	s->spare = spare;
	s->bytes = bytes;
}

void
script_fini(struct script *s)
{
	struct script_block *b, *next;

	script_reset(s);
	for (b = s->spare; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	script_init(s);
}

/* A zeroed block with room for N bytes. */
static struct script_block *
new_block(struct script *s, size_t n)
{
	size_t size = n > BLOCK_SIZE ? n : BLOCK_SIZE;
	struct script_block *b = s->spare;

	if (b != NULL && b->size >= n) {
		s->spare = b->next;
		return b;
	}
	if ((b = calloc(1, sizeof(*b) + size)) == NULL)
		return NULL;
	b->size = size;
	s->bytes += sizeof(*b) + size;
	return b;
}

void *
script_alloc(struct script *s, size_t n)
{
	struct script_block *b = s->blocks;
	void *p;

	if (n > SIZE_MAX / 4)
		return NULL;
	/* Everything in a script is at most pointer-aligned. */
	n = (n + alignof(uint64_t) - 1) / alignof(uint64_t) *
	    alignof(uint64_t);
	if (b == NULL || b->size - b->used < n) {
		if ((b = new_block(s, n)) == NULL)
			return NULL;
		b->next = s->blocks;
		s->blocks = b;
	}
	p = &b->bytes[b->used];
	b->used += n;
	return p;
}

/* The policy in words of eight bytes: which of them are not zero, and these. */
#define WORDS(size)	(((size) + 7) / 8)
#define WORDS_MAX	WORDS(sizeof(union script_policy_room))

_Static_assert(WORDS_MAX <= 256, "the mask has 32 bytes at most");

bool
script_set_policy(struct script *s, struct command *c,
    const struct script_policy *policy)
{
	size_t bytes = sizeof(*policy) +
	    policy->nreq * sizeof(policy->req[0]);
	uint64_t word[WORDS_MAX] = { 0 };
	size_t n = WORDS(bytes), used = 0;
	uint8_t *p;

	memcpy(word, policy, bytes);
	for (size_t i = 0; i < n; i++)
		used += word[i] != 0;
	if ((p = script_alloc(s, 1 + (n + 7) / 8 + used * 8)) == NULL)
		return false;
	c->u.policy = p;
	c->dir = policy->dir;
	*p++ = (uint8_t)n;
	used = (n + 7) / 8;
	for (size_t i = 0; i < n; i++) {
		if (word[i] == 0)
			continue;
		p[i / 8] |= (uint8_t)(1u << i % 8);
		memcpy(p + used, &word[i], 8);
		used += 8;
	}
	return true;
}

const struct script_policy *
script_policy(const struct command *c, union script_policy_room *room)
{
	const uint8_t *p = c->u.policy;
	size_t n = *p++, used = (n + 7) / 8;

	for (size_t i = 0; i < n; i++) {
		if ((p[i / 8] & 1u << i % 8) != 0) {
			memcpy(&room->word[i], p + used, 8);
			used += 8;
		} else {
			room->word[i] = 0;
		}
	}
	return &room->policy;
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
