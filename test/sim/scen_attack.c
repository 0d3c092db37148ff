/* SPDX-License-Identifier: ISC */
/*
 * Datagrams that nobody meant to send: recorded ones again, with a byte
 * changed, cut, from elsewhere; made up ones; floods.  What is up stays up,
 * what is under way comes up, strangers get no more bytes than they sent.
 */
#include <stdio.h>
#include <string.h>

#include "libipsec/addr.h"
#include "test/sim/scen.h"

/* An established pair and everything that was said to get there. */
struct victim {
	struct sim_host	*host[2];
	struct sim_flow	*there, *back;
	struct scen_record record;
	unsigned int	 seen[2][IKE_EVENT_CHILD_NO_PHASE1 + 1];
};

static bool
victim_up(struct sim *sim, struct victim *v)
{
	scen_record(sim, &v->record);
	scen_two(sim, v->host, "esp/transport//require");
	v->there = sim_flow_between(v->host[0], v->host[1]);
	v->back = sim_flow_between(v->host[1], v->host[0]);
	sim_expect(sim, sim_flow_until_up(v->there, 20 * SIM_SECOND) > 0 &&
	    sim_flow_until_up(v->back, 20 * SIM_SECOND) > 0, "not up");
	sim->tap = NULL;
	for (int i = 0; i < 2; i++)
		for (int e = 0; e <= IKE_EVENT_CHILD_FAILED; e++)
			v->seen[i][e] = v->host[i]->seen[e];
	return sim->failures == 0;
}

/* Nothing came, nothing went, and packets still pass. */
static void
victim_unharmed(struct sim *sim, struct victim *v)
{
	static const enum ike_event_type stays[] = { IKE_EVENT_PHASE1_UP,
	    IKE_EVENT_PHASE1_DOWN, IKE_EVENT_PHASE1_DEAD, IKE_EVENT_CHILD_UP,
	    IKE_EVENT_CHILD_DOWN };
	unsigned int sent = v->there->sent, got = v->there->delivered;

	for (int i = 0; i < 2; i++)
		for (size_t e = 0; e < sizeof(stays) / sizeof(stays[0]); e++)
			if (v->host[i]->seen[stays[e]] != v->seen[i][stays[e]])
				sim_fail(sim, "%s: event %d %u times",
				    v->host[i]->name, (int)stays[e],
				    v->host[i]->seen[stays[e]] -
				    v->seen[i][stays[e]]);
	sim_flow_run(v->there, 100, sim->now + SIM_SECOND);
	sim_flow_run(v->back, 100, sim->now + SIM_SECOND);
	sim_run(sim, 2 * SIM_SECOND);
	sim_expect(sim, v->there->delivered - got == v->there->sent - sent,
	    "packets of the pair are lost");
	sim_settle(sim, 4 * SIM_MINUTE);
	sim_check(sim);
}

/* The record again, in random order, some of it twice. */
static void
replay(struct sim *sim)
{
	struct victim v;

	if (victim_up(sim, &v)) {
		for (int i = 0; i < 200; i++) {
			sim_inject(sim, dgram_copy(v.record.d[rng_below(
			    &sim->rng, (uint32_t)v.record.n)]));
			sim_run(sim, rng_below(&sim->rng, 300));
		}
		victim_unharmed(sim, &v);
	}
	scen_record_free(sim, &v.record);
}

/* Every byte of every datagram changed once, after the pair is up. */
static void
flip_later(struct sim *sim)
{
	struct victim v;
	uint8_t mask = (uint8_t)(1u << (sim->seed - 1) % 8);

	sim->spare_sas = 300;
	if (victim_up(sim, &v)) {
		for (size_t i = 0; i < v.record.n; i++)
			for (size_t at = 0; at < v.record.d[i]->data.n; at++) {
				struct dgram *d = dgram_copy(v.record.d[i]);

				buf_patch8(&d->data, at,
				    d->data.p[at] ^ mask);
				sim_inject(sim, d);
				sim_run(sim, 7);
			}
		victim_unharmed(sim, &v);
	}
	scen_record_free(sim, &v.record);
}

/* Cut to every length, and with bytes behind the end. */
static void
cut_later(struct sim *sim)
{
	struct victim v;

	sim->spare_sas = 300;
	if (victim_up(sim, &v)) {
		for (size_t i = 0; i < v.record.n; i++)
			for (size_t n = 0; n < v.record.d[i]->data.n + 40;
			    n++) {
				struct dgram *d = dgram_copy(v.record.d[i]);

				if (n < d->data.n)
					buf_cut(&d->data, n);
				else
					buf_zero(&d->data, n - d->data.n + 1);
				sim_inject(sim, d);
				sim_run(sim, 7);
			}
		victim_unharmed(sim, &v);
	}
	scen_record_free(sim, &v.record);
}

/*
 * On the way: the seed says which byte of which datagram.  A stride makes few
 * seeds meet all parts of a message, and many of them every byte.
 */
#define STRIDE	37

