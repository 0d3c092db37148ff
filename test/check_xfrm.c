/* SPDX-License-Identifier: ISC */
/*
 * XFRM messages: there and back, as the kernel wants them, cut and lying.
 */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/check.h"
#include "libipsec/xfrm_talk.h"
#include "test/samples.h"
#include "test/suite.h"

#define NOW	1800000000u

static struct ipsec_sa
esp(void)
{
	return esp_with(key(5, 256, 128));
}

/* The only message in B. */
static struct xfrm_msg
only(const struct buf *b)
{
	struct view v = buf_view(b);
	struct xfrm_msg m;

	ck_assert(buf_ok(b));
	ck_assert(xfrm_msg_next(&v, &m));
	ck_assert(view_end(&v));
	return m;
}

static void
sa_survives(const struct ipsec_sa *sa)
{
	struct ipsec_sa back;
	const char *why = "";
	struct xfrm_msg m;
	struct buf b;

	ck_assert_msg(ipsec_check_sa(sa, &why) == 0, "%s", why);
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa(&b, sa, false);
	m = only(&b);
	ck_assert_uint_eq(m.type, XFRM_MSG_NEWSA);
	ck_assert_uint_eq(m.flags, NLM_F_REQUEST);
	ck_assert(xfrm_get_sa(m.body, NOW, &back));
	ck_assert_mem_eq(&back, sa, sizeof(back));
	buf_fini(&b);
}

static void
policy_survives(const struct ipsec_policy *p)
{
	struct ipsec_policy back;
	const char *why = "";
	struct xfrm_msg m;
	struct buf b;

	ck_assert_msg(ipsec_check_policy(p, &why) == 0, "%s", why);
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_policy(&b, p, true);
	m = only(&b);
	ck_assert_uint_eq(m.type, XFRM_MSG_UPDPOLICY);
	ck_assert(xfrm_get_policy(m.body, &back));
	ck_assert_mem_eq(&back, p, sizeof(back));
	buf_fini(&b);
}

START_TEST(sa_transport)
{
	struct ipsec_sa sa = esp();

	sa.reqid = 16385;
	sa.seq = 77;
	sa.replay = 32;
	sa.soft.add = 80;
	sa.hard = (struct ipsec_lifetime){ 1, 2, 100, 4 };
	sa_survives(&sa);
	sa.flags = IPSEC_SA_NOECN | IPSEC_SA_DECAP_DSCP | IPSEC_SA_ICMP |
	    IPSEC_SA_NOPMTUDISC | IPSEC_SA_WILDRECV | IPSEC_SA_AF_UNSPEC |
	    IPSEC_SA_ALIGN4;
	sa.auth = key(2, 128, 96);
	sa.enc = key(11, 0, 0);
	sa_survives(&sa);
}
END_TEST

START_TEST(sa_tunnel_v6_with_everything)
{
	struct ipsec_sa sa = esp();

	sa.id.dst = addr("2001:db8::2");
	sa.src = addr("2001:db8::1");
	sa.mode = IPSEC_MODE_TUNNEL;
	sa.has_sel = 1;
	sa.sel.src = addr("10.0.0.0");
	sa.sel.dst = addr("10.1.2.3");
	sa.sel.src_prefix = 8;
	sa.sel.dst_prefix = 32;
	sa.sel.proto = IPPROTO_ICMP;
	sa.sel.src.port = 8;
	sa.sel.ifindex = 3;
	sa.replay = 1000;
	sa.flags = IPSEC_SA_ESN;
	sa.if_id = 42;
	sa.id.mark = (struct ipsec_mark){ 0x10, 0xff };
	sa.output_mark = (struct ipsec_mark){ 0x20, 0xff00 };
	sa.offload = (struct ipsec_offload){ .ifindex = 4,
	    .kind = IPSEC_OFFLOAD_PACKET, .dir = IPSEC_DIR_IN };
	sa.dir = IPSEC_DIR_IN;
	sa.ctx.doi = sa.ctx.alg = 1;
	sa.ctx.length = IPSEC_CTX_MAX;
	memset(sa.ctx.text, 'x', sizeof(sa.ctx.text));
	sa.encap = (struct ipsec_encap){ .type = 2, .sport = 4500,
	    .dport = 4501, .oa = addr("2001:db8::7") };
	sa_survives(&sa);
}
END_TEST

