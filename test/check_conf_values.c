/* SPDX-License-Identifier: ISC */
/* Where the values of racoon.conf end up: every directive that has an effect. */
#include <check.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/parse.h"
#include "libipsec/addr.h"
#include "test/conf_world.h"
#include "wire/isakmp.h"

static void
is_address(const struct ipsec_addr *a, const char *expected)
{
	char text[ADDR_TEXT];

	ck_assert_str_eq(addr_print_port(a, text), expected);
}

START_TEST(test_top)
{
	struct world w = { .nfiles = 0 };
	const struct conf *c;

	ck_assert_int_eq(read_text(&w, "path include \"/i\";"
	    "path pre_shared_key \"/old\"; path pre_shared_key \"/p\";"
	    "path certificate \"/c\"; path script \"/s\";"
	    "path backupsa \"/b\"; path pidfile \"run.pid\";"
	    "log error; log debug2; pfkey_buffer 77; complex_bundle off;"
	    "repair_unknown_spi off;"
	    "padding { randomize off; randomize_length on;"
	    "maximum_length 7; strict_check on; exclusive_tail off; }"
	    "timer { counter 1; interval 2 sec; persend 3; phase1 4 mins;"
	    "phase2 5 hours; natt_keepalive 0 sec; }"
	    "privsep { user 1; group 2; chroot \"/r\"; }"
	    "gss_id_enc utf-16le; on_stop flush;"), OK);
	c = w.conf;
	ck_assert_str_eq(c->path_include, "/i");
	ck_assert_str_eq(c->path_psk, "/p");
	ck_assert_str_eq(c->path_cert, "/c");
	ck_assert_str_eq(c->path_script, "/s");
	ck_assert_str_eq(c->path_backupsa, "/b");
	ck_assert_str_eq(c->path_pidfile, "run.pid");
	ck_assert_int_eq(c->log_level, LOG_L_DEBUG2);
	ck_assert_uint_eq(c->pfkey_buffer, 77);
	ck_assert(!c->repair_unknown_spi);
	ck_assert(!c->complex_bundle && !c->padding.randomize);
	ck_assert(c->padding.randomize_length && c->padding.strict_check);
	ck_assert(!c->padding.exclusive_tail);
	ck_assert_uint_eq(c->padding.maximum_length, 7);
	ck_assert_uint_eq(c->timer.counter, 1);
	ck_assert_uint_eq(c->timer.interval, 2);
	ck_assert_uint_eq(c->timer.persend, 3);
	ck_assert_uint_eq(c->timer.phase1, 240);
	ck_assert_uint_eq(c->timer.phase2, 18000);
	ck_assert_uint_eq(c->timer.natt_keepalive, 0);
	ck_assert_uint_eq(c->uid, 1);
	ck_assert_uint_eq(c->gid, 2);
	ck_assert_str_eq(c->chroot, "/r");
	leave(&w);
}
END_TEST

START_TEST(test_accounts)
{
	struct world w = { .nfiles = 0 };
	const struct passwd *pw = getpwuid(0);
	const struct group *gr = getgrgid(0);
	char text[200];

	if (pw == NULL || gr == NULL)
		return;
	snprintf(text, sizeof(text), "privsep { user 5; user \"%s\"; "
	    "group 5; group \"%s\"; }", pw->pw_name, gr->gr_name);
	ck_assert_int_eq(read_text(&w, text), OK);
	ck_assert_uint_eq(w.conf->uid, 0);
	ck_assert_uint_eq(w.conf->gid, 0);
	leave(&w);
	/* a quoted number is a name */
	refuses("privsep { user \"4294967\"; }", "t:1: \"4294967\" unknown");
}
END_TEST

START_TEST(test_listen)
{
	struct world w = { .nfiles = 0 };
	const struct conf *c;

	ck_assert_int_eq(read_text(&w, "listen { isakmp 10.0.0.1;"
	    "isakmp_natt 10.0.0.1 [4500]; isakmp fe80::1%lo[5000];"
	    "strict_address; adminsock \"/run/x.sock\" \"7\" \"8\" 0660; }"
	    "listen { isakmp_natt ::1; }"), OK);
	c = w.conf;
	ck_assert_uint_eq(c->listen.n, 4);
	is_address(&c->listen.on[0].addr, "10.0.0.1[500]");
	ck_assert(!c->listen.on[0].natt);
	is_address(&c->listen.on[1].addr, "10.0.0.1[4500]");
	ck_assert(c->listen.on[1].natt);
	is_address(&c->listen.on[2].addr, "fe80::1%lo[5000]");
	is_address(&c->listen.on[3].addr, "::1[500]");
	ck_assert(c->listen.on[3].natt);
	ck_assert(c->listen.strict_address && !c->listen.admin_disabled);
	ck_assert_str_eq(c->listen.admin_path, "/run/x.sock");
	ck_assert_uint_eq(c->listen.admin_uid, 7);
	ck_assert_uint_eq(c->listen.admin_gid, 8);
	ck_assert_uint_eq(c->listen.admin_mode, 0660);
	leave(&w);
	ck_assert_int_eq(read_text(&w, "listen { adminsock \"a.socket\" "
	    "\"0\" \"0\" 755; adminsock disabled; }"), OK);
	ck_assert_uint_eq(w.conf->listen.admin_mode, 0666);
	ck_assert(w.conf->listen.admin_disabled);
	leave(&w);
	warns("listen { adminsock \"a.sock\" \"nosuch\" \"0\" 0; }",
	    "t:1: \"nosuch\" is unknown on this host, root is used");
	warns("listen { isakmp 10.0.0.1 [65537]; }", "t:1: \"[65537]\" is no");
	accepts("listen { adminsock \"/a/..b/racoon.sock\"; }");
	accepts("listen { adminsock \"racoon.sock\"; }");
	refuses("listen { adminsock \"../racoon.sock\"; }", "t:1: ");
}
END_TEST

