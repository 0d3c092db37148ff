/* SPDX-License-Identifier: ISC */
/*
 * The debug form of PF_KEY messages.  Scripts read this output: its words,
 * blanks and newlines are the historical ones.  Integers of PF_KEY are in
 * host byte order, but for SPIs, ports and addresses.
 */
#include "libipsec/pfkey_print.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <linux/pfkeyv2.h>

#include <inttypes.h>

#define WORD		8u	/* PF_KEY counts in 64-bit words */
#define POLICY_IPSEC	2	/* sadb_x_policy_type with requests behind */

typedef void	 ext_fn(FILE *, struct view);

void
pfkey_print_hex(FILE *f, struct view v)
{
	for (size_t i = 0; i < v.n; i++) {
		if (i > 0 && i % 32 == 0)
			fputc('\n', f);
		if (i % 4 == 0)
			fputc(' ', f);
		fprintf(f, "%02x", v.p[i]);
	}
}

void
pfkey_print_dump(FILE *f, struct view v)
{
	for (size_t i = 0; i < v.n; i++) {
		if (i % 16 == 0)
			fprintf(f, "%08zx: ", i);
		fprintf(f, "%02x ", v.p[i]);
		if (i % 16 == 15 || i == v.n - 1)
			fputc('\n', f);
	}
}

/* Takes one sockaddr from V and prints it. */
static void
print_sockaddr(FILE *f, struct view *v)
{
	struct sockaddr_in in4 = { .sin_family = AF_UNSPEC };
	struct sockaddr_in6 in6 = { .sin6_family = AF_UNSPEC };
	struct view peek = *v;
	sa_family_t family;

	view_bytes(&peek, &family, sizeof(family));
	if (family == AF_INET6) {
		view_bytes(v, &in6, sizeof(in6));
		fprintf(f, "sockaddr{ len=%zu family=%u port=%u\n"
		    "  flowinfo=0x%08" PRIx32 ", scope_id=0x%08" PRIx32 "\n",
		    sizeof(in6), family, ntohs(in6.sin6_port),
		    in6.sin6_flowinfo, in6.sin6_scope_id);
		pfkey_print_hex(f, view_of(&in6.sin6_addr, 16));
	} else {
		view_bytes(v, &in4, sizeof(in4));
		fprintf(f, "sockaddr{ len=%zu family=%u port=%u\n",
		    sizeof(in4), family, ntohs(in4.sin_port));
		if (family == AF_INET)
			pfkey_print_hex(f, view_of(&in4.sin_addr, 4));
	}
	fputs("  }\n", f);
}

static void
print_sa(FILE *f, struct view v)
{
	struct sadb_sa sa;

	view_bytes(&v, &sa, sizeof(sa));
	fprintf(f, "sadb_sa{ spi=%" PRIu32 " replay=%u state=%u\n"
	    "  auth=%u encrypt=%u flags=0x%08" PRIx32 " }\n",
	    ntohl(sa.sadb_sa_spi), sa.sadb_sa_replay, sa.sadb_sa_state,
	    sa.sadb_sa_auth, sa.sadb_sa_encrypt, sa.sadb_sa_flags);
}

static void
print_lifetime(FILE *f, struct view v)
{
	struct sadb_lifetime l;

	view_bytes(&v, &l, sizeof(l));
	fprintf(f, "sadb_lifetime{ alloc=%" PRIu32 ", bytes=%" PRIu64 "\n"
	    "  addtime=%" PRIu64 ", usetime=%" PRIu64 " }\n",
	    l.sadb_lifetime_allocations, (uint64_t)l.sadb_lifetime_bytes,
	    (uint64_t)l.sadb_lifetime_addtime,
	    (uint64_t)l.sadb_lifetime_usetime);
}

static void
print_address(FILE *f, struct view v)
{
	struct sadb_address a;
	uint8_t reserved[2];

	view_bytes(&v, &a, sizeof(a));
	memcpy(reserved, &a.sadb_address_reserved, sizeof(reserved));
	fprintf(f, "sadb_address{ proto=%u prefixlen=%u reserved=0x%02x%02x }"
	    "\n", a.sadb_address_proto, a.sadb_address_prefixlen, reserved[0],
	    reserved[1]);
	print_sockaddr(f, &v);
}