START_TEST(sa_of_other_kinds)
{
	struct ipsec_sa sa = esp();

	memset(&sa.enc, 0, sizeof(sa.enc));
	sa.id.proto = IPSEC_PROTO_AH;
	sa_survives(&sa);
	memset(&sa.auth, 0, sizeof(sa.auth));
	sa.id.proto = IPSEC_PROTO_IPCOMP;
	sa.comp = key(2, 0, 0);
	sa.mode = IPSEC_MODE_BEET;
	sa.id.spi = 0x1234;
	sa_survives(&sa);
	memset(&sa.comp, 0, sizeof(sa.comp));
	sa.id.proto = IPSEC_PROTO_ESP;
	sa.id.spi = 0x12345678;
	for (unsigned int n = 0; ipsec_alg_nth(n) != NULL; n++) {
		const struct ipsec_alg *a = ipsec_alg_nth(n);

		if (a->class != IPSEC_ALG_AEAD)
			continue;
		sa.aead = key(a->id, a->key_max, a->icv_bits);
		sa_survives(&sa);
	}
	/* The kernel knows it, we do not. */
	sa.aead.id = 0;
	memset(sa.aead.name, 'q', sizeof(sa.aead.name) - 1);
	sa_survives(&sa);
}
END_TEST

/* The fixed part of the SA's message, as the kernel reads it. */
static struct xfrm_usersa_info
info_of(const struct ipsec_sa *sa)
{
	struct xfrm_usersa_info x;
	struct buf b;
	struct view v;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa(&b, sa, false);
	v = only(&b).body;
	view_bytes(&v, &x, sizeof(x));
	ck_assert(!v.bad);
	buf_fini(&b);
	return x;
}

/* Is there an attribute TYPE behind FIXED bytes of the body? */
static struct view
attr_of(struct view v, size_t fixed, unsigned int type)
{
	struct nlattr a;
	struct view value;

	view_take(&v, fixed);
	while (v.n > 0) {
		view_bytes(&v, &a, sizeof(a));
		value = view_take(&v, a.nla_len - sizeof(a));
		view_take(&v, (4u - a.nla_len % 4) % 4);
		ck_assert(!v.bad);
		if (a.nla_type == type)
			return value;
	}
	return view_of(NULL, 0);
}

static size_t
attr_length(const struct ipsec_sa *sa, unsigned int type)
{
	struct view v;
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa(&b, sa, true);
	v = attr_of(only(&b).body, sizeof(struct xfrm_usersa_info), type);
	buf_fini(&b);
	return v.n;
}

START_TEST(sa_as_the_kernel_wants_it)
{
	struct ipsec_sa sa = esp();
	struct xfrm_usersa_info x;

	sa.replay = 16;
	sa.hard.bytes = 5;
	sa.has_sel = 1;
	sa.sel.src = addr("10.0.0.1");
	sa.sel.src.port = 22;
	x = info_of(&sa);
	ck_assert_uint_eq(x.id.spi, htonl(0x12345678));
	ck_assert_uint_eq(x.id.daddr.a4, inet_addr("192.0.2.2"));
	ck_assert_uint_eq(x.saddr.a4, inet_addr("192.0.2.1"));
	ck_assert_uint_eq(x.family, AF_INET);
	ck_assert_uint_eq(x.mode, XFRM_MODE_TRANSPORT);
	ck_assert_uint_eq(x.replay_window, 16);
	ck_assert(x.lft.soft_byte_limit == XFRM_INF);
	ck_assert(x.lft.hard_packet_limit == XFRM_INF);
	ck_assert_uint_eq(x.lft.hard_byte_limit, 5);
	ck_assert_uint_eq(x.lft.hard_add_expires_seconds, 0);
	ck_assert_uint_eq(x.sel.sport, htons(22));
	ck_assert_uint_eq(x.sel.sport_mask, 0xffff);
	ck_assert_uint_eq(x.sel.dport_mask, 0);
	sa.has_sel = 0;
	sa.mode = IPSEC_MODE_ANY;
	x = info_of(&sa);
	ck_assert_uint_eq(x.sel.family, AF_UNSPEC);
	ck_assert_uint_eq(x.mode, XFRM_MODE_TRANSPORT);
	sa.mode = IPSEC_MODE_BEET;
	ck_assert_uint_eq(info_of(&sa).mode, XFRM_MODE_BEET);
	ck_assert_uint_eq(attr_length(&sa, XFRMA_ALG_AUTH_TRUNC),
	    sizeof(struct xfrm_algo_auth) + 32);
	ck_assert_uint_eq(attr_length(&sa, XFRM_ATTR_SA_DIR), 0);
	ck_assert_uint_eq(attr_length(&sa, XFRMA_MARK), 0);
}
END_TEST

