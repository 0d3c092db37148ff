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

/* Base mode has no room for a token before the initiator's hash. */
bool
auth_in(const struct auth *auth, uint8_t etype)
{
	return auth->kind != AUTH_GSS || etype != ISAKMP_ETYPE_BASE;
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
	buf_fini(&t->search.id);
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

const struct cert *
auth_leaf(const struct cert *const *cert, unsigned n, uint8_t id_type,
    struct view id)
{
	for (unsigned i = 0; i < n; i++)
		if (cert_names(cert[i], id_type, id))
			return cert[i];
	return n > 0 ? cert[0] : NULL;
}

bool
auth_seek(struct job *job, ike_find_certs *find, uint8_t id_type,
    struct view id)
{
	struct auth_search *s = &auth_task(job)->search;

	if (!dns_name(id_type, id, s->name))
		return false;
	s->find = find;
	s->id_type = id_type;
	buf_set(&s->id, id);
	job->waits = JOB_WAITS_DNS;
	return true;
}

/* What is found is believed as if it were in a file. */
static void
seek(struct job *job, struct auth_task *t)
{
	struct auth_search *s = &t->search;
	struct cert *found[IKE_FOUND];
	const struct cert *leaf;
	unsigned n = 0;

	if (s->find(job->crypto, s->name, found, &n, s->why) != OK)
		n = 0;
	leaf = auth_leaf((const struct cert *const *)found, n, s->id_type,
	    buf_view(&s->id));
	if (leaf != NULL && cert_key(leaf) != NULL)
		t->key[t->nkeys++] = key_ref(cert_key(leaf));
	if (leaf != NULL)
		t->leaf = cert_ref(leaf);
	while (n > 0)
		cert_unref(found[--n]);
}

/* What came of it is for who takes the job: it says more than an error. */
static void
run_verify(struct job *job)
{
	struct auth_task *t = job->more;

	if (t->search.find != NULL)
		seek(job, t);
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
	buf_init(&t->search.id, LIMIT_ID);
	job->more = t;
	job->free_more = task_free;
	return job;
}

struct auth_task *
auth_task(struct job *job)
{
	return job->more;
}