static void
print_key(FILE *f, struct view v)
{
	struct sadb_key k;
	size_t n;

	view_bytes(&v, &k, sizeof(k));
	n = (k.sadb_key_bits + 7u) / 8;
	fprintf(f, "sadb_key{ bits=%u reserved=%u\n  key=", k.sadb_key_bits,
	    k.sadb_key_reserved);
	pfkey_print_hex(f, view_take(&v, n < v.n ? n : v.n));
	fputs(" }\n", f);
}

static void
print_ident(FILE *f, struct view v)
{
	struct sadb_ident id;
	size_t n = 0;

	view_bytes(&v, &id, sizeof(id));
	fprintf(f, "sadb_ident_%s{ type=%d id=%" PRIu64,
	    id.sadb_ident_exttype == SADB_EXT_IDENTITY_SRC ? "src" : "dst",
	    id.sadb_ident_type, (uint64_t)id.sadb_ident_id);
	if (v.n > 0) {
		fputs("\n  str=\"", f);
		while (n < v.n && v.p[n] != '\0')
			n++;
		/* The sender chose these bytes: nothing for a terminal. */
		for (size_t i = 0; i < n; i++)
			fputc(v.p[i] < ' ' || v.p[i] > '~' ? '?' : v.p[i], f);
		fputc('"', f);
	}
	fputs(" }\n", f);
}

static void
print_comb(FILE *f, struct view *v)
{
	struct sadb_comb c;

	view_bytes(v, &c, sizeof(c));
	fprintf(f, "sadb_comb{ auth=%u encrypt=%u flags=0x%04x "
	    "reserved=0x%08" PRIx32 "\n"
	    "  auth_minbits=%u auth_maxbits=%u "
	    "encrypt_minbits=%u encrypt_maxbits=%u\n",
	    c.sadb_comb_auth, c.sadb_comb_encrypt, c.sadb_comb_flags,
	    c.sadb_comb_reserved, c.sadb_comb_auth_minbits,
	    c.sadb_comb_auth_maxbits, c.sadb_comb_encrypt_minbits,
	    c.sadb_comb_encrypt_maxbits);
	fprintf(f, "  soft_alloc=%" PRIu32 " hard_alloc=%" PRIu32 " "
	    "soft_bytes=%" PRIu64 " hard_bytes=%" PRIu64 "\n"
	    "  soft_addtime=%" PRIu64 " hard_addtime=%" PRIu64 " "
	    "soft_usetime=%" PRIu64 " hard_usetime=%" PRIu64 " }\n",
	    c.sadb_comb_soft_allocations, c.sadb_comb_hard_allocations,
	    (uint64_t)c.sadb_comb_soft_bytes,
	    (uint64_t)c.sadb_comb_hard_bytes,
	    (uint64_t)c.sadb_comb_soft_addtime,
	    (uint64_t)c.sadb_comb_hard_addtime,
	    (uint64_t)c.sadb_comb_soft_usetime,
	    (uint64_t)c.sadb_comb_hard_usetime);
}

static void
print_prop(FILE *f, struct view v)
{
	struct sadb_prop p;

	view_bytes(&v, &p, sizeof(p));
	fprintf(f, "sadb_prop{ replay=%u\n", p.sadb_prop_replay);
	while (v.n >= sizeof(struct sadb_comb))
		print_comb(f, &v);
	fputs("}\n", f);
}

static void
print_supported(FILE *f, struct view v)
{
	struct sadb_alg a;

	(void)view_take(&v, sizeof(struct sadb_supported));
	fputs("sadb_sup{\n", f);
	while (v.n >= sizeof(a)) {
		view_bytes(&v, &a, sizeof(a));
		fprintf(f, "  { id=%d ivlen=%d min=%d max=%d }\n",
		    a.sadb_alg_id, a.sadb_alg_ivlen, a.sadb_alg_minbits,
		    a.sadb_alg_maxbits);
	}
	fputs("}\n", f);
}

