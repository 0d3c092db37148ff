/* SPDX-License-Identifier: ISC */
/*
 * Policies as text and back, and the records of setkey -D and -DP to the
 * byte.
 */
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/policy.h"
#include "libipsec/print.h"

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))
#define THEN		1795423530	/* Nov 23 08:45:30 2026 UTC */

/* What the historical library makes of each text; DUMP NULL: the error. */
static const struct {
	const char	*text;
	enum policy_err	 err;
	const char	*dump, *ports;
} texts[] = {
	{ "in bypass", 0, "in prio def bypass", NULL },
	{ "out entrust", 0, "out prio def entrust", NULL },
	{ "in discard", 0, "in prio def discard", NULL },
	{ "fwd none", 0, "fwd prio def none", NULL },
	{ "in ipsec", 0, "in prio def ipsec", NULL },
	{ "in  none   ", 0, "in prio def none", NULL },
	{ "out", 0, "out discard", NULL },
	{ "out ipsec esp/transport//require", 0,
	    "out prio def ipsec esp/transport//require", NULL },
	{ "out ipsec esp/transport//use ah/transport//require", 0,
	    "out prio def ipsec esp/transport//use ah/transport//require",
	    NULL },
	{ "out ipsec esp/tunnel/10.1.1.2-10.1.1.1/use", 0,
	    "out prio def ipsec esp/tunnel/10.1.1.2-10.1.1.1/use",
	    "out prio def ipsec esp/tunnel/10.1.1.2[0]-10.1.1.1[0]/use" },
	{ "out ipsec esp/tunnel/10.1.1.2-10.1.1.1/unique:5", 0,
	    "out prio def ipsec esp/tunnel/10.1.1.2-10.1.1.1/unique:5",
	    NULL },
	{ "out ipsec esp/tunnel/10.1.1.2-10.1.1.1/unique", 0,
	    "out prio def ipsec esp/tunnel/10.1.1.2-10.1.1.1/unique", NULL },
	{ "out ipsec esp/tunnel/10.1.1.2-10.1.1.1/", 0,
	    "out prio def ipsec esp/tunnel/10.1.1.2-10.1.1.1/default",
	    NULL },
	{ "out ipsec esp/tunnel/10.1.1.2-10.1.1.1", 0,
	    "out prio def ipsec esp/tunnel/10.1.1.2-10.1.1.1/default",
	    NULL },
	{ "out ipsec esp/tunnel/10.1.1.2[4500]-10.1.1.1[4501]/require", 0,
	    "out prio def ipsec esp/tunnel/10.1.1.2-10.1.1.1/require",
	    "out prio def ipsec esp/tunnel/10.1.1.2[4500]-10.1.1.1[4501]"
	    "/require" },
	{ "out ipsec esp/tunnel/2001:db8::1-2001:db8::2/require", 0,
	    "out prio def ipsec esp/tunnel/2001:db8::1-2001:db8::2/require",
	    NULL },
	{ "out ipsec esp/transport", 0,
	    "out prio def ipsec esp/transport//default", NULL },
	{ "out ipsec esp/transport/", 0,
	    "out prio def ipsec esp/transport//default", NULL },
	{ "out ipsec esp / transport / / require", 0,
	    "out prio def ipsec esp/transport//require", NULL },
	{ "out ipsec esp/transport ah/transport/ ipcomp/transport//", 0,
	    "out prio def ipsec esp/transport//default "
	    "ah/transport//default ipcomp/transport//default", NULL },
	{ "out ipsec esp/transport/me-any/require", 0,
	    "out prio def ipsec esp/transport//require", NULL },
	{ "in ipsec esp/transport/any-me/require", 0,
	    "in prio def ipsec esp/transport//require", NULL },
	{ "in\n ipsec\n esp/transport//require", 0,
	    "in prio def ipsec esp/transport//require", NULL },
	{ "in ipsec esp/transport//unique:99999", 0,
	    "in prio def ipsec esp/transport//unique#99999", NULL },
	{ "in ipsec esp/transport/1.2.3-4.5.6/use", 0,
	    "in prio def ipsec esp/transport/1.2.0.3-4.5.0.6/use", NULL },
	{ "out priority 5 bypass", 0, "out prio def + 5 bypass", NULL },
	{ "out prio -5 bypass", 0, "out prio def - 5 bypass", NULL },
	{ "out prio - 5 bypass", 0, "out prio def - 5 bypass", NULL },
	{ "out prio low bypass", 0, "out prio low bypass", NULL },
	{ "out prio high + 3 none", 0, "out prio high + 3 none", NULL },
	{ "out prio low +1073741824 none", 0, "out prio def none", NULL },
	{ "out prio def + 536870912 none", 0,
	    "out prio def + 536870912 none", NULL },
	{ "out prio def + 536870913 none", 0,
	    "out prio high - 536870911 none", NULL },
	{ "out prio def - 536870911 none", 0,
	    "out prio def - 536870911 none", NULL },
	{ "out prio def - 536870912 none", 0,
	    "out prio low + 536870912 none", NULL },
	{ "out prio 2147483648 none", 0, "out none", NULL },
	{ "out prio -2147483647 none", 0,
	    "out prio low - 1073741823 none", NULL },
	{ "out prio low - 1073741823 none", 0,
	    "out prio low - 1073741823 none", NULL },
	{ "", POLICY_E_SYNTAX, NULL, NULL },
	{ "any", POLICY_E_SYNTAX, NULL, NULL },
	{ "in foo", POLICY_E_SYNTAX, NULL, NULL },
	{ "in none;", POLICY_E_SYNTAX, NULL, NULL },
	{ "in prio def", POLICY_E_SYNTAX, NULL, NULL },
	{ "in prio def 100 none", POLICY_E_SYNTAX, NULL, NULL },
	{ "in prio + 1 none", POLICY_E_SYNTAX, NULL, NULL },
	{ "in ipsec foo/transport//require", POLICY_E_SYNTAX, NULL, NULL },
	{ "in ipsec ESP/transport//require", POLICY_E_SYNTAX, NULL, NULL },
	{ "in ipsec esp/transport//bogus", POLICY_E_SYNTAX, NULL, NULL },
	{ "in ipsec esp/transport//unique: 5", POLICY_E_SYNTAX, NULL, NULL },
	{ "in ipsec esp/transport//unique:4294967296", POLICY_E_SYNTAX,
	    NULL, NULL },
	{ "in ipsec esp/tunnel/10.1.1.2/require", POLICY_E_SYNTAX, NULL,
	    NULL },
	{ "in ipsec esp/tunnel/10.0.0.1[500]-10.0.0.2/use", POLICY_E_SYNTAX,
	    NULL, NULL },
	{ "in ipsec esp/tunnel/10.0.0.1[65536]-10.0.0.2[1]/use",
	    POLICY_E_SYNTAX, NULL, NULL },
	{ "in ipsec esp", POLICY_E_FEW, NULL, NULL },
	{ "in ipsec esp/foo", POLICY_E_FEW, NULL, NULL },
	{ "in ipsec esp/tunnel", POLICY_E_ENDS, NULL, NULL },
	{ "in ipsec esp/tunnel//require", POLICY_E_ENDS, NULL, NULL },
	{ "out ipsec esp/tunnel/me-any/use", POLICY_E_ENDS, NULL, NULL },
	{ "in ipsec esp/transport/me-any/use", POLICY_E_DIR, NULL, NULL },
	{ "out ipsec esp/transport/any-me/use", POLICY_E_DIR, NULL, NULL },
	{ "in ipsec esp/tunnel/10.1.1.2-2001:db8::2/require",
	    POLICY_E_FAMILY, NULL, NULL },
	{ "in ipsec esp/tunnel/10.1.1.2-10.1.1.300/require",
	    POLICY_E_ADDRESS, NULL, NULL },
	{ "out prio 2147483649 none", POLICY_E_PRIORITY, NULL, NULL },
	{ "out prio -2147483648 none", POLICY_E_PRIORITY, NULL, NULL },
	{ "out prio 99999999999999999999 none", POLICY_E_PRIORITY, NULL,
	    NULL },
	{ "out prio low - 1073741824 none", POLICY_E_OFFSET, NULL, NULL },
	{ "out prio high + 1073741825 none", POLICY_E_OFFSET, NULL, NULL }
};

