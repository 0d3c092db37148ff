/* SPDX-License-Identifier: ISC */
/*
 * A script that flushes the policies, applied as a difference, over a kernel
 * with Linux' rules: the result is that of one command after the other, what
 * stays is not touched, and a refusal leaves nothing behind.
 */
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/policy.h"
#include "setkey/parse.h"
#include "setkey/run.h"
#include "test/fake_spd.h"

#define SEEDS	400

/* What setkey said, and what it returned. */
struct said {
	char	*err, *out;
	long	 result;
};

static void
said_free(struct said *s)
{
	free(s->err);
	free(s->out);
}

/* The network devices of this host; nothing else has a name here. */
static int
device(void *ctx, const char *name)
{
	(void)ctx;
	return (int)if_nametoindex(name);
}

/* DRY: prints the difference. */
static void
run(struct fake_spd *f, const char *text, uint32_t line, bool dry,
    struct said *said)
{
	size_t err, out;
	struct report report = { .out = open_memstream(&said->err, &err),
	    .file = "x" };
	struct run_options opt = { .report = &report, .fwd = true };
	static const struct resolver names = { .device = device };
	struct parse_env env = { &names, report_diag, &report };
	struct ipsec *h = fake_spd_open(f);
	struct script s;

	opt.show.out = open_memstream(&said->out, &out);
	ck_assert(h != NULL && report.out != NULL && opt.show.out != NULL);
	script_init(&s);
	ck_assert(script_parse(&s, view_text(text), line, &env));
	said->result = dry ? run_difference(h, &s, &opt) :
	    run_script(h, &s, &opt);
	script_fini(&s);
	ipsec_close(h);
	ck_assert_int_eq(fclose(report.out) | fclose(opt.show.out), 0);
}

/* Runs it; it must say ERR, and print OUT if it is dry. */
static void
must(struct fake_spd *f, const char *text, bool dry, const char *want)
{
	struct said said;

	run(f, text, 1, dry, &said);
	ck_assert_str_eq(dry ? said.out : said.err, want);
	said_free(&said);
}

/* The same, one command after the other: a command is a line. */
static void
run_singly(struct fake_spd *f, const char *text, struct said *all)
{
	size_t n;
	FILE *err = open_memstream(&all->err, &n);
	char one[512];
	uint32_t line = 1;

	ck_assert_ptr_nonnull(err);
	all->out = NULL;
	all->result = 0;
	for (; *text != '\0'; text += strlen(one), line++) {
		struct said said;

		snprintf(one, sizeof(one), "%.*s",
		    (int)(strchr(text, '\n') - text + 1), text);
		run(f, one, line, false, &said);
		all->result += said.result;
		fputs(said.err, err);
		said_free(&said);
	}
	ck_assert_int_eq(fclose(err), 0);
}

static uint32_t
random_below(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % n;
}

static const char *
pick(uint64_t *seed, const char *const *from, uint32_t n)
{
	return from[random_below(seed, n)];
}

#define PICK(seed, from)	pick(seed, from, sizeof(from) / sizeof(from[0]))

static const char *const nets[] = {
	"10.0.0.0/8", "10.1.0.0/16", "10.1.1.1", "10.2.0.0/16", "10.1.1.1[22]",
	"0.0.0.0/0"
};
static const char *const protos[] = { "any", "tcp" };
static const char *const dirs[] = { "in", "out", "fwd" };
static const char *const prios[] = { "", "", "prio def + 1 ", "prio def - 1 " };
static const char *const actions[] = {
	"none", "discard", "ipsec esp/transport//require",
	"ipsec esp/transport//use", "ipsec esp/transport//unique",
	"ipsec esp/transport//unique:7",
	"ipsec ipcomp/transport//use esp/tunnel/192.0.2.1-192.0.2.2/unique"
};

/* Flushes are rare: about one in sixteen. */
static void
random_command(uint64_t *seed, char *out, size_t size)
{
	static const char *const verbs[] = {
		"spdadd", "spdadd", "spdadd", "spdupdate", "spddelete"
	};
	const char *verb = PICK(seed, verbs), *src = PICK(seed, nets),
	    *dst = PICK(seed, nets), *proto = PICK(seed, protos),
	    *dir = PICK(seed, dirs), *prio = PICK(seed, prios);

	if (random_below(seed, 16) == 0)
		snprintf(out, size, "spdflush;\n");
	else
		snprintf(out, size, "%s %s %s %s -P %s %s%s;\n", verb, src,
		    dst, proto, dir, prio, PICK(seed, actions));
}

