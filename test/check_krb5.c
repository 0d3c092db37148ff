/* SPDX-License-Identifier: ISC */
/* Kerberos where there is no KDC: what fails says why, and leaves nothing. */
#include <check.h>
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/gss.h"
#include "suite.h"

#define REALM	"TEST.EXAMPLE"

struct world {
	char	dir[40], conf[60], keytab[80];
};

static void
world_new(struct world *w)
{
	FILE *f;

	strcpy(w->dir, "/tmp/check_krb5.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(w->dir));
	snprintf(w->conf, sizeof(w->conf), "%s/krb5.conf", w->dir);
	snprintf(w->keytab, sizeof(w->keytab), "FILE:%s/keytab", w->dir);
	f = fopen(w->conf, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "[libdefaults]\ndefault_realm = " REALM "\n"
	    "dns_lookup_kdc = false\nrdns = false\n");
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(setenv("KRB5_CONFIG", w->conf, 1), 0);
	ck_assert_int_eq(setenv("KRB5_KTNAME", w->keytab, 1), 0);
}

static void
world_free(struct world *w)
{
	(void)unlink(w->conf);
	(void)unlink(w->keytab + strlen("FILE:"));
	ck_assert_int_eq(rmdir(w->dir), 0);
}

/* A key for ike/b.example. */
static void
add_key(const struct world *w)
{
	krb5_keytab_entry entry = { .vno = 1 };
	krb5_context k;
	krb5_keytab kt;

	ck_assert_int_eq(krb5_init_context(&k), 0);
	ck_assert_int_eq(krb5_kt_resolve(k, w->keytab, &kt), 0);
	ck_assert_int_eq(krb5_parse_name(k, "ike/b.example@" REALM,
	    &entry.principal), 0);
	ck_assert_int_eq(krb5_c_make_random_key(k,
	    ENCTYPE_AES256_CTS_HMAC_SHA1_96, &entry.key), 0);
	ck_assert_int_eq(krb5_kt_add_entry(k, kt, &entry), 0);
	krb5_free_keyblock_contents(k, &entry.key);
	krb5_free_principal(k, entry.principal);
	ck_assert_int_eq(krb5_kt_close(k, kt), 0);
	krb5_free_context(k);
}

/* One step as OWN that fails and says TEXT. */
static void
fails(bool initiator, const char *own, struct view token, const char *text)
{
	const struct gss_ops *ops = gss_provider();
	struct gss_begin begin = { .initiator = initiator,
		.peer = "ike/c.example" };
	struct gss_state state = { .done = false };
	struct gss *g;
	struct buf out;

	snprintf(begin.own, sizeof(begin.own), "%s", own);
	buf_init(&out, 8192);
	g = ops->new(&begin);
	ck_assert_msg(ops->step(g, token, &out, &state) == E_AUTH,
	    "%s as %s, %zu bytes", initiator ? "initiator" : "responder", own,
	    token.n);
	ck_assert_msg(strstr(state.why, text) != NULL, "%s", state.why);
	ck_assert(!state.done);
	ops->free(g);
	buf_fini(&out);
}

START_TEST(no_keytab)
{
	struct world w;

	world_new(&w);
	fails(true, "ike/b.example", view_of(NULL, 0), w.keytab);
	fails(false, "ike/b.example", view_text("x"), w.keytab);
	world_free(&w);
}
END_TEST

START_TEST(keytab)
{
	static const uint8_t looks_right[] = { 0x60, 0x10, 0x06, 0x09, 0x2a,
		0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x01, 0x00,
		0x6e, 0x01, 0x00 };
	struct world w;

	world_new(&w);
	add_key(&w);
	fails(true, "ike/b.example", view_of(NULL, 0), "KDC");
	fails(true, "ike/a.example", view_of(NULL, 0), w.keytab);
	fails(false, "ike/a.example", view_text("x"), w.keytab);
	fails(false, "ike/b.example", view_text("x"), "ike/b.example: ");
	fails(false, "ike/b.example", view_of(looks_right,
	    sizeof(looks_right)), "ike/b.example: ");
	fails(false, "ike/b.example", view_of(NULL, 0), "ike/b.example: ");
	fails(false, "\\", view_text("x"), w.keytab);
	world_free(&w);
}
END_TEST

START_TEST(host_name)
{
	char name[GSS_NAME], own[GSS_NAME] = "";

	gss_provider()->host(name);
	ck_assert_int_eq(gethostname(own, sizeof(own) - 1), 0);
	ck_assert_str_eq(name, own);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { no_keytab, keytab, host_name };

	return suite_main("krb5", tests, sizeof(tests) / sizeof(tests[0]));
}
