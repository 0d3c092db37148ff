/* SPDX-License-Identifier: ISC */
/*
 * The snapshot as text: whatever is read, its text is read as the same, each
 * setting shows, with its place.
 */
#include "conf/show.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/parse.h"
#include "conf/show_part.h"
#include "test/conf_equal.h"
#include "test/conf_world.h"

static void
add_files(struct world *w)
{
	add_file(w, "/dev/null", "");
	add_file(w, "/etc/hostname", "host\n");
	add_file(w, "/c/a.pem", "a");
	add_file(w, "/c/b.pem", "b");
	add_file(w, "c/b.pem", "b");
	add_file(w, "/keyid", "a \"key\"\nid\n");
}

/* TEXT, if it is accepted, and what is shown of it, are the same.  Returns
 * whether it is accepted. */
static bool
round_trip(const char *name, const char *text)
{
	struct world w = { .nfiles = 0 }, v = { .nfiles = 0 };
	const char *difference;
	char *again = NULL;
	bool accepted;

	add_files(&w);
	add_files(&v);
	add_file(&w, name, text);
	accepted = read_world(&w, name) == OK;
	if (accepted) {
		again = shown(w.conf);
		add_file(&v, "shown", again);
		ck_assert_msg(read_world(&v, "shown") == OK, "%s: %s\n%s",
		    name, v.nlines == 0 ? "" : v.line[0], again);
		difference = conf_difference(w.conf, v.conf);
		ck_assert_msg(difference == NULL, "%s: %s\n%s", name,
		    difference, again);
	}
	leave(&w);
	leave(&v);
	free(again);
	return accepted;
}

static char *
slurp(const char *name)
{
	struct conf_text text;
	char *path = xasprintf("%s/%s", TESTDATA, name);

	ck_assert_msg(conf_files.open(NULL, path, &text), "%s", path);
	free(path);
	text.text = xreallocarray(text.text, text.n + 1, 1);
	text.text[text.n] = '\0';
	return text.text;
}

