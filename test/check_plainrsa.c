/* SPDX-License-Identifier: ISC */
/* Files of plain RSA keys: the language, the choice among keys, printing. */
#include "crypto/plainrsa.h"
#include "crypto/sign.h"
#include "test/suite.h"
#include "wire/isakmp.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static struct crypto *
must_new(void)
{
	struct crypto *c = crypto_new();

	ck_assert_ptr_nonnull(c);
	return c;
}

static struct ipsec_addr
addr(const char *text)
{
	struct ipsec_addr a;

	ck_assert(addr_parse(&a, text));
	return a;
}

static struct plainrsa *
must_read(const struct crypto *c, struct view file, bool secret)
{
	struct plainrsa_error error = { .line = 0 };
	struct plainrsa *set = NULL;

	ck_assert_msg(plainrsa_read(c, file, secret, &set, &error) == OK,
	    "line %u: %s", error.line, error.why);
	return set;
}

static struct key *
must_make(const struct crypto *c)
{
	struct key *k = NULL;
	const char *why = "";

	ck_assert_msg(key_new_rsa(c, 1024, 3, &k, &why) == OK, "%s", why);
	return k;
}

/* The entry as it is printed, from its first line on or its second. */
static void
put_entry(struct buf *out, const struct key *k, bool commented)
{
	struct buf text;
	struct view v;
	const uint8_t *nl;

	buf_init(&text, PLAINRSA_TEXT_MAX);
	ck_assert_int_eq(plainrsa_print(k, &text), OK);
	v = buf_view(&text);
	nl = memchr(v.p, '\n', v.n);
	ck_assert_ptr_nonnull(nl);
	if (!commented)
		(void)view_take(&v, (size_t)(nl - v.p) + 1);
	buf_add(out, v);
	buf_fini(&text);
}

/* " : PUB 0s...", which is the comment in the first line. */
static void
put_public(struct buf *out, const struct key *k)
{
	struct buf text;
	struct view v;

	buf_init(&text, PLAINRSA_TEXT_MAX);
	put_entry(&text, k, true);
	v = buf_view(&text);
	(void)view_take(&v, 1);
	v.n = (size_t)((const uint8_t *)memchr(v.p, '\n', v.n) - v.p) + 1;
	buf_add(out, v);
	buf_fini(&text);
}

START_TEST(printed_and_read)
{
	static const char *const words[] = {
		"# : PUB 0sAQ", "\n: RSA\t{\n\t# RSA 1024 bits\n\t# pubkey=0sAQ",
		"\n\tModulus: 0x",
		("\n\tPublicExponent: 0x03\n" "\tPrivateExponent: 0x"),
		"\n\tPrime1: 0x", "\n\tPrime2: 0x",
		"\n\tExponent1: 0x", "\n\tExponent2: 0x",
		"\n\tCoefficient: 0x", "\n  }\n",
	};
	struct crypto *c = must_new();
	struct key *k = must_make(c);
	const struct ipsec_addr a = addr("192.0.2.1");
	struct plainrsa *set;
	struct buf file;
	const char *at;

	buf_init(&file, PLAINRSA_TEXT_MAX);
	put_entry(&file, k, true);
	buf_u8(&file, 0);
	at = (const char *)file.p;
	for (unsigned i = 0; i < COUNT(words); i++) {
		at = strstr(at, words[i]);
		ck_assert_msg(at != NULL, "%s", words[i]);
	}
	buf_cut(&file, file.n - 1);
	set = must_read(c, buf_view(&file), true);
	ck_assert_uint_eq(plainrsa_count(set), 1);
	ck_assert(!plainrsa_has_private(set));
	ck_assert(key_private(plainrsa_find(set, &a, &a, 0)));
	ck_assert(key_equal(plainrsa_find(set, &a, &a, 0), k));
	plainrsa_unref(set);
	/* The same file as a peer's: its public half, and a warning. */
	set = must_read(c, buf_view(&file), false);
	ck_assert(plainrsa_has_private(set));
	ck_assert(!key_private(plainrsa_find(set, &a, &a, 0)));
	plainrsa_unref(set);
	buf_reset(&file);
	put_public(&file, k);
	set = must_read(c, buf_view(&file), false);
	ck_assert(!plainrsa_has_private(set));
	ck_assert(key_equal(plainrsa_find(set, &a, &a, 0), k));
	plainrsa_unref(set);
	buf_fini(&file);
	key_unref(k);
	crypto_free(c);
}
END_TEST