struct flip {
	uint64_t	nth, at;
	uint64_t	count;
	uint8_t		mask;
	bool		cut;
};

/*
 * NAT-D payloads are the one thing that no hash of main mode covers (RFC 3947
 * 3.2): who changes them makes one side see a NAT.
 */
static bool
in_natd(const struct dgram *d, size_t at)
{
	uint8_t type = d->data.p[16];
	size_t payload = 28, n;

	while (d->data.p[19] == 0 && type != 0 && payload + 4 <= d->data.n) {
		n = (size_t)d->data.p[payload + 2] << 8 |
		    d->data.p[payload + 3];
		if (at < payload + n)
			return type == 20;
		type = d->data.p[payload];
		payload += n;
	}
	return false;
}

static bool
flip_one(void *ctx, struct sim *sim, struct dgram *d)
{
	struct flip *f = ctx;

	(void)sim;
	if (d->is_packet || f->count++ != f->nth || d->data.n == 0)
		return true;
	if (f->cut)
		buf_cut(&d->data, f->at % d->data.n);
	else if (!in_natd(d, f->at % d->data.n))
		buf_patch8(&d->data, f->at % d->data.n,
		    d->data.p[f->at % d->data.n] ^ f->mask);
	return true;
}

static void
in_flight(struct sim *sim, bool cut)
{
	struct flip f = { .nth = (sim->seed - 1) % 9,
	    .at = (sim->seed - 1) / 9 * STRIDE, .cut = cut };
	struct sim_host *host[2];

	f.mask = (uint8_t)(1u << rng_below(&sim->rng, 8));
	sim->tap = flip_one;
	sim->tap_ctx = &f;
	scen_two(sim, host, "esp/transport//require");
	scen_talk(sim, host[0], host[1], 2 * SIM_MINUTE);
	sim_settle(sim, 4 * SIM_MINUTE);
	sim_check(sim);
	scen_talk(sim, host[0], host[1], 5 * SIM_SECOND);
}

static void
flip_in_flight(struct sim *sim)
{
	in_flight(sim, false);
}

static void
cut_in_flight(struct sim *sim)
{
	in_flight(sim, true);
}

/* Somebody shortens the life time that the first messages offer. */
static bool
shorten_life(void *ctx, struct sim *sim, struct dgram *d)
{
	static const uint8_t hour[] = { 0x80, 0x0b, 0, 1, 0x80, 0x0c, 0x0e,
	    0x10 };
	unsigned int *changed = ctx;
	uint8_t *p;

	(void)sim;
	p = d->is_packet ? NULL :
	    memmem(d->data.p, d->data.n, hour, sizeof(hour));
	if (p != NULL) {
		p[7] = 0;
		++*changed;
	}
	return true;
}

/* No phase 1 may come from an offer that is not as it was sent. */
static void
changed_offer(struct sim *sim)
{
	struct sim_host *host[2];
	unsigned int changed = 0;

	sim->tap = shorten_life;
	sim->tap_ctx = &changed;
	scen_two(sim, host, "esp/transport//require");
	sim_flow_send(sim_flow_between(host[0], host[1]));
	sim_run(sim, SIM_MINUTE);
	sim_expect(sim, changed > 0, "nothing was changed");
	sim_expect(sim, host[0]->seen[IKE_EVENT_PHASE1_UP] == 0 &&
	    host[1]->seen[IKE_EVENT_PHASE1_UP] == 0,
	    "phase 1 came up with a changed offer");
	sim->tap = NULL;
	scen_talk(sim, host[0], host[1], SIM_MINUTE);
	sim_settle(sim, 3 * SIM_MINUTE);
	sim_check(sim);
}

/* Strangers. */

/* Random bytes behind a header that may even be a good one. */
static void
made_up(struct sim *sim, struct buf *out)
{
	static const uint8_t etypes[] = { 1, 2, 4, 5, 6, 32, 33, 77 };
	uint32_t n = rng_below(&sim->rng, 300);

	for (uint32_t i = 0; i < 28 + n; i++)
		buf_u8(out, (uint8_t)rng_next(&sim->rng));
	buf_patch8(out, 17, 0x10);
	buf_patch8(out, 16, (uint8_t)rng_below(&sim->rng, 16));
	buf_patch8(out, 18, etypes[rng_below(&sim->rng, 8)]);
	buf_patch8(out, 19, (uint8_t)rng_below(&sim->rng, 2));
	if (rng_chance(&sim->rng, 500)) {	/* as a first message */
		buf_patch32(out, 8, 0);
		buf_patch32(out, 12, 0);
		buf_patch32(out, 20, 0);
	}
	buf_patch32(out, 24, 28 + n);
}

