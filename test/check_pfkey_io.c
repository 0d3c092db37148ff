/* SPDX-License-Identifier: ISC */
/*
 * The PF_KEY back end against a kernel of our own: answers among other
 * processes' broadcasts, dumps with gaps, batches, events that have to be
 * completed, and what PF_KEY cannot do.
 */
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/check.h"
#include "test/pfkey_fake.h"
#include "test/suite.h"

/*
 * Commands
 */

/* Others change things, too; then the answer, with what was asked for. */
static void
busy_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	struct ipsec_sa sa = f->sa, other = f->sa;

	other.id.spi = 0x9999;
	say_sa(fd, m->type, &other, m->seq, m->pid + 1);
	say_sa(fd, m->type, &other, m->seq + 1, m->pid);
	if (m->type == SADB_ADD)	/* of another handle of this process */
		say_sa(fd, m->type, &other, m->seq, m->pid);
	say_sa(fd, SADB_DELETE == m->type ? SADB_ADD : SADB_DELETE, &other,
	    m->seq, m->pid);
	say(fd, "rubbish", 7);
	say_sa(fd, m->type, &sa, m->seq, m->pid);
}

START_TEST(others)
{
	struct ipsec_sa sa = fake_esp(0x1001), got;
	struct fake f;
	struct ipsec *h = fake_open(&f, busy_kernel);
	uint32_t spi;

	ck_assert_int_eq(ipsec_sa_get(h, &sa.id, &got), 0);
	ck_assert_uint_eq(got.id.spi, 0x1001);
	ck_assert_uint_eq(got.auth.icv_bits, 96);
	ck_assert_int_eq(ipsec_sa_set(h, &sa, false), 0);
	ck_assert_int_eq(ipsec_sa_delete(h, &sa.id), 0);
	sa.id.spi = 0;
	sa.seq = 77;
	ck_assert_int_eq(ipsec_getspi(h, &sa, 0x100, 0xffff, &spi), 0);
	ck_assert_uint_eq(spi, 0x1001);
	ck_assert_str_eq(ipsec_error(h), "");
	fake_close(&f, h);
}
END_TEST

static void
refusing_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	(void)f;
	say_error(fd, m, EEXIST);
}

START_TEST(errors)
{
	struct ipsec_policy p = fake_policy(), got;
	struct ipsec_sa sa = fake_esp(0x1001);
	struct fake f;
	struct ipsec *h = fake_open(&f, refusing_kernel);

	ck_assert_int_eq(ipsec_sa_set(h, &sa, false), -EEXIST);
	ck_assert_str_eq(ipsec_error(h), strerror(EEXIST));
	ck_assert_int_eq(ipsec_policy_set(h, &p, true), -EEXIST);
	ck_assert_int_eq(ipsec_policy_get(h, &p, &got), -EEXIST);
	ck_assert_int_eq(ipsec_policy_delete(h, &p), -EEXIST);
	ck_assert_int_eq(ipsec_flush(h, IPSEC_FLUSH_SA, 0), -EEXIST);
	ck_assert_int_eq(ipsec_flush(h, IPSEC_FLUSH_POLICY, 0), -EEXIST);
	fake_close(&f, h);
}
END_TEST

/*
 * Dumps
 */

static int
count_sa(void *ctx, const struct ipsec_sa *sa)
{
	unsigned int *n = ctx;

	ck_assert_uint_eq(sa->id.spi, 0x100 + *n);
	++*n;
	return 0;
}

/* RECORDS of a dump; the one with the number GAP gets lost. */
static void
say_dump(int fd, const struct pfkey_msg *m, unsigned int records,
    unsigned int gap)
{
	for (unsigned int i = 1; i <= records; i++) {
		struct ipsec_sa sa = fake_esp(0xff + i);

		if (i != gap)
			say_sa(fd, SADB_DUMP, &sa, i < records ? i : 0,
			    m->pid);
	}
}

static void
whole_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	(void)f;
	say_dump(fd, m, 50, 0);
}

