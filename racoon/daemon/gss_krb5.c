/* SPDX-License-Identifier: ISC */
/*
 * GSS-API with Kerberos 5 (RFC 2743, RFC 4121).  A daemon has no user who
 * types a password: the keys of both roles are in the keytab, and tickets stay
 * in memory.  Worker threads call everything but host().
 */
#include "daemon/gss.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define FLAGS	(GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)
#define KEYTAB	512		/* bytes of its name */

struct gss {
	struct gss_begin begin;
	gss_ctx_id_t	 context;
	gss_cred_id_t	 cred;
	gss_name_t	 peer;		/* initiator: whom it wants */
};

/*
 * Errors
 */

static size_t
add_status(char *out, size_t size, OM_uint32 code, int kind)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor, more = 0;
	int n = 0;

	if (gss_display_status(&minor, code, kind, gss_mech_krb5, &more,
	    &text) == GSS_S_COMPLETE)
		n = snprintf(out, size, "%.*s", (int)text.length,
		    (const char *)text.value);
	(void)gss_release_buffer(&minor, &text);
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

static enum err
fail(struct gss_state *s, const char *what, OM_uint32 major, OM_uint32 minor)
{
	int n = snprintf(s->why, sizeof(s->why), "%s: ", what);
	size_t at = n < 0 || (size_t)n >= sizeof(s->why) ? 0 : (size_t)n;

	/* that of the mechanism says more, when there is one */
	if (minor != 0)
		(void)add_status(s->why + at, sizeof(s->why) - at, minor,
		    GSS_C_MECH_CODE);
	else
		(void)add_status(s->why + at, sizeof(s->why) - at, major,
		    GSS_C_GSS_CODE);
	return E_AUTH;
}

/*
 * Names
 */

static void
host(char out[GSS_NAME])
{
	memset(out, 0, GSS_NAME);
	if (gethostname(out, GSS_NAME - 1) != 0)
		(void)snprintf(out, GSS_NAME, "localhost");
}

static OM_uint32
import(const char *text, gss_name_t *name, OM_uint32 *minor)
{
	gss_buffer_desc b = { .length = strlen(text),
		.value = (void *)(uintptr_t)text };

	return gss_import_name(minor, &b,
	    (gss_OID)(uintptr_t)GSS_KRB5_NT_PRINCIPAL_NAME, name);
}

static bool
print(gss_name_t name, char out[GSS_NAME])
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	bool ok = gss_display_name(&minor, name, &text, NULL) ==
	    GSS_S_COMPLETE && text.length > 0 && text.length < GSS_NAME;

	if (ok) {
		memcpy(out, text.value, text.length);
		out[text.length] = '\0';
		/* goes into log lines as it is */
		for (size_t i = 0; i < text.length; i++)
			ok = ok && out[i] > ' ' && out[i] <= '~';
	}
	(void)gss_release_buffer(&minor, &text);
	return ok;
}

/*
 * Begin and end
 */

static struct gss *
new(const struct gss_begin *begin)
{
	struct gss *g = xcalloc(1, sizeof(*g));

	g->begin = *begin;
	g->context = GSS_C_NO_CONTEXT;
	g->cred = GSS_C_NO_CREDENTIAL;
	g->peer = GSS_C_NO_NAME;
	return g;
}

static void
end(struct gss *g)
{
	OM_uint32 minor;

	if (g->context != GSS_C_NO_CONTEXT)
		(void)gss_delete_sec_context(&minor, &g->context,
		    GSS_C_NO_BUFFER);
	(void)gss_release_cred(&minor, &g->cred);
	(void)gss_release_name(&minor, &g->peer);
	xfreezero(g, sizeof(*g));
}

/* The library's text of an error, or of none. */
static enum err
fail_krb5(struct gss_state *s, const char *what, krb5_context k,
    krb5_error_code code)
{
	const char *text = krb5_get_error_message(k, code);

	(void)snprintf(s->why, sizeof(s->why), "%s: %s", what, text);
	krb5_free_error_message(k, text);
	return E_AUTH;
}

/* Does the keytab have a key of OWN?  Asked here, since the library says less
 * about it, and until 1.20 leaks the name when it fails. */
static krb5_error_code
has_key(krb5_context k, const char *file, const char *own)
{
	krb5_principal p = NULL;
	krb5_keytab kt = NULL;
	krb5_keytab_entry entry;
	krb5_error_code r = krb5_parse_name(k, own, &p);

	if (r == 0)
		r = krb5_kt_resolve(k, file, &kt);
	if (r == 0)
		r = krb5_kt_get_entry(k, kt, p, 0, 0, &entry);
	if (r == 0)
		(void)krb5_free_keytab_entry_contents(k, &entry);
	if (kt != NULL)
		(void)krb5_kt_close(k, kt);
	krb5_free_principal(k, p);
	return r;
}

static enum err
keytab(const char *own, char out[KEYTAB], struct gss_state *s)
{
	krb5_context k;
	krb5_error_code r = krb5_init_context(&k);
	enum err err = OK;

	if (r != 0) {
		(void)snprintf(s->why, sizeof(s->why), "krb5.conf(5) cannot "
		    "be used (error %d)", (int)r);
		return E_AUTH;
	}
	if ((r = krb5_kt_default_name(k, out, KEYTAB)) != 0)
		err = fail_krb5(s, "the default keytab", k, r);
	else if ((r = has_key(k, out, own)) != 0)
		err = fail_krb5(s, out, k, r);
	krb5_free_context(k);
	return err;
}

/* By default the library would look for an initiator's key elsewhere, and
 * keep its tickets in a file. */
