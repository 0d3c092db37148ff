/* SPDX-License-Identifier: ISC */
/* remote { }: racoon.conf(5), phase 1. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/parse.h"
#include "crypto/alg.h"
#include "libipsec/addr.h"
#include "wire/isakmp.h"
#include "wire/payload.h"

#define REMOTE(field)	offsetof(struct draft, remote.field)

/* A remote block while it is being read. */
struct draft {
	struct remote	 remote;
	bool		 addressed;	/* by the header, a parent, or by
					   remote_address */
};

_Static_assert(offsetof(struct draft, remote) == 0,
    "the rows serve a finished block, too");

static bool
set_proposal(struct reader *r, void *object)
{
	struct draft *d = object;

	return parse_proposal(r, &d->remote, &block_remote);
}

static bool
set_address(struct reader *r, void *object)
{
	struct draft *d = object;

	if (!parse_addr(r, &d->remote.addr) ||
	    !parse_port(r, &d->remote.addr.port) || !parse_end(r))
		return false;
	if (d->addressed)
		return parse_error(r, "remote_address already specified");
	d->addressed = true;
	d->remote.anonymous = false;
	return true;
}

static const struct choice etypes[] = {
	{ "main", ISAKMP_ETYPE_MAIN },
	{ "aggressive", ISAKMP_ETYPE_AGGRESSIVE },
	{ "base", ISAKMP_ETYPE_BASE },
	{ NULL, 0 }
};

static void
add_etype(struct remote *m, const struct choice *e)
{
	for (unsigned int i = 0; i < m->netypes; i++)
		if (m->etype[i] == e->value)
			return;
	m->etype[m->netypes++] = (uint8_t)e->value;
}

static bool
set_exchange_mode(struct reader *r, void *object)
{
	struct draft *d = object;
	const struct choice *e;

	d->remote.netypes = 0;
	while (parse_peek(r) != T_SEMICOLON) {
		for (e = etypes; e->word != NULL; e++)
			if (parse_take_word(r, e->word))
				break;
		if (e->word == NULL)
			return parse_syntax(r, "main, aggressive or base");
		add_etype(&d->remote, e);
	}
	return parse_end(r);
}

static bool
set_my_identifier(struct reader *r, void *object)
{
	struct draft *d = object;
	struct conf_id id;

	if (!parse_id(r, &id, true))
		return false;
	conf_id_fini(&d->remote.my_id);
	d->remote.my_id = id;
	return parse_end(r);
}

static bool
set_peers_identifier(struct reader *r, void *object)
{
	struct draft *d = object;
	struct remote *m = &d->remote;
	struct conf_id id;

	if (!parse_id(r, &id, true))
		return false;
	m->peers_id = xreallocarray(m->peers_id, m->npeers_id + 1,
	    sizeof(*m->peers_id));
	m->peers_id[m->npeers_id++] = id;
	return parse_end(r);
}

static bool
set_xauth_login(struct reader *r, void *object)
{
	struct draft *d = object;

	if (!parse_take(r, T_STRING) && !parse_take(r, T_ADDR))
		return parse_syntax(r, "a login name");
	free(d->remote.xauth_login);
	d->remote.xauth_login = parse_text(r);
	return parse_end(r);
}

static bool
set_certificate_type(struct reader *r, void *object)
{
	struct draft *d = object;

	return parse_certificate_type(r, &d->remote);
}

static bool
set_peers_certfile(struct reader *r, void *object)
{
	struct draft *d = object;

	return parse_peers_certfile(r, &d->remote);
}

static bool
set_ca_type(struct reader *r, void *object)
{
	struct draft *d = object;

	return parse_ca_type(r, &d->remote);
}

static bool
set_mark(struct reader *r, void *object)
{
	struct draft *d = object;
	struct ipsec_mark *m = &d->remote.mark;

	if (!parse_masked(r, &m->value, &m->mask))
		return false;
	if ((m->value & ~m->mask) != 0)
		return parse_error(r, "has bits that its mask leaves out: no "
		    "packet has such a mark");
	d->remote.scoped = true;
	return parse_end(r);
}

