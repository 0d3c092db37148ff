/* SPDX-License-Identifier: ISC */
/* Methods of authentication, and signatures as jobs. */

#include "ike/auth.h"

#include "base/mem.h"
#include "crypto/sign.h"
#include "wire/isakmp.h"

static const struct auth methods[] = {
	{ P1_METHOD_PSK, AUTH_SECRET, ISAKMP_HASH },
	{ P1_METHOD_RSA, AUTH_SIGNS, ISAKMP_SIG },
	{ P1_METHOD_ECDSA256, AUTH_SIGNS, ISAKMP_SIG },
	{ P1_METHOD_ECDSA384, AUTH_SIGNS, ISAKMP_SIG },
	{ P1_METHOD_ECDSA521, AUTH_SIGNS, ISAKMP_SIG },
	{ P1_METHOD_GSS, AUTH_GSS, ISAKMP_HASH },
};

const struct auth *
auth_of(uint16_t method)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].method == method)
			return &methods[i];
	return NULL;
}

bool
auth_signs(const struct auth *auth)
{
	return auth->kind == AUTH_SIGNS;
}

bool
auth_secret(const struct auth *auth)
{
	return auth->kind == AUTH_SECRET;
}

/* Tokens need a message each before the hashes. */
bool
auth_in(const struct auth *auth, uint8_t etype)
{
	return auth->kind != AUTH_GSS || etype == ISAKMP_ETYPE_MAIN;
}

static void
task_free(void *more)
{
	struct auth_task *t = more;

	for (unsigned i = 0; i < t->nkeys; i++)
		key_unref(t->key[i]);
	for (unsigned i = 0; i < t->nothers; i++)
		cert_unref(t->other[i]);
	cert_unref(t->leaf);
	trust_unref(t->trust);
	xfreezero(t, sizeof(*t));
}

static void
run_sign(struct job *job)
{
	struct auth_task *t = job->more;

	job->err = t->nkeys == 0 ? E_CONFIG : sign_make(job->crypto,
	    t->key[0], t->method, buf_view(&job->in[0]), &job->out[0]);
}

static enum err
check_any(struct job *job, const struct auth_task *t)
{
	enum err r = E_SIGNATURE;

	for (unsigned i = 0; i < t->nkeys && r != OK; i++)
		r = sign_check(job->crypto, t->key[i], t->method,
		    buf_view(&job->in[0]), buf_view(&job->in[1]));
	return r;
}

/* What came of it is for who takes the job: it says more than an error. */
static void
run_verify(struct job *job)
{
	struct auth_task *t = job->more;

	t->err = t->nkeys == 0 ? E_CERT : OK;
	if (t->err == OK && t->trust != NULL)
		t->err = t->leaf == NULL ? E_CERT : trust_check(t->trust,
		    t->leaf, t->other, t->nothers, t->now, &t->result);
	if (t->err == OK)
		t->err = check_any(job, t);
	job->err = OK;
}

struct job *
auth_job(const struct crypto *crypto, bool signs)
{
	struct job *job = job_new(crypto, signs ? run_sign : run_verify);
	struct auth_task *t = xcalloc(1, sizeof(*t));

	/* until it was run nothing is verified */
	t->err = E_SIGNATURE;
	job->more = t;
	job->free_more = task_free;
	return job;
}

struct auth_task *
auth_task(struct job *job)
{
	return job->more;
}
