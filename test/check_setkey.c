/* SPDX-License-Identifier: ISC */
/*
 * The language of setkey: words, grammar, every error with its exact text,
 * and what commands become for the kernel.
 */
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "setkey/expand.h"
#include "setkey/hint.h"
#include "setkey/lex.h"
#include "setkey/parse.h"
#include "setkey/report.h"

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))
#define DES		" -E des-cbc \"01234567\";"
#define DES_X		" -E des-cbc 0x3ffe05014819ffff;"
#define AES		" -E aes-cbc 0x0123456789abcdef0123456789abcdef"

/* A small world of names. */
static int
fake_host(void *ctx, const char *name, int family, struct ipsec_addr *out,
    unsigned int *n)
{
	(void)ctx;
	*n = 0;
	if (strcmp(name, "slow.example") == 0)
		return EAI_AGAIN;
	if (strcmp(name, "both.example") != 0)
		return EAI_NONAME;
	if (family != AF_INET6)
		ck_assert(addr_parse(&out[(*n)++], "192.0.2.1"));
	if (family != AF_INET)
		ck_assert(addr_parse(&out[(*n)++], "2001:db8::1"));
	return 0;
}

static int
fake_service(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "isakmp") == 0 ? 500 : -1;
}

static int
fake_protocol(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "icmp") == 0 ? 1 : strcmp(name, "udp") == 0 ? 17 :
	    strcmp(name, "gre") == 0 ? 47 : -1;
}

static const struct resolver fake_names = { .host = fake_host,
    .service = fake_service, .protocol = fake_protocol };

/* Parses TEXT; returns what was reported, to be freed. */
static char *
parse(struct script *s, const char *text, const char *file, bool *ok)
{
	char *out = NULL;
	size_t size = 0;
	struct report report = { .out = open_memstream(&out, &size),
	    .file = file };
	struct parse_env env = { &fake_names, report_diag, &report };

	ck_assert_ptr_nonnull(report.out);
	script_init(s);
	*ok = script_parse(s, view_text(text), 1, &env);
	ck_assert_int_eq(fclose(report.out), 0);
	return out;
}

static void
must_parse(struct script *s, const char *text, size_t count)
{
	bool ok;
	char *out = parse(s, text, "x", &ok);

	ck_assert_msg(ok, "%s: %s", text, out);
	ck_assert_str_eq(out, "");
	ck_assert_uint_eq(s->count, count);
	free(out);
}

START_TEST(tokens)
{
	static const struct {
		enum token_type	 type;
		uint32_t	 line;
		const char	*text;
	} want[] = {
		{ TOK_KEYWORD, 1, "add" }, { TOK_ADDRESS_FLAG, 1, "-4n" },
		{ TOK_WORD, 1, "10.0.0.1" }, { TOK_PUNCT, 1, "[" },
		{ TOK_DEC, 1, "0080" }, { TOK_PUNCT, 1, "]" },
		{ TOK_WORD, 2, "fe80::1%lo" }, { TOK_KEYWORD, 2, "esp-old" },
		{ TOK_HEX, 2, "0XaF" }, { TOK_WORD, 2, "0xZZ" },
		{ TOK_WORD, 2, "0x" }, { TOK_WORD, 2, "8,0" },
		{ TOK_WORD, 2, ",5" }, { TOK_FLAG, 2, "-lh" },
		{ TOK_FLAG, 2, "-ctx" }, { TOK_QUOTED, 2, "a;\n#b" },
		{ TOK_PUNCT, 3, ";" }, { TOK_WORD, 4, "espx" },
		{ TOK_BAD, 4, "-" }, { TOK_BAD, 4, "\r" },
		{ TOK_BAD, 4, "\"" }, { TOK_WORD, 4, "open" },
		{ TOK_END, 5, "" }, { TOK_END, 5, "" }
	};
	struct lex l;

	lex_init(&l, view_text("add -4n 10.0.0.1[0080]\n"
	    "fe80::1%lo esp-old 0XaF 0xZZ 0x 8,0 ,5 -lh -ctx \"a;\n#b\"; # c;\n"
	    "espx -\r\"open\n"), 1);
	for (size_t i = 0; i < NELEM(want); i++) {
		struct token t = lex_next(&l);

		ck_assert_msg(view_equal(t.text, view_text(want[i].text)),
		    "token %zu: %.*s", i, (int)t.text.n,
		    (const char *)t.text.p);
		ck_assert_int_eq(t.type, want[i].type);
		ck_assert_uint_eq(t.line, want[i].line);
	}
}
END_TEST

