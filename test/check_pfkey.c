/* SPDX-License-Identifier: ISC */
/*
 * PF_KEY messages: there and back, as the kernel wants them, cut and lying.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/check.h"
#include "libipsec/pfkey_msg.h"
#include "test/bytes.h"
#include "test/samples.h"
#include "test/suite.h"

static struct ipsec_sa
esp(void)
{
	return esp_with(key(3, 160, 0));
}

/* The only message in B. */
static struct pfkey_msg
only(const struct buf *b)
{
	struct pfkey_msg m;

	ck_assert(buf_ok(b));
	ck_assert_int_eq(pfkey_msg_parse(buf_view(b), &m), PFKEY_GOOD);
	ck_assert_uint_eq(m.version, PF_KEY_V2);
	ck_assert(!m.unknown);
	return m;
}

static void
sa_survives(const struct ipsec_sa *sa)
{
	struct ipsec_sa back;
	const char *why = "";
	struct pfkey_msg m;
	struct buf b;

	ck_assert_msg(ipsec_check_sa(sa, &why) == 0, "%s", why);
	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_sa(&b, sa, false);
	m = only(&b);
	ck_assert_uint_eq(m.type, SADB_ADD);
	ck_assert(pfkey_get_sa(&m, &back));
	ck_assert_mem_eq(&back, sa, sizeof(back));
	buf_reset(&b);
	pfkey_put_sa_told(&b, SADB_DUMP, sa);
	m = only(&b);
	ck_assert(pfkey_get_sa(&m, &back));
	back.encap.oa = sa->encap.oa;	/* Linux does not tell it */
	ck_assert_mem_eq(&back, sa, sizeof(back));
	buf_fini(&b);
}

static void
policy_survives(const struct ipsec_policy *p)
{
	struct ipsec_policy back;
	const char *why = "";
	struct pfkey_msg m;
	struct buf b;

	ck_assert_msg(ipsec_check_policy(p, &why) == 0, "%s", why);
	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_policy(&b, p, true);
	m = only(&b);
	ck_assert_uint_eq(m.type, SADB_X_SPDUPDATE);
	ck_assert(pfkey_get_policy(&m, &back));
	ck_assert_mem_eq(&back, p, sizeof(back));
	buf_reset(&b);
	pfkey_put_policy_told(&b, SADB_X_SPDGET, p);
	m = only(&b);
	ck_assert_uint_eq(m.reserved, 1);
	ck_assert(pfkey_get_policy(&m, &back));
	ck_assert_mem_eq(&back, p, sizeof(back));
	buf_fini(&b);
}

START_TEST(sas)
{
	struct ipsec_sa sa = esp();

	sa_survives(&sa);
	sa.flags = IPSEC_SA_NOECN | IPSEC_SA_NOPMTUDISC | IPSEC_SA_DECAP_DSCP;
	sa.replay = 32;
	sa.reqid = 16390;
	sa.mode = IPSEC_MODE_TUNNEL;
	sa.soft = (struct ipsec_lifetime){ 1ull << 40, 2, 3, 4 };
	sa.hard = (struct ipsec_lifetime){ 1ull << 41, UINT32_MAX, 7, 8 };
	sa_survives(&sa);
	sa.encap = (struct ipsec_encap){ .type = 2, .sport = 4500,
	    .dport = 4501, .oa = addr("10.9.9.9") };
	sa.ctx.length = 7;
	sa.ctx.alg = 1;
	sa.ctx.doi = 2;
	memcpy(sa.ctx.text, "a:b:c:d", 7);
	sa_survives(&sa);
	sa.has_sel = 1;
	sa.sel.src = addr("10.7.0.0");
	sa.sel.src_prefix = 16;
	sa.sel.proto = IPPROTO_UDP;
	sa_survives(&sa);
	sa = esp();
	sa.id.dst = addr("2001:db8::2");
	sa.src = addr("2001:db8::1");
	sa.enc = key(11, 0, 0);
	sa_survives(&sa);
	sa.id.proto = IPSEC_PROTO_AH;
	memset(&sa.enc, 0, sizeof(sa.enc));
	sa_survives(&sa);
	sa.id.proto = IPSEC_PROTO_IPCOMP;
	sa.id.spi = 0x1234;
	memset(&sa.auth, 0, sizeof(sa.auth));
	sa.comp = key(2, 0, 0);
	sa_survives(&sa);
}
END_TEST