START_TEST(sa_direction_and_windows)
{
	struct ipsec_sa sa = esp();

	sa.replay = 32;
	ck_assert_uint_eq(attr_length(&sa, XFRMA_REPLAY_ESN_VAL), 0);
	sa.replay = 33;
	ck_assert_uint_eq(info_of(&sa).replay_window, 0);
	ck_assert_uint_eq(attr_length(&sa, XFRMA_REPLAY_ESN_VAL),
	    sizeof(struct xfrm_replay_state_esn) + 8);
	sa.replay = UINT32_MAX;		/* the kernel refuses it in words */
	ck_assert_uint_eq(attr_length(&sa, XFRMA_REPLAY_ESN_VAL),
	    sizeof(struct xfrm_replay_state_esn) + 512);
	/* Outbound: no window where it is marked so. */
	sa.replay = 64;
	sa.dir = IPSEC_DIR_OUT;
	ck_assert_uint_eq(attr_length(&sa, XFRM_ATTR_SA_DIR), 1);
	ck_assert_uint_eq(attr_length(&sa, XFRMA_REPLAY_ESN_VAL), 0);
	ck_assert_uint_eq(info_of(&sa).replay_window, 0);
	sa.flags = IPSEC_SA_ESN;
	ck_assert_uint_eq(attr_length(&sa, XFRM_ATTR_SA_DIR), 0);
	ck_assert_uint_gt(attr_length(&sa, XFRMA_REPLAY_ESN_VAL), 0);
}
END_TEST

START_TEST(sa_usual_icv)
{
	struct ipsec_sa sa = esp(), back;
	struct buf b;

	sa.auth.icv_bits = 0;
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa(&b, &sa, false);
	ck_assert(xfrm_get_sa(only(&b).body, NOW, &back));
	ck_assert_uint_eq(back.auth.icv_bits, 128);
	buf_fini(&b);
}
END_TEST

START_TEST(sa_state)
{
	struct ipsec_sa sa = esp(), back;
	struct xfrm_usersa_info bare = info_of(&sa), x;
	struct buf b;

	ck_assert(xfrm_get_sa(view_of(&bare, sizeof(bare)), NOW, &back));
	ck_assert_uint_eq(back.state, IPSEC_STATE_LARVAL);
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa(&b, &sa, false);
	for (int i = 0; i < 5; i++) {
		x = bare;
		x.lft.soft_byte_limit = i == 1 ? 10 : XFRM_INF;
		x.lft.soft_packet_limit = i == 2 ? 10 : XFRM_INF;
		x.lft.soft_add_expires_seconds = i == 3 ? 10 : 11;
		x.lft.soft_use_expires_seconds = i == 4 ? 10 : 0;
		x.curlft = (struct xfrm_lifetime_cur){ .bytes = 10,
		    .packets = 10, .add_time = NOW - 10,
		    .use_time = NOW - 10 };
		memcpy(b.p + sizeof(struct nlmsghdr), &x, sizeof(x));
		ck_assert(xfrm_get_sa(only(&b).body, NOW, &back));
		ck_assert_uint_eq(back.state, i == 0 ? IPSEC_STATE_MATURE :
		    IPSEC_STATE_DYING);
		ck_assert_uint_eq(back.current.add, NOW - 10);
	}
	buf_fini(&b);
}
END_TEST

