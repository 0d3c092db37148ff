/* SPDX-License-Identifier: ISC */
/*
 * The fake kernel's SAs.  Follows net/xfrm/xfrm_state.c of Linux in what can
 * be seen from outside: larval SAs of ACQUIRE (without SPI) and of getspi
 * (with one), which SA a template finds, who replaces whom, what expires how.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/kernel_int.h"

#define ROTATION	2	/* an old pair and a new one */

static uint8_t
mode_of(uint8_t mode)
{
	return mode == IPSEC_MODE_ANY ? IPSEC_MODE_TRANSPORT : mode;
}

static bool
has_name(const struct ksa *s, const struct ipsec_sa_id *id)
{
	return s->sa.id.spi == id->spi && s->sa.id.spi != 0 &&
	    s->sa.id.proto == id->proto &&
	    addr_equal(&s->sa.id.dst, &id->dst);
}

struct ksa *
sad_locate(struct kernel *k, const struct ipsec_sa_id *id)
{
	struct ksa *s;

	if (id->spi == 0)
		return NULL;
	LIST_FOREACH(s, &k->ids[id->spi % KERNEL_BUCKETS], by_id)
		if (has_name(s, id) && mark_matches(&s->sa.id.mark,
		    id->mark.value & id->mark.mask))
			return s;
	return NULL;
}

bool
kernel_has_sa(const struct kernel *k, const struct ipsec_sa_id *id)
{
	const struct ksa *s;

	LIST_FOREACH(s, &k->ids[id->spi % KERNEL_BUCKETS], by_id)
		if (has_name(s, id))
			return true;
	return false;
}

static bool
same_scope(const struct ipsec_sa *a, const struct ipsec_sa *b)
{
	return a->if_id == b->if_id &&
	    a->id.mark.value == b->id.mark.value &&
	    a->id.mark.mask == b->id.mark.mask;
}

/* A larval SA without SPI for the same addresses: what ACQUIRE made. */
static struct ksa *
find_acquire(struct kernel *k, const struct ipsec_sa *sa)
{
	struct ksa *s;

	LIST_FOREACH(s, &k->larvae, by_larva)
		if (s->sa.id.spi == 0 &&
		    s->sa.id.proto == sa->id.proto &&
		    s->sa.mode == mode_of(sa->mode) &&
		    s->sa.reqid == sa->reqid && same_scope(&s->sa, sa) &&
		    addr_equal(&s->sa.id.dst, &sa->id.dst) &&
		    addr_equal(&s->sa.src, &sa->src))
			return s;
	return NULL;
}

static struct ksa *
find_seq(struct kernel *k, const struct ipsec_sa *sa)
{
	struct ksa *s;

	LIST_FOREACH(s, &k->larvae, by_larva)
		if (sa->seq != 0 && s->sa.seq == sa->seq)
			break;
	if (s != NULL && (s->sa.id.proto != sa->id.proto ||
	    !addr_equal(&s->sa.id.dst, &sa->id.dst)))
		return NULL;
	return s;
}

/* Deadlines. */

static uint64_t
earlier(uint64_t a, uint64_t from, uint64_t seconds)
{
	uint64_t b = from + seconds * 1000;

	return seconds != 0 && from != 0 && b < a ? b : a;
}

static uint64_t
hard_deadline(const struct kernel *k, const struct ksa *s)
{
	if (s->larval)
		return s->added + (uint64_t)k->acq_expires * 1000;
	return earlier(earlier(UINT64_MAX, s->added, s->sa.hard.add), s->used,
	    s->sa.hard.use);
}

static uint64_t
soft_deadline(const struct ksa *s)
{
	if (s->larval || s->dying)
		return UINT64_MAX;
	return earlier(earlier(UINT64_MAX, s->added, s->sa.soft.add), s->used,
	    s->sa.soft.use);
}

static uint64_t
sooner(const struct kernel *k, const struct ksa *s)
{
	uint64_t hard = hard_deadline(k, s), soft = soft_deadline(s);

	return soft < hard ? soft : hard;
}

/* In and out of the tables. */

void
sad_init(struct kernel *k)
{
	TAILQ_INIT(&k->sas);
	for (unsigned int i = 0; i < KERNEL_BUCKETS; i++)
		TAILQ_INIT(&k->pairs[i]);
}

static struct kpair *
pair_of(struct kernel *k, const struct ipsec_addr *src,
    const struct ipsec_addr *dst)
{
	return &k->pairs[kernel_bucket(src, dst)];
}

