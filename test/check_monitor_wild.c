/* SPDX-License-Identifier: ISC */
/*
 * Whatever a worker asks for that is not what it was, nothing outside of the
 * monitor's table is to be had: each request by what it must not have, and
 * thousands at random.
 */
#include "test/monitor_stage.h"
#include "test/own_network.h"

#define WILD		6000		/* requests */

/* ---- each request of the table ---- */

static bool
refused_or(const struct stage *s, bool asked, int result)
{
	return !asked || s->a.result == result;
}

static bool
out_getspi(struct stage *s)
{
	s->m.sa.offload.kind = IPSEC_OFFLOAD_CRYPTO;
	return !ask(s, MON_GETSPI);
}

static bool
out_sa_set(struct stage *s)
{
	s->m.sa.output_mark.value = 1;
	return !ask(s, MON_SA_SET);
}

/* What is no SA of IPsec: a state of IPIP, say. */
static bool
out_sa(struct stage *s, enum mon_op op)
{
	ck_assert(addr_parse(&s->m.id.dst, "192.0.2.1"));
	s->m.id.proto = IPPROTO_IPIP;
	s->m.filter.proto = IPPROTO_IPIP;
	return refused_or(s, ask(s, op), -EINVAL);
}

static bool
out_sa_get(struct stage *s)
{
	return out_sa(s, MON_SA_GET);
}

static bool
out_sa_delete(struct stage *s)
{
	return out_sa(s, MON_SA_DELETE);
}

static bool
out_sa_dump(struct stage *s)
{
	return out_sa(s, MON_SA_DUMP) && s->parts.n == 0;
}

static bool
out_policy_set(struct stage *s)
{
	good_policy(&s->m.policy);
	s->m.policy.action = IPSEC_ACTION_DISCARD;
	return !ask(s, MON_POLICY_SET) && s->kernel.sets == 0;
}

static bool
out_policy_get(struct stage *s)
{
	s->m.policy.dir = 77;
	return refused_or(s, ask(s, MON_POLICY_GET), -EINVAL);
}

static bool
out_policy_delete(struct stage *s)
{
	s->kernel.has = true;		/* an administrator's */
	s->m.policy.index = 8;
	return refused_or(s, ask(s, MON_POLICY_DELETE), -EPERM) &&
	    s->kernel.deletes == 0;
}

static bool
out_policy_dump(struct stage *s)
{
	s->m.filter.stream = 1;		/* the kernel asserts */
	return ask(s, MON_POLICY_DUMP);
}

static bool
out_flush(struct stage *s)
{
	s->m.num[0] = IPSEC_FLUSH_POLICY;
	return !ask(s, MON_FLUSH) && s->kernel.flushes == 0;
}

static bool
out_can(struct stage *s)
{
	s->m.num[0] = UINT32_MAX;
	return !ask(s, MON_CAN);
}

static bool
out_listen(struct stage *s)
{
	s->m.num[0] = UINT32_MAX;
	return !ask(s, MON_LISTEN);
}

static bool
is_memory(const struct stage *s)
{
	char link[64], to[64] = "";

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", s->fd);
	return readlink(link, to, sizeof(to) - 1) > 0 &&
	    strncmp(to, "/memfd:racoon", 13) == 0;
}

static bool
out_conf(struct stage *s)
{
	return ask(s, MON_CONF) && is_memory(s);
}

static bool
out_keep(struct stage *s)
{
	ck_assert(ask(s, MON_CONF) && ask(s, MON_CONF));
	s->m.num[0] = 2;
	return !ask(s, MON_KEEP);
}

static bool
out_open(struct stage *s)
{
	return !ask_path(s, MON_OPEN, MON_FILE_CERT, "/etc/shadow");
}

static bool
out_list(struct stage *s)
{
	return !ask_path(s, MON_LIST, 0, "/root");
}

static bool
out_key(struct stage *s)
{
	return !ask_path(s, MON_KEY, 0, "/etc/ssl/private/other.pem");
}

static bool
out_bind(struct stage *s)
{
	return !ask_bind(s, "127.0.0.1", 53, 0);
}

static bool
out_raw(struct stage *s)
{
	return !ask_raw(s, AF_INET, IPPROTO_RAW);
}

static bool
out_source(struct stage *s)
{
	s->m.addr.family = AF_UNIX;
	return !ask(s, MON_SOURCE);
}

static bool
out_admin(struct stage *s)
{
	put_file(s, "racoon.conf", view_text("listen { adminsock disabled; }"),
	    0600);
	ck_assert_int_eq(table_read(&s->t), OK);
	table_keep(&s->t, true);
	return !ask(s, MON_ADMIN);
}