START_TEST(policies)
{
	struct ipsec_policy p = policy();

	policy_survives(&p);
	p.hard.add = 3600;
	p.hard.use = 60;
	p.ctx.length = 3;
	memcpy(p.ctx.text, "abc", 3);
	p.dir = IPSEC_DIR_IN;
	p.tmpl[0].reqid = 5;
	p.tmpl[1] = (struct ipsec_tmpl){ .proto = IPSEC_PROTO_AH,
	    .mode = IPSEC_MODE_TUNNEL, .optional = 1,
	    .src = addr("2001:db8::1"), .dst = addr("2001:db8::2") };
	for (p.ntmpl = 2; p.ntmpl < IPSEC_TMPL_MAX; p.ntmpl++)
		p.tmpl[p.ntmpl] = p.tmpl[1];
	policy_survives(&p);
	p = policy();
	p.sel.src = addr("::");
	p.sel.dst = addr("2001:db8::");
	p.sel.src_prefix = 0;
	p.sel.proto = 0;
	p.dir = IPSEC_DIR_FWD;
	p.ntmpl = 0;
	memset(&p.tmpl[0], 0, sizeof(p.tmpl[0]));
	p.action = IPSEC_ACTION_DISCARD;
	policy_survives(&p);
	p.action = IPSEC_ACTION_NONE;
	policy_survives(&p);
}
END_TEST

/* To the byte, on a machine of either order. */
START_TEST(bytes_of_add)
{
	struct ipsec_sa sa = esp();
	struct pfkey_msg m;
	struct pfkey_ext e;
	struct sadb_sa x;
	struct view v;
	struct buf b;
	static const uint16_t order[] = { SADB_EXT_SA, SADB_X_EXT_SA2,
	    SADB_EXT_ADDRESS_SRC, SADB_EXT_ADDRESS_DST, SADB_EXT_KEY_ENCRYPT,
	    SADB_EXT_KEY_AUTH, SADB_EXT_LIFETIME_HARD,
	    SADB_EXT_LIFETIME_SOFT };
	size_t	i = 0;

	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_msg_number(&b, pfkey_put_sa(&b, &sa, true), 0x01020304, 77);
	/* As the historical library's: libipsec-pfkey-golden. */
	ck_assert_uint_eq(b.n, 216);
	m = only(&b);
	ck_assert_uint_eq(m.type, SADB_UPDATE);
	ck_assert_uint_eq(m.satype, SADB_SATYPE_ESP);
	ck_assert_uint_eq(m.seq, 0x01020304);
	ck_assert_uint_eq(m.pid, 77);
	for (v = m.exts; pfkey_ext_next(&v, &e); i++) {
		ck_assert_uint_lt(i, sizeof(order) / sizeof(order[0]));
		ck_assert_uint_eq(e.type, order[i]);
		ck_assert_uint_eq(e.all.n % 8, 0);
	}
	ck_assert_uint_eq(i, sizeof(order) / sizeof(order[0]));
	v = m.ext[SADB_EXT_SA];
	view_bytes(&v, &x, sizeof(x));
	ck_assert_uint_eq(x.sadb_sa_len, 2);
	ck_assert_uint_eq(x.sadb_sa_spi, htonl(0x12345678));
	ck_assert_uint_eq(x.sadb_sa_state, SADB_SASTATE_MATURE);
	ck_assert_uint_eq(x.sadb_sa_auth, 3);
	ck_assert_uint_eq(x.sadb_sa_encrypt, 12);
	buf_fini(&b);
}
END_TEST