START_TEST(test_metrics)
{
	struct world w = { .nfiles = 0 };

	ck_assert_int_eq(read_text(&w, "listen { strict_address; }"), OK);
	ck_assert_uint_eq(w.conf->listen.metrics.family, 0);
	leave(&w);
	ck_assert_int_eq(read_text(&w, "listen { metrics 127.0.0.1; }"), OK);
	is_address(&w.conf->listen.metrics, "127.0.0.1[26500]");
	leave(&w);
	/* the last one counts, and it is no socket of IKE */
	ck_assert_int_eq(read_text(&w, "listen { metrics 127.0.0.1; "
	    "metrics ::1 [9]; }"), OK);
	is_address(&w.conf->listen.metrics, "::1[9]");
	ck_assert_uint_eq(w.conf->listen.n, 0);
	leave(&w);
	refuses("listen { metrics; }", "t:1: \";\" ");
	refuses("listen { metrics off; }", "t:1: \"off\" ");
	refuses("listen { metrics 127.0.0.1 9; }", "t:1: \"9\" ");
	refuses("metrics 127.0.0.1;", "t:1: ");
}
END_TEST

START_TEST(test_listen_twice)
{
	struct world w = { .nfiles = 0 };

	warns("listen { isakmp 10.0.0.1; isakmp_natt 10.0.0.1; }",
	    "t:1: \";\" 10.0.0.1[500] is listed as isakmp and as isakmp_natt");
	ck_assert_int_eq(read_text(&w, "listen { isakmp 10.0.0.1; "
	    "isakmp 10.0.0.1; isakmp_natt 10.0.0.1 [4500]; "
	    "isakmp_natt 10.0.0.2; }"), OK);
	ck_assert_uint_eq(w.nlines, 0);
	leave(&w);
	refuses("listen { isakmp fe80::1%nosuch0; }",
	    "t:1: \"fe80::1%nosuch0\" there is no interface nosuch0");
	refuses("remote fe80::1%nosuch0 { }", "t:1: \"fe80::1%nosuch0\" there");
	refuses("listen { isakmp fe80::1::2%lo; }",
	    "t:1: \"fe80::1::2%lo\" is not an IP address");
}
END_TEST

/* Values that would stop or flood a negotiation are brought into range. */
START_TEST(test_timer_range)
{
	struct world w = { .nfiles = 0 };

	ck_assert_int_eq(read_text(&w, "timer { counter 0; interval 0 sec;"
	    "persend 0; phase1 0 sec; phase2 0 sec; natt_keepalive 0 sec; }"),
	    OK);
	ck_assert_uint_eq(w.nlines, 5);
	ck_assert_str_eq(w.line[0],
	    "t:1: \"0\" the value must be from 1 to 1000: 1 is used");
	ck_assert_uint_eq(w.conf->timer.counter, 1);
	ck_assert_uint_eq(w.conf->timer.interval, 1);
	ck_assert_uint_eq(w.conf->timer.persend, 1);
	ck_assert_uint_eq(w.conf->timer.phase1, 1);
	ck_assert_uint_eq(w.conf->timer.phase2, 1);
	ck_assert_uint_eq(w.conf->timer.natt_keepalive, 0);
	leave(&w);
	ck_assert_int_eq(read_text(&w, "timer { counter 1001; "
	    "interval 25 hours; persend 17; phase1 1441 mins;"
	    "phase2 99999 sec; }"), OK);
	ck_assert_uint_eq(w.nlines, 5);
	ck_assert_uint_eq(w.conf->timer.counter, 1000);
	ck_assert_uint_eq(w.conf->timer.interval, 86400);
	ck_assert_uint_eq(w.conf->timer.persend, 16);
	ck_assert_uint_eq(w.conf->timer.phase1, 86400);
	ck_assert_uint_eq(w.conf->timer.phase2, 86400);
	leave(&w);
	ck_assert_int_eq(read_text(&w, "sainfo anonymous { " LISTS
	    "lifetime time 0 sec; }"), OK);
	ck_assert_uint_eq(w.nlines, 1);
	ck_assert_str_eq(w.line[0], "t:1: \"sec\" an SA that lasts no time is "
	    "none: 28800 seconds are used");
	ck_assert_uint_eq(w.conf->sainfo[0]->lifetime, 28800);
	leave(&w);
}
END_TEST