/* At most so many SAs are in that bucket, or in all (NULL). */
static size_t
most(const struct kernel *k, const struct kpair *pair)
{
	const struct ksa *s;
	size_t n = 0;

	if (pair == NULL)
		return k->nsas;
	TAILQ_FOREACH(s, pair, by_pair)
		n++;
	return n;
}

static void
name(struct kernel *k, struct ksa *s, uint32_t spi)
{
	s->sa.id.spi = spi;
	LIST_INSERT_HEAD(&k->ids[spi % KERNEL_BUCKETS], s, by_id);
}

/* How many there are for what S is for. */
static unsigned int
alike(struct kernel *k, const struct ksa *s)
{
	const struct ksa *o;
	unsigned int n = 0;

	TAILQ_FOREACH(o, pair_of(k, &s->sa.src, &s->sa.id.dst), by_pair)
		n += !o->larval && o->sa.id.proto == s->sa.id.proto &&
		    o->sa.mode == s->sa.mode &&
		    o->sa.reqid == s->sa.reqid &&
		    addr_equal(&o->sa.id.dst, &s->sa.id.dst) &&
		    addr_equal(&o->sa.src, &s->sa.src) &&
		    selector_equal(&o->sa.sel, &s->sa.sel);
	return n;
}

/* Counts again only if there was a crowd: it may be gone already. */
unsigned int
kernel_crowd(struct kernel *k)
{
	const struct ksa *s;
	unsigned int n = k->crowd, now;

	k->crowd = 0;
	if (n <= ROTATION)
		return n;
	n = 0;
	TAILQ_FOREACH(s, &k->sas, entry)
		if (!s->larval && kernel_is_local(k, &s->sa.src) &&
		    (now = alike(k, s)) > n)
			n = now;
	return n;
}

static struct ksa *
insert(struct kernel *k, const struct ipsec_sa *sa, bool larval)
{
	struct ksa *s = xcalloc(1, sizeof(*s));

	s->sa = *sa;
	s->sa.mode = mode_of(sa->mode);
	s->sa.current = (struct ipsec_usage){ .add = kernel_stamp(k) };
	s->larval = larval;
	s->seal = larval ? 0 : kernel_seal(sa);
	s->added = k->now;
	TAILQ_INSERT_HEAD(&k->sas, s, entry);
	TAILQ_INSERT_HEAD(pair_of(k, &s->sa.src, &s->sa.id.dst), s, by_pair);
	if (s->sa.id.spi != 0)
		LIST_INSERT_HEAD(&k->ids[s->sa.id.spi % KERNEL_BUCKETS], s,
		    by_id);
	if (larval)
		LIST_INSERT_HEAD(&k->larvae, s, by_larva);
	k->nsas++;
	k->nlarvae += larval;
	if (!larval && kernel_is_local(k, &s->sa.src) && alike(k, s) > k->crowd)
		k->crowd = alike(k, s);
	kernel_due(k, sooner(k, s));
	return s;
}

/* A deadline of it may stay behind: then nothing will be found to do. */
static void
drop(struct kernel *k, struct ksa *s)
{
	TAILQ_REMOVE(&k->sas, s, entry);
	TAILQ_REMOVE(pair_of(k, &s->sa.src, &s->sa.id.dst), s, by_pair);
	if (s->sa.id.spi != 0)
		LIST_REMOVE(s, by_id);
	if (s->larval)
		LIST_REMOVE(s, by_larva);
	k->nsas--;
	k->nlarvae -= s->larval;
	memset(s, 0, sizeof(*s));
	free(s);
}

static struct ipsec_sa
shown(const struct ksa *s)
{
	struct ipsec_sa sa = s->sa;

	sa.state = s->larval ? IPSEC_STATE_LARVAL :
	    s->dying ? IPSEC_STATE_DYING : IPSEC_STATE_MATURE;
	return sa;
}

/* What an event carries: everything but the keys. */
static void
emit(struct kernel *k, enum ipsec_event_type type, const struct ipsec_sa *sa,
    bool hard)
{
	struct ipsec_event ev = { .type = type, .hard = hard, .sa = *sa };

	memset(&ev.sa.enc, 0, sizeof(ev.sa.enc));
	memset(&ev.sa.auth, 0, sizeof(ev.sa.auth));
	memset(&ev.sa.aead, 0, sizeof(ev.sa.aead));
	memset(&ev.sa.comp, 0, sizeof(ev.sa.comp));
	kernel_emit(k, type == IPSEC_EVENT_EXPIRE ? IPSEC_LISTEN_EXPIRE :
	    IPSEC_LISTEN_SA, &ev);
}

/* getspi */