/* The lengths of the historical library's messages. */
START_TEST(lengths)
{
	struct ipsec_sa sa = esp();
	struct ipsec_policy p = policy();
	struct buf b;
	size_t	at[9], n = 0;
	static const size_t want[] = { 96, 80, 80, 128, 112, 32, 16, 16, 16 };

	buf_init(&b, PFKEY_MSG_BYTES);
	at[n++] = pfkey_put_spi(&b, &sa, 0x1000, 0x1fff);
	at[n++] = pfkey_put_sa_id(&b, SADB_GET, &sa.id, &sa.src);
	at[n++] = pfkey_put_sa_id(&b, SADB_DELETE, &sa.id, NULL);
	at[n++] = pfkey_put_policy(&b, &p, false);
	at[n++] = pfkey_put_policy_delete(&b, &p);
	at[n++] = pfkey_put_policy_index(&b, SADB_X_SPDGET, 9);
	at[n++] = pfkey_put_satype(&b, SADB_DUMP, IPSEC_PROTO_ESP);
	at[n++] = pfkey_put_satype(&b, SADB_FLUSH, 0);
	at[n++] = pfkey_put_spd(&b, SADB_X_SPDDUMP);
	ck_assert(buf_ok(&b));
	for (size_t i = 0; i < n; i++)
		ck_assert_msg((i + 1 < n ? at[i + 1] : b.n) - at[i] ==
		    want[i], "message %zu", i);
	buf_fini(&b);
}
END_TEST

START_TEST(spi_range)
{
	struct sadb_spirange x;
	struct ipsec_sa sa = esp();
	struct pfkey_msg m;
	struct view v;
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_spi(&b, &sa, 256, 0x0fffffff);
	m = only(&b);
	ck_assert(!pfkey_has(&m, SADB_EXT_SA));
	v = m.ext[SADB_EXT_SPIRANGE];
	view_bytes(&v, &x, sizeof(x));
	ck_assert(view_end(&v));
	ck_assert_uint_eq(x.sadb_spirange_min, 256);
	ck_assert_uint_eq(x.sadb_spirange_max, 0x0fffffff);
	buf_reset(&b);
	pfkey_put_spi(&b, &sa, 0, 0);
	m = only(&b);
	ck_assert(!pfkey_has(&m, SADB_EXT_SPIRANGE));
	buf_fini(&b);
}
END_TEST

START_TEST(commands)
{
	struct ipsec_command c = { .op = IPSEC_OP_SA_ADD };
	static const uint8_t types[] = {
		[IPSEC_OP_SA_ADD] = SADB_ADD,
		[IPSEC_OP_SA_UPDATE] = SADB_UPDATE,
		[IPSEC_OP_SA_DELETE] = SADB_DELETE,
		[IPSEC_OP_POLICY_ADD] = SADB_X_SPDADD,
		[IPSEC_OP_POLICY_UPDATE] = SADB_X_SPDUPDATE,
		[IPSEC_OP_POLICY_DELETE] = SADB_X_SPDDELETE,
		[IPSEC_OP_SA_FLUSH] = SADB_FLUSH,
		[IPSEC_OP_POLICY_FLUSH] = SADB_X_SPDFLUSH,
	};
	struct pfkey_msg m;
	struct buf b;

	c.sa = esp();
	c.policy = policy();
	buf_init(&b, PFKEY_MSG_BYTES);
	for (unsigned int op = 0; op < sizeof(types); op++) {
		c.op = (enum ipsec_op)op;
		buf_reset(&b);
		pfkey_put_command(&b, &c);
		m = only(&b);
		ck_assert_uint_eq(m.type, types[op]);
	}
	c.op = IPSEC_OP_POLICY_DELETE;
	c.policy.index = 17;
	buf_reset(&b);
	pfkey_put_command(&b, &c);
	m = only(&b);
	ck_assert_uint_eq(m.type, SADB_X_SPDDELETE2);
	c.op = (enum ipsec_op)99;
	pfkey_put_command(&b, &c);
	ck_assert(!buf_ok(&b));
	buf_fini(&b);
}
END_TEST

/* Event E, written and read. */
static struct ipsec_event
event_back(const struct ipsec_event *e, uint8_t type)
{
	struct ipsec_event back;
	struct pfkey_msg m;
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_event(&b, e);
	m = only(&b);
	ck_assert_uint_eq(m.type, type);
	ck_assert(pfkey_get_event(&m, &back));
	ck_assert_int_eq(back.type, e->type);
	/* An answer with an error is no event. */
	buf_patch8(&b, offsetof(struct sadb_msg, sadb_msg_errno), 1);
	m = only(&b);
	ck_assert(!pfkey_get_event(&m, &back));
	buf_patch8(&b, offsetof(struct sadb_msg, sadb_msg_errno), 0);
	m = only(&b);
	ck_assert(pfkey_get_event(&m, &back));
	buf_fini(&b);
	return back;
}

