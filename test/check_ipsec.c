/* SPDX-License-Identifier: ISC */
/*
 * libipsec without a kernel: the algorithm table, the checks of arguments,
 * the calls over a made-up back end.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/check.h"
#include "libipsec/ops.h"
#include "test/suite.h"

static struct ipsec_addr
addr(const char *text)
{
	struct ipsec_addr a;

	ck_assert_msg(addr_parse(&a, text), "%s", text);
	return a;
}

START_TEST(table_is_sound)
{
	const struct ipsec_alg *a, *b;
	unsigned int n;

	for (n = 0; (a = ipsec_alg_nth(n)) != NULL; n++) {
		enum ipsec_alg_class class = a->class;

		b = ipsec_alg_by_name(class, a->name);
		ck_assert_msg(b == a, "%s is there twice", a->name);
		b = ipsec_alg_by_id(class, a->id);
		ck_assert_uint_eq(b->id, a->id);
		ck_assert_uint_ge(a->key_max, a->key_min);
		ck_assert_uint_le(a->key_max, 8 * IPSEC_KEY_MAX);
		ck_assert_uint_gt(a->key_step, 0);
		ck_assert_uint_eq((unsigned int)(a->key_max -
		    a->key_min) % a->key_step, 0);
		ck_assert_uint_le(a->icv_bits, 512);
		if (a->kernel == NULL)
			continue;
		ck_assert_uint_lt(strlen(a->kernel), IPSEC_NAME_MAX);
		b = ipsec_alg_by_kernel(class, a->kernel, a->icv_bits);
		ck_assert_uint_eq(b->id, a->id);
		/* The first row is the one that setkey prints. */
		ck_assert(b == ipsec_alg_by_id(class, a->id));
	}
	ck_assert_uint_gt(n, 30);
	ck_assert_ptr_null(ipsec_alg_nth(n + 1000));
}
END_TEST

START_TEST(table_has_the_facts)
{
	static const struct {
		const char *name, *kernel;
		enum ipsec_alg_class class;
		uint16_t id, ike, min, max, icv;
	} row[] = {
		{ "des-cbc", "cbc(des)", IPSEC_ALG_ENC, 2, 2, 64, 64, 0 },
		{ "3des-cbc", "cbc(des3_ede)", IPSEC_ALG_ENC, 3, 3, 192, 192,
		    0 },
		{ "blowfish-cbc", "cbc(blowfish)", IPSEC_ALG_ENC, 7, 7, 40,
		    448, 0 },
		{ "null", "ecb(cipher_null)", IPSEC_ALG_ENC, 11, 11, 0, 0, 0 },
		{ "aes-cbc", "cbc(aes)", IPSEC_ALG_ENC, 12, 12, 128, 256, 0 },
		{ "rijndael-cbc", "cbc(aes)", IPSEC_ALG_ENC, 12, 12, 128, 256,
		    0 },
		{ "aes-ctr", "rfc3686(ctr(aes))", IPSEC_ALG_ENC, 13, 13, 160,
		    288, 0 },
		{ "hmac-md5", "hmac(md5)", IPSEC_ALG_AUTH, 2, 1, 128, 128,
		    96 },
		{ "hmac-sha1", "hmac(sha1)", IPSEC_ALG_AUTH, 3, 2, 160, 160,
		    96 },
		{ "hmac-sha256", "hmac(sha256)", IPSEC_ALG_AUTH, 5, 5, 256,
		    256, 128 },
		{ "hmac-sha2-512", "hmac(sha512)", IPSEC_ALG_AUTH, 7, 7, 512,
		    512, 256 },
		{ "null", "digest_null", IPSEC_ALG_AUTH, 251, 0, 0, 0, 0 },
		{ "aes-gcm-16", "rfc4106(gcm(aes))", IPSEC_ALG_AEAD, 20, 20,
		    160, 288, 128 },
		{ "deflate", "deflate", IPSEC_ALG_COMP, 2, 2, 0, 0, 0 },
	};
	const struct ipsec_alg *a;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		a = ipsec_alg_by_name(row[i].class, row[i].name);
		ck_assert_ptr_nonnull(a);
		ck_assert_str_eq(a->kernel, row[i].kernel);
		ck_assert_uint_eq(a->id, row[i].id);
		ck_assert_uint_eq(a->ike_id, row[i].ike);
		ck_assert_uint_eq(a->key_min, row[i].min);
		ck_assert_uint_eq(a->key_max, row[i].max);
		ck_assert_uint_eq(a->icv_bits, row[i].icv);
	}
	ck_assert_ptr_null(ipsec_alg_by_name(IPSEC_ALG_ENC, "hmac-md5"));
	ck_assert_ptr_null(ipsec_alg_by_id(IPSEC_ALG_AUTH, 999));
	ck_assert_ptr_null(ipsec_alg_by_ike(IPSEC_ALG_AUTH, 0));
	ck_assert_str_eq(ipsec_alg_by_ike(IPSEC_ALG_ENC, 12)->name, "aes-cbc");
	ck_assert_str_eq(ipsec_alg_by_ike(IPSEC_ALG_AUTH, 5)->name,
	    "hmac-sha256");
	ck_assert_str_eq(ipsec_alg_by_kernel(IPSEC_ALG_AEAD,
	    "rfc4106(gcm(aes))", 96)->name, "aes-gcm-12");
	ck_assert_ptr_null(ipsec_alg_by_kernel(IPSEC_ALG_AEAD,
	    "rfc4106(gcm(aes))", 32));
	/* Of the others any truncation is the same algorithm. */
	ck_assert_str_eq(ipsec_alg_by_kernel(IPSEC_ALG_AUTH, "hmac(sha256)",
	    96)->name, "hmac-sha256");
}
END_TEST