static void
random_script(uint64_t *seed, uint32_t commands, bool flush, char *out,
    size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < commands; i++) {
		if (flush && i == commands / 8)
			n += (size_t)snprintf(out + n, size - n,
			    "spdflush;\n");
		random_command(seed, out + n, size - n);
		n += strlen(out + n);
	}
}

/* Of others: with if_id or mark, of sockets, sub policies. */
static void
add_foreign(struct fake_spd *f, uint64_t *seed)
{
	for (uint32_t i = 0; i < 6; i++) {
		struct ipsec_policy p = { .dir = IPSEC_DIR_OUT,
		    .action = IPSEC_ACTION_DISCARD, .priority = 5 };

		ck_assert(addr_parse(&p.sel.src, "10.1.1.1"));
		ck_assert(addr_parse(&p.sel.dst, "10.0.0.0"));
		p.sel.src_prefix = 32;
		p.sel.dst_prefix = 8;
		if (i == 0)
			p.if_id = random_below(seed, 3);
		else if (i == 1)
			p.mark = (struct ipsec_mark){ 1, 0xff };
		else if (i == 2)
			p.dir = IPSEC_DIR_SOCKET_OUT;
		else if (i == 3)
			p.sub = 1;
		else if (i == 4)
			p.hard.add = 3600;
		else
			p.sel.proto = 17;
		(void)fake_spd_set(f, &p, true);
	}
}

static bool
overlap(const struct ipsec_policy *a, const struct ipsec_policy *b)
{
	const struct ipsec_selector *x = &a->sel, *y = &b->sel;
	uint8_t src = x->src_prefix < y->src_prefix ? x->src_prefix :
	    y->src_prefix;
	uint8_t dst = x->dst_prefix < y->dst_prefix ? x->dst_prefix :
	    y->dst_prefix;

	return a->dir == b->dir && a->sub == b->sub && a->if_id == b->if_id &&
	    addr_in(&x->src, &y->src, src) && addr_in(&x->dst, &y->dst, dst) &&
	    (x->proto == 0 || y->proto == 0 || x->proto == y->proto) &&
	    (x->src.port == 0 || y->src.port == 0 ||
	    x->src.port == y->src.port) &&
	    (x->dst.port == 0 || y->dst.port == 0 ||
	    x->dst.port == y->dst.port);
}

/* The same value; CHOSEN: reqids that were chosen may differ. */
static bool
same_value(const struct ipsec_policy *a, const struct ipsec_policy *b,
    bool chosen)
{
	bool same = a->action == b->action && a->priority == b->priority &&
	    a->ntmpl == b->ntmpl && a->hard.add == b->hard.add;

	for (uint8_t i = 0; same && i < a->ntmpl; i++) {
		struct ipsec_tmpl t = b->tmpl[i];

		if (chosen && t.reqid > POLICY_REQID_MANUAL &&
		    a->tmpl[i].reqid > POLICY_REQID_MANUAL)
			t.reqid = a->tmpl[i].reqid;
		same = memcmp(&a->tmpl[i], &t, sizeof(t)) == 0;
	}
	return same;
}

/* B has just what A has, and packets find the same policies. */
static void
must_equal(const struct fake_spd *a, const struct fake_spd *b, bool chosen,
    uint64_t seed)
{
	ck_assert_msg(a->n == b->n, "seed %llu: %zu, not %zu policies",
	    (unsigned long long)seed, b->n, a->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct fake_policy *x = fake_spd_find(b, &a->one[i].p);

		ck_assert_msg(x != NULL && same_value(&a->one[i].p, &x->p,
		    chosen), "seed %llu: a policy differs",
		    (unsigned long long)seed);
		for (size_t j = 0; j < a->n; j++) {
			const struct fake_policy *y = fake_spd_find(b,
			    &a->one[j].p);

			if (i == j || y == NULL ||
			    !overlap(&a->one[i].p, &a->one[j].p))
				continue;
			ck_assert_msg(fake_spd_before(&a->one[i],
			    &a->one[j]) == fake_spd_before(x, y),
			    "seed %llu: order differs",
			    (unsigned long long)seed);
		}
	}
}

