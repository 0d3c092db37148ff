/* SPDX-License-Identifier: ISC */
/*
 * libipsec against a real kernel: every call, as root, in two network
 * namespaces of its own, through XFRM and, if $PFKEY is 1, through PF_KEY too.
 * Prints TAP.
 */
#include <sys/socket.h>

#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libipsec/addr.h"
#include "test/kernel/live.h"

#define MANY	10000u		/* policies of a batch */

/* What the kernel adds to an SA that we gave it, and what PF_KEY leaves out. */
static void
forget_dynamics(const struct live *l, struct ipsec_sa *sa)
{
	memset(&sa->current, 0, sizeof(sa->current));
	sa->state = 0;
	sa->last_use = 0;
	sa->dir = 0;
	if (l->pfkey)
		sa->seq = 0;
}

static void
there_and_back(struct live *l, const struct ipsec_sa *sa, const char *text)
{
	struct ipsec_sa got, want = *sa;
	int	r;

	if ((r = ipsec_sa_set(l->h, sa, false)) != 0) {
		is(l, r, 0, text);
		return;
	}
	r = ipsec_sa_get(l->h, &sa->id, &got);
	forget_dynamics(l, &got);
	forget_dynamics(l, &want);
	ok(l, r == 0 && memcmp(&got, &want, sizeof(got)) == 0,
	    "the kernel keeps every field: %s", text);
}

/* The same for what PF_KEY cannot express: it must say so. */
static void
there_with_xfrm(struct live *l, const struct ipsec_sa *sa, const char *text)
{
	int	r;

	if (!l->pfkey) {
		there_and_back(l, sa, text);
		return;
	}
	r = ipsec_sa_set(l->h, sa, false);
	ok(l, r == -EOPNOTSUPP && strncmp(ipsec_error(l->h), "PF_KEY", 6) == 0,
	    "refused: %s: %s", text, ipsec_error(l->h));
}

static void
test_sa(struct live *l)
{
	struct ipsec_sa sa = esp(0x1001), got;

	sa.reqid = 77;
	sa.seq = 4711;
	sa.replay = 32;
	sa.soft.add = 1000;
	sa.hard = (struct ipsec_lifetime){ 1 << 20, 1000, 2000, 3000 };
	there_and_back(l, &sa, "ESP in transport mode");
	is(l, ipsec_sa_set(l->h, &sa, false), -EEXIST, "no second one");
	ok(l, strstr(ipsec_error(l->h), "exists") != NULL,
	    "the reason has words: %s", ipsec_error(l->h));
	sa.hard.add = 5000;
	is(l, ipsec_sa_set(l->h, &sa, true), 0, "an update");
	is(l, ipsec_sa_get(l->h, &sa.id, &got), 0, "get");
	ok(l, got.hard.add == 5000 && got.state == IPSEC_STATE_MATURE &&
	    got.current.add > 1000000000, "shows the new limit");
	is(l, ipsec_sa_delete(l->h, &sa.id), 0, "delete");
	is(l, ipsec_sa_delete(l->h, &sa.id), -ESRCH, "nothing to delete");
	is(l, ipsec_sa_get(l->h, &sa.id, &got), -ESRCH, "nothing to get");
	is(l, ipsec_sa_set(l->h, &sa, true), -ESRCH, "nothing to update");
	sa.enc.id = 0;
	strcpy(sa.enc.name, "cbc(nonsense)");
	is(l, ipsec_sa_set(l->h, &sa, false), l->pfkey ? -EOPNOTSUPP :
	    -ENOSYS, "unknown algorithm");
	ok(l, ipsec_error(l->h)[0] != '\0' &&
	    strstr(ipsec_error(l->h), strerror(ENOSYS)) == NULL,
	    "says why, once: %s", ipsec_error(l->h));
}

