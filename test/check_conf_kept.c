/* SPDX-License-Identifier: ISC */
/*
 * What a snapshot keeps of racoon.conf besides the values that negotiations
 * need: files, clients' settings, places, and what has no effect.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/parse.h"
#include "conf/read.h"
#include "libipsec/addr.h"
#include "test/conf_world.h"

static void
is_address(const struct ipsec_addr *a, const char *expected)
{
	char text[ADDR_TEXT];

	ck_assert_str_eq(addr_print_port(a, text), expected);
}

static void
is_cert(const struct conf_cert *c, enum conf_cert_kind kind, const char *file,
    unsigned int line)
{
	ck_assert_int_eq(c->kind, kind);
	if (file == NULL)
		ck_assert_ptr_null(c->file);
	else
		ck_assert_str_eq(c->file, file);
	ck_assert_str_eq(c->at.path, "t");
	ck_assert_uint_eq(c->at.line, line);
}

START_TEST(test_certificates)
{
	struct world w = { .nfiles = 0 };

	add_file(&w, "/c/a.pem", "");
	add_file(&w, "/b.pem", "");
	ck_assert_int_eq(read_text(&w, "path certificate \"/c\";\n"
	    "remote \"a\" { exchange_mode main; my_identifier asn1dn;\n"
	    "certificate_type x509 \"a.pem\" \"key\"; ca_type x509 "
	    "\"/b.pem\";\npeers_certfile x509 \"a.pem\"; " P1 "}\n"
	    "remote \"b\" inherit \"a\" { script \"/s\" phase1_dead; }"), OK);
	ck_assert(w.conf->remote[0]->send_cert);
	for (size_t i = 0; i < 2; i++) {
		const struct remote *m = w.conf->remote[i];

		is_cert(&m->own_cert, CONF_CERT_X509, "/c/a.pem", 3);
		ck_assert_str_eq(m->own_cert.key, "/c/key");
		is_cert(&m->ca, CONF_CERT_X509, "/b.pem", 3);
		ck_assert_uint_eq(m->npeers_cert, 1);
		is_cert(&m->peers_cert[0], CONF_CERT_X509, "/c/a.pem", 4);
	}
	leave(&w);
	add_file(&w, "/k", "");
	ck_assert_int_eq(read_text(&w, REMOTE("certificate_type plain_rsa "
	    "\"/k\"; send_cr on;")), OK);
	ck_assert(!only_remote(&w)->send_cert && only_remote(&w)->send_cr);
	is_cert(&only_remote(&w)->own_cert, CONF_CERT_PLAIN_RSA, "/k", 1);
	ck_assert_ptr_null(only_remote(&w)->own_cert.key);
	leave(&w);
	refuses(REMOTE("ca_type x509 \"/k\";"), "t:1: \"/k\" cannot read /k: "
	    "No such file or directory");
}
END_TEST

/* A peer may have several keys; the rest is said once. */
START_TEST(test_several_certificates)
{
	struct world w = { .nfiles = 0 };
	const struct remote *m;

	add_file(&w, "/k", "");
	add_file(&w, "/l", "");
	ck_assert_int_eq(read_text(&w, REMOTE("peers_certfile \"/k\";\n"
	    "peers_certfile dnssec; peers_certfile plain_rsa \"/l\";")), OK);
	m = only_remote(&w);
	ck_assert_uint_eq(m->npeers_cert, 3);
	is_cert(&m->peers_cert[0], CONF_CERT_X509, "/k", 1);
	is_cert(&m->peers_cert[1], CONF_CERT_DNSSEC, NULL, 2);
	is_cert(&m->peers_cert[2], CONF_CERT_PLAIN_RSA, "/l", 2);
	ck_assert_int_eq(m->own_cert.kind, CONF_CERT_NONE);
	ck_assert_int_eq(m->ca.kind, CONF_CERT_NONE);
	leave(&w);
	add_file(&w, "/k", "");
	ck_assert_int_eq(read_text(&w, REMOTE("ca_type x509 \"/k\";"
	    "ca_type x509 \"/k\";")), E_CONFIG);
	ck_assert_str_eq(w.line[0], "t:1: \"x509\" ca_type already defined");
	leave(&w);
	add_file(&w, "/k", "");
	ck_assert_int_eq(read_text(&w, REMOTE("certificate_type plain_rsa "
	    "\"/k\"; certificate_type plain_rsa \"/k\";")), E_CONFIG);
	ck_assert_str_eq(w.line[0], "t:1: \"plain_rsa\" certificate_type "
	    "already defined");
	leave(&w);
}
END_TEST

