/* SPDX-License-Identifier: ISC */
/*
 * A host: an engine, what it asks of the world (struct ike_ops), and its
 * kernel.  Jobs come back later and kernel events are handed in by the loop,
 * both never from within a call of the engine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/psk.h"
#include "crypto/trust.h"
#include "conf/read.h"
#include "ike/job.h"
#include "libipsec/addr.h"
#include "test/sim/seeded.h"
#include "test/sim/sim.h"
#include "wire/isakmp.h"

#define LISTEN	(IPSEC_LISTEN_ACQUIRE | IPSEC_LISTEN_EXPIRE | \
		 IPSEC_LISTEN_MAPPING | IPSEC_LISTEN_SA)

/* What the engine asks. */

/* RFC 3948 2.3 */
static bool
keepalive(struct view data)
{
	return data.n == 1 && data.p[0] == 0xff;
}

/* A first message has no cookie of the responder (RFC 2408 2.5.3). */
static bool
initiates(struct view data)
{
	static const uint8_t none[ISAKMP_COOKIE_LEN];

	return data.n >= ISAKMP_HEADER_LEN &&
	    memcmp(data.p + ISAKMP_COOKIE_LEN, none, sizeof(none)) == 0;
}

static void
op_send(void *ctx, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view data)
{
	struct sim_host *h = ctx;
	struct dgram *d = dgram_new();

	d->src = *local;
	d->dst = *remote;
	d->from = h;
	buf_add(&d->data, data);
	d->marker = local->port == ISAKMP_NATT_PORT && !keepalive(data);
	h->dgrams_out++;
	h->bytes_out += data.n;
	if (data.bad || (data.n < ISAKMP_HEADER_LEN && !keepalive(data)))
		sim_fail(h->sim, "a datagram of %zu bytes", data.n);
	if (initiates(data))
		sim_peer_known(h, remote);
	sim_peer_count(h, remote, 0, data.n);
	sim_send(h->sim, d);
}

static void
op_submit(void *ctx, struct job *job)
{
	struct sim_host *h = ctx;
	struct event e = { .type = EVENT_JOB, .host = h, .life = h->life,
	    .job = job, .free_job = job_free };

	e.when = h->sim->now + h->job_delay +
	    rng_below(&h->sim->rng, h->job_delay + 1);
	queue_add(&h->sim->queue, &e);
}

static enum err
op_psk(void *ctx, struct view id, struct buf *key)
{
	const struct sim_host *h = ctx;

	return psk_find(view_text(h->psk != NULL ? h->psk : ""), id, key,
	    NULL);
}

static void
op_creds(void *ctx, const struct remote *remote, struct ike_creds *out)
{
	const struct sim_host *h = ctx;

	*out = h->creds;
	if (h->certified != NULL && strcmp(remote->name, h->certified) != 0) {
		out->key = NULL;
		out->cert = NULL;
	}
}

/* Another IKE SA that serves the peer of the one that goes. */
struct heir {
	const struct ike_event *gone;
	bool		 found;
};

static bool
find_heir(void *ctx, const struct ike_sa_info *info)
{
	struct heir *heir = ctx;

	heir->found = info->ready && !info->dying &&
	    addr_equal(&info->remote, &heir->gone->remote) &&
	    memcmp(info->icookie, heir->gone->icookie,
	    sizeof(info->icookie)) != 0;
	return !heir->found;
}

static void
note_loss(struct sim_host *h, const struct ike_event *ev)
{
	struct heir heir = { .gone = ev };

	if (ev->type != IKE_EVENT_PHASE1_DOWN || ev->err == E_STOPPED)
		return;
	ike_each_sa(h->ike, find_heir, &heir);
	h->lost_sas += !heir.found;
}

static void
op_event(void *ctx, const struct ike_event *ev)
{
	struct sim_host *h = ctx;

	note_loss(h, ev);
	h->seen[ev->type]++;
	h->last_event = *ev;
	if (ev->type == IKE_EVENT_PHASE1_UP)
		sim_peer_known(h, &ev->remote);
}

static bool
op_natt(void *ctx, const struct ipsec_addr *local, struct ipsec_addr *out)
{
	(void)ctx;
	*out = *local;
	out->port = ISAKMP_NATT_PORT;
	return true;
}

