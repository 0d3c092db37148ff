/* SPDX-License-Identifier: ISC */
/*
 * The samples that came with ipsec-tools, without their comments: each is
 * accepted, means what it says, and its text by racoon -C means the same.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/parse.h"
#include "crypto/alg.h"
#include "libipsec/addr.h"
#include "test/conf_equal.h"
#include "test/conf_world.h"
#include "wire/isakmp.h"
#include "wire/payload.h"

/* ---- one sample ---- */

/* What the samples name; nothing of it need be on the machine. */
static void
add_files(struct world *w)
{
	static const char *const names[] = {
		"/etc/racoon/certs/host.crt", "/etc/racoon/certs/host.key",
		"/etc/racoon/certs/your-host.crt",
		"/etc/racoon/certs/your-host.key",
		"/etc/racoon/certs/client.crt", "/etc/racoon/certs/client.key",
		"/etc/racoon/certs/server.crt", "/etc/racoon/certs/server.key",
		"/etc/racoon/certs/ca.crt",
		"/etc/racoon/certs/privatekey.rsa",
		"/etc/racoon/certs/peer1-pubkey.rsa",
		"/etc/racoon/certs/peer2-pubkey.rsa",
		"/etc/racoon/privkeys/192.168.0.33",
		"/etc/racoon/pubkeys/192.168.0.25",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add_file(w, names[i], "stub");
}

/* What is shown of the snapshot reads as the same one. */
static void
shows_itself(const struct world *of, const char *name)
{
	struct world w = { .gss = of->gss };
	const struct conf *c = of->conf;
	char *text = shown(c);
	const char *difference;

	add_files(&w);
	ck_assert_msg(read_text(&w, text) == OK, "%s: %s\n%s", name,
	    w.nlines == 0 ? "" : w.line[0], text);
	difference = conf_difference(c, w.conf);
	ck_assert_msg(difference == NULL, "%s: %s\n%s", name, difference, text);
	leave(&w);
	free(text);
}

/* There is nothing wrong with a sample; it may ask for what is not there. */
static void
only_missing(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->nlines; i++)
		ck_assert_msg(w->level[i] == LOG_L_WARNING &&
		    (strstr(w->line[i], "\" has no effect yet: ") != NULL ||
		    strstr(w->line[i], " is not supported: ") != NULL),
		    "%s: %s", name, w->line[i]);
	ck_assert_uint_eq(w->conf->warnings, w->nlines);
}

/* In a world with or without GSS-API. */
static void
read_with(struct world *w, const char *name, bool gss)
{
	char *path = xasprintf("%s/vectors/samples/%s.conf", TESTDATA, name);
	struct conf_text text;
	enum err r;

	*w = (struct world){ .gss = gss };
	ck_assert_msg(conf_files.open(NULL, path, &text), "%s", path);
	free(path);
	text.text = xreallocarray(text.text, text.n + 1, 1);
	text.text[text.n] = '\0';
	add_files(w);
	r = read_text(w, text.text);
	ck_assert_msg(r == OK, "%s: %s", name, w->nlines == 0 ? "" :
	    w->line[0]);
	only_missing(w, name);
	shows_itself(w, name);
	free(text.text);
}

static void
read_sample(struct world *w, const char *name)
{
	read_with(w, name, false);
}

static void
says(const struct world *w, const char *text)
{
	for (size_t i = 0; i < w->nlines; i++)
		if (strstr(w->line[i], text) != NULL)
			return;
	ck_abort_msg("nothing of: %s", text);
}

/* ---- parts of samples ---- */

static void
is_at(const struct ipsec_addr *a, const char *expected)
{
	char text[ADDR_TEXT];

	ck_assert_str_eq(addr_print_port(a, text), expected);
}

static void
is_main(const struct remote *m)
{
	ck_assert_uint_eq(m->netypes, 1);
	ck_assert_uint_eq(m->etype[0], ISAKMP_ETYPE_MAIN);
}

/* aes 256 and sha256, as nearly all samples have it. */
static void
is_proposal(const struct conf_p1 *p, const char *method, uint16_t group,
    uint32_t life, bool usable)
{
	ck_assert_uint_eq(p->cipher, P1_CIPHER_AES);
	ck_assert_uint_eq(p->key_bits, 256);
	ck_assert_uint_eq(p->hash, P1_HASH_SHA256);
	ck_assert_str_eq(p->method_word, method);
	ck_assert_uint_eq(p->group, group);
	ck_assert_uint_eq(p->life_secs, life);
	ck_assert_int_eq(p->usable, usable);
}

