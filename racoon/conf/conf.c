/* SPDX-License-Identifier: ISC */
/* The snapshot: defaults, copies of blocks, the end of everything. */
#include "conf/conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/parse.h"
#include "wire/isakmp.h"

static char *
copy_text(const char *text)
{
	return text == NULL ? NULL : xstrdup(text);
}

static void
free_secret(char *text)
{
	if (text != NULL)
		xfreezero(text, strlen(text));
}

static void
modecfg_init(struct conf_modecfg *m)
{
	m->auth_source = CONF_SYSTEM;
	m->group_source = CONF_SYSTEM;
	m->conf_source = CONF_LOCAL;
	m->accounting = CONF_NO_SOURCE;
	m->auth_throttle = 1;
	m->banner = xstrdup("/etc/motd");
}

static void
texts_fini(struct conf_text_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->text[i]);
	free(l->text);
}

static void
modecfg_fini(struct conf_modecfg *m)
{
	texts_fini(&m->split_dns);
	texts_fini(&m->auth_groups);
	free(m->split_network);
	free(m->default_domain);
	free(m->banner);
}

static void
ldap_init(struct conf_ldap *l)
{
	l->version = 3;
	l->port = 389;
	l->host = xstrdup("localhost");
	l->attr_user = xstrdup("cn");
	l->attr_addr = xstrdup("racoon-address");
	l->attr_mask = xstrdup("racoon-netmask");
	l->attr_group = xstrdup("cn");
	l->attr_member = xstrdup("member");
}

static void
ldap_fini(struct conf_ldap *l)
{
	free(l->uri);
	free(l->host);
	free(l->base);
	free(l->bind_dn);
	free_secret(l->bind_pw);
	free(l->attr_user);
	free(l->attr_addr);
	free(l->attr_mask);
	free(l->attr_group);
	free(l->attr_member);
}

static void
radius_fini(struct conf_radius *r)
{
	for (unsigned int i = 0; i < CONF_RADIUS_MAX; i++) {
		free(r->auth[i].host);
		free_secret(r->auth[i].secret);
		free(r->acct[i].host);
		free_secret(r->acct[i].secret);
	}
}

struct conf *
conf_new(void)
{
	struct conf *c = xcalloc(1, sizeof(*c));

	c->refs = 1;
	c->log_level = LOG_L_INFO;
	c->complex_bundle = true;
	c->repair_unknown_spi = true;
	c->padding.randomize = true;
	c->padding.exclusive_tail = true;
	c->padding.maximum_length = 20;
	c->timer.counter = 5;
	c->timer.interval = 10;
	c->timer.persend = 1;
	c->timer.phase1 = 30;
	c->timer.phase2 = 30;
	c->timer.natt_keepalive = 20;
	c->listen.admin_mode = 0600;
	modecfg_init(&c->modecfg);
	ldap_init(&c->ldap);
	c->radius.timeout = 3;
	c->radius.retries = 3;
	return c;
}

struct conf *
conf_ref(const struct conf *conf)
{
	struct conf *c = (struct conf *)conf;

	c->refs++;
	return c;
}

static void
conf_free(struct conf *c)
{
	for (size_t i = 0; i < c->nremote; i++) {
		remote_fini(c->remote[i]);
		free(c->remote[i]);
	}
	for (size_t i = 0; i < c->nsainfo; i++) {
		sainfo_fini(c->sainfo[i]);
		free(c->sainfo[i]);
	}
	for (size_t i = 0; i < c->nnames; i++)
		free(c->names[i]);
	free(c->remote);
	free(c->sainfo);
	free(c->names);
	free(c->path);
	free(c->path_include);
	free(c->path_psk);
	free(c->path_cert);
	free(c->path_script);
	free(c->path_backupsa);
	free(c->path_pidfile);
	free(c->chroot);
	free(c->listen.admin_path);
	free(c->listen.on);
	modecfg_fini(&c->modecfg);
	ldap_fini(&c->ldap);
	radius_fini(&c->radius);
	free(c->marks.list);
	free(c);
}

void
conf_unref(const struct conf *conf)
{
	struct conf *c = (struct conf *)conf;

	if (c != NULL && --c->refs == 0)
		conf_free(c);
}

void
conf_mark(struct conf_marks *m, const char *block, const char *word,
    struct conf_place at)
{
	const struct conf_mark mark = {
	    .block = block, .word = word, .at = at };

	for (size_t i = 0; i < m->n; i++)
		if (m->list[i].block == block && m->list[i].word == word) {
			m->list[i] = mark;
			return;
		}
	m->list = xreallocarray(m->list, m->n + 1, sizeof(*m->list));
	m->list[m->n++] = mark;
}

struct conf_place
conf_place_of(const struct conf_marks *m, const char *block, const char *word)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->list[i].block, block) == 0 &&
		    strcmp(m->list[i].word, word) == 0)
			return m->list[i].at;
	return (struct conf_place){ .path = NULL };
}

static struct conf_marks
marks_copy(const struct conf_marks *from)
{
	struct conf_marks m = { .n = from->n };

	m.list = xcalloc(m.n, sizeof(*m.list));
	if (m.n > 0)
		memcpy(m.list, from->list, m.n * sizeof(*m.list));
	return m;
}

void
conf_id_fini(struct conf_id *id)
{
	buf_fini(&id->data);
	free(id->text);
	*id = (struct conf_id){ .type = 0 };
}

void
conf_id_copy(struct conf_id *to, const struct conf_id *from)
{
	*to = *from;
	buf_init(&to->data, from->data.max);
	buf_set(&to->data, buf_view(&from->data));
	to->text = copy_text(from->text);
}

