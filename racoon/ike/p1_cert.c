/* SPDX-License-Identifier: ISC */
/*
 * Phase 1: certificates, requests for them, signatures.  What a signature
 * proves is that the peer has a key; whose that is says its certificate, or
 * the file in which it is.
 */

#include "crypto/plainrsa.h"
#include "crypto/sign.h"
#include "ike/auth.h"
#include "ike/p1_part.h"
#include "ike/say.h"

void
p1_creds(struct exchange *x, struct ike_creds *creds)
{
	*creds = (struct ike_creds){ .key = NULL };
	if (x->ike->ops->creds != NULL)
		x->ike->ops->creds(x->ike->ctx, x->sa->remote_conf, creds);
}

bool
p1_subject(struct exchange *x, struct id_payload *id)
{
	struct ike_creds creds;

	p1_creds(x, &creds);
	if (creds.cert == NULL)
		return false;
	*id = (struct id_payload){ .type = ID_DER_ASN1_DN,
	    .data = cert_subject(creds.cert) };
	return true;
}

/*
 * What we send
 */

static void
put(struct msg_out *out, uint8_t type, const struct cert_payload *c)
{
	msg_open(out, type);
	cert_payload_put(out->b, c);
	msg_close(out);
}

/* RFC 2408 3.9: a payload for each.  Many peers take the first for ours. */
void
p1_put_cert(struct exchange *x, struct msg_out *out)
{
	struct cert_payload c = { .encoding = CERT_X509 };
	struct ike_creds creds;

	p1_creds(x, &creds);
	if (creds.cert == NULL || !x->sa->remote_conf->send_cert)
		return;
	c.data = cert_der(creds.cert);
	put(out, ISAKMP_CERT, &c);
	for (unsigned i = 0; i < creds.nabove; i++) {
		c.data = cert_der(creds.above[i]);
		put(out, ISAKMP_CERT, &c);
	}
}

/* Of the first authority; without one any certificate is asked for. */
void
p1_put_cr(struct exchange *x, struct msg_out *out)
{
	struct cert_payload c = { .encoding = CERT_X509 };
	const struct auth *auth = x->sa->suite.auth;
	struct ike_creds creds;
	const struct cert *ca;

	/* what comes before anything was agreed upon goes by the first offer */
	if (auth == NULL)
		auth = auth_of(p1_usable(x->sa->remote_conf)->method);
	if (!auth_signs(auth) || !x->sa->remote_conf->send_cr)
		return;
	p1_creds(x, &creds);
	ca = creds.trust != NULL ? trust_ca(creds.trust, 0) : NULL;
	if (ca != NULL)
		c.data = cert_subject(ca);
	put(out, ISAKMP_CR, &c);
}

static const struct key *
own_key(struct exchange *x, const struct ike_creds *creds)
{
	if (creds->own_keys != NULL)
		return plainrsa_find(creds->own_keys, &x->sa->local,
		    &x->sa->remote, 0);
	return creds->key;
}

static enum err
take_signature(struct exchange *x, struct job *job)
{
	buf_set(&x->p1->sig_local, buf_view(&job->out[0]));
	return buf_ok(&x->p1->sig_local) ? OK : E_LIMIT;
}

/* A task without a key fails. */
static void
drop_keys(struct auth_task *task)
{
	while (task->nkeys > 0)
		key_unref(task->key[--task->nkeys]);
}

static void
say_no_key(struct exchange *x, const struct key *key)
{
	const struct remote *remote = x->sa->remote_conf;

	say_sa(LOG_L_ERROR, x->sa, key == NULL ?
	    "nothing to sign with: \"remote %s\" has no certificate_type "
	    "with a private key that can be used (%s:%u)" :
	    "the private key of \"remote %s\" is of another kind than its "
	    "authentication_method asks for (%s:%u)", remote->name,
	    remote->at.path == NULL ? "?" : remote->at.path, remote->at.line);
}

struct job *
p1_sign(struct exchange *x)
{
	struct job *job = auth_job(x->ike->crypto, true);
	struct auth_task *task = auth_task(job);
	struct ike_creds creds;
	const struct key *key;

	task->method = x->sa->suite.auth->method;
	job->take = take_signature;
	p1_creds(x, &creds);
	key = own_key(x, &creds);
	if (key == NULL || !sign_fits(key_kind(key), task->method)) {
		say_no_key(x, key);
		return job;		/* fails without a key */
	}
	task->key[task->nkeys++] = key_ref(key);
	if (creds.cert != NULL)
		p1_say_request(x, &creds);
	p1_make_id(x);
	if (p1_hash(x, true, &job->in[0]) != OK)
		drop_keys(task);
	return job;
}

/*
 * What the peer sends
 */

