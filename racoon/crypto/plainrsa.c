/* SPDX-License-Identifier: ISC */
/*
 * The language of plain RSA files:
 *
 *	entry  = [[ local ] remote ] ":" key
 *	local, remote = "any" | address [ "/" prefix ]
 *	key    = "RSA" "{" { name ":" "0x" hex } "}"
 *	       | "PUB" ( "0s" base64 | "0x" hex )
 *
 * What an error quotes is never long, and no digits that may be of a key.
 */
#include "crypto/plainrsa.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/lib.h"
#include "wire/text.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define PUB_MAX		(KEY_RSA_BITS_MAX / 4 + 8)
#define QUOTE_MAX	16
#define QUOTE_DIGITS_MAX 4		/* where numbers of a key are */
#define PARTS		8

struct net {				/* no address: any */
	struct ipsec_addr addr;
	uint8_t		 prefix;
};

struct entry {
	struct net	 local, remote;
	struct key	*key;
};

struct plainrsa {
	atomic_uint	 refs;
	struct entry	*entry;
	unsigned	 n;
	bool		 has_private;
};

struct token {
	char		 kind;		/* 'w'ord, ':', '{', '}', '\0': end */
	struct view	 text;
};

struct parser {
	const struct crypto *crypto;
	struct view	 in;
	unsigned	 line;
	bool		 secret;
	bool		 in_key;	/* within the braces of one */
	struct token	 tok;
	struct buf	 part[PARTS];
	struct plainrsa	*set;
	struct plainrsa_error *error;
};

static const char *const part_names[PARTS] = {
	"Modulus", "PublicExponent", "PrivateExponent", "Prime1", "Prime2",
	"Exponent1", "Exponent2", "Coefficient",
};

/* Names of parts have a digit at the end at most. */
static bool
may_quote(const struct parser *p)
{
	const struct view text = p->tok.text;

	if (text.n > QUOTE_MAX)
		return false;
	if (!p->in_key || text.n <= QUOTE_DIGITS_MAX)
		return true;
	for (size_t i = 0; i + 1 < text.n; i++)
		if (text.p[i] >= '0' && text.p[i] <= '9')
			return false;
	return true;
}

static enum err
fail(struct parser *p, const char *reason)
{
	struct text text;

	p->error->line = p->line;
	text_init(&text, p->error->why, sizeof(p->error->why));
	if (p->tok.kind == '\0')
		text_add(&text, "end of file: ");
	else if (may_quote(p)) {
		text_add(&text, "\"");
		text_add_bytes(&text, p->tok.text, "\"");
		text_add(&text, "\" ");
	}
	text_add(&text, "%s", reason);
	text_end(&text);
	return E_CONFIG;
}

/* What key_from_rsa() does not like is no fault of one token. */
static enum err
fail_key(struct parser *p, const char *why)
{
	struct text text;

	p->error->line = p->line;
	text_init(&text, p->error->why, sizeof(p->error->why));
	text_add(&text, "%s", why);
	return E_CONFIG;
}

/* ---- tokens ---- */

static bool
blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static void
skip(struct parser *p)
{
	bool comment = false;

	while (p->in.n > 0 && (comment || blank(*p->in.p) ||
	    *p->in.p == '#')) {
		if (*p->in.p == '#')
			comment = true;
		if (*p->in.p == '\n') {
			comment = false;
			p->line++;
		}
		(void)view_u8(&p->in);
	}
}

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * How long the word is that IN begins with.  Where an ADDRESS may stand,
 * colons belong to it if it can be one of IPv6: "any:RSA", ":RSA" and "1::1:"
 * are two tokens or more.
 */
static size_t
word_len(struct view in, bool address)
{
	size_t n;
	uint8_t c;

	if (in.p[0] == ':' && (in.n < 2 || in.p[1] != ':'))
		address = false;
	for (n = 0; n < in.n; n++) {
		c = in.p[n];
		if (blank(c) || c == '#' || c == '{' || c == '}' ||
		    (c == ':' && !address))
			break;
		if (c != ':' && memchr(in.p, ':', n) == NULL &&
		    hex_digit(c) < 0)
			address = false;
	}
	if (n > 1 && in.p[n - 1] == ':' && in.p[n - 2] != ':')
		n--;
	return n;
}