/* A back end that writes down what it was asked for. */
struct fake {
	char	 asked[400];
	unsigned int closed;
};

static int
note(struct fake *f, const char *what, int result)
{
	size_t	n = strlen(f->asked);

	snprintf(f->asked + n, sizeof(f->asked) - n, "%s ", what);
	return result;
}

static int
fake_getspi(void *ctx, const struct ipsec_sa *sa, uint32_t min, uint32_t max,
    uint32_t *spi)
{
	(void)sa;
	*spi = min + (max - min) / 2;
	return note(ctx, "getspi", 0);
}

static int
fake_sa_set(void *ctx, const struct ipsec_sa *sa, bool update)
{
	return note(ctx, update ? "sa-update" : "sa-add",
	    sa->reqid == 13 ? -EEXIST : 0);
}

static int
fake_sa_get(void *ctx, const struct ipsec_sa_id *id, struct ipsec_sa *sa)
{
	memset(sa, 0, sizeof(*sa));
	sa->id = *id;
	return note(ctx, "sa-get", 0);
}

static int
fake_sa_delete(void *ctx, const struct ipsec_sa_id *id)
{
	(void)id;
	return note(ctx, "sa-delete", -ESRCH);
}

static int
fake_sa_dump(void *ctx, const struct ipsec_filter *f, ipsec_sa_fn *fn,
    void *fn_ctx)
{
	struct ipsec_sa sa = { .reqid = f->reqid };

	note(ctx, "sa-dump", 0);
	return fn(fn_ctx, &sa);
}

static int
fake_policy_set(void *ctx, const struct ipsec_policy *p, bool update)
{
	(void)p;
	return note(ctx, update ? "policy-update" : "policy-add", 0);
}

static int
fake_policy_get(void *ctx, const struct ipsec_policy *id,
    struct ipsec_policy *p)
{
	*p = *id;
	return note(ctx, "policy-get", 0);
}

static int
fake_policy_delete(void *ctx, const struct ipsec_policy *id)
{
	(void)id;
	return note(ctx, "policy-delete", 0);
}

static int
fake_policy_dump(void *ctx, const struct ipsec_filter *f,
    ipsec_policy_fn *fn, void *fn_ctx)
{
	struct ipsec_policy p = { .dir = f->dir };

	note(ctx, "policy-dump", 0);
	return fn(fn_ctx, &p);
}

static int
fake_flush(void *ctx, enum ipsec_what what, uint8_t proto)
{
	(void)proto;
	return note(ctx, what == IPSEC_FLUSH_SA ? "flush" : "policy-flush", 0);
}

static int
fake_listen(void *ctx, unsigned int what)
{
	return note(ctx, "listen", what == 0 ? -EINVAL : 0);
}