/* Chosen reqids are nobody else's. */
static void
must_be_unique(const struct fake_spd *f, uint64_t seed)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t j = 0; j < f->n * IPSEC_TMPL_MAX; j++) {
			const struct ipsec_policy *a = &f->one[i].p,
			    *b = &f->one[j / IPSEC_TMPL_MAX].p;
			uint32_t id = b->tmpl[j % IPSEC_TMPL_MAX].reqid;

			for (uint8_t k = 0; k < a->ntmpl && a != b; k++)
				ck_assert_msg(id <= POLICY_REQID_MANUAL ||
				    a->tmpl[k].reqid != id,
				    "seed %llu: reqid %u twice",
				    (unsigned long long)seed, id);
		}
}

/* What has stayed as it was has its index and, if nothing moved, its place. */
static void
must_keep(const struct fake_spd *before, const struct fake_spd *after,
    uint64_t seed)
{
	for (size_t i = 0; i < before->n; i++) {
		const struct fake_policy *x = fake_spd_find(after,
		    &before->one[i].p);

		if (x != NULL)
			ck_assert_msg(x->p.index == before->one[i].p.index,
			    "seed %llu: an index has changed",
			    (unsigned long long)seed);
	}
}

/* A table with a past: other scripts, and policies of others. */
static void
random_table(struct fake_spd *f, uint64_t *seed, char *text, size_t size)
{
	struct said said;

	memset(f, 0, sizeof(*f));
	random_script(seed, 3 + random_below(seed, 25), false, text, size);
	run(f, text, 1, false, &said);
	said_free(&said);
	add_foreign(f, seed);
	/* What was changed in its place looks new in a dump; no one can tell. */
	for (size_t i = 0; i < f->n; i++)
		f->one[i].place = f->one[i].age;
}

START_TEST(like_one_by_one)
{
	static struct fake_spd start, singly, diff;
	char text[16384];

	for (uint64_t n = 1; n <= SEEDS; n++) {
		struct said one, all;
		uint64_t seed = n;

		random_table(&start, &seed, text, sizeof(text));
		singly = diff = start;
		random_script(&seed, 1 + random_below(&seed, 30), true, text,
		    sizeof(text));
		diff.again = random_below(&seed, 3);
		run_singly(&singly, text, &one);
		run(&diff, text, 1, false, &all);
		ck_assert_msg(strcmp(one.err, all.err) == 0 &&
		    one.result == all.result,
		    "seed %llu: %s--- not\n%s--- for\n%s",
		    (unsigned long long)n, all.err, one.err, text);
		must_equal(&singly, &diff, true, n);
		must_be_unique(&diff, n);
		if (diff.n > 2)
			must_keep(&start, &diff, n);
		said_free(&one);
		said_free(&all);
	}
}
END_TEST

/* Once more, without errors of its own: nothing is to be done. */
START_TEST(again_changes_nothing)
{
	static struct fake_spd f;
	char text[16384];

	for (uint64_t n = 1; n <= SEEDS; n++) {
		struct said said;
		unsigned int changes;
		uint64_t seed = n;

		random_table(&f, &seed, text, sizeof(text));
		random_script(&seed, 8 + random_below(&seed, 30), true, text,
		    sizeof(text));
		run(&f, text, 1, false, &said);
		said_free(&said);
		changes = f.changes;
		run(&f, strstr(text, "spdflush"), 1, false, &said);
		said_free(&said);
		/* A table that ends empty is flushed again. */
		ck_assert_msg(f.changes == changes || f.n <= 2,
		    "seed %llu: %u changes\n%s", (unsigned long long)n,
		    f.changes - changes, text);
	}
}
END_TEST

/* At each step the kernel may refuse: then all is as it was. */
START_TEST(refusals)
{
	static struct fake_spd start, f;
	char text[16384];
	unsigned int tried = 0;

	for (uint64_t n = 1; n <= SEEDS / 8; n++) {
		uint64_t seed = n;
		size_t most;

		random_table(&start, &seed, text, sizeof(text));
		random_script(&seed, 8 + random_below(&seed, 20), true, text,
		    sizeof(text));
		for (unsigned int at = 1; at < 60; at++) {
			struct said said;

			f = start;
			f.refuse = at;
			run(&f, text, 1, false, &said);
			most = strlen(said.err);
			said_free(&said);
			if (f.refuse > 0 || f.n <= 2)
				break;
			ck_assert_uint_gt(most, 0);
			must_equal(&start, &f, false, n * 100 + at);
			must_equal(&f, &start, false, n * 100 + at);
			tried++;
		}
	}
	ck_assert_uint_gt(tried, SEEDS / 8);
}
END_TEST