/* The exponent is longer than its short length can say: RFC 3110 2. */
START_TEST(long_exponent)
{
	struct crypto *c = must_new();
	struct plainrsa *set;
	struct buf file;
	const struct ipsec_addr a = addr("192.0.2.1");

	buf_init(&file, 65536);
	buf_add(&file, view_text(": PUB 0x000100"));
	for (unsigned i = 0; i < 256; i++)
		buf_add(&file, view_text(i == 0 ? "01" : "03"));
	for (unsigned i = 0; i < 300; i++)
		buf_add(&file, view_text("C5"));
	set = must_read(c, buf_view(&file), false);
	ck_assert_uint_eq(key_bits(plainrsa_find(set, &a, &a, 0)), 2400);
	plainrsa_unref(set);
	buf_fini(&file);
	crypto_free(c);
}
END_TEST

/* Without the parts for the quick way, or with not all of them. */
START_TEST(parts_left_out)
{
	static const char *const drop[] = { "Prime1", "Coefficient" };
	const struct ipsec_addr a = addr("192.0.2.1");
	struct crypto *c = must_new();
	struct key *k = must_make(c);
	struct plainrsa *set;
	struct buf file, sig;
	uint8_t *at;

	buf_init(&file, PLAINRSA_TEXT_MAX);
	buf_init(&sig, SIGN_LEN_MAX);
	put_entry(&file, k, false);
	for (unsigned i = 0; i < COUNT(drop); i++) {
		at = memmem(file.p, file.n, drop[i], strlen(drop[i]));
		ck_assert_ptr_nonnull(at);
		*at = '#';
		set = must_read(c, buf_view(&file), true);
		buf_reset(&sig);
		ck_assert_int_eq(sign_make(c, plainrsa_find(set, &a, &a, 0),
		    P1_METHOD_RSA, view_text("hash"), &sig), OK);
		ck_assert_int_eq(sign_check(c, k, P1_METHOD_RSA,
		    view_text("hash"), buf_view(&sig)), OK);
		plainrsa_unref(set);
	}
	buf_fini(&sig);
	buf_fini(&file);
	key_unref(k);
	crypto_free(c);
}
END_TEST

START_TEST(choice)
{
	static const char *const nets[] = {
		"", "any any ", "192.0.2.0/24 ", "10.0.0.0/8 192.0.2.0/24 ",
		"10.1.0.0/16\t192.0.2.0/24 ", "192.0.2.9 ", "2001:db8::/32 ",
		"2001:db8::1 ", "::/0 2001:db8::1 ", "0.0.0.0/0 any",
	};
	static const struct {
		const char	*local, *remote;
		int		 key[4];	/* in order; -1: the end */
	} row[] = {
		{ "10.2.0.1", "192.0.2.1", { 3, -1 } },
		{ "10.1.0.1", "192.0.2.1", { 4, -1 } },
		{ "11.0.0.1", "192.0.2.1", { 2, -1 } },
		{ "11.0.0.1", "192.0.2.9", { 5, -1 } },
		{ "10.1.0.1", "192.0.2.9", { 4, -1 } },	/* 40 to 32 */
		{ "11.0.0.1", "192.0.3.1", { 0, 1, 9, -1 } },
		{ "2001:db8::9", "2001:db8::5", { 6, -1 } },
		{ "2001:db8::9", "2001:db8::1", { 7, 8, -1 } },
		{ "2001:db8::9", "2001:db9::1", { 0, 1, -1 } },
	};
	struct crypto *c = must_new();
	struct key *k[COUNT(nets)];
	struct plainrsa *set;
	struct buf file;

	buf_init(&file, 65536);
	for (unsigned i = 0; i < COUNT(nets); i++) {
		k[i] = must_make(c);
		buf_add(&file, view_text(nets[i]));
		put_public(&file, k[i]);
	}
	set = must_read(c, buf_view(&file), false);
	ck_assert_uint_eq(plainrsa_count(set), COUNT(nets));
	for (unsigned i = 0; i < COUNT(row); i++) {
		const struct ipsec_addr local = addr(row[i].local);
		const struct ipsec_addr remote = addr(row[i].remote);
		unsigned n;

		for (n = 0; row[i].key[n] >= 0; n++) {
			const struct key *got = plainrsa_find(set, &local,
			    &remote, n);

			ck_assert_msg(got != NULL && key_equal(got,
			    k[row[i].key[n]]), "%s %s %u", row[i].local,
			    row[i].remote, n);
		}
		ck_assert_ptr_null(plainrsa_find(set, &local, &remote, n));
	}
	plainrsa_unref(set);
	for (unsigned i = 0; i < COUNT(nets); i++)
		key_unref(k[i]);
	buf_fini(&file);
	crypto_free(c);
}
END_TEST