START_TEST(test_scripts)
{
	struct world w = { .nfiles = 0 };
	const struct remote *m;

	ck_assert_int_eq(read_text(&w, "path script \"/s\";"
	    REMOTE("script \"a\" phase1_up; script \"/b\" phase1_down;"
	    "script \"c\" phase1_up; xauth_login \"me\";")), OK);
	m = only_remote(&w);
	ck_assert_str_eq(m->script[CONF_PHASE1_UP], "/s/c");
	ck_assert_str_eq(m->script[CONF_PHASE1_DOWN], "/b");
	ck_assert_ptr_null(m->script[CONF_PHASE1_DEAD]);
	ck_assert_str_eq(m->xauth_login, "me");
	leave(&w);
	ck_assert_int_eq(read_text(&w, REMOTE("script \"a\" phase1_dead;"
	    "xauth_login \"me\"; xauth_login fe.ed;")), OK);
	ck_assert_str_eq(only_remote(&w)->script[CONF_PHASE1_DEAD], "a");
	ck_assert_str_eq(only_remote(&w)->xauth_login, "fe.ed");
	leave(&w);
}
END_TEST

START_TEST(test_mode_cfg)
{
	struct world w = { .nfiles = 0 };
	const struct conf_modecfg *m;

	ck_assert_int_eq(read_text(&w, "mode_cfg { network4 10.1.0.1;"
	    "netmask4 255.255.0.0; dns4 10.0.0.1, 10.0.0.2; dns4 10.0.0.3;\n"
	    "wins4 10.0.0.4; nbns4 10.0.0.5; split_dns \"a\", \"b\";"
	    "split_network local_lan 10.2.0.0/16, 10.3.0.0/99;\n"
	    "split_network include 10.4.0.0/24; default_domain \"d\";"
	    "auth_groups \"g\"; banner \"/b\"; auth_throttle 7; pfs_group 2;"
	    "save_passwd on; accounting system; }"), OK);
	m = &w.conf->modecfg;
	ck_assert(m->configured);
	is_address(&m->network4, "10.1.0.1[0]");
	is_address(&m->netmask4, "255.255.0.0[0]");
	ck_assert_uint_eq(m->pool_size, 255);
	ck_assert_uint_eq(m->ndns4, 3);
	is_address(&m->dns4[2], "10.0.0.3[0]");
	ck_assert_uint_eq(m->nwins4, 2);
	is_address(&m->wins4[1], "10.0.0.5[0]");
	ck_assert_uint_eq(m->split_dns.n, 2);
	ck_assert_str_eq(m->split_dns.text[1], "b");
	ck_assert(!m->local_lan);	/* the last one says what all are */
	ck_assert_uint_eq(m->nsplit_network, 3);
	ck_assert_uint_eq(m->split_network[0].prefix, 16);
	ck_assert_uint_eq(m->split_network[1].prefix, 32);
	ck_assert_uint_eq(m->split_network[2].at.line, 3);
	ck_assert_str_eq(m->default_domain, "d");
	ck_assert_str_eq(m->auth_groups.text[0], "g");
	ck_assert_str_eq(m->banner, "/b");
	ck_assert_uint_eq(m->auth_throttle, 7);
	ck_assert_uint_eq(m->pfs_group, 2);
	ck_assert(m->save_passwd && m->accounting == CONF_SYSTEM);
	leave(&w);
	ck_assert_int_eq(read_text(&w, "mode_cfg { pool_size 9; }"), OK);
	m = &w.conf->modecfg;
	ck_assert_uint_eq(m->pool_size, 9);
	ck_assert_uint_eq(m->auth_throttle, 1);
	ck_assert_str_eq(m->banner, "/etc/motd");
	ck_assert_int_eq(m->accounting, CONF_NO_SOURCE);
	leave(&w);
	refuses("mode_cfg { dns4 ::1; }", "t:1: \"::1\" is no IPv4 address");
	refuses("mode_cfg { dns4 10.1; }", "t:1: \"10.1\" is no IPv4 address");
}
END_TEST

