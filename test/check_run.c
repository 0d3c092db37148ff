/* SPDX-License-Identifier: ISC */
/*
 * How setkey applies a script, over a kernel that writes down what it is
 * told: batches, lines of errors, reqids, deleteall, getspi, dumps.
 */
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/ops.h"
#include "setkey/parse.h"
#include "setkey/run.h"

#define SAS	4

/* The kernel: what it has, what it refuses, what it was asked. */
struct fake {
	FILE		*log;
	int		 refuse;	/* the n'th command of a batch, from 1 */
	int		 broken;	/* what a batch or a dump returns */
	struct ipsec_sa	 sa[SAS];
	size_t		 nsa;
	uint32_t	 used[3];	/* reqids of policies */
	size_t		 sockets;	/* how many of them are sockets' */
};

static const char *const op_names[] = {
	[IPSEC_OP_SA_ADD] = "add", [IPSEC_OP_SA_UPDATE] = "update",
	[IPSEC_OP_SA_DELETE] = "delete", [IPSEC_OP_POLICY_ADD] = "spdadd",
	[IPSEC_OP_POLICY_UPDATE] = "spdupdate",
	[IPSEC_OP_POLICY_DELETE] = "spddelete",
	[IPSEC_OP_SA_FLUSH] = "flush", [IPSEC_OP_POLICY_FLUSH] = "spdflush"
};

static int
fake_batch(void *ctx, ipsec_next_fn *next, ipsec_result_fn *result, void *arg)
{
	struct ipsec_command cmd;
	struct fake *f = ctx;
	int n = 0, failed = 0, err;

	fputs("batch", f->log);
	if (f->broken != 0)
		return f->broken;
	while (next(arg, &cmd)) {
		fprintf(f->log, " %s", op_names[cmd.op]);
		if (cmd.op >= IPSEC_OP_POLICY_ADD && cmd.policy.ntmpl > 0)
			fprintf(f->log, ":%u", cmd.policy.tmpl[0].reqid);
		err = ++n == f->refuse ? -EEXIST : 0;
		failed += err != 0;
		result(arg, (size_t)n - 1, err, err != 0 ? "File exists" :
		    "");
	}
	fputc('\n', f->log);
	return failed;
}

static int
fake_sa_dump(void *ctx, const struct ipsec_filter *filter, ipsec_sa_fn *fn,
    void *arg)
{
	struct fake *f = ctx;
	int err = f->broken;

	for (size_t i = 0; i < f->nsa && err == 0; i++)
		if (filter->proto == 0 ||
		    filter->proto == f->sa[i].id.proto)
			err = fn(arg, &f->sa[i]);
	return err;
}

static int
fake_policy_dump(void *ctx, const struct ipsec_filter *filter,
    ipsec_policy_fn *fn, void *arg)
{
	struct fake *f = ctx;
	struct ipsec_policy policy = { .dir = IPSEC_DIR_OUT, .ntmpl = 1,
	    .action = IPSEC_ACTION_IPSEC };
	int err = f->broken;

	(void)filter;
	policy.sel.src.family = policy.sel.dst.family = AF_INET;
	policy.tmpl[0].proto = IPSEC_PROTO_AH;
	policy.tmpl[0].mode = IPSEC_MODE_TRANSPORT;
	for (size_t i = 0; i < 3 && f->used[i] != 0 && err == 0; i++) {
		policy.tmpl[0].reqid = f->used[i];
		policy.dir = i < f->sockets ? IPSEC_DIR_SOCKET_OUT :
		    IPSEC_DIR_OUT;
		err = fn(arg, &policy);
	}
	return err;
}

static int
fake_sa_delete(void *ctx, const struct ipsec_sa_id *id)
{
	struct fake *f = ctx;

	fprintf(f->log, "delete %u/%u\n", id->proto, id->spi);
	return id->spi == 3 ? -ESRCH : 0;
}

static int
fake_sa_get(void *ctx, const struct ipsec_sa_id *id, struct ipsec_sa *sa)
{
	struct fake *f = ctx;

	for (size_t i = 0; i < f->nsa; i++) {
		if (f->sa[i].id.spi == id->spi) {
			*sa = f->sa[i];
			return 0;
		}
	}
	return -ESRCH;
}