static void
empty_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	(void)f;
	say_error(fd, m, ENOENT);
}

/* Loses a record of the first two tries. */
static void
lossy_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	say_dump(fd, m, 50, atomic_load(&f->requests) <= 2 ? 25 : 0);
}

static void
hopeless_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	(void)f;
	say_dump(fd, m, 50, 1);
}

static void
failing_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	(void)f;
	say_dump(fd, m, 50, 50);	/* the last one is an error instead */
	say_error(fd, m, ENOMEM);
}

START_TEST(dumps)
{
	static const struct {
		kernel_fn	*fn;
		int		 result;
		unsigned int	 seen, tries;
	} row[] = {
		{ whole_kernel, 0, 50, 1 },
		{ empty_kernel, 0, 0, 1 },
		{ lossy_kernel, 0, 50, 3 },
		{ hopeless_kernel, -EINTR, 0, 5 },
		{ failing_kernel, -ENOMEM, 0, 1 },
	};
	unsigned int n;
	struct fake f;
	struct ipsec *h;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		h = fake_open(&f, row[i].fn);
		n = 0;
		ck_assert_int_eq(ipsec_sa_dump(h, NULL, count_sa, &n),
		    row[i].result);
		ck_assert_uint_eq(n, row[i].seen);
		ck_assert_uint_eq(atomic_load(&f.requests), row[i].tries);
		ck_assert((ipsec_error(h)[0] != '\0') ==
		    (row[i].result != 0));
		fake_close(&f, h);
	}
}
END_TEST

/* An SPD of three: another direction, another selector, ours. */
static void
spd_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	struct ipsec_policy p = f->policy;

	if (m->type == SADB_X_SPDGET) {
		say_policy(fd, m, &f->policy, m->seq);
		return;
	}
	p.dir = IPSEC_DIR_IN;
	say_policy(fd, m, &p, 1);
	p.dir = IPSEC_DIR_OUT;
	p.sel.src_prefix = 24;
	say_policy(fd, m, &p, 2);
	say_policy(fd, m, &f->policy, 0);
}

START_TEST(policies_by_selector)
{
	struct ipsec_policy id = fake_policy(), got;
	struct fake f;
	struct ipsec *h = fake_open(&f, spd_kernel);

	ck_assert_int_eq(ipsec_policy_get(h, &id, &got), 0);
	ck_assert_mem_eq(&got, &f.policy, sizeof(got));
	id.index = 0;
	memset(&got, 0, sizeof(got));
	ck_assert_int_eq(ipsec_policy_get(h, &id, &got), 0);
	ck_assert_mem_eq(&got, &f.policy, sizeof(got));
	id.sel.proto = 17;
	ck_assert_int_eq(ipsec_policy_get(h, &id, &got), -ENOENT);
	ck_assert_str_eq(ipsec_error(h), strerror(ENOENT));
	fake_close(&f, h);
}
END_TEST

/*
 * Batches
 */

#define COMMANDS	200u

struct load {
	unsigned int	next, told, wrong;
};

/* Every tenth is one that PF_KEY cannot do, every seventh exists. */
static bool
next_sa(void *ctx, struct ipsec_command *c)
{
	struct load *b = ctx;
	unsigned int i = b->next++;

	c->op = IPSEC_OP_SA_ADD;
	c->sa = fake_esp(i);
	if (i % 10 == 3)
		c->sa.if_id = 1;
	return i < COMMANDS;
}

static void
hear(void *ctx, size_t nth, int err, const char *reason)
{
	struct load *b = ctx;
	int	want = nth % 10 == 3 ? -EOPNOTSUPP : nth % 7 == 0 ? -EEXIST :
	    0;

	b->wrong += err != want || nth != b->told++ ||
	    (reason[0] != '\0') != (err != 0);
}

static void
adding_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	struct ipsec_sa sa;

	(void)f;
	if (!pfkey_get_sa(m, &sa))
		abort();
	if (sa.id.spi % 7 == 0)
		say_error(fd, m, EEXIST);
	else
		say_sa(fd, m->type, &sa, m->seq, m->pid);
}

