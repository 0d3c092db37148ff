/* SPDX-License-Identifier: ISC */
/*
 * ipsec_set_policy() and its relatives: policy text to and from the bytes of
 * a policy extension of PF_KEY, which are also what setsockopt() takes for
 * IP_IPSEC_POLICY.
 */
#include "libipsec/compat.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "libipsec/addr.h"
#include "libipsec/policy.h"

#define POLICY_BYTES	4096	/* POLICY_REQUESTS tunnels of IPv6 fit */

static void
put_end(struct buf *b, const struct ipsec_addr *addr)
{
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(addr, &ss);

	buf_put(b, &ss, n);
}

static void
put_request(struct buf *b, const struct policy_request *req)
{
	struct sadb_x_ipsecrequest r = {
		.sadb_x_ipsecrequest_proto = req->proto,
		.sadb_x_ipsecrequest_mode = req->mode,
		.sadb_x_ipsecrequest_level = req->level,
		.sadb_x_ipsecrequest_reqid = req->reqid,
	};
	size_t start = b->n;

	buf_put(b, &r, sizeof(r));
	put_end(b, &req->src);
	put_end(b, &req->dst);
	r.sadb_x_ipsecrequest_len = (uint16_t)(b->n - start);
	buf_patch(b, start, view_of(&r, sizeof(r)));
}

static void
put_policy(struct buf *b, const struct policy_spec *spec)
{
	struct sadb_x_policy p = {
		.sadb_x_policy_exttype = SADB_X_EXT_POLICY,
		.sadb_x_policy_type = spec->action,
		.sadb_x_policy_dir = spec->dir,
		.sadb_x_policy_priority = spec->priority,
	};

	buf_put(b, &p, sizeof(p));
	for (uint16_t i = 0; i < spec->nreq; i++)
		put_request(b, &spec->req[i]);
	p.sadb_x_policy_len = (uint16_t)(b->n / PFKEY_WORD);
	buf_patch(b, 0, view_of(&p, sizeof(p)));
}

/* An address of either family, with its port, from the front of V. */
static enum compat_err
get_end(struct view *v, struct ipsec_addr *addr)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_UNSPEC };
	struct view peek = *v;
	sa_family_t family;
	bool ok;

	view_bytes(&peek, &family, sizeof(family));
	if (family != AF_INET && family != AF_INET6)
		return CE_ADDRESS;
	view_bytes(v, &in6, family == AF_INET ? sizeof(struct sockaddr_in) :
	    sizeof(in6));
	ok = !v->bad && addr_from_sockaddr(addr, (struct sockaddr *)&in6);
	return ok ? CE_OK : CE_ADDRESS;
}

static enum compat_err
check_request(const struct policy_request *req)
{
	switch (req->proto) {
	case IPSEC_PROTO_ESP:
	case IPSEC_PROTO_AH:
	case IPSEC_PROTO_IPCOMP:
		break;
	default:
		return CE_PROTO;
	}
	if (req->mode > IPSEC_MODE_TUNNEL)
		return CE_MODE;
	return req->level > POLICY_UNIQUE ? CE_LEVEL : CE_OK;
}

static enum compat_err
get_request(struct view *v, struct policy_request *req)
{
	struct sadb_x_ipsecrequest r;
	struct view peek = *v, all;
	enum compat_err err;

	view_bytes(&peek, &r, sizeof(r));
	all = view_take(v, r.sadb_x_ipsecrequest_len);
	(void)view_take(&all, sizeof(r));
	if (peek.bad || all.bad)
		return CE_MESSAGE;
	if (r.sadb_x_ipsecrequest_proto > UINT8_MAX)
		return CE_PROTO;
	req->proto = (uint8_t)r.sadb_x_ipsecrequest_proto;
	req->mode = r.sadb_x_ipsecrequest_mode;
	req->level = r.sadb_x_ipsecrequest_level;
	req->reqid = r.sadb_x_ipsecrequest_reqid;
	if ((err = check_request(req)) != CE_OK || all.n == 0)
		return err;
	if ((err = get_end(&all, &req->src)) == CE_OK)
		err = get_end(&all, &req->dst);
	return err;
}

