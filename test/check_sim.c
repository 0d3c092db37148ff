/* SPDX-License-Identifier: ISC */
/* Tests of the simulator's kernel: it must behave as Linux XFRM does. */
#include <errno.h>
#include <stdlib.h>

#include <check.h>

#include "libipsec/addr.h"
#include "test/sim/kernel.h"
#include "test/sim/queue.h"
#include "test/sim/rng.h"

#define START	5000u
#define ALL	(IPSEC_LISTEN_ACQUIRE | IPSEC_LISTEN_EXPIRE | \
		 IPSEC_LISTEN_MAPPING | IPSEC_LISTEN_SA | \
		 IPSEC_LISTEN_POLICY)

/* Two kernels, a handle on each, and the policies of a protected pair. */
struct world {
	struct kernel	*k[2];
	struct ipsec	*h[2];
	struct ipsec_addr addr[2];
	struct ipsec_selector flow;	/* 0 to 1 */
};

static struct ipsec_policy
policy(const struct world *w, int from, enum ipsec_dir dir)
{
	struct ipsec_policy p = { .dir = (uint8_t)dir,
	    .action = IPSEC_ACTION_IPSEC, .ntmpl = 1, .priority = 100 };

	p.sel.src = w->addr[from];
	p.sel.dst = w->addr[!from];
	p.sel.src_prefix = p.sel.dst_prefix = 32;
	p.tmpl[0].proto = IPSEC_PROTO_ESP;
	p.tmpl[0].mode = IPSEC_MODE_TRANSPORT;
	return p;
}

static struct world
world_new(void)
{
	struct world w = { 0 };
	struct ipsec_policy p;

	ck_assert(addr_parse(&w.addr[0], "10.0.0.1"));
	ck_assert(addr_parse(&w.addr[1], "10.0.0.2"));
	for (int i = 0; i < 2; i++) {
		w.k[i] = kernel_new(7 + (uint64_t)i, START);
		kernel_address(w.k[i], &w.addr[i]);
		w.h[i] = kernel_open(w.k[i]);
		p = policy(&w, i, IPSEC_DIR_OUT);
		ck_assert_int_eq(ipsec_policy_set(w.h[i], &p, false), 0);
		p = policy(&w, !i, IPSEC_DIR_IN);
		ck_assert_int_eq(ipsec_policy_set(w.h[i], &p, false), 0);
		ck_assert_int_eq(ipsec_listen(w.h[i], ALL), 0);
	}
	w.flow.src = w.addr[0];
	w.flow.dst = w.addr[1];
	w.flow.src_prefix = w.flow.dst_prefix = 32;
	w.flow.proto = 17;
	return w;
}

static void
world_free(struct world *w)
{
	for (int i = 0; i < 2; i++) {
		ipsec_close(w->h[i]);
		kernel_free(w->k[i]);
	}
}

/* An ESP SA from host FROM to the other one. */
static struct ipsec_sa
esp(const struct world *w, int from, uint32_t spi)
{
	struct ipsec_sa sa = { .mode = IPSEC_MODE_TRANSPORT, .replay = 32 };

	sa.src = w->addr[from];
	sa.id.dst = w->addr[!from];
	sa.id.proto = IPSEC_PROTO_ESP;
	sa.id.spi = spi;
	sa.enc.present = 1;
	sa.enc.id = 12;
	sa.enc.key_bits = 128;
	sa.enc.key[0] = (uint8_t)spi;
	return sa;
}

struct heard {
	unsigned int	n;
	struct ipsec_event last;
	unsigned int	of[IPSEC_EVENT_RESYNC + 1];
};

static void
hear(void *ctx, const struct ipsec_event *ev)
{
	struct heard *heard = ctx;

	heard->n++;
	heard->last = *ev;
	heard->of[ev->type]++;
}

static struct heard
events(struct ipsec *h)
{
	struct heard heard = { 0 };

	ck_assert_int_eq(ipsec_events(h, hear, &heard), 0);
	return heard;
}

static enum kernel_verdict
out(struct world *w, struct kernel_packet *p)
{
	return kernel_output(w->k[0], &w->flow, 500, p);
}

