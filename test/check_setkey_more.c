/* SPDX-License-Identifier: ISC */
/*
 * What the historical setkey did not have: extensions for marks, interface
 * ids, ESN, windows and offloading, their output, and keys for Wireshark.
 */
#include <sys/socket.h>

#include <check.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/check.h"
#include "libipsec/print.h"
#include "setkey/expand.h"
#include "setkey/report.h"
#include "libipsec/wireshark.h"

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))
#define A		"add 10.0.0.1 10.0.0.2 esp 0x1000 "
#define AES		" -E aes-cbc 0x0123456789abcdef0123456789abcdef;"
#define S		"spdadd 10.0.0.1 10.0.0.2 any "

static int
fake_device(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "eth0") == 0 ? 7 : strcmp(name, "odd_one") == 0 ?
	    8 : -1;
}

static const struct resolver fake_names = { .device = fake_device };

/* The first command as libipsec gets it; returns what was reported. */
static char *
expand(const char *text, struct ipsec_command *cmd)
{
	char *out = NULL;
	size_t size = 0;
	struct report report = { .out = open_memstream(&out, &size),
	    .file = "x" };
	struct parse_env env = { &fake_names, report_diag, &report };
	uint32_t reqid = 16384;
	struct script s;

	ck_assert_ptr_nonnull(report.out);
	script_init(&s);
	memset(cmd, 0, sizeof(*cmd));
	if (script_parse(&s, view_text(text), 1, &env)) {
		if (expand_batchable(s.first))
			expand_command(s.first, 0, &reqid, cmd);
		else
			expand_sa(s.first, &cmd->sa);
	}
	script_fini(&s);
	ck_assert_int_eq(fclose(report.out), 0);
	return out;
}

static void
good(const char *text, struct ipsec_command *cmd)
{
	char *out = expand(text, cmd);

	ck_assert_msg(out[0] == '\0', "%s: %s", text, out);
	free(out);
}

START_TEST(sa_extensions)
{
	struct ipsec_command cmd;
	const char *why;

	good(A "-mark 0x10/0xff -u 5 -if_id 0x2a -output-mark 3 -esn "
	    "-replay 128 -offload eth0 in packet" AES, &cmd);
	ck_assert_uint_eq(cmd.sa.id.mark.value, 0x10);
	ck_assert_uint_eq(cmd.sa.id.mark.mask, 0xff);
	ck_assert_uint_eq(cmd.sa.reqid, 5);
	ck_assert_uint_eq(cmd.sa.if_id, 42);
	ck_assert_uint_eq(cmd.sa.output_mark.value, 3);
	ck_assert_uint_eq(cmd.sa.output_mark.mask, UINT32_MAX);
	ck_assert_uint_eq(cmd.sa.flags, IPSEC_SA_ESN);
	ck_assert_uint_eq(cmd.sa.replay, 128);
	ck_assert_int_eq(cmd.sa.offload.ifindex, 7);
	ck_assert_int_eq(cmd.sa.offload.kind, IPSEC_OFFLOAD_PACKET);
	ck_assert_int_eq(cmd.sa.offload.dir, IPSEC_DIR_IN);
	ck_assert_int_eq(ipsec_check_command(&cmd, &why), 0);
	good(A "-offload \"odd_one\" out" AES, &cmd);
	ck_assert_int_eq(cmd.sa.offload.ifindex, 8);
	ck_assert_int_eq(cmd.sa.offload.kind, IPSEC_OFFLOAD_CRYPTO);
	ck_assert_int_eq(cmd.sa.offload.dir, IPSEC_DIR_OUT);
	/* ESN needs a window; a plain one that was given counts. */
	good(A "-esn" AES, &cmd);
	ck_assert_uint_eq(cmd.sa.replay, 32);
	good(A "-r 16 -esn" AES, &cmd);
	ck_assert_uint_eq(cmd.sa.replay, 16);
	good("add 10.0.0.1 10.0.0.2 ah 1 -align4 -A hmac-sha512 "
	    "\"a key of 64 octets, which is what this one wants, not one fewer!\";",
	    &cmd);
	ck_assert_uint_eq(cmd.sa.flags, IPSEC_SA_ALIGN4);
	good(A "-r 300" AES, &cmd);
	ck_assert_uint_eq(cmd.sa.replay, 32);
	good(A "-replay 4096" AES, &cmd);
	ck_assert_uint_eq(cmd.sa.replay, 4096);
	/* What names an SA. */
	good("delete 10.0.0.1 10.0.0.2 esp 1 -mark 5;", &cmd);
	ck_assert_uint_eq(cmd.sa.id.mark.value, 5);
	good("get 10.0.0.1 10.0.0.2 esp 1 -mark 5/7;", &cmd);
	ck_assert_uint_eq(cmd.sa.id.mark.mask, 7);
	good("getspi 10.0.0.1 10.0.0.2 esp 0 -if_id 9;", &cmd);
	ck_assert_uint_eq(cmd.sa.if_id, 9);
	/* No blank is needed behind the old flags, as ever. */
	good(A "-mtunnel -r4" AES, &cmd);
	ck_assert_int_eq(cmd.sa.mode, IPSEC_MODE_TUNNEL);
	ck_assert_uint_eq(cmd.sa.replay, 4);
	ck_assert_uint_eq(cmd.sa.id.mark.mask, 0);
}
END_TEST

