/* SPDX-License-Identifier: ISC */
/*
 * Events and dumps as Linux 6.1 sent them (the fuzz target's seeds), and some
 * made by hand.
 */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/check.h"
#include "libipsec/xfrm_msg.h"
#include "test/suite.h"

#define NOW	1800000000u
#define SEED	TESTDATA "/fuzz/corpus/xfrm/"

/* The bytes of a seed. */
static void
load(struct buf *b, const char *name)
{
	char	path[1000];
	uint8_t	p[4096];
	size_t	n;
	FILE	*f;

	snprintf(path, sizeof(path), "%s%s", SEED, name);
	ck_assert_msg((f = fopen(path, "rb")) != NULL, "%s", path);
	n = fread(p, 1, sizeof(p), f);
	fclose(f);
	buf_init(b, sizeof(p));
	buf_put(b, p, n);
}

/* The first event of a seed. */
static struct ipsec_event
event_of(const char *name)
{
	struct ipsec_event e;
	struct xfrm_msg m;
	struct view v;
	struct buf b;

	load(&b, name);
	v = buf_view(&b);
	ck_assert(xfrm_msg_next(&v, &m));
	ck_assert_msg(xfrm_get_event(&m, NOW, &e), "%s", name);
	buf_fini(&b);
	return e;
}

static void
address_is(const struct ipsec_addr *a, const char *text)
{
	char	out[ADDR_TEXT];

	ck_assert_str_eq(addr_print_port(a, out), text);
}

static void
selector_is(const struct ipsec_selector *s, const char *text)
{
	char	out[SELECTOR_TEXT];

	ck_assert_str_eq(selector_print(s, out), text);
}

START_TEST(acquire)
{
	struct ipsec_event e = event_of("acquire");

	ck_assert_int_eq(e.type, IPSEC_EVENT_ACQUIRE);
	ck_assert_uint_ne(e.sa.seq, 0);
	ck_assert_uint_eq(e.sa.id.spi, 0);
	ck_assert_uint_eq(e.sa.state, IPSEC_STATE_LARVAL);
	address_is(&e.sa.id.dst, "10.9.0.2[0]");
	address_is(&e.sa.src, "10.9.0.1[0]");
	ck_assert_uint_eq(e.flow.dst.port, 7);
	ck_assert_uint_eq(e.flow.proto, IPPROTO_UDP);
	ck_assert_uint_eq(e.flow.src_prefix, 32);
	selector_is(&e.policy.sel,
	    "10.9.0.1/32[any] -> 10.9.0.2/32[any] proto any");
	ck_assert_uint_eq(e.policy.priority, 7);
	ck_assert_uint_eq(e.policy.index % 8, 1);
	ck_assert_uint_eq(e.policy.dir, IPSEC_DIR_OUT);
	ck_assert_uint_eq(e.policy.action, IPSEC_ACTION_IPSEC);
	ck_assert_uint_eq(e.policy.ntmpl, 2);
	ck_assert_uint_eq(e.policy.tmpl[0].proto, IPSEC_PROTO_IPCOMP);
	ck_assert_uint_eq(e.policy.tmpl[0].optional, 1);
	ck_assert_uint_eq(e.policy.tmpl[1].reqid, 9);
	ck_assert_uint_eq(e.policy.tmpl[1].dst.family, 0);
	ck_assert_uint_eq(e.sa.mode, IPSEC_MODE_TRANSPORT);
	ck_assert_uint_eq(e.sa.reqid,
	    e.sa.id.proto == IPSEC_PROTO_ESP ? 9 : 0);
}
END_TEST

