/* SPDX-License-Identifier: ISC */
/*
 * Policies as commands.  What the language has no word for follows as a
 * comment.
 */
#include "setkey/diff.h"

#include <netinet/in.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/print.h"

/* Priority 0 is what the text of a policy does not show. */
#define HIGHEST		" prio high + 1073741824"

static void
put_range(FILE *f, const struct ipsec_addr *a, uint8_t prefix)
{
	struct ipsec_addr plain = *a;
	char text[ADDR_TEXT];

	plain.scope = 0;
	fprintf(f, " %s", addr_print(&plain, text));
	if (prefix != addr_bits(a))
		fprintf(f, "/%u", prefix);
}

static bool
without_ports(uint8_t proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6 ||
	    proto == IPPROTO_MH || proto == IPPROTO_GRE;
}

static void
put_port(FILE *f, const struct ipsec_selector *s, uint16_t port)
{
	if (port != 0 && !without_ports(s->proto))
		fprintf(f, "[%u]", port);
}

static void
put_upper(FILE *f, const struct ipsec_selector *s)
{
	if (s->proto == 0)
		fputs(" any", f);
	else
		fprintf(f, " %u", s->proto);
	if (!without_ports(s->proto) || (s->src.port == 0 && s->dst.port == 0))
		return;
	if (s->proto == IPPROTO_GRE)
		fprintf(f, " %" PRIu32,
		    (uint32_t)s->src.port << 16 | s->dst.port);
	else
		fprintf(f, " %u,%u", s->src.port, s->dst.port);
}

static void
put_key(FILE *f, const struct ipsec_policy *p)
{
	put_range(f, &p->sel.src, p->sel.src_prefix);
	put_port(f, &p->sel, p->sel.src.port);
	put_range(f, &p->sel.dst, p->sel.dst_prefix);
	put_port(f, &p->sel, p->sel.dst.port);
	put_upper(f, &p->sel);
	if (p->ctx.length > 0)
		fprintf(f, " -ctx %u %u \"%.*s\"", p->ctx.doi, p->ctx.alg,
		    p->ctx.length, p->ctx.text);
}

static const char *
dir_word(uint8_t dir)
{
	return dir == IPSEC_DIR_IN ? "in" : dir == IPSEC_DIR_OUT ? "out" :
	    "fwd";
}

static void
put_value(FILE *f, const struct ipsec_policy *p)
{
	const char *dir = dir_word(p->dir);
	struct policy_spec spec;
	char text[POLICY_TEXT];

	policy_from_kernel(p, &spec);
	/* A reqid that was chosen is not for a file. */
	for (uint16_t i = 0; i < spec.nreq; i++)
		if (spec.req[i].reqid > POLICY_REQID_MANUAL)
			spec.req[i].reqid = 0;
	if (policy_print(&spec, false, " ", text))
		fprintf(f, " -P %s%s%s", dir, p->priority == 0 ? HIGHEST : "",
		    text + strlen(dir));
	else
		fprintf(f, " -P %s", dir);
}

static void
put_rest(FILE *f, const struct ipsec_policy *p)
{
	if (p->sel.ifindex != 0)
		fprintf(f, " # ifindex %" PRId32, p->sel.ifindex);
	if (p->hard.add != 0 || p->hard.use != 0)
		fprintf(f, " # expires after %" PRIu64 " s, unused after %"
		    PRIu64 " s", p->hard.add, p->hard.use);
}

static void
put_policy(FILE *f, const char *verb, const struct ipsec_policy *p)
{
	bool delete = strcmp(verb, "spddelete") == 0;
	struct ipsec_policy named = *p;
	char extensions[PRINT_EXTENSIONS];

	/* It is no part of the name. */
	if (delete)
		named.offload.kind = IPSEC_OFFLOAD_NONE;
	print_extensions(extensions, &named);
	fputs(verb, f);
	put_key(f, p);
	fputs(extensions, f);
	if (delete)
		fprintf(f, " -P %s", dir_word(p->dir));
	else
		put_value(f, p);
	fputc(';', f);
	put_rest(f, p);
}

void
diff_policy(const struct spd_entry *e, bool as_is, char out[DIFF_TEXT])
{
	struct ipsec_policy p;
	FILE *f = fmemopen(out, DIFF_TEXT, "w");

	out[0] = '\0';
	if (f == NULL)
		return;
	if (as_is)
		spd_kernel(e, &p);
	else
		plan_wanted(e, NULL, &p);
	put_policy(f, "spdadd", &p);
	(void)fclose(f);
	out[DIFF_TEXT - 1] = '\0';
}

static void
print_step(const struct spd_entry *e, FILE *f)
{
	struct ipsec_policy p;
	bool add = e->todo == TODO_ADD;

	if (e->todo == TODO_NOTHING)
		return;
	plan_wanted(e, NULL, &p);
	fputs(add ? "+ " : "~ ", f);
	put_policy(f, add ? "spdadd" : "spdupdate", &p);
	if (e->todo == TODO_MOVE)
		fputs(" # behind others of its priority", f);
	fputc('\n', f);
}

bool
diff_print(const struct reload *r, FILE *f)
{
	struct spd_entry **old;
	struct ipsec_policy p;
	size_t n;

	if ((old = reload_old(r, &n)) == NULL)
		return false;
	for (size_t i = 0; i < r->plan.steps; i++)
		print_step(r->plan.step[i], f);
	for (size_t i = 0; i < n; i++) {
		spd_kernel(old[i], &p);
		fputs("- ", f);
		put_policy(f, "spddelete", &p);
		fputc('\n', f);
	}
	free(old);
	return true;
}