START_TEST(acquire_once)
{
	struct world w = world_new();
	struct kernel_packet p;
	struct heard heard;

	events(w.h[0]);
	ck_assert_int_eq(out(&w, &p), KERNEL_WAIT);
	ck_assert_int_eq(out(&w, &p), KERNEL_WAIT);
	heard = events(w.h[0]);
	ck_assert_uint_eq(heard.n, 1);
	ck_assert_int_eq(heard.last.type, IPSEC_EVENT_ACQUIRE);
	ck_assert(addr_equal(&heard.last.sa.id.dst, &w.addr[1]));
	ck_assert(addr_equal(&heard.last.sa.src, &w.addr[0]));
	ck_assert_uint_eq(heard.last.policy.ntmpl, 1);
	ck_assert_uint_ne(heard.last.sa.seq, 0);
	ck_assert_uint_eq(kernel_larvals(w.k[0]), 1);
	/* It dies with an EXPIRE; the next packet asks again. */
	ck_assert_uint_eq(kernel_next(w.k[0]), START + 30000);
	kernel_tick(w.k[0], START + 29999);
	ck_assert_uint_eq(kernel_larvals(w.k[0]), 1);
	kernel_tick(w.k[0], START + 30000);
	ck_assert_uint_eq(kernel_larvals(w.k[0]), 0);
	heard = events(w.h[0]);
	ck_assert_int_eq(heard.last.type, IPSEC_EVENT_EXPIRE);
	ck_assert(heard.last.hard);
	ck_assert_int_eq(out(&w, &p), KERNEL_WAIT);
	ck_assert_uint_eq(events(w.h[0]).of[IPSEC_EVENT_ACQUIRE], 1);
	world_free(&w);
}
END_TEST

START_TEST(nobody_listens)
{
	struct world w = world_new();
	struct kernel_packet p;

	ck_assert_int_eq(ipsec_listen(w.h[0], 0), 0);
	ck_assert_int_eq(out(&w, &p), KERNEL_WAIT);
	ck_assert_uint_eq(kernel_larvals(w.k[0]), 0);
	world_free(&w);
}
END_TEST

START_TEST(larval_removed_by_sa)
{
	struct world w = world_new();
	struct kernel_packet p;
	struct ipsec_sa sa = esp(&w, 0, 0x1234);

	out(&w, &p);
	sa.seq = events(w.h[0]).last.sa.seq;
	/* An SA of the same number in the other direction leaves it alone. */
	struct ipsec_sa in = esp(&w, 1, 0x4321);
	in.seq = sa.seq;
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &in, false), 0);
	ck_assert_uint_eq(kernel_larvals(w.k[0]), 1);
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), 0);
	ck_assert_uint_eq(kernel_larvals(w.k[0]), 0);
	ck_assert_int_eq(out(&w, &p), KERNEL_OK);
	world_free(&w);
}
END_TEST

START_TEST(getspi_and_update)
{
	struct world w = world_new();
	struct ipsec_sa sa = esp(&w, 1, 0), got;
	uint32_t spi, again;

	ck_assert_int_eq(ipsec_getspi(w.h[0], &sa, 300, 300, &spi), 0);
	ck_assert_uint_eq(spi, 300);
	ck_assert_int_eq(ipsec_getspi(w.h[0], &sa, 300, 300, &again), -ENOENT);
	ck_assert_int_eq(ipsec_getspi(w.h[0], &sa, 301, 400, &again), 0);
	ck_assert_uint_ne(spi, again);
	ck_assert_uint_eq(kernel_larvals(w.k[0]), 2);
	sa.id.spi = spi;
	ck_assert_int_eq(ipsec_sa_get(w.h[0], &sa.id, &got), 0);
	ck_assert_int_eq(got.state, IPSEC_STATE_LARVAL);
	/* Adding what getspi reserved is refused, updating is not. */
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), -EEXIST);
	ck_assert_str_ne(ipsec_error(w.h[0]), "");
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, true), 0);
	ck_assert_int_eq(ipsec_sa_get(w.h[0], &sa.id, &got), 0);
	ck_assert_int_eq(got.state, IPSEC_STATE_MATURE);
	sa.id.spi = 0x9999;
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, true), -ESRCH);
	ck_assert_int_eq(ipsec_sa_delete(w.h[0], &sa.id), -ESRCH);
	sa.id.spi = spi;
	ck_assert_int_eq(ipsec_sa_delete(w.h[0], &sa.id), 0);
	ck_assert_int_eq(ipsec_sa_get(w.h[0], &sa.id, &got), -ESRCH);
	world_free(&w);
}
END_TEST

