/* SPDX-License-Identifier: ISC */
/*
 * Dumps.  Each record is held back until the next one comes, because the
 * last one is marked by the sequence number 0.
 */
#include "setkey/show.h"

#include <string.h>
#include <unistd.h>

#include "libipsec/print.h"
#include "setkey/trace.h"

struct lister {
	struct print	 print;
	const struct show_options *opt;
	unsigned long	 count;		/* records, the held one too */
	unsigned long	 hidden;
	struct ipsec_sa	 sa;		/* held back */
	struct ipsec_policy policy;
};

static void
lister_init(struct lister *l, const struct show_options *opt)
{
	print_init(&l->print, opt->out, opt->ports, (long)getpid(),
	    time(NULL));
	l->print.extra = opt->extra;
	l->opt = opt;
	l->count = l->hidden = 0;
}

static void
put_sa(struct lister *l, unsigned long seq)
{
	if (l->opt->trace != NULL)
		trace_told_sa(l->opt->trace, &l->sa, seq);
	if (l->opt->brief)
		print_sa_short(&l->print, &l->sa);
	else
		print_sa(&l->print, &l->sa, seq);
}

static int
list_sa(void *ctx, const struct ipsec_sa *sa)
{
	struct lister *l = ctx;

	/* The kernel's helpers (IP in IP and the like) are not SAs. */
	if (sa->id.proto != IPSEC_PROTO_ESP && sa->id.proto != IPSEC_PROTO_AH &&
	    sa->id.proto != IPSEC_PROTO_IPCOMP)
		return 0;
	if (l->count > 0)
		put_sa(l, l->count);
	l->sa = *sa;
	l->count++;
	return 0;
}

long
show_sas(struct ipsec *h, uint8_t proto, const struct show_options *opt)
{
	struct ipsec_filter filter = { .proto = proto };
	struct lister l;
	int r;

	lister_init(&l, opt);
	r = ipsec_sa_dump(h, &filter, list_sa, &l);
	if (r == 0 && l.count > 0)
		put_sa(&l, 0);
	explicit_bzero(&l.sa, sizeof(l.sa));
	return r < 0 ? r : (long)l.count;
}

void
show_sa(const struct ipsec_sa *sa, const struct show_options *opt)
{
	struct print p;

	print_init(&p, opt->out, opt->ports, (long)getpid(), time(NULL));
	p.extra = opt->extra;
	print_sa(&p, sa, 0);
}

static void
put_policy(struct lister *l, unsigned long seq)
{
	bool socket = l->policy.dir == IPSEC_DIR_SOCKET_IN ||
	    l->policy.dir == IPSEC_DIR_SOCKET_OUT;

	if (l->opt->trace != NULL)
		trace_told_policy(l->opt->trace, &l->policy, seq);
	if (socket && l->opt->hide_sockets)
		l->hidden++;
	else
		print_policy(&l->print, &l->policy, seq);
}

static int
list_policy(void *ctx, const struct ipsec_policy *policy)
{
	struct lister *l = ctx;

	if (policy->sub)
		return 0;
	if (l->count > 0)
		put_policy(l, l->count);
	l->policy = *policy;
	l->count++;
	return 0;
}

long
show_policies(struct ipsec *h, const struct show_options *opt)
{
	struct ipsec_filter filter = { .proto = 0 };
	struct lister l;
	int r;

	lister_init(&l, opt);
	r = ipsec_policy_dump(h, &filter, list_policy, &l);
	if (r == 0 && l.count > 0)
		put_policy(&l, 0);
	if (r == 0 && l.hidden > 0)
		fprintf(opt->out, "%lu per-socket polic%s not shown "
		    "(filtered by -N)\n", l.hidden,
		    l.hidden == 1 ? "y" : "ies");
	return r < 0 ? r : (long)l.count;
}