START_TEST(policy_tokens)
{
	struct lex l;
	struct token t;

	lex_init(&l, view_text("-P out ipsec\n esp/transport//use;x"), 7);
	ck_assert_int_eq(lex_next(&l).type, TOK_FLAG);
	t = lex_policy(&l);
	ck_assert_int_eq(t.type, TOK_POLICY);
	ck_assert_uint_eq(t.line, 7);
	ck_assert(view_equal(t.text,
	    view_text(" out ipsec\n esp/transport//use")));
	t = lex_next(&l);
	ck_assert_int_eq(t.type, TOK_PUNCT);
	ck_assert_uint_eq(t.line, 8);
	ck_assert_int_eq(lex_next(&l).type, TOK_WORD);
}
END_TEST

START_TEST(command_ends)
{
	struct lex_scan s = { .quote = false };
	struct lex_scan q = { .quote = false };

	ck_assert_uint_eq(lex_command(&s, view_text("flush")), 0);
	ck_assert_uint_eq(lex_command(&s, view_text("; dump;")), 1);
	ck_assert_uint_eq(lex_command(&s, view_text(" dump;")), 6);
	ck_assert_uint_eq(lex_command(&s, view_text("a \";\" # ;\n ;")), 12);
	/* The next piece knows of quotes and comments in the last one. */
	ck_assert_uint_eq(lex_command(&s, view_text("a # b; ")), 0);
	ck_assert_uint_eq(lex_command(&s, view_text("c;\n;")), 4);
	ck_assert_uint_eq(lex_command(&q, view_text("a \"; ")), 0);
	ck_assert_uint_eq(lex_command(&q, view_text("b; \";")), 5);
	ck_assert(lex_blank(view_text(" # x;\n\t")));
	ck_assert(!lex_blank(view_text(" # x;\n\tx")));
}
END_TEST

/* The good path: what stays of each command. */
START_TEST(sa_commands)
{
	struct script s;
	const struct script_sa *sa;
	const struct command *c;

	must_parse(&s, "add 10.1 10.0.0.2 esp-udp 10.9.9.9 0xABCDEF12 -m any "
	    "-m tunnel -u 010 -r 64 -f zero-pad -lh 5000000000 -ls 4 "
	    "-bh 18446744073709551616 -bs 1 -ctx 1 2 \"a:b\"\n"
	    "-E 3des-cbc \"0123456789abcdefghijklmn\" -A hmac-sha1 "
	    "0x0123456789ABCDEF0123456789abcdef01234567;\n"
	    "delete 10.0.0.1 10.0.0.2 10;", 2);
	c = s.first;
	sa = c->u.sa;
	ck_assert_int_eq(c->verb, VERB_ADD);
	ck_assert_int_eq(c->proto, IPSEC_PROTO_ESP);
	ck_assert_uint_eq(sa->src.bytes[0], 10);
	ck_assert_uint_eq(sa->src.bytes[3], 1);
	ck_assert(sa->nat);
	ck_assert_uint_eq(sa->src.port, 4500);
	ck_assert_uint_eq(sa->dst.port, 4500);
	ck_assert_uint_eq(sa->oa->bytes[1], 9);
	ck_assert_uint_eq(sa->spi, 0xabcdef12);
	ck_assert_int_eq(sa->mode, IPSEC_MODE_TUNNEL);
	ck_assert_uint_eq(sa->reqid, 10);
	ck_assert_uint_eq(sa->replay, 32);
	ck_assert_uint_eq(sa->hard_time, 5000000000);
	ck_assert_uint_eq(sa->soft_time, 4);
	ck_assert_uint_eq(sa->hard_bytes, UINT64_MAX);
	ck_assert_uint_eq(sa->soft_bytes, 1);
	ck_assert_uint_eq(sa->label->doi, 1);
	ck_assert_uint_eq(sa->label->alg, 2);
	ck_assert_uint_eq(sa->label->length, 4);
	ck_assert_str_eq(sa->label->text, "a:b");
	ck_assert_uint_eq(sa->enc.id, 3);
	ck_assert_uint_eq(sa->enc.bits, 192);
	ck_assert_mem_eq(sa->enc.bytes, "0123456789abcdefghijklmn", 24);
	ck_assert_uint_eq(sa->auth.id, 3);
	ck_assert_mem_eq(sa->auth.bytes, "\x01\x23\x45\x67\x89\xab", 6);
	c = c->next;
	ck_assert_uint_eq(c->line, 3);
	ck_assert_int_eq(c->proto, IPSEC_PROTO_ANY);
	ck_assert_uint_eq(c->u.sa->spi, 10);
	/* Nothing of the first command is left in the second. */
	ck_assert_uint_eq(c->u.sa->reqid, 0);
	ck_assert_ptr_null(c->u.sa->label);
	ck_assert(!c->u.sa->enc.present);
	script_fini(&s);
	ck_assert_ptr_null(s.first);
}
END_TEST

START_TEST(odd_hex)
{
	struct script s;

	must_parse(&s, "add 10.0.0.1 10.0.0.2 esp 1 -E blowfish-cbc "
	    "0x123456789;", 1);
	ck_assert_uint_eq(s.first->u.sa->enc.bits, 40);
	ck_assert_mem_eq(s.first->u.sa->enc.bytes, "\x01\x23\x45\x67\x89", 5);
	script_fini(&s);
}
END_TEST