START_TEST(policy_texts)
{
	struct policy_spec spec, again;
	struct policy_fault fault;
	char out[POLICY_TEXT];

	ck_assert_msg(policy_read(view_text(texts[_i].text), &spec, &fault) ==
	    texts[_i].err, "%s", texts[_i].text);
	ck_assert_int_eq(fault.err, texts[_i].err);
	ck_assert_uint_le(fault.at + fault.n, strlen(texts[_i].text));
	if (texts[_i].err != POLICY_OK)
		return;
	ck_assert(policy_print(&spec, false, " ", out));
	ck_assert_str_eq(out, texts[_i].dump);
	if (texts[_i].ports != NULL) {
		ck_assert(policy_print(&spec, true, " ", out));
		ck_assert_str_eq(out, texts[_i].ports);
	}
	/* What was printed reads as the same, but for "#" and priority 0. */
	if (strchr(out, '#') != NULL || spec.priority == 0)
		return;
	ck_assert_int_eq(policy_read(view_text(out), &again, NULL), 0);
	if (texts[_i].ports == NULL)
		for (uint16_t n = 0; n < spec.nreq; n++)
			spec.req[n].src.port = spec.req[n].dst.port = 0;
	ck_assert_mem_eq(&spec, &again, sizeof(spec));
}
END_TEST