static bool
op_local(void *ctx, const struct ipsec_addr *hint,
    const struct ipsec_addr *remote, struct ipsec_addr *out)
{
	const struct sim_host *h = ctx;

	for (unsigned int i = 0; i < h->naddr; i++) {
		if (hint != NULL && hint->family != 0 ?
		    !addr_equal(&h->addr[i], hint) :
		    h->addr[i].family != remote->family)
			continue;
		*out = h->addr[i];
		out->port = ISAKMP_PORT;
		return true;
	}
	return false;
}

/* Only what a kernel's IPsec sees: less than real hosts count. */
static uint64_t
op_traffic(void *ctx)
{
	const struct sim_host *h = ctx;

	return 1 + kernel_packets(h->kernel);
}

static const struct ike_ops host_ops = {
	.send = op_send,
	.submit = op_submit,
	.psk = op_psk,
	.event = op_event,
	.natt = op_natt,
	.local = op_local,
	.creds = op_creds,
	.traffic = op_traffic,
};

/* Making and configuring. */

/* The kernel has an event to tell, or a deadline sooner than it said. */
static void
on_change(void *ctx)
{
	sim_touch(ctx);
}

static void
join(struct sim *sim, struct sim_host *h)
{
	size_t n = sim->nhost + 1;

	sim->host = xreallocarray(sim->host, n, sizeof(*sim->host));
	sim->ready = xreallocarray(sim->ready, n, sizeof(*sim->ready));
	sim->touched = xreallocarray(sim->touched, n, sizeof(*sim->touched));
	h->index = (unsigned int)sim->nhost;
	h->slot = sim->nhost;
	h->due = UINT64_MAX;
	sim->host[sim->nhost] = h;
	sim->ready[sim->nhost] = h;
	sim->nhost++;
	sim_touch(h);
}

struct sim_host *
sim_host(struct sim *sim, const char *name, const char *addr)
{
	struct sim_host *h = xcalloc(1, sizeof(*h));

	h->sim = sim;
	h->job_delay = 2;
	buf_init(&h->handover, 1 << 20);
	snprintf(h->name, sizeof(h->name), "%s", name);
	h->kernel = kernel_new(rng_next(&sim->rng), sim->now);
	h->crypto = seeded_new(sim->crypto, rng_next(&sim->rng));
	h->admin = kernel_open(h->kernel);
	kernel_on_change(h->kernel, on_change, h);
	join(sim, h);
	sim_host_address(h, addr);
	sim_psk(h, "* sesame\n");
	return h;
}

/* Whose address is whose: a table that is never more than half full. */

struct sim_place {
	struct ipsec_addr addr;
	struct sim_host	*host;		/* NULL: free */
};

static struct sim_place *
place_of(const struct sim *sim, const struct ipsec_addr *a)
{
	struct view bytes = addr_bytes(a);
	size_t i = 0;

	for (size_t j = 0; j < bytes.n; j++)
		i = (i ^ bytes.p[j]) * 0x100000001b3u;
	for (i ^= i >> 29; ; i++) {
		struct sim_place *p = &sim->places[i % sim->places_max];

		if (p->host == NULL || addr_equal(&p->addr, a))
			return p;
	}
}

static void
place(struct sim_host *h, const struct ipsec_addr *a)
{
	struct sim *sim = h->sim;
	struct sim_place *old = sim->places, *p;
	size_t n = sim->places_max;

	if (2 * (sim->nplace + 1) > n) {
		sim->places_max = n == 0 ? 64 : 2 * n;
		sim->places = xcalloc(sim->places_max, sizeof(*old));
		for (size_t i = 0; i < n; i++)
			if (old[i].host != NULL)
				*place_of(sim, &old[i].addr) = old[i];
		free(old);
	}
	p = place_of(sim, a);
	if (p->host != NULL)
		return;			/* the first one has it */
	*p = (struct sim_place){ .addr = *a, .host = h };
	sim->nplace++;
}

struct sim_host *
sim_host_of(struct sim *sim, const struct ipsec_addr *a)
{
	return sim->places_max > 0 ? place_of(sim, a)->host : NULL;
}

void
sim_host_address(struct sim_host *h, const char *addr)
{
	struct ipsec_addr a;

	if (h->naddr < SIM_HOST_ADDRESSES &&
	    sim_expect(h->sim, addr_parse(&a, addr), "a bad address")) {
		h->addr[h->naddr++] = a;
		place(h, &a);
		kernel_address(h->kernel, &a);
	}
}