/* The next token; ADDRESS: it is in front of a key. */
static void
next(struct parser *p, bool address)
{
	size_t n;

	skip(p);
	if (p->in.n == 0) {
		p->tok = (struct token){ .kind = '\0' };
		return;
	}
	n = word_len(p->in, address);
	p->tok.kind = 'w';
	if (n == 0) {
		n = 1;
		p->tok.kind = (char)*p->in.p;
	}
	p->tok.text = view_take(&p->in, n);
}

static bool
is(const struct parser *p, const char *word)
{
	return p->tok.kind == 'w' && view_equal(p->tok.text, view_text(word));
}

/* ---- numbers ---- */

/* Hex digits; an odd one more is the first byte's lower half. */
static bool
hex_put(struct view digits, struct buf *out)
{
	int high = 0, low;

	if (digits.n == 0)
		return false;
	if (digits.n % 2 != 0) {
		low = hex_digit(view_u8(&digits));
		if (low < 0)
			return false;
		buf_u8(out, (uint8_t)low);
	}
	while (digits.n > 0) {
		high = hex_digit(view_u8(&digits));
		low = hex_digit(view_u8(&digits));
		if (high < 0 || low < 0)
			return false;
		buf_u8(out, (uint8_t)(high << 4 | low));
	}
	return buf_ok(out);
}

static int
base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 4648 4; the padding may be left out. */
static bool
base64_put(struct view digits, struct buf *out)
{
	uint32_t bits = 0;
	unsigned n = 0;
	int digit;

	for (unsigned i = 0; i < 2 && digits.n > 0 &&
	    digits.p[digits.n - 1] == '='; i++)
		digits.n--;
	while (digits.n > 0) {
		digit = base64_digit(view_u8(&digits));
		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		n += 6;
		if (n < 8)
			continue;
		n -= 8;
		buf_u8(out, (uint8_t)(bits >> n));
		bits &= (1u << n) - 1;
	}
	return n < 6 && bits == 0 && buf_ok(out);
}

/* What comes after "0x" or "0s"; false: the token has another beginning. */
static bool
prefixed(const struct parser *p, char which, struct view *digits)
{
	*digits = p->tok.text;
	return p->tok.kind == 'w' && view_u8(digits) == '0' &&
	    view_u8(digits) == (uint8_t)which && !digits->bad;
}

/* ---- keys ---- */

static enum err
key_add(struct parser *p, const struct key_rsa *rsa, struct key **out)
{
	const char *why = "";
	struct key_rsa half = { .n = rsa->n, .e = rsa->e };

	if (rsa->d.n > 0 && !p->secret) {
		p->set->has_private = true;
		rsa = &half;
	}
	if (key_from_rsa(p->crypto, rsa, out, &why) == OK)
		return OK;
	return fail_key(p, why);
}

/* RFC 3110 2: the length of the exponent, the exponent, the modulus. */
static enum err
public_key(struct parser *p, struct view wire, struct key **out)
{
	struct key_rsa rsa = { .d = view_of(NULL, 0) };
	size_t len = view_u8(&wire);

	if (len == 0)
		len = view_u16(&wire);
	rsa.e = view_take(&wire, len);
	rsa.n = wire;
	if (wire.bad || rsa.e.n == 0 || rsa.n.n == 0)
		return fail(p, "is cut short: no exponent and modulus");
	return key_add(p, &rsa, out);
}

static enum err
parse_pub(struct parser *p, struct key **out)
{
	struct view digits;
	struct buf wire;
	bool good;
	enum err r;

	if (p->secret)
		return fail(p, "is a public key, but this file is for private "
		    "ones (\": RSA { ... }\")");
	next(p, false);
	buf_init(&wire, PUB_MAX);
	if (prefixed(p, 's', &digits))
		good = base64_put(digits, &wire);
	else
		good = prefixed(p, 'x', &digits) && digits.n % 2 == 0 &&
		    hex_put(digits, &wire);
	if (good)
		r = public_key(p, buf_view(&wire), out);
	else
		r = fail(p, "is not \"0s\" and base64, or \"0x\" and an even "
		    "number of hex digits");
	buf_fini(&wire);
	return r;
}