static bool
set_if_id(struct reader *r, void *object)
{
	struct draft *d = object;

	d->remote.scoped = true;
	return parse_masked(r, &d->remote.if_id, NULL) && parse_end(r);
}

static bool
refuse_dh_group(struct reader *r, void *object)
{
	(void)object;
	return parse_error(r, "dh_group cannot be defined here.");
}

static bool
set_remote_lifetime(struct reader *r, void *object)
{
	struct draft *d = object;

	return parse_lifetime(r, &d->remote.lifetime) && parse_end(r);
}

/* RFC 2409 5: 8 to 256 bytes. */
static bool
check_nonce_size(struct reader *r, void *object)
{
	struct draft *d = object;
	uint32_t n = d->remote.nonce_size;

	if (n >= NONCE_MIN && n <= NONCE_MAX)
		return true;
	d->remote.nonce_size = n < NONCE_MIN ? NONCE_MIN : NONCE_MAX;
	parse_warn(r, "is no size for a nonce, %u is used",
	    d->remote.nonce_size);
	return true;
}

static bool
set_situation(struct reader *r, void *object)
{
	struct draft *d = object;

	d->remote.situation = CONF_IDENTITY_ONLY;
	if (parse_take_word(r, "identity_only"))
		return parse_end(r);
	if (parse_take_word(r, "secrecy"))
		d->remote.situation = CONF_SECRECY;
	else if (parse_take_word(r, "integrity"))
		d->remote.situation = CONF_INTEGRITY;
	else
		return parse_syntax(r, "identity_only");
	parse_warn(r, "is not supported: identity_only is used");
	return parse_end(r);
}

static bool
set_doi(struct reader *r, void *object)
{
	(void)object;
	if (!parse_take_word(r, "ipsec_doi"))
		return parse_syntax(r, "ipsec_doi");
	return parse_end(r);
}

static bool
set_script(struct reader *r, void *object)
{
	struct draft *d = object;

	return parse_script(r, &d->remote);
}

static bool
check_mode_cfg(struct reader *r, void *object)
{
	struct draft *d = object;

	if (d->remote.mode_cfg)
		parse_warn(r, "has no effect yet: no address is asked for");
	return true;
}

static bool
check_weak_phase1(struct reader *r, void *object)
{
	struct draft *d = object;

	if (d->remote.weak_phase1_check)
		parse_warn(r, "has no effect: deletions that are not "
		    "encrypted are never believed");
	return true;
}

static bool
set_liveness(struct reader *r, void *object)
{
	struct draft *d = object;

	return parse_liveness(r, &d->remote.liveness) && parse_end(r);
}

static const struct choice on_off_force[] = {
	{ "on", CONF_ON }, { "off", CONF_OFF }, { "force", CONF_FORCE },
	{ NULL, 0 }
};

static const struct choice checks[] = {
	{ "obey", CONF_OBEY }, { "strict", CONF_STRICT },
	{ "claim", CONF_CLAIM }, { "exact", CONF_EXACT },
	{ NULL, 0 }
};

static const struct choice generates[] = {
	{ "on", CONF_GEN_REQUIRE }, { "off", CONF_GEN_OFF },
	{ "require", CONF_GEN_REQUIRE }, { "unique", CONF_GEN_UNIQUE },
	{ NULL, 0 }
};

#define OWN(word, set, warn)	{ word, ARG_OWN, 0, set, NULL, warn }
#define SWITCH(word, field)						\
	{ word, ARG_SWITCH, REMOTE(field), NULL, NULL, NULL }
#define NUMBER(word, field)						\
	{ word, ARG_NUMBER, REMOTE(field), NULL, NULL, NULL }
#define CHOICE(word, field, list)					\
	{ word, ARG_CHOICE, REMOTE(field), NULL, list, NULL }

