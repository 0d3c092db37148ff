/* SPDX-License-Identifier: ISC */
/* Hosts, their policies for each other, and who likes to talk to whom. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/mesh.h"
#include "test/sim/seeded.h"

#define STEADY		3	/* peers that a host talks to all the time */
#define NAT_EVERY	20	/* one host in so many is behind a NAT box */
#define START_WITHIN	1000	/* ms in which all engines start */

#define CONF								\
	"timer { counter 5; interval 2 sec; persend 1;"			\
	" phase1 20 sec; phase2 15 sec; }\n"				\
	"remote anonymous {\n"						\
	"	exchange_mode main;\n"					\
	"	lifetime time %u sec;\n"				\
	"	nat_traversal on;\n"					\
	"	dpd_delay 10; dpd_retry 2; dpd_maxfail 3;\n"		\
	"	proposal {\n"						\
	"		authentication_method pre_shared_key;\n"	\
	"		dh_group modp768;\n"				\
	"		encryption_algorithm aes;\n"			\
	"		hash_algorithm sha1;\n"				\
	"	}\n"							\
	"}\n"								\
	"sainfo anonymous {\n"						\
	"	encryption_algorithm aes;\n"				\
	"	authentication_algorithm hmac_sha1;\n"			\
	"	compression_algorithm deflate;\n"			\
	"	lifetime time %u sec;\n"				\
	"}\n"

void
mesh_configure(struct mesh *m, unsigned int life)
{
	char *conf = xasprintf(CONF, 2 * life + 120, life);

	for (unsigned int i = 0; i < m->nhost; i++)
		if (m->host[i].h != NULL)
			sim_expect(m->sim, sim_conf(m->host[i].h, conf),
			    "configuration refused");
	free(conf);
}

static void
make_host(struct mesh *m, unsigned int i)
{
	struct mesh_host *mh = &m->host[i];
	char name[24], addr[24];
	bool natted = i % NAT_EVERY == NAT_EVERY - 1;

	mh->mesh = m;
	mh->index = i;
	rng_init(&mh->rng, m->o->seed * MESH_HOSTS_MAX + i);
	if (!mesh_listed(&m->o->keep, i))
		return;
	snprintf(name, sizeof(name), "h%u", i);
	snprintf(addr, sizeof(addr), "%s.%u.%u", natted ? "192.168" : "10.0",
	    i / 250, i % 250 + 1);
	mh->h = sim_host(m->sim, name, addr);
	if (!m->o->real_dh)
		seeded_cheap_dh(mh->h->crypto);
	if (natted) {
		snprintf(addr, sizeof(addr), "100.64.%u.%u", i / 250,
		    i % 250 + 1);
		mh->nat = sim_nat(m->sim, addr);
		mh->h->nat = mh->nat;
	}
}

static struct ipsec_addr
seen_as(const struct mesh_host *mh)
{
	return mh->nat != NULL ? *sim_nat_address(mh->nat) : mh->h->addr[0];
}

static struct sim_view
view_from(const struct ipsec_addr *a, const struct ipsec_addr *b)
{
	struct sim_view v = { .sel = { .src = *a, .dst = *b },
	    .tmpl = "esp/transport//require" };

	v.sel.src_prefix = addr_bits(a);
	v.sel.dst_prefix = addr_bits(b);
	return v;
}

static void
protect(struct mesh_host *a, struct mesh_host *b)
{
	struct mesh *m = a->mesh;
	struct ipsec_addr to_a = seen_as(a), to_b = seen_as(b);
	struct sim_view at_a = view_from(&a->h->addr[0], &to_b);
	struct sim_view at_b = view_from(&to_a, &b->h->addr[0]);

	m->pair[(size_t)a->index * m->nhost + b->index] =
	    m->pair[(size_t)b->index * m->nhost + a->index] =
	    (uint32_t)m->sim->npair;
	sim_protect_seen(a->h, b->h, &at_a, &at_b);
}

