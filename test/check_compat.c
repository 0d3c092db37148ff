/* SPDX-License-Identifier: ISC */
/*
 * The historical interface, but for the messages it sends: policies and
 * errors as golden/libipsec/policies.txt has them, to the byte, key lengths,
 * and what two threads see.
 */
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libipsec/libpfkey.h"
#include "test/suite.h"

#define GOLDEN		TESTDATA "/golden/libipsec/policies.txt"
#define TEXT		65536

extern int	 __ipsec_errcode;
void		 __ipsec_set_strerror(const char *);

/* The struct that programs fill in: its layout is part of the ABI. */
#ifdef __LP64__
#define AT(field, offset) \
	_Static_assert(offsetof(struct pfkey_send_sa_args, field) == offset, \
	    #field)
AT(so, 0);
AT(type, 4);
AT(satype, 8);
AT(mode, 12);
AT(src, 16);
AT(dst, 24);
AT(spi, 32);
AT(reqid, 36);
AT(wsize, 40);
AT(keymat, 48);
AT(e_type, 56);
AT(e_keylen, 60);
AT(a_type, 64);
AT(a_keylen, 68);
AT(flags, 72);
AT(l_alloc, 76);
AT(l_bytes, 80);
AT(l_addtime, 84);
AT(l_usetime, 88);
AT(seq, 92);
AT(l_natt_type, 96);
AT(l_natt_sport, 98);
AT(l_natt_dport, 100);
AT(l_natt_oa, 104);
AT(l_natt_frag, 112);
AT(ctxdoi, 114);
AT(ctxalg, 115);
AT(ctxstr, 120);
AT(ctxstrlen, 128);
_Static_assert(sizeof(struct pfkey_send_sa_args) == 136, "size");
#endif

/* Text that grows, and fails the test when it is too long. */
struct out {
	size_t	n;
	char	p[TEXT];
};

__attribute__((format(printf, 2, 3)))
static void
put(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(o->p + o->n, sizeof(o->p) - o->n, fmt, ap);
	va_end(ap);
	ck_assert(n >= 0 && (size_t)n < sizeof(o->p) - o->n);
	o->n += (size_t)n;
}

static void
read_file(int fd, struct out *o)
{
	ssize_t n = pread(fd, o->p, sizeof(o->p) - 1, 0);

	ck_assert_int_ge(n, 0);
	o->p[n] = '\0';
	o->n = (size_t)n;
}

/* What goes to standard output and error meanwhile goes to a file. */
struct capture {
	int	file, out, err;
};

static void
capture_start(struct capture *c)
{
	fflush(NULL);
	c->out = dup(1);
	c->err = dup(2);
	c->file = memfd_create("captured", 0);
	ck_assert_int_ge(c->file, 0);
	ck_assert(dup2(c->file, 1) == 1 && dup2(c->file, 2) == 2);
}

static void
capture_end(struct capture *c, struct out *o)
{
	fflush(NULL);
	dup2(c->out, 1);
	dup2(c->err, 2);
	close(c->out);
	close(c->err);
	read_file(c->file, o);
	close(c->file);
}

static void
put_policy(struct out *o, ipsec_policy_t p)
{
	int len = ipsec_get_policylen(p);
	char *text;

	put(o, "LEN    %d\nHEX   ", len);
	for (int i = 0; i < len; i++)
		put(o, "%s %02x", i > 0 && i % 16 == 0 ? "\n      " : "",
		    (unsigned int)((uint8_t *)p)[i]);
	text = ipsec_dump_policy(p, NULL);
	ck_assert_ptr_nonnull(text);
	put(o, "\nDUMP   |%s| (err %d)\n", text, __ipsec_errcode);
	free(text);
	text = ipsec_dump_policy_withports(p, "\n\t");
	ck_assert_ptr_nonnull(text);
	put(o, "DUMPP  |%s|\n", text);
	free(text);
}

/* One record of the file: everything between two lines "INPUT". */
static void
check_record(const char *input, const char *want)
{
	struct capture c;
	struct out got;
	ipsec_policy_t p;

	capture_start(&c);
	p = ipsec_set_policy(input, (int)strlen(input));
	capture_end(&c, &got);
	if (p == NULL)
		put(&got, "ERROR  %d %s\n", __ipsec_errcode,
		    ipsec_strerror());
	else
		put_policy(&got, p);
	free(p);
	ck_assert_str_eq(got.p, want);
}

/* Ends TEXT at END, whose first bytes are overwritten; returns what follows. */
static char *
cut(char *text, const char *end)
{
	char *at = strstr(text, end);

	ck_assert_msg(at != NULL, "no %s", end);
	*at = '\0';
	return at + strlen(end);
}

static char *
golden(struct out *o)
{
	int fd = open(GOLDEN, O_RDONLY);

	ck_assert_msg(fd >= 0, GOLDEN);
	read_file(fd, o);
	close(fd);
	return o->p;
}

START_TEST(policies)
{
	struct out file;
	char *at = golden(&file), *record, *next, *body;
	unsigned int n = 0;

	(void)cut(at, "dump of zeroed");
	for (record = cut(at, "INPUT  |"); record != NULL; record = next) {
		if ((next = strstr(record, "\nINPUT  |")) != NULL) {
			next[1] = '\0';
			next += strlen("\nINPUT  |");
		}
		body = cut(record, "|\n");
		check_record(record, body);
		n++;
	}
	ck_assert_uint_eq(n, 55);
}
END_TEST

/* What stands before and behind the policies in the same file. */
START_TEST(codes)
{
	struct out file, got = { .n = 0 };
	char *at = golden(&file), zero[64] = "", *text;

	at = cut(at, "INPUT  |");
	put(&got, "libipsec_opt=0x%x\n", (unsigned int)libipsec_opt);
	put(&got, "initial ipsec_strerror: %s\n", ipsec_strerror());
	put(&got, "ipsec_get_policylen(NULL)=%d\n",
	    ipsec_get_policylen(NULL));
	ck_assert_str_eq(got.p, file.p);

	(void)ipsec_set_policy("in ipsec esp/tunnel/1.2.3.4-x/use", 0);
	got.n = 0;
	text = ipsec_dump_policy(zero, NULL);
	put(&got, " buffer: %s err=%d\n", text == NULL ? "NULL" : text,
	    __ipsec_errcode);
	__ipsec_errcode = 99;
	put(&got, "errcode 99 -> %s\n", ipsec_strerror());
	ck_assert_int_eq(__ipsec_errcode, 30);
	for (int i = 0; i <= 30; i++) {
		__ipsec_errcode = i;
		put(&got, "%d %s\n", i, ipsec_strerror());
	}
	ck_assert_str_eq(got.p, cut(at, "dump of zeroed"));
}
END_TEST

START_TEST(system_errors)
{
	/* Without a text, as before the first one, there are words too. */
	__ipsec_set_strerror(NULL);
	ck_assert_int_eq(__ipsec_errcode, 26);
	ck_assert_str_eq(ipsec_strerror(), "System error");
	__ipsec_set_strerror("the disk is on fire");
	ck_assert_int_eq(__ipsec_errcode, 26);
	ck_assert_str_eq(ipsec_strerror(), "the disk is on fire");
	__ipsec_errcode = -1;
	ck_assert_str_eq(ipsec_strerror(), "Unknown error");
	ck_assert_int_eq(pfkey_send(-1, NULL, 0), -1);
	ck_assert_str_eq(ipsec_strerror(), "Bad file descriptor");
	ck_assert_ptr_null(pfkey_recv(-1));
	ck_assert_str_eq(ipsec_strerror(), "Bad file descriptor");
	ck_assert_int_eq(pfkey_set_buffer_size(-1, 0), -1);
	ck_assert_str_eq(ipsec_strerror(), "Bad file descriptor");
}
END_TEST

/* An older code must not show through, and none is lost. */
START_TEST(no_stale_code)
{
	ck_assert_ptr_null(ipsec_set_policy("in prio low - 1073741824 none",
	    0));
	ck_assert_int_eq(__ipsec_errcode, 28);
	ck_assert_ptr_null(ipsec_set_policy("in nonsense", 0));
	ck_assert_int_eq(__ipsec_errcode, 2);
	ck_assert_ptr_null(ipsec_set_policy(NULL, 0));
	ck_assert_int_eq(__ipsec_errcode, 2);
	ck_assert_uint_eq(pfkey_get_softrate(0), 80);
	ck_assert_int_eq(__ipsec_errcode, 0);
	ck_assert_ptr_null(ipsec_set_policy("in ipsec "
	    "ah/transport ah/transport ah/transport ah/transport ah/transport "
	    "ah/transport ah/transport ah/transport ah/transport ah/transport "
	    "ah/transport ah/transport ah/transport ah/transport ah/transport "
	    "ah/transport ah/transport", 0));
	ck_assert_int_eq(__ipsec_errcode, 21);
}
END_TEST

/* A policy extension of one request, and which byte of it is wrong. */
static const struct {
	size_t	at;
	uint8_t	value;
	int	err;
} damages[] = {
	{ 2, 17, 12 },		/* another extension */
	{ 4, 9, 5 },		/* type */
	{ 6, 0, 17 }, { 6, 6, 17 },	/* direction */
	{ 0, 7, 3 },		/* shorter than its request */
	{ 0, 3, 3 },
	{ 16, 15, 3 },		/* the request's own length */
	{ 16, 49, 3 },
	{ 18, 17, 7 }, { 19, 1, 7 },	/* protocol */
	{ 20, 3, 8 },		/* mode */
	{ 21, 4, 9 },		/* level */
	{ 32, 1, 6 }, { 48, 10, 6 },	/* families of the ends */
};

START_TEST(bad_policies)
{
	char *good = ipsec_set_policy(
	    "out ipsec esp/tunnel/10.0.0.1-10.0.0.2/use", 0), *text;

	ck_assert_int_eq(ipsec_get_policylen(good), 64);
	ck_assert_ptr_null(ipsec_dump_policy(NULL, NULL));
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		/* Memory of just the length that the policy claims. */
		size_t n = damages[i].at == 0 ? damages[i].value * 8u : 64u;
		char *p = malloc(n);

		ck_assert_ptr_nonnull(p);
		memcpy(p, good, n < 64 ? n : 64);
		p[damages[i].at] = (char)damages[i].value;
		text = ipsec_dump_policy(p, NULL);
		ck_assert_msg(text == NULL &&
		    __ipsec_errcode == damages[i].err, "%zu: %s, %d", i,
		    text == NULL ? "none" : text, __ipsec_errcode);
		free(p);
	}
	/* Any mode, as only a program can write it. */
	good[20] = 0;
	text = ipsec_dump_policy(good, NULL);
	ck_assert_str_eq(text,
	    "out prio def ipsec esp/any/10.0.0.1-10.0.0.2/use");
	free(text);
	free(good);
}
END_TEST