static int
fake_event_fd(void *ctx)
{
	note(ctx, "fd", 0);
	return 99;
}

static int
fake_events(void *ctx, ipsec_event_fn *fn, void *fn_ctx)
{
	struct ipsec_event e = { .type = IPSEC_EVENT_RESYNC };

	fn(fn_ctx, &e);
	return note(ctx, "events", 0);
}

static const char *
fake_error(void *ctx)
{
	(void)ctx;
	return "the back end's reason";
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
	.listen = fake_listen, .event_fd = fake_event_fd,
	.events = fake_events, .error = fake_error, .close = fake_close,
};

static struct ipsec_sa
good_sa(void)
{
	struct ipsec_sa sa;

	memset(&sa, 0, sizeof(sa));
	sa.id.dst = addr("192.0.2.2");
	sa.src = addr("192.0.2.1");
	sa.id.spi = 256;
	sa.id.proto = IPSEC_PROTO_ESP;
	return sa;
}

static struct ipsec_policy
good_policy(void)
{
	struct ipsec_policy p;

	memset(&p, 0, sizeof(p));
	p.sel.src = p.sel.dst = addr("10.0.0.0");
	p.sel.src_prefix = p.sel.dst_prefix = 8;
	p.dir = IPSEC_DIR_IN;
	p.action = IPSEC_ACTION_IPSEC;
	p.ntmpl = 1;
	p.tmpl[0].proto = IPSEC_PROTO_ESP;
	return p;
}

static int
seen_sa(void *ctx, const struct ipsec_sa *sa)
{
	(void)sa;
	++*(int *)ctx;
	return 5;
}

static int
seen_policy(void *ctx, const struct ipsec_policy *p)
{
	(void)p;
	++*(int *)ctx;
	return 0;
}

static void
seen_event(void *ctx, const struct ipsec_event *e)
{
	ck_assert_int_eq(e->type, IPSEC_EVENT_RESYNC);
	++*(int *)ctx;
}

START_TEST(calls_reach_the_back_end)
{
	struct ipsec_sa sa = good_sa(), sa2;
	struct ipsec_policy p = good_policy(), p2;
	struct fake f = { .closed = 0 };
	struct ipsec *h = ipsec_new(&fake_ops, &f);
	uint32_t spi;
	int	 n = 0;

	ck_assert_str_eq(ipsec_backend(h), "fake");
	ck_assert_int_eq(ipsec_getspi(h, &sa, 256, 258, &spi), 0);
	ck_assert_uint_eq(spi, 257);
	ck_assert_int_eq(ipsec_sa_set(h, &sa, false), 0);
	ck_assert_str_eq(ipsec_error(h), "");
	ck_assert_int_eq(ipsec_sa_set(h, &sa, true), 0);
	ck_assert_int_eq(ipsec_sa_get(h, &sa.id, &sa2), 0);
	ck_assert_int_eq(ipsec_sa_delete(h, &sa.id), -ESRCH);
	ck_assert_str_eq(ipsec_error(h), "the back end's reason");
	ck_assert_int_eq(ipsec_sa_dump(h, NULL, seen_sa, &n), 5);
	ck_assert_int_eq(ipsec_policy_set(h, &p, false), 0);
	ck_assert_int_eq(ipsec_policy_set(h, &p, true), 0);
	ck_assert_int_eq(ipsec_policy_get(h, &p, &p2), 0);
	ck_assert_int_eq(ipsec_policy_delete(h, &p), 0);
	ck_assert_int_eq(ipsec_policy_dump(h, NULL, seen_policy, &n), 0);
	ck_assert_int_eq(ipsec_flush(h, IPSEC_FLUSH_SA, 50), 0);
	ck_assert_int_eq(ipsec_flush(h, IPSEC_FLUSH_POLICY, 0), 0);
	ck_assert_int_eq(ipsec_listen(h, 1), 0);
	ck_assert_int_eq(ipsec_event_fd(h), 99);
	ck_assert_int_eq(ipsec_events(h, seen_event, &n), 0);
	ck_assert_int_eq(n, 3);
	ck_assert_str_eq(f.asked, "getspi sa-add sa-update sa-get sa-delete "
	    "sa-dump policy-add policy-update policy-get policy-delete "
	    "policy-dump flush policy-flush listen fd events ");
	ipsec_close(h);
	ck_assert_uint_eq(f.closed, 1);
	ipsec_close(NULL);
}
END_TEST