static const struct directive remote_rows[] = {
	OWN("remote_address", set_address, NULL),
	OWN("exchange_mode", set_exchange_mode, NULL),
	OWN("doi", set_doi, NULL),
	OWN("situation", set_situation, NULL),
	OWN("my_identifier", set_my_identifier, NULL),
	OWN("peers_identifier", set_peers_identifier, NULL),
	SWITCH("verify_identifier", verify_identifier),
	OWN("xauth_login", set_xauth_login,
	    "has no effect yet: XAuth is not supported"),
	OWN("certificate_type", set_certificate_type, NULL),
	OWN("peers_certfile", set_peers_certfile, NULL),
	OWN("ca_type", set_ca_type, NULL),
	SWITCH("verify_cert", verify_cert),
	SWITCH("send_cert", send_cert),
	SWITCH("send_cr", send_cr),
	SWITCH("match_empty_cr", match_empty_cr),
	OWN("dh_group", refuse_dh_group, NULL),
	{ "nonce_size", ARG_NUMBER, REMOTE(nonce_size), check_nonce_size,
	    NULL, NULL },
	OWN("lifetime", set_remote_lifetime, NULL),
	CHOICE("proposal_check", proposal_check, checks),
	SWITCH("support_proxy", support_proxy),
	CHOICE("generate_policy", generate_policy, generates),
	SWITCH("passive", passive),
	SWITCH("initial_contact", initial_contact),
	CHOICE("nat_traversal", nat_traversal, on_off_force),
	CHOICE("ike_frag", ike_frag, on_off_force),
	{ "esp_frag", ARG_NUMBER, REMOTE(esp_frag), NULL, NULL,
	    "has no effect on this system" },
	SWITCH("dpd", dpd.enabled),
	NUMBER("dpd_delay", dpd.delay),
	NUMBER("dpd_retry", dpd.retry),
	NUMBER("dpd_maxfail", dpd.maxfail),
	OWN("liveness", set_liveness, NULL),
	CHOICE("rekey", rekey, on_off_force),
	NUMBER("ph1id", ph1id),
	OWN("mark", set_mark, NULL),
	OWN("if_id", set_if_id, NULL),
	OWN("script", set_script, NULL),
	{ "mode_cfg", ARG_SWITCH, REMOTE(mode_cfg), check_mode_cfg,
	    NULL, NULL },
	{ "weak_phase1_check", ARG_SWITCH, REMOTE(weak_phase1_check),
	    check_weak_phase1, NULL, NULL },
	OWN("proposal", set_proposal, NULL),
	{ .word = NULL }
};

#define WORD(word)	{ word, T_WORD, 0 }

static const struct word remote_words[] = {
	WORD("main"), WORD("aggressive"), WORD("base"), WORD("ipsec_doi"),
	WORD("identity_only"), WORD("secrecy"), WORD("integrity"),
	WORD("x509"), WORD("plain_rsa"), WORD("dnssec"), WORD("time"),
	WORD("byte"), WORD("obey"), WORD("strict"), WORD("claim"),
	WORD("exact"), WORD("require"), WORD("unique"), WORD("force"),
	WORD("phase1_up"), WORD("phase1_down"), WORD("phase1_dead"),
	{ .text = NULL }
};

const struct block block_remote = {
	.name = "remote", .flags = BLOCK_BRACES | BLOCK_NO_COMMA,
	.rows = remote_rows, .words = remote_words, .marks = REMOTE(marks)
};

static const struct word header_words[] = {
	WORD("anonymous"), WORD("inherit"),
	{ .text = NULL }
};

static const struct block block_remote_header = {
	.name = "remote header", .flags = BLOCK_OPENS, .words = header_words
};

static bool
by_name(const struct remote *m, const void *name)
{
	return strcmp(m->name, name) == 0;
}

static bool
by_address(const struct remote *m, const void *addr)
{
	return !m->anonymous && addr_equal(&m->addr, addr);
}

/* Those whose header says so, not those that merely have no address. */
static bool
by_anonymous(const struct remote *m, const void *unused)
{
	(void)unused;
	return m->anonymous && strcmp(m->name, "anonymous") == 0;
}