bool
conf_gss_names(const struct conf_id *id)
{
	return id->has_value && (id->type == ID_FQDN ||
	    (id->type == ID_KEY_ID && id->data.n > 0 &&
	    memchr(id->data.p, '/', id->data.n) != NULL));
}

void
remote_init(struct remote *r)
{
	*r = (struct remote){ .anonymous = true };
	r->proposal_check = CONF_STRICT;
	r->lifetime = CONF_LIFETIME_DEFAULT;
	r->nonce_size = CONF_NONCE_DEFAULT;
	r->initial_contact = true;
	r->send_cert = true;
	r->send_cr = true;
	r->verify_cert = true;
	r->rekey = CONF_ON;
	r->esp_frag = 65535;
	r->dpd.enabled = true;
	r->dpd.retry = 5;
	r->dpd.maxfail = 5;
	r->liveness = CONF_LIVENESS_DEFAULT;
}

static void
cert_fini(struct conf_cert *c)
{
	free(c->file);
	free(c->key);
}

static struct conf_cert
cert_copy(const struct conf_cert *from)
{
	struct conf_cert c = *from;

	c.file = copy_text(from->file);
	c.key = copy_text(from->key);
	return c;
}

void
proposal_fini(struct conf_p1 *p)
{
	free(p->gss_id);
	free(p->marks.list);
}

static struct conf_p1
proposal_copy(const struct conf_p1 *from)
{
	struct conf_p1 p = *from;

	p.gss_id = copy_text(from->gss_id);
	p.marks = marks_copy(&from->marks);
	return p;
}

void
remote_copy(struct remote *to, const struct remote *from)
{
	*to = *from;
	to->name = NULL;
	conf_id_copy(&to->my_id, &from->my_id);
	to->peers_id = xcalloc(from->npeers_id, sizeof(*to->peers_id));
	for (size_t i = 0; i < from->npeers_id; i++)
		conf_id_copy(&to->peers_id[i], &from->peers_id[i]);
	to->proposal = xcalloc(from->nproposal, sizeof(*to->proposal));
	for (size_t i = 0; i < from->nproposal; i++)
		to->proposal[i] = proposal_copy(&from->proposal[i]);
	to->own_cert = cert_copy(&from->own_cert);
	to->ca = cert_copy(&from->ca);
	to->peers_cert = xcalloc(from->npeers_cert, sizeof(*to->peers_cert));
	for (size_t i = 0; i < from->npeers_cert; i++)
		to->peers_cert[i] = cert_copy(&from->peers_cert[i]);
	to->xauth_login = copy_text(from->xauth_login);
	for (size_t i = 0; i < CONF_NSCRIPTS; i++)
		to->script[i] = copy_text(from->script[i]);
	to->parent = copy_text(from->parent);
	to->marks = marks_copy(&from->marks);
}

void
remote_fini(struct remote *r)
{
	conf_id_fini(&r->my_id);
	for (size_t i = 0; i < r->npeers_id; i++)
		conf_id_fini(&r->peers_id[i]);
	free(r->peers_id);
	for (size_t i = 0; i < r->nproposal; i++)
		proposal_fini(&r->proposal[i]);
	free(r->proposal);
	cert_fini(&r->own_cert);
	cert_fini(&r->ca);
	for (size_t i = 0; i < r->npeers_cert; i++)
		cert_fini(&r->peers_cert[i]);
	free(r->peers_cert);
	free(r->xauth_login);
	for (size_t i = 0; i < CONF_NSCRIPTS; i++)
		free(r->script[i]);
	free(r->parent);
	free(r->marks.list);
	free(r->name);
}

void
sainfo_init(struct sainfo *s)
{
	*s = (struct sainfo){
		.lifetime = CONF_LIFETIME_DEFAULT,
		.replay_window = CONF_REPLAY_DEFAULT
	};
}

void
sainfo_fini(struct sainfo *s)
{
	buf_fini(&s->local.data);
	buf_fini(&s->remote.data);
	free(s->local.text);
	free(s->remote.text);
	free(s->marks.list);
	conf_id_fini(&s->from);
	free(s->group);
	free(s->enc);
	free(s->auth);
	free(s->comp);
}

/* How specific a block is; the group does not count. */
static unsigned int
sainfo_points(const struct sainfo *s)
{
	return (s->remoteid != 0 ? 3u : 0u) + (s->has_from ? 3u : 0u) +
	    (s->local.kind != CONF_SEL_ANONYMOUS ? 1u : 0u) +
	    (s->remote.kind != CONF_SEL_ANONYMOUS ? 1u : 0u);
}

void
conf_add_sainfo(struct conf *c, const struct sainfo *s)
{
	size_t i;

	c->sainfo = xreallocarray(c->sainfo, c->nsainfo + 1,
	    sizeof(*c->sainfo));
	for (i = c->nsainfo++; i > 0; i--) {
		if (sainfo_points(c->sainfo[i - 1]) >= sainfo_points(s))
			break;
		c->sainfo[i] = c->sainfo[i - 1];
	}
	c->sainfo[i] = xcalloc(1, sizeof(*s));
	*c->sainfo[i] = *s;
}

void
conf_add_remote(struct conf *c, const struct remote *r)
{
	c->remote = xreallocarray(c->remote, c->nremote + 1,
	    sizeof(*c->remote));
	c->remote[c->nremote] = xcalloc(1, sizeof(*r));
	*c->remote[c->nremote++] = *r;
}