START_TEST(test_remote)
{
	struct world w = { .nfiles = 0 };
	const struct remote *m;

	ck_assert_int_eq(read_text(&w, "\n remote 10.0.0.1 [501] {"
	    "exchange_mode base; exchange_mode aggressive, main main;"
	    "doi ipsec_doi; situation identity_only; verify_identifier on;"
	    "verify_cert off; send_cert off; send_cr off; match_empty_cr on;"
	    "nonce_size 32; lifetime time 1 min; proposal_check exact;"
	    "support_proxy on; generate_policy unique; passive on;"
	    "initial_contact off; nat_traversal force; ike_frag on;"
	    "esp_frag 1400; dpd off; dpd_delay 1; dpd_retry 2; dpd_maxfail 3;"
	    "rekey force; ph1id 9; mode_cfg on; weak_phase1_check on; " P1
	    "}"), OK);
	m = only_remote(&w);
	ck_assert_str_eq(m->name, "10.0.0.1[501]");
	is_address(&m->addr, "10.0.0.1[501]");
	ck_assert(!m->anonymous && m->at.line == 2);
	ck_assert_uint_eq(m->netypes, 2);
	ck_assert_uint_eq(m->etype[0], ISAKMP_ETYPE_AGGRESSIVE);
	ck_assert_uint_eq(m->etype[1], ISAKMP_ETYPE_MAIN);
	ck_assert(m->verify_identifier && !m->verify_cert && !m->send_cert);
	ck_assert(!m->send_cr && m->match_empty_cr && m->support_proxy);
	ck_assert(m->passive && !m->initial_contact && m->mode_cfg);
	ck_assert(m->weak_phase1_check && !m->dpd.enabled);
	ck_assert_uint_eq(m->nonce_size, 32);
	ck_assert_uint_eq(m->lifetime, 60);
	ck_assert_int_eq(m->proposal_check, CONF_EXACT);
	ck_assert_int_eq(m->generate_policy, CONF_GEN_UNIQUE);
	ck_assert_int_eq(m->nat_traversal, CONF_FORCE);
	ck_assert_int_eq(m->ike_frag, CONF_ON);
	ck_assert_int_eq(m->rekey, CONF_FORCE);
	ck_assert_uint_eq(m->esp_frag, 1400);
	ck_assert_uint_eq(m->dpd.delay, 1);
	ck_assert_uint_eq(m->dpd.retry, 2);
	ck_assert_uint_eq(m->dpd.maxfail, 3);
	ck_assert_uint_eq(m->ph1id, 9);
	leave(&w);
}
END_TEST

START_TEST(test_proposals)
{
	struct world w = { .nfiles = 0 };
	const struct remote *m;

	/* a block's lifetime may stand behind the proposals */
	ck_assert_int_eq(read_text(&w, "remote anonymous {\n"
	    "exchange_mode main;\nproposal { encryption_algorithm camellia "
	    "256; hash_algorithm sha2_512; dh_group 18; lifetime time 5 sec;"
	    "authentication_method pre_shared_key; }\n"
	    "proposal { encryption_algorithm aes; encryption_algorithm 3des;"
	    "hash_algorithm md5 128; dh_group modp1024;"
	    "authentication_method dsssig 5; }"
	    "proposal { encryption_algorithm aes; hash_algorithm sha1;"
	    "authentication_method pre_shared_key; dh_group 4; }"
	    "lifetime time 2 min; }"), OK);
	m = only_remote(&w);
	ck_assert_uint_eq(m->nproposal, 3);
	ck_assert_uint_eq(m->proposal[0].cipher, P1_CIPHER_CAMELLIA);
	ck_assert_uint_eq(m->proposal[0].key_bits, 256);
	ck_assert_uint_eq(m->proposal[0].hash, P1_HASH_SHA512);
	ck_assert_uint_eq(m->proposal[0].group, 18);
	ck_assert_uint_eq(m->proposal[0].life_secs, 5);
	ck_assert_uint_eq(m->proposal[0].at.line, 3);
	ck_assert(m->proposal[0].usable);
	ck_assert_uint_eq(m->proposal[1].cipher, P1_CIPHER_3DES);
	ck_assert_uint_eq(m->proposal[1].key_bits, 0);
	ck_assert_uint_eq(m->proposal[1].hash, P1_HASH_MD5);
	ck_assert_uint_eq(m->proposal[1].group, 2);
	ck_assert_uint_eq(m->proposal[1].method, P1_METHOD_DSS);
	ck_assert_uint_eq(m->proposal[1].life_secs, 120);
	ck_assert(!m->proposal[1].usable);
	ck_assert(!m->proposal[2].usable);
	ck_assert_uint_eq(m->proposal[2].life_secs, 120);
	ck_assert_uint_eq(w.nlines, 2);
	ck_assert_str_eq(w.line[0], "t:4: \"}\" dsssig is not supported: "
	    "this proposal is never offered and never accepted");
	leave(&w);
}
END_TEST