START_TEST(batches)
{
	struct load b = { .next = 0 };
	unsigned int failed = 0;
	struct fake f;
	struct ipsec *h = fake_open(&f, adding_kernel);

	for (unsigned int i = 0; i < COMMANDS; i++)
		failed += i % 10 == 3 || i % 7 == 0;
	ck_assert_int_eq(ipsec_batch(h, next_sa, hear, &b), (int)failed);
	ck_assert_uint_eq(b.told, COMMANDS);
	ck_assert_uint_eq(b.wrong, 0);
	fake_close(&f, h);
}
END_TEST

/*
 * Events
 */

/* Knows the policy 17 and one SA; REGISTER is answered by an event. */
static void
event_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	struct ipsec_policy id;

	if (m->type == SADB_DUMP) {
		say_sa(fd, SADB_DUMP, &f->sa, 0, m->pid);
		return;
	}
	if (m->type != SADB_X_SPDGET)
		return;
	memcpy(&id.index, m->ext[SADB_X_EXT_POLICY].p + 8, sizeof(id.index));
	if (id.index == 17)
		say_policy(fd, m, &f->policy, m->seq);
	else
		say_error(fd, m, ENOENT);
}

struct heard {
	unsigned int	n;
	struct ipsec_event last;
};

static void
keep(void *ctx, const struct ipsec_event *e)
{
	struct heard *heard = ctx;

	heard->n++;
	heard->last = *e;
}

/* The kernel broadcasts E; how many events that makes. */
static unsigned int
broadcast(struct fake *f, struct ipsec *h, const struct ipsec_event *e,
    struct heard *heard)
{
	struct buf b;

	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_event(&b, e);
	say_buf(f->end[1].fd, &b);
	buf_fini(&b);
	heard->n = 0;
	ck_assert_int_eq(ipsec_events(h, keep, heard), 0);
	return heard->n;
}

static struct ipsec *
listening(struct fake *f, unsigned int what)
{
	struct heard none = { .n = 0 };
	struct ipsec *h = fake_open(f, event_kernel);

	ck_assert_int_eq(ipsec_event_fd(h), -1);
	ck_assert_int_eq(ipsec_events(h, keep, &none), -ENOTCONN);
	ck_assert_int_eq(ipsec_listen(h, what), 0);
	ck_assert_int_ge(ipsec_event_fd(h), 0);
	ck_assert_int_eq(ipsec_events(h, keep, &none), 0);
	ck_assert_uint_eq(none.n, 0);
	return h;
}

START_TEST(acquires)
{
	struct ipsec_event e = { .type = IPSEC_EVENT_ACQUIRE };
	struct heard heard;
	struct fake f;
	struct ipsec *h = listening(&f, IPSEC_LISTEN_ACQUIRE);

	e.sa = fake_esp(0);
	e.sa.seq = 4711;
	e.policy = fake_policy();
	ck_assert_uint_eq(broadcast(&f, h, &e, &heard), 1);
	ck_assert_int_eq(heard.last.type, IPSEC_EVENT_ACQUIRE);
	ck_assert_mem_eq(&heard.last.policy, &f.policy, sizeof(f.policy));
	ck_assert_uint_eq(heard.last.sa.reqid, 33);
	ck_assert_uint_eq(heard.last.sa.mode, IPSEC_MODE_TRANSPORT);
	ck_assert_uint_eq(heard.last.sa.seq, 4711);
	ck_assert(addr_equal(&heard.last.flow.dst, &e.sa.id.dst));
	ck_assert_uint_eq(heard.last.flow.dst_prefix, 32);
	f.policy.tmpl[0].mode = IPSEC_MODE_TUNNEL;
	f.policy.tmpl[0].src = e.sa.src;
	f.policy.tmpl[0].dst = e.sa.id.dst;
	ck_assert_uint_eq(broadcast(&f, h, &e, &heard), 1);
	ck_assert(selector_equal(&heard.last.flow, &f.policy.sel));
	e.policy.index = 18;		/* gone meanwhile */
	ck_assert_uint_eq(broadcast(&f, h, &e, &heard), 0);
	fake_close(&f, h);
}
END_TEST