START_TEST(policy_faults)
{
	const char *text = "out ipsec esp/tunnel/10.0.0.1-10.0.0.2/bogus x";
	struct policy_spec spec;
	struct policy_fault fault;

	ck_assert_int_eq(policy_read(view_text(text), &spec, &fault),
	    POLICY_E_SYNTAX);
	ck_assert_uint_eq(fault.at, strlen(text) - 7);
	ck_assert_uint_eq(fault.n, 5);
	ck_assert_str_eq(policy_strerror(POLICY_E_FEW), "Too few arguments");
	ck_assert_str_eq(policy_strerror((enum policy_err)99),
	    "Unknown error");
}
END_TEST

START_TEST(policy_many)
{
	char text[1024] = "out ipsec";
	struct policy_spec spec;
	struct ipsec_policy policy = { .dir = 0 };
	uint32_t next = 16384;

	for (int i = 0; i < POLICY_REQUESTS; i++)
		strcat(text, " ah/transport//use");
	ck_assert_int_eq(policy_read(view_text(text), &spec, NULL), 0);
	ck_assert_int_eq(policy_to_kernel(&spec, &policy, &next), -ELOOP);
	strcat(text, " ah/transport//use");
	ck_assert_int_eq(policy_read(view_text(text), &spec, NULL),
	    POLICY_E_MANY);
}
END_TEST

static void
read_policy(const char *text, struct ipsec_policy *policy, uint32_t *next)
{
	struct policy_spec spec;

	memset(policy, 0, sizeof(*policy));
	ck_assert_int_eq(policy_read(view_text(text), &spec, NULL), 0);
	ck_assert_int_eq(policy_to_kernel(&spec, policy, next), 0);
}

START_TEST(policy_kernel)
{
	uint32_t next = 16384;
	struct ipsec_policy policy;
	struct policy_spec spec;
	char out[POLICY_TEXT];

	read_policy("out ipsec esp/transport/10.0.0.1-10.0.0.2/use "
	    "ah/transport//unique esp/tunnel/10.0.0.3[5]-10.0.0.4[6]/unique:0"
	    " ah/transport//unique:16383", &policy, &next);
	ck_assert_uint_eq(policy.ntmpl, 4);
	ck_assert_uint_eq(policy.tmpl[0].src.family, 0);
	ck_assert_uint_eq(policy.tmpl[0].optional, 1);
	ck_assert_uint_eq(policy.tmpl[2].dst.port, 0);
	ck_assert_uint_eq(next, 16386);
	policy.tmpl[0].reqid = 5;
	policy_from_kernel(&policy, &spec);
	ck_assert(policy_print(&spec, false, " ", out));
	ck_assert_str_eq(out, "out prio def ipsec esp/transport//use:5 "
	    "ah/transport//unique#16384 "
	    "esp/tunnel/10.0.0.3-10.0.0.4/unique#16385 "
	    "ah/transport//unique:16383");
	ck_assert_int_eq(policy_read(view_text("in bypass"), &spec, NULL), 0);
	ck_assert_int_eq(policy_to_kernel(&spec, &policy, &next), -EINVAL);
	/* Protection by nothing lets everything through. */
	read_policy("in ipsec", &policy, &next);
	policy_from_kernel(&policy, &spec);
	ck_assert_int_eq(spec.action, POLICY_NONE);
}
END_TEST