static enum err
parse_part(struct parser *p)
{
	struct view digits;
	unsigned i;

	for (i = 0; i < PARTS && !is(p, part_names[i]); i++)
		;
	if (i == PARTS)
		return fail(p, "is not a part of an RSA key");
	if (p->part[i].n > 0)
		return fail(p, "is there twice");
	next(p, false);
	if (p->tok.kind != ':')
		return fail(p, "stands where a colon should be");
	next(p, false);
	if (!prefixed(p, 'x', &digits))
		return fail(p, "is not \"0x\" and hex digits");
	if (!hex_put(digits, &p->part[i]))
		return fail(p, "is not \"0x\" and at most 4096 hex digits");
	next(p, false);
	return OK;
}

/* The five for the quick way are of use only together. */
static enum err
key_of_parts(struct parser *p, struct key **out)
{
	struct key_rsa rsa = {
		.n = buf_view(&p->part[0]), .e = buf_view(&p->part[1]),
		.d = buf_view(&p->part[2]),
	};
	bool all = true;

	if (rsa.n.n == 0 || rsa.e.n == 0)
		return fail(p, "ends a key without Modulus or PublicExponent");
	if (p->secret && rsa.d.n == 0)
		return fail(p, "ends a key without PrivateExponent");
	for (unsigned i = 3; i < PARTS; i++) {
		if (p->part[i].n == 0)
			all = false;
	}
	if (all) {
		rsa.p = buf_view(&p->part[3]);
		rsa.q = buf_view(&p->part[4]);
		rsa.dp = buf_view(&p->part[5]);
		rsa.dq = buf_view(&p->part[6]);
		rsa.qinv = buf_view(&p->part[7]);
	}
	return key_add(p, &rsa, out);
}

static enum err
parse_rsa(struct parser *p, struct key **out)
{
	enum err r = OK;

	next(p, false);
	if (p->tok.kind != '{')
		return fail(p, "stands where \"{\" should be");
	next(p, false);
	p->in_key = true;
	while (r == OK && p->tok.kind != '}')
		r = parse_part(p);
	if (r == OK)
		r = key_of_parts(p, out);
	p->in_key = false;
	for (unsigned i = 0; i < PARTS; i++)
		buf_reset(&p->part[i]);
	return r;
}

/* ---- entries ---- */

static enum err
parse_prefix(struct parser *p, struct view digits, struct net *net)
{
	unsigned value = 0;

	if (digits.n == 0 || digits.n > 3)
		return fail(p, "has no prefix length after its slash");
	while (digits.n > 0) {
		uint8_t c = view_u8(&digits);

		if (c < '0' || c > '9')
			return fail(p, "has no number after its slash");
		value = value * 10 + (c - '0');
	}
	if (value > addr_bits(&net->addr))
		return fail(p, "has a prefix length that is too large");
	net->prefix = (uint8_t)value;
	return OK;
}

static enum err
parse_net(struct parser *p, struct net *net)
{
	char text[ADDR_TEXT];
	struct view word = p->tok.text;
	const uint8_t *slash;
	size_t n = word.n;

	*net = (struct net){ .prefix = 0 };
	if (is(p, "any"))
		return OK;
	slash = memchr(word.p, '/', n);
	if (slash != NULL)
		n = (size_t)(slash - word.p);
	if (n >= sizeof(text) || memchr(word.p, '\0', n) != NULL)
		return fail(p, "is not an address");
	memcpy(text, word.p, n);
	text[n] = '\0';
	if (!addr_parse(&net->addr, text))
		return fail(p, "is neither an address nor \"any\" nor \":\"");
	net->prefix = addr_bits(&net->addr);
	if (slash == NULL)
		return OK;
	(void)view_take(&word, n + 1);
	return parse_prefix(p, word, net);
}

/* The addresses before the colon: none, the remote, or local and remote. */
static enum err
parse_nets(struct parser *p, struct entry *e)
{
	enum err r = OK;

	for (unsigned i = 0; r == OK && p->tok.kind == 'w'; i++) {
		if (i == 2)
			return fail(p, "is a third address before a colon");
		e->local = e->remote;
		r = parse_net(p, &e->remote);
		next(p, true);
	}
	if (r == OK && p->tok.kind != ':')
		return fail(p, "stands where a colon and a key should be");
	return r;
}

static enum err
parse_entry(struct parser *p, struct entry *e)
{
	enum err r = parse_nets(p, e);

	if (r != OK)
		return r;
	next(p, false);
	if (is(p, "RSA"))
		return parse_rsa(p, &e->key);
	if (is(p, "PUB"))
		return parse_pub(p, &e->key);
	return fail(p, "is not a kind of key; \"RSA\" and \"PUB\" are");
}

