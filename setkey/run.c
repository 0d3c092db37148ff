/* SPDX-License-Identifier: ISC */
/*
 * Runs of commands that change something go to the kernel as one batch; the
 * others are answered one by one.
 */
#include "setkey/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/check.h"
#include "libipsec/policy.h"
#include "setkey/diff.h"
#include "setkey/expand.h"
#include "setkey/hint.h"
#include "setkey/reload.h"
#include "setkey/unchanged.h"

/* What ALLOCSPI may choose from: RFC 4303 2.1; CPIs have 16 bits. */
#define SPI_FIRST	0x100u
#define SPI_LAST	0x0fffffffu
#define CPI_LAST	0xffffu
#define DUMP_TRIES	5

/* A place in the script: the PART'th libipsec command of a command. */
struct cursor {
	const struct command *c;
	unsigned int	 part;
};

struct run {
	struct ipsec	*h;
	const struct script *script;
	const struct run_options *opt;
	long		 failed;
	bool		 reqid_known;
	uint32_t	 reqid;		/* the next for level unique */
	/* The batch: what is sent next, what is heard of next, its end. */
	struct cursor	 sent, heard;
	const struct command *stop;
	/* Policies that are brought in as a difference: see run_segment(). */
	struct reload	*reload;
	size_t		 told;		/* of its errors */
};

static void
refuse(struct run *r, const struct command *c, int err, const char *why)
{
	char hint[HINT_TEXT] = "", both[HINT_TEXT + 200];
	const char *unused;
	struct ipsec_sa sa;

	if (c->verb == VERB_ADD && expand_check(c, &unused) == 0) {
		expand_sa(c, &sa);
		hint_sa(&sa, err, hint);
		explicit_bzero(&sa, sizeof(sa));
	}
	/* The kernel's reason may be no more than the number in words. */
	if (hint[0] != '\0' && strcasecmp(why, strerror(-err)) == 0)
		why = "";
	snprintf(both, sizeof(both), "%s%s%s", why,
	    why[0] != '\0' && hint[0] != '\0' ? "; " : "", hint);
	report_error(r->opt->report, c->line, (enum verb)c->verb, err, both);
	r->failed++;
}

/* Goes to the next part or command; true when this was a new place. */
static bool
cursor_step(const struct run *r, struct cursor *at)
{
	if (++at->part < expand_parts(at->c, r->opt->fwd))
		return true;
	at->c = at->c->next;
	at->part = 0;
	return at->c != r->stop;
}

/* ipsec_next_fn: commands that libipsec need not see are passed over. */
static bool
next_command(void *ctx, struct ipsec_command *out)
{
	struct run *r = ctx;
	const char *why;

	for (; r->sent.c != r->stop; (void)cursor_step(r, &r->sent)) {
		if (expand_check(r->sent.c, &why) != 0)
			continue;
		expand_command(r->sent.c, r->sent.part, &r->reqid, out);
		(void)cursor_step(r, &r->sent);
		return true;
	}
	return false;
}

/* Reports the commands that next_command() has passed over. */
static void
hear_skipped(struct run *r)
{
	const char *why;
	int err;

	while (r->heard.c != r->stop &&
	    (err = expand_check(r->heard.c, &why)) != 0) {
		refuse(r, r->heard.c, err, why);
		(void)cursor_step(r, &r->heard);
	}
}

/* ipsec_result_fn: results come in the order of the commands. */
static void
hear_result(void *ctx, size_t nth, int err, const char *reason)
{
	struct run *r = ctx;

	(void)nth;
	hear_skipped(r);
	if (r->heard.c == r->stop)
		return;
	if (err != 0)
		refuse(r, r->heard.c, err, reason);
	(void)cursor_step(r, &r->heard);
}

/* A growing list of numbers. */
struct numbers {
	uint32_t	*p;
	size_t		 n, cap;
};