static void
is_x509(const struct conf_cert *c, const char *file, const char *key)
{
	ck_assert_int_eq(c->kind, CONF_CERT_X509);
	ck_assert_str_eq(c->file, file);
	if (key == NULL)
		ck_assert_ptr_null(c->key);
	else
		ck_assert_str_eq(c->key, key);
}

/* sainfo anonymous with aes 256, deflate, and these for authentication; ends
 * with 0. */
static void
is_anybody(const struct conf *c, uint16_t pfs_group, uint32_t lifetime,
    const uint16_t *auth)
{
	const struct sainfo *s;

	ck_assert_uint_eq(c->nsainfo, 1);
	s = c->sainfo[0];
	ck_assert_int_eq(s->local.kind, CONF_SEL_ANONYMOUS);
	ck_assert_int_eq(s->remote.kind, CONF_SEL_ANONYMOUS);
	ck_assert(!s->has_from);
	ck_assert_uint_eq(s->pfs_group, pfs_group);
	ck_assert_uint_eq(s->lifetime, lifetime);
	ck_assert_uint_eq(s->nenc, 1);
	ck_assert_uint_eq(s->enc[0].id, ESP_AES);
	ck_assert_uint_eq(s->enc[0].key_bits, 256);
	for (size_t i = 0; i < s->nauth; i++)
		ck_assert_uint_eq(s->auth[i].id, auth[i]);
	ck_assert_uint_eq(auth[s->nauth], 0);
	ck_assert_uint_eq(s->ncomp, 1);
	ck_assert_uint_eq(s->comp[0].id, IPCOMP_DEFLATE);
}

static const uint16_t sha256_sha1[] = { P2_AUTH_SHA256, P2_AUTH_SHA1, 0 };

static void
is_racoon(const struct conf *c)
{
	ck_assert_uint_eq(c->uid, 120);
	ck_assert_uint_eq(c->gid, 120);
	ck_assert_ptr_null(c->chroot);
}

/* ---- the samples ---- */

START_TEST(test_default)
{
	struct world w;

	read_sample(&w, "default");
	ck_assert_uint_eq(w.nlines, 0);
	ck_assert_int_eq(w.conf->log_level, LOG_L_NOTIFY);
	ck_assert_str_eq(w.conf->path_psk, "/etc/racoon/psk.txt");
	ck_assert_str_eq(w.conf->path_cert, "/etc/racoon/certs");
	ck_assert_ptr_null(w.conf->path_script);
	ck_assert_uint_eq(w.conf->uid, 0);
	ck_assert_uint_eq(w.conf->nremote + w.conf->nsainfo, 0);
	ck_assert_uint_eq(w.conf->listen.n, 0);
	leave(&w);
}
END_TEST

START_TEST(test_packaged)
{
	struct world w;

	read_sample(&w, "packaged");
	is_racoon(w.conf);
	ck_assert_int_eq(w.conf->log_level, LOG_L_NOTIFY);
	ck_assert_str_eq(w.conf->path_psk, "/etc/racoon/psk.txt");
	ck_assert_str_eq(w.conf->path_cert, "/etc/racoon/certs");
	ck_assert_str_eq(w.conf->path_script, "/etc/racoon/scripts");
	ck_assert_uint_eq(w.conf->nremote + w.conf->nsainfo, 0);
	leave(&w);
}
END_TEST

static void
is_gssapi(const struct world *w, bool usable)
{
	const struct remote *m = only_remote(w);

	is_main(m);
	ck_assert(m->anonymous);
	ck_assert_uint_eq(m->lifetime, 24 * 3600);
	ck_assert_uint_eq(m->nproposal, 1);
	is_proposal(&m->proposal[0], "gssapi_krb", 14, 24 * 3600, usable);
	ck_assert_ptr_null(m->proposal[0].gss_id);
	is_anybody(w->conf, 0, 2 * 3600, sha256_sha1);
}

START_TEST(test_gssapi)
{
	struct world w;

	read_with(&w, "gssapi", true);
	ck_assert_uint_eq(w.nlines, 0);
	is_gssapi(&w, true);
	leave(&w);
	read_with(&w, "gssapi", false);
	says(&w, "\"}\" gssapi_krb, without which this");
	is_gssapi(&w, false);
	leave(&w);
}
END_TEST

