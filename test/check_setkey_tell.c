/* SPDX-License-Identifier: ISC */
/*
 * PF_KEY messages on paper: what is told of a handle's requests (-v, -H), the
 * lines of the monitor (-x), messages from a file.
 */
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/ops.h"
#include "libipsec/pfkey_msg.h"
#include "setkey/monitor.h"
#include "setkey/replay.h"
#include "setkey/trace.h"

#define THEN	1795423530	/* Nov 23 08:45:30 2026 UTC */

static struct ipsec_sa
esp(void)
{
	struct ipsec_sa sa;

	memset(&sa, 0, sizeof(sa));
	ck_assert(addr_parse(&sa.src, "10.0.0.1"));
	ck_assert(addr_parse(&sa.id.dst, "10.0.0.2"));
	sa.id.spi = 0x1000;
	sa.id.proto = IPSEC_PROTO_ESP;
	sa.mode = IPSEC_MODE_TRANSPORT;
	sa.state = IPSEC_STATE_MATURE;
	sa.enc.present = 1;
	sa.enc.id = 2;
	sa.enc.key_bits = 64;
	memcpy(sa.enc.key, "01234567", 8);
	sa.current.add = THEN;
	return sa;
}

static struct ipsec_policy
policy(void)
{
	struct ipsec_policy p;

	memset(&p, 0, sizeof(p));
	ck_assert(addr_parse(&p.sel.src, "10.0.0.1"));
	ck_assert(addr_parse(&p.sel.dst, "10.0.0.2"));
	p.sel.src_prefix = p.sel.dst_prefix = 32;
	p.dir = IPSEC_DIR_OUT;
	p.action = IPSEC_ACTION_NONE;
	p.priority = 0x80000000u;
	p.index = 9;
	p.current.add = THEN;
	return p;
}

/* A kernel of one SA and one policy; what it counts are its calls. */
struct fake {
	int	 err;		/* what changes return */
	int	 calls, closed;
};

static int
fake_sa_set(void *ctx, const struct ipsec_sa *sa, bool update)
{
	struct fake *f = ctx;

	(void)sa;
	(void)update;
	f->calls++;
	return f->err;
}

static int
fake_sa_get(void *ctx, const struct ipsec_sa_id *id, struct ipsec_sa *sa)
{
	(void)ctx;
	*sa = esp();
	return id->spi == sa->id.spi ? 0 : -ESRCH;
}

static int
fake_sa_delete(void *ctx, const struct ipsec_sa_id *id)
{
	struct fake *f = ctx;

	(void)id;
	f->calls++;
	return f->err;
}

static int
fake_sa_dump(void *ctx, const struct ipsec_filter *filter, ipsec_sa_fn *fn,
    void *arg)
{
	struct ipsec_sa sa = esp();
	struct fake *f = ctx;

	(void)filter;
	f->calls++;
	return fn(arg, &sa);
}

static int
fake_policy_set(void *ctx, const struct ipsec_policy *p, bool update)
{
	struct fake *f = ctx;

	(void)p;
	(void)update;
	f->calls++;
	return f->err;
}

static int
fake_policy_get(void *ctx, const struct ipsec_policy *id,
    struct ipsec_policy *p)
{
	(void)ctx;
	(void)id;
	*p = policy();
	return 0;
}

static int
fake_policy_delete(void *ctx, const struct ipsec_policy *id)
{
	struct fake *f = ctx;

	(void)id;
	f->calls++;
	return f->err;
}

static int
fake_policy_dump(void *ctx, const struct ipsec_filter *filter,
    ipsec_policy_fn *fn, void *arg)
{
	struct ipsec_policy p = policy();
	struct fake *f = ctx;

	(void)filter;
	f->calls++;
	return fn(arg, &p);
}

static int
fake_flush(void *ctx, enum ipsec_what what, uint8_t proto)
{
	struct fake *f = ctx;

	(void)what;
	(void)proto;
	f->calls++;
	return f->err;
}

static int
fake_getspi(void *ctx, const struct ipsec_sa *sa, uint32_t min, uint32_t max,
    uint32_t *spi)
{
	struct fake *f = ctx;

	(void)sa;
	(void)min;
	(void)max;
	f->calls++;
	*spi = f->err == 0 ? 0x1000 : 0;
	return f->err;
}

static const char *
fake_error(void *ctx)
{
	(void)ctx;
	return "the kernel's words";
}

static void
fake_close(void *ctx)
{
	struct fake *f = ctx;

	f->closed++;
}

