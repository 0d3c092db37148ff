/* SPDX-License-Identifier: ISC */
/*
 * The memory of a script: blocks that are filled from the start and freed
 * together.
 */
#include "setkey/script.h"

#include <sys/mman.h>

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_FIRST	(16u << 10)
#define BLOCK_LAST	(1u << 20)

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
		(void)munmap(b, b->size + sizeof(*b));
	}
	script_init(s);
}

/*
 * Blocks double up to a maximum.  Their pages come at once, which is faster
 * than one by one.
 */
static struct script_block *
new_block(struct script *s, size_t n)
{
	size_t size = s->blocks == NULL ? BLOCK_FIRST :
	    2 * (s->blocks->size + sizeof(struct script_block));
	struct script_block *b;

	if (size > BLOCK_LAST)
		size = BLOCK_LAST;
	if (size < n + sizeof(*b))
		size = n + sizeof(*b);
	b = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (b == MAP_FAILED)
		return NULL;
	b->size = size - sizeof(*b);
	b->next = s->blocks;
	s->blocks = b;
	s->bytes += size;
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
	if ((b == NULL || b->size - b->used < n) &&
	    (b = new_block(s, n)) == NULL)
		return NULL;
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

const char *
verb_name(enum verb verb)
{
	static const char *const names[] = {
		[VERB_ADD] = "add", [VERB_GET] = "get",
		[VERB_GETSPI] = "getspi", [VERB_DELETE] = "delete",
		[VERB_DELETEALL] = "deleteall", [VERB_FLUSH] = "flush",
		[VERB_DUMP] = "dump", [VERB_EXIT] = "exit",
		[VERB_SPDADD] = "spdadd", [VERB_SPDUPDATE] = "spdupdate",
		[VERB_SPDDELETE] = "spddelete", [VERB_SPDFLUSH] = "spdflush",
		[VERB_SPDDUMP] = "spddump"
	};

	return names[verb];
}