START_TEST(every_pair)
{
	struct script s;

	must_parse(&s, "add both.example both.example esp 1" DES, 2);
	ck_assert_int_eq(s.first->u.sa->src.family, AF_INET);
	ck_assert_int_eq(s.first->next->u.sa->dst.family, AF_INET6);
	script_fini(&s);
	must_parse(&s, "get -6 both.example both.example esp 1;", 1);
	script_fini(&s);
	must_parse(&s, "get both.example 10.0.0.1 esp 1;", 1);
	script_fini(&s);
}
END_TEST

START_TEST(plain_commands)
{
	static const enum verb want[] = { VERB_FLUSH, VERB_DUMP, VERB_DUMP,
	    VERB_SPDFLUSH, VERB_SPDDUMP, VERB_DELETEALL, VERB_EXIT };
	const struct command *c;
	struct script s;
	size_t i = 0;

	must_parse(&s, "flush\nesp;dump;dump ipcomp;spdflush;spddump;"
	    "deleteall 10.0.0.1 10.0.0.2 ah;quit;bogus", NELEM(want));
	for (c = s.first; c != NULL; c = c->next)
		ck_assert_int_eq(c->verb, want[i++]);
	ck_assert_int_eq(s.first->proto, IPSEC_PROTO_ESP);
	ck_assert_int_eq(s.first->next->proto, IPSEC_PROTO_ANY);
	script_fini(&s);
}
END_TEST

START_TEST(policies)
{
	const struct script_policy *p;
	const struct command *c;
	union script_policy_room room;
	struct script s;

	must_parse(&s,
	    "spdadd 10.0.0.1 / 24 [ 22 ] 10.0.0.2[isakmp] tcp -P\n out prio "
	    "def + 100 ipsec ah/transport//unique:9\n esp/tunnel/192.0.2.1-"
	    "192.0.2.2/use;"
	    "spdadd ::1 ::2 icmp6 128,3 -ctx 1 1 \"x\" -P fwd none;"
	    "spdupdate 10.0.0.1 10.0.0.2 gre 1.2.3.4 -P out discard;"
	    "spdadd 10.0.0.1 10.0.0.2 gre 1234 -P out discard;"
	    "spdadd 10.0.0.1 10.0.0.2 47 65537x -P out discard;"
	    "spddelete 10.0.0.1/0 10.0.0.2 255 -P in;"
	    "spdadd tagged \"t\" -P in none;", 7);
	c = s.first;
	p = script_policy(c, &room);
	ck_assert_uint_eq(p->sel.src_prefix, 24);
	ck_assert_uint_eq(p->sel.src.port, 22);
	ck_assert_uint_eq(p->sel.dst_prefix, 32);
	ck_assert_uint_eq(p->sel.dst.port, 500);
	ck_assert_uint_eq(p->sel.proto, 6);
	ck_assert_uint_eq(p->priority, 0x80000000u - 100);
	ck_assert_int_eq(p->dir, IPSEC_DIR_OUT);
	ck_assert_int_eq(p->action, POLICY_IPSEC);
	ck_assert_uint_eq(p->nreq, 2);
	ck_assert_uint_eq(p->req[0].reqid, 9);
	ck_assert_int_eq(p->req[1].mode, IPSEC_MODE_TUNNEL);
	c = c->next;
	p = script_policy(c, &room);
	ck_assert_uint_eq(c->line, 3);
	ck_assert_uint_eq(p->sel.proto, 58);
	ck_assert_uint_eq(p->sel.src.port, 128);
	ck_assert_uint_eq(p->sel.dst.port, 3);
	ck_assert_str_eq(p->label->text, "x");
	p = script_policy(c = c->next, &room);
	ck_assert_uint_eq(p->sel.src.port, 0x0102);
	ck_assert_uint_eq(p->sel.dst.port, 0x0304);
	p = script_policy(c = c->next, &room);
	ck_assert_uint_eq(p->sel.dst.port, 1234);
	p = script_policy(c = c->next, &room);
	ck_assert_uint_eq(p->sel.src.port, 1);
	ck_assert_uint_eq(p->sel.dst.port, 1);
	p = script_policy(c = c->next, &room);
	ck_assert_uint_eq(p->sel.src_prefix, 0);
	ck_assert_uint_eq(p->sel.proto, 0);
	ck_assert_uint_eq(p->priority, 0);
	ck_assert(script_policy(c->next, &room)->tagged);
	script_fini(&s);
}
END_TEST

#define SYNTAX(line, token) "setkey: x," line ": syntax error at `" token \
	"'\nsetkey: x," line ": parse failed\n"
#define MEANING(line, text, token) "setkey: x," line ": " text " at `" token \
	"'\nsetkey: x," line ": parse failed\n"