START_TEST(policies)
{
	struct ipsec_policy p = policy();

	policy_survives(&p);
	p.tmpl[0].optional = 1;
	p.tmpl[0].reqid = 7;
	p.hard.add = 1000;
	p.hard.use = 10;
	p.mark = (struct ipsec_mark){ 1, 3 };
	p.if_id = 9;
	p.ctx.length = 4;
	memcpy(p.ctx.text, "abc", 4);
	p.dir = IPSEC_DIR_FWD;
	policy_survives(&p);
	p = policy();
	p.action = IPSEC_ACTION_NONE;
	p.ntmpl = 0;
	memset(p.tmpl, 0, sizeof(p.tmpl));
	policy_survives(&p);
	p.action = IPSEC_ACTION_DISCARD;
	policy_survives(&p);
	p.sel.src = p.sel.dst = addr("::");
	p.sel.src_prefix = p.sel.dst_prefix = 0;
	policy_survives(&p);
}
END_TEST

START_TEST(policy_bundle)
{
	struct ipsec_policy p = policy();
	struct xfrm_user_tmpl x[IPSEC_TMPL_MAX];
	struct buf b;
	struct view v;

	p.ntmpl = IPSEC_TMPL_MAX;
	for (unsigned int i = 0; i < p.ntmpl; i++)
		p.tmpl[i] = p.tmpl[0];
	p.tmpl[1].mode = IPSEC_MODE_TUNNEL;
	p.tmpl[1].src = addr("2001:db8::1");
	p.tmpl[1].dst = addr("2001:db8::2");
	p.tmpl[2].proto = IPSEC_PROTO_AH;
	policy_survives(&p);
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_policy(&b, &p, false);
	v = attr_of(only(&b).body, sizeof(struct xfrm_userpolicy_info),
	    XFRMA_TMPL);
	ck_assert_uint_eq(v.n, sizeof(x));
	view_bytes(&v, x, sizeof(x));
	ck_assert_uint_eq(x[0].family, AF_INET);
	ck_assert_uint_eq(x[1].family, AF_INET6);
	ck_assert_uint_eq(x[2].family, AF_INET6);
	ck_assert_uint_eq(x[2].ealgos, UINT32_MAX);
	/* A transport template's own addresses do not count. */
	p.tmpl[0].src = addr("1.2.3.4");
	buf_reset(&b);
	xfrm_put_policy(&b, &p, false);
	v = attr_of(only(&b).body, sizeof(struct xfrm_userpolicy_info),
	    XFRMA_TMPL);
	view_bytes(&v, x, sizeof(x[0]));
	ck_assert_uint_eq(x[0].saddr.a4, 0);
	buf_fini(&b);
}
END_TEST

START_TEST(policy_names)
{
	struct ipsec_policy p = policy();
	struct xfrm_userpolicy_id x;
	struct view v;
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_policy_id(&b, XFRM_MSG_DELPOLICY, &p);
	v = only(&b).body;
	view_bytes(&v, &x, sizeof(x));
	ck_assert_uint_eq(x.dir, XFRM_POLICY_OUT);
	ck_assert_uint_eq(x.sel.dport, htons(8140));
	p.index = 8 * 5 + 2;
	buf_reset(&b);
	xfrm_put_policy_id(&b, XFRM_MSG_GETPOLICY, &p);
	v = only(&b).body;
	view_bytes(&v, &x, sizeof(x));
	ck_assert_uint_eq(x.index, 42);
	ck_assert_uint_eq(x.dir, XFRM_POLICY_FWD);
	buf_fini(&b);
}
END_TEST