/* One more than there is room for; a bad one leaves nothing half filled. */
START_TEST(test_too_many_servers)
{
	struct world w = { .nfiles = 0 };

	refuses("mode_cfg { dns4 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4; }",
	    "t:1: \"10.0.0.4\" is one too many: 3 at most");
	refuses("mode_cfg { wins4 10.0.0.1, 10.0.0.2, 10.0.0.3; wins4 "
	    "10.0.0.4, 10.0.0.5; }",
	    "t:1: \"10.0.0.5\" is one too many: 4 at most");
	refuses("mode_cfg { dns4 10.0.0.1, 10.0.0; }",
	    "t:1: \"10.0.0\" is no IPv4 address");
	ck_assert_int_eq(read_text(&w, "mode_cfg { wins4 10.0.0.1, 10.0.0.2, "
	    "10.0.0.3, 10.0.0.4; dns4 10.0.0.5; }"), OK);
	ck_assert_uint_eq(w.conf->modecfg.nwins4, 4);
	is_address(&w.conf->modecfg.wins4[3], "10.0.0.4[0]");
	ck_assert_uint_eq(w.conf->modecfg.ndns4, 1);
	is_address(&w.conf->modecfg.dns4[0], "10.0.0.5[0]");
	leave(&w);
}
END_TEST

/* The usual settings stand in the block for anybody. */
START_TEST(test_inherit_anonymous)
{
	struct world w = { .nfiles = 0 };
	const struct remote *m;

	ck_assert_int_eq(read_text(&w, "remote anonymous [501] {"
	    "exchange_mode main; peers_identifier fqdn \"x\"; ph1id 3;"
	    "nat_traversal on; " P1 "}\n"
	    "remote 10.0.0.1 inherit anonymous {"
	    "peers_identifier fqdn \"y\"; nat_traversal force; }\n"
	    "remote 10.0.0.1 [8000] inherit 10.0.0.1 {"
	    "peers_identifier fqdn \"z\"; lifetime time 7 sec; }\n"
	    "remote \"n\" inherit \"anonymous\" { remote_address ::1; }\n"
	    "remote fe80::1%lo inherit anonymous [7];"), OK);
	ck_assert_uint_eq(w.nlines, 0);
	ck_assert_uint_eq(w.conf->nremote, 5);
	m = w.conf->remote[0];		/* the parent is what it was */
	ck_assert(m->anonymous && m->addr.port == 501);
	ck_assert_uint_eq(m->npeers_id, 1);
	ck_assert_int_eq(m->nat_traversal, CONF_ON);
	m = w.conf->remote[1];
	ck_assert_str_eq(m->name, "10.0.0.1[500]");
	ck_assert_str_eq(m->parent, "anonymous");
	ck_assert(!m->anonymous);
	is_address(&m->addr, "10.0.0.1[0]");
	ck_assert_uint_eq(m->npeers_id, 2);
	ck_assert(view_equal(buf_view(&m->peers_id[0].data), view_text("x")));
	ck_assert(view_equal(buf_view(&m->peers_id[1].data), view_text("y")));
	ck_assert_uint_eq(m->ph1id, 3);
	ck_assert_int_eq(m->nat_traversal, CONF_FORCE);
	m = w.conf->remote[2];		/* the heir of an heir */
	is_address(&m->addr, "10.0.0.1[8000]");
	ck_assert_uint_eq(m->npeers_id, 3);
	ck_assert_uint_eq(m->ph1id, 3);
	ck_assert_int_eq(m->nat_traversal, CONF_FORCE);
	ck_assert_uint_eq(m->proposal[0].life_secs, 7);
	is_address(&w.conf->remote[3]->addr, "::1[0]");
	ck_assert_uint_eq(w.conf->remote[4]->npeers_id, 1);
	ck_assert_uint_eq(w.conf->remote[4]->addr.port, 0);
	leave(&w);
}
END_TEST