/* ipsec_policy_fn: the reqids that are in use above those of files. */
static int
collect_reqids(void *ctx, const struct ipsec_policy *policy)
{
	struct numbers *used = ctx;
	uint32_t *p;

	for (uint8_t i = 0; i < policy->ntmpl; i++) {
		if (policy->tmpl[i].reqid <= POLICY_REQID_MANUAL)
			continue;
		if (used->n == used->cap) {
			used->cap = used->cap == 0 ? 64 : used->cap * 2;
			p = reallocarray(used->p, used->cap, sizeof(*p));
			if (p == NULL)
				return -ENOMEM;
			used->p = p;
		}
		used->p[used->n++] = policy->tmpl[i].reqid;
	}
	return 0;
}

static int
compare_numbers(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

/* The first of COUNT free numbers in a row. */
static uint32_t
first_gap(struct numbers *used, size_t count)
{
	uint32_t first = POLICY_REQID_MANUAL + 1;

	if (used->n > 0)
		qsort(used->p, used->n, sizeof(used->p[0]), compare_numbers);
	for (size_t i = 0; i < used->n; i++) {
		if (used->p[i] >= first && used->p[i] - first >= count)
			break;
		if (used->p[i] >= first)
			first = used->p[i] + 1;
	}
	return first;
}

/*
 * Before the first batch, once: a reqid that any policy of the kernel has
 * belongs to somebody else.
 */
static int
choose_reqids(struct run *r)
{
	struct ipsec_filter all = { .stream = 1 };
	struct numbers used = { .p = NULL };
	size_t count = 0;
	int err = 0;

	if (r->reqid_known)
		return 0;
	for (const struct command *c = r->script->first; c != NULL;
	    c = c->next)
		count += expand_reqids(c, r->opt->fwd);
	for (int i = 0; i < DUMP_TRIES && count > 0; i++) {
		used.n = 0;
		err = ipsec_policy_dump(r->h, &all, collect_reqids, &used);
		if (err != -EAGAIN)
			break;
	}
	r->reqid = first_gap(&used, count);
	r->reqid_known = true;
	free(used.p);
	return err;
}

/*
 * The commands from C on, up to END or the first one that is for something
 * else.
 */
static int
run_batch(struct run *r, const struct command **c, const struct command *end)
{
	int err;

	r->sent = r->heard = (struct cursor){ .c = *c };
	while (*c != end && expand_batchable(*c) &&
	    (r->reload == NULL || !expand_is_policy(*c)))
		*c = (*c)->next;
	r->stop = *c;
	if ((err = choose_reqids(r)) != 0)
		return err;
	err = ipsec_batch(r->h, next_command, hear_result, r);
	if (err < 0)
		return err;
	hear_skipped(r);
	return 0;
}

static int
run_get(struct run *r, const struct command *c)
{
	struct ipsec_sa want, sa;
	int err;

	expand_sa(c, &want);
	if ((err = ipsec_sa_get(r->h, &want.id, &sa)) == 0)
		show_sa(&sa, &r->opt->show);
	explicit_bzero(&sa, sizeof(sa));
	return err;
}

/* The SA of a getspi, and what its SPI may be. */
static void
getspi_range(const struct command *c, struct ipsec_sa *sa, uint32_t *first,
    uint32_t *last)
{
	expand_sa(c, sa);
	*first = SPI_FIRST;
	*last = c->proto == IPSEC_PROTO_IPCOMP ? CPI_LAST : SPI_LAST;
	if (sa->id.spi != 0)
		*first = *last = sa->id.spi;
	sa->id.spi = 0;
}

static int
run_getspi(struct run *r, const struct command *c)
{
	uint32_t first, last, spi;
	struct ipsec_sa sa;

	getspi_range(c, &sa, &first, &last);
	return ipsec_getspi(r->h, &sa, first, last, &spi);
}

/* The SAs that a deleteall means. */
struct victims {
	struct ipsec_sa_id *id;
	size_t		 n, cap;
	const struct command *c;
};

static int
collect_victims(void *ctx, const struct ipsec_sa *sa)
{
	struct victims *v = ctx;
	const struct script_sa *want = v->c->u.sa;
	struct ipsec_sa_id *id;

	/* What an ACQUIRE asked for has no SPI yet, and ends by itself. */
	if (!ipsec_is_proto(sa->id.proto) || sa->id.spi == 0 ||
	    !addr_equal(&sa->src, &want->src) ||
	    !addr_equal(&sa->id.dst, &want->dst))
		return 0;
	if (v->n == v->cap) {
		v->cap = v->cap == 0 ? 16 : v->cap * 2;
		if ((id = reallocarray(v->id, v->cap, sizeof(*id))) == NULL)
			return -ENOMEM;
		v->id = id;
	}
	v->id[v->n++] = sa->id;
	return 0;
}

static int
run_deleteall(struct run *r, const struct command *c)
{
	struct ipsec_filter filter = { .proto = c->proto };
	struct victims v = { .c = c };
	int err;

	err = ipsec_sa_dump(r->h, &filter, collect_victims, &v);
	if (err == 0 && v.n == 0)
		report_note(r->opt->report, c->line, "No SAD entries");
	for (size_t i = 0; i < v.n && err == 0; i++) {
		err = ipsec_sa_delete(r->h, &v.id[i]);
		/* One that has just expired is gone as well. */
		if (err == -ESRCH)
			err = 0;
	}
	free(v.id);
	return err;
}

static int
run_dump(struct run *r, const struct command *c)
{
	bool sas = c->verb == VERB_DUMP;
	long n;

	n = sas ? show_sas(r->h, c->proto, &r->opt->show) :
	    show_policies(r->h, &r->opt->show);
	if (n < 0)
		return (int)n;
	if (n == 0)
		report_note(r->opt->report, c->line, sas ? "No SAD entries" :
		    "No SPD entries");
	return 0;
}

static void
run_one(struct run *r, const struct command *c)
{
	const char *why;
	int err = expand_check(c, &why);

	if (err != 0) {
		refuse(r, c, err, why);
		return;
	}
	if (c->verb == VERB_GET)
		err = run_get(r, c);
	else if (c->verb == VERB_GETSPI)
		err = run_getspi(r, c);
	else if (c->verb == VERB_DELETEALL)
		err = run_deleteall(r, c);
	else
		err = run_dump(r, c);
	if (err != 0)
		refuse(r, c, err, ipsec_error(r->h));
}

/* The errors of commands whose policies were part of a difference, up to C. */
static void
tell_reloaded(struct run *r, const struct command *c)
{
	const struct plan *p = &r->reload->plan;

	for (; r->told < p->errors && p->error[r->told].c->line <= c->line;
	    r->told++) {
		const struct plan_error *e = &p->error[r->told];

		refuse(r, e->c, e->err, e->why != NULL ? e->why : "");
	}
}

/* What the kernel's refusal has led to. */
static void
tell_undone(struct run *r)
{
	struct report *report = r->opt->report;
	char text[DIFF_TEXT + 40];
	struct reload *l = r->reload;
	uint32_t line = l->plan.flush->line;

	report_note(report, line, l->losses == 0 ?
	    "the policies are as they were before" :
	    "the policies are as they were before, but for these");
	for (size_t i = 0; i < l->losses; i++) {
		bool missing = l->lost[i]->todo == TODO_REMOVE;
		char policy[DIFF_TEXT];

		diff_policy(l->lost[i], l->lost[i]->seen != 0, policy);
		snprintf(text, sizeof(text), "%s: %s", missing ? "missing" :
		    l->lost[i]->seen != 0 ? "changed" : "left over", policy);
		report_note(report, line, text);
	}
	r->failed += (long)l->losses;
}

/*
 * Plans and applies the policies of a segment.  When none is there before or
 * none in the end, commands go as they are: nothing has to be kept.
 */
static int
reload(struct run *r, const struct command *from, const struct command *end,
    struct reload *l)
{
	int err = 0;

	r->heard = (struct cursor){ .c = from };
	r->told = 0;
	if (!r->opt->differs)
		err = unchanged(r->h, from, end, r->opt->fwd);
	if (err < 0)
		return err;
	if (err > 0) {
		r->reload = l;
		return 0;
	}
	if ((err = reload_read(l)) != 0 || l->spd.kernel == 0)
		return err;
	err = reload_plan(l, from, end, r->opt->fwd);
	if (err != 0 || l->plan.steps == 0)
		return err;
	if ((err = choose_reqids(r)) != 0)
		return err;
	r->reload = l;
	err = reload_apply(l, &r->reqid);
	reload_sort_errors(l);
	if (err == 0 && l->undone)
		tell_undone(r);
	return err;
}

/*
 * The commands from C up to END.  If they FLUSH the policies, all changes of
 * policies are made at once, where the first such command stands.
 */
static int
run_commands(struct run *r, const struct command **c,
    const struct command *end, struct reload *l)
{
	int err = 0;

	while (*c != end && err == 0) {
		if (l != NULL && expand_is_policy(*c)) {
			err = reload(r, *c, end, l);
			l = NULL;
		} else if (r->reload != NULL && expand_is_policy(*c)) {
			tell_reloaded(r, *c);
			*c = (*c)->next;
		} else if (expand_batchable(*c)) {
			err = run_batch(r, c, end);
		} else {
			run_one(r, *c);
			*c = (*c)->next;
		}
	}
	return err;
}

/*
 * A segment ends before what shows the policies, since that must show what
 * the commands before have made of them.
 */
static int
run_segment(struct run *r, const struct command **c)
{
	const struct command *end = *c;
	struct reload l;
	bool flush = false;
	int err;

	for (; end != NULL && end->verb != VERB_EXIT; end = end->next) {
		if (end->verb == VERB_SPDDUMP && end != *c)
			break;
		flush = flush || end->verb == VERB_SPDFLUSH;
	}
	reload_init(&l, r->h);
	err = run_commands(r, c, end, flush ? &l : NULL);
	r->reload = NULL;
	reload_fini(&l);
	return err;
}

long
run_script(struct ipsec *h, const struct script *s,
    const struct run_options *opt)
{
	struct run r = { .h = h, .script = s, .opt = opt };
	const struct command *c = s->first;
	int err;

	while (c != NULL && c->verb != VERB_EXIT) {
		if ((err = run_segment(&r, &c)) < 0) {
			report_error(opt->report, r.heard.c != NULL ?
			    r.heard.c->line : s->first->line, VERB_FLUSH, err,
			    ipsec_error(h));
			return err;
		}
	}
	return r.failed;
}

/* What libipsec refuses before any kernel hears of it. */
static int
check_parts(const struct command *c, bool fwd, const char **why)
{
	struct ipsec_command cmd;
	uint32_t first, last, reqid = POLICY_REQID_MANUAL + 1;
	struct ipsec_sa sa;
	int err = 0;

	if (c->verb == VERB_GETSPI) {
		getspi_range(c, &sa, &first, &last);
		return ipsec_check_spi_range(&sa, first, last, why);
	}
	if (!expand_batchable(c))
		return 0;
	for (unsigned int i = 0; i < expand_parts(c, fwd) && err == 0; i++) {
		expand_command(c, i, &reqid, &cmd);
		err = ipsec_check_command(&cmd, why);
	}
	explicit_bzero(&cmd, sizeof(cmd));
	return err;
}

long
run_check(const struct script *s, const struct run_options *opt)
{
	struct run r = { .script = s, .opt = opt };
	const char *why;
	int err;

	for (const struct command *c = s->first; c != NULL; c = c->next)
		if ((err = expand_check(c, &why)) != 0 ||
		    (err = check_parts(c, opt->fwd, &why)) != 0)
			refuse(&r, c, err, why);
	return r.failed;
}

int
run_difference(struct ipsec *h, const struct script *s,
    const struct run_options *opt)
{
	const struct command *end = s->first;
	struct reload l;
	int err;

	while (end != NULL && end->verb != VERB_EXIT)
		end = end->next;
	if ((err = unchanged(h, s->first, end, opt->fwd)) != 0)
		return err < 0 ? err : 0;
	reload_init(&l, h);
	err = reload_read(&l);
	if (err == 0)
		err = reload_plan(&l, s->first, end, opt->fwd);
	if (err == 0 && !diff_print(&l, opt->show.out))
		err = -ENOMEM;
	reload_fini(&l);
	return err;
}