/* Every file of test/vectors/conf that is accepted. */
START_TEST(test_vectors)
{
	char *index = slurp("vectors/conf/INDEX.tsv"), *save = NULL;
	unsigned int accepted = 0;

	for (char *line = strtok_r(index, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		char name[128], path[200], *text;

		if (line[0] == '#')
			continue;
		ck_assert_int_eq(sscanf(line, "%127s", name), 1);
		snprintf(path, sizeof(path), "vectors/conf/%s", name);
		text = slurp(path);
		accepted += round_trip(name, text) ? 1 : 0;
		free(text);
	}
	free(index);
	ck_assert_uint_gt(accepted, 200);
}
END_TEST

/* Everything at once, none of it with its default; in two pieces, since C99
 * knows no longer texts. */
static const char logins[] =
    "ldapcfg { version 2; uri \"ldaps://d\"; host h-1.example; port 1;"
    "timeout 2; debug 3; base \"dc=x\"; subtree on; bind_dn \"cn=a\";"
    "bind_pw \"; p #\"; attr_user \"u\"; attr_addr \"a\";"
    "attr_mask \"m\"; attr_group \"g\"; attr_member \"n\"; }\n"
    "radiuscfg { auth \"h\" 1812 \"s\"; auth \"i\" \"t\"; acct \"j\" 0 \"\";"
    "timeout 4; retries 5; }\n";

static const char everything[] =
    "path include \"/i\"; path pre_shared_key \"/p\"; path certificate \"/c\";"
    "path script \"s\"; path backupsa \"/b\"; path pidfile \"p.pid\";\n"
    "log debug2; pfkey_buffer 7; complex_bundle off; gss_id_enc latin1;"
    "repair_unknown_spi off;on_stop flush;"
    "padding { randomize off; randomize_length on; maximum_length 7;"
    "strict_check on; exclusive_tail off; }\n"
    "timer { counter 1; interval 2 sec; persend 3; phase1 4 mins;"
    "phase2 5 hours; natt_keepalive 0 sec; }\n"
    "privsep { user 1; group 2; chroot \"/r\"; }\n"
    "listen { isakmp 10.0.0.1; isakmp_natt 10.0.0.1 [4500]; strict_address;"
    "isakmp fe80::1%lo[5000]; adminsock \"/x.sock\" \"7\" \"8\" 0664;"
    "adminsock disabled; metrics ::1 [9999]; }\n"
    "mode_cfg { network4 10.1.0.1; netmask4 255.255.0.0; nbns4 10.0.0.5;"
    "dns4 10.0.0.1, 10.0.0.2; split_dns \"a\", \"b\"; banner \"/b\";"
    "split_network local_lan 10.2.0.0/16, 10.3.0.0/0; pool_size 3;"
    "default_domain \"d\"; auth_groups \"g\", \"h\"; auth_throttle 7;"
    "pfs_group 2; save_passwd on; accounting system; }\n"
    "remote \"a\" { remote_address 10.0.0.9 [501];"
    "exchange_mode aggressive, main, base; situation secrecy;"
    "my_identifier asn1dn; peers_identifier keyid file \"/keyid\";"
    "peers_identifier keyid tag \"t\"; peers_identifier asn1dn \"CN=*\";"
    "peers_identifier address 10.0.0.1; peers_identifier user_fqdn \"u@f\";"
    "peers_identifier subnet \"x\"; peers_identifier asn1dn \"~3000\";"
    "peers_identifier asn1dn; verify_identifier on; xauth_login \"me\";"
    "certificate_type x509 \"a.pem\" \"key\"; peers_certfile dnssec;"
    "peers_certfile \"b.pem\"; peers_certfile plain_rsa \"/c/b.pem\";"
    "ca_type x509 \"b.pem\"; verify_cert off; send_cert off; send_cr off;"
    "match_empty_cr on; nonce_size 32; lifetime time 7 min;"
    "proposal_check exact; support_proxy on; generate_policy unique;"
    "passive on; initial_contact off; nat_traversal force; ike_frag on;"
    "esp_frag 552; dpd off; dpd_delay 3; dpd_retry 4; dpd_maxfail 6;"
    "liveness 2 min;"
    "rekey force; ph1id 9; mark 0x10/255; if_id 7; script \"up\" phase1_up; script \"/d\" phase1_down;"
    "script \"x\" phase1_dead; mode_cfg on; weak_phase1_check on;"
    "proposal { encryption_algorithm camellia 256; hash_algorithm sha512;"
    "dh_group 5; authentication_method gssapi_krb; gssapi_id \"i\";"
    "lifetime time 3 sec; }"
    "proposal { encryption_algorithm 3des; hash_algorithm md5;"
    "dh_group modp1536; authentication_method xauth_psk_client; } }\n"
    "remote \"b\" inherit \"a\" { dpd on; liveness off; my_identifier fqdn \"f\"; }\n"
    "remote 10.0.0.1 { exchange_mode main; my_identifier address \"10.0.0.2\";"
    "certificate_type plain_rsa \"a.pem\"; send_cr on; " P1 "}\n"
    "remote fe80::2%lo [501] { exchange_mode base; " P1 "}\n"
    "remote 10.0.0.2 inherit 10.0.0.1;\n"
    "remote anonymous [4500] { exchange_mode main; " P1 "}\n"
    "remote \"c\" inherit \"anonymous\" { ph1id 3; }\n"
    "sainfo address 10.0.0.0/8[80] tcp address ::1-::5 any from fqdn \"f\" {"
    "pfs_group 14; remoteid 5; esn on; liveness 9 sec; replay_window 64;"
    "ah_align 32;"
    "lifetime time 3 min; encryption_algorithm "
    "aes 256, null_enc, 3des;\nencryption_algorithm blowfish 448; "
    "authentication_algorithm hmac_sha256_96, non_auth, hmac_sha256;"
    "compression_algorithm deflate; }\n"
    "sainfo subnet ::/0 icmp6 fqdn \"host\" group \"g\" { " LISTS " }\n"
    "sainfo anonymous clientaddr from keyid \"/keyid\" {"
    "encryption_algorithm des_iv64; compression_algorithm lzs;"
    "authentication_algorithm hmac_md5; pfs_group 3; }\n"
    "sainfo anonymous address 10.0.0.7/32 99 { " LISTS " }\n"
    "sainfo subnet \"10.0.0.0\" keyid \"k\" { " LISTS " }\n"
    "sainfo address \"10.0.0.1\" anonymous { " LISTS " }\n"
    "sainfo user_fqdn \"u\" clientaddr { " LISTS " }\n";

static char *
both(void)
{
	return xasprintf("%s%s", logins, everything);
}

START_TEST(test_everything)
{
	char *text = both();

	ck_assert(round_trip("t", text));
	free(text);
	/* file names of blocks and relative directories */
	ck_assert(round_trip("t", "path certificate \"c\";"
	    REMOTE("ca_type x509 \"b.pem\";")));
	/* texts with what cannot be written into texts */
	ck_assert(round_trip("t", "path include \"a\n# b; { \\\";"
	    "path pidfile s\"/x\"; mode_cfg { split_dns \"\", ~\"x\"; }"));
	ck_assert(round_trip("t", "ldapcfg { uri ~\"x\"; host\"y\"; }"));
	ck_assert(round_trip("t", ""));
	ck_assert(round_trip("t", REMOTE("") "sainfo anonymous {" LISTS "}"));
}
END_TEST

/* The comparison itself can fail: any change of a value is seen. */
START_TEST(test_differences)
{
	static const char *const other[] = {
		"log info;", "padding { randomize on; }",
		"timer { persend 2; }", "listen { isakmp 10.0.0.3; }",
		"privsep { user 2; }", "mode_cfg { pool_size 4; }",
		"mode_cfg { split_dns \"c\"; }", "path script \"/s\";",
		"ldap_cfg { host \"x\"; }", "ldapcfg { bind_pw \"x\"; }",
		"radiuscfg { acct \"h\" \"s\"; }", "radiuscfg { timeout 5; }",
		REMOTE(""), "sainfo anonymous {" LISTS "}",
	};
	struct world w = { .nfiles = 0 };
	char *base = both();

	add_files(&w);
	ck_assert_int_eq(read_text(&w, base), OK);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		struct world v = { .nfiles = 0 };
		char *text = xasprintf("%s%s", base, other[i]);

		add_files(&v);
		ck_assert_int_eq(read_text(&v, text), OK);
		ck_assert_msg(conf_difference(w.conf, v.conf) != NULL, "%s",
		    other[i]);
		leave(&v);
		free(text);
	}
	ck_assert_ptr_null(conf_difference(w.conf, w.conf));
	leave(&w);
	free(base);
}
END_TEST

