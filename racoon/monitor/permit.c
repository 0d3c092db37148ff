/* SPDX-License-Identifier: ISC */
/* Each question is one look at one or two snapshots. */
#include "monitor/permit.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/trust.h"
#include "libipsec/addr.h"

struct permit_script {
	enum conf_script what;
	char		*path;
};

#define SNAPSHOTS	2

static void
snapshots(const struct permit *p, const struct conf *out[SNAPSHOTS])
{
	out[0] = p->now;
	out[1] = p->next;
}

static void
add_script(struct permit *p, enum conf_script what, const char *path)
{
	if (permit_script(p, what, path))
		return;
	p->script = xreallocarray(p->script, p->nscript + 1,
	    sizeof(*p->script));
	p->script[p->nscript++] = (struct permit_script){ what,
	    xstrdup(path) };
}

void
permit_offer(struct permit *p, struct conf *conf)
{
	conf_unref(p->next);
	p->next = conf;
	for (size_t i = 0; i < conf->nremote; i++) {
		for (int k = 0; k < CONF_NSCRIPTS; k++)
			if (conf->remote[i]->script[k] != NULL)
				add_script(p, (enum conf_script)k,
				    conf->remote[i]->script[k]);
		if (conf->remote[i]->generate_policy != CONF_GEN_OFF)
			p->generates = true;
	}
}

void
permit_keep(struct permit *p, bool good)
{
	if (good && p->next != NULL) {
		conf_unref(p->now);
		p->now = p->next;
	} else
		conf_unref(p->next);
	p->next = NULL;
}

void
permit_fini(struct permit *p)
{
	conf_unref(p->now);
	conf_unref(p->next);
	for (size_t i = 0; i < p->nscript; i++)
		free(p->script[i].path);
	free(p->script);
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

bool
permit_psk(const struct permit *p, const char *path)
{
	return (p->now != NULL && same(p->now->path_psk, path)) ||
	    (p->next != NULL && same(p->next->path_psk, path));
}

bool
permit_list(const struct permit *p, const char *dir)
{
	return (p->now != NULL && same(p->now->path_cert, dir)) ||
	    (p->next != NULL && same(p->next->path_cert, dir));
}

/* DIR "/" NAME, one of those that stand for authorities. */
static bool
is_hashed(const char *dir, const char *path)
{
	const size_t n = dir == NULL ? 0 : strlen(dir);

	return n > 0 && strncmp(path, dir, n) == 0 && path[n] == '/' &&
	    strchr(path + n + 1, '/') == NULL &&
	    trust_file(path + n + 1) != TRUST_NO_FILE;
}

static bool
is_cert_of(const struct remote *r, const char *path)
{
	bool found = same(r->ca.file, path) ||
	    (r->own_cert.kind == CONF_CERT_X509 &&
	    same(r->own_cert.file, path));

	for (size_t i = 0; i < r->npeers_cert && !found; i++)
		found = same(r->peers_cert[i].file, path);
	return found;
}

bool
permit_cert(const struct permit *p, const char *path)
{
	const struct conf *c[SNAPSHOTS];

	snapshots(p, c);
	for (int k = 0; k < SNAPSHOTS; k++) {
		if (c[k] == NULL)
			continue;
		if (is_hashed(c[k]->path_cert, path))
			return true;
		for (size_t i = 0; i < c[k]->nremote; i++)
			if (is_cert_of(c[k]->remote[i], path))
				return true;
	}
	return false;
}

const struct conf_cert *
permit_key(const struct permit *p, bool plain, const char *path)
{
	const struct conf *c[SNAPSHOTS];

	snapshots(p, c);
	/* the newest first: its place is what a complaint names */
	for (int k = SNAPSHOTS - 1; k >= 0; k--)
		for (size_t i = 0; c[k] != NULL && i < c[k]->nremote; i++) {
			const struct conf_cert *own =
			    &c[k]->remote[i]->own_cert;

			if (!plain && own->kind == CONF_CERT_X509 &&
			    same(own->key, path))
				return own;
			if (plain && own->kind == CONF_CERT_PLAIN_RSA &&
			    same(own->file, path))
				return own;
		}
	return NULL;
}

bool
permit_is_secret(const struct permit *p, const char *path)
{
	return permit_key(p, false, path) != NULL ||
	    permit_key(p, true, path) != NULL;
}

static bool
listens(const struct permit *p, const struct conf *c,
    const struct ipsec_addr *a, bool natt)
{
	if (c == NULL)
		return false;
	if (c->listen.n == 0)
		return addr_is_any(a) && a->scope == 0 &&
		    a->port == (natt ? p->natt_port : p->port);
	for (size_t i = 0; i < c->listen.n; i++)
		if (addr_equal_port(&c->listen.on[i].addr, a))
			return true;
	return false;
}

bool
permit_bind(const struct permit *p, const struct ipsec_addr *a, bool natt)
{
	return addr_bits(a) > 0 && (listens(p, p->now, a, natt) ||
	    listens(p, p->next, a, natt));
}

bool
permit_raw(const struct permit *p, uint32_t family, uint32_t proto)
{
	const struct conf *c[SNAPSHOTS];
	bool on = false;

	snapshots(p, c);
	for (int k = 0; k < SNAPSHOTS; k++)
		on = on || (c[k] != NULL && c[k]->repair_unknown_spi);
	return on && (family == AF_INET || family == AF_INET6) &&
	    (proto == IPPROTO_ESP || proto == IPPROTO_AH ||
	    proto == IPPROTO_UDP);
}

bool
permit_script(const struct permit *p, uint32_t what, const char *path)
{
	for (size_t i = 0; i < p->nscript; i++)
		if ((uint32_t)p->script[i].what == what &&
		    strcmp(p->script[i].path, path) == 0)
			return true;
	return false;
}

/*
 * What a value is made of.  A script may not have put it into quotes; only an
 * identity can be anything that is printed, as it is the peer's own.
 */
static bool
is_made_of(const char *value, const char *also)
{
	for (; *value != '\0'; value++) {
		const char c = *value;

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || strchr(also, c) != NULL))
			return false;
	}
	return true;
}