static void
test_kinds(struct live *l)
{
	static const char *const aead[] = { "aes-gcm-16", "aes-gcm-12",
	    "aes-gcm-8", "aes-ccm-16", "aes-gmac", "chacha20-poly1305" };
	static const char *const auth[] = { "hmac-md5", "hmac-sha1",
	    "hmac-sha384", "hmac-sha512", "null" };
	struct ipsec_sa sa = esp(0x2001);

	there_and_back(l, &sa, "SHA-1");
	sa.id.spi++;
	sa.auth = key(IPSEC_ALG_AUTH, "hmac-sha256");
	there_with_xfrm(l, &sa, "SHA-256 as RFC 4868 wants it");
	sa.id.spi++;
	sa.auth.icv_bits = 96;
	there_and_back(l, &sa, "the short truncation of SHA-256");
	for (size_t i = 0; i < sizeof(auth) / sizeof(auth[0]); i++) {
		sa.id.spi++;
		sa.auth = key(IPSEC_ALG_AUTH, auth[i]);
		there_and_back(l, &sa, auth[i]);
	}
	memset(&sa.auth, 0, sizeof(sa.auth));
	memset(&sa.enc, 0, sizeof(sa.enc));
	for (size_t i = 0; i < sizeof(aead) / sizeof(aead[0]); i++) {
		sa.id.spi++;
		sa.aead = key(IPSEC_ALG_AEAD, aead[i]);
		there_with_xfrm(l, &sa, aead[i]);
	}
	memset(&sa.aead, 0, sizeof(sa.aead));
	sa.id.spi = 0x1234;
	sa.id.proto = IPSEC_PROTO_IPCOMP;
	sa.comp = key(IPSEC_ALG_COMP, "deflate");
	there_and_back(l, &sa, "IPComp");
	sa = esp(0x3001);
	sa.id.proto = IPSEC_PROTO_AH;
	memset(&sa.enc, 0, sizeof(sa.enc));
	sa.replay = 100;
	there_with_xfrm(l, &sa, "AH with a wide replay window");
	sa = esp(0x3002);
	sa.encap = (struct ipsec_encap){ .type = 2, .sport = 4500,
	    .dport = 4501 };
	there_and_back(l, &sa, "ESP in UDP");
	sa = esp(0x3003);
	sa.enc = key(IPSEC_ALG_ENC, "null");
	there_and_back(l, &sa, "no encryption");
}

static void
test_features(struct live *l)
{
	struct ipsec_sa sa = esp(0x4001);
	struct ipsec_sa_id id;

	sa.id.dst = addr("fd00:9::2");
	sa.src = addr("fd00:9::1");
	sa.mode = IPSEC_MODE_TUNNEL;
	sa.flags = IPSEC_SA_ESN | IPSEC_SA_NOECN | IPSEC_SA_AF_UNSPEC;
	sa.replay = 64;
	there_with_xfrm(l, &sa, "IPv6 tunnel, extended sequence numbers");
	sa.id.spi++;
	sa.flags = IPSEC_SA_NOPMTUDISC;
	sa.has_sel = 1;
	sa.sel.src = addr("fd00:1::");
	sa.sel.dst = addr("fd00:2::");
	sa.sel.src_prefix = sa.sel.dst_prefix = 64;
	sa.sel.proto = IPPROTO_TCP;
	sa.sel.dst.port = 443;
	there_with_xfrm(l, &sa, "a selector");
	sa.id.spi++;
	sa.id.mark = (struct ipsec_mark){ 5, 0xff };
	sa.output_mark = (struct ipsec_mark){ 6, 0xff00 };
	sa.if_id = 12;
	sa.mode = IPSEC_MODE_BEET;
	sa.has_sel = 0;
	memset(&sa.sel, 0, sizeof(sa.sel));
	there_with_xfrm(l, &sa, "marks, interface id, BEET");
	id = sa.id;
	id.mark.value = 4;
	is(l, ipsec_sa_delete(l->h, &id), l->pfkey ? -EOPNOTSUPP : -ESRCH,
	    "another mark, another SA");
	sa = esp(0x4010);
	sa.dir = IPSEC_DIR_OUT;
	sa.replay = 32;
	is(l, ipsec_sa_set(l->h, &sa, false), 0,
	    "a direction hurts no kernel (outbound)");
	sa = esp(0x4011);
	sa.dir = IPSEC_DIR_IN;
	sa.replay = 32;
	is(l, ipsec_sa_set(l->h, &sa, false), 0,
	    "a direction hurts no kernel (inbound)");
	sa = esp(0x4012);
	sa.dir = IPSEC_DIR_OUT;
	sa.flags = IPSEC_SA_ESN;
	sa.replay = 64;
	is(l, ipsec_sa_set(l->h, &sa, false), l->pfkey ? -EOPNOTSUPP : 0,
	    "a direction hurts no kernel (outbound, ESN)");
	sa = esp(0x4013);
	sa.has_sel = 1;
	sa.sel.src = sa.src;
	sa.sel.dst = sa.id.dst;
	sa.sel.src_prefix = sa.sel.dst_prefix = 32;
	is(l, ipsec_sa_set(l->h, &sa, false), 0,
	    "the two ends as selector, as racoon wants them");
	sa = esp(0x4014);
	sa.mode = IPSEC_MODE_BEET;
	there_and_back(l, &sa, "BEET");
}

