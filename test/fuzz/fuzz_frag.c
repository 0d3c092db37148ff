/* SPDX-License-Identifier: ISC */
/*
 * Fragments in any sequence: of an SA, of half-open ones and of strangers.
 * Each step of the input:
 *
 *	byte 0	bits 0-1: 0 an SA that we began, 1 a half-open one, 2 and 3 a
 *		stranger; bits 2-3: its address; bits 4-5: id; bit 6: the last
 *		fragment; bit 7: time passes before
 *	byte 1	index
 *	byte 2	its bytes: they have this value, there are 160 times as many;
 *		seconds if time passes
 *
 * What comes out whole must be, for each index, what was last put in under the
 * same name; and nothing ever grows beyond its limit.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ike/frag.h"
#include "libipsec/addr.h"
#include "test/fuzz/fuzz.h"
#include "wire/frag.h"

#define STEPS_MAX	2000
#define NAMES		64
#define INDEXES		256

/* The last that came for each index. */
struct latest {
	uint8_t		byte;
	uint32_t	n;		/* 0: nothing */
};

struct game {
	struct ike	 ike;
	struct sa	 sa[2];
	struct latest	 latest[NAMES][INDEXES];
};

static void
step_header(uint8_t how, struct msg_header *h, struct ipsec_addr *remote)
{
	static const uint8_t ten[4] = { 10, 0, 0, 1 };

	*h = (struct msg_header){ .version = ISAKMP_VERSION,
	    .next = ISAKMP_FRAG, .etype = ISAKMP_ETYPE_MAIN };
	h->icookie[0] = how & 3;
	assert(addr_from_bytes(remote, AF_INET, view_of(ten, 4)));
	remote->port = 500 + (how >> 2 & 3);
}

static void
put_fragment(struct buf *b, struct msg_header *h, const struct fragment *f)
{
	struct msg_out out;

	msg_begin(&out, b, h);
	msg_open(&out, ISAKMP_FRAG);
	fragment_put(b, f);
	msg_close(&out);
	assert(msg_end(&out));
	h->length = (uint32_t)b->n;
}

/* Is it what was put in? */
static void
check_whole(const struct latest *latest, struct view whole)
{
	size_t n = 0;

	for (unsigned int i = 1; whole.n > 0; i++) {
		assert(i < INDEXES && latest[i].n > 0);
		assert(whole.n >= latest[i].n);
		n += latest[i].n;
		for (struct view v = view_take(&whole, latest[i].n); v.n > 0;)
			assert(view_u8(&v) == latest[i].byte);
	}
	assert(n <= LIMIT_FRAG_MESSAGE);
}

static void
check_limits(const struct game *g)
{
	struct frag_counts c;

	frag_count(&g->ike, &c);
	assert(c.strange <= LIMIT_FRAG_SETS);
	assert(c.strange_bytes <= LIMIT_FRAG_STRANGE);
	assert(c.strange <= LIMIT_FRAG_SETS_SOURCE);	/* one address */
	assert(c.known <= LIMIT_FRAG_SETS_SA);
	assert(c.known_bytes <= LIMIT_FRAG_KNOWN);
}

static void
step(struct game *g, struct view *in)
{
	uint8_t how = view_u8(in), index = view_u8(in), size = view_u8(in);
	struct latest *latest = g->latest[how & (NAMES - 1)];
	static uint8_t data[40 * 1024];
	struct ipsec_addr remote;
	struct msg_header h;
	struct frag_in f = { .remote = &remote, .h = &h };
	struct fragment fragment = { .id = how >> 4 & 3, .index = index,
	    .last = (how & 0x40) != 0 };
	struct frag_whole whole;
	struct buf b;

	if (how & 0x80) {
		g->ike.now += 1000u * size;
		timers_run(&g->ike.timers, g->ike.now);
	}
	step_header(how, &h, &remote);
	f.sa = (how & 3) < 2 ? &g->sa[how & 3] : NULL;
	memset(data, size, sizeof(data));
	fragment.data = view_of(data, (size_t)size * 160);
	buf_init(&b, LIMIT_DATAGRAM);
	put_fragment(&b, &h, &fragment);
	f.chain = buf_from(&b, ISAKMP_HEADER_LEN);
	buf_init(&whole.bytes, LIMIT_FRAG_MESSAGE);
	if (frag_input(&g->ike, &f, &whole) == OK) {
		latest[index] = (struct latest){ size,
		    (uint32_t)fragment.data.n };
		check_whole(latest, buf_view(&whole.bytes));
	}
	buf_fini(&whole.bytes);
	buf_fini(&b);
	check_limits(g);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct game *g = xcalloc(1, sizeof(*g));
	struct view in = view_of(data, n);

	timers_init(&g->ike.timers);
	g->ike.now = 1000;
	g->ike.frags = frags_new(&g->ike);
	g->sa[0].ike = g->sa[1].ike = &g->ike;
	g->sa[0].initiator = true;
	for (int i = 0; i < STEPS_MAX && in.n > 0; i++)
		step(g, &in);
	frag_forget(&g->sa[0]);
	frag_forget(&g->sa[1]);
	frags_free(g->ike.frags);
	assert(timers_next(&g->ike.timers) == TIMER_NEVER);
	timers_fini(&g->ike.timers);
	free(g);
	return 0;
}
