/* SPDX-License-Identifier: ISC */
/*
 * Phase 1 with GSS-API: the SA payload says who each side is, a token of each
 * goes with its public value, and the hashes are wrapped.  All Kerberos needs
 * is one token each way.
 */

#include "ike/p1_gss.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "ike/auth.h"
#include "ike/p1_part.h"
#include "ike/propose.h"
#include "ike/say.h"

static bool
is_gss(const struct exchange *x)
{
	return x->sa->suite.auth != NULL && x->sa->suite.auth->kind == AUTH_GSS;
}

static struct p1_gss *
gss_new(const struct gss_ops *ops)
{
	struct p1_gss *g = xcalloc(1, sizeof(*g));

	g->ops = ops;
	buf_init(&g->own_id, GSS_NAME - 1);
	buf_init(&g->peer_id, GSS_NAME - 1);
	buf_init(&g->sent, LIMIT_GSS_TOKEN);
	buf_init(&g->got, LIMIT_GSS_TOKEN);
	return g;
}

void
p1_gss_free(struct p1_gss *g)
{
	if (g == NULL)
		return;
	if (g->context != NULL)
		g->ops->free(g->context);
	buf_fini(&g->own_id);
	buf_fini(&g->peer_id);
	buf_fini(&g->sent);
	buf_fini(&g->got);
	xfreezero(g, sizeof(*g));
}

/*
 * Who is who
 */

static const struct gss_ops *
provider(const struct exchange *x)
{
	return x->ike->ops->gss == NULL ? NULL : x->ike->ops->gss(x->ike->ctx);
}

static bool
is_wide(const struct exchange *x)
{
	return x->sa->conf->gss_id_enc == CONF_GSS_UTF16LE;
}

/* A principal that is but a service is that of this host. */
static void
own_principal(const struct gss_ops *ops, struct view id, struct buf *out)
{
	char host[GSS_NAME];

	buf_set(out, id);
	if (!view_equal(id, view_text(PROPOSE_GSS_SERVICE)))
		return;
	ops->host(host);
	buf_u8(out, '/');
	buf_add(out, view_text(host));
}

static const char *
name_of(const struct conf_p1 *mine)
{
	return mine->gss_id != NULL ? mine->gss_id : PROPOSE_GSS_SERVICE;
}

static const struct conf_p1 *
first_offered(const struct remote *remote)
{
	for (size_t i = 0; i < remote->nproposal; i++)
		if (remote->proposal[i].gss &&
		    propose_usable(&remote->proposal[i]))
			return &remote->proposal[i];
	return NULL;
}

bool
p1_gss_offered(const struct remote *remote)
{
	return first_offered(remote) != NULL;
}

/* The names that are offered must outlive the offer: one buf for each. */
void
p1_gss_offer(struct exchange *x, struct sa_payload *offer)
{
	const struct gss_ops *ops = provider(x);
	struct phase1 *p1 = x->p1;

	for (unsigned i = 0; i < offer->ntransform; i++) {
		struct transform *t = &offer->transform[i];

		if (t->gss_id.n == 0 || ops == NULL)
			continue;
		t->gss_wide = is_wide(x);
		if (!view_equal(t->gss_id, view_text(PROPOSE_GSS_SERVICE)))
			continue;
		if (p1->gss == NULL)
			p1->gss = gss_new(ops);
		own_principal(ops, t->gss_id, &p1->gss->own_id);
		t->gss_id = buf_view(&p1->gss->own_id);
	}
}

enum err
p1_gss_agree(struct exchange *x, const struct conf_p1 *mine,
    const struct transform *theirs)
{
	struct phase1 *p1 = x->p1;
	const struct gss_ops *ops = provider(x);
	enum err r;

	if (!mine->gss)
		return OK;
	if (ops == NULL)
		return E_NOPROPOSAL;
	if (p1->gss == NULL)
		p1->gss = gss_new(ops);
	own_principal(ops, view_text(name_of(mine)), &p1->gss->own_id);
	if (!buf_ok(&p1->gss->own_id))
		return E_LIMIT;
	r = sa_gss_id(theirs->gss_id, is_wide(x), &p1->gss->peer_id);
	if (r != OK && (x->sa->initiator || ike_may_complain(x->ike,
	    &x->sa->remote, r)))
		say_sa(LOG_L_ERROR, x->sa, "cannot read the peer's GSS_ID as "
		    "%s: gss_id_enc must be the same on both sides",
		    is_wide(x) ? "utf-16le" : "latin1");
	return r;
}