/* What a dump showed. */
struct seen {
	struct live	*l;
	unsigned int	 n, larval, wrong;
	uint32_t	 first_spi, last_spi;
	uint64_t	 spis;
};

static int
see_sa(void *ctx, const struct ipsec_sa *sa)
{
	struct seen *s = ctx;

	if (s->n++ == 0)
		s->first_spi = sa->id.spi;
	s->last_spi = sa->id.spi;
	s->larval += sa->state == IPSEC_STATE_LARVAL;
	s->wrong += sa->id.proto != IPSEC_PROTO_ESP &&
	    sa->id.proto != IPSEC_PROTO_AH &&
	    sa->id.proto != IPSEC_PROTO_IPCOMP;
	s->spis += sa->id.spi;
	return 0;
}

static int
delete_sa(void *ctx, const struct ipsec_sa *sa)
{
	struct seen *s = ctx;

	s->n++;
	return ipsec_sa_delete(s->l->h, &sa->id);
}

static int
stop_sa(void *ctx, const struct ipsec_sa *sa)
{
	(void)sa;
	++*(int *)ctx;
	return 42;
}

static unsigned int
count_sas(struct live *l, const struct ipsec_filter *f)
{
	struct seen s = { .l = l };

	if (ipsec_sa_dump(l->h, f, see_sa, &s) != 0)
		return UINT32_MAX;
	return s.n;
}

static void
test_larval(struct live *l)
{
	struct ipsec_sa sa = esp(0), got;
	struct seen s = { .l = l };
	uint32_t spi = 0, spi2 = 0;

	sa.reqid = 5;
	sa.seq = 99;
	is(l, ipsec_getspi(l->h, &sa, 0x100, 0x1ff, &spi), 0, "getspi");
	ok(l, spi >= 0x100 && spi <= 0x1ff, "the SPI lies in the range");
	is(l, ipsec_sa_dump(l->h, NULL, see_sa, &s), 0, "dump");
	ok(l, s.n == 1 && s.larval == 1, "it is larval");
	sa.reqid = 6;
	is(l, ipsec_getspi(l->h, &sa, spi, spi, &spi2), -ENOENT,
	    "no free SPI");
	sa.reqid = 5;
	sa.id.spi = spi;
	is(l, ipsec_sa_set(l->h, &sa, false), -EEXIST,
	    "add does not complete a larval SA");
	is(l, ipsec_sa_set(l->h, &sa, true), 0, "update does");
	is(l, ipsec_sa_get(l->h, &sa.id, &got), 0, "get");
	ok(l, got.state == IPSEC_STATE_MATURE && (l->pfkey ||
	    got.seq == 99) && got.reqid == 5, "the SA is mature and has its number");
	clean(l);
	sa.id.proto = IPSEC_PROTO_IPCOMP;
	is(l, ipsec_getspi(l->h, &sa, 256, 65535, &spi), 0,
	    "getspi for IPComp");
}