static bool
is_text(const char *value)
{
	for (; *value != '\0'; value++)
		if ((uint8_t)*value < ' ' || *value == 0x7f)
			return false;
	return true;
}

/* Whoever chose the name as well could choose LD_PRELOAD. */
bool
permit_variable(const char *text)
{
	static const char address[] = ".:%-_+=@", list[] = ".:/,-_ ";
	static const struct {
		const char *name, *also;	/* NULL: anything */
	} row[] = {
		{ "INTERNAL_ADDR4", list }, { "INTERNAL_MASK4", list },
		{ "INTERNAL_NETMASK4", list }, { "INTERNAL_CIDR4", list },
		{ "INTERNAL_DNS4", list }, { "INTERNAL_DNS4_LIST", list },
		{ "INTERNAL_WINS4", list }, { "INTERNAL_WINS4_LIST", list },
		{ "DEFAULT_DOMAIN", list }, { "SPLIT_INCLUDE", list },
		{ "SPLIT_INCLUDE_CIDR", list }, { "SPLIT_LOCAL", list },
		{ "SPLIT_LOCAL_CIDR", list },
		{ "INTERNAL_SPLITDNS_DOMAINS", list },
		{ "LOCAL_ADDR", address }, { "LOCAL_PORT", "" },
		{ "REMOTE_ADDR", address }, { "REMOTE_PORT", "" },
		{ "REMOTE_ID", NULL }, { "IKE_COOKIE", ":" },
	};
	const char *equals = strchr(text, '=');

	for (size_t i = 0; equals != NULL &&
	    i < sizeof(row) / sizeof(row[0]); i++)
		if (strlen(row[i].name) == (size_t)(equals - text) &&
		    memcmp(row[i].name, text, (size_t)(equals - text)) == 0)
			return row[i].also == NULL ? is_text(equals + 1) :
			    is_made_of(equals + 1, row[i].also);
	return false;
}

bool
permit_sa(const struct ipsec_sa *sa)
{
	return sa->offload.kind == IPSEC_OFFLOAD_NONE &&
	    sa->output_mark.value == 0 && sa->output_mark.mask == 0 &&
	    sa->replay <= IPSEC_REPLAY_MAX;
}

bool
permit_policy(const struct permit *permit, const struct ipsec_policy *p)
{
	return permit->generates && p->action == IPSEC_ACTION_IPSEC &&
	    p->ntmpl > 0 && p->index == 0 && p->priority == PERMIT_PRIORITY &&
	    p->hard.add != 0 && p->offload.kind == IPSEC_OFFLOAD_NONE;
}