START_TEST(policy_extensions)
{
	struct ipsec_command cmd;
	const char *why;

	good(S "-mark 1/0xf -ctx 1 1 \"a\" -if_id 3 -offload eth0 -P out ipsec "
	    "esp/transport//require;", &cmd);
	ck_assert_uint_eq(cmd.policy.mark.value, 1);
	ck_assert_uint_eq(cmd.policy.mark.mask, 15);
	ck_assert_uint_eq(cmd.policy.if_id, 3);
	ck_assert_uint_eq(cmd.policy.ctx.doi, 1);
	ck_assert_int_eq(cmd.policy.offload.ifindex, 7);
	ck_assert_int_eq(cmd.policy.offload.kind, IPSEC_OFFLOAD_PACKET);
	ck_assert_int_eq(cmd.policy.offload.dir, IPSEC_DIR_NONE);
	ck_assert_int_eq(ipsec_check_command(&cmd, &why), 0);
	good("spddelete 10.0.0.1 10.0.0.2 any -if_id 3 -P out;", &cmd);
	ck_assert_uint_eq(cmd.policy.if_id, 3);
	good(S "-P out none;", &cmd);
	ck_assert_uint_eq(cmd.policy.if_id, 0);
}
END_TEST

static const struct {
	const char	*text, *error;
} bad[] = {
	{ A "-mark" AES, "syntax error at `-E'" },
	{ A "-mark x" AES, "syntax error at `x'" },
	{ A "-mark 1/" AES, "syntax error at `-E'" },
	{ A "-mark 0x10/0x0f" AES,
	    "mark has bits outside of its mask at `0x10'" },
	{ A "-mark 4294967296" AES, "number too large at `4294967296' "
	    "(at most 32 bits)" },
	{ A "-if_id 0x100000000" AES, "number too large at `0x100000000' "
	    "(at most 32 bits)" },
	{ A "-replay 4097" AES, "number too large at `4097' (at most 4096)" },
	{ A "-replay 0" AES, "replay window is empty at `0'" },
	{ A "-offload eth9 in" AES, "no such network device at `eth9'" },
	{ A "-offload \"a-name-that-is-too-long\" in" AES,
	    "no such network device at `\"...\"'" },
	{ A "-offload eth0" AES, "syntax error at `-E'" },
	{ A "-offload eth0 sideways" AES, "syntax error at `sideways'" },
	{ "get 10.0.0.1 10.0.0.2 esp 1 -esn;", "syntax error at `-esn'" },
	{ "delete 10.0.0.1 10.0.0.2 esp 1 -offload eth0 in;",
	    "syntax error at `-offload'" },
	{ S "-esn -P out none;", "syntax error at `-esn'" },
	{ S "-align4 -P out none;", "syntax error at `-align4'" },
	{ S "-output-mark 1 -P out none;", "syntax error at `-output-mark'" },
	{ "spddelete 10.0.0.1 10.0.0.2 any -offload eth0 -P out;",
	    "syntax error at `-offload'" },
	{ "deleteall 10.0.0.1 10.0.0.2 esp -mark 1;",
	    "syntax error at `-mark'" }
};

START_TEST(errors)
{
	struct ipsec_command cmd;
	char want[300], *out = expand(bad[_i].text, &cmd);

	snprintf(want, sizeof(want), "setkey: x,1: %s\n"
	    "setkey: x,1: parse failed\n", bad[_i].error);
	ck_assert_str_eq(out, want);
	free(out);
}
END_TEST