/* Nobody but one pair has a key: then others have none at all. */
START_TEST(no_choice)
{
	const struct ipsec_addr a = addr("192.0.2.1"), b = addr("192.0.2.2");
	struct crypto *c = must_new();
	struct key *k = must_make(c);
	struct plainrsa *set;
	struct buf file;

	buf_init(&file, 65536);
	buf_add(&file, view_text("192.0.2.1"));
	put_public(&file, k);
	set = must_read(c, buf_view(&file), false);
	ck_assert_ptr_nonnull(plainrsa_find(set, &b, &a, 0));
	ck_assert_ptr_null(plainrsa_find(set, &a, &b, 0));
	plainrsa_unref(set);
	buf_fini(&file);
	key_unref(k);
	crypto_free(c);
}
END_TEST

START_TEST(layouts)
{
	static const char *const text[] = {
		/* 1024 bits of modulus by the %s */
		"# first\n\n : RSA { Modulus : 0x%s\nPublicExponent:0x3 }",
		":RSA{PublicExponent:0x3 Modulus:0x%s}",
		"any:RSA{PublicExponent:0x3#}\nModulus:0x%s}#end",
		"::1 fe80::1 :RSA{ PublicExponent: 0x3 Modulus: 0x%s }\r\n",
		"1::1: PUB 0x0103%s",
		"1.2.3.4/8 any\n:\nPUB\n0x0103%s",
	};
	struct crypto *c = must_new();
	char modulus[257], file[1024];

	memset(modulus, 'd', 256);
	modulus[256] = '\0';
	for (unsigned i = 0; i < COUNT(text); i++) {
		struct plainrsa_error error = { .line = 0 };
		struct plainrsa *set = NULL;
		int n = 0;

		for (const char *p = text[i]; *p != '\0'; p++) {
			if (strncmp(p, "%s", 2) == 0) {
				memcpy(file + n, modulus, 256);
				n += 256;
				p++;
			} else
				file[n++] = *p;
		}
		ck_assert_msg(plainrsa_read(c, view_of(file, (size_t)n),
		    false, &set, &error) == OK, "%u: line %u: %s", i,
		    error.line, error.why);
		plainrsa_unref(set);
	}
	crypto_free(c);
}
END_TEST

struct bad_file {
	const char	*text;
	bool		 secret;
	unsigned	 line;
	const char	*why;
};

static void
must_refuse(const struct bad_file *row, size_t n)
{
	struct crypto *c = must_new();

	for (size_t i = 0; i < n; i++) {
		struct plainrsa_error error = { .line = 0 };
		struct plainrsa *set = NULL;

		ck_assert_int_eq(plainrsa_read(c, view_text(row[i].text),
		    row[i].secret, &set, &error), E_CONFIG);
		ck_assert_ptr_null(set);
		ck_assert_msg(strstr(error.why, row[i].why) != NULL,
		    "%s: %s", row[i].text, error.why);
		ck_assert_msg(error.line == row[i].line, "%s: line %u",
		    row[i].text, error.line);
	}
	crypto_free(c);
}