START_TEST(sa_events)
{
	struct ipsec_event e = { .type = IPSEC_EVENT_SA_NEW }, back;

	e.sa = esp();
	e.sa.soft.add = 8;
	e.sa.hard.add = 10;
	e.sa.current = (struct ipsec_usage){ 100, 2, 1700000000, 1700000001 };
	back = event_back(&e, SADB_ADD);
	ck_assert_mem_eq(&back.sa, &e.sa, sizeof(e.sa));
	e.type = IPSEC_EVENT_EXPIRE;
	e.sa.state = IPSEC_STATE_DYING;
	back = event_back(&e, SADB_EXPIRE);
	ck_assert(!back.hard);
	ck_assert_uint_eq(back.sa.state, IPSEC_STATE_DYING);
	ck_assert_uint_eq(back.sa.soft.add, 8);
	ck_assert_uint_eq(back.sa.hard.add, 0);
	ck_assert_uint_eq(back.sa.enc.key_bits, 0);
	e.sa.state = IPSEC_STATE_DEAD;
	back = event_back(&e, SADB_EXPIRE);
	ck_assert(back.hard);
	ck_assert_uint_eq(back.sa.state, IPSEC_STATE_DEAD);
	ck_assert_uint_eq(back.sa.hard.add, 10);
	e.type = IPSEC_EVENT_SA_DELETE;
	back = event_back(&e, SADB_DELETE);
	ck_assert_uint_eq(back.sa.id.spi, 0x12345678);
	e.type = IPSEC_EVENT_SA_FLUSH;
	e.sa.id.proto = IPSEC_PROTO_AH;
	back = event_back(&e, SADB_FLUSH);
	ck_assert_uint_eq(back.sa.id.proto, IPSEC_PROTO_AH);
}
END_TEST

START_TEST(mapping)
{
	struct ipsec_event e = { .type = IPSEC_EVENT_MAPPING }, back;

	e.sa = esp();
	e.from = addr("192.0.2.1");
	e.to = addr("192.0.2.9");
	e.from.port = 4500;
	e.to.port = 61000;
	back = event_back(&e, SADB_X_NAT_T_NEW_MAPPING);
	ck_assert_uint_eq(back.sa.id.spi, 0x12345678);
	ck_assert_uint_eq(back.sa.id.proto, IPSEC_PROTO_ESP);
	ck_assert_uint_eq(back.sa.id.dst.family, 0);
	ck_assert(addr_equal_port(&back.from, &e.from));
	ck_assert(addr_equal_port(&back.to, &e.to));
	ck_assert(addr_equal(&back.sa.src, &e.from));
}
END_TEST

START_TEST(policy_events)
{
	struct ipsec_event e = { .type = IPSEC_EVENT_POLICY_NEW }, back;

	e.policy = policy();
	e.policy.index = 0x121;
	e.policy.current.add = 1700000000;
	back = event_back(&e, SADB_X_SPDADD);
	ck_assert_mem_eq(&back.policy, &e.policy, sizeof(e.policy));
	e.type = IPSEC_EVENT_POLICY_DELETE;
	back = event_back(&e, SADB_X_SPDDELETE);
	ck_assert_uint_eq(back.policy.index, 0x121);
	e.type = IPSEC_EVENT_POLICY_EXPIRE;
	back = event_back(&e, SADB_X_SPDEXPIRE);
	ck_assert_uint_eq(back.policy.index, 0x121);
	e.type = IPSEC_EVENT_POLICY_FLUSH;
	event_back(&e, SADB_X_SPDFLUSH);
}
END_TEST