static bool
pick_spi(struct kernel *k, struct ipsec_sa_id *id, uint32_t min, uint32_t max)
{
	for (int tries = 0; tries < 1000; tries++) {
		id->spi = min + (uint32_t)(rng_next(&k->rng) %
		    ((uint64_t)max - min + 1));
		if (sad_locate(k, id) == NULL)
			return true;
	}
	id->spi = 0;
	return false;
}

int
sad_getspi(void *ctx, const struct ipsec_sa *want, uint32_t min, uint32_t max,
    uint32_t *spi)
{
	struct khandle *h = ctx;
	struct ipsec_sa_id id = want->id;
	struct ksa *s;

	if (min > max || (id.proto == IPSEC_PROTO_IPCOMP && max > 0xffff))
		return kernel_error(h, -EINVAL, NULL);
	if (id.proto != IPSEC_PROTO_ESP && id.proto != IPSEC_PROTO_AH &&
	    id.proto != IPSEC_PROTO_IPCOMP)
		return kernel_error(h, -EPROTONOSUPPORT, NULL);
	if (want->src.family == 0 || want->src.family != id.dst.family)
		return kernel_error(h, -EINVAL, "addresses do not fit");
	if (!pick_spi(h->kernel, &id, min, max))
		return kernel_error(h, -ENOENT, NULL);
	s = find_seq(h->kernel, want);
	if (s == NULL)
		s = find_acquire(h->kernel, want);
	if (s == NULL)
		s = insert(h->kernel, want, true);
	if (s->sa.id.spi == 0)
		name(h->kernel, s, id.spi);
	*spi = s->sa.id.spi;	/* asked twice: the same one */
	return 0;
}

/* sa_set */

static const struct krefusal *
refused(const struct kernel *k, const struct ipsec_sa *sa)
{
	const struct ipsec_key *key[] = {
		[IPSEC_ALG_ENC] = &sa->enc, [IPSEC_ALG_AUTH] = &sa->auth,
		[IPSEC_ALG_AEAD] = &sa->aead, [IPSEC_ALG_COMP] = &sa->comp,
	};

	for (unsigned int i = 0; i < KERNEL_REFUSALS; i++) {
		const struct krefusal *r = &k->refusal[i];

		if (r->on && key[r->class]->present &&
		    key[r->class]->id == r->id)
			return r;
	}
	return NULL;
}

static const char *
invalid(const struct ipsec_sa *sa)
{
	if (sa->id.spi == 0)
		return "no SPI";
	if (sa->id.dst.family == 0 || sa->src.family != sa->id.dst.family)
		return "addresses do not fit";
	switch (sa->id.proto) {
	case IPSEC_PROTO_ESP:
		return sa->enc.present || sa->aead.present ? NULL :
		    "ESP without encryption";
	case IPSEC_PROTO_AH:
		return sa->auth.present && !sa->enc.present ? NULL :
		    "AH without integrity";
	case IPSEC_PROTO_IPCOMP:
		return sa->comp.present ? NULL : "IPComp without compression";
	default:
		return "unknown protocol";
	}
}

/* A new SA takes the place of the larval one of its ACQUIRE. */
static int
add(struct khandle *h, const struct ipsec_sa *sa)
{
	struct kernel *k = h->kernel;
	struct ksa *acquire, *s;

	if (sad_locate(k, &sa->id) != NULL)
		return kernel_error(h, -EEXIST, NULL);
	acquire = find_seq(k, sa);
	if (acquire == NULL)
		acquire = find_acquire(k, sa);
	s = insert(k, sa, false);
	if (acquire != NULL)
		drop(k, acquire);
	emit(k, IPSEC_EVENT_SA_NEW, &s->sa, false);
	return 0;
}

/* Completes a larval SA; of a whole one only limits and the peer change. */
static int
update(struct khandle *h, const struct ipsec_sa *sa)
{
	struct kernel *k = h->kernel;
	struct ksa *s = sad_locate(k, &sa->id);

	if (s == NULL)
		return kernel_error(h, -ESRCH, NULL);
	if (s->larval) {
		drop(k, s);
		s = insert(k, sa, false);
		emit(k, IPSEC_EVENT_SA_NEW, &s->sa, false);
		return 0;
	}
	s->sa.encap = sa->encap;
	s->sa.soft = sa->soft;
	s->sa.hard = sa->hard;
	kernel_due(k, sooner(k, s));
	return 0;
}

