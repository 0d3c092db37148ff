/* SPDX-License-Identifier: ISC */
/*
 * Peers as people see them: one record for each address, with the bytes that
 * the kernel has counted for its pairs and what went wrong last.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/mem.h"
#include "daemon/admin_call.h"
#include "daemon/admin_kernel.h"
#include "ike/report.h"
#include "libipsec/addr.h"

struct bytes {
	struct ipsec_addr remote;	/* port 0 */
	uint64_t	in, out;
	bool		told;		/* there is a record already */
	UT_hash_handle	hh;
};

struct peers {
	struct buf	*out;
	const struct ike *ike;
	const struct kernel_sas *kernel;	/* NULL: it did not say */
	struct bytes	*bytes;
};

static struct ipsec_addr
key_of(const struct ipsec_addr *remote)
{
	struct ipsec_addr key = *remote;

	key.port = 0;
	return key;
}

static struct bytes *
find(const struct peers *p, const struct ipsec_addr *remote)
{
	const struct ipsec_addr key = key_of(remote);
	struct bytes *b;

	HASH_FIND(hh, p->bytes, &key, sizeof(key), b);
	return b;
}

static struct bytes *
get(struct peers *p, const struct ipsec_addr *remote)
{
	struct bytes *b = find(p, remote);

	if (b != NULL)
		return b;
	b = xcalloc(1, sizeof(*b));
	b->remote = key_of(remote);
	HASH_ADD(hh, p->bytes, remote, sizeof(b->remote), b);
	return b;
}

static bool
add_bytes(void *ctx, const struct ike_p2_report *r)
{
	struct peers *p = ctx;
	struct bytes *b = get(p, &r->remote);
	struct kernel_sa in, out;

	if (p->kernel == NULL)
		return false;
	(void)kernel_sas_find(p->kernel, &r->src, r->proto, r->spi_in, &in);
	(void)kernel_sas_find(p->kernel, &r->dst, r->proto, r->spi_out, &out);
	b->in += in.bytes;
	b->out += out.bytes;
	return true;
}

static int64_t
seconds_since(uint64_t now, uint64_t then)
{
	return now > then ? (int64_t)((now - then) / 1000) : 0;
}

static uint32_t
state_of(const struct ike_peer_report *r)
{
	if (r->has_sa && r->state == IKE_P1_UP)
		return ADMIN_PEER_UP;
	if (r->has_sa && r->state == IKE_P1_DYING)
		return ADMIN_PEER_DYING;
	if (r->silent)
		return ADMIN_PEER_SILENT;
	return r->has_sa ? ADMIN_PEER_NEGOTIATING : ADMIN_PEER_DOWN;
}

static void
add_problem(const struct peers *p, const struct ipsec_addr *remote,
    struct ike_problem *problem, struct admin_peer *to)
{
	to->problem_age = -1;
	if (!ike_problem_of(p->ike, remote, problem) || problem->solved)
		return;
	to->problem_age = seconds_since(ike_now(p->ike), problem->when);
	to->problem = view_text(problem->text);
}

static bool
put_peer(void *ctx, const struct ike_peer_report *r)
{
	struct peers *p = ctx;
	const uint64_t now = ike_now(p->ike);
	struct bytes *b = get(p, &r->remote);
	struct ike_problem problem;
	struct admin_peer to = {
		.remote = r->remote,
		.state = state_of(r),
		.pairs = r->pairs,
		.retry = r->silent && r->until > now ?
		    (uint32_t)((r->until - now + 999) / 1000) : 0,
		.age = r->has_sa ? seconds_since(now, r->since) : -1,
		.bytes_in = b->in,
		.bytes_out = b->out,
		.id = view_text(r->id),
	};

	b->told = true;
	add_problem(p, &r->remote, &problem, &to);
	admin_peer_put(p->out, &to);
	return buf_ok(p->out);
}

/* With whom there is nothing but a problem. */
static bool
put_problem(void *ctx, const struct ike_problem *problem)
{
	struct peers *p = ctx;
	const struct bytes *b = find(p, &problem->remote);
	const struct admin_peer to = {
		.remote = problem->remote,
		.state = ADMIN_PEER_DOWN,
		.age = -1,
		.problem_age = seconds_since(ike_now(p->ike), problem->when),
		.problem = view_text(problem->text),
	};

	if (!problem->solved && (b == NULL || !b->told))
		admin_peer_put(p->out, &to);
	return buf_ok(p->out);
}

static void
forget(struct peers *p, struct kernel_sas *kernel)
{
	struct bytes *b, *next;

	HASH_ITER(hh, p->bytes, b, next) {
		HASH_DEL(p->bytes, b);
		free(b);
	}
	kernel_sas_free(kernel);
}

int
call_peers(struct call *c)
{
	struct kernel_sas *kernel = kernel_sas_new(c->of->ipsec);
	struct peers p = { .out = c->out, .ike = c->of->ike,
	    .kernel = kernel };

	ike_each_p2(p.ike, add_bytes, &p);
	ike_each_peer(p.ike, put_peer, &p);
	ike_each_problem(p.ike, put_problem, &p);
	forget(&p, kernel);
	return 0;
}
