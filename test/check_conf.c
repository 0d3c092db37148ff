/* SPDX-License-Identifier: ISC */
/*
 * Reading racoon.conf: the scanner's rules, every kind of error, includes,
 * defaults, the sample, and the verdicts that ipsec-tools gave on hundreds of
 * small files.
 */
#include "conf/read.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/parse.h"
#include "test/conf_world.h"
#include "wire/isakmp.h"

/* The verdicts of test/vectors/conf/INDEX.tsv, unless DIFFERENCES has it. */

static char *
slurp(const char *name)
{
	char path[1024];
	struct conf_text text;

	snprintf(path, sizeof(path), "%s/%s", TESTDATA, name);
	ck_assert_msg(conf_files.open(NULL, path, &text), "%s", path);
	text.text = xreallocarray(text.text, text.n + 1, 1);
	text.text[text.n] = '\0';
	return text.text;
}

/* Does the file LIST have a line that starts with NAME and a tab? */
static bool
is_listed(const char *list, const char *name)
{
	const char *p = list;
	size_t n = strlen(name);

	while (p != NULL) {
		if (strncmp(p, name, n) == 0 && p[n] == '\t')
			return true;
		p = strchr(p, '\n');
		p = p == NULL ? NULL : p + 1;
	}
	return false;
}

/* The line number of "PATH:LINE: ..." in the first error. */
static unsigned int
error_line(const struct world *w)
{
	for (size_t i = 0; i < w->nlines; i++) {
		const char *p = strchr(w->line[i], ':');

		if (w->level[i] == LOG_L_ERROR && p != NULL)
			return (unsigned int)strtoul(p + 1, NULL, 10);
	}
	return 0;
}

/* The summary line is one of them. */
static unsigned int
count_errors(const struct world *w)
{
	unsigned int n = 0;

	for (size_t i = 0; i < w->nlines; i++)
		n += w->level[i] == LOG_L_ERROR ? 1 : 0;
	return n;
}

static bool
check_vector(const char *name, bool accepted, unsigned int line, bool listed)
{
	struct world w = { .nfiles = 0 };
	char path[300], *text;
	enum err r;
	bool same;

	snprintf(path, sizeof(path), "vectors/conf/%s", name);
	text = slurp(path);
	add_file(&w, name, text);
	add_file(&w, "/dev/null", "");
	add_file(&w, "/etc/hostname", "host\n");
	r = read_world(&w, name);
	same = (r == OK) == accepted &&
	    (accepted || line == 0 || line == error_line(&w));
	/* each has one error at most, which must not bring about others */
	ck_assert_msg(accepted || r == OK || count_errors(&w) == 2,
	    "%s: %u errors", name, count_errors(&w));
	if (same == listed)
		fprintf(stderr, "%s: %s in DIFFERENCES.tsv, but %s at %u; "
		    "ipsec-tools: %s at %u\n", name,
		    listed ? "listed" : "not", r == OK ? "accepted" :
		    "refused", error_line(&w), accepted ? "accepted" :
		    "refused", line);
	leave(&w);
	free(text);
	return same != listed;
}