/* 300 SAs of three protocols and two reqids. */
static void
test_dump(struct live *l)
{
	struct ipsec_filter f = { .proto = IPSEC_PROTO_AH };
	struct seen s = { .l = l };
	struct ipsec_sa sa;
	int	n = 0, r = 0;

	for (uint32_t i = 0; i < 300 && r == 0; i++) {
		sa = esp(0x5000 + i);
		sa.reqid = i % 2 + 1;
		if (i % 3 == 1) {
			sa.id.proto = IPSEC_PROTO_AH;
			memset(&sa.enc, 0, sizeof(sa.enc));
		}
		if (i % 3 == 2)
			sa.id.dst = addr("10.9.0.3");
		r = ipsec_sa_set(l->h, &sa, false);
	}
	is(l, r, 0, "300 SAs");
	/* In tunnel mode IPComp makes a helper state of protocol 4. */
	sa = esp(0x77);
	sa.mode = IPSEC_MODE_TUNNEL;
	sa.id.proto = IPSEC_PROTO_IPCOMP;
	memset(&sa.enc, 0, sizeof(sa.enc));
	memset(&sa.auth, 0, sizeof(sa.auth));
	sa.comp = key(IPSEC_ALG_COMP, "deflate");
	is(l, ipsec_sa_set(l->h, &sa, false), 0, "IPComp in tunnel mode");
	is(l, ipsec_sa_dump(l->h, NULL, see_sa, &s), 0, "dump");
	ok(l, s.n == 301 && s.wrong == 0, "shows 301 SAs and no helper");
	ok(l, s.first_spi == 0x77 && s.last_spi == 0x5000,
	    "in the order newest first");
	ok(l, count_sas(l, &f) == 100, "filter: protocol");
	f = (struct ipsec_filter){ .reqid = 2 };
	ok(l, count_sas(l, &f) == 150, "filter: reqid");
	f = (struct ipsec_filter){ .dst = addr("10.9.0.3") };
	ok(l, count_sas(l, &f) == 100, "filter: destination");
	f.src = addr("10.9.0.9");
	ok(l, count_sas(l, &f) == 0, "filter: source");
	is(l, ipsec_sa_dump(l->h, NULL, stop_sa, &n), 42,
	    "a callback ends the dump");
	ok(l, n == 1, "at once");
	s.n = 0;
	f = (struct ipsec_filter){ .reqid = 1 };
	is(l, ipsec_sa_dump(l->h, &f, delete_sa, &s), 0,
	    "SAs can be deleted from within a dump");
	ok(l, s.n == 150 && count_sas(l, &f) == 0, "all 150 of them");
	is(l, ipsec_flush(l->h, IPSEC_FLUSH_SA, IPSEC_PROTO_AH), 0,
	    "flush AH");
	f = (struct ipsec_filter){ .proto = IPSEC_PROTO_AH };
	ok(l, count_sas(l, &f) == 0 && count_sas(l, NULL) == 101,
	    "leaves the rest");
	is(l, ipsec_flush(l->h, IPSEC_FLUSH_SA, 0), 0, "flush all");
	is(l, ipsec_flush(l->h, IPSEC_FLUSH_SA, 0), 0, "flush nothing");
	ok(l, count_sas(l, NULL) == 0, "nothing is left");
}

static int
see_policy(void *ctx, const struct ipsec_policy *p)
{
	struct seen *s = ctx;

	if (s->n++ == 0)
		s->first_spi = p->index;
	s->last_spi = p->index;
	return 0;
}

/* A policy must be refused as PF_KEY's, in words. */
static void
refused_policy(struct live *l, const struct ipsec_policy *p, const char *text)
{
	int	r = ipsec_policy_set(l->h, p, true);

	ok(l, r == -EOPNOTSUPP && strncmp(ipsec_error(l->h), "PF_KEY", 6) == 0,
	    "refused: %s: %s", text, ipsec_error(l->h));
}

/* Takes away what PF_KEY cannot express, and sees that it says so. */
static void
without_xfrm(struct live *l, struct ipsec_policy *p)
{
	p->tmpl[1].optional = 0;
	refused_policy(l, p, "transport in another family's tunnel");
	p->tmpl[0].src = addr("10.9.0.1");
	p->tmpl[0].dst = addr("10.9.0.2");
	p->tmpl[1].optional = 1;
	refused_policy(l, p, "level use with an id");
	p->tmpl[1].optional = 0;
}