START_TEST(mappings)
{
	struct ipsec_event e = { .type = IPSEC_EVENT_MAPPING };
	struct heard heard;
	struct fake f;
	struct ipsec *h = listening(&f, IPSEC_LISTEN_MAPPING);

	f.sa.encap = (struct ipsec_encap){ .type = 2, .sport = 4500,
	    .dport = 4500 };
	f.sa.reqid = 21;
	e.sa = fake_esp(0x1001);
	e.from = e.to = e.sa.src;
	e.from.port = 4500;
	e.to.port = 4777;
	ck_assert_uint_eq(broadcast(&f, h, &e, &heard), 1);
	ck_assert(addr_equal(&heard.last.sa.id.dst, &f.sa.id.dst));
	ck_assert_uint_eq(heard.last.sa.reqid, 21);
	ck_assert_uint_eq(heard.last.to.port, 4777);
	e.sa.id.spi = 0x1002;
	ck_assert_uint_eq(broadcast(&f, h, &e, &heard), 0);
	fake_close(&f, h);
}
END_TEST

START_TEST(only_what_was_asked_for)
{
	struct ipsec_event e = { .type = IPSEC_EVENT_SA_NEW };
	struct heard heard;
	struct fake f;
	struct ipsec *h = listening(&f, IPSEC_LISTEN_POLICY);

	ck_assert_uint_eq(atomic_load(&f.requests), 0);	/* no REGISTER */
	e.sa = fake_esp(5);
	ck_assert_uint_eq(broadcast(&f, h, &e, &heard), 0);
	e.type = IPSEC_EVENT_POLICY_NEW;
	e.policy = fake_policy();
	ck_assert_uint_eq(broadcast(&f, h, &e, &heard), 1);
	ck_assert_int_eq(ipsec_listen(h, IPSEC_LISTEN_SA), 0);
	e.type = IPSEC_EVENT_SA_DELETE;
	ck_assert_uint_eq(broadcast(&f, h, &e, &heard), 1);
	ck_assert_uint_eq(heard.last.sa.id.spi, 5);
	fake_close(&f, h);
}
END_TEST

/* What cannot be read is lost: a RESYNC, behind what could be. */
START_TEST(resync)
{
	struct ipsec_event e = { .type = IPSEC_EVENT_POLICY_FLUSH };
	struct heard heard;
	struct fake f;
	struct ipsec *h = listening(&f, IPSEC_LISTEN_POLICY);

	ck_assert_int_eq(send(f.end[1].fd, "rubbish", 7, 0), 7);
	ck_assert_uint_eq(broadcast(&f, h, &e, &heard), 2);
	ck_assert_int_eq(heard.last.type, IPSEC_EVENT_RESYNC);
	ck_assert_uint_eq(broadcast(&f, h, &e, &heard), 1);
	fake_close(&f, h);
}
END_TEST

/*
 * What PF_KEY cannot do
 */

static void
no_kernel(struct fake *f, int fd, const struct pfkey_msg *m)
{
	(void)f;
	(void)fd;
	(void)m;
	abort();
}

static void
spoil_sa(struct ipsec_sa *sa, int how)
{
	switch (how) {
	case 0:
		sa->auth = (struct ipsec_key){ .id = 5, .present = 1 };
		break;
	case 1:
		sa->auth.icv_bits = 128;
		break;
	case 2:
		sa->aead = (struct ipsec_key){ .id = 20, .present = 1 };
		break;
	case 3:
		sa->enc.id = 0;
		memcpy(sa->enc.name, "cbc(x)", 7);
		break;
	case 4:
		sa->id.mark.mask = 1;
		break;
	case 5:
		sa->output_mark.value = 1;
		break;
	case 6:
		sa->if_id = 1;
		break;
	case 7:
		sa->flags = IPSEC_SA_ESN;
		break;
	case 8:
		sa->replay = 33;
		break;
	case 9:
		sa->hard.packets = 1ull << 32;
		break;
	case 10:
		sa->has_sel = 1;
		sa->sel.proto = 6;
		break;
	case 11:
		sa->has_sel = 1;
		sa->sel.dst = fake_addr("10.0.0.0");
		sa->sel.dst_prefix = 8;
		break;
	}
}