#define MORE(line, text, token, hint) "setkey: x," line ": " text " at `" \
	token "' (" hint ")\nsetkey: x," line ": parse failed\n"
#define LEXICAL(line, token) "setkey: x," line ": Syntax error at `" token \
	"'\n"
#define A "add 10.0.0.1 10.0.0.2 "
#define S "spdadd 10.0.0.1 10.0.0.2 any -P "
#define OFFSET "Priority offset from base not in valid range [0, 1073741823]" \
	" for negative offsets and [0, 1073741824] for positive offsets"
#define PRIORITY "Priority offset not in valid range [-2147483647, 2147483648]"

static const struct {
	const char *text, *want;
} bad[] = {
	/* Words in the wrong place. */
	{ "update 10.0.0.1 10.0.0.2 esp 1" DES, SYNTAX("1", "update") },
	{ "flush", SYNTAX("1", "") },
	{ "flush;;", SYNTAX("1", ";") },
	{ "flush;\n\nbogus;\nflush;", SYNTAX("3", "bogus") },
	{ "ADD 10.0.0.1;", SYNTAX("1", "ADD") },
	{ "exit", SYNTAX("1", "") },
	{ "dump foo;", SYNTAX("1", "foo") },
	{ "spdflush foo;", SYNTAX("1", "foo") },
	{ A "esp 0x1000" AES "\n", SYNTAX("2", "") },
	{ A "foo 1" DES, SYNTAX("1", "foo") },
	{ A "esp;", SYNTAX("1", ";") },
	{ A "esp 1 -E foo-cbc \"x\";", SYNTAX("1", "foo-cbc") },
	{ A "esp 1 -m\nbeet" DES, SYNTAX("2", "beet") },
	{ A "esp 1 -f bogus" DES, SYNTAX("1", "bogus") },
	{ A "esp 1 -u 0x10" DES, SYNTAX("1", "0x10") },
	{ A "esp 1 -ctx 1 1 foo" DES, SYNTAX("1", "foo") },
	{ A "esp 1 -A hmac-md5 \"0123456789abcdef\" -E null;",
	    SYNTAX("1", "-E") },
	{ A "esp 1 -E null -m tunnel;", SYNTAX("1", "-m") },
	{ A "esp 1;", SYNTAX("1", ";") },
	{ A "ipcomp 1 -C foo;", SYNTAX("1", "foo") },
	{ "getspi 10.0.0.1 10.0.0.2 esp 1 -E null;", SYNTAX("1", "-E") },
	{ "delete 10.0.0.1 10.0.0.2 esp;", SYNTAX("1", ";") },
	{ "deleteall 10.0.0.1[5] 10.0.0.2 esp;", SYNTAX("1", "[") },
	{ "spdadd any any any -P out none;", SYNTAX("1", "any") },
	{ "spdadd 10.0.0.1 10.0.0.2 esp -P out none;", SYNTAX("1", "esp") },
	{ "spdadd 10.0.0.1 10.0.0.2 icmp 8 -P out none;", SYNTAX("1", "8") },
	{ "spdadd 10.0.0.1[22]/24 10.0.0.2 tcp -P out none;",
	    SYNTAX("1", "/") },
	{ "spdadd 10.0.0.1/ 10.0.0.2 tcp -P out none;",
	    SYNTAX("1", "10.0.0.2") },
	{ "spdadd 10.0.0.1 10.0.0.2 -ctx 1 1 \"x\" -P out none;",
	    SYNTAX("1", "-ctx") },
	{ "spddelete 10.0.0.1 10.0.0.2 any;", SYNTAX("1", ";") },
	{ "spdadd 10.0.0.1 10.0.0.2 any -P;", SYNTAX("1", ";") },
	{ "spdadd tagged foo -P out none;", SYNTAX("1", "foo") },
	{ S "out ipsec esp/transport//require # comment\n;",
	    SYNTAX("1", "#") },
	{ S "out ipsec \"x\";", SYNTAX("1", "\\\"") },
	{ "flush; /* c */", SYNTAX("1", "/") },
	/* Keys are not shown. */
	{ A "ah 1 -A null \"secret\";", SYNTAX("1", "\\\"...\\\"") },
	{ A "esp 1 -E null 0x0123456789abcdef;", SYNTAX("1", "0x...") },
	{ A "esp 1 -E des-cbc 0xZZ;", MORE("1", "syntax error", "0xZZ",
	    "a key is \"text\" or 0x and hexadecimal digits") },
	{ A "esp 1 -E des-cbc 0123456789abcdef;", MORE("1", "syntax error",
	    "...", "a key is \"text\" or 0x and hexadecimal digits") },
	{ A "esp 1\n-E\naes-cbc \"0123456789abcde\";", MORE("3",
	    "Invalid key length", "aes-cbc",
	    "120 bits given, 128 to 256 in steps of 64 wanted") },
	{ A "esp 1 -E des-cbc \"\";", MORE("1", "Invalid key length",
	    "des-cbc", "0 bits given, 64 wanted") },
	{ A "esp 1" AES " -A hmac-sha1 \"short\";", MORE("1",
	    "Invalid key length", "hmac-sha1",
	    "40 bits given, 160 wanted") },
	/* Bytes that the language does not have. */
	{ "$foo;", LEXICAL("1", "$") },
	{ "flush;\n@", LEXICAL("2", "@") },
	{ "flush;\r\n", LEXICAL("1", "\\\\x0d") },
	{ "\xc3;", LEXICAL("1", "\\\\xc3") },
	{ A "esp -1" DES, LEXICAL("1", "-") },
	{ A "esp 1 -E des-cbc \"open;\nflush;\n", LEXICAL("1", "\\\"") },
	/* Words that mean nothing. */
	{ A "ah 1 -A keyed-md5 \"0123456789abcdef\";", MEANING("1",
	    "Not supported", "keyed-md5") },
	{ A "esp-old 1 -E des-deriv 0x3ffe05014819ffff;", MEANING("1",
	    "algorithm mismatched", "des-deriv") },
	{ A "esp 1 -E des-32iv 0x3ffe05014819ffff;", MEANING("1",
	    "algorithm mismatched", "des-32iv") },
	{ A "esp-old 1 -r 4" DES_X, MEANING("1", "replay prevention cannot be "
	    "used with ah/esp-old", "4") },
	{ A "esp 0x100000000" DES_X, MEANING("1", "SPI too big.",
	    "0x100000000") },
	{ A "esp 1 -u 4294967296" DES_X, MORE("1", "number too large",
	    "4294967296", "at most 4294967295") },
	{ "add 10.0.0.1[70000] 10.0.0.2 esp 1" DES, MORE("1",
	    "number too large", "70000", "at most 65535") },
	{ "add 10.0.0.1 fe80::2 esp 1" DES, MEANING("1",
	    "address families differ", "fe80::2") },
	{ "add slow.example\n10.0.0.2 esp 1" DES, MEANING("1",
	    "Temporary failure in name resolution", "slow.example") },
	{ "add -n both.example 10.0.0.2 esp 1" DES, MEANING("1",
	    "Name or service not known", "both.example") },
	{ "add -6 10.0.0.1 10.0.0.2 esp 1" DES, MEANING("1",
	    "Address family for hostname not supported", "10.0.0.1") },
	{ "add 10.0.0.1[isakmp] 10.0.0.2[nosuchsvc] esp 1" DES, MEANING("1",
	    "Servname not supported for ai_socktype", "nosuchsvc") },
	{ "delete both.example both.example esp 1;", MEANING("1",
	    "multiple address specified", "both.example") },
	{ "spdadd 10.0.0.1 both.example any -P out none;", MEANING("1",
	    "multiple address specified", "both.example") },
	{ "spdadd 10.0.0.1 ::1 any -P out none;", MEANING("1",
	    "address families differ", "::1") },
	{ "spdadd 10.0.0.1 10.0.0.2 foo -P out none;", MEANING("1",
	    "invalid upper layer protocol", "foo") },
	{ "spdadd 10.0.0.1 10.0.0.2 300 -P out none;", MORE("1",
	    "number too large", "300", "at most 255") },
	{ "spdadd 10.0.0.1 10.0.0.2 icmp foo -P out none;", MEANING("1",
	    "invalid an upper layer protocol spec", "foo") },
	{ "spdadd 10.0.0.1 10.0.0.2 icmp 256,0 -P out none;", MEANING("1",
	    "invalid an upper layer protocol spec", "256,0") },
	{ "spdadd 10.0.0.1 10.0.0.2 tcp 5,6 -P out none;", MEANING("1",
	    "invalid an upper layer protocol spec", "5,6") },
	{ "spdadd 10.0.0.1 10.0.0.2 gre x1 -P out none;", MEANING("1",
	    "invalid an upper layer protocol spec", "x1") },
	{ "spdadd 10.0.0.1 10.0.0.2 gre 4294967296 -P out none;", MEANING("1",
	    "invalid an upper layer protocol spec", "4294967296") },
	/* Policies. */
	{ S "out ipsec esp/foo//require;", MORE("1", "Too few arguments",
	    " out ipsec esp/foo//require", "near `foo'") },
	{ S "out ipsec esp;", MEANING("1", "Too few arguments",
	    " out ipsec esp") },
	{ S "out ipsec esp/tunnel//require;", MEANING("1",
	    "Invalid address specification",
	    " out ipsec esp/tunnel//require") },
	{ S "out ipsec\nesp/tunnel/10.0.0.1-10.0.0.2/bogus;", MORE("2",
	    "Invalid argument",
	    " out ipsec esp/tunnel/10.0.0.1-10.0.0.2/bogus",
	    "near `bogus'") },
	{ S "out ipsec esp/tunnel/10.0.0.1-fe80::1/require;", MEANING("1",
	    "Family mismatch",
	    " out ipsec esp/tunnel/10.0.0.1-fe80::1/require") },
	{ S "out ipsec esp/tunnel/localhost-10.0.0.2/use;", MORE("1",
	    "Name or service not known",
	    " out ipsec esp/tunnel/localhost-10.0.0.2/use",
	    "near `localhost'") },
	{ S "none;", MORE("1", "Invalid argument", " none", "near `none'") },
	{ S "in ipsec esp/transport/me-any/use;", MEANING("1",
	    "Invalid direction", " in ipsec esp/transport/me-any/use") },
	{ S "out prio 9999999999 none;", MEANING("1", PRIORITY,
	    " out prio 9999999999 none") },
	{ S "out prio low - 1073741824 none;", MEANING("1", OFFSET,
	    " out prio low - 1073741824 none") }
};