static const struct ipsec_ops fake_ops = {
	.name = "fake", .getspi = fake_getspi, .sa_set = fake_sa_set,
	.sa_get = fake_sa_get, .sa_delete = fake_sa_delete,
	.sa_dump = fake_sa_dump, .policy_set = fake_policy_set,
	.policy_get = fake_policy_get, .policy_delete = fake_policy_delete,
	.policy_dump = fake_policy_dump, .flush = fake_flush,
	.error = fake_error, .close = fake_close
};

/* A handle that tells, over the fake kernel; what it said. */
struct told {
	struct fake	 fake;
	struct trace	 trace;
	struct ipsec	*h;
	char		*text;
	size_t		 size;
};

static void
told_init(struct told *t, bool verbose, bool hex)
{
	memset(t, 0, sizeof(*t));
	t->trace.out = open_memstream(&t->text, &t->size);
	t->trace.verbose = verbose;
	t->trace.hex = hex;
	ck_assert_ptr_nonnull(t->trace.out);
	ck_assert_ptr_nonnull(t->h = ipsec_new(&fake_ops, &t->fake));
	ck_assert_int_eq(trace_open(&t->trace, &t->h), 0);
}

/* The header lines of all messages, "type/errno/satype/len" in a row. */
static const char *
told_summary(struct told *t, char out[200])
{
	unsigned int type, err, satype, len;
	size_t n = 0;

	out[0] = '\0';
	ck_assert_int_eq(fflush(t->trace.out), 0);
	for (const char *p = t->text; (p = strstr(p, "sadb_msg{")) != NULL;
	    p++) {
		ck_assert_int_eq(sscanf(p, "sadb_msg{ version=2 type=%u "
		    "errno=%u satype=%u len=%u", &type, &err, &satype, &len),
		    4);
		n += (size_t)snprintf(out + n, 200 - n, "%s%u/%u/%u/%u",
		    n > 0 ? " " : "", type, err, satype, len);
	}
	return out;
}

static void
told_fini(struct told *t)
{
	ipsec_close(t->h);
	ck_assert_int_eq(t->fake.closed, 1);
	ck_assert_int_eq(fclose(t->trace.out), 0);
	free(t->text);
}

START_TEST(requests_and_answers)
{
	struct ipsec_sa sa = esp();
	struct ipsec_policy p = policy();
	char text[200];
	uint32_t spi;
	struct told t;

	told_init(&t, true, false);
	ck_assert_int_eq(ipsec_sa_set(t.h, &sa, false), 0);
	ck_assert_int_eq(ipsec_sa_get(t.h, &sa.id, &sa), 0);
	ck_assert_int_eq(ipsec_sa_delete(t.h, &sa.id), 0);
	ck_assert_int_eq(ipsec_flush(t.h, IPSEC_FLUSH_SA, 0), 0);
	ck_assert_str_eq(told_summary(&t, text), "3/0/3/22 3/0/3/29 "
	    "5/0/3/10 5/0/3/29 4/0/3/10 4/0/3/29 9/0/0/2 9/0/0/2");
	ck_assert_ptr_nonnull(strstr(t.text, "spi=4096 replay=0 state=3"));
	told_fini(&t);
	told_init(&t, true, false);
	p.index = 0;
	ck_assert_int_eq(ipsec_policy_set(t.h, &p, false), 0);
	ck_assert_int_eq(ipsec_policy_set(t.h, &p, true), 0);
	ck_assert_int_eq(ipsec_policy_delete(t.h, &p), 0);
	p.index = 9;
	ck_assert_int_eq(ipsec_policy_delete(t.h, &p), 0);
	ck_assert_int_eq(ipsec_policy_get(t.h, &p, &p), 0);
	ck_assert_int_eq(ipsec_flush(t.h, IPSEC_FLUSH_POLICY, 0), 0);
	ck_assert_str_eq(told_summary(&t, text), "14/0/0/14 14/0/0/22 "
	    "13/0/0/14 13/0/0/22 15/0/0/14 15/0/0/22 22/0/0/4 22/0/0/22 "
	    "16/0/0/4 16/0/0/22 19/0/0/2 19/0/0/2");
	told_fini(&t);
	told_init(&t, true, false);
	sa.id.spi = 0;
	ck_assert_int_eq(ipsec_getspi(t.h, &sa, 0x1000, 0x1000, &spi), 0);
	ck_assert_uint_eq(spi, 0x1000);
	told_summary(&t, text);
	ck_assert_msg(strncmp(text, "1/0/3/", 6) == 0, "%s", text);
	ck_assert_ptr_nonnull(strstr(text, " 1/0/3/29"));
	told_fini(&t);
}
END_TEST