void
p1_forget_certs(struct phase1 *p1)
{
	while (p1->ncerts > 0)
		cert_unref(p1->cert[--p1->ncerts]);
}

static void
keep_certs(struct exchange *x, const struct cert_payload *c)
{
	struct phase1 *p1 = x->p1;
	struct cert *list[CERT_PKCS7_MAX];
	unsigned n = 0;

	if (c->encoding == CERT_X509 && c->data.n <= CERT_LEN_MAX)
		n = cert_get(x->ike->crypto, c->data, &list[0]) == OK;
	else if (c->encoding == CERT_PKCS7 && cert_get_pkcs7(x->ike->crypto,
	    c->data, list, &n) != OK)
		n = 0;
	if (n == 0)
		say_sa(LOG_L_DEBUG, x->sa, "passing over a certificate that "
		    "cannot be read (encoding %u)", c->encoding);
	for (unsigned i = 0; i < n; i++) {
		if (p1->ncerts < LIMIT_CERTS)
			p1->cert[p1->ncerts++] = list[i];
		else
			cert_unref(list[i]);
	}
}

enum err
p1_take_certs(struct exchange *x, const struct msg *msg)
{
	const struct msg_payload *p = msg_find(msg, ISAKMP_CERT);
	struct cert_payload c;

	p1_forget_certs(x->p1);
	for (; p != NULL; p = msg_next(msg, p)) {
		if (cert_payload_get(p->body, &c) != OK)
			return E_PAYLOAD;
		if (x->p1->ncerts < LIMIT_CERTS)
			keep_certs(x, &c);
	}
	return OK;
}

/*
 * The peer's signature
 */

static void
add_key(struct auth_task *task, const struct key *key)
{
	if (key != NULL && task->nkeys < LIMIT_KEYS)
		task->key[task->nkeys++] = key_ref(key);
}

static void
add_leaf(struct auth_task *task, const struct cert *leaf)
{
	task->leaf = cert_ref(leaf);
	add_key(task, cert_key(leaf));
}

/* From a file: that it is there says that it is believed. */
static void
use_files(struct exchange *x, const struct ike_creds *creds,
    const struct id_payload *id, struct auth_task *task)
{
	const struct cert *leaf = auth_leaf(creds->peers, creds->npeers,
	    id->type, id->data);
	const struct key *key;

	if (leaf != NULL)
		add_leaf(task, leaf);
	for (unsigned i = 0; leaf == NULL && i < LIMIT_KEYS; i++) {
		key = plainrsa_find(creds->peers_keys, &x->sa->local,
		    &x->sa->remote, i);
		if (key == NULL)
			break;
		add_key(task, key);
	}
}

static void
use_payloads(struct exchange *x, const struct ike_creds *creds,
    const struct id_payload *id, struct auth_task *task)
{
	struct phase1 *p1 = x->p1;
	const struct cert *leaf = auth_leaf((const struct cert *const *)
	    p1->cert, p1->ncerts, id->type, id->data);

	if (leaf == NULL)
		return;
	add_leaf(task, leaf);
	for (unsigned i = 0; i < p1->ncerts; i++)
		if (p1->cert[i] != leaf)
			task->other[task->nothers++] = cert_ref(p1->cert[i]);
	if (!x->sa->remote_conf->verify_cert)
		return;
	if (creds->trust != NULL)
		task->trust = trust_ref(creds->trust);
	else
		drop_keys(task);	/* nobody is trusted */
}

/* Is the DNS asked for those who have a name there? */
static bool
seeks_others(struct exchange *x)
{
	struct ike_creds creds;

	p1_creds(x, &creds);
	return creds.find != NULL;
}

/* What a signature is worth: the log line of one that is worth nothing. */
static void
say_refused(struct exchange *x, const struct auth_task *task)
{
	char name[ID_TEXT] = "nobody";
	struct id_payload id;
	struct sa *sa = x->sa;

	if (sa->complained || (!sa->initiator && !ike_may_complain(x->ike,
	    &sa->remote, task->err)))
		return;
	if (id_get(buf_view(&x->p1->id_remote), &id) == OK)
		id_print(&id, name);
	if (task->err == E_SIGNATURE)
		say_exchange(LOG_L_ERROR, x, "authentication failed: the "
		    "signature of the peer, which says it is %s, does not "
		    "match %s", name, task->leaf != NULL ?
		    "its certificate" : "any key of peers_certfile");
	else if (task->leaf == NULL && task->search.find != NULL)
		say_exchange(LOG_L_ERROR, x, "authentication failed: there is "
		    "no certificate for the peer, which says it is %s, in the "
		    "DNS under %s: %s", name, task->search.name,
		    task->search.why);
	else if (task->leaf == NULL && seeks_others(x))
		say_exchange(LOG_L_ERROR, x, "authentication failed: the peer, "
		    "which says it is %s, has no name in the DNS that its "
		    "certificate could be under: peers_certfile dnssec is for "
		    "address, fqdn and user_fqdn", name);
	else if (task->leaf == NULL)
		say_exchange(LOG_L_ERROR, x, "authentication failed: there is "
		    "no certificate for the peer, which says it is %s: it "
		    "sent none, and no peers_certfile has one", name);
	else
		say_exchange(LOG_L_ERROR, x, "authentication failed: the "
		    "peer's certificate is not verified: %s",
		    task->result.why[0] != '\0' ? task->result.why :
		    "its key cannot be used, or no authority is trusted: see "
		    "`path certificate' and ca_type");
}