int
sad_set(void *ctx, const struct ipsec_sa *sa, bool upd)
{
	struct khandle *h = ctx;
	const struct krefusal *r;
	const char *why = invalid(sa);

	if (why != NULL)
		return kernel_error(h, -EINVAL, why);
	if ((r = refused(h->kernel, sa)) != NULL)
		return kernel_error(h, r->err, r->reason);
	if (h->kernel->fail_sa_set > 0 && --h->kernel->fail_sa_set == 0)
		return kernel_error(h, -ENOBUFS, NULL);
	return upd ? update(h, sa) : add(h, sa);
}

/* get, delete, dump, flush */

int
sad_get(void *ctx, const struct ipsec_sa_id *id, struct ipsec_sa *out)
{
	struct khandle *h = ctx;
	const struct ksa *s = sad_locate(h->kernel, id);

	if (s == NULL)
		return kernel_error(h, -ESRCH, NULL);
	*out = shown(s);
	return 0;
}

int
sad_delete(void *ctx, const struct ipsec_sa_id *id)
{
	struct khandle *h = ctx;
	struct ksa *s = sad_locate(h->kernel, id);
	struct ipsec_sa gone;

	if (s == NULL)
		return kernel_error(h, -ESRCH, NULL);
	gone = s->sa;
	drop(h->kernel, s);
	emit(h->kernel, IPSEC_EVENT_SA_DELETE, &gone, false);
	return 0;
}

static bool
wanted(const struct ipsec_filter *f, const struct ipsec_sa *sa)
{
	if (f == NULL)
		return true;
	return (f->proto == 0 || f->proto == sa->id.proto) &&
	    (f->reqid == 0 || f->reqid == sa->reqid) &&
	    (f->src.family == 0 || addr_equal(&f->src, &sa->src)) &&
	    (f->dst.family == 0 || addr_equal(&f->dst, &sa->id.dst));
}

int
sad_dump(void *ctx, const struct ipsec_filter *f, ipsec_sa_fn *fn, void *arg)
{
	struct khandle *h = ctx;
	bool narrow = f != NULL && f->src.family != 0 && f->dst.family != 0;
	struct kpair *pair = narrow ? pair_of(h->kernel, &f->src, &f->dst) :
	    NULL;
	struct ksa *s;
	struct ipsec_sa *list;
	size_t n = 0, i;
	int r = 0;

	h->kernel->dumps += h->listen != 0;
	/* A copy, so that FN may change the table. */
	s = narrow ? TAILQ_FIRST(pair) : TAILQ_FIRST(&h->kernel->sas);
	list = xcalloc(most(h->kernel, pair) + 1, sizeof(*list));
	for (; s != NULL;
	    s = narrow ? TAILQ_NEXT(s, by_pair) : TAILQ_NEXT(s, entry))
		if (wanted(f, &s->sa))
			list[n++] = shown(s);
	for (i = 0; i < n && r == 0; i++)
		r = fn(arg, &list[i]);
	free(list);
	return r;
}

void
kernel_lose(struct kernel *k, const struct ipsec_addr *dst)
{
	struct ksa *s, *next;

	for (s = TAILQ_FIRST(&k->sas); s != NULL; s = next) {
		next = TAILQ_NEXT(s, entry);
		if (!s->larval && addr_equal(&s->sa.id.dst, dst))
			drop(k, s);
	}
}

void
sad_free(struct kernel *k)
{
	struct ksa *s;

	while ((s = TAILQ_FIRST(&k->sas)) != NULL)
		drop(k, s);
}

void
sad_flush(struct kernel *k, uint8_t proto)
{
	struct ksa *s, *next;
	struct ipsec_sa gone = { .id.proto = proto };

	for (s = TAILQ_FIRST(&k->sas); s != NULL; s = next) {
		next = TAILQ_NEXT(s, entry);
		if (proto == 0 || s->sa.id.proto == proto)
			drop(k, s);
	}
	emit(k, IPSEC_EVENT_SA_FLUSH, &gone, false);
}

void
kernel_lose_sa(struct kernel *k, const struct ipsec_sa_id *id)
{
	struct ksa *s = sad_locate(k, id);

	if (s == NULL)
		return;
	k->lost[k->nlost++ % KERNEL_LOST] = s->sa.id;
	drop(k, s);
}

void
kernel_forget_lost(struct kernel *k)
{
	k->nlost = 0;
}

bool
kernel_has_lost(const struct kernel *k, const struct ipsec_sa_id *id)
{
	for (unsigned int i = 0; i < KERNEL_LOST && i < k->nlost; i++)
		if (k->lost[i].spi == id->spi &&
		    k->lost[i].proto == id->proto &&
		    addr_equal(&k->lost[i].dst, &id->dst))
			return true;
	return false;
}