/* A file that nobody wrote by hand: an error, not all of the memory. */
START_TEST(test_long_file)
{
	char path[] = "/tmp/check_conf.XXXXXX";
	int fd = mkstemp(path);
	struct conf *c;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "log debug;\n", 11), 11);
	ck_assert_int_eq(conf_read(&conf_files, path, &c), OK);
	conf_unref(c);
	ck_assert_int_eq(ftruncate(fd, (64 << 20) + 1), 0);
	ck_assert_int_eq(conf_read(&conf_files, path, &c), E_CONFIG);
	ck_assert_ptr_null(c);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* Servers that nobody asks yet: what is in the block is kept. */
START_TEST(test_login_servers)
{
	struct world w = { .nfiles = 0 };
	const struct conf_radius *r;
	const struct conf_ldap *l;

	ck_assert_int_eq(read_text(&w, "ldap_cfg {\nbind_pw \"a\";"
	    "bind_pw \"b\"; host ldap-1.example.com; subtree on; port 636;\n}\n"
	    "radiuscfg { auth \"h\" 1812 \"s\"; auth \"i\" \"t\";"
	    "acct \"j\" 65537 \"u\";\ntimeout 4; retries 5; }"), OK);
	ck_assert_uint_eq(w.nlines, 3);
	ck_assert_str_eq(w.line[0], "t:1: \"ldap_cfg\" has no effect yet: "
	    "LDAP servers are not asked for logins");
	ck_assert_str_eq(w.line[1], "t:4: \"radiuscfg\" has no effect yet: "
	    "RADIUS servers are not asked for logins");
	ck_assert_str_eq(w.line[2], "t:4: \"acct\" has a number that is no "
	    "port, 1 is used");
	l = &w.conf->ldap;
	ck_assert(l->configured && l->subtree);
	ck_assert_str_eq(l->host, "ldap-1.example.com");
	ck_assert_str_eq(l->bind_pw, "b");
	ck_assert_str_eq(l->attr_addr, "racoon-address");
	ck_assert_uint_eq(l->port, 636);
	ck_assert_uint_eq(l->version, 3);
	ck_assert_ptr_null(l->base);
	r = &w.conf->radius;
	ck_assert(r->configured);
	ck_assert_uint_eq(r->nauth, 2);
	ck_assert_str_eq(r->auth[0].host, "h");
	ck_assert_uint_eq(r->auth[0].port, 1812);
	ck_assert_str_eq(r->auth[0].secret, "s");
	ck_assert_uint_eq(r->auth[1].port, 0);
	ck_assert_str_eq(r->auth[1].secret, "t");
	ck_assert_uint_eq(r->nacct, 1);
	ck_assert_str_eq(r->acct[0].secret, "u");
	ck_assert_uint_eq(r->timeout, 4);
	ck_assert_uint_eq(r->retries, 5);
	leave(&w);
	ck_assert_int_eq(read_text(&w, "ldapcfg { host 10.0.0.1; }"), OK);
	ck_assert_str_eq(w.conf->ldap.host, "10.0.0.1");
	ck_assert(!w.conf->radius.configured);
	leave(&w);
	refuses("ldapcfg { version 4; }", "t:1: \"4\" is no version of LDAP");
	warns("ldapcfg { port 65536; }", "t:1: \"65536\" is no port, 0 is");
	refuses("radiuscfg { auth \"1\" \"s\"; auth \"2\" \"s\";"
	    "auth \"3\" \"s\"; auth \"4\" \"s\"; auth \"5\" \"s\";"
	    "auth \"6\" \"s\"; }", "t:1: \"auth\" is one too many: 5 "
	    "servers at most");
}
END_TEST