void
p1_gss_answer(struct exchange *x, struct transform *t)
{
	if (!is_gss(x))
		return;
	t->raw = view_of(NULL, 0);
	t->gss_id = buf_view(&x->p1->gss->own_id);
	t->gss_wide = is_wide(x);
}

/* "SERVICE/HOST@REALM"; false: another form, or with quoted characters. */
struct principal {
	struct view	service, host, realm;
};

static bool
principal_get(const char *text, struct principal *p)
{
	const char *slash = strchr(text, '/'), *at = strchr(text, '@');

	if (slash == NULL || at == NULL || at < slash || at[1] == '\0' ||
	    strpbrk(slash + 1, "/\\") != NULL || strchr(at + 1, '@') != NULL ||
	    memchr(text, '\\', (size_t)(slash - text)) != NULL)
		return false;
	p->service = view_of((const uint8_t *)text, (size_t)(slash - text));
	p->host = view_of((const uint8_t *)slash + 1,
	    (size_t)(at - slash - 1));
	p->realm = view_text(at + 1);
	return p->service.n > 0 && p->host.n > 0;
}

/* The GSS_ID, which may be without the realm. */
static bool
is_said(const char *principal, struct view id)
{
	size_t n = strlen(principal);

	return n >= id.n && memcmp(principal, id.p, id.n) == 0 &&
	    (n == id.n || principal[id.n] == '@');
}

/*
 * A ticket says that somebody is of the realm; that alone does not make a
 * user a gateway.  The peer has to be a host for the same service as we are,
 * and the one that it said it is.
 */
static enum err
check_principals(struct exchange *x)
{
	const struct p1_gss *g = x->p1->gss;
	const struct gss_state *s = &g->state;
	struct principal own, peer;
	bool alike = principal_get(s->own, &own) &&
	    principal_get(s->peer, &peer) &&
	    view_equal(own.service, peer.service) &&
	    view_equal(own.realm, peer.realm);

	if (alike && is_said(s->peer, buf_view(&g->peer_id)))
		return OK;
	if (!x->sa->initiator && !ike_may_complain(x->ike, &x->sa->remote,
	    E_AUTH))
		return E_AUTH;
	if (!alike)
		say_exchange(LOG_L_ERROR, x, "authentication failed: the peer "
		    "is %s, which is no host of the service and realm that "
		    "we are of, as %s", s->peer, s->own);
	else
		say_exchange(LOG_L_ERROR, x, "authentication failed: the peer "
		    "is %s, but it said that it is %.*s", s->peer,
		    (int)g->peer_id.n, (const char *)g->peer_id.p);
	return E_AUTH;
}

/*
 * In aggressive mode the first message has a token already, before the peer
 * has said who it is: it is for the host that peers_identifier names.
 */
static bool
peer_principal(const struct remote *remote, struct view own, struct buf *out)
{
	for (size_t i = 0; i < remote->npeers_id; i++) {
		const struct conf_id *id = &remote->peers_id[i];
		struct view name = buf_view(&id->data);

		if (!id->has_value || !conf_gss_names(id))
			continue;
		if (id->type == ID_FQDN) {
			const uint8_t *slash = memchr(own.p, '/', own.n);

			buf_set(out, view_of(own.p, slash == NULL ? own.n :
			    (size_t)(slash - own.p)));
			buf_u8(out, '/');
			buf_add(out, name);
		} else {
			buf_set(out, name);
		}
		return buf_ok(out);
	}
	return false;
}

struct job *
p1_gss_first(struct exchange *x)
{
	const struct remote *remote = x->sa->remote_conf;
	const struct conf_p1 *mine = first_offered(remote);
	const struct gss_ops *ops = provider(x);
	struct p1_gss *g;

	if (mine == NULL || ops == NULL)
		return NULL;
	g = x->p1->gss = gss_new(ops);
	own_principal(ops, view_text(name_of(mine)), &g->own_id);
	if (!buf_ok(&g->own_id) || !peer_principal(remote,
	    buf_view(&g->own_id), &g->peer_id)) {
		say_exchange(LOG_L_ERROR, x, "gssapi_krb in aggressive mode "
		    "needs the name of the peer: \"remote %s\" (%s:%u) has no "
		    "peers_identifier fqdn or keyid", remote->name,
		    remote->at.path == NULL ? "?" : remote->at.path,
		    remote->at.line);
		return NULL;
	}
	return p1_gss_step(x);
}