START_TEST(filters)
{
	struct ipsec_filter f = { .proto = IPSEC_PROTO_ESP, .reqid = 7 };
	struct ipsec_sa sa = esp();
	struct ipsec_policy p = policy();

	ck_assert(!ipsec_sa_passes(&f, &sa));
	sa.reqid = 7;
	ck_assert(ipsec_sa_passes(&f, &sa));
	f.proto = IPSEC_PROTO_AH;
	ck_assert(!ipsec_sa_passes(&f, &sa));
	f.proto = 0;
	f.src = addr("192.0.2.1");
	f.dst = addr("192.0.2.2");
	ck_assert(ipsec_sa_passes(&f, &sa));
	f.dst = addr("192.0.2.3");
	ck_assert(!ipsec_sa_passes(&f, &sa));
	f = (struct ipsec_filter){ .proto = 0 };
	sa.id.proto = IPPROTO_IPIP;
	ck_assert(!ipsec_sa_passes(&f, &sa));
	ck_assert(ipsec_policy_passes(&f, &p));
	f.dir = IPSEC_DIR_IN;
	ck_assert(!ipsec_policy_passes(&f, &p));
	f.dir = IPSEC_DIR_OUT;
	ck_assert(ipsec_policy_passes(&f, &p));
}
END_TEST

START_TEST(filter_messages)
{
	struct ipsec_filter f = { .proto = 0 };
	struct xfrm_address_filter x;
	struct view v;
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa_dump(&b, &f);
	v = attr_of(only(&b).body, 0, XFRMA_PROTO);
	ck_assert_uint_eq(view_u8(&v), 255);
	ck_assert_uint_eq(attr_of(only(&b).body, 0,
	    XFRMA_ADDRESS_FILTER).n, 0);
	f.dst = addr("2001:db8::1");
	buf_reset(&b);
	xfrm_put_sa_dump(&b, &f);
	v = attr_of(only(&b).body, 0, XFRMA_ADDRESS_FILTER);
	view_bytes(&v, &x, sizeof(x));
	ck_assert(!v.bad);
	ck_assert_uint_eq(x.family, AF_INET6);
	ck_assert_uint_eq(x.splen, 0);
	ck_assert_uint_eq(x.dplen, 128);
	buf_fini(&b);
}
END_TEST

/* Every cut of the message must be noticed, none may be read past. */
START_TEST(cut_messages)
{
	struct ipsec_sa sa = esp(), back;
	struct ipsec_event e;
	struct xfrm_msg m, cut;
	struct view v;
	struct buf b;
	uint8_t	*copy;

	sa.encap.type = 2;
	sa.replay = 64;
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa(&b, &sa, false);
	m = only(&b);
	for (size_t n = 0; n < b.n; n++) {
		ck_assert_ptr_nonnull(copy = malloc(n + 1));
		memcpy(copy, b.p, n);
		v = view_of(copy, n);
		ck_assert(!xfrm_msg_next(&v, &cut));
		ck_assert(n == 0 || v.bad);
		free(copy);
	}
	for (size_t n = 0; n < m.body.n; n++) {
		ck_assert_ptr_nonnull(copy = malloc(n + 1));
		memcpy(copy, m.body.p, n);
		if (n < sizeof(struct xfrm_usersa_info))
			ck_assert(!xfrm_get_sa(view_of(copy, n), NOW, &back));
		else
			(void)xfrm_get_sa(view_of(copy, n), NOW, &back);
		for (uint16_t t = 0; t < 64; t++) {
			cut = (struct xfrm_msg){ .type = t,
			    .body = view_of(copy, n) };
			(void)xfrm_get_event(&cut, NOW, &e);
		}
		free(copy);
	}
	buf_fini(&b);
}
END_TEST

/* An SA's message with one attribute of ours; does it decode? */
static bool
decodes(unsigned int type, uint16_t length, const void *p, size_t n)
{
	struct ipsec_sa sa = esp(), back;
	struct xfrm_usersa_info x = info_of(&sa);
	struct nlattr a = { .nla_type = (uint16_t)type, .nla_len = length };
	struct buf b;
	bool	ok;

	buf_init(&b, XFRM_MSG_BYTES);
	buf_put(&b, &x, sizeof(x));
	buf_put(&b, &a, sizeof(a));
	buf_put(&b, p, n);
	ok = xfrm_get_sa(buf_view(&b), NOW, &back);
	if (ok)
		ck_assert_ptr_nonnull(memchr(back.enc.name, '\0',
		    sizeof(back.enc.name)));
	buf_fini(&b);
	return ok;
}