static int
fake_getspi(void *ctx, const struct ipsec_sa *sa, uint32_t min, uint32_t max,
    uint32_t *spi)
{
	struct fake *f = ctx;

	fprintf(f->log, "getspi %u %x-%x reqid %u\n", sa->id.proto, min, max,
	    sa->reqid);
	*spi = min;
	return min == 5 ? -ENOENT : 0;
}

static const char *
fake_error(void *ctx)
{
	(void)ctx;
	return "";
}

static void
fake_close(void *ctx)
{
	(void)ctx;
}

static const struct ipsec_ops fake_ops = {
	.name = "fake", .getspi = fake_getspi, .sa_get = fake_sa_get,
	.sa_delete = fake_sa_delete, .sa_dump = fake_sa_dump,
	.policy_dump = fake_policy_dump, .batch = fake_batch,
	.error = fake_error, .close = fake_close
};

/* What a script did: all as text. */
struct outcome {
	char	*log, *out, *err;
	long	 result;
};

static void
outcome_free(struct outcome *o)
{
	free(o->log);
	free(o->out);
	free(o->err);
}

static void
apply(struct fake *f, const char *text, struct outcome *o)
{
	size_t log, out, err;
	struct report report = { .out = open_memstream(&o->err, &err),
	    .file = "x" };
	struct run_options opt = { .report = &report, .fwd = true };
	struct parse_env env = { NULL, report_diag, &report };
	struct ipsec *h;
	struct script s;

	f->log = open_memstream(&o->log, &log);
	opt.show.out = open_memstream(&o->out, &out);
	ck_assert(f->log != NULL && opt.show.out != NULL);
	ck_assert_ptr_nonnull(h = ipsec_new(&fake_ops, f));
	script_init(&s);
	ck_assert(script_parse(&s, view_text(text), 1, &env));
	o->result = run_script(h, &s, &opt);
	script_fini(&s);
	ipsec_close(h);
	ck_assert_int_eq(fclose(f->log) | fclose(opt.show.out) |
	    fclose(report.out), 0);
}

static void
add_fake(struct fake *f, uint8_t proto, uint32_t spi, const char *src)
{
	struct ipsec_sa *sa = &f->sa[f->nsa++];

	ck_assert_uint_le(f->nsa, SAS);
	memset(sa, 0, sizeof(*sa));
	ck_assert(addr_parse(&sa->src, src));
	ck_assert(addr_parse(&sa->id.dst, "10.0.0.2"));
	sa->id.proto = proto;
	sa->id.spi = spi;
	sa->state = IPSEC_STATE_MATURE;
}

#define NONE(addr)	"spdadd " addr " 10.0.0.2 any -P out none;\n"

START_TEST(batches)
{
	struct fake f = { .refuse = 0 };
	struct outcome o;

	apply(&f, "flush;spdflush;\n" NONE("10.0.0.1") "dump;\n"
	    "spdadd 10.0.0.1 10.0.0.2 any -P in none;"
	    "add 10.0.0.1 10.0.0.2 esp 1 -E null;exit;flush;", &o);
	ck_assert_int_eq(o.result, 0);
	ck_assert_str_eq(o.log, "batch flush spdflush spdadd\n"
	    "batch spdadd spdadd add\n");
	ck_assert_str_eq(o.err, "setkey: x:3: No SAD entries\n");
	ck_assert_str_eq(o.out, "");
	outcome_free(&o);
	apply(&f, "flush;\ndump;spdadd 10.0.0.1 10.0.0.2 any -P in none;",
	    &o);
	ck_assert_str_eq(o.log, "batch flush\nbatch spdadd spdadd\n");
	outcome_free(&o);
}
END_TEST