START_TEST(test_inherit)
{
	struct world w = { .nfiles = 0 };
	const struct remote *m;

	ck_assert_int_eq(read_text(&w, "remote \"a\" { exchange_mode main;"
	    "passive on; peers_identifier fqdn \"x\"; lifetime time 9 sec;"
	    "my_identifier fqdn \"me\"; " P1 "}\n"
	    "remote \"b\" inherit \"a\" { passive off; remote_address ::1;"
	    "peers_identifier fqdn \"y\"; lifetime time 8 sec;"
	    "my_identifier fqdn \"you\";"
	    "proposal { encryption_algorithm 3des; hash_algorithm md5;"
	    "authentication_method pre_shared_key; dh_group 5; } }\n"
	    "remote \"c\" inherit \"b\";\n"
	    "remote 10.0.0.1 { exchange_mode main; " P1 "}\n"
	    "remote anonymous [501] inherit 10.0.0.1 [4500];"
	    "remote \"d\" inherit \"10.0.0.1[500]\";"), OK);
	ck_assert_uint_eq(w.conf->nremote, 6);
	m = w.conf->remote[0];		/* the parent is what it was */
	ck_assert(m->anonymous && m->passive);
	ck_assert_uint_eq(m->npeers_id, 1);
	ck_assert_uint_eq(m->nproposal, 1);
	ck_assert_uint_eq(m->proposal[0].life_secs, 9);
	ck_assert_str_eq(m->my_id.text, "me");
	m = w.conf->remote[1];
	ck_assert(!m->anonymous && !m->passive);
	is_address(&m->addr, "::1[0]");
	ck_assert_uint_eq(m->npeers_id, 2);
	ck_assert(view_equal(buf_view(&m->peers_id[0].data), view_text("x")));
	ck_assert(view_equal(buf_view(&m->peers_id[1].data), view_text("y")));
	ck_assert_uint_eq(m->nproposal, 2);
	ck_assert_uint_eq(m->proposal[0].cipher, P1_CIPHER_AES);
	ck_assert_uint_eq(m->proposal[0].life_secs, 8);
	ck_assert_uint_eq(m->proposal[1].cipher, P1_CIPHER_3DES);
	ck_assert_str_eq(m->my_id.text, "you");
	ck_assert_uint_eq(m->at.line, 2);
	m = w.conf->remote[2];
	ck_assert_str_eq(m->name, "c");
	ck_assert_uint_eq(m->nproposal, 2);
	m = w.conf->remote[4];
	ck_assert_str_eq(m->name, "anonymous");
	ck_assert(m->anonymous && m->addr.family == 0);
	ck_assert_uint_eq(m->addr.port, 501);
	is_address(&w.conf->remote[5]->addr, "10.0.0.1[0]");
	leave(&w);
	refuses("remote 10.0.0.1 { exchange_mode main; " P1 "}"
	    "remote 10.0.0.1 { exchange_mode main; " P1 "}"
	    "remote 10.0.0.2 inherit 10.0.0.1;", "t:1: \";\" failed to get");
	refuses("remote 10.0.0.1 { exchange_mode main; " P1 "}"
	    "remote \"d\" inherit \"10.0.0.1[500]\" "
	    "{ remote_address 10.0.0.2; }",
	    "t:1: \";\" remote_address already specified");
}
END_TEST

static void
is_id(const char *directive, uint8_t type, const char *bytes, size_t n)
{
	struct world w = { .nfiles = 0 };
	const struct conf_id *id;
	char text[500];

	snprintf(text, sizeof(text), "remote anonymous { exchange_mode main; "
	    "my_identifier %s; %s }", directive, P1);
	add_file(&w, "/key", "file\n");
	ck_assert_int_eq(read_text(&w, text), OK);
	id = &only_remote(&w)->my_id;
	ck_assert_uint_eq(id->type, type);
	ck_assert(id->has_value == (bytes != NULL));
	if (bytes != NULL)
		ck_assert(view_equal(buf_view(&id->data), view_of(bytes, n)));
	leave(&w);
}