/* A refusal is a header with the error, and its words get through. */
START_TEST(refusals)
{
	struct ipsec_sa sa = esp();
	struct ipsec_policy p = policy();
	char text[200];
	uint32_t spi;
	struct told t;

	told_init(&t, true, false);
	t.fake.err = -EEXIST;
	ck_assert_int_eq(ipsec_sa_set(t.h, &sa, true), -EEXIST);
	ck_assert_str_eq(ipsec_error(t.h), "the kernel's words");
	ck_assert_int_eq(ipsec_policy_set(t.h, &p, false), -EEXIST);
	ck_assert_int_eq(ipsec_getspi(t.h, &sa, 1, 1, &spi), -EEXIST);
	ck_assert_int_eq(ipsec_flush(t.h, IPSEC_FLUSH_SA, IPSEC_PROTO_AH),
	    -EEXIST);
	told_summary(&t, text);
	ck_assert_ptr_nonnull(strstr(text, "2/0/3/22 2/17/3/2 14/0/0/14 "
	    "14/17/0/2 1/0/3/"));
	ck_assert_ptr_nonnull(strstr(text, " 1/17/3/2 9/0/2/2 9/17/2/2"));
	told_fini(&t);
}
END_TEST

static int
count_sa(void *ctx, const struct ipsec_sa *sa)
{
	(void)sa;
	++*(int *)ctx;
	return 0;
}

static int
count_policy(void *ctx, const struct ipsec_policy *p)
{
	(void)p;
	++*(int *)ctx;
	return 0;
}

/* Records are told of by whoever shows them. */
START_TEST(dumps)
{
	struct ipsec_sa sa = esp();
	struct ipsec_policy p = policy();
	char text[200];
	struct told t;
	int n = 0;

	told_init(&t, true, false);
	ck_assert_int_eq(ipsec_sa_dump(t.h, NULL, count_sa, &n), 0);
	trace_told_sa(&t.trace, &sa, 7);
	ck_assert_int_eq(ipsec_policy_dump(t.h, NULL, count_policy, &n), 0);
	trace_told_policy(&t.trace, &p, 0);
	ck_assert_int_eq(n, 2);
	ck_assert_str_eq(told_summary(&t, text),
	    "10/0/0/2 10/0/3/29 18/0/0/2 18/0/0/22");
	ck_assert_ptr_nonnull(strstr(t.text, "seq=7 pid="));
	told_fini(&t);
}
END_TEST

START_TEST(bytes)
{
	struct ipsec_sa sa = esp();
	struct told t;

	/* Just what is sent, whatever comes back. */
	told_init(&t, false, true);
	ck_assert_int_eq(ipsec_sa_set(t.h, &sa, false), 0);
	ck_assert_int_eq(fflush(t.trace.out), 0);
	ck_assert_int_eq(strncmp(t.text, "00000000: 02 03 00 03 16 00 ", 28),
	    0);
	ck_assert_ptr_null(strstr(t.text, "sadb"));
	ck_assert_ptr_null(strstr(t.text + 1, "00000000:"));
	told_fini(&t);
	told_init(&t, false, false);
	ck_assert_int_eq(ipsec_sa_set(t.h, &sa, false), 0);
	ck_assert_int_eq(t.fake.calls, 1);
	ck_assert_int_eq(fflush(t.trace.out), 0);
	ck_assert_uint_eq(t.size, 0);
	told_fini(&t);
}
END_TEST

/* What the monitor prints of MSG. */
static char *
monitored(struct view msg, bool epoch, bool hex)
{
	char *out = NULL;
	size_t size;
	struct monitor m = { .out = open_memstream(&out, &size),
	    .epoch = epoch, .hex = hex };

	ck_assert_ptr_nonnull(m.out);
	monitor_print(&m, msg, THEN, 42);
	ck_assert_int_eq(fclose(m.out), 0);
	return out;
}