/* Whatever is wrong with a secret, the log has nothing of it. */
START_TEST(test_secrets_unsaid)
{
	static const char *const wrong[] = {
		"ldapcfg { bind_pw xyzzy; }", "ldapcfg { bind_pw xyzzy1 ; }",
		"ldapcfg { bind_pw xyzzy\"xyzzy\"; }",
		"ldapcfg { bind_pw xyzzy \"xyzzy\"; }",
		"ldapcfg { bind_pw \"xyzzy\"xyzzy; }",
		"ldapcfg { bind_pw \"a\"xyzzy\"; }",
		"ldapcfg { bind_pw \"xyzzy; }",
		"ldapcfg { bind_pw \"xyzzy\" }",
		"ldapcfg { bind_pw xyzzy }",
		"radiuscfg { auth \"h\" xyzzy; }",
		"radiuscfg { auth \"h\" xyzzy1 \"s\"; }",
		"radiuscfg { acct \"h\" 1812 xyzzy; }",
		"radiuscfg { acct \"h\" 1812 \"xyzzy\" \"xyzzy\"; }",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct world w = { .nfiles = 0 };
		char *text = xasprintf("%s\nlog loud;", wrong[i]);
		unsigned int errors = 0;

		ck_assert_int_eq(read_text(&w, text), E_CONFIG);
		for (size_t k = 0; k < w.nlines; k++) {
			ck_assert_msg(strstr(w.line[k], "xyzzy") == NULL,
			    "%s: %s", wrong[i], w.line[k]);
			errors += w.level[k] == LOG_L_ERROR ? 1 : 0;
		}
		/* its own, that of the next line, and the summary */
		ck_assert_msg(errors == 3, "%s: %u errors", wrong[i], errors);
		leave(&w);
		free(text);
	}
}
END_TEST

static void
is_marked(const struct conf_marks *m, const char *block, const char *word,
    unsigned int line)
{
	const struct conf_place at = conf_place_of(m, block, word);

	ck_assert_uint_eq(at.line, line);
	ck_assert((at.path == NULL) == (line == 0));
}

START_TEST(test_places)
{
	struct world w = { .nfiles = 0 };
	const struct conf *c;

	ck_assert_int_eq(read_text(&w, "path include \"/i\";\nlog info;\n"
	    "timer { counter\n3; persend 1;\npersend 2; }\n"
	    "remote \"a\" { exchange_mode main;\nverify_cert off;\n" P1 "}\n"
	    "remote \"b\" inherit \"a\" { verify_cert\non;\nph1id 4; }\n"
	    "sainfo anonymous { " LISTS "\nremoteid 4; }"), OK);
	c = w.conf;
	is_marked(&c->marks, "path", "include", 1);
	is_marked(&c->marks, "path", "script", 0);
	is_marked(&c->marks, "top level", "log", 2);
	is_marked(&c->marks, "timer", "counter", 3);
	is_marked(&c->marks, "timer", "persend", 5);
	is_marked(&c->marks, "timer", "phase1", 0);
	is_marked(&c->remote[0]->marks, "remote", "verify_cert", 7);
	is_marked(&c->remote[0]->marks, "remote", "ph1id", 0);
	is_marked(&c->remote[0]->proposal[0].marks, "proposal",
	    "hash_algorithm", 8);
	is_marked(&c->remote[1]->marks, "remote", "exchange_mode", 6);
	is_marked(&c->remote[1]->marks, "remote", "verify_cert", 9);
	is_marked(&c->remote[1]->marks, "remote", "ph1id", 11);
	ck_assert_str_eq(c->remote[1]->parent, "a");
	ck_assert_ptr_null(c->remote[0]->parent);
	is_marked(&c->sainfo[0]->marks, "sainfo", "remoteid", 13);
	leave(&w);
}
END_TEST