static void
test_policy(struct live *l)
{
	struct ipsec_policy p = full_policy();
	struct ipsec_policy got, in;
	struct ipsec_filter f = { .dir = IPSEC_DIR_IN };
	struct seen s = { .l = l };

	if (l->pfkey)
		without_xfrm(l, &p);
	is(l, ipsec_policy_set(l->h, &p, false), 0, "a policy");
	is(l, ipsec_policy_get(l->h, &p, &got), 0, "get by selector");
	ok(l, got.index != 0 && got.current.add != 0, "it has an index");
	p.index = got.index;
	is(l, ipsec_policy_get(l->h, &p, &got), 0, "get by index");
	memset(&got.current, 0, sizeof(got.current));
	ok(l, memcmp(&p, &got, sizeof(p)) == 0,
	    "the kernel keeps every field of a policy");
	p.index = 0;
	is(l, ipsec_policy_set(l->h, &p, false), -EEXIST, "no second one");
	p.priority = 1;
	is(l, ipsec_policy_set(l->h, &p, true), 0, "an update");
	is(l, ipsec_policy_get(l->h, &p, &got), 0, "get");
	ok(l, got.priority == 1, "shows the new priority");
	in = policy("::", "::", IPSEC_DIR_IN);
	in.sel.src_prefix = in.sel.dst_prefix = 0;
	in.action = IPSEC_ACTION_DISCARD;
	in.ntmpl = 0;
	in.mark = (struct ipsec_mark){ 1, 1 };
	in.if_id = 3;
	if (l->pfkey) {
		refused_policy(l, &in, "a mark and an interface id");
		in.mark = (struct ipsec_mark){ 0, 0 };
		in.if_id = 0;
	}
	is(l, ipsec_policy_set(l->h, &in, true), 0, "update adds");
	is(l, ipsec_policy_get(l->h, &in, &got), 0,
	    "get with mark and interface id");
	ok(l, got.action == IPSEC_ACTION_DISCARD && got.mark.mask ==
	    in.mark.mask && got.if_id == in.if_id, "it has them");
	is(l, ipsec_policy_dump(l->h, NULL, see_policy, &s), 0, "dump");
	ok(l, s.n == 2 && s.first_spi % 8 == 0, "shows both, newest first");
	s.n = 0;
	is(l, ipsec_policy_dump(l->h, &f, see_policy, &s), 0, "dump `in'");
	ok(l, s.n == 1, "shows one");
	if (!l->pfkey) {
		in.mark.value = 0;
		is(l, ipsec_policy_delete(l->h, &in), -ENOENT,
		    "another mark");
	}
	is(l, ipsec_policy_delete(l->h, &p), 0, "delete");
	is(l, ipsec_policy_delete(l->h, &p), -ENOENT, "nothing to delete");
	is(l, ipsec_policy_get(l->h, &p, &got), -ENOENT, "nothing to get");
}

/* A packet meets a policy and finds no SA. */
static void
test_acquire(struct live *l)
{
	struct ipsec_policy p = policy("10.9.0.1", "10.9.0.2", IPSEC_DIR_OUT);
	struct ipsec_policy mine;
	const struct ipsec_event *e;
	struct ipsec_sa sa = esp(0x6001), in = esp(0);
	struct seen s = { .l = l };
	uint32_t seq = 0, spi;

	p.tmpl[0].reqid = 33;
	p.priority = 17;
	ipsec_policy_set(l->h, &p, false);
	ipsec_policy_get(l->h, &p, &mine);
	send_udp("10.9.0.2", 7);
	e = wait_event(l, l->h, IPSEC_EVENT_ACQUIRE, 3);
	if (ok(l, e != NULL, "a packet without an SA raises an ACQUIRE")) {
		seq = e->sa.seq;
		ok(l, seq != 0 && e->sa.reqid == 33 &&
		    e->sa.mode == IPSEC_MODE_TRANSPORT &&
		    e->sa.id.proto == IPSEC_PROTO_ESP &&
		    addr_equal(&e->sa.id.dst, &sa.id.dst) &&
		    addr_equal(&e->sa.src, &sa.src),
		    "it names the SA that is wanted");
		ok(l, (l->pfkey || (e->flow.dst.port == 7 &&
		    e->flow.proto == IPPROTO_UDP)) &&
		    e->flow.src_prefix == 32 &&
		    addr_equal(&e->flow.dst, &sa.id.dst),
		    "it has the packet's own addresses and ports");
		ok(l, e->policy.index == mine.index &&
		    e->policy.priority == 17 && e->policy.ntmpl == 1 &&
		    e->policy.dir == IPSEC_DIR_OUT &&
		    e->policy.tmpl[0].reqid == 33 &&
		    selector_equal(&e->policy.sel, &p.sel),
		    "it has the policy and its template");
	}
	ipsec_sa_dump(l->h, NULL, see_sa, &s);
	ok(l, s.n == 1 && s.larval == 1, "the kernel waits in a larval SA");
	in.id.dst = sa.src;
	in.src = sa.id.dst;
	in.seq = seq;
	in.reqid = 33;
	is(l, ipsec_getspi(l->h, &in, 256, 0xffffffff, &spi), 0,
	    "getspi with the ACQUIRE's number");
	in.id.spi = spi;
	is(l, ipsec_sa_set(l->h, &in, true), 0, "the inbound SA");
	sa.seq = seq;
	sa.reqid = 33;
	is(l, ipsec_sa_set(l->h, &sa, false), 0, "the outbound SA");
	s = (struct seen){ .l = l };
	ipsec_sa_dump(l->h, NULL, see_sa, &s);
	ok(l, s.n == 2 && s.larval == 0, "resolves the larval one");
	for (int i = 0; i < 200; i++) {
		ipsec_sa_get(l->h, &sa.id, &in);
		if (in.current.packets > 0)
			break;
		usleep(100000);
	}
	ok(l, in.current.packets == 1, "the packet that waited goes out");
	ok(l, in.current.use != 0, "the SA knows when it was first used");
}