START_TEST(test_identifiers)
{
	struct world w = { .nfiles = 0 };

	is_id("address", 0, NULL, 0);
	is_id("address 10.0.0.1", ID_IPV4, "\x0a\0\0\x01", 4);
	is_id("address \"10.0.0.1\"", ID_IPV4, "\x0a\0\0\x01", 4);
	is_id("address ::1", ID_IPV6, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
	is_id("subnet \"10.0.0.0/8\"", 0, NULL, 0);
	is_id("fqdn \"a.b\"", ID_FQDN, "a.b", 3);
	is_id("fqdn tag \"a.b\"", ID_FQDN, "a.b", 3);
	is_id("fqdn ab.cd", ID_FQDN, "ab.cd", 5);
	is_id("user_fqdn \"a@b\"", ID_USER_FQDN, "a@b", 3);
	is_id("keyid \"/key\"", ID_KEY_ID, "file\n", 5);
	is_id("keyid file \"/key\"", ID_KEY_ID, "file\n", 5);
	is_id("keyid tag \"/key\"", ID_KEY_ID, "/key", 4);
	is_id("keyid", 0, NULL, 0);
	is_id("asn1dn \"CN=a\"", ID_DER_ASN1_DN,
	    "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x13\x01" "a", 14);
	is_id("asn1dn \"~300c310A\"", ID_DER_ASN1_DN, "\x30\x0c\x31\x0a", 4);
	ck_assert_int_eq(read_text(&w, REMOTE("peers_identifier asn1dn "
	    "\"C=DE, CN=*\"; peers_identifier address;")), OK);
	ck_assert_uint_eq(only_remote(&w)->npeers_id, 2);
	ck_assert(only_remote(&w)->peers_id[0].wildcard);
	ck_assert(!only_remote(&w)->peers_id[1].has_value);
	leave(&w);
}
END_TEST

static void
is_selector(const char *header, uint8_t type, const char *bytes, size_t n)
{
	struct world w = { .nfiles = 0 };
	const struct conf_sel *s;
	char text[500];

	snprintf(text, sizeof(text), "sainfo %s anonymous { %s }", header,
	    LISTS);
	ck_assert_int_eq(read_text(&w, text), OK);
	ck_assert_uint_eq(w.conf->nsainfo, 1);
	s = &w.conf->sainfo[0]->local;
	ck_assert_int_eq(s->kind, CONF_SEL_ID);
	ck_assert_uint_eq(s->type, type);
	ck_assert(view_equal(buf_view(&s->data), view_of(bytes, n)));
	ck_assert_int_eq(w.conf->sainfo[0]->remote.kind, CONF_SEL_ANONYMOUS);
	leave(&w);
}

START_TEST(test_selectors)
{
	static const char v6_net[] = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0"
	    "\xff\xff\xff\xfe\0\0\0\0\0\0\0\0\0\0\0\0";

	is_selector("address 10.0.0.1 any", ID_IPV4, "\x0a\0\0\x01", 4);
	is_selector("subnet 10.0.0.1/32 any", ID_IPV4, "\x0a\0\0\x01", 4);
	is_selector("fqdn 10.0.0.1/33 any", ID_IPV4, "\x0a\0\0\x01", 4);
	is_selector("address 10.0.0.1/23 any", ID_IPV4_SUBNET,
	    "\x0a\0\0\x01\xff\xff\xfe\0", 8);
	is_selector("address 0.0.0.0/0 any", ID_IPV4_SUBNET,
	    "\0\0\0\0\0\0\0\0", 8);
	is_selector("address 2001:db8::/31 any", ID_IPV6_SUBNET, v6_net, 32);
	is_selector("address 10.0.0.1-10.0.0.9 any", ID_IPV4_RANGE,
	    "\x0a\0\0\x01\x0a\0\0\x09", 8);
	is_selector("fqdn \"a.b\"", ID_FQDN, "a.b", 3);
	is_selector("user_fqdn \"a@b\"", ID_USER_FQDN, "a@b", 3);
	is_selector("keyid \"k\"", ID_KEY_ID, "k", 1);
	is_selector("address \"10.0.0.1\"", ID_IPV4, "\x0a\0\0\x01", 4);
	warns("sainfo address \"x\" anonymous {" LISTS "}", "t:1: \"x\" "
	    "matches no traffic");
	warns("sainfo address 10.0.0.1 300 anonymous {" LISTS "}",
	    "t:1: \"300\" is no protocol number");
}
END_TEST

START_TEST(test_sainfo)
{
	struct world w = { .nfiles = 0 };
	const struct sainfo *s;

	ck_assert_int_eq(read_text(&w, "sainfo address 10.0.0.1[80] tcp "
	    "address ::1 [any] 17 from keyid \"/k\" { pfs_group modp2048;"
	    "remoteid 5; lifetime time 3 min; encryption_algorithm aes 256,"
	    "des_iv64, null; encryption_algorithm 3des; "
	    "authentication_algorithm non_auth, hmac_sha2_512;"
	    "compression_algorithm deflate, lzs; }"), E_CONFIG);
	leave(&w);
	add_file(&w, "/k", "x");
	ck_assert_int_eq(read_text(&w, "sainfo address 10.0.0.1[80] tcp "
	    "address ::1 [any] 17 from keyid \"/k\" { pfs_group modp2048;"
	    "remoteid 5; lifetime time 3 min; encryption_algorithm aes 256,"
	    "des_iv64, null; encryption_algorithm 3des; "
	    "authentication_algorithm non_auth, hmac_sha2_512;"
	    "compression_algorithm deflate, lzs; }\n"
	    "sainfo anonymous clientaddr group \"g\" { encryption_algorithm "
	    "blowfish 448; authentication_algorithm hmac_md5;"
	    "compression_algorithm oui; pfs_group 3; }"), OK);
	s = w.conf->sainfo[0];
	ck_assert_uint_eq(s->local.port, 80);
	ck_assert_uint_eq(s->local.proto, 6);
	ck_assert_uint_eq(s->remote.port, 0);
	ck_assert_uint_eq(s->remote.proto, 17);
	ck_assert_uint_eq(s->remote.type, ID_IPV6);
	ck_assert(s->has_from && s->from.type == ID_KEY_ID);
	ck_assert_uint_eq(s->pfs_group, 14);
	ck_assert_uint_eq(s->remoteid, 5);
	ck_assert_uint_eq(s->lifetime, 180);
	ck_assert_uint_eq(s->nenc, 3);
	ck_assert_uint_eq(s->enc[0].id, ESP_AES);
	ck_assert_uint_eq(s->enc[0].key_bits, 256);
	ck_assert_uint_eq(s->enc[1].id, ESP_NULL);
	ck_assert_uint_eq(s->enc[1].key_bits, 0);
	ck_assert_uint_eq(s->enc[2].id, ESP_3DES);
	ck_assert_uint_eq(s->nauth, 2);
	ck_assert_uint_eq(s->auth[0].id, P2_AUTH_NONE);
	ck_assert_uint_eq(s->auth[1].id, P2_AUTH_SHA512);
	ck_assert_uint_eq(s->ncomp, 1);
	s = w.conf->sainfo[1];
	ck_assert_int_eq(s->remote.kind, CONF_SEL_CLIENTADDR);
	ck_assert_str_eq(s->group, "g");
	ck_assert_uint_eq(s->enc[0].key_bits, 448);
	ck_assert_uint_eq(s->ncomp, 0);
	ck_assert_uint_eq(s->pfs_group, 3);
	leave(&w);
}
END_TEST

/* What is accepted but does nothing must be said. */
START_TEST(test_warnings)
{
	warns("path backupsa \"/x\";", "t:1: \"backupsa\" has no effect");
	warns("mode_cfg { }", "t:1: \"mode_cfg\" has no effect yet");
	warns("pfkey_buffer 5;", "t:1: \"pfkey_buffer\" has no effect");
	warns("gss_id_enc latin1;", "t:1: \"gss_id_enc\" has no effect");
	warns(REMOTE("xauth_login \"u\";"), "t:1: \"xauth_login\" has no");
	warns(REMOTE("mode_cfg on;"), "t:1: \"on\" has no effect yet");
	warns(REMOTE("weak_phase1_check on;"), "t:1: \"on\" has no effect");
	warns(REMOTE("esp_frag 5;"), "t:1: \"esp_frag\" has no effect");
	warns(REMOTE("nonce_size 1;"), "t:1: \"1\" is no size for a nonce");
	warns(REMOTE("nonce_size 999;"), "t:1: \"999\" is no size for a");
	warns(REMOTE("situation secrecy;"), "t:1: \"secrecy\" is not");
	warns(REMOTE("my_identifier subnet \"x\";"), "t:1: \"x\" a subnet");
	warns("sainfo anonymous group \"g\" {" LISTS "}", "t:1: \"g\" no peer");
	warns("sainfo anonymous { pfs_group 3; " LISTS "}", "t:1: \"3\" is");
	warns("sainfo address 10.0.0.1/99 any anonymous {" LISTS "}",
	    "t:1: \"/99\" is longer than the address");
}
END_TEST

/* A text of N times the same letter between two others. */
static char *
long_text(const char *before, size_t n, const char *after)
{
	char *many = xcalloc(n + 1, 1), *text;

	memset(many, 'x', n);
	text = xasprintf("%s%s%s", before, many, after);
	free(many);
	return text;
}

static void
refuses_long(const char *before, size_t n, const char *after,
    const char *reason)
{
	struct world w = { .nfiles = 0 };
	char *text = long_text(before, n, after);

	ck_assert_int_eq(read_text(&w, text), E_CONFIG);
	ck_assert_uint_eq(w.nlines, 2);
	ck_assert_msg(strstr(w.line[0], reason) != NULL, "%s", w.line[0]);
	ck_assert_uint_lt(strlen(w.line[0]), 300);	/* the token is cut */
	leave(&w);
	free(text);
}

START_TEST(test_long)
{
	struct world w = { .nfiles = 0 };
	char *text;

	refuses_long("remote anonymous { my_identifier fqdn \"", 3000, "\"; }",
	    "is too long for an identifier");
	refuses_long("remote anonymous { my_identifier asn1dn \"CN=", 3000,
	    "\"; }", "is no distinguished name");
	refuses_long("sainfo fqdn \"", 3000, "\" anonymous { }",
	    "is too long for an identifier");
	text = long_text("", 3000, "");
	add_file(&w, "/key", text);
	ck_assert_int_eq(read_text(&w, REMOTE("my_identifier keyid \"/key\";")),
	    E_CONFIG);
	ck_assert_str_eq(w.line[0], "t:1: \"/key\" this file is too long for "
	    "an identifier");
	leave(&w);
	free(text);
	refuses_long("remote anonymous { my_identifier asn1dn \"~", 3000,
	    "\"; }", "is no hex dump of a name");
}
END_TEST

/* The less likely ways to get a statement wrong. */
START_TEST(test_wrong_words)
{
	refuses("mode_cfg { split_network all 10.0.0.0/8; }", "t:1: ");
	refuses("mode_cfg { split_network include 10.0.0.0; }", "t:1: \";\"");
	refuses("mode_cfg { split_dns x; }", "t:1: ");
	refuses("mode_cfg { conf_source system; }", "t:1: \"system\"");
	refuses("mode_cfg { conf_source radius; }", "t:1: \"radius\" racoon "
	    "is not built with support for it");
	refuses("mode_cfg { local; }", "t:1: \"local\" syntax error, "
	    "expected a directive");
	accepts("mode_cfg { conf_source local; accounting system; }");
	refuses("remote anonymous { proposal { authentication_method md5; } }",
	    "t:1: \";\" algorithm mismatched: md5");
	refuses("remote anonymous { proposal { authentication_method x; } }",
	    "t:1: ");
	refuses("remote anonymous { proposal { dh_group ; } }", "t:1: \";\"");
	refuses("remote anonymous { proposal { hash_algorithm ; } }",
	    "t:1: \";\"");
	refuses("remote anonymous { proposal { encryption_algorithm aes;"
	    "hash_algorithm md5; } }", "t:1: \"}\" DH group required.");
	refuses(REMOTE("xauth_login;"), "t:1: \";\" syntax error");
	refuses(REMOTE("exchange_mode ident;"), "t:1: ");
	refuses(REMOTE("certificate_type pgp;"), "t:1: ");
	refuses(REMOTE("ca_type plain_rsa \"x\";"), "t:1: \"plain_rsa\"");
	refuses(REMOTE("situation x;"), "t:1: ");
	refuses(REMOTE("doi x;"), "t:1: ");
	refuses(REMOTE("script \"s\" phase1;"), "t:1: ");
	refuses(REMOTE("my_identifier keyid tag 5;"), "t:1: \"5\"");
	refuses("remote \"a\" inherit 10.0.0.1;", "t:1: \"10.0.0.1\"");
	refuses("remote 10.0.0.1 inherit \"a\";", "t:1: \"a\"");
	refuses("sainfo anonymous from keyid tag \"x\" {" LISTS "}",
	    "t:1: \"tag\" syntax error");
	refuses("sainfo anonymous { encryption_algorithm hmac_md5; }",
	    "t:1: \";\" algorithm mismatched: hmac_md5");
	refuses("sainfo anonymous { encryption_algorithm x; }", "t:1: ");
	refuses("sainfo anonymous { authentication_algorithm hmac_md5 8; }",
	    "t:1: \"8\" keylen not allowed");
	refuses("sainfo anonymous { compression_algorithm aes; }",
	    "t:1: \";\" algorithm mismatched: aes");
	refuses("sainfo anonymous { compression_algorithm deflate 9; }",
	    "t:1: \"9\" keylen not allowed");
	refuses("sainfo anonymous { encryption_algorithm aes; "
	    "compression_algorithm deflate; }",
	    "t:1: \"}\" no authentication algorithm");
	refuses("sainfo address x any anonymous { }", "t:1: ");
	refuses("sainfo address ; ", "t:1: \";\"");
	refuses("sainfo anonymous group 5 { }", "t:1: \"5\"");
	refuses("sainfo anonymous { pfs_group x; }", "t:1: ");
	refuses("listen { isakmp_natt x; }", "t:1: ");
	refuses("privsep { user x; }", "t:1: ");
	refuses("privsep { group x; }", "t:1: ");
	refuses("include \"/x\" log;", "t:1: ");
}
END_TEST

START_TEST(test_nul_byte)
{
	static const char text[] = "path include \"a\0b\";";
	struct lexer lx;
	struct token t;

	/* junk outside of strings; inside it would cut them short */
	lex_init(&lx, text, sizeof(text) - 1);
	for (int i = 0; i < 3; i++)
		lex_next(&lx, &block_top, &t);
	ck_assert_int_eq(t.kind, T_STRING);
	ck_assert_uint_eq(t.n, 5);
}
END_TEST

START_TEST(test_unreadable_include)
{
	struct world w = { .nfiles = 0 };

	add_file(&w, "/d/a", "!");
	add_file(&w, "/d/b", "log debug;");
	ck_assert_int_eq(read_text(&w, "include \"/d/*\";"), OK);
	ck_assert_int_eq(w.conf->log_level, LOG_L_DEBUG);
	ck_assert_uint_eq(w.nlines, 1);
	ck_assert_str_eq(w.line[0], "t:1: \";\" cannot open included file "
	    "/d/a: Permission denied");
	leave(&w);
	add_file(&w, "/d/a", "!");
	ck_assert_int_eq(read_text(&w, "include \"/d/*\";"), E_CONFIG);
	ck_assert_str_eq(w.line[1], "t:1: \";\" none of the included files "
	    "can be opened");
	leave(&w);
}
END_TEST

/* Five files, each of which includes five, and so on: too many in all. */
START_TEST(test_include_flood)
{
	static const char *const name[] = {
		"/1a", "/1b", "/1c", "/1d", "/1e", "/2a", "/2b", "/2c", "/2d",
		"/2e", "/3a", "/3b", "/3c", "/3d", "/3e", "/4a", "/4b", "/4c",
		"/4d", "/4e", "/5a", "/5b", "/5c", "/5d", "/5e", "/6a", "/6b",
		"/6c", "/6d", "/6e"
	};
	static const char *const text[] = {
		"include \"/2*\";", "include \"/3*\";", "include \"/4*\";",
		"include \"/5*\";", "include \"/6*\";", ""
	};
	struct world w = { .nfiles = 0 };

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		add_file(&w, name[i], text[i / 5]);
	ck_assert_int_eq(read_text(&w, "include \"/1*\";"), E_CONFIG);
	ck_assert_uint_eq(w.nlines, 2);
	ck_assert_msg(strstr(w.line[0], "includes more than 10000 files") !=
	    NULL, "%s", w.line[0]);
	leave(&w);
}
END_TEST

static void
write_file(const char *dir, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	free(path);
}

static void
remove_file(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);

	ck_assert_int_eq(remove(path), 0);
	free(path);
}

