/* SPDX-License-Identifier: ISC */
/*
 * The fake kernel as a whole: handles, listening, event queues, failures on
 * demand.  Events are only ever read by ipsec_events(), so an engine never
 * hears of one from within a call.
 */
#include "test/sim/kernel.h"

#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/kernel_int.h"

static const char *const verdict_names[KERNEL_VERDICTS] = {
	[KERNEL_OK] = "ok",
	[KERNEL_CLEAR] = "in the clear",
	[KERNEL_WAIT] = "no SA yet",
	[KERNEL_BLOCKED] = "blocked by policy",
	[KERNEL_LIMIT] = "hard limit reached",
	[KERNEL_NO_STATE] = "unknown SPI",
	[KERNEL_BAD_KEY] = "integrity check failed",
	[KERNEL_REPLAY] = "replayed",
	[KERNEL_MISMATCH] = "not for this SA",
	[KERNEL_POLICY] = "not as the policy wants it",
};

const char *
kernel_verdict_name(enum kernel_verdict v)
{
	return verdict_names[v];
}

struct kernel *
kernel_new(uint64_t seed, uint64_t now)
{
	struct kernel *k = xcalloc(1, sizeof(*k));

	rng_init(&k->rng, seed);
	k->now = now;
	k->acq_expires = 30;
	k->queue_max = 1000;
	sad_init(k);
	TAILQ_INIT(&k->policies);
	LIST_INIT(&k->handles);
	return k;
}

static void
handle_drop_events(struct khandle *h)
{
	struct kevent *e;

	while ((e = TAILQ_FIRST(&h->events)) != NULL) {
		TAILQ_REMOVE(&h->events, e, entry);
		free(e);
	}
	h->nevents = 0;
	h->lost = false;
}

void
kernel_free(struct kernel *k)
{
	struct khandle *h;

	if (k == NULL)
		return;
	while ((h = LIST_FIRST(&k->handles)) != NULL) {
		/* The owner closes it later: it must find nothing of ours. */
		LIST_REMOVE(h, entry);
		handle_drop_events(h);
		h->kernel = NULL;
	}
	sad_free(k);
	spd_free(k);
	free(k);
}

void
kernel_address(struct kernel *k, const struct ipsec_addr *a)
{
	if (k->naddress < KERNEL_ADDRESSES)
		k->address[k->naddress++] = *a;
}

bool
kernel_is_local(const struct kernel *k, const struct ipsec_addr *a)
{
	for (unsigned int i = 0; i < k->naddress; i++)
		if (addr_equal(&k->address[i], a))
			return true;
	return false;
}

void
kernel_set_acq_expires(struct kernel *k, uint32_t seconds)
{
	k->acq_expires = seconds;
}

void
kernel_set_queue(struct kernel *k, size_t max)
{
	k->queue_max = max;
}

void
kernel_refuse(struct kernel *k, enum ipsec_alg_class class, uint16_t id,
    int err, const char *reason)
{
	for (unsigned int i = 0; i < KERNEL_REFUSALS; i++) {
		struct krefusal *r = &k->refusal[i];

		if (!r->on) {
			*r = (struct krefusal){ .on = true, .class = class,
			    .id = id, .err = err, .reason = reason };
			return;
		}
	}
}

void
kernel_fail_sa_set(struct kernel *k, unsigned int nth)
{
	k->fail_sa_set = nth;
}

uint64_t
kernel_seconds(uint64_t ms)
{
	return KERNEL_EPOCH + ms / 1000;
}

uint64_t
kernel_stamp(const struct kernel *k)
{
	return (uint64_t)((int64_t)kernel_seconds(k->now) + k->wall / 1000);
}

void
kernel_set_clock(struct kernel *k, int64_t ms)
{
	k->wall += ms;
	if (ms < 0)
		sad_stretch(k, (uint64_t)-ms);
}

/* Errors and events. */

int
kernel_error(struct khandle *h, int err, const char *reason)
{
	snprintf(h->error, sizeof(h->error), "%s",
	    reason != NULL ? reason : strerror(-err));
	return err;
}

bool
kernel_heard(const struct kernel *k, unsigned int what)
{
	const struct khandle *h;

	LIST_FOREACH(h, &k->handles, entry)
		if ((h->listen & what) != 0)
			return true;
	return false;
}

void
kernel_emit(struct kernel *k, unsigned int what, const struct ipsec_event *ev)
{
	struct khandle *h;
	struct kevent *e;

	LIST_FOREACH(h, &k->handles, entry) {
		if (k->muted || (h->listen & what) == 0)
			continue;
		if (h->nevents >= k->queue_max) {
			h->lost = true;
			continue;
		}
		e = xcalloc(1, sizeof(*e));
		e->event = *ev;
		TAILQ_INSERT_TAIL(&h->events, e, entry);
		h->nevents++;
	}
	if (k->changed != NULL)
		k->changed(k->changed_ctx);
}