/* The message has no family for the SA: the template's counts. */
START_TEST(acquire_in_a_tunnel)
{
	struct xfrm_user_acquire x;
	struct xfrm_user_tmpl t;
	struct nlattr a = { .nla_type = XFRMA_TMPL,
	    .nla_len = sizeof(a) + sizeof(t) };
	struct xfrm_msg m = { .type = XFRM_MSG_ACQUIRE };
	struct ipsec_event e;
	struct buf b;

	memset(&x, 0, sizeof(x));
	memset(&t, 0, sizeof(t));
	x.id.proto = t.id.proto = IPPROTO_ESP;
	x.id.daddr.a6[3] = t.id.daddr.a6[3] = htonl(2);
	x.saddr.a6[3] = t.saddr.a6[3] = htonl(1);
	x.sel.family = AF_INET;
	t.family = AF_INET6;
	t.mode = XFRM_MODE_TUNNEL;
	t.reqid = 6;
	buf_init(&b, 1000);
	buf_put(&b, &x, sizeof(x));
	buf_put(&b, &a, sizeof(a));
	buf_put(&b, &t, sizeof(t));
	m.body = buf_view(&b);
	ck_assert(xfrm_get_event(&m, NOW, &e));
	address_is(&e.sa.id.dst, "::2[0]");
	address_is(&e.sa.src, "::1[0]");
	ck_assert_uint_eq(e.flow.src.family, AF_INET);
	ck_assert_uint_eq(e.sa.mode, IPSEC_MODE_TUNNEL);
	ck_assert_uint_eq(e.sa.reqid, 6);
	/* Nobody knows what these addresses are. */
	memset(b.p, 0, sizeof(x));
	ck_assert(!xfrm_get_event(&m, NOW, &e));
	buf_fini(&b);
}
END_TEST

/* An ACQUIRE for PROTO towards DST, of a policy with two templates. */
static struct ipsec_event
acquire_of_two(uint8_t proto, const char *dst, const struct xfrm_user_tmpl t[2])
{
	struct xfrm_user_acquire x;
	struct nlattr a = { .nla_type = XFRMA_TMPL,
	    .nla_len = sizeof(a) + 2 * sizeof(t[0]) };
	struct xfrm_msg m = { .type = XFRM_MSG_ACQUIRE };
	struct ipsec_event e;
	struct buf b;

	memset(&x, 0, sizeof(x));
	x.id.proto = proto;
	ck_assert_int_eq(inet_pton(strchr(dst, ':') != NULL ? AF_INET6 :
	    AF_INET, dst, &x.id.daddr), 1);
	x.sel.family = AF_INET;
	buf_init(&b, 1000);
	buf_put(&b, &x, sizeof(x));
	buf_put(&b, &a, sizeof(a));
	buf_put(&b, t, 2 * sizeof(t[0]));
	m.body = buf_view(&b);
	ck_assert(xfrm_get_event(&m, NOW, &e));
	buf_fini(&b);
	return e;
}

/* IPv4 in an IPv6 tunnel, with a second template of the same protocol. */
START_TEST(acquire_among_two)
{
	struct xfrm_user_tmpl t[2];
	struct ipsec_event e;

	memset(t, 0, sizeof(t));
	t[0].id.proto = t[1].id.proto = IPPROTO_ESP;
	t[0].family = AF_INET;
	t[0].reqid = 5;
	t[1].family = AF_INET6;
	t[1].reqid = 6;
	t[1].mode = XFRM_MODE_TUNNEL;
	t[1].id.daddr.a6[0] = htonl(0x20010db8);
	t[1].id.daddr.a6[3] = htonl(2);
	e = acquire_of_two(IPPROTO_ESP, "2001:db8::2", t);
	address_is(&e.sa.id.dst, "2001:db8::2[0]");
	ck_assert_uint_eq(e.sa.mode, IPSEC_MODE_TUNNEL);
	ck_assert_uint_eq(e.sa.reqid, 6);
	e = acquire_of_two(IPPROTO_ESP, "192.0.2.7", t);
	address_is(&e.sa.id.dst, "192.0.2.7[0]");
	ck_assert_uint_eq(e.sa.mode, IPSEC_MODE_TRANSPORT);
	ck_assert_uint_eq(e.sa.reqid, 5);
	/* Transport mode behind the tunnel has the tunnel's addresses. */
	t[0] = t[1];
	memset(&t[1], 0, sizeof(t[1]));
	t[1].id.proto = IPPROTO_AH;
	t[1].family = AF_INET6;
	e = acquire_of_two(IPPROTO_AH, "2001:db8::2", t);
	address_is(&e.sa.id.dst, "2001:db8::2[0]");
	ck_assert_uint_eq(e.sa.mode, IPSEC_MODE_TRANSPORT);
}
END_TEST