/*
 * Does the principal speak for the identity?  It says the name of a host, and
 * nothing of addresses: who wants to be sure says verify_identifier.
 */
enum err
p1_gss_identity(struct exchange *x, const struct id_payload *id)
{
	const char *name;
	struct principal p = { .host = { .n = 0 } };
	char text[ID_TEXT];
	bool proved, other;

	if (!is_gss(x))
		return OK;
	name = x->p1->gss->state.peer;
	(void)principal_get(name, &p);
	other = id->type == ID_FQDN && (id->data.n != p.host.n ||
	    strncasecmp((const char *)id->data.p, (const char *)p.host.p,
	    p.host.n) != 0);
	proved = (id->type == ID_FQDN && !other) || (id->type == ID_KEY_ID &&
	    id->data.n > 0 && is_said(name, id->data));
	if (proved || (!other && !x->sa->remote_conf->verify_identifier)) {
		say_sa(LOG_L_INFO, x->sa, "the peer, which says it is %s, is "
		    "%s", id_print(id, text), name);
		return OK;
	}
	say_sa(LOG_L_ERROR, x->sa, "the peer says it is %s, which its "
	    "principal %s does not say", id_print(id, text), name);
	return E_ID;
}

/*
 * Tokens
 */

enum err
p1_put_gss(struct exchange *x, struct msg_out *out)
{
	const struct p1_gss *g = x->p1->gss;

	if (g != NULL && g->sent.n > 0)
		msg_put(out, ISAKMP_GSS, buf_view(&g->sent));
	else if (x->sa->suite.auth == NULL &&
	    p1_gss_offered(x->sa->remote_conf))
		return E_CONFIG;	/* p1_gss_first() has said why */
	return OK;
}

/*
 * What aggressive mode has taken with a hash that was forged comes again with
 * the right one: the context is complete by then, and takes no more tokens.
 */
static enum err
take_again(struct exchange *x, struct view token)
{
	struct p1_gss *g = x->p1->gss;

	if (!view_equal(token, buf_view(&g->got)))
		return E_PAYLOAD;
	g->again = true;
	return check_principals(x);
}

enum err
p1_take_gss(struct exchange *x, const struct msg *msg)
{
	const struct msg_payload *p = msg_find(msg, ISAKMP_GSS);

	if (!is_gss(x))
		return OK;
	if (p == NULL)
		return E_MISSING;
	if (msg_next(msg, p) != NULL)
		return E_UNEXPECTED;
	if (p->body.n == 0 || p->body.n > LIMIT_GSS_TOKEN)
		return E_PAYLOAD;
	if (x->p1->gss->state.done)
		return take_again(x, p->body);
	buf_set(&x->p1->gss->got, p->body);
	return OK;
}

bool
p1_gss_steps(const struct exchange *x)
{
	return is_gss(x) && !x->p1->gss->again;
}

/*
 * Jobs.  The context goes with the job and comes back with it; when nobody
 * waits any more, it ends there.
 */

struct gss_task {
	const struct gss_ops *ops;
	struct gss	*context;
	struct gss_begin begin;
	struct gss_state state;
	struct buf	 in, out;
	enum err	 err;
};

static void
task_free(void *more)
{
	struct gss_task *t = more;

	if (t->context != NULL)
		t->ops->free(t->context);
	buf_fini(&t->in);
	buf_fini(&t->out);
	xfreezero(t, sizeof(*t));
}

static void
run_step(struct job *job)
{
	struct gss_task *t = job->more;

	if (t->context == NULL)
		t->context = t->ops->new(&t->begin);
	t->err = t->ops->step(t->context, buf_view(&t->in), &t->out,
	    &t->state);
	job->err = OK;
}

static void
run_wrap(struct job *job)
{
	struct gss_task *t = job->more;

	t->err = t->ops->wrap(t->context, buf_view(&t->in), &t->out,
	    &t->state);
	job->err = OK;
}

static void
run_unwrap(struct job *job)
{
	struct gss_task *t = job->more;

	t->err = t->ops->unwrap(t->context, buf_view(&t->in), &t->out,
	    &t->state);
	job->err = OK;
}

static struct job *
gss_job(struct exchange *x, void (*run)(struct job *),
    enum err (*take)(struct exchange *, struct job *))
{
	struct p1_gss *g = x->p1->gss;
	struct job *job = job_new(x->ike->crypto, run);
	struct gss_task *t = xcalloc(1, sizeof(*t));