/* What is proven instead is what the certificate says. */
static void
keep_subject(struct exchange *x, const struct cert *leaf)
{
	struct id_payload id = { .type = ID_DER_ASN1_DN,
	    .data = cert_subject(leaf) };

	buf_reset(&x->p1->id_proven);
	id_put(&x->p1->id_proven, &id);
}

/*
 * RFC 4945 3.1: the identity must be in the certificate.  Without
 * verify_identifier a subject may be another one, but then the peer is whom
 * its certificate names.
 */
static enum err
check_cert_id(struct exchange *x, const struct cert *leaf)
{
	const struct remote *remote = x->sa->remote_conf;
	struct id_payload id;
	char name[ID_TEXT];
	bool warn;
	enum err r;

	if (leaf == NULL)
		return OK;
	if (!remote->verify_cert) {
		say_sa(LOG_L_WARNING, x->sa, "the peer's certificate was not "
		    "verified: \"remote %s\" says verify_cert off",
		    remote->name);
		return OK;
	}
	r = id_get(buf_view(&x->p1->id_remote), &id);
	if (r != OK)
		return r;
	if (cert_names(leaf, id.type, id.data)) {
		if (id.type == ID_DER_ASN1_DN)
			keep_subject(x, leaf);	/* one form for one peer */
		return OK;
	}
	warn = id.type == ID_DER_ASN1_DN && !remote->verify_identifier;
	say_sa(warn ? LOG_L_WARNING : LOG_L_ERROR, x->sa, "the peer says it "
	    "is %s, which its certificate does not say", id_print(&id, name));
	if (warn)
		keep_subject(x, leaf);
	return warn ? OK : E_ID;
}

static enum err
take_verdict(struct exchange *x, struct job *job)
{
	const struct auth_task *task = auth_task(job);
	enum err r;

	if (task->err != OK) {
		say_refused(x, task);
		return task->err;
	}
	if (task->result.no_crl)
		say_sa(LOG_L_WARNING, x->sa, "%s", task->result.why);
	x->proven = true;
	r = check_cert_id(x, task->leaf);
	if (r == OK)
		r = p1_believe(x);
	if (r == OK && task->leaf != NULL)
		buf_set(&x->sa->peer_cert, cert_der(task->leaf));
	return r;
}

/* A certificate in a file that is the identity's goes before the DNS. */
static bool
seeks(const struct ike_creds *creds, const struct id_payload *id,
    struct job *job)
{
	const struct cert *leaf = auth_leaf(creds->peers, creds->npeers,
	    id->type, id->data);

	if (creds->find == NULL || creds->peers_keys != NULL ||
	    (leaf != NULL && cert_names(leaf, id->type, id->data)))
		return false;
	return auth_seek(job, creds->find, id->type, id->data);
}

struct job *
p1_verify(struct exchange *x)
{
	struct job *job = auth_job(x->ike->crypto, false);
	struct auth_task *task = auth_task(job);
	struct id_payload id = { .type = 0 };
	struct ike_creds creds;

	job->take = take_verdict;
	task->method = x->sa->suite.auth->method;
	buf_reset(&x->p1->id_proven);
	if (id_get(buf_view(&x->p1->id_remote), &id) == OK)
		p1_choose_again(x, &id);
	else
		id = (struct id_payload){ .type = 0 };
	p1_creds(x, &creds);
	task->now = creds.now;
	if (seeks(&creds, &id, job))
		say_sa(LOG_L_DEBUG, x->sa, "looking for the peer's certificate "
		    "in the DNS under %s", task->search.name);
	else if (creds.npeers > 0 || creds.peers_keys != NULL)
		use_files(x, &creds, &id, task);
	else if (creds.find == NULL)
		use_payloads(x, &creds, &id, task);
	buf_set(&job->in[1], buf_view(&x->p1->sig_remote));
	if (p1_hash(x, false, &job->in[0]) != OK)
		drop_keys(task);
	return job;
}