/* Takes one request with its end points from V; false: V is used up. */
static bool
print_request(FILE *f, struct view *v)
{
	struct sadb_x_ipsecrequest r;
	struct view peek = *v, all;

	view_bytes(&peek, &r, sizeof(r));
	all = view_take(v, r.sadb_x_ipsecrequest_len);
	if (peek.bad || all.bad || all.n < sizeof(r))
		return false;
	(void)view_take(&all, sizeof(r));
	fprintf(f, " { len=%u proto=%u mode=%u level=%u reqid=%" PRIu32 "\n",
	    r.sadb_x_ipsecrequest_len, r.sadb_x_ipsecrequest_proto,
	    r.sadb_x_ipsecrequest_mode, r.sadb_x_ipsecrequest_level,
	    r.sadb_x_ipsecrequest_reqid);
	for (int i = 0; i < 2 && all.n > 0; i++)
		print_sockaddr(f, &all);
	fputs(" }\n", f);
	return true;
}

static void
print_policy(FILE *f, struct view v)
{
	struct sadb_x_policy p;

	view_bytes(&v, &p, sizeof(p));
	fprintf(f, "sadb_x_policy{ type=%u dir=%u id=%" PRIx32
	    " priority=%" PRIu32 " }\n", p.sadb_x_policy_type,
	    p.sadb_x_policy_dir, p.sadb_x_policy_id,
	    p.sadb_x_policy_priority);
	if (p.sadb_x_policy_type != POLICY_IPSEC)
		return;
	while (v.n > 0 && print_request(f, &v))
		;
}

static void
print_sa2(FILE *f, struct view v)
{
	struct sadb_x_sa2 s;

	view_bytes(&v, &s, sizeof(s));
	fprintf(f, "sadb_x_sa2{ mode=%u reqid=%" PRIu32 "\n"
	    "  reserved1=%u reserved2=%u sequence=%" PRIu32 " }\n",
	    s.sadb_x_sa2_mode, s.sadb_x_sa2_reqid, s.sadb_x_sa2_reserved1,
	    s.sadb_x_sa2_reserved2, s.sadb_x_sa2_sequence);
}

static void
print_natt_type(FILE *f, struct view v)
{
	struct sadb_x_nat_t_type t;

	view_bytes(&v, &t, sizeof(t));
	fprintf(f, "sadb_x_nat_t_type{ type=%u }\n", t.sadb_x_nat_t_type_type);
}

static void
print_natt_port(FILE *f, struct view v)
{
	struct sadb_x_nat_t_port p;

	view_bytes(&v, &p, sizeof(p));
	fprintf(f, "sadb_x_nat_t_port{ port=%u }\n",
	    ntohs(p.sadb_x_nat_t_port_port));
}

static void
print_kmaddress(FILE *f, struct view v)
{
	struct sadb_x_kmaddress k;

	view_bytes(&v, &k, sizeof(k));
	fprintf(f, "sadb_x_kmaddress{ reserved=0x%08" PRIx32 " }\n",
	    k.sadb_x_kmaddress_reserved);
	for (int i = 0; i < 2 && v.n > 0; i++)
		print_sockaddr(f, &v);
}

/* These show their header only, as they always did. */
static void
print_nothing(FILE *f, struct view v)
{
	(void)f;
	(void)v;
}