void
kernel_on_change(struct kernel *k, void (*fn)(void *), void *ctx)
{
	k->changed = fn;
	k->changed_ctx = ctx;
}

void
kernel_due(struct kernel *k, uint64_t when)
{
	if (!k->next_known || when >= k->next)
		return;
	k->next = when;
	if (k->changed != NULL)
		k->changed(k->changed_ctx);
}

static uint64_t
mix(uint64_t h, const struct ipsec_addr *a)
{
	uint32_t word;
	size_t n = a->family == AF_INET6 ? 16 : 4;

	for (size_t i = 0; i < n; i += 4) {
		memcpy(&word, a->bytes + i, 4);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	return h;
}

unsigned int
kernel_bucket(const struct ipsec_addr *a, const struct ipsec_addr *b)
{
	return (unsigned int)(mix(mix(0, a), b) % KERNEL_BUCKETS);
}

void
kernel_mute(struct kernel *k, bool mute)
{
	k->muted = mute;
}

size_t
kernel_pending(const struct kernel *k)
{
	const struct khandle *h;
	size_t n = 0;

	LIST_FOREACH(h, &k->handles, entry)
		n += h->nevents + h->lost;
	return n;
}

static int
op_listen(void *ctx, unsigned int what)
{
	struct khandle *h = ctx;

	h->listen = what;
	return 0;
}

static int
op_event_fd(void *ctx)
{
	(void)ctx;
	return -1;		/* the simulation asks kernel_pending() */
}

/* Only what has arrived by now: events made by FN wait for the next call. */
static int
op_events(void *ctx, ipsec_event_fn *fn, void *arg)
{
	struct khandle *h = ctx;
	struct ipsec_event resync = { .type = IPSEC_EVENT_RESYNC };
	size_t n = h->nevents;

	if (h->lost) {
		h->lost = false;
		fn(arg, &resync);
	}
	for (; n > 0 && h->nevents > 0; n--) {
		struct kevent *e = TAILQ_FIRST(&h->events);

		TAILQ_REMOVE(&h->events, e, entry);
		h->nevents--;
		fn(arg, &e->event);
		free(e);
	}
	return 0;
}

static const char *
op_error(void *ctx)
{
	struct khandle *h = ctx;

	return h->error;
}

static int
op_flush(void *ctx, enum ipsec_what what, uint8_t proto)
{
	struct khandle *h = ctx;

	if (what == IPSEC_FLUSH_SA)
		sad_flush(h->kernel, proto);
	else
		spd_flush(h->kernel);
	return 0;
}

static void
op_close(void *ctx)
{
	struct khandle *h = ctx;

	if (h->kernel != NULL)
		LIST_REMOVE(h, entry);
	handle_drop_events(h);
	free(h);
}

static const struct ipsec_ops kernel_ops = {
	.name = "sim",
	.getspi = sad_getspi,
	.sa_set = sad_set,
	.sa_get = sad_get,
	.sa_delete = sad_delete,
	.sa_dump = sad_dump,
	.policy_set = spd_set,
	.policy_get = spd_get,
	.policy_delete = spd_delete,
	.policy_dump = spd_dump,
	.flush = op_flush,
	.listen = op_listen,
	.event_fd = op_event_fd,
	.events = op_events,
	.error = op_error,
	.close = op_close,
};

struct ipsec *
kernel_open(struct kernel *k)
{
	struct khandle *h = xcalloc(1, sizeof(*h));

	h->kernel = k;
	TAILQ_INIT(&h->events);
	LIST_INSERT_HEAD(&k->handles, h, entry);
	return ipsec_new(&kernel_ops, h);
}

/* Time. */

uint64_t
kernel_next(struct kernel *k)
{
	uint64_t sa, policy;

	if (!k->next_known) {
		sa = sad_next(k);
		policy = spd_next(k);
		k->next = sa < policy ? sa : policy;
		k->next_known = true;
	}
	return k->next;
}

void
kernel_tick(struct kernel *k, uint64_t now)
{
	k->now = now;
	if (kernel_next(k) > now)
		return;
	sad_expire(k);
	spd_expire(k);
	k->next_known = false;
}

size_t
kernel_sas(const struct kernel *k)
{
	return k->nsas;
}

uint64_t
kernel_packets(const struct kernel *k)
{
	return k->packets;
}

unsigned int
kernel_dumps(const struct kernel *k)
{
	return k->dumps;
}

size_t
kernel_larvals(const struct kernel *k)
{
	return k->nlarvae;
}