/* IPv4 through an IPv6 tunnel: the SA's addresses are the tunnel's. */
static void
test_acquire_tunnel(struct live *l)
{
	struct ipsec_policy p = policy("10.9.0.1", "10.77.0.0", IPSEC_DIR_OUT);
	const struct ipsec_event *e;

	p.sel.dst_prefix = 16;
	p.sel.proto = IPPROTO_UDP;
	if (!l->pfkey)
		p.mark = (struct ipsec_mark){ 0, 7 };
	p.tmpl[0].mode = IPSEC_MODE_TUNNEL;
	p.tmpl[0].src = addr("fd00:9::1");
	p.tmpl[0].dst = addr("fd00:9::2");
	is(l, ipsec_policy_set(l->h, &p, false), 0, "a tunnel's policy");
	send_udp("10.77.1.2", 7);
	e = wait_event(l, l->h, IPSEC_EVENT_ACQUIRE, 3);
	ok(l, e != NULL && addr_equal(&e->sa.id.dst, &p.tmpl[0].dst) &&
	    addr_equal(&e->sa.src, &p.tmpl[0].src) &&
	    e->sa.mode == IPSEC_MODE_TUNNEL &&
	    e->policy.mark.mask == p.mark.mask &&
	    e->flow.src.family == AF_INET,
	    "an ACQUIRE for IPv4 in an IPv6 tunnel");
}

static void
test_expire(struct live *l)
{
	struct ipsec_policy p = policy("10.8.0.1", "10.8.0.2", IPSEC_DIR_OUT);
	const struct ipsec_event *e;
	struct ipsec_sa sa = esp(0x7001), got;

	sa.reqid = 3;
	sa.soft.add = 1;
	sa.hard.add = 8;
	ipsec_sa_set(l->h, &sa, false);
	e = wait_event(l, l->h, IPSEC_EVENT_EXPIRE, 15);
	ok(l, e != NULL && !e->hard && e->sa.id.spi == 0x7001 &&
	    e->sa.reqid == 3 && e->sa.state == IPSEC_STATE_DYING &&
	    (l->pfkey || e->sa.hard.add == 8), "the soft limit is reported");
	ipsec_sa_get(l->h, &sa.id, &got);
	ok(l, got.state == IPSEC_STATE_DYING, "the SA shows as dying");
	e = wait_event(l, l->h, IPSEC_EVENT_EXPIRE, 15);
	ok(l, e != NULL && e->hard && e->sa.id.spi == 0x7001 &&
	    e->sa.state == IPSEC_STATE_DEAD, "the hard limit is reported");
	is(l, ipsec_sa_get(l->h, &sa.id, &got), -ESRCH, "the SA is gone");
	p.hard.add = 1;
	ipsec_policy_set(l->h, &p, false);
	e = wait_event(l, l->h, IPSEC_EVENT_POLICY_EXPIRE, l->pfkey ? 4 : 15);
	if (l->pfkey) {
		ok(l, e == NULL, "Linux' PF_KEY tells of no policy's limit");
		return;
	}
	ok(l, e != NULL && e->hard && e->policy.hard.add == 1 &&
	    selector_equal(&e->policy.sel, &p.sel) && e->policy.ntmpl == 1,
	    "a policy's limit is reported");
}