static void
garbage(struct sim *sim)
{
	struct victim v;
	struct dgram *d;

	sim->spare_sas = 2000;
	if (victim_up(sim, &v)) {
		for (int i = 0; i < 1000; i++) {
			d = dgram_new();
			d->dst = v.host[i % 2]->addr[0];
			d->dst.port = rng_chance(&sim->rng, 200) ? 4500 : 500;
			d->marker = d->dst.port == 4500;
			d->src = rng_chance(&sim->rng, 300) ?
			    v.host[1 - i % 2]->addr[0] :
			    scen_stranger(sim, rng_below(&sim->rng, 50));
			d->src.port = 500;
			made_up(sim, &d->data);
			sim_inject(sim, d);
			sim_run(sim, rng_below(&sim->rng, 50));
		}
		victim_unharmed(sim, &v);
	}
	scen_record_free(sim, &v.record);
}

/* Good messages of the record, from people who did not make them. */
static void
stolen(struct sim *sim)
{
	struct victim v;

	sim->spare_sas = 2000;
	if (victim_up(sim, &v)) {
		for (int i = 0; i < 500; i++) {
			struct dgram *d = dgram_copy(v.record.d[rng_below(
			    &sim->rng, (uint32_t)v.record.n)]);

			d->src = scen_stranger(sim, rng_below(&sim->rng, 30));
			sim_inject(sim, d);
			sim_run(sim, rng_below(&sim->rng, 50));
		}
		victim_unharmed(sim, &v);
	}
	scen_record_free(sim, &v.record);
}

/* Keeps the first N payloads, and of the last of them only so many bytes. */
static void
keep_payloads(struct buf *b, unsigned int n, size_t last)
{
	size_t at = 28, len = 0;

	for (unsigned int i = 0; i < n; i++) {
		at += len;
		len = (size_t)b->p[at + 2] << 8 | b->p[at + 3];
	}
	if (len > last)
		len = last;
	buf_patch8(b, at, 0);
	buf_patch16(b, at + 2, (uint16_t)len);
	buf_cut(b, at + len);
	buf_patch32(b, 24, (uint32_t)(at + len));
}

/*
 * A stranger that says as little as it can: no Vendor IDs, a short nonce.  It
 * is answered, but with no more than it said.
 */
static void
small_talk(struct sim *sim, struct victim *v)
{
	struct dgram *first = dgram_copy(v->record.d[0]);
	struct dgram *second = dgram_copy(v->record.d[2]);
	struct scen_record answers;

	scen_record(sim, &answers);
	first->src = second->src = scen_stranger(sim, 1);
	keep_payloads(&first->data, 1, SIZE_MAX);
	keep_payloads(&second->data, 2, 4 + 8);
	sim_inject(sim, first);
	sim_run(sim, SIM_SECOND);
	if (sim_expect(sim, answers.n == 1, "no answer to a first message")) {
		for (size_t i = 0; i < 16; i++)
			buf_patch8(&second->data, i,
			    answers.d[0]->data.p[i]);
		sim_inject(sim, second);
	} else
		dgram_free(second);
	sim_run(sim, SIM_MINUTE);
	scen_record_free(sim, &answers);
}

static void
small(struct sim *sim)
{
	struct victim v;

	if (victim_up(sim, &v)) {
		small_talk(sim, &v);
		victim_unharmed(sim, &v);
	}
	scen_record_free(sim, &v.record);
}

/* Thousands of first messages, each from a new address: a friend gets in. */
static void
flood(struct sim *sim)
{
	struct victim v;
	struct sim_host *c;
	struct dgram *d;
	size_t most = 0;

	sim->spare_sas = 2000;
	if (!victim_up(sim, &v)) {
		scen_record_free(sim, &v.record);
		return;
	}
	for (uint32_t i = 0; i < 3000; i++) {
		d = dgram_copy(v.record.d[0]);
		d->src = scen_stranger(sim, i);
		buf_patch32(&d->data, 0, (uint32_t)rng_next(&sim->rng));
		sim_inject(sim, d);
		sim_run(sim, 1);
		if (sim_counts(v.host[1]).sas > most)
			most = sim_counts(v.host[1]).sas;
	}
	sim_expect(sim, most < 2000, "half-open SAs without end");
	c = scen_host(sim, "c", "10.0.0.3");
	sim_protect_all(c, v.host[1], "esp/transport//require");
	sim_start(c);
	scen_talk(sim, c, v.host[1], 2 * SIM_MINUTE);
	v.seen[1][IKE_EVENT_PHASE1_UP]++;	/* with the friend */
	v.seen[1][IKE_EVENT_CHILD_UP]++;
	victim_unharmed(sim, &v);
	scen_record_free(sim, &v.record);
}

int
main(int argc, char **argv)
{
	static const struct scen_case cases[] = {
		{ "replay", replay, 5, 100 },
		{ "flip-later", flip_later, 1, 8 },
		{ "cut-later", cut_later, 1, 3 },
		{ "flip-in-flight", flip_in_flight, 400, 4500 },
		{ "cut-in-flight", cut_in_flight, 200, 4500 },
		{ "changed-offer", changed_offer, 1, 10 },
		{ "garbage", garbage, 3, 100 },
		{ "stolen", stolen, 3, 100 },
		{ "small", small, 1, 1 },
		{ "flood", flood, 1, 3 },
	};

	return scen_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