START_TEST(test_vectors)
{
	char *index = slurp("vectors/conf/INDEX.tsv");
	char *list = slurp("vectors/conf/DIFFERENCES.tsv");
	char *save = NULL, *line;
	unsigned int n = 0, wrong = 0;

	for (line = strtok_r(index, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		char name[128], verdict[16];
		unsigned int at = 0;

		if (line[0] == '#')
			continue;
		ck_assert_int_ge(sscanf(line, "%127s %15s %u", name, verdict,
		    &at), 2);
		n++;
		if (!check_vector(name, strcmp(verdict, "accept") == 0, at,
		    is_listed(list, name)))
			wrong++;
	}
	free(index);
	free(list);
	ck_assert_uint_eq(n, 447);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Whatever is judged otherwise than ipsec-tools did is in the manual. */
START_TEST(test_differences_told)
{
	char *list = slurp("vectors/conf/DIFFERENCES.tsv");
	char *told = slurp("../doc/COMPATIBILITY.md");
	char *save = NULL, *line, *end;
	unsigned int n = 0;

	for (line = strtok_r(list, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		end = strchr(line, '\t');
		if (line[0] == '#' || end == NULL)
			continue;
		*end = '\0';
		n++;
		ck_assert_msg(strstr(told, line) != NULL, "%s", line);
	}
	ck_assert_uint_gt(n, 0);
	free(told);
	free(list);
}
END_TEST

START_TEST(test_defaults)
{
	struct world w = { .nfiles = 0 };
	const struct conf *c;
	const struct remote *m;

	ck_assert_int_eq(read_text(&w, REMOTE("") "sainfo anonymous {" LISTS
	    "}"), OK);
	ck_assert_uint_eq(w.nlines, 0);
	c = w.conf;
	ck_assert_str_eq(c->path, "t");
	ck_assert_int_eq(c->log_level, LOG_L_INFO);
	ck_assert(c->repair_unknown_spi);
	ck_assert(c->complex_bundle && c->padding.randomize);
	ck_assert(!c->padding.randomize_length && !c->padding.strict_check);
	ck_assert(c->padding.exclusive_tail);
	ck_assert_uint_eq(c->padding.maximum_length, 20);
	ck_assert_uint_eq(c->timer.counter, 5);
	ck_assert_uint_eq(c->timer.interval, 10);
	ck_assert_uint_eq(c->timer.persend, 1);
	ck_assert_uint_eq(c->timer.phase1, 30);
	ck_assert_uint_eq(c->timer.phase2, 30);
	ck_assert_uint_eq(c->timer.natt_keepalive, 20);
	ck_assert(!c->listen.strict_address && !c->listen.admin_disabled);
	ck_assert_uint_eq(c->listen.n, 0);
	ck_assert_uint_eq(c->listen.admin_mode, 0600);
	ck_assert_uint_eq(c->uid, 0);
	m = only_remote(&w);
	ck_assert(m->anonymous && m->initial_contact && !m->passive);
	ck_assert(m->send_cert && m->send_cr && m->verify_cert);
	ck_assert(!m->verify_identifier && !m->match_empty_cr);
	ck_assert(!m->support_proxy && !m->mode_cfg && !m->weak_phase1_check);
	ck_assert_int_eq(m->proposal_check, CONF_STRICT);
	ck_assert_int_eq(m->generate_policy, CONF_GEN_OFF);
	ck_assert_int_eq(m->nat_traversal, CONF_OFF);
	ck_assert_int_eq(m->ike_frag, CONF_OFF);
	ck_assert_int_eq(m->rekey, CONF_ON);
	ck_assert_uint_eq(m->esp_frag, 65535);
	ck_assert_uint_eq(m->nonce_size, 16);
	ck_assert_uint_eq(m->lifetime, 28800);
	ck_assert_uint_eq(m->ph1id, 0);
	ck_assert(m->dpd.enabled);
	ck_assert_uint_eq(m->dpd.delay, 0);
	ck_assert_uint_eq(m->dpd.retry, 5);
	ck_assert_uint_eq(m->dpd.maxfail, 5);
	ck_assert(!m->my_id.has_value);
	ck_assert_uint_eq(m->npeers_id, 0);
	ck_assert_uint_eq(c->sainfo[0]->lifetime, 28800);
	ck_assert_uint_eq(c->sainfo[0]->pfs_group, 0);
	ck_assert_uint_eq(c->sainfo[0]->remoteid, 0);
	leave(&w);
}
END_TEST

START_TEST(test_accounts)
{
	uint32_t id = 7;

	ck_assert(conf_files.account(NULL, false, "root", &id) && id == 0);
	id = 7;
	ck_assert(conf_files.account(NULL, true, "root", &id) && id == 0);
	ck_assert(!conf_files.account(NULL, false, "no such user", &id));
	ck_assert(!conf_files.account(NULL, true, "no such group", &id));
	accepts("privsep { user 7; group 8; }");
	accepts("privsep { user \"nobody\"; group \"nogroup\"; }");
}
END_TEST

/* The file that hundreds of hosts of a mesh use, field by field. */
START_TEST(test_sample)
{
	struct world w = { .nfiles = 0 };
	const struct remote *m;
	const struct sainfo *s;

	ck_assert_int_eq(conf_read(&conf_files, TESTDATA
	    "/../racoon/samples/racoon.conf", &w.conf), OK);
	ck_assert_uint_eq(w.conf->warnings, 0);
	ck_assert_str_eq(w.conf->path_psk, "/etc/racoon/psk.txt");
	m = only_remote(&w);
	ck_assert_str_eq(m->name, "anonymous");
	ck_assert(m->anonymous && m->addr.family == 0);
	ck_assert_uint_eq(m->netypes, 1);
	ck_assert_uint_eq(m->etype[0], ISAKMP_ETYPE_MAIN);
	ck_assert_uint_eq(m->dpd.delay, 0);
	ck_assert_uint_eq(m->lifetime, 86400);
	ck_assert_int_eq(m->nat_traversal, CONF_ON);
	ck_assert_uint_eq(m->at.line, 2);
	ck_assert_uint_eq(m->nproposal, 1);
	ck_assert(m->proposal[0].usable && !m->proposal[0].own_life);
	ck_assert_uint_eq(m->proposal[0].method, P1_METHOD_PSK);
	ck_assert_uint_eq(m->proposal[0].group, 15);
	ck_assert_uint_eq(m->proposal[0].cipher, P1_CIPHER_AES);
	ck_assert_uint_eq(m->proposal[0].key_bits, 128);
	ck_assert_uint_eq(m->proposal[0].hash, P1_HASH_SHA256);
	ck_assert_uint_eq(m->proposal[0].life_secs, 86400);
	ck_assert_uint_eq(m->proposal[0].at.line, 7);
	ck_assert_uint_eq(w.conf->nsainfo, 1);
	s = w.conf->sainfo[0];
	ck_assert_int_eq(s->local.kind, CONF_SEL_ANONYMOUS);
	ck_assert_int_eq(s->remote.kind, CONF_SEL_ANONYMOUS);
	ck_assert_uint_eq(s->pfs_group, 15);
	ck_assert_uint_eq(s->lifetime, 28800);
	ck_assert_uint_eq(s->nenc, 1);
	ck_assert_uint_eq(s->enc[0].id, ESP_AES);
	ck_assert_uint_eq(s->enc[0].key_bits, 128);
	ck_assert_uint_eq(s->nauth, 1);
	ck_assert_uint_eq(s->auth[0].id, P2_AUTH_SHA256);
	ck_assert_uint_eq(s->ncomp, 1);
	ck_assert_uint_eq(s->comp[0].id, IPCOMP_DEFLATE);
	leave(&w);
}
END_TEST

START_TEST(test_junk)
{
	/* dropped: before words, before blanks, at the top level */
	accepts("log = debug ;");
	accepts("}}} zzz } log debug;");
	accepts("path pre_shared_keys \"/x\";");
	accepts("log\r\n debug;\r\n");
	accepts("\xef\xbb\xbflog debug;");
	accepts("log # } { ;\n debug;");
	accepts(REMOTE("passive, on,,; , "));
	accepts("timer { phase1 30sec; counter = 5; }");
	accepts("");
	/* not dropped: junk with hex digits in it is an address */
	refuses("foo;", "t:1: \"f\" syntax error");
	refuses("\n\nlog warn;", "t:3: \"wa\" syntax error");
	refuses("timer { auto_exit_delay 3 sec; }", "t:1: \"a\" syntax");
	/* quotes: no escapes, may span lines, lines still count */
	accepts("path include \"a\\\";");
	refuses("path include \"a\n\nb\";\n;", "t:4: \";\" syntax error");
	refuses("path include \"/tmp;\n", "t:1: \"\"/tmp;\" syntax error");
	refuses("path include 'x';", "t:1: \"'x';\" syntax error");
	/* no rule takes hex numbers, yes and no, or other units */
	refuses("pfkey_buffer 0x10;", "t:1: \"0x10\" syntax error");
	refuses(REMOTE("passive yes;"), "t:1: \"yes\" syntax error");
	refuses("timer { phase1 1 day; }", "t:1: \"da\" syntax error");
	refuses("timer { phase1 1 Sec; }", "t:1: ");
}
END_TEST

/* Text that is passed over is warned of, where it is. */
START_TEST(test_junk_warnings)
{
	struct world w = { .nfiles = 0 };

	warns("log = debug;", "t:1: \"=\" means nothing here and is passed "
	    "over");
	warns("log\ninfo\n;\nzzz\n", "t:4: \"zzz\" means nothing here");
	warns("path pre_shared_keys \"/x\";", "t:1: \"pre_shared_keys\" has "
	    "\"s\" in it, which means nothing and is passed over");
	warns("\n}\nlog info;", "t:2: \"}\" means nothing");
	warns(REMOTE("nat_traversal =on;"), "t:1: \"=on\" has \"=\" in it");
	warns("timer { persend 2; z }", "t:1: \"z\" means");
	warns("sainfo anonymous (address 10.0.0.0/8 any) {" LISTS "}",
	    "t:1: \"(address\" has \"(\" in it");
	/* what looks like nothing is nothing */
	ck_assert_int_eq(read_text(&w, "\xef\xbb\xbflog\r\n info\f;\v\r\n"
	    "log\xc2\xa0""debug;\n# zzz\n" REMOTE("passive, on,,;")), OK);
	ck_assert_uint_eq(w.nlines, 0);
	leave(&w);
	/* many are not worth more than some */
	ck_assert_int_eq(read_text(&w, "log=debug;log=debug;log=debug;"
	    "log=debug;log=debug;log=debug;log=debug;log=debug;log=debug;"
	    "log=debug;log=debug;log=debug;log=debug;log=debug;log=debug;"
	    "log=debug;log=debug;log=debug;log=debug;log=debug;log=debug;"
	    "log=debug;log=debug;"), OK);
	ck_assert_uint_eq(w.nlines, JUNK_MAX);
	leave(&w);
	/* an error is said once, not as junk too */
	ck_assert_int_eq(read_text(&w, "rubbish;"), E_CONFIG);
	ck_assert_uint_eq(w.nlines, 2);
	leave(&w);
}
END_TEST

START_TEST(test_junk_values)
{
	struct world w = { .nfiles = 0 };

	/* junk makes a number 0; 0 is a cipher's default length */
	ck_assert_int_eq(read_text(&w, "timer { counter =7; phase1 ~9 sec; }"
	    "padding { maximum_length +31; }"
	    "sainfo anonymous { encryption_algorithm aes_256, aes 256;"
	    "authentication_algorithm hmac_sha1;"
	    "compression_algorithm deflate; }"
	    "path script s\"/x\";"), OK);
	ck_assert_uint_eq(w.nlines, 7);
	ck_assert_uint_eq(w.conf->warnings, 7);
	ck_assert_str_eq(w.line[0], "t:1: \"=7\" is read as the number 0: the "
	    "\"=\" in front of it does not belong there");
	ck_assert_str_eq(w.line[5], "t:1: \"_256\" is read as the number 0: "
	    "the \"_\" in front of it does not belong there");
	ck_assert_str_eq(w.line[6], "t:1: \"s\"/x\"\" is not the text that is "
	    "written: remove the \"s\" in front of it");
	ck_assert_uint_eq(w.conf->timer.counter, 1);
	ck_assert_uint_eq(w.conf->timer.phase1, 1);
	ck_assert_uint_eq(w.conf->padding.maximum_length, 31);
	ck_assert_uint_eq(w.conf->sainfo[0]->enc[0].key_bits, 128);
	ck_assert_uint_eq(w.conf->sainfo[0]->enc[1].key_bits, 256);
	ck_assert_str_eq(w.conf->path_script, "\"/x");
	leave(&w);
	/* and spoils addresses */
	refuses("listen { isakmp ~10.0.0.1; }",
	    "t:1: \"~10.0.0.1\" is not an IP address");
	warns("timer { counter 99999999999999999999; }",
	    "t:1: \"99999999999999999999\" is too large");
	warns("timer { phase1 99999999 hours; }", "t:1: \"hours\" makes");
	warns("timer { counter 4294967296; }", "t:1: \"4294967296\" is too");
}
END_TEST

START_TEST(test_syntax_errors)
{
	refuses(";", "t:1: \";\" syntax error");
	refuses("log info;;", "t:1: \";\" syntax error");
	refuses(REMOTE("") ";", "t:1: \";\" syntax error");
	/* a misspelt word is cut to pieces: both are shown */
	refuses("remote anonymous {\n\tsupport_mip6 on;\n}", "t:2: "
	    "\"support_mip6\" syntax error, expected a directive or }");
	refuses("remote anonymous {\n\tdpd_dealy 5;\n}", "t:2: \"_dea\" "
	    "syntax error, expected ");
	refuses("remote anonymous { exchage_mode main; }", "t:1: \"e\" syntax "
	    "error, expected a directive or }, not \"exchage_mode\"");
	refuses("remote anonymous { nat_traversal yes; }", "t:1: \"yes\" "
	    "syntax error, expected on, off or force");
	refuses("remote anonymous { proposal_check loose; }", "t:1: \"loose\" "
	    "syntax error, expected obey, strict, claim or exact");
	refuses("log", "t:1: \"end of file\" syntax error");
	refuses("remote anonymous {\n\n", "t:3: \"end of file\" syntax");
	refuses("pfkey_buffer 100", "t:1: \"end of file\" syntax error, "
	    "expected ;");
	refuses("log info debug;", "t:1: ");
	refuses("path include x;", "t:1: ");
	refuses("padding { randomize 1; }", "t:1: \"1\" syntax error, "
	    "expected on or off");
	refuses("padding randomize on;", "t:1: \"randomize\" syntax error, "
	    "expected {");
	refuses("listen { isakmp 1; }", "t:1: \"1\" syntax error, expected "
	    "an IP address");
	refuses("listen { isakmp 256.1.1.1; }", "t:1: \"256.1.1.1\" is not");
	refuses("listen { admin [7002]; }", "t:1: \"admin\" syntax error");
	refuses("privsep { user \"no such user\"; }",
	    "t:1: \"no such user\" unknown user: create it with useradd");
	refuses("privsep { group \"no such group\"; }",
	    "t:1: \"no such group\" unknown group: create it with groupadd");
	refuses("privsep { user \"nogroup\"; }", "t:1: \"nogroup\" unknown");
	refuses("gss_id_enc utf-8;", "t:1: ");
	refuses("on_stop maybe;", "t:1: ");
	refuses("on_stop keep flush;", "t:1: ");
	refuses("ldapcfg { host a,b; }", "t:1: \",b\" syntax error");
	refuses("ldapcfg { host a/b; }", "t:1: \"a/b\" is no host name");
	refuses("ldapcfg { host ; }", "t:1: \";\" syntax error, expected a "
	    "text in double quotes");
	refuses("ldapcfg { base x; }", "t:1: ");
	refuses("listen { adminsock \"/a/b\"; }", "t:1: \"/a/b\" is not "
	    "allowed");
	refuses("listen { adminsock \"/a/../b.sock\"; }", "t:1: ");
	refuses("listen { adminsock \"/b.sock\" \"root\"; }", "t:1: \";\"");
	refuses("listen { adminsock \"/b.sock\" \"root\" \"root\" 0680; }",
	    "t:1: \"0680\" is no file mode");
	refuses("path include \"a\n", "t:1: ");
}
END_TEST

START_TEST(test_remote_errors)
{
	refuses("remote;", "t:1: \";\" syntax error");
	refuses("remote anonymous;", "t:1: \";\" syntax error");
	refuses("remote 10.0.0.0/24 { }", "t:1: \"/24\" syntax error");
	refuses("remote anonymous { " P1 " }",
	    "t:1: \"}\" no exchange mode specified.");
	refuses("remote anonymous { exchange_mode main; }",
	    "t:1: \"}\" no remote specification found: anonymous.");
	refuses(REMOTE("dh_group 2;"), "t:1: \"dh_group\" dh_group cannot be "
	    "defined here.");
	refuses(REMOTE("lifetime byte 5 MB;"), "t:1: \"MB\" byte lifetime");
	refuses(REMOTE("lifetime time 5;"), "t:1: \";\" syntax error");
	refuses(REMOTE("my_identifier asn1dn;"), "t:1: \"}\" ASN1 ID not "
	    "specified and no CERT defined!");
	refuses(REMOTE("my_identifier fqdn \"\";"), "t:1: \"\" a name");
	refuses(REMOTE("my_identifier user_fqdn;"), "t:1: \";\" a name");
	refuses(REMOTE("my_identifier address \"\";"), "t:1: \"\" is not");
	refuses(REMOTE("my_identifier address \"h.x\";"), "t:1: \"h.x\" is "
	    "not an IP address");
	refuses(REMOTE("my_identifier keyid \"/no/file\";"),
	    "t:1: \"/no/file\" cannot read the key id's file: No such file");
	refuses(REMOTE("my_identifier asn1dn \"ZZ=1\";"), "t:1: \"ZZ=1\" is "
	    "no distinguished name");
	refuses(REMOTE("my_identifier asn1dn \"~3g\";"), "t:1: ");
	refuses(REMOTE("my_identifier \"x\";"), "t:1: \"x\" syntax error");
	refuses(REMOTE("certificate_type x509 \"c\" \"k\";"), "t:1: ");
	refuses("remote \"a\" { exchange_mode main; " P1 "}\n"
	    "remote \"a\" { exchange_mode main; " P1 "}",
	    "t:2: \"a\" duplicate remote");
	refuses("remote \"b\" inherit \"a\";", "t:1: \"a\" failed to get");
	refuses("remote 10.0.0.1 inherit 10.0.0.2;", "t:1: \";\" failed");
	refuses("remote 10.0.0.1 inherit anonymous;", "t:1: \";\" failed to "
	    "get remoteconf for anonymous: exactly one");
	refuses(REMOTE("") REMOTE("") "remote 10.0.0.1 inherit anonymous;",
	    "t:1: \";\" failed to get remoteconf for anonymous: exactly one");
	refuses("remote \"x\" { exchange_mode main; " P1 "}"
	    "remote 10.0.0.1 inherit anonymous;", "t:1: \";\" failed to get");
	refuses("remote 10.0.0.1 { remote_address 10.0.0.2; }",
	    "t:1: \";\" remote_address already specified");
	refuses("remote anonymous { proposal { } }",
	    "t:1: \"}\" encryption algorithm required.");
	refuses("remote anonymous { proposal { encryption_algorithm aes; } }",
	    "t:1: \"}\" hash algorithm required.");
	refuses("remote anonymous { proposal { encryption_algorithm aes 5; } }",
	    "t:1: \"5\" invalid keylen 5");
	refuses("remote anonymous { proposal { encryption_algorithm 3des 8; } "
	    "}", "t:1: \"8\" keylen not allowed");
	refuses("remote anonymous { proposal { encryption_algorithm md5; } }",
	    "t:1: \";\" algorithm mismatched: md5");
	refuses("remote anonymous { proposal { dh_group 13; } }",
	    "t:1: \"13\" must be DH group");
	refuses("remote anonymous { proposal { dh_group 65538; } }",
	    "t:1: \"65538\" must be DH group");
}
END_TEST

START_TEST(test_sainfo_errors)
{
	refuses("sainfo anonymous;", "t:1: \";\" syntax error");
	refuses("sainfo anonymous { }", "t:1: \"}\" no encryption algorithm");
	refuses("sainfo anonymous anonymous {" LISTS "}", "t:1: ");
	refuses("sainfo address 10.0.0.1 any {" LISTS "}", "t:1: \"{\"");
	refuses("sainfo address 10.0.0.1 {" LISTS "}", "t:1: \"{\"");
	refuses("sainfo address 10.0.0.1[8] icmp anonymous {" LISTS "}",
	    "t:1: \"icmp\" port number must be \"any\".");
	refuses("sainfo address ::1 icmp anonymous {" LISTS "}",
	    "t:1: \"icmp\" upper layer protocol mismatched.");
	refuses("sainfo address 10.0.0.1 icmp6 anonymous {" LISTS "}",
	    "t:1: \"icmp6\" upper layer protocol mismatched.");
	refuses("sainfo address 10.0.0.1-::2 any anonymous {" LISTS "}",
	    "t:1: \"-::2\" is no address that ends this range");
	refuses("sainfo asn1dn \"C=DE\" anonymous {" LISTS "}",
	    "t:1: \"C=DE\" id type forbidden");
	refuses("sainfo address 10.0.0.1 any anonymous {" LISTS "}\n"
	    "sainfo address 10.0.0.1/32 any anonymous {" LISTS "}",
	    "t:2: \"}\" duplicated sainfo: the one at t:1");
	refuses("sainfo anonymous { my_identifier fqdn \"x\"; }", "t:1: ");
	refuses("sainfo anonymous { " LISTS " lifetime byte 1 MB; }", "t:1: ");
	refuses("sainfo anonymous { encryption_algorithm aes,; }", "t:1: ");
	accepts("sainfo anonymous {" LISTS "} sainfo anonymous {" LISTS "}");
}
END_TEST

START_TEST(test_many_errors)
{
	struct world w = { .nfiles = 0 };

	/* errors that let reading go on: all are shown, up to a limit */
	ck_assert_int_eq(read_text(&w, "mode_cfg {\nnetwork4 1;\n}"),
	    E_CONFIG);
	leave(&w);
	ck_assert_int_eq(read_text(&w, "mode_cfg {\nnetwork4 ::1;\n"
	    "netmask4 ::2;\n}"), E_CONFIG);
	ck_assert_uint_eq(w.nlines, 4);
	ck_assert_str_eq(w.line[1], "t:2: \"::1\" is no IPv4 address");
	ck_assert_str_eq(w.line[2], "t:3: \"::2\" is no IPv4 address");
	ck_assert_str_eq(w.line[3],
	    "parse error is nothing, but yyerrorcount is 2.");
	leave(&w);
	ck_assert_int_eq(read_text(&w, "mode_cfg { dns4 "
	    "::,::,::,::,::,::,::,::,::,::,::,::,::,::,::,::,::,::,::,::,::,"
	    "::,::,::,::,::,::,::,::,::,::; }"), E_CONFIG);
	ck_assert_uint_eq(w.nlines, 3 + ERRORS_MAX);
	ck_assert_str_eq(w.line[1 + ERRORS_MAX], "t: reading ends here: "
	    "there are 20 errors already");
	leave(&w);
	ck_assert_int_eq(read_text(&w, "log info;\nrubbish;"), E_CONFIG);
	ck_assert_uint_eq(w.nlines, 2);
	ck_assert_str_eq(w.line[1], "fatal parse failure (1 errors)");
	leave(&w);
}
END_TEST

START_TEST(test_include)
{
	struct world w = { .nfiles = 0 };

	add_file(&w, "/c/d/a", "log debug;\n" REMOTE(""));
	add_file(&w, "/c/d/b", "log notify;\ntimer { counter 9; }");
	add_file(&w, "/m", "path include \"/c\";\n"
	    "include \"d/*\"; padding { maximum_length 7; }");
	ck_assert_int_eq(read_world(&w, "/m"), OK);
	ck_assert_int_eq(w.conf->log_level, LOG_L_NOTIFY);
	ck_assert_uint_eq(w.conf->timer.counter, 9);
	ck_assert_uint_eq(w.conf->padding.maximum_length, 7);
	ck_assert_uint_eq(w.conf->nnames, 3);
	ck_assert_str_eq(only_remote(&w)->at.path, "/c/d/a");
	ck_assert_uint_eq(only_remote(&w)->at.line, 2);
	leave(&w);
	refuses("include \"/x\";", "t:1: \";\" glob found no matches for path "
	    "\"/x\"");
	refuses("include \"x\";", "t:1: \";\" x is a relative name");
	refuses("include x;", "t:1: ");
}
END_TEST

START_TEST(test_include_errors)
{
	struct world w = { .nfiles = 0 };

	/* the error names the included file */
	add_file(&w, "/a", "log info;\nlog what;");
	add_file(&w, "/m", "\n\ninclude \"/a\";");
	ck_assert_int_eq(read_world(&w, "/m"), E_CONFIG);
	ck_assert_uint_eq(w.nlines, 2);
	ck_assert_str_eq(w.line[0], "/a:2: \"wha\" syntax error, expected "
	    "error, warning, notify, info, debug or debug2, not \"what\"");
	leave(&w);
	/* and afterwards lines count on in the outer one */
	add_file(&w, "/a", "log info;\n\n\n");
	add_file(&w, "/m", "\ninclude \"/a\";\nbar");
	ck_assert_int_eq(read_world(&w, "/m"), E_CONFIG);
	ck_assert_uint_eq(w.nlines, 2);
	ck_assert_str_eq(w.line[0], "/m:3: \"ba\" syntax error, expected a "
	    "directive, not \"bar\"");
	leave(&w);
	/* a statement ends in the file where it begins */
	add_file(&w, "/a", "padding {");
	add_file(&w, "/m", "include \"/a\"; }");
	ck_assert_int_eq(read_world(&w, "/m"), E_CONFIG);
	ck_assert_str_eq(w.line[0], "/a:1: \"end of file\" syntax error, "
	    "expected a directive or }");
	leave(&w);
	/* itself */
	add_file(&w, "/m", "include \"/m\";");
	ck_assert_int_eq(read_world(&w, "/m"), E_CONFIG);
	ck_assert_uint_eq(w.nlines, 2);
	ck_assert_str_eq(w.line[0], "/m:1: \";\" Includes nested too deeply");
	leave(&w);
	ck_assert_int_eq(read_world(&w, "/m"), E_CONFIG);
	ck_assert_str_eq(w.line[0], "cannot read the configuration /m: No "
	    "such file or directory");
	leave(&w);
}
END_TEST

/* Ten files may be open at a time. */
START_TEST(test_include_depth)
{
	static const char *const text[] = {
		"include \"/1\";", "include \"/2\";", "include \"/3\";",
		"include \"/4\";", "include \"/5\";", "include \"/6\";",
		"include \"/7\";", "include \"/8\";", "include \"/9\";",
		"log debug;"
	};
	static const char *const name[] = {
		"/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9"
	};
	struct world w = { .nfiles = 0 };

	for (size_t i = 0; i < 10; i++)
		add_file(&w, name[i], text[i]);
	ck_assert_int_eq(read_world(&w, "/0"), OK);
	ck_assert_int_eq(w.conf->log_level, LOG_L_DEBUG);
	leave(&w);
	for (size_t i = 0; i < 10; i++)
		add_file(&w, name[i], text[i]);
	add_file(&w, "/start", "include \"/0\";");
	ck_assert_int_eq(read_world(&w, "/start"), E_CONFIG);
	ck_assert_str_eq(w.line[0], "/8:1: \";\" Includes nested too deeply");
	leave(&w);
}
END_TEST

/* A word twice in a block would hide a row. */
START_TEST(test_rows)
{
	const struct directive *d, *e;

	for (unsigned int n = 0; parse_block_nth(n) != NULL; n++)
		for (d = parse_block_nth(n)->rows; d != NULL &&
		    d->word != NULL; d++)
			for (e = d + 1; e->word != NULL; e++)
				ck_assert_str_ne(d->word, e->word);
}
END_TEST

static Suite *
conf_suite(void)
{
	Suite *s = suite_create("conf");
	TCase *t = tcase_create("conf");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_vectors);
	tcase_add_test(t, test_differences_told);
	tcase_add_test(t, test_defaults);
	tcase_add_test(t, test_accounts);
	tcase_add_test(t, test_sample);
	tcase_add_test(t, test_junk);
	tcase_add_test(t, test_junk_warnings);
	tcase_add_test(t, test_junk_values);
	tcase_add_test(t, test_syntax_errors);
	tcase_add_test(t, test_remote_errors);
	tcase_add_test(t, test_sainfo_errors);
	tcase_add_test(t, test_many_errors);
	tcase_add_test(t, test_include);
	tcase_add_test(t, test_include_errors);
	tcase_add_test(t, test_include_depth);
	tcase_add_test(t, test_rows);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(conf_suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