/* \" and \\ in the wanted text stand for themselves. */
static void
unescape(const char *from, char *to)
{
	for (; *from != '\0'; from++) {
		if (*from == '\\' && (from[1] == '"' || from[1] == '\\'))
			from++;
		*to++ = *from;
	}
	*to = '\0';
}

START_TEST(errors)
{
	char want[1024];
	struct script s;
	bool ok;
	char *out = parse(&s, bad[_i].text, "x", &ok);

	unescape(bad[_i].want, want);
	ck_assert_msg(!ok, "taken: %s", bad[_i].text);
	ck_assert_str_eq(out, want);
	script_fini(&s);
	free(out);
}
END_TEST

START_TEST(session_errors)
{
	struct script s;
	bool ok;
	char *out = parse(&s, "bogus;", NULL, &ok);

	ck_assert(!ok);
	ck_assert_str_eq(out, "syntax error at `bogus'\n");
	script_fini(&s);
	free(out);
}
END_TEST

START_TEST(warnings)
{
	struct script s;
	bool ok;
	char *out = parse(&s, "get 10.0.0.1 10.0.0.2 esp 1 -m transport;\n"
	    A "esp 1 -E simple;", "x", &ok);

	ck_assert(ok);
	ck_assert_uint_eq(s.count, 2);
	ck_assert_str_eq(out, "setkey: x,1: WARNING: mode is obsolete at "
	    "`transport'\nsetkey: x,2: WARNING: obsolete algorithm at "
	    "`simple'\n");
	script_fini(&s);
	free(out);
}
END_TEST