START_TEST(bad_arguments_stay_here)
{
	struct ipsec_sa sa = good_sa(), sa2;
	struct ipsec_policy p = good_policy();
	struct ipsec_filter filter = { .proto = 4 };
	struct fake f = { .closed = 0 };
	struct ipsec *h = ipsec_new(&fake_ops, &f);
	uint32_t spi = 1;
	int	 n = 0;

	ck_assert_int_eq(ipsec_getspi(h, &sa, 9, 8, &spi), -EINVAL);
	ck_assert_uint_eq(spi, 0);
	ck_assert_str_eq(ipsec_error(h), "SPI range is empty");
	ck_assert_int_eq(ipsec_sa_dump(h, &filter, seen_sa, &n), -EINVAL);
	ck_assert_int_eq(ipsec_policy_dump(h, &filter, seen_policy, &n),
	    -EINVAL);
	ck_assert_int_eq(ipsec_flush(h, IPSEC_FLUSH_SA, 4), -EINVAL);
	sa.id.proto = 4;
	ck_assert_int_eq(ipsec_sa_set(h, &sa, false), -EINVAL);
	ck_assert_int_eq(ipsec_sa_get(h, &sa.id, &sa2), -EINVAL);
	ck_assert_int_eq(ipsec_sa_delete(h, &sa.id), -EINVAL);
	p.dir = IPSEC_DIR_SOCKET_IN;
	ck_assert_int_eq(ipsec_policy_set(h, &p, false), -EINVAL);
	ck_assert_int_eq(ipsec_policy_get(h, &p, &p), -EINVAL);
	ck_assert_int_eq(ipsec_policy_delete(h, &p), -EINVAL);
	ck_assert_str_ne(ipsec_error(h), "");
	ck_assert_str_eq(f.asked, "");
	ck_assert_int_eq(n, 0);
	ipsec_close(h);
}
END_TEST

/* Each of these makes a good SA a bad one. */
START_TEST(bad_sas)
{
	const char *why;

	for (int i = 0; i < 14; i++) {
		struct ipsec_sa sa = good_sa();

		sa.enc.present = i > 8;
		sa.enc.id = 12;
		switch (i) {
		case 0: sa.id.dst.family = 0; break;
		case 1: sa.id.dst.family = 77; break;
		case 2: sa.id.proto = 0; break;
		case 3: sa.src = addr("::1"); break;
		case 4: sa.mode = 4; break;
		case 5: sa.dir = IPSEC_DIR_FWD; break;
		case 6: sa.ctx.length = IPSEC_CTX_MAX + 1; break;
		case 7: sa.encap.oa = addr("::1"); break;
		case 8: sa.has_sel = 1; sa.sel.src_prefix = 1; break;
		case 9: sa.enc.key_bits = 8 * IPSEC_KEY_MAX + 1; break;
		case 10: sa.enc.id = 0; break;
		case 11: memset(sa.enc.name, 'x', IPSEC_NAME_MAX); break;
		case 12: sa.has_sel = 1; sa.sel.src = addr("::");
			sa.sel.dst = addr("0.0.0.0"); break;
		case 13: sa.has_sel = 1; sa.sel.dst.family = 9; break;
		}
		why = "";
		ck_assert_msg(ipsec_check_sa(&sa, &why) == -EINVAL, "%d", i);
		ck_assert_str_ne(why, "");
	}
}
END_TEST

START_TEST(bad_policies)
{
	const char *why;

	for (int i = 0; i < 10; i++) {
		struct ipsec_policy p = good_policy();

		switch (i) {
		case 0: p.ntmpl = IPSEC_TMPL_MAX + 1; break;
		case 1: p.dir = 0; break;
		case 2: p.action = 3; break;
		case 3: memset(&p.sel, 0, sizeof(p.sel)); break;
		case 4: p.sel.src_prefix = 33; break;
		case 5: p.tmpl[0].proto = 6; break;
		case 6: p.tmpl[0].mode = IPSEC_MODE_TUNNEL; break;
		case 7: p.tmpl[0].mode = 9; break;
		case 8: p.ctx.length = IPSEC_CTX_MAX + 1; break;
		case 9: p.index = 8; p.dir = IPSEC_DIR_SOCKET_IN; break;
		}
		why = "";
		ck_assert_msg(ipsec_check_policy(&p, &why) ==
		    (i == 0 ? -ELOOP : -EINVAL), "%d", i);
		ck_assert_str_ne(why, "");
	}
}
END_TEST