START_TEST(expire)
{
	struct ipsec_event e = event_of("expire");
	struct xfrm_user_expire x;
	struct xfrm_msg m;
	struct view v;
	struct buf b;

	ck_assert_int_eq(e.type, IPSEC_EVENT_EXPIRE);
	ck_assert(e.hard);
	ck_assert_uint_eq(e.sa.state, IPSEC_STATE_DEAD);
	ck_assert_uint_eq(e.sa.id.spi, 0x1000);
	ck_assert_uint_eq(e.sa.reqid, 7);
	ck_assert_uint_eq(e.sa.hard.add, 2);
	selector_is(&e.sa.sel, "10.0.0.0/8[any] -> 10.9.0.2/32[any] "
	    "proto any");
	load(&b, "expire");
	v = buf_view(&b);
	ck_assert(xfrm_msg_next(&v, &m));
	buf_patch8(&b, sizeof(struct nlmsghdr) + sizeof(x.state), 0);
	ck_assert(xfrm_get_event(&m, NOW, &e));
	ck_assert(!e.hard);
	ck_assert_uint_eq(e.sa.state, IPSEC_STATE_DYING);
	buf_fini(&b);
}
END_TEST

START_TEST(policy_expire)
{
	struct ipsec_event e = event_of("policy-expire");

	ck_assert_int_eq(e.type, IPSEC_EVENT_POLICY_EXPIRE);
	ck_assert(e.hard);
	ck_assert_uint_eq(e.policy.dir, IPSEC_DIR_FWD);
	ck_assert_uint_eq(e.policy.action, IPSEC_ACTION_DISCARD);
	ck_assert_uint_eq(e.policy.hard.add, 1);
	selector_is(&e.policy.sel,
	    "10.9.0.7/32[any] -> 10.9.0.8/32[any] proto any");
}
END_TEST

START_TEST(changes)
{
	struct ipsec_event e = event_of("sa-udp");

	ck_assert_int_eq(e.type, IPSEC_EVENT_SA_NEW);
	ck_assert_uint_eq(e.sa.encap.type, 2);
	ck_assert_uint_eq(e.sa.encap.sport, 4500);
	ck_assert_uint_eq(e.sa.encap.oa.family, 0);
	ck_assert_uint_eq(e.sa.replay, 32);
	ck_assert_uint_eq(e.sa.enc.id, 12);
	ck_assert_uint_eq(e.sa.enc.key_bits, 128);
	ck_assert_uint_eq(e.sa.enc.key[15], 0xff);
	ck_assert_uint_eq(e.sa.auth.id, 5);
	ck_assert_uint_eq(e.sa.auth.icv_bits, 128);
	e = event_of("sa-esn");
	ck_assert_uint_eq(e.sa.flags, IPSEC_SA_ESN);
	ck_assert_uint_eq(e.sa.replay, 64);
	ck_assert_uint_eq(e.sa.aead.id, 20);
	ck_assert_uint_eq(e.sa.id.mark.mask, 3);
	ck_assert_uint_eq(e.sa.output_mark.value, 6);
	ck_assert_uint_eq(e.sa.output_mark.mask, 7);
	ck_assert_uint_eq(e.sa.if_id, 5);
	ck_assert_uint_eq(e.sa.mode, IPSEC_MODE_TUNNEL);
	e = event_of("sa-delete");
	ck_assert_int_eq(e.type, IPSEC_EVENT_SA_DELETE);
	ck_assert_uint_eq(e.sa.id.spi, 0x1001);
	ck_assert_uint_eq(e.sa.if_id, 5);
	address_is(&e.sa.src, "fd00::1[0]");
	e = event_of("sa-flush");
	ck_assert_int_eq(e.type, IPSEC_EVENT_SA_FLUSH);
	ck_assert_uint_eq(e.sa.id.proto, 0);
}
END_TEST