/* Everything below is printed at 08:45:31, process 1314. */
static char *
printed_sa(const struct ipsec_sa *sa, bool ports, unsigned long seq)
{
	struct print p;
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	ck_assert_ptr_nonnull(f);
	print_init(&p, f, ports, 1314, THEN + 1);
	print_sa(&p, sa, seq);
	ck_assert_int_eq(fclose(f), 0);
	return out;
}

static void
set_key(struct ipsec_key *key, uint16_t id, const char *text)
{
	key->present = 1;
	key->id = id;
	key->key_bits = (uint16_t)(strlen(text) * 8);
	memcpy(key->key, text, strlen(text));
}

static void
example_sa(struct ipsec_sa *sa)
{
	memset(sa, 0, sizeof(*sa));
	ck_assert(addr_parse(&sa->src, "192.0.2.1"));
	ck_assert(addr_parse(&sa->id.dst, "192.0.2.2"));
	sa->id.spi = 0x60004;
	sa->id.proto = IPSEC_PROTO_ESP;
	sa->mode = IPSEC_MODE_TRANSPORT;
	sa->state = IPSEC_STATE_MATURE;
	set_key(&sa->enc, 12, "0123456789abcdef");
	set_key(&sa->auth, 3, "this is the test key");
	sa->current.add = THEN;
}

#define ENDS	"192.0.2.1 192.0.2.2 \n"
#define ESP	"\tesp mode=transport spi=393220(0x00060004) reqid=0" \
		"(0x00000000)\n"
#define KEYS	"\tE: aes-cbc  30313233 34353637 38396162 63646566\n" \
		"\tA: hmac-sha1  74686973 20697320 74686520 74657374 206b6579\n"
#define STATE	"\tseq=0x00000000 replay=0 flags=0x00000000 state=mature \n"
#define CREATED	"\tcreated: Nov 23 08:45:30 2026\tcurrent: Nov 23 08:45:31 " \
		"2026\n"
#define NOLIMIT	"\tdiff: 1(s)\thard: 0(s)\tsoft: 0(s)\n" \
		"\tlast:                     \thard: 0(s)\tsoft: 0(s)\n" \
		"\tcurrent: 0(bytes)\thard: 0(bytes)\tsoft: 0(bytes)\n" \
		"\tallocated: 0\thard: 0\tsoft: 0\n"
#define SADB(n)	"\tsadb_seq=" n " pid=1314 refcnt=0\n"

static void
check_sa(const struct ipsec_sa *sa, bool ports, unsigned long seq,
    const char *want)
{
	char *out = printed_sa(sa, ports, seq);

	ck_assert_str_eq(out, want);
	free(out);
}