START_TEST(errors)
{
	static const struct bad_file row[] = {
		{ "", false, 1, "no key was found" },
		{ "# nothing\n\n", true, 3, "no key was found" },
		{ ": PSK \"x\"", false, 1, "\"PSK\" is not a kind of key" },
		{ "\n\n: RSA\n{\nFoo: 0x1 }", false, 5, "\"Foo\" is not a part" },
		{ ": RSA { Modulus: 0x11\nModulus: 0x11 }", false, 2,
		    "\"Modulus\" is there twice" },
		{ ": RSA { Modulus 0x11 }", false, 1, "where a colon should" },
		{ ": RSA { Modulus: 11 }", false, 1, "\"11\" is not \"0x\"" },
		{ ": RSA { Modulus: 0x }", false, 1, "hex digits" },
		{ ": RSA { Modulus: 0x1g }", false, 1, "hex digits" },
		{ ": RSA { Modulus: 0x11 }", false, 1, "without Modulus or" },
		{ ": RSA { PublicExponent: 0x3 }", false, 1, "without Modulus" },
		{ ": RSA { Modulus: 0x11 PublicExponent: 0x3 }", true, 1,
		    "without PrivateExponent" },
		{ ": RSA { Modulus: 0x11 PublicExponent: 0x3 }", false, 1,
		    "less than 1024 bits" },
		{ ": RSA { Modulus: 0x11 ", false, 1, "end of file: is not" },
		{ ": RSA Modulus", false, 1, "where \"{\" should be" },
	};

	must_refuse(row, COUNT(row));
}
END_TEST

/* In the short form of a public key, and in what stands before it. */
START_TEST(errors_of_short_form)
{
	static const struct bad_file row[] = {
		{ ": PUB 0sAQ!=", false, 1, "base64" },
		{ ": PUB 0sA", false, 1, "base64" },
		{ ": PUB 0sAQR=", false, 1, "base64" },
		{ ": PUB 0s", false, 1, "cut short" },
		{ ": PUB 0sAQM=", false, 1, "cut short" },
		{ ": PUB 0x010", false, 1, "even number" },
		{ ": PUB 0x00", false, 1, "cut short" },
		{ ": PUB 0x00000003", false, 1, "cut short" },
		{ ": PUB 0x0003ff", false, 1, "cut short" },
		{ ": PUB 0x010311", false, 1, "less than 1024 bits" },
		{ ": PUB AQM", false, 1, "is not \"0s\"" },
		{ ": PUB 0x010311", true, 1, "for private ones" },
		{ "1.2.3 : PUB 0s", false, 1, "cut short" },	/* 1.2.0.3 */
		{ "host : PUB 0s", false, 1, "neither an address nor" },
		{ "1.2.3.4/33 : PUB 0s", false, 1, "too large" },
		{ "1.2.3.4/ : PUB 0s", false, 1, "no prefix length" },
		{ "1.2.3.4/1x : PUB 0s", false, 1, "no number" },
		{ "::1/129 : PUB 0s", false, 1, "too large" },
		{ "any any any : PUB 0s", false, 1, "a third address" },
		{ "any { : PUB 0s", false, 1, "a colon and a key" },
		{ "}", false, 1, "a colon and a key" },
		{ ":", false, 1, "end of file: is not a kind" },
	};

	must_refuse(row, COUNT(row));
}
END_TEST

