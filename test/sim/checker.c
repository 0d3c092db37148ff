/* SPDX-License-Identifier: ISC */
/*
 * The invariants.  After every event: an engine's records name SAs that its
 * kernel has, nothing grows without bound, nobody is an amplifier.  At rest:
 * exactly one working pair of SAs for everything that had traffic, and
 * nothing left of the work that led there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/sim.h"

#define SAS_PER_PAIR	12	/* of a host: two pairs, and what is larval */

/* Amplification. */

struct sim_peer {
	struct sim_peer	*next;
	struct ipsec_addr addr;		/* without its port */
	uint64_t	 in, out;
	bool		 known;		/* authenticated, or we began */
};

static struct sim_peer *
peer_of(struct sim_host *h, const struct ipsec_addr *a)
{
	struct view bytes = addr_bytes(a);
	struct sim_peer **chain, *p;
	unsigned int sum = 0;

	for (size_t i = 0; i < bytes.n; i++)
		sum = sum * 31 + bytes.p[i];
	chain = &h->peers[sum % SIM_PEER_BUCKETS];
	for (p = *chain; p != NULL; p = p->next)
		if (addr_equal(&p->addr, a))
			return p;
	p = xcalloc(1, sizeof(*p));
	p->addr = *a;
	p->next = *chain;
	*chain = p;
	return p;
}

void
sim_peer_count(struct sim_host *h, const struct ipsec_addr *a, size_t in,
    size_t out)
{
	struct sim_peer *p = peer_of(h, a);

	p->in += in;
	p->out += out;
	if (!p->known && p->out > p->in * (h->sim->allowance > 0 ?
	    h->sim->allowance : 1))
		sim_fail(h->sim, "amplifies: %llu bytes answer %llu",
		    (unsigned long long)p->out, (unsigned long long)p->in);
}

void
sim_peer_known(struct sim_host *h, const struct ipsec_addr *a)
{
	peer_of(h, a)->known = true;
}

void
sim_peers_free(struct sim_host *h)
{
	struct sim_peer *p;

	for (unsigned int i = 0; i < SIM_PEER_BUCKETS; i++)
		while ((p = h->peers[i]) != NULL) {
			h->peers[i] = p->next;
			free(p);
		}
}

/* After every event. */

struct walk {
	struct sim_host	*host;
	bool		 good;
};

static bool
exists(struct sim_host *h, const struct ipsec_addr *dst, uint8_t proto,
    uint32_t spi)
{
	struct ipsec_sa_id id = { .dst = *dst, .proto = proto, .spi = spi };

	return spi == 0 || kernel_has_sa(h->kernel, &id) ||
	    kernel_has_lost(h->kernel, &id);
}

static bool
check_child(void *ctx, const struct ike_child_info *c)
{
	struct walk *w = ctx;

	if (exists(w->host, &c->local, c->proto, c->spi_in) &&
	    exists(w->host, &c->remote, c->proto, c->spi_out))
		return true;
	sim_fail(w->host->sim, "a record of SAs %08x/%08x that the kernel "
	    "does not have", c->spi_in, c->spi_out);
	return false;
}

void
sim_check_host(struct sim_host *h)
{
	struct walk w = { .host = h };
	struct ike_counts c;
	size_t pairs = h->npairs;
	unsigned int crowd;

	if (kernel_sas(h->kernel) > SAS_PER_PAIR * (pairs + 1))
		sim_fail(h->sim, "%zu SAs for %zu pairs",
		    kernel_sas(h->kernel), pairs);
	crowd = kernel_crowd(h->kernel);
	if (h->sim->most_pairs > 0 && crowd > h->sim->most_pairs &&
	    (h->sim->crowds++, !h->sim->more_pairs))
		sim_fail(h->sim, "%u pairs for one selector",
		    crowd);
	/* What walks over all records waits for as many events as it costs;
	   events that still wait may tell the engine of what is gone. */
	if (h->unchecked > 0) {
		h->unchecked--;
		return;
	}
	c = sim_counts(h);
	h->unchecked = (c.children + c.sas) / 4;
	if (h->ike != NULL && !h->drifted && !h->sim->drift &&
	    kernel_pending(h->kernel) == 0)
		ike_each_child(h->ike, check_child, &w);
	if (c.sas > h->sim->spare_sas + 4 * pairs ||
	    c.exchanges > h->sim->spare_sas + 8 * pairs ||
	    c.wants > 8 + 4 * pairs || c.children > 8 * (pairs + 1))
		sim_fail(h->sim, "too much: %zu IKE SAs, %zu exchanges, "
		    "%zu wants, %zu children", c.sas, c.exchanges, c.wants,
		    c.children);
}