START_TEST(sa_limits)
{
	struct ipsec_sa sa;

	example_sa(&sa);
	sa.soft.add = 100;
	sa.hard.bytes = 5000000000;
	check_sa(&sa, false, 1, ENDS ESP KEYS STATE CREATED
	    "\tdiff: 1(s)\thard: 0(s)\tsoft: 100(s)\n"
	    "\tlast:                     \thard: 0(s)\tsoft: 0(s)\n"
	    "\tcurrent: 0(bytes)\thard: 5000000000(bytes)\tsoft: 0(bytes)\n"
	    "\tallocated: 0\thard: 0\tsoft: 0\n" SADB("1"));
	example_sa(&sa);
	sa.current.use = THEN + 1;
	sa.current.bytes = 116;
	sa.current.packets = 2;
	sa.replay = 32;
	sa.flags = IPSEC_SA_NOECN | IPSEC_SA_NOPMTUDISC | IPSEC_SA_ESN;
	sa.state = IPSEC_STATE_DYING;
	check_sa(&sa, false, 0, ENDS ESP KEYS "\tseq=0x00000000 replay=32 "
	    "flags=0xa0000000 state=dying \n" CREATED
	    "\tdiff: 1(s)\thard: 0(s)\tsoft: 0(s)\n"
	    "\tlast: Nov 23 08:45:31 2026\thard: 0(s)\tsoft: 0(s)\n"
	    "\tcurrent: 116(bytes)\thard: 0(bytes)\tsoft: 0(bytes)\n"
	    "\tallocated: 2\thard: 0\tsoft: 0\n" SADB("0"));
}
END_TEST

START_TEST(sa_natt)
{
	struct ipsec_sa sa;

	example_sa(&sa);
	sa.mode = IPSEC_MODE_TUNNEL;
	sa.reqid = 20000;
	sa.encap.type = 2;
	sa.encap.sport = 4500;
	sa.encap.dport = 30000;
	check_sa(&sa, false, 2, "192.0.2.1[4500] 192.0.2.2[30000] \n"
	    "\tesp-udp mode=tunnel spi=393220(0x00060004) reqid=20000"
	    "(0x00004e20)\n" KEYS STATE CREATED NOLIMIT SADB("2"));
	check_sa(&sa, true, 2, "192.0.2.1[0][4500] 192.0.2.2[0][30000] \n"
	    "\tesp-udp mode=tunnel spi=393220(0x00060004) reqid=20000"
	    "(0x00004e20)\n" KEYS STATE CREATED NOLIMIT SADB("2"));
}
END_TEST

START_TEST(sa_algorithms)
{
	struct ipsec_sa sa;

	/* Long keys go on in the next line, null ones are not there. */
	example_sa(&sa);
	set_key(&sa.enc, 11, "");
	set_key(&sa.auth, 6, "0123456789abcdef0123456789abcdef0123456789abcdef");
	check_sa(&sa, false, 0, ENDS ESP "\tA: hmac-sha384  30313233 34353637 "
	    "38396162 63646566 30313233 34353637 38396162 63646566\n"
	    " 30313233 34353637 38396162 63646566\n" STATE CREATED NOLIMIT
	    SADB("0"));
	/* Numbers without a word, an odd length, names of the kernel only. */
	set_key(&sa.enc, 252, "01234");
	sa.auth.id = 0;
	strcpy(sa.auth.name, "hmac(new)");
	sa.auth.key_bits = 8;
	check_sa(&sa, false, 0, ENDS ESP "\tE: 252  30313233 34\n"
	    "\tA: hmac(new)  30\n" STATE CREATED NOLIMIT SADB("0"));
	/* The truncation that PF_KEY has for SHA-256 has a name of its own. */
	example_sa(&sa);
	sa.enc.present = 0;
	set_key(&sa.auth, 5, "0123456789abcdef0123456789abcdef");
	sa.auth.icv_bits = 128;
	check_sa(&sa, false, 0, ENDS ESP "\tA: hmac-sha256  30313233 34353637 "
	    "38396162 63646566 30313233 34353637 38396162 63646566\n" STATE
	    CREATED NOLIMIT SADB("0"));
	sa.auth.icv_bits = 96;
	check_sa(&sa, false, 0, ENDS ESP "\tA: hmac-sha256-96  30313233 "
	    "34353637 38396162 63646566 30313233 34353637 38396162 63646566\n"
	    STATE CREATED NOLIMIT SADB("0"));
}
END_TEST