START_TEST(policy_changes)
{
	struct ipsec_event e = event_of("policy");

	ck_assert_int_eq(e.type, IPSEC_EVENT_POLICY_NEW);
	ck_assert_uint_eq(e.policy.ntmpl, 2);
	e = event_of("policy-update");
	ck_assert_int_eq(e.type, IPSEC_EVENT_POLICY_NEW);
	ck_assert_uint_eq(e.policy.action, IPSEC_ACTION_DISCARD);
	e = event_of("policy-delete");
	ck_assert_int_eq(e.type, IPSEC_EVENT_POLICY_DELETE);
	ck_assert_uint_eq(e.policy.dir, IPSEC_DIR_OUT);
	ck_assert_uint_eq(e.policy.priority, 7);
	ck_assert_uint_eq(e.policy.tmpl[1].reqid, 9);
	e = event_of("policy-flush");
	ck_assert_int_eq(e.type, IPSEC_EVENT_POLICY_FLUSH);
}
END_TEST

/* Without the attribute there is still the policy's name. */
START_TEST(policy_delete_bare)
{
	struct xfrm_userpolicy_id x;
	struct xfrm_msg m = { .type = XFRM_MSG_DELPOLICY,
	    .body = view_of(&x, sizeof(x)) };
	struct ipsec_event e;

	memset(&x, 0, sizeof(x));
	x.index = 42;
	x.dir = XFRM_POLICY_FWD;
	x.sel.family = AF_INET;
	ck_assert(xfrm_get_event(&m, NOW, &e));
	ck_assert_uint_eq(e.policy.index, 42);
	ck_assert_uint_eq(e.policy.dir, IPSEC_DIR_FWD);
}
END_TEST

START_TEST(mapping)
{
	struct xfrm_user_mapping x;
	struct xfrm_msg m = { .type = XFRM_MSG_MAPPING,
	    .body = view_of(&x, sizeof(x)) };
	struct ipsec_event e;

	memset(&x, 0, sizeof(x));
	x.id.family = AF_INET;
	x.id.spi = htonl(0x1234);
	x.id.proto = IPPROTO_ESP;
	x.reqid = 5;
	x.old_saddr.a4 = inet_addr("192.0.2.1");
	x.new_saddr.a4 = inet_addr("192.0.2.9");
	x.old_sport = htons(4500);
	x.new_sport = htons(1024);
	ck_assert(xfrm_get_event(&m, NOW, &e));
	ck_assert_int_eq(e.type, IPSEC_EVENT_MAPPING);
	ck_assert_uint_eq(e.sa.id.spi, 0x1234);
	ck_assert_uint_eq(e.sa.reqid, 5);
	address_is(&e.from, "192.0.2.1[4500]");
	address_is(&e.to, "192.0.2.9[1024]");
	address_is(&e.sa.src, "192.0.2.1[0]");
	m.body.n--;
	ck_assert(!xfrm_get_event(&m, NOW, &e));
}
END_TEST

START_TEST(dumps)
{
	struct ipsec_policy p;
	struct ipsec_sa sa;
	struct xfrm_msg m;
	struct view v;
	struct buf b;
	unsigned int n = 0;

	load(&b, "sa-dump");
	for (v = buf_view(&b); xfrm_msg_next(&v, &m); n++) {
		ck_assert_uint_eq(m.type, XFRM_MSG_NEWSA);
		ck_assert(xfrm_get_sa(m.body, NOW, &sa));
		ck_assert_uint_eq(sa.id.spi, n == 0 ? 0x1001 : 0x1000);
		/* The second one has a soft limit of a second. */
		ck_assert_uint_eq(sa.state, n == 0 ? IPSEC_STATE_MATURE :
		    sa.current.add + 1 <= NOW ? IPSEC_STATE_DYING :
		    IPSEC_STATE_MATURE);
	}
	ck_assert(view_end(&v));
	ck_assert_uint_eq(n, 2);
	buf_fini(&b);
	load(&b, "policy-dump");
	for (n = 0, v = buf_view(&b); xfrm_msg_next(&v, &m); n++)
		ck_assert(xfrm_get_policy(m.body, &p));
	ck_assert_uint_eq(n, 3);
	buf_fini(&b);
}
END_TEST