/* What stands at the wrong place may be a piece of a key. */
START_TEST(errors_tell_no_secrets)
{
	static const struct {
		const char	*text, *secret;
	} row[] = {
		{ ": RSA { Modulus: "
		    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ }",
		    "MII" },
		/* digits that a blank cut, too short to be long */
		{ ": RSA { PrivateExponent: 0x1234 56789abcdef0 }", "6789" },
		{ ": RSA { PrivateExponent: 567890abcdef }", "6789" },
		{ ": RSA { PrivateExponent: 0x1234 Prime1 0x56789abc }",
		    "6789" },
	};
	struct crypto *c = must_new();

	for (unsigned i = 0; i < COUNT(row); i++) {
		struct plainrsa_error error;
		struct plainrsa *set = NULL;

		ck_assert_int_eq(plainrsa_read(c, view_text(row[i].text), true,
		    &set, &error), E_CONFIG);
		ck_assert_msg(strstr(error.why, row[i].secret) == NULL,
		    "%s: %s", row[i].text, error.why);
	}
	crypto_free(c);
}
END_TEST

START_TEST(too_long)
{
	struct plainrsa_error error = { .line = 0 };
	struct plainrsa *set = NULL;
	struct crypto *c = must_new();
	struct buf file;

	buf_init(&file, PLAINRSA_FILE_MAX + 1);
	buf_zero(&file, PLAINRSA_FILE_MAX + 1);
	memset(file.p, ' ', file.n);
	ck_assert_int_eq(plainrsa_read(c, buf_view(&file), false, &set,
	    &error), E_CONFIG);
	ck_assert_ptr_nonnull(strstr(error.why, "too long"));
	buf_cut(&file, 0);
	buf_add(&file, view_text(": RSA { Modulus: 0x1"));
	for (unsigned i = 0; i < 4096; i++)
		buf_u8(&file, '1');
	buf_add(&file, view_text(" }"));
	ck_assert_int_eq(plainrsa_read(c, buf_view(&file), false, &set,
	    &error), E_CONFIG);
	ck_assert_ptr_nonnull(strstr(error.why, "at most 4096"));
	buf_fini(&file);
	crypto_free(c);
}
END_TEST

/* So many keys, and not one more. */
START_TEST(too_many)
{
	struct plainrsa_error error = { .line = 0 };
	struct plainrsa *set = NULL;
	struct crypto *c = must_new();
	struct key *k = must_make(c);
	struct buf file;

	buf_init(&file, PLAINRSA_FILE_MAX);
	for (unsigned i = 0; i < PLAINRSA_KEYS_MAX; i++)
		put_public(&file, k);
	ck_assert(buf_ok(&file));
	set = must_read(c, buf_view(&file), false);
	ck_assert_uint_eq(plainrsa_count(set), PLAINRSA_KEYS_MAX);
	plainrsa_unref(set);
	put_public(&file, k);
	ck_assert_int_eq(plainrsa_read(c, buf_view(&file), false, &set,
	    &error), E_CONFIG);
	ck_assert_ptr_nonnull(strstr(error.why, "behind 4096 keys"));
	key_unref(k);
	buf_fini(&file);
	crypto_free(c);
}
END_TEST

START_TEST(new_keys)
{
	struct crypto *c = must_new();
	struct key *k = NULL;
	const char *why = "";
	struct buf text;

	ck_assert_int_eq(key_new_rsa(c, 1023, 3, &k, &why), E_CONFIG);
	ck_assert_int_eq(key_new_rsa(c, 16385, 3, &k, &why), E_CONFIG);
	ck_assert_int_eq(key_new_rsa(c, 1024, 1, &k, &why), E_CONFIG);
	ck_assert_int_eq(key_new_rsa(c, 1024, 4, &k, &why), E_CONFIG);
	ck_assert_ptr_null(k);
	ck_assert_int_eq(key_new_rsa(c, 1032, 65537, &k, &why), OK);
	ck_assert_uint_eq(key_bits(k), 1032);
	buf_init(&text, 100);
	ck_assert_int_eq(plainrsa_print(k, &text), E_LIMIT);
	ck_assert_uint_eq(text.n, 0);
	buf_fini(&text);
	key_unref(k);
	crypto_free(c);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		printed_and_read, long_exponent, parts_left_out, choice,
		no_choice, layouts, errors, errors_of_short_form,
		errors_tell_no_secrets, too_long, too_many, new_keys,
	};

	return suite_main("plainrsa", tests, COUNT(tests));
}
