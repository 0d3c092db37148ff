/* SPDX-License-Identifier: ISC */
/* Phase 1: the slow work of its rows, and the keys that come of it. */

#include "ike/auth.h"
#include "ike/dh_job.h"
#include "ike/p1_gss.h"
#include "ike/p1_part.h"

#define COOKIES_LEN	(2 * ISAKMP_COOKIE_LEN)

/*
 * Diffie-Hellman
 */

static struct buf *
gx_own(struct exchange *x)
{
	return x->sa->initiator ? &x->p1->gxi : &x->p1->gxr;
}

static struct buf *
gx_other(struct exchange *x)
{
	return x->sa->initiator ? &x->p1->gxr : &x->p1->gxi;
}

/* SKEYID and all that follows from it, and the first IV: RFC 2409 5. */
static enum err
derive(struct exchange *x, struct view gxy)
{
	const struct crypto *crypto = x->ike->crypto;
	struct sa *sa = x->sa;
	struct phase1 *p1 = x->p1;
	const struct alg_hash *hash = sa->suite.hash;
	enum err r;

	if (auth_secret(sa->suite.auth))
		r = keys_skeyid_psk(crypto, hash, buf_view(&p1->psk),
		    buf_view(&p1->ni), buf_view(&p1->nr), &sa->keys.skeyid);
	else
		r = keys_skeyid_sig(crypto, hash, buf_view(&p1->ni),
		    buf_view(&p1->nr), gxy, &sa->keys.skeyid);
	if (r == OK)
		r = keys_derive(crypto, hash, gxy,
		    view_of(&sa->cookies, COOKIES_LEN), sa->suite.key_bits,
		    &sa->keys);
	if (r == OK)
		r = keys_iv_phase1(crypto, hash, buf_view(&p1->gxi),
		    buf_view(&p1->gxr), sa->suite.cipher->block, x->iv);
	return r;
}

static enum err
take_new(struct exchange *x, struct job *job)
{
	buf_set(&x->p1->priv, buf_view(&job->out[0]));
	buf_set(gx_own(x), buf_view(&job->out[1]));
	return OK;
}

static enum err
take_share(struct exchange *x, struct job *job)
{
	return derive(x, buf_view(&job->out[0]));
}

static enum err
take_both(struct exchange *x, struct job *job)
{
	buf_set(gx_own(x), buf_view(&job->out[0]));
	return derive(x, buf_view(&job->out[1]));
}

static struct job *
p1_job(struct exchange *x, void (*run)(struct job *),
    enum err (*take)(struct exchange *, struct job *))
{
	struct job *job = job_new(x->ike->crypto, run);

	job->take = take;
	job->group = x->sa->suite.group;
	buf_set(&job->in[0], buf_view(&x->p1->priv));
	buf_set(&job->in[1], buf_view(gx_other(x)));
	return job;
}

static struct job *
work_new(struct exchange *x)
{
	return p1_job(x, dh_job_new, take_new);
}

static struct job *
work_share(struct exchange *x)
{
	return p1_job(x, dh_job_share, take_share);
}

static struct job *
work_both(struct exchange *x)
{
	return p1_job(x, dh_job_both, take_both);
}

/*
 * What follows one upon the other
 */

typedef struct job *work(struct exchange *);

/* Ours and the peer's proof. */
static struct job *
prove(struct exchange *x)
{
	return auth_signs(x->sa->suite.auth) ? p1_sign(x) : p1_gss_wrap(x);
}

static struct job *
verify(struct exchange *x)
{
	return auth_signs(x->sa->suite.auth) ? p1_verify(x) :
	    p1_gss_unwrap(x);
}

/* The NTH of a list that ends with NULL, of those that there are. */
static struct job *
nth_of(struct exchange *x, unsigned int nth, work *const *list)
{
	enum auth_kind kind = x->sa->suite.auth->kind;

	for (; *list != NULL; list++) {
		if (kind == AUTH_SECRET && (*list == prove || *list == verify))
			continue;
		if (*list == p1_gss_step && !p1_gss_steps(x))
			continue;
		if (nth-- == 0)
			return (*list)(x);
	}
	return NULL;
}

#define WORK(name, ...)							\
	struct job *							\
	p1_work_##name(struct exchange *x, unsigned int nth)		\
	{								\
		static work *const list[] = { __VA_ARGS__, NULL };	\
									\
		return nth_of(x, nth, list);				\
	}

WORK(new, work_new, p1_gss_step)
WORK(both, p1_gss_step, work_both)
WORK(verify, verify)
WORK(new_sign, work_new, prove)
WORK(both_sign, p1_gss_step, work_both, prove)
WORK(share_sign, work_share, p1_gss_step, prove)
WORK(share_verify_sign, work_share, p1_gss_step, verify, prove)
WORK(verify_sign, verify, prove)
WORK(verify_share, verify, work_share)
WORK(verify_both_sign, verify, work_both, prove)

/* conf sees to it that a block with aggressive mode has one group only. */
struct job *
p1_work_first(struct exchange *x, unsigned int nth)
{
	if (nth > 0)
		return nth == 1 ? p1_gss_first(x) : NULL;
	x->sa->suite.group = alg_group(p1_usable(x->sa->remote_conf)->group);
	return work_new(x);
}