static enum err
acquire(struct gss *g, struct gss_state *s)
{
	char file[KEYTAB], cache[GSS_NAME + 16];
	gss_key_value_element_desc element[] = {
		{ "client_keytab", file }, { "ccache", cache },
	}, accept = { "keytab", file };
	gss_key_value_set_desc store = { 1, &accept };
	/* nothing that would negotiate another mechanism first */
	gss_OID_set_desc mechs = { 1, (gss_OID)(uintptr_t)gss_mech_krb5 };
	gss_name_t own = GSS_C_NO_NAME;
	OM_uint32 major, minor, ignored;

	if (keytab(g->begin.own, file, s) != OK)
		return E_AUTH;
	(void)snprintf(cache, sizeof(cache), "MEMORY:racoon-%s",
	    g->begin.own);
	if (g->begin.initiator)
		store = (gss_key_value_set_desc){ 2, element };
	major = import(g->begin.own, &own, &minor);
	if (major == GSS_S_COMPLETE)
		major = gss_acquire_cred_from(&minor, own, GSS_C_INDEFINITE,
		    &mechs, g->begin.initiator ? GSS_C_INITIATE :
		    GSS_C_ACCEPT, &store, &g->cred, NULL, NULL);
	(void)gss_release_name(&ignored, &own);
	return major == GSS_S_COMPLETE ? OK : fail(s, file, major, minor);
}

/*
 * Steps
 */

/* Both names, of a context that is complete. */
static enum err
complete(struct gss *g, OM_uint32 flags, struct gss_state *s)
{
	gss_name_t initiator = GSS_C_NO_NAME, acceptor = GSS_C_NO_NAME;
	OM_uint32 major, minor, ignored;
	bool named;

	if ((flags & FLAGS) != FLAGS) {
		(void)snprintf(s->why, sizeof(s->why), "the context does not "
		    "authenticate both sides and encrypt");
		return E_AUTH;
	}
	major = gss_inquire_context(&minor, g->context, &initiator, &acceptor,
	    NULL, NULL, NULL, NULL, NULL);
	if (major != GSS_S_COMPLETE)
		return fail(s, "no names", major, minor);
	named = print(g->begin.initiator ? initiator : acceptor, s->own) &&
	    print(g->begin.initiator ? acceptor : initiator, s->peer);
	(void)gss_release_name(&ignored, &initiator);
	(void)gss_release_name(&ignored, &acceptor);
	if (!named) {
		(void)snprintf(s->why, sizeof(s->why), "a principal has a "
		    "name that cannot be printed");
		return E_AUTH;
	}
	s->done = true;
	return OK;
}

static OM_uint32
initiate(struct gss *g, gss_buffer_t in, gss_buffer_t out, OM_uint32 *flags,
    OM_uint32 *minor)
{
	OM_uint32 major = GSS_S_COMPLETE;

	if (g->peer == GSS_C_NO_NAME)
		major = import(g->begin.peer, &g->peer, minor);
	if (major != GSS_S_COMPLETE)
		return major;
	return gss_init_sec_context(minor, g->cred, &g->context, g->peer,
	    (gss_OID)(uintptr_t)gss_mech_krb5, FLAGS | GSS_C_SEQUENCE_FLAG, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, in, NULL, out, flags, NULL);
}

static enum err
step(struct gss *g, struct view token, struct buf *out, struct gss_state *s)
{
	gss_buffer_desc in = { .length = token.n,
		.value = (void *)(uintptr_t)token.p };
	gss_buffer_desc answer = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor = 0, flags = 0, ignored;

	if (g->cred == GSS_C_NO_CREDENTIAL && acquire(g, s) != OK)
		return E_AUTH;
	if (g->begin.initiator)
		major = initiate(g, &in, &answer, &flags, &minor);
	else
		major = gss_accept_sec_context(&minor, &g->context, g->cred,
		    &in, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &answer,
		    &flags, NULL, NULL);
	buf_put(out, answer.value, answer.length);
	(void)gss_release_buffer(&ignored, &answer);
	if (GSS_ERROR(major))
		return fail(s, g->begin.initiator ? g->begin.peer :
		    g->begin.own, major, minor);
	return major == GSS_S_COMPLETE ? complete(g, flags, s) : OK;
}

static enum err
wrap(struct gss *g, struct view v, struct buf *out, struct gss_state *s)
{
	gss_buffer_desc in = { .length = v.n,
		.value = (void *)(uintptr_t)v.p };
	gss_buffer_desc wrapped = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor, ignored;
	int sealed = 0;

	major = gss_wrap(&minor, g->context, 1, GSS_C_QOP_DEFAULT, &in,
	    &sealed, &wrapped);
	buf_put(out, wrapped.value, wrapped.length);
	(void)gss_release_buffer(&ignored, &wrapped);
	return major == GSS_S_COMPLETE && sealed ? OK :
	    fail(s, "gss_wrap", major, minor);
}

static enum err
unwrap(struct gss *g, struct view v, struct buf *out, struct gss_state *s)
{
	gss_buffer_desc in = { .length = v.n,
		.value = (void *)(uintptr_t)v.p };
	gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor, ignored;

	major = gss_unwrap(&minor, g->context, &in, &plain, NULL, NULL);
	buf_put(out, plain.value, plain.length);
	(void)gss_release_buffer(&ignored, &plain);
	return major == GSS_S_COMPLETE ? OK :
	    fail(s, "gss_unwrap", major, minor);
}

static const struct gss_ops provider = {
	.host = host,
	.new = new,
	.free = end,
	.step = step,
	.wrap = wrap,
	.unwrap = unwrap,
};

const struct gss_ops *
gss_provider(void)
{
	return &provider;
}