static struct kernel_packet
connect_worlds(struct world *w)
{
	struct ipsec_sa sa = esp(w, 0, 0x100);
	struct kernel_packet p;

	ck_assert_int_eq(ipsec_sa_set(w->h[0], &sa, false), 0);
	ck_assert_int_eq(ipsec_sa_set(w->h[1], &sa, false), 0);
	ck_assert_int_eq(out(w, &p), KERNEL_OK);
	ck_assert_uint_eq(p.nlayer, 1);
	ck_assert_uint_eq(p.layer[0].spi, 0x100);
	return p;
}

START_TEST(path_of_packets)
{
	struct world w = world_new();
	struct kernel_packet p = connect_worlds(&w), clear = p, wrong = p;
	struct ipsec_sa sa = esp(&w, 0, 0x100);

	ck_assert_int_eq(kernel_input(w.k[1], &p), KERNEL_OK);
	ck_assert_int_eq(kernel_input(w.k[1], &p), KERNEL_REPLAY);
	clear.nlayer = 0;
	ck_assert_int_eq(kernel_input(w.k[1], &clear), KERNEL_POLICY);
	wrong.layer[0].spi++;
	ck_assert_int_eq(kernel_input(w.k[1], &wrong), KERNEL_NO_STATE);
	wrong = p;
	wrong.layer[0].seal++;
	ck_assert_int_eq(kernel_input(w.k[1], &wrong), KERNEL_BAD_KEY);
	wrong = p;
	wrong.udp = true;
	ck_assert_int_eq(kernel_input(w.k[1], &wrong), KERNEL_MISMATCH);
	ipsec_flush(w.h[1], IPSEC_FLUSH_POLICY, 0);
	ck_assert_int_eq(kernel_input(w.k[1], &clear), KERNEL_CLEAR);
	ck_assert_int_eq(ipsec_sa_get(w.h[1], &sa.id, &sa), 0);
	ck_assert_uint_eq(sa.current.packets, 1);
	world_free(&w);
}
END_TEST

START_TEST(replay_window)
{
	struct world w = world_new();
	struct kernel_packet p = connect_worlds(&w);
	static const struct {
		uint32_t	seq;
		enum kernel_verdict v;
	} steps[] = {
		{ 5, KERNEL_OK }, { 3, KERNEL_OK }, { 3, KERNEL_REPLAY },
		{ 5, KERNEL_REPLAY }, { 40, KERNEL_OK }, { 9, KERNEL_OK },
		{ 8, KERNEL_REPLAY }, { 200, KERNEL_OK }, { 40, KERNEL_REPLAY },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		p.layer[0].seq = steps[i].seq;
		ck_assert_int_eq(kernel_input(w.k[1], &p), steps[i].v);
	}
	world_free(&w);
}
END_TEST

START_TEST(newest_sa_is_used)
{
	struct world w = world_new();
	struct ipsec_sa newer = esp(&w, 0, 0x200);
	struct kernel_packet p = connect_worlds(&w);

	kernel_tick(w.k[0], START + 2000);
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &newer, false), 0);
	out(&w, &p);
	ck_assert_uint_eq(p.layer[0].spi, 0x200);
	newer.id.spi = 0x300;
	newer.reqid = 5;	/* not what the template wants */
	kernel_tick(w.k[0], START + 4000);
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &newer, false), 0);
	out(&w, &p);
	ck_assert_uint_eq(p.layer[0].spi, 0x200);
	world_free(&w);
}
END_TEST