START_TEST(test_sequence_numbers)
{
	struct world w = { .nfiles = 0 };

	ck_assert_int_eq(read_text(&w, "sainfo anonymous {" LISTS "}"
	    "sainfo anonymous {" LISTS "esn on; replay_window 4096; }"), OK);
	ck_assert_uint_eq(w.nlines, 0);
	ck_assert_uint_eq(w.conf->sainfo[0]->replay_window, 32);
	ck_assert(!w.conf->sainfo[0]->esn && w.conf->sainfo[1]->esn);
	ck_assert_uint_eq(w.conf->sainfo[1]->replay_window, 4096);
	leave(&w);
	warns("sainfo anonymous {" LISTS "replay_window 4097; }",
	    "t:1: \"4097\" is a window too large, 4096 is used");
	warns("sainfo anonymous {" LISTS "replay_window 0; }",
	    "t:1: \"0\" turns off the protection");
	refuses("sainfo anonymous {" LISTS "replay_window 0; esn on; }",
	    "t:1: \"}\" esn needs a replay_window");
	refuses("sainfo anonymous {" LISTS "esn 1; }", "t:1: \"1\" syntax");
}
END_TEST

START_TEST(test_ah_align)
{
	struct world w = { .nfiles = 0 };

	ck_assert_int_eq(read_text(&w, "sainfo anonymous {" LISTS "}"
	    "sainfo anonymous address 10.0.0.1 any {" LISTS "ah_align 32; }"
	    "sainfo anonymous address 10.0.0.2 any {" LISTS "ah_align 64; }"
	    "sainfo anonymous address 10.0.0.3 any {" LISTS "ah_align 64;"
	    "ah_align auto; }"), OK);
	ck_assert_uint_eq(w.nlines, 0);
	ck_assert_int_eq(w.conf->sainfo[0]->ah_align, CONF_AH_RFC);
	ck_assert_int_eq(w.conf->sainfo[1]->ah_align, CONF_AH_LINUX);
	ck_assert_int_eq(w.conf->sainfo[2]->ah_align, CONF_AH_AUTO);
	ck_assert_int_eq(w.conf->sainfo[3]->ah_align, CONF_AH_AUTO);
	leave(&w);
	refuses("sainfo anonymous {" LISTS "ah_align 16; }",
	    "t:1: \"16\" syntax error, expected 32, 64 or auto");
	refuses("sainfo anonymous {" LISTS "ah_align on; }",
	    "t:1: \"on\" syntax error, expected 32, 64 or auto");
	refuses("sainfo anonymous {" LISTS "ah_align; }",
	    "t:1: \";\" syntax error, expected 32, 64 or auto");
}
END_TEST

START_TEST(test_liveness)
{
	struct world w = { .nfiles = 0 };

	ck_assert_int_eq(read_text(&w, "remote anonymous { exchange_mode main;"
	    P1 "} remote 10.0.0.1 { exchange_mode main; liveness 2 min; " P1
	    "} remote 10.0.0.2 inherit 10.0.0.1 { liveness off; }"
	    "remote 10.0.0.3 inherit 10.0.0.2 { liveness on; }"
	    "sainfo anonymous {" LISTS "}"
	    "sainfo anonymous {" LISTS "liveness off; }"
	    "sainfo anonymous {" LISTS "liveness 1 hour; }"), OK);
	ck_assert_uint_eq(w.nlines, 0);
	ck_assert_uint_eq(w.conf->remote[0]->liveness, 3);
	ck_assert_uint_eq(w.conf->remote[1]->liveness, 120);
	ck_assert_uint_eq(w.conf->remote[2]->liveness, 0);
	ck_assert_uint_eq(w.conf->remote[3]->liveness, 3);
	ck_assert(!w.conf->sainfo[0]->has_liveness);
	ck_assert(w.conf->sainfo[1]->has_liveness);
	ck_assert_uint_eq(w.conf->sainfo[1]->liveness, 0);
	ck_assert_uint_eq(w.conf->sainfo[2]->liveness, 3600);
	leave(&w);
	refuses("sainfo anonymous {" LISTS "liveness; }", "t:1: \";\" syntax");
	refuses("sainfo anonymous {" LISTS "liveness 5; }",
	    "t:1: \";\" syntax");
	refuses("sainfo anonymous {" LISTS "liveness force; }", "t:1: ");
	refuses("sainfo anonymous {" LISTS "liveness on off; }",
	    "t:1: \"off\" syntax");
}
END_TEST

