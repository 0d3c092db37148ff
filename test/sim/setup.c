/* SPDX-License-Identifier: ISC */
/* Selectors, templates and policies from short texts. */
#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "test/sim/sim.h"

#define PRIORITY	0x80000000u	/* setkey's default */

/* ADDR[/PREFIX][[PORT]] */
static void
end_of(const char *text, struct ipsec_addr *a, uint8_t *prefix)
{
	char addr[ADDR_TEXT];
	const char *slash = strchr(text, '/'), *port = strchr(text, '[');

	snprintf(addr, sizeof(addr), "%.*s", (int)strcspn(text, "/["), text);
	if (!addr_parse(a, addr)) {
		fprintf(stderr, "sim: bad address \"%s\"\n", text);
		abort();
	}
	*prefix = slash != NULL ? (uint8_t)atoi(slash + 1) : addr_bits(a);
	a->port = port != NULL ? (uint16_t)atoi(port + 1) : 0;
}

struct ipsec_selector
sim_sel(const char *src, const char *dst, uint8_t proto)
{
	struct ipsec_selector sel = { .proto = proto };

	end_of(src, &sel.src, &sel.src_prefix);
	end_of(dst, &sel.dst, &sel.dst_prefix);
	return sel;
}

static uint8_t
proto_of(const char *word)
{
	return strncmp(word, "ah/", 3) == 0 ? IPSEC_PROTO_AH :
	    strncmp(word, "ipcomp/", 7) == 0 ? IPSEC_PROTO_IPCOMP :
	    IPSEC_PROTO_ESP;
}

/* PROTO/MODE/SRC-DST/LEVEL */
static void
one_tmpl(const char *word, struct ipsec_tmpl *t)
{
	char src[ADDR_TEXT] = "", dst[ADDR_TEXT] = "";
	const char *mode = strchr(word, '/') + 1;
	const char *ends = strchr(mode, '/') + 1;
	const char *level = strchr(ends, '/') + 1;

	*t = (struct ipsec_tmpl){ .proto = proto_of(word),
	    .mode = strncmp(mode, "tunnel", 6) == 0 ? IPSEC_MODE_TUNNEL :
	    IPSEC_MODE_TRANSPORT,
	    .optional = strcmp(level, "use") == 0 };
	if (t->mode == IPSEC_MODE_TUNNEL && sscanf(ends, "%79[^-]-%79[^/]",
	    src, dst) == 2) {
		addr_parse(&t->src, src);
		addr_parse(&t->dst, dst);
	}
}

unsigned int
sim_tmpl(const char *text, struct ipsec_tmpl *t)
{
	char *copy = xstrdup(text), *save = NULL, *word;
	unsigned int n = 0;

	for (word = strtok_r(copy, " ", &save); word != NULL &&
	    n < IPSEC_TMPL_MAX; word = strtok_r(NULL, " ", &save))
		one_tmpl(word, &t[n++]);
	free(copy);
	return n;
}

static struct ipsec_selector
reverse(const struct ipsec_selector *sel)
{
	struct ipsec_selector r = *sel;

	r.src = sel->dst;
	r.src_prefix = sel->dst_prefix;
	r.dst = sel->src;
	r.dst_prefix = sel->src_prefix;
	return r;
}

void
sim_policy(struct sim_host *h, const struct ipsec_policy *p)
{
	h->policy = xreallocarray(h->policy, h->npolicy + 1,
	    sizeof(*h->policy));
	h->policy[h->npolicy++] = *p;
	sim_expect(h->sim, ipsec_policy_set(h->admin, p, true) == 0,
	    "the kernel refused a policy");
}

/* FWD beside IN, as setkey does for tunnels. */
static void
protect(struct sim_host *h, const struct sim_pair *pair, bool out)
{
	struct ipsec_policy p = { .action = IPSEC_ACTION_IPSEC,
	    .priority = PRIORITY, .ntmpl = (uint8_t)pair->ntmpl };
	bool is_a = h == pair->a, tunnel = false;

	p.sel = is_a == out ? pair->sel : reverse(&pair->sel);
	p.dir = out ? IPSEC_DIR_OUT : IPSEC_DIR_IN;
	if (is_a) {
		p.if_id = pair->scope.if_id;
		p.mark.value = pair->scope.mark;
		p.mark.mask = pair->scope.mark != 0 ? UINT32_MAX : 0;
	}
	for (unsigned int i = 0; i < pair->ntmpl; i++) {
		p.tmpl[i] = pair->tmpl[i];
		tunnel |= p.tmpl[i].mode == IPSEC_MODE_TUNNEL;
		if (is_a == out)
			continue;
		p.tmpl[i].src = pair->tmpl[i].dst;
		p.tmpl[i].dst = pair->tmpl[i].src;
	}
	sim_policy(h, &p);
	if (tunnel && !out) {
		p.dir = IPSEC_DIR_FWD;
		sim_policy(h, &p);
	}
}

static void
protect_pair(struct sim_host *a, struct sim_host *b,
    const struct sim_view *at_a, const struct sim_view *at_b,
    struct kernel_scope scope)
{
	struct sim *sim = a->sim;
	struct sim_pair pair = { .a = a, .b = b, .sel = at_b->sel,
	    .scope = scope };

	pair.ntmpl = sim_tmpl(at_b->tmpl, pair.tmpl);
	protect(b, &pair, true);
	protect(b, &pair, false);
	pair.sel = at_a->sel;
	pair.ntmpl = sim_tmpl(at_a->tmpl, pair.tmpl);
	protect(a, &pair, true);
	protect(a, &pair, false);
	a->npairs += pair.ntmpl;
	b->npairs += pair.ntmpl;
	sim->pair = xreallocarray(sim->pair, sim->npair + 1,
	    sizeof(*sim->pair));
	sim->pair[sim->npair++] = pair;
}

void
sim_protect_seen(struct sim_host *a, struct sim_host *b,
    const struct sim_view *at_a, const struct sim_view *at_b)
{
	protect_pair(a, b, at_a, at_b, (struct kernel_scope){ 0, 0 });
}

void
sim_protect_scoped(struct sim_host *a, struct sim_host *b,
    const struct ipsec_selector *sel, const char *tmpl,
    struct kernel_scope scope)
{
	struct sim_view view = { .sel = *sel, .tmpl = tmpl };

	protect_pair(a, b, &view, &view, scope);
	if (scope.mark != 0)
		kernel_mark_from(a->kernel, &b->addr[0], scope.mark);
}

void
sim_protect(struct sim_host *a, struct sim_host *b,
    const struct ipsec_selector *sel, const char *tmpl)
{
	struct sim_view view = { .sel = *sel, .tmpl = tmpl };

	sim_protect_seen(a, b, &view, &view);
}

void
sim_protect_all(struct sim_host *a, struct sim_host *b, const char *tmpl)
{
	struct ipsec_selector sel = { .src = a->addr[0], .dst = b->addr[0] };

	sel.src_prefix = addr_bits(&sel.src);
	sel.dst_prefix = addr_bits(&sel.dst);
	sim_protect(a, b, &sel, tmpl);
}

void
sim_policy_flush(struct sim_host *h)
{
	ipsec_flush(h->admin, IPSEC_FLUSH_POLICY, 0);
}

void
sim_policy_reload(struct sim_host *h)
{
	for (size_t i = 0; i < h->npolicy; i++)
		sim_expect(h->sim, ipsec_policy_set(h->admin, &h->policy[i],
		    true) == 0, "the kernel refused a policy");
}