START_TEST(kernel_errors)
{
	char *out = NULL;
	size_t size = 0;
	struct report r = { .out = open_memstream(&out, &size), .file = "f" };

	report_error(&r, 3, VERB_ADD, -EEXIST, "");
	report_error(&r, 4, VERB_ADD, -EEXIST, "File exists");
	report_error(&r, 5, VERB_SPDDELETE, -ENOENT, "");
	report_error(&r, 6, VERB_ADD, -EINVAL, "Invalid mark");
	report_note(&r, 7, "No SAD entries");
	r.file = NULL;
	report_error(&r, 8, VERB_GET, -ESRCH, "");
	report_note(&r, 9, "No SAD entries");
	ck_assert_int_eq(fclose(r.out), 0);
	ck_assert_str_eq(out, "setkey: f:3: File exists\n"
	    "setkey: f:4: File exists\nsetkey: f:5: No entry\n"
	    "setkey: f:6: Invalid argument (Invalid mark)\n"
	    "setkey: f:7: No SAD entries\nNo such process.\n"
	    "No SAD entries.\n");
	free(out);
}
END_TEST

/* What the kernel is spared. */
static const struct {
	const char	*text;
	int		 err;
} refused[] = {
	{ A "tcp 1 -A hmac-md5 \"0123456789abcdef\";", -EPROTONOSUPPORT },
	{ A "1" DES, -EPROTONOSUPPORT },
	{ A "esp 1 -A hmac-md5 \"0123456789abcdef\";", -EINVAL },
	{ A "esp 1 -C deflate;", -EINVAL },
	{ A "esp 1 -E aes-gcm-16 \"0123456789abcdef0123\" -A null;", -EINVAL },
	{ A "ah 1" DES, -EINVAL }, { A "ah 1 -A null;", -EINVAL },
	{ A "ipcomp 1" DES, -EINVAL }, { A "ipcomp 1 -C oui;", -ENOSYS },
	{ A "ipcomp 1 -C lzs;", -ENOSYS },
	{ A "esp 1 -lh 100" DES, -EINVAL }, { A "esp 1 -bs 9" DES, -EINVAL },
	{ A "esp 1 -ls 100 -bh 9" DES, 0 }, { A "esp 1" DES, 0 },
	{ A "ipcomp 0x10003 -C deflate;", 0 },
	{ "delete 10.0.0.1 10.0.0.2 1;", -ESRCH },
	{ "get 10.0.0.1 10.0.0.2 1;", -ESRCH },
	{ "getspi 10.0.0.1 10.0.0.2 1;", -EPROTONOSUPPORT },
	{ "spdadd tagged \"foo\" -P out none;", -EINVAL },
	{ S "in bypass;", -EINVAL }, { S "out entrust;", -EINVAL },
	{ "spddelete 10.0.0.1 10.0.0.2 any -P out entrust;", 0 },
	{ S "out ipsec esp/transport//use ah/transport//use "
	    "ipcomp/transport//use esp/transport//use ah/transport//use "
	    "ipcomp/transport//use esp/transport//use;", -ELOOP },
	{ S "out none;", 0 }, { "flush;", 0 }, { "flush esp;", 0 },
	{ "deleteall 10.0.0.1 10.0.0.2;", 0 },
	{ "deleteall 10.0.0.1 10.0.0.2 tcp;", -EPROTONOSUPPORT },
	{ "flush tcp;", -EPROTONOSUPPORT }, { "dump tcp;", -EPROTONOSUPPORT }
};