/* racoon.conf has no metrics. */
static bool
out_metrics(struct stage *s)
{
	return !ask(s, MON_METRICS);
}

static bool
out_hook(struct stage *s)
{
	return !ask_hook(s, CONF_PHASE1_UP, "/bin/sh", "REMOTE_ADDR=1", 14);
}

static bool
out_hooks(struct stage *s)
{
	return ask(s, MON_HOOKS) && s->a.num[0] == 0 && s->fd == -1;
}

static bool
out_give(struct stage *s)
{
	return ask(s, MON_GIVE) && is_memory(s) && !ask(s, MON_GIVE);
}

static bool
out_given(struct stage *s)
{
	return !ask(s, MON_GIVEN);
}

static bool
out_take(struct stage *s)
{
	return refused_or(s, ask(s, MON_TAKE), -ENOENT);
}

static bool
out_sign(struct stage *s)
{
	s->m.num[0] = P1_METHOD_RSA;
	s->m.more = view_text("anything that is no hash");
	return !ask_on(s, MON_SIGNS, MON_SIGN);
}

/* What is outside of each: true, it was not to be had. */
static bool (*const outside[MON_OP_END])(struct stage *) = {
	[MON_GETSPI] = out_getspi, [MON_SA_SET] = out_sa_set,
	[MON_SA_GET] = out_sa_get, [MON_SA_DELETE] = out_sa_delete,
	[MON_SA_DUMP] = out_sa_dump, [MON_POLICY_SET] = out_policy_set,
	[MON_POLICY_GET] = out_policy_get,
	[MON_POLICY_DELETE] = out_policy_delete,
	[MON_POLICY_DUMP] = out_policy_dump, [MON_FLUSH] = out_flush,
	[MON_CAN] = out_can, [MON_LISTEN] = out_listen,
	[MON_CONF] = out_conf, [MON_KEEP] = out_keep, [MON_OPEN] = out_open,
	[MON_LIST] = out_list, [MON_KEY] = out_key, [MON_BIND] = out_bind,
	[MON_RAW] = out_raw, [MON_SOURCE] = out_source,
	[MON_ADMIN] = out_admin, [MON_METRICS] = out_metrics,
	[MON_HOOK] = out_hook,
	[MON_HOOKS] = out_hooks, [MON_GIVE] = out_give,
	[MON_GIVEN] = out_given, [MON_TAKE] = out_take,
	[MON_SIGN] = out_sign,
};

/* As bytes, with one more, one less, as an answer. */
static bool
ask_bytes(struct stage *s, enum mon_channel channel, struct view v)
{
	bool good;

	buf_reset(&s->answer);
	good = table_ask(&s->t, channel, v, &s->answer, &s->fd, &s->why);
	if (s->fd != -1)
		(void)close(s->fd);
	s->fd = -1;
	return good;
}

static void
check_frame(struct stage *s, enum mon_op op, enum mon_channel channel)
{
	struct mon_msg *m = xcalloc(1, sizeof(*m));
	struct buf b;

	m->op = op;
	m->text = m->more = view_of("", 0);
	buf_init(&b, MON_MAX);
	mon_put(&b, m);
	ck_assert(!ask_bytes(s, channel, view_of(b.p, b.n - 1)));
	buf_u8(&b, 0);
	ck_assert(!ask_bytes(s, channel, buf_view(&b)));
	buf_reset(&b);
	m->answer = true;
	mon_put(&b, m);
	ck_assert(!ask_bytes(s, channel, buf_view(&b)));
	buf_fini(&b);
	free(m);
}

/* Does the table know it, on this channel? */
static bool
is_request(struct stage *s, enum mon_channel channel, enum mon_op op)
{
	return ask_on(s, channel, op) ||
	    strcmp(s->why, "sent what is no request") != 0;
}

/* As if nothing had been asked for. */
static void
anew(struct stage *s)
{
	put_conf(s);
	table_begin(&s->t);
	ck_assert_int_eq(table_read(&s->t), OK);
	table_keep(&s->t, true);
	buf_reset(&s->parts);
	memset(&s->kernel, 0, sizeof(s->kernel));
}