enum compat_err
compat_policy_get(struct view v, struct policy_spec *spec)
{
	struct sadb_x_policy p;
	enum compat_err err = CE_OK;

	memset(spec, 0, sizeof(*spec));
	view_bytes(&v, &p, sizeof(p));
	if (v.bad)
		return CE_MESSAGE;
	if (p.sadb_x_policy_exttype != SADB_X_EXT_POLICY)
		return CE_EXTTYPE;
	if (p.sadb_x_policy_dir < IPSEC_DIR_IN ||
	    p.sadb_x_policy_dir > IPSEC_DIR_SOCKET_OUT)
		return CE_DIR;
	if (p.sadb_x_policy_type > POLICY_BYPASS)
		return CE_POLICY;
	spec->dir = p.sadb_x_policy_dir;
	spec->action = (uint8_t)p.sadb_x_policy_type;
	spec->priority = p.sadb_x_policy_priority;
	while (v.n > 0 && err == CE_OK) {
		if (spec->nreq == POLICY_REQUESTS)
			return CE_NO_BUFS;
		err = get_request(&v, &spec->req[spec->nreq++]);
	}
	return err;
}

/* What the caller sees on standard error, beside the code. */
static void
complain(const char *text, const struct policy_fault *fault)
{
	const char *why = fault->err == POLICY_E_SYNTAX ? "syntax error" :
	    fault->err == POLICY_E_ADDRESS ? "invalid IP address" : NULL;

	if (why != NULL)
		fprintf(stderr, "libipsec: %s while parsing \"%.*s\"\n", why,
		    (int)fault->n, text + fault->at);
}

static enum compat_err
code_of(enum policy_err err)
{
	if (err == POLICY_E_MANY)
		return CE_NO_BUFS;
	if (err == POLICY_E_ADDRESS)
		*compat_text() = gai_strerror(EAI_NONAME);
	/* The numbers of the others are the same. */
	return (enum compat_err)err;
}

/* Programs write a command's end, or what is behind it, along. */
static struct view
without_end(const char *text)
{
	struct view v = view_text(text);

	while (v.n > 0 && strchr("; \t\r\n", v.p[v.n - 1]) != NULL)
		v.n--;
	return v;
}

/* LEN was never looked at: the text has an end of its own. */
ipsec_policy_t
ipsec_set_policy(const char *text, int len)
{
	struct policy_spec spec;
	struct policy_fault fault;
	enum policy_err err;
	struct buf b;

	(void)len;
	if (text == NULL) {
		compat_fail(CE_ARGUMENT);
		return NULL;
	}
	err = policy_read(without_end(text), &spec, &fault);
	if (err != POLICY_OK) {
		complain(text, &fault);
		compat_fail(code_of(err));
		return NULL;
	}
	/* Not freed but given away: the caller's to free(). */
	buf_init(&b, POLICY_BYTES);
	put_policy(&b, &spec);
	if (!buf_ok(&b)) {
		buf_fini(&b);
		compat_fail(CE_NO_BUFS);
		return NULL;
	}
	compat_fail(CE_OK);
	return (ipsec_policy_t)b.p;
}

/* In bytes, the length that the extension itself names. */
static size_t
length(const void *policy)
{
	struct sadb_x_policy p;

	memcpy(&p, policy, sizeof(p));
	return p.sadb_x_policy_len * PFKEY_WORD;
}

int
ipsec_get_policylen(ipsec_policy_t policy)
{
	return policy == NULL ? -1 : (int)length(policy);
}

static char *
dump(const void *policy, const char *delimiter, bool ports)
{
	struct policy_spec spec;
	enum compat_err err;
	char text[POLICY_TEXT], *copy = NULL;

	if (policy == NULL)
		return NULL;
	err = compat_policy_get(view_of(policy,
	    length(policy) < PFKEY_POLICY_BARE ? PFKEY_POLICY_BARE :
	    length(policy)), &spec);
	if (err == CE_OK && !policy_print(&spec, ports,
	    delimiter == NULL ? " " : delimiter, text))
		err = CE_NO_BUFS;
	if (err == CE_OK && (copy = strdup(text)) == NULL)
		err = CE_NO_BUFS;
	compat_fail(err);
	return copy;
}

char *
ipsec_dump_policy(ipsec_policy_t policy, const char *delimiter)
{
	return dump(policy, delimiter, false);
}

char *
ipsec_dump_policy_withports(void *policy, const char *delimiter)
{
	return dump(policy, delimiter, true);
}