START_TEST(checks)
{
	struct script s;
	const char *why;

	must_parse(&s, refused[_i].text, 1);
	ck_assert_int_eq(expand_check(s.first, &why), refused[_i].err);
	ck_assert_int_eq(why[0] == '\0', refused[_i].err == 0);
	script_fini(&s);
}
END_TEST

START_TEST(expanded_sa)
{
	uint32_t reqid = 1;
	struct ipsec_command cmd;
	struct script s;

	must_parse(&s, "add 10.0.0.1[5] 10.0.0.2[6] esp-udp 0x1000 -m tunnel "
	    "-u 7 -r 4 -lh 2 -ls 1" AES " -A hmac-sha256-96 "
	    "\"0123456789abcdef0123456789abcdef\";"
	    A "ah 2 -A hmac-sha2-256 \"0123456789abcdef0123456789abcdef\";"
	    A "esp 3 -E aes-gcm-16 \"0123456789abcdef0123\";"
	    "flush ah;", 4);
	expand_command(s.first, 0, &reqid, &cmd);
	ck_assert_int_eq(cmd.op, IPSEC_OP_SA_ADD);
	ck_assert_uint_eq(cmd.sa.id.spi, 0x1000);
	ck_assert_int_eq(cmd.sa.id.proto, IPSEC_PROTO_ESP);
	ck_assert_uint_eq(cmd.sa.id.dst.port, 0);
	ck_assert_int_eq(cmd.sa.encap.type, 2);
	ck_assert_uint_eq(cmd.sa.encap.sport, 5);
	ck_assert_uint_eq(cmd.sa.encap.dport, 6);
	ck_assert_int_eq(cmd.sa.mode, IPSEC_MODE_TUNNEL);
	ck_assert_uint_eq(cmd.sa.flags, IPSEC_SA_AF_UNSPEC);
	ck_assert_uint_eq(cmd.sa.reqid, 7);
	ck_assert_uint_eq(cmd.sa.replay, 4);
	ck_assert_uint_eq(cmd.sa.hard.add, 2);
	ck_assert_uint_eq(cmd.sa.soft.add, 1);
	ck_assert_uint_eq(cmd.sa.enc.key_bits, 128);
	ck_assert_uint_eq(cmd.sa.enc.key[1], 0x23);
	ck_assert_uint_eq(cmd.sa.auth.id, 5);
	ck_assert_uint_eq(cmd.sa.auth.icv_bits, 96);
	/* The plain name has the length of RFC 4868, the table's. */
	expand_command(s.first->next, 0, &reqid, &cmd);
	ck_assert_int_eq(cmd.sa.mode, IPSEC_MODE_TRANSPORT);
	ck_assert_uint_eq(cmd.sa.flags, 0);
	ck_assert_uint_eq(cmd.sa.auth.icv_bits, 0);
	ck_assert_uint_eq(ipsec_alg_by_id(IPSEC_ALG_AUTH, 5)->icv_bits, 128);
	expand_command(s.first->next->next, 0, &reqid, &cmd);
	ck_assert(!cmd.sa.enc.present);
	ck_assert_uint_eq(cmd.sa.aead.key_bits, 160);
	expand_command(s.first->next->next->next, 0, &reqid, &cmd);
	ck_assert_int_eq(cmd.op, IPSEC_OP_SA_FLUSH);
	ck_assert_int_eq(cmd.sa.id.proto, IPSEC_PROTO_AH);
	ck_assert_uint_eq(reqid, 1);
	script_fini(&s);
}
END_TEST