/* All three blocks of it. */
static void
is_of_family(const struct remote *m)
{
	is_main(m);
	is_x509(&m->own_cert, "/etc/racoon/certs/host.crt",
	    "/etc/racoon/certs/host.key");
	ck_assert_uint_eq(m->my_id.type, ID_DER_ASN1_DN);
	ck_assert(!m->my_id.has_value);
	ck_assert_int_eq(m->proposal_check, CONF_STRICT);
}

START_TEST(test_inherit)
{
	struct world w;
	const struct remote *m;

	read_sample(&w, "inherit");
	ck_assert_uint_eq(w.nlines, 0);
	ck_assert_uint_eq(w.conf->nremote, 3);
	for (size_t i = 0; i < 3; i++)
		is_of_family(w.conf->remote[i]);
	m = w.conf->remote[0];
	ck_assert(m->anonymous && m->parent == NULL);
	ck_assert_int_eq(m->nat_traversal, CONF_OFF);
	ck_assert_uint_eq(m->nproposal, 1);
	is_proposal(&m->proposal[0], "rsasig", 14, 28800, true);
	m = w.conf->remote[1];
	is_at(&m->addr, "203.0.113.10[0]");
	ck_assert_str_eq(m->parent, "anonymous");
	ck_assert_int_eq(m->nat_traversal, CONF_FORCE);
	ck_assert_uint_eq(m->lifetime, 28800);
	ck_assert_uint_eq(m->nproposal, 1);
	is_proposal(&m->proposal[0], "rsasig", 14, 28800, true);
	m = w.conf->remote[2];
	is_at(&m->addr, "203.0.113.10[8000]");
	ck_assert_str_eq(m->parent, "203.0.113.10[500]");
	ck_assert_int_eq(m->nat_traversal, CONF_FORCE);
	ck_assert_uint_eq(m->nproposal, 2);	/* added, not replaced */
	is_proposal(&m->proposal[0], "rsasig", 14, 3600, true);
	is_proposal(&m->proposal[1], "pre_shared_key", 14, 3600, true);
	is_anybody(w.conf, 14, 12 * 3600, sha256_sha1);
	leave(&w);
}
END_TEST

START_TEST(test_natt)
{
	struct world w;
	const struct remote *m;

	read_sample(&w, "natt");
	ck_assert_uint_eq(w.nlines, 0);
	ck_assert_uint_eq(w.conf->listen.n, 2);
	is_at(&w.conf->listen.on[0].addr, "172.16.0.1[500]");
	ck_assert(!w.conf->listen.on[0].natt);
	is_at(&w.conf->listen.on[1].addr, "172.16.0.1[4500]");
	ck_assert(w.conf->listen.on[1].natt);
	ck_assert_uint_eq(w.conf->timer.natt_keepalive, 15);
	m = only_remote(&w);
	is_main(m);
	is_x509(&m->own_cert, "/etc/racoon/certs/your-host.crt",
	    "/etc/racoon/certs/your-host.key");
	ck_assert_uint_eq(m->my_id.type, ID_DER_ASN1_DN);
	ck_assert_int_eq(m->nat_traversal, CONF_ON);
	is_proposal(&m->proposal[0], "rsasig", 14, 28800, true);
	is_anybody(w.conf, 14, 12 * 3600, sha256_sha1);
	leave(&w);
}
END_TEST

static void
is_plain(const struct conf_cert *c, const char *file)
{
	ck_assert_int_eq(c->kind, CONF_CERT_PLAIN_RSA);
	ck_assert_str_eq(c->file, file);
}

START_TEST(test_plainrsa)
{
	struct world w;
	const struct remote *m;

	read_sample(&w, "plainrsa");
	ck_assert_uint_eq(w.nlines, 0);
	m = only_remote(&w);
	is_main(m);
	is_plain(&m->own_cert, "/etc/racoon/certs/privatekey.rsa");
	ck_assert_uint_eq(m->npeers_cert, 2);
	is_plain(&m->peers_cert[0], "/etc/racoon/certs/peer1-pubkey.rsa");
	is_plain(&m->peers_cert[1], "/etc/racoon/certs/peer2-pubkey.rsa");
	ck_assert(!m->my_id.has_value);
	ck_assert_uint_eq(m->npeers_id, 1);
	ck_assert(!m->peers_id[0].has_value);
	is_proposal(&m->proposal[0], "rsasig", 14, 28800, true);
	is_anybody(w.conf, 14, 12 * 3600, sha256_sha1);
	leave(&w);
}
END_TEST