/* What each extension holds at least, its header included. */
static const struct {
	ext_fn	*print;
	size_t	 min;
} exts[] = {
	[SADB_EXT_SA] = { print_sa, sizeof(struct sadb_sa) },
	[SADB_EXT_LIFETIME_CURRENT] =
	    { print_lifetime, sizeof(struct sadb_lifetime) },
	[SADB_EXT_LIFETIME_HARD] =
	    { print_lifetime, sizeof(struct sadb_lifetime) },
	[SADB_EXT_LIFETIME_SOFT] =
	    { print_lifetime, sizeof(struct sadb_lifetime) },
	[SADB_EXT_ADDRESS_SRC] =
	    { print_address, sizeof(struct sadb_address) },
	[SADB_EXT_ADDRESS_DST] =
	    { print_address, sizeof(struct sadb_address) },
	[SADB_EXT_ADDRESS_PROXY] =
	    { print_address, sizeof(struct sadb_address) },
	[SADB_EXT_KEY_AUTH] = { print_key, sizeof(struct sadb_key) },
	[SADB_EXT_KEY_ENCRYPT] = { print_key, sizeof(struct sadb_key) },
	[SADB_EXT_IDENTITY_SRC] = { print_ident, sizeof(struct sadb_ident) },
	[SADB_EXT_IDENTITY_DST] = { print_ident, sizeof(struct sadb_ident) },
	[SADB_EXT_SENSITIVITY] = { print_nothing, 0 },
	[SADB_EXT_PROPOSAL] = { print_prop, sizeof(struct sadb_prop) },
	[SADB_EXT_SUPPORTED_AUTH] =
	    { print_supported, sizeof(struct sadb_supported) },
	[SADB_EXT_SUPPORTED_ENCRYPT] =
	    { print_supported, sizeof(struct sadb_supported) },
	[SADB_EXT_SPIRANGE] = { print_nothing, 0 },
	[SADB_X_EXT_KMPRIVATE] = { print_nothing, 0 },
	[SADB_X_EXT_POLICY] = { print_policy, sizeof(struct sadb_x_policy) },
	[SADB_X_EXT_SA2] = { print_sa2, sizeof(struct sadb_x_sa2) },
	[SADB_X_EXT_NAT_T_TYPE] =
	    { print_natt_type, sizeof(struct sadb_x_nat_t_type) },
	[SADB_X_EXT_NAT_T_SPORT] =
	    { print_natt_port, sizeof(struct sadb_x_nat_t_port) },
	[SADB_X_EXT_NAT_T_DPORT] =
	    { print_natt_port, sizeof(struct sadb_x_nat_t_port) },
	[SADB_X_EXT_NAT_T_OA] =
	    { print_address, sizeof(struct sadb_address) },
	[SADB_X_EXT_KMADDRESS] =
	    { print_kmaddress, sizeof(struct sadb_x_kmaddress) },
};

/* Takes one extension from V and prints it; false: V is of no more use. */
static bool
print_ext(FILE *f, struct view *v)
{
	struct sadb_ext head;
	struct view peek = *v, ext;
	uint16_t type;

	view_bytes(&peek, &head, sizeof(head));
	if (peek.bad) {
		fputs("kdebug_sadb: the message ends in an extension.\n", f);
		return false;
	}
	type = head.sadb_ext_type;
	fprintf(f, "sadb_ext{ len=%u type=%u }\n", head.sadb_ext_len, type);
	ext = view_take(v, head.sadb_ext_len * WORD);
	if (ext.bad || ext.n == 0) {
		fprintf(f, "kdebug_sadb: invalid ext_len %u was passed.\n",
		    head.sadb_ext_len);
		return false;
	}
	if (type >= sizeof(exts) / sizeof(exts[0]) ||
	    exts[type].print == NULL)
		fprintf(f, "kdebug_sadb: invalid ext_type %u was passed.\n",
		    type);
	else if (ext.n < exts[type].min)
		fprintf(f, "kdebug_sadb: invalid ext_len %u was passed.\n",
		    head.sadb_ext_len);
	else
		exts[type].print(f, ext);
	return true;
}

void
pfkey_print_msg(FILE *f, struct view v)
{
	struct sadb_msg m;
	struct view body;

	view_bytes(&v, &m, sizeof(m));
	if (v.bad) {
		fputs("kdebug_sadb: the message is too short.\n", f);
		return;
	}
	fprintf(f, "sadb_msg{ version=%u type=%u errno=%u satype=%u\n"
	    "  len=%u reserved=%u seq=%" PRIu32 " pid=%" PRIu32 "\n",
	    m.sadb_msg_version, m.sadb_msg_type, m.sadb_msg_errno,
	    m.sadb_msg_satype, m.sadb_msg_len, m.sadb_msg_reserved,
	    m.sadb_msg_seq, m.sadb_msg_pid);
	if (m.sadb_msg_len * WORD < sizeof(m))
		return;
	body = view_take(&v, m.sadb_msg_len * WORD - sizeof(m));
	if (body.bad) {
		fputs("kdebug_sadb: the message is cut short.\n", f);
		return;
	}
	while (body.n > 0 && print_ext(f, &body))
		;
}