START_TEST(test_scope)
{
	struct world w = { .nfiles = 0 };
	const struct remote *m;

	ck_assert_int_eq(read_text(&w, REMOTE("mark 0x10/0xff; if_id 42;")
	    "remote 10.0.0.1 { exchange_mode main; mark 7; " P1 "}"
	    "remote 10.0.0.2 { exchange_mode main; if_id 0xFfffFFFF ; " P1 "}"
	    "remote 10.0.0.3 { exchange_mode main; mark 010/0x1F# c\n;" P1 "}"
	    "remote 10.0.0.4 { exchange_mode main; " P1 "}"), OK);
	ck_assert_uint_eq(w.nlines, 0);
	m = w.conf->remote[0];
	ck_assert(m->scoped && m->if_id == 42);
	ck_assert(m->mark.value == 0x10 && m->mark.mask == 0xff);
	m = w.conf->remote[1];
	ck_assert(m->scoped && m->if_id == 0);
	ck_assert(m->mark.value == 7 && m->mark.mask == UINT32_MAX);
	ck_assert_uint_eq(w.conf->remote[2]->if_id, UINT32_MAX);
	ck_assert_uint_eq(w.conf->remote[3]->mark.value, 10);
	ck_assert_uint_eq(w.conf->remote[3]->mark.mask, 0x1f);
	ck_assert(!w.conf->remote[4]->scoped);
	leave(&w);
	refuses(REMOTE("mark;"), "t:1: \";\" syntax error, expected a number");
	refuses(REMOTE("if_id on;"), "t:1: \"on\" is no number of 32 bits");
	refuses(REMOTE("if_id 4294967296;"), "t:1: \"4294967296\" is no");
	refuses(REMOTE("if_id 1/2;"), "t:1: \"1/2\" is no number");
	refuses(REMOTE("mark 0x;"), "t:1: \"0x\" is no number of 32 bits, or "
	    "two");
	refuses(REMOTE("mark 1/;"), "t:1: \"1/\" is no number");
	refuses(REMOTE("mark 12a;"), "t:1: \"12a\" is no number");
	refuses(REMOTE("mark 1 /2;"), "t:1: \"/2\" syntax error, expected ;");
	refuses(REMOTE("mark 0x100/0xff;"), "t:1: \"0x100/0xff\" has bits");
}
END_TEST

#define GSS(mode, id)	"remote anonymous { exchange_mode " mode ";"	\
	"proposal { encryption_algorithm aes; hash_algorithm sha1; dh_group 2;" \
	"authentication_method gssapi_krb; " id "} }"

/* A warning takes the proposal away, or only says that something is missing. */
static void
gss_line_of(bool gss, const char *text, enum err err, const char *line,
    bool usable)
{
	struct world w = { .gss = gss };

	ck_assert_int_eq(read_text(&w, text), err);
	ck_assert((w.nlines > 0) == (line != NULL));
	if (line != NULL)
		ck_assert_msg(strncmp(w.line[0], line, strlen(line)) == 0,
		    "%s", w.line[0]);
	if (err == OK)
		ck_assert(only_remote(&w)->proposal[0].gss &&
		    only_remote(&w)->proposal[0].usable == usable);
	leave(&w);
}

static void
gss_line(bool gss, const char *text, enum err err, const char *line)
{
	gss_line_of(gss, text, err, line, line == NULL);
}