START_TEST(lying_messages)
{
	struct xfrm_algo algo = { .alg_key_len = 8 };
	struct xfrm_user_sec_ctx ctx = { .len = 8, .ctx_len = 300 };
	uint8_t	bytes[400] = { 0 };

	ck_assert(!decodes(XFRMA_MARK, 0, "", 0));
	ck_assert(!decodes(XFRMA_MARK, 3, "", 0));
	ck_assert(!decodes(XFRMA_MARK, 13, bytes, 8));
	ck_assert(!decodes(XFRMA_MARK, 8, bytes, 4));
	ck_assert(decodes(XFRMA_MARK, 12, bytes, 8));
	ck_assert(decodes(999, 12, bytes, 8));
	ck_assert(!decodes(XFRMA_IF_ID, 6, bytes, 4));
	memset(algo.alg_name, 'n', sizeof(algo.alg_name));
	ck_assert(!decodes(XFRMA_ALG_CRYPT, 4 + sizeof(algo), &algo,
	    sizeof(algo)));
	algo.alg_key_len = UINT32_MAX;
	ck_assert(!decodes(XFRMA_ALG_CRYPT, 4 + sizeof(algo), &algo,
	    sizeof(algo)));
	algo.alg_key_len = 0;
	ck_assert(decodes(XFRMA_ALG_CRYPT, 4 + sizeof(algo), &algo,
	    sizeof(algo)));
	ck_assert(!decodes(XFRMA_ALG_CRYPT, 4 + 10, &algo, 12));
	ck_assert(!decodes(XFRMA_SEC_CTX, 12, &ctx, 8));
	ctx.ctx_len = 1;
	ck_assert(!decodes(XFRMA_SEC_CTX, 12, &ctx, 8));
}
END_TEST

START_TEST(key_longer_than_ours)
{
	struct ipsec_sa sa = esp(), back;
	struct xfrm_usersa_info x = info_of(&sa);
	struct xfrm_algo algo = { .alg_name = "cbc(aes)",
	    .alg_key_len = 8 * (IPSEC_KEY_MAX + 1) };
	struct nlattr a = { .nla_type = XFRMA_ALG_CRYPT,
	    .nla_len = sizeof(a) + sizeof(algo) + IPSEC_KEY_MAX + 1 };
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	buf_put(&b, &x, sizeof(x));
	buf_put(&b, &a, sizeof(a));
	buf_put(&b, &algo, sizeof(algo));
	buf_zero(&b, IPSEC_KEY_MAX + 1);
	ck_assert(xfrm_get_sa(buf_view(&b), NOW, &back));
	ck_assert_uint_eq(back.enc.id, 12);
	ck_assert_uint_eq(back.enc.key_bits, 0);
	buf_fini(&b);
}
END_TEST

/* The kernel's limit is a page. */
START_TEST(label_longer_than_ours)
{
	struct ipsec_sa sa = esp(), back;
	struct xfrm_usersa_info x = info_of(&sa);
	struct xfrm_user_sec_ctx ctx = { .ctx_doi = 1, .ctx_alg = 2,
	    .ctx_len = IPSEC_CTX_MAX + 1 };
	struct nlattr a = { .nla_type = XFRMA_SEC_CTX,
	    .nla_len = sizeof(a) + sizeof(ctx) + IPSEC_CTX_MAX + 1 };
	struct buf b;

	buf_init(&b, XFRM_MSG_BYTES);
	buf_put(&b, &x, sizeof(x));
	buf_put(&b, &a, sizeof(a));
	buf_put(&b, &ctx, sizeof(ctx));
	for (unsigned int i = 0; i <= IPSEC_CTX_MAX; i++)
		buf_u8(&b, 'c');
	ck_assert(xfrm_get_sa(buf_view(&b), NOW, &back));
	ck_assert_uint_eq(back.ctx.doi, 1);
	ck_assert_uint_eq(back.ctx.alg, 2);
	ck_assert_uint_eq(back.ctx.length, IPSEC_CTX_MAX);
	ck_assert_uint_eq(strnlen(back.ctx.text, IPSEC_CTX_MAX),
	    IPSEC_CTX_MAX - 1);
	buf_fini(&b);
}
END_TEST