/* A request that is new has to have a row here. */
START_TEST(every_request)
{
	struct stage *s = stage_new();
	unsigned int calls = 0, signs = 0;

	for (int i = 1; i < MON_OP_END; i++) {
		const enum mon_op op = (enum mon_op)i;
		bool call = is_request(s, MON_CALLS, op);
		bool sign = is_request(s, MON_SIGNS, op);

		ck_assert(!call || !sign);
		ck_assert_msg((call || sign) == (outside[op] != NULL),
		    "%s: what is outside of it is not tested", mon_name(op));
		calls += call;
		signs += sign;
		check_frame(s, op, MON_CALLS);
		check_frame(s, op, MON_SIGNS);
		anew(s);
		ck_assert_msg(outside[op] == NULL || outside[op](s), "%s",
		    mon_name(op));
		anew(s);
	}
	stage_free(s);
	ck_assert_uint_gt(calls, 20);
	ck_assert_uint_eq(signs, 1);
}
END_TEST

/* ---- wild ---- */

static uint32_t
next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

/* Where a descriptor leads is one of the few places. */
static void
check_fd(const struct stage *s)
{
	char link[64], to[256], *psk = in_dir(s, "psk.txt"),
	    *cert = in_dir(s, "cert.pem");
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", s->fd);
	n = readlink(link, to, sizeof(to) - 1);
	ck_assert_int_gt(n, 0);
	to[n] = '\0';
	ck_assert_msg(strcmp(to, psk) == 0 || strcmp(to, cert) == 0 ||
	    strncmp(to, "/memfd:racoon", 13) == 0 ||
	    strncmp(to, "socket:", 7) == 0 || strncmp(to, "/proc/", 6) == 0,
	    "%s", to);
	free(psk);
	free(cert);
}