START_TEST(lifetimes)
{
	struct world w = world_new();
	struct ipsec_sa sa = esp(&w, 0, 0x100);
	struct kernel_packet p;
	struct heard heard;

	sa.soft.add = 10;
	sa.hard.add = 20;
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), 0);
	ck_assert_uint_eq(kernel_next(w.k[0]), START + 10000);
	events(w.h[0]);
	kernel_tick(w.k[0], START + 10000);
	heard = events(w.h[0]);
	ck_assert_uint_eq(heard.n, 1);
	ck_assert_int_eq(heard.last.type, IPSEC_EVENT_EXPIRE);
	ck_assert(!heard.last.hard);
	ck_assert_uint_eq(heard.last.sa.id.spi, 0x100);
	ck_assert_uint_eq(heard.last.sa.enc.present, 0);
	ck_assert_int_eq(out(&w, &p), KERNEL_OK);
	ck_assert_uint_eq(kernel_next(w.k[0]), START + 20000);
	kernel_tick(w.k[0], START + 20000);
	heard = events(w.h[0]);
	ck_assert_uint_eq(heard.n, 1);
	ck_assert(heard.last.hard);
	ck_assert_uint_eq(kernel_sas(w.k[0]), 0);
	world_free(&w);
}
END_TEST

START_TEST(byte_limits)
{
	struct world w = world_new();
	struct ipsec_sa sa = esp(&w, 0, 0x100);
	struct kernel_packet p;

	sa.soft.bytes = 1000;
	sa.hard.bytes = 1500;
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), 0);
	events(w.h[0]);
	ck_assert_int_eq(out(&w, &p), KERNEL_OK);
	ck_assert_int_eq(out(&w, &p), KERNEL_OK);
	ck_assert_uint_eq(events(w.h[0]).n, 0);
	ck_assert_int_eq(out(&w, &p), KERNEL_OK);
	ck_assert(!events(w.h[0]).last.hard);
	ck_assert_int_eq(out(&w, &p), KERNEL_LIMIT);
	ck_assert(events(w.h[0]).last.hard);
	ck_assert_int_eq(out(&w, &p), KERNEL_WAIT);
	world_free(&w);
}
END_TEST

START_TEST(policies)
{
	struct world w = world_new();
	struct ipsec_policy p = policy(&w, 0, IPSEC_DIR_OUT), got;
	struct kernel_packet packet;

	ck_assert_int_eq(ipsec_policy_set(w.h[0], &p, false), -EEXIST);
	p.sel.proto = 17;
	p.action = IPSEC_ACTION_NONE;
	p.ntmpl = 0;
	p.priority = 100;	/* the older one of the same priority wins */
	ck_assert_int_eq(ipsec_policy_set(w.h[0], &p, false), 0);
	ck_assert_int_eq(out(&w, &packet), KERNEL_WAIT);
	p.priority = 99;
	ck_assert_int_eq(ipsec_policy_set(w.h[0], &p, true), 0);
	ck_assert_int_eq(out(&w, &packet), KERNEL_CLEAR);
	p.action = IPSEC_ACTION_DISCARD;
	ck_assert_int_eq(ipsec_policy_set(w.h[0], &p, true), 0);
	ck_assert_int_eq(out(&w, &packet), KERNEL_BLOCKED);
	ck_assert_int_eq(ipsec_policy_get(w.h[0], &p, &got), 0);
	ck_assert_int_eq(got.action, IPSEC_ACTION_DISCARD);
	ck_assert_int_eq(ipsec_policy_delete(w.h[0], &p), 0);
	ck_assert_int_eq(ipsec_policy_delete(w.h[0], &p), -ENOENT);
	ck_assert_int_eq(ipsec_policy_get(w.h[0], &p, &got), -ENOENT);
	ck_assert_int_eq(out(&w, &packet), KERNEL_WAIT);
	ipsec_flush(w.h[0], IPSEC_FLUSH_POLICY, 0);
	ck_assert_int_eq(out(&w, &packet), KERNEL_CLEAR);
	world_free(&w);
}
END_TEST

START_TEST(lost_events)
{
	struct world w = world_new();
	struct ipsec_sa sa = esp(&w, 0, 0x100);
	struct heard heard;

	kernel_set_queue(w.k[0], 3);
	for (sa.id.spi = 1000; sa.id.spi < 1010; sa.id.spi++)
		ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), 0);
	heard = events(w.h[0]);
	ck_assert_uint_eq(heard.of[IPSEC_EVENT_RESYNC], 1);
	ck_assert_uint_eq(heard.of[IPSEC_EVENT_SA_NEW], 3);
	ck_assert_uint_eq(events(w.h[0]).n, 0);
	world_free(&w);
}
END_TEST