/* At rest. */

#define FOUND_MAX	64

struct search {
	const struct sim_count *want;
	unsigned int	 n;
	struct ipsec_sa	*sa;		/* the first FOUND_MAX, or NULL */
};

static int
found(void *ctx, const struct ipsec_sa *sa)
{
	struct search *s = ctx;

	if (s->want->mature && sa->state == IPSEC_STATE_LARVAL)
		return 0;
	if (s->sa != NULL && s->n < FOUND_MAX)
		s->sa[s->n] = *sa;
	s->n++;
	return 0;
}

static unsigned int
search_sas(struct sim_host *h, const struct sim_count *want,
    struct ipsec_sa *out)
{
	struct search s = { .want = want, .sa = out };
	struct ipsec_filter f = { .proto = want->proto, .src = want->src,
	    .dst = want->dst };

	ipsec_sa_dump(h->admin, &f, found, &s);
	return s.n;
}

unsigned int
sim_count_sas(struct sim_host *h, const struct sim_count *want)
{
	return search_sas(h, want, NULL);
}

/* The address under which the rest of the world sees a host. */
static struct ipsec_addr
seen_as(const struct sim_host *h, const struct ipsec_addr *a)
{
	return h->nat != NULL ? *sim_nat_address(h->nat) : *a;
}

static bool
same_key(const struct ipsec_key *a, const struct ipsec_key *b)
{
	return a->present == b->present && a->id == b->id &&
	    a->key_bits == b->key_bits &&
	    memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

/* SA of host FROM has its other half at host TO, with the same keys. */
static void
check_half(const struct sim_pair *pair, bool forward,
    const struct ipsec_sa *sa, const struct ipsec_addr *dst)
{
	struct ipsec_sa_id id = { .dst = *dst, .spi = sa->id.spi,
	    .proto = sa->id.proto, .mark = { pair->scope.mark, UINT32_MAX } };
	struct ipsec_sa other;
	struct sim_host *from = forward ? pair->a : pair->b;
	struct sim_host *to = forward ? pair->b : pair->a;

	if (ipsec_sa_get(to->admin, &id, &other) != 0 ||
	    other.state == IPSEC_STATE_LARVAL)
		sim_fail(from->sim, "%s sends with SPI %08x, which %s does "
		    "not have", from->name, sa->id.spi, to->name);
	else if (!same_key(&sa->enc, &other.enc) ||
	    !same_key(&sa->auth, &other.auth) ||
	    !same_key(&sa->aead, &other.aead) ||
	    !same_key(&sa->comp, &other.comp))
		sim_fail(from->sim, "%s and %s have different keys for SPI "
		    "%08x", from->name, to->name, sa->id.spi);
	else if (sa->mode != other.mode)
		sim_fail(from->sim, "modes differ for SPI %08x", sa->id.spi);
}

/* How many selectors may have their own SAs between the same two hosts. */
struct sharing {
	uint16_t	*n;		/* by both indices */
	size_t		 hosts;
};

static uint16_t *
shared_by(const struct sharing *s, const struct sim_pair *p)
{
	size_t a = p->a->index, b = p->b->index;

	return &s->n[a < b ? a * s->hosts + b : b * s->hosts + a];
}

static struct sharing
count_sharing(const struct sim *sim)
{
	struct sharing s = { .hosts = sim->nhost };

	s.n = xcalloc(sim->nhost * sim->nhost + 1, sizeof(*s.n));
	for (size_t i = 0; i < sim->npair; i++)
		*shared_by(&s, &sim->pair[i]) += sim->pair[i].used;
	return s;
}

/* Where the SAs of a template start and end: around a tunnel, at its ends. */
static void
ends_of(const struct sim_pair *pair, const struct ipsec_tmpl *t,
    const struct ipsec_addr **a, const struct ipsec_addr **b)
{
	*a = &pair->sel.src;
	*b = &pair->sel.dst;
	for (const struct ipsec_tmpl *i = pair->tmpl; i <= t; i++)
		if (i->mode == IPSEC_MODE_TUNNEL) {
			*a = &i->src;
			*b = &i->dst;
		}
}

/* One direction of one template: exactly one SA, known on both sides. */
static void
check_direction(const struct sharing *sharing, const struct sim_pair *pair,
    const struct ipsec_tmpl *t, bool forward)
{
	struct sim *sim = pair->a->sim;
	struct sim_host *from = forward ? pair->a : pair->b;
	struct sim_host *to = forward ? pair->b : pair->a;
	const struct ipsec_addr *src, *dst;
	struct sim_count want = { .proto = t->proto, .mature = true };
	struct ipsec_sa sa[FOUND_MAX];
	unsigned int n, most = *shared_by(sharing, pair);

	if (forward)
		ends_of(pair, t, &src, &dst);
	else
		ends_of(pair, t, &dst, &src);
	want.src = *src;
	want.dst = seen_as(to, dst);
	n = search_sas(from, &want, sa);
	if (n < 1 || n > most)
		sim_fail(sim, "%s has %u outbound SAs (protocol %u) to %s "
		    "instead of %u", from->name, n, t->proto, to->name,
		    most);
	for (unsigned int i = 0; i < n && i < FOUND_MAX; i++)
		check_half(pair, forward, &sa[i], dst);
	want.src = seen_as(from, src);
	want.dst = *dst;
	n = search_sas(to, &want, NULL);
	if (n > most)
		sim_fail(sim, "%s has %u inbound SAs (protocol %u) from %s "
		    "instead of %u", to->name, n, t->proto, from->name,
		    most);
}

/* Whom the IKE SAs are with that are ready. */
struct remotes {
	struct ipsec_addr *addr;
	size_t		 n;
};

static bool
note_remote(void *ctx, const struct ike_sa_info *info)
{
	struct remotes *r = ctx;

	if (info->ready)
		r->addr[r->n++] = info->remote;
	return true;
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct ipsec_addr));
}