void
sad_stretch(struct kernel *k, uint64_t ms)
{
	struct ksa *s;

	TAILQ_FOREACH(s, &k->sas, entry) {
		s->added += ms;
		s->used += s->used != 0 ? ms : 0;
	}
}

/* What a template finds. */

static void
acquire(struct kernel *k, const struct ipsec_policy *p, const struct ipsec_sa
    *want)
{
	struct ipsec_event ev = { .type = IPSEC_EVENT_ACQUIRE, .sa = *want,
	    .flow = want->sel, .policy = *p };

	if (!kernel_heard(k, IPSEC_LISTEN_ACQUIRE))
		return;
	do
		ev.sa.seq = ++k->seq;
	while (ev.sa.seq == 0);
	insert(k, &ev.sa, true);
	kernel_emit(k, IPSEC_LISTEN_ACQUIRE, &ev);
}

static struct ksa *
better(struct ksa *best, struct ksa *s)
{
	if (best == NULL || (best->dying && !s->dying))
		return s;
	if (best->dying == s->dying &&
	    best->sa.current.add < s->sa.current.add)
		return s;
	return best;
}

/*
 * Any larval SA between the same addresses keeps the kernel from asking
 * again, whatever flow it was made for.
 */
struct ksa *
sad_find(struct kernel *k, const struct ipsec_policy *p,
    const struct ipsec_tmpl *t, const struct ipsec_addr *src,
    const struct ipsec_addr *dst, const struct ipsec_selector *flow)
{
	struct ipsec_sa want = { .id = { .dst = *dst, .proto = t->proto },
	    .src = *src, .mode = mode_of(t->mode), .reqid = t->reqid,
	    .sel = *flow, .has_sel = 1, .if_id = p->if_id };
	struct ksa *s, *best = NULL;
	bool asked = false;

	want.id.dst.port = want.src.port = 0;
	want.id.mark = p->mark;
	TAILQ_FOREACH(s, pair_of(k, src, dst), by_pair) {
		if (s->sa.reqid != want.reqid || s->sa.mode != want.mode ||
		    s->sa.id.proto != want.id.proto ||
		    s->sa.if_id != p->if_id || !mark_matches(&s->sa.id.mark,
		    p->mark.value & p->mark.mask) ||
		    !addr_equal(&s->sa.id.dst, dst) ||
		    !addr_equal(&s->sa.src, src))
			continue;
		if (s->larval)
			asked = true;
		else if (!s->sa.has_sel || spd_matches(&s->sa.sel, flow))
			best = better(best, s);
	}
	if (best == NULL && !asked)
		acquire(k, p, &want);
	return best;
}

/* Limits. */

static bool
over(uint64_t limit, uint64_t value)
{
	return limit != 0 && value >= limit;
}

bool
sad_account(struct kernel *k, struct ksa *s, size_t bytes)
{
	struct ipsec_usage *u = &s->sa.current;
	struct ipsec_sa gone;

	if (s->used == 0) {
		s->used = k->now;
		u->use = kernel_stamp(k);
		kernel_due(k, sooner(k, s));
	}
	if (over(s->sa.hard.bytes, u->bytes) ||
	    over(s->sa.hard.packets, u->packets)) {
		gone = s->sa;
		drop(k, s);
		gone.state = IPSEC_STATE_DEAD;
		emit(k, IPSEC_EVENT_EXPIRE, &gone, true);
		return false;
	}
	if (!s->dying && (over(s->sa.soft.bytes, u->bytes) ||
	    over(s->sa.soft.packets, u->packets))) {
		s->dying = true;
		emit(k, IPSEC_EVENT_EXPIRE, &s->sa, false);
	}
	u->bytes += bytes;
	u->packets++;
	return true;
}

uint64_t
sad_next(const struct kernel *k)
{
	const struct ksa *s;
	uint64_t next = UINT64_MAX;

	TAILQ_FOREACH(s, &k->sas, entry) {
		uint64_t at = sooner(k, s);

		if (at < next)
			next = at;
	}
	return next;
}

void
sad_expire(struct kernel *k)
{
	struct ksa *s, *next;
	struct ipsec_sa gone;

	for (s = TAILQ_FIRST(&k->sas); s != NULL; s = next) {
		next = TAILQ_NEXT(s, entry);
		if (hard_deadline(k, s) <= k->now) {
			gone = s->sa;
			gone.state = IPSEC_STATE_DEAD;
			drop(k, s);
			emit(k, IPSEC_EVENT_EXPIRE, &gone, true);
		} else if (soft_deadline(s) <= k->now) {
			s->dying = true;
			emit(k, IPSEC_EVENT_EXPIRE, &s->sa, false);
		}
	}
}