/* A reply to REGISTER, of an AH and two ESP algorithms. */
struct supported {
	struct sadb_msg	 msg;
	struct sadb_supported auth;
	struct sadb_alg	 sha1;
	struct sadb_supported enc;
	struct sadb_alg	 null, aes;
};

static struct supported
supported(void)
{
	struct supported s = {
		.msg = { .sadb_msg_version = PF_KEY_V2,
		    .sadb_msg_type = SADB_REGISTER,
		    .sadb_msg_len = sizeof(s) },
		.auth = { .sadb_supported_len = 2,
		    .sadb_supported_exttype = SADB_EXT_SUPPORTED_AUTH },
		.sha1 = { .sadb_alg_id = 3, .sadb_alg_minbits = 160,
		    .sadb_alg_maxbits = 160 },
		.enc = { .sadb_supported_len = 3,
		    .sadb_supported_exttype = SADB_EXT_SUPPORTED_ENCRYPT },
		.null = { .sadb_alg_id = 11 },
		.aes = { .sadb_alg_id = 12, .sadb_alg_ivlen = 8,
		    .sadb_alg_minbits = 128, .sadb_alg_maxbits = 256 },
	};

	return s;
}

START_TEST(key_lengths)
{
	struct supported s = supported();
	struct sadb_alg alg;
	struct capture c;
	struct out said;

	ck_assert_int_eq(ipsec_check_keylen(14, 3, 160), -1);
	ck_assert_int_eq(__ipsec_errcode, 22);
	ck_assert_int_eq(pfkey_set_supported(&s.msg, sizeof(s)), 0);
	ck_assert_int_eq(ipsec_check_keylen(14, 3, 160), 0);
	ck_assert_int_eq(__ipsec_errcode, 0);
	ck_assert_int_eq(ipsec_check_keylen2(2, 3, 160), 0);
	ck_assert_int_eq(ipsec_check_keylen2(3, 11, 0), 0);
	ck_assert_int_eq(ipsec_check_keylen(15, 12, 256), 0);
	capture_start(&c);
	ck_assert_int_eq(ipsec_check_keylen(14, 3, 161), -1);
	capture_end(&c, &said);
	ck_assert_str_eq(said.p, "161 160 160\n");
	ck_assert_int_eq(__ipsec_errcode, 14);
	ck_assert_int_eq(ipsec_check_keylen(14, 99, 160), -1);
	ck_assert_int_eq(__ipsec_errcode, 1);
	ck_assert_int_eq(ipsec_check_keylen(14, 259, 160), -1);
	ck_assert_int_eq(__ipsec_errcode, 1);
	ck_assert_int_eq(ipsec_check_keylen(16, 3, 160), -1);
	ck_assert_int_eq(__ipsec_errcode, 2);
	ck_assert_int_eq(ipsec_check_keylen2(9, 2, 0), -1);
	ck_assert_int_eq(__ipsec_errcode, 22);
	ck_assert_int_eq(ipsec_check_keylen2(1, 2, 0), -1);
	ck_assert_int_eq(__ipsec_errcode, 2);
	ck_assert_int_eq(ipsec_get_keylen(15, 12, &alg), 0);
	ck_assert_mem_eq(&alg, &s.aes, sizeof(alg));
	ck_assert_int_eq(ipsec_get_keylen(15, 12, NULL), -1);
	ck_assert_int_eq(__ipsec_errcode, 2);
}
END_TEST

