/* SPDX-License-Identifier: ISC */
/* Quick mode: Diffie-Hellman jobs, KEYMAT, and the SAs made of it. */

#include "ike/child.h"
#include "ike/dh_job.h"
#include "ike/genpol.h"
#include "ike/keys.h"
#include "ike/quick_state.h"
#include "ike/sa.h"
#include "ike/want.h"

/*
 * Jobs
 */

static enum err
take_new(struct exchange *x, struct job *job)
{
	buf_set(&x->quick->priv, buf_view(&job->out[0]));
	buf_set(&x->quick->gx_own, buf_view(&job->out[1]));
	return OK;
}

static enum err
take_share(struct exchange *x, struct job *job)
{
	buf_set(&x->quick->gxy, buf_view(&job->out[0]));
	return OK;
}

static enum err
take_both(struct exchange *x, struct job *job)
{
	buf_set(&x->quick->gx_own, buf_view(&job->out[0]));
	buf_set(&x->quick->gxy, buf_view(&job->out[1]));
	return OK;
}

/* No group, no job: without PFS the keys come from SKEYID_d alone. */
static struct job *
quick_job(struct exchange *x, unsigned nth, void (*run)(struct job *),
    enum err (*take)(struct exchange *, struct job *))
{
	struct quick *q = x->quick;
	struct job *job;

	if (nth != 0 || q->group == 0)
		return NULL;
	job = job_new(x->ike->crypto, run);
	job->take = take;
	job->group = alg_group(q->group);
	buf_set(&job->in[0], buf_view(&q->priv));
	buf_set(&job->in[1], buf_view(&q->gx_other));
	return job;
}

struct job *
quick_work_new(struct exchange *x, unsigned int nth)
{
	return quick_job(x, nth, dh_job_new, take_new);
}

struct job *
quick_work_share(struct exchange *x, unsigned int nth)
{
	return quick_job(x, nth, dh_job_share, take_share);
}

struct job *
quick_work_both(struct exchange *x, unsigned int nth)
{
	return quick_job(x, nth, dh_job_both, take_both);
}

/*
 * KEYMAT, RFC 2409 5.5: each SA's keys come from the SPI that its receiver
 * chose.
 */

static enum err
keymat(struct exchange *x, const struct agreed *a, uint32_t spi,
    struct buf *out)
{
	struct quick *q = x->quick;
	struct keys_keymat_in in = {
		.skeyid_d = buf_view(&x->sa->keys.d),
		.gxy = buf_view(&q->gxy),
		.proto = a->proto,
		.spi = { (uint8_t)(spi >> 24), (uint8_t)(spi >> 16),
		    (uint8_t)(spi >> 8), (uint8_t)spi },
		.ni = buf_view(&q->ni),
		.nr = buf_view(&q->nr),
	};
	size_t len;
	enum err r;

	buf_init(out, 4 * IPSEC_KEY_MAX);
	r = child_keylen(a, &len);
	if (r != OK || len == 0)
		return r;
	return keys_keymat(x->ike->crypto, x->sa->suite.hash, &in, len, out);
}

static enum err
all_keymat(struct exchange *x, bool inbound, struct child_keys *keys)
{
	const struct agreement *ag = &x->quick->agreement;
	enum err r = OK;

	for (unsigned i = 0; i < ag->n; i++) {
		enum err one = keymat(x, &ag->a[i], inbound ?
		    ag->a[i].spi_in : ag->a[i].spi_out,
		    inbound ? &keys->in[i] : &keys->out[i]);

		if (r == OK)
			r = one;
	}
	return r;
}

static void
wipe(struct child_keys *keys, unsigned n, bool inbound)
{
	for (unsigned i = 0; i < n; i++)
		buf_fini(inbound ? &keys->in[i] : &keys->out[i]);
}

/* Does it renew a pair that is still in use? */
static bool
replaces(const struct exchange *x)
{
	struct want *want = want_find(x->ike, x->quick->want);
	struct child *old = want == NULL ? NULL :
	    child_by_serial(x->ike, want->child);

	return x->flow->initiator && old != NULL && old->up &&
	    !old->live.broken;
}

enum err
quick_install(struct exchange *x, bool inbound)
{
	struct quick *q = x->quick;
	struct child *child = child_by_serial(x->ike, q->child);
	struct child_keys keys;
	enum err r;

	if (q->child == 0) {
		if (x->sa->remote_conf->generate_policy == CONF_GEN_OFF)
			q->plan.generate = false;
		child = child_new(x->sa, &q->plan, &q->agreement, q->seq);
		child->initiator = x->flow->initiator;
		child->began = x->began;
		child->msgid = x->msgid;
		child->pfs_group = q->group;
		child->sa_serial = x->sa->serial;
		child->p1_group = x->sa->suite.group == NULL ? 0 :
		    x->sa->suite.group->id;
		child->oa = q->peer_oa;
		live_set(child, x->sa->remote_conf, q->info);
		q->child = child->serial;
	}
	if (child == NULL)
		return E_STOPPED;	/* deleted under our hands */
	r = all_keymat(x, inbound, &keys);
	if (r == OK && !inbound && q->commit)
		x->connects = q->child;
	if (r == OK && !inbound && (q->commit || replaces(x)))
		child_install_later(child, &q->agreement, &keys);
	else if (r == OK)
		r = child_install(child, &q->agreement, &keys, inbound);
	wipe(&keys, q->agreement.n, inbound);
	if (inbound && r == OK)
		q->has_spis = false;	/* the child's from now on */
	if (r == OK)
		r = inbound ? genpol_attach(child, &q->plan) :
		    genpol_open(child);
	return r;
}