/* A host is drawn as often as its rank says: 1, 1/2, 1/3... */
static void
make_zipf(struct mesh *m, struct rng *r)
{
	uint32_t sum = 0;

	m->zipf = xcalloc(m->nhost, sizeof(*m->zipf));
	for (unsigned int i = 0; i < m->nhost; i++)
		m->zipf[i] = i;
	for (unsigned int i = m->nhost - 1; i > 0; i--) {
		unsigned int j = rng_below(r, i + 1);
		uint32_t t = m->zipf[i];

		m->zipf[i] = m->zipf[j];
		m->zipf[j] = t;
	}
	for (unsigned int i = 0; i < m->nhost; i++) {
		sum += 1000000 / (m->zipf[i] + 1);
		m->zipf[i] = sum;
	}
}

unsigned int
mesh_draw(const struct mesh *m, struct rng *r)
{
	uint32_t x = rng_below(r, m->zipf[m->nhost - 1]);
	unsigned int low = 0, high = m->nhost - 1;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (x < m->zipf[mid])
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static bool
behind_nat(unsigned int i)
{
	return i % NAT_EVERY == NAT_EVERY - 1;
}

/* Drawn for all hosts, kept or not, so that the rest stays the same. */
static void
make_steady(struct mesh *m, struct rng *r)
{
	unsigned int b;

	m->steady = xcalloc((size_t)m->nhost * STEADY * 2,
	    sizeof(*m->steady));
	for (unsigned int a = 0; a < m->nhost; a++)
		for (unsigned int i = 0; i < STEADY; i++) {
			b = mesh_draw(m, r);
			if (b == a || (behind_nat(a) && behind_nat(b)))
				continue;
			m->steady[2 * m->nsteady] = a;
			m->steady[2 * m->nsteady + 1] = b;
			m->nsteady++;
		}
}

static void
start_host(struct sim *sim, void *ctx)
{
	struct mesh_host *mh = ctx;

	(void)sim;
	if (!mh->off && !mh->down)
		sim_start(mh->h);
}

void
mesh_build(struct mesh *m)
{
	struct rng r;

	rng_init(&r, m->o->seed ^ 0x3e5);
	m->host = xcalloc(m->nhost, sizeof(*m->host));
	m->table = xcalloc((size_t)m->nhost * m->nhost, sizeof(*m->table));
	m->pair = xcalloc((size_t)m->nhost * m->nhost, sizeof(*m->pair));
	m->cuts = xcalloc((size_t)m->nhost * m->nhost, 1);
	m->life = m->o->life != 0 ? m->o->life * 60 :
	    180 + rng_below(&r, 420);
	/* Without jitter: nothing is overtaken but by a fault. */
	m->fair = (struct sim_net){ .delay = 1 + rng_below(&r, 20) };
	m->sim->net = m->fair;
	make_zipf(m, &r);
	make_steady(m, &r);
	for (unsigned int i = 0; i < m->nhost; i++)
		make_host(m, i);
	mesh_configure(m, m->life);
	for (unsigned int i = 0; i < m->nhost; i++)
		for (unsigned int j = 0; j < i; j++)
			if (m->host[i].h != NULL && m->host[j].h != NULL &&
			    !(behind_nat(i) && behind_nat(j)))
				protect(&m->host[j], &m->host[i]);
	for (unsigned int i = 0; i < m->nhost; i++) {
		uint64_t when = m->sim->now + rng_below(&r, START_WITHIN);

		if (m->host[i].h != NULL)
			sim_at(m->sim, when, start_host, &m->host[i]);
	}
}

void
mesh_unbuild(struct mesh *m)
{
	for (size_t i = 0; i < m->nlink; i++)
		free(m->links[i]);
	for (unsigned int i = 0; i < m->nhost; i++)
		free(m->host[i].link);
	free(m->host);
	free(m->table);
	free(m->cuts);
	free(m->pair);
	free(m->links);
	free(m->fault);
	free(m->zipf);
	free(m->steady);
}