START_TEST(acquire)
{
	struct ipsec_event e = { .type = IPSEC_EVENT_ACQUIRE }, back;

	e.sa = esp();
	e.sa.seq = 4711;
	e.policy = policy();
	e.policy.index = 0x121;
	back = event_back(&e, SADB_ACQUIRE);
	ck_assert_uint_eq(back.sa.seq, 4711);
	ck_assert_uint_eq(back.sa.id.spi, 0);
	ck_assert_uint_eq(back.sa.state, IPSEC_STATE_LARVAL);
	ck_assert(addr_equal(&back.sa.id.dst, &e.sa.id.dst));
	ck_assert(addr_equal(&back.sa.src, &e.sa.src));
	ck_assert(addr_equal(&back.flow.dst, &e.sa.id.dst));
	ck_assert_uint_eq(back.flow.dst_prefix, 32);
	ck_assert_uint_eq(back.policy.index, 0x121);
	ck_assert_uint_eq(back.policy.priority, e.policy.priority);
	ck_assert_uint_eq(back.policy.ntmpl, 0);
}
END_TEST

START_TEST(nothing_to_tell)
{
	struct ipsec_event e = { .type = IPSEC_EVENT_RESYNC };
	struct ipsec_sa sa = esp();
	struct pfkey_msg m;
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_event(&b, &e);
	ck_assert_uint_eq(b.n, 0);
	pfkey_put_satype(&b, SADB_REGISTER, IPSEC_PROTO_ESP);
	m = only(&b);
	ck_assert(!pfkey_get_event(&m, &e));
	ck_assert(!pfkey_get_sa(&m, &sa));
	ck_assert(!pfkey_get_policy(&m, &e.policy));
	buf_fini(&b);
}
END_TEST

/* IPv6 inside of IPv4: a source whose prefix is longer than the address. */
START_TEST(foreign_selector)
{
	struct ipsec_sa sa = esp(), back;
	struct pfkey_msg m;
	struct buf b;

	sa.mode = IPSEC_MODE_TUNNEL;
	sa.has_sel = 1;
	sa.sel.src = addr("32.1.13.184");
	sa.sel.src_prefix = 64;
	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_sa_told(&b, SADB_DUMP, &sa);
	m = only(&b);
	ck_assert(pfkey_get_sa(&m, &back));
	ck_assert_uint_eq(back.has_sel, 0);
	ck_assert_uint_eq(back.sel.src.family, 0);
	sa.sel.src_prefix = 32;
	buf_reset(&b);
	pfkey_put_sa_told(&b, SADB_DUMP, &sa);
	m = only(&b);
	ck_assert(pfkey_get_sa(&m, &back));
	ck_assert_uint_eq(back.has_sel, 1);
	buf_fini(&b);
}
END_TEST

/* The family inside of a tunnel, where it is not that of its ends. */
START_TEST(inner_family)
{
	struct ipsec_sa sa = esp(), back;
	struct pfkey_msg m;
	struct view v;
	struct buf b;

	sa.mode = IPSEC_MODE_TUNNEL;
	sa.flags = IPSEC_SA_AF_UNSPEC;
	buf_init(&b, PFKEY_MSG_BYTES);
	for (int i = 0; i < 3; i++) {
		sa.sel.src.family = i == 0 ? 0 : i == 1 ? AF_INET : AF_INET6;
		buf_reset(&b);
		pfkey_put_sa(&b, &sa, false);
		m = only(&b);
		ck_assert(pfkey_has(&m, SADB_EXT_ADDRESS_PROXY) == (i == 2));
		ck_assert(pfkey_get_sa(&m, &back));
		ck_assert_uint_eq(back.has_sel, 0);
	}
	v = m.ext[SADB_EXT_ADDRESS_PROXY];
	ck_assert_uint_eq(v.n, 40);
	ck_assert_uint_eq(v.p[5], 0);		/* prefix */
	ck_assert_uint_eq(v.p[8] | v.p[9], AF_INET6);
	buf_fini(&b);
}
END_TEST

/* An end of an SA must be an address. */
START_TEST(bad_prefix)
{
	struct ipsec_policy p = policy(), back;
	struct pfkey_msg m;
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	for (unsigned int prefix = 31; prefix <= 33; prefix++) {
		p.sel.src_prefix = (uint8_t)prefix;
		buf_reset(&b);
		pfkey_put_policy_told(&b, SADB_X_SPDGET, &p);
		m = only(&b);
		ck_assert(pfkey_get_policy(&m, &back) == (prefix <= 32));
	}
	buf_fini(&b);
}
END_TEST