static void
test_changes(struct live *l)
{
	struct ipsec_policy p = policy("10.8.0.1", "10.8.0.2", IPSEC_DIR_FWD);
	const struct ipsec_event *e;
	struct ipsec_sa sa = esp(0x8001);

	sa.reqid = 8;
	ipsec_sa_set(l->h, &sa, false);
	e = wait_event(l, l->h, IPSEC_EVENT_SA_NEW, 2);
	ok(l, e != NULL && e->sa.id.spi == 0x8001 && e->sa.enc.id == 12 &&
	    e->sa.auth.icv_bits == 96, "event: new SA");
	ipsec_sa_delete(l->h, &sa.id);
	e = wait_event(l, l->h, IPSEC_EVENT_SA_DELETE, 2);
	ok(l, e != NULL && e->sa.id.spi == 0x8001 && e->sa.reqid == 8,
	    "event: SA deleted");
	sa.id.spi++;
	ipsec_sa_set(l->h, &sa, false);
	ipsec_flush(l->h, IPSEC_FLUSH_SA, IPSEC_PROTO_ESP);
	e = wait_event(l, l->h, IPSEC_EVENT_SA_FLUSH, 2);
	ok(l, e != NULL && e->sa.id.proto == IPSEC_PROTO_ESP,
	    "event: SAs flushed");
	ipsec_policy_set(l->h, &p, false);
	e = wait_event(l, l->h, IPSEC_EVENT_POLICY_NEW, 2);
	ok(l, e != NULL && e->policy.dir == IPSEC_DIR_FWD &&
	    e->policy.ntmpl == 1, "event: new policy");
	ipsec_policy_delete(l->h, &p);
	e = wait_event(l, l->h, IPSEC_EVENT_POLICY_DELETE, 2);
	ok(l, e != NULL && e->policy.dir == IPSEC_DIR_FWD &&
	    selector_equal(&e->policy.sel, &p.sel), "event: policy deleted");
	ipsec_policy_set(l->h, &p, false);
	ipsec_flush(l->h, IPSEC_FLUSH_POLICY, 0);
	e = wait_event(l, l->h, IPSEC_EVENT_POLICY_FLUSH, 2);
	ok(l, e != NULL, "event: policies flushed");
}

/* The peer's ESP in UDP comes from another port than the SA says. */
static void
test_mapping(struct live *l)
{
	struct ipsec_policy p = policy("10.9.0.2", "10.9.0.1", IPSEC_DIR_OUT);
	const struct ipsec_event *e;
	struct ipsec_sa sa = esp(0x9001);
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_port = htons(4500) };
	int	fd = socket(AF_INET, SOCK_DGRAM, 0), on = UDP_ENCAP_ESPINUDP;

	(void)!bind(fd, (struct sockaddr *)&in, sizeof(in));
	(void)!setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &on, sizeof(on));
	sa.id.dst = addr("10.9.0.1");
	sa.src = addr("10.9.0.2");
	sa.reqid = 21;
	sa.encap = (struct ipsec_encap){ .type = 2, .sport = 4500,
	    .dport = 4500 };
	is(l, ipsec_sa_set(l->h, &sa, false), 0, "an SA behind a NAT");
	sa.encap.sport = 4777;
	is(l, ipsec_sa_set(l->far, &sa, false), 0, "and its other end");
	p.tmpl[0].reqid = 21;
	is(l, ipsec_policy_set(l->far, &p, false), 0, "its policy");
	enter(l->there);
	send_udp("10.9.0.1", 7);
	enter(l->here);
	e = wait_event(l, l->h, IPSEC_EVENT_MAPPING, 3);
	ok(l, e != NULL && e->sa.id.spi == 0x9001 && e->sa.reqid == 21 &&
	    e->from.port == 4500 && e->to.port == 4777 &&
	    addr_equal(&e->to, &sa.src), "a NAT that moved is reported");
	close(fd);
}

struct load {
	unsigned int	next, told, failed, disorder, wrong;
};

/* Policy I of the batch; every hundredth one is bad in one of two ways. */
static bool
next_policy(void *ctx, struct ipsec_command *c)
{
	struct load *b = ctx;
	unsigned int i = b->next++;

	if (i >= MANY)
		return false;
	c->op = IPSEC_OP_POLICY_ADD;
	c->policy = policy("10.3.0.0", "10.4.0.0", IPSEC_DIR_OUT);
	if (i % 200 == 100)
		i--;			/* there already */
	else if (i % 200 == 0)
		c->policy.dir = 9;
	c->policy.sel.src.bytes[2] = (uint8_t)(i >> 8);
	c->policy.sel.src.bytes[3] = (uint8_t)i;
	return true;
}

static void
policy_result(void *ctx, size_t nth, int err, const char *reason)
{
	struct load *b = ctx;
	int	want = nth % 200 == 100 ? -EEXIST : nth % 200 == 0 ?
	    -EINVAL : 0;

	b->disorder += nth != b->told++;
	b->failed += err != 0;
	b->wrong += err != want || (reason[0] != '\0') != (err != 0);
}