START_TEST(too_many_templates)
{
	struct ipsec_policy p = policy(), back;
	struct xfrm_user_tmpl x[IPSEC_TMPL_MAX + 1];
	struct nlattr a = { .nla_type = XFRMA_TMPL,
	    .nla_len = sizeof(a) + sizeof(x) };
	struct buf b;

	p.action = IPSEC_ACTION_NONE;
	memset(x, 0, sizeof(x));
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_policy(&b, &p, false);
	buf_put(&b, &a, sizeof(a));
	buf_put(&b, x, sizeof(x));
	ck_assert(!xfrm_get_policy(buf_from(&b, 16), &back));
	buf_fini(&b);
}
END_TEST

static int
result_of(uint16_t type, uint16_t flags, struct view body, char why[32])
{
	struct xfrm_msg m = { .type = type, .flags = flags, .body = body };

	return xfrm_get_result(&m, why, 32);
}

START_TEST(results)
{
	struct nlmsgerr e = { .error = -ESRCH, .msg.nlmsg_len = 20 };
	struct nlattr a = { .nla_type = NLMSGERR_ATTR_MSG, .nla_len = 4 + 6 };
	char	why[32];
	struct buf b;

	buf_init(&b, 1000);
	buf_put(&b, &e, sizeof(e));
	ck_assert_int_eq(result_of(NLMSG_ERROR, 0, buf_view(&b), why),
	    -ESRCH);
	ck_assert_str_eq(why, "");
	/* The rest of the request, then the text. */
	buf_zero(&b, 4);
	buf_put(&b, &a, sizeof(a));
	buf_put(&b, "words", 6);
	ck_assert_int_eq(result_of(NLMSG_ERROR, NLM_F_ACK_TLVS, buf_view(&b),
	    why), -ESRCH);
	ck_assert_str_eq(why, "words");
	buf_reset(&b);
	buf_put(&b, &e, sizeof(e));
	buf_put(&b, &a, sizeof(a));
	buf_put(&b, "words", 6);
	ck_assert_int_eq(result_of(NLMSG_ERROR, NLM_F_ACK_TLVS | NLM_F_CAPPED,
	    buf_view(&b), why), -ESRCH);
	ck_assert_str_eq(why, "words");
	buf_reset(&b);
	buf_zero(&b, 4);
	ck_assert_int_eq(result_of(NLMSG_DONE, 0, buf_view(&b), why), 0);
	ck_assert_int_eq(result_of(NLMSG_DONE, 0, view_of("", 0), why),
	    -EPROTO);
	buf_patch8(&b, 0, 1);
	ck_assert_int_eq(result_of(NLMSG_DONE, 0, buf_view(&b), why),
	    -EPROTO);
	buf_fini(&b);
}
END_TEST

int
main(void)
{
	const struct suite_row row[] = {
		{ "sa", sa_transport },
		{ "sa", sa_tunnel_v6_with_everything },
		{ "sa", sa_of_other_kinds },
		{ "sa", sa_as_the_kernel_wants_it },
		{ "sa", sa_direction_and_windows },
		{ "sa", sa_usual_icv },
		{ "sa", sa_state },
		{ "policy", policies },
		{ "policy", policy_bundle },
		{ "policy", policy_names },
		{ "filter", filters },
		{ "filter", filter_messages },
		{ "broken", cut_messages },
		{ "broken", lying_messages },
		{ "broken", key_longer_than_ours },
		{ "broken", label_longer_than_ours },
		{ "broken", too_many_templates },
		{ "result", results },
	};

	return suite_rows("xfrm", row, sizeof(row) / sizeof(row[0]));
}