static bool
open_text(void *ctx, const char *path, struct conf_text *out)
{
	(void)path;
	out->text = xstrdup(ctx);
	out->n = strlen(out->text);
	return true;
}

static bool
glob_nothing(void *ctx, const char *pattern,
    void (*fn)(void *, const char *), void *arg)
{
	(void)ctx;
	(void)pattern;
	(void)fn;
	(void)arg;
	return false;
}

bool
sim_conf(struct sim_host *h, const char *text)
{
	char *copy = xstrdup(text);
	struct conf_opener opener = { .ctx = copy, .open = open_text,
	    .glob = glob_nothing };
	struct conf *conf = NULL;
	enum err r = conf_read(&opener, "racoon.conf", &conf);

	free(copy);
	if (r != OK)
		return false;
	conf_unref(h->conf);
	h->conf = conf;
	if (h->ike != NULL)
		ike_reload(h->ike, conf);
	sim_touch(h);
	return true;
}

void
sim_certs_free(struct sim_host *h)
{
	key_unref(h->creds.key);
	trust_unref(h->creds.trust);
	for (unsigned i = 0; i < LIMIT_CERTS; i++) {
		cert_unref(h->chain[i]);
		h->chain[i] = NULL;
	}
	h->creds = (struct ike_creds){ .key = NULL };
}

#define SIM_NOW	2000000000	/* when certificates are looked at: 2033 */

void
sim_certs(struct sim_host *h, const char *cert, const char *key,
    const char *ca)
{
	const struct crypto *crypto = h->sim->crypto;
	struct trust *trust = trust_new(crypto);
	struct cert **own = h->chain;
	unsigned n = 0;
	struct key *own_key = NULL;
	const char *why;

	sim_expect(h->sim, cert_read_chain(crypto, view_text(cert), own,
	    LIMIT_CERTS, &n, &why) == OK && key_read(crypto, view_text(key), &own_key, &why) == OK &&
	    trust_add_ca(trust, view_text(ca), &why) == OK,
	    "certificates that cannot be read");
	h->creds = (struct ike_creds){ .key = own_key, .cert = own[0],
	    .above = (const struct cert *const *)own + 1, .nabove = n - 1,
	    .trust = trust, .now = SIM_NOW };
}

void
sim_psk(struct sim_host *h, const char *text)
{
	free(h->psk);
	h->psk = xstrdup(text);
}

/* Life and death. */

/* Who is known by way of an IKE SA of before the start. */
static bool
still_known(void *ctx, const struct ike_sa_info *info)
{
	sim_peer_known(ctx, &info->remote);
	return true;
}

void
sim_start(struct sim_host *h)
{
	if (h->ike != NULL || !sim_expect(h->sim, h->conf != NULL,
	    "a host without configuration"))
		return;
	h->sim->at = h->name;
	h->life++;
	kernel_tick(h->kernel, h->sim->now);
	h->ipsec = kernel_open(h->kernel);
	sim_expect(h->sim, ipsec_listen(h->ipsec, LISTEN) == 0, "listen");
	h->ike = ike_new(&host_ops, h, h->ipsec, h->crypto, h->conf,
	    h->sim->now);
	if (h->handover.n > 0)
		sim_expect(h->sim, ike_restore(h->ike,
		    buf_view(&h->handover)) == OK, "hand-over refused");
	buf_reset(&h->handover);
	ike_each_sa(h->ike, still_known, h);
	ike_adopt(h->ike, kernel_stamp(h->kernel));
	sim_stray_start(h);
	sim_touch(h);
	h->sim->at = NULL;
}

static void
engine_down(struct sim_host *h)
{
	ike_free(h->ike);
	ipsec_close(h->ipsec);
	h->ike = NULL;
	h->ipsec = NULL;
	h->events_at = 0;
	sim_peers_free(h);
	sim_touch(h);
}

void
sim_crash(struct sim_host *h, bool keep_kernel)
{
	if (h->ike != NULL)
		engine_down(h);
	buf_reset(&h->handover);	/* nobody has written one */
	if (keep_kernel)
		return;
	ipsec_flush(h->admin, IPSEC_FLUSH_SA, 0);
	ipsec_flush(h->admin, IPSEC_FLUSH_POLICY, 0);
}