START_TEST(supported_is_checked)
{
	struct supported s = supported();

	ck_assert_int_eq(pfkey_set_supported(NULL, 16), -1);
	ck_assert_int_eq(pfkey_set_supported(&s.msg, sizeof(s) - 8), -1);
	ck_assert_int_eq(__ipsec_errcode, 2);
	ck_assert_int_eq(pfkey_set_supported(&s.msg, -1), -1);
	s.enc.sadb_supported_len = 4;
	ck_assert_int_eq(pfkey_set_supported(&s.msg, sizeof(s)), -1);
	ck_assert_int_eq(__ipsec_errcode, 2);
	s.enc.sadb_supported_len = 0;
	ck_assert_int_eq(pfkey_set_supported(&s.msg, sizeof(s)), -1);
	ck_assert_int_eq(__ipsec_errcode, 2);
	s.enc.sadb_supported_len = 3;
	s.enc.sadb_supported_exttype = SADB_EXT_SA;
	ck_assert_int_eq(pfkey_set_supported(&s.msg, sizeof(s)), -1);
	ck_assert_int_eq(__ipsec_errcode, 10);
	/* What is not there any more is forgotten. */
	s = supported();
	ck_assert_int_eq(pfkey_set_supported(&s.msg, sizeof(s)), 0);
	s.sha1.sadb_alg_id = 5;
	ck_assert_int_eq(pfkey_set_supported(&s.msg, sizeof(s)), 0);
	ck_assert_int_eq(ipsec_check_keylen(14, 5, 160), 0);
	ck_assert_int_eq(ipsec_check_keylen(14, 3, 160), -1);
}
END_TEST