START_TEST(test_real_files)
{
	char dir[] = "/tmp/check_conf.XXXXXX", *main_text, *path;
	struct conf *c;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	main_text = xasprintf("path include \"%s\";\ninclude \"*.inc\";\n"
	    "#%5000s\nlog debug;", dir, "");
	path = xasprintf("%s/main", dir);
	write_file(dir, "main", main_text);
	write_file(dir, "b.inc", "timer { counter 2; }");
	write_file(dir, "a.inc", "timer { counter 1; persend 7; }");
	ck_assert_int_eq(conf_read(&conf_files, path, &c), OK);
	ck_assert_uint_eq(c->timer.counter, 2);
	ck_assert_uint_eq(c->timer.persend, 7);
	ck_assert_int_eq(c->log_level, LOG_L_DEBUG);
	conf_unref(c);
	remove_file(dir, "a.inc");
	remove_file(dir, "b.inc");
	ck_assert_int_eq(conf_read(&conf_files, path, &c), E_CONFIG);
	remove_file(dir, "main");
	ck_assert_int_eq(conf_read(&conf_files, path, &c), E_CONFIG);
	ck_assert_int_eq(conf_read(&conf_files, dir, &c), E_CONFIG);
	ck_assert_ptr_null(c);
	ck_assert_int_eq(rmdir(dir), 0);
	free(main_text);
	free(path);
}
END_TEST