START_TEST(errors)
{
	struct xfrm_msg m;
	struct view v;
	struct buf b;
	char	why[100];

	load(&b, "error-words");
	v = buf_view(&b);
	ck_assert(xfrm_msg_next(&v, &m));
	ck_assert_int_eq(xfrm_get_result(&m, why, sizeof(why)), -EINVAL);
	ck_assert_str_eq(why, "Invalid header length");
	buf_fini(&b);
	load(&b, "error-uncapped");
	v = buf_view(&b);
	ck_assert(xfrm_msg_next(&v, &m));
	ck_assert_int_eq(xfrm_get_result(&m, why, sizeof(why)), -EINVAL);
	buf_fini(&b);
	load(&b, "done");
	v = buf_view(&b);
	ck_assert(xfrm_msg_next(&v, &m));
	ck_assert_uint_eq(m.type, NLMSG_DONE);
	ck_assert_int_eq(xfrm_get_result(&m, why, sizeof(why)), 0);
	buf_fini(&b);
}
END_TEST

/* We flush with 255: ESP, AH and IPComp. */
START_TEST(flush_of_all_three)
{
	struct xfrm_usersa_flush x = { .proto = 255 };
	struct xfrm_msg m = { .type = XFRM_MSG_FLUSHSA,
	    .body = view_of(&x, sizeof(x)) };
	struct ipsec_event e;

	ck_assert(xfrm_get_event(&m, NOW, &e));
	ck_assert_uint_eq(e.sa.id.proto, 0);
	x.proto = IPSEC_PROTO_AH;
	ck_assert(xfrm_get_event(&m, NOW, &e));
	ck_assert_uint_eq(e.sa.id.proto, IPSEC_PROTO_AH);
}
END_TEST

START_TEST(nothing_of_ours)
{
	struct xfrm_msg m = { .type = XFRM_MSG_REPORT };
	struct ipsec_event e;

	ck_assert(!xfrm_get_event(&m, NOW, &e));
	m.type = 0xffff;
	ck_assert(!xfrm_get_event(&m, NOW, &e));
}
END_TEST

/* What else goes to the kernel, to the byte. */
START_TEST(small_requests)
{
	struct ipsec_sa_id id = { .spi = 7, .proto = IPSEC_PROTO_ESP,
	    .mark = { 1, 3 } };
	struct xfrm_msg m;
	struct view v;
	struct buf b;

	ck_assert(addr_parse(&id.dst, "192.0.2.1"));
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_flush(&b, IPSEC_FLUSH_SA, 0);
	v = buf_view(&b);
	ck_assert(xfrm_msg_next(&v, &m));
	ck_assert_uint_eq(m.type, XFRM_MSG_FLUSHSA);
	ck_assert_uint_eq(view_u8(&m.body), 255);
	buf_reset(&b);
	xfrm_put_flush(&b, IPSEC_FLUSH_SA, IPSEC_PROTO_AH);
	v = buf_view(&b);
	ck_assert(xfrm_msg_next(&v, &m));
	ck_assert_uint_eq(view_u8(&m.body), IPSEC_PROTO_AH);
	buf_reset(&b);
	xfrm_put_sa_id(&b, XFRM_MSG_DELSA, &id);
	xfrm_msg_number(&b, 0, 77, NLM_F_REQUEST | NLM_F_ACK);
	v = buf_view(&b);
	ck_assert(xfrm_msg_next(&v, &m));
	ck_assert_uint_eq(m.seq, 77);
	ck_assert_uint_eq(m.flags, NLM_F_REQUEST | NLM_F_ACK);
	ck_assert_uint_eq(m.body.n, sizeof(struct xfrm_usersa_id) +
	    sizeof(struct nlattr) + sizeof(struct xfrm_mark));
	id.mark = (struct ipsec_mark){ 0, 0 };
	buf_reset(&b);
	xfrm_put_sa_id(&b, XFRM_MSG_GETSA, &id);
	ck_assert_uint_eq(b.n, 16 + sizeof(struct xfrm_usersa_id));
	buf_fini(&b);
}
END_TEST