/* The only block of these; NULL when there is none or another one. */
static const struct remote *
find_only(const struct conf *c, bool (*same)(const struct remote *,
    const void *), const void *arg)
{
	const struct remote *found = NULL;

	for (size_t i = 0; i < c->nremote; i++) {
		if (!same(c->remote[i], arg))
			continue;
		if (found != NULL)
			return NULL;
		found = c->remote[i];
	}
	return found;
}

/* Starts from the parent: everything but the name, and maybe the address. */
static void
inherit(struct draft *d, const struct remote *parent, char *name)
{
	struct conf_place at = d->remote.at;

	remote_copy(&d->remote, parent);
	free(d->remote.parent);
	d->remote.parent = xstrdup(parent->name);
	d->remote.name = name;
	d->remote.at = at;
}

/* remote "name" [inherit "name"] */
static bool
named_header(struct reader *r, struct draft *d)
{
	const struct remote *parent;
	char *name = NULL, *other = NULL;

	if (!parse_string(r, &name))
		return false;
	d->remote.name = name;
	for (size_t i = 0; i < r->conf->nremote; i++)
		if (by_name(r->conf->remote[i], name))
			return parse_error(r, "duplicate remote block name");
	if (!parse_take_word(r, "inherit"))
		return true;
	if (!parse_string(r, &other))
		return false;
	parent = find_only(r->conf, by_name, other);
	free(other);
	if (parent == NULL)
		return !r->lost && parse_error(r, "failed to get remoteconf "
		    "for this name: the block to inherit from must stand "
		    "before");
	inherit(d, parent, name);
	d->addressed = !parent->anonymous;
	if (parent->anonymous)		/* a port of nobody */
		d->remote.addr = (struct ipsec_addr){ .family = 0 };
	return true;
}

/* anonymous [port], or ADDR [port] */
static bool
take_peer(struct reader *r, struct ipsec_addr *addr, bool *anonymous)
{
	*addr = (struct ipsec_addr){ .family = 0 };
	*anonymous = parse_take_word(r, "anonymous");
	return (*anonymous || parse_addr(r, addr)) &&
	    parse_port(r, &addr->port);
}

static char *
peer_name(const struct ipsec_addr *addr, bool anonymous)
{
	struct ipsec_addr shown = *addr;
	char text[ADDR_TEXT];

	if (anonymous)
		return xstrdup("anonymous");
	if (shown.port == 0)
		shown.port = ISAKMP_PORT;
	return xstrdup(addr_print_port(&shown, text));
}

/* ADDR or anonymous, of the block to start from; NULL: an error. */
static const struct remote *
addressed_parent(struct reader *r)
{
	const struct remote *parent;
	struct ipsec_addr addr;
	bool anonymous;

	if (!take_peer(r, &addr, &anonymous))
		return NULL;
	(void)parse_peek(r);
	parent = find_only(r->conf, anonymous ? by_anonymous : by_address,
	    &addr);
	if (parent == NULL && !r->lost)
		(void)parse_error(r, "failed to get remoteconf for %s: "
		    "exactly one block for it must stand before",
		    anonymous ? "anonymous" : "the address");
	return parent;
}

static bool
addressed_header(struct reader *r, struct draft *d)
{
	const struct remote *parent;
	struct ipsec_addr addr;
	bool anonymous;
	char *name;

	if (!take_peer(r, &addr, &anonymous))
		return false;
	name = peer_name(&addr, anonymous);
	d->remote.name = name;
	if (parse_take_word(r, "inherit")) {
		parent = addressed_parent(r);
		if (parent == NULL)
			return false;
		inherit(d, parent, name);
	}
	d->remote.addr = addr;
	d->remote.anonymous = anonymous;
	d->addressed = !anonymous;
	return true;
}