START_TEST(spi_ranges)
{
	struct ipsec_sa sa = good_sa();
	const char *why;

	ck_assert_int_eq(ipsec_check_spi_range(&sa, 1, UINT32_MAX, &why), 0);
	ck_assert_int_eq(ipsec_check_spi_range(&sa, 0, 5, &why), -EINVAL);
	sa.id.proto = IPSEC_PROTO_IPCOMP;
	ck_assert_int_eq(ipsec_check_spi_range(&sa, 1, 65535, &why), 0);
	ck_assert_int_eq(ipsec_check_spi_range(&sa, 1, 65536, &why), -EINVAL);
}
END_TEST

struct script {
	unsigned int next, results, failures;
};

static bool
script_next(void *ctx, struct ipsec_command *c)
{
	struct script *s = ctx;

	c->sa = good_sa();
	c->policy = good_policy();
	switch (s->next++) {
	case 0: c->op = IPSEC_OP_SA_ADD; return true;
	case 1: c->op = IPSEC_OP_SA_ADD; c->sa.reqid = 13; return true;
	case 2: c->op = IPSEC_OP_SA_UPDATE; return true;
	case 3: c->op = IPSEC_OP_SA_DELETE; return true;
	case 4: c->op = IPSEC_OP_POLICY_ADD; c->policy.dir = 0; return true;
	case 5: c->op = IPSEC_OP_POLICY_ADD; return true;
	case 6: c->op = IPSEC_OP_POLICY_UPDATE; return true;
	case 7: c->op = IPSEC_OP_POLICY_DELETE; return true;
	case 8: c->op = IPSEC_OP_SA_FLUSH; return true;
	case 9: c->op = IPSEC_OP_POLICY_FLUSH; return true;
	case 10: c->op = (enum ipsec_op)77; return true;
	}
	return false;
}

static void
script_result(void *ctx, size_t nth, int err, const char *reason)
{
	static const int want[] = { 0, -EEXIST, 0, -ESRCH, -EINVAL, 0, 0, 0,
	    0, 0, -EINVAL };
	struct script *s = ctx;

	ck_assert_uint_eq(nth, s->results++);
	ck_assert_int_eq(err, want[nth]);
	ck_assert_int_eq(reason[0] == '\0', err == 0);
	s->failures += err != 0;
}

START_TEST(batch_one_by_one)
{
	struct script s = { .next = 0 };
	struct fake f = { .closed = 0 };
	struct ipsec *h = ipsec_new(&fake_ops, &f);

	ck_assert_int_eq(ipsec_batch(h, script_next, script_result, &s), 4);
	ck_assert_uint_eq(s.results, 11);
	ck_assert_uint_eq(s.failures, 4);
	ck_assert_str_eq(f.asked, "sa-add sa-add sa-update sa-delete "
	    "policy-add policy-update policy-delete flush policy-flush ");
	s.next = 0;
	ck_assert_int_eq(ipsec_batch(h, script_next, NULL, &s), 4);
	ipsec_close(h);
}
END_TEST

START_TEST(open_by_name)
{
	struct ipsec *h;

	ck_assert_int_eq(ipsec_open(&h, "nosuch"), -EINVAL);
	ck_assert_ptr_null(h);
	setenv("IPSEC_BACKEND", "nosuch", 1);
	ck_assert_int_eq(ipsec_open(&h, NULL), -EINVAL);
	ck_assert_ptr_null(h);
}
END_TEST

int
main(void)
{
	const struct suite_row row[] = {
		{ "alg", table_is_sound },
		{ "alg", table_has_the_facts },
		{ "calls", calls_reach_the_back_end },
		{ "calls", bad_arguments_stay_here },
		{ "calls", bad_sas },
		{ "calls", bad_policies },
		{ "calls", spi_ranges },
		{ "calls", batch_one_by_one },
		{ "calls", open_by_name },
	};

	return suite_rows("ipsec", row, sizeof(row) / sizeof(row[0]));
}