bool
sim_has_twins(struct sim_host *h)
{
	struct remotes r = { .n = 0 };
	bool twins = false;

	if (h->ike == NULL)
		return false;
	r.addr = xcalloc(sim_counts(h).sas + 1, sizeof(*r.addr));
	ike_each_sa(h->ike, note_remote, &r);
	qsort(r.addr, r.n, sizeof(*r.addr), by_bytes);
	for (size_t i = 1; i < r.n; i++)
		twins |= by_bytes(&r.addr[i - 1], &r.addr[i]) == 0;
	free(r.addr);
	return twins;
}

static void
check_rest(struct sim_host *h)
{
	struct ike_counts c = sim_counts(h);

	h->sim->at = h->name;
	if (c.exchanges > 0 || c.wants > 0 || c.sas != c.ready)
		sim_fail(h->sim, "left over: %zu exchanges, %zu wants, "
		    "%zu IKE SAs of %zu", c.exchanges, c.wants,
		    c.sas - c.ready, c.sas);
	if (kernel_larvals(h->kernel) > 0)
		sim_fail(h->sim, "left over: %zu larval SAs",
		    kernel_larvals(h->kernel));
	if (sim_has_twins(h))
		sim_fail(h->sim, "more than one IKE SA with a peer");
	h->unchecked = 0;
	sim_check_host(h);
	h->sim->at = NULL;
}

void
sim_check(struct sim *sim)
{
	struct sharing sharing = count_sharing(sim);

	for (size_t i = 0; i < sim->nhost; i++)
		check_rest(sim->host[i]);
	for (size_t i = 0; i < sim->npair; i++) {
		const struct sim_pair *p = &sim->pair[i];

		for (unsigned int j = 0; p->used && j < p->ntmpl; j++) {
			check_direction(&sharing, p, &p->tmpl[j], true);
			check_direction(&sharing, p, &p->tmpl[j], false);
		}
	}
	free(sharing.n);
}