/* With GSS-API built in, and without. */
START_TEST(test_gss)
{
	char text[600], id[300];

	gss_line(true, GSS("main", "gss_id \"ike/a\";"), OK, NULL);
	gss_line(true, "gss_id_enc latin1;" GSS("main", ""), OK, NULL);
	gss_line(false, GSS("main", ""), OK, "t:1: \"}\" gssapi_krb, "
	    "without which this racoon was built, is not supported: this "
	    "proposal is never offered");
	gss_line(true, GSS("base, main", ""), OK, "t:1: \"}\" gssapi_krb is "
	    "never offered and never accepted here: let exchange_mode begin");
	gss_line_of(true, GSS("aggressive", ""), OK, "t:1: \"}\" gssapi_krb "
	    "can only be answered here: to begin in aggressive mode, say whom",
	    true);
	gss_line_of(true, GSS("aggressive; peers_identifier keyid tag \"b\"",
	    ""), OK, "t:1: \"}\" gssapi_krb can only be answered here", true);
	gss_line(true, GSS("aggressive; peers_identifier keyid tag \"ike/b\"",
	    ""), OK, NULL);
	gss_line(true, GSS("aggressive; peers_identifier fqdn \"b\"", ""), OK,
	    NULL);
	gss_line(true, GSS("aggressive; passive on", ""), OK, NULL);
	gss_line(true, GSS("main, aggressive", ""), OK, NULL);
	gss_line(true, GSS("main", "gss_id \"\";"), E_CONFIG, "t:1: \"\" a "
	    "principal has 1 to 255");
	memset(id, 'x', 256);
	id[256] = '\0';
	snprintf(text, sizeof(text), GSS("main", "gss_id \"%s\";"), id);
	gss_line(true, text, E_CONFIG, "t:1: \"xx");
}
END_TEST

START_TEST(test_kept_without_effect)
{
	struct world w = { .nfiles = 0 };

	ck_assert_int_eq(read_text(&w, "gss_id_enc latin1; remote anonymous {"
	    "exchange_mode main; situation secrecy; proposal {"
	    "encryption_algorithm aes; hash_algorithm sha1; dh_group 2;"
	    "authentication_method gssapi_krb; gss_id \"x\"; gssapi_id \"y\";"
	    "} proposal { authentication_method gssapi_krb; gss_id \"x\";"
	    "encryption_algorithm aes; hash_algorithm sha1; dh_group 2;"
	    "authentication_method pre_shared_key; } }"), OK);
	ck_assert_int_eq(w.conf->gss_id_enc, CONF_GSS_LATIN1);
	ck_assert_int_eq(only_remote(&w)->situation, CONF_SECRECY);
	ck_assert_str_eq(only_remote(&w)->proposal[0].gss_id, "y");
	ck_assert_str_eq(only_remote(&w)->proposal[0].method_word,
	    "gssapi_krb");
	ck_assert_ptr_null(only_remote(&w)->proposal[1].gss_id);
	leave(&w);
}
END_TEST

static Suite *
kept_suite(void)
{
	Suite *s = suite_create("conf kept");
	TCase *t = tcase_create("conf kept");

	tcase_add_test(t, test_certificates);
	tcase_add_test(t, test_several_certificates);
	tcase_add_test(t, test_scripts);
	tcase_add_test(t, test_mode_cfg);
	tcase_add_test(t, test_too_many_servers);
	tcase_add_test(t, test_long_file);
	tcase_add_test(t, test_inherit_anonymous);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_secrets_unsaid);
	tcase_add_test(t, test_login_servers);
	tcase_add_test(t, test_places);
	tcase_add_test(t, test_sequence_numbers);
	tcase_add_test(t, test_ah_align);
	tcase_add_test(t, test_liveness);
	tcase_add_test(t, test_scope);
	tcase_add_test(t, test_kept_without_effect);
	tcase_add_test(t, test_gss);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(kept_suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