START_TEST(impossible_sas)
{
	struct ipsec_sa sa;
	const char *why;
	struct fake f;
	struct ipsec *h = fake_open(&f, no_kernel);

	for (int how = 0; how < 12; how++) {
		sa = fake_esp(0x1001);
		spoil_sa(&sa, how);
		ck_assert_msg(ipsec_check_sa(&sa, &why) == 0, "%d: %s", how,
		    why);
		ck_assert_msg(ipsec_sa_set(h, &sa, false) == -EOPNOTSUPP,
		    "%d", how);
		ck_assert_msg(strncmp(ipsec_error(h), "PF_KEY", 6) == 0,
		    "%d: %s", how, ipsec_error(h));
	}
	sa = fake_esp(0x1001);
	sa.auth = (struct ipsec_key){ .id = 5, .present = 1 };
	ck_assert_int_eq(ipsec_can(h, IPSEC_ALG_AUTH, &sa.auth), -EOPNOTSUPP);
	ck_assert_ptr_nonnull(strstr(ipsec_error(h), "hmac-sha256-96"));
	sa.auth.icv_bits = 96;
	ck_assert_int_eq(ipsec_can(h, IPSEC_ALG_AUTH, &sa.auth), 0);
	ck_assert_str_eq(ipsec_error(h), "");
	ck_assert_int_eq(ipsec_can(h, IPSEC_ALG_AEAD, &sa.enc), -EOPNOTSUPP);
	ck_assert_int_eq(ipsec_can(h, IPSEC_ALG_ENC, &sa.enc), 0);
	fake_close(&f, h);
}
END_TEST

static void
spoil_policy(struct ipsec_policy *p, int how)
{
	switch (how) {
	case 0:
		p->mark.value = 1;
		break;
	case 1:
		p->if_id = 1;
		break;
	case 2:
		p->sel.ifindex = 1;
		break;
	case 3:
		p->tmpl[0].optional = 1;
		break;
	case 4:
		p->tmpl[0].mode = IPSEC_MODE_BEET;
		p->tmpl[0].src = p->tmpl[0].dst = fake_addr("192.0.2.1");
		break;
	case 5:
		p->tmpl[1] = p->tmpl[0];
		p->ntmpl = 2;
		p->tmpl[0].mode = IPSEC_MODE_TUNNEL;
		p->tmpl[0].src = p->tmpl[0].dst = fake_addr("2001:db8::1");
		break;
	}
}

START_TEST(impossible_policies)
{
	struct ipsec_policy p;
	const char *why;
	struct fake f;
	struct ipsec *h = fake_open(&f, no_kernel);

	for (int how = 0; how < 6; how++) {
		p = fake_policy();
		spoil_policy(&p, how);
		ck_assert_msg(ipsec_check_policy(&p, &why) == 0, "%d: %s",
		    how, why);
		ck_assert_msg(ipsec_policy_set(h, &p, true) == -EOPNOTSUPP,
		    "%d", how);
		ck_assert_msg(strncmp(ipsec_error(h), "PF_KEY", 6) == 0,
		    "%d: %s", how, ipsec_error(h));
	}
	fake_close(&f, h);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { others, errors, dumps,
	    policies_by_selector, batches, acquires, mappings,
	    only_what_was_asked_for, resync, impossible_sas,
	    impossible_policies };

	return suite_main("pfkey_io", tests,
	    sizeof(tests) / sizeof(tests[0]));
}