#define ADD(dst)	"spdadd 10.0.0.1 " dst " any -P out ipsec " \
			"esp/transport//require;\n"

/* A peer goes, another one comes: two changes, and never fewer policies. */
START_TEST(a_peer_changes)
{
	static struct fake_spd f;
	const struct fake_policy *kept;
	struct ipsec_policy key = { .dir = IPSEC_DIR_OUT };
	uint32_t index;

	memset(&f, 0, sizeof(f));
	must(&f, "spdflush;" ADD("10.1.0.1") ADD("10.1.0.2") ADD("10.1.0.3"),
	    false, "");
	ck_assert(addr_parse(&key.sel.src, "10.0.0.1") &&
	    addr_parse(&key.sel.dst, "10.1.0.3"));
	key.sel.src_prefix = key.sel.dst_prefix = 32;
	ck_assert_ptr_nonnull(kept = fake_spd_find(&f, &key));
	index = kept->p.index;
	f.changes = 0;
	f.least = 3;
	must(&f, "spdflush;" ADD("10.1.0.4") ADD("10.1.0.1") ADD("10.1.0.3"),
	    true, "+ spdadd 10.0.0.1 10.1.0.4 any -P out prio def ipsec "
	    "esp/transport//require;\n"
	    "- spddelete 10.0.0.1 10.1.0.2 any -P out;\n");
	ck_assert_uint_eq(f.changes, 0);
	must(&f, "spdflush;" ADD("10.1.0.4") ADD("10.1.0.1") ADD("10.1.0.3"),
	    false, "");
	ck_assert_uint_eq(f.changes, 2);
	ck_assert(!f.gap);
	ck_assert_ptr_nonnull(kept = fake_spd_find(&f, &key));
	ck_assert_uint_eq(kept->p.index, index);
}
END_TEST

/* What goes before another one of the same priority is for the script to say. */
START_TEST(order_counts)
{
	static const char net[] = "spdadd 10.0.0.0/8 10.0.0.0/8 any -P out "
	    "ipsec esp/transport//require;\n", ssh[] =
	    "spdadd 10.0.0.1 10.0.0.2[22] tcp -P out none;\n";
	static struct fake_spd f;
	char text[512];
	struct fake_policy *a, *b;

	memset(&f, 0, sizeof(f));
	snprintf(text, sizeof(text), "spdflush;\n%s", net);
	must(&f, text, false, "");
	snprintf(text, sizeof(text), "spdflush;\n%s%s", ssh, net);
	must(&f, text, true, "+ spdadd 10.0.0.1 10.0.0.2[22] 6 -P out prio def "
	    "none;\n~ spdupdate 10.0.0.0/8 10.0.0.0/8 any -P out prio def "
	    "ipsec esp/transport//require; # behind others of its priority\n");
	must(&f, text, false, "");
	ck_assert_uint_eq(f.n, 2);
	a = &f.one[f.one[0].p.sel.proto == 6 ? 0 : 1];
	b = &f.one[f.one[0].p.sel.proto == 6 ? 1 : 0];
	ck_assert(fake_spd_before(a, b));
	ck_assert_uint_eq(b->p.priority, a->p.priority);
	f.changes = 0;
	must(&f, text, false, "");
	ck_assert_uint_eq(f.changes, 0);
}
END_TEST

START_TEST(what_is_said)
{
	static struct fake_spd f;

	memset(&f, 0, sizeof(f));
	must(&f, "spdflush;" ADD("10.1.0.1"), false, "");
	/* Errors of the script's own making leave the rest alone. */
	must(&f, "spdflush;\n" ADD("10.1.0.1") ADD("10.1.0.1")
	    "spddelete 10.9.0.1 10.1.0.1 any -P out;\n" ADD("10.1.0.2"),
	    false, "setkey: x:3: File exists\nsetkey: x:4: No entry\n");
	ck_assert_uint_eq(f.n, 2);
	/* The kernel's refusal does not. */
	f.refuse = 2;
	must(&f, "spdflush;\n" ADD("10.1.0.3") ADD("10.1.0.4"), false,
	    "setkey: x:1: the policies are as they were before\n"
	    "setkey: x:3: Invalid argument\n");
	ck_assert_uint_eq(f.n, 2);
	/* It may refuse to take back, too. */
	f.refuse = 2;
	f.deaf = true;
	must(&f, "spdflush;\n" ADD("10.1.0.3") ADD("10.1.0.4"), false,
	    "setkey: x:1: the policies are as they were before, but for "
	    "these\nsetkey: x:1: left over: spdadd 10.0.0.1 10.1.0.3 any -P "
	    "out prio def ipsec esp/transport//require;\n"
	    "setkey: x:3: Invalid argument\n");
	ck_assert_uint_eq(f.n, 3);
}
END_TEST