/* Aggressive mode sends its KE at once: RFC 2409 5.4. */
static bool
check_groups(struct reader *r, const struct remote *m)
{
	bool aggressive = false;

	for (unsigned int i = 0; i < m->netypes; i++)
		if (m->etype[i] == ISAKMP_ETYPE_AGGRESSIVE)
			aggressive = true;
	for (size_t i = 0; aggressive && i < m->nproposal; i++) {
		if (m->proposal[i].group != m->proposal[0].group)
			return parse_error(r, "DH group must be equal in all "
			    "proposals when aggressive mode is used.");
		if (alg_group(m->proposal[i].group) == NULL)
			return parse_error(r, "aggressive mode with DH group "
			    "%u, which is not supported",
			    m->proposal[i].group);
	}
	return true;
}

/* GSS-API has tokens to exchange, for which base mode has no room; and in
 * aggressive mode the first one is for somebody before he has said his name. */
static void
settle_gss(struct reader *r, struct remote *m)
{
	bool named = false;

	for (size_t i = 0; i < m->npeers_id; i++)
		named = named || conf_gss_names(&m->peers_id[i]);
	for (size_t i = 0; i < m->nproposal; i++) {
		struct conf_p1 *p = &m->proposal[i];

		if (!p->gss || !p->usable || m->netypes == 0)
			continue;
		if (m->etype[0] == ISAKMP_ETYPE_BASE) {
			parse_warn(r, "gssapi_krb is never offered and never "
			    "accepted here: let exchange_mode begin with main "
			    "or aggressive");
			p->usable = false;
		} else if (m->etype[0] == ISAKMP_ETYPE_AGGRESSIVE && !named &&
		    !m->passive) {
			parse_warn(r, "gssapi_krb can only be answered here: "
			    "to begin in aggressive mode, say whom to reach "
			    "with peers_identifier fqdn or keyid");
		}
	}
}

static bool
check_remote(struct reader *r, const struct remote *m)
{
	if (m->netypes == 0)
		return parse_error(r, "no exchange mode specified.");
	if (m->my_id.type == ID_DER_ASN1_DN && !m->my_id.has_value &&
	    m->own_cert.kind == CONF_CERT_NONE)
		return parse_error(r,
		    "ASN1 ID not specified and no CERT defined!");
	if (m->nproposal == 0)
		return parse_error(r, "no remote specification found: %s. "
		    "(it needs a proposal block)", m->name);
	return check_groups(r, m);
}

static void
settle_lifetimes(struct remote *m)
{
	for (size_t i = 0; i < m->nproposal; i++)
		if (!m->proposal[i].own_life)
			m->proposal[i].life_secs = m->lifetime;
}

static bool
read_remote(struct reader *r, struct draft *d)
{
	const unsigned int errors = r->errors;
	bool inherits, ok;

	r->block = &block_remote_header;
	if (parse_peek(r) == T_STRING)
		ok = named_header(r, d);
	else if (parse_peek(r) == T_ADDR || parse_peek(r) == T_WORD)
		ok = addressed_header(r, d);
	else
		ok = parse_syntax(r, "anonymous, an IP address or a name in "
		    "double quotes");
	if (!ok)
		return false;
	inherits = d->remote.parent != NULL;
	if (inherits && parse_take(r, T_SEMICOLON))
		r->block = &block_top;
	else if (!parse_block(r, &block_remote, d, &block_top))
		return false;
	/* What is missing may be in a statement that could not be read. */
	if (r->errors != errors || (inherits && r->lost))
		return true;
	return check_remote(r, &d->remote);
}

bool
parse_remote(struct reader *r, void *object)
{
	struct conf *c = object;
	const unsigned int errors = r->errors;
	struct draft d = { .addressed = false };
	bool ok;

	remote_init(&d.remote);
	d.remote.at = parse_place(r);
	ok = read_remote(r, &d);
	if (r->errors != errors)
		r->lost = true;
	if (!ok) {
		remote_fini(&d.remote);
		return false;
	}
	settle_lifetimes(&d.remote);
	settle_gss(r, &d.remote);
	conf_add_remote(c, &d.remote);
	return true;
}