void
sim_leave(struct sim_host *h)
{
	if (h->ike == NULL)
		return;
	h->sim->at = h->name;
	kernel_tick(h->kernel, h->sim->now);
	ike_tick(h->ike, h->sim->now);
	ike_leave(h->ike);
	ike_save(h->ike, &h->handover);
	sim_expect(h->sim, buf_ok(&h->handover), "no room for a hand-over");
	engine_down(h);
	h->sim->at = NULL;
}

void
sim_stop(struct sim_host *h)
{
	if (h->ike == NULL)
		return;
	h->sim->at = h->name;
	kernel_tick(h->kernel, h->sim->now);
	ike_tick(h->ike, h->sim->now);
	ike_stop(h->ike);
	engine_down(h);
	h->sim->at = NULL;
}

void
sim_host_free(struct sim_host *h)
{
	if (h->ike != NULL)
		engine_down(h);
	buf_fini(&h->handover);
	ipsec_close(h->admin);
	kernel_free(h->kernel);
	seeded_free(h->crypto);
	conf_unref(h->conf);
	sim_peers_free(h);
	sim_strays_free(h);
	free(h->policy);
	sim_certs_free(h);
	free(h->cut);
	free(h->psk);
	free(h);
}

/* Inputs. */

static bool
wake(struct sim_host *h)
{
	h->sim->at = h->name;
	sim_touch(h);
	kernel_tick(h->kernel, h->sim->now);
	if (h->ike == NULL || h->stalled > h->sim->now)
		return false;
	ike_tick(h->ike, h->sim->now);
	return true;
}

void
sim_host_datagram(struct sim_host *h, const struct dgram *d)
{
	/* A NAT-T socket takes what has no marker for ESP, and the plain
	   one takes a marker for a cookie that is not there. */
	if (d->marker != (d->dst.port == ISAKMP_NATT_PORT) || !wake(h))
		return;
	h->dgrams_in++;
	h->bytes_in += d->data.n;
	sim_peer_count(h, &d->src, d->data.n, 0);
	ike_datagram(h->ike, &d->dst, &d->src, buf_view(&d->data));
	sim_check_host(h);
}

void
sim_host_job(struct sim_host *h, struct job *job, unsigned int life)
{
	struct event e = { .type = EVENT_JOB, .host = h, .life = life,
	    .job = job, .free_job = job_free, .when = h->stalled };

	if (h->stalled > h->sim->now) {
		queue_add(&h->sim->queue, &e);
		return;
	}
	job->run(job);
	if (h->life != life || !wake(h)) {
		job_free(job);
		return;
	}
	ike_job_done(h->ike, job);
	sim_check_host(h);
}

void
sim_host_strays(struct sim_host *h, const struct ike_stray *stray, size_t n)
{
	if (!wake(h))
		return;
	ike_strays(h->ike, stray, n);
	sim_check_host(h);
}

static void
on_kernel(void *ctx, const struct ipsec_event *ev)
{
	struct sim_host *h = ctx;

	ike_kernel(h->ike, ev);
}

static uint64_t
later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

uint64_t
sim_host_next(struct sim_host *h)
{
	uint64_t next = kernel_next(h->kernel), engine;

	if (h->ike == NULL)
		return later(next, h->frozen);
	engine = ike_next(h->ike);
	if (h->events_at == 0 && kernel_pending(h->kernel) > 0)
		h->events_at = h->sim->now + 1;
	if (h->events_at != 0 && h->events_at < engine)
		engine = h->events_at;
	engine = later(engine, h->stalled);
	return later(engine < next ? engine : next, h->frozen);
}

void
sim_stall(struct sim_host *h, uint64_t ms)
{
	h->stalled = later(h->stalled, h->sim->now + ms);
	sim_touch(h);
}

void
sim_freeze(struct sim_host *h, uint64_t ms)
{
	h->frozen = later(h->frozen, h->sim->now + ms);
	sim_stall(h, ms);
}

void
sim_host_run(struct sim_host *h)
{
	if (!wake(h))
		return;
	if (h->events_at != 0 && h->events_at <= h->sim->now) {
		h->events_at = 0;
		ipsec_events(h->ipsec, on_kernel, h);
	}
	sim_check_host(h);
}

struct ike_counts
sim_counts(const struct sim_host *h)
{
	struct ike_counts c = { 0 };

	if (h->ike != NULL)
		ike_counts(h->ike, &c);
	return c;
}

struct ike_stats
sim_stats(const struct sim_host *h)
{
	struct ike_stats s = { 0 };

	if (h->ike != NULL)
		ike_stats(h->ike, &s);
	return s;
}