/* Written for a peer with isakmpd(8). */
START_TEST(test_openbsd_peer)
{
	struct world w;
	const struct remote *m;

	read_sample(&w, "openbsd-peer");
	ck_assert_uint_eq(w.nlines, 0);
	m = only_remote(&w);
	is_main(m);
	is_at(&m->addr, "192.168.0.25[0]");
	is_plain(&m->own_cert, "/etc/racoon/privkeys/192.168.0.33");
	is_plain(&m->peers_cert[0], "/etc/racoon/pubkeys/192.168.0.25");
	ck_assert_uint_eq(m->proposal[0].key_bits, 128);
	ck_assert_uint_eq(m->proposal[0].hash, P1_HASH_SHA1);
	ck_assert_uint_eq(m->proposal[0].group, 2);
	ck_assert_uint_eq(w.conf->nsainfo, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct sainfo *s = w.conf->sainfo[i];

		ck_assert_int_eq(s->local.kind, CONF_SEL_ID);
		ck_assert_uint_eq(s->local.type, ID_IPV4);
		ck_assert_uint_eq(s->pfs_group, 2);
		ck_assert_uint_eq(s->auth[0].id, P2_AUTH_SHA256);
	}
	ck_assert(conf_sel_equal(&w.conf->sainfo[0]->local,
	    &w.conf->sainfo[1]->remote));
	leave(&w);
}
END_TEST

static const uint16_t client_auth[] = {
	P2_AUTH_SHA256, P2_AUTH_SHA512, P2_AUTH_SHA1, 0
};

static void
is_client(const struct conf *c)
{
	is_racoon(c);
	ck_assert_str_eq(c->path_script, "/etc/racoon/scripts");
	ck_assert_str_eq(c->listen.admin_path, "/var/run/racoon/racoon.sock");
	ck_assert_uint_eq(c->listen.admin_uid, 0);
	ck_assert_uint_eq(c->listen.admin_gid, 120);
	ck_assert_uint_eq(c->listen.admin_mode, 0660);
	ck_assert_uint_eq(c->timer.natt_keepalive, 15);
	is_anybody(c, 0, 3600, client_auth);
}

START_TEST(test_client)
{
	struct world w;

	read_sample(&w, "client");
	is_client(w.conf);
	ck_assert_uint_eq(w.conf->nremote, 0);
	leave(&w);
}
END_TEST

/* The same, with the block that it has as a comment, to be completed. */
START_TEST(test_client_edited)
{
	struct world w;
	const struct remote *m;

	read_sample(&w, "client-edited");
	says(&w, "\"xauth_login\" has no effect yet");
	says(&w, "xauth_rsa_client is not supported");
	is_client(w.conf);
	m = only_remote(&w);
	is_main(m);
	is_at(&m->addr, "192.0.2.50[0]");
	is_x509(&m->own_cert, "/etc/racoon/certs/client.crt",
	    "/etc/racoon/certs/client.key");
	is_x509(&m->ca, "/etc/racoon/certs/ca.crt", NULL);
	ck_assert(m->verify_identifier && m->verify_cert && !m->passive);
	ck_assert(m->mode_cfg);
	ck_assert_int_eq(m->ike_frag, CONF_ON);
	ck_assert_uint_eq(m->dpd.delay, 30);
	ck_assert_uint_eq(m->dpd.retry, 5);
	ck_assert_uint_eq(m->dpd.maxfail, 3);
	ck_assert_str_eq(m->xauth_login, "user");
	ck_assert_str_eq(m->script[CONF_PHASE1_UP],
	    "/etc/racoon/scripts/phase1-up.sh");
	ck_assert_str_eq(m->script[CONF_PHASE1_DOWN],
	    "/etc/racoon/scripts/phase1-down.sh");
	is_proposal(&m->proposal[0], "xauth_rsa_client", 15, 24 * 3600, false);
	leave(&w);
}
END_TEST