static bool
next_sa(void *ctx, struct ipsec_command *c)
{
	static const enum ipsec_op ops[] = { IPSEC_OP_SA_FLUSH,
	    IPSEC_OP_SA_ADD, IPSEC_OP_SA_ADD, IPSEC_OP_SA_UPDATE,
	    IPSEC_OP_SA_DELETE, IPSEC_OP_POLICY_FLUSH, IPSEC_OP_POLICY_UPDATE,
	    IPSEC_OP_POLICY_DELETE, IPSEC_OP_SA_ADD };
	unsigned int *i = ctx;

	if (*i >= sizeof(ops) / sizeof(ops[0]))
		return false;
	c->op = ops[*i];
	c->sa = esp(0xa001);
	if (c->op == IPSEC_OP_SA_FLUSH)
		c->sa.id.proto = 0;
	c->policy = policy("10.5.0.1", "10.5.0.2", IPSEC_DIR_IN);
	++*i;
	return true;
}

static bool
no_command(void *ctx, struct ipsec_command *c)
{
	(void)ctx;
	(void)c;
	return false;
}

static void
test_batch(struct live *l)
{
	struct load b = { .next = 0 };
	struct seen s = { .l = l };
	unsigned int i = 0;

	is(l, ipsec_batch(l->h, next_policy, policy_result, &b), MANY / 100,
	    "a batch of 10,000 policies, 100 of them bad");
	ok(l, b.told == MANY && b.disorder == 0 && b.failed == MANY / 100,
	    "every result is told, in order");
	ok(l, b.wrong == 0, "each failure has its own errno and reason");
	is(l, ipsec_policy_dump(l->h, NULL, see_policy, &s), 0, "dump");
	ok(l, s.n == MANY - MANY / 100, "the good ones are in");
	is(l, ipsec_batch(l->h, next_sa, NULL, &i), 1, "all kinds of commands");
	ok(l, count_sas(l, NULL) == 1, "with the one SA that is left");
	is(l, ipsec_batch(l->h, no_command, NULL, NULL), 0, "no command");
}

/* Events nobody reads: more than the buffer holds. */
static void
test_overflow(struct live *l)
{
	struct load b = { .next = 0 };
	const struct ipsec_event *e;
	struct ipsec_sa sa = esp(0xb001);

	ipsec_batch(l->h, next_policy, NULL, &b);
	ipsec_flush(l->h, IPSEC_FLUSH_POLICY, 0);
	b.next = 0;
	ipsec_batch(l->h, next_policy, NULL, &b);
	for (int i = 0; i < 10; i++)
		ipsec_events(l->h, keep_event, l);
	ok(l, l->resyncs == 1, "lost events show up as one RESYNC (%u)",
	    l->resyncs);
	ipsec_sa_set(l->h, &sa, false);
	e = wait_event(l, l->h, IPSEC_EVENT_SA_NEW, 2);
	ok(l, e != NULL && e->sa.id.spi == 0xb001, "then listening goes on");
}

static void
run(struct live *l, const char *backend)
{
	static void (*const tests[])(struct live *) = { test_handles, test_sa,
	    test_kinds, test_features, test_larval, test_dump, test_policy,
	    test_acquire, test_acquire_tunnel, test_expire, test_changes,
	    test_mapping, test_batch, test_overflow, test_nobody };

	printf("# %s\n", backend);
	open_handles(l, backend);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		clean(l);
		tests[i](l);
	}
	clean(l);
	close_handles(l);
}

/* Which back ends are there, and which one is taken unasked? */
static void
run_all(struct live *l)
{
	const char *pfkey = getenv("PFKEY");
	struct ipsec *h;

	unsetenv("IPSEC_BACKEND");
	run(l, "xfrm");
	is(l, ipsec_open(&h, NULL), 0, "open without a name");
	ok(l, strcmp(ipsec_backend(h), "xfrm") == 0, "takes XFRM first");
	ipsec_close(h);
	if (pfkey != NULL && strcmp(pfkey, "1") == 0) {
		run(l, "pfkey");
		setenv("IPSEC_BACKEND", "pfkey", 1);
		is(l, ipsec_open(&h, NULL), 0, "open by the environment");
		ok(l, strcmp(ipsec_backend(h), "pfkey") == 0, "is obeyed");
		ipsec_close(h);
	} else {
		is(l, ipsec_open(&h, "pfkey"), -EPROTONOSUPPORT,
		    "this kernel has no PF_KEY");
	}
}

int
main(void)
{
	struct live l = { .n = 0 };

	make_namespaces(&l);
	run_all(&l);
	kill(l.keeper, SIGKILL);
	printf("1..%u\n", l.n);
	return l.bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