START_TEST(refused_by_libipsec)
{
	struct ipsec_command cmd;
	const char *why = "";

	good(A "-offload eth0 in" AES, &cmd);
	cmd.sa.offload.dir = IPSEC_DIR_FWD;
	ck_assert_int_lt(ipsec_check_command(&cmd, &why), 0);
	cmd.sa.offload.dir = IPSEC_DIR_IN;
	cmd.sa.offload.ifindex = 0;
	ck_assert_int_lt(ipsec_check_command(&cmd, &why), 0);
	cmd.sa.offload.kind = 9;
	ck_assert_int_lt(ipsec_check_command(&cmd, &why), 0);
	cmd.sa.offload.kind = IPSEC_OFFLOAD_NONE;
	ck_assert_int_eq(ipsec_check_command(&cmd, &why), 0);
	cmd.sa.replay = IPSEC_REPLAY_MAX + 1;
	ck_assert_int_lt(ipsec_check_command(&cmd, &why), 0);
	good(S "-offload eth0 -P out none;", &cmd);
	cmd.policy.offload.kind = IPSEC_OFFLOAD_CRYPTO;
	ck_assert_int_lt(ipsec_check_command(&cmd, &why), 0);
}
END_TEST

/* The line of NAME in the record of SA or, if that is NULL, of POLICY. */
static char *
printed(const struct ipsec_sa *sa, const struct ipsec_policy *policy,
    bool extra)
{
	char *out = NULL, *line = NULL, *p;
	size_t size;
	FILE *f = open_memstream(&out, &size);
	struct print print;

	ck_assert_ptr_nonnull(f);
	print_init(&print, f, false, 1, 0);
	print.extra = extra;
	if (sa != NULL)
		print_sa(&print, sa, 0);
	else
		print_policy(&print, policy, 0);
	ck_assert_int_eq(fclose(f), 0);
	if ((p = strstr(out, "\textensions:")) != NULL)
		line = strndup(p + 1, strcspn(p, "\n") - 1);
	free(out);
	return line;
}

static void
prints(const struct ipsec_command *cmd, bool sa, const char *want)
{
	char *line = printed(sa ? &cmd->sa : NULL, &cmd->policy, true);

	ck_assert_str_eq(line, want);
	free(line);
	/* The plain form does not change. */
	ck_assert_ptr_null(printed(sa ? &cmd->sa : NULL, &cmd->policy,
	    false));
}

START_TEST(output)
{
	struct ipsec_command cmd;

	good(A "-mark 0x10/0xff -if_id 42 -output-mark 3 -esn -replay 128 "
	    AES, &cmd);
	prints(&cmd, true, "extensions: -mark 0x00000010/0x000000ff "
	    "-if_id 42 -output-mark 0x00000003/0xffffffff -esn -replay 128");
	cmd.sa.flags |= IPSEC_SA_ALIGN4;
	prints(&cmd, true, "extensions: -mark 0x00000010/0x000000ff "
	    "-if_id 42 -output-mark 0x00000003/0xffffffff -esn -align4 "
	    "-replay 128");
	cmd.sa.offload = (struct ipsec_offload){ .ifindex = INT32_MAX,
	    .kind = IPSEC_OFFLOAD_PACKET, .dir = IPSEC_DIR_OUT };
	cmd.sa.flags = 0;
	cmd.sa.replay = 32;
	cmd.sa.if_id = 0;
	cmd.sa.id.mark.mask = cmd.sa.id.mark.value = 0;
	prints(&cmd, true, "extensions: -output-mark 0x00000003/0xffffffff "
	    "-offload 2147483647 out packet");
	cmd.sa.offload.kind = IPSEC_OFFLOAD_CRYPTO;
	cmd.sa.output_mark.mask = cmd.sa.output_mark.value = 0;
	prints(&cmd, true, "extensions: -offload 2147483647 out");
	good(A AES, &cmd);
	prints(&cmd, true, "extensions:");
	good(S "-mark 1/0xf -if_id 3 -P out none;", &cmd);
	prints(&cmd, false, "extensions: -mark 0x00000001/0x0000000f "
	    "-if_id 3");
	cmd.policy.offload = (struct ipsec_offload){ .ifindex = INT32_MAX,
	    .kind = IPSEC_OFFLOAD_PACKET };
	prints(&cmd, false, "extensions: -mark 0x00000001/0x0000000f "
	    "-if_id 3 -offload 2147483647");
}
END_TEST

#define W4	"\"IPv4\",\"10.0.0.1\",\"10.0.0.2\",\"0x00001000\","
#define K16	"0x0123456789abcdef0123456789abcdef"
#define K20	K16 "01234567"
#define K32	K16 "0123456789abcdef0123456789abcdef"