/* Each result finds its line, whatever libipsec was spared before it. */
START_TEST(error_lines)
{
	static const char script[] = "spdadd tagged \"x\" -P out none;\n"
	    NONE("10.0.0.1")
	    "spdadd 10.0.0.1 10.0.0.2 any -P in bypass;\n"
	    "spdadd 10.0.0.1 10.0.0.2 any -P in none;\n"
	    "delete 10.0.0.1 10.0.0.2 7;\n\n"
	    "spdupdate 10.0.0.3 10.0.0.2 any\n -P out none;\n"
	    "add 10.0.0.1 10.0.0.2 1 -E null;\n";
	static const int lines[] = { 2, 4, 4, 7 };
	char want[1024];
	struct outcome o;

	for (int i = 0; i < 4; i++) {
		struct fake f = { .refuse = i + 1 };
		char texts[4][64] = { "", "", "", "" };

		snprintf(texts[i], sizeof(texts[i]),
		    "setkey: x:%d: File exists\n", lines[i]);
		snprintf(want, sizeof(want),
		    "setkey: x:1: Invalid argument (Linux has no tagged "
		    "policies)\n%s"
		    "setkey: x:3: Invalid argument (entrust and bypass are "
		    "for sockets only)\n"
		    "setkey: x:3: Invalid argument (entrust and bypass are "
		    "for sockets only)\n%s%s"
		    "setkey: x:5: No such process (the protocol is missing: "
		    "esp, ah or ipcomp)\n%s"
		    "setkey: x:9: Protocol not supported (the protocol is "
		    "missing: esp, ah or ipcomp)\n", texts[0], texts[1],
		    texts[2], texts[3]);
		apply(&f, script, &o);
		ck_assert_str_eq(o.log, "batch spdadd spdadd spdadd "
		    "spdupdate\n");
		ck_assert_str_eq(o.err, want);
		ck_assert_int_eq(o.result, 6);
		outcome_free(&o);
	}
}
END_TEST

#define UNIQUE	"spdadd 10.0.0.1 10.0.0.2 any -P out ipsec ah/transport//" \
		"unique;"

START_TEST(free_reqids)
{
	struct fake f = { .used = { 16387, 16384, 70000 } };
	struct outcome o;

	apply(&f, UNIQUE UNIQUE "spddump;" UNIQUE, &o);
	/* Three in a row have no room below 16387. */
	ck_assert_str_eq(o.log, "batch spdadd:16388 spdadd:16389\n"
	    "batch spdadd:16390\n");
	outcome_free(&o);
	apply(&f, UNIQUE UNIQUE, &o);
	ck_assert_str_eq(o.log, "batch spdadd:16385 spdadd:16386\n");
	outcome_free(&o);
}
END_TEST

START_TEST(delete_all)
{
	struct fake f = { .nsa = 0 };
	struct outcome o;

	add_fake(&f, IPSEC_PROTO_ESP, 1, "10.0.0.1");
	add_fake(&f, IPSEC_PROTO_AH, 2, "10.0.0.1");
	add_fake(&f, IPSEC_PROTO_ESP, 3, "10.0.0.1");
	add_fake(&f, IPSEC_PROTO_ESP, 4, "10.0.0.9");
	apply(&f, "deleteall 10.0.0.1 10.0.0.2 esp;", &o);
	ck_assert_str_eq(o.log, "delete 50/1\ndelete 50/3\n");
	ck_assert_int_eq(o.result, 0);
	outcome_free(&o);
	apply(&f, "deleteall 10.0.0.1 10.0.0.2;", &o);
	ck_assert_str_eq(o.log, "delete 50/1\ndelete 51/2\ndelete 50/3\n");
	outcome_free(&o);
	f.sa[0].id.spi = 0;		/* larval, for an ACQUIRE */
	apply(&f, "deleteall 10.0.0.1 10.0.0.2 esp;", &o);
	ck_assert_str_eq(o.log, "delete 50/3\n");
	outcome_free(&o);
	apply(&f, "\ndeleteall 10.0.0.1 10.0.0.2 ipcomp;", &o);
	ck_assert_str_eq(o.err, "setkey: x:2: No SAD entries\n");
	ck_assert_int_eq(o.result, 0);
	outcome_free(&o);
}
END_TEST

START_TEST(spis)
{
	struct fake f = { .nsa = 0 };
	struct outcome o;

	apply(&f, "getspi 10.0.0.1 10.0.0.2 esp 0 -u 12;\n"
	    "getspi 10.0.0.1 10.0.0.2 ah 7;getspi 10.0.0.1 10.0.0.2 ipcomp 0;"
	    "\ngetspi 10.0.0.1 10.0.0.2 esp 5;", &o);
	ck_assert_str_eq(o.log, "getspi 50 100-fffffff reqid 12\n"
	    "getspi 51 7-7 reqid 0\ngetspi 108 100-ffff reqid 0\n"
	    "getspi 50 5-5 reqid 0\n");
	ck_assert_str_eq(o.out, "");
	ck_assert_str_eq(o.err, "setkey: x:3: SPI not available\n");
	ck_assert_int_eq(o.result, 1);
	outcome_free(&o);
}
END_TEST

