/* SPDX-License-Identifier: ISC */
/*
 * Records of dumps and answers to requests are printed, other messages are
 * passed over.
 */
#include "setkey/replay.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "libipsec/pfkey_msg.h"
#include "libipsec/pfkey_print.h"
#include "libipsec/print.h"

/* What is not there is called by its name. */
static const char *
error_text(const struct pfkey_msg *m)
{
	if (m->error != ENOENT)
		return strerror(m->error);
	switch (m->type) {
	case SADB_GET:
	case SADB_DELETE:
	case SADB_X_SPDDELETE:
		return "No entry";
	case SADB_DUMP:
		return "No SAD entries";
	case SADB_X_SPDDUMP:
		return "No SPD entries";
	}
	return strerror(ENOENT);
}

static bool
print_sa_of(struct print *p, const struct pfkey_msg *m, bool brief)
{
	struct ipsec_sa sa;
	bool ok = pfkey_get_sa(m, &sa);

	if (ok && brief)
		print_sa_short(p, &sa);
	else if (ok)
		print_sa(p, &sa, m->seq);
	explicit_bzero(&sa, sizeof(sa));
	return ok;
}

static bool
print_policy_of(struct print *p, const struct pfkey_msg *m)
{
	struct ipsec_policy policy;

	if (!pfkey_get_policy(m, &policy))
		return false;
	p->refcnt = m->reserved;
	print_policy(p, &policy, m->seq);
	return true;
}

/* False: there should be an SA or a policy in it, and is not. */
static bool
print_message(const struct pfkey_msg *m, const struct show_options *opt)
{
	struct print p;

	print_init(&p, opt->out, opt->ports, (long)m->pid, time(NULL));
	p.extra = opt->extra;
	if (m->error != 0) {
		fprintf(opt->out, "%s.\n", error_text(m));
		return true;
	}
	switch (m->type) {
	case SADB_GET:
	case SADB_DUMP:
		return print_sa_of(&p, m, opt->brief);
	case SADB_X_SPDGET:
	case SADB_X_SPDDUMP:
		return print_policy_of(&p, m);
	}
	return true;
}

bool
replay(struct view v, bool verbose, const struct show_options *opt)
{
	struct view at = v;
	struct pfkey_msg m;
	bool ok = v.n > 0;

	while (v.n > 0) {
		if (pfkey_msg_next(&v, &m) != PFKEY_GOOD)
			return false;
		at.n -= v.n;
		if (verbose) {
			pfkey_print_msg(opt->out, at);
			fputc('\n', opt->out);
		}
		at = v;
		ok = print_message(&m, opt) && ok;
	}
	return ok;
}