/* Of a message that is cut, there is still the header: whose answer it was. */
START_TEST(header_of_the_cut)
{
	struct ipsec_sa sa = esp();
	struct pfkey_msg m;
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_msg_number(&b, pfkey_put_sa_told(&b, SADB_GET, &sa), 7, 8);
	ck_assert_int_eq(pfkey_msg_parse(view_of(b.p, b.n - 8), &m),
	    PFKEY_CUT);
	ck_assert_uint_eq(m.type, SADB_GET);
	ck_assert_uint_eq(m.seq, 7);
	ck_assert_uint_eq(m.pid, 8);
	ck_assert(!pfkey_has(&m, SADB_EXT_SA));
	ck_assert_int_eq(pfkey_msg_parse(view_of(b.p, 15), &m), PFKEY_CUT);
	ck_assert_uint_eq(m.type, 0);
	ck_assert_uint_eq(m.pid, 0);
	buf_fini(&b);
}
END_TEST

/*
 * Bad messages
 */

/* An algorithm without a number, and a packet limit that does not fit. */
START_TEST(what_does_not_fit)
{
	struct ipsec_sa sa = esp(), back;
	struct pfkey_msg m;
	struct buf b;

	sa.auth.id = 1000;
	sa.hard.packets = 1ull << 33;
	sa.replay = 4000;
	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_sa(&b, &sa, false);
	m = only(&b);
	ck_assert(pfkey_get_sa(&m, &back));
	ck_assert_uint_eq(back.auth.present, 0);
	ck_assert_uint_eq(back.hard.packets, UINT32_MAX);
	ck_assert_uint_eq(back.replay, 255);
	buf_fini(&b);
	buf_init(&b, 100);
	pfkey_put_sa(&b, &sa, false);
	ck_assert(!buf_ok(&b));
	buf_fini(&b);
}
END_TEST

static bool
refuses(struct view v)
{
	struct pfkey_msg m;

	return pfkey_msg_parse(v, &m) == PFKEY_CUT;
}

START_TEST(cut)
{
	struct ipsec_sa sa = esp();
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_sa_told(&b, SADB_DUMP, &sa);
	each_prefix(buf_view(&b), refuses);
	buf_u64(&b, 0);
	ck_assert(refuses(buf_view(&b)));
	buf_fini(&b);
}
END_TEST

/* Every extension shortened in its own length, the message still whole. */
START_TEST(short_extensions)
{
	struct ipsec_event e;
	struct ipsec_sa sa = esp();
	struct pfkey_msg m;
	struct pfkey_ext x;
	struct view v;
	struct buf b, part;
	uint16_t units;

	sa.encap.type = 2;
	sa.ctx.length = 20;
	buf_init(&b, PFKEY_MSG_BYTES);
	buf_init(&part, PFKEY_MSG_BYTES);
	pfkey_put_sa_told(&b, SADB_ADD, &sa);
	m = only(&b);
	for (v = m.exts; pfkey_ext_next(&v, &x);) {
		size_t at = (size_t)(x.all.p - b.p);

		if (x.all.n == 8)
			continue;
		buf_set(&part, buf_view(&b));
		buf_cut(&part, at + x.all.n - 8);
		buf_add(&part, buf_from(&b, at + x.all.n));
		units = (uint16_t)(x.all.n / 8 - 1);
		buf_patch(&part, at, view_of(&units, 2));
		units = (uint16_t)(part.n / 8);
		buf_patch(&part, 4, view_of(&units, 2));
		ck_assert_int_eq(pfkey_msg_parse(buf_view(&part), &m),
		    PFKEY_GOOD);
		ck_assert_msg(!pfkey_get_event(&m, &e), "extension %u",
		    x.type);
	}
	buf_fini(&part);
	buf_fini(&b);
}
END_TEST