START_TEST(sa_ipcomp)
{
	struct ipsec_sa sa;

	example_sa(&sa);
	sa.id.proto = IPSEC_PROTO_IPCOMP;
	sa.comp.present = 1;
	sa.comp.id = 2;
	check_sa(&sa, false, 0, ENDS "\tipcomp mode=transport "
	    "spi=393220(0x00060004) reqid=0(0x00000000)\n\tC: deflate " STATE
	    CREATED NOLIMIT SADB("0"));
	sa.comp.present = 0;
	check_sa(&sa, true, 0, "192.0.2.1[0] 192.0.2.2[0] \n\tipcomp "
	    "mode=transport spi=393220(0x00060004) reqid=0(0x00000000)\n"
	    "\tC: none " STATE CREATED NOLIMIT SADB("0"));
}
END_TEST

START_TEST(sa_label)
{
	struct ipsec_sa sa;

	example_sa(&sa);
	sa.mode = IPSEC_MODE_BEET;
	sa.ctx.doi = sa.ctx.alg = 1;
	sa.ctx.length = 32;
	strcpy(sa.ctx.text, "system_u:object_r:default_t:s0");
	check_sa(&sa, false, 0, ENDS "\tesp mode=3 spi=393220(0x00060004) "
	    "reqid=0(0x00000000)\n" KEYS STATE CREATED NOLIMIT
	    "\tsecurity context doi: 1\n"
	    "\tsecurity context algorithm: 1\n"
	    "\tsecurity context length: 32\n"
	    "\tsecurity context: system_u:object_r:default_t:s0\n"
	    SADB("0"));
}
END_TEST

START_TEST(sa_short)
{
	struct ipsec_sa sa;
	struct print p;
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	example_sa(&sa);
	print_init(&p, f, false, 1, THEN + 31);
	print_sa_short(&p, &sa);
	sa.hard.add = 3600;
	sa.current.add -= 2000;
	sa.id.proto = IPSEC_PROTO_IPCOMP;
	sa.encap.sport = 4500;
	sa.state = IPSEC_STATE_LARVAL;
	print_sa_short(&p, &sa);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_str_eq(out,
	    "4601 esp M 00060004  31/0   192.0.2.1 -> 192.0.2.2\n"
	    "4601 #9  L 00060004 big/big 192.0.2.1[4500] -> 192.0.2.2\n");
	free(out);
}
END_TEST

/* Selectors, and how the first line shows them. */
static const struct {
	const char	*src, *dst;
	uint8_t		 src_prefix, dst_prefix;
	uint16_t	 sport, dport;
	uint8_t		 proto;
	const char	*line;
} selectors[] = {
	{ "10.1.0.1", "10.2.0.1", 32, 32, 0, 0, 0,
	    "10.1.0.1[any] 10.2.0.1[any] 255\n" },
	{ "10.1.2.3", "10.2.3.4", 8, 0, 22, 0, 6,
	    "10.1.2.3/8[22] 10.2.3.4/0[any] tcp\n" },
	{ "10.1.0.1", "10.2.0.1", 32, 32, 8, 0, 1,
	    "10.1.0.1 10.2.0.1 icmp 8,0\n" },
	{ "10.1.0.1", "10.2.0.1", 32, 32, 0, 0, 1,
	    "10.1.0.1 10.2.0.1 icmp\n" },
	{ "10.1.0.1", "10.2.0.1", 32, 32, 0x102, 0x304, 47,
	    "10.1.0.1 10.2.0.1 gre 16909060\n" },
	{ "10.1.0.1", "10.2.0.1", 32, 32, 0xffff, 0xffff, 47,
	    "10.1.0.1 10.2.0.1 gre 4294967295\n" },
	{ "10.1.0.1", "10.2.0.1", 32, 32, 100, 200, 254,
	    "10.1.0.1[100] 10.2.0.1[200] 254\n" },
	{ "2001:db8:1::", "2001:db8::2", 48, 128, 179, 0, 6,
	    "2001:db8:1::/48[179] 2001:db8::2[any] tcp\n" },
	{ "::", "::", 0, 0, 135, 0, 58, "::/0 ::/0 ipv6-icmp 135,0\n" }
};

static char *
printed_policy(const struct ipsec_policy *policy, bool ports)
{
	struct print p;
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	ck_assert_ptr_nonnull(f);
	print_init(&p, f, ports, 1609, THEN + 1);
	print_policy(&p, policy, 7);
	ck_assert_int_eq(fclose(f), 0);
	return out;
}