START_TEST(failures)
{
	struct world w = world_new();
	struct ipsec_sa sa = esp(&w, 0, 0x100);

	kernel_refuse(w.k[0], IPSEC_ALG_ENC, 12, -ENOSYS,
	    "Requested cipher not found");
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), -ENOSYS);
	ck_assert_str_eq(ipsec_error(w.h[0]), "Requested cipher not found");
	sa.enc.id = 3;
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), 0);
	sa.id.spi++;
	kernel_fail_sa_set(w.k[0], 2);
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), 0);
	sa.id.spi++;
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), -ENOBUFS);
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), 0);
	sa.id.spi++;
	sa.enc.present = 0;
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), -EINVAL);
	world_free(&w);
}
END_TEST

static int
note_spi(void *ctx, const struct ipsec_sa *sa)
{
	uint32_t **next = ctx;

	*(*next)++ = sa->id.spi;
	return sa->id.spi == 2 ? 77 : 0;
}

START_TEST(dumps)
{
	struct world w = world_new();
	struct ipsec_filter f = { .proto = IPSEC_PROTO_ESP };
	struct ipsec_sa sa = esp(&w, 0, 0);
	uint32_t spi[8] = { 0 }, *next = spi;

	for (sa.id.spi = 1; sa.id.spi <= 4; sa.id.spi++)
		ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), 0);
	ck_assert_int_eq(ipsec_sa_dump(w.h[0], &f, note_spi, &next), 77);
	ck_assert_int_eq(next - spi, 3);
	ck_assert_uint_eq(spi[0], 4);
	ck_assert_uint_eq(spi[2], 2);
	f.src = w.addr[1];
	next = spi;
	ck_assert_int_eq(ipsec_sa_dump(w.h[0], &f, note_spi, &next), 0);
	ck_assert_ptr_eq(next, spi);
	ipsec_flush(w.h[0], IPSEC_FLUSH_SA, IPSEC_PROTO_AH);
	ck_assert_uint_eq(kernel_sas(w.k[0]), 4);
	ipsec_flush(w.h[0], IPSEC_FLUSH_SA, IPSEC_PROTO_ESP);
	ck_assert_uint_eq(kernel_sas(w.k[0]), 0);
	world_free(&w);
}
END_TEST

static void
tunnel(struct ipsec_policy *p, const struct world *w, int from)
{
	ck_assert(addr_parse(&p->sel.src, from == 0 ? "192.168.1.0" :
	    "192.168.2.0"));
	ck_assert(addr_parse(&p->sel.dst, from == 0 ? "192.168.2.0" :
	    "192.168.1.0"));
	p->sel.src_prefix = p->sel.dst_prefix = 24;
	p->tmpl[0].mode = IPSEC_MODE_TUNNEL;
	p->tmpl[0].src = w->addr[from];
	p->tmpl[0].dst = w->addr[!from];
}

START_TEST(tunnels)
{
	struct world w = world_new();
	struct ipsec_policy p = policy(&w, 0, IPSEC_DIR_OUT);
	struct ipsec_sa sa = esp(&w, 0, 0x100);
	struct kernel_packet packet;

	tunnel(&p, &w, 0);
	ck_assert_int_eq(ipsec_policy_set(w.h[0], &p, false), 0);
	p.dir = IPSEC_DIR_FWD;
	ck_assert_int_eq(ipsec_policy_set(w.h[1], &p, false), 0);
	sa.mode = IPSEC_MODE_TUNNEL;
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), 0);
	ck_assert_int_eq(ipsec_sa_set(w.h[1], &sa, false), 0);
	ck_assert(addr_parse(&w.flow.src, "192.168.1.9"));
	ck_assert(addr_parse(&w.flow.dst, "192.168.2.9"));
	ck_assert_int_eq(out(&w, &packet), KERNEL_OK);
	ck_assert(addr_equal(&packet.dst, &w.addr[1]));
	ck_assert(addr_equal(&packet.src, &w.addr[0]));
	ck_assert_int_eq(kernel_input(w.k[1], &packet), KERNEL_OK);
	/* Without the policy nobody wanted a tunnel. */
	ck_assert_int_eq(ipsec_policy_delete(w.h[1], &p), 0);
	ck_assert_int_eq(out(&w, &packet), KERNEL_OK);
	ck_assert_int_eq(kernel_input(w.k[1], &packet), KERNEL_POLICY);
	world_free(&w);
}
END_TEST