START_TEST(spi_request)
{
	struct ipsec_sa sa;
	struct xfrm_userspi_info x;
	struct xfrm_msg m;
	struct view v;
	struct buf b;

	memset(&sa, 0, sizeof(sa));
	ck_assert(addr_parse(&sa.id.dst, "2001:db8::1"));
	sa.id.proto = IPSEC_PROTO_IPCOMP;
	sa.id.spi = 99;
	sa.mode = IPSEC_MODE_TUNNEL;
	sa.reqid = 7;
	sa.seq = 4711;
	sa.dir = IPSEC_DIR_IN;
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_spi(&b, &sa, 256, 65535);
	v = buf_view(&b);
	ck_assert(xfrm_msg_next(&v, &m));
	ck_assert_uint_eq(m.type, XFRM_MSG_ALLOCSPI);
	view_bytes(&m.body, &x, sizeof(x));
	ck_assert_uint_eq(x.min, 256);
	ck_assert_uint_eq(x.max, 65535);
	ck_assert_uint_eq(x.info.id.spi, 0);
	ck_assert_uint_eq(x.info.id.proto, IPPROTO_COMP);
	ck_assert_uint_eq(x.info.family, AF_INET6);
	ck_assert_uint_eq(x.info.seq, 4711);
	ck_assert_uint_eq(x.info.reqid, 7);
	ck_assert_uint_eq(x.info.mode, XFRM_MODE_TUNNEL);
	/* The direction, which the SA itself will have too. */
	ck_assert_uint_eq(m.body.n, 8);
	buf_fini(&b);
}
END_TEST

START_TEST(batch_commands)
{
	static const struct {
		enum ipsec_op op;
		uint16_t type;
	} row[] = {
		{ IPSEC_OP_SA_ADD, XFRM_MSG_NEWSA },
		{ IPSEC_OP_SA_UPDATE, XFRM_MSG_UPDSA },
		{ IPSEC_OP_SA_DELETE, XFRM_MSG_DELSA },
		{ IPSEC_OP_POLICY_ADD, XFRM_MSG_NEWPOLICY },
		{ IPSEC_OP_POLICY_UPDATE, XFRM_MSG_UPDPOLICY },
		{ IPSEC_OP_POLICY_DELETE, XFRM_MSG_DELPOLICY },
		{ IPSEC_OP_SA_FLUSH, XFRM_MSG_FLUSHSA },
		{ IPSEC_OP_POLICY_FLUSH, XFRM_MSG_FLUSHPOLICY },
	};
	struct ipsec_command c;
	const char *why = "";
	struct xfrm_msg m;
	struct view v;
	struct buf b;
	size_t	at = 0, n = 0;

	memset(&c, 0, sizeof(c));
	ck_assert(addr_parse(&c.sa.id.dst, "192.0.2.1"));
	c.sa.id.proto = IPSEC_PROTO_ESP;
	c.policy.sel.src = c.policy.sel.dst = c.sa.id.dst;
	c.policy.dir = IPSEC_DIR_OUT;
	buf_init(&b, XFRM_MSG_BYTES);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		c.op = row[i].op;
		ck_assert_int_eq(ipsec_check_command(&c, &why), 0);
		ck_assert_uint_eq(xfrm_put_command(&b, &c), at);
		at = b.n;
	}
	for (v = buf_view(&b); xfrm_msg_next(&v, &m); n++)
		ck_assert_uint_eq(m.type, row[n].type);
	ck_assert(view_end(&v));
	ck_assert_uint_eq(n, sizeof(row) / sizeof(row[0]));
	c.op = (enum ipsec_op)99;
	ck_assert_int_eq(ipsec_check_command(&c, &why), -EINVAL);
	xfrm_put_command(&b, &c);
	ck_assert(!buf_ok(&b));
	buf_fini(&b);
}
END_TEST

int
main(void)
{
	const struct suite_row row[] = {
		{ "event", acquire },
		{ "event", acquire_in_a_tunnel },
		{ "event", acquire_among_two },
		{ "event", expire },
		{ "event", policy_expire },
		{ "event", changes },
		{ "event", policy_changes },
		{ "event", policy_delete_bare },
		{ "event", mapping },
		{ "event", flush_of_all_three },
		{ "event", nothing_of_ours },
		{ "answer", dumps },
		{ "answer", errors },
		{ "request", small_requests },
		{ "request", spi_request },
		{ "request", batch_commands },
	};

	return suite_rows("event", row, sizeof(row) / sizeof(row[0]));
}