START_TEST(policy_selectors)
{
	struct ipsec_policy policy;
	struct ipsec_selector *s = &policy.sel;
	uint32_t next = 16384;
	char *out;

	read_policy("out none", &policy, &next);
	ck_assert(addr_parse(&s->src, selectors[_i].src));
	ck_assert(addr_parse(&s->dst, selectors[_i].dst));
	s->src_prefix = selectors[_i].src_prefix;
	s->dst_prefix = selectors[_i].dst_prefix;
	s->src.port = selectors[_i].sport;
	s->dst.port = selectors[_i].dport;
	s->proto = selectors[_i].proto;
	out = printed_policy(&policy, false);
	ck_assert_ptr_nonnull(strstr(out, "\n\t"));
	strstr(out, "\n\t")[1] = '\0';
	ck_assert_str_eq(out, selectors[_i].line);
	free(out);
}
END_TEST

#define SPID "\tspid=34 seq=7 pid=1609\n\trefcnt=1\n"

START_TEST(policy_records)
{
	struct ipsec_policy policy;
	uint32_t next = 16384;
	char *out;

	read_policy("fwd prio def + 5 ipsec "
	    "esp/tunnel/192.0.2.1-192.0.2.2/unique:7 ah/transport//require",
	    &policy, &next);
	ck_assert(addr_parse(&policy.sel.src, "10.1.0.0"));
	ck_assert(addr_parse(&policy.sel.dst, "10.2.0.0"));
	policy.sel.src_prefix = policy.sel.dst_prefix = 16;
	policy.index = 34;
	policy.current.add = THEN;
	policy.hard.add = 60;
	policy.hard.use = 30;
	out = printed_policy(&policy, true);
	ck_assert_str_eq(out, "10.1.0.0/16[any] 10.2.0.0/16[any] 255\n"
	    "\tfwd prio def + 5 ipsec\n"
	    "\tesp/tunnel/192.0.2.1[0]-192.0.2.2[0]/unique:7\n"
	    "\tah/transport//require\n"
	    "\tcreated: Nov 23 08:45:30 2026  lastused:                     \n"
	    "\tlifetime: 60(s) validtime: 30(s)\n" SPID);
	free(out);
	policy.tmpl[0].mode = IPSEC_MODE_BEET;
	policy.current.use = THEN + 1;
	out = printed_policy(&policy, false);
	ck_assert_str_eq(out, "10.1.0.0/16[any] 10.2.0.0/16[any] 255\n"
	    "\tPolicy:[Invalid ipsec mode]\n"
	    "\tcreated: Nov 23 08:45:30 2026  lastused: Nov 23 08:45:31 2026\n"
	    "\tlifetime: 60(s) validtime: 30(s)\n" SPID);
	free(out);
	memset(&policy, 0, sizeof(policy));
	policy.dir = IPSEC_DIR_SOCKET_IN;
	policy.action = IPSEC_ACTION_IPSEC;
	policy.index = 34;
	out = printed_policy(&policy, false);
	ck_assert_str_eq(out, "(per-socket policy) \n\tin(socket) none\n"
	    "\tcreated:                       lastused:                     \n"
	    "\tlifetime: 0(s) validtime: 0(s)\n" SPID);
	free(out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("text");
	TCase *tc = tcase_create("text");
	SRunner *sr = srunner_create(suite);
	int failed;

	setenv("TZ", "UTC", 1);
	tzset();
	tcase_add_loop_test(tc, policy_texts, 0, (int)NELEM(texts));
	tcase_add_test(tc, policy_faults);
	tcase_add_test(tc, policy_many);
	tcase_add_test(tc, policy_kernel);
	tcase_add_test(tc, sa_limits);
	tcase_add_test(tc, sa_natt);
	tcase_add_test(tc, sa_algorithms);
	tcase_add_test(tc, sa_ipcomp);
	tcase_add_test(tc, sa_label);
	tcase_add_test(tc, sa_short);
	tcase_add_loop_test(tc, policy_selectors, 0, (int)NELEM(selectors));
	tcase_add_test(tc, policy_records);
	suite_add_tcase(suite, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