START_TEST(monitor_lines)
{
	static const uint8_t promisc[16] = { 2, 11, 0, 1, 2 };
	struct buf b;
	char *out;

	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_spd(&b, SADB_X_SPDFLUSH);
	out = monitored(buf_view(&b), false, false);
	ck_assert_str_eq(out, "08:45:30.000042 \nsadb_msg{ version=2 type=19 "
	    "errno=0 satype=0\n  len=2 reserved=0 seq=0 pid=0\n\n");
	free(out);
	out = monitored(buf_view(&b), true, true);
	ck_assert_str_eq(out, "1795423530.000042 \n00000000: 02 13 00 00 02 00 "
	    "00 00 00 00 00 00 00 00 00 00 \nsadb_msg{ version=2 type=19 "
	    "errno=0 satype=0\n  len=2 reserved=0 seq=0 pid=0\n\n");
	free(out);
	out = monitored(view_of(promisc, sizeof(promisc)), true, true);
	ck_assert_str_eq(out, "1795423530.000042 \n");
	free(out);
	out = monitored(view_of(promisc, 1), true, false);
	ck_assert_ptr_nonnull(strstr(out, "too short"));
	free(out);
	buf_fini(&b);
}
END_TEST

static char *
replayed(struct view v, bool verbose, bool brief, bool want)
{
	char *out = NULL;
	size_t size;
	struct show_options opt = { .out = open_memstream(&out, &size),
	    .brief = brief };

	ck_assert_ptr_nonnull(opt.out);
	ck_assert_int_eq(replay(v, verbose, &opt), want);
	ck_assert_int_eq(fclose(opt.out), 0);
	return out;
}

START_TEST(replays)
{
	struct ipsec_sa sa = esp();
	struct ipsec_policy p = policy();
	struct buf b;
	char *out;
	size_t at;

	buf_init(&b, PFKEY_MSG_BYTES);
	at = pfkey_put_sa_told(&b, SADB_DUMP, &sa);
	pfkey_msg_number(&b, at, 3, 77);
	at = pfkey_put_policy_told(&b, SADB_X_SPDDUMP, &p);
	pfkey_msg_number(&b, at, 0, 78);
	pfkey_put_spd(&b, SADB_X_SPDFLUSH);
	at = pfkey_put_satype(&b, SADB_DUMP, 0);
	buf_patch8(&b, at + 2, ENOENT);
	at = pfkey_put_satype(&b, SADB_ADD, 0);
	buf_patch8(&b, at + 2, EEXIST);
	out = replayed(buf_view(&b), false, false, true);
	ck_assert_ptr_nonnull(strstr(out, "10.0.0.1 10.0.0.2 \n\tesp "
	    "mode=transport spi=4096(0x00001000) reqid=0(0x00000000)\n"
	    "\tE: des-cbc  30313233 34353637\n"));
	ck_assert_ptr_nonnull(strstr(out, "\tsadb_seq=3 pid=77 refcnt=0\n"
	    "10.0.0.1[any] 10.0.0.2[any] 255\n\tout prio def none\n"));
	ck_assert_ptr_nonnull(strstr(out, "\tspid=9 seq=0 pid=78\n"
	    "\trefcnt=1\nNo SAD entries.\nFile exists.\n"));
	ck_assert_ptr_null(strstr(out, "sadb_msg"));
	free(out);
	out = replayed(buf_view(&b), true, true, true);
	ck_assert_ptr_nonnull(strstr(out, " esp M 00001000 "));
	ck_assert_ptr_nonnull(strstr(out, "sadb_msg{ version=2 type=19 "
	    "errno=0 satype=0\n  len=2 reserved=0 seq=0 pid=0\n\n"));
	free(out);
	/* Cut in the second message: the first one is shown. */
	out = replayed(view_of(b.p, b.n - 60), false, false, false);
	ck_assert_ptr_nonnull(strstr(out, "sadb_seq=3 pid=77"));
	free(out);
	free(replayed(view_text("flush;\nspdflush;\n# text\n"), false, false,
	    false));
	free(replayed(view_of("", 0), false, false, false));
	/* A record without what a record must have. */
	buf_reset(&b);
	pfkey_put_satype(&b, SADB_DUMP, IPSEC_PROTO_ESP);
	free(replayed(buf_view(&b), false, false, false));
	buf_fini(&b);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("setkey, messages");
	TCase *tc = tcase_create("messages");
	SRunner *sr = srunner_create(suite);
	int failed;

	if (setenv("TZ", "UTC", 1) != 0)
		return EXIT_FAILURE;
	tcase_add_test(tc, requests_and_answers);
	tcase_add_test(tc, refusals);
	tcase_add_test(tc, dumps);
	tcase_add_test(tc, bytes);
	tcase_add_test(tc, monitor_lines);
	tcase_add_test(tc, replays);
	suite_add_tcase(suite, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
