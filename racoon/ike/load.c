/* SPDX-License-Identifier: ISC */
/* How much there is to compute, and what may yet begin. */

#include "ike/load.h"

#include "ike/exchange.h"
#include "ike/sa.h"
#include "libipsec/addr.h"

#define EACH_FIRST	10000u	/* us: as long as nothing is known, */
#define SAMPLE_JOBS	16u	/* which takes so many jobs, */
#define SAMPLE_MS	100u	/* or so long */
#define WAIT_FIRST	1000u	/* ms of work: nothing new begins, */
#define WAIT_SECOND	2000u	/* the same of phase 2 */
#define WAIT_FAIR	100u	/* one job between two addresses is enough */
#define AGAIN_LEAST	100u	/* ms */
#define AGAIN_JITTER	1500u
#define ADMIT_LEAST	5u	/* a second: what is left when it is slow, */
#define ADMIT_MOST	1000u	/* and when it is not */

static bool
computes(const struct job *job)
{
	return job->waits == JOB_WAITS_NOT;
}

void
load_out(struct ike *ike, const struct job *job)
{
	struct load *load = &ike->load;

	if (computes(job) && load->jobs++ == 0)
		load->mark = ike->now;
}

/* The time is what passes while there is work, whoever else computes, and
 * however many do it here. */
void
load_back(struct ike *ike, const struct job *job)
{
	struct load *load = &ike->load;
	uint32_t each;

	if (!computes(job) || load->jobs == 0)
		return;
	load->busy += (uint32_t)(ike->now - load->mark);
	load->mark = ike->now;
	load->jobs--;
	load->done++;
	if (load->done < SAMPLE_JOBS && load->busy < SAMPLE_MS)
		return;
	each = load->busy * 1000 / load->done;
	load->each = load->known ? (load->each * 3 + each) / 4 : each;
	load->known = true;
	load->busy = load->done = 0;
}

uint64_t
load_wait(const struct ike *ike)
{
	const struct load *load = &ike->load;
	uint32_t each = load->known ? load->each : EACH_FIRST;

	return (uint64_t)load->jobs * each / 1000;
}

static bool
is_at_work(const struct sa *sa)
{
	const struct exchange *x;

	for (x = sa->exchanges; x != NULL; x = x->next)
		if (x->busy)
			return true;
	return false;
}

static bool
are_at_work(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	const struct peer *peer = peer_find(ike, remote);
	const struct sa *sa;

	for (sa = peer == NULL ? NULL : peer->sas; sa != NULL; sa = sa->next)
		if (addr_equal(&sa->local, local) && is_at_work(sa))
			return true;
	return false;
}

/* Who asks for much must not keep out who asks for little.  The addresses of
 * both sides count: one peer may be all that there is. */
bool
load_defers(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, bool under_sa)
{
	uint64_t wait = load_wait(ike);

	if (wait <= WAIT_FAIR)
		return false;
	return wait > (under_sa ? WAIT_SECOND : WAIT_FIRST) ||
	    are_at_work(ike, local, remote);
}

uint64_t
load_again(struct ike *ike)
{
	return ike->now + AGAIN_LEAST + ike_random(ike, AGAIN_JITTER);
}

bool
load_admits(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	const struct load *load = &ike->load;
	uint32_t each = load->known ? load->each : EACH_FIRST;
	uint32_t rate = 1000000 / (each + 1);

	if (load_defers(ike, local, remote, false))
		return false;
	if (rate < ADMIT_LEAST)
		rate = ADMIT_LEAST;
	if (rate > ADMIT_MOST)
		rate = ADMIT_MOST;
	return bucket_take(&ike->load.admitted, ike->now, rate, rate);
}