START_TEST(mapping)
{
	struct world w = world_new();
	struct ipsec_sa sa = esp(&w, 0, 0x100);
	struct kernel_packet p;
	struct heard heard;

	sa.encap.type = 2;
	sa.encap.sport = sa.encap.dport = 4500;
	ck_assert_int_eq(ipsec_sa_set(w.h[0], &sa, false), 0);
	ck_assert_int_eq(ipsec_sa_set(w.h[1], &sa, false), 0);
	ck_assert_int_eq(out(&w, &p), KERNEL_OK);
	ck_assert(p.udp);
	ck_assert_uint_eq(p.dst.port, 4500);
	events(w.h[1]);
	ck_assert_int_eq(kernel_input(w.k[1], &p), KERNEL_OK);
	ck_assert_uint_eq(events(w.h[1]).n, 0);
	ck_assert_int_eq(out(&w, &p), KERNEL_OK);
	p.src.port = 1024;
	ck_assert_int_eq(kernel_input(w.k[1], &p), KERNEL_OK);
	heard = events(w.h[1]);
	ck_assert_uint_eq(heard.of[IPSEC_EVENT_MAPPING], 1);
	ck_assert_uint_eq(heard.last.from.port, 4500);
	ck_assert_uint_eq(heard.last.to.port, 1024);
	world_free(&w);
}
END_TEST

START_TEST(random_numbers)
{
	struct rng a, b;
	unsigned int hits = 0;

	rng_init(&a, 1);
	rng_init(&b, 2);
	ck_assert_uint_ne(rng_next(&a), rng_next(&b));
	rng_init(&b, 1);
	rng_next(&b);
	for (int i = 0; i < 10000; i++) {
		ck_assert_uint_lt(rng_below(&a, 10), 10);
		hits += rng_chance(&b, 300);
	}
	ck_assert_uint_gt(hits, 2800);
	ck_assert_uint_lt(hits, 3200);
	ck_assert(!rng_chance(&a, 0));
	ck_assert_uint_eq(rng_below(&a, 0), 0);
}
END_TEST

START_TEST(order_of_events)
{
	struct queue q = { 0 };
	struct event *e;
	struct rng r;
	uint64_t when = 0, order = 0;

	rng_init(&r, 3);
	ck_assert_uint_eq(queue_next(&q), UINT64_MAX);
	for (int i = 0; i < 1000; i++) {
		struct event in = { .type = EVENT_CALL,
		    .when = rng_below(&r, 50) };

		queue_add(&q, &in);
	}
	for (int i = 0; i < 900; i++) {
		ck_assert_uint_ge(queue_next(&q), when);
		e = queue_take(&q);
		ck_assert_ptr_nonnull(e);
		if (e->when == when)
			ck_assert_uint_gt(e->order, order);
		when = e->when;
		order = e->order;
		happening_free(e);
	}
	queue_fini(&q);
	ck_assert_ptr_null(queue_take(&q));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("sim");
	TCase *t = tcase_create("kernel");
	SRunner *r;
	int failed;

	tcase_add_test(t, acquire_once);
	tcase_add_test(t, nobody_listens);
	tcase_add_test(t, larval_removed_by_sa);
	tcase_add_test(t, getspi_and_update);
	tcase_add_test(t, path_of_packets);
	tcase_add_test(t, replay_window);
	tcase_add_test(t, newest_sa_is_used);
	tcase_add_test(t, lifetimes);
	tcase_add_test(t, byte_limits);
	tcase_add_test(t, policies);
	tcase_add_test(t, lost_events);
	tcase_add_test(t, failures);
	tcase_add_test(t, dumps);
	tcase_add_test(t, tunnels);
	tcase_add_test(t, mapping);
	tcase_add_test(t, random_numbers);
	tcase_add_test(t, order_of_events);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0;
}