START_TEST(odd_extensions)
{
	static const struct {
		uint16_t	units, type;
		enum pfkey_verdict verdict;
		bool		unknown;
	} row[] = {
		{ 1, SADB_X_EXT_NAT_T_TYPE, PFKEY_GOOD, false },
		{ 1, SADB_X_EXT_FILTER + 1, PFKEY_GOOD, true },
		{ 1, 0xffff, PFKEY_GOOD, true },
		{ 1, 0, PFKEY_TWICE, false },
		{ 1, SADB_EXT_SA, PFKEY_TWICE, false },
		{ 0, SADB_X_EXT_NAT_T_TYPE, PFKEY_CUT, false },
		{ 2, SADB_X_EXT_NAT_T_TYPE, PFKEY_CUT, false },
		{ 0xffff, SADB_X_EXT_NAT_T_TYPE, PFKEY_CUT, false },
	};
	struct sadb_ext x;
	struct ipsec_sa sa = esp();
	struct pfkey_msg m;
	uint16_t units;
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_reset(&b);
		pfkey_put_sa_told(&b, SADB_DUMP, &sa);
		x.sadb_ext_len = row[i].units;
		x.sadb_ext_type = row[i].type;
		buf_put(&b, &x, sizeof(x));
		buf_zero(&b, 4);
		units = (uint16_t)(b.n / 8);
		buf_patch(&b, 4, view_of(&units, 2));
		ck_assert_msg(pfkey_msg_parse(buf_view(&b), &m) ==
		    row[i].verdict, "row %zu", i);
		ck_assert(m.unknown == row[i].unknown);
	}
	buf_fini(&b);
}
END_TEST

/* The policy extension of one template with LEN in its own length field. */
static bool
tmpl_reads(uint16_t len, size_t copies)
{
	struct ipsec_policy p = policy(), back;
	struct sadb_x_ipsecrequest r = { .sadb_x_ipsecrequest_len = len,
	    .sadb_x_ipsecrequest_proto = 50, .sadb_x_ipsecrequest_mode = 1 };
	struct pfkey_msg m;
	uint16_t units;
	struct buf b;
	bool	good;

	p.ntmpl = 0;
	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_policy(&b, &p, false);	/* the policy comes last */
	for (size_t i = 0; i < copies; i++)
		buf_put(&b, &r, sizeof(r));
	units = (uint16_t)(2 + 2 * copies);
	buf_patch(&b, b.n - 16 * copies - 16, view_of(&units, 2));
	units = (uint16_t)(b.n / 8);
	buf_patch(&b, 4, view_of(&units, 2));
	m = only(&b);
	good = pfkey_get_policy(&m, &back);
	buf_fini(&b);
	return good;
}

START_TEST(bad_templates)
{
	ck_assert(tmpl_reads(16, 1));
	ck_assert(tmpl_reads(16, IPSEC_TMPL_MAX));
	ck_assert(!tmpl_reads(16, IPSEC_TMPL_MAX + 1));
	ck_assert(!tmpl_reads(0, 1));
	ck_assert(!tmpl_reads(15, 1));
	ck_assert(!tmpl_reads(17, 1));
	ck_assert(!tmpl_reads(32, 2));	/* the second is no address */
}
END_TEST

START_TEST(several)
{
	struct ipsec_sa sa = esp();
	struct pfkey_msg m;
	struct view v;
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_sa_told(&b, SADB_DUMP, &sa);
	pfkey_put_spd(&b, SADB_X_SPDFLUSH);
	ck_assert_int_eq(pfkey_msg_parse(buf_view(&b), &m), PFKEY_CUT);
	v = buf_view(&b);
	ck_assert_int_eq(pfkey_msg_next(&v, &m), PFKEY_GOOD);
	ck_assert_uint_eq(m.type, SADB_DUMP);
	ck_assert_int_eq(pfkey_msg_next(&v, &m), PFKEY_GOOD);
	ck_assert_uint_eq(m.type, SADB_X_SPDFLUSH);
	ck_assert(view_end(&v));
	ck_assert_int_eq(pfkey_msg_next(&v, &m), PFKEY_CUT);
	buf_fini(&b);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { sas, policies, bytes_of_add, lengths,
	    spi_range, commands, sa_events, mapping, policy_events, acquire,
	    nothing_to_tell, foreign_selector, inner_family, bad_prefix,
	    header_of_the_cut, what_does_not_fit, cut, short_extensions,
	    odd_extensions, bad_templates, several };

	return suite_main("pfkey", tests, sizeof(tests) / sizeof(tests[0]));
}