static void
is_pool(const struct conf_modecfg *m)
{
	ck_assert(m->configured && m->save_passwd && !m->local_lan);
	is_at(&m->network4, "10.99.99.1[0]");
	is_at(&m->netmask4, "255.255.255.0[0]");
	ck_assert_uint_eq(m->pool_size, 200);
	ck_assert_int_eq(m->auth_source, CONF_SYSTEM);
	ck_assert_uint_eq(m->ndns4, 1);
	is_at(&m->dns4[0], "10.0.12.1[0]");
	ck_assert_uint_eq(m->nwins4, 1);
	is_at(&m->wins4[0], "10.0.12.1[0]");
	ck_assert_str_eq(m->default_domain, "example.local");
	ck_assert_uint_eq(m->split_dns.n, 1);
	ck_assert_str_eq(m->split_dns.text[0], "example.local");
	ck_assert_uint_eq(m->nsplit_network, 1);
	is_at(&m->split_network[0].addr, "10.0.12.0[0]");
	ck_assert_uint_eq(m->split_network[0].prefix, 24);
	ck_assert_str_eq(m->banner, "/etc/racoon/motd");
}

static void
is_directory(const struct conf_ldap *l)
{
	ck_assert(l->configured && l->subtree);
	ck_assert_str_eq(l->host, "10.0.12.3");
	ck_assert_uint_eq(l->port, 389);
	ck_assert_str_eq(l->base, "dc=example,dc=local");
	ck_assert_str_eq(l->bind_dn, "cn=VpnAdmin,dc=example,dc=local");
	ck_assert_str_eq(l->bind_pw, "************");
	ck_assert_str_eq(l->attr_user, "uid");
	ck_assert_str_eq(l->attr_addr, "CiscoIPAddress");
	ck_assert_str_eq(l->attr_mask, "CiscoIPNetmask");
	ck_assert_str_eq(l->attr_member, "uniqueMember");
}

static void
is_gateway(const struct remote *m)
{
	is_main(m);
	ck_assert(m->anonymous && m->verify_identifier && m->verify_cert);
	ck_assert_int_eq(m->generate_policy, CONF_GEN_UNIQUE);
	is_x509(&m->own_cert, "/etc/racoon/certs/server.crt",
	    "/etc/racoon/certs/server.key");
	ck_assert_uint_eq(m->npeers_id, 1);
	ck_assert_uint_eq(m->peers_id[0].type, ID_DER_ASN1_DN);
	ck_assert_int_eq(m->proposal_check, CONF_CLAIM);
	ck_assert_int_eq(m->nat_traversal, CONF_ON);
	ck_assert_int_eq(m->ike_frag, CONF_ON);
	ck_assert_uint_eq(m->dpd.delay, 30);
	ck_assert_uint_eq(m->nproposal, 2);
	is_proposal(&m->proposal[0], "xauth_rsa_server", 15, 24 * 3600, false);
	is_proposal(&m->proposal[1], "xauth_rsa_server", 14, 24 * 3600, false);
}

START_TEST(test_server)
{
	static const uint16_t auth[] = { P2_AUTH_SHA512, P2_AUTH_SHA1, 0 };
	struct world w;

	read_sample(&w, "server");
	says(&w, "\"ldap_cfg\" has no effect yet");
	is_racoon(w.conf);
	ck_assert_uint_eq(w.conf->listen.n, 2);
	is_at(&w.conf->listen.on[0].addr, "10.0.12.2[500]");
	is_at(&w.conf->listen.on[1].addr, "10.0.12.2[4500]");
	ck_assert(w.conf->listen.on[1].natt && w.conf->listen.admin_disabled);
	is_gateway(only_remote(&w));
	is_pool(&w.conf->modecfg);
	is_directory(&w.conf->ldap);
	is_anybody(w.conf, 0, 3600, auth);
	leave(&w);
}
END_TEST

static Suite *
samples_suite(void)
{
	Suite *s = suite_create("samples");
	TCase *t = tcase_create("samples");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_default);
	tcase_add_test(t, test_packaged);
	tcase_add_test(t, test_gssapi);
	tcase_add_test(t, test_inherit);
	tcase_add_test(t, test_natt);
	tcase_add_test(t, test_plainrsa);
	tcase_add_test(t, test_openbsd_peer);
	tcase_add_test(t, test_client);
	tcase_add_test(t, test_client_edited);
	tcase_add_test(t, test_server);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(samples_suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