/* The copy for forwarded packets, and reqids for "unique". */
START_TEST(expanded_policy)
{
	uint32_t reqid = 16384;
	struct ipsec_command cmd;
	const struct command *c;
	struct script s;

	must_parse(&s, S "in ipsec esp/transport//unique ah/transport//"
	    "unique:9 ipcomp/transport//unique:20000;"
	    "spddelete 10.0.0.1 10.0.0.2 any -P in ipsec esp/transport//"
	    "unique;" S "out ipsec esp/tunnel/10.0.0.3[1]-10.0.0.4[2]/use;",
	    3);
	c = s.first;
	ck_assert(expand_batchable(c));
	ck_assert_uint_eq(expand_parts(c, true), 2);
	ck_assert_uint_eq(expand_parts(c, false), 1);
	ck_assert_uint_eq(expand_reqids(c, true), 3);
	ck_assert_uint_eq(expand_reqids(c, false), 2);
	expand_command(c, 0, &reqid, &cmd);
	ck_assert_int_eq(cmd.policy.dir, IPSEC_DIR_IN);
	ck_assert_uint_eq(cmd.policy.ntmpl, 3);
	ck_assert_uint_eq(cmd.policy.tmpl[0].reqid, 16384);
	ck_assert_uint_eq(cmd.policy.tmpl[1].reqid, 9);
	ck_assert_uint_eq(cmd.policy.tmpl[2].reqid, 16385);
	expand_command(c, 1, &reqid, &cmd);
	ck_assert_int_eq(cmd.policy.dir, IPSEC_DIR_FWD);
	ck_assert_uint_eq(cmd.policy.tmpl[0].reqid, 0);
	ck_assert_uint_eq(cmd.policy.tmpl[1].reqid, 9);
	ck_assert_uint_eq(cmd.policy.tmpl[2].reqid, 16386);
	ck_assert_uint_eq(reqid, 16387);
	c = c->next;
	ck_assert_uint_eq(expand_parts(c, true), 2);
	ck_assert_uint_eq(expand_reqids(c, true), 0);
	expand_command(c, 1, &reqid, &cmd);
	ck_assert_int_eq(cmd.op, IPSEC_OP_POLICY_DELETE);
	ck_assert_int_eq(cmd.policy.dir, IPSEC_DIR_FWD);
	ck_assert_uint_eq(cmd.policy.ntmpl, 0);
	c = c->next;
	ck_assert_uint_eq(expand_parts(c, true), 1);
	expand_command(c, 0, &reqid, &cmd);
	ck_assert_uint_eq(cmd.policy.tmpl[0].optional, 1);
	ck_assert_uint_eq(cmd.policy.tmpl[0].src.port, 0);
	ck_assert_uint_eq(reqid, 16387);
	script_fini(&s);
}
END_TEST

START_TEST(hints)
{
	struct ipsec_sa sa = { .id = { .proto = IPSEC_PROTO_ESP } };
	char text[HINT_TEXT];

	sa.id.dst.family = AF_INET;
	sa.enc.present = 1;
	sa.enc.id = 253;
	hint_sa(&sa, -EEXIST, text);
	ck_assert_str_eq(text, "");
	hint_sa(&sa, -EPROTONOSUPPORT, text);
	ck_assert_str_eq(text, "is the module missing? try modprobe esp4");
	hint_sa(&sa, -ENOSYS, text);
	ck_assert_str_eq(text, "is twofish-cbc missing? try modprobe -a "
	    "twofish_generic cbc");
	sa.auth.present = 1;
	sa.auth.id = 3;
	hint_sa(&sa, -ENOENT, text);
	ck_assert_str_eq(text, "is twofish-cbc or hmac-sha1 missing? try "
	    "modprobe -a twofish_generic cbc sha1_generic hmac");
}
END_TEST

/* A policy must cost less than 400 bytes. */
START_TEST(memory)
{
	static const char line[] = "spdadd 10.0.0.1[22] 10.0.0.2 tcp -P out "
	    "ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;\n";
	size_t count = 10000, n = strlen(line);
	char *text = malloc(count * n + 1);
	struct script s;

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * n, line, n + 1);
	must_parse(&s, text, count);
	ck_assert_uint_lt(s.bytes / count, 250);
	script_fini(&s);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("setkey");
	TCase *tc = tcase_create("setkey");
	SRunner *sr = srunner_create(suite);
	int failed;

	tcase_add_test(tc, tokens);
	tcase_add_test(tc, policy_tokens);
	tcase_add_test(tc, command_ends);
	tcase_add_test(tc, sa_commands);
	tcase_add_test(tc, odd_hex);
	tcase_add_test(tc, every_pair);
	tcase_add_test(tc, plain_commands);
	tcase_add_test(tc, policies);
	tcase_add_loop_test(tc, errors, 0, (int)NELEM(bad));
	tcase_add_test(tc, session_errors);
	tcase_add_test(tc, warnings);
	tcase_add_test(tc, kernel_errors);
	tcase_add_loop_test(tc, checks, 0, (int)NELEM(refused));
	tcase_add_test(tc, expanded_sa);
	tcase_add_test(tc, expanded_policy);
	tcase_add_test(tc, hints);
	tcase_add_test(tc, memory);
	suite_add_tcase(suite, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