static enum err
parse(struct parser *p)
{
	struct plainrsa *set = p->set;
	struct entry e;
	enum err r;

	for (next(p, true); p->tok.kind != '\0'; next(p, true)) {
		if (set->n == PLAINRSA_KEYS_MAX)
			return fail(p, "is behind 4096 keys, which is the "
			    "most that a file may have");
		e = (struct entry){ .key = NULL };
		r = parse_entry(p, &e);
		if (r != OK)
			return r;
		set->entry = xreallocarray(set->entry, set->n + 1, sizeof(e));
		set->entry[set->n++] = e;
	}
	return set->n > 0 ? OK : fail(p, "no key was found");
}

enum err
plainrsa_read(const struct crypto *c, struct view file, bool secret,
    struct plainrsa **out, struct plainrsa_error *error)
{
	struct parser p = {
		.crypto = c, .in = file, .line = 1, .secret = secret,
		.error = error,
	};
	enum err r;

	p.set = xcalloc(1, sizeof(*p.set));
	atomic_init(&p.set->refs, 1);
	for (unsigned i = 0; i < PARTS; i++)
		buf_init(&p.part[i], KEY_RSA_BITS_MAX / 8);
	if (file.bad || file.n > PLAINRSA_FILE_MAX)
		r = fail(&p, "this file is too long");
	else
		r = parse(&p);
	for (unsigned i = 0; i < PARTS; i++)
		buf_fini(&p.part[i]);
	if (r == OK)
		*out = p.set;
	else
		plainrsa_unref(p.set);
	return r;
}

static void
put_net(const struct net *net, struct buf *out)
{
	char addr[ADDR_TEXT], text[ADDR_TEXT + 8] = "any ";

	if (addr_bits(&net->addr) > 0)
		(void)snprintf(text, sizeof(text), "%s/%u ",
		    addr_print(&net->addr, addr), net->prefix);
	buf_add(out, view_text(text));
}

enum err
plainrsa_public(const struct plainrsa *set, struct buf *out)
{
	enum err r = OK;

	for (unsigned i = 0; r == OK && i < set->n; i++) {
		put_net(&set->entry[i].local, out);
		put_net(&set->entry[i].remote, out);
		buf_add(out, view_text(": PUB 0s"));
		r = key_put_base64(set->entry[i].key, out);
		buf_u8(out, '\n');
	}
	return r != OK || buf_ok(out) ? r : E_LIMIT;
}

void
plainrsa_sign_by(struct plainrsa *set, const struct key_signer *signer)
{
	for (unsigned i = 0; i < set->n; i++)
		key_sign_by(set->entry[i].key, signer);
}

const struct key *
plainrsa_nth(const struct plainrsa *set, unsigned nth)
{
	return set->entry[nth].key;
}

struct plainrsa *
plainrsa_ref(const struct plainrsa *set)
{
	struct plainrsa *same = (struct plainrsa *)set;

	atomic_fetch_add(&same->refs, 1);
	return same;
}

void
plainrsa_unref(const struct plainrsa *set)
{
	struct plainrsa *same = (struct plainrsa *)set;

	if (same == NULL || atomic_fetch_sub(&same->refs, 1) > 1)
		return;
	for (unsigned i = 0; i < same->n; i++)
		key_unref(same->entry[i].key);
	free(same->entry);
	free(same);
}

unsigned
plainrsa_count(const struct plainrsa *set)
{
	return set->n;
}

bool
plainrsa_has_private(const struct plainrsa *set)
{
	return set->has_private;
}

/* The length of the two prefixes; -1: one does not hold its address. */
static int
score(const struct entry *e, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	if (addr_bits(&e->local.addr) > 0 &&
	    !addr_in(local, &e->local.addr, e->local.prefix))
		return -1;
	if (addr_bits(&e->remote.addr) > 0 &&
	    !addr_in(remote, &e->remote.addr, e->remote.prefix))
		return -1;
	return e->local.prefix + e->remote.prefix;
}

const struct key *
plainrsa_find(const struct plainrsa *set, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, unsigned nth)
{
	int best = 0, s;

	for (unsigned i = 0; i < set->n; i++) {
		s = score(&set->entry[i], local, remote);
		if (s > best)
			best = s;
	}
	for (unsigned i = 0; i < set->n; i++) {
		if (score(&set->entry[i], local, remote) == best &&
		    nth-- == 0)
			return set->entry[i].key;
	}
	return NULL;
}
