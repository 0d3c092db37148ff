/* SPDX-License-Identifier: ISC */
/*
 * Datagrams into an engine that is before, in the middle of, or behind a
 * negotiation with another one.  The input is a little program:
 *
 *	byte 0	bits 0-3: how many datagrams of the real negotiation pass
 *		first (15: all of it), bit 4: the initiator is the victim,
 *		bits 5, 6: 1 for aggressive, 2 for base mode, bit 7: with
 *		signatures
 *	then steps, by the low two bits of their first byte:
 *	0	raw: u16 length, bytes
 *	1	a recorded datagram: u8 which, u8 count, count * (u16 offset,
 *		u8 to xor)
 *	2	a recorded datagram cut: u8 which, u16 length
 *	3	time passes: u8 n, n * n * 4 ms
 *	other bits: 2: from a stranger, 3: to port 4500, 4: with the cookies
 *	of the first answer, 5: with the right length in the header
 *
 * At the end the engines must come to rest, and all checks of the simulator
 * hold on the way.
 */
#include <stdlib.h>

#include "libipsec/addr.h"
#include "test/fuzz/fuzz.h"
#include "test/sim/scen.h"

#define STEPS_MAX	64
#define WHOLE		15
#define MESSAGE_MAX	2000

#define FROM_STRANGER	0x04
#define TO_NATT		0x08
#define WITH_COOKIES	0x10
#define WITH_LENGTH	0x20

struct game {
	struct sim	*sim;
	struct sim_host	*host[2], *victim, *friend;
	struct scen_record record;
	unsigned int	 pass;		/* real datagrams that may go by */
};

/* Records everything, lets only the first ones through. */
static bool
gate(void *ctx, struct sim *sim, struct dgram *d)
{
	struct game *g = ctx;

	(void)sim;
	if (d->is_packet)
		return true;
	if (g->record.n < SCEN_RECORDS)
		g->record.d[g->record.n++] = dgram_copy(d);
	if (g->pass == 0)
		return false;
	if (g->pass != WHOLE)
		g->pass--;
	return true;
}

static void
begin(struct game *g, uint8_t how)
{
	static const char *const modes[] = { "main", "aggressive", "base",
	    "main" };
	struct sim_flow *f;

	g->sim->tap = gate;
	g->sim->tap_ctx = g;
	g->sim->spare_sas = 200;
	g->pass = how & 0x0f;
	scen_two(g->sim, g->host, "esp/transport//require");
	for (int i = 0; i < 2; i++)
		if ((how & 0x80) != 0)
			scen_certify(g->host[i], modes[how >> 5 & 3], i == 0);
		else if ((how & 0x60) != 0)
			scen_mode(g->host[i], modes[how >> 5 & 3]);
	g->victim = g->host[(how & 0x10) == 0];
	g->friend = g->host[(how & 0x10) != 0];
	f = sim_flow_between(g->host[0], g->host[1]);
	sim_flow_send(f);
	sim_run(g->sim, SIM_SECOND);
	g->pass = g->pass == WHOLE ? WHOLE : 0;
}

/* NULL when nothing was recorded. */
static struct dgram *
recorded(const struct game *g, uint8_t which)
{
	return g->record.n == 0 ? NULL :
	    dgram_copy(g->record.d[which % g->record.n]);
}

static struct dgram *
step_raw(const struct game *g, struct view *in)
{
	struct dgram *d = dgram_new();
	uint16_t n = view_u16(in);

	(void)g;
	if (n > in->n)
		n = (uint16_t)in->n;
	buf_add(&d->data, view_take(in, n));
	return d;
}

static struct dgram *
step_edited(const struct game *g, struct view *in)
{
	struct dgram *d = recorded(g, view_u8(in));
	uint8_t n = view_u8(in);

	for (; n > 0 && in->n >= 3; n--) {
		uint16_t at = view_u16(in);
		uint8_t mask = view_u8(in);

		if (d != NULL && d->data.n > 0)
			buf_patch8(&d->data, at % d->data.n,
			    d->data.p[at % d->data.n] ^ mask);
	}
	return d;
}

static struct dgram *
step_cut(const struct game *g, struct view *in)
{
	struct dgram *d = recorded(g, view_u8(in));
	uint16_t n = view_u16(in);

	if (d != NULL && d->data.n > 0)
		buf_cut(&d->data, n % d->data.n);
	return d;
}

static void
address(const struct game *g, struct dgram *d, uint8_t how)
{
	d->src = g->friend->addr[0];
	d->dst = g->victim->addr[0];
	if ((how & FROM_STRANGER) != 0)
		addr_parse(&d->src, "192.0.2.66");
	d->src.port = d->dst.port = (how & TO_NATT) != 0 ? 4500 : 500;
	d->marker = (how & TO_NATT) != 0;
}

static void
repair(const struct game *g, struct dgram *d, uint8_t how)
{
	if ((how & WITH_COOKIES) != 0 && g->record.n > 1 && d->data.n >= 16)
		for (size_t i = 0; i < 16; i++)
			buf_patch8(&d->data, i, g->record.d[1]->data.p[i]);
	if ((how & WITH_LENGTH) != 0 && d->data.n >= 28)
		buf_patch32(&d->data, 24, (uint32_t)d->data.n);
}

static void
step(struct game *g, struct view *in)
{
	uint8_t how = view_u8(in);
	struct dgram *d = NULL;
	uint8_t n;

	switch (how & 3) {
	case 0:
		d = step_raw(g, in);
		break;
	case 1:
		d = step_edited(g, in);
		break;
	case 2:
		d = step_cut(g, in);
		break;
	case 3:
		n = view_u8(in);
		sim_run(g->sim, (uint64_t)n * n * 4);
		return;
	}
	if (d == NULL)
		return;
	address(g, d, how);
	repair(g, d, how);
	sim_inject(g->sim, d);
	sim_run(g->sim, 20);
}

/* The gate cuts the network: every exchange must end by its timers. */
static void
end(struct game *g)
{
	sim_settle(g->sim, 20 * SIM_MINUTE);
	for (int i = 0; i < 2; i++) {
		struct ike_counts c = sim_counts(g->host[i]);

		if (c.exchanges > 0 || c.wants > 0 || c.sas != c.ready)
			sim_fail(g->sim, "not at rest: %zu exchanges, %zu "
			    "wants, %zu of %zu IKE SAs", c.exchanges,
			    c.wants, c.ready, c.sas);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_of(data, size);
	struct crypto *crypto = crypto_new();
	struct game g = { .sim = sim_new(1, crypto, false) };

	begin(&g, view_u8(&in));
	for (int i = 0; i < STEPS_MAX && in.n > 0 && !in.bad; i++)
		step(&g, &in);
	end(&g);
	if (g.sim->failures > 0) {
		sim_print_failure(g.sim);
		abort();
	}
	scen_record_free(g.sim, &g.record);
	sim_free(g.sim);
	crypto_free(crypto);
	return 0;
}