/* The last record has the number 0; helpers of the kernel are not shown. */
START_TEST(dumps)
{
	struct fake f = { .used = { 1, 2, 3 } };
	struct outcome o;
	const char *at;

	add_fake(&f, IPSEC_PROTO_ESP, 1, "10.0.0.1");
	add_fake(&f, 4, 2, "10.0.0.1");
	add_fake(&f, IPSEC_PROTO_AH, 3, "10.0.0.1");
	apply(&f, "dump;get 10.0.0.1 10.0.0.2 ah 3;get 10.0.0.1 10.0.0.2 ah "
	    "9;", &o);
	ck_assert_ptr_nonnull(at = strstr(o.out, "spi=1("));
	ck_assert_ptr_nonnull(at = strstr(at, "sadb_seq=1 "));
	ck_assert_ptr_null(strstr(o.out, "spi=2("));
	ck_assert_ptr_nonnull(at = strstr(at, "spi=3("));
	ck_assert_ptr_nonnull(at = strstr(at, "sadb_seq=0 "));
	ck_assert_ptr_nonnull(at = strstr(at, "spi=3("));
	ck_assert_ptr_nonnull(strstr(at, "sadb_seq=0 "));
	ck_assert_str_eq(o.err, "setkey: x:1: No such process\n");
	outcome_free(&o);
	apply(&f, "spddump;", &o);
	ck_assert_ptr_nonnull(at = strstr(o.out, "unique:1\n"));
	ck_assert_ptr_nonnull(at = strstr(at, " seq=1 "));
	ck_assert_ptr_nonnull(at = strstr(at, " seq=2 "));
	ck_assert_ptr_nonnull(at = strstr(at, "unique:3\n"));
	ck_assert_ptr_nonnull(strstr(at, " seq=0 "));
	outcome_free(&o);
}
END_TEST

static char *
shown_policies(struct fake *f, bool hide, long want)
{
	char *out = NULL;
	size_t size = 0;
	struct show_options opt = { .out = open_memstream(&out, &size),
	    .hide_sockets = hide };
	struct ipsec *h = ipsec_new(&fake_ops, f);

	ck_assert(opt.out != NULL && h != NULL);
	ck_assert_int_eq(show_policies(h, &opt), want);
	ipsec_close(h);
	ck_assert_int_eq(fclose(opt.out), 0);
	return out;
}

START_TEST(hidden_sockets)
{
	static const char one[] =
	    "1 per-socket policy not shown (filtered by -N)\n";
	static const char two[] =
	    "2 per-socket policies not shown (filtered by -N)\n";
	struct fake f = { .used = { 1, 2, 3 }, .sockets = 2 };
	char *out = shown_policies(&f, false, 3);

	ck_assert_ptr_nonnull(strstr(out, "(per-socket policy) \n\tout(sock"));
	ck_assert_ptr_null(strstr(out, "-N"));
	free(out);
	out = shown_policies(&f, true, 3);
	ck_assert_ptr_null(strstr(out, "(per-socket"));
	ck_assert_str_eq(strchr(strstr(out, "refcnt"), '\n') + 1, two);
	free(out);
	f.sockets = 1;
	out = shown_policies(&f, true, 3);
	ck_assert_ptr_nonnull(strstr(out, one));
	free(out);
}
END_TEST

START_TEST(broken_kernel)
{
	struct fake f = { .broken = -ENOBUFS };
	struct outcome o;

	apply(&f, "\ndump;flush;\nspdflush;", &o);
	ck_assert_int_eq(o.result, -ENOBUFS);
	ck_assert_str_eq(o.err, "setkey: x:2: No buffer space available\n"
	    "setkey: x:2: No buffer space available\n");
	ck_assert_str_eq(o.out, "");
	outcome_free(&o);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("run");
	TCase *tc = tcase_create("run");
	SRunner *sr = srunner_create(suite);
	int failed;

	tcase_add_test(tc, batches);
	tcase_add_test(tc, error_lines);
	tcase_add_test(tc, free_reqids);
	tcase_add_test(tc, delete_all);
	tcase_add_test(tc, spis);
	tcase_add_test(tc, dumps);
	tcase_add_test(tc, hidden_sockets);
	tcase_add_test(tc, broken_kernel);
	suite_add_tcase(suite, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