START_TEST(test_references)
{
	struct conf *c = conf_new();

	ck_assert_ptr_eq(conf_ref(c), c);
	ck_assert_uint_eq(c->refs, 2);
	conf_unref(c);
	ck_assert_uint_eq(c->refs, 1);
	conf_unref(c);
	conf_unref(NULL);
}
END_TEST

static Suite *
values_suite(void)
{
	Suite *s = suite_create("conf values");
	TCase *t = tcase_create("values");

	tcase_add_test(t, test_top);
	tcase_add_test(t, test_accounts);
	tcase_add_test(t, test_listen);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_listen_twice);
	tcase_add_test(t, test_metrics);
	tcase_add_test(t, test_timer_range);
	tcase_add_test(t, test_remote);
	tcase_add_test(t, test_proposals);
	tcase_add_test(t, test_inherit);
	tcase_add_test(t, test_identifiers);
	tcase_add_test(t, test_selectors);
	tcase_add_test(t, test_sainfo);
	tcase_add_test(t, test_warnings);
	tcase_add_test(t, test_long);
	tcase_add_test(t, test_wrong_words);
	tcase_add_test(t, test_nul_byte);
	tcase_add_test(t, test_unreadable_include);
	tcase_add_test(t, test_include_flood);
	tcase_add_test(t, test_real_files);
	tcase_add_test(t, test_references);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(values_suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