	t->ops = g->ops;
	t->context = g->context;
	g->context = NULL;
	t->state = g->state;
	t->err = E_AUTH;
	buf_init(&t->in, LIMIT_GSS_TOKEN);
	buf_init(&t->out, LIMIT_GSS_TOKEN);
	job->more = t;
	job->free_more = task_free;
	job->take = take;
	job->waits = JOB_WAITS_KDC;
	return job;
}

static struct gss_task *
take_back(struct exchange *x, struct job *job)
{
	struct gss_task *t = job->more;

	x->p1->gss->context = t->context;
	t->context = NULL;
	x->p1->gss->state = t->state;
	return t;
}

static enum err
say_failed(struct exchange *x, const char *what, const char *why)
{
	if (x->sa->initiator || ike_may_complain(x->ike, &x->sa->remote,
	    E_AUTH))
		say_exchange(LOG_L_ERROR, x, "authentication failed: %s: %s "
		    "(we are %.*s)", what, why, (int)x->p1->gss->own_id.n,
		    (const char *)x->p1->gss->own_id.p);
	return E_AUTH;
}

/* The first one of the initiator has a token to send, and so has that of the
 * responder; after it, and after the second one of the initiator, it is done. */
static enum err
take_step(struct exchange *x, struct job *job)
{
	const struct gss_task *t = take_back(x, job);
	struct p1_gss *g = x->p1->gss;
	bool first = t->in.n == 0, last = !first;

	if (t->err != OK)
		return say_failed(x, x->sa->initiator ? "no Kerberos context "
		    "with the peer" : "the peer's Kerberos token is refused",
		    t->state.why);
	if (!buf_ok(&t->out))
		return say_failed(x, "no Kerberos context",
		    "the token is too large for a message");
	if (t->state.done != last || (t->out.n > 0) != (first ||
	    !x->sa->initiator))
		return say_failed(x, "no Kerberos context", t->state.done ?
		    "the peer would not be authenticated" :
		    "it would take more tokens than one each way");
	if (t->out.n > 0)
		buf_set(&g->sent, buf_view(&t->out));
	return t->state.done ? check_principals(x) : OK;
}

struct job *
p1_gss_step(struct exchange *x)
{
	struct job *job = gss_job(x, run_step, take_step);
	struct p1_gss *g = x->p1->gss;
	struct gss_task *t = job->more;

	t->begin.initiator = x->sa->initiator;
	snprintf(t->begin.own, sizeof(t->begin.own), "%.*s",
	    (int)g->own_id.n, (const char *)g->own_id.p);
	snprintf(t->begin.peer, sizeof(t->begin.peer), "%.*s",
	    (int)g->peer_id.n, (const char *)g->peer_id.p);
	buf_set(&t->in, buf_view(&g->got));
	return job;
}

static enum err
take_wrapped(struct exchange *x, struct job *job)
{
	const struct gss_task *t = take_back(x, job);

	if (t->err != OK)
		return say_failed(x, "cannot wrap the hash", t->state.why);
	buf_set(&x->p1->sig_local, buf_view(&t->out));
	return buf_ok(&x->p1->sig_local) ? OK : E_LIMIT;
}

struct job *
p1_gss_wrap(struct exchange *x)
{
	struct job *job = gss_job(x, run_wrap, take_wrapped);
	struct gss_task *t = job->more;

	p1_make_id(x);
	if (p1_hash(x, true, &t->in) != OK)
		buf_reset(&t->in);	/* as good as any wrong one */
	return job;
}

static enum err
take_unwrapped(struct exchange *x, struct job *job)
{
	const struct gss_task *t = take_back(x, job);
	struct buf hash;
	enum err r;

	buf_init(&hash, HASH_LEN_MAX);
	r = p1_hash(x, false, &hash);
	if (r == OK && (t->err != OK || !buf_ok(&t->out) ||
	    !crypto_equal(buf_view(&t->out), buf_view(&hash))))
		r = E_HASH;
	buf_fini(&hash);
	if (r == E_HASH && !x->sa->complained)
		(void)say_failed(x, "the peer's hash does not match", t->err !=
		    OK ? t->state.why : "it is of something else");
	if (r != OK)
		return r;
	return p1_believe(x);
}

struct job *
p1_gss_unwrap(struct exchange *x)
{
	struct job *job = gss_job(x, run_unwrap, take_unwrapped);
	struct gss_task *t = job->more;

	buf_set(&t->in, buf_view(&x->p1->sig_remote));
	return job;
}