static const struct {
	const char	*text, *line;
} shark[] = {
	{ A "-E aes-cbc " K16 " -A hmac-sha256 " K32 ";",
	    W4 "\"AES-CBC [RFC3602]\",\"" K16 "\","
	    "\"HMAC-SHA-256-128 [RFC4868]\",\"" K32 "\"\n" },
	{ A "-E aes-cbc " K16 " -A hmac-sha256-96 " K32 ";",
	    W4 "\"AES-CBC [RFC3602]\",\"" K16 "\",\"HMAC-SHA-256-96 "
	    "[draft-ietf-ipsec-ciph-sha-256-00]\",\"" K32 "\"\n" },
	{ A "-E aes-gcm-12 " K20 ";",
	    W4 "\"AES-GCM with 12 octet ICV [RFC4106]\",\"" K20 "\","
	    "\"NULL\",\"\"\n" },
	{ A "-E null -A hmac-sha1 " K20 ";", W4 "\"NULL\",\"\","
	    "\"HMAC-SHA-1-96 [RFC2404]\",\"" K20 "\"\n" },
	{ A "-E null -A null;", W4 "\"NULL\",\"\",\"NULL\",\"\"\n" },
	{ A "-E aes-ctr " K20 " -A aes-xcbc-mac " K16 ";",
	    W4 "\"AES-CTR [RFC3686]\",\"" K20 "\",\"ANY 96 bit "
	    "authentication [no checking]\",\"" K16 "\"\n" },
	{ "add 2001:db8::1 2001:db8::2 esp 1 -E 3des-cbc "
	    "\"0123456789abcdefghijklmn\";", "\"IPv6\",\"2001:db8::1\","
	    "\"2001:db8::2\",\"0x00000001\",\"TripleDES-CBC [RFC2451]\","
	    "\"0x303132333435363738396162636465666768696a6b6c6d6e\","
	    "\"NULL\",\"\"\n" },
	{ A "-E camellia-cbc " K16 ";", "# 10.0.0.1 10.0.0.2 0x00001000: "
	    "not every Wireshark can decrypt camellia-cbc\n" },
	{ A "-E aes-ccm-16 " K16 "012345;", "# 10.0.0.1 10.0.0.2 0x00001000: "
	    "not every Wireshark can decrypt aes-ccm-16\n" },
	{ "add 10.0.0.1 10.0.0.2 ah 1 -A hmac-sha1 " K20 ";", "" }
};

static char *
shark_of(const struct ipsec_sa *sa)
{
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	ck_assert_ptr_nonnull(f);
	wireshark_sa(f, sa);
	ck_assert_int_eq(fclose(f), 0);
	return out;
}

/* As the kernel tells of it: every length is known. */
static void
fill_icv(enum ipsec_alg_class class, struct ipsec_key *k)
{
	const struct ipsec_alg *alg = ipsec_alg_by_id(class, k->id);

	if (k->present && k->icv_bits == 0 && alg != NULL)
		k->icv_bits = alg->icv_bits;
}

START_TEST(wireshark)
{
	struct ipsec_command cmd;
	char *out;

	good(shark[_i].text, &cmd);
	fill_icv(IPSEC_ALG_AUTH, &cmd.sa.auth);
	fill_icv(IPSEC_ALG_AEAD, &cmd.sa.aead);
	out = shark_of(&cmd.sa);
	ck_assert_str_eq(out, shark[_i].line);
	free(out);
}
END_TEST

START_TEST(wireshark_odd)
{
	struct ipsec_command cmd;
	char *out;

	/* Larval. */
	good("getspi 10.0.0.1 10.0.0.2 esp 5;", &cmd);
	out = shark_of(&cmd.sa);
	ck_assert_str_eq(out, "");
	free(out);
	/* An algorithm that has no number, and a length that has no name. */
	good(A AES, &cmd);
	cmd.sa.enc.id = 0;
	out = shark_of(&cmd.sa);
	ck_assert_str_eq(out, "# 10.0.0.1 10.0.0.2 0x00001000: not every "
	    "Wireshark can decrypt this algorithm\n");
	free(out);
	good(A "-E null -A hmac-sha1 " K20 ";", &cmd);
	cmd.sa.auth.icv_bits = 104;
	out = shark_of(&cmd.sa);
	ck_assert_str_eq(out, "# 10.0.0.1 10.0.0.2 0x00001000: not every "
	    "Wireshark can decrypt hmac-sha1\n");
	free(out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("setkey, more");
	TCase *tc = tcase_create("more");
	SRunner *sr = srunner_create(suite);
	int failed;

	tcase_add_test(tc, sa_extensions);
	tcase_add_test(tc, policy_extensions);
	tcase_add_loop_test(tc, errors, 0, (int)NELEM(bad));
	tcase_add_test(tc, refused_by_libipsec);
	tcase_add_test(tc, output);
	tcase_add_loop_test(tc, wireshark, 0, (int)NELEM(shark));
	tcase_add_test(tc, wireshark_odd);
	suite_add_tcase(suite, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