/* Without a flush nothing goes that is not named. */
START_TEST(no_flush)
{
	static struct fake_spd f;

	memset(&f, 0, sizeof(f));
	must(&f, ADD("10.1.0.1") ADD("10.1.0.2"), false, "");
	must(&f, ADD("10.1.0.3") "spddump;" ADD("10.1.0.1"), false,
	    "setkey: x:2: File exists\n");
	ck_assert_uint_eq(f.n, 3);
	must(&f, "spddelete 10.0.0.1 10.1.0.3 any -P out;\n" ADD("10.1.0.9"),
	    true, "+ spdadd 10.0.0.1 10.1.0.9 any -P out prio def ipsec "
	    "esp/transport//require;\n"
	    "- spddelete 10.0.0.1 10.1.0.3 any -P out;\n");
	/* Before a dump, what was asked for so far is done. */
	must(&f, "spdflush;\nspddump;" ADD("10.1.0.1"), false,
	    "setkey: x:2: No SPD entries\n");
	ck_assert_uint_eq(f.n, 1);
}
END_TEST

#define XFRM_ONLY(mark, id, more) \
	"spdadd 10.0.0.1 10.1.0.1 any -mark " mark " -if_id " id more \
	" -P out none;\n"

/* Marks and ids name a policy, offloading is something that it has. */
START_TEST(extensions)
{
	static struct fake_spd f;

	memset(&f, 0, sizeof(f));
	must(&f, "spdflush;" XFRM_ONLY("1", "2", ""), false, "");
	must(&f, "spdflush;" XFRM_ONLY("1", "2", ""), true, "");
	must(&f, "spdflush;" XFRM_ONLY("1", "2", " -offload lo"), true,
	    "~ spdupdate 10.0.0.1 10.1.0.1 any -mark 0x00000001/0xffffffff "
	    "-if_id 2 -offload \"lo\" -P out prio def none;\n");
	must(&f, "spdflush;" XFRM_ONLY("1", "2", " -offload lo"), false, "");
	ck_assert_uint_eq(f.n, 1);
	ck_assert_int_eq(f.one[0].p.offload.kind, IPSEC_OFFLOAD_PACKET);
	must(&f, "spdflush;" XFRM_ONLY("1/1", "3", ""), true,
	    "+ spdadd 10.0.0.1 10.1.0.1 any -mark 0x00000001/0x00000001 "
	    "-if_id 3 -P out prio def none;\n"
	    "- spddelete 10.0.0.1 10.1.0.1 any -mark 0x00000001/0xffffffff "
	    "-if_id 2 -P out;\n");
	f.changes = 0;
	must(&f, "spdflush;" XFRM_ONLY("1", "2", " -offload lo"), false, "");
	ck_assert_uint_eq(f.changes, 0);
	/* It is taken back with all that it had. */
	f.refuse = 2;
	must(&f, "spdflush;" XFRM_ONLY("1", "2", "") ADD("10.1.0.9"), false,
	    "setkey: x:1: the policies are as they were before\n"
	    "setkey: x:2: Invalid argument\n");
	ck_assert_int_eq(f.one[0].p.offload.kind, IPSEC_OFFLOAD_PACKET);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("reload");
	TCase *tc = tcase_create("reload");
	SRunner *sr = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, like_one_by_one);
	tcase_add_test(tc, again_changes_nothing);
	tcase_add_test(tc, refusals);
	tcase_add_test(tc, a_peer_changes);
	tcase_add_test(tc, order_counts);
	tcase_add_test(tc, what_is_said);
	tcase_add_test(tc, no_flush);
	tcase_add_test(tc, extensions);
	suite_add_tcase(suite, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