static void
wild_text(const struct stage *s, uint64_t *seed, struct mon_msg *m)
{
	static const char *const text[] = { "/etc/shadow", "/etc/passwd", "/",
		"", "/bin/sh", "/bin/true", "../../etc/shadow" };
	static const char *const name[] = { "psk.txt", "cert.pem", "key.pem",
		"both.pem", "other.txt", "racoon.conf", "12345678.0" };
	static char path[256];
	const uint32_t which = next(seed) % 14;

	if (which < 7) {
		m->text = view_text(text[which]);
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/%s", s->dir, name[which - 7]);
	m->text = view_text(path);
}

/* A well-formed request with anything in it, of which some bytes change. */
static void
wild(const struct stage *s, uint64_t *seed, struct buf *out)
{
	struct mon_msg m;
	uint8_t byte;

	memset(&m, 0, sizeof(m));
	if (next(seed) % 2 == 0)
		for (size_t i = 0; i < sizeof(m.sa) / 8; i++)
			((uint8_t *)&m.sa)[next(seed) % sizeof(m.sa)] =
			    (uint8_t)next(seed);
	good_policy(&m.policy);
	m.op = (enum mon_op)(1 + next(seed) % (MON_OP_END - 1));
	m.answer = next(seed) % 16 == 0;
	m.num[0] = next(seed) % 4 == 0 ? next(seed) : next(seed) % 4;
	m.num[1] = next(seed) % 4 == 0 ? next(seed) : next(seed) % 64;
	m.more = view_of("wild bytes are here", next(seed) % 20);
	ck_assert(addr_parse(&m.addr, next(seed) % 2 == 0 ? "127.0.0.1" :
	    "::1"));
	m.addr.port = (uint16_t)next(seed);
	wild_text(s, seed, &m);
	mon_put(out, &m);
	for (uint32_t i = next(seed) % 4; i > 0 && out->n > 1; i--) {
		byte = (uint8_t)next(seed);
		buf_patch(out, 1 + next(seed) % (out->n - 1),
		    view_of(&byte, 1));
	}
	if (next(seed) % 8 == 0)
		buf_cut(out, next(seed) % (out->n + 1));
}

START_TEST(hostile)
{
	struct stage *s = stage_new();
	struct view secret = buf_view(&s->secret), line;
	uint8_t *room = xcalloc(1, TEXT_MAX);
	uint64_t seed = 1;
	unsigned int refused = 0, served = 0;
	struct buf b;

	/* of its private half: the public one is in the certificate, too */
	(void)view_take(&secret, 1000);
	line = view_take(&secret, 60);
	buf_init(&b, MON_MAX);
	for (unsigned int i = 0; i < WILD; i++) {
		buf_reset(&b);
		buf_reset(&s->answer);
		buf_reset(&s->parts);
		wild(s, &seed, &b);
		/* CONF is costly, SOURCE and HOOK are of the system */
		if (b.n > 0 && b.p[0] == MON_CONF && i % 64 != 0)
			continue;
		if (!table_ask(&s->t, i % 8 == 0 ? MON_SIGNS : MON_CALLS,
		    buf_view(&b), &s->answer, &s->fd, &s->why)) {
			ck_assert_int_eq(s->fd, -1);
			refused++;
			continue;
		}
		served++;
		ck_assert(!has(buf_view(&s->answer), line));
		if (s->fd == -1)
			continue;
		check_fd(s);
		ck_assert_msg(!has(contents(s, room, TEXT_MAX), line),
		    "%s gave a key away", mon_name((enum mon_op)b.p[0]));
		(void)close(s->fd);
		s->fd = -1;
	}
	ck_assert_uint_gt(refused, WILD / 10);
	ck_assert_uint_gt(served, WILD / 10);
	buf_fini(&b);
	free(room);
	stage_free(s);
}
END_TEST

/* ---- a kernel of our own ---- */

/* Some bytes are not what they were. */
static void
scratch(uint64_t *seed, void *p, size_t n)
{
	for (uint32_t i = next(seed) % 6; i > 0; i--)
		((uint8_t *)p)[next(seed) % n] = next(seed) % 3 == 0 ?
		    0xff : (uint8_t)next(seed);
}

static void
good_sa(struct ipsec_sa *sa, uint64_t *seed)
{
	ck_assert(addr_parse(&sa->id.dst, "192.0.2.1"));
	ck_assert(addr_parse(&sa->src, "192.0.2.2"));
	sa->id.spi = 256 + next(seed) % 64;
	sa->id.proto = next(seed) % 2 == 0 ? IPSEC_PROTO_ESP : IPSEC_PROTO_AH;
	sa->mode = (uint8_t)(next(seed) % 4);
	sa->enc = (struct ipsec_key){ .id = 12, .key_bits = 128,
	    .present = sa->id.proto == IPSEC_PROTO_ESP };
	sa->auth = (struct ipsec_key){ .id = 3, .key_bits = 160,
	    .present = 1 };
	sa->has_sel = next(seed) % 2;
	sa->encap.type = next(seed) % 4 == 0 ? 2 : 0;
}

static const enum mon_op kernel_op[] = { MON_GETSPI, MON_SA_SET, MON_SA_GET,
	MON_SA_DELETE, MON_SA_DUMP, MON_POLICY_SET, MON_POLICY_GET,
	MON_POLICY_DELETE, MON_POLICY_DUMP, MON_CAN };

static bool
ask_kernel(struct stage *s, uint64_t *seed)
{
	const enum mon_op op = kernel_op[next(seed) %
	    (sizeof(kernel_op) / sizeof(kernel_op[0]))];
	struct buf b;
	struct mon_msg *m = &s->m;
	bool good;

	memset(m, 0, sizeof(*m));
	m->text = m->more = view_of("", 0);
	m->op = op;
	good_sa(&m->sa, seed);
	scratch(seed, &m->sa, sizeof(m->sa));
	m->id = m->sa.id;
	good_policy(&m->policy);
	scratch(seed, &m->policy, sizeof(m->policy));
	m->alg = m->sa.auth;
	scratch(seed, &m->filter, sizeof(m->filter));
	m->num[0] = op == MON_GETSPI ? 256 + next(seed) % 16 : next(seed) % 5;
	m->num[1] = op == MON_GETSPI ? 300 : 0;
	buf_init(&b, MON_MAX);
	mon_put(&b, m);
	buf_reset(&s->parts);
	good = ask_bytes(s, MON_CALLS, buf_view(&b)) &&
	    mon_get(buf_view(&s->answer), &s->a) == OK && s->a.result >= 0;
	buf_fini(&b);
	return good;
}

/* The way to the kernel takes whatever the checks let pass. */
START_TEST(to_a_kernel)
{
	struct stage *s = stage_new();
	struct ipsec *toy = s->t.ipsec, *real = NULL;
	unsigned int served = 0;
	uint64_t seed = 7;

	if (!own_network() || ipsec_open(&real, "xfrm") < 0) {
		(void)fprintf(stderr, "SKIP to_a_kernel: needs a network "
		    "namespace and XFRM\n");
		stage_free(s);
		return;
	}
	s->t.ipsec = real;
	for (unsigned int i = 0; i < WILD; i++)
		served += ask_kernel(s, &seed);
	ck_assert_uint_gt(served, WILD / 20);
	s->t.ipsec = toy;
	ipsec_close(real);
	stage_free(s);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { every_request, hostile, to_a_kernel };

	return suite_main("monitor_wild", tests,
	    sizeof(tests) / sizeof(tests[0]));
}