/* Every directive that a block has shows, but those that are refused. */
static void
all_shown(const char *text, const struct block *b)
{
	for (const struct directive *d = b->rows; d->word != NULL; d++) {
		char *start = xasprintf("\t%s", d->word), *p = strstr(text,
		    start);
		const bool same = strcmp(d->word, "nbns4") == 0 ||
		    strcmp(d->word, "gssapi_id") == 0;
		const bool refused = strcmp(d->word, "admin") == 0 ||
		    (b == &block_remote && strcmp(d->word, "dh_group") == 0) ||
		    (b == &block_sainfo &&
		    strcmp(d->word, "my_identifier") == 0);

		while (p != NULL && strchr(" ;\t", p[strlen(start)]) == NULL)
			p = strstr(p + 1, start);
		ck_assert_msg(p != NULL || same || refused, "%s: %s", b->name,
		    d->word);
		free(start);
	}
}

START_TEST(test_complete)
{
	struct world w = { .nfiles = 0 };
	char *text = both();

	add_files(&w);
	ck_assert_int_eq(read_text(&w, text), OK);
	free(text);
	text = shown(w.conf);
	all_shown(text, &block_padding);
	all_shown(text, &block_timer);
	all_shown(text, &block_listen);
	all_shown(text, &block_privsep);
	all_shown(text, &block_modecfg);
	all_shown(text, &block_ldapcfg);
	all_shown(text, &block_radiuscfg);
	all_shown(text, &block_remote);
	all_shown(text, &block_proposal);
	all_shown(text, &block_sainfo);
	free(text);
	leave(&w);
}
END_TEST

START_TEST(test_places)
{
	struct world w = { .nfiles = 0 };
	char *text;

	add_file(&w, "/a\n", "remote \"x\" {\nexchange_mode main;\n" P1 "}");
	add_file(&w, "/m", "log debug;\ninclude \"/a\n\";\n"
	    "remote \"y\" inherit \"x\" { passive\non; }\n"
	    "sainfo anonymous {\n" LISTS "}");
	ck_assert_int_eq(read_world(&w, "/m"), OK);
	text = shown(w.conf);
	ck_assert_ptr_nonnull(strstr(text, "log debug;\t# /m:1\n"));
	ck_assert_ptr_nonnull(strstr(text, "\tcounter 5;\t# default\n"));
	ck_assert_ptr_nonnull(strstr(text, "remote \"x\" {\t# /a?:1\n"));
	ck_assert_ptr_nonnull(strstr(text,
	    "\texchange_mode main;\t# /a?:2\n"));
	ck_assert_ptr_nonnull(strstr(text, "\tproposal {\t# /a?:3\n"
	    "\t\tencryption_algorithm aes 128;\t# /a?:3\n"
	    "\t\thash_algorithm sha1;\t# /a?:3\n"
	    "\t\tauthentication_method pre_shared_key;\t# /a?:3\n"
	    "\t\tdh_group modp1024;\t# /a?:3\n\t}\n"));
	ck_assert_ptr_nonnull(strstr(text, "remote \"y\" {\t# /m:4\n"
	    "\t# inherits from x\n\texchange_mode main;\t# /a?:2\n"));
	ck_assert_ptr_nonnull(strstr(text, "\tpassive on;\t# /m:4\n"));
	ck_assert_ptr_nonnull(strstr(text, "sainfo anonymous {\t# /m:6\n"
	    "\tremoteid 0;\t# default\n\tlifetime time 28800 sec;\t# default\n"
	    "\treplay_window 32;\t# default\n\tesn off;\t# default\n"
	    "\tah_align auto;\t# default\n"
	    "\tencryption_algorithm aes 128;\t# /m:7\n"));
	free(text);
	leave(&w);
}
END_TEST

/* The sample in the source tree, with its real files. */
START_TEST(test_sample)
{
	char *text = slurp("../racoon/samples/racoon.conf");

	ck_assert(round_trip("sample", text));
	free(text);
}
END_TEST

static Suite *
show_suite(void)
{
	Suite *s = suite_create("conf show");
	TCase *t = tcase_create("conf show");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_vectors);
	tcase_add_test(t, test_everything);
	tcase_add_test(t, test_differences);
	tcase_add_test(t, test_complete);
	tcase_add_test(t, test_places);
	tcase_add_test(t, test_sample);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(show_suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