START_TEST(soft_rates)
{
	for (unsigned int type = 0; type < 4; type++)
		ck_assert_uint_eq(pfkey_get_softrate(type), 80);
	ck_assert_uint_eq(pfkey_set_softrate(1, 50), 0);
	ck_assert_uint_eq(pfkey_get_softrate(1), 50);
	ck_assert_uint_eq(pfkey_set_softrate(2, 0), 0);
	ck_assert_uint_eq(pfkey_get_softrate(2), 100);
	ck_assert_uint_eq(pfkey_set_softrate(3, 101), 0);
	ck_assert_uint_eq(pfkey_get_softrate(3), 100);
	ck_assert_uint_eq(pfkey_set_softrate(4, 50), 1);
	ck_assert_int_eq(__ipsec_errcode, 2);
	ck_assert_uint_eq(pfkey_get_softrate(4), ~0u);
	ck_assert_int_eq(__ipsec_errcode, 2);
}
END_TEST

#define ROUNDS	2000

/* Provokes one error again and again; NULL when it was always that one. */
static void *
fail_so(void *arg)
{
	const char *const *text = arg;	/* what to parse, what to hear */

	for (int i = 0; i < ROUNDS; i++) {
		ipsec_policy_t p = ipsec_set_policy(text[0], 0);
		const char *heard = ipsec_strerror();

		free(p);
		if (strcmp(heard, text[1]) != 0)
			return (void *)(uintptr_t)heard;
		(void)pfkey_set_softrate(1, 80);
		(void)pfkey_get_softrate(1);
	}
	return NULL;
}

START_TEST(threads)
{
	const char *cases[][2] = {
		{ "in ipsec esp", "Too few arguments" },
		{ "in ipsec esp/tunnel", "Invalid address specification" },
		{ "in prio 2147483649 none", "Priority offset not in valid "
		    "range [-2147483647, 2147483648]" },
	};
	pthread_t thread[3];
	void *wrong;

	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, fail_so,
		    cases[i]), 0);
	/* The one that runs main() is the third. */
	ck_assert_ptr_null(fail_so(cases[2]));
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(pthread_join(thread[i], &wrong), 0);
		ck_assert_msg(wrong == NULL, "heard %s", (char *)wrong);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { policies, codes, system_errors,
	    no_stale_code, bad_policies, key_lengths, supported_is_checked,
	    soft_rates, threads };

	return suite_main("compat", tests, sizeof(tests) / sizeof(tests[0]));
}
